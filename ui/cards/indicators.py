"""The parts that pages are made of: KPI cards, chart cards, rankings, trends, tables and downloads."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from data_access.kept_results import kept
from data_access.model.change import change_of
from data_access.model.indicator import Indicator
from data_access.model.measured import UNREPORTED, measured
from ui import charts, text
from ui.asking.address import TABS, Ways
from ui.asking.sentences import unfinished_words
from ui.asking.view import View
from ui.charts.marks import HALF
from ui.charts.scales import line_scale
from ui.decisions.ways import way_to_decide
from ui.elements.chart import chart, show_chart
from ui.elements.element import Element, as_content
from ui.explore.choice import opening
from ui.notes.marks import month_marks
from ui.text import plain, say, titles

# --- KPI cards ------------------------------------------------------------------------------------

_KPI_CARDS = Element("kpi_cards")


def kpi_cards(view: View, codes: tuple[str, ...]) -> None:
    """A row of cards: value, unit, target, change by direction, and the line of the last twelve months."""
    _KPI_CARDS.show(_cards(view, codes), "kpi cards")
    if any(view.indicator(code).in_fives for code in codes):
        st.caption(plain(text.fives_note()))


@kept(1000)
def _cards(view: View, codes: tuple[str, ...]) -> bytes:
    now = view.measured(codes).iloc[0]
    then = view.measured(codes, (), view.compared).iloc[0] if view.compared else None
    lines = view.by_month(codes, view.scope.last_months(12))
    cards = [
        kpi_card(indicator, now, then, lines[indicator.code], unfinished_months(view, indicator, lines.index))
        for indicator in map(view.indicator, codes)
    ]
    return as_content(
        cards=[
            card | {"explore": opening(view, [code]), "decide": way_to_decide(view, code)}
            for code, card in zip(codes, cards, strict=True)
        ]
    )


def kpi_card(
    indicator: Indicator,
    now: pd.Series[float],
    then: pd.Series[float] | None,
    line: pd.Series[float],
    unfinished: charts.Unfinished = charts.FINISHED,
) -> dict[str, Any]:
    """One card's content: ``now`` and ``then`` as ``queries.measure`` gives a row, ``line`` the last months.

    ``tone`` (good, bad, plain) is that of the change; whether the target is met is said by ``met`` and its words.
    ``unfinished``: the months of the line whose data end before they do, and what pointing at them says.
    """
    code = indicator.code
    figure = measured(indicator, now)
    value = figure.value
    changed = None
    if then is not None and indicator.comparable:
        changed = change_of(indicator, value, float(then[code]))
    card: dict[str, Any] = {
        "name": text.name(indicator),
        "value": text.value(indicator, value, with_unit=indicator.is_percentage),
        "help": text.definition(indicator, figure),
        "tone": changed.tone(indicator) if changed else "plain",
        "target": text.target_label(indicator),
    }
    if not math.isnan(value):
        if not indicator.is_percentage and (value or not indicator.in_fives):
            card["unit"] = text.unit(indicator)
        if card["target"]:
            card["met"] = not indicator.misses_target(value)
            card["verdict"] = say("达标", "met") if card["met"] else say("未达标", "not met")
    if figure.absent:
        card["change"] = text.absence_sentence(indicator, figure.absent)
    elif changed is not None:
        card["change"] = text.change(indicator, changed)
    if line.notna().sum() > 1:
        card["line"] = _sparkline(indicator, line, unfinished)
    return card


def unfinished_months(view: View, indicator: Indicator, months: Iterable[str]) -> dict[int, str]:
    """Which of the months the indicator's data leave unfinished, by position, and words for it: 未完（至 6 日）."""
    days = ((at, view.county.unfinished(indicator.data_area, month)) for at, month in enumerate(months))
    return {at: say(f"未完（至 {day} 日）", f"unfinished (to day {day})") for at, day in days if day is not None}


def _sparkline(indicator: Indicator, line: pd.Series[float], unfinished: charts.Unfinished) -> dict[str, Any]:
    """A line without axes: its scale, and in words its lowest and highest month."""
    # An unfinished month is not called the lowest.
    known = line[[at not in unfinished for at in range(len(line))]].dropna()
    if known.empty:
        known = line.dropna()
    low, high = text.value(indicator, float(known.min())), text.value(indicator, float(known.max()))
    lowest, highest = text.month_name(str(known.idxmin())), text.month_name(str(known.idxmax()))
    name = say(f"{indicator.zh}近 {len(line)} 个月", f"{indicator.en}, the last {len(line)} months")
    span = (
        say(f"各月均为 {low}", f"{low} in every month")
        if low == high
        else say(
            f"最低 {low}（{lowest}），最高 {high}（{highest}）", f"lowest {low} ({lowest}), highest {high} ({highest})"
        )
    )
    return {
        "values": [None if math.isnan(month) else month for month in line],
        "scale": line_scale(line, indicator),
        "labels": [
            " ".join(filter(None, (text.month_name(str(month)), text.value(indicator, found), unfinished.get(at))))
            for at, (month, found) in enumerate(line.items())
        ],
        "unfinished": sorted(unfinished),
        "range": span,
        "alt": f"{name}{say('：', ': ')}{span}",
    }


