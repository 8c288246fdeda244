"""A Chromium that tells when a page's charts are drawn and still, and how many bytes came for it."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, sync_playwright

from tests.browser import BROWSERS

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_ARGUMENTS += ["--disable-component-update", "--disable-sync"]
_SETTLED = Path(__file__).with_name("settled.js").read_text("utf-8")
_PATIENCE = 60.0


@contextmanager
def chromium() -> Iterator[Browser]:
    """The Chromium, Chrome or Edge of this machine."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        sys.exit("NO BROWSER: install Chromium, Chrome or Edge")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=_ARGUMENTS)
        yield running
        running.close()


class Tab:
    """A tab with an empty cache of its own, counting the bytes that arrive."""

    def __init__(self, browser: Browser) -> None:
        self.context: BrowserContext = browser.new_context(
            viewport={"width": 1400, "height": 1000}, locale="zh-CN", color_scheme="light"
        )
        self.page: Page = self.context.new_page()
        self.page.add_init_script(_SETTLED)
        self.bytes = 0
        network = self.context.new_cdp_session(self.page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", self._loaded)
        network.on("Network.webSocketFrameReceived", self._received)

    def _loaded(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])

    def _received(self, event: dict[str, Any]) -> None:
        response = event["response"]
        # Binary payloads come as base64.
        self.bytes += len(response["payloadData"]) * 3 // 4 if response["opcode"] == 2 else len(response["payloadData"])

    def settled(self, charts: int) -> dict[str, float]:
        """Milliseconds since navigation or the click: charts, page, sent, answered, received; and websocket bytes."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            if found := self.page.evaluate("count => window.benchmark ? benchmark.settled(count) : null", charts):
                return dict(found)
            self.page.wait_for_timeout(40)
        raise TimeoutError(f"{charts} charts were not drawn within {_PATIENCE:.0f} s at {self.page.url}")

    def load(self, url: str, charts: int) -> dict[str, float]:
        """Go there from an empty page; the times until the charts have settled, and all bytes."""
        self.page.goto("about:blank")
        self.bytes = 0
        self.page.goto(url, wait_until="commit")
        times = self.settled(charts)
        self.page.wait_for_timeout(300)
        return {**times, "bytes": self.bytes}

    def click(self, act: Callable[[Page], None], charts: int) -> dict[str, float]:
        """Times from the trusted click in ``act`` until the charts have changed and settled."""
        self.page.wait_for_timeout(250)
        self.page.evaluate("benchmark.arm()")
        act(self.page)
        return self.settled(charts)

    def close(self) -> None:
        """Close the tab and forget its cache."""
        self.context.close()
