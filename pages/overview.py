"""总览: how the county stands, who is ahead and behind, and what needs a decision now."""

import streamlit as st

from ui.asking.view import current_view, follow_url, forget_narrowings, unbound_parameters, write_url
from ui.cards.indicators import indicator_choice, kpi_cards, trend_card
from ui.cards.overview import show_attention, show_league, show_map, unreported_townships
from ui.explore.saved_views import show_placed_views
from ui.text import say

HEADLINES = ("received", "on_time_rate", "satisfaction_rate", "online_rate", "active_team_rate", "schedule_gap")
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

# What a click on something that needs attention opens
BEHIND = {
    "petitions": ("petitions", {"tab": "rows", "state": "overdue"}),
    "cameras": ("cameras", {"tab": "rows"}),
    "projects": ("rural_projects", {"tab": "rows"}),
}
PAGES = {area: page for area, (page, _) in BEHIND.items()} | {"volunteers": "volunteers", "grid": "grid"}

# Where a click in the attention column leads; set by its callback, before the page is drawn again.
if destination := st.session_state.pop("destination", None):
    st.switch_page(st.session_state["pages"][destination[0]], query_params=destination[1])

view = current_view()


def go(name: str) -> None:
    """Turn to the rows behind an item, with nothing narrowed but the shared filters."""
    forget_narrowings()
    if name == "unreported":
        silent = unreported_townships(view)
        st.session_state["street"] = [view.county.names[code] for code in silent]
        areas = [area for areas in silent.values() for area in areas]
        page = PAGES[next((area for area in areas if area in PAGES), "petitions")]
        parameters: dict[str, str] = {}
    else:
        page, parameters = BEHIND[name]
    st.session_state["destination"] = (page, {**unbound_parameters(), **parameters})


kpi_cards(view, HEADLINES)

map_column, table_column, attention_column = st.columns([1.05, 1.3, 0.9], gap="medium")
with map_column:
    follow_url("indicator", CHOICES, CHOICES[0], sticky=False)
    code = indicator_choice(view, CHOICES, "indicator", label=say("指标", "Indicator"))
    write_url("indicator", CHOICES[0])
    show_map(view, code)
with table_column:
    show_league(view, code)
with attention_column:
    show_attention(view, go)

# --- The course of the chosen indicator ---
trend_card(view, code, "overview trend", height=240)

# --- What somebody put here from 自由筛选 ---
show_placed_views(view)
