"""How grid governance is counted by month: the grids in use, and the events that they report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Insert,
    Select,
    and_,
    case,
    func,
    literal,
    select,
)

from data_access.areas.grid.register import grids_in_use, joined_to_grid
from data_access.areas.grid.tables import grid_event, grid_kind_month, grid_month
from data_access.model.recorded import is_recorded
from data_access.model.rollup import (
    KEPT_STATEMENTS,
    Expression,
    Rollup,
    Shape,
    Slice,
    calendar_of,
    one_if,
    sums_into,
    sums_of,
)
from data_access.places.tables import grid, village
from data_access.registers import GRIDS, Replaced
from data_access.sql_functions import month_of

HAZARD, DISPUTE = "安全隐患", "矛盾纠纷"


def reported_measures(as_of: datetime | Expression) -> dict[str, Expression]:
    """What an event adds in the month in which it was reported."""
    e = grid_event.c
    is_closed, is_dispute = e.closed_at <= as_of, e.kind == DISPUTE
    tells_closing = is_recorded(grid_event, "closed_at")
    return {
        "events": literal(1),
        "completed": one_if(is_closed),
        "hazards": one_if(e.kind == HAZARD),
        "disputes": one_if(and_(is_dispute, tells_closing)),
        "disputes_closed": case((tells_closing, one_if(and_(is_dispute, is_closed)))),
        "closing_recorded": one_if(tells_closing),
        "deadlines_recorded": one_if(and_(tells_closing, is_recorded(grid_event, "due_at"))),
    }


def due_measures() -> dict[str, Expression]:
    """What an event adds in the month in which it is due."""
    e = grid_event.c
    return {"due": one_if(is_recorded(grid_event, "closed_at")), "closed_on_time": one_if(e.closed_at <= e.due_at)}


@lru_cache(maxsize=KEPT_STATEMENTS)
def _counting(shape: Shape, count: int) -> tuple[Insert, ...]:
    months = calendar_of(count)
    m, e = months.c, grid_event.c
    tells_closing = is_recorded(grid_event, "closed_at")
    events = (
        select(
            e.township_code,
            m.month,
            *sums_of(reported_measures(shape.as_of)),
        )
        .join(months, and_(month_of(e.reported_at) == m.month, e.reported_at < m.ends))
        .where(shape.rows(e.township_code))
        .group_by(e.township_code, m.month)
    )
    # An event of a micro-grid keeps the grid around it active.
    around = grid.alias("around")
    reporting = joined_to_grid(
        select(e.township_code, m.month, func.count(around.c.grid_code.distinct()).label("active_grids"))
        .join(months, and_(month_of(e.reported_at) == m.month, e.reported_at < m.ends))
        .where(shape.rows(e.township_code))
        .group_by(e.township_code, m.month),
        grid_event,
        around,
        months,
    ).subquery("reporting")
    past = Replaced(GRIDS, m.month)
    grids = (
        grids_in_use(shape, months)
        .outerjoin(past.rows, past.is_of_row)
        .add_columns(func.sum(case((m.month >= shape.registers_since, past.value("workers")))).label("workers"))
    )
    used = grids.subquery("grids_in_use")
    grid_months = select(
        used.c.township_code,
        used.c.month,
        used.c.grids.label("grid_months"),
        (used.c.grids - reporting.c.active_grids).label("inactive_grid_months"),
    ).join(
        reporting,
        and_(
            reporting.c.township_code == used.c.township_code,
            reporting.c.month == used.c.month,
        ),
    )
    villages = (
        select(village.c.township_code, m.month, func.count().label("villages"))
        .join(months, literal(1) == 1)
        .where(shape.rows(village.c.township_code))
        .group_by(village.c.township_code, m.month)
    )
    closed = (
        select(e.township_code, m.month, func.count().label("closed"))
        .join(months, and_(month_of(e.closed_at) == m.month, e.closed_at < m.ends))
        .where(shape.rows(e.township_code))
        .group_by(e.township_code, m.month)
    )
    due = (
        select(
            e.township_code,
            m.month,
            *sums_of(due_measures()),
        )
        .join(months, month_of(e.due_at) == m.month)
        .where(shape.rows(e.township_code), e.due_at <= shape.as_of, tells_closing)
        .group_by(e.township_code, m.month)
    )

    def by_kind(time: Expression, measures: Mapping[str, Expression]) -> Select[Any]:
        return (
            select(e.township_code, month_of(time).label("month"), e.kind, *sums_of(measures))
            .where(time.is_not(None), shape.rows(e.township_code, time), time <= shape.as_of)
            .group_by(e.township_code, month_of(time), e.kind)
        )

    return (
        sums_into(shape.into(grid_month), grids, events, grid_months, villages, closed, due),
        sums_into(
            shape.into(grid_kind_month),
            by_kind(e.reported_at, {"events": literal(1)}),
            by_kind(e.closed_at, {"closed": literal(1)}),
            by_kind(e.due_at, due_measures()).where(tells_closing),
        ),
    )


def _build(connection: Connection, part: Slice) -> None:
    part.recount(connection, _counting, grid_month, grid_kind_month)


ROLLUP = Rollup(
    (grid_month, grid_kind_month),
    (grid_event.c.reported_at, grid_event.c.closed_at),
    _build,
    (grid.c.opened_on, grid.c.closed_on),
    month_of(grid_event.c.reported_at),
)
