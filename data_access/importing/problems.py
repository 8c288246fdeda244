"""What can be wrong with a file, a row or a value."""

from __future__ import annotations

from dataclasses import dataclass

from data_access.problems import Broken, Problem


class FileProblem(Problem):
    """The file or its mapping cannot be used at all. ``hint`` is what to do about it in a terminal."""

    def __init__(self, zh: str, en: str, hint: str = "") -> None:
        super().__init__(zh, en)
        self.hint = hint


class ValueProblem(Exception):
    """A value breaks a rule."""

    def __init__(self, fault: Broken) -> None:
        super().__init__(fault.rule.code)
        self.fault = fault


@dataclass(frozen=True)
class RowProblem:
    """A rejected cell: its row as Excel numbers it, its column (their header and ours), its value, the rule.

    ``value`` is masked where the column holds private data. ``field`` is the name of ours.
    """

    row: int
    column: str
    value: str
    fault: Broken
    field: str = ""

    @property
    def zh(self) -> str:
        """What is wrong, in Chinese."""
        return self.fault.zh

    @property
    def en(self) -> str:
        """What is wrong, in English."""
        return self.fault.en
