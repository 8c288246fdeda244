"""Why a score changed, and what would gain a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_access.evaluation.schemes import Criterion
from data_access.evaluation.scoring import Counts, Evaluation, Floats

BY_HAND = "by_hand"


def moves(before: Evaluation, after: Evaluation) -> pd.DataFrame:
    """The change of each township's score from one month to the next, split into points per criterion.

    Indexed by township code; columns: the keys of both schemes' criteria, ``by_hand``, and ``change``, which is their
    sum. NaN where either month has no score.
    """
    earlier, later = _points(before), _points(after)
    keys = list(dict.fromkeys([*later.columns, *earlier.columns]))
    split = later.reindex(columns=keys, fill_value=0.0).sub(
        earlier.reindex(index=later.index, columns=keys, fill_value=0.0)
    )
    # Without a score in both months there is nothing to split.
    split[split.isna().any(axis=1)] = np.nan
    split["change"] = split.sum(axis=1, skipna=False)
    return split


def _points(evaluation: Evaluation) -> pd.DataFrame:
    keys = [criterion.key for criterion in evaluation.criteria]
    table = pd.DataFrame(evaluation.points, index=list(evaluation.field.codes), columns=keys)
    table[BY_HAND] = evaluation.field.by_hand
    return table


def overtaken(before: Evaluation, after: Evaluation, code: str) -> tuple[list[str], list[str]]:
    """The codes of the league's townships that this one passed, and of those that passed it, since the month before."""
    own = after.position(code)
    passed, passed_by = [], []
    for other in after.field.members.get(after.field.leagues[own] or "", ()):
        name = after.field.codes[other]
        if name == code or name not in before.field.codes:
            continue
        was, theirs = before.place[before.position(code)], before.place[before.position(name)]
        now, theirs_now = after.place[own], after.place[other]
        if np.isnan([was, theirs, now, theirs_now]).any():
            continue
        if was > theirs and now < theirs_now:
            passed.append(name)
        elif was < theirs and now > theirs_now:
            passed_by.append(name)
    return passed, passed_by


@dataclass(frozen=True)
class Gain:
    """So many more (or, where fewer is better, fewer) of a criterion's numerator gain the place."""

    criterion: Criterion
    cases: int
    place: int
    score: float


def gains(evaluation: Evaluation, code: str) -> list[Gain]:
    """For each criterion the fewest cases that gain at least one place, everything else as it is.

    A criterion that cannot do it alone is left out; so is one whose numerator does not count whole things.
    """
    own = evaluation.position(code)
    place = evaluation.place[own]
    if np.isnan(place) or place == 1:
        return []
    found = []
    for position, criterion in enumerate(evaluation.criteria):
        n, d = evaluation.counts.n[own, position], evaluation.counts.d[own, position]
        is_lower = criterion.indicator.direction == "lower"
        if np.isnan(n) or not float(n).is_integer() or n < 0 or criterion.indicator.scale not in (1, 100):
            continue
        most = int(n) if is_lower else (int(d - n) if not np.isnan(d) else 10 * int(n) + 10)
        step = -1 if is_lower else 1

        def improved(cases: int, position: int = position, step: int = step) -> Evaluation:
            changed: Floats = evaluation.counts.n.copy()
            changed[own, position] += step * cases
            return evaluation.recounted(Counts(changed, evaluation.counts.d))

        if most < 1 or not improved(most).place[own] < place:
            continue
        # More of what is good never costs a place, so that the fewest are found by halving.
        low, high = 1, most
        while low < high:
            middle = (low + high) // 2
            if improved(middle).place[own] < place:
                high = middle
            else:
                low = middle + 1
        reached = improved(low)
        found.append(Gain(criterion, low, int(reached.place[own]), float(reached.score[own])))
    return found
