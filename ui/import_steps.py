"""The steps of an import, as the page 数据导入 puts them one under the other."""

from __future__ import annotations

import io
import json
import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from data_access import queries
from data_access.cache import answer, engine
from data_access.database import DatabaseProblem
from data_access.importing import ImportResult, import_file
from data_access.importing.background import Task
from data_access.importing.checks import UnknownPlace
from data_access.importing.history import changes_of
from data_access.importing.mapping import ColumnMapping, columns_found
from data_access.importing.places import keep_township_alias, keep_village_alias, read_places
from data_access.importing.preview import Preview, preview
from data_access.importing.problems import FileProblem, RowProblem
from data_access.importing.saved_mappings import SavedMapping, save_mapping, saved_mapping
from data_access.importing.tables import TABLES, Field, ImportTable
from data_access.importing.undo import Undone, undo
from data_access.importing.values import UNITS, cleaned
from data_access.importing.workbooks import explained, header_of, write_template
from data_access.indicators import INDICATORS
from data_access.scope import Scope
from ui import text
from ui.text import say
from ui.upload import remove, upload_area, uploaded_path

# What each table is called, and the page that shows it.
TABLE_NAMES: Mapping[str, tuple[str, str, str | None]] = {
    "petitions": ("群众诉求", "Petitions", "petitions"),
    "cameras": ("监控设备", "Cameras", "cameras"),
    "outages": ("监控离线", "Camera outages", "cameras"),
    "volunteer_teams": ("志愿队伍", "Volunteer teams", "volunteers"),
    "volunteer_activities": ("志愿活动", "Volunteer activities", "volunteers"),
    "projects": ("乡村项目", "Projects", "rural_projects"),
    "project_reports": ("项目月报", "Project reports", "rural_projects"),
    "grid_events": ("网格事件", "Grid events", "overview"),
    "indicator_reports": ("填报指标", "Reported indicators", "overview"),
    "townships": ("镇街名录", "Townships", "overview"),
    "villages": ("村居名录", "Villages", "overview"),
    "grids": ("网格名录", "Grids", "overview"),
}
# The figures by which a person sees whether a load makes sense, by the area it counts in.
_KEY_FIGURES: Mapping[str | None, tuple[str, ...]] = {
    "petitions": ("received", "closed", "on_time_rate", "satisfaction_rate", "overdue_open"),
    "cameras": ("cameras", "online_rate", "working_rate", "outages", "offline_24h"),
    "volunteers": ("teams", "volunteers", "activities", "service_hours", "active_team_rate"),
    "projects": ("projects", "started_rate", "progress", "schedule_gap", "behind"),
    "grid": ("grids", "grid_events", "grid_completion_rate", "inactive_grid_rate"),
    None: ("villages", "grids", "received", "cameras", "teams", "projects"),
}
# Columns that fill none of ours may be private all the same.
_PRIVATE_HEADER = re.compile(
    "姓名|人$|电话|手机|身份证|地址|住址|内容|详情|正文|name|phone|address|text", re.IGNORECASE
)
# Files up to this size are checked as soon as their columns are known.
_CHECKED_AT_ONCE = 20 * 2**20
_SHOWN_PROBLEMS = 500
# From how many problems on their kinds are counted
_SUMMED_UP = 10
_SHOWN_CHANGES = 100
_SHOWN_PLACES = 20


@dataclass
class Draft:
    """A file on its way into a table. ``saved``: the mapping kept for files like it."""

    token: str
    path: Path
    table: ImportTable
    saved: SavedMapping | None = None
    mapping: ColumnMapping = field(default_factory=ColumnMapping)
    header: tuple[str, ...] = ()
    check: Task[ImportResult] | None = None
    checked_mapping: ColumnMapping | None = None
    rejects: Path | None = None
    load: Task[ImportResult] | None = None


def table_name(code: str) -> str:
    """What a table is called."""
    zh, en, _ = TABLE_NAMES[code]
    return say(zh, en)


