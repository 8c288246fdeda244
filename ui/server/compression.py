"""Sends what browsers keep for good (scripts, style sheets) compressed, compressing each file once.

Streamlit sends its own uncompressed, as it expects a proxy in front; this server may stand alone.
"""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ENDINGS = (".js", ".css")


class KeptCompression:
    """ASGI middleware. ``preload`` is a script, beside the page, that every page needs and the browser may fetch early."""

    def __init__(self, app: ASGIApp, preload: str) -> None:
        self._app = app
        self._compressing = GZipMiddleware(app, minimum_size=1_000, compresslevel=7)
        self._preload = preload
        # The files of one version of Streamlit: a bounded number.
        self._kept: dict[str, list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
        elif scope["path"].endswith(_ENDINGS):
            await self._send_file(scope, receive, send)
        else:
            await self._app(scope, receive, self._with_preload(send))

    async def _send_file(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope)
        if "gzip" not in asked.get("accept-encoding", "") or "range" in asked or "if-none-match" in asked:
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path not in self._kept:
            messages: list[Message] = []

            async def keep(message: Message) -> None:
                messages.append(message)

            await self._compressing(scope, _never_leaves, keep)
            if not _is_for_good(messages[0]):
                for message in messages:
                    await send(message)
                return
            self._kept[path] = messages
        for message in self._kept[path]:
            await send(message)

    def _with_preload(self, send: Send) -> Send:
        async def add_preload(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # A page with a policy of its own has all its scripts in it.
                if headers.get("content-type", "").startswith("text/html") and "content-security-policy" not in headers:
                    headers["link"] = f"<{self._preload}>; rel=preload; as=script"
            await send(message)

        return add_preload


async def _never_leaves() -> Message:
    """What is kept is for all that come after, and has to be whole: also where who asked first leaves while it is read."""
    await asyncio.Event().wait()
    raise AssertionError


def _is_for_good(start: Message) -> bool:
    return bool(start["status"] == 200 and "immutable" in Headers(scope=start).get("cache-control", ""))
