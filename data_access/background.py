"""Runs an import, an undo or an export beside the page that asked for it, which shows how far it is and may stop it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

T = TypeVar("T")


def beside(work: Callable[[], T]) -> Future[T]:
    """What ``work`` will return, done in a thread that nobody has to wait for."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001  # handed over to whoever asks for the result
            future.set_exception(error)

    threading.Thread(target=run, name="question", daemon=True).start()
    return future


@dataclass(frozen=True)
class Progress:
    """How far work is: rows done so far, and the share of all rows (0 to 1; None: unknown).

    After the last ``rows`` of an import come the ``rollups``, which may take a while. ``waiting``: it is not its turn yet.
    """

    rows: int
    share: float | None
    phase: Literal["waiting", "rows", "rollups"] = "rows"


Report = Callable[[Progress], None]


class Task(Generic[T]):
    """Work in a thread of its own.

    ``work`` gets what to tell its progress to and what to ask whether to stop. ``label`` says what it is.
    """

    def __init__(self, label: str, work: Callable[[Report, Callable[[], bool]], T]) -> None:
        self.label = label
        self.progress = Progress(0, None)
        self.started = time.monotonic()
        self._stop = threading.Event()
        self._result: T | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), name="task", daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[Report, Callable[[], bool]], T]) -> None:
        try:
            self._result = work(self._report, self._stop.is_set)
        except BaseException as error:  # noqa: BLE001  # handed over to whoever asks for the outcome
            self._error = error

    def _report(self, progress: Progress) -> None:
        if self.progress.phase == "waiting":
            self.started = time.monotonic()
        self.progress = progress

    @property
    def is_running(self) -> bool:
        """Whether it is still at work."""
        return self._thread.is_alive()

    @property
    def rows_per_second(self) -> float:
        """Rows done a second, since the start."""
        return self.progress.rows / max(time.monotonic() - self.started, 0.001)

    @property
    def seconds_left(self) -> float | None:
        """The time that the rest will take at this rate; None where nobody knows how much there is."""
        share = self.progress.share
        if not share:
            return None
        return (time.monotonic() - self.started) * (1 - share) / share

    def cancel(self) -> None:
        """Ask it to stop; it does after some hundreds of rows, and leaves nothing behind."""
        self._stop.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has ended, or so long."""
        self._thread.join(seconds)

    def outcome(self) -> T:
        """What the work returned; raises what it raised. Only once it has ended."""
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # set when the thread has ended without an error
