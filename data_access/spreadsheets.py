"""Tables as Excel and CSV files that a spreadsheet opens without running anything in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from errno import EIO, ENOSPC
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
from lxml.etree import SerialisationError  # type: ignore[import-untyped]  # lxml has no types
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.formatting.rule import DataBarRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

# What a spreadsheet that opens a CSV file would run as a formula begins with one of these, however it is written (＝, ﹦),
_FORMULA_MARKS = frozenset("=+-@")
# after spaces and what cannot be seen, which spreadsheets leave out.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
_CELL_ENDS = ("\t", "\r", "\n")
# What stands where nothing is
_DASHES = re.compile("-+")
# What XML has no place for
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LIKE_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_HEADING = PatternFill("solid", fgColor="F3F6F9")
# The rows from which the widths of columns are taken
_LOOKED_AT = 200
# What is longer goes on in the next line: a list of cases on one page's width can still be read.
_WIDEST = 32
_WRAPPED = Alignment(wrap_text=True, vertical="top")
# How numbers are told that have so many decimals
_NUMBERS = ((0, "#,##0"), (1, "#,##0.0"))


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: lines above, and a table whole or in batches with the same columns.

    ``total`` adds a column with a formula: its heading and the first and last column (from 1) that it adds up, scores
    of at most 100. ``has_title``: the first of the notes is one. ``empty`` stands where the table has no rows. Numbers of
    a whole table are told with separators, and with as many decimals as they have, two at most.
    """

    name: str
    table: pd.DataFrame | Iterable[pd.DataFrame] | None
    notes: Sequence[str] = ()
    total: tuple[str, int, int] | None = None
    has_title: bool = False
    empty: str | None = None


def write_workbook(target: Path | BinaryIO, sheets: Iterable[Sheet]) -> None:
    """Write the sheets as an .xlsx file, row by row. Raises OSError and what the batches raise."""
    with streamed_workbook(target) as book:
        for sheet in sheets:
            _write(book.create_sheet(sheet_title(sheet.name)), sheet)


def set_up_printing(page: Any, heading_row: int | None = None) -> None:
    """Let a sheet without rows yet print as it should: A4 across, all columns on a page, numbered pages; the heading, which
    stays in sight, on each of them.
    """
    setup = page.page_setup
    setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight = "landscape", "9", 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)
    page.oddFooter.center.text = "&P / &N"
    if heading_row is not None:
        page.print_title_rows = f"{heading_row}:{heading_row}"
        page.freeze_panes = f"A{heading_row + 1}"


@contextmanager
def streamed_workbook(target: Path | BinaryIO) -> Iterator[Workbook]:
    """A workbook that takes rows one by one and is saved there at the end. Raises OSError.

    The file is opened first, so that nothing is made in vain; where anything fails, no row stays in a temporary file.
    """
    with target.open("wb") if isinstance(target, Path) else nullcontext(target) as file:
        book = Workbook(write_only=True)
        try:
            yield book
            book.save(file)
        except SerialisationError as error:
            # What lxml, through which openpyxl writes rows, makes of a full disk
            raise OSError(ENOSPC if "ENOSPC" in str(error) else EIO, str(error)) from None
        finally:
            for sheet in book.worksheets:
                _discard_rows(sheet)


def _discard_rows(sheet: Any) -> None:
    """Close what openpyxl writes a sheet's rows into, and remove it where it has not done so itself."""
    # Closed twice, or half a row in it
    with suppress(Exception):
        sheet.close()
    with suppress(OSError, ValueError):
        sheet._writer.cleanup()


def sheet_title(words: str) -> str:
    """A name that a sheet may have: short, so that a number fits behind it where there are two, and none of those that Excel refuses."""
    return re.sub(r"[\[\]:*?/\\]", " ", in_xml(words))[:28].strip("' ") or "Sheet"


def write_csv(target: Path, batches: Iterable[pd.DataFrame]) -> None:
    """Write a table in batches as CSV in UTF-8 with BOM (Excel opens it right), the heading in the first line."""
    with target.open("wb") as file:
        for part in csv_parts(batches):
            file.write(part)


def csv_parts(batches: Iterable[pd.DataFrame]) -> Iterator[bytes]:
    """The parts of a CSV file, one for each batch of the table."""
    for number, batch in enumerate(batches):
        plain = batch.rename(columns=lambda heading: guarded(str(heading)))
        for place, kind in enumerate(plain.dtypes):
            if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
                plain.isetitem(place, list(plain.iloc[:, place].map(guarded, na_action="ignore")))
        words = plain.to_csv(index=False, header=not number, lineterminator="\r\n", date_format="%Y-%m-%d %H:%M:%S")
        yield words.encode("utf-8" if number else "utf-8-sig")


def guarded(cell: object) -> object:
    """A cell of a CSV file: text that a spreadsheet would take for a formula gets an apostrophe in front."""
    if not isinstance(cell, str):
        return cell
    plain = in_xml(cell)
    return f"'{plain}" if _is_formula(plain) else _with_its_own(plain)


