"""How files of rural projects and of their monthly reports are read."""

from __future__ import annotations

from data_access.areas.projects.tables import project, project_report
from data_access.model.import_table import Field, ImportTable
from data_access.places.imports import TOWNSHIP, VILLAGE

PROJECTS = ImportTable(
    "projects",
    "乡村项目",
    "Projects",
    project,
    area="projects",
    identity=("project_id", "township_code"),
    never_changes=("name",),
    fields=(
        Field("project_id", "code", required=True),
        TOWNSHIP,
        Field("name", "text", required=True),
        Field("kind", "text", words=project.c.kind),
        VILLAGE,
        Field("department", "text"),
        Field("budget_yuan", "money"),
        Field("planned_start", "date", required=True),
        Field("planned_end", "date", required=True, not_before="planned_start", whole_day=True),
        Field("actual_start", "date", not_in_future=True),
        Field("actual_end", "date", not_before="actual_start", not_in_future=True),
        Field("note", "free_text"),
    ),
)

PROJECT_REPORTS = ImportTable(
    "project_reports",
    "项目月报",
    "Project reports",
    project_report,
    area="projects",
    brings=("investment_rate", "schedule_gap", "behind"),
    identity=("project_id", "township_code", "month"),
    fields=(
        Field("project_id", "code", required=True, parent=project),
        TOWNSHIP,
        Field("month", "month", required=True, not_in_future=True),
        Field("stage", "text", words=project_report.c.stage),
        Field("progress", "percent", required=True, most=100),
        Field("invested_yuan", "money"),
        Field("delay_reason", "text"),
    ),
)
