"""The tables that can be imported, declared as data: their columns, what headers mean, what rows must obey.

To add one, declare an :class:`ImportTable` and put it into ``TABLES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import pairwise
from typing import Any, Literal

from sqlalchemy import Connection, Table, insert, select

from data_access.importing.places import Places
from data_access.schema import (
    camera,
    camera_outage,
    grid,
    grid_event,
    indicator_report,
    petition,
    project,
    project_report,
    reported_indicator,
    township,
    township_alias,
    village,
    volunteer_activity,
    volunteer_team,
)

# One row: database column -> value. A field without a column of its own stands under its name.
Values = dict[str, Any]
# Rows of equal columns: database column -> the rows' values, in their order.
Columns = dict[str, list[Any]]
# A broken rule: the field's name, the rule in Chinese and in English.
Broken = tuple[str, str, str]


@dataclass(frozen=True)
class Field:
    """One of our columns, as a mapping names it.

    ``column`` is the table's column where its name differs. ``headers`` are what other systems call it, the
    best first. Messages mask the values of a ``private`` field. ``not_before`` names the moment that this
    one must not precede; ``not_in_future`` forbids moments after the import. A ``whole_day`` moment that is
    given as a date lasts to the end of that day. ``parent`` is the table that must have the row referred to, in
    the same township. ``most`` bounds a number; ``choices`` are the only words allowed.
    """

    name: str
    kind: Literal[
        "free_text",
        "text",
        "code",
        "answer",
        "number",
        "decimal",
        "percent",
        "money",
        "moment",
        "date",
        "month",
        "township",
        "village",
    ]
    headers: tuple[str, ...] = ()
    column: str = ""
    required: bool = False
    private: bool = False
    not_before: str | None = None
    not_in_future: bool = False
    whole_day: bool = False
    parent: Table | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its name in a row's values."""
        return self.column or self.name


@dataclass(frozen=True)
class ImportTable:
    """A table that files can be loaded into.

    ``identity`` names the columns that tell rows apart; no two rows of a file may agree in them, nor in one
    of ``unique``. A row that stands under another township has moved here if ``same_when_moved`` agrees;
    ``left_behind`` are the columns that it loses then. ``complete`` makes values out of others, in whole columns
    (None in a column that the file lacks says nothing), ``rule`` yields what is wrong with a row beyond its fields'
    own rules, ``together`` what is wrong with good rows beside each other and those in the database, by row number;
    where there is such a rule, all rows of a file are held in memory. ``area`` has its rollups refreshed (None: every
    area). ``load_beside`` writes what belongs into other tables and returns the identities for which that changed
    anything.
    """

    name: str
    zh: str
    en: str
    table: Table
    area: str | None
    identity: tuple[str, ...]
    fields: tuple[Field, ...]
    unique: tuple[str, ...] = ()
    same_when_moved: str = ""
    left_behind: tuple[str, ...] = ()
    complete: Callable[[Columns], None] = lambda columns: None
    rule: Callable[[Values, Places], Iterable[Broken]] | None = None
    together: Callable[[Sequence[tuple[int, Values]], Places], Iterable[tuple[int, Broken]]] | None = None
    load_beside: Callable[[Connection, Sequence[Values]], set[Any]] | None = None


# --- Petitions ------------------------------------------------------------------------------------


def _begin_on_that_day(columns: Columns, start: str, ends: Sequence[str]) -> None:
    """A date alone says nothing of the time of day: on the day of the start it means "after the start"."""

    def is_on_that_day(begun: datetime | None, ended: datetime | None) -> bool:
        if begun is None or ended is None or ended >= begun:
            return False
        return ended.time() == time.min and ended.date() == begun.date()

    for name in ends:
        if name in columns:
            pairs = zip(columns[start], columns[name], strict=True)
            columns[name] = [begun if is_on_that_day(begun, ended) else ended for begun, ended in pairs]


