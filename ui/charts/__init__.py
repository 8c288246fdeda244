"""Figures from data frames, as plotly.js takes them: plain JSON, where a missing number is None.

Nothing here knows Streamlit; texts come in already in the viewer's language. Fonts and the colours of
words and lines are left to the theme.

Colours are mid-tones that read on white and on dark, safe for colour-blind viewers: blue for what is
shown, orange for short of the target, grey for what it is compared with.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from statistics import median
from types import MappingProxyType
from typing import Any

import pandas as pd

from data_access.model.indicator import Indicator
from ui.charts.scales import anchor, line_scale

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

_UNREPORTED = {"color": NOTHING, "pattern": HATCH, "line": {"color": GREY, "width": 1}}
_TEXT_BESIDE = {"textposition": "outside", "cliponaxis": False}
# A click on one mark leaves the others as they are.
_UNFADING = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}
_HOVERTEXT = "%{hovertext}<extra></extra>"


def _figure(
    height: int, traces: list[dict[str, Any]], *, x: dict[str, Any], y: dict[str, Any], **layout: Any
) -> Figure:
    return {
        "data": traces,
        "layout": {
            "height": height,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "showlegend": False,
            "bargap": 0.28,
            "hoverlabel": {"align": "left"},
            "xaxis": x,
            "yaxis": y,
            "dragmode": False,
            "clickmode": "event+select",
            **layout,
        },
    }


def _axis(title: str | None = None, **settings: Any) -> dict[str, Any]:
    return {
        "automargin": True,
        "fixedrange": True,
        "title": {"standoff": 10} if title is None else {"standoff": 10, "text": title},
        # 60,000 rather than 60k, which is English
        "separatethousands": True,
        "exponentformat": "none",
        **settings,
    }


def _month_axis(labels: Sequence[str], title: str | None = None) -> dict[str, Any]:
    """Months by position, since those of different years are labelled alike; of many every second, third, …"""
    count = len(labels)
    step = next((step for step in (1, 2, 3, 4, 6) if count <= 9 * step), 12 * math.ceil(count / 108))
    shown = list(range(0, count, step))
    # Plotly takes an axis that begins with a date-like label for one of dates.
    return _axis(
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
_NAME_ROOM = 16


def _width(name: str) -> float:
    """How wide a name is, in Chinese characters."""
    return sum(0.55 if ord(letter) < 0x2E80 else 1.0 for letter in name)


def _shortened(name: str, room: float = _NAME_ROOM) -> str:
    """The name, with … for what goes beyond the room."""
    if _width(name) <= room:
        return name
    return next(name[:end] for end in range(len(name), -1, -1) if _width(name[:end]) <= room - 1) + "…"


def _in_lines(name: str, room: float, most: int = 5) -> str:
    """The name on lines of so much room, broken between Chinese characters and at spaces; … after so many lines."""
    lines = [""]
    for word in re.findall(r"[\u2e80-\uffff]|[^\u2e80-\uffff\s]+\s?|\s", name):
        if lines[-1] and _width(lines[-1] + word) > room:
            lines.append("")
        lines[-1] += word
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][:-1] + "…"]
    return "<br>".join(lines)


def _apart(names: Sequence[str]) -> list[str]:
    """The names with something invisible behind the second of those that are alike: places of one name are two rows."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        found.append(name + "\u200b" * seen[name])
        seen[name] += 1
    return found


def _name_axis(names: Sequence[str]) -> dict[str, Any]:
    """Names (told apart) from the top down, the long ones shortened."""
    return _axis(
        type="category",
        range=[len(names) - 0.45, -0.55],
        categoryorder="array",
        categoryarray=list(names),
        tickvals=list(names),
        ticktext=[_shortened(name) for name in names],
    )


def _tall_enough(height: int, rows: int, *, row: int = 16, around: int = 64) -> int:
    """The height, or more where so many rows need it to be read."""
    return max(height, around + row * rows)


def _bar(**settings: Any) -> dict[str, Any]:
    return {"type": "bar", **settings}


def _scatter(**settings: Any) -> dict[str, Any]:
    return {"type": "scatter", **settings}


def _numbers(values: Iterable[Any]) -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in values]


def _largest(values: Iterable[Any]) -> float:
    """The largest number, or 1 where all are 0 or missing."""
    return max((value for value in _numbers(values) if value is not None), default=0) or 1


def _legend_above(figure: Figure) -> None:
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


def _legend_of(figure: Figure, names: Sequence[str]) -> None:
    """A legend above the chart and the unit of its axis, with room for as many rows as the names may take."""
    _legend_above(figure)
    # Of the narrowest chart with a legend, half a page wide, in pixels
    rows = math.ceil(sum(48 + 11 * _width(name) for name in names) / 380)
    if rows > 1:
        layout = figure["layout"]
        layout["height"] += 20 * rows
        layout["margin"]["t"] = 30 + 20 * rows
        layout["legend"]["y"] = 1 + 24 / max(layout["height"] - layout["margin"]["t"] - 40, 60)


