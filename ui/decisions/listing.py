"""The list of decisions: what came of each, with its numbers; narrowed by what came of it, the meeting and the owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from data_access.cache import answer
from data_access.decisions.items import STATES, Item, items, meeting_day
from data_access.kept_results import kept
from data_access.scope import month_offset
from ui import text
from ui.asking.address import keep_known
from ui.asking.sentences import as_of_sentence
from ui.asking.view import View
from ui.decisions.words import (
    TONES,
    days_words,
    explanation,
    figure_words,
    indicator_of,
    owner_words,
    promise_words,
    short_result,
    state_words,
    warning_rule,
)
from ui.elements.element import LEAGUE_TABLE, as_content
from ui.files.downloads import download_buttons
from ui.text import plain, say, written_in

_LATE = 10_000


def known_items(view: View) -> tuple[Item, ...]:
    """The decisions that the viewer sees, of the townships looked at, in the order in which they ask for something."""
    found = answer(items, view.scope.viewer)
    townships = view.scope.townships
    return tuple(
        sorted((one for one in found if townships is None or one.decision.owner.township_code in townships), key=_order)
    )


def _order(item: Item) -> tuple[int, int]:
    """What is to be judged, then what is running, the nearest first; then what came of the others, the latest first."""
    days = _LATE if item.days_left is None else item.days_left
    if item.state in ("pending", "running"):
        return (("pending", "running").index(item.state), days)
    return (3 if item.state == "withdrawn" else 2, -days)


def narrowed(found: Sequence[Item]) -> tuple[Item, ...]:
    """Those of the meeting's month, of the department and of the verdict that are asked for; withdrawn ones by themselves."""
    met, owner, verdict = (st.session_state[name] for name in ("met", "owner", "verdict"))
    return tuple(
        one
        for one in of_meeting(found, met)
        if (owner is None or one.decision.owner.department == owner)
        and (one.state == verdict if verdict != "all" else one.state != "withdrawn")
    )


def of_meeting(found: Sequence[Item], month: str | None) -> tuple[Item, ...]:
    """Those decided in a month; None: all."""
    return tuple(one for one in found if month is None or one.decision.month == month)


def month_before(view: View) -> str:
    """The month before that of a meeting now: 上月议定 are the decisions of it."""
    met = meeting_day(max(view.county.as_of.values(), default=None), datetime.now().date())
    return month_offset(f"{met:%Y-%m}", -1)


def show_filters(view: View, found: Sequence[Item]) -> None:
    """What came of them, with how many; the months of meetings, and the departments."""
    last = month_before(view)
    months = sorted({one.decision.month for one in found} | {last}, reverse=True)
    departments = sorted({one.decision.owner.department for one in found} - {""})
    keep_known("met", months)
    keep_known("owner", departments)
    counts = Counter(one.state for one in of_meeting(found, st.session_state["met"]))
    labels: dict[str, str] = {state: f"{state_words(state)} {counts[state]}" for state in STATES}
    labels["all"] = say("全部", "All") + f" {counts.total() - counts['withdrawn']}"
    chosen = st.session_state["verdict"]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            say("结果", "What came of it"),
            ["all", *(state for state in STATES if state in ("running", chosen) or counts[state])],
            format_func=lambda code: plain(labels[code]),
            key="verdict",
            required=True,
            on_change=_close,
        )
        st.selectbox(
            say("会议月份", "Month of the meeting"),
            months,
            index=None,
            format_func=lambda month: plain(text.month_name(month)),
            key="met",
            placeholder=say("全部月份", "All months"),
            width=170,
            on_change=_close,
        )
        st.selectbox(
            say("承办单位", "Department"),
            departments,
            index=None,
            format_func=lambda name: plain(text.spelled(name)),
            key="owner",
            placeholder=say("全部单位", "All departments"),
            width=190,
            on_change=_close,
        )
        count = len(of_meeting(found, last))
        st.button(
            plain(say(f"上月议定（{count}）", f"Last month's ({count})")),
            icon=":material/history:",
            key="last month's decisions",
            on_click=lambda: st.session_state.update(met=last, owner=None, verdict="all", decision=None),
        )
        st.button(
            say("会上逐件过", "One by one"),
            icon=":material/slideshow:",
            key="meeting mode",
            on_click=lambda: st.session_state.update(mode="meeting", decision=None),
        )
        if view.scope.viewer.may("decide"):
            st.button(
                say("新立督办", "New decision"),
                icon=":material/add_task:",
                type="primary",
                key="new decision",
                on_click=lambda: st.session_state.update(decide="yes"),
            )


def _close() -> None:
    # Another list is asked for: the decision may not be in it.
    st.session_state["decision"] = None


def show_list(view: View, found: Sequence[Item]) -> None:
    """The decisions as a table, a click on one opens it; and as files."""
    if not found:
        nothing_listed(view)
        return
    LEAGUE_TABLE.show(
        decisions_table(view, tuple(one.decision.id for one in found), st.session_state["decision"]), "decisions"
    )
    download_buttons(
        lambda: _sheet(view, found),
        len(found),
        say("督办事项", "decisions"),
        [say("督办事项", "Decisions"), as_of_sentence(view.county)],
    )


