"""The answer to a question of 自由筛选: asked with progress and a way to stop it, drawn, and as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import pandas as pd
import streamlit as st

from data_access.cache import QuestionTooSlow, answers
from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.fact_rows import AMOUNTS
from data_access.exploring.listing import names_of
from data_access.exploring.questions import TooManyGroups, plan, put_together, sums
from data_access.indicators import Indicator
from ui import charts, text
from ui.components import kpi_card, short_months
from ui.elements import Element, as_content
from ui.explore_choice import Choice, choose, indicators_of
from ui.figures import chart, show_chart
from ui.filters import View, as_of_sentence, filter_sentence
from ui.text import say

Figures = Mapping[tuple[str, ...], pd.DataFrame]

OTHERS = "\0others"
_TABLE = Element("answer_table")
_CARDS = Element("kpi_cards")
_MOST_COLUMNS = 12
_MOST_LINES = 6


@dataclass(frozen=True)
class Answer:
    """The figures of the period and of the one it is compared with, and the names of the values in them."""

    view: View
    choice: Choice
    indicators: list[Indicator]
    now: Figures
    then: Figures | None
    names: Mapping[str, Mapping[str, str]]

    def label(self, dimension: str, value: Any) -> str:
        """A value as viewers read it."""
        return label(self.view, dimension, value, self.names.get(dimension, {}))


def label(view: View, dimension: str, value: Any, names: Mapping[str, str]) -> str:
    """A value of a dimension as viewers read it; ``names``: what villages, grids and teams are called."""
    if value == OTHERS:
        return say("其他", "others")
    if value == "":
        return say("不详", "unknown")
    for code, zh, en in DIMENSIONS[dimension].answers:
        if value == code:
            return say(zh, en)
    match dimension:
        case "month":
            return text.month_name(str(value))
        case "week":
            return say(f"{int(value[5:7])}月{int(value[8:])}日周", f"week of {value}")
        case "weekday":
            return text.weekday_name(int(value))
        case "hour":
            return say(f"{int(value)} 时", f"{int(value)}:00")
        case "township_code":
            return view.county.names.get(str(value), str(value))
        case _:
            return names.get(str(value), str(value))


def dimension_name(code: str) -> str:
    """A dimension's name."""
    return say(DIMENSIONS[code].zh, DIMENSIONS[code].en)


def question_sentence(answer: Answer, *, with_text: bool = True) -> str:
    """The question in words: 受理量、按期办结率，按村（社区）；三级类别：路灯不亮."""
    choice = answer.choice
    parts = [text.listed([text.name(indicator) for indicator in answer.indicators], 4)]
    if choice.by:
        by = say("、", ", ").join(dimension_name(name) for name in choice.by)
        parts.append(say(f"按{by}", f"by {by}"))
    for name, values in choice.where:
        shown = [label(answer.view, name, value, answer.names.get(name, {})) for value in values]
        parts.append(f"{dimension_name(name)}{say('：', ': ')}{text.listed(shown, 5)}")
    if choice.text:
        words = f"“{choice.text}”" if with_text else ""
        parts.append(say(f"标题或名称含{words or '某些字词'}", f"title or name has {words or 'certain words'}"))
    return say("，", "; ").join(parts)


# --- Asking ---------------------------------------------------------------------------------------


