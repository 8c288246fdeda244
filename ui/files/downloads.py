"""Tables that leave the dashboard as CSV or Excel files."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TypeVar

import pandas as pd
import streamlit as st
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from ui.text import say

Cell = TypeVar("Cell")

# A spreadsheet would run text that begins like this as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutralised(cell: Cell) -> Cell | str:
    """The cell; text that a spreadsheet would take for a formula gets an apostrophe in front.

    Control characters, which no workbook may hold, are left out.
    """
    if not isinstance(cell, str):
        return cell
    plain = ILLEGAL_CHARACTERS_RE.sub("", cell)
    return f"'{plain}" if plain.startswith(_FORMULA_STARTS) else plain


def csv_bytes(table: pd.DataFrame) -> bytes:
    """The table as CSV in UTF-8 with BOM (Excel opens it right), the header in the first line."""
    return table.map(neutralised).to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def xlsx_bytes(table: pd.DataFrame, notes: list[str], sheet_name: str) -> bytes:
    """The table as an Excel workbook: notes above, header in bold and frozen, widths that fit."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_name)
    for index, column in enumerate(table.columns, start=1):
        widths = [text_width(str(column)), *(text_width(str(cell)) for cell in table[column].head(200))]
        sheet.column_dimensions[get_column_letter(index)].width = min(max(widths) + 2, 48)
    sheet.freeze_panes = f"A{len(notes) + 2}"
    for note in notes:
        sheet.append([note])
    headings = [WriteOnlyCell(sheet, value=str(column)) for column in table.columns]
    for heading in headings:
        heading.font = Font(bold=True)
    sheet.append(headings)
    for row in table.itertuples(index=False):
        sheet.append([None if pd.isna(cell) else neutralised(_plain(cell)) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _plain(cell: object) -> object:
    return cell.to_pydatetime() if isinstance(cell, pd.Timestamp) else cell


def text_width(text: str) -> int:
    """How wide a text is, in columns of a spreadsheet."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def download_buttons(table: Callable[[], pd.DataFrame], name: str, notes: list[str]) -> None:
    """Buttons for the table as Excel (with the notes) and CSV, made when a button is pressed.

    ``table`` runs outside the page's script: it must not ask for the viewer's language or session.
    """
    sheet_name = say("清单", "List")
    with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
        st.download_button(
            say("下载 Excel", "Excel"),
            lambda: xlsx_bytes(table(), notes, sheet_name),
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
