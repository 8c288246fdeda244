"""Taking decisions, extending, judging and withdrawing them, and words of progress; each on record, none over another's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, func, insert, select, update

from data_access.access import UNRESTRICTED, NotAllowed, Viewer
from data_access.areas.petitions.tables import petition, petition_department_month
from data_access.audit.deeds import record, told_by
from data_access.database import begin_writing
from data_access.decisions.items import with_verdicts
from data_access.decisions.measuring import figures, is_known_by_department, measured_of
from data_access.decisions.records import CaseKey, Decision, EventKind, Kind, Owner, decisions
from data_access.decisions.tables import decision, decision_case, decision_event, decision_verdict
from data_access.decisions.verdicts import (
    NOTHING,
    Counted,
    Outcome,
    counted_months,
    is_promised,
    months_before,
)
from data_access.model.data_state import as_of_dates
from data_access.model.indicator import Indicator
from data_access.places.tables import township
from data_access.problems import Problem
from data_access.scope import finished_month, month_range

LONGEST_WHAT, LONGEST_NOTE, LONGEST_WORDS = 500, 1000, 500
_LONGEST_DEPARTMENT = 200
MOST_CASES = 300
MOST_OWNERS = 60
# What a person can judge
JUDGED: tuple[Outcome, ...] = ("kept", "partly", "missed")
_CHANGES: Mapping[EventKind, tuple[str, str, str]] = {
    "extended": ("decision-extended", "延期", "extended it"),
    "judged": ("decision-judged", "判定", "judged it"),
    "withdrawn": ("decision-withdrawn", "撤销", "withdrew it"),
}


class DecisionProblem(Problem):
    """A decision that cannot be kept, or changed."""


@dataclass(frozen=True)
class Draft:
    """What is to be decided: the same of each owner. Of ``indicator`` (with ``promised``), ``cases`` or neither at most one."""

    what: str
    owners: tuple[Owner, ...]
    decided_on: date
    due_on: date
    note: str = ""
    indicator: Indicator | None = None
    promised: float | None = None
    cases: tuple[CaseKey, ...] = ()

    @property
    def kind(self) -> Kind:
        """What the verdict will go by."""
        return "indicator" if self.indicator is not None else "cases" if self.cases else "text"


def decide(engine: Engine, draft: Draft, *, by: Viewer) -> tuple[str, ...]:
    """Take a decision into supervision, one for each owner; their ids. Raises DecisionProblem, NotAllowed."""
    by.require("decide")
    _require(draft)
    with engine.begin() as connection:
        begin_writing(connection)
        for owner in draft.owners:
            _require_owner(connection, by, owner)
        if draft.cases:
            _require_cases(connection, by, draft.cases)
        return tuple(_insert(connection, by, one) for one in _of_each_owner(draft))


def _of_each_owner(draft: Draft) -> list[Draft]:
    """The draft of each owner alone; of cases each township has its own, a department all."""
    found = []
    for owner in draft.owners:
        own = tuple(key for key in draft.cases if not owner.township_code or key[0] == owner.township_code)
        if draft.cases and not own:
            raise DecisionProblem(
                "有的承办镇街没有这些诉求，请去掉它，或分开立项。",
                "One of the townships has none of these cases: leave it out, or decide twice.",
            )
        found.append(replace(draft, owners=(owner,), cases=own))
    if sum(len(one.cases) for one in found) < len(draft.cases):
        raise DecisionProblem(
            "有的诉求不是所选镇街的，请选上它们的镇街。",
            "Some of the cases are of townships that are not chosen: choose these, too.",
        )
    return found


def _insert(connection: Connection, by: Viewer, draft: Draft) -> str:
    (owner,) = draft.owners
    indicator = draft.indicator
    is_of_department = bool(
        owner.department
        and indicator is not None
        and is_known_by_department(indicator)
        and _handles_cases(connection, owner.department)
    )
    start_months, start = ("", ""), NOTHING
    if indicator is not None:
        start_months, start = _start(connection, indicator, owner, draft, is_of_department=is_of_department)
    row = {
        "id": uuid4().hex,
        "what": draft.what.strip(),
        "note": draft.note.strip(),
        "township_code": owner.township_code,
        "department": owner.department,
        "decided_on": draft.decided_on,
        "due_on": draft.due_on,
        "first_due_on": draft.due_on,
        "kind": draft.kind,
        "indicator": indicator.code if indicator else "",
        "direction": indicator.direction if indicator else "",
        "promised": draft.promised if indicator else None,
        "is_of_department": is_of_department,
        "start_first": start_months[0],
        "start_last": start_months[1],
        "start_value": start.value,
        "start_numerator": start.numerator,
        "start_denominator": start.denominator,
        "entered_by": by.name[:120],
        "entered_at": datetime.now().replace(microsecond=0),
        "version": 1,
    }
    connection.execute(insert(decision).values(row))
    if draft.cases:
        keys = [
            {"decision_id": row["id"], "township_code": township_code, "case_no": case_no}
            for township_code, case_no in dict.fromkeys(draft.cases)
        ]
        connection.execute(insert(decision_case), keys)
        (made,) = with_verdicts(connection, by, decisions(connection, by, ids=(str(row["id"]),)))
        closed = {"start_numerator": made.verdict.now.numerator, "start_denominator": made.verdict.now.denominator}
        connection.execute(update(decision).where(decision.c.id == row["id"]).values(**closed))
    told = {"what": row["what"], "owner": _owner_told(owner), "due_on": draft.due_on}
    told |= {"indicator": indicator.code, "promised": f"{draft.promised:,.10g}"} if indicator else {}
    record(
        connection,
        by,
        "decided",
        str(row["id"]),
        after={**told, **({"cases": len(draft.cases)} if draft.cases else {})},
    )
    return str(row["id"])


def _owner_told(owner: Owner) -> str:
    return owner.township_code or owner.department


def start_figure(
    engine: Engine, viewer: Viewer, indicator: Indicator, owner: Owner, decided_on: date, due_on: date
) -> tuple[tuple[str, str], Counted]:
    """The months before a promise, and the indicator's figure of them, as :func:`decide` would keep it. Raises NotAllowed."""
    with engine.connect() as connection:
        _require_owner(connection, viewer, owner)
        of_department = bool(owner.department) and is_known_by_department(indicator)
        is_of_department = of_department and _handles_cases(connection, owner.department)
        draft = Draft("", (owner,), decided_on, due_on, indicator=indicator)
        return _start(connection, indicator, owner, draft, is_of_department=is_of_department)


