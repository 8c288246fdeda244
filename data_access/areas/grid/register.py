"""The register of grids and micro-grids: which are in use at the end of a month."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    FromClause,
    Select,
    Table,
    and_,
    func,
    or_,
    select,
)

from data_access.model.rollup import (
    Expression,
    Shape,
    total,
)
from data_access.places.tables import grid

GRID, MICRO_GRID = "网格", "微网格"


def grids_in_use(shape: Shape, months: CTE) -> Select[Any]:
    """Grids and micro-grids by township and month."""
    g, m = grid.c, months.c
    return (
        select(
            g.township_code,
            m.month,
            total(g.kind == GRID).label("grids"),
            total(g.kind == MICRO_GRID).label("micro_grids"),
        )
        .join(months, in_use(g.opened_on, g.closed_on, months))
        .where(shape.rows(g.township_code))
        .group_by(g.township_code, m.month)
    )


def in_use(begins: Expression, ends: Expression, months: CTE) -> Expression:
    """Whether something that began and ended on these days (either may be null) exists at month end."""
    last_day = months.c.last_day
    return and_(or_(begins.is_(None), begins <= last_day), or_(ends.is_(None), ends > last_day))


def joined_to_grid(query: Select[Any], row: Table, around: FromClause, months: CTE) -> Select[Any]:
    """Outer-joined to the grid in use at month end that the row's ``grid_code`` names or, for a micro-grid, lies in."""
    own = grid.alias("own")
    return query.outerjoin(
        own, and_(own.c.township_code == row.c.township_code, own.c.grid_code == row.c.grid_code)
    ).outerjoin(
        around,
        and_(
            around.c.township_code == row.c.township_code,
            around.c.grid_code == func.coalesce(own.c.parent_code, row.c.grid_code),
            around.c.kind == GRID,
            in_use(around.c.opened_on, around.c.closed_on, months),
        ),
    )
