"""Writing notes: by who loads data or evaluates, on record, never over what somebody else has changed, and taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, insert, select

from data_access.access import NotAllowed, Viewer
from data_access.audit.deeds import record, told_by
from data_access.audit.tables import deed
from data_access.database import begin_writing
from data_access.importing.problems import ValueProblem
from data_access.importing.values import day_or_month
from data_access.notes.kept import Note, is_in_order
from data_access.notes.tables import dated_note
from data_access.places.tables import township
from data_access.problems import Problem
from data_access.settings.changing import count_change

# What deeds are called that write a note, change it and take it away
WRITTEN, CHANGED, REMOVED = KINDS = ("note-written", "note-changed", "note-removed")
LONGEST = 200
LONGEST_KIND = 64
_LISTED = 200


class NoteProblem(Problem):
    """A note that cannot be kept."""


class NoteOvertaken(NoteProblem):
    """Somebody has changed the note since."""


def may_write(by: Viewer, township_code: str) -> bool:
    """Whether they may write notes on a township (empty: on the county): who loads data or evaluates, on what they see.

    Whose cases are those of some townships writes of these alone.
    """
    if not (by.may("import") or by.may("evaluate")):
        return False
    own = [townships for townships in (by.townships, by.case_townships) if townships is not None]
    return all(township_code in townships for townships in own)


def _require(by: Viewer, township_code: str) -> None:
    if may_write(by, township_code):
        return
    if not (by.may("import") or by.may("evaluate")):
        raise NotAllowed(
            "您的账号不能写事件注记，要有导入数据或评比的权限。请联系管理员。",
            "Your account may not write notes: that takes the right to import or to evaluate. Ask your administrator.",
        )
    raise NotAllowed(
        "您只能写本镇街的事件注记，全县的和别的镇街的请由县里写。",
        "You may write notes on your own townships only; those on the county and on others are the county's.",
    )


def drafted(begins: str, ends: str, township_code: str, words: str, kind: str) -> Note:
    """The note that a form's texts make, with a number of its own. Raises NoteProblem for what cannot be read."""
    first, last = _date(begins, "开始日期", "The beginning"), _date(ends, "结束日期", "The end")
    if first is None:
        raise NoteProblem(
            "请写开始日期，如 2023-06-12；从某月起的，写 2023-05。",
            "Write when it begins: 2023-06-12, or 2023-05 for what holds from a month on.",
        )
    if last and not is_in_order(first, last):
        raise NoteProblem("结束日期早于开始日期。", "The end is before the beginning.")
    words, kind = " ".join(words.split()), " ".join(kind.split())
    if not 0 < len(words) <= LONGEST:
        raise NoteProblem(
            f"请写发生了什么，最多 {LONGEST} 个字。", f"Write what happened, in up to {LONGEST} characters."
        )
    if len(kind) > LONGEST_KIND:
        raise NoteProblem(f"类别最多 {LONGEST_KIND} 个字。", f"A kind has up to {LONGEST_KIND} characters.")
    return Note(township_code, uuid4().hex, first, last, words, kind or None)


def _date(written: str, zh: str, en: str) -> str | None:
    try:
        return day_or_month(written)
    except ValueProblem:
        raise NoteProblem(
            f"{zh}没有看懂，请写成 2023-06-12（某日）或 2023-05（某月）。",
            f"{en} is not clear: write 2023-06-12 for a day, or 2023-05 for a month.",
        ) from None


def write_note(engine: Engine, by: Viewer, note: Note) -> None:
    """Keep a new note (:func:`drafted`). Raises NoteProblem, NotAllowed."""
    _require(by, note.township_code)
    with engine.begin() as connection:
        begin_writing(connection)
        _keep(connection, by, None, note)
        _record(connection, by, None, note)


def change_note(engine: Engine, by: Viewer, seen: Note, wanted: Note) -> None:
    """Have a note say what is wanted, which keeps its number; ``seen``: as whoever changes it has seen it.

    Raises NoteOvertaken where it is not that any more, NoteProblem, NotAllowed.
    """
    wanted = replace(wanted, note_no=seen.note_no)
    for note in (seen, wanted):
        _require(by, note.township_code)
    if wanted == seen:
        return
    with engine.begin() as connection:
        begin_writing(connection)
        _require_seen(connection, seen)
        _keep(connection, by, seen, wanted)
        _record(connection, by, seen, wanted)


def remove_note(engine: Engine, by: Viewer, seen: Note) -> None:
    """Take a note away; it can be taken back (:func:`take_back`). Raises as :func:`change_note`."""
    _require(by, seen.township_code)
    with engine.begin() as connection:
        begin_writing(connection)
        _require_seen(connection, seen)
        _keep(connection, by, seen, None)
        _record(connection, by, seen, None)


