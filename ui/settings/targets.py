"""What indicators are held to: those that hold, set from a month on, or cut from a year's total."""

from __future__ import annotations

from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from data_access.access import Viewer
from data_access.cache import engine, reachable_engine
from data_access.indicators import INDICATORS
from data_access.model.indicator import Indicator
from data_access.model.target import Target
from data_access.problems import Problem
from data_access.queries import County
from data_access.scope import month_range
from data_access.settings.targets import can_be_cut, cut, remove_target, season, set_target, set_yearly_total
from ui import text
from ui.elements.row_table import show_rows
from ui.frame.told import show_told
from ui.settings.subject import Changes, form, number, save, save_button, subject, where
from ui.text import plain, problem_sentence, say

_CODE = "targets"


def _held(county: County) -> dict[str, Indicator]:
    """What can be better or worse, also of what is reported by hand."""
    every = {**INDICATORS, **county.reported}
    return {code: indicator for code, indicator in every.items() if indicator.direction != "neither"}


def show_targets(county: County, changes: Changes, by: Viewer) -> None:
    """The targets, the county's before those that come with the program."""
    of_targets = [changes[name] for name in changes if name.startswith("target ")]
    last = max(of_targets, key=lambda one: one.number, default=None)
    own = {row.indicator for row in county.targets.rows}
    held = own | {code for code, indicator in _held(county).items() if indicator.target is not None}
    told = say(
        f"{len(held)} 项指标有目标，其中 {len(own)} 项由县里定，其余是自带的",
        f"{len(held)} indicators have targets: {len(own)} set by the county, the others as they come",
    )
    with subject(_CODE, say("目标", "Targets"), told, last, is_long=True):
        st.caption(
            plain(
                say(
                    "目标从起始月份起用，以前的月份仍用以前的目标，已定版的结果不变。累计的数，一段时间的目标是各月之和；"
                    "其余看最后一个月。",
                    "A target holds from its first month on; months before keep theirs, and frozen results stay. What adds "
                    "up is held to the sum over the months, everything else to the last month's.",
                )
            )
        )
        _list(county, number(last), by)
        kinds = {"month": say("从某月起的目标", "A target from a month on"), "year": say("全年总数", "A year's total")}
        kind = st.segmented_control(
            say("定目标", "Set a target"),
            list(kinds),
            default="month",
            required=True,
            format_func=lambda one: plain(kinds[one]),
            key="target kind",
        )
        if kind == "year":
            _year(county, changes, by)
        else:
            _month(county, changes, by)
        show_told(where(_CODE))


def _place(county: County, code: str) -> str:
    gone = say(f"已不在名录的镇街（{code}）", f"a township no longer listed ({code})")
    return county.names.get(code, gone) if code else say("全县", "the county")


def _list(county: County, state: int, by: Viewer) -> None:
    rows: list[Target] = []
    held = _held(county)
    for code, indicator in held.items():
        own = [row for row in county.targets.rows if row.indicator == code]
        rows += sorted(own, key=lambda row: (row.township_code, row.first_month))
        if indicator.target is not None and not any(not row.township_code for row in own):
            rows.append(Target(code, "", "", indicator.target, ""))
    # What the county has set comes first.
    rows.sort(key=lambda row: not row.first_month)
    chosen = show_rows(
        pd.DataFrame(
            {
                say("指标", "Indicator"): [text.name(held[row.indicator]) for row in rows],
                say("范围", "Of"): [_place(county, row.township_code) for row in rows],
                say("目标", "Target"): [_aim(held[row.indicator], row.value, row.township_code) for row in rows],
                say("起", "From"): [row.first_month or say("自带", "as it comes") for row in rows],
                say("依据文件", "Document"): [row.document for row in rows],
            }
        ),
        # Other rows are not those that were chosen.
        f"target rows {state}",
        row_height=29,
        height=37 + 29 * min(len(rows), 10),
        column_config={
            say("指标", "Indicator"): st.column_config.Column(width=150),
            say("范围", "Of"): st.column_config.Column(width=150),
            say("目标", "Target"): st.column_config.Column(width=130),
            say("起", "From"): st.column_config.Column(width=90),
            say("依据文件", "Document"): st.column_config.Column(width=380),
        },
        on_select="rerun",
        selection_mode="multi-row",
    )["selection"]["rows"]
    taken = [rows[place] for place in chosen if place < len(rows) and rows[place].first_month]
    if not taken:
        st.caption(plain(say("勾选县里定的，可以收回", "Choose what the county has set to take it back")))
        return
    first = taken[0]
    named = say(
        f"收回：{_place(county, first.township_code)}{text.name(held[first.indicator])}自 {first.first_month} 的目标",
        f"Take back: {text.name(held[first.indicator])} of {_place(county, first.township_code)} from {first.first_month}",
    )
    st.button(
        plain(named if len(taken) == 1 else say(f"收回选中的 {len(taken)} 个目标", f"Take back {len(taken)} targets")),
        icon=":material/undo:",
        key="remove target",
        on_click=_remove,
        args=(taken, by),
    )


