"""The indicators of volunteers."""

from __future__ import annotations

from data_access.areas.volunteers.area import AREA
from data_access.model.indicator import HOURS, MONTH_END, Indicator

INDICATORS = (
    Indicator(
        "teams", "volunteers", "队伍数", "Teams", "支", "teams", AREA.source, "teams", None,
        "月末在册的志愿队伍数", "Teams on the register at the end of the month",
        *MONTH_END, over_months="last",
        words="志愿队数、队伍数量、志愿队伍数、志愿服务队数、number of teams",
    ),
    Indicator(
        "grid_teams", "volunteers", "网格志愿队", "Grid volunteer teams", "支", "teams", AREA.source, "grid_teams", None,
        "月末类型为“网格志愿队”的队伍数", "Teams of the kind 网格志愿队 at the end of the month",
        *MONTH_END, over_months="last",
        words="网格志愿队数、网格志愿队伍、grid teams",
    ),
    Indicator(
        "volunteers", "volunteers", "志愿者数", "Volunteers", "人", "people", AREA.source, "members", None,
        "月末在册队伍的成员数；登记册首次装入之前的月份不详",
        "Members of the teams on the register; not known for months before the register was first loaded",
        *MONTH_END, direction="higher", over_months="last",
        words="志愿者人数、志愿者数量、number of volunteers",
    ),
    Indicator(
        "registered_rate", "volunteers", "实名注册率", "Registered share of residents", "%", "%", AREA.source,
        "registered", "residents",
        "实名注册志愿者数 ÷ 常住人口；任一不详的镇街两边都不计；登记册首次装入之前的月份不详",
        "Volunteers registered under their real names / residents; townships where either is unknown count on neither "
        "side; not known for months before the register was first loaded",
        *MONTH_END, scale=100, decimals=1, direction="higher", target=13, over_months="last",
        words="注册率、实名率、志愿者注册率、registered rate、registration rate",
    ),
    Indicator(
        "active_team_rate", "volunteers", "活跃队伍率", "Active teams", "%", "%", AREA.source,
        "active_team_months", "team_months",
        "当月至少开展一次活动的队伍数 ÷ 队伍数；多月按队·月累计",
        "Teams with at least one activity in the month / teams; several months add up as team-months",
        "活动日期", "date of the activity", scale=100, decimals=1, direction="higher", target=80,
        words="活跃率、队伍活跃率、active rate、active team rate",
    ),
    Indicator(
        "activities", "volunteers", "活动场次", "Activities", "场", "activities", AREA.source, "activities", None,
        "当期开展的活动场次", "Activities held in the period",
        "活动日期", "date of the activity", direction="higher",
        words="活动数、活动次数、活动场数、志愿活动场次、number of activities、events held、volunteer activities",
    ),
    Indicator(
        "service_hours", "volunteers", "服务时长", "Service hours", "小时", "hours", AREA.source, "hours", None,
        "当期活动全部参加者的服务小时数之和", "Service hours of all participants",
        "活动日期", "date of the activity", direction="higher",
        words="服务小时、服务小时数、志愿服务时长、志愿时长、服务时间、服务多少小时、服务了多少小时、服务多少个小时、志愿服务多少小时、volunteer hours、hours served",
    ),
    Indicator(
        "hours_per_team", "volunteers", "队均服务时长", "Hours per team", "小时", "hours", AREA.source,
        "timed_hours", "timed_team_months",
        "服务小时数 ÷ 队伍数（多月按队·月累计，即每队每月）；有活动未记时长的队伍当月不计",
        "Service hours / team-months, that is per team and month; without teams that left out an activity's hours",
        "活动日期", "date of the activity", counted_in=(HOURS, ("队·月", "team-months")), decimals=1, direction="higher",
        words="队均时长、每队时长、平均服务时长、hours per team",
    ),
    Indicator(
        "grid_coverage", "volunteers", "网格覆盖率", "Grids with a team", "%", "%", AREA.source, "grids_covered", "grids",
        "有志愿队伍的网格数 ÷ 网格数；从未登记队伍的镇街不计",
        "Grids with a volunteer team / grids; without townships that never had a team on the register",
        *MONTH_END, scale=100, decimals=1, direction="higher", over_months="last",
        words="网格志愿覆盖率、志愿网格覆盖率、grid coverage",
    ),
)  # fmt: skip

# What teams are called that did nothing: 没搞过活动的志愿队
_WITHOUT_ACTIVITY = "、".join(
    f"{none}的{team}"
    for none in (
        *(
            f"{no}活动"
            for no in (
                "没搞",
                "没有搞",
                "没搞过",
                "没有搞过",
                "没开展",
                "没有开展",
                "没开展过",
                "未开展",
                "没",
                "没有",
                "无",
                "不",
            )
        ),
        *(
            f"{one}活动{no}"
            for one in ("一场", "一次")
            for no in ("没有", "没搞", "都没有", "都没搞", "都没搞过", "都没开展", "都没")
        ),
    )
    for team in ("队伍", "志愿队", "志愿队伍", "志愿服务队", "志愿者队伍")
)
# Only a question about the facts can tell them: no page, no evaluation and no rollup has them.
QUESTIONS = (
    Indicator(
        "quiet_teams", "volunteers", "无活动队伍", "Teams without activity", "支", "teams", AREA.source, "quiet_teams", None,
        "期末在册、整个时段没有一次活动的队伍数；所在镇街整个时段未报活动的不计",
        "Teams on the register at the end without any activity in the whole period; not where the township reported none",
        "活动日期", "date of the activity", direction="lower", over_months="period",
        words=f"{_WITHOUT_ACTIVITY}、没活动队伍、inactive teams、quiet teams、teams without activities",
    ),
)  # fmt: skip