# --- The file -------------------------------------------------------------------------------------


def file_step() -> Draft | None:
    """Ask for the table and the file; None until there is one."""
    left, middle, right = st.columns([1, 2.4, 0.9], vertical_alignment="bottom", gap="small")
    names = {code: table_name(code) for code in TABLE_NAMES}
    chosen = left.selectbox(
        say("装入哪张表", "Into which table"), list(TABLE_NAMES), format_func=names.__getitem__, key="import table"
    )
    table = TABLES[chosen]
    with middle:
        token = upload_area()
    right.download_button(
        say("下载模板", "Template"),
        lambda: _template(table),
        say(f"{names[chosen]}模板.xlsx", f"{chosen}.xlsx"),
        icon=":material/description:",
        on_click="ignore",
        width="stretch",
    )
    draft: Draft | None = st.session_state.get("import draft")
    if token is not None and (path := uploaded_path(token)):
        forget_draft()
        draft = st.session_state["import draft"] = Draft(token, path, table)
        draft.saved = _saved_mapping(draft)
    elif draft is not None and draft.table is not table and draft.load is None:
        draft = st.session_state["import draft"] = Draft(draft.token, draft.path, table)
        draft.saved = _saved_mapping(draft)
    return draft


def forget_draft() -> None:
    """Give up the file: stop what is at work on it and delete it."""
    draft: Draft | None = st.session_state.pop("import draft", None)
    if draft is None:
        return
    if draft.check is not None:
        draft.check.cancel()
    remove(draft.token)


def _saved_mapping(draft: Draft) -> SavedMapping | None:
    try:
        return saved_mapping(draft.table, draft.path)
    except FileProblem:
        # The preview says what is wrong with the file.
        return None


def _template(table: ImportTable) -> bytes:
    file = io.BytesIO()
    write_template(table, file)
    return file.getvalue()


def what_a_table_needs(code: str) -> None:
    """Which columns a table has, what goes into them and which headers are known."""
    table = TABLES[code]
    st.markdown(
        say(
            f"**{table_name(code)}要有这些列**，表头不同也能对上；* 为必填",
            f"**The columns of {table_name(code)}**; other headers can be mapped; * is required",
        )
    )
    rows = [
        (header_of(ours), explained(ours, table)[0 if not text.is_english() else 1], "、".join(ours.headers[1:]))
        for ours in table.fields
    ]
    titles = (say("列", "Column"), say("内容", "Content"), say("也认这些表头", "Other headers known"))
    st.dataframe(
        pd.DataFrame(rows, columns=titles),
        hide_index=True,
        height=min(37 + 29 * len(rows), 480),
        row_height=29,
        placeholder="—",
    )


# --- The columns ----------------------------------------------------------------------------------


def columns_step(draft: Draft) -> bool:
    """Show which column fills which of ours, to correct; False while the file cannot be used as it is."""
    known = draft.saved.mapping if draft.saved else ColumnMapping()
    place = st.container()
    try:
        formats = _reading_choices(draft, known, place)
        seen = _preview(draft, ColumnMapping(known.columns, known.defaults, formats))
    except FileProblem as problem:
        st.error(say(problem.zh, problem.en))
        return False
    found = columns_found(seen.header, draft.table, known)
    missing = [
        ours
        for ours in draft.table.fields
        if ours.required and ours.name not in found and not known.defaults.get(ours.name)
    ]
    unused = [title for title in seen.header if title and title not in found.values()]
    with place:
        st.markdown(_columns_sentence(draft, seen, found, unused, missing))
        if missing:
            found, defaults = _missing_columns(draft, seen, found, missing, unused)
            known = ColumnMapping(known.columns, {**known.defaults, **defaults}, known.formats)
    with st.expander(
        say("各列的对应（可改）", "Columns (can be corrected)"),
        expanded=False,
        icon=":material/table_convert:",
        key=f"columns open {draft.token} {draft.table.name}",
    ):
        draft.mapping = _mapping_editor(draft, seen, found, known, formats)
    draft.header = seen.header
    lacking = [
        ours
        for ours in draft.table.fields
        if ours.required and not draft.mapping.columns.get(ours.name) and not draft.mapping.defaults.get(ours.name)
    ]
    if lacking:
        words = text.listed([header_of(ours).rstrip("*") for ours in lacking], 6)
        st.warning(
            say(
                f"还缺必填的列：{words}。请在上面选出文件里的列；文件里没有的，在“各列的对应”里填一个缺省值。",
                f"Required columns are missing: {words}. Choose the file's column above, or give a default under “Columns”.",
            )
        )
        return False
    _rows_preview(draft, seen)
    return True


