"""Every page and the wall as a browser prints them, looked at as the pages of a PDF."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Opener, Server, settle, until, view, wall
from tests.sheets import printed, squeezed
from ui.frame.pages import PAGES

# Of the sidebar, and what is pressed
NOT_ON_PAPER = ("会议大屏", "重置筛选", "下载Excel", "显示更多", "打印")
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
PAPERS = (("A4", False), ("A4", True), ("A3", True), ("A3", False))
# What A4 upright leaves between its margins (12 mm), in CSS pixels
A4_WIDTH = 703
# On paper: what figures and tables reach beyond it, and its colours; of each list what its rows say.
MEASURED = """() => {
  const seen = (element) => element.checkVisibility(), width = document.documentElement.clientWidth;
  const main = document.querySelector("[data-testid=stMain]");
  const beyond = [];
  for (const host of document.querySelectorAll("[data-testid=stMain] *")) {
    for (const part of host.shadowRoot?.querySelectorAll("table, .kpi, .item, p") ?? [])
      if (seen(part) && part.getBoundingClientRect().right > width + 1) beyond.push(`${part.tagName} ${part.textContent.slice(0, 30)}`);
  }
  const figures = [...document.querySelectorAll(".figure-drawing")].filter(seen);
  for (const figure of figures) {
    const box = figure.getBoundingClientRect();
    if (box.left < -1 || box.right > width + 1) beyond.push(`figure ${figure.ariaLabel}`);
    for (const text of figure.querySelectorAll(".main-svg text")) {
      const its = text.getBoundingClientRect();
      if (its.width && (its.left < box.left - 2 || its.right > box.right + 2 || its.bottom > box.bottom + 2)) beyond.push(`${figure.ariaLabel}: ${text.textContent}`);
    }
  }
  const inks = figures.flatMap((figure) => [...figure.querySelectorAll(".xtick text, .ytick text")].map((text) => getComputedStyle(text).fill));
  const tables = [...main.querySelectorAll("*")].flatMap((host) => [...(host.shadowRoot?.querySelectorAll(".paper_table table") ?? [])]);
  return {
    lists: tables.filter(seen).map((table) => [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent))),
    beyond, figures: figures.length, inks: [...new Set(inks)],
    ground: [document.body, document.querySelector(".stApp"), main].map((one) => getComputedStyle(one).backgroundColor),
    words: [...new Set([...main.querySelectorAll("h1, p")].filter(seen).map((one) => getComputedStyle(one).color))],
    pressed: [...document.querySelectorAll("[data-testid=stSidebar], header, button")].filter((one) => seen(one) && !one.closest(".stButtonGroup")).map((one) => one.outerHTML.slice(0, 200)),
  };
}"""
DRAWN_FOR_PAPER = """() => matchMedia("print").matches && [...document.querySelectorAll(".figure-drawing")]
  .every((figure) => !figure.checkVisibility() || /^(860|600) /.test(figure.style.getPropertyValue("--ratio").trim()))"""
LISTS_DRAWN = """() => [...document.querySelectorAll("[class*=st-key-paper-] .stBidiComponent")].every((list) =>
  [...list.querySelectorAll("*")].some((host) => host.shadowRoot?.querySelector(".paper_table table")))"""
# As Streamlit's tables say it to who cannot see; with their heading
SHOWN_ROWS = """() => [...document.querySelectorAll(".stDataFrame [role=grid]")].filter((grid) => grid.closest(".stDataFrame").checkVisibility()).map((grid) => Number(grid.ariaRowCount ?? grid.getAttribute("aria-rowcount")))"""


def wait_for_lists(page: Page) -> None:
    """Wait until the page can be printed, and paper has what stands for each of its lists."""
    expect(page.get_by_role("button", name="打印")).to_be_visible()
    settle(page)
    until(lambda: page.evaluate(LISTS_DRAWN), page)


def on_paper(page: Page) -> Any:
    """What is measured where the page is laid out as on A4 upright; afterwards it is on the screen again."""
    page.set_viewport_size({"width": A4_WIDTH, "height": 1000})
    page.emulate_media(media="print")
    until(lambda: page.evaluate(DRAWN_FOR_PAPER), page)
    found = page.evaluate(MEASURED)
    page.emulate_media(media="null")
    return found


def assert_whole(sheets: list[str], title: str, lists: list[list[list[str]]]) -> None:
    """The sheets are numbered and say what they are; nothing of the sidebar is on them, and of each list every row."""
    assert title in sheets[0]
    for number, words in enumerate(sheets, 1):
        assert f"{number}/{len(sheets)}" in words
        assert number == 1 or title in words
    whole = "".join(sheets)
    assert not [words for words in NOT_ON_PAPER if words in whole]
    for _, *rows in lists:
        for row in rows:
            assert all(is_there(squeezed(cell), whole) for cell in row), row


def is_blank(words: str, around: set[str]) -> bool:
    """Whether a sheet has nothing but what stands ``around`` its parts."""
    for one in sorted(around, key=len, reverse=True):
        words = words.replace(one, "", 1)
    return not words


def is_there(cell: str, whole: str) -> bool:
    """Whether a cell is on paper; where it goes on in the next line, those of its neighbours may stand in between."""
    return cell in whole or (len(cell) > 5 and cell[:3] in whole and cell[-1] in whole)


@pytest.fixture(scope="module")
def tabs(browser: Browser, server: Server) -> Iterator[dict[Scheme, Page]]:
    """A tab in each theme, which keeps what it has loaded from page to page."""
    contexts = {scheme: browser.new_context(color_scheme=scheme) for scheme in SCHEMES}
    yield {scheme: context.new_page() for scheme, context in contexts.items()}
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints(name: str, tabs: dict[Scheme, Page], server: Server) -> None:
    at = list(PAGES).index(name)
    format, across = PAPERS[at % len(PAPERS)]
    # Of both themes each on every paper
    page = tabs[SCHEMES[(at + at // len(PAPERS)) % len(SCHEMES)]]
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{server.url}/{name}")
    wait_for_lists(page)
    title = squeezed(page.locator("h1").inner_text())
    sheets = printed(page, format, across=across)
    found = on_paper(page)
    assert_whole(sheets, title, found["lists"])
    told = {squeezed(words) for words in page.get_by_test_id("stCaptionContainer").all_inner_texts()}
    assert [
        number for number, words in enumerate(sheets, 1) if is_blank(words, {title, f"{number}/{len(sheets)}", *told})
    ] == []
    until(lambda: page.evaluate(SHOWN_ROWS) == [len(rows) for rows in found["lists"]], page)
    assert found["beyond"] == []
    assert found["pressed"] == []
    assert found["ground"] == ["rgb(255, 255, 255)", "rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"]
    assert set(found["words"]) <= {"rgb(23, 33, 43)", "rgb(86, 99, 111)"}
    assert set(found["inks"]) <= {"rgb(31, 41, 51)"}


def test_a_table_of_long_words_is_not_cut(open_page: Opener) -> None:
    page = open_page("/evaluation?lang=en")
    expect(page.locator(".league_table tr.hatched").first).to_be_attached()
    assert on_paper(page)["beyond"] == []


def test_a_long_list_goes_on_with_its_heading(open_page: Opener) -> None:
    page = open_page("/petitions?tab=rows&state=overdue", scheme="dark")
    expect(page.locator(".paper_table tr").first).to_be_attached()
    wait_for_lists(page)
    sheets = printed(page, "A4", across=True)
    (listed,) = on_paper(page)["lists"]
    assert_whole(sheets, "邹城市·群众诉求", [listed])
    heading, *rows = listed
    assert len(rows) > 25
    assert len(sheets) > 2
    assert all("".join(map(squeezed, heading[:2])) in words for words in sheets)


ROWS_ON_PAPER = """() => [...document.querySelectorAll("[class*=st-key-paper-cases] *")]
  .flatMap((host) => [...(host.shadowRoot?.querySelectorAll(".paper_table tbody tr") ?? [])]).length"""


def test_the_button_prints_all_of_a_list(open_page: Opener) -> None:
    """The browser's own way has the rows of the page; the button gets the others, and lets go of them afterwards."""
    page = open_page("/petitions?tab=rows&from=2023-08&to=2023-08&street=北宿镇")
    wait_for_lists(page)
    (count,) = re.findall(r"共 (\d+) 件", page.get_by_text("件，显示前").inner_text())
    assert int(count) > 200
    until(lambda: page.evaluate(ROWS_ON_PAPER) == 200, page)
    sheets = printed(page, "A4", across=True)
    assert squeezed(f"这里是{count}条中的前200条；用页面右上角的“打印”打出全部。") in sheets[-1]
    page.evaluate("() => { window.print = () => { document.title = 'printed'; }; window.fetched = window.fetch; }")
    # What cannot be got is not printed, and why is told.
    page.evaluate("() => { window.fetch = async () => new Response('正在装入数据', { status: 503 }); }")
    page.get_by_role("button", name="打印").click()
    expect(page.get_by_role("alert").filter(has_text="正在装入数据")).to_be_visible()
    assert page.title() != "printed"
    assert page.evaluate(ROWS_ON_PAPER) == 200
    page.evaluate("() => { window.fetch = window.fetched; }")
    page.get_by_role("button", name="打印").click()
    until(lambda: page.title() == "printed", page)
    expect(page.get_by_role("alert").filter(has_text="正在装入数据")).to_have_count(0)
    assert page.evaluate(ROWS_ON_PAPER) == int(count)
    every = printed(page, "A4", across=True)
    assert "".join(sheets).count("SQ202308") == 200
    assert "".join(every).count("SQ202308") == int(count)
    assert "条中的前" not in "".join(every)
    until(lambda: page.evaluate(ROWS_ON_PAPER) == 200, page)


