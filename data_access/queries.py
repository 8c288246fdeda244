"""Questions to the database. Indicators come from rollups; only short lists read facts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from math import exp
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Select,
    Table,
    and_,
    case,
    func,
    select,
    true,
    union,
    union_all,
)

from data_access.access import Viewer, among
from data_access.areas import VOLUMES
from data_access.areas.petitions.tables import petition_month
from data_access.areas.reports.definition import Definition, definitions_in
from data_access.areas.reports.tables import indicator_report
from data_access.decisions.tables import decision, decision_event, decision_verdict
from data_access.evaluation.tables import evaluation_exclusion, evaluation_freeze, evaluation_item
from data_access.exploring.tables import saved_view
from data_access.indicators import INDICATORS, QUESTION_INDICATORS
from data_access.model.batches import import_batch
from data_access.model.data_state import as_of_dates, data_state
from data_access.model.indicator import Indicator
from data_access.model.measured import HIDDEN
from data_access.model.tables import to_date
from data_access.model.target import NO_TARGETS, Targets
from data_access.notes.kept import Note, notes
from data_access.places.tables import township
from data_access.rollups import COMPARED_MONTHS
from data_access.schema import ROLLUPS, metadata
from data_access.scope import Scope, finished_month, is_finished, month_offset, month_range
from data_access.settings.changing import VERSION
from data_access.settings.kept import kept_settings, kept_targets, leagues
from data_access.small_counts import WHOLE, in_fives, is_in_fives, open_townships

# The frames here have tens of rows: texts as Python objects are handled twice as fast as Arrow's arrays.
pd.options.mode.string_storage = "python"

# Tables that can answer for a source, the smallest first.
_FAMILIES = {
    source: [
        table
        for table in sorted(ROLLUPS, key=lambda table: len(table.info["dimensions"]))
        if table.name == source or table.name.startswith(source.removesuffix("_month") + "_")
    ]
    for source in {indicator.source for indicator in INDICATORS.values()}
}


@dataclass(frozen=True)
class County:
    """What the frame needs to know: the county's name, its townships, months and as-of dates.

    ``townships`` has one row a township in code order: code, name, kind, residents, tile_row, tile_column; the kind is the
    league it is compared in, of which those in ``own_leagues`` are the county's own. ``months`` are all ``YYYY-MM`` from the first with data to the last, ``reported_months`` those with data.
    """

    name: str
    is_sample: bool
    townships: pd.DataFrame
    months: tuple[str, ...]
    as_of: dict[str, datetime]
    reported: dict[str, Indicator]
    reported_months: frozenset[str] = frozenset()
    own_leagues: frozenset[str] = frozenset()
    targets: Targets = NO_TARGETS
    # What else the county has set, see data_access.settings
    settings: Mapping[str, str] = field(default_factory=dict)
    # How the figures reported by hand are asked for, by their codes
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    # In the order of their beginnings
    notes: tuple[Note, ...] = ()

    @cached_property
    def names(self) -> dict[str, str]:
        """Township names by code."""
        return dict(zip(self.townships["code"], self.townships["name"], strict=True))

    @cached_property
    def kind_of(self) -> dict[str, str]:
        """The kind, or the county's own league, of each township, by code."""
        return dict(zip(self.townships["code"], self.townships["kind"], strict=True))

    @cached_property
    def kinds(self) -> dict[str, tuple[str, ...]]:
        """Township codes by kind (街道, 镇, …) or the county's own league, both in the order of the codes."""
        kinds: dict[str, tuple[str, ...]] = {}
        for kind, code in zip(self.townships["kind"], self.townships["code"], strict=True):
            kinds[str(kind)] = (*kinds.get(str(kind), ()), code)
        return kinds

    def unfinished(self, area: str, month: str) -> int | None:
        """The day that an area's data reach in a month which they leave unfinished; None in any other month."""
        as_of = self.as_of.get(area)
        if as_of is None or f"{as_of:%Y-%m}" != month or is_finished(month, as_of):
            return None
        return as_of.day

    @cached_property
    def finished_month(self) -> str:
        """The last month that is finished in every area which usually reports; the last one with data if none is.

        An area reports usually if its data reach into one of the three last months: one that was given up years ago
        holds nobody back.
        """
        newest = f"{max(self.as_of.values()):%Y-%m}" if self.as_of else self.months[-1]
        usual = [as_of for as_of in self.as_of.values() if f"{as_of:%Y-%m}" >= month_offset(newest, -2)]
        last = min(map(finished_month, usual), default=self.months[-1])
        return last if last in (self.reported_months or self.months) else self.months[-1]

    @cached_property
    def usual_months(self) -> tuple[str, str]:
        """What is asked about where nothing is said of time: from January of the year (or the first month with data) to
        the last month that is finished.
        """
        last = self.finished_month
        return max(f"{last[:4]}-01", self.months[0]), last

    def indicator(self, code: str) -> Indicator:
        """The indicator of that code as it is declared, or reported by hand: its target is the views'. Raises KeyError."""
        return INDICATORS.get(code) or QUESTION_INDICATORS.get(code) or self.reported[code]


