"""The pages in the order of the navigation, each with its icon and name."""

from __future__ import annotations

from data_access.areas import AREAS, REPORTS
from ui.text import say


def page_titles() -> dict[str, tuple[str, str]]:
    """By the page's script and address: a Material symbol and the name in the viewer's language."""
    return {
        "overview": ("dashboard", say("总览", "Overview")),
        **{area.page: (area.icon, say(area.zh, area.en)) for area in (*AREAS.values(), REPORTS)},
        "explore": ("search_insights", say("自由筛选", "Explore")),
        "evaluation": ("leaderboard", say("月度评比", "Monthly evaluation")),
        "data_import": ("upload_file", say("数据导入", "Import")),
    }
