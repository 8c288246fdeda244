"""What the county's map shows to whom: its own boundaries or tiles, villages' counts as far as they may be told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert
from starlette.datastructures import QueryParams

from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.petitions.tables import petition_month, petition_village_month
from data_access.model.data_state import data_state
from data_access.places.lists import boundaries
from data_access.queries import county
from data_access.scope import Scope
from tests.counties import add_three_townships, empty_file, sqlite_url
from tests.made_boundaries import add_boundaries, made_outlines
from ui.asking.view import View
from ui.cards.county_map import case_map, has_case_map, map_of
from ui.screen import drawings
from ui.screen.frames import content
from ui.screen.settings import settings
from ui.text import written_in

MONTH = "2024-03"
FIRST, SECOND, THIRD = "100000001", "100000002", "100000003"
EAST, WEST = f"{SECOND}001", f"{SECOND}002"
NAMES = {FIRST: "钢山街道", SECOND: "香城镇", THIRD: "峄山镇"}
FIGURES = Viewer("figures", rights=frozenset())
OF_DEPARTMENT = Viewer("department", rights=frozenset({"cases"}), case_departments=frozenset({"水务局"}))


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Three townships, of which the first two received cases; of the second's villages one had 7, the other none."""
    path = tmp_path / "county.sqlite"
    made = empty_file(path)
    add_three_townships(made)
    counts = {"due": 7, "closed_on_time": 6, "deadlines_recorded": 7}
    with made.begin() as connection:
        connection.execute(insert(data_state).values(area="petitions", as_of=datetime(2024, 3, 31), version=1))
        for code, received, due in ((FIRST, 20, 10), (SECOND, 10, 3)):
            row = {"township_code": code, "month": MONTH, "received": received, "due": due, "closed_on_time": due - 1}
            row["deadlines_recorded"] = received
            connection.execute(insert(petition_month).values(row))
        for code, received in ((EAST, 7), ("", 3)):
            row = {"township_code": SECOND, "month": MONTH, "village_code": code, "received": received, **counts}
            connection.execute(insert(petition_village_month).values(row))
    monkeypatch.setenv("DATABASE_URL", sqlite_url(path))
    with written_in("zh"):
        yield made
    made.dispose()


def mapped(engine: Engine, *, missing: str = "") -> None:
    """Boundaries for all townships but one, and for the second's villages."""
    places = {(code, name): [] for code, name in NAMES.items()} | {
        (SECOND, NAMES[SECOND]): [(EAST, "东村"), (WEST, "西村")]
    }
    townships, villages = made_outlines(places)
    add_boundaries(engine, [outline for outline in townships if outline.code != missing], "township")
    add_boundaries(engine, villages, "village")


def shown(engine: Engine, code: str, *townships: str, viewer: Viewer = UNRESTRICTED) -> dict[str, Any]:
    view = View(county(engine, viewer), hash(engine), "zh", Scope(viewer, townships or None, MONTH, MONTH), "none")
    return dict(json.loads(map_of(view, code)))


def marks(content: dict[str, Any]) -> dict[str, str]:
    """What pointing at each place says, by what a click on it gives."""
    (trace,) = (trace for trace in content["figure"]["data"] if trace.get("meta") == "places")
    return dict(zip(trace["customdata"], trace["hovertext"], strict=True))


def test_without_boundaries_there_are_tiles(engine: Engine) -> None:
    content = shown(engine, "received")
    assert {trace["type"] for trace in content["figure"]["data"]} == {"bar"}
    assert content["note"].startswith("示意图")
    assert "ratio" not in content["figure"]["layout"]["meta"]


def test_a_township_without_a_boundary_is_not_dropped(engine: Engine) -> None:
    mapped(engine, missing=FIRST)
    content = shown(engine, "received")
    assert sorted(marks(content)) == sorted(NAMES.values())
    assert content["figure"]["layout"]["annotations"][0]["text"] == "未有边界"
    assert "示意图" not in content["note"]
    assert content["ways"]["香城镇"] == {"street": ["香城镇"]}
    hatched = [trace for trace in content["figure"]["data"] if "fillpattern" in trace]
    assert len(hatched) == 1
    assert "方向键" in content["alt"]


def test_townships_that_are_not_asked_for_lie_around(engine: Engine) -> None:
    mapped(engine)
    content = shown(engine, "received", FIRST, SECOND)
    assert marks(content)["峄山镇"].endswith("点击只看这个镇街")
    assert "件" in marks(content)["香城镇"]


@pytest.mark.parametrize("code", ["received", "on_time_rate"])
def test_villages_of_the_township_chosen_alone(engine: Engine, code: str) -> None:
    mapped(engine)
    content = shown(engine, code, SECOND)
    told = marks(content)
    assert told[EAST].startswith("<b>东村</b><br>受理量 7")
    assert ("按期办结率" in told[EAST]) == (code == "on_time_rate")
    assert told[WEST].startswith("<b>西村</b><br>受理量 0")
    assert "另有 3 件没有写明村" in content["note"]
    assert content["ways"][EAST] == {"path": "petitions", "query": f"village={EAST}&tab=rows"}
    assert content["ways"]["钢山街道"] == {"street": ["钢山街道"]}
    assert content["title"].startswith("香城镇：")


