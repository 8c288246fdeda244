"""Files of boundaries in every guise: each comes to the place that it is of, or is refused, or asked about."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import CRS

from data_access.places.boundaries import Outline
from data_access.places.boundary_files.checking import Areas, Checked, areas_of, check, shape_of
from data_access.places.boundary_files.layers import Layer
from data_access.places.boundary_files.reading import read_layers
from data_access.places.coordinates import SYSTEMS
from tests.boundary_county import (
    Made,
    Rows,
    geojson,
    kml,
    made_county,
    rows_of,
    shapefile_zip,
    zipped,
)

METRE = 1 / 111_320


@pytest.fixture(scope="module")
def made() -> Made:
    return made_county()


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
        # The first file of a county: only shifts cannot be seen, and then it is said so.
        first = check(found, system, ())
        if system.code not in right:
            assert not silent(first) or found.systems == (system,) or system.family == "metres"
