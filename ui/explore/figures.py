"""The answer to a question of 自由筛选, drawn as fits: numbers, lines, bars, a heat map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import pandas as pd
import streamlit as st

from data_access.decisions.verdicts import is_promised
from data_access.exploring.dimensions import DIMENSIONS
from data_access.model.indicator import Indicator
from data_access.model.measured import measured
from ui import charts, text
from ui.asking.sentences import as_of_sentence, filter_sentence
from ui.cards.indicators import kpi_card, short_months, unfinished_months
from ui.charts.marks import Mark, tell_notes
from ui.decisions.ways import way_to_decide
from ui.elements.chart import chart, show_chart
from ui.elements.element import Element, as_content
from ui.explore.answer import (
    NO_NAMES,
    OTHERS,
    Answer,
    cell_key,
    crossed_figures,
    dimension_name,
    figure_help,
    groups,
    is_ordered,
    kept_groups,
    narrowed_view,
    open_rows,
    question_sentence,
    recorded_question,
    row_of,
    standings,
    then_label,
    told_apart,
)
from ui.explore.choice import Choice
from ui.explore.rows import has_few_rows
from ui.files.downloads import picture_recorder
from ui.notes.marks import month_marks, week_marks
from ui.text import plain, say
from ui.text.titles import Things, extreme, leaders, townships_of

_CARDS = Element("kpi_cards")
_MOST_LINES = 6


def shapes(choice: Choice) -> list[str]:
    """The ways in which an answer can be drawn, the one that fits first."""
    kinds = [DIMENSIONS[name].kind for name in choice.by]
    if not kinds:
        return ["number"]
    if len(kinds) == 1:
        return ["line", "bars", "table"] if kinds[0] == "time" else ["bars", "table"]
    return ["heatmap", "line", "table"] if "time" in kinds else ["heatmap", "table"]


def show_figures(answer: Answer, shape: str, key: str = "answer") -> None:
    """The answer drawn: a figure for each indicator, two beside each other; ``key`` tells several answers apart."""
    if any(indicator.in_fives for indicator in answer.indicators):
        st.caption(plain(text.fives_note()))
    if shape == "number":
        course = answer.by_month if key == "answer" else None
        if course is None or len(answer.indicators) > 1:
            _show_numbers(answer, key)
        else:
            # One number leaves room for its course.
            number, beside = st.columns([1, 3], gap="medium")
            with number:
                _show_numbers(answer, key)
            with beside:
                _show_drawn(course, "course", key)
            return
        if course is None:
            return
        answer, shape = course, "course"
    if shape != "table":
        _show_drawn(answer, shape, key)


def _show_drawn(answer: Answer, shape: str, key: str) -> None:
    lines = _lines if len(answer.choice.by) == 2 else partial(_course, as_line=True)
    draw = {"line": lines, "bars": _bars, "heatmap": _heatmap, "course": _course}[shape]
    count = len(answer.indicators)
    for first in range(0, count, 2):
        pair = answer.indicators[first : first + 2]
        for column, indicator in zip(st.columns(len(pair), gap="medium"), pair, strict=True):
            with column:
                drawn = draw(answer, indicator)
                if drawn is None:
                    st.caption(plain(say(f"{indicator.zh}：没有数据", f"{indicator.en}: no data")))
                else:
                    show_chart(
                        drawn,
                        f"{key} {indicator.code}",
                        partial(open_rows, answer.choice),
                        picture_recorder(recorded_question(answer), len(answer.now[answer.choice.by])),
                    )


def _picture(answer: Answer) -> dict[str, str]:
    """What a saved picture says below its title: question, filters, as-of and source."""
    view = answer.view
    as_of = as_of_sentence(view.county, answer.indicators[0].area)
    source = say(
        f"来源：{view.county.name}镇街治理绩效看板", f"Source: {view.county.name}, township performance dashboard"
    )
    sample = say("（示例数据）", " (sample data)") if view.county.is_sample else ""
    return {
        "name": say("自由筛选", "answer"),
        "source": f"{question_sentence(answer)}<br>{filter_sentence(view)} · {as_of} · {source}{sample}",
        "label": say("存为图片（PNG）", "Save as a picture (PNG)"),
    }


def _way_to_decide(answer: Answer, indicator: Indicator) -> dict[str, str] | None:
    """The way to a decision about the figure; None where it is one of some cases alone, which nothing is promised of."""
    if answer.choice.where or answer.choice.text or not is_promised(indicator):
        return None
    return way_to_decide(answer.view, indicator.code)


def _show_numbers(answer: Answer, key: str) -> None:
    empty: pd.Series[float] = pd.Series(dtype=float)
    now = answer.now[()].iloc[0] if len(answer.now[()]) else None
    cards = []
    for indicator in answer.indicators:
        blank = pd.Series(float("nan"), index=[indicator.code, f"{indicator.code}:n", f"{indicator.code}:d"])
        then = answer.then[()].iloc[0] if answer.then and len(answer.then[()]) else None
        row = blank if now is None else now.reindex(blank.index)
        past = None if then is None else then.reindex(blank.index)
        cards.append(kpi_card(indicator, row, past, empty) | {"decide": _way_to_decide(answer, indicator)})
    _CARDS.show(as_content(cards=cards), f"{key} numbers")
    if key != "answer" or has_few_rows(answer):
        return
    with st.container(horizontal=True):
        for indicator in answer.indicators:
            st.button(
                plain(say(f"查看{indicator.zh}的明细", f"Rows of {indicator.en}")),
                icon=":material/list:",
                key=f"rows of {indicator.code}",
                on_click=open_rows,
                args=(answer.choice, str(cell_key(indicator))),
            )


def _hover(name: str, indicator: Indicator, row: pd.Series[float]) -> str:
    figure = measured(indicator, row)
    shown = f"<b>{name}</b> {text.value(indicator, figure.value)}"
    if indicator.is_ratio:
        shown += "<br>" + text.counts(indicator, figure.numerator, figure.denominator)
    return shown


def _course(answer: Answer, indicator: Indicator, as_line: bool | None = None) -> bytes | None:
    (dimension,) = answer.choice.by
    table = groups(answer, answer.now, dimension, kept_groups(answer, dimension, 1000))
    if table[indicator.code].isna().all():
        return None
    then: pd.Series[float] | None = None
    if answer.then is not None and answer.view.compared is not None and indicator.comparable:
        past = answer.then[(dimension,)][indicator.code]
        if dimension == "month":
            then = past.reindex(answer.view.compared.months)
        elif dimension != "week":
            then = past.reindex(table.index)
    values = table[indicator.code]
    values = values.set_axis([str(cell_key(indicator, (dimension, value))) for value in table.index])
    labels = (
        short_months(table.index) if dimension == "month" else [_short(answer, dimension, one) for one in table.index]
    )
    view = narrowed_view(answer.view, answer.choice)
    targets = view.monthly_targets(indicator, table.index) if dimension == "month" else None
    label = text.target_label(indicator if targets is None else replace(indicator, target=targets[-1]))
    figure = charts.trend(
        values,
        then,
        indicator,
        labels=labels,
        axis=text.axis_title(indicator),
        now_label=say("本期", "This period"),
        then_label=then_label(answer),
        target_label=label,
        targets=targets,
        unreported=say("无数据", "no data"),
        as_line=as_line,
        unfinished=unfinished_months(answer.view, indicator, table.index) if dimension == "month" else charts.FINISHED,
        notes=_marks(answer, dimension, table.index),
        height=320,
    )
    return chart(
        _title(answer, indicator, table),
        figure,
        help=figure_help(answer, indicator),
        decide=_way_to_decide(answer, indicator),
        picture=_picture(answer),
    )


def _short(answer: Answer, dimension: str, value: Any) -> str:
    if dimension == "week":
        return f"{int(value[5:7])}/{int(value[8:])}"
    return str(value) if dimension == "hour" else answer.label(dimension, value)


def _marks(answer: Answer, dimension: str, values: Iterable[Any]) -> tuple[Mark, ...]:
    """The dated notes on an axis of months or weeks; none on any other, as of hours."""
    view = narrowed_view(answer.view, answer.choice)
    match dimension:
        case "month":
            return month_marks(view, map(str, values))
        case "week":
            return week_marks(view, map(str, values))
        case _:
            return ()


def _title(answer: Answer, indicator: Indicator, table: pd.DataFrame) -> str:
    """A sentence: which group of those shown has most, and what all of them have together."""
    (dimension,) = answer.choice.by
    whole = _total(answer, indicator)
    head = text.name(indicator) + say("：", ": ")
    if is_ordered(answer.choice):
        return head + say("，", ", ").join(filter(None, (ordered_words(answer, indicator), whole)))
    said = _stands_out(answer, indicator, table[indicator.code], answer.now[(dimension,)][indicator.code])
    return head + say("，", ", ").join(filter(None, (said, whole)))


def leading_words(answer: Answer, indicator: Indicator, figures: pd.Series[float]) -> str:
    """Who is lowest or highest by the question's first dimension; ``figures``: those that may be told, by its values."""
    if is_ordered(answer.choice):
        return _first_words(answer, indicator)
    first = answer.choice.by[:1]
    of_first = replace(answer, choice=replace(answer.choice, by=first))
    return _stands_out(of_first, indicator, figures, answer.now[first][indicator.code])


