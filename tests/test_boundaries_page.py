"""Administrators load boundaries on the page of settings, state their system, look at them, correct and withdraw them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from data_access.access import UNRESTRICTED
from data_access.areas.cameras.tables import camera
from data_access.places.boundaries import outlines
from data_access.places.tables import township, village
from tests.boundary_county import Made, geojson, made_county, rows_of
from tests.counties import empty_file, sqlite_url
from tests.page_contents import contents, page


@pytest.fixture
def made() -> Made:
    return made_county(villages=30, townships=4)


@pytest.fixture
def engine(made: Made, tmp_path: Path) -> Engine:
    engine = empty_file(tmp_path / "county.sqlite")
    with engine.begin() as connection:
        connection.execute(
            insert(township), [{"code": code, "name": made.names[code], "kind": "镇"} for code in made.townships]
        )
        connection.execute(
            insert(village),
            [{"code": code, "name": made.names[code], "township_code": owner} for code, owner in made.owners.items()],
        )
    return engine


class Uploads:
    """Files that come from a browser, each once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._paths: dict[str, Path] = {}
        self._coming: list[str] = []
        monkeypatch.setattr("ui.settings.boundaries.upload_area", self._next)
        monkeypatch.setattr("ui.settings.boundaries.uploaded_path", self._paths.get)

    def send(self, path: Path) -> None:
        self._paths[path.name] = path
        self._coming.append(path.name)

    def _next(self, _kinds: str) -> str | None:
        return self._coming.pop() if self._coming else None


def chosen(app: Any, label: str) -> Any:
    return next(one for one in app.selectbox if one.label.startswith(label))


def said(app: Any) -> str:
    return "\n".join(one.value for one in (*app.error, *app.warning, *app.markdown, *app.info, *app.success))


def corner(engine: Engine) -> tuple[float, float]:
    with engine.connect() as connection:
        return outlines(connection, UNRESTRICTED, "township")[0].label


def test_boundaries_are_loaded_corrected_and_withdrawn(
    made: Made, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = Uploads(monkeypatch)
    app = page("settings", sqlite_url(tmp_path / "county.sqlite"), monkeypatch)
    assert "没有边界：地图用示意方块" in said(app)

    # A camera that is said to be of the last township stands in the first.
    with engine.begin() as connection:
        (first, *_, last), (x, y) = (
            list(made.townships),
            made.townships[next(iter(made.townships))].representative_point().coords[0],
        )
        where = {"longitude": x, "latitude": y, "coordinate_system": "CGCS2000", "installed_on": date(2020, 1, 1)}
        both = [{"camera_id": f"C{code}", "township_code": code, **where} for code in (first, last)]
        connection.execute(insert(camera), both)

    # A first file that does not say its system: somebody has to, and to look.
    mars = tmp_path / "镇界 *火星*.geojson"
    mars.write_bytes(geojson(rows_of(made, made.townships, "gcj02")))
    uploads.send(mars)
    app.run()
    assert "文件没有写明坐标系，请选择" in said(app)
    assert chosen(app, "坐标系").value is None
    assert not [one for one in app.button if one.key == "load boundaries"]
    chosen(app, "坐标系").select("wgs84").run()
    assert "只差 100 至 700 米" in app.warning[0].value
    assert f"已知的位置（摄像机 2 个）有 1 个落在所属镇街的边界以外（C{last}）" in app.warning[0].value
    (drawn,) = contents(app, "figure")
    assert "点是摄像机和诉求" in drawn["title"]
    # Those outside over the others
    assert [trace.get("hovertext") for trace in drawn["figure"]["data"][1:3]] == [[f"C{first}"], [f"C{last}"]]
    assert app.button(key="load boundaries").disabled
    next(one for one in app.checkbox if one.label.startswith("看过预览")).check().run()
    app.button(key="load boundaries").click().run()
    assert not app.exception
    assert "4 个镇街的边界" in app.success[0].value
    assert "4 个镇街中 4 个有边界；村（社区）0 个有边界" in said(app)
    wrong = corner(engine)

    # That was the wrong one: what is right, and says so, is refused until the first is corrected.
    right = tmp_path / "村界.geojson"
    right.write_bytes(geojson(rows_of(made, made.villages, "cgcs2000"), crs="EPSG:4490"))
    uploads.send(right)
    app.run()
    assert chosen(app, "坐标系").value == "cgcs2000"
    assert "县里现有的边界多半是“GCJ" in app.error[0].value
    assert not [one for one in app.button if one.key == "load boundaries"]
    app.session_state["boundary files 1"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    chosen(app, "其实是哪个坐标系").select("gcj02").run()
    app.button(key="restate boundaries").click().run()
    assert "WGS84（GPS） → GCJ-02" in app.success[0].value
    moved = corner(engine)
    assert 100 < ((moved[0] - wrong[0]) ** 2 + (moved[1] - wrong[1]) ** 2) ** 0.5 * 111_320 < 900
    assert not app.error
    assert "与县里现有的边界一致" in said(app)
    app.button(key="load boundaries").click().run()
    assert "4 个镇街中 4 个有边界；村（社区）30 个有边界" in said(app)

    # The later one is taken back; tiles are what is left where nothing was before.
    app.session_state["boundary files 3"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    app.button(key="withdraw boundaries").click().run()
    assert not app.exception
    assert "村（社区）0 个有边界" in said(app)


def test_what_is_no_file_of_boundaries_is_said(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uploads = Uploads(monkeypatch)
    app = page("settings", sqlite_url(tmp_path / "county.sqlite"), monkeypatch)
    path = tmp_path / "a.geojson"
    path.write_bytes(b"name,code\n")
    uploads.send(path)
    app.run()
    assert "这不是认得的边界文件" in app.error[0].value
