"""Who is looking, and what they may see: as the session says (ui/server/identity.py).

Where nobody is asked who they are, everybody may see everything, under the name that a login or a proxy gives, else by
the address of the computer.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from hmac import compare_digest
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import streamlit as st
from starlette.requests import Request

from data_access.access import Viewer
from data_access.accounts.signing_in import Account
from data_access.problems import Problem
from ui.server import sessions
from ui.server.identity_settings import NONE, identity

# What a trusted proxy proves itself by
SECRET_HEADER = "X-Proxy-Secret"  # noqa: S105  # the name of a header
_SHORTEST_SECRET = 16
# The address of a browser on this machine, of which Streamlit tells none
_HERE = "127.0.0.1"


@dataclass(frozen=True)
class TrustedProxy:
    """The proxy that signs people in: where requests of it come from, its secret, and the one header that names them.

    A header that names somebody is believed from it alone: anybody can send one.
    """

    networks: tuple[IPv4Network | IPv6Network, ...]
    secret: str
    header: str

    def names(self, headers: Mapping[str, str], address: str | None) -> str:
        """Who the proxy says that it is; empty where the request is not the proxy's or names nobody."""
        given = str(headers.get(SECRET_HEADER) or "")
        if not compare_digest(given.encode(), self.secret.encode()) or not self._is_from(headers, address):
            return ""
        return str(headers.get(self.header) or "").strip()

    def _is_from(self, headers: Mapping[str, str], address: str | None) -> bool:
        here = [address or _HERE]
        if headers.get("X-Forwarded-For"):
            # uvicorn puts the address that this header tells in the place of the proxy's own, if that is this machine.
            here.append(_HERE)
        return any(one in network for one in map(_address, here) if one for network in self.networks)


def _address(given: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(given)
    except ValueError:
        return None


def trusted_proxy() -> TrustedProxy | None:
    """The proxy as ``TRUSTED_PROXY`` (addresses or networks), ``TRUSTED_PROXY_SECRET`` and ``TRUSTED_PROXY_HEADER`` say.

    None without any. Raises Problem for an address that is none, or a secret that is missing or short.
    """
    names = ("TRUSTED_PROXY", "TRUSTED_PROXY_SECRET", "TRUSTED_PROXY_HEADER")
    return _trusted_proxy(*(os.environ.get(name, "") for name in names))


def require_proxy() -> None:
    """Raise Problem where no proxy is set to be believed."""
    if trusted_proxy() is None:
        raise Problem(
            "IDENTITY=header 要同时设 TRUSTED_PROXY 和 TRUSTED_PROXY_SECRET，写明信哪个代理。",
            "IDENTITY=header needs TRUSTED_PROXY and TRUSTED_PROXY_SECRET, which say what proxy to believe.",
        )


@lru_cache(maxsize=1)
def _trusted_proxy(given: str, secret: str, header: str) -> TrustedProxy | None:
    networks = []
    for one in filter(None, map(str.strip, given.split(","))):
        try:
            networks.append(ip_network(one))
        except ValueError:
            raise Problem(
                f"TRUSTED_PROXY 里的“{one}”不是地址或网段，应形如 127.0.0.1 或 10.1.2.0/24。",
                f"“{one}” in TRUSTED_PROXY is no address or network; it should look like 127.0.0.1 or 10.1.2.0/24.",
            ) from None
    if not networks:
        return None
    if len(secret) < _SHORTEST_SECRET:
        raise Problem(
            f"设了 TRUSTED_PROXY，就要设 TRUSTED_PROXY_SECRET，至少 {_SHORTEST_SECRET} 个字符。",
            f"With TRUSTED_PROXY set, TRUSTED_PROXY_SECRET needs {_SHORTEST_SECRET} characters or more.",
        )
    return TrustedProxy(tuple(networks), secret, header or "X-Forwarded-User")


class SessionEnded(Problem):
    """Whoever asks is signed in no longer."""

    def __init__(self) -> None:
        super().__init__("登录已结束，请重新登录。", "The session has ended; sign in again.")


# The request that is answered, where no session of Streamlit's asks
_request: ContextVar[Request | None] = ContextVar("request", default=None)


@contextmanager
def asking(request: Request) -> Iterator[None]:
    """Within, the viewer and the account are those who send the request."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def viewer() -> Viewer:
    """The viewer of this session, named by the account, else by the address of the computer; never empty.

    Raises SessionEnded where accounts are asked for and the session's has ended.
    """
    if request := _request.get():
        return viewer_of(request)
    if known := account():
        return replace(known.viewer, address=st.context.ip_address or _HERE)
    if _signs_in() and st.user.is_logged_in:
        name = str(st.user.get("email") or st.user.get("name") or st.user.get("sub"))
        return Viewer(name, st.context.ip_address or _HERE)
    return _named(st.context.headers, st.context.ip_address)


def account() -> Account | None:
    """The account that is signed in on this page, which is in use by that; None where nobody is asked. Raises SessionEnded."""
    if request := _request.get():
        return account_of(request)
    return None if identity() == NONE else _account_in(st.context.headers, is_used=True)


def account_of(request: Request) -> Account | None:
    """The account that sends a request; None where nobody is asked. Raises SessionEnded."""
    return None if identity() == NONE else _account_in(request.headers)


def _account_in(headers: Mapping[str, str], *, is_used: bool = False) -> Account:
    opened = sessions.read(headers.get(sessions.HANDED_ON))
    found = sessions.account_in(*opened) if opened else None
    if opened is None or found is None:
        raise SessionEnded
    if is_used:
        sessions.use(opened[0])
    return found


@lru_cache(maxsize=1)
def _signs_in() -> bool:
    """Whether Streamlit signs people in. Asked for each run it would look for its secrets' files every time, and lock them."""
    return bool(st.secrets.load_if_toml_exists()) and "auth" in st.secrets


def viewer_of(request: Request) -> Viewer:
    """The viewer who sends a request. Raises SessionEnded where accounts are asked for and the session's has ended."""
    address = request.client.host if request.client else None
    if identity() == NONE:
        return _named(request.headers, address)
    return replace(_account_in(request.headers).viewer, address=address or _HERE)


def _named(headers: Mapping[str, str], address: str | None) -> Viewer:
    proxy = trusted_proxy()
    given = proxy.names(headers, address) if proxy else ""
    here = address or _HERE
    return Viewer(given[:120] or here, here)
