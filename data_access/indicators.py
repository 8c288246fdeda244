"""The indicators, each declared once.

From one record come the KPI card, the axis, the ranking order, the target line, the column heading of
exports, the row of the README's table and the formula card with live counts. A ratio is always a sum
over a sum at the grain asked for; a zero denominator is no data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from data_access.areas import AREA_OF_SOURCE, AREAS, REPORTS

Direction = Literal["higher", "lower", "neither"]
OverMonths = Literal["sum", "last", "period"]


@dataclass(frozen=True)
class Indicator:
    """One figure: ``scale × Σ numerator / Σ denominator``, or ``scale × Σ numerator`` without one.

    ``source`` names the family of rollup tables, ``numerator`` and ``denominator`` are measures (columns)
    of it. ``over_months`` says whether the months of a period add up (``sum``), the value at the period's end
    stands for it (``last``: stocks such as the number of cameras), or the period has to be counted as a whole
    (``period``: only :mod:`data_access.exploring` can, from the facts).
    """

    code: str
    area: str
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    source: str
    numerator: str
    denominator: str | None
    rule_zh: str
    rule_en: str
    counts_by_zh: str
    counts_by_en: str
    scale: float = 1.0
    decimals: int = 0
    direction: Direction = "neither"
    target: float | None = None
    over_months: OverMonths = "sum"
    # False where an earlier period has simply had more time (cases still open today were open longer ago)
    comparable: bool = True
    # The measure that counts the rows whose source has what the figure needs; 0: no source has it
    known_by: str | None = None
    # The units (zh, en) of numerator and denominator; None where both are of one kind, which the result does not need
    counted_in: tuple[tuple[str, str], tuple[str, str]] | None = None

    @property
    def needs(self) -> tuple[str, str] | None:
        """What a source must have for the figure to be known (zh, en); None: nothing beyond the rows."""
        return NEEDS[self.known_by] if self.known_by else None

    @property
    def data_area(self) -> str:
        """The area whose as-of moment says how far the figure reaches."""
        return AREA_OF_SOURCE[self.source]

    @property
    def is_ratio(self) -> bool:
        """Whether the figure has a denominator."""
        return self.denominator is not None

    @property
    def is_percentage(self) -> bool:
        """Whether it is a share in percent, so that changes are in percentage points."""
        return self.unit_zh == "%"

    def misses_target(self, value: float) -> bool:
        """Whether the value falls short of the target; False without a target, a direction or a value (NaN)."""
        if self.target is None or self.direction == "neither":
            return False
        return value < self.target if self.direction == "higher" else value > self.target


RECEIVED = ("受理时间", "date received")
DUE = ("办理期限", "due date")
CLOSED = ("办结时间", "date closed")
MONTH_END = ("月末", "end of month")

CASES, PEOPLE, HOURS, YUAN = ("件", "cases"), ("人", "people"), ("小时", "hours"), ("元", "yuan")
PER_CENT, POINTS, REPORTED = ("%", "%"), ("个百分点", "points"), ("个", "projects")

PETITIONS, CAMERAS, VOLUNTEERS, PROJECTS, GRID = (area.source for area in AREAS.values())
NEEDS = {
    "signing_recorded": ("签收时间", "times of signing"),
    "closing_known": ("办结时间或办理状态", "closing times or a status"),
    "closing_recorded": ("办结时间", "closing times"),
    "deadlines_recorded": ("办理期限和办结时间", "due dates and closing times"),
    "callbacks_recorded": ("回访结果", "answers of callbacks"),
    "repeats_recorded": ("原工单编号（是否重复反映）", "which case a case repeats"),
    "watched": ("离线记录", "outages"),
    "starts_recorded": ("实际开工日期", "days of actual start"),
    "ends_recorded": ("实际完工日期", "days of actual completion"),
}
_ALL = (
    # --- 群众诉求 ---
    Indicator(
        "received", "petitions", "受理量", "Cases received", "件", "cases", PETITIONS, "received", None,
        "当期受理的有效诉求件数；作废件不计", "Valid cases received in the period; cases deleted as invalid do not count",
        *RECEIVED,
    ),
    Indicator(
        "signed_in_time_rate", "petitions", "及时签收率", "Signed in time", "%", "%", PETITIONS,
        "signed_in_time", "sign_expected",
        "24 小时内签收件数 ÷ 应签收件数；未记录签收时间的已答复、已办结件不计",
        "Signed within 24 hours / due for signing; answered or closed cases without a recorded signing time do not count",
        *RECEIVED, scale=100, decimals=1, direction="higher", target=95, known_by="signing_recorded",
    ),
    Indicator(
        "completion_rate", "petitions", "办结率", "Completion rate", "%", "%", PETITIONS, "completed", "closing_known",
        "当期受理诉求中已办结件数 ÷ 来源记录了办结与否的当期受理件数", "Cases received in the period and closed by now / those of which the source tells whether they are",
        *RECEIVED, scale=100, decimals=1, direction="higher", target=95, comparable=False, known_by="closing_known",
    ),
    Indicator(
        "closed", "petitions", "办结量", "Cases closed", "件", "cases", PETITIONS, "closed", None,
        "当期办结的有效诉求件数（不论何时受理）", "Valid cases closed in the period, whenever received",
        *CLOSED, known_by="closing_recorded",
    ),
    Indicator(
        "on_time_rate", "petitions", "按期办结率", "Closed on time", "%", "%", PETITIONS, "closed_on_time", "due",
        "期限内办结件数 ÷ 当期到期件数", "Closed by the due date / due in the period",
        *DUE, scale=100, decimals=1, direction="higher", target=95, known_by="deadlines_recorded",
    ),
    Indicator(
        "resolved_rate", "petitions", "解决率", "Resolved", "%", "%", PETITIONS, "resolved", "resolved_answers",
        "回访答“已解决”件数 ÷ 回访中问及是否解决的件数", "Callbacks answering “resolved” / callbacks that asked",
        *CLOSED, scale=100, decimals=1, direction="higher", target=90, known_by="callbacks_recorded",
    ),
    Indicator(
        "satisfaction_rate", "petitions", "满意率", "Satisfied", "%", "%", PETITIONS, "satisfied", "satisfied_answers",
        "回访答“满意”件数 ÷ 回访中问及是否满意的件数", "Callbacks answering “satisfied” / callbacks that asked",
        *CLOSED, scale=100, decimals=1, direction="higher", target=92, known_by="callbacks_recorded",
    ),
    Indicator(
        "callback_rate", "petitions", "回访率", "Called back", "%", "%", PETITIONS, "called_back", "callbacks_due",
        "已回访件数 ÷ 当期办结件数", "Cases called back / cases closed in the period",
        *CLOSED, scale=100, decimals=1, direction="higher", target=80, known_by="callbacks_recorded",
    ),
    Indicator(
        "repeat_rate", "petitions", "重复诉求率", "Repeat cases", "%", "%", PETITIONS, "repeats", "repeats_recorded",
        "重复反映件数 ÷ 当期受理件数", "Cases repeating an earlier one / cases received",
        *RECEIVED, scale=100, decimals=1, direction="lower", target=8, known_by="repeats_recorded",
    ),
    Indicator(
        "false_closure_rate", "petitions", "假闭环率", "Reopened within 7 days", "%", "%", PETITIONS,
        "false_closed", "reopenable",
        "办结后 7 天内再次反映的件数 ÷ 当期办结件数", "Closed cases raised again within 7 days of closing / cases closed",
        *CLOSED, scale=100, decimals=1, direction="lower", target=3, known_by="repeats_recorded",
    ),
    Indicator(
        "overdue_open", "petitions", "当期到期未结", "Due and still open", "件", "cases", PETITIONS, "overdue_open", None,
        "当期到期、至数据截至时仍未办结的件数", "Due in the period and still open at the data's as-of date",
        *DUE, direction="lower", target=0, comparable=False, known_by="deadlines_recorded",
    ),
    Indicator(
        "handling_days", "petitions", "平均办理时长", "Mean handling time", "天", "days", PETITIONS,
        "handling_hours", "closed",
        "受理到办结的小时数之和 ÷ 24 ÷ 办结件数", "Hours from receipt to closing / 24 / cases closed",
        *CLOSED, counted_in=(HOURS, CASES), scale=1 / 24, decimals=1, direction="lower", target=7, known_by="closing_recorded",
    ),
    Indicator(
        "cases_per_10k", "petitions", "万人诉求量", "Cases per 10,000 residents", "件/万人", "per 10k", PETITIONS,
        "resident_cases", "residents",
        "当期受理件数 ÷ 常住人口 × 10000；人口不详的镇街两边都不计",
        "Cases received / residents × 10,000; townships of unknown population count on neither side",
        *RECEIVED, scale=10_000, decimals=1, counted_in=(CASES, PEOPLE),
    ),
    # --- 雪亮监控 ---
    Indicator(
        "cameras", "cameras", "在网数", "Networked cameras", "个", "cameras", CAMERAS, "cameras", None,
        "月末已安装且未拆除的摄像机数", "Cameras installed and not removed at the end of the month",
        *MONTH_END, over_months="last",
    ),
    Indicator(
        "online_rate", "cameras", "在线率", "Online rate", "%", "%", CAMERAS, "hours_up", "hours_due",
        "在线小时数 ÷ 应在线小时数", "Hours up / hours due",
        "在线时间", "hours in the period", scale=100, decimals=2, direction="higher", target=98, known_by="watched",
    ),
    Indicator(
        "working_rate", "cameras", "完好率", "Working rate", "%", "%", CAMERAS, "working", "watched",
        "期末正常工作的摄像机数 ÷ 在网数", "Cameras working at the end of the period / all networked cameras",
        *MONTH_END, scale=100, decimals=1, direction="higher", target=98, over_months="last", known_by="watched",
    ),
    Indicator(
        "offline_24h", "cameras", "离线超24小时", "Offline over 24 h", "个", "cameras", CAMERAS, "offline_24h", None,
        "期末已连续离线超过 24 小时的摄像机数", "Cameras down for more than 24 hours at the end of the period",
        *MONTH_END, direction="lower", target=0, over_months="last", known_by="watched",
    ),
    Indicator(
        "outages", "cameras", "故障次数", "Outages", "次", "outages", CAMERAS, "outages", None,
        "当期开始的离线次数", "Outages that began in the period",
        "离线开始时间", "start of the outage", direction="lower", known_by="watched",
    ),
    Indicator(
        "repair_hours", "cameras", "平均修复时长", "Mean repair time", "小时", "hours", CAMERAS, "repair_hours", "repairs",
        "当期修复的故障从离线到恢复的小时数之和 ÷ 修复次数", "Hours from failure to recovery / outages ended in the period",
        "修复时间", "end of the outage", counted_in=(HOURS, ("次", "outages")), decimals=1, direction="lower", target=48, known_by="watched",
    ),
    Indicator(
        "village_coverage", "cameras", "村居覆盖率", "Villages covered", "%", "%", CAMERAS, "villages_covered", "villages",
        "期末至少有一个正常摄像机的村居数 ÷ 村居总数", "Villages with at least one working camera / all villages",
        *MONTH_END, scale=100, decimals=1, direction="higher", target=100, over_months="last", known_by="watched",
    ),
    # --- 志愿队伍 ---
    Indicator(
        "teams", "volunteers", "队伍数", "Teams", "支", "teams", VOLUNTEERS, "teams", None,
        "月末在册的志愿队伍数", "Teams on the register at the end of the month",
        *MONTH_END, over_months="last",
    ),
    Indicator(
        "grid_teams", "volunteers", "网格志愿队", "Grid volunteer teams", "支", "teams", VOLUNTEERS, "grid_teams", None,
        "月末类型为“网格志愿队”的队伍数", "Teams of the kind 网格志愿队 at the end of the month",
        *MONTH_END, over_months="last",
    ),
    Indicator(
        "volunteers", "volunteers", "志愿者数", "Volunteers", "人", "people", VOLUNTEERS, "members", None,
        "月末在册队伍的成员数；登记册首次装入之前的月份不详",
        "Members of the teams on the register; not known for months before the register was first loaded",
        *MONTH_END, direction="higher", over_months="last",
    ),
    Indicator(
        "registered_rate", "volunteers", "实名注册率", "Registered share of residents", "%", "%", VOLUNTEERS,
        "registered", "residents",
        "实名注册志愿者数 ÷ 常住人口；任一不详的镇街两边都不计；登记册首次装入之前的月份不详",
        "Volunteers registered under their real names / residents; townships where either is unknown count on neither "
        "side; not known for months before the register was first loaded",
        *MONTH_END, scale=100, decimals=1, direction="higher", target=13, over_months="last",
    ),
    Indicator(
        "active_team_rate", "volunteers", "活跃队伍率", "Active teams", "%", "%", VOLUNTEERS,
        "active_team_months", "team_months",
        "当月至少开展一次活动的队伍数 ÷ 队伍数；多月按队·月累计",
        "Teams with at least one activity in the month / teams; several months add up as team-months",
        "活动日期", "date of the activity", scale=100, decimals=1, direction="higher", target=80,
    ),
    Indicator(
        "activities", "volunteers", "活动场次", "Activities", "场", "activities", VOLUNTEERS, "activities", None,
        "当期开展的活动场次", "Activities held in the period",
        "活动日期", "date of the activity", direction="higher",
    ),
    Indicator(
        "service_hours", "volunteers", "服务时长", "Service hours", "小时", "hours", VOLUNTEERS, "hours", None,
        "当期活动全部参加者的服务小时数之和", "Service hours of all participants",
        "活动日期", "date of the activity", direction="higher",
    ),
    Indicator(
        "hours_per_team", "volunteers", "队均服务时长", "Hours per team", "小时", "hours", VOLUNTEERS,
        "timed_hours", "timed_team_months",
        "服务小时数 ÷ 队伍数（多月按队·月累计，即每队每月）；有活动未记时长的队伍当月不计",
        "Service hours / team-months, that is per team and month; without teams that left out an activity's hours",
        "活动日期", "date of the activity", counted_in=(HOURS, ("队·月", "team-months")), decimals=1, direction="higher",
    ),
    Indicator(
        "grid_coverage", "volunteers", "网格覆盖率", "Grids with a team", "%", "%", VOLUNTEERS, "grids_covered", "grids",
        "有志愿队伍的网格数 ÷ 网格数；从未登记队伍的镇街不计",
        "Grids with a volunteer team / grids; without townships that never had a team on the register",
        *MONTH_END, scale=100, decimals=1, direction="higher", over_months="last",
    ),
    # --- 乡村项目 ---
    Indicator(
        "projects", "projects", "项目数", "Projects", "个", "projects", PROJECTS, "projects", None,
        "月末在册的项目数", "Projects on the register at the end of the month",
        *MONTH_END, over_months="last",
    ),
    Indicator(
        "started_rate", "projects", "开工率", "Started", "%", "%", PROJECTS, "started", "starts_recorded",
        "已开工项目数 ÷ 项目数", "Projects started / projects",
        *MONTH_END, scale=100, decimals=1, direction="higher", over_months="last", known_by="starts_recorded",
    ),
    Indicator(
        "completed_projects", "projects", "完工项目", "Completed projects", "个", "projects", PROJECTS, "completed", None,
        "月末已完工的项目数", "Projects completed by the end of the month",
        *MONTH_END, direction="higher", over_months="last", known_by="ends_recorded",
    ),
    Indicator(
        "completed_rate", "projects", "完工率", "Completed", "%", "%", PROJECTS, "completed", "ends_recorded",
        "已完工项目数 ÷ 项目数", "Projects completed / projects",
        *MONTH_END, scale=100, decimals=1, direction="higher", over_months="last", known_by="ends_recorded",
    ),
    Indicator(
        "investment_rate", "projects", "投资完成率", "Invested against budget", "%", "%", PROJECTS,
        "invested_yuan", "budget_yuan",
        "有月报项目的累计完成投资 ÷ 其计划总投资；缺其一的项目两边都不计",
        "Invested so far / budget, over projects that reported the month; one that lacks either counts on neither side",
        *MONTH_END, counted_in=(YUAN, YUAN), scale=100, decimals=1, direction="higher", over_months="last",
    ),
    Indicator(
        "progress", "projects", "平均工程进度", "Mean progress", "%", "%", PROJECTS, "done_points", "reported",
        "工程进度的平均，每个有月报的项目同权", "Mean share done, every project that reported counting once",
        *MONTH_END, counted_in=(PER_CENT, REPORTED), decimals=1, direction="higher", over_months="last",
    ),
    Indicator(
        "planned_progress", "projects", "计划进度", "Planned progress", "%", "%", PROJECTS, "planned_points", "reported",
        "计划工期已过比例的平均，每个有月报的项目同权",
        "Mean share of the planned time gone, every project that reported counting once",
        *MONTH_END, counted_in=(PER_CENT, REPORTED), decimals=1, over_months="last",
    ),
    Indicator(
        "schedule_gap", "projects", "序时进度差", "Schedule gap", "个百分点", "points", PROJECTS, "gap_points", "reported",
        "（工程进度 − 计划工期已过比例）的平均，每个有月报的项目同权",
        "Mean of (share done − share of the planned time gone), every project that reported counting once",
        *MONTH_END, counted_in=(POINTS, REPORTED), decimals=1, direction="higher", target=0, over_months="last",
    ),
    Indicator(
        "behind", "projects", "滞后项目", "Projects behind", "个", "projects", PROJECTS, "behind", None,
        "有月报、未完工且序时进度差低于 −10 个百分点或已过计划完工日的项目数",
        "Projects that reported, are not completed, and are over 10 points behind schedule or past their planned end",
        *MONTH_END, direction="lower", target=0, over_months="last",
    ),
    # --- 网格治理 ---
    Indicator(
        "villages", "grid", "村居数", "Villages and communities", "个", "villages", GRID, "villages", None,
        "村（社区）总数", "Villages and communities",
        *MONTH_END, over_months="last",
    ),
    Indicator(
        "grids", "grid", "网格数", "Grids", "个", "grids", GRID, "grids", None,
        "月末在用的网格数", "Grids in use at the end of the month",
        *MONTH_END, over_months="last",
    ),
    Indicator(
        "micro_grids", "grid", "微网格数", "Micro-grids", "个", "micro-grids", GRID, "micro_grids", None,
        "月末在用的微网格数", "Micro-grids in use at the end of the month",
        *MONTH_END, over_months="last",
    ),
    Indicator(
        "grid_workers", "grid", "网格员数", "Grid workers", "名", "people", GRID, "workers", None,
        "月末在岗的网格员数；登记册首次装入之前的月份不详",
        "Grid workers at the end of the month; not known for months before the register was first loaded",
        *MONTH_END, over_months="last",
    ),
    Indicator(
        "grid_events", "grid", "事件上报量", "Events reported", "条", "events", GRID, "events", None,
        "当期网格上报的事件数", "Events reported by the grids in the period",
        "上报时间", "date reported",
    ),
    Indicator(
        "grid_events_closed", "grid", "事件办结量", "Events closed", "条", "events", GRID, "closed", None,
        "当期办结的事件数", "Events closed in the period",
        *CLOSED, known_by="closing_recorded",
    ),
    Indicator(
        "grid_completion_rate", "grid", "事件办结率", "Events completed", "%", "%", GRID, "completed", "closing_recorded",
        "当期上报事件中已办结数 ÷ 上报数", "Events reported in the period and closed by now / events reported",
        "上报时间", "date reported", scale=100, decimals=1, direction="higher", target=98, comparable=False, known_by="closing_recorded",
    ),
    Indicator(
        "grid_on_time_rate", "grid", "事件按期办结率", "Events closed on time", "%", "%", GRID, "closed_on_time", "due",
        "期限内办结事件数 ÷ 当期到期事件数", "Events closed by the due date / due in the period",
        *DUE, scale=100, decimals=1, direction="higher", target=95, known_by="deadlines_recorded",
    ),
    Indicator(
        "inactive_grid_rate", "grid", "不活跃网格率", "Inactive grids", "%", "%", GRID,
        "inactive_grid_months", "grid_months",
        "当月没有上报事件的网格数 ÷ 网格数；多月按网格·月累计",
        "Grids without an event in the month / grids; several months add up as grid-months",
        "上报时间", "date reported", scale=100, decimals=1, direction="lower", target=0,
    ),
    Indicator(
        "hazards", "grid", "隐患排查", "Hazards found", "条", "hazards", GRID, "hazards", None,
        "当期上报的安全隐患数", "Hazards reported in the period",
        "上报时间", "date reported",
    ),
    Indicator(
        "disputes_resolved", "grid", "化解矛盾", "Disputes resolved", "条", "disputes", GRID, "disputes_closed", None,
        "当期上报的矛盾纠纷中已化解数", "Disputes reported in the period and resolved by now",
        "上报时间", "date reported", known_by="closing_recorded",
    ),
    Indicator(
        "dispute_resolution_rate", "grid", "矛盾化解率", "Dispute resolution", "%", "%", GRID,
        "disputes_closed", "disputes",
        "当期上报的矛盾纠纷中已化解数 ÷ 上报数", "Disputes reported in the period and resolved by now / disputes reported",
        "上报时间", "date reported", scale=100, decimals=1, direction="higher", target=95, comparable=False, known_by="closing_recorded",
    ),
)  # fmt: skip

INDICATORS: dict[str, Indicator] = {indicator.code: indicator for indicator in _ALL}

_COUNTED_FROM_FACTS = (
    Indicator(
        "off_over_24h", "cameras", "曾离线超24小时", "Was off over 24 h", "个", "cameras", CAMERAS, "off_over_24h", None,
        "当期内有一次离线超过 24 小时的摄像机数（只算当期内的时间，每个摄像机计一次）",
        "Cameras with an outage of more than 24 hours within the period, each counted once",
        "离线时间", "hours in the period", direction="lower", over_months="period",
    ),
    Indicator(
        "quiet_teams", "volunteers", "无活动队伍", "Teams without activity", "支", "teams", VOLUNTEERS, "quiet_teams", None,
        "期末在册、整个时段没有一次活动的队伍数；所在镇街整个时段未报活动的不计",
        "Teams on the register at the end without any activity in the whole period; not where the township reported none",
        "活动日期", "date of the activity", direction="lower", over_months="period",
    ),
)  # fmt: skip

# What only a question about the facts can be answered with: no page, no evaluation and no rollup has it.
QUESTION_INDICATORS: dict[str, Indicator] = {indicator.code: indicator for indicator in _COUNTED_FROM_FACTS}


def reported(code: str, area: str, name_zh: str, name_en: str, unit: str, over_months: OverMonths) -> Indicator:
    """The indicator behind one row of ``reported_indicator``: a figure that townships report by hand."""
    return Indicator(
        code, area, name_zh, name_en, unit, unit, REPORTS.source, "numerator", None,
        "镇街填报数", "Figure reported by the township",
        "填报月份", "month reported", decimals=2, over_months=over_months,
    )  # fmt: skip


def markdown_table() -> str:
    """The indicators as docs/indicators.md shows them; ``python -m data_access.indicators`` prints it."""
    lines = ["| 领域 Area | 指标 | Indicator | 公式 Rule | 单位 | 计入 | 目标 |", "|---|---|---|---|---|---|---|"]
    for indicator in (*INDICATORS.values(), *QUESTION_INDICATORS.values()):
        sign = {"higher": "≥ ", "lower": "≤ ", "neither": ""}[indicator.direction]
        target = "" if indicator.target is None else f"{sign}{indicator.target:g}"
        lines.append(
            f"| {AREAS[indicator.area].zh} | {indicator.zh} | {indicator.en} | {indicator.rule_zh} "
            f"| {indicator.unit_zh} | {indicator.counts_by_zh} | {target} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown_table())
