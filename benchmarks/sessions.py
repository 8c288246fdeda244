"""Many viewers at once: ``python -m benchmarks.sessions [--sessions N] [--seconds S] [--reruns N] [--url URL]``.

Every session changes the township filter of 总览 every two seconds, as browsers do: it asks the route for the page's
contents, and lets Streamlit follow over its websocket.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.pages import county_database
from sample_data.county import townships
from tests.browser import Server

PATIENCE = 120.0
# Together at the start; a script's first run in a session costs more than the next.
_ARRIVING = 4
NAMES = [place.name for place in townships()]


@dataclass
class Session:
    """One viewer's connection to Streamlit, and where the rest is asked for."""

    connection: websockets.ClientConnection
    host: str
    cookie: str = ""
    page: str = ""
    is_drawn: bool = False
    errors: list[str] = field(default_factory=list)
    # Messages the browser keeps, so that the server need not send them again: hash -> the run that used it last
    kept: dict[str, int] = field(default_factory=dict)
    runs: int = 0

    async def click(self, chosen: Sequence[str]) -> tuple[float, float]:
        """Ask for these townships; the seconds until the contents are there, and until Streamlit's run has finished."""
        query = urlencode([("street", name) for name in chosen])
        began = time.perf_counter()
        async with asyncio.timeout(PATIENCE):
            # The server lets go of a connection that nobody uses for five seconds.
            reader, writer = await asyncio.open_connection(*self.host.split(":"))
            told = f"Host: {self.host}\r\nCookie: {self.cookie}\r\n\r\n"
            writer.write(f"GET /contents/overview?{query} HTTP/1.1\r\n{told}".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(re.search(rb"content-length: (\d+)", head.lower())[1]))  # type: ignore[index]
        writer.close()
        if b" 200 " not in head.split(b"\r\n")[0]:
            self.errors.append(head.split(b"\r\n")[0].decode())
        drawn = time.perf_counter() - began
        await self.rerun(query)
        return drawn, time.perf_counter() - began

    async def rerun(self, query: str | None = None) -> float:
        """Run the page, at this address if one is given; the seconds until the script has finished."""
        message = BackMsg()
        asked = message.rerun_script
        asked.page_script_hash = self.page
        asked.cached_message_hashes.extend(self.kept)
        if query is not None:
            asked.query_string, asked.is_history_navigation = query, True
        began = time.perf_counter()
        await self.connection.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = ForwardMsg.FromString(await self.connection.recv())
                match answer.WhichOneof("type"):
                    case "delta":
                        self._take(answer)
                    case "ref_hash":
                        self.kept[answer.ref_hash] = self.runs
                    case "new_session":
                        self.page = answer.new_session.page_script_hash
                    case "script_finished" if answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                        break
        seconds = time.perf_counter() - began
        self.runs += 1
        self.kept = {hash_: run for hash_, run in self.kept.items() if self.runs - run <= 2}
        return seconds

    def _take(self, answer: ForwardMsg) -> None:
        if answer.metadata.cacheable and answer.hash:
            self.kept[answer.hash] = self.runs
        if answer.delta.WhichOneof("type") != "new_element":
            return
        element = answer.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(element.exception.type)
        elif kind == "bidi_component":
            self.is_drawn = True


async def opened(url: str, cookie: str = "") -> Session:
    """A new session that has drawn the page once, with the cookies that the server sets, and of who has signed in."""

    def cookies() -> str:
        asked = urllib.request.Request(url, headers={"Cookie": cookie})  # noqa: S310
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310
            given = [line.split(";")[0] for line in answer.headers.get_all("Set-Cookie", [])]
            return "; ".join(filter(None, [*given, cookie]))

    found = await asyncio.to_thread(cookies)
    connection = await websockets.connect(
        re.sub("^http", "ws", url.rstrip("/")) + "/_stcore/stream",
        subprotocols=[websockets.Subprotocol("streamlit")],
        additional_headers={"Cookie": found} if found else None,
        compression=None,
        max_size=None,
        ping_interval=None,
        open_timeout=PATIENCE,
    )
    session = Session(connection, urlsplit(url).netloc, found)
    await session.rerun()
    if not session.is_drawn:
        raise LookupError(f"no page at {url}; errors: {session.errors}")
    return session


async def opened_sessions(url: str, count: int, cookie: str = "") -> list[Session]:
    """So many sessions, a few arriving at a time; ``cookie``: of who has signed in."""
    gate = asyncio.Semaphore(_ARRIVING)

    async def one() -> Session:
        async with gate:
            return await opened(url, cookie)

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def paced(
    session: Session, chances: random.Random, period: float, seconds: float
) -> tuple[list[tuple[float, float]], str]:
    """Change the filter once a period; the seconds of each click, and the error that ended it."""
    until = time.monotonic() + seconds
    due = time.monotonic() + chances.uniform(0, period)
    times: list[tuple[float, float]] = []
    try:
        while due < until:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            times.append(await session.click([chances.choice(NAMES)] if chances.random() < 0.8 else []))
            # Whoever waited longer than a period looks at the answer before the next click.
            due = max(due + period * chances.uniform(0.5, 1.5), time.monotonic())
    except (OSError, TimeoutError, websockets.WebSocketException) as error:
        return times, type(error).__name__
    return times, ""


