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
        Field("code", "code", required=True, parent=reported_indicator),
        TOWNSHIP,
        Field("month", "month", required=True, not_in_future=True),
        Field("numerator", "decimal", required=True),
        Field("denominator", "decimal"),
        Field("at_least", "answer"),
    ),
)
