"""How surprising a count of now is, given its own past, its kind elsewhere and how much such counts vary anyway.

Complaints vary more than chance alone makes them: by weather, by a season of the place's own, because one neighbour
brings another. So the counts are taken as negative binomial, with a variance of m + b m + a m² about a mean m: b for the
county, a by kind and by place, all from the past. Given a place's cases of a kind in all, now and before, those of now
are then beta-binomial about the share that the kind has now in the other places. Without extra variation that is the
conditional test of two Poisson rates (Przyborowski and Wilenski, 1940).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Codes = NDArray[np.intp]

# Groups of like size in which variance is compared with mean
_SIZES = 12
# No count is taken to vary less than this beyond chance: keeps the beta-binomial away from its limit, where it is
# computed with the same result.
_LEAST_VARIATION = 1e-4


def chances(counts: Numbers, place: Codes, kind: Codes) -> tuple[Numbers, Numbers]:
    """What was to be expected of the last period, and the chance of so many cases or more.

    ``counts`` has a row for each pair of a place and a kind that ever had a case, and a column for each period, the last
    of them now; ``place`` and ``kind`` number the rows' places and kinds from 0.
    """
    periods = counts.shape[1]
    kinds = _sums_by(kind, counts)
    now, total = counts[:, -1], counts.sum(axis=1)
    others_now, others = kinds[kind, -1] - now, kinds.sum(axis=1)[kind] - total
    # One case on each side away from what no data could bear: 0 and 1.
    share = (others_now + 1) / (others + periods)
    common, own = _extra_variation(counts[:, :-1], kinds[:, :-1], place, kind)
    mean = np.maximum(total, 1e-9) / periods
    # The precisions of the shares of a place that varies so, and of the others, who are no endless number either
    precision = 1 / ((common + own * mean) / (mean * periods) + 1 / (others + periods))
    chance = np.ones(len(counts))
    above = now > total * share
    chance[above] = beta_binomial_tail(
        now[above], total[above], (precision * share)[above], (precision * (1 - share))[above]
    )
    return (total - now) * share / (1 - share), chance


def _sums_by(codes: Codes, values: Numbers) -> Numbers:
    found = np.zeros((codes.max() + 1, *values.shape[1:]))
    np.add.at(found, codes, values)
    return found


def _extra_variation(past: Numbers, kinds: Numbers, place: Codes, kind: Codes) -> tuple[float, Numbers]:
    """The county's b, and for each row the a of its kind or its place, whichever is larger.

    By moments: the squared differences from what the course of the kind lets expect, less the mean that chance alone
    would make of them, are b m + a m² in expectation.
    """
    periods = past.shape[1]
    course = kinds / np.maximum(kinds.mean(axis=1, keepdims=True), 1e-9)
    level = past.mean(axis=1)
    squares = ((past - level[:, None] * course[kind]) ** 2).sum(axis=1)
    excess = squares * periods / (periods - 1) - level * periods
    means = level * periods
    # The square of a mean that is itself measured is too large by its variance.
    squared_means = (level**2 - squares / (periods - 1) / periods) * periods * (course**2).mean(axis=1)[kind]
    # How large a count of this place and this kind would be if all places had the same kinds: hangs least on chance.
    size = _sums_by(place, level)[place] * _sums_by(kind, level)[kind] / max(level.sum(), 1e-9)
    common, square = _county_variation(excess, means, squared_means, size)
    rest, weight = excess - common * means, 1 / (1 + size)
    by_kind, by_place = (
        _shrunk(weight * rest, weight * squared_means, square, codes)[codes] for codes in (kind, place)
    )
    return common, np.maximum(np.maximum(by_kind, by_place), _LEAST_VARIATION)


def _county_variation(excess: Numbers, means: Numbers, squared_means: Numbers, size: Numbers) -> tuple[float, float]:
    """The county's b and a: weighted least squares over groups of counts of like size, neither below 0."""
    groups = np.array_split(np.argsort(size, kind="stable"), _SIZES)
    y, x_b, x_a, variance = (
        np.array([values[group].sum() for group in groups])
        for values in (excess, means, squared_means, 2 * size**2 + size)
    )
    weight = 1 / np.maximum(variance, 1e-9)
    bb, ba, aa = (weight * x_b * x_b).sum(), (weight * x_b * x_a).sum(), (weight * x_a * x_a).sum()
    by, ay = (weight * x_b * y).sum(), (weight * x_a * y).sum()
    determinant = bb * aa - ba**2
    if determinant > 1e-9 * bb * aa:
        b, a = (by * aa - ay * ba) / determinant, (ay * bb - by * ba) / determinant
        if b >= 0 and a >= 0:
            return float(b), float(a)
    b_alone, a_alone = max(by / max(bb, 1e-9), 0.0), max(ay / max(aa, 1e-9), 0.0)
    # The one that explains more
    return (0.0, float(a_alone)) if a_alone * ay >= b_alone * by else (float(b_alone), 0.0)


