"""A figure: a number until it is worded, with its counts, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from data_access.model.indicator import Indicator

# No rows (nobody reported), nothing that the figure is about, or no source that has what it needs
Absence = Literal["unreported", "no_business", "unrecorded"]
UNREPORTED: Absence = "unreported"
NO_BUSINESS: Absence = "no_business"
UNRECORDED: Absence = "unrecorded"


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
    if known == 0:
        return Measured(value, numerator, denominator, UNRECORDED)
    return Measured(value, numerator, denominator, NO_BUSINESS if known > 0 or denominator == 0 else UNREPORTED)