def county(engine: Engine, viewer: Viewer) -> County:
    """The county as far as a viewer may see it; empty tables give no townships and no months."""
    with engine.connect() as connection:
        settings, targets, of_dates = kept_settings(connection), kept_targets(connection), notes(connection, viewer)
        townships = pd.read_sql_query(
            select(
                township.c.code,
                township.c.name,
                township.c.kind,
                township.c.residents,
                township.c.tile_row,
                township.c.tile_column,
            )
            .where(among(township.c.code, viewer.within(None)))
            .order_by(township.c.code),
            connection,
        )
        main = [table for table in ROLLUPS if table.info["dimensions"] == ("township_code", "month")]
        # Months that are there for a township's people only, say nothing of it.
        with_data = [
            select(table.c.month).where(table.c.received.is_not(None) if table is petition_month else true()).distinct()
            for table in (*main, indicator_report)
        ]
        reported_months = set(connection.scalars(union(*with_data)))
        as_of = {area: moment for area, moment in as_of_dates(connection).items() if viewer.sees(area)}
        definitions = definitions_in(connection)
    own = {code: league for code, league in leagues(settings).items() if code in set(townships["code"])}
    townships["kind"] = [own.get(code, kind) for code, kind in zip(townships["code"], townships["kind"], strict=True)]
    months = month_range(min(reported_months), max(reported_months)) if reported_months else ()
    return County(
        settings.get("county_name", ""),
        settings.get("sample") == "1",
        townships,
        months,
        as_of,
        {code: one.indicator for code, one in definitions.items()},
        frozenset(reported_months),
        frozenset(own.values()),
        targets,
        settings,
        definitions,
        of_dates,
    )


def declared_by_hand(connection: Connection) -> dict[str, Indicator]:
    """The indicators that townships report by hand, by code."""
    return {code: one.indicator for code, one in definitions_in(connection).items()}


def data_version(engine: Engine) -> str:
    """A text that changes whenever anything was written."""
    with engine.connect() as connection:
        # Townships and villages have no area of their own: their batches, and the undoing of these, tell.
        batches, undone = connection.execute(select(func.count(), func.count(import_batch.c.undone_at))).one()
        rows = connection.execute(select(data_state.c.area, data_state.c.version).order_by(data_state.c.area))
        entered = [
            count
            for table in (evaluation_item, evaluation_exclusion)
            for count in connection.execute(select(func.count(), func.count(table.c.withdrawn_at))).one()
        ]
        frozen = connection.scalar(select(func.count()).select_from(evaluation_freeze))
        views = connection.execute(
            select(
                func.count(),
                func.count(saved_view.c.removed_at),
                func.coalesce(func.sum(func.length(saved_view.c.place)), 0),
            )
        ).one()
        entered += views
        settings = kept_settings(connection).get(VERSION, "0")
        d = decision.c
        decided = connection.execute(
            select(func.count(), func.coalesce(func.sum(d.version), 0)).select_from(decision)
        ).one()
        said = [connection.scalar(select(func.count()).select_from(one)) for one in (decision_event, decision_verdict)]
        parts = [
            "decisions:" + "-".join(map(str, [*decided, *said])),
            f"batches:{batches}-{undone}",
            f"settings:{settings}",
            "evaluation:" + "-".join(map(str, [*entered, frozen])),
        ]
        return ",".join([*parts, *(f"{area}:{version}" for area, version in rows)])


# --- Indicators -----------------------------------------------------------------------------------


def _connected(source: Engine | Connection) -> AbstractContextManager[Connection]:
    """A connection of the engine, which ends with the context, or the one that is there."""
    return nullcontext(source) if isinstance(source, Connection) else source.connect()


