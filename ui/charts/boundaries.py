"""Boundaries as a file has them, over those that there are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

import pandas as pd

from data_access.places.boundaries import Outline
from ui.charts.figure import BLUE, GREY, HOVERTEXT, ORANGE, Figure, new_axis, new_figure, scatter_trace

# As many names as stand beside each other
_MOST_NAMES = 60
# Of more corners every second, third … is drawn: it is seen where they lie all the same.
_MOST_CORNERS = 40_000


def preview(
    new: Sequence[Outline], known: Sequence[Outline], points: pd.DataFrame, *, east: str, north: str, height: int = 520
) -> Figure:
    """The outlines of a file, filled and named, over those that the county has, as lines; degrees on the axes, true in shape.

    ``points`` (number, longitude, latitude, is_within; no rows: none) stand over them, those outside of their places to be seen
    first. ``east`` and ``north``: what the axes are called.
    """
    filled = _lines(new) | {
        "fill": "toself",
        "fillcolor": "rgba(47,128,194,0.22)",
        "line": {"color": BLUE, "width": 1.5},
    }
    names = {
        "type": "scatter",
        "mode": "text" if len(new) <= _MOST_NAMES else "markers",
        "x": [one.label[0] for one in new],
        "y": [one.label[1] for one in new],
        "text": [one.name for one in new],
        "textfont": {"size": 12},
        "marker": {"size": 3, "color": BLUE},
        "hovertext": [f"{one.name} · {east} {one.label[0]:.3f}° · {north} {one.label[1]:.3f}°" for one in new],
        "hovertemplate": HOVERTEXT,
    }
    there = _lines(known) | {"line": {"color": GREY, "width": 1.5, "dash": "dot"}}
    latitude = sum(one.label[1] for one in new) / len(new)
    plain: dict[str, Any] = {"showgrid": False, "zeroline": False, "nticks": 6}
    return new_figure(
        height,
        [*([there] if known else []), filled, *_points(points), names],
        x=new_axis(east, ticksuffix="°", constrain="domain", **plain),
        y=new_axis(
            north,
            ticksuffix="°",
            scaleanchor="x",
            scaleratio=1 / math.cos(math.radians(latitude)),
            constrain="domain",
            **plain,
        ),
    )


def _points(points: pd.DataFrame) -> list[dict[str, Any]]:
    if points.empty:
        return []
    return [
        scatter_trace(
            x=some["longitude"].round(6).tolist(),
            y=some["latitude"].round(6).tolist(),
            mode="markers",
            marker={"size": size, "color": colour, "opacity": 0.6 if is_within else 1},
            hovertext=some["number"].tolist(),
            hovertemplate=HOVERTEXT,
        )
        for is_within, size, colour in ((True, 3, GREY), (False, 8, ORANGE))
        if len(some := points[points["is_within"] == is_within])
    ]


def _lines(outlines: Sequence[Outline]) -> dict[str, Any]:
    rings = [ring for one in outlines for polygon in one.polygons for ring in polygon]
    step = math.ceil(sum(map(len, rings)) / _MOST_CORNERS) or 1
    # A ring ends where it begins; nothing is drawn from one to the next.
    drawn = [(*ring[:-1:step], ring[-1], (None, None)) for ring in rings]
    places = list(chain.from_iterable(drawn))
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [place[0] for place in places],
        "y": [place[1] for place in places],
        "hoverinfo": "skip",
    }
