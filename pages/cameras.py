"""雪亮监控: how many cameras, how many of them see, what fails and how soon it is mended."""

import streamlit as st

from data_access.areas import AREAS
from data_access.areas.cameras import lists as camera_lists
from data_access.areas.cameras.area import OFFLINE_HOURS
from data_access.cache import answer
from ui.asking.view import current_view
from ui.cards.camera_map import camera_map
from ui.cards.indicators import (
    analysis_or_rows,
    indicator_choice,
    kpi_cards,
    level_with_choice,
    ranking_card,
    stacked_card,
    trend_card,
)
from ui.cards.rows import rows_card
from ui.elements.chart import show_card
from ui.frame.notices import nothing_here
from ui.text import say

RANKED = ("online_rate", "working_rate", "village_coverage", "repair_hours", "offline_24h", "outages", "cameras")

view = current_view()
kpi_cards(view, AREAS["cameras"].headlines)
rows_wanted = analysis_or_rows()
offline = answer(camera_lists.cameras_offline, view.scope)
uncovered = answer(camera_lists.villages_without_camera, view.scope)

# An inventory without outages says nothing of what works.
is_watched = not view.measured(["online_rate"])["online_rate:k"].eq(0).any()

if view.measured(["cameras"])["cameras"].isna().all():
    nothing_here(view, "cameras", say("摄像机", "cameras"))
elif rows_wanted and not is_watched:
    st.info(
        say(
            "来源没有离线记录，哪些摄像机离线、哪些村（社区）没有正常的摄像机，都不详。",
            "The source has no outages: which cameras are down, and where none works, is unknown.",
        )
    )
elif rows_wanted:
    offline_column, village_column = st.columns([1.9, 1], gap="medium")
    with offline_column:
        over_a_day = int((offline["hours_down"] > OFFLINE_HOURS).sum())
        st.markdown(
            say(
                f"**截至数据日离线 {len(offline):,} 个，其中超过 24 小时 {over_a_day:,} 个**",
                f"**{len(offline):,} cameras down at the as-of date, {over_a_day:,} for over 24 hours**",
            )
        )
        if len(offline):
            rows_card(view, offline, say("离线摄像机", "Cameras down"), "cameras")
        else:
            st.success(
                say("截至数据日，所选镇街没有离线的摄像机。", "No camera of these townships is down at the as-of date.")
            )
    with village_column:
        st.markdown(
            say(
                f"**截至数据日没有正常摄像机的村（社区） {len(uncovered):,} 个**",
                f"**{len(uncovered):,} villages without a working camera at the as-of date**",
            )
        )
        if len(uncovered):
            rows_card(view, uncovered, say("无正常摄像机的村", "Villages without a working camera"), "cameras")
        else:
            st.success(
                say(
                    "截至数据日，各村（社区）都有正常的摄像机。",
                    "Every village has a working camera at the as-of date.",
                )
            )
else:
    # --- Course and causes ---
    trend_column, cause_column = st.columns(2, gap="medium")
    with trend_column:
        chosen = indicator_choice(
            view, RANKED if is_watched else ("cameras",), "camera indicator", label=say("指标", "Indicator")
        )
        trend_card(view, chosen, "camera trend", height=270)
    with cause_column:
        level_with_choice()
        stacked_card(view, "outages", "cause", "outages by cause")
    # --- Townships compared ---
    left, right = st.columns(2, gap="medium")
    with left:
        ranking_card(view, chosen, "camera ranking")
    with right:
        if not is_watched:
            show_card(camera_map(view, is_watched=False), "camera map")
            st.stop()
        other = "repair_hours" if chosen != "repair_hours" else "online_rate"
        ranking_card(view, other, "camera repair ranking")
    # --- Where they stand ---
    show_card(camera_map(view, is_watched=True), "camera map")
