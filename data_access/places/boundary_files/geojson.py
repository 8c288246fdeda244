"""GeoJSON (RFC 7946, and the ``crs`` of 2008), in UTF-8 with or without a mark, UTF-16 or GB18030."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any

from data_access.places.boundary_files.layers import Feature, Layer, area, damaged, layer, no_numbers, texts
from data_access.places.coordinates import System, system_of_name

_AREAS = {"Polygon", "MultiPolygon"}


def read_geojson(content: bytes, name: str) -> Layer:
    """The layer of a FeatureCollection, a Feature or a geometry. Raises BoundaryProblem, CoordinateProblem."""
    try:
        said = json.loads(_decoded(content))
    except (ValueError, RecursionError):
        raise damaged("GeoJSON") from None
    features: list[Feature] = []
    other = 0
    try:
        for attributes, geometry in _features(said):
            if polygons := list(_polygons(geometry)):
                features.append(Feature(texts(attributes), area(polygons)))
            else:
                other += 1
    except (TypeError, KeyError, AttributeError, IndexError):
        raise damaged("GeoJSON") from None
    return layer(name, features, _declared(said), other)


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _features(said: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    if said["type"] == "FeatureCollection":
        for feature in said["features"]:
            # Some write what names a feature beside its properties.
            yield {"id": feature.get("id"), **(feature.get("properties") or {})}, feature.get("geometry")
    elif said["type"] == "Feature":
        yield {"id": said.get("id"), **(said.get("properties") or {})}, said.get("geometry")
    else:
        yield {}, said


def _polygons(geometry: Any) -> Iterator[list[Any]]:
    if geometry is None:
        return
    if geometry["type"] == "GeometryCollection":
        for part in geometry["geometries"]:
            # A collection within one is of no use to anybody.
            if part["type"] in _AREAS:
                yield from _polygons(part)
    elif geometry["type"] in _AREAS:
        found = geometry["coordinates"]
        polygons = [found] if geometry["type"] == "Polygon" else found
        if not isinstance(polygons, list):
            raise no_numbers()
        yield from polygons


def _declared(said: Any) -> System | None:
    """RFC 7946 has WGS84 alone, which many files are not in that say nothing: so nothing is what these say."""
    crs = said.get("crs")
    name = crs.get("properties", {}).get("name") if isinstance(crs, dict) and crs.get("type") == "name" else None
    return system_of_name(name) if isinstance(name, str) else None