def _complete_petition(columns: Columns) -> None:
    _begin_on_that_day(columns, "received_at", ("signed_at", "replied_at", "closed_at"))
    # Who answered was asked: sources often give the answers only, and the rollups count those called back.
    for answers in ("resolved", "satisfied"):
        if answers in columns:
            asked = columns.get("called_back", [None] * len(columns[answers]))
            pairs = zip(asked, columns[answers], strict=True)
            columns["called_back"] = [True if was is None and answer is not None else was for was, answer in pairs]


PETITIONS = ImportTable(
    "petitions",
    "群众诉求",
    "Petitions",
    petition,
    area="petitions",
    identity=("case_no",),
    # Some townships number their own cases: the same number received at another time is another case.
    same_when_moved="received_at",
    left_behind=("village_code", "grid_code"),
    complete=_complete_petition,
    fields=(
        Field(
            "case_no",
            "code",
            ("工单编号", "留言编号", "案件编号", "诉求编号", "信访编号", "受理编号", "工单号", "编号"),
            required=True,
        ),
        Field("channel", "text", ("诉求渠道", "受理渠道", "来源渠道", "诉求来源", "渠道", "来源")),
        Field("category_1", "text", ("一级分类", "一级类别", "诉求类别", "诉求分类")),
        Field("category_2", "text", ("二级分类", "二级类别")),
        Field("category_3", "text", ("三级分类", "三级类别")),
        Field("title", "free_text", ("诉求标题", "工单标题", "留言主题", "标题", "主题")),
        Field("text", "free_text", ("诉求内容", "工单内容", "留言详情", "诉求详情", "内容"), private=True),
        Field(
            "petitioner",
            "text",
            ("诉求人", "留言用户", "信访人", "来电人", "反映人", "诉求人姓名", "姓名"),
            private=True,
        ),
        Field(
            "phone", "code", ("联系电话", "来电号码", "手机号码", "手机号", "手机", "电话", "联系方式"), private=True
        ),
        Field(
            "township",
            "township",
            ("镇街", "乡镇街道", "镇街名称", "所属镇街", "责任镇街", "承办镇街", "乡镇(街道)"),
            column="township_code",
            required=True,
        ),
        Field("village", "village", ("村居", "村(居)", "村社区", "所属村居", "村庄", "社区"), column="village_code"),
        Field("grid", "code", ("网格编号", "所属网格", "网格"), column="grid_code"),
        Field(
            "received_at",
            "moment",
            ("受理时间", "留言时间", "诉求时间", "来电时间", "登记时间"),
            required=True,
            not_in_future=True,
        ),
        Field("signed_at", "moment", ("签收时间",), not_before="received_at", not_in_future=True),
        Field(
            "due_at",
            "moment",
            ("办理期限", "办结期限", "办结时限", "截止时间", "到期时间"),
            not_before="received_at",
            whole_day=True,
        ),
        Field("replied_at", "moment", ("答复时间", "回复时间"), not_before="received_at", not_in_future=True),
        Field(
            "closed_at",
            "moment",
            ("办结时间", "实际办结时间", "结案时间"),
            not_before="received_at",
            not_in_future=True,
        ),
        Field("department", "text", ("承办单位", "责任单位", "办理单位", "承办部门", "处理部门")),
        Field("status", "text", ("工单状态", "办理状态", "状态")),
        Field("called_back", "answer", ("是否回访", "回访")),
        Field("resolved", "answer", ("是否解决", "解决情况")),
        Field("satisfied", "answer", ("是否满意", "满意情况", "满意度")),
        Field("repeat_of", "code", ("原工单编号", "重复工单编号", "关联工单编号")),
        Field("invalid_reason", "text", ("无效原因", "作废原因")),
    ),
)


# --- Townships ------------------------------------------------------------------------------------

_KINDS = ("街道", "镇", "乡")


