"""Figures reported by hand that need no chart: those of one township, and those that are owed or that nobody reports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import pandas as pd
import streamlit as st

from data_access.areas import AREAS
from data_access.areas.reports.definition import Definition
from data_access.areas.reports.reporting import owed_figures
from data_access.cache import answer
from data_access.model.indicator import Indicator
from data_access.model.measured import Measured, measured
from data_access.queries import County
from ui import text
from ui.asking.sentences import area_name
from ui.asking.view import View
from ui.elements.row_table import show_rows
from ui.text import listed, plain, say

# How many townships a row names before it counts them
_NAMED = 6


def reported_note(definition: Definition, indicator: Indicator, now: Measured, missing: int) -> str:
    """Where a figure comes from, :func:`numbers_words` of it, and how many townships lack it."""
    parts = [say("镇街填报", "Reported by townships"), numbers_words(definition, indicator, now)]
    if missing:
        parts.append(say(f"未报 {missing} 个", f"not reported: {missing}"))
    return say("；", "; ").join(filter(None, parts))


def numbers_words(definition: Definition, indicator: Indicator, now: Measured) -> str:
    """The two numbers of a share and what is left between them, and the target; empty without either."""
    parts = []
    if definition.is_ratio and now.absent is None:
        # What is left, to the last digit that was reported
        left = round(now.denominator - now.numerator, 9)
        whole, part, rest = (f"{amount:,.10g} {definition.unit}" for amount in (now.denominator, now.numerator, left))
        parts.append(
            say(
                f"{definition.denominator_zh} {whole}，{definition.numerator_zh} {part}，尚差 {rest}",
                f"{definition.denominator_en} {whole}, {definition.numerator_en} {part}, {rest} left",
            )
        )
    if target := text.target_label(indicator):
        parts.append(target)
    return say("；", "; ").join(parts)


def show_of_one(view: View, codes: Sequence[str], table: pd.DataFrame, shown: Callable[[str, str, float], str]) -> None:
    """Figures (``codes``) that one township alone has reported, in one list: a bar would compare them with nothing.

    ``table`` as of ``View.by_township``; ``shown`` words an amount of a code and a township.
    """
    if not codes:
        return
    county = view.county
    whole = view.measured(codes).iloc[0]
    rows = []
    for code in codes:
        indicator = view.indicator(code)
        (row,) = table.dropna(subset=[code]).to_dict("records")
        rows.append(
            {
                say("指标", "Figure"): text.name(indicator),
                say("镇街", "Township"): row["name"],
                say("数值", "Value"): shown(code, row["township_code"], row[code]),
                say("单位", "Unit"): "" if indicator.is_percentage else text.unit(indicator),
                say("领域", "Area"): area_name(indicator.area) if indicator.area in AREAS else indicator.area,
                say("说明", "Note"): numbers_words(county.definitions[code], indicator, measured(indicator, whole)),
            }
        )
    st.markdown(f"**{plain(say(f'只有一个镇街填报的 {len(rows)} 项', f'Reported by one township: {len(rows)}'))}**")
    show_rows(
        pd.DataFrame(rows),
        "of one township",
        height=min(40 + 29 * len(rows), 560),
        row_height=29,
        column_config={say("指标", "Figure"): st.column_config.Column(width=240)},
    )


def show_unreported(view: View, reported: Collection[str]) -> None:
    """What townships owe in the view's months, and what nobody has reported (all but ``reported``, codes), in one list."""
    owed = answer(owed_figures, view.scope)
    rows = [_owed_row(view.county, str(code), of_code) for code, of_code in owed.groupby("code", sort=False)]
    rows += [
        {
            **_row(view.county, code),
            say("谁欠报", "Owed by"): say("没有人报，也不催报", "nobody reported it, nobody is asked"),
        }
        for code, one in view.county.definitions.items()
        if code not in reported and code not in set(owed["code"]) and (one.last_month or "9999") >= view.scope.start
    ]
    if not rows:
        return
    st.markdown(f"**{plain(say(f'没有报齐的 {len(rows)} 项', f'Not reported in full: {len(rows)}'))}**")
    table = pd.DataFrame(rows, columns=list(dict.fromkeys(key for row in rows for key in row)))
    show_rows(
        table,
        "unreported figures",
        height=min(40 + 29 * len(table), 560),
        row_height=29,
        placeholder="—",
        column_config={
            say("指标", "Figure"): st.column_config.Column(width=240),
            say("谁欠报", "Owed by"): st.column_config.Column(width=380),
        },
    )


def _row(county: County, code: str) -> dict[str, str]:
    return {say("指标", "Figure"): text.name(county.reported[code])}


def _owed_row(county: County, code: str, owed: pd.DataFrame) -> dict[str, str]:
    names = [county.names[place] for place in dict.fromkeys(owed["township_code"])]
    who = listed(names, _NAMED)
    if len(names) == len(county.names) > 1:
        who = say(f"全部 {len(names)} 个镇街", f"all {len(names)} townships")
    months = sorted(set(owed["month"]))
    days = int(owed["days_late"].max())
    return _row(county, code) | {
        say("谁欠报", "Owed by"): who,
        say("月份", "Months"): text.period(months[0], months[-1]),
        say("截止", "Due"): f"{owed['due'].min():%Y-%m-%d}",
        say("已过", "Late by"): say(f"{days} 天", f"{days} days") if days else say("未到期", "not due yet"),
        say("联系单位", "Contact"): county.definitions[code].contact or "",
    }
