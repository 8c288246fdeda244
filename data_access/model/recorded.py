"""What is known of a row: an empty column says something only where the row's source has that column."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Table, or_


def recorded_bits(table: Table, columns: Collection[str]) -> int:
    """The bits of ``recorded`` for a source that has these columns."""
    return sum(1 << place for place, name in enumerate(table.info.get("telling", ())) if name in columns)


def is_recorded(table: Table, column: str) -> ColumnElement[bool]:
    """Whether the sources of a row have the column, one of those that tell something by being empty."""
    return has_recorded(table.c.recorded, recorded_bits(table, (column,)))


def has_recorded(recorded: ColumnElement[Any], bits: int) -> ColumnElement[bool]:
    """Whether what is recorded of rows, or of groups of them, has these bits."""
    return or_(recorded.is_(None), recorded.bitwise_and(bits) != 0)