def _annotate(figure: Figure, text: str, *, size: int = 11, **place: Any) -> None:
    figure["layout"].setdefault("annotations", []).append(
        {"text": text, "showarrow": False, "font": {"size": size}, **place}
    )


def _draw(figure: Figure, shape: str, line: dict[str, Any], **place: Any) -> None:
    figure["layout"].setdefault("shapes", []).append({"type": shape, "line": line, **place})


def _unit_above(figure: Figure, words: str) -> None:
    """The vertical axis's name and unit above it: Chinese turned on its side is hard to read."""
    _annotate(figure, words, x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=6)
    margin = figure["layout"]["margin"]
    margin["t"] = max(margin["t"], 30)


def _line_across(figure: Figure, x: float | str, label: str, *, width: float) -> None:
    """A dotted line from top to bottom, its label above it."""
    where: dict[str, Any] = {"xref": "x", "yref": "y domain"}
    _draw(figure, "line", {"color": GREY, "width": width, "dash": "dot"}, x0=x, x1=x, y0=0, y1=1, **where)
    _annotate(figure, label, x=x, y=1, xanchor="left", yanchor="bottom", **where)


def _line_along(figure: Figure, y: float, label: str) -> None:
    """A dotted line from left to right, its label beside the plot, where no line runs into it."""
    where: dict[str, Any] = {"xref": "x domain", "yref": "y"}
    _draw(figure, "line", {"color": GREY, "width": 1.5, "dash": "dot"}, x0=0, x1=1, y0=y, y1=y, **where)
    _annotate(figure, label.replace(" ", "<br>"), x=1, y=y, xanchor="left", yanchor="middle", **where)
    figure["layout"]["margin"]["r"] = 48


def _room(values: Sequence[float | None], indicator: Indicator, target: float | None) -> list[float]:
    """Axis limits that show differences between shares without pretending that they start at 0."""
    known = [value for value in (*values, target) if value is not None]
    if not known:
        return [0, 1]
    low, high = min(known), max(known)
    margin = max((high - low) * 0.12, 0.5 if indicator.is_percentage else abs(high) * 0.05, 1e-9)
    top = high + margin
    return [low - margin, min(top, 100.6) if indicator.is_percentage and high <= 100 else top]


def _filled(colour: str, count: int, unfinished: Unfinished) -> dict[str, Any]:
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


def _told(labels: Sequence[str], unfinished: Unfinished) -> list[str]:
    """What pointing at each month says first."""
    return [f"{label} {unfinished[at]}" if at in unfinished else label for at, label in enumerate(labels)]


def _line(
    values: Sequence[float | None], unfinished: Unfinished, line: dict[str, Any], size: int, **point: Any
) -> list[dict[str, Any]]:
    """A line by position; to an unfinished month it is dashed and ends in an open mark. ``point``: all or one a month."""
    places = list(range(len(values)))
    marker = {"size": size, "color": line["color"]}
    if not any(at in unfinished and value is not None for at, value in enumerate(values)):
        return [_scatter(x=places, y=list(values), mode="lines+markers", line=line, marker=marker, **point)]
    done = [None if at in unfinished else value for at, value in enumerate(values)]
    open_ = [value if at in unfinished else None for at, value in enumerate(values)]
    dashed: list[float | None] = []
    for at in places[1:]:
        if at in unfinished:
            dashed += [values[at - 1], values[at], None]
    ends = [end for at in places[1:] if at in unfinished for end in (at - 1, at, at)]
    apart = {"showlegend": False, "line": {**line, "dash": "dot", "width": 2}}
    return [
        _scatter(x=places, y=done, mode="lines+markers", line=line, marker=marker, **point),
        _scatter(x=ends, y=dashed, mode="lines", hoverinfo="skip", **apart),
        _scatter(
            x=places,
            y=open_,
            mode="markers",
            marker={**marker, "symbol": "circle-open", "size": size + 2, "line": {"color": line["color"], "width": 2}},
            **point,
            **apart,
        ),
    ]


def trend(
    now: pd.Series[float],
    then: pd.Series[float] | None,
    indicator: Indicator,
    *,
    labels: Sequence[str],
    axis: str,
    now_label: str,
    then_label: str,
    target_label: str | None,
    unreported: str,
    as_line: bool | None = None,
    unfinished: Unfinished = FINISHED,
    height: int = 260,
) -> Figure:
    """Months from left to right: bars for counts, a line for ratios; the compared period beside it in grey.

    ``now`` and ``then`` are indexed by month and aligned by position; a month without data stays empty. ``as_line``
    decides between line and bars. ``unfinished``: the months whose data end before they do, by position, and what
    pointing at them says; their bars are hatched, and the line to them is dashed.
    """
    values, past = _numbers(now), _numbers([] if then is None else then)[: len(now)]
    hover = f"%{{hovertext}}<br>%{{y:,.{indicator.decimals}f}}<extra>%{{fullData.name}}</extra>"
    shown = {
        "name": now_label,
        "customdata": list(now.index),
        "hovertext": _told(labels, unfinished),
        "hovertemplate": hover,
    }
    y = _axis(rangemode="tozero")
    if indicator.is_ratio if as_line is None else as_line:
        traces = _line(values, unfinished, {"color": BLUE, "width": 2.5}, 8, **shown)
        if indicator.is_ratio:
            target = indicator.target if target_label else None
            scale = line_scale(values, indicator)
            y["range"] = _room([*values, *past, *scale], indicator, target)
    else:
        text = [unreported if value is None else "" for value in values]
        marker = _filled(BLUE, len(values), unfinished)
        traces = [_bar(x=list(range(len(values))), y=values, marker=marker, text=text, **shown)]
    figure = _figure(height, traces, x=_month_axis(labels), y=y)
    if any(value is not None for value in past):
        traces.append(
            _scatter(
                x=list(range(len(past))),
                y=past,
                name=then_label,
                mode="lines+markers",
                line={"color": GREY, "width": 2, "dash": "dot"},
                marker={"size": 5},
                hovertext=list(labels[: len(past)]),
                hovertemplate=hover,
                **_UNFADING,
            )
        )
        _legend_above(figure)
    _unit_above(figure, axis)
    if indicator.is_ratio and target_label and indicator.target is not None:
        _line_along(figure, indicator.target, target_label)
    return figure


