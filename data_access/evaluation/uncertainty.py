"""How far scores and places can be trusted: intervals, plausible places, weights that could be others, streaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data_access.evaluation.scoring import Counts, Evaluation, Floats, places_in_leagues, points

# Standard normal quantiles of two-sided 95 % and 99.8 %
Z_95 = 1.959964
Z_998 = 3.090232


def wilson(n: Floats, d: Floats, z: float = Z_95) -> tuple[Floats, Floats]:
    """The interval of a share n / d (0 to 1). NaN without a denominator.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        d = np.where(d > 0, d, np.nan)
        share = n / d
        middle = (share + z**2 / (2 * d)) / (1 + z**2 / d)
        half = z / (1 + z**2 / d) * np.sqrt(share * (1 - share) / d + z**2 / (4 * d**2))
    return np.maximum(middle - half, 0), np.minimum(middle + half, 1)


def funnel(share: float, d: Floats, z: float) -> tuple[Floats, Floats]:
    """The limits around a county's share within which chance alone leaves one with this denominator.

    Source: D. J. Spiegelhalter, Statistics in Medicine 24 (2005), 1185-1202 (normal approximation).
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        half = z * np.sqrt(share * (1 - share) / np.where(d > 0, d, np.nan))
    return np.maximum(share - half, 0), np.minimum(share + half, 1)


@dataclass(frozen=True)
class PlaceRange:
    """The best and the worst place of each township, NaN for those without one."""

    best: Floats
    worst: Floats


def plausible_places(evaluation: Evaluation, samples: int = 1000, seed: int = 0) -> PlaceRange:
    """The places that 95 of 100 repetitions of chance would give (parametric bootstrap over the counts).

    A share is drawn anew from its posterior under Jeffreys' prior and a binomial of it, so that 5 of 5 is not certain;
    a plain count from a Poisson of it. What is neither, such as hours, stays as it is.
    """
    generator = np.random.default_rng(seed)
    n, d = evaluation.counts.n, evaluation.counts.d
    drawn = np.broadcast_to(n, (samples, *n.shape)).copy()
    for position, criterion in enumerate(evaluation.criteria):
        numerators, denominators = n[:, position], d[:, position]
        known = ~np.isnan(numerators)
        whole = known & (numerators >= 0) & (np.nan_to_num(numerators) % 1 == 0)
        if criterion.indicator.is_ratio:
            share = whole & (denominators > 0) & (numerators <= denominators) & (np.nan_to_num(denominators) % 1 == 0)
            if criterion.indicator.scale != 100 or not share.any():
                continue
            true = generator.beta(
                numerators[share] + 0.5, denominators[share] - numerators[share] + 0.5, (samples, int(share.sum()))
            )
            drawn[:, share, position] = generator.binomial(denominators[share].astype(int), true)
        elif whole.any():
            drawn[:, whole, position] = generator.poisson(numerators[whole], (samples, int(whole.sum())))
    counts = Counts(drawn, np.broadcast_to(d, drawn.shape))
    given = points(counts.values(evaluation.criteria), evaluation.criteria, evaluation.field)
    return _range(evaluation, given.sum(axis=-1) + evaluation.field.by_hand, (2.5, 97.5))


def places_under_other_weights(
    evaluation: Evaluation, share: float = 0.1, samples: int = 1000, seed: int = 0
) -> PlaceRange:
    """Each place's range when every weight moves by up to this share of itself and all again sum to 100.

    What a rule gives is taken as a part of its weight. The corners at which one weight moves alone are among the
    samples.
    """
    weights = np.array([criterion.weight for criterion in evaluation.criteria])
    generator = np.random.default_rng(seed)
    drawn = weights * generator.uniform(1 - share, 1 + share, (samples, len(weights)))
    alone = weights * (1 + share * np.vstack([np.eye(len(weights)), -np.eye(len(weights))]))
    drawn = np.vstack([weights, alone, drawn])
    drawn = 100 * drawn / drawn.sum(axis=1, keepdims=True)
    scores = drawn @ (evaluation.points / weights).T + evaluation.field.by_hand
    return _range(evaluation, scores, (0, 100))


def _range(evaluation: Evaluation, scores: Floats, percentiles: tuple[float, float]) -> PlaceRange:
    is_ranked = ~np.isnan(evaluation.place)
    found = places_in_leagues(scores, evaluation.field, is_ranked)
    best, worst = np.full(len(is_ranked), np.nan), np.full(len(is_ranked), np.nan)
    if is_ranked.any():
        best[is_ranked], worst[is_ranked] = np.percentile(
            found[:, is_ranked], percentiles, axis=0, method="closest_observation"
        )
    return PlaceRange(best, worst)


@dataclass(frozen=True)
class Streak:
    """Months among the league's first and last three in the last three, and whether the score rose twice on end."""

    first_three: int
    last_three: int
    is_improving: bool


def streaks(months: Sequence[Evaluation], code: str) -> Streak:
    """A township's streak over the last three of these months, which are in order."""
    recent = months[-3:]
    first = last = 0
    scores = []
    for evaluation in recent:
        if code not in evaluation.field.codes:
            continue
        own = evaluation.position(code)
        members = evaluation.field.members.get(evaluation.field.leagues[own] or "", np.array([], dtype=np.intp))
        known: npt.NDArray[np.float64] = evaluation.place[members]
        size = int((~np.isnan(known)).sum())
        place = evaluation.place[own]
        scores.append(float(evaluation.score[own]))
        # In a small league the first three are the last three too, and say nothing.
        if np.isnan(place) or size < 6:
            continue
        first += int(place <= 3)
        last += int(place > size - 3)
    is_improving = len(scores) == 3 and scores[0] < scores[1] < scores[2]
    return Streak(first, last, is_improving)
