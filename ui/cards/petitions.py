"""The charts of 群众诉求: what cases are about, where they come from, when, how long they take, and what is open.

Each is made of the whole view and of what clicks narrow it to: ``path`` in the categories, and a ``channel``. One that is
not so narrowed says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import pandas as pd

from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.area import LEVELS
from data_access.cache import answer
from data_access.kept_results import kept
from data_access.model.measured import UNRECORDED, measured
from data_access.places import lists as place_lists
from data_access.small_counts import hides_cases
from ui import charts, text
from ui.asking.address import Ways, ways_to
from ui.asking.view import View
from ui.charts.marks import THIRD
from ui.elements.chart import chart
from ui.explore.answer import told_apart
from ui.explore.choice import opening
from ui.text import say, titles

# So many bars of categories and of villages are drawn
_BARS = 9
_VILLAGES = 15
_LONGEST_DAYS = 30
_AGES = (("≤3天", "≤3 d"), ("4–7", "4–7"), ("8–15", "8–15"), ("16–30", "16–30"), ("31–60", "31–60"), (">60", ">60"))

# A chart, or the sentence that stands for it
Card = bytes | str | None
Path = tuple[str, ...]


def narrowed(whole: View, path: Path, channel: str | None) -> View:
    """The view of the cases of a category and a channel."""
    of_channel = [] if channel is None else [("channel", channel)]
    return whole.narrowed(*zip(LEVELS, path, strict=False), *of_channel)


def hides(whole: View) -> bool:
    """Whether the viewer may not see all the cases: then they are told by categories or by channels, not by both."""
    return hides_cases(whole.scope, "petitions")


def unnamed() -> str:
    """What has no category, or no channel."""
    return say("未分类", "unclassified")


def _ways_into(names: Iterable[str], path: Path) -> Ways:
    """One level down in the categories, or back up from the last."""
    above = path[: len(LEVELS) - 1]
    return {name: {"category": above if path == (*above, name) else (*above, name)} for name in names}


def _ways_to_rows(name: str, values: Iterable[str]) -> Ways:
    """The cases with one value."""
    return {value: {name: [value], "tab": ["rows"]} for value in values}


def _unfiltered(is_narrowed: bool) -> str | None:
    return say("此图不随类别、渠道筛选", "Not narrowed by category or channel") if is_narrowed else None


@kept(1000)
def categories(whole: View, path: Path, channel: str | None) -> Card:
    """The cases by category, of the level below the path."""
    level = LEVELS[min(len(path), len(LEVELS) - 1)]
    # At the last level the siblings stay, so that the chosen category is seen among them.
    siblings = narrowed(whole, path[: len(LEVELS) - 1], None if hides(whole) else channel)
    received = siblings.indicator("received", [level])
    by_category = siblings.measured(["received"], (level,)).set_index(level)["received"].dropna()
    title = titles.categories(by_category)
    if not title:
        return (
            say("来源没有这一级的类别。", "The source gives no category of this level.") if len(by_category) else None
        )
    # What has no name says nothing about who is first: it stands last.
    order = by_category[by_category.index != ""].sort_values(ascending=False, kind="stable")
    drawn, rest = order.head(_BARS), order.iloc[_BARS:]
    bars: list[tuple[str, float, str | None]] = [(str(name), amount, str(name)) for name, amount in drawn.items()]
    if len(rest):
        bars.append((say(f"其余 {len(rest)} 类", f"{len(rest)} others"), float(rest.sum()), None))
    if without := float(by_category.get("", 0)):
        bars.append((unnamed(), without, ""))
    return chart(
        title,
        charts.pareto(
            [name for name, _, _ in bars],
            [amount for _, amount, _ in bars],
            axis=text.axis_title(received),
            cumulative_label=say("累计占比", "Cumulative share"),
            texts=[titles.count(amount, in_fives=received.in_fives) for _, amount, _ in bars],
            keys=[key for _, _, key in bars],
            highlight=path[-1] if len(path) == len(LEVELS) else None,
            height=250,
        ),
        explore=opening(siblings, ["received"], [level]),
        help=text.definition(received, float(by_category.sum())),
        note=text.noted(
            received,
            say("点击类别逐级下钻（三级）", "Click a category to go one level down (three levels)")
            + (say("；不随渠道筛选", "; not narrowed by channel") if hides(whole) and channel is not None else ""),
        ),
        ways=_ways_into((key for _, _, key in bars if key is not None), path),
    )


@kept(1000)
def channels(whole: View, path: Path, channel: str | None) -> Card:
    """The cases by the channel they came through."""
    view = narrowed(whole, () if hides(whole) else path, channel)
    received = view.indicator("received", ["channel"])
    by_channel = view.measured(["received"], ("channel",)).set_index("channel")["received"].dropna()
    by_channel = by_channel.sort_values(ascending=False, kind="stable")
    title = titles.channels(by_channel)
    if not title:
        return say("来源没有渠道。", "The source gives no channel.") if len(by_channel) else None
    total = float(by_channel.sum())
    return chart(
        title,
        charts.shares(
            [name or unnamed() for name in by_channel.index],
            by_channel.tolist(),
            axis=text.axis_title(received),
            texts=[
                f"{titles.count(amount, in_fives=received.in_fives)} · {text.share(amount, total)}"
                for amount in by_channel
            ],
            keys=by_channel.index.tolist(),
            height=250,
        ),
        explore=opening(view, ["received"], ["channel"]),
        help=text.definition(received, total),
        note=text.noted(
            received,
            say("点击渠道即可筛选", "Click a channel to filter")
            + (say("；不随类别筛选", "; not narrowed by category") if hides(whole) and path else ""),
        ),
        ways=ways_to("channel", by_channel.index, channel),
    )


@kept(1000)
def handling_times(whole: View, is_narrowed: bool) -> Card:
    """The closed cases by how many days they took."""
    counts, (median, ninetieth) = answer(petition_lists.duration_quantiles, whole.scope, (0.5, 0.9))
    if not len(counts):
        return None
    days = pd.Series(counts.to_numpy(), index=counts.index // 12).groupby(level=0).sum()
    by_day = days.reindex(range(_LONGEST_DAYS), fill_value=0).tolist()
    by_day.append(int(days[days.index >= _LONGEST_DAYS].sum()))
    closed = whole.county.indicator("closed")
    return chart(
        titles.handling(median, ninetieth),
        charts.distribution(
            list(range(_LONGEST_DAYS + 1)),
            by_day,
            axis=say("办理时长（天）", "Handling time (days)"),
            amount_axis=text.axis_title(closed),
            marks=[
                (median, say(f"中位数约 {titles.days(median)} 天", f"median about {titles.days(median)} d")),
                (
                    ninetieth,
                    say(f"90 分位约 {titles.days(ninetieth)} 天", f"90th pct about {titles.days(ninetieth)} d"),
                ),
            ],
            last_label=say(f"{_LONGEST_DAYS} 天以上", f"over {_LONGEST_DAYS} days"),
            height=235,
        ),
        explore=opening(whole, ["handling_days"], ["category_1"]),
        help=text.definition(closed, float(counts.sum()))
        + "  \n"
        + say(
            "时长按两小时一档统计，分位数准到两小时。",
            "Counted in steps of two hours: quantiles are exact to two hours.",
        ),
        note=_unfiltered(is_narrowed),
        clickable=False,
    )


@kept(1000)
def hours(whole: View, is_narrowed: bool) -> Card:
    """The cases by weekday and hour of their receipt."""
    received = whole.county.indicator("received")
    counts = whole.measured(["received"], ("weekday", "hour")).rename(columns={"received": "amount"})
    if not counts["amount"].sum() > 0:
        return None
    present = [f"{weekday}-{hour}" for weekday, hour in zip(counts["weekday"], counts["hour"], strict=True)]
    unfiltered = _unfiltered(is_narrowed)
    return chart(
        titles.week(counts),
        charts.week(
            counts,
            weekdays=[text.weekday_name(day) for day in range(1, 8)],
            hour_axis=say("受理时刻（时）", "Hour received"),
            unit=text.unit(received),
            height=235,
        ),
        explore=opening(whole, ["received"], ["weekday", "hour"]),
        help=text.definition(received, float(counts["amount"].sum())),
        note=say("点击格子查看该时段的诉求", "Click a cell to see its cases")
        + (say("；", "; ") + unfiltered if unfiltered else ""),
        ways=_ways_to_rows("hour", present),
    )


@kept(1000)
def open_cases(whole: View, path: Path, channel: str | None) -> Card:
    """The cases that are open at the as-of date, by their age, and which of them are overdue."""
    view = narrowed(whole, path, channel)
    # Of whatever was received: whether any source tells what is open, and what is due
    ever = view.measured(["completion_rate", "on_time_rate"], (), whole.all_months(view.scope)).iloc[0]
    is_due_known = ever["on_time_rate:k"] > 0
    done = whole.county.indicator("completion_rate")
    if measured(done, ever).absent == UNRECORDED:
        return text.absence_sentence(done, UNRECORDED)
    ages = answer(petition_lists.open_case_ages, view.scope)
    open_count, overdue_count = int(ages["open"].sum()), int(ages["overdue"].sum())
    if not open_count:
        return say("截至数据日没有未结的诉求。", "No case is open at the as-of date.")
    labels = [say(*label) for label in _AGES]
    return chart(
        titles.open_cases(open_count, overdue_count if is_due_known else None),
        charts.stacked(
            labels,
            [
                (say("未到期", "not yet due"), (ages["open"] - ages["overdue"]).tolist(), charts.BLUE),
                (say("已超期", "overdue"), ages["overdue"].tolist(), charts.ORANGE),
            ],
            axis=say("已受理天数", "Days since receipt"),
            amount_axis=text.axis_title(whole.county.indicator("received")),
            height=235,
            plot=THIRD,
        ),
        explore=opening(view, ["received"], ["timeliness"]),
        help=titles.open_cases_defined(),
        note=say("点击柱形查看未结清单", "Click a bar to list the open cases"),
        ways={label: {"state": ["open"], "tab": ["rows"]} for label in labels},
    )


@kept(1000)
def villages(whole: View, is_narrowed: bool) -> Card:
    """The villages with most cases, and how many of them were closed on time."""
    received = whole.indicator("received", ["village_code"])
    on_time = partial(text.value, whole.county.indicator("on_time_rate"))
    table = whole.measured(["received", "on_time_rate"], ("village_code",))
    table = table[table["village_code"] != ""].dropna(subset=["received"])
    table = table.sort_values("received", ascending=False, kind="stable")
    if not len(table):
        return None
    shown = table.head(_VILLAGES)
    known = answer(place_lists.village_names, whole.scope.viewer, tuple(shown["village_code"]))
    labels = told_apart([known.get(code, code) for code in shown["village_code"]])
    codes = table["village_code"].tolist()
    unfiltered = _unfiltered(is_narrowed)
    return chart(
        # The title speaks of all villages, and names none beyond those that are shown.
        titles.villages(
            table["received"].set_axis([*labels, *codes[_VILLAGES:]]), text.unit(received), in_fives=received.in_fives
        ),
        charts.shares(
            labels,
            shown["received"].tolist(),
            axis=text.axis_title(received),
            texts=[
                titles.count(amount, in_fives=received.in_fives)
                + ("" if pd.isna(rate) else say(f"（按期 {on_time(rate)}）", f" ({on_time(rate)} on time)"))
                for amount, rate in zip(shown["received"], shown["on_time_rate"], strict=True)
            ],
            keys=codes[:_VILLAGES],
            height=46 + 21 * 16,
        ),
        explore=opening(whole, ["received", "on_time_rate"], ["village_code"]),
        help=text.definition(received, float(table["received"].sum())),
        note=text.noted(received, say("点击查看该村（社区）的诉求", "Click to see the village's cases"))
        + (say("；", "; ") + unfiltered if unfiltered else ""),
        ways=_ways_to_rows("village", codes[:_VILLAGES]),
    )
