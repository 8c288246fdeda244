"""Takes a batch back: what it created goes, what it replaced returns, and the rollups follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Engine,
    RowMapping,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from data_access.access import NotAllowed, Viewer
from data_access.audit.deeds import record, told_by
from data_access.audit.tables import deed
from data_access.database import DatabaseProblem, begin_writing, refusal
from data_access.importing.history import key_of, key_text, row_of, township_in_key
from data_access.importing.loading import Touched
from data_access.importing.problems import FileProblem
from data_access.importing.tables import TABLES
from data_access.model.batches import import_batch, import_change
from data_access.model.data_state import as_of_dates, data_state
from data_access.model.import_table import Values
from data_access.model.tables import to_date
from data_access.registers import register_value
from data_access.rollups import ROLLUP_OF, refresh
from data_access.schema import metadata

# How many rows are compared and written at a time; servers bound the length of an IN list.
_CHUNK = 500


class UndoProblem(FileProblem):
    """The batch cannot be taken back. ``zh`` and ``en`` say why, and what to do first."""


@dataclass(frozen=True)
class Undone:
    """How many rows the batch had created, which went, and how many got back what they held before."""

    batch: str
    removed: int
    restored: int


def batches(connection: Connection) -> Sequence[RowMapping]:
    """The batches, the latest first, with who loaded them (``by``; None where the audit log does not say)."""
    is_load = and_(deed.c.kind == "imported", deed.c.subject == import_batch.c.id)
    query = select(import_batch, deed.c.done_by.label("by")).outerjoin(deed, is_load)
    latest_first = (import_batch.c.number.desc(), import_batch.c.started_at.desc())
    return connection.execute(query.order_by(*latest_first)).mappings().all()


def may_undo(viewer: Viewer, loaded_by: str | None) -> bool:
    """Whether somebody may undo a batch: their own, or anybody's."""
    return viewer.may("undo_any") or (viewer.may("import") and viewer.name != "" and viewer.name == loaded_by)


def undo(engine: Engine, batch_id: str, *, by: Viewer) -> Undone:
    """Restore what was there before the batch, in one transaction; the batch stays listed as undone.

    Undone the latest first, batches leave everything as it was, the as-of date included. Out of order, which
    is possible where no later batch changed the same rows, the data reach as far as the facts that stay.
    Raises NotAllowed, UndoProblem if the batch cannot be undone and DatabaseProblem if the database refuses.
    """
    try:
        try:
            with engine.begin() as connection:
                begin_writing(connection)
                owner = connection.scalar(
                    select(deed.c.done_by).where(deed.c.kind == "imported", deed.c.subject == batch_id)
                )
                if not may_undo(by, owner):
                    raise NotAllowed("您只能撤销自己导入的批次。", "You may undo only what you have loaded yourself.")
                done = _undo(connection, batch_id)
                counts = {"removed": done.removed, "restored": done.restored}
                record(connection, by, "undone", batch_id, before={"by": owner}, after=counts)
                return done
        except IntegrityError:
            # A foreign key: the township that the batch created has cases by now.
            with engine.connect() as connection:
                raise _changed_since(connection, batch_id, _later(connection, batch_id)) from None
    except SQLAlchemyError as error:
        zh, en = refusal(error)
        raise DatabaseProblem(
            f"数据库没有接受这次撤销，什么都没有改动：{zh}。",
            f"The database did not accept this undo; nothing was changed: {en}.",
        ) from None


def _undo(connection: Connection, batch_id: str) -> Undone:
    batch = _claimed(connection, batch_id)
    _refuse_if_changed_since(connection, batch)
    main = TABLES[batch["table_name"]]
    touched = Touched()
    removed = restored = 0
    connection.execute(delete(register_value).where(register_value.c.batch_id == batch_id))
    # Children go before their parents, and a name is free before its former owner takes it back.
    for table in reversed(metadata.sorted_tables):
        removed += _remove_created(connection, table, batch_id)
        if table is main.table and "batch_id" in table.c:
            _touch_written(connection, table, batch_id, touched)
            restored += _restore(connection, table, batch_id, touched)
            # The rows that still carry the batch are those that it created.
            removed += connection.execute(delete(table).where(table.c.batch_id == batch_id)).rowcount
    for table in metadata.sorted_tables:
        if "batch_id" not in table.c:
            restored += _restore(connection, table, batch_id, touched)
    connection.execute(delete(import_change).where(import_change.c.batch_id == batch_id))
    if main.area is None:
        for area in as_of_dates(connection):
            refresh(connection, area)
    else:
        _refresh(connection, main.area, batch["as_of_before"], touched)
    return Undone(batch_id, removed, restored)


