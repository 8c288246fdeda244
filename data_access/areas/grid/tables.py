"""Events in the grids, and the months that they are counted in."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, String

from data_access.model.tables import code, count, fact_table, rollup_table

grid_event = fact_table(
    "grid",
    "grid_event",
    code("event_id", primary_key=True),
    code("grid_code", nullable=False),
    # One of the county's kinds of matter, e.g. 矛盾纠纷, 安全隐患
    Column("kind", String(200), nullable=False),
    Column("reported_at", DateTime, nullable=False),
    Column("due_at", DateTime),
    Column("closed_at", DateTime),
    Index(None, "township_code", "reported_at"),
    Index(None, "township_code", "closed_at"),
    telling=("due_at", "closed_at"),
)

grid_month = rollup_table(
    "grid",
    "grid_month",
    (),
    *map(
        count,
        (
            "villages",
            "grids",
            "micro_grids",
            "workers",
            "events",
            "completed",
            "closed",
            "due",
            "closed_on_time",
            "hazards",
            "disputes",
            "disputes_closed",
            "closing_recorded",
            "deadlines_recorded",
            "grid_months",
            "inactive_grid_months",
        ),
    ),
)

grid_kind_month = rollup_table(
    "grid", "grid_kind_month", ("kind",), *map(count, ("events", "closed", "due", "closed_on_time"))
)
