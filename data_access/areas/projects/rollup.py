"""How rural projects are counted by month: those on the register at its end, and their reports."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    Connection,
    Insert,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)

from data_access.areas.projects.area import BEHIND_POINTS
from data_access.areas.projects.tables import project, project_month, project_report
from data_access.model.recorded import is_recorded
from data_access.model.rollup import (
    KEPT_STATEMENTS,
    Expression,
    Rollup,
    Shape,
    Slice,
    calendar_of,
    named,
    one_if,
    sums_into,
    sums_of,
)
from data_access.sql_functions import hours_between


def project_register(months: CTE) -> tuple[Select[Any], dict[str, Expression]]:
    """Each project in each period of a calendar at whose end it is on the register; what it adds to the measures."""
    m, p, r = months.c, project.c, project_report.c
    first_report = (
        select(r.township_code, r.project_id, func.min(r.month).label("month"))
        .group_by(r.township_code, r.project_id)
        .subquery("first_report")
    )
    planned = case(
        (m.last_day <= p.planned_start, 0.0),
        (m.last_day >= p.planned_end, 100.0),
        else_=100.0 * hours_between(p.planned_start, m.last_day) / hours_between(p.planned_start, p.planned_end),
    )
    gap = r.progress - planned
    is_reported = r.progress.is_not(None)
    tells_start, tells_end = is_recorded(project, "actual_start"), is_recorded(project, "actual_end")
    is_unfinished = or_(p.actual_end.is_(None), p.actual_end > m.last_day)
    is_behind = and_(is_unfinished, or_(gap < BEHIND_POINTS, p.planned_end < m.last_day))
    register = (
        select(p.township_code)
        .select_from(project)
        .join(months, literal(1) == 1)
        .outerjoin(
            first_report,
            and_(first_report.c.township_code == p.township_code, first_report.c.project_id == p.project_id),
        )
        .outerjoin(
            project_report,
            and_(r.township_code == p.township_code, r.project_id == p.project_id, r.month == m.month),
        )
        .where(or_(first_report.c.month <= m.month, p.planned_start <= m.last_day))
    )
    return register, {
        "projects": literal(1),
        "started": case((tells_start, one_if(p.actual_start <= m.last_day))),
        "starts_recorded": one_if(tells_start),
        "completed": case((tells_end, one_if(p.actual_end <= m.last_day))),
        "ends_recorded": one_if(tells_end),
        "reported": one_if(is_reported),
        "behind": case((is_reported, one_if(is_behind))),
        "gap_points": gap,
        "done_points": r.progress,
        "planned_points": case((is_reported, planned)),
        # Of the projects that tell both; a budget of nothing is none
        "budget_yuan": case((and_(r.invested_yuan.is_not(None), p.budget_yuan > 0), p.budget_yuan)),
        "invested_yuan": case((p.budget_yuan > 0, r.invested_yuan)),
    }


@lru_cache(maxsize=KEPT_STATEMENTS)
def _counting(shape: Shape, count: int) -> tuple[Insert, ...]:
    months = calendar_of(count)
    m, p = months.c, project.c
    register, measures = project_register(months)
    keys = [p.township_code, m.month, named(p.kind).label("kind"), named(project_report.c.stage).label("stage")]
    counted = register.with_only_columns(*keys, *sums_of(measures)).where(shape.rows(p.township_code)).group_by(*keys)
    return (sums_into(shape.into(project_month), counted),)


def _build(connection: Connection, part: Slice) -> None:
    part.recount(connection, _counting, project_month)


def _reach(_start: str, _end: str, _now: datetime) -> tuple[str, str]:
    # A project is on the register from its first report, whatever its own dates.
    return "0001-01", "9999-12"


ROLLUP = Rollup(
    (project_month,),
    (project_report.c.month,),
    _build,
    (project.c.actual_start, project.c.actual_end),
    project_report.c.month,
    _reach,
)
