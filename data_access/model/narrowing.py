"""How statements are narrowed to a scope."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    or_,
)

from data_access.access import among
from data_access.schema import (
    camera,
    camera_outage,
    grid,
    grid_event,
    indicator_report,
    petition,
    petition_category_month,
    petition_month,
    petition_village_month,
    project,
    project_report,
    volunteer_activity,
    volunteer_team,
)
from data_access.scope import Scope

# Villages belong to no area.
_AREA_OF_TABLE = {
    **dict.fromkeys((petition, petition_month, petition_category_month, petition_village_month), "petitions"),
    **dict.fromkeys((camera, camera_outage), "cameras"),
    **dict.fromkeys((volunteer_team, volunteer_activity), "volunteers"),
    **dict.fromkeys((project, project_report), "projects"),
    **dict.fromkeys((grid, grid_event), "grid"),
    indicator_report: "reports",
}


def in_scope(table: Table, scope: Scope) -> ColumnElement[bool]:
    """Whether a row is of the scope's townships and its viewer may see it."""
    return among(table.c.township_code, scope.within(_AREA_OF_TABLE.get(table)))


def is_named(name: ColumnElement[Any], value: str | tuple[str, ...]) -> ColumnElement[bool]:
    """Whether a dimension has the value, or one of several; the empty one stands for none.

    Unlike coalesce() it can go to a worker.
    """
    if isinstance(value, tuple):
        return or_(*(is_named(name, one) for one in value)) if "" in value else name.in_(value)
    return name == value if value else or_(name.is_(None), name == "")
