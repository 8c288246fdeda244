"""网格治理: grids and what they report, by kind; how evenly the work is spread, and which grids are idle."""

import math
from functools import partial

import streamlit as st

from data_access import queries
from data_access.areas import AREAS
from data_access.areas.grid import lists as grid_lists
from data_access.cache import answer
from data_access.event_kinds import KindsProblem, event_kinds
from data_access.places import lists as place_lists
from data_access.settings.kept import own_event_kinds
from data_access.small_counts import hides_cases
from ui import charts, text
from ui.asking.view import current_view
from ui.cards.grid_bands import show_grid_bands
from ui.cards.indicators import (
    analysis_or_rows,
    chart_card,
    indicator_choice,
    kpi_cards,
    level_with_choice,
    ranking_card,
    trend_card,
)
from ui.cards.rows import rows_card
from ui.cases.rights import may_see_cases
from ui.explore.choice import opening
from ui.frame.notices import nothing_here
from ui.text import plain, problem_sentence, say, titles

TRENDS = (
    "grid_events",
    "grid_on_time_rate",
    "inactive_grid_rate",
    "grid_completion_rate",
    "grid_events_closed",
    "hazards",
    "disputes_resolved",
    "dispute_resolution_rate",
)
RANKED = (
    "inactive_grid_rate",
    "grid_on_time_rate",
    "grid_completion_rate",
    "grid_coverage",
    "dispute_resolution_rate",
    "grid_events",
    "hazards",
    "disputes_resolved",
    "grids",
    "micro_grids",
    "grid_workers",
    "grid_teams",
)
# None for so many months: a zombie
ZOMBIE_MONTHS = 3
LISTED = ("grid_name", "township_code", "village", "workers_now", "idle_months", "last_reported_at", "activity")

view = current_view()
kpi_cards(view, AREAS["grid"].headlines)
rows_wanted = analysis_or_rows()

if view.measured(["grids"])["grids"].isna().all():
    nothing_here(view, "grid", say("网格", "grids"))
    st.stop()

month = text.month_name(view.scope.end)
silent = answer(queries.unreported, view.scope)
silent_codes = silent.loc[silent["area"] == "grid", "township_code"]
everyone = answer(grid_lists.grid_activity, view.scope)
# Whether the grids of a township that did not report were active is unknown.
known = everyone[~everyone["township_code"].isin(silent_codes)]
idle = known[known["idle_months"] >= 1].sort_values(
    ["idle_months", "township_code", "grid_code"], ascending=[False, True, True]
)
zombies = idle[idle["idle_months"] >= ZOMBIE_MONTHS]

if rows_wanted:
    if not may_see_cases(view):
        st.stop()
    st.markdown(
        say(
            f"**{month}不活跃网格 {len(idle):,} 个**（当月没有上报），其中**僵尸网格 {len(zombies):,} 个**"
            f"（连续 {ZOMBIE_MONTHS} 个月没有上报），最久的在前",
            f"**{len(idle):,} grids inactive in {month}** (no event in the month), {len(zombies):,} of them **zombies** "
            f"(none for {ZOMBIE_MONTHS} months), the longest first",
        )
    )
    if len(silent_codes):
        names = text.listed([view.county.names[code] for code in silent_codes])
        st.warning(
            plain(
                say(
                    f"{names}当月未报，其网格是否活跃无法判断，不列入。",
                    f"{names} did not report the month: whether their grids were active is unknown; they are left out.",
                )
            )
        )
    if len(idle):
        listed = idle.assign(
            idle_months=[
                say("12 个月以上", "12 or more") if months >= 12 else str(months) for months in idle["idle_months"]
            ],
            activity=[
                say("僵尸", "zombie") if months >= ZOMBIE_MONTHS else say("不活跃", "inactive")
                for months in idle["idle_months"]
            ],
        )
        rows_card(view, listed, say("不活跃网格", "Inactive grids"), "grid", LISTED)
    else:
        st.info(say("已上报的镇街没有不活跃的网格。", "No inactive grid in the townships that reported."))
    show_grid_bands(view, tuple(silent_codes))
    st.stop()

# --- Course and kinds ---
trend_column, kind_column = st.columns(2, gap="medium")
with trend_column:
    chosen = indicator_choice(view, TRENDS, "grid indicator", label=say("指标", "Indicator"))
    trend_card(view, chosen, "grid trend", height=400)
