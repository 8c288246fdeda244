"""The answer to a question of 自由筛选: asked with progress and a way to stop it, and the groups of it that are shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from data_access.access import Viewer
from data_access.areas import AREAS
from data_access.cache import answers
from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.listing import names_of
from data_access.exploring.questions import (
    Part,
    Question,
    dimensions_for,
    narrowed_scope,
    plan,
    put_together,
    sums,
    with_values,
)
from data_access.model.indicator import Indicator
from data_access.model.measured import measured
from data_access.scope import Scope
from ui import text
from ui.asking.sentences import filter_sentence, sheet_head
from ui.asking.view import View
from ui.elements.waiting import Waiting
from ui.explore.choice import Choice, choose, indicators_of
from ui.text import say

Figures = Mapping[tuple[str, ...], pd.DataFrame]

OTHERS = "\0others"
# What a source writes where it has no name for something
NO_NAMES = ("", OTHERS, "其他", "其它", "不详", "未知", "未分类", "无")
# A share or mean of fewer has no place among others.
_FEWEST_PLACED = 5
_MOST_COLUMNS = 12
_REPORTED_BY = ("township_code", "month")
# Of some township, or some days of a month, alone
_WITHIN_TOWNSHIPS = frozenset({"league", "village_code", "grid_code", "team", "week"})


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

    @property
    def by_month(self) -> Answer | None:
        """The course of a total that was asked for; None where it is of one month, or not known by month."""
        if self.choice.by or ("month",) not in self.now or len(self.view.scope.months) == 1:
            return None
        return replace(self, choice=replace(self.choice, by=("month",)))


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
    """The question in words: 受理量、按期办结率，按渠道（信访、12345热线），三级类别：路灯不亮."""
    choice = answer.choice
    parts = [text.listed([text.name(indicator) for indicator in answer.indicators], 4)]
    where = {
        name: text.listed([label(answer.view, name, value, answer.names.get(name, {})) for value in values], 5)
        for name, values in choice.where
    }
    if choice.by:
        among = {name: where.pop(name, "") for name in choice.by}
        told = [
            dimension_name(name) + (values and say(f"（{values}）", f" ({values})")) for name, values in among.items()
        ]
        by = say("、", ", ").join(told)
        parts.append(say(f"按{by}", f"by {by}"))
    parts += [f"{dimension_name(name)}{say('：', ': ')}{values}" for name, values in where.items()]
    if choice.text:
        words = f"“{choice.text}”" if with_text else ""
        parts.append(say(f"标题或名称含{words or '某些字词'}", f"title or name has {words or 'certain words'}"))
    return say("，", "; ").join(parts)


def recorded_question(answer: Answer) -> str:
    """What is written down of who took the answer away: the question and the filters, without words looked for."""
    return f"{question_sentence(answer, with_text=False)} · {filter_sentence(answer.view)}"


def head_of(answer: Answer) -> list[str]:
    """What stands above the answer, or its rows, in a workbook."""
    title, _, as_of = sheet_head(answer.view, question_sentence(answer), answer.indicators[0].area)
    return [title, filter_sentence(answer.view), as_of]


# --- Asking ---------------------------------------------------------------------------------------


def _comparable(view: View, choice: Choice) -> Scope | None:
    """The compared period; None where it begins before the data do, unless each month stands alone."""
    if view.compared and view.compared.start < view.county.months[0] and "month" not in choice.by:
        return None
    return view.compared


def _asked(view: View, choice: Choice) -> Question:
    """What is asked of the data: a total month by month, as they are read, so that its course is known, too."""
    is_by_month = not choice.by and "month" in dimensions_for(indicators_of(choice, view.county))
    return replace(choice.question, by=("month",)) if is_by_month else choice.question


def planned(view: View, choice: Choice) -> tuple[list[Part], int]:
    """The parts that answer a question for the view's period and the one it is compared with; how many the first has."""
    indicators = indicators_of(choice, view.county)
    compared = _comparable(view, choice)
    scopes = [view.scope, *([compared] if compared else [])]
    plans = [plan(_asked(view, choice), indicators, scope, view.county.kinds) for scope in scopes]
    return [part for one in plans for part in one], len(plans[0])


