"""Figures that townships report by hand."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, Float, ForeignKey, Integer, String, Table

from data_access.model.tables import code, fact_table, metadata, township_code

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
    # What the two numbers are called where the figure is the share of one in another; null: it is one number
    Column("numerator_zh", String(64)),
    Column("numerator_en", String(64)),
    Column("denominator_zh", String(64)),
    Column("denominator_en", String(64)),
    # month: every month; once: for its first month alone. Null: month
    Column("frequency", String(8)),
    # Until which day of the following month it is asked for; null: nobody is asked for it
    Column("due_day", Integer),
    # The months that it is asked for; null: no first one, no last one
    Column("first_month", String(7)),
    Column("last_month", String(7)),
    # higher, lower or neither is better. Null: neither
    Column("direction", String(8)),
    # The department that answers questions about it, and what it is reported from
    Column("contact", String(64)),
    Column("source", String(200)),
    # The declared indicator that means the same, which counts the figure from facts
    Column("counted_as", String(64)),
)

# The townships that are asked for a figure; no row: all of them
reporting_township = Table(
    "reporting_township",
    metadata,
    Column("code", String(64), ForeignKey("reported_indicator.code"), primary_key=True),
    township_code(),
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

# What was done to a figure of a township and a month, a row a step; rows are only added. What counts is above.
report_step = Table(
    "report_step",
    metadata,
    township_code(),
    Column("month", String(7), primary_key=True),
    Column("code", String(64), ForeignKey("reported_indicator.code"), primary_key=True),
    # From 1; of two who write one at once, the second is refused
    Column("version", Integer, primary_key=True, autoincrement=False),
    # draft, submitted or returned
    Column("state", String(16), nullable=False),
    # What was said; null: a draft was taken back
    Column("numerator", Float),
    Column("denominator", Float),
    Column("at_least", Boolean, nullable=False),
    # What counted until then
    Column("was_numerator", Float),
    Column("was_denominator", Float),
    # Why it was returned, or corrected
    Column("reason", String(200), nullable=False),
    Column("done_by", String(120), nullable=False),
    Column("done_at", DateTime, nullable=False),
)
