"""Searches the audit log, for who administers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, func, or_, select

from data_access.access import Viewer
from data_access.audit.tables import deed


@dataclass(frozen=True)
class Wanted:
    """Which deeds: of a person, of kinds (none: all), from a day to a day, and with some words in what they are about.

    ``codes``: what the record has for what is called by the words.
    """

    by: str | None = None
    kinds: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    words: str = ""
    codes: tuple[str, ...] = ()


def deeds(
    connection: Connection, viewer: Viewer, wanted: Wanted = Wanted(), *, limit: int = 200, offset: int = 0
) -> pd.DataFrame:
    """The deeds, the latest first: number, done_at, done_by, done_from, kind, subject, before, after. Raises NotAllowed."""
    _require(viewer)
    t = deed.c
    columns = (t.number, t.done_at, t.done_by, t.done_from, t.kind, t.subject, t.before, t.after)
    query = _narrowed(select(*columns), wanted).order_by(t.number.desc()).limit(limit).offset(offset)
    return pd.read_sql_query(query, connection)


def deed_count(connection: Connection, viewer: Viewer, wanted: Wanted = Wanted()) -> int:
    """How many deeds there are. Raises NotAllowed."""
    _require(viewer)
    return int(connection.scalar(_narrowed(select(func.count()).select_from(deed), wanted)) or 0)


def people(connection: Connection, viewer: Viewer) -> Sequence[str]:
    """Who has done anything, by name; empty for commands. Raises NotAllowed."""
    _require(viewer)
    return connection.scalars(select(deed.c.done_by).distinct().order_by(deed.c.done_by)).all()


def _require(viewer: Viewer) -> None:
    viewer.require("administer")
    # Deeds tell of every township.
    viewer.require_all()


def _narrowed(query: Select[Any], wanted: Wanted) -> Select[Any]:
    t = deed.c
    if wanted.by is not None:
        query = query.where(t.done_by == wanted.by)
    if wanted.kinds:
        query = query.where(t.kind.in_(wanted.kinds))
    if wanted.since:
        query = query.where(t.done_at >= datetime.combine(wanted.since, time()))
    if wanted.until:
        query = query.where(t.done_at < datetime.combine(wanted.until + timedelta(days=1), time()))
    if words := wanted.words.strip():
        found = (
            column.contains(one, autoescape=True)
            for one in (words, *wanted.codes)
            for column in (t.subject, t.before, t.after)
        )
        query = query.where(or_(*found))
    return query
