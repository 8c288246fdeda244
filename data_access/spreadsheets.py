"""Tables as Excel and CSV files that a spreadsheet opens without running anything in them."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from errno import EIO, ENOSPC
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
from lxml import etree  # type: ignore[import-untyped]  # lxml has no types
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
# Each number of a column of which not all rows are known yet by itself
_OPEN = "General"
# The width of columns that A4 upright takes in letters that are read
_UPRIGHT = 100
_OF_SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: lines above, and a table whole or in batches with the same columns.

    ``total`` adds a column with a formula: its heading and the first and last column (from 1) that it adds up, scores
    of at most 100; what it comes to stands in the file for viewers that do not calculate. ``has_title``: the first of the notes is one. ``empty`` stands where the table has no rows. Numbers of
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
    known = list(sheets)
    if not any(sheet.total for sheet in known):
        with streamed_workbook(target) as book:
            for sheet in known:
                _write(book, sheet)
        return
    # What formulas come to, by the parts of the file and the cells in them: openpyxl writes none of it.
    made, results = io.BytesIO(), {}
    with streamed_workbook(made) as book:
        for number, sheet in enumerate(known, 1):
            results[f"xl/worksheets/sheet{number}.xml"] = _write(book, sheet)
    _add_results(made, results, target)


def _add_results(made: BinaryIO, results: Mapping[str, Mapping[str, float | None]], target: Path | BinaryIO) -> None:
    """Write a workbook with what its formulas come to: cells by name in parts by path; None is an empty text."""
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for part in source.infolist():
            content = source.read(part)
            if cells := results.get(part.filename):
                sheet = etree.fromstring(content)
                for cell in sheet.iter(f"{_OF_SHEETS}c"):
                    if (name := cell.get("r")) not in cells:
                        continue
                    value = cell.find(f"{_OF_SHEETS}v")
                    if value is None:
                        value = etree.SubElement(cell, f"{_OF_SHEETS}v")
                    result = cells[name]
                    cell.attrib.pop("t", None)
                    if result is None:
                        cell.set("t", "str")
                    value.text = "" if result is None else repr(result)
                content = etree.tostring(sheet, xml_declaration=True, encoding="UTF-8", standalone=True)
            file.writestr(part, content)


def new_sheet(
    book: Workbook, name: str, widths: Sequence[float], heading_row: int | None = None, title: str = ""
) -> Any:
    """A sheet for rows, which prints as it stands: all columns of these ``widths`` on a page of A4, upright if they are few.

    The heading stays in sight and is on each page, as their numbers are; the ``title`` on all but the first, where it
    stands above the rows.
    """
    page: Any = book.create_sheet(sheet_title(name))
    for number, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(number)].width = width
    setup = page.page_setup
    setup.orientation = "portrait" if sum(widths) <= _UPRIGHT else "landscape"
    setup.paperSize, setup.fitToWidth, setup.fitToHeight = "9", 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_margins = PageMargins(left=0.4, right=0.4, top=0.6, bottom=0.6, header=0.3, footer=0.3)
    page.HeaderFooter.differentFirst = True
    page.firstFooter.center.text = page.oddFooter.center.text = "&P / &N"
    # An ampersand begins what Excel reads as an order.
    page.oddHeader.center.text = in_xml(title or name)[:100].replace("&", "&&")
    if heading_row is not None:
        page.print_title_rows = f"{heading_row}:{heading_row}"
        page.freeze_panes = f"A{heading_row + 1}"
    return page


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
        except etree.SerialisationError as error:
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


def wrapped_cell(page: Any, words: str) -> Cell:
    """A cell with a text that goes on in the next line."""
    cell = text_cell(page, words)
    cell.alignment = _WRAPPED
    return cell


def text_width(words: str) -> int:
    """How wide a text is, in columns of a spreadsheet."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in words)


