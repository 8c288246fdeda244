"""Scores: from a month's counts to points, totals and places within leagues.

Arrays have the townships in their last axis but one and the criteria in their last, so that months and random samples
can stand in front and be scored at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from data_access.evaluation.schemes import Criterion, Scheme

Floats = npt.NDArray[np.float64]

# Beyond what a published score shows; equal to a machine's rounding.
_SCORE_DECIMALS = 9


@dataclass(frozen=True)
class Counts:
    """Numerators and denominators (NaN for plain counts), shaped (…, townships, criteria); NaN is no data."""

    n: Floats
    d: Floats

    def values(self, criteria: Sequence[Criterion]) -> Floats:
        """The indicators' values; NaN where there is no data or nothing to divide by."""
        scale = np.array([criterion.indicator.scale for criterion in criteria])
        is_ratio = np.array([criterion.indicator.is_ratio for criterion in criteria])
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = np.where(self.d > 0, self.n / self.d, np.nan)
        return scale * np.where(is_ratio, shares, self.n)


@dataclass(frozen=True)
class Field:
    """Who is scored: township codes, names, leagues (None: in no league) and points by hand, in one order."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    leagues: tuple[str | None, ...]
    by_hand: Floats

    @property
    def members(self) -> dict[str, npt.NDArray[np.intp]]:
        """The positions of each league's townships."""
        leagues = dict.fromkeys(league for league in self.leagues if league is not None)
        return {
            league: np.array([place for place, own in enumerate(self.leagues) if own == league]) for league in leagues
        }


def points(values: Floats, criteria: Sequence[Criterion], field: Field) -> Floats:
    """Points per criterion, NaN without data.

    deduct: weight - per_point x max(0, shortfall), at least floor. attain: weight x min(cap, value / target), inverted
    where lower is better. rank: weight x (size - place + 1) / size among the league's townships with data.
    """
    given = np.full(values.shape, np.nan)
    for position, criterion in enumerate(criteria):
        value = values[..., position]
        is_lower = criterion.indicator.direction == "lower"
        if criterion.rule == "deduct":
            short = value - criterion.target if is_lower else criterion.target - value
            given[..., position] = np.maximum(
                criterion.weight - criterion.per_point * np.maximum(short, 0), criterion.floor
            )
        elif criterion.rule == "attain":
            with np.errstate(divide="ignore", invalid="ignore"):
                reached = criterion.target / value if is_lower else value / criterion.target
            if is_lower:
                # Nothing of what should be little is as good as it gets, whatever the target.
                reached = np.where(value == 0, criterion.cap, reached)
            given[..., position] = criterion.weight * np.clip(reached, 0, criterion.cap) + 0 * value
        else:
            for members in field.members.values():
                own = value[..., members] * (1 if is_lower else -1)
                known = ~np.isnan(own)
                size = known.sum(axis=-1, keepdims=True)
                place = places(-own)
                with np.errstate(invalid="ignore", divide="ignore"):
                    given[..., members, position] = criterion.weight * (size - place + 1) / size
    return given


def places(scores: Floats) -> Floats:
    """Places along the last axis, the highest score first; ties share the better place, NaN has none."""
    flat = np.round(scores, _SCORE_DECIMALS).reshape(-1, scores.shape[-1])
    found = np.empty(flat.shape)
    for row, out in zip(flat, found, strict=True):
        known = np.sort(-row[~np.isnan(row)])
        out[:] = np.where(np.isnan(row), np.nan, np.searchsorted(known, -row) + 1)
    return found.reshape(scores.shape)


def places_in_leagues(scores: Floats, field: Field, is_ranked: npt.NDArray[np.bool_]) -> Floats:
    """Places of each league's ranked townships, shaped as the scores (…, townships)."""
    found = np.full(scores.shape, np.nan)
    ranked = np.where(is_ranked, scores, np.nan)
    for members in field.members.values():
        found[..., members] = places(ranked[..., members])
    return found


@dataclass(frozen=True)
class Evaluation:
    """A scheme's month, scored. Arrays are shaped (townships,) or (townships, criteria).

    ``score`` is NaN where a criterion has no data (未报); ``place`` also where a share's denominator is under the
    scheme's ``min_cases`` (``is_small``: listed apart).
    """

    scheme: Scheme
    month: str
    field: Field
    counts: Counts
    values: Floats
    points: Floats
    score: Floats
    place: Floats
    is_small: npt.NDArray[np.bool_]

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """The scheme's criteria, in the order of the arrays' last axis."""
        return self.scheme.criteria

    def position(self, code: str) -> int:
        """Where a township stands in the arrays. Raises ValueError."""
        return self.field.codes.index(code)

    def table(self) -> pd.DataFrame:
        """One row a township, league by league, best first.

        Columns: code, name, league, place, score, by_hand, is_small, is_reported, and per criterion its points under
        its key, ``key:value``, ``key:n`` and ``key:d``.
        """
        columns: dict[str, object] = {
            "code": self.field.codes,
            "name": self.field.names,
            "league": self.field.leagues,
            "place": self.place,
            "score": self.score,
            "by_hand": self.field.by_hand,
            "is_small": self.is_small,
            "is_reported": ~np.isnan(self.score),
        }
        for position, criterion in enumerate(self.criteria):
            columns[criterion.key] = self.points[:, position]
            columns[f"{criterion.key}:value"] = self.values[:, position]
            columns[f"{criterion.key}:n"] = self.counts.n[:, position]
            columns[f"{criterion.key}:d"] = self.counts.d[:, position]
        table = pd.DataFrame(columns)
        order = {league: number for number, league in enumerate(self.field.members)}
        return (
            table.assign(order=table["league"].map(order))
            .sort_values(["order", "place", "score", "code"], ascending=[True, True, False, True])
            .drop(columns="order")
            .reset_index(drop=True)
        )

    def recounted(self, counts: Counts) -> Evaluation:
        """The same month with other counts."""
        return scored(self.scheme, self.month, self.field, counts)


def scored(scheme: Scheme, month: str, field: Field, counts: Counts) -> Evaluation:
    """Score a month's counts, shaped (townships, criteria)."""
    values = counts.values(scheme.criteria)
    given = points(values, scheme.criteria, field)
    score = given.sum(axis=-1) + field.by_hand
    is_small = np.zeros(len(field.codes), dtype=bool)
    if scheme.min_cases:
        shares = [criterion.indicator.is_percentage for criterion in scheme.criteria]
        is_small = (counts.d[:, shares] < scheme.min_cases).any(axis=-1) & ~np.isnan(score)
    place = places_in_leagues(score, field, ~is_small)
    return Evaluation(scheme, month, field, counts, values, given, score, place, is_small)


def with_points_by_hand(field: Field, by_hand: Floats) -> Field:
    """The same townships with other points by hand."""
    return replace(field, by_hand=by_hand)
