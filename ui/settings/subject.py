"""A subject of the page: its heading, what holds now, who changed it last, and what saving it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any

import streamlit as st

from data_access.cache import county, look_again, reachable_engine
from data_access.settings.changing import Change, Changed, Overtaken, last_changes
from ui.asking.viewer import viewer
from ui.audit.words import change_words, names_of_codes
from ui.frame.told import show_told, tell
from ui.importing.turns import write
from ui.text import plain, say

Changes = Mapping[str, Change]


@dataclass
class Form:
    """A form that is on the page: ``key`` is a part of its fields' keys, ``seen`` what its saving goes by.

    Both are numbers of changes. Others may change the subject: what somebody has typed stays where it is.
    """

    key: int
    seen: int
    # What its fields were filled in from: another default would be another field
    draft: Any = None


def _forms() -> dict[str, Form]:
    forms: dict[str, Form] = st.session_state.setdefault("settings forms", {})
    return forms


def begin() -> None:
    """Begin a run of the page: whoever comes back to it begins with what holds by then."""
    if _SHOWN not in st.session_state:
        _forms().clear()


# A widget that every run of the page shows: Streamlit forgets its state when the page is left.
_SHOWN = "headers table"


def drafts() -> dict[str, Any]:
    """What the forms on the page were filled in from, by their names."""
    return {name: one.draft for name, one in _forms().items()}


def form(name: str, last: Change | None, draft: Any = None) -> Form:
    """The form of a setting, by the subject that its changes have; a new one when the page was opened or has saved it."""
    return _forms().setdefault(name, Form(number(last), number(last), draft))


def save_button(name: str, on_click: Callable[..., None], args: tuple[Any, ...], label: str = "") -> None:
    """The button that saves a form; ``name`` is a part of its key."""
    words = plain(label or say("保存", "Save"))
    st.form_submit_button(words, type="primary", key=f"save {name}", on_click=on_click, args=args)


def changes() -> Changes:
    """The last change of every setting."""
    with reachable_engine().connect() as connection:
        return last_changes(connection, viewer())


def where(code: str) -> str:
    """Where the page says what was done to a subject: in it."""
    return f"settings {code}"


def subject(
    code: str, title: str, now: str, last: Change | None, *, is_long: bool = False
) -> AbstractContextManager[Any]:
    """The heading, what holds, who changed it last and what was just done; what is written in it is folded away.

    ``is_long``: what was done is told by the caller, below the form, as the heading is out of sight there.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.header(plain(title), anchor=False, width="content")
        st.caption(plain(_who(last)), width="content")
    st.markdown(plain(now))
    # A place of its own: a message that comes or goes leaves what is unfolded below it as it is.
    with st.container():
        if not is_long:
            show_told(where(code))
    return st.expander(say("更改", "Change"))


def _who(last: Change | None) -> str:
    if last is None:
        return say("没有更改记录", "no change on record")
    who = last.by or say("命令行", "a command")
    return say(f"{who} 于 {last.at:%Y-%m-%d %H:%M} 更改", f"changed by {who}, {last.at:%Y-%m-%d %H:%M}")


def number(last: Change | None) -> int:
    """What tells the state of a setting: the number of its last change, 0 for none."""
    return last.number if last else 0


def write_form(place: str, action: Callable[[], object], name: str, told: str = "") -> bool:
    """Do what a form asks; whether it is done. Who was overtaken has been told so, and what they typed may be saved then."""

    def act() -> None:
        try:
            action()
        except Overtaken:
            with suppress(KeyError):
                _forms()[name].seen = number(changes().get(name))
            look_again()
            raise

    if not write(place, act, told):
        return False
    _forms().pop(name, None)
    return True


def save(code: str, action: Callable[[], Changed | None], name: str | None = None, *, told: str = "") -> bool:
    """Do what a form of the subject says, and tell in it what has changed by it; whether it is done.

    For the button's ``on_click``, where what was typed still stands beside the state that it was typed into. ``name``: of the form, where it is not
    the subject's. ``told``: instead of what was before and after.
    """
    done: list[Changed | None] = []
    if not write_form(where(code), lambda: done.append(action()), name or code):
        return False
    look_again()
    changed = done[0]
    if changed is None:
        tell(where(code), plain(say("没有改动。", "Nothing has changed.")))
        return True
    words = told or change_words(changed.before, changed.after, names_of_codes(county(viewer()))) or ""
    tell(where(code), plain(say(f"已保存：{words}", f"Saved: {words}")))
    return True
