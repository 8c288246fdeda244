"""How cameras are counted by month: those that are there, and their outages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial

from sqlalchemy import (
    CTE,
    Connection,
    Insert,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
)

from data_access.areas.cameras.tables import camera, camera_month, camera_outage, camera_outage_month
from data_access.model.rollup import (
    KEPT_STATEMENTS,
    Expression,
    Rollup,
    Shape,
    Slice,
    calendar_of,
    named,
    sums_into,
    sums_of,
    total,
)
from data_access.places.tables import village
from data_access.sql_functions import hours_between, month_of

# What an outage adds in the month in which it ended
REPAIRS: Mapping[str, Expression] = {
    "repairs": literal(1),
    "repair_hours": hours_between(camera_outage.c.started_at, camera_outage.c.ended_at),
}


class CameraHours:
    """When a camera is there in the periods of a calendar, and what an outage takes of it.

    ``is_there`` for some of a period, ``in_network`` at its end. ``due``: the hours that it should be up. ``lost``: those
    that an outage takes of them, where they ``are_lost``: a camera taken down while it was broken is neither due nor
    lost from then on.
    """

    def __init__(self, periods: CTE) -> None:
        m, c, o = periods.c, camera.c, camera_outage.c
        begins = case((c.installed_on > m.first_day, c.installed_on), else_=m.starts)
        stops = case((c.removed_on <= m.last_day, c.removed_on), else_=m.ends)
        self.is_there = and_(c.installed_on <= m.last_day, or_(c.removed_on.is_(None), c.removed_on > m.first_day))
        self.in_network = and_(c.installed_on <= m.last_day, or_(c.removed_on.is_(None), c.removed_on > m.last_day))
        self.due = hours_between(begins, stops)
        self.are_lost = and_(o.started_at < stops, or_(o.ended_at.is_(None), o.ended_at > begins))
        self.lost = hours_between(
            case((o.started_at > begins, o.started_at), else_=begins),
            case((o.ended_at < stops, o.ended_at), else_=stops),
        )


@lru_cache(maxsize=KEPT_STATEMENTS)
def _counting(shape: Shape, count: int, *, is_watched: bool) -> tuple[Insert, ...]:
    months = calendar_of(count)
    m, c, o = months.c, camera.c, camera_outage.c

    def watched_only(measure: Expression) -> Expression:
        return measure if is_watched else null().cast(measure.type)

    # Cameras down at the end of each month, and since when.
    down = (
        select(o.township_code, o.camera_id, m.month, func.min(o.started_at).label("since"))
        .join(months, and_(o.started_at < m.ends, or_(o.ended_at.is_(None), o.ended_at >= m.ends)))
        .where(shape.rows(o.township_code))
        .group_by(o.township_code, o.camera_id, m.month)
        .subquery("down")
    )
    works = down.c.camera_id.is_(None)
    hours = CameraHours(months)
    # Nearly every camera is there all month; counting its hours anew for each would take half of the time.
    all_month = and_(c.installed_on <= m.first_day, or_(c.removed_on.is_(None), c.removed_on > m.last_day))
    hours_due = case((all_month, m.hours), else_=hours.due)
    # Where no camera's village is known, none is told to be covered or not.
    covered = func.count(case((and_(hours.in_network, works), c.village_code)).distinct())
    watched = (
        select(
            c.township_code,
            m.month,
            total(hours.in_network).label("cameras"),
            (total(hours.in_network) if is_watched else literal(0)).label("watched"),
            watched_only(total(and_(hours.in_network, works))).label("working"),
            watched_only(total(and_(hours.in_network, down.c.since < m.day_before))).label("offline_24h"),
            watched_only(case((func.count(c.village_code) > 0, covered))).label("villages_covered"),
            watched_only(func.sum(hours_due)).label("hours_due"),
            watched_only(literal(0)).label("outages"),
            watched_only(literal(0)).label("repairs"),
            watched_only(literal(0.0)).label("repair_hours"),
        )
        .join(months, hours.is_there)
        .outerjoin(
            down,
            and_(
                down.c.township_code == c.township_code,
                down.c.camera_id == c.camera_id,
                down.c.month == m.month,
            ),
        )
        .where(shape.rows(c.township_code))
        .group_by(c.township_code, m.month)
        .subquery("watched")
    )
    stock = select(watched, watched.c.hours_due.label("hours_up"))
    first_camera = (
        select(c.township_code, func.min(c.installed_on).label("installed_on"))
        .where(shape.rows(c.township_code))
        .group_by(c.township_code)
        .subquery("first_camera")
    )
    villages = (
        select(village.c.township_code, m.month, func.count().label("villages"))
        .join(first_camera, first_camera.c.township_code == village.c.township_code)
        .join(months, first_camera.c.installed_on <= m.last_day)
        .group_by(village.c.township_code, m.month)
    )
    while_down = and_(
        # The next two follow from the last, and are said of bare columns, so that an index serves.
        o.started_at < m.ends,
        or_(o.ended_at.is_(None), o.ended_at > m.starts),
        hours.is_there,
        hours.are_lost,
    )
    of_camera = and_(c.township_code == o.township_code, c.camera_id == o.camera_id)
    ended = (
        select(
            o.township_code,
            m.month,
            *sums_of(REPAIRS),
        )
        .join(months, and_(month_of(o.ended_at) == m.month, o.ended_at < m.ends))
        .where(shape.rows(o.township_code))
        .group_by(o.township_code, m.month)
    )
    cause = named(o.cause)
    lost_by_cause = (
        select(o.township_code, m.month, cause.label("cause"), func.sum(hours.lost).label("hours_down"))
        .join(camera, of_camera)
        .join(months, while_down)
        .where(shape.rows(o.township_code))
        .group_by(o.township_code, m.month, cause)
    )
    began_by_cause = (
        select(o.township_code, m.month, cause.label("cause"), func.count().label("outages"))
        .join(months, and_(month_of(o.started_at) == m.month, o.started_at < m.ends))
        .where(shape.rows(o.township_code))
        .group_by(o.township_code, m.month, cause)
    )
    by_cause = shape.into(camera_outage_month).c
    lost = (
        select(
            by_cause.township_code,
            by_cause.month,
            (-func.sum(by_cause.hours_down)).label("hours_up"),
            func.sum(by_cause.outages).label("outages"),
        )
        .join(months, by_cause.month == m.month)
        .where(shape.rows(by_cause.township_code))
        .group_by(by_cause.township_code, by_cause.month)
    )
    return (
        sums_into(shape.into(camera_outage_month), lost_by_cause, began_by_cause),
        # What was lost is read from there.
        sums_into(shape.into(camera_month), stock, villages, lost, ended),
    )


def _build(connection: Connection, part: Slice) -> None:
    # An inventory alone says nothing of what works.
    is_watched = connection.scalar(select(camera_outage.c.camera_id).limit(1)) is not None
    counted = camera_month.c
    was_watched = connection.scalar(select(counted.watched > 0).where(counted.cameras > 0).limit(1))
    if was_watched is not None and was_watched != is_watched and not part.is_to_date:
        part = Slice(part.first_event, None, "0001-01", "9999-12", part.as_of)
    part.recount(connection, partial(_counting, is_watched=is_watched), camera_month, camera_outage_month)


ROLLUP = Rollup(
    (camera_month, camera_outage_month),
    (camera_outage.c.started_at, camera_outage.c.ended_at),
    _build,
    (camera.c.installed_on, camera.c.removed_on),
    month_of(camera_outage.c.started_at),
)