def answered(view: View, choice: Choice, waiting: Callable[[int], None], seconds: float | None = None) -> Answer:
    """The answer; ``waiting`` and ``seconds`` as in ``cache.answers``. Raises QuestionProblem, NotAllowed."""
    indicators = told_indicators(view, choice)
    parts, first = planned(view, choice)
    found = answers(sums, parts, waiting, seconds)

    def told(of: slice, scope: Scope) -> Figures:
        figures = put_together(_asked(view, choice), indicators, parts[of], found[of], view.county.kind_of)
        return _with_none(view, choice, indicators, figures, scope, waiting)

    now = told(slice(0, first), view.scope)
    then = told(slice(first, None), view.compared) if parts[first:] and view.compared else None
    return Answer(view, choice, indicators, now, then, answer_names(now, then, choice, view.scope.viewer))


def _with_none(
    view: View,
    choice: Choice,
    indicators: Sequence[Indicator],
    figures: Figures,
    scope: Scope,
    waiting: Callable[[int], None],
) -> Figures:
    """The figures with 0 where what the counts are of was reported and nothing in it is what was asked for.

    Months and townships stand there also where none was found, of other dimensions what was found anywhere. Where one of
    several townships left out a month, nothing is told of villages and the like, which may be its own.
    """
    narrowed = replace(narrowed_scope(scope, choice.where, view.county.kinds), where=())
    townships = list(view.county.names) if narrowed.townships is None else list(narrowed.townships)
    filled, untold = dict(figures), None
    for indicator in indicators:
        volume = _volume_of(indicator)
        if volume is None:
            continue
        volumes = view.measured([volume], _REPORTED_BY, narrowed).dropna(subset=[volume])
        reported = volumes[list(_REPORTED_BY)]
        is_known = len(townships) == 1 or len(reported) == len(townships) * len(scope.months)
        for by in figures:
            if not is_known and _WITHIN_TOWNSHIPS.intersection((*by, *(name for name, _ in choice.where))):
                continue
            every = {"month": scope.months, "township_code": townships}
            rows = _groups(by, [every.get(name, figures[(name,)].index) for name in by])
            table = filled[by].reindex(filled[by].index.union(rows, sort=False))
            known = [name for name in _REPORTED_BY if name in by]
            keys = table.index.to_frame(index=False)[known]
            # Of nothing but the total: whether anything was reported.
            is_reported = (
                keys.merge(reported.drop_duplicates(known), "left", known, indicator="in")["in"] == "both"
                if known
                else len(reported) > 0
            )
            has_none = table[indicator.code].isna().to_numpy() & np.asarray(is_reported)
            if has_none.any():
                untold = _untold(view, choice, scope, waiting) if untold is None else untold
                has_none &= ~table.index.isin(untold(by))
            table.loc[has_none, [indicator.code, f"{indicator.code}:n"]] = 0.0
            filled[by] = table if choice.order else table.dropna(how="all")
    return filled


def _volume_of(indicator: Indicator) -> str | None:
    """What tells that there could have been some of which an indicator tells how many; None of all other indicators."""
    is_count = not (indicator.is_ratio or indicator.in_fives or indicator.by_hand) and indicator.over_months == "sum"
    return (AREAS[indicator.area].volume or None) if is_count and indicator.area in AREAS else None


def _groups(by: tuple[str, ...], values: Sequence[Any]) -> Any:
    if not by:
        return pd.Index([0])
    return pd.MultiIndex.from_product(values, names=by) if len(by) > 1 else pd.Index(values[0], name=by[0])


def _untold(
    view: View, choice: Choice, scope: Scope, waiting: Callable[[int], None]
) -> Callable[[tuple[str, ...]], list[Any]]:
    """The groups by some of the dimensions in which of nothing it is known whether it is what the filters go by (是否满意：未问)."""
    asked, indicators = _asked(view, choice), indicators_of(choice, view.county)
    found: list[pd.DataFrame] = []
    for name, _ in asked.where:
        if DIMENSIONS[name].kind == "answer" and name not in asked.by:
            others = tuple(pair for pair in asked.where if pair[0] != name)
            question = replace(asked, by=(*asked.by, name), where=others)
            parts = plan(question, indicators, scope, view.county.kinds)
            figures = put_together(question, indicators, parts, answers(sums, parts, waiting), view.county.kind_of)
            table = figures[question.by].dropna(how="all").index.to_frame(index=False)
            found.append(table.assign(is_untold=table[name] == "unknown"))

    def groups(by: tuple[str, ...]) -> list[Any]:
        untold: list[Any] = []
        for table in found:
            is_all = table["is_untold"].groupby([table[name] for name in by] or [pd.Series(0, table.index)]).all()
            untold += is_all.index[is_all].tolist()
        return untold

    return groups


