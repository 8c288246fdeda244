"""The columns of lists of figures that townships report by hand."""

from __future__ import annotations

from data_access.model.list_column import ListColumn

COLUMNS = (
    ListColumn("figure", "指标", "Figure"),
    ListColumn("reported_value", "数值", "Value"),
    ListColumn("unit", "单位", "Unit"),
    ListColumn("owed_month", "月份", "Month"),
    ListColumn("owed_until", "截止", "Due", "day"),
    ListColumn("owed_days", "逾期天数", "Days past due", "number"),
)
