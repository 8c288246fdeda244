"""How warnings would have done in months that are over, as the data stood then; and which method that speaks for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from data_access.warning.counting import MonthCounts, Process
from data_access.warning.reaching import needed
from data_access.warning.survival import Floats, MonthEnd, month_end, so_far

Method = Literal["survival", "so_far"]

# The days of each month at whose ends it is tried
DAYS = (10, 15, 20, 25)
# So many months have to be over before anything is expected of the next, and of the ones tried at least so many before
LEAST_MONTHS = 6
_LEAST_BEFORE = 3
# Of so many months at most
_TRIED_MONTHS = 12
# Nine of ten
_HELD = 0.9
_NORMAL = NormalDist()
_Z_HELD = _NORMAL.inv_cdf((1 + _HELD) / 2)


@dataclass(frozen=True)
class Score:
    """Of so many township-months tried: how many missed the target, how many were warned of, and how many were both.

    ``error``: the mean absolute error in points. ``brier``: the mean squared error of the probability of a miss (G. W. Brier,
    Monthly Weather Review 78 (1950), 1-3). ``inside``: the share whose rate was within the interval of nine of ten that the
    other months make.
    """

    tried: int
    misses: int
    warned: int
    found: int
    error: float
    brier: float
    inside: float

    @property
    def recall(self) -> float:
        """The share of the misses that were warned of; NaN without any."""
        return self.found / self.misses if self.misses else math.nan

    @property
    def precision(self) -> float:
        """The share of the warnings that came true; NaN without any."""
        return self.found / self.warned if self.warned else math.nan

    @property
    def balance(self) -> float:
        """The harmonic mean of recall and precision (F1); 1 where there was nothing to warn of, and no warning."""
        both = self.misses + self.warned
        return 2 * self.found / both if both else 1.0


@dataclass(frozen=True)
class BackTest:
    """The scores of each method by day (0: all days together), and how wide its intervals are.

    ``reach``: within so many standard deviations nine of ten rates were (split conformal prediction: the errors of the past
    say how wide an interval is, whatever their distribution).
    """

    months: int
    scores: Mapping[tuple[Method, int], Score]
    reach: Mapping[Method, float]

    @property
    def method(self) -> Method:
        """Survival only where it errs less, its probabilities are better, and it finds misses as well; else the rate so far.

        As well: no worse than one township-month more or less would make it.
        """
        survival, rate = self.scores["survival", 0], self.scores["so_far", 0]
        one = 2 / max(survival.misses + survival.warned, 1)
        is_better = survival.error < rate.error and survival.brier < rate.brier
        return "survival" if is_better and survival.balance >= rate.balance - one else "so_far"

    def interval(self, method: Method, expected: MonthEnd) -> tuple[Floats, Floats]:
        """The rates (0 to 1) that nine of ten lie between."""
        reach = self.reach[method] * np.sqrt(expected.variance)
        return np.maximum(expected.rate - reach, 0), np.minimum(expected.rate + reach, 1)


def expect(method: Method, process: Process, months: Sequence[MonthCounts], day: int) -> MonthEnd:
    """The rate at the end of the last of the months, by a method, as it was to be expected at the end of a day of it."""
    return month_end(process, months, day) if method == "survival" else so_far(months, day)


def missed(month: MonthCounts, targets: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which townships' finished month fell short of their targets (percent; NaN: none)."""
    return np.array(
        [
            not math.isnan(target) and int(n) < needed(target, int(d))
            for n, d, target in zip(month.known_n[-1], month.known_d[-1], targets, strict=True)
        ]
    )


def chance_of_miss(expected: MonthEnd, targets: Floats, reach: float) -> Floats:
    """The probability that the rate falls short of the target (percent), by the width that past errors had."""
    deviation = np.sqrt(expected.variance) * reach / _Z_HELD
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (targets / 100 - expected.rate) / deviation
    certain = np.where(expected.rate < targets / 100, 1.0, 0.0)
    found = np.where(deviation > 0, np.vectorize(_NORMAL.cdf, otypes=[float])(np.nan_to_num(z)), certain)
    return np.where(np.isnan(expected.rate) | np.isnan(targets), np.nan, found)


def back_test(process: Process, months: Sequence[MonthCounts], targets: Mapping[str, Floats]) -> BackTest | None:
    """Each of the last months tried on those before it (rolling origin). None where there is nothing to try.

    ``months``: those that are over, in order, each counted at the ends of DAYS and of its last day. ``targets``: by month,
    each township's in percent (NaN: none). Both methods are tried on the same township-months.
    """
    tried = [
        (months[: at + 1], day)
        for at in range(max(_LEAST_BEFORE, len(months) - _TRIED_MONTHS), len(months))
        for day in DAYS
    ]
    found: dict[Method, list[MonthEnd]] = {
        method: [expect(method, process, known, day) for known, day in tried] for method in ("survival", "so_far")
    }
    if not tried:
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        actual = np.concatenate([known[-1].known_n[-1] / known[-1].known_d[-1] for known, _ in tried])
    wanted = np.concatenate([targets[known[-1].month] for known, _ in tried])
    is_miss = np.concatenate([missed(known[-1], targets[known[-1].month]) for known, _ in tried])
    days = np.concatenate([np.full(len(targets[known[-1].month]), day) for known, day in tried])
    joined = {method: _joined(ends) for method, ends in found.items()}
    counts = ~np.isnan(actual) & ~np.isnan(wanted)
    for one in joined.values():
        counts &= ~np.isnan(one.rate)
    if not counts.any():
        return None
    scores: dict[tuple[Method, int], Score] = {}
    reach: dict[Method, float] = {}
    month = np.repeat(np.arange(len(tried)) // len(DAYS), len(wanted) // len(tried))
    for method, one in joined.items():
        off, deviation = np.abs(one.rate - actual), np.sqrt(one.variance)
        known = counts & (deviation > 0)
        reach[method] = _reach(off[known] / deviation[known])
        # Whether an interval holds is seen in months that have not made it.
        others = [known & (month != at) for at in range(month[-1] + 1)]
        without = np.array([_reach(off[one_out] / deviation[one_out]) for one_out in others])[month]
        is_inside = off <= without * deviation + 1e-12
        chance = chance_of_miss(one, wanted, reach[method])
        is_warned = one.rate < wanted / 100 - 1e-12
        for day in (0, *DAYS):
            own = counts & (days == day) if day else counts
            scores[method, day] = Score(
                int(own.sum()),
                int(is_miss[own].sum()),
                int(is_warned[own].sum()),
                int((is_miss & is_warned)[own].sum()),
                float(100 * off[own].mean()) if own.any() else math.nan,
                float(((chance - is_miss)[own] ** 2).mean()) if own.any() else math.nan,
                float(is_inside[own].mean()) if own.any() else math.nan,
            )
    return BackTest(len(tried) // len(DAYS), scores, reach)


def _reach(ratios: Floats) -> float:
    """The number that nine of ten errors, in standard deviations, are within; 0 of none."""
    place = min(math.ceil(_HELD * (len(ratios) + 1)), len(ratios))
    return float(np.sort(ratios)[place - 1]) if place else 0.0


def _joined(ends: Sequence[MonthEnd]) -> MonthEnd:
    return MonthEnd(
        *(np.concatenate([getattr(end, name) for end in ends]) for name in ("rate", "variance", "denominator"))
    )
