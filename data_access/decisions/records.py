"""Decisions as they are kept, and who sees which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, or_, select, true

from data_access.access import Viewer
from data_access.decisions.tables import decision, decision_case, decision_event
from data_access.decisions.verdicts import Counted, Outcome
from data_access.model.indicator import Direction
from data_access.scope import month_end, month_start

Kind = Literal["indicator", "cases", "text"]
EventKind = Literal["extended", "progress", "judged", "withdrawn"]
# A case: its township's code and its number
CaseKey = tuple[str, str]


@dataclass(frozen=True)
class Owner:
    """Whose a decision is: a township (its code), or a department (its name)."""

    township_code: str = ""
    department: str = ""


@dataclass(frozen=True)
class Event:
    """What was said of a decision: an extension with its reason, a word of progress, a judgement, that it was withdrawn."""

    number: int
    kind: EventKind
    told: str
    due_before: date | None
    due_after: date | None
    outcome: Outcome | None
    done_by: str
    done_at: datetime


@dataclass(frozen=True)
class Decision:
    """What was decided. ``first_due_on`` is the due date before any extension; ``start``: the figure when it was decided.

    ``version`` grows with every change but a word of progress.
    """

    id: str
    what: str
    note: str
    owner: Owner
    decided_on: date
    due_on: date
    first_due_on: date
    kind: Kind
    indicator: str
    direction: Direction
    promised: float | None
    is_of_department: bool
    start_first: str
    start_last: str
    start: Counted
    entered_by: str
    entered_at: datetime
    withdrawn_at: datetime | None
    version: int
    events: tuple[Event, ...] = ()
    cases: tuple[CaseKey, ...] = ()

    @property
    def month(self) -> str:
        """The month in which it was decided."""
        return f"{self.decided_on:%Y-%m}"

    @property
    def judgement(self) -> Event | None:
        """The last word of a person on what came of it."""
        return next((event for event in reversed(self.events) if event.kind == "judged"), None)


def sees_every_owner(viewer: Viewer) -> bool:
    """Whether a viewer sees the decisions of every township and department."""
    is_of_some = viewer.case_townships is not None or viewer.case_departments is not None
    return viewer.townships is None and (viewer.may("decide") or not is_of_some)


def _visible(viewer: Viewer) -> ColumnElement[bool]:
    """Whether a decision is one that a viewer sees: of townships or departments of their own, unless they see all."""
    t = decision.c
    if sees_every_owner(viewer):
        return true()
    own: list[ColumnElement[bool]] = []
    if viewer.townships is not None or viewer.case_townships is not None:
        of_cases = None if viewer.case_townships is None else tuple(sorted(viewer.case_townships))
        own.append(t.township_code.in_(viewer.within(of_cases) or ()))
    if viewer.case_departments is not None:
        own.append(t.department.in_(viewer.case_departments - {""}))
    return or_(*own)


def decisions(
    connection: Connection,
    viewer: Viewer,
    *,
    ids: tuple[str, ...] | None = None,
    due_month: str | None = None,
) -> tuple[Decision, ...]:
    """The decisions that a viewer sees, the last decided first, each with what was said of it and the keys of its cases.

    ``ids``, ``due_month`` (YYYY-MM): of these alone.
    """
    t = decision.c
    wanted = [_visible(viewer)]
    if ids is not None:
        wanted.append(t.id.in_(ids))
    if due_month is not None:
        wanted += [t.due_on >= month_start(due_month).date(), t.due_on < month_end(due_month).date()]
    order = (t.decided_on.desc(), t.entered_at.desc(), t.id)
    rows = connection.execute(select(decision).where(*wanted).order_by(*order)).all()
    of_these = select(decision.c.id).where(*wanted)
    events: dict[str, list[Event]] = {}
    e = decision_event.c
    said = select(decision_event).where(e.decision_id.in_(of_these)).order_by(e.decision_id, e.number)
    for row in connection.execute(said).all():
        event = Event(
            row.number,
            row.kind,
            row.told,
            row.due_before,
            row.due_after,
            row.outcome or None,
            row.done_by,
            row.done_at,
        )
        events.setdefault(row.decision_id, []).append(event)
    cases: dict[str, list[CaseKey]] = {}
    c = decision_case.c
    keys = select(c.decision_id, c.township_code, c.case_no).where(c.decision_id.in_(of_these))
    for decision_id, township_code, case_no in connection.execute(keys.order_by(c.township_code, c.case_no)).all():
        cases.setdefault(decision_id, []).append((township_code, case_no))
    return tuple(_decision(row, events.get(row.id, ()), cases.get(row.id, ())) for row in rows)


def _decision(row: Row[Any], events: Sequence[Event], cases: Sequence[CaseKey]) -> Decision:
    return Decision(
        row.id,
        row.what,
        row.note,
        Owner(row.township_code, row.department),
        row.decided_on,
        row.due_on,
        row.first_due_on,
        row.kind,
        row.indicator,
        row.direction,
        row.promised,
        row.is_of_department,
        row.start_first,
        row.start_last,
        Counted(row.start_value, row.start_numerator, row.start_denominator),
        row.entered_by,
        row.entered_at,
        row.withdrawn_at,
        row.version,
        tuple(events),
        tuple(cases),
    )
