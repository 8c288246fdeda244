"""Cases as a table: a press on a row shows how its case went."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from data_access.model.facts import Order
from ui.asking.address import SORTS
from ui.asking.view import View
from ui.cards.rows import readable, rows_table
from ui.cases.card import show_case
from ui.files.whole_lists import WholeList
from ui.text import plain, say


def show_cases(
    view: View,
    rows: pd.DataFrame,
    chosen: str,
    choose: Callable[[str], None],
    *,
    is_more: bool,
    name: str,
    whole: WholeList | None = None,
) -> None:
    """Rows of cases, below the card of the ``chosen`` one (township code/number, empty for none), which need not be one
    of them. ``is_more``: they are the first of more, which are ``whole``.
    """
    numbered = () if rows.empty else zip(rows["township_code"], rows["case_no"], strict=True)
    keys = [f"{township}/{number}" for township, number in numbered]
    show_case(view, chosen, list(dict.fromkeys(keys)), choose, is_more=is_more)
    if not keys:
        return

    def choose_row() -> None:
        pressed = st.session_state["cases"]["selection"]
        row = next(iter([*pressed["rows"], *(row for row, _ in pressed["cells"])]), None)
        choose("" if row is None else keys[row])

    # The row of the card is marked, however it was opened; a cell that was pressed is not, so that it can be again.
    marked = {"rows": [keys.index(chosen)] if chosen in keys else [], "columns": [], "cells": []}
    if dict(st.session_state.get("cases", {"selection": marked})["selection"]) != marked:
        st.session_state["cases"] = {"selection": marked}
    st.caption(say("点一行查看办理过程", "Press a row to see how the case went"))
    rows_table(
        readable(view, rows),
        name,
        "cases",
        whole=whole,
        selection_mode=("single-row", "single-cell"),
        on_select=choose_row,
    )


def show_order(order: Order, choose: Callable[[str], None], *, is_before_due: bool = False) -> None:
    """A switch between the orders that a list of cases can have; ``is_before_due``: none of them is late."""
    words = {
        "time": say("新受理的在前", "Latest received first"),
        "urgency": say("期限近的在前", "Next due first")
        if is_before_due
        else say("超期久的在前", "Longest late first"),
    }
    st.session_state["case order"] = order
    st.segmented_control(
        say("排序", "Sorted"),
        SORTS,
        format_func=lambda code: plain(words[code]),
        key="case order",
        required=True,
        label_visibility="collapsed",
        on_change=lambda: choose(st.session_state["case order"]),
        width="content",
    )
