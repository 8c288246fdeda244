"""What browsers are told to allow of what the server sends: nothing of others, and nobody's frame around it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from hashlib import sha256

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.server.page_routes import page_html
from ui.server.settings import server_settings

_OTHERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), serial=(), usb=()",
}


def content_policy(scripts: Iterable[str], further: str = "", framed_by: Iterable[str] = ()) -> str:
    """The Content-Security-Policy of a page with these ``scripts`` in it, and ``further`` sources of scripts."""
    known = " ".join(f"'sha256-{b64encode(sha256(one.encode()).digest()).decode()}'" for one in scripts)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {known} {further}".strip(),
            # Streamlit and plotly write their styles into the page.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "frame-src 'none'",
            "frame-ancestors " + (" ".join(framed_by) or "'none'"),
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        )
    )


def screen_policy(script: str) -> str:
    """That of the wall, which has one script, and may be framed by whom the settings name."""
    return content_policy([script], framed_by=server_settings().framed_by)


@cache
def _page_policy() -> str:
    """That of Streamlit's page and of everything else; elements bring their scripts as blobs."""
    return content_policy(re.findall(r"<script>(.*?)</script>", page_html(), re.DOTALL), "'self' blob:")


class ResponseHeaders:
    """ASGI middleware: adds the headers to every answer that has not its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def add_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                for name, value in {"Content-Security-Policy": _page_policy(), **_OTHERS}.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, add_headers)