def _write(book: Workbook, sheet: Sheet) -> dict[str, float | None]:
    """Write a sheet; what its formulas come to, by cell."""
    batches = iter([sheet.table] if isinstance(sheet.table, pd.DataFrame) else sheet.table or ())
    first = next(batches, None)
    head = len(sheet.notes) + 1
    formats = [] if first is None else _formats(first, is_whole=isinstance(sheet.table, pd.DataFrame))
    # Widths and what is frozen stand before the rows in the file.
    widths = [100.0] if first is None else _widths(first, formats, sheet.total)
    title = sheet.notes[0] if sheet.has_title and sheet.notes else ""
    page = new_sheet(book, sheet.name, widths, None if first is None else head, title)
    for number, note in enumerate(sheet.notes):
        cell = text_cell(page, note)
        if sheet.has_title and not number:
            cell.font = Font(bold=True, size=14)
        if first is None:
            cell.alignment = _WRAPPED
        page.append([cell])
    results: dict[str, float | None] = {}
    if first is None:
        return results
    columns = [*map(str, first.columns), *([sheet.total[0]] if sheet.total else [])]
    page.append([heading_cell(page, name) for name in columns])
    at = head
    for batch in chain([first], batches):
        # Python's own objects: a missing one is None, and the only thing that is not itself is NaN or NaT.
        for row in zip(*(batch.iloc[:, place].astype(object) for place in range(batch.shape[1])), strict=True):
            at += 1
            cells = [_cell(page, cell, number_format) for cell, number_format in zip(row, formats, strict=True)]
            if sheet.total:
                cells.append(_sum_of(page, at, sheet.total))
                results[f"{get_column_letter(len(cells))}{at}"] = _result(row, sheet.total)
            page.append(cells)
    if at == head and sheet.empty:
        page.append([text_cell(page, sheet.empty)])
    page.auto_filter.ref = f"A{head}:{get_column_letter(len(columns))}{at}"
    if sheet.total and at > head:
        bars = DataBarRule("num", 0, "num", 100, color="2F80C2", showValue=True)  # type: ignore[no-untyped-call]  # openpyxl has no types
        column = get_column_letter(len(columns))
        page.conditional_formatting.add(f"{column}{head + 1}:{column}{at}", bars)
    return results


def _cell(page: Any, cell: Any, number_format: str | None) -> Any:
    if cell is None or cell != cell:
        return None
    if isinstance(cell, str):
        is_long = 2 * len(cell) > _WIDEST and text_width(cell) > _WIDEST
        return wrapped_cell(page, cell) if is_long else text_cell(page, cell)
    if number_format is None:
        return cell
    if number_format.startswith(_OPEN):
        # A number that has more decimals stands as it is: whoever loads the file again reads what it shows.
        number_format = _told(cell) + number_format.removeprefix(_OPEN)
    formatted = WriteOnlyCell(page, cell)
    formatted.number_format = number_format
    return formatted


def _told(number: float) -> str:
    return next((form for places, form in (*_NUMBERS, (2, "#,##0.00")) if round(number, places) == number), _OPEN)


def _sum_of(page: Any, row: int, total: tuple[str, int, int]) -> Cell:
    _, first, last = total
    span = f"{get_column_letter(first)}{row}:{get_column_letter(last)}{row}"
    # Without one of them there is no sum.
    cell = WriteOnlyCell(page, f'=IF(COUNT({span})={last - first + 1},SUM({span}),"")')
    cell.number_format = "#,##0.00"
    return cell


def _result(row: Sequence[Any], total: tuple[str, int, int]) -> float | None:
    """What the formula comes to."""
    _, first, last = total
    added = row[first - 1 : last]
    return None if any(one is None or one != one for one in added) else float(sum(added))


def _formats(table: pd.DataFrame, *, is_whole: bool) -> list[str | None]:
    """How the moments and numbers of each column are told, shares with their sign; None for what is neither.

    Where more rows are to come (not ``is_whole``), it is not known which decimals they have, or whether all are days.
    """
    found: list[str | None] = []
    for place, kind in enumerate(table.dtypes):
        column = table.iloc[:, place].dropna()
        if pd.api.types.is_datetime64_any_dtype(kind):
            are_days = is_whole and bool((column == column.dt.normalize()).all())
            found.append("yyyy-mm-dd" if are_days else "yyyy-mm-dd hh:mm")
        elif not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
            found.append(None)
        else:
            form = _OPEN
            if is_whole:
                form = next((form for places, form in _NUMBERS if (column.round(places) == column).all()), "#,##0.00")
            # Its values are hundredths already.
            found.append(f'{form}"%"' if "%" in str(table.columns[place]).replace("％", "%") else form)
    return found


def _widths(table: pd.DataFrame, formats: Sequence[str | None], total: tuple[str, int, int] | None) -> list[float]:
    widths: list[float] = []
    for index, (heading, form) in enumerate(zip(table.columns, formats, strict=True)):
        cells = (text_width(_shown(cell, form)) for cell in table.iloc[:, index].head(_LOOKED_AT))
        widest = max(min(text_width(str(heading)), 18), *cells, 0)
        widths.append(min(widest + 3, _WIDEST + 3))
    return [*widths, *([14.0] if total else [])]


def _shown(cell: object, form: str | None) -> str:
    """About what a cell shows, to know its width."""
    if isinstance(cell, pd.Timestamp):
        return form or str(cell)
    return f"{cell:,.2f}" if isinstance(cell, float) else str(cell)
