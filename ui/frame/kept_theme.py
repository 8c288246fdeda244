"""Lets Streamlit read the theme from its configuration once, rather than at every run of every viewer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

# Streamlit has no setting for this: it searches all options of its configuration for each part of the theme, which is
# a fifth of what a run costs the server. A test fails when a new version does it otherwise.
_from_configuration: Any = getattr(app_session, "_populate_theme_msg", None)


@lru_cache(maxsize=16)
def _theme(section: str) -> CustomThemeConfig:
    theme = CustomThemeConfig()
    _from_configuration(theme, section)
    return theme


def _fill(msg: CustomThemeConfig, section: str = "theme") -> None:
    theme = _theme(section)
    # An empty one must not be set at all.
    if theme.ListFields():
        msg.MergeFrom(theme)


def keep_theme() -> None:
    """From now on take the theme as it is configured at the first run; nothing where Streamlit works otherwise."""
    if _from_configuration is not None:
        app_session._populate_theme_msg = _fill
