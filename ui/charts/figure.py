"""What every chart is made of: a figure, its axes, names beside it, words and lines on it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from data_access.model.indicator import Indicator

# {"data": traces, "layout": …}
Figure = dict[str, Any]

BLUE, ORANGE, GREY, GREEN, SKY = "#2F80C2", "#E08A00", "#8A96A3", "#1F9E7A", "#7DB9E8"
PALETTE = (BLUE, ORANGE, GREEN, "#A877B8", SKY, "#9C7B4F", GREY)
# From worse to better than the county, through a neutral middle
WORSE_TO_BETTER = [[0.0, "#C96A00"], [0.25, "#EDB267"], [0.5, "#D9DEE4"], [0.75, "#7DB3DE"], [1.0, "#1764A5"]]
BETTER_TO_WORSE = [[0.0, "#1764A5"], [0.25, "#7DB3DE"], [0.5, "#D9DEE4"], [0.75, "#EDB267"], [1.0, "#C96A00"]]
# From nearly the page's own colour, so that little looks like little on white and on dark
LITTLE_TO_MUCH = [[0.0, "rgba(47,128,194,0.08)"], [1.0, "rgba(47,128,194,1)"]]
FRAME = "#C2185B"
NOTHING = "rgba(0,0,0,0)"
FADED_BLUE, FADED_ORANGE = "rgba(47,128,194,0.38)", "rgba(224,138,0,0.38)"
HATCH = {"shape": "/", "fgcolor": GREY, "bgcolor": "rgba(138,150,163,0.12)", "size": 6, "solidity": 0.25}

# Which months are unfinished, by position, and what pointing at them says (未完，至 6 日)
Unfinished = Mapping[int, str]
FINISHED: Unfinished = MappingProxyType({})

UNREPORTED = {"color": NOTHING, "pattern": HATCH, "line": {"color": GREY, "width": 1}}
TEXT_BESIDE = {"textposition": "outside", "cliponaxis": False}
# A click on one mark leaves the others as they are.
UNFADING = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}
HOVERTEXT = "%{hovertext}<extra></extra>"


# The tags of figures: what else is between < and > is words.
_NO_TAG = re.compile(r"&|<(?!/?b>|br>|/?extra>)")
# What a mark is known by is no words, and a click has to give it back as it is.
_KEYS = frozenset({"customdata"})


def as_words(part: Any) -> Any:
    """A part of a figure whose texts are shown as they stand: plotly takes them for HTML, links and all."""
    if isinstance(part, str):
        return _NO_TAG.sub(lambda mark: {"&": "&amp;", "<": "&lt;"}[mark.group()], part)
    if isinstance(part, Mapping):
        return {name: inner if name in _KEYS else as_words(inner) for name, inner in part.items()}
    return [as_words(inner) for inner in part] if isinstance(part, list | tuple) else part


def new_figure(
    height: int, traces: list[dict[str, Any]], *, x: dict[str, Any], y: dict[str, Any], **layout: Any
) -> Figure:
    """A figure of these traces and axes; further keys of plotly's layout replace its own."""
    return {
        "data": as_words(traces),
        "layout": {
            "height": height,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "showlegend": False,
            "bargap": 0.28,
            "hoverlabel": {"align": "left"},
            "xaxis": as_words(x),
            "yaxis": as_words(y),
            "dragmode": False,
            "clickmode": "event+select",
            **as_words(layout),
        },
    }


def new_axis(title: str | None = None, **settings: Any) -> dict[str, Any]:
    """An axis without zoom; further keys are plotly's own."""
    return {
        "automargin": True,
        "fixedrange": True,
        "title": {"standoff": 10} if title is None else {"standoff": 10, "text": title},
        # 60,000 rather than 60k, which is English
        "separatethousands": True,
        "exponentformat": "none",
        **settings,
    }


def month_axis(labels: Sequence[str], title: str | None = None) -> dict[str, Any]:
    """Months by position, since those of different years are labelled alike; of many every second, third, …"""
    count = len(labels)
    step = next((step for step in (1, 2, 3, 4, 6) if count <= 9 * step), 12 * math.ceil(count / 108))
    shown = list(range(0, count, step))
    # Plotly takes an axis that begins with a date-like label for one of dates.
    return new_axis(
        title,
        type="linear",
        tickangle=0,
        tickvals=shown,
        ticktext=[labels[at] for at in shown],
        range=[-0.5, count - 0.5],
        showgrid=False,
        zeroline=False,
    )


