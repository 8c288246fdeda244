"""Writes checked rows: compares them with what is there, inserts and updates, and keeps the rollups true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, and_, bindparam, delete, insert, select, update

from data_access.importing.checks import too_early
from data_access.importing.problems import FileProblem
from data_access.importing.tables import ImportTable, Values
from data_access.rollups import refresh
from data_access.schema import data_state, import_batch

# How many rows are compared and written at a time; servers bound the length of an IN list.
_CHUNK = 500


@dataclass
class Outcome:
    """How many rows were new, changed and unchanged."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass
class _Writes:
    """What a chunk of rows comes to, and which part of the rollups it touches."""

    townships: set[str] = field(default_factory=set)
    months: set[str] = field(default_factory=set)
    deletes: list[Values] = field(default_factory=list)
    updates: list[Values] = field(default_factory=list)
    inserts: list[Values] = field(default_factory=list)
    unchanged: list[Values] = field(default_factory=list)
    new: int = 0

    def touch(self, *rows: Values) -> None:
        for row in rows:
            self.townships.add(row.get("township_code", ""))
            self.months.update(value.isoformat()[:7] for value in row.values() if isinstance(value, date))


def load(connection: Connection, table: ImportTable, rows: Sequence[Values], batch: Values) -> Outcome:
    """Load rows and refresh the rollups they touch, in the transaction of the connection.

    ``batch`` holds the columns of the import_batch row but for the outcome, which is added at the end.
    """
    # Written first, so that of two loads at once the second waits before it compares.
    connection.execute(insert(import_batch).values(**batch, new=0, changed=0, unchanged=0))
    outcome = Outcome()
    townships: set[str] = set()
    months: set[str] = set()
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        writes = _compared(connection, table, chunk, batch["id"])
        _write(connection, table, writes)
        beside = table.load_beside(connection, chunk)
        unchanged = sum(_identity(table, row) not in beside for row in writes.unchanged)
        outcome.new += writes.new
        outcome.unchanged += unchanged
        outcome.changed += len(chunk) - writes.new - unchanged
        townships |= writes.townships
        months |= writes.months
    if outcome.new or outcome.changed:
        _refresh(connection, table, townships, months)
    connection.execute(
        update(import_batch)
        .where(import_batch.c.id == batch["id"])
        .values(
            new=outcome.new,
            changed=outcome.changed,
            unchanged=outcome.unchanged,
            finished_at=datetime.now().replace(microsecond=0),
        )
    )
    return outcome


def _identity(table: ImportTable, row: RowMapping | Values) -> tuple[object, ...]:
    return tuple(row[name] for name in table.identity)


def _compared(connection: Connection, table: ImportTable, rows: Sequence[Values], batch_id: str) -> _Writes:
    """Compare rows with those in the database, in the columns that the file supplies."""
    columns = table.table.c
    stamp = {"batch_id": batch_id} if "batch_id" in columns else {}
    blank: Values = dict.fromkeys(columns.keys())
    first = columns[table.identity[0]]
    there: dict[tuple[object, ...], list[Values]] = {}
    found = connection.execute(select(table.table).where(first.in_([row[first.name] for row in rows])))
    for known in found.mappings():
        there.setdefault(_identity(table, known), []).append(dict(known))
    writes = _Writes()
    for row in rows:
        given = {name: value for name, value in row.items() if name in blank}
        old, is_moved = _match(table, given, there.get(_identity(table, row), []))
        if old is None:
            writes.new += 1
            writes.inserts.append(blank | given | stamp)
            writes.touch(writes.inserts[-1])
        elif is_moved:
            writes.deletes.append(old)
            writes.inserts.append(_merged(table, old | dict.fromkeys(table.left_behind), given) | stamp)
            writes.touch(old, writes.inserts[-1])
        elif any(old[name] != value for name, value in given.items()):
            writes.updates.append(_merged(table, old, given) | stamp)
            writes.touch(old, writes.updates[-1])
        else:
            writes.unchanged.append(row)
    return writes


def _merged(table: ImportTable, old: Values, given: Values) -> Values:
    """The row with what the file gives; raises FileProblem where that and what stays contradict each other."""
    row = old | given
    for name, zh, en in too_early(row, table):
        identity = "、".join(map(str, _identity(table, row)))
        raise FileProblem(
            f"{identity} 在数据库里已有的 {name}（{row[name]}）会{zh}，请在文件里一并给出。",
            f"The {name} of {identity} in the database ({row[name]}) {en} of the file; give both in the file.",
        )
    return row


def _match(table: ImportTable, row: Values, candidates: Sequence[Values]) -> tuple[Values | None, bool]:
    """The row in the database that is the same, and whether it stands under another township."""
    if "township_code" not in table.table.c:
        return next(iter(candidates), None), False
    for old in candidates:
        if old["township_code"] == row["township_code"]:
            return old, False
    for old in candidates:
        if table.same_when_moved and old[table.same_when_moved] == row[table.same_when_moved]:
            return old, True
    return None, False


def _write(connection: Connection, table: ImportTable, writes: _Writes) -> None:
    """The township is the key by which rows are distributed and is never updated: moved rows go and come anew."""
    key = table.table.primary_key.columns
    this_row = and_(*(column == bindparam(f"key_{column.name}") for column in key))
    others = [column.name for column in table.table.c if not column.primary_key]

    def keys(row: Values) -> Values:
        return {f"key_{column.name}": row[column.name] for column in key}

    if writes.deletes:
        connection.execute(delete(table.table).where(this_row), [keys(row) for row in writes.deletes])
    if writes.updates:
        connection.execute(
            update(table.table).where(this_row).values({name: bindparam(name) for name in others}),
            [keys(row) | {name: row[name] for name in others} for row in writes.updates],
        )
    if writes.inserts:
        connection.execute(insert(table.table), writes.inserts)


def _refresh(connection: Connection, table: ImportTable, townships: set[str], months: set[str]) -> None:
    if table.area is None:
        for area in connection.scalars(select(data_state.c.area)).all():
            refresh(connection, area)
    else:
        refresh(connection, table.area, townships=townships, start=min(months), end=max(months))
