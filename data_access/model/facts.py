"""Facts as rows that can be counted: what each adds to which measure, and by what it can be told apart.

Things that happen (a case, an outage, an activity, an event) are rows with a moment. Things that are there (cameras,
teams, projects, grids) are rows for each period of a calendar: its months, or the whole scope at once. What a row adds
is what the rollups add up, so that a figure is the same whichever of them answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import pandas as pd
from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Connection,
    Float,
    FromClause,
    Select,
    and_,
    case,
    literal,
    or_,
    select,
)
from sqlalchemy.sql.visitors import iterate

from data_access.access import Viewer, masked
from data_access.model.rollup import calendar
from data_access.registers import ALWAYS
from data_access.sql_functions import hour_of, month_of, week_of, weekday_of

Expression = ColumnElement[Any]
Measures = Mapping[str, Expression]
# How rows are listed. time: the latest first (things that are there: by township and code); urgency: the most urgent
# first, where some rows are more urgent than others
Order = Literal["time", "urgency"]


@dataclass(frozen=True)
class Span:
    """From the first instant to the one after the last; ``periods`` is a calendar of it (``rollup.calendar``).

    ``townships``: those that are asked about, all of them by their codes, so that indexes by township and time serve.
    ``registers_since``: the first month for which the sizes of the area's register are known.
    """

    as_of: datetime
    first: datetime
    after: datetime
    periods: CTE
    townships: tuple[str, ...] = ()
    registers_since: str = ALWAYS
    # Whether the span ends within a month, as it stood at the as-of moment
    is_to_date: bool = False

    def seen(self, time: Expression) -> Expression:
        """A moment as it was known at the as-of moment; null where it came later."""
        return case((time <= self.as_of, time)) if self.is_to_date else time


def span_of_moment(as_of: datetime) -> Span:
    """A span without a length, for rows that are asked whatever their time."""
    return Span(as_of, as_of, as_of, calendar([(f"{as_of:%Y-%m}", as_of, as_of)], as_of))


@dataclass(frozen=True)
class FactRows:
    """Facts of one kind.

    ``time``: when each happened; None where the rows are joined to a calendar. ``amounts``: the measures that are an
    amount, where the others say whether a row counts. ``key``: township and further columns that tell rows apart.
    ``searched``: the texts that a viewer's words are looked for in. ``listed``: what a list of the rows shows, by the
    codes of its columns (``areas.COLUMNS``). ``urgency``: what they can be sorted by, the greatest first; None for those
    of which none is more urgent.
    """

    joined: FromClause
    time: Expression | None
    dimensions: Mapping[str, Expression]
    measures: Measures
    conditions: tuple[Expression, ...]
    key: tuple[Expression, ...]
    searched: tuple[Expression, ...]
    listed: Mapping[str, Expression]
    amounts: frozenset[str] = frozenset()
    urgency: Expression | None = None

    def page(
        self, order: Sequence[Expression], after: Sequence[Any] | None, limit: int, *, is_descending: bool
    ) -> Select[Any]:
        """A page of a list: township_code, what is listed, and ``order_0`` …, where a row stands.

        ``after``: where the last row of the page before stood.
        """
        query = (
            select(
                self.key[0].label("township_code"),
                *(shown.label(name) for name, shown in self.listed.items()),
                *(one.label(f"order_{place}") for place, one in enumerate(order)),
            )
            .select_from(self.joined)
            .order_by(*(one.desc() if is_descending else one for one in order))
            .limit(limit)
        )
        if after is None:
            return query
        beyond: list[ColumnElement[bool]] = []
        for place, one in enumerate(order):
            same = [order[before] == after[before] for before in range(place)]
            beyond.append(and_(*same, one < after[place] if is_descending else one > after[place]))
        # Said twice, because the bound on the first alone lets an index begin there.
        return query.where(order[0] <= after[0] if is_descending else order[0] >= after[0], or_(*beyond))


def read_page(connection: Connection, page: Select[Any], viewer: Viewer) -> pd.DataFrame:
    """The rows of a page of a list; personal data are masked, or missing where the viewer may not see persons."""
    found = connection.execute(page)
    frame = pd.DataFrame.from_records(list(map(tuple, found)), columns=list(found.keys()))
    for column in page.selected_columns:
        if any(isinstance(one, Column) and one.info.get("is_personal") for one in iterate(column)):
            shown = frame[column.name].map(masked, na_action="ignore") if viewer.may("persons") else None
            frame[column.name] = shown
        if isinstance(column.type, Float):
            # Also where no row of the page has one
            frame[column.name] = frame[column.name].astype(float)
    return frame


# The rows of a span
Facts = Callable[[Span], FactRows]


def parts_of_time(time: Expression, *, has_hours: bool = True) -> dict[str, Expression]:
    """The dimensions of a moment, or of a day."""
    parts: dict[str, Expression] = {"month": month_of(time), "week": week_of(time), "weekday": weekday_of(time)}
    return {**parts, "hour": hour_of(time)} if has_hours else parts


def answer(*answers: tuple[Expression, str], otherwise: str) -> Expression:
    """The first answer whose condition holds."""
    return case(*((condition, literal(answer)) for condition, answer in answers), else_=literal(otherwise))


def within_township(township: Expression, code: Expression) -> Expression:
    """A code that is unique within its township only, with the township before it."""
    return case((or_(code.is_(None), code == ""), literal("")), else_=township + "/" + code)
