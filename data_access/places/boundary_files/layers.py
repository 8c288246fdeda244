"""What every kind of file comes to: layers of areas with what is said of each, in the file's own coordinates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import Geometry, LinearRing, MultiPolygon, Polygon

from data_access.places.coordinates import System
from data_access.problems import Problem

MEGABYTE = 1 << 20
# Of a file, and of what is unpacked from it
LARGEST, LARGEST_UNPACKED = 64 * MEGABYTE, 192 * MEGABYTE
MOST_FEATURES, MOST_POINTS = 20_000, 3_000_000
# No attribute that names a place is longer.
_LONGEST_ATTRIBUTE = 200

# A ring's positions, of which the first two numbers count
Ring = Sequence[Sequence[float]] | np.ndarray[Any, np.dtype[np.float64]]


class BoundaryProblem(Problem):
    """A file of boundaries that cannot be used."""


class NoAreas(BoundaryProblem):
    """A layer without an area."""


@dataclass(frozen=True)
class Feature:
    """An area: what the file says of it (texts by the names of columns), and its shape (empty: it has none)."""

    attributes: Mapping[str, str]
    shape: Geometry

    @property
    def called(self) -> str:
        """What to call it where nobody knows whose it is: the first of its texts that is no number."""
        return next((text for text in self.attributes.values() if text and not _is_number(text)), "") or next(
            filter(None, self.attributes.values()), ""
        )


@dataclass(frozen=True)
class Layer:
    """The features of a layer; ``declared``: the system that the file says its coordinates are in (None: it says none).

    ``other``: how many features are points or lines.
    """

    name: str
    features: tuple[Feature, ...]
    declared: System | None
    other: int = 0


def area(polygons: Iterable[Sequence[Ring]]) -> Geometry:
    """The shape of polygons, each its outside and its holes. Rings of fewer than three places are no areas, and are left out.

    Raises BoundaryProblem for what are no numbers.
    """
    found: list[Polygon] = []
    for rings in polygons:
        made = [ring for ring in map(_ring, rings) if ring is not None]
        if made:
            found.append(Polygon(made[0], made[1:]))
    return MultiPolygon(found)


def _ring(positions: Ring) -> LinearRing | None:
    try:
        numbers = np.array([position[:2] for position in positions], dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise no_numbers() from None
    if len(numbers) == 0:
        return None
    if numbers.shape[1:] != (2,) or not np.isfinite(numbers).all():
        raise no_numbers()
    return LinearRing(numbers) if len(numbers) > 2 else None


def texts(attributes: Mapping[Any, Any]) -> dict[str, str]:
    """What is said of a feature, as texts: whole numbers without a fraction, nothing for what is nested."""
    found = {}
    for name, value in attributes.items():
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            found[str(name)] = " ".join(str(value).split())[:_LONGEST_ATTRIBUTE]
    return found


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).isdigit()


def layer(name: str, features: Sequence[Feature], declared: System | None, other: int) -> Layer:
    """The layer of these features. Raises BoundaryProblem where there is no area, or more than any county has."""
    if not features:
        found = ("只有点或线，没有面", "has points and lines, and no areas") if other else ("里没有面", "has no areas")
        raise NoAreas(f"文件{found[0]}。边界要是面（Polygon）。", f"The file {found[1]}: boundaries are polygons.")
    if len(features) > MOST_FEATURES or sum(shapely.get_num_coordinates(one.shape) for one in features) > MOST_POINTS:
        raise too_large()
    return Layer(name, tuple(features), declared, other)


def too_large() -> BoundaryProblem:
    """The file, or what is in it, is too large."""
    return BoundaryProblem(
        f"文件太大：最多 {LARGEST // MEGABYTE} MB、解压后 {LARGEST_UNPACKED // MEGABYTE} MB、{MOST_FEATURES:,} 个面、"
        f"{MOST_POINTS // 10_000} 万个点。请先简化或只留本县的边界。",
        f"The file is too large: up to {LARGEST // MEGABYTE} MB ({LARGEST_UNPACKED // MEGABYTE} MB unpacked), "
        f"{MOST_FEATURES:,} areas and {MOST_POINTS:,} points. Simplify it, or leave the county's boundaries alone in it.",
    )


def damaged(what: str) -> BoundaryProblem:
    """The file is not a whole one of its kind."""
    return BoundaryProblem(
        f"这份 {what} 文件不完整或已损坏，读不出来。请重新导出。",
        f"This {what} file is damaged or incomplete and cannot be read: export it again.",
    )


def no_numbers() -> BoundaryProblem:
    """Coordinates that are none."""
    return BoundaryProblem(
        "文件的坐标里有不是数字的内容。请重新导出。",
        "Among the file's coordinates are some that are no numbers: export it again.",
    )
