"""Grids and the events in them as rows that can be counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import and_, case, literal

from data_access.areas.grid.register import GRID, MICRO_GRID, in_use
from data_access.areas.grid.rollup import due_measures, reported_measures
from data_access.areas.grid.tables import grid_event
from data_access.model.facts import Expression, FactRows, Facts, Measures, Span, parts_of_time, within_township
from data_access.model.rollup import named, one_if
from data_access.places.tables import grid
from data_access.registers import GRIDS, Replaced


def _events(time: Expression, measures: Callable[[Span], Measures], *, until_as_of: bool = False) -> Facts:
    def rows(span: Span) -> FactRows:
        e, g = grid_event.c, grid.c
        return FactRows(
            grid_event.outerjoin(grid, and_(g.township_code == e.township_code, g.grid_code == e.grid_code)),
            time,
            {
                "township_code": e.township_code,
                **parts_of_time(time),
                "village_code": named(g.village_code),
                "grid_code": within_township(e.township_code, e.grid_code),
                "event_kind": e.kind,
            },
            measures(span),
            (time <= span.as_of,) if until_as_of else (),
            (e.township_code, e.event_id),
            (e.event_id,),
            {
                "event_id": e.event_id,
                "village_code": g.village_code,
                "grid_code": e.grid_code,
                "event_kind": e.kind,
                "reported_at": e.reported_at,
                "due_at": e.due_at,
                "closed_at": e.closed_at,
            },
        )

    return rows


def _grids(span: Span) -> FactRows:
    months = span.periods
    g = grid.c
    past = Replaced(GRIDS, months.c.month)
    workers = case((months.c.month >= span.registers_since, past.value("workers")))
    return FactRows(
        grid.join(months, in_use(g.opened_on, g.closed_on, months)).outerjoin(past.rows, past.is_of_row),
        None,
        {"township_code": g.township_code, "month": months.c.month, "village_code": named(g.village_code)},
        {"grids": one_if(g.kind == GRID), "micro_grids": one_if(g.kind == MICRO_GRID), "workers": workers},
        (),
        (g.township_code, g.grid_code),
        (g.name, g.grid_code),
        {
            "grid_code": g.grid_code,
            "grid_name": g.name,
            "grid_kind": g.kind,
            "village_code": g.village_code,
            "workers": workers,
        },
        frozenset({"workers"}),
    )


FACTS: Mapping[str, Facts] = {
    "events_reported": _events(grid_event.c.reported_at, lambda span: reported_measures(span.as_of)),
    "events_closed": _events(grid_event.c.closed_at, lambda _span: {"closed": literal(1)}),
    "events_due": _events(grid_event.c.due_at, lambda _span: due_measures(), until_as_of=True),
    "grids": _grids,
}
