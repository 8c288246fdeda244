"""Scores: from a month's counts to points, totals and places within leagues.

Arrays have the townships in their last axis but one and the criteria in their last, so that months and random samples
can stand in front and be scored at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from data_access.evaluation.schemes import Criterion, Scheme
from data_access.model.measured import NO_BUSINESS, UNRECORDED, UNREPORTED

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.str_]

# Beyond what a published score shows; equal to a machine's rounding.
_SCORE_DECIMALS = 9


@dataclass(frozen=True)
class Counts:
    """Numerators and denominators (NaN for plain counts), shaped (…, townships, criteria); NaN is no data.

    ``absent`` says why there are none where there are none: ``unreported`` (unless given), ``unrecorded`` or
    ``no_business``. A denominator of 0 is no business.
    """

    n: Floats
    d: Floats
    absent: Words | None = None

    def absences(self, criteria: Sequence[Criterion]) -> Words:
        """Why a criterion has no value, empty where it has one."""
        reasons = np.full(self.n.shape, UNREPORTED) if self.absent is None else self.absent
        reasons = np.where((self.d == 0) & (reasons == UNREPORTED), NO_BUSINESS, reasons)
        return np.where(np.isnan(self.values(criteria)), reasons, "")

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


def points(values: Floats, absent: Words, scheme: Scheme, field: Field) -> Floats:
    """Points per criterion, NaN where nothing is known and the scheme lets nothing stand for it.

    ``absent`` is shaped (townships, criteria). Where nothing fell under a criterion (or what the source never recorded
    may be left out), a township gets its own rate of points on the others: the weights are shared among these.
    """
    given = _points_by_rule(values, scheme.criteria, field)
    if scheme.unreported == "zero":
        given[..., absent == UNREPORTED] = 0.0
    if scheme.no_business == "mean":
        for members in field.members.values():
            own = given[..., members, :]
            known = ~np.isnan(own)
            with np.errstate(invalid="ignore"):
                mean = np.where(known, own, 0).sum(axis=-2, keepdims=True) / known.sum(axis=-2, keepdims=True)
            given[..., members, :] = np.where(absent[members] == NO_BUSINESS, mean, own)
    left_out = left_out_of(absent, scheme)
    if left_out.any():
        weights = np.array([criterion.weight for criterion in scheme.criteria])
        rate = own_rate(given, left_out, weights)
        given = np.where(left_out, rate[..., None] * weights, given)
    return given


def left_out_of(absent: Words, scheme: Scheme) -> npt.NDArray[np.bool_]:
    """Whether a criterion is left out for a township, its weight shared among the others."""
    left_out = np.zeros(absent.shape, dtype=bool)
    if scheme.no_business == "share":
        left_out |= absent == NO_BUSINESS
    if scheme.unrecorded == "rest":
        left_out |= absent == UNRECORDED
    return left_out


def own_rate(given: Floats, left_out: npt.NDArray[np.bool_], weights: Floats) -> Floats:
    """Each township's points on the criteria that are not left out for it, over their weights."""
    with np.errstate(invalid="ignore", divide="ignore"):
        rate: Floats = np.where(left_out, 0, given).sum(axis=-1) / np.where(left_out, 0, weights).sum(axis=-1)
    return rate