def ask(view: View, choice: Choice) -> Answer | None:
    """The answer; None where the viewer stopped it or it cannot be given, which is then said."""
    indicators = indicators_of(choice, view.county)
    asked = (choice.question, view.scope, view.compared)
    if st.session_state.get("explore stopped") == asked:
        st.info(
            say("已停止计算，数据库已空闲。可缩小时段或镇街，或重新计算。", "Stopped. Narrow the period or ask again.")
        )
        st.button(say("重新计算", "Ask again"), on_click=partial(st.session_state.pop, "explore stopped"))
        return None
    kinds = dict(zip(view.county.townships["code"], view.county.townships["kind"], strict=True))
    scopes = [view.scope, *([view.compared] if view.compared else [])]
    planned = [plan(choice.question, indicators, scope, view.county.kinds) for scope in scopes]
    parts = [part for one in planned for part in one]
    waiting = _Waiting(len(parts), asked)
    try:
        found = answers(sums, parts, waiting)
    except TooManyGroups:
        st.warning(
            say(
                "分得太细，超过两万组。请去掉一个维度，或加筛选条件。",
                "Over 20,000 groups. Take a dimension away or filter.",
            )
        )
        return None
    except QuestionTooSlow:
        st.warning(
            say(
                "两分钟内没有算完，已停止。请缩小时段、镇街，或减少条件。",
                "Not done in two minutes and stopped. Choose a shorter period or fewer townships.",
            )
        )
        return None
    finally:
        waiting.place.empty()
    first = len(planned[0])
    now = put_together(choice.question, indicators, parts[:first], found[:first], kinds)
    then = put_together(choice.question, indicators, parts[first:], found[first:], kinds) if view.compared else None
    return Answer(view, choice, indicators, now, then, answer_names(now, then, choice))


class _Waiting:
    """Says how far the asking is, with a button to stop it; nothing for answers that come at once."""

    def __init__(self, total: int, asked: object) -> None:
        self.place = st.empty()
        self._total = total
        self._asked = asked
        self._bar: Any = None

    def __call__(self, done: int) -> None:
        words = say(f"正在逐月读取明细：{done} / {self._total}", f"Reading the facts: {done} of {self._total}")
        if self._bar is None:
            with self.place.container(horizontal=True, vertical_alignment="center"):
                self._bar = st.progress(done / self._total, words)
                st.button(say("停止", "Stop"), icon=":material/stop:", key="stop question", on_click=self._stop)
        # Where the viewer has pressed a button or chosen something else, the run ends here, and the question with it.
        self._bar.progress(done / self._total, words)

    def _stop(self) -> None:
        st.session_state["explore stopped"] = self._asked


def _named(connection: Any, wanted: tuple[str, tuple[str, ...]]) -> dict[str, str]:
    return names_of(connection, *wanted)


def answer_names(now: Figures, then: Figures | None, choice: Choice) -> dict[str, Mapping[str, str]]:
    """The names of the villages, grids and teams in an answer and in its question, by dimension and value."""
    values: dict[str, set[str]] = {name: set(map(str, chosen)) for name, chosen in choice.where}
    for name in choice.by:
        for figures in (now, then or {}):
            if (name,) in figures:
                values.setdefault(name, set()).update(map(str, figures[(name,)].index))
    return names_for(values)


def names_for(values: Mapping[str, set[str]]) -> dict[str, Mapping[str, str]]:
    """The names of villages, grids and teams by their values, by dimension."""
    wanted = [(name, tuple(sorted(values[name]))) for name in ("village_code", "grid_code", "team") if values.get(name)]
    found = answers(_named, wanted, lambda _done: None)
    return {name: names for (name, _), names in zip(wanted, found, strict=True)}


# --- Which groups are shown -----------------------------------------------------------------------


def _volume(table: pd.DataFrame, indicator: Indicator) -> pd.Series[float]:
    """How much stands behind the figures: of a ratio what it divides by."""
    return table[f"{indicator.code}:{'d' if indicator.is_ratio else 'n'}"].fillna(0)


def _kept(answer: Answer, dimension: str, most: int) -> list[Any]:
    """The groups shown, those with most behind them; all of a time and of fixed answers."""
    table = answer.now[(dimension,)]
    if DIMENSIONS[dimension].kind == "time":
        return table.index.tolist() if dimension not in ("month", "week") else _months(answer, dimension)
    if DIMENSIONS[dimension].kind == "answer":
        return [code for code, *_ in DIMENSIONS[dimension].answers if code in table.index]
    volumes = _volume(table, answer.indicators[0]).sort_values(ascending=False, kind="stable")
    return volumes.index[:most].tolist()