def _complete_township(columns: Columns) -> None:
    def kind_of(name: str) -> str | None:
        return next((kind for kind in _KINDS if name.endswith((kind, f"{kind}办事处"))), None)

    names = columns["name"]
    kinds = columns.get("kind", [None] * len(names))
    columns["kind"] = [kind or kind_of(name or "") for kind, name in zip(kinds, names, strict=True)]


def _township_rule(values: Values, places: Places) -> Iterator[Broken]:
    if values.get("kind") is None and values.get("name"):
        yield (
            "kind",
            "名称不以街道、镇、乡结尾时须给出类别",
            "a kind is needed where the name ends neither in 街道, 镇 nor 乡",
        )
    for field in ("name", "printed_alias"):
        code = values.get("code")
        owner = places.townships.get(values.get(field) or "", code)
        if owner != code:
            yield field, f"这一名称已属于镇街 {owner}", f"this name belongs to the township {owner}"


def _load_aliases(connection: Connection, rows: Sequence[Values]) -> set[Any]:
    """Add the aliases that are not there yet; returns their townships' codes. None is ever taken away."""
    wanted = {row["printed_alias"]: row["code"] for row in rows if row.get("printed_alias")}
    known = set(connection.scalars(select(township_alias.c.alias).where(township_alias.c.alias.in_(wanted))))
    new = [{"alias": alias, "township_code": code} for alias, code in wanted.items() if alias not in known]
    if new:
        connection.execute(insert(township_alias), new)
    return {(alias["township_code"],) for alias in new}


TOWNSHIPS = ImportTable(
    "townships",
    "镇街名录",
    "Townships",
    township,
    # Townships and their residents are in the rollups of every area.
    area=None,
    identity=("code",),
    unique=("name", "printed_alias"),
    complete=_complete_township,
    rule=_township_rule,
    load_beside=_load_aliases,
    fields=(
        Field("code", "code", ("镇街代码", "行政区划代码", "区划代码", "代码"), required=True),
        Field("name", "text", ("镇街名称", "镇街", "乡镇街道", "乡镇(街道)", "名称"), required=True),
        Field("kind", "text", ("类别", "类型", "镇街类型")),
        Field("residents", "number", ("常住人口", "人口")),
        Field("tile_row", "number"),
        Field("tile_column", "number"),
        Field("printed_alias", "text", ("别名", "曾用名")),
    ),
)

# --- Villages and grids ---------------------------------------------------------------------------

_TOWNSHIP = Field(
    "township",
    "township",
    ("镇街", "乡镇街道", "镇街名称", "所属镇街", "乡镇(街道)", "所属乡镇", "乡镇"),
    column="township_code",
    required=True,
)
_VILLAGE = Field(
    "village", "village", ("村居", "村(居)", "村社区", "所属村居", "所在村居", "村庄", "社区"), column="village_code"
)


def _village_rule(values: Values, places: Places) -> Iterator[Broken]:
    owner = places.village_townships.get(values.get("code") or "", values.get("township_code"))
    if values.get("township_code") is not None and owner != values["township_code"]:
        yield "code", f"这个村居属于镇街 {owner}", f"this village belongs to the township {owner}"


VILLAGES = ImportTable(
    "villages",
    "村居名录",
    "Villages",
    village,
    # Villages are counted in the rollups of several areas.
    area=None,
    identity=("code",),
    rule=_village_rule,
    fields=(
        Field("code", "code", ("村居代码", "行政区划代码", "区划代码", "统计用区划代码", "代码"), required=True),
        _TOWNSHIP,
        Field("name", "text", ("村居名称", "村居", "村(居)", "村社区", "名称"), required=True),
    ),
)


