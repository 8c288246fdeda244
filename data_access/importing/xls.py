"""Reads a legacy XLS in a process of its own: its reader takes a damaged file's word for how much room to make.

Run as a program, this writes the visible sheets of the workbook on standard input as lines of JSON: a text is the
name of a sheet, a list a row of the sheet. Exit code 3: the workbook is encrypted; 4, or an abort: it takes more
memory than there is for it; another: it is damaged.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from threading import Semaphore
from typing import IO, Any

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

_ENCRYPTED, _NO_MEMORY = 3, 4
# With the interpreter and its libraries. Honest workbooks take 9 to 19 times their size.
_MOST_MEMORY = 560 * (1 << 20)
_MOST_SECONDS = 120
# How many processes read at once, whoever asks: in all they take twice that memory, not one for each viewer.
_turns = Semaphore(2)
# Dates and times are lists of the kind and what makes it.
_FROM_JSON: dict[str, Callable[[Any], object]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=seconds),
}


class Encrypted(Exception):
    """The workbook has a password."""


class TooLarge(Exception):
    """Opening the workbook takes too much memory: it holds too much, or says so because it is damaged."""


def visible_sheets(path: Path, stack: ExitStack) -> list[tuple[str, Callable[[], Iterator[tuple[int, list[Any]]]]]]:
    """The visible sheets' names and, each time they are asked for, rows with their numbers.

    ``stack`` closes the temporary file that holds them. Raises Encrypted, TooLarge, or ValueError where the workbook is
    damaged.
    """
    file_of_lines: Any = TemporaryFile()  # noqa: SIM115 closed by the stack
    lines: IO[bytes] = stack.enter_context(file_of_lines)
    with path.open("rb") as file, _turns:
        try:
            code = subprocess.run(  # noqa: S603 our own program; the file is its input, not an argument
                # Isolated, because the modules beside this one are none of its business.
                [sys.executable, "-I", str(Path(__file__).resolve())],
                stdin=file,
                stdout=lines,
                stderr=subprocess.DEVNULL,
                timeout=_MOST_SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            raise ValueError from None
    if code == _ENCRYPTED:
        raise Encrypted
    # The reader aborts where it gets no memory.
    if code in (_NO_MEMORY, -signal.SIGABRT):
        raise TooLarge
    if code != 0:
        raise ValueError
    sheets: list[tuple[str, Callable[[], Iterator[tuple[int, list[Any]]]]]] = []
    lines.seek(0)
    # tell() needs readline()
    while line := lines.readline():
        if line.startswith(b'"'):
            sheets.append((str(json.loads(line)), partial(_rows, lines, lines.tell())))
    return sheets


def _rows(lines: IO[bytes], begin: int) -> Iterator[tuple[int, list[Any]]]:
    number = 0
    place = begin
    while True:
        # The file is shared: another sheet may have been read since.
        lines.seek(place)
        line = lines.readline()
        place = lines.tell()
        if not line.startswith(b"["):
            return
        number += 1
        cells = json.loads(line)
        yield number, [_FROM_JSON[cell[0]](cell[1]) if isinstance(cell, list) else cell for cell in cells]


def _as_json(value: object) -> list[object]:
    kind = type(value).__name__
    return [kind, value.total_seconds() if isinstance(value, timedelta) else value.isoformat()]  # type: ignore[attr-defined]  # a date or time


def _write(sheet: CalamineSheet) -> None:
    # The reader leaves out the empty columns on the left.
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for cells in sheet.iter_rows():
        while cells and cells[-1] == "":
            cells.pop()
        print(json.dumps([*left, *cells] if cells else [], default=_as_json))  # noqa: T201  # read by the process that started this one


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
        workbook = CalamineWorkbook.from_filelike(sys.stdin.buffer)
        for sheet in workbook.sheets_metadata:
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
                print(json.dumps(sheet.name))  # noqa: T201  # read by the process that started this one
                _write(workbook.get_sheet_by_name(sheet.name))
    except PasswordError:
        return _ENCRYPTED
    except MemoryError:
        return _NO_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main())