def test_all_villages_at_once(engine: Engine) -> None:
    mapped(engine)
    view = View(county(engine, UNRESTRICTED), hash(engine), "zh", Scope(UNRESTRICTED, None, MONTH, MONTH), "none")
    assert has_case_map(view)
    content = json.loads(case_map(view))
    told = marks(content)
    assert told[EAST] == "<b>香城镇 东村</b><br>受理量 7"
    assert told[f"{FIRST}001"] == "<b>钢山街道 东村</b><br>受理量 0"
    assert told[f"{THIRD}001"] == "<b>峄山镇 南村</b><br>受理量 未报"
    assert content["ways"][EAST] == {"village": [EAST], "tab": ["rows"]}
    assert sum("fillpattern" in trace for trace in content["figure"]["data"]) == 1


@pytest.mark.parametrize("viewer", [OF_DEPARTMENT, replace(UNRESTRICTED, areas=frozenset({"cameras"}))])
def test_no_villages_for_who_is_not_told_of_them(engine: Engine, viewer: Viewer) -> None:
    mapped(engine)
    scope = Scope(viewer, (SECOND,), MONTH, MONTH)
    assert not has_case_map(View(county(engine, viewer), hash(engine), "zh", scope, "none"))


def test_who_may_not_see_cases_is_told_villages_in_fives(engine: Engine) -> None:
    mapped(engine)
    content = shown(engine, "on_time_rate", SECOND, viewer=FIGURES)
    told = marks(content)
    assert told[EAST] == "<b>东村</b><br>受理量 约 5"
    assert told[WEST] == "<b>西村</b><br>受理量 很少或没有"
    assert "约数" in content["note"]
    written = json.dumps(content, ensure_ascii=False)
    assert "受理量 7" not in written


@pytest.mark.parametrize("code", ["received", "cameras"])
def test_where_villages_are_not_told_the_townships_are(engine: Engine, code: str) -> None:
    mapped(engine)
    content = shown(engine, code, SECOND, viewer=OF_DEPARTMENT if code == "received" else UNRESTRICTED)
    assert sorted(marks(content)) == sorted(NAMES.values())


def test_boundaries_are_those_of_townships_that_the_viewer_may_see(engine: Engine) -> None:
    mapped(engine)
    own = replace(UNRESTRICTED, townships=frozenset({SECOND}))
    assert [outline.code for outline in boundaries(engine, own, "township")] == [SECOND]
    assert {outline.code for outline in boundaries(engine, own, "village")} == {EAST, WEST}
    assert boundaries(engine, replace(UNRESTRICTED, townships=frozenset({FIRST})), "village") == ()


def test_townships_without_room_for_their_names_have_numbers(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    mapped(engine)
    monkeypatch.setattr(import_module("ui.charts.outlines"), "_ROOM", 60)
    content = shown(engine, "received")
    assert content["numbered"] == ["钢山街道"]
    written = [words for trace in content["figure"]["data"] if trace.get("mode") == "text" for words in trace["text"]]
    assert sorted(written) == ["<b>1</b>", "<b>峄山</b>", "<b>香城</b>"]


def on_the_wall() -> list[dict[str, Any]]:
    wanted = settings(QueryParams(f"show=overview&from={MONTH}&to={MONTH}"))
    return list(content(wanted, UNRESTRICTED)["frames"][0]["charts"])


@pytest.mark.usefixtures("engine")
def test_without_boundaries_the_wall_has_no_map() -> None:
    assert [chart["kind"] for chart in on_the_wall()] == ["ranking", "trend"]


def test_the_wall_has_the_map_without_figures_of_few_cases(engine: Engine) -> None:
    mapped(engine, missing=FIRST)
    _, chart, _ = on_the_wall()
    assert chart["unfinishedText"] == "未有边界：钢山街道"
    # Of three cases nothing is told; who has none is hatched.
    assert chart["legend"] == ""
    few, silent = chart["areas"]
    assert (few["lines"], few["fill"], few["hatched"]) == (["香城镇"], None, False)
    assert (silent["lines"], silent["fill"], silent["hatched"]) == (["峄山镇"], None, True)


# More names than there is room for would leave none for the map.
@pytest.mark.parametrize(("room", "first", "key"), [(100, ["1"], "1\u00a0钢山街道"), (5, [], "")])
def test_every_township_of_the_wall_is_named(
    room: int, first: list[str], key: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no room within it without 镇, or else by a number that stands below the map with the name."""
    mapped(engine)
    monkeypatch.setattr(drawings, "_MAP_ROOM", (5.5, 5.5))
    monkeypatch.setattr(drawings, "_KEY_ROOM", room)
    _, chart, _ = on_the_wall()
    assert [area["lines"] for area in chart["areas"]] == [first, ["香城"], ["峄山"]]
    assert chart["legend"] == key
