"""What is asked, and how far the data reach, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from data_access.areas import AREAS, REPORTS
from data_access.queries import County
from data_access.rollups import COMPARED_MONTHS
from data_access.scope import Scope, is_finished
from ui.asking.view import View
from ui.text import listed, month_name, period, period_to, say


def filter_sentence(view: View, area: str | None = None) -> str:
    """The filters in words: 全部 16 个镇街 · 2023年1月至8月 · 与上年同期（2022年1月至8月）相比.

    What an area's data (None: those of any area) leave unfinished of the months is said, too.
    """
    county, scope = view.county, view.scope
    areas = [area] if area in county.as_of else list(county.as_of)
    parts = [townships_words(view), period(scope.start, scope.end) + unfinished_words(county, scope.end, areas)]
    if view.compared is not None:
        parts.append(_comparison_sentence(view, view.compared, areas))
    return " · ".join(parts)


def townships_words(view: View) -> str:
    """Which townships are asked about: 全部 16 个镇街, 全部 3 个街道, 钢山街道、千泉街道."""
    county, scope = view.county, view.scope
    whole = [kind for kind, codes in county.kinds.items() if codes == scope.townships]
    if scope.townships is None or len(scope.townships) == len(county.townships):
        if len(county.townships) == 1:
            return str(county.townships["name"].iloc[0])
        return say(f"全部 {len(county.townships)} 个镇街", f"All {len(county.townships)} townships")
    if whole and whole[0] in county.own_leagues:
        return say(f"{whole[0]}（{len(scope.townships)} 个镇街）", f"{whole[0]} ({len(scope.townships)} townships)")
    if whole:
        return say(f"全部 {len(scope.townships)} 个{whole[0]}", f"All {len(scope.townships)} {whole[0]}")
    return listed([county.names[code] for code in scope.townships])


def _comparison_sentence(view: View, compared: Scope, areas: Sequence[str]) -> str:
    what = say("上年同期", "the year before") if view.compare == "year" else say("上一时段", "the previous period")
    county = view.county
    reaches = {compared.comparable(county.as_of[area]) for area in areas}
    if len(reaches) > 1:
        then = period(compared.start, compared.end) + say("，各领域截至同日", ", each area to the same day")
        return say(f"与{what}（{then}）相比", f"compared with {what} ({then})")
    last, cut = next(iter(reaches), (compared.end, None))
    if last < compared.start:
        return say(f"没有{what}可比", f"nothing of {what} to compare")
    then = period(compared.start, last) if cut is None else period_to(compared.start, cut)
    if compared.start < county.months[0]:
        return say(f"{what}（{then}）没有完整数据可比", f"no complete data for {what} ({then})")
    if cut is not None and compared.behind not in COMPARED_MONTHS:
        return say(f"{what}不能截到同一天，不作对比", f"{what} cannot be cut at the same day: no comparison")
    return say(f"与{what}（{then}）相比", f"compared with {what} ({then})")


def unfinished_words(county: County, month: str, areas: Sequence[str]) -> str:
    """（9月未完，至 10 日）: what the data of these areas leave open of a month; empty where they hold it whole."""
    told = {area: _reached_words(county.as_of[area], month) for area in areas if area in county.as_of}
    if not any(told.values()):
        return ""
    name = say(f"{int(month[5:])}月", month_name(month)[:3])
    if len(set(told.values())) == 1:
        return say(f"（{name}未完，{next(iter(told.values()))}）", f" ({name} unfinished, {next(iter(told.values()))})")
    by_area = _by_area({area: words or say("已完整", "whole") for area, words in told.items()})
    return say(f"（{name}未完：{by_area}）", f" ({name} unfinished: {by_area})")


def _reached_words(as_of: datetime, month: str) -> str:
    if is_finished(month, as_of):
        return ""
    if f"{as_of:%Y-%m}" < month:
        return say("还没有数据", "no data yet")
    return say(f"至 {as_of.day} 日", f"to day {as_of.day}")


def _by_area(told: Mapping[str, str]) -> str:
    """群众诉求至 10 日，其余还没有数据: what is told of each area, the words of most areas last."""
    groups: dict[str, list[str]] = {}
    for area, words in told.items():
        groups.setdefault(words, []).append(area_name(area))
    most = max(groups, key=lambda words: len(groups[words]))
    if len(groups[most]) == 1:
        most = ""
    parts = [f"{listed(names, limit=6)}{say('', ' ')}{words}" for words, names in groups.items() if words != most]
    rest = [f"{say('其余', 'the rest ')}{most}"] if most else []
    return say("，", ", ").join([*parts, *rest])


def sheet_head(view: View, title: str, area: str | None, narrowed: str = "") -> list[str]:
    """What stands above a list that leaves: its title with the county's name, the filters (``narrowed``: what it has
    besides), and until when an area's data reach.
    """
    county = view.county
    sample = [say("示例数据，非真实业务数据", "Sample data, not the county's own")] if county.is_sample else []
    return [
        " ".join(filter(None, (county.name, title))),
        " · ".join(filter(None, (filter_sentence(replace(view, compare="none"), area), narrowed))),
        " · ".join((as_of_sentence(county, area), *sample)),
    ]


def area_name(area: str) -> str:
    """群众诉求, …; what is reported by hand is 其他工作."""
    known = AREAS.get(area, REPORTS)
    return say(known.zh, known.en)


def as_of_sentence(county: County, area: str | None = None) -> str:
    """Until when an area's data reach (default: every area's)."""
    reached = {
        one: f"{moment:%Y-%m-%d}" for one, moment in county.as_of.items() if area not in county.as_of or one == area
    }
    days = set(reached.values())
    if len(days) > 1:
        by_area = _by_area({one: f" {day}" for one, day in reached.items()})
        return say(f"数据截至：{by_area}", f"Data as of: {by_area}")
    day = next(iter(days), "—")
    return say(f"数据截至 {day}", f"Data as of {day}")
