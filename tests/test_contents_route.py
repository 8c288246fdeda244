"""What the route of a page's contents brings is what Streamlit brings after it, whoever is faster."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, Route, WebSocketRoute, expect

from tests.browser import Opener, Server, click_mark, settle, title, until
from tests.page_contents import page
from ui.asking.address import OWN

ADDRESSES = (
    {},
    {"street": ["钢山街道"]},
    {"street": ["香城镇", "太平镇"], "from": ["2023-03"], "to": ["2023-03"], "compare": ["previous"], "lang": ["en"]},
    {"latest": ["true"], "compare": ["none"]},
    {"street": ["无此镇"], "from": ["1999-12"], "compare": ["x"]},
)
NARROWED = {
    "overview": {"indicator": ["received"]},
    "petitions": {"category": ["城乡建设"], "channel": ["12345热线"]},
    "rural_projects": {"project_kind": ["道路"], "late": ["false"]},
}


@pytest.mark.parametrize("name", OWN)
def test_the_route_brings_what_streamlit_brings(
    name: str, server: Server, sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in (*ADDRESSES, NARROWED.get(name, {})):
        app = page(name, sample_url, monkeypatch, **address)
        # Elements that the frame has around all pages, and those without contents of the page
        drawn = [element.proto.bytes for element in app.get("bidi_component") if element.proto.bytes[:8] == b'{"key":"']
        around = (b'{"key":"navigation"', b'{"key":"asking box"', b'{"key":"print"')
        drawn = [content for content in drawn if not content.startswith(around)]
        url = f"{server.url}/contents/{name}?{urlencode(address, doseq=True)}"
        with urllib.request.urlopen(url, timeout=60) as answer:
            assert sorted(answer.read().split(b"\n")[:-1]) == sorted(drawn), address


@pytest.mark.parametrize("name", ["explore", "data_import", "accounts", "record", "nothing"])
def test_other_pages_have_no_such_route(name: str, server: Server) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{server.url}/contents/{name}", timeout=60)
    assert caught.value.code == 404
    caught.value.close()


# --- In a browser -------------------------------------------------------------------------------------


class Held:
    """What the server sends to a page by websocket, kept back from when it is told to."""

    def __init__(self, page: Page) -> None:
        self.is_holding = False
        self._waiting: list[bytes | str] = []
        page.route_web_socket("**/_stcore/stream", self._between)

    def _between(self, browser: WebSocketRoute) -> None:
        self._browser = browser
        server = browser.connect_to_server()

        def to_browser(message: bytes | str) -> None:
            if self.is_holding:
                self._waiting.append(message)
            else:
                browser.send(message)

        server.on_message(to_browser)

    def let_go(self) -> None:
        self.is_holding = False
        for message in self._waiting:
            self._browser.send(message)
        self._waiting.clear()


@pytest.fixture
def held(open_page: Opener) -> tuple[Page, Held]:
    page = open_page("/")
    holding = Held(page)
    page.reload()
    settle(page)
    return page, holding


def places(page: Page) -> list[str]:
    """The rows of the league table that are marked."""
    return page.locator(".st-key-league tr.chosen td:nth-child(2)").all_inner_texts()


def test_a_click_shows_before_streamlit_has_answered(held: tuple[Page, Held]) -> None:
    page, holding = held
    tile = page.locator(".st-key-tile-map .bars .point path").first
    before = page.locator(".st-key-kpi-cards .value").first.inner_text()
    holding.is_holding = True
    click_mark(tile)
    expect(page.locator(".st-key-league tr.chosen")).to_have_count(1)
    chosen = places(page)
    shown = page.locator(".st-key-kpi-cards .value").first.inner_text()
    assert shown != before
    expect(page.locator(".st-key-filters .chip")).to_have_text([f"{chosen[0]}×"])
    assert "全部 16 个镇街" in page.locator("main").inner_text()
    holding.let_go()
    # The words that Streamlit writes follow, and nothing that was drawn changes.
    expect(page.get_by_text(f"{chosen[0]} · 2023年")).to_be_visible()
    assert places(page) == chosen
    assert page.locator(".st-key-kpi-cards .value").first.inner_text() == shown


def test_a_late_answer_shows_while_streamlit_has_none(held: tuple[Page, Held]) -> None:
    page, holding = held
    waiting: list[Route] = []
    page.route("**/contents/**", lambda route: waiting.append(route))
    holding.is_holding = True
    page.evaluate("addEventListener('popstate', () => { window.arrived = true; })")
    page.get_by_role("button", name="街道", exact=True).click()
    until(lambda: page.evaluate("window.arrived === true"), page)
    for route in waiting:
        route.continue_()
    expect(page.locator(".st-key-filters .chip")).to_have_count(3)
    holding.let_go()
    expect(page.get_by_text("全部 3 个街道 · 2023年")).to_be_visible()


def test_news_lead_nobody_back_to_the_page_that_was_left(held: tuple[Page, Held]) -> None:
    page, holding = held
    with page.expect_response("**/version"):
        # From now on each question for the data's state finds news.
        page.route("**/version", lambda route: route.fulfill(body="another"))
    holding.is_holding = True
    with page.expect_response("**/version"):
        page.get_by_role("link", name="群众诉求", exact=True).click()
    page.evaluate("document.title")
    holding.let_go()
    expect(title(page)).to_contain_text("群众诉求")
    # That the page shows what is new by itself goes on, where it is now.
    with page.expect_response("**/version"):
        pass
    settle(page)
    expect(title(page)).to_contain_text("群众诉求")


def test_of_two_quick_clicks_the_last_holds(open_page: Opener) -> None:
    page = open_page("/")
    late: list[Route] = []

    def first_waits(route: Route) -> None:
        if late or "contents/overview" not in route.request.url:
            route.continue_()
        else:
            late.append(route)

    page.route("**/contents/**", first_waits)
    page.get_by_role("button", name="街道", exact=True).click()
    page.get_by_role("button", name="镇", exact=True).click()
    until(lambda: bool(late), page)
    expect(page.locator(".st-key-filters .chip")).to_have_count(13)
    late[0].continue_()
    settle(page)
    expect(page.locator(".st-key-filters .chip")).to_have_count(13)
    expect(page.get_by_text("全部 13 个镇 · 2023年")).to_be_visible()
    # Each click is a step.
    page.go_back()
    expect(page.locator(".st-key-filters .chip")).to_have_count(3)
    page.go_back()
    expect(page.locator(".st-key-filters .chip")).to_have_count(0)


def test_what_a_hand_rests_on_is_there_when_it_presses(open_page: Opener) -> None:
    page = open_page("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/contents/" in request.url else None)
    button = page.get_by_role("button", name="街道", exact=True)
    tile = page.locator(".st-key-tile-map .bars .point path").first
    row = page.locator(".st-key-league tbody tr").last
    for count, place in enumerate((button, row, tile), start=1):
        # plotly lays a sheet over its marks that takes the mouse.
        place.hover(force=True)
        until(lambda count=count: len(asked) == count, page)
    # Looking asks for nothing that is seen, and a click for what was looked at last once more at most.
    assert len({*asked}) == 3
    assert page.locator(".st-key-league tr.chosen").count() == 0
    assert "street" not in page.url
    click_mark(tile)
    expect(page.locator(".st-key-league tr.chosen")).to_have_count(1)
    settle(page)
    assert len({*asked}) == 3


@pytest.fixture
def unwatched(browser: Browser) -> Iterator[Page]:
    """A tab in which requests may fail."""
    with browser.new_context(viewport={"width": 1366, "height": 768}) as context:
        yield context.new_page()


def test_without_the_route_streamlit_shows_it(server: Server, unwatched: Page) -> None:
    page = unwatched
    page.goto(f"{server.url}/petitions")
    settle(page)
    page.route("**/contents/**", lambda route: route.abort())
    page.get_by_role("button", name="街道", exact=True).click()
    expect(page.locator(".st-key-filters .chip")).to_have_count(3)
    expect(page.get_by_text("全部 3 个街道 · 2023年")).to_be_visible()


def test_streamlit_alone_would_ask_below_the_pages_path(server: Server, unwatched: Page) -> None:
    """When it no longer does, ``ui.server.page_routes`` can go."""
    asked: list[str] = []
    page = unwatched
    page.on("request", lambda request: asked.append(request.url.removeprefix(server.url)))
    page.goto(f"{server.url}/petitions")
    settle(page)
    assert "/_stcore/health" in asked
    assert not [path for path in asked if path.startswith("/petitions/")]
    asked.clear()
    page.add_init_script("Object.defineProperty(window, '__streamlit', { get() {}, set() {} })")
    page.goto(f"{server.url}/petitions")
    settle(page)
    assert "/petitions/_stcore/health" in asked
