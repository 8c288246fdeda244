"""The top of a file as its reader sees it, for a person who decides which column is which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from data_access.importing.mapping import ColumnMapping
from data_access.importing.readers import open_sheet
from data_access.importing.unforeseen import foreseen
from data_access.importing.values import BROKEN
from data_access.model.import_table import ImportTable

_ROWS = 20


@dataclass(frozen=True)
class Preview:
    """The sheet that is read (``sheets``: all with content), its header, and its first rows of cells."""

    sheet: str
    sheets: tuple[str, ...]
    header_row: int
    header: tuple[str, ...]
    unit: str
    rows: tuple[tuple[int, Sequence[Any]], ...]


@foreseen
def preview(path: Path, table: ImportTable, mapping: ColumnMapping) -> Preview:
    """The header and the first 20 rows. Raises FileProblem if the file cannot be read."""
    with open_sheet(path, table, mapping) as sheet:
        return Preview(
            sheet.name,
            (sheet.name, *sheet.unread),
            sheet.header_row,
            sheet.header,
            sheet.unit,
            tuple((number, [_legible(cell) for cell in cells]) for number, cells in islice(sheet.rows, _ROWS)),
        )


def _legible(cell: Any) -> Any:
    return cell.replace(BROKEN, "\ufffd") if isinstance(cell, str) else cell
