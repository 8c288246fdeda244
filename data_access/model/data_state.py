"""Until when the data of each area reach."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, DateTime, Integer, String, Table, select

from data_access.model.tables import metadata

# Per area: until when its data reach, a number that grows with every write, and since when its register is known.
data_state = Table(
    "data_state",
    metadata,
    Column("area", String(32), primary_key=True),
    Column("as_of", DateTime, nullable=False),
    Column("version", Integer, nullable=False),
    # The first month for which the sizes of the area's register are known; null: it has none
    Column("registers_since", String(7)),
)


def as_of_dates(connection: Connection) -> dict[str, datetime]:
    """Until when each area's data reach, by area."""
    return dict(connection.execute(select(data_state.c.area, data_state.c.as_of)).all())
