"""How an area's months are counted: the part to count anew, the calendar of stocks, and sums by dimensions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Float,
    FromClause,
    Insert,
    MetaData,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.schema import CreateTable, DropTable
from sqlalchemy.types import TypeEngine

from data_access.registers import NEVER
from data_access.scope import month_end, month_range, month_start

Expression = ColumnElement[Any]
Months = tuple[str, str]


def _until_as_of(start: str, end: str, now: datetime) -> Months:
    # What has begun (a camera, an outage, a team) lasts until the as-of date unless it ends.
    return start, max(end, f"{now:%Y-%m}")


@dataclass(frozen=True)
class Rollup:
    """How an area is counted into its monthly ``tables``.

    ``times``: columns that say until when something happened; ``register_dates``: those that do where nothing has.
    ``first_event``: months of what happened; stocks are counted from the first one on. ``reach``: the months whose measures
    can change where facts with dates in these months did, given the as-of moment. ``build`` counts a slice anew.
    """

    tables: tuple[Table, ...]
    times: tuple[Expression, ...]
    build: Callable[[Connection, Slice], None]
    register_dates: tuple[Expression, ...] = ()
    first_event: Expression | None = None
    reach: Callable[[str, str, datetime], Months] = _until_as_of


_CALENDAR: tuple[tuple[str, TypeEngine[Any]], ...] = (
    ("month", String(7)),
    ("starts", DateTime()),
    ("ends", DateTime()),
    ("day_before", DateTime()),
    ("first_day", Date()),
    ("last_day", Date()),
    ("hours", Float()),
)


Period = tuple[str, datetime, datetime]
# How many statements an area keeps: one for each shape of a slice and number of months, of which few are asked again
KEPT_STATEMENTS = 32


def calendar(periods: Sequence[Period], as_of: datetime) -> CTE:
    """Periods (name, first instant, first instant after it) as rows to join stocks with, cut off at the as-of second.

    Columns: month (the name), starts and ends (timestamps; the last period ends after the as-of second, which
    belongs to the data), day_before (24 hours before the end), first_day, last_day and hours.
    """
    return _rows_of(
        [literal(value, kind) for value, (_, kind) in zip(_row(period, as_of), _CALENDAR, strict=True)]
        for period in periods
    )


def calendar_of(count: int) -> CTE:
    """A calendar of that many periods, which :attr:`Slice.given` says."""
    return _rows_of(
        [bindparam(f"slice_{name}_{place}", type_=kind) for name, kind in _CALENDAR] for place in range(count)
    )


def _row(period: Period, as_of: datetime) -> tuple[Any, ...]:
    name, starts, after = period
    ends = min(after, as_of + timedelta(seconds=1))
    day_before = min(after, as_of) - timedelta(days=1)
    last_day = (ends - timedelta(seconds=1)).date()
    return name, starts, ends, day_before, starts.date(), last_day, (ends - starts) / timedelta(hours=1)


def _rows_of(rows: Iterable[Sequence[Expression]]) -> CTE:
    made = [select(*(value.label(name) for value, (name, _) in zip(row, _CALENDAR, strict=True))) for row in rows]
    # Not VALUES, with which SQLAlchemy compiles a statement anew each time it is used.
    return (union_all(*made) if len(made) > 1 else made[0]).cte("calendar")


@dataclass(frozen=True)
class Shape:
    """How a slice is asked for: of some townships or of all, of some months or of all, or a month as it stood at a moment.

    Conditions on its rows have parameters whose values are :attr:`Slice.given`, so that a statement made once serves every
    slice of the shape: to make one takes SQLAlchemy longer than a database takes to count a small county.
    """

    is_of_townships: bool
    is_of_months: bool
    is_to_date: bool = False

    as_of: ClassVar = bindparam("slice_as_of", type_=DateTime())
    as_of_day: ClassVar = bindparam("slice_as_of_day", type_=Date())
    registers_since: ClassVar = bindparam("slice_registers_since", type_=String())

    def into(self, rollup: Table) -> Table:
        """The table that the slice of a rollup is written to."""
        kept: Table = rollup.info["to_date"] if self.is_to_date else rollup
        return kept

    def is_past(self, time: Expression) -> Expression:
        """Whether a moment is not after the as-of moment."""
        return time <= self.as_of

    def seen(self, time: Expression) -> Expression:
        """A moment as it was known at the as-of moment; null where it came later."""
        return case((self.is_past(time), time)) if self.is_to_date else time

    def rows(self, township_code: Expression, time: Expression | None = None) -> Expression:
        """The condition that keeps the slice's townships, and its months when a time column is given."""
        conditions: list[Expression] = []
        if self.is_of_townships:
            conditions.append(township_code.in_(bindparam("slice_townships", expanding=True)))
        if time is not None and self.is_of_months:
            first, after = (
                ("slice_first_day", "slice_day_after")
                if isinstance(time.type, Date)
                else ("slice_first_moment", "slice_moment_after")
            )
            conditions += [time >= bindparam(first, type_=time.type), time < bindparam(after, type_=time.type)]
        return and_(*conditions) if conditions else literal(1) == 1

    def holds(self, month: Expression) -> Expression:
        """The condition that keeps the slice's months; a missing one is in none."""
        return and_(month >= bindparam("slice_start", type_=String()), month <= bindparam("slice_end", type_=String()))


