"""The columns of lists of cases."""

from __future__ import annotations

from data_access.model.list_column import ListColumn

COLUMNS = (
    ListColumn("case_no", "编号", "Number"),
    ListColumn("title", "标题", "Title"),
    ListColumn("category", "类别", "Category"),
    ListColumn("department", "承办单位", "Department"),
    ListColumn("status", "状态", "Status"),
    ListColumn("timeliness", "是否按期", "On time"),
    ListColumn("days_late", "超期（天）", "Days late", "tenths"),
    ListColumn("received_at", "受理时间", "Received", "moment"),
    ListColumn("due_at", "办理期限", "Due", "day"),
    ListColumn("closed_at", "办结时间", "Closed", "moment"),
    ListColumn("channel", "渠道", "Channel"),
    ListColumn("petitioner", "诉求人", "Petitioner"),
    ListColumn("again_at", "再次反映", "Raised again", "moment"),
    ListColumn("days_between", "相隔（天）", "Days between", "tenths"),
    ListColumn("again", "再次的编号", "Later number"),
    ListColumn("satisfaction", "是否满意", "Satisfied"),
)
