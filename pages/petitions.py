"""群众诉求: how many cases, of what kind, where and when, how well handled; and the cases themselves."""

from functools import partial

import pandas as pd
import streamlit as st

from data_access.areas import AREAS
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.area import LEVELS
from data_access.cache import answer
from data_access.model.measured import UNRECORDED, measured
from data_access.places import lists as place_lists
from data_access.small_counts import hides_cases, tells_fives, too_fine
from ui import charts, text
from ui.asking.address import keep_known, leave_out, toggle
from ui.asking.view import current_view
from ui.cards.indicators import (
    analysis_or_rows,
    chart_card,
    indicator_choice,
    kpi_cards,
    level_with_choice,
    ranking_card,
    show_rows,
    trend_card,
)
from ui.cases.listing import show_case_list
from ui.explore.answer import told_apart
from ui.explore.choice import opening
from ui.frame.notices import not_allowed_notice, nothing_here
from ui.text import plain, say, titles

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
UNNAMED = say("未分类", "unclassified")
# So many bars of categories and of villages are drawn
BARS = 9
VILLAGES = 15

whole = current_view()
hides = hides_cases(whole.scope, "petitions")
# Whether this viewer is told of categories, channels and villages at all
has_fine = not hides or tells_fives(whole.scope.viewer)
path: tuple[str, ...] = st.session_state["category"]
if path and has_fine:
    for depth, level in enumerate(LEVELS[: len(path)]):
        above = whole.narrowed(*zip(LEVELS, path[:depth], strict=False))
        if path[depth] not in above.values("received", level):
            leave_out(["category"])
            path = st.session_state["category"] = path[:depth]
            break
channel: str | None = st.session_state["channel"]
if channel is not None and has_fine:
    channel = keep_known("channel", whole.values("received", "channel"))
narrowing = [*zip(LEVELS, path, strict=False)]
if channel is not None:
    narrowing.append(("channel", channel))
view = whole.narrowed(*narrowing)
# Who may not see the cases is told of them by categories or by channels, not by both.
is_told = not hides or not narrowing or (has_fine and not (path and channel is not None))
received = whole.county.indicator("received")
on_time = partial(text.value, whole.county.indicator("on_time_rate"))


def drill_into(chosen: str) -> None:
    """Go one level down in the categories, or back up from the last."""
    current = st.session_state["category"]
    if len(current) < len(LEVELS):
        st.session_state["category"] = (*current, chosen)
    else:
        st.session_state["category"] = current[:-1] if current[-1] == chosen else (*current[:-1], chosen)


def choose_village(chosen: str) -> None:
    """Show the cases of one village."""
    st.session_state["village"] = chosen
    show_rows()


def choose_hour(chosen: str) -> None:
    """Show the cases received at one weekday and hour."""
    st.session_state["hour"] = chosen
    show_rows()


def list_open(_age: str) -> None:
    """List the open cases."""
    st.session_state["state"] = "open"
    show_rows()


if is_told:
    kpi_cards(view, AREAS["petitions"].headlines)
