"""Which column may be which of ours, by what it holds and what it is nearly called: for a person to confirm."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from rapidfuzz import fuzz, process

from data_access.importing.headers import titles_of
from data_access.importing.problems import ValueProblem
from data_access.importing.values import READ, cleaned, day, is_month_alone, moment
from data_access.model.import_table import Field, ImportTable

# A number of a case: letters, digits and marks, and few characters (鲁信〔2023〕12号)
_NUMBER = re.compile(r"(?=.*\d)(?!\d{1,3}$|\d+\.\d+$)(?!(?:.*[一-龥]){4})[\w()\[\]〔〕（）./-]{1,64}")
_PHONE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d{9}|(?:0\d{2,3}-?)?[2-8]\d{6,7}")
_TOWNSHIP = re.compile(".{1,14}(?:街道|街道办|街道办事处|镇|乡|民族乡|开发区|林场|农场|管委会)")
_DATES = ("moment", "date")
# What tells headers of dates apart; 督办时间 is not nearly 办结时间.
_OF_A_DATE = re.compile("时间$|日期$")
_ASKED_FOR = re.compile("要求|应|期限|时限|截止|到期|规定|预计|计划|拟")
# 本年累计完成投资 is none of a whole project.
_OF_A_PERIOD = re.compile("本年|本月|当年|当月|上年|上月|年度|今年")
_UNIT = re.compile(r"[(（][^()（）]{1,6}[)）]$")
# How alike a header and one that is known are at least, and how many cells show what a column holds
_ALIKE, _ALIKE_DATES = 75, 65
_MOST_CELLS = 0.8
# How many rows and columns are looked at
_LOOKED_AT = 200


@dataclass(frozen=True)
class Proposal:
    """Our field, and the header under which it may be."""

    field: Field
    title: str


def proposals(
    header: Sequence[str],
    rows: Sequence[tuple[int, Sequence[Any]]],
    table: ImportTable,
    found: Mapping[str, str],
    townships: Container[str] = (),
) -> list[Proposal]:
    """For fields that are not ``found`` (field -> header), what may be theirs of the columns that nothing is taken from.

    A header is proposed for one field, and one header for a field. ``townships`` are words that mean one.
    """
    columns = {
        title: [cleaned(cells[index]) if index < len(cells) else "" for _, cells in rows[:_LOOKED_AT]]
        for index, title in enumerate(header[:_LOOKED_AT])
        if title and header.count(title) == 1
    }
    free = {title: cells for title, cells in columns.items() if title not in found.values() and any(cells)}
    dates = {title: read for title, cells in columns.items() if (read := _dates(cells)) is not None}
    missing = [ours for ours in table.fields if ours.name not in found]
    made: list[Proposal] = []

    def take(ours: Field, title: str | None) -> None:
        if title is not None and title in free and all(one.field is not ours for one in made):
            made.append(Proposal(ours, title))
            del free[title]

    alike = [
        (score, ours, title)
        for ours in missing
        for known in titles_of(ours, table)
        for _, score, title in process.extract(
            _told_by(known, ours),
            {title: _told_by(title, ours) for title in free},
            scorer=fuzz.ratio,
            score_cutoff=_ALIKE_DATES if ours.kind in _DATES else _ALIKE,
        )
        if _turned(known, ours) == _turned(title, ours) and _fits(ours, free[title], townships)
    ]
    for _, ours, title in sorted(alike, key=lambda pair: -pair[0]):
        take(ours, title)
    for ours in missing:
        if ours.kind == "township":
            is_town = lambda cell: cell in townships or _TOWNSHIP.fullmatch(cell) is not None  # noqa: E731  # one test
            take(ours, _first(free, is_town))
        elif ours.name == "phone":
            take(ours, _first(free, lambda cell: _PHONE.fullmatch(cell) is not None))
        elif ours.kind in _DATES and ours.required and ours.not_before is None:
            take(ours, _earliest(free, dates))
        elif ours.name == table.identity[0]:
            take(ours, next((title for title, cells in free.items() if may_be_numbers(cells)), None))
    order = [ours.name for ours in table.fields]
    return sorted(made, key=lambda one: order.index(one.field.name))


def _told_by(title: str, ours: Field) -> str:
    """What of a header tells what it is about."""
    bare = _UNIT.sub("", title)
    return _OF_A_DATE.sub("", bare) or bare if ours.kind in _DATES else bare


def _turned(title: str, ours: Field) -> bool:
    """Whether a header's words make another thing of it: a date when something shall be, an amount of one year."""
    return (_ASKED_FOR if ours.kind in _DATES else _OF_A_PERIOD).search(title) is not None


def _fits(ours: Field, cells: Sequence[str], townships: Container[str]) -> bool:
    """Whether the cells are such as the field has."""
    if ours.kind in _DATES:
        return _dates(cells) is not None
    if ours.kind == "township":
        return _most(cells, lambda cell: cell in townships or _TOWNSHIP.fullmatch(cell) is not None)
    if ours.kind in ("number", "decimal", "percent", "month", "day_or_month"):
        return _most(cells, lambda cell: _is_read(READ[ours.kind], cell))
    return True


def _first(free: Mapping[str, Sequence[str]], test: Callable[[str], bool]) -> str | None:
    return next((title for title, cells in free.items() if _most(cells, test)), None)


def _most(cells: Iterable[str], test: Callable[[str], bool]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and sum(map(test, filled)) >= _MOST_CELLS * len(filled)


def _is_read(read: Callable[[object], object], cell: str) -> bool:
    try:
        read(cell)
    except ValueProblem:
        return False
    return True


def _dates(cells: Sequence[str]) -> list[datetime | None] | None:
    """The moments of a column that holds nothing else; None for another. Numbers alone are no dates."""
    read: list[datetime | None] = []
    for cell in cells:
        try:
            found = (
                (day(cell) if is_month_alone(cell) else moment(cell))
                if re.search(r"\d\D+\d", cell) or len(cell) in (0, 8)
                else date.min
            )
        except ValueProblem:
            return None
        if found == date.min:
            return None
        read.append(found if found is None or isinstance(found, datetime) else datetime.combine(found, time.min))
    return read if any(read) else None


def _earliest(free: Mapping[str, Sequence[str]], dates: Mapping[str, Sequence[datetime | None]]) -> str | None:
    """The column whose dates none of another column precedes: in it things begin."""
    for title in free:
        own = dates.get(title)
        if own is not None and all(
            was is None or then is None or was.date() <= then.date()
            for other in dates.values()
            for was, then in zip(own, other, strict=True)
        ):
            return title
    return None


def may_be_numbers(cells: Sequence[str]) -> bool:
    """Whether these may tell rows apart as numbers do: each another one, and no telephones, dates, or 1, 2, 3."""
    is_phone = _most(cells, lambda cell: _PHONE.fullmatch(cell) is not None)
    are_apart = len(set(cells)) == len(cells) > 1 and all(_NUMBER.fullmatch(cell) for cell in cells)
    return are_apart and not is_phone and not is_running(cells) and _dates(cells) is None


def is_running(cells: Sequence[str]) -> bool:
    """Whether these count the rows of a file: 1, 2, 3 … Another file's begin anew."""
    return all(cell.isdecimal() for cell in cells) and [int(cell) for cell in cells] in (
        list(range(1, len(cells) + 1)),
        list(range(len(cells), 0, -1)),
    )
