"""Lists of rows: under headings in the viewer's language, with names for codes, and as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from data_access.areas import COLUMNS
from data_access.areas.petitions.area import LEVELS
from data_access.exploring.dimensions import DIMENSIONS
from ui import text
from ui.asking.sentences import sheet_head
from ui.asking.view import View
from ui.elements.row_table import show_rows
from ui.explore.answer import label, names_for
from ui.files.downloads import download_buttons
from ui.notes.words import note_lines
from ui.text import say

_FORMATS: dict[str, Callable[[], Any]] = {
    "number": lambda: st.column_config.NumberColumn(format="localized"),
    "tenths": lambda: st.column_config.NumberColumn(format="%.1f"),
    "share": lambda: st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100),
    "ten_thousand_yuan": lambda: st.column_config.NumberColumn(format="localized"),
    "moment": lambda: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
    "day": lambda: st.column_config.DateColumn(format="YYYY-MM-DD"),
}


def readable(view: View, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as viewers read them: the columns that are declared (``areas.COLUMNS``), in their order, under their headings.

    May run outside the page's script.
    """
    shown: dict[str, Any] = {}
    for name in map(str, rows.columns):
        match name:
            case "township_code":
                shown["township"] = rows[name].map(view.county.names)
            case "village_code":
                codes = rows[name].dropna()
                names = names_for({name: set(codes)}, view.scope.viewer).get(name, {})
                shown["village"] = rows[name].map(names)
            case "reported_code":
                shown["figure"] = rows[name].map(lambda code: text.name(view.county.indicator(code)))
            case "category_1":
                levels = zip(*(rows[level] for level in LEVELS), strict=True)
                shown["category"] = [" › ".join(one for one in path if isinstance(one, str) and one) for path in levels]
            case _ if name in COLUMNS:
                values = rows[name]
                if name in DIMENSIONS and DIMENSIONS[name].kind == "answer":
                    values = values.map(lambda value, name=name: label(view, name, value, {}))
                elif COLUMNS[name].kind == "tenths":
                    # Not minus nothing
                    values = values.astype(float).round(1) + 0.0
                elif COLUMNS[name].kind == "ten_thousand_yuan":
                    values = values.astype(float) / 1e4
                shown[name] = values
    table = pd.DataFrame(shown, index=rows.index)
    return table.rename(columns={name: say(COLUMNS[name].zh, COLUMNS[name].en) for name in shown})


def rows_table(table: pd.DataFrame, name: str, key: str = "", **options: Any) -> None:
    """Rows under their headings, as tall as they need and at most a screen; ``options`` as of ``show_rows``."""
    formats = {
        say(column.zh, column.en): _FORMATS[column.kind]() for column in COLUMNS.values() if column.kind in _FORMATS
    }
    show_rows(
        table,
        key or name,
        height=min(40 + 29 * len(table), 560),
        row_height=29,
        alt=name,
        placeholder="—",
        column_config={heading: format for heading, format in formats.items() if heading in table},
        **options,
    )


def rows_card(view: View, rows: pd.DataFrame, name: str, area: str, columns: Sequence[str] = ()) -> None:
    """A short list as a table and as files; ``columns`` if not all that are declared."""
    table = readable(view, rows[list(columns)] if columns else rows)
    rows_table(table, name)
    download_buttons(lambda: table, len(table), name, sheet_head(view, name, area), notes=note_lines(view))