def ordered_words(answer: Answer, indicator: Indicator) -> str:
    """Who is lowest or highest of all that have a place, with the counts; who has none is told."""
    (dimension,) = answer.choice.by
    found = standings(answer, indicator)
    few, absent = (text.listed([answer.label(dimension, one) for one in those]) for those in (found.few, found.absent))
    return say("；", "; ").join(
        filter(
            None,
            (
                _first_words(answer, indicator),
                few and say(f"{few}数量太少，不排", f"too few to place: {few}"),
                absent and say(f"{absent}没有完整数据，不排", f"incomplete data, not placed: {absent}"),
            ),
        )
    )


def _first_words(answer: Answer, indicator: Indicator) -> str:
    (dimension,) = answer.choice.by
    found, lowest = standings(answer, indicator), answer.choice.order == "low"
    table = answer.now[(dimension,)].loc[list(found.placed)]
    labels = told_apart([answer.label(dimension, value) for value in found.placed])
    values, shown = table[indicator.code].set_axis(labels), partial(text.value, indicator)

    def told(amount: float) -> str:
        first = leaders(values, shown, lowest=lowest)
        if not indicator.is_ratio or len(first) != 1:
            return shown(amount)
        return text.counts(indicator, *_of(indicator, table.iloc[labels.index(first[0])]))

    return extreme(
        values,
        shown,
        ("最低", "lowest") if lowest else ("最高", "highest"),
        _things(answer, is_all=not found.few and not found.absent),
        lowest=lowest,
        told=told,
    )


