"""Start here: ``streamlit run dashboard.py``.

A launcher only. With a ``pages/`` folder beside the main script, Streamlit would discover pages by
itself and run a deep link without the frame; so the script that Streamlit runs is ``ui/frame/app.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from data_access import database
from data_access.problems import Problem
from ui.asking.viewer import trusted_proxy
from ui.elements.chart import LIBRARY_NAME, library_route
from ui.files.exports import export_route
from ui.files.upload import upload_route
from ui.frame.data_watch import version_route
from ui.screen.routes import screen_routes
from ui.server.admission import Admission
from ui.server.compression import KeptCompression
from ui.server.find_route import find_route
from ui.server.health_route import health_route
from ui.server.lifespan import lifespan
from ui.server.response_headers import ResponseHeaders
from ui.server.settings import server_settings
from ui.text import say


def prepare() -> None:
    """Build the sample county when nothing is configured and nothing is there; say what is wrong otherwise.

    Exits where it is not clear whom to believe who somebody is, or whom to answer.
    """
    try:
        trusted_proxy()
        server_settings()
    except Problem as problem:
        sys.exit(str(problem))
    try:
        if database.configured_url() is None and not database.EMBEDDED.exists():
            # Only the first start without a database needs it.
            from sample_data.build import ProgressBar, build

            build(database.database_url(), progress=ProgressBar())
        database.require_schema(database.engine_for(database.reading_url()))
    except database.DatabaseProblem as problem:
        print(problem, file=sys.stderr)  # noqa: T201  # for whoever started the server


def apologise(_error: Exception) -> bool:
    """Show one sentence instead of a traceback; Streamlit has logged the error already."""
    st.error(
        say(
            "这一页出错了，已记入服务器日志。请刷新页面；若仍出错，请联系管理员。",
            "This page failed; the server's log has the details. Reload it, or tell your administrator.",
        )
    )
    return True


prepare()
app = st.App(
    ROOT / "ui" / "frame" / "app.py",
    routes=[
        health_route,
        version_route,
        upload_route,
        library_route,
        find_route,
        export_route,
        *screen_routes,
    ],
    middleware=[
        Middleware(ResponseHeaders),
        Middleware(Admission, settings=server_settings()),
        Middleware(KeptCompression, preload=LIBRARY_NAME),
    ],
    lifespan=lifespan,
    on_script_error=apologise,
)
