"""Keeps the monthly rollups true: DELETE the months touched, INSERT … SELECT them anew.

Call :func:`refresh` in the transaction that wrote the facts. A measure is NULL where its source has no
row (a township that reported nothing), and 0 only where something was reported and nothing counted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Float,
    FromClause,
    Integer,
    Select,
    String,
    Table,
    and_,
    case,
    column,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
    update,
    values,
)
from sqlalchemy.schema import DropTable

from data_access.areas import BEHIND_POINTS, FALSE_CLOSURE_HOURS, SIGNING_HOURS
from data_access.recorded import is_done, is_open, is_recorded, is_timely_known
from data_access.registers import GRIDS, NEVER, TEAMS, TOWNSHIPS, Replaced, known_since
from data_access.schema import (
    TO_DATE,
    camera,
    camera_month,
    camera_outage,
    camera_outage_month,
    data_state,
    grid,
    grid_event,
    grid_kind_month,
    grid_month,
    indicator_report,
    petition,
    petition_category_month,
    petition_duration_month,
    petition_hour_month,
    petition_month,
    petition_village_month,
    project,
    project_month,
    project_report,
    township,
    village,
    volunteer_activity,
    volunteer_kind_month,
    volunteer_month,
    volunteer_team,
)
from data_access.scope import is_finished, month_end, month_offset, month_range, month_start, same_moment
from data_access.sql_functions import hour_of, hours_between, month_of, seconds_between, weekday_of, whole

Expression = ColumnElement[Any]

# A case is signed for in time within a day; a closed one raised again within a week was not closed.
GRID, MICRO_GRID = "网格", "微网格"
GRID_TEAM = "网格志愿队"
HAZARD, DISPUTE = "安全隐患", "矛盾纠纷"

_TIME_COLUMNS: Mapping[str, tuple[Expression, ...]] = {
    "petitions": (petition.c.received_at, petition.c.signed_at, petition.c.replied_at, petition.c.closed_at),
    "cameras": (camera_outage.c.started_at, camera_outage.c.ended_at),
    "volunteers": (volunteer_activity.c.held_on,),
    "projects": (project_report.c.month,),
    "grid": (grid_event.c.reported_at, grid_event.c.closed_at),
    "reports": (indicator_report.c.month,),
}
_REGISTER_DATES: Mapping[str, tuple[Expression, ...]] = {
    "cameras": (camera.c.installed_on, camera.c.removed_on),
    "volunteers": (volunteer_team.c.founded_on, volunteer_team.c.dissolved_on),
    "projects": (project.c.actual_start, project.c.actual_end),
    "grid": (grid.c.opened_on, grid.c.closed_on),
}
_FIRST_EVENT: Mapping[str, Expression] = {
    "cameras": month_of(camera_outage.c.started_at),
    "volunteers": month_of(volunteer_activity.c.held_on),
    "projects": project_report.c.month,
    "grid": month_of(grid_event.c.reported_at),
}


def as_of_dates(connection: Connection) -> dict[str, datetime]:
    """Until when each area's data reach, by area."""
    return dict(connection.execute(select(data_state.c.area, data_state.c.as_of)).all())


def refresh(
    connection: Connection,
    area: str,
    *,
    townships: Collection[str] | None = None,
    start: str | None = None,
    end: str | None = None,
    as_of: datetime | None = None,
    registers_since: str | None = None,
) -> None:
    """Recompute an area's rollups for some townships (default: all) and months start to end (default: all).

    The months must span every date of the rows written, as they were and as they are; what else these
    change is found here. ``as_of`` says until when the data reach, where the loader knows; otherwise it is the latest time in
    the facts. It never moves back. When it moves, what depends on it is recomputed for every township.
    ``registers_since`` is the first month for which the sizes in the area's register hold, where the loader knows;
    otherwise it is the last month that was finished when the register was first there.
    """
    state = connection.execute(select(data_state).where(data_state.c.area == area)).one_or_none()
    before = state.as_of if state else None
    happened = _latest(connection, _TIME_COLUMNS[area])
    # Where nothing has happened yet that was recorded, a register reaches as far as its latest date.
    is_register_alone = happened is None and as_of is None
    if is_register_alone:
        happened = _latest(connection, _REGISTER_DATES.get(area, ()))
    known = [moment for moment in (before, as_of, happened) if moment is not None]
    if not known:
        return
    now = max(known)
    if before is None or start is None or end is None:
        start, end, townships = "0001-01", "9999-12", None
    elif now > before:
        start, end, townships = min(start, f"{before:%Y-%m}"), max(end, f"{now:%Y-%m}"), None
    declared = state.registers_since if state else None
    since = registers_since
    if not is_register_alone:
        since = known_since(connection, area, now, registers_since or declared)
    if since != declared:
        start, end, townships = "0001-01", "9999-12", None
    if start > "0001-01":
        start, end = _reach(area, start, end, now)
    counted_since = f"{now:%Y-%m}" if is_register_alone else since or NEVER
    _BUILDERS[area](connection, _Slice(area, townships, start, end, now, counted_since))
    _count_to_date(connection, area, now, counted_since)
    if before is None:
        connection.execute(insert(data_state).values(area=area, as_of=now, version=1, registers_since=since))
    else:
        connection.execute(
            update(data_state)
            .where(data_state.c.area == area)
            .values(as_of=now, version=data_state.c.version + 1, registers_since=since)
        )


