"""What a page says when it has nothing to show: no database, no rows, nothing in the selection."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import streamlit as st

from data_access.access import NotAllowed
from data_access.cache import Outage, Unanswered, ready
from data_access.database import DatabaseProblem
from data_access.queries import County
from ui.asking import address
from ui.asking.view import View
from ui.asking.viewer import SessionEnded
from ui.elements.element import Element, as_content
from ui.server.identity_settings import WITH_SESSIONS, identity
from ui.text import plain, problem_sentence, say

_ENDED = Element("session_ended")


def ended_notice(ended: SessionEnded) -> None:
    """Say that the session has ended, with the way back to this page by signing in."""
    # No element of Streamlit's: the browser could no longer fetch the script of one that it has not drawn before.
    words = {"sentence": say(ended.zh, ended.en), "label": say("去登录", "To the sign-in page")}
    _ENDED.show(as_content(**words, way=way_to_sign_in()), "session ended")


def way_to_sign_in() -> str:
    """The address where one signs in and comes back to this page."""
    here = urlsplit(st.context.url or "").path.rpartition("/")[2]
    back = here + (f"?{urlencode(address.given(), doseq=True)}" if address.given() else "")
    return f"sign-in?{urlencode({'next': back})}" if identity() in WITH_SESSIONS else f"./{back}"


def another_notice() -> None:
    """Begin anew for who has signed in on a page that was another's."""
    _ENDED.show(as_content(is_anothers=True), "session ended")


def database_notice(problem: DatabaseProblem) -> None:
    """Say what is wrong with the database, and go on by itself once there is something to read."""
    if isinstance(problem, Unanswered):
        st.info(problem_sentence(problem), icon=":material/hourglass_empty:")
        return
    st.error(problem_sentence(problem), title=say("数据库暂时不能用", "The database cannot be used"))
    try:
        ready()
    except DatabaseProblem:
        _wait_for_database()


@st.fragment(run_every=3)
def _wait_for_database() -> None:
    try:
        ready()
    except DatabaseProblem:
        st.caption(
            say("每 3 秒自动重试，恢复后本页自动继续。", "Trying again every 3 seconds; the page goes on by itself.")
        )
    else:
        st.rerun()


def not_allowed_notice(problem: NotAllowed) -> None:
    """Say what the viewer may not see or do."""
    st.info(problem_sentence(problem), icon=":material/lock:")


def outage_notice(outage: Outage, as_of: str | None) -> None:
    """Say since when the database is away and what the page shows meanwhile: figures as of then, or None of them."""
    since = f"{outage.since:%H:%M}"
    if as_of is None:
        st.warning(
            say(
                f"**{since} 起连不上数据库**：现在不能检查、装入和撤销。正在自动重试，恢复后这条提示自动消失。",
                f"**The database has been out of reach since {since}**: no checks, loads or undoing now. Trying again "
                "by itself; this notice goes when it is back.",
            ),
            icon=":material/cloud_off:",
        )
    else:
        st.warning(
            say(
                f"**{since} 起连不上数据库**，只有此前读到的数字，{plain(as_of)}。正在自动重试，恢复后本页自动更新。",
                f"**The database has been out of reach since {since}.** Only figures read before are shown. {plain(as_of)}. "
                "Trying again by itself; the page updates when it is back.",
            ),
            icon=":material/cloud_off:",
        )


def empty_notice(county: County) -> None:
    """Say which data to load first into a database without rows."""
    if county.townships.empty:
        st.info(
            say(
                "数据库已建好，还没有镇街。请先在“数据导入”页，或用命令，装入镇街名录：",
                "The database is ready but has no townships yet. Load them first:",
            )
        )
        st.code("python -m data_access.importing townships 镇街.csv", language=None)
    else:
        st.info(
            say(
                f"已有 {len(county.townships)} 个镇街，还没有分月的数据。请导入诉求、监控、志愿活动、项目月报等"
                "（项目按月报计入各月，只有项目名录还不够）：",
                f"There are {len(county.townships)} townships but no monthly data yet. Load cases, cameras, activities or "
                "project reports (projects count by their monthly reports):",
            )
        )
        st.code("python -m data_access.importing petitions 诉求.xlsx", language=None)


def nothing_here(view: View, area: str, what: str) -> None:
    """Say that the selection has none of these, why, and how to see some."""
    as_of = view.county.as_of.get(area)
    if as_of is None:
        st.info(plain(say(f"还没有装入{what}数据。", f"No {what} have been loaded yet.")))
    elif f"{as_of:%Y-%m}" < view.scope.start:
        st.info(
            plain(
                say(
                    f"{what}数据截至 {as_of:%Y-%m-%d}，早于所选时段。请在左侧把时段改到 {as_of:%Y-%m}。",
                    f"The data of {what} end on {as_of:%Y-%m-%d}, before the chosen months. Choose {as_of:%Y-%m} on the left.",
                )
            )
        )
    else:
        st.info(
            plain(
                say(
                    f"所选镇街和时段没有{what}数据。可放宽时段，或在左侧“重置筛选”。",
                    f"The chosen townships and months have no {what}. Widen the period, or reset the filters on the left.",
                )
            )
        )
