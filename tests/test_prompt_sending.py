"""The server's connections send small messages at once, which Streamlit's do not by themselves."""

from __future__ import annotations

import asyncio
import socket
import weakref
from concurrent.futures import ThreadPoolExecutor

from streamlit.web.server.starlette import starlette_server

from ui.server.prompt_sending import send_at_once


async def _sends_at_once(listening: socket.socket) -> bool:
    found: list[int] = []

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        found.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(accept, sock=listening)
    async with server:
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
    return bool(found[0])


def test_what_streamlit_listens_on_is_told_to() -> None:
    def listening() -> socket.socket:
        return starlette_server._bind_socket("127.0.0.1", 0, 5)

    # In a thread of its own: where a browser is open, this one has an event loop already.
    with ThreadPoolExecutor(1) as thread:
        # Where this holds no more, ui/server/prompt_sending.py can go.
        assert not thread.submit(asyncio.run, _sends_at_once(listening())).result()
        found = listening()
        # What is looked through may be gone already.
        gone = weakref.proxy(type("Gone", (), {})())
        send_at_once()
        del gone
        assert thread.submit(asyncio.run, _sends_at_once(found)).result()
