"""What indicators are held to: set by a county from a month on, of the whole of it or of a township, else declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from data_access.model.indicator import Indicator


@dataclass(frozen=True)
class Target:
    """What an indicator is held to from a month on (``value`` None: to nothing), and the document that says so.

    ``township_code`` is empty for the whole county: what ratios of each township are held to, and a count of all together.
    """

    indicator: str
    township_code: str
    first_month: str
    value: float | None
    document: str


@dataclass(frozen=True)
class Targets:
    """The targets that a county has set."""

    rows: tuple[Target, ...] = ()

    @cached_property
    def _by_place(self) -> dict[tuple[str, str], list[Target]]:
        found: dict[tuple[str, str], list[Target]] = {}
        for row in sorted(self.rows, key=lambda one: one.first_month):
            found.setdefault((row.indicator, row.township_code), []).append(row)
        return found

    def in_force(self, code: str, township_code: str, month: str) -> Target | None:
        """The one that holds in a month, as it was set for exactly this place (empty: the county)."""
        begun = [row for row in self._by_place.get((code, township_code), ()) if row.first_month <= month]
        return begun[-1] if begun else None

    def townships_with(self, code: str) -> frozenset[str]:
        """The townships that have ever had targets of their own for an indicator."""
        return frozenset(place for indicator, place in self._by_place if indicator == code and place)

    def target(
        self, indicator: Indicator, months: Sequence[str], townships: Sequence[str] | None = None
    ) -> float | None:
        """What an indicator is held to over months, in townships together (None: in the whole county); None: to nothing.

        What adds up over months has their sum, everything else what the last month has. What adds up over townships has
        the sum of theirs; of a ratio, several are held to what the county is.
        """
        adds_up = not indicator.is_ratio and indicator.over_months == "sum"
        told = [self._in_month(indicator, month, townships) for month in (months if adds_up else months[-1:])]
        return None if None in told else sum(one for one in told if one is not None)

    def _in_month(self, indicator: Indicator, month: str, townships: Sequence[str] | None) -> float | None:
        if townships is not None and (len(townships) == 1 or not indicator.is_ratio):
            told = [self._of_township(indicator, month, code) for code in townships]
            return None if None in told or not told else sum(one for one in told if one is not None)
        row = self.in_force(indicator.code, "", month)
        return indicator.target if row is None else row.value

    def _of_township(self, indicator: Indicator, month: str, township_code: str) -> float | None:
        own = self.in_force(indicator.code, township_code, month)
        if own is not None and own.value is not None:
            return own.value
        of_all = self._in_month(indicator, month, None)
        # A count that the whole county shall reach says nothing of a township, unless there shall be none at all.
        return of_all if indicator.is_ratio or of_all == 0 else None


NO_TARGETS = Targets()
