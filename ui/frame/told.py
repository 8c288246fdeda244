"""What a page says of what was just done."""

from __future__ import annotations

import streamlit as st


def tell(where: str, words: str, *, is_problem: bool = False) -> None:
    """Say at ``where`` what came of what was just done: plain words, kept until the viewer does something else.

    What is done often writes, and the page then runs again by itself; a message of one run would be gone unread.
    """
    st.session_state["told"] = (where, words, is_problem)
    keep_told()


def keep_told() -> None:
    """The next run is the page's own doing: what was told stays."""
    st.session_state["told stays"] = True


def forget_told() -> None:
    """Begin a run: what was told before the viewer's last action goes."""
    if not st.session_state.pop("told stays", False):
        st.session_state.pop("told", None)


def show_told(where: str) -> None:
    """What was told at ``where``, if anything."""
    told_where, words, is_problem = st.session_state.get("told", (None, "", False))
    if told_where == where:
        st.session_state["told stays"] = False
        (st.error if is_problem else st.success)(words)
