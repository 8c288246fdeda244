"""Where single things of the county stand that boundaries can be checked against: cameras, and open cases."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, and_, literal, select

from data_access.access import Viewer
from data_access.areas.cameras.tables import camera
from data_access.areas.petitions.tables import IS_PLACED, petition
from data_access.places.points import in_cgcs2000
from data_access.places.tables import township

# So many of a township and kind say what all of them would.
_MOST = 200


def known_points(connection: Connection, by: Viewer) -> pd.DataFrame:
    """Cameras and open cases whose sources say where they are, some of each township: kind (camera, case), number,
    township_code, village_code, longitude, latitude (degrees of CGCS2000), is_told.

    Of those that are not told (cases, to who may not see persons) only how many there are may be said; they have no
    number. Raises NotAllowed.
    """
    by.require("administer")
    own = by.of_cases()
    parts = []
    for code in connection.scalars(select(township.c.code).order_by(township.c.code)).all():
        is_own = own.townships is None or code in own.townships
        is_told = by.may("persons") and own.departments is None and is_own
        is_placed = and_(camera.c.longitude > 0, camera.c.removed_on.is_(None))
        order: tuple[ColumnElement[Any], ...] = (camera.c.camera_id,)
        parts.append(_points(connection, "camera", camera, camera.c.camera_id, code, is_placed, order))
        is_placed = and_(petition.c.closed_at.is_(None), IS_PLACED)
        number = petition.c.case_no if is_told else literal("")
        # As their index stands
        order = (petition.c.due_at, petition.c.received_at, petition.c.case_no)
        parts.append(_points(connection, "case", petition, number, code, is_placed, order).assign(is_told=is_told))
    found = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return in_cgcs2000(found).dropna(subset=["longitude", "latitude"])


def _points(
    connection: Connection,
    kind: str,
    table: Table,
    number: ColumnElement[str],
    township_code: str,
    is_placed: ColumnElement[bool],
    order: tuple[ColumnElement[Any], ...],
) -> pd.DataFrame:
    c = table.c
    query = (
        select(number.label("number"), c.township_code, c.village_code, c.longitude, c.latitude, c.coordinate_system)
        .where(c.township_code == township_code, is_placed)
        .order_by(*order)
        .limit(_MOST)
    )
    return pd.read_sql_query(query, connection).assign(kind=kind, is_told=True)