# How many months before an unfinished one those lie that it is compared with
COMPARED_MONTHS = (1, 12)


def _count_to_date(connection: Connection, area: str, now: datetime, registers_since: str) -> None:
    """Count the months that the area's unfinished one is compared with, up to the same moment; none if it is finished."""
    month = f"{now:%Y-%m}"
    to_date = [table for rollup, table in TO_DATE.items() if rollup.name.startswith(area.removesuffix("s") + "_")]
    for table in to_date:
        connection.execute(delete(table))
    if not to_date or is_finished(month, now):
        return
    for behind in COMPARED_MONTHS:
        compared = month_offset(month, -behind)
        part = _Slice(area, None, compared, compared, same_moment(now, behind), registers_since, is_to_date=True)
        _BUILDERS[area](connection, part)


def _reach(area: str, start: str, end: str, now: datetime) -> tuple[str, str]:
    """The months whose measures can change where facts with dates in these months did."""
    if area == "petitions":
        # A repeat makes a closing of the week before false; a day passes before signing is late.
        return month_offset(start, -1), end
    if area == "projects":
        # A project is on the register from its first report, whatever its own dates.
        return "0001-01", "9999-12"
    # What has begun (a camera, an outage, a team) lasts until the as-of date unless it ends.
    return start, max(end, f"{now:%Y-%m}")


def _latest(connection: Connection, columns: Sequence[Expression]) -> datetime | None:
    """The latest moment in these columns, and not after now."""
    moments: list[datetime] = []
    # One statement, so that millions of rows are read once
    for latest in connection.execute(select(*map(func.max, columns))).one() if columns else ():
        if isinstance(latest, datetime):
            moments.append(latest)
        elif isinstance(latest, date):
            moments.append(datetime.combine(latest, datetime.max.time().replace(microsecond=0)))
        elif isinstance(latest, str):
            moments.append(month_end(latest) - timedelta(seconds=1))
    return min(max(moments), _tonight()) if moments else None


def _tonight() -> datetime:
    # Servers may stand in another time zone than the county.
    return (datetime.now() + timedelta(days=1)).replace(microsecond=0)


def calendar(periods: Sequence[tuple[str, datetime, datetime]], as_of: datetime) -> CTE:
    """Periods (name, first instant, first instant after it) as rows to join stocks with, cut off at the as-of second.

    Columns: month (the name), starts and ends (timestamps; the last period ends after the as-of second, which
    belongs to the data), day_before (24 hours before the end), first_day, last_day and hours.
    """
    rows = []
    for name, starts, after in periods:
        ends = min(after, as_of + timedelta(seconds=1))
        day_before = min(after, as_of) - timedelta(days=1)
        last_day = (ends - timedelta(seconds=1)).date()
        rows.append((name, starts, ends, day_before, starts.date(), last_day, (ends - starts) / timedelta(hours=1)))
    return (
        values(
            column("month", String(7)),
            column("starts", DateTime),
            column("ends", DateTime),
            column("day_before", DateTime),
            column("first_day", Date),
            column("last_day", Date),
            column("hours", Float),
            name="calendar",
        )
        .data(rows)
        .cte("calendar")
    )


