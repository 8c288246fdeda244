"""Cameras that are down, and villages that none watches."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
from sqlalchemy import (
    Engine,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)

from data_access.areas.cameras.tables import camera, camera_outage
from data_access.model.data_state import as_of_dates
from data_access.model.narrowing import in_scope
from data_access.places.points import in_cgcs2000
from data_access.places.tables import village
from data_access.scope import Scope
from data_access.sql_functions import hours_between


def cameras_offline(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Cameras down at the as-of date, the longest first: camera_id, township_code, hours_down (so far),
    cause, village, place, camera_kind, started_at.
    """
    c, o = camera.c, camera_outage.c
    with engine.connect() as connection:
        as_of = as_of_dates(connection).get("cameras")
        query = (
            select(
                c.camera_id,
                c.township_code,
                hours_between(o.started_at, literal(as_of or datetime.max)).label("hours_down"),
                o.cause,
                village.c.name.label("village"),
                c.place,
                c.kind.label("camera_kind"),
                o.started_at,
            )
            .join(camera_outage, and_(o.township_code == c.township_code, o.camera_id == c.camera_id))
            .outerjoin(village, village.c.code == c.village_code)
            .where(
                in_scope(camera, scope),
                o.ended_at.is_(None),
                or_(c.removed_on.is_(None), c.removed_on > (as_of or datetime.max).date()),
            )
            .order_by(o.started_at, c.camera_id)
        )
        return pd.read_sql_query(query, connection, parse_dates=["started_at"])


def camera_places(engine: Engine, scope: Scope) -> pd.DataFrame:
    """The cameras in the network at the as-of date: camera_id, township_code, village_code, place, is_down, longitude, latitude.

    Degrees of CGCS2000; missing where the source does not say where a camera stands, or in which coordinate system.
    """
    c, o = camera.c, camera_outage.c
    with engine.connect() as connection:
        today = as_of_dates(connection).get("cameras", datetime.max).date()
        own = and_(o.township_code == c.township_code, o.camera_id == c.camera_id, o.ended_at.is_(None))
        # The scope is said of the outages, too: a township's worker alone is asked for them.
        down = select(literal(1)).where(own, in_scope(camera_outage, scope)).correlate(camera).exists()
        columns = (c.camera_id, c.township_code, c.village_code, c.place, c.longitude, c.latitude, c.coordinate_system)
        query = (
            select(*columns, down.label("is_down"))
            .where(in_scope(camera, scope), c.installed_on <= today, or_(c.removed_on.is_(None), c.removed_on > today))
            .order_by(c.township_code, c.camera_id)
        )
        found = pd.read_sql_query(query, connection)
    found["is_down"] = found["is_down"].astype(bool)
    return in_cgcs2000(found)


def villages_without_camera(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Villages where no camera works at the as-of date: township_code, village, cameras (installed)."""
    c, o = camera.c, camera_outage.c
    with engine.connect() as connection:
        today = as_of_dates(connection).get("cameras", datetime.max).date()
        by_village = (
            select(
                c.village_code,
                func.count(c.camera_id.distinct()).label("cameras"),
                func.count(case((o.camera_id.is_(None), c.camera_id)).distinct()).label("working"),
            )
            .outerjoin(
                camera_outage,
                and_(o.township_code == c.township_code, o.camera_id == c.camera_id, o.ended_at.is_(None)),
            )
            .where(
                in_scope(camera, scope),
                c.installed_on <= today,
                or_(c.removed_on.is_(None), c.removed_on > today),
            )
            .group_by(c.township_code, c.village_code)
            .subquery()
        )
        watched = (
            select(c.township_code).where(in_scope(camera, scope), c.installed_on <= today).group_by(c.township_code)
        )
        query = (
            select(
                village.c.township_code,
                village.c.name.label("village"),
                func.coalesce(by_village.c.cameras, 0).label("cameras"),
            )
            .outerjoin(by_village, by_village.c.village_code == village.c.code)
            .where(
                in_scope(village, scope),
                village.c.township_code.in_(watched),
                func.coalesce(by_village.c.working, 0) == 0,
            )
            .order_by(village.c.code)
        )
        return pd.read_sql_query(query, connection)
