"""The open cases that still decide a rate of the running month, as far as the viewer may see cases."""

from __future__ import annotations

import streamlit as st

from data_access.cache import answer
from data_access.warning.open_cases import open_cases
from data_access.warning.outlook import Outlook
from ui.asking.sentences import sheet_head
from ui.asking.view import View
from ui.cards.rows import readable, rows_card
from ui.cases.rights import may_see_cases
from ui.cases.table import show_cases
from ui.files.downloads import download_buttons
from ui.text import plain, say

_MOST = 200


def show_open_cases(view: View, outlook: Outlook) -> None:
    """Those of the view's townships, the first due or received first; a row opens its card."""
    if not outlook.is_running:
        return
    area = view.county.indicator(outlook.code).data_area
    titles = {
        "on_time_rate": say("本月到期、还没办结的件，先到期的在前", "Due this month and open, the first due first"),
        "signed_in_time_rate": say(
            "还能及时签收的件，先受理的在前", "May yet be signed in time, the first received first"
        ),
        "completion_rate": say(
            "本月受理、还没办结的件，先受理的在前", "Received this month and open, the first received first"
        ),
    }
    title = titles[outlook.code.removeprefix("grid_")]
    st.markdown(f"**{plain(title)}**")
    if not may_see_cases(view):
        return
    cases = answer(open_cases, view.scope, outlook.code, _MOST)
    if cases.empty:
        st.caption(say("没有这样的件。", "There are none."))
        return
    if len(cases) == _MOST:
        st.caption(
            say(
                f"只列前 {_MOST} 件，请选一个镇街看全。",
                f"The first {_MOST} only: choose a township to see all of its own.",
            )
        )
    if area == "petitions":
        show_cases(
            view,
            cases,
            st.session_state["case"] or "",
            lambda case: st.session_state.update(case=case or None),
            is_more=len(cases) == _MOST,
            name=title,
        )
        table = readable(view, cases)
        head = sheet_head(view, title, area)
        download_buttons(lambda: table, len(table), say("预警清单", "cases-at-stake"), head)
    else:
        rows_card(view, cases, say("预警清单", "events-at-stake"), area)
