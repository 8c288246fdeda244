"""How files of volunteer teams and of their activities are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from data_access.areas.volunteers.tables import volunteer_activity, volunteer_kind_month, volunteer_team
from data_access.model.import_table import Fault, Field, ImportTable, Values
from data_access.places.imports import TOWNSHIP, VILLAGE
from data_access.places.tables import grid
from data_access.problems import Rule

if TYPE_CHECKING:
    from data_access.importing.places import Places


_MORE_THAN_MEMBERS = Rule("more-than-members", "多于队员人数（{members}）", "exceeds the number of members ({members})")


def _team_rule(values: Values, _places: Places) -> Iterator[Fault]:
    members, registered = values.get("members"), values.get("registered")
    if members is not None and registered is not None and registered > members:
        yield "registered", _MORE_THAN_MEMBERS.broken(members=members)


TEAMS = ImportTable(
    "volunteer_teams",
    "志愿队伍",
    "Volunteer teams",
    volunteer_team,
    area="volunteers",
    identity=("team_id", "township_code"),
    never_changes=("founded_on", "name"),
    rule=_team_rule,
    fields=(
        Field("team_id", "code", required=True),
        TOWNSHIP,
        Field("name", "text", required=True),
        Field("kind", "text", words=volunteer_team.c.kind),
        VILLAGE,
        Field("grid_code", "code", parent=grid),
        Field("members", "number"),
        Field("registered", "number"),
        Field("founded_on", "date", required=True),
        Field("dissolved_on", "date", not_before="founded_on"),
    ),
)

ACTIVITIES = ImportTable(
    "volunteer_activities",
    "志愿活动",
    "Volunteer activities",
    volunteer_activity,
    area="volunteers",
    brings=("active_team_rate", "activities", "service_hours", "hours_per_team"),
    identity=("activity_id", "township_code"),
    never_changes=("held_on",),
    is_log=True,
    fields=(
        Field("activity_id", "code", required=True),
        TOWNSHIP,
        Field("team_id", "code", required=True, parent=volunteer_team),
        Field("held_on", "date", required=True, not_in_future=True),
        Field("kind", "text", words=volunteer_kind_month.c.kind),
        Field("participants", "number"),
        Field("hours", "hours"),
    ),
)
