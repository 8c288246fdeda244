"""Tables of the case database.

Portable across SQLite, PostgreSQL and MySQL-protocol servers. Facts carry ``township_code`` in their
primary key, so that they can be distributed by township; small dimensions are replicated. Identifiers
are made by the application, never by the server.

Times are naive local timestamps (one county, one time zone), months are ``YYYY-MM`` strings, money is
whole yuan. ``batch_id`` says which import wrote a row last; it has no foreign key, because batches live
on the coordinator while facts are distributed.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.mysql import MEDIUMTEXT

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _code(name: str, *, primary_key: bool = False, nullable: bool = True) -> Column[str]:
    return Column(name, String(64), primary_key=primary_key, nullable=nullable and not primary_key)


def _township(*, primary_key: bool = True) -> Column[str]:
    return Column("township_code", String(12), ForeignKey("township.code"), primary_key=primary_key, nullable=False)


def _village() -> Column[str]:
    return Column("village_code", String(12), ForeignKey("village.code"))


def _count(name: str) -> Column[int]:
    return Column(name, Integer)


# Columns that say something by being empty (not closed yet, no repeat) where a row's sources have them; where these do
# not, nothing is known. A row's ``recorded`` has the bits of those that its sources have, in this order.
TELLING: dict[str, tuple[str, ...]] = {
    "petition": ("signed_at", "due_at", "closed_at", "called_back", "repeat_of"),
    "project": ("actual_start", "actual_end"),
    "grid_event": ("due_at", "closed_at"),
}


def recorded_bits(table: str, columns: Collection[str]) -> int:
    """The bits of ``recorded`` for a source that has these columns."""
    return sum(1 << place for place, name in enumerate(TELLING.get(table, ())) if name in columns)


def _recorded() -> Column[int]:
    # Null: a row that comes from no file has all of them.
    return Column("recorded", Integer)


# --- Dimensions -----------------------------------------------------------------------------------

township = Table(
    "township",
    metadata,
    Column("code", String(12), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    # 街道 or 镇 (or 乡): the league it is compared in
    Column("kind", String(16), nullable=False),
    Column("residents", Integer),
    # Place in the schematic tile map; townships without one are laid out in code order.
    Column("tile_row", SmallInteger),
    Column("tile_column", SmallInteger),
)

township_alias = Table(
    "township_alias",
    metadata,
    Column("alias", String(64), primary_key=True),
    _township(primary_key=False),
)

village = Table(
    "village",
    metadata,
    Column("code", String(12), primary_key=True),
    _township(primary_key=False),
    Column("name", String(64), nullable=False),
    Index(None, "township_code"),
)

# What sources call a village, as somebody confirmed it; other words hold in other townships.
village_alias = Table(
    "village_alias",
    metadata,
    _township(),
    Column("alias", String(64), primary_key=True),
    Column("village_code", String(12), ForeignKey("village.code"), nullable=False),
)

grid = Table(
    "grid",
    metadata,
    _township(),
    _code("grid_code", primary_key=True),
    Column("name", String(64)),
    # 网格 or 微网格
    Column("kind", String(16), nullable=False),
    _code("parent_code"),
    _village(),
    # Missing where the source does not tell them, as the other amounts of registers and activities
    Column("workers", Integer),
    Column("opened_on", Date),
    Column("closed_on", Date),
)

# --- Facts ----------------------------------------------------------------------------------------

petition = Table(
    "petition",
    metadata,
    _township(),
    _code("case_no", primary_key=True),
    Column("channel", String(64)),
    Column("category_1", String(64)),
    Column("category_2", String(64)),
    Column("category_3", String(64)),
    Column("title", String(500)),
    Column("text", Text),
    Column("petitioner", String(120)),
    Column("phone", String(64)),
    _village(),
    _code("grid_code"),
    Column("received_at", DateTime, nullable=False),
    Column("signed_at", DateTime),
    Column("due_at", DateTime),
    Column("replied_at", DateTime),
    Column("closed_at", DateTime),
    Column("department", String(120)),
    Column("status", String(32)),
    # Callback results: true, false, or null where nobody asked.
    Column("called_back", Boolean),
    Column("resolved", Boolean),
    Column("satisfied", Boolean),
    _code("repeat_of"),
    # A case with a reason here was deleted as invalid and counts nowhere.
    Column("invalid_reason", String(200)),
    _recorded(),
    _code("batch_id"),
    Index(None, "township_code", "received_at"),
    Index(None, "township_code", "due_at"),
    Index(None, "township_code", "closed_at"),
    Index(None, "case_no"),
    # The latest cases of the whole county
    Index(None, "received_at", "case_no"),
)
# Few cases are repeats, and few are open: their indexes hold only these. What is asked of the open ones is all there.
_REPEATS = petition.c.repeat_of.is_not(None)
Index(
    "ix_petition_repeats",
    petition.c.township_code,
    petition.c.repeat_of,
    sqlite_where=_REPEATS,
    postgresql_where=_REPEATS,
)
_OPEN = petition.c.closed_at.is_(None)
Index(
    "ix_petition_open",
    petition.c.township_code,
    petition.c.due_at,
    petition.c.received_at,
    petition.c.case_no,
    petition.c.invalid_reason,
    petition.c.channel,
    petition.c.category_1,
    petition.c.category_2,
    petition.c.category_3,
    petition.c.status,
    petition.c.recorded,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)

camera = Table(
    "camera",
    metadata,
    _township(),
    _code("camera_id", primary_key=True),
    _village(),
    Column("place", String(200)),
    Column("kind", String(32)),
    Column("installed_on", Date, nullable=False),
    Column("removed_on", Date),
    _code("batch_id"),
    Index(None, "township_code", "village_code"),
)

camera_outage = Table(
    "camera_outage",
    metadata,
    _township(),
    _code("camera_id", primary_key=True),
    Column("started_at", DateTime, primary_key=True),
    Column("ended_at", DateTime),
    Column("cause", String(32)),
    _code("batch_id"),
    ForeignKeyConstraint(["township_code", "camera_id"], ["camera.township_code", "camera.camera_id"]),
    Index(None, "township_code", "ended_at"),
    Index(None, "township_code", "started_at"),
)

volunteer_team = Table(
    "volunteer_team",
    metadata,
    _township(),
    _code("team_id", primary_key=True),
    Column("name", String(120), nullable=False),
    # 网格志愿队 counts as a grid volunteer team
    Column("kind", String(32)),
    _village(),
    _code("grid_code"),
    Column("members", Integer),
    # Members registered under their real names
    Column("registered", Integer),
    Column("founded_on", Date, nullable=False),
    Column("dissolved_on", Date),
    _code("batch_id"),
)

volunteer_activity = Table(
    "volunteer_activity",
    metadata,
    _township(),
    _code("activity_id", primary_key=True),
    _code("team_id", nullable=False),
    Column("held_on", Date, nullable=False),
    Column("kind", String(32)),
    Column("participants", Integer),
    # Service hours of all participants together
    Column("hours", Float),
    _code("batch_id"),
    ForeignKeyConstraint(["township_code", "team_id"], ["volunteer_team.township_code", "volunteer_team.team_id"]),
    Index(None, "township_code", "held_on"),
    Index(None, "township_code", "team_id", "held_on"),
)

project = Table(
    "project",
    metadata,
    _township(),
    _code("project_id", primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(32)),
    _village(),
    Column("department", String(120)),
    Column("budget_yuan", BigInteger),
    Column("planned_start", Date, nullable=False),
    Column("planned_end", Date, nullable=False),
    Column("actual_start", Date),
    Column("actual_end", Date),
    Column("note", Text),
    _recorded(),
    _code("batch_id"),
)

project_report = Table(
    "project_report",
    metadata,
    _township(),
    _code("project_id", primary_key=True),
    Column("month", String(7), primary_key=True),
    # 储备, 前期, 在建, 完工 …
    Column("stage", String(32)),
    # Share done, in percent of the whole work
    Column("progress", Float, nullable=False),
    # Invested since the start
    Column("invested_yuan", BigInteger),
    Column("delay_reason", String(200)),
    _code("batch_id"),
    ForeignKeyConstraint(["township_code", "project_id"], ["project.township_code", "project.project_id"]),
    Index(None, "township_code", "month"),
)

grid_event = Table(
    "grid_event",
    metadata,
    _township(),
    _code("event_id", primary_key=True),
    _code("grid_code", nullable=False),
    # One of the county's kinds of matter, e.g. 矛盾纠纷, 安全隐患
    Column("kind", String(64), nullable=False),
    Column("reported_at", DateTime, nullable=False),
    Column("due_at", DateTime),
    Column("closed_at", DateTime),
    _recorded(),
    _code("batch_id"),
    Index(None, "township_code", "reported_at"),
    Index(None, "township_code", "closed_at"),
)

# Any figure a township reports by hand, so that a new line of work needs rows and no new table.
reported_indicator = Table(
    "reported_indicator",
    metadata,
    _code("code", primary_key=True),
    Column("area", String(32), nullable=False),
    Column("name_zh", String(64), nullable=False),
    Column("name_en", String(64), nullable=False),
    Column("unit", String(16), nullable=False),
    # sum: add the months of a period; last: the value at its end
    Column("over_months", String(8), nullable=False),
)

indicator_report = Table(
    "indicator_report",
    metadata,
    _township(),
    Column("month", String(7), primary_key=True),
    Column("code", String(64), ForeignKey("reported_indicator.code"), primary_key=True),
    Column("numerator", Float, nullable=False),
    Column("denominator", Float),
    # The source says "at least" (多个, 余人 …)
    Column("at_least", Boolean, nullable=False, default=False),
    _code("batch_id"),
)

# What a register said of a row until an import replaced it, so that past months keep what was true of them.
register_value = Table(
    "register_value",
    metadata,
    _township(),
    # township, volunteer_team or grid
    Column("table_name", String(64), primary_key=True),
    # The row's code within its township; empty for the township itself
    _code("row_code", primary_key=True),
    # It held from this month on
    Column("since", String(7), nullable=False),
    # The first month in which it held no more
    Column("until", String(7), primary_key=True),
    *map(_count, ("members", "registered", "workers", "residents")),
    # The import that replaced it
    _code("batch_id", nullable=False),
    Index(None, "batch_id"),
)

# --- Book-keeping ---------------------------------------------------------------------------------

import_batch = Table(
    "import_batch",
    metadata,
    _code("id", primary_key=True),
    Column("table_name", String(64), nullable=False),
    Column("file_name", String(255), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("started_at", DateTime, nullable=False),
    Column("finished_at", DateTime, nullable=False),
    Column("read", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    # The order in which batches were written; null: by a version that kept no history, so that it cannot be undone
    Column("number", Integer),
    # Until when its area's data reached before it; null: there were none
    Column("as_of_before", DateTime),
    Column("undone_at", DateTime),
    # JSON: our columns that the file had (mapped), and those that were the same for all its rows (defaulted)
    Column("fields", Text),
    Index(None, "number", unique=True),
)

# What a batch replaced. Rows that it created are not listed if they carry its batch_id.
import_change = Table(
    "import_change",
    metadata,
    _code("batch_id", primary_key=True),
    # The order in which the batch wrote
    Column("position", Integer, primary_key=True, autoincrement=False),
    # Empty where the row's primary key has no township
    Column("township_code", String(12), primary_key=True),
    Column("table_name", String(64), nullable=False),
    # JSON list of the primary key without the township
    Column("row_key", String(512), nullable=False),
    # Where the row went, if it left its township
    Column("moved_to", String(12)),
    # Who wrote the row before
    _code("previous_batch"),
    # JSON object of the whole row; null: the batch created it
    Column("before", Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")),
    Index(None, "table_name", "row_key"),
    Index(None, "previous_batch"),
)

# Per area: until when its data reach, a number that grows with every write, and since when its register is known.
data_state = Table(
    "data_state",
    metadata,
    Column("area", String(32), primary_key=True),
    Column("as_of", DateTime, nullable=False),
    Column("version", Integer, nullable=False),
    # The first month for which the sizes of the area's register are known; null: it has none
    Column("registers_since", String(7)),
)

# What the county calls itself, and whether these are sample data.
county_setting = Table(
    "county_setting",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", String(255), nullable=False),
)

# --- The monthly evaluation -----------------------------------------------------------------------

# Points given or taken by hand. What was entered wrong is withdrawn; nothing is deleted.
evaluation_item = Table(
    "evaluation_item",
    metadata,
    _township(),
    _code("id", primary_key=True),
    Column("month", String(7), nullable=False),
    _code("scheme", nullable=False),
    # Negative: taken away
    Column("points", Float, nullable=False),
    Column("reason", String(200), nullable=False),
    # Where the proof is: a document's number, a link
    Column("evidence", String(500), nullable=False),
    Column("entered_by", String(64), nullable=False),
    Column("entered_at", DateTime, nullable=False),
    Column("withdrawn_at", DateTime),
    Index(None, "month", "scheme"),
)

# Cases that do not count in a month's evaluation.
evaluation_exclusion = Table(
    "evaluation_exclusion",
    metadata,
    _township(),
    _code("id", primary_key=True),
    Column("month", String(7), nullable=False),
    _code("case_no", nullable=False),
    Column("reason", String(200), nullable=False),
    Column("entered_by", String(64), nullable=False),
    Column("entered_at", DateTime, nullable=False),
    Column("withdrawn_at", DateTime),
    Index(None, "month"),
)

# Published results. Rows are only added: a correction is a further version.
evaluation_freeze = Table(
    "evaluation_freeze",
    metadata,
    _code("scheme", primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("frozen_at", DateTime, nullable=False),
    Column("frozen_by", String(64), nullable=False),
    # Why it supersedes the version before; empty for the first
    Column("reason", String(200), nullable=False),
    # JSON: scheme, inputs, items, exclusions and scores, written so that equal contents are equal texts
    Column("content", Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb"), nullable=False),
    Column("sha256", String(64), nullable=False),
)

# --- Questions that viewers keep and send on --------------------------------------------------------

saved_view = Table(
    "saved_view",
    metadata,
    _code("id", primary_key=True),
    Column("name", String(80), nullable=False),
    Column("description", String(500), nullable=False),
    # JSON object: query parameters, each a list of texts; places by their codes and names
    Column("question", Text, nullable=False),
    # False: only whoever saved it is shown it in lists
    Column("is_shared", Boolean, nullable=False),
    # Where else it is shown: empty, overview or screen
    Column("place", String(16), nullable=False),
    Column("saved_by", String(120), nullable=False),
    Column("saved_at", DateTime, nullable=False),
    Column("removed_at", DateTime),
)

# Who took which rows away, and when. Words that were looked for are not kept: they may be somebody's name.
export_log = Table(
    "export_log",
    metadata,
    _code("id", primary_key=True),
    Column("exported_at", DateTime, nullable=False),
    Column("exported_by", String(120), nullable=False),
    Column("format", String(16), nullable=False),
    Column("question", String(2000), nullable=False),
    Column("rows", Integer, nullable=False),
    Index(None, "exported_at"),
)

# --- Monthly rollups: additive measures, written in the transaction that writes the facts -----------

# weekday: 1 Monday to 7 Sunday; two_hours: whole steps of two hours from receipt to closing
NUMERIC_DIMENSIONS = frozenset({"weekday", "hour", "two_hours"})


def _rollup(name: str, dimensions: tuple[str, ...], *measures: Column[int] | Column[float]) -> Table:
    return Table(
        name,
        metadata,
        _township(),
        Column("month", String(7), primary_key=True),
        *(
            Column(
                dimension,
                SmallInteger if dimension in NUMERIC_DIMENSIONS else String(64),
                primary_key=True,
                autoincrement=False,
            )
            for dimension in dimensions
        ),
        *measures,
        Index(None, "month"),
        info={"dimensions": ("township_code", "month", *dimensions)},
    )


def _petition_measures() -> tuple[Column[int] | Column[float], ...]:
    counts = (
        "received",
        "completed",
        "repeats",
        "sign_expected",
        "signed_in_time",
        "due",
        "closed_on_time",
        "overdue_open",
        "closed",
        "called_back",
        "resolved_answers",
        "resolved",
        "satisfied_answers",
        "satisfied",
        "false_closed",
        # Of how many cases received, and of how many closed, a source tells something
        "closing_known",
        "signing_recorded",
        "deadlines_recorded",
        "closing_recorded",
        "callbacks_recorded",
        "repeats_recorded",
        "callbacks_due",
        "reopenable",
    )
    return (*map(_count, counts), Column("handling_hours", Float))


# resident_cases: the cases received from the residents that are counted
petition_month = _rollup("petition_month", (), *_petition_measures(), _count("resident_cases"), _count("residents"))
petition_category_month = _rollup(
    "petition_category_month", ("channel", "category_1", "category_2", "category_3"), *_petition_measures()
)
petition_village_month = _rollup("petition_village_month", ("village_code",), *_petition_measures())
petition_hour_month = _rollup("petition_hour_month", ("weekday", "hour"), _count("received"))
petition_duration_month = _rollup("petition_duration_month", ("two_hours",), _count("closed"))

camera_month = _rollup(
    "camera_month",
    (),
    *map(
        _count,
        ("cameras", "watched", "working", "offline_24h", "villages", "villages_covered", "outages", "repairs"),
    ),
    Column("hours_due", Float),
    Column("hours_up", Float),
    Column("repair_hours", Float),
)
camera_outage_month = _rollup("camera_outage_month", ("cause",), _count("outages"), Column("hours_down", Float))

volunteer_month = _rollup(
    "volunteer_month",
    (),
    *map(
        _count,
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
volunteer_kind_month = _rollup("volunteer_kind_month", ("kind",), _count("activities"), Column("hours", Float))

project_month = _rollup(
    "project_month",
    ("kind", "stage"),
    *map(_count, ("projects", "started", "starts_recorded", "completed", "ends_recorded", "reported", "behind")),
    Column("gap_points", Float),
    Column("done_points", Float),
    Column("planned_points", Float),
    Column("budget_yuan", BigInteger),
    Column("invested_yuan", BigInteger),
)

grid_month = _rollup(
    "grid_month",
    (),
    *map(
        _count,
        (
            "villages",
            "grids",
            "micro_grids",
            "workers",
            "events",
            "completed",
            "closed",
            "due",
            "closed_on_time",
            "hazards",
            "disputes",
            "disputes_closed",
            "closing_recorded",
            "deadlines_recorded",
            "grid_months",
            "inactive_grid_months",
        ),
    ),
)
grid_kind_month = _rollup("grid_kind_month", ("kind",), *map(_count, ("events", "closed", "due", "closed_on_time")))

FACTS = (
    petition,
    camera,
    camera_outage,
    volunteer_team,
    volunteer_activity,
    project,
    project_report,
    grid_event,
    indicator_report,
)
ROLLUPS = tuple(table for table in metadata.sorted_tables if table.name.endswith("_month"))


def _to_date(rollup: Table) -> Table:
    columns = (
        Column(column.name, column.type, primary_key=column.primary_key, autoincrement=False)
        for column in rollup.c
        if column.name != "township_code"
    )
    return Table(f"{rollup.name}_to_date", metadata, _township(), *columns, info=rollup.info)


# While an area's last month is unfinished: the month before and that of the year before, as they stood at the same day
# and time. An unfinished month is compared with these and never with whole ones.
TO_DATE = {rollup: _to_date(rollup) for rollup in ROLLUPS if rollup is not project_month}
