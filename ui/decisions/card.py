"""One decision: its numbers, what came of it, what was said since; and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import streamlit as st

from data_access.access import Viewer
from data_access.cache import look_again, reachable_engine
from data_access.decisions.items import Item
from data_access.decisions.records import Decision, Event
from data_access.decisions.writing import JUDGED, LONGEST_WORDS, add_progress, extend, judge, may_add_progress, withdraw
from ui import text
from ui.asking.view import View
from ui.decisions.form import WHERE
from ui.decisions.words import (
    counts_words,
    days_words,
    figure_words,
    indicator_of,
    interval_words,
    outcome_words,
    owner_words,
    period_words,
    promise_words,
    result_words,
    sentence,
)
from ui.importing.turns import write
from ui.text import Markdown, plain, say

_COLOURS = {"kept": "green", "partly": "orange", "missed": "red", "insufficient": "gray", "pending": "gray"}
# The decision whose forms are on the page with its version then, and how often one of them was saved
_OPENED, _SAVED = "decision opened", "decision saved"
_WARNED = {"red": "red", "yellow": "orange", "blue": "blue"}


def show_decision(view: View, item: Item, *, is_large: bool = False) -> None:
    """What was decided, the figures then, now and promised, and what came of it; ``is_large``: read across a room."""
    one = item.decision
    with st.container(key="decision large" if is_large else None):
        st.header(plain(one.what), anchor=False)
    st.markdown(_badges(item))
    due = say(f"限期 {one.due_on}", f"due {one.due_on}")
    if one.first_due_on != one.due_on:
        due += say(f"（原定 {one.first_due_on}）", f" (first {one.first_due_on})")
    st.caption(
        plain(
            " · ".join(
                filter(
                    None,
                    (
                        say("承办：", "Owner: ") + owner_words(view.county, one.owner),
                        say(f"议定 {one.decided_on}", f"decided {one.decided_on}"),
                        due,
                        say(f"{one.entered_by} 立项", f"entered by {one.entered_by}"),
                        one.note,
                    ),
                )
            )
        )
    )
    _show_figures(view, item)
    if told := sentence(view.county, item):
        if is_large:
            st.subheader(plain(told), anchor=False)
        else:
            st.markdown(plain(told))


def _badges(item: Item) -> Markdown:
    """What came of it, and how many days are left, each in its colour."""
    colour = "gray" if item.state == "withdrawn" else _COLOURS[item.verdict.outcome]
    badges = [f":{colour}-badge[{plain(result_words(item))}]"]
    if days := days_words(item):
        badges.append(f":{_WARNED.get(item.warning or '', 'gray')}-badge[{plain(days)}]")
    return Markdown(" ".join(badges))


def _show_figures(view: View, item: Item) -> None:
    one = item.decision
    indicator = indicator_of(view.county, one)
    if one.kind == "text" or item.is_withheld:
        return
    start, now, promised = st.columns(3)
    with start:
        st.metric(say("立项时", "At the start"), plain(figure_words(one, indicator, one.start, is_now=False)))
        if indicator is not None and one.start_first:
            st.caption(plain(f"{text.period(one.start_first, one.start_last)} {counts_words(indicator, one.start)}"))
    with now:
        st.metric(say("现在", "Now"), plain(figure_words(one, indicator, item.verdict.now, is_now=True)))
        if indicator is not None:
            told = (period_words(item), counts_words(indicator, item.verdict.now), interval_words(item, indicator))
            st.caption(plain(" · ".join(filter(None, told))))
    with promised:
        st.metric(say("承诺", "Promised"), plain(promise_words(one, indicator)))
        if indicator is not None:
            st.caption(plain(text.axis_title(indicator)))


def show_history(item: Item) -> None:
    """What was said since, the first one first."""
    if not item.decision.events:
        return
    st.table(
        {
            say("时间", "When"): [f"{event.done_at:%Y-%m-%d %H:%M}" for event in item.decision.events],
            say("谁", "Who"): [plain(event.done_by) for event in item.decision.events],
            say("做了什么", "What"): [plain(_event_words(event)) for event in item.decision.events],
            say("内容", "Words"): [plain(event.told) for event in item.decision.events],
        },
        border="horizontal",
    )


def _event_words(event: Event) -> str:
    match event.kind:
        case "extended":
            return say(
                f"延期：{event.due_before} → {event.due_after}", f"extended: {event.due_before} → {event.due_after}"
            )
        case "judged":
            outcome = outcome_words(event.outcome) if event.outcome else ""
            return say(f"判定：{outcome}", f"judged: {outcome}")
        case "withdrawn":
            return say("撤销", "withdrawn")
    return say("进展", "progress")


def show_actions(item: Item, by: Viewer) -> None:
    """What the viewer may do with it: a word of progress, an extension, a judgement, taking it back."""
    one = item.decision
    if item.state == "withdrawn":
        return
    key, seen = _form(one)
    with st.container(horizontal=True, gap="small"):
        if may_add_progress(by, one):
            words = f"progress words {one.id} {len(one.events)}"
            with _asked(
                say("加一句进展", "Add progress"),
                ":material/edit_note:",
                f"progress {one.id} {len(one.events)}",
                say("加上", "Add"),
                lambda: add_progress(reachable_engine(), one.id, st.session_state[words], by=by),
            ):
                st.text_area(say("进展", "Progress"), max_chars=LONGEST_WORDS, key=words, height=90, placeholder="")
        if not by.may("decide") or item.kept_month:
            return
        with _asked(
            say("延期", "Extend"),
            ":material/event_repeat:",
            f"extend {key}",
            say("延期", "Extend"),
            lambda: extend(
                reachable_engine(),
                one.id,
                st.session_state[f"extend until {key}"] or one.due_on,
                st.session_state[f"extend why {key}"],
                by=by,
                seen=seen,
            ),
        ):
            st.date_input(
                say("延到", "Until"), one.due_on + timedelta(days=30), key=f"extend until {key}", format="YYYY-MM-DD"
            )
            _reason(f"extend why {key}")
        if one.kind == "text":
            with _asked(
                say("判定", "Judge"),
                ":material/gavel:",
                f"judge {key}",
                say("判定", "Judge"),
                lambda: judge(
                    reachable_engine(),
                    one.id,
                    st.session_state[f"judged {key}"],
                    st.session_state[f"judge why {key}"],
                    by=by,
                    seen=seen,
                ),
            ):
                st.radio(
                    say("结果", "What came of it"),
                    JUDGED,
                    format_func=lambda outcome: plain(outcome_words(outcome)),
                    key=f"judged {key}",
                )
                _reason(f"judge why {key}")
        with _asked(
            say("撤销", "Withdraw"),
            ":material/undo:",
            f"withdraw {key}",
            say("确认撤销", "Withdraw it"),
            lambda: withdraw(reachable_engine(), one.id, st.session_state[f"withdraw why {key}"], by=by, seen=seen),
        ):
            _reason(f"withdraw why {key}")


@contextmanager
def _asked(label: str, icon: str, key: str, submit: str, action: Callable[[], None]) -> Iterator[None]:
    """Within, the fields of a form behind a button; what is submitted is done."""
    with st.popover(plain(label), icon=icon), st.form(key, border=False):
        yield
        st.form_submit_button(plain(submit), type="primary", on_click=_do, args=(action,))


def _reason(key: str) -> None:
    st.text_area(
        say("原因（记入操作记录）", "Reason (kept on record)"),
        max_chars=LONGEST_WORDS,
        key=key,
        height=90,
        placeholder="",
    )


def _form(one: Decision) -> tuple[str, int]:
    """A part of the keys of a decision's forms, and the version that whoever fills them in has seen.

    Others may change the decision: what somebody has typed stays where it is, and who comes second is told once.
    """
    opened: tuple[str, int] = st.session_state.get(_OPENED, ("", 0))
    if opened[0] != one.id:
        opened = st.session_state[_OPENED] = (one.id, one.version)
    return f"{one.id} {st.session_state.get(_SAVED, 0)}", opened[1]


def _do(action: Callable[[], None]) -> None:
    if write(WHERE, action, plain(say("已保存。", "Saved."))):
        st.session_state[_SAVED] = st.session_state.get(_SAVED, 0) + 1
    # What holds now is on the page by the time that somebody saves again.
    st.session_state.pop(_OPENED, None)
    look_again()
