"""How files of grid events are read."""

from __future__ import annotations

from data_access.areas.grid.tables import grid_event
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
    complete=lambda columns: begin_on_that_day(columns, "reported_at", ("closed_at",)),
    fields=(
        Field("event_id", "code", ("事件编号", "事项编号", "工单编号", "编号"), required=True),
        TOWNSHIP,
        Field("grid_code", "code", ("网格编号", "网格编码", "所属网格", "网格"), required=True, parent=grid),
        Field("kind", "text", ("事件类型", "事项类型", "事件类别", "事项类别", "类型", "类别"), required=True),
        Field(
            "reported_at",
            "moment",
            ("上报时间", "事件上报时间", "登记时间", "发生时间"),
            required=True,
            not_in_future=True,
        ),
        Field(
            "due_at",
            "moment",
            ("办理期限", "办结期限", "办结时限", "截止时间"),
            not_before="reported_at",
            whole_day=True,
        ),
        Field(
            "closed_at", "moment", ("办结时间", "结案时间", "处置时间"), not_before="reported_at", not_in_future=True
        ),
    ),
)
