"""Changing a setting: by administrators, on record, and never over what somebody else has changed meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select

from data_access.access import Viewer
from data_access.audit.deeds import canonical, record, told_by
from data_access.audit.tables import deed
from data_access.database import begin_writing
from data_access.places.tables import county_setting
from data_access.problems import Problem

_KIND = "setting-changed"
# The setting that grows with every change, so that pages see that there was one
VERSION = "version"


class SettingProblem(Problem):
    """A setting that cannot be kept."""


class Overtaken(SettingProblem):
    """Somebody has changed the setting since."""


@dataclass(frozen=True)
class Change:
    """The last change of a setting: the number of its deed, who made it, and when."""

    number: int
    by: str
    at: datetime


def last_changes(connection: Connection, by: Viewer) -> dict[str, Change]:
    """The last change of every setting that has been changed, by the subject that the audit log has. Raises NotAllowed."""
    by.require("administer")
    t = deed.c
    latest = select(func.max(t.number)).where(t.kind == _KIND).group_by(t.subject)
    rows = connection.execute(select(t.number, t.subject, t.done_by, t.done_at).where(t.number.in_(latest)))
    return {row.subject: Change(row.number, row.done_by, row.done_at) for row in rows}


@dataclass(frozen=True)
class Changed:
    """What was and what is, as the audit log keeps it."""

    before: str
    after: str


class Changing:
    """A transaction that changes a setting."""

    def __init__(self, connection: Connection, by: Viewer, subject: str) -> None:
        self.connection = connection
        self._by = by
        self._subject = subject

    def keep(self, name: str, value: Any) -> None:
        """Keep a value that JSON can hold under a name; None: as where nobody has set it."""
        self.connection.execute(delete(county_setting).where(county_setting.c.name == name))
        if value is not None:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            self.connection.execute(insert(county_setting).values(name=name, value=text))

    def told(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Changed | None:
        """Record what was and is; None, and nothing is recorded, where that is the same."""
        changed = Changed(canonical(before), canonical(after))
        if changed.before == changed.after:
            return None
        record(self.connection, self._by, _KIND, self._subject, before, after)
        count_change(self.connection)
        return changed


def count_change(connection: Connection) -> None:
    """Have pages see that something was set: what is kept by the version of the data falls."""
    is_version = county_setting.c.name == VERSION
    known = int(connection.scalar(select(county_setting.c.value).where(is_version)) or 0)
    connection.execute(delete(county_setting).where(is_version))
    connection.execute(insert(county_setting).values(name=VERSION, value=str(known + 1)))


@contextmanager
def changing(engine: Engine, by: Viewer, subject: str, seen: int | None = None) -> Iterator[Changing]:
    """Begin to change a setting.

    ``seen``: the number of its last change as whoever changes it has seen it (0: none; None: as it is). Raises NotAllowed,
    and Overtaken where somebody has changed it since.
    """
    by.require("administer")
    with engine.begin() as connection:
        begin_writing(connection)
        last = connection.scalar(select(func.max(deed.c.number)).where(deed.c.kind == _KIND, deed.c.subject == subject))
        if seen is not None and seen != (last or 0):
            zh, en = told_by(connection, [_KIND], subject, "改动过", "has changed it")
            raise Overtaken(
                f"没有保存：{zh}。您填的还在，请看过现状再保存。",
                f"Nothing was saved: {en}. What you typed is still here; look at what holds now, then save again.",
            )
        yield Changing(connection, by, subject)