def _grids_together(rows: Sequence[tuple[int, Values]], places: Places) -> Iterator[tuple[int, Broken]]:
    """A grid's parent may stand in the file, before or after it; a rejected one takes its grids with it."""
    there = places.parents[grid.name]
    known = there | {(row["township_code"], row["grid_code"]) for _, row in rows}
    children: dict[tuple[str, str], list[tuple[int, Values]]] = {}
    parents = {
        (row["township_code"], row["grid_code"]): (row["township_code"], row["parent_code"])
        for _, row in rows
        if row.get("parent_code") is not None
    }
    in_circles = _in_circles(parents)
    missing: list[tuple[str, str]] = []
    for number, row in rows:
        parent = row.get("parent_code")
        if (row["township_code"], row["grid_code"]) in in_circles:
            problem = ("parent_code", "网格互为上级", "grids cannot be each other's parents")
            if parent == row["grid_code"]:
                problem = ("parent_code", "网格不能是自己的上级", "a grid cannot be its own parent")
            yield number, problem
            missing.append((row["township_code"], row["grid_code"]))
        elif parent is not None:
            children.setdefault((row["township_code"], parent), []).append((number, row))
    missing = [place for place in missing if place not in there]
    missing += [place for place in children if place not in known]
    while missing:
        for number, row in children.pop(missing.pop(), ()):
            yield (
                number,
                (
                    "parent_code",
                    "镇街没有这个网格，或它所在的行有问题",
                    "the township has no such grid, or its row is rejected",
                ),
            )
            if (row["township_code"], row["grid_code"]) not in there:
                missing.append((row["township_code"], row["grid_code"]))


def _in_circles(parents: Mapping[tuple[str, str], tuple[str, str]]) -> set[tuple[str, str]]:
    """The grids from which the way up leads back to them."""
    found: set[tuple[str, str]] = set()
    seen: set[tuple[str, str]] = set()
    for place in parents:
        way: list[tuple[str, str]] = []
        on_way: set[tuple[str, str]] = set()
        while place in parents and place not in seen:
            way.append(place)
            on_way.add(place)
            seen.add(place)
            place = parents[place]
        if place in on_way:
            found.update(way[way.index(place) :])
    return found


GRIDS = ImportTable(
    "grids",
    "网格名录",
    "Grids",
    grid,
    # Teams and events are counted by grid.
    area=None,
    identity=("grid_code", "township_code"),
    together=_grids_together,
    fields=(
        Field("grid_code", "code", ("网格编号", "网格编码", "网格代码", "编号"), required=True),
        _TOWNSHIP,
        Field("name", "text", ("网格名称", "名称")),
        Field("kind", "text", ("网格类型", "类型", "类别", "网格级别"), required=True, choices=("网格", "微网格")),
        Field("parent_code", "code", ("上级网格编号", "上级网格", "所属网格")),
        _VILLAGE,
        Field("workers", "number", ("网格员人数", "网格员数", "网格员数量")),
        Field("opened_on", "date", ("启用日期", "设立日期", "成立日期")),
        Field("closed_on", "date", ("停用日期", "撤销日期"), not_before="opened_on"),
    ),
)

# --- Cameras --------------------------------------------------------------------------------------

_CAMERA_HEADERS = ("设备编号", "设备编码", "摄像头编号", "点位编号", "国标编码", "通道编号", "摄像机编号")

CAMERAS = ImportTable(
    "cameras",
    "监控设备",
    "Cameras",
    camera,
    area="cameras",
    identity=("camera_id", "township_code"),
    fields=(
        Field("camera_id", "code", (*_CAMERA_HEADERS, "编号"), required=True),
        _TOWNSHIP,
        _VILLAGE,
        Field("place", "text", ("安装位置", "点位名称", "安装地点", "设备名称", "地址", "位置")),
        Field("kind", "text", ("设备类型", "摄像头类型", "点位类型", "类型")),
        Field("installed_on", "date", ("安装日期", "安装时间", "启用日期", "入网时间", "建设时间"), required=True),
        Field("removed_on", "date", ("拆除日期", "停用日期", "报废日期", "撤除日期"), not_before="installed_on"),
    ),
)


