"""Loading a checked file, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from data_access import cache
from data_access.areas import AREAS, REPORTS
from data_access.background import Report, Task
from data_access.cache import engine
from data_access.importing import ImportResult, import_file
from data_access.importing.interrupted import interrupted_loads, noted
from data_access.importing.saved_mappings import keep_mapping
from data_access.problems import Problem
from ui.asking.viewer import viewer
from ui.files.upload import remove
from ui.importing.check import show_progress
from ui.importing.file import Draft, forget_draft, table_name
from ui.importing.turns import WRITES, at_work_sentence, turn
from ui.text import plain, problem_sentence, say


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
    if cache.county(viewer()).is_sample:
        st.warning(
            say(
                "现在用的是示例数据库。真实数据请装入自己的数据库（README“接上自己的数据”）。",
                "This is the sample database. Load real data into a database of your own (see README).",
            ),
            icon=":material/science:",
        )
    may_overwrite = not result.overwritten or _overwriting(draft, result.overwritten)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            label,
            type="primary",
            icon=":material/database_upload:",
            disabled=not may_overwrite,
            on_click=_start_load,
            args=(draft, bool(result.rejected), may_overwrite),
            key="load",
        )
        st.button(say("放弃这个文件", "Drop this file"), on_click=forget_draft, key="drop")


def _overwriting(draft: Draft, count: int) -> bool:
    """Say that the numbers seem to be none, and whether somebody wants them overwritten all the same."""
    table = draft.table
    labels = say("、", ", ").join(map(table.label, table.never_changes))
    number = table.label(table.identity[0])
    st.warning(
        plain(
            say(
                f"{count:,} 行的{number}在库里已经是别的内容（{labels}不同），装入会盖掉它们。"
                f"多半是把每月重排的序号当成了{number}，请在“各列的对应”里换一列。",
                f"The {number} of {count:,} rows stands for something else in the database (another {labels}); loading "
                "them overwrites it. Perhaps a running number that begins anew each month was taken for it: choose "
                "another column under “Columns”.",
            )
        ),
        icon=":material/warning:",
    )
    return st.checkbox(
        say(f"确实要盖掉这 {count:,} 行", f"Overwrite these {count:,} rows"), key=f"overwrite {draft.token}"
    )


def _start_load(draft: Draft, good_only: bool, may_overwrite: bool) -> None:
    county_engine, by = engine(), viewer()

    def load(report: Report, should_stop: Callable[[], bool]) -> ImportResult:
        with turn(WRITES, report, should_stop), noted(county_engine, draft.table.name, draft.path.name):
            keep_mapping(county_engine, draft.table, draft.header, draft.mapping, by=by)
            return import_file(
                county_engine,
                draft.table,
                draft.path,
                draft.mapping,
                by=by,
                good_only=good_only,
                may_overwrite=may_overwrite,
                progress=report,
                should_stop=should_stop,
            )

    draft.load = Task(say("装入", "Loading"), load)


def interrupted_notices() -> None:
    """What became of loads whose server was ended before it could tell."""
    for one in interrupted_loads(cache.reachable_engine):
        when, name, file_name = f"{one.started:%Y-%m-%d %H:%M}", table_name(one.table), one.file_name
        with st.container(horizontal=True, vertical_alignment="center"):
            if one.batch is None:
                st.warning(
                    plain(
                        say(
                            f"{when} 装入“{file_name}”（{name}）时服务器停了，什么都没有写入。请重新装入。",
                            f"The server stopped while “{file_name}” ({name}) was loaded at {when}; nothing was written. "
                            "Load it again.",
                        )
                    )
                )
            else:
                st.success(
                    plain(
                        say(
                            f"{when} 装入“{file_name}”（{name}）后服务器停了，数据已全部写入，批次 {one.batch}。",
                            f"The server stopped after “{file_name}” ({name}) was loaded at {when}; all of it is "
                            f"written, batch {one.batch}.",
                        )
                    )
                )
            st.button(
                say("知道了", "Understood"), key=f"interrupted {one.note.name}", on_click=one.note.unlink, args=(True,)
            )


def loaded_step(draft: Draft, load: Task[ImportResult]) -> None:
    """How far the load is, or what it did."""
    if load.is_running:
        show_progress(load)
        if load.progress.phase == "waiting":
            st.caption(at_work_sentence())
        return
    try:
        result = load.outcome()
    except Problem as problem:
        st.error(problem_sentence(problem))
        st.button(say("返回", "Back"), key="back to check", on_click=partial(setattr, draft, "load", None))
        return
    remove(draft.token)
    name = table_name(draft.table.name)
    st.success(
        plain(
            say(
                f"已装入{name}：新增 {result.new:,} 行，变更 {result.changed:,} 行。批次 {result.batch}，在“历次导入”里可以撤销。",
                f"Loaded into {name}: {result.new:,} new rows, {result.changed:,} changed. Batch {result.batch}; it can be "
                "undone under “Imports”.",
            )
        ),
        icon=":material/check_circle:",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(say("再装一个文件", "Load another file"), type="primary", on_click=forget_draft, key="another")
        shown_by: dict[str | None, str] = {area.code: area.page for area in (*AREAS.values(), REPORTS)}
        shown_by[""] = "notes"
        st.page_link(
            st.session_state["pages"][shown_by.get(draft.table.area, "overview")],
            label=say("看这些数据", "See the data"),
            icon=":material/arrow_forward:",
        )
