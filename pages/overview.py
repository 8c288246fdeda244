"""总览: how the county stands, who is ahead and behind, and what needs a decision now."""

import streamlit as st

from data_access.areas import OVERVIEW
from ui.asking.address import keep_known
from ui.asking.view import current_view
from ui.cards.attention import show_attention
from ui.cards.county_map import show_map
from ui.cards.indicators import indicator_choice, kpi_cards, trend_card
from ui.cards.overview import show_league
from ui.explore.saved_views import show_placed_views
from ui.text import say

CHOICES = (
    "on_time_rate",
    "satisfaction_rate",
    "completion_rate",
    "resolved_rate",
    "signed_in_time_rate",
    "false_closure_rate",
    "cases_per_10k",
    "received",
    "online_rate",
    "working_rate",
    "village_coverage",
    "active_team_rate",
    "registered_rate",
    "hours_per_team",
    "schedule_gap",
    "investment_rate",
    "grid_completion_rate",
    "inactive_grid_rate",
)

view = current_view()

kpi_cards(view, OVERVIEW.headlines)

# On a phone, where they stand one below the other, what needs attention comes first.
attention_column, map_column, table_column = st.columns([0.9, 1.05, 1.3], gap="medium")
with attention_column:
    show_attention(view)
with map_column:
    keep_known("indicator", CHOICES, CHOICES[0])
    code = indicator_choice(view, CHOICES, "indicator", label=say("指标", "Indicator"))
    show_map(view, code)
with table_column:
    show_league(view, code)

# --- The course of the chosen indicator ---
trend_card(view, code, "overview trend", height=240)

# --- What somebody put here from 自由筛选 ---
show_placed_views(view)
