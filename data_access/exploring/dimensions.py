"""What facts can be counted by and filtered by, each declared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# time: in the order of the calendar; name: a name or code as the source gave it; answer: one of a few fixed answers
Kind = Literal["time", "name", "answer"]


@dataclass(frozen=True)
class Dimension:
    """A property of facts. ``answers`` names the values of an answer, in the order they are shown."""

    code: str
    zh: str
    en: str
    kind: Kind = "name"
    answers: tuple[tuple[str, str, str], ...] = ()


_YES_NO = (("yes", "是", "yes"), ("no", "否", "no"))

_ALL = (
    Dimension("month", "月份", "Month", "time"),
    Dimension("week", "周", "Week", "time"),
    Dimension("weekday", "星期", "Weekday", "time"),
    Dimension("hour", "时刻", "Hour", "time"),
    Dimension("township_code", "镇街", "Township"),
    Dimension("league", "镇街类型", "Kind of township"),
    Dimension("village_code", "村（社区）", "Village"),
    Dimension("grid_code", "网格", "Grid"),
    Dimension("category_1", "一级类别", "Category, level 1"),
    Dimension("category_2", "二级类别", "Category, level 2"),
    Dimension("category_3", "三级类别", "Category, level 3"),
    Dimension("channel", "渠道", "Channel"),
    Dimension("department", "承办单位", "Department"),
    Dimension("status", "办理状态", "Status"),
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
    ),
    Dimension(
        "satisfaction",
        "是否满意",
        "Satisfied",
        "answer",
        (("yes", "满意", "satisfied"), ("no", "不满意", "dissatisfied"), ("unknown", "未问", "not asked")),
    ),
    Dimension("is_repeat", "是否重复", "Repeat", "answer", _YES_NO),
    Dimension("camera_kind", "摄像机类型", "Kind of camera"),
    Dimension("cause", "故障原因", "Cause of outage"),
    Dimension("team_kind", "队伍类型", "Kind of team"),
    Dimension("team", "志愿队伍", "Volunteer team"),
    Dimension("activity_kind", "活动类型", "Kind of activity"),
    Dimension("project_kind", "项目类型", "Kind of project"),
    Dimension("stage", "项目阶段", "Project stage"),
    Dimension("responsible", "责任单位", "Responsible department"),
    Dimension(
        "over_budget",
        "是否超预算",
        "Over budget",
        "answer",
        (*_YES_NO, ("unknown", "未报", "not reported")),
    ),
    Dimension(
        "is_behind",
        "是否滞后",
        "Behind schedule",
        "answer",
        (*_YES_NO, ("unknown", "未报", "not reported")),
    ),
    Dimension("event_kind", "事件类型", "Kind of event"),
)

DIMENSIONS: dict[str, Dimension] = {dimension.code: dimension for dimension in _ALL}

# Under which name a rollup holds what facts of several areas have in their own ways
ROLLUP_NAMES = {
    "volunteer_month": {"activity_kind": "kind"},
    "project_month": {"project_kind": "kind"},
    "grid_month": {"event_kind": "kind"},
}
