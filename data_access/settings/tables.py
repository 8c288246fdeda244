"""The table of targets. What a county sets beside stands in ``county_setting`` (:mod:`data_access.places.tables`)."""

from __future__ import annotations

from sqlalchemy import Column, Float, String, Table

from data_access.model.tables import metadata

# A target holds from its first month until another one begins.
indicator_target = Table(
    "indicator_target",
    metadata,
    Column("indicator", String(64), primary_key=True),
    # Empty: of the county. No foreign key: a load of townships may be undone.
    Column("township_code", String(12), primary_key=True),
    Column("first_month", String(7), primary_key=True),
    # Missing: from then on there is none
    Column("value", Float),
    # What set it, e.g. a document's number
    Column("document", String(200), nullable=False),
)
