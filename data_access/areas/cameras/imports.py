"""How files of cameras and of their outages are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from data_access.areas.cameras.tables import camera, camera_outage, camera_outage_month
from data_access.model.import_table import Fault, Field, ImportTable, Values
from data_access.places.imports import TOWNSHIP, VILLAGE
from data_access.places.points import POINT
from data_access.problems import Rule

if TYPE_CHECKING:
    from data_access.importing.places import Places


CAMERAS = ImportTable(
    "cameras",
    "监控设备",
    "Cameras",
    camera,
    area="cameras",
    identity=("camera_id", "township_code"),
    never_changes=("installed_on", "place"),
    fields=(
        Field("camera_id", "code", required=True),
        TOWNSHIP,
        VILLAGE,
        Field("place", "text"),
        Field("kind", "text", words=camera.c.kind),
        Field("installed_on", "date", required=True),
        Field("removed_on", "date", not_before="installed_on"),
        *POINT,
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
    brings=("online_rate", "working_rate", "offline_24h", "repair_hours"),
    identity=("camera_id", "township_code", "started_at"),
    together=_outages_together,
    fields=(
        Field("camera_id", "code", required=True, parent=camera),
        TOWNSHIP,
        Field("started_at", "moment", required=True, not_in_future=True),
        Field("ended_at", "moment", not_before="started_at", not_in_future=True),
        Field("cause", "text", words=camera_outage_month.c.cause),
    ),
)
