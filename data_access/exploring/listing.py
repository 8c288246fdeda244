"""The rows behind a figure, page by page, and the names behind the codes in an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any, Literal

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, func, literal, or_, select

from data_access.access import Viewer
from data_access.areas import AREA_OF_SOURCE
from data_access.areas.petitions.closing import is_open
from data_access.areas.petitions.tables import petition
from data_access.areas.volunteers.tables import volunteer_team
from data_access.exploring.fact_rows import AMOUNTS, fact_rows, is_stock, rows_counted
from data_access.exploring.questions import Periods, conditions, periods_of, scope_of_rows, span_of
from data_access.model.facts import FactRows, Order, Span, read_page
from data_access.model.indicator import Indicator
from data_access.model.narrowing import visible
from data_access.places.lists import named_apart
from data_access.places.tables import grid, township, village
from data_access.scope import Scope

# all: what an indicator looks at; counted: what is in its numerator; rest: what is not
Which = Literal["all", "counted", "rest"]


@dataclass(frozen=True)
class Listing:
    """The rows that an indicator looks at in a scope (narrowed by ``where``), with a text, or a part of them."""

    indicator: Indicator
    scope: Scope
    text: str = ""
    which: Which = "all"
    order: Order = "time"

    @property
    def rows(self) -> str | None:
        """The name of the fact rows; None where an indicator has none."""
        return rows_counted(self.indicator.source, self.indicator.denominator or self.indicator.numerator)

    @property
    def can_be_parted(self) -> bool:
        """Whether the indicator counts some of the rows that it looks at and others not."""
        own = rows_counted(self.indicator.source, self.indicator.numerator)
        return self.indicator.is_ratio and own == self.rows and self.indicator.numerator not in AMOUNTS


def _span(connection: Connection, listing: Listing) -> Span | None:
    name = listing.rows
    return None if name is None else span_of(connection, name, scope_of_rows(name, listing.scope), _periods(listing))


def _periods(listing: Listing) -> Periods:
    return periods_of(listing.indicator, ()) if listing.rows and is_stock(listing.rows) else "each"


def _selected(listing: Listing, span: Span) -> tuple[FactRows, list[ColumnElement[bool]]]:
    """The rows of a span that has been found for them, and what keeps those that are listed."""
    name, indicator = str(listing.rows), listing.indicator
    scope = scope_of_rows(name, listing.scope)
    rows = fact_rows(name, span)
    looked_at = rows.measures[indicator.denominator or indicator.numerator]
    found = conditions(rows, span, scope, listing.text)
    found.append(
        looked_at.is_not(None) if (indicator.denominator or indicator.numerator) in AMOUNTS else looked_at == 1
    )
    if listing.which != "all" and listing.can_be_parted:
        counted = rows.measures[indicator.numerator]
        found.append(counted == 1 if listing.which == "counted" else or_(counted != 1, counted.is_(None)))
    if is_stock(name) and _periods(listing) == "each":
        # What is there in several months is one row for each of them.
        month = rows.dimensions["month"]
        rows = replace(rows, key=(*rows.key, month), listed={"month": month, **rows.listed})
    return rows, found


def listed_rows(
    connection: Connection, listing: Listing, after: tuple[Any, ...] | None = None, limit: int = 100
) -> pd.DataFrame:
    """Rows in the listing's order: township_code and what is listed of them.

    Personal data are masked. ``after``: the order of the last row seen (the columns ``order_0`` …), for the next page.
    """
    span = _span(connection, listing)
    if span is None:
        return pd.DataFrame()
    frame = pd.DataFrame()
    for first in _beginnings(listing, span, after):
        rows, found = _selected(listing, replace(span, first=first))
        order = [*(() if rows.time is None else (rows.time,)), *rows.key]
        if listing.order == "urgency" and rows.urgency is not None:
            order.insert(0, rows.urgency)
        query = rows.page(order, after, limit, is_descending=rows.time is not None).where(*found)
        frame = read_page(connection, query, listing.scope.viewer)
        if len(frame) == limit:
            break
    return frame


# The latest rows mostly are of the last days: a span is looked through from its end, these parts of it first.
_LATEST = (1 / 256, 1 / 64, 1 / 16, 1 / 4)


def _beginnings(listing: Listing, span: Span, after: tuple[Any, ...] | None) -> tuple[datetime, ...]:
    """Where to look from for rows by time, the nearest first; what is there or sorted otherwise is looked for at once."""
    if listing.order != "time" or is_stock(str(listing.rows)):
        return (span.first,)
    end = min(span.after, span.as_of)
    if after is not None:
        end = min(end, after[0] if isinstance(after[0], datetime) else datetime.combine(after[0], time.max))
    near = (end - part * (span.after - span.first) for part in _LATEST)
    return (*(first for first in near if first > span.first), span.first)


def row_count(connection: Connection, listing: Listing, most: int | None = None) -> int:
    """How many rows there are in all; ``most``: as soon as there are so many, no more are counted."""
    span = _span(connection, listing)
    if span is None:
        return 0
    rows, found = _selected(listing, span)
    counted = select(literal(1)).select_from(rows.joined).where(*found).limit(most).subquery()
    return int(connection.scalar(select(func.count()).select_from(counted)) or 0)


def open_cases(connection: Connection, asked: tuple[Listing, int]) -> tuple[tuple[str, str], ...]:
    """The cases among a listing's rows, up to so many, that are known to be open: township code and number of each."""
    listing, most = asked
    span = _span(connection, listing) if AREA_OF_SOURCE[listing.indicator.source] == "petitions" else None
    if span is None:
        return ()
    rows, found = _selected(listing, span)
    # In no order: they are of use only where all of them are there, and then any index may serve.
    keys = select(*rows.key).select_from(rows.joined).where(*found, is_open(petition.c.closed_at)).limit(most)
    return tuple((row[0], row[1]) for row in connection.execute(keys))


