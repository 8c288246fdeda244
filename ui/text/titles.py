"""Titles that are sentences: what a chart shows, said so that it holds for ties, gaps and small numbers too.

A superlative needs at least two figures that are told apart as they are shown. Two or three that share it are named,
more are counted. Shares are of the whole, not of what is drawn; what has no name never leads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from data_access.model.indicator import Indicator
from ui import text
from ui.asking.view import View
from ui.text import say

Shown = Callable[[float], str]

# A share of the whole at which a list of categories is cut, and below how many grids no tenth is spoken of
_MOST = 0.8
_TEN = 10


@dataclass(frozen=True)
class Things:
    """What figures are of: "4 个镇街", "各镇街"; "4 townships", "all townships"."""

    count_zh: str
    all_zh: str
    count_en: str
    all_en: str


CATEGORIES = Things("类", "各类", "categories", "all categories")
CHANNELS = Things("个渠道", "各渠道", "channels", "all channels")
VILLAGES = Things("个村（社区）", "各村（社区）", "villages", "all villages")
HOURS = Things("个时段", "各时段", "hours", "all hours")


def townships_of(view: View, *, known: int | None = None) -> Things:
    """The townships that a view speaks of; ``known``: how many of them have a figure (default: all)."""
    chosen, everyone = len(view.townships), len(view.county.townships)
    is_filtered = 1 < chosen < everyone
    shown = chosen if is_filtered else everyone
    if known is not None and known < shown:
        return Things("个镇街", f"有数据的 {known} 个镇街", "townships", f"the {known} townships with data")
    if everyone == 1:
        (only,) = view.county.names.values()
        return Things("个镇街", only, "townships", only)
    if is_filtered:
        return Things("个镇街", "所选镇街", "townships", "the townships chosen")
    return Things("个镇街", "各镇街", "townships", "all townships")


def months_of(now: pd.Series[float]) -> Things:
    """The months of a course, of which some may have no data."""
    if now.isna().any():
        return Things("个月", "有数据的各月", "months", "the months with data")
    return Things("个月", "各月", "months", "all months")


def count(amount: float, *, in_fives: bool = False) -> str:
    """A count in full, as bars show it."""
    return say(f"约 {amount:,.0f}", f"about {amount:,.0f}") if in_fives else f"{amount:,.0f}"


# --- Who stands out -------------------------------------------------------------------------------


def leaders(figures: pd.Series[float], shown: Shown, *, lowest: bool = False) -> list[Any]:
    """The labels of the highest (lowest) figures, told apart as ``shown``; empty where none stands out."""
    known = figures.dropna()
    if len(known) < 2:
        return []
    texts = [shown(float(amount)) for amount in known]
    extreme = texts[int(known.to_numpy().argmin() if lowest else known.to_numpy().argmax())]
    found = [label for label, told in zip(known.index, texts, strict=True) if told == extreme]
    return [] if len(found) == len(known) else found


def who(found: Sequence[str], things: Things) -> str:
    """甲; 甲、乙并列; 4 个镇街并列."""
    if len(found) == 1:
        return found[0]
    if len(found) > 3:
        return say(f"{len(found)} {things.count_zh}并列", f"{len(found)} {things.count_en} alike")
    return say("、".join(found) + "并列", f"{', '.join(found[:-1])} and {found[-1]}")


def extreme(
    figures: pd.Series[float],
    shown: Shown,
    word: tuple[str, str],
    things: Things,
    *,
    lowest: bool = False,
    told: Shown | None = None,
) -> str:
    """甲最低（95.0%）; 各镇街均为 95.0%; of one figure alone 甲 95.0%; empty without any.

    ``shown`` tells figures apart, ``told`` (default: the same) writes the one that is told.
    """
    known, told = figures.dropna(), told or shown
    if known.empty:
        return ""
    if len(known) == 1:
        return f"{known.index[0]} {told(float(known.iloc[0]))}"
    found = leaders(known, shown, lowest=lowest)
    amount = told(float(known.min() if lowest else known.max()))
    if not found:
        return say(f"{things.all_zh}均为 {amount}", f"{things.all_en} at {amount}")
    zh, en = word
    return say(f"{who(found, things)}{zh}（{amount}）", f"{en}: {who(found, things)} ({amount})")


def largest_share(counts: pd.Series[float], things: Things, unnamed: str) -> str:
    """Which part of a whole is the largest, by name ('': without one): 断电最多（42%）; empty where none has a name."""
    whole = float(counts.sum())
    named = counts[counts.index != ""].dropna()
    named = named[named > 0]
    if named.empty:
        return ""
    said = extreme(named, count, ("最多", "most"), things, told=lambda amount: text.share(amount, whole))
    rest = whole - float(named.sum())
    if rest > named.max():
        # Without this the largest with a name would seem to be the largest of all.
        share = text.share(rest, whole)
        said += say(f"，另有 {share} {unnamed}", f"; {share} {unnamed}")
    return said


# --- Townships and months -------------------------------------------------------------------------


def place(indicator: Indicator, values: pd.Series[float]) -> pd.Series[Any]:
    """The places by an indicator, the best first; figures that are shown alike share one, NaN has none."""
    alike = values.groupby([text.value(indicator, float(value)) for value in values]).transform("max")
    return alike.rank(method="min", ascending=indicator.direction == "lower").astype("Int64")


def ranking(view: View, indicator: Indicator, table: pd.DataFrame) -> str:
    """The chosen township's place, who is first and last, or how many miss the target; ``table`` as ``ranked`` gives."""
    known = table.dropna(subset=["place"])
    name, shown = text.name(indicator), partial(text.value, indicator)
    if known.empty:
        return say(f"{name}：没有数据", f"{name}: no data")
    head = name + say("：", ": ")
    if view.chosen is not None:
        return head + _own_place(view.chosen, indicator, table)
    values = pd.Series(known[indicator.code].to_numpy(float), index=known["name"].tolist())
    things = townships_of(view, known=len(known))
    lower = indicator.direction == "lower"
    if indicator.direction != "neither" and all(indicator.target_of(name) is not None for name in values.index):
        return head + _against_target(indicator, values, things)
    first, last = leaders(values, shown, lowest=lower), leaders(values, shown, lowest=not lower)
    if not first:
        return head + extreme(values, shown, ("", ""), things)
    amount = shown(float(values.min() if lower else values.max()))
    best, worst = who(first, things), who(last, things)
    if indicator.direction == "neither":
        return head + say(f"{best}最高（{amount}），{worst}最低", f"{best} highest ({amount}), {worst} lowest")
    return head + say(f"{best}第一（{amount}），{worst}末位", f"{best} first ({amount}), {worst} last")


