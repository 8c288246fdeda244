"""The check of a file before anything is written, and what loading it would do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from data_access import queries
from data_access.access import UNRESTRICTED
from data_access.areas import AREAS
from data_access.background import Report, Task
from data_access.cache import engine, reachable_engine
from data_access.importing import ImportResult, import_file
from data_access.importing.checks import TOO_LONG, UnknownPlace
from data_access.importing.left_out import left_out_sentence
from data_access.importing.places import keep_township_alias, keep_village_alias, read_places
from data_access.indicators import INDICATORS
from data_access.model.change import change_of
from data_access.problems import Broken, Problem, in_common
from data_access.scope import Scope
from ui import text
from ui.asking.viewer import viewer
from ui.elements.progress import show_running
from ui.elements.row_table import show_rows
from ui.files.downloads import recorded
from ui.frame.told import show_told, tell
from ui.importing.file import Draft
from ui.importing.turns import CHECKS, turn
from ui.text import plain, problem_sentence, say

# By which a person sees whether a load makes sense of what every area counts: townships, villages, grids
_OF_ALL_AREAS = ("villages", "grids", "received", "cameras", "teams", "projects")

# Files up to this size are checked as soon as their columns are known.
_CHECKED_AT_ONCE = 20 * 2**20
_SHOWN_PROBLEMS = 500
# From how many problems on their kinds are counted
_SUMMED_UP = 10

_SHOWN_PLACES = 20
_SHOWN_WORDS = 30


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
        show_progress(check)
        return None
    try:
        result = check.outcome()
    except Problem as problem:
        st.error(problem_sentence(problem))
        st.button(say("重新检查", "Check again"), on_click=_start_check, args=(draft,), key="check again")
        return None
    _show_result(draft, result)
    return result


def _start_check(draft: Draft) -> None:
    folder = draft.path.parent
    draft.rejects = folder / say(f"{draft.path.stem}-不合格.xlsx", f"{draft.path.stem}-rejected.xlsx")
    mapping, rejects, county_engine, by = draft.mapping, draft.rejects, engine(), viewer()
    draft.checked_mapping = mapping

    def check(report: Report, should_stop: Callable[[], bool]) -> ImportResult:
        with turn(CHECKS, report, should_stop):
            return import_file(
                county_engine,
                draft.table,
                draft.path,
                mapping,
                by=by,
                dry_run=True,
                good_only=True,
                rejects=rejects,
                progress=report,
                should_stop=should_stop,
                observe=lambda connection: _key_figures(connection, draft.table.area),
            )

    draft.check = Task(say("检查", "Checking"), check)


def _key_codes(area: str | None) -> tuple[str, ...]:
    if area is None:
        return _OF_ALL_AREAS
    return AREAS[area].key_figures if area in AREAS else ()


def _key_figures(connection: Connection, area: str | None) -> pd.DataFrame:
    """The key indicators by month, over all months."""
    indicators = [INDICATORS[code] for code in _key_codes(area)]
    if not indicators:
        return pd.DataFrame()
    return queries.measure(
        connection, indicators, Scope(UNRESTRICTED, None, "1900-01", "2999-12"), ("month",)
    ).set_index("month")


@st.fragment(run_every=0.5)
def show_progress(task: Task[Any]) -> None:
    """How far a task is, with a button to stop it; the page runs again when it has ended."""
    if not task.is_running:
        st.rerun()
    show_running(task)


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
            st.metric(plain(label), say(f"{count:,} 行", f"{count:,}"), border=True)
    if result.left_out:
        zh, en = left_out_sentence(result.left_out)
        st.caption(plain(say(f"没有当作数据的行：{zh}。", f"Rows that are no data: {en}.")))
    if result.unregistered:
        columns = text.listed(list(result.unregistered), 6)
        st.info(
            plain(
                say(
                    f"库里还没有“{columns}”所指的名录（村居、网格），这一列先不装；装好名录，再装一次这份文件就补上。",
                    f"The database has no register yet of what “{columns}” names (villages, grids): it is not loaded. Load the "
                    "register and then this file again.",
                )
            )
        )
    if result.unknown_words:
        _words_to_explain(draft, result)
    if result.unknown_places:
        _places_to_confirm(draft, result)
    if result.equal_rows and result.numbered == "ask":
        _equal_rows(draft, result.equal_rows)
    if result.undated:
        _years_to_confirm(draft, result)
    if result.rejected:
        _texts_to_cut(draft, result)
        _problems(draft, result)
    _effect(result, draft.table.area)


def _decide(draft: Draft, meanings: dict[str, dict[str, str]], formats: dict[str, Any]) -> None:
    """Have the mapping say this too, and check again."""
    for name, own in meanings.items():
        draft.meanings[name] = {**draft.mapping.meanings.get(name, {}), **own}
    draft.formats |= formats
    draft.mapping = replace(
        draft.mapping,
        meanings={**draft.mapping.meanings, **draft.meanings},
        formats={**draft.mapping.formats, **draft.formats},
    )
    _start_check(draft)


def _words_to_explain(draft: Draft, result: ImportResult) -> None:
    """Words that are not known: a person says once what they mean, and the mapping keeps it."""
    words = sorted(result.unknown_words, key=lambda word: not word.is_refused)[:_SHOWN_WORDS]
    refused = sum(word.is_refused for word in words)
    if refused:
        question = say(
            f"**有 {len(words)} 个词不认识，各是什么意思？**　选一次，以后同样表头的文件都照办",
            f"**{len(words)} words are not known: what do they mean?** Chosen once, it holds for files with this header",
        )
    else:
        question = say(
            f"**有 {len(words)} 个词库里没有过。**　可以归到别的词，不改就照原样装入",
            f"**{len(words)} words are new here.** They can be taken for others; else they are loaded as they are",
        )
    st.markdown(question)
    chosen: dict[str, dict[str, str]] = {}
    places = [place for _ in range(0, len(words), 3) for place in st.columns(3, gap="small")]
    for word, place in zip(words, places, strict=False):
        label = say(
            f"{draft.table.label(word.field)}：{word.word}（{word.rows:,} 行）",
            f"{draft.table.label(word.field)}: {word.word} ({word.rows:,} rows)",
        )
        suggested = word.meanings.index(word.suggestion) if word.suggestion in word.meanings else None
        meaning = place.selectbox(
            plain(label),
            list(word.meanings),
            index=suggested,
            format_func=partial(_meaning, word.word),
            placeholder=say("请选择", "Choose"),
            key=f"word {draft.token} {word.field} {word.word}",
        )
        if meaning is not None:
            chosen.setdefault(word.field, {})[word.word] = meaning
    count = sum(map(len, chosen.values()))
    st.button(
        plain(say(f"记下这 {count} 个词的意思，重新检查", f"Keep what these {count} words mean and check again")),
        icon=":material/bookmark_add:",
        disabled=not count,
        on_click=_decide,
        args=(draft, chosen, {}),
        key="keep words",
    )


def _meaning(word: str, meaning: str) -> str:
    if meaning == word:
        return say("照原样", "as it is")
    return plain(meaning) if meaning else say("没有值", "no value")


def _equal_rows(draft: Draft, count: int) -> None:
    """Rows without numbers that equal each other: two things, or one written twice."""
    st.markdown(
        say(
            f"**有 {count:,} 行和前面的行相同，文件又没有编号。** 是另外几件，还是同一件写了几遍？",
            f"**{count:,} rows equal rows before them, and the file has no numbers.** Are they others, or one written twice?",
        )
    )
    with st.container(horizontal=True):
        for what, label in (("each", say("都算", "Count each")), ("once", say("只算一次", "Count them once"))):
            st.button(plain(label), on_click=_decide, args=(draft, {}, {"numbered": what}), key=f"equal {what}")


def _years_to_confirm(draft: Draft, result: ImportResult) -> None:
    """Dates without a year: that of the titles, where somebody says so, or the one that somebody gives."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if result.titled:
            year, _, month = result.titled.partition("-")
            named = text.month_name(result.titled) if month else say(f"{year}年", year)
            st.markdown(
                plain(
                    say(
                        f"{result.undated:,} 个日期没有年份，标题或文件名里是{named}。",
                        f"{result.undated:,} dates have no year; a title or the file's name has {named}.",
                    )
                )
            )
            st.button(
                plain(say(f"按{named}读", f"Read them as of {named}")),
                on_click=_decide,
                args=(draft, {}, {"year": "title"}),
                key="year as titled",
            )
            return
        given = st.number_input(
            plain(
                say(
                    f"{result.undated:,} 个日期没有年份，是哪一年？",
                    f"{result.undated:,} dates have no year: which is it?",
                )
            ),
            min_value=1990,
            max_value=2099,
            value=None,
            key=f"year {draft.token}",
        )
        st.button(
            say("按这一年读", "Read them so"),
            disabled=given is None,
            on_click=_decide,
            args=(draft, {}, {"year": str(given)}),
            key="year given",
        )


