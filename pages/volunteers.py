"""志愿队伍: how many teams and members, how active they are, and which have fallen quiet."""

import streamlit as st

from data_access import queries
from data_access.areas import AREAS
from data_access.areas.volunteers import lists as team_lists
from data_access.cache import answer
from ui import text
from ui.asking.view import current_view
from ui.cards.indicators import (
    analysis_or_rows,
    indicator_choice,
    kpi_cards,
    ranking_card,
    stacked_card,
    trend_card,
)
from ui.cards.rows import rows_card
from ui.frame.notices import nothing_here
from ui.text import plain, say

RANKED = (
    "active_team_rate",
    "hours_per_team",
    "registered_rate",
    "grid_coverage",
    "activities",
    "service_hours",
    "volunteers",
    "teams",
    "grid_teams",
)

view = current_view()
kpi_cards(view, AREAS["volunteers"].headlines)
rows_wanted = analysis_or_rows()

if view.measured(["teams"])["teams"].isna().all():
    nothing_here(view, "volunteers", say("志愿队伍", "volunteer teams"))
elif rows_wanted and view.measured(["activities"], (), view.scope.at_end())["activities"].isna().all():
    st.info(
        say(
            f"{text.month_name(view.scope.end)}没有活动记录，哪些队伍没有活动不详。",
            f"No activities recorded for {text.month_name(view.scope.end)}: which teams were quiet is unknown.",
        )
    )
elif rows_wanted:
    silent = answer(queries.unreported, view.scope)
    silent_codes = silent.loc[silent["area"] == "volunteers", "township_code"]
    quiet = answer(team_lists.quiet_teams, view.scope)
    quiet = quiet[~quiet["township_code"].isin(silent_codes)]
    month = text.month_name(view.scope.end)
    st.markdown(
        say(
            f"**{month}没有活动的队伍 {len(quiet):,} 支**，沉寂最久的在前",
            f"**{len(quiet):,} teams without an activity in {month}**, the longest quiet first",
        )
    )
    if len(silent_codes):
        names = text.listed([view.county.names[code] for code in silent_codes])
        st.warning(
            plain(
                say(
                    f"{names}当月未报，其队伍是否活动无法判断，不列入。",
                    f"{names} did not report the month: whether their teams were active is unknown; they are left out.",
                )
            )
        )
    if len(quiet):
        rows_card(view, quiet, say("沉寂队伍", "Quiet teams"), "volunteers")
    else:
        st.info(say("已上报的镇街没有沉寂的队伍。", "No quiet team in the townships that reported."))
else:
    # --- Course and kinds ---
    trend_column, kind_column = st.columns(2, gap="medium")
    with trend_column:
        chosen = indicator_choice(view, RANKED, "volunteer indicator", label=say("指标", "Indicator"))
        trend_card(view, chosen, "volunteer trend", height=270)
    with kind_column:
        codes = ("activities", "service_hours")
        measure = indicator_choice(view, codes, "volunteer kind indicator", label=say("指标", "Indicator"))
        stacked_card(view, measure, "kind", "activities by kind")
    # --- Townships compared ---
    left, right = st.columns(2, gap="medium")
    with left:
        ranking_card(view, chosen, "volunteer ranking")
    with right:
        other = "hours_per_team" if chosen != "hours_per_team" else "active_team_rate"
        ranking_card(view, other, "volunteer second ranking")
