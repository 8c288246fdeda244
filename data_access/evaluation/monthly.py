"""Evaluations of months, read from the rollups: few queries, however many months."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine, select

from data_access.access import Viewer
from data_access.areas import AREAS
from data_access.areas.petitions.rollup import contributions
from data_access.evaluation.finished import unfinished
from data_access.evaluation.records import (
    Frozen,
    exclusions,
    frozen,
    items,
    kept_of_month,
    published,
    scheme_of,
)
from data_access.evaluation.schemes import Scheme
from data_access.evaluation.scoring import (
    Counts,
    Evaluation,
    Field,
    Floats,
    Words,
    scored,
)
from data_access.indicators import INDICATORS
from data_access.model.data_state import as_of_dates
from data_access.model.indicator import Indicator
from data_access.model.measured import NO_BUSINESS, UNRECORDED, UNREPORTED
from data_access.places.tables import township
from data_access.queries import measure
from data_access.scope import Scope, month_offset
from data_access.settings.kept import kept_settings, kept_targets, leagues


@dataclass(frozen=True)
class Month:
    """A month's evaluation, with what people entered for it; ``complete`` counts the cases taken out as well."""

    evaluation: Evaluation
    complete: Evaluation
    items: pd.DataFrame
    exclusions: pd.DataFrame


@dataclass(frozen=True)
class Course:
    """A month's result as it is told, and the months before that it is compared with.

    ``shown`` is the kept version where there is one, else today's. ``before``: of the two months before, those that can
    be compared, in order, each as it was kept, or else under the scheme of the series that was valid in it. What is kept
    is compared with what is kept and nothing else, so that it stays as it is.
    """

    now: Month
    kept: Frozen | None
    shown: Evaluation
    before: tuple[Evaluation, ...]

    @property
    def previous(self) -> Evaluation | None:
        """The month before, if it can be compared; an unfinished month is compared with none."""
        if self.shown.unfinished is not None:
            return None
        month = month_offset(self.shown.month, -1)
        return next((one for one in self.before if one.month == month), None)


def course(
    engine: Engine,
    viewer: Viewer,
    schemes: Sequence[Scheme],
    scheme: Scheme,
    month: str,
    indicators: Mapping[str, Indicator] = INDICATORS,
) -> Course:
    """A month under a scheme, and the two before it under those of its series among ``schemes``. Raises NotAllowed."""
    kept = frozen(engine, viewer, scheme.id, month)
    kept_at = kept.frozen_at if kept is not None and kept.is_intact else None
    as_kept: dict[str, Evaluation] = {}
    live: dict[Scheme, list[str]] = {scheme: [month]}
    earlier = (month_offset(month, -2), month_offset(month, -1))
    for one in reversed(earlier):
        version = _in_force(kept_of_month(engine, viewer, one), scheme, kept_at)
        valid = [other for other in schemes if other.series == scheme.series and other.is_valid_in(one)]
        if version is not None:
            if version.is_intact:
                as_kept[one] = published(version, indicators)
        elif kept_at is None and valid:
            live.setdefault(valid[0], []).insert(0, one)
    evaluated = {
        found.evaluation.month: found
        for under, months in live.items()
        for found in evaluate(engine, viewer, under, months)
    }
    now = evaluated[month]
    before = [as_kept.get(one) or evaluated[one].evaluation for one in earlier if one in as_kept or one in evaluated]
    return Course(
        now,
        kept,
        published(kept, indicators) if kept is not None and kept_at is not None else now.evaluation,
        tuple(one for one in before if not np.isnan(one.counts.n).all()),
    )


def _in_force(versions: Sequence[Frozen], scheme: Scheme, at: datetime | None) -> Frozen | None:
    """The version of the scheme's series that was final at a moment, else the first one later; without one, the newest."""
    own = [version for version in versions if version.series == scheme.series]
    if at is None:
        return own[-1] if own else None
    final = [version for version in own if version.stage == "final"]
    return next((version for version in reversed(final) if version.frozen_at <= at), final[0] if final else None)


def offered(
    engine: Engine,
    viewer: Viewer,
    schemes: Sequence[Scheme],
    month: str,
    indicators: Mapping[str, Indicator] = INDICATORS,
) -> tuple[Scheme, ...]:
    """The schemes to look at a month under: those its results were kept under, and for other series the valid ones.

    One that has changed its months since is as it was when the result was kept. Raises NotAllowed.
    """
    valid = [scheme for scheme in schemes if scheme.is_valid_in(month)]
    latest = {version.scheme: version for version in kept_of_month(engine, viewer, month)}
    found: dict[str, Scheme] = {}
    for version in latest.values():
        own = next((scheme for scheme in valid if scheme.id == version.scheme), None)
        codes = {criterion["indicator"] for criterion in version.content.get("scheme", {}).get("criteria", ())}
        if own is not None:
            found[own.id] = own
        elif codes and codes <= indicators.keys():
            found[version.scheme] = scheme_of(version, indicators)
    series = {scheme.series for scheme in found.values()}
    found |= {scheme.id: scheme for scheme in valid if scheme.series not in series}
    return tuple(found[name] for name in sorted(found))