def row_batches(connection: Connection, listing: Listing, size: int, most: int) -> Iterator[pd.DataFrame]:
    """All rows as :func:`listed_rows` gives them, in batches, up to ``most`` of them."""
    after: tuple[Any, ...] | None = None
    left = most
    while left > 0:
        frame = listed_rows(connection, listing, after, min(size, left))
        if frame.empty:
            return
        yield frame
        if len(frame) < min(size, left):
            return
        left -= len(frame)
        after = order_of(frame.iloc[-1])


def order_of(row: pd.Series[Any]) -> tuple[Any, ...]:
    """Where a row of :func:`listed_rows` stands, for the page after it."""
    stands = (row[name] for name in row.index if str(name).startswith("order_"))
    # Numbers as databases take them
    return tuple(value.item() if isinstance(value, np.generic) else value for value in stands)


# --- Names ----------------------------------------------------------------------------------------


def names_of(connection: Connection, asked: tuple[Viewer, str, tuple[str, ...]]) -> dict[str, str]:
    """The names of villages, grids and teams by the values (of a dimension) that a viewer's answers have.

    The others are their own names.
    """
    viewer, dimension, values = asked
    wanted = sorted({value for value in values if value})
    if dimension == "village_code":
        seen = visible(village, viewer)
        owner = select(township.c.name).where(township.c.code == village.c.township_code).scalar_subquery()
        names, owners = (
            _looked_up(connection, village.c.code, told, village.c.code, wanted, seen)
            for told in (village.c.name, owner)
        )
        return named_apart((code, name, owners[code]) for code, name in names.items())
    if dimension == "grid_code":
        key = grid.c.township_code + literal("/") + grid.c.grid_code
        seen = visible(grid, viewer)
        return _looked_up(connection, key, grid.c.name, grid.c.township_code, wanted, seen)
    if dimension == "team":
        key = volunteer_team.c.township_code + literal("/") + volunteer_team.c.team_id
        seen = visible(volunteer_team, viewer)
        return _looked_up(connection, key, volunteer_team.c.name, volunteer_team.c.township_code, wanted, seen)
    return {}


def _looked_up(
    connection: Connection,
    key: ColumnElement[Any],
    name: ColumnElement[Any],
    township: ColumnElement[Any],
    wanted: Sequence[str],
    seen: ColumnElement[bool],
) -> dict[str, str]:
    found: dict[str, str] = {}
    codes = sorted({value.partition("/")[0] for value in wanted})
    for first in range(0, len(codes), 500):
        chosen = codes[first : first + 500]
        rows = connection.execute(select(key, name).where(township.in_(chosen), name.is_not(None), seen)).all()
        found |= {str(code): str(called) for code, called in rows}
    return {value: found[value] for value in wanted if value in found}
