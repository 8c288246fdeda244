"""Records who takes which rows away, before the file is theirs."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from data_access.access import Viewer
from data_access.audit.deeds import record
from data_access.database import DatabaseBusy, DatabaseProblem, begin_writing, is_busy, refusal


def record_export(
    engine: Engine, by: Viewer, *, format: str, question: str, rows: int, right: str | None = "export"
) -> None:
    """Record an export; ``question`` in words, without words that were looked for. ``right``: what it takes, if anything.

    Raises NotAllowed, DatabaseBusy after waiting as long as every writer does, and DatabaseProblem: no file is given then.
    """
    if right:
        by.require(right)
    try:
        with engine.begin() as connection:
            begin_writing(connection)
            told = {"format": format, "rows": rows, "question": question[:2000]}
            record(connection, by, "exported", question, after=told)
    except SQLAlchemyError as error:
        zh, en = refusal(error)
        raise (DatabaseBusy if is_busy(error) else DatabaseProblem)(
            f"没有导出，因为记不下是谁导出的：{zh}。", f"Nothing was exported, as it cannot be recorded: {en}."
        ) from None
