"""Files on their way from the browser to the importer. That they arrive is tested in a browser."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request

from ui.files import upload


def put(token: str, *pieces: bytes, name: str = "a.csv", address: str = "10.0.0.1", length: int | None = None) -> int:
    """PUT the pieces under the token; the answer's status. ``length`` is told in place of what it is."""

    async def receive() -> Any:
        return next(messages)

    messages = iter(
        [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
        + [{"type": "http.request", "body": b"", "more_body": False}]
    )
    scope = {
        "type": "http",
        "method": "PUT",
        "path": f"/upload/{token}",
        "path_params": {"token": token},
        "query_string": b"",
        "client": (address, 1),
        "headers": [
            (b"x-file-name", name.encode("ascii")),
            (b"content-length", str(sum(map(len, pieces)) if length is None else length).encode()),
        ],
    }
    # In a thread of its own: the browser of other tests keeps a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(upload._receive(Request(scope, receive)))).result().status_code


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(upload, "private_folder", lambda _name: tmp_path)
    monkeypatch.setattr(upload, "_uploads", {})
    monkeypatch.setattr(upload, "_is_open", lambda _session: True)
    return tmp_path


def test_a_file_arrives_once_under_its_token_and_goes(folder: Path) -> None:
    token = upload._issue()
    assert upload.uploaded_path(token) is None
    assert put(token, b"1,", b"2\n", name="%E8%AF%89%E6%B1%82.csv") == 200
    path = upload.uploaded_path(token)
    assert path is not None
    assert (path.name, path.read_bytes()) == ("诉求.csv", b"1,2\n")
    assert put(token, b"other") == 404
    upload.remove(token)
    assert upload.uploaded_path(token) is None
    assert not list(folder.iterdir())


def test_nobody_writes_without_a_token(folder: Path) -> None:
    assert put("guess", b"x") == 404
    assert not list(folder.iterdir())


def test_a_file_that_is_too_large_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "LARGEST", 5)
    token = upload._issue()
    assert put(token, b"1234", b"56") == 413
    assert upload.uploaded_path(token) is None
    assert not list(folder.iterdir())


def test_a_broken_connection_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_request: Request) -> AsyncIterator[bytes]:
        yield b"1"
        raise upload.ClientDisconnect

    monkeypatch.setattr(Request, "stream", broken)
    assert put(upload._issue(), b"12") == 400
    assert not list(folder.iterdir())


@pytest.mark.parametrize("pieces", [(b"1",), (b"1", b"2", b"3")])
def test_a_file_that_is_not_as_long_as_was_told_leaves_nothing(folder: Path, pieces: tuple[bytes, ...]) -> None:
    token = upload._issue()
    assert put(token, *pieces, length=2) == 400
    assert not list(folder.iterdir())
    # It can be sent again.
    assert put(token, b"12") == 200


def test_a_browser_that_sends_nothing_more_is_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(_request: Request) -> AsyncIterator[bytes]:
        yield b"1"
        await asyncio.Event().wait()

    monkeypatch.setattr(Request, "stream", silent)
    monkeypatch.setattr(upload, "_PATIENCE", 0.01)
    assert put(upload._issue(), b"12") == 400
    assert not list(folder.iterdir())


def test_a_full_disk_is_told_and_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_request: Request) -> AsyncIterator[bytes]:
        yield b"1"
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Request, "stream", full)
    assert put(upload._issue(), b"12") == 507
    assert not list(folder.iterdir())


def test_a_file_given_up_while_it_came_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = upload._issue()

    async def given_up(_request: Request) -> AsyncIterator[bytes]:
        upload.remove(token)
        yield b"12"

    monkeypatch.setattr(Request, "stream", given_up)
    assert put(token, b"12") == 400
    assert not list(folder.iterdir())


def test_the_file_of_a_closed_page_makes_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "_MOST_OF_ONE", (2, 100))
    older, newer = upload._issue(), upload._issue()
    assert put(older, b"1") == put(newer, b"2") == 200
    path = upload.uploaded_path(older)
    assert path is not None
    os.utime(path, (0, 0))
    # Its page is open, and then it is not.
    assert put(upload._issue(), b"3") == 429
    monkeypatch.setattr(upload, "_is_open", lambda _session: False)
    assert put(upload._issue(), b"3") == 200
    assert upload.uploaded_path(older) is None
    assert upload.uploaded_path(newer) is not None
    assert len(list(folder.iterdir())) == 2


