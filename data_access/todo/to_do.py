"""What a thing to do is: how it is counted, told and listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import pandas as pd
from sqlalchemy import Engine

from data_access.scope import Scope

# late: a date or a limit is passed; now: due today, or to be done without a date; soon: the date or the limit is near
Urgency = Literal["late", "now", "soon"]
URGENCIES: tuple[Urgency, ...] = ("late", "now", "soon")
COLUMNS = ("township_code", "department", "urgency", "count", "longest")

# A page and what its address asks for
Way = tuple[str, Mapping[str, tuple[str, ...]]]
# At most so many rows of an urgency
Rows = Callable[[Engine, Scope, Urgency, int], pd.DataFrame]


@dataclass(frozen=True)
class ToDo:
    """One kind of thing to do, by how urgent it is.

    ``code`` stands in the address. ``area``: whose as-of moment is today, and who may see it; None: whoever sees figures.
    ``told``: the urgencies that it has, each in a few words (已超期). ``unit``: what is counted.

    ``count`` gives COLUMNS for a scope, a row for each that has any, and of what has departments those of its viewer
    alone: ``department`` is who answers for it, empty where that is not recorded, and missing where it is not told apart; ``longest`` is the furthest past its date or limit, which
    ``longest`` words ("最长 {:.0f} 天"). Its months are the last finished one: what has a date of its own goes by the
    as-of moment instead. ``rows`` lists at most so many of an urgency, the most urgent first, by the names of
    ``areas.COLUMNS``, of which ``listed`` are shown (none named: all), of cases these first; where the scope is narrowed to a ``department``, of
    that one. ``way``: the page where they are listed, if there is one, given the as-of moment of the area.

    ``known_by``: the indicator whose absence says that a township's source does not tell; None: it is always known.
    ``needs_cases``: urgencies so fine that they take the right to see cases (data_access.small_counts).
    """

    code: str
    area: str | None
    zh: str
    en: str
    unit: tuple[str, str]
    definition_zh: str
    definition_en: str
    told: Mapping[Urgency, tuple[str, str]]
    count: Callable[[Engine, Scope], pd.DataFrame]
    rows: Rows | None = None
    listed: tuple[str, ...] = ()
    way: Callable[[Urgency, datetime], Way | None] = lambda _urgency, _as_of: None
    longest: tuple[str, str] | None = None
    known_by: str | None = None
    has_departments: bool = False
    needs_cases: frozenset[Urgency] = frozenset()

    def counted(self, counts: pd.DataFrame) -> pd.DataFrame:
        """What ``count`` gave of this thing to do: a column ``code`` tells those apart that are counted at once."""
        return counts[counts["code"] == self.code] if "code" in counts else counts


def of_own(scope: Scope) -> Scope:
    """The same of the townships that its viewer answers for, if these are some; departments are narrowed to by ``count``."""
    own = scope.viewer.case_townships
    if own is None:
        return scope
    asked = sorted(own) if scope.townships is None else scope.townships
    return replace(scope, townships=tuple(code for code in asked if code in own))


def by_urgency(counts: pd.DataFrame, code: str | None = None) -> pd.DataFrame:
    """COLUMNS of rows with a column for each urgency, and ``longest`` of those that are late; without the empty ones.

    ``code``: of which thing to do, where several are counted at once.
    """
    present = [urgency for urgency in URGENCIES if urgency in counts]
    rows = [
        (row["township_code"], row.get("department"), urgency, int(row[urgency]), row.get("longest"))
        for row in counts.to_dict("records")
        for urgency in present
        if row[urgency] > 0
    ]
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    found["longest"] = found["longest"].astype(float).where(found["urgency"] == "late")
    return found if code is None else found.assign(code=code)


def none() -> pd.DataFrame:
    """COLUMNS of nothing."""
    return pd.DataFrame(columns=list(COLUMNS))