def _of(indicator: Indicator, row: pd.Series[float]) -> tuple[float, float]:
    figure = measured(indicator, row)
    return figure.numerator, figure.denominator


def _stands_out(answer: Answer, indicator: Indicator, shown: pd.Series[float], everything: pd.Series[float]) -> str:
    """Who has most (of shares that should be high: least) of the groups shown, said to be of these where not of all.

    Both are indexed by the value of the question's dimensions, one or two of them. Groups without a name, or put
    together, are not told.
    """
    dimensions = answer.choice.by
    lowest = indicator.is_ratio and indicator.direction == "higher"
    if answer.choice.order:
        lowest = answer.choice.order == "low"
    told = partial(text.value, indicator)

    def named(figures: pd.Series[float]) -> pd.Series[float]:
        keys = [key if isinstance(key, tuple) else (key,) for key in figures.index]
        is_named = [not set(NO_NAMES) & set(key) for key in keys]
        labels = [
            " · ".join(answer.label(name, value) for name, value in zip(dimensions, key, strict=True)) for key in keys
        ]
        return figures.set_axis(labels)[is_named].dropna()

    those, all_of_them = named(shown), named(everything)
    said = extreme(
        those,
        told,
        ("最低", "lowest") if lowest else ("最高", "highest"),
        _things(answer, is_all=len(those) == len(everything)),
        lowest=lowest,
    )
    found = leaders(those, told, lowest=lowest)
    if not found or sorted(found) == sorted(leaders(all_of_them, told, lowest=lowest)):
        return said
    return say(f"所列 {len(those)} 个中{said}", f"of the {len(those)} shown, {said}")