# --- How much -----------------------------------------------------------------------------------------


def test_a_person_and_all_have_limits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "_MOST_OF_ONE", (2, 100))
    monkeypatch.setattr(upload, "_MOST_OF_ALL", (3, 1000))
    first = upload._issue()
    assert put(first, b"1") == put(upload._issue(), b"2") == 200
    assert put(upload._issue(), b"3") == 429
    assert put(upload._issue(), b"3", address="10.0.0.2") == 200
    assert put(upload._issue(), b"4", address="10.0.0.3") == 429
    assert len(list(folder.iterdir())) == 3
    upload.remove(first)
    assert put(upload._issue(), b"3") == 200


def test_bytes_have_limits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "_MOST_OF_ONE", (100, 5))
    monkeypatch.setattr(upload, "_MOST_OF_ALL", (100, 8))
    assert put(upload._issue(), b"1234") == put(upload._issue(), b"1") == 200
    assert put(upload._issue(), b"1") == 429
    assert put(upload._issue(), b"1234", address="10.0.0.2") == 429
    assert put(upload._issue(), b"123", address="10.0.0.2") == 200


def test_a_disk_without_room_is_told_before_anything_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(upload._KEPT_FREE + 2))
    assert put(upload._issue(), b"123") == 507
    assert not list(folder.iterdir())
    assert put(upload._issue(), b"12") == 200


# --- On a server ----------------------------------------------------------------------------------------


@pytest.fixture
def port() -> Iterator[int]:
    """Where a server takes files."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(Starlette(routes=[upload.upload_route]), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        listening.listen()
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


def begun(port: int, token: str, body: bytes, length: int) -> socket.socket:
    """A connection on which a file begins to come."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(
        f"PUT /upload/{token} HTTP/1.1\r\nHost: localhost\r\nX-File-Name: a.csv\r\nConnection: close\r\n"
        f"Content-Length: {length}\r\n\r\n".encode()
        + body
    )
    return connection


def status(connection: socket.socket) -> int:
    with connection, connection.makefile("rb") as answer:
        return int(answer.readline().split()[1])


def test_of_thirty_at_once_one_is_written(folder: Path, port: int) -> None:
    token = upload._issue()
    connections = [begun(port, token, b"x" * 1000, 2000) for _ in range(30)]
    for connection in connections:
        connection.sendall(b"y" * 1000)
    assert sorted(map(status, connections)) == [200] + 29 * [404]
    assert [path.name for path in folder.rglob("*.*")] == ["a.csv"]
    path = upload.uploaded_path(token)
    assert path is not None
    assert path.read_bytes() == b"x" * 1000 + b"y" * 1000


def test_an_upload_that_the_network_breaks_off_leaves_nothing(
    folder: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, gone = threading.Event(), threading.Event()
    write, remove = upload._write, shutil.rmtree

    async def told_of(request: Request, path: Path, size: int) -> None:
        written.set()
        await write(request, path, size)

    def removed(*given: Any, **named: Any) -> None:
        remove(*given, **named)
        gone.set()

    monkeypatch.setattr(upload, "_write", told_of)
    monkeypatch.setattr(shutil, "rmtree", removed)
    token = upload._issue()
    connection = begun(port, token, b"x" * 1000, 2000)
    assert written.wait(30)
    connection.close()
    assert gone.wait(30)
    assert not list(folder.iterdir())
    # The page can send it again.
    assert status(begun(port, token, b"x" * 2000, 2000)) == 200


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("C%3A%5Cdata%5Ca.xls", "a.xls"),
        ("a%00b.csv", "ab.csv"),
        ("..", "file"),
        ("", "file"),
        ("x" * 300 + ".xlsx", "x" * 115 + ".xlsx"),
    ],
)
def test_a_name_is_only_a_name(given: str, kept: str) -> None:
    assert upload._safe_name(given) == kept


def test_files_nobody_came_back_for_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = upload._issue()
    put(token, b"1")
    now = upload.time.time()
    monkeypatch.setattr(upload.time, "time", lambda: now + upload._KEPT_SECONDS + 1)
    upload._issue()
    assert upload.uploaded_path(token) is None
    assert not list(folder.iterdir())
