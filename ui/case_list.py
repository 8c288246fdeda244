"""The list of cases: filters of its own, masked petitioners, more rows on demand, downloads."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from data_access import queries
from data_access.cache import answer
from data_access.queries import CaseFilter
from ui.components import rows_table
from ui.downloads import download_buttons
from ui.filters import View, as_of_sentence, filter_sentence, follow_url, write_url
from ui.notices import nothing_here
from ui.text import say

STATES = ("all", "open", "overdue", "closed", "dissatisfied")
PAGE_ROWS = 200
EXPORT_ROWS = 100_000


def show_case_list(view: View) -> None:
    """The cases behind the view."""
    follow_url("state", STATES, STATES[0], sticky=False)
    labels = {
        "all": say("全部", "All"),
        "open": say("未结", "Open"),
        "overdue": say("超期未结", "Overdue"),
        "closed": say("已办结", "Closed"),
        "dissatisfied": say("回访不满意", "Dissatisfied"),
    }
    state_column, village_column, search_column = st.columns([1.6, 1, 1], vertical_alignment="bottom")
    with state_column:
        st.segmented_control(
            say("办理状态", "State"), STATES, format_func=labels.__getitem__, key="state", required=True
        )
    write_url("state", STATES[0])
    with village_column:
        villages = answer(queries.villages, view.scope)
        known = dict(zip(villages["code"], villages["village"], strict=True))
        if st.session_state.get("village") not in known:
            st.session_state["village"] = None
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
            key="case search",
            placeholder=say("输入编号或标题关键字", "Number, or words of the title"),
        )
    hour: tuple[int, int] | None = st.session_state.get("hour")
    if hour is not None:
        day = say("一二三四五六日"[hour[0] - 1], ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[hour[0] - 1])
        st.button(
            say(f"周{day} {hour[1]} 时受理", f"Received {day} {hour[1]}:00"),
            icon=":material/close:",
            icon_position="right",
            key="clear hour",
            on_click=lambda: st.session_state.pop("hour"),
        )
    chosen = CaseFilter(
        st.session_state["state"],
        village,
        hour[0] if hour else None,
        hour[1] if hour else None,
        (search or "").strip(),
    )
    count = answer(queries.petition_case_count, view.scope, chosen)
    if not count:
        nothing_here(say("符合条件的诉求", "such cases"))
        return
    pages = st.session_state.get("case pages", 1)
    cases = answer(queries.petition_cases, view.scope, chosen, limit=PAGE_ROWS * pages)
    with st.container(horizontal=True, vertical_alignment="center"):
        when = (
            say("至数据截至时，不限受理月份", "at the as-of date, whenever received")
            if chosen.state in ("open", "overdue")
            else say("按受理时间", "by date received")
        )
        st.markdown(
            say(
                f"**共 {count:,} 件**，显示最近 {len(cases):,} 件（{when}）",
                f"**{count:,} cases**, the latest {len(cases):,} shown ({when})",
            )
        )
        download_buttons(
            lambda: _named(queries_export(view, chosen), view),
            say("诉求清单", "cases"),
            [filter_sentence(view), as_of_sentence(view.county, "petitions")],
        )
    rows_table(
        _named(cases, view),
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
            on_click=lambda: st.session_state.update({"case pages": pages + 1}),
            key="more cases",
        )


def queries_export(view: View, chosen: CaseFilter) -> pd.DataFrame:
    """The cases for a download, up to EXPORT_ROWS."""
    return answer(queries.petition_cases, view.scope, chosen, limit=EXPORT_ROWS)


def _named(cases: pd.DataFrame, view: View) -> pd.DataFrame:
    """The cases under headings in the viewer's language, townships by name."""
    answers = {True: say("满意", "yes"), False: say("不满意", "no")}
    return pd.DataFrame(
        {
            say("编号", "Number"): cases["case_no"],
            say("镇街", "Township"): cases["township_code"].map(view.county.names),
            say("村（社区）", "Village"): cases["village"],
            say("标题", "Title"): cases["title"],
            say("类别", "Category"): [
                " › ".join(level for level in levels if isinstance(level, str) and level)
                for levels in zip(cases["category_1"], cases["category_2"], cases["category_3"], strict=True)
            ],
            say("状态", "Status"): [
                say("超期", "overdue") if overdue else status
                for overdue, status in zip(cases["is_overdue"], cases["status"], strict=True)
            ],
            say("受理时间", "Received"): cases["received_at"],
            say("办理期限", "Due"): cases["due_at"],
            say("办结时间", "Closed"): cases["closed_at"],
            say("承办单位", "Department"): cases["department"],
            say("渠道", "Channel"): cases["channel"],
            say("诉求人", "Petitioner"): cases["petitioner"],
            say("满意", "Satisfied"): cases["satisfied"].map(answers),
        }
    )