def _aim(indicator: Indicator, value: float | None, township_code: str) -> str:
    if value is None:
        return say("随全县", "the county's") if township_code and indicator.is_ratio else say("不设", "none")
    sign = "≥" if indicator.direction == "higher" else "≤"
    return f"{sign} {text.aim(indicator, value)}"


def _remove(rows: list[Target], by: Viewer) -> None:
    told = say(f"收回了 {len(rows)} 个目标", f"{len(rows)} targets are taken back")
    for row in rows:
        is_done = save(
            _CODE,
            partial(remove_target, engine(), by, row),
            f"target {row.indicator}",
            told=told if len(rows) > 1 else "",
        )
        if not is_done:
            return


def _choice(county: County, indicators: dict[str, Indicator], key: str) -> tuple[str, str]:
    """The indicator and the place that are chosen."""
    columns = st.columns(2)
    code = columns[0].selectbox(
        say("指标", "Indicator"),
        list(indicators),
        format_func=lambda one: plain(text.name(indicators[one])),
        key=f"{key} indicator",
    )
    place = columns[1].selectbox(
        say("范围", "Of"),
        ["", *county.names],
        format_func=lambda one: plain(text.spelled(_place(county, one)) if one else _place(county, one)),
        key=f"{key} township",
    )
    return str(code), str(place)


def _month(county: County, changes: Changes, by: Viewer) -> None:
    held = _held(county)
    code, place = _choice(county, held, "target")
    indicator = held[code]
    now = form(f"target {code}", changes.get(f"target {code}"))
    unit = "%" if indicator.is_percentage else text.unit(indicator)
    of = say("全县合计", "the whole county together") if not indicator.is_ratio and not place else ""
    keys = [f"target {what} {code} {place} {now.key}" for what in ("month", "value", "document")]
    with st.form("target", border=False, enter_to_submit=False):
        columns = st.columns([1, 1.4, 2.4])
        columns[0].text_input(say("从哪个月起", "From the month"), f"{date.today():%Y-%m}", max_chars=7, key=keys[0])
        columns[1].number_input(
            plain(say(f"目标（{unit}{'，' + of if of else ''}）", f"Target ({unit}{', ' + of if of else ''})")),
            value=None,
            placeholder=say("不填：不再设目标", "empty: none from then on"),
            key=keys[1],
        )
        columns[2].text_input(
            say("依据文件", "Document"),
            max_chars=200,
            placeholder=say("如：某办发〔2026〕3号", "its number"),
            key=keys[2],
        )
        save_button("target", _save_month, (indicator, place, keys, now.seen, by), say("保存目标", "Save the target"))


def _save_month(indicator: Indicator, place: str, keys: list[str], seen: int, by: Viewer) -> None:
    month, value, document = (st.session_state[key] for key in keys)
    target = Target(indicator.code, place, month.strip(), value, document)
    save(_CODE, partial(set_target, engine(), by, indicator, target, seen), f"target {indicator.code}")


def _year(county: County, changes: Changes, by: Viewer) -> None:
    can_cut = {code: indicator for code, indicator in _held(county).items() if can_be_cut(indicator)}
    code, place = _choice(county, can_cut, "total")
    indicator = can_cut[code]
    now = form(f"target {code}", changes.get(f"target {code}"))
    columns = st.columns([1, 1.4, 1.8])
    year = int(columns[0].number_input(say("年份", "Year"), 2000, 2100, date.today().year, key="total year"))
    total = columns[1].number_input(
        plain(say(f"全年总数（{text.unit(indicator)}）", f"The year's total ({text.unit(indicator)})")),
        min_value=0.0,
        value=None,
        step=1.0,
        key=f"total value {code} {now.key}",
    )
    ways = {"season": say("按上年各月的比例", "as the year before went"), "even": say("各月平均", "evenly")}
    way = columns[2].radio(
        say("怎样分到各月", "How it is cut"),
        list(ways),
        format_func=lambda one: plain(ways[one]),
        horizontal=True,
        key="total way",
    )
    document = st.text_input(say("依据文件", "Document"), max_chars=200, key=f"total document {code} {now.key}")
    if total is None:
        return
    months = month_range(f"{year}-01", f"{year}-12")
    try:
        shares = [1.0] * 12 if way == "even" else season(reachable_engine(), by, indicator, place, year)
        monthly = dict(zip(months, cut(indicator, total, shares), strict=True))
    except Problem as problem:
        st.warning(problem_sentence(problem))
        return
    show_rows(
        pd.DataFrame([{month[5:]: text.number(value, indicator.decimals) for month, value in monthly.items()}]),
        "yearly total",
        row_height=29,
    )
    st.button(
        say("保存各月目标", "Save the months' targets"),
        type="primary",
        key="save total",
        on_click=_save_year,
        args=(indicator, place, monthly, document, now.seen, by),
    )


def _save_year(
    indicator: Indicator, place: str, monthly: dict[str, float], document: str, seen: int, by: Viewer
) -> None:
    action = partial(set_yearly_total, engine(), by, indicator, place, monthly, document, seen)
    save(_CODE, action, f"target {indicator.code}")
