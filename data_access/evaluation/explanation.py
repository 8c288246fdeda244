"""Why a score changed, and what would gain a place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd

from data_access.evaluation.schemes import Criterion
from data_access.evaluation.scoring import Evaluation, Floats

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
    """So many more (or, where fewer is better, fewer) of a criterion's numerator gain the place.

    They count under the criteria ``also`` as well, and so many of them as ``of_which`` says must be such that they also
    count under a narrower one.
    """

    criterion: Criterion
    cases: int
    place: int
    score: float
    also: tuple[Criterion, ...] = ()
    of_which: tuple[tuple[Criterion, int], ...] = ()


# Numerators, by their source, whose cases are all among those of another
_AMONG = {("grid_month", "disputes_closed"): "completed"}


def _is_within(one: Criterion, other: Criterion) -> bool:
    """Whether each case counted in one's numerator is counted in the other's."""
    own, theirs = one.indicator, other.indicator
    return (
        own.source == theirs.source
        and own.direction == theirs.direction
        and theirs.numerator in (own.numerator, _AMONG.get((own.source, own.numerator)))
        and set(other.where) <= set(one.where)
    )


def gains(evaluation: Evaluation, code: str) -> list[Gain]:
    """For each criterion the fewest cases that gain at least one place, everything else as it is.

    A case counts under every criterion that its being so implies. One that cannot do it alone is left out; so is one
    whose numerator does not count whole things.
    """
    own = evaluation.position(code)
    place = evaluation.place[own]
    if np.isnan(place) or place == 1:
        return []
    found = []
    for position, criterion in enumerate(evaluation.criteria):
        most = _room(evaluation, own, position)
        if most < 1:
            continue
        others = [(at, one) for at, one in enumerate(evaluation.criteria) if at != position]
        around = [at for at, one in others if _is_within(criterion, one)]
        inside = [at for at, one in others if _is_within(one, criterion) and at not in around]
        inside = [at for at in inside if _room(evaluation, own, at) > 0]

        def best(cases: int, around: list[int] = around, inside: list[int] = inside, position: int = position) -> Any:
            """What so many cases reach at best, and how many of them count under each of those inside."""
            reached = [
                (_improved(evaluation, own, {**dict.fromkeys([position, *around], cases), **split}), split)
                for split in _splits(evaluation, own, inside, cases)
            ]
            return max(reached, key=lambda each: (-each[0].place[own], each[0].score[own]))

        if not best(most)[0].place[own] < place:
            continue
        # More of what is good never costs a place, so that the fewest are found by halving.
        low, high = 1, most
        while low < high:
            middle = (low + high) // 2
            if best(middle)[0].place[own] < place:
                high = middle
            else:
                low = middle + 1
        reached, split = best(low)
        found.append(
            Gain(
                criterion,
                low,
                int(reached.place[own]),
                float(reached.score[own]),
                tuple(evaluation.criteria[at] for at in around),
                tuple((evaluation.criteria[at], cases) for at, cases in split.items() if cases),
            )
        )
    return found


def _room(evaluation: Evaluation, own: int, position: int) -> int:
    """By how many cases a criterion's numerator can improve; 0 where it does not count whole things."""
    indicator = evaluation.criteria[position].indicator
    n, d = evaluation.counts.n[own, position], evaluation.counts.d[own, position]
    if np.isnan(n) or not float(n).is_integer() or n < 0 or indicator.scale not in (1, 100):
        return 0
    return int(n) if indicator.direction == "lower" else (int(d - n) if not np.isnan(d) else 10 * int(n) + 10)


def _splits(evaluation: Evaluation, own: int, inside: Sequence[int], cases: int) -> Iterator[dict[int, int]]:
    """How many of the cases can count under each narrower criterion, at most, in every order of filling them.

    Of two that exclude each other every division is among them; of more, those that fill one before the next.
    """
    if not inside:
        yield {}
    for order in permutations(inside[:4]):
        first_most = min(cases, _room(evaluation, own, order[0])) if inside else 0
        for first in range(first_most, -1 if len(order) > 1 else first_most - 1, -1):
            taken, left = dict.fromkeys(order, 0), cases
            for at in order:
                counted = [one for one in order if _is_within(evaluation.criteria[at], evaluation.criteria[one])]
                fits = min(left, *(_room(evaluation, own, one) - taken[one] for one in counted))
                fits = max(0, min(fits, first) if at == order[0] else fits)
                for one in counted:
                    taken[one] += fits
                left -= fits
            yield taken


def _improved(evaluation: Evaluation, own: int, cases: Mapping[int, int]) -> Evaluation:
    """The evaluation with a township's numerators better by so many cases, by the position of the criterion."""
    changed: Floats = evaluation.counts.n.copy()
    for position, count in cases.items():
        is_lower = evaluation.criteria[position].indicator.direction == "lower"
        changed[own, position] += -count if is_lower else count
    return evaluation.recounted(replace(evaluation.counts, n=changed))
