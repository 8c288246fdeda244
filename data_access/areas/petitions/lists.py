"""Cases: the list, how many, how old the open ones are, which are overdue, how long they took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Engine,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    true,
)

from data_access.access import Viewer
from data_access.areas.petitions.closing import is_done, is_open, is_open_unless_closed, is_timely_known
from data_access.areas.petitions.facts import FACTS
from data_access.areas.petitions.tables import (
    petition,
    petition_category_month,
    petition_department_month,
    petition_month,
    petition_village_month,
)
from data_access.indicators import INDICATORS
from data_access.model.data_state import as_of_dates
from data_access.model.facts import Order, read_page, span_of_moment
from data_access.model.narrowing import in_scope, is_named, visible
from data_access.queries import measure
from data_access.scope import Scope, month_end, month_start
from data_access.small_counts import require_cases
from data_access.sql_functions import hour_of, hours_between, weekday_of


def duration_quantiles(engine: Engine, scope: Scope, shares: Sequence[float]) -> tuple[pd.Series[int], list[float]]:
    """Closed cases by elapsed time, and the quantiles of it.

    Returns the counts indexed by whole steps of two hours, and for each share (0.5: the median) the
    elapsed days within which that share of cases was closed, to two hours; NaN when nothing closed. Raises NotAllowed to
    who may not see all the cases.
    """
    require_cases(scope, "petitions")
    frame = measure(engine, [INDICATORS["closed"]], scope, ("two_hours",))
    counts = frame.set_index("two_hours")["closed"].astype(int)
    reached = counts.cumsum()
    total = counts.sum()
    quantiles = []
    for share in shares:
        steps = reached.index[reached >= share * total]
        quantiles.append((float(steps[0]) + 1) / 12 if total else float("nan"))
    return counts, quantiles


@dataclass(frozen=True)
class CaseFilter:
    """Further filters of the case list. ``state``: all, open, pending, overdue, late, closed or dissatisfied.

    A case belongs to the months of the scope by the date that the indicator behind the state counts by:
    late (not closed by its due date) by the due date, dissatisfied by the date closed, all and closed by
    the date received. Open, pending (open, and due later) and overdue mean: at the data's as-of date, whenever received.
    """

    state: str = "all"
    village_code: str | None = None
    weekday: int | None = None
    hour: int | None = None
    text: str = ""


def petition_cases(
    engine: Engine,
    scope: Scope,
    chosen: CaseFilter = CaseFilter(),
    *,
    order: Order = "time",
    after: tuple[Any, ...] | None = None,
    limit: int = 100,
) -> pd.DataFrame:
    """Valid cases of the scope's months (see CaseFilter), in that order.

    Columns: as a page of these rows has them (:meth:`~data_access.model.facts.FactRows.page`). ``after`` is where the last
    row seen stood, for the next page.
    """
    c, scope = petition.c, scope.of_cases()
    with engine.connect() as connection:
        as_of = as_of_dates(connection).get("petitions")
        if as_of is None:
            return pd.DataFrame()
        rows = FACTS["cases_received"](span_of_moment(as_of))
        by_time = (c.received_at, c.case_no, c.township_code)
        by = by_time if order == "time" or rows.urgency is None else (rows.urgency, *by_time)
        page = rows.page(by, after, limit, is_descending=True)
        page = page.where(*_case_conditions(scope, chosen, as_of))
        return read_page(connection, page, scope.viewer)


# The cases of a state are those that one measure counts and another does not.
_STATE_MEASURES = {
    "all": ("received", None),
    "closed": ("completed", None),
    "late": ("due", "closed_on_time"),
    "dissatisfied": ("satisfied_answers", "satisfied"),
}


def petition_case_count(engine: Engine, scope: Scope, chosen: CaseFilter = CaseFilter()) -> int:
    """Number of cases that :func:`petition_cases` would list; from rollups where these can tell."""
    scope = scope.of_cases()
    is_by_case = bool(chosen.text) or chosen.weekday is not None or chosen.hour is not None
    # No rollup has departments.
    is_by_case = is_by_case or scope.viewer.departments is not None
    needs_both = chosen.village_code is not None and bool(scope.where)
    with engine.connect() as connection:
        if chosen.state in _STATE_MEASURES and not is_by_case and not needs_both:
            return int(connection.scalar(_measured_case_count(scope, chosen)) or 0)
        as_of = as_of_dates(connection).get("petitions", datetime.max)
        # By township first, as in the other counts: that much each worker of a cluster does by itself.
        by_township = (
            select(func.count().label("cases"))
            .where(*_case_conditions(scope, chosen, as_of))
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
        in_scope(table, scope),
        *(is_named(table.c[dimension], value) for dimension, value in scope.where),
    )


def _overdue(as_of: datetime) -> ColumnElement[bool]:
    """Whether a case is due by the as-of second and known to be open; true or false, never null."""
    c = petition.c
    # What the index of the open cases asks for stands by itself.
    return and_(c.closed_at.is_(None), c.due_at.is_not(None), c.due_at <= as_of, is_open(c.closed_at))


def _case_conditions(scope: Scope, chosen: CaseFilter, as_of: datetime) -> list[ColumnElement[bool]]:
    c, overdue = petition.c, _overdue(as_of)
    conditions = [
        in_scope(petition, scope),
        c.invalid_reason.is_(None),
        *(is_named(c[dimension], value) for dimension, value in scope.where),
    ]
    counted_by = {"open": None, "pending": None, "overdue": None, "late": c.due_at, "dissatisfied": c.closed_at}
    time = counted_by.get(chosen.state, c.received_at)
    if time is not None:
        conditions += [time >= month_start(scope.start), time < month_end(scope.end)]
    match chosen.state:
        case "open":
            conditions.append(is_open(c.closed_at))
        case "pending":
            conditions += [c.closed_at.is_(None), c.due_at > as_of, is_open(c.closed_at)]
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


def open_case_ages(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Cases open at the as-of date by age, whenever received: age (days, upper bound), open, overdue.

    Ages: up to 3, 7, 15, 30, 60 days and over (age: infinity). Raises NotAllowed to who may not see all the cases.
    """
    require_cases(scope, "petitions")
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
                in_scope(petition, scope),
                c.closed_at.is_(None),
                c.invalid_reason.is_(None),
                *(is_named(c[dimension], value) for dimension, value in scope.where),
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
    """Cases overdue and open at the as-of date, whenever due: township_code, overdue, longest_days.

    Narrowed to some of a township's cases only for who may see them all; else raises NotAllowed.
    """
    if scope.where:
        require_cases(scope, "petitions")
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
                in_scope(petition, scope),
                c.invalid_reason.is_(None),
                _overdue(as_of),
                *(is_named(c[dimension], value) for dimension, value in scope.where),
            )
            .group_by(c.township_code)
            .order_by(func.count().desc(), c.township_code)
        )
        return pd.read_sql_query(query, connection)


def departments(engine: Engine, viewer: Viewer) -> tuple[str, ...]:
    """The departments that cases have which the viewer may see."""
    c = petition_department_month.c
    named = select(c.department).where(visible(petition_department_month, viewer), c.department != "")
    with engine.connect() as connection:
        return tuple(connection.scalars(named.distinct().order_by(c.department)))
