"""Where the check of a large file writes, so that nobody has to wait for it.

An SQLite database has one writer at a time: the check gets a copy. PostgreSQL has many, who would wait for each other at
the tables that every load writes: of these the check gets its own.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from data_access.database import begin_writing, file_of, new_engine, take_time
from data_access.model.batches import import_batch, import_change
from data_access.model.data_state import data_state
from data_access.model.tables import to_date
from data_access.private_files import private_folder
from data_access.registers import register_value
from data_access.rollups import ROLLUP_OF

# A copy is made in so many steps between which may be asked whether to stop.
_PAGES = 25_000


@contextmanager
def own_copy(engine: Engine, pause: Callable[[], None]) -> Iterator[Engine]:
    """An engine on a copy as the database is now, which goes at the end; ``pause`` is called between parts of the copying.

    The engine itself where it is none of a file, or where there is no room for a copy: then the check keeps others from
    writing until it is done.
    """
    path = file_of(engine.url)
    if path is None:
        yield engine
        return
    with tempfile.TemporaryDirectory(dir=private_folder("checks")) as folder:
        # The check adds to it, and half of the room stays for others.
        if shutil.disk_usage(folder).free < 3 * path.stat().st_size:
            yield engine
            return
        copy = Path(folder) / "county.sqlite"
        with closing(engine.raw_connection()) as pooled, closing(sqlite3.connect(copy)) as target:
            source: Any = pooled.driver_connection
            # What others write meanwhile is not seen, and so does not begin the copy anew.
            source.execute("BEGIN")
            source.execute("SELECT 1 FROM sqlite_master").fetchone()
            source.backup(target, pages=_PAGES, progress=lambda *_: pause())
        copied = new_engine(f"sqlite:///{copy}")
        try:
            yield copied
        finally:
            copied.dispose()


def begin_check(connection: Connection, area: str | None) -> None:
    """Begin the transaction of a check, to be taken back; ``area`` is what it counts anew (None: every area; empty: none).

    On PostgreSQL it waits for no writer, and of the database's own tables it writes the file's rows alone: others wait where
    they write the same rows. Where somebody loads those just now, it is soon told so.
    """
    if connection.dialect.name != "postgresql":
        begin_writing(connection)
        return
    take_time(connection)
    # Sooner than the server looks for a deadlock, which it might end with the load instead of the check.
    connection.exec_driver_sql("SET LOCAL lock_timeout = '900ms'")
    areas = [one for one in ROLLUP_OF if area in (None, one)]
    rollups = [table for one in areas for table in ROLLUP_OF[one].tables]
    quoted = connection.dialect.identifier_preparer.format_table
    for table in (*rollups, *to_date(rollups), data_state, register_value, import_batch, import_change):
        name = quoted(table)
        # Of what was replaced nothing is read here, and it may be long.
        rows = "WITH NO DATA" if table is import_change else ""
        connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS TABLE {name} {rows}")
