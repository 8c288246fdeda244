"""Which figures townships report by hand: those that there are, and the form of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data_access.access import Viewer
from data_access.areas import AREAS
from data_access.areas.reports.definition import Definition
from data_access.audit.deeds import DIRECTIONS, FREQUENCIES, OVER_MONTHS
from data_access.cache import engine
from data_access.indicators import INDICATORS
from data_access.queries import County
from data_access.scope import month_offset
from data_access.settings.reported_figures import LAST_DUE_DAY, save_reported_figure
from ui import text
from ui.asking.sentences import area_name
from ui.elements.asked_once import asked_once
from ui.elements.row_table import show_rows
from ui.frame.told import show_told
from ui.settings.subject import Changes, form, save, save_button, subject, where
from ui.text import listed, plain, say

_CODE = "reported figures"
_NEW = ""


def show_reported_figures(county: County, changes: Changes, by: Viewer) -> None:
    """The figures that townships report by hand, and the form of the one that is chosen."""
    of_figures = [changes[name] for name in changes if name.startswith("report ")]
    last = max(of_figures, key=lambda one: one.number, default=None)
    known = county.definitions
    asked = [one for one in known.values() if one.due_day is not None]
    ended = sum(one.last_month is not None for one in known.values())
    told = say(
        f"{len(known)} 项，其中 {len(asked)} 项有截止日、催报，{ended} 项已写止月",
        f"{len(known)}, of which {len(asked)} have a due day and are asked for; {ended} have a last month",
    )
    with subject(_CODE, say("填报指标", "Figures reported by hand"), told, last, is_long=True):
        if known:
            _list(county)
        names = {_NEW: say("＋ 新的填报指标", "A new figure"), **_names(known)}
        code = st.selectbox(
            say("改哪一项", "Which one"),
            list(names),
            format_func=lambda one: plain(names[one]),
            key="reported figure chosen",
        )
        _form(county, known.get(code), changes, by)
        show_told(where(_CODE))


def _names(known: Mapping[str, Definition]) -> dict[str, str]:
    return {code: say(one.name_zh, one.name_en) for code, one in sorted(known.items(), key=lambda pair: pair[1].area)}


def who_reports(county: County, definition: Definition) -> str:
    """The townships that are asked for a figure: 全部镇街, 太平镇、郭里镇."""
    if definition.townships is None:
        return say("全部镇街", "all townships")
    return listed([county.names[code] for code in sorted(definition.townships) if code in county.names])


def numbers_of(definition: Definition) -> str:
    """What is reported, with its unit: 已收 ÷ 应收（万元）, 支."""
    if definition.is_ratio:
        return say(
            f"{definition.numerator_zh} ÷ {definition.denominator_zh}（{definition.unit}）",
            f"{definition.numerator_en} / {definition.denominator_en} ({definition.unit})",
        )
    return definition.unit


def _list(county: County) -> None:
    rows = [
        {
            say("指标", "Figure"): say(one.name_zh, one.name_en),
            say("领域", "Area"): area_name(one.area) if one.area in AREAS else one.area,
            say("报什么", "What"): numbers_of(one),
            say("谁报", "By whom"): who_reports(county, one),
            say("多久一报", "How often"): say(*FREQUENCIES[one.frequency]),
            say("截止", "Until"): say(f"次月 {one.due_day} 日", f"day {one.due_day}, next month")
            if one.due_day
            else "",
            say("月份", "Months"): f"{one.first_month or ''}–{one.last_month or ''}".strip("–")
            + ("–" if one.first_month and not one.last_month else ""),
            say("联系单位", "Contact"): one.contact or "",
        }
        for one in county.definitions.values()
    ]
    table = pd.DataFrame(rows)
    show_rows(table, "reported figures", height=min(40 + 29 * len(table), 300), row_height=29)


def _form(county: County, known: Definition | None, changes: Changes, by: Viewer) -> None:
    name = f"report {known.code}" if known else "report new"
    blank = Definition(_NEW, "", "", "", "", first_month=f"{date.today():%Y-%m}", due_day=5)
    now = form(name, changes.get(name), known or blank)
    shown: Definition = now.draft
    key = f"{name} {now.key}"
    with st.form(key, border=False, enter_to_submit=False):
        _names_and_numbers(county, shown, key)
        _asking(county, shown, key)
        save_button("reported figure", _save, (shown, key, name, now.seen, by))
    if known and known.last_month is None:
        last = month_offset(f"{date.today():%Y-%m}", -1)
        asked_once(
            say("停用", "End it"),
            say(
                f"{known.name_zh}报到 {last} 为止，以后不再催报、不能再填？已报的数都留着，以后还可以恢复。",
                f"{known.name_en} is reported up to {last} and asked for no more? What was reported stays; it can be taken up again.",
            ),
            say("确认停用", "End it"),
            icon=":material/event_busy:",
            key="end reported figure",
            on_click=_end,
            args=(replace(known, last_month=last), name, now.seen, by),
        )


def _names_and_numbers(county: County, shown: Definition, key: str) -> None:
    columns = st.columns([1.6, 1.6, 1.2, 0.8])
    columns[0].text_input(say("指标名称", "Name of the figure"), shown.name_zh, max_chars=64, key=f"{key} name_zh")
    columns[1].text_input(
        say("英文名（可不写）", "English name (optional)"), shown.name_en, max_chars=64, key=f"{key} name_en"
    )
    areas = list(dict.fromkeys([*AREAS, *(one.area for one in county.definitions.values())]))
    columns[2].selectbox(
        say("领域（可另写）", "Area (or type one)"),
        areas,
        areas.index(shown.area) if shown.area in areas else None,
        format_func=lambda one: plain(area_name(one) if one in AREAS else one),
        accept_new_options=True,
        placeholder=say("选或写", "choose or type"),
        key=f"{key} area",
    )
    columns[3].text_input(
        say("单位", "Unit"), shown.unit, max_chars=16, placeholder=say("如：万元", "e.g. 万元"), key=f"{key} unit"
    )
    st.caption(
        plain(
            say(
                "只报一个数的，分子分母不写。要说明“257.92 万元是多少里的”，写分子“已收”、分母“应收”：指标是两者之比，未收自己算出。",
                "Leave part and whole empty where one number is reported. To say what 257.92 is a part of, name the part "
                "(collected) and the whole (owed): the figure is their share, the rest is worked out.",
            )
        )
    )
    pairs = {
        "numerator_zh": say("分子叫什么", "The part is called"),
        "denominator_zh": say("分母叫什么", "The whole is called"),
        "numerator_en": say("分子英文名", "The part in English"),
        "denominator_en": say("分母英文名", "The whole in English"),
    }
    for column, (name, label) in zip(st.columns(4), pairs.items(), strict=True):
        column.text_input(plain(label), getattr(shown, name) or "", max_chars=64, key=f"{key} {name}")


def _asking(county: County, shown: Definition, key: str) -> None:
    columns = st.columns([1, 1, 1, 1, 1])
    for column, (name, label, words) in zip(
        columns,
        (
            ("frequency", say("多久一报", "How often"), FREQUENCIES),
            ("over_months", say("跨几个月", "Over months"), OVER_MONTHS),
            ("direction", say("方向", "Better"), DIRECTIONS),
        ),
        strict=False,
    ):
        column.selectbox(
            plain(label),
            list(words),
            list(words).index(getattr(shown, name)),
            format_func=lambda one, words=words: plain(say(*words[one])),  # type: ignore[misc]  # mypy takes defaults of lambdas for unknown
            key=f"{key} {name}",
        )
    columns[3].text_input(say("起月", "First month"), shown.first_month or "", max_chars=7, key=f"{key} first_month")
    columns[4].text_input(
        say("止月（不写：一直报）", "Last month (empty: on)"),
        shown.last_month or "",
        max_chars=7,
        key=f"{key} last_month",
    )
    columns = st.columns([1, 1, 1.5, 1.5])
    columns[0].number_input(
        say("截止：次月几日（不填：不催报）", "Due day, next month (empty: not asked)"),
        min_value=1,
        max_value=LAST_DUE_DAY,
        value=shown.due_day,
        step=1,
        key=f"{key} due_day",
    )
    columns[1].text_input(say("联系单位", "Contact"), shown.contact or "", max_chars=64, key=f"{key} contact")
    columns[2].text_input(
        say("数从哪里来（台账、文件）", "Where the figure comes from"),
        shown.source or "",
        max_chars=200,
        key=f"{key} source",
    )
    columns[3].selectbox(
        say("参考值取自（系统里算得出的同一个数）", "Suggested by (the same figure counted from facts)"),
        list(INDICATORS),
        list(INDICATORS).index(shown.counted_as) if shown.counted_as in INDICATORS else None,
        format_func=lambda one: plain(text.name(INDICATORS[one])),
        placeholder=say("没有", "none"),
        key=f"{key} counted_as",
    )
    st.multiselect(
        say("谁报", "Who reports it"),
        list(county.names),
        sorted(shown.townships or ()),
        format_func=lambda one: plain(county.names.get(one, one)),
        placeholder=say("不选：全部镇街", "None: all townships"),
        key=f"{key} townships",
    )


def _given(shown: Definition, key: str) -> Definition:
    """What the fields say."""

    def field(name: str) -> Any:
        return st.session_state[f"{key} {name}"]

    words = ("name_zh", "name_en", "unit", "contact", "source", "first_month", "last_month")
    pairs = ("numerator_zh", "numerator_en", "denominator_zh", "denominator_en")
    chosen = ("frequency", "over_months", "direction", "counted_as")
    due = field("due_day")
    given: dict[str, Any] = {name: str(field(name)).strip() for name in (*words, *pairs)}
    given |= {name: field(name) for name in chosen}
    return replace(
        shown,
        **given,
        area=str(field("area") or ""),
        due_day=None if due is None else int(due),
        townships=frozenset(field("townships")) or None,
    )


def _save(shown: Definition, key: str, name: str, seen: int, by: Viewer) -> None:
    given = _given(shown, key)
    told = "" if shown.code else say(f"新的填报指标“{given.name_zh}”", f"the new figure {given.name_zh}")
    save(_CODE, partial(save_reported_figure, engine(), by, given, seen), name, told=told)


def _end(ended: Definition, name: str, seen: int, by: Viewer) -> None:
    save(_CODE, partial(save_reported_figure, engine(), by, ended, seen), name)