def _columns_sentence(
    draft: Draft, seen: Preview, found: Mapping[str, str], unused: list[str], missing: list[Field]
) -> str:
    sheet = say(f"工作表“{seen.sheet}”，", f"sheet “{seen.sheet}”, ") if seen.sheet else ""
    header = (
        say(f"表头在第 {seen.header_row} 行", f"header in row {seen.header_row}")
        if seen.header_row
        else say("没有表头", "no header")
    )
    words = say(f"{sheet}{header}，认出 {len(found)} 列", f"{sheet}{header}; {len(found)} columns recognised")
    if unused:
        listed = text.listed(unused, 6)
        words += say(f"，没有用到：{listed}", f"; not used: {listed}")
    if draft.saved and not missing:
        day = f"{draft.saved.saved_on:%Y-%m-%d}"
        words += say(f"。沿用 {day} 保存的对应关系", f". The mapping saved on {day} is used")
    name = _escaped(draft.path.name)
    return say(f"**{name}**：{_escaped(words)}。", f"**{name}**: {_escaped(words)}.")


def _escaped(words: str) -> str:
    return re.sub(r"([\\`*_\[\]$:<>#~|])", r"\\\1", words)


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
                guess = _preview(draft, ColumnMapping(known.columns, known.defaults, formats))
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
            "、".join(formats.get("missing", ())),
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
                say(f"{header_of(ours)}的单位", f"Unit of {ours.name}"),
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


def _mapping_editor(
    draft: Draft, seen: Preview, found: Mapping[str, str], known: ColumnMapping, formats: Mapping[str, Any]
) -> ColumnMapping:
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
            example_title: [_example(seen, found.get(ours.name), ours) for ours in fields],
        },
        dtype="object",
    )
    edited = st.data_editor(
        rows,
        hide_index=True,
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
        key=f"columns {draft.token} {draft.table.name} {seen.sheet} {seen.header_row} {formats.get('encoding')}",
    )
    if unused := [title for title in titles if title not in set(edited[theirs_title].dropna())]:
        examples = [f"{title}：{_example(seen, title, None) or '—'}" for title in unused[:30]]
        st.caption(say("没有用到的列　", "Not used: ") + _escaped("　".join(examples)))
    columns: dict[str, str] = {}
    defaults: dict[str, object] = {}
    for ours, (_, row) in zip(fields, edited.iterrows(), strict=True):
        columns[ours.name] = row[theirs_title] if isinstance(row[theirs_title], str) else ""
        if isinstance(row[default_title], str) and row[default_title].strip():
            defaults[ours.name] = row[default_title].strip()
    return ColumnMapping(columns, defaults, dict(formats))


def _example(seen: Preview, title: str | None, ours: Field | None) -> str:
    """The first value of a column, masked where it may be private."""
    if title is None:
        return ""
    index = seen.header.index(title)
    values = (cleaned(cells[index]) for _, cells in seen.rows if index < len(cells))
    value = next(filter(None, values), "")
    # What we do not know, and what may be a case's text
    is_private = _is_private(title, ours) or (ours is None and len(value) > 20)
    return _masked(value) if is_private else value[:60].replace("\n", " ")