def evaluate(engine: Engine, viewer: Viewer, scheme: Scheme, months: Sequence[str]) -> tuple[Month, ...]:
    """The evaluations of months in order (``YYYY-MM``), under one scheme with the targets of each. Raises NotAllowed."""
    viewer.require_all(scheme.areas)
    with engine.connect() as connection:
        places = connection.execute(
            select(township.c.code, township.c.name, township.c.kind).order_by(township.c.code)
        ).all()
        codes = tuple(place.code for place in places)
        own = leagues(kept_settings(connection))
        in_leagues = tuple(scheme.league_of(place.code, place.kind, own.get(place.code)) for place in places)
        counts, absent = _counts(connection, viewer, scheme, months, codes)
        as_of, targets = as_of_dates(connection), kept_targets(connection)
        by_hand, excluded = items(connection, viewer, scheme.id, months), exclusions(connection, viewer, months)
        evaluated = []
        for number, month in enumerate(months):
            entered = by_hand[by_hand["month"] == month].reset_index(drop=True)
            taken_out = excluded[excluded["month"] == month].reset_index(drop=True)
            sums = entered.groupby("township_code")["points"].sum().reindex(codes, fill_value=0.0)
            field = Field(codes, tuple(place.name for place in places), in_leagues, sums.to_numpy(float))
            counted = Counts(counts.n[number], counts.d[number], absent[number])
            until = min(unfinished(scheme, month, as_of).values(), default=None)
            complete = scored(scheme.held_to(targets, month, codes), month, field, counted, until)
            cases = set(zip(taken_out["township_code"], taken_out["case_no"], strict=True))
            fewer = _without(connection, complete, cases) if cases else complete
            evaluated.append(Month(fewer, complete, entered, taken_out))
    return tuple(evaluated)


def _counts(
    connection: Connection, viewer: Viewer, scheme: Scheme, months: Sequence[str], codes: tuple[str, ...]
) -> tuple[Counts, Words]:
    """The counts, and why they are absent where they are, shaped (months, townships, criteria)."""
    shape = (len(months), len(codes), len(scheme.criteria))
    n, d, absent = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, UNREPORTED, dtype="U16")
    if not months or not codes:
        return Counts(n, d), absent
    rows, columns = {month: row for row, month in enumerate(months)}, {code: row for row, code in enumerate(codes)}

    def measured(where: tuple[tuple[str, str], ...], wanted: Iterable[Indicator]) -> tuple[pd.DataFrame, Any]:
        scope = Scope(viewer, None, months[0], months[-1], where)
        indicators = list({indicator.code: indicator for indicator in wanted}.values())
        table = measure(connection, indicators, scope, ("township_code", "month"))
        table = table[table["township_code"].isin(columns) & table["month"].isin(rows)]
        return table, (table["month"].map(rows).to_numpy(int), table["township_code"].map(columns).to_numpy(int))

    of_areas = [INDICATORS[code] for area in scheme.areas if area in AREAS for code in AREAS[area].reported_by]
    whole, at = measured((), [*of_areas, *(criterion.indicator for criterion in scheme.criteria)])
    for where in dict.fromkeys(criterion.where for criterion in scheme.criteria):
        chosen = [(place, one) for place, one in enumerate(scheme.criteria) if one.where == where]
        table, places = (whole, at) if not where else measured(where, [one.indicator for _, one in chosen])
        for place, one in chosen:
            code = one.indicator.code
            n[(*places, place)] = table[f"{code}:n"].to_numpy(float)
            d[(*places, place)] = table[f"{code}:d"].to_numpy(float)
            if one.area in AREAS:
                has_reported = whole[list(AREAS[one.area].reported_by)].notna().any(axis=1)
                absent[(*at, place)] = np.where(has_reported, NO_BUSINESS, UNREPORTED)
            for of, where_known in ((whole, at), (table, places)):
                # No row carried what it needs: neither its numerator nor its denominator says anything. What falls due
                # of earlier months may have it nevertheless.
                never = np.zeros(shape[:2], dtype=bool)
                if f"{code}:k" in of:
                    never[where_known] = of[f"{code}:k"].eq(0) & of[code].isna()
                absent[never, place] = UNRECORDED
                n[never, place] = d[never, place] = np.nan
    # Where there is something to be divided and nothing known to divide it by, the share is not known either.
    is_ratio = np.array([one.indicator.is_ratio for one in scheme.criteria])
    absent[is_ratio & ~np.isnan(n) & np.isnan(d)] = UNRECORDED
    return Counts(n, d), absent


def _without(connection: Connection, evaluation: Evaluation, cases: set[tuple[str, str]]) -> Evaluation:
    """The evaluation as if these cases (township code and number) were not there."""
    added = contributions(connection, cases, evaluation.month)
    n: Floats = evaluation.counts.n.copy()
    d: Floats = evaluation.counts.d.copy()
    for place, criterion in enumerate(evaluation.criteria):
        indicator = criterion.indicator
        if indicator.source != "petition_month":
            continue
        counted = added
        for dimension, value in criterion.where:
            counted = counted[counted[dimension] == value]
        for array, name in ((n, indicator.numerator), (d, indicator.denominator)):
            # What is not counted in cases, such as residents, stays.
            if name is not None and name in counted.columns:
                sums = counted.groupby("township_code")[name].sum().astype(float)
                array[:, place] -= sums.reindex(evaluation.field.codes, fill_value=0.0).to_numpy()
    return evaluation.recounted(Counts(n, d, evaluation.counts.absent))