class Slice:
    """The part of an area's rollups to rebuild, the data's as-of moment, and since when the register's sizes are known.

    ``first_event``: the months of what happened in the area, of which stocks are counted from the first one on.
    ``is_to_date``: a month as it stood at that moment, whatever came later.
    """

    def __init__(
        self,
        first_event: Expression | None,
        townships: Collection[str] | None,
        start: str,
        end: str,
        as_of: datetime,
        registers_since: str = NEVER,
        *,
        is_to_date: bool = False,
    ) -> None:
        self.registers_since = registers_since
        self.first_event = first_event
        self.is_to_date = is_to_date
        self.townships = None if townships is None else sorted(townships)
        self.start = start
        self.end = end
        self.as_of = as_of
        self.first = "0001-01"
        self._periods: Sequence[Period] = ()

    @property
    def shape(self) -> Shape:
        """How it is asked for."""
        return Shape(self.townships is not None, self.start != "0001-01", self.is_to_date)

    @property
    def given(self) -> dict[str, Any]:
        """The values of the parameters that conditions on its rows have."""
        values: dict[str, Any] = {
            "slice_townships": self.townships,
            "slice_start": self.start,
            "slice_end": self.end,
            "slice_as_of": self.as_of,
            "slice_as_of_day": self.as_of.date(),
            "slice_registers_since": self.registers_since,
        }
        for place, period in enumerate(self._periods):
            row = zip(_CALENDAR, _row(period, self.as_of), strict=True)
            values |= {f"slice_{name}_{place}": value for (name, _), value in row}
        if self.shape.is_of_months:
            first, after = month_start(self.start), month_end(self.end)
            values |= {"slice_first_moment": first, "slice_moment_after": after}
            values |= {"slice_first_day": first.date(), "slice_day_after": after.date()}
        return values

    def recount(
        self, connection: Connection, counting: Callable[[Shape, int], Iterable[Insert]], *tables: Table
    ) -> None:
        """Count a stock's slice of the tables anew, in the months from the area's first event to its as-of date.

        ``counting`` makes the statements for a shape and so many months (see :func:`calendar_of`). The first table tells
        which months there are.
        """
        count = self.count_months(self._months(connection, tables[0]))
        self.clear(connection, *tables)
        for statement in counting(self.shape, count) if count else ():
            connection.execute(statement, self.given)

    def count_months(self, months: Sequence[str]) -> int:
        """How many months there are of which :attr:`given` says the calendar from now on."""
        self._periods = [(month, month_start(month), month_end(month)) for month in months]
        return len(self._periods)

    def _months(self, connection: Connection, table: Table) -> Sequence[str]:
        last = f"{self.as_of:%Y-%m}"
        began = connection.scalar(select(func.min(self.first_event)))
        if self.is_to_date:
            # A register alone says nothing of the months before it.
            if began is None or self.start < began:
                return ()
            return (self.start,)
        self.first = first = began or last
        present = set(connection.scalars(select(table.c.month).distinct()))
        wanted = [
            month for month in month_range(first, last) if self.start <= month <= self.end or month not in present
        ]
        if not present.issuperset(wanted):
            # Months that no township has yet: their stocks are due for all of them.
            self.townships = None
        return wanted

    def clear(self, connection: Connection, *tables: Table) -> None:
        """Delete the slice, and the months before the first event (an earlier one may have been deleted)."""
        if self.is_to_date:
            return
        for rollup in tables:
            month, shape = rollup.c.month, self.shape
            in_slice = and_(shape.rows(rollup.c.township_code), shape.holds(month))
            connection.execute(delete(rollup).where(or_(in_slice, month < self.first)), self.given)


