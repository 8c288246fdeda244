"""What nobody foresaw in a file or its mapping: one sentence for the person, and for the log where it came from."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from data_access.importing.problems import FileProblem
from data_access.problems import Problem

P = ParamSpec("P")
R = TypeVar("R")

_ROOT = Path(__file__).parents[2]


class Unforeseen(FileProblem):
    """The program failed over a file, in that row where it is known."""

    def __init__(self, row: int | None = None) -> None:
        zh, en = ("", "") if row is None else (f"，在第 {row} 行", f" in row {row}")
        advice_zh = "另存为 CSV 或 XLSX" if row is None else "改正或删去这一行"
        advice_en = "save it as CSV or XLSX" if row is None else "correct or delete this row"
        super().__init__(
            f"读这个文件时遇到了程序没有料到的内容{zh}，什么都没有写入。请{advice_zh}再试；仍不行，请把文件交给管理员（日志里有出错的位置）。",
            f"The program did not foresee what is in this file{en}; nothing was written. Please {advice_en} and try again, "
            "or give the file to your administrator (the log says where it failed).",
        )


def foreseen(function: Callable[P, R]) -> Callable[P, R]:
    """The function, which raises Unforeseen where it would raise what is no problem that it has words for."""

    @wraps(function)
    def told(*given: P.args, **named: P.kwargs) -> R:
        try:
            return function(*given, **named)
        except Unforeseen as problem:
            log_place(problem.__cause__ or problem)
            raise
        except (Problem, PermissionError):
            raise
        except Exception as error:
            log_place(error)
            raise Unforeseen from error

    return told


def log_place(error: BaseException) -> None:
    """Write down what kind of error it is and where in the program it arose; what it says may repeat values."""
    places = [
        f"{Path(frame.filename).relative_to(_ROOT) if Path(frame.filename).is_relative_to(_ROOT) else frame.name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    logging.getLogger(__name__).error("Unforeseen %s at %s", type(error).__name__, " < ".join(reversed(places)))
