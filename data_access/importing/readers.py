"""Opens a CSV, a workbook or an HTML table as a header and rows of cells, whatever the file's name says it is."""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import lxml.html  # type: ignore[import-untyped]  # lxml has no types
from lxml.etree import LxmlError  # type: ignore[import-untyped]  # lxml has no types

from data_access.importing import xls, xlsx
from data_access.importing.left_out import Cases, LeftOut
from data_access.importing.limits import (
    LONGEST_CELL,
    LONGEST_ROW,
    MEGABYTE,
    MOST_COLUMNS,
    damaged,
    encrypted,
    too_long,
    too_wide,
    without_content,
)
from data_access.importing.mapping import GROUP, ColumnMapping, known_names, names_of
from data_access.importing.merged_cells import MOST_CARRIED, too_much_merged
from data_access.importing.problems import FileProblem
from data_access.importing.titles import titled_month
from data_access.importing.values import BROKEN, UNITS, cleaned
from data_access.model.import_table import ImportTable
from data_access.spreadsheets import unguarded

Rows = Iterator[tuple[int, Sequence[Any]]]
# A sheet's name and, each time they are asked for, its rows
Named = tuple[str, Callable[[], Rows]]
# The first rows that hold anything
Top = Sequence[tuple[int, Sequence[Any]]]

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".et"})
_BLOCK = 1 << 20
_ASCII = bytes(range(1, 128))
# Programs and pictures have them as often as anything else.
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f]")
_MARKS = ",\t;"
# A page takes fifteen times its size in memory.
_MOST_HTML = 80 * MEGABYTE
_MOST_XLS = 50 * MEGABYTE
# How many rows at the top are searched for the header, and how many known names make one.
_TOP, _MADE_OF = 30, 2
# Rows that are held together have so many characters, and one row more: each may take 4 bytes.
_MOST_HELD = 4_000_000
# 单位：万元、（金额单位：万元、人） in a title
_UNIT = re.compile(r"单位\s*:\s*(?:人民币)?([^\s();。]*)")

csv.field_size_limit(LONGEST_CELL)


@dataclass(frozen=True)
class Sheet:
    """A table as it stands in a file.

    ``header``: the names of the columns, cleaned, with the group header over them where there is one (``时间 /
    受理``). ``rows``: the rows after it that are cases, with the numbers that Excel gives
    them. ``unread``: further sheets with content, which are not read. ``name`` is the sheet's and ``header_row``
    the number of the row that was taken for the header (its last, if there are two; 0: none). ``left_out`` grows by
    each row that is passed over, as the rows are read. ``unit``: what the titles above the header say that
    amounts of money are in (``万元``), if they say it. ``titled``: the month or the year that the titles, the sheet's name
    or the file's name, as :func:`~data_access.importing.titles.titled_month` gives it.
    """

    header: tuple[str, ...]
    rows: Rows
    unread: tuple[str, ...] = ()
    name: str = ""
    header_row: int = 1
    left_out: list[LeftOut] = field(default_factory=list)
    unit: str = ""
    titled: str = ""


@dataclass(frozen=True)
class _Header:
    """A guess: the header begins in the row ``first``, and the rows after ``row`` are data.

    ``score``: how many headers are known, and one row before two.
    """

    score: tuple[int, int]
    titles: tuple[str, ...]
    first: int
    row: int


@dataclass(frozen=True)
class _Wanted:
    """What is looked for in a file: the names that headers are known by, and what the mapping says."""

    names: set[str]
    header_row: int | None
    sheet: str | None


@contextmanager
def open_sheet(path: Path, table: ImportTable, mapping: ColumnMapping) -> Iterator[Sheet]:
    """The table in a CSV (comma, tab or semicolon), an XLSX, a legacy XLS or an HTML page that is called XLS.

    Of several sheets or rows at the top, the one with the most headers known is taken, unless the mapping names
    one. Raises FileProblem, here or while the rows are read, if the file is missing, empty, damaged, dangerous or
    something else.
    """
    formats = mapping.formats
    wanted = _Wanted(known_names(table, mapping), formats.get("header"), formats.get("sheet"))
    with _opened(path, formats.get("encoding")) as found:
        yield _csv_sheet(path, found, wanted) if isinstance(found, str) else _best_sheet(path, wanted, found)


def next_rows(rows: Rows, most: int) -> list[tuple[int, Sequence[Any]]]:
    """The next ``most`` rows; fewer where they are so long that they would fill the memory together."""
    taken: list[tuple[int, Sequence[Any]]] = []
    characters = 0
    for row in islice(rows, most):
        taken.append(row)
        try:
            # Text files have nothing but text.
            characters += sum(map(len, row[1]))
        except TypeError:
            characters += sum(len(cell) for cell in row[1] if isinstance(cell, str))
        if characters > _MOST_HELD:
            break
    return taken


