"""雪亮监控: how many cameras, how many of them see, what fails and how soon it is mended."""

import pandas as pd
import streamlit as st

from data_access.areas import AREAS
from data_access.areas.cameras import lists as camera_lists
from data_access.areas.cameras.area import OFFLINE_HOURS
from data_access.cache import answer
from ui.asking.sentences import as_of_sentence, filter_sentence
from ui.asking.view import current_view
from ui.cards.indicators import (
    analysis_or_rows,
    indicator_choice,
    kpi_cards,
    level_with_choice,
    ranking_card,
    rows_table,
    stacked_card,
    trend_card,
)
from ui.files.downloads import download_buttons
from ui.frame.notices import nothing_here
from ui.text import say

RANKED = ("online_rate", "working_rate", "village_coverage", "repair_hours", "offline_24h", "outages", "cameras")

view = current_view()
kpi_cards(view, AREAS["cameras"].headlines)
rows_wanted = analysis_or_rows()
offline = answer(camera_lists.cameras_offline, view.scope)
uncovered = answer(camera_lists.villages_without_camera, view.scope)
names = view.county.names
notes = [filter_sentence(view), as_of_sentence(view.county, "cameras")]

# An inventory without outages says nothing of what works.
is_watched = not view.measured(["online_rate"])["online_rate:k"].eq(0).any()

if view.measured(["cameras"])["cameras"].isna().all():
    nothing_here(say("摄像机", "cameras"))
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
        over_a_day = int((offline["hours"] > OFFLINE_HOURS).sum())
        st.markdown(
            say(
                f"**截至数据日离线 {len(offline):,} 个，其中超过 24 小时 {over_a_day:,} 个**",
                f"**{len(offline):,} cameras down at the as-of date, {over_a_day:,} for over 24 hours**",
            )
        )
        table = pd.DataFrame(
            {
                say("摄像机", "Camera"): offline["camera_id"],
                say("镇街", "Township"): offline["township_code"].map(names),
                say("已离线（小时）", "Hours down"): offline["hours"].astype(float).round(1),
                say("原因", "Cause"): offline["cause"],
                say("村（社区）", "Village"): offline["village"],
                say("位置", "Place"): offline["place"],
                say("类型", "Kind"): offline["kind"],
                say("离线时间", "Down since"): offline["started_at"],
            }
        )
        if len(table):
            rows_table(
                table,
                say("离线摄像机", "Cameras down"),
                **{
                    say("离线时间", "Down since"): st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
                    say("已离线（小时）", "Hours down"): st.column_config.NumberColumn(format="%.1f"),
                },
            )
            download_buttons(lambda: table, say("离线摄像机", "cameras-down"), notes)
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
        blind = pd.DataFrame(
            {
                say("镇街", "Township"): uncovered["township_code"].map(names),
                say("村（社区）", "Village"): uncovered["village"],
                say("已安装", "Installed"): uncovered["cameras"],
            }
        )
        if len(blind):
            rows_table(blind, say("无正常摄像机的村", "Villages uncovered"))
            download_buttons(lambda: blind, say("无正常摄像机的村", "villages-without-camera"), notes)
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
            st.stop()
        other = "repair_hours" if chosen != "repair_hours" else "online_rate"
        ranking_card(view, other, "camera repair ranking")
