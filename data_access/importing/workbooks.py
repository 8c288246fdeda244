"""Workbooks for people: a template to fill in, and rejected rows to correct."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from data_access.importing.checks import Rejected
from data_access.importing.problems import FileProblem
from data_access.importing.readers import Sheet
from data_access.importing.values import BROKEN
from data_access.model.import_table import Field, ImportTable
from data_access.spreadsheets import heading_cell, new_sheet, streamed_workbook, text_cell, text_width, wrapped_cell

REASON = "不能导入的原因 Reason"

# What goes into a column, by the field's kind, in Chinese and in English.
_KINDS: Mapping[str, tuple[str, str]] = {
    "free_text": ("文字", "text"),
    "text": ("文字", "text"),
    "code": ("编号，按文本填写", "an identifier, as text"),
    "answer": ("是/否、满意/不满意，未问及的留空", "yes or no; empty where nobody was asked"),
    "number": ("不小于 0 的整数", "a whole number, 0 or more"),
    "decimal": ("不小于 0 的数", "a number, 0 or more"),
    "hours": ("小时数，如 2.5 或 2:30", "hours, such as 2.5 or 2:30"),
    "percent": ("百分数，如 95.9%", "a percentage, such as 95.9%"),
    "money": (
        "金额，如 257.92万元；只写数字时，须在表头写明单位，如 总投资（万元）",
        "an amount, such as 257.92万元; plain numbers need the unit in the header, such as 总投资（万元）",
    ),
    "moment": ("时间，如 2023-08-22 09:32；也可只写日期", "a time, such as 2023-08-22 09:32, or a date alone"),
    "date": ("日期，如 2023-08-22", "a date, such as 2023-08-22"),
    "month": ("月份，如 2023-08", "a month, such as 2023-08"),
    "day_or_month": (
        "日期，如 2023-06-12；从某月起的写月份，如 2023-05",
        "a day, such as 2023-06-12, or for what holds from a month on the month, such as 2023-05",
    ),
    "township": ("镇街的名称、代码或别名", "a township's name, code or alias"),
    "village": ("村居的全称或代码", "a village's full name or code"),
}


def header_of(field: Field) -> str:
    """The header of a field in a template: its first synonym, with a star if it is required."""
    return field.label + ("*" if field.required else "")


def write_template(table: ImportTable, target: Path | BinaryIO) -> None:
    """Write a workbook with the table's headers and a sheet that explains them. Raises FileProblem."""
    with _workbook(target) as workbook:
        headers = [header_of(field) for field in table.fields]
        sheet = new_sheet(workbook, table.name, [max(text_width(header) + 4, 14) for header in headers], 1)
        sheet.append([heading_cell(sheet, header) for header in headers])
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(headers))}1"
        notes = new_sheet(workbook, "说明 Notes", (20, 16, 14, 44, 56, 60), 1)
        titles = ("列 Column", "代号 Name", "必填 Required", "内容", "Content", "也认这些表头 Other headers")
        notes.append([heading_cell(notes, title) for title in titles])
        for field in table.fields:
            zh, en = explained(field, table)
            required = "是 yes" if field.required else ""
            told = (header_of(field), field.name, required, zh, en, "、".join(field.headers[1:]))
            notes.append([wrapped_cell(notes, words) for words in told])
        notes.auto_filter.ref = f"A1:F{len(headers) + 1}"


def explained(field: Field, table: ImportTable) -> tuple[str, str]:
    """What goes into the column, in Chinese and in English."""
    zh, en = _KINDS[field.kind]
    length = getattr(getattr(table.table.c.get(field.key), "type", None), "length", None)
    if field.choices:
        zh, en = f"{'、'.join(field.choices)} 之一", f"one of {', '.join(field.choices)}"
    elif length and field.kind in ("text", "free_text", "code"):
        zh, en = f"{zh}，最多 {length} 个字", f"{en}, {length} characters at most"
    if field.not_before:
        first = table.label(field.not_before)
        zh, en = f"{zh}；不早于{first}", f"{en}; not before {first}"
    return zh, en


@contextmanager
def rejects_workbook(path: Path, source: Sheet) -> Iterator[Callable[[Rejected], None]]:
    """A workbook at that path for rejected rows, as they stood in the file, with a column that says why.

    Gives what takes the next row. Raises FileProblem; where anything fails, no workbook is left.
    """
    width = len(source.header)
    try:
        with _workbook(path) as workbook:
            sheet = new_sheet(
                workbook, source.name or "rejected", [*[18] * width, 60], 1 if source.header_row else None
            )
            if source.header_row:
                sheet.append([heading_cell(sheet, _whole(title)) for title in (*source.header, REASON)])

            rows = int(bool(source.header_row))

            def append(row: Rejected) -> None:
                nonlocal rows
                rows += 1
                reasons = "；".join(f"{problem.column}：{problem.zh}（{problem.en}）" for problem in row.problems)
                padded = [*row.cells, *[None] * (width - len(row.cells))][:width]
                sheet.append([_as_it_stood(sheet, cell) for cell in (*padded, reasons)])

            yield append
            if source.header_row:
                sheet.auto_filter.ref = f"A1:{get_column_letter(width + 1)}{rows}"
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _as_it_stood(sheet: Any, value: object) -> Any:
    return text_cell(sheet, _whole(value)) if isinstance(value, str) else value


def _whole(words: str) -> str:
    """The words as a file can have them, with a mark for what could not be read."""
    return words.replace(BROKEN, "\ufffd")


@contextmanager
def _workbook(target: Path | BinaryIO) -> Iterator[Workbook]:
    try:
        with streamed_workbook(target) as workbook:
            yield workbook
    except OSError as error:
        raise FileProblem(
            f"无法写入文件 {target}（{error.strerror}）。", f"Cannot write the file {target} ({error.strerror})."
        ) from None
