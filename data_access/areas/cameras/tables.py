"""Cameras and their outages, and the months that they are counted in."""

from __future__ import annotations

from sqlalchemy import Column, Date, DateTime, Float, ForeignKeyConstraint, Index, String

from data_access.model.tables import code, count, fact_table, rollup_table, village_code
from data_access.places.points import point_columns

camera = fact_table(
    "cameras",
    "camera",
    code("camera_id", primary_key=True),
    village_code(),
    Column("place", String(500)),
    Column("kind", String(200)),
    Column("installed_on", Date, nullable=False),
    Column("removed_on", Date),
    *point_columns(),
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
