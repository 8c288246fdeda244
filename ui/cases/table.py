"""Cases as a table: a row that is chosen shows how its case went."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from ui.asking.view import View
from ui.cards.rows import readable, rows_table
from ui.cases.card import show_case
from ui.text import say


def show_cases(
    view: View, rows: pd.DataFrame, chosen: str, choose: Callable[[str], None], *, is_more: bool, name: str
) -> None:
    """Rows of cases; ``chosen`` is the one whose card is shown (township code/number), empty for none."""
    keys = [f"{township}/{number}" for township, number in zip(rows["township_code"], rows["case_no"], strict=True)]
    show_case(view, chosen, keys, choose, is_more=is_more)
    st.caption(say("点选一行查看办理过程", "Choose a row to see how the case went"))

    def choose_row() -> None:
        selected = st.session_state["cases"]["selection"]["rows"]
        choose(keys[selected[0]] if selected else "")

    rows_table(readable(view, rows), name, selection_mode="single-row", on_select=choose_row, key="cases")
