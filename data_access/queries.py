"""Questions to the database. Indicators come from rollups; only short lists read facts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import exp
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Select,
    Table,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union,
    union_all,
)

from data_access.access import Viewer, among
from data_access.areas import VOLUMES
from data_access.areas.grid.register import GRID
from data_access.areas.projects.area import BEHIND_POINTS
from data_access.indicators import INDICATORS, QUESTION_INDICATORS, reported
from data_access.model.indicator import Indicator
from data_access.recorded import is_done, is_open, is_open_unless_closed, is_timely_known
from data_access.rollups import COMPARED_MONTHS, as_of_dates
from data_access.schema import (
    ROLLUPS,
    TO_DATE,
    camera,
    camera_outage,
    county_setting,
    data_state,
    evaluation_exclusion,
    evaluation_freeze,
    evaluation_item,
    grid,
    grid_event,
    import_batch,
    indicator_report,
    metadata,
    petition,
    petition_category_month,
    petition_month,
    petition_village_month,
    project,
    project_report,
    reported_indicator,
    saved_view,
    township,
    village,
    volunteer_activity,
    volunteer_team,
)
from data_access.scope import Scope, finished_month, is_finished, month_end, month_offset, month_range, month_start
from data_access.sql_functions import hour_of, hours_between, weekday_of

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

    ``townships`` has one row a township in code order: code, name, kind, residents, tile_row,
    tile_column. ``months`` are all ``YYYY-MM`` from the first with data to the last, ``reported_months`` those with data.
    """

    name: str
    is_sample: bool
    townships: pd.DataFrame
    months: tuple[str, ...]
    as_of: dict[str, datetime]
    reported: dict[str, Indicator]
    reported_months: frozenset[str] = frozenset()

    @cached_property
    def names(self) -> dict[str, str]:
        """Township names by code."""
        return dict(zip(self.townships["code"], self.townships["name"], strict=True))

    @cached_property
    def kind_of(self) -> dict[str, str]:
        """The kind of each township, by code."""
        return dict(zip(self.townships["code"], self.townships["kind"], strict=True))

    @cached_property
    def kinds(self) -> dict[str, tuple[str, ...]]:
        """Township codes by kind (街道, 镇, …), both in the order of the codes."""
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

    def indicator(self, code: str) -> Indicator:
        """The indicator of that code, declared or reported by hand. Raises KeyError."""
        return INDICATORS.get(code) or QUESTION_INDICATORS.get(code) or self.reported[code]


def county(engine: Engine, viewer: Viewer) -> County:
    """The county as far as a viewer may see it; empty tables give no townships and no months."""
    with engine.connect() as connection:
        settings = dict(connection.execute(select(county_setting.c.name, county_setting.c.value)).all())
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
        declared = {
            row.code: reported(row.code, row.area, row.name_zh, row.name_en, row.unit, row.over_months)
            for row in connection.execute(select(reported_indicator))
        }
    months = month_range(min(reported_months), max(reported_months)) if reported_months else ()
    return County(
        settings.get("county_name", ""),
        settings.get("sample") == "1",
        townships,
        months,
        as_of,
        declared,
        frozenset(reported_months),
    )


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
        parts = [f"batches:{batches}-{undone}", "evaluation:" + "-".join(map(str, [*entered, frozen]))]
        return ",".join([*parts, *(f"{area}:{version}" for area, version in rows)])


# --- Indicators -----------------------------------------------------------------------------------


