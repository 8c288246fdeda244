"""Keeps Streamlit from asking the internet for this machine's address."""

from __future__ import annotations

from streamlit import net_util


def ask_nobody_outside() -> None:
    """Let there be no outside address: Streamlit 1.67 asks a server on the internet for it.

    It does so for the lines it prints when it listens on all addresses, and for websockets of foreign pages.
    """
    net_util.get_external_ip = _unknown


def _unknown() -> None:
    return None
