"""Arithmetic of months, and the periods a scope is compared with."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_access.access import UNRESTRICTED
from data_access.scope import (
    Scope,
    days_in,
    finished_month,
    is_finished,
    month_end,
    month_offset,
    month_range,
    month_start,
    same_moment,
)

months = st.builds("{:04d}-{:02d}".format, st.integers(1950, 2100), st.integers(1, 12))


@pytest.mark.parametrize(
    ("month", "by", "expected"),
    [("2024-01", -1, "2023-12"), ("2023-12", 1, "2024-01"), ("2024-03", -15, "2022-12"), ("2024-03", 0, "2024-03")],
)
def test_months_move_over_years(month: str, by: int, expected: str) -> None:
    assert month_offset(month, by) == expected


@given(months, st.integers(-300, 300), st.integers(-300, 300))
def test_moves_add_up(month: str, first: int, second: int) -> None:
    assert month_offset(month_offset(month, first), second) == month_offset(month, first + second)


@given(months, st.integers(0, 40))
def test_a_range_has_every_month_once(month: str, count: int) -> None:
    end = month_offset(month, count)
    assert month_range(month, end) == tuple(month_offset(month, number) for number in range(count + 1))
    assert month_range(month_offset(month, 1), month) == ()


@given(months)
def test_a_month_ends_where_the_next_begins(month: str) -> None:
    assert month_end(month) == month_start(month_offset(month, 1))
    assert (month_end(month) - month_start(month)).days == days_in(month)


def test_february_has_its_day() -> None:
    assert (days_in("2024-02"), days_in("2023-02")) == (29, 28)
    assert month_end("2023-12") == datetime(2024, 1, 1)


def test_periods_to_compare_with() -> None:
    scope = Scope(UNRESTRICTED, ("1",), "2024-01", "2024-03", (("kind", "x"),))
    assert scope.months == ("2024-01", "2024-02", "2024-03")
    assert scope.previous() == Scope(UNRESTRICTED, ("1",), "2023-10", "2023-12", (("kind", "x"),), behind=3)
    assert scope.year_before() == Scope(UNRESTRICTED, ("1",), "2023-01", "2023-03", (("kind", "x"),), behind=12)
    assert scope.at_end() == Scope(UNRESTRICTED, ("1",), "2024-03", "2024-03", (("kind", "x"),))
    assert scope.last_months(12) == Scope(UNRESTRICTED, ("1",), "2023-04", "2024-03", (("kind", "x"),))


@given(months, st.integers(0, 30))
def test_the_previous_period_is_as_long_and_ends_where_this_begins(start: str, count: int) -> None:
    scope = Scope(UNRESTRICTED, None, start, month_offset(start, count))
    before = scope.previous()
    assert len(before.months) == len(scope.months)
    assert month_offset(before.end, 1) == scope.start


def test_filters_add_up_and_a_scope_is_a_cache_key() -> None:
    scope = Scope(UNRESTRICTED, None, "2024-01", "2024-01").narrowed(("a", "1")).narrowed(("b", "2"), ("c", "3"))
    assert scope.where == (("a", "1"), ("b", "2"), ("c", "3"))
    assert hash(scope) == hash(Scope(UNRESTRICTED, None, "2024-01", "2024-01", (("a", "1"), ("b", "2"), ("c", "3"))))


def test_a_month_is_finished_on_its_last_day() -> None:
    assert is_finished("2024-02", datetime(2024, 2, 29, 8))
    assert not is_finished("2024-02", datetime(2024, 2, 28, 23, 59))
    assert finished_month(datetime(2024, 2, 28)) == "2024-01"
    assert finished_month(datetime(2023, 12, 31)) == "2023-12"


def test_an_earlier_period_ends_at_the_same_moment() -> None:
    year_before = Scope(UNRESTRICTED, None, "2025-01", "2025-03").year_before()
    # In March, at the end of February (of a leap year before), in February, and before January
    assert year_before.comparable(datetime(2025, 3, 6, 9)) == ("2024-03", datetime(2024, 3, 6, 9))
    assert year_before.comparable(datetime(2025, 2, 28, 9)) == ("2024-02", None)
    assert year_before.comparable(datetime(2025, 2, 6, 9)) == ("2024-02", datetime(2024, 2, 6, 9))
    assert year_before.comparable(datetime(2025, 4, 6)) == ("2024-03", None)
    assert year_before.comparable(datetime(2024, 12, 31))[0] < year_before.start
    assert Scope(UNRESTRICTED, None, "2025-01", "2025-03").comparable(datetime(2025, 3, 6)) == ("2025-03", None)


def test_a_day_that_a_month_lacks_is_its_last() -> None:
    assert same_moment(datetime(2025, 3, 30, 9), 1) == datetime(2025, 2, 28, 23, 59, 59)
    assert same_moment(datetime(2025, 3, 30, 9), 12) == datetime(2024, 3, 30, 9)
