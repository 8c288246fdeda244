"""会议大屏: a page for a browser that nobody touches, beside Streamlit's.

A page of its own beside Streamlit's: it asks for everything it rotates through in one answer, so that its numbers come
from one read, and keeps no session that could be lost over night. ``/screen`` is the page, ``/screen/content`` what it
shows; both take the same parameters (see :func:`settings`). In a browser's address the filters are named as on every
page.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from data_access.database import DatabaseProblem
from data_access.settings.kept import rotation
from ui.asking.viewer import viewer_of
from ui.screen.settings import ScreenProblem, settings
from ui.server.find_route import posted
from ui.server.response_headers import screen_policy
from ui.server.rules import WALLS, RuledRoute

_FOLDER = Path(__file__).resolve().parents[1] / "browser"


@cache
def _file(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


@cache
def build() -> str:
    """Changes with the page's own files: an open screen loads itself anew after an update."""
    return hashlib.sha256((_file("screen.js") + _file("screen.css")).encode()).hexdigest()[:16]


async def _send_page(request: Request) -> HTMLResponse:
    language, title = (
        ("en", "Meeting-room screen") if request.query_params.get("lang") == "en" else ("zh-CN", "会议大屏")
    )
    # One answer holds all of it: once it is there, nothing but the figures has to come over the network.
    return HTMLResponse(
        f"<!doctype html><html lang='{language}'><head><meta charset='utf-8'><meta name='robots' content='noindex'>"
        f"<title>{title}</title><link rel='icon' href='data:,'><style>{_file('screen.css')}</style></head>"
        f"<body><main></main><script type='module'>{_file('screen.js')}</script></body></html>",
        headers={"Cache-Control": "no-store", "Content-Security-Policy": screen_policy(_file("screen.js"))},
    )


async def _send_content(request: Request) -> Response:
    # The launcher imports this module, and Streamlit warns of caches that are made before it runs.
    from data_access.cache import county
    from ui.screen.frames import content

    def answer() -> tuple[int, dict[str, Any]]:
        try:
            viewer = viewer_of(request)
            wanted = settings(request.query_params, rotation(county(viewer).settings))
            return 200, {**content(wanted, viewer), "build": build()}
        except ScreenProblem as problem:
            return 400, {"problem": problem.en if request.query_params.get("lang") == "en" else problem.zh}
        except DatabaseProblem as problem:
            return 503, {"problem": problem.en if request.query_params.get("lang") == "en" else problem.zh}

    status, told = await to_thread.run_sync(answer)
    return Response(
        json.dumps(told, ensure_ascii=False, allow_nan=False),
        status,
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )


async def _send_answer(request: Request) -> Response:
    from ui.screen.asked import asked_on_screen

    given = await posted(request)
    if given is None:
        return Response(status_code=413)

    def answer() -> tuple[int, dict[str, Any]]:
        try:
            return 200, asked_on_screen(given, viewer_of(request))
        except DatabaseProblem as problem:
            return 503, {"problem": problem.en if given.get("lang") == "en" else problem.zh}

    status, told = await to_thread.run_sync(answer)
    body = json.dumps(told, ensure_ascii=False, allow_nan=False)
    return Response(body, status, headers={"Cache-Control": "no-store"}, media_type="application/json")


screen_routes = [
    RuledRoute("/screen", _send_page, WALLS),
    RuledRoute("/screen/content", _send_content, WALLS),
    RuledRoute("/screen/ask", _send_answer, WALLS, methods=["POST"]),
]
