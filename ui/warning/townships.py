"""The townships of a running month: where they stand, what they will likely come to, what they lack."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from data_access.model.measured import NO_BUSINESS, measured
from data_access.warning.back_test import LEAST_MONTHS
from data_access.warning.outlook import READ_MONTHS, Outlook
from data_access.warning.outlook import outlook as outlook_of
from ui import charts, text
from ui.asking.view import View
from ui.decisions.ways import way_to_decide
from ui.elements.chart import chart, show_chart
from ui.elements.element import LEAGUE_TABLE, as_content
from ui.elements.waiting import Waiting
from ui.text import plain, say
from ui.warning.words import expected_sentence, late_words, percent, reaching_sentence, reaching_words

# From here on a miss is likelier than not.
LIKELY = 0.5


def read_outlook(view: View, code: str) -> Outlook | None:
    """The outlook of an indicator for the townships that the view compares; a bar tells of it where it takes long."""
    with Waiting(lambda _done: say("正在回测以往各月", "Trying the past months"), READ_MONTHS + 1) as waiting:
        return outlook_of(code, view.county, view.among_all.scope, waiting)


def show_absence(view: View, outlook: Outlook) -> bool:
    """Say why there is nothing to tell of, if so: no source has what the indicator needs, or nothing has come yet."""
    if (outlook.table["state"] != "nothing due").any() or not len(outlook.table):
        return False
    indicator = view.county.indicator(outlook.code)
    figure = measured(
        indicator,
        view.measured([outlook.code], (), replace(view.scope, start=outlook.month, end=outlook.month)).iloc[0],
    )
    words = text.absence_sentence(indicator, figure.absent or NO_BUSINESS)
    st.info(plain(f"{text.name(indicator)}{say('：', ': ')}{words}"))
    return True


def show_when(outlook: Outlook) -> None:
    """The month and the day of it that is told of."""
    month = text.month_name(outlook.month)
    words = say(
        f"{month}至 {outlook.day} 日，还有 {outlook.days_left} 日",
        f"{month} to day {outlook.day}, {outlook.days_left} days to come",
    )
    if not outlook.is_running:
        words = say(f"假如在 {month}{outlook.day}日", f"As on day {outlook.day} of {month}")
    st.caption(plain(words))


def show_cautions(view: View, outlook: Outlook) -> None:
    """That no month is running, if so, and that nothing is expected, if so, and why."""
    if not outlook.is_running:
        month = text.month_name(outlook.month)
        as_of = view.county.as_of[view.county.indicator(outlook.code).data_area]
        st.info(
            plain(
                say(
                    f"现在没有进行中的月份：数据至 {as_of:%Y-%m-%d}，{month}已完。下面是假如在那月 {outlook.day} 日会怎么说，"
                    "旁边是后来的实际，供判断预警准不准。",
                    f"No month is running: the data reach to {as_of:%Y-%m-%d} and {month} is over. Below is what would have been "
                    f"said on its day {outlook.day}, beside what came of it.",
                )
            ),
            icon=":material/event_available:",
        )
    if outlook.back_test is None:
        st.info(
            plain(
                say(
                    f"不作预计：之前完整的月份有 {outlook.history} 个，要有 {LEAST_MONTHS} 个以上并且能回测，才说得准月末。"
                    "下面只是已受理案件的算术。",
                    f"Nothing is expected: {outlook.history} finished months before; it takes {LEAST_MONTHS} that can be tried "
                    "to tell of a month's end. What follows is arithmetic of the cases received.",
                )
            ),
            icon=":material/history_toggle_off:",
        )


def show_chosen(view: View, outlook: Outlook) -> None:
    """What is said of the one township that is chosen."""
    if view.chosen is None:
        return
    for row in outlook.table[outlook.table["township_code"] == view.townships[0]].to_dict("records"):
        final = ""
        if not math.isnan(row["final"]):
            final = say(f"。后来实际 {percent(row['final'])}", f". It came to {percent(row['final'])}")
        expected, lacking = expected_sentence(outlook, row) + final, reaching_sentence(outlook.code, row)
        head = say(f"**{plain(view.chosen)}**：", f"**{plain(view.chosen)}**: ")
        st.markdown(f"{head}{plain(expected)}  \n{plain(lacking)}")


def show_townships(view: View, outlook: Outlook) -> None:
    """The townships, the likeliest to miss first, as ranges and in numbers; a click shows one."""
    ordered = outlook.table.sort_values(["chance", "most", "township_code"], ascending=[False, True, True])
    if outlook.back_test is None:
        LEAGUE_TABLE.show(_table(view, outlook, ordered), "warning townships")
        return
    chart_column, table_column = st.columns([1, 1.9], gap="medium")
    with chart_column:
        show_chart(_ranges(view, outlook, ordered), "warning ranges")
    with table_column:
        LEAGUE_TABLE.show(_table(view, outlook, ordered), "warning townships")


def _ranges(view: View, outlook: Outlook, table: pd.DataFrame) -> bytes:
    indicator = view.county.indicator(outlook.code)
    known = table[table["likely"].notna()]
    names = [view.county.names[code] for code in known["township_code"]]
    now = say("目前", "so far") if outlook.is_running else say(f"{outlook.day} 日时", f"day {outlook.day}")
    others = [(now, "circle-open", (100 * known["n"] / known["d"].where(known["d"] > 0)).tolist())]
    if not outlook.is_running:
        others.append((say("后来实际", "came to"), "diamond", known["final"].tolist()))
    figure = charts.expected_ranges(
        names,
        known["likely"].tolist(),
        (known["low"].tolist(), known["high"].tolist()),
        others,
        targets=known["target"].tolist(),
        misses=(known["chance"] >= LIKELY).tolist(),
        axis=text.axis_title(indicator),
        labels=(say("月末多半", "likely"), say("九成区间", "nine in ten"), say("目标", "target")),
        hovers=[
            f"<b>{name}</b><br>{expected_sentence(outlook, row)}<br>{reaching_sentence(outlook.code, row)}"
            for name, row in zip(names, known.to_dict("records"), strict=True)
        ],
    )
    return chart(
        say(
            f"月末的{text.name(indicator)}：估计和九成区间",
            "At the month's end, and nine in ten within",
        ),
        figure,
        help=text.definition(indicator),
        ways=view.ways_to_townships,
    )


def _table(view: View, outlook: Outlook, table: pd.DataFrame) -> bytes:
    indicator = view.county.indicator(outlook.code)
    now = say("目前", "So far") if outlook.is_running else say(f"{outlook.day} 日时", f"Day {outlook.day}")
    aims = {text.NO_DATA if math.isnan(target) else f"{target:,.10g}%" for target in table["target"]}
    is_expected = outlook.back_test is not None
    # What all are held to is said once, in the heading.
    has_own = len(aims) != 1 or text.NO_DATA in aims or not is_expected
    columns: list[tuple[str, bool]] = [(say("镇街", "Township"), False)]
    if has_own:
        columns.append((say("目标", "Target"), True))
    columns.append((now, True))
    if is_expected:
        aim = "" if has_own else f" {''.join(aims)} "
        columns += [
            (say("月末多半", "Likely"), True),
            (say(f"达不到{aim}的可能", f"Chance to miss{aim.rstrip()}"), True),
        ]
    if not outlook.is_running:
        columns.append((say("后来实际", "Came to"), True))
    columns.append((say("还差什么", "What it takes"), False))
    # Where a likely miss is marked
    told_at = 3 + has_own if is_expected else None
    rows = []
    for row in table.to_dict("records"):
        name = view.county.names[row["township_code"]]
        value = 100 * row["n"] / row["d"] if row["d"] else math.nan
        is_late = not math.isnan(row["late"])
        cells: list[str] = [name]
        sort: list[Any] = [name]
        if has_own:
            cells.append(text.NO_DATA if math.isnan(row["target"]) else f"{row['target']:,.10g}%")
            sort.append(row["target"])
        cells.append(percent(value))
        sort.append(value)
        if is_expected:
            chance = text.NO_DATA if math.isnan(row["chance"]) else text.share(row["chance"], 1)
            cells += [percent(row["likely"]), chance]
            sort += [row["likely"], row["chance"]]
        if not outlook.is_running:
            cells.append(percent(row["final"]))
            sort.append(row["final"])
        cells.append(late_words(row) if is_late else reaching_words(outlook.code, row))
        sort.append(row["lacking"])
        rows.append(
            {
                "key": name,
                "cells": cells,
                "sort": [None if isinstance(one, float) and math.isnan(one) else one for one in sort],
                "asks": view.ways_to_townships.get(name),
                "decide": way_to_decide(view, outlook.code, name) if outlook.is_running else None,
                "tones": [
                    "yellow" if at == told_at and row["chance"] >= LIKELY else None for at in range(len(columns))
                ],
                "hatched": is_late or bool(row["unlike"]),
            }
        )
    return as_content(
        title=_title(view, outlook, text.name(indicator)),
        columns=[
            {"title": title, "number": is_number, "wide": at == len(columns) - 1}
            for at, (title, is_number) in enumerate(columns)
        ],
        rows=rows,
        chosen=view.chosen,
        note=say(
            "“还差什么”只算已受理的件，是算术，不是预计；此后受理的会使分子分母都变。点一行看一个镇街。",
            "What it takes counts the cases received: arithmetic, no forecast; cases to come change both counts. Press a row to "
            "see one township.",
        ),
    )


def _title(view: View, outlook: Outlook, name: str) -> str:
    """How many townships will likely miss, and which, of those that something is expected of."""
    when = text.month_name(outlook.month) + (
        "" if outlook.is_running else say(f"{outlook.day}日时", f", on day {outlook.day}")
    )
    expected = outlook.table[outlook.table["chance"].notna()]
    if expected.empty:
        return say(f"{when}：各镇街{name}", f"{when}: {name} of the townships")
    likely = expected[expected["chance"] >= LIKELY].sort_values("chance", ascending=False)
    if likely.empty:
        return say(
            f"{when}：没有镇街的{name}多半达不到目标", f"{when}: no township is likely to miss the target of {name}"
        )
    if len(likely) == len(expected) > 1:
        return say(
            f"{when}：有预计的 {len(expected)} 个镇街{name}都多半达不到目标",
            f"{when}: all {len(expected)} townships with a forecast are likely to miss the target of {name}",
        )
    told = text.listed([view.county.names[code] for code in likely["township_code"]])
    return say(
        f"{when}：{name}多半达不到目标的有{told}",
        f"{when}: likely to miss the target of {name}: {told}",
    )
