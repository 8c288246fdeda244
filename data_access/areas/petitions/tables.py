"""Cases, and the months that they are counted in."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, Float, Index, String, Text, and_, literal_column

from data_access.areas.petitions.area import CATEGORIES
from data_access.model.tables import PERSONAL, code, count, fact_table, rollup_table, village_code
from data_access.places.points import point_columns

petition = fact_table(
    "petitions",
    "petition",
    code("case_no", primary_key=True),
    Column("channel", String(120)),
    Column("category_1", String(120)),
    Column("category_2", String(120)),
    Column("category_3", String(120)),
    Column("title", String(500)),
    Column("text", Text, info=PERSONAL),
    Column("petitioner", String(120), info=PERSONAL),
    Column("phone", String(64), info=PERSONAL),
    *point_columns(is_personal=True),
    village_code(),
    code("grid_code"),
    Column("received_at", DateTime, nullable=False),
    Column("signed_at", DateTime),
    Column("due_at", DateTime),
    Column("replied_at", DateTime),
    Column("closed_at", DateTime),
    Column("department", String(200)),
    Column("status", String(64)),
    # Callback results: true, false, or null where nobody asked.
    Column("called_back", Boolean),
    Column("resolved", Boolean),
    Column("satisfied", Boolean),
    code("repeat_of"),
    # A case with a reason here was deleted as invalid and counts nowhere.
    Column("invalid_reason", String(200)),
    Index(None, "township_code", "received_at"),
    Index(None, "township_code", "due_at"),
    Index(None, "township_code", "closed_at"),
    Index(None, "case_no"),
    # The latest cases of the whole county
    Index(None, "received_at", "case_no"),
    telling=("signed_at", "due_at", "closed_at", "called_back", "repeat_of"),
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
# A township's in the order in which they are due, with all that lists are narrowed by
_BY_DUE_DATE = (
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
)
Index(
    "ix_petition_open",
    *_BY_DUE_DATE,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
# Which valid open ones are due, the first due first, with all that today's list counts them by. Where an index can't hold some
# rows alone (MySQL), those without a closing time stand together in it.
_OPEN_AND_VALID = and_(_OPEN, petition.c.invalid_reason.is_(None))
Index(
    "ix_petition_due",
    petition.c.closed_at,
    petition.c.due_at,
    petition.c.case_no,
    petition.c.township_code,
    petition.c.department,
    petition.c.status,
    petition.c.recorded,
    sqlite_where=_OPEN_AND_VALID,
    postgresql_where=_OPEN_AND_VALID,
)
# Those whose sources say where they are, the first due first. The number is written out: databases take an index that holds
# some rows alone only where a statement says what it holds.
IS_PLACED = petition.c.longitude > literal_column("0")
_OPEN_AND_PLACED = and_(_OPEN, IS_PLACED)
Index(
    "ix_petition_placed",
    *_BY_DUE_DATE,
    sqlite_where=_OPEN_AND_PLACED,
    postgresql_where=_OPEN_AND_PLACED,
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
    return (*map(count, counts), Column("handling_hours", Float))


# resident_cases: the cases received from the residents that are counted
petition_month = rollup_table(
    "petitions", "petition_month", (), *_petition_measures(), count("resident_cases"), count("residents")
)

petition_category_month = rollup_table("petitions", "petition_category_month", CATEGORIES, *_petition_measures())

# The finest one, which the two above are summed up from
petition_department_month = rollup_table(
    "petitions", "petition_department_month", (*CATEGORIES, "department"), *_petition_measures()
)

petition_village_month = rollup_table("petitions", "petition_village_month", ("village_code",), *_petition_measures())

petition_hour_month = rollup_table("petitions", "petition_hour_month", ("weekday", "hour"), count("received"))

petition_duration_month = rollup_table("petitions", "petition_duration_month", ("two_hours",), count("closed"))
