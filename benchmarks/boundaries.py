"""How long files of boundaries take: ``python -m benchmarks.boundaries [--villages N] [--corners DEGREES]``.

A made-up county's villages in the usual kinds of files: read, matched, checked against what the county has, and simplified.
Beside each: the same shapes read from GeoJSON by shapely alone.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import shapely

from data_access.places.boundary_files.checking import areas_of, check
from data_access.places.boundary_files.reading import read_layers
from data_access.places.coordinates import SYSTEMS
from tests.boundary_county import geojson, kml, made_county, rows_of, shapefile_zip, zipped


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = work()
    return (time.perf_counter() - started) * 1000, found


def main() -> None:
    """Print a line for each kind of file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--villages", type=int, default=714)
    parser.add_argument("--townships", type=int, default=16)
    parser.add_argument("--corners", type=float, default=0.0005, help="degrees between two corners")
    given = parser.parse_args()
    made = made_county(given.villages, given.townships, given.corners)
    rows = {code: rows_of(made, made.villages, code) for code in ("gcj02", "zone 40")}
    corners = shapely.get_num_coordinates(rows["gcj02"].shapes).sum()
    print(f"{given.villages} villages, {corners:,} corners")
    texts = [shapely.to_geojson(shape) for shape in rows["gcj02"].shapes]
    plain = min(_timed(lambda: shapely.from_geojson(texts))[0] for _ in range(3))
    print(f"shapely alone, of GeoJSON: {plain:.0f} ms")
    files = {
        "a.geojson": (geojson(rows["gcj02"]), "gcj02"),
        "a.zip": (shapefile_zip(rows["zone 40"]), "zone 40"),
        "a.kmz": (zipped({"doc.kml": kml(rows["gcj02"])}), "gcj02"),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, (content, code) in files.items():
            path = Path(folder) / name
            path.write_bytes(content)
            reading, (layer,) = _timed(lambda path=path: read_layers(path))
            matching, areas = _timed(lambda layer=layer: areas_of(layer, made.places, made.names))
            system = SYSTEMS[code]
            first, found = _timed(lambda areas=areas, system=system: check(areas, system, ()))
            again, _ = _timed(lambda areas=areas, system=system, found=found: check(areas, system, found.outlines))
            left = sum(len(ring) for one in found.outlines for polygon in one.polygons for ring in polygon)
            print(
                f"{name:10} {len(content) / 1e6:5.1f} MB  read {reading:5.0f} ms  matched {matching:4.0f}  checked and simplified "
                f"{first:5.0f}, beside what there is {again:5.0f}  {left:,} corners left; read {reading / plain:.1f} times, all "
                f"{(reading + matching + first) / plain:.1f} times shapely alone"
            )


if __name__ == "__main__":
    main()
