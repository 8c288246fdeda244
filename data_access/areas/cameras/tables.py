"""Cameras and their outages, and the months that they are counted in."""

from __future__ import annotations

from sqlalchemy import Column, Date, DateTime, Double, Float, ForeignKeyConstraint, Index, String

from data_access.model.tables import code, count, fact_table, rollup_table, village_code

# The systems of longitudes and latitudes that video platforms have, and their codes (data_access.places.coordinates)
COORDINATE_SYSTEMS = {"CGCS2000": "cgcs2000", "WGS84": "wgs84", "GCJ-02": "gcj02", "BD-09": "bd09"}

camera = fact_table(
    "cameras",
    "camera",
    code("camera_id", primary_key=True),
    village_code(),
    Column("place", String(500)),
    Column("kind", String(200)),
    Column("installed_on", Date, nullable=False),
    Column("removed_on", Date),
    # As the source has them, in degrees of the system that it is said to have
    Column("longitude", Double),
    Column("latitude", Double),
    Column("coordinate_system", String(40)),
    Index(None, "township_code", "village_code"),
)

camera_outage = fact_table(
    "cameras",
    "camera_outage",
    code("camera_id", primary_key=True),
    Column("started_at", DateTime, primary_key=True),
    Column("ended_at", DateTime),
    Column("cause", String(200)),
    ForeignKeyConstraint(["township_code", "camera_id"], ["camera.township_code", "camera.camera_id"]),
    Index(None, "township_code", "ended_at"),
    Index(None, "township_code", "started_at"),
)

camera_month = rollup_table(
    "cameras",
    "camera_month",
    (),
    *map(
        count,
        ("cameras", "watched", "working", "offline_24h", "villages", "villages_covered", "outages", "repairs"),
    ),
    Column("hours_due", Float),
    Column("hours_up", Float),
    Column("repair_hours", Float),
)

camera_outage_month = rollup_table(
    "cameras", "camera_outage_month", ("cause",), count("outages"), Column("hours_down", Float)
)
