"""Cameras and their outages as rows that can be counted."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import and_, case, func, literal, or_, select

from data_access.areas.cameras.area import OFFLINE_HOURS
from data_access.areas.cameras.rollup import REPAIRS, CameraHours
from data_access.areas.cameras.tables import camera, camera_outage
from data_access.model.facts import Expression, FactRows, Facts, Measures, Span, parts_of_time
from data_access.model.rollup import named, one_if


def _cameras(span: Span) -> FactRows:
    months = span.periods
    c, o, m = camera.c, camera_outage.c, months.c
    own = and_(o.township_code == c.township_code, o.camera_id == c.camera_id)
    down_at_end = and_(own, o.started_at < m.ends, or_(o.ended_at.is_(None), o.ended_at >= m.ends))
    hours = CameraHours(months)
    is_down = select(literal(1)).where(down_at_end).correlate(camera, months).exists()
    is_long_down = select(literal(1)).where(down_at_end, o.started_at < m.day_before).correlate(camera, months).exists()
    while_down = and_(own, hours.are_lost)
    lost = (
        select(func.coalesce(func.sum(hours.lost), 0.0)).where(while_down).correlate(camera, months).scalar_subquery()
    )
    was_long_down = select(literal(1)).where(while_down, hours.lost > OFFLINE_HOURS).correlate(camera, months).exists()
    # An inventory alone says nothing of what works.
    is_watched = select(camera_outage.c.camera_id).limit(1).exists()
    return FactRows(
        camera.join(months, hours.is_there),
        None,
        {
            "township_code": c.township_code,
            "month": m.month,
            "village_code": named(c.village_code),
            "camera_kind": named(c.kind),
        },
        {
            "cameras": one_if(hours.in_network),
            "watched": one_if(and_(hours.in_network, is_watched)),
            "working": case((is_watched, one_if(and_(hours.in_network, ~is_down)))),
            "offline_24h": case((is_watched, one_if(and_(hours.in_network, is_long_down)))),
            "off_over_24h": case((is_watched, one_if(was_long_down))),
            "hours_due": case((is_watched, hours.due)),
            "hours_up": case((is_watched, hours.due - lost)),
        },
        (),
        (c.township_code, c.camera_id),
        (c.place, c.camera_id),
        {
            "camera_id": c.camera_id,
            "village_code": c.village_code,
            "place": c.place,
            "camera_kind": c.kind,
            "hours_off": lost,
            "installed_on": c.installed_on,
            "removed_on": c.removed_on,
        },
        frozenset({"hours_due", "hours_up"}),
    )


def _outages(time: Expression, measures: Measures) -> Facts:
    def rows(_span: Span) -> FactRows:
        c, o = camera.c, camera_outage.c
        own = and_(c.township_code == o.township_code, c.camera_id == o.camera_id)
        return FactRows(
            camera_outage.join(camera, own),
            time,
            {
                "township_code": o.township_code,
                **parts_of_time(time),
                "village_code": named(c.village_code),
                "camera_kind": named(c.kind),
                "cause": named(o.cause),
            },
            measures,
            (),
            (o.township_code, o.camera_id, o.started_at),
            (c.place, c.camera_id),
            {
                "camera_id": o.camera_id,
                "village_code": c.village_code,
                "place": c.place,
                "camera_kind": c.kind,
                "cause": o.cause,
                "started_at": o.started_at,
                "ended_at": o.ended_at,
            },
            frozenset({"repair_hours"}),
        )

    return rows


FACTS: Mapping[str, Facts] = {
    "cameras": _cameras,
    "outages_begun": _outages(camera_outage.c.started_at, {"outages": literal(1)}),
    "outages_ended": _outages(camera_outage.c.ended_at, REPAIRS),
}
