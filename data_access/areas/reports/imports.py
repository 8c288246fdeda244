"""How files of figures reported by hand are read."""

from __future__ import annotations

from data_access.areas.reports.tables import indicator_report, reported_indicator
from data_access.model.import_table import Field, ImportTable
from data_access.places.imports import TOWNSHIP

INDICATOR_REPORTS = ImportTable(
    "indicator_reports",
    "填报指标",
    "Reported indicators",
    indicator_report,
    area="reports",
    identity=("code", "township_code", "month"),
    fields=(
        Field("code", "code", ("指标代码", "指标编码", "指标编号"), required=True, parent=reported_indicator),
        TOWNSHIP,
        Field("month", "month", ("月份", "填报月份", "统计月份", "上报月份"), required=True, not_in_future=True),
        Field("numerator", "decimal", ("数值", "完成数", "指标值", "分子"), required=True),
        Field("denominator", "decimal", ("分母", "总数", "应完成数")),
        Field("at_least", "answer", ("是否以上", "至少")),
    ),
)
