"""Whether boundaries can lie where a file has them: against their numbers, their province, and what the county has.

Nothing is guessed: a file says its coordinate system, or somebody does, and what is said is refused where it cannot be true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import Geometry

from data_access.importing.places import Places
from data_access.places.boundaries import Level, Outline
from data_access.places.boundary_files.layers import BoundaryProblem, Layer
from data_access.places.boundary_files.matching import Matched, matched
from data_access.places.boundary_files.simplifying import joined, pixel, plane, simplified
from data_access.places.coordinates import SYSTEMS, Reading, System, bounds_of, from_cgcs2000, readings, to_cgcs2000

Shapes = NDArray[Any]
# So much of the area may lie elsewhere than the county has it before another system is looked for: thinner than any shift
_SAME = 0.002
# From here on a difference is told as doubtful, and from there on it is refused.
_DOUBTFUL, _ELSEWHERE = 0.02, 0.5
# Square kilometres that no township or village is smaller or larger than
_SMALLEST, _LARGEST = 0.01, 100_000.0
_NAMED = 8
# Degrees, about fifty metres: what stands at a border may be said to stand so far on its other side.
_AT_BORDER = 0.0005
# Fewer points may all be wrong themselves.
_FEWEST = 10


@dataclass(frozen=True)
class Finding:
    """Something about a file, in a sentence: it is ``refused`` for it, it is ``doubtful``, or it is just ``told``."""

    kind: Literal["refused", "doubtful", "told"]
    zh: str
    en: str


@dataclass(frozen=True)
class Areas:
    """The areas of places (``codes``, of a ``level``), in the file's coordinates; ``names`` by code.

    ``readings``: what its numbers can be; ``declared``: the system that the file says, where the numbers can be that.
    ``findings``: what is wrong or to be told whatever the system is.
    """

    level: Level
    codes: tuple[str, ...]
    shapes: Shapes
    names: Mapping[str, str]
    owners: Mapping[str, str]
    readings: tuple[Reading, ...]
    declared: System | None
    findings: tuple[Finding, ...]

    @property
    def systems(self) -> tuple[System, ...]:
        """The systems that may be stated: those that the numbers can be in, of what the file says, and in the province."""
        every = tuple(system for reading in self.readings for system in reading.systems)
        if self.declared is not None:
            # Those of a shift are often called WGS84.
            return tuple(system for system in every if system.epsg == self.declared.epsg)
        return tuple(system for system in every if system.family != "metres" or self._is_in_province(system))

    @property
    def rough(self) -> Areas:
        """The same with fewer corners, to be compared with others: by a two-thousandth of what a place measures."""
        tolerance = float(np.sqrt(np.median(shapely.area(self.shapes)))) / 2000
        return replace(self, shapes=shapely.simplify(self.shapes, tolerance))

    def in_degrees(self, system: System) -> Shapes:
        """The areas in degrees of CGCS2000, if the file's coordinates are in that system."""
        swapped = next(one.swapped for one in self.readings if system in one.systems)

        def convert(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
            x, y = (numbers[:, 1], numbers[:, 0]) if swapped else (numbers[:, 0], numbers[:, 1])
            return np.column_stack(to_cgcs2000(x, y, system))

        found: Shapes = shapely.transform(self.shapes, convert)
        return found

    def _is_in_province(self, system: System) -> bool:
        middle = replace(self, shapes=shapely.centroid(self.shapes[:1])).in_degrees(system)[0]
        west, south, east, north = bounds_of(self.codes[0])
        return bool(west <= middle.x <= east and south <= middle.y <= north)


def areas_of(layer: Layer, places: Places, village_names: Mapping[str, str], level: Level | None = None) -> Areas:
    """Whose the areas of a layer are, and what its numbers can be; ``village_names`` by code.

    Raises BoundaryProblem where no feature is a place of the county, or the numbers can be no place of the country.
    """
    found = matched(layer, places, level)
    if not found.places:
        raise BoundaryProblem(
            f"文件里的 {len(layer.features)} 个面，没有一个对得上名录里的镇街或村居（按代码、名称、别名）。"
            f"文件里是：{_listed((one.called for one in layer.features), '、')}。",
            f"None of the {len(layer.features)} areas is a township or a village of the registers, by code, name or alias. The "
            f"file has: {_listed((one.called for one in layer.features), ', ')}.",
        )
    codes = tuple(sorted(found.places))
    named = places.names if found.level == "township" else village_names
    shapes = np.array([layer.features[place].shape for code in codes for place in found.places[code]], dtype=object)
    can_be = _readings(shapes, [named[code] for code in codes for _ in found.places[code]])
    findings = [*_of_matching(found, named, places, layer)]
    invalid = ~shapely.is_valid(shapes)
    if invalid.any():
        findings.append(
            Finding(
                "told",
                f"{int(invalid.sum())} 个面的边线自相交或重复，已修正。",
                f"{int(invalid.sum())} areas had lines that cross themselves, and were mended.",
            )
        )
        shapes[invalid] = shapely.make_valid(shapes[invalid], method="structure", keep_collapsed=False)
    united, start = [], 0
    for code in codes:
        own = len(found.places[code])
        united.append(shapely.union_all(shapes[start : start + own]))
        start += own
    areas = Areas(
        found.level,
        codes,
        np.array(united, dtype=object),
        named,
        {code: code if found.level == "township" else places.village_townships[code] for code in codes},
        can_be,
        layer.declared,
        tuple(findings),
    )
    empty = [named[code] for code, shape in zip(codes, united, strict=True) if shape.area == 0]
    if empty:
        raise BoundaryProblem(
            f"{_listed(empty, '、')}的边界没有面积。", f"The boundaries of {_listed(empty, ', ')} have no area."
        )
    return _with_what_it_says(areas)


def _readings(shapes: Shapes, names: Sequence[str]) -> tuple[Reading, ...]:
    bounds = shapely.bounds(shapes)
    middle = np.nanmedian((bounds[:, :2] + bounds[:, 2:]) / 2, axis=0)
    found = readings(*middle)
    x, y = (f"{number:,.6g}" if abs(number) < 1000 else f"{number:,.0f}" for number in middle)
    if not found:
        raise BoundaryProblem(
            f"坐标数字（如 {x}、{y}）在认得的坐标系里都不在国内。可能是地方坐标系，或单位不是度、米。请转换成 CGCS2000 再导入。",
            f"In no coordinate system that is known do the numbers (such as {x}, {y}) lie in the country. They may be of a local system, or "
            "in other units: convert them to CGCS2000 first.",
        )
    outside = [
        name
        for name, (west, south, east, north) in zip(names, bounds, strict=True)
        if not set(found).intersection(readings(west, south)).intersection(readings(east, north))
    ]
    if outside:
        raise BoundaryProblem(
            f"{_listed(outside, '、')}的坐标与其余的不是一种写法（其余的如 {x}、{y}），或有点落在国外。请检查这些面。",
            f"The coordinates of {_listed(outside, ', ')} are not like the others (such as {x}, {y}), or lie abroad: see to these "
            "areas.",
        )
    return found


def _of_matching(found: Matched, named: Mapping[str, str], places: Places, layer: Layer) -> Iterable[Finding]:
    every = places.names if found.level == "township" else places.village_townships
    missing = [named.get(code, code) for code in every if code not in found.places]
    what = ("镇街", "townships") if found.level == "township" else ("村（社区）", "villages")
    yield Finding(
        "told",
        f"{len(every)} 个{what[0]}中，文件里有 {len(found.places)} 个的边界。",
        f"The file has the boundaries of {len(found.places)} of {len(every)} {what[1]}.",
    )
    if missing:
        yield Finding("told", f"没有边界的：{_listed(missing, '、')}。", f"Without one: {_listed(missing, ', ')}.")
    if found.strangers:
        names = found.strangers
        yield Finding(
            "told",
            f"{len(names)} 个面对不上名录，不装入：{_listed(names, '、')}。",
            f"{len(names)} areas are in no register and are left out: {_listed(names, ', ')}.",
        )
    if found.disputed:
        names = found.disputed
        yield Finding(
            "doubtful",
            f"{len(names)} 个面的代码和名称指两个地方，不装入：{_listed(names, '、')}。",
            f"Of {len(names)} areas code and name are two places'; they are left out: {_listed(names, ', ')}.",
        )
    several = [named[code] for code, own in found.places.items() if len(own) > 1]
    if several:
        yield Finding(
            "told",
            f"有几个面的合成一个：{_listed(several, '、')}。",
            f"Of several areas, made one: {_listed(several, ', ')}.",
        )
    if layer.other:
        yield Finding(
            "told", f"{layer.other} 个点或线没有用到。", f"{layer.other} points and lines are of no use here."
        )


def _with_what_it_says(areas: Areas) -> Areas:
    """What the file says of its system is dropped where its numbers cannot be that."""
    findings = list(areas.findings)
    if any(reading.swapped for reading in areas.readings):
        findings.append(
            Finding(
                "doubtful",
                "文件的坐标是先纬度（北）、后经度（东），已换过来；请看预览。",
                "The file has its coordinates the wrong way round, north before east; they were exchanged. Look at the preview.",
            )
        )
    said = areas.declared
    if said is not None and not any(said in reading.systems for reading in areas.readings):
        can_be = _listed((system.zh for reading in areas.readings for system in reading.systems), "；", 3)
        english = _listed((system.en for reading in areas.readings for system in reading.systems), "; ", 3)
        findings.append(
            Finding(
                "doubtful",
                f"文件说是“{said.zh}”，而它的数字不是这种写法，可能是：{can_be}。请选真正的坐标系。",
                f"The file says {said.en}, which its numbers are not in; they may be in: {english}. Choose the true one.",
            )
        )
        said = None
    return replace(areas, declared=said, findings=tuple(findings))


# --- With a system ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """What a file comes to with a system: outlines as they would be kept, and what is to be said of them.

    ``is_stated``: a person says the system, as the file does not. ``points``: the known points that it was checked against,
    as :func:`~data_access.places.boundary_files.known_points.known_points` has them, and is_within: their own place.
    """

    level: Level
    system: System
    is_stated: bool
    outlines: tuple[Outline, ...]
    findings: tuple[Finding, ...]
    points: pd.DataFrame = field(compare=False)

    @property
    def is_refused(self) -> bool:
        """Whether it may not be loaded."""
        return any(one.kind == "refused" for one in self.findings)


def check(areas: Areas, system: System, known: Sequence[Outline], points: pd.DataFrame | None = None) -> Checked:
    """What the areas come to in a system (one of ``areas.systems``), beside the outlines that the county has, of both levels,
    and the ``points`` that are known (None: none).
    """
    if system not in areas.systems:
        raise ValueError(system.code)
    shapes = areas.in_degrees(system)
    findings = [*areas.findings, *_of_statement(areas, system), *_of_place(areas, shapes)]
    findings += _Ground(areas.rough, known).compared(system)
    own_points, said = _of_points(areas.rough, system, points)
    findings += said
    flat = plane(shapes)
    findings += _of_sizes(areas, flat.shapes)
    seen = pixel(flat.shapes, 1 if areas.level == "township" else len(set(areas.owners.values())))
    whole, cleaning = joined(flat.shapes, seen)
    findings += [
        Finding(
            "doubtful" if share > _DOUBTFUL else "told",
            f"{areas.names[areas.codes[one]]}与{areas.names[areas.codes[other]]}的边界重叠 {share:.1%}，已归一方。",
            f"The boundaries of {areas.names[areas.codes[one]]} and {areas.names[areas.codes[other]]} overlap by {share:.1%}, which one of "
            "them was given.",
        )
        for one, other, share in cleaning.overlaps[:_NAMED]
    ]
    if cleaning.unmatched:
        count = cleaning.unmatched
        findings.append(
            Finding(
                "told",
                f"{count} 个边界与相邻的没有完全重合，已对齐；补上的缝隙共 {cleaning.closed / 1e6:,.3f} 平方公里。",
                f"{count} boundaries did not quite meet their neighbours', and were made to; the gaps that were closed are "
                f"{cleaning.closed / 1e6:,.3f} km².",
            )
        )
    found = simplified(whole, seen)
    outlines = tuple(
        Outline(code, areas.names[code], areas.owners[code], *one)
        for code, one in zip(areas.codes, flat.degrees(found), strict=True)
    )
    return Checked(areas.level, system, system != areas.declared, outlines, tuple(findings), own_points)


def _of_statement(areas: Areas, system: System) -> Iterable[Finding]:
    said = areas.declared
    if said is not None and said != system:
        yield Finding(
            "doubtful",
            f"文件说是“{said.zh}”，您选的是“{system.zh}”；按您选的。",
            f"The file says {said.en}, you say {system.en}, which is taken.",
        )


def _of_place(areas: Areas, shapes: Shapes) -> Iterable[Finding]:
    outside = []
    for code, (west, south, east, north) in zip(areas.codes, shapely.bounds(shapes), strict=True):
        limits = bounds_of(code)
        if west < limits[0] or south < limits[1] or east > limits[2] or north > limits[3]:
            outside.append(areas.names[code])
    if outside:
        middle = shapely.centroid(shapes[0])
        yield Finding(
            "refused",
            f"按这个坐标系，{_listed(outside, '、')}在本省范围以外（东经 {middle.x:.2f}°、北纬 {middle.y:.2f}°）。坐标系或带号不对。",
            f"In this coordinate system {_listed(outside, ', ')} would lie outside the province ({middle.x:.2f}°E, {middle.y:.2f}°N): the "
            "system or its zone is not the right one.",
        )


def _of_sizes(areas: Areas, shapes: Shapes) -> Iterable[Finding]:
    sizes = shapely.area(shapes) / 1e6
    odd = [
        f"{areas.names[code]}（{size:,.3g} km²）"
        for code, size in zip(areas.codes, sizes, strict=True)
        if not _SMALLEST <= size <= _LARGEST
    ]
    if odd:
        yield Finding("doubtful", f"面积不像：{_listed(odd, '、')}。", f"Unlikely areas: {_listed(odd, ', ')}.")
    if len(shapes) > 2:
        reach = float(np.sqrt(sizes.sum()) * 1000)
        # Boxes are near enough, and quick.
        boxes = shapely.envelope(shapes)
        _, distances = shapely.STRtree(boxes).query_nearest(
            boxes, exclusive=True, return_distance=True, all_matches=False
        )
        far = [areas.names[code] for code, one in zip(areas.codes, distances, strict=True) if one > reach]
        if far:
            yield Finding(
                "doubtful",
                f"{_listed(far, '、')}离其余的很远，请看预览。",
                f"{_listed(far, ', ')} lie far from the others: look at the preview.",
            )


class _Ground:
    """What the county has where the areas should be."""

    def __init__(self, areas: Areas, known: Sequence[Outline]) -> None:
        self._areas = areas
        shapes = {(level_of(one), one.code): shape_of(one) for one in known}
        township = {code: shape for (level, code), shape in shapes.items() if level == "township"}
        village = {code: shape for (level, code), shape in shapes.items() if level == "village"}
        same = township if areas.level == "township" else village
        # An area should lie in (or around) a shape: pairs of its position and that shape.
        self._in = [(place, same[code]) for place, code in enumerate(areas.codes) if code in same]
        self._around: list[tuple[int, Geometry]] = []
        if areas.level == "village":
            self._in += [
                (place, township[areas.owners[code]])
                for place, code in enumerate(areas.codes)
                if code not in same and areas.owners[code] in township
            ]
        else:
            position = {code: place for place, code in enumerate(areas.codes)}
            owners = {one.code: one.township_code for one in known if one.code in village}
            self._around = [
                (position[owners[code]], shape)
                for code, shape in village.items()
                if owners[code] in position and owners[code] not in same
            ]
        self._others = shapely.STRtree([shape for code, shape in same.items() if code not in areas.codes])

    def compared(self, system: System) -> list[Finding]:
        """What the county's own boundaries say of a system."""
        areas, shapes = self._areas, self._areas.in_degrees(system)
        if not (self._in or self._around or len(self._others)):
            return [_nothing_to_compare(areas, system)]
        own = self._outside(shapes)
        found = _share(own)
        elsewhere = [
            areas.names[areas.codes[place]] for place, (outside, size) in own.items() if outside > _ELSEWHERE * size
        ]
        reach = shapely.box(
            *shapely.total_bounds([shape for _, shape in (*self._in, *self._around)] or self._others.geometries)
        )
        best, better = min(
            ((one, _share(self._outside(other))) for one, other in _alternatives(areas, system, reach)),
            key=lambda pair: pair[1],
            default=(system, found),
        )
        if found > _SAME and better < found / 2:
            return [
                Finding(
                    "refused",
                    f"与县里现有的边界对不上：{found:.1%} 的面积错开；按“{best.zh}”读只错开 {better:.1%}。坐标系多半选错了。"
                    "如果错的是现有的边界，请先改它的坐标系或撤回它。",
                    f"This is not where the county's boundaries are: {found:.1%} of the area is off, and {better:.1%} if read as {best.en}. "
                    "The coordinate system is likely wrong. If it is the present boundaries that are, correct their system or "
                    "withdraw them first.",
                )
            ]
        shift, better = min(
            ((one, _share(self._outside(_moved(shapes, one)))) for one in map(SYSTEMS.__getitem__, ("gcj02", "bd09"))),
            key=lambda pair: pair[1],
        )
        if found > _SAME and better < found / 2:
            return [
                Finding(
                    "refused",
                    f"县里现有的边界多半是“{shift.zh}”而没有转换：与这份文件有 {found:.1%} 的面积错开，转换后只有 {better:.1%}。"
                    "请先改现有边界的坐标系，或撤回它。",
                    f"The boundaries that the county has are likely in {shift.en} without having been converted: {found:.1%} of the area is "
                    f"off, and {better:.1%} if they are. Correct their system, or withdraw them, first.",
                )
            ]
        if elsewhere:
            return [
                Finding(
                    "refused",
                    f"{_listed(elsewhere, '、')}大半落在县里现有的边界以外。请检查文件；如果错的是现有的边界，请先撤回它。",
                    f"Most of {_listed(elsewhere, ', ')} lies outside the boundaries that the county has. See to the file; if it is the "
                    "present boundaries that are wrong, withdraw them first.",
                )
            ]
        if found > _DOUBTFUL:
            return [
                Finding(
                    "doubtful",
                    f"与县里现有的边界有 {found:.1%} 的面积不同，请在预览里看是不是边界真的变了。",
                    f"{found:.1%} of the area differs from the boundaries that the county has: see in the preview whether they have changed.",
                )
            ]
        return [
            Finding(
                "told",
                f"与县里现有的边界一致（{found:.1%} 的面积不同）。",
                f"This agrees with the boundaries that the county has ({found:.1%} of the area differs).",
            )
        ]

    def _outside(self, shapes: Shapes) -> dict[int, tuple[float, float]]:
        """By area: how much of what it is compared with lies outside, and of how much."""
        found: dict[int, tuple[float, float]] = {}

        def add(place: int, outside: float, size: float) -> None:
            before = found.get(place, (0.0, 0.0))
            found[place] = before[0] + outside, before[1] + size

        for pairs, is_around in ((self._in, False), (self._around, True)):
            if pairs:
                own, others = (
                    shapes[[place for place, _ in pairs]],
                    np.array([shape for _, shape in pairs], dtype=object),
                )
                sizes = shapely.area(others if is_around else own)
                within = shapely.area(shapely.intersection(own, others))
                for (place, _), size, common in zip(pairs, sizes, within, strict=True):
                    add(place, float(size - common), float(size))
        if len(self._others):
            theirs = self._others.geometries
            for place, other in self._others.query(shapes, predicate="intersects").T:
                common = shapely.area(shapely.intersection(shapes[place], theirs[other]))
                add(int(place), float(common), 0.0 if int(place) in found else float(shapely.area(shapes[place])))
        return found


def _alternatives(areas: Areas, system: System, reach: Geometry) -> Iterable[tuple[System, Shapes]]:
    """The other systems that the numbers can be in and that lie near what is known, and the areas in these."""
    seen = {(system.epsg, system.shift)}
    for one in (one for reading in areas.readings for one in reading.systems):
        if (one.epsg, one.shift) in seen:
            continue
        seen.add((one.epsg, one.shift))
        shapes = areas.in_degrees(one)
        if shapely.box(*shapely.total_bounds(shapes)).intersects(reach):
            yield one, shapes


def _of_points(areas: Areas, system: System, points: pd.DataFrame | None) -> tuple[pd.DataFrame, list[Finding]]:
    """The known points of the areas' places, with is_within (theirs), and what they say of a system."""
    by = "township_code" if areas.level == "township" else "village_code"
    if points is None or points.empty:
        return pd.DataFrame(), []
    own = points[points[by].isin(areas.codes)]
    if own.empty:
        return own, []
    places = own[by].map({code: place for place, code in enumerate(areas.codes)}).to_numpy()
    standing = shapely.points(own["longitude"].to_numpy(), own["latitude"].to_numpy())

    def within(shapes: Shapes) -> NDArray[np.bool_]:
        shapely.prepare(shapes)
        return np.asarray(shapely.dwithin(shapes[places], standing, _AT_BORDER), dtype=bool)

    is_within = within(areas.in_degrees(system))
    own = own.assign(is_within=is_within)
    outside = int((~is_within).sum())
    best, better = system, outside
    if outside:
        reach = shapely.box(*shapely.total_bounds(standing))
        found = ((one, int((~within(shapes)).sum())) for one, shapes in _alternatives(areas, system, reach))
        best, better = min(found, key=lambda pair: pair[1], default=(system, outside))
    return own, [_of_points_outside(own, areas.level, best if 2 * better < outside - 2 else None, better)]


def _of_points_outside(own: pd.DataFrame, level: Level, best: System | None, better: int) -> Finding:
    """What points say; ``best``: the system, if there is one, in which much fewer (``better``) are outside of their places."""
    place_zh, place_en = ("镇街", "township") if level == "township" else ("村（社区）", "village")
    cameras = int((own["kind"] == "camera").sum())
    kinds = ((cameras, "摄像机 {} 个", "cameras: {}"), (len(own) - cameras, "未结诉求 {} 件", "open cases: {}"))
    kinds_zh = "，".join(zh.format(f"{count:,}") for count, zh, _ in kinds if count)
    kinds_en = ", ".join(en.format(f"{count:,}") for count, _, en in kinds if count)
    numbers = own.loc[~own["is_within"], "number"].tolist()
    if not numbers:
        return Finding(
            "told",
            f"已知的位置（{kinds_zh}）都在所属{place_zh}的边界里。",
            f"All known places ({kinds_en}) lie within their own {place_en}.",
        )
    zh = f"已知的位置（{kinds_zh}）有 {len(numbers):,} 个落在所属{place_zh}的边界以外"
    en = f"Of the known places ({kinds_en}) {len(numbers):,} lie outside of their own {place_en}"
    fits_zh = fits_en = ""
    if best is not None:
        fits_zh = f"；按“{best.zh}”读只有 {better:,} 个"
        fits_en = f"; {better:,} if the file is read as {best.en}"
    if len(own) >= _FEWEST and 2 * len(numbers) > len(own):
        return Finding(
            "refused",
            f"{zh}{fits_zh}。"
            + ("坐标系多半选错了。" if best else "认得的坐标系都对不上，请检查文件，或这些位置的坐标系。"),
            f"{en}{fits_en}. "
            + (
                "The system is likely wrong."
                if best
                else "No system that is known fits: see to the file, or to the places."
            ),
        )
    if named := list(filter(None, numbers)):
        is_more = len(named) > _NAMED
        zh += f"（{'、'.join(named[:_NAMED])}{' 等' if is_more else ''}）"
        en += f" ({', '.join(named[:_NAMED])}{' …' if is_more else ''})"
    return Finding(
        "told" if best is None and len(numbers) <= _DOUBTFUL * len(own) else "doubtful",
        f"{zh}{fits_zh}。" + ("请核对坐标系。" if best else ""),
        f"{en}{fits_en}." + (" See to the coordinate system." if best else ""),
    )


def _moved(shapes: Shapes, system: System) -> Shapes:
    """Shapes in degrees as they are in a system that is shifted."""
    found: Shapes = shapely.transform(
        shapes, lambda numbers: np.column_stack(from_cgcs2000(numbers[:, 0], numbers[:, 1], system))
    )
    return found


def level_of(outline: Outline) -> Level:
    """The level of an outline: a township is its own."""
    return "township" if outline.code == outline.township_code else "village"


def shape_of(outline: Outline) -> Geometry:
    """The shape of an outline, in degrees."""
    return shapely.make_valid(
        shapely.multipolygons([shapely.polygons(rings[0], list(rings[1:]) or None) for rings in outline.polygons]),
        method="structure",
        keep_collapsed=False,
    )


def _share(own: Mapping[int, tuple[float, float]]) -> float:
    size = sum(one[1] for one in own.values())
    return sum(one[0] for one in own.values()) / size if size else 0.0


def _nothing_to_compare(areas: Areas, system: System) -> Finding:
    if system.family in ("degrees", "web"):
        return Finding(
            # Files that say WGS84 are shifted ones often enough.
            "told" if areas.declared == SYSTEMS["cgcs2000"] else "doubtful",
            f"县里还没有可以对照的边界。CGCS2000、WGS84 与 GCJ-02、BD-09 只差 100 至 700 米，从数字上看不出来：以所选的“{system.zh}”为准，"
            "选错了以后可以改。",
            "The county has no boundaries yet to compare with. CGCS2000, WGS84, GCJ-02 and BD-09 differ by 100 to 700 metres, which numbers do not "
            f"show: what you chose, {system.en}, is taken, and can be changed later.",
        )
    return Finding(
        "doubtful" if areas.declared is None else "told",
        f"县里还没有可以对照的边界，只查了是否在本省范围内；以所选的“{system.zh}”为准。",
        f"The county has no boundaries yet to compare with; only the province was checked. {system.en} is taken.",
    )


def _listed(names: Iterable[str], mark: str, most: int = _NAMED) -> str:
    every = list(dict.fromkeys(filter(None, names)))
    return mark.join(every[:most]) + (f"…（{len(every)}）" if len(every) > most else "")
