"""How petitions are counted by month: received, due and closed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

import pandas as pd
from sqlalchemy import (
    Connection,
    DateTime,
    FromClause,
    Insert,
    Integer,
    Select,
    Subquery,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
)

from data_access.areas.petitions.area import CATEGORIES, FALSE_CLOSURE_HOURS, SIGNING_HOURS
from data_access.areas.petitions.closing import is_done, is_open, is_timely_known
from data_access.areas.petitions.tables import (
    petition,
    petition_category_month,
    petition_department_month,
    petition_duration_month,
    petition_hour_month,
    petition_month,
    petition_village_month,
)
from data_access.model.data_state import data_state
from data_access.model.recorded import is_recorded
from data_access.model.rollup import (
    KEPT_STATEMENTS,
    Expression,
    Rollup,
    Shape,
    Shared,
    Slice,
    calendar_of,
    named,
    once,
    one_if,
    sums_into,
)
from data_access.places.tables import township
from data_access.registers import TOWNSHIPS, Replaced
from data_access.scope import month_offset, month_range
from data_access.sql_functions import hour_of, hours_between, month_of, seconds_between, weekday_of, whole

# What is counted of a case, by the moment that says in which month.
RECEIVED_MEASURES = (
    "received",
    "completed",
    "closing_known",
    "repeats",
    "sign_expected",
    "signed_in_time",
    "signing_recorded",
    "deadlines_recorded",
    "closing_recorded",
    "callbacks_recorded",
    "repeats_recorded",
)
DUE_MEASURES = ("due", "closed_on_time", "overdue_open")
CLOSED_MEASURES = (
    "closed",
    "called_back",
    "callbacks_due",
    "resolved_answers",
    "resolved",
    "satisfied_answers",
    "satisfied",
    "false_closed",
    "reopenable",
    "handling_hours",
)


CLOSING = petition.alias("closing")
# People are called back days after: cases closed of late have not been yet, those of the year before have.
CALLED_BACK_LATER: Mapping[str, Expression] = {"called_back": null().cast(Integer)}


def signing_due(as_of: datetime) -> datetime:
    """Until when a case must have come for its signing to be expected by the as-of moment."""
    return as_of - timedelta(hours=SIGNING_HOURS)


def case_measures(
    signing_due: datetime | Expression,
    closings: Expression,
    seen: Callable[[Expression], Expression] = lambda time: time,
) -> dict[str, Expression]:
    """What each case adds to the measures of petitions; ``closings`` limits where cases closed wrongly are looked for.

    ``signing_due`` is the moment that :func:`signing_due` tells of the as-of moment.

    ``closings`` is a condition on the alias :data:`CLOSING` of the cases. ``handling_hours`` are seconds: the sum of
    whole numbers is the same in whatever order the rows come. ``seen`` turns a moment into what was known of it then.
    A case of which a source tells nothing adds nothing: null, or 0 where others tell how many there are.
    """
    c = petition.c
    signed_at, closed_at = seen(c.signed_at), seen(c.closed_at)
    has_signing, has_callbacks = is_recorded(petition, "signed_at"), is_recorded(petition, "called_back")
    has_repeats, has_closing = is_recorded(petition, "repeat_of"), is_recorded(petition, "closed_at")
    sign_expected = or_(
        signed_at.is_not(None),
        and_(
            seen(c.replied_at).is_(None),
            closed_at.is_(None),
            c.received_at <= signing_due,
        ),
    )
    signed_in_time = and_(signed_at.is_not(None), hours_between(c.received_at, signed_at) <= SIGNING_HOURS)
    closing, again = CLOSING, petition.alias("again")
    # A list rather than a condition on each case, which would cost a cluster a question for each.
    raised_again = tuple_(c.township_code, c.case_no).in_(
        select(closing.c.township_code, closing.c.case_no)
        .join(again, and_(again.c.township_code == closing.c.township_code, again.c.repeat_of == closing.c.case_no))
        .where(
            closings,
            again.c.invalid_reason.is_(None),
            seen(again.c.received_at).is_not(None),
            # A bare comparison of the times would tempt SQLite to the index by time instead of by repeat_of.
            hours_between(closing.c.closed_at, again.c.received_at) >= 0,
            hours_between(closing.c.closed_at, again.c.received_at) <= FALSE_CLOSURE_HOURS,
        )
    )
    asked = c.called_back.is_(True)
    return {
        "received": literal(1),
        "completed": one_if(is_done(closed_at)),
        "closing_known": one_if(or_(is_done(closed_at), is_open(closed_at))),
        "repeats": one_if(c.repeat_of.is_not(None)),
        "sign_expected": one_if(and_(has_signing, sign_expected)),
        "signed_in_time": one_if(signed_in_time),
        "signing_recorded": one_if(has_signing),
        "deadlines_recorded": one_if(and_(is_recorded(petition, "due_at"), has_closing)),
        "closing_recorded": one_if(has_closing),
        "callbacks_recorded": one_if(has_callbacks),
        "repeats_recorded": one_if(has_repeats),
        "due": one_if(is_timely_known(closed_at)),
        "closed_on_time": one_if(closed_at <= c.due_at),
        "overdue_open": case((is_open(closed_at), 1), (is_done(closed_at), 0)),
        "closed": literal(1),
        "called_back": one_if(asked),
        "callbacks_due": one_if(has_callbacks),
        "reopenable": one_if(has_repeats),
        "resolved_answers": one_if(and_(asked, c.resolved.is_not(None))),
        "resolved": one_if(and_(asked, c.resolved.is_(True))),
        "satisfied_answers": one_if(and_(asked, c.satisfied.is_not(None))),
        "satisfied": one_if(and_(asked, c.satisfied.is_(True))),
        "false_closed": one_if(and_(has_repeats, raised_again)),
        "handling_hours": seconds_between(c.received_at, closed_at),
    }


def _cases(shape: Shape) -> Select[Any]:
    """One narrow row for each valid case of a slice: its dimensions, its three months, and its measures."""
    c = petition.c
    expected = bindparam("signing_due", type_=DateTime())
    measures = case_measures(expected, shape.rows(CLOSING.c.township_code, CLOSING.c.closed_at), shape.seen)
    if shape.is_to_date:
        measures |= CALLED_BACK_LATER
    times = (c.received_at, c.due_at, c.closed_at)
    query = select(
        c.township_code,
        *(named(c[name]).label(name) for name in (*CATEGORIES, "department", "village_code")),
        weekday_of(c.received_at).label("weekday"),
        hour_of(c.received_at).label("hour"),
        *(month_of(shape.seen(time)).label(time.name) for time in times),
        one_if(shape.is_past(c.due_at)).label("is_due"),
        *(measure.label(name) for name, measure in measures.items()),
    ).where(c.invalid_reason.is_(None), or_(*(shape.rows(c.township_code, time) for time in times)))
    return query.where(shape.is_past(c.received_at)) if shape.is_to_date else query


def _given(part: Slice) -> dict[str, Any]:
    """The values of the parameters of :func:`_cases`."""
    return {**part.given, "signing_due": signing_due(part.as_of)}


def _petition_parts(shape: Shape, cases: FromClause, dimensions: Sequence[str]) -> tuple[Select[Any], ...]:
    """Measures by the month received, due and closed, by township and further dimensions."""
    keys = ("township_code", *dimensions)
    same = [cases.c[name] for name in (*keys, "received_at", "due_at", "closed_at", "is_due")]
    sums: dict[str, Expression] = {
        name: func.sum(cases.c[name]) for name in (*RECEIVED_MEASURES, *DUE_MEASURES, *CLOSED_MEASURES)
    }
    sums["handling_hours"] /= 3600.0
    # The cases that agree in all three months are counted once, and then added up by each of these.
    alike = once(
        select(*same, *(total.label(name) for name, total in sums.items())).group_by(*same),
        "alike",
    )

    def by_month(name: str, measures: Sequence[str]) -> Select[Any]:
        month = alike.c[name]
        return select(
            *(alike.c[key] for key in keys),
            month.label("month"),
            *(alike.c[measure] for measure in measures),
        ).where(shape.holds(month))

    return (
        by_month("received_at", RECEIVED_MEASURES),
        by_month("due_at", DUE_MEASURES).where(alike.c.is_due == 1),
        by_month("closed_at", CLOSED_MEASURES),
    )


def contributions(connection: Connection, cases: Collection[tuple[str, str]], month: str) -> pd.DataFrame:
    """What these cases (township code and number) add to a month's measures of petitions.

    Columns: township_code, channel, category_1 to category_3, and every measure of ``petition_month`` that counts
    cases; whole rows, 0 where a case counts for something else.
    """
    as_of = connection.scalar(select(data_state.c.as_of).where(data_state.c.area == "petitions"))
    keys = ("township_code", *CATEGORIES)
    if as_of is None or not cases:
        return pd.DataFrame(columns=[*keys, *RECEIVED_MEASURES, *DUE_MEASURES, *CLOSED_MEASURES, "resident_cases"])
    part = Slice(None, {township_code for township_code, _ in cases}, month, month, as_of)
    chosen = _cases(part.shape).where(tuple_(petition.c.township_code, petition.c.case_no).in_(sorted(cases)))
    rows = [
        pd.read_sql_query(select(found), connection, params=_given(part))
        for found in (query.subquery() for query in _petition_parts(part.shape, once(chosen, "cases"), CATEGORIES))
    ]
    together = pd.concat(rows).drop(columns="month")
    # Where the residents are not known, they are not known without these cases either.
    together["resident_cases"] = together["received"]
    return together.groupby(list(keys), as_index=False).sum()


_TABLES = (
    petition_month,
    petition_category_month,
    petition_department_month,
    petition_village_month,
    petition_hour_month,
    petition_duration_month,
)


@dataclass(frozen=True)
class _Counting:
    """The statements that count a slice: those of its cases, and then those of what these add up to."""

    cases: Shared
    of_cases: tuple[Insert, ...]
    of_sums: tuple[Insert, ...]


@cache
def _counting(dialect: str, shape: Shape) -> _Counting:
    shared = Shared(dialect, _cases(shape), "cases")
    cases = shared.rows

    def counted(month: Expression, measure: str, **dimensions: Expression) -> Select[Any]:
        return (
            select(
                cases.c.township_code,
                month.label("month"),
                *(key.label(name) for name, key in dimensions.items()),
                func.sum(cases.c[measure]).label(measure),
            )
            .where(shape.holds(month))
            .group_by(cases.c.township_code, month, *dimensions.values())
        )

    elapsed = whole(cases.c.handling_hours / 7200.0)
    # A year and more share the last step, so that one forgotten case cannot swell the table.
    steps = case((elapsed > 4380, 4380), else_=elapsed)
    of_cases: Mapping[Table, Sequence[Select[Any]]] = {
        petition_department_month: _petition_parts(shape, cases, (*CATEGORIES, "department")),
        petition_village_month: _petition_parts(shape, cases, ("village_code",)),
        petition_hour_month: [counted(cases.c.received_at, "received", weekday=cases.c.weekday, hour=cases.c.hour)],
        petition_duration_month: [counted(cases.c.closed_at, "closed", two_hours=steps)],
    }

    def counted_before(table: Table) -> list[Expression]:
        # A condition that holds for every month would tempt SQLite to the index by month, and to sort.
        months = [shape.holds(table.c.month)] if shape.is_of_months else []
        return [shape.rows(table.c.township_code), *months]

    finest, by_category = shape.into(petition_department_month), shape.into(petition_category_month)
    past = Replaced(TOWNSHIPS, by_category.c.month)
    residents = func.max(func.nullif(past.value("residents"), 0))
    county = (
        select(
            by_category.c.township_code,
            by_category.c.month,
            *(func.sum(measure).label(measure.name) for measure in by_category.c if not measure.primary_key),
            case((residents.is_not(None), func.sum(by_category.c.received))).label("resident_cases"),
            residents.label("residents"),
        )
        .join(township, township.c.code == by_category.c.township_code)
        .outerjoin(past.rows, past.is_of_row)
        .where(*counted_before(by_category))
        .group_by(by_category.c.township_code, by_category.c.month)
    )
    return _Counting(
        shared,
        tuple(sums_into(shape.into(rollup), *parts) for rollup, parts in of_cases.items()),
        (
            sums_into(by_category, select(finest).where(*counted_before(finest))),
            sums_into(shape.into(petition_month), county),
        ),
    )


def _build(connection: Connection, part: Slice) -> None:
    part.clear(connection, *_TABLES)
    counting, given = _counting(connection.dialect.name, part.shape), _given(part)
    with counting.cases.made(connection, given):
        for statement in counting.of_cases:
            connection.execute(statement, given)
    for statement in counting.of_sums:
        connection.execute(statement, given)
    _insert_residents(connection, part)


@cache
def _first_case(shape: Shape) -> Subquery:
    c = petition_month.c
    return (
        select(c.township_code, func.min(c.month).label("month"))
        .where(shape.rows(c.township_code), c.received.is_not(None))
        .group_by(c.township_code)
        .subquery("first_case")
    )


@lru_cache(maxsize=KEPT_STATEMENTS)
def _counting_residents(shape: Shape, count: int) -> Insert:
    first_case, months = _first_case(shape), calendar_of(count)
    m, there = months.c, shape.into(petition_month).alias("there")
    past = Replaced(TOWNSHIPS, m.month)
    residents = func.nullif(past.value("residents"), 0)
    empty = (
        select(first_case.c.township_code, m.month, residents.label("residents"))
        # A first case within the month may have come after the moment; if it had not, the month is there already.
        .join(months, m.month > first_case.c.month if shape.is_to_date else m.month >= first_case.c.month)
        .join(township, township.c.code == first_case.c.township_code)
        .outerjoin(past.rows, past.is_of_row)
        .outerjoin(there, and_(there.c.township_code == first_case.c.township_code, there.c.month == m.month))
        .where(there.c.month.is_(None), residents.is_not(None))
    )
    return sums_into(shape.into(petition_month), empty)


def _insert_residents(connection: Connection, part: Slice) -> None:
    """The residents of months without a case: from its first case on, a township's people are among the county's."""
    c, shape = petition_month.c, part.shape
    if not part.is_to_date:
        without_case = and_(c.received.is_(None), c.due.is_(None), c.closed.is_(None))
        connection.execute(delete(petition_month).where(shape.rows(c.township_code), without_case), part.given)
    first = connection.scalar(select(func.min(_first_case(shape).c.month)), part.given)
    if first is None:
        return
    last = f"{part.as_of:%Y-%m}"
    count = part.count_months(month_range(max(first, last) if part.is_to_date else first, last))
    if count:
        connection.execute(_counting_residents(shape, count), part.given)


def _reach(start: str, end: str, _now: datetime) -> tuple[str, str]:
    # A repeat makes a closing of the week before false; a day passes before signing is late.
    return month_offset(start, -1), end


ROLLUP = Rollup(
    _TABLES,
    (petition.c.received_at, petition.c.signed_at, petition.c.replied_at, petition.c.closed_at),
    _build,
    reach=_reach,
)