def _start(
    connection: Connection, indicator: Indicator, owner: Owner, draft: Draft, *, is_of_department: bool
) -> tuple[tuple[str, str], Counted]:
    as_of = as_of_dates(connection).get(indicator.data_area)
    if as_of is None:
        return ("", ""), NOTHING
    months = months_before(*counted_months(draft.decided_on, draft.due_on), finished_month(as_of))
    place = measured_of(owner.township_code, owner.department, is_of_department)
    ((figure, reason, _),) = figures(connection, UNRESTRICTED, [(indicator, place, month_range(*months))])
    # A sum that lacks months is no start to compare with.
    return months, NOTHING if reason else figure


# --- Changes --------------------------------------------------------------------------------------


def extend(engine: Engine, decision_id: str, due_on: date, reason: str, *, by: Viewer, seen: int) -> None:
    """Put the due date off, with a reason; the first one stays known. ``seen``: the version that whoever does it has seen.

    Raises DecisionProblem, NotAllowed.
    """
    by.require("decide")
    with _changing(engine, decision_id, "extended", reason, by=by, seen=seen) as (connection, one):
        if due_on <= one.due_on:
            raise DecisionProblem(
                f"延期要延到 {one.due_on} 以后；要提前，请撤销后另立。",
                f"An extension ends after {one.due_on}; to bring it forward withdraw it and decide anew.",
            )
        connection.execute(update(decision).where(decision.c.id == one.id).values(due_on=due_on))
        _say(connection, by, one, "extended", reason, due_before=one.due_on, due_after=due_on)
        told = {"what": one.what, "due_on": due_on, "reason": reason.strip()}
        record(connection, by, "decision-extended", one.id, {"due_on": one.due_on}, told)