def _own_place(chosen: str, indicator: Indicator, table: pd.DataFrame) -> str:
    own = table[table["name"] == chosen].iloc[0]
    if pd.isna(own[indicator.code]):
        return say(f"{chosen}没有数据", f"no data for {chosen}")
    amount = text.value(indicator, float(own[indicator.code]))
    if pd.isna(own["place"]):
        left_out = text.months_left_out(own[f"{indicator.code}:missing"])
        return say(f"{chosen} {amount}，{left_out}，不排名", f"{chosen} {amount}, {left_out}, not ranked")
    known = int(table["place"].notna().sum())
    sharing = int((table["place"] == own["place"]).sum())
    if known == 1:
        others = say("，其他镇街没有数据", "; no data for the others") if len(table) > 1 else ""
        return f"{chosen} {amount}{others}"
    if sharing == known:
        return say(f"{chosen}与其他 {known - 1} 个镇街同为 {amount}", f"{chosen} as {known - 1} others ({amount})")
    tie_zh, tie_en = ("并列", "joint ") if sharing > 1 else ("", "")
    return say(
        f"{chosen}{tie_zh}第 {own['place']} 名（{amount}），共 {known} 个镇街有数据",
        f"{chosen} is {tie_en}no. {own['place']} of {known} ({amount})",
    )


