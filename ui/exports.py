"""Rows as files: written beside the page in batches, however many there are, with progress, a stop and a record."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from threading import Event, Lock, Thread
from time import monotonic, time

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from ui.downloads import neutralised

MOST_ROWS = 1_000_000
BATCH_ROWS = 5_000
# Files that nobody fetched are deleted after this many seconds, at the next export.
_KEPT_SECONDS = 1800


class ExportStopped(Exception):
    """The viewer stopped it."""


@dataclass
class Export:
    """A file in the making. ``problem``: why there will be none, in words or as an exception."""

    name: str
    path: Path
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


@dataclass(frozen=True)
class Content:
    """What goes into a file: tables of figures (sheet name, table), batches of rows, and lines that explain them."""

    figures: Sequence[tuple[str, pd.DataFrame]]
    rows: Callable[[Export], Iterator[pd.DataFrame]]
    notes: Sequence[str]
    rows_name: str
    notes_name: str


_exports: dict[str, Export] = {}
_lock = Lock()


def _folder() -> Path:
    folder = Path(tempfile.gettempdir()) / "township-exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def start_export(name: str, content: Content, record: Callable[[int], None]) -> Export:
    """Begin to write a file named ``….csv`` or ``….xlsx``; ``record(rows)`` is called before it can be fetched."""
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
        export = Export(name, Path(file.name))
    with _lock:
        _exports[export.token] = export

    def work() -> None:
        try:
            (_write_csv if name.endswith(".csv") else _write_xlsx)(export, content)
            record(export.done)
            export.is_finished = True
        except BaseException as error:  # noqa: BLE001  # told to whoever watches
            export.problem = error
            export.path.unlink(missing_ok=True)

    Thread(target=work, name="export", daemon=True).start()
    return export


def _write_csv(export: Export, content: Content) -> None:
    # Excel opens UTF-8 right with a BOM only.
    with export.path.open("w", encoding="utf-8-sig", newline="") as file:
        is_first = True
        for batch in content.rows(export):
            _plain(batch).to_csv(
                file, index=False, header=is_first, lineterminator="\r\n", date_format="%Y-%m-%d %H:%M:%S"
            )
            is_first = False
            export.advance(len(batch))


def _plain(batch: pd.DataFrame) -> pd.DataFrame:
    """The batch with nothing in it that a spreadsheet would run, headings included."""
    plain = batch.rename(columns=lambda heading: neutralised(str(heading)))
    for place, kind in enumerate(plain.dtypes):
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            plain.isetitem(place, list(plain.iloc[:, place].map(neutralised, na_action="ignore")))
    return plain


def _write_xlsx(export: Export, content: Content) -> None:
    book = Workbook(write_only=True)
    for name, table in content.figures:
        _append(book.create_sheet(name[:31]), table, with_head=True)
    sheet = book.create_sheet(content.rows_name)
    is_first = True
    for batch in content.rows(export):
        _append(sheet, batch, with_head=is_first)
        is_first = False
        export.advance(len(batch))
    notes = book.create_sheet(content.notes_name)
    notes.column_dimensions["A"].width = 100
    for note in content.notes:
        notes.append([neutralised(note)])
    book.save(export.path)


def _append(sheet: WriteOnlyWorksheet, table: pd.DataFrame, *, with_head: bool) -> None:
    table = _plain(table)
    if with_head:
        headings = [WriteOnlyCell(sheet, value=str(column)) for column in table.columns]
        for heading in headings:
            heading.font = Font(bold=True)
        sheet.append(headings)
    # Python's own objects: a missing one is None, and the only thing that is not itself is NaN or NaT.
    for row in zip(*(table.iloc[:, place].astype(object) for place in range(table.shape[1])), strict=True):
        sheet.append([None if cell is None or cell != cell else cell for cell in row])


async def _send(request: Request) -> Response:
    with _lock:
        export = _exports.get(request.path_params["token"])
    if export is None or not export.is_finished or not export.path.exists():
        return PlainTextResponse("文件已过期，请重新导出。 The file has expired; export it again.", status_code=404)
    return FileResponse(export.path, filename=export.name, headers={"Cache-Control": "no-store"})


def stop_export(export: Export) -> None:
    """Stop writing, or throw the file away."""
    export.stopping.set()
    with suppress(OSError):
        export.path.unlink(missing_ok=True)


export_route = Route("/export/{token}", _send)
