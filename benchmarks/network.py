"""A network between a browser and a server on this machine: 30 ms there and back, 10 Mbit a second.

``python -m benchmarks.network PORT SERVERS_PORT``. Chromium's own emulation would hold back requests, but no messages of a
websocket.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

ROUND_TRIP, BYTES_A_SECOND = 0.030, 10e6 / 8


class _Direction:
    """What goes one way, of all connections: one part after the other over the line, and there half a round trip later."""

    def __init__(self) -> None:
        self._free = 0.0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry what a connection sends until it ends."""
        loop = asyncio.get_running_loop()
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                when, part = await under_way.get()
                await asyncio.sleep(when - loop.time())
                if not part:
                    writer.close()
                    return
                writer.write(part)

        delivery = asyncio.create_task(deliver())
        with suppress(ConnectionError):
            while part := await reader.read(16384):
                self._free = max(self._free, loop.time()) + len(part) / BYTES_A_SECOND
                under_way.put_nowait((self._free + ROUND_TRIP / 2, part))
        under_way.put_nowait((max(self._free, loop.time()) + ROUND_TRIP / 2, b""))
        await delivery


async def main(port: int, servers_port: int) -> None:
    """Carry between the two ports."""
    there, back = _Direction(), _Direction()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # To open a connection takes a round trip, too.
        await asyncio.sleep(ROUND_TRIP)
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", servers_port)
        await asyncio.gather(there.carry(reader, server_writer), back.carry(server_reader, writer))

    async with await asyncio.start_server(connect, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
