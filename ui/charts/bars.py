"""Bars by name: rankings, parts of a whole, amounts against a plan."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from data_access.model.indicator import Indicator
from ui.charts.figure import (
    BLUE,
    FADED_BLUE,
    FADED_ORANGE,
    GREY,
    HOVERTEXT,
    ORANGE,
    TEXT_BESIDE,
    UNFADING,
    UNREPORTED,
    Figure,
    as_numbers,
    bar_trace,
    largest,
    legend_above,
    line_across,
    name_axis,
    names_apart,
    new_axis,
    new_figure,
    room_for,
    scatter_trace,
    tall_enough,
)
from ui.charts.scales import anchor


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
    amounts, rows = as_numbers(values), names_apart(names)
    known = {row: amount for row, amount in enumerate(amounts) if amount is not None}
    missing = [row for row, amount in enumerate(amounts) if amount is None]
    low, high = (min(known.values()), max(known.values())) if known else (0.0, 1.0)
    target = indicator.target_of_each if target_label else None

    def colour(row: int, amount: float) -> str:
        short = bool(target_label or indicator.own_targets) and indicator.misses_target(amount, names[row])
        if highlight is not None and names[row] != highlight:
            return FADED_ORANGE if short else FADED_BLUE
        return ORANGE if short else BLUE

    colours = [colour(row, amount) for row, amount in known.items()]
    labels = [texts[row] for row in known]
    shared = {
        "y": [rows[row] for row in known],
        "customdata": [keys[row] for row in known],
        "hovertext": [hovers[row] for row in known],
        "hovertemplate": HOVERTEXT,
    }
    # Dots stand at the value, tied to the target (or to the middle) by a line. Everything else is bars from 0.
    tied_to = anchor(amounts, target, is_share=indicator.is_percentage)
    as_dots = tied_to is not None
    if tied_to is not None:
        bounds = room_for([*amounts, tied_to], indicator, target)
        traces = [
            bar_trace(
                x=[amount - tied_to for amount in known.values()],
                base=tied_to,
                orientation="h",
                width=0.16,
                marker={"color": colours, "opacity": 0.55},
                **shared,
            ),
            scatter_trace(
                x=list(known.values()),
                mode="markers+text",
                marker={"color": colours, "size": 12},
                text=labels,
                textposition=["middle left" if amount < tied_to else "middle right" for amount in known.values()],
                cliponaxis=False,
                **UNFADING,
                **shared,
            ),
        ]
    else:
        bounds = [min(0.0, low, target or 0.0), max(0.0, high, target or 0.0)]
        marker = {"color": colours}
        traces = [
            bar_trace(x=list(known.values()), orientation="h", marker=marker, text=labels, **TEXT_BESIDE, **shared)
        ]
    width = (bounds[1] - bounds[0]) or 1
    if missing and unreported is not None:
        words = [unreported] * len(names) if isinstance(unreported, str) else list(unreported)
        traces.append(
            bar_trace(
                y=[rows[row] for row in missing],
                x=[width * 0.18] * len(missing),
                base=[bounds[0]] * len(missing),
                orientation="h",
                marker=UNREPORTED,
                text=[words[row] for row in missing],
                customdata=[keys[row] for row in missing],
                hovertext=[f"{names[row]} {words[row]}" for row in missing],
                hovertemplate=HOVERTEXT,
                **TEXT_BESIDE,
            )
        )
    past = {row: amount for row, amount in enumerate(as_numbers(then)) if amount is not None}
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
        if tied_to is not None:
            # In a column of their own: beside a dot they could stand on the mark of the compared period, or seem to be its.
            traces[1] |= {"mode": "markers", "text": None, "textposition": None}
            traces.append(_beyond([bounds[1]] * len(labels), traces[1]["y"], labels))
            mark = {"symbol": "line-ns", "size": 13, "line": {"color": GREY, "width": 2.5}}
            traces.append(scatter_trace(x=list(past.values()), mode="markers", marker=mark, **UNFADING, **place))
        else:
            # Behind the bars and wider, so that both can be read; the figure stands beyond both.
            own = traces[0]
            own["width"], own["text"] = 0.44, None
            behind = {"color": "rgba(138,150,163,0.4)"}
            traces.insert(0, bar_trace(x=list(past.values()), orientation="h", width=0.8, marker=behind, **place))
            ends = [max(amount, past.get(row, amount)) for row, amount in known.items()]
            traces.append(_beyond(ends, own["y"], labels))
    # Room for labels beside their dots and bars, however long the longest is
    longest = max(map(len, labels), default=0)
    left = (0.14 if longest <= 8 else 0.05 * longest) * width if as_dots or bounds[0] < 0 else 0
    if as_dots and past:
        left = 0.02 * width
    figure = new_figure(
        tall_enough(height or max(150, 56 + 20 * len(names)), len(names)),
        traces,
        x=new_axis(axis, range=[bounds[0] - left, bounds[1] + max(0.2, 0.032 * longest) * width], nticks=5),
        y=name_axis(rows),
        bargap=0.22,
        barmode="overlay",
    )
    if target is not None and target_label:
        line_across(figure, target, target_label, width=1.5)
        figure["layout"]["margin"]["t"] = 26
    return figure


def _beyond(ends: Sequence[float], rows: Sequence[str], words: Sequence[str]) -> dict[str, Any]:
    """Words to the right of where marks end."""
    return scatter_trace(
        x=list(ends),
        y=list(rows),
        mode="text",
        # Plotly sets them close to where they belong.
        text=[f"\u00a0{one}" for one in words],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
        **UNFADING,
    )


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
    values, rows = as_numbers(amounts), names_apart(names)
    sums = list(accumulate(value or 0 for value in values))
    colors = [GREY if key is None else BLUE if highlight in (None, key) else FADED_BLUE for key in keys]
    figure = new_figure(
        tall_enough(height, len(rows), around=100),
        [
            bar_trace(
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
                hovertemplate="%{hovertext}<br>%{x:,}<extra></extra>",
            ),
            scatter_trace(
                y=rows,
                x=[100 * amount / (sums[-1] or 1) for amount in sums],
                xaxis="x2",
                mode="lines+markers",
                line={"color": ORANGE, "width": 2},
                marker={"size": 6},
                hovertext=list(names),
                hovertemplate="%{hovertext}<br>" + cumulative_label + " %{x:.1f}%<extra></extra>",
                **UNFADING,
            ),
        ],
        x=new_axis(axis, rangemode="tozero", nticks=5),
        y=name_axis(rows),
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
    rows = names_apart(names)
    bars = bar_trace(
        y=rows,
        x=as_numbers(amounts),
        orientation="h",
        marker={"color": BLUE},
        text=list(texts),
        customdata=list(keys),
        hovertext=list(names),
        hovertemplate="%{hovertext}<br>%{x:,}<extra></extra>",
        **TEXT_BESIDE,
    )
    # Room beside the longest bar for its words
    longest = max(map(len, texts), default=0)
    x = new_axis(axis, range=[0, largest(amounts) * max(1.5, 0.125 * longest)], nticks=4)
    return new_figure(tall_enough(height, len(rows)), [bars], x=x, y=name_axis(rows))


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
    rows = names_apart(names)
    shared = {
        "y": rows,
        "orientation": "h",
        "customdata": list(keys),
        "hovertext": list(names),
        "hovertemplate": "%{hovertext}<br>%{x:,.0f} " + axis + "<extra>%{fullData.name}</extra>",
    }
    pale = {"color": "rgba(138,150,163,0.35)"}
    traces = [
        bar_trace(
            x=as_numbers(whole), width=0.75, name=whole_label, marker=pale, text=list(texts), **TEXT_BESIDE, **shared
        ),
        bar_trace(x=as_numbers(done), width=0.4, name=done_label, marker={"color": BLUE}, **shared),
    ]
    x = new_axis(axis, range=[0, largest(whole) * 1.15], nticks=5)
    figure = new_figure(tall_enough(height, len(rows), around=90), traces, x=x, y=name_axis(rows), barmode="overlay")
    legend_above(figure)
    return figure


def split(names: Sequence[str], amounts: Sequence[float], *, axis: str, texts: Sequence[str], height: int) -> Figure:
    """What adds up to a change, first on top: blue for what raised it, orange for what lowered it."""
    colours = [BLUE if amount >= 0 else ORANGE for amount in amounts]
    rows = names_apart(names)
    bars = bar_trace(
        y=rows,
        x=as_numbers(amounts),
        orientation="h",
        marker={"color": colours},
        text=list(texts),
        hovertext=[f"{name} {text}" for name, text in zip(names, texts, strict=True)],
        hovertemplate=HOVERTEXT,
        **TEXT_BESIDE,
    )
    reach = 1.35 * largest(abs(amount) for amount in amounts)
    x = new_axis(axis, range=[-reach, reach], zeroline=True, nticks=5)
    return new_figure(tall_enough(height, len(rows)), [bars], x=x, y=name_axis(rows))
