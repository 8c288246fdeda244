"""Boundaries made fit for a map: neighbours share their edges, with no more corners than a screen shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry

from data_access.places.boundaries import Point, Ring

Shapes = NDArray[Any]
_METRES_A_DEGREE = 111_320.0
# The map of the whole, or of a township's villages, is so many pixels wide.
_PIXELS = 1000
# Six decimals of a degree are a tenth of a metre.
_DECIMALS = 6
# Square metres of overlap that are of drawing alone
_OVERLAP = 1_000.0


@dataclass(frozen=True)
class Plane:
    """Shapes in metres around a middle (degrees), true enough for a county."""

    shapes: Shapes
    middle: Point

    @property
    def _scale(self) -> NDArray[np.float64]:
        return np.array([_METRES_A_DEGREE * np.cos(np.radians(self.middle[1])), _METRES_A_DEGREE])

    def degrees(self, shapes: Shapes) -> Iterator[tuple[tuple[tuple[Ring, ...], ...], Point]]:
        """Of each of such shapes its polygons in degrees, and a point inside where its name has most room."""
        for shape in shapes:
            parts = sorted(shapely.get_parts(shape), key=shapely.area, reverse=True)
            inside = shapely.get_coordinates(shapely.maximum_inscribed_circle(parts[0], tolerance=_room(parts[0])))[0]
            yield tuple(self._polygon(part) for part in parts), self._points(inside[None, :])[0]

    def _polygon(self, part: Geometry) -> tuple[Ring, ...]:
        # The outside first
        rings = shapely.get_rings(part)
        return tuple(self._points(shapely.get_coordinates(ring)) for ring in rings)

    def _points(self, metres: NDArray[np.float64]) -> Ring:
        numbers = np.round(metres / self._scale + np.array(self.middle), _DECIMALS)
        return tuple((float(x), float(y)) for x, y in numbers)


def _room(part: Geometry) -> float:
    """How near to the best place a name's is, in metres: a hundredth of the part's size."""
    return max(float(np.sqrt(shapely.area(part))) / 100, 0.1)


def plane(shapes: Shapes) -> Plane:
    """Shapes in degrees as shapes in metres."""
    west, south, east, north = shapely.total_bounds(shapes)
    flat = Plane(shapes, ((west + east) / 2, (south + north) / 2))
    return Plane(
        shapely.transform(shapes, lambda numbers: (numbers - np.array(flat.middle)) * flat._scale), flat.middle
    )


@dataclass(frozen=True)
class Joining:
    """What was not as it should be between neighbours.

    ``overlaps``: two positions, and how much of the smaller; ``unmatched``: how many shapes have edges that are not their
    neighbours', too; ``closed``: square metres of gaps that were closed.
    """

    overlaps: tuple[tuple[int, int, float], ...] = ()
    unmatched: int = 0
    closed: float = 0.0


def pixel(shapes: Shapes, maps: int) -> float:
    """How many metres of shapes (in metres) are a pixel, on ``maps`` maps of equal parts."""
    return float(np.sqrt(shapely.area(shapes).sum() / maps)) / _PIXELS


def joined(shapes: Shapes, gap: float) -> tuple[Shapes, Joining]:
    """Shapes (metres) of which none overlaps another, and neighbours have the same edges; gaps narrower than ``gap`` are closed."""
    if shapely.coverage_is_valid(shapes, gap_width=gap):
        return shapes, Joining()
    unmatched = int((~shapely.is_empty(shapely.coverage_invalid_edges(shapes))).sum())
    sizes = shapely.area(shapes)
    ones, others = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    ones, others = ones[ones < others], others[ones < others]
    common = shapely.area(shapely.intersection(shapes[ones], shapes[others]))
    shares = common / np.minimum(sizes[ones], sizes[others])
    overlaps = [
        (int(one), int(other), float(share))
        for one, other, share, size in zip(ones, others, shares, common, strict=True)
        if size > _OVERLAP
    ]
    # What two have is the smaller one's: whole townships lie within others.
    clean = shapely.coverage_clean  # type: ignore[attr-defined]  # newer than its types
    found = clean(shapes, gap_width=gap, merge_strategy="min_area")
    closed = float(shapely.area(found).sum() - shapely.area(shapely.union_all(shapes))) if unmatched else 0.0
    # One that is another's double would be gone.
    kept = np.where(shapely.area(found) > sizes / 2, found, shapes)
    return kept, Joining(tuple(sorted(overlaps, key=lambda pair: -pair[2])), unmatched, max(closed, 0.0))


def simplified(shapes: Shapes, tolerance: float) -> Shapes:
    """Shapes (metres) with the corners that are seen at a tolerance; edges that two share stay shared."""
    found: Shapes = shapely.coverage_simplify(shapes, tolerance=tolerance)
    return found
