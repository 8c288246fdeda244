"""Files of boundaries in every guise: each comes to the place that it is of, or is refused, or asked about."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from data_access.places.boundaries import Outline
from data_access.places.boundary_files.checking import Areas, Checked, areas_of, check, shape_of
from data_access.places.boundary_files.layers import BoundaryProblem, Layer
from data_access.places.boundary_files.reading import read_layers
from data_access.places.coordinates import SYSTEMS, CoordinateProblem, central_meridian
from tests.boundary_county import (
    Made,
    Rows,
    geojson,
    kml,
    made_county,
    rows_of,
    shapefile_parts,
    shapefile_zip,
    zipped,
)

METRE = 1 / 111_320


@pytest.fixture(scope="module")
def made() -> Made:
    return made_county(villages=16, townships=4, corners=0.004)


def layer_of(path: Path, content: bytes) -> Layer:
    path.write_bytes(content)
    (found,) = read_layers(path)
    return found


def areas(made: Made, layer: Layer) -> Areas:
    return areas_of(layer, made.places, made.names)


@pytest.fixture(scope="module")
def known(made: Made, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outline, ...]:
    """The townships, as the county has them already."""
    path = tmp_path_factory.mktemp("known") / "known.geojson"
    layer = layer_of(path, geojson(rows_of(made, made.townships, "cgcs2000"), crs="EPSG:4490"))
    return check(areas(made, layer), SYSTEMS["cgcs2000"], ()).outlines


# --- Thirty files -------------------------------------------------------------------------------------

# The system of the numbers, whether the north stands first, and what a .prj says of them where there is one
GUISES: Mapping[str, tuple[str, bool, int | None]] = {
    "cgcs2000": ("cgcs2000", False, 4490),
    "gcj02": ("gcj02", False, None),
    "bd09": ("bd09", False, None),
    "gk": ("gk 117", False, 4548),
    "zone": ("zone 40", False, 4528),
    "swapped": ("wgs84", True, 4326),
}


def _prj(epsg: int | None) -> str | None:
    return CRS.from_epsg(epsg).to_wkt("WKT1_ESRI") if epsg else None


FORMATS: Mapping[str, tuple[str, Callable[[Rows, int | None], bytes]]] = {
    "geojson": ("json", lambda rows, _epsg: geojson(rows)),
    "geojson in gb18030": ("geojson", lambda rows, epsg: geojson(rows, crs=epsg and f"urn:ogc:def:crs:EPSG::{epsg}", encoding="gb18030")),
    "shapefile without prj": ("zip", lambda rows, _epsg: shapefile_zip(rows)),
    "shapefile in utf-8": ("zip", lambda rows, epsg: shapefile_zip(rows, encoding="utf-8", prj=_prj(epsg), cpg="UTF-8")),
    "kmz": ("kmz", lambda rows, _epsg: zipped({"doc.kml": kml(rows)})),
}  # fmt: skip
FILES = list(itertools.product(GUISES, FORMATS))


def placed_within(made: Made, shapes: Any, codes: tuple[str, ...], metres: float) -> bool:
    """Whether every corner of each shape is that near to where its township has it, and every corner is there."""
    truth = np.array([made.townships[code] for code in codes])
    return bool((shapely.hausdorff_distance(truth, np.asarray(shapes)) < metres * METRE).all())


def silent(checked: Checked) -> bool:
    """Whether nothing is said that anybody would stop at."""
    return all(one.kind == "told" for one in checked.findings)


@pytest.mark.parametrize(("guise", "kind"), FILES)
def test_a_file_is_placed_right_or_stopped(
    guise: str, kind: str, made: Made, known: tuple[Outline, ...], tmp_path: Path
) -> None:
    """Every system that may be stated of it: the true one is within a metre, and each other one is refused."""
    code, swapped, epsg = GUISES[guise]
    ending, write = FORMATS[kind]
    rows = rows_of(made, made.townships, code, swapped=swapped)
    found = areas(made, layer_of(tmp_path / f"boundaries.{ending}", write(rows, epsg)))
    says = epsg is not None and kind in ("geojson in gb18030", "shapefile in utf-8")
    assert found.declared == (SYSTEMS[code] if says else None)
    assert SYSTEMS[code] in found.systems
    assert found.codes == tuple(made.townships)
    right = {one.code for one in found.systems if {one.code, code} <= {"cgcs2000", "wgs84"} or one.code == code}
    for system in found.systems:
        checked = check(found, system, known)
        if system.code in right:
            assert placed_within(made, found.in_degrees(system), found.codes, 1)
            assert not checked.is_refused
            # Simplified by what a thousandth of the map is.
            assert placed_within(made, [shape_of(one) for one in checked.outlines], found.codes, 200)
        else:
            assert checked.is_refused, system.code
            assert not placed_within(made, found.in_degrees(system), found.codes, 50)
            # As the first file of a county it may be taken; but not without a doubt.
            assert not silent(check(found, system, ()))


# --- Against cameras ----------------------------------------------------------------------------------


def cameras(made: Made, count: int = 60) -> pd.DataFrame:
    """Cameras within each township, as the county knows them."""
    chance = np.random.default_rng(7)
    rows = []
    for code, shape in made.townships.items():
        west, south, east, north = shape.bounds
        places = np.column_stack((chance.uniform(west, east, 9 * count), chance.uniform(south, north, 9 * count)))
        for place, (x, y) in enumerate(places[shapely.contains_xy(shape, places)][:count]):
            rows.append(("camera", f"C{code[-1]}{place:02}", code, None, x, y, True))
    names = ["kind", "number", "township_code", "village_code", "longitude", "latitude", "is_told"]
    return pd.DataFrame(rows, columns=names)


def of_points(checked: Checked) -> tuple[str, str]:
    """How, and what, is said of the known places."""
    ((kind, words),) = [(one.kind, one.zh) for one in checked.findings if one.zh.startswith("已知的位置")]
    return kind, words


@pytest.mark.parametrize("guise", GUISES)
def test_cameras_tell_the_system_of_a_first_file(guise: str, made: Made, tmp_path: Path) -> None:
    code, swapped, _ = GUISES[guise]
    rows = rows_of(made, made.townships, code, swapped=swapped)
    found = areas(made, layer_of(tmp_path / "boundaries.json", geojson(rows)))
    points = cameras(made)
    for system in found.systems:
        kind, words = of_points(check(found, system, (), points))
        if {system.code, code} <= {"cgcs2000", "wgs84"} or system.code == code:
            assert (kind, words) == ("told", "已知的位置（摄像机 240 个）都在所属镇街的边界里。")
            continue
        # A shift of some hundred metres leaves most where they are; a wrong meridian leaves none.
        is_near = central_meridian(system) == central_meridian(SYSTEMS[code])
        assert kind == ("doubtful" if is_near else "refused")
        assert f"按“{SYSTEMS[code if code != 'wgs84' else 'cgcs2000'].zh}”读只有 0 个" in words


def test_what_stands_outside_is_listed_and_no_reason_to_refuse(made: Made, tmp_path: Path) -> None:
    rows = rows_of(made, made.townships, "cgcs2000")
    found = areas(made, layer_of(tmp_path / "boundaries.json", geojson(rows)))
    points = cameras(made)
    first, second = list(made.townships)[:2]
    wrong = points.index[points["township_code"] == first][:2]
    checked = check(
        found,
        SYSTEMS["cgcs2000"],
        (),
        points.assign(township_code=points["township_code"].mask(points.index.isin(wrong), second)),
    )
    numbers = "、".join(points.loc[wrong, "number"])
    assert of_points(checked) == ("told", f"已知的位置（摄像机 240 个）有 2 个落在所属镇街的边界以外（{numbers}）。")
    assert checked.points["is_within"].sum() == 238
    # Where most of them do, no system makes it right.
    exchanged = points.assign(township_code=points["township_code"].map({first: second, second: first}).fillna(first))
    kind, words = of_points(check(found, SYSTEMS["cgcs2000"], (), exchanged))
    assert kind == "refused"
    assert "认得的坐标系都对不上" in words
    # Few may all be wrong themselves.
    assert of_points(check(found, SYSTEMS["cgcs2000"], (), exchanged[:9]))[0] == "doubtful"


def test_cases_whose_places_may_not_be_known_are_counted_alone(made: Made, tmp_path: Path) -> None:
    found = areas(made, layer_of(tmp_path / "villages.json", geojson(rows_of(made, made.villages, "cgcs2000"))))
    points = cameras(made).assign(kind="case", number="", is_told=False, village_code=next(iter(made.villages)))
    kind, words = of_points(check(found, SYSTEMS["cgcs2000"], (), points[:12]))
    assert kind == "refused"
    assert words.startswith("已知的位置（未结诉求 12 件）有 ")
    assert "所属村（社区）的边界以外" in words


# --- What is said of a file ---------------------------------------------------------------------------


def kinds(checked: Checked, words: str) -> set[str]:
    """How what has these words in it is said."""
    return {one.kind for one in checked.findings if words in one.zh}


def with_rows(rows: Rows, change: Callable[[dict[str, str], int], Mapping[str, Any]]) -> Rows:
    return Rows([change(dict(said), place) for place, said in enumerate(rows.attributes)], rows.shapes)  # type: ignore[arg-type]


def loaded(made: Made, tmp_path: Path, rows: Rows, known: tuple[Outline, ...] = ()) -> Checked:
    """Of rows in degrees of CGCS2000, which the file says."""
    layer = layer_of(tmp_path / "a.geojson", geojson(rows, crs="EPSG:4490"))
    return check(areas(made, layer), SYSTEMS["cgcs2000"], known)


def test_what_a_file_says_is_dropped_where_its_numbers_are_others(made: Made, tmp_path: Path) -> None:
    rows = rows_of(made, made.townships, "zone 40")
    found = areas(made, layer_of(tmp_path / "a.zip", shapefile_zip(rows, prj=_prj(4490))))
    assert found.declared is None
    assert found.systems == (SYSTEMS["zone 40"],)
    assert "它的数字不是这种写法" in "".join(one.zh for one in found.findings if one.kind == "doubtful")
    # The file's meridian without the zone that its numbers have
    found = areas(made, layer_of(tmp_path / "b.zip", shapefile_zip(rows, prj=_prj(4549))))
    assert found.declared is None


def test_a_file_that_says_wgs84_may_be_said_to_be_gcj02(made: Made, known: tuple[Outline, ...], tmp_path: Path) -> None:
    rows = rows_of(made, made.townships, "gcj02")
    found = areas(made, layer_of(tmp_path / "a.zip", shapefile_zip(rows, prj=_prj(4326))))
    as_said, as_stated = (check(found, SYSTEMS[code], known) for code in ("wgs84", "gcj02"))
    assert as_said.is_refused and not as_said.is_stated
    assert not as_stated.is_refused and as_stated.is_stated
    # Many that say so are not; nothing shows it without boundaries that there are.
    assert not silent(check(found, SYSTEMS["wgs84"], ()))
    assert kinds(as_stated, "文件说是“WGS84") == {"doubtful"}


def test_a_zone_elsewhere_is_refused_without_anything_to_compare(made: Made, tmp_path: Path) -> None:
    """Three degrees to the west and the east; the county may lie in one of the neighbours."""
    rows = rows_of(made, made.townships, "gk 120")
    found = areas(made, layer_of(tmp_path / "a.zip", shapefile_zip(rows)))
    assert SYSTEMS["gk 111"] not in found.systems
    zone = rows_of(made, made.townships, "zone 40")
    wrong = Rows(zone.attributes, list(shapely.transform(zone.shapes, lambda numbers: numbers - (5e6, 0))))
    found = areas(made, layer_of(tmp_path / "b.zip", shapefile_zip(wrong)))
    (system,) = found.systems
    assert kinds(check(found, system, ()), "在本省范围以外") == {"refused"}


def test_features_are_places_by_code_and_name(made: Made, tmp_path: Path) -> None:
    codes = list(made.townships)
    rows = rows_of(made, made.townships, "cgcs2000")

    def said(row: dict[str, str], place: int) -> Mapping[str, Any]:
        # As a code of a village, as a number, by name alone, and neither
        code: Any = (f"{row['XZQDM']}000", int(row["XZQDM"]), None, "999999999")[place]
        return {"FID": place, "代码": code, "名称": row["XZQMC"] if place < 3 else "某镇", "面积": 1.5}

    checked = loaded(made, tmp_path, with_rows(rows, said))
    assert [one.code for one in checked.outlines] == codes[:3]
    assert kinds(checked, "1 个面对不上名录，不装入：某镇") == {"told"}
    assert kinds(checked, f"没有边界的：{made.names[codes[3]]}") == {"told"}


def test_a_feature_whose_code_and_name_are_two_places_is_left_out(made: Made, tmp_path: Path) -> None:
    codes = list(made.townships)
    rows = with_rows(
        rows_of(made, made.townships, "cgcs2000"),
        lambda row, place: row | ({"XZQMC": made.names[codes[1]]} if place == 0 else {}),
    )
    checked = loaded(made, tmp_path, rows)
    assert [one.code for one in checked.outlines] == codes[1:]
    assert kinds(checked, "代码和名称指两个地方") == {"doubtful"}


def test_names_exchanged_between_two_places_are_refused(made: Made, known: tuple[Outline, ...], tmp_path: Path) -> None:
    """Where neither code nor name says otherwise, the present boundaries do."""
    codes = list(made.townships)
    other = {codes[0]: codes[1], codes[1]: codes[0]}
    rows = rows_of(made, {other.get(code, code): shape for code, shape in made.townships.items()}, "cgcs2000")
    assert kinds(loaded(made, tmp_path, rows, known), "大半落在县里现有的边界以外") == {"refused"}


def test_villages_lie_in_their_townships(made: Made, known: tuple[Outline, ...], tmp_path: Path) -> None:
    """A file of one township's villages, which has a township's name beside the village's and no code."""
    own = {code: shape for code, shape in made.villages.items() if made.owners[code] == known[0].code}

    def said(row: dict[str, str], _place: int) -> Mapping[str, str]:
        return {"乡镇": made.names[made.owners[row["XZQDM"]]], "村": row["XZQMC"]}

    for system in ("cgcs2000", "gcj02"):
        rows = with_rows(rows_of(made, own, system), said)
        found = areas(made, layer_of(tmp_path / "a.geojson", geojson(rows)))
        assert (found.level, found.codes) == ("village", tuple(own))
        for stated in ("cgcs2000", "gcj02", "bd09"):
            assert check(found, SYSTEMS[stated], known).is_refused == (stated != system)


