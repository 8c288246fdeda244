"""What open cases will likely come to, from how long recent ones stayed open: discrete hazards, shrunk to the county's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_access.scope import month_offset
from data_access.warning.counting import MonthCounts, Process

Floats = NDArray[np.float64]

# Of so many months before, the county's hazards, and a township's course against them
_COUNTY_MONTHS, _TOWNSHIP_MONTHS = 6, 3
# So many cases weigh as much as those of all kinds, or as those of all townships
_BORROWED = 20.0
# The season of what is still to come: at least and at most so many times the pace of late
_LEAST_SEASON, _MOST_SEASON = 0.5, 2.0


@dataclass(frozen=True)
class MonthEnd:
    """The rate that is expected at the month's end (0 to 1) by township, its variance, and its denominator. NaN: none."""

    rate: Floats
    variance: Floats
    denominator: Floats


def hazards(events: Floats, exposed: Floats) -> Floats:
    """The share of open cases that are closed at each step, by kind and step; that of all kinds where a kind has few.

    The discrete-time estimate of Kaplan and Meier (Journal of the American Statistical Association 53 (1958), 457-481):
    events / exposed, of cases that come in late (left truncation) and go on (censoring) as of others.
    """
    of_all = events.sum(axis=0) / np.maximum(exposed.sum(axis=0), 1)
    return np.asarray((events + _BORROWED * of_all) / (exposed + _BORROWED))


def courses(events: Floats, exposed: Floats, of_county: Floats) -> Floats:
    """How many times as fast as by the county's hazards each township closes cases.

    Observed against expected events, drawn to 1 by a gamma prior whose variance is estimated by moments from all townships:
    D. Clayton and J. Kaldor, Biometrics 43 (1987), 671-681; the moments are those of R. DerSimonian and N. Laird, Controlled
    Clinical Trials 7 (1986), 177-188.
    """
    observed, expected = events.sum(axis=(1, 2)), (exposed * of_county).sum(axis=(1, 2))
    known = expected > 0
    weights = expected[known]
    if len(weights) < 2:
        return np.ones(len(observed))
    excess = (weights * (observed[known] / weights - 1) ** 2).sum() - (len(weights) - 1)
    variance = excess / (weights.sum() - (weights**2).sum() / weights.sum())
    if variance <= 0:
        return np.ones(len(observed))
    return np.asarray((observed + 1 / variance) / (expected + 1 / variance))


def chances(hazard: Floats, process: Process, days_left: int) -> Floats:
    """The probability that a case open at a step will be a success, in the shape of ``hazard`` (last axis: steps).

    1 - Π (1 - h) over the steps to come: those to the due date, or as many as days are left.
    """
    stays = np.log1p(-np.minimum(hazard, 1 - 1e-9))
    summed = np.concatenate([np.zeros((*stays.shape[:-1], 1)), stays.cumsum(axis=-1)], axis=-1)
    steps = np.arange(stays.shape[-1])
    if process.counts_down:
        # With r days left the steps r - 1 to 0 are to come.
        return np.asarray(1 - np.exp(summed[..., steps]))
    last = np.minimum(steps + min(days_left, process.longest), stays.shape[-1] - 1)
    return np.asarray(1 - np.exp(summed[..., last + 1] - summed[..., steps + 1]))


def month_end(process: Process, months: Sequence[MonthCounts], day: int) -> MonthEnd:
    """The rate at the end of the last of the months, as it was to be expected at the end of a day of it.

    The other months are those before it, in order. Each case that is known counts as what it is, each open one with its
    chance, and those to come as those of the last months did that came so many days before their month's end.
    """
    now, past = months[-1], months[:-1]
    events, exposed = _closings(past[-_COUNTY_MONTHS:], now, day)
    of_county = hazards(events.sum(axis=0), exposed.sum(axis=0))
    events, exposed = _closings(past[-_TOWNSHIP_MONTHS:], now, day)
    course = courses(events, exposed, of_county)[:, None, None]
    chance = chances(1 - (1 - np.minimum(of_county, 1 - 1e-9)) ** course, process, now.days - day)
    opened = now.open[day]
    coming, success = to_come(months, day)
    won = now.known_n[day] + now.won[day] + (opened * chance).sum(axis=(1, 2)) + coming * success
    denominator = now.known_n[day] + now.failed[day] + now.won[day] + opened.sum(axis=(1, 2)) + coming
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = won / denominator
        spread = (opened * chance * (1 - chance)).sum(axis=(1, 2))
        # How many come is as uncertain as a Poisson number, and moves the rate by how far their success is from it.
        spread = spread + coming * (success * (1 - success) + (success - rate) ** 2)
        return MonthEnd(rate, spread / denominator**2, denominator)


def _closings(past: Sequence[MonthCounts], now: MonthCounts, day: int) -> tuple[Floats, Floats]:
    """Cases closed at each step and those that were open as it began, by township and kind, of months and part of one."""
    months = [(month, month.days) for month in past] + [(now, day)]
    return (
        np.sum([month.events[until] for month, until in months], axis=0, dtype=float),
        np.sum([month.exposed[until] for month, until in months], axis=0, dtype=float),
    )


def to_come(months: Sequence[MonthCounts], day: int) -> tuple[Floats, Floats]:
    """How many cases are likely still to come in the last month by township, and the share of them that will be successes.

    The mean of the last months at as many days before their end, times the season: what the county had in the same month of
    the year before against the months before that, where they are known.
    """
    now, past = months[-1], months[:-1]
    left = now.days - day
    later = {
        month.month: (month.later_n[max(month.days - left, 0)], month.later_d[max(month.days - left, 0)])
        for month in past
    }
    of_late = [later[month.month] for month in past[-_TOWNSHIP_MONTHS:]]
    came = np.sum([d for _, d in of_late], axis=0)
    won = np.sum([n for n, _ in of_late], axis=0)
    success = (won + _BORROWED * won.sum() / max(came.sum(), 1)) / (came + _BORROWED)
    year_before = [month_offset(now.month, -12 - back) for back in range(_TOWNSHIP_MONTHS + 1)]
    season = 1.0
    if all(month in later for month in year_before):
        then, *leading = (float(later[month][1].sum()) for month in year_before)
        if then and sum(leading):
            season = float(np.clip(then * _TOWNSHIP_MONTHS / sum(leading), _LEAST_SEASON, _MOST_SEASON))
    return season * came / len(of_late), success


def so_far(months: Sequence[MonthCounts], day: int) -> MonthEnd:
    """The rate so far, taken for that of the month's end: the simplest thing to expect, which survival has to beat."""
    now = months[-1]
    n, d = now.known_n[day].astype(float), now.known_d[day].astype(float)
    coming, _ = to_come(months, day)
    undecided = now.won[day] + now.open[day].sum(axis=(1, 2)) + coming
    denominator = now.known_n[day] + now.failed[day] + undecided
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = n / np.where(d > 0, d, np.nan)
        # One more success and one more failure, so that 5 of 5 is not certain
        smooth = (n + 1) / (d + 2)
        return MonthEnd(rate, smooth * (1 - smooth) * undecided / denominator**2, denominator)
