"""Freezing a month by two persons: one proposes, another confirms what is still the same, or either takes it back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, Engine, and_, delete, insert, select

from data_access.access import Viewer
from data_access.audit.deeds import record, told_by
from data_access.audit.tables import deed
from data_access.database import begin_writing
from data_access.evaluation.confirming import is_same_person
from data_access.evaluation.records import Frozen, RecordProblem, Stage, candidate_of, keep
from data_access.evaluation.scoring import Evaluation
from data_access.evaluation.tables import evaluation_proposal


@dataclass(frozen=True)
class Proposal:
    """What somebody proposes to freeze. ``sha256``: see ``records.Candidate``."""

    scheme: str
    month: str
    version: int
    stage: Stage
    reason: str
    sha256: str
    proposed_by: str
    proposed_at: datetime


def proposal(engine: Engine, viewer: Viewer, scheme: str, month: str) -> Proposal | None:
    """What waits to be confirmed; None where nothing does. Raises NotAllowed."""
    viewer.require_all()
    with engine.connect() as connection:
        return _open(connection, scheme, month)


def propose(
    engine: Engine,
    evaluation: Evaluation,
    by_hand: pd.DataFrame,
    excluded: pd.DataFrame,
    *,
    by: Viewer,
    reason: str = "",
    stage: Stage = "final",
    now: datetime | None = None,
) -> Proposal:
    """Propose to freeze a month's result. Raises what ``records.freeze`` does, and RecordProblem where something waits already."""
    _require_signed_in(by)
    moment = (now or datetime.now()).replace(microsecond=0)
    with engine.begin() as connection:
        begin_writing(connection)
        if waiting := _open(connection, evaluation.scheme.id, evaluation.month):
            raise RecordProblem(
                f"{waiting.proposed_by} 已于 {waiting.proposed_at:%Y-%m-%d %H:%M} 提出第 {waiting.version} 版，还在等人确认。",
                f"{waiting.proposed_by} proposed version {waiting.version} at {waiting.proposed_at:%Y-%m-%d %H:%M}; it waits "
                "to be confirmed.",
            )
        found = candidate_of(connection, evaluation, by_hand, excluded, stage, reason, moment)
        made = Proposal(
            evaluation.scheme.id,
            found.month,
            found.version,
            found.stage,
            found.reason,
            found.sha256,
            by.name[:120],
            moment,
        )
        connection.execute(insert(evaluation_proposal).values(asdict(made)))
        told = {name: getattr(made, name) for name in ("scheme", "month", "version", "stage", "reason", "sha256")}
        record(connection, by, "freeze-proposed", found.subject, after=told)
    return made


def confirm(
    engine: Engine,
    evaluation: Evaluation,
    by_hand: pd.DataFrame,
    excluded: pd.DataFrame,
    *,
    by: Viewer,
    now: datetime | None = None,
) -> Frozen:
    """Freeze what another person proposed, if it is still the same. Raises RecordProblem, NotAllowed."""
    _require_signed_in(by)
    moment = (now or datetime.now()).replace(microsecond=0)
    with engine.begin() as connection:
        begin_writing(connection)
        waiting = _required(connection, evaluation.scheme.id, evaluation.month)
        if is_same_person(waiting.proposed_by, by.name):
            raise RecordProblem(
                "这是您自己提出的，要由另一个人确认。", "You proposed it yourself: another person has to confirm it."
            )
        found = candidate_of(connection, evaluation, by_hand, excluded, waiting.stage, waiting.reason, moment)
        if (found.version, found.sha256) != (waiting.version, waiting.sha256):
            raise RecordProblem(
                f"{waiting.proposed_by} 提出之后数据或加减分有变化，与提出的不同，没有定版；请退回，再重新提出。",
                f"What {waiting.proposed_by} proposed has changed since; nothing was frozen. Reject it, and propose anew.",
            )
        _remove(connection, waiting)
        return keep(connection, found, by, by.name, moment, proposed_by=waiting.proposed_by)


def take_back(engine: Engine, scheme: str, month: str, *, by: Viewer) -> None:
    """Withdraw one's own proposal, or reject another's. Raises RecordProblem where it is gone already, and NotAllowed."""
    _require_signed_in(by)
    with engine.begin() as connection:
        begin_writing(connection)
        waiting = _required(connection, scheme, month)
        _remove(connection, waiting)
        kind = "freeze-withdrawn" if is_same_person(waiting.proposed_by, by.name) else "freeze-rejected"
        told = {"version": waiting.version, "sha256": waiting.sha256, "proposed_by": waiting.proposed_by}
        record(connection, by, kind, f"{scheme} {month}", before=told)


def _require_signed_in(by: Viewer) -> None:
    by.require("evaluate")
    if not by.is_signed_in:
        raise RecordProblem(
            "两人定版要登录后才能用。", "Freezing by two persons takes accounts that people sign in with."
        )


def _open(connection: Connection, scheme: str, month: str) -> Proposal | None:
    t = evaluation_proposal.c
    row = connection.execute(select(evaluation_proposal).where(t.scheme == scheme, t.month == month)).one_or_none()
    return None if row is None else Proposal(**row._mapping)


def _required(connection: Connection, scheme: str, month: str) -> Proposal:
    """What waits to be confirmed. Raises RecordProblem, with what became of it, where nothing does."""
    if waiting := _open(connection, scheme, month):
        return waiting
    t, subject = deed.c, f"{scheme} {month}"
    ends = {
        "frozen": ("确认", "confirmed it"),
        "freeze-withdrawn": ("撤回", "withdrew it"),
        "freeze-rejected": ("退回", "rejected it"),
    }
    of_month = select(t.kind).where(t.subject == subject, t.kind.in_(ends)).order_by(t.number.desc())
    last = connection.scalar(of_month.limit(1))
    if last is None:
        raise RecordProblem("没有等人确认的定版。", "Nothing waits to be confirmed.")
    zh, en = told_by(connection, [last], subject, *ends[last])
    raise RecordProblem(f"{zh}。", f"{en[:1].upper()}{en[1:]}.")


def _remove(connection: Connection, waiting: Proposal) -> None:
    t = evaluation_proposal.c
    connection.execute(delete(evaluation_proposal).where(and_(t.scheme == waiting.scheme, t.month == waiting.month)))
