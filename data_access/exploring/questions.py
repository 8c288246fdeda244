"""Questions about the facts: what is counted, by what, of which. Planned as parts, asked part by part, put together.

A rollup answers where one has everything that is asked for; otherwise the facts do, a month at a time where they are
things that happen, so that what was read before is not read again and the rest can be stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations
from typing import Any, Literal

import pandas as pd
from sqlalchemy import Column, ColumnElement, Connection, Select, func, or_, select

from data_access.access import CASE_AREAS, UNRESTRICTED
from data_access.areas import AREA_OF_SOURCE
from data_access.exploring.dimensions import DIMENSIONS, ROLLUP_NAMES
from data_access.exploring.fact_rows import (
    dimensions_of,
    fact_rows,
    has_texts,
    is_stock,
    rows_counted,
    source_of,
)
from data_access.model.data_state import as_of_dates, data_state
from data_access.model.facts import FactRows, Span
from data_access.model.indicator import Indicator
from data_access.model.narrowing import of_departments
from data_access.model.rollup import calendar
from data_access.model.tables import NUMERIC_DIMENSIONS
from data_access.places.tables import township
from data_access.problems import QuestionProblem
from data_access.queries import measure, rollup_for
from data_access.registers import NEVER
from data_access.schema import metadata
from data_access.scope import Scope, month_end, month_start
from data_access.small_counts import OPEN_TO_ALL, WHOLE, hides_cases, is_withheld, require_cases, tells_fives, too_fine

# So many groups are told apart at most.
GROUP_LIMIT = 20_000

Where = tuple[tuple[str, tuple[str, ...]], ...]
# The periods that things are counted in which are there: the last month, each month, or all of them as one
Periods = Literal["last", "each", "whole"]
# by what an indicator does over several months
_PERIODS_OVER_MONTHS: Mapping[str, Periods] = {"last": "last", "sum": "each", "period": "whole"}

_ANY_SCOPE = Scope(UNRESTRICTED, None, "", "")


class TooManyGroups(QuestionProblem):
    """An answer would have more groups than are told apart."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"分得太细，超过 {most:,} 组。请去掉一个维度，换粗一级的，或加筛选条件。",
            f"Over {most:,} groups. Take a dimension away, choose a coarser one, or filter.",
        )


@dataclass(frozen=True)
class Question:
    """Indicators (codes) by up to two dimensions, of the rows that have one of the values and the text, in a scope.

    ``where`` holds a dimension once, with the values of which any will do; the empty one stands for none.
    """

    indicators: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: Where = ()
    text: str = ""


@dataclass(frozen=True)
class Part:
    """One SELECT of an answer: sums by dimensions.

    ``rows`` names fact rows, of which ``measures`` are added up; without it a rollup tells ``indicators``.
    ``margin``: for which of the question's dimensions the part tells the totals.
    """

    rows: str | None
    measures: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    scope: Scope
    by: tuple[str, ...]
    margin: tuple[str, ...]
    periods: Periods = "last"
    text: str = ""


def _measures(indicator: Indicator) -> tuple[str, ...]:
    return (indicator.numerator,) if indicator.denominator is None else (indicator.numerator, indicator.denominator)


def _rows_of(indicator: Indicator) -> tuple[str, ...] | None:
    """The rows that each measure of an indicator is counted over; None where only rollups have one of them."""
    names = [rows_counted(indicator.source, name) for name in _measures(indicator)]
    return None if None in names else tuple(map(str, names))


def dimensions_for(indicators: Sequence[Indicator]) -> tuple[str, ...]:
    """What all of these indicators can be counted and filtered by, in the order of the dimensions."""
    common = set(DIMENSIONS)
    for indicator in indicators:
        rows = _rows_of(indicator)
        own = frozenset.intersection(*map(dimensions_of, rows)) if rows else {"township_code", "month"}
        common &= own | {"league"}
    return tuple(code for code in DIMENSIONS if code in common)


def dimensions_open(indicators: Sequence[Indicator], scope: Scope) -> tuple[str, ...]:
    """Those of them that the viewer may count these indicators by in a scope."""
    known = dimensions_for(indicators)
    if not any(hides_cases(scope, indicator.area) for indicator in indicators):
        return known
    return tuple(code for code in known if code in (OPEN_TO_ALL if tells_fives(scope.viewer) else WHOLE))


def can_be_searched(indicators: Sequence[Indicator]) -> bool:
    """Whether words can be looked for in what all of these indicators count."""
    return all(rows is not None and all(map(has_texts, rows)) for rows in map(_rows_of, indicators))


