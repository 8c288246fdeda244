"""Teams and their activities, and the months that they are counted in."""

from __future__ import annotations

from sqlalchemy import Column, Date, Float, ForeignKeyConstraint, Index, Integer, String

from data_access.model.tables import code, count, fact_table, rollup_table, village_code

volunteer_team = fact_table(
    "volunteers",
    "volunteer_team",
    code("team_id", primary_key=True),
    Column("name", String(200), nullable=False),
    # 网格志愿队 counts as a grid volunteer team
    Column("kind", String(200)),
    village_code(),
    code("grid_code"),
    Column("members", Integer),
    # Members registered under their real names
    Column("registered", Integer),
    Column("founded_on", Date, nullable=False),
    Column("dissolved_on", Date),
)

volunteer_activity = fact_table(
    "volunteers",
    "volunteer_activity",
    code("activity_id", primary_key=True),
    code("team_id", nullable=False),
    Column("held_on", Date, nullable=False),
    Column("kind", String(200)),
    Column("participants", Integer),
    # Service hours of all participants together
    Column("hours", Float),
    ForeignKeyConstraint(["township_code", "team_id"], ["volunteer_team.township_code", "volunteer_team.team_id"]),
    Index(None, "township_code", "held_on"),
    Index(None, "township_code", "team_id", "held_on"),
)

volunteer_month = rollup_table(
    "volunteers",
    "volunteer_month",
    (),
    *map(
        count,
        (
            "teams",
            "grid_teams",
            "members",
            "registered",
            "residents",
            "grids",
            "grids_covered",
            "team_months",
            "active_team_months",
            # Teams whose activities all tell their hours, where some activity of the township does
            "timed_team_months",
            "activities",
            "participants",
        ),
    ),
    Column("hours", Float),
    Column("timed_hours", Float),
)

volunteer_kind_month = rollup_table(
    "volunteers", "volunteer_kind_month", ("kind",), count("activities"), Column("hours", Float)
)
