"""Figures from data frames, as plotly.js takes them: plain JSON, where a missing number is None.

Nothing here knows Streamlit; texts come in already in the viewer's language. Fonts and the colours of
words and lines are left to the theme.

Colours are mid-tones that read on white and on dark, safe for colour-blind viewers: blue for what is
shown, orange for short of the target, grey for what it is compared with.
"""

from __future__ import annotations

from ui.charts.bars import bullet, pareto, ranking, shares, split
from ui.charts.distributions import distribution, expected_ranges, funnel, place_ranges
from ui.charts.figure import (
    BLUE,
    FADED_BLUE,
    FADED_ORANGE,
    FINISHED,
    GREY,
    NOTHING,
    ORANGE,
    PALETTE,
    Figure,
    Unfinished,
)
from ui.charts.months import lines, stacked, trend
from ui.charts.outlines import outlines
from ui.charts.schedules import gantt
from ui.charts.tiles import heatmap, tiles, week

__all__ = [
    "BLUE",
    "FADED_BLUE",
    "FADED_ORANGE",
    "FINISHED",
    "GREY",
    "NOTHING",
    "ORANGE",
    "PALETTE",
    "Figure",
    "Unfinished",
    "bullet",
    "distribution",
    "expected_ranges",
    "funnel",
    "gantt",
    "heatmap",
    "lines",
    "outlines",
    "pareto",
    "place_ranges",
    "ranking",
    "shares",
    "split",
    "stacked",
    "tiles",
    "trend",
    "week",
]
