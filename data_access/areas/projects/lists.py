"""Projects and how far they are."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
from sqlalchemy import (
    Engine,
    and_,
    or_,
    select,
)

from data_access.areas.projects.area import BEHIND_POINTS
from data_access.areas.projects.tables import project, project_report
from data_access.model.narrowing import in_scope, is_named
from data_access.model.recorded import is_recorded
from data_access.places.tables import village
from data_access.scope import Scope, month_end


def projects(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Projects known by the scope's end, with their report of its last month, the furthest behind first.

    Columns: project_id, township_code, village, project_name, project_kind, responsible, budget_yuan, planned_start,
    planned_end, actual_start, actual_end, note, stage, progress, invested_yuan, delay_reason (the last
    four missing where the month was not reported), planned (percent of the planned time gone), gap
    (progress − planned, points), tells_end (whether its source has ends at all), is_completed (by the scope's end) and
    is_behind (as the indicator 滞后项目 counts; False where the month was not reported).
    """
    p, r = project.c, project_report.c
    last_day = month_end(scope.end) - timedelta(days=1)
    reported_once = (
        select(r.township_code, r.project_id)
        .where(in_scope(project_report, scope), r.month <= scope.end)
        .group_by(r.township_code, r.project_id)
        .subquery()
    )
    dates = ["planned_start", "planned_end", "actual_start", "actual_end"]
    with engine.connect() as connection:
        query = (
            select(
                p.project_id,
                p.township_code,
                village.c.name.label("village"),
                p.name.label("project_name"),
                p.kind.label("project_kind"),
                p.department.label("responsible"),
                p.budget_yuan,
                *(p[name] for name in dates),
                p.note,
                r.stage,
                r.progress,
                r.invested_yuan,
                r.delay_reason,
                is_recorded(project, "actual_end").label("tells_end"),
            )
            .outerjoin(
                project_report,
                and_(
                    r.township_code == p.township_code,
                    r.project_id == p.project_id,
                    r.month == scope.end,
                ),
            )
            .outerjoin(village, village.c.code == p.village_code)
            .outerjoin(
                reported_once,
                and_(
                    reported_once.c.township_code == p.township_code,
                    reported_once.c.project_id == p.project_id,
                ),
            )
            .where(
                in_scope(project, scope),
                or_(reported_once.c.project_id.is_not(None), p.planned_start <= last_day.date()),
            )
            .order_by(p.township_code, p.project_id)
        )
        for dimension, value in scope.where:
            column = {"kind": p.kind, "stage": r.stage}[dimension]
            query = query.where(is_named(column, value))
        frame = pd.read_sql_query(query, connection, parse_dates=dates)
    gone = (last_day - frame["planned_start"]) / (frame["planned_end"] - frame["planned_start"])
    # A project planned for one day, on that day, has none of its time behind it.
    frame["planned"] = (100 * gone.fillna(0)).clip(0, 100).astype(float)
    frame["gap"] = frame["progress"].astype(float) - frame["planned"]
    frame["tells_end"] = frame["tells_end"].astype(bool)
    frame["is_completed"] = frame["actual_end"] <= last_day
    is_late = (frame["gap"] < BEHIND_POINTS) | (frame["planned_end"] < last_day)
    frame["is_behind"] = frame["progress"].notna() & ~frame["is_completed"] & is_late
    return frame.sort_values("gap", ignore_index=True, kind="stable")