def unguarded(cell: str) -> str:
    """The text of a cell without the apostrophe of :func:`guarded`, which Excel keeps in what it saves of a CSV file."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell.lstrip("'")) else cell


def _with_its_own(words: str) -> str:
    """The text as a file holds it, so that an apostrophe that belongs to it is not taken off."""
    return words if unguarded(words) == words else f"'{words}"


def _is_formula(words: str) -> bool:
    if _DASHES.fullmatch(words):
        return False
    first = next((character for character in words if unicodedata.category(character) not in _UNSEEN), "")
    return unicodedata.normalize("NFKC", first) in _FORMULA_MARKS or words.startswith(_CELL_ENDS)


def in_xml(words: str) -> str:
    """The text as a document can hold it: without control characters and the like."""
    return _NOT_IN_XML.sub("", words)


def text_cell(page: Any, words: str) -> Cell:
    """A cell with the text as it stands, which no spreadsheet calculates; control characters are left out."""
    # Excel reads _x0041_ as a letter.
    cell = WriteOnlyCell(page, _LIKE_ESCAPED.sub("_x005F_", _with_its_own(in_xml(words))))
    cell.data_type = "s"
    return cell


def heading_cell(page: Any, words: str) -> Cell:
    """A cell with the heading of a column."""
    cell = text_cell(page, words)
    cell.font, cell.fill, cell.alignment = Font(bold=True), _HEADING, Alignment(wrap_text=True, vertical="center")
    return cell


def text_width(words: str) -> int:
    """How wide a text is, in columns of a spreadsheet."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in words)


def _write(page: Any, sheet: Sheet) -> None:
    batches = iter([sheet.table] if isinstance(sheet.table, pd.DataFrame) else sheet.table or ())
    first = next(batches, None)
    head = len(sheet.notes) + 1
    # Widths and what is frozen stand before the rows in the file.
    set_up_printing(page, None if first is None else head)
    formats = [] if first is None else _formats(first, is_whole=isinstance(sheet.table, pd.DataFrame))
    if first is None:
        page.column_dimensions["A"].width = 100
    else:
        _set_widths(page, first, formats, sheet.total)
    for number, note in enumerate(sheet.notes):
        cell = text_cell(page, note)
        if sheet.has_title and not number:
            cell.font = Font(bold=True, size=14)
        if first is None:
            cell.alignment = _WRAPPED
        page.append([cell])
    if first is None:
        return
    columns = [*map(str, first.columns), *([sheet.total[0]] if sheet.total else [])]
    page.append([heading_cell(page, name) for name in columns])
    at = head
    for batch in chain([first], batches):
        # Python's own objects: a missing one is None, and the only thing that is not itself is NaN or NaT.
        for row in zip(*(batch.iloc[:, place].astype(object) for place in range(batch.shape[1])), strict=True):
            at += 1
            cells = [_cell(page, cell, number_format) for cell, number_format in zip(row, formats, strict=True)]
            page.append([*cells, _sum_of(page, at, sheet.total)] if sheet.total else cells)
    if at == head:
        if sheet.empty:
            page.append([text_cell(page, sheet.empty)])
        return
    page.auto_filter.ref = f"A{head}:{get_column_letter(len(columns))}{at}"
    if sheet.total:
        bars = DataBarRule("num", 0, "num", 100, color="2F80C2", showValue=True)  # type: ignore[no-untyped-call]  # openpyxl has no types
        column = get_column_letter(len(columns))
        page.conditional_formatting.add(f"{column}{head + 1}:{column}{at}", bars)


def _cell(page: Any, cell: Any, number_format: str | None) -> Any:
    if cell is None or cell != cell:
        return None
    if isinstance(cell, str):
        words = text_cell(page, cell)
        if 2 * len(cell) > _WIDEST and text_width(cell) > _WIDEST:
            words.alignment = _WRAPPED
        return words
    if number_format is None:
        return cell
    formatted = WriteOnlyCell(page, cell)
    formatted.number_format = number_format
    return formatted


def _sum_of(page: Any, row: int, total: tuple[str, int, int]) -> Cell:
    _, first, last = total
    span = f"{get_column_letter(first)}{row}:{get_column_letter(last)}{row}"
    # Without one of them there is no sum.
    cell = WriteOnlyCell(page, f'=IF(COUNT({span})={last - first + 1},SUM({span}),"")')
    cell.number_format = "#,##0.00"
    return cell


def _formats(table: pd.DataFrame, *, is_whole: bool) -> list[str | None]:
    """How the moments and numbers of each column are told; None for what is neither.

    Where more rows are to come (not ``is_whole``), it is not known which decimals they have, or whether all are days.
    """
    found: list[str | None] = []
    for place, kind in enumerate(table.dtypes):
        column = table.iloc[:, place].dropna()
        if pd.api.types.is_datetime64_any_dtype(kind):
            are_days = is_whole and bool((column == column.dt.normalize()).all())
            found.append("yyyy-mm-dd" if are_days else "yyyy-mm-dd hh:mm")
        elif not is_whole or not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
            found.append(None)
        else:
            found.append(
                next((form for places, form in _NUMBERS if (column.round(places) == column).all()), "#,##0.00")
            )
    return found


def _set_widths(
    page: Any, table: pd.DataFrame, formats: Sequence[str | None], total: tuple[str, int, int] | None
) -> None:
    for index, (heading, form) in enumerate(zip(table.columns, formats, strict=True)):
        cells = (text_width(_shown(cell, form)) for cell in table.iloc[:, index].head(_LOOKED_AT))
        widest = max(min(text_width(str(heading)), 18), *cells, 0)
        page.column_dimensions[get_column_letter(index + 1)].width = min(widest + 3, _WIDEST + 3)
    if total:
        page.column_dimensions[get_column_letter(table.shape[1] + 1)].width = 14


def _shown(cell: object, form: str | None) -> str:
    """About what a cell shows, to know its width."""
    if isinstance(cell, pd.Timestamp):
        return form or str(cell)
    return f"{cell:,.2f}" if isinstance(cell, float) else str(cell)
