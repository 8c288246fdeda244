"""Writes checked rows: compares them with what is there, inserts and updates, and keeps the rollups true."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import compress
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import Connection, RowMapping, Table, and_, bindparam, delete, func, insert, select, update

from data_access.areas.reports.tables import reported_indicator
from data_access.bulk_insert import insert_columns
from data_access.database import begin_writing, prepare_sorting
from data_access.importing.checks import Chunk, too_early
from data_access.importing.history import key_text, replaced
from data_access.importing.problems import FileProblem
from data_access.model.batches import import_batch, import_change
from data_access.model.data_state import as_of_dates, data_state
from data_access.model.import_table import Columns, ImportTable, Values
from data_access.model.recorded import recorded_bits
from data_access.places.tables import grid, township_alias
from data_access.registers import REGISTERS, keep_replaced
from data_access.rollups import refresh

# Below this two texts are not about the same.
_UNLIKE = 80
# How many rows are looked up at a time; servers bound the length of an IN list.
_LOOKED_UP = 500
# Small tables that a load may write beside its own; they are compared whole, before and after.
_BESIDE = (township_alias, reported_indicator)


@dataclass
class Outcome:
    """How many rows were new, changed and unchanged.

    Of the changed, ``overwritten`` are about something else than what stood under their number, ``example`` among them.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    overwritten: int = 0
    example: tuple[object, ...] = ()

    @property
    def overwrites(self) -> bool:
        """Whether the numbers seem to be no numbers: most of the changed rows are about something else."""
        return 2 * self.overwritten > self.changed


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

    def add_columns(self, columns: Columns) -> None:
        """Note where rows in columns count: all their townships, and the first and the last of each date."""
        self.townships.update(columns.get("township_code", [""]))
        for name, column in columns.items():
            known = next((value for value in column if value is not None), None)
            if name == "month" or isinstance(known, date):
                values = [value for value in column if value is not None]
                for extreme in (min(values), max(values)):
                    self.add_times({name: extreme})

    def add_times(self, row: Values) -> None:
        """Note the months of the row's dates."""
        self.months.update(value.isoformat()[:7] for value in row.values() if isinstance(value, date))
        if row.get("month"):
            self.months.add(row["month"])


@dataclass
class _Writes:
    """What those rows of a chunk come to that are in the database already."""

    deletes: list[Values] = field(default_factory=list)
    updates: list[Values] = field(default_factory=list)
    inserts: list[Values] = field(default_factory=list)
    changes: list[Values] = field(default_factory=list)
    unchanged: list[tuple[object, ...]] = field(default_factory=list)