def _outages_together(rows: Sequence[tuple[int, Values]], places: Places) -> Iterator[tuple[int, Broken]]:
    """No camera is down twice at once: neither in the file, nor with what stays in the database beside it."""
    # (township, camera) -> begin -> (end, row of the file; 0: in the database)
    outages: dict[tuple[str, str], dict[datetime, tuple[datetime | None, int]]] = {}
    for number, row in rows:
        key = (row["township_code"], row["camera_id"])
        if key not in outages:
            outages[key] = {begun: (ended, 0) for begun, ended in places.outages.get(key, ())}
        ended = row.get("ended_at")
        if "ended_at" not in row:
            ended = outages[key].get(row["started_at"], (None, 0))[0]
        outages[key][row["started_at"]] = (ended, number)
    for spans in outages.values():
        in_order = sorted((begun, *rest) for begun, rest in spans.items())
        for (begun, ended, first), (next_begun, _, second) in pairwise(in_order):
            if (first or second) and (ended is None or ended > next_begun):
                other = begun if second else next_begun
                yield (
                    second or first,
                    (
                        "started_at",
                        f"与同一设备 {other} 开始的离线重叠",
                        f"overlaps the outage of this camera that began at {other}",
                    ),
                )


OUTAGES = ImportTable(
    "outages",
    "监控离线",
    "Camera outages",
    camera_outage,
    area="cameras",
    identity=("camera_id", "township_code", "started_at"),
    together=_outages_together,
    fields=(
        Field("camera_id", "code", (*_CAMERA_HEADERS, "编号"), required=True, parent=camera),
        _TOWNSHIP,
        Field(
            "started_at",
            "moment",
            ("离线时间", "离线开始时间", "故障时间", "故障发生时间", "开始时间"),
            required=True,
            not_in_future=True,
        ),
        Field(
            "ended_at",
            "moment",
            ("恢复时间", "上线时间", "修复时间", "离线结束时间", "结束时间"),
            not_before="started_at",
            not_in_future=True,
        ),
        Field("cause", "text", ("离线原因", "故障原因", "故障类型", "原因")),
    ),
)

# --- Volunteers -----------------------------------------------------------------------------------

_TEAM_HEADERS = ("队伍编号", "团队编号", "志愿队编号", "组织编号", "服务队编号")


def _team_rule(values: Values, _places: Places) -> Iterator[Broken]:
    members, registered = values.get("members"), values.get("registered")
    if members is not None and registered is not None and registered > members:
        yield "registered", f"多于队员人数（{members}）", f"exceeds the number of members ({members})"


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
        _TOWNSHIP,
        Field("name", "text", ("队伍名称", "团队名称", "志愿队名称", "服务队名称", "组织名称", "名称"), required=True),
        Field("kind", "text", ("队伍类型", "团队类型", "服务类别", "类型", "类别")),
        _VILLAGE,
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
        _TOWNSHIP,
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

# --- Projects -------------------------------------------------------------------------------------

_PROJECT_HEADERS = ("项目编号", "项目代码", "项目编码")

PROJECTS = ImportTable(
    "projects",
    "乡村项目",
    "Projects",
    project,
    area="projects",
    identity=("project_id", "township_code"),
    fields=(
        Field("project_id", "code", (*_PROJECT_HEADERS, "编号"), required=True),
        _TOWNSHIP,
        Field("name", "text", ("项目名称", "名称"), required=True),
        Field("kind", "text", ("项目类型", "项目类别", "类型", "类别")),
        _VILLAGE,
        Field("department", "text", ("责任单位", "牵头单位", "主管部门", "实施单位", "建设单位")),
        Field("budget_yuan", "money", ("总投资", "计划总投资", "投资额", "预算", "预算金额", "计划投资")),
        Field(
            "planned_start",
            "date",
            ("计划开工日期", "计划开工时间", "计划开工", "计划开始时间", "计划开始日期"),
            required=True,
        ),
        Field(
            "planned_end",
            "date",
            ("计划完工日期", "计划完工时间", "计划竣工日期", "计划竣工时间", "计划完工", "计划竣工", "计划结束时间"),
            required=True,
            not_before="planned_start",
        ),
        Field(
            "actual_start",
            "date",
            ("实际开工日期", "实际开工时间", "实际开工", "开工日期", "开工时间"),
            not_in_future=True,
        ),
        Field(
            "actual_end",
            "date",
            ("实际完工日期", "实际完工时间", "实际竣工日期", "实际竣工时间", "实际完工", "完工日期", "竣工日期"),
            not_before="actual_start",
            not_in_future=True,
        ),
        Field("note", "free_text", ("备注", "说明")),
    ),
)