def ranking(
    names: Sequence[str],
    values: Sequence[float],
    indicator: Indicator,
    *,
    texts: Sequence[str],
    hovers: Sequence[str],
    keys: Sequence[str],
    axis: str,
    target_label: str | None,
    unreported: str | Sequence[str] | None = None,
    highlight: str | None = None,
    then: Sequence[float] = (),
    then_label: str = "",
    height: int | None = None,
) -> Figure:
    """Horizontal bars in the order given, first on top; orange misses the target, hatched has no data (``unreported``: why).

    The name to highlight keeps its full colour, the others fade. ``then``: the compared period, in grey.
    """
    amounts, rows = _numbers(values), _apart(names)
    known = {row: amount for row, amount in enumerate(amounts) if amount is not None}
    missing = [row for row, amount in enumerate(amounts) if amount is None]
    low, high = (min(known.values()), max(known.values())) if known else (0.0, 1.0)
    target = indicator.target if target_label else None

    def colour(row: int, amount: float) -> str:
        short = target is not None and indicator.misses_target(amount)
        if highlight is not None and names[row] != highlight:
            return FADED_ORANGE if short else FADED_BLUE
        return ORANGE if short else BLUE

    colours = [colour(row, amount) for row, amount in known.items()]
    labels = [texts[row] for row in known]
    shared = {
        "y": [rows[row] for row in known],
        "customdata": [keys[row] for row in known],
        "hovertext": [hovers[row] for row in known],
        "hovertemplate": _HOVERTEXT,
    }
    # Dots stand at the value, tied to the target (or to the middle) by a line. Everything else is bars from 0.
    tied_to = anchor(amounts, target, is_share=indicator.is_percentage)
    as_dots = tied_to is not None
    if tied_to is not None:
        bounds = _room([*amounts, tied_to], indicator, target)
        traces = [
            _bar(
                x=[amount - tied_to for amount in known.values()],
                base=tied_to,
                orientation="h",
                width=0.16,
                marker={"color": colours, "opacity": 0.55},
                **shared,
            ),
            _scatter(
                x=list(known.values()),
                mode="markers+text",
                marker={"color": colours, "size": 12},
                text=labels,
                textposition=["middle left" if amount < tied_to else "middle right" for amount in known.values()],
                cliponaxis=False,
                **_UNFADING,
                **shared,
            ),
        ]
    else:
        bounds = [min(0.0, low, target or 0.0), max(0.0, high, target or 0.0)]
        marker = {"color": colours}
        traces = [_bar(x=list(known.values()), orientation="h", marker=marker, text=labels, **_TEXT_BESIDE, **shared)]
    width = (bounds[1] - bounds[0]) or 1
    if missing and unreported is not None:
        words = [unreported] * len(names) if isinstance(unreported, str) else list(unreported)
        traces.append(
            _bar(
                y=[rows[row] for row in missing],
                x=[width * 0.18] * len(missing),
                base=[bounds[0]] * len(missing),
                orientation="h",
                marker=_UNREPORTED,
                text=[words[row] for row in missing],
                customdata=[keys[row] for row in missing],
                hovertext=[f"{names[row]} {words[row]}" for row in missing],
                hovertemplate=_HOVERTEXT,
                **_TEXT_BESIDE,
            )
        )
    past = {row: amount for row, amount in enumerate(_numbers(then)) if amount is not None}
    if past:
        bounds = [min(bounds[0], *past.values()), max(bounds[1], *past.values())]
        width = (bounds[1] - bounds[0]) or 1
        place = {
            "y": [rows[row] for row in past],
            "name": then_label,
            "hovertext": [names[row] for row in past],
            "hovertemplate": f"%{{hovertext}} %{{customdata:,.{indicator.decimals}f}}<extra>{then_label}</extra>",
            "customdata": list(past.values()),
        }
        if as_dots:
            mark = {"symbol": "line-ns", "size": 13, "line": {"color": GREY, "width": 2.5}}
            traces.append(_scatter(x=list(past.values()), mode="markers", marker=mark, **_UNFADING, **place))
        else:
            # Behind the bars and wider, so that both can be read; the figure stands beyond both.
            own = traces[0]
            own["width"], own["text"] = 0.44, None
            behind = {"color": "rgba(138,150,163,0.4)"}
            traces.insert(0, _bar(x=list(past.values()), orientation="h", width=0.8, marker=behind, **place))
            ends = [max(amount, past.get(row, amount)) for row, amount in known.items()]
            traces.append(
                _scatter(
                    x=ends,
                    y=own["y"],
                    mode="text",
                    # Plotly sets them close to the bar.
                    text=[f"\u00a0{one}" for one in labels],
                    textposition="middle right",
                    cliponaxis=False,
                    hoverinfo="skip",
                    **_UNFADING,
                )
            )
    # Room for labels beside their dots and bars, however long the longest is
    longest = max(map(len, labels), default=0)
    left = (0.14 if longest <= 8 else 0.05 * longest) * width if as_dots or bounds[0] < 0 else 0
    figure = _figure(
        _tall_enough(height or max(150, 56 + 20 * len(names)), len(names)),
        traces,
        x=_axis(axis, range=[bounds[0] - left, bounds[1] + max(0.2, 0.032 * longest) * width], nticks=5),
        y=_name_axis(rows),
        bargap=0.22,
        barmode="overlay",
    )
    if target is not None and target_label:
        _line_across(figure, target, target_label, width=1.5)
        figure["layout"]["margin"]["t"] = 26
    return figure


