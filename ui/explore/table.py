"""The answer to a question of 自由筛选 as a table with its totals; a press on a figure shows its rows."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.fact_rows import AMOUNTS
from data_access.model.indicator import Indicator
from ui import text
from ui.elements.element import Element, as_content
from ui.explore.answer import (
    OTHERS,
    Answer,
    cell_key,
    crossed_figures,
    dimension_name,
    figure_help,
    groups,
    kept_groups,
    open_rows,
    row_of,
    then_label,
    told_apart,
)
from ui.text import plain, say

_TABLE = Element("answer_table")
# As many as A4 across shows in letters that are read
MOST_COLUMNS = 30


def table_of(answer: Answer, indicator: Indicator | None = None) -> pd.DataFrame:
    """The answer as a table with the totals first, headings and values as viewers read them, all groups.

    With two dimensions: of one indicator, the second dimension across.
    """
    content = table_content(answer, indicator or answer.indicators[0], everything=True)
    rows = [content["total"], *content["rows"]] if content["total"] else content["rows"]
    values = [
        [cell["sort"] if place and "sort" in cell else cell["text"] for place, cell in enumerate(row)] for row in rows
    ]
    return pd.DataFrame(values, columns=told_apart(content["columns"]))


def sheet_table(answer: Answer, indicator: Indicator) -> tuple[pd.DataFrame, list[str]]:
    """The answer as a sheet of a workbook prints it, and what is to be said of how it differs from the whole one.

    A table by two dimensions that is wider than a sheet is turned, so that its longer side goes down; of what is too wide
    then, too, the largest groups stay, of a time the latest. CSV has all of it.
    """
    table = table_of(answer, indicator)
    if len(answer.choice.by) != 2 or table.shape[1] <= MOST_COLUMNS:
        return table, []
    first, second = answer.choice.by
    across, told = second, []
    if len(table) < table.shape[1]:
        labels, headings = table.iloc[:, 0].map(str).tolist(), list(map(str, table.columns[1:]))
        table = table.iloc[:, 1:].astype(float).T.reset_index(drop=True)
        table.columns = pd.Index(told_apart(labels))
        table.insert(0, dimension_name(second), headings)
        across = first
        told.append(say("表已转置：原来的列在行上。", "The table is turned: what were columns are rows."))
    if (count := table.shape[1] - 2) > MOST_COLUMNS - 2:
        groups = range(2, table.shape[1])
        shown = groups[2 - MOST_COLUMNS :] if DIMENSIONS[across].kind == "time" else groups[: MOST_COLUMNS - 2]
        table = table.iloc[:, [0, 1, *shown]]
        which = say("最近", "latest") if DIMENSIONS[across].kind == "time" else say("最多", "largest")
        name = dimension_name(across)
        told.append(
            say(
                f"{name}共 {count:,} 个，纸上放不下，这里只有{which}的 {MOST_COLUMNS - 2} 个；合计含全部，全表在“答案（CSV）”里。",
                f"Of {count:,} columns ({name.lower()}) these are the {MOST_COLUMNS - 2} {which}, as many as a sheet prints; totals "
                "count all, and “Answer (CSV)” has the whole table.",
            )
        )
    return table, told


def show_table(answer: Answer) -> None:
    """The answer as a table; a press on a figure shows its rows."""
    chosen = answer.indicators[0]
    if len(answer.choice.by) == 2 and len(answer.indicators) > 1:
        names = {indicator.code: text.name(indicator) for indicator in answer.indicators}
        if st.session_state.get("explore table of") not in names:
            st.session_state["explore table of"] = chosen.code
        code = st.segmented_control(
            say("表中的指标", "Indicator in the table"),
            list(names),
            format_func=lambda code: plain(names[code]),
            key="explore table of",
            required=True,
            label_visibility="collapsed",
        )
        chosen = next(indicator for indicator in answer.indicators if indicator.code == code)
    _TABLE.show(as_content(**table_content(answer, chosen)), "answer table", partial(open_rows, answer.choice))


def table_content(answer: Answer, indicator: Indicator, *, everything: bool = False) -> dict[str, Any]:
    """What the table element draws; ``everything``: all groups and plain numbers, for a file."""
    if len(answer.choice.by) == 2:
        return _pivot(answer, indicator, everything=everything)
    return _list(answer, everything=everything)


def _number(answer: Answer, indicator: Indicator, row: pd.Series[float], *pairs: tuple[str, Any]) -> dict[str, Any]:
    value = float(row[indicator.code]) if indicator.code in row.index else float("nan")
    if pd.isna(value):
        return {"text": text.NO_DATA, "sort": None}
    # Behind none there are no rows.
    key = cell_key(indicator, *pairs) if value or indicator.is_ratio else None
    cell = {"text": text.value(indicator, value, with_unit=indicator.is_percentage), "sort": value, "key": key}
    if answer.choice.cell is not None and answer.choice.of == indicator.code:
        cell["chosen"] = answer.choice.cell == tuple((name, str(one)) for name, one in pairs)
    return cell


def _counts(indicator: Indicator) -> str:
    """Which counts stand beside a figure: not the sum of hours or yuan that a mean is made of."""
    if not indicator.is_ratio:
        return ""
    return "d" if indicator.numerator in AMOUNTS else "nd"


def _list(answer: Answer, *, everything: bool) -> dict[str, Any]:
    columns: list[str] = [dimension_name(answer.choice.by[0])] if answer.choice.by else [""]
    for indicator in answer.indicators:
        columns.append(text.axis_title(indicator))
        columns += [say("计入", "counted"), say("总数", "out of")][2 - len(_counts(indicator)) :]
        if answer.then is not None and indicator.comparable:
            columns.append(then_label(answer))

    def cells(name: str, row: pd.Series[float], past: pd.Series[float] | None, *pairs: tuple[str, Any]) -> list[Any]:
        made: list[dict[str, Any]] = [{"text": name, "sort": str(pairs[0][1]) if pairs else name}]
        for indicator in answer.indicators:
            made.append(_number(answer, indicator, row, *pairs))
            for letter in _counts(indicator):
                amount = float(row[f"{indicator.code}:{letter}"])
                made.append({"text": text.number(amount), "sort": None if pd.isna(amount) else amount})
            if answer.then is not None and indicator.comparable:
                before = float("nan") if past is None else float(past.get(indicator.code, float("nan")))
                shown = text.value(indicator, before, with_unit=indicator.is_percentage)
                made.append({"text": shown, "sort": None if pd.isna(before) else before})
        return made

    total = answer.now[()]
    past_total = answer.then[()].iloc[0] if answer.then and len(answer.then[()]) else None
    first = cells(say("合计", "Total"), total.iloc[0], past_total) if len(total) else None
    rows = []
    if answer.choice.by:
        (dimension,) = answer.choice.by
        most = 100_000 if everything else 500
        kept = kept_groups(answer, dimension, most)
        table = groups(answer, answer.now, dimension, kept)
        then = groups(answer, answer.then, dimension, kept) if answer.then else None
        for value, row in table.iterrows():
            past = row_of(then, value) if then is not None and value in then.index else None
            rows.append(cells(answer.label(dimension, value), row, past, (dimension, value)))
    names = [dimension_name(name) for name in answer.choice.by]
    return {
        "title": say(f"按{names[0]}", f"By {names[0].lower()}") if names else "",
        "columns": columns,
        "rows": rows,
        "total": first,
        "note": say("点击数字查看背后的明细", "Press a figure to see its rows"),
    }


def _pivot(answer: Answer, indicator: Indicator, *, everything: bool) -> dict[str, Any]:
    first, second = answer.choice.by
    if everything:
        table = answer.now[(first, second)]
        rows, columns = ([*kept_groups(answer, name, 100_000)] for name in (first, second))
    else:
        table, rows, columns = crossed_figures(answer)
    by_first = groups(answer, answer.now, first, [value for value in rows if value != OTHERS])
    by_second = groups(answer, answer.now, second, [value for value in columns if value != OTHERS])
    known = set(table.index)
    nothing = pd.Series(dtype=float)
    made = []
    for row in rows:
        cells: list[dict[str, Any]] = [{"text": answer.label(first, row), "sort": str(row)}]
        cells.append(
            _number(answer, indicator, row_of(by_first, row) if row in by_first.index else nothing, (first, row))
        )
        for column in columns:
            figures = row_of(table, (row, column)) if (row, column) in known else nothing
            cells.append(_number(answer, indicator, figures, (first, row), (second, column)))
        made.append(cells)
    total: list[dict[str, Any]] = [{"text": say("合计", "Total"), "sort": ""}]
    total.append(_number(answer, indicator, answer.now[()].iloc[0] if len(answer.now[()]) else nothing))
    total += [
        _number(
            answer, indicator, row_of(by_second, column) if column in by_second.index else nothing, (second, column)
        )
        for column in columns
    ]
    return {
        "title": text.axis_title(indicator),
        "help": figure_help(answer, indicator),
        "columns": [dimension_name(first), say("合计", "Total"), *(answer.label(second, value) for value in columns)],
        "rows": made,
        "total": total,
        "note": say("点击数字查看背后的明细", "Press a figure to see its rows"),
    }
