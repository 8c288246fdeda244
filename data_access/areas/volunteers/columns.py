"""The columns of lists of teams and of their activities."""

from __future__ import annotations

from data_access.model.list_column import ListColumn

COLUMNS = (
    ListColumn("team_id", "队伍编号", "Team no."),
    ListColumn("team_name", "队伍", "Team"),
    ListColumn("team_kind", "类型", "Kind"),
    ListColumn("members", "成员（人）", "Members", "number"),
    ListColumn("members_now", "现有成员（人）", "Members now", "number"),
    ListColumn("founded_on", "成立日期", "Founded", "day"),
    ListColumn("last_held_on", "最近一次活动", "Last activity", "day"),
    ListColumn("activity_id", "活动编号", "Activity no."),
    ListColumn("activity_kind", "活动类型", "Kind of activity"),
    ListColumn("held_on", "活动日期", "Held on", "day"),
    ListColumn("participants", "参加人数", "Participants", "number"),
    ListColumn("hours", "服务小时", "Hours", "tenths"),
)
