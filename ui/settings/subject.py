"""A subject of the page: its heading, what holds now, who changed it last, and what saving it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import streamlit as st

from data_access.cache import county, look_again, reachable_engine
from data_access.settings.changing import Change, Changed, last_changes
from ui.asking.viewer import viewer
from ui.audit.words import change_words
from ui.frame.told import show_told, tell
from ui.importing.turns import write
from ui.text import plain, say

Changes = Mapping[str, Change]


def changes() -> Changes:
    """The last change of every setting."""
    with reachable_engine().connect() as connection:
        return last_changes(connection, viewer())


def where(code: str) -> str:
    """Where the page says what was done to a subject: in it."""
    return f"settings {code}"


def subject(code: str, title: str, now: str, last: Change | None) -> AbstractContextManager[Any]:
    """The heading, what holds, who changed it last and what was just done; what is written in it is folded away."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.subheader(plain(title), anchor=False, width="content")
        st.caption(plain(_who(last)), width="content")
    st.markdown(plain(now))
    # A place of its own: a message that comes or goes leaves what is unfolded below it as it is.
    with st.container():
        show_told(where(code))
    return st.expander(say("更改", "Change"))


def _who(last: Change | None) -> str:
    if last is None:
        return say("没有更改记录", "no change on record")
    who = last.by or say("命令行", "a command")
    return say(f"{who} 于 {last.at:%Y-%m-%d %H:%M} 更改", f"changed by {who}, {last.at:%Y-%m-%d %H:%M}")


def number(last: Change | None) -> int:
    """What tells the state that a form was filled in from: a part of its keys, and ``seen`` of what it changes."""
    return last.number if last else 0


def save(
    code: str,
    action: Callable[[], Changed | None],
    names: Mapping[str, Mapping[str, str]] | None = None,
    *,
    told: str = "",
) -> bool:
    """Do what a form of the subject says, and tell in it what has changed by it; whether it is done.

    For the button's ``on_click``, where what was typed still stands beside the state that it was typed into. ``names``:
    what codes in it are called, by field. ``told``: instead of what was before and after.
    """
    done: list[Changed | None] = []
    if not write(where(code), lambda: done.append(action())):
        return False
    look_again()
    changed = done[0]
    if changed is None:
        tell(where(code), plain(say("没有改动。", "Nothing has changed.")))
        return True
    townships = county(viewer()).names
    named = {"leagues": townships, "township_code": townships, **(names or {})}
    words = told or change_words(changed.before, changed.after, named) or ""
    tell(where(code), plain(say(f"已保存：{words}", f"Saved: {words}")))
    return True