def _against_target(indicator: Indicator, values: pd.Series[float], things: Things) -> str:
    shown = partial(text.value, indicator)
    lower = indicator.direction == "lower"
    short = sum(map(indicator.misses_target, values, values.index))
    best, furthest = leaders(values, shown, lowest=lower), leaders(values, shown, lowest=not lower)
    amount = shown(float(values.max() if lower else values.min()))
    if len(values) == 1:
        missed = say("，未达目标", ", short of target") if short else say("，达到目标", ", on target")
        return f"{values.index[0]} {amount}{missed}"
    if not short:
        if not best:
            return say(f"{things.all_zh}均达目标（{amount}）", f"{things.all_en} on target ({amount})")
        return say(
            f"{things.all_zh}均达目标，{who(best, things)}最好",
            f"{things.all_en} on target, best: {who(best, things)}",
        )
    if not furthest:
        many = say("均", "all") if short == len(values) else say(f"{short} 个", str(short))
        return say(
            f"{things.all_zh}均为 {amount}，{many}未达目标", f"{things.all_en} at {amount}, {many} short of target"
        )
    if indicator.own_targets:
        # Who is lowest may be on a target of their own.
        return say(f"{short} 个镇街未达各自的目标", f"{short} short of their targets")
    return say(
        f"{short} 个镇街未达目标，{who(furthest, things)}最需关注（{amount}）",
        f"{short} short of target, furthest: {who(furthest, things)} ({amount})",
    )


def course(indicator: Indicator, now: pd.Series[float]) -> str:
    """The last month with data and the worst ones; ``now`` is indexed by month."""
    known = now.dropna()
    name, shown = text.name(indicator), partial(text.value, indicator)
    if known.empty:
        return say(f"{name}：所选时段没有数据", f"{name}: no data in this period")
    head = name + say("：", ": ")
    latest, last = text.month_name(str(known.index[-1])), shown(float(known.iloc[-1]))
    if math.isnan(now.iloc[-1]):
        missing = text.month_name(str(now.index[-1]))
        return head + say(f"{missing}没有数据，{latest}为 {last}", f"no data for {missing}, {last} in {latest}")
    if len(known) == 1:
        return head + say(f"{latest} {last}", f"{last} in {latest}")
    lowest = indicator.direction == "higher"
    word_zh, word_en = ("最低", "lowest") if lowest else ("最高", "highest")
    things = months_of(now)
    named = known.set_axis([text.month_name(str(month)) for month in known.index])
    worst = leaders(named, shown, lowest=lowest)
    if not worst:
        return head + extreme(named, shown, ("", ""), things)
    if worst == [latest]:
        return head + say(
            f"{latest} {last}，为{things.all_zh}{word_zh}",
            f"{last} in {latest}, the {word_en} of {things.all_en}",
        )
    said = extreme(named, shown, (word_zh, word_en), things, lowest=lowest)
    return head + say(f"最近 {last}，{said}", f"latest {last}, {said}")


def stacked(indicator: Indicator, counts: pd.Series[float], by_month: pd.Series[float]) -> str:
    """Which part of a count is the largest, and in which month it was most; ``counts`` by name ('': without one)."""
    parts = largest_share(counts, CATEGORIES, say("不详", "unknown")) or say("均不详", "all unknown")
    months = by_month.set_axis([text.month_name(str(month)) for month in by_month.index])
    peak = extreme(months, partial(text.value, indicator), ("最多", "most"), months_of(by_month))
    return say(f"{indicator.zh}：{parts}；{peak}", f"{indicator.en}: {parts}; {peak}")


# --- Petitions ------------------------------------------------------------------------------------


def _begun(said: str) -> str:
    """As a sentence begins, where it does with words of ours rather than with a name."""
    return said[0].upper() + said[1:] if said.startswith(("most: ", "all ")) else said


