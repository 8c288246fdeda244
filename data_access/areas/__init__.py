"""The areas of work that the dashboard shows, in order; each has a folder of its own."""

from __future__ import annotations

from data_access.areas.cameras.area import AREA as _CAMERAS
from data_access.areas.grid.area import AREA as _GRID
from data_access.areas.petitions.area import AREA as _PETITIONS
from data_access.areas.projects.area import AREA as _PROJECTS
from data_access.areas.reports.area import AREA as _REPORTS
from data_access.areas.volunteers.area import AREA as _VOLUNTEERS
from data_access.model.area import Area, ScreenView
from data_access.model.list_column import ListColumn
from data_access.places.columns import COLUMNS as _PLACES

REPORTS = _REPORTS
AREAS: dict[str, Area] = {area.code: area for area in (_PETITIONS, _CAMERAS, _VOLUNTEERS, _PROJECTS, _GRID)}
AREA_OF_SOURCE = {area.source: area.code for area in (*AREAS.values(), REPORTS)}
# What lists of rows show, by the name that it has in the rows
COLUMNS: dict[str, ListColumn] = {
    column.code: column
    for columns in (_PLACES, *(area.columns for area in (*AREAS.values(), REPORTS)))
    for column in columns
}
# The figure by which each area has reported a month
VOLUMES = {area.code: area.volume for area in AREAS.values() if area.volume}
# What the whole county is shown by first
OVERVIEW = ScreenView(
    ("received", "on_time_rate", "satisfaction_rate", "online_rate", "active_team_rate", "schedule_gap"),
    "on_time_rate",
    (*(area.code for area in AREAS.values() if area.attention), "unreported"),
)
