"""What a batch replaces, kept so that a row's history can be told and the batch be undone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, Table, and_, select

from data_access.model.batches import import_batch, import_change

_FROM_TEXT: Mapping[type, Callable[[str], Any]] = {date: date.fromisoformat, datetime: datetime.fromisoformat}


class Change(NamedTuple):
    """One field that a batch changed."""

    batch: str
    when: datetime
    field: str
    before: Any
    after: Any


def _as_text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def township_in_key(table: Table, row: Mapping[str, Any]) -> str:
    """The township by which the row is distributed; empty where it is in no primary key."""
    return str(row["township_code"]) if "township_code" in table.primary_key.columns else ""


def key_text(table: Table, row: Mapping[str, Any]) -> str:
    """The row's primary key without its township, as import_change holds it."""
    names = [column.name for column in table.primary_key.columns if column.name != "township_code"]
    return json.dumps([_as_text(row[name]) for name in names], ensure_ascii=False)


def row_text(row: Mapping[str, Any]) -> str:
    """A whole row, as import_change holds it."""
    return json.dumps({name: _as_text(value) for name, value in row.items()}, ensure_ascii=False)


def _read(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    for name, value in row.items():
        read = _FROM_TEXT.get(table.c[name].type.python_type)
        if read and value is not None:
            row[name] = read(value)
    return row


def row_of(table: Table, text: str) -> dict[str, Any]:
    """The row that :func:`row_text` wrote, exactly."""
    return _read(table, json.loads(text))


def key_of(table: Table, change: Mapping[str, Any]) -> dict[str, Any]:
    """The primary key, before the batch, of the row of an import_change."""
    names = [column.name for column in table.primary_key.columns]
    rest = iter(json.loads(change["row_key"]))
    return _read(table, {name: change["township_code"] if name == "township_code" else next(rest) for name in names})


# What is kept of a row beside what it says
_KEPT_BESIDE = ("batch_id", "recorded")


def replaced(table: Table, batch_id: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> dict[str, Any]:
    """The import_change row, but for its position, of a row that the batch changes, moves or (before: None) creates."""
    origin = after if before is None else before
    township_code = township_in_key(table, origin)
    went_to = township_in_key(table, after)
    return {
        "township_code": township_code,
        "batch_id": batch_id,
        "table_name": table.name,
        "row_key": key_text(table, origin),
        "moved_to": None if went_to == township_code else went_to,
        "previous_batch": None if before is None else before.get("batch_id"),
        "before": None if before is None else row_text(before),
    }


def changes_of(connection: Connection, table: Table, batch_id: str, limit: int) -> list[tuple[str, Change]]:
    """What a batch changed in the first ``limit`` rows that it changed, each with the row's key (JSON)."""
    found = connection.execute(
        select(import_change)
        .where(
            import_change.c.batch_id == batch_id,
            import_change.c.table_name == table.name,
            import_change.c.before.is_not(None),
        )
        .order_by(import_change.c.position)
        .limit(limit)
    ).mappings()
    told = []
    for change in map(dict, found.all()):
        key = key_of(table, change) | ({"township_code": change["moved_to"]} if change["moved_to"] else {})
        told += [(change["row_key"], one) for one in history(connection, table, key) if one.batch == batch_id]
    return told


def history(connection: Connection, table: Table, key: Mapping[str, Any]) -> list[Change]:
    """What batches changed in the row with this primary key, the latest first, through every township it was in."""
    is_row = and_(*(column == key[column.name] for column in table.primary_key.columns))
    current = connection.execute(select(table).where(is_row)).mappings().one_or_none()
    if current is None:
        return []
    after = dict(current)
    told = []
    for change, before in replaced_rows(connection, table, key, after.get("batch_id")):
        told += [
            Change(change["batch_id"], change["finished_at"], name, value, after[name])
            for name, value in before.items()
            if name not in _KEPT_BESIDE and value != after[name]
        ]
        after = before
    return told


def replaced_rows(
    connection: Connection, table: Table, key: Mapping[str, Any], writer: str | None
) -> Iterator[tuple[RowMapping, dict[str, Any]]]:
    """What was kept of a row whenever it was replaced, the latest first: the import_change and the row as it was before.

    ``writer`` is the batch that wrote the row as it is now.
    """
    township_code = township_in_key(table, key)
    found = connection.execute(
        select(import_change, import_batch.c.finished_at)
        .join(import_batch, import_batch.c.id == import_change.c.batch_id)
        .where(import_change.c.table_name == table.name, import_change.c.row_key == key_text(table, key))
        .order_by(import_batch.c.number.desc())
    )
    for change in found.mappings().all():
        # Another township may have a case of the same number: only the chain of writers leads to this row's past.
        is_of_row = township_code == (change["moved_to"] or change["township_code"])
        if change["before"] is None or not is_of_row or ("batch_id" in table.c and change["batch_id"] != writer):
            continue
        yield change, row_of(table, change["before"])
        township_code, writer = change["township_code"], change["previous_batch"]