def test_a_file_of_other_places_is_compared_with_its_neighbours(
    made: Made, known: tuple[Outline, ...], tmp_path: Path
) -> None:
    first = known[0].code
    rows = rows_of(made, {first: made.townships[first]}, "gcj02")
    found = areas(made, layer_of(tmp_path / "a.geojson", geojson(rows)))
    assert check(found, SYSTEMS["wgs84"], known[1:]).is_refused
    assert not check(found, SYSTEMS["gcj02"], known[1:]).is_refused


def test_present_boundaries_in_an_unconverted_system_are_told(made: Made, tmp_path: Path) -> None:
    mars = layer_of(tmp_path / "a.geojson", geojson(rows_of(made, made.townships, "gcj02")))
    known = check(areas(made, mars), SYSTEMS["wgs84"], ()).outlines
    checked = loaded(made, tmp_path, rows_of(made, made.villages, "cgcs2000"), known)
    assert kinds(checked, "县里现有的边界多半是“GCJ-02") == {"refused"}


# --- Shapes -------------------------------------------------------------------------------------------

WEST, SOUTH = 118.0, 36.0


def box(west: float, south: float, east: float, north: float) -> Any:
    """Of a fiftieth of a degree a step: two kilometres."""
    return shapely.box(WEST + west / 50, SOUTH + south / 50, WEST + east / 50, SOUTH + north / 50)


