"""The columns of lists of grids and of their events."""

from __future__ import annotations

from data_access.model.list_column import ListColumn

COLUMNS = (
    ListColumn("event_id", "事件编号", "Event no."),
    ListColumn("event_kind", "事件类型", "Kind"),
    ListColumn("grid_code", "网格编号", "Grid no."),
    ListColumn("reported_at", "上报时间", "Reported", "moment"),
    ListColumn("grid_name", "网格", "Grid"),
    ListColumn("grid_kind", "网格类型", "Kind"),
    ListColumn("workers", "网格员（名）", "Workers", "number"),
    ListColumn("workers_now", "现有网格员（名）", "Workers now", "number"),
    ListColumn("idle_months", "连续未上报（月）", "Months without an event"),
    ListColumn("last_reported_at", "最近一次上报", "Last event", "day"),
    ListColumn("activity", "是否活跃", "Activity"),
    ListColumn("month_events", "当月上报（条）", "Events in the month", "number"),
    ListColumn("due_on_time", "按期办结 ÷ 到期", "On time / due"),
    ListColumn("band", "等次", "Band"),
    ListColumn("band_yuan", "奖补（元）", "Bonus (yuan)", "number"),
)
