"""Files as other systems really write them, and files that are meant to break a reader."""

from __future__ import annotations

import codecs
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from data_access.importing.mapping import ColumnMapping, plan_columns
from data_access.importing.problems import FileProblem
from data_access.importing.readers import Sheet, open_sheet
from data_access.importing.tables import PETITIONS, ImportTable

HEADER = ("编号", "镇街", "受理时间")
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


def text_file(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def workbook(path: Path, *rows: tuple[Any, ...], merged: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(path)
    return path


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
    assert (sheet.header_row, sheet.totals) == (4, [6, 8])
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
    book.create_chartsheet("图")
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


def entities(path: Path) -> None:
    laughs = b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]>'
    altered(
        path,
        lambda name, content: laughs + content if name == "xl/worksheets/sheet1.xml" else content,
    )


def cut(path: Path) -> None:
    workbook(path, HEADER, *[(f"A{number}", *CASE[1:]) for number in range(500)])
    path.write_bytes(path.read_bytes()[:-2000])


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
    "a cell at the far corner": ("cases.xlsx", sheet_with(b"</sheetData>", LAST_CELL), "列数超过 2000"),
    "a cell in the last row": ("cases.xlsx", sheet_with(b"</sheetData>", FAR_CELL), "1,048,576 行、100 列"),
    "the same in other quotes": (
        "cases.xlsx",
        sheet_with(b"</sheetData>", LAST_CELL.replace(b'"', b"'").replace(b"r=", b"r = ")),
        "列数超过 2000",
    ),
    "entities": ("cases.xlsx", entities, "XML 实体"),
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
    "NUL bytes": ("cases.csv", bytes_of("编号,镇街,受理时间\nA\0001,钢山街道,2023\n".encode()), "不是 UTF-8"),
    "two encodings": (
        "cases.csv",
        bytes_of("编号,镇街\nA1,钢山\n".encode() + "A2,\u9ad8\u65b0\xe9\n".encode("gb18030")[:-3] + b"\xff\n"),
        "不是 UTF-8",
    ),
    "a page without a table": ("cases.xls", bytes_of(b"<html><body>login</body></html>"), "没有表格"),
    "XML with entities": (
        "cases.xls",
        bytes_of(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x><table>&a;</table></x>'),
        "没有内容",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_in_one_sentence(tmp_path: Path, kind: str) -> None:
    name, write, words = HOSTILE[kind]
    write(tmp_path / name)
    with pytest.raises(FileProblem) as caught:
        read(tmp_path / name)
    assert words in caught.value.zh, caught.value.zh
    assert len(caught.value.zh) < 200 and "\n" not in caught.value.zh and caught.value.en


def test_macros_and_links_are_not_touched(tmp_path: Path) -> None:
    """They are passed over with the parts that hold them; the cells are read."""
    altered(tmp_path / "cases.xlsm", lambda _name, content: content)
    with zipfile.ZipFile(tmp_path / "cases.xlsm", "a") as target:
        target.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + b"\0" * 600)
        target.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    assert read(tmp_path / "cases.xlsm")[1] == [(2, list(CASE))]


def test_mutated_workbooks_are_read_or_refused(tmp_path: Path) -> None:
    """No other way out: a byte changed here and there, in the zip and in its parts."""
    good = io.BytesIO(workbook(tmp_path / "good.xlsx", HEADER, CASE).read_bytes()).getvalue()
    refused = 0
    for at in range(0, len(good), max(1, len(good) // 150)):
        mutant = bytearray(good)
        mutant[at] ^= 0xFF
        (tmp_path / "mutant.xlsx").write_bytes(mutant)
        try:
            read(tmp_path / "mutant.xlsx")
        except FileProblem:
            refused += 1
    assert refused > 10
