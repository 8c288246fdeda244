"""A copy of an SQLite database for a check to write in: the database itself has one writer at a time."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from data_access.database import file_of, new_engine
from data_access.private_files import private_folder

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
