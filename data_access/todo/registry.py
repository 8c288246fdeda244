"""Everything that is to be done, in the order in which it is told."""

from __future__ import annotations

from data_access.access import Viewer
from data_access.areas.cameras.todo import TO_DO as _CAMERAS
from data_access.areas.petitions.todo import TO_DO as _PETITIONS
from data_access.areas.projects.todo import TO_DO as _PROJECTS
from data_access.areas.reports.todo import TO_DO as _REPORTS
from data_access.decisions.todo import TO_DO as _DECISIONS
from data_access.todo.to_do import ToDo
from data_access.todo.unreported import TO_DO as _UNREPORTED

TO_DO: dict[str, ToDo] = {
    one.code: one for one in (*_PETITIONS, *_CAMERAS, *_PROJECTS, *_REPORTS, *_UNREPORTED, *_DECISIONS)
}


def to_do_of(viewer: Viewer) -> tuple[ToDo, ...]:
    """What a viewer may have to do: of their areas, and for who sees to some departments, what has a department."""
    return tuple(
        one
        for one in TO_DO.values()
        if (one.area is None or viewer.sees(one.area)) and (viewer.case_departments is None or one.has_departments)
    )
