"""What browsers are told with every answer, and that in Chromium every page works so and none is framed by others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import ROOT, Opener, Server, until
from ui.elements.chart import LIBRARY_NAME

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


def answer(server: Server, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    connection.request(method, path, headers=headers)
    told = connection.getresponse()
    body = told.read().decode("utf-8", "replace")
    connection.close()
    return told.status, {name.lower(): value for name, value in told.getheaders()}, body


def test_every_answer_has_the_headers(server: Server) -> None:
    scripts = re.findall(r'src="\.(/static/js/[^"]+)"', answer(server, "/")[2])
    paths = [
        *("/", "/petitions", "/data_import?lang=en", "/screen", "/screen/content", "/version", "/health"),
        *("/_stcore/health", "/_stcore/host-config", "/_stcore/stream", "/media/nothing.png", "/export/nothing"),
        *("/static/nothing.js", "/../../etc/passwd", f"/{LIBRARY_NAME}", *scripts),
    ]
    asked = [("GET", path, encoding) for path in paths for encoding in ("gzip", "identity")]
    for method, path, encoding in [
        *asked,
        ("POST", "/find", "gzip"),
        ("PUT", "/upload/nothing", "gzip"),
        ("HEAD", "/", "gzip"),
    ]:
        status, headers, _ = answer(server, path, method, **{"Accept-Encoding": encoding})
        policy = headers["content-security-policy"]
        assert status != 500, path
        assert "default-src 'self'" in policy, path
        assert "img-src 'self' data: blob:" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        # Whatever is written into a page, it does not run.
        assert "unsafe" not in next(part for part in policy.split("; ") if part.startswith("script-src")), path
        assert not re.search(r"https?:|\*", policy), path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin", path
        assert "camera=()" in headers["permissions-policy"], path
    assert len(scripts) >= 1


def test_no_foreign_page_may_send_commands(server: Server) -> None:
    assert json.loads(answer(server, "/_stcore/host-config")[2])["allowedOrigins"] == []


# --- In Chromium ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("further", ["", "?tab=rows&lang=en"])
def test_every_page_keeps_to_the_policy(name: str, further: str, open_page: Opener) -> None:
    """``open_page`` fails on anything that the browser reports."""
    page = open_page(f"/{name}{further}", scheme="dark" if further else "light")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_wall_keeps_to_the_policy(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    reported: list[str] = []
    page.on("console", lambda message: reported.append(message.text) if message.type == "error" else None)
    page.goto(f"{server.url}/screen?show=overview,petitions,evaluation&every=600")
    for heading in ("总览", "群众诉求", "月度评比"):
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        page.keyboard.press("ArrowRight")
    page.close()
    assert reported == []


def test_a_picture_from_elsewhere_is_not_fetched_and_no_script_in_a_page_runs(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    page.goto(server.url.replace("127.0.0.1", "localhost"))
    told = page.evaluate(
        """(foreign) => new Promise((resolve) => {
          const blocked = [];
          document.addEventListener("securitypolicyviolation", (event) => {
            blocked.push(event.effectiveDirective);
            if (blocked.length === 2) resolve([blocked.sort(), window.ran === undefined]);
          });
          const picture = new Image();
          picture.src = foreign;
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
        })""",
        f"{server.url}/_stcore/health",
    )
    page.close()
    assert told == [["img-src", "script-src-elem"], True]


@pytest.fixture
def framing() -> Iterator[Callable[[str], str]]:
    """Where a foreign page is that frames an address."""
    shown: dict[str, str] = {}

    class Foreign(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f"<iframe src='{shown['framed']}' width=1200 height=700></iframe>".encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Foreign) as foreign:
        Thread(target=foreign.serve_forever, daemon=True).start()

        def frame(address: str) -> str:
            shown["framed"] = address
            return f"http://localhost:{foreign.server_port}"

        yield frame
        foreign.shutdown()


def framed(page: Page, address: str) -> list[str]:
    """The violations that the browser reports of a page that frames another, once that has come or was refused."""
    reported: list[str] = []
    page.on("console", lambda message: reported.append(message.text) if "frame-ancestors" in message.text else None)
    page.goto(address)
    return reported


def test_a_foreign_page_frames_nothing(browser: Browser, server: Server, framing: Callable[[str], str]) -> None:
    for path in ("/data_import", "/screen"):
        page = browser.new_page()
        reported = framed(page, framing(server.url + path))
        # The report comes first, and then what Chromium shows instead of the page.
        until(lambda reported=reported: bool(reported), page)
        until(lambda page=page: page.frames[1].url.startswith("chrome-error:"), page)
        page.close()


def test_the_wall_alone_is_framed_by_whom_the_setting_names(
    browser: Browser,
    serve: Callable[[str], Server],
    sample_url: str,
    framing: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCREEN_FRAMED_BY", framing("").lower())
    server = serve(sample_url)
    page = browser.new_page()
    reported = framed(page, framing(f"{server.url}/screen?show=petitions"))
    expect(page.frame_locator("iframe").locator(".card").first).to_be_visible()
    assert reported == []
    reported = framed(page, framing(f"{server.url}/data_import"))
    until(lambda: bool(reported), page)
    page.close()