PROJECT_REPORTS = ImportTable(
    "project_reports",
    "项目月报",
    "Project reports",
    project_report,
    area="projects",
    identity=("project_id", "township_code", "month"),
    fields=(
        Field("project_id", "code", (*_PROJECT_HEADERS, "编号"), required=True, parent=project),
        _TOWNSHIP,
        Field(
            "month",
            "month",
            ("月份", "填报月份", "报告月份", "统计月份", "上报月份"),
            required=True,
            not_in_future=True,
        ),
        Field("stage", "text", ("项目阶段", "建设阶段", "阶段", "项目状态", "状态")),
        Field(
            "progress",
            "percent",
            ("形象进度", "累计进度", "完成进度", "工程进度", "完成比例", "进度"),
            required=True,
            most=100,
        ),
        Field("invested_yuan", "money", ("累计完成投资", "累计投资", "已完成投资", "完成投资")),
        Field("delay_reason", "text", ("滞后原因", "未完成原因", "滞后说明")),
    ),
)

# --- Grid events and figures reported by hand -----------------------------------------------------

GRID_EVENTS = ImportTable(
    "grid_events",
    "网格事件",
    "Grid events",
    grid_event,
    area="grid",
    identity=("event_id", "township_code"),
    complete=lambda columns: _begin_on_that_day(columns, "reported_at", ("closed_at",)),
    fields=(
        Field("event_id", "code", ("事件编号", "事项编号", "工单编号", "编号"), required=True),
        _TOWNSHIP,
        Field("grid_code", "code", ("网格编号", "网格编码", "所属网格", "网格"), required=True, parent=grid),
        Field("kind", "text", ("事件类型", "事项类型", "事件类别", "事项类别", "类型", "类别"), required=True),
        Field(
            "reported_at",
            "moment",
            ("上报时间", "事件上报时间", "登记时间", "发生时间"),
            required=True,
            not_in_future=True,
        ),
        Field(
            "due_at",
            "moment",
            ("办理期限", "办结期限", "办结时限", "截止时间"),
            not_before="reported_at",
            whole_day=True,
        ),
        Field(
            "closed_at", "moment", ("办结时间", "结案时间", "处置时间"), not_before="reported_at", not_in_future=True
        ),
    ),
)

INDICATOR_REPORTS = ImportTable(
    "indicator_reports",
    "填报指标",
    "Reported indicators",
    indicator_report,
    area="reports",
    identity=("code", "township_code", "month"),
    fields=(
        Field("code", "code", ("指标代码", "指标编码", "指标编号"), required=True, parent=reported_indicator),
        _TOWNSHIP,
        Field("month", "month", ("月份", "填报月份", "统计月份", "上报月份"), required=True, not_in_future=True),
        Field("numerator", "decimal", ("数值", "完成数", "指标值", "分子"), required=True),
        Field("denominator", "decimal", ("分母", "总数", "应完成数")),
        Field("at_least", "answer", ("是否以上", "至少")),
    ),
)

TABLES = {
    table.name: table
    for table in (
        TOWNSHIPS,
        VILLAGES,
        GRIDS,
        PETITIONS,
        CAMERAS,
        OUTAGES,
        TEAMS,
        ACTIVITIES,
        PROJECTS,
        PROJECT_REPORTS,
        GRID_EVENTS,
        INDICATOR_REPORTS,
    )
}
