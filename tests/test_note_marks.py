"""Dated notes on charts: every axis of time has them, their words never overlap, and files carry them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from starlette.datastructures import QueryParams

from data_access.access import UNRESTRICTED, Viewer
from data_access.database import engine_for
from data_access.notes.writing import drafted, write_note
from data_access.queries import county
from data_access.scope import Scope
from tests.counties import copied
from tests.page_contents import contents, page
from ui import charts
from ui.asking.view import View
from ui.bulletin.files import document_bytes, sheets
from ui.bulletin.told import bulletin
from ui.charts.figure import name_width
from ui.charts.marks import HALF, Mark, mark_notes, placed
from ui.elements.chart import chart
from ui.notes.marks import day_marks, month_marks, week_marks
from ui.screen.frames import content
from ui.screen.settings import settings as screen_settings

WANG = Viewer("王某")
STORM, CONTRACTOR, LONG = "暴雨红色预警", "换承办公司", "口径调整：办结以群众确认为准，此前以部门反馈为准"
GANGSHAN = "370883001"


@pytest.fixture(scope="module")
def url(sample_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample county with three notes."""
    found = copied(sample_engine, tmp_path_factory.mktemp("notes") / "county.sqlite")
    engine = engine_for(found)
    for note in (
        drafted("2023-06-12", "", "", STORM, "天气"),
        drafted("2023-05", "", GANGSHAN, CONTRACTOR, ""),
        drafted("2023-02", "2023-03-15", "", LONG, ""),
    ):
        write_note(engine, WANG, note)
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[Engine]:
    engine = engine_for(url)
    yield engine
    engine.dispose()


# --- Every axis of time ---------------------------------------------------------------------------

_TIME = re.compile(r"\d{1,2}月( 未完)?|\d\d-\d\d( 未完)?|\d{4}年\d{1,2}月( 未完)?|\d{1,2}/\d{1,2}")


def is_over_time(figure: dict[str, Any]) -> bool:
    axis = figure["layout"]["xaxis"]
    ticks = [tick.replace("<br>", "") for tick in axis.get("ticktext", ())]
    return axis.get("type") == "date" or (bool(ticks) and all(map(_TIME.fullmatch, ticks)))


def marks_of(figure: dict[str, Any]) -> list[str]:
    """What pointing at the marks of a figure says."""
    noted = [one for one in figure["layout"].get("annotations", ()) if "▼" in one["text"]]
    assert all(one["xref"] == "x" and one["hovertext"] for one in noted)
    return [one["hovertext"].replace("<br>", "") for one in noted]


EXPLORED = {
    "by month": {"count": ["received", "on_time_rate"], "by": ["month"]},
    "by week": {"count": ["received"], "by": ["week"], "from": ["2023-05"], "to": ["2023-06"]},
    "lines": {"count": ["received"], "by": ["month", "category_1"], "show": ["line"]},
    "heat map": {"count": ["received"], "by": ["township_code", "month"]},
}
PAGES: dict[str, tuple[str, int, dict[str, list[str]]]] = {
    "overview": ("overview", 1, {}),
    "petitions": ("petitions", 1, {}),
    "cameras": ("cameras", 1, {}),
    "volunteers": ("volunteers", 1, {}),
    "rural_projects": ("rural_projects", 2, {}),
    "grid": ("grid", 1, {}),
    "other_work": ("other_work", 0, {}),
    "evaluation": ("evaluation", 0, {}),
    **{name: (name, 0, {}) for name in ("today", "warning", "decisions", "reporting")},
    **{f"explore {name}": ("explore", 1, asked) for name, asked in EXPLORED.items()},
}


