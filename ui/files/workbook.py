"""Workbooks with a sheet for each question: numbers as numbers, formulas, bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.formatting.rule import DataBarRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ui.files.downloads import neutralised, text_width

_HEADING = PatternFill("solid", fgColor="F3F6F9")


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, the question it answers, and its table.

    ``total`` adds a column with a formula: its heading and the first and last column (from 1) that it adds up.
    """

    name: str
    question: str
    table: pd.DataFrame
    total: tuple[str, int, int] | None = None


def workbook_bytes(sheets: Sequence[Sheet], notes: Sequence[str]) -> bytes:
    """The sheets as an Excel file, the notes (what is shown, as of when) above each table."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for sheet in sheets:
        _write(book.create_sheet(sheet.name), sheet, notes)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _write(page: Worksheet, sheet: Sheet, notes: Sequence[str]) -> None:
    for note in (*notes, sheet.question):
        page.append([note])
    page["A1"].font = Font(bold=True, size=14)
    headings = [str(column) for column in sheet.table.columns] + ([sheet.total[0]] if sheet.total else [])
    page.append(headings)
    head = page.max_row
    for cell in page[head]:
        cell.font, cell.fill = Font(bold=True), _HEADING
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for row in sheet.table.itertuples(index=False):
        page.append([None if pd.isna(cell) else neutralised(cell) for cell in row])
        if sheet.total:
            _, first, last = sheet.total
            at = page.max_row
            span = f"{get_column_letter(first)}{at}:{get_column_letter(last)}{at}"
            # Without one of them there is no sum.
            formula = f'=IF(COUNT({span})={last - first + 1},SUM({span}),"")'
            page.cell(at, len(headings), formula)
    page.freeze_panes = f"A{head + 1}"
    if page.max_row == head:
        page.append(["没有"])
        return
    page.auto_filter.ref = f"A{head}:{get_column_letter(len(headings))}{page.max_row}"
    for index, heading in enumerate(headings, start=1):
        column = get_column_letter(index)
        cells: pd.Series[Any] = (
            sheet.table.iloc[:, index - 1] if index <= sheet.table.shape[1] else pd.Series(dtype=float)
        )
        widths = [min(text_width(heading), 18), *(text_width(_shown(cell)) for cell in cells.head(200))]
        page.column_dimensions[column].width = min(max(widths) + 3, 60)
        is_total = index > sheet.table.shape[1]
        if not is_total and not pd.api.types.is_numeric_dtype(cells):
            continue
        is_whole = not is_total and bool((cells.dropna() % 1 == 0).all())
        for row_cell in page[column][head:]:
            row_cell.number_format = "#,##0" if is_whole else "#,##0.00"
        if is_total:
            page.column_dimensions[column].width = 14
            bars = DataBarRule("num", 0, "num", 100, color="2F80C2", showValue=True)  # type: ignore[no-untyped-call]
            page.conditional_formatting.add(f"{column}{head + 1}:{column}{page.max_row}", bars)


def _shown(cell: object) -> str:
    return f"{cell:,.2f}" if isinstance(cell, float) else str(cell)
