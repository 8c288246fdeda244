"""What was done to notes, by whom, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from data_access.access import Viewer
from data_access.cache import engine, look_again, reachable_engine
from data_access.notes.writing import Change, note_changes, take_back
from ui.asking.view import View
from ui.elements.row_table import show_rows
from ui.importing.turns import write
from ui.notes.form import WHERE
from ui.notes.words import told
from ui.text import plain, say


def show_changes(view: View, by: Viewer) -> None:
    """The last changes of notes that the viewer may write, each of which can be taken back; folded away."""
    if not (by.may("import") or by.may("evaluate")):
        return
    with reachable_engine().connect() as connection:
        changes = note_changes(connection, by)
    if not changes:
        return
    with st.expander(say(f"更改记录（{len(changes)}）", f"Changes ({len(changes)})"), icon=":material/history:"):
        names = view.county.names
        rows = show_rows(
            _readable(changes, names),
            # Another list's rows are other changes.
            f"note changes {changes[0].number}",
            row_height=29,
            height=min(40 + 29 * len(changes), 330),
            placeholder="—",
            on_select="rerun",
            selection_mode="single-row",
        )["selection"]["rows"]
        if not rows or rows[0] >= len(changes):
            st.caption(
                say(
                    "点一行可以撤回那次改动；由文件装入的，在“数据导入”的“历次导入”里整批撤销",
                    "Choose a row to take that change back; what came with a file is undone under Imports",
                )
            )
            return
        change = changes[rows[0]]
        st.button(
            plain(say(f"撤回：{_done(change)}", f"Take back: {_done(change)}")),
            icon=":material/undo:",
            key="take note back",
            on_click=_take_back,
            args=(by, change.number),
        )


def _done(change: Change) -> str:
    if change.before is None:
        return say("写下", "written")
    return say("删去", "removed") if change.after is None else say("改动", "changed")


def _readable(changes: Sequence[Change], names: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            say("何时", "When"): [f"{one.at:%Y-%m-%d %H:%M}" for one in changes],
            say("谁", "Who"): [one.by or say("命令行", "a command") for one in changes],
            say("做了什么", "What"): [_done(one) for one in changes],
            say("原来", "Before"): [told(one.before, names) if one.before else None for one in changes],
            say("现在", "After"): [told(one.after, names) if one.after else None for one in changes],
        }
    )


def _take_back(by: Viewer, number: int) -> None:
    if write(WHERE, partial(take_back, engine(), by, number), say("已撤回。", "Taken back.")):
        look_again()