def sums_into(table: Table, *parts: Select[Any]) -> Insert:
    """The statement that inserts the sums, by the rollup's dimensions, of several selects that each give some measures."""
    dimensions = [table.c[name] for name in table.info["dimensions"]]
    measures = [measure for measure in table.c if not measure.primary_key]
    aligned = []
    for query in parts:
        given = query.subquery()
        aligned.append(
            select(
                *(given.c[dimension.name] for dimension in dimensions),
                *(
                    given.c[measure.name].label(measure.name)
                    if measure.name in given.c
                    else null().cast(measure.type).label(measure.name)
                    for measure in measures
                ),
            )
        )
    together = union_all(*aligned).subquery() if len(aligned) > 1 else aligned[0].subquery()
    keys = [together.c[dimension.name] for dimension in dimensions]
    sums = [func.sum(together.c[measure.name]) for measure in measures]
    return insert(table).from_select([*dimensions, *measures], select(*keys, *sums).group_by(*keys))


def once(query: Select[Any], name: str) -> CTE:
    """The query's rows, made once where its parts are used several times.

    PostgreSQL may put it into each of them, and so hand it on to its workers.
    """
    cte = query.cte(name).prefix_with("MATERIALIZED", dialect="sqlite")
    return cte.prefix_with("NOT MATERIALIZED", dialect="postgresql")


class Shared:
    """The rows of a query for several statements: in SQLite a temporary table, elsewhere a part of each of them."""

    def __init__(self, dialect: str, query: Select[Any], name: str) -> None:
        self._filled: tuple[Table, Insert] | None = None
        self.rows: FromClause = once(query, name)
        if dialect == "sqlite":
            made = Table(
                name,
                MetaData(),
                *(Column(one.name, one.type) for one in query.subquery().c),
                prefixes=["TEMPORARY"],
            )
            self.rows, self._filled = made, (made, insert(made).from_select(made.c.keys(), query))

    @contextmanager
    def made(self, connection: Connection, given: Mapping[str, Any]) -> Iterator[None]:
        """They are there, as the query's parameters say."""
        if self._filled is None:
            yield
            return
        made, filling = self._filled
        connection.execute(CreateTable(made))
        try:
            connection.execute(filling, given)
            yield
        finally:
            connection.execute(DropTable(made))


def one_if(condition: Expression) -> Expression:
    """1 where the condition holds, else 0."""
    return case((condition, 1), else_=0)


def total(condition: Expression) -> Expression:
    """How many rows meet the condition."""
    return func.sum(one_if(condition))


def sums_of(measures: Mapping[str, Expression]) -> list[Expression]:
    """The sums of what each row adds to the measures, under their names."""
    return [func.sum(measure).label(name) for name, measure in measures.items()]


def named(name: Expression) -> Expression:
    """A dimension's value; empty where the source gave none, since it is part of a key."""
    return func.coalesce(name, "")
