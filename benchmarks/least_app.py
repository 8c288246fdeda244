"""Serves ``least_page.py`` as the dashboard is served: ``streamlit run benchmarks/least_app.py``."""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from ui.compression import KeptCompression  # noqa: E402  # found through the line above
from ui.figures import LIBRARY_NAME, library_route  # noqa: E402
from ui.kept_theme import keep_theme  # noqa: E402
from ui.prompt_sending import send_at_once  # noqa: E402


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """As the dashboard's."""
    import ui.overview_cards  # noqa: F401

    send_at_once()
    keep_theme()
    gc.collect()
    gc.freeze()
    yield


app = st.App(
    FOLDER / "least_page.py",
    routes=[library_route],
    middleware=[Middleware(KeptCompression, preload=LIBRARY_NAME)],
    lifespan=lifespan,
)
