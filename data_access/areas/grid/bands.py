"""The bands that grids are put in by the month, and what each is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """A band: its name, the lowest share of events closed on time (per cent) in it, and what a grid in it gets (yuan)."""

    name: str
    at_least: float
    yuan: float

    def __str__(self) -> str:
        return f"{self.name} {self.at_least:g} {self.yuan:g}"


def band_of(bands: Sequence[Band], due: int, closed_on_time: int) -> Band | None:
    """The band of a grid of which so many events fell due and were closed on time; None: nothing fell due.

    ``bands`` from the best one; the last one takes what is under all others.
    """
    if not due:
        return None
    share = 100 * closed_on_time / due
    return next((one for one in bands if share >= one.at_least), bands[-1])
