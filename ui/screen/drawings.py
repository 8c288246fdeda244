"""Cards, rankings, courses and bars as the screen draws them: numbers placed and worded, for its browser to paint."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from data_access.exploring.dimensions import DIMENSIONS
from data_access.model.area import ScreenView
from data_access.model.indicator import Indicator
from ui import text
from ui.asking.sentences import unfinished_words
from ui.asking.view import View
from ui.cards.county_map import sheet_of
from ui.cards.indicators import kpi_card, ranked, short_months, unfinished_months
from ui.charts.figure import as_numbers
from ui.charts.marks import Mark, placed
from ui.charts.outlines import colours_of, ink_on, named_within
from ui.charts.scales import anchor, line_scale, ticks
from ui.explore.answer import Answer, is_ordered, standings
from ui.explore.figures import leading_words
from ui.notes.marks import month_marks
from ui.screen.small_counts import is_small, small_card, told_value, without_small
from ui.text import say, titles

# The townships listed where there are more: the first and the last ones.
_LISTED, _GROUPS = 16, 8
# The plot of a course and a character of its axis, in pixels of a screen 1920 wide; and so many spans of notes are drawn.
_NOTE_ROOM, _NOTE_CHARACTER, _NOTE_SPANS = 800, 22, 4
# How wide and high a map is where it is narrow, in rem, and how many townships without a boundary are told
_MAP_ROOM, _BESIDE = (18, 18), 3
# So many characters of names there is room for below it; of more the map would be lost, and what they name has no number.
_KEY_ROOM = 100


def headline_cards(view: View, codes: Sequence[str]) -> list[dict[str, Any]]:
    """The figures of the view's period with their change."""
    now = view.measured(codes).iloc[0]
    then = view.measured(codes, (), view.compared).iloc[0] if view.compared else None
    return [_card(view.indicator(code), now, then) for code in codes]


def answer_cards(answer: Answer) -> list[dict[str, Any]]:
    """The figures of a question's whole."""
    now = answer.now[()].iloc[0]
    then = answer.then[()].iloc[0] if answer.then and len(answer.then[()]) else None
    return [_card(indicator, now, then) for indicator in answer.indicators]


def _card(indicator: Indicator, now: Any, then: Any) -> dict[str, Any]:
    if is_small(indicator, now):
        return small_card(indicator)
    if then is not None and is_small(indicator, then):
        then = None
    card = kpi_card(indicator, now, then, pd.Series(dtype=float))
    return {part: card[part] for part in card if part not in ("help", "line")}


def group_drawing(answer: Answer, indicator: Indicator) -> dict[str, Any] | None:
    """The largest groups of an answer by its first dimension, or its course over months; a total's where none has few."""
    is_total = not answer.choice.by
    course_of = answer.by_month if is_total else answer
    if course_of is None:
        return None
    answer = course_of
    dimension = answer.choice.by[0]
    table = without_small(answer.now[(dimension,)].reset_index(), indicator)
    name = text.name(indicator)
    # What a single month would add to the others is the total beside them.
    if is_total and table["small"].any():
        return None
    if dimension == "month":
        course = table.set_index("month").reindex(answer.view.scope.months)[indicator.code]
        return course_drawing(answer.view, indicator, course, name)
    shown = table.set_index(dimension)
    said = leading_words(answer, indicator, shown[indicator.code])
    if is_ordered(answer.choice):
        placed = list(standings(answer, indicator).placed[: min(answer.choice.top, _GROUPS)])
        # A sentence would give away the figure of whom it names.
        said = "" if shown.loc[placed, "small"].any() else said
        table = table.set_index(dimension).loc[placed].reset_index()
    elif DIMENSIONS[dimension].kind == "name":
        table = table.sort_values("whole", ascending=False).head(_GROUPS)
    largest = float(table[indicator.code].max())
    rows = [
        {
            "name": answer.label(dimension, row[dimension]),
            "text": told_value(indicator, row),
            "share": None
            if row["small"] or math.isnan(row[indicator.code]) or not largest > 0
            else round(max(0.0, row[indicator.code]) / largest, 4),
        }
        for row in table.to_dict("records")
    ]
    if not rows:
        return None
    told = {
        "title": f"{name}{say('：', ': ')}{said}",
        "unit": None if indicator.is_percentage else text.unit(indicator),
    }
    return {"kind": "bars", **(told if said else {"title": text.axis_title(indicator)}), "rows": rows}


