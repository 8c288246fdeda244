"""What was loaded before, what it changed, and undoing it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from data_access.background import Report, Task
from data_access.cache import engine, reachable_engine
from data_access.importing.history import changes_of
from data_access.importing.tables import TABLES
from data_access.importing.undo import Undone, batches, may_undo, undo
from data_access.importing.values import cleaned
from data_access.problems import Problem
from ui.asking.viewer import viewer
from ui.elements.asked_once import asked_once
from ui.elements.row_table import show_rows
from ui.frame.told import show_told, tell
from ui.importing.file import masked, table_name
from ui.importing.turns import WRITES, at_work_sentence, turn
from ui.text import plain, problem_sentence, say

_SHOWN_CHANGES = 100


def batches_list() -> None:
    """The batches, the latest first; one chosen can be undone."""
    undoing: Task[Undone] | None = st.session_state.get("undo task")
    if undoing is not None:
        if undoing.is_running:
            before = at_work_sentence() if undoing.progress.phase == "waiting" else ""
            st.info(before + plain(say(f"{undoing.label}……", f"{undoing.label} …")), icon=":material/hourglass_top:")
            _wait_for(undoing)
            return
        del st.session_state["undo task"]
        try:
            done = undoing.outcome()
        except Problem as problem:
            tell("batches", problem_sentence(problem), is_problem=True)
        else:
            tell(
                "batches",
                plain(
                    say(
                        f"已撤销批次 {done.batch}：删去 {done.removed:,} 行，恢复 {done.restored:,} 行。",
                        f"Batch {done.batch} is undone: {done.removed:,} rows removed, {done.restored:,} restored.",
                    )
                ),
            )
    show_told("batches")
    with reachable_engine().connect() as connection:
        found = pd.DataFrame(map(dict, batches(connection)))
    if found.empty:
        st.info(say("还没有导入过。", "Nothing has been imported yet."))
        return
    titles = {
        "finished_at": say("时间", "When"),
        "table": say("表", "Table"),
        "file_name": say("文件", "File"),
        "by": say("导入人", "By"),
        "read": say("读取", "Read"),
        "new": say("新增", "New"),
        "changed": say("变更", "Changed"),
        "unchanged": say("未变", "Unchanged"),
        "rejected": say("不合格", "Rejected"),
        "state": say("状态", "State"),
        "id": say("批次", "Batch"),
    }
    shown = found.assign(
        table=[table_name(code) if code in TABLES else code for code in found["table_name"]],
        by=[_loader(name) for name in found["by"]],
        finished_at=[f"{moment:%Y-%m-%d %H:%M}" for moment in found["finished_at"]],
        state=[
            say(f"{moment:%m-%d %H:%M} 撤销", f"undone {moment:%m-%d %H:%M}")
            if not pd.isna(moment)
            else say("在用", "in use")
            for moment in found["undone_at"]
        ],
    )[list(titles)].rename(columns=titles)
    st.markdown(say("**点一行，可以撤销那一批**", "**Choose a row to undo that batch**"))
    chosen = show_rows(
        shown,
        f"batches {st.session_state.get('batches shown', 0)}",
        row_height=29,
        height=min(37 + 29 * len(shown), 480),
        placeholder="—",
        column_config={
            titles[name]: st.column_config.NumberColumn(format="localized", width="small")
            for name in ("read", "new", "changed", "unchanged", "rejected")
        },
        on_select="rerun",
        selection_mode="single-row",
    )["selection"]["rows"]
    if not chosen:
        return
    batch = found.iloc[chosen[0]]
    _batch_changes(batch)
    if not pd.isna(batch["undone_at"]):
        st.caption(say("这一批已经撤销。", "This batch is undone already."))
        return
    if not may_undo(viewer(), batch["by"]):
        st.caption(
            say("您只能撤销自己导入的批次。", "You may undo only what you have loaded yourself."),
        )
        return
    when, code = f"{batch['finished_at']:%Y-%m-%d %H:%M}", str(batch["table_name"])
    name = table_name(code) if code in TABLES else code
    asked_once(
        say("撤销这一批", "Undo this batch"),
        say(
            f"撤销 {when} 装入{name}的“{batch['file_name']}”（批次 {batch['id']}）？它新增的 {batch['new']:,} 行删去，变更的 "
            f"{batch['changed']:,} 行恢复原值，指标随之重算。撤销会记入操作记录。",
            f"Undo the load of “{batch['file_name']}” into {name} at {when} (batch {batch['id']})? The {batch['new']:,} rows "
            f"it added go, the {batch['changed']:,} it changed return to what they were, and the indicators follow. The "
            "audit log keeps this.",
        ),
        say("确认撤销", "Undo it"),
        icon=":material/undo:",
        on_click=_start_undo,
        args=(str(batch["id"]),),
        key=f"undo {batch['id']}",
    )


def _loader(name: str | None) -> str:
    """Who loaded a batch, in words."""
    if name is None or pd.isna(name):
        return "—"
    return name or say("命令行", "command line")


def _batch_changes(batch: pd.Series[Any]) -> None:
    """What the batch changed, from what to what; private values masked."""
    table = TABLES.get(str(batch["table_name"]))
    if table is None or not batch["changed"]:
        return
    with reachable_engine().connect() as connection:
        changes = changes_of(connection, table.table, str(batch["id"]), _SHOWN_CHANGES)
    if not changes:
        return
    fields = {ours.key: ours for ours in table.fields}

    def shown(name: str, value: object) -> str:
        words = cleaned(value)
        return masked(words) if name in fields and table.is_personal(fields[name]) else words[:80]

    rows = [
        (
            say("、", ", ").join(map(str, json.loads(key))),
            fields[change.field].label if change.field in fields else change.field,
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
    show_rows(
        pd.DataFrame(rows, columns=titles),
        "batch changes",
        row_height=29,
        height=min(37 + 29 * len(rows), 330),
        placeholder="—",
    )


def _start_undo(batch: str) -> None:
    county_engine, by = engine(), viewer()

    def undone(report: Report, should_stop: Callable[[], bool]) -> Undone:
        with turn(WRITES, report, should_stop):
            return undo(county_engine, batch, by=by)

    # A new key forgets the chosen row.
    st.session_state["batches shown"] = secrets.randbits(32)
    st.session_state["undo task"] = Task(say(f"正在撤销批次 {batch}", f"Undoing batch {batch}"), undone)


@st.fragment(run_every=0.5)
def _wait_for(task: Task[Any]) -> None:
    if not task.is_running:
        st.rerun()
