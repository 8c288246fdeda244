"""Volunteer teams: what they are called, where they are shown, and what of them first."""

from __future__ import annotations

from data_access.areas.volunteers.columns import COLUMNS
from data_access.model.area import Area, ScreenView

AREA = Area(
    "volunteers",
    "志愿队伍",
    "Volunteer teams",
    "volunteers",
    "volunteer_activism",
    "volunteer_month",
    ("teams", "volunteers", "active_team_rate", "activities", "service_hours", "hours_per_team"),
    volume="activities",
    reported_by=("activities",),
    key_figures=("teams", "volunteers", "activities", "service_hours", "active_team_rate"),
    screen=ScreenView(
        ("teams", "volunteers", "registered_rate", "active_team_rate", "activities", "hours_per_team"),
        "active_team_rate",
        ("unreported",),
    ),
    columns=COLUMNS,
    nouns={
        "volunteers": "志愿者、volunteer",
        "teams": "志愿队、志愿队伍、志愿服务队、队伍、volunteer team、team",
        "activities": "志愿活动、志愿服务、活动、activity",
    },
)
