"""What is said of cases that a viewer may not see."""

from __future__ import annotations

import streamlit as st

from data_access.access import NotAllowed
from ui.asking.view import View
from ui.frame.notices import not_allowed_notice
from ui.text import plain, say


def may_see_cases(view: View) -> bool:
    """Whether the viewer may see lists of cases; says why not, or of which townships and departments alone."""
    viewer = view.scope.viewer
    try:
        viewer.require("cases")
    except NotAllowed as problem:
        not_allowed_notice(problem)
        return False
    if viewer.case_townships is not None:
        names = say("、", ", ").join(name for code, name in view.county.names.items() if code in viewer.case_townships)
        st.caption(
            plain(
                say(
                    f"明细只列出您负责的镇街：{names or '无'}；各镇街的数字照常比较。",
                    f"Rows are of your own townships alone ({names or 'none'}); figures compare all.",
                )
            )
        )
    if viewer.case_departments is not None:
        own = say("、", ", ").join(sorted(viewer.case_departments))
        st.caption(
            plain(
                say(
                    f"明细只列出承办单位为{own}的诉求；数字照常统计全部。",
                    f"Rows are of these departments alone: {own}; figures count all.",
                )
            )
        )
    return True
