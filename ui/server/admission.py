"""Whom the server answers: under its own names, its own pages alone over websockets, and no more than it can carry."""

from __future__ import annotations

import socket
from collections import Counter
from ipaddress import ip_address
from time import monotonic
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.server.settings import ServerSettings

_LOCAL = ("localhost", "127.0.0.1", "::1")
_SEARCHES = ("/find", "/screen/ask")
# Where passwords are tried; so many tries of an address in a minute
_PASSWORDS, _MOST_TRIES = ("/sign-in", "/password"), 20
_NOT_OURS = (
    "看板不认这个网址。管理员请把它写进 ALLOWED_HOSTS（见 docs/security.md），再启动看板。 "
    "The dashboard does not know this address. Name it in ALLOWED_HOSTS (docs/security.md) and start again."
)


class Admission:
    """ASGI middleware. What it refuses, Streamlit does not see: of a foreign page it would ask outside who that is."""

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self._app = app
        self._hosts = {host.strip("[]") for host in settings.hosts}
        self._most, self._most_per_address = settings.sessions, settings.sessions_per_address
        self._searches = _EachMinute(settings.searches_per_minute)
        self._tries = _EachMinute(_MOST_TRIES)
        self._sessions: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        address = (scope.get("client") or ("",))[0]
        if not self._answers_to(_host(headers)):
            await _refuse(421, _NOT_OURS, scope, receive, send)
        elif scope["type"] == "http":
            if scope["path"] in _SEARCHES and not self._searches.let_in(address):
                await _refuse(429, "查得太快，请稍后再试。 Too many searches; try again later.", scope, receive, send)
            elif scope["path"] in _PASSWORDS and scope["method"] == "POST" and not self._tries.let_in(address):
                await _refuse(429, "试得太多，请一分钟后再试。 Too many tries; wait a minute.", scope, receive, send)
            else:
                await self._app(scope, receive, send)
        elif not is_own(headers):
            await _refuse(403, "只接受看板自己的页面。 Only the dashboard's own pages.", scope, receive, send)
        elif self._sessions.total() >= self._most or self._sessions[address] >= self._most_per_address:
            await _refuse(503, "打开的页面太多，请稍后再试。 Too many open pages; try later.", scope, receive, send)
        else:
            self._sessions[address] += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._sessions -= Counter([address])

    def _answers_to(self, host: str) -> bool:
        """Whether it is one of the server's names.

        Where none are set: any that a stranger cannot point here with a domain of their own, which a browser would then
        take for the same site as the stranger's.
        """
        if self._hosts:
            return host in self._hosts or host in _LOCAL
        return host != "" and ("." not in host or host == socket.gethostname().lower() or _is_address(host))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _host(headers: Headers) -> str:
    """The name that is asked for; empty where there is none."""
    try:
        return (urlsplit(f"//{headers.get('host', '')}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_own(headers: Headers) -> bool:
    """Whether it comes from a page of this server, or from no page at all."""
    origin = headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
    except ValueError:
        return False


async def _refuse(status: int, why: str, scope: Scope, receive: Receive, send: Send) -> None:
    # Of a websocket this refuses the handshake.
    await PlainTextResponse(why, status, {"Cache-Control": "no-store"})(scope, receive, send)


class _EachMinute:
    """Lets so many of each address in every minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = 0
        self._counted: Counter[str] = Counter()

    def let_in(self, address: str) -> bool:
        minute = int(monotonic() // 60)
        if minute != self._minute:
            self._minute, self._counted = minute, Counter()
        self._counted[address] += 1
        return self._counted[address] <= self._most
