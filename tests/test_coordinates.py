"""Coordinates in every system, against formulas written apart and pairs that others have published."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pyproj import CRS

from data_access.places.coordinates import (
    SYSTEMS,
    CoordinateProblem,
    System,
    bounds_of,
    central_meridian,
    from_cgcs2000,
    readings,
    system_of_name,
    system_of_wkt,
    to_cgcs2000,
)

DEGREE = 111_320.0


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """How far two places (degrees) lie apart."""
    return math.hypot((one[0] - other[0]) * DEGREE * math.cos(math.radians(one[1])), (one[1] - other[1]) * DEGREE)


def forth(place: tuple[float, float], system: str) -> tuple[float, float]:
    x, y = from_cgcs2000(np.array([place[0]]), np.array([place[1]]), SYSTEMS[system])
    return float(x[0]), float(y[0])


def back(place: tuple[float, float], system: str) -> tuple[float, float]:
    x, y = to_cgcs2000(np.array([place[0]]), np.array([place[1]]), SYSTEMS[system])
    return float(x[0]), float(y[0])


# WGS84 and GCJ-02, from the tests of googollee/eviltransform and wandergis/coordtransform (two programs)
PAIRS = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
]


@pytest.mark.parametrize(("earth", "mars"), PAIRS)
def test_gcj02_is_what_others_have_published(earth: tuple[float, float], mars: tuple[float, float]) -> None:
    assert metres(forth(earth, "gcj02"), mars) < 0.05
    assert metres(back(mars, "gcj02"), earth) < 0.05


def test_bd09_is_what_others_have_published() -> None:
    """Of GCJ-02, so that the place on earth is that of the pair's GCJ-02."""
    assert metres(forth(back((116.404, 39.915), "gcj02"), "bd09"), (116.41036949371029, 39.92133699351021)) < 0.01


# Every part of the country that has counties
GRID = [
    (longitude, latitude) for longitude in (76.0, 91.3, 104.1, 117.04, 131.7) for latitude in (18.3, 27.9, 35.41, 47.2)
]


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=lambda system: system.code)
def test_there_and_back_is_the_same_place(system: System) -> None:
    """To a ten-thousandth of a metre; projections as far from their meridians as they are used."""
    meridian = central_meridian(system)
    longitudes, latitudes = np.array(GRID).T
    if meridian is not None:
        longitudes = meridian + (longitudes - 105) / 20
    x, y = from_cgcs2000(longitudes, latitudes, system)
    again = to_cgcs2000(x, y, system)
    assert max(np.abs(again[0] - longitudes).max(), np.abs(again[1] - latitudes).max()) < 1e-9
    for east, north in zip(x, y, strict=True):
        assert any(system in one.systems and not one.swapped for one in readings(east, north))
        assert any(system in one.systems and one.swapped for one in readings(north, east))


def gauss_krueger(longitude: float, latitude: float, meridian: float, scale: float = 1.0) -> tuple[float, float]:
    """Krüger's series in n to the fourth power, on the ellipsoid of CGCS2000: x to the east of 500,000 m, and y."""
    a, f = 6_378_137.0, 1 / 298.257222101
    n = f / (2 - f)
    radius = a / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    alphas = (
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16 + 41 * n**4 / 180,
        13 * n**2 / 48 - 3 * n**3 / 5 + 557 * n**4 / 1440,
        61 * n**3 / 240 - 103 * n**4 / 140,
        49561 * n**4 / 161280,
    )
    phi, lam = math.radians(latitude), math.radians(longitude - meridian)
    e = math.sqrt(f * (2 - f))
    t = math.sinh(math.atanh(math.sin(phi)) - e * math.atanh(e * math.sin(phi)))
    xi, eta = math.atan2(t, math.cos(lam)), math.asinh(math.sin(lam) / math.hypot(t, math.cos(lam)))
    east = eta + sum(alpha * math.cos(2 * j * xi) * math.sinh(2 * j * eta) for j, alpha in enumerate(alphas, 1))
    north = xi + sum(alpha * math.sin(2 * j * xi) * math.cosh(2 * j * eta) for j, alpha in enumerate(alphas, 1))
    return 500_000 + scale * radius * east, scale * radius * north


