"""OpenID providers for the tests: a real one (oidc-provider, from npm), and one that answers whatever a test lets it."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_connection
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.browser import ROOT
from tests.npm import NotInstalledError, installed

CLIENT_ID, CLIENT_SECRET = "dashboard", "a secret/of two: provider & dashboard"
_PROGRAM = ROOT / "tests" / "oidc"


def _missing(what: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(f"{what}; signing in by a real OpenID provider was not tried")


@pytest.fixture(scope="session")
def openid_program() -> Path:
    """Where the real provider's program is, with what it needs."""
    try:
        return installed(_PROGRAM)
    except NotInstalledError as missing:
        _missing(f"NO OPENID PROVIDER: {missing}")


class OpenIDProvider:
    """The real provider, at an address of its own on this machine, for one dashboard."""

    def __init__(self, program: Path, issuer: str, dashboard: str, log: Path) -> None:
        self.issuer = issuer
        self._program, self._dashboard, self._log = program, dashboard, log
        self.start_again()

    def start_again(self) -> None:
        """Start it, at the same address if it had been stopped."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                ["node", "provider.mjs"],
                cwd=self._program,
                env={
                    **os.environ,
                    "ISSUER": self.issuer,
                    "CLIENT_ID": CLIENT_ID,
                    "CLIENT_SECRET": CLIENT_SECRET,
                    "DASHBOARD": self._dashboard,
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        parts = urlsplit(self.issuer)
        while self._process.poll() is None:
            # Refused until it listens
            with suppress(OSError), create_connection((parts.hostname or "", parts.port or 0), timeout=1):
                return
        raise AssertionError(f"the provider did not start:\n{self._log.read_text('utf-8')}")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)


class ForgingProvider:
    """Answers as ``answers`` says: by path, a function of what is given and the headers to a status and a JSON object."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[dict[str, str], Any], tuple[int, Any]]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer({})

            def do_POST(self) -> None:
                self._answer(dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode())))

            def _answer(self, given: dict[str, str]) -> None:
                status, told = provider.answers[self.path](given, self.headers)
                body = told if isinstance(told, bytes) else json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def forging_provider() -> Iterator[ForgingProvider]:
    running = ForgingProvider()
    yield running
    running.stop()