class _Slice:
    """The part of an area's rollups to rebuild, the data's as-of moment, and since when the register's sizes are known.

    ``is_to_date``: a month as it stood at that moment, whatever came later.
    """

    def __init__(
        self,
        area: str,
        townships: Collection[str] | None,
        start: str,
        end: str,
        as_of: datetime,
        registers_since: str = NEVER,
        *,
        is_to_date: bool = False,
    ) -> None:
        self.registers_since = registers_since
        self.area = area
        self.is_to_date = is_to_date
        self.townships = None if townships is None else sorted(townships)
        self.start = start
        self.end = end
        self.as_of = as_of
        self.first = "0001-01"

    def into(self, rollup: Table) -> Table:
        """The table that the slice of a rollup is written to."""
        return TO_DATE[rollup] if self.is_to_date else rollup

    def seen(self, time: Expression) -> Expression:
        """A moment as it was known at the as-of moment; null where it came later."""
        return case((time <= self.as_of, time)) if self.is_to_date else time

    def rows(self, township_code: Expression, time: Expression | None = None) -> Expression:
        """The condition that keeps the slice's townships, and its months when a time column is given."""
        conditions: list[Expression] = []
        if self.townships is not None:
            conditions.append(township_code.in_(self.townships))
        if time is not None and self.start != "0001-01":
            first: Any = month_start(self.start)
            last: Any = month_end(self.end)
            if isinstance(time.type, Date):
                first, last = first.date(), last.date()
            conditions += [time >= first, time < last]
        return and_(*conditions) if conditions else literal(1) == 1

    def holds(self, month: Expression) -> Expression:
        """The condition that keeps the slice's months; a missing one is in none."""
        return and_(month >= self.start, month <= self.end)

    def calendar(self, connection: Connection, table: Table) -> CTE | None:
        """The months of a stock, from the area's first event to its as-of date, that need rebuilding; None without any."""
        last = f"{self.as_of:%Y-%m}"
        began = connection.scalar(select(func.min(_FIRST_EVENT[self.area])))
        if self.is_to_date:
            # A register alone says nothing of the months before it.
            if began is None or self.start < began:
                return None
            return calendar([(self.start, month_start(self.start), month_end(self.start))], self.as_of)
        self.first = first = began or last
        present = set(connection.scalars(select(table.c.month).distinct()))
        wanted = [
            month for month in month_range(first, last) if self.start <= month <= self.end or month not in present
        ]
        if not wanted:
            return None
        if not present.issuperset(wanted):
            # Months that no township has yet: their stocks are due for all of them.
            self.townships = None
        return calendar([(month, month_start(month), month_end(month)) for month in wanted], self.as_of)

    def clear(self, connection: Connection, *tables: Table) -> None:
        """Delete the slice, and the months before the first event (an earlier one may have been deleted)."""
        if self.is_to_date:
            return
        for table in tables:
            month = table.c.month
            in_slice = and_(self.rows(table.c.township_code), month >= self.start, month <= self.end)
            connection.execute(delete(table).where(or_(in_slice, month < self.first)))


def _insert_sums(connection: Connection, part: _Slice, rollup: Table, *parts: Select[Any]) -> None:
    """Insert the sums, by the rollup's dimensions, of several selects that each give some measures."""
    table = part.into(rollup)
    dimensions = [table.c[name] for name in table.info["dimensions"]]
    measures = [measure for measure in table.c if not measure.primary_key]
    aligned = []
    for query in parts:
        given = query.subquery()
        aligned.append(
            select(
                *(given.c[dimension.name] for dimension in dimensions),
                *(
                    given.c[measure.name].label(measure.name)
                    if measure.name in given.c
                    else null().cast(measure.type).label(measure.name)
                    for measure in measures
                ),
            )
        )
    together = union_all(*aligned).subquery() if len(aligned) > 1 else aligned[0].subquery()
    keys = [together.c[dimension.name] for dimension in dimensions]
    sums = [func.sum(together.c[measure.name]) for measure in measures]
    connection.execute(insert(table).from_select([*dimensions, *measures], select(*keys, *sums).group_by(*keys)))


def _once(query: Select[Any], name: str) -> CTE:
    """The query's rows, made once where its parts are used several times.

    PostgreSQL may put it into each of them, and so hand it on to its workers.
    """
    cte = query.cte(name).prefix_with("MATERIALIZED", dialect="sqlite")
    return cte.prefix_with("NOT MATERIALIZED", dialect="postgresql")


@contextmanager
def _shared(connection: Connection, query: Select[Any], name: str) -> Iterator[FromClause]:
    """The query's rows for several statements: in SQLite a temporary table, elsewhere a part of each of them."""
    if connection.dialect.name != "sqlite":
        yield _once(query, name)
        return
    made = query.into(name, temporary=True)
    connection.execute(made)
    try:
        yield made.table
    finally:
        connection.execute(DropTable(made.table))


def one_if(condition: Expression) -> Expression:
    """1 where the condition holds, else 0."""
    return case((condition, 1), else_=0)


def _total(condition: Expression) -> Expression:
    return func.sum(one_if(condition))


def named(name: Expression) -> Expression:
    """A dimension's value; empty where the source gave none, since it is part of a key."""
    return func.coalesce(name, "")


# --- Petitions ------------------------------------------------------------------------------------


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
_CATEGORIES = ("channel", "category_1", "category_2", "category_3")


CLOSING = petition.alias("closing")
# People are called back days after: cases closed of late have not been yet, those of the year before have.
CALLED_BACK_LATER: Mapping[str, Expression] = {"called_back": null().cast(Integer)}


