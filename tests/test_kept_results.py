"""Results are made once, however many ask at once, and errors are nobody's result afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from data_access.kept_results import KeptResults, kept


def test_who_asks_for_what_is_being_made_waits_for_it() -> None:
    begun, may_end = Event(), Event()
    made: list[int] = []

    @kept(10)
    def double(number: int) -> list[int]:
        made.append(number)
        begun.set()
        assert may_end.wait(30)
        return [2 * number]

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(double, 4)
        assert begun.wait(30)
        second = threads.submit(double, 4)
        may_end.set()
        assert first.result() is second.result()
    assert (double(4), made) == ([8], [4])


def test_an_error_reaches_all_and_is_not_kept() -> None:
    results = KeptResults(10)
    begun, may_end = Event(), Event()

    def fail() -> int:
        begun.set()
        assert may_end.wait(30)
        raise ValueError

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(results.get, "a", fail)
        assert begun.wait(30)
        second = threads.submit(results.get, "a", fail)
        may_end.set()
        for asked in (first, second):
            with pytest.raises(ValueError):
                asked.result()
    assert results.get("a", lambda: 1) == 1


def test_when_one_is_interrupted_another_makes_it() -> None:
    results = KeptResults(10)
    begun, may_end = Event(), Event()

    def stop() -> int:
        begun.set()
        assert may_end.wait(30)
        raise KeyboardInterrupt

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(results.get, "a", stop)
        assert begun.wait(30)
        second = threads.submit(results.get, "a", lambda: 1)
        may_end.set()
        assert isinstance(first.exception(), KeyboardInterrupt)
        assert second.result() == 1


def test_the_ones_used_longest_ago_go_first() -> None:
    made: list[str] = []

    def get(key: str) -> None:
        results.get(key, lambda: made.append(key))

    results = KeptResults(2)
    for key in ("a", "b", "a", "c", "a", "b"):
        get(key)
    assert made == ["a", "b", "c", "b"]
