"""What the evaluation says of chance and of other weights, held against simulations and against trying all."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from data_access.evaluation.scoring import Evaluation, Floats, places_in_leagues
from data_access.evaluation.uncertainty import (
    TAIL_95,
    TAIL_998,
    Funnel,
    funnel,
    places_under_other_weights,
    plausible_places,
)
from tests.schemes import criterion, evaluation, scheme_of


@pytest.mark.parametrize(("share", "size"), [(0.98, 30), (0.9, 200), (0.5, 12)])
@pytest.mark.parametrize("tail", [TAIL_95, TAIL_998])
def test_a_funnel_flags_by_chance_no_more_often_than_it_says(share: float, size: int, tail: float) -> None:
    generator = np.random.default_rng(1)
    drawn = generator.binomial(size, share, 400_000) / size
    low, high = Funnel(share, 0.0).limits(np.array([float(size)]), tail)
    noise = 4 * math.sqrt(tail / len(drawn))
    assert (drawn < low[0]).mean() <= tail + noise
    assert (drawn > high[0]).mean() <= tail + noise
    # It is no wider than whole cases make it: one case more would be too often.
    inside = np.unique(drawn[drawn >= low[0]])
    assert (drawn <= inside[0]).mean() >= tail - noise


def test_a_funnel_allows_for_how_much_townships_differ_anyway() -> None:
    """Of 20 townships that differ by chance and a spread of their own few are flagged, of as many outliers most."""
    generator = np.random.default_rng(2)
    flags: dict[str, list[float]] = {"own spread": [], "chance only": [], "outlier": []}
    for _ in range(300):
        d = generator.integers(60, 400, 20).astype(float)
        n = generator.binomial(d.astype(int), generator.beta(90, 10, 20)).astype(float)
        estimated = funnel(n, d)
        for name, one in (("own spread", estimated), ("chance only", Funnel(estimated.share, 0.0))):
            low, high = one.limits(d, TAIL_998)
            flags[name].append(float(((n / d < low) | (n / d > high)).mean()))
        n[0] = round(0.6 * d[0])
        low, _ = funnel(n, d).limits(d, TAIL_998)
        flags["outlier"].append(float(n[0] / d[0] < low[0]))
    means = {name: float(np.mean(told)) for name, told in flags.items()}
    # The spread of 20 is itself not known exactly, so it is a little more than one in 500.
    assert means["own spread"] <= 0.02, means
    assert means["own spread"] <= means["chance only"] / 3, means
    assert means["outlier"] >= 0.9, means


def test_plausible_places_hold_95_of_100() -> None:
    """A second look at the same true shares gives a place within the range about as often as is said."""
    generator = np.random.default_rng(3)
    scheme = scheme_of(criterion("on_time_rate", 50, "deduct"), criterion("satisfaction_rate", 50, "attain", 100))
    within = total = 0
    for _ in range(60):
        sizes = generator.integers(40, 300, (16, 2))
        true = generator.beta(45, 5, (16, 2))

        def look(sizes: Floats = sizes, true: Floats = true) -> Evaluation:
            n = generator.binomial(sizes, true)
            return evaluation(scheme, [list(zip(*both, strict=True)) for both in zip(n, sizes, strict=True)])

        best = np.argsort(np.argsort(-(true * [100, 50]).sum(axis=1))) + 1
        found = plausible_places(look())
        within += int(((found.best <= best) & (best <= found.worst)).sum())
        total += 16
    assert 0.93 <= within / total <= 0.98, within / total


@pytest.mark.parametrize("seed", range(12))
def test_other_weights_hold_every_place_that_weights_can_give(seed: int) -> None:
    """Weights within 10 % of each that sum to 100, tried on a grid: no place is outside the range told."""
    generator = np.random.default_rng(seed)
    weights = [(40, 30, 30), (10, 20, 30, 40), (60, 25, 15)][seed % 3]
    codes = ("on_time_rate", "satisfaction_rate", "resolved_rate", "callback_rate")
    scheme = scheme_of(*(criterion(code, weight, "attain", 100) for code, weight in zip(codes, weights, strict=False)))
    n = generator.integers(70, 100, (9, len(weights)))
    result = evaluation(scheme, [[(one, 100) for one in row] for row in n])
    told = places_under_other_weights(result)
    base = np.array(weights, dtype=float)
    steps = np.linspace(0.9, 1.1, 21)
    grid = np.array(list(product(steps, repeat=len(base) - 1))) * base[:-1]
    tried = np.column_stack([grid, 100 - grid.sum(axis=1)])
    tried = tried[np.abs(tried[:, -1] - base[-1]) <= 0.1 * base[-1] + 1e-9]
    found = places_in_leagues(tried @ (result.points / base).T, result.field, np.ones(9, dtype=bool))
    assert (told.best <= found.min(axis=0)).all()
    assert (told.worst >= found.max(axis=0)).all()
    # And nothing is told that no such weights give, but for what lies between the steps.
    assert (found.min(axis=0) - told.best <= 1).all()
    assert (told.worst - found.max(axis=0) <= 1).all()
