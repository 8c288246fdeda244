"""Registers whose rows are replaced when they are loaded again, and what they said of a past month.

A register (townships, teams, grids) holds what is true now. What an import replaces is kept with the months in which it
held; before the month of the first load nothing is known of a register's sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Index,
    String,
    Table,
    and_,
    case,
    func,
    insert,
    literal,
    select,
)

from data_access.areas.volunteers.tables import volunteer_team
from data_access.model.data_state import as_of_dates
from data_access.model.tables import code, count, metadata, township_code
from data_access.places.tables import grid, township
from data_access.scope import month_offset

# What a register said of a row until an import replaced it, so that past months keep what was true of them.
register_value = Table(
    "register_value",
    metadata,
    township_code(),
    # township, volunteer_team or grid
    Column("table_name", String(64), primary_key=True),
    # The row's code within its township; empty for the township itself
    code("row_code", primary_key=True),
    # It held from this month on
    Column("since", String(7), nullable=False),
    # The first month in which it held no more
    Column("until", String(7), primary_key=True),
    *map(count, ("members", "registered", "workers", "residents")),
    # The import that replaced it
    code("batch_id", nullable=False),
    Index(None, "batch_id"),
)

Row = Mapping[str, Any]
# Before every month, and after every month
ALWAYS, NEVER = "0001-01", "9999-99"


@dataclass(frozen=True)
class Register:
    """A register: its ``sizes`` are dated by the as-of month of ``area`` (None: the latest of all areas).

    ``code`` is the column that tells its rows apart within a township. Where ``first_is_known`` a first value holds for
    every month before: people lived there before anybody wrote down how many.
    """

    table: Table
    township: str
    code: str | None
    sizes: tuple[str, ...]
    area: str | None
    first_is_known: bool = False


TOWNSHIPS = Register(township, "code", None, ("residents",), None, first_is_known=True)
TEAMS = Register(volunteer_team, "township_code", "team_id", ("members", "registered"), "volunteers")
GRIDS = Register(grid, "township_code", "grid_code", ("workers",), "grid")
REGISTERS = {register.table.name: register for register in (TOWNSHIPS, TEAMS, GRIDS)}


class Replaced:
    """The values of a register that held in a month and were replaced since: outer-join ``rows`` on ``is_of_row``."""

    def __init__(self, register: Register, month: ColumnElement[Any]) -> None:
        self.rows: FromClause = register_value.alias(f"past_{register.table.name}")
        self._table = register.table
        past = self.rows.c
        self.is_of_row = and_(
            past.township_code == register.table.c[register.township],
            past.table_name == register.table.name,
            past.row_code == (register.table.c[register.code] if register.code else literal("")),
            past.since <= month,
            past.until > month,
        )

    def value(self, size: str) -> ColumnElement[Any]:
        """What the register said in the month."""
        return case((self.rows.c.until.is_not(None), self.rows.c[size]), else_=self._table.c[size])


def keep_replaced(
    connection: Connection, register: Register, changes: Iterable[tuple[Row, Row]], batch_id: str
) -> None:
    """Keep the sizes that a batch replaces (rows before and after) for the months before the area's as-of month.

    Call it before the batch moves the as-of date. Without one no month has been told yet.
    """
    moments = [moment for area, moment in as_of_dates(connection).items() if register.area in (None, area)]
    changed = [
        before
        for before, after in changes
        if any(
            before[size] != after[size] and not (register.first_is_known and before[size] is None)
            for size in register.sizes
        )
    ]
    if not moments or not changed:
        return
    until = f"{max(moments):%Y-%m}"
    past = register_value.c
    places = {row[register.township] for row in changed}
    latest = {
        (row.township_code, row.row_code): row.until
        for row in connection.execute(
            select(past.township_code, past.row_code, func.max(past.until).label("until"))
            .where(past.table_name == register.table.name, past.township_code.in_(places))
            .group_by(past.township_code, past.row_code)
        )
    }
    rows = []
    for row in changed:
        key = (row[register.township], _code(register, row))
        since = latest.get(key, ALWAYS)
        # Replaced twice within a month: the first of the two held at no month's end.
        if since < until:
            own = {"township_code": key[0], "table_name": register.table.name, "row_code": key[1]}
            rows.append(own | {size: row[size] for size in register.sizes})
            rows[-1] |= {"since": since, "until": until, "batch_id": batch_id}
    if rows:
        connection.execute(insert(register_value), rows)


def _code(register: Register, row: Row) -> str:
    return str(row[register.code]) if register.code else ""


def last_finished(as_of: datetime) -> str:
    """The last month that data until this second cover to its end; a register that is first loaded then tells it."""
    return month_offset(f"{as_of + timedelta(seconds=1):%Y-%m}", -1)


def known_since(connection: Connection, area: str, as_of: datetime, declared: str | None) -> str | None:
    """The first month for which the sizes of an area's register are known; None without a register.

    ``declared`` is what has been written down of it so far.
    """
    register = next((register for register in REGISTERS.values() if register.area == area), None)
    if register is None or connection.execute(select(register.table).limit(1)).first() is None:
        return None
    return min(filter(None, (declared, last_finished(as_of))))
