"""What it takes to reach a target, in whole cases: exact arithmetic, no forecast."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

State = Literal["safe", "reachable", "with new ones", "out of reach", "no target", "nothing due"]


def needed(target: float, denominator: int) -> int:
    """The fewest successes of so many cases that reach a target in percent, which counts as it is written (92.3)."""
    return math.ceil(_share(target) * denominator)


def _share(target: float) -> Fraction:
    # Of the number as it is written: 92.3 is not quite what a computer keeps of it.
    return Fraction(repr(float(target))) / 100


@dataclass(frozen=True)
class Reaching:
    """How far a month's known cases are from a target.

    ``lacking``: so many of the ``open`` ones have to become successes (0 where none has to); ``spare``: so many may fail.
    ``new``: where all of them are not enough, so many cases that are not known yet have to come and all be successes; 0
    where none has to, or none could help. ``least`` and ``most``: the rates in percent if no open case succeeds, and if all do.
    """

    state: State
    lacking: int
    open: int
    spare: int
    new: int
    least: float
    most: float


def reaching(target: float | None, successes: int, failures: int, opened: int, most_new: int | None = None) -> Reaching:
    """From certain successes, certain failures, and cases that may become either.

    ``most_new``: so many more cases can come and be decided within the month; None: nobody knows.
    """
    total = successes + failures + opened
    if not total:
        return Reaching("nothing due", 0, 0, 0, 0, math.nan, math.nan)
    least, most = 100 * successes / total, 100 * (successes + opened) / total
    if target is None:
        return Reaching("no target", 0, opened, 0, 0, least, most)
    lacking = max(0, needed(target, total) - successes)
    if lacking <= opened:
        return Reaching("reachable" if lacking else "safe", lacking, opened, opened - lacking, 0, least, most)
    share = _share(target)
    new = math.ceil((share * total - successes - opened) / (1 - share)) if share < 1 else None
    if new is None or (most_new is not None and new > most_new):
        return Reaching("out of reach", lacking, opened, 0, 0, least, most)
    return Reaching("with new ones", lacking, opened, 0, new, least, most)
