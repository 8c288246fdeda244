"""A bar says how far a question is, once that takes longer than people wait without being told."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from ui.elements import waiting


def asked() -> None:
    import streamlit as st

    from ui.elements.waiting import Waiting

    with Waiting(lambda done: f"{done} of 4", 4, lambda: None) as told:
        for moment, done in st.session_state["moments"]:
            st.session_state["now"][0] = moment
            told(done)


def test_only_what_takes_long_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    said: list[tuple[float, str]] = []

    class Bar:
        def progress(self, share: float, words: str) -> Bar:
            said.append((share, words))
            return self

    monkeypatch.setattr(waiting, "monotonic", lambda: now[0])
    monkeypatch.setattr(waiting.st, "progress", Bar().progress)
    app = AppTest.from_function(asked)
    app.session_state["now"] = now
    told = []
    for moments in ([(0.2, 0), (1.9, 1)], [(0.2, 0), (1.9, 1), (2.1, 2), (3.0, 3)]):
        app.session_state["moments"] = moments
        now[0] = 0.0
        app.run()
        assert not app.exception
        told.append([*said])
        said.clear()
        # Nothing of it stays.
        assert not app.button
    assert told == [[], [(0.5, "2 of 4"), (0.75, "3 of 4")]]