def measure(
    source: Engine | Connection, indicators: Sequence[Indicator], scope: Scope, by: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Indicators over a scope, one row for each combination of the dimensions in ``by`` that has data.

    Columns: the dimensions (``township_code``, ``month``, ``category_1``, ``cause`` …), and for every
    indicator its value under its code, and its counts under ``code:n`` and ``code:d`` (numerator and
    denominator; the latter NaN for plain counts), and under ``code:k`` how many rows have what it needs (NaN where
    that is not counted; 0: no source has it). No data is NaN, never 0. Of cases that the viewer may not see, fine counts
    come in fives, groups without any have no row, and fine ratios are NaN with ``code:k`` HIDDEN
    (:mod:`data_access.small_counts`). A scope that lies ``behind`` is counted
    as far as is fair to compare (:func:`_comparable`), and NaN where nothing is. Raises ValueError when no rollup has
    the dimensions asked for, NotAllowed where they tell of cases that the viewer may not see. One SELECT a rollup table. On a connection, what its transaction has written counts.
    """
    with _connected(source) as connection:
        frames = [
            (_counted_in_fives if is_fine else _counted)(connection, table, group, scope, by)
            for (table, is_fine), group in _asked_of(indicators, scope, by).items()
        ]
    counts = frames[0] if len(frames) == 1 else pd.concat(frames, axis=1)
    counts = _alike_where_hidden(counts, [one for one in indicators if is_in_fives(one, scope, by)], scope, by)
    columns: dict[str, pd.Series[float]] = {}
    for indicator in indicators:
        numerator = columns[f"{indicator.code}:n"] = counts[f"{indicator.code}:n"].astype(float)
        value = numerator * indicator.scale
        if indicator.is_ratio:
            denominator = columns[f"{indicator.code}:d"] = counts[f"{indicator.code}:d"].astype(float)
            value = value / denominator.where(denominator > 0)
        else:
            columns[f"{indicator.code}:d"] = numerator * float("nan")
        if indicator.known_by or f"{indicator.code}:k" in counts:
            columns[f"{indicator.code}:k"] = (
                counts[f"{indicator.code}:k"].astype(float)
                if f"{indicator.code}:k" in counts
                else numerator * float("nan")
            )
        columns[indicator.code] = value
    table = pd.DataFrame(columns, index=counts.index)
    return table.reset_index().sort_values(list(by), ignore_index=True) if by else table


def _asked_of(
    indicators: Sequence[Indicator], scope: Scope, by: tuple[str, ...]
) -> dict[tuple[Table, bool], list[Indicator]]:
    """The rollups that the indicators are asked of, and whether in fives."""
    needed = {*by, *(dimension for dimension, _ in scope.where)}
    asked: dict[tuple[Table, bool], list[Indicator]] = {}
    for indicator in indicators:
        table = rollup_for(indicator, needed)
        if table is None:
            raise ValueError(f"{indicator.code} has no rollup by {', '.join(sorted(needed))}")
        asked.setdefault((table, is_in_fives(indicator, scope, by)), []).append(indicator)
    return asked


def _counted(
    connection: Connection, rollup: Table, indicators: Sequence[Indicator], scope: Scope, by: tuple[str, ...]
) -> pd.DataFrame:
    """The counts of indicators by their groups."""
    counted: FromClause = rollup
    is_whole = True
    if scope.behind:
        counted, is_whole = _comparable(connection, rollup, indicators[0], scope, by)
    frame = pd.read_sql_query(_select_measures(counted, indicators, scope, by), connection)
    if not is_whole:
        # What stands at the period's end can be compared, what adds up over it cannot.
        adds_up = tuple(f"{one.code}:" for one in indicators if one.over_months == "sum")
        for name in frame.columns[frame.columns.str.startswith(adds_up)]:
            frame[name] = float("nan")
    return frame.set_index(list(by)) if by else frame


def _counted_in_fives(
    connection: Connection, rollup: Table, indicators: Sequence[Indicator], scope: Scope, by: tuple[str, ...]
) -> pd.DataFrame:
    """The same for who may not see all the cases: counts in fives, ratios of townships whose cases they may see alone."""
    told = [one for one in indicators if not one.is_ratio]
    ratios = [one for one in indicators if one.is_ratio]
    area = indicators[0].data_area
    of_cases = open_townships(scope, area)
    is_whole = True
    as_of = as_of_dates(connection).get(area)
    last, cut = scope.comparable(as_of) if as_of else (scope.end, None)
    if cut is not None:
        # A month counted up to a day has an order of its own, and two orders would tell more than one.
        scope, is_whole = replace(scope, end=month_offset(last, -1)), "month" in by
    frame = pd.DataFrame(index=pd.Index([], name=by[0]) if len(by) == 1 else None)
    if told:
        counted, is_all = _comparable(connection, rollup, told[0], scope, by) if scope.behind else (rollup, True)
        is_whole = is_whole and is_all
        townships = connection.scalars(select(township.c.code)).all()
        dimensions = {*by, *(dimension for dimension, _ in scope.where)} - WHOLE
        fives = in_fives(counted, rollup.name, dimensions, {one.numerator for one in told}, scope, townships)
        frame = pd.read_sql_query(_select_measures(fives, told, scope, by), connection)
        frame = (frame.set_index(list(by)) if by else frame).astype(float)
    if WHOLE.issuperset(by):
        # Whether there is a row must not tell few cases from none: there is one where anything is reported.
        exact = measure(connection, indicators, replace(scope, where=()), by)
        exact = exact.set_index(list(by)) if by else exact
        frame = frame.reindex(exact.index).fillna(0).where(exact[list(frame.columns)].notna())
    elif told:
        frame = frame.where((frame != 0).to_numpy() | _of_open_townships(frame.index, of_cases)[:, None])
        frame = frame.dropna(how="all")
    if not is_whole:
        frame = frame * float("nan")
    if ratios and of_cases and "township_code" in by:
        open_ratios = _counted(connection, rollup, ratios, replace(scope, townships=of_cases), by)
        frame = pd.concat([frame, open_ratios], axis=1) if told or WHOLE.issuperset(by) else open_ratios
    letters = {True: "ndk", False: "n"}
    return frame.reindex(columns=[f"{one.code}:{letter}" for one in indicators for letter in letters[one.is_ratio]])


def _of_open_townships(groups: pd.Index[Any], of_cases: Collection[str] | None) -> NDArray[np.bool_]:
    """Which groups are of townships whose cases the viewer may see."""
    if "township_code" not in groups.names:
        return np.zeros(len(groups), dtype=bool)
    return np.asarray(groups.get_level_values("township_code").isin(list(of_cases or ())))


def _alike_where_hidden(
    counts: pd.DataFrame, indicators: Sequence[Indicator], scope: Scope, by: tuple[str, ...]
) -> pd.DataFrame:
    """The table with what is in fives said in one way, whatever else has a row: no fives are 0, ratios are hidden."""
    for indicator in indicators:
        hidden = ~_of_open_townships(counts.index, open_townships(scope, indicator.data_area))
        if indicator.is_ratio:
            counts.loc[hidden, f"{indicator.code}:k"] = HIDDEN
        elif not WHOLE.issuperset(by):
            name = f"{indicator.code}:n"
            counts.loc[hidden, name] = counts.loc[hidden, name].fillna(0)
    return counts


def rollup_for(indicator: Indicator, dimensions: Collection[str]) -> Table | None:
    """The smallest table that has an indicator's measures by these dimensions; None without any."""
    needed = {"township_code", "month", *dimensions}
    if indicator.source == indicator_report.name and needed == {"township_code", "month"}:
        return indicator_report
    measures = {indicator.numerator, indicator.denominator or indicator.numerator}
    for table in _FAMILIES.get(indicator.source, ()):
        if needed <= set(table.info["dimensions"]) and measures <= set(table.c.keys()):
            return table
    return None


def _comparable(
    connection: Connection, rollup: Table, indicator: Indicator, scope: Scope, by: tuple[str, ...]
) -> tuple[FromClause, bool]:
    """The rows of a rollup that an earlier scope is counted from, and whether they are all that it is compared by.

    They end where the area's data end in the present scope: the last month is then the one kept up to the same moment.
    They are not all where that is not kept, or where the earlier scope begins before the data do; months that stand
    alone are as they are.
    """
    as_of = as_of_dates(connection).get(indicator.data_area)
    if as_of is None:
        return rollup, True
    last, cut = scope.comparable(as_of)
    rows = select(rollup).where(rollup.c.month >= scope.start)
    kept = to_date([rollup]) if scope.behind in COMPARED_MONTHS else []
    is_kept = cut is None or bool(kept)
    found = rows.where(rollup.c.month <= last if cut is None else rollup.c.month < last)
    if cut is not None:
        found = union_all(found, *(select(table).where(table.c.month == last) for table in kept))  # type: ignore[assignment]  # a union of selects is one too
    if "month" in by:
        return found.subquery(rollup.name), True
    first = connection.scalar(select(func.min(metadata.tables[indicator.source].c.month)))
    return found.subquery(rollup.name), is_kept and first is not None and first <= scope.start


def _select_measures(
    table: FromClause, indicators: Sequence[Indicator], scope: Scope, by: tuple[str, ...]
) -> Select[Any]:
    month = table.c.month
    columns: list[ColumnElement[Any]] = []
    for indicator in indicators:
        names = {"n": indicator.numerator, "d": indicator.denominator, "k": indicator.known_by}
        for letter, name in names.items():
            if name is None or name not in table.c:
                continue
            value: ColumnElement[Any] = table.c[name]
            if table.name == indicator_report.name:  # type: ignore[attr-defined]  # a table, or a subquery named so
                value = case((_is_reported(table, indicator), value))
            if "month" not in by:
                if indicator.over_months == "last":
                    value = case((month == scope.end, value))
                elif name == "residents":
                    value = case((month == _latest_month(table, scope), value))
            columns.append(func.sum(value).label(f"{indicator.code}:{letter}"))
    keys = [table.c[name] for name in by]
    query = select(*keys, *columns).where(month >= scope.start, month <= scope.end)
    codes = scope.within(indicators[0].data_area)
    if codes is not None:
        query = query.where(among(table.c.township_code, codes))
    return query.where(*_has_values(table, scope)).group_by(*keys)


def _is_reported(table: FromClause, indicator: Indicator) -> ColumnElement[bool]:
    """Whether a row reported by hand counts for an indicator: of a share, only where both numbers are there."""
    is_its = table.c.code == indicator.code
    return and_(is_its, table.c.denominator.is_not(None)) if indicator.is_ratio else is_its


def _has_values(table: FromClause, scope: Scope) -> list[ColumnElement[bool]]:
    """What keeps the rows of a table, or of an alias of it, that have the values a scope is narrowed to."""
    return [
        table.c[dimension].in_(wanted) if isinstance(wanted, tuple) else table.c[dimension] == wanted
        for dimension, wanted in scope.where
    ]


def _latest_month(table: FromClause, scope: Scope) -> ColumnElement[str]:
    """A township's latest month in the scope for which its people are known: they do not add up over months."""
    same = table.alias("same")
    return (
        select(func.max(same.c.month))
        .where(
            same.c.township_code == table.c.township_code,
            same.c.month.between(scope.start, scope.end),
            same.c.residents.is_not(None),
            *_has_values(same, scope),
        )
        .scalar_subquery()
    )


# A month in which nothing happened is an omission only where chance would leave one such month in a hundred.
_CHANCE_OF_NONE = 0.01


def missing_months(engine: Engine | Connection, scope: Scope, areas: Collection[str] = tuple(VOLUMES)) -> pd.DataFrame:
    """Finished months of the scope that a township left out while it reported others: township_code, area, month.

    ``areas``: those looked at. A month counts if some township reported it. Of things that happen, a township with few of them may have had none.
    """
    with _connected(engine) as connection:
        reached = {area: finished_month(as_of) for area, as_of in as_of_dates(connection).items()}
    everyone = Scope(scope.viewer, None, scope.start, scope.end)
    found = []
    for area, volume in ((area, volume) for area, volume in VOLUMES.items() if area in areas):
        table = measure(engine, [INDICATORS[volume]], everyone, ("township_code", "month"))
        table = table[table["month"] <= reached.get(area, "")]
        by_place = table.set_index(["township_code", "month"])[volume]
        wide = by_place.unstack().dropna(axis="columns", how="all")  # noqa: PD010  # a third of what a pivot table takes
        wide = wide.dropna(how="all")
        if area != "projects":
            wide = wide[wide.mean(axis="columns").map(lambda usual: exp(-usual) < _CHANCE_OF_NONE)]
        places, months = wide.isna().to_numpy().nonzero()
        found += [(code, area, month) for code, month in zip(wide.index[places], wide.columns[months], strict=True)]
    return pd.DataFrame(found, columns=["township_code", "area", "month"])


def unreported(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Townships that reported nothing in the scope's last month, by area: township_code, area.

    Only areas that some township reported in that month count: an area nobody has loaded yet is not
    a township's omission.
    """
    with engine.connect() as connection:
        codes = list(
            connection.scalars(
                select(township.c.code).where(among(township.c.code, scope.within())).order_by(township.c.code)
            )
        )
    everyone = Scope(scope.viewer, None, scope.end, scope.end)
    table = measure(engine, [INDICATORS[code] for code in VOLUMES.values()], everyone, ("township_code",))
    table = table.set_index("township_code")
    missing = []
    for area, code in VOLUMES.items():
        if not table[code].notna().any():
            continue
        values = table[code].reindex(codes)
        missing += [(township_code, area) for township_code in values.index[values.isna()]]
    return pd.DataFrame(missing, columns=["township_code", "area"])
