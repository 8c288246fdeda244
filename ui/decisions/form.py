"""The form for a new decision, filled in from where it was asked for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import streamlit as st

from data_access.access import Viewer
from data_access.areas.petitions import lists as petition_lists
from data_access.cache import answer, look_again, reachable_engine
from data_access.decisions.items import meeting_day
from data_access.decisions.records import CaseKey, Owner
from data_access.decisions.verdicts import NOTHING, Counted, counted_months, is_promised, reaches
from data_access.decisions.writing import (
    LONGEST_NOTE,
    LONGEST_WHAT,
    DecisionProblem,
    Draft,
    decide,
    start_figure,
)
from data_access.indicators import INDICATORS
from data_access.model.indicator import Indicator
from data_access.queries import County
from data_access.scope import month_end, month_range
from ui import text
from ui.asking.view import View
from ui.cards.attention import attention_items
from ui.decisions.words import told_value
from ui.frame.told import tell
from ui.importing.turns import write
from ui.text import Markdown, plain, say

WHERE = "decisions"
# The parameters of the address, and what a list of cases has put into the session (which they are, and their keys), that a
# form is filled in from
_ASKED = ("promise", "case", "about")
CASES = "decided cases"
# More townships that are looked at are a view of them, and hardly all meant
_MOST_CHOSEN = 5


@dataclass(frozen=True)
class Prefill:
    """What a form begins with; ``now``: the indicator's figure before the promise, and its months."""

    what: str = ""
    owners: tuple[str, ...] = ()
    indicator: Indicator | None = None
    promised: float | None = None
    cases: tuple[CaseKey, ...] = ()
    months: tuple[str, str] = ("", "")
    now: Counted = NOTHING

    @property
    def key(self) -> str:
        """A part of the keys of the form's fields: another one for another beginning."""
        return hashlib.sha256(repr((self.what, self.owners, self.cases)).encode()).hexdigest()[:12]


def is_open() -> bool:
    """Whether a form for a new decision is asked for."""
    return st.session_state["decide"] == "yes" or any(st.session_state[name] for name in _ASKED)


def first_dates(county: County) -> tuple[date, date]:
    """The day of the meeting and the due date that a form begins with: the end of the month that follows."""
    met = meeting_day(max(county.as_of.values(), default=None), datetime.now().date())
    next_month = month_end(f"{met:%Y-%m}")
    return met, month_end(f"{next_month:%Y-%m}").date() - timedelta(days=1)


def promisable(county: County) -> dict[str, Indicator]:
    """The indicators of which something can be promised, by code."""
    return {code: one for code, one in {**INDICATORS, **county.reported}.items() if is_promised(one)}


def prefill(view: View) -> Prefill:
    """What the address, or a list of cases, asks a new decision to be about."""
    county, state = view.county, st.session_state
    townships = view.scope.townships or ()
    chosen = tuple(county.names[code] for code in townships) if len(townships) <= _MOST_CHOSEN else ()
    if state["case"]:
        township, _, number = state["case"].partition("/")
        cases: tuple[CaseKey, ...] = ((township, number),)
        return Prefill(say(f"办结诉求 {number}", f"Close case {number}"), _of_cases(county, cases), cases=cases)
    if state["decide"] == "yes" and CASES in state:
        about, cases = state[CASES]
        words = say(f"办结诉求 {len(cases)} 件（{about}）", f"Close {len(cases)} cases ({about})")
        return Prefill(words[:LONGEST_WHAT], _of_cases(county, cases), cases=cases)
    indicator = promisable(county).get(state["promise"] or "")
    if indicator is not None:
        return _promise(view, indicator, chosen)
    if state["about"]:
        found = [one["found"] for one in attention_items(view) if one["name"] == state["about"]]
        return Prefill("".join(found), chosen)
    if state["promise"]:
        return Prefill(_named(county, state["promise"]), chosen)
    return Prefill("", chosen)


