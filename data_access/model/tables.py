"""What tables are made of: the columns that many have, tables of facts, and rollups of them by month.

Portable across SQLite, PostgreSQL and MySQL-protocol servers. Facts carry ``township_code`` in their
primary key, so that they can be distributed by township; small dimensions are replicated. Identifiers
are made by the application, never by the server.

Times are naive local timestamps (one county, one time zone), months are ``YYYY-MM`` strings, money is
whole yuan. ``batch_id`` says which import wrote a row last; it has no foreign key, because batches live
on the coordinator while facts are distributed.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, SmallInteger, String, Table
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


# What says who somebody is: shown only to who may see persons
PERSONAL = {"is_personal": True}


def code(name: str, *, primary_key: bool = False, nullable: bool = True) -> Column[str]:
    """A column of codes or numbers that systems give."""
    return Column(name, String(64), primary_key=primary_key, nullable=nullable and not primary_key)


def township_code(*, primary_key: bool = True) -> Column[str]:
    """The column of the township."""
    return Column("township_code", String(12), ForeignKey("township.code"), primary_key=primary_key, nullable=False)


def village_code() -> Column[str]:
    """The column of the village."""
    return Column("village_code", String(12), ForeignKey("village.code"))


def count(name: str) -> Column[int]:
    """A column of whole numbers."""
    return Column(name, Integer)


def fact_table(area: str, name: str, *items: SchemaItem, telling: tuple[str, ...] = ()) -> Table:
    """The table of an area's facts of one kind, by township.

    ``telling``: columns that say something by being empty (not closed yet, no repeat) where a row's sources have them;
    where these do not, nothing is known. A row's ``recorded`` has the bits of those that its sources have, in this
    order; null: it comes from no file and has all of them.
    """
    recorded = (Column("recorded", Integer),) if telling else ()
    own = (township_code(), *items, *recorded, code("batch_id"))
    return Table(name, metadata, *own, info={"area": area, "is_fact": True, "telling": telling})


# weekday: 1 Monday to 7 Sunday; two_hours: whole steps of two hours from receipt to closing
NUMERIC_DIMENSIONS = frozenset({"weekday", "hour", "two_hours"})
# What a dimension's texts have at most. A key of them all has room for 3,072 bytes at four a character.
_LENGTH = 200
_LENGTHS = dict.fromkeys(("channel", "category_1", "category_2", "category_3"), 120) | {"village_code": 64}


def rollup_table(
    area: str,
    name: str,
    dimensions: tuple[str, ...],
    *measures: Column[int] | Column[float],
    is_kept_to_date: bool = True,
) -> Table:
    """Additive measures by township, month and further dimensions, written in the transaction that writes the facts.

    ``info`` has its dimensions, and under ``to_date`` a table like it where it is kept to date: while the area's last
    month is unfinished, that has the month before and that of the year before, as they stood at the same day and time.
    An unfinished month is compared with these and never with whole ones.
    """

    def table(name: str, *more: SchemaItem) -> Table:
        keys = (
            Column(
                dimension,
                SmallInteger if dimension in NUMERIC_DIMENSIONS else String(_LENGTHS.get(dimension, _LENGTH)),
                primary_key=True,
                autoincrement=False,
            )
            for dimension in dimensions
        )
        month = Column("month", String(7), primary_key=True)
        return Table(
            name,
            metadata,
            township_code(),
            month,
            *keys,
            *(Column(measure.name, measure.type) for measure in measures),
            *more,
            info={"area": area, "dimensions": ("township_code", "month", *dimensions)},
        )

    rollup = table(name, Index(None, "month"))
    rollup.info["to_date"] = table(f"{name}_to_date") if is_kept_to_date else None
    return rollup


def to_date(rollups: Iterable[Table]) -> list[Table]:
    """The tables of the months that the unfinished ones of rollups are compared with, where they are kept."""
    return [table.info["to_date"] for table in rollups if table.info.get("to_date") is not None]