# As many characters of a name as stand beside a chart a third of a page wide
NAME_ROOM = 16


def name_width(name: str) -> float:
    """How wide a name is, in Chinese characters."""
    return sum(0.55 if ord(letter) < 0x2E80 else 1.0 for letter in name)


def shortened(name: str, room: float = NAME_ROOM) -> str:
    """The name, with … for what goes beyond the room."""
    if name_width(name) <= room:
        return name
    return next(name[:end] for end in range(len(name), -1, -1) if name_width(name[:end]) <= room - 1) + "…"


def in_lines(name: str, room: float, most: int = 5) -> str:
    """The name on lines of so much room, broken between Chinese characters and at spaces; … after so many lines."""
    lines = [""]
    for word in re.findall(r"[\u2e80-\uffff]|[^\u2e80-\uffff\s]+\s?|\s", name):
        if lines[-1] and name_width(lines[-1] + word) > room:
            lines.append("")
        lines[-1] += word
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][:-1] + "…"]
    return "<br>".join(lines)


def names_apart(names: Sequence[str]) -> list[str]:
    """The names with something invisible behind the second of those that are alike: places of one name are two rows."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        found.append(name + "\u200b" * seen[name])
        seen[name] += 1
    return found


def name_axis(names: Sequence[str]) -> dict[str, Any]:
    """Names (told apart) from the top down, the long ones shortened."""
    return new_axis(
        type="category",
        range=[len(names) - 0.45, -0.55],
        categoryorder="array",
        categoryarray=list(names),
        tickvals=list(names),
        ticktext=[shortened(name) for name in names],
    )


def tall_enough(height: int, rows: int, *, row: int = 16, around: int = 64) -> int:
    """The height, or more where so many rows need it to be read."""
    return max(height, around + row * rows)


def bar_trace(**settings: Any) -> dict[str, Any]:
    """Bars."""
    return {"type": "bar", **settings}


def scatter_trace(**settings: Any) -> dict[str, Any]:
    """Points or a line."""
    return {"type": "scatter", **settings}


def as_numbers(values: Iterable[Any]) -> list[float | None]:
    """Numbers as JSON takes them: what is missing is None."""
    return [None if pd.isna(value) else float(value) for value in values]


def largest(values: Iterable[Any]) -> float:
    """The largest number, or 1 where all are 0 or missing."""
    return max((value for value in as_numbers(values) if value is not None), default=0) or 1


def legend_above(figure: Figure) -> None:
    """A legend at the upper right, above the plot."""
    layout = figure["layout"]
    layout["showlegend"] = True
    layout["legend"] = {
        "orientation": "h",
        "traceorder": "normal",
        "x": 1,
        "y": 1.02,
        "yanchor": "bottom",
        "xanchor": "right",
    }
    layout["margin"]["t"] = 30


def legend_and_unit(figure: Figure, names: Sequence[str], unit: str, plot: float) -> None:
    """A legend above the chart and the unit of its axis; below each other where the plot, at least so many pixels wide,
    has no room for both.
    """
    legend_above(figure)
    unit_above(figure, unit)
    width = sum(48 + 11 * name_width(name) for name in names)
    if width + 11 * name_width(unit) > plot:
        rows = math.ceil(width / plot)
        layout = figure["layout"]
        layout["height"] += 20 * rows
        layout["margin"]["t"] = 30 + 20 * rows
        layout["legend"]["y"] = 1 + 24 / max(layout["height"] - layout["margin"]["t"] - 40, 60)


def annotate(figure: Figure, text: str, *, size: int = 11, **place: Any) -> None:
    """Words on a figure."""
    figure["layout"].setdefault("annotations", []).append(
        {"text": as_words(text), "showarrow": False, "font": {"size": size}, **place}
    )


def draw_shape(figure: Figure, shape: str, line: dict[str, Any], **place: Any) -> None:
    """A shape on a figure."""
    figure["layout"].setdefault("shapes", []).append({"type": shape, "line": line, **place})


def unit_above(figure: Figure, words: str) -> None:
    """The vertical axis's name and unit above it: Chinese turned on its side is hard to read."""
    annotate(figure, words, x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=6)
    margin = figure["layout"]["margin"]
    margin["t"] = max(margin["t"], 30)


