"""The pages in the order of the navigation, each with its icon and name."""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from pathlib import Path

import streamlit as st

from data_access.areas import AREAS, REPORTS
from ui.text import say

_FOLDER = Path(__file__).resolve().parents[2] / "pages"


def page_titles() -> dict[str, tuple[str, str]]:
    """By the page's script and address: a Material symbol and the name in the viewer's language."""
    return {
        "overview": ("dashboard", say("总览", "Overview")),
        **{area.page: (area.icon, say(area.zh, area.en)) for area in (*AREAS.values(), REPORTS)},
        "explore": ("search_insights", say("自由筛选", "Explore")),
        "evaluation": ("leaderboard", say("月度评比", "Monthly evaluation")),
        "data_import": ("upload_file", say("数据导入", "Import")),
    }


def scripted_page(name: str, title: str, url_path: str, *, is_default: bool = False) -> st.Page:
    """A page of this run. Streamlit looks for each page's script at every run, a tenth of what a run costs: here once."""
    return copy(_found(name, title, url_path, is_default))


@lru_cache(maxsize=100)
def _found(name: str, title: str, url_path: str, is_default: bool) -> st.Page:
    return st.Page(_FOLDER / f"{name}.py", title=title, url_path=url_path, default=is_default)
