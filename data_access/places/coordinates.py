"""The coordinate systems that boundaries and places come in, and what their numbers are in degrees of CGCS2000.

CGCS2000 and WGS84 differ by less than a metre, and are the same here. GCJ-02 (national maps, Gaode, Tencent) and BD-09 (Baidu)
are shifted by 100 to 700 metres; what is known of the shift is the published reconstruction
(github.com/googollee/eviltransform, github.com/wandergis/coordtransform). Projections are EPSG's, computed by PROJ.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from data_access.problems import Problem

Numbers = NDArray[np.float64]
# How the numbers look: degrees, metres east of a meridian without or with the zone before them, metres of a web map
Family = Literal["degrees", "metres", "zoned", "web"]


class CoordinateProblem(Problem):
    """Coordinates that cannot be placed."""


@dataclass(frozen=True)
class System:
    """A coordinate system: ``code`` as it is kept, ``epsg`` its projection (None: it is in degrees), and which ``shift`` it has."""

    code: str
    zh: str
    en: str
    family: Family
    epsg: int | None = None
    shift: Literal["", "gcj02", "bd09"] = ""


def _systems() -> tuple[System, ...]:
    found = [
        System("cgcs2000", "CGCS2000（国家大地坐标系）", "CGCS2000", "degrees"),
        System("wgs84", "WGS84（GPS）", "WGS84 (GPS)", "degrees"),
        System("gcj02", "GCJ-02（高德、腾讯地图，又称火星坐标）", "GCJ-02 (Gaode, Tencent)", "degrees", shift="gcj02"),
        System("bd09", "BD-09（百度）", "BD-09 (Baidu)", "degrees", shift="bd09"),
        System("web", "Web 墨卡托，WGS84", "Web Mercator, WGS84", "web", 3857),
        System("web gcj02", "Web 墨卡托，GCJ-02", "Web Mercator, GCJ-02", "web", 3857, "gcj02"),
    ]
    # EPSG's codes follow the meridians and zones one by one.
    for place, meridian in enumerate(range(75, 136, 3)):
        zh, en = f"CGCS2000 高斯-克吕格，中央经线 {meridian}°", f"CGCS2000 Gauss-Krüger, central meridian {meridian}°"
        found.append(System(f"gk {meridian}", zh, en, "metres", 4534 + place))
        zh, en = f"CGCS2000 高斯-克吕格 3 度带，带号 {25 + place}", f"CGCS2000 Gauss-Krüger, 3-degree zone {25 + place}"
        found.append(
            System(f"zone {25 + place}", f"{zh}（中央经线 {meridian}°）", f"{en} ({meridian}°)", "zoned", 4513 + place)
        )
    for place, meridian in enumerate(range(75, 136, 6)):
        zh, en = f"CGCS2000 高斯-克吕格 6 度带，带号 {13 + place}", f"CGCS2000 Gauss-Krüger, 6-degree zone {13 + place}"
        found.append(
            System(f"zone {13 + place}", f"{zh}（中央经线 {meridian}°）", f"{en} ({meridian}°)", "zoned", 4491 + place)
        )
        zh, en = f"WGS84 UTM {43 + place} 带（中央经线 {meridian}°）", f"WGS84 UTM zone {43 + place}N ({meridian}°)"
        found.append(System(f"utm {43 + place}", zh, en, "metres", 32643 + place))
    return tuple(found)


SYSTEMS: Mapping[str, System] = {system.code: system for system in _systems()}


def to_cgcs2000(x: Numbers, y: Numbers, system: System) -> tuple[Numbers, Numbers]:
    """Longitudes and latitudes (degrees of CGCS2000) of coordinates in a system: x to the east, y to the north."""
    if system.epsg is not None:
        x, y = _transformer(system.epsg).transform(x, y)
    return _UNSHIFTED[system.shift](x, y)


def from_cgcs2000(longitude: Numbers, latitude: Numbers, system: System) -> tuple[Numbers, Numbers]:
    """Coordinates in a system of longitudes and latitudes (degrees of CGCS2000), as :func:`to_cgcs2000` takes them."""
    x, y = _SHIFTED[system.shift](longitude, latitude)
    if system.epsg is not None:
        x, y = _transformer(system.epsg).transform(x, y, direction="INVERSE")
    return x, y


def _transformer(epsg: int) -> Transformer:
    crs = CRS.from_epsg(epsg)
    # Between the two datums nothing is computed.
    return Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


# Krasovsky's ellipsoid, in metres, which the shift is reckoned on
_A, _EE = 6378245.0, 0.00669342162296594323


def _gcj02(longitude: Numbers, latitude: Numbers) -> tuple[Numbers, Numbers]:
    x, y, sin, pi = longitude - 105.0, latitude - 35.0, np.sin, np.pi
    waves = (20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + waves
    north += (20 * sin(pi * y) + 40 * sin(pi * y / 3)) * 2 / 3 + (
        160 * sin(pi * y / 12) + 320 * sin(pi * y / 30)
    ) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + waves
    east += (20 * sin(pi * x) + 40 * sin(pi * x / 3)) * 2 / 3 + (
        150 * sin(pi * x / 12) + 300 * sin(pi * x / 30)
    ) * 2 / 3
    radians = np.radians(latitude)
    w = 1 - _EE * sin(radians) ** 2
    return (
        longitude + np.degrees(east / (_A / np.sqrt(w) * np.cos(radians))),
        latitude + np.degrees(north / (_A * (1 - _EE) / w**1.5)),
    )


def _bd09_of_gcj02(x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
    turns = np.pi * 3000 / 180
    distance = np.hypot(x, y) + 0.00002 * np.sin(y * turns)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * turns)
    return distance * np.cos(angle) + 0.0065, distance * np.sin(angle) + 0.006


def _bd09(longitude: Numbers, latitude: Numbers) -> tuple[Numbers, Numbers]:
    return _bd09_of_gcj02(*_gcj02(longitude, latitude))


# Degrees: a step that small is the last one
_NEAR = 1e-11
_Shift = Callable[[Numbers, Numbers], tuple[Numbers, Numbers]]


def _unshifted(shift: _Shift, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
    """The place that is shifted to (x, y), by iteration: each step is nearer by about a hundred times.

    It ends within a billionth of a degree by far; nothing is nearer after so many steps that was not before.
    """
    longitude, latitude = x, y
    for _ in range(20):
        at_x, at_y = shift(longitude, latitude)
        longitude, latitude = longitude + (x - at_x), latitude + (y - at_y)
        if max(np.abs(x - at_x).max(initial=0), np.abs(y - at_y).max(initial=0)) < _NEAR:
            break
    return longitude, latitude


def _same(longitude: Numbers, latitude: Numbers) -> tuple[Numbers, Numbers]:
    return longitude, latitude


_SHIFTED: Mapping[str, _Shift] = {"": _same, "gcj02": _gcj02, "bd09": _bd09}
_UNSHIFTED: Mapping[str, _Shift] = {
    "": _same,
    "gcj02": partial(_unshifted, _gcj02),
    "bd09": partial(_unshifted, _bd09),
}

# --- What a file says ---------------------------------------------------------------------------------

_LONGEST_WKT = 20_000
_OLD_DATUM = re.compile("xian|beijing|krasov|西安|北京|1980|1954|pulkovo", re.IGNORECASE)
_CGCS2000 = re.compile("cgcs ?_?2000|china[ _]2000|china[ _]geodetic|国家大地", re.IGNORECASE)
_WGS84 = re.compile("wgs[ _]?(19)?84|world geodetic system 1984", re.IGNORECASE)
_EPSG = re.compile(r"(?:urn:(?:x-)?ogc:def:crs:)?EPSG:(?:[0-9.]*:)?([0-9]{4,6})", re.IGNORECASE)
_CRS84 = re.compile(r"urn:ogc:def:crs:OGC:[0-9.]*:CRS84|CRS84|OGC:CRS84", re.IGNORECASE)


def system_of_wkt(wkt: str) -> System:
    """The system that a .prj file describes, in ESRI's words or OGC's. Raises CoordinateProblem where it is none of SYSTEMS."""
    try:
        return _system_of(CRS.from_wkt(wkt.strip().removeprefix("\ufeff")[:_LONGEST_WKT]))
    except CRSError:
        raise CoordinateProblem(
            ".prj 文件不是坐标系的说明，读不懂。请重新导出，或去掉它，由您选择坐标系。",
            "The .prj file describes no coordinate system. Export it again, or leave it out and choose the system yourself.",
        ) from None


def system_of_name(name: str) -> System:
    """The system that the ``crs`` of a GeoJSON names (EPSG:4490, a URN, CRS84). Raises CoordinateProblem for any other."""
    named = name.strip()
    for shift in ("gcj02", "bd09"):
        if re.sub(r"[^a-z0-9]", "", named.lower()).endswith(shift):
            return SYSTEMS[shift]
    if _CRS84.fullmatch(named):
        return SYSTEMS["wgs84"]
    if found := _EPSG.fullmatch(named):
        try:
            return _system_of(CRS.from_epsg(int(found[1])))
        except CRSError:
            pass
    raise _unknown(named[:60])


def _system_of(crs: CRS) -> System:
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    base = crs.geodetic_crs
    datum = base.datum if base else None
    names = " ".join(one.name for one in (crs, base, datum) if one)
    if _OLD_DATUM.search(names):
        raise CoordinateProblem(
            f"文件的坐标系是 {crs.name[:60]}。1954 北京、1980 西安坐标系要有本地的转换参数才能准确转换，差几十到一百多米；"
            "请测绘部门转换成 CGCS2000 再导入。",
            f"The file is in {crs.name[:60]}. Beijing 1954 and Xian 1980 take local parameters to convert, without which they "
            "are off by tens of metres and more: have it converted to CGCS2000 first.",
        )
    is_cgcs2000, is_wgs84 = _CGCS2000.search(names), _WGS84.search(names)
    if not (is_cgcs2000 or is_wgs84):
        raise _unknown(crs.name[:60])
    is_in_degrees = all(math.isclose(axis.unit_conversion_factor, math.pi / 180) for axis in crs.axis_info[:2])
    if crs.is_geographic and is_in_degrees:
        return SYSTEMS["cgcs2000" if is_cgcs2000 else "wgs84"]
    if crs.is_projected and (found := _projected(crs, is_wgs84=bool(is_wgs84))):
        return found
    raise _unknown(crs.name[:60])


def _projected(crs: CRS, *, is_wgs84: bool) -> System | None:
    operation = crs.coordinate_operation
    if operation is None or any(axis.unit_conversion_factor != 1 for axis in crs.axis_info):
        return None
    if "pseudo" in operation.method_name.lower() or "auxiliary sphere" in operation.method_name.lower():
        return SYSTEMS["web"]
    given: dict[str, Any] = {parameter.name: parameter.value for parameter in operation.params}
    meridian, east = given.get("Longitude of natural origin"), given.get("False easting")
    scale = given.get("Scale factor at natural origin", 1)
    is_plain = given.get("Latitude of natural origin", 0) == given.get("False northing", 0) == 0
    if operation.method_name != "Transverse Mercator" or not is_plain or meridian is None or east is None:
        return None
    code = f"gk {meridian:g}" if east == 500_000 else f"zone {(east - 500_000) / 1_000_000:g}"
    if scale == 0.9996 and east == 500_000 and is_wgs84:
        code = f"utm {(meridian + 183) / 6:g}"
    elif scale != 1:
        return None
    found = SYSTEMS.get(code)
    return found if found and meridian == central_meridian(found) else None


def central_meridian(system: System) -> int | None:
    """The meridian (degrees east) that a projected system is about; None: it has none."""
    kind, _, number = system.code.partition(" ")
    match kind:
        case "gk":
            return int(number)
        case "zone":
            return int(number) * 3 if int(number) >= 25 else int(number) * 6 - 3
        case "utm":
            return int(number) * 6 - 183
    return None


def _unknown(name: str) -> CoordinateProblem:
    return CoordinateProblem(
        f"文件写的坐标系“{name}”这里不认得，可能是地方坐标系或自定的投影。请转换成 CGCS2000（经纬度，或 3 度、6 度带）再导入。",
        f"The file's coordinate system “{name}” is not known here; it may be a local one. Convert it to CGCS2000 (degrees, or 3- or "
        "6-degree zones) first.",
    )


# --- What the numbers can be --------------------------------------------------------------------------

# The country's west, south, east and north in degrees, rounded outwards; the latitudes of all longitudes are below these.
CHINA = (73.0, 3.0, 136.0, 54.0)
# Metres to the east of a meridian minus 500,000, from one side of the widest zones to the other, and north of the equator
_EAST, _NORTH = (100_000.0, 900_000.0), (1_900_000.0, 6_000_000.0)
_WEB_EAST, _WEB_NORTH = (8_100_000.0, 15_200_000.0), (1_900_000.0, 7_200_000.0)


@dataclass(frozen=True)
class Reading:
    """What numbers can be: a ``family``, of the ``zone`` before them (None: none); ``swapped``: the north stands first."""

    family: Family
    swapped: bool = False
    zone: int | None = None

    @property
    def systems(self) -> tuple[System, ...]:
        """Every system that has such numbers."""
        if self.family == "zoned":
            return (SYSTEMS[f"zone {self.zone}"],)
        return tuple(system for system in SYSTEMS.values() if system.family == self.family)


def readings(x: float, y: float) -> tuple[Reading, ...]:
    """What a pair of numbers can be, by their sizes; none: no place of the country in any system that is known."""
    return (*_readings(x, y, swapped=False), *_readings(y, x, swapped=True))


def _readings(x: float, y: float, *, swapped: bool) -> list[Reading]:
    found = []
    west, south, east, north = CHINA
    if west <= x <= east and south <= y <= north:
        found.append(Reading("degrees", swapped))
    if _within(x, _EAST) and _within(y, _NORTH):
        found.append(Reading("metres", swapped))
    zone = int(x // 1_000_000) if np.isfinite(x) else 0
    if f"zone {zone}" in SYSTEMS and _within(x - zone * 1_000_000, _EAST) and _within(y, _NORTH):
        found.append(Reading("zoned", swapped, zone))
    if _within(x, _WEB_EAST) and _within(y, _WEB_NORTH):
        found.append(Reading("web", swapped))
    return found


def _within(number: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= number <= limits[1]


# West, south, east and north of the provinces by the first two digits of their codes (GB/T 2260), rounded outwards to degrees
_PROVINCES: Mapping[str, tuple[int, int, int, int]] = {
    "11": (115, 39, 118, 42),
    "12": (116, 38, 119, 41),
    "13": (113, 36, 120, 43),
    "14": (110, 34, 115, 41),
    "15": (97, 37, 127, 54),
    "21": (118, 38, 126, 44),
    "22": (121, 40, 132, 47),
    "23": (121, 43, 136, 54),
    "31": (120, 30, 123, 32),
    "32": (116, 30, 123, 36),
    "33": (118, 27, 124, 32),
    "34": (114, 29, 120, 35),
    "35": (115, 23, 121, 29),
    "36": (113, 24, 119, 31),
    "37": (114, 34, 123, 39),
    "41": (110, 31, 117, 37),
    "42": (108, 29, 117, 34),
    "43": (108, 24, 115, 31),
    "44": (109, 20, 118, 26),
    "45": (104, 20, 113, 27),
    "46": (108, 3, 119, 21),
    "50": (105, 28, 111, 33),
    "51": (97, 26, 109, 35),
    "52": (103, 24, 110, 30),
    "53": (97, 21, 107, 30),
    "54": (78, 26, 100, 37),
    "61": (105, 31, 112, 40),
    "62": (92, 32, 109, 43),
    "63": (89, 31, 104, 40),
    "64": (104, 35, 108, 40),
    "65": (73, 34, 97, 50),
    "71": (116, 20, 125, 27),
    "81": (113, 22, 115, 23),
    "82": (113, 22, 114, 23),
}


def bounds_of(code: str) -> tuple[float, float, float, float]:
    """West, south, east and north (degrees) that a place of that code lies within: its province's, else the country's."""
    return _PROVINCES.get(code[:2], CHINA) if len(code) >= 9 else CHINA
