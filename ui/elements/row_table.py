"""Rows under their headings: on the screen Streamlit's table, which draws what is in sight; on paper all of them.

Streamlit draws its table as a picture, of which a printer gets the part that the screen shows. So what is shown goes to the
browser a second time, as a table of HTML that only paper shows: it goes on over pages and repeats its heading. It is there
before anybody prints, because a browser that begins to print waits for no answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from data_access.spreadsheets import text_width
from ui.elements.element import Element, as_content
from ui.text import say

_PAPER = Element("paper_table")
# How many halves of a letter's height (a digit is about one, a Chinese character two) a line has room for on A4 upright,
# between its margins, in the smallest letters: 186 mm at 5.5 points
_ROOM = 190
# A longer text goes on in the next line.
_LONGEST = 26
_PADDING = 2
# What is read as one: a number, a day
_UNBROKEN = re.compile(r"[!-~]+")
# What a format of Streamlit's says of a moment, as Python says it
_MOMENTS = (("YYYY", "%Y"), ("MM", "%m"), ("DD", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"))
_DECIMALS = re.compile(r"%\.?(\d*)[df](.*)")


def show_rows(table: pd.DataFrame, key: str, *, paper_note: str | None = None, **options: Any) -> Any:
    """Show a table; ``options`` as of ``st.dataframe``, whose answer is given back.

    ``paper_note`` stands below it on paper alone: where the rest is, if these are not all rows.
    """
    shown = st.dataframe(table, hide_index=True, key=key, **options)
    show_on_paper(table, key, options.get("column_config", {}), paper_note, options.get("placeholder", ""))
    return shown


def edit_rows(table: pd.DataFrame, key: str, **options: Any) -> pd.DataFrame:
    """Show a table in which cells are written; ``options`` as of ``st.data_editor``. Gives it back as it is written now."""
    edited: pd.DataFrame = st.data_editor(table, hide_index=True, key=key, **options)
    show_on_paper(edited, key, options.get("column_config", {}), None, options.get("placeholder", ""))
    return edited


def show_on_paper(
    table: pd.DataFrame, key: str, formats: Mapping[str, Any], note: str | None = None, nothing: str | None = ""
) -> None:
    """The table that paper shows; ``formats``: how columns are told, as ``column_config`` of Streamlit; ``nothing``: in empty cells."""
    _PAPER.show(paper_content(table, formats, note, nothing or ""), f"paper {key}")


def paper_content(table: pd.DataFrame, formats: Mapping[str, Any], note: str | None = None, nothing: str = "") -> bytes:
    """What the element draws: headings with the halves of a letter's height that their columns are wide, and cells as words.

    ``room``: how many halves the table takes where no column is cut.
    """
    columns: list[dict[str, Any]] = []
    cells: list[list[str]] = []
    widths: list[tuple[int, int]] = []
    for place, heading in enumerate(map(str, table.columns)):
        values = table.iloc[:, place]
        words = [_words(value, formats.get(heading)) or nothing for value in values.astype(object)]
        is_number = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
        columns.append({"title": heading, "number": is_number})
        cells.append(words)
        # A heading may go on in the next line, too.
        whole = max([min(text_width(heading), 8), *map(text_width, words)])
        least = max((len(one) for word in words for one in _UNBROKEN.findall(word)), default=0)
        widths.append((min(least, _LONGEST), min(whole, _LONGEST)))
    padding = _PADDING * len(columns)
    for column, width in zip(columns, _fitted(widths, _ROOM - padding), strict=True):
        column["width"] = width + _PADDING
    room = sum(whole for _, whole in widths) + padding
    return as_content(columns=columns, rows=[list(row) for row in zip(*cells, strict=True)], room=room, note=note)


def more_on_paper(shown: int, count: int | None) -> str | None:
    """What paper says below a list of which the page shows the first rows and a file has all; None where the page has all.

    ``count``: of all rows, if it is known.
    """
    if count is not None and shown >= count:
        return None
    if count is None:
        return say(
            f"这里是前 {shown:,} 条；全部请导出 Excel。", f"These are the first {shown:,} rows; Excel has all of them."
        )
    return say(
        f"这里是 {count:,} 条中的前 {shown:,} 条；全部请导出 Excel。",
        f"These are the first {shown:,} of {count:,} rows; Excel has all of them.",
    )


def _fitted(widths: Sequence[tuple[int, int]], room: int) -> list[int]:
    """The widths (at least, if there is room; at most), the widest of them cut so far that all fit."""
    for most in range(_LONGEST, 3, -1):
        fitted = [max(least, min(whole, most)) for least, whole in widths]
        if sum(fitted) <= room:
            return fitted
    return [max(1, room // len(widths)) for _ in widths]


def _words(value: Any, form: Mapping[str, Any] | None) -> str:
    """A cell as Streamlit's table tells it."""
    if value is None or value is pd.NaT or value != value:
        return ""
    told = ((form or {}).get("type_config") or {}).get("format")
    if isinstance(value, bool):
        return "✓" if value else ""
    if hasattr(value, "strftime"):
        for theirs, ours in _MOMENTS:
            told = (told or "YYYY-MM-DD HH:mm").replace(theirs, ours)
        return str(value.strftime(told))
    if isinstance(value, int | float):
        if match := _DECIMALS.fullmatch(told or ""):
            return f"{value:.{match[1] or 0}f}{match[2].replace('%%', '%')}"
        rounded = round(float(value), 4)
        whole: float = int(rounded) if rounded == int(rounded) else rounded
        return f"{whole:,}" if told == "localized" else f"{whole}"
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    return str(value)
