"""Where cameras stand: as their source says, in its coordinate system, within the boundaries of their township."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.cameras import lists as camera_lists
from data_access.areas.cameras.imports import CAMERAS, OUTAGES
from data_access.importing import import_file
from data_access.queries import county
from data_access.scope import Scope
from tests.counties import add_three_townships, empty_file, sqlite_url
from tests.made_boundaries import add_boundaries, as_in, made_outlines, points
from ui.asking.view import View
from ui.cards import camera_map as cards
from ui.text import written_in

FIRST, SECOND = "100000001", "100000002"
EAST, WEST = f"{SECOND}001", f"{SECOND}002"
MONTH = "2024-03"
TOWNSHIPS, VILLAGES = made_outlines(
    {(FIRST, "钢山街道"): [], (SECOND, "香城镇"): [(EAST, "东村"), (WEST, "西村")], ("100000003", "峄山镇"): []}
)
PLACES = {outline.code: outline.label for outline in (*TOWNSHIPS, *VILLAGES)}


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Seven cameras of 香城镇: three with places in three systems, one of them down, one elsewhere, three nowhere."""
    path = tmp_path / "county.sqlite"
    made = empty_file(path)
    add_three_townships(made)
    header = "国标编码,镇街,村居,安装位置,安装日期,经度,纬度,坐标系\n"
    places = [
        ("C1", EAST, *as_in(PLACES[EAST], "gcj02"), "GCJ-02"),
        ("C2", WEST, *as_in(PLACES[WEST], "bd09"), "BD-09"),
        ("C3", WEST, *PLACES[WEST], "CGCS2000"),
        ("C4", WEST, *PLACES[FIRST], "WGS84"),
        ("C5", EAST, *PLACES[EAST], ""),
        ("C6", EAST, 0, 0, "GCJ-02"),
        ("C7", "", "", "", ""),
    ]
    file = tmp_path / "cameras.csv"
    file.write_text(
        header
        + "".join(
            f"{number},香城镇,{village},路口{number},2023-01-05,{lon},{lat},{system}\n"
            for number, village, lon, lat, system in places
        ),
        "utf-8",
    )
    assert import_file(made, CAMERAS, file, by=UNRESTRICTED).rejected == 0
    file = tmp_path / "outages.csv"
    file.write_text(
        "国标编码,镇街,离线时间,恢复时间\nC2,香城镇,2024-03-30 08:00,\nC1,香城镇,2024-03-01 08:00,2024-03-31 08:00\n",
        "utf-8",
    )
    assert import_file(made, OUTAGES, file, by=UNRESTRICTED).rejected == 0
    monkeypatch.setenv("DATABASE_URL", sqlite_url(path))
    with written_in("zh"):
        yield made
    made.dispose()


def scope(*townships: str, viewer: Viewer = UNRESTRICTED) -> Scope:
    return Scope(viewer, townships or None, MONTH, MONTH)


def shown(engine: Engine, asked: Scope, *, is_watched: bool = True) -> dict[str, Any]:
    content = cards.camera_map(
        View(county(engine, asked.viewer), hash(engine), "zh", asked, "none"), is_watched=is_watched
    )
    assert content is not None
    return dict(json.loads(content))


def test_places_are_told_in_degrees_of_cgcs2000(engine: Engine) -> None:
    found = camera_lists.camera_places(engine, scope()).set_index("camera_id")
    assert found.index.tolist() == [f"C{number}" for number in range(1, 8)]
    assert found.index[found["is_down"]].tolist() == ["C2"]
    for camera, code in (("C1", EAST), ("C2", WEST), ("C3", WEST)):
        # Within ten centimetres
        np.testing.assert_allclose(found.loc[camera, ["longitude", "latitude"]].tolist(), PLACES[code], atol=1e-6)
    assert found.loc[["C5", "C6", "C7"], ["longitude", "latitude"]].isna().all(axis=None)


def test_each_camera_of_a_township_is_a_point(engine: Engine) -> None:
    add_boundaries(engine, TOWNSHIPS, "township")
    add_boundaries(engine, VILLAGES, "village")
    content = shown(engine, scope(SECOND))
    assert content["title"] == "截至数据日在网摄像机 7 个，离线 1 个"
    # What is down comes first.
    assert points(content) == ["<b>路口C2</b><br>C2 离线", "路口C1", "路口C3"]
    assert "1 个的经纬度在香城镇的边界之外" in content["note"]
    assert "3 个没有经纬度，或没有写明坐标系" in content["note"]
    assert content["ways"]["钢山街道"] == {"street": ["钢山街道"]}
    assert EAST not in content["ways"]
    assert "离线" not in "".join(points(shown(engine, scope(SECOND), is_watched=False)))


def test_the_county_is_counted_by_village(engine: Engine) -> None:
    add_boundaries(engine, TOWNSHIPS, "township")
    add_boundaries(engine, VILLAGES, "village")
    content = shown(engine, scope())
    assert points(content) == []
    (marks,) = (trace for trace in content["figure"]["data"] if trace.get("meta") == "places")
    told = dict(zip(marks["customdata"], marks["hovertext"], strict=True))
    assert (told[EAST], told[WEST]) == ("<b>东村</b><br>3 个", "<b>西村</b><br>3 个")
    assert content["ways"][EAST] == {"street": ["香城镇"]}


def test_townships_alone_have_points_too(engine: Engine) -> None:
    add_boundaries(engine, TOWNSHIPS, "township")
    assert len(points(shown(engine, scope(SECOND)))) == 3


def test_of_too_many_cameras_those_down_are_drawn(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    add_boundaries(engine, TOWNSHIPS, "township")
    monkeypatch.setattr(cards, "_MOST", 2)
    content = shown(engine, scope(SECOND))
    assert points(content) == ["<b>路口C2</b><br>C2 离线"]
    assert "只画离线的" in content["note"]


@pytest.mark.parametrize("viewer", [UNRESTRICTED, Viewer(areas=frozenset({"petitions"}))])
def test_no_map_without_boundaries_or_for_who_sees_no_cameras(engine: Engine, viewer: Viewer) -> None:
    if viewer != UNRESTRICTED:
        add_boundaries(engine, TOWNSHIPS, "township")
    view = View(county(engine, viewer), hash(engine), "zh", scope(SECOND, viewer=viewer), "none")
    assert cards.camera_map(view, is_watched=True) is None


def test_a_place_that_cannot_be_is_refused(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "swapped.csv"
    file.write_text("国标编码,镇街,安装日期,经度,纬度,坐标系\nC9,香城镇,2023-01-05,35.4,116.9,WGS84\n", "utf-8")
    outcome = import_file(engine, CAMERAS, file, by=UNRESTRICTED)
    assert outcome.rejected == 1
    assert pd.isna(camera_lists.camera_places(engine, scope())["longitude"]).sum() == 3
