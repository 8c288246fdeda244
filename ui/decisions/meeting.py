"""In the meeting: one decision at a time, the one before and the one after it by the arrow keys, and a line for a new one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from data_access.decisions.items import Item
from ui.asking.view import View
from ui.decisions.card import show_actions, show_decision, show_history
from ui.decisions.form import show_form
from ui.decisions.listing import nothing_listed
from ui.text import plain, say


def show_meeting(view: View, found: Sequence[Item]) -> None:
    """The chosen decision of the list, else its first; and the form of one line."""
    ids = [one.decision.id for one in found]
    at = ids.index(st.session_state["decision"]) if st.session_state["decision"] in ids else 0
    with st.container(horizontal=True, vertical_alignment="center"):
        for step, words, icon, shortcut in (
            (-1, say("上一件", "Previous"), ":material/arrow_back:", "Left"),
            (1, say("下一件", "Next"), ":material/arrow_forward:", "Right"),
        ):
            is_there = 0 <= at + step < len(ids)
            st.button(
                plain(words),
                icon=icon,
                shortcut=shortcut,
                disabled=not is_there,
                key=f"decision {step}",
                on_click=_open,
                args=(ids[at + step] if is_there else "",),
            )
        if ids:
            st.markdown(plain(say(f"第 {at + 1} 件，共 {len(ids)} 件", f"{at + 1} of {len(ids)}")), width="content")
        st.button(
            say("回到清单", "Back to the list"),
            icon=":material/list:",
            key="list mode",
            on_click=lambda: st.session_state.update(mode="list", decision=None),
        )
    if found:
        with st.container(border=True):
            show_decision(view, found[at], is_large=True)
            show_history(found[at])
            show_actions(found[at], view.scope.viewer)
    else:
        nothing_listed(view)
    if view.scope.viewer.may("decide"):
        st.markdown(f"**{say('新议定一件', 'A new one')}**")
        show_form(view, is_short=True)


def _open(decision_id: str) -> None:
    st.session_state["decision"] = decision_id or None
