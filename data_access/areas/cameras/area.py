"""Security cameras: what they are called, where they are shown, and what of them first."""

from __future__ import annotations

from data_access.areas.cameras.columns import COLUMNS
from data_access.model.area import Area, ScreenView

# A camera that has been down for longer is to be acted on.
OFFLINE_HOURS = 24

AREA = Area(
    "cameras",
    "雪亮监控",
    "Cameras",
    "cameras",
    "videocam",
    "camera_month",
    ("cameras", "online_rate", "working_rate", "offline_24h", "repair_hours", "village_coverage"),
    reported_by=("cameras",),
    key_figures=("cameras", "online_rate", "working_rate", "outages", "offline_24h"),
    attention="offline_24h",
    attention_address={"tab": "rows"},
    screen=ScreenView(
        ("cameras", "online_rate", "working_rate", "offline_24h", "repair_hours", "village_coverage"),
        "online_rate",
        ("cameras",),
        ("outages", "cause"),
        "故障原因",
        "Causes of outages",
    ),
    columns=COLUMNS,
    nouns={
        "cameras": "摄像头、摄像机、监控、视频监控、视频探头、探头、雪亮监控、雪亮工程、camera",
        "repair_hours": "修复、维修、修理、抢修、检修、修好、修缮、repair、fix、repaired、fixed",
        "outages": "故障、掉线、outage",
    },
    nouns_beside={"outages": "坏了、坏掉、坏掉了、坏过、坏、broken、broke down"},
)
