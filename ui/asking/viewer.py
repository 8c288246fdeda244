"""Who is looking: as a login or the proxy in front says, else from where."""

from __future__ import annotations

import streamlit as st

# How proxies that ask who comes tell the server
_HEADERS = ("X-Forwarded-User", "X-Remote-User", "Remote-User")


def viewer() -> str:
    """The viewer's account, else the address of the computer; never empty."""
    if getattr(st.user, "is_logged_in", False):
        return str(st.user.get("email") or st.user.get("name") or st.user.get("sub"))
    for header in _HEADERS:
        if given := st.context.headers.get(header):
            return str(given)[:120]
    return st.context.ip_address or "localhost"
