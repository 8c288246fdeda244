"""What goes into a file of rows, and how it is written as CSV or XLSX."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from ui.files.downloads import neutralised
from ui.files.exports import Export

MOST_ROWS = 1_000_000
BATCH_ROWS = 5_000


@dataclass(frozen=True)
class Content:
    """What goes into a file: tables of figures (sheet name, table), batches of rows, and lines that explain them."""

    figures: Sequence[tuple[str, pd.DataFrame]]
    rows: Callable[[Export], Iterator[pd.DataFrame]]
    notes: Sequence[str]
    rows_name: str
    notes_name: str


def write_content(export: Export, content: Content) -> None:
    """Write the content into the export's file; raises ExportStopped where the viewer wants no more."""
    (_write_csv if export.name.endswith(".csv") else _write_xlsx)(export, content)


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
