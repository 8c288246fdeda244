"""Dated notes on a chart over time: a thin mark where each stands, its words above where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ui.charts.figure import GREY, Figure, annotate, as_words, draw_shape, in_lines, name_width, shortened

# The narrowest plots in columns of a third and of half of a page, and those as wide as it, in pixels
THIRD, HALF, WHOLE = 260, 380, 700
# In pixels: a Chinese character, a row of words and what stands below a plot
_CHARACTER, _ROW, _BELOW = 11, 15, 30
_ROWS = 2
# So many characters of a note stand on a chart.
_WORDS = 12
# So many notes are told when one points at a mark, and so many spans are drawn.
_TOLD, _SPANS = 8, 6
_SHADE = "rgba(138,150,163,0.13)"
_SIGN = "▼"


@dataclass(frozen=True)
class Mark:
    """A note on an axis: from where to where in its units (``until`` None: it has no length), its words, and all it says."""

    at: float
    until: float | None
    words: str
    told: str


@dataclass(frozen=True)
class Placed:
    """Marks that stand at one place: the first one's words and how many more there are.

    ``row``: the row of words, from 0 at the bottom; None: there is no room for them. ``is_left``: they end at the mark.
    """

    at: float
    marks: tuple[Mark, ...]
    words: str
    row: int | None
    is_left: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the chart itself says all of its words."""
        return self.row is not None and len(self.marks) == 1 and self.words == self.marks[0].words


def placed(
    marks: Sequence[Mark],
    first: float,
    last: float,
    *,
    plot: float = HALF,
    character: float = _CHARACTER,
    rows: int = _ROWS,
    near: float = 1.2,
    taken: Sequence[tuple[float, float]] = (),
) -> list[Placed]:
    """The marks from left to right on an axis from ``first`` to ``last``, those that come first with their words.

    ``plot`` and ``character`` are widths in pixels; marks ``near`` each other, within so many characters, are one;
    ``taken``: where others have words in the lowest row. Words overlap neither each other nor another mark.
    """
    pixel = (last - first) / plot
    sign = character * pixel / 2
    groups = _together(marks, near * character * pixel, first, last)
    used: list[list[tuple[float, float]]] = [list(taken), *([] for _ in range(rows - 1))]

    def is_free(row: int, own: float, begin: float, end: float) -> bool:
        # The lowest row has the signs, and the lines of the words above.
        crossed = row == 0 and any(begin - sign < at < end + sign and at != own for at, _ in groups)
        return not crossed and not any(begin < to and start < end for start, to in used[row])

    found: list[Placed] = []
    for at, own in groups:
        words = shortened(marks[own[0]].words, _WORDS) + (f" +{len(own) - 1}" if len(own) > 1 else "")
        width = (name_width(words) + 1.2) * character * pixel
        rooms = [
            (row, is_left, begin, end)
            for row in range(rows)
            for is_left, begin, end in ((False, at, at + width), (True, at - width, at))
            if first <= begin and end <= last and is_free(row, at, begin, end)
        ]
        row, is_left = None, False
        if rooms:
            row, is_left, begin, end = rooms[0]
            used[row].append((begin, end))
        found.append(Placed(at, tuple(marks[place] for place in own), words, row, is_left))
    return sorted(found, key=lambda one: one.at)


def _together(marks: Sequence[Mark], near: float, first: float, last: float) -> list[tuple[float, list[int]]]:
    """Where there are marks on the axis and which, by their positions in the order given.

    Each place is that of its most important mark.
    """
    groups: list[tuple[float, list[int]]] = []
    for place, mark in enumerate(marks):
        at = min(max(mark.at, first), last)
        for beside, own in groups:
            if abs(at - beside) < near:
                own.append(place)
                break
        else:
            groups.append((at, [place]))
    return groups


def mark_notes(
    figure: Figure,
    marks: Sequence[Mark],
    first: float,
    last: float,
    plot: float = HALF,
    taken: Sequence[tuple[float, float]] = (),
) -> None:
    """Draw the marks of notes, in their order of importance, on a figure whose horizontal axis goes from first to last.

    ``plot`` and ``taken`` as in :func:`placed`.
    Their words stand in rows of their own above the plot, for which the figure grows. ``figure["notes"]`` then has what
    they say, and what of that the chart itself does not.
    """
    if not marks:
        return
    tell_notes(figure, marks)
    found = placed(marks, first, last, plot=plot, taken=taken)
    layout = figure["layout"]
    strip = _ROW * (1 + max((one.row for one in found if one.row is not None), default=0))
    layout["height"] += strip
    tall = max(layout["height"] - layout["margin"]["t"] - layout["margin"]["b"] - _BELOW, 2 * strip)
    row_share = _ROW / tall
    top = round(1 - strip / tall, 4)
    layout["yaxis"]["domain"] = [0, top]
    upright: dict[str, Any] = {"xref": "x", "yref": "paper"}
    for mark in [mark for mark in marks if mark.until is not None][:_SPANS]:
        ends = {"x0": max(mark.at, first), "x1": min(mark.until or last, last)}
        draw_shape(figure, "rect", {"width": 0}, **ends, y0=0, y1=top, fillcolor=_SHADE, layer="below", **upright)
    for one in found:
        foot = round(top + (one.row or 0) * row_share, 4)
        draw_shape(figure, "line", {"color": GREY, "width": 1}, x0=one.at, x1=one.at, y0=0, y1=foot, **upright)
        words = _SIGN if one.row is None else f"{one.words} {_SIGN}" if one.is_left else f"{_SIGN} {one.words}"
        side = "center" if one.row is None else "right" if one.is_left else "left"
        told = [in_lines(mark.told, 28, 8) for mark in one.marks[:_TOLD]]
        more = ["…"] if len(one.marks) > _TOLD else []
        annotate(
            figure,
            words,
            x=one.at,
            y=foot,
            xanchor=side,
            yanchor="bottom",
            # The sign, half as wide as it is high, stands over its line.
            xshift={"center": 0, "left": -5, "right": 5}[side],
            borderpad=0,
            hovertext=as_words("<br>".join([*told, *more])),
            **upright,
        )
    whole = {one.marks[0] for one in found if one.is_whole}
    figure["notes"]["beneath"] = [mark.told for mark in marks if mark not in whole]


def tell_notes(figure: Figure, marks: Sequence[Mark]) -> None:
    """Have the notes said with a figure that does not draw them, as where time goes down."""
    told = [mark.told for mark in marks]
    figure["notes"] = {"told": told, "beneath": told}
