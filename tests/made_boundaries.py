"""Boundaries of a county that nobody lives in, for the townships and villages of any county: drawn by a program."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Engine, func, insert, select

from data_access.places.boundaries import Level, Outline
from data_access.places.coordinates import SYSTEMS, from_cgcs2000
from data_access.places.tables import boundary, boundary_file, township, village

# Degrees: the lower left corner, and how far the county reaches
WEST, SOUTH, EAST_WEST, NORTH_SOUTH = 103.2, 37.1, 0.62, 0.44

Place = tuple[str, str]


def made_outlines(townships: Mapping[Place, Sequence[Place]]) -> tuple[tuple[Outline, ...], tuple[Outline, ...]]:
    """Outlines of townships (code, name) and of their villages.

    Borders are crooked. The second township has a piece within the first, which has a hole there.
    """
    county = shapely.Point(0.5, 0.5).buffer(0.5, quad_segs=24)
    shapes = [_crooked(cell) for cell in _cells(county, len(townships), seed=1)]
    if len(shapes) > 1:
        lost = shapely.maximum_inscribed_circle(shapes[0])
        piece = shapely.Point(lost.coords[0]).buffer(lost.length * 0.3, quad_segs=6)
        shapes[0], shapes[1] = shapes[0].difference(piece), shapes[1].union(piece)
    of_townships, of_villages = [], []
    for seed, (((code, name), villages), shape) in enumerate(zip(townships.items(), shapes, strict=True)):
        of_townships.append(_outline(code, name, code, shape))
        cells = _cells(shape, len(villages), seed=100 + seed)
        of_villages += [_outline(*place, code, cell) for place, cell in zip(villages, cells, strict=True)]
    return tuple(of_townships), tuple(of_villages)


def add_boundaries(engine: Engine, outlines: Sequence[Outline], level: Level) -> None:
    """Put outlines into a county's database as a file of them would."""
    with engine.begin() as connection:
        number = 1 + (connection.scalar(select(func.max(boundary_file.c.number))) or 0)
        connection.execute(
            insert(boundary_file).values(
                number=number,
                name="made.geojson",
                system="cgcs2000",
                is_stated=False,
                loaded_by="",
                loaded_at=datetime(2024, 1, 1),
            )
        )
        rows = [
            {
                "level": level,
                "code": outline.code,
                "township_code": outline.township_code,
                "file_number": number,
                "outline": json.dumps(outline.polygons),
                "label_lon": outline.label[0],
                "label_lat": outline.label[1],
            }
            for outline in outlines
        ]
        connection.execute(insert(boundary), rows)


def give_boundaries(engine: Engine) -> None:
    """Outlines for all townships and villages that a county's database has."""
    with engine.connect() as connection:
        townships = {
            (code, name): connection.execute(
                select(village.c.code, village.c.name).where(village.c.township_code == code).order_by(village.c.code)
            ).all()
            for code, name in connection.execute(select(township.c.code, township.c.name).order_by(township.c.code))
        }
    of_townships, of_villages = made_outlines(
        {place: [tuple(one) for one in found] for place, found in townships.items()}
    )
    add_boundaries(engine, of_townships, "township")
    add_boundaries(engine, of_villages, "village")


def as_in(place: tuple[float, float], system: str) -> tuple[float, float]:
    """A place (degrees of CGCS2000) as a system has it, to a centimetre."""
    lon, lat = from_cgcs2000(*(np.array([degrees]) for degrees in place), SYSTEMS[system])
    return round(float(lon[0]), 7), round(float(lat[0]), 7)


def points(content: dict[str, Any]) -> list[str]:
    """What pointing at the points of a map says, in the order in which they are gone through: from the last drawn."""
    traces = (trace for trace in content["figure"]["data"] if trace.get("meta") == "points")
    return [words for trace in traces for words in reversed(trace["hovertext"])]


def _cells(within: shapely.Geometry, count: int, seed: int) -> list[shapely.Geometry]:
    """So many parts of a shape, of about the same size: Voronoi cells, moved to their middles a few times (Lloyd)."""
    if not count:
        return []
    chance = Random(seed)  # noqa: S311
    left, low, right, high = within.bounds
    points: list[shapely.Point] = []
    while len(points) < count:
        point = shapely.Point(chance.uniform(left, right), chance.uniform(low, high))
        if within.contains(point):
            points.append(point)
    if count == 1:
        return [within]
    for _ in range(4):
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=within, ordered=True))
        parts = [cell.intersection(within) for cell in cells]
        points = [part.representative_point() if not part.contains(part.centroid) else part.centroid for part in parts]
    return parts


def _crooked(cell: shapely.Polygon) -> shapely.Polygon:
    """The cell with crooked edges; those of neighbours, which have the same ends, alike."""
    corners = [(round(x, 9), round(y, 9)) for x, y in cell.exterior.coords]
    ring = [point for edge in pairwise(corners) for point in _edge(*edge)[:-1]]
    return shapely.Polygon(ring).buffer(0)


def _edge(start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
    if start > end:
        return _edge(end, start)[::-1]
    points = [start, end]
    chance = Random(repr(points))  # noqa: S311
    for _ in range(4):
        finer = [points[0]]
        for (x0, y0), (x1, y1) in pairwise(points):
            off = chance.uniform(-0.14, 0.14)
            finer += [((x0 + x1) / 2 - off * (y1 - y0), (y0 + y1) / 2 + off * (x1 - x0)), (x1, y1)]
        points = finer
    return points


def _outline(code: str, name: str, township_code: str, shape: shapely.Geometry) -> Outline:
    def ring(line: shapely.LinearRing) -> tuple[tuple[float, float], ...]:
        return tuple((round(WEST + x * EAST_WEST, 6), round(SOUTH + y * NORTH_SOUTH, 6)) for x, y in line.coords)

    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area]
    polygons = tuple((ring(part.exterior), *map(ring, part.interiors)) for part in parts)
    label = max(parts, key=shapely.area).representative_point()
    return Outline(code, name, township_code, polygons, (WEST + label.x * EAST_WEST, SOUTH + label.y * NORTH_SOUTH))
