"""The ways through the dashboard: to its pages, to the meeting-room screen, and between light and dark.

One element for all of them: as links of Streamlit they would be a quarter of the messages of every run.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from data_access.accounts.signing_in import Account
from ui.elements.element import Element, as_content
from ui.explore.choice import kept_question
from ui.frame.streamlit_words import CHINESE
from ui.server.identity_settings import ACCOUNTS, WITH_SESSIONS, identity
from ui.text import is_english, say

_NAVIGATION = Element("navigation")


def show_navigation(links: Mapping[str, tuple[str, str]], current: str, first: str, account: Account | None) -> None:
    """Links to the pages (name: icon and words), of which one is ``current`` and one the ``first``. The filters go along.

    Below them who is signed in, if that is asked.
    """
    is_dark = st.context.theme.type == "dark"
    # The first page is at /; its name is another way to it.
    paths = {name: "" if name == first else name for name in links}
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
                for name, (icon, words) in links.items()
            ],
            language=say("zh-CN", "en"),
            words=CHINESE,
            screen={"path": "screen", "icon": "tv", "words": say("会议大屏", "Meeting-room screen")},
            theme={
                "dark": is_dark,
                "label": say("切换到浅色", "Light theme") if is_dark else say("切换到深色", "Dark theme"),
                "paths": ["home", first, *paths.values()],
            },
            **({"account": _account_ways(account)} if account else {}),
        ),
        "navigation",
    )


def _account_ways(account: Account) -> dict[str, object]:
    """Who is signed in; where the dashboard keeps the session, the way to sign out, and the one to a password of its own."""
    password = {"path": "password", "icon": "key", "words": say("更改口令", "Change password")}
    sign_out = {"path": "sign-out", "icon": "logout", "words": say("退出", "Sign out")}
    return {
        "name": account.full_name,
        "label": say(f"已登录：{account.full_name}", f"Signed in as {account.full_name}"),
        "ways": [*([password] if identity() == ACCOUNTS else []), *([sign_out] if identity() in WITH_SESSIONS else [])],
        "query": "lang=en" if is_english() else "",
    }
