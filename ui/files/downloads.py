"""Buttons that give a table as an Excel or CSV file."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from data_access.spreadsheets import Sheet, csv_parts, write_workbook
from ui.text import say


def workbook_bytes(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as an Excel file."""
    file = io.BytesIO()
    write_workbook(file, sheets)
    return file.getvalue()


def csv_bytes(table: pd.DataFrame) -> bytes:
    """The table as a CSV file."""
    return b"".join(csv_parts([table]))


def download_buttons(table: Callable[[], pd.DataFrame], name: str, notes: list[str]) -> None:
    """Buttons for the table as Excel (with the notes) and CSV, made when a button is pressed.

    ``table`` runs outside the page's script: it must not ask for the viewer's language or session.
    """
    sheet_name = say("清单", "List")
    with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
        st.download_button(
            say("下载 Excel", "Excel"),
            lambda: workbook_bytes([Sheet(sheet_name, table(), notes)]),
            f"{name}.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            icon=":material/download:",
            on_click="ignore",
            key=f"{name} xlsx",
        )
        st.download_button(
            say("下载 CSV", "CSV"),
            lambda: csv_bytes(table()),
            f"{name}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"{name} csv",
        )
