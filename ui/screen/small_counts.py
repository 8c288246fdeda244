"""Figures of so few cases that they could be somebody's: the screen, which anybody in the room reads, hides them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from data_access.areas import AREAS
from data_access.model.indicator import Indicator
from data_access.model.measured import measured
from ui import text
from ui.text import say

# A number of cases under this could be somebody's.
FEWEST_CASES = 5


def is_small(indicator: Indicator, row: Any) -> bool:
    """Whether a figure tells of fewer cases than may be told of."""
    if indicator.area not in AREAS or not AREAS[indicator.area].counts_people:
        return False
    figure = measured(indicator, row)
    numerator, denominator = figure.numerator, figure.denominator
    if indicator.is_percentage:
        return 0 < denominator < FEWEST_CASES
    return 0 < numerator < FEWEST_CASES or (indicator.is_ratio and 0 < denominator < FEWEST_CASES)


def without_small(table: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """The table with ``small`` for figures of too few cases, which are then not in the indicator's column.

    ``whole`` keeps them: who is first, how many miss the target and what is ordered by it do not depend on it.
    """
    small = np.array([is_small(indicator, row) for row in table.to_dict("records")], dtype=bool)
    shown = table.assign(small=small, whole=table[indicator.code])
    shown[indicator.code] = shown[indicator.code].mask(shown["small"])
    return shown


def small_card(indicator: Indicator) -> dict[str, Any]:
    """A card that says only that there are few."""
    value = say(f"{text.under(FEWEST_CASES)} 件", text.under(FEWEST_CASES))
    return {"name": text.name(indicator), "value": value, "tone": "plain"}


def told_value(indicator: Indicator, row: Any) -> str:
    """The figure of a row of :func:`without_small` in words, or why there is none."""
    if row["small"]:
        return text.under(FEWEST_CASES)
    figure = measured(indicator, row)
    if figure.absent:
        return text.absence(figure.absent)
    return text.value(indicator, figure.value, with_unit=indicator.is_percentage)
