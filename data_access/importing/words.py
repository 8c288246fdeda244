"""Words of yes/no, kind, channel and status columns: those that are known, and those that somebody has to explain."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import Connection, select

from data_access.importing.values import cleaned
from data_access.model.import_table import Field, ImportTable

YES, NO, NOTHING = "是", "否", ""
# A longer text, or one of more different texts, is no word of a list.
_LONGEST = 30
_MOST = 200
# Words in a date's place for what has not happened: the case is open, the camera still there.
_NOT_YET = re.compile(
    "(?:尚|还|暂|超期|逾期)?未.{1,5}|(?:尚|还)在.{1,4}|正在.{1,4}|(?:办理|处理|处置|进行|维修|施工|建设|整改|流转)中|在办|在建|在用|待.{1,4}|至今"
)
# Nobody was reached, or answered.
_SILENT = re.compile(
    "(?:未|无|没).{0,2}(?:接通|接听|应答|联系|回应)|拒访|拒接|拒绝|拒评|空号|关机|停机|挂断|挂机|占线|忙音|联系不上|失联|错号|不了解|不清楚|不知"
)
_GOOD = re.compile(".{0,3}(?:满意|解决|办结|回访|好评)")
_BAD = re.compile("(?:不|未|没|无).{0,3}(?:满意|解决|办结|回访|好)|差")
_UNCLEAR = re.compile("部分|一般|基本|尚可|其他|正在|默认")


@dataclass(frozen=True)
class UnknownWord:
    """A word that ``rows`` rows have in a field's column and that is not known.

    ``meanings`` are what it may be taken for, the word itself among them where it may stay; ``suggestion`` is the one
    that is likely. ``is_refused``: rows with it cannot be loaded before somebody says what it means.
    """

    field: str
    word: str
    rows: int
    meanings: tuple[str, ...]
    suggestion: str | None
    is_refused: bool


class Words:
    """The words of a file's columns that are not known, as they are met."""

    def __init__(self, table: ImportTable, known: Mapping[str, AbstractSet[str]]) -> None:
        self._known = known
        self._fields = {ours.name: ours for ours in table.fields}
        self._met: Counter[tuple[str, str]] = Counter()

    def refused(self, field: Field, cells: Iterable[object]) -> None:
        """Note the words of cells of the field that mean nothing."""
        if field.kind == "answer" or field.choices:
            self._note(field, map(cleaned, cells))
        elif field.kind in ("moment", "date") and not field.required:
            self._note(field, (word for word in map(cleaned, cells) if not re.search(r"\d", word)))

    def read(self, field: Field, values: Sequence[str | None], explained: AbstractSet[str]) -> None:
        """Note the words of a column that is read as it is, but for those that the mapping explains."""
        known = self._known.get(field.name)
        # Where there are no words yet, all would be new.
        if known is None:
            return
        unknown = {
            word
            for word in set(values) - known
            if word is not None
            and word not in explained
            and not (field.understood is not None and field.understood(word))
        }
        if unknown:
            self._note(field, (word for word in values if word is not None and word in unknown))

    def _note(self, field: Field, words: Iterable[str]) -> None:
        for word in words:
            key = (field.name, word)
            if 0 < len(word) <= _LONGEST and (key in self._met or len(self._met) < _MOST):
                self._met[key] += 1

    def unknown(self) -> tuple[UnknownWord, ...]:
        """Those met so far, by field and those of most rows first."""
        found = []
        for (name, word), rows in self._met.most_common():
            field = self._fields[name]
            meanings, suggestion = self._meanings(field, word)
            found.append(UnknownWord(name, word, rows, meanings, suggestion, _is_refused(field)))
        order = list(self._fields)
        return tuple(sorted(found, key=lambda one: order.index(one.field)))

    def _meanings(self, field: Field, word: str) -> tuple[tuple[str, ...], str | None]:
        if field.kind == "answer":
            return (YES, NO, NOTHING), _answer_like(word)
        if field.kind in ("moment", "date"):
            return (NOTHING,), None
        if field.choices:
            return (*field.choices, NOTHING), None
        return (word, *sorted({*field.vocabulary(), *self._known.get(field.name, ())}), NOTHING), word


def _is_refused(field: Field) -> bool:
    return field.kind in ("answer", "moment", "date") or bool(field.choices)


def _answer_like(word: str) -> str | None:
    if _SILENT.search(word):
        return NOTHING
    if _UNCLEAR.search(word) and not word.startswith("基本"):
        return None
    if _BAD.search(word):
        return NO
    return YES if _GOOD.fullmatch(word) else None


def says_not_yet(field: Field, word: str) -> bool:
    """Whether a word in a date's place says that this has not happened."""
    return field.kind in ("moment", "date") and not field.required and _NOT_YET.fullmatch(word) is not None


def known_words(connection: Connection, table: ImportTable) -> dict[str, AbstractSet[str]]:
    """The words that each field of few words has in the database or the program; none of a field that has none yet."""
    known: dict[str, AbstractSet[str]] = {}
    for ours in table.fields:
        words = set(ours.vocabulary())
        if ours.words is not None:
            words |= {word for word in connection.scalars(select(ours.words).distinct()) if word}
        if words:
            known[ours.name] = words
    return known


def as_mapping(words: Iterable[UnknownWord]) -> str:
    """How a mapping file explains these words, to be filled in."""
    lines: list[str] = []
    field = ""
    for one in words:
        if one.field != field:
            field = one.field
            lines.append(f"[values.{field}]")
        choices = "、".join(f'"{meaning}"' for meaning in one.meanings[:8])
        word, meaning = (json.dumps(text, ensure_ascii=False) for text in (one.word, one.suggestion or NOTHING))
        lines.append(f"{word} = {meaning}    # {one.rows} 行；可填 {choices}")
    return "\n".join(lines)
