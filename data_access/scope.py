"""What a question is asked about: which townships, which months, narrowed to which rows."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from data_access.access import Viewer

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def is_month(word: str) -> bool:
    """Whether a word is a month as it is written here: ``2026-01``."""
    return _MONTH.fullmatch(word) is not None


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


def is_finished(month: str, as_of: datetime) -> bool:
    """Whether data that reach to the as-of moment hold the whole month: they reach its last day.

    The latest thing recorded is seldom of the last second, so that the day decides.
    """
    return as_of.date() >= (month_end(month) - timedelta(days=1)).date()


def finished_month(as_of: datetime) -> str:
    """The last ``YYYY-MM`` that data up to the as-of moment hold whole."""
    month = f"{as_of:%Y-%m}"
    return month if is_finished(month, as_of) else month_offset(month, -1)


def same_moment(as_of: datetime, months: int) -> datetime:
    """The same day and time so many months before; the last second of a month without that day."""
    month = month_offset(f"{as_of:%Y-%m}", -months)
    if as_of.day > days_in(month):
        return month_end(month) - timedelta(seconds=1)
    return as_of.replace(year=int(month[:4]), month=int(month[5:7]))


@dataclass(frozen=True)
class Scope:
    """What a viewer asks about: townships (codes; None: all), months (``YYYY-MM``, both included) and further filters.

    ``where`` holds (dimension, value) pairs such as ``("category_1", "城乡建设")``; a tuple of values stands for
    any of them. ``behind`` is how many months it lies before the scope that it is compared with: an earlier period is
    counted as far as the data of the present one reach, to the same day and time.
    """

    viewer: Viewer
    townships: tuple[str, ...] | None
    start: str
    end: str
    where: tuple[tuple[str, str | tuple[str, ...]], ...] = ()
    behind: int = 0

    def within(self, area: str | None = None) -> tuple[str, ...] | None:
        """The townships that statements are narrowed to (None: all): those asked about that the viewer may see."""
        return self.viewer.within(self.townships, area)

    def of_cases(self) -> Scope:
        """The same, of the cases that the viewer may see one by one."""
        return replace(self, viewer=self.viewer.of_cases())

    @property
    def months(self) -> tuple[str, ...]:
        """The months asked about, in order."""
        return month_range(self.start, self.end)

    def shifted(self, months: int) -> Scope:
        """The same question, so many months later (negative: earlier), to be compared with this one."""
        return replace(
            self,
            start=month_offset(self.start, months),
            end=month_offset(self.end, months),
            behind=self.behind - months,
        )

    def comparable(self, as_of: datetime) -> tuple[str, datetime | None]:
        """How far an earlier scope is comparable with one whose data reach to the as-of moment.

        The last month that counts (before ``start`` if none does), and the moment in it at which it is cut off; None:
        the whole of it counts.
        """
        present = month_offset(self.end, self.behind)
        reached = f"{as_of:%Y-%m}"
        if not self.behind or present < reached:
            return self.end, None
        cut = None if is_finished(reached, as_of) else same_moment(as_of, self.behind)
        return month_offset(reached, -self.behind), cut

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