def _is_private(title: str, ours: Field | None) -> bool:
    return ours.private if ours is not None else bool(_PRIVATE_HEADER.search(title))


def _column_or_township(townships: Sequence[str], word: str) -> str:
    return say(f"全部记入{word}", f"All belong to {word}") if word in townships else word


def _missing_columns(
    draft: Draft, seen: Preview, found: Mapping[str, str], missing: list[Field], unused: list[str]
) -> tuple[dict[str, str], dict[str, object]]:
    """Ask for the required columns that were not recognised: the file's column, or the township of all its rows."""
    columns: dict[str, str] = dict(found)
    defaults: dict[str, object] = {}
    key = f"{draft.token} {draft.table.name} {seen.sheet} {seen.header_row}"
    for ours, place in zip(missing, st.columns(max(3, len(missing)), gap="small"), strict=False):
        name = header_of(ours).rstrip("*")
        townships = list(answer(queries.county).names.values()) if ours.kind == "township" else []
        label = say(f"哪一列是{name}？", f"Which column is {ours.name}?")
        chosen = place.selectbox(
            label,
            [*unused, *townships],
            index=None,
            format_func=partial(_column_or_township, tuple(townships)),
            placeholder=say("请选择", "Choose"),
            key=f"missing {ours.name} {key}",
        )
        if chosen in townships:
            defaults[ours.name] = chosen
        elif chosen is not None:
            columns[ours.name] = chosen
    return columns, defaults


def _masked(value: str) -> str:
    return f"{value[0]}**" if value else ""


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
            table[header_of(ours).rstrip("*")] = [
                _masked(value) if ours.private else value[:80].replace("\n", " ") for value in shown
            ]
        st.dataframe(pd.DataFrame(table), hide_index=True, row_height=29, height=320, placeholder="—")


# --- The check ------------------------------------------------------------------------------------


def check_step(draft: Draft) -> ImportResult | None:
    """Check the whole file without writing, and show what loading it would do; None until that is known."""
    is_stale = draft.check is not None and draft.checked_mapping != draft.mapping
    if is_stale and draft.check is not None:
        draft.check.cancel()
    if draft.check is None and (draft.saved or draft.path.stat().st_size <= _CHECKED_AT_ONCE):
        _start_check(draft)
    check = draft.check
    if check is None or is_stale:
        if is_stale:
            st.info(say("对应关系或读法已改，请重新检查。", "The mapping was changed; check again."))
        st.button(
            say("检查", "Check"),
            type="primary",
            icon=":material/fact_check:",
            on_click=_start_check,
            args=(draft,),
            key="check",
        )
        return None
    if check.is_running:
        _show_progress(check)
        return None
    try:
        result = check.outcome()
    except (FileProblem, DatabaseProblem) as problem:
        st.error(say(problem.zh, problem.en))
        st.button(say("重新检查", "Check again"), on_click=_start_check, args=(draft,), key="check again")
        return None
    _show_result(draft, result)
    return result


def _start_check(draft: Draft) -> None:
    folder = draft.path.parent
    draft.rejects = folder / say(f"{draft.path.stem}-不合格.xlsx", f"{draft.path.stem}-rejected.xlsx")
    mapping, rejects, county_engine = draft.mapping, draft.rejects, engine()
    draft.checked_mapping = mapping
    draft.check = Task(
        say("检查", "Checking"),
        lambda report, should_stop: import_file(
            county_engine,
            draft.table,
            draft.path,
            mapping,
            dry_run=True,
            good_only=True,
            rejects=rejects,
            progress=report,
            should_stop=should_stop,
            observe=lambda connection: _key_figures(connection, draft.table.area),
        ),
    )


def _key_figures(connection: Connection, area: str | None) -> pd.DataFrame:
    """The key indicators by month, over all months."""
    indicators = [INDICATORS[code] for code in _KEY_FIGURES.get(area, ())]
    if not indicators:
        return pd.DataFrame()
    return queries.measure(connection, indicators, Scope((), "1900-01", "2999-12"), ("month",)).set_index("month")