# --- Chart cards ----------------------------------------------------------------------------------


def chart_card(
    title: str,
    figure: charts.Figure,
    key: str,
    *,
    help: str | None = None,
    note: str | None = None,
    ways: Ways | None = None,
    explore: dict[str, str] | None = None,
) -> None:
    """A chart under a sentence that says what it shows.

    ``ways``: what a click on a mark asks for, by its custom data; ``explore`` opens its question.
    """
    show_chart(chart(title, figure, help=help, note=note, clickable=ways is not None, explore=explore, ways=ways), key)


def trend_card(view: View, code: str, key: str, *, height: int = 260, plot: float = HALF) -> None:
    """The indicator by month, with the compared period and the target; a click narrows to the month.

    ``plot``: at least so many pixels wide.
    """
    show_chart(_trend(view, code, height, plot), key)


@kept(1000)
def _trend(view: View, code: str, height: int, plot: float) -> bytes:
    indicator = view.indicator(code)
    scope = view.scope
    if len(scope.months) == 1:
        # One month has no course: show it as the last of twelve.
        scope = scope.last_months(12)
    now = view.by_month([code], scope)
    compared: pd.Series[float] | None = None
    if view.compared is not None and indicator.comparable:
        past = scope.shifted(-12) if view.compare == "year" else scope.shifted(-len(view.scope.months))
        compared = view.by_month([code], past)[code]
    total = view.measured([code], (), scope).iloc[0]
    unfinished = unfinished_months(view, indicator, now.index)
    # What an unfinished month is so far, is neither the latest nor the lowest.
    finished = now[code][[at not in unfinished for at in range(len(now))]]
    title = titles.course(indicator, finished if finished.notna().any() else now[code])
    targets = view.monthly_targets(indicator, now.index)
    figure = charts.trend(
        now[code],
        compared,
        indicator,
        labels=short_months(now.index),
        axis=text.axis_title(indicator),
        now_label=say("本期", "This period"),
        then_label=say("上年同期", "Year before") if view.compare == "year" else say("上一时段", "Previous period"),
        target_label=text.target_label(replace(indicator, target=targets[-1])),
        targets=targets,
        unreported=text.absence(UNREPORTED),
        unfinished=unfinished,
        notes=month_marks(view, now.index),
        plot=plot,
        height=height,
    )
    return chart(
        title + unfinished_words(view.county, scope.end, [indicator.data_area] if unfinished else []),
        figure,
        help=text.definition(indicator, measured(indicator, total)),
        explore=opening(view, [code], ["month"]),
        ways=view.ways_to_months(now.index),
    )


def short_months(months: Iterable[str]) -> list[str]:
    """Labels for an axis of months: 1 月 carries its year."""
    return [_short_month(month) for month in months]


def _short_month(month: str) -> str:
    if int(month[5:]) == 1:
        return f"{month[2:4]}-{month[5:]}"
    return say(f"{int(month[5:])}月", text.month_name(month)[:3])


def stacked_card(view: View, code: str, dimension: str, key: str, *, height: int = 270) -> None:
    """A count by month, stacked by a dimension: the six largest values and the rest together."""
    stack = _stack(view, code, dimension, height)
    if stack is None:
        indicator = view.county.indicator(code)
        st.caption(plain(say(f"{indicator.zh}：所选时段没有数据", f"{indicator.en}: no data in this period")))
    else:
        show_chart(stack, key)


@kept(1000)
def _stack(view: View, code: str, dimension: str, height: int) -> bytes | None:
    indicator = view.indicator(code, [dimension])
    rest, unnamed = say("其余", "the rest"), say("不详", "unknown")
    scope = view.scope if len(view.scope.months) > 1 else view.scope.last_months(12)
    table = view.measured([code], ("month", dimension), scope).dropna(subset=[code])
    if table.empty:
        return None
    totals = table.groupby(dimension)[code].sum().sort_values(ascending=False)
    large = set(totals.index[: len(totals) if len(totals) <= 7 else 6])
    table[dimension] = [(value or unnamed) if value in large else rest for value in table[dimension]]
    table = table.pivot_table(index="month", columns=dimension, values=code, aggfunc="sum")
    # None of a kind in a month that was reported; nothing at all in one that was not
    is_reported = (
        view.measured([code], ("month",), scope)
        .set_index("month")[code]
        .notna()
        .reindex(scope.months, fill_value=False)
    )
    table = table.reindex(scope.months).fillna(0).where(is_reported)
    order = sorted(table.columns, key=lambda name: (name == rest, -table[name].sum()))
    return chart(
        titles.stacked(indicator, totals, table.sum(axis=1, min_count=1)),
        charts.stacked(
            short_months(table.index),
            [
                (name, table[name].tolist(), charts.GREY if name == rest else charts.PALETTE[place])
                for place, name in enumerate(order)
            ],
            axis="",
            amount_axis=text.axis_title(indicator),
            height=height,
            keys=table.index.tolist(),
            unfinished=unfinished_months(view, indicator, table.index),
            notes=month_marks(view, table.index),
        ),
        help=text.definition(indicator, float(totals.sum())),
        explore=opening(view, [code], ["month", dimension]),
        ways=view.ways_to_months(table.index),
    )


