"""Fields whose colour tells the amount: hours of the week, crossed dimensions, the map of townships."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from statistics import median
from typing import Any

import pandas as pd

from data_access.model.indicator import Indicator
from ui.charts.figure import (
    BETTER_TO_WORSE,
    FRAME,
    HOVERTEXT,
    LITTLE_TO_MUCH,
    UNREPORTED,
    WORSE_TO_BETTER,
    Figure,
    as_numbers,
    bar_trace,
    draw_shape,
    in_lines,
    new_axis,
    new_figure,
    shortened,
    tall_enough,
)
from ui.charts.marks import Mark, mark_notes


def week(counts: pd.DataFrame, *, weekdays: Sequence[str], hour_axis: str, unit: str, height: int = 300) -> Figure:
    """Weekday × hour cells (columns: weekday 1–7, hour 0–23, amount), darker for more.

    Cells are bars on a grid, because only bars can be clicked; ``customdata`` is weekday-hour.
    """
    amounts = counts.groupby(["weekday", "hour"])["amount"].sum().to_dict()
    cells = [(weekday, hour, float(amounts.get((weekday, hour), 0))) for weekday in range(1, 8) for hour in range(24)]
    bars = bar_trace(
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
            f"{weekdays[weekday - 1]} {hour}:00–{hour + 1}:00 · {amount:,.0f} {unit}" for weekday, hour, amount in cells
        ],
        hovertemplate=HOVERTEXT,
    )
    plain: dict[str, Any] = {"showgrid": False, "zeroline": False}
    return new_figure(
        height,
        [bars],
        x=new_axis(hour_axis, dtick=3, range=[-0.6, 23.6], **plain),
        y=new_axis(tickvals=list(range(1, 8)), ticktext=list(weekdays), range=[7.55, 0.45], **plain),
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
    notes: Sequence[Mark] = (),
) -> Figure:
    """Cells (row, column, value, what pointing tells, key), coloured as on the map: against the total where that says
    something, else darker for more.

    ``rest_rows`` and ``rest_columns`` (positions) stand for no one name: 其他, 不详. The scale is that of the other
    cells, beside which theirs, often the largest, would leave no difference; theirs end where it ends.

    Cells are bars on a grid, because only bars can be clicked; ``customdata`` is the key. ``notes``: the marks of dated
    notes, where the columns are times.
    """
    known = [cell for cell in cells if not pd.isna(cell[2])]
    values = [value for _, _, value, *_ in known]
    named = [value for row, column, value, *_ in known if row not in rest_rows and column not in rest_columns] or values
    colours = better_or_worse(named, indicator, median(named) if pd.isna(total) else total) if known else {}
    bars = bar_trace(
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
        hovertemplate=HOVERTEXT,
    )
    plain: dict[str, Any] = {"showgrid": False, "zeroline": False}
    step = max(1, len(columns) // 14)
    shown = list(range(0, len(columns), step))
    # Of the narrowest plot, half a page wide, in characters
    headings = [in_lines(columns[place], max(2, int(270 / 11 / len(shown)))) for place in shown]
    lines = max((heading.count("<br>") for heading in headings), default=0)
    figure = new_figure(
        tall_enough(height, len(rows)) + 13 * lines,
        [bars],
        x=new_axis(tickvals=shown, ticktext=headings, tickangle=0, range=[-0.6, len(columns) - 0.4], **plain),
        y=new_axis(
            tickvals=list(range(len(rows))),
            ticktext=[shortened(row) for row in rows],
            range=[len(rows) - 0.45, -0.55],
            **plain,
        ),
        bargap=0,
    )
    mark_notes(figure, notes, -0.6, len(columns) - 0.4)
    return figure


def better_or_worse(values: Sequence[float], indicator: Indicator, county_value: float) -> dict[str, Any]:
    """The colours for these values, and the values at both their ends."""
    if indicator.direction == "neither":
        return {"colorscale": LITTLE_TO_MUCH, "cmin": min(values), "cmax": max(values)}
    middle, reach = median(values), 0.0
    if indicator.is_ratio:
        middle, reach = county_value, max(abs(value - county_value) for value in values)
    reach = reach or max(max(values) - min(values), 1e-9) / 2
    low, high = as_numbers([middle - reach, middle + reach])
    scale = WORSE_TO_BETTER if indicator.direction == "higher" else BETTER_TO_WORSE
    return {"colorscale": scale, "cmin": low, "cmax": high}


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
    names, values = places["name"].tolist(), as_numbers(places["value"])
    rows, columns = places["tile_row"].astype(float).tolist(), places["tile_column"].astype(float).tolist()
    across, down = max(columns) - min(columns) + 1, max(rows) - min(rows) + 1
    # Of the narrowest column of a page that holds a map, in pixels
    room = 0.94 * 290 / across
    size = 11 if max(map(len, names)) <= room / 11 else 10
    shown = [wrapped(name, max(2, int(room / size))) for name in names]
    lines = max(name.count("<br>") for name in shown) + 2
    known = {tile: value for tile, value in enumerate(values) if value is not None}
    missing = [tile for tile, value in enumerate(values) if value is None]

    def bars(chosen: Iterable[int], marker: dict[str, Any]) -> dict[str, Any]:
        chosen = list(chosen)
        return bar_trace(
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
            hovertemplate=HOVERTEXT,
        )

    traces = []
    if known:
        colour = {"color": list(known.values()), **better_or_worse(list(known.values()), indicator, county_value)}
        traces.append(bars(known, {"line": {"width": 0}, **colour}))
    if missing:
        traces.append(bars(missing, UNREPORTED))
    least = round(down * (15 * lines + 8))
    figure = new_figure(
        max(height, least),
        traces,
        x=new_axis(visible=False, range=[min(columns) - 0.5, max(columns) + 0.5]),
        y=new_axis(visible=False, range=[max(rows) + 0.5, min(rows) - 0.5]),
        # On paper it may be lower, but not so low that words cover each other.
        meta={"least": least},
        bargap=0,
        barmode="overlay",
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
    )
    for name, row, column in zip(names, rows, columns, strict=True):
        if name == highlight:
            edges = {"x0": column - 0.47, "x1": column + 0.47, "y0": row - 0.47, "y1": row + 0.47}
            draw_shape(figure, "rect", {"color": FRAME, "width": 4}, **edges)
    return figure


def wrapped(name: str, room: int) -> str:
    """The name on one line or two of so many characters, with … for what goes beyond them."""
    if len(name) <= room:
        return name
    if len(name) <= 2 * room:
        half = math.ceil(len(name) / 2)
        return f"{name[:half]}<br>{name[half:]}"
    return f"{name[:room]}<br>{name[room : 2 * room - 1]}…"
