"""Projects and their monthly reports, and the months that they are counted in."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Float, ForeignKeyConstraint, Index, String, Text

from data_access.model.tables import code, count, fact_table, rollup_table, village_code

project = fact_table(
    "projects",
    "project",
    code("project_id", primary_key=True),
    Column("name", String(500), nullable=False),
    Column("kind", String(200)),
    village_code(),
    Column("department", String(200)),
    Column("budget_yuan", BigInteger),
    Column("planned_start", Date, nullable=False),
    Column("planned_end", Date, nullable=False),
    Column("actual_start", Date),
    Column("actual_end", Date),
    Column("note", Text),
    telling=("actual_start", "actual_end"),
)

project_report = fact_table(
    "projects",
    "project_report",
    code("project_id", primary_key=True),
    Column("month", String(7), primary_key=True),
    # 储备, 前期, 在建, 完工 …
    Column("stage", String(200)),
    # Share done, in percent of the whole work
    Column("progress", Float, nullable=False),
    # Invested since the start
    Column("invested_yuan", BigInteger),
    Column("delay_reason", String(1000)),
    ForeignKeyConstraint(["township_code", "project_id"], ["project.township_code", "project.project_id"]),
    Index(None, "township_code", "month"),
)

project_month = rollup_table(
    "projects",
    "project_month",
    ("kind", "stage"),
    *map(count, ("projects", "started", "starts_recorded", "completed", "ends_recorded", "reported", "behind")),
    Column("gap_points", Float),
    Column("done_points", Float),
    Column("planned_points", Float),
    Column("budget_yuan", BigInteger),
    Column("invested_yuan", BigInteger),
    is_kept_to_date=False,
)