def pareto(
    names: Sequence[str],
    amounts: Sequence[float],
    *,
    axis: str,
    cumulative_label: str,
    texts: Sequence[str],
    keys: Sequence[str | None],
    highlight: str | None = None,
    height: int = 300,
) -> Figure:
    """Bars from the largest down, with the cumulative share as a line on the upper axis.

    The bars are the whole: what is not drawn by itself comes as a last bar of all the rest. A bar whose key is None is
    grey and cannot be clicked.
    """
    values, rows = _numbers(amounts), _apart(names)
    sums = list(accumulate(value or 0 for value in values))
    colors = [GREY if key is None else BLUE if highlight in (None, key) else FADED_BLUE for key in keys]
    figure = _figure(
        _tall_enough(height, len(rows), around=100),
        [
            _bar(
                y=rows,
                x=values,
                orientation="h",
                marker={"color": colors},
                text=list(texts),
                textposition="inside",
                insidetextanchor="start",
                constraintext="none",
                textangle=0,
                customdata=list(keys),
                hovertext=list(names),
                hovertemplate="%{hovertext}：%{x:,}<extra></extra>",
            ),
            _scatter(
                y=rows,
                x=[100 * amount / (sums[-1] or 1) for amount in sums],
                xaxis="x2",
                mode="lines+markers",
                line={"color": ORANGE, "width": 2},
                marker={"size": 6},
                hovertext=list(names),
                hovertemplate="%{hovertext}<br>" + cumulative_label + " %{x:.1f}%<extra></extra>",
                **_UNFADING,
            ),
        ],
        x=_axis(axis, rangemode="tozero", nticks=5),
        y=_name_axis(rows),
        bargap=0.25,
        xaxis2={
            "overlaying": "x",
            "side": "top",
            "range": [0, 104],
            "showgrid": False,
            "fixedrange": True,
            "title": {"text": cumulative_label, "standoff": 2},
            "tickvals": [0, 50, 80, 100],
            "ticktext": ["0", "50%", "80%", "100%"],
        },
    )
    figure["layout"]["margin"]["t"] = 44
    return figure


def shares(
    names: Sequence[str],
    amounts: Sequence[float],
    *,
    axis: str,
    texts: Sequence[str],
    keys: Sequence[str],
    height: int = 260,
) -> Figure:
    """Horizontal bars with their shares written beside them."""
    rows = _apart(names)
    bars = _bar(
        y=rows,
        x=_numbers(amounts),
        orientation="h",
        marker={"color": BLUE},
        text=list(texts),
        customdata=list(keys),
        hovertext=list(names),
        hovertemplate="%{hovertext}：%{x:,}<extra></extra>",
        **_TEXT_BESIDE,
    )
    x = _axis(axis, range=[0, _largest(amounts) * 1.5], nticks=4)
    return _figure(_tall_enough(height, len(rows)), [bars], x=x, y=_name_axis(rows))


