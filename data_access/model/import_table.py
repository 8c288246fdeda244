"""What a table that files can be loaded into is: its columns, what headers mean, what rows must obey."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Column, Connection, Table

from data_access.model.headers import headers_in, shipped_headers
from data_access.problems import Broken

if TYPE_CHECKING:
    from data_access.importing.places import Places

# One row: database column -> value. A field without a column of its own stands under its name.
Values = dict[str, Any]
# Rows of equal columns: database column -> the rows' values, in their order.
Columns = dict[str, list[Any]]
# What is wrong with a row: the name of the field, and the rule that it breaks.
Fault = tuple[str, Broken]


# The kinds of fields that are dates
DATES = frozenset({"moment", "date", "month", "day_or_month"})


@dataclass(frozen=True)
class Field:
    """One of our columns, as a mapping names it.

    ``column`` is the table's column where its name differs. ``headers`` are what other systems call it, as
    ``headers.toml`` lists them, the best first. ``not_before`` names the moment that this
    one must not precede; ``not_in_future`` forbids moments after the import. A ``whole_day`` moment that is
    given as a date lasts to the end of that day, and such a date that is given as a month to that month's end. ``parent`` is the table that must have the row referred to, in
    the same township. ``most`` bounds a number; ``choices`` are the only words allowed. ``words`` is the column that
    has the county's words where a field has few (kinds, channels), ``vocabulary`` are words beside them, and
    ``understood`` tells whether a word means something: any other is asked about. What ``is_later`` is known, or
    changes, after the case has begun.
    """

    name: str
    kind: Literal[
        "free_text",
        "text",
        "code",
        "answer",
        "number",
        "decimal",
        "hours",
        "percent",
        "money",
        "moment",
        "date",
        "month",
        "day_or_month",
        "township",
        "village",
    ]
    column: str = ""
    required: bool = False
    not_before: str | None = None
    not_in_future: bool = False
    whole_day: bool = False
    parent: Table | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    words: Column[str] | None = None
    vocabulary: Callable[[], tuple[str, ...]] = tuple
    understood: Callable[[str], bool] | None = None
    is_later: bool = False
    headers: tuple[str, ...] = ()

    @property
    def may_change(self) -> bool:
        """Whether what it says of a case comes or changes later: when it ends, how it stands, what was answered."""
        return self.is_later or self.not_before is not None or self.kind == "answer"

    @property
    def key(self) -> str:
        """Its name in a row's values."""
        return self.column or self.name

    @property
    def label(self) -> str:
        """What it is called."""
        return (*self.headers, self.name)[0]


@dataclass(frozen=True)
class ImportTable:
    """A table that files can be loaded into.

    ``identity`` names the columns that tell rows apart; no two rows of a file may agree in them, nor in one
    of ``unique``. A row that stands under another township has moved here if ``same_when_moved`` agrees;
    ``left_behind`` are the columns that it loses then. ``complete`` makes values out of others, in whole columns
    (None in a column that the file lacks says nothing), ``rule`` yields what is wrong with a row beyond its fields'
    own rules, ``together`` what is wrong with good rows beside each other and those in the database, by row number;
    where there is such a rule, all rows of a file are held in memory. ``made`` are fields that ``complete`` makes where
    the file does not say them, and what they are where a default does not say it either. ``never_changes`` are columns
    in which a row and one of its identity that is there agree, unless it is about something else. The rows of a
    ``is_log`` may have no numbers: these are made of what the rows say. ``area`` has its rollups refreshed (None: every
    area; empty: none, as the rows count in no figure). ``brings`` are codes of the indicators that
    its rows bring beside those of the area's first table. ``load_beside`` writes what belongs into other tables and returns the identities for which that changed
    anything.
    """

    name: str
    zh: str
    en: str
    table: Table
    area: str | None
    identity: tuple[str, ...]
    fields: tuple[Field, ...]
    unique: tuple[str, ...] = ()
    same_when_moved: str = ""
    left_behind: tuple[str, ...] = ()
    never_changes: tuple[str, ...] = ()
    is_log: bool = False
    complete: Callable[[Columns], None] = lambda columns: None
    made: Mapping[str, str] = field(default_factory=dict)
    rule: Callable[[Values, Places], Iterable[Fault]] | None = None
    together: Callable[[Sequence[tuple[int, Values]], Places], Iterable[tuple[int, Fault]]] | None = None
    brings: tuple[str, ...] = ()
    load_beside: Callable[[Connection, Sequence[Values]], set[Any]] | None = None

    def __post_init__(self) -> None:
        known = (replace(ours, headers=headers_in(shipped_headers(), self.name, ours.name)) for ours in self.fields)
        object.__setattr__(self, "fields", tuple(known))

    @property
    def may_change(self) -> frozenset[str]:
        """The columns of which a number cannot be made: those that change while a row is about the same."""
        return frozenset(ours.key for ours in self.fields if ours.may_change)

    def label(self, name: str) -> str:
        """What the field of this name is called; the name itself where there is none."""
        return next((ours.label for ours in self.fields if ours.name == name), name)

    def is_personal(self, ours: Field) -> bool:
        """Whether a field's values say who somebody is: messages and previews mask them."""
        column = self.table.c.get(ours.key)
        return column is not None and bool(column.info.get("is_personal"))


def begin_on_that_day(columns: Columns, start: str, ends: Sequence[str]) -> None:
    """A date alone says nothing of the time of day: on the day of the start it means "after the start"."""

    def is_on_that_day(begun: datetime | None, ended: datetime | None) -> bool:
        if begun is None or ended is None or ended >= begun:
            return False
        return ended.time() == time.min and ended.date() == begun.date()

    for name in ends:
        if name in columns:
            pairs = zip(columns[start], columns[name], strict=True)
            columns[name] = [begun if is_on_that_day(begun, ended) else ended for begun, ended in pairs]
