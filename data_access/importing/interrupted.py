"""Loads whose server did not live to tell what became of them."""

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

from sqlalchemy import Engine, select

from data_access.importing.saved_mappings import folder
from data_access.model.batches import import_batch
from data_access.private_files import lock_of


@dataclass(frozen=True)
class InterruptedLoad:
    """A load that was begun and not told of: ``batch`` is what it wrote, None where it wrote nothing."""

    note: Path
    table: str
    file_name: str
    started: datetime
    batch: str | None


@contextmanager
def noted(table: str, file_name: str) -> Iterator[None]:
    """Within, a note beside the kept mappings says that this process loads a file; whoever is told the end needs none."""
    note = folder() / f"{uuid4().hex}.loading"
    told = {
        "table": table,
        "file_name": file_name,
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
    for note in folder().glob("*.loading"):
        told = json.loads(note.read_text("utf-8"))
        if told["host"] != socket.gethostname() or (lock := lock_of(note)) is None:
            continue
        os.close(lock)
        started = datetime.fromisoformat(told["started"])
        b = import_batch.c
        with engine().connect() as connection:
            batch = connection.scalar(
                select(b.id)
                .where(b.table_name == told["table"], b.file_name == told["file_name"][-255:], b.started_at >= started)
                .order_by(b.number.desc())
                .limit(1)
            )
        found.append(InterruptedLoad(note, told["table"], told["file_name"], started, batch))
    return sorted(found, key=lambda load: load.started, reverse=True)
