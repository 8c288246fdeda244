"""Who is looking: as a login or the proxy in front says, else from where. Everybody may see everything so far."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from starlette.requests import Request

from data_access.access import Viewer

# How proxies that ask who comes tell the server
_HEADERS = ("X-Forwarded-User", "X-Remote-User", "Remote-User")


def viewer() -> Viewer:
    """The viewer of this session, named by the account, else by the address of the computer; never empty."""
    if getattr(st.user, "is_logged_in", False):
        return Viewer(str(st.user.get("email") or st.user.get("name") or st.user.get("sub")))
    return _named(st.context.headers, st.context.ip_address)


def viewer_of(request: Request) -> Viewer:
    """The viewer who sends a request."""
    return _named(request.headers, request.client.host if request.client else None)


def _named(headers: Mapping[str, str], address: str | None) -> Viewer:
    given = next((str(headers[name]) for name in _HEADERS if headers.get(name)), "")
    return Viewer(given[:120] or address or "localhost")
