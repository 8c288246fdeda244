"""What came of decisions as the data stand: their figures, many at once, in a few statements."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import Connection, and_, select

from data_access.access import Viewer
from data_access.areas.petitions.closing import is_done, is_open
from data_access.areas.petitions.tables import petition
from data_access.decisions.records import Decision
from data_access.decisions.tables import decision_case
from data_access.decisions.verdicts import (
    NOTHING,
    Counted,
    Reason,
    Verdict,
    counted_months,
    verdict_of_cases,
    verdict_of_indicator,
)
from data_access.indicators import INDICATORS
from data_access.model.indicator import Indicator
from data_access.model.measured import UNREPORTED, measured
from data_access.queries import declared_by_hand, measure, missing_months, rollup_for
from data_access.scope import Scope, days_in, month_end, month_range, month_start

# Of which an indicator is measured: the county, townships by code, or departments' cases by name
Place = tuple[Literal["county", "township_code", "department"], str]
_Rows = Mapping[tuple[str, str], Mapping[str, Any]]


def live_verdicts(
    connection: Connection, viewer: Viewer, found: Sequence[Decision], as_of: Mapping[str, datetime]
) -> dict[str, Verdict]:
    """The verdicts on decisions as the data stand that the viewer sees, by their ids; ``as_of``: how far these reach, by area."""
    known = {**INDICATORS, **declared_by_hand(connection)}
    newest = max(as_of.values(), default=None)
    verdicts: dict[str, Verdict] = {}
    asked: list[_Asked] = []
    for one in found:
        is_due = newest is not None and newest.date() >= one.due_on
        if one.kind == "text":
            last = one.judgement
            outcome = last.outcome if last else None
            verdicts[one.id] = Verdict(outcome or "pending", is_final=last is not None)
        elif one.kind == "indicator":
            indicator = known.get(one.indicator)
            if indicator is None:
                verdicts[one.id] = Verdict("insufficient", is_final=False, reason="no_indicator")
                continue
            # Better is what it was when it was promised.
            if indicator.direction != one.direction:
                indicator = replace(indicator, direction=one.direction)
            asked.append(_Asked(one, indicator, as_of.get(indicator.data_area), is_due))
    verdicts |= _of_indicators(connection, viewer, asked)
    return verdicts | _of_cases(connection, [one for one in found if one.kind == "cases"], as_of.get("petitions"))


@dataclass(frozen=True)
class _Asked:
    """A decision whose indicator is to be measured; ``is_due``: whether the newest data of any area reach the due date."""

    decision: Decision
    indicator: Indicator
    as_of: datetime | None
    is_due: bool

    @cached_property
    def months(self) -> tuple[str, ...]:
        """The months that count, as far as the data reach."""
        first, last = counted_months(self.decision.decided_on, self.decision.due_on)
        return () if self.as_of is None else month_range(first, min(last, f"{self.as_of:%Y-%m}"))

    @property
    def place(self) -> Place:
        """Of what it is measured."""
        return measured_of(
            self.decision.owner.township_code, self.decision.owner.department, self.decision.is_of_department
        )


def measured_of(township_code: str, department: str, is_of_department: bool) -> Place:
    """Of what an owner's indicator is measured: its township, its department's cases, or the county."""
    if township_code:
        return "township_code", township_code
    return ("department", department) if is_of_department else ("county", "")


def is_known_by_department(indicator: Indicator) -> bool:
    """Whether the indicator counts cases that have departments."""
    return rollup_for(indicator, {"department"}) is not None


def figures(
    connection: Connection, viewer: Viewer, asked: Iterable[tuple[Indicator, Place, tuple[str, ...]]]
) -> list[tuple[Counted, Reason, tuple[str, ...]]]:
    """The figure of each indicator, place and months, or why there is none, and what months were left out; a few statements."""
    wanted = list(asked)
    rows: dict[str, _Rows] = {}
    for group in {place[0] for _, place, _ in wanted}:
        of_group = [one for one in wanted if one[1][0] == group and one[2]]
        rows[group] = _measured_rows(connection, viewer, group, of_group) if of_group else {}
    areas = {indicator.data_area for indicator, _, _ in wanted}
    left_out = _left_out(connection, viewer, areas, [months for _, _, months in wanted if months])
    return [_figure(indicator, place, months, rows[place[0]], left_out) for indicator, place, months in wanted]


def _measured_rows(
    connection: Connection,
    viewer: Viewer,
    group: str,
    wanted: Sequence[tuple[Indicator, Place, tuple[str, ...]]],
) -> _Rows:
    indicators = list({indicator.code: indicator for indicator, _, _ in wanted}.values())
    places = tuple(sorted({place for _, (_, place), _ in wanted}))
    start, end = min(months[0] for *_, months in wanted), max(months[-1] for *_, months in wanted)
    scope = Scope(viewer, places if group == "township_code" else None, start, end)
    if group == "department":
        scope = scope.narrowed(("department", places))
    by = ("month",) if group == "county" else (group, "month")
    table = measure(connection, indicators, scope, by)
    rows: list[dict[Any, Any]] = table.to_dict("records")
    return {("" if group == "county" else row[group], row["month"]): row for row in rows}


def _left_out(
    connection: Connection, viewer: Viewer, areas: set[str], spans: Sequence[tuple[str, ...]]
) -> dict[tuple[str, str], set[str]]:
    """The months that townships left out, by area and township (code; empty: any)."""
    if not spans:
        return {}
    scope = Scope(viewer, None, min(months[0] for months in spans), max(months[-1] for months in spans))
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in missing_months(connection, scope, areas).itertuples():
        for place in (str(row.township_code), ""):
            found[str(row.area), place].add(str(row.month))
    return found


def _figure(
    indicator: Indicator,
    place: Place,
    months: tuple[str, ...],
    rows: _Rows,
    left_out: Mapping[tuple[str, str], set[str]],
) -> tuple[Counted, Reason, tuple[str, ...]]:
    group, name = place
    code = indicator.code
    if indicator.over_months == "last":
        months = months[-1:]
    found = [rows[name, month] for month in months if (name, month) in rows]
    known = [row for row in found if not math.isnan(row[f"{code}:n"])]
    absent = measured(indicator, found[-1]).absent if found else UNREPORTED
    reasons: dict[str | None, Reason] = {
        "unreported": "unreported",
        "unrecorded": "unrecorded",
        "no_business": "no_business",
    }
    if not known:
        return NOTHING, reasons.get(absent, "unreported"), ()
    n, d = (sum(row[f"{code}:{part}"] for row in known) for part in ("n", "d"))
    if indicator.is_ratio:
        if not d > 0:
            return NOTHING, reasons.get(absent, "no_business"), ()
        figure = Counted(indicator.scale * n / d, n, d)
    else:
        figure = Counted(indicator.scale * n, n, None)
    # A share of all the county stands without one township's month, a sum does not.
    whose = name if group == "township_code" else ""
    is_whole = group != "township_code" and indicator.is_ratio
    missing = () if is_whole else tuple(sorted(left_out.get((indicator.data_area, whose), set()).intersection(months)))
    return figure, "left_out" if missing else "", missing


def _of_indicators(connection: Connection, viewer: Viewer, asked: Sequence[_Asked]) -> dict[str, Verdict]:
    found = figures(connection, viewer, ((one.indicator, one.place, one.months) for one in asked))
    return {one.decision.id: _verdict(one, *figure) for one, figure in zip(asked, found, strict=True)}


def _verdict(asked: _Asked, now: Counted, reason: Reason, left_out: tuple[str, ...]) -> Verdict:
    one, months = asked.decision, asked.months
    is_final = asked.as_of is not None and asked.as_of.date() >= one.due_on
    if not months:
        return Verdict("insufficient", is_final=False, reason="not_begun")
    span = months[0], months[-1]
    if asked.is_due and not is_final:
        return Verdict("insufficient", is_final, *span, now, reason="not_begun")
    if reason or now.value is None or one.promised is None or asked.as_of is None:
        return Verdict("insufficient", is_final, *span, now, reason=reason or "unreported", left_out=left_out)
    before = month_range(one.start_first, one.start_last) if one.start_first else ()
    until = min(asked.as_of, month_end(span[1]))
    exposures = (
        float(sum(map(days_in, before))) or 1.0,
        max((until - month_start(span[0])) / timedelta(days=1), 1.0),
    )
    return verdict_of_indicator(
        asked.indicator, one.promised, one.start, now, span, is_final=is_final, exposures=exposures
    )


def _of_cases(connection: Connection, found: Sequence[Decision], as_of: datetime | None) -> dict[str, Verdict]:
    if not found:
        return {}
    # The first moment after the due date
    until = {one.id: datetime.combine(one.due_on + timedelta(days=1), time()) for one in found}
    closed: dict[str, list[bool | None]] = {decision_id: [] for decision_id in until}
    c, p = decision_case.c, petition.c
    query = (
        select(
            c.decision_id,
            p.case_no.is_not(None).label("is_there"),
            p.invalid_reason.is_not(None).label("is_invalid"),
            p.closed_at,
            is_done(p.closed_at).label("is_done"),
            is_open(p.closed_at).label("is_open"),
        )
        .select_from(decision_case)
        .outerjoin(petition, and_(p.township_code == c.township_code, p.case_no == c.case_no))
        .where(c.decision_id.in_(until))
    )
    for row in connection.execute(query).all():
        if not row.is_invalid:
            closed[row.decision_id].append(_is_closed(row, until[row.decision_id], as_of))
    return {
        one.id: verdict_of_cases(closed[one.id], is_final=as_of is not None and as_of.date() >= one.due_on)
        for one in found
    }


def _is_closed(row: Any, until: datetime, as_of: datetime | None) -> bool | None:
    """Whether a case was closed before a moment; None: it is gone, or its source does not tell when."""
    if not row.is_there or as_of is None:
        return None
    if row.closed_at is not None:
        return bool(row.closed_at < until)
    if row.is_done:
        return True if as_of < until else None
    return False if row.is_open else None
