"""Months and scopes."""

from __future__ import annotations

from datetime import datetime

import pytest

from data_access.scope import Scope, month_end, month_offset, month_range, month_start


@pytest.mark.parametrize(
    ("month", "offset", "result"),
    [("2023-08", 1, "2023-09"), ("2023-12", 1, "2024-01"), ("2023-01", -1, "2022-12"), ("2023-08", -20, "2021-12")],
)
def test_offsets_cross_years(month: str, offset: int, result: str) -> None:
    assert month_offset(month, offset) == result
    assert month_offset(result, -offset) == month


def test_ranges_hold_both_ends() -> None:
    assert month_range("2022-11", "2023-02") == ("2022-11", "2022-12", "2023-01", "2023-02")
    assert month_range("2023-02", "2023-01") == ()


def test_a_month_ends_where_the_next_begins() -> None:
    assert month_end("2024-02") == month_start("2024-03") == datetime(2024, 3, 1)


def test_what_a_period_is_compared_with() -> None:
    scope = Scope(("1",), "2023-03", "2023-06", (("channel", "信访"),))
    assert (scope.previous().start, scope.previous().end) == ("2022-11", "2023-02")
    assert (scope.year_before().start, scope.year_before().end) == ("2022-03", "2022-06")
    assert scope.last_months(12).months[0] == "2022-07"
    assert scope.at_end().months == ("2023-06",)
    assert scope.previous().where == scope.where
    assert scope.narrowed(("kind", "x")).where == (("channel", "信访"), ("kind", "x"))
