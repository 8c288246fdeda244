"""Files as other systems really write them, and files that are meant to break a reader."""

from __future__ import annotations

import codecs
import io
import os
import random
import re
import struct
import sys
import tempfile
import time as clock
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, insert, select

from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.projects.imports import PROJECTS
from data_access.importing import import_file, xlsx
from data_access.importing.left_out import LeftOut
from data_access.importing.mapping import ColumnMapping, plan_columns
from data_access.importing.problems import FileProblem
from data_access.importing.readers import Sheet, open_sheet
from data_access.model.import_table import ImportTable
from data_access.places.tables import township
from data_access.schema import metadata
from tests.counties import empty_file
from tests.files import HEADER, share_strings, text_file, workbook

# The reader's own filter stands behind the one that makes errors of warnings.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")

CASE = ("A1", "钢山街道", "2023-05-01")


def read(path: Path, table: ImportTable = PETITIONS, **formats: Any) -> tuple[Sheet, list[tuple[int, list[Any]]]]:
    """The sheet and its rows without the blanks at their ends."""
    with open_sheet(path, table, ColumnMapping(formats=formats)) as sheet:
        rows = []
        for number, cells in sheet.rows:
            kept = list(cells)
            while kept and kept[-1] in ("", None):
                kept.pop()
            rows.append((number, kept))
    return sheet, rows


# --- The header, and what is no case ----------------------------------------------------------------


def test_titles_above_the_header_numbers_and_totals(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "cases.xlsx",
        ("2023年5月诉求台账", None, None, None, None),
        ("填报单位：治理中心", None, None, "5月31日"),
        (),
        ("序号", "工单编号", "镇街", "受理时间", "备注"),
        (1, "A1", "钢山街道", datetime(2023, 5, 1, 9, 30)),
        (None, "小 计", None, 1),
        (2, "A2", "香城镇", date(2023, 5, 2), "合计"),
        ("合计：", None, None, 2),
        merged=("A1:E1",),
    )
    sheet, rows = read(path)
    assert sheet.header == ("序号", "工单编号", "镇街", "受理时间", "备注")
    assert (sheet.header_row, sheet.left_out) == (4, [LeftOut(6, "total"), LeftOut(8, "total")])
    assert rows == [
        (5, [1, "A1", "钢山街道", datetime(2023, 5, 1, 9, 30)]),
        (7, [2, "A2", "香城镇", date(2023, 5, 2), "合计"]),
    ]


def test_two_rows_of_headers(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "cases.xlsx",
        ("诉求台账",),
        ("编号", "镇街", "时间", None, "回访", None),
        (None, None, "受理", "办结", "是否解决", "是否满意"),
        ("A1", "钢山街道", "2023-05-01", "2023-05-02", "是", "否"),
        merged=("A2:A3", "B2:B3", "C2:D2", "E2:F2"),
    )
    sheet, rows = read(path)
    assert sheet.header == ("编号", "镇街", "时间 / 受理", "时间 / 办结", "回访 / 是否解决", "回访 / 是否满意")
    assert sheet.header_row == 3
    assert [number for number, _ in rows] == [4]
    sources = {
        source.field.name: source.index for source in plan_columns(sheet.header, PETITIONS, ColumnMapping()).sources
    }
    assert sources == {"case_no": 0, "township": 1, "received_at": 2, "closed_at": 3, "resolved": 4, "satisfied": 5}


def test_the_row_after_a_full_header_is_a_case(tmp_path: Path) -> None:
    """Even where its cells read like headers."""
    sheet, rows = read(text_file(tmp_path / "cases.csv", "编号,镇街,受理时间,标题\nA1,钢山街道,2023-05-01,编号\n"))
    assert (sheet.header_row, len(rows)) == (1, 1)


NO_HEADER = "A1,钢山街道,2023-05-01,来电,王五\nA2,香城镇,2023-05-02,编号,姓名\nA3,香城镇,2023-05-03,x,赵六\n"


def test_a_file_without_a_header_never_loses_its_first_case(tmp_path: Path) -> None:
    path = text_file(tmp_path / "cases.csv", NO_HEADER)
    sheet, _ = read(path)
    with pytest.raises(FileProblem, match="没有找到表头") as caught:
        plan_columns(sheet.header, PETITIONS, ColumnMapping())
    assert "王五" not in str(caught.value)
    sheet, rows = read(path, header=0)
    assert (sheet.header, sheet.header_row, len(rows)) == (("A", "B", "C", "D", "E"), 0, 3)
    by_letter = ColumnMapping({"case_no": "A", "township": "B", "received_at": "C"})
    assert [source.index for source in plan_columns(sheet.header, PETITIONS, by_letter).sources] == [0, 1, 2]


def test_letters_count_from_the_left_edge(tmp_path: Path) -> None:
    sheet, rows = read(workbook(tmp_path / "cases.xlsx", (None, *CASE)), header=0)
    assert (sheet.header, rows) == (("A", "B", "C", "D"), [(1, ["", *CASE])])