def _claimed(connection: Connection, batch_id: str) -> RowMapping:
    """The batch, marked as undone. Written before anything is read, so that of two at once the second waits."""
    claimed = connection.execute(
        update(import_batch)
        .where(import_batch.c.id == batch_id, import_batch.c.undone_at.is_(None), import_batch.c.number.is_not(None))
        .values(undone_at=datetime.now().replace(microsecond=0))
    ).rowcount
    batch = connection.execute(select(import_batch).where(import_batch.c.id == batch_id)).mappings().one_or_none()
    if batch is None:
        raise UndoProblem(f"没有批次 {batch_id}。", f"There is no batch {batch_id}.")
    if not claimed and batch["undone_at"]:
        zh, en = told_by(connection, ["undone"], batch_id, "撤销", "undid it")
        raise UndoProblem(f"批次 {batch_id} 不能再撤销：{zh}。", f"The batch {batch_id} cannot be undone again: {en}.")
    if not claimed:
        raise UndoProblem(
            f"批次 {batch_id} 由较早的版本装入，没有留下历史，无法撤销。",
            f"The batch {batch_id} was loaded by an earlier version, which kept no history; it cannot be undone.",
        )
    return batch


def _later(connection: Connection, batch_id: str) -> Sequence[str]:
    """The batches after this one that have not been undone, the latest first."""
    number = select(import_batch.c.number).where(import_batch.c.id == batch_id).scalar_subquery()
    return connection.scalars(
        select(import_batch.c.id)
        .where(import_batch.c.number > number, import_batch.c.undone_at.is_(None))
        .order_by(import_batch.c.number.desc())
    ).all()


def _changed_since(connection: Connection, batch_id: str, later: Sequence[str]) -> UndoProblem:
    first_zh = f"，请先依次撤销：{'、'.join(later)}" if later else ""
    first_en = f"; undo these first, in this order: {', '.join(later)}" if later else ""
    return UndoProblem(
        f"批次 {batch_id} 的数据后来又被改动或引用{first_zh}。什么都没有改动。",
        f"What the batch {batch_id} wrote was changed or referred to later{first_en}. Nothing was changed.",
    )


def _refuse_if_changed_since(connection: Connection, batch: RowMapping) -> None:
    own, other = import_change.alias("own"), import_change.alias("other")
    # Rows that carry a batch_id name the batch before; for the others the order of the batches tells.
    unsigned = [table.name for table in metadata.sorted_tables if "batch_id" not in table.c]
    after_it = set(connection.scalars(select(other.c.batch_id).where(other.c.previous_batch == batch["id"]).distinct()))
    after_it |= set(
        connection.scalars(
            select(other.c.batch_id)
            .join(
                own,
                and_(
                    own.c.table_name == other.c.table_name,
                    own.c.township_code == other.c.township_code,
                    own.c.row_key == other.c.row_key,
                ),
            )
            .join(import_batch, import_batch.c.id == other.c.batch_id)
            .where(
                own.c.batch_id == batch["id"],
                own.c.table_name.in_(unsigned),
                import_batch.c.number > batch["number"],
            )
            .distinct()
        )
    )
    if after_it:
        _refuse(connection, batch["id"], after_it)


def _refuse(connection: Connection, batch_id: str, after_it: set[str]) -> None:
    later = [later for later in _later(connection, batch_id) if later in after_it]
    raise _changed_since(connection, batch_id, later)


def _changes(connection: Connection, table: Table, batch_id: str, *, created: bool) -> Iterator[Sequence[Values]]:
    """What the batch wrote down of a table, the last first, some hundred at a time."""
    c = import_change.c
    query = (
        select(import_change)
        .where(
            c.batch_id == batch_id,
            c.table_name == table.name,
            c.before.is_(None) if created else c.before.is_not(None),
        )
        .order_by(c.position.desc())
        .limit(_CHUNK)
    )
    found = connection.execute(query).mappings().all()
    while found:
        yield [dict(change) for change in found]
        found = connection.execute(query.where(c.position < found[-1]["position"])).mappings().all()


