"""In which order a county's tables are loaded, what it has of each, and what each brings to its pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from data_access.access import Viewer
from data_access.areas import AREAS
from data_access.importing.tables import TABLES
from data_access.indicators import INDICATORS
from data_access.model.batches import import_batch
from data_access.model.import_table import ImportTable
from data_access.model.indicator import Indicator


@dataclass(frozen=True)
class Stock:
    """What there is of a table: whether it has rows, when a file was last loaded into it, and what its rows bring."""

    table: ImportTable
    has_rows: bool
    loaded_at: datetime | None
    brings: tuple[Indicator, ...]


def stocks(engine: Engine, looking: Viewer) -> list[Stock]:
    """Every table, each after those that its rows refer to. Raises NotAllowed for whom may not load."""
    looking.require("import")
    loaded = (
        select(import_batch.c.table_name, func.max(import_batch.c.finished_at).label("last"))
        .where(import_batch.c.undone_at.is_(None))
        .group_by(import_batch.c.table_name)
    )
    with engine.connect() as connection:
        last: dict[str, datetime] = {row.table_name: row.last for row in connection.execute(loaded)}
        return [
            Stock(
                table,
                connection.execute(select(table.table.c[table.identity[0]]).limit(1)).first() is not None,
                last.get(table.name),
                tuple(INDICATORS[code] for code in brought(table)),
            )
            for table in TABLES.values()
        ]


def brought(table: ImportTable) -> tuple[str, ...]:
    """The codes of the headline indicators that are known once the table has rows, and were not before."""
    area = AREAS.get(table.area or "")
    if table.brings or area is None:
        return table.brings
    others = {code for other in TABLES.values() for code in other.brings}
    return tuple(code for code in area.headlines if code not in others)


def next_table(found: list[Stock]) -> ImportTable | None:
    """The first table without rows that brings figures, of a county that is not yet complete."""
    return next((one.table for one in found if not one.has_rows and one.table.area != ""), None)
