"""The rows behind a figure of 自由筛选: parts of them, more on demand, a case's card."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data_access.access import CASE_AREAS
from data_access.cache import answers
from data_access.exploring.listing import Listing, Which, listed_rows, order_of
from data_access.exploring.questions import narrowed_scope
from ui import text
from ui.asking.view import View
from ui.cards.rows import readable, rows_table
from ui.cases.rights import may_see_cases
from ui.cases.table import show_cases
from ui.elements.waiting import Waiting, reading_rows
from ui.explore.answer import Answer, label, names_for
from ui.explore.choice import Choice, choose
from ui.text import plain, say

PAGE_ROWS = 200


def listing(view: View, choice: Choice) -> Listing:
    """The rows of the figure that was pressed."""
    indicator = view.county.indicator(choice.of)
    scope, where = view.scope, dict(choice.where)
    for name, value in choice.cell or ():
        if name == "month":
            scope = replace(scope, start=value, end=value)
        elif name == "township_code":
            scope = replace(scope, townships=(value,))
        else:
            where[name] = (value,)
    which: Which = choice.which  # type: ignore[assignment]  # the address was read so
    return Listing(indicator, narrowed_scope(scope, tuple(where.items()), view.county.kinds), choice.text, which)


def _page(connection: Any, asked: tuple[Listing, tuple[Any, ...] | None, int]) -> pd.DataFrame:
    return listed_rows(connection, asked[0], asked[1], asked[2])


def rows_heading(answer: Answer) -> str:
    """Whose rows these are: 大束镇 · 路灯不亮."""
    cell = answer.choice.cell or ()
    values = {name: {value} for name, value in cell}
    names = {**names_for(values, answer.view.scope.viewer), **answer.names}
    return " · ".join(label(answer.view, name, value, names.get(name, {})) for name, value in cell) or say(
        "全部", "All"
    )


def show_rows_behind(answer: Answer) -> None:
    """The rows of the figure that was pressed, with a way back."""
    choice, view = answer.choice, answer.view
    found = listing(view, choice)
    indicator = found.indicator
    if found.rows is None:
        st.info(
            plain(
                say(
                    f"“{indicator.zh}”只按镇街和月份汇总，没有逐条明细。",
                    f"{indicator.en} is known by township and month only; it has no rows.",
                )
            )
        )
        return
    is_of_cases = found.indicator.area in CASE_AREAS
    if is_of_cases and not may_see_cases(view):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(f'{rows_heading(answer)} · {text.name(indicator)}')}**", width="content")
        if found.can_be_parted:
            labels = {
                "all": say("全部", "All"),
                "counted": say("计入的", "Counted"),
                "rest": say("未计入的", "Not counted"),
            }
            st.session_state["explore which"] = choice.which
            st.segmented_control(
                say("哪些", "Which"),
                list(labels),
                format_func=lambda code: plain(labels[code]),
                key="explore which",
                required=True,
                label_visibility="collapsed",
                help=text.definition_markdown(answer.view.indicator(indicator.code)),
                on_change=lambda: choose(replace(choice, which=st.session_state["explore which"], case="")),
            )
        st.button(
            say("收起明细", "Close the rows"),
            icon=":material/close:",
            key="close rows",
            on_click=choose,
            args=(choice.asking(),),
        )
    asked, count = st.session_state.get("explore pages", (None, 1))
    count = count if asked == found else 1
    frames: list[pd.DataFrame] = []
    after: tuple[Any, ...] | None = None
    with Waiting(reading_rows) as waiting:
        for _ in range(count):
            (frame,) = answers(_page, [(found, after, PAGE_ROWS)], waiting)
            frames.append(frame)
            if len(frame) < PAGE_ROWS:
                break
            after = order_of(frame.iloc[-1])
    rows = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    if rows.empty:
        st.info(say("没有这样的明细。", "There are no such rows."))
        return
    is_more = len(frames[-1]) == PAGE_ROWS
    st.caption(
        say(f"显示前 {len(rows):,} 条", f"The first {len(rows):,} rows")
        if is_more
        else say(f"共 {len(rows):,} 条", f"{len(rows):,} rows")
    )
    if "case_no" in rows:
        show_cases(
            view,
            rows,
            choice.case,
            lambda case: choose(replace(choice, case=case)),
            is_more=is_more,
            name=say("明细", "Rows"),
        )
    else:
        rows_table(readable(view, rows), say("明细", "Rows"))
    if is_more:
        st.button(
            say("显示更多", "Show more"),
            key="more rows",
            on_click=partial(st.session_state.__setitem__, "explore pages", (found, count + 1)),
        )
