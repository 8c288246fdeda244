"""Projects as rows that can be counted."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import or_

from data_access.areas.projects.rollup import project_register
from data_access.areas.projects.tables import project, project_report
from data_access.model.facts import FactRows, Facts, Span, answer
from data_access.model.rollup import named


def _projects(span: Span) -> FactRows:
    months = span.periods
    p, r = project.c, project_report.c
    register, measures = project_register(months)
    (joined,) = register.get_final_froms()
    return FactRows(
        joined,
        None,
        {
            "township_code": p.township_code,
            "month": months.c.month,
            "village_code": named(p.village_code),
            "project_kind": named(p.kind),
            "stage": named(r.stage),
            "responsible": named(p.department),
            "over_budget": answer(
                (or_(r.invested_yuan.is_(None), p.budget_yuan.is_(None)), "unknown"),
                (r.invested_yuan > p.budget_yuan, "yes"),
                otherwise="no",
            ),
            "is_behind": answer((r.progress.is_(None), "unknown"), (measures["behind"] == 1, "yes"), otherwise="no"),
        },
        measures,
        () if register.whereclause is None else (register.whereclause,),
        (p.township_code, p.project_id),
        (p.name, p.project_id),
        {
            "project_id": p.project_id,
            "project_name": p.name,
            "village_code": p.village_code,
            "project_kind": p.kind,
            "stage": r.stage,
            "progress": r.progress,
            "gap": measures["gap_points"],
            "budget_yuan": p.budget_yuan,
            "invested_yuan": r.invested_yuan,
            "planned_end": p.planned_end,
            "delay_reason": r.delay_reason,
            "responsible": p.department,
        },
        frozenset({"gap_points", "done_points", "planned_points", "budget_yuan", "invested_yuan"}),
    )


FACTS: Mapping[str, Facts] = {"projects": _projects}