def of_shapes(made: Made, tmp_path: Path, *shapes: Any) -> tuple[Checked, list[Any]]:
    checked = loaded(made, tmp_path, rows_of(made, dict(zip(made.townships, shapes, strict=False)), "cgcs2000"))
    return checked, [shape_of(one) for one in checked.outlines]


def test_neighbours_drawn_apart_share_an_edge(made: Made, tmp_path: Path) -> None:
    """Their edge was drawn twice, up to twenty metres apart, with corners of its own each time."""
    random = np.random.default_rng(1)

    def edge(corners: int) -> list[tuple[float, float]]:
        return [(WEST + 0.1 + random.uniform(-1, 1) * 10 * METRE, y) for y in np.linspace(SOUTH, SOUTH + 0.2, corners)]

    east, west = edge(60), edge(47)
    checked, shapes = of_shapes(
        made,
        tmp_path,
        shapely.Polygon([(WEST, SOUTH), *east, (WEST, SOUTH + 0.2)]),
        shapely.Polygon([(WEST + 0.2, SOUTH), *west, (WEST + 0.2, SOUTH + 0.2)]),
    )
    assert shapely.coverage_is_valid(shapes)
    assert shapely.get_num_interior_rings(shapely.union_all(shapes)) == 0
    assert kinds(checked, "2 个边界与相邻的没有完全重合") == {"told"}
    assert kinds(checked, "重叠 0.0%") <= {"told"}
    assert shapely.union_all(shapes).area == pytest.approx(0.04, rel=1e-3)