else:
    not_allowed_notice(too_fine(whole.scope.viewer))

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    rows_wanted = analysis_or_rows()
    for depth, name in enumerate(path):
        st.button(
            plain(name or UNNAMED),
            icon=":material/close:",
            icon_position="right",
            key=f"clear category {depth}",
            on_click=st.session_state.__setitem__,
            args=("category", path[:depth]),
            help=say("取消这一级类别筛选", "Take this category filter back"),
        )
    if channel is not None:
        st.button(
            plain(channel or UNNAMED),
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
    nothing_here(say("诉求", "cases"))
else:
    # --- Course and channels ---
    trend_column, pareto_column, channel_column = st.columns([1.15, 1.15, 0.9], gap="medium")
    with trend_column:
        chosen = indicator_choice(view, view.told(TRENDS), "petition trend indicator", label=say("指标", "Indicator"))
        trend_card(view, chosen, "petition trend", height=235)

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
        level = LEVELS[min(len(path), len(LEVELS) - 1)]
        # At the last level the siblings stay, so that the chosen category is seen among them.
        others = [pair for pair in narrowing if pair[0] != level]
        siblings = whole.narrowed(*(pair for pair in others if pair[0] in LEVELS or not hides))
        by_category = siblings.measured(["received"], (level,)).set_index(level)["received"].dropna()
        told = siblings.indicator("received", [level])
        if title := titles.categories(by_category):
            # What has no name says nothing about who is first: it stands last.
            order = by_category[by_category.index != ""].sort_values(ascending=False, kind="stable")
            drawn, rest = order.head(BARS), order.iloc[BARS:]
            bars: list[tuple[str, float, str | None]] = [
                (str(name), amount, str(name)) for name, amount in drawn.items()
            ]
            if len(rest):
                bars.append((say(f"其余 {len(rest)} 类", f"{len(rest)} others"), float(rest.sum()), None))
            if unnamed := float(by_category.get("", 0)):
                bars.append((UNNAMED, unnamed, ""))
            chart_card(
                title,
                charts.pareto(
                    [name for name, _, _ in bars],
                    [amount for _, amount, _ in bars],
                    axis=text.axis_title(told),
                    cumulative_label=say("累计占比", "Cumulative share"),
                    texts=[titles.count(amount, in_fives=told.in_fives) for _, amount, _ in bars],
                    keys=[key for _, _, key in bars],
                    highlight=dict(narrowing).get(level),
                    height=250,
                ),
                "category pareto",
                explore=opening(siblings, ["received"], [level]),
                help=text.definition(told, float(by_category.sum())),
                note=text.noted(
                    told,
                    say("点击类别逐级下钻（三级）", "Click a category to go one level down (three levels)")
                    + (say("；不随渠道筛选", "; not narrowed by channel") if hides and channel is not None else ""),
                ),
                on_click=drill_into,
            )
        elif len(by_category):
            st.caption(say("来源没有这一级的类别。", "The source gives no category of this level."))

    with channel_column:
        level_with_choice()
        channels = whole.narrowed(*(pair for pair in narrowing if pair[0] == "channel" or not hides))
        by_channel = channels.measured(["received"], ("channel",)).set_index("channel")["received"].dropna()
        by_channel = by_channel.sort_values(ascending=False, kind="stable")
        told = channels.indicator("received", ["channel"])
        if title := titles.channels(by_channel):
            total = float(by_channel.sum())
            chart_card(
                title,
                charts.shares(
                    [name or UNNAMED for name in by_channel.index],
                    by_channel.tolist(),
                    axis=text.axis_title(told),
                    texts=[
                        f"{titles.count(amount, in_fives=told.in_fives)} · {text.share(amount, total)}"
                        for amount in by_channel
                    ],
                    keys=by_channel.index.tolist(),
                    height=250,
                ),
                "channel mix",
                explore=opening(channels, ["received"], ["channel"]),
                help=text.definition(told, total),
                note=text.noted(
                    told,
                    say("点击渠道即可筛选", "Click a channel to filter")
                    + (say("；不随类别筛选", "; not narrowed by category") if hides and path else ""),
                ),
                on_click=partial(toggle, "channel"),
            )
        elif len(by_channel):
            st.caption(say("来源没有渠道。", "The source gives no channel."))

    # --- When and how long ---
    unfiltered = say("此图不随类别、渠道筛选", "Not narrowed by category or channel") if narrowing else None
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
            counts, (median, ninetieth) = answer(petition_lists.duration_quantiles, whole.scope, (0.5, 0.9))
            if len(counts):
                days = pd.Series(counts.to_numpy(), index=counts.index // 12).groupby(level=0).sum()
                longest = 30
                by_day = days.reindex(range(longest), fill_value=0).tolist()
                by_day.append(int(days[days.index >= longest].sum()))
                chart_card(
                    titles.handling(median, ninetieth),
                    charts.distribution(
                        list(range(longest + 1)),
                        by_day,
                        axis=say("办理时长（天）", "Handling time (days)"),
                        amount_axis=text.axis_title(whole.county.indicator("closed")),
                        marks=[
                            (
                                median,
                                say(f"中位数约 {titles.days(median)} 天", f"median about {titles.days(median)} d"),
                            ),
                            (
                                ninetieth,
                                say(
                                    f"90 分位约 {titles.days(ninetieth)} 天",
                                    f"90th pct about {titles.days(ninetieth)} d",
                                ),
                            ),
                        ],
                        last_label=say(f"{longest} 天以上", f"over {longest} days"),
                        height=235,
                    ),
                    "handling time",
                    explore=opening(whole, ["handling_days"], ["category_1"]),
                    help=text.definition(whole.county.indicator("closed"), float(counts.sum()))
                    + "  \n"
                    + say(
                        "时长按两小时一档统计，分位数准到两小时。",
                        "Counted in steps of two hours: quantiles are exact to two hours.",
                    ),
                    note=unfiltered,
                )

        with week_column:
            hours = whole.measured(["received"], ("weekday", "hour")).rename(columns={"received": "amount"})
            if hours["amount"].sum() > 0:
                weekdays = [text.weekday_name(day) for day in range(1, 8)]
                chart_card(
                    titles.week(hours),
                    charts.week(
                        hours,
                        weekdays=weekdays,
                        hour_axis=say("受理时刻（时）", "Hour received"),
                        unit=text.unit(received),
                        height=235,
                    ),
                    "week",
                    explore=opening(whole, ["received"], ["weekday", "hour"]),
                    help=text.definition(received, float(hours["amount"].sum())),
                    note=say("点击格子查看该时段的诉求", "Click a cell to see its cases")
                    + (f"；{unfiltered}" if unfiltered else ""),
                    on_click=choose_hour,
                )

        with age_column:
            # Of whatever was received: whether any source tells what is open, and what is due
            ever = view.measured(["completion_rate", "on_time_rate"], (), whole.all_months(view.scope)).iloc[0]
            is_due_known = ever["on_time_rate:k"] > 0
            done = whole.county.indicator("completion_rate")
            if measured(done, ever).absent == UNRECORDED:
                st.caption(plain(text.absence_sentence(done, UNRECORDED)))
            else:
                ages = answer(petition_lists.open_case_ages, view.scope)
                open_count, overdue_count = int(ages["open"].sum()), int(ages["overdue"].sum())
                labels = [say("≤3天", "≤3 d"), "4–7", "8–15", "16–30", "31–60", ">60"]
                chart_card(
                    titles.open_cases(open_count, overdue_count if is_due_known else None),
                    charts.stacked(
                        labels,
                        [
                            (say("未到期", "not yet due"), (ages["open"] - ages["overdue"]).tolist(), charts.BLUE),
                            (say("已超期", "overdue"), ages["overdue"].tolist(), charts.ORANGE),
                        ],
                        axis=say("已受理天数", "Days since receipt"),
                        amount_axis=text.axis_title(received),
                        height=235,
                    ),
                    "open ages",
                    explore=opening(view, ["received"], ["timeliness"]),
                    help=say(
                        "至数据截至时全部未办结的有效诉求，不限受理月份，也不限到期月份；全部超期：其中办理期限早于数据截至时的。",
                        "All valid cases open at the as-of date, whenever received or due; all overdue: those due before it.",
                    ),
                    note=say("点击柱形查看未结清单", "Click a bar to list the open cases"),
                    on_click=list_open,
                )

    # --- Townships and villages ---
    township_column, village_column = st.columns(2, gap="medium")
    with township_column:
        # Of what is told to who may not see cases, the counts received are not the last.
        choices: tuple[str, ...] = view.told(TRENDS if hides else RANKED) if narrowing else (*RANKED, "cases_per_10k")
        chosen = indicator_choice(view, choices, "petition ranking indicator", label=say("指标", "Indicator"))
        ranking_card(view, chosen, "petition ranking")
    with village_column:
        villages = whole.measured(["received", "on_time_rate"], ("village_code",))
        villages = villages[villages["village_code"] != ""].dropna(subset=["received"])
        villages = villages.sort_values("received", ascending=False, kind="stable")
        shown = villages.head(VILLAGES)
        known = answer(place_lists.village_names, view.scope.viewer, tuple(shown["village_code"]))
        told = whole.indicator("received", ["village_code"])
        if len(villages):
            level_with_choice()
            labels = told_apart([known.get(code, code) for code in shown["village_code"]])
            codes = villages["village_code"].tolist()
            chart_card(
                # The title speaks of all villages, and names none beyond those that are shown.
                titles.villages(
                    villages["received"].set_axis([*labels, *codes[VILLAGES:]]),
                    text.unit(received),
                    in_fives=told.in_fives,
                ),
                charts.shares(
                    labels,
                    shown["received"].tolist(),
                    axis=text.axis_title(told),
                    texts=[
                        titles.count(amount, in_fives=told.in_fives)
                        + ("" if pd.isna(rate) else say(f"（按期 {on_time(rate)}）", f" ({on_time(rate)} on time)"))
                        for amount, rate in zip(shown["received"], shown["on_time_rate"], strict=True)
                    ],
                    keys=codes[:VILLAGES],
                    height=46 + 21 * 16,
                ),
                "village ranking",
                explore=opening(whole, ["received", "on_time_rate"], ["village_code"]),
                help=text.definition(told, float(villages["received"].sum())),
                note=text.noted(told, say("点击查看该村（社区）的诉求", "Click to see the village's cases"))
                + (f"；{unfiltered}" if unfiltered else ""),
                on_click=choose_village,
            )