def case_measures(
    as_of: datetime, closings: Expression, seen: Callable[[Expression], Expression] = lambda time: time
) -> dict[str, Expression]:
    """What each case adds to the measures of petitions; ``closings`` limits where cases closed wrongly are looked for.

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
            c.received_at <= as_of - timedelta(hours=SIGNING_HOURS),
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


def _cases(part: _Slice) -> Select[Any]:
    """One narrow row for each valid case of the slice: its dimensions, its three months, and its measures."""
    c = petition.c
    measures = case_measures(part.as_of, part.rows(CLOSING.c.township_code, CLOSING.c.closed_at), part.seen)
    if part.is_to_date:
        measures |= CALLED_BACK_LATER
    times = (c.received_at, c.due_at, c.closed_at)
    query = select(
        c.township_code,
        *(named(c[name]).label(name) for name in (*_CATEGORIES, "village_code")),
        weekday_of(c.received_at).label("weekday"),
        hour_of(c.received_at).label("hour"),
        *(month_of(part.seen(time)).label(time.name) for time in times),
        one_if(c.due_at <= part.as_of).label("is_due"),
        *(measure.label(name) for name, measure in measures.items()),
    ).where(c.invalid_reason.is_(None), or_(*(part.rows(c.township_code, time) for time in times)))
    return query.where(c.received_at <= part.as_of) if part.is_to_date else query


def _petition_parts(part: _Slice, cases: FromClause, dimensions: Sequence[str]) -> tuple[Select[Any], ...]:
    """Measures by the month received, due and closed, by township and further dimensions."""
    keys = ("township_code", *dimensions)
    same = [cases.c[name] for name in (*keys, "received_at", "due_at", "closed_at", "is_due")]
    sums: dict[str, Expression] = {
        name: func.sum(cases.c[name]) for name in (*RECEIVED_MEASURES, *DUE_MEASURES, *CLOSED_MEASURES)
    }
    sums["handling_hours"] /= 3600.0
    # The cases that agree in all three months are counted once, and then added up by each of these.
    alike = _once(
        select(*same, *(total.label(name) for name, total in sums.items())).group_by(*same),
        "alike",
    )

    def by_month(name: str, measures: Sequence[str]) -> Select[Any]:
        month = alike.c[name]
        return select(
            *(alike.c[key] for key in keys),
            month.label("month"),
            *(alike.c[measure] for measure in measures),
        ).where(part.holds(month))

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
    as_of = as_of_dates(connection).get("petitions")
    keys = ("township_code", *_CATEGORIES)
    if as_of is None or not cases:
        return pd.DataFrame(columns=[*keys, *RECEIVED_MEASURES, *DUE_MEASURES, *CLOSED_MEASURES, "resident_cases"])
    part = _Slice("petitions", {township_code for township_code, _ in cases}, month, month, as_of)
    chosen = _cases(part).where(tuple_(petition.c.township_code, petition.c.case_no).in_(sorted(cases)))
    rows = [
        pd.read_sql_query(select(found), connection)
        for found in (query.subquery() for query in _petition_parts(part, _once(chosen, "cases"), _CATEGORIES))
    ]
    together = pd.concat(rows).drop(columns="month")
    # Where the residents are not known, they are not known without these cases either.
    together["resident_cases"] = together["received"]
    return together.groupby(list(keys), as_index=False).sum()


def _build_petitions(connection: Connection, part: _Slice) -> None:
    part.clear(
        connection,
        petition_month,
        petition_category_month,
        petition_village_month,
        petition_hour_month,
        petition_duration_month,
    )
    with _shared(connection, _cases(part), "cases") as cases:
        _insert_sums(connection, part, petition_category_month, *_petition_parts(part, cases, _CATEGORIES))
        _insert_sums(connection, part, petition_village_month, *_petition_parts(part, cases, ("village_code",)))

        def counted(month: Expression, measure: str, **dimensions: Expression) -> Select[Any]:
            return (
                select(
                    cases.c.township_code,
                    month.label("month"),
                    *(key.label(name) for name, key in dimensions.items()),
                    func.sum(cases.c[measure]).label(measure),
                )
                .where(part.holds(month))
                .group_by(cases.c.township_code, month, *dimensions.values())
            )

        received = counted(cases.c.received_at, "received", weekday=cases.c.weekday, hour=cases.c.hour)
        _insert_sums(connection, part, petition_hour_month, received)
        elapsed = whole(cases.c.handling_hours / 7200.0)
        # A year and more share the last step, so that one forgotten case cannot swell the table.
        steps = case((elapsed > 4380, 4380), else_=elapsed)
        _insert_sums(connection, part, petition_duration_month, counted(cases.c.closed_at, "closed", two_hours=steps))
    by_category = part.into(petition_category_month)
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
        .where(
            part.rows(by_category.c.township_code),
            by_category.c.month >= part.start,
            by_category.c.month <= part.end,
        )
        .group_by(by_category.c.township_code, by_category.c.month)
    )
    _insert_sums(connection, part, petition_month, county)
    _insert_residents(connection, part)


def _insert_residents(connection: Connection, part: _Slice) -> None:
    """The residents of months without a case: from its first case on, a township's people are among the county's."""
    c = petition_month.c
    if not part.is_to_date:
        without_case = and_(c.received.is_(None), c.due.is_(None), c.closed.is_(None))
        connection.execute(delete(petition_month).where(part.rows(c.township_code), without_case))
    first_case = (
        select(c.township_code, func.min(c.month).label("month"))
        .where(part.rows(c.township_code), c.received.is_not(None))
        .group_by(c.township_code)
        .subquery("first_case")
    )
    first = connection.scalar(select(func.min(first_case.c.month)))
    if first is None:
        return
    last = f"{part.as_of:%Y-%m}"
    names = month_range(max(first, last) if part.is_to_date else first, last)
    if not names:
        return
    months = calendar([(month, month_start(month), month_end(month)) for month in names], part.as_of)
    m, there = months.c, part.into(petition_month).alias("there")
    past = Replaced(TOWNSHIPS, m.month)
    residents = func.nullif(past.value("residents"), 0)
    empty = (
        select(first_case.c.township_code, m.month, residents.label("residents"))
        # A first case within the month may have come after the moment; if it had not, the month is there already.
        .join(months, m.month > first_case.c.month if part.is_to_date else m.month >= first_case.c.month)
        .join(township, township.c.code == first_case.c.township_code)
        .outerjoin(past.rows, past.is_of_row)
        .outerjoin(there, and_(there.c.township_code == first_case.c.township_code, there.c.month == m.month))
        .where(there.c.month.is_(None), residents.is_not(None))
    )
    _insert_sums(connection, part, petition_month, empty)


# --- Cameras --------------------------------------------------------------------------------------


def _build_cameras(connection: Connection, part: _Slice) -> None:
    # An inventory alone says nothing of what works.
    is_watched = connection.scalar(select(camera_outage.c.camera_id).limit(1)) is not None
    counted = camera_month.c
    was_watched = connection.scalar(select(counted.watched > 0).where(counted.cameras > 0).limit(1))
    if was_watched is not None and was_watched != is_watched and not part.is_to_date:
        part = _Slice("cameras", None, "0001-01", "9999-12", part.as_of)
    months = part.calendar(connection, camera_month)
    part.clear(connection, camera_month, camera_outage_month)
    if months is None:
        return
    m, c, o = months.c, camera.c, camera_outage.c

    def watched_only(measure: Expression) -> Expression:
        return measure if is_watched else null().cast(measure.type)

    # Cameras down at the end of each month, and since when.
    down = (
        select(o.township_code, o.camera_id, m.month, func.min(o.started_at).label("since"))
        .join(months, and_(o.started_at < m.ends, or_(o.ended_at.is_(None), o.ended_at >= m.ends)))
        .where(part.rows(o.township_code))
        .group_by(o.township_code, o.camera_id, m.month)
        .subquery("down")
    )
    works = down.c.camera_id.is_(None)
    present = and_(c.installed_on <= m.last_day, or_(c.removed_on.is_(None), c.removed_on > m.first_day))
    begins = case((c.installed_on > m.first_day, c.installed_on), else_=m.starts)
    stops = case((c.removed_on <= m.last_day, c.removed_on), else_=m.ends)
    # Nearly every camera is there all month; counting its hours anew for each would take half of the time.
    all_month = and_(c.installed_on <= m.first_day, or_(c.removed_on.is_(None), c.removed_on > m.last_day))
    hours_due = case((all_month, m.hours), else_=hours_between(begins, stops))
    in_network = and_(c.installed_on <= m.last_day, or_(c.removed_on.is_(None), c.removed_on > m.last_day))
    # Where no camera's village is known, none is told to be covered or not.
    covered = func.count(case((and_(in_network, works), c.village_code)).distinct())
    watched = (
        select(
            c.township_code,
            m.month,
            _total(in_network).label("cameras"),
            (_total(in_network) if is_watched else literal(0)).label("watched"),
            watched_only(_total(and_(in_network, works))).label("working"),
            watched_only(_total(and_(in_network, down.c.since < m.day_before))).label("offline_24h"),
            watched_only(case((func.count(c.village_code) > 0, covered))).label("villages_covered"),
            watched_only(func.sum(hours_due)).label("hours_due"),
            watched_only(literal(0)).label("outages"),
            watched_only(literal(0)).label("repairs"),
            watched_only(literal(0.0)).label("repair_hours"),
        )
        .join(months, present)
        .outerjoin(
            down,
            and_(
                down.c.township_code == c.township_code,
                down.c.camera_id == c.camera_id,
                down.c.month == m.month,
            ),
        )
        .where(part.rows(c.township_code))
        .group_by(c.township_code, m.month)
        .subquery("watched")
    )
    stock = select(watched, watched.c.hours_due.label("hours_up"))
    first_camera = (
        select(c.township_code, func.min(c.installed_on).label("installed_on"))
        .where(part.rows(c.township_code))
        .group_by(c.township_code)
        .subquery("first_camera")
    )
    villages = (
        select(village.c.township_code, m.month, func.count().label("villages"))
        .join(first_camera, first_camera.c.township_code == village.c.township_code)
        .join(months, first_camera.c.installed_on <= m.last_day)
        .group_by(village.c.township_code, m.month)
    )
    # A camera taken down while it was broken is neither due nor lost from then on.
    while_down = and_(
        o.started_at < m.ends,
        or_(o.ended_at.is_(None), o.ended_at > m.starts),
        present,
        o.started_at < stops,
        or_(o.ended_at.is_(None), o.ended_at > begins),
    )
    overlap = hours_between(
        case((o.started_at > begins, o.started_at), else_=begins),
        case((o.ended_at < stops, o.ended_at), else_=stops),
    )
    of_camera = and_(c.township_code == o.township_code, c.camera_id == o.camera_id)
    ended = (
        select(
            o.township_code,
            m.month,
            func.count().label("repairs"),
            func.sum(hours_between(o.started_at, o.ended_at)).label("repair_hours"),
        )
        .join(months, and_(month_of(o.ended_at) == m.month, o.ended_at < m.ends))
        .where(part.rows(o.township_code))
        .group_by(o.township_code, m.month)
    )
    cause = named(o.cause)
    lost_by_cause = (
        select(o.township_code, m.month, cause.label("cause"), func.sum(overlap).label("hours_down"))
        .join(camera, of_camera)
        .join(months, while_down)
        .where(part.rows(o.township_code))
        .group_by(o.township_code, m.month, cause)
    )
    began_by_cause = (
        select(o.township_code, m.month, cause.label("cause"), func.count().label("outages"))
        .join(months, and_(month_of(o.started_at) == m.month, o.started_at < m.ends))
        .where(part.rows(o.township_code))
        .group_by(o.township_code, m.month, cause)
    )
    _insert_sums(connection, part, camera_outage_month, lost_by_cause, began_by_cause)

    by_cause = part.into(camera_outage_month).c
    lost = (
        select(
            by_cause.township_code,
            by_cause.month,
            (-func.sum(by_cause.hours_down)).label("hours_up"),
            func.sum(by_cause.outages).label("outages"),
        )
        .join(months, by_cause.month == m.month)
        .where(part.rows(by_cause.township_code))
        .group_by(by_cause.township_code, by_cause.month)
    )
    _insert_sums(connection, part, camera_month, stock, villages, lost, ended)


# --- Volunteer teams ------------------------------------------------------------------------------


def _grids_in_use(part: _Slice, months: CTE) -> Select[Any]:
    """Grids and micro-grids by township and month."""
    g, m = grid.c, months.c
    return (
        select(
            g.township_code,
            m.month,
            _total(g.kind == GRID).label("grids"),
            _total(g.kind == MICRO_GRID).label("micro_grids"),
        )
        .join(months, in_use(g.opened_on, g.closed_on, months))
        .where(part.rows(g.township_code))
        .group_by(g.township_code, m.month)
    )


def in_use(begins: Expression, ends: Expression, months: CTE) -> Expression:
    """Whether something that began and ended on these days (either may be null) exists at month end."""
    last_day = months.c.last_day
    return and_(or_(begins.is_(None), begins <= last_day), or_(ends.is_(None), ends > last_day))


def _joined_to_grid(query: Select[Any], row: Table, around: FromClause, months: CTE) -> Select[Any]:
    """Outer-joined to the grid in use at month end that the row's ``grid_code`` names or, for a micro-grid, lies in."""
    own = grid.alias("own")
    return query.outerjoin(
        own, and_(own.c.township_code == row.c.township_code, own.c.grid_code == row.c.grid_code)
    ).outerjoin(
        around,
        and_(
            around.c.township_code == row.c.township_code,
            around.c.grid_code == func.coalesce(own.c.parent_code, row.c.grid_code),
            around.c.kind == GRID,
            in_use(around.c.opened_on, around.c.closed_on, months),
        ),
    )


