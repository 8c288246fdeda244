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
from ui.asking.viewer import SessionEnded, require_proxy, trusted_proxy
from ui.elements.chart import LIBRARY_NAME, library_route
from ui.files.exports import export_route
from ui.files.upload import upload_route
from ui.files.whole_lists import print_route
from ui.frame.contents_route import contents_route
from ui.frame.data_watch import version_route
from ui.screen.routes import screen_routes
from ui.server.admission import Admission
from ui.server.compression import KeptCompression
from ui.server.find_route import find_route
from ui.server.health_route import health_route
from ui.server.identity import Identity
from ui.server.identity_settings import (
    ACCOUNTS,
    HEADER,
    NONE,
    OIDC,
    identity,
    require_known_viewers,
    require_two_known,
    session_seconds,
)
from ui.server.lifespan import lifespan
from ui.server.page_routes import page_routes
from ui.server.response_headers import ResponseHeaders
from ui.server.rules import RuledRoute
from ui.server.sessions import require_key
from ui.server.settings import server_settings
from ui.server.sign_in import first_link, sign_in_routes
from ui.text import problem_sentence, say


def prepare() -> None:
    """Build the sample county when nothing is configured and nothing is there; say what is wrong otherwise.

    Exits where it is not clear whom to believe who somebody is, or whom to answer.
    """
    try:
        trusted_proxy()
        server_settings()
        prepare_identity()
    except Problem as problem:
        sys.exit(str(problem))
    try:
        if database.configured_url() is None and not database.EMBEDDED.exists():
            # Only the first start without a database needs it.
            from sample_data.build import ProgressBar, build

            build(database.database_url(), progress=ProgressBar())
        # What is only read, such as a replica, is made where it is written.
        database.provide_schema(database.engine_for(database.database_url()))
        database.require_schema(database.engine_for(database.reading_url()))
        tell_first_administrator()
    except database.DatabaseProblem as problem:
        print(problem, file=sys.stderr)  # noqa: T201  # for whoever started the server


def prepare_identity() -> None:
    """Raise Problem where strangers could come in, or nobody could."""
    require_known_viewers(st.get_option("server.address"))
    session_seconds()
    require_two_known()
    if identity() == HEADER:
        require_proxy()
    if identity() == OIDC:
        # Nobody else carries what reads a provider's tokens: 17 MB.
        from ui.server.identity_provider import provider_settings

        provider_settings()
    if identity() != NONE:
        require_key()


def tell_first_administrator() -> None:
    """Where people are asked who they are and there is no account yet, print how the first one is made."""
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    address = f"{scheme}://{st.get_option('server.address') or 'localhost'}:{st.get_option('server.port')}"
    if identity() == NONE or not (link := first_link(address)):
        return
    if identity() == ACCOUNTS:
        told = (
            f"还没有账号。请打开这个链接建第一个管理员（用一次，重启后换新的）：\n"
            f"There are no accounts yet. Make the first administrator here (once; a restart makes another link):\n{link}"
        )
    else:
        told = (
            "还没有账号，谁也进不来。请建第一个管理员 There are no accounts yet; make the first administrator: "
            "python -m data_access.accounts add NAME --role administrator --no-password"
        )
    print(told, flush=True)  # noqa: T201  # for whoever started the server


def identity_routes() -> list[RuledRoute]:
    """The pages by which people sign in."""
    if identity() == OIDC:
        from ui.server.oidc_sign_in import oidc_routes

        return oidc_routes
    return sign_in_routes if identity() == ACCOUNTS else []


def apologise(error: Exception) -> bool:
    """Show one sentence instead of a traceback; Streamlit has logged the error already."""
    if isinstance(error, SessionEnded):
        # In what a click does before the page runs.
        st.warning(problem_sentence(error), icon=":material/lock:")
        return True
    st.error(
        say(
            "这一页出错了，已记入服务器日志。请刷新页面；若仍出错，请联系管理员。",
            "This page failed; the server's log has the details. Reload it, or tell your administrator.",
        )
    )
    return True


prepare()
routes = [
    health_route,
    version_route,
    upload_route,
    library_route,
    find_route,
    export_route,
    print_route,
    contents_route,
    *screen_routes,
    *page_routes,
    *identity_routes(),
]
app = st.App(
    ROOT / "ui" / "frame" / "app.py",
    routes=routes,
    middleware=[
        Middleware(ResponseHeaders),
        Middleware(Admission, settings=server_settings()),
        # Where nobody is asked who they are, it does not stand in the way.
        *([Middleware(Identity, kind=identity(), routes=routes)] if identity() != NONE else []),
        Middleware(KeptCompression, preload=LIBRARY_NAME),
    ],
    lifespan=lifespan,
    on_script_error=apologise,
)
