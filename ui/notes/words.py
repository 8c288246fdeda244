"""What notes say: when, where and what."""

from __future__ import annotations

from collections.abc import Mapping

from data_access.notes.kept import MONTH, Note
from ui.asking.view import View
from ui.text import month_name, say

# So many lines a file has of them at most
_MOST_LINES = 200


def when(note: Note) -> str:
    """2023年6月12日, 2023年5月起, 2023年6月12日至14日."""
    begins = _written(note.begins)
    if note.ends is None:
        return say(f"{begins}起", f"from {begins}") if len(note.begins) == MONTH else begins
    if note.ends == note.begins:
        return begins
    ends = _written(note.ends)
    if note.ends[:4] == note.begins[:4]:
        ends = ends.removeprefix(f"{note.begins[:4]}年")
    return say(f"{begins}至{ends}", f"{begins} – {ends}")


def _written(day_or_month: str) -> str:
    month = month_name(day_or_month[:MONTH])
    if len(day_or_month) == MONTH:
        return month
    day = int(day_or_month[8:])
    return say(f"{month}{day}日", f"{day} {month}")


def place(note: Note, names: Mapping[str, str]) -> str:
    """The township it is on, by the names of townships; empty for the county."""
    return names.get(note.township_code, note.township_code)


def told(note: Note, names: Mapping[str, str]) -> str:
    """All that a note says: 2023年6月12日，太平镇：暴雨."""
    where = place(note, names)
    head = say("，", ", ").join(filter(None, (when(note), where)))
    return f"{head}{say('：', ': ')}{note.words}"


def note_lines(view: View) -> list[str]:
    """The notes within the view as lines of a file, under a heading; none where there are none."""
    found = view.notes()
    lines = [told(note, view.county.names) for note in found[:_MOST_LINES]]
    if len(found) > _MOST_LINES:
        more = len(found) - _MOST_LINES
        lines.append(say(f"另有 {more:,} 条，见“事件注记”页", f"{more:,} more are on the page of notes"))
    return [say("时段内的事件注记：", "Notes within the period:"), *lines] if lines else []
