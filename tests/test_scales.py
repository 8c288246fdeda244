"""Scales on which little looks little."""

from __future__ import annotations

import numpy as np
import pytest

from data_access.indicators import INDICATORS
from ui.charts.scales import anchor, line_scale, ticks

NAN = float("nan")


def filled(code: str, values: list[float]) -> float:
    """The share of the height that the values take."""
    low, high = line_scale(values, INDICATORS[code])
    assert low - 1e-9 <= min(values) <= max(values) <= high + 1e-9
    return (max(values) - min(values)) / (high - low)


def test_a_fifth_of_a_point_is_no_crash() -> None:
    assert filled("online_rate", [99.3, 99.3, 99.28, 99.3, 99.1, 99.3]) == pytest.approx(0.1)
    assert filled("schedule_gap", [-1.6, -1.5, -1.6]) < 0.1


def test_a_crash_fills_the_height() -> None:
    assert filled("online_rate", [99.3, 99.2, 99.3, 99.3, 91.0, 99.2]) == 1
    assert filled("received", [1000, 1010, 990, 1005, 200, 1000]) == 1


def test_scatter_alone_fills_about_half() -> None:
    random = np.random.default_rng(7)
    shares = [filled("handling_days", (20 + 3 * random.standard_normal(12)).tolist()) for _ in range(300)]
    assert 0.5 <= np.median(shares) < 0.65


def test_a_scale_stays_within_what_can_be() -> None:
    assert line_scale([100.0, 99.9, NAN], INDICATORS["on_time_rate"]) == (98, 100)
    assert line_scale([0.0, 0.1], INDICATORS["repeat_rate"]) == (0, 2)
    assert line_scale([0.0, 0.0], INDICATORS["received"]) == (0, 1)
    assert line_scale([0.0, 100.0] * 6, INDICATORS["on_time_rate"]) == (0, 100)
    assert line_scale([NAN], INDICATORS["received"]) == (0, 1)


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (94.2, 96.9, [94.5, 95, 95.5, 96, 96.5]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-3, 0.2, [-3, -2, -1, 0]),
        (0, 5300, [0, 1000, 2000, 3000, 4000, 5000]),
    ],
)
def test_ticks_are_round(low: float, high: float, shown: list[float]) -> None:
    assert ticks(low, high) == shown


def test_shares_alike_are_tied_and_others_begin_at_zero() -> None:
    assert anchor([97.0, 93.0, None], 95.0, is_share=True) == 95
    assert anchor([97.0, 93.0, 91.0], None, is_share=True) == 93
    assert anchor([97.0, 43.0], 95.0, is_share=True) is None
    assert anchor([9700.0, 9300.0], None, is_share=False) is None
    assert anchor([NAN], 95.0, is_share=True) is None
