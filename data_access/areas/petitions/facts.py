"""Cases as rows that can be counted: by when they were received, due and closed."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import and_, false, true

from data_access.areas.petitions.area import LEVELS
from data_access.areas.petitions.closing import days_late, is_open, urgency
from data_access.areas.petitions.rollup import (
    CALLED_BACK_LATER,
    CLOSED_MEASURES,
    CLOSING,
    DUE_MEASURES,
    RECEIVED_MEASURES,
    case_measures,
    signing_due,
)
from data_access.areas.petitions.tables import petition
from data_access.model.facts import Expression, FactRows, Facts, Span, answer, parts_of_time, within_township
from data_access.model.rollup import named


def _cases(time: Expression, counted: tuple[str, ...], *conditions: Expression) -> Facts:
    def rows(span: Span) -> FactRows:
        c, as_of = petition.c, span.as_of
        measures = case_measures(
            signing_due(as_of),
            and_(CLOSING.c.township_code.in_(span.townships), CLOSING.c.closed_at.between(span.first, span.after)),
            span.seen,
        )
        if span.is_to_date:
            measures |= CALLED_BACK_LATER
        measures["handling_hours"] /= 3600.0
        timeliness = answer(
            (c.due_at.is_(None), "no_due"),
            (c.closed_at <= c.due_at, "on_time"),
            (c.closed_at > c.due_at, "late"),
            (and_(is_open(c.closed_at), c.due_at <= as_of), "overdue"),
            (is_open(c.closed_at), "pending"),
            otherwise="unknown",
        )
        satisfaction = answer(
            (and_(c.called_back == true(), c.satisfied == true()), "yes"),
            (and_(c.called_back == true(), c.satisfied == false()), "no"),
            otherwise="unknown",
        )
        return FactRows(
            petition,
            time,
            {
                "township_code": c.township_code,
                **parts_of_time(time),
                **{name: named(c[name]) for name in ("village_code", *LEVELS, "channel", "department", "status")},
                "grid_code": within_township(c.township_code, c.grid_code),
                "timeliness": timeliness,
                "satisfaction": satisfaction,
                "is_repeat": answer((c.repeat_of.is_not(None), "yes"), otherwise="no"),
            },
            {name: measures[name] for name in counted},
            (c.invalid_reason.is_(None), *conditions),
            (c.township_code, c.case_no),
            (c.title, c.case_no),
            {
                **{name: c[name] for name in ("case_no", "village_code", "title")},
                # Where it is seen without scrolling
                "days_late": days_late(as_of),
                **{name: c[name] for name in (*LEVELS, "department", "status")},
                "timeliness": timeliness,
                **{name: c[name] for name in ("received_at", "due_at", "closed_at", "channel", "petitioner")},
                "satisfaction": satisfaction,
            },
            frozenset({"handling_hours"}),
            urgency(as_of),
        )

    return rows


def _cases_due(span: Span) -> FactRows:
    c = petition.c
    return _cases(c.due_at, DUE_MEASURES, c.due_at <= span.as_of)(span)


FACTS: Mapping[str, Facts] = {
    "cases_received": _cases(petition.c.received_at, RECEIVED_MEASURES),
    "cases_due": _cases_due,
    "cases_closed": _cases(petition.c.closed_at, CLOSED_MEASURES),
}