@st.fragment(run_every=0.5)
def _show_progress(task: Task[Any]) -> None:
    if not task.is_running:
        st.rerun()
    progress = task.progress
    if progress.phase == "rollups":
        words = say(f"{task.label}：正在汇总 {progress.rows:,} 行", f"{task.label}: summing up {progress.rows:,} rows")
    else:
        rate = text.number(task.rows_per_second)
        words = say(
            f"{task.label}：{progress.rows:,} 行，每秒 {rate} 行",
            f"{task.label}: {progress.rows:,} rows, {rate} a second",
        )
        if (left := task.seconds_left) is not None:
            words += say(f"，还需约 {_duration(left)}", f", about {_duration(left)} left")
    st.progress(min(progress.share or 0.0, 1.0), words)
    if task.is_cancelled:
        st.caption(say("正在停下……", "Stopping …"))
    else:
        st.button(say("取消", "Cancel"), icon=":material/close:", on_click=task.cancel, key="cancel task")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return say(f"{seconds:.0f} 秒", f"{seconds:.0f} s")
    return say(f"{seconds / 60:.0f} 分钟", f"{seconds / 60:.0f} min")


def _show_result(draft: Draft, result: ImportResult) -> None:
    counts = (
        (say("读取", "Read"), result.read),
        (say("新增", "New"), result.new),
        (say("变更", "Changed"), result.changed),
        (say("未变", "Unchanged"), result.unchanged),
        (say("不合格", "Rejected"), result.rejected),
    )
    with st.grid(5, min_column_width=110, gap="small"):
        for label, count in counts:
            st.metric(label, say(f"{count:,} 行", f"{count:,}"), border=True)
    if result.unknown_places:
        _places_to_confirm(draft, result)
    if result.rejected:
        _problems(draft, result)
    _effect(result, draft.table.area)


def _places_to_confirm(draft: Draft, result: ImportResult) -> None:
    """Names that are like one known: a person says that this is meant, and it is kept."""
    likely = [place for place in result.unknown_places if place.suggestion][:_SHOWN_PLACES]
    if not likely:
        return
    st.markdown(
        say(
            f"**没有认出的名称（{len(likely)} 个），是不是指箭头右边的？**　勾选的记为别名，以后自动认出",
            f"**Names not recognised ({len(likely)}): is what the arrow points to meant?** Those ticked are kept as aliases",
        )
    )
    chosen = [
        place
        for place in likely
        if st.checkbox(
            say(
                f"{place.word} → {place.suggestion}（{place.rows:,} 行）",
                f"{place.word} → {place.suggestion} ({place.rows:,} rows)",
            ),
            key=f"alias {draft.token} {place.township_code} {place.word}",
        )
    ]
    st.button(
        say(f"记下 {len(chosen)} 个别名，重新检查", f"Keep {len(chosen)} aliases and check again"),
        icon=":material/bookmark_add:",
        disabled=not chosen,
        on_click=_keep_aliases,
        args=(draft, chosen),
        key="keep aliases",
    )
    if problem := st.session_state.pop("alias problem", None):
        st.error(say(problem.zh, problem.en))


def _keep_aliases(draft: Draft, places: list[UnknownPlace]) -> None:
    with engine().connect() as connection:
        known = read_places(connection)
    try:
        for place in places:
            if place.township_code is None:
                keep_township_alias(engine(), place.word, known.townships[str(place.suggestion)])
            else:
                key = (place.township_code, str(place.suggestion))
                keep_village_alias(engine(), place.township_code, place.word, known.villages[key])
    except (FileProblem, DatabaseProblem) as problem:
        st.session_state["alias problem"] = problem
    else:
        _start_check(draft)


def _kind(problem: RowProblem) -> str:
    """The rule without the row that it names."""
    return re.sub(r"第 \d+ 行|row \d+", say("另一行", "another row"), say(problem.zh, problem.en))