def distribution(
    lefts: Sequence[float],
    amounts: Sequence[float],
    *,
    axis: str,
    amount_axis: str,
    marks: Sequence[tuple[float, str]],
    last_label: str,
    height: int = 300,
) -> Figure:
    """Bars a unit wide from each left edge; the last takes all that is longer; marks are vertical lines."""
    names = [f"{left:g}–{left + 1:g}" for left in lefts]
    if names:
        names[-1] = last_label
    bars = _bar(
        x=[left + 0.5 for left in lefts],
        y=_numbers(amounts),
        width=0.92,
        marker={"color": BLUE},
        hovertext=names,
        hovertemplate="%{hovertext}：%{y:,}<extra></extra>",
    )
    x = _axis(axis, range=[0, len(lefts)], dtick=5 if len(lefts) <= 61 else 20)
    figure = _figure(height, [bars], x=x, y=_axis(nticks=5), bargap=0.08)
    for level, (position, label) in enumerate(marks):
        # Each line ends below the label before it, so that no line crosses a label.
        top = 1 - 0.14 * level
        line = {"color": ORANGE, "width": 2, "dash": "dot"}
        _draw(figure, "line", line, x0=position, x1=position, y0=0, y1=top, yref="paper")
        _annotate(figure, label, size=12, x=position, y=top, yref="paper", xanchor="left", yanchor="top")
    _unit_above(figure, amount_axis)
    return figure


def week(counts: pd.DataFrame, *, weekdays: Sequence[str], hour_axis: str, unit: str, height: int = 300) -> Figure:
    """Weekday × hour cells (columns: weekday 1–7, hour 0–23, amount), darker for more.

    Cells are bars on a grid, because only bars can be clicked; ``customdata`` is weekday-hour.
    """
    amounts = counts.groupby(["weekday", "hour"])["amount"].sum().to_dict()
    cells = [(weekday, hour, float(amounts.get((weekday, hour), 0))) for weekday in range(1, 8) for hour in range(24)]
    bars = _bar(
        x=[hour for _, hour, _ in cells],
        y=[0.94] * len(cells),
        base=[weekday - 0.47 for weekday, _, _ in cells],
        width=0.94,
        marker={
            "color": [amount for _, _, amount in cells],
            "colorscale": LITTLE_TO_MUCH,
            "showscale": True,
            "colorbar": {"thickness": 8, "outlinewidth": 0, "nticks": 4, "title": {"text": unit}},
        },
        customdata=[f"{weekday}-{hour}" for weekday, hour, _ in cells],
        hovertext=[
            f"{weekdays[weekday - 1]} {hour}:00–{hour + 1}:00：{amount:,.0f} {unit}" for weekday, hour, amount in cells
        ],
        hovertemplate=_HOVERTEXT,
    )
    plain: dict[str, Any] = {"showgrid": False, "zeroline": False}
    return _figure(
        height,
        [bars],
        x=_axis(hour_axis, dtick=3, range=[-0.6, 23.6], **plain),
        y=_axis(tickvals=list(range(1, 8)), ticktext=list(weekdays), range=[7.55, 0.45], **plain),
        bargap=0,
    )


