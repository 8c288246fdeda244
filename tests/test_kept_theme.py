"""The theme that is kept is the one Streamlit would read each time, and Streamlit asks for it as it is replaced here."""

from __future__ import annotations

import inspect

import pytest
from streamlit.proto.NewSession_pb2 import CustomThemeConfig, NewSession
from streamlit.runtime import app_session

from ui.frame import kept_theme

SECTIONS = ("theme", "theme.light", "theme.dark", "theme.sidebar", "theme.light.sidebar", "theme.dark.sidebar")


@pytest.mark.parametrize("section", SECTIONS)
def test_the_theme_is_the_configured_one(section: str) -> None:
    read = CustomThemeConfig()
    kept_theme._from_configuration(read, section)
    for _ in range(2):
        kept = CustomThemeConfig()
        kept_theme._fill(kept, section)
        assert kept == read
    assert (section == "theme.light") <= (read.background_color == "#FFFFFF")


def test_a_part_without_a_theme_stays_unset() -> None:
    session = NewSession()
    kept_theme._fill(session.custom_theme.light.sidebar, "theme.light.sidebar")
    assert not session.HasField("custom_theme")


def test_streamlit_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the function gone or called otherwise, every run would read the configuration again."""
    monkeypatch.setattr(app_session, "_populate_theme_msg", kept_theme._from_configuration)
    source = inspect.getsource(app_session.AppSession._create_new_session_message)
    assert source.count("_populate_theme_msg(") == len(SECTIONS)
    kept_theme.keep_theme()
    assert app_session._populate_theme_msg is kept_theme._fill
