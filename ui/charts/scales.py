"""From where to where values are drawn, so that little looks little: on the pages, in the cards and on the wall."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from statistics import median

import pandas as pd

from data_access.model.indicator import Indicator


def line_scale(values: Iterable[float | None], indicator: Indicator) -> tuple[float, float]:
    """The lowest and the highest value of a line's scale; ``values`` by month.

    It covers at least six usual steps from month to month (the median of their sizes), if that is not over twice the
    range: twelve months that only scatter range over 3.3 standard deviations, and their median step is 0.95 of one, so
    that scatter fills about half of the height and what fills all of it is more. It covers at least 2 points of a
    share, and a tenth of the level of any other figure: less than that is nothing to act upon. It does not go beyond 0
    and 100 where the values do not.
    """
    known = [float(value) for value in values if value is not None and not pd.isna(value)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    steps = [abs(after - before) for before, after in pairwise(known)]
    least = 2.0 if indicator.is_percentage or indicator.unit_zh == "个百分点" else abs(median(known)) / 10
    span = max(high - low, min(6 * median(steps), 2 * (high - low)) if steps else 0.0, least) or 1.0
    least_value = 0.0 if low >= 0 else -math.inf
    most_value = 100.0 if indicator.is_percentage and high <= 100 else math.inf
    span = min(span, most_value - least_value)
    bottom = min(max((low + high - span) / 2, least_value), most_value - span)
    return bottom, bottom + span


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values from low to high, at most so many, for an axis drawn elsewhere than in plotly."""
    rough = (high - low) / most
    unit = 10.0 ** math.floor(math.log10(rough))
    step = unit * next(round_step for round_step in (1, 2, 5, 10) if round_step * unit >= rough)
    return [
        round(at * step, 10) + 0.0 for at in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    ]


def anchor(values: Iterable[float | None], target: float | None, *, is_share: bool) -> float | None:
    """What dots are tied to: the target, or the middle of the values; None where bars from 0 tell them apart.

    Shares all above a half look alike as bars, and bars cut off at their feet would exaggerate.
    """
    known = [value for value in values if value is not None and not pd.isna(value)]
    if not is_share or not known or min(known) <= 50:
        return None
    return median(known) if target is None else target