def _problems(draft: Draft, result: ImportResult) -> None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    left.markdown(
        say(
            f"**{result.rejected:,} 行不合格**，改好后可再装一次",
            f"**{result.rejected:,} rows cannot be loaded**; correct them and load them again",
        )
    )
    if draft.rejects is not None and draft.rejects.exists():
        path = draft.rejects
        right.download_button(
            say("下载不合格的行", "Rejected rows"),
            path.read_bytes,
            path.name,
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
            key="rejects",
        )
    kinds = Counter((problem.column, _kind(problem)) for problem in result.problems)
    if len(result.problems) > _SUMMED_UP:
        common = [
            say(f"{column}{rule}（{count:,} 处）", f"{column} {rule} ({count:,})")
            for (column, rule), count in kinds.most_common(4)
        ]
        st.caption(_escaped(say("最多的是：", "Most often: ") + say("；", "; ").join(common)))
    shown = result.problems[:_SHOWN_PROBLEMS]
    titles = (say("行", "Row"), say("列", "Column"), say("值", "Value"), say("问题", "Problem"))
    rows = [(problem.row, problem.column, problem.value, say(problem.zh, problem.en)) for problem in shown]
    st.dataframe(
        pd.DataFrame(rows, columns=titles),
        hide_index=True,
        row_height=29,
        height=min(37 + 29 * len(rows), 330),
        placeholder="—",
        column_config={
            titles[0]: st.column_config.NumberColumn(format="%d", width="small"),
            titles[3]: st.column_config.TextColumn(width="large"),
        },
    )
    if len(result.problems) > len(shown):
        st.caption(
            say(
                f"只列前 {len(shown)} 处，全部见下载的表。",
                f"The first {len(shown)}; the downloaded file has them all.",
            )
        )


def _effect(result: ImportResult, area: str | None) -> None:
    """The latest month whose key indicators the load changes, before and after."""
    before, after = result.before, result.after
    if after is None or after.empty:
        return
    codes = [code for code in _KEY_FIGURES[area] if code in after]
    before = before.reindex(after.index)
    differs = (before[codes].round(6) != after[codes].round(6)) & ~(before[codes].isna() & after[codes].isna())
    months = list(after.index[differs.any(axis=1)])
    if not months:
        st.caption(say("装入后，各月的关键指标不变。", "Loading it changes no key indicator of any month."))
        return
    month = months[-1]
    rest = len(months) - 1
    more = say(f"，另有 {rest} 个月也会变", f"; {rest} more months change") if rest else ""
    st.markdown(
        say(
            f"**装入后，{text.month_name(month)}的指标**{more}",
            f"**The indicators of {text.month_name(month)} after loading**{more}",
        )
    )
    with st.grid(len(codes), min_column_width=140, gap="small"):
        for code in codes:
            indicator = INDICATORS[code]
            now, then = float(after.loc[month, code]), float(before.loc[month, code])
            change = text.change(indicator, now, then)
            is_same = change is None or not any(digit in change for digit in "123456789")
            st.metric(
                text.name(indicator),
                text.value(indicator, now),
                None if is_same else change,
                delta_color="off",
                help=say(f"装入前 {text.value(indicator, then)}", f"Before: {text.value(indicator, then)}"),
                border=True,
            )


# --- Loading --------------------------------------------------------------------------------------


