"""The list of cases: filters of its own, more rows on demand, files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Engine

from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.lists import CaseFilter
from data_access.cache import answer
from data_access.exploring.listing import order_of
from data_access.places import lists as place_lists
from ui.asking.address import STATES, keep_known, toggle
from ui.asking.sentences import as_of_sentence, filter_sentence
from ui.asking.view import View
from ui.cards.rows import readable
from ui.cases.rights import may_see_cases
from ui.cases.table import show_cases
from ui.decisions.of_cases import show_deciding_of_list
from ui.files.row_exports import BATCH_ROWS, MOST_ROWS, begin_export, show_export
from ui.text import plain, say, weekday_name

PAGE_ROWS = 200


def show_case_list(view: View) -> None:
    """The cases behind the view, as far as the viewer may see cases."""
    if not may_see_cases(view):
        return
    labels = {
        "all": say("全部", "All"),
        "open": say("全部未结", "All open"),
        "overdue": say("全部超期", "All overdue"),
        "late": say("未按期办结", "Not on time"),
        "closed": say("已办结", "Closed"),
        "dissatisfied": say("回访不满意", "Dissatisfied"),
    }
    # The month that a case belongs to is the one by which the indicator behind the state counts it.
    counted_by = {
        "open": say("至数据截至时，不限受理月份", "at the as-of date, whenever received"),
        "overdue": say("至数据截至时，不限受理月份", "at the as-of date, whenever received"),
        "late": say("按办理期限归月", "by due date"),
        "dissatisfied": say("按办结时间归月", "by date closed"),
    }
    state_column, village_column, search_column = st.columns([1.9, 1, 1], vertical_alignment="bottom")
    with state_column:
        st.segmented_control(
            say("办理状态", "State"),
            STATES,
            format_func=lambda code: plain(labels[code]),
            key="state",
            required=True,
            on_change=_close_case,
        )
    with village_column:
        villages = answer(place_lists.villages, view.scope)
        known = dict(zip(villages["code"], villages["village"], strict=True))
        keep_known("village", known)
        village = st.selectbox(
            say("村（社区）", "Village"),
            list(known),
            index=None,
            format_func=lambda code: known.get(code, code),
            key="village",
            placeholder=say("全部村（社区）", "All villages"),
            on_change=_close_case,
        )
    with search_column:
        search = st.text_input(
            say("编号或标题", "Number or title"),
            # Not in the address: it may be somebody's name or number (see ui.asking.address).
            key="case search",
            placeholder=say("输入编号或标题关键字", "Number, or words of the title"),
            on_change=_close_case,
        )
    hour: tuple[int, int] | None = None
    if cell := st.session_state["hour"]:
        weekday, at = map(int, cell.split("-"))
        hour = weekday, at
        day = weekday_name(weekday)
        st.button(
            plain(say(f"{day} {at} 时受理", f"Received {day} {at}:00")),
            icon=":material/close:",
            icon_position="right",
            key="clear hour",
            on_click=toggle,
            args=("hour", cell),
        )
    state: str = st.session_state["state"]
    chosen = CaseFilter(state, village, hour[0] if hour else None, hour[1] if hour else None, (search or "").strip())
    count = answer(petition_lists.petition_case_count, view.scope, chosen)
    if not count:
        st.info(say("没有符合这些条件的诉求。", "No case meets these conditions."))
        return
    # More rows of this list; any other list begins with its first rows.
    asked, pages = st.session_state.get("case pages", (None, 1))
    pages = pages if asked == (view.scope, chosen) else 1
    cases = answer(petition_lists.petition_cases, view.scope, chosen, limit=PAGE_ROWS * pages)
    with st.container(horizontal=True, vertical_alignment="center"):
        when = counted_by.get(state, say("按受理时间归月", "by date received"))
        st.markdown(
            say(
                f"**共 {count:,} 件**，显示最近 {len(cases):,} 件（{plain(when)}）",
                f"**{count:,} cases**, the latest {len(cases):,} shown ({plain(when)})",
            )
        )
        with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
            kinds = (("xlsx", say("导出 Excel", "Excel")), ("csv", say("导出 CSV", "CSV")))
            for kind, words in kinds if view.scope.viewer.may("export") else ():
                st.button(
                    plain(words),
                    icon=":material/download:",
                    key=f"export cases {kind}",
                    on_click=_export,
                    args=(view, chosen, kind, f"{labels[state]}（{when}）"),
                )
    show_export()
    show_deciding_of_list(view, chosen, count)
    show_cases(
        view,
        cases,
        st.session_state["case"] or "",
        lambda case: st.session_state.update(case=case or None),
        is_more=len(cases) < count,
        name=say("诉求清单", "List of cases"),
    )
    if len(cases) < count:
        st.button(
            say("显示更多", "Show more"),
            on_click=lambda: st.session_state.update({"case pages": ((view.scope, chosen), pages + 1)}),
            key="more cases",
        )


def _close_case() -> None:
    # Another list is asked for: the case may not be in it.
    st.session_state["case"] = None


def _export(view: View, chosen: CaseFilter, kind: str, state: str) -> None:
    def batches(engine: Engine) -> Iterator[pd.DataFrame]:
        after: tuple[Any, ...] | None = None
        for _ in range(MOST_ROWS // BATCH_ROWS):
            rows = petition_lists.petition_cases(engine, view.scope, chosen, after=after, limit=BATCH_ROWS)
            yield readable(view, rows)
            if len(rows) < BATCH_ROWS:
                return
            after = order_of(rows.iloc[-1])

    begin_export(
        view,
        say("诉求清单", "cases"),
        kind,
        say("诉求清单：", "List of cases: ") + state,
        lambda engine: petition_lists.petition_case_count(engine, view.scope, chosen),
        batches,
        notes=[f"{filter_sentence(view)} · {state}", as_of_sentence(view.county, "petitions")],
    )