def tops(path: Path) -> list[tuple[str, Top]]:
    """The name and the first rows of each sheet with content, or of a text as each separator cuts it."""
    with _opened(path, None) as found:
        if isinstance(found, str):
            found = [("", partial(_csv_top, path, found, mark)) for mark in _MARKS]
        read = [(name, next_rows(_filled(_within_limits(path, rows())), _TOP)) for name, rows in found]
    return [(name, top) for name, top in read if top]


def headers_in(top: Top, table: ImportTable) -> Iterator[tuple[int, tuple[str, ...]]]:
    """What a mapping may have taken for the header, with the number of its (first) row.

    That is every row, every two rows of which one is over the other, and where nothing is known, none.
    """
    for (number, cells), (_, next_cells) in zip(top, [*top, (0, ())][1:], strict=True):
        yield number, _titles(cells)
        if _has_groups(_titles(cells), _titles(next_cells)):
            yield number, _grouped(_titles(cells), _titles(next_cells))
    if _find_header(top, _Wanted(known_names(table, ColumnMapping()), None, None)).score[0] < _MADE_OF:
        yield 0, _lettered(top)


def guessed_header(top: Top, table: ImportTable, mapping: ColumnMapping) -> tuple[str, ...]:
    """What is taken for the header where the mapping names no row."""
    return _find_header(top, _Wanted(known_names(table, mapping), None, None)).titles


@contextmanager
def _opened(path: Path, encoding: str | None) -> Iterator[Sequence[Named] | str]:
    """The sheets of a workbook or the tables of a page; or the encoding of a text."""
    try:
        with path.open("rb") as file:
            start = file.read(_BLOCK)
    except OSError as error:
        raise FileProblem(
            f"无法打开文件 {path}（{error.strerror}）。", f"Cannot open the file {path} ({error.strerror})."
        ) from None
    if not start.strip():
        raise FileProblem(f"文件 {path.name} 是空的。", f"The file {path.name} is empty.")
    if start.startswith((_ZIP, _OLE)):
        with ExitStack() as stack:
            yield _workbook_sheets(path, start, stack)
        return
    if encoding and not _is_in(path, encoding):
        raise FileProblem(
            f"文件 {path.name} 的编码不是 {encoding}。", f"The file {path.name} is not encoded in {encoding}."
        )
    name = encoding or _text_encoding(path, start)
    words = start.decode(name, errors="replace")[:_BLOCK].lstrip("\ufeff \t\r\n").lower()
    yield _html_tables(path, name) if words.startswith("<") else name


# --- The header among the first rows ----------------------------------------------------------------


def _filled(rows: Rows) -> Rows:
    return ((number, cells) for number, cells in rows if any(map(cleaned, cells)))


def _titles(cells: Sequence[Any]) -> tuple[str, ...]:
    titles = [cleaned(cell).replace(BROKEN, "\ufffd") for cell in cells]
    while titles and not titles[-1]:
        titles.pop()
    return tuple(titles)


