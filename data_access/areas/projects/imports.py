"""How files of rural projects and of their monthly reports are read."""

from __future__ import annotations

from data_access.areas.projects.tables import project, project_report
from data_access.model.import_table import Field, ImportTable
from data_access.places.imports import TOWNSHIP, VILLAGE

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
        TOWNSHIP,
        Field("name", "text", ("项目名称", "名称"), required=True),
        Field("kind", "text", ("项目类型", "项目类别", "类型", "类别")),
        VILLAGE,
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
        TOWNSHIP,
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