def _sheet(view: View, found: Sequence[Item]) -> pd.DataFrame:
    """The list as a file has it, days as days and figures as numbers beside their unit; made outside of the page's script."""
    with written_in(view.language):
        return pd.DataFrame([_file_row(view, one) for one in found])


def _file_row(view: View, item: Item) -> dict[str, Any]:
    one = item.decision
    indicator = indicator_of(view.county, one)
    is_of_cases = one.kind == "cases"
    # Of cases a figure is how many are closed.
    start, now = ((it.numerator if is_of_cases else it.value) for it in (one.start, item.verdict.now))
    promised = len(one.cases) or None if is_of_cases else one.promised
    is_running = item.state in ("running", "pending")
    return {
        say("结果", "Result"): short_result(item),
        say("事项", "What"): one.what,
        say("承办", "Owner"): owner_words(view.county, one.owner),
        say("限期", "Due"): pd.Timestamp(one.due_on),
        say("原限期", "First due"): pd.Timestamp(one.first_due_on) if one.first_due_on != one.due_on else pd.NaT,
        say("剩余（天）", "Days left"): item.days_left if is_running else None,
        say("指标", "Indicator"): say("办结件数", "Cases closed")
        if is_of_cases
        else indicator and text.name(indicator),
        say("单位", "Unit"): say("件", "cases") if is_of_cases else indicator and text.unit(indicator),
        say("立项时", "At the start"): start,
        say("现在", "Now"): now,
        say("承诺", "Promised"): promised,
        say("说明", "Why"): explanation(item, indicator),
    }


def nothing_listed(view: View) -> None:
    """That no decision is there, or meets the conditions; and where decisions come from."""
    if known_items(view):
        st.info(say("没有符合条件的督办事项。", "No decision meets these conditions."))
        return
    st.info(
        say(
            "还没有督办事项。看到要办的，在卡片、排名、名次表、需要关注的事项或诉求上点 ⚑（立为督办），或在这里新立。",
            "No decisions yet. Where something has to be done, press ⚑ on its card, ranking, row or case, or write it here.",
        )
    )


def _columns() -> list[dict[str, Any]]:
    return [
        {"title": say("结果", "Result")},
        {"title": say("事项", "What"), "wide": True},
        {"title": say("承办", "Owner")},
        {"title": say("限期", "Due")},
        {"title": say("剩余", "Left"), "help": warning_rule()},
        {"title": say("立项时", "At the start"), "number": True},
        {"title": say("现在", "Now"), "number": True},
        {"title": say("承诺", "Promised"), "number": True},
        {"title": say("说明", "Why"), "wide": True},
    ]


def _cells(view: View, item: Item) -> list[str]:
    one = item.decision
    indicator = indicator_of(view.county, one)
    first = f"{one.first_due_on:%m-%d}" if one.first_due_on.year == one.due_on.year else f"{one.first_due_on}"
    extended = say(f"（原 {first}）", f" (was {first})") if one.first_due_on != one.due_on else ""
    return [
        short_result(item),
        one.what,
        owner_words(view.county, one.owner),
        f"{one.due_on}{extended}",
        days_words(item),
        figure_words(one, indicator, one.start, is_now=False),
        figure_words(one, indicator, item.verdict.now, is_now=True),
        promise_words(one, indicator),
        explanation(item, indicator),
    ]


@kept(64)
def decisions_table(view: View, ids: tuple[str, ...], chosen: str | None) -> bytes:
    """The list as its element draws it, of the decisions with these ids in this order, one of them chosen."""
    known = {one.decision.id: one for one in answer(items, view.scope.viewer)}
    # Asking the session for the language at every word would take longer than all else.
    with written_in(view.language):
        return _table([known[one] for one in ids], view, chosen)


def _table(found: Sequence[Item], view: View, chosen: str | None) -> bytes:
    rows = []
    for item in found:
        one, cells = item.decision, _cells(view, item)
        sort: list[Any] = list(cells)
        sort[0] = STATES.index(item.state)
        sort[4] = item.days_left if cells[4] else None
        for at, figure in ((5, one.start), (6, item.verdict.now)):
            sort[at] = figure.numerator if one.kind == "cases" else figure.value
        sort[7] = one.promised
        tones = [TONES[item.state], *[""] * 3, item.warning or ("red" if item.state == "pending" else "")]
        asks = {"decision": [] if one.id == chosen else [one.id]}
        rows.append({"key": one.id, "asks": asks, "hatched": False, "cells": cells, "sort": sort, "tones": tones})
    return as_content(
        title=say(f"督办事项（{len(rows)}）", f"Decisions ({len(rows)})"),
        columns=_columns(),
        rows=rows,
        chosen=chosen,
        note=say(
            f"剩余天数按数据截至日算：{warning_rule()}。点表头排序，点一行看详情。",
            f"Days are counted from the newest data: {warning_rule()}. Click a heading to sort, a row to open it.",
        ),
    )
