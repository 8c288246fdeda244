"""Figures from data frames. Nothing here knows Streamlit; texts come in already in the viewer's language.

Colours are mid-tones that read on white and on dark, safe for colour-blind viewers: blue for what is
shown, orange for short of the target, grey for what it is compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from data_access.indicators import Indicator

BLUE, ORANGE, GREY, GREEN, SKY = "#2F80C2", "#E08A00", "#8A96A3", "#1F9E7A", "#7DB9E8"
# From worse to better than the county, through a neutral middle
WORSE_TO_BETTER = [[0.0, "#C96A00"], [0.25, "#EDB267"], [0.5, "#D9DEE4"], [0.75, "#7DB3DE"], [1.0, "#1764A5"]]
BETTER_TO_WORSE = [[0.0, "#1764A5"], [0.25, "#7DB3DE"], [0.5, "#D9DEE4"], [0.75, "#EDB267"], [1.0, "#C96A00"]]
# From nearly the page's own colour, so that little looks like little on white and on dark
LITTLE_TO_MUCH = [[0.0, "rgba(47,128,194,0.08)"], [1.0, "rgba(47,128,194,1)"]]
FRAME = "#C2185B"
FADED_BLUE, FADED_ORANGE = "rgba(47,128,194,0.38)", "rgba(224,138,0,0.38)"
HATCH = {"shape": "/", "fgcolor": GREY, "bgcolor": "rgba(138,150,163,0.12)", "size": 6, "solidity": 0.25}


_AXIS = {
    "automargin": True,
    "fixedrange": True,
    "title": {"standoff": 10},
    # 60,000 rather than 60k, which is English
    "separatethousands": True,
    "exponentformat": "none",
}


def _figure(height: int, **layout: Any) -> go.Figure:
    # An empty template: Streamlit's theme fills in fonts and colours, and the message stays small.
    return go.Figure(
        layout={
            "template": go.layout.Template(),
            "height": height,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "showlegend": False,
            "bargap": 0.28,
            "hoverlabel": {"align": "left"},
            "xaxis": _AXIS,
            "yaxis": _AXIS,
            "dragmode": False,
            "clickmode": "event+select",
            **layout,
        }
    )


def _legend_above(figure: go.Figure) -> None:
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "traceorder": "normal", "x": 1, "y": 1.02, "yanchor": "bottom", "xanchor": "right"},
        margin_t=30,
    )


def _unit_above(figure: go.Figure, words: str) -> None:
    """The vertical axis's name and unit above it: Chinese turned on its side is hard to read."""
    figure.add_annotation(
        text=words,
        x=0,
        y=1,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        yshift=6,
        showarrow=False,
        font_size=11,
    )
    if figure.layout.margin.t < 30:
        figure.update_layout(margin_t=30)


def _target_line(figure: go.Figure, target: float, label: str, *, vertical: bool) -> None:
    line = {"color": GREY, "width": 1.5, "dash": "dot"}
    if vertical:
        figure.add_vline(
            x=target, line=line, annotation={"text": label, "y": 1, "yanchor": "bottom", "font": {"size": 11}}
        )
        figure.update_layout(margin_t=26)
    else:
        # Beside the plot, where no line runs into it
        figure.add_hline(
            y=target,
            line=line,
            annotation={
                "text": label.replace(" ", "<br>"),
                "x": 1,
                "xanchor": "left",
                "yanchor": "middle",
                "font": {"size": 11},
            },
        )
        figure.update_layout(margin_r=48)


