"""What can be wrong with a file, a row or a value: one sentence each, in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass


class FileProblem(Exception):
    """The file or its mapping cannot be used at all. ``zh`` and ``en`` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en


class ValueProblem(Exception):
    """A value breaks a rule. ``zh`` and ``en`` state the rule and never repeat the value."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en


@dataclass(frozen=True)
class RowProblem:
    """A rejected cell: its row as Excel numbers it, its column (their header and ours), its value, the rule.

    ``value`` is masked where the column holds private data.
    """

    row: int
    column: str
    value: str
    zh: str
    en: str