@pytest.mark.parametrize(("longitude", "latitude"), GRID)
def test_projections_are_what_kruegers_series_are(longitude: float, latitude: float) -> None:
    meridian = 3 * round(longitude / 3)
    east, north = gauss_krueger(longitude, latitude, meridian)
    zone, wide = meridian // 3, int(longitude // 6) + 1
    assert forth((longitude, latitude), f"gk {meridian}") == pytest.approx((east, north), abs=0.001)
    assert forth((longitude, latitude), f"zone {zone}") == pytest.approx((zone * 1e6 + east, north), abs=0.001)
    east, north = gauss_krueger(longitude, latitude, 6 * wide - 3)
    assert forth((longitude, latitude), f"zone {wide}") == pytest.approx((wide * 1e6 + east, north), abs=0.001)
    east, north = gauss_krueger(longitude, latitude, 6 * wide - 3, 0.9996)
    # Its ellipsoid is that of WGS84.
    assert forth((longitude, latitude), f"utm {30 + wide}") == pytest.approx((east, north), abs=0.01)


def test_a_web_map_is_a_sphere() -> None:
    longitude, latitude = 118.6, 36.1
    radius = 6_378_137.0
    x, y = radius * math.radians(longitude), radius * math.asinh(math.tan(math.radians(latitude)))
    assert forth((longitude, latitude), "web") == pytest.approx((x, y), abs=0.001)
    assert metres(back((x, y), "web gcj02"), back((longitude, latitude), "gcj02")) < 0.001


# Of each kind some: their codes follow each other.
PROJECTED = [system for system in SYSTEMS.values() if system.epsg and not system.shift][::4]


@pytest.mark.parametrize("version", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"])
def test_a_prj_file_is_understood(version: str) -> None:
    codes = {system.code: system.epsg for system in PROJECTED} | {"cgcs2000": 4490, "wgs84": 4326}
    for code, epsg in codes.items():
        assert system_of_wkt(CRS.from_epsg(epsg).to_wkt(version)).code == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("EPSG:4490", "cgcs2000"),
        ("urn:ogc:def:crs:EPSG::4549", "gk 120"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "wgs84"),
        ("epsg:4528", "zone 40"),
        ("GCJ-02", "gcj02"),
        ("BD09", "bd09"),
    ],
)
def test_a_geojson_names_its_system(name: str, code: str) -> None:
    assert system_of_name(name).code == code


@pytest.mark.parametrize(
    ("epsg", "words"),
    [(4610, "1980 西安"), (2361, "1980 西安"), (4214, "1954 北京"), (2436, "1954 北京"), (27700, "不认得")],
)
def test_what_cannot_be_converted_without_more_is_refused(epsg: int, words: str) -> None:
    for ask in (lambda: system_of_wkt(CRS.from_epsg(epsg).to_wkt("WKT1_ESRI")), lambda: system_of_name(f"EPSG:{epsg}")):
        with pytest.raises(CoordinateProblem) as problem:
            ask()
        assert words in problem.value.zh


@pytest.mark.parametrize("wkt", ["", "无", "GEOGCS[", 'LOCAL_CS["邹城"]', "x" * 100_000])
def test_a_prj_that_says_nothing_known_is_refused(wkt: str) -> None:
    with pytest.raises(CoordinateProblem):
        system_of_wkt(wkt)


def test_a_name_opens_no_file() -> None:
    for name in ("+init=/etc/passwd", "/etc/passwd", "http://127.0.0.1/x", "+proj=longlat", "EPSG:0", ""):
        with pytest.raises(CoordinateProblem):
            system_of_name(name)


def test_numbers_that_are_nowhere_have_no_reading() -> None:
    for x, y in (
        (0.0, 0.0),
        (10.0, 10.0),
        (200.0, 100.0),
        (500.0, 4000.0),
        (math.inf, 4e6),
        (math.nan, 36.0),
        (99e6, 4e6),
    ):
        assert readings(x, y) == ()


def test_a_province_bounds_its_places() -> None:
    assert bounds_of("379901100") == (114, 34, 123, 39)
    # Codes of a county's own say nothing.
    assert bounds_of("37")[0] == bounds_of("990000000")[0] == 73
