"""From cases to a decision: of one that is open on its card, or of the open ones that a list has."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.lists import CaseFilter
from data_access.cache import answer
from data_access.decisions.records import CaseKey
from data_access.decisions.writing import MOST_CASES
from ui.asking.view import View
from ui.decisions.form import CASES
from ui.decisions.ways import way_to_decide
from ui.elements.element import show_way
from ui.text import plain, say

# Of which it makes sense that they be closed
_OPEN_STATES = frozenset({"open", "overdue", "pending"})


def show_way_of_case(view: View, case: str) -> None:
    """A link from a case's card (township code/number) to the form that decides that it be closed."""
    if way := way_to_decide(view, case=case):
        show_way(way["path"], way["query"], way["label"], "decide about the case")


def show_deciding_of_list(view: View, chosen: CaseFilter, count: int, about: str) -> None:
    """A button that decides that all cases of a list of open ones be closed; ``about``: which these are."""
    if chosen.state not in _OPEN_STATES:
        return

    def keys() -> list[CaseKey]:
        cases = answer(petition_lists.petition_cases, view.scope, chosen, limit=MOST_CASES)
        return list(zip(cases["township_code"], cases["case_no"], strict=True))

    show_deciding(view, count, keys, about)


def show_deciding(view: View, count: int, cases: Callable[[], list[CaseKey]], about: str) -> None:
    """A button that decides that so many open cases be closed; the keys of so many stand in no address."""
    if not count or not view.scope.viewer.may("decide"):
        return
    too_many = say(
        f"一次最多 {MOST_CASES} 件，请先选镇街或缩小范围",
        f"{MOST_CASES} at most: choose a township or narrow the list first",
    )
    told = f"{count:,}" if count <= MOST_CASES else say(f"{MOST_CASES} 多", f"over {MOST_CASES}")
    pressed = st.button(
        plain(say(f"未办结的 {told} 件立为督办", f"Decide that the {told} open be closed")),
        icon=":material/add_task:",
        key="decide about the list",
        disabled=count > MOST_CASES,
        help=too_many if count > MOST_CASES else None,
    )
    if pressed:
        st.session_state[CASES] = about, tuple(cases())
        st.switch_page(st.session_state["pages"]["decisions"], query_params={"decide": "yes"})