def _build_volunteers(connection: Connection, part: _Slice) -> None:
    months = part.calendar(connection, volunteer_month)
    part.clear(connection, volunteer_month, volunteer_kind_month)
    if months is None:
        return
    m, t, a = months.c, volunteer_team.c, volunteer_activity.c
    month, around = month_of(a.held_on), grid.alias("around")
    held = (
        select(
            a.township_code,
            a.team_id,
            m.month,
            func.count().label("activities"),
            func.count(a.hours).label("timed"),
            func.sum(a.participants).label("participants"),
            func.sum(a.hours).label("hours"),
        )
        .join(months, and_(month == m.month, a.held_on <= m.last_day))
        .where(part.rows(a.township_code))
        .group_by(a.township_code, a.team_id, m.month)
        .subquery("held")
    )
    activity = select(
        held.c.township_code,
        held.c.month,
        func.sum(held.c.activities).label("activities"),
        func.sum(held.c.participants).label("participants"),
        func.sum(held.c.hours).label("hours"),
    ).group_by(held.c.township_code, held.c.month)
    reporting = activity.subquery("reporting")
    is_timed = func.coalesce(held.c.activities, 0) == func.coalesce(held.c.timed, 0)
    past_team = Replaced(TEAMS, m.month)
    is_known = m.month >= part.registers_since
    team = _joined_to_grid(
        select(
            t.township_code,
            m.month,
            func.count().label("teams"),
            _total(t.kind == GRID_TEAM).label("grid_teams"),
            func.sum(case((is_known, past_team.value("members")))).label("members"),
            func.sum(past_team.value("registered")).label("registered"),
            func.count(around.c.grid_code.distinct()).label("grids_covered"),
            func.count(held.c.team_id).label("active"),
            _total(is_timed).label("timed"),
            func.sum(case((is_timed, held.c.hours))).label("timed_hours"),
        )
        .join(months, in_use(t.founded_on, t.dissolved_on, months))
        .outerjoin(past_team.rows, past_team.is_of_row)
        .outerjoin(
            held,
            and_(
                held.c.township_code == t.township_code,
                held.c.team_id == t.team_id,
                held.c.month == m.month,
            ),
        )
        .where(part.rows(t.township_code))
        .group_by(t.township_code, m.month),
        volunteer_team,
        around,
        months,
    ).subquery("team")
    # A township with its first team takes part for good: without any left, none of its people is registered.
    first_team = (
        select(t.township_code, func.min(t.founded_on).label("founded_on"))
        .where(part.rows(t.township_code))
        .group_by(t.township_code)
        .subquery("first_team")
    )
    past_township = Replaced(TOWNSHIPS, m.month)
    residents = func.nullif(past_township.value("residents"), 0)
    registered = case((team.c.month.is_(None), 0), else_=team.c.registered)
    has_timed = and_(reporting.c.hours.is_not(None), team.c.timed > 0)
    both_known = and_(is_known, registered.is_not(None), residents.is_not(None))
    stock = (
        select(
            first_team.c.township_code,
            m.month,
            team.c.teams,
            team.c.grid_teams,
            team.c.members,
            case((both_known, registered)).label("registered"),
            case((both_known, residents)).label("residents"),
            func.coalesce(team.c.grids_covered, 0).label("grids_covered"),
            case((reporting.c.activities > 0, team.c.teams)).label("team_months"),
            case((reporting.c.activities > 0, team.c.active)).label("active_team_months"),
            case((has_timed, team.c.timed)).label("timed_team_months"),
            case((has_timed, func.coalesce(team.c.timed_hours, 0.0))).label("timed_hours"),
        )
        .join(months, first_team.c.founded_on <= m.last_day)
        .join(township, township.c.code == first_team.c.township_code)
        .outerjoin(past_township.rows, past_township.is_of_row)
        .outerjoin(team, and_(team.c.township_code == first_team.c.township_code, team.c.month == m.month))
        .outerjoin(
            reporting,
            and_(reporting.c.township_code == first_team.c.township_code, reporting.c.month == m.month),
        )
    )
    grids = _grids_in_use(part, months).join(
        first_team, and_(first_team.c.township_code == grid.c.township_code, first_team.c.founded_on <= m.last_day)
    )
    _insert_sums(connection, part, volunteer_month, stock, activity, grids)
    kind = named(a.kind)
    by_kind = (
        select(
            a.township_code,
            month.label("month"),
            kind.label("kind"),
            func.count().label("activities"),
            func.sum(a.hours).label("hours"),
        )
        .where(part.rows(a.township_code, a.held_on), a.held_on <= part.as_of.date())
        .group_by(a.township_code, month, kind)
    )
    _insert_sums(connection, part, volunteer_kind_month, by_kind)


