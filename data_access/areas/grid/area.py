"""Grid governance: what they are called, where they are shown, and what of them first."""

from __future__ import annotations

from data_access.areas.grid.columns import COLUMNS
from data_access.model.area import Area

AREA = Area(
    "grid",
    "网格治理",
    "Grid governance",
    "grid",
    "grid_view",
    "grid_month",
    ("grids", "grid_workers", "grid_events", "grid_completion_rate", "grid_on_time_rate", "inactive_grid_rate"),
    volume="grid_events",
    reported_by=("grid_events",),
    key_figures=("grids", "grid_events", "grid_completion_rate", "inactive_grid_rate"),
    counts_people=True,
    columns=COLUMNS,
)
