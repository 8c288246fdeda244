"""Serves ``least_page.py`` as the dashboard is served: ``streamlit run benchmarks/least_app.py``."""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from ui.elements.chart import LIBRARY_NAME, library_route  # noqa: E402
from ui.server.compression import KeptCompression  # noqa: E402  # found through the line above
from ui.server.lifespan import lifespan  # noqa: E402

app = st.App(
    FOLDER / "least_page.py",
    routes=[library_route],
    middleware=[Middleware(KeptCompression, preload=LIBRARY_NAME)],
    lifespan=lifespan,
)
