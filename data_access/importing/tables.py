"""The tables that files can be loaded into, in the order in which they need each other."""

from __future__ import annotations

from data_access.areas.cameras.imports import CAMERAS, OUTAGES
from data_access.areas.grid.imports import GRID_EVENTS
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.projects.imports import PROJECT_REPORTS, PROJECTS
from data_access.areas.reports.imports import INDICATOR_REPORTS
from data_access.areas.volunteers.imports import ACTIVITIES, TEAMS
from data_access.notes.imports import NOTES
from data_access.places.imports import GRIDS, TOWNSHIPS, VILLAGES

TABLES = {
    table.name: table
    for table in (
        TOWNSHIPS,
        VILLAGES,
        GRIDS,
        PETITIONS,
        CAMERAS,
        OUTAGES,
        TEAMS,
        ACTIVITIES,
        PROJECTS,
        PROJECT_REPORTS,
        GRID_EVENTS,
        INDICATOR_REPORTS,
        NOTES,
    )
}