def test_one_within_another_keeps_its_place(made: Made, tmp_path: Path) -> None:
    """Whether the other has a hole there or not."""
    inner = box(3, 3, 5, 5)
    for outer, said in ((box(0, 0, 10, 10), {"doubtful"}), (box(0, 0, 10, 10).difference(inner), set())):
        checked, shapes = of_shapes(made, tmp_path, outer, inner)
        assert shapes[0].equals(outer.difference(inner)) and shapes[1].equals(inner)
        assert kinds(checked, "重叠 100.0%") == said
        assert shapes[0].covers(shapely.Point(checked.outlines[0].label))
        assert len(checked.outlines[0].polygons[0]) == 2


def test_pieces_are_one_place(made: Made, tmp_path: Path) -> None:
    """In several features, and in one; what crosses itself is mended."""
    code = next(iter(made.townships))
    bow = shapely.Polygon([(WEST, SOUTH), (WEST + 0.2, SOUTH + 0.2), (WEST + 0.2, SOUTH), (WEST, SOUTH + 0.2)])
    said = {"XZQDM": code, "XZQMC": made.names[code]}
    rows = Rows([said, said], [bow, shapely.MultiPolygon([box(20, 0, 22, 2), box(24, 0, 26, 2)])])
    checked = loaded(made, tmp_path, rows)
    (outline,) = checked.outlines
    assert len(outline.polygons) == 4
    assert shape_of(outline).area == pytest.approx(0.02 + 2 * 0.0016, rel=1e-3)
    assert kinds(checked, "有几个面的合成一个") == kinds(checked, "1 个面的边线自相交") == {"told"}