def ranking_drawing(view: View, code: str) -> dict[str, Any]:
    """The townships by an indicator, the first first; who has no place is told why."""
    indicator = view.among_all.indicator(code)
    # Places are those of all: what is hidden of the small ones is their figures.
    whole = ranked(view.by_township([code]), indicator)
    table = without_small(whole, indicator)
    known = table.dropna(subset=["place"])
    named = [*known["small"].iloc[[0, -1]], *table.loc[table["name"] == view.chosen, "small"]] if len(known) else []
    # A sentence would give away the figure of whom it names.
    title = text.axis_title(indicator) if any(named) else titles.ranking(view, indicator, whole)
    title += unfinished_words(view.county, view.scope.end, [indicator.data_area])
    aim = text.target_label_of_each(indicator)
    scale = Scale(indicator.target_of_each if aim else None, table[code], indicator.is_percentage)
    rows = [
        ranking_row(
            view,
            row["name"],
            # Who is alone has no place.
            row["place"] if len(known) > 1 and not row["small"] else None,
            scale.marks(row[code]),
            told_of_period(indicator, row),
            missed=indicator.misses_target(row[code], row["name"]),
        )
        for row in table.to_dict("records")
    ]
    return {
        "kind": "ranking",
        "title": title,
        "unit": None if indicator.is_percentage else text.unit(indicator),
        "rows": first_and_last(rows),
        **scale.anchor_mark(aim, lambda value: text.value(indicator, value)),
    }


def map_drawing(view: View, code: str) -> dict[str, Any] | None:
    """The townships within their boundaries, coloured by an indicator; None where none of them has one."""
    indicator = view.among_all.indicator(code)
    table = without_small(view.by_township([code]), indicator)
    sheet = sheet_of(view.data, view.scope.viewer, tuple(table["township_code"]))
    if sheet is None:
        return None
    everyone = view.measured([code], (), replace(view.scope, townships=None)).iloc[0]
    # Where it is narrow: so many steps of the sheet are one rem, which letters are high.
    rem = max(sheet.width / _MAP_ROOM[0], sheet.height / _MAP_ROOM[1])
    colours = colours_of(as_numbers(table[code]), indicator, float(everyone[code]))
    areas: list[dict[str, Any]] = []
    beside: list[str] = []
    numbered: list[str] = []
    for colour, row in zip(colours, table.to_dict("records"), strict=True):
        if (area := sheet.areas.get(row["township_code"])) is None:
            beside.append(row["name"])
            continue
        # The figures stand in the ranking beside.
        x, y, lines, _ = named_within(area, "", rem, numbered, (1,))
        areas.append(
            {
                "rings": area.rings,
                "fill": colour,
                "hatched": colour is None and not row["small"],
                "chosen": row["name"] == view.chosen,
                "ink": colour and ink_on(colour),
                "at": (x, y),
                "lines": [re.sub("</?b>", "", line) for line in lines],
            }
        )
    key = "\u2003".join(f"{number}\u00a0{name}" for number, name in enumerate(numbered, 1))
    if len(key) > _KEY_ROOM:
        key = ""
        for drawn in areas:
            drawn["lines"] = [line for line in drawn["lines"] if not line.isdigit()]
    left = say(f"等 {len(beside)} 个", f" … {len(beside)} in all") if len(beside) > _BESIDE else ""
    named = say("、", ", ").join(beside[:_BESIDE]) + left
    return {
        "kind": "map",
        "title": text.axis_title(indicator) + unfinished_words(view.county, view.scope.end, [indicator.data_area]),
        "period": say("蓝色好于、橙色差于全县", "blue better, orange worse than the county")
        if indicator.direction != "neither"
        else None,
        "unfinishedText": say(f"未有边界：{named}", f"no boundary: {named}") if beside else "",
        "legend": key,
        "size": (sheet.width, sheet.height),
        "areas": areas,
    }