def _points_by_rule(values: Floats, criteria: Sequence[Criterion], field: Field) -> Floats:
    """Points per criterion, NaN without data.

    deduct: weight - per_point x max(0, shortfall), at least floor. attain: weight x min(cap, value / target), inverted
    where lower is better. rank: weight x (size - place + 1) / size among the league's townships with data.
    """
    given = np.full(values.shape, np.nan)
    for position, criterion in enumerate(criteria):
        value = values[..., position]
        is_lower = criterion.indicator.direction == "lower"
        goals = criterion.goals(field.codes)
        if criterion.rule == "deduct":
            short = value - goals if is_lower else goals - value
            given[..., position] = np.maximum(
                criterion.weight - criterion.per_point * np.maximum(short, 0), criterion.floor
            )
        elif criterion.rule == "attain":
            with np.errstate(divide="ignore", invalid="ignore"):
                reached = goals / value if is_lower else value / goals
            if is_lower:
                # Nothing of what should be little is as good as it gets, whatever the target.
                reached = np.where((value == 0) & ~np.isnan(goals), criterion.cap, reached)
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

    ``absent`` says why a criterion has no value. ``score`` is NaN where the scheme lets nothing stand for it; ``place``
    also where a share's denominator is under the scheme's ``min_cases`` (``is_small``: listed apart), and everywhere in
    a month that is unfinished: ``unfinished`` is the moment until which its data reach.
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
    absent: Words
    unfinished: datetime | None = None

    @property
    def standing(self) -> Words:
        """``ranked``, or why a township is not ranked by its score: ``unfinished``, ``unreported``, ``unrecorded``,
        ``no_business``, ``small``, or ``outside`` all leagues.
        """
        nothing = np.isnan(self.score)
        is_missing = [nothing & (self.absent == reason).any(axis=-1) for reason in (UNREPORTED, UNRECORDED)]
        return np.select(
            [np.full(nothing.shape, self.unfinished is not None), *is_missing, nothing, self.is_small],
            ["unfinished", UNREPORTED, UNRECORDED, NO_BUSINESS, "small"],
            np.where(np.isnan(self.place), "outside", "ranked"),
        )

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """The scheme's criteria, in the order of the arrays' last axis."""
        return self.scheme.criteria

    def position(self, code: str) -> int:
        """Where a township stands in the arrays. Raises ValueError."""
        return self.field.codes.index(code)

    def table(self) -> pd.DataFrame:
        """One row a township, league by league, best first.

        Columns: code, name, league, place, score, by_hand, is_small, is_reported, standing, and per criterion its points
        under its key, ``key:value``, ``key:n``, ``key:d`` and ``key:absent``. Who did not report comes last.
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
            "standing": self.standing,
        }
        for position, criterion in enumerate(self.criteria):
            columns[criterion.key] = self.points[:, position]
            columns[f"{criterion.key}:value"] = self.values[:, position]
            columns[f"{criterion.key}:n"] = self.counts.n[:, position]
            columns[f"{criterion.key}:d"] = self.counts.d[:, position]
            columns[f"{criterion.key}:absent"] = self.absent[:, position]
        table = pd.DataFrame(columns)
        order = {league: number for number, league in enumerate(self.field.members)}
        return (
            table.assign(order=table["league"].map(order), last=table["standing"] == UNREPORTED)
            .sort_values(["order", "last", "place", "score", "code"], ascending=[True, True, True, False, True])
            .drop(columns=["order", "last"])
            .reset_index(drop=True)
        )

    def recounted(self, counts: Counts) -> Evaluation:
        """The same month with other counts."""
        return scored(self.scheme, self.month, self.field, counts, self.unfinished)


def scored(scheme: Scheme, month: str, field: Field, counts: Counts, unfinished: datetime | None = None) -> Evaluation:
    """Score a month's counts, shaped (townships, criteria)."""
    values, absent = counts.values(scheme.criteria), counts.absences(scheme.criteria)
    for position, criterion in enumerate(scheme.criteria):
        if criterion.rule != "rank":
            # What nobody has set a target for cannot be scored.
            no_goal = np.isnan(criterion.goals(field.codes)) & (absent[:, position] == "")
            absent[no_goal, position] = UNRECORDED
    given = points(values, absent, scheme, field)
    score = given.sum(axis=-1) + field.by_hand
    shares = np.array([criterion.indicator.is_percentage for criterion in scheme.criteria], dtype=bool)
    # What nothing fell under is no small share.
    is_small = (shares & (absent == "") & (counts.d < scheme.min_cases)).any(axis=-1) & ~np.isnan(score)
    place = places_in_leagues(score, field, ~is_small & (unfinished is None))
    if scheme.unreported == "last":
        is_last = np.isnan(score) & (absent == UNREPORTED).any(axis=-1)
        for members in field.members.values():
            ranked = int((~np.isnan(place[members])).sum())
            if ranked:
                place[members[is_last[members]]] = ranked + 1
    return Evaluation(scheme, month, field, counts, values, given, score, place, is_small, absent, unfinished)
