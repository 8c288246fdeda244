"""Buttons that give a table as an Excel or CSV file."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st
from sqlalchemy import Engine

from data_access import cache
from data_access.access import Viewer
from data_access.background import beside
from data_access.database import DatabaseBusy
from data_access.exploring.export_log import record_export
from data_access.problems import Problem
from data_access.spreadsheets import Sheet, csv_parts, write_workbook
from ui.asking.viewer import viewer
from ui.text import is_english, say

_log = logging.getLogger(__name__)


class NotGiven(Exception):
    """A file that was asked for is not given; why, in the words of the page that asked."""


def workbook_bytes(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as an Excel file."""
    file = io.BytesIO()
    write_workbook(file, sheets)
    return file.getvalue()


def csv_bytes(table: pd.DataFrame) -> bytes:
    """The table as a CSV file."""
    return b"".join(csv_parts([table]))


def recorded(
    content: Callable[[], bytes], format: str, question: str, rows: int, right: str | None = "export"
) -> Callable[[], bytes]:
    """What makes a file when somebody takes it, and writes down first who took how many rows of what.

    ``content`` runs outside the page's script: it must not ask for the viewer's language or session. ``question`` must not
    have words that were looked for. ``right``: what it takes (None: nothing, as for figures). What is made raises NotGiven
    where a Problem is in the way, as a load that takes longer than one waits.
    """
    by, in_english = viewer(), is_english()

    def made() -> bytes:
        try:
            file = content()
            record_export(cache.reachable_engine(), by, format=format, question=question, rows=rows, right=right)
        except Problem as problem:
            raise NotGiven(problem.en if in_english else problem.zh) from problem
        return file

    return made


def picture_recorder(question: str, rows: int) -> Callable[[], None]:
    """What writes down that the viewer's browser has saved a picture of so many ``rows``; ``question`` as above."""
    by = viewer()

    def record() -> None:
        engine = cache.reachable_engine()
        # The browser has made the picture; the page need not wait for the entry.
        beside(lambda: _record_picture(engine, by, question, rows))

    return record


def _record_picture(engine: Engine, by: Viewer, question: str, rows: int) -> None:
    while True:
        try:
            record_export(engine, by, format="png", question=question, rows=rows, right=None)
        except DatabaseBusy:
            # Each try has waited; a load may take longer.
            continue
        except Exception as problem:
            _log.error("A saved picture is not in the audit log: %s", type(problem).__name__)
            raise
        return


def download_buttons(
    table: Callable[[], pd.DataFrame],
    rows: int,
    name: str,
    head: Sequence[str],
    right: str = "export",
    *,
    question: str | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Buttons for the table as Excel and CSV, made when a button is pressed; for who has the right.

    ``head``: what stands above it in Excel, its title first (see :func:`~ui.asking.sentences.sheet_head`); ``notes``: what
    stands on a sheet of its own. ``table`` runs as the content of :func:`recorded` does, and ``question`` is what that
    records: unless given, the name and the filters.
    """
    if not viewer().may(right):
        return
    question = question or " · ".join((name, *head[1:2]))
    file, sheet = name.lower().replace(" ", "-"), say("清单", "List")
    explained = [Sheet(say("说明", "Notes"), None, notes)] if notes else []

    def workbook() -> bytes:
        return workbook_bytes([Sheet(sheet, table(), head, has_title=True), *explained])

    with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
        st.download_button(
            say("下载 Excel", "Excel"),
            recorded(workbook, "xlsx", question, rows, right),
            f"{file}.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            icon=":material/download:",
            on_click="ignore",
            key=f"{file} xlsx",
        )
        st.download_button(
            say("下载 CSV", "CSV"),
            recorded(lambda: csv_bytes(table()), "csv", question, rows, right),
            f"{file}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"{file} csv",
        )