def ranking_row(
    view: View, name: str, place: Any, marks: dict[str, float], told: str, *, missed: bool = False
) -> dict[str, Any]:
    """A township in a ranking; ``place`` may be missing."""
    return {
        "name": name,
        "place": None if pd.isna(place) else int(place),
        "text": told,
        **marks,
        "missed": missed,
        "chosen": name == view.chosen,
    }


def told_of_period(indicator: Indicator, row: Any) -> str:
    """The figure and, where it lacks months of the period, which; such a township has no place."""
    told, months = told_value(indicator, row), row[f"{indicator.code}:missing"]
    if not months or math.isnan(row["whole"]):
        return told
    return say(f"{told}（{text.months_left_out(months)}）", f"{told} ({text.months_left_out(months)})")


class Scale:
    """Where the marks of a ranking stand, as shares of the room: bars from zero, or dots tied to what they are held to.

    The pages' rankings decide alike (:func:`ui.scales.anchor`).
    """

    def __init__(self, target: float | None, values: pd.Series[float], is_share: bool) -> None:

        self._target = target
        self._anchor = anchor(values, target, is_share=is_share)
        known = [*values.dropna(), *([0.0] if self._anchor is None else [self._anchor])]
        self._low, self._high = min(known), max(known)

    def _at(self, value: float) -> float:
        return round(float(value - self._low) / float(self._high - self._low or 1), 4)

    def marks(self, value: float) -> dict[str, float]:
        """Where a bar, or the line that ties a dot, begins and how long it is; ``dot``: at which end of it one stands."""
        if math.isnan(value) or not self._high > self._low:
            return {} if math.isnan(value) or self._anchor is None else {"start": 0.0, "share": 0.0, "dot": 0.0}
        at, foot = self._at(value), self._at(0.0 if self._anchor is None else self._anchor)
        marks = {"start": min(at, foot), "share": round(abs(at - foot), 4)}
        return marks if self._anchor is None else marks | {"dot": at}

    def anchor_mark(self, target: str | None, told: Callable[[float], str]) -> dict[str, Any]:
        """Where the line stands that the dots are tied to, and its words; nothing for bars."""
        if self._anchor is None:
            return {}
        middle = say(f"中位数 {told(self._anchor)}", f"median {told(self._anchor)}")
        words = middle if self._target is None else target
        return {"anchor": {"at": self._at(self._anchor), "text": words, "target": self._target is not None}}


