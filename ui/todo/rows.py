"""The rows behind a count of things to do, the most urgent first; of cases with the card of each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from data_access.access import CASE_AREAS
from data_access.cache import answer
from data_access.scope import Scope
from data_access.small_counts import too_fine
from data_access.todo.to_do import Rows, Urgency
from ui.asking.sentences import area_name, sheet_head, townships_words
from ui.asking.view import View
from ui.cards.rows import readable, rows_table
from ui.cases.table import show_cases
from ui.elements.element import show_way
from ui.files.downloads import download_buttons
from ui.files.whole_lists import WholeList
from ui.frame.notices import not_allowed_notice
from ui.text import Markdown, number, plain, say, written_in
from ui.todo.counting import Counted, counted

_PAGE_ROWS = 200
# More than anybody does in a day
_MOST_ROWS = 5000


def show_rows(view: View, code: str, urgency: Urgency, department: str | None) -> None:
    """The rows of a thing to do in a view of what the viewer answers for (``counting.own_view``)."""
    found = counted(view, code, department)
    to_do = found.to_do
    count = found.total(urgency)
    name = say(f"{to_do.zh}：{to_do.told[urgency][0]}", f"{to_do.en}: {to_do.told[urgency][1]}")
    scope = view.scope if department is None else view.scope.narrowed(("department", (department,)))
    may_list = to_do.area not in CASE_AREAS or view.scope.viewer.may("cases")
    whole: WholeList | None = None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{plain(name)} {number(count)} {plain(say(*to_do.unit))}**"
            + (plain(f" · {department}") if department else ""),
            width="content",
        )
        way = to_do.way(urgency, found.as_of) if found.as_of and count else None
        if way is not None:
            show_way(way[0], _query(way[1]), say("在所属页面查看", "See them on their page"), "to do way")
        if count and to_do.rows and may_list:
            title, _, reach = sheet_head(view, name, to_do.area)
            head = [title, " · ".join(filter(None, (townships_words(view), department))), reach]
            every = partial(_every, view, to_do.rows, scope, urgency, to_do.listed)
            question = " · ".join((name, head[1]))
            download_buttons(every, min(count, _MOST_ROWS), name, head, question=question)
            whole = WholeList((scope, view.language, code, urgency), count, every, question)
    if not count:
        st.caption(_nothing(found))
    if not count or to_do.rows is None:
        return
    if not may_list:
        not_allowed_notice(too_fine(view.scope.viewer))
        return
    asked, pages = st.session_state.get("to do pages", (None, 1))
    pages = pages if asked == (scope, code, urgency) else 1
    rows = answer(to_do.rows, scope, urgency, _PAGE_ROWS * pages)
    if "case_no" in rows:
        show_cases(
            view,
            rows[_of_cases(rows, to_do.listed)],
            st.session_state["case"] or "",
            lambda case: st.session_state.update(case=case or None),
            is_more=len(rows) < count,
            name=name,
            whole=whole,
        )
    else:
        rows_table(_readable(view, rows, to_do.listed), name, whole=whole)
    if len(rows) < count:
        st.button(
            say("显示更多", "Show more"),
            on_click=lambda: st.session_state.update({"to do pages": ((scope, code, urgency), pages + 1)}),
            key="more to do",
        )


def _every(view: View, rows: Rows, scope: Scope, urgency: Urgency, listed: tuple[str, ...]) -> pd.DataFrame:
    """All the rows as a table; made outside the page's script."""
    with written_in(view.language):
        return _readable(view, answer(rows, scope, urgency, _MOST_ROWS), listed)


def _query(asks: Mapping[str, tuple[str, ...]]) -> str:
    return urlencode(asks, doseq=True)


def _nothing(found: Counted) -> Markdown:
    if not found.known:
        return plain(say("来源没有记录，是否有要办的不详。", "The source does not tell: unknown."))
    return plain(say("没有要办的。", "Nothing to do."))


def _of_cases(rows: pd.DataFrame, first: tuple[str, ...]) -> list[str]:
    """All columns of cases, those first by which they are worked through."""
    names = list(map(str, rows.columns))
    return [*(name for name in first if name in names), *(name for name in names if name not in first)]


def _readable(view: View, rows: pd.DataFrame, listed: tuple[str, ...]) -> pd.DataFrame:
    shown = _of_cases(rows, listed) if "case_no" in rows else list(listed or rows)
    table = readable(view, rows[shown])
    if "area" in rows:
        table[say("领域", "Area")] = rows["area"].map(area_name)
    return table
