"""Rural projects: what they are called, where they are shown, and what of them first."""

from __future__ import annotations

from data_access.areas.projects.columns import COLUMNS
from data_access.model.area import Area, ScreenView

# A project whose schedule gap is lower is behind.
BEHIND_POINTS = -10

AREA = Area(
    "projects",
    "乡村项目",
    "Rural projects",
    "rural_projects",
    "agriculture",
    "project_month",
    ("projects", "started_rate", "completed_rate", "investment_rate", "schedule_gap", "behind"),
    volume="schedule_gap",
    reported_by=("schedule_gap",),
    key_figures=("projects", "started_rate", "progress", "schedule_gap", "behind"),
    attention="behind",
    attention_address={"tab": "rows"},
    screen=ScreenView(
        ("projects", "started_rate", "completed_rate", "investment_rate", "schedule_gap", "behind"),
        "schedule_gap",
        ("projects",),
    ),
    columns=COLUMNS,
    nouns={
        "projects": "项目、乡村项目、工程、project、rural project",
    },
)