def _months(answer: Answer, dimension: str) -> list[str]:
    return list(answer.view.scope.months) if dimension == "month" else answer.now[(dimension,)].index.tolist()


def _with_others(table: pd.DataFrame, indicators: Sequence[Indicator], kept: Mapping[str, list[Any]]) -> pd.DataFrame:
    """The table with every group that is not kept put to the others; ratios are made anew from the counts."""
    counts = [name for name in table if ":" in str(name)]
    keys = [
        pd.Index(table.index.get_level_values(name)).map(lambda value, kept=wanted: value if value in kept else OTHERS)
        for name, wanted in kept.items()
    ]
    summed = table[counts].groupby(keys).sum(min_count=1)
    summed.index.names = list(kept)
    for indicator in indicators:
        summed[indicator.code] = summed[f"{indicator.code}:n"] * indicator.scale
        if indicator.is_ratio:
            of = summed[f"{indicator.code}:d"]
            summed[indicator.code] /= of.where(of > 0)
    return summed


def groups(answer: Answer, figures: Figures, dimension: str, kept: list[Any]) -> pd.DataFrame:
    """One row for each group that is kept, in that order, and one for the others where there are any."""
    table = _with_others(figures[(dimension,)], answer.indicators, {dimension: kept})
    order = [*kept, *([OTHERS] if OTHERS in table.index else [])]
    return table.reindex(order)


def _row(table: pd.DataFrame, key: Any) -> pd.Series[float]:
    row: pd.Series[float] = table.loc[key]
    return row


def _cell_key(indicator: Indicator, *pairs: tuple[str, Any]) -> str | None:
    """What a press on a figure hands back; None for the others, whose rows nothing names."""
    if any(value == OTHERS for _, value in pairs):
        return None
    return json.dumps([indicator.code, [[name, str(value)] for name, value in pairs]], ensure_ascii=False)


def open_rows(choice: Choice, key: str) -> None:
    """Show the rows behind the figure that was pressed."""
    of, pairs = json.loads(key)
    choose(choice.asking(cell=tuple((name, value) for name, value in pairs), of=of))


# --- Drawing --------------------------------------------------------------------------------------


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
    if shape == "number":
        _show_numbers(answer, key)
        return
    if shape == "table":
        return
    draw = {"line": _lines if len(answer.choice.by) == 2 else _course, "bars": _bars, "heatmap": _heatmap}[shape]
    count = len(answer.indicators)
    for first in range(0, count, 2):
        pair = answer.indicators[first : first + 2]
        for column, indicator in zip(st.columns(len(pair), gap="medium"), pair, strict=True):
            with column:
                drawn = draw(answer, indicator)
                if drawn is None:
                    st.caption(say(f"{indicator.zh}：没有数据", f"{indicator.en}: no data"))
                else:
                    show_chart(drawn, f"{key} {indicator.code}", partial(open_rows, answer.choice))


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


def _show_numbers(answer: Answer, key: str) -> None:
    empty: pd.Series[float] = pd.Series(dtype=float)
    now = answer.now[()].iloc[0] if len(answer.now[()]) else None
    cards = []
    for indicator in answer.indicators:
        blank = pd.Series(float("nan"), index=[indicator.code, f"{indicator.code}:n", f"{indicator.code}:d"])
        then = answer.then[()].iloc[0] if answer.then and len(answer.then[()]) else None
        row = blank if now is None else now.reindex(blank.index)
        past = None if then is None else then.reindex(blank.index)
        cards.append(kpi_card(indicator, row, past, empty))
    _CARDS.show(as_content(cards=cards), f"{key} numbers")
    if key != "answer":
        return
    with st.container(horizontal=True):
        for indicator in answer.indicators:
            st.button(
                say(f"查看{indicator.zh}的明细", f"Rows of {indicator.en}"),
                icon=":material/list:",
                key=f"rows of {indicator.code}",
                on_click=open_rows,
                args=(answer.choice, str(_cell_key(indicator))),
            )


