"""Loads that are at work, and those whose server did not live to tell what became of them."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, func, select

from data_access.importing.kept_files import folder
from data_access.model.batches import import_batch
from data_access.private_files import lock_of


@dataclass(frozen=True)
class NotedLoad:
    """A load that was begun, of a file into a table, after the batch with the number ``after``."""

    note: Path
    table: str
    file_name: str
    started: datetime
    after: int


@dataclass(frozen=True)
class InterruptedLoad(NotedLoad):
    """A load that was begun and not told of: ``batch`` is what it wrote, None where it wrote nothing."""

    batch: str | None


@contextmanager
def noted(engine: Engine, table: str, file_name: str) -> Iterator[None]:
    """Within, a note beside the kept mappings says that this process loads a file; whoever is told the end needs none."""
    with engine.connect() as connection:
        last = connection.scalar(select(func.max(import_batch.c.number)))
    note = folder() / f"{uuid4().hex}.loading"
    told = {
        "table": table,
        "file_name": file_name,
        # Not the clock, which may go back, tells which batches are later.
        "after": last or 0,
        "started": datetime.now().replace(microsecond=0).isoformat(),
        "host": socket.gethostname(),
    }
    note.parent.mkdir(parents=True, exist_ok=True)
    # Locked before it has its name: a lock ends with its process, however that ends.
    draft = note.with_suffix(".tmp")
    draft.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    lock = lock_of(draft)
    draft.rename(note)
    try:
        yield
    finally:
        note.unlink(missing_ok=True)
        if lock is not None:
            os.close(lock)


def interrupted_loads(engine: Callable[[], Engine]) -> list[InterruptedLoad]:
    """The loads that processes of this machine had begun and did not live to end, the latest first.

    A load is one transaction: its batch is there with all of its rows, or nothing is. The database is asked only if there
    is a note.
    """
    found = []
    b = import_batch.c
    for load in _noted_loads(at_work=False):
        wrote = (b.table_name == load.table, b.file_name == load.file_name[-255:], b.number > load.after)
        with engine().connect() as connection:
            batch = connection.scalar(select(b.id).where(*wrote).order_by(b.number.desc()).limit(1))
        found.append(InterruptedLoad(load.note, load.table, load.file_name, load.started, load.after, batch))
    return sorted(found, key=lambda load: load.started, reverse=True)


def loads_at_work() -> list[NotedLoad]:
    """The loads that processes of this machine are at, the longest first; on Windows none is known."""
    return sorted(_noted_loads(at_work=True), key=lambda load: load.started)


def _noted_loads(*, at_work: bool) -> Iterator[NotedLoad]:
    """The noted loads of this machine whose process lives, or does not."""
    if os.name == "nt":
        # There no lock tells.
        return
    for note in folder().glob("*.loading"):
        try:
            told = json.loads(note.read_text("utf-8"))
        except FileNotFoundError:
            # It has just ended.
            continue
        if "after" not in told:
            # Of a version that did not tell it: what came of the load cannot be said.
            note.unlink(missing_ok=True)
            continue
        if told["host"] != socket.gethostname():
            continue
        if (lock := lock_of(note)) is not None:
            os.close(lock)
        if (lock is None) == at_work and note.exists():
            yield NotedLoad(
                note, told["table"], told["file_name"], datetime.fromisoformat(told["started"]), told["after"]
            )
