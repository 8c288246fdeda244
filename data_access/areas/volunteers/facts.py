"""Volunteer teams and their activities as rows that can be counted."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import and_, case, func, literal, select

from data_access.areas.grid.register import in_use
from data_access.areas.volunteers.rollup import ACTIVITIES, GRID_TEAM
from data_access.areas.volunteers.tables import volunteer_activity, volunteer_team
from data_access.model.facts import FactRows, Facts, Span, parts_of_time, within_township
from data_access.model.rollup import named, one_if
from data_access.registers import TEAMS, Replaced


def _teams(span: Span) -> FactRows:
    months = span.periods
    t, a, m = volunteer_team.c, volunteer_activity.c, months.c
    within = and_(a.township_code == t.township_code, a.held_on >= m.first_day, a.held_on <= m.last_day)
    has_reported = select(literal(1)).where(within).correlate(volunteer_team, months).exists()
    own = and_(within, a.team_id == t.team_id)
    is_active = select(literal(1)).where(own).correlate(volunteer_team, months).exists()
    is_known = m.month >= span.registers_since
    past = Replaced(TEAMS, m.month)
    members = case((is_known, past.value("members")))
    has_timed = select(literal(1)).where(within, a.hours.is_not(None)).correlate(volunteer_team, months).exists()
    has_untimed = select(literal(1)).where(own, a.hours.is_(None)).correlate(volunteer_team, months).exists()
    is_timed = and_(has_timed, ~has_untimed)
    hours = select(func.coalesce(func.sum(a.hours), 0.0)).where(own).correlate(volunteer_team, months).scalar_subquery()
    last_held = (
        select(func.max(a.held_on))
        .where(a.township_code == t.township_code, a.team_id == t.team_id, a.held_on <= m.last_day)
        .correlate(volunteer_team, months)
        .scalar_subquery()
    )
    return FactRows(
        volunteer_team.join(months, in_use(t.founded_on, t.dissolved_on, months)).outerjoin(past.rows, past.is_of_row),
        None,
        {
            "township_code": t.township_code,
            "month": m.month,
            "village_code": named(t.village_code),
            "team_kind": named(t.kind),
            "team": within_township(t.township_code, t.team_id),
        },
        {
            "teams": literal(1),
            "grid_teams": one_if(t.kind == GRID_TEAM),
            "members": members,
            "team_months": case((has_reported, 1)),
            "active_team_months": case((has_reported, one_if(is_active))),
            "timed_team_months": case((is_timed, 1)),
            "timed_hours": case((is_timed, hours)),
            "quiet_teams": case((has_reported, one_if(~is_active))),
        },
        (),
        (t.township_code, t.team_id),
        (t.name, t.team_id),
        {
            "team_id": t.team_id,
            "team_name": t.name,
            "village_code": t.village_code,
            "team_kind": t.kind,
            "members": members,
            "founded_on": t.founded_on,
            "last_held_on": last_held,
        },
        frozenset({"members", "timed_hours"}),
    )


def _activities(_span: Span) -> FactRows:
    t, a = volunteer_team.c, volunteer_activity.c
    return FactRows(
        volunteer_activity.join(volunteer_team, and_(t.township_code == a.township_code, t.team_id == a.team_id)),
        a.held_on,
        {
            "township_code": a.township_code,
            **parts_of_time(a.held_on, has_hours=False),
            "village_code": named(t.village_code),
            "team_kind": named(t.kind),
            "team": within_township(a.township_code, a.team_id),
            "activity_kind": named(a.kind),
        },
        ACTIVITIES,
        (),
        (a.township_code, a.activity_id),
        (t.name, a.activity_id),
        {
            "activity_id": a.activity_id,
            "team_name": t.name,
            "village_code": t.village_code,
            "activity_kind": a.kind,
            "held_on": a.held_on,
            "participants": a.participants,
            "hours": a.hours,
        },
        frozenset({"participants", "hours"}),
    )


FACTS: Mapping[str, Facts] = {"teams": _teams, "activities": _activities}
