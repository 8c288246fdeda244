"""A county of hostile texts in a browser: every page, tab and look shows them as they stand, and reaches for nothing."""

from __future__ import annotations

import csv
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import create_engine, select

from data_access.areas.petitions.tables import petition
from tests.browser import Opener, Server, go_to, settle, wall
from tests.hostile_county import build_hostile, hostile_texts
from tests.walk import PATHS, each_part, each_view

# Links, pictures and whatever else a page may hold or lead to that is not the product's own; code, formulas and emphasis
# of Markdown are wrong wherever the texts have their marks.
FOREIGN = """() => {
  const faults = [], own = location.origin;
  const roots = [document];
  for (const root of roots) {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) roots.push(element.shadowRoot);
      for (const name of ["href", "src", "xlink:href", "action", "data", "srcset", "poster"]) {
        const given = element.getAttribute(name);
        if (!given || /^(data:(image|,)|blob:|#)/.test(given)) continue;
        const url = new URL(given, location.href);
        if (url.origin !== own) faults.push(`${element.localName} ${name}=${given}`);
      }
      for (const { name } of element.attributes) if (name.startsWith("on")) faults.push(`${element.localName} ${name}`);
      if (["iframe", "object", "embed"].includes(element.localName)) faults.push(element.localName);
    }
    for (const words of root.querySelectorAll("[data-testid=stMarkdownContainer] a:not([href^='#']), [data-testid=stMarkdownContainer] :is(img, h2, h3, li, code, del, .katex)")) {
      // The page's own heading holds a title, and nothing that the title itself would have made a heading of.
      const own = words.matches("h2, h3") && words.closest("[data-testid=stHeading]");
      if (own && own.querySelectorAll("h1, h2, h3, h4, h5, h6").length === 1) continue;
      if (/127|粗|题|码|删|红|图|看/.test(words.textContent + (words.getAttribute("alt") ?? "")) || words.matches("a, img, .katex")) {
        faults.push(`rendered: ${words.outerHTML.slice(0, 120)}`);
      }
    }
    for (const icon of root.querySelectorAll("[data-testid=stIconMaterial], [role=img]")) {
      if (icon.textContent === "home") faults.push("an icon");
    }
    if (root.querySelectorAll("h1").length > 1) faults.push("a heading");
    if (root.body?.innerText.includes("😄")) faults.push("an emoji");
  }
  return [...new Set(faults)];
}"""
# What plotly says when each figure's first marks are pointed at
POINTED_AT = """() => {
  const faults = [];
  for (const figure of document.querySelectorAll(".figure-drawing")) {
    for (const curveNumber of figure.data.keys()) {
      for (const pointNumber of [0, 1, 2, 3]) {
        try { Plotly.Fx.hover(figure, [{ curveNumber, pointNumber }]); } catch { continue; }
        for (const link of figure.querySelectorAll("a, image")) faults.push(link.outerHTML.slice(0, 120));
      }
    }
    Plotly.Fx.unhover(figure);
  }
  return [...new Set(faults)];
}"""


class Listener:
    """Keeps what anybody sends to a port of the loopback."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        heard = self.heard

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                heard.append(self.request.recv(200))

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    listening = Listener()
    yield listening
    listening.stop()


@pytest.fixture(scope="module")
def hostile(listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place = tmp_path_factory.mktemp("hostile")
    url = f"sqlite:///{(place / 'county.sqlite').as_posix()}"
    build_hostile(url, listener.port)
    running = Server(url, place / "server.log")
    yield running
    running.stop()


def faults(page: Page, listener: Listener) -> list[str]:
    """What of the texts on a page is more than words."""
    found: list[str] = page.evaluate(FOREIGN) + page.evaluate(POINTED_AT)
    heard, listener.heard[:] = [sent.decode("latin-1") for sent in listener.heard], []
    return found + heard


def hostile_cases(url: str) -> list[tuple[str, str]]:
    """The cases whose numbers are hostile, too: township code and number."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(
            select(petition.c.township_code, petition.c.case_no).where(petition.c.case_no.regexp_match(r"\W"))
        ).all()
    engine.dispose()
    # No address has control characters.
    return [(code, case_no) for code, case_no in found if case_no.isprintable()]


