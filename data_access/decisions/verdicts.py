"""What came of a promise: kept, partly kept, missed, or too little is known; how sure that is, and whether chance explains it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from data_access.evaluation.uncertainty import Z_95, wilson
from data_access.model.indicator import HOURS, Direction, Indicator
from data_access.scope import month_offset, month_range

# pending: a text that nobody has judged yet
Outcome = Literal["kept", "partly", "missed", "insufficient", "pending"]
OUTCOMES: tuple[Outcome, ...] = ("kept", "partly", "missed", "insufficient", "pending")
# Why too little is known: nobody reported, no source tells, nothing was due, months are left out, the data have not begun,
# the indicator is no more, or of some cases it is not known whether and when they were closed
Reason = Literal[
    "", "unreported", "unrecorded", "no_business", "left_out", "not_begun", "no_indicator", "unknown_cases"
]
# Promises of a day in the first half of a month count that month, too.
_FIRST_HALF = 15
# Beside rounding
_EQUAL = 1e-9


@dataclass(frozen=True)
class Counted:
    """A figure and the counts that it is made of; None: there is none."""

    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None


NOTHING = Counted()


@dataclass(frozen=True)
class Verdict:
    """What came of a decision. ``is_final``: the data reach its due date, and with it the last month that counts.

    ``first`` to ``last``: the months (YYYY-MM) that count so far, empty where it goes by no indicator; ``left_out``: those of
    them that townships left out. ``now``: the figure, of cases how many are closed of how many. ``low`` to ``high``: its 95 %
    interval. ``is_chance``: the change since the start is smaller than chance would make; None: that cannot be told.
    """

    outcome: Outcome
    is_final: bool
    first: str = ""
    last: str = ""
    now: Counted = NOTHING
    low: float | None = None
    high: float | None = None
    is_chance: bool | None = None
    reason: Reason = ""
    left_out: tuple[str, ...] = ()


# --- The months that count ------------------------------------------------------------------------


def counted_months(decided_on: date, due_on: date) -> tuple[str, str]:
    """The first and the last whole month between a decision and its due date, as indicators are counted by months.

    The month of the decision counts if it was decided by its 15th, that of the due date if it is due on its last day. Where
    no month is left, it is that of the due date.
    """
    due = f"{due_on:%Y-%m}"
    first = f"{decided_on:%Y-%m}" if decided_on.day <= _FIRST_HALF else month_offset(f"{decided_on:%Y-%m}", 1)
    is_last_day = (due_on + timedelta(days=1)).month != due_on.month
    last = due if is_last_day else month_offset(due, -1)
    return (first, last) if first <= last else (due, due)


def months_before(first: str, last: str, finished: str) -> tuple[str, str]:
    """As many months as a promise counts, the last ones that had ended before it does; ``finished``: the last finished one."""
    end = min(month_offset(first, -1), finished)
    return month_offset(end, 1 - len(month_range(first, last))), end


# --- Verdicts -------------------------------------------------------------------------------------


def is_promised(indicator: Indicator) -> bool:
    """Whether something can be promised of an indicator: it has a better direction, and rollups know it by month."""
    return indicator.direction != "neither" and indicator.over_months != "period"


def reaches(value: float, promised: float, direction: Direction) -> bool:
    """Whether a value is as good as promised, or better."""
    short = promised - value if direction == "higher" else value - promised
    return short <= _EQUAL * max(1.0, abs(promised))


def verdict_of_indicator(
    indicator: Indicator,
    promised: float,
    start: Counted,
    now: Counted,
    months: tuple[str, str],
    *,
    is_final: bool,
    exposures: tuple[float, float] = (1.0, 1.0),
) -> Verdict:
    """The verdict on a promised value. ``now`` has a value; ``start``: the one when it was promised, if it was known.

    Partly kept is what has become better than at the start without reaching the promise. ``exposures``: how many days the
    start and the present figure were counted over, by which sums over an unfinished period are compared.
    """
    assert now.value is not None  # noqa: S101  # whoever asks has looked
    is_better = False
    if start.value is not None:
        adds_up = not indicator.is_ratio and indicator.over_months == "sum" and not is_final
        was, is_now = (start.value / exposures[0], now.value / exposures[1]) if adds_up else (start.value, now.value)
        gain = is_now - was if indicator.direction == "higher" else was - is_now
        is_better = gain > _EQUAL * max(1.0, abs(was))
    outcome: Outcome = "missed"
    if reaches(now.value, promised, indicator.direction):
        outcome = "kept"
    elif is_better:
        outcome = "partly"
    low, high, is_chance = how_sure(indicator, start, now, exposures)
    return Verdict(outcome, is_final, *months, now, low, high, is_chance)


def verdict_of_cases(closed: Sequence[bool | None], *, is_final: bool) -> Verdict:
    """The verdict on cases to be closed: of each whether it was by the due date; None: that is not known."""
    done, unknown = sum(one is True for one in closed), sum(one is None for one in closed)
    now = Counted(None, float(done), float(len(closed)))
    outcome: Outcome
    if unknown and (unknown == len(closed) or done + unknown == len(closed)):
        return Verdict("insufficient", is_final, now=now, reason="unknown_cases")
    if not closed:
        return Verdict("insufficient", is_final, now=now, reason="no_business")
    outcome = "kept" if done == len(closed) else "partly" if done else "missed"
    return Verdict(outcome, is_final, now=now)


# --- Chance ---------------------------------------------------------------------------------------


def _is_share(indicator: Indicator) -> bool:
    """Whether it is a share of things that happen one by one, which hours and yuan do not."""
    is_of_hours = (indicator.denominator or "").startswith("hours")
    return indicator.is_percentage and indicator.is_ratio and indicator.counted_in is None and not is_of_hours


def _is_of_events(indicator: Indicator) -> bool:
    """Whether it counts things that happen one by one over a period."""
    adds_up = not indicator.is_ratio and indicator.over_months == "sum"
    return adds_up and not indicator.by_hand and indicator.unit_zh != HOURS[0]


def poisson_interval(count: float) -> tuple[float, float]:
    """The 95 % interval of the mean behind a count, by Byar's approximation to the exact one.

    Source: N. E. Breslow and N. E. Day, Statistical Methods in Cancer Research II (1987), page 69, formula 2.12.
    """
    low = count * (1 - 1 / (9 * count) - Z_95 / (3 * math.sqrt(count))) ** 3 if count else 0.0
    more = count + 1
    return max(low, 0.0), more * (1 - 1 / (9 * more) + Z_95 / (3 * math.sqrt(more))) ** 3


def how_sure(
    indicator: Indicator, start: Counted, now: Counted, exposures: tuple[float, float]
) -> tuple[float | None, float | None, bool | None]:
    """The 95 % interval of the present figure in its unit, and whether the change since the start is no larger than chance makes.

    None where that cannot be told. Of shares: Wilson's interval, and whether that of their difference holds 0 (R. G. Newcombe,
    Statistics in Medicine 17 (1998), 873-890, method 10, of Wilson's intervals). Of counts: that of a Poisson mean, and, given
    their sum, whether the later one is binomial with the share that its ``exposures`` (days) have (J. Przyborowski and
    H. Wilenski, Biometrika 31 (1940), 313-323), by Wilson's interval.
    """
    if _is_share(indicator):
        return _of_shares(indicator, start, now)
    if not _is_of_events(indicator) or now.numerator is None or now.numerator < 0:
        return None, None, None
    before, after = start.numerator, now.numerator
    is_chance = None
    if before is not None and before >= 0:
        expected = exposures[1] / (exposures[0] + exposures[1])
        lowest, highest = wilson(np.array([after]), np.array([before + after]))
        is_chance = not before + after or bool(lowest[0] <= expected <= highest[0])
    return *poisson_interval(after), is_chance


def _of_shares(indicator: Indicator, start: Counted, now: Counted) -> tuple[float | None, float | None, bool | None]:
    n, d = (
        np.array([math.nan if count is None else count for count in counts])
        for counts in ((start.numerator, now.numerator), (start.denominator, now.denominator))
    )
    is_known = (n >= 0) & (n <= d) & (d > 0)
    if not is_known[1]:
        return None, None, None
    low, high = wilson(n, d)
    is_chance = None
    if is_known[0]:
        share = n / d
        least, most = (
            math.hypot(share[1] - low[1], high[0] - share[0]),
            math.hypot(high[1] - share[1], share[0] - low[0]),
        )
        is_chance = bool(-most <= share[1] - share[0] <= least)
    return indicator.scale * float(low[1]), indicator.scale * float(high[1]), is_chance
