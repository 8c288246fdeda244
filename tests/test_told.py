"""What was just done is told until the viewer does something else, however often the page runs by itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[1]


def page() -> None:
    import streamlit as st

    from ui.frame.told import forget_told, keep_told, show_told, tell

    forget_told()
    st.button("write", on_click=tell, args=("here", "written"))
    st.button("fail", on_click=tell, args=("here", "not written"), kwargs={"is_problem": True})
    if st.button("write in the run"):
        tell("here", "written")
    st.button("data came", on_click=keep_told)
    st.button("something else")
    show_told("there")
    show_told("here")


def pressed(app: AppTest, label: str) -> list[str]:
    next(one for one in app.button if one.label == label).click().run()
    return [one.value for one in (*app.success, *app.error)]


@pytest.mark.parametrize("how", ["write", "write in the run", "fail"])
def test_it_stays_while_data_come_and_goes_with_the_next_action(how: str) -> None:
    app = AppTest.from_function(page).run()
    words = ["not written" if how == "fail" else "written"]
    assert pressed(app, how) == words
    assert [pressed(app, "data came") for _ in range(2)] == [words, words]
    assert pressed(app, "something else") == []
    assert pressed(app, "data came") == []


def test_no_page_shows_what_its_run_took_away() -> None:
    """A message popped where it is drawn is gone with the next run, which a write causes by itself."""
    scripts = [*ROOT.glob("pages/*.py"), *ROOT.glob("ui/**/*.py")]
    assert len(scripts) > 50
    popped = re.compile(r"if [^\n]*session_state\.pop\(")
    assert [one.name for one in scripts if popped.search(one.read_text("utf-8"))] == ["told.py"]
