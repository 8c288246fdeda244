"""Which months are over for an evaluation: those that the data of all its areas cover to the last day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from data_access.areas import AREAS
from data_access.evaluation.schemes import Scheme
from data_access.scope import month_end


def unfinished(scheme: Scheme, month: str, as_of: Mapping[str, datetime]) -> dict[str, datetime]:
    """The scheme's areas that leave the month unfinished, and until when their data reach.

    Areas that nobody has loaded leave nothing unfinished: what they would tell is absent in every month.
    """
    last_day = month_end(month) - timedelta(days=1)
    return {area: as_of[area] for area in scheme.areas if area in as_of and as_of[area] < last_day}


def last_finished(scheme: Scheme, months: Sequence[str], as_of: Mapping[str, datetime]) -> str | None:
    """The last of these months, which are in order, that is finished in all areas of the scheme."""
    return next((month for month in reversed(months) if not unfinished(scheme, month, as_of)), None)


def in_words(month: str, late: Mapping[str, datetime]) -> tuple[str, str]:
    """Why a month is unfinished, in Chinese and English: 群众诉求本月数据只到 6 日."""
    begun = [area for area, moment in late.items() if f"{moment:%Y-%m}" == month]
    zh = [f"{_area(area)[0]}本月数据只到 {late[area].day} 日" for area in begun]
    en = [f"{_area(area)[1]}: data of this month only to day {late[area].day}" for area in begun]
    if nothing := [area for area in late if area not in begun]:
        zh.append(f"{'、'.join(_area(area)[0] for area in nothing)}没有本月数据")
        en.append(f"{', '.join(_area(area)[1] for area in nothing)}: no data of this month")
    return "，".join(zh), "; ".join(en)


def _area(area: str) -> tuple[str, str]:
    known = AREAS.get(area)
    return (known.zh, known.en) if known else ("填报指标", "Figures reported by hand")
