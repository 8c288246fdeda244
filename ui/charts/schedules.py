"""Plans and what became of them over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from ui.charts.figure import (
    BLUE,
    FADED_BLUE,
    HOVERTEXT,
    ORANGE,
    Figure,
    bar_trace,
    legend_above,
    line_across,
    name_axis,
    names_apart,
    new_axis,
    new_figure,
    shortened,
)
from ui.charts.marks import WHOLE, Mark, mark_notes


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
    notes: Sequence[Mark] = (),
) -> Figure:
    """Planned (thin, grey) and actual (thick) time of each project, today's line across; ``notes`` in milliseconds.

    ``projects`` has planned_start, planned_end, actual_start, actual_end (NaT: not yet).
    """
    day = 86_400_000
    labels = names_apart(names)

    def bars(begins: str, ends: str, label: str, colour: str, width: float, rows: Sequence[int]) -> dict[str, Any]:
        begin, end = projects[begins].tolist(), projects[ends].fillna(today).tolist()
        return bar_trace(
            y=[labels[row] for row in rows],
            base=[begin[row].isoformat() for row in rows],
            x=[max((end[row] - begin[row]).days, 1) * day for row in rows],
            orientation="h",
            width=width,
            name=label,
            marker={"color": colour},
            hovertext=[hovers[row] for row in rows],
            hovertemplate=HOVERTEXT,
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
    x = new_axis(type="date", tickformat="%Y-%m", nticks=8)
    axis = name_axis(labels)
    # A name with its township, beside a chart as wide as the page.
    axis["ticktext"] = [shortened(name, 26) for name in names]
    figure = new_figure(height, traces, x=x, y=axis, barmode="overlay", bargap=0.2)
    line_across(figure, today.isoformat(), today_label, width=2)
    legend_above(figure)
    if not notes:
        # Over today's date, which stands in the rows of notes where there are some.
        figure["layout"]["margin"]["t"] = 52
        figure["layout"]["legend"]["y"] = 1 + 26 / max(height - 100, 60)
    begun, ends = projects[["planned_start", "actual_start"]].min().min(), projects["planned_end"].max()
    first, now, last = (pd.Timestamp(moment).timestamp() * 1000 for moment in (begun, today, max(ends, today)))
    # Today's date stands in the lowest row.
    mark_notes(figure, notes, first, last, WHOLE, [(now, now + (last - first) / 7)])
    return figure