def _texts_to_cut(draft: Draft, result: ImportResult) -> None:
    """Texts that are longer than what is kept of them are cut where somebody says so."""
    too_long = [problem for problem in result.problems if problem.fault.rule is TOO_LONG]
    fields = sorted(
        {ours.name for ours in draft.table.fields if ours.kind in ("text", "free_text")} & {p.field for p in too_long}
    )
    if not fields:
        return
    names = text.listed([draft.table.label(name) for name in fields], 6)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            plain(say(f"{names}有 {len(too_long):,} 处太长。", f"{len(too_long):,} texts are too long ({names})."))
        )
        st.button(
            say("截短后装入", "Cut them"),
            on_click=_decide,
            args=(draft, {}, {"cut": sorted({*draft.mapping.formats.get("cut", ()), *fields})}),
            key="cut",
        )


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
            plain(
                say(
                    f"{place.word} → {place.suggestion}（{place.rows:,} 行）",
                    f"{place.word} → {place.suggestion} ({place.rows:,} rows)",
                )
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
    show_told("aliases")


def _keep_aliases(draft: Draft, places: list[UnknownPlace]) -> None:
    by = viewer()
    try:
        with reachable_engine().connect() as connection:
            known = read_places(connection)
        for place in places:
            if place.township_code is None:
                keep_township_alias(engine(), place.word, known.townships[str(place.suggestion)], by=by)
            else:
                key = (place.township_code, str(place.suggestion))
                keep_village_alias(engine(), place.township_code, place.word, known.villages[key], by=by)
    except Problem as problem:
        tell("aliases", problem_sentence(problem), is_problem=True)
    else:
        _start_check(draft)


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
            recorded(path.read_bytes, "xlsx", say("不合格的行", "Rejected rows"), result.rejected, "import"),
            path.name,
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
            key="rejects",
        )
    if len(result.problems) > _SUMMED_UP:
        kinds: dict[tuple[str, str], list[Broken]] = {}
        for problem in result.problems:
            kinds.setdefault((problem.column, problem.fault.rule.code), []).append(problem.fault)
        common = []
        for (column, _), faults in sorted(kinds.items(), key=lambda kind: -len(kind[1]))[:4]:
            rule, count = in_common(faults), len(faults)
            common.append(say(f"{column}{rule.zh}（{count:,} 处）", f"{column} {rule.en} ({count:,})"))
        st.caption(plain(say("最多的是：", "Most often: ") + say("；", "; ").join(common)))
    shown = result.problems[:_SHOWN_PROBLEMS]
    titles = (say("行", "Row"), say("列", "Column"), say("值", "Value"), say("问题", "Problem"))
    rows = [(problem.row, problem.column, problem.value, say(problem.zh, problem.en)) for problem in shown]
    show_rows(
        pd.DataFrame(rows, columns=titles),
        "import problems",
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
    codes = [code for code in _key_codes(area) if code in after]
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
            changed = change_of(indicator, now, then)
            st.metric(
                plain(text.name(indicator)),
                plain(text.value(indicator, now)),
                plain(text.change(indicator, changed)) if changed and changed.amount else None,
                delta_color="off",
                delta_arrow="off",
                help=plain(say(f"装入前 {text.value(indicator, then)}", f"Before: {text.value(indicator, then)}")),
                border=True,
            )
