"""Evaluations of months, read from the rollups: few queries, however many months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine, select

from data_access.evaluation.records import exclusions, items
from data_access.evaluation.schemes import Scheme
from data_access.evaluation.scoring import Counts, Evaluation, Field, Floats, scored
from data_access.queries import measure
from data_access.rollups import contributions
from data_access.schema import township
from data_access.scope import Scope


@dataclass(frozen=True)
class Month:
    """A month's evaluation, with what people entered for it; ``complete`` counts the cases taken out as well."""

    evaluation: Evaluation
    complete: Evaluation
    items: pd.DataFrame
    exclusions: pd.DataFrame


def evaluate(engine: Engine, scheme: Scheme, months: Sequence[str]) -> tuple[Month, ...]:
    """The evaluations of months in order (``YYYY-MM``, without gaps), under one scheme."""
    with engine.connect() as connection:
        places = connection.execute(
            select(township.c.code, township.c.name, township.c.kind).order_by(township.c.code)
        ).all()
        codes = tuple(place.code for place in places)
        leagues = tuple(scheme.league_of(place.code, place.kind) for place in places)
        counts = _counts(connection, scheme, months, codes)
        by_hand, excluded = items(connection, scheme.id, months), exclusions(connection, months)
        evaluated = []
        for number, month in enumerate(months):
            entered = by_hand[by_hand["month"] == month].reset_index(drop=True)
            taken_out = excluded[excluded["month"] == month].reset_index(drop=True)
            sums = entered.groupby("township_code")["points"].sum().reindex(codes, fill_value=0.0)
            field = Field(codes, tuple(place.name for place in places), leagues, sums.to_numpy(float))
            complete = scored(scheme, month, field, Counts(counts.n[number], counts.d[number]))
            cases = set(zip(taken_out["township_code"], taken_out["case_no"], strict=True))
            fewer = _without(connection, complete, cases) if cases else complete
            evaluated.append(Month(fewer, complete, entered, taken_out))
    return tuple(evaluated)


def _counts(connection: Connection, scheme: Scheme, months: Sequence[str], codes: tuple[str, ...]) -> Counts:
    """Shaped (months, townships, criteria)."""
    shape = (len(months), len(codes), len(scheme.criteria))
    n, d = np.full(shape, np.nan), np.full(shape, np.nan)
    if not months or not codes:
        return Counts(n, d)
    rows, columns = {month: row for row, month in enumerate(months)}, {code: row for row, code in enumerate(codes)}
    for where in dict.fromkeys(criterion.where for criterion in scheme.criteria):
        chosen = [(place, one) for place, one in enumerate(scheme.criteria) if one.where == where]
        indicators = list({one.indicator.code: one.indicator for _, one in chosen}.values())
        scope = Scope((), months[0], months[-1], where)
        table = measure(connection, indicators, scope, ("township_code", "month"))
        table = table[table["township_code"].isin(columns) & table["month"].isin(rows)]
        at = table["month"].map(rows).to_numpy(int), table["township_code"].map(columns).to_numpy(int)
        for place, one in chosen:
            n[(*at, place)] = table[f"{one.indicator.code}:n"].to_numpy(float)
            d[(*at, place)] = table[f"{one.indicator.code}:d"].to_numpy(float)
    return Counts(n, d)


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
    return evaluation.recounted(Counts(n, d))
