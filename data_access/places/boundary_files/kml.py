"""KML: placemarks with polygons, in folders or not."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from lxml import etree  # type: ignore[import-untyped]  # lxml has no types

from data_access.places.boundary_files.layers import Feature, Layer, Ring, area, damaged, layer, no_numbers, texts

_DOCUMENT_TYPE = re.compile(b"|".join("<!DOCTYPE".encode(name) for name in ("ascii", "utf-16-le", "utf-16-be")))


def read_kml(content: bytes, name: str) -> Layer:
    """The layer of a KML's placemarks. Raises BoundaryProblem.

    The standard has WGS84 alone, which not all that write KML keep to: the file says nothing of its system.
    """
    # No honest file has a document type; one that has may name other files, or grow without end.
    if _DOCUMENT_TYPE.search(content):
        raise damaged("KML")
    features: list[Feature] = []
    other = 0
    try:
        # Such events come when an element is whole; what was read is let go of.
        for _, placemark in etree.iterparse(
            io.BytesIO(content), tag="{*}Placemark", resolve_entities=False, no_network=True, load_dtd=False
        ):
            if polygons := list(_polygons(placemark)):
                features.append(Feature(texts(dict(_attributes(placemark))), area(polygons)))
            else:
                other += 1
            placemark.clear()
    except etree.XMLSyntaxError:
        raise damaged("KML") from None
    return layer(name, features, None, other)


def _attributes(placemark: Any) -> Iterator[tuple[str, str]]:
    yield "name", placemark.findtext("{*}name", "")
    for data in placemark.iterfind("{*}ExtendedData/{*}Data"):
        yield data.get("name", ""), data.findtext("{*}value", "")
    for data in placemark.iterfind("{*}ExtendedData/{*}SchemaData/{*}SimpleData"):
        yield data.get("name", ""), data.text or ""


def _polygons(placemark: Any) -> Iterator[list[Ring]]:
    for polygon in placemark.iterfind(".//{*}Polygon"):
        outside = polygon.iterfind("{*}outerBoundaryIs/{*}LinearRing/{*}coordinates")
        holes = polygon.iterfind("{*}innerBoundaryIs/{*}LinearRing/{*}coordinates")
        yield [_ring(part.text or "") for part in (*outside, *holes)]


def _ring(coordinates: str) -> Ring:
    """Places are apart by blanks, and their numbers by commas, which some write blanks after."""
    places = re.sub(r"\s*,\s*", ",", coordinates).split()
    try:
        return np.array([place.split(",")[:2] for place in places], dtype=np.float64)
    except ValueError:
        raise no_numbers() from None
