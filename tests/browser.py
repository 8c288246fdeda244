"""A real browser on a real server, for the tests that look at pages."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "screenshots"
# The same browser without a window's parts takes a fifth less of the processor.
HEADLESS = "chromium-headless-shell"
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
# Of several lists Chromium takes the last alone: what Playwright 1.65 turns off itself, and what a tab's address bar would
# open, two pages that cost more than many of ours.
NOT_NEEDED = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
)
# A browser, a server and another browser that draws pictures may share two cores with three others.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


# --- A server and a browser -----------------------------------------------------------------------


def until(condition: Callable[[], bool], page: Page | None = None, patience: int = PATIENCE) -> None:
    """Wait for it; ``page``: whose events it waits for, which come only while the browser is listened to."""
    end = time.monotonic() + patience / 1000
    while not condition():
        assert time.monotonic() < end
        if page:
            page.wait_for_timeout(20)
        else:
            time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """``streamlit run dashboard.py`` (or another) on a free loopback port; ends only the process it started."""

    def __init__(self, database_url: str, log: Path, script: str = "dashboard.py") -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = log
        self.database_url = database_url
        self._script = script
        self.start_again()

    def start_again(self) -> None:
        """Start it, at the same address if it had been stopped."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "streamlit",
                    "run",
                    self._script,
                    "--server.port",
                    self.url.rsplit(":", 1)[1],
                    "--server.headless",
                    "true",
                ],
                cwd=ROOT,
                env={
                    **os.environ,
                    "DATABASE_URL": self.database_url,
                    "IMPORT_MAPPINGS": str(self.log.parent / "mappings"),
                    "TMPDIR": str(self.log.parent),
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def _wait(self) -> None:
        while self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                    return
            except (urllib.error.URLError, OSError):
                # Nothing listens yet: wait for the process, which ends early only when it failed.
                try:
                    self.process.wait(timeout=0.1)
                except subprocess.TimeoutExpired:
                    continue
        raise AssertionError(f"the server did not start:\n{self.log.read_text('utf-8', 'replace')}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[str], Server]]:
    started: list[Server] = []

    def start(database_url: str) -> Server:
        started.append(Server(database_url, tmp_path / f"server{len(started)}.log"))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def server(sample_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(sample_url, tmp_path_factory.mktemp("server") / "server.log")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next((path for name in (HEADLESS, *BROWSERS) if (path := shutil.which(name))), None)
    if found is None:
        missing = "NO BROWSER: install Chromium, Chrome or Edge; the browser tests did not run"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=found,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                # What moves is drawn anew sixty times a second, by the processor.
                "--force-prefers-reduced-motion",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                f"--disable-features={','.join(NOT_NEEDED)}",
            ],
        )
        yield running
        running.close()


def _watch(page: Page, host: str, problems: list[str]) -> None:
    """Collect console errors, page errors and requests to other hosts."""

    def on_console(message: object) -> None:
        url = message.location.get("url", "")  # type: ignore[attr-defined]
        # plotly's warnings are traces, which cost more than what they warn of.
        if message.type in ("error", "trace"):  # type: ignore[attr-defined]
            problems.append(f"console: {message.text} ({url})")  # type: ignore[attr-defined]

    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(f"page: {error}"))
    page.on(
        "request",
        lambda request: (
            problems.append(f"left the host: {request.url}")
            if urlsplit(request.url).scheme in ("http", "https", "ws", "wss")
            and urlsplit(request.url).netloc != urlsplit(host).netloc
            else None
        ),
    )


