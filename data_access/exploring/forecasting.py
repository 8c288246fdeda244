"""下月预计: what next month may bring, from the months that are over.

A few simple models are tried on every month that is known (rolling back-test). Each category blends them by how they
erred, its own errors pooled with those of all categories, since a category alone has too few months to judge by. The
blend errs less than the best that could be picked, because picking follows chance (Bates and Granger, 1969). The interval
has the width of the errors that the blend made where it expected about as much (split conformal prediction).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_access.scope import month_end, month_offset

Numbers = NDArray[np.float64]

# The models, in the order of _models.
MODELS = ("last", "year_before", "mean", "middle", "half_course", "course")
# The months whose course since the year before is carried on
_COURSE = 3
# What the models look back on, and three months to try them on
_FIRST = 12 + _COURSE
LEAST_MONTHS = _FIRST + 3
# From here on the errors tried tell the models apart well enough (tests/test_forecasting.py).
TELLING_MONTHS = 24
# Fewer forecasts that were tried give no interval.
_LEAST_TRIED = 8
# How many months of all categories weigh as much as one's own errors
_POOLED_MONTHS = 14
# How sharply a model that errs more loses weight: at a tenth more error to exp(-1.2)
_SHARPNESS = 12.0
# Nine of ten
_HELD = 0.9
# A forecast that errs more than the better naive one by more than this earns no place.
_TOLERANCE = 1.03


@dataclass(frozen=True)
class Forecast:
    """Next month's cases by category, and how such forecasts did in the months that are known.

    ``table`` has a row for each category that a model serves better than guessing: category, last (month), year_before
    (the same month), expected, low, high (whole cases), model (of most weight). ``left_out``: the other categories.
    ``history``: how many months it stands on. ``tried``: how many category-months; ``inside``: the share of them within an interval made from the other months;
    ``error``: the mean absolute error in percent of the cases, ``last_error`` and ``year_before_error`` those of
    repeating the month before and the same month of the year before.
    """

    month: str
    table: pd.DataFrame
    left_out: tuple[str, ...]
    history: int
    tried: int
    inside: float
    error: float
    last_error: float
    year_before_error: float


def forecast(counts: pd.DataFrame, as_of: date | None = None) -> Forecast | None:
    """From cases by month (index, without gaps) and category (columns); None where there is nothing to stand on.

    Months that ``as_of`` (the last day with data) leaves unfinished are left out: it is for the one after the last that
    is over. What lies before a month without any data is no history.
    """
    if as_of is not None:
        counts = counts[[(month_end(str(month)) - timedelta(days=1)).date() <= as_of for month in counts.index]]
    missing = counts.isna().all(axis=1).to_numpy()
    if missing.any():
        counts = counts.iloc[int(np.flatnonzero(missing)[-1]) + 1 :]
    if len(counts) < LEAST_MONTHS:
        return None
    numbers = counts.fillna(0).to_numpy(dtype=float)
    numbers = numbers[:, alive := numbers[-12:].sum(axis=0) > 0]
    categories = np.asarray(counts.columns)[alive]
    if numbers[_FIRST:].size < _LEAST_TRIED:
        return None
    guesses = np.array([_models(numbers[:row]) for row in range(_FIRST, len(numbers) + 1)])
    actual = numbers[_FIRST:]
    # A case more or less counts for more where there are few, and no wild category outweighs the others.
    scale = np.sqrt(np.maximum(guesses[:-1].mean(axis=1, keepdims=True), 0.5))
    losses = np.abs(guesses[:-1] - actual[:, None]) / scale
    usual = np.maximum(losses.mean(axis=(0, 1)), 1e-6)
    losses /= usual
    weights = _weights(losses)
    blends = (weights * guesses).sum(axis=1)
    tried, expected = blends[:-1], blends[-1]
    off = np.abs(tried - actual)
    judged = _pooled(np.concatenate([losses, off[:, None] / scale / usual], axis=1))[-1]
    earns = judged[-1] <= _TOLERANCE * judged[:2].min(axis=0) + 1e-6
    if not earns.any():
        return None
    low, high = _interval(expected, tried, actual)
    inside = []
    for row in range(len(tried)):
        others = np.arange(len(tried)) != row
        least, most = _interval(tried[row], tried[others], actual[others])
        inside.append((least <= actual[row]) & (actual[row] <= most))
    table = pd.DataFrame(
        {
            "category": categories,
            "last": numbers[-1],
            "year_before": numbers[-12],
            "expected": expected,
            "low": low,
            "high": high,
            "model": np.asarray(MODELS)[weights[-1].argmax(axis=0)],
        }
    )[earns].sort_values("expected", ascending=False, ignore_index=True)
    cases = actual.sum() / 100
    return Forecast(
        month_offset(str(counts.index[-1]), 1),
        table,
        tuple(map(str, categories[~earns])),
        len(numbers),
        actual.size,
        float(np.mean(inside)),
        float(off.sum() / cases),
        float(np.abs(guesses[:-1, 0] - actual).sum() / cases),
        float(np.abs(guesses[:-1, 1] - actual).sum() / cases),
    )


def _models(numbers: Numbers) -> Numbers:
    """What each model (rows) expects of the month after these (rows) in each category (columns).

    The month before; the same month of the year before; the mean of a year; the middle one of the three months about
    the same one of the year before, which no single bad month moves; these three weighted, times the course of the last
    months against the year before, damped (its square root) and whole: no more than three times, no less than a third.
    """
    then = numbers[-13:-10]
    now, before = numbers[-_COURSE:].sum(axis=0), numbers[-12 - _COURSE : -12].sum(axis=0)
    course = np.clip((now + 1) / (before + 1), 1 / 3, 3)
    smooth = then[0] / 4 + then[1] / 2 + then[2] / 4
    return np.array(
        [
            numbers[-1],
            numbers[-12],
            numbers[-12:].mean(axis=0),
            np.median(then, axis=0),
            smooth * np.sqrt(course),
            smooth * course,
        ]
    )


def _pooled(losses: Numbers) -> Numbers:
    """Mean losses by model and category, drawn to those of all categories: without each month in turn, last with all."""
    count = len(losses)
    total = losses.sum(axis=0)
    sums = np.concatenate([total - losses, total[None]])
    months = np.array([*[count - 1] * count, count])[:, None, None]
    return np.asarray((sums + _POOLED_MONTHS * sums.mean(axis=2, keepdims=True) / months) / (months + _POOLED_MONTHS))


def _weights(losses: Numbers) -> Numbers:
    """The models' weights by category for each month that was tried, from the other months, and last for the next."""
    judged = _pooled(losses)
    weights = np.exp(-_SHARPNESS * (judged / np.maximum(judged.min(axis=1, keepdims=True), 1e-9) - 1))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _interval(expected: Numbers, tried: Numbers, actual: Numbers) -> tuple[Numbers, Numbers]:
    """The whole numbers that nine of ten lie between, of forecasts that expected about as much."""
    # Half a case less, because the ends are rounded to whole ones.
    off = (np.maximum(np.abs(actual - tried) - 0.5, 0) / np.sqrt(tried + 1)).ravel()
    order = np.argsort(off)
    distance = np.log((tried.ravel()[order] + 1) / (expected[:, None] + 1))
    likeness = np.exp(-(distance**2) / 2) + 1e-6
    held = np.cumsum(likeness, axis=1) / (likeness.sum(axis=1, keepdims=True) + 0.5)
    place = np.minimum((held < _HELD).sum(axis=1), len(off) - 1)
    reach = off[order][place] * np.sqrt(expected + 1)
    return np.maximum(0, np.floor(expected - reach + 0.5)), np.floor(expected + reach + 0.5)
