"""Imports files that nobody made for this program: read -> map -> check -> load, each a pure step but the last."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from data_access.database import DatabaseProblem
from data_access.importing.checks import check
from data_access.importing.loading import Outcome, load
from data_access.importing.mapping import ColumnMapping, mapped_rows, plan_columns
from data_access.importing.places import read_places
from data_access.importing.problems import FileProblem, RowProblem
from data_access.importing.readers import Rows, open_sheet
from data_access.importing.tables import ImportTable
from data_access.importing.workbooks import write_rejects

# How many rows of a file are checked between two reports of progress
_BETWEEN_REPORTS = 500


class Cancelled(FileProblem):
    """Somebody stopped the import; nothing was written."""


@dataclass(frozen=True)
class ImportResult:
    """What an import did, in rows, or in a dry run would have done.

    ``batch`` is None where nothing was written. ``ignored`` are the headers that fill no column of ours, and
    ``unread`` further sheets with content. ``problems`` says what is wrong with the ``rejected`` rows; where there are
    any, nothing was loaded unless the good rows were asked for.
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


def import_file(
    engine: Engine,
    table: ImportTable,
    path: Path,
    mapping: ColumnMapping | None = None,
    *,
    dry_run: bool = False,
    good_only: bool = False,
    rejects: Path | None = None,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> ImportResult:
    """Load a CSV or XLSX file into a table in one transaction: all its rows or, if any is bad, none.

    With ``good_only`` the good rows are loaded beside bad ones. Rejected rows are written to the workbook
    ``rejects``, if one is named. ``progress`` is told how many rows are checked (of None, since nobody knows how many
    there are) and then how many are written of how many. When ``should_stop`` says so, Cancelled is raised.

    Raises FileProblem if the file cannot be used and DatabaseProblem if the database refuses; nothing is
    written then. A dry run does everything and takes it back.
    """

    def report(done: int, total: int | None) -> None:
        if should_stop():
            raise Cancelled("已取消，什么都没有写入。", "Cancelled; nothing was written.")
        progress(done, total)

    mapping = mapping or ColumnMapping()
    if rejects is not None and rejects.resolve() == path.resolve():
        raise FileProblem(
            f"不合格的行不能写回正在导入的文件 {path}，请另给一个文件名。",
            f"Rejected rows cannot be written into {path}, which is being imported; name another file.",
        )
    started = datetime.now()
    try:
        with engine.connect() as connection:
            places = read_places(connection, table.table)
        if "township_code" in table.table.c and not places:
            raise FileProblem(
                "数据库里还没有镇街，请先导入 townships。", "The database has no townships yet; import townships first."
            )
        with open_sheet(path, table, mapping) as sheet:
            plan = plan_columns(sheet.header, table, mapping)
            checked = check(mapped_rows(_reported(sheet.rows, report), plan), plan, table, places, started)
        if not checked.read:
            raise FileProblem(
                f"文件 {path.name} 只有表头，没有数据行。", f"The file {path.name} has a header and no rows."
            )
        if rejects and checked.rejected:
            with open_sheet(path, table, mapping) as again:
                write_rejects(rejects, again, checked.problems)
        outcome, batch_id = Outcome(), None
        if good_only or not checked.rejected:
            batch: dict[str, Any] = {
                "id": f"{started:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
                "table_name": table.name,
                "file_name": path.name[-255:],
                "file_sha256": _sha256(path),
                "started_at": started.replace(microsecond=0),
                "finished_at": started.replace(microsecond=0),
                "read": checked.read,
                "rejected": checked.rejected,
            }
            with engine.connect() as connection, connection.begin() as transaction:
                outcome = load(connection, table, checked.rows, batch, report)
                if dry_run or not (outcome.new or outcome.changed):
                    transaction.rollback()
                else:
                    batch_id = batch["id"]
    except SQLAlchemyError as error:
        # The driver's message repeats rows with names and telephone numbers; its kind says enough.
        reason = type(getattr(error, "orig", None) or error).__name__
        raise DatabaseProblem(
            f"数据库没有接受这次导入（{reason}），什么都没有写入。如有另一次导入正在进行，请稍后再试。",
            f"The database did not accept this import ({reason}); nothing was written. If another import is at "
            "work, try again later.",
        ) from None
    return ImportResult(
        checked.read,
        outcome.new,
        outcome.changed,
        outcome.unchanged,
        checked.rejected,
        batch_id,
        plan.ignored,
        sheet.unread,
        tuple(checked.problems),
    )


def _reported(rows: Rows, report: Callable[[int, int | None], None]) -> Rows:
    done = 0
    for done, row in enumerate(rows, 1):
        yield row
        if done % _BETWEEN_REPORTS == 0:
            report(done, None)
    report(done, None)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