def load_step(draft: Draft, result: ImportResult) -> None:
    """Load the good rows, or all or none; then say what was done."""
    good = result.new + result.changed
    if not good:
        st.info(
            say(
                "没有需要装入的内容：合格的行都已在库里。",
                "Nothing to load: all good rows are in the database already.",
            )
            if result.unchanged
            else say("没有合格的行可以装入。", "There is no good row to load.")
        )
        return
    if result.rejected:
        label = say(f"只装入合格的 {good:,} 行", f"Load the {good:,} good rows only")
        st.caption(
            say(
                "也可以先不装：下载不合格的行，改好原文件再传一次，整份装入。",
                "Or load nothing now: correct the file, upload it again and load it whole.",
            )
        )
    else:
        label = say(f"装入 {good:,} 行", f"Load {good:,} rows")
    if answer(queries.county).is_sample:
        st.warning(
            say(
                "现在用的是示例数据库。真实数据请装入自己的数据库（README“接上自己的数据”）。",
                "This is the sample database. Load real data into a database of your own (see README).",
            ),
            icon=":material/science:",
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            label,
            type="primary",
            icon=":material/database_upload:",
            on_click=_start_load,
            args=(draft, bool(result.rejected)),
            key="load",
        )
        st.button(say("放弃这个文件", "Drop this file"), on_click=forget_draft, key="drop")


def _start_load(draft: Draft, good_only: bool) -> None:
    try:
        save_mapping(draft.table, draft.header, draft.mapping)
    except FileProblem as problem:
        st.session_state["import problem"] = problem
        return
    county_engine = engine()
    draft.load = Task(
        say("装入", "Loading"),
        lambda report, should_stop: import_file(
            county_engine,
            draft.table,
            draft.path,
            draft.mapping,
            good_only=good_only,
            progress=report,
            should_stop=should_stop,
        ),
    )