async def run_often(sessions: Sequence[Session], reruns: int) -> None:
    """So many reruns in all, each session one after the other without a pause."""
    share = reruns // len(sessions)

    async def one(session: Session, chances: random.Random) -> None:
        for _ in range(share):
            await session.click([chances.choice(NAMES)])

    await asyncio.gather(*(one(session, random.Random(number)) for number, session in enumerate(sessions)))  # noqa: S311


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def memory(servers: Sequence[psutil.Process]) -> float:
    """Resident memory of the servers together, in MB."""
    return sum(float(server.memory_info().rss) for server in servers) / 1e6


def processor(servers: Sequence[psutil.Process]) -> float:
    """Processor seconds that the servers have used."""
    return sum(sum(server.cpu_times()[:2]) for server in servers)


async def measure(url: str, servers: Sequence[psutil.Process], chosen: argparse.Namespace) -> None:
    """Open the sessions, let them change their filters, and print what it took."""
    if servers:
        print(f"memory at rest           {memory(servers):,.0f} MB")
    few = max(1, chosen.sessions // 3)
    sessions = await opened_sessions(url, few, chosen.cookie)
    first = memory(servers)
    sessions += await opened_sessions(url, chosen.sessions - few, chosen.cookie)
    if servers and chosen.sessions > few:
        each = (memory(servers) - first) / (chosen.sessions - few)
        print(f"a further idle session   {each:.2f} MB ({few} to {chosen.sessions} sessions)")
    if chosen.seconds:
        used, own = processor(servers), time.process_time()
        found = await asyncio.gather(
            *(
                paced(session, random.Random(number), chosen.period, chosen.seconds)  # noqa: S311
                for number, session in enumerate(sessions)
            )
        )
        times = [seconds for part, _ in found for seconds in part]
        errors = [error for _, error in found if error] + [error for session in sessions for error in session.errors]
        print(f"clicks                   {len(times):,}, {len(times) / chosen.seconds:.1f}/s, {len(errors)} errors")
        for what, taken in zip(("contents", "contents and rerun"), zip(*times, strict=True), strict=True):
            told = ", ".join(f"p{s} {1000 * percentile(taken, s / 100):,.0f}" for s in (50, 95, 99))
            print(f"{what:<24} {told} ms")
        if servers:
            print(f"server's processor       {1000 * (processor(servers) - used) / len(times):.1f} ms a click")
        print(f"client's processor       {1000 * (time.process_time() - own) / len(times):.1f} ms a click")
        for error in sorted(set(errors)):
            print(f"error                    {error}")
    if chosen.reruns:
        await run_often(sessions[:20], chosen.reruns // 5)
        before = memory(servers)
        await run_often(sessions[:20], chosen.reruns)
        after = memory(servers)
        print(
            f"memory before {chosen.reruns:,} reruns  {before:,.0f} MB, after {after:,.0f} MB ({after / before - 1:+.1%})"
        )
    for session in sessions:
        await session.connection.close()


@contextmanager
def server_of_our_own(database: str | None) -> Iterator[tuple[str, list[psutil.Process]]]:
    """One dashboard process."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        server = Server(database or county_database(folder), folder / "server.log")
        try:
            yield server.url, [psutil.Process(server.process.pid)]
        finally:
            server.stop()


def main() -> None:
    """Command line; ``--url`` and ``--pids`` measure servers that run already."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=150)
    parser.add_argument("--period", type=float, default=2.0, help="seconds from one change to the next")
    parser.add_argument("--seconds", type=float, default=40.0, help="how long they change filters; 0: not at all")
    parser.add_argument(
        "--reruns", type=int, default=0, help="memory before and after so many more, after a fifth of it"
    )
    parser.add_argument("--url", help="a server that runs already, also behind a proxy")
    parser.add_argument("--database", help="of the server it starts; default: the sample county, built anew")
    parser.add_argument("--cookie", default="", help="of who has signed in there: NAME=VALUE")
    parser.add_argument("--pids", type=int, nargs="*", default=[], help="the processes behind the URL")
    chosen = parser.parse_args()
    if chosen.url:
        asyncio.run(measure(chosen.url, [psutil.Process(pid) for pid in chosen.pids], chosen))
        return
    with server_of_our_own(chosen.database) as (url, servers):
        asyncio.run(measure(url, servers, chosen))


if __name__ == "__main__":
    main()
