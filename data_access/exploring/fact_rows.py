"""The facts as rows that can be counted: what each adds to which measure, and by what it can be told apart.

Things that happen (a case, an outage, an activity, an event) are rows with a moment. Things that are there (cameras,
teams, projects, grids) are rows for each period of a calendar: its months, or the whole scope at once. What a row adds
is what the rollups add up, so that a figure is the same whichever of them answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, String, and_, case, false, func, literal, or_, select, true

from data_access.areas.cameras.tables import camera, camera_outage
from data_access.areas.grid.register import GRID, MICRO_GRID, in_use
from data_access.areas.grid.rollup import DISPUTE, HAZARD
from data_access.areas.grid.tables import grid_event
from data_access.areas.petitions.closing import is_open
from data_access.areas.petitions.rollup import (
    CALLED_BACK_LATER,
    CLOSED_MEASURES,
    CLOSING,
    DUE_MEASURES,
    RECEIVED_MEASURES,
    case_measures,
)
from data_access.areas.petitions.tables import petition
from data_access.areas.projects.rollup import project_register
from data_access.areas.projects.tables import project, project_report
from data_access.areas.volunteers.rollup import GRID_TEAM
from data_access.areas.volunteers.tables import volunteer_activity, volunteer_team
from data_access.model.recorded import is_recorded
from data_access.model.rollup import calendar, named, one_if
from data_access.places.tables import grid
from data_access.registers import ALWAYS, GRIDS, TEAMS, Replaced
from data_access.scope import month_end, month_start
from data_access.sql_functions import hour_of, hours_between, month_of, week_of, weekday_of

Expression = ColumnElement[Any]
Measures = Mapping[str, Expression]

_NONE = literal(None, String)


@dataclass(frozen=True)
class Span:
    """From the first instant to the one after the last; ``periods`` is a calendar of it (``rollups.calendar``).

    ``townships``: those that are asked about, all of them by their codes, so that indexes by township and time serve.
    ``registers_since``: the first month for which the sizes of the area's register are known.
    """

    as_of: datetime
    first: datetime
    after: datetime
    periods: CTE
    townships: tuple[str, ...] = ()
    registers_since: str = ALWAYS
    # Whether the span ends within a month, as it stood at the as-of moment
    is_to_date: bool = False

    def seen(self, time: Expression) -> Expression:
        """A moment as it was known at the as-of moment; null where it came later."""
        return case((time <= self.as_of, time)) if self.is_to_date else time


@dataclass(frozen=True)
class FactRows:
    """Facts of one kind.

    ``time``: when each happened; None where the rows are joined to a calendar. ``key``: township and further columns
    that tell rows apart. ``searched``: the texts that a viewer's words are looked for in. ``listed``: what a list
    of the rows shows.
    """

    joined: FromClause
    time: Expression | None
    dimensions: Mapping[str, Expression]
    measures: Measures
    conditions: tuple[Expression, ...]
    key: tuple[Expression, ...]
    searched: tuple[Expression, ...]
    listed: Mapping[str, Expression]


def _at(time: Expression, *, has_hours: bool = True) -> dict[str, Expression]:
    parts: dict[str, Expression] = {"month": month_of(time), "week": week_of(time), "weekday": weekday_of(time)}
    return {**parts, "hour": hour_of(time)} if has_hours else parts


def _answer(*answers: tuple[Expression, str], otherwise: str) -> Expression:
    return case(*((condition, literal(answer)) for condition, answer in answers), else_=literal(otherwise))


def _of_township(township: Expression, code: Expression) -> Expression:
    """A code that is unique within its township only."""
    return case((or_(code.is_(None), code == ""), literal("")), else_=township + "/" + code)


# --- Petitions ------------------------------------------------------------------------------------


def _cases(time: Expression, counted: tuple[str, ...], *conditions: Expression) -> Callable[[Span], FactRows]:
    def rows(span: Span) -> FactRows:
        c, as_of = petition.c, span.as_of
        measures = case_measures(
            as_of,
            and_(CLOSING.c.township_code.in_(span.townships), CLOSING.c.closed_at.between(span.first, span.after)),
            span.seen,
        )
        if span.is_to_date:
            measures |= CALLED_BACK_LATER
        measures["handling_hours"] /= 3600.0
        timeliness = _answer(
            (c.due_at.is_(None), "no_due"),
            (c.closed_at <= c.due_at, "on_time"),
            (c.closed_at > c.due_at, "late"),
            (and_(is_open(c.closed_at), c.due_at <= as_of), "overdue"),
            (is_open(c.closed_at), "pending"),
            otherwise="unknown",
        )
        return FactRows(
            petition,
            time,
            {
                "township_code": c.township_code,
                **_at(time),
                **{
                    name: named(c[name])
                    for name in (
                        "village_code",
                        "category_1",
                        "category_2",
                        "category_3",
                        "channel",
                        "department",
                        "status",
                    )
                },
                "grid_code": _of_township(c.township_code, c.grid_code),
                "timeliness": timeliness,
                "satisfaction": _answer(
                    (and_(c.called_back == true(), c.satisfied == true()), "yes"),
                    (and_(c.called_back == true(), c.satisfied == false()), "no"),
                    otherwise="unknown",
                ),
                "is_repeat": _answer((c.repeat_of.is_not(None), "yes"), otherwise="no"),
            },
            {name: measures[name] for name in counted},
            (c.invalid_reason.is_(None), *conditions),
            (c.township_code, c.case_no),
            (c.title, c.case_no),
            {
                **{
                    name: c[name]
                    for name in (
                        "case_no",
                        "village_code",
                        "title",
                        "category_3",
                        "department",
                        "status",
                        "received_at",
                        "due_at",
                        "closed_at",
                        "channel",
                        "petitioner",
                    )
                },
                "timeliness": timeliness,
            },
        )

    return rows


def _cases_due(span: Span) -> FactRows:
    c = petition.c
    return _cases(c.due_at, DUE_MEASURES, c.due_at <= span.as_of)(span)


# --- Cameras --------------------------------------------------------------------------------------


def _cameras(span: Span) -> FactRows:
    months = span.periods
    c, o, m = camera.c, camera_outage.c, months.c
    own = and_(o.township_code == c.township_code, o.camera_id == c.camera_id)
    down_at_end = and_(own, o.started_at < m.ends, or_(o.ended_at.is_(None), o.ended_at >= m.ends))
    begins = case((c.installed_on > m.first_day, c.installed_on), else_=m.starts)
    stops = case((c.removed_on <= m.last_day, c.removed_on), else_=m.ends)
    in_network = and_(c.installed_on <= m.last_day, or_(c.removed_on.is_(None), c.removed_on > m.last_day))
    is_down = select(literal(1)).where(down_at_end).correlate(camera, months).exists()
    is_long_down = select(literal(1)).where(down_at_end, o.started_at < m.day_before).correlate(camera, months).exists()
    while_down = and_(own, o.started_at < stops, or_(o.ended_at.is_(None), o.ended_at > begins))
    overlap = hours_between(
        case((o.started_at > begins, o.started_at), else_=begins),
        case((o.ended_at < stops, o.ended_at), else_=stops),
    )
    lost = select(func.coalesce(func.sum(overlap), 0.0)).where(while_down).correlate(camera, months).scalar_subquery()
    was_long_down = select(literal(1)).where(while_down, overlap > 24).correlate(camera, months).exists()
    hours_due = hours_between(begins, stops)
    # An inventory alone says nothing of what works.
    is_watched = select(camera_outage.c.camera_id).limit(1).exists()
    return FactRows(
        camera.join(
            months, and_(c.installed_on <= m.last_day, or_(c.removed_on.is_(None), c.removed_on > m.first_day))
        ),
        None,
        {
            "township_code": c.township_code,
            "month": m.month,
            "village_code": named(c.village_code),
            "camera_kind": named(c.kind),
        },
        {
            "cameras": one_if(in_network),
            "watched": one_if(and_(in_network, is_watched)),
            "working": case((is_watched, one_if(and_(in_network, ~is_down)))),
            "offline_24h": case((is_watched, one_if(and_(in_network, is_long_down)))),
            "off_over_24h": case((is_watched, one_if(was_long_down))),
            "hours_due": case((is_watched, hours_due)),
            "hours_up": case((is_watched, hours_due - lost)),
        },
        (),
        (c.township_code, c.camera_id),
        (c.place, c.camera_id),
        {
            "camera_id": c.camera_id,
            "village_code": c.village_code,
            "place": c.place,
            "camera_kind": c.kind,
            "hours_off": lost,
            "installed_on": c.installed_on,
            "removed_on": c.removed_on,
        },
    )


def _outages(time: Expression, measures: Measures) -> Callable[[Span], FactRows]:
    def rows(_span: Span) -> FactRows:
        c, o = camera.c, camera_outage.c
        own = and_(c.township_code == o.township_code, c.camera_id == o.camera_id)
        return FactRows(
            camera_outage.join(camera, own),
            time,
            {
                "township_code": o.township_code,
                **_at(time),
                "village_code": named(c.village_code),
                "camera_kind": named(c.kind),
                "cause": named(o.cause),
            },
            measures,
            (),
            (o.township_code, o.camera_id, o.started_at),
            (c.place, c.camera_id),
            {
                "camera_id": o.camera_id,
                "village_code": c.village_code,
                "place": c.place,
                "camera_kind": c.kind,
                "cause": o.cause,
                "started_at": o.started_at,
                "ended_at": o.ended_at,
            },
        )

    return rows


# --- Volunteer teams ------------------------------------------------------------------------------


def _teams(span: Span) -> FactRows:
    months = span.periods
    t, a, m = volunteer_team.c, volunteer_activity.c, months.c
    within = and_(a.township_code == t.township_code, a.held_on >= m.first_day, a.held_on <= m.last_day)
    has_reported = select(literal(1)).where(within).correlate(volunteer_team, months).exists()
    own = and_(within, a.team_id == t.team_id)
    is_active = select(literal(1)).where(own).correlate(volunteer_team, months).exists()
    is_known = m.month >= span.registers_since
    past = Replaced(TEAMS, m.month)
    members = case((is_known, past.value("members")))
    has_timed = select(literal(1)).where(within, a.hours.is_not(None)).correlate(volunteer_team, months).exists()
    has_untimed = select(literal(1)).where(own, a.hours.is_(None)).correlate(volunteer_team, months).exists()
    is_timed = and_(has_timed, ~has_untimed)
    hours = select(func.coalesce(func.sum(a.hours), 0.0)).where(own).correlate(volunteer_team, months).scalar_subquery()
    last_held = (
        select(func.max(a.held_on))
        .where(a.township_code == t.township_code, a.team_id == t.team_id, a.held_on <= m.last_day)
        .correlate(volunteer_team, months)
        .scalar_subquery()
    )
    return FactRows(
        volunteer_team.join(months, in_use(t.founded_on, t.dissolved_on, months)).outerjoin(past.rows, past.is_of_row),
        None,
        {
            "township_code": t.township_code,
            "month": m.month,
            "village_code": named(t.village_code),
            "team_kind": named(t.kind),
            "team": _of_township(t.township_code, t.team_id),
        },
        {
            "teams": literal(1),
            "grid_teams": one_if(t.kind == GRID_TEAM),
            "members": members,
            "team_months": case((has_reported, 1)),
            "active_team_months": case((has_reported, one_if(is_active))),
            "timed_team_months": case((is_timed, 1)),
            "timed_hours": case((is_timed, hours)),
            "quiet_teams": case((has_reported, one_if(~is_active))),
        },
        (),
        (t.township_code, t.team_id),
        (t.name, t.team_id),
        {
            "team_id": t.team_id,
            "team_name": t.name,
            "village_code": t.village_code,
            "team_kind": t.kind,
            "members": members,
            "founded_on": t.founded_on,
            "last_held_on": last_held,
        },
    )


def _activities(_span: Span) -> FactRows:
    t, a = volunteer_team.c, volunteer_activity.c
    return FactRows(
        volunteer_activity.join(volunteer_team, and_(t.township_code == a.township_code, t.team_id == a.team_id)),
        a.held_on,
        {
            "township_code": a.township_code,
            **_at(a.held_on, has_hours=False),
            "village_code": named(t.village_code),
            "team_kind": named(t.kind),
            "team": _of_township(a.township_code, a.team_id),
            "activity_kind": named(a.kind),
        },
        {"activities": literal(1), "participants": a.participants, "hours": a.hours},
        (),
        (a.township_code, a.activity_id),
        (t.name, a.activity_id),
        {
            "activity_id": a.activity_id,
            "team_name": t.name,
            "village_code": t.village_code,
            "activity_kind": a.kind,
            "held_on": a.held_on,
            "participants": a.participants,
            "hours": a.hours,
        },
    )


# --- Projects -------------------------------------------------------------------------------------


def _projects(span: Span) -> FactRows:
    months = span.periods
    p, r = project.c, project_report.c
    register, measures = project_register(months)
    (joined,) = register.get_final_froms()
    return FactRows(
        joined,
        None,
        {
            "township_code": p.township_code,
            "month": months.c.month,
            "village_code": named(p.village_code),
            "project_kind": named(p.kind),
            "stage": named(r.stage),
            "responsible": named(p.department),
            "over_budget": _answer(
                (or_(r.invested_yuan.is_(None), p.budget_yuan.is_(None)), "unknown"),
                (r.invested_yuan > p.budget_yuan, "yes"),
                otherwise="no",
            ),
            "is_behind": _answer((r.progress.is_(None), "unknown"), (measures["behind"] == 1, "yes"), otherwise="no"),
        },
        measures,
        () if register.whereclause is None else (register.whereclause,),
        (p.township_code, p.project_id),
        (p.name, p.project_id),
        {
            "project_id": p.project_id,
            "project_name": p.name,
            "village_code": p.village_code,
            "project_kind": p.kind,
            "stage": r.stage,
            "progress": r.progress,
            "gap": measures["gap_points"],
            "budget_yuan": p.budget_yuan,
            "invested_yuan": r.invested_yuan,
            "planned_end": p.planned_end,
            "delay_reason": r.delay_reason,
            "responsible": p.department,
        },
    )


# --- Grids ----------------------------------------------------------------------------------------


def _events(time: Expression, measures: Measures, *, until_as_of: bool = False) -> Callable[[Span], FactRows]:
    def rows(span: Span) -> FactRows:
        e, g = grid_event.c, grid.c
        return FactRows(
            grid_event.outerjoin(grid, and_(g.township_code == e.township_code, g.grid_code == e.grid_code)),
            time,
            {
                "township_code": e.township_code,
                **_at(time),
                "village_code": named(g.village_code),
                "grid_code": _of_township(e.township_code, e.grid_code),
                "event_kind": e.kind,
            },
            measures,
            (time <= span.as_of,) if until_as_of else (),
            (e.township_code, e.event_id),
            (e.event_id,),
            {
                "event_id": e.event_id,
                "village_code": g.village_code,
                "grid_code": e.grid_code,
                "event_kind": e.kind,
                "reported_at": e.reported_at,
                "due_at": e.due_at,
                "closed_at": e.closed_at,
            },
        )

    return rows


def _grids(span: Span) -> FactRows:
    months = span.periods
    g = grid.c
    past = Replaced(GRIDS, months.c.month)
    workers = case((months.c.month >= span.registers_since, past.value("workers")))
    return FactRows(
        grid.join(months, in_use(g.opened_on, g.closed_on, months)).outerjoin(past.rows, past.is_of_row),
        None,
        {"township_code": g.township_code, "month": months.c.month, "village_code": named(g.village_code)},
        {"grids": one_if(g.kind == GRID), "micro_grids": one_if(g.kind == MICRO_GRID), "workers": workers},
        (),
        (g.township_code, g.grid_code),
        (g.name, g.grid_code),
        {
            "grid_code": g.grid_code,
            "grid_name": g.name,
            "grid_kind": g.kind,
            "village_code": g.village_code,
            "workers": workers,
        },
    )


# --- All of them ----------------------------------------------------------------------------------

_o, _e, _p = camera_outage.c, grid_event.c, petition.c
_tells_closing = is_recorded(grid_event, "closed_at")

_BUILDERS: dict[str, Callable[[Span], FactRows]] = {
    "cases_received": _cases(_p.received_at, RECEIVED_MEASURES),
    "cases_due": _cases_due,
    "cases_closed": _cases(_p.closed_at, CLOSED_MEASURES),
    "cameras": _cameras,
    "outages_begun": _outages(_o.started_at, {"outages": literal(1)}),
    "outages_ended": _outages(
        _o.ended_at, {"repairs": literal(1), "repair_hours": hours_between(_o.started_at, _o.ended_at)}
    ),
    "teams": _teams,
    "activities": _activities,
    "projects": _projects,
    "events_reported": _events(
        _e.reported_at,
        {
            "events": literal(1),
            "completed": one_if(_e.closed_at.is_not(None)),
            "hazards": one_if(_e.kind == HAZARD),
            "disputes": one_if(and_(_e.kind == DISPUTE, _tells_closing)),
            "disputes_closed": case((_tells_closing, one_if(and_(_e.kind == DISPUTE, _e.closed_at.is_not(None))))),
            "closing_recorded": one_if(_tells_closing),
            "deadlines_recorded": one_if(and_(_tells_closing, is_recorded(grid_event, "due_at"))),
        },
    ),
    "events_closed": _events(_e.closed_at, {"closed": literal(1)}),
    "events_due": _events(
        _e.due_at,
        {"due": one_if(_tells_closing), "closed_on_time": one_if(_e.closed_at <= _e.due_at)},
        until_as_of=True,
    ),
    "grids": _grids,
}
# Which rows count for the measures of which family of rollups
_SOURCES = {
    "petition_month": ("cases_received", "cases_due", "cases_closed"),
    "camera_month": ("cameras", "outages_begun", "outages_ended"),
    "volunteer_month": ("teams", "activities"),
    "project_month": ("projects",),
    "grid_month": ("events_reported", "events_closed", "events_due", "grids"),
}
# What a row adds that is an amount, where the others say whether it counts
AMOUNTS = frozenset(
    {
        "handling_hours",
        "hours_due",
        "hours_up",
        "repair_hours",
        "members",
        "participants",
        "hours",
        "timed_hours",
        "gap_points",
        "done_points",
        "planned_points",
        "budget_yuan",
        "invested_yuan",
        "workers",
    }
)
_ANY = Span(
    month_end("2000-01"),
    month_start("2000-01"),
    month_end("2000-01"),
    calendar([("2000-01", month_start("2000-01"), month_end("2000-01"))], month_end("2000-01")),
)
_EXAMPLES = {name: build(_ANY) for name, build in _BUILDERS.items()}
_BY_MEASURE = {
    (source, measure): name
    for source, names in _SOURCES.items()
    for name in names
    for measure in _EXAMPLES[name].measures
}


def rows_counted(source: str, measure: str) -> str | None:
    """The name of the rows that add to a measure of a family of rollups; None where only the rollup has it."""
    return _BY_MEASURE.get((source, measure))


def source_of(name: str) -> str:
    """The family of rollups that rows of this name add to."""
    return next(source for source, names in _SOURCES.items() if name in names)


def dimensions_of(name: str) -> frozenset[str]:
    """What rows of this name can be told apart by."""
    return frozenset(_EXAMPLES[name].dimensions)


def has_texts(name: str) -> bool:
    """Whether words can be looked for in rows of this name."""
    return bool(_EXAMPLES[name].searched)


def is_stock(name: str) -> bool:
    """Whether the rows are things that are there, rather than things that happen."""
    return _EXAMPLES[name].time is None


def fact_rows(name: str, span: Span) -> FactRows:
    """The rows of this name in the span."""
    return _BUILDERS[name](span)
