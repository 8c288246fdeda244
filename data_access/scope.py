"""What a question is asked about: which townships, which months, narrowed to which rows."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import datetime


def month_offset(month: str, months: int) -> str:
    """The ``YYYY-MM`` that lies ``months`` after (negative: before) ``month``."""
    index = int(month[:4]) * 12 + int(month[5:7]) - 1 + months
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def month_range(start: str, end: str) -> tuple[str, ...]:
    """Every ``YYYY-MM`` from start to end, both included; empty when start is after end."""
    months = []
    while start <= end:
        months.append(start)
        start = month_offset(start, 1)
    return tuple(months)


def month_start(month: str) -> datetime:
    """Midnight of the month's first day."""
    return datetime(int(month[:4]), int(month[5:7]), 1)


def month_end(month: str) -> datetime:
    """Midnight after the month's last day (the first instant that is not in it)."""
    return month_start(month_offset(month, 1))


def days_in(month: str) -> int:
    """Number of days in the month."""
    return calendar.monthrange(int(month[:4]), int(month[5:7]))[1]


@dataclass(frozen=True)
class Scope:
    """Townships (codes; empty: all), months (``YYYY-MM``, both included) and further filters.

    ``where`` holds (dimension, value) pairs such as ``("category_1", "城乡建设")``; a tuple of values stands for
    any of them.
    """

    townships: tuple[str, ...]
    start: str
    end: str
    where: tuple[tuple[str, str | tuple[str, ...]], ...] = ()

    @property
    def months(self) -> tuple[str, ...]:
        """The months asked about, in order."""
        return month_range(self.start, self.end)

    def shifted(self, months: int) -> Scope:
        """The same question, so many months later (negative: earlier)."""
        return replace(self, start=month_offset(self.start, months), end=month_offset(self.end, months))

    def previous(self) -> Scope:
        """The period of equal length that ends where this one begins (环比)."""
        return self.shifted(-len(self.months))

    def year_before(self) -> Scope:
        """The same months of the year before (同比)."""
        return self.shifted(-12)

    def at_end(self) -> Scope:
        """The last month alone."""
        return replace(self, start=self.end)

    def last_months(self, count: int) -> Scope:
        """So many months that end where this period ends."""
        return replace(self, start=month_offset(self.end, 1 - count))

    def narrowed(self, *where: tuple[str, str | tuple[str, ...]]) -> Scope:
        """The same question with more filters."""
        return replace(self, where=(*self.where, *where))
