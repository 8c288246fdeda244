"""Reads an XLSX with openpyxl, row by row, after a look into its parts for what would fill the memory."""

from __future__ import annotations

import html
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, time
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import openpyxl
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.worksheet._reader import WorkSheetParser

from data_access.importing.limits import MEGABYTE, MOST_COLUMNS, damaged, encrypted, too_long, too_wide
from data_access.importing.merged_cells import MOST_MERGED, Merged, carried_down
from data_access.importing.number_formats import BUILT_IN, Shown, shown_by
from data_access.importing.problems import FileProblem
from data_access.spreadsheets import unguarded

# A full sheet of 1,048,576 rows and 40 columns unpacks into 2 to 3 GB.
_MOST_UNPACKED = 4_000 * MEGABYTE
# Sheets of equal cells shrink a hundredfold; more is suspect where it comes to much.
_MOST_RATIO, _SMALL = 200, 100 * MEGABYTE
# The parts that openpyxl reads whole are small in honest workbooks.
_READ_WHOLE = re.compile(
    r"\[Content_Types\]\.xml|.*\.rels|docProps/.*|xl/(workbook|styles|(theme|chartsheets)/.*)\.xml"
)
_TABLES = ("xl/worksheets/", "xl/sharedStrings")
_LARGEST_PART = 20 * MEGABYTE
# and their tags become objects, of 0.1 to 1.4 kB each (measured); a sheet takes 4 kB, and the longer the more there are.
_MOST_TAGS_READ_WHOLE, _MOST_SHEETS = 300_000, 1_000
# Bytes in a tag and between two tags, and tags in a row, all of which are held in memory.
_LONGEST_TAG, _LONGEST_TEXT, _MOST_TAGS = 10_000, 16 * MEGABYTE, 50 * MOST_COLUMNS
# The shared texts are held in memory: the characters, and what each text takes besides (measured).
_MOST_TEXT, _A_TEXT = 360 * MEGABYTE, 160
# Besides the two of a text and its end, each tag of formatted texts takes time alone; so many take a minute.
_MOST_TAGS_IN_TEXTS = 4_000_000
# What a character takes of a text that has any of the rarer kind, by the first byte of such a one in UTF-8
_CHARACTERS = ((re.compile(rb"[\xf0-\xff]|&#"), 4), (re.compile(rb"[\x80-\xff]"), 2))
_LATER_BYTES = bytes(range(0x80, 0xC0))
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_LARGEST = 2.0**1000

_DOCUMENT_TYPE = re.compile(b"|".join("<!DOCTYPE".encode(name) for name in ("ascii", "utf-16-le", "utf-16-be")))
_SHEET = re.compile(rb"<(?:[\w.-]+:)?sheet[\s/>]")
_TEXT = re.compile(rb"<(?:[\w.-]+:)?si[\s/>]")
_OVERRIDE = re.compile(rb"<(?:[\w.-]+:)?Override\s[^<>]*>")
_PART_NAME = re.compile(rb"""\sPartName\s*=\s*["']([^"']*)["']""")
_ROW_OR_TEXT = re.compile(rb"<(?:[\w.-]+:)?(?:row|si)[\s/>]")
_ROW_NUMBER = re.compile(rb"""<(?:[\w.-]+:)?row\s(?:[^<>]*\s)?r\s*=\s*["'](\d{1,9})["'][^<>]*>""")
_MERGED = re.compile(
    rb"""<(?:[\w.-]+:)?mergeCell\s[^<>]*?\bref\s*=\s*["']([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})["']"""
)
# Half a character (a surrogate) is none, and no database takes it.
_ESCAPED = re.compile("_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")
# The numbers of formats that a workbook need not spell out are smaller.
_BUILT_IN = 164

# Of what it does not keep when it saves, and of dates, which it repeats.
warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")


def visible_sheets(path: Path, stack: ExitStack) -> list[tuple[str, Callable[[], Iterator[tuple[int, list[Any]]]]]]:
    """The visible sheets' names and, each time they are asked for, rows with their numbers.

    ``stack`` closes the file. Raises FileProblem, here or while rows are read.
    """
    tables = _look_through(path)
    try:
        file = stack.enter_context(path.open("rb"))
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Exception:  # noqa: BLE001 openpyxl raises every kind of error for damaged parts
        raise damaged(path) from None
    stack.callback(book.close)
    # A sheet whose part is missing is left out. One in a part that is none would not have been looked through.
    sheets: list[Any] = book.worksheets
    if not sheets or any(sheet._worksheet_path not in tables for sheet in sheets):
        raise damaged(path)
    formats = _formats(book)
    return [
        (sheet.title, partial(_rows, path, sheet, formats, tables[sheet._worksheet_path]))
        for sheet in sheets
        if sheet.sheet_state == "visible"
    ]


def _formats(book: Any) -> Mapping[int, Shown | None]:
    """What shows a cell, by the number of its style."""
    own = book._number_formats
    codes = [
        own[style.numFmtId - _BUILT_IN] if style.numFmtId >= _BUILT_IN else BUILT_IN.get(style.numFmtId, "General")
        for style in book._cell_styles
    ]
    return {style: shown_by(code, is_mac=book.epoch == MAC_EPOCH) for style, code in enumerate(codes)}


def _rows(
    path: Path, sheet: Any, formats: Mapping[int, Shown | None], merged: Merged
) -> Iterator[tuple[int, list[Any]]]:
    return carried_down(_cells(path, sheet, formats), merged)


