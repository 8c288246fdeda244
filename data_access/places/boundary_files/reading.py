"""Opens a file of boundaries, whatever its name says it is: GeoJSON, KML, KMZ, a shapefile, or a zip of these."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from data_access.places.boundary_files.geojson import read_geojson
from data_access.places.boundary_files.kml import read_kml
from data_access.places.boundary_files.layers import (
    LARGEST,
    LARGEST_UNPACKED,
    BoundaryProblem,
    Layer,
    NoAreas,
    damaged,
    too_large,
)
from data_access.places.boundary_files.shapefiles import read_shapefile

_ZIP, _SHAPEFILE = b"PK\x03\x04", b"\x00\x00\x27\x0a"
_PARTS = frozenset({".shp", ".dbf", ".prj", ".cpg"})
_WHOLE = frozenset({".geojson", ".json", ".kml"})
_MOST_MEMBERS = 1_000
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# What programs put beside files
_HIDDEN = ("__MACOSX/", ".")


def read_layers(path: Path) -> tuple[Layer, ...]:
    """The layers of a file. Raises BoundaryProblem, CoordinateProblem."""
    try:
        if path.stat().st_size > LARGEST:
            raise too_large()
        content = path.read_bytes()
    except OSError as error:
        raise BoundaryProblem(
            f"打不开文件 {path.name}（{error.strerror}）。", f"Cannot open the file {path.name} ({error.strerror})."
        ) from None
    if content.startswith(_ZIP):
        return _unpacked(path)
    if content.startswith(_SHAPEFILE):
        beside = {one.suffix.lower(): one for one in path.parent.iterdir() if one.stem == path.stem}
        if any(one.stat().st_size > LARGEST for ending, one in beside.items() if ending in _PARTS):
            raise too_large()
        parts = {ending: one.read_bytes() for ending, one in beside.items() if ending in _PARTS}
        return (read_shapefile({**parts, ".shp": content}, path.stem),)
    return (_whole(content, path.stem),)


def _whole(content: bytes, name: str) -> Layer:
    begin = content[:64]
    for mark in _MARKS:
        begin = begin.removeprefix(mark)
    begin = begin.replace(b"\x00", b"").lstrip()
    if begin.startswith(b"<"):
        return read_kml(content, name)
    if begin.startswith(b"{"):
        return read_geojson(content, name)
    raise BoundaryProblem(
        "这不是认得的边界文件。请用 GeoJSON、KML、KMZ，或把 Shapefile 的各个文件（.shp、.shx、.dbf、.prj、.cpg）打成一个 zip。",
        "This is no file of boundaries that is known. Use GeoJSON, KML, KMZ, or a zip of a shapefile's files (.shp, .shx, .dbf, .prj, "
        ".cpg).",
    )


def _unpacked(path: Path) -> tuple[Layer, ...]:
    found: dict[str, dict[str, bytes]] = {}
    try:
        with zipfile.ZipFile(path) as packed:
            members = [one for one in packed.infolist() if not one.is_dir() and not _is_hidden(one.filename)]
            wanted = [one for one in members if PurePosixPath(one.filename).suffix.lower() in _PARTS | _WHOLE]
            if len(members) > _MOST_MEMBERS or sum(one.file_size for one in wanted) > LARGEST_UNPACKED:
                raise too_large()
            left = LARGEST_UNPACKED
            for one in wanted:
                # What a zip says of its sizes may be untrue.
                with packed.open(one) as file:
                    content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise too_large()
                name = PurePosixPath(one.filename)
                found.setdefault(str(name.with_suffix("")), {})[name.suffix.lower()] = content
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error):
        # A password is a RuntimeError.
        raise damaged("zip") from None
    layers: list[Layer] = []
    for stem, parts in found.items():
        # Roads, and the seats of townships, often come along.
        with suppress(NoAreas):
            if layer := _layer(parts, _named(stem)):
                layers.append(layer)
    if layers:
        return tuple(layers)
    raise BoundaryProblem(
        "zip 里没有边界：要有面的 .shp 和 .dbf，或 .geojson，或 .kml。",
        "The zip has no areas: .shp and .dbf, .geojson or .kml.",
    )


def _layer(parts: Mapping[str, bytes], name: str) -> Layer | None:
    if ".shp" in parts:
        return read_shapefile(parts, name)
    for ending in _WHOLE:
        if ending in parts:
            return _whole(parts[ending], name)
    return None


def _is_hidden(name: str) -> bool:
    return name.startswith(_HIDDEN[0]) or PurePosixPath(name).name.startswith(_HIDDEN[1])


def _named(stem: str) -> str:
    """Chinese names that a zip does not say the characters of come as those of the first PCs."""
    name = PurePosixPath(stem).name
    try:
        return name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name
