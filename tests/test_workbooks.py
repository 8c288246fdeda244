"""Every workbook that leaves prints as it stands: on A4 across, with its heading and numbered pages, and dates as dates."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import Engine

from data_access.access import UNRESTRICTED
from data_access.importing import import_file
from data_access.importing.tables import TABLES
from data_access.importing.workbooks import write_template
from data_access.spreadsheets import Sheet
from tests.page_contents import page
from ui.bulletin.files import files
from ui.bulletin.told import bulletin
from ui.cases import listing
from ui.explore import rows as explore_rows
from ui.explore import sending
from ui.explore import table as explore_table
from ui.files import downloads, row_exports
from ui.files.downloads import workbook_bytes

ROOT = Path(__file__).resolve().parent.parent
# The lists of rows on pages, each an Excel at one click where one stands
LISTS: dict[str, tuple[str, dict[str, list[str]]]] = {
    "petitions": ("petitions", {"tab": ["rows"], "state": ["overdue"]}),
    "cameras": ("cameras", {"tab": ["rows"]}),
    "volunteers": ("volunteers", {"tab": ["rows"]}),
    "rural_projects": ("rural_projects", {"tab": ["rows"]}),
    "grid": ("grid", {"tab": ["rows"]}),
    "other_work": ("other_work", {"tab": ["rows"]}),
    "rows of explore": ("explore", {"rows": ["overdue_open"], "count": ["overdue_open"]}),
    "raised again": ("explore", {"look": ["again"]}),
}


def assert_printable(sheet: Worksheet, heading: int | None) -> None:
    """``heading``: its row; None where there are notes alone."""
    setup = sheet.page_setup
    widths = [column.width for column in sheet.column_dimensions.values()]
    assert setup.orientation == ("portrait" if sum(widths) <= 100 else "landscape")
    assert (setup.paperSize, setup.fitToWidth, setup.fitToHeight) == (9, 1, 0)
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.oddFooter.center.text == sheet.firstFooter.center.text == "&P / &N"
    assert sheet.oddHeader.center.text
    assert all(0 < width <= 100 for width in widths)
    if heading is None:
        return
    assert str(sheet.auto_filter.ref).startswith(f"A{heading}:")
    assert sheet.print_title_rows == f"${heading}:${heading}"
    assert sheet.freeze_panes == f"A{heading + 1}"
    width = sheet.max_column
    assert all(sheet.cell(heading, place + 1).font.bold for place in range(width))
    # Each column has a width of its own, by what is in it.
    assert len(sheet.column_dimensions) == width


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """What the buttons of pages give, by format; nothing is written down."""
    made: dict[str, Callable[[], bytes]] = {}

    def recorded(
        content: Callable[[], bytes], format: str, question: str, rows: int, right: str | None = "export"
    ) -> Callable[[], bytes]:
        made[format] = content
        return content

    monkeypatch.setattr(downloads, "recorded", recorded)
    return made


@pytest.mark.parametrize("name", LISTS)
def test_a_list_prints(
    name: str, taken: dict[str, Callable[[], bytes]], sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, asked = LISTS[name]
    app = page(path, sample_url, monkeypatch, **asked)
    (sheet,) = opened(taken["xlsx"]()).worksheets
    heading = 4
    assert_printable(sheet, heading)
    assert sheet.auto_filter.ref
    title, *above = [sheet.cell(row, 1).value for row in range(1, heading)]
    assert sheet["A1"].font.size == 14
    # Of two lists the last has pressed its button last.
    shown = app.dataframe[-1].value
    assert "邹城市" in title
    assert "个镇街" in above[0]
    assert "数据截至 2023-08-31" in above[1]
    assert "示例数据" in above[1]
    columns = [sheet.cell(heading, place + 1).value for place in range(sheet.max_column)]
    assert columns == list(shown.columns)
    assert sheet.max_row - heading >= len(shown)
    for place, column in enumerate(columns):
        kind = shown.iloc[:, place].dtype
        cells = [sheet.cell(row, place + 1) for row in range(heading + 1, sheet.max_row + 1)]
        told = [cell for cell in cells if cell.value is not None]
        if pd.api.types.is_datetime64_any_dtype(kind):
            assert all(isinstance(cell.value, datetime | date) for cell in told), column
            assert all(cell.number_format.startswith("yyyy-mm-dd") for cell in told), column
        elif pd.api.types.is_numeric_dtype(kind):
            assert all(isinstance(cell.value, int | float) for cell in told), column


def test_a_list_at_one_click_is_what_is_shown(
    taken: dict[str, Callable[[], bytes]], sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page("petitions", sample_url, monkeypatch, tab=["rows"], state=["overdue"])
    shown = app.dataframe[0].value
    (sheet,) = opened(taken["xlsx"]()).worksheets
    numbers = [sheet.cell(row, 1 + list(shown.columns).index("编号")).value for row in range(5, sheet.max_row + 1)]
    assert numbers[: len(shown)] == shown["编号"].tolist()
    assert sheet["A1"].value.startswith("邹城市 诉求清单：全部超期")
    csv = pd.read_csv(io.BytesIO(taken["csv"]()), dtype=str)
    assert csv["编号"].tolist() == numbers


@pytest.mark.parametrize("name", ["petitions", "explore"])
def test_a_long_list_is_written_with_progress_and_prints(
    name: str, sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_exports, "record_export", lambda _engine, _by, **_entry: None)
    monkeypatch.setattr(listing, "ONE_CLICK_ROWS", 10)
    monkeypatch.setattr(explore_rows, "ONE_CLICK_ROWS", 10)
    asked = {
        "petitions": {"tab": ["rows"], "state": ["overdue"]},
        "explore": {"count": ["overdue_open"], "by": ["category_1"], "rows": ["overdue_open"]},
    }
    app = page(name, sample_url, monkeypatch, **asked[name])
    app.button(key="export cases xlsx" if name == "petitions" else "export xlsx").click().run()
    export = app.session_state["export"]
    export.task.wait(60)
    assert export.task.outcome() > 10
    book = openpyxl.load_workbook(export.path)
    for sheet in book.worksheets:
        assert_printable(sheet, None if sheet.title == "说明" else 4)
    rows = book["明细"]
    assert rows.max_row == export.task.outcome() + 4
    assert rows.auto_filter.ref


def test_the_bulletin_and_a_template_print(sample_engine: Engine, tmp_path: Path) -> None:
    made = files(bulletin(sample_engine, UNRESTRICTED, "2023-08", "all_areas"))
    (book,) = [content for name, content in made.items() if name.endswith(".xlsx")]
    for sheet in opened(book).worksheets:
        assert_printable(sheet, 4)
    # What phones show, which calculate nothing, is what the formulas come to.
    calculated, told = (
        openpyxl.load_workbook(io.BytesIO(book), data_only=data_only)["得分"] for data_only in (True, False)
    )
    heading = [cell.value for cell in told[4]]
    first, last = heading.index("镇街") + 2, heading.index("得分")
    totals = 0
    for row in range(5, told.max_row + 1):
        points = [told.cell(row, place).value for place in range(first, last + 1)]
        assert told.cell(row, last + 1).value.startswith("=IF(COUNT(")
        if any(one is None for one in points):
            assert not calculated.cell(row, last + 1).value
        else:
            assert calculated.cell(row, last + 1).value == pytest.approx(sum(points))
            totals += 1
    assert totals > 10
    for table in TABLES.values():
        write_template(table, tmp_path / "template.xlsx")
        for sheet in openpyxl.load_workbook(tmp_path / "template.xlsx").worksheets:
            assert_printable(sheet, 1)


def test_rejected_rows_print(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "petitions.csv"
    file.write_text("工单编号,镇街,受理时间\nX1,没有这个镇,2023-08-01 08:00\n", "utf-8")
    import_file(engine, TABLES["petitions"], file, rejects=tmp_path / "rejects.xlsx", by=UNRESTRICTED)
    (sheet,) = openpyxl.load_workbook(tmp_path / "rejects.xlsx").worksheets
    assert_printable(sheet, 1)
    assert sheet.max_row == 2


def test_every_sheet_is_set_up_in_one_place() -> None:
    """Nobody else makes a sheet: what leaves the program prints because of it."""
    makers = [
        str(path.relative_to(ROOT))
        for folder in ("data_access", "ui", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\.create_sheet\(|\bto_excel\b|\bExcelWriter\b", path.read_text("utf-8"))
    ]
    assert makers == ["data_access/spreadsheets.py"]


@pytest.fixture
def answer_sheet(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Worksheet]:
    """What Excel has of an answer of 自由筛选, without its rows."""
    sent: list[Sheet] = []
    monkeypatch.setattr(sending, "begin_export", lambda *_args, figures, **_more: sent.extend(figures))

    def made(*by: str) -> Worksheet:
        app = page("explore", sample_url, monkeypatch, count=["received"], by=list(by))
        app.button(key="export xlsx").click().run()
        (sheet,) = opened(workbook_bytes(sent)).worksheets
        assert isinstance(sheet, Worksheet)
        return sheet

    return made


def test_a_wide_table_is_turned(answer_sheet: Callable[..., Worksheet]) -> None:
    sheet = answer_sheet("township_code", "village_code")
    heading = next(row for row in range(1, 9) if sheet.cell(row, 2).value)
    assert_printable(sheet, heading)
    columns = [cell.value for cell in sheet[heading]]
    assert columns[:2] == ["村（社区）", "合计"]
    assert len(columns) == 2 + 16
    assert any("表已转置" in str(sheet.cell(row, 1).value) for row in range(1, heading))
    assert sheet.max_row - heading > 500
    # The sum of all is that of each township's.
    assert sheet.cell(heading + 1, 1).value == "合计"
    sums = [int(str(sheet.cell(heading + 1, place).value)) for place in range(2, 19)]
    assert sums[0] == sum(sums[1:])


def test_a_table_too_wide_both_ways_keeps_the_largest(
    answer_sheet: Callable[..., Worksheet], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explore_table, "MOST_COLUMNS", 6)
    sheet = answer_sheet("township_code", "category_1")
    heading = next(row for row in range(1, 9) if sheet.cell(row, 2).value)
    assert sheet.max_column == 6
    above = "".join(str(sheet.cell(row, 1).value) for row in range(1, heading))
    assert "这里只有最多的 4 个" in above
    totals = [int(str(sheet.cell(heading + 1, column).value)) for column in range(2, 7)]
    assert totals[1:] == sorted(totals[1:], reverse=True)
    assert sum(totals[1:]) < totals[0]


def test_numbers_and_moments_are_told_as_they_are() -> None:
    """With as many decimals as there are, days without a time, and long texts in several lines."""
    table = pd.DataFrame(
        {
            "件": [3, 4000],
            "超期（天）": [1.5, None],
            "率": [33.333, 5.0],
            "期限": pd.to_datetime(["2023-08-01", "2023-08-02"]),
            "受理": pd.to_datetime(["2023-08-01 09:30", None]),
            "标题": ["路灯不亮" * 20, "路"],
        }
    )
    (sheet,) = opened(workbook_bytes([Sheet("清单", table)])).worksheets
    formats = [sheet.cell(2, place + 1).number_format for place in range(5)]
    assert formats == ["#,##0", "#,##0.0", "#,##0.00", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"]
    (sheet,) = opened(workbook_bytes([Sheet("清单", [table, table.rename(columns={"率": "率（%）"})])])).worksheets
    assert [sheet.cell(2, place + 1).number_format for place in range(3)] == ["#,##0", "#,##0.0", "General"]
    assert sheet.cell(3, 3).number_format == "#,##0"
    (sheet,) = opened(workbook_bytes([Sheet("清单", table.rename(columns={"率": "率（%）"}))])).worksheets
    assert sheet.cell(2, 3).number_format == '#,##0.00"%"'
    (sheet,) = opened(workbook_bytes([Sheet("清单", table)])).worksheets
    assert sheet["F2"].alignment.wrap_text
    assert not sheet["F3"].alignment.wrap_text
    assert sheet["B3"].value is None
    assert sheet.column_dimensions["F"].width < 40
