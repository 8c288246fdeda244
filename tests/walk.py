"""A walk through the dashboard in a browser: every page, tab, look and list, and what opens by clicks."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.browser import settle, view

EXPLORE = "/explore?count=received&count=on_time_rate"
PATHS = (
    "/",
    "/today",
    "/petitions",
    "/petitions?tab=rows&state=all",
    "/cameras",
    "/cameras?tab=rows",
    "/volunteers",
    "/volunteers?tab=rows",
    "/rural_projects",
    "/rural_projects?tab=rows",
    "/grid",
    "/grid?tab=rows",
    "/other_work",
    "/other_work?tab=rows",
    "/evaluation",
    "/explore",
    f"{EXPLORE}&by=township_code",
    f"{EXPLORE}&by=category_1&show=bars",
    f"{EXPLORE}&by=category_1&by=channel&show=heatmap",
    f"{EXPLORE}&by=month&by=category_2&show=line",
    f"{EXPLORE}&by=village_code&by=category_3",
    "/explore?count=outages&by=cause",
    "/explore?count=projects&by=responsible",
    "/explore?count=received&rows=received",
    "/explore?look=causes",
    "/explore?look=again",
    "/explore?look=forecast",
    "/data_import",
    "/settings",
)


def each_part(page: Page) -> Iterator[None]:
    """Open the parts of a page that has some to choose from, one after the other."""
    parts = page.get_by_test_id("stMain").get_by_role("radio")
    expect(parts.first).to_be_visible()
    for number in range(parts.count()):
        parts.nth(number).click()
        settle(page)
        yield


def each_view(page: Page) -> Iterator[str]:
    """Let the wall show all that it rotates through, by name."""
    seen: set[str] = set()
    while (shown := view(page)) not in seen:
        seen.add(shown)
        yield shown
        page.keyboard.press("ArrowRight")
