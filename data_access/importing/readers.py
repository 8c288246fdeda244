"""Opens a CSV or XLSX file as a header and rows of cells, one at a time."""

from __future__ import annotations

import codecs
import csv
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from data_access.importing.problems import FileProblem
from data_access.importing.values import cleaned

Rows = Iterator[tuple[int, Sequence[Any]]]

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".et"})
_BLOCK = 1 << 20
# What openpyxl lets through from a workbook that is damaged, beside its own InvalidFileException.
_DAMAGED = (
    InvalidFileException,
    BadZipFile,
    ParseError,
    zlib.error,
    EOFError,
    OSError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
)


@dataclass(frozen=True)
class Sheet:
    """A table as it stands in a file.

    ``header``: the first row that is not blank, cleaned. ``rows``: the rows after it that are not blank,
    with the numbers that Excel gives them. ``unread``: further sheets with content, which are not read.
    """

    header: tuple[str, ...]
    rows: Rows
    unread: tuple[str, ...] = ()


@contextmanager
def open_sheet(path: Path, encoding: str | None = None) -> Iterator[Sheet]:
    """The table in a CSV (comma, tab or semicolon) or in an XLSX's first visible sheet.

    A CSV is UTF-8 or GB18030 unless ``encoding`` says otherwise. Raises FileProblem, here or while the rows
    are read, if the file is missing, empty, damaged or something else.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_BLOCK)
    except OSError as error:
        raise FileProblem(
            f"无法打开文件 {path}（{error.strerror}）。", f"Cannot open the file {path} ({error.strerror})."
        ) from None
    if not start.strip():
        raise FileProblem(f"文件 {path.name} 是空的。", f"The file {path.name} is empty.")
    if start.startswith(_OLE):
        raise FileProblem(
            f"文件 {path.name} 是旧版 .xls 或加密的工作簿，请在 Excel 里另存为不加密的 .xlsx。",
            f"The file {path.name} is a legacy .xls or an encrypted workbook; save it as a plain .xlsx in Excel.",
        )
    if start.startswith(_ZIP):
        with _workbook(path) as sheet:
            yield sheet
        return
    if path.suffix.lower() in _WORKBOOKS:
        raise FileProblem(
            f"文件 {path.name} 不是 Excel 工作簿，内容与扩展名不符。",
            f"The file {path.name} is no Excel workbook; its content is not what its name says.",
        )
    name = encoding or _text_encoding(path, start)
    with path.open(encoding=name, newline="") as lines:
        yield _with_header(path, _csv_rows(path, lines))


def _with_header(path: Path, rows: Rows, unread: tuple[str, ...] = ()) -> Sheet:
    filled = _filled(rows)
    _, first = next(filled, (0, ()))
    header = [cleaned(cell) for cell in first]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise FileProblem(f"文件 {path.name} 里没有内容。", f"There is nothing in the file {path.name}.")
    return Sheet(tuple(header), filled, unread)


def _filled(rows: Rows) -> Rows:
    return ((number, cells) for number, cells in rows if any(cleaned(cell) for cell in cells))


# --- CSV ------------------------------------------------------------------------------------------


def _text_encoding(path: Path, start: bytes) -> str:
    """``utf-8-sig`` or ``gb18030``, whichever the whole file is in."""
    # A byte-order mark leaves no choice; without that, damaged UTF-8 might pass as GB18030 nonsense.
    candidates = ("utf-8-sig",) if start.startswith(codecs.BOM_UTF8) else ("utf-8-sig", "gb18030")
    for name in () if b"\0" in start else candidates:
        decoder = codecs.getincrementaldecoder(name)()
        try:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return name
    raise FileProblem(
        f"文件 {path.name} 不是 UTF-8 或 GB18030 编码的文本，也不是 .xlsx 工作簿。",
        f"The file {path.name} is neither text in UTF-8 or GB18030 nor an .xlsx workbook.",
    )


def _csv_rows(path: Path, lines: TextIO) -> Rows:
    number = width = 0
    try:
        delimiter = _delimiter(lines)
        # Strict, because a quote that is never closed would otherwise swallow the cases after it.
        for number, cells in enumerate(csv.reader(lines, delimiter=delimiter, strict=True), 1):
            width = width or len(cells)
            if any(cell.strip() for cell in cells[width:]):
                raise FileProblem(
                    f"文件 {path.name} 第 {number} 行的列数多于表头（{len(cells)} 列，表头 {width} 列），请检查分隔符和引号。",
                    f"Row {number} of the file {path.name} has more columns than the header ({len(cells)}, not "
                    f"{width}); check separators and quotes.",
                )
            yield number, cells
    except UnicodeError:
        raise FileProblem(
            f"文件 {path.name} 的编码不是 {lines.encoding}。",
            f"The file {path.name} is not encoded in {lines.encoding}.",
        ) from None
    except csv.Error as error:
        raise FileProblem(
            f"文件 {path.name} 在第 {number + 1} 行之后无法按 CSV 读取（{error}），请检查引号。",
            f"The file {path.name} cannot be read as CSV from row {number + 1} on ({error}); check the quotes.",
        ) from None


def _delimiter(lines: TextIO) -> str:
    """The separator that gives the first line the most columns."""
    line = next((line for line in lines if line.strip()), "")
    lines.seek(0)
    return max(",\t;", key=lambda mark: len(next(csv.reader([line], delimiter=mark), [])))


# --- XLSX -----------------------------------------------------------------------------------------


@contextmanager
def _workbook(path: Path) -> Iterator[Sheet]:
    try:
        # openpyxl warns of styles and validations that it does not know; they are nothing to us.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            workbook = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except _DAMAGED:
        raise _damaged(path) from None
    try:
        visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        filled = [sheet for sheet in visible if any(_filled(_xlsx_rows(path, sheet)))]
        rows = _xlsx_rows(path, filled[0]) if filled else iter(())
        yield _with_header(path, rows, tuple(sheet.title for sheet in filled[1:]))
    finally:
        workbook.close()


def _xlsx_rows(path: Path, sheet: Any) -> Rows:
    # Some systems write a wrong extent, by which openpyxl would cut the rows off.
    sheet.reset_dimensions()
    try:
        yield from enumerate(sheet.iter_rows(values_only=True), 1)
    except _DAMAGED:
        raise _damaged(path) from None


def _damaged(path: Path) -> FileProblem:
    return FileProblem(
        f"文件 {path.name} 不是完整的 Excel 工作簿，可能已损坏或没有下载完。",
        f"The file {path.name} is not a whole Excel workbook; it may be damaged or only partly downloaded.",
    )