def line_across(figure: Figure, x: float | str, label: str, *, width: float) -> None:
    """A dotted line from top to bottom, its label above it."""
    where: dict[str, Any] = {"xref": "x", "yref": "y domain"}
    draw_shape(figure, "line", {"color": GREY, "width": width, "dash": "dot"}, x0=x, x1=x, y0=0, y1=1, **where)
    annotate(figure, label, x=x, y=1, xanchor="left", yanchor="bottom", **where)


def line_along(figure: Figure, y: float, label: str) -> None:
    """A dotted line from left to right, its label beside the plot, where no line runs into it."""
    where: dict[str, Any] = {"xref": "x domain", "yref": "y"}
    draw_shape(figure, "line", {"color": GREY, "width": 1.5, "dash": "dot"}, x0=0, x1=1, y0=y, y1=y, **where)
    beside_plot(figure, y, label)


def beside_plot(figure: Figure, y: float, label: str) -> None:
    """Words at a height of the plot, to the right of it."""
    where: dict[str, Any] = {"xref": "x domain", "yref": "y"}
    annotate(figure, label.replace(" ", "<br>"), x=1, y=y, xanchor="left", yanchor="middle", **where)
    figure["layout"]["margin"]["r"] = 48


def room_for(values: Sequence[float | None], indicator: Indicator, target: float | None) -> list[float]:
    """Axis limits that show differences between shares without pretending that they start at 0."""
    known = [value for value in (*values, target) if value is not None]
    if not known:
        return [0, 1]
    low, high = min(known), max(known)
    margin = max((high - low) * 0.12, 0.5 if indicator.is_percentage else abs(high) * 0.05, 1e-9)
    top = high + margin
    return [low - margin, min(top, 100.6) if indicator.is_percentage and high <= 100 else top]


def filled(colour: str, count: int, unfinished: Unfinished) -> dict[str, Any]:
    """How bars are filled: hatched within an outline where the month is unfinished."""
    if not unfinished:
        return {"color": colour}
    return {
        "color": [NOTHING if at in unfinished else colour for at in range(count)],
        "line": {"color": colour, "width": [1.5 if at in unfinished else 0 for at in range(count)]},
        "pattern": {
            "shape": ["/" if at in unfinished else "" for at in range(count)],
            "fgcolor": colour,
            "size": 6,
            "solidity": 0.3,
        },
    }


def told_months(labels: Sequence[str], unfinished: Unfinished) -> list[str]:
    """What pointing at each month says first."""
    return [f"{label} {unfinished[at]}" if at in unfinished else label for at, label in enumerate(labels)]


def line_traces(
    values: Sequence[float | None], unfinished: Unfinished, line: dict[str, Any], size: int, **point: Any
) -> list[dict[str, Any]]:
    """A line by position; to an unfinished month it is dashed and ends in an open mark. ``point``: all or one a month."""
    places = list(range(len(values)))
    marker = {"size": size, "color": line["color"]}
    if not any(at in unfinished and value is not None for at, value in enumerate(values)):
        return [scatter_trace(x=places, y=list(values), mode="lines+markers", line=line, marker=marker, **point)]
    done = [None if at in unfinished else value for at, value in enumerate(values)]
    open_ = [value if at in unfinished else None for at, value in enumerate(values)]
    dashed: list[float | None] = []
    for at in places[1:]:
        if at in unfinished:
            dashed += [values[at - 1], values[at], None]
    ends = [end for at in places[1:] if at in unfinished for end in (at - 1, at, at)]
    apart = {"showlegend": False, "line": {**line, "dash": "dot", "width": 2}}
    return [
        scatter_trace(x=places, y=done, mode="lines+markers", line=line, marker=marker, **point),
        scatter_trace(x=ends, y=dashed, mode="lines", hoverinfo="skip", **apart),
        scatter_trace(
            x=places,
            y=open_,
            mode="markers",
            marker={**marker, "symbol": "circle-open", "size": size + 2, "line": {"color": line["color"], "width": 2}},
            **point,
            **apart,
        ),
    ]
