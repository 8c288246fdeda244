"""Reads a legacy XLS in a process of its own, where what a damaged file may ask for is bounded."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from threading import Semaphore
from typing import IO, Any

from data_access.importing.merged_cells import Merged, carried_down
from data_access.importing.number_formats import BUILT_IN, Shown, shown_by
from data_access.spreadsheets import unguarded

_ENCRYPTED, _NO_MEMORY = 3, 4
_PROGRAM = Path(__file__).resolve().with_name("xls_program.py")
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
                [sys.executable, "-I", str(_PROGRAM)],
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
    formats = _formats_in(lines.readline())
    # tell() needs readline()
    while line := lines.readline():
        if line.startswith(b'"'):
            merged = _merged_in(lines.readline())
            rows = partial(_rows, lines, lines.tell(), formats)
            sheets.append((str(json.loads(line)), partial(_all_shown, rows, merged)))
    return sheets


def _formats_in(line: bytes) -> list[Shown | None]:
    """What shows a cell, by the number of its style."""
    found = json.loads(line)
    codes = [code if isinstance(code, str) else BUILT_IN.get(code, "General") for code in found["formats"]]
    return [shown_by(code, is_mac=found["is_mac"]) for code in codes]


def _merged_in(line: bytes) -> Merged:
    merged, numbers = Merged(), json.loads(line)
    for first, last, column in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True):
        merged.add(first + 1, last + 1, column)
    return merged


def _all_shown(rows: Callable[[], Iterator[tuple[int, list[Any]]]], merged: Merged) -> Iterator[tuple[int, list[Any]]]:
    return carried_down(rows(), merged)


def _rows(lines: IO[bytes], begin: int, formats: Sequence[Shown | None]) -> Iterator[tuple[int, list[Any]]]:
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
        yield number, [_value(cell, formats) for cell in cells]


def _value(cell: Any, formats: Sequence[Shown | None]) -> Any:
    if isinstance(cell, str):
        return unguarded(cell)
    if not isinstance(cell, list):
        return cell
    kind, value, *style = cell
    if kind != "shown":
        return _FROM_JSON[kind](value)
    shown = formats[style[0]]
    return shown(value) if shown else value
