"""The dashboard in a real browser on a real server: deep links, clicks, going back, languages, themes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pandas as pd
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
from sqlalchemy import Engine, create_engine, text

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "screenshots"
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
PAGES = {
    "overview": "总览",
    "petitions": "群众诉求",
    "cameras": "雪亮监控",
    "volunteers": "志愿队伍",
    "rural_projects": "乡村项目",
}
PATIENCE = 30_000


# --- A server and a browser -----------------------------------------------------------------------


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """``streamlit run dashboard.py`` on a free loopback port; ends only the process it started."""

    def __init__(self, database_url: str, log: Path) -> None:
        self.url = f"http://127.0.0.1:{_free_port()}"
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "streamlit",
                    "run",
                    "dashboard.py",
                    "--server.port",
                    self.url.rsplit(":", 1)[1],
                    "--server.headless",
                    "true",
                ],
                cwd=ROOT,
                env={**os.environ, "DATABASE_URL": database_url},
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
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
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
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield running
        running.close()


def _watch(page: Page, host: str, problems: list[str]) -> None:
    """Collect console errors, page errors and requests to other hosts."""

    def on_console(message: object) -> None:
        url = message.location.get("url", "")  # type: ignore[attr-defined]
        # On a deep link Streamlit's client first asks for its server below the page's path, gets 404 and goes on.
        probe = urlsplit(url).path.count("/") > 2 and "/_stcore/" in url
        if message.type == "error" and not probe:  # type: ignore[attr-defined]
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
    for chart in page.locator('[data-testid="stPlotlyChart"]').all():
        expect(chart.locator(".main-svg").first).to_be_attached(timeout=PATIENCE)


def parameters(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def value_of(page: Page, name: str) -> str:
    card = page.locator('[data-testid="stMetric"]', has_text=name).first
    return card.locator('[data-testid="stMetricValue"]').inner_text()


def click_mark(mark: Locator) -> None:
    """Click a bar or tile where it is drawn: plotly lays a sheet over its marks that takes the mouse."""
    mark.scroll_into_view_if_needed()
    mark.click(force=True)


def choose_township(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="镇街").click()
    page.get_by_role("option", name=name).click()
    page.keyboard.press("Escape")


# --- Deep links -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "heading"), PAGES.items())
def test_each_page_opens_cold_by_its_own_link_with_filters(
    path: str, heading: str, serve: Callable[[str], Server], sample_url: str, open_page: Opener
) -> None:
    fresh = serve(sample_url)
    street = quote("钢山街道")
    page = open_page(f"/{path}?street={street}&from=2023-03&to=2023-06&compare=previous", host=fresh.url)
    expect(title(page)).to_contain_text(heading)
    expect(page.get_by_text("钢山街道 · 2023年3月至6月 · 与上一时段（2022年11月至2023年2月）相比")).to_be_visible()
    expect(page.locator('[data-testid="stMetric"]')).to_have_count(6)
    expect(page.locator('[data-testid="stPlotlyChart"]').first).to_be_visible()
    expect(page.get_by_text("示例数据，非真实业务数据")).to_be_visible()
    assert parameters(page)["street"] == ["钢山街道"]


def test_the_root_is_the_overview(open_page: Opener) -> None:
    expect(title(open_page("/"))).to_contain_text("总览")


def test_unknown_street_and_month_are_dropped(open_page: Opener) -> None:
    page = open_page(f"/petitions?street={quote('不存在镇')}&from=1999-01&compare=nonsense&lang=xx")
    expect(page.get_by_text("全部 16 个镇街 · 2023年1月至8月")).to_be_visible()
    assert "street" not in parameters(page)
    assert "from" not in parameters(page)


# --- Filters and clicks ---------------------------------------------------------------------------


def test_a_filter_changes_figures_charts_and_url(open_page: Opener) -> None:
    page = open_page("/petitions")
    before = value_of(page, "受理量")
    drawn = page.locator('[data-testid="stPlotlyChart"]').first.inner_html()
    choose_township(page, "北宿镇")
    expect(page.get_by_text("北宿镇 · 2023年1月至8月")).to_be_visible()
    settle(page)
    assert value_of(page, "受理量") != before
    assert page.locator('[data-testid="stPlotlyChart"]').first.inner_html() != drawn
    assert parameters(page)["street"] == ["北宿镇"]


def test_quick_picks_choose_a_kind_and_reset_takes_all_back(open_page: Opener) -> None:
    page = open_page("/?from=2023-05&compare=none")
    page.get_by_role("button", name="街道", exact=True).click()
    expect(page.get_by_text("全部 3 个街道 · 2023年5月至8月")).to_be_visible()
    assert len(parameters(page)["street"]) == 3
    page.get_by_role("button", name="重置筛选").click()
    expect(page.get_by_text("全部 16 个镇街 · 2023年1月至8月 · 与上年同期")).to_be_visible()
    page.wait_for_function("!location.search")


def test_filters_go_along_to_the_next_page_and_back(open_page: Opener) -> None:
    page = open_page(f"/?street={quote('唐村镇')}&compare=previous")
    page.get_by_role("link", name="雪亮监控").click()
    expect(title(page)).to_contain_text("雪亮监控")
    expect(page.get_by_text("唐村镇 · 2023年1月至8月 · 与上一时段")).to_be_visible()
    settle(page)
    assert parameters(page)["street"] == ["唐村镇"]
    assert parameters(page)["compare"] == ["previous"]
    page.go_back()
    expect(title(page)).to_contain_text("总览")
    expect(page.get_by_text("唐村镇 · 2023年1月至8月 · 与上一时段")).to_be_visible()


def test_a_click_on_a_tile_shows_that_township(open_page: Opener) -> None:
    page = open_page("/")
    click_mark(page.locator(".st-key-tile-map .bars .point path").first)
    page.wait_for_function("location.search.includes('street=')")
    settle(page)
    (name,) = parameters(page)["street"]
    expect(page.get_by_text(f"{name} · 2023年1月至8月")).to_be_visible()


def test_a_click_on_a_category_goes_one_level_down(open_page: Opener) -> None:
    page = open_page("/petitions")
    click_mark(page.locator(".st-key-category-pareto .bars .point path").first)
    chip = page.get_by_role("button", name="城乡建设")
    expect(chip).to_be_visible()
    settle(page)
    narrowed = value_of(page, "受理量")
    chip.click()
    expect(chip).to_have_count(0)
    settle(page)
    assert value_of(page, "受理量") != narrowed


def test_a_click_on_an_hour_lists_its_cases(open_page: Opener) -> None:
    page = open_page("/petitions")
    click_mark(page.locator(".st-key-week .bars .point path").nth(9))
    expect(page.get_by_role("button", name="周一 9 时受理")).to_be_visible()
    expect(page.locator('[data-testid="stDataFrame"]')).to_be_visible()
    assert parameters(page)["tab"] == ["rows"]


def test_what_needs_attention_leads_to_its_rows_every_time(open_page: Opener) -> None:
    page = open_page("/petitions")
    click_mark(page.locator(".st-key-category-pareto .bars .point path").first)
    expect(page.get_by_role("button", name="城乡建设")).to_be_visible()
    page.get_by_role("link", name="总览").click()
    expect(title(page)).to_contain_text("总览")
    settle(page)
    count = page.get_by_text("超期未结", exact=False).locator("xpath=self::*[contains(., '件')]").first.inner_text()
    number = "".join(character for character in count if character.isdigit())
    for _ in range(2):
        page.get_by_role("button", name="查看超期清单").click()
        expect(page.get_by_text(f"共 {number} 件")).to_be_visible()
        assert parameters(page)["state"] == ["overdue"]
        assert parameters(page)["tab"] == ["rows"]
        page.get_by_role("link", name="总览").click()
        expect(title(page)).to_contain_text("总览")


def test_the_silent_townships_are_shown_alone(open_page: Opener) -> None:
    page = open_page("/?from=2023-03")
    page.get_by_role("button", name="查看这些镇街").click()
    expect(page.get_by_text("郭里镇 · 2023年3月至8月")).to_be_visible()
    settle(page)
    assert parameters(page)["street"] == ["郭里镇"]
    assert parameters(page)["from"] == ["2023-03"]


def test_an_english_download_is_english(open_page: Opener) -> None:
    page = open_page("/petitions?tab=rows&lang=en&state=overdue")
    with page.expect_download() as waiting:
        page.locator(".st-key-cases-csv button").click()
    table = pd.read_csv(waiting.value.path())
    assert list(table.columns[:3]) == ["Number", "Township", "Village"]
    assert len(table) > 0


# --- Language and theme ---------------------------------------------------------------------------


def test_the_language_switch_holds_on_every_page(open_page: Opener) -> None:
    page = open_page("/cameras")
    page.get_by_role("radio", name="en", exact=True).click()
    expect(title(page)).to_contain_text("Cameras")
    page.wait_for_function("location.search.includes('lang=en')")
    page.get_by_role("link", name="Petitions").click()
    expect(title(page)).to_contain_text("Petitions")
    expect(page.get_by_text("All 16 townships · Jan–Aug 2023")).to_be_visible()
    page.reload()
    settle(page)
    expect(title(page)).to_contain_text("Petitions")
    page.go_back()
    expect(title(page)).to_contain_text("Cameras")


def test_the_theme_switch_holds_on_every_page(open_page: Opener) -> None:
    page = open_page("/")
    background = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    light = page.evaluate(background)
    with page.expect_navigation():
        page.get_by_role("button", name="切换到深色").click()
    settle(page)
    dark = page.evaluate(background)
    assert dark != light
    page.goto(page.url.split("?")[0].rstrip("/") + "/volunteers")
    settle(page)
    assert page.evaluate(background) == dark


# --- The database away and back -------------------------------------------------------------------


def _copied(sample_engine: Engine, place: Path) -> str:
    url = f"sqlite:///{place.as_posix()}"
    with sample_engine.connect() as connection:
        connection.execute(text("VACUUM INTO :place"), {"place": str(place)})
    return url


def test_the_page_recovers_when_the_database_is_back(
    serve: Callable[[str], Server], sample_engine: Engine, open_page: Opener, tmp_path: Path
) -> None:
    place = tmp_path / "county.sqlite"
    url = _copied(sample_engine, place)
    away = place.rename(tmp_path / "away.sqlite")
    page = open_page("/cameras", host=serve(url).url)
    expect(page.get_by_text("数据库暂时不能用")).to_be_visible()
    expect(page.get_by_text("找不到数据库文件")).to_be_visible()
    away.rename(place)
    expect(title(page)).to_contain_text("雪亮监控")
    expect(page.get_by_text("数据库暂时不能用")).to_have_count(0)


def test_a_newer_schema_is_said_without_a_traceback(
    serve: Callable[[str], Server], sample_engine: Engine, open_page: Opener, tmp_path: Path
) -> None:
    url = _copied(sample_engine, tmp_path / "county.sqlite")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    running = serve(url)
    page = open_page("/", host=running.url)
    expect(page.get_by_text("比本程序新")).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
    assert "比本程序新" in running.log.read_text("utf-8")


# --- Pictures for people --------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
@pytest.mark.parametrize("path", PAGES)
def test_screenshots(path: str, width: int, height: int, scheme: str, open_page: Opener) -> None:
    page = open_page(f"/{path}", width=width, height=height, scheme=scheme)
    needed = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, needed + 20)})
    settle(page)
    overflowing = page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth"
        " - document.querySelector('[data-testid=stMain]').clientWidth"
    )
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{path}-{scheme}-{width}x{height}.png")
    assert overflowing <= 0
    assert needed <= 2.5 * height
