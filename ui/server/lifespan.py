"""What is done once, when the server starts."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from ui.frame.kept_theme import keep_theme
from ui.server.prompt_sending import send_at_once


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Keep the garbage collector away from what never becomes garbage: the modules loaded now, most of all objects."""
    import ui.cards.indicators  # noqa: F401  # with pandas and SQLAlchemy

    send_at_once()
    keep_theme()
    gc.collect()
    gc.freeze()
    # A search through everything stops all viewers for 50 ms: far less often than Python would. Few objects need it.
    gc.set_threshold(10_000, 20, 100)
    yield
