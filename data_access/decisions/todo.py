"""Decisions in 今日待办 of their owners: past due without the promise kept, due today, due in three days."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Engine

from data_access.decisions.items import WARNINGS, Item, items
from data_access.scope import Scope
from data_access.todo.to_do import COLUMNS, ToDo, Urgency, none

_SOON = dict(WARNINGS)["red"]


def decisions_to_do(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Decisions that are to be seen to, of the scope's townships and, where these are all, of departments: COLUMNS."""
    found = pd.DataFrame(
        [(*_owner(one), urgency, float(-(one.days_left or 0))) for one, urgency in _to_do(engine, scope)],
        columns=["township_code", "department", "urgency", "longest"],
    )
    if found.empty:
        return none()
    found["longest"] = found["longest"].where(found["urgency"] == "late")
    counts = found.groupby(["township_code", "department", "urgency"], dropna=False)["longest"].agg(["size", "max"])
    return counts.rename(columns={"size": "count", "max": "longest"}).reset_index()[list(COLUMNS)]


def list_decisions(engine: Engine, scope: Scope, urgency: Urgency, limit: int) -> pd.DataFrame:
    """Such decisions, the first due first: township_code, department, title, due_at."""
    found = [one for one, of in _to_do(engine, scope) if of == urgency]
    found.sort(key=lambda one: one.decision.due_on)
    rows = [(*_owner(one), one.decision.what, pd.Timestamp(one.decision.due_on)) for one in found[:limit]]
    return pd.DataFrame(rows, columns=["township_code", "department", "title", "due_at"])


def _to_do(engine: Engine, scope: Scope) -> list[tuple[Item, Urgency]]:
    townships, departments = scope.within(), dict(scope.where).get("department")
    return [
        (one, urgency)
        for one in items(engine, scope.viewer)
        if (urgency := _urgency(one))
        and (townships is None or one.decision.owner.township_code in townships)
        and (departments is None or one.decision.owner.department in departments)
    ]


def _owner(item: Item) -> tuple[str, str | None]:
    return item.decision.owner.township_code, item.decision.owner.department or None


def _urgency(item: Item) -> Urgency | None:
    """How urgent it is for its owner; None: it is kept, judged, withdrawn, frozen with its month, or not near its due date."""
    days = item.days_left
    if days is None or item.kept_month or item.state in ("kept", "withdrawn") or item.decision.judgement:
        return None
    if days <= 0:
        return "late" if days else "now"
    return "soon" if days <= _SOON and item.verdict.outcome != "kept" else None


TO_DO = (
    ToDo(
        "decisions", None, "督办事项", "Decisions", ("件", "decisions"),
        "到期没有兑现（含待判定、数据不足）、还没有随月定版的督办事项；今天到期的；3 天内到期、还没有达到承诺的",
        "Decisions past due whose promise is not kept (to be judged and too few data among them) and that are not frozen with "
        "their month; due today; due in three days and not as promised yet",
        {"late": ("到期未兑现", "past due, not kept"), "now": ("今天到期", "due today"), "soon": ("3 天内到期", "due in 3 days")},
        decisions_to_do, list_decisions,
        way=lambda _urgency, _as_of: ("decisions", {}),
        longest=("最长 {:.0f} 天", "longest {:.0f} days"),
        has_departments=True,
    ),
)  # fmt: skip
