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
    nouns={
        "grids": "网格、网格治理、grid",
        "micro_grids": "微网格、micro grid",
        "grid_workers": "网格员、grid worker",
        "grid_events": "事件、网格事件、上报、上报了、grid event",
        "hazards": "隐患、hazard",
        "disputes_resolved": "矛盾纠纷化解、矛盾化解、纠纷化解、化解",
    },
)
