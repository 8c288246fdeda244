"""Where single things stand, cameras and cases: as their sources say, and in one coordinate system."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Column, Double, String

from data_access.model.import_table import Field
from data_access.model.tables import PERSONAL
from data_access.places.coordinates import CHINA, SYSTEMS, to_cgcs2000

# The systems that sources have longitudes and latitudes in, and their codes (data_access.places.coordinates)
COORDINATE_SYSTEMS = {"CGCS2000": "cgcs2000", "WGS84": "wgs84", "GCJ-02": "gcj02", "BD-09": "bd09"}

# How files say it; a case's place is often found later.
POINT = (
    Field("longitude", "decimal", most=180, is_later=True),
    Field("latitude", "decimal", most=90, is_later=True),
    Field("coordinate_system", "text", choices=tuple(COORDINATE_SYSTEMS), is_later=True),
)


def point_columns(*, is_personal: bool = False) -> tuple[Column[float], Column[float], Column[str]]:
    """Longitude, latitude and coordinate system, as a source has them: degrees of the system that it is said to have.

    ``is_personal``: where it stands says who somebody is.
    """
    info = PERSONAL if is_personal else {}
    return (
        Column("longitude", Double, info=info),
        Column("latitude", Double, info=info),
        Column("coordinate_system", String(40)),
    )


def in_cgcs2000(found: pd.DataFrame) -> pd.DataFrame:
    """The rows with longitude and latitude in degrees of CGCS2000, and without coordinate_system.

    Both are missing where the source does not say where a thing stands, or in which system; many write 0, or a place abroad,
    where they do not know.
    """
    systems = found["coordinate_system"].map(COORDINATE_SYSTEMS)
    degrees = found[["longitude", "latitude"]].astype(float)
    west, south, east, north = CHINA
    is_told = systems.notna() & degrees["longitude"].between(west, east) & degrees["latitude"].between(south, north)
    placed = degrees.where(is_told)
    for system in COORDINATE_SYSTEMS.values():
        rows = is_told & (systems == system)
        x, y = (degrees.loc[rows, name].to_numpy() for name in ("longitude", "latitude"))
        placed.loc[rows, "longitude"], placed.loc[rows, "latitude"] = to_cgcs2000(x, y, SYSTEMS[system])
    return found.drop(columns="coordinate_system").assign(longitude=placed["longitude"], latitude=placed["latitude"])