def _shrunk(excess: Numbers, squared_means: Numbers, county: float, codes: Codes) -> Numbers:
    """The a by kind (or place), drawn to the county's by how uncertain it is (DerSimonian and Laird, 1986).

    One standard error is added: rare kinds, whose cases say little, would otherwise seem steadier than they are.
    """
    of = np.maximum(_sums_by(codes, squared_means), 1e-9)
    off = (excess - county * squared_means) ** 2
    estimate, error = _sums_by(codes, excess) / of, np.sqrt(_sums_by(codes, off)) / of
    county_error = np.sqrt(off.sum()) / of.sum()
    weight = 1 / np.maximum(error, 1e-9) ** 2
    spread = (weight * (estimate - county) ** 2).sum() - (len(of) - 1)
    between = max(spread / max(weight.sum() - (weight**2).sum() / weight.sum(), 1e-9), 0.0)
    own = between / (between + error**2 + 1e-300)
    shrunk = np.maximum(own * estimate + (1 - own) * county, 0)
    return np.asarray(shrunk + np.sqrt(own * error**2 + (1 - own) * county_error**2))


def beta_binomial_tail(successes: Numbers, trials: Numbers, a: Numbers, b: Numbers) -> Numbers:
    """The chance of so many successes or more, of each; to six digits."""
    term = np.exp(
        _log_gamma(trials + 1)
        - _log_gamma(successes + 1)
        - _log_gamma(trials - successes + 1)
        + _log_gamma(successes + a)
        + _log_gamma(trials - successes + b)
        - _log_gamma(trials + a + b)
        + _log_gamma(a + b)
        - _log_gamma(a)
        - _log_gamma(b)
    )
    tail = term.copy()
    k = successes.astype(float)
    left = np.flatnonzero(k < trials)
    while len(left):
        n, now = trials[left], k[left]
        ratio = (n - now) * (now + a[left]) / ((now + 1) * (n - now - 1 + b[left]))
        term[left] *= ratio
        tail[left] += term[left]
        k[left] += 1
        # Once terms fall they fall ever faster, up to the last for b < 1.
        goes_on = (ratio >= 1) | (b[left] < 1) | (term[left] > 1e-7 * (1 - ratio) * tail[left])
        left = left[goes_on & (k[left] < n)]
    return np.minimum(tail, 1.0)


def _log_gamma(x: Numbers) -> Numbers:
    """Stirling's series, from eight above: the recurrence brings it down."""
    x = np.asarray(x, dtype=float)
    below = sum(np.log(x + step) for step in range(8))
    z = x + 8
    return np.asarray(
        (z - 0.5) * np.log(z)
        - z
        + 0.5 * np.log(2 * np.pi)
        + 1 / (12 * z)
        - 1 / (360 * z**3)
        + 1 / (1260 * z**5)
        - below
    )


def discoveries(chances: Numbers, level: float) -> NDArray[np.bool_]:
    """Which of these chances are findings, at most the level of them wrong on average (Benjamini and Hochberg, 1995)."""
    if not len(chances):
        return np.zeros(0, dtype=bool)
    order = np.sort(chances)
    fits = order <= level * np.arange(1, len(order) + 1) / len(order)
    return np.asarray(chances <= (order[fits].max() if fits.any() else -1.0))
