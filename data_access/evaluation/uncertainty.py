"""How far scores and places can be trusted: intervals, plausible places, weights that could be others, streaks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from data_access.evaluation.schemes import Criterion
from data_access.evaluation.scoring import Counts, Evaluation, Floats, left_out_of, places_in_leagues, points

# The standard normal quantile of two-sided 95 %
Z_95 = 1.959964
# What lies beyond one side of two-sided 95 % and 99.8 %
TAIL_95, TAIL_998 = 0.025, 0.001


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


@dataclass(frozen=True)
class Funnel:
    """A league's share (0 to 1), and the variance of its townships' true shares around it beyond chance."""

    share: float
    extra: float

    def limits(self, d: Floats, tail: float) -> tuple[Floats, Floats]:
        """The shares below and above which one with this denominator falls by chance at most ``tail`` of the time.

        Exact quantiles of the binomial, or with extra variation of the beta-binomial, interpolated between whole
        numbers so that n / d is outside just where the probability of n and beyond is under ``tail``. NaN without a
        denominator. Source: D. J. Spiegelhalter, Statistics in Medicine 24 (2005), 1185-1202, appendix A.1.
        """
        low, high = np.full(d.shape, np.nan), np.full(d.shape, np.nan)
        for at in np.flatnonzero(d > 0):
            size = max(round(float(d[at])), 1)
            chances = np.exp(_log_chances(size, self.share, self.extra))
            low[at] = _quantile(chances, tail) / size
            high[at] = 1 - _quantile(chances[::-1], tail) / size
        return low, high


def funnel(n: Floats, d: Floats) -> Funnel:
    """The funnel of a league's counts (NaN: none). The extra variation is estimated by moments.

    Source: D. J. Spiegelhalter, Quality and Safety in Health Care 14 (2005), 347-351: the outermost tenth on either
    side is drawn in, so that who is out of line does not widen the limits; then R. DerSimonian and N. Laird, Controlled
    Clinical Trials 7 (1986), 177-188.
    """
    known = ~np.isnan(n) & (d > 0)
    n, d = n[known], d[known]
    if not len(d):
        return Funnel(math.nan, 0.0)
    share = float(n.sum() / d.sum())
    return Funnel(share, _extra(n, d, share, max(1, len(d) // 10)))


def _extra(n: Floats, d: Floats, share: float, drawn_in: int = 0) -> float:
    """The variance of true shares around one, by moments, so many of the outermost on either side drawn in."""
    spread = share * (1 - share)
    if spread <= 0 or len(d) <= max(2 * drawn_in, 1):
        return 0.0
    weights = d / spread
    z = np.sort((n / d - share) * np.sqrt(weights))
    z = np.clip(z, z[drawn_in], z[-1 - drawn_in])
    excess = (z**2).sum() - (len(z) - 1)
    extra = excess / (weights.sum() - (weights**2).sum() / weights.sum())
    # More than half of what a share can vary at all is no variation around one share.
    return float(np.clip(extra, 0.0, spread / 2))


def _log_chances(size: int, share: float, extra: float) -> Floats:
    """The logarithms of the probabilities of 0 to ``size`` in as many trials."""
    steps = np.arange(size, dtype=float)

    def rising(first: float, step: float) -> Floats:
        """log(first (first + step) (first + 2 step) …) for 0 to ``size`` factors."""
        factors: Floats = np.zeros(size + 1)
        with np.errstate(divide="ignore"):
            factors[1:] = np.cumsum(np.log(first + step * steps))
        return factors

    arranged = rising(1.0, 1.0)
    choices = arranged[-1] - arranged - arranged[::-1]
    # Each success makes the next likelier by so much, as draws from an urn do; 0: a binomial.
    step = extra / (share * (1 - share) - extra) if extra else 0.0
    logarithms: Floats = choices + rising(share, step) + rising(1 - share, step)[::-1] - rising(1.0, step)[-1]
    return logarithms


def _quantile(chances: Floats, tail: float) -> float:
    """The interpolated number under which less than ``tail`` of the chances lie; 0: even none is no exception."""
    below = np.cumsum(chances)
    reached = int(np.searchsorted(below, tail))
    before = below[reached - 1] if reached else 0.0
    return max(0.0, reached - float((below[reached] - tail) / (below[reached] - before)))


@dataclass(frozen=True)
class PlaceRange:
    """The best and the worst place of each township, NaN for those without one."""

    best: Floats
    worst: Floats


def plausible_places(evaluation: Evaluation, samples: int = 1000, seed: int = 0) -> PlaceRange:
    """The places that 95 of 100 repetitions of chance would give (parametric bootstrap over the counts).

    A share is drawn from its posterior under Jeffreys' prior, so that 5 of 5 is not certain; a plain count likewise. What
    is neither, such as hours, stays as it is. Cases of one indicator that count under several criteria are drawn once.
    """
    generator = np.random.default_rng(seed)
    n, d = evaluation.counts.n, evaluation.counts.d
    drawn = np.broadcast_to(n, (samples, *n.shape)).copy()
    criteria = evaluation.criteria
    # The narrowest first, which the wider ones then contain.
    for position in sorted(range(len(criteria)), key=lambda at: -len(criteria[at].where)):
        criterion = criteria[position]
        own_n, own_d = n[:, position], d[:, position]
        whole = (own_n >= 0) & (own_n % 1 == 0)
        if not criterion.indicator.is_ratio:
            drawn[:, whole, position] = generator.gamma(own_n[whole] + 0.5, size=(samples, int(whole.sum())))
            continue
        if criterion.indicator.scale != 100:
            continue
        inside = _parts(criteria, position)
        share = whole & (own_d > 0) & (own_n <= own_d) & (own_d % 1 == 0)
        rest_n, rest_d = (
            own[share] - np.nan_to_num(all_of[share][:, inside]).sum(axis=1) for own, all_of in ((own_n, n), (own_d, d))
        )
        rest_n = np.clip(rest_n, 0, rest_d)
        a, b = _prior(rest_n, rest_d)
        rest = rest_d * generator.beta(rest_n + a, rest_d - rest_n + b, (samples, int(share.sum())))
        drawn[:, share, position] = rest + np.nan_to_num(drawn[:, share][:, :, inside]).sum(axis=2)
    counts = Counts(drawn, np.broadcast_to(d, drawn.shape))
    given = points(counts.values(criteria), evaluation.absent, evaluation.scheme, evaluation.field)
    return _range(evaluation, given.sum(axis=-1) + evaluation.field.by_hand, 0.95)


def _prior(n: Floats, d: Floats) -> tuple[float, float]:
    """The beta distribution that the townships' true shares seem to come from; of fewer than 5, Jeffreys' prior."""
    n, d = n[d > 0], d[d > 0]
    share = float(n.sum() / d.sum()) if len(d) >= 5 else 0.0
    spread = share * (1 - share)
    if spread <= 0:
        return 0.5, 0.5
    extra = _extra(n, d, share)
    size = min(spread / extra - 1 if extra else math.inf, 1e9)
    return share * size, (1 - share) * size


def _parts(criteria: Sequence[Criterion], position: int) -> list[int]:
    """The positions of criteria that are parts of one, none of whose cases are in two of them."""
    whole, parts = criteria[position], list[int]()
    for at, one in enumerate(criteria):
        is_part = one.indicator == whole.indicator and set(one.where) > set(whole.where)
        if is_part and all(_exclude(one, criteria[other]) for other in parts):
            parts.append(at)
    return parts


def _exclude(one: Criterion, other: Criterion) -> bool:
    theirs = dict(other.where)
    return any(theirs.get(dimension, value) != value for dimension, value in one.where)


def places_under_other_weights(
    evaluation: Evaluation, share: float = 0.1, samples: int = 4000, seed: int = 0
) -> PlaceRange:
    """Each place's range when every weight moves by up to this share of itself while all still sum to 100.

    What a rule gives is taken as a part of its weight. Tried are the corners of what these weights can be, and points
    between some of these.
    """
    weights = np.array([criterion.weight for criterion in evaluation.criteria])
    corners = _corners(weights, share)
    generator = np.random.default_rng(seed)
    # Between two corners, between three, … : the borders at which places change hands are met on edges first.
    drawn = np.vstack([weights, corners, _mixtures(corners, samples, generator)])
    left_out = left_out_of(evaluation.absent, evaluation.scheme)
    rates = np.where(left_out, 0.0, evaluation.points / weights)
    # A criterion that is left out for a township has its weight shared among the others.
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = 100 * (drawn @ rates.T) / (drawn @ (~left_out).astype(float).T) + evaluation.field.by_hand
    return _range(evaluation, scores)


def _corners(weights: Floats, share: float) -> Floats:
    """The corners of all weights within a share of these that have the same sum: all but one at a limit of their own."""
    found = [weights]
    for free in range(len(weights)):
        fixed = np.delete(np.arange(len(weights)), free)
        limits = weights[fixed] * (
            1 + share * np.array(list(product((-1, 1), repeat=len(fixed)))).reshape(-1, len(fixed))
        )
        last = weights.sum() - limits.sum(axis=1)
        is_within = np.abs(last - weights[free]) <= share * weights[free] + 1e-9
        corner = np.empty((int(is_within.sum()), len(weights)))
        corner[:, fixed], corner[:, free] = limits[is_within], last[is_within]
        found.append(corner)
    return np.unique(np.round(np.vstack(found), 12), axis=0)


def _mixtures(corners: Floats, samples: int, generator: np.random.Generator) -> Floats:
    """Points on lines between two corners, in triangles of three, and so on up to the number of weights."""
    parts = []
    for size in range(2, corners.shape[1] + 1):
        count = -(-samples // max(corners.shape[1] - 1, 1))
        chosen = generator.integers(len(corners), size=(count, size))
        shares = generator.dirichlet(np.ones(size), count)
        parts.append(np.einsum("ij,ijk->ik", shares, corners[chosen]))
    return np.vstack(parts) if parts else corners[:0]


def _range(evaluation: Evaluation, scores: Floats, share: float = 1.0) -> PlaceRange:
    """The shortest range of places, its own among them, that holds at least this share of what the scores give."""
    is_ranked = ~np.isnan(evaluation.place) & ~np.isnan(evaluation.score)
    found = places_in_leagues(scores, evaluation.field, is_ranked)
    best, worst = np.full(len(is_ranked), np.nan), np.full(len(is_ranked), np.nan)
    for own in np.flatnonzero(is_ranked):
        ordered = np.sort(found[:, own])
        held = math.ceil(share * len(ordered) - 1e-9)
        lengths = ordered[held - 1 :] - ordered[: len(ordered) - held + 1]
        # Of ranges equally short, the middle one.
        shortest = np.flatnonzero(lengths == lengths.min())
        first = shortest[len(shortest) // 2]
        best[own] = min(ordered[first], evaluation.place[own])
        worst[own] = max(ordered[first + held - 1], evaluation.place[own])
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