class Load:
    """A load of a table in the transaction of the connection, which it begins by listing the batch.

    ``begin`` begins the transaction. ``batch`` holds the columns of the import_batch row but for its counts and times of the end, which
    :meth:`finish` adds. ``outcome`` says what the rows came to so far.
    """

    def __init__(
        self,
        connection: Connection,
        table: ImportTable,
        batch: Values,
        begin: Callable[[Connection], None] = begin_writing,
    ) -> None:
        begin(connection)
        # Written first, so that of two loads at once the second waits before it compares. The number is taken in
        # the same statement; MySQL reads the table that it inserts into only through a subquery of its own.
        last = select(func.max(import_batch.c.number).label("number")).subquery()
        number = select(func.coalesce(last.c.number, 0) + 1).scalar_subquery()
        counts = dict.fromkeys(("read", "new", "changed", "unchanged", "rejected"), 0)
        listed = batch | counts | {"finished_at": batch["started_at"], "number": number}
        connection.execute(insert(import_batch).values(listed))
        self.outcome = Outcome()
        self._connection = connection
        self._table = table
        self._batch_id = batch["id"]
        self._known_batches = {None, *connection.scalars(select(import_batch.c.id))}
        self._as_of_before = as_of_dates(connection).get(table.area or "")
        self._beside_before = {beside.name: _by_key(connection, beside) for beside in _BESIDE}
        self._touched = Touched()
        self._personal = [column.name for column in table.table.c if column.info.get("is_personal")]
        self._position = 0
        # Rows of one file never meet each other: into an empty table all of them are new.
        self._was_empty = connection.execute(select(table.table).limit(1)).first() is None
        self._indexes = _drop_indexes(connection, table.table) if self._was_empty else []

    def add(self, chunk: Chunk) -> None:
        """Write the chunk's good rows. Raises FileProblem where one contradicts what stays of it in the database."""
        table, count = self._table, len(chunk.rows)
        self.outcome.unchanged += chunk.repeated
        if not count:
            return
        is_new = [True] * count
        unchanged: list[tuple[object, ...]] = []
        if not self._was_empty:
            unchanged = self._change(chunk, is_new)
        self._insert_new(chunk, is_new)
        beside = set()
        if table.load_beside:
            beside = table.load_beside(self._connection, [chunk.values(index) for index in range(count)])
        new, same = sum(is_new), sum(identity not in beside for identity in unchanged)
        self.outcome.new += new
        self.outcome.unchanged += same
        self.outcome.changed += count - new - same

    def finish(self, read: int, rejected: int) -> None:
        """Make the indexes, refresh the rollups and complete the batch's row."""
        connection = self._connection
        prepare_sorting(connection)
        for index in self._indexes:
            connection.exec_driver_sql(index)
        for beside in _BESIDE:
            known = self._beside_before[beside.name]
            self._keep(
                replaced(beside, self._batch_id, known.get(key), row)
                for key, row in _by_key(connection, beside).items()
                if known.get(key) != row
            )
        if self.outcome.new or self.outcome.changed:
            _refresh(connection, self._table, self._touched)
        counts = {"new": self.outcome.new, "changed": self.outcome.changed, "unchanged": self.outcome.unchanged}
        connection.execute(
            update(import_batch)
            .where(import_batch.c.id == self._batch_id)
            .values(
                read=read,
                rejected=rejected,
                as_of_before=self._as_of_before,
                finished_at=datetime.now().replace(microsecond=0),
                **counts,
            )
        )

    def _change(self, chunk: Chunk, is_new: list[bool]) -> list[tuple[object, ...]]:
        """Write the rows that are in the database already, and mark them; returns the unchanged ones' identities."""
        table, batch_id = self._table, self._batch_id
        stamp = self._stamp()
        there = _there(self._connection, table, chunk)
        writes = _Writes()
        updated: list[tuple[Values, Values]] = []
        identities = zip(*(chunk.columns[name] for name in table.identity), strict=True)
        for index, identity in enumerate(identities):
            if identity not in there:
                continue
            given = {name: value for name, value in chunk.values(index).items() if name in table.table.c}
            old, is_moved = _match(table, given, there[identity])
            if old is None:
                continue
            is_new[index] = False
            for name in chunk.made & table.made.keys():
                # Better known already than a guess would be.
                given[name] = old[name]
            for name in self._personal:
                if is_masked(given.get(name), old[name]):
                    given[name] = old[name]
            if is_about_another(old, given, table.never_changes):
                self.outcome.overwritten += 1
                self.outcome.example = self.outcome.example or identity
            if old.get("recorded") is not None:
                # What one of its sources has is known of the row.
                given["recorded"] = old["recorded"] | recorded_bits(table.table, chunk.columns)
            if is_moved:
                row = _merged(table, old | dict.fromkeys(table.left_behind), given) | stamp
                writes.deletes.append(old)
                writes.inserts.append(row)
            elif (
                any(old[name] != value for name, value in given.items())
                # Left by a commit that reached one server of a cluster and not the next: it counts nowhere yet.
                or old.get("batch_id") not in self._known_batches
            ):
                row = _merged(table, old, given) | stamp
                writes.updates.append(row)
                updated.append((old, row))
            else:
                writes.unchanged.append(identity)
                continue
            self._touched.add(old, row)
            writes.changes.append(replaced(table.table, batch_id, old, row))
        if register := REGISTERS.get(table.table.name):
            keep_replaced(self._connection, register, updated, batch_id)
        _write(self._connection, table, writes)
        self._keep(writes.changes)
        return writes.unchanged

    def _insert_new(self, chunk: Chunk, is_new: Sequence[bool]) -> None:
        table, count = self._table.table, sum(is_new)
        if not count:
            return
        columns: Columns = {}
        for column in table.c:
            if column.name in chunk.columns:
                values = chunk.columns[column.name]
                columns[column.name] = values if count == len(is_new) else list(compress(values, is_new))
            elif column.name == "recorded":
                columns[column.name] = [recorded_bits(table, chunk.columns)] * count
            else:
                columns[column.name] = [self._stamp().get(column.name, getattr(column.default, "arg", None))] * count
        insert_columns(self._connection, table, columns)
        self._touched.add_columns(columns)
        if not self._stamp():
            rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
            self._keep(replaced(table, self._batch_id, None, row) for row in rows)

    def _stamp(self) -> Values:
        return {"batch_id": self._batch_id} if "batch_id" in self._table.table.c else {}

    def _keep(self, changes: Iterable[Values]) -> None:
        """Write down what was replaced, in this order."""
        numbered = [change | {"position": place} for place, change in enumerate(changes, self._position)]
        if numbered:
            self._connection.execute(insert(import_change), numbered)
        self._position += len(numbered)


