"""What can be wrong: exceptions that say it in two languages, and the rules that values and rows can break."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


class Problem(Exception):
    """Something that whoever uses the program can do something about; ``zh`` and ``en`` say what, in a sentence."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en


class QuestionProblem(Problem):
    """A question that is not answered as it is asked; the sentence says what to narrow."""


@dataclass(frozen=True)
class Rule:
    """What a value or a row can break: ``code`` tells rules apart, ``zh`` and ``en`` say it with named places."""

    code: str
    zh: str
    en: str

    def broken(self, **places: object) -> Broken:
        """The rule, broken, with what stands in its places; a tuple is several words."""
        return Broken(self, places)


@dataclass(frozen=True)
class Broken:
    """A rule that is broken, and what stands in its places: never the value itself, which may be private."""

    rule: Rule
    places: Mapping[str, object] = field(default_factory=dict)

    @property
    def zh(self) -> str:
        """What is wrong, in Chinese."""
        return self.rule.zh.format_map(_worded(self.places, "、"))

    @property
    def en(self) -> str:
        """What is wrong, in English."""
        return self.rule.en.format_map(_worded(self.places, ", "))


def _worded(places: Mapping[str, object], mark: str) -> Mapping[str, Any]:
    return {name: mark.join(map(str, value)) if isinstance(value, tuple) else value for name, value in places.items()}


def in_common(faults: Collection[Broken]) -> Broken:
    """What faults of one rule have in common: where they differ in a place, it is left open."""
    first = next(iter(faults))
    return Broken(
        first.rule,
        {
            name: value if all(one.places[name] == value for one in faults) else "…"
            for name, value in first.places.items()
        },
    )
