"""Decisions with what came of them, as far as the data reach or as it was kept with the month."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Literal

from sqlalchemy import Connection, Engine, select

from data_access.access import UNRESTRICTED, Viewer
from data_access.decisions.measuring import live_verdicts
from data_access.decisions.records import Decision, decisions
from data_access.decisions.tables import decision_verdict
from data_access.decisions.verdicts import NOTHING, Counted, Verdict
from data_access.indicators import INDICATORS
from data_access.model.data_state import as_of_dates

# From so many days before the due date on, the nearest first
Warning = Literal["red", "yellow", "blue"]
WARNINGS: tuple[tuple[Warning, int], ...] = (("red", 3), ("yellow", 7), ("blue", 15))
# Days after which the data are no longer those of now
_LATEST_DATA = 62
State = Literal["running", "kept", "partly", "missed", "insufficient", "pending", "withdrawn"]
STATES: tuple[State, ...] = ("running", "kept", "partly", "missed", "insufficient", "pending", "withdrawn")


@dataclass(frozen=True)
class Item:
    """A decision and what came of it. ``days_left``: from the newest data to the due date, below 0 after it; None: no data.

    ``kept_month``: the month with which the verdict was frozen; empty: it follows the data. ``is_withheld``: its figures would
    tell of single cases that the viewer may not see, and are not there.
    """

    decision: Decision
    verdict: Verdict
    days_left: int | None
    kept_month: str = ""
    is_withheld: bool = False

    @property
    def is_due(self) -> bool:
        """Whether the newest data reach the due date."""
        return self.days_left is not None and self.days_left <= 0

    @property
    def state(self) -> State:
        """Withdrawn; running until it is due; then what came of it."""
        if self.decision.withdrawn_at is not None:
            return "withdrawn"
        is_over = self.is_due or bool(self.kept_month) or self.decision.judgement is not None
        return self.verdict.outcome if is_over else "running"

    @property
    def warning(self) -> Warning | None:
        """How near the due date is, of what is running and not as promised yet."""
        if self.state != "running" or self.days_left is None or self.verdict.outcome == "kept":
            return None
        return next((warning for warning, days in WARNINGS if self.days_left <= days), None)


def items(engine: Engine, viewer: Viewer) -> tuple[Item, ...]:
    """The decisions that a viewer sees, the last decided first, with their verdicts."""
    with engine.connect() as connection:
        return with_verdicts(connection, viewer, decisions(connection, viewer))


def with_verdicts(connection: Connection, viewer: Viewer, found: Sequence[Decision]) -> tuple[Item, ...]:
    """The decisions, which the viewer sees, with their verdicts: of all data, the same to everybody."""
    as_of = as_of_dates(connection)
    newest = max(as_of.values(), default=None)
    t = decision_verdict.c
    kept = {
        row.decision_id: (row.month, verdict_in(row.content))
        for row in connection.execute(select(t.decision_id, t.month, t.content))
    }
    live = [one for one in found if one.id not in kept and one.withdrawn_at is None]
    verdicts = live_verdicts(connection, UNRESTRICTED, live, as_of)
    told = []
    own = viewer.of_cases()
    for one in found:
        month, verdict = kept.get(one.id, ("", verdicts.get(one.id, Verdict("pending", is_final=False))))
        days = None if newest is None else (one.due_on - newest.date()).days
        item = Item(one, verdict, days, month)
        told.append(item if _tells_figures(own, one) else _without_figures(item))
    return tuple(told)


def _tells_figures(own: Viewer, one: Decision) -> bool:
    """Whether who sees these cases (``Viewer.of_cases``) may know the figures of a decision: of cases only of such."""
    indicator = INDICATORS.get(one.indicator)
    if indicator is not None and not own.sees(indicator.data_area):
        return False
    if one.is_of_department:
        return own.townships is None and (own.departments is None or one.owner.department in own.departments)
    townships = {township_code for township_code, _ in one.cases}
    return not townships or (
        own.departments is None and townships <= set(own.within(tuple(townships), "petitions") or ())
    )


def _without_figures(item: Item) -> Item:
    verdict = replace(item.verdict, now=NOTHING, low=None, high=None, is_chance=None)
    return replace(item, decision=replace(item.decision, start=NOTHING, cases=()), verdict=verdict, is_withheld=True)


def written_verdict(verdict: Verdict) -> str:
    """A verdict as it is kept: JSON."""
    return json.dumps(asdict(verdict), ensure_ascii=False, allow_nan=False, sort_keys=True)


def verdict_in(content: str) -> Verdict:
    """The verdict that :func:`written_verdict` wrote."""
    given = json.loads(content)
    return Verdict(**{**given, "now": Counted(**given["now"]), "left_out": tuple(given["left_out"])})


def meeting_day(newest: datetime | None, today: date) -> date:
    """The day of a meeting unless somebody says another: today, or of a county whose data ended long ago their last day."""
    if newest is None or abs((today - newest.date()).days) <= _LATEST_DATA:
        return today
    return newest.date()
