"""Every workbook that leaves prints as it stands: on A4 across, with its heading and numbered pages, and dates as dates."""

from __future__ import annotations

import ast
import io
import re
import traceback
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
from data_access.areas.grid.bands import Band
from data_access.database import engine_for
from data_access.decisions.records import Owner
from data_access.decisions.writing import Draft, decide
from data_access.importing import import_file
from data_access.importing.tables import TABLES
from data_access.importing.workbooks import write_template
from data_access.indicators import INDICATORS
from data_access.notes.writing import drafted, write_note
from data_access.settings.lists import set_grid_bands
from data_access.spreadsheets import Sheet
from tests.counties import copied
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
# The addresses under which the buttons stand that give a table as an Excel at one click
ADDRESSES: tuple[tuple[str, dict[str, list[str]]], ...] = (
    ("petitions", {"tab": ["rows"], "state": ["overdue"]}),
    ("rural_projects", {"tab": ["rows"]}),
    ("grid", {"tab": ["rows"]}),
    ("explore", {"rows": ["overdue_open"], "count": ["overdue_open"]}),
    ("explore", {"look": ["again"]}),
    ("today", {}),
    ("warning", {}),
    ("decisions", {}),
    ("notes", {}),
    ("record", {}),
)
# A share, an amount or a moment that was written as a text: nobody can add or sort by it.
AS_TEXT = re.compile(r"-?[\d,]*\.?\d+ ?[%％]|-?\d{1,3}(,\d{3})+(\.\d+)?|\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?")


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


def assert_told(sheet: Worksheet, heading: int) -> None:
    """Numbers are numbers, shares have their sign, days and moments are such."""
    for cells in sheet.iter_rows(min_row=heading + 1):
        for cell, title in zip(cells, sheet[heading], strict=True):
            where = f"{sheet.title}: {title.value} {cell.coordinate} {cell.value}"
            if isinstance(cell.value, datetime | date):
                assert cell.number_format.startswith("yyyy-mm-dd"), where
            elif isinstance(cell.value, int | float):
                assert not re.search("[%％]", str(title.value)) or cell.number_format.endswith('"%"'), where
            elif isinstance(cell.value, str):
                assert not AS_TEXT.fullmatch(cell.value), where


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def buttons() -> set[tuple[str, str]]:
    """Who in the program calls for buttons that give a table as an Excel: file and function."""
    found = set()
    for folder in ("ui", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            for function in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(function, ast.FunctionDef) and function.name != "download_buttons":
                    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
                    if any(isinstance(called, ast.Name) and called.id == "download_buttons" for called in calls):
                        found.add((str(path.relative_to(ROOT)), function.name))
    return found


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


@pytest.fixture(scope="module")
def filled_url(sample_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample county with decisions, a note, bands of grids and what was done to them."""
    url = copied(sample_engine, tmp_path_factory.mktemp("workbooks") / "county.sqlite")
    engine = engine_for(url)
    on_time = INDICATORS["on_time_rate"]
    met, due = date(2023, 8, 1), date(2023, 9, 20)
    draft = Draft("按期办结率提高到 97%", (Owner("370883103"),), met, due, indicator=on_time, promised=97)
    decide(engine, draft, by=UNRESTRICTED)
    decide(engine, Draft("组织一次巡查", (Owner("", "县水务局"),), met, due), by=UNRESTRICTED)
    write_note(engine, UNRESTRICTED, drafted("2023-08-03", "", "", "暴雨", "天气"))
    set_grid_bands(engine, UNRESTRICTED, (Band("一等", 90, 100), Band("二等", 0, 50)))
    engine.dispose()
    return url


def test_every_button_gives_a_workbook_that_prints(
    filled_url: str, running_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever adds a button adds where it stands: one that no address shows fails here."""
    given: dict[tuple[str, str], list[tuple[bytes, str]]] = {}
    known = buttons()

    def recorded(content: Callable[[], bytes], format: str, *_: Any, **__: Any) -> Callable[[], bytes]:
        if format == "xlsx":
            frames = traceback.extract_stack()
            callers = [(Path(one.filename).as_posix().removeprefix(f"{ROOT.as_posix()}/"), one.name) for one in frames]
            given.setdefault(next(one for one in reversed(callers) if one in known), []).append((content(), told[-1]))
        return content

    told: list[str] = []
    shown: dict[str, list[list[str]]] = {}
    monkeypatch.setattr(downloads, "recorded", recorded)
    for name, asked in ADDRESSES:
        told.append(name)
        # Cases are at stake only while a month goes on.
        app = page(name, running_url if name == "warning" else filled_url, monkeypatch, **asked)
        shown.setdefault(name, []).extend(list(one.value.columns) for one in app.dataframe)
    assert set(given) == known
    for (_, function), contents in given.items():
        for content, name in contents:
            for sheet in opened(content).worksheets:
                if sheet.title == "说明":
                    assert_printable(sheet, None)
                    continue
                # A title, and what stands below it
                heading = next(row for row in range(1, 6) if sheet.cell(row, 1).fill.fill_type)
                assert_printable(sheet, heading)
                assert_told(sheet, heading)
                assert sheet["A1"].font.size == 14
                assert sheet.max_row > heading, function
                title, *above = [str(sheet.cell(row, 1).value) for row in range(1, heading)]
                # A table whose element is ours, and one that has more than the page
                assert name in ("decisions", "record") or [cell.value for cell in sheet[heading]] in shown[name]
                if name not in ("decisions", "record", "warning"):
                    assert "邹城市" in title
                    assert "镇街" in above[0]
                    assert "数据截至 2023-08-31" in above[1]
                    assert "示例数据" in above[1]


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
        assert_told(sheet, 4)
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
        if re.search(
            r"\.create_sheet\(|\bto_excel\b|\bExcelWriter\b|\bWorkbook\(|\bxlsxwriter\b|\bpyexcel",
            path.read_text("utf-8"),
        )
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
