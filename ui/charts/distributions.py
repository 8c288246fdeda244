"""How figures are spread, and what chance alone would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ui.charts.figure import (
    BLUE,
    GREY,
    HOVERTEXT,
    ORANGE,
    UNFADING,
    Figure,
    annotate,
    as_numbers,
    bar_trace,
    draw_shape,
    largest,
    legend_above,
    name_axis,
    names_apart,
    new_axis,
    new_figure,
    scatter_trace,
    shortened,
    unit_above,
)


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
    bars = bar_trace(
        x=[left + 0.5 for left in lefts],
        y=as_numbers(amounts),
        width=0.92,
        marker={"color": BLUE},
        hovertext=names,
        hovertemplate="%{hovertext}<br>%{y:,}<extra></extra>",
    )
    x = new_axis(axis, range=[0, len(lefts)], dtick=5 if len(lefts) <= 61 else 20)
    figure = new_figure(height, [bars], x=x, y=new_axis(nticks=5), bargap=0.08)
    for level, (position, label) in enumerate(marks):
        # Each line ends below the label before it, so that no line crosses a label.
        top = 1 - 0.14 * level
        line = {"color": ORANGE, "width": 2, "dash": "dot"}
        draw_shape(figure, "line", line, x0=position, x1=position, y0=0, y1=top, yref="paper")
        annotate(figure, label, size=12, x=position, y=top, yref="paper", xanchor="left", yanchor="top")
    unit_above(figure, amount_axis)
    return figure


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
    rows = names_apart(names)

    def range_of(
        bounds: tuple[Sequence[float], Sequence[float]], width: float, colour: str, name: str
    ) -> dict[str, Any]:
        best, worst = (as_numbers(bound) for bound in bounds)
        # A range of one place is drawn, too.
        return bar_trace(
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

    dots = scatter_trace(
        y=rows,
        x=as_numbers(places),
        mode="markers",
        marker={"color": [ORANGE if name == highlight else BLUE for name in names], "size": 11},
        name=labels[0],
        customdata=list(names),
        hovertext=list(hovers),
        hovertemplate=HOVERTEXT,
        **UNFADING,
    )
    figure = new_figure(
        max(150, 76 + 21 * len(names)),
        [
            range_of(chance, 0.72, "rgba(138,150,163,0.3)", labels[1]),
            range_of(weights, 0.26, "rgba(47,128,194,0.5)", labels[2]),
            dots,
        ],
        x=new_axis(axis, range=[0.4, len(names) + 0.6], dtick=max(1, len(names) // 8), tick0=1, side="top"),
        y=name_axis(rows),
        barmode="overlay",
    )
    legend_above(figure)
    figure["layout"]["legend"] |= {"y": -0.02, "yanchor": "top"}
    figure["layout"]["margin"]["b"] = 30
    return figure


def expected_ranges(
    names: Sequence[str],
    expected: Sequence[float],
    ranges: tuple[Sequence[float], Sequence[float]],
    others: Sequence[tuple[str, str, Sequence[float]]],
    *,
    targets: Sequence[float],
    misses: Sequence[bool],
    axis: str,
    labels: tuple[str, str, str],
    hovers: Sequence[str],
) -> Figure:
    """What is expected of each as a dot on its range, orange for a miss; its target as a stroke.

    ``labels``: what the dot, the range and the stroke are called; ``others``: further values, each with its name and the
    symbol of plotly that it is drawn as.
    """
    rows = names_apart(names)
    low, high = (as_numbers(bound) for bound in ranges)
    told = {"y": rows, "customdata": list(names), "hovertext": list(hovers), "hovertemplate": HOVERTEXT, **UNFADING}
    traces = [
        bar_trace(
            y=rows,
            base=low,
            x=[None if one is None or other is None else other - one for one, other in zip(low, high, strict=True)],
            orientation="h",
            width=0.5,
            marker={"color": "rgba(138,150,163,0.3)"},
            name=labels[1],
            hoverinfo="skip",
        ),
        scatter_trace(
            x=as_numbers(targets),
            mode="markers",
            marker={"color": GREY, "symbol": "line-ns-open", "size": 16, "line": {"color": GREY, "width": 2}},
            name=labels[2],
            **told,
        ),
        *(
            scatter_trace(
                x=as_numbers(values),
                mode="markers",
                marker={"color": GREY, "symbol": symbol, "size": 9, "line": {"color": GREY, "width": 1.5}},
                name=name,
                **told,
            )
            for name, symbol, values in others
        ),
        scatter_trace(
            x=as_numbers(expected),
            mode="markers",
            marker={"color": [ORANGE if is_miss else BLUE for is_miss in misses], "size": 11},
            name=labels[0],
            **told,
        ),
    ]
    # Many are drawn closer, beside a table that scrolls.
    row = 27 if len(names) <= 20 else 18
    figure = new_figure(
        max(150, 76 + row * len(names)),
        traces,
        x=new_axis(axis, nticks=6, side="top"),
        y=name_axis(rows),
        barmode="overlay",
    )
    legend_above(figure)
    figure["layout"]["legend"] |= {"y": -0.02, "yanchor": "top"}
    figure["layout"]["margin"]["b"] = 48
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
                scatter_trace(
                    x=as_numbers(at),
                    y=as_numbers(bound),
                    mode="lines",
                    line=line,
                    name=name,
                    showlegend=is_named,
                    hoverinfo="skip",
                )
            )
    drawn = as_numbers([county, *values, *(bound for _, _, *bounds in limits for ends in bounds for bound in ends)])
    height_of_values = largest(drawn) - min((one for one in drawn if one is not None), default=0)
    labelled = _labels_apart(names, denominators, values, outside, highlight, county, height_of_values)
    widest = largest(denominators)
    traces.append(
        scatter_trace(
            x=as_numbers(denominators),
            y=as_numbers(values),
            mode="markers+text",
            marker={"color": [ORANGE if is_outside else BLUE for is_outside in outside], "size": 10},
            text=labelled,
            # Into the plot, not over its edge
            textposition=["middle left" if at > 0.6 * widest else "middle right" for at in denominators],
            customdata=list(names),
            hovertext=list(hovers),
            hovertemplate=HOVERTEXT,
            showlegend=False,
            cliponaxis=False,
            **UNFADING,
        )
    )
    figure = new_figure(height, traces, x=new_axis(axis, rangemode="tozero"), y=new_axis(nticks=6))
    draw_shape(figure, "line", {"color": GREY, "width": 1}, x0=0, x1=1, y0=county, y1=county, xref="paper", yref="y")
    legend_above(figure)
    unit_above(figure, amount_axis)
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
    known = {at: value for at, value in enumerate(as_numbers(values)) if value is not None}
    across, up = largest(denominators), height or 1
    named = [at for at in known if outside[at] or names[at] == highlight]
    placed: list[tuple[float, float]] = []
    for at in sorted(named, key=lambda at: (names[at] != highlight, -abs(known[at] - county))):
        x, y = denominators[at] / across, known[at] / up
        # A name takes about a third of the width and a twelfth of the height.
        if all(abs(x - other) > 0.35 or abs(y - beside) > 0.08 for other, beside in placed):
            labels[at] = shortened(names[at], 12)
            placed.append((x, y))
    return labels