def judge(engine: Engine, decision_id: str, outcome: Outcome, reason: str, *, by: Viewer, seen: int) -> None:
    """Say what came of a decision that goes by no figure, with a reason. Raises DecisionProblem, NotAllowed."""
    by.require("decide")
    if outcome not in JUDGED:
        raise DecisionProblem("请选兑现、部分兑现或未兑现。", "Choose kept, partly kept or missed.")
    with _changing(engine, decision_id, "judged", reason, by=by, seen=seen) as (connection, one):
        if one.kind != "text":
            raise DecisionProblem(
                "这一件按数字判定，不由人判定。", "What came of this one is told by figures, not by a person."
            )
        before = {"outcome": one.judgement.outcome} if one.judgement else {}
        _say(connection, by, one, "judged", reason, outcome=outcome)
        told = {"what": one.what, "outcome": outcome, "reason": reason.strip()}
        record(connection, by, "decision-judged", one.id, before, told)


def withdraw(engine: Engine, decision_id: str, reason: str, *, by: Viewer, seen: int) -> None:
    """Take a decision back, with a reason; it stays listed as withdrawn. Raises DecisionProblem, NotAllowed."""
    by.require("decide")
    with _changing(engine, decision_id, "withdrawn", reason, by=by, seen=seen) as (connection, one):
        moment = datetime.now().replace(microsecond=0)
        connection.execute(update(decision).where(decision.c.id == one.id).values(withdrawn_at=moment))
        _say(connection, by, one, "withdrawn", reason)
        record(connection, by, "decision-withdrawn", one.id, after={"what": one.what, "reason": reason.strip()})


def add_progress(engine: Engine, decision_id: str, words: str, *, by: Viewer) -> None:
    """Add a word of progress: whoever decides, and whose decision it is. Raises DecisionProblem, NotAllowed."""
    _require_words(words)
    with engine.begin() as connection:
        begin_writing(connection)
        one = _found(connection, by, decision_id)
        if not may_add_progress(by, one):
            raise NotAllowed("这不是您承办的督办事项。", "This decision is not yours to carry out.")
        if one.withdrawn_at is not None:
            raise _gone(connection, one)
        _say(connection, by, one, "progress", words)
        record(connection, by, "decision-progress", one.id, after={"what": one.what, "told": words.strip()})


def may_add_progress(viewer: Viewer, one: Decision) -> bool:
    """Whether a word of progress is theirs to add: who decides, and accounts of the township or department that owns it."""
    owner = one.owner
    own_township = owner.township_code in (viewer.case_townships or ())
    return viewer.may("decide") or own_township or owner.department in (viewer.case_departments or ())


@contextmanager
def _changing(
    engine: Engine, decision_id: str, kind: EventKind, reason: str, *, by: Viewer, seen: int
) -> Iterator[tuple[Connection, Decision]]:
    """Begin a change of a decision that stands, is not frozen and was not changed since; its version grows."""
    _require_words(reason)
    with engine.begin() as connection:
        begin_writing(connection)
        one = _found(connection, by, decision_id)
        if one.withdrawn_at is not None:
            raise _gone(connection, one)
        kept = connection.scalar(select(decision_verdict.c.month).where(decision_verdict.c.decision_id == one.id))
        if kept is not None:
            raise DecisionProblem(
                f"结果已随 {kept} 定版，不能再{_CHANGES[kind][1]}。",
                f"What came of it was frozen with {kept}: it cannot be changed any more.",
            )
        if one.version != seen:
            kinds = [known for known, _, _ in _CHANGES.values()]
            zh, en = told_by(connection, kinds, one.id, "改动过", "has changed it")
            raise DecisionProblem(
                f"没有保存：{zh}。您填的还在，请看过现状再保存。",
                f"Nothing was saved: {en}. What you typed is still here; look at what holds now, then save again.",
            )
        connection.execute(update(decision).where(decision.c.id == one.id).values(version=one.version + 1))
        yield connection, one


def _found(connection: Connection, by: Viewer, decision_id: str) -> Decision:
    found = decisions(connection, by, ids=(decision_id,))
    if not found:
        raise DecisionProblem(
            "没有这件督办，或不在您可查看的范围内。", "There is no such decision, or you may not see it."
        )
    return found[0]


def _gone(connection: Connection, one: Decision) -> DecisionProblem:
    zh, en = told_by(connection, ["decision-withdrawn"], one.id, "撤销", "withdrew it")
    return DecisionProblem(f"这件督办已撤销：{zh}。", f"This decision is withdrawn: {en}.")