def test_the_mapping_says_which_row_is_the_header(tmp_path: Path) -> None:
    path = text_file(tmp_path / "cases.csv", "编号,镇街,受理时间\n甲,乙,丙\nA1,钢山街道,2023-05-01\n")
    sheet, rows = read(path, header=2)
    assert (sheet.header, sheet.header_row, rows) == (("甲", "乙", "丙"), 2, [(3, list(CASE))])
    with pytest.raises(FileProblem, match="没有第 40 行"):
        read(path, header=40)


def test_the_sheet_with_the_most_headers_known_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(("编号", "怎样填"))
    for title, state in (("隐藏", "hidden"), ("深藏", "veryHidden"), ("案件", "visible"), ("旧案件", "visible")):
        sheet = book.create_sheet(title)
        sheet.sheet_state = state
        sheet.append(HEADER)
        sheet.append((title, *CASE[1:]))
    book.create_chartsheet("图").add_chart(openpyxl.chart.BarChart())
    book.save(tmp_path / "cases.xlsx")
    sheet, rows = read(tmp_path / "cases.xlsx")
    assert (sheet.name, sheet.unread, rows[0][1][0]) == ("案件", ("说明", "旧案件"), "案件")
    assert read(tmp_path / "cases.xlsx", sheet="旧案件")[1][0][1][0] == "旧案件"
    with pytest.raises(FileProblem, match="“隐藏”，有的是：说明、案件、旧案件"):
        read(tmp_path / "cases.xlsx", sheet="隐藏")