def _help(answer: Answer, indicator: Indicator) -> str:
    total = answer.now[()].reindex(columns=[f"{indicator.code}:n", f"{indicator.code}:d"])
    numbers = total.iloc[0].tolist() if len(total) else [float("nan")] * 2
    return text.definition(indicator, *map(float, numbers))


def _hover(name: str, indicator: Indicator, row: pd.Series[float]) -> str:
    shown = f"<b>{name}</b> {text.value(indicator, float(row[indicator.code]))}"
    if indicator.is_ratio:
        shown += "<br>" + text.counts(indicator, float(row[f"{indicator.code}:n"]), float(row[f"{indicator.code}:d"]))
    return shown


def _then_label(answer: Answer) -> str:
    return say("上年同期", "Year before") if answer.view.compare == "year" else say("上一时段", "Previous period")


def _course(answer: Answer, indicator: Indicator) -> bytes | None:
    (dimension,) = answer.choice.by
    table = groups(answer, answer.now, dimension, _kept(answer, dimension, 1000))
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
    values = values.set_axis([str(_cell_key(indicator, (dimension, value))) for value in table.index])
    labels = (
        short_months(table.index) if dimension == "month" else [_short(answer, dimension, one) for one in table.index]
    )
    figure = charts.trend(
        values,
        then,
        indicator,
        labels=labels,
        axis=text.axis_title(indicator),
        now_label=say("本期", "This period"),
        then_label=_then_label(answer),
        target_label=text.target_label(indicator),
        unreported=say("无数据", "no data"),
        as_line=answer.choice.show != "bars",
        height=320,
    )
    return chart(_title(answer, indicator, table), figure, help=_help(answer, indicator), picture=_picture(answer))


def _short(answer: Answer, dimension: str, value: Any) -> str:
    if dimension == "week":
        return f"{int(value[5:7])}/{int(value[8:])}"
    return str(value) if dimension == "hour" else answer.label(dimension, value)


def _title(answer: Answer, indicator: Indicator, table: pd.DataFrame) -> str:
    """A sentence: which group has most, and what all of them have together."""
    (dimension,) = answer.choice.by
    known = table[~table.index.isin(["", OTHERS])][indicator.code].dropna()
    name = text.name(indicator)
    if known.empty:
        return say(f"{name}：{_total(answer, indicator)}", f"{name}: {_total(answer, indicator)}")
    is_low = indicator.is_ratio and indicator.direction == "higher"
    most: Any = known.idxmin() if is_low else known.idxmax()
    leader, amount = answer.label(dimension, most), text.value(indicator, float(known[most]))
    extreme = say("最低", "lowest") if is_low else say("最高", "highest")
    whole = _total(answer, indicator)
    return say(
        f"{name}：{leader}{extreme}（{amount}），{whole}",
        f"{name}: {extreme} for {leader} ({amount}), {whole}",
    )


def _total(answer: Answer, indicator: Indicator) -> str:
    whole = text.value(indicator, float(answer.now[()].iloc[0][indicator.code]))
    if indicator.is_ratio:
        return say(f"总体 {whole}", f"{whole} overall")
    return say(f"合计 {whole}", f"{whole} in all")