def _things(answer: Answer, *, is_all: bool) -> Things:
    dimensions = answer.choice.by
    if len(dimensions) == 2:
        return Things("个组合", "各组合" if is_all else "所列各组合", "combinations", "all combinations shown")
    if dimensions == ("township_code",) and is_all:
        return townships_of(answer.view)
    name = dimension_name(dimensions[0])
    if not is_all:
        return Things(f"个{name}", f"所列{name}", "groups", "all groups shown")
    return Things(f"个{name}", f"各{name}", "groups", "all groups")


def _total(answer: Answer, indicator: Indicator) -> str:
    whole = text.value(indicator, float(answer.now[()].iloc[0][indicator.code]))
    if indicator.is_ratio:
        return say(f"总体 {whole}", f"{whole} overall")
    return say(f"合计 {whole}", f"{whole} in all")


def _bars(answer: Answer, indicator: Indicator) -> bytes | None:
    (dimension,) = answer.choice.by
    if DIMENSIONS[dimension].kind == "time":
        return _course(answer, indicator, as_line=False)
    if is_ordered(answer.choice):
        kept = list(standings(answer, indicator).placed[: answer.choice.top])
        table = answer.now[(dimension,)].loc[kept]
    else:
        kept = kept_groups(answer, dimension, answer.choice.top)
        table = groups(answer, answer.now, dimension, kept)
    if table[indicator.code].isna().all():
        return None
    if DIMENSIONS[dimension].kind == "name" and not is_ordered(answer.choice):
        # What has no name, and what is put together, says nothing about who is first.
        is_rest = table.index.isin(NO_NAMES)
        rest = table[is_rest]
        table = table[~is_rest].sort_values(indicator.code, ascending=False, kind="stable")
        table = pd.concat([table, rest])
    table = table.dropna(subset=[indicator.code])
    then: list[float] = []
    if answer.then is not None and indicator.comparable:
        then = groups(answer, answer.then, dimension, kept).reindex(table.index)[indicator.code].tolist()
    labels = told_apart([answer.label(dimension, value) for value in table.index])
    values = table[indicator.code].tolist()
    left = len(answer.now[(dimension,)]) - len(kept)
    note = None
    if left > 0 and is_ordered(answer.choice):
        note = say(f"其余 {left} 个未列", f"The other {left} are not listed")
    elif left > 0:
        note = say(
            f"按数量最多的 {len(kept)} 个显示，其余 {left} 个合为“其他”",
            f"The {len(kept)} with most behind them; the other {left} together as others",
        )
    if any(pd.notna(value) for value in then):
        mark = say(f"灰色为{then_label(answer)}", f"Grey: {then_label(answer).lower()}")
        note = say("；", "; ").join(filter(None, (note, mark)))
    figure = charts.ranking(
        labels,
        values,
        indicator,
        texts=[text.value(indicator, value, with_unit=indicator.is_percentage) for value in values],
        hovers=[_hover(name, indicator, row) for name, (_, row) in zip(labels, table.iterrows(), strict=True)],
        keys=[cell_key(indicator, (dimension, value)) or "" for value in table.index],
        axis=text.axis_title(indicator),
        target_label=text.target_label_of_each(indicator),
        then=then,
        then_label=then_label(answer),
        height=max(190, 70 + 24 * len(labels)),
    )
    return chart(
        _title(answer, indicator, table),
        figure,
        help=figure_help(answer, indicator),
        note=note,
        decide=_way_to_decide(answer, indicator),
        picture=_picture(answer),
    )


