"""What facts can be counted by and filtered by, each declared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# time: in the order of the calendar; name: a name or code as the source gave it; answer: one of a few fixed answers
Kind = Literal["time", "name", "answer"]


@dataclass(frozen=True)
class Dimension:
    """A property of facts. ``answers`` names the values of an answer, in the order they are shown.

    ``words``: what else people call it, in both languages, with 、 between them. ``said``: the answers, any of which will
    do, that such words stand for.
    """

    code: str
    zh: str
    en: str
    kind: Kind = "name"
    answers: tuple[tuple[str, str, str], ...] = ()
    words: str = ""
    said: tuple[tuple[str, tuple[str, ...]], ...] = ()


_YES_NO = (("yes", "是", "yes"), ("no", "否", "no"))

_ALL = (
    Dimension(
        "month",
        "月份",
        "Month",
        "time",
        words="什么时候、啥时候、何时、月、月度、几月、几月份、走势、趋势、变化趋势、走势图、趋势图、变化趋势图、曲线图、折线图、month、monthly、trend、over time",
    ),
    Dimension("week", "周", "Week", "time", words="周、week、weekly"),
    Dimension("weekday", "星期", "Weekday", "time", words="什么时候、啥时候、何时、星期几、周几、day of the week"),
    Dimension(
        "hour",
        "时刻",
        "Hour",
        "time",
        words="什么时候、啥时候、何时、时段、几点钟、小时、钟点、几点、时间段、hour、hourly、time of day",
    ),
    Dimension("township_code", "镇街", "Township", words="镇、乡镇、街镇、镇办、乡、township、town"),
    Dimension("league", "镇街类型", "Kind of township", words="镇街种类、镇和街道、街道和镇"),
    Dimension("village_code", "村（社区）", "Village", words="村、村居、村庄、社区、village、community"),
    Dimension("grid_code", "网格", "Grid"),
    Dimension(
        "category_1",
        "一级类别",
        "Category, level 1",
        words="哪种、类、类别、类型、各种、什么问题、啥问题、哪些问题、的是什么、的是啥、的问题是什么、的是什么问题、的是哪些问题、分类、种类、大类、反映什么、都反映什么、反映些什么、反映了什么、反映的是什么、反映哪些问题、反映了哪些问题、投诉什么、投诉些什么、投诉的是什么、哪方面、哪些方面、哪类问题、category、type、kind、一级分类、一级类、top category、main category",
    ),
    Dimension("category_2", "二级类别", "Category, level 2", words="中类、二级分类、二级类、subcategory"),
    Dimension("category_3", "三级类别", "Category, level 3", words="小类、三级分类、三级类、具体类别"),
    Dimension("channel", "渠道", "Channel", words="来源、来源渠道、受理渠道、途径、source"),
    Dimension(
        "department",
        "承办单位",
        "Department",
        words="部门、单位、负责单位、负责部门、承办部门、办理单位、主办单位、办理部门、谁在办、谁办的、谁来办、谁负责、谁负责的、谁管、归谁管、归哪个部门、归哪个部门管、由谁办、由谁承办、who handles、who handled、who is handling、由谁负责、responsible unit",
    ),
    Dimension("status", "办理状态", "Status", words="状态、办理情况"),
    Dimension(
        "timeliness",
        "是否按期",
        "On time",
        "answer",
        (
            ("late", "逾期办结", "closed late"),
            ("overdue", "未结已超期", "open, overdue"),
            ("on_time", "按期办结", "closed on time"),
            ("pending", "未到期", "open, not due"),
            ("no_due", "没有期限", "no due date"),
            ("unknown", "来源未记录", "not recorded"),
        ),
        said=(
            (
                "没办、没办的、没办完、没有办完、未办完、没办结、没有办结、未办结、未结、没结、没办好、没处理完、还没办、尚未办结、在办、待办、压着、积压、"
                "open、unresolved、not closed、unfinished、not yet closed、not closed yet、yet to be closed、not resolved、not yet resolved、not resolved yet、"
                "still not closed、still open、outstanding、pending",
                ("overdue", "pending"),
            ),
            (
                "超期、逾期、超时、过期、超期限、超过期限、past due、overdue、超期未结、超期未办结、逾期未结、逾期未办结、超期没办完、逾期没办完、超期没办结、逾期没办结、"
                "open and overdue、overdue and open、still overdue",
                ("overdue",),
            ),
            (
                "超期办结、逾期办完、超期办完、办结超期、超期才办完、超期才办结、逾期才办完、逾期才办结、超期了才办完、超期了才办结、closed late",
                ("late",),
            ),
            ("按期办完、按期办理、按时办理、按时办结、按时办完、期限内办结、closed on time", ("on_time",)),
            ("没到期、还没到期、not due", ("pending",)),
            (
                "没按期、未按期、没有按期、不按期、没按时、未按时、没有按时、不按时、没按期办、未按期办、没有按期办、没按时办、未按时办、没有按时办、"
                "没按期办结、未按期办结、没有按期办结、没按时办结、未按时办结、没有按时办结、没按期办完、未按期办完、没按时办完、未按时办完、late、not on time、not closed on time",
                ("late", "overdue"),
            ),
            (
                "没超期、未超期、没有超期、不超期、没逾期、未逾期、没有逾期、没超时、未超时、not overdue、not late",
                ("on_time", "pending"),
            ),
            ("无期限", ("no_due",)),
        ),
    ),
    Dimension(
        "satisfaction",
        "是否满意",
        "Satisfied",
        "answer",
        (("yes", "满意", "satisfied"), ("no", "不满意", "dissatisfied"), ("unknown", "未问", "not asked")),
        said=(
            ("不满、没满意、差评、群众不满意、回访不满意、unsatisfied、not satisfied、unhappy", ("no",)),
            ("群众满意、回访满意、好评", ("yes",)),
        ),
    ),
    Dimension(
        "is_repeat",
        "是否重复",
        "Repeat",
        "answer",
        _YES_NO,
        said=(
            (
                "重复、重复反映、重复投诉、重复诉求、重复来电、再次反映、反复反映、反复投诉、repeat、repeated、duplicate",
                ("yes",),
            ),
            ("不重复、首次反映、初次反映、not repeated", ("no",)),
        ),
    ),
    Dimension(
        "camera_kind",
        "摄像机类型",
        "Kind of camera",
        words="哪种、哪类、各类、各种、每类、摄像头类型、监控类型、摄像机种类、监控种类、探头类型、camera kind、camera type、type of camera、kind、type",
    ),
    Dimension("cause", "故障原因", "Cause of outage", words="原因、离线原因、cause"),
    Dimension(
        "team_kind",
        "队伍类型",
        "Kind of team",
        words="哪种、哪类、各类、各种、每类、队伍种类、志愿队伍类型、志愿服务队类型、志愿队类型、team kind、team type、type of team、kind、type",
    ),
    Dimension("team", "志愿队伍", "Volunteer team", words="队伍、志愿队、team"),
    Dimension(
        "activity_kind",
        "活动类型",
        "Kind of activity",
        words="哪种、哪类、各类、各种、每类、活动种类、志愿活动类型、activity kind、activity type、type of activity、kind、type",
    ),
    Dimension(
        "project_kind",
        "项目类型",
        "Kind of project",
        words="哪种、哪类、各类、各种、每类、项目种类、工程类型、project kind、project type、type of project、kind、type",
    ),
    Dimension("stage", "项目阶段", "Project stage", words="阶段、建设阶段、stage"),
    Dimension(
        "responsible",
        "责任单位",
        "Responsible department",
        words="谁负责、谁负责的、哪个部门负责、归谁管、责任部门、负责单位、负责部门、主管单位、项目单位",
    ),
    Dimension(
        "over_budget",
        "是否超预算",
        "Over budget",
        "answer",
        (*_YES_NO, ("unknown", "未报", "not reported")),
        said=(
            ("超预算、超概算、超支、预算超、预算超了、over budget", ("yes",)),
            ("没超预算、未超预算、不超预算、within budget", ("no",)),
        ),
    ),
    Dimension(
        "is_behind",
        "是否滞后",
        "Behind schedule",
        "answer",
        (*_YES_NO, ("unknown", "未报", "not reported")),
        said=(
            ("滞后、进度滞后、拖期、behind schedule、delayed", ("yes",)),
            ("不滞后、没滞后、未滞后、on schedule", ("no",)),
        ),
    ),
    Dimension(
        "event_kind",
        "事件类型",
        "Kind of event",
        words="哪种、哪类、各类、各种、每类、事件种类、网格事件类型、网格事件类别、event kind、事件类别、event type、type of event、kind、type",
    ),
)

DIMENSIONS: dict[str, Dimension] = {dimension.code: dimension for dimension in _ALL}

# Under which name a rollup holds what facts of several areas have in their own ways
ROLLUP_NAMES = {
    "volunteer_month": {"activity_kind": "kind"},
    "project_month": {"project_kind": "kind"},
    "grid_month": {"event_kind": "kind"},
}
