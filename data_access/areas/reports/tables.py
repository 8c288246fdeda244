"""Figures that townships report by hand."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, String, Table

from data_access.model.tables import code, fact_table, metadata

# Any figure a township reports by hand, so that a new line of work needs rows and no new table.
reported_indicator = Table(
    "reported_indicator",
    metadata,
    code("code", primary_key=True),
    Column("area", String(32), nullable=False),
    Column("name_zh", String(64), nullable=False),
    Column("name_en", String(64), nullable=False),
    Column("unit", String(16), nullable=False),
    # sum: add the months of a period; last: the value at its end
    Column("over_months", String(8), nullable=False),
)

indicator_report = fact_table(
    "reports",
    "indicator_report",
    Column("month", String(7), primary_key=True),
    Column("code", String(64), ForeignKey("reported_indicator.code"), primary_key=True),
    Column("numerator", Float, nullable=False),
    Column("denominator", Float),
    # The source says "at least" (多个, 余人 …)
    Column("at_least", Boolean, nullable=False, default=False),
)