def expect_words_alone(page: Page, listener: Listener) -> None:
    expect(page.locator('[data-testid="stException"], [data-testid="stAlertContentError"]')).to_have_count(0)
    assert faults(page, listener) == [], page.url


@pytest.mark.parametrize("path", PATHS)
def test_every_page_shows_texts_as_they_stand(
    open_page: Opener, hostile: Server, listener: Listener, path: str
) -> None:
    page = open_page(path, host=hostile.url)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    expect_words_alone(page, listener)
    assert dialogs == []


def test_every_page_that_is_gone_to_shows_them_too_in_english(
    open_page: Opener, hostile: Server, listener: Listener
) -> None:
    page = open_page("/?lang=en", host=hostile.url)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    for path in PATHS[1:]:
        go_to(page, f"{path}{'&' if '?' in path else '?'}lang=en")
        expect_words_alone(page, listener)
    assert dialogs == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_link_somebody_sent_shows_its_texts_as_they_stand(
    open_page: Opener, hostile: Server, listener: Listener, lang: str
) -> None:
    texts = hostile_texts(listener.port)
    for words in texts:
        told = [("text", words), ("is", f"channel:{words}"), ("is", f"department:{words}"), ("street", words)]
        query = urlencode([*told, ("by", words), ("count", words), ("view", words), ("case", words), ("lang", lang)])
        page = open_page(f"/explore?{query}", host=hostile.url)
        assert faults(page, listener) == []
        page.context.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_card_of_a_case_shows_its_texts_as_they_stand(
    open_page: Opener, hostile: Server, listener: Listener, lang: str
) -> None:
    page = open_page(f"/petitions?tab=rows&state=all&lang={lang}", host=hostile.url)
    for code, case_no in hostile_cases(hostile.database_url):
        page.goto(f"{hostile.url}/petitions?{urlencode({'tab': 'rows', 'case': f'{code}/{case_no}', 'lang': lang})}")
        settle(page)
        expect(page.get_by_role("button", name="Close" if lang == "en" else "关闭", exact=True)).to_be_visible()
        assert faults(page, listener) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_file_to_import_shows_its_texts_as_they_stand(
    open_page: Opener, hostile: Server, listener: Listener, tmp_path: Path, lang: str
) -> None:
    texts = hostile_texts(listener.port)
    path = tmp_path / "![图](x) [看](y) :red[红] <b>粗.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["工单编号", "镇街", "受理时间", "诉求标题", *texts])
        for number, words in enumerate(texts):
            writer.writerow([words, words, f"2023-08-{number + 1:02}", words, *texts])
    page = open_page(f"/data_import?lang={lang}", host=hostile.url)
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("[看](y)").first).to_be_visible()
    settle(page)
    expect(page.locator('[data-testid="stMetric"]').first).to_be_visible()
    assert faults(page, listener) == []
    page.get_by_role("radio", name="Imports" if lang == "en" else "历次导入").click()
    settle(page)
    assert faults(page, listener) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_was_entered_for_the_evaluation_is_shown_as_it_stands(
    open_page: Opener, hostile: Server, listener: Listener, lang: str
) -> None:
    page = open_page(f"/evaluation?lang={lang}", host=hostile.url)
    for _ in each_part(page):
        assert faults(page, listener) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_wall_shows_texts_as_they_stand(browser: Browser, hostile: Server, listener: Listener, lang: str) -> None:
    page = wall(browser, hostile.url, f"?every=3600&lang={lang}")
    seen = {shown: faults(page, listener) for shown in each_view(page)}
    page.context.close()
    assert not {name: found for name, found in seen.items() if found}