Opener = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Opener]:
    """Opens a path in a new tab; afterwards nothing must have gone wrong in the browser."""
    problems: list[str] = []
    contexts: list[BrowserContext] = []

    def open_path(path: str, *, host: str = "", width: int = 1366, height: int = 768, scheme: str = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        _watch(page, host or server.url, problems)
        page.goto((host or server.url) + path)
        settle(page)
        return page

    yield open_path
    for context in contexts:
        context.close()
    assert not problems


def settle(page: Page) -> None:
    """Wait until the script has run and every element has been drawn."""
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible(timeout=PATIENCE)
    expect(page.locator('[data-testid="stSkeleton"]')).to_have_count(0, timeout=PATIENCE)
    for chart in page.locator(".figure").all():
        expect(chart.locator(".main-svg").first).to_be_attached(timeout=PATIENCE)


def go_to(page: Page, path: str) -> None:
    """Follow a link within the dashboard to an address that names no months."""
    page.evaluate(
        "(path) => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate', { state: {} })); }",
        path,
    )
    # The page's script writes them into it.
    page.wait_for_function("() => location.search.includes('from=')")
    settle(page)


def parameters(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def counted(page: Page, name: str) -> str:
    """The figure under that name on the import page."""
    figure = page.locator('[data-testid="stMetric"]', has_text=name).first
    return figure.locator('[data-testid="stMetricValue"]').inner_text()


def value_of(page: Page, name: str) -> str:
    """The figure of that KPI card."""
    return page.locator(".kpi", has_text=name).locator(".value").first.inner_text()


def click_mark(mark: Locator) -> None:
    """Click a bar or tile where it is drawn: plotly lays a sheet over its marks that takes the mouse."""
    mark.scroll_into_view_if_needed()
    mark.click(force=True)


def press_cell(table: Locator, x: int, y: int) -> None:
    """Press a table of Streamlit's where a cell is drawn (pixels from its corner)."""
    # What it draws is a picture; cells for those who do not see it come with it.
    expect(table.locator("[role=gridcell]").first).to_be_attached()
    table.scroll_into_view_if_needed()
    # As a hand does: the table takes a press where it has seen the pointer.
    table.hover(position={"x": x, "y": y})
    table.click(position={"x": x, "y": y})


def choose_township(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="镇街").click()
    page.get_by_role("option", name=name).click()
    page.keyboard.press("Escape")


# What a viewer would call wrong: something to scroll, words too small, cut, outside of the screen or over others.
FAULTS = """() => {
  const faults = [], height = innerHeight, width = innerWidth, page = document.documentElement, boxes = [];
  if (page.scrollHeight > height || page.scrollWidth > width) faults.push("scrolls");
  for (const element of document.querySelectorAll("main *")) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    const range = document.createRange();
    range.selectNodeContents(element);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    const words = element.textContent.slice(0, 20), style = getComputedStyle(element);
    if (parseFloat(style.fontSize) < height / 45 - 0.01) faults.push(`small: ${words}`);
    if (box.left < -1 || box.top < -1 || box.right > width + 1 || box.bottom > height + 1) faults.push(`outside: ${words}`);
    if (element instanceof HTMLElement && element.clientWidth && element.scrollWidth > element.clientWidth + 1) faults.push(`cut: ${words}`);
    if (style.overflow !== "visible" && element.scrollHeight > element.clientHeight + 0.3 * parseFloat(style.fontSize)) faults.push(`cut below: ${words}`);
    for (const [other, its] of boxes) {
      if (element.contains(other) || other.contains(element)) continue;
      const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
      const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
      if (across > 2 && down > 0.35 * Math.min(box.height, its.height)) faults.push(`over each other: ${words}, ${other.textContent.slice(0, 20)}`);
    }
    boxes.push([element, box]);
  }
  return faults;
}"""


def wall(
    browser: Browser, url: str, query: str = "", *, width: int = 1280, height: int = 720, clock: bool = False
) -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    if clock:
        page.clock.install()
    page.goto(f"{url}/screen{query}")
    expect(page.locator("header")).to_be_visible()
    return page


def view(page: Page) -> str:
    return str(page.locator("main").get_attribute("data-view")).strip()


def upload(page: Page, path: Path) -> None:
    """Give the import page a file, and wait until it shows it."""
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text(f"{path.name}：")).to_be_visible()
    settle(page)


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of a box."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).first.click()
    settle(page)