def test_formatted_rows_without_content_are_none(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.append(CASE)
    bold = openpyxl.styles.Font(bold=True)
    for number in range(3, 20_000):
        book.active.cell(number, 1).font = bold
        book.active.cell(number, 3).font = bold
    book.active.cell(20_000, 1, "A2")
    book.save(tmp_path / "cases.xlsx")
    assert [number for number, _ in read(tmp_path / "cases.xlsx")[1]] == [2, 20_000]


def test_cells_of_a_workbook_have_types(tmp_path: Path) -> None:
    row = ("007", 2549, 12.5, True, datetime(2023, 8, 22, 9, 32, 9), date(2023, 8, 22), "=1+1", "a\nb")
    path = workbook(tmp_path / "cases.xlsx", ("编号", *"bcdefgh"), row)
    ((_, cells),) = read(path)[1]
    # A formula that Excel never calculated has no value.
    assert cells == ["007", 2549, 12.5, True, datetime(2023, 8, 22, 9, 32, 9), date(2023, 8, 22), "", "a\nb"]


def oracle(path: Path) -> list[tuple[int, list[Any]]]:
    """The rows as another reader of workbooks has them."""
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Sheet")
    left = [""] * (sheet.start[1] if sheet.start else 0)
    rows = [(number, left + cells) for number, cells in enumerate(sheet.iter_rows(), 1) if any(cells)]
    for _, cells in rows:
        while cells[-1] == "":
            cells.pop()
    return rows


FORMATTED = (
    (0.5, "0%"),
    (45160, '[$-804]yyyy"年"m"月"d"日";@'),
    (45160.3, "yyyy-mm"),
    (5, '"d"0'),
    (0.4, "h:mm"),
    (45160.999999, "yyyy-mm-dd hh:mm"),
    (45160.123456, "yyyy-mm-dd hh:mm:ss.000"),
    (1.25, "[h]:mm:ss"),
    (1234.5, '#,##0.00"元"'),
    (45160, "@"),
)


@pytest.mark.parametrize("are_strings_shared", [False, True])
@pytest.mark.parametrize("begins_in_1904", [False, True])
def test_cells_are_what_another_reader_finds(tmp_path: Path, are_strings_shared: bool, begins_in_1904: bool) -> None:
    book = openpyxl.Workbook()
    if begins_in_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    values = (" 文 字 ", 7, -1.5, True, False, datetime(2023, 8, 22, 9, 32, 9), date(2023, 8, 22), time(9, 30))
    more = (timedelta(hours=30), "#N/A", "=1+1", "a\r\nb", "_x000D_x", "x_x0041_y", "<&>", 10**20, "007", "𠮷")
    for column, value in enumerate((*values, *more), 3):
        sheet.cell(4, column, value)
    for column, (number, form) in enumerate(FORMATTED, 2):
        sheet.cell(6, column, number).number_format = form
    path = tmp_path / "cases.xlsx"
    book.save(path)
    if are_strings_shared:
        share_strings(path)
    expected = oracle(path)
    # It knows no formats but those of dates.
    for column, shown in ((2, "50%"), (5, "d5"), (10, "1,234.50元")):
        expected[1][1][column - 1] = shown
    assert read(path, header=0)[1] == expected


def test_a_date_beyond_all_years_is_no_empty_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.append(("A1", "#DIV/0!", 10_000_000))
    book.active["C2"].number_format = "yyyy-mm-dd"
    book.save(tmp_path / "cases.xlsx")
    assert read(tmp_path / "cases.xlsx")[1] == [(2, ["A1", "", 10_000_000])]


def test_more_text_than_the_memory_holds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workbook(tmp_path / "cases.xlsx", HEADER, CASE)
    share_strings(tmp_path / "cases.xlsx")
    read(tmp_path / "cases.xlsx")
    monkeypatch.setattr(xlsx, "_MOST_TEXT", 1_000)
    with pytest.raises(FileProblem, match="7 种以上），请另存为 CSV"):
        read(tmp_path / "cases.xlsx")


def test_a_wrong_size_does_not_matter(tmp_path: Path) -> None:
    for size in (b"A1", b"A1:B2", b"A1:XFD1048576"):
        sheet_with(b"<sheetData>", b'<dimension ref="' + size + b'"/><sheetData>')(tmp_path / "cases.xlsx")
        assert read(tmp_path / "cases.xlsx")[1] == [(2, list(CASE))]


def test_half_a_character_stays_in_writing(tmp_path: Path) -> None:
    path = workbook(tmp_path / "cases.xlsx", HEADER, ("_xD83D_", "_x000a_a", "&#xD800;"))
    assert read(path)[1] == [(2, ["_xD83D_", "\na", "&#xD800;"])]


def test_a_cell_far_from_the_others_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "cases.xlsx"
    sheet_with(b"</sheetData>", FAR_CELL)(path)
    assert [(number, len(cells)) for number, cells in read(path)[1]] == [(2, 3), (1048576, 100)]


# --- Units ------------------------------------------------------------------------------------------


PROJECT_HEADER = "项目编号,镇街,项目名称,计划开工日期,计划完工日期,{}"


@pytest.mark.parametrize(
    ("title", "column", "formats", "yuan"),
    [
        ("单位：万元", "总投资", {}, 10_000),
        ("单位:元", "总投资", {}, 1),
        ("项目台账（单位：万元）", "总投资", {}, 10_000),
        ("填报单位：发改局,,金额单位：万元", "总投资", {}, 10_000),
        ("单位：,万元", "总投资", {}, 10_000),
        ("单位：人民币亿元", "总投资", {}, 10**8),
        ("单位：个、万元", "总投资", {}, 10_000),
        ("单位：元、万元", "总投资", {}, None),
        ("单位：万元集团", "总投资", {}, None),
        ("填报单位：发改局", "总投资", {}, None),
        ("单位：万元", "总投资（元）", {}, 1),
        ("单位：万元", "budget_yuan", {}, 1),
        ("单位：万元", "总投资（亿元）", {"budget_yuan": "千元"}, 1_000),
        ("单位：万元", "总投资", {"budget_yuan": "千元"}, 1_000),
    ],
)
def test_the_unit_in_a_title(
    tmp_path: Path, title: str, column: str, formats: dict[str, str], yuan: int | None
) -> None:
    text = f"{title}\n{PROJECT_HEADER.format(column)}\nP1,钢山街道,水厂,2023-01-01,2023-12-31,5\n"
    sheet, _ = read(text_file(tmp_path / "projects.csv", text), PROJECTS, **formats)
    plan = plan_columns(sheet.header, PROJECTS, ColumnMapping(formats=formats), sheet.unit)
    assert [source.unit for source in plan.sources if source.field.kind == "money"] == [yuan]


def test_a_unit_below_the_header_or_over_a_group_is_no_title(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "projects.xlsx",
        ("单位：亿元",),
        (*PROJECT_HEADER.split(",")[:5], "投资（单位：万元）", None),
        (None, None, None, None, None, "总投资", "已付"),
        ("P1", "钢山街道", "单位：元", "2023-01-01", "2023-12-31", 5, 1),
        merged=("F2:G2",),
    )
    sheet, _ = read(path, PROJECTS)
    assert (sheet.unit, sheet.header_row) == ("亿元", 3)
    plan = plan_columns(sheet.header, PROJECTS, ColumnMapping(), sheet.unit)
    assert [source.unit for source in plan.sources if source.field.kind == "money"] == [10_000]


# --- What messages repeat of a header -----------------------------------------------------------------


def test_missing_columns_are_named_beside_the_header(tmp_path: Path) -> None:
    sheet, _ = read(text_file(tmp_path / "cases.csv", f"编号,镇街,日期,{'长' * 21},\nA1,钢山街道,2023-05-01,x,\n"))
    with pytest.raises(FileProblem, match="受理时间，文件的表头是：编号、镇街、日期。") as caught:
        plan_columns(sheet.header, PETITIONS, ColumnMapping())
    assert "长" not in caught.value.zh + caught.value.en
    with pytest.raises(FileProblem, match="“何时”不在文件里。"):
        plan_columns(("编号", "王五"), PETITIONS, ColumnMapping({"received_at": "何时"}))
    with pytest.raises(FileProblem, match="c38、c39……。"):
        plan_columns(("编号", "镇街", *(f"c{number}" for number in range(2, 99))), PETITIONS, ColumnMapping())


def test_a_row_with_one_known_word_may_be_a_case(tmp_path: Path) -> None:
    sheet, _ = read(text_file(tmp_path / "cases.csv", "A1,姓名,王五,13800000000\nA2,李四,赵六,13800000001\n"))
    with pytest.raises(FileProblem, match="缺少必需的列") as caught:
        plan_columns(sheet.header, PETITIONS, ColumnMapping())
    assert not any(word in str(caught.value) for word in ("王五", "A1", "138"))


# --- Other kinds of file ----------------------------------------------------------------------------


def test_a_legacy_workbook(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("案件")
    for row, cells in enumerate((("台账",), HEADER, ("007", "钢山街道"))):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    sheet.write(2, 2, 45160.5, xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm"))
    book.save(str(tmp_path / "cases.xls"))
    sheet_read, rows = read(tmp_path / "cases.xls")
    assert (sheet_read.header, sheet_read.name) == (HEADER, "案件")
    assert rows == [(3, ["007", "钢山街道", datetime(2023, 8, 22, 12)])]


@pytest.mark.parametrize("name", ["cases.xls", "cases.xlsx"])
@pytest.mark.parametrize("mark", [",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_text_that_is_called_a_workbook(tmp_path: Path, name: str, mark: str, encoding: str) -> None:
    text = f"{mark.join(HEADER)}\r\n{mark.join(CASE)}\r\n"
    assert read(text_file(tmp_path / name, text, encoding))[1] == [(2, list(CASE))]


@pytest.mark.parametrize("text", ["请先登录\n", "编号,a\nA1,b\n", 'a,b\n"c'])
def test_other_text_that_is_called_a_workbook_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileProblem, match="内容与扩展名不符"):
        read(text_file(tmp_path / "cases.xls", text))


PAGE = """<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head><body>
<table><tr><td>导出</td></tr></table>
<table border="1"><tr><th colspan="4">诉求台账</th></tr>
<tr><th rowspan="2">编号</th><th rowspan="2">镇街</th><th colspan="2">时间</th></tr>
<tr><th>受理</th><th>办结</th></tr>
<tr><td style='mso-number-format:"\\@"'>007</td><td>钢山街道</td><td>2023-05-01</td><td>第一行<br>第二行&nbsp;</td></tr>
</table></body></html>"""


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_a_page_that_is_called_xls(tmp_path: Path, encoding: str) -> None:
    sheet, rows = read(text_file(tmp_path / "cases.xls", PAGE, encoding))
    assert (sheet.header, sheet.unread) == (("编号", "镇街", "时间 / 受理", "时间 / 办结"), ("表格1",))
    assert rows == [(4, ["007", "钢山街道", "2023-05-01", "第一行\n第二行\xa0"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_text_in_every_encoding(tmp_path: Path, encoding: str, mark: str) -> None:
    lines = ("2023年5月台账，第一批", mark.join(HEADER), mark.join(("A1", "钢山街道", '"第一行,;\r\n第二行"')))
    path = tmp_path / "cases.txt"
    for mark_of_order in (b"", codecs.BOM_UTF16_BE) if encoding == "utf-16-be" else (b"",):
        path.write_bytes(mark_of_order + "\r\n".join(lines).encode(encoding))
        sheet, rows = read(path)
        assert (sheet.header, sheet.header_row) == (HEADER, 2)
        assert rows == [(3, ["A1", "钢山街道", "第一行,;\r\n第二行"])]


def test_a_column_more_than_the_header_is_refused_below_titles_too(tmp_path: Path) -> None:
    text = "台账\n编号,镇街,受理时间\nA1,钢山街道,2023-05-01\nA2,钢山街道,2023,5\n"
    with pytest.raises(FileProblem, match="第 4 行的列数多于表头"):
        read(text_file(tmp_path / "cases.csv", text))


# --- Files that break readers -----------------------------------------------------------------------


def altered(path: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Write a good workbook with its parts changed."""
    source = zipfile.ZipFile(workbook(path.with_name("good.xlsx"), HEADER, CASE))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
    source.close()


def sheet_with(old: bytes, new: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        def change(name: str, content: bytes) -> bytes:
            if name != "xl/worksheets/sheet1.xml":
                return content
            assert old in content
            return content.replace(old, new)

        altered(path, change)

    return write


def bytes_of(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def bomb(path: Path) -> None:
    """A sheet of 300 MB of blanks in a file of 300 KB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("xl/workbook.xml", "<workbook/>")
        with target.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(300):
                part.write(b" " * (1 << 20))


def lying_bomb(path: Path) -> None:
    """Its directory says that the part is small."""
    bomb(path)
    content = bytearray(path.read_bytes())
    real, small = struct.pack("<I", 300 << 20), struct.pack("<I", 1 << 20)
    assert content.count(real) >= 1
    path.write_bytes(content.replace(real, small))


def encrypted(path: Path) -> None:
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1016 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512
    )


def encrypted_zip(path: Path) -> None:
    workbook(path, HEADER, CASE)
    content = bytearray(path.read_bytes())
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(magic, at + 1)) >= 0:
            content[at + offset] |= 1
    path.write_bytes(content)


def packed_otherwise(method: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        source = zipfile.ZipFile(workbook(path.with_name("good.xlsx"), HEADER, CASE))
        with source, zipfile.ZipFile(path, "w", method) as target:
            for name in source.namelist():
                target.writestr(name, source.read(name))

    return write


LAUGHS = b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]>'


def part_with(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """A good workbook, with shared strings, that has one part changed."""

    def write(path: Path) -> None:
        workbook(path, HEADER, CASE)
        share_strings(path)
        with zipfile.ZipFile(path) as source:
            parts = {part: source.read(part) for part in source.namelist()}
        parts[name] = change(parts.get(name, b""))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for part, content in parts.items():
                target.writestr(part, content)

    return write


def in_utf_16(content: bytes) -> bytes:
    return LAUGHS.decode().encode("utf-16") + content.decode().encode("utf-16-le")


def far_apart(path: Path) -> None:
    """A legacy workbook with cells so far apart that the room between them would be 128 GB."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("案件")
    for number in (0, 1):
        sheet.write(number, number, 1234.5)
    stream = io.BytesIO()
    book.save(stream)
    content = bytearray(stream.getvalue())
    first, second = (found.start() for found in re.finditer(rb"\x7e\x02\x0a\0|\x03\x02\x0e\0", content))
    struct.pack_into("<HH", content, first + 4, 0xFFFF, 1)
    struct.pack_into("<HH", content, second + 4, 1, 0xFFFF)
    path.write_bytes(content)


def repeated(path: Path) -> None:
    """A text of a million characters that two thousand cells name."""
    cells = b'<row r="100">' + b'<c t="s"><v>0</v></c>' * 1999 + b"</row></sheetData>"
    part_with("xl/worksheets/sheet1.xml", lambda content: content.replace(b"</sheetData>", cells))(path)
    with zipfile.ZipFile(path) as source:
        parts = {part: source.read(part) for part in source.namelist()}
    space = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    strings = space + b"<si><t>" + b"x" * 999_999 + b"</t></si>" + b"<si><t>y</t></si>" * 20 + b"</sst>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part, content in (parts | {"xl/sharedStrings.xml": strings}).items():
            target.writestr(part, content)


def nested(path: Path) -> None:
    """A bomb in an archive that is no workbook."""
    bomb(path.with_name("inner.zip"))
    with zipfile.ZipFile(path, "w") as target:
        target.write(path.with_name("inner.zip"), "../../inner.zip")


def cut(path: Path) -> None:
    workbook(path, HEADER, *[(f"A{number}", *CASE[1:]) for number in range(500)])
    path.write_bytes(path.read_bytes()[:-2000])


def legacy_cut(path: Path) -> None:
    legacy(path)
    path.write_bytes(path.read_bytes()[:3000])


def legacy(path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("案件")
    for row, cells in enumerate((HEADER, CASE)):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    book.save(str(path))


PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + b"\0" * 13 + zlib.compress(b"\0" * 999)
LAST_CELL = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
FAR_CELL = b'<row r="1048576"><c r="CV1048576" t="n"><v>1</v></c></row></sheetData>'

HOSTILE: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "an image": ("cases.xlsx", bytes_of(PNG), "不是"),
    "an image as text": ("cases.csv", bytes_of(PNG), "不是 UTF-8"),
    "a program": ("cases.xls", bytes_of(b"MZ\x90\0" + bytes(range(256)) * 9), "不是 UTF-8"),
    "another zip": ("cases.xlsx", bytes_of(b""), "空的"),
    "a zip bomb": ("cases.xlsx", bomb, "解压后有 300 MB"),
    "a lying zip bomb": ("cases.xlsx", lying_bomb, "不是完整的"),
    "parts in LZMA": ("cases.xlsx", packed_otherwise(zipfile.ZIP_LZMA), "不是完整的"),
    "parts in bzip2": ("cases.xlsx", packed_otherwise(zipfile.ZIP_BZIP2), "不是完整的"),
    "a cell at the far corner": ("cases.xlsx", sheet_with(b"</sheetData>", LAST_CELL), "列数超过 2000"),
    "the same in other quotes": (
        "cases.xlsx",
        sheet_with(b"</sheetData>", LAST_CELL.replace(b'"', b"'").replace(b"r=", b"r = ")),
        "列数超过 2000",
    ),
    "cells without references": (
        "cases.xlsx",
        sheet_with(b"</sheetData>", b"<row>" + b"<c><v>1</v></c>" * 10_000 + b"</row></sheetData>"),
        "列数超过 2000",
    ),
    "25 million cells in a row": (
        "cases.xlsx",
        sheet_with(b"</sheetData>", b"<row>" + b"<c/>" * 25_000_000 + b"</row></sheetData>"),
        "列数超过 2000",
    ),
    "a text of 20 MB": (
        "cases.xlsx",
        part_with("xl/sharedStrings.xml", lambda content: content.replace(b"A1", b"x" * (20 << 20))),
        "有一格超过",
    ),
    "styles without end": (
        "cases.xlsx",
        part_with("xl/styles.xml", lambda content: content.replace(b"</styleSheet>", b"<a/>" * 6_000_000)),
        "不是完整的",
    ),
    "rows out of order": (
        "cases.xlsx",
        sheet_with(b"</sheetData>", b'<row spans="1:1" r="1"><c><v>1</v></c></row></sheetData>'),
        "不是完整的",
    ),
    "a row beyond the last": (
        "cases.xlsx",
        sheet_with(b"</sheetData>", b'<row r="999999999999"><c><v>1</v></c></row></sheetData>'),
        "不是完整的",
    ),
    "a nested zip bomb": ("cases.xlsx", nested, "不是完整的"),
    "entities": ("cases.xlsx", part_with("xl/worksheets/sheet1.xml", lambda content: LAUGHS + content), "XML 实体"),
    "entities in texts": (
        "cases.xlsx",
        part_with("xl/sharedStrings.xml", lambda content: LAUGHS + content),
        "XML 实体",
    ),
    "entities in links": (
        "cases.xlsx",
        part_with("xl/_rels/workbook.xml.rels", lambda content: LAUGHS + content),
        "XML 实体",
    ),
    "entities in UTF-16": ("cases.xlsx", part_with("xl/worksheets/sheet1.xml", in_utf_16), "XML 实体"),
    "texts in UTF-16": ("cases.xlsx", part_with("xl/sharedStrings.xml", in_utf_16), "XML 实体"),
    "links in UTF-16": ("cases.xlsx", part_with("xl/_rels/workbook.xml.rels", in_utf_16), "XML 实体"),
    "a link out of the archive": (
        "cases.xlsx",
        part_with("xl/_rels/workbook.xml.rels", lambda content: content.replace(b"/xl/w", b"../../../etc/w")),
        "不是完整的",
    ),
    "a text that is not there": (
        "cases.xlsx",
        part_with("xl/worksheets/sheet1.xml", lambda content: content.replace(b"<v>1</v>", b"<v>99</v>")),
        "不是完整的",
    ),
    "one text in many cells": ("cases.xlsx", repeated, "第 100 行有一格"),
    "a cell of 5 MB in a workbook": (
        "cases.xlsx",
        sheet_with("钢山街道".encode("ascii", "xmlcharrefreplace"), b"x" * (5 << 20)),
        "第 2 行有一格",
    ),
    "a text of 5 MB": (
        "cases.xlsx",
        part_with("xl/sharedStrings.xml", lambda content: content.replace(b"A1", b"x" * (5 << 20))),
        "有一格超过",
    ),
    "a legacy workbook with cells far apart": ("cases.xls", far_apart, "要占太多内存"),
    "a legacy workbook cut off": ("cases.xls", legacy_cut, "不是完整的"),
    "a quote cut off": ("cases.csv", bytes_of('编号,镇街,受理时间\nA1,钢山街道,"2023'.encode()), "检查引号"),
    "a folder": ("cases.xlsx", lambda path: path.mkdir(), "无法打开"),
    "encrypted": ("cases.xlsx", encrypted, "有密码"),
    "an encrypted zip": ("cases.xlsx", encrypted_zip, "有密码"),
    "cut off": ("cases.xlsx", cut, "不是完整的"),
    "a sheet cut off": ("cases.xlsx", sheet_with(b"</sheetData>", b""), "不是完整的"),
    "10,000 columns": ("cases.csv", bytes_of(b"a," * 10_000 + b"\n"), "列数超过 2000"),
    "10,000 columns in a page": (
        "cases.xls",
        bytes_of(b"<table><tr><td colspan=10000>a</td></tr></table>"),
        "列数超过",
    ),
    "a cell of 5 MB": ("cases.csv", bytes_of("编号,镇街,受理时间\nA1,".encode() + b"x" * (5 << 20)), "第 2 行有一格"),
    "a cell of 5 MB in a page": (
        "cases.xls",
        bytes_of(b"<table><tr><td>" + b"x" * (5 << 20) + b"</td></tr></table>"),
        "第 1 行有一格",
    ),
    "NUL bytes": ("cases.csv", bytes_of("编号,镇街,受理时间\nA\0\0\0\0\0\0001,钢山街道,2023\n".encode()), "不是 UTF-8"),
    "two encodings": (
        "cases.csv",
        bytes_of(
            "编号,镇街\nA1,钢山\n".encode() + "A2,\u9ad8\u65b0\xe9\n".encode("gb18030")[:-3] + b"\xff" * 5 + b"\n"
        ),
        "不是 UTF-8",
    ),
    "a page without a table": ("cases.xls", bytes_of(b"<html><body>login</body></html>"), "没有表格"),
    "XML with entities": (
        "cases.xls",
        bytes_of(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x><table>&a;</table></x>'),
        "没有表格",
    ),
}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A database with a township and no cases."""
    engine = empty_file(tmp_path_factory.mktemp("county") / "county.sqlite")
    with engine.begin() as connection:
        connection.execute(insert(township).values(code="100000001", name="钢山街道", kind="街道"))
    return engine


def state(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {table.name: list(map(tuple, connection.execute(select(table)))) for table in metadata.sorted_tables}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files, which must be empty again at the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_in_one_sentence(tmp_path: Path, kind: str, county: Engine, temporary: Path) -> None:
    name, write, words = HOSTILE[kind]
    write(tmp_path / name)
    before = state(county)
    with pytest.raises(FileProblem) as caught:
        import_file(county, PETITIONS, tmp_path / name, by=UNRESTRICTED)
    assert words in caught.value.zh, caught.value.zh
    for message in (caught.value.zh, caught.value.en):
        assert len(message) < 300 and "\n" not in message and message.rstrip("。.") == message[:-1]
    assert state(county) == before


def test_macros_and_links_are_not_touched(tmp_path: Path) -> None:
    """They are passed over with the parts that hold them; the cells are read."""
    altered(tmp_path / "cases.xlsm", lambda _name, content: content)
    with zipfile.ZipFile(tmp_path / "cases.xlsm", "a") as target:
        target.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + b"\0" * 600)
        target.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    assert read(tmp_path / "cases.xlsm")[1] == [(2, list(CASE))]


def test_what_lies_outside_or_is_computed_is_not_touched(tmp_path: Path) -> None:
    """Parts with paths out of the archive stay in it; formulas are the values that were stored, or nothing."""
    formula = b'<row r="3"><c r="A3"><f>1+1</f><v>2</v></c><c r="B3" t="str"><f>CMD()</f><v>x</v></c></row></sheetData>'
    sheet_with(b"</sheetData>", formula)(tmp_path / "cases.xlsx")
    with zipfile.ZipFile(tmp_path / "cases.xlsx", "a") as target:
        target.writestr("../../x.xlsx", b"")
        target.writestr("/etc/passwd", b"")
    before = sorted(tmp_path.parent.rglob("*"))
    assert read(tmp_path / "cases.xlsx")[1] == [(2, list(CASE)), (3, [2, "x"])]
    assert sorted(tmp_path.parent.rglob("*")) == before
    text = text_file(tmp_path / "cases.csv", "编号,镇街,受理时间\n=1+1,@SUM(A1),+3\n")
    assert read(text)[1] == [(2, ["=1+1", "@SUM(A1)", "+3"])]


# --- Mutants ----------------------------------------------------------------------------------------


def good_files(folder: Path) -> dict[str, bytes]:
    """Valid files of every kind, by name."""
    rows = [(f"A{number}", "钢山街道", f"2023-05-{number:02d}", "反映路灯不亮，请修。" * 3) for number in range(1, 29)]
    header = (*HEADER, "诉求内容")
    workbook(folder / "inline.xlsx", header, *rows)
    workbook(folder / "shared.xlsx", header, *rows)
    share_strings(folder / "shared.xlsx")
    # Not compressed, so that a change reaches the XML.
    with zipfile.ZipFile(folder / "shared.xlsx") as source, zipfile.ZipFile(folder / "stored.xlsx", "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    book = xlwt.Workbook()
    sheet = book.add_sheet("案件")
    for row, cells in enumerate((header, *rows, (1, 2.5, datetime(2023, 5, 1), True))):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    book.save(str(folder / "legacy.xls"))
    text = "\r\n".join(",".join(f'"{cell}"' for cell in cells) for cells in (header, *rows))
    for encoding in ("utf-8", "gb18030", "utf-16"):
        text_file(folder / f"{encoding}.csv", text, encoding)
    lines = "".join(f"<tr><td>{'<td>'.join(cells)}</tr>" for cells in (header, *rows))
    text_file(folder / "page.xls", f"<html><table>{lines}</table></html>")
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def mutated(good: bytes, chance: random.Random) -> bytes:
    """The file with one or more things done to it."""
    content = bytearray(good)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(content)) if content else 0
        length = chance.choice((1, 1, 2, 4, 16, 200, 2000))
        match chance.randrange(7):
            case 0:
                content[at : at + length] = bytes(byte ^ chance.randrange(256) for byte in content[at : at + length])
            case 1:
                content[at : at + 1] = bytes([chance.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF))])
            case 2:
                del content[at:]
            case 3:
                content[at:at] = content[at : at + length] * chance.randint(1, 50)
            case 4:
                del content[at : at + length]
            case 5:
                content[at:at] = b"\0" * length
            case _:
                other = chance.randrange(len(content)) if content else 0
                content[at : at + length], content[other : other + length] = (
                    content[other : other + length],
                    content[at : at + length],
                )
    return bytes(content)


def swapped(good: bytes, chance: random.Random) -> bytes:
    """The workbook with two of its parts in each other's place, and perhaps one mutated or lost."""
    with zipfile.ZipFile(io.BytesIO(good)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    one, other, third = (chance.choice(list(parts)) for _ in range(3))
    parts[one], parts[other] = parts[other], parts[one]
    if chance.random() < 0.5:
        parts[third] = mutated(parts[third], chance)
    elif chance.random() < 0.5:
        del parts[third]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return stream.getvalue()


def further_files(folder: Path) -> dict[str, bytes]:
    """Valid files as other programs pack and write them, by name."""
    rows = [(f"A{number}", "钢山街道", f"2023-05-{number:02d}", "路灯不亮，请修。" * 3) for number in range(1, 29)]
    header = (*HEADER, "诉求内容")
    whole = zipfile.ZipFile(workbook(folder / "macros.xlsm", header, *rows))
    with whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    for name, method in (("lzma.xlsx", zipfile.ZIP_LZMA), ("bzip2.xlsx", zipfile.ZIP_BZIP2)):
        with zipfile.ZipFile(folder / name, "w", method) as target:
            for part, content in parts.items():
                target.writestr(part, content)
    # As a server writes that cannot go back: the sizes follow the parts.
    stream = io.BytesIO()
    stream.seekable = lambda: False  # type: ignore[method-assign]
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        target.comment = "导出".encode()
        for part, content in parts.items():
            with target.open(part, "w", force_zip64=True) as opened:
                opened.write(content)
    (folder / "streamed.xlsx").write_bytes(stream.getvalue())
    # With a part whose name is no ASCII
    with zipfile.ZipFile(folder / "named.xlsx", "w", zipfile.ZIP_DEFLATED) as target:
        for part, content in (parts | {"docProps/说明.xml": b"<x/>"}).items():
            target.writestr(part, content)
    (folder / "macros.xlsm").unlink()
    with zipfile.ZipFile(folder / "macros.xlsm", "w", zipfile.ZIP_DEFLATED) as target:
        for part, content in (parts | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"\0" * 600}).items():
            target.writestr(part, content)
    for name, mark, encoding in (
        ("tabs.tsv", "\t", "utf-8-sig"),
        ("semicolons.csv", ";", "utf-16-le"),
        ("commas.txt", ",", "utf-16-be"),
    ):
        text_file(folder / name, "\n".join(mark.join(cells) for cells in (header, *rows)), encoding)
    lines = "".join(f"<tr><td>{'<td rowspan=1>'.join(cells)}</tr>" for cells in (header, *rows))
    text_file(folder / "page.xls", f"<?xml version='1.0'?><table><tr><th colspan=4>台账</th></tr>{lines}", "gb18030")
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def with_headers_changed(good: bytes, chance: random.Random) -> bytes:
    """The archive with bytes changed in what it says of its parts and of itself."""
    content = bytearray(good)
    heads = [found.start() for found in re.finditer(rb"PK(\x03\x04|\x01\x02|\x05\x06|\x06\x06)", good)]
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.choice(heads) + chance.randrange(4, 60)
        content[at : at + 1] = bytes([chance.choice((0, 1, 8, 12, 14, 93, 0x7F, 0xFF, chance.randrange(256)))])
    return bytes(content)


def most_memory() -> int:
    """What this process took at most so far, in kilobytes; 0 where the system does not say."""
    if sys.platform != "linux":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


ARCHIVES = (swapped, with_headers_changed)


@pytest.mark.parametrize("files", [good_files, further_files])
def test_mutants_are_read_or_refused(
    tmp_path: Path, county: Engine, temporary: Path, files: Callable[[Path], dict[str, bytes]]
) -> None:
    """No third way: no other error, no hang, no memory filled, and nothing written by what is refused."""
    (tmp_path / "good").mkdir()
    good = files(tmp_path / "good")
    chance = random.Random(20260101)  # noqa: S311 not a secret
    before = state(county)
    memory = most_memory()
    outcomes = {"read": 0, "refused": 0}
    for number in range(2_000 if os.environ.get("CI") == "true" else 150):
        # Fewer of those that are read in a process of their own, which takes long to begin.
        name = chance.choices(list(good), [1 if name == "legacy.xls" else 2 for name in good])[0]
        change = chance.choice(ARCHIVES) if good[name].startswith(b"PK") and chance.random() < 0.6 else mutated
        path = tmp_path / name
        path.write_bytes(change(good[name], chance))
        begun = clock.monotonic()
        try:
            if number % 10:
                read(path)
            else:
                import_file(county, PETITIONS, path, dry_run=True, by=UNRESTRICTED)
            outcomes["read"] += 1
        except FileProblem as problem:
            assert "\n" not in problem.zh + problem.en, (number, name)
            outcomes["refused"] += 1
        except Exception as error:
            raise AssertionError(f"mutant {number} of {name}") from error
        assert clock.monotonic() - begun < 20, (number, name)
    assert min(outcomes.values()) > 10, outcomes
    assert state(county) == before
    assert most_memory() - memory < 300_000
