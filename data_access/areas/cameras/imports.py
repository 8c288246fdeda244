"""How files of cameras and of their outages are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from data_access.areas.cameras.tables import camera, camera_outage
from data_access.model.import_table import Fault, Field, ImportTable, Values
from data_access.places.imports import TOWNSHIP, VILLAGE
from data_access.problems import Rule

if TYPE_CHECKING:
    from data_access.importing.places import Places

_CAMERA_HEADERS = ("设备编号", "设备编码", "摄像头编号", "点位编号", "国标编码", "通道编号", "摄像机编号")

CAMERAS = ImportTable(
    "cameras",
    "监控设备",
    "Cameras",
    camera,
    area="cameras",
    identity=("camera_id", "township_code"),
    fields=(
        Field("camera_id", "code", (*_CAMERA_HEADERS, "编号"), required=True),
        TOWNSHIP,
        VILLAGE,
        Field("place", "text", ("安装位置", "点位名称", "安装地点", "设备名称", "地址", "位置")),
        Field("kind", "text", ("设备类型", "摄像头类型", "点位类型", "类型")),
        Field("installed_on", "date", ("安装日期", "安装时间", "启用日期", "入网时间", "建设时间"), required=True),
        Field("removed_on", "date", ("拆除日期", "停用日期", "报废日期", "撤除日期"), not_before="installed_on"),
    ),
)


_OVERLAP = Rule(
    "overlapping-outage",
    "与同一设备 {begun} 开始的离线重叠",
    "overlaps the outage of this camera that began at {begun}",
)


def _outages_together(rows: Sequence[tuple[int, Values]], places: Places) -> Iterator[tuple[int, Fault]]:
    """No camera is down twice at once: neither in the file, nor with what stays in the database beside it."""
    # (township, camera) -> begin -> (end, row of the file; 0: in the database)
    outages: dict[tuple[str, str], dict[datetime, tuple[datetime | None, int]]] = {}
    for number, row in rows:
        key = (row["township_code"], row["camera_id"])
        if key not in outages:
            outages[key] = {begun: (ended, 0) for begun, ended in places.outages.get(key, ())}
        ended = row.get("ended_at")
        if "ended_at" not in row:
            ended = outages[key].get(row["started_at"], (None, 0))[0]
        outages[key][row["started_at"]] = (ended, number)
    for spans in outages.values():
        in_order = sorted((begun, *rest) for begun, rest in spans.items())
        for (begun, ended, first), (next_begun, _, second) in pairwise(in_order):
            if (first or second) and (ended is None or ended > next_begun):
                other = begun if second else next_begun
                yield (
                    second or first,
                    ("started_at", _OVERLAP.broken(begun=other)),
                )


OUTAGES = ImportTable(
    "outages",
    "监控离线",
    "Camera outages",
    camera_outage,
    area="cameras",
    identity=("camera_id", "township_code", "started_at"),
    together=_outages_together,
    fields=(
        Field("camera_id", "code", (*_CAMERA_HEADERS, "编号"), required=True, parent=camera),
        TOWNSHIP,
        Field(
            "started_at",
            "moment",
            ("离线时间", "离线开始时间", "故障时间", "故障发生时间", "开始时间"),
            required=True,
            not_in_future=True,
        ),
        Field(
            "ended_at",
            "moment",
            ("恢复时间", "上线时间", "修复时间", "离线结束时间", "结束时间"),
            not_before="started_at",
            not_in_future=True,
        ),
        Field("cause", "text", ("离线原因", "故障原因", "故障类型", "原因")),
    ),
)
