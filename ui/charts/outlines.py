"""The county's own map: townships and villages within their boundaries, coloured as the tiles are.

plotly's maps ask the internet for their ground, so that these are lines of its cartesian figure, filled. One trace holds
all areas of a colour: a trace each would take several times as long for 714 villages. ``meta`` tells the browser which
areas a trace holds, and it finds the one that is pointed at (``browser/figure.js``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data_access.model.indicator import Indicator
from data_access.places.boundaries import Outline
from ui.charts.figure import (
    BLUE,
    FRAME,
    GREY,
    HATCH,
    HOVERTEXT,
    NOTHING,
    ORANGE,
    Figure,
    annotate,
    as_numbers,
    name_width,
    new_axis,
    new_figure,
    scatter_trace,
)
from ui.charts.tiles import better_or_worse, wrapped

# The longer side of what is looked at, in steps of the sheet: as fine as a screen shows it
SHEET = 1000
# How much more is seen around it
_MARGIN = 0.03 * SHEET
# The narrowest column that holds a map, the squares that stand for places without boundary, and their heading; pixels
_ROOM, _SQUARE, _HEADING = 290, 56, 20
# So many colours are told apart from one end of a scale to the other.
_COLOURS = 20
_EDGE = {"color": GREY, "width": 0.8, "simplify": False}
_PLAIN = {"fillcolor": "rgba(138,150,163,0.12)"}
_HATCHED = {"fillcolor": NOTHING, "fillpattern": HATCH}
# What is written in on an area's colour; None: as the theme writes
_DARK, _LIGHT = "#17212B", "#FFFFFF"
_INKS = (None, _DARK, _LIGHT, GREY)

Ring = tuple[tuple[int, int], ...]
Box = tuple[float, float, float, float]
Shape = shapely.Polygon | shapely.MultiPolygon


@dataclass(frozen=True)
class Area:
    """A place on a sheet: its rings, not closed, outsides and holes of opposite turns; ``label`` lies inside."""

    code: str
    name: str
    rings: tuple[Ring, ...]
    label: tuple[float, float]
    shape: Shape = field(compare=False)


@dataclass(frozen=True)
class Point:
    """Something that stands at a place of a sheet (steps), and what pointing at it says; ``stands_out``: it is to be seen first.

    ``key``: what a click on it gives; empty: nothing.
    """

    x: float
    y: float
    hover: str
    stands_out: bool
    key: str = ""


@dataclass(frozen=True)
class Sheet:
    """Places laid flat, true in shape, in steps from the lower left of those looked at, which reach to width and height.

    ``areas`` are these by their codes; ``around`` lies about them, ``borders`` are lines between some of them. ``corner``:
    the lower left in degrees (longitude, latitude), of which one is so many ``steps``.
    """

    width: int
    height: int
    areas: Mapping[str, Area]
    corner: tuple[float, float]
    steps: tuple[float, float]
    around: tuple[Area, ...] = ()
    borders: tuple[Ring, ...] = ()

    def at(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places (rows of longitude, latitude) in steps."""
        return (degrees - self.corner) * self.steps

    def holds(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each place (rows of x, y in steps) lies within one of the areas, or within a step of it."""
        whole = shapely.union_all([area.shape.buffer(1) for area in self.areas.values()])
        return np.asarray(shapely.contains_xy(whole, places), dtype=bool)


def laid_flat(outlines: Sequence[Outline], around: Sequence[Outline] = (), borders: Sequence[Outline] = ()) -> Sheet:
    """The outlines, at least one, on a sheet: in their midst a degree of longitude is as long as it is there.

    A corner is rounded alike for all who share it, so that no gaps open between neighbours.
    """
    shapes = [_shape(outline) for outline in outlines]
    west, south, east, north = map(float, shapely.total_bounds(shapes))
    narrow = math.cos(math.radians((south + north) / 2))
    step = max((east - west) * narrow, north - south, 1e-6) / SHEET

    def flat(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        return (degrees - (west, south)) * (narrow / step, 1 / step)

    def area(outline: Outline, shape: Shape) -> Area:
        drawn = shapely.transform(shape, flat)
        x, y = flat(np.array([outline.label]))[0].tolist()
        return Area(outline.code, outline.name, tuple(_rings(drawn)) or (_speck(x, y),), (x, y), drawn)

    width, height = (round(float(side)) for side in flat(np.array([(east, north)]))[0])
    # A line's breadth beyond what is seen: names stand within it.
    reach = (_MARGIN + 3) * step
    seen = (west - reach / narrow, south - reach, east + reach / narrow, north + reach)
    beyond = [(outline, _areal(shapely.clip_by_rect(_shape(outline), *seen))) for outline in around]
    return Sheet(
        max(width, 1),
        max(height, 1),
        {outline.code: area(outline, shape) for outline, shape in zip(outlines, shapes, strict=True)},
        (west, south),
        (narrow / step, 1 / step),
        tuple(area(outline, shape) for outline, shape in beyond if shape.area),
        tuple(ring for outline in borders for ring in area(outline, _shape(outline)).rings),
    )


def _shape(outline: Outline) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([(outside, holes) for outside, *holes in outline.polygons])


def _areal(shape: shapely.Geometry) -> shapely.MultiPolygon:
    """What of a cut has an area: it may also leave points and lines."""
    return shapely.MultiPolygon([part for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon)])


def _rings(shape: Shape) -> Iterator[Ring]:
    for polygon in shapely.get_parts(shapely.orient_polygons(shape)):
        for ring in (polygon.exterior, *polygon.interiors):
            corners = _corners(np.rint(shapely.get_coordinates(ring)[:-1]).astype(int).tolist())
            if len(corners) > 2:
                yield corners


def _corners(ring: list[list[int]]) -> Ring:
    """The points of a ring without those that repeat the one before, or lie straight between two."""
    apart = [(x, y) for (x, y), before in zip(ring, [ring[-1], *ring[:-1]], strict=True) if [x, y] != before]
    turns = zip(apart[-1:] + apart[:-1], apart, apart[1:] + apart[:1], strict=True)
    return tuple((x, y) for (x0, y0), (x, y), (x1, y1) in turns if (x - x0) * (y1 - y) != (y - y0) * (x1 - x))


def _speck(x: float, y: float) -> Ring:
    """What an area of less than a step is drawn as."""
    return _rectangle((x - 2, y - 2, x + 2, y + 2))


def _rectangle(box: Box) -> Ring:
    left, low, right, high = map(round, box)
    return ((left, low), (right, low), (right, high), (left, high))


def outlines(
    places: pd.DataFrame,
    sheet: Sheet,
    indicator: Indicator,
    *,
    county_value: float,
    texts: Sequence[str],
    hovers: Sequence[str],
    without: str,
    around: str = "",
    keys: Sequence[str] | None = None,
    blank: Collection[str] = (),
    highlight: str | None = None,
    points: Sequence[Point] = (),
    is_named: bool = True,
    is_keyed: bool = False,
    height: int = 460,
) -> Figure:
    """The map: an area a place, coloured against the county's figure. What a click gives is its key, else its name.

    ``places`` has code, name, value. One without data is hatched, or plain if its code is among ``blank``; the one to
    ``highlight`` (a name) is framed. Those without an outline stand below as squares, under the words ``without``. What
    lies around gives its name, and pointing at it says ``around``. ``points`` stand within areas, the first of them first. Where there is no room
    for its name and text, the name is told there alone (``is_named``) or the text, and all of it where it is pointed at.
    Where it ``is_keyed``, a number stands for a name that has no room at all, and these names are the figure's ``numbered``.
    """
    codes, names, values = places["code"].tolist(), places["name"].tolist(), as_numbers(places["value"])
    right, top, bottom = sheet.width + _MARGIN, sheet.height + _MARGIN, -_MARGIN
    # In steps, where the column is narrow
    pixel = max((right + _MARGIN) / _ROOM, (top + _MARGIN) / height)
    beside = [(code, name) for code, name in zip(codes, names, strict=True) if code not in sheet.areas]
    found = {**sheet.areas, **_squares(beside, pixel)}
    everywhere = [*(found[code] for code in codes), *sheet.around]
    beyond = range(len(codes), len(everywhere))
    if beside:
        right = max(right, _ROOM * pixel - _MARGIN)
        bottom = found[beside[-1][0]].label[1] - _SQUARE * pixel / 2

    colours = colours_of(values, indicator, county_value)
    fills: dict[str, list[int]] = {}
    for at, colour in enumerate(colours):
        if colour is not None:
            fills.setdefault(colour, []).append(at)
    plain = [at for at, value in enumerate(values) if value is None and codes[at] in blank]
    hatched = [at for at, value in enumerate(values) if value is None and codes[at] not in blank]
    filled: list[tuple[list[int], Mapping[str, Any]]] = [([*plain, *beyond], _PLAIN), (hatched, _HATCHED)]
    filled += [(chosen, {"fillcolor": colour}) for colour, chosen in fills.items()]
    traces = [_filled(everywhere, chosen, fill) for chosen, fill in filled if chosen]
    if sheet.borders:
        traces.append(_lines(sheet.borders, {"color": GREY, "width": 2}))
    if highlight in names:
        traces.append(_lines(everywhere[names.index(highlight)].rings, {"color": FRAME, "width": 3}))
    traces.append(
        scatter_trace(
            x=[round(area.label[0]) for area in everywhere],
            y=[round(area.label[1]) for area in everywhere],
            mode="markers",
            marker={"opacity": 0, "size": 1},
            customdata=[*(keys or names), *(area.name for area in sheet.around)],
            hovertext=[*hovers, *(f"<b>{area.name}</b><br>{around}" for area in sheet.around)],
            hovertemplate=HOVERTEXT,
            meta="places",
        )
    )
    if points:
        traces.append(_points(points))
    ink = {at: ink_on(colour) for colour, chosen in fills.items() for at in chosen} | dict.fromkeys(beyond, GREY)
    numbered: list[str] | None = [] if is_keyed else None
    traces += _labels(everywhere, [*texts, *("" for _ in beyond)], ink, pixel, numbered, is_named=is_named)
    figure = new_figure(
        round(height + (-_MARGIN - bottom) / pixel),
        traces,
        x=new_axis(visible=False, range=[-_MARGIN, right], constrain="domain"),
        y=new_axis(visible=False, range=[bottom, top], constrain="domain", scaleanchor="x"),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        # No higher than it is wide enough for
        meta={"ratio": round((top - bottom) / (right + _MARGIN), 3)},
    )
    if beside:
        annotate(figure, without, x=0, y=-_MARGIN, xanchor="left", yanchor="top")
    if numbered:
        figure["numbered"] = numbered
    return figure


def _points(points: Sequence[Point]) -> dict[str, Any]:
    """Points, those that stand out larger and over the others: the first last, as the browser tells them from the end."""
    ordered = sorted(points, key=lambda point: not point.stands_out)[::-1]
    keys = {"customdata": [point.key for point in ordered]} if any(point.key for point in ordered) else {}
    return scatter_trace(
        **keys,
        x=[round(point.x, 1) for point in ordered],
        y=[round(point.y, 1) for point in ordered],
        mode="markers",
        marker={
            "size": [10 if point.stands_out else 5 for point in ordered],
            "color": [ORANGE if point.stands_out else BLUE for point in ordered],
            "line": {"color": _LIGHT, "width": [1.5 if point.stands_out else 0 for point in ordered]},
            "opacity": [1 if point.stands_out else 0.7 for point in ordered],
        },
        hovertext=[point.hover for point in ordered],
        hovertemplate=HOVERTEXT,
        meta="points",
    )


def _squares(beside: Sequence[tuple[str, str]], pixel: float) -> dict[str, Area]:
    """Squares below the map for places (code, name) without an outline."""
    side, across = _SQUARE * pixel, _ROOM // _SQUARE
    top = -_MARGIN - _HEADING * pixel
    found = {}
    for number, (code, name) in enumerate(beside):
        row, column = divmod(number, across)
        x, y = (column + 0.5) * side, top - (row + 0.5) * side
        ring = _rectangle((x - 0.47 * side, y - 0.47 * side, x + 0.47 * side, y + 0.47 * side))
        found[code] = Area(code, name, (ring,), (x, y), shapely.Polygon(ring))
    return found


def _filled(areas: Sequence[Area], chosen: Iterable[int], fill: Mapping[str, Any]) -> dict[str, Any]:
    """The chosen areas filled alike; ``meta`` has the number of the area of each ring."""
    rings = [(at, ring) for at in chosen for ring in areas[at].rings]
    return _lines((ring for _, ring in rings), _EDGE) | {"fill": "toself", **fill, "meta": [at for at, _ in rings]}


def _lines(rings: Iterable[Ring], line: Mapping[str, Any]) -> dict[str, Any]:
    """Rings as lines, parted by None."""
    x: list[int | None] = []
    y: list[int | None] = []
    for ring in rings:
        x += [*(at for at, _ in ring), ring[0][0], None]
        y += [*(at for _, at in ring), ring[0][1], None]
    return scatter_trace(x=x, y=y, mode="lines", line=dict(line), hoverinfo="skip")


# --- Words within areas ---------------------------------------------------------------------------


def _labels(
    areas: Sequence[Area],
    texts: Sequence[str],
    ink: Mapping[int, str | None],
    pixel: float,
    numbered: list[str] | None,
    *,
    is_named: bool,
) -> list[dict[str, Any]]:
    """The names, each with its text, that have room within their areas: as much of it as there is room for.

    Texts without names are left out where few have room: here and there one, they would seem to stand out.
    """
    placed = {}
    for at, area in enumerate(areas):
        # What lies around has no text.
        if numbered is not None and texts[at]:
            placed[at] = named_within(area, texts[at], pixel, numbered)
        elif found := words_within(area, texts[at], pixel, is_named=is_named):
            placed[at] = found
    if not is_named and len(placed) < len(areas) / 3:
        return []
    traces = []
    for colour in _INKS:
        written = [found for at, found in placed.items() if ink.get(at) == colour]
        if written:
            traces.append(
                scatter_trace(
                    x=[round(x) for x, *_ in written],
                    y=[round(y) for _, y, *_ in written],
                    mode="text",
                    text=["<br>".join(lines) for *_, lines, _ in written],
                    textfont={"size": [size for *_, size in written], **({"color": colour} if colour else {})},
                    hoverinfo="skip",
                )
            )
    return traces


# What kind of township one is, behind its name
_KIND = re.compile("(街道办事处|街道|镇|(民族)?乡)$")


def named_within(
    area: Area, words: str, pixel: float, numbered: list[str], sizes: Sequence[float] = (11, 10)
) -> tuple[float, float, list[str], float]:
    """As :func:`words_within`, the name without 镇 or the like where it has no room with that.

    One whose name has no room at all has a number, its place among the ``numbered``, to which it is added.
    """
    for name in dict.fromkeys((area.name, _KIND.sub("", area.name) or area.name)):
        if written := words_within(replace(area, name=name), words, pixel, sizes):
            return written
    numbered.append(area.name)
    return *area.label, [f"<b>{len(numbered)}</b>"], sizes[-1]


# What a village's committee is called is longer than the village.
_COMMITTEE = re.compile("(村)?(村民|居民)?(委员会|居委会|村委会)$")


def words_within(
    area: Area, words: str, pixel: float, sizes: Sequence[float] = (11, 10), *, is_named: bool = True
) -> tuple[float, float, list[str], float] | None:
    """Where words stand within an area, their lines and size: name (<b>) and words, or what there is room for of them.

    ``sizes``: of the letters, the largest first, in pixels; ``pixel``: how many steps of the sheet one is.
    """
    name = _COMMITTEE.sub(lambda found: "村" if "村" in found.group() else "", area.name) or area.name
    half = max(math.ceil(len(name) / 2), 2)
    whole, broken = ([f"<b>{line}</b>" for line in wrapped(name, room).split("<br>")] for room in (len(name), half))
    below = [words] * bool(words)
    cut = [[f"<b>{name[:3]}…</b>"]] if len(name) > 5 else []
    alone = (whole, broken, *cut) if is_named or not words else (below,)
    both = [(size, [*lines, *below]) for lines in (whole, broken) for size in sizes]
    for size, lines in (*both, *((sizes[-1], lines) for lines in alone)):
        if place := _room(area, lines, size * pixel):
            return *place, lines, size
    return None


def _room(area: Area, lines: Sequence[str], size: float) -> tuple[float, float] | None:
    """The middle of a box for lines of this size within the area: about where it is named, or else in its widest part."""
    width = max(name_width(re.sub("</?b>", "", line)) for line in lines) * size
    height = 1.25 * len(lines) * size
    left, low, right, high = area.shape.bounds
    if right - left < width or high - low < height:
        return None

    def holds(x: float, y: float) -> bool:
        return bool(area.shape.contains(shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)))

    if holds(*area.label):
        return area.label
    # Squeezed, the box is a square, and the widest part is that of the largest circle.
    squeezed = shapely.transform(area.shape, lambda points: points * (height / width, 1))
    x, y = shapely.get_coordinates(shapely.maximum_inscribed_circle(squeezed, height / 10))[0].tolist()
    x *= width / height
    return (x, y) if holds(x, y) else None


# --- Colours --------------------------------------------------------------------------------------


def colours_of(values: Sequence[float | None], indicator: Indicator, county_value: float) -> list[str | None]:
    """The colour of each value (rgba) as tiles have it, in a few shades, so that areas of one are drawn together."""
    known = [value for value in values if value is not None]
    scale = better_or_worse(known, indicator, county_value) if known else {}
    return [None if value is None else _colour(value, scale) for value in values]


def _colour(value: float, colours: Mapping[str, Any]) -> str:
    low, high, scale = colours["cmin"], colours["cmax"], colours["colorscale"]
    share = min(max((value - low) / (high - low or 1), 0.0), 1.0)
    share = round(share * _COLOURS) / _COLOURS
    for (start, first), (end, last) in pairwise(scale):
        if share <= end:
            part = (share - start) / (end - start)
            mixed = [(1 - part) * one + part * other for one, other in zip(_rgba(first), _rgba(last), strict=True)]
            return f"rgba({','.join(f'{round(one)}' for one in mixed[:3])},{mixed[3]:.2f})"
    raise ValueError(scale)


def _rgba(colour: str) -> list[float]:
    if colour.startswith("#"):
        return [*(float(int(colour[at : at + 2], 16)) for at in (1, 3, 5)), 1.0]
    return [float(number) for number in re.findall(r"[0-9.]+", colour)]


def ink_on(colour: str) -> str | None:
    """What reads on a colour: dark or white, whichever stands out more; as the theme writes on what lets its ground through."""
    *channels, opacity = _rgba(colour)
    if opacity < 0.8:
        return None
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (one / 255 for one in channels)
    ]
    # WCAG 2, relative luminance: where the contrast with white and with the dark ink is about the same
    return _DARK if 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.2 else _LIGHT