def _bars(answer: Answer, indicator: Indicator) -> bytes | None:
    (dimension,) = answer.choice.by
    if DIMENSIONS[dimension].kind == "time":
        return _course(answer, indicator)
    kept = _kept(answer, dimension, answer.choice.top)
    table = groups(answer, answer.now, dimension, kept)
    if table[indicator.code].isna().all():
        return None
    if DIMENSIONS[dimension].kind == "name":
        # What has no name, and what is put together, says nothing about who is first.
        is_rest = table.index.isin(["", OTHERS])
        rest = table[is_rest]
        table = table[~is_rest].sort_values(indicator.code, ascending=False, kind="stable")
        table = pd.concat([table, rest])
    table = table.dropna(subset=[indicator.code])
    then: list[float] = []
    if answer.then is not None and indicator.comparable:
        then = groups(answer, answer.then, dimension, kept).reindex(table.index)[indicator.code].tolist()
    labels = _unique([answer.label(dimension, value) for value in table.index])
    values = table[indicator.code].tolist()
    left = len(answer.now[(dimension,)]) - len(kept)
    note = None
    if left > 0:
        note = say(
            f"按数量最多的 {len(kept)} 个显示，其余 {left} 个合为“其他”",
            f"The {len(kept)} with most behind them; the other {left} together as others",
        )
    if any(pd.notna(value) for value in then):
        mark = say(f"灰色为{_then_label(answer)}", f"Grey: {_then_label(answer).lower()}")
        note = say("；", "; ").join(filter(None, (note, mark)))
    figure = charts.ranking(
        labels,
        values,
        indicator,
        texts=[text.value(indicator, value, with_unit=indicator.is_percentage) for value in values],
        hovers=[_hover(name, indicator, row) for name, (_, row) in zip(labels, table.iterrows(), strict=True)],
        keys=[_cell_key(indicator, (dimension, value)) or "" for value in table.index],
        axis=text.axis_title(indicator),
        target_label=text.target_label(indicator),
        then=then,
        then_label=_then_label(answer),
        height=max(190, 70 + 24 * len(labels)),
    )
    return chart(
        _title(answer, indicator, table), figure, help=_help(answer, indicator), note=note, picture=_picture(answer)
    )


def _unique(labels: list[str]) -> list[str]:
    """Villages of several townships may be named alike; on an axis they are told apart by their place."""
    seen: dict[str, int] = {}
    found = []
    for one in labels:
        seen[one] = seen.get(one, 0) + 1
        found.append(one if seen[one] == 1 else f"{one} ({seen[one]})")
    return found


def _crossed(answer: Answer) -> tuple[pd.DataFrame, list[Any], list[Any]]:
    """The figures by both dimensions, with the groups that are shown of the first (rows) and second (columns)."""
    first, second = answer.choice.by
    kept = {first: _kept(answer, first, answer.choice.top), second: _kept(answer, second, _MOST_COLUMNS)}
    if DIMENSIONS[second].kind == "time":
        kept[second] = _kept(answer, second, 1000)
    table = _with_others(answer.now[(first, second)], answer.indicators, kept)
    rows, columns = (
        [*kept[name], *([OTHERS] if OTHERS in table.index.get_level_values(name) else [])] for name in (first, second)
    )
    return table, rows, columns


def _heatmap(answer: Answer, indicator: Indicator) -> bytes | None:
    first, second = answer.choice.by
    table, rows, columns = _crossed(answer)
    if table[indicator.code].isna().all():
        return None
    cells = []
    for (place, row), (at, column) in product(enumerate(rows), enumerate(columns)):
        if (row, column) not in table.index:
            continue
        figures = _row(table, (row, column))
        name = f"{answer.label(first, row)} · {answer.label(second, column)}"
        key = _cell_key(indicator, (first, row), (second, column)) or ""
        cells.append((place, at, float(figures[indicator.code]), _hover(name, indicator, figures), key))
    figure = charts.heatmap(
        _unique([answer.label(first, row) for row in rows]),
        [
            text.month_name(str(value)) if second == "month" and len(columns) < 8 else _tick(answer, second, value)
            for value in columns
        ],
        cells,
        indicator,
        total=float(answer.now[()].iloc[0][indicator.code]),
        unit=text.unit(indicator),
        height=max(220, 64 + 22 * len(rows)),
    )
    told = (cell for cell in cells if cell[4] and rows[cell[0]] != "" and columns[cell[1]] != "")
    largest = max((cell for cell in told if not pd.isna(cell[2])), key=lambda cell: cell[2], default=None)
    name = text.name(indicator)
    if largest is None:
        return None
    where = f"{answer.label(first, rows[largest[0]])} · {answer.label(second, columns[largest[1]])}"
    amount = text.value(indicator, largest[2])
    title = say(f"{name}：{where}最高（{amount}）", f"{name}: highest for {where} ({amount})")
    return chart(title, figure, help=_help(answer, indicator), picture=_picture(answer))


