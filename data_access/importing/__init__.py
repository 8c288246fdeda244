"""Imports files that nobody made for this program: read -> map -> check -> load, a chunk of rows at a time."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from data_access.access import Viewer
from data_access.audit.deeds import record
from data_access.background import Progress
from data_access.database import DatabaseProblem, begin_writing, refusal
from data_access.importing.checks import SAMPLE, Checker, Chunk, Rejected, Row, UnknownPlace
from data_access.importing.left_out import LeftOut
from data_access.importing.loading import Load, Outcome
from data_access.importing.mapping import ColumnMapping, Plan, Source, plan_columns
from data_access.importing.own_copy import begin_check, own_copy
from data_access.importing.places import Places, read_places
from data_access.importing.problems import FileProblem, RowProblem
from data_access.importing.readers import Sheet, next_rows, open_sheet
from data_access.importing.unforeseen import Unforeseen, foreseen
from data_access.importing.words import UnknownWord, known_words
from data_access.importing.workbooks import rejects_workbook
from data_access.model.import_table import ImportTable
from data_access.problems import Problem

# How many rows are read, checked and loaded at a time: few enough that the processor's cache holds them, which takes a
# sixth of the time off, and enough that a distant server is not asked too often.
_CHUNK = 1_000
# How many problems are told of; the rejects workbook has them all.
_MOST_PROBLEMS = 10_000
_BLOCK = 1 << 20
# A file up to this size is checked in a moment; for the check of a larger one nobody shall wait.
_QUICK = 300_000


class Cancelled(FileProblem):
    """Somebody stopped the import; nothing was written."""

    def __init__(self) -> None:
        super().__init__("已取消，什么都没有写入。", "Cancelled; nothing was written.")


@dataclass(frozen=True)
class ImportResult:
    """What an import did, in rows, or in a dry run would have done.

    ``batch`` is None where nothing was written. ``ignored`` are the headers that fill no column of ours, and
    ``unread`` further sheets with content. ``problems`` says what is wrong with the first of the ``rejected`` rows;
    where there are any, nothing was loaded unless the good rows were asked for, and a dry run counts what these would
    do. ``sheet`` (empty for text files) and ``header_row`` say where the table was found, ``left_out`` the rows
    that were passed over because they are no cases. ``before`` and ``after`` are what ``observe`` gave
    (None: it was not asked). ``unknown_words`` are those that somebody has to explain, or may; ``equal_rows`` counts
    rows of a file without numbers (``numbered``) that equal one before. ``overwritten`` rows are about something else
    than what stood under their numbers, which seem to be none (0: they do not). ``undated`` dates have no year;
    ``titled`` is the month or the year that the titles name. The columns ``unregistered`` name what the database has no
    register of yet (villages, grids), and are not loaded.
    """

    read: int
    new: int
    changed: int
    unchanged: int
    rejected: int
    batch: str | None
    ignored: tuple[str, ...]
    unread: tuple[str, ...]
    problems: tuple[RowProblem, ...]
    sheet: str = ""
    header_row: int = 1
    left_out: tuple[LeftOut, ...] = ()
    unknown_places: tuple[UnknownPlace, ...] = ()
    unknown_words: tuple[UnknownWord, ...] = ()
    numbered: str = ""
    equal_rows: int = 0
    overwritten: int = 0
    undated: int = 0
    titled: str = ""
    unregistered: tuple[str, ...] = ()
    before: Any = None
    after: Any = None


@foreseen
def import_file(
    engine: Engine,
    table: ImportTable,
    path: Path,
    mapping: ColumnMapping | None = None,
    *,
    by: Viewer,
    dry_run: bool = False,
    good_only: bool = False,
    rejects: Path | None = None,
    may_overwrite: bool = True,
    planned: Callable[[Plan], None] = lambda plan: None,
    observe: Callable[[Connection], Any] | None = None,
    progress: Callable[[Progress], None] = lambda progress: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> ImportResult:
    """Load a table in a file into the database in one transaction: all its rows or, if any is bad, none.

    With ``good_only`` the good rows are loaded beside bad ones. Rejected rows are written to the workbook
    ``rejects``, if one is named. Unless it ``may_overwrite``, a file is refused whose numbers seem to be none, because most
    of what they stand for is about something else. ``planned`` is told how its columns are mapped. ``observe`` is asked before any row is written and again, in the same transaction,
    when all rows and rollups are; it is not asked again where nothing is loaded. When ``should_stop`` says so,
    Cancelled is raised.

    Raises NotAllowed, FileProblem if the file cannot be used, and DatabaseProblem if the database refuses; nothing is
    written then. A dry run does everything and takes it back, or does it in a copy of its own.
    """

    def report(state: Progress) -> None:
        if should_stop():
            raise Cancelled
        progress(state)

    by.require("import")
    mapping = mapping or ColumnMapping()
    if rejects is not None and rejects.resolve() == path.resolve():
        raise FileProblem(
            f"不合格的行不能写回正在导入的文件 {path}，请另给一个文件名。",
            f"Rejected rows cannot be written into {path}, which is being imported; name another file.",
        )
    started = datetime.now()
    batch_id = f"{started:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    problems: list[RowProblem] = []
    before = after = None
    outcome, is_written = Outcome(), False
    read = rejected = 0
    try:
        with open_sheet(path, table, mapping) as sheet, ExitStack() as stack:
            top = next_rows(sheet.rows, SAMPLE)
            plan = plan_columns(sheet.header, table, mapping, sheet.unit, top, sheet.titled)
            if not top:
                raise FileProblem(
                    f"文件 {path.name} 只有表头，没有数据行。", f"The file {path.name} has a header and no rows."
                )
            planned(plan)
            digest, expected = _digest_and_rows(path, sheet, top)
            is_aside = dry_run and path.stat().st_size > _QUICK
            if is_aside:
                engine = stack.enter_context(own_copy(engine, lambda: report(Progress(0, 0.0))))
            connection = stack.enter_context(engine.connect())
            transaction = stack.enter_context(connection.begin())
            batch = {
                "id": batch_id,
                "table_name": table.name,
                "file_name": path.name[-255:],
                "file_sha256": digest,
                "started_at": started.replace(microsecond=0),
                "fields": json.dumps(
                    {source.field.name: "defaulted" if source.index is None else "mapped" for source in plan.sources}
                ),
            }
            begin = partial(begin_check, area=table.area) if is_aside else begin_writing
            load = Load(connection, table, batch, begin)
            places = read_places(connection, table.table)
            if "township_code" in table.table.c and not places:
                raise FileProblem(
                    "数据库里还没有镇街，请先装入镇街名录。",
                    "The database has no townships yet; load their list first.",
                    "python -m data_access.importing townships 镇街.csv",
                )
            unregistered = tuple(source for source in plan.sources if _lacks_register(source, table, places))
            plan = replace(plan, sources=tuple(source for source in plan.sources if source not in unregistered))
            before = observe(connection) if observe else None
            checker = Checker(top, plan, table, places, started, known_words(connection, table))
            write_reject: Callable[[Rejected], None] | None = None
            for chunk in _checked(chain(top, sheet.rows), checker, table, report, expected):
                if chunk.rejected and rejects and write_reject is None:
                    write_reject = stack.enter_context(rejects_workbook(rejects, sheet))
                for row in chunk.rejected:
                    if write_reject:
                        write_reject(row)
                    problems += row.problems[: _MOST_PROBLEMS - len(problems)]
                read += len(chunk.rows) + len(chunk.rejected) + chunk.repeated
                rejected += len(chunk.rejected)
                is_refused = rejected > 0 and not good_only
                if not is_refused or dry_run:
                    load.add(chunk)
                elif transaction.is_active:
                    # From here on rows are only checked: others need not wait for that.
                    transaction.rollback()
            if not (may_overwrite or dry_run) and load.outcome.overwrites:
                raise _overwrites(load.outcome, table)
            if transaction.is_active:
                report(Progress(read, 1.0, "rollups"))
                load.finish(read, rejected)
                after = observe(connection) if observe else None
                # The last moment to stop: the rollups may have taken a while.
                report(Progress(read, 1.0, "rollups"))
                outcome = load.outcome
                is_written = not dry_run and outcome.new + outcome.changed > 0
                if is_written:
                    counts = {**asdict(outcome), "read": read, "rejected": rejected}
                    record(
                        connection, by, "imported", batch_id, after={"table": table.name, "file": path.name, **counts}
                    )
                else:
                    transaction.rollback()
    except SQLAlchemyError as error:
        zh, en = refusal(error)
        if is_written:
            raise DatabaseProblem(
                f"提交这次导入时数据库出错（{zh}），可能已写入全部或一部分。请重新装入同一文件，已有的行不会重复。",
                f"The database failed while this import was committed ({en}); all or a part of it may be written. "
                "Load the same file again: rows that are there are not doubled.",
            ) from None
        raise DatabaseProblem(
            f"数据库没有接受这次导入，什么都没有写入：{zh}。",
            f"The database did not accept this import; nothing was written: {en}.",
        ) from None
    return ImportResult(
        read,
        outcome.new,
        outcome.changed,
        outcome.unchanged,
        rejected,
        batch_id if is_written else None,
        plan.ignored,
        sheet.unread,
        tuple(problems),
        sheet.name,
        sheet.header_row,
        tuple(sheet.left_out),
        checker.unknown_places(),
        checker.unknown_words(),
        plan.numbered,
        checker.equal_rows(),
        outcome.overwritten if outcome.overwrites else 0,
        checker.undated,
        sheet.titled,
        tuple(source.header for source in unregistered if source.header),
        before,
        after,
    )


def _lacks_register(source: Source, table: ImportTable, places: Places) -> bool:
    """Whether a column that need not be there names what no register has: no row of any file could be loaded with it."""
    field = source.field
    if field.required or field.parent is table.table:
        return False
    if field.parent is not None:
        return not places.parents.get(field.parent.name)
    return field.kind == "village" and not places.village_townships


def _overwrites(outcome: Outcome, table: ImportTable) -> FileProblem:
    labels = [table.label(name) for name in table.never_changes]
    example, count = str(outcome.example[0]), outcome.overwritten
    return FileProblem(
        f"有 {count} 行的编号在库里已经是别的内容（{'、'.join(labels)}不同），如 {example}；装入会盖掉它们，所以什么都没有写入。"
        "多半是把每月从 1 重排的序号当成了编号，请换一列；确实要盖掉的，命令行加 --overwrite，页面上勾选。",
        f"The numbers of {count} rows stand for something else in the database (another {', '.join(labels)}), such as "
        f"{example}; loading them would overwrite it, so nothing was written. Perhaps a running number that begins anew "
        "each month was taken for the number; choose another column.",
    )


def _checked(
    rows: Iterator[Row],
    checker: Checker,
    table: ImportTable,
    report: Callable[[Progress], None],
    expected: float | None,
) -> Iterator[Chunk]:
    """The rows in checked chunks; in a single one where they are judged together. Tells how many are read."""
    held: list[Chunk] = []
    done = 0
    while part := next_rows(rows, _CHUNK):
        try:
            chunk = checker.check(part)
        except Problem:
            raise
        except Exception as error:
            raise Unforeseen(_unforeseen_in(part, checker)) from error
        if table.together:
            held.append(chunk)
        else:
            yield chunk
        done += len(part)
        report(Progress(done, expected and min(done / expected, 1.0), "rows"))
    if held:
        yield checker.together(held)


def _unforeseen_in(rows: Sequence[Row], checker: Checker) -> int | None:
    """The number of the first row that cannot be checked by itself either."""
    for row in rows:
        try:
            checker.check([row])
        except Exception:  # noqa: BLE001 the row that is looked for
            return row[0]
    return None


def _digest_and_rows(path: Path, sheet: Sheet, top: Sequence[Row]) -> tuple[str, float | None]:
    """The file's SHA-256, and about how many rows a text file has: its lines by how many the first rows take."""
    digest = hashlib.sha256()
    lines = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            lines += block.count(b"\n")
    if sheet.name:
        return digest.hexdigest(), None
    inside = sum(cell.count("\n") for _, cells in top for cell in cells if isinstance(cell, str))
    return digest.hexdigest(), max(lines * len(top) / (len(top) + inside), 1)
