"""What is said while the database is asked and takes its time."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Any

import streamlit as st

from ui.text import plain, say

# So many seconds people wait without being told why.
_UNTOLD = 2.0


class Waiting:
    """Is told how many of the parts are done, five times a second; a bar says so where it takes long, and goes at the end.

    ``words`` of what is done, given the number of parts; ``total``: of how many, 0 where there is but one. ``stop`` is called
    by a button beside the bar.
    """

    def __init__(self, words: Callable[[int], str], total: int = 0, stop: Callable[[], None] | None = None) -> None:
        self._words, self._total, self._stop = words, total, stop

    def __enter__(self) -> Waiting:
        self._place = st.empty()
        self._begun = monotonic()
        self._bar: Any = None
        return self

    def __call__(self, done: int) -> None:
        """Say it. Where the viewer has pressed a button or chosen something else, the run ends here, and the question too."""
        if monotonic() - self._begun < _UNTOLD:
            self._place.empty()
            return
        share = done / self._total if self._total else 0.5
        words = plain(self._words(done))
        if self._bar is not None:
            self._bar.progress(share, words)
            return
        with self._place.container(horizontal=True, vertical_alignment="center"):
            self._bar = st.progress(share, words)
            if self._stop:
                st.button(say("停止", "Stop"), icon=":material/stop:", key="stop question", on_click=self._stop)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._place.empty()


def reading_rows(_done: int) -> str:
    """What is said of a list that is read."""
    return say("正在读取明细", "Reading the rows")