def level_with_choice() -> None:
    """The height of a select box, so that a chart stands level with one that has a select box above."""
    st.space(36)


# --- Townships compared ---------------------------------------------------------------------------


def absences(indicator: Indicator, table: pd.DataFrame) -> list[str]:
    """Why the figure is missing in each row of a table by township; where nobody has reported, nobody has omitted it."""
    figures = [measured(indicator, row) for row in table.to_dict("records")]
    if {figure.absent for figure in figures} == {UNREPORTED}:
        return [say("没有数据", "no data")] * len(figures)
    return [text.absence(figure.absent) if figure.absent else "" for figure in figures]


def ranked(table: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """The table best first with a column ``place``; what is shown alike shares one.

    Townships that left out months of the period (``code:missing``) are not ranked over it: they come after those that
    are, and those without data last.
    """
    ascending = indicator.direction == "lower"
    code = indicator.code
    is_whole = pd.Series(True, index=table.index)
    if f"{code}:missing" in table:
        is_whole = ~table[f"{code}:missing"].map(bool)
    out = table.assign(
        place=titles.place(indicator, table[code].where(is_whole)), apart=table[code].notna() & ~is_whole
    )
    order = ["apart", code, "township_code"]
    out["apart"] = out["apart"].astype(int) + 2 * out[code].isna().astype(int)
    return out.sort_values(order, ascending=[True, ascending, True]).drop(columns="apart")


def ranking_card(view: View, code: str, key: str, *, height: int | None = None) -> None:
    """The townships by an indicator, best first; a click shows that township."""
    show_chart(_ranking(view, code, height), key)


@kept(1000)
def _ranking(view: View, code: str, height: int | None) -> bytes:
    indicator = view.among_all.indicator(code)
    table = ranked(view.by_township([code]), indicator)
    total = view.measured([code]).iloc[0]
    figures = [measured(indicator, row) for row in table.to_dict("records")]
    values = [figure.value for figure in figures]
    hovers = [
        f"<b>{name}</b> {text.value(indicator, figure.value)}"
        + (f"<br>{text.counts(indicator, figure.numerator, figure.denominator)}" if indicator.is_ratio else "")
        + (f"<br>{aim}" if (aim := text.target_label_of(indicator, name)) else "")
        for name, figure in zip(table["name"], figures, strict=True)
    ]
    figure = charts.ranking(
        table["name"].tolist(),
        values,
        indicator,
        texts=[
            text.value(indicator, value, with_unit=indicator.is_percentage)
            + (say(f"（{text.months_left_out(months)}）", f" ({text.months_left_out(months)})") if months else "")
            for value, months in zip(values, table[f"{code}:missing"], strict=True)
        ],
        hovers=hovers,
        keys=table["name"].tolist(),
        axis=text.axis_title(indicator),
        target_label=text.target_label_of_each(indicator),
        unreported=absences(indicator, table),
        highlight=view.chosen,
        height=height,
    )
    return chart(
        titles.ranking(view, indicator, table) + unfinished_words(view.county, view.scope.end, [indicator.data_area]),
        figure,
        help=text.definition(indicator, measured(indicator, total)),
        note=text.fives_note() if indicator.in_fives else None,
        explore=opening(view, [code], ["township_code"]),
        decide=way_to_decide(view, code),
        ways=view.ways_to_townships,
    )


def indicator_choice(view: View, codes: Sequence[str], key: str, *, label: str) -> str:
    """A select box of indicators; returns the chosen code."""
    names = {code: text.name(view.county.indicator(code)) for code in codes}
    return str(
        st.selectbox(
            plain(label),
            codes,
            format_func=names.__getitem__,
            key=key,
            label_visibility="collapsed",
            persist_state="session",
        )
    )


def analysis_or_rows() -> bool:
    """The switch between a page's analysis and the rows behind it; True for the rows."""
    labels = {"charts": say("分析", "Analysis"), "rows": say("清单", "Rows")}
    st.segmented_control(
        say("查看", "Show"),
        TABS,
        format_func=lambda code: plain(labels[code]),
        key="tab",
        required=True,
        label_visibility="collapsed",
    )
    return bool(st.session_state["tab"] == "rows")
