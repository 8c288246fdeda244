"""Where townships and villages lie: which file holds, and who sees what of it."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine, delete, insert

from data_access.access import UNRESTRICTED, NotAllowed, Viewer
from data_access.areas.cameras.tables import camera
from data_access.areas.petitions.tables import petition
from data_access.places.boundaries import Level, Outline, outlines
from data_access.places.boundary_files.__main__ import main as command
from data_access.places.boundary_files.checking import Checked, check, shape_of
from data_access.places.boundary_files.known_points import known_points
from data_access.places.boundary_files.loading import (
    areas_in,
    boundary_counts,
    boundary_files,
    keep_boundaries,
    known_outlines,
    restate_system,
    withdraw_boundaries,
)
from data_access.places.boundary_files.reading import read_layers
from data_access.places.coordinates import SYSTEMS
from data_access.places.tables import boundary, boundary_file, township, village
from data_access.scope import Scope
from data_access.settings.changing import Overtaken, SettingProblem
from tests.boundary_county import Made, Rows, geojson, made_county, rows_of, shapefile_zip
from tests.counties import empty_file, sqlite_url


def square(west: float, south: float) -> list[list[list[list[float]]]]:
    return [[[[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1], [west, south]]]]


def kept(number: int, level: Level, **places: tuple[str, float]) -> list[dict[str, object]]:
    return [
        {
            "township_code": township_code,
            "level": level,
            "code": code.removeprefix("c"),
            "file_number": number,
            "outline": json.dumps(square(west, 30)),
            "label_lon": west + 0.5,
            "label_lat": 30.5,
        }
        for code, (township_code, west) in places.items()
    ]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = empty_file(tmp_path / "county.sqlite")
    with engine.begin() as connection:
        connection.execute(insert(township), [{"code": c, "name": f"{c}镇", "kind": "镇"} for c in ("1", "2")])
        connection.execute(insert(village), [{"code": "11", "township_code": "1", "name": "东村"}])
        about = {"system": "cgcs2000", "is_stated": True, "loaded_by": "", "loaded_at": datetime(2026, 1, 1)}
        connection.execute(insert(boundary_file), [{"number": n, "name": "a.geojson", **about} for n in (1, 2)])
        connection.execute(insert(boundary), kept(1, "township", c1=("1", 110), c2=("2", 111), c9=("9", 112)))
        connection.execute(insert(boundary), kept(2, "township", c2=("2", 113)))
        connection.execute(insert(boundary), kept(1, "village", c11=("2", 110)))
    return engine


def told(engine: Engine, asked: Scope | Viewer, level: Level = "township") -> list[tuple[str, str, str, float]]:
    with engine.connect() as connection:
        return [(one.code, one.name, one.township_code, one.label[0]) for one in outlines(connection, asked, level)]


def test_the_latest_file_that_has_a_place_holds(engine: Engine) -> None:
    """A place that the register does not have has no outline."""
    assert told(engine, UNRESTRICTED) == [("1", "1镇", "1", 110.5), ("2", "2镇", "2", 113.5)]
    with engine.begin() as connection:
        connection.execute(delete(boundary).where(boundary.c.file_number == 2))
    assert told(engine, UNRESTRICTED)[1] == ("2", "2镇", "2", 111.5)


def test_an_outline_is_polygons_of_rings_of_points(engine: Engine) -> None:
    with engine.connect() as connection:
        (found,) = outlines(connection, UNRESTRICTED, "village")
    ring = tuple((float(x), float(y)) for x, y in square(110, 30)[0][0])
    assert found == Outline("11", "东村", "1", ((ring,),), (110.5, 30.5))


def test_outlines_are_those_of_the_townships_that_a_viewer_sees(engine: Engine) -> None:
    """A village is of the township that the register says."""
    own = Viewer(townships=frozenset({"2"}))
    assert [row[0] for row in told(engine, own)] == ["2"]
    assert told(engine, own, "village") == []
    scope = Scope(UNRESTRICTED, ("1",), "2026-01", "2026-01")
    assert [row[0] for row in told(engine, scope)] == ["1"]
    assert [row[0] for row in told(engine, scope, "village")] == ["11"]


# --- Files --------------------------------------------------------------------------------------------


@pytest.fixture
def made() -> Made:
    return made_county(villages=12, townships=3)


@pytest.fixture
def county(made: Made, tmp_path: Path) -> Engine:
    engine = empty_file(tmp_path / "made.sqlite")
    with engine.begin() as connection:
        towns = [{"code": code, "name": made.names[code], "kind": "镇"} for code in made.townships]
        connection.execute(insert(township), towns)
        villages = [{"code": c, "name": made.names[c], "township_code": owner} for c, owner in made.owners.items()]
        connection.execute(insert(village), villages)
    return engine


def checked(county: Engine, rows: Rows, system: str, folder: Path) -> Checked:
    (folder / "a.geojson").write_bytes(geojson(rows))
    (layer,) = read_layers(folder / "a.geojson")
    with county.connect() as connection:
        known = known_outlines(connection, UNRESTRICTED)
        return check(areas_in(connection, UNRESTRICTED, layer), SYSTEMS[system], known)


def test_known_points_are_told_to_who_may_see_persons(made: Made, county: Engine, tmp_path: Path) -> None:
    first, second, _ = made.townships
    at = made.townships[first].representative_point()
    where = {"longitude": at.x, "latitude": at.y, "coordinate_system": "CGCS2000"}
    with county.begin() as connection:
        cameras = [("C1", first, where), ("C2", second, where), ("C3", first, where | {"longitude": 0.0})]
        kept = [
            {"camera_id": one, "township_code": code, "installed_on": date(2020, 1, 1), **place}
            for one, code, place in cameras
        ]
        connection.execute(insert(camera), kept)
        case = {
            "case_no": "Y1",
            "township_code": second,
            "received_at": datetime(2024, 1, 1),
            "closed_at": None,
            **where,
        }
        connection.execute(insert(petition), [case, case | {"case_no": "Y2", "closed_at": datetime(2024, 1, 2)}])
        clerk = Viewer("clerk", rights=frozenset({"administer", "import", "cases"}))
        found, masked = known_points(connection, UNRESTRICTED), known_points(connection, clerk)
        with pytest.raises(NotAllowed):
            known_points(connection, Viewer("x", rights=frozenset({"persons", "cases"})))
    assert found["number"].tolist() == ["C1", "C2", "Y1"]
    assert masked["number"].tolist() == ["C1", "C2", ""]
    assert masked["is_told"].tolist() == [True, True, False]
    assert masked["kind"].tolist() == ["camera", "camera", "case"]
    path = tmp_path / "a.geojson"
    path.write_bytes(geojson(rows_of(made, made.townships, "cgcs2000"), crs="EPSG:4490"))
    with redirect_stdout(StringIO()) as heard:
        command(["load", str(path), "--dry-run", "--url", sqlite_url(tmp_path / "made.sqlite")])
    assert "已知的位置（摄像机 2 个，未结诉求 1 件）有 2 个落在所属镇街的边界以外（C2、Y1）。" in heard.getvalue()


def shapes(county: Engine, level: Level = "township") -> list[object]:
    with county.connect() as connection:
        return [shape_of(one) for one in outlines(connection, UNRESTRICTED, level)]


def test_a_file_read_in_another_system_is_what_it_would_have_been(made: Made, county: Engine, tmp_path: Path) -> None:
    """To a metre, there and back; what cannot be its system is refused."""
    rows = rows_of(made, made.townships, "gcj02")
    right = [shape_of(one) for one in checked(county, rows, "gcj02", tmp_path).outlines]
    keep_boundaries(county, UNRESTRICTED, checked(county, rows, "cgcs2000", tmp_path), "a.geojson")
    wrong = shapes(county)
    assert shapely.hausdorff_distance(wrong, right).min() * 111_320 > 100
    restate_system(county, UNRESTRICTED, 1, "gcj02")
    assert shapely.hausdorff_distance(shapes(county), right).max() * 111_320 < 1
    assert restate_system(county, UNRESTRICTED, 1, "gcj02") is None
    restate_system(county, UNRESTRICTED, 1, "bd09")
    restate_system(county, UNRESTRICTED, 1, "cgcs2000")
    assert shapely.hausdorff_distance(shapes(county), wrong).max() * 111_320 < 1
    for code in ("gk 117", "web", "nothing"):
        with pytest.raises(SettingProblem):
            restate_system(county, UNRESTRICTED, 1, code)
    with county.connect() as connection:
        (file,) = boundary_files(connection, UNRESTRICTED)
        assert (file.system, file.is_stated, file.townships, file.villages) == ("cgcs2000", True, 3, 0)


def test_a_file_is_withdrawn_to_what_held_before(made: Made, county: Engine, tmp_path: Path) -> None:
    first = rows_of(made, made.townships, "cgcs2000")
    code = next(iter(made.townships))
    moved = rows_of(made, {code: shapely.buffer(made.townships[code], -0.001)}, "cgcs2000")
    keep_boundaries(county, UNRESTRICTED, checked(county, first, "cgcs2000", tmp_path), "a.geojson")
    before = shapes(county)
    keep_boundaries(county, UNRESTRICTED, checked(county, moved, "cgcs2000", tmp_path), "b.geojson")
    after = shapes(county)
    assert [one.equals(other) for one, other in zip(before, after, strict=True)] == [False, True, True]
    with county.connect() as connection:
        assert boundary_counts(connection, UNRESTRICTED) == (3, 0)
    assert withdraw_boundaries(county, UNRESTRICTED, 2) is not None
    assert [one.equals(other) for one, other in zip(before, shapes(county), strict=True)] == [True] * 3
    assert withdraw_boundaries(county, UNRESTRICTED, 2) is None


def test_who_does_not_administer_changes_no_boundary(made: Made, county: Engine, tmp_path: Path) -> None:
    clerk = Viewer(rights=frozenset({"import", "cases"}))
    ready = checked(county, rows_of(made, made.townships, "cgcs2000"), "cgcs2000", tmp_path)
    with county.connect() as connection:
        for ask in (boundary_files, boundary_counts, known_outlines):
            with pytest.raises(NotAllowed):
                ask(connection, clerk)
    for change in (
        lambda: keep_boundaries(county, clerk, ready, "a"),
        lambda: withdraw_boundaries(county, clerk, 1),
        lambda: restate_system(county, clerk, 1, "gcj02"),
    ):
        with pytest.raises(NotAllowed):
            change()


def test_what_was_checked_beside_other_boundaries_is_not_kept(made: Made, county: Engine, tmp_path: Path) -> None:
    ready = checked(county, rows_of(made, made.townships, "cgcs2000"), "cgcs2000", tmp_path)
    keep_boundaries(county, UNRESTRICTED, ready, "a", 0)
    with pytest.raises(Overtaken):
        keep_boundaries(county, UNRESTRICTED, ready, "a", 0)
    refused = checked(county, rows_of(made, made.townships, "gcj02"), "cgcs2000", tmp_path)
    with pytest.raises(SettingProblem, match="没有通过检查"):
        keep_boundaries(county, UNRESTRICTED, refused, "a")


def test_the_command_line_loads_lists_and_withdraws(
    made: Made, county: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = ["--url", sqlite_url(tmp_path / "made.sqlite")]
    path = tmp_path / "镇界.zip"
    path.write_bytes(shapefile_zip(rows_of(made, made.townships, "zone 40")))

    def told(*words: str) -> tuple[int, str]:
        code = command([*words, *url])
        said = capsys.readouterr()
        return code, said.out + said.err

    assert command(["systems"]) == 0
    assert "zone 40" in capsys.readouterr().out
    code, words = told("load", str(path))
    assert code == 1 and '"zone 40"' in words
    assert told("load", str(path), "--system", "gk 120")[0] == 1
    code, words = told("load", str(path), "--system", "zone 40", "--dry-run")
    assert code == 0 and "没有写入" in words
    assert "加 --yes" in told("load", str(path), "--system", "zone 40")[1]
    assert shapes(county) == []
    assert told("load", str(path), "--system", "zone 40", "--yes")[0] == 0
    assert "镇界.zip" in told("files")[1]
    assert told("load", str(path), "--layer", "路")[0] == 1
    assert told("withdraw", "1")[0] == 0
    assert told("withdraw", "1")[0] == 1
    assert shapes(county) == []
