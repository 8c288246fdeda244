"""What Excel shows is what is read: number formats in XLSX and legacy XLS, and the files that differ in nothing else."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from data_access.importing.mapping import ColumnMapping
from data_access.importing.number_formats import BUILT_IN, ToTheMinute, ToTheMonth, shown_by
from data_access.importing.readers import open_sheet
from data_access.importing.tables import TABLES

# Number format, what is stored, what Excel shows (dates, times and durations as values)
SHOWN: list[tuple[str, float | str, object]] = [
    ("General", 7.0, 7.0),
    ("@", 7.0, 7.0),
    ("0%", 0.35, "35%"),
    ("0 %", 0.35, "35 %"),
    ("0.0%", 0.955, "95.5%"),
    ("0.00%", 0.0512, "5.12%"),
    ("[Red]0%", 0.005, "1%"),
    ('0"%"', 35.0, "35%"),
    ("000000", 7.0, "000007"),
    ("000000", 1234567.0, "1234567"),
    ('"JN"0000', 12.0, "JN0012"),
    ("000-0000-0000", 13812345678.0, "138-1234-5678"),
    ('0000"-"0000', 20250012.0, "2025-0012"),
    ('0.00"万元"', 257.92, "257.92万元"),
    ("0.00\\万\\元", 257.92, "257.92万元"),
    ('0!.0,"万"', 12345.0, "1.2万"),
    ('[>=10000]0\\.0,"万";0', 12345.0, "1.2万"),
    ('[>=10000]0\\.0,"万";0', 99.0, "99"),
    ('#,##0.0,,"百万"', 12_345_678.0, "12.3百万"),
    ("#,##0", 1_234_567.0, "1,234,567"),
    ("#,##0", 0.0, "0"),
    ("#,##0.00", 1234.5, "1,234.50"),
    ("#,##0_ ;[Red]-#,##0\\ ", -1234.0, "-1,234"),
    ("0.00_);(0.00)", -5.0, "(5.00)"),
    ("0.0", 0.25, "0.3"),
    ("0.##", 12.0, "12"),
    ("#.##", 0.5, ".5"),
    (".00", 12.5, "12.50"),
    ('General"件"', 12.0, "12件"),
    ('0"件"', 12.0, "12件"),
    ("[$¥-804]#,##0.00", 1234.5, "¥1,234.50"),
    ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', 1234.5, "1,234.50"),
    # Accountants' zero is a zero, a blank one is not shown.
    ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', 0.0, 0.0),
    ("0;-0;;@", 0.0, ""),
    (";;;", 5.0, ""),
    ('[=1]"是";[=0]"否";0', 1.0, "是"),
    ('[=1]"是";[=0]"否";0', 0.0, "否"),
    ('"是";;"否"', 0.0, "否"),
    ("0.00E+00", 20.0, "2.00E+01"),
    ("# ?/?", 0.5, 0.5),
    # Digits that Excel has lost are not shown as if they were there.
    ("0", 1.1e17, 1.1e17),
    ("yyyy-mm-dd", 45717.0, date(2025, 3, 1)),
    ('[$-804]yyyy"年"m"月"d"日";@', 45717.0, date(2025, 3, 1)),
    ('[DBNum1][$-804]yyyy"年"m"月"', 45717.0, ToTheMonth(2025, 3, 1)),
    ('m"月"d"日"', 45717.0, date(2025, 3, 1)),
    ("yyyy-mm-dd hh:mm:ss", 45717.75, datetime(2025, 3, 1, 18)),
    ("yyyy-mm-dd hh:mm", 45717.75, ToTheMinute(2025, 3, 1, 18)),
    ("[$-804]yyyy/m/d 上午/下午h:mm", 45717.75, ToTheMinute(2025, 3, 1, 18)),
    ('上午/下午h"时"mm"分"', 0.75, time(18)),
    ("h:mm", 2.5 / 24, time(2, 30)),
    ("[h]:mm", 26.5 / 24, timedelta(hours=26, minutes=30)),
    ("[mm]:ss", 1 / 24, timedelta(hours=1)),
    ('@"号"', "12", "12号"),
    ("000000", "12", "12"),
]


@pytest.mark.parametrize(("code", "stored", "shown"), SHOWN)
def test_what_excel_shows(code: str, stored: float | str, shown: object) -> None:
    show = shown_by(code)
    found = show(stored) if show else stored
    assert (type(found), found) == (type(shown), shown)


def as_xlsx(path: Path, rows: list[list[Any]], formats: dict[int, str]) -> Path:
    """A workbook whose columns have these formats, from the second row on."""
    book = openpyxl.Workbook()
    for cells in rows:
        book.active.append(cells)
    for column, code in formats.items():
        for row in range(2, len(rows) + 1):
            book.active.cell(row, column + 1).number_format = code
    book.save(path)
    return path


def as_xls(path: Path, rows: list[list[Any]], formats: dict[int, str]) -> Path:
    """The same as a legacy workbook."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("1")
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            code = formats.get(column, "General") if row else "General"
            sheet.write(row, column, cell, xlwt.easyxf(num_format_str=code))
    book.save(str(path))
    return path


def read(path: Path, table: str = "petitions") -> list[list[Any]]:
    with open_sheet(path, TABLES[table], ColumnMapping()) as sheet:
        return [list(cells) for _, cells in sheet.rows]


@pytest.mark.parametrize("write", [as_xlsx, as_xls])
def test_workbooks_are_read_as_they_are_shown(tmp_path: Path, write: Any) -> None:
    """Each format in a column of its own, since a row of few cells may be taken for a note."""
    header = ["工单编号", "镇街", "受理时间", *map(str, range(len(SHOWN)))]
    row = ["A1", "钢山街道", "2025-03-01", *(stored for _, stored, _ in SHOWN)]
    formats = {3 + place: code for place, (code, _, _) in enumerate(SHOWN)}
    [cells] = read(write(tmp_path / f"cases.{write.__name__[3:]}", [header, row], formats))
    assert cells[3:] == [shown for _, _, shown in SHOWN]


def test_formats_that_chinese_workbooks_do_not_spell_out() -> None:
    for number, stored, shown in (
        (9, 0.35, "35%"),
        (31, 45717.0, date(2025, 3, 1)),
        (57, 45717.0, date(2025, 3, 1)),
        (33, 0.75, time(18)),
        (44, 1234.5, "¥1,234.50"),
    ):
        show = shown_by(BUILT_IN[number])
        assert show is not None and show(stored) == shown


@given(st.text('0#?.,%/@E+-;[]"\\!_* dmyhsDBNum1号万元$=<>1G', max_size=30), st.floats(allow_nan=True) | st.integers())
def test_no_format_is_too_strange(code: str, stored: float) -> None:
    show = shown_by(code)
    if show is not None:
        show(stored)
        show("文字")
