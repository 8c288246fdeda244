"""Two thousand townships and three years of months: ``python -m benchmarks.evaluation [--townships N] [--months M]``.

Scores, places, explanations and places under other weights, beside pandas grouping the same counts once.
"""

from __future__ import annotations

import argparse
import itertools
import time

import numpy as np
import pandas as pd

from data_access.evaluation.explanation import moves
from data_access.evaluation.schemes import load_schemes
from data_access.evaluation.scoring import Counts, Evaluation, Field, scored
from data_access.evaluation.uncertainty import places_under_other_weights


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--townships", type=int, default=2000)
    parser.add_argument("--months", type=int, default=36)
    given = parser.parse_args()
    scheme = next(scheme for scheme in load_schemes() if scheme.id == "all_areas")
    generator = np.random.default_rng(0)
    shape = (given.months, given.townships, len(scheme.criteria))
    d = generator.integers(20, 400, shape).astype(float)
    n = generator.binomial(d.astype(int), 0.9).astype(float)
    codes = tuple(f"{place:09d}" for place in range(given.townships))
    leagues = tuple(f"league {place % 20}" for place in range(given.townships))
    field = Field(codes, codes, leagues, np.zeros(given.townships))

    began = time.perf_counter()
    months: list[Evaluation] = [
        scored(scheme, str(month), field, Counts(n[month], d[month])) for month in range(given.months)
    ]
    for before, after in itertools.pairwise(months):
        moves(before, after)
    evaluating = time.perf_counter() - began

    began = time.perf_counter()
    places_under_other_weights(months[-1])
    moving = time.perf_counter() - began

    rows = pd.DataFrame({"league": np.tile(np.repeat(leagues, shape[2]), given.months), "n": n.ravel(), "d": d.ravel()})
    began = time.perf_counter()
    rows.groupby("league").sum()
    grouping = time.perf_counter() - began
    print(f"{given.months} months of {given.townships} townships, scores and explanations  {evaluating:6.2f} s")
    print(f"the last month's places under 1,000 other weights                 {moving:6.2f} s")
    print(f"pandas: one groupby of the same {len(rows):,} counts                 {grouping:6.2f} s")


if __name__ == "__main__":
    main()
