"""Whose turn it is: a server checks few files at a time, and loads or undoes one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from data_access.background import Progress, Report
from data_access.cache import engine
from data_access.database import unreachable
from data_access.importing import Cancelled
from data_access.importing.interrupted import loads_at_work
from data_access.problems import Problem
from ui.frame.told import tell
from ui.importing.file import table_name
from ui.text import Markdown, plain, problem_sentence, say

# How many files the server checks at once: each takes up to 600 MB and most of a core.
CHECKS = threading.Semaphore(2)
# A database that has one writer lets the next one wait for a while only.
WRITES = threading.Semaphore(1)
# Seconds between two looks whether whoever waits wants to stop
_LOOK = 0.2


@contextmanager
def turn(turns: threading.Semaphore, report: Report, should_stop: Callable[[], bool]) -> Iterator[None]:
    """Wait until it is this one's turn. Raises Cancelled where somebody stops it before."""
    while not turns.acquire(timeout=_LOOK):
        if should_stop():
            raise Cancelled
        report(Progress(0, None, "waiting"))
    try:
        yield
    finally:
        turns.release()


def write(where: str, action: Callable[[], object], told: str = "") -> bool:
    """Do what writes, and tell at ``where`` what came of it (``told``, plain already) or was in the way; whether it is done."""
    try:
        action()
    except Problem as problem:
        tell(where, problem_sentence(problem), is_problem=True)
    except SQLAlchemyError as error:
        words = at_work_sentence() + problem_sentence(unreachable(error, engine().url))
        tell(where, words, is_problem=True)
    else:
        if told:
            tell(where, told)
        return True
    return False


def at_work_sentence() -> Markdown:
    """Which files are loaded just now, for those who wait for that; empty where none is."""
    found = [
        say(
            f"{load.started:%H:%M} 起正在装入“{load.file_name}”（{table_name(load.table)}）。",
            f"“{load.file_name}” ({table_name(load.table)}) is being loaded since {load.started:%H:%M}. ",
        )
        for load in loads_at_work()
    ]
    return plain("".join(found))
