"""Which column of a file fills which of ours: shown, asked for, corrected."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data_access import cache
from data_access.importing.costs import costs
from data_access.importing.mapping import ColumnMapping, columns_found, numbered_as
from data_access.importing.preview import Preview, preview
from data_access.importing.problems import FileProblem
from data_access.importing.proposals import is_running, proposals
from data_access.importing.values import UNITS, cleaned
from data_access.importing.workbooks import header_of
from data_access.model.import_table import Field, ImportTable
from ui import text
from ui.asking.viewer import viewer
from ui.elements.row_table import edit_rows, show_rows
from ui.importing.file import Draft, masked
from ui.text import NO_DATA, named, plain, problem_sentence, say, spelled

# Columns that fill none of ours may be private all the same.
_PRIVATE_HEADER = re.compile(
    "姓名|人$|电话|手机|身份证|地址|住址|经度|纬度|坐标|内容|详情|正文|name|phone|address|text", re.IGNORECASE
)


def columns_step(draft: Draft) -> bool:
    """Show which column fills which of ours, to correct; False while the file cannot be used as it is."""
    known = draft.saved.mapping if draft.saved else ColumnMapping()
    summary, place = st.container(), st.container()
    try:
        formats = _reading_choices(draft, known, place) | draft.formats
        seen = _preview(draft, replace(known, formats=formats))
        found = columns_found(seen.header, draft.table, known)
    except FileProblem as problem:
        st.error(problem_sentence(problem))
        return False
    kept = {} if draft.asks_again else known.meanings
    known = replace(known, formats=formats, meanings={**kept, **draft.meanings})
    with place:
        found |= _proposed_columns(draft, seen, {**known.columns, **found})
        missing = _lacking(draft, found, known, seen)
        if missing:
            found, known = _missing_columns(draft, seen, found, missing, known)
    with st.expander(
        say("各列的对应（可改）", "Columns (can be corrected)"),
        expanded=False,
        icon=":material/table_convert:",
        key=f"columns open {draft.token} {draft.table.name}",
    ):
        draft.mapping = _mapping_editor(draft, seen, found, known)
        _meanings_kept(draft, known)
    draft.header = seen.header
    filled = {name: title for name, title in draft.mapping.columns.items() if title}
    numbered = numbered_as(draft.table, draft.mapping, seen.header, set(filled.values()), seen.rows)
    if numbered and draft.table.identity[0] not in filled:
        # As the first rows show, whatever the others do
        draft.mapping = replace(draft.mapping, formats={**draft.mapping.formats, "numbered": numbered})
    lacking = _lacking(draft, filled, draft.mapping, seen)
    with summary:
        _what_is_used(draft, seen, filled, is_whole=not lacking)
    if lacking:
        words = text.listed([ours.label for ours in lacking], 6)
        st.warning(
            plain(
                say(
                    f"还缺必填的列：{words}。请在上面选出文件里的列；文件里没有的，在“各列的对应”里填一个缺省值。",
                    f"Required columns are missing: {words}. Choose the file's column above, or give a default under “Columns”.",
                )
            )
        )
        return False
    _rows_preview(draft, seen)
    return True


def _meanings_kept(draft: Draft, known: ColumnMapping) -> None:
    """What words were said to mean, which can be asked again."""
    kept = [
        named(draft.table.label(name), f"{word} → {meaning or say('没有值', 'no value')}")
        for name, own in known.meanings.items()
        for word, meaning in own.items()
        if word != meaning
    ]
    if kept:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(plain(say("记下的词　", "Words kept: ") + "　".join(kept)))
            st.button(say("重新问", "Ask again"), on_click=_ask_again, args=(draft,), key="ask again")


def _ask_again(draft: Draft) -> None:
    draft.asks_again = True
    draft.meanings = {}


def _lacking(draft: Draft, found: Mapping[str, str], known: ColumnMapping, seen: Preview) -> list[Field]:
    """The required fields that nothing fills."""
    table = draft.table
    is_numbered = bool(numbered_as(table, known, seen.header, set(found.values()), seen.rows))
    return [
        ours
        for ours in table.fields
        if ours.required
        and ours.name not in found
        and not known.defaults.get(ours.name)
        and not (is_numbered and ours.name == table.identity[0])
    ]


def _what_is_used(draft: Draft, seen: Preview, filled: Mapping[str, str], *, is_whole: bool) -> None:
    """Where the header is, what of it is used, and which indicators the rest costs."""
    sheet = say(f"工作表“{seen.sheet}”，", f"sheet “{seen.sheet}”, ") if seen.sheet else ""
    header = (
        say(f"表头在第 {seen.header_row} 行", f"header in row {seen.header_row}")
        if seen.header_row
        else say("没有表头", "no header")
    )
    words = say(f"{sheet}{header}，用到 {len(filled)} 列", f"{sheet}{header}; {len(filled)} columns used")
    if unused := [title for title in seen.header if title and title not in filled.values()]:
        listed = text.listed(unused, 6)
        words += say(f"，没有用到：{listed}", f"; not used: {listed}")
    if draft.saved and is_whole:
        day = f"{draft.saved.saved_on:%Y-%m-%d}"
        words += say(f"。沿用 {day} 保存的对应关系", f". The mapping saved on {day} is used")
    name = plain(draft.path.name)
    st.markdown(say(f"**{name}**：{plain(words)}。", f"**{name}**: {plain(words)}."))
    table, number = draft.table, draft.table.identity[0]
    lost = [
        say(
            f"{'、'.join(map(text.name, cost.indicators))}（缺{'或'.join(map(table.label, cost.fields))}）",
            f"{', '.join(map(text.name, cost.indicators))} (no {' or '.join(map(table.label, cost.fields))})",
        )
        for cost in costs(table, {*filled, *draft.mapping.defaults})
    ]
    if lost and is_whole:
        st.caption(
            plain(
                say("这份文件的行不计入：", "The rows of this file do not count for: ")
                + say("；", "; ").join(lost)
                + say("。", ".")
            )
        )
    numbers = [cleaned(cells[seen.header.index(filled[number])]) for _, cells in seen.rows] if number in filled else []
    if len(numbers) > 2 and is_running(numbers):
        st.warning(
            plain(
                say(
                    f"“{filled[number]}”从 1 起逐行加一，像是序号：下一份文件又从 1 起，会盖掉这一份。请换一列，或选“文件没有编号”。",
                    f"“{filled[number]}” counts the rows from 1: the next file begins with 1 again and overwrites this one. "
                    "Choose another column, or that the file has no numbers.",
                )
            )
        )
    elif number not in filled and number not in draft.mapping.defaults and is_whole:
        st.caption(
            plain(
                say(
                    f"文件没有{table.label(number)}，按每行的内容编号：同一行再装不会重复，后来办结的还是同一件，其余内容改过的会成为新的一行。",
                    f"The file has no {table.label(number)}: numbers are made of what rows say. The same row is never "
                    "doubled; one that is changed becomes another.",
                )
            )
        )


def _proposed_columns(draft: Draft, seen: Preview, found: Mapping[str, str]) -> dict[str, str]:
    """Columns that by their name or what they hold may be ours: those that somebody confirms."""
    townships = set(cache.county(viewer()).names.values())
    likely = {
        f"{one.field.name} {one.title}": one for one in proposals(seen.header, seen.rows, draft.table, found, townships)
    }
    if not likely:
        return {}
    chosen = st.pills(
        say("这些列看名称和内容像是，点一下采用", "By their names and content these may be; click what is right"),
        list(likely),
        selection_mode="multi",
        format_func=lambda key: plain(f"{likely[key].title} → {likely[key].field.label}"),
        key=f"proposed {draft.token} {draft.table.name} {seen.sheet} {seen.header_row}",
    )
    return {likely[key].field.name: likely[key].title for key in chosen}


def _reading_choices(draft: Draft, known: ColumnMapping, place: Any) -> dict[str, Any]:
    """How the file is read: sheet, header row, encoding, dates, units, words for nothing; what was chosen."""
    key = f"{draft.token} {draft.table.name}"
    formats: dict[str, Any] = dict(known.formats)
    with st.expander(
        say("怎么读这个文件（一般不用改）", "How the file is read"), icon=":material/tune:", key=f"reading {key}"
    ):
        cells = iter(st.columns(4, gap="small"))
        guess = _preview(draft, known)
        if len(guess.sheets) > 1:
            sheet = next(cells).selectbox(
                say("工作表", "Sheet"), guess.sheets, index=guess.sheets.index(guess.sheet), key=f"sheet {key}"
            )
            if sheet != guess.sheet or "sheet" in formats:
                formats["sheet"] = sheet
                guess = _preview(draft, replace(known, formats=formats))
        elif not guess.sheet:
            encodings = {
                "": say("自动", "automatic"),
                "utf-8-sig": "UTF-8",
                "gb18030": "GB18030 / GBK",
                "utf-16": "UTF-16",
            }
            encoding = next(cells).selectbox(
                say("编码", "Encoding"),
                list(encodings),
                format_func=encodings.__getitem__,
                index=list(encodings).index(formats.get("encoding", ""))
                if formats.get("encoding", "") in encodings
                else 0,
                key=f"encoding {key}",
            )
            formats.pop("encoding", None)
            if encoding:
                formats["encoding"] = encoding
        row = next(cells).number_input(
            say("表头在第几行（0：没有表头）", "Header row (0: none)"),
            min_value=0,
            max_value=1000,
            value=guess.header_row,
            key=f"header {key} {formats.get('sheet', '')}",
        )
        if row != guess.header_row:
            formats["header"] = int(row)
        orders = {
            "": say("年在前，或自动判断", "year first, or by itself"),
            "mdy": say("月在前：6/28/2023", "month first: 6/28/2023"),
            "dmy": say("日在前：28/6/2023", "day first: 28/6/2023"),
            "ymd": say("两位的年在前：23/6/28", "year first, of two digits: 23/6/28"),
        }
        order = next(cells).selectbox(
            say("日期的顺序", "Order of dates"),
            list(orders),
            format_func=orders.__getitem__,
            index=list(orders).index(formats.get("order", "")),
            key=f"order {key}",
        )
        formats.pop("order", None)
        if order:
            formats["order"] = order
        words = next(cells).text_input(
            say("当作没有值的词", "Words for “no value”"),
            say("、", ", ").join(formats.get("missing", ())),
            placeholder=say("如：待定、见附件", "e.g. TBD, see note"),
            key=f"missing {key}",
        )
        formats.pop("missing", None)
        if given := [word.strip() for word in re.split("[、,，;；]", words) if word.strip()]:
            formats["missing"] = given
        amounts = [ours for ours in draft.table.fields if ours.kind == "money"]
        for ours, cell in zip(amounts, st.columns(4, gap="small"), strict=False):
            units = ["", *UNITS]
            unit = cell.selectbox(
                plain(say(f"{ours.label}的单位", f"Unit of {ours.label}")),
                units,
                format_func=lambda unit: unit or say("按表头", "as the header says"),
                index=units.index(formats.get(ours.name, "")),
                key=f"unit {ours.name} {key}",
            )
            formats.pop(ours.name, None)
            if unit:
                formats[ours.name] = unit
    return formats


def _preview(draft: Draft, mapping: ColumnMapping) -> Preview:
    """The top of the file, read once for each way of reading it."""
    kept: dict[str, Preview] = st.session_state.setdefault("import previews", {})
    reading = [mapping.formats.get(name) for name in ("sheet", "header", "encoding")]
    key = f"{draft.token} {draft.table.name} {reading} {sorted(mapping.columns.values())}"
    if key not in kept:
        found = preview(draft.path, draft.table, mapping)
        kept.clear() if len(kept) > 20 else None
        kept[key] = found
    return kept[key]


def _mapping_editor(draft: Draft, seen: Preview, found: Mapping[str, str], known: ColumnMapping) -> ColumnMapping:
    # What must be given first, then what the file has, then the rest
    fields = sorted(draft.table.fields, key=lambda ours: (not ours.required, ours.name not in found))
    ours_title, theirs_title = say("本系统的列", "Our column"), say("文件里的列", "Column in the file")
    default_title, example_title = say("缺省值", "Default"), say("文件里的例子", "Example")
    titles = list(dict.fromkeys(title for title in seen.header if title))
    rows = pd.DataFrame(
        {
            ours_title: [header_of(ours) for ours in fields],
            theirs_title: [found.get(ours.name) for ours in fields],
            default_title: [known.defaults.get(ours.name) for ours in fields],
            example_title: [_example(seen, found.get(ours.name), ours, draft.table) for ours in fields],
        },
        dtype="object",
    )
    edited = edit_rows(
        rows,
        f"columns {draft.token} {draft.table.name} {seen.sheet} {seen.header_row} {known.formats.get('encoding')}",
        disabled=[ours_title, example_title],
        height=min(37 + 29 * len(rows), 620),
        row_height=29,
        placeholder="—",
        column_config={
            ours_title: st.column_config.TextColumn(width="medium"),
            theirs_title: st.column_config.SelectboxColumn(options=titles, width="medium"),
            default_title: st.column_config.TextColumn(
                width="small",
                help=say(
                    "文件里没有这一列，或格子空着时用它", "Used where the file has no such column or the cell is empty"
                ),
            ),
            example_title: st.column_config.TextColumn(width="large"),
        },
    )
    if unused := [title for title in titles if title not in set(edited[theirs_title].dropna())]:
        examples = [named(title, _example(seen, title, None, draft.table) or NO_DATA) for title in unused[:30]]
        st.caption(plain(say("没有用到的列　", "Not used: ") + "　".join(examples)))
    columns: dict[str, str] = {}
    defaults: dict[str, object] = {}
    for ours, (_, row) in zip(fields, edited.iterrows(), strict=True):
        columns[ours.name] = row[theirs_title] if isinstance(row[theirs_title], str) else ""
        if isinstance(row[default_title], str) and row[default_title].strip():
            defaults[ours.name] = row[default_title].strip()
    return replace(known, columns=columns, defaults=defaults)


def _example(seen: Preview, title: str | None, ours: Field | None, table: ImportTable) -> str:
    """The first value of a column, masked where it may be private."""
    if title is None:
        return ""
    index = seen.header.index(title)
    values = (cleaned(cells[index]) for _, cells in seen.rows if index < len(cells))
    value = next(filter(None, values), "")
    # What we do not know, and what may be a case's text
    is_private = table.is_personal(ours) if ours else bool(_PRIVATE_HEADER.search(title)) or len(value) > 20
    return masked(value) if is_private else value[:60].replace("\n", " ")


# Chosen instead of a column: the file has no numbers
_UNNUMBERED = "\n"


def _choice(townships: Sequence[str], word: str) -> str:
    if word == _UNNUMBERED:
        return say("文件没有编号，按内容编号", "The file has no numbers: make them")
    return plain(say(f"全部记入{spelled(word)}", f"All belong to {spelled(word)}") if word in townships else word)


def _missing_columns(
    draft: Draft, seen: Preview, found: Mapping[str, str], missing: list[Field], known: ColumnMapping
) -> tuple[dict[str, str], ColumnMapping]:
    """Ask for the required columns that were not recognised: the file's column, or the township of all its rows."""
    columns: dict[str, str] = dict(found)
    unused = [title for title in seen.header if title and title not in found.values()]
    key = f"{draft.token} {draft.table.name} {seen.sheet} {seen.header_row}"
    for ours, place in zip(missing, st.columns(max(3, len(missing)), gap="small"), strict=False):
        townships = list(cache.county(viewer()).names.values()) if ours.kind == "township" else []
        is_number = ours.name == draft.table.identity[0] and ours.parent is None
        label = say(f"哪一列是{ours.label}？", f"Which column is {ours.label}?")
        chosen = place.selectbox(
            plain(label),
            [*unused, *townships, *([_UNNUMBERED] if is_number else [])],
            index=None,
            format_func=partial(_choice, tuple(townships)),
            placeholder=say("请选择", "Choose"),
            key=f"missing {ours.name} {key}",
        )
        if chosen in townships:
            known = replace(known, defaults={**known.defaults, ours.name: chosen})
        elif chosen == _UNNUMBERED:
            known = replace(known, formats={"numbered": "ask", **known.formats})
        elif chosen is not None:
            columns[ours.name] = chosen
    return columns, known


def _rows_preview(draft: Draft, seen: Preview) -> None:
    with st.expander(say("前 20 行预览", "The first 20 rows"), icon=":material/preview:", key=f"rows {draft.token}"):
        table: dict[str, list[str]] = {say("行", "Row"): [str(number) for number, _ in seen.rows]}
        for ours in draft.table.fields:
            title, default = draft.mapping.columns.get(ours.name), draft.mapping.defaults.get(ours.name)
            if not title and default is None:
                continue
            index = seen.header.index(title) if title else -1
            values = [cleaned(cells[index]) if 0 <= index < len(cells) else "" for _, cells in seen.rows]
            shown = [value or str(default or "") for value in values]
            table[ours.label] = [
                masked(value) if draft.table.is_personal(ours) else value[:80].replace("\n", " ") for value in shown
            ]
        show_rows(pd.DataFrame(table), "first rows", row_height=29, height=320, placeholder="—")
