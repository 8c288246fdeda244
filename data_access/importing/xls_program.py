"""The program that reads a legacy XLS: its reader takes a damaged file's word for how much room to make.

It writes the visible sheets of the workbook on standard input as lines of JSON: an object has the number formats, a
text is the name of a sheet, the list after it what is merged there, further lists are its rows. Exit code 3: the
workbook is encrypted; 4, or an abort: it takes more memory than there is for it; another: it is damaged.

The reader (calamine) tells neither formats nor merged cells; these are taken from the records of the file (MS-XLS).
"""

from __future__ import annotations

import json
import struct
import sys
from array import array
from collections.abc import Iterator, Mapping
from datetime import timedelta
from io import BytesIO
from itertools import groupby, pairwise
from typing import Any

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

_ENCRYPTED, _NO_MEMORY = 3, 4
# With the interpreter and its libraries. Honest workbooks take 9 to 19 times their size.
_MOST_MEMORY = 560 * (1 << 20)
# Records: what they hold is said where they are read.
_BEGIN, _END, _BOUND_SHEET, _DATE_MODE, _FORMAT, _STYLE, _MERGED = (
    0x0809,
    0x000A,
    0x0085,
    0x0022,
    0x041E,
    0x00E0,
    0x00E5,
)
_NUMBER, _SHORT_NUMBER, _SHORT_NUMBERS, _FORMULA, _TEXT = 0x0203, 0x027E, 0x00BD, 0x0006, 0x00FD
_CELLS = frozenset({_NUMBER, _SHORT_NUMBER, _SHORT_NUMBERS, _FORMULA, _TEXT})
_BIFF8 = 0x0600
_AS_STORED = frozenset({0, "General", 49, "@"})
_NO_SECTOR = 0xFFFFFFFA


def _stream(content: bytes) -> bytes:
    """The stream of the workbook in the compound file (MS-CFB). Raises ValueError or struct.error."""
    shift, small_shift = struct.unpack_from("<HH", content, 30)
    first_folder, cutoff, first_small, first_more, more = struct.unpack_from("<I4xIIxxxxII", content, 48)
    size = 1 << shift
    if not 7 <= shift <= 16:
        raise ValueError

    def sector(number: int) -> bytes:
        return content[(number + 1) * size : (number + 2) * size]

    of_table = array("I", content[76:512])
    while more and first_more < _NO_SECTOR and len(of_table) * size <= len(content) + 512:
        further = array("I", sector(first_more))
        first_more = further.pop()
        of_table += further
    table = array("I")
    for number in of_table:
        if number < _NO_SECTOR:
            table.frombytes(sector(number))

    def chain(number: int, following: array[int]) -> Iterator[int]:
        for _ in range(len(following)):
            if number >= len(following):
                return
            yield number
            number = following[number]

    folder = b"".join(map(sector, chain(first_folder, table)))
    entries = [folder[at : at + 128] for at in range(0, len(folder) - 127, 128)]
    named = {
        entry[: max(int.from_bytes(entry[64:66], "little") - 2, 0)].decode("utf-16-le", "replace"): entry
        for entry in entries
    }
    entry = named.get("Workbook") or named["Book"]
    first, length = struct.unpack_from("<II", entry, 116)
    if length >= cutoff:
        return b"".join(map(sector, chain(first, table)))[:length]
    small = array("I", b"".join(map(sector, chain(first_small, table))))
    (root,) = struct.unpack_from("<I", entries[0], 116)
    pieces, width = b"".join(map(sector, chain(root, table))), 1 << small_shift
    return b"".join(pieces[number * width : (number + 1) * width] for number in chain(first, small))[:length]


def _records(stream: bytes, begin: int) -> Iterator[tuple[int, int, int]]:
    """The kind, the place and the length of the records of a part of the workbook, without those of parts in it."""
    depth, at = 0, begin
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == _BEGIN:
            depth += 1
        if depth == 1:
            yield kind, at + 4, length
        if kind == _END:
            depth -= 1
            if depth <= 0:
                return
        at += 4 + length


class _Formats:
    """The number formats of a workbook: ``of_styles`` is the one of each style, a number or its code."""

    def __init__(self, stream: bytes) -> None:
        self.sheets: list[int] = []
        self.is_mac = False
        codes: dict[int, str] = {}
        numbers: list[int] = []
        is_wide = struct.unpack_from("<H", stream, 4)[0] >= _BIFF8
        for kind, at, length in _records(stream, 0):
            if kind == _BOUND_SHEET:
                self.sheets += struct.unpack_from("<I", stream, at)
            elif kind == _DATE_MODE:
                self.is_mac = stream[at] == 1
            elif kind == _STYLE:
                numbers += struct.unpack_from("<xxH", stream, at)
            elif kind == _FORMAT:
                (number,) = struct.unpack_from("<H", stream, at)
                words = stream[at + 5 : at + length] if is_wide else stream[at + 3 : at + length]
                wide = is_wide and stream[at + 4] & 1
                codes[number] = words.decode("utf-16-le" if wide else "latin-1" if is_wide else "gb18030", "replace")
        self.of_styles = [codes.get(number, number) for number in numbers]


