"""The pages in the order of the navigation, each with its icon, its name and who may open it."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from data_access.access import Viewer
from data_access.areas import AREAS, REPORTS
from ui.text import say

_FOLDER = Path(__file__).resolve().parents[2] / "pages"


@dataclass(frozen=True)
class Page:
    """A page: a Material symbol, its name, and the right that it takes to open it (None: whoever sees figures may).

    ``or_right``: another one that opens it, too.
    """

    icon: str
    zh: str
    en: str
    right: str | None = None
    or_right: str | None = None

    def opens_to(self, viewer: Viewer) -> bool:
        """Whether somebody may open it."""
        return self.right is None or viewer.may(self.right) or (self.or_right is not None and viewer.may(self.or_right))

    def require(self, viewer: Viewer) -> None:
        """Raise NotAllowed to whoever may not open it."""
        if self.right and not self.opens_to(viewer):
            viewer.require(self.right)


# By the page's script and address
PAGES = {
    "overview": Page("dashboard", "总览", "Overview"),
    "today": Page("checklist", "今日待办", "To do today"),
    "warning": Page("notification_important", "预警", "Warnings"),
    **{area.page: Page(area.icon, area.zh, area.en) for area in (*AREAS.values(), REPORTS)},
    "reporting": Page("edit_note", "填报", "Report figures", "report", "evaluate"),
    "explore": Page("search_insights", "自由筛选", "Explore"),
    "evaluation": Page("leaderboard", "月度评比", "Monthly evaluation"),
    "decisions": Page("task_alt", "督办", "Decisions"),
    "notes": Page("event_note", "事件注记", "Notes"),
    "data_import": Page("upload_file", "数据导入", "Import", "import"),
    "settings": Page("tune", "设置", "Settings", "administer"),
    "accounts": Page("group", "账号", "Accounts", "administer"),
    "record": Page("policy", "操作记录", "Audit log", "administer"),
}
# What links say in English, where a name is too long for half of the sidebar
_LINKS = {
    "today": "Today",
    "volunteers": "Volunteers",
    "rural_projects": "Projects",
    "grid": "Grids",
    "reporting": "Reporting",
    "evaluation": "Evaluation",
}


def page_name(name: str) -> str:
    """A page's name in the viewer's language."""
    return say(PAGES[name].zh, PAGES[name].en)


def first_page(viewer: Viewer) -> str:
    """The page at the address without a path: whoever sees to some townships or departments has things to do first."""
    is_narrowed = any(own is not None for own in (viewer.townships, viewer.case_townships, viewer.case_departments))
    return "today" if is_narrowed else "overview"


def page_links(viewer: Viewer) -> dict[str, tuple[str, str]]:
    """The symbol and the words, in the viewer's language, of the link to every page that they may open."""
    return {
        name: (page.icon, say(page.zh, _LINKS.get(name, page.en)))
        for name, page in PAGES.items()
        if page.opens_to(viewer)
    }


def scripted_page(name: str, title: str, url_path: str, *, is_default: bool = False) -> st.Page:
    """A page of this run. Streamlit looks for each page's script at every run, a tenth of what a run costs: here once."""
    return copy(_found(name, title, url_path, is_default))


@lru_cache(maxsize=100)
def _found(name: str, title: str, url_path: str, is_default: bool) -> st.Page:
    return st.Page(_FOLDER / f"{name}.py", title=title, url_path=url_path, default=is_default)
