"""The notes as they are kept: of a day, of a span, or from a month on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, or_, select

from data_access.access import Viewer, among
from data_access.notes.tables import dated_note
from data_access.scope import month_end

# As long as days are written, 2023-06-12; a month is shorter.
_DAY = 10
MONTH = 7


def first_day(written: str) -> date:
    """The day, or the first one of the month."""
    return date.fromisoformat(written if len(written) == _DAY else f"{written}-01")


def last_day(written: str) -> date:
    """The day, or the last one of the month."""
    return first_day(written) if len(written) == _DAY else month_end(written).date() - timedelta(days=1)


def is_in_order(begins: str, ends: str) -> bool:
    """Whether what ends does not end before it begins; each a day or a month."""
    return first_day(begins) <= last_day(ends)


@dataclass(frozen=True)
class Note:
    """A note: ``begins`` and ``ends`` are days (2023-06-12) or months (2023-05), ``ends`` None where none is told.

    ``township_code``: empty for the county. ``written_by``: None where it came with a file.
    """

    township_code: str
    note_no: str
    begins: str
    ends: str | None
    words: str
    kind: str | None
    written_by: str | None = field(default=None, compare=False)
    written_at: datetime | None = field(default=None, compare=False)

    @property
    def first_day(self) -> date:
        """The day on which it begins."""
        return first_day(self.begins)

    @property
    def last_day(self) -> date | None:
        """Its last day; None where it has no span: a day alone, or a month from which on something holds."""
        return (
            None if self.ends is None or (self.ends == self.begins and len(self.ends) == _DAY) else last_day(self.ends)
        )

    @property
    def is_a_day(self) -> bool:
        """Whether it is on a single day."""
        return len(self.begins) == _DAY and self.last_day is None

    def is_within(self, start: date, end: date) -> bool:
        """Whether a part of it lies from the start to the end, both included; of what holds from a month on, its beginning."""
        return self.first_day <= end and (self.last_day or self.first_day) >= start

    def is_of(self, townships: Collection[str] | None) -> bool:
        """Whether it is on the county, or on one of these townships (None: any)."""
        return not self.township_code or townships is None or self.township_code in townships


def notes(connection: Connection, viewer: Viewer) -> tuple[Note, ...]:
    """The notes that a viewer may see, those on the county and on their townships, in the order of their beginnings."""
    t = dated_note.c
    columns = (t.township_code, t.note_no, t.begins, t.ends, t.words, t.kind, t.written_by, t.written_at)
    is_seen = or_(t.township_code == "", among(t.township_code, viewer.within(None)))
    rows = connection.execute(select(*columns).where(is_seen).order_by(t.begins, t.township_code, t.note_no))
    return tuple(Note(*row) for row in rows)