def _cells(path: Path, sheet: Any, formats: Mapping[int, Shown | None]) -> Iterator[tuple[int, list[Any]]]:
    try:
        with sheet._get_source() as source:
            # Dates come as numbers, since the parser is told no format of theirs.
            parser = WorkSheetParser(source, sheet._shared_strings, data_only=True)
            for number, found in parser.parse():
                width = max((cell["column"] for cell in found), default=0)
                if number > _LAST_ROW or width > _LAST_COLUMN:
                    raise damaged(path)
                cells: list[Any] = [""] * width
                for cell in found:
                    cells[cell["column"] - 1] = _value(cell["value"], formats.get(cell["style_id"]))
                if cells:
                    yield number, cells
    except FileProblem:
        raise
    except Exception:  # noqa: BLE001 as above
        raise damaged(path) from None


def _value(cell: Any, shown: Shown | None) -> Any:
    """What is shown in the cell: text, a number, yes or no, a date (a whole day), a moment, a time or a duration; "" is nothing."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        if cell in ERROR_CODES:
            return ""
        if "_x" in cell:
            cell = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), cell)
        return unguarded(shown(cell) if shown else cell)
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == time.min else cell
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if shown:
            return shown(cell)
        # All of Excel's numbers are floats, which is how a long code is known to have lost digits.
        return float(cell) if abs(cell) < _LARGEST else cell
    return cell


def _look_through(path: Path) -> dict[str, Merged]:
    """The parts that may hold a sheet, by name, with their merged cells; raises FileProblem before anything parses what would take the memory."""
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
            if any(part.flag_bits & 1 for part in parts):
                raise encrypted(path)
            tables, whole, read_whole = _named_elsewhere(archive), 0, 0
            merged: dict[str, Merged] = {}
            for part in parts:
                # Workbooks know no other; and zipfile unpacks the others into memory however much they come to.
                if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                    raise damaged(path)
                is_table = part.filename.startswith(_TABLES) or tables.get(part.filename) is True
                if is_table:
                    tables[part.filename] = True
                    merged[part.filename] = Merged()
                # Pictures may well declare document types; nobody opens them.
                if is_table or part.filename in tables or not part.filename.startswith("xl/media/"):
                    tags = _look_into(path, archive, part, merged.get(part.filename))
                    if _READ_WHOLE.fullmatch(part.filename) or tables.get(part.filename) is False:
                        whole += part.file_size
                        read_whole += tags
            if whole > _LARGEST_PART or read_whole > _MOST_TAGS_READ_WHOLE:
                raise damaged(path)
            return merged
    except FileProblem:
        raise
    except Exception:  # noqa: BLE001 zipfile and what unpacks raise every kind of error for damaged archives
        raise damaged(path) from None


def _named_elsewhere(archive: ZipFile) -> dict[str, bool]:
    """What the list of parts says that they are, wherever they lie: true for sheets and shared texts, false for the book."""
    with archive.open("[Content_Types].xml") as stream:
        listed = stream.read(_LARGEST_PART)
    found = {}
    for override in _OVERRIDE.findall(listed):
        if name := _PART_NAME.search(override):
            is_table = b"sharedStrings" in override or b"worksheet" in override
            if is_table or b"main+xml" in override:
                found[html.unescape(name[1].decode()).lstrip("/")] = is_table
    return found


def _look_into(path: Path, archive: ZipFile, part: ZipInfo, merged: Merged | None) -> int:
    """The number of its tags. ``merged`` takes what is merged in a sheet; None: the part is none."""
    if part.file_size > _LARGEST_PART and _READ_WHOLE.fullmatch(part.filename):
        raise damaged(path)
    rest = b""
    tags = all_tags = length = texts = characters = last_row = sheets = 0
    width = 1
    with archive.open(part) as stream:
        while block := stream.read(MEGABYTE):
            characters += len(block.translate(None, _LATER_BYTES))
            block = rest + block
            if _DOCUMENT_TYPE.search(block):
                raise FileProblem(
                    f"文件 {path.name} 里有 XML 实体声明，正常的工作簿没有，没有打开。",
                    f"The file {path.name} declares XML entities, as no honest workbook does; it was not opened.",
                )
            # A tag that the next block goes on with
            begun = block[max(block.rfind(b"<"), 0) :]
            rest = begun if b">" not in begun and len(begun) < _LONGEST_TAG else b""
            all_tags += block.count(b"<") - rest.count(b"<")
            sheets += len(_SHEET.findall(block))
            if sheets > _MOST_SHEETS:
                raise damaged(path)
            if merged is not None:
                for letters, first, last in _MERGED.findall(block):
                    merged.add(int(first), int(last), column_index_from_string(letters.decode()) - 1)
                if len(merged) > MOST_MERGED:
                    raise damaged(path)
                length = 0 if b"<" in block else length + len(block)
                if length > _LONGEST_TEXT:
                    raise too_long(path)
                first, *others = _ROW_OR_TEXT.split(block)
                tags += first.count(b"<")
                if max(tags, *(piece.count(b"<") for piece in others), 0) > _MOST_TAGS:
                    raise too_wide(path)
                if others:
                    tags = others[-1].count(b"<")
                texts += len(_TEXT.findall(block))
                width = max(width, *(size for rare, size in _CHARACTERS if rare.search(block)), 1)
                # openpyxl passes over rows that are out of order.
                numbers = [last_row, *map(int, _ROW_NUMBER.findall(block))]
                if any(one >= other for one, other in pairwise(numbers)):
                    raise damaged(path)
                last_row = numbers[-1]
                if texts and (
                    characters * width + texts * _A_TEXT > _MOST_TEXT or all_tags - 4 * texts > _MOST_TAGS_IN_TEXTS
                ):
                    raise FileProblem(
                        f"文件 {path.name} 里的文字太多（{texts:,} 种以上），请另存为 CSV 再导入。",
                        f"The file {path.name} has too much text (over {texts:,} different ones); save it as CSV.",
                    )
    return all_tags
