"""The columns of places in lists."""

from __future__ import annotations

from data_access.model.list_column import ListColumn

COLUMNS = (
    ListColumn("township", "镇街", "Township"),
    ListColumn("month", "月份", "Month"),
    ListColumn("village", "村（社区）", "Village"),
)
