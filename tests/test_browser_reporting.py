"""“Report my figures” in a real browser: twelve figures, pasted out of a spreadsheet, within three presses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import expect
from sqlalchemy import Engine

from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.reports.definition import Definition
from data_access.areas.reports.reporting import Number, counted_numbers
from data_access.database import engine_for
from data_access.queries import county
from data_access.settings.reported_figures import save_reported_figure
from tests.browser import Opener, Server, press_cell, settle
from tests.counties import copied
from ui.reporting.choice import Choice
from ui.reporting.form import definitions_of

FIRST = "370883001"


def test_twelve_figures_are_reported_within_three_presses(
    serve: Callable[[str], Server], sample_engine: Engine, tmp_path: Path, open_page: Opener
) -> None:
    url = copied(sample_engine, tmp_path / "county.sqlite")
    engine = engine_for(url)
    known = Definition("", "农业农村", "", "", "户", due_day=5, first_month="2023-08")
    asked = [
        replace(known, name_zh=f"走访{place:02d}类农户", name_en=f"Households of kind {place:02d}")
        for place in range(12)
    ]
    for one in asked:
        save_reported_figure(engine, Viewer("王某"), one)
    found = county(engine, UNRESTRICTED)
    listed = definitions_of(found, Choice(FIRST, "2023-08", may_report=True), set(), every=False)
    page = open_page("/", host=serve(url).url)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    # One: the way to the page.
    page.locator(".navigation a", has_text="填报").click()
    figure = page.locator("[role=gridcell]", has_text=asked[0].name_zh)
    grid = page.get_by_test_id("stDataFrame").filter(has=figure)
    expect(grid).to_be_visible()
    settle(page)
    page.evaluate("(words) => navigator.clipboard.writeText(words)", "\n".join(str(place) for place in range(12)))
    # Two: the first figure's cell of the month, at which the column is pasted.
    first = [one.name_zh for one in listed].index(asked[0].name_zh)
    press_cell(grid, 430, 49 + 33 * first)
    # It takes the keyboard a frame after the press, and whatever is pasted before is nobody's.
    expect(grid.locator("[role=gridcell][aria-selected=true]")).to_be_attached()
    expect(grid.locator("canvas:focus-within")).to_be_visible()
    page.keyboard.press("ControlOrMeta+v")
    expect(page.get_by_text("12 格还没有保存")).to_be_visible()
    # Three: submitting.
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("已提交 12 项")).to_be_visible()
    codes = [code for code, one in found.definitions.items() if one.name_zh.endswith("类农户")]
    kept = counted_numbers(engine, UNRESTRICTED, FIRST, ["2023-08"])
    assert [kept[code, "2023-08"] for code in codes] == [Number(place) for place in range(12)]
    engine.dispose()
