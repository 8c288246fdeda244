"""群众诉求: how many cases, of what kind, where and when, how well handled; and the cases themselves."""

import streamlit as st

from data_access.areas import AREAS
from data_access.areas.petitions.area import LEVELS
from data_access.small_counts import tells_fives, too_fine
from ui.asking.address import keep_known, leave_out, toggle
from ui.asking.view import current_view
from ui.cards import petitions
from ui.cards.county_map import case_map, has_case_map, ranking_or_map
from ui.cards.indicators import (
    analysis_or_rows,
    indicator_choice,
    kpi_cards,
    level_with_choice,
    ranking_card,
    trend_card,
)
from ui.cases.listing import show_case_list
from ui.charts.marks import THIRD
from ui.elements.chart import show_card
from ui.frame.notices import not_allowed_notice, nothing_here
from ui.text import plain, say

RANKED = (
    "on_time_rate",
    "satisfaction_rate",
    "resolved_rate",
    "completion_rate",
    "signed_in_time_rate",
    "callback_rate",
    "repeat_rate",
    "false_closure_rate",
    "handling_days",
    "overdue_open",
    "received",
)
TRENDS = ("received", *RANKED[:-1])

whole = current_view()
hides = petitions.hides(whole)
# Whether this viewer is told of categories, channels and villages at all
has_fine = not hides or tells_fives(whole.scope.viewer)
path: tuple[str, ...] = st.session_state["category"]
if path and has_fine:
    for depth, level in enumerate(LEVELS[: len(path)]):
        above = petitions.narrowed(whole, path[:depth], None)
        if path[depth] not in above.values("received", level):
            leave_out(["category"])
            path = st.session_state["category"] = path[:depth]
            break
channel: str | None = st.session_state["channel"]
if channel is not None and has_fine:
    channel = keep_known("channel", whole.values("received", "channel"))
view = petitions.narrowed(whole, path, channel)
is_narrowed = view != whole
is_told = not hides or not is_narrowed or (has_fine and not (path and channel is not None))

if is_told:
    kpi_cards(view, AREAS["petitions"].headlines)
else:
    not_allowed_notice(too_fine(whole.scope.viewer))

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    rows_wanted = analysis_or_rows()
    for depth, name in enumerate(path):
        st.button(
            plain(name or petitions.unnamed()),
            icon=":material/close:",
            icon_position="right",
            key=f"clear category {depth}",
            on_click=st.session_state.__setitem__,
            args=("category", path[:depth]),
            help=say("取消这一级类别筛选", "Take this category filter back"),
        )
    if channel is not None:
        st.button(
            plain(channel or petitions.unnamed()),
            icon=":material/close:",
            icon_position="right",
            key="clear channel",
            on_click=toggle,
            args=("channel", channel),
            help=say("取消渠道筛选", "Take the channel filter back"),
        )

if rows_wanted:
    show_case_list(view)
elif not is_told:
    st.stop()
elif whole.measured(["received", "closed", "on_time_rate"]).filter(regex=":n$").isna().all(axis=None):
    nothing_here(view, "petitions", say("诉求", "cases"))
else:
    # --- Course and channels ---
    trend_column, pareto_column, channel_column = st.columns([1.15, 1.15, 0.9], gap="medium")
    with trend_column:
        chosen = indicator_choice(view, view.told(TRENDS), "petition trend indicator", label=say("指标", "Indicator"))
        trend_card(view, chosen, "petition trend", height=235, plot=THIRD)
    with pareto_column:
        if not has_fine:
            chosen = indicator_choice(
                view, (*RANKED, "cases_per_10k"), "petition ranking indicator", label=say("指标", "Indicator")
            )
            ranking_card(view, chosen, "petition ranking")
            st.caption(
                say(
                    "类别、渠道、村（社区）的件数只给可以查看全部承办单位诉求的人看。",
                    "Counts by category, channel and village are for who may see the cases of all departments.",
                )
            )
            st.stop()
        level_with_choice()
        show_card(petitions.categories(whole, path, channel), "category pareto")
    with channel_column:
        level_with_choice()
        show_card(petitions.channels(whole, path, channel), "channel mix")

    # --- When and how long ---
    if hides:
        st.caption(
            say(
                "办理时长、受理时刻、未结诉求的时长分布只给可以查看这些诉求的人看。",
                "How long cases took, when they came and how long the open ones wait: for who may see these cases.",
            )
        )
    else:
        duration_column, week_column, age_column = st.columns([1.15, 1.15, 0.9], gap="medium")
        with duration_column:
            show_card(petitions.handling_times(whole, is_narrowed), "handling time")
        with week_column:
            show_card(petitions.hours(whole, is_narrowed), "week")
        with age_column:
            show_card(petitions.open_cases(whole, path, channel), "open ages")

    # --- Townships and villages ---
    township_column, village_column = st.columns(2, gap="medium")
    with township_column:
        # Of what is told to who may not see cases, the counts received are not the last.
        choices: tuple[str, ...] = view.told(TRENDS if hides else RANKED) if is_narrowed else (*RANKED, "cases_per_10k")
        chosen = indicator_choice(view, choices, "petition ranking indicator", label=say("指标", "Indicator"))
        ranking_card(view, chosen, "petition ranking")
    with village_column:
        villages_card = petitions.villages(whole, is_narrowed)
        if not has_case_map(whole, cases=view):
            level_with_choice()
        elif villages_card is None or ranking_or_map():
            villages_card = case_map(whole, cases=view)
        show_card(villages_card, "village ranking")