def _find_header(top: Top, wanted: _Wanted) -> _Header:
    """The row, or the two rows, with the most headers known; the first row if none is."""
    if wanted.header_row is not None:
        top = [(number, cells) for number, cells in top if number >= wanted.header_row][:2]
    best = _Header((-1, 0), (), 0, 0)
    widest_above = 0
    for (number, cells), (next_number, next_cells) in zip(top, [*top, (0, ())][1:], strict=True):
        one = _titles(cells)
        # Whatever stands above a header is a title of few cells. Fuller rows are cases of a file without header.
        if widest_above > max(1, sum(map(bool, one)) // 2):
            break
        guesses = [(one, number, 1)]
        if _has_groups(one, _titles(next_cells)):
            guesses.append((_grouped(one, _titles(next_cells)), next_number, 0))
        for titles, row, one_row in guesses:
            known = sum(not names_of(title).isdisjoint(wanted.names) for title in titles if title)
            # A single word may stand in a case by chance.
            if best.score[0] < 0 or (known >= _MADE_OF and (known, one_row) > best.score):
                best = _Header((known, one_row), titles, number, row)
        if wanted.header_row is not None:
            break
        widest_above = max(widest_above, sum(map(bool, one)))
    return best


def _has_groups(groups: Sequence[str], titles: Sequence[str]) -> bool:
    """Whether a merged cell stands over several titles: the reader gives its text to the first column only."""
    over = [*groups, *[""] * len(titles)]
    return any(title and over[index] == "" for index, title in enumerate(titles))


def _grouped(groups: Sequence[str], titles: Sequence[str]) -> tuple[str, ...]:
    """Two rows of headers as one: merged cells stand over several columns (a group) or over both rows."""
    joined = []
    group = ""
    for index in range(max(len(groups), len(titles))):
        over = groups[index] if index < len(groups) else ""
        own = titles[index] if index < len(titles) else ""
        group = over or group
        # A cell that is merged over both rows is carried down.
        joined.append(f"{group}{GROUP}{own}" if group and own and own != over else over or own)
    return tuple(joined)


def _column_letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = ascii_uppercase[rest] + letters
    return letters


def _lettered(top: Top) -> tuple[str, ...]:
    width = max((len(_titles(cells)) for _, cells in top), default=0)
    return tuple(map(_column_letters, range(width)))


def _with_header(path: Path, rows: Rows, wanted: _Wanted, name: str = "") -> tuple[int, Sheet]:
    """The sheet, and how many of its headers are known."""
    filled = _filled(_within_limits(path, rows))
    top = next_rows(filled, _TOP)
    if not top:
        raise without_content(path)
    found = _Header((0, 1), _lettered(top), 0, 0) if wanted.header_row == 0 else _find_header(top, wanted)
    if not found.titles:
        raise FileProblem(
            f"文件 {path.name} 开头没有第 {wanted.header_row} 行可作表头。",
            f"The file {path.name} has no row {wanted.header_row} near its top that could be the header.",
        )
    cases = Cases(
        [cells for number, cells in top if number <= found.row],
        lambda title: not names_of(title).isdisjoint(wanted.names),
    )
    data = chain(((number, cells) for number, cells in top if number > found.row), filled)
    above = [cells for number, cells in top if number < found.first]
    unit = _unit_in(above)
    titled = titled_month([*(" ".join(_titles(cells)) for cells in above), name, path.stem])
    return found.score[0], Sheet(found.titles, cases.among(data), (), name, found.row, cases.left_out, unit, titled)


def _unit_in(titles: Iterable[Sequence[Any]]) -> str:
    """The unit of money that the titles name: none where they name several."""
    words = "\n".join(" ".join(_titles(cells)) for cells in titles)
    named = _UNIT.findall(unicodedata.normalize("NFKC", words))
    found = {word for list_of in named for word in re.split("[、,/和及]", list_of)} & UNITS.keys()
    return found.pop() if len(found) == 1 else ""


def _within_limits(path: Path, rows: Rows) -> Rows:
    for number, cells in rows:
        if len(cells) > MOST_COLUMNS:
            raise too_wide(path)
        try:
            # Text files have nothing but text; a row as short as a cell may be holds none that is too long.
            is_short = sum(map(len, cells)) <= LONGEST_CELL
        except TypeError:
            is_short = False
        if not is_short:
            lengths = [len(cell) for cell in cells if isinstance(cell, str)]
            if max(lengths, default=0) > LONGEST_CELL or sum(lengths) > LONGEST_ROW:
                raise too_long(path, number)
        yield number, cells


def _best_sheet(path: Path, wanted: _Wanted, sheets: Sequence[Named]) -> Sheet:
    """The sheet with the most headers known, the first of equals; or the one that the mapping names."""
    filled = [(name, rows) for name, rows in sheets if any(True for _ in _filled(_within_limits(path, rows())))]
    if wanted.sheet is not None:
        chosen = [(name, rows) for name, rows in filled if name == wanted.sheet]
        if not chosen:
            names = "、".join(name for name, _ in filled)
            raise FileProblem(
                f"文件 {path.name} 里没有有内容的工作表“{wanted.sheet}”，有的是：{names}。",
                f"The file {path.name} has no sheet “{wanted.sheet}” with content; it has: {names}.",
            )
    else:
        chosen = filled
    if not chosen:
        raise without_content(path)
    found = [_with_header(path, rows(), wanted, name) for name, rows in chosen]
    _, sheet = max(found, key=lambda scored: scored[0])
    unread = tuple(name for name, _ in filled if name != sheet.name)
    return replace(sheet, unread=unread)


# --- CSV ------------------------------------------------------------------------------------------


def _mark_broken(error: UnicodeError) -> tuple[str, int]:
    """Have a mark stand for bytes that are no character; what is legible after them is kept."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    # GB18030 takes the separator after half a character for a part of it.
    return BROKEN, error.end if error.encoding.startswith("utf") else error.start + 1


codecs.register_error("mark-broken", _mark_broken)


def _text_encoding(path: Path, start: bytes) -> str:
    """The encoding that the file is in but for a few broken characters: UTF-8, GB18030 or UTF-16."""
    # A byte-order mark leaves no choice; without that, damaged UTF-8 might pass as GB18030 nonsense.
    candidates = ["utf-8-sig", "gb18030"]
    if start.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    elif start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif b"\0" in start:
        # UTF-16 without a mark proves itself by holding nothing but characters that can be printed.
        readable = [name for name in ("utf-16-le", "utf-16-be") if _is_readable(start, name)]
        candidates = readable or candidates
    for name in candidates:
        if _is_in(path, name):
            return name
    raise FileProblem(
        f"文件 {path.name} 不是 UTF-8、GB18030 或 UTF-16 编码的文本，也不是 Excel 工作簿。",
        f"The file {path.name} is neither text in UTF-8, GB18030 or UTF-16 nor an Excel workbook.",
    )


def _is_in(path: Path, encoding: str) -> bool:
    """Whether the file makes sense in the encoding, but for one byte in ten of those that are not ASCII."""
    decoder = codecs.getincrementaldecoder(encoding)("mark-broken")
    broken = strange = wide = 0
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            try:
                words = decoder.decode(block, final=not block)
            except UnicodeError:
                # UTF-16 that does not say which of its two kinds it is
                return False
            broken += words.count(BROKEN) + words.count("\0")
            strange += len(_CONTROL.findall(words))
            # Bytes, two or three of which are a character
            wide += len(block.translate(None, _ASCII))
            if not block:
                return not broken or 10 * (broken + strange) <= wide


def _is_readable(start: bytes, name: str) -> bool:
    words = codecs.getincrementaldecoder(name)(errors="replace").decode(start)
    strange = sum(unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs") and char not in "\r\n\t" for char in words)
    return not strange and "\ufffd" not in words and ("\n" in words or "\r" in words)


def _csv_sheet(path: Path, encoding: str, wanted: _Wanted) -> Sheet:
    marks = [(_with_header(path, _csv_top(path, encoding, mark), wanted), mark) for mark in _MARKS]
    # The separator that makes the most headers known and then the most columns; the comma, if all are equal.
    (known, guess), mark = max(marks, key=lambda found: (found[0][0], len(found[0][1].header)))
    # Some systems call their text .xls; whatever else is called so is refused.
    if path.suffix.lower() in _WORKBOOKS and known < _MADE_OF:
        raise FileProblem(
            f"文件 {path.name} 不是 Excel 工作簿，内容与扩展名不符。",
            f"The file {path.name} is no Excel workbook; its content is not what its name says.",
        )
    width = len(guess.header)
    _, sheet = _with_header(path, _csv_rows(path, encoding, mark), wanted)

    def rows() -> Rows:
        for number, cells in sheet.rows:
            if len(cells) > width and sheet.header_row and any(cell.strip() for cell in cells[width:]):
                raise FileProblem(
                    f"文件 {path.name} 第 {number} 行的列数多于表头（{len(cells)} 列，表头 {width} 列），请检查分隔符和引号。",
                    f"Row {number} of the file {path.name} has more columns than the header ({len(cells)}, not "
                    f"{width}); check separators and quotes.",
                )
            yield number, cells

    return replace(sheet, rows=rows())


class _NotCsv(FileProblem):
    """The text makes no sense as CSV from some row on."""


def _csv_top(path: Path, encoding: str, mark: str) -> Rows:
    """The first rows, as far as this separator makes sense of them."""
    with suppress(_NotCsv):
        yield from islice(_csv_rows(path, encoding, mark), 3 * _TOP)


def _csv_rows(path: Path, encoding: str, mark: str) -> Rows:
    number = 0
    try:
        with path.open(encoding=encoding, errors="mark-broken", newline="") as file:
            lines = (line.replace("\0", BROKEN) if "\0" in line else line for line in file)
            # Strict, because a quote that is never closed would otherwise swallow the cases after it.
            for number, cells in enumerate(csv.reader(lines, delimiter=mark, strict=True), 1):
                # The mark is a character like any other in the encodings that mean none by it.
                if number == 1 and cells:
                    cells[0] = cells[0].removeprefix("\ufeff")
                if "'" in "".join(cells):
                    cells = [unguarded(cell) for cell in cells]
                yield number, cells
    except UnicodeError:
        raise FileProblem(
            f"文件 {path.name} 的编码不是 {encoding}。", f"The file {path.name} is not encoded in {encoding}."
        ) from None
    except csv.Error as error:
        if "field limit" in str(error):
            raise too_long(path, number + 1) from None
        raise _NotCsv(
            f"文件 {path.name} 在第 {number + 1} 行之后无法按 CSV 读取（{error}），请检查引号。",
            f"The file {path.name} cannot be read as CSV from row {number + 1} on ({error}); check the quotes.",
        ) from None


# --- Workbooks ------------------------------------------------------------------------------------


def _workbook_sheets(path: Path, start: bytes, stack: ExitStack) -> Sequence[Named]:
    """The visible sheets' names and, each time they are asked for, rows."""
    if start.startswith(_ZIP):
        return xlsx.visible_sheets(path, stack)
    if path.stat().st_size > _MOST_XLS:
        raise FileProblem(
            f"文件 {path.name} 是超过 {_MOST_XLS // MEGABYTE} MB 的旧式工作簿，请在 Excel 里另存为 .xlsx。",
            f"The file {path.name} is a legacy workbook of more than {_MOST_XLS // MEGABYTE} MB; save it as .xlsx in "
            "Excel.",
        )
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        raise encrypted(path)
    try:
        return xls.visible_sheets(path, stack)
    except xls.Encrypted:
        raise encrypted(path) from None
    except xls.TooLarge:
        raise FileProblem(
            f"打开旧式工作簿 {path.name} 要占太多内存：内容太多，或已损坏。请在 Excel 里另存为 .xlsx。",
            f"Opening the legacy workbook {path.name} takes too much memory: it holds too much, or is damaged. Save it "
            "as .xlsx in Excel.",
        ) from None
    except (OSError, ValueError):
        raise damaged(path) from None


# --- HTML -----------------------------------------------------------------------------------------


def _html_tables(path: Path, encoding: str) -> list[Named]:
    """The tables of a page, named by their number; a page without any is refused."""
    if path.stat().st_size > _MOST_HTML:
        raise FileProblem(
            f"文件 {path.name} 是超过 {_MOST_HTML // MEGABYTE} MB 的网页，请在 Excel 里另存为 .xlsx。",
            f"The file {path.name} is a web page of more than {_MOST_HTML // MEGABYTE} MB; save it as .xlsx in Excel.",
        )
    try:
        # As text, because the page may name an encoding that it is not in.
        words = re.sub(
            r"^\ufeff?\s*<\?xml[^>]*\?>", "", path.read_text(encoding, errors="mark-broken").replace("\0", BROKEN)
        )
        page = lxml.html.fromstring(words)
        # Tables that hold tables arrange a page; those of Excel's XML have no rows of a page.
        tables = [
            table
            for table in page.iter("table")
            if next(table.iterdescendants("table"), None) is None and next(table.iter("tr"), None) is not None
        ]
        for line_end in page.iter("br"):
            line_end.tail = "\n" + (line_end.tail or "")
    except (UnicodeError, LxmlError, ValueError):
        tables = []
    if not tables:
        raise FileProblem(
            f"文件 {path.name} 是没有表格的网页或 XML，请从原系统导出 Excel 或 CSV。",
            f"The file {path.name} is a web page or XML without a table; export Excel or CSV from the system.",
        )
    return [(f"表格{number}", _html_rows(path, table)) for number, table in enumerate(tables, 1)]


def _html_rows(path: Path, table: Any) -> Callable[[], Rows]:
    def rows() -> Rows:
        # column -> rows below that a merged cell still covers, and what stands in it
        covered: dict[int, tuple[int, str]] = {}
        carried = 0
        for number, line in enumerate(table.iter("tr"), 1):
            cells: list[str] = []
            below: dict[int, tuple[int, str]] = {}
            carried += len(covered)
            if carried > MOST_CARRIED:
                raise too_much_merged()
            for cell in line.iterchildren("td", "th"):
                while len(cells) in covered:
                    cells.append("")
                width, height = (_span(cell.get(name)) for name in ("colspan", "rowspan"))
                if len(cells) + width > MOST_COLUMNS:
                    raise too_wide(path)
                content = cell.text_content()
                below |= dict.fromkeys(range(len(cells), len(cells) + width), (height, ""))
                below[len(cells)] = (height, content)
                cells += [content, *[""] * (width - 1)]
            if any(map(cleaned, cells)):
                cells += [""] * (max(covered, default=-1) + 1 - len(cells))
                for column, (_, content) in covered.items():
                    cells[column] = content
            covered = {column: (count - 1, words) for column, (count, words) in (covered | below).items() if count > 1}
            yield number, cells

    return rows


def _span(words: str | None) -> int:
    return min(max(int(words), 1), MOST_COLUMNS + 1) if words and words.isdecimal() else 1