def _room(values: Sequence[float], indicator: Indicator, target: float | None) -> list[float]:
    """Axis limits that show differences between shares without pretending that they start at 0."""
    known = [value for value in values if value is not None and not np.isnan(value)]
    if target is not None:
        known.append(target)
    if not known:
        return [0, 1]
    low, high = min(known), max(known)
    margin = max((high - low) * 0.12, 0.5 if indicator.is_percentage else abs(high) * 0.05, 1e-9)
    top = high + margin
    return [low - margin, min(top, 100.6) if indicator.is_percentage and high <= 100 else top]


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
    height: int = 260,
) -> go.Figure:
    """Months from left to right: bars for counts, a line for ratios; the compared period beside it in grey.

    ``now`` and ``then`` are indexed by month and aligned by position; a month without data stays empty.
    """
    figure = _figure(height)
    months = list(now.index)
    text = [unreported if np.isnan(value) else "" for value in now]
    hover = f"%{{x}}<br>%{{y:,.{indicator.decimals}f}}<extra>%{{fullData.name}}</extra>"
    if indicator.is_ratio:
        shown = go.Scatter(
            x=list(labels),
            y=now,
            mode="lines+markers",
            line={"color": BLUE, "width": 2.5},
            marker={"size": 8},
            name=now_label,
            customdata=months,
            hovertemplate=hover,
        )
    else:
        shown = go.Bar(
            x=list(labels),
            y=now,
            marker={"color": BLUE},
            name=now_label,
            customdata=months,
            text=text,
            hovertemplate=hover,
        )
    figure.add_trace(shown)
    if then is not None and then.notna().any():
        figure.add_trace(
            go.Scatter(
                x=list(labels),
                y=list(then),
                mode="lines+markers",
                line={"color": GREY, "width": 2, "dash": "dot"},
                marker={"size": 5},
                name=then_label,
                hovertemplate=hover,
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 1}},
            )
        )
        _legend_above(figure)
    _unit_above(figure, axis)
    figure.update_yaxes(rangemode="tozero")
    if indicator.is_ratio:
        values = [*now, *(then if then is not None else [])]
        figure.update_yaxes(range=_room(values, indicator, indicator.target if target_label else None))
        if target_label and indicator.target is not None:
            _target_line(figure, indicator.target, target_label, vertical=False)
    figure.update_xaxes(type="category", tickangle=0, ticklabelstep=2 if len(labels) > 9 else 1)
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
    unreported: str | None = None,
    highlight: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Horizontal bars in the order given, first on top; orange misses the target, hatched did not report.

    The name to highlight keeps its full colour, the others fade.
    """
    amounts = np.array(values, dtype=float)
    known, missing = ~np.isnan(amounts), np.isnan(amounts)
    figure = _figure(height or max(150, 56 + 20 * len(names)), bargap=0.22, barmode="overlay")
    target = indicator.target if target_label else None
    low, high = (0.0, 1.0) if missing.all() else (float(np.nanmin(amounts)), float(np.nanmax(amounts)))
    places, labels = np.array(names), np.array(texts)
    short = np.zeros(len(amounts), dtype=bool)
    if target is not None:
        short = known & ((amounts < target) if indicator.direction == "higher" else (amounts > target))
    colours = np.where(short, ORANGE, BLUE)
    if highlight is not None:
        faded = np.where(short, FADED_ORANGE, FADED_BLUE)
        colours = np.where(places == highlight, colours, faded)
    shared = {
        "customdata": np.array(keys)[known],
        "hovertext": np.array(hovers)[known],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    # Shares close together: a bar cut off at its foot would exaggerate, so dots stand at the value, tied
    # to the target (or to the middle) by a line. Everything else is bars from 0.
    as_dots = indicator.is_percentage and low > 50
    if as_dots:
        anchor = target if target is not None else float(np.nanmedian(amounts))
        bounds = _room([*amounts, anchor], indicator, target)
        figure.add_trace(
            go.Bar(
                y=places[known],
                x=amounts[known] - anchor,
                base=anchor,
                orientation="h",
                width=0.16,
                marker={"color": colours[known], "opacity": 0.55},
                **shared,
            )
        )
        figure.add_trace(
            go.Scatter(
                y=places[known],
                x=amounts[known],
                mode="markers+text",
                marker={"color": colours[known], "size": 12},
                text=labels[known],
                textposition=np.where(amounts[known] < anchor, "middle left", "middle right"),
                cliponaxis=False,
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 1}},
                **shared,
            )
        )
    else:
        bounds = [min(0.0, low, target or 0.0), max(0.0, high, target or 0.0)]
        figure.add_trace(
            go.Bar(
                y=places[known],
                x=amounts[known],
                orientation="h",
                marker={"color": colours[known]},
                text=labels[known],
                textposition="outside",
                cliponaxis=False,
                **shared,
            )
        )
    width = (bounds[1] - bounds[0]) or 1
    if missing.any() and unreported is not None:
        figure.add_trace(
            go.Bar(
                y=places[missing],
                x=[width * 0.18] * int(missing.sum()),
                base=[bounds[0]] * int(missing.sum()),
                orientation="h",
                marker={"color": "rgba(0,0,0,0)", "pattern": HATCH, "line": {"color": GREY, "width": 1}},
                text=[unreported] * int(missing.sum()),
                textposition="outside",
                cliponaxis=False,
                customdata=np.array(keys)[missing],
                hovertemplate="%{y} " + unreported + "<extra></extra>",
            )
        )
    figure.update_yaxes(
        autorange="reversed", type="category", categoryorder="array", categoryarray=list(names), dtick=1
    )
    left = 0.14 * width if as_dots or bounds[0] < 0 else 0
    figure.update_xaxes(range=[bounds[0] - left, bounds[1] + 0.2 * width], title_text=axis, nticks=5)
    if target is not None and target_label:
        _target_line(figure, target, target_label, vertical=True)
    return figure


def pareto(
    names: Sequence[str],
    amounts: Sequence[float],
    *,
    axis: str,
    cumulative_label: str,
    texts: Sequence[str],
    keys: Sequence[str],
    highlight: str | None = None,
    height: int = 300,
) -> go.Figure:
    """Bars from the largest down, with the cumulative share as a line on the upper axis."""
    values = np.array(amounts, dtype=float)
    total = values.sum() or 1
    figure = _figure(height, bargap=0.25)
    figure.add_trace(
        go.Bar(
            y=list(names),
            x=values,
            orientation="h",
            marker={"color": [BLUE if highlight in (None, key) else FADED_BLUE for key in keys]},
            text=list(texts),
            textposition="inside",
            insidetextanchor="start",
            constraintext="none",
            textangle=0,
            customdata=list(keys),
            hovertemplate="%{y}：%{x:,}<extra></extra>",
        )
    )
    figure.add_trace(
        go.Scatter(
            y=list(names),
            x=100 * values.cumsum() / total,
            xaxis="x2",
            mode="lines+markers",
            line={"color": ORANGE, "width": 2},
            marker={"size": 6},
            hovertemplate="%{y}<br>" + cumulative_label + " %{x:.1f}%<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    )
    figure.update_yaxes(autorange="reversed", type="category", dtick=1)
    figure.update_xaxes(title_text=axis, rangemode="tozero", nticks=5)
    figure.update_layout(
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
        margin_t=44,
    )
    return figure


def shares(
    names: Sequence[str],
    amounts: Sequence[float],
    *,
    axis: str,
    texts: Sequence[str],
    keys: Sequence[str],
    height: int = 260,
) -> go.Figure:
    """Horizontal bars with their shares written beside them."""
    figure = _figure(height)
    figure.add_trace(
        go.Bar(
            y=list(names),
            x=list(amounts),
            orientation="h",
            marker={"color": BLUE},
            text=list(texts),
            textposition="outside",
            cliponaxis=False,
            customdata=list(keys),
            hovertemplate="%{y}：%{x:,}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", type="category", dtick=1)
    figure.update_xaxes(title_text=axis, range=[0, (max(amounts, default=0) or 1) * 1.5], nticks=4)
    return figure


def distribution(
    lefts: Sequence[float],
    amounts: Sequence[float],
    *,
    axis: str,
    amount_axis: str,
    marks: Sequence[tuple[float, str]],
    last_label: str,
    height: int = 300,
) -> go.Figure:
    """Bars a unit wide from each left edge; the last takes all that is longer; marks are vertical lines."""
    figure = _figure(height, bargap=0.08)
    positions = [left + 0.5 for left in lefts]
    names = [f"{left:g}–{left + 1:g}" for left in lefts]
    if names:
        names[-1] = last_label
    figure.add_trace(
        go.Bar(
            x=positions,
            y=list(amounts),
            width=0.92,
            marker={"color": BLUE},
            hovertext=names,
            hovertemplate="%{hovertext}：%{y:,}<extra></extra>",
        )
    )
    for level, (position, label) in enumerate(marks):
        # Each line ends below the label before it, so that no line crosses a label.
        top = 1 - 0.14 * level
        figure.add_shape(
            type="line",
            x0=position,
            x1=position,
            y0=0,
            y1=top,
            yref="paper",
            line={"color": ORANGE, "width": 2, "dash": "dot"},
        )
        figure.add_annotation(
            x=position, y=top, yref="paper", text=label, xanchor="left", yanchor="top", showarrow=False, font_size=12
        )
    figure.update_xaxes(title_text=axis, range=[0, len(lefts)], dtick=5)
    _unit_above(figure, amount_axis)
    figure.update_yaxes(nticks=5)
    return figure


def week(counts: pd.DataFrame, *, weekdays: Sequence[str], hour_axis: str, unit: str, height: int = 300) -> go.Figure:
    """Weekday × hour cells (columns: weekday 1–7, hour 0–23, amount), darker for more.

    Cells are bars on a grid, because only bars can be clicked; ``customdata`` is weekday-hour.
    """
    every = pd.MultiIndex.from_product([range(1, 8), range(24)], names=["weekday", "hour"])
    cells = counts.groupby(["weekday", "hour"])["amount"].sum().reindex(every, fill_value=0).reset_index()
    figure = _figure(height, bargap=0)
    figure.add_trace(
        go.Bar(
            x=cells["hour"],
            y=[0.94] * len(cells),
            base=cells["weekday"] - 0.47,
            width=0.94,
            marker={
                "color": cells["amount"],
                "colorscale": LITTLE_TO_MUCH,
                "showscale": True,
                "colorbar": {"thickness": 8, "outlinewidth": 0, "nticks": 4, "title": {"text": unit}},
            },
            customdata=[f"{weekday}-{hour}" for weekday, hour in zip(cells["weekday"], cells["hour"], strict=True)],
            hovertext=[
                f"{weekdays[weekday - 1]} {hour}:00–{hour + 1}:00：{amount:,.0f} {unit}"
                for weekday, hour, amount in cells.to_numpy().astype(int)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=hour_axis, dtick=3, range=[-0.6, 23.6], showgrid=False, zeroline=False)
    figure.update_yaxes(
        tickvals=list(range(1, 8)),
        ticktext=list(weekdays),
        range=[7.55, 0.45],
        showgrid=False,
        zeroline=False,
    )
    return figure


def stacked(
    names: Sequence[str],
    series: Sequence[tuple[str, Sequence[float], str]],
    *,
    axis: str,
    amount_axis: str,
    height: int = 300,
    keys: Sequence[str] | None = None,
) -> go.Figure:
    """Stacked vertical bars; ``series`` are (label, amounts, colour)."""
    figure = _figure(height, barmode="stack")
    for label, amounts, colour in series:
        figure.add_trace(
            go.Bar(
                x=list(names),
                y=list(amounts),
                name=label,
                marker={"color": colour},
                customdata=list(keys or names),
                hovertemplate="%{x}：%{y:,}<extra>%{fullData.name}</extra>",
            )
        )
    if len(series) > 1:
        _legend_above(figure)
    figure.update_xaxes(type="category", title_text=axis, tickangle=0, ticklabelstep=2 if len(names) > 9 else 1)
    _unit_above(figure, amount_axis)
    figure.update_yaxes(nticks=5)
    return figure


PALETTE = (BLUE, ORANGE, GREEN, "#A877B8", SKY, "#9C7B4F", GREY)


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
) -> go.Figure:
    """The schematic map: a tile a township at (tile_row, tile_column), coloured against the county's figure.

    ``places`` has code, name, tile_row, tile_column, value. Where neither more nor less is better, the
    colour only tells little from much. A tile without data is hatched; the one to highlight is framed.
    """
    values = places["value"].astype(float)
    known = values.notna().to_numpy()
    figure = _figure(height, bargap=0, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    if indicator.direction == "neither":
        scale, low, high = LITTLE_TO_MUCH, values.min(), values.max()
    else:
        scale = WORSE_TO_BETTER if indicator.direction == "higher" else BETTER_TO_WORSE
        reach = (values - county_value).abs().max()
        reach = reach if indicator.is_ratio and reach > 0 else max(values.max() - values.min(), 1e-9) / 2
        middle = county_value if indicator.is_ratio else values.median()
        low, high = middle - reach, middle + reach
    labels = [f"<b>{name}</b><br>{text}" for name, text in zip(places["name"], texts, strict=True)]
    for chosen in (known, ~known):
        if not chosen.any():
            continue
        part = places[chosen]
        missing = chosen is not known
        marker: dict[str, Any] = {"line": {"width": 0}}
        if missing:
            marker |= {"color": "rgba(0,0,0,0)", "pattern": HATCH, "line": {"color": GREY, "width": 1}}
        else:
            marker |= {"color": values[chosen], "colorscale": scale, "cmin": low, "cmax": high}
        figure.add_trace(
            go.Bar(
                x=part["tile_column"],
                y=[0.94] * len(part),
                base=part["tile_row"] - 0.47,
                width=0.94,
                marker=marker,
                text=[label for label, ok in zip(labels, chosen, strict=True) if ok],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                constraintext="none",
                customdata=part["name"],
                hovertext=[hover for hover, ok in zip(hovers, chosen, strict=True) if ok],
                hovertemplate="%{hovertext}<extra></extra>",
            )
        )
    figure.update_layout(barmode="overlay")
    framed = places[places["name"] == highlight]
    for row, column in zip(framed["tile_row"].astype(float), framed["tile_column"].astype(float), strict=True):
        figure.add_shape(
            type="rect",
            x0=column - 0.47,
            x1=column + 0.47,
            y0=row - 0.47,
            y1=row + 0.47,
            line={"color": FRAME, "width": 4},
        )
    figure.update_xaxes(visible=False, range=[places["tile_column"].min() - 0.5, places["tile_column"].max() + 0.5])
    figure.update_yaxes(visible=False, range=[places["tile_row"].max() + 0.5, places["tile_row"].min() - 0.5])
    return figure


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
) -> go.Figure:
    """Planned (thin, grey) and actual (thick) time of each project, today's line across.

    ``projects`` has planned_start, planned_end, actual_start, actual_end (NaT: not yet).
    """
    figure = _figure(max(170, 70 + 22 * len(projects)), barmode="overlay", bargap=0.2)
    day = 86_400_000

    def bars(
        begins: pd.Series[Any], ends: pd.Series[Any], label: str, colour: str, width: float, rows: list[int]
    ) -> None:
        if not rows:
            return
        lengths = [(ends.iloc[row] - begins.iloc[row]).days * day for row in rows]
        figure.add_trace(
            go.Bar(
                y=[names[row] for row in rows],
                base=[begins.iloc[row] for row in rows],
                x=[max(length, day) for length in lengths],
                orientation="h",
                width=width,
                name=label,
                marker={"color": colour},
                hovertext=[hovers[row] for row in rows],
                hovertemplate="%{hovertext}<extra></extra>",
            )
        )

    every = list(range(len(projects)))
    bars(projects["planned_start"], projects["planned_end"], planned_label, "rgba(138,150,163,0.45)", 0.82, every)
    until = projects["actual_end"].fillna(today)
    begun = [row for row in every if not pd.isna(projects["actual_start"].iloc[row])]
    late = [row for row in begun if is_behind[row]]
    unknown = [row for row in begun if not is_reported[row]]
    on_time = [row for row in begun if row not in late and row not in unknown]
    bars(projects["actual_start"], until, actual_label, BLUE, 0.42, on_time)
    bars(projects["actual_start"], until, unreported_label, FADED_BLUE, 0.42, unknown)
    bars(projects["actual_start"], until, behind_label, ORANGE, 0.42, late)
    figure.add_vline(
        x=today.timestamp() * 1000,
        line={"color": GREY, "width": 2, "dash": "dot"},
        annotation={"text": today_label, "y": 1, "yanchor": "bottom", "font": {"size": 11}},
    )
    figure.update_yaxes(autorange="reversed", type="category", dtick=1)
    figure.update_xaxes(type="date", tickformat="%Y-%m", nticks=8)
    _legend_above(figure)
    figure.update_layout(margin_t=52, legend_y=1.0, legend_yanchor="bottom")
    figure.update_layout(legend={"y": 1 + 26 / max(figure.layout.height - 100, 60)})
    return figure


def lines(
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float], str, str]],
    *,
    axis: str,
    height: int = 280,
) -> go.Figure:
    """Several lines over the same months; ``series`` are (label, values, colour, dash)."""
    figure = _figure(height)
    for label, values, colour, dash in series:
        figure.add_trace(
            go.Scatter(
                x=list(labels),
                y=list(values),
                mode="lines+markers",
                name=label,
                line={"color": colour, "width": 2.5, "dash": dash},
                marker={"size": 6},
                hovertemplate="%{x}：%{y:.1f}<extra>%{fullData.name}</extra>",
            )
        )
    _legend_above(figure)
    figure.update_xaxes(type="category", tickangle=0, ticklabelstep=2 if len(labels) > 9 else 1)
    _unit_above(figure, axis)
    figure.update_yaxes(nticks=5)
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
) -> go.Figure:
    """What is done (thick, blue) within the whole (pale), side by side for each name."""
    figure = _figure(height, barmode="overlay")
    hover = "%{y}：%{x:,.0f} " + axis + "<extra>%{fullData.name}</extra>"
    figure.add_trace(
        go.Bar(
            y=list(names),
            x=list(whole),
            orientation="h",
            width=0.75,
            name=whole_label,
            marker={"color": "rgba(138,150,163,0.35)"},
            text=list(texts),
            textposition="outside",
            cliponaxis=False,
            customdata=list(keys),
            hovertemplate=hover,
        )
    )
    figure.add_trace(
        go.Bar(
            y=list(names),
            x=list(done),
            orientation="h",
            width=0.4,
            name=done_label,
            marker={"color": BLUE},
            customdata=list(keys),
            hovertemplate=hover,
        )
    )
    _legend_above(figure)
    figure.update_yaxes(autorange="reversed", type="category", dtick=1)
    figure.update_xaxes(title_text=axis, range=[0, (max(whole, default=0) or 1) * 1.15], nticks=5)
    return figure
