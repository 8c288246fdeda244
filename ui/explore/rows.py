"""The rows behind a figure of 自由筛选: parts of them, more on demand, a case's card."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data_access.cache import answers
from data_access.exploring.listing import Listing, Which, listed_rows, order_of
from data_access.exploring.questions import narrowed_scope
from ui import text
from ui.asking.view import View
from ui.cards.indicators import rows_table
from ui.cases.card import show_case
from ui.explore.answer import Answer, label, names_for
from ui.explore.choice import Choice, choose
from ui.text import say

PAGE_ROWS = 200


def columns() -> dict[str, str]:
    """The headings of what is listed of rows, in the viewer's language."""
    return {
        "township": say("镇街", "Township"),
        "month": say("月份", "Month"),
        "case_no": say("编号", "Number"),
        "title": say("标题", "Title"),
        "village_code": say("村（社区）", "Village"),
        "category_3": say("类别", "Category"),
        "department": say("承办单位", "Department"),
        "status": say("状态", "Status"),
        "timeliness": say("是否按期", "On time"),
        "received_at": say("受理时间", "Received"),
        "due_at": say("办理期限", "Due"),
        "closed_at": say("办结时间", "Closed"),
        "channel": say("渠道", "Channel"),
        "petitioner": say("诉求人", "Petitioner"),
        "camera_id": say("摄像机编号", "Camera"),
        "place": say("位置", "Place"),
        "camera_kind": say("类型", "Kind"),
        "hours_off": say("离线小时", "Hours off"),
        "installed_on": say("安装日期", "Installed"),
        "removed_on": say("拆除日期", "Removed"),
        "cause": say("故障原因", "Cause"),
        "started_at": say("离线开始", "Down since"),
        "ended_at": say("恢复时间", "Up again"),
        "team_id": say("队伍编号", "Team no."),
        "team_name": say("队伍", "Team"),
        "team_kind": say("类型", "Kind"),
        "members": say("成员", "Members"),
        "founded_on": say("成立日期", "Founded"),
        "last_held_on": say("最近活动", "Last activity"),
        "activity_id": say("活动编号", "Activity no."),
        "activity_kind": say("活动类型", "Kind of activity"),
        "held_on": say("活动日期", "Held on"),
        "participants": say("参加人数", "Participants"),
        "hours": say("服务小时", "Hours"),
        "project_id": say("项目编号", "Project no."),
        "project_name": say("项目", "Project"),
        "project_kind": say("类型", "Kind"),
        "stage": say("阶段", "Stage"),
        "progress": say("进度（%）", "Done (%)"),
        "gap": say("进度差（百分点）", "Gap (points)"),
        "budget_yuan": say("总投资（元）", "Budget (yuan)"),
        "invested_yuan": say("已完成（元）", "Invested (yuan)"),
        "planned_end": say("计划完工", "Planned end"),
        "delay_reason": say("滞后原因", "Reason"),
        "responsible": say("责任单位", "Department"),
        "event_id": say("事件编号", "Event no."),
        "event_kind": say("事件类型", "Kind"),
        "grid_code": say("网格", "Grid"),
        "reported_at": say("上报时间", "Reported"),
        "grid_name": say("网格名称", "Grid name"),
        "grid_kind": say("网格类型", "Kind"),
        "workers": say("网格员", "Workers"),
    }


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
    which: Which = choice.which  # type: ignore[assignment]
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


def readable(view: View, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows under headings in the viewer's language, with the names of townships, villages and grids."""
    if frame.empty:
        return frame
    shown = frame.drop(columns=[name for name in frame if str(name).startswith("order_")])
    shown.insert(0, "township", shown["township_code"].map(view.county.names))
    villages = set(shown["village_code"].dropna()) if "village_code" in shown else set()
    names = names_for({"village_code": villages}, view.scope.viewer)
    if "village_code" in shown:
        shown["village_code"] = shown["village_code"].map(names.get("village_code", {}))
    if "timeliness" in shown:
        shown["timeliness"] = [label(view, "timeliness", value, {}) for value in shown["timeliness"]]
    headings = columns()
    kept = [name for name in headings if name in shown]
    return shown[kept].rename(columns=headings)


def _choose_case(choice: Choice, keys: list[str]) -> None:
    chosen = st.session_state["explore cases"]["selection"]["rows"]
    choose(replace(choice, case=keys[chosen[0]] if chosen else ""))


def show_rows_behind(answer: Answer) -> None:
    """The rows of the figure that was pressed, with a way back."""
    choice, view = answer.choice, answer.view
    found = listing(view, choice)
    indicator = found.indicator
    if found.rows is None:
        st.info(
            say(
                f"“{indicator.zh}”只按镇街和月份汇总，没有逐条明细。",
                f"{indicator.en} is known by township and month only; it has no rows.",
            )
        )
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{rows_heading(answer)} · {text.name(indicator)}**", width="content")
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
                format_func=labels.__getitem__,
                key="explore which",
                required=True,
                label_visibility="collapsed",
                help=text.definition(indicator),
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
    place = st.empty()

    def waiting(_done: int) -> None:
        place.progress(0.5, say("正在读取明细", "Reading the rows"))

    for _ in range(count):
        (frame,) = answers(_page, [(found, after, PAGE_ROWS)], waiting)
        frames.append(frame)
        if len(frame) < PAGE_ROWS:
            break
        after = order_of(frame.iloc[-1])
    place.empty()
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
    shown = readable(view, rows)
    moments = st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")
    headings = columns()
    formats: dict[str, Any] = {
        headings[name]: moments for name in ("received_at", "closed_at", "started_at", "ended_at", "reported_at")
    }
    formats[headings["due_at"]] = st.column_config.DatetimeColumn(format="YYYY-MM-DD")
    if "case_no" in rows:
        keys = [f"{township}/{number}" for township, number in zip(rows["township_code"], rows["case_no"], strict=True)]
        show_case(view, choice, keys, is_more=is_more)
        st.caption(say("点选一行查看办理过程", "Choose a row to see how the case went"))
        st.dataframe(
            shown,
            hide_index=True,
            height=min(40 + 29 * len(shown), 560),
            row_height=29,
            alt=say("明细", "Rows"),
            placeholder="—",
            column_config=formats,
            selection_mode="single-row",
            on_select=partial(_choose_case, choice, keys),
            key="explore cases",
        )
    else:
        rows_table(shown, say("明细", "Rows"), **formats)
    if is_more:
        st.button(
            say("显示更多", "Show more"),
            key="more rows",
            on_click=partial(st.session_state.__setitem__, "explore pages", (found, count + 1)),
        )
