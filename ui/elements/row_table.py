"""Rows under their headings: on the screen Streamlit's table, which draws what is in sight; on paper all of them.

Streamlit draws its table as a picture, of which a printer gets the part that the screen shows. So what is shown goes to the
browser a second time, as a table of HTML that only paper shows: it goes on over pages and repeats its heading. It is there
before anybody prints, because a browser that begins to print waits for no answer; the page's own button gets all rows of a
list first (``browser/print.js``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from data_access.spreadsheets import text_width
from ui.elements.element import Element, as_content
from ui.files.row_exports import ONE_CLICK_ROWS
from ui.files.whole_lists import WholeList
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


def show_rows(table: pd.DataFrame, key: str, *, whole: WholeList | None = None, **options: Any) -> Any:
    """Show a table; ``options`` as of ``st.dataframe``, whose answer is given back. ``whole``: what these may be the first of."""
    shown = st.dataframe(table, hide_index=True, key=key, **options)
    show_on_paper(table, key, options.get("column_config", {}), whole, options.get("placeholder", ""))
    return shown


def edit_rows(table: pd.DataFrame, key: str, **options: Any) -> pd.DataFrame:
    """Show a table in which cells are written; ``options`` as of ``st.data_editor``. Gives it back as it is written now."""
    edited: pd.DataFrame = st.data_editor(table, hide_index=True, key=key, **options)
    show_on_paper(edited, key, options.get("column_config", {}), None, options.get("placeholder", ""))
    return edited


def show_on_paper(
    table: pd.DataFrame,
    key: str,
    formats: Mapping[str, Any],
    whole: WholeList | None = None,
    nothing: str | None = "",
) -> None:
    """The table that paper shows; ``formats``: how columns are told, as ``column_config`` of Streamlit; ``nothing``: in empty
    cells; ``whole``: what its rows may be the first of, which is told below them.
    """

    def content(rows: pd.DataFrame, **more: str | None) -> bytes:
        return paper_content(rows, formats, nothing or "", **more)

    note = way = None
    if whole and whole.count != len(table):
        note = more_on_paper(len(table), whole)
        way = whole.way(content) if whole.may_be_had and whole.is_short else None
    _PAPER.show(content(table, note=note, way=way), f"paper {key}")


def paper_content(
    table: pd.DataFrame,
    formats: Mapping[str, Any],
    nothing: str = "",
    *,
    note: str | None = None,
    way: str | None = None,
) -> bytes:
    """What the element draws: headings with the halves of a letter's height that their columns are wide, and cells as words.

    ``room``: how many halves the table takes where no column is cut. ``way``: where the same of all rows is got.
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
    rows = [list(row) for row in zip(*cells, strict=True)]
    return as_content(columns=columns, rows=rows, room=room, note=note, way=way)


def more_on_paper(shown: int, whole: WholeList) -> str:
    """What paper says below the first rows of a list, where it is not the page's button that prints: how to have all."""
    if whole.count is None:
        told = say(f"这里是前 {shown:,} 条", f"These are the first {shown:,} rows")
    else:
        told = say(
            f"这里是 {whole.count:,} 条中的前 {shown:,} 条", f"These are the first {shown:,} of {whole.count:,} rows"
        )
    if not whole.may_be_had:
        return told + say("；要更多的，先点“显示更多”。", "; “Show more” brings more of them.")
    if whole.is_short:
        return told + say("；用页面右上角的“打印”打出全部。", "; the page's own “Print” has all of them.")
    return told + say(
        f"；超过 {ONE_CLICK_ROWS:,} 条的不整份打印，全部请导出 Excel。",
        f"; lists over {ONE_CLICK_ROWS:,} rows are not printed whole: Excel has all of them.",
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
        return say("、", ", ").join(map(str, value))
    return str(value)
