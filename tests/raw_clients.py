"""Clients that send what no page of the dashboard sends: raw requests, handshakes and messages of a page's websocket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Engine
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.browser import PATIENCE, Server
from ui.server import sessions
from ui.server.sessions import COOKIE, begun, written

PAGE = {"Accept": "text/html"}
SOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def answer(
    server: Server,
    path: str = "/version",
    headers: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    method: str | None = None,
) -> HTTPResponse:
    """What the server answers; a form is posted. The body is read."""
    netloc = urlsplit(server.url).netloc
    body = None if form is None else urlencode(form)
    with closing(HTTPConnection(netloc, timeout=60)) as connection:
        sent = {} if form is None else {"Content-Type": "application/x-www-form-urlencoded", "Origin": server.url}
        connection.request(method or ("GET" if form is None else "POST"), path, body, {**sent, **(headers or {})})
        told = connection.getresponse()
        if told.status != 101:
            told.text = told.read().decode("utf-8", "replace")  # type: ignore[attr-defined]
        return told


def status(server: Server, path: str = "/version", **headers: str) -> int:
    return answer(server, path, {name.replace("__", "-"): value for name, value in headers.items()}).status


def handshake(server: Server, **headers: str) -> int:
    """101 where a websocket is taken."""
    return status(server, "/_stcore/stream", **SOCKET, **headers)


def cookie_of(engine: Engine, name: str = "wang") -> str:
    with engine.connect() as connection:
        account = sessions.account_named(connection, name)
    assert account
    return f"{COOKIE}={written(begun(account))}"


@contextmanager
def open_page(server: Server, cookie: str, session: str = "") -> Iterator[OpenPage]:
    """An open page's websocket, without the page; ``session``: Streamlit's, of a page that connects again."""
    with connect(
        f"ws{server.url.removeprefix('http')}/_stcore/stream",
        subprotocols=list(map(Subprotocol, ["streamlit", *(["unsigned", session] if session else [])])),
        additional_headers={"Cookie": cookie},
        origin=Origin(server.url),
        max_size=None,
        proxy=None,
    ) as socket:
        yield OpenPage(socket)


class OpenPage:
    """What can be sent and heard there."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def send(self, message: BackMsg) -> None:
        self._socket.send(message.SerializeToString())

    def receive(self) -> ForwardMsg:
        return ForwardMsg.FromString(bytes(self._socket.recv(PATIENCE / 1000)))  # type: ignore[arg-type]  # no text comes

    def run(self, name: str = "", query: str = "", message: BackMsg | None = None) -> list[ForwardMsg]:
        """All that comes of a run: of the page of that name, or as the message says."""
        if message is None:
            message = BackMsg()
            message.rerun_script.page_name = name
            message.rerun_script.query_string = query
            # As if the address had just been opened
            message.rerun_script.is_history_navigation = True
        self.send(message)
        heard = []
        while not heard or heard[-1].WhichOneof("type") != "script_finished":
            heard.append(self.receive())
        return heard


def said(heard: list[ForwardMsg]) -> str:
    """All that came, as one text."""
    return b"".join(one.SerializeToString() for one in heard).decode("utf-8", "replace")
