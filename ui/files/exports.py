"""Files that are written beside the page, however long it takes, with progress, a stop and a record."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from threading import Lock
from time import monotonic

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from data_access.access import Viewer
from data_access.background import Progress, Task
from data_access.database import DatabaseBusy
from data_access.private_files import private_folder
from ui.asking.viewer import viewer_of
from ui.server.rules import SIGNED_IN, RuledRoute

# Files that nobody fetched are deleted after this many seconds, at the next export.
_KEPT_SECONDS = 1800


class ExportStopped(Exception):
    """The viewer stopped it."""


# Counts rows as written, of how many (None: unknown); raises ExportStopped where the viewer wants no more.
Advance = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Export:
    """A file in the making, for a viewer; the task's outcome is the number of rows."""

    name: str
    viewer: Viewer
    path: Path
    task: Task[int]
    token: str = field(default_factory=lambda: token_urlsafe(24))

    @property
    def is_ready(self) -> bool:
        """Whether it can be fetched."""
        return not self.task.is_running and self.path.exists()


_exports: dict[str, Export] = {}
_lock = Lock()


def start_export(
    label: str, name: str, viewer: Viewer, write: Callable[[Path, Advance], object], record: Callable[[int], None]
) -> Export:
    """Begin to ``write`` a file of that name for a viewer; ``record(rows)`` is called before it can be fetched.

    ``label`` says what is done, for whoever waits.
    """
    with _lock:
        for token, old in list(_exports.items()):
            if monotonic() - old.task.started > _KEPT_SECONDS:
                old.path.unlink(missing_ok=True)
                del _exports[token]
    with tempfile.NamedTemporaryFile(dir=private_folder("exports"), suffix=Path(name).suffix, delete=False) as file:
        path = Path(file.name)

    def work(report: Callable[[Progress], None], should_stop: Callable[[], bool]) -> int:
        done = 0

        def advance(rows: int, total: int | None) -> None:
            nonlocal done
            if should_stop():
                raise ExportStopped
            done += rows
            report(Progress(done, done / total if total else None))

        try:
            write(path, advance)
            while True:
                try:
                    record(done)
                except DatabaseBusy:
                    # A load may take longer than one try waits.
                    if should_stop():
                        raise ExportStopped from None
                    report(Progress(done, 1.0, "waiting"))
                else:
                    break
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return done

    export = Export(name, viewer, path, Task(label, work))
    with _lock:
        _exports[export.token] = export
    return export


async def _send(request: Request) -> Response:
    with _lock:
        export = _exports.get(request.path_params["token"])
    if export is None or not is_theirs(export.viewer, viewer_of(request)) or not export.is_ready:
        return PlainTextResponse("文件已过期，请重新导出。 The file has expired; export it again.", status_code=404)
    return FileResponse(export.path, filename=export.name, headers={"Cache-Control": "no-store"})


def is_theirs(asked: Viewer, viewer: Viewer) -> bool:
    """Whether it is they who ``asked``, and may see today what they saw then; without names whoever may see the same."""
    return viewer == asked and (viewer.name == asked.name or not viewer.is_signed_in)


def stop_export(export: Export) -> None:
    """Stop writing, or throw the file away."""
    export.task.cancel()
    with suppress(OSError):
        export.path.unlink(missing_ok=True)


export_route = RuledRoute("/export/{token}", _send, SIGNED_IN)
