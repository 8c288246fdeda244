"""Writes checked rows: compares them with what is there, inserts and updates, and keeps the rollups true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, Table, and_, bindparam, delete, func, insert, select, update

from data_access.importing.checks import too_early
from data_access.importing.history import key_text, replaced
from data_access.importing.problems import FileProblem
from data_access.importing.tables import ImportTable, Values
from data_access.rollups import as_of_dates, refresh
from data_access.schema import data_state, import_batch, import_change, reported_indicator, township_alias

# How many rows are compared and written at a time; servers bound the length of an IN list.
_CHUNK = 500
# Small tables that a load may write beside its own; they are compared whole, before and after.
_BESIDE = (township_alias, reported_indicator)


@dataclass
class Outcome:
    """How many rows were new, changed and unchanged."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass
class Touched:
    """The townships and months that rows count in, as they were and as they are."""

    townships: set[str] = field(default_factory=set)
    months: set[str] = field(default_factory=set)

    def add(self, *rows: Values) -> None:
        """Note where these rows count."""
        for row in rows:
            self.townships.add(row.get("township_code", ""))
            self.add_times(row)

    def add_times(self, row: Values) -> None:
        """Note the months of the row's dates."""
        self.months.update(value.isoformat()[:7] for value in row.values() if isinstance(value, date))
        if row.get("month"):
            self.months.add(row["month"])


@dataclass
class _Writes:
    """What a chunk of rows comes to."""

    deletes: list[Values] = field(default_factory=list)
    updates: list[Values] = field(default_factory=list)
    inserts: list[Values] = field(default_factory=list)
    changes: list[Values] = field(default_factory=list)
    unchanged: list[Values] = field(default_factory=list)
    new: int = 0


def load(
    connection: Connection,
    table: ImportTable,
    rows: Sequence[Values],
    batch: Values,
    report: Callable[[int, int | None], None] = lambda done, total: None,
) -> Outcome:
    """Load rows and refresh the rollups they touch, in the transaction of the connection.

    ``batch`` holds the columns of the import_batch row but for the outcome, which is added at the end.
    ``report`` is told how many rows of how many are done; what it raises stops the load.
    """
    # Written first, so that of two loads at once the second waits before it compares. The number is taken in
    # the same statement; MySQL reads the table that it inserts into only through a subquery of its own.
    last = select(func.max(import_batch.c.number).label("number")).subquery()
    number = select(func.coalesce(last.c.number, 0) + 1).scalar_subquery()
    connection.execute(insert(import_batch).values(**batch, number=number, new=0, changed=0, unchanged=0))
    as_of_before = as_of_dates(connection).get(table.area or "")
    beside_before = {beside.name: _by_key(connection, beside) for beside in _BESIDE}
    outcome = Outcome()
    position = 0
    touched = Touched()
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        writes = _compared(connection, table, chunk, batch["id"], touched)
        _write(connection, table, writes)
        position = _keep(connection, writes.changes, position)
        beside = table.load_beside(connection, chunk)
        unchanged = sum(_identity(table, row) not in beside for row in writes.unchanged)
        outcome.new += writes.new
        outcome.unchanged += unchanged
        outcome.changed += len(chunk) - writes.new - unchanged
        report(start + len(chunk), len(rows))
    for table_beside in _BESIDE:
        known = beside_before[table_beside.name]
        changes = [
            replaced(table_beside, batch["id"], known.get(key), row)
            for key, row in _by_key(connection, table_beside).items()
            if known.get(key) != row
        ]
        position = _keep(connection, changes, position)
    if outcome.new or outcome.changed:
        _refresh(connection, table, touched)
    connection.execute(
        update(import_batch)
        .where(import_batch.c.id == batch["id"])
        .values(
            new=outcome.new,
            changed=outcome.changed,
            unchanged=outcome.unchanged,
            as_of_before=as_of_before,
            finished_at=datetime.now().replace(microsecond=0),
        )
    )
    # The last moment to stop: the rollups may have taken a while.
    report(len(rows), len(rows))
    return outcome


def _by_key(connection: Connection, table: Table) -> dict[str, Values]:
    rows = [dict(row) for row in connection.execute(select(table)).mappings()]
    return {key_text(table, row): row for row in rows}


def _keep(connection: Connection, changes: Sequence[Values], position: int) -> int:
    """Write down what was replaced, from this position on; returns the next position."""
    if changes:
        numbered = [change | {"position": place} for place, change in enumerate(changes, position)]
        connection.execute(insert(import_change), numbered)
    return position + len(changes)


def _identity(table: ImportTable, row: RowMapping | Values) -> tuple[object, ...]:
    return tuple(row[name] for name in table.identity)


def _compared(
    connection: Connection, table: ImportTable, rows: Sequence[Values], batch_id: str, touched: Touched
) -> _Writes:
    """Compare rows with those in the database, in the columns that the file supplies."""
    columns = table.table.c
    stamp = {"batch_id": batch_id} if "batch_id" in columns else {}
    blank: Values = {column.name: getattr(column.default, "arg", None) for column in columns}
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
            touched.add(writes.inserts[-1])
            if not stamp:
                writes.changes.append(replaced(table.table, batch_id, None, writes.inserts[-1]))
        elif is_moved:
            writes.deletes.append(old)
            writes.inserts.append(_merged(table, old | dict.fromkeys(table.left_behind), given) | stamp)
            touched.add(old, writes.inserts[-1])
            writes.changes.append(replaced(table.table, batch_id, old, writes.inserts[-1]))
        elif any(old[name] != value for name, value in given.items()):
            writes.updates.append(_merged(table, old, given) | stamp)
            touched.add(old, writes.updates[-1])
            writes.changes.append(replaced(table.table, batch_id, old, writes.updates[-1]))
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


def _refresh(connection: Connection, table: ImportTable, touched: Touched) -> None:
    if table.area is None:
        for area in connection.scalars(select(data_state.c.area)).all():
            refresh(connection, area)
    else:
        # Rows without a date count in every month.
        start, end = min(touched.months, default=None), max(touched.months, default=None)
        refresh(connection, table.area, townships=touched.townships, start=start, end=end)
