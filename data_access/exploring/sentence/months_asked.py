"""The months that are asked for, and what they are compared with."""

from __future__ import annotations

import re
from typing import Literal

from data_access.exploring.sentence.meaning import Term
from data_access.exploring.sentence.periods import ONE_PERIOD, Against, Months, Reason, Untold, YearBefore
from data_access.exploring.sentence.said import Said
from data_access.scope import month_offset, month_range

_OTHER_PERIOD: Reason = ("只能和上年同期或上一时段比", "comparisons are with the year or the period before")
_JOINED = re.compile(r"^\s*[和与及、,，跟到至]?\s*$|^ and $")
_BOTH_OF = re.compile(r"\s*(?:和|与|跟|同|及|以及|and)?\s*")


def months_asked(said: Said, *, is_versus: bool) -> tuple[tuple[str, str] | None, str | None]:
    """The first and last month, and what they are compared with; ``is_versus``: two things are told apart."""
    months: tuple[str, str] | None = None
    against: Term | None = None
    compare: str | None = None
    earlier = False
    spans: list[Term] = []
    for term in said.of("time"):
        match term.meaning.time:
            case Untold(why):
                said.leave(term, why)
            case Against():
                against = term
            case YearBefore():
                earlier = True
            case Months(start, end):
                spans.append(term)
                if months is None:
                    months = (start, end)
                    continue
                both = max(start, months[0]), min(end, months[1])
                if both[0] <= both[1]:
                    months = both
                    continue
                found = _compared(months, (start, end))
                are_long = months[0] != months[1] or start != end or (found is not None and found[1] == "year")
                are_two = is_versus or _are_two(said, spans[-2], term, are_long=are_long)
                if are_two and found:
                    for one in [term] if found[0] == months else spans[:-1]:
                        said.earlier[one.begin] = Against(found[1])
                    months, compare = found
                elif (
                    not are_two
                    and (month_offset(months[1], 1) == start or month_offset(end, 1) == months[0])
                    and _JOINED.search(said.sentence[spans[-2].end : term.begin])
                ):
                    months = min(start, months[0]), max(end, months[1])
                else:
                    said.leave(term, ONE_PERIOD)
    if against is not None and isinstance(against.meaning.time, Against):
        kind, length = against.meaning.time.kind, against.meaning.time.length
        if kind == "previous" and length:
            if months is None:
                last = said.words.calendar.last
                months = (max(month_offset(last, 1 - length), said.words.calendar.months[0]), last)
            if len(month_range(*months)) != length:
                said.leave(against, _OTHER_PERIOD)
                return months, compare
        compare = kind
    if earlier:
        start, end = months or said.words.calendar.usual
        months = month_offset(start, -12), month_offset(end, -12)
    return months, compare


def _are_two(said: Said, one: Term, other: Term, *, are_long: bool) -> bool:
    """Whether two periods are told apart, not added up: 去年和今年, 一季度和二季度; 7月和8月 may be one."""
    return are_long and bool(_BOTH_OF.fullmatch(said.sentence[one.end : other.begin]))


def _compared(
    one: tuple[str, str], other: tuple[str, str]
) -> tuple[tuple[str, str], Literal["year", "previous"]] | None:
    """The later of two periods, and as what the earlier is compared with it."""
    earlier, later = sorted((one, other))
    length = len(month_range(*later))
    if tuple(month_offset(month, -12) for month in later) == earlier or (
        earlier[0][:4] != later[0][:4] and earlier[0] == month_offset(later[0], -12) and earlier[1][5:] == "12"
    ):
        return later, "year"
    if tuple(month_offset(month, -length) for month in later) == earlier:
        return later, "previous"
    return None