def categories(counts: pd.Series[float]) -> str:
    """Which category has most cases, and how few make up 80% of all; empty where none has a name."""
    leading = largest_share(counts, CATEGORIES, say("未分类", "unclassified"))
    if not leading:
        return ""
    named = counts[counts.index != ""].dropna().sort_values(ascending=False)
    reached = named.cumsum() >= _MOST * float(counts.sum()) - 1e-9
    few = int((~reached).sum()) + 1
    # Of three categories, or of a whole that is mostly without a category, it says nothing.
    if reached.any() and 2 * few <= len(named):
        leading += say(f"，{len(named)} 类中前 {few} 类占八成", f"; {few} of {len(named)} categories make up 80%")
    return _begun(leading)


def channels(counts: pd.Series[float]) -> str:
    """Which channel brings most cases; empty where none has a name."""
    whole = float(counts.sum())
    named = counts[counts.index != ""].dropna()
    named = named[named > 0]
    found = leaders(named, count)
    if len(found) == 1 and named.max() >= whole - named.sum():
        share = text.share(float(named.max()), whole)
        return say(f"{found[0]}占 {share}，为第一渠道", f"{found[0]} brings {share}, more than any other")
    return _begun(largest_share(counts, CHANNELS, say("渠道不详", "without a channel")))


def handling(median: float, ninetieth: float) -> str:
    """Within how many days half and 90% of the closed cases were closed, rounded up so that it holds."""
    return say(
        f"办结的诉求一半在 {days(median)} 天内，九成在 {days(ninetieth)} 天内",
        f"Of the cases closed, half took up to {days(median)} days, 90% up to {days(ninetieth)}",
    )


def days(amount: float) -> str:
    """Days to the tenth, rounded up."""
    return f"{math.ceil(round(10 * amount, 6)) / 10:.1f}"


def open_cases(count: int, overdue: int | None) -> str:
    """The cases open at the as-of date, and how many of them are overdue (None: no source has due dates)."""
    zh, en = f"截至数据日全部未结 {count:,} 件", f"All open at the as-of date: {count:,}"
    if overdue is None:
        return say(f"{zh}（来源没有办理期限）", f"{en} (no due dates recorded)")
    return say(f"{zh}，全部超期 {overdue:,} 件", f"{en}; all overdue: {overdue:,}")


def open_cases_defined() -> str:
    """Which cases :func:`open_cases` counts."""
    return say(
        "至数据截至时全部未办结的有效诉求，不限受理月份，也不限到期月份；全部超期：其中办理期限早于数据截至时的。",
        "All valid cases open at the as-of date, whenever received or due; all overdue: those due before it.",
    )


def week(hours: pd.DataFrame) -> str:
    """When most cases arrive; ``hours``: weekday (1 to 7), hour, amount."""
    amounts = pd.Series(
        hours["amount"].to_numpy(float),
        index=[
            say(f"{text.weekday_name(int(day))} {int(hour)} 时", f"{text.weekday_name(int(day))} {int(hour)}:00")
            for day, hour in zip(hours["weekday"], hours["hour"], strict=True)
        ],
    )
    amounts = amounts[amounts > 0]
    if len(amounts) == 1:
        return say(f"诉求都在{amounts.index[0]}受理", f"All cases arrived on {amounts.index[0]}")
    found = leaders(amounts, count)
    # Where all hours with cases have as many, they still have more than the others.
    found = found or amounts.index.tolist()
    return say(f"{who(found, HOURS)}诉求最集中", f"Most cases arrive on {who(found, HOURS)}")


def villages(counts: pd.Series[float], unit: str, *, in_fives: bool = False) -> str:
    """The village with most cases, of all with any."""
    told = partial(count, in_fives=in_fives)
    said = extreme(counts, count, ("最多", "most"), VILLAGES, told=lambda amount: f"{told(amount)} {unit}")
    return say(f"村（社区）诉求：{said}", f"Cases by village: {said}")


def cameras(count: int, down: int | None) -> str:
    """How many cameras there are at the as-of date, and how many of them are down (None: no source tells)."""
    zh, en = f"截至数据日在网摄像机 {count:,} 个", f"{count:,} cameras at the as-of date"
    return say(zh, en) if down is None else say(f"{zh}，离线 {down:,} 个", f"{en}, {down:,} of them down")


# --- Projects, grids, other work ------------------------------------------------------------------


