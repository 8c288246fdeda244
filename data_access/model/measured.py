"""A figure: a number until it is worded, with its counts, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from data_access.model.indicator import Indicator

# No rows (nobody reported), nothing that the figure is about, no source that has what it needs, or so fine that it would
# tell of cases that the viewer may not see
Absence = Literal["unreported", "no_business", "unrecorded", "withheld"]
UNREPORTED: Absence = "unreported"
NO_BUSINESS: Absence = "no_business"
UNRECORDED: Absence = "unrecorded"
WITHHELD: Absence = "withheld"
# What stands for the number of rows that have what a figure needs where it is withheld
HIDDEN = -1.0


@dataclass(frozen=True)
class Measured:
    """An indicator's ``value`` and the counts that it is made of; NaN is none, and ``absent`` then says why.

    ``denominator`` is NaN for plain counts.
    """

    value: float
    numerator: float
    denominator: float
    absent: Absence | None


def measured(indicator: Indicator, row: Mapping[str, Any] | Any) -> Measured:
    """The indicator's figure in a row of :func:`data_access.queries.measure`."""
    value, numerator, denominator, known = (
        float(row.get(f"{indicator.code}{letter}", math.nan)) for letter in ("", ":n", ":d", ":k")
    )
    if not math.isnan(value):
        return Measured(value, numerator, denominator, None)
    if known == HIDDEN:
        return Measured(value, numerator, denominator, WITHHELD)
    if known == 0:
        return Measured(value, numerator, denominator, UNRECORDED)
    return Measured(value, numerator, denominator, NO_BUSINESS if known > 0 or denominator == 0 else UNREPORTED)