def first_and_last(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that there is room for: the first, the last, and the chosen one between."""
    if len(rows) <= _LISTED:
        return rows
    half = _LISTED // 2
    middle = [row for row in rows[half:-half] if row["chosen"]]
    return [*rows[:half], *(middle or [{"gap": True}]), *rows[-half:]]


def trend_drawing(view: View, code: str) -> dict[str, Any]:
    """An indicator's course over the months of the view."""
    indicator = view.indicator(code)
    # One month has no course: it is shown as the last of twelve, and said.
    is_one = len(view.scope.months) == 1
    scope = view.scope.last_months(12) if is_one else view.scope
    table = without_small(view.measured([code], ("month",), scope), indicator).set_index("month").reindex(scope.months)
    whole = table["whole"]
    known = whole.dropna()
    named = [known.idxmin(), known.idxmax(), known.index[-1]] if len(known) else []
    is_told = not table.loc[named, "small"].any()
    # What an unfinished month is so far, is neither the latest nor the lowest; that it is unfinished is said beside.
    unfinished = unfinished_months(view, indicator, scope.months)
    finished = whole[[at not in unfinished for at in range(len(whole))]]
    title = text.axis_title(indicator)
    if is_told:
        title = titles.course(indicator, finished if finished.notna().any() else whole)
    return course_drawing(view, indicator, table[code], title, are_last_twelve=is_one)


def course_drawing(
    view: View, indicator: Indicator, course: pd.Series[float], title: str, *, are_last_twelve: bool = False
) -> dict[str, Any]:
    """A line over months with its axis."""
    targets = view.monthly_targets(indicator, course.index)
    label = text.target_label(replace(indicator, target=targets[-1]))
    if indicator.direction == "neither":
        targets = [None for _ in targets]
    unfinished = unfinished_months(view, indicator, course.index)
    labels = short_months(course.index)
    low, high = line_scale(course, indicator)
    known = [target for target in targets if target is not None]
    low, high = min((low, *known)), max((high, *known))
    return {
        "kind": "trend",
        "title": title,
        "period": say("近 12 个月", "last 12 months") if are_last_twelve else None,
        "labels": labels,
        "unfinished": list(unfinished),
        "unfinishedText": say("、", ", ").join(
            f"{labels[at]}{say('', ' ')}{words}" for at, words in unfinished.items()
        ),
        "values": [None if math.isnan(value) else value for value in course],
        "texts": [text.value(indicator, value, with_unit=indicator.is_percentage) for value in course],
        "scale": [low, high],
        "axis": [[at, _on_axis(indicator, at)] for at in ticks(low, high)],
        "unit": None if indicator.is_percentage else text.unit(indicator),
        "targets": targets,
        "targetText": label,
        **_notes(month_marks(view, course.index), len(course)),
    }


def _notes(marks: Sequence[Mark], months: int) -> dict[str, Any]:
    """The dated notes on an axis of so many months: where, and the words of those that there is room for."""
    if not marks:
        return {}
    # As seen from across a room: the words are as large as the axis's, in a chart of half a screen.
    found = placed(marks, -0.5, months - 0.5, plot=_NOTE_ROOM, character=_NOTE_CHARACTER, near=2)
    notes = [{"at": round(one.at, 3), "row": one.row, "text": one.words, "left": one.is_left} for one in found]
    spans = [[round(mark.at, 3), round(mark.until, 3)] for mark in marks if mark.until is not None]
    return {
        "notes": notes,
        "spans": spans[:_NOTE_SPANS],
        "notesTold": say("；", "; ").join(mark.told for mark in marks),
    }


def _on_axis(indicator: Indicator, value: float) -> str:
    return f"{value:g}%" if indicator.is_percentage else text.number(value, 0 if float(value).is_integer() else 1)


def split_drawing(view: View, subject: ScreenView) -> dict[str, Any] | None:
    """The largest parts of a count; None where there are none."""
    assert subject.split is not None  # noqa: S101  # for the type checker
    code, dimension = subject.split
    indicator = view.indicator(code, [dimension])
    table = view.measured([code], (dimension,)).dropna(subset=[code]).sort_values(code, ascending=False).head(5)
    if table.empty:
        return None
    table = without_small(table, indicator)
    first = table[table["whole"] == table["whole"].max()][dimension].tolist()
    largest = float(table[code].max())
    rows = [
        {
            "name": row[dimension] or say("不详", "unknown"),
            "text": told_value(indicator, row),
            "share": None if row["small"] else round(row[code] / largest, 4),
        }
        for row in table.to_dict("records")
    ]
    title = say(subject.split_zh, subject.split_en)
    # What has no name leads nothing, nor do several.
    leader = first[0] if len(first) == 1 else ""
    return {
        "kind": "bars",
        "title": f"{title}{say('：', ': ')}{leader}" if leader else title,
        "unit": text.unit(indicator),
        "rows": rows,
    }
