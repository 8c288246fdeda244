"""Teams without activity."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
from sqlalchemy import (
    Engine,
    and_,
    func,
    or_,
    select,
)

from data_access.areas.volunteers.tables import volunteer_activity, volunteer_team
from data_access.model.narrowing import in_scope
from data_access.places.tables import village
from data_access.scope import Scope, month_end, month_start


def quiet_teams(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Teams without an activity in the scope's last month, the longest quiet first.

    Columns: team_name, township_code, village, team_kind, members_now, last_held_on (missing: never), team_id.
    """
    t, a = volunteer_team.c, volunteer_activity.c
    last_day = month_end(scope.end) - timedelta(days=1)
    with engine.connect() as connection:
        last_held = (
            select(a.township_code, a.team_id, func.max(a.held_on).label("last_held_on"))
            .where(in_scope(volunteer_activity, scope), a.held_on <= last_day.date())
            .group_by(a.township_code, a.team_id)
            .subquery()
        )
        query = (
            select(
                t.name.label("team_name"),
                t.township_code,
                village.c.name.label("village"),
                t.kind.label("team_kind"),
                t.members.label("members_now"),
                last_held.c.last_held_on,
                t.team_id,
            )
            .outerjoin(
                last_held,
                and_(last_held.c.township_code == t.township_code, last_held.c.team_id == t.team_id),
            )
            .outerjoin(village, village.c.code == t.village_code)
            .where(
                in_scope(volunteer_team, scope),
                t.founded_on <= last_day.date(),
                or_(t.dissolved_on.is_(None), t.dissolved_on > last_day.date()),
                or_(last_held.c.last_held_on.is_(None), last_held.c.last_held_on < month_start(scope.end).date()),
            )
            .order_by(last_held.c.last_held_on.is_not(None), last_held.c.last_held_on, t.team_id)
        )
        return pd.read_sql_query(query, connection, parse_dates=["last_held_on"])


# How far back the list of idle grids looks
