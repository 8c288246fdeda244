"""How files of grid events are read."""

from __future__ import annotations

from data_access.areas.grid.tables import grid_event, grid_kind_month
from data_access.event_kinds import event_kinds
from data_access.model.import_table import Field, ImportTable, begin_on_that_day
from data_access.places.imports import TOWNSHIP
from data_access.places.tables import grid

GRID_EVENTS = ImportTable(
    "grid_events",
    "网格事件",
    "Grid events",
    grid_event,
    area="grid",
    identity=("event_id", "township_code"),
    never_changes=("reported_at",),
    is_log=True,
    complete=lambda columns: begin_on_that_day(columns, "reported_at", ("closed_at",)),
    fields=(
        Field("event_id", "code", required=True),
        TOWNSHIP,
        Field("grid_code", "code", required=True, parent=grid),
        Field("kind", "text", required=True, words=grid_kind_month.c.kind, vocabulary=event_kinds),
        Field("reported_at", "moment", required=True, not_in_future=True),
        Field("due_at", "moment", not_before="reported_at", whole_day=True),
        Field("closed_at", "moment", not_before="reported_at", not_in_future=True),
    ),
)
