"""Dated notes in a real browser: on charts of both themes, apart from each other, told to who points at them or cannot see."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

from playwright.sync_api import Locator, expect
from sqlalchemy import Engine

from data_access.access import UNRESTRICTED
from data_access.database import engine_for
from data_access.notes.writing import drafted, write_note
from tests.browser import Opener, Server
from tests.counties import copied

LONG = "口径调整：办结以群众确认为准，此前以部门反馈为准"
NOTES = (
    ("2023-06-12", "", "", "暴雨红色预警"),
    ("2023-05", "", "370883001", "换承办公司"),
    ("2023-02", "2023-03-15", "", LONG),
    ("2023-06-25", "", "370883103", "停电检修"),
    ("2023-07-02", "", "370883114", "主干道改造"),
)


def boxes(words: Locator) -> list[tuple[float, float, float, float]]:
    found = [one.bounding_box() for one in words.all()]
    return [(box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]) for box in found if box]


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    return across > 1 and min(one[3], other[3]) - max(one[1], other[1]) > 1


def test_notes_stand_apart_on_a_chart_and_are_told(
    serve: Callable[[str], Server], open_page: Opener, sample_engine: Engine, tmp_path: Path
) -> None:
    url = copied(sample_engine, tmp_path / "county.sqlite")
    engine = engine_for(url)
    for note in NOTES:
        write_note(engine, UNRESTRICTED, drafted(*note, ""))
    engine.dispose()
    server = serve(url)
    for scheme in ("light", "dark"):
        page = open_page("/petitions", host=server.url, scheme=scheme)
        chart = page.locator(".figure", has=page.locator("[aria-label*='图中注记']")).first
        chart.scroll_into_view_if_needed()
        label = chart.locator(".figure-drawing").get_attribute("aria-label") or ""
        assert all(words in label for *_, words in NOTES)
        told = chart.locator(".annotation-text")
        marks = told.filter(has_text="▼")
        expect(marks.first).to_be_visible()
        # Neither another mark's words nor the axis's name or the legend
        shown = boxes(told) + boxes(chart.locator(".legendtext"))
        assert not [pair for pair in combinations(shown, 2) if overlap(*pair)]
        marks.filter(has_text="口径调整").hover(force=True)
        expect(page.locator(".hoverlayer").filter(has_text="此前以部门反馈为准").first).to_be_visible()
        page.context.close()