def test_what_is_odd_is_doubtful(made: Made, tmp_path: Path) -> None:
    checked, _ = of_shapes(made, tmp_path, box(0, 0, 0.01, 0.01), box(1, 0, 2, 1), box(2, 0, 3, 1), box(90, 90, 91, 91))
    assert kinds(checked, "面积不像") == {"doubtful"}
    assert kinds(checked, "离其余的很远") == {"doubtful"}


def test_simplifying_leaves_no_gap(made: Made, tmp_path: Path) -> None:
    """Of a hundred corners a kilometre, as files have them, few are left; neighbours still share theirs."""
    fine = made_county(villages=12, townships=4, corners=0.0001)
    layer = layer_of(tmp_path / "a.geojson", geojson(rows_of(fine, fine.townships, "cgcs2000"), crs="EPSG:4490"))
    checked = check(areas(fine, layer), SYSTEMS["cgcs2000"], ())
    shapes = [shape_of(one) for one in checked.outlines]
    assert shapely.coverage_is_valid(shapes)
    before = shapely.get_num_coordinates(list(fine.townships.values())).sum()
    assert shapely.get_num_coordinates(shapes).sum() < before / 3
    assert all(shape.covers(shapely.Point(one.label)) for shape, one in zip(shapes, checked.outlines, strict=True))


# --- What files are made of ---------------------------------------------------------------------------