def told_indicators(view: View, choice: Choice) -> list[Indicator]:
    """The indicators that are counted, as the viewer is told them."""
    narrowed = narrowed_view(view, choice)
    return [narrowed.indicator(code, choice.by) for code in choice.count]


def narrowed_view(view: View, choice: Choice) -> View:
    """The view of what the question is narrowed to."""
    return replace(view, scope=narrowed_scope(view.scope, choice.where, view.county.kinds))


def ask(view: View, choice: Choice) -> Answer | None:
    """The answer; None where the viewer stopped it, which is then said. Raises QuestionProblem."""
    asked = (choice.question, view.scope, view.compared)
    if st.session_state.get("explore stopped") == asked:
        st.info(
            say("已停止计算，数据库已空闲。可缩小时段或镇街，或重新计算。", "Stopped. Narrow the period or ask again.")
        )
        st.button(say("重新计算", "Ask again"), on_click=partial(st.session_state.pop, "explore stopped"))
        return None
    total = len(planned(view, choice)[0])

    def words(done: int) -> str:
        return say(f"正在逐月读取明细：{done} / {total}", f"Reading the facts: {done} of {total}")

    def stop() -> None:
        st.session_state["explore stopped"] = asked

    with Waiting(words, total, stop) as waiting:
        return answered(view, choice, waiting)


def answer_names(now: Figures, then: Figures | None, choice: Choice, viewer: Viewer) -> dict[str, Mapping[str, str]]:
    """The names of the villages, grids and teams in an answer and in its question, by dimension and value."""
    values: dict[str, set[str]] = {name: set(map(str, chosen)) for name, chosen in choice.where}
    for name in choice.by:
        for figures in (now, then or {}):
            if (name,) in figures:
                values.setdefault(name, set()).update(map(str, figures[(name,)].index))
    return names_for(values, viewer)


def names_for(values: Mapping[str, set[str]], viewer: Viewer) -> dict[str, Mapping[str, str]]:
    """The names of villages, grids and teams by their values, by dimension."""
    kinds = [name for name in ("village_code", "grid_code", "team") if values.get(name)]
    found = answers(names_of, [(viewer, name, tuple(sorted(values[name]))) for name in kinds], lambda _done: None)
    return dict(zip(kinds, found, strict=True))


# --- Which groups are shown -----------------------------------------------------------------------


def _volume(table: pd.DataFrame, indicator: Indicator) -> pd.Series[float]:
    """How much stands behind the figures: of a ratio what it divides by."""
    return table[f"{indicator.code}:{'d' if indicator.is_ratio else 'n'}"].fillna(0)


@dataclass(frozen=True)
class Standings:
    """The groups of an answer in the order of a figure, the lowest or highest first, as far as they have a place.

    ``few``: those of too few for one; ``absent``: townships that lack the figure, or months of what it is the sum of.
    """

    placed: tuple[Any, ...]
    few: tuple[Any, ...]
    absent: tuple[Any, ...]


def is_ordered(choice: Choice) -> bool:
    """Whether the answer's groups shall stand in the order of the figure: those of one dimension that has names."""
    return bool(choice.order) and len(choice.by) == 1 and DIMENSIONS[choice.by[0]].kind == "name"


def standings(answer: Answer, indicator: Indicator) -> Standings:
    """The places by an indicator in an answer that is ordered."""
    (dimension,) = answer.choice.by
    table = answer.now[(dimension,)]
    named = table[~table.index.isin(NO_NAMES)]
    values = named[indicator.code].dropna().sort_values(ascending=answer.choice.order == "low", kind="stable")
    absent: list[Any] = []
    if dimension == "township_code":
        missing = answer.view.missing_months(answer.view.scope).get(indicator.data_area, {})
        lacking = missing if indicator.over_months == "sum" else {}
        absent = [code for code in answer.view.townships if code in lacking or code not in values.index]
    of = named[f"{indicator.code}:d"].reindex(values.index)
    is_few = of < _FEWEST_PLACED if indicator.is_ratio else of.notna() & False
    placed = tuple(value for value in values.index[~is_few] if value not in absent)
    return Standings(placed, tuple(value for value in values.index[is_few] if value not in absent), tuple(absent))


