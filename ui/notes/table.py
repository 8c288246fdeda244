"""The list of notes, and which of them is chosen."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from data_access.notes.kept import Note
from ui.asking.sentences import sheet_head
from ui.asking.view import View
from ui.elements.row_table import show_rows
from ui.files.downloads import download_buttons
from ui.notes.words import place, when
from ui.text import plain, say

# The note that is open below the list as it was when it was opened, which its form was filled in from, and as it was last
# seen, which saving goes by
OPENED, SEEN = "note opened", "note seen"


def notes_table(view: View) -> None:
    """The notes of the view, the latest first, as a table and as files; a row opens its note."""
    spans = {"period": say("所看时段", "This period"), "all": say("全部时段", "All periods")}
    span = st.segmented_control(
        say("时段", "Period"),
        list(spans),
        format_func=lambda code: plain(spans[code]),
        default="period",
        required=True,
        label_visibility="collapsed",
        key="notes span",
    )
    within = view.scope.within()
    found = view.notes() if span == "period" else [note for note in view.county.notes if note.is_of(within)]
    shown = list(reversed(found))
    if not shown:
        st.info(say("所看范围内还没有事件注记。", "There are no notes within this view."))
        return
    st.session_state["notes listed"] = shown
    show_rows(
        _readable(view, shown),
        _key(),
        row_height=29,
        height=min(40 + 29 * len(shown), 420),
        placeholder="—",
        alt=say("事件注记", "Notes"),
        column_config={say("内容", "Words"): st.column_config.TextColumn(width="large")},
        on_select=_choose,
        selection_mode="single-row",
    )
    name = say("事件注记", "notes")
    narrowed = "" if span == "period" else say("注记不限时段", "notes of any time")
    download_buttons(lambda: _readable(view, shown), len(shown), name, sheet_head(view, name, None, narrowed))


def _key() -> str:
    """The table's key: another one once a note is closed, so that no row stays chosen."""
    return f"notes {st.session_state.get('notes closed', 0)}"


def _choose() -> None:
    rows = st.session_state[_key()]["selection"]["rows"]
    listed: list[Note] = st.session_state["notes listed"]
    note = listed[rows[0]] if rows and rows[0] < len(listed) else None
    st.session_state[OPENED] = st.session_state[SEEN] = note


def close_note() -> None:
    """Fold the open note away."""
    st.session_state[OPENED] = st.session_state[SEEN] = None
    st.session_state["notes closed"] = st.session_state.get("notes closed", 0) + 1


def _readable(view: View, notes: list[Note]) -> pd.DataFrame:
    names = view.county.names
    return pd.DataFrame(
        {
            say("时间", "When"): [when(note) for note in notes],
            say("镇街", "Township"): [place(note, names) or say("全县", "the county") for note in notes],
            say("内容", "Words"): [note.words for note in notes],
            say("类别", "Kind"): [note.kind for note in notes],
            say("谁写的", "Written"): [
                f"{note.written_by or say('命令行', 'a command')} {note.written_at:%Y-%m-%d %H:%M}"
                if note.written_at
                else say("文件导入", "from a file")
                for note in notes
            ],
        }
    )
