"""The pages in the order of the navigation, each with its icon, its name and who may open it."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from data_access.access import Viewer
from data_access.areas import AREAS, REPORTS
from data_access.exploring.finding import sounds
from ui.text import say

_FOLDER = Path(__file__).resolve().parents[2] / "pages"


@dataclass(frozen=True)
class Page:
    """A page: a Material symbol, its name, and the right that it takes to open it (None: whoever sees figures may).

    ``or_right``: another one that opens it, too. ``words``: by which sentences ask for what it tells, in both languages.
    """

    icon: str
    zh: str
    en: str
    right: str | None = None
    or_right: str | None = None
    words: tuple[str, ...] = ()

    def opens_to(self, viewer: Viewer) -> bool:
        """Whether somebody may open it."""
        return self.right is None or viewer.may(self.right) or (self.or_right is not None and viewer.may(self.or_right))

    def require(self, viewer: Viewer) -> None:
        """Raise NotAllowed to whoever may not open it."""
        if self.right and not self.opens_to(viewer):
            viewer.require(self.right)


# By the page's script and address
PAGES = {
    "overview": Page("dashboard", "总览", "Overview", words=("首页", "home")),
    "today": Page(
        "checklist", "今日待办", "To do today", words=("今天", "今日", "待办", "到期", "today", "to do", "due")
    ),
    "warning": Page(
        "notification_important",
        "预警",
        "Warnings",
        words=("会不会", "能不能", "能否", "能达标", "会达标", "完不成", "月底", "月末", "will", "miss", "on track"),
    ),
    **{area.page: Page(area.icon, area.zh, area.en) for area in (*AREAS.values(), REPORTS)},
    "reporting": Page(
        "edit_note", "填报", "Report figures", "report", "evaluate", ("报数", "未报", "没报", "report", "figures")
    ),
    "explore": Page("search_insights", "自由筛选", "Explore"),
    "evaluation": Page(
        "leaderboard",
        "月度评比",
        "Monthly evaluation",
        words=("评比", "考评", "考核", "名次", "通报", "evaluation", "bulletin"),
    ),
    "decisions": Page(
        "task_alt", "督办", "Decisions", words=("议定", "交办", "兑现", "上次会", "decisions", "decided", "meeting")
    ),
    "notes": Page("event_note", "事件注记", "Notes", words=("注记",)),
    "data_import": Page("upload_file", "数据导入", "Import", "import", words=("导入", "上传", "upload")),
    "settings": Page("tune", "设置", "Settings", "administer"),
    "accounts": Page("group", "账号", "Accounts", "administer", words=("口令", "密码", "password")),
    "record": Page("policy", "操作记录", "Audit log", "administer", words=("日志", "谁改", "log")),
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


def pages_named(sentence: str, viewer: Viewer) -> dict[str, tuple[str, ...]]:
    """The pages that a sentence names or asks for, of those that the viewer may open, each with the words that do.

    A page's name may also be typed in pinyin or by its initials.
    """
    typed = sentence.strip().lower()
    named = {
        name: tuple(word for word in (page.zh, page.en.lower(), *page.words) if _has(typed, word))
        or ((page.zh,) if typed in sounds(page.zh) else ())
        for name, page in PAGES.items()
        if page.opens_to(viewer)
    }
    return {name: words for name, words in named.items() if words}


def _has(sentence: str, word: str) -> bool:
    """Whether the word is in it: one in letters as a whole."""
    return re.search(f"(?<![a-z]){word}(?![a-z])", sentence) is not None if word.isascii() else word in sentence


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
