"""A county that is nowhere, its boundaries by a program, and files of them in every guise."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapefile
import shapely
from shapely import Geometry

from data_access.importing.places import Places
from data_access.places.coordinates import SYSTEMS, from_cgcs2000

# Its villages lie around here, in a province that the codes name.
LONGITUDE, LATITUDE, COUNTY = 118.6, 36.1, "379901"
TOWNSHIP_NAMES = ("城关街道", "东河街道", "石桥镇", "青山镇", "柳林镇", "双泉镇", "白沙镇", "大湾乡", "云台乡")


@dataclass(frozen=True)
class Made:
    """The townships' and villages' shapes (degrees of CGCS2000) and names, by code, and the villages' townships."""

    townships: Mapping[str, Geometry]
    villages: Mapping[str, Geometry]
    names: Mapping[str, str]
    owners: Mapping[str, str]

    @property
    def places(self) -> Places:
        """The registers, as files are matched with."""
        villages = {(self.owners[code], word): code for code in self.villages for word in (code, self.names[code])}
        names = {code: self.names[code] for code in self.townships}
        townships = {word: code for code, name in names.items() for word in (code, name)}
        return Places(townships, villages, {}, {}, names, {}, dict(self.owners))


def made_county(villages: int = 60, townships: int = 9, corners: float = 0.002) -> Made:
    """Cells around random places, whose edges are bent alike on both sides; townships are of the nearest villages.

    ``corners``: about how far these are apart, in degrees.
    """
    random = np.random.default_rng(20260101)
    size = 0.045 * math.sqrt(villages)
    seeds = np.array((LONGITUDE, LATITUDE)) + random.uniform(-size / 2, size / 2, (villages, 2))
    middles = seeds[:townships]
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=shapely.box(*_box(size)), ordered=True)
    )
    cells = shapely.segmentize(shapely.intersection(cells, shapely.box(*_box(size))), corners)
    cells = shapely.coverage_clean(shapely.set_precision(shapely.transform(cells, _bent), 1e-7, mode="pointwise"))
    owner = np.hypot(*(seeds[:, None] - middles[None]).transpose(2, 0, 1)).argmin(axis=1)
    codes = [f"{COUNTY}{100 + place:03d}" for place in range(townships)]
    shapes, names, owners = {}, {}, {}
    for place, cell in enumerate(cells):
        code = f"{codes[owner[place]]}{200 + place:03d}"
        shapes[code], owners[code] = cell, codes[owner[place]]
        names[code] = "".join("王李张刘陈杨赵黄周吴"[int(digit)] for digit in f"{place:03d}") + "村"
    whole = {
        code: shapely.coverage_union_all([cell for cell, one in zip(cells, owner, strict=True) if one == place])
        for place, code in enumerate(codes)
    }
    names |= {
        code: TOWNSHIP_NAMES[place] if place < len(TOWNSHIP_NAMES) else f"第{place}镇"
        for place, code in enumerate(codes)
    }
    return Made(whole, shapes, names, owners)


def _box(size: float) -> tuple[float, float, float, float]:
    half = size / 2 + 0.02
    return LONGITUDE - half, LATITUDE - half, LONGITUDE + half, LATITUDE + half


def _bent(numbers: Any) -> Any:
    """The same place is bent to the same place, whoever's edge it is on."""
    x, y = numbers[:, 0], numbers[:, 1]
    return np.column_stack(
        (x + 0.002 * np.sin(170 * y) + 0.0004 * np.sin(700 * y), y + 0.002 * np.sin(150 * x) + 0.0004 * np.sin(650 * x))
    )


# --- Files ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """The features of a file: what is said of each, and its shape in the file's coordinates."""

    attributes: Sequence[Mapping[str, str]]
    shapes: Sequence[Geometry]


def rows_of(made: Made, shapes: Mapping[str, Geometry], system: str, *, swapped: bool = False) -> Rows:
    """Features with codes and names, in a system; ``swapped``: the north first."""

    def convert(numbers: Any) -> Any:
        x, y = from_cgcs2000(numbers[:, 0], numbers[:, 1], SYSTEMS[system])
        return np.column_stack((y, x) if swapped else (x, y))

    attributes = [{"XZQDM": code, "XZQMC": made.names[code]} for code in shapes]
    return Rows(attributes, list(shapely.transform(np.array(list(shapes.values())), convert)))


def geojson(rows: Rows, *, crs: str | None = None, encoding: str = "utf-8") -> bytes:
    """A FeatureCollection."""
    features = [
        {"type": "Feature", "properties": dict(said), "geometry": json.loads(shapely.to_geojson(shape))}
        for said, shape in zip(rows.attributes, rows.shapes, strict=True)
    ]
    said = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    return json.dumps({"type": "FeatureCollection", **said, "features": features}, ensure_ascii=False).encode(encoding)


def kml(rows: Rows) -> bytes:
    """A KML with a placemark for each feature."""

    def ring(kind: str, line: Any) -> str:
        places = " ".join(f"{x!r},{y!r},0" for x, y in np.asarray(line.coords).tolist())
        return f"<{kind}><LinearRing><coordinates>{places}</coordinates></LinearRing></{kind}>"

    def placemark(said: Mapping[str, str], shape: Any) -> str:
        polygons = "".join(
            f"<Polygon>{ring('outerBoundaryIs', one.exterior)}{''.join(ring('innerBoundaryIs', i) for i in one.interiors)}</Polygon>"
            for one in shapely.get_parts(shape)
        )
        data = f'<ExtendedData><Data name="code"><value>{said["XZQDM"]}</value></Data></ExtendedData>'
        return f"<Placemark><name>{said['XZQMC']}</name>{data}<MultiGeometry>{polygons}</MultiGeometry></Placemark>"

    marks = "".join(map(placemark, rows.attributes, rows.shapes))
    return f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'.encode()


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip of these."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return file.getvalue()


def shapefile_parts(
    rows: Rows, *, encoding: str = "gb18030", prj: str | None = None, cpg: str | None = None
) -> dict[str, bytes]:
    """The parts of a shapefile, by their endings."""
    shp, shx, dbf = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with shapefile.Writer(shp=shp, shx=shx, dbf=dbf, encoding=encoding, shapeType=shapefile.POLYGON) as writer:
        for name in rows.attributes[0]:
            writer.field(name, "C", 60)
        for said, shape in zip(rows.attributes, rows.shapes, strict=True):
            writer.record(**said)
            # Outsides run clockwise here.
            writer.poly(
                [
                    _turned(ring, clockwise=not place)
                    for one in shapely.get_parts(shape)
                    for place, ring in enumerate(shapely.get_rings(one))
                ]
            )
    parts = {".shp": shp.getvalue(), ".shx": shx.getvalue(), ".dbf": dbf.getvalue()}
    return parts | ({".prj": prj.encode()} if prj else {}) | ({".cpg": cpg.encode()} if cpg else {})


def _turned(ring: Any, *, clockwise: bool) -> Any:
    places = np.asarray(ring.coords)
    return (places[::-1] if shapely.is_ccw(ring) == clockwise else places).tolist()


def shapefile_zip(rows: Rows, name: str = "乡镇界", **said: Any) -> bytes:
    """A shapefile's parts in a zip."""
    return zipped({f"{name}{ending}": content for ending, content in shapefile_parts(rows, **said).items()})