def _tick(answer: Answer, dimension: str, value: Any) -> str:
    if value == OTHERS:
        return say("其他", "others")
    if dimension == "month":
        return short_months([value])[0]
    shown = _short(answer, dimension, value)
    return shown if len(shown) <= 8 else shown[:7] + "…"


def _lines(answer: Answer, indicator: Indicator) -> bytes | None:
    first, second = answer.choice.by
    time, name = (first, second) if DIMENSIONS[first].kind == "time" else (second, first)
    if DIMENSIONS[name].kind == "time":
        return _heatmap(answer, indicator)
    times, names = _kept(answer, time, 1000), _kept(answer, name, _MOST_LINES)
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
    most = answer.now[(name,)][indicator.code].reindex(names).idxmax()
    title = say(
        f"{text.name(indicator)}：{answer.label(name, most)}最高；按数量最多的 {len(names)} 个",
        f"{text.name(indicator)}: highest for {answer.label(name, most)}; the {len(names)} with most behind them",
    )
    figure = charts.lines(labels, series, axis=text.axis_title(indicator), height=340)
    return chart(title, figure, help=_help(answer, indicator), picture=_picture(answer))


# --- The table ------------------------------------------------------------------------------------


def table_of(answer: Answer, indicator: Indicator | None = None) -> pd.DataFrame:
    """The answer as a table with the totals first, headings and values as viewers read them, all groups.

    With two dimensions: of one indicator, the second dimension across.
    """
    content = table_content(answer, indicator or answer.indicators[0], everything=True)
    rows = [content["total"], *content["rows"]] if content["total"] else content["rows"]
    values = [
        [cell["sort"] if place and "sort" in cell else cell["text"] for place, cell in enumerate(row)] for row in rows
    ]
    return pd.DataFrame(values, columns=_unique(content["columns"]))


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
            format_func=names.__getitem__,
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
    key = _cell_key(indicator, *pairs)
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
            columns.append(_then_label(answer))

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
        kept = _kept(answer, dimension, most)
        table = groups(answer, answer.now, dimension, kept)
        then = groups(answer, answer.then, dimension, kept) if answer.then else None
        for value, row in table.iterrows():
            past = _row(then, value) if then is not None and value in then.index else None
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
        rows, columns = ([*_kept(answer, name, 100_000)] for name in (first, second))
    else:
        table, rows, columns = _crossed(answer)
    by_first = groups(answer, answer.now, first, [value for value in rows if value != OTHERS])
    by_second = groups(answer, answer.now, second, [value for value in columns if value != OTHERS])
    known = set(table.index)
    nothing = pd.Series(dtype=float)
    made = []
    for row in rows:
        cells: list[dict[str, Any]] = [{"text": answer.label(first, row), "sort": str(row)}]
        cells.append(
            _number(answer, indicator, _row(by_first, row) if row in by_first.index else nothing, (first, row))
        )
        for column in columns:
            figures = _row(table, (row, column)) if (row, column) in known else nothing
            cells.append(_number(answer, indicator, figures, (first, row), (second, column)))
        made.append(cells)
    total: list[dict[str, Any]] = [{"text": say("合计", "Total"), "sort": ""}]
    total.append(_number(answer, indicator, answer.now[()].iloc[0] if len(answer.now[()]) else nothing))
    total += [
        _number(answer, indicator, _row(by_second, column) if column in by_second.index else nothing, (second, column))
        for column in columns
    ]
    return {
        "title": text.axis_title(indicator),
        "help": _help(answer, indicator),
        "columns": [dimension_name(first), say("合计", "Total"), *(answer.label(second, value) for value in columns)],
        "rows": made,
        "total": total,
        "note": say("点击数字查看背后的明细", "Press a figure to see its rows"),
    }
