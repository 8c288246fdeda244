"""Files on their way from the browser to the importer. That they arrive is tested in a browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from ui.files import upload


def put(token: str, *pieces: bytes, name: str = "a.csv") -> int:
    """PUT the pieces under the token; the answer's status."""

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
        "headers": [(b"x-file-name", name.encode("ascii"))],
    }
    # In a thread of its own: the browser of other tests keeps a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(upload._receive(Request(scope, receive)))).result().status_code


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(upload, "_folder", lambda: tmp_path)
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
    assert put(upload._issue(), b"") == 413
    assert not list(folder.iterdir())


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