def _named(county: County, code: str) -> str:
    try:
        return text.name(county.indicator(code))
    except KeyError:
        return ""


def _of_cases(county: County, cases: tuple[CaseKey, ...]) -> tuple[str, ...]:
    return tuple(county.names[code] for code in county.names if code in {township for township, _ in cases})


def _promise(view: View, indicator: Indicator, chosen: tuple[str, ...]) -> Prefill:
    """The indicator as it stands, promised to reach its target."""
    township = (view.scope.townships or ("",))[0] if len(chosen) == 1 else ""
    months_held = month_range(*counted_months(*first_dates(view.county)))
    promised = view.county.targets.target(indicator, months_held, (township,) if township else None)
    months, now = ("", ""), NOTHING
    if township:
        months, now = answer(start_figure, view.scope.viewer, indicator, Owner(township), *first_dates(view.county))
    if promised is None:
        return Prefill(text.name(indicator), chosen, indicator, None, (), months, now)
    what = f"{text.name(indicator)}{_aim_words(indicator, now, promised)}"
    return Prefill(what, chosen, indicator, promised, (), months, now)


def _aim_words(indicator: Indicator, now: Counted, promised: float) -> str:
    """由 88.2% 提高到 95.0%; of what is as good already 保持在 95.0% 以上."""
    is_higher, aim = indicator.direction == "higher", text.value(indicator, promised)
    if now.value is None:
        return say(f"{'提高' if is_higher else '降'}到 {aim}", f" to {'rise' if is_higher else 'fall'} to {aim}")
    if reaches(now.value, promised, indicator.direction):
        return say(
            f"保持在 {aim} {'以上' if is_higher else '以下'}", f" to stay {'above' if is_higher else 'below'} {aim}"
        )
    was = told_value(indicator, now.value, promised)
    return say(
        f"由 {was} {'提高' if is_higher else '降'}到 {aim}",
        f" from {was} to {'rise' if is_higher else 'fall'} to {aim}",
    )


def show_form(view: View, *, is_short: bool = False) -> None:
    """The form: what, owners, due date; and beside them what the verdict will go by. ``is_short``: one line in a meeting."""
    start = Prefill() if is_short else prefill(view)
    county, viewer = view.county, view.scope.viewer
    key = f"decide {'short' if is_short else start.key} {st.session_state.get('decided', 0)}"
    met, due = first_dates(county)
    known = promisable(county)
    with st.form(key, border=not is_short, enter_to_submit=True):
        if not is_short:
            st.markdown(f"**{say('新立督办', 'New decision')}**")
        first = st.columns([3, 1.6, 1] if is_short else [3, 1.6, 1, 1], vertical_alignment="bottom")
        first[0].text_input(
            say("要办什么（一行）", "What is to be done (a line)"),
            start.what,
            max_chars=LONGEST_WHAT,
            key=f"{key} what",
        )
        first[1].multiselect(
            say("承办镇街或单位", "Townships or department"),
            [*county.names.values(), *answer(petition_lists.departments, viewer)],
            list(start.owners),
            # Whoever is no township may be written: new words are taken as they stand.
            format_func=plain,
            key=f"{key} owners",
            placeholder=say("选镇街，或写单位", "Choose, or write a department"),
            accept_new_options=True,
            select_all=False,
        )
        first[2].date_input(say("限期", "Due"), due, key=f"{key} due", format="YYYY-MM-DD")
        if not is_short:
            first[3].date_input(say("议定日期", "Decided"), met, key=f"{key} met", format="YYYY-MM-DD")
        if start.cases:
            st.caption(_cases_words(county, start.cases))
        elif not is_short:
            second = st.columns([1.6, 1, 3], vertical_alignment="bottom")
            second[0].selectbox(
                say("按哪项指标判定（不选：由人判定）", "Judged by an indicator (none: by a person)"),
                list(known),
                list(known).index(start.indicator.code) if start.indicator else None,
                format_func=lambda code: plain(text.axis_title(known[code])),
                key=f"{key} indicator",
                placeholder=say("不按指标", "No indicator"),
            )
            second[1].number_input(
                say("承诺值", "Promised"),
                value=start.promised,
                key=f"{key} promised",
                placeholder=say("如 95", "e.g. 95"),
            )
            second[2].text_input(
                say("备注（可不填）", "Note (optional)"), max_chars=LONGEST_NOTE, key=f"{key} note", placeholder=""
            )
            if start.indicator is not None:
                st.caption(_promise_words(start, met, due))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.form_submit_button(
                say("立督办", "Decide"),
                type="primary",
                icon=":material/add_task:",
                key=f"save {key}",
                on_click=_save,
                args=(view, key, start.cases, viewer),
            )
            if not is_short:
                st.form_submit_button(say("取消", "Cancel"), key=f"cancel {key}", on_click=close)
            st.caption(
                say(
                    "选几个镇街就立几件，各判各的。事项里不写诉求人的姓名、电话、地址。",
                    "Each township gets a decision of its own. Write no petitioner's name, telephone or address.",
                ),
                width="content",
            )