# --- Projects -------------------------------------------------------------------------------------


def project_register(months: CTE) -> tuple[Select[Any], dict[str, Expression]]:
    """Each project in each period of a calendar at whose end it is on the register; what it adds to the measures."""
    m, p, r = months.c, project.c, project_report.c
    first_report = (
        select(r.township_code, r.project_id, func.min(r.month).label("month"))
        .group_by(r.township_code, r.project_id)
        .subquery("first_report")
    )
    planned = case(
        (m.last_day <= p.planned_start, 0.0),
        (m.last_day >= p.planned_end, 100.0),
        else_=100.0 * hours_between(p.planned_start, m.last_day) / hours_between(p.planned_start, p.planned_end),
    )
    gap = r.progress - planned
    is_reported = r.progress.is_not(None)
    tells_start, tells_end = is_recorded(project, "actual_start"), is_recorded(project, "actual_end")
    is_unfinished = or_(p.actual_end.is_(None), p.actual_end > m.last_day)
    is_behind = and_(is_unfinished, or_(gap < BEHIND_POINTS, p.planned_end < m.last_day))
    register = (
        select(p.township_code)
        .select_from(project)
        .join(months, literal(1) == 1)
        .outerjoin(
            first_report,
            and_(first_report.c.township_code == p.township_code, first_report.c.project_id == p.project_id),
        )
        .outerjoin(
            project_report,
            and_(r.township_code == p.township_code, r.project_id == p.project_id, r.month == m.month),
        )
        .where(or_(first_report.c.month <= m.month, p.planned_start <= m.last_day))
    )
    return register, {
        "projects": literal(1),
        "started": case((tells_start, one_if(p.actual_start <= m.last_day))),
        "starts_recorded": one_if(tells_start),
        "completed": case((tells_end, one_if(p.actual_end <= m.last_day))),
        "ends_recorded": one_if(tells_end),
        "reported": one_if(is_reported),
        "behind": case((is_reported, one_if(is_behind))),
        "gap_points": gap,
        "done_points": r.progress,
        "planned_points": case((is_reported, planned)),
        # Of the projects that tell both; a budget of nothing is none
        "budget_yuan": case((and_(r.invested_yuan.is_not(None), p.budget_yuan > 0), p.budget_yuan)),
        "invested_yuan": case((p.budget_yuan > 0, r.invested_yuan)),
    }