def is_masked(given: Any, known: Any) -> bool:
    """Whether a value, 王**, is one that is known and has been hidden: lists are exported so."""
    if not (isinstance(given, str) and isinstance(known, str) and "*" in given and "*" not in known):
        return False
    return re.fullmatch(".*".join(map(re.escape, re.split(r"\*+", given))), known, re.DOTALL) is not None


def _drop_indexes(connection: Connection, table: Table) -> list[str]:
    """Drop an empty table's indexes for the time of the load, which fills them faster at its end; returns how to.

    Only SQLite does this within the transaction and without keeping readers away.
    """
    if connection.dialect.name != "sqlite":
        return []
    # Those of keys have no SQL.
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL ORDER BY rowid"
    )
    indexes = connection.exec_driver_sql(query, (table.name,)).all()
    for name, _ in indexes:
        connection.exec_driver_sql(f"DROP INDEX {connection.dialect.identifier_preparer.quote(name)}")
    return [made for _, made in indexes]


def _by_key(connection: Connection, table: Table) -> dict[str, Values]:
    rows = [dict(row) for row in connection.execute(select(table)).mappings()]
    return {key_text(table, row): row for row in rows}


def _identity(table: ImportTable, row: RowMapping | Values) -> tuple[object, ...]:
    return tuple(row[name] for name in table.identity)


def _there(connection: Connection, table: ImportTable, chunk: Chunk) -> dict[tuple[object, ...], list[Values]]:
    """The rows in the database by the identities that the chunk's rows have."""
    columns = table.table.c
    first = chunk.columns[table.identity[0]]
    there: dict[tuple[object, ...], list[Values]] = {}
    for start in range(0, len(first), _LOOKED_UP):
        part = slice(start, start + _LOOKED_UP)
        query = select(table.table).where(columns[table.identity[0]].in_(first[part]))
        if "township_code" in table.identity:
            # It is the first column of the primary key, without which the key finds nothing.
            query = query.where(columns.township_code.in_(set(chunk.columns["township_code"][part])))
        for known in connection.execute(query).mappings():
            there.setdefault(_identity(table, known), []).append(dict(known))
    return there


def _merged(table: ImportTable, old: Values, given: Values) -> Values:
    """The row with what the file gives; raises FileProblem where that and what stays contradict each other."""
    row = old | given
    for _, (name, fault) in too_early({name: [value] for name, value in row.items()}, table):
        identity, label = "、".join(map(str, _identity(table, row))), table.label(name)
        raise FileProblem(
            f"{identity} 在数据库里已有的{label}（{row[name]}）会{fault.zh}，请在文件里一并给出。",
            f"The {label} of {identity} in the database ({row[name]}) {fault.en} of the file; give both in the file.",
        )
    return row


def is_about_another(old: Values, given: Values, names: Sequence[str]) -> bool:
    """Whether a row and the one of its number differ in what never changes: another day, or a text quite unlike."""
    for name in names:
        was, now = old.get(name), given.get(name)
        if was is None or now is None or was == now:
            continue
        if isinstance(was, date):
            if was.isoformat()[:10] != now.isoformat()[:10]:
                return True
        elif fuzz.ratio(was, now) < _UNLIKE:
            return True
    return False


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
        # Grids can be shown before anything is reported of them.
        areas = {*connection.scalars(select(data_state.c.area)), *(["grid"] if table.table is grid else [])}
        for area in sorted(areas):
            refresh(connection, area)
    elif table.area:
        # Rows without a date count in every month.
        start, end = min(touched.months, default=None), max(touched.months, default=None)
        refresh(connection, table.area, townships=touched.townships, start=start, end=end)