def test_a_league_repeats_its_heading(open_page: Opener) -> None:
    """Its headings are buttons, which a browser does not paint again by itself; beside it no legend covers the chart's rows."""
    page = open_page("/warning")
    page.evaluate("""() => addEventListener("beforeprint", () => {
      const [figure] = document.querySelectorAll(".figure-drawing"), names = [...figure.querySelectorAll(".ytick text")];
      const lowest = Math.max(...names.map((name) => name.getBoundingClientRect().bottom));
      window.belowNames = figure.querySelector(".legend").getBoundingClientRect().top - lowest;
    })""")
    page.evaluate("document.querySelector('h1').style.paddingTop = '20mm'")
    sheets = printed(page, "A4", across=False)
    assert sum("镇街20日时" in words for words in sheets) >= 2
    assert page.evaluate("window.belowNames") > 0


def test_a_chart_is_drawn_for_the_screen_again(open_page: Opener) -> None:
    page = open_page("/cameras", scheme="dark")
    drawn = """() => [...document.querySelectorAll('.figure-drawing')].map((figure) => {
      const inks = [...figure.querySelectorAll('.ytick text')].map((text) => text.style.fill);
      return [figure.querySelector('.main-svg').width.baseVal.value, figure.clientWidth, ...new Set(inks)];
    })"""
    before = page.evaluate(drawn)
    printed(page, "A4", across=False)
    until(lambda: page.evaluate(drawn) == before, page)


def test_the_button_prints(open_page: Opener) -> None:
    page = open_page("/")
    page.evaluate("() => { window.print = () => { document.title = 'printed'; }; }")
    page.get_by_role("button", name="打印").click()
    until(lambda: page.title() == "printed", page)


@pytest.mark.parametrize("format", ["A4", "A3"])
def test_the_wall_prints_a_sheet_for_each_view(format: str, browser: Browser, server: Server) -> None:
    page = wall(browser, server.url, "?every=3600")
    first = view(page)
    sheets = printed(page, format, across=True)
    views = page.request.get(f"{server.url}/screen/content?every=3600").json()["frames"]
    assert len(sheets) == len(views) > 4
    for number, (frame, words) in enumerate(zip(views, sheets, strict=True), 1):
        assert squeezed(frame["title"]) in words
        assert f"{number}/{len(views)}" in words
        assert all(squeezed(f"{card['name']}{card['value']}") in words for card in frame["cards"])
        assert "下一屏" not in words
    assert page.locator(".paper").count() == 0
    assert view(page) == first
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.context.close()