def _build_projects(connection: Connection, part: _Slice) -> None:
    months = part.calendar(connection, project_month)
    part.clear(connection, project_month)
    if months is None:
        return
    m, p = months.c, project.c
    register, measures = project_register(months)
    keys = [p.township_code, m.month, named(p.kind).label("kind"), named(project_report.c.stage).label("stage")]
    sums = [func.sum(measure).label(name) for name, measure in measures.items()]
    _insert_sums(
        connection,
        part,
        project_month,
        register.with_only_columns(*keys, *sums).where(part.rows(p.township_code)).group_by(*keys),
    )


# --- Grids ----------------------------------------------------------------------------------------


def _build_grid(connection: Connection, part: _Slice) -> None:
    months = part.calendar(connection, grid_month)
    part.clear(connection, grid_month, grid_kind_month)
    if months is None:
        return
    m, e = months.c, grid_event.c
    is_hazard, is_dispute = e.kind == HAZARD, e.kind == DISPUTE
    is_closed, tells_closing = e.closed_at <= part.as_of, is_recorded(grid_event, "closed_at")
    events = (
        select(
            e.township_code,
            m.month,
            func.count().label("events"),
            _total(is_closed).label("completed"),
            _total(is_hazard).label("hazards"),
            _total(and_(is_dispute, tells_closing)).label("disputes"),
            func.sum(case((tells_closing, one_if(and_(is_dispute, is_closed))))).label("disputes_closed"),
            _total(tells_closing).label("closing_recorded"),
            _total(and_(tells_closing, is_recorded(grid_event, "due_at"))).label("deadlines_recorded"),
        )
        .join(months, and_(month_of(e.reported_at) == m.month, e.reported_at < m.ends))
        .where(part.rows(e.township_code))
        .group_by(e.township_code, m.month)
    )
    # An event of a micro-grid keeps the grid around it active.
    around = grid.alias("around")
    reporting = _joined_to_grid(
        select(e.township_code, m.month, func.count(around.c.grid_code.distinct()).label("active_grids"))
        .join(months, and_(month_of(e.reported_at) == m.month, e.reported_at < m.ends))
        .where(part.rows(e.township_code))
        .group_by(e.township_code, m.month),
        grid_event,
        around,
        months,
    ).subquery("reporting")
    past = Replaced(GRIDS, m.month)
    grids = (
        _grids_in_use(part, months)
        .outerjoin(past.rows, past.is_of_row)
        .add_columns(func.sum(case((m.month >= part.registers_since, past.value("workers")))).label("workers"))
    )
    grids_in_use = grids.subquery("grids_in_use")
    grid_months = select(
        grids_in_use.c.township_code,
        grids_in_use.c.month,
        grids_in_use.c.grids.label("grid_months"),
        (grids_in_use.c.grids - reporting.c.active_grids).label("inactive_grid_months"),
    ).join(
        reporting,
        and_(
            reporting.c.township_code == grids_in_use.c.township_code,
            reporting.c.month == grids_in_use.c.month,
        ),
    )
    villages = (
        select(village.c.township_code, m.month, func.count().label("villages"))
        .join(months, literal(1) == 1)
        .where(part.rows(village.c.township_code))
        .group_by(village.c.township_code, m.month)
    )
    closed = (
        select(e.township_code, m.month, func.count().label("closed"))
        .join(months, and_(month_of(e.closed_at) == m.month, e.closed_at < m.ends))
        .where(part.rows(e.township_code))
        .group_by(e.township_code, m.month)
    )
    due = (
        select(
            e.township_code,
            m.month,
            func.count().label("due"),
            _total(e.closed_at <= e.due_at).label("closed_on_time"),
        )
        .join(months, month_of(e.due_at) == m.month)
        .where(part.rows(e.township_code), e.due_at <= part.as_of, tells_closing)
        .group_by(e.township_code, m.month)
    )
    _insert_sums(connection, part, grid_month, grids, events, grid_months, villages, closed, due)

    def by_kind(time: Expression, label: str) -> Select[Any]:
        return (
            select(e.township_code, month_of(time).label("month"), e.kind, func.count().label(label))
            .where(time.is_not(None), part.rows(e.township_code, time), time <= part.as_of)
            .group_by(e.township_code, month_of(time), e.kind)
        )

    _insert_sums(
        connection,
        part,
        grid_kind_month,
        by_kind(e.reported_at, "events"),
        by_kind(e.closed_at, "closed"),
        by_kind(e.due_at, "due")
        .add_columns(_total(e.closed_at <= e.due_at).label("closed_on_time"))
        .where(tells_closing),
    )


def _build_reports(connection: Connection, part: _Slice) -> None:
    """Figures reported by hand are monthly already: nothing to roll up."""


_BUILDERS = {
    "petitions": _build_petitions,
    "cameras": _build_cameras,
    "volunteers": _build_volunteers,
    "projects": _build_projects,
    "grid": _build_grid,
    "reports": _build_reports,
}
