"""The indicators of projects."""

from __future__ import annotations

from data_access.areas.projects.area import AREA
from data_access.model.indicator import MONTH_END, PER_CENT, POINTS, REPORTED, YUAN, Indicator

INDICATORS = (
    Indicator(
        "projects", "projects", "项目数", "Projects", "个", "projects", AREA.source, "projects", None,
        "月末在册的项目数", "Projects on the register at the end of the month",
        *MONTH_END, over_months="last",
        words="项目数量、项目个数、项目总数、乡村项目数、number of projects",
    ),
    Indicator(
        "started_rate", "projects", "开工率", "Started", "%", "%", AREA.source, "started", "starts_recorded",
        "已开工项目数 ÷ 项目数", "Projects started / projects",
        *MONTH_END, scale=100, decimals=1, direction="higher", over_months="last", known_by="starts_recorded",
        words="开工比例、started rate、start rate",
    ),
    Indicator(
        "completed_projects", "projects", "完工项目", "Completed projects", "个", "projects", AREA.source, "completed", None,
        "月末已完工的项目数", "Projects completed by the end of the month",
        *MONTH_END, direction="higher", over_months="last", known_by="ends_recorded",
        words="完工数、完工项目数、已完工项目、竣工项目、竣工数、projects completed",
    ),
    Indicator(
        "completed_rate", "projects", "完工率", "Completed", "%", "%", AREA.source, "completed", "ends_recorded",
        "已完工项目数 ÷ 项目数", "Projects completed / projects",
        *MONTH_END, scale=100, decimals=1, direction="higher", over_months="last", known_by="ends_recorded",
        words="竣工率、完成率、project completion rate、projects completed rate",
    ),
    Indicator(
        "investment_rate", "projects", "投资完成率", "Invested against budget", "%", "%", AREA.source,
        "invested_yuan", "budget_yuan",
        "有月报项目的累计完成投资 ÷ 其计划总投资；缺其一的项目两边都不计",
        "Invested so far / budget, over projects that reported the month; one that lacks either counts on neither side",
        *MONTH_END, counted_in=(YUAN, YUAN), scale=100, decimals=1, direction="higher", over_months="last",
        words="完成率、投资率、投资进度、投资完成比例、资金完成率、investment rate、invested share",
    ),
    Indicator(
        "progress", "projects", "平均工程进度", "Mean progress", "%", "%", AREA.source, "done_points", "reported",
        "工程进度的平均，每个有月报的项目同权", "Mean share done, every project that reported counting once",
        *MONTH_END, counted_in=(PER_CENT, REPORTED), decimals=1, direction="higher", over_months="last",
        words="进度、进展、项目进展、工程进展、工程进度、项目进度、平均进度、建设进度、progress、project progress",
    ),
    Indicator(
        "planned_progress", "projects", "计划进度", "Planned progress", "%", "%", AREA.source, "planned_points", "reported",
        "计划工期已过比例的平均，每个有月报的项目同权",
        "Mean share of the planned time gone, every project that reported counting once",
        *MONTH_END, counted_in=(PER_CENT, REPORTED), decimals=1, over_months="last",
        words="计划工期进度、应达进度、planned progress",
    ),
    Indicator(
        "schedule_gap", "projects", "序时进度差", "Schedule gap", "个百分点", "points", AREA.source, "gap_points", "reported",
        "（工程进度 − 计划工期已过比例）的平均，每个有月报的项目同权",
        "Mean of (share done − share of the planned time gone), every project that reported counting once",
        *MONTH_END, counted_in=(POINTS, REPORTED), decimals=1, direction="higher", target=0, over_months="last",
        words="进度差、进度偏差、序时差、schedule gap",
    ),
    Indicator(
        "behind", "projects", "滞后项目", "Projects behind", "个", "projects", AREA.source, "behind", None,
        "有月报、未完工且序时进度差低于 −10 个百分点或已过计划完工日的项目数",
        "Projects that reported, are not completed, and are over 10 points behind schedule or past their planned end",
        *MONTH_END, direction="lower", target=0, over_months="last",
        words=(
            "滞后项目数、进度滞后项目、滞后的项目、落后项目、落后的项目、滞后数、projects behind schedule、delayed projects、"
            "late projects"
        ),
    ),
)  # fmt: skip