def _is_row(table: Table) -> ColumnElement[bool]:
    return and_(*(column == bindparam(f"key_{column.name}") for column in table.primary_key.columns))


def _bound(key: Values) -> Values:
    return {f"key_{name}": value for name, value in key.items()}


def _remove_created(connection: Connection, table: Table, batch_id: str) -> int:
    """Delete the rows that the batch wrote down as created, those of tables without a batch_id; returns how many."""
    removed = 0
    for changes in _changes(connection, table, batch_id, created=True):
        connection.execute(delete(table).where(_is_row(table)), [_bound(key_of(table, change)) for change in changes])
        removed += len(changes)
    return removed


def _restore(connection: Connection, table: Table, batch_id: str, touched: Touched) -> int:
    """Give the rows that the batch changed or moved back what they held; returns how many."""
    restored = 0
    for changes in _changes(connection, table, batch_id, created=False):
        current = _current(connection, table, changes)
        moved, updates, inserts = [], [], []
        others: set[str] = set()
        for change in changes:
            key, before = key_of(table, change), row_of(table, change["before"])
            place = (change["township_code"], change["row_key"])
            if change["moved_to"]:
                moved.append(_bound(key | {"township_code": change["moved_to"]}))
            if place not in current:
                inserts.append(before)
            elif "batch_id" in table.c and current[place]["batch_id"] != batch_id:
                others.add(current[place]["batch_id"])
            else:
                updates.append((key, before))
            touched.add(before)
        if others:
            # Another case has since taken the number in the township that this one left.
            _refuse(connection, batch_id, others)
        if moved:
            connection.execute(delete(table).where(_is_row(table)), moved)
        if updates:
            names = [name for name in row_of(table, changes[0]["before"]) if not table.c[name].primary_key]
            statement = update(table).where(_is_row(table)).values({name: bindparam(name) for name in names})
            connection.execute(statement, [_bound(key) | {name: row[name] for name in names} for key, row in updates])
        if inserts:
            connection.execute(insert(table), inserts)
        restored += len(changes)
    return restored


def _current(connection: Connection, table: Table, changes: Sequence[Values]) -> dict[tuple[str, str], Values]:
    """The rows as they are, by township and key."""
    first = next(column for column in table.primary_key.columns if column.name != "township_code")
    wanted = {key_of(table, change)[first.name] for change in changes}
    rows = [dict(row) for row in connection.execute(select(table).where(first.in_(wanted))).mappings()]
    return {(township_in_key(table, row), key_text(table, row)): row for row in rows}


def _touch_written(connection: Connection, table: Table, batch_id: str, touched: Touched) -> None:
    """Note where all rows of the batch count, however many, by the extremes of their dates."""
    is_own = table.c.batch_id == batch_id
    for township_code in connection.scalars(select(table.c.township_code).where(is_own).distinct()):
        touched.add({"township_code": township_code})
    times = [column for column in table.c if isinstance(column.type, Date | DateTime) or column.name == "month"]
    for extreme in (func.min, func.max):
        row = connection.execute(select(*(extreme(time).label(time.name) for time in times)).where(is_own)).mappings()
        touched.add_times(dict(row.one()))


def _refresh(connection: Connection, area: str, as_of_before: datetime | None, touched: Touched) -> None:
    """Refresh the rollups; the as-of date returns to what it was, or to the latest fact that stays."""
    state = connection.execute(select(data_state).where(data_state.c.area == area)).one_or_none()
    if state is None:
        return
    is_area = data_state.c.area == area
    townships, start, end = touched.townships, min(touched.months, default=None), max(touched.months, default=None)
    if as_of_before is None:
        # refresh() leaves an area without facts alone.
        connection.execute(delete(data_state).where(is_area))
        tables = ROLLUP_OF[area].tables
        for table in (*tables, *to_date(tables)):
            connection.execute(delete(table))
        refresh(connection, area)
        connection.execute(update(data_state).where(is_area).values(version=state.version + 1))
    elif as_of_before < state.as_of:
        # refresh() moves the date forward only, and widens the months then; here they are widened for it.
        connection.execute(update(data_state).where(is_area).values(as_of=as_of_before))
        start, end = (
            (min(start, f"{as_of_before:%Y-%m}"), max(end, f"{state.as_of:%Y-%m}")) if start and end else (None, None)
        )
        refresh(connection, area, start=start, end=end)
    else:
        refresh(connection, area, townships=townships, start=start, end=end)
