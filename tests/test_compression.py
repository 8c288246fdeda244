"""Scripts and style sheets go out compressed, and each is compressed once."""

from __future__ import annotations

import asyncio
import gzip
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route
from starlette.types import Message

from ui.server.compression import KeptCompression

LARGE = random.Random(1).randbytes(400_000)  # noqa: S311 not a secret
SCRIPT = b"export const numbers = [1, 2, 3];\n" * 200
FOR_GOOD = {"Cache-Control": "public, immutable, max-age=31536000"}


@pytest.fixture
def asked() -> list[str]:
    """The paths that the application behind was asked for."""
    return []


@pytest.fixture
def application(asked: list[str], tmp_path: Path) -> Starlette:
    stored = tmp_path / "stored.js"
    stored.write_bytes(LARGE)

    async def script(request: Request) -> Response:
        asked.append(request.url.path)
        headers = FOR_GOOD if "kept" in request.url.path else {"Cache-Control": "no-cache"}
        return Response(SCRIPT, media_type="text/javascript", headers=headers)

    async def file(_request: Request) -> Response:
        return FileResponse(stored, headers=FOR_GOOD)

    async def page(_request: Request) -> Response:
        return HTMLResponse("<title>x</title>")

    async def numbers(_request: Request) -> Response:
        return Response("{}", media_type="application/json")

    return Starlette(
        routes=[
            Route("/static/stored.js", file),
            Route("/static/{name}.js", script),
            Route("/page", page),
            Route("/numbers", numbers),
        ],
        middleware=[Middleware(KeptCompression, preload="library.js")],
    )


def answered(
    application: Starlette, path: str, *, leaves_after: int | None = None, **headers: str
) -> tuple[Headers, bytes]:
    """The headers and the body, as they go over the wire; ``leaves_after``: so many turns of the loop the client is gone."""
    messages: list[Message] = []

    async def receive() -> Message:
        for _ in range(leaves_after or 0):
            await asyncio.sleep(0)
        return {"type": "http.request" if leaves_after is None else "http.disconnect", "body": b""}

    async def send(message: Message) -> None:
        messages.append(dict(message))

    raw = [(name.lower().replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "headers": raw, "query_string": b""}
    # In a thread of its own, because browser tests leave a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(application(scope, receive, send))).result()
    return Headers(raw=messages[0]["headers"]), b"".join(message.get("body", b"") for message in messages[1:])


def test_a_script_is_compressed_once(application: Starlette, asked: list[str]) -> None:
    for _ in range(3):
        headers, body = answered(application, "/static/kept.js", accept_encoding="gzip")
        assert headers["content-encoding"] == "gzip"
        assert headers["cache-control"] == FOR_GOOD["Cache-Control"]
        assert headers["vary"] == "Accept-Encoding"
        assert len(body) < len(SCRIPT) / 10
        assert gzip.decompress(body) == SCRIPT
    assert asked == ["/static/kept.js"]


@pytest.mark.parametrize("leaves_after", [0, 2, 50, 500])
def test_who_leaves_while_a_script_is_read_spoils_it_for_nobody(application: Starlette, leaves_after: int) -> None:
    answered(application, "/static/stored.js", leaves_after=leaves_after, accept_encoding="gzip")
    _, body = answered(application, "/static/stored.js", accept_encoding="gzip")
    assert gzip.decompress(body) == LARGE


def test_what_may_change_is_not_kept(application: Starlette, asked: list[str]) -> None:
    for _ in range(2):
        _, body = answered(application, "/static/other.js", accept_encoding="gzip")
        assert gzip.decompress(body) == SCRIPT
    assert len(asked) == 2


@pytest.mark.parametrize("wish", [{"accept_encoding": "identity"}, {"accept_encoding": "gzip", "range": "bytes=0-9"}])
def test_who_wants_the_bytes_themselves_gets_them(application: Starlette, wish: dict[str, str]) -> None:
    answered(application, "/static/kept.js", accept_encoding="gzip")
    headers, body = answered(application, "/static/kept.js", **wish)
    assert "content-encoding" not in headers
    assert body == SCRIPT


def test_a_page_names_the_script_that_it_will_need(application: Starlette) -> None:
    assert answered(application, "/page")[0]["link"] == "<library.js>; rel=preload; as=script"
    assert "link" not in answered(application, "/numbers")[0]
