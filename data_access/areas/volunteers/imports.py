"""How files of volunteer teams and of their activities are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from data_access.areas.volunteers.tables import volunteer_activity, volunteer_team
from data_access.model.import_table import Fault, Field, ImportTable, Values
from data_access.places.imports import TOWNSHIP, VILLAGE
from data_access.places.tables import grid
from data_access.problems import Rule

if TYPE_CHECKING:
    from data_access.importing.places import Places

_TEAM_HEADERS = ("队伍编号", "团队编号", "志愿队编号", "组织编号", "服务队编号")


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
    rule=_team_rule,
    fields=(
        Field("team_id", "code", (*_TEAM_HEADERS, "编号"), required=True),
        TOWNSHIP,
        Field("name", "text", ("队伍名称", "团队名称", "志愿队名称", "服务队名称", "组织名称", "名称"), required=True),
        Field("kind", "text", ("队伍类型", "团队类型", "服务类别", "类型", "类别")),
        VILLAGE,
        Field("grid_code", "code", ("网格编号", "所属网格", "网格"), parent=grid),
        Field("members", "number", ("队员人数", "志愿者人数", "成员数", "队伍人数", "志愿者数", "人数")),
        Field("registered", "number", ("实名注册人数", "注册人数", "实名注册志愿者数", "实名人数")),
        Field("founded_on", "date", ("成立日期", "成立时间", "注册日期", "组建时间"), required=True),
        Field("dissolved_on", "date", ("撤销日期", "解散日期", "注销日期"), not_before="founded_on"),
    ),
)

ACTIVITIES = ImportTable(
    "volunteer_activities",
    "志愿活动",
    "Volunteer activities",
    volunteer_activity,
    area="volunteers",
    identity=("activity_id", "township_code"),
    fields=(
        Field("activity_id", "code", ("活动编号", "项目编号", "编号"), required=True),
        TOWNSHIP,
        Field("team_id", "code", _TEAM_HEADERS, required=True, parent=volunteer_team),
        Field(
            "held_on",
            "date",
            ("活动日期", "活动时间", "开展日期", "开展时间", "服务日期"),
            required=True,
            not_in_future=True,
        ),
        Field("kind", "text", ("活动类型", "服务类型", "活动类别", "类型")),
        Field("participants", "number", ("参与人数", "参加人数", "服务人数", "人数")),
        Field("hours", "decimal", ("服务时长", "服务总时长", "志愿服务时长", "时长")),
    ),
)
