"""Where open cases are: for who may see persons, as points on the map of their township; for others nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, event, func, select

from data_access.access import RIGHTS, UNRESTRICTED, NotAllowed, Viewer
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.places import open_case_places
from data_access.areas.petitions.tables import petition
from data_access.importing import import_file
from data_access.persons import case_persons
from data_access.queries import county
from data_access.scope import Scope
from tests.counties import add_three_townships, empty_county, empty_file, sqlite_url
from tests.files import csv_file, load
from tests.made_boundaries import add_boundaries, as_in, made_outlines, points
from ui.asking.view import View
from ui.cards import case_points as cards
from ui.cards.county_map import case_map, has_case_map, map_of
from ui.text import written_in

FIRST, SECOND = "100000001", "100000002"
EAST, WEST = f"{SECOND}001", f"{SECOND}002"
TOWNSHIPS, VILLAGES = made_outlines(
    {(FIRST, "钢山街道"): [], (SECOND, "香城镇"): [(EAST, "东村"), (WEST, "西村")], ("100000003", "峄山镇"): []}
)
PLACES = {outline.code: outline.label for outline in (*TOWNSHIPS, *VILLAGES)}
WITHOUT_PERSONS = Viewer("figures", rights=frozenset(RIGHTS) - {"persons"})
OF_OTHERS = Viewer("elsewhere", rights=frozenset({"cases", "persons"}), case_townships=frozenset({FIRST}))
OF_DEPARTMENT = Viewer("department", rights=frozenset({"cases", "persons"}), case_departments=frozenset({"水务局"}))


def row(number: str, place: tuple[Any, Any] = ("", ""), system: str = "CGCS2000", **values: str) -> dict[str, Any]:
    """An open case of 香城镇 received in March."""
    said = {"编号": number, "镇街": "香城镇", "村居": "东村", "受理时间": "2024-03-10 08:00", "标题": f"标题{number}"}
    told = {"一级分类": "城乡建设", "办理期限": "2024-04-20", "办结时间": "", "状态": "办理中"}
    return said | told | {"经度": place[0], "纬度": place[1], "坐标系": system} | values


ROWS = (
    row("Y1", as_in(PLACES[EAST], "gcj02"), "GCJ-02", 办理期限="2024-03-20"),
    row("Y2", as_in(PLACES[WEST], "bd09"), "BD-09", 办理期限="2024-03-12", 一级分类="交通运输"),
    row("Y3", PLACES[WEST]),
    row("Y4", PLACES[EAST], "WGS84", 办理期限=""),
    # In another township; of no system; not told; abroad; closed
    row("N1", PLACES[FIRST]),
    row("N2", PLACES[EAST], ""),
    row("N3", (0, 0)),
    row("N4", (12.5, 41.9)),
    row("N5"),
    row("N6", PLACES[EAST], 办结时间="2024-03-15 10:00", 状态="已办结"),
    # The last thing known
    row("N7", PLACES[EAST], 受理时间="2024-03-31 23:00", 办结时间="2024-03-31 23:30", 状态="已办结"),
)


def filled(engine: Engine) -> Engine:
    add_three_townships(engine)
    load(engine, list(ROWS))
    return engine


@pytest.fixture
def townships_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    path = tmp_path / "county.sqlite"
    made = filled(empty_file(path))
    add_boundaries(made, TOWNSHIPS, "township")
    monkeypatch.setenv("DATABASE_URL", sqlite_url(path))
    with written_in("zh"):
        yield made
    made.dispose()


@pytest.fixture
def engine(townships_alone: Engine) -> Engine:
    add_boundaries(townships_alone, VILLAGES, "village")
    return townships_alone


def view(engine: Engine, *townships: str, viewer: Viewer = UNRESTRICTED) -> View:
    scope = Scope(viewer, townships or None, "2024-03", "2024-03")
    return View(county(engine, viewer), hash(engine), "zh", scope, "none")


def shown(looked_at: View) -> dict[str, Any]:
    return dict(json.loads(map_of(looked_at, "received")))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_places_are_told_the_first_due_first(kind: str, request: pytest.FixtureRequest) -> None:
    with empty_county(request, kind) as empty:
        filled(empty)
        scope = Scope(UNRESTRICTED, (SECOND,), "2024-03", "2024-03")
        found = open_case_places(empty, scope, 100)
        assert found.rows["case_no"].tolist() == ["Y2", "Y1", "N1", "N2", "N4", "Y3", "Y4"]
        assert found.count == 7
        by_number = found.rows.set_index("case_no")
        assert by_number.index[by_number["is_overdue"]].tolist() == ["Y2", "Y1"]
        for number, code in (("Y1", EAST), ("Y2", WEST), ("Y3", WEST), ("Y4", EAST)):
            # Within ten centimetres
            np.testing.assert_allclose(
                by_number.loc[number, ["longitude", "latitude"]].tolist(), PLACES[code], atol=1e-6
            )
        assert by_number.loc[["N2", "N4"], ["longitude", "latitude"]].isna().all(axis=None)
        some = open_case_places(empty, scope, 2)
        assert (some.rows["case_no"].tolist(), some.count) == (["Y2", "Y1"], 7)
        assert open_case_places(empty, scope.narrowed(("category_1", "交通运输")), 100).count == 1
        for viewer in (WITHOUT_PERSONS, OF_OTHERS, OF_DEPARTMENT):
            with pytest.raises(NotAllowed):
                open_case_places(empty, replace(scope, viewer=viewer), 100)


def test_no_more_is_read_than_is_shown(engine: Engine) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    open_case_places(engine, view(engine, SECOND).scope, 2)
    statements = [(words, values) for words, values in asked if "longitude > 0" in words]
    assert len(statements) == 3
    with engine.connect() as connection:
        for words, values in statements:
            plan = [str(line) for line in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", values)]
            assert "ix_petition_placed (township_code=? AND due_at" in plan[0] or "count" in words
            assert not any("SCAN" in line or "TEMP B-TREE" in line for line in plan)


def test_open_cases_are_points_that_lead_to_their_cards(engine: Engine) -> None:
    content = shown(view(engine, SECOND))
    assert content["title"] == "香城镇：截至数据日全部未结 9 件，全部超期 2 件"
    told = points(content)
    assert told == [
        "<b>Y2</b><br>标题Y2<br>交通运输<br>已超期 19.0 天",
        "<b>Y1</b><br>标题Y1<br>城乡建设<br>已超期 11.0 天",
        "<b>Y3</b><br>标题Y3<br>城乡建设<br>2024-04-20 到期",
        "<b>Y4</b><br>标题Y4<br>城乡建设<br>没有办理期限",
    ]
    assert "4 件没有经纬度，或没有写明坐标系" in content["note"]
    assert "1 件的经纬度在香城镇的边界之外" in content["note"]
    assert content["ways"][f"{SECOND}/Y1"] == {"path": "petitions", "query": f"case={SECOND}%2FY1&tab=rows"}
    assert content["help"].startswith("至数据截至时全部未办结的有效诉求")
    # Villages lead to their cases still.
    assert content["ways"][EAST] == {"path": "petitions", "query": f"village={EAST}&tab=rows"}


def test_the_page_of_cases_draws_those_of_its_filter(engine: Engine) -> None:
    whole = view(engine, SECOND)
    content = json.loads(case_map(whole, cases=whole.narrowed(("category_1", "交通运输"))))
    assert [words.split("<br>")[0] for words in points(content)] == ["<b>Y2</b>"]
    assert content["title"] == "香城镇：截至数据日全部未结 1 件，全部超期 1 件"
    assert content["ways"][f"{SECOND}/Y2"] == {"case": [f"{SECOND}/Y2"], "tab": ["rows"]}


def test_over_the_township_where_no_village_has_an_outline(townships_alone: Engine) -> None:
    whole = view(townships_alone, SECOND)
    content = shown(whole)
    assert content["title"] == "香城镇：截至数据日全部未结 9 件，全部超期 2 件"
    assert [words.split("<br>")[0] for words in points(content)] == [f"<b>Y{number}</b>" for number in (2, 1, 3, 4)]
    assert "1 件的经纬度在香城镇的边界之外" in content["note"]
    assert content["ways"][SECOND] == {"path": "petitions", "query": "tab=rows"}
    assert content["ways"]["钢山街道"] == {"street": ["钢山街道"]}
    narrowed = whole.narrowed(("category_1", "交通运输"))
    assert has_case_map(whole, cases=narrowed)
    assert [words.split("<br>")[0] for words in points(json.loads(case_map(whole, cases=narrowed)))] == ["<b>Y2</b>"]
    assert not has_case_map(whole, cases=whole.narrowed(("category_1", "卫生健康")))


@pytest.mark.parametrize("viewer", [WITHOUT_PERSONS, OF_OTHERS, OF_DEPARTMENT])
def test_without_the_right_townships_alone_are_what_they_were(townships_alone: Engine, viewer: Viewer) -> None:
    looked_at = view(townships_alone, SECOND, viewer=viewer)
    assert not has_case_map(looked_at)
    content = shown(looked_at)
    assert points(content) == []
    (marks,) = (trace for trace in content["figure"]["data"] if trace.get("meta") == "places")
    assert sorted(marks["customdata"]) == sorted(["钢山街道", "香城镇", "峄山镇"])


def test_of_many_the_most_urgent_are_drawn(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "_MOST", 1)
    content = shown(view(engine, SECOND))
    assert [words.split("<br>")[0] for words in points(content)] == ["<b>Y2</b>"]
    assert "有位置的 7 件里画出最急的 1 件" in content["note"]
    assert "2 件没有经纬度" in content["note"]


@pytest.mark.parametrize("viewer", [WITHOUT_PERSONS, OF_OTHERS, OF_DEPARTMENT, Viewer("nobody", rights=frozenset())])
def test_without_the_right_there_are_counts_alone(engine: Engine, viewer: Viewer) -> None:
    content = shown(view(engine, SECOND, viewer=viewer))
    assert points(content) == []
    written = json.dumps(content, ensure_ascii=False)
    assert not any(number in written for number in ("Y1", "Y2", "Y3", "N1"))


def test_of_several_townships_there_are_counts_alone(engine: Engine) -> None:
    assert points(shown(view(engine))) == []
    assert points(json.loads(case_map(view(engine)))) == []


@pytest.mark.parametrize("missing", ["longitude", "coordinate_system"])
def test_where_no_source_says_it_nothing_is_said(missing: str, engine: Engine) -> None:
    before = shown(view(engine, SECOND, viewer=WITHOUT_PERSONS))
    with engine.begin() as connection:
        connection.execute(petition.update().values({missing: None}))
    after = shown(replace(view(engine, SECOND), data=1))
    assert (after["title"], after["note"]) == (before["title"], before["note"])
    assert after["figure"] == before["figure"]


def test_a_place_that_cannot_be_is_refused_and_not_repeated(engine: Engine, tmp_path: Path) -> None:
    outcome = import_file(
        engine, PETITIONS, csv_file(tmp_path / "swapped.csv", [row("Z1", (35.4, 116.9))]), by=UNRESTRICTED
    )
    assert outcome.rejected == 1
    assert "116.9" not in str(outcome.problems)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).where(petition.c.case_no == "Z1")) == 0


def test_a_case_shows_its_place_to_who_says_why(engine: Engine) -> None:
    shown_now = case_persons(engine, Viewer("王主任"), SECOND, "Y3", "现场核实")
    assert shown_now == {
        "longitude": str(PLACES[WEST][0]), "latitude": str(PLACES[WEST][1]), "coordinate_system": "CGCS2000",
    }  # fmt: skip
