"""Has the server send small messages at once, not with the next one or 40 ms later."""

from __future__ import annotations

import gc
import socket


def send_at_once() -> None:
    """Switch Nagle's algorithm off for the connections of this process's listening sockets.

    asyncio does so by itself, but not for a socket that was made without naming TCP, as Streamlit 1.67 makes its own
    (uvicorn's issue 3149), and Streamlit hands it to nobody. Connections inherit the setting of what accepts them. A
    test fails when a new version no longer needs this.
    """
    # Not isinstance, which asks what a weak reference stands for, and that may be gone.
    sockets = [found for found in gc.get_objects() if issubclass(type(found), socket.socket) and found.fileno() != -1]
    for found in sockets:
        if found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM:
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