def heatmap(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[tuple[int, int, float, str, str]],
    indicator: Indicator,
    *,
    total: float,
    unit: str,
    height: int,
    rest_rows: Collection[int] = (),
    rest_columns: Collection[int] = (),
) -> Figure:
    """Cells (row, column, value, what pointing tells, key), coloured as on the map: against the total where that says
    something, else darker for more.

    ``rest_rows`` and ``rest_columns`` (positions) stand for no one name: 其他, 不详. The scale is that of the other
    cells, beside which theirs, often the largest, would leave no difference; theirs end where it ends.

    Cells are bars on a grid, because only bars can be clicked; ``customdata`` is the key.
    """
    known = [cell for cell in cells if not pd.isna(cell[2])]
    values = [value for _, _, value, *_ in known]
    named = [value for row, column, value, *_ in known if row not in rest_rows and column not in rest_columns] or values
    colours = _colours(named, indicator, median(named) if pd.isna(total) else total) if known else {}
    bars = _bar(
        x=[column for _, column, *_ in known],
        y=[0.94] * len(known),
        base=[row - 0.47 for row, *_ in known],
        width=0.94,
        marker={
            "color": values,
            "showscale": True,
            "colorbar": {"thickness": 8, "outlinewidth": 0, "nticks": 4, "title": {"text": unit}},
            **colours,
        },
        customdata=[key for *_, key in known],
        hovertext=[words for *_, words, _ in known],
        hovertemplate=_HOVERTEXT,
    )
    plain: dict[str, Any] = {"showgrid": False, "zeroline": False}
    step = max(1, len(columns) // 14)
    shown = list(range(0, len(columns), step))
    # Of the narrowest plot, half a page wide, in characters
    headings = [_in_lines(columns[place], max(2, int(270 / 11 / len(shown)))) for place in shown]
    lines = max((heading.count("<br>") for heading in headings), default=0)
    return _figure(
        _tall_enough(height, len(rows)) + 13 * lines,
        [bars],
        x=_axis(tickvals=shown, ticktext=headings, tickangle=0, range=[-0.6, len(columns) - 0.4], **plain),
        y=_axis(
            tickvals=list(range(len(rows))),
            ticktext=[_shortened(row) for row in rows],
            range=[len(rows) - 0.45, -0.55],
            **plain,
        ),
        bargap=0,
    )


def stacked(
    names: Sequence[str],
    series: Sequence[tuple[str, Sequence[float], str]],
    *,
    axis: str,
    amount_axis: str,
    height: int = 300,
    keys: Sequence[str] | None = None,
    unfinished: Unfinished = FINISHED,
) -> Figure:
    """Stacked vertical bars; ``series`` are (label, amounts, colour). ``unfinished`` as in :func:`trend`."""
    traces = [
        _bar(
            x=list(range(len(names))),
            y=_numbers(amounts),
            name=label,
            marker=_filled(colour, len(names), unfinished),
            customdata=list(keys or names),
            hovertext=_told(names, unfinished),
            hovertemplate="%{hovertext}：%{y:,}<extra>%{fullData.name}</extra>",
        )
        for label, amounts, colour in series
    ]
    figure = _figure(height, traces, x=_month_axis(names, axis), y=_axis(nticks=5), barmode="stack")
    if len(series) > 1:
        _legend_of(figure, [label for label, *_ in series])
    _unit_above(figure, amount_axis)
    return figure


def tiles(
    places: pd.DataFrame,
    indicator: Indicator,
    *,
    county_value: float,
    texts: Sequence[str],
    hovers: Sequence[str],
    unreported: str,
    highlight: str | None = None,
    height: int = 330,
) -> Figure:
    """The schematic map: a tile a township at (tile_row, tile_column), coloured against the county's figure.

    ``places`` has code, name, tile_row, tile_column, value. Where neither more nor less is better, the
    colour only tells little from much. A tile without data is hatched; the one to highlight is framed.
    """
    names, values = places["name"].tolist(), _numbers(places["value"])
    rows, columns = places["tile_row"].astype(float).tolist(), places["tile_column"].astype(float).tolist()
    across, down = max(columns) - min(columns) + 1, max(rows) - min(rows) + 1
    # Of the narrowest column of a page that holds a map, in pixels
    room = 0.94 * 290 / across
    size = 11 if max(map(len, names)) <= room / 11 else 10
    shown = [_wrapped(name, max(2, int(room / size))) for name in names]
    lines = max(name.count("<br>") for name in shown) + 2
    known = {tile: value for tile, value in enumerate(values) if value is not None}
    missing = [tile for tile, value in enumerate(values) if value is None]

    def bars(chosen: Iterable[int], marker: dict[str, Any]) -> dict[str, Any]:
        chosen = list(chosen)
        return _bar(
            x=[columns[tile] for tile in chosen],
            y=[0.94] * len(chosen),
            base=[rows[tile] - 0.47 for tile in chosen],
            width=0.94,
            marker=marker,
            text=[f"<b>{shown[tile]}</b><br>{texts[tile]}" for tile in chosen],
            textfont={"size": size},
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            constraintext="none",
            customdata=[names[tile] for tile in chosen],
            hovertext=[hovers[tile] for tile in chosen],
            hovertemplate=_HOVERTEXT,
        )

    traces = []
    if known:
        colour = {"color": list(known.values()), **_colours(list(known.values()), indicator, county_value)}
        traces.append(bars(known, {"line": {"width": 0}, **colour}))
    if missing:
        traces.append(bars(missing, _UNREPORTED))
    figure = _figure(
        max(height, round(down * (15 * lines + 8))),
        traces,
        x=_axis(visible=False, range=[min(columns) - 0.5, max(columns) + 0.5]),
        y=_axis(visible=False, range=[max(rows) + 0.5, min(rows) - 0.5]),
        bargap=0,
        barmode="overlay",
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
    )
    for name, row, column in zip(names, rows, columns, strict=True):
        if name == highlight:
            edges = {"x0": column - 0.47, "x1": column + 0.47, "y0": row - 0.47, "y1": row + 0.47}
            _draw(figure, "rect", {"color": FRAME, "width": 4}, **edges)
    return figure


def _wrapped(name: str, room: int) -> str:
    """The name on one line or two of so many characters, with … for what goes beyond them."""
    if len(name) <= room:
        return name
    if len(name) <= 2 * room:
        half = math.ceil(len(name) / 2)
        return f"{name[:half]}<br>{name[half:]}"
    return f"{name[:room]}<br>{name[room : 2 * room - 1]}…"


def _colours(values: Sequence[float], indicator: Indicator, county_value: float) -> dict[str, Any]:
    """The colours for these values, and the values at both their ends."""
    if indicator.direction == "neither":
        return {"colorscale": LITTLE_TO_MUCH, "cmin": min(values), "cmax": max(values)}
    middle, reach = median(values), 0.0
    if indicator.is_ratio:
        middle, reach = county_value, max(abs(value - county_value) for value in values)
    reach = reach or max(max(values) - min(values), 1e-9) / 2
    low, high = _numbers([middle - reach, middle + reach])
    scale = WORSE_TO_BETTER if indicator.direction == "higher" else BETTER_TO_WORSE
    return {"colorscale": scale, "cmin": low, "cmax": high}


def gantt(
    projects: pd.DataFrame,
    *,
    today: datetime,
    today_label: str,
    planned_label: str,
    actual_label: str,
    behind_label: str,
    unreported_label: str,
    names: Sequence[str],
    hovers: Sequence[str],
    is_behind: Sequence[bool],
    is_reported: Sequence[bool],
) -> Figure:
    """Planned (thin, grey) and actual (thick) time of each project, today's line across.

    ``projects`` has planned_start, planned_end, actual_start, actual_end (NaT: not yet).
    """
    day = 86_400_000
    labels = _apart(names)

    def bars(begins: str, ends: str, label: str, colour: str, width: float, rows: Sequence[int]) -> dict[str, Any]:
        begin, end = projects[begins].tolist(), projects[ends].fillna(today).tolist()
        return _bar(
            y=[labels[row] for row in rows],
            base=[begin[row].isoformat() for row in rows],
            x=[max((end[row] - begin[row]).days, 1) * day for row in rows],
            orientation="h",
            width=width,
            name=label,
            marker={"color": colour},
            hovertext=[hovers[row] for row in rows],
            hovertemplate=_HOVERTEXT,
        )

    every = range(len(projects))
    begun = [row for row, start in enumerate(projects["actual_start"]) if not pd.isna(start)]
    late = [row for row in begun if is_behind[row]]
    unknown = [row for row in begun if not is_reported[row]]
    on_time = [row for row in begun if row not in late and row not in unknown]
    traces = [bars("planned_start", "planned_end", planned_label, "rgba(138,150,163,0.45)", 0.82, every)]
    for label, colour, rows in (
        (actual_label, BLUE, on_time),
        (unreported_label, FADED_BLUE, unknown),
        (behind_label, ORANGE, late),
    ):
        if rows:
            traces.append(bars("actual_start", "actual_end", label, colour, 0.42, rows))
    height = max(170, 70 + 22 * len(projects))
    x = _axis(type="date", tickformat="%Y-%m", nticks=8)
    axis = _name_axis(labels)
    # A name with its township, beside a chart as wide as the page.
    axis["ticktext"] = [_shortened(name, 26) for name in names]
    figure = _figure(height, traces, x=x, y=axis, barmode="overlay", bargap=0.2)
    _line_across(figure, today.isoformat(), today_label, width=2)
    _legend_above(figure)
    figure["layout"]["margin"]["t"] = 52
    figure["layout"]["legend"]["y"] = 1 + 26 / max(height - 100, 60)
    return figure


def lines(
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float], str, str]],
    *,
    axis: str,
    unfinished: Unfinished = FINISHED,
    height: int = 280,
) -> Figure:
    """Several lines over the same months; ``series`` are (label, values, colour, dash). ``unfinished``: see trend."""
    traces = [
        trace
        for label, values, colour, dash in series
        for trace in _line(
            _numbers(values),
            unfinished,
            {"color": colour, "width": 2.5, "dash": dash},
            6,
            name=label,
            hovertext=_told(labels, unfinished),
            hovertemplate="%{hovertext}：%{y:.1f}<extra>%{fullData.name}</extra>",
        )
    ]
    figure = _figure(height, traces, x=_month_axis(labels), y=_axis(nticks=5))
    _legend_of(figure, [label for label, *_ in series])
    _unit_above(figure, axis)
    return figure