def test_characters_are_found(made: Made, tmp_path: Path) -> None:
    """Whatever .cpg says; texts that end in bytes that are blanks elsewhere, or within a character, too."""
    # The second byte of 仩 is a space with no break in other alphabets; 30 of two bytes fill the column.
    names = ["城关仩", "丂" * 3, "城关街道办事处", "张" * 30]
    rows = with_rows(rows_of(made, made.townships, "cgcs2000"), lambda row, place: row | {"全称": names[place]})
    for encoding, cpg in (
        ("gb18030", None),
        ("gb18030", "UTF-8"),
        ("gb18030", "936"),
        ("utf-8", None),
        ("utf-8", "OEM"),
    ):
        if encoding == "utf-8":
            rows.attributes[3]["全称"] = "张" * 20  # type: ignore[index]  # of three bytes here
        parts = shapefile_parts(rows, encoding=encoding, cpg=cpg)
        full = rows.attributes[3]["全称"]
        parts[".dbf"] = parts[".dbf"].replace(full.encode(encoding), f"a{full}".encode(encoding)[:60])
        layer = layer_of(tmp_path / "a.zip", zipped({f"a{end}": part for end, part in parts.items()}))
        assert [one.attributes["全称"] for one in layer.features] == [*names[:3], f"a{full[:-1]}"]
        assert [one.attributes["XZQMC"] for one in layer.features] == [made.names[code] for code in made.townships]


def test_rows_that_were_deleted_take_nobodys_shape(made: Made, tmp_path: Path) -> None:
    """They stay in the .dbf with a mark, and their shapes in the .shp."""
    parts = shapefile_parts(rows_of(made, made.townships, "cgcs2000"))
    dbf = bytearray(parts[".dbf"])
    header, record = int.from_bytes(dbf[8:10], "little"), int.from_bytes(dbf[10:12], "little")
    dbf[header + record] = ord("*")
    layer = layer_of(tmp_path / "a.zip", zipped({f"a{end}": one for end, one in {**parts, ".dbf": bytes(dbf)}.items()}))
    left = [code for place, code in enumerate(made.townships) if place != 1]
    assert [one.attributes["XZQDM"] for one in layer.features] == left
    for code, one in zip(left, layer.features, strict=True):
        assert shapely.hausdorff_distance(one.shape, made.townships[code]) < METRE


def test_a_zip_has_layers(made: Made, tmp_path: Path) -> None:
    townships, villages = (rows_of(made, of, "cgcs2000") for of in (made.townships, made.villages))
    members = {f"边界/{name}{end}": part for name, rows in (("镇", townships), ("村", villages)) for end, part in shapefile_parts(rows).items()}  # fmt: skip
    points = b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[118,36]}}]}'
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({**members, "驻地.geojson": points, "__MACOSX/边界/._镇.shp": b"\x00", "说明.txt": b""}))
    assert {layer.name: len(layer.features) for layer in read_layers(path)} == {"镇": 4, "村": 16}


def test_a_shapefile_lies_loose(made: Made, tmp_path: Path) -> None:
    for end, part in shapefile_parts(rows_of(made, made.townships, "gk 117"), prj=_prj(4548)).items():
        (tmp_path / f"a{end.upper()}").write_bytes(part)
    (layer,) = read_layers(tmp_path / "a.SHP")
    assert layer.declared == SYSTEMS["gk 117"]
    (tmp_path / "a.DBF").unlink()
    with pytest.raises(BoundaryProblem, match="没有名称和代码"):
        read_layers(tmp_path / "a.SHP")


