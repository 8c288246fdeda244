"""Courses over months."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from data_access.model.indicator import Indicator
from ui.charts.figure import (
    BLUE,
    FINISHED,
    GREY,
    UNFADING,
    Figure,
    Unfinished,
    as_numbers,
    bar_trace,
    beside_plot,
    draw_shape,
    filled,
    legend_and_unit,
    line_along,
    line_traces,
    month_axis,
    new_axis,
    new_figure,
    room_for,
    scatter_trace,
    told_months,
    unit_above,
)
from ui.charts.marks import HALF, Mark, mark_notes
from ui.charts.scales import line_scale


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
    targets: Sequence[float | None] | None = None,
    unreported: str,
    as_line: bool | None = None,
    unfinished: Unfinished = FINISHED,
    notes: Sequence[Mark] = (),
    plot: float = HALF,
    height: int = 260,
) -> Figure:
    """Months from left to right: bars for counts, a line for ratios; the compared period beside it in grey.

    ``now`` and ``then`` are indexed by month and aligned by position; a month without data stays empty. ``as_line``
    decides between line and bars. ``unfinished``: the months whose data end before they do, by position, and what
    pointing at them says; their bars are hatched, and the line to them is dashed. ``targets``: those of the months, where
    they may differ from the indicator's, which the label tells. ``notes``: the marks of dated notes, by position, for a
    plot at least so many pixels wide.
    """
    aims = [indicator.target if indicator.is_ratio else None] * len(now) if targets is None else list(targets)
    if not target_label or not (indicator.is_ratio or any(aims)):
        aims = []
    values, past = as_numbers(now), as_numbers([] if then is None else then)[: len(now)]
    hover = f"%{{hovertext}}<br>%{{y:,.{indicator.decimals}f}}<extra>%{{fullData.name}}</extra>"
    shown = {
        "name": now_label,
        "customdata": list(now.index),
        "hovertext": told_months(labels, unfinished),
        "hovertemplate": hover,
        # A point at 0 is drawn whole.
        "cliponaxis": False,
    }
    y = new_axis(rangemode="tozero")
    if indicator.is_ratio if as_line is None else as_line:
        traces = line_traces(values, unfinished, {"color": BLUE, "width": 2.5}, 8, **shown)
        if indicator.is_ratio:
            scale = line_scale(values, indicator)
            y["range"] = room_for([*values, *past, *scale, *aims], indicator, None)
    else:
        if aims:
            # Lines over bars do not widen the axis by themselves.
            y["range"] = [0, 1.08 * max(one for one in (*values, *past, *aims) if one is not None)]
        text = [unreported if value is None else "" for value in values]
        marker = filled(BLUE, len(values), unfinished)
        traces = [bar_trace(x=list(range(len(values))), y=values, marker=marker, text=text, **shown)]
    has_past = any(value is not None for value in past)
    if has_past:
        traces.append(
            scatter_trace(
                x=list(range(len(past))),
                y=past,
                name=then_label,
                mode="lines+markers",
                line={"color": GREY, "width": 2, "dash": "dot"},
                marker={"size": 5},
                hovertext=list(labels[: len(past)]),
                hovertemplate=hover,
                cliponaxis=False,
                **UNFADING,
            )
        )
    figure = new_figure(height, traces, x=month_axis(labels), y=y)
    if has_past:
        legend_and_unit(figure, [now_label, then_label], axis, plot)
    else:
        unit_above(figure, axis)
    if target_label:
        _target_lines(figure, aims, target_label)
    mark_notes(figure, notes, -0.5, len(values) - 0.5, plot)
    return figure


def _target_lines(figure: Figure, aims: Sequence[float | None], label: str) -> None:
    """A line along the whole plot where all months have one target, else one over each month; the label at the last."""
    known = {aim for aim in aims if aim is not None}
    if len(known) == 1 and None not in aims:
        line_along(figure, known.pop(), label)
        return
    for at, aim in enumerate(aims):
        if aim is not None:
            place = {"x0": at - 0.5, "x1": at + 0.5, "y0": aim, "y1": aim, "xref": "x", "yref": "y"}
            draw_shape(figure, "line", {"color": GREY, "width": 1.5, "dash": "dot"}, **place)
    if aims and aims[-1] is not None:
        beside_plot(figure, aims[-1], label)


def stacked(
    names: Sequence[str],
    series: Sequence[tuple[str, Sequence[float], str]],
    *,
    axis: str,
    amount_axis: str,
    height: int = 300,
    keys: Sequence[str] | None = None,
    unfinished: Unfinished = FINISHED,
    notes: Sequence[Mark] = (),
    plot: float = HALF,
) -> Figure:
    """Stacked vertical bars; ``series`` are (label, amounts (NaN: not reported), colour). ``unfinished``, ``notes`` and
    ``plot`` as in :func:`trend`.
    """
    traces = [
        bar_trace(
            x=list(range(len(names))),
            y=as_numbers(amounts),
            name=label,
            marker=filled(colour, len(names), unfinished),
            customdata=list(keys or names),
            hovertext=told_months(names, unfinished),
            hovertemplate="%{hovertext}<br>%{y:,}<extra>%{fullData.name}</extra>",
        )
        for label, amounts, colour in series
    ]
    figure = new_figure(height, traces, x=month_axis(names, axis), y=new_axis(nticks=5), barmode="stack")
    if len(series) > 1:
        legend_and_unit(figure, [label for label, *_ in series], amount_axis, plot)
    else:
        unit_above(figure, amount_axis)
    mark_notes(figure, notes, -0.5, len(names) - 0.5, plot)
    return figure


def lines(
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float], str, str]],
    *,
    axis: str,
    unfinished: Unfinished = FINISHED,
    notes: Sequence[Mark] = (),
    height: int = 280,
) -> Figure:
    """Several lines over the same months; ``series`` are (label, values, colour, dash). For the others see :func:`trend`."""
    traces = [
        trace
        for label, values, colour, dash in series
        for trace in line_traces(
            as_numbers(values),
            unfinished,
            {"color": colour, "width": 2.5, "dash": dash},
            6,
            name=label,
            hovertext=told_months(labels, unfinished),
            hovertemplate="%{hovertext}<br>%{y:.1f}<extra>%{fullData.name}</extra>",
        )
    ]
    figure = new_figure(height, traces, x=month_axis(labels), y=new_axis(nticks=5))
    legend_and_unit(figure, [label for label, *_ in series], axis, HALF)
    mark_notes(figure, notes, -0.5, len(labels) - 0.5)
    return figure
