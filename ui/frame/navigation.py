"""The ways through the dashboard: to its pages, to the meeting-room screen, and between light and dark.

One element for all of them: as links of Streamlit they would be a quarter of the messages of every run.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from ui.elements.element import Element, as_content
from ui.explore.choice import kept_question
from ui.text import say

_NAVIGATION = Element("navigation")


def show_navigation(titles: Mapping[str, tuple[str, str]], current: str) -> None:
    """Links to the pages (name: icon and words), of which one is ``current``. The shared filters go along."""
    is_dark = st.context.theme.type == "dark"
    # The overview is the start page; /overview is another way to it.
    paths = {name: "" if name == "overview" else name for name in titles}
    _NAVIGATION.show(
        as_content(
            pages=[
                {
                    "path": paths[name],
                    "icon": icon,
                    "words": words,
                    "current": name == current,
                    "query": urlencode(kept_question(), doseq=True) if name == "explore" else "",
                }
                for name, (icon, words) in titles.items()
            ],
            screen={"path": "screen", "icon": "tv", "words": say("会议大屏", "Meeting-room screen")},
            theme={
                "dark": is_dark,
                "label": say("切换到浅色", "Light theme") if is_dark else say("切换到深色", "Dark theme"),
                "paths": ["home", "overview", *paths.values()],
            },
        ),
        "navigation",
    )