def _formatted(
    stream: bytes, begin: int
) -> tuple[list[int], Iterator[tuple[int, dict[int, tuple[float | None, int]]]]]:
    """What is merged in a sheet (first row, last row, column …), and row by row its cells' numbers and styles, by column.

    Texts have no number. Rows and columns count from 0.
    """
    merged: list[int] = []
    places = array("Q")
    for kind, at, length in _records(stream, begin):
        if kind == _MERGED:
            areas = struct.iter_unpack("<HHHH", stream[at + 2 : at + 2 + (length - 2) // 8 * 8])
            merged += [number for first, last, column, _ in areas if last > first for number in (first, last, column)]
        elif kind in _CELLS:
            places.append(int.from_bytes(stream[at : at + 2], "little") << 40 | at)
    # Some programs write cells in any order.
    ordered = places if all(one >> 40 <= other >> 40 for one, other in pairwise(places)) else sorted(places)
    return merged, (
        (row, {column: cell for place in of_row for column, cell in _cells(stream, place & 0xFFFFFFFFFF)})
        for row, of_row in groupby(ordered, lambda place: place >> 40)
    )


def _cells(stream: bytes, at: int) -> Iterator[tuple[int, tuple[float | None, int]]]:
    kind, length = struct.unpack_from("<HH", stream, at - 4)
    column, style = struct.unpack_from("<HH", stream, at + 2)
    if kind == _NUMBER:
        yield column, (struct.unpack_from("<d", stream, at + 6)[0], style)
    elif kind == _SHORT_NUMBER:
        yield column, (_short(struct.unpack_from("<I", stream, at + 6)[0]), style)
    elif kind == _SHORT_NUMBERS:
        pairs = struct.iter_unpack("<HI", stream[at + 4 : at + 4 + (length - 6) // 6 * 6])
        yield from ((column + place, (_short(number), style)) for place, (style, number) in enumerate(pairs))
    elif kind == _FORMULA and stream[at + 12 : at + 14] != b"\xff\xff":
        yield column, (struct.unpack_from("<d", stream, at + 6)[0], style)
    else:
        yield column, (None, style)


def _short(number: int) -> float:
    """A number in 30 bits: a whole one or the upper half of one, or a hundred times it."""
    if number & 2:
        whole: float = (number >> 2) - (1 << 30 if number & 0x80000000 else 0)
    else:
        (whole,) = struct.unpack("<d", struct.pack("<II", 0, number & 0xFFFFFFFC))
    return whole / 100 if number & 1 else whole


def _as_json(value: object) -> list[object]:
    kind = type(value).__name__
    return [kind, value.total_seconds() if isinstance(value, timedelta) else value.isoformat()]  # type: ignore[attr-defined]  # a date or time


def _write(sheet: CalamineSheet, stream: bytes, begin: int, formats: Mapping[int, object]) -> None:
    merged, formatted = _formatted(stream, begin)
    print(json.dumps(merged))  # noqa: T201  # read by the process that started this one
    # The reader leaves out the empty columns on the left.
    left = [""] * (sheet.start[1] if sheet.start else 0)
    following = next(formatted, None)
    for row, found in enumerate(sheet.iter_rows()):
        cells: list[Any] = [*left, *found]
        while following is not None and following[0] <= row:
            for column, (number, style) in following[1].items() if following[0] == row else ():
                code = formats.get(style)
                if code is None or column >= len(cells) or isinstance(cells[column], str) is not (number is None):
                    continue
                # Few formats say anything of texts.
                if number is not None or "@" in str(code):
                    cells[column] = ["shown", cells[column] if number is None else number, style]
            following = next(formatted, None)
        while cells and cells[-1] == "":
            cells.pop()
        print(json.dumps(cells, default=_as_json))  # noqa: T201  # as above


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:
        # Windows: there the system ends the process that asks for more than there is.
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    # No file for an abort: it would hold the cases.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    """Write the workbook's sheets; returns the exit code."""
    _limit_memory()
    try:
        content = sys.stdin.buffer.read()
        workbook = CalamineWorkbook.from_filelike(BytesIO(content))
        stream = _stream(content)
        del content
        formats = _Formats(stream)
        print(json.dumps({"formats": formats.of_styles, "is_mac": formats.is_mac}))  # noqa: T201  # as above
        by_style = {style: code for style, code in enumerate(formats.of_styles) if code not in _AS_STORED}
        for sheet, begin in zip(workbook.sheets_metadata, formats.sheets, strict=True):
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
                print(json.dumps(sheet.name))  # noqa: T201  # as above
                _write(workbook.get_sheet_by_name(sheet.name), stream, begin, by_style)
    except PasswordError:
        return _ENCRYPTED
    except MemoryError:
        return _NO_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main())