def _cases_words(county: County, cases: tuple[CaseKey, ...]) -> Markdown:
    of = {county.names.get(code, code): sum(one == code for one, _ in cases) for code in {one for one, _ in cases}}
    each = say("、", ", ").join(f"{name} {count}" for name, count in sorted(of.items(), key=lambda one: -one[1]))
    return plain(
        say(
            f"按这 {len(cases)} 件诉求是否在限期前办结判定：{each}",
            f"Judged by whether these {len(cases)} cases are closed: {each}",
        )
    )


def _promise_words(start: Prefill, met: date, due: date) -> Markdown:
    indicator = start.indicator
    assert indicator is not None  # noqa: S101  # whoever asks has looked
    months = text.period(*counted_months(met, due))
    was = ""
    if start.now.value is not None:
        of = text.period(*start.months)
        was = say(
            f"现值 {told_value(indicator, start.now.value)}（{of}）；",
            f"Now {told_value(indicator, start.now.value)} ({of}); ",
        )
    return plain(
        was
        + say(
            f"指标按月统计：按以上日期算 {months}。15 日以前议定的，当月算起；限期不是月末的，算到上个月。",
            f"counted by months: with these dates {months}. The month counts if decided by its 15th, and if due on its last day.",
        )
    )


def close() -> None:
    """Ask for no new decision any more."""
    st.session_state.update({"decide": "no", **dict.fromkeys(_ASKED)})
    st.session_state.pop(CASES, None)


def _save(view: View, key: str, cases: tuple[CaseKey, ...], by: Viewer) -> None:
    """Keep what the form says. What was typed stays where it cannot be kept."""
    state = st.session_state
    done: list[int] = []

    def act() -> None:
        done.append(len(decide(reachable_engine(), _draft(view, key, cases), by=by)))

    if not write(WHERE, act):
        return
    look_again()
    tell(WHERE, plain(say(f"已立 {done[0]} 件。", f"{done[0]} decided.")))
    state["decided"] = state.get("decided", 0) + 1
    close()


def _draft(view: View, key: str, cases: tuple[CaseKey, ...]) -> Draft:
    state = st.session_state
    codes = {name: code for code, name in view.county.names.items()}
    due, met = state[f"{key} due"], state.get(f"{key} met", first_dates(view.county)[0])
    if due is None or met is None:
        raise DecisionProblem("请填限期和议定日期。", "Give the due date and the day of the decision.")
    owners = tuple(Owner(codes[name]) if name in codes else Owner("", name.strip()) for name in state[f"{key} owners"])
    indicator = promisable(view.county).get(state.get(f"{key} indicator") or "")
    promised = state.get(f"{key} promised")
    return Draft(
        state[f"{key} what"],
        owners,
        met,
        due,
        state.get(f"{key} note") or "",
        indicator,
        float(promised) if promised is not None else None,
        cases,
    )