def _heatmap(answer: Answer, indicator: Indicator) -> bytes | None:
    first, second = answer.choice.by
    table, rows, columns = crossed_figures(answer)
    if table[indicator.code].isna().all():
        return None
    rest_rows, rest_columns = (
        [place for place, value in enumerate(values) if value in NO_NAMES] for values in (rows, columns)
    )
    cells = []
    for (place, row), (at, column) in product(enumerate(rows), enumerate(columns)):
        if (row, column) not in table.index:
            continue
        figures = row_of(table, (row, column))
        name = f"{answer.label(first, row)} · {answer.label(second, column)}"
        key = cell_key(indicator, (first, row), (second, column)) or ""
        cells.append((place, at, float(figures[indicator.code]), _hover(name, indicator, figures), key))
    row_labels = [answer.label(first, row) for row in rows]
    column_labels = [
        text.month_name(str(value)) if second == "month" and len(columns) < 8 else _tick(answer, second, value)
        for value in columns
    ]
    for dimension, values, labels in ((first, rows, row_labels), (second, columns, column_labels)):
        if dimension == "month":
            for at in unfinished_months(answer.view, indicator, values):
                labels[at] += say(" 未完", " unfinished")
    figure = charts.heatmap(
        told_apart(row_labels),
        column_labels,
        cells,
        indicator,
        total=float(answer.now[()].iloc[0][indicator.code]),
        unit=text.unit(indicator),
        height=max(220, 64 + 22 * len(rows)),
        rest_rows=rest_rows,
        rest_columns=rest_columns,
        notes=_marks(answer, second, columns),
    )
    if DIMENSIONS[first].kind == "time":
        tell_notes(figure, _marks(answer, first, rows))
    shown = table[indicator.code]
    is_drawn = [row in rows and column in columns for row, column in shown.index]
    said = _stands_out(answer, indicator, shown[is_drawn], answer.now[(first, second)][indicator.code])
    if not said:
        return None
    title = text.name(indicator) + say("：", ": ") + said
    return chart(
        title,
        figure,
        help=figure_help(answer, indicator),
        decide=_way_to_decide(answer, indicator),
        picture=_picture(answer),
    )


def _tick(answer: Answer, dimension: str, value: Any) -> str:
    if value == OTHERS:
        return say("其他", "others")
    if dimension == "month":
        return short_months([value])[0]
    return _short(answer, dimension, value)


def _lines(answer: Answer, indicator: Indicator) -> bytes | None:
    first, second = answer.choice.by
    time, name = (first, second) if DIMENSIONS[first].kind == "time" else (second, first)
    if DIMENSIONS[name].kind == "time":
        return _heatmap(answer, indicator)
    times, names = kept_groups(answer, time, 1000), kept_groups(answer, name, _MOST_LINES)
    crossed = answer.now[(first, second)][indicator.code].reset_index()
    table = crossed.pivot_table(index=time, columns=name, values=indicator.code, aggfunc="first")
    table = table.reindex(index=times, columns=names)
    if table.isna().all(axis=None):
        return None
    labels = short_months(times) if time == "month" else [_short(answer, time, value) for value in times]
    series = [
        (answer.label(name, value), table[value].tolist(), charts.PALETTE[place % len(charts.PALETTE)], "solid")
        for place, value in enumerate(names)
    ]
    of_names = answer.now[(name,)][indicator.code]
    by_name = replace(answer, choice=replace(answer.choice, by=(name,)))
    said = _stands_out(by_name, indicator, of_names.reindex(names), of_names)
    left = len(of_names) - len(names)
    note = say(f"按数量最多的 {len(names)} 个", f"the {len(names)} with most behind them") if left else ""
    title = text.name(indicator) + say("：", ": ") + say("；", "; ").join(filter(None, (said, note)))
    unfinished = unfinished_months(answer.view, indicator, times) if time == "month" else charts.FINISHED
    notes = _marks(answer, time, times)
    axis = text.axis_title(indicator)
    figure = charts.lines(labels, series, axis=axis, unfinished=unfinished, notes=notes, height=340)
    return chart(
        title,
        figure,
        help=figure_help(answer, indicator),
        decide=_way_to_decide(answer, indicator),
        picture=_picture(answer),
    )
