"""How a figure changed since the period that it is compared with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from data_access.model.indicator import Indicator

# Under this a count is compared in its own unit: 3 of 2 more is no percentage.
_FEW = 20


@dataclass(frozen=True)
class Change:
    """``amount``, rounded to the ``decimals`` that are shown, in percentage points, the indicator's own unit or per cent."""

    amount: float
    decimals: int
    unit: Literal["points", "own", "per cent"]

    def tone(self, indicator: Indicator) -> Literal["good", "bad", "plain"]:
        """Good for better, bad for worse; plain where nothing changed or neither is."""
        if not self.amount or indicator.direction == "neither":
            return "plain"
        return "good" if (self.amount > 0) == (indicator.direction == "higher") else "bad"


def change_of(indicator: Indicator, now: float, then: float) -> Change | None:
    """The change of two values: points for shares, per cent for counts that are not few; None without both (NaN)."""
    if math.isnan(now) or math.isnan(then):
        return None
    decimals = indicator.decimals_of(now, then)
    if indicator.is_percentage or indicator.unit_zh == "个百分点":
        decimals = max(decimals, 1)
        return Change(_shown(now - then, decimals), decimals, "points")
    if abs(then) < _FEW or decimals:
        return Change(_shown(now - then, decimals), decimals, "own")
    return Change(_shown(100 * (now - then) / abs(then), 1), 1, "per cent")


def _shown(amount: float, decimals: int) -> float:
    # As it will be written; added, 0 makes 0 of -0
    return float(f"{amount:.{decimals}f}") + 0.0
