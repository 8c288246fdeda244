"""A figure that is missing says why, and one that is there does not."""

from __future__ import annotations

from math import nan

import pytest

from data_access.indicators import INDICATORS
from data_access.model.measured import NO_BUSINESS, UNRECORDED, UNREPORTED, Measured, measured


@pytest.mark.parametrize(
    ("value", "numerator", "denominator", "known", "why"),
    [
        (93.72, 911, 972, 972, None),
        (0.0, 0, 4, 4, None),
        (nan, 0, 0, 3, NO_BUSINESS),
        (nan, nan, 0, nan, NO_BUSINESS),
        (nan, nan, nan, 0, UNRECORDED),
        (nan, nan, nan, nan, UNREPORTED),
    ],
)
def test_why_a_figure_is_missing(
    value: float, numerator: float, denominator: float, known: float, why: str | None
) -> None:
    row = {"on_time_rate": value, "on_time_rate:n": numerator, "on_time_rate:d": denominator, "on_time_rate:k": known}
    figure = measured(INDICATORS["on_time_rate"], row)
    assert figure.absent == why
    if why is None:
        assert figure == Measured(value, numerator, denominator, None)


def test_what_was_not_asked_for_was_not_reported() -> None:
    assert measured(INDICATORS["received"], {}).absent == UNREPORTED
