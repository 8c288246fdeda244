"""The columns of lists of projects."""

from __future__ import annotations

from data_access.model.list_column import ListColumn

COLUMNS = (
    ListColumn("project_id", "项目编号", "Project no."),
    ListColumn("project_name", "项目", "Project"),
    ListColumn("project_kind", "类型", "Kind"),
    ListColumn("stage", "阶段", "Stage"),
    ListColumn("progress", "进度（%）", "Done (%)", "share"),
    ListColumn("planned", "计划（%）", "Planned (%)", "tenths"),
    ListColumn("gap", "进度差（百分点）", "Gap (points)", "tenths"),
    ListColumn("budget_yuan", "总投资（万元）", "Budget (10k yuan)", "ten_thousand_yuan"),
    ListColumn("invested_yuan", "已完成（万元）", "Invested (10k yuan)", "ten_thousand_yuan"),
    ListColumn("planned_end", "计划完工", "Planned end", "day"),
    ListColumn("delay_reason", "滞后原因", "Reason"),
    ListColumn("responsible", "责任单位", "Department"),
)