ONE = '{"type":"Polygon","coordinates":[[[118,36],[119,36],[119,37],[118,36]]]}'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "不是认得的边界文件"),
        (b"name,code\n1,2\n", "不是认得的边界文件"),
        (b'{"type":"FeatureCollection","features":[', "不完整或已损坏"),
        (b"{" + b'"a":{' * 200_000, "不完整或已损坏"),
        (b'{"type":"FeatureCollection","features":[]}', "没有面"),
        (b'{"type":"FeatureCollection"}', "不完整或已损坏"),
        (b'{"type":"Point","coordinates":[118,36]}', "只有点或线"),
        (ONE.replace("119,37", "NaN,37").encode(), "不是数字"),
        (ONE.replace("119,37", "1e999,37").encode(), "不是数字"),
        (ONE.replace("119,37", '"a",37').encode(), "不是数字"),
        (ONE.replace("[119,37]", "7").encode(), "不是数字"),
        (b'{"type":"Polygon","coordinates":[[118,36],[119,36],[119,37]]}', "不是数字"),
        (b'{"type":"Polygon","coordinates":118}', "不完整或已损坏"),
        (b"<kml><Document>", "不完整或已损坏"),
        (b"<kml></kml>", "没有面"),
        (b"<kml><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>1,a 2,3 4,5</coordinates></LinearRing>"
         b"</outerBoundaryIs></Polygon></Placemark></kml>", "不是数字"),
        (b"PK\x03\x04", "不完整或已损坏"),
        (zipped({"a.txt": b""}), "zip 里没有边界"),
        (zipped({"a.kml": zipped({"a.kml": b"<kml/>"})}), "不是认得的边界文件"),
        (b"\x00\x00\x27\x0a" + b"\x00" * 200, "缺 .dbf"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_boundaries_is_said(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    with pytest.raises(BoundaryProblem) as problem:
        read_layers(path)
    assert words in problem.value.zh


def test_xml_opens_no_file_and_does_not_grow(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for declared in (f'<!ENTITY x SYSTEM "{secret.as_uri()}">', f'<!ENTITY l0 "lol">{lol}<!ENTITY x "&l9;">'):
        for encoding in ("utf-8", "utf-16"):
            kml_file = f"<?xml version='1.0' encoding='{encoding}'?><!DOCTYPE kml [{declared}]><kml><Placemark><name>&x;</name></Placemark></kml>"
            (tmp_path / "a.kml").write_bytes(kml_file.encode(encoding))
            with pytest.raises(BoundaryProblem, match="不完整或已损坏"):
                read_layers(tmp_path / "a.kml")


def test_what_grows_when_unpacked_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_access.places.boundary_files.reading.LARGEST_UNPACKED", 1000)
    packed = bytearray(zipped({"a.kml": b" " * 5000}))
    (tmp_path / "a.kmz").write_bytes(packed)
    with pytest.raises(BoundaryProblem, match="文件太大"):
        read_layers(tmp_path / "a.kmz")
    # It says that it is smaller than it is.
    packed[packed.index(b"PK\x01\x02") + 24 :][:4] = (10).to_bytes(4, "little")
    place = packed.index(b"PK\x01\x02") + 24
    packed[place : place + 4] = (10).to_bytes(4, "little")
    (tmp_path / "a.kmz").write_bytes(packed)
    with pytest.raises(BoundaryProblem):
        read_layers(tmp_path / "a.kmz")
    monkeypatch.setattr("data_access.places.boundary_files.reading.LARGEST", 10)
    with pytest.raises(BoundaryProblem, match="文件太大"):
        read_layers(tmp_path / "a.kmz")


def test_damaged_files_are_said_to_be(made: Made, tmp_path: Path) -> None:
    """Whatever byte is another one, and wherever a file ends: it is read, or a sentence says that it cannot be."""
    rows = rows_of(made, dict(list(made.townships.items())[:1]), "cgcs2000")
    parts = shapefile_parts(rows, prj=_prj(4490))
    random = np.random.default_rng(7)
    files = {"a.geojson": geojson(rows), "a.kml": kml(rows), "a.kmz": zipped({"doc.kml": kml(rows)})}
    for name, content in files.items():
        for _ in range(15):
            _read_or_refused(tmp_path / name, _damaged(content, random))
    for ending in (".shp", ".dbf", ".prj"):
        for _ in range(15):
            members = {f"a{end}": _damaged(part, random) if end == ending else part for end, part in parts.items()}
            _read_or_refused(tmp_path / "a.zip", zipped(members))


def _damaged(content: bytes, random: np.random.Generator) -> bytes:
    found = bytearray(content)
    # Beginnings are where lengths and counts stand.
    for place in random.integers(0, min(len(found), random.choice((140, len(found)))), random.integers(1, 4)):
        found[place] = random.integers(256)
    return bytes(found[: random.integers(len(found))] if random.random() < 0.3 else found)


def _read_or_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with contextlib.suppress(BoundaryProblem, CoordinateProblem):
        read_layers(path)