@pytest.mark.parametrize("name", PAGES)
def test_every_chart_over_time_has_the_notes(name: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path, at_least, asked = PAGES[name]
    app = page(path, url, monkeypatch, **asked)
    shown = [one for one in contents(app, "figure") if is_over_time(one["figure"])]
    assert len(shown) >= at_least
    for one in shown:
        told = marks_of(one["figure"])
        assert any(STORM in words for words in told), one["title"]
        assert any(CONTRACTOR in words for words in told), one["title"]
        # Who cannot see the chart hears of them, too.
        assert STORM in one["alt"]
        if "from" not in asked:
            # What is cut short is told whole where one points at it, and stands below.
            assert any(LONG in words for words in told), one["title"]
            assert "2023年2月至3月15日：口径调整" in one["note"]


def test_charts_tell_the_notes_of_the_filters_alone(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(**filters: list[str]) -> str:
        app = page("petitions", url, monkeypatch, **filters)
        return json.dumps(contents(app, "figure"), ensure_ascii=False)

    elsewhere = said(street=["太平镇"])
    assert STORM in elsewhere
    assert CONTRACTOR not in elsewhere
    own = said(street=["钢山街道"])
    # Whose it is goes without saying where the township is looked at alone.
    assert f"▼ {CONTRACTOR}" in own or f"{CONTRACTOR} ▼" in own
    before = said(**{"from": ["2022-01"], "to": ["2022-06"]})
    assert STORM not in before
    assert "▼" not in before


def test_every_course_of_the_wall_has_the_notes(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    frames = content(screen_settings(QueryParams("from=2023-01&to=2023-08")), UNRESTRICTED)["frames"]
    courses = [one for frame in frames for one in frame["charts"] if one["kind"] == "trend"]
    assert len(courses) >= 5
    for one in courses:
        assert len(one["notes"]) == 3
        assert {note["row"] for note in one["notes"]} <= {None, 0, 1}
        assert STORM in one["notesTold"]
        assert one["spans"] == [[0.5, pytest.approx(1.98, abs=0.01)]]
        assert STORM in {note["text"] for note in one["notes"]}


# --- Where they stand -----------------------------------------------------------------------------


def test_marks_stand_where_their_days_are(engine: Engine) -> None:
    view = View(county(engine, UNRESTRICTED), 1, "zh", Scope(UNRESTRICTED, None, "2023-01", "2023-08"), "none")
    span, storm, contractor = month_marks(view, view.scope.months)
    # The county's come first; a month begins half before its position.
    assert (span.at, span.until) == (0.5, pytest.approx(1.5 + 15 / 31))
    assert (storm.at, storm.until) == (pytest.approx(4.5 + 11.5 / 30), None)
    assert (contractor.at, contractor.words) == (3.5, f"钢山街道 {CONTRACTOR}")
    # A week of 12 June, and one that is missing
    assert [one.at for one in week_marks(view, ["2023-06-05", "2023-06-12", "2023-06-26"])] == [
        pytest.approx(0.5 + 0.5 / 7)
    ]
    span, *_ = month_marks(view, ["2023-03", "2023-04"])
    assert (span.at, span.until) == (-0.5, pytest.approx(-0.5 + 15 / 31))
    storm, *_ = day_marks(view, pd.Timestamp("2023-06-01"), pd.Timestamp("2023-07-01"))
    assert storm.at == pd.Timestamp("2023-06-12T12:00").timestamp() * 1000
    assert month_marks(view, ()) == week_marks(view, ()) == ()


_WORDS = st.text(st.sampled_from("暴雨换承办公司太平镇abc "), min_size=1, max_size=30)
_MARKS = st.lists(
    st.builds(lambda at, words: Mark(at, None, words, words), st.floats(-3, 15), _WORDS), min_size=1, max_size=60
)


@given(_MARKS)
@settings(max_examples=60, deadline=None)
def test_words_overlap_neither_each_other_nor_a_mark(marks: list[Mark]) -> None:
    first, last = -0.5, 11.5
    found = placed(marks, first, last)
    # Every note is at a mark, the most important one with its words.
    assert sorted(map(repr, marks)) == sorted(repr(mark) for one in found for mark in one.marks)
    assert all(first <= one.at <= last for one in found)
    pixel = (last - first) / HALF
    spans: dict[int, list[tuple[float, float]]] = {}
    for one in found:
        if one.row is not None:
            width = name_width(one.words) * 11 * pixel
            spans.setdefault(one.row, []).append((one.at - width, one.at) if one.is_left else (one.at, one.at + width))
    for own in spans.values():
        assert all(end <= begin for (_, end), (begin, _) in pairwise(sorted(own)))
    assert not any(begin < one.at < end for begin, end in spans.get(0, ()) for one in found)
    assert all(first <= begin and end <= last for own in spans.values() for begin, end in own)


def test_what_is_most_important_has_its_place_and_its_words() -> None:
    county, *others = [
        Mark(5.0, None, "考核办法修订", "甲"),
        *(Mark(4.9 + place / 50, None, "暴雨", "乙") for place in range(9)),
    ]
    (found,) = placed([county, *others], -0.5, 11.5)
    assert (found.at, found.marks[0], found.words, found.row) == (5.0, county, "考核办法修订 +9", 0)


def test_many_notes_leave_a_chart_small_and_say_what_it_leaves_out() -> None:
    def figure(marks: list[Mark]) -> charts.Figure:
        drawn = charts.lines(["1月"] * 12, [("甲", [1.0] * 12, charts.BLUE, "solid")], axis="件")
        mark_notes(drawn, marks, -0.5, 11.5)
        return drawn

    assert figure([]) == charts.lines(["1月"] * 12, [("甲", [1.0] * 12, charts.BLUE, "solid")], axis="件")
    # Forty townships with ten notes each
    many = [
        Mark(place % 97 * 12 / 97 - 0.5, None, f"高新技术产业街道{place} 暴雨", f"某年某月，第 {place} 个：暴雨")
        for place in range(400)
    ]
    drawn = figure(many)
    assert len(json.dumps(drawn["layout"], ensure_ascii=False).encode()) < 40_000
    # A mark says how many it stands for, and tells some of them.
    noted = [one for one in drawn["layout"]["annotations"] if "▼" in one["text"]]
    assert len(noted) <= 25
    assert sum(one["hovertext"].count("<br>") == 8 and one["hovertext"].endswith("…") for one in noted) >= 20
    shown = json.loads(chart("图", drawn))
    assert "另有 396 条" in shown["note"]
    assert all(mark.told in shown["alt"] for mark in many)
    assert "notes" not in shown["figure"]
    # One alone is said by the chart itself.
    assert json.loads(chart("图", figure([Mark(3, None, "暴雨", "6月12日：暴雨")])))["note"] is None
    tagged = figure([Mark(3, None, "<b>暴雨", "<a href=x>暴雨")])["layout"]["annotations"][-1]
    assert "<a" not in tagged["hovertext"]


# --- What files carry -----------------------------------------------------------------------------


def test_the_bulletin_tells_the_notes_of_its_month(engine: Engine) -> None:
    june = bulletin(engine, UNRESTRICTED, "2023-06", "all_areas")
    assert [note.words for note in june.notes] == [STORM]
    (sheet,) = [one for one in sheets(june) if one.name == "事件注记"]
    assert sheet.table is not None
    assert [list(row) for row in sheet.table.to_numpy()] == [["2023年6月12日", "全县", STORM, "天气"]]
    words = [
        one.text for one in Document(io.BytesIO(document_bytes(june, {}, "", pd.Timestamp("2023-07-01")))).paragraphs
    ]
    assert f"2023年6月12日：{STORM}。" in words
    assert not bulletin(engine, UNRESTRICTED, "2023-08", "all_areas").notes


def test_lists_as_files_tell_them(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[list[str]] = []
    monkeypatch.setattr("ui.cards.rows.download_buttons", lambda *_, notes: taken.append(notes))
    page("cameras", url, monkeypatch, tab=["rows"])
    assert any(f"2023年6月12日：{STORM}" in notes for notes in taken)
