"""What was done to a township's figures of a month, and returning them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from data_access.access import Viewer
from data_access.areas.reports.reporting import may_return, return_figures, standings, steps
from data_access.cache import engine, fresh_answer, look_again
from data_access.queries import County
from ui import text
from ui.elements.row_table import show_rows
from ui.frame.told import show_told
from ui.importing.turns import write
from ui.reporting.choice import Choice
from ui.text import plain, say

_TOLD = "returning"
_STEPS = {
    "draft": ("存草稿", "kept as a draft"),
    "submitted": ("提交", "submitted"),
    "returned": ("退回", "returned"),
}


def show_returning(county: County, by: Viewer, choice: Choice) -> None:
    """A form that returns figures to the township, for who may."""
    if not may_return(by):
        return
    counting = [
        code
        for code, one in fresh_answer(standings, by, choice.township_code, choice.month).items()
        if one.counted is not None and code in county.reported
    ]
    with (
        st.expander(say("退回给镇街重报", "Return figures to the township")),
        st.form("returning", border=False, enter_to_submit=False),
    ):
        st.multiselect(
            say("退回哪几项", "Which figures"),
            sorted(counting),
            format_func=lambda code: plain(text.name(county.reported[code])),
            placeholder=say("选一项或几项", "choose"),
            key="returned figures",
        )
        st.text_input(say("原因", "Why"), max_chars=200, key="returning reason")
        st.form_submit_button(say("退回", "Return"), key="return figures", on_click=_return, args=(choice, by))
    show_told(_TOLD)


def _return(choice: Choice, by: Viewer) -> None:
    codes, reason = st.session_state["returned figures"], st.session_state["returning reason"]
    action: Callable[[], object] = partial(
        return_figures, engine(), by, choice.township_code, choice.month, codes, reason
    )
    told = say(f"已退回 {len(codes)} 项，不再计入。", f"{len(codes)} returned; they count no more.")
    if write(_TOLD, action, plain(told)):
        st.session_state["returned figures"] = []
        st.session_state["returning reason"] = ""
        st.session_state.pop("reporting form", None)
        look_again()


def show_steps(county: County, by: Viewer, choice: Choice) -> None:
    """Who did what to the figures, when, what was before and after, and why."""
    done = fresh_answer(steps, by, choice.township_code, choice.month)
    if done.empty:
        return
    names = {code: text.name(one) for code, one in county.reported.items()}
    with st.expander(say(f"填报记录（{len(done)} 条）", f"What was done ({len(done)})")):
        show_rows(
            pd.DataFrame(
                {
                    say("时间", "When"): done["done_at"],
                    say("谁", "Who"): done["done_by"],
                    say("指标", "Figure"): done["code"].map(names),
                    say("做了什么", "What"): [say(*_STEPS[state]) for state in done["state"]],
                    say("原来计入", "Before"): done["before"],
                    say("填的是", "After"): done["after"],
                    say("原因", "Why"): done["reason"],
                }
            ),
            "reporting steps",
            row_height=29,
            placeholder="—",
            column_config={say("时间", "When"): st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")},
        )
