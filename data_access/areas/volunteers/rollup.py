"""How volunteer teams are counted by month: the teams on the register, and their activities."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sqlalchemy import (
    Connection,
    Insert,
    and_,
    case,
    func,
    literal,
    select,
)

from data_access.areas.grid.register import grids_in_use, in_use, joined_to_grid
from data_access.areas.volunteers.tables import (
    volunteer_activity,
    volunteer_kind_month,
    volunteer_month,
    volunteer_team,
)
from data_access.model.rollup import (
    KEPT_STATEMENTS,
    Expression,
    Rollup,
    Shape,
    Slice,
    calendar_of,
    named,
    sums_into,
    sums_of,
    total,
)
from data_access.places.tables import grid, township
from data_access.registers import TEAMS, TOWNSHIPS, Replaced
from data_access.sql_functions import month_of

GRID_TEAM = "网格志愿队"
# What an activity adds
ACTIVITIES: Mapping[str, Expression] = {
    "activities": literal(1),
    "participants": volunteer_activity.c.participants,
    "hours": volunteer_activity.c.hours,
}


@lru_cache(maxsize=KEPT_STATEMENTS)
def _counting(shape: Shape, count: int) -> tuple[Insert, ...]:
    months = calendar_of(count)
    m, t, a = months.c, volunteer_team.c, volunteer_activity.c
    month, around = month_of(a.held_on), grid.alias("around")
    held = (
        select(
            a.township_code,
            a.team_id,
            m.month,
            *sums_of(ACTIVITIES),
            func.count(a.hours).label("timed"),
        )
        .join(months, and_(month == m.month, a.held_on <= m.last_day))
        .where(shape.rows(a.township_code))
        .group_by(a.township_code, a.team_id, m.month)
        .subquery("held")
    )
    activity = select(
        held.c.township_code,
        held.c.month,
        *sums_of({name: held.c[name] for name in ACTIVITIES}),
    ).group_by(held.c.township_code, held.c.month)
    reporting = activity.subquery("reporting")
    is_timed = func.coalesce(held.c.activities, 0) == func.coalesce(held.c.timed, 0)
    past_team = Replaced(TEAMS, m.month)
    is_known = m.month >= shape.registers_since
    team = joined_to_grid(
        select(
            t.township_code,
            m.month,
            func.count().label("teams"),
            total(t.kind == GRID_TEAM).label("grid_teams"),
            func.sum(case((is_known, past_team.value("members")))).label("members"),
            func.sum(past_team.value("registered")).label("registered"),
            func.count(around.c.grid_code.distinct()).label("grids_covered"),
            func.count(held.c.team_id).label("active"),
            total(is_timed).label("timed"),
            func.sum(case((is_timed, held.c.hours))).label("timed_hours"),
        )
        .join(months, in_use(t.founded_on, t.dissolved_on, months))
        .outerjoin(past_team.rows, past_team.is_of_row)
        .outerjoin(
            held,
            and_(
                held.c.township_code == t.township_code,
                held.c.team_id == t.team_id,
                held.c.month == m.month,
            ),
        )
        .where(shape.rows(t.township_code))
        .group_by(t.township_code, m.month),
        volunteer_team,
        around,
        months,
    ).subquery("team")
    # A township with its first team takes part for good: without any left, none of its people is registered.
    first_team = (
        select(t.township_code, func.min(t.founded_on).label("founded_on"))
        .where(shape.rows(t.township_code))
        .group_by(t.township_code)
        .subquery("first_team")
    )
    past_township = Replaced(TOWNSHIPS, m.month)
    residents = func.nullif(past_township.value("residents"), 0)
    registered = case((team.c.month.is_(None), 0), else_=team.c.registered)
    has_timed = and_(reporting.c.hours.is_not(None), team.c.timed > 0)
    both_known = and_(is_known, registered.is_not(None), residents.is_not(None))
    stock = (
        select(
            first_team.c.township_code,
            m.month,
            team.c.teams,
            team.c.grid_teams,
            team.c.members,
            case((both_known, registered)).label("registered"),
            case((both_known, residents)).label("residents"),
            func.coalesce(team.c.grids_covered, 0).label("grids_covered"),
            case((reporting.c.activities > 0, team.c.teams)).label("team_months"),
            case((reporting.c.activities > 0, team.c.active)).label("active_team_months"),
            case((has_timed, team.c.timed)).label("timed_team_months"),
            case((has_timed, func.coalesce(team.c.timed_hours, 0.0))).label("timed_hours"),
        )
        .join(months, first_team.c.founded_on <= m.last_day)
        .join(township, township.c.code == first_team.c.township_code)
        .outerjoin(past_township.rows, past_township.is_of_row)
        .outerjoin(team, and_(team.c.township_code == first_team.c.township_code, team.c.month == m.month))
        .outerjoin(
            reporting,
            and_(reporting.c.township_code == first_team.c.township_code, reporting.c.month == m.month),
        )
    )
    grids = grids_in_use(shape, months).join(
        first_team, and_(first_team.c.township_code == grid.c.township_code, first_team.c.founded_on <= m.last_day)
    )
    kind = named(a.kind)
    by_kind = (
        select(
            a.township_code,
            month.label("month"),
            kind.label("kind"),
            *sums_of({name: ACTIVITIES[name] for name in ("activities", "hours")}),
        )
        .where(shape.rows(a.township_code, a.held_on), a.held_on <= shape.as_of_day)
        .group_by(a.township_code, month, kind)
    )
    return (
        sums_into(shape.into(volunteer_month), stock, activity, grids),
        sums_into(shape.into(volunteer_kind_month), by_kind),
    )


def _build(connection: Connection, part: Slice) -> None:
    part.recount(connection, _counting, volunteer_month, volunteer_kind_month)


ROLLUP = Rollup(
    (volunteer_month, volunteer_kind_month),
    (volunteer_activity.c.held_on,),
    _build,
    (volunteer_team.c.founded_on, volunteer_team.c.dissolved_on),
    month_of(volunteer_activity.c.held_on),
)
