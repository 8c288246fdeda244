"""Reads an XLSX with openpyxl, row by row, after a look into its parts for what would fill the memory."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, time
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import openpyxl
from openpyxl.cell.cell import ERROR_CODES

from data_access.importing.limits import MEGABYTE, MOST_COLUMNS, damaged, encrypted, too_long, too_wide
from data_access.importing.problems import FileProblem

# A full sheet of 1,048,576 rows and 40 columns unpacks into 2 to 3 GB.
_MOST_UNPACKED = 4_000 * MEGABYTE
# Sheets of equal cells shrink a hundredfold; more is suspect where it comes to much.
_MOST_RATIO, _SMALL = 200, 100 * MEGABYTE
# The parts that openpyxl reads whole are small in honest workbooks.
_READ_WHOLE = re.compile(
    r"\[Content_Types\]\.xml|.*\.rels|docProps/.*|xl/(workbook|styles|(theme|chartsheets)/.*)\.xml"
)
_LARGEST_PART = 20 * MEGABYTE
# Bytes in a tag and between two tags, and tags in a row or a shared text, all of which are held in memory.
_LONGEST_TAG, _LONGEST_TEXT, _MOST_TAGS = 10_000, 16 * MEGABYTE, 50 * MOST_COLUMNS
# The shared texts are held in memory: the characters, and what each text takes besides (measured).
_MOST_TEXT, _A_TEXT = 1_200 * MEGABYTE, 160
_LAST_ROW = 1_048_576

_DOCUMENT_TYPE = re.compile(b"|".join("<!DOCTYPE".encode(name) for name in ("ascii", "utf-16-le", "utf-16-be")))
_ROW_OR_TEXT = re.compile(rb"<(?:[\w.-]+:)?(?:row|si)[\s/>]")
_ROW_NUMBER = re.compile(rb"""<(?:[\w.-]+:)?row\s(?:[^<>]*\s)?r\s*=\s*["'](\d{1,9})["'][^<>]*>""")
# Half a character (a surrogate) is none, and no database takes it.
_ESCAPED = re.compile("_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")
# An error is no value. But a date beyond all years is #VALUE! to openpyxl, and must not pass for an empty cell.
_NO_VALUES = frozenset(ERROR_CODES) - {"#VALUE!"}

# Of what it does not keep when it saves, and of dates, which it repeats.
warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")


def visible_sheets(path: Path, stack: ExitStack) -> list[tuple[str, Callable[[], Iterator[tuple[int, list[Any]]]]]]:
    """The visible sheets' names and, each time they are asked for, rows with their numbers.

    ``stack`` closes the file. Raises FileProblem, here or while rows are read.
    """
    _look_through(path)
    try:
        file = stack.enter_context(path.open("rb"))
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Exception:  # noqa: BLE001 openpyxl raises every kind of error for damaged parts
        raise damaged(path) from None
    stack.callback(book.close)
    # A sheet whose part is missing is left out.
    if not book.worksheets:
        raise damaged(path)
    return [(sheet.title, partial(_rows, path, sheet)) for sheet in book.worksheets if sheet.sheet_state == "visible"]


def _rows(path: Path, sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    # Many programs write a wrong size.
    sheet.reset_dimensions()
    rows = sheet.iter_rows(values_only=True)
    for number in range(1, _LAST_ROW + 1):
        try:
            cells = next(rows, None)
        except Exception:  # noqa: BLE001 as above
            raise damaged(path) from None
        if cells is None:
            return
        if cells:
            yield number, [_value(cell) for cell in cells]
    if next(rows, None) is not None:
        raise damaged(path)


def _value(cell: Any) -> Any:
    """Text, a number, yes or no, a date (a whole day), a moment, a time or a duration; "" is nothing."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        if cell in _NO_VALUES:
            return ""
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), cell) if "_x" in cell else cell
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == time.min else cell
    # All of Excel's numbers are floats, which is how a long code is known to have lost digits.
    if isinstance(cell, int) and not isinstance(cell, bool) and cell.bit_length() < 1000:
        return float(cell)
    return cell


def _look_through(path: Path) -> None:
    """Refuse a workbook that would take the memory, or parts of it that are cut off, before anything parses it."""
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            packed = sum(part.compress_size for part in parts)
            if unpacked > _MOST_UNPACKED or (unpacked > _SMALL and unpacked > _MOST_RATIO * packed):
                raise FileProblem(
                    f"文件 {path.name} 解压后有 {unpacked // MEGABYTE:,} MB，不像正常的工作簿，没有打开。",
                    f"The file {path.name} unpacks into {unpacked // MEGABYTE:,} MB, unlike an honest workbook; it "
                    "was not opened.",
                )
            for part in parts:
                if part.flag_bits & 1:
                    raise encrypted(path)
                # Workbooks know no other; and zipfile unpacks the others into memory however much they come to.
                if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                    raise damaged(path)
                # Pictures may well declare document types; nobody opens them.
                if not part.filename.startswith("xl/media/"):
                    _look_into(path, archive, part)
    except FileProblem:
        raise
    except Exception:  # noqa: BLE001 zipfile and what unpacks raise every kind of error for damaged archives
        raise damaged(path) from None


def _look_into(path: Path, archive: ZipFile, part: ZipInfo) -> None:
    if part.file_size > _LARGEST_PART and _READ_WHOLE.fullmatch(part.filename):
        raise damaged(path)
    is_table = part.filename.startswith(("xl/worksheets/", "xl/sharedStrings"))
    rest = b""
    tags = length = texts = last_row = 0
    with archive.open(part) as stream:
        while block := stream.read(MEGABYTE):
            block = rest + block
            if _DOCUMENT_TYPE.search(block):
                raise FileProblem(
                    f"文件 {path.name} 里有 XML 实体声明，正常的工作簿没有，没有打开。",
                    f"The file {path.name} declares XML entities, as no honest workbook does; it was not opened.",
                )
            # A tag that the next block goes on with
            begun = block[max(block.rfind(b"<"), 0) :]
            rest = begun if b">" not in begun and len(begun) < _LONGEST_TAG else b""
            if is_table:
                length = 0 if b"<" in block else length + len(block)
                if length > _LONGEST_TEXT:
                    raise too_long(path)
                first, *others = _ROW_OR_TEXT.split(block)
                tags += first.count(b"<")
                if max(tags, *(piece.count(b"<") for piece in others), 0) > _MOST_TAGS:
                    raise too_wide(path)
                if others:
                    tags = others[-1].count(b"<")
                texts += len(others)
                # openpyxl passes over rows that are out of order.
                numbers = [last_row, *map(int, _ROW_NUMBER.findall(block))]
                if any(one >= other for one, other in pairwise(numbers)):
                    raise damaged(path)
                last_row = numbers[-1]
    if is_table and "sharedStrings" in part.filename and part.file_size + texts * _A_TEXT > _MOST_TEXT:
        raise FileProblem(
            f"文件 {path.name} 里的文字太多（{texts:,} 种），请另存为 CSV 再导入。",
            f"The file {path.name} has too much text ({texts:,} different ones); save it as CSV.",
        )
