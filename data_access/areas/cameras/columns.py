"""The columns of lists of cameras, of their outages and of villages without any."""

from __future__ import annotations

from data_access.model.list_column import ListColumn

COLUMNS = (
    ListColumn("camera_id", "摄像机", "Camera"),
    ListColumn("place", "位置", "Place"),
    ListColumn("camera_kind", "类型", "Kind"),
    ListColumn("hours_off", "离线小时", "Hours off", "tenths"),
    ListColumn("hours_down", "已离线（小时）", "Hours down", "tenths"),
    ListColumn("installed_on", "安装日期", "Installed", "day"),
    ListColumn("removed_on", "拆除日期", "Removed", "day"),
    ListColumn("cause", "故障原因", "Cause"),
    ListColumn("started_at", "离线时间", "Down since", "moment"),
    ListColumn("ended_at", "恢复时间", "Up again", "moment"),
    ListColumn("cameras", "已安装", "Cameras installed", "number"),
)
