"""The list of cases: filters of its own, masked petitioners, more rows on demand, downloads."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.lists import CaseFilter
from data_access.cache import answer, fresh_answer
from data_access.places import lists as place_lists
from ui.asking.address import STATES, keep_known, toggle
from ui.asking.sentences import as_of_sentence, filter_sentence
from ui.asking.view import View
from ui.cards.indicators import rows_table
from ui.files.downloads import download_buttons
from ui.text import say, weekday_name

PAGE_ROWS = 200
EXPORT_ROWS = 100_000


def show_case_list(view: View) -> None:
    """The cases behind the view."""
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
            say("办理状态", "State"), STATES, format_func=labels.__getitem__, key="state", required=True
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
        )
    with search_column:
        search = st.text_input(
            say("编号或标题", "Number or title"),
            # Not in the address: it may be somebody's name or number (see ui.asking.address).
            key="case search",
            placeholder=say("输入编号或标题关键字", "Number, or words of the title"),
        )
    hour: tuple[int, int] | None = None
    if cell := st.session_state["hour"]:
        weekday, at = map(int, cell.split("-"))
        hour = weekday, at
        day = weekday_name(weekday)
        st.button(
            say(f"{day} {at} 时受理", f"Received {day} {at}:00"),
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
    named = _naming(view)
    with st.container(horizontal=True, vertical_alignment="center"):
        when = counted_by.get(state, say("按受理时间归月", "by date received"))
        st.markdown(
            say(
                f"**共 {count:,} 件**，显示最近 {len(cases):,} 件（{when}）",
                f"**{count:,} cases**, the latest {len(cases):,} shown ({when})",
            )
        )
        download_buttons(
            lambda: named(fresh_answer(petition_lists.petition_cases, view.scope, chosen, limit=EXPORT_ROWS)),
            say("诉求清单", "cases"),
            [f"{filter_sentence(view)} · {labels[state]}（{when}）", as_of_sentence(view.county, "petitions")],
        )
    rows_table(
        named(cases),
        say("诉求清单", "List of cases"),
        **{
            say("受理时间", "Received"): st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            say("办理期限", "Due"): st.column_config.DatetimeColumn(format="YYYY-MM-DD"),
            say("办结时间", "Closed"): st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
        },
    )
    if len(cases) < count:
        st.button(
            say("显示更多", "Show more"),
            on_click=lambda: st.session_state.update({"case pages": ((view.scope, chosen), pages + 1)}),
            key="more cases",
        )


def _naming(view: View) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """What puts cases under headings in the viewer's language; it may run outside the page's script."""
    names = view.county.names
    overdue = say("超期", "overdue")
    answers = {True: say("满意", "yes"), False: say("不满意", "no")}
    headings = {
        "case_no": say("编号", "Number"),
        "township": say("镇街", "Township"),
        "village": say("村（社区）", "Village"),
        "title": say("标题", "Title"),
        "category": say("类别", "Category"),
        "state": say("状态", "Status"),
        "received_at": say("受理时间", "Received"),
        "due_at": say("办理期限", "Due"),
        "closed_at": say("办结时间", "Closed"),
        "department": say("承办单位", "Department"),
        "channel": say("渠道", "Channel"),
        "petitioner": say("诉求人", "Petitioner"),
        "answer": say("满意", "Satisfied"),
    }

    def named(cases: pd.DataFrame) -> pd.DataFrame:
        levels = zip(cases["category_1"], cases["category_2"], cases["category_3"], strict=True)
        complete = cases.assign(
            township=cases["township_code"].map(names),
            category=[" › ".join(level for level in three if isinstance(level, str) and level) for three in levels],
            state=cases["status"].where(~cases["is_overdue"].astype(bool), overdue),
            answer=cases["satisfied"].map(answers),
        )
        return complete[list(headings)].rename(columns=headings)

    return named
