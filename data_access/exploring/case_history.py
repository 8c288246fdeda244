"""Everything about one case, in the order of time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, and_, or_, select

from data_access.access import Viewer, masked
from data_access.areas.petitions.area import CATEGORIES
from data_access.areas.petitions.closing import is_open
from data_access.areas.petitions.tables import petition
from data_access.importing.history import history
from data_access.model.data_state import as_of_dates
from data_access.model.narrowing import visible
from data_access.places.tables import village

What = Literal[
    "received", "signed", "due", "replied", "closed", "called_back", "repeats", "repeated", "imported", "as_of"
]
# What an import may change without anybody's name or words being shown
_TOLD = (*CATEGORIES, "department", "status", "due_at", "closed_at")


@dataclass(frozen=True)
class CaseEvent:
    """Something that happened to a case. ``at`` is None where the source does not say when; ``detail`` says more."""

    what: What
    at: datetime | None
    detail: str = ""


@dataclass(frozen=True)
class Case:
    """A case: ``facts`` are its columns (the petitioner masked, no telephone, no text) and its village's name."""

    facts: dict[str, Any]
    events: tuple[CaseEvent, ...]


def case_history(connection: Connection, asked: tuple[Viewer, str, str]) -> Case | None:
    """The case of a township (code) and number; None where there is none that the viewer may see."""
    viewer, township_code, case_no = asked
    c, own = petition.c, visible(petition, viewer.of_cases())
    shown = [column for column in c if column.name not in ("phone", "text", "batch_id", "recorded")]
    mine = and_(c.township_code == township_code, c.case_no == case_no, own)
    query = select(*shown, village.c.name.label("village"), is_open(c.closed_at).label("is_open")).outerjoin(
        village, village.c.code == c.village_code
    )
    row = connection.execute(query.where(mine)).mappings().one_or_none()
    if row is None:
        return None
    facts = dict(row)
    is_known_open = bool(facts.pop("is_open"))
    facts["petitioner"] = masked(facts["petitioner"]) if facts["petitioner"] and viewer.may("persons") else None
    events = [
        CaseEvent("received", facts["received_at"], facts["channel"] or ""),
        *(
            CaseEvent(what, facts[f"{what}_at"])
            for what in ("signed", "due", "replied", "closed")
            if facts[f"{what}_at"]
        ),
    ]
    if facts["called_back"]:
        answers = ("resolved", "satisfied")
        events.append(CaseEvent("called_back", None, json.dumps({name: facts[name] for name in answers})))
    related = connection.execute(
        select(c.case_no, c.received_at, c.repeat_of).where(
            c.township_code == township_code,
            c.invalid_reason.is_(None),
            own,
            or_(c.repeat_of == case_no, c.case_no == (facts["repeat_of"] or "")),
        )
    ).all()
    for number, received_at, repeat_of in related:
        events.append(CaseEvent("repeated" if repeat_of == case_no else "repeats", received_at, number))
    events += _imports(connection, township_code, case_no)
    if is_known_open and (as_of := as_of_dates(connection).get("petitions")):
        events.append(CaseEvent("as_of", as_of))
    order = {what: place for place, what in enumerate(("received", "signed", "replied", "closed", "called_back"))}
    last = max((event.at for event in events if event.at and event.what in order), default=facts["received_at"])
    return Case(facts, tuple(sorted(events, key=lambda event: (event.at or last, order.get(event.what, 9)))))


def _imports(connection: Connection, township_code: str, case_no: str) -> list[CaseEvent]:
    """When imports changed the case, and what of it had been otherwise."""
    by_batch: dict[tuple[str, datetime], dict[str, Any]] = {}
    for change in history(connection, petition, {"township_code": township_code, "case_no": case_no}):
        told = by_batch.setdefault((change.batch, change.when), {})
        if change.field in _TOLD:
            told[change.field] = change.before.isoformat(" ") if isinstance(change.before, datetime) else change.before
    return [CaseEvent("imported", when, json.dumps(told, ensure_ascii=False)) for (_, when), told in by_batch.items()]
