"""The county's own map: true in shape, every place once, words within their areas, coloured and hatched as the tiles."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from typing import Any

import pandas as pd
import pytest
import shapely

from data_access.indicators import INDICATORS
from data_access.places.boundaries import Outline
from tests.made_boundaries import EAST_WEST, NORTH_SOUTH, SOUTH, made_outlines
from ui import charts
from ui.charts.figure import FRAME, GREY, NOTHING, name_width
from ui.charts.outlines import Ring, Sheet, laid_flat

NAN = float("nan")


@cache
def county(townships: int, villages: int) -> tuple[tuple[Outline, ...], tuple[Outline, ...]]:
    """Outlines of so many townships, and of the villages of each."""
    places = {
        (f"9000000{number:02}", f"第{number}镇"): [
            (f"9000000{number:02}{village:03}", f"{number}之{village}村") for village in range(villages)
        ]
        for number in range(townships)
    }
    return made_outlines(places)


def drawn(sheet: Sheet, values: list[float], code: str = "on_time_rate", **settings: Any) -> charts.Figure:
    places = pd.DataFrame({"code": list(sheet.areas), "name": [area.name for area in sheet.areas.values()]})
    more = [f"无{number}" for number in range(len(values) - len(places))]
    places = pd.concat([places, pd.DataFrame({"code": more, "name": more})], ignore_index=True)
    return charts.outlines(
        places.assign(value=values),
        sheet,
        INDICATORS[code],
        county_value=95.0,
        texts=[f"{value:.1f}%" for value in values],
        hovers=places["name"].tolist(),
        without="未有边界",
        **settings,
    )


def rings_of(figure: charts.Figure) -> dict[int, list[shapely.Polygon]]:
    """The rings of each area, by its number, as the browser finds them."""
    found: dict[int, list[shapely.Polygon]] = {}
    for trace in figure["data"]:
        if isinstance(trace.get("meta"), list):
            points = list(zip(trace["x"], trace["y"], strict=True))
            ends = [at for at, (x, _) in enumerate(points) if x is None]
            for number, start, end in zip(trace["meta"], [0, *(end + 1 for end in ends)], ends, strict=False):
                found.setdefault(number, []).append(shapely.Polygon(points[start:end]))
    return found


def marks_of(figure: charts.Figure) -> dict[str, Any]:
    (marks,) = (trace for trace in figure["data"] if trace.get("meta") == "places")
    return dict(marks)


def test_the_shape_is_true() -> None:
    sheet = laid_flat(county(16, 0)[0])
    narrow = math.cos(math.radians(SOUTH + NORTH_SOUTH / 2))
    assert sheet.height / sheet.width == pytest.approx(NORTH_SOUTH / (EAST_WEST * narrow), rel=0.01)
    assert max(sheet.width, sheet.height) == 1000
    axes = drawn(sheet, [95.0] * 16)["layout"]
    assert axes["yaxis"]["scaleanchor"] == "x"


@pytest.mark.parametrize(("townships", "villages"), [(1, 4), (16, 45), (40, 0)])
def test_neighbours_have_no_gaps_and_every_place_is_there_once(townships: int, villages: int) -> None:
    outlines = county(townships, villages)[bool(villages)]
    sheet = laid_flat(outlines)
    figure = drawn(sheet, [95.0] * len(outlines))
    assert marks_of(figure)["customdata"] == [outline.name for outline in outlines]
    rings = rings_of(figure)
    assert sorted(rings) == list(range(len(outlines)))
    numbers = [number for trace in figure["data"] for number in (*trace.get("x", ()), *trace.get("y", ()))]
    assert {type(number) for number in numbers} == {int, type(None)}
    # Even-odd, as the browser finds the area that is pointed at
    areas = []
    for at in sorted(rings):
        area, *others = map(shapely.make_valid, rings[at])
        for ring in others:
            area = area.symmetric_difference(ring)
        areas.append(area)
    whole = shapely.union_all([area.buffer(0.5) for area in areas])
    assert sum(len(part.interiors) for part in shapely.get_parts(whole)) == 0
    overlap = sum(area.area for area in areas) - shapely.union_all(areas).area
    assert abs(overlap) < 0.002 * whole.area


def turn(ring: Ring) -> float:
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True))


def test_a_hole_is_left_out_and_a_piece_elsewhere_belongs_to_its_place() -> None:
    first, second, *_ = county(16, 0)[0]
    assert (len(first.polygons[0]), len(second.polygons)) == (2, 2)
    sheet = laid_flat(county(16, 0)[0])
    # plotly fills what lines turn around: a hole has to turn the other way.
    assert [turn(ring) > 0 for ring in sheet.areas[first.code].rings] == [True, False]
    assert [turn(ring) > 0 for ring in sheet.areas[second.code].rings] == [True, True]


@pytest.mark.parametrize("count", [1, 16, 40])
def test_words_stand_within_their_areas_or_are_left_out(count: int) -> None:
    sheet = laid_flat(county(count, 0)[0])
    figure = drawn(sheet, [95.0] * count)
    pixel = (sheet.width + 60) / 290
    boxes = []
    for trace in figure["data"]:
        if trace.get("mode") != "text":
            continue
        for x, y, words, size in zip(trace["x"], trace["y"], trace["text"], trace["textfont"]["size"], strict=True):
            lines = words.replace("<b>", "").replace("</b>", "").split("<br>")
            across, up = max(map(name_width, lines)) * size * pixel / 2, size * len(lines) * pixel / 2
            box = shapely.box(x - across, y - up, x + across, y + up)
            (area,) = (area for area in sheet.areas.values() if area.name in "".join(lines))
            assert area.shape.buffer(1).contains(box)
            boxes.append(box)
    assert len(boxes) >= 0.6 * count
    assert len(boxes) < count or count < 40
    assert not any(one.intersects(other) for at, one in enumerate(boxes) for other in boxes[:at])


def test_villages_too_small_for_words_are_still_told() -> None:
    villages = county(16, 45)[1]
    figure = drawn(laid_flat(villages), [float(number % 90) for number in range(len(villages))], "received")
    assert sum(len(trace["x"]) for trace in figure["data"] if trace.get("mode") == "text") < 100
    bare = drawn(laid_flat(villages), [95.0] * len(villages), is_named=False)
    assert not any(trace.get("mode") == "text" for trace in bare["data"])
    assert len(marks_of(figure)["hovertext"]) == len(villages)
    # One trace a colour, however many areas; and no more of each point than a screen shows
    assert len(figure["data"]) < 30
    assert len(json.dumps(figure, separators=(",", ":"))) < 200_000


def test_colours_are_those_of_tiles() -> None:
    figure = drawn(laid_flat(county(16, 0)[0]), [90.0, 100.0, 95.0, NAN, NAN, *[95.0] * 11], blank=["900000004"])
    fill = {number: trace for trace in figure["data"] for number in (trace.get("meta") or ()) if trace.get("fill")}
    assert fill[0]["fillcolor"] == "rgba(201,106,0,1.00)"
    assert fill[1]["fillcolor"] == "rgba(23,100,165,1.00)"
    assert fill[2]["fillcolor"] == "rgba(217,222,228,1.00)"
    assert (fill[3]["fillcolor"], fill[3]["fillpattern"]["shape"]) == (NOTHING, "/")
    assert "fillpattern" not in fill[4]
    counts = drawn(laid_flat(county(16, 0)[0]), [*[1.0] * 15, 9.0], "received")
    (most,) = (trace for trace in counts["data"] if trace.get("meta") == [15])
    assert most["fillcolor"] == "rgba(47,128,194,1.00)"


def test_words_read_on_their_colours() -> None:
    figure = drawn(laid_flat(county(16, 0)[0]), [100.0, *[95.0] * 15])
    inks = [trace["textfont"].get("color") for trace in figure["data"] if trace.get("mode") == "text"]
    assert inks == ["#17212B", "#FFFFFF"]


def test_long_names_are_cut_where_they_have_no_room() -> None:
    long = [
        Outline(one.code, f"{one.name}高新技术产业街道", one.township_code, one.polygons, one.label)
        for one in county(40, 0)[0]
    ]
    words = [word for trace in drawn(laid_flat(long), [95.0] * 40)["data"] for word in trace.get("text", ())]
    assert len([word for word in words if word.endswith("…</b>")]) > 10


def test_every_place_is_named_or_numbered() -> None:
    """By as much of its name as has room, or else by a number, which stands within it."""
    long = [
        Outline(one.code, f"{one.name}高新技术产业街道", one.township_code, one.polygons, one.label)
        for one in county(40, 0)[0]
    ]
    sheet = laid_flat(long)
    figure = drawn(sheet, [95.0] * 40, is_keyed=True)
    numbered = {f"<b>{number}</b>": name for number, name in enumerate(figure["numbered"], 1)}
    written = [
        (words, x, y)
        for trace in figure["data"]
        if trace.get("mode") == "text"
        for words, x, y in zip(trace["text"], trace["x"], trace["y"], strict=True)
    ]
    assert len(written) == 40
    assert 10 < len(numbered) < 40
    areas = {area.name: area for area in sheet.areas.values()}
    for words, x, y in written:
        if name := numbered.pop(words, ""):
            assert areas[name].shape.buffer(1).contains(shapely.Point(x, y))
    assert numbered == {}
    assert "numbered" not in drawn(laid_flat(county(16, 0)[0]), [95.0] * 16, is_keyed=True)


def test_a_name_without_its_kind_comes_before_a_number() -> None:
    figure = drawn(laid_flat(county(90, 0)[0]), [95.0] * 90, is_keyed=True)
    words = [word for trace in figure["data"] if trace.get("mode") == "text" for word in trace["text"]]
    assert any(re.fullmatch(r"<b>第\d+</b>", word) for word in words)


def test_what_has_no_outline_stands_beside_as_a_square() -> None:
    sheet = laid_flat(county(16, 0)[0][:14])
    figure = drawn(sheet, [95.0] * 21, highlight="无3")
    assert marks_of(figure)["customdata"][-7:] == [f"无{number}" for number in range(7)]
    rings = rings_of(figure)
    squares = [ring.bounds for at in range(14, 21) for ring in rings[at]]
    assert max(top for *_, top in squares) < 0
    assert figure["layout"]["yaxis"]["range"][0] <= min(low for _, low, *_ in squares)
    assert figure["layout"]["xaxis"]["range"][1] >= max(right for _, _, right, _ in squares)
    (heading,) = figure["layout"]["annotations"]
    assert heading["text"] == "未有边界"
    assert figure["layout"]["height"] > drawn(sheet, [95.0] * 14)["layout"]["height"] + 100
    (frame,) = (trace for trace in figure["data"] if trace.get("line", {}).get("color") == FRAME)
    assert (min(frame["x"][:-1]), min(frame["y"][:-1])) == rings[17][0].bounds[:2]


def test_what_lies_around_can_be_gone_to() -> None:
    outlines, villages = county(16, 45)
    own = [village for village in villages if village.township_code == outlines[5].code]
    sheet = laid_flat(own, [outline for outline in outlines if outline.code != outlines[5].code])
    assert 2 <= len(sheet.around) < 15
    figure = drawn(sheet, [95.0] * 45, around="点击", keys=[village.code for village in own])
    keys = marks_of(figure)["customdata"]
    assert keys[:45] == [village.code for village in own]
    assert keys[45:] == [area.name for area in sheet.around]
    assert marks_of(figure)["hovertext"][-1] == f"<b>{keys[-1]}</b><br>点击"
    assert set(rings_of(figure)) == set(range(len(keys)))
    assert any(trace["textfont"].get("color") == GREY for trace in figure["data"] if trace.get("mode") == "text")


def test_a_place_of_a_few_metres_can_still_be_pressed() -> None:
    big, *_ = county(1, 0)[0]
    lon, lat = big.label
    corners = tuple((lon + dx * 1e-5, lat + dy * 1e-5) for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)))
    speck = Outline("9", "小岛村", big.code, ((corners,),), (lon, lat))
    assert len(laid_flat([big, speck]).areas["9"].rings[0]) == 4


def test_borders_are_drawn_over_villages() -> None:
    outlines, villages = county(16, 45)
    figure = drawn(laid_flat(villages, borders=outlines), [95.0] * len(villages))
    assert any(trace["line"]["width"] == 2 for trace in figure["data"] if "line" in trace)
