"""A difficult county in a browser: forty townships with names of ten characters, on every page and on the wall."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import FAULTS, Opener, Server, view, wall
from tests.counties import build_difficult

# Words of a chart that stand over others of it, or are cut off at its edge.
COVERED = """() => {
  const faults = [];
  for (const figure of document.querySelectorAll(".figure")) {
    const edge = figure.querySelector(".figure-drawing").getBoundingClientRect(), boxes = [];
    for (const text of figure.querySelectorAll(".main-svg text")) {
      if (!text.textContent.trim() || getComputedStyle(text).opacity === "0") continue;
      const box = text.getBoundingClientRect();
      if (box.left < edge.left - 1 || box.right > edge.right + 1 || box.bottom > edge.bottom + 1) {
        faults.push(`cut off: ${text.textContent}`);
      }
      for (const [other, words] of boxes) {
        const across = Math.min(box.right, other.right) - Math.max(box.left, other.left);
        const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
        if (across > 2 && down > 0.35 * Math.min(box.height, other.height)) faults.push(`${words} under ${text.textContent}`);
      }
      boxes.push([box, text.textContent]);
    }
  }
  return faults;
}"""
# Tables that push figures out of sight, and marks beside words that stand on a line of their own.
CROWDED = """() => {
  const faults = [];
  const look = (root) => root.querySelectorAll("*").forEach((element) => {
    if (element.matches(".league_table > .frame") && element.scrollWidth > element.clientWidth + 1) faults.push(`wider: ${element.textContent.slice(0, 30)}`);
    if (element.matches(".signed")) {
      const mark = element.querySelector(".explain");
      if (mark && mark.getBoundingClientRect().top > element.getBoundingClientRect().top + 12) faults.push(`alone: ${element.textContent}`);
    }
    if (element.shadowRoot) look(element.shadowRoot);
  });
  look(document);
  return faults;
}"""
PAGES = (
    "/",
    "/petitions",
    "/cameras",
    "/volunteers",
    "/rural_projects",
    "/grid",
    "/other_work",
    "/evaluation",
    "/warning",
    "/explore?count=received&count=on_time_rate&by=township_code",
    "/explore?count=received&count=on_time_rate&by=township_code&by=category_1&top=50",
    "/explore?count=received&count=on_time_rate&by=category_1&by=township_code",
    "/explore?count=received&count=on_time_rate&by=month&by=township_code&show=line&from=2022-01",
)


@pytest.fixture(scope="module")
def difficult(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place = tmp_path_factory.mktemp("difficult")
    url = f"sqlite:///{(place / 'county.sqlite').as_posix()}"
    build_difficult(url)
    running = Server(url, place / "server.log")
    yield running
    running.stop()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_no_words_of_a_chart_cover_others_and_nothing_is_pushed_aside(
    open_page: Opener, difficult: Server, size: tuple[int, int], path: str
) -> None:
    page: Page = open_page(path, host=difficult.url, width=size[0], height=size[1])
    assert page.evaluate(COVERED) == []
    assert page.evaluate(CROWDED) == []


@pytest.mark.parametrize("query", ["?every=3600", "?every=3600&lang=en", "?every=3600&from=2023-08&to=2023-08"])
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_every_view_of_the_wall_fits(browser: Browser, difficult: Server, size: tuple[int, int], query: str) -> None:
    page = wall(browser, difficult.url, query, width=size[0], height=size[1])
    seen: dict[str, list[str]] = {}
    while view(page) not in seen:
        seen[view(page)] = page.evaluate(FAULTS)
        page.keyboard.press("ArrowRight")
    assert not {name: faults for name, faults in seen.items() if faults}
    page.context.close()
