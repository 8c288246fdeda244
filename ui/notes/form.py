"""The forms that write a note, change it and take it away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from data_access.access import Viewer
from data_access.cache import county, engine, look_again
from data_access.notes.kept import Note
from data_access.notes.writing import (
    LONGEST,
    NoteOvertaken,
    change_note,
    drafted,
    may_write,
    remove_note,
    write_note,
)
from ui.asking.view import View
from ui.asking.viewer import viewer
from ui.importing.turns import write
from ui.notes.table import OPENED, SEEN, close_note
from ui.notes.words import told
from ui.text import plain, say, spelled

# Where the page says what was done
WHERE = "notes"
# What counties note; others may be typed
_KINDS = ("天气", "承办单位", "口径调整", "政策", "重大活动", "突发事件")
# How many notes this page has written: each new one begins with an empty form
_WRITTEN = "notes written"


def show_new(view: View, by: Viewer) -> None:
    """A form for a new note, folded away; nothing for who may not write any."""
    if not _places(view, by):
        return
    with st.expander(say("记一条", "Write a note"), icon=":material/add:"):
        key = f"note new {st.session_state.get(_WRITTEN, 0)}"
        _form(view, by, None, key, partial(_write, by, key))
        st.caption(
            plain(
                say(
                    "成批的注记可以在“数据导入”页装入：选“事件注记”表，列为日期、结束日期、镇街、内容、类别。",
                    "Many at once are loaded on the import page: the table of notes, with date, end, township, words, kind.",
                )
            )
        )


def show_chosen(view: View, by: Viewer) -> None:
    """The note that is chosen, with a form for who may change it."""
    note: Note | None = st.session_state.get(OPENED)
    if note is None:
        return
    with st.container(border=True):
        st.markdown(plain(told(st.session_state[SEEN], view.county.names)))
        if not may_write(by, note.township_code):
            return
        key = f"note {note.township_code} {note.note_no}"
        _form(view, by, note, key, partial(_change, by, key))
        with st.container(horizontal=True):
            st.button(say("删去", "Remove"), icon=":material/delete:", key="remove note", on_click=_remove, args=(by,))
            st.button(say("收起", "Close"), icon=":material/close:", key="close note", on_click=close_note)


def _places(view: View, by: Viewer) -> list[str]:
    """The townships that they may write of, by code; empty: the county."""
    return [code for code in ("", *view.county.names) if may_write(by, code)]


def _form(view: View, by: Viewer, note: Note | None, key: str, on_click: Callable[[], None]) -> None:
    names, places = view.county.names, _places(view, by)
    kinds = list(dict.fromkeys([*_KINDS, *(one.kind for one in view.county.notes if one.kind)]))
    example = say("2023-06-12，或 2023-05（从该月起）", "2023-06-12, or 2023-05 (from that month on)")
    with st.form(key, border=False, enter_to_submit=False):
        left, middle, right, last = st.columns([1.3, 1.3, 1, 1])
        left.text_input(
            say("日期或月份", "Day or month"), note.begins if note else "", placeholder=example, key=f"{key} begins"
        )
        middle.text_input(
            say("到哪天或哪月（可不填）", "Until (may be empty)"),
            (note.ends or "") if note else "",
            placeholder=say("不填：只这一天，或从该月起", "Empty: that day alone, or from that month on"),
            key=f"{key} ends",
        )
        right.selectbox(
            say("镇街", "Township"),
            places,
            places.index(note.township_code) if note else 0,
            format_func=lambda code: plain(spelled(names[code]) if code in names else say("全县", "The county")),
            key=f"{key} place",
        )
        last.selectbox(
            say("类别（可不选）", "Kind (may be empty)"),
            kinds,
            kinds.index(note.kind) if note and note.kind else None,
            format_func=plain,
            accept_new_options=True,
            placeholder=say("选或输入", "Choose or type"),
            key=f"{key} kind",
        )
        st.text_input(
            say("发生了什么（图上先写前十来个字）", "What happened (charts show its beginning)"),
            note.words if note else "",
            max_chars=LONGEST,
            key=f"{key} words",
        )
        st.form_submit_button(say("保存", "Save"), type="primary", key=f"save {key}", on_click=on_click)


def _typed(key: str) -> Note:
    begins, ends, place, words, kind = (
        st.session_state[f"{key} {field}"] for field in ("begins", "ends", "place", "words", "kind")
    )
    return drafted(begins, ends, place, words, kind or "")


def _write(by: Viewer, key: str) -> None:
    if write(WHERE, lambda: write_note(engine(), by, _typed(key)), say("已记下。", "Noted.")):
        st.session_state[_WRITTEN] = st.session_state.get(_WRITTEN, 0) + 1
        look_again()


def _change(by: Viewer, key: str) -> None:
    seen: Note = st.session_state[SEEN]

    def act() -> None:
        try:
            change_note(engine(), by, seen, _typed(key))
        except NoteOvertaken:
            # Who has been told so may save over what holds now.
            look_again()
            same = [one for one in county(viewer()).notes if one.note_no == seen.note_no]
            st.session_state[SEEN] = next(iter(same), seen)
            raise

    if write(WHERE, act, say("已保存。", "Saved.")):
        close_note()
        look_again()


def _remove(by: Viewer) -> None:
    words = say("已删去，在“更改记录”里可以恢复。", "Removed; the list of changes takes it back.")
    if write(WHERE, lambda: remove_note(engine(), by, st.session_state[SEEN]), words):
        close_note()
        look_again()
