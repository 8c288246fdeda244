"""A month's cases as a back-test needs them: what was known at the end of some of its days, what was open, what came later.

The database counts cases by township and days; nothing here has a row for a case. What a case was at the end of a day
follows from the days on which it was received, due and closed, so that a month of the past is told as it stood then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Table, and_, case, func, literal, or_, select

from data_access.access import among
from data_access.areas.grid.tables import grid_event
from data_access.areas.petitions.area import SIGNING_HOURS
from data_access.areas.petitions.closing import is_timely_known
from data_access.areas.petitions.tables import petition
from data_access.model.recorded import is_recorded
from data_access.model.rollup import one_if
from data_access.scope import Scope, days_in, month_end, month_start
from data_access.sql_functions import day_of, hours_between

Counts = NDArray[np.int64]

# A case that can be decided within a month is decided within so many steps of a day.
STEPS = 32
# Cases with up to so many days from receipt to the due date are alike; those with more are, too.
_LEADS = (5, 9, 17)
_NEVER = 10_000


@dataclass(frozen=True)
class Part:
    """A month of an indicator's cases, as the scope's viewer sees them in its townships, which are named one by one.

    ``days``: at whose ends it is asked what was open. ``as_of``: until when the data reach.
    """

    code: str
    scope: Scope
    days: tuple[int, ...]
    as_of: datetime


@dataclass(frozen=True)
class MonthCounts:
    """What was known of a month at the end of each of its days (first axis, 0: before it) in each township (second axis).

    ``known_n`` and ``known_d``: the rate so far. ``failed``: cases that can be no successes any more; ``won``: those that will
    count as successes and do not yet. ``later_n`` and ``later_d``: what came of the cases that were not received yet. By day,
    of those that were asked for: ``open`` has the cases open by township, kind and step; ``events`` and ``exposed`` have, of
    all days up to its end, the cases closed at each step and those that were open as it began.
    """

    month: str
    known_n: Counts
    known_d: Counts
    failed: Counts
    won: Counts
    later_n: Counts
    later_d: Counts
    open: Mapping[int, Counts]
    events: Mapping[int, Counts]
    exposed: Mapping[int, Counts]

    def __len__(self) -> int:
        """About as many rows of a table would take as much memory."""
        arrays = [*self.open.values(), *self.events.values(), *self.exposed.values()]
        return sum(array.size for array in arrays) // 20

    @property
    def days(self) -> int:
        """How many days the month has."""
        return len(self.known_n) - 1


@dataclass(frozen=True)
class Cases:
    """What is received, due and closed; ``counted``: which rows count, as far as their sources tell (``areas.*.rollup``)."""

    table: Table
    received_at: ColumnElement[Any]
    counted: tuple[ColumnElement[bool], ...]


@dataclass(frozen=True)
class Process:
    """How the cases behind an indicator are decided.

    ``counts_down``: steps are the days left to the due date, else the days since receipt. ``longest``: the most steps that
    decide a case.
    """

    cases: Cases
    count: Callable[[Connection, Part, Cases], MonthCounts]
    counts_down: bool
    longest: int


def month_counts(connection: Connection, part: Part) -> MonthCounts:
    """The part, counted in the database by the process of its indicator."""
    process = PROCESSES[part.code]
    return process.count(connection, part, process.cases)


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _cells(
    connection: Connection,
    part: Part,
    cases: Cases,
    columns: Mapping[str, ColumnElement[Any]],
    *conditions: ColumnElement[bool],
) -> tuple[Counts, ...]:
    """Counts of cases by township (place in the scope's) and further columns, -1 for null; the last are the counts."""
    township_code = cases.table.c.township_code
    townships = part.scope.within(cases.table.info["area"])
    # What is grouped by is made once for each case, and named.
    rows_of = (
        select(township_code, *(expression.label(name) for name, expression in columns.items()))
        .where(among(township_code, townships), *cases.counted, *conditions)
        .subquery("cases")
    )
    keys = [*rows_of.c]
    query = select(*keys, func.count()).group_by(*keys)
    places = {code: place for place, code in enumerate(part.scope.townships or ())}
    rows = [
        (places[row[0]], *(-1 if value is None else int(value) for value in row[1:]))
        for row in connection.execute(query)
    ]
    found = np.array(rows, dtype=np.int64).reshape(-1, len(keys) + 1)
    return tuple(found.T)


class _Sums:
    """Sums of cells in arrays that are as large as a month needs."""

    def __init__(self, part: Part, kinds: int) -> None:
        self.townships = len(part.scope.townships or ())
        self.days = days_in(part.scope.start)
        self._shape = (self.townships, kinds, STEPS)

    def by_day(self, of: Counts, day: Counts, count: Counts) -> Counts:
        """By day (0: none) and township; days beyond the month are the last."""
        found: Counts = np.zeros((self.days + 1, self.townships), dtype=np.int64)
        np.add.at(found, (np.clip(day, 0, self.days), of), count)
        return found

    def by_step(self, of: Counts, kind: Counts, step: Counts, count: Counts) -> Counts:
        """By township, kind and step."""
        found: Counts = np.zeros(self._shape, dtype=np.int64)
        np.add.at(found, (of, kind, step), count)
        return found

    def by_steps(self, of: Counts, kind: Counts, first: Counts, last: Counts, count: Counts) -> Counts:
        """The same of cells that stand at each step from the first to the last; those without any are nowhere."""
        is_any = first <= last
        of, kind, first, last, count = (array[is_any] for array in (of, kind, first, last, count))
        changes: Counts = np.zeros((*self._shape[:2], STEPS + 1), dtype=np.int64)
        np.add.at(changes, (of, kind, first), count)
        np.add.at(changes, (of, kind, last + 1), -count)
        return changes.cumsum(axis=-1)[..., :-1]


def _by_due_date(connection: Connection, part: Part, cases: Cases) -> MonthCounts:
    """Cases due in the month: closed by the due date or not. Steps are the days left; kinds the days that were given."""
    c, month = cases.table.c, part.scope.start
    of, due_day, received, closed, is_later, count = _cells(
        connection,
        part,
        cases,
        {
            "due": day_of(c.due_at),
            "received": day_of(cases.received_at),
            "closed": case((c.closed_at <= c.due_at, day_of(c.closed_at))),
            "is_later": one_if(c.due_at > part.as_of),
        },
        c.due_at >= month_start(month),
        c.due_at < month_end(month),
    )
    sums = _Sums(part, len(_LEADS) + 1)
    before = _number(month_start(month).date()) - 1
    # What is due later on the day of the data is still to be decided.
    due_day = due_day + (is_later & (due_day == _number(part.as_of.date()))) - before
    given = np.maximum(due_day - (received - before), 0)
    # Without a day (-1) it was not closed by the due date.
    left = np.where(closed < 0, -1, np.minimum(due_day - (closed - before), given))
    is_won = left >= 0
    received, closed = due_day - given, np.where(is_won, due_day - left, _NEVER)
    kind = np.searchsorted(_LEADS, given)
    known_d = sums.by_day(of, due_day, count).cumsum(axis=0)
    known_n = sums.by_day(of[is_won], due_day[is_won], count[is_won]).cumsum(axis=0)
    # Successes that are certain count from their closing on, and as the rate's from their due date on.
    certain = sums.by_day(of[is_won], closed[is_won], count[is_won]).cumsum(axis=0)
    all_received = sums.by_day(of, received, count).cumsum(axis=0)
    won_received = sums.by_day(of[is_won], received[is_won], count[is_won]).cumsum(axis=0)
    opened, events, exposed = {}, {}, {}
    for day_asked in part.days:
        is_open = (due_day > day_asked) & (received <= day_asked) & (closed > day_asked)
        opened[day_asked] = sums.by_step(
            of[is_open], kind[is_open], np.minimum(due_day - day_asked, STEPS - 1)[is_open], count[is_open]
        )
        is_event = (closed <= day_asked) & (left < STEPS)
        events[day_asked] = sums.by_step(of[is_event], kind[is_event], left[is_event], count[is_event])
        first = np.maximum(np.maximum(left, 0), due_day - day_asked)
        exposed[day_asked] = sums.by_steps(of, kind, first, np.minimum(given, STEPS - 1), count)
    return MonthCounts(
        month,
        known_n,
        known_d,
        known_d - known_n,
        certain - known_n,
        won_received[-1] - won_received,
        all_received[-1] - all_received,
        opened,
        events,
        exposed,
    )


def _by_receipt(connection: Connection, part: Part, cases: Cases) -> MonthCounts:
    """Cases received in the month: closed by its end or not. Steps are the days since receipt."""
    c, month = cases.table.c, part.scope.start
    start = month_start(month)
    received_on = day_of(cases.received_at)
    of, received, taken, count = _cells(
        connection,
        part,
        cases,
        {"received": received_on, "taken": day_of(c.closed_at) - received_on},
        # Those of the month before are open in this one, and tell how long cases of such an age take.
        cases.received_at >= start - timedelta(days=STEPS - 1),
        cases.received_at < month_end(month),
    )
    sums = _Sums(part, 1)
    received = received - _number(start.date()) + 1
    taken = np.where(taken < 0, _NEVER, taken)
    closed = received + taken
    kind = np.zeros_like(of)
    own = received >= 1
    won = own & (closed <= sums.days)
    known_d = sums.by_day(of[own], received[own], count[own]).cumsum(axis=0)
    known_n = sums.by_day(of[won], closed[won], count[won]).cumsum(axis=0)
    won_received = sums.by_day(of[won], received[won], count[won]).cumsum(axis=0)
    opened, events, exposed = {}, {}, {}
    for day_asked in part.days:
        is_open = own & (received <= day_asked) & (closed > day_asked)
        opened[day_asked] = sums.by_step(of[is_open], kind[is_open], (day_asked - received)[is_open], count[is_open])
        is_event = (closed >= 1) & (closed <= day_asked) & (taken < STEPS)
        events[day_asked] = sums.by_step(of[is_event], kind[is_event], taken[is_event], count[is_event])
        last = np.minimum(np.minimum(taken, day_asked - received), STEPS - 1)
        exposed[day_asked] = sums.by_steps(of, kind, np.maximum(0, 1 - received), last, count)
    nothing = np.zeros_like(known_n)
    return MonthCounts(
        month,
        known_n,
        known_d,
        # Until the month ends, an open case may still be closed in it.
        nothing,
        nothing,
        won_received[-1] - won_received,
        known_d[-1] - known_d,
        opened,
        events,
        exposed,
    )


# What became of a case's signing, or that it may still be signed in time
_SAME_DAY, _NEXT_DAY, _LATE, _PENDING = range(4)


def _by_signing(connection: Connection, part: Part, cases: Cases) -> MonthCounts:
    """Cases received in the month: signed within 24 hours or not. Steps are the days since receipt: 0 or 1."""
    c, month = petition.c, part.scope.start
    received_on = day_of(c.received_at)
    in_time = and_(c.signed_at.is_not(None), hours_between(c.received_at, c.signed_at) <= SIGNING_HOURS)
    deadline = part.as_of - timedelta(hours=SIGNING_HOURS)
    is_untouched = and_(c.signed_at.is_(None), c.replied_at.is_(None), c.closed_at.is_(None))
    state = case(
        (and_(in_time, day_of(c.signed_at) <= received_on), literal(_SAME_DAY)),
        (in_time, literal(_NEXT_DAY)),
        (and_(is_untouched, c.received_at > deadline), literal(_PENDING)),
        else_=literal(_LATE),
    )
    of, received, signed, count = _cells(
        connection,
        part,
        cases,
        {"received": received_on, "signed": state},
        c.received_at >= month_start(month),
        c.received_at < month_end(month),
        or_(c.signed_at.is_not(None), is_untouched),
    )
    sums = _Sums(part, 1)
    received = received - _number(month_start(month).date()) + 1
    kind = np.zeros_like(of)
    is_won, is_pending = signed <= _NEXT_DAY, signed == _PENDING
    # What is not signed on its own day is known on the next one: both days are of the month it was received in.
    known = np.where(is_pending, _NEVER, received + (signed != _SAME_DAY))
    counted = known <= sums.days + 1
    known_d = sums.by_day(of[counted], known[counted], count[counted]).cumsum(axis=0)
    known_n = sums.by_day(of[is_won], known[is_won], count[is_won]).cumsum(axis=0)
    all_received = sums.by_day(of[counted], received[counted], count[counted]).cumsum(axis=0)
    won_received = sums.by_day(of[is_won], received[is_won], count[is_won]).cumsum(axis=0)
    opened, events, exposed = {}, {}, {}
    for day_asked in part.days:
        is_open = (received <= day_asked) & (known > day_asked)
        opened[day_asked] = sums.by_step(of[is_open], kind[is_open], kind[is_open], count[is_open])
        is_exposed = counted & (signed != _SAME_DAY) & (received < day_asked)
        exposed[day_asked] = sums.by_step(of[is_exposed], kind[is_exposed], kind[is_exposed] + 1, count[is_exposed])
        is_event = is_exposed & is_won
        events[day_asked] = sums.by_step(of[is_event], kind[is_event], kind[is_event] + 1, count[is_event])
    nothing = np.zeros_like(known_n)
    return MonthCounts(
        month,
        known_n,
        known_d,
        known_d - known_n,
        nothing,
        won_received[-1] - won_received,
        all_received[-1] - all_received,
        opened,
        events,
        exposed,
    )


_PETITIONS = Cases(
    petition, petition.c.received_at, (petition.c.invalid_reason.is_(None), is_timely_known(petition.c.closed_at))
)
_SIGNED = Cases(
    petition, petition.c.received_at, (petition.c.invalid_reason.is_(None), is_recorded(petition, "signed_at"))
)
_EVENTS = Cases(grid_event, grid_event.c.reported_at, (is_recorded(grid_event, "closed_at"),))
# By the indicator's code
PROCESSES: Mapping[str, Process] = {
    "on_time_rate": Process(_PETITIONS, _by_due_date, counts_down=True, longest=STEPS - 1),
    "signed_in_time_rate": Process(_SIGNED, _by_signing, counts_down=False, longest=1),
    "completion_rate": Process(_PETITIONS, _by_receipt, counts_down=False, longest=STEPS - 1),
    "grid_on_time_rate": Process(_EVENTS, _by_due_date, counts_down=True, longest=STEPS - 1),
    "grid_completion_rate": Process(_EVENTS, _by_receipt, counts_down=False, longest=STEPS - 1),
}