with kind_column:
    if hides_cases(view.scope, "grid"):
        ranking = indicator_choice(view, RANKED, "grid ranking indicator", label=say("指标", "Indicator"))
        ranking_card(view, ranking, "grid ranking")
        st.caption(
            say(
                "各类事件的件数、每个网格的上报，只给可以查看这些事件的人看。",
                "Events by kind, and what each grid reports, are for who may see these events.",
            )
        )
        st.stop()
    level_with_choice()
    try:
        on_the_list = event_kinds(own_event_kinds(view.county.settings))
    except KindsProblem as problem:
        st.error(problem_sentence(problem))
        st.stop()
    events = view.county.indicator("grid_events")
    by_kind = view.measured(["grid_events", "grid_events_closed", "grid_on_time_rate"], ("kind",)).set_index("kind")
    counts = by_kind["grid_events"].dropna()
    total = float(counts.sum())
    if total:
        amounts = counts.reindex(on_the_list, fill_value=0.0).sort_values(ascending=False, kind="stable")
        other = total - float(amounts.sum())
        if other:
            amounts[say("清单以外", "not on the list")] = other
        kinds = [str(kind) for kind in amounts.index]
        on_time = partial(text.value, view.county.indicator("grid_on_time_rate"))
        chart_card(
            titles.event_kinds(counts, on_the_list),
            charts.shares(
                kinds,
                amounts.tolist(),
                axis=text.axis_title(events),
                texts=[
                    f"{amount:,.0f}"
                    + ("" if math.isnan(rate) else say(f"（按期 {on_time(rate)}）", f" ({on_time(rate)} on time)"))
                    for amount, rate in zip(amounts, by_kind["grid_on_time_rate"].reindex(kinds), strict=True)
                ],
                keys=kinds,
                height=380,
            ),
            "events by kind",
            explore=opening(view, ["grid_events", "grid_on_time_rate"], ["kind"]),
            help=text.definition(events, total),
            note=say(
                f"办结 {by_kind['grid_events_closed'].sum():,.0f} 条；按期：期限内办结 ÷ 到期",
                f"{by_kind['grid_events_closed'].sum():,.0f} closed; on time: closed by the due date / due",
            ),
        )

# --- How evenly the work is spread ---
left, right = st.columns(2, gap="medium")
with left:
    level_with_choice()
    per_grid = known["events"].sort_values()
    if len(per_grid) and per_grid.sum():
        longest = max(10, min(160, int(per_grid.quantile(0.98)) + 1))
        bins = per_grid.clip(upper=longest).value_counts().reindex(range(longest + 1), fill_value=0)
        median = float(per_grid.median())
        chart_card(
            titles.spread(per_grid),
            charts.distribution(
                list(range(longest + 1)),
                bins.tolist(),
                axis=say("每个网格上报的事件（条）", "Events a grid reported"),
                amount_axis=text.axis_title(view.county.indicator("grids")),
                marks=[(median + 0.5, say(f"中位数 {median:g} 条", f"median {median:g}"))],
                last_label=say(f"{longest} 条以上", f"{longest} or more"),
                height=300,
            ),
            "events a grid",
            explore=opening(view, ["grid_events"], ["grid_code"]),
            help=say(
                "所选时段内每个网格（含其微网格）上报的事件数，按网格数分布；未报镇街不计。",
                "Events that each grid, with its micro-grids, reported in the period; townships that did not report are left out.",
            ),
        )
    covered = everyone["village_code"].dropna().nunique()
    # Both sides of a ratio are of the townships that have both.
    with_grids = everyone["township_code"].unique()
    villages = int(answer(place_lists.villages, view.scope)["township_code"].isin(with_grids).sum())
    teams = view.measured(["grid_teams"], ("township_code",)).set_index("township_code")["grid_teams"].dropna()
    teams = teams[teams.index.isin(with_grids)]
    micro = view.measured(["micro_grids"])["micro_grids"].iloc[0]
    facts = [
        say(f"有网格的村（社区）{covered:,} ÷ {villages:,}", f"villages with a grid {covered:,} ÷ {villages:,}"),
        say(f"微网格 {text.number(micro)} 个", f"micro-grids {text.number(micro)}"),
        say(f"僵尸网格 {len(zombies):,} 个", f"zombie grids {len(zombies):,}"),
    ]
    if len(teams):
        ratio = float(teams.sum()) / int(everyone["township_code"].isin(teams.index).sum())
        facts.append(say(f"每个网格 {ratio:.2f} 支网格志愿队", f"{ratio:.2f} grid volunteer teams a grid"))
    st.caption(" · ".join(facts))
with right:
    ranking = indicator_choice(view, RANKED, "grid ranking indicator", label=say("指标", "Indicator"))
    ranking_card(view, ranking, "grid ranking")
