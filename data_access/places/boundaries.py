"""Where townships and villages lie, as the county's files of boundaries say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, and_, func, select

from data_access.access import Viewer, among
from data_access.places.tables import boundary, township, village
from data_access.scope import Scope

Level = Literal["township", "village"]
Point = tuple[float, float]
Ring = tuple[Point, ...]


@dataclass(frozen=True)
class Outline:
    """Where a township or a village (``code``, ``name``) of a township lies, in degrees of CGCS2000: (longitude, latitude).

    ``polygons``: each its outside and its holes, as closed rings; ``label``: a point inside.
    """

    code: str
    name: str
    township_code: str
    polygons: tuple[tuple[Ring, ...], ...]
    label: Point


def outlines(connection: Connection, asked: Scope | Viewer, level: Level) -> tuple[Outline, ...]:
    """The outlines of a level that there are, by code, of the scope's townships or of all that a viewer may see.

    A place that the registers do not have, or have no more, has none.
    """
    t = boundary.c
    latest = (
        select(t.code, func.max(t.file_number).label("file_number")).where(t.level == level).group_by(t.code).subquery()
    )
    place = township if level == "township" else village
    owner = township.c.code if level == "township" else village.c.township_code
    within = asked.within() if isinstance(asked, Scope) else asked.within(None)
    query = (
        select(t.code, place.c.name, owner, t.outline, t.label_lon, t.label_lat)
        .join(latest, and_(t.code == latest.c.code, t.file_number == latest.c.file_number))
        .join(place, place.c.code == t.code)
        .where(t.level == level, among(owner, within))
        .order_by(t.code)
    )
    return tuple(
        Outline(code, name, township_code, _polygons(outline), (longitude, latitude))
        for code, name, township_code, outline, longitude, latitude in connection.execute(query)
    )


def _polygons(outline: str) -> tuple[tuple[Ring, ...], ...]:
    return tuple(
        tuple(tuple((longitude, latitude) for longitude, latitude in ring) for ring in polygon)
        for polygon in json.loads(outline)
    )