def _say(connection: Connection, by: Viewer, one: Decision, kind: EventKind, words: str, **more: Any) -> None:
    e = decision_event.c
    last = connection.scalar(select(func.max(e.number)).where(e.decision_id == one.id)) or 0
    row = {
        "decision_id": one.id,
        "number": last + 1,
        "kind": kind,
        "told": words.strip(),
        "outcome": "",
        "done_by": by.name[:120],
        "done_at": datetime.now().replace(microsecond=0),
    }
    connection.execute(insert(decision_event).values({**row, **more}))


# --- What can be kept -----------------------------------------------------------------------------


def _require_words(words: str) -> None:
    if not 0 < len(words.strip()) <= LONGEST_WORDS:
        raise DecisionProblem(
            f"请写明原因或内容（最多 {LONGEST_WORDS} 个字）。", f"Say why, or what (up to {LONGEST_WORDS} characters)."
        )


def _require(draft: Draft) -> None:
    if not 0 < len(draft.what.strip()) <= LONGEST_WHAT:
        raise DecisionProblem(
            f"请写明要办什么（一行，最多 {LONGEST_WHAT} 个字）。",
            f"Say what is to be done (up to {LONGEST_WHAT} characters).",
        )
    if len(draft.note.strip()) > LONGEST_NOTE:
        raise DecisionProblem(f"备注最多 {LONGEST_NOTE} 个字。", f"A note has up to {LONGEST_NOTE} characters.")
    if not 0 < len(set(draft.owners)) == len(draft.owners) <= MOST_OWNERS:
        raise DecisionProblem("请选承办的镇街或单位。", "Choose the townships or the department that shall do it.")
    if draft.due_on < draft.decided_on:
        raise DecisionProblem("限期不能早于议定日期。", "The due date is not before the day of the decision.")
    if len(draft.cases) > MOST_CASES:
        raise DecisionProblem(
            f"一次最多督办 {MOST_CASES} 件诉求，请缩小范围。",
            f"A decision is about {MOST_CASES} cases at most: narrow the list.",
        )
    indicator, promised = draft.indicator, draft.promised
    if indicator is None:
        return
    if draft.cases or not is_promised(indicator):
        raise DecisionProblem(
            f"{indicator.zh}没有好坏方向，不能承诺一个值。",
            f"{indicator.en} has no better direction: nothing can be promised of it.",
        )
    if promised is None or not math.isfinite(promised) or (indicator.is_percentage and not 0 <= promised <= 100):
        raise DecisionProblem(
            "承诺值要写成数，百分比在 0 到 100 之间。",
            "A promised value is a number, of a percentage between 0 and 100.",
        )


def _require_owner(connection: Connection, by: Viewer, owner: Owner) -> None:
    if bool(owner.township_code) == bool(owner.department.strip()) or len(owner.department) > _LONGEST_DEPARTMENT:
        raise DecisionProblem(
            f"承办是一个镇街，或一个单位（名称最多 {_LONGEST_DEPARTMENT} 个字）。",
            f"An owner is a township or a department (a name of up to {_LONGEST_DEPARTMENT} characters).",
        )
    if not owner.township_code:
        if by.townships is not None:
            raise NotAllowed("您只能给自己的镇街立督办。", "You can decide for your own townships alone.")
        return
    if not by.within((owner.township_code,)):
        raise NotAllowed("您只能给自己的镇街立督办。", "You can decide for your own townships alone.")
    if connection.scalar(select(township.c.code).where(township.c.code == owner.township_code)) is None:
        raise DecisionProblem(f"没有镇街 {owner.township_code}。", f"There is no township {owner.township_code}.")


def _handles_cases(connection: Connection, department: str) -> bool:
    """Whether there are cases of a department."""
    t = petition_department_month.c
    return connection.execute(select(t.month).where(t.department == department).limit(1)).first() is not None


def _require_cases(connection: Connection, by: Viewer, cases: Sequence[CaseKey]) -> None:
    """Raise where a case is not there, or the viewer may not see it."""
    p = petition.c
    numbers = {case_no for _, case_no in cases}
    rows = connection.execute(
        select(p.township_code, p.case_no, p.department).where(p.case_no.in_(numbers), p.invalid_reason.is_(None))
    )
    departments = {(row.township_code, row.case_no): row.department for row in rows}
    for key in cases:
        by.require_case(key[0], departments.get(key))
        if key not in departments:
            raise DecisionProblem(
                f"没有编号 {key[1]} 的诉求，或已作废，请核对。",
                f"There is no valid case numbered {key[1]}: check the number.",
            )
