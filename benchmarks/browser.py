"""A Chromium that tells when a page's charts, cards and tables are drawn and still, and what came for it."""

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
_PATIENCE = 120.0
# What takes less seconds comes out of a cache: with a network between, all else takes 30 ms.
_SHORTEST_WAIT = 0.02


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
    """A tab with an empty cache of its own, counting the bytes that arrive; ``slow``: with that much less processor."""

    def __init__(self, browser: Browser, *, slow: int = 1) -> None:
        self.context: BrowserContext = browser.new_context(
            viewport={"width": 1366, "height": 768}, locale="zh-CN", color_scheme="light"
        )
        self.page: Page = self.context.new_page()
        self.page.add_init_script(_SETTLED)
        self.bytes = 0
        # Waits, as (begin, end) in seconds; of what is not answered yet the begin by request
        self._waits: list[tuple[float, float]] = []
        self._asked: dict[str, float] = {}
        network = self.context.new_cdp_session(self.page)
        network.send("Network.enable")
        if slow > 1:
            network.send("Emulation.setCPUThrottlingRate", {"rate": slow})
        network.on("Network.loadingFinished", self._loaded)
        network.on("Network.webSocketFrameReceived", self._received)
        for asks in ("requestWillBeSent", "webSocketWillSendHandshakeRequest", "webSocketFrameSent"):
            network.on(f"Network.{asks}", self._ask)
        network.on("Network.webSocketHandshakeResponseReceived", self._answered)

    def _ask(self, event: dict[str, Any]) -> None:
        self._asked.setdefault(event["requestId"], event["timestamp"])

    def _answered(self, event: dict[str, Any]) -> None:
        if begin := self._asked.pop(event["requestId"], None):
            self._waits.append((begin, event["timestamp"]))

    def _loaded(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])
        self._answered(event)

    def _received(self, event: dict[str, Any]) -> None:
        response = event["response"]
        # Binary payloads come as base64.
        self.bytes += len(response["payloadData"]) * 3 // 4 if response["opcode"] == 2 else len(response["payloadData"])
        self._answered(event)

    def waits_in_a_row(self, seconds: float) -> int:
        """How many requests, of those answered within so long, came after the answer of the one before at most."""
        count, last = 0, 0.0
        first = min((begin for begin, _ in self._waits), default=0.0)
        for begin, end in sorted(self._waits, key=lambda wait: wait[1]):
            if begin >= last and end - begin >= _SHORTEST_WAIT and end - first <= seconds:
                count, last = count + 1, end
        return count

    def settled(self, charts: int, others: int = 0) -> dict[str, float]:
        """Milliseconds since navigation or the click: first, parts, page, sent, answered, received; and websocket bytes.

        ``first`` is the last change in what the window shows, ``parts`` in any chart, card, table or attention item (NaN
        where some of so many are not drawn before they are looked at).
        """
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            asked = "([charts, others]) => window.benchmark ? benchmark.settled(charts, others) : null"
            if found := self.page.evaluate(asked, [charts, others]):
                return {name: float("nan") if value is None else value for name, value in found.items()}
            self.page.wait_for_timeout(40)
        raise TimeoutError(f"{charts} charts were not drawn within {_PATIENCE:.0f} s at {self.page.url}")

    def load(self, url: str, charts: int, others: int = 0) -> dict[str, float]:
        """Go there from an empty page; the times until all has settled, all bytes, and the waits in a row."""
        self.page.goto("about:blank")
        self.bytes = 0
        self._waits.clear()
        self._asked.clear()
        self.page.goto(url, wait_until="commit")
        times = self.settled(charts, others)
        self.page.wait_for_timeout(300)
        return {**times, "bytes": self.bytes, "waits": self.waits_in_a_row(times["parts"] / 1000)}

    def click(self, act: Callable[[Page], None], charts: int, others: int = 0) -> dict[str, float]:
        """Times from the trusted click in ``act`` until so much has changed and settled."""
        self.page.wait_for_timeout(250)
        self.page.evaluate("benchmark.arm()")
        act(self.page)
        return self.settled(charts, others)

    def close(self) -> None:
        """Close the tab and forget its cache."""
        self.context.close()