def bullet(
    names: Sequence[str],
    done: Sequence[float],
    whole: Sequence[float],
    *,
    done_label: str,
    whole_label: str,
    axis: str,
    texts: Sequence[str],
    keys: Sequence[str],
    height: int = 260,
) -> Figure:
    """What is done (thick, blue) within the whole (pale), side by side for each name."""
    rows = _apart(names)
    shared = {
        "y": rows,
        "orientation": "h",
        "customdata": list(keys),
        "hovertext": list(names),
        "hovertemplate": "%{hovertext}：%{x:,.0f} " + axis + "<extra>%{fullData.name}</extra>",
    }
    pale = {"color": "rgba(138,150,163,0.35)"}
    traces = [
        _bar(x=_numbers(whole), width=0.75, name=whole_label, marker=pale, text=list(texts), **_TEXT_BESIDE, **shared),
        _bar(x=_numbers(done), width=0.4, name=done_label, marker={"color": BLUE}, **shared),
    ]
    x = _axis(axis, range=[0, _largest(whole) * 1.15], nticks=5)
    figure = _figure(_tall_enough(height, len(rows), around=90), traces, x=x, y=_name_axis(rows), barmode="overlay")
    _legend_above(figure)
    return figure


def split(names: Sequence[str], amounts: Sequence[float], *, axis: str, texts: Sequence[str], height: int) -> Figure:
    """What adds up to a change, first on top: blue for what raised it, orange for what lowered it."""
    colours = [BLUE if amount >= 0 else ORANGE for amount in amounts]
    rows = _apart(names)
    bars = _bar(
        y=rows,
        x=_numbers(amounts),
        orientation="h",
        marker={"color": colours},
        text=list(texts),
        hovertext=[f"{name} {text}" for name, text in zip(names, texts, strict=True)],
        hovertemplate=_HOVERTEXT,
        **_TEXT_BESIDE,
    )
    reach = 1.35 * _largest(abs(amount) for amount in amounts)
    x = _axis(axis, range=[-reach, reach], zeroline=True, nticks=5)
    return _figure(_tall_enough(height, len(rows)), [bars], x=x, y=_name_axis(rows))


