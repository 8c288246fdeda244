"""Work beside the page: its progress, its outcome, and stopping it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from data_access.background import Progress, Task
from data_access.importing import Cancelled


def test_progress_is_seen_and_the_result_handed_over() -> None:
    go_on, reported = threading.Event(), threading.Event()

    def work(report: Callable[[Progress], None], _should_stop: Callable[[], bool]) -> str:
        report(Progress(500, 0.25, "rows"))
        reported.set()
        assert go_on.wait(30)
        return "done"

    task = Task("检查", work)
    assert reported.wait(30)
    assert task.is_running
    assert task.progress == Progress(500, 0.25, "rows")
    # As if it had begun an hour before
    task.started -= 3600
    assert task.rows_per_second == pytest.approx(500 / 3600, rel=0.1)
    assert task.seconds_left == pytest.approx(3 * 3600, rel=0.1)
    go_on.set()
    task.wait(30)
    assert not task.is_running
    assert task.outcome() == "done"


def test_what_the_work_raises_is_raised_by_its_outcome() -> None:
    def work(_report: Callable[[Progress], None], _should_stop: Callable[[], bool]) -> None:
        raise ValueError("no")

    task = Task("装入", work)
    task.wait(30)
    with pytest.raises(ValueError, match="no"):
        task.outcome()


def test_it_stops_when_asked() -> None:
    asked = threading.Event()

    def work(_report: Callable[[Progress], None], should_stop: Callable[[], bool]) -> None:
        assert asked.wait(30)
        if should_stop():
            raise Cancelled

    task = Task("装入", work)
    task.cancel()
    asked.set()
    task.wait(30)
    assert task.is_cancelled
    with pytest.raises(Cancelled):
        task.outcome()