def search_is_open(indicators: Sequence[Indicator], scope: Scope) -> bool:
    """Whether the viewer may look for words in what these indicators count: in cases, who may see some of them."""
    return can_be_searched(indicators) and all(
        indicator.area not in CASE_AREAS or scope.of_cases().within(indicator.area) != () for indicator in indicators
    )


def periods_of(indicator: Indicator, by: Sequence[str]) -> Periods:
    """The periods in which an indicator counts what is there, told apart by these dimensions."""
    if "month" in by:
        return "each"
    return _PERIODS_OVER_MONTHS[indicator.over_months]


def plan(
    question: Question, indicators: Sequence[Indicator], scope: Scope, leagues: Mapping[str, Sequence[str]]
) -> tuple[Part, ...]:
    """The parts that answer a question over a scope; ``leagues`` are the township codes by kind of township.

    Raises ValueError where an indicator cannot be told apart by a dimension.
    """
    asked = {*question.by, *(name for name, _ in question.where if name != "league")}
    if unknown := sorted(asked - set(dimensions_for(indicators))):
        raise ValueError(f"not known by {', '.join(unknown)}")
    if question.text and not can_be_searched(indicators):
        raise ValueError("no texts")
    narrowed = narrowed_scope(scope, question.where, leagues)
    # What one SELECT can answer together
    together: dict[tuple[tuple[str, ...], str | None, Periods, str], dict[Any, None]] = {}
    for indicator in indicators:
        rows = _rows_of(indicator)
        is_ready = not question.text and _rollup_answers(indicator, asked)
        if not is_ready and rows is None:
            raise ValueError(f"{indicator.code} is not known by {', '.join(sorted(asked))}")
        for margin in _margins(question.by):
            if is_ready:
                if margin != question.by and _adds_up(indicator):
                    continue
                kind: Periods = "each" if _adds_up(indicator) else "last"
                together.setdefault((margin, None, kind, indicator.source), {})[indicator] = None
                continue
            for name, measured in zip(rows or (), _measures(indicator), strict=True):
                if is_stock(name):
                    together.setdefault((margin, name, periods_of(indicator, margin), ""), {})[measured] = None
                elif margin == question.by:
                    together.setdefault((margin, name, "each", ""), {})[measured] = None
    parts: list[Part] = []
    for (margin, rows_name, periods, source), wanted in together.items():
        renamed = ROLLUP_NAMES.get(source, {})
        by = tuple(dict.fromkeys("township_code" if one == "league" else renamed.get(one, one) for one in margin))
        within = replace(narrowed, where=tuple((renamed.get(one, one), values) for one, values in narrowed.where))
        told: tuple[Any, ...] = tuple(wanted)
        part = Part(
            rows_name,
            () if rows_name is None else told,
            told if rows_name is None else (),
            within,
            by,
            margin,
            periods,
            question.text,
        )
        if rows_name is None or is_stock(rows_name):
            parts.append(part)
        else:
            parts += [replace(part, scope=replace(within, start=month, end=month)) for month in scope.months]
    return tuple(parts)


def _adds_up(indicator: Indicator) -> bool:
    """Whether a rollup's sums over months and groups are the sums over all of them; people and stocks are not."""
    return indicator.over_months == "sum" and "residents" not in _measures(indicator)


