"""Where townships and villages lie: which file holds, and who sees what of it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, insert

from data_access.access import UNRESTRICTED, Viewer
from data_access.places.boundaries import Level, Outline, outlines
from data_access.places.tables import boundary, boundary_file, township, village
from data_access.scope import Scope
from tests.counties import empty_file


def square(west: float, south: float) -> list[list[list[list[float]]]]:
    return [[[[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1], [west, south]]]]


def rows_of(number: int, level: Level, **places: tuple[str, float]) -> list[dict[str, object]]:
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
        connection.execute(insert(boundary), rows_of(1, "township", c1=("1", 110), c2=("2", 111), c9=("9", 112)))
        connection.execute(insert(boundary), rows_of(2, "township", c2=("2", 113)))
        connection.execute(insert(boundary), rows_of(1, "village", c11=("2", 110)))
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
