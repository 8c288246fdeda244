"""How many files a server checks at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from streamlit.testing.v1 import AppTest

from data_access.background import Progress, Report, Task
from data_access.importing import Cancelled
from ui.importing.turns import CHECKS, turn


@pytest.fixture
def two_at_work() -> Iterator[ExitStack]:
    """Two checks that end when the stack is closed."""
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(turn(CHECKS, lambda _progress: None, lambda: False))
        yield stack


def third() -> tuple[Task[str], threading.Event]:
    """A third check, and what is set when it waits."""
    waits = threading.Event()

    def work(report: Report, should_stop: Callable[[], bool]) -> str:
        def told(progress: Progress) -> None:
            report(progress)
            waits.set()

        with turn(CHECKS, told, should_stop):
            return "checked"

    return Task("检查", work), waits


def running(task: Task[str]) -> str:
    """What the page says of it."""

    def script() -> None:
        import streamlit as st

        from ui.elements.progress import show_running

        show_running(st.session_state["task"])

    app = AppTest.from_function(script)
    app.session_state["task"] = task
    app.run()
    assert not app.exception
    return str(app.get("progress")[0].proto.text)  # type: ignore[attr-defined]


def test_a_third_check_waits_says_so_and_begins_by_itself(two_at_work: ExitStack) -> None:
    task, waits = third()
    assert waits.wait(30)
    assert "轮到时自动开始" in running(task)
    two_at_work.close()
    task.wait(30)
    assert task.outcome() == "checked"


@pytest.mark.usefixtures("two_at_work")
def test_who_waits_can_stop() -> None:
    task, waits = third()
    assert waits.wait(30)
    task.cancel()
    task.wait(30)
    with pytest.raises(Cancelled):
        task.outcome()


def test_a_check_that_fails_makes_room() -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), turn(CHECKS, lambda _progress: None, lambda: False):
            _ = 1 / 0