def kept_groups(answer: Answer, dimension: str, most: int) -> list[Any]:
    """The groups shown: those with most behind them, or first by the figure; all of a time and of fixed answers."""
    table = answer.now[(dimension,)]
    if is_ordered(answer.choice):
        placed = standings(answer, answer.indicators[0]).placed[:most]
        return [*placed, *(value for value in table.index if value not in placed)][:most]
    if dimension == "month":
        return list(answer.view.scope.months)
    if DIMENSIONS[dimension].kind == "time":
        return table.index.tolist()
    if DIMENSIONS[dimension].kind == "answer":
        return [code for code, *_ in DIMENSIONS[dimension].answers if code in table.index]
    volumes = _volume(table, answer.indicators[0]).sort_values(ascending=False, kind="stable")
    return volumes.index[:most].tolist()


def with_others(table: pd.DataFrame, indicators: Sequence[Indicator], kept: Mapping[str, list[Any]]) -> pd.DataFrame:
    """The table with every group that is not kept put to the others; ratios are made anew from the counts."""
    counts = [name for name in table if ":" in str(name)]
    keys = [
        pd.Index(table.index.get_level_values(name)).map(lambda value, kept=wanted: value if value in kept else OTHERS)
        for name, wanted in kept.items()
    ]
    summed = table[counts].groupby(keys).sum(min_count=1)
    summed.index.names = list(kept)
    return with_values(summed, indicators)


def groups(answer: Answer, figures: Figures, dimension: str, kept: list[Any]) -> pd.DataFrame:
    """One row for each group that is kept, in that order, and one for the others where there are any."""
    table = with_others(figures[(dimension,)], answer.indicators, {dimension: kept})
    order = [*kept, *([OTHERS] if OTHERS in table.index else [])]
    return table.reindex(order)


def row_of(table: pd.DataFrame, key: Any) -> pd.Series[float]:
    """The figures of one group."""
    row: pd.Series[float] = table.loc[key]
    return row


def cell_key(indicator: Indicator, *pairs: tuple[str, Any]) -> str | None:
    """What a press on a figure hands back; None for the others, whose rows nothing names."""
    if any(value == OTHERS for _, value in pairs):
        return None
    return json.dumps([indicator.code, [[name, str(value)] for name, value in pairs]], ensure_ascii=False)


def open_rows(choice: Choice, key: str) -> None:
    """Show the rows behind the figure that was pressed."""
    of, pairs = json.loads(key)
    choose(choice.asking(cell=tuple((name, value) for name, value in pairs), of=of))


def told_apart(labels: list[str]) -> list[str]:
    """Villages of several townships may be named alike; on an axis they are told apart by their place."""
    seen: dict[str, int] = {}
    found = []
    for one in labels:
        seen[one] = seen.get(one, 0) + 1
        found.append(one if seen[one] == 1 else f"{one} ({seen[one]})")
    return found


def then_label(answer: Answer) -> str:
    """What the compared period is called."""
    return say("上年同期", "Year before") if answer.view.compare == "year" else say("上一时段", "Previous period")


def crossed_figures(answer: Answer) -> tuple[pd.DataFrame, list[Any], list[Any]]:
    """The figures by both dimensions, with the groups that are shown of the first (rows) and second (columns)."""
    first, second = answer.choice.by
    kept = {first: kept_groups(answer, first, answer.choice.top), second: kept_groups(answer, second, _MOST_COLUMNS)}
    if DIMENSIONS[second].kind == "time":
        kept[second] = kept_groups(answer, second, 1000)
    table = with_others(answer.now[(first, second)], answer.indicators, kept)
    rows, columns = (
        [*kept[name], *([OTHERS] if OTHERS in table.index.get_level_values(name) else [])] for name in (first, second)
    )
    return table, rows, columns


def figure_help(answer: Answer, indicator: Indicator) -> str:
    """The indicator's definition with its counts in the whole answer."""
    total = answer.now[()]
    return text.definition(indicator, measured(indicator, total.iloc[0] if len(total) else {}))
