"""How active each grid is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
from sqlalchemy import (
    Engine,
    and_,
    case,
    func,
    or_,
    select,
)

from data_access.areas.grid.register import GRID
from data_access.areas.grid.rollup import due_measures
from data_access.areas.grid.tables import grid_event
from data_access.model.data_state import as_of_dates
from data_access.model.narrowing import in_scope
from data_access.places.tables import grid, village
from data_access.scope import Scope, month_end, month_start

_IDLE_MONTHS = 12


def grid_marks(engine: Engine, scope: Scope) -> pd.DataFrame:
    """The grids in use at the scope's end with what counts for them in its last month, by township and code.

    Columns as of :func:`grid_activity`, with ``month_events`` (reported in the month), ``due`` (fallen due in it by the
    as-of moment, where a source tells of closing) and ``closed_on_time`` of these: the counts of 事件按期办结率, with
    micro-grids' events in the grid around them.
    """
    activity = grid_activity(engine, scope.at_end()).rename(columns={"events": "month_events"})
    scope = scope.at_end().of_cases()
    e, own, measures = grid_event.c, grid.alias("own"), due_measures()
    with engine.connect() as connection:
        as_of = as_of_dates(connection).get("grid")
        until = min(month_end(scope.end), as_of) if as_of else month_end(scope.end)
        # Where the events lie; of these sums then those of the grids around.
        counted = (
            select(e.township_code, e.grid_code, *(func.sum(one).label(name) for name, one in measures.items()))
            .where(in_scope(grid_event, scope), e.due_at >= month_start(scope.end), e.due_at <= until)
            .group_by(e.township_code, e.grid_code)
            .subquery()
        )
        around = func.coalesce(own.c.parent_code, counted.c.grid_code)
        query = (
            select(
                counted.c.township_code,
                around.label("grid_code"),
                *(func.sum(counted.c[name]).label(name) for name in measures),
            )
            .outerjoin(
                own, and_(own.c.township_code == counted.c.township_code, own.c.grid_code == counted.c.grid_code)
            )
            .group_by(counted.c.township_code, around)
        )
        counts = pd.read_sql_query(query, connection)
    found = activity.merge(counts, how="left", on=["township_code", "grid_code"])
    return found.assign(**{name: found[name].fillna(0).astype(int) for name in ("due", "closed_on_time")})


def grid_activity(engine: Engine, scope: Scope) -> pd.DataFrame:
    """The grids (not micro-grids) in use at the scope's end with what they reported, by township and code.

    Columns: township_code, grid_code, grid_name, village_code, village, workers_now, events (in the scope's months), last_reported_at
    (within the year up to the scope's end), idle_months: months without an event up to the scope's end, at most 12. An
    event of a micro-grid is one of the grid around it. Of townships whose events the viewer may see one by one.
    """
    scope = scope.of_cases()
    g, e = grid.c, grid_event.c
    last_day = (month_end(scope.end) - timedelta(days=1)).date()
    earliest = min(scope.start, scope.at_end().last_months(_IDLE_MONTHS).start)
    is_in_months = and_(e.reported_at >= month_start(scope.start), e.reported_at < month_end(scope.end))
    with engine.connect() as connection:
        reported_by = (
            select(
                e.township_code,
                e.grid_code,
                func.sum(case((is_in_months, 1), else_=0)).label("events"),
                func.max(e.reported_at).label("last_reported_at"),
            )
            .where(
                in_scope(grid_event, scope),
                e.reported_at >= month_start(earliest),
                e.reported_at < month_end(scope.end),
            )
            .group_by(e.township_code, e.grid_code)
            .subquery()
        )
        own = grid.alias("own")
        around = func.coalesce(own.c.parent_code, reported_by.c.grid_code)
        of_grid = (
            select(
                reported_by.c.township_code,
                around.label("grid_code"),
                func.sum(reported_by.c.events).label("events"),
                func.max(reported_by.c.last_reported_at).label("last_reported_at"),
            )
            .outerjoin(
                own,
                and_(own.c.township_code == reported_by.c.township_code, own.c.grid_code == reported_by.c.grid_code),
            )
            .group_by(reported_by.c.township_code, around)
            .subquery()
        )
        query = (
            select(
                g.township_code,
                g.grid_code,
                g.name.label("grid_name"),
                g.village_code,
                village.c.name.label("village"),
                g.workers.label("workers_now"),
                g.opened_on,
                of_grid.c.events,
                of_grid.c.last_reported_at,
            )
            .outerjoin(of_grid, and_(of_grid.c.township_code == g.township_code, of_grid.c.grid_code == g.grid_code))
            .outerjoin(village, village.c.code == g.village_code)
            .where(
                in_scope(grid, scope),
                g.kind == GRID,
                or_(g.opened_on.is_(None), g.opened_on <= last_day),
                or_(g.closed_on.is_(None), g.closed_on > last_day),
            )
            .order_by(g.township_code, g.grid_code)
        )
        frame = pd.read_sql_query(query, connection, parse_dates=["opened_on", "last_reported_at"])
    frame["events"] = frame["events"].fillna(0).astype(int)
    end = month_start(scope.end)

    def months_before_end(times: pd.Series[Any]) -> pd.Series[Any]:
        gone: pd.Series[Any] = (end.year - times.dt.year) * 12 + end.month - times.dt.month
        return gone

    # Without an event: since it was opened, that month included.
    since_opened = (months_before_end(frame["opened_on"]) + 1).fillna(_IDLE_MONTHS)
    idle = months_before_end(frame["last_reported_at"]).fillna(since_opened)
    frame["idle_months"] = idle.clip(0, _IDLE_MONTHS).astype(int)
    return frame.drop(columns="opened_on")
