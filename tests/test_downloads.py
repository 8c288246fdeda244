"""Files that leave the dashboard open in a spreadsheet and run nothing."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd
import pytest

from data_access.spreadsheets import Sheet, guarded
from ui.files.downloads import csv_bytes, workbook_bytes

TABLE = pd.DataFrame(
    {
        "编号": ["007", "=1+1"],
        "标题": ["路灯不亮", "@cmd"],
        "受理时间": pd.to_datetime(["2023-08-01 09:30", None]),
        "件": [3, 4],
    }
)
NOTES = ["全部 16 个镇街 · 2023年8月", "数据截至 2023-08-31"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["路灯", "007", 5, -3.2, None])
def test_everything_else_stays(cell: object) -> None:
    assert guarded(cell) == cell


def test_xlsx_holds_notes_header_and_typed_cells() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_bytes([Sheet("清单", TABLE, NOTES)]))).active
    assert sheet is not None
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert [row[0] for row in rows[:2]] == NOTES
    assert rows[2] == ["编号", "标题", "受理时间", "件"]
    assert rows[3] == ["007", "路灯不亮", pd.Timestamp("2023-08-01 09:30").to_pydatetime(), 3]
    # As it stands: a cell of text is never calculated, and the file loaded again changes nothing.
    assert rows[4] == ["=1+1", "@cmd", None, 4]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet.freeze_panes == "A4"


def test_csv_opens_in_excel_with_chinese_and_reads_back() -> None:
    content = csv_bytes(TABLE)
    assert content.startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(io.BytesIO(content), dtype=str)
    assert back["编号"].tolist() == ["007", "'=1+1"]
    assert back["件"].tolist() == ["3", "4"]