def measure(
    source: Engine | Connection, indicators: Sequence[Indicator], scope: Scope, by: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Indicators over a scope, one row for each combination of the dimensions in ``by`` that has data.

    Columns: the dimensions (``township_code``, ``month``, ``category_1``, ``cause`` …), and for every
    indicator its value under its code, and its counts under ``code:n`` and ``code:d`` (numerator and
    denominator; the latter NaN for plain counts), and under ``code:k`` how many rows have what it needs (NaN where
    that is not counted; 0: no source has it). No data is NaN, never 0. A scope that lies ``behind`` is counted
    as far as is fair to compare (:func:`_comparable`), and NaN where nothing is. Raises ValueError when no rollup has
    the dimensions asked for. One SELECT a rollup table. On a connection, what its transaction has written counts.
    """
    frames: list[pd.DataFrame] = []
    tables: dict[Table, list[Indicator]] = {}
    for indicator in indicators:
        tables.setdefault(_table_for(indicator, scope, by), []).append(indicator)
    with nullcontext(source) if isinstance(source, Connection) else source.connect() as connection:
        for rollup, group in tables.items():
            counted: FromClause = rollup
            is_whole = True
            if scope.behind:
                counted, is_whole = _comparable(connection, rollup, group[0], scope, by)
            frame = pd.read_sql_query(_select_measures(counted, group, scope, by), connection)
            if not is_whole:
                # What stands at the period's end can be compared, what adds up over it cannot.
                adds_up = tuple(f"{one.code}:" for one in group if one.over_months == "sum")
                for name in frame.columns[frame.columns.str.startswith(adds_up)]:
                    frame[name] = float("nan")
            frames.append(frame.set_index(list(by)) if by else frame)
    counts = frames[0] if len(frames) == 1 else pd.concat(frames, axis=1)
    columns: dict[str, pd.Series[float]] = {}
    for indicator in indicators:
        numerator = columns[f"{indicator.code}:n"] = counts[f"{indicator.code}:n"].astype(float)
        value = numerator * indicator.scale
        if indicator.is_ratio:
            denominator = columns[f"{indicator.code}:d"] = counts[f"{indicator.code}:d"].astype(float)
            value = value / denominator.where(denominator > 0)
        else:
            columns[f"{indicator.code}:d"] = numerator * float("nan")
        if indicator.known_by:
            columns[f"{indicator.code}:k"] = (
                counts[f"{indicator.code}:k"].astype(float)
                if f"{indicator.code}:k" in counts
                else numerator * float("nan")
            )
        columns[indicator.code] = value
    table = pd.DataFrame(columns, index=counts.index)
    return table.reset_index().sort_values(list(by), ignore_index=True) if by else table


def _table_for(indicator: Indicator, scope: Scope, by: tuple[str, ...]) -> Table:
    needed = {*by, *(dimension for dimension, _ in scope.where)}
    table = rollup_for(indicator, needed)
    if table is None:
        raise ValueError(f"{indicator.code} has no rollup by {', '.join(sorted(needed))}")
    return table


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
    is_kept = cut is None or (scope.behind in COMPARED_MONTHS and rollup in TO_DATE)
    found = rows.where(rollup.c.month <= last if cut is None else rollup.c.month < last)
    if cut is not None and is_kept:
        to_date = TO_DATE[rollup]
        found = union_all(found, select(to_date).where(to_date.c.month == last))  # type: ignore[assignment]
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
                value = case((table.c.code == indicator.code, value))
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


def _has_values(table: FromClause, scope: Scope) -> list[ColumnElement[bool]]:
    """What keeps the rows of a table, or of an alias of it, that have the values a scope is narrowed to."""
    return [
        table.c[dimension].in_(wanted) if isinstance(wanted, tuple) else table.c[dimension] == wanted
        for dimension, wanted in scope.where
    ]


def _latest_month(table: FromClause, scope: Scope) -> ColumnElement[str]:
    """A township's latest month with data in the scope: people do not add up over months."""
    same = table.alias("same")
    return (
        select(func.max(same.c.month))
        .where(
            same.c.township_code == table.c.township_code,
            same.c.month.between(scope.start, scope.end),
            *_has_values(same, scope),
        )
        .scalar_subquery()
    )


# A month in which nothing happened is an omission only where chance would leave one such month in a hundred.
_CHANCE_OF_NONE = 0.01


def missing_months(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Finished months of the scope that a township left out while it reported others: township_code, area, month.

    A month counts if some township reported it. Of things that happen, a township with few of them may have had none.
    """
    with engine.connect() as connection:
        reached = {area: finished_month(as_of) for area, as_of in as_of_dates(connection).items()}
    everyone = Scope(scope.viewer, None, scope.start, scope.end)
    found = []
    for area, code in VOLUMES.items():
        table = measure(engine, [INDICATORS[code]], everyone, ("township_code", "month"))
        table = table[table["month"] <= reached.get(area, "")]
        wide = table.pivot_table(index="township_code", columns="month", values=code, aggfunc="first")
        for township_code, months in wide.iterrows():
            if area != "projects" and not exp(-months.mean()) < _CHANCE_OF_NONE:
                continue
            if months.notna().any():
                found += [(township_code, area, month) for month in months.index[months.isna()]]
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


def duration_quantiles(engine: Engine, scope: Scope, shares: Sequence[float]) -> tuple[pd.Series[int], list[float]]:
    """Closed cases by elapsed time, and the quantiles of it.

    Returns the counts indexed by whole steps of two hours, and for each share (0.5: the median) the
    elapsed days within which that share of cases was closed, to two hours; NaN when nothing closed.
    """
    frame = measure(engine, [INDICATORS["closed"]], scope, ("two_hours",))
    counts = frame.set_index("two_hours")["closed"].astype(int)
    reached = counts.cumsum()
    total = counts.sum()
    quantiles = []
    for share in shares:
        steps = reached.index[reached >= share * total]
        quantiles.append((float(steps[0]) + 1) / 12 if total else float("nan"))
    return counts, quantiles


# --- Lists ----------------------------------------------------------------------------------------


# Villages belong to no area.
_AREA_OF_TABLE = {
    **dict.fromkeys((petition, petition_month, petition_category_month, petition_village_month), "petitions"),
    **dict.fromkeys((camera, camera_outage), "cameras"),
    **dict.fromkeys((volunteer_team, volunteer_activity), "volunteers"),
    **dict.fromkeys((project, project_report), "projects"),
    **dict.fromkeys((grid, grid_event), "grid"),
    indicator_report: "reports",
}


def _in_scope(table: Table, scope: Scope) -> ColumnElement[bool]:
    return among(table.c.township_code, scope.within(_AREA_OF_TABLE.get(table)))


def _is_named(name: ColumnElement[Any], value: str | tuple[str, ...]) -> ColumnElement[bool]:
    """Whether a dimension has the value, or one of several; the empty one stands for none.

    Unlike coalesce() it can go to a worker.
    """
    if isinstance(value, tuple):
        return or_(*(_is_named(name, one) for one in value)) if "" in value else name.in_(value)
    return name == value if value else or_(name.is_(None), name == "")


@dataclass(frozen=True)
class CaseFilter:
    """Further filters of the case list. ``state``: all, open, overdue, late, closed or dissatisfied.

    A case belongs to the months of the scope by the date that the indicator behind the state counts by:
    late (not closed by its due date) by the due date, dissatisfied by the date closed, all and closed by
    the date received. Open and overdue mean: at the data's as-of date, whenever received.
    """

    state: str = "all"
    village_code: str | None = None
    weekday: int | None = None
    hour: int | None = None
    text: str = ""


_CASE_COLUMNS = (
    "case_no",
    "township_code",
    "channel",
    "category_1",
    "category_2",
    "category_3",
    "title",
    "petitioner",
    "received_at",
    "due_at",
    "closed_at",
    "department",
    "status",
    "satisfied",
)


def petition_cases(
    engine: Engine,
    scope: Scope,
    chosen: CaseFilter = CaseFilter(),
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> pd.DataFrame:
    """Valid cases of the scope's months (see CaseFilter), the latest received first.

    Columns: case_no, township_code, village (name), channel, category_1 to 3, title, petitioner (masked),
    received_at, due_at, closed_at, department, status, satisfied, is_overdue. ``after`` is the
    (received_at, case_no) of the last row seen, for the next page.
    """
    c = petition.c
    with engine.connect() as connection:
        as_of = as_of_dates(connection).get("petitions", datetime.max)
        overdue = _overdue(as_of)
        query = (
            select(*(c[name] for name in _CASE_COLUMNS), village.c.name.label("village"), overdue.label("is_overdue"))
            .outerjoin(village, village.c.code == c.village_code)
            .where(*_case_conditions(scope, chosen, overdue))
            .order_by(c.received_at.desc(), c.case_no.desc())
            .limit(limit)
        )
        if after is not None:
            received_at, case_no = after
            query = query.where(
                or_(c.received_at < received_at, and_(c.received_at == received_at, c.case_no < case_no))
            )
        frame = pd.read_sql_query(query, connection)
    frame["petitioner"] = frame["petitioner"].map(masked, na_action="ignore") if scope.viewer.sees_persons else None
    return frame


# The cases of a state are those that one measure counts and another does not.
_STATE_MEASURES = {
    "all": ("received", None),
    "closed": ("completed", None),
    "late": ("due", "closed_on_time"),
    "dissatisfied": ("satisfied_answers", "satisfied"),
}


def petition_case_count(engine: Engine, scope: Scope, chosen: CaseFilter = CaseFilter()) -> int:
    """Number of cases that :func:`petition_cases` would list; from rollups where these can tell."""
    is_by_case = bool(chosen.text) or chosen.weekday is not None or chosen.hour is not None
    needs_both = chosen.village_code is not None and bool(scope.where)
    with engine.connect() as connection:
        if chosen.state in _STATE_MEASURES and not is_by_case and not needs_both:
            return int(connection.scalar(_measured_case_count(scope, chosen)) or 0)
        as_of = as_of_dates(connection).get("petitions", datetime.max)
        # By township first, as in the other counts: that much each worker of a cluster does by itself.
        by_township = (
            select(func.count().label("cases"))
            .where(*_case_conditions(scope, chosen, _overdue(as_of)))
            .group_by(petition.c.township_code)
            .subquery()
        )
        return int(connection.scalar(select(func.sum(by_township.c.cases))) or 0)


def _measured_case_count(scope: Scope, chosen: CaseFilter) -> Select[Any]:
    if chosen.village_code is not None:
        scope = scope.narrowed(("village_code", chosen.village_code))
        table = petition_village_month
    else:
        table = petition_category_month if scope.where else petition_month
    counted, not_counted = _STATE_MEASURES[chosen.state]
    count: ColumnElement[Any] = func.sum(table.c[counted])
    if not_counted is not None:
        count = count - func.sum(table.c[not_counted])
    return select(count).where(
        table.c.month >= scope.start,
        table.c.month <= scope.end,
        _in_scope(table, scope),
        *(_is_named(table.c[dimension], value) for dimension, value in scope.where),
    )


def _overdue(as_of: datetime) -> ColumnElement[bool]:
    """Whether a case is due by the as-of second and known to be open; true or false, never null."""
    c = petition.c
    # What the index of the open cases asks for stands by itself.
    return and_(c.closed_at.is_(None), c.due_at.is_not(None), c.due_at <= as_of, is_open(c.closed_at))


def _case_conditions(scope: Scope, chosen: CaseFilter, overdue: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    c = petition.c
    conditions = [
        _in_scope(petition, scope),
        c.invalid_reason.is_(None),
        *(_is_named(c[dimension], value) for dimension, value in scope.where),
    ]
    counted_by = {"open": None, "overdue": None, "late": c.due_at, "dissatisfied": c.closed_at}
    time = counted_by.get(chosen.state, c.received_at)
    if time is not None:
        conditions += [time >= month_start(scope.start), time < month_end(scope.end)]
    match chosen.state:
        case "open":
            conditions.append(is_open(c.closed_at))
        case "overdue":
            conditions.append(overdue)
        case "late":
            conditions += [is_timely_known(c.closed_at), or_(overdue, c.closed_at > c.due_at)]
        case "closed":
            conditions.append(is_done(c.closed_at))
        case "dissatisfied":
            conditions += [c.called_back == true(), c.satisfied == false()]
        case _:
            pass
    if chosen.village_code is not None:
        conditions.append(c.village_code == chosen.village_code)
    if chosen.weekday is not None:
        conditions.append(weekday_of(c.received_at) == chosen.weekday)
    if chosen.hour is not None:
        conditions.append(hour_of(c.received_at) == chosen.hour)
    if chosen.text:
        conditions.append(or_(c.case_no == chosen.text, c.title.contains(chosen.text, autoescape=True)))
    return conditions


def masked(name: str) -> str:
    """A person's name with everything but its first character hidden (王**)."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else name


def open_case_ages(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Cases open at the as-of date by age, whenever received: age (days, upper bound), open, overdue.

    Ages: up to 3, 7, 15, 30, 60 days and over (age: infinity).
    """
    c = petition.c
    bounds = (3, 7, 15, 30, 60)
    with engine.connect() as connection:
        as_of = as_of_dates(connection).get("petitions")
        if as_of is None:
            return pd.DataFrame({"age": [], "open": [], "overdue": []})
        age = case(*((c.received_at >= as_of - timedelta(days=days), days) for days in bounds))
        # Whether they are open is asked of the few groups by status and recorded, not of each of many cases; and in the
        # sums: databases would move a condition on the groups to the cases.
        groups = (
            select(
                c.status,
                c.recorded,
                age.label("age"),
                func.count().label("open"),
                # Not _overdue: it asks again whether a case is closed, for which each would be looked up in the table.
                func.sum(case((c.due_at <= as_of, 1), else_=0)).label("overdue"),
            )
            .where(
                _in_scope(petition, scope),
                c.closed_at.is_(None),
                c.invalid_reason.is_(None),
                *(_is_named(c[dimension], value) for dimension, value in scope.where),
            )
            .group_by(c.township_code, c.status, c.recorded, age)
            .subquery()
        )
        is_open_group = is_open_unless_closed(groups.c)
        totals = (func.sum(case((is_open_group, groups.c[name]))).label(name) for name in ("open", "overdue"))
        query = select(groups.c.age, *totals).group_by(groups.c.age)
        found = pd.read_sql_query(query, connection, dtype={"age": float})
    ages = found.fillna({"age": float("inf")}).set_index("age").reindex([*map(float, bounds), float("inf")])
    return ages.fillna(0).astype(int).reset_index()


def overdue_by_township(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Cases overdue and open at the as-of date, whenever due: township_code, overdue, longest_days."""
    c = petition.c
    with engine.connect() as connection:
        as_of = as_of_dates(connection).get("petitions")
        if as_of is None:
            return pd.DataFrame({"township_code": [], "overdue": [], "longest_days": []})
        query = (
            select(
                c.township_code,
                func.count().label("overdue"),
                (hours_between(func.min(c.due_at), literal(as_of)) / 24).label("longest_days"),
            )
            .where(
                _in_scope(petition, scope),
                c.invalid_reason.is_(None),
                _overdue(as_of),
                *(_is_named(c[dimension], value) for dimension, value in scope.where),
            )
            .group_by(c.township_code)
            .order_by(func.count().desc(), c.township_code)
        )
        return pd.read_sql_query(query, connection)


def cameras_offline(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Cameras down at the as-of date, the longest first: camera_id, township_code, village, place, kind,
    started_at, hours (down so far), cause.
    """
    c, o = camera.c, camera_outage.c
    with engine.connect() as connection:
        as_of = as_of_dates(connection).get("cameras")
        query = (
            select(
                c.camera_id,
                c.township_code,
                village.c.name.label("village"),
                c.place,
                c.kind,
                o.started_at,
                hours_between(o.started_at, literal(as_of or datetime.max)).label("hours"),
                o.cause,
            )
            .join(camera_outage, and_(o.township_code == c.township_code, o.camera_id == c.camera_id))
            .outerjoin(village, village.c.code == c.village_code)
            .where(
                _in_scope(camera, scope),
                o.ended_at.is_(None),
                or_(c.removed_on.is_(None), c.removed_on > (as_of or datetime.max).date()),
            )
            .order_by(o.started_at, c.camera_id)
        )
        return pd.read_sql_query(query, connection, parse_dates=["started_at"])


def villages_without_camera(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Villages where no camera works at the as-of date: township_code, village, cameras (installed)."""
    c, o = camera.c, camera_outage.c
    with engine.connect() as connection:
        today = as_of_dates(connection).get("cameras", datetime.max).date()
        by_village = (
            select(
                c.village_code,
                func.count(c.camera_id.distinct()).label("cameras"),
                func.count(case((o.camera_id.is_(None), c.camera_id)).distinct()).label("working"),
            )
            .outerjoin(
                camera_outage,
                and_(o.township_code == c.township_code, o.camera_id == c.camera_id, o.ended_at.is_(None)),
            )
            .where(
                _in_scope(camera, scope),
                c.installed_on <= today,
                or_(c.removed_on.is_(None), c.removed_on > today),
            )
            .group_by(c.township_code, c.village_code)
            .subquery()
        )
        watched = (
            select(c.township_code).where(_in_scope(camera, scope), c.installed_on <= today).group_by(c.township_code)
        )
        query = (
            select(
                village.c.township_code,
                village.c.name.label("village"),
                func.coalesce(by_village.c.cameras, 0).label("cameras"),
            )
            .outerjoin(by_village, by_village.c.village_code == village.c.code)
            .where(
                _in_scope(village, scope),
                village.c.township_code.in_(watched),
                func.coalesce(by_village.c.working, 0) == 0,
            )
            .order_by(village.c.code)
        )
        return pd.read_sql_query(query, connection)


def quiet_teams(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Teams without an activity in the scope's last month, the longest quiet first.

    Columns: team_id, township_code, village, name, kind, members, last_held_on (missing: never).
    """
    t, a = volunteer_team.c, volunteer_activity.c
    last_day = month_end(scope.end) - timedelta(days=1)
    with engine.connect() as connection:
        last_held = (
            select(a.township_code, a.team_id, func.max(a.held_on).label("last_held_on"))
            .where(_in_scope(volunteer_activity, scope), a.held_on <= last_day.date())
            .group_by(a.township_code, a.team_id)
            .subquery()
        )
        query = (
            select(
                t.team_id,
                t.township_code,
                village.c.name.label("village"),
                t.name,
                t.kind,
                t.members,
                last_held.c.last_held_on,
            )
            .outerjoin(
                last_held,
                and_(last_held.c.township_code == t.township_code, last_held.c.team_id == t.team_id),
            )
            .outerjoin(village, village.c.code == t.village_code)
            .where(
                _in_scope(volunteer_team, scope),
                t.founded_on <= last_day.date(),
                or_(t.dissolved_on.is_(None), t.dissolved_on > last_day.date()),
                or_(last_held.c.last_held_on.is_(None), last_held.c.last_held_on < month_start(scope.end).date()),
            )
            .order_by(last_held.c.last_held_on.is_not(None), last_held.c.last_held_on, t.team_id)
        )
        return pd.read_sql_query(query, connection, parse_dates=["last_held_on"])


# How far back the list of idle grids looks
_IDLE_MONTHS = 12


def grid_activity(engine: Engine, scope: Scope) -> pd.DataFrame:
    """The grids (not micro-grids) in use at the scope's end with what they reported, by township and code.

    Columns: township_code, grid_code, name, village_code, village, workers, events (in the scope's months), last_reported_at
    (within the year up to the scope's end), idle_months: months without an event up to the scope's end, at most 12. An
    event of a micro-grid is one of the grid around it.
    """
    g, e = grid.c, grid_event.c
    last_day = (month_end(scope.end) - timedelta(days=1)).date()
    earliest = min(scope.start, scope.at_end().last_months(_IDLE_MONTHS).start)
    in_scope = and_(e.reported_at >= month_start(scope.start), e.reported_at < month_end(scope.end))
    with engine.connect() as connection:
        reported_by = (
            select(
                e.township_code,
                e.grid_code,
                func.sum(case((in_scope, 1), else_=0)).label("events"),
                func.max(e.reported_at).label("last_reported_at"),
            )
            .where(
                _in_scope(grid_event, scope),
                e.reported_at >= month_start(earliest),
                e.reported_at < month_end(scope.end),
            )
            .group_by(e.township_code, e.grid_code)
            .subquery()
        )
        own = grid.alias("own")
        around = func.coalesce(own.c.parent_code, reported_by.c.grid_code)
        of_grid = (
            select(
                reported_by.c.township_code,
                around.label("grid_code"),
                func.sum(reported_by.c.events).label("events"),
                func.max(reported_by.c.last_reported_at).label("last_reported_at"),
            )
            .outerjoin(
                own,
                and_(own.c.township_code == reported_by.c.township_code, own.c.grid_code == reported_by.c.grid_code),
            )
            .group_by(reported_by.c.township_code, around)
            .subquery()
        )
        query = (
            select(
                g.township_code,
                g.grid_code,
                g.name,
                g.village_code,
                village.c.name.label("village"),
                g.workers,
                g.opened_on,
                of_grid.c.events,
                of_grid.c.last_reported_at,
            )
            .outerjoin(of_grid, and_(of_grid.c.township_code == g.township_code, of_grid.c.grid_code == g.grid_code))
            .outerjoin(village, village.c.code == g.village_code)
            .where(
                _in_scope(grid, scope),
                g.kind == GRID,
                or_(g.opened_on.is_(None), g.opened_on <= last_day),
                or_(g.closed_on.is_(None), g.closed_on > last_day),
            )
            .order_by(g.township_code, g.grid_code)
        )
        frame = pd.read_sql_query(query, connection, parse_dates=["opened_on", "last_reported_at"])
    frame["events"] = frame["events"].fillna(0).astype(int)
    end = month_start(scope.end)

    def months_before_end(times: pd.Series[Any]) -> pd.Series[Any]:
        gone: pd.Series[Any] = (end.year - times.dt.year) * 12 + end.month - times.dt.month
        return gone

    # Without an event: since it was opened, that month included.
    since_opened = (months_before_end(frame["opened_on"]) + 1).fillna(_IDLE_MONTHS)
    idle = months_before_end(frame["last_reported_at"]).fillna(since_opened)
    frame["idle_months"] = idle.clip(0, _IDLE_MONTHS).astype(int)
    return frame.drop(columns="opened_on")


def at_least_reports(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Where a figure reported by hand is only a lower bound (“多个”, “余人”): code, township_code."""
    t = indicator_report.c
    with engine.connect() as connection:
        query = (
            select(t.code, t.township_code)
            .where(
                _in_scope(indicator_report, scope), t.month >= scope.start, t.month <= scope.end, t.at_least == true()
            )
            .distinct()
            .order_by(t.code, t.township_code)
        )
        return pd.read_sql_query(query, connection)


def projects(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Projects known by the scope's end, with their report of its last month, the furthest behind first.

    Columns: project_id, township_code, village, name, kind, department, budget_yuan, planned_start,
    planned_end, actual_start, actual_end, note, stage, progress, invested_yuan, delay_reason (the last
    four missing where the month was not reported), planned (percent of the planned time gone), gap
    (progress − planned, points), is_completed (by the scope's end) and is_behind (as the indicator 滞后项目
    counts; False where the month was not reported).
    """
    p, r = project.c, project_report.c
    last_day = month_end(scope.end) - timedelta(days=1)
    reported_once = (
        select(r.township_code, r.project_id)
        .where(_in_scope(project_report, scope), r.month <= scope.end)
        .group_by(r.township_code, r.project_id)
        .subquery()
    )
    dates = ["planned_start", "planned_end", "actual_start", "actual_end"]
    with engine.connect() as connection:
        query = (
            select(
                p.project_id,
                p.township_code,
                village.c.name.label("village"),
                p.name,
                p.kind,
                p.department,
                p.budget_yuan,
                *(p[name] for name in dates),
                p.note,
                r.stage,
                r.progress,
                r.invested_yuan,
                r.delay_reason,
            )
            .outerjoin(
                project_report,
                and_(
                    r.township_code == p.township_code,
                    r.project_id == p.project_id,
                    r.month == scope.end,
                ),
            )
            .outerjoin(village, village.c.code == p.village_code)
            .outerjoin(
                reported_once,
                and_(
                    reported_once.c.township_code == p.township_code,
                    reported_once.c.project_id == p.project_id,
                ),
            )
            .where(
                _in_scope(project, scope),
                or_(reported_once.c.project_id.is_not(None), p.planned_start <= last_day.date()),
            )
            .order_by(p.township_code, p.project_id)
        )
        for dimension, value in scope.where:
            column = {"kind": p.kind, "stage": r.stage}[dimension]
            query = query.where(_is_named(column, value))
        frame = pd.read_sql_query(query, connection, parse_dates=dates)
    gone = (last_day - frame["planned_start"]) / (frame["planned_end"] - frame["planned_start"])
    # A project planned for one day, on that day, has none of its time behind it.
    frame["planned"] = (100 * gone.fillna(0)).clip(0, 100).astype(float)
    frame["gap"] = frame["progress"].astype(float) - frame["planned"]
    frame["is_completed"] = frame["actual_end"] <= last_day
    is_late = (frame["gap"] < BEHIND_POINTS) | (frame["planned_end"] < last_day)
    frame["is_behind"] = frame["progress"].notna() & ~frame["is_completed"] & is_late
    return frame.sort_values("gap", ignore_index=True, kind="stable")


def villages(engine: Engine, scope: Scope) -> pd.DataFrame:
    """The villages of the scope's townships: code, township_code, village (name), by code."""
    with engine.connect() as connection:
        query = select(village.c.code, village.c.township_code, village.c.name.label("village"))
        return pd.read_sql_query(query.where(_in_scope(village, scope)).order_by(village.c.code), connection)


def village_names(engine: Engine, viewer: Viewer, codes: tuple[str, ...]) -> dict[str, str]:
    """Village names by code, for the codes that exist and the viewer may see."""
    with engine.connect() as connection:
        query = select(village.c.code, village.c.name)
        query = query.where(village.c.code.in_(codes), among(village.c.township_code, viewer.within(None)))
        return dict(connection.execute(query).all())
