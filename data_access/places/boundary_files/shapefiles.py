"""Shapefiles: .shp and .dbf, in the characters that .cpg or .dbf say or are found to be, and .prj where there is one."""

from __future__ import annotations

import codecs
import io
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

import shapefile  # type: ignore[import-untyped]  # pyshp has no types

from data_access.places.boundary_files.layers import BoundaryProblem, Feature, Layer, area, damaged, layer, texts
from data_access.places.coordinates import System, system_of_wkt

# Byte 29 of a .dbf: the driver's number of Chinese, simplified
_LANGUAGE_DRIVER, _GBK_DRIVERS = 29, {0x4D, 0x7A}
# So many bytes at the end of a text may be a character that its column had no room for.
_LONGEST_CHARACTER = 4
_AREAS = {shapefile.POLYGON, shapefile.POLYGONM, shapefile.POLYGONZ}


def read_shapefile(parts: Mapping[str, bytes], name: str) -> Layer:
    """The layer of a shapefile, of the contents of its parts by their endings (``.shp`` …). Raises BoundaryProblem, CoordinateProblem."""
    if ".dbf" not in parts:
        raise BoundaryProblem(
            "Shapefile 缺 .dbf 文件，边界没有名称和代码。请把 .shp、.shx、.dbf、.prj、.cpg 一起打成一个 zip。",
            "The shapefile's .dbf is missing, so that no boundary has a name or a code. Pack .shp, .shx, .dbf, .prj and .cpg into a zip.",
        )
    declared = _declared(parts.get(".prj", b""))
    try:
        with warnings.catch_warnings():
            # It warns of what it makes of damaged files; what is wrong in them is found here.
            warnings.simplefilter("ignore")
            # Characters are kept as bytes, so that they can be tried.
            reader = shapefile.Reader(shp=io.BytesIO(parts[".shp"]), dbf=io.BytesIO(parts[".dbf"]), encoding="latin-1")
            shapes = list(reader.iterShapes())
            # Rows that were deleted keep their places.
            rows = [row and row.as_dict() for row in reader.iterRecords(deleted_as_None=True)]
        features, other = [], 0
        attributes = _decoded(rows, parts)
        for shape, row, said in zip(shapes, rows, attributes, strict=True):
            if row is None:
                continue
            if shape.shapeType in _AREAS:
                polygons = shape.__geo_interface__
                found = polygons["coordinates"]
                features.append(Feature(said, area([found] if polygons["type"] == "Polygon" else found)))
            elif shape.shapeType != shapefile.NULL:
                other += 1
    except BoundaryProblem:
        raise
    except Exception:  # noqa: BLE001 pyshp raises every kind of error for damaged files
        raise damaged("Shapefile") from None
    return layer(name, features, declared, other)


def _declared(prj: bytes) -> System | None:
    words = prj.removeprefix(codecs.BOM_UTF8).strip(b"\x00 \r\n\t")
    return system_of_wkt(words.decode("utf-8", "replace")) if words else None


def _decoded(rows: Sequence[Mapping[str, Any] | None], parts: Mapping[str, bytes]) -> list[dict[str, str]]:
    """What is said of each row, in the first encoding that all texts are whole in."""
    held = [text for row in rows for text in _held(row)]
    encoding = next((name for name in _encodings(parts) if _is_in(held, name)), "gb18030")
    return [
        texts(
            {
                _text(name, encoding): _text(value, encoding) if isinstance(value, str) else _plain(value)
                for name, value in (row or {}).items()
            }
        )
        for row in rows
    ]


def _held(row: Mapping[str, Any] | None) -> Iterable[bytes]:
    return (text.encode("latin-1") for pair in (row or {}).items() for text in pair if isinstance(text, str))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _encodings(parts: Mapping[str, bytes]) -> list[str]:
    said = parts.get(".cpg", b"").decode("ascii", "ignore").strip().lower().removeprefix("ansi ").removeprefix("cp")
    found = []
    if said in ("936", "gbk", "gb2312", "gb18030", "54936") or parts[".dbf"][_LANGUAGE_DRIVER] in _GBK_DRIVERS:
        found.append("gb18030")
    elif said and said not in ("oem", "65001"):
        with suppress(LookupError):
            found.append(codecs.lookup(said).name)
    return [*found, "utf-8", "gb18030"]


def _is_in(held: Iterable[bytes], encoding: str) -> bool:
    for text in held:
        try:
            text.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(text) - _LONGEST_CHARACTER:
                return False
    return True


def _text(latin: str, encoding: str) -> str:
    return latin.encode("latin-1").decode(encoding, "ignore").strip()
