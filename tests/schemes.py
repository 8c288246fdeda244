"""Evaluations of a few counts under a few criteria."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from data_access.evaluation.schemes import Criterion, Rule, Scheme, load_schemes
from data_access.evaluation.scoring import Counts, Evaluation, Field, scored
from data_access.indicators import INDICATORS


def criterion(code: str, weight: float, rule: Rule, target: float = 100.0, **rest: Any) -> Criterion:
    indicator = INDICATORS[code]
    return Criterion(code, indicator, indicator.zh, indicator.en, weight, rule, target, **rest)


def scheme_of(*criteria: Criterion, min_cases: int = 0) -> Scheme:
    return Scheme("test", "试", "test", "test", "2000-01", None, min_cases, "", (), criteria)


def evaluation(
    scheme: Scheme, counts: list[list[tuple[float, float]]], leagues: list[str] | None = None, month: str = "2023-08"
) -> Evaluation:
    """Townships A, B, C … with (numerator, denominator) per criterion."""
    names = tuple("ABCDEFGHIJKLMNOPQRST"[: len(counts)])
    field = Field(names, names, tuple(leagues or ["镇"] * len(counts)), np.zeros(len(counts)))
    array = np.array(counts, dtype=float)
    return scored(scheme, month, field, Counts(array[..., 0], array[..., 1]))


def shipped(name: str) -> Scheme:
    """The scheme of that name that comes along, for months of however few cases."""
    scheme = next(scheme for scheme in load_schemes() if scheme.id == name)
    return replace(scheme, min_cases=0)