def place_ranges(
    names: Sequence[str],
    places: Sequence[float],
    chance: tuple[Sequence[float], Sequence[float]],
    weights: tuple[Sequence[float], Sequence[float]],
    *,
    axis: str,
    labels: tuple[str, str, str],
    hovers: Sequence[str],
    highlight: str | None,
) -> Figure:
    """Each place as a dot on the range that chance allows (broad) and the one that other weights do (narrow)."""
    rows = _apart(names)

    def range_of(
        bounds: tuple[Sequence[float], Sequence[float]], width: float, colour: str, name: str
    ) -> dict[str, Any]:
        best, worst = (_numbers(bound) for bound in bounds)
        # A range of one place is drawn, too.
        return _bar(
            y=rows,
            base=[None if low is None else low - 0.3 for low in best],
            x=[
                None if low is None or high is None else high - low + 0.6 for low, high in zip(best, worst, strict=True)
            ],
            orientation="h",
            width=width,
            marker={"color": colour},
            name=name,
            hoverinfo="skip",
        )

    dots = _scatter(
        y=rows,
        x=_numbers(places),
        mode="markers",
        marker={"color": [ORANGE if name == highlight else BLUE for name in names], "size": 11},
        name=labels[0],
        customdata=list(names),
        hovertext=list(hovers),
        hovertemplate=_HOVERTEXT,
        **_UNFADING,
    )
    figure = _figure(
        max(150, 76 + 21 * len(names)),
        [
            range_of(chance, 0.72, "rgba(138,150,163,0.3)", labels[1]),
            range_of(weights, 0.26, "rgba(47,128,194,0.5)", labels[2]),
            dots,
        ],
        x=_axis(axis, range=[0.4, len(names) + 0.6], dtick=max(1, len(names) // 8), tick0=1, side="top"),
        y=_name_axis(rows),
        barmode="overlay",
    )
    _legend_above(figure)
    figure["layout"]["legend"] |= {"y": -0.02, "yanchor": "top"}
    figure["layout"]["margin"]["b"] = 30
    return figure


def funnel(
    names: Sequence[str],
    denominators: Sequence[float],
    values: Sequence[float],
    limits: Sequence[tuple[str, Sequence[float], Sequence[float], Sequence[float]]],
    *,
    county: float,
    axis: str,
    amount_axis: str,
    hovers: Sequence[str],
    outside: Sequence[bool],
    highlight: str | None,
    height: int,
) -> Figure:
    """Shares over their denominators, within the limits (name, denominators, lower, upper) of chance."""
    traces = []
    for number, (name, at, lower, upper) in enumerate(limits):
        line = {"color": GREY, "width": 1.2, "dash": "dot" if number == 0 else "dash"}
        for bound, is_named in ((upper, True), (lower, False)):
            traces.append(
                _scatter(
                    x=_numbers(at),
                    y=_numbers(bound),
                    mode="lines",
                    line=line,
                    name=name,
                    showlegend=is_named,
                    hoverinfo="skip",
                )
            )
    drawn = _numbers([county, *values, *(bound for _, _, *bounds in limits for ends in bounds for bound in ends)])
    height_of_values = _largest(drawn) - min((one for one in drawn if one is not None), default=0)
    labelled = _labels_apart(names, denominators, values, outside, highlight, county, height_of_values)
    widest = _largest(denominators)
    traces.append(
        _scatter(
            x=_numbers(denominators),
            y=_numbers(values),
            mode="markers+text",
            marker={"color": [ORANGE if is_outside else BLUE for is_outside in outside], "size": 10},
            text=labelled,
            # Into the plot, not over its edge
            textposition=["middle left" if at > 0.6 * widest else "middle right" for at in denominators],
            customdata=list(names),
            hovertext=list(hovers),
            hovertemplate=_HOVERTEXT,
            showlegend=False,
            cliponaxis=False,
            **_UNFADING,
        )
    )
    figure = _figure(height, traces, x=_axis(axis, rangemode="tozero"), y=_axis(nticks=6))
    _draw(figure, "line", {"color": GREY, "width": 1}, x0=0, x1=1, y0=county, y1=county, xref="paper", yref="y")
    _legend_above(figure)
    _unit_above(figure, amount_axis)
    return figure


def _labels_apart(
    names: Sequence[str],
    denominators: Sequence[float],
    values: Sequence[float],
    outside: Sequence[bool],
    highlight: str | None,
    county: float,
    height: float,
) -> list[str]:
    """The names to write beside the points of a funnel: of those outside the ones furthest off, none over another."""
    labels = [""] * len(names)
    known = {at: value for at, value in enumerate(_numbers(values)) if value is not None}
    across, up = _largest(denominators), height or 1
    named = [at for at in known if outside[at] or names[at] == highlight]
    placed: list[tuple[float, float]] = []
    for at in sorted(named, key=lambda at: (names[at] != highlight, -abs(known[at] - county))):
        x, y = denominators[at] / across, known[at] / up
        # A name takes about a third of the width and a twelfth of the height.
        if all(abs(x - other) > 0.35 or abs(y - beside) > 0.08 for other, beside in placed):
            labels[at] = _shortened(names[at], 12)
            placed.append((x, y))
    return labels
