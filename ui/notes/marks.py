"""Where the notes of a view stand on the axes of its charts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

from data_access.notes.kept import Note
from data_access.scope import month_end, month_start
from ui.asking.view import View
from ui.charts.marks import Mark
from ui.notes.words import place, told

_DAY = timedelta(days=1)


def month_marks(view: View, months: Iterable[str]) -> tuple[Mark, ...]:
    """The view's notes on an axis of consecutive months (``YYYY-MM``) by position."""
    shown = list(months)
    spans = [(month_start(month).date(), month_end(month).date()) for month in shown]
    return _by_position(view, view.notes(shown), spans)


def week_marks(view: View, weeks: Iterable[str]) -> tuple[Mark, ...]:
    """The view's notes on an axis of weeks (their Mondays) by position; weeks may be missing."""
    mondays = [date.fromisoformat(str(week)) for week in weeks]
    return _by_position(view, view.notes(), [(monday, monday + 7 * _DAY) for monday in mondays])


def day_marks(view: View, start: datetime, end: datetime) -> tuple[Mark, ...]:
    """The view's notes from the start to the end on an axis of dates, in milliseconds as plotly takes them."""
    months = (f"{start:%Y-%m}", f"{end:%Y-%m}")
    found = [note for note in view.notes(months) if note.is_within(start.date(), end.date())]
    return _marks(view, found, lambda day: (day - date(1970, 1, 1)).days * 86_400_000.0)


def _by_position(view: View, notes: Sequence[Note], spans: Sequence[tuple[date, date]]) -> tuple[Mark, ...]:
    """Marks on an axis where each span, from a day to the one after its last, has the room of 1 about its position."""
    if not spans:
        return ()
    starts = [start for start, _ in spans]

    def at(day: date) -> float:
        position = bisect_right(starts, day) - 1
        if position < 0:
            return -0.5
        start, end = spans[position]
        return position - 0.5 + min(1.0, (day - start) / (end - start))

    return _marks(view, [note for note in notes if note.is_within(starts[0], spans[-1][1] - _DAY)], at)


def _marks(view: View, notes: Iterable[Note], at: Callable[[date], float]) -> tuple[Mark, ...]:
    """A mark for each note: those on the county first, which have their words where there is no room for all."""
    names = view.county.names
    is_one = len(view.townships) == 1
    made = []
    for note in sorted(notes, key=lambda one: (bool(one.township_code), one.begins)):
        first, last = at(note.first_day), note.last_day
        if note.is_a_day:
            first = (first + at(note.first_day + _DAY)) / 2
        until = None if last is None else at(last + _DAY)
        where = "" if is_one else place(note, names)
        made.append(Mark(first, until, " ".join(filter(None, (where, note.words))), told(note, names)))
    return tuple(made)