def projects_by(counts: pd.Series[float], dimension: str) -> str:
    """Which stage or kind has most projects; empty where none has a name."""
    what_zh, what_en = {"stage": ("阶段", "stage"), "kind": ("类型", "kind")}[dimension]
    things = Things(f"个{what_zh}", f"各{what_zh}", f"{what_en}s", f"all {what_en}s")
    named = counts[counts.index != ""].dropna()
    said = extreme(
        named, count, ("最多", "most"), things, told=lambda amount: say(f"{count(amount)} 个", count(amount))
    )
    if not said:
        return ""
    rest = float(counts.sum() - named.sum())
    if rest > named.max():
        said += say(f"，另有 {count(rest)} 个不详", f"; {count(rest)} unknown")
    return say(f"按{what_zh}：{said}", f"By {what_en}: {said}")


def against_plan(indicator: Indicator, month: str, gap: float) -> str:
    """How far the mean progress of a month lies from plan."""
    when, amount = text.month_name(month), text.value(indicator, abs(gap))
    if amount == text.value(indicator, 0.0):
        return say(f"{when}平均进度与计划持平", f"{when}: on average on plan")
    return say(
        f"{when}平均进度{'落后' if gap < 0 else '领先'}计划 {amount}",
        f"{when}: on average {amount} {'behind' if gap < 0 else 'ahead of'} plan",
    )


def unfinished(active: int, behind: int, shown: int) -> str:
    """How many projects are not completed, how many of them behind, and how many are drawn."""
    part = say(f"（显示 {shown} 个，滞后的在前）", f" ({shown} shown, those behind first)") if shown < active else ""
    return (
        say(f"在建和待建 {active} 个项目，{behind} 个滞后", f"{active} projects not completed, {behind} behind") + part
    )


def event_kinds(counts: pd.Series[float], listed: Sequence[str]) -> str:
    """Which kind of event on the list is most frequent; shares of all events, on the list or not."""
    on_list = counts.reindex(list(listed)).dropna()
    whole, other = float(counts.sum()), float(counts.sum() - on_list.sum())
    parts = pd.Series({**on_list.to_dict(), "": other})
    kinds = Things("类", "各类", "kinds", "all kinds")
    said = largest_share(parts, kinds, say("在清单以外", "not on the list"))
    if not said:
        return say("上报的事件都在清单以外", "No event is of a kind on the list") if whole else ""
    return say(f"{len(listed)} 类事项：{said}", f"Of {len(listed)} kinds, {said}")


def spread(per_grid: pd.Series[float]) -> str:
    """How many grids reported nothing, and what the busiest tenth reported of all."""
    none = int((per_grid == 0).sum())
    said = say(f"{none:,} 个网格一件未报", f"{none:,} grids reported nothing")
    tenth = len(per_grid) // _TEN
    if not tenth:
        return said
    share = text.share(float(per_grid.nlargest(tenth).sum()), float(per_grid.sum()))
    return said + say(
        f"；最忙的 {tenth:,} 个（一成）报了 {share}", f"; the busiest {tenth:,} (a tenth) reported {share}"
    )


def reported(view: View, indicator: Indicator, figures: pd.Series[float], at_least: Collection[str]) -> str:
    """Of a figure reported by hand, by township, who has most; ``at_least``: those whose figure is a lower bound."""
    shown = partial(text.value, indicator)
    head = text.name(indicator) + say("：", ": ")
    if len(figures) == 1:
        return f"{head}{figures.index[0]} {'≥ ' if at_least else ''}{shown(float(figures.iloc[0]))}"
    found = leaders(figures, shown)
    if not at_least or (len(found) == 1 and set(at_least) == set(found)):
        bound = "≥ " if at_least else ""
        things = townships_of(view, known=len(figures))
        which = ("最高", "highest") if indicator.is_ratio else ("最多", "most")
        return head + extreme(figures, shown, which, things, told=lambda amount: bound + shown(amount))
    # Who has only a lower bound may have more than anybody.
    return head + say(f"{len(figures)} 个镇街填报", f"reported by {len(figures)} townships")
