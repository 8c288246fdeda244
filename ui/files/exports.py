"""Files that are written beside the page, however long it takes, with progress, a stop and a record."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from threading import Event, Lock, Thread
from time import monotonic, time

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from data_access.access import Viewer
from ui.asking.viewer import viewer_of

# Files that nobody fetched are deleted after this many seconds, at the next export.
_KEPT_SECONDS = 1800


class ExportStopped(Exception):
    """The viewer stopped it."""


@dataclass
class Export:
    """A file in the making. ``problem``: why there will be none, in words or as an exception."""

    name: str
    path: Path
    viewer: Viewer
    total: int | None = None
    done: int = 0
    is_finished: bool = False
    problem: BaseException | None = None
    begun: float = field(default_factory=monotonic)
    stopping: Event = field(default_factory=Event)
    token: str = field(default_factory=lambda: token_urlsafe(24))

    def advance(self, rows: int) -> None:
        """Count rows as written; raises ExportStopped where the viewer wants no more."""
        if self.stopping.is_set():
            raise ExportStopped
        self.done += rows


_exports: dict[str, Export] = {}
_lock = Lock()


def _folder() -> Path:
    folder = Path(tempfile.gettempdir()) / "township-exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def start_export(name: str, viewer: Viewer, write: Callable[[Export], None], record: Callable[[int], None]) -> Export:
    """Begin to ``write`` a file of that name for a viewer; ``record(rows)`` is called before it can be fetched."""
    with _lock:
        for token, old in list(_exports.items()):
            if monotonic() - old.begun > _KEPT_SECONDS:
                old.path.unlink(missing_ok=True)
                del _exports[token]
    # What a server that was stopped left behind
    for stale in _folder().iterdir():
        with suppress(OSError):
            if time() - stale.stat().st_mtime > _KEPT_SECONDS:
                stale.unlink()
    with tempfile.NamedTemporaryFile(dir=_folder(), suffix=Path(name).suffix, delete=False) as file:
        export = Export(name, Path(file.name), viewer)
    with _lock:
        _exports[export.token] = export

    def work() -> None:
        try:
            write(export)
            record(export.done)
            export.is_finished = True
        except BaseException as error:  # noqa: BLE001  # told to whoever watches
            export.problem = error
            export.path.unlink(missing_ok=True)

    Thread(target=work, name="export", daemon=True).start()
    return export


async def _send(request: Request) -> Response:
    with _lock:
        export = _exports.get(request.path_params["token"])
    # Who may see something else, cannot fetch what this one saw.
    if export is None or viewer_of(request) != export.viewer or not export.is_finished or not export.path.exists():
        return PlainTextResponse("文件已过期，请重新导出。 The file has expired; export it again.", status_code=404)
    return FileResponse(export.path, filename=export.name, headers={"Cache-Control": "no-store"})


def stop_export(export: Export) -> None:
    """Stop writing, or throw the file away."""
    export.stopping.set()
    with suppress(OSError):
        export.path.unlink(missing_ok=True)


export_route = Route("/export/{token}", _send)