def _margins(by: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The dimensions, and every selection of fewer of them down to none."""
    return [one for size in range(len(by), -1, -1) for one in combinations(by, size)]


def _rollup_answers(indicator: Indicator, asked: set[str]) -> bool:
    if indicator.over_months == "period":
        return False
    renamed = ROLLUP_NAMES.get(indicator.source, {})
    names = {renamed.get(name, name) for name in asked - {"league"}}
    return rollup_for(indicator, names) is not None


def _value(dimension: str) -> Any:
    """What turns a value in a question into one in the database."""
    return int if dimension in NUMERIC_DIMENSIONS else str


def narrowed_scope(scope: Scope, where: Where, leagues: Mapping[str, Sequence[str]]) -> Scope:
    """The scope with these filters; kinds of township, which are no property of facts, as their townships."""
    wanted = [kind for name, kinds in where if name == "league" for kind in kinds]
    if wanted:
        codes = [code for kind in wanted for code in leagues.get(kind, ())]
        if scope.townships is not None:
            codes = [code for code in codes if code in scope.townships]
        scope = replace(scope, townships=tuple(codes))
    return scope.narrowed(*((name, tuple(map(_value(name), values))) for name, values in where if name != "league"))


# --- Asking ---------------------------------------------------------------------------------------


def scope_of_rows(rows: str, scope: Scope) -> Scope:
    """The scope in which the viewer may see these rows one by one."""
    return scope.of_cases() if AREA_OF_SOURCE[source_of(rows)] in CASE_AREAS else scope


def scope_of_counts(part: Part) -> Scope:
    """The scope in which the viewer may see a part's counts of facts.

    Words that are looked for tell of single cases: to who may see some, of these. Raises NotAllowed where other counts of
    cases do that: what is there (grids) is nobody's case, and of whole townships and months all may see the counts.
    """
    if part.rows is None or is_stock(part.rows):
        return part.scope
    if part.text:
        scope = scope_of_rows(part.rows, part.scope)
        if scope.within() == ():
            require_cases(part.scope, AREA_OF_SOURCE[source_of(part.rows)])
        return scope
    if not WHOLE.issuperset((*part.by, *(name for name, _ in part.scope.where))):
        require_cases(part.scope, AREA_OF_SOURCE[source_of(part.rows)])
    return part.scope


def span_of(connection: Connection, rows: str, scope: Scope, periods: Periods) -> Span | None:
    """The span that rows are counted over; None where the area has no data in the scope.

    An earlier scope ends where the present one's data do (``Scope.comparable``).
    """
    source = source_of(rows)
    as_of = as_of_dates(connection).get(AREA_OF_SOURCE[source])
    if as_of is None:
        return None
    last, cut = scope.comparable(as_of)
    first, after = month_start(scope.start), month_end(scope.end)
    months = [month for month in scope.months if month <= last]
    if cut is not None:
        as_of, after = cut, cut + timedelta(seconds=1)
    if is_stock(rows):
        # Before the area's first event and after its last nothing was there to be counted.
        present = metadata.tables[source].c.month
        known = set(connection.scalars(select(present).distinct()))
        months = [month for month in months if month in known]
        if periods == "last":
            months = [month for month in months if month == scope.end]
    if not months:
        return None
    named = [(month, month_start(month), month_end(month)) for month in months]
    if periods == "whole":
        named = [(months[-1], month_start(months[0]), month_end(months[-1]))]
    asked = scope.within(AREA_OF_SOURCE[source])
    codes = tuple(connection.scalars(select(township.c.code))) if asked is None else asked
    since = connection.scalar(select(data_state.c.registers_since).where(data_state.c.area == AREA_OF_SOURCE[source]))
    return Span(as_of, first, after, calendar(named, as_of), codes, since or NEVER, cut is not None)


def conditions(rows: FactRows, span: Span, scope: Scope, text: str) -> list[ColumnElement[bool]]:
    """What keeps the rows of a scope that have the text."""
    found = [*rows.conditions]
    if rows.time is not None:
        is_day = rows.time.type.python_type is not type(span.first)
        first, after = (span.first.date(), span.after.date()) if is_day else (span.first, span.after)
        found += [rows.time >= first, rows.time < after]
    # Needless where it is all townships, and faster where no index begins with the time
    is_narrowed = scope.within() is not None or not span.townships
    if is_narrowed or (rows.time is not None and not _leads_an_index(rows.time)):
        found.append(rows.key[0].in_(span.townships))
    found += [rows.dimensions[name].in_(values) for name, values in scope.where]
    if scope.viewer.departments is not None:
        found.append(of_departments(rows.dimensions.get("department"), scope.viewer))
    if text:
        found.append(or_(*(searched.icontains(text, autoescape=True) for searched in rows.searched)))
    return found


def _leads_an_index(time: ColumnElement[Any]) -> bool:
    """Whether an index of all rows begins with the time."""
    return isinstance(time, Column) and any(
        index.columns[0] is time and index.dialect_options["sqlite"]["where"] is None for index in time.table.indexes
    )


def sums(connection: Connection, part: Part) -> pd.DataFrame:
    """A part's answer: its dimensions and its sums (of an indicator ``code:n`` and ``code:d``), a row for each group.

    Raises TooManyGroups, and NotAllowed where it is so fine that it tells of cases that the viewer may not see.
    """
    if part.rows is None:
        if any(is_withheld(one, part.scope, part.by) for one in part.indicators):
            raise too_fine(part.scope.viewer)
        frame = measure(connection, part.indicators, part.scope, part.by)
        return frame[[*part.by, *(column for column in frame if ":" in str(column))]]
    scope = scope_of_counts(part)
    span = span_of(connection, part.rows, scope, part.periods)
    if span is None:
        return pd.DataFrame(columns=[*part.by, *part.measures], dtype=float)
    rows = fact_rows(part.rows, span)
    # Within, because a server does not see that an expression with parameters is the one that is grouped by.
    inner = (
        select(
            *(rows.dimensions[name].label(name) for name in part.by),
            *(rows.measures[name].label(name) for name in part.measures),
        )
        .select_from(rows.joined)
        .where(*conditions(rows, span, scope, part.text))
        .subquery()
    )
    keys = [inner.c[name] for name in part.by]
    query = select(*keys, *(func.sum(inner.c[name]).label(name) for name in part.measures)).group_by(*keys)
    return read_groups(connection, query, GROUP_LIMIT)


def read_groups(connection: Connection, query: Select[Any], most: int) -> pd.DataFrame:
    """The rows of a query, one for each group. Raises TooManyGroups where there are more than ``most``."""
    frame = pd.read_sql_query(query.limit(most + 1), connection)
    if len(frame) > most:
        raise TooManyGroups(most)
    return frame


# --- Putting together -----------------------------------------------------------------------------


def put_together(
    question: Question,
    indicators: Sequence[Indicator],
    parts: Sequence[Part],
    answers: Sequence[pd.DataFrame],
    kinds: Mapping[str, str],
) -> dict[tuple[str, ...], pd.DataFrame]:
    """The figures by each selection of the question's dimensions, down to the total under ``()``.

    Each is indexed by its dimensions and has for every indicator its value under its code and its counts under
    ``code:n`` and ``code:d``, as ``queries.measure``; no data is NaN. ``kinds``: the kind of each township.
    """
    found: dict[tuple[str, ...], dict[str, pd.Series[float]]] = {margin: {} for margin in _margins(question.by)}
    by_select: dict[Part, list[pd.DataFrame]] = {}
    for part, answer in zip(parts, answers, strict=True):
        frame = answer.copy()
        # A rollup has names of its own for some dimensions.
        own = tuple(dict.fromkeys("township_code" if one == "league" else one for one in part.margin))
        frame = frame.rename(columns=dict(zip(part.by, own, strict=True)))
        if "league" in part.margin:
            frame["league"] = frame["township_code"].map(kinds)
        by_select.setdefault(replace(part, scope=_ANY_SCOPE), []).append(frame)
    for part, frames in by_select.items():
        adds_up = part.periods == "each" if part.rows is None else not is_stock(part.rows)
        targets = _margins(part.margin) if adds_up else [part.margin]
        if part.rows is None:
            columns = [f"{indicator.code}:{letter}" for indicator in part.indicators for letter in "nd"]
        else:
            columns = list(part.measures)
        whole = pd.concat(frames, ignore_index=True)
        for target in targets:
            summed = _summed(whole, target, columns)
            for name in columns:
                found[target][name if part.rows is None else f"{part.rows}/{part.periods}/{name}"] = summed[name]
    return {margin: _figures(question, indicators, margin, columns) for margin, columns in found.items()}


def _summed(frame: pd.DataFrame, by: tuple[str, ...], columns: Sequence[str]) -> pd.DataFrame:
    numbers = frame[list(columns)].astype(float)
    if not by:
        return numbers.sum(min_count=1).to_frame().T
    return numbers.groupby([frame[name] for name in by], sort=False).sum(min_count=1)


def with_values(table: pd.DataFrame, indicators: Sequence[Indicator]) -> pd.DataFrame:
    """The table with each indicator's value under its code, made from its counts; over nothing it is NaN."""
    for indicator in indicators:
        table[indicator.code] = table[f"{indicator.code}:n"] * indicator.scale
        if indicator.is_ratio:
            of = table[f"{indicator.code}:d"]
            table[indicator.code] /= of.where(of > 0)
    return table


def _figures(
    question: Question, indicators: Sequence[Indicator], margin: tuple[str, ...], found: Mapping[str, pd.Series[float]]
) -> pd.DataFrame:
    counts: dict[str, pd.Series[float]] = {}
    for indicator in indicators:
        rows = _rows_of(indicator)
        for place, name in enumerate(_measures(indicator)):
            key = f"{indicator.code}:{'nd'[place]}"
            if key not in found and rows is not None:
                source = rows[place]
                periods = periods_of(indicator, margin) if is_stock(source) else "each"
                counts[key] = found[f"{source}/{periods}/{name}"]
            else:
                counts[key] = found[key]
    table = pd.concat(counts, axis=1)
    for indicator in indicators:
        if not indicator.is_ratio:
            table[f"{indicator.code}:d"] = float("nan")
    table = with_values(table, indicators)
    if len(margin) == 1:
        table.index.name = margin[0]
    shown = [indicator.code for indicator in indicators]
    table = table.dropna(how="all", subset=[column for column in table if str(column).endswith((":n", ":d"))])
    return table.sort_index() if margin else table[[*shown, *(name for name in table if name not in shown)]]