def loaded_step(draft: Draft, load: Task[ImportResult]) -> None:
    """How far the load is, or what it did."""
    if load.is_running:
        _show_progress(load)
        return
    try:
        result = load.outcome()
    except (FileProblem, DatabaseProblem) as problem:
        st.error(say(problem.zh, problem.en))
        draft.load = None
        st.button(say("返回", "Back"), key="back to check")
        return
    remove(draft.token)
    name = table_name(draft.table.name)
    st.success(
        say(
            f"已装入{name}：新增 {result.new:,} 行，变更 {result.changed:,} 行。批次 {result.batch}，在“历次导入”里可以撤销。",
            f"Loaded into {name}: {result.new:,} new rows, {result.changed:,} changed. Batch {result.batch}; it can be "
            "undone under “Imports”.",
        ),
        icon=":material/check_circle:",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(say("再装一个文件", "Load another file"), type="primary", on_click=forget_draft, key="another")
        target = TABLE_NAMES[draft.table.name][2]
        if target:
            st.page_link(
                st.session_state["pages"][target],
                label=say("看这些数据", "See the data"),
                icon=":material/arrow_forward:",
            )


# --- What was loaded ------------------------------------------------------------------------------


def batches_list() -> None:
    """The batches, the latest first; one chosen can be undone."""
    undoing: Task[Undone] | None = st.session_state.get("undo task")
    if undoing is not None:
        if undoing.is_running:
            st.info(say(f"{undoing.label}……", f"{undoing.label} …"), icon=":material/hourglass_top:")
            _wait_for(undoing)
            return
        del st.session_state["undo task"]
        try:
            done = undoing.outcome()
        except (FileProblem, DatabaseProblem) as problem:
            st.error(say(problem.zh, problem.en))
        else:
            st.success(
                say(
                    f"已撤销批次 {done.batch}：删去 {done.removed:,} 行，恢复 {done.restored:,} 行。",
                    f"Batch {done.batch} is undone: {done.removed:,} rows removed, {done.restored:,} restored.",
                )
            )
    found = queries.import_batches(engine())
    if found.empty:
        st.info(say("还没有导入过。", "Nothing has been imported yet."))
        return
    titles = {
        "finished_at": say("时间", "When"),
        "table": say("表", "Table"),
        "file_name": say("文件", "File"),
        "read": say("读取", "Read"),
        "new": say("新增", "New"),
        "changed": say("变更", "Changed"),
        "unchanged": say("未变", "Unchanged"),
        "rejected": say("不合格", "Rejected"),
        "state": say("状态", "State"),
        "id": say("批次", "Batch"),
    }
    shown = found.assign(
        table=[table_name(code) if code in TABLE_NAMES else code for code in found["table_name"]],
        finished_at=[f"{moment:%Y-%m-%d %H:%M}" for moment in found["finished_at"]],
        state=[
            say(f"{moment:%m-%d %H:%M} 撤销", f"undone {moment:%m-%d %H:%M}")
            if not pd.isna(moment)
            else say("在用", "in use")
            for moment in found["undone_at"]
        ],
    )[list(titles)].rename(columns=titles)
    st.markdown(say("**点一行，可以撤销那一批**", "**Choose a row to undo that batch**"))
    chosen = st.dataframe(
        shown,
        hide_index=True,
        row_height=29,
        height=min(37 + 29 * len(shown), 480),
        placeholder="—",
        column_config={
            titles[name]: st.column_config.NumberColumn(format="localized", width="small")
            for name in ("read", "new", "changed", "unchanged", "rejected")
        },
        on_select="rerun",
        selection_mode="single-row",
        key=f"batches {st.session_state.get('batches shown', 0)}",
    )["selection"]["rows"]
    if not chosen:
        return
    batch = found.iloc[chosen[0]]
    _batch_changes(batch)
    if not pd.isna(batch["undone_at"]):
        st.caption(say("这一批已经撤销。", "This batch is undone already."))
        return
    st.markdown(
        say(
            f"撤销批次 **{batch['id']}**：它新增的 {batch['new']:,} 行删去，变更的 {batch['changed']:,} 行恢复原值，指标随之重算。",
            f"Undoing batch **{batch['id']}** removes the {batch['new']:,} rows it added and restores the "
            f"{batch['changed']:,} it changed; the indicators follow.",
        )
    )
    st.button(
        say("撤销这一批", "Undo this batch"),
        icon=":material/undo:",
        on_click=_start_undo,
        args=(str(batch["id"]),),
        key=f"undo {batch['id']}",
    )


def _batch_changes(batch: pd.Series[Any]) -> None:
    """What the batch changed, from what to what; private values masked."""
    table = TABLES.get(str(batch["table_name"]))
    if table is None or not batch["changed"]:
        return
    with engine().connect() as connection:
        changes = changes_of(connection, table.table, str(batch["id"]), _SHOWN_CHANGES)
    if not changes:
        return
    fields = {ours.key: ours for ours in table.fields}

    def shown(name: str, value: object) -> str:
        words = cleaned(value)
        return _masked(words) if name in fields and fields[name].private else words[:80]

    rows = [
        (
            "、".join(map(str, json.loads(key))),
            header_of(fields[change.field]).rstrip("*") if change.field in fields else change.field,
            shown(change.field, change.before),
            shown(change.field, change.after),
        )
        for key, change in changes
    ]
    titles = (say("编号", "Key"), say("列", "Column"), say("原来", "Before"), say("改为", "After"))
    many = (
        say(f"（前 {_SHOWN_CHANGES} 行）", f" (first {_SHOWN_CHANGES} rows)")
        if batch["changed"] > _SHOWN_CHANGES
        else ""
    )
    st.markdown(
        say(f"**这一批改了 {batch['changed']:,} 行**{many}", f"**This batch changed {batch['changed']:,} rows**{many}")
    )
    st.dataframe(
        pd.DataFrame(rows, columns=titles),
        hide_index=True,
        row_height=29,
        height=min(37 + 29 * len(rows), 330),
        placeholder="—",
    )


def _start_undo(batch: str) -> None:
    county_engine = engine()
    # A new key forgets the chosen row.
    st.session_state["batches shown"] = secrets.randbits(32)
    st.session_state["undo task"] = Task(
        say(f"正在撤销批次 {batch}", f"Undoing batch {batch}"), lambda _report, _should_stop: undo(county_engine, batch)
    )


@st.fragment(run_every=0.5)
def _wait_for(task: Task[Any]) -> None:
    if not task.is_running:
        st.rerun()