@dataclass(frozen=True)
class Change:
    """A deed that wrote (``before`` is None), changed or removed (``after`` is None) a note: its number, who, and when."""

    number: int
    by: str
    at: datetime
    before: Note | None
    after: Note | None


def note_changes(connection: Connection, viewer: Viewer) -> Sequence[Change]:
    """What was last done to the notes that the viewer may write, the latest first. Raises NotAllowed."""
    if not (viewer.may("import") or viewer.may("evaluate")):
        _require(viewer, "")
    t = deed.c
    query = select(t.number, t.done_by, t.done_at, t.subject, t.before, t.after).where(t.kind.in_(KINDS))
    rows = connection.execute(query.order_by(t.number.desc()).limit(_LISTED))
    found = (
        Change(row.number, row.done_by, row.done_at, *(_told(row.subject, one) for one in (row.before, row.after)))
        for row in rows
    )
    return [one for one in found if all(may_write(viewer, note.township_code) for note in _both(one))]


def take_back(engine: Engine, by: Viewer, number: int) -> None:
    """Have the note be again what it was before a deed, of that number, by whoever may write it.

    Raises NoteOvertaken where it was changed since, NoteProblem, NotAllowed.
    """
    t = deed.c
    with engine.begin() as connection:
        begin_writing(connection)
        row = connection.execute(
            select(t.subject, t.before, t.after).where(t.number == number, t.kind.in_(KINDS))
        ).one_or_none()
        if row is None:
            raise NoteProblem(
                "这次改动的记录已经不在，不能撤回。", "This change is on record no more and cannot be taken back."
            )
        was, now = (_told(row.subject, one) for one in (row.before, row.after))
        for note in filter(None, (was, now)):
            _require(by, note.township_code)
        if now:
            _require_seen(connection, now)
        elif was and _present(connection, was):
            raise _overtaken(connection, was)
        _keep(connection, by, now, was)
        _record(connection, by, now, was)


def _both(change: Change) -> list[Note]:
    return [note for note in (change.before, change.after) if note]


def _is(note: Note) -> ColumnElement[bool]:
    return and_(dated_note.c.township_code == note.township_code, dated_note.c.note_no == note.note_no)


def _present(connection: Connection, note: Note) -> Note | None:
    """The note as it is now; None: it is gone."""
    t = dated_note.c
    row = connection.execute(
        select(t.township_code, t.note_no, t.begins, t.ends, t.words, t.kind).where(_is(note))
    ).one_or_none()
    return Note(*row) if row else None


def _require_seen(connection: Connection, seen: Note) -> None:
    if _present(connection, seen) != seen:
        raise _overtaken(connection, seen)


def _overtaken(connection: Connection, note: Note) -> NoteOvertaken:
    zh, en = told_by(connection, KINDS, note.note_no, "改动过这条注记", "has changed this note")
    return NoteOvertaken(
        f"没有保存：{zh}。您填的还在，请看过现状再保存。",
        f"Nothing was saved: {en}. What you typed is still here; look at what holds now, then save again.",
    )


def _keep(connection: Connection, by: Viewer, was: Note | None, note: Note | None) -> None:
    """Write the note in the place of what was; a township is a part of its key."""
    if note and note.township_code:
        known = select(township.c.code).where(township.c.code == note.township_code)
        if connection.scalar(known) is None:
            raise NoteProblem(f"没有镇街 {note.township_code}。", f"There is no township {note.township_code}.")
    if was:
        connection.execute(delete(dated_note).where(_is(was)))
    if note:
        now = datetime.now().replace(microsecond=0)
        # Not its batch's any more: undoing that leaves alone what was changed since.
        connection.execute(
            insert(dated_note).values(note_no=note.note_no, **_content(note), written_by=by.name[:120], written_at=now)
        )
    count_change(connection)


def _record(connection: Connection, by: Viewer, was: Note | None, note: Note | None) -> None:
    origin = note or was
    assert origin is not None  # noqa: S101  # for the type checker
    kind = CHANGED if was and note else WRITTEN if note else REMOVED
    before, after = (_content(one) if one else None for one in (was, note))
    record(connection, by, kind, origin.note_no, before, after)


def _content(note: Note) -> dict[str, Any]:
    """What it says, as tables and deeds keep it beside its number."""
    told = ("township_code", "begins", "ends", "words", "kind")
    return {name: value for name, value in asdict(note).items() if name in told}


def _told(note_no: str, kept: str | None) -> Note | None:
    """The note that a deed tells of; None where it tells of none."""
    said: Mapping[str, Any] | None = json.loads(kept or "null")
    return Note(note_no=note_no, **said) if said else None
