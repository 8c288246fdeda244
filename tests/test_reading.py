"""Files as a person sees them: merged cells, rows that are no cases, broken bytes, times of every kind; and no tracebacks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlwt
from sqlalchemy import Engine, select

from data_access.access import UNRESTRICTED
from data_access.areas.cameras.tables import camera_month
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.tables import petition
from data_access.areas.projects.tables import project
from data_access.areas.volunteers.tables import volunteer_activity
from data_access.database import engine_for
from data_access.importing import ImportResult, import_file
from data_access.importing.__main__ import main
from data_access.importing.checks import Checker
from data_access.importing.left_out import LeftOut, left_out_sentence
from data_access.importing.loading import is_masked
from data_access.importing.mapping import ColumnMapping, read_mapping
from data_access.importing.preview import preview
from data_access.importing.problems import FileProblem, ValueProblem
from data_access.importing.readers import open_sheet
from data_access.importing.tables import TABLES
from data_access.importing.values import READ, moment
from data_access.places.tables import township
from data_access.spreadsheets import Sheet, write_csv, write_workbook
from tests.counties import empty_file
from tests.files import text_file, workbook
from tests.page_contents import cards, page
from ui.cases import listing
from ui.files import downloads

HEADER = ("工单编号", "镇街", "受理时间", "诉求标题", "联系电话")
CASE = ("A1", "甲山街道", "2025-03-01 08:00:00", "路灯不亮", "13800000001")


@pytest.fixture(scope="module")
def loaded_once(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A county of two townships and a team, as a file of SQLite."""
    folder = tmp_path_factory.mktemp("county")
    engine = empty_file(folder / "county.sqlite")
    townships = "镇街代码,镇街名称,类别\n991100001,甲山街道,街道\n991100002,乙河镇,镇\n"
    teams = "队伍编号,镇街,队伍名称,成立日期\nT1,甲山街道,甲队,2024-01-01\n"
    for name, words in (("townships", townships), ("volunteer_teams", teams)):
        assert load(engine, text_file(folder / f"{name}.csv", words), name).new
    with engine.connect() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(folder / "copy.sqlite"),))
    engine.dispose()
    return (folder / "copy.sqlite").read_bytes()


@pytest.fixture
def county(tmp_path: Path, loaded_once: bytes) -> Iterator[Engine]:
    (tmp_path / "county.sqlite").write_bytes(loaded_once)
    engine = engine_for(f"sqlite:///{tmp_path / 'county.sqlite'}")
    yield engine
    engine.dispose()


def load(engine: Engine, path: Path, name: str = "petitions", **formats: Any) -> ImportResult:
    return import_file(engine, TABLES[name], path, ColumnMapping(formats=formats), by=UNRESTRICTED, good_only=True)


def read(path: Path, **formats: Any) -> tuple[list[list[Any]], list[LeftOut]]:
    """The rows, without the blanks at their ends, and those left out."""
    with open_sheet(path, PETITIONS, ColumnMapping(formats=formats)) as sheet:
        rows = [[cell for cell in cells if cell != ""] for _, cells in sheet.rows]
    return rows, sheet.left_out


def column(engine: Engine, wanted: Any) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.scalars(select(wanted).order_by(*wanted.table.primary_key.columns)))


# --- Merged cells ---------------------------------------------------------------------------------

LINES = (
    ("工单编号", "镇街", "受理时间", "状态"),
    ("M1", "甲山街道", "2025-03-01 08:00", "办理中"),
    ("M2", "", "2025-03-01 09:00", ""),
    ("", "", "", ""),
    ("M3", "", "2025-03-01 10:00", ""),
    ("M4", "乙河镇", "2025-03-01 11:00", ""),
)


def merged_xlsx(path: Path) -> Path:
    return workbook(path.with_suffix(".xlsx"), *LINES, merged=("B2:B5", "D2:D6"))


def merged_xls(path: Path) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("1")
    for row, cells in enumerate(LINES):
        for place, cell in enumerate(cells):
            if cell:
                sheet.write(row, place, cell)
    sheet.merge(1, 4, 1, 1)
    sheet.merge(1, 5, 3, 3)
    book.save(str(path.with_suffix(".xls")))
    return path.with_suffix(".xls")


def merged_page(path: Path) -> Path:
    return text_file(
        path.with_suffix(".xls"),
        "<table><tr><th>工单编号<th>镇街<th>受理时间<th>状态</tr>"
        "<tr><td>M1<td rowspan=4>甲山街道<td>2025-03-01 08:00<td rowspan=5>办理中</tr>"
        "<tr><td>M2<td>2025-03-01 09:00</tr><tr></tr><tr><td>M3<td>2025-03-01 10:00</tr>"
        "<tr><td>M4<td>乙河镇<td>2025-03-01 11:00</tr></table>",
    )


@pytest.mark.parametrize("write", [merged_xlsx, merged_xls, merged_page])
def test_what_is_merged_over_rows_counts_for_each(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    rows, left_out = read(write(tmp_path / "cases"))
    assert [cells[:2] for cells in rows] == [
        ["M1", "甲山街道"],
        ["M2", "甲山街道"],
        ["M3", "甲山街道"],
        ["M4", "乙河镇"],
    ]
    assert all(cells[3] == "办理中" for cells in rows) and not left_out


@pytest.mark.parametrize("write", [merged_xlsx, merged_page])
def test_merged_cells_that_cover_too_much_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path], Path]
) -> None:
    monkeypatch.setattr("data_access.importing.merged_cells.MOST_CARRIED", 3)
    monkeypatch.setattr("data_access.importing.readers.MOST_CARRIED", 3)
    with pytest.raises(FileProblem, match="取消合并"):
        read(write(tmp_path / "cases"))


def test_what_is_merged_over_columns_stays_in_the_first(tmp_path: Path) -> None:
    rows, _ = read(workbook(tmp_path / "cases.xlsx", HEADER, (*CASE[:3], "无", None), merged=("D2:E2",)))
    assert rows == [[*CASE[:3], "无"]]


# --- Rows that are no cases -----------------------------------------------------------------------


def test_totals_headers_and_footers_are_left_out_and_named(tmp_path: Path, county: Engine) -> None:
    path = workbook(
        tmp_path / "cases.xlsx",
        ("2025年3月诉求台账",),
        HEADER,
        ("case_no", "township", "received_at", "title", "tel"),
        (1, 2, 3, 4, 5),
        CASE,
        ("2025年3月诉求台账",),
        (*HEADER[:3], None, None),
        ("A2", *CASE[1:]),
        ("甲山街道", "小计", 2),
        (3, "合 计", None, 2),
        ("备注：本表只列诉求。",),
        ("1．数据截至 3 月底",),
        ("填表人：", "张三", None, "审核人：李四", "2025-03-31"),
        ("负责人（签字）", None, None, "联系电话"),
        ("第 1 页 共 1 页",),
        (None, None, None, "甲县政务热线办公室"),
        (None, None, None, "2025年4月1日"),
    )
    result = load(county, path)
    assert (result.read, result.new, result.rejected) == (2, 2, 0)
    kinds = [*["header"] * 4, "total", "total", *["footer"] * 7]
    assert result.left_out == tuple(map(LeftOut, (3, 4, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17), kinds))
    zh, en = left_out_sentence(result.left_out)
    assert zh.startswith("合计第 9、10 行；重复的表头第 3、4、6、7 行；表尾（填表人、备注等）第 11、12、")
    assert en.startswith("totals (row 9, 10); the header again (row 3, 4, 6, 7); notes below the table (row 11, ")


@pytest.mark.parametrize(
    "cells",
    [
        # Cases whose first cell, or any other, is like a label
        ("审核", "甲山街道", "2025-03-01", "路灯"),
        ("备注：见附件", "甲山街道", "2025-03-01", "路灯"),
        ("A1", "甲山街道", "2025-03-01", "合计"),
        ("A1", "填表人", "审核", "备注"),
        ("A1", "镇街", "受理时间", "诉求标题"),
        ("1", "2", "4", "3"),
        ("合计金额有误", "甲山街道", "2025-03-01", "路灯"),
        # Part of one: it is incomplete, and told so.
        ("A1",),
        ("甲县政务热线办公室",),
    ],
)
def test_a_case_is_never_left_out(tmp_path: Path, cells: tuple[str, ...]) -> None:
    rows, left_out = read(workbook(tmp_path / "cases.xlsx", HEADER, CASE, cells))
    assert rows == [list(CASE), list(cells)] and not left_out


def test_the_command_names_what_it_left_out(tmp_path: Path, county: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    path = workbook(tmp_path / "cases.xlsx", HEADER, CASE, ("制表：张三",))
    assert main(["petitions", str(path), "--url", str(county.url)]) == 0
    out = capsys.readouterr().out
    assert "没有当作数据的行：表尾（填表人、备注等）第 3 行。" in out and "张三" not in out


# --- Broken bytes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("encoding", "broken"), [("gb18030", b"\xc2"), ("utf-8", b"\xe8\xb7"), ("utf-8", b"\0")])
@pytest.mark.parametrize("end", ["", '"'])
def test_a_broken_byte_costs_its_row(tmp_path: Path, county: Engine, encoding: str, broken: bytes, end: str) -> None:
    lines = [",".join(HEADER), *(f"G{number},甲山街道,2025-03-01 08:00,{end}井盖?{end},1" for number in range(1, 4))]
    words = "\n".join(lines).encode(encoding).split(b"\n")
    words[2] = words[2].replace(b"?", broken)
    path = tmp_path / "cases.csv"
    path.write_bytes(b"\n".join(words))
    result = load(county, path)
    (problem,) = result.problems
    assert (problem.row, problem.column, problem.fault.rule.code) == (3, "诉求标题", "broken-character")
    assert "\ufffd" in problem.value and "\ufffe" not in problem.value
    assert column(county, petition.c.case_no) == ["G1", "G3"]
    assert column(county, petition.c.phone) == ["1", "1"]


def test_a_broken_byte_of_a_page_costs_its_row(tmp_path: Path, county: Engine) -> None:
    row = "<tr><td>G{}<td>甲山街道<td>2025-03-01 08:00<td>井盖?</tr>"
    head = "<tr><th>工单编号<th>镇街<th>受理时间<th>诉求标题</tr>"
    words = f"<table>{head}{row.format(1)}{row.format(2)}</table>".encode("gb18030")
    path = tmp_path / "cases.xls"
    path.write_bytes(words.replace(b"?", b"\xc2", 1))
    result = load(county, path)
    assert [(problem.row, problem.column, problem.value) for problem in result.problems] == [
        (2, "诉求标题", "井盖\ufffd")
    ]
    assert column(county, petition.c.title) == ["井盖?"]
    assert preview(path, PETITIONS, ColumnMapping()).rows[0][1][3] == "井盖\ufffd"


def test_each_broken_byte_of_a_small_file_costs_its_row(tmp_path: Path, county: Engine) -> None:
    path = tmp_path / "cases.csv"
    lines = (
        ",".join(HEADER),
        *(f"G{number},甲山街道,2025-03-01 08:00,井盖{mark},1" for number, mark in enumerate("??!")),
    )
    path.write_bytes("\n".join(lines).encode("gb18030").replace(b"?", b"\xc2"))
    assert [problem.row for problem in load(county, path, good_only=True).problems] == [2, 3]
    assert column(county, petition.c.title) == ["井盖!"]


def test_a_broken_word_is_not_asked_about(tmp_path: Path, county: Engine) -> None:
    path = tmp_path / "cases.csv"
    lines = (",".join((*HEADER, "是否满意")), ",".join((*CASE, "满?")))
    path.write_bytes("\n".join(lines).encode("gb18030").replace(b"?", b"\xd2"))
    result = load(county, path)
    assert (result.rejected, result.unknown_words) == (1, ())


def test_a_broken_byte_in_a_column_that_nobody_needs_costs_nothing(tmp_path: Path, county: Engine) -> None:
    path = tmp_path / "cases.csv"
    lines = (",".join((*HEADER, "其他")), ",".join((*CASE, "甲?")))
    path.write_bytes("\n".join(lines).encode("gb18030").replace(b"?", b"\xc2"))
    assert load(county, path).new == 1


def test_text_in_no_encoding_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes("\n".join((",".join(HEADER), ",".join(CASE))).encode("gb18030"))
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(FileProblem, match=f"编码不是 {encoding}"):
            read(path, encoding=encoding)
    assert read(path, encoding="gbk")[0] == [list(CASE)]


# --- Codes and hours ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("code", "2E01", "2E01"),
        ("code", "3E1204", "3E1204"),
        ("code", "3e12", "3e12"),
        ("hours", "2.5", 2.5),
        ("hours", "26:30", 26.5),
        ("hours", "2小时30分", 2.5),
        ("hours", "90分钟", 1.5),
        ("hours", "2.5 小时", 2.5),
        ("hours", timedelta(hours=26, minutes=30), 26.5),
        ("hours", datetime(2025, 3, 1, 2, 30).time(), 2.5),
        ("hours", "—", None),
        ("answer", "未问", None),
        ("number", "12人", 12),
        ("number", "1,200 户", 1200),
        ("number", "12.00", 12),
        ("number", "5.23万人", 52300),
        ("answer", "不 满 意", False),
        ("month", "03/2025", "2025-03"),
        ("month", "2025 年 3 月", "2025-03"),
        ("decimal", "12.5件", 12.5),
        ("decimal", ".5", 0.5),
        ("text", 0.1 + 0.2, "0.3"),
    ],
)
def test_values_as_they_are_shown(kind: str, cell: object, value: object) -> None:
    found = READ[kind](cell)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("code", "1.10011E+18"),
        ("code", "2.00E+01"),
        ("code", "1E+18"),
        ("code", "1.10011e18"),
        # 3-1, of which Excel makes the first of March
        ("code", datetime(2025, 3, 1).date()),
        ("hours", "-2"),
        ("hours", "2:75"),
        ("hours", datetime(1900, 1, 1, 2, 30)),
        ("hours", "两小时"),
        ("number", "12.50"),
        ("number", "1.23456万"),
        ("number", "人"),
    ],
)
def test_values_that_are_not_clear(kind: str, cell: object) -> None:
    with pytest.raises(ValueProblem):
        READ[kind](cell)


def test_what_stands_for_no_time_of_day_is_refused() -> None:
    # The standard library takes it for a fraction of an hour.
    with pytest.raises(ValueProblem):
        moment("2025-03-01 8.30")
    assert moment("2025-03-01 24:00") == datetime(2025, 3, 2)


def test_dates_that_are_months(tmp_path: Path, county: Engine) -> None:
    header = "项目编号,项目名称,镇街,计划开工,计划竣工,实际开工,实际竣工"
    rows = (
        "Q1,甲路,甲山街道,2024年2月,2024.2,2024-02-15,2024年2月",
        "Q2,乙路,甲山街道,2024/3,2024年12月,,",
        "Q3,丙路,甲山街道,2024年13月,2024年12月,,",
        "Q4,丁路,甲山街道,2024年6月,2024年5月,,",
    )
    result = load(county, text_file(tmp_path / "a.csv", "\n".join((header, *rows))), "projects", good_only=True)
    assert [(problem.row, problem.fault.rule.code) for problem in result.problems] == [(4, "moment"), (5, "too-early")]
    names = ("planned_start", "planned_end", "actual_start", "actual_end")
    book = openpyxl.Workbook()
    book.active.append(header.split(",")[:5])
    book.active.append(("Q5", "戊路", "甲山街道", datetime(2024, 3, 1), datetime(2024, 12, 1)))
    for cell in book.active[2][3:]:
        cell.number_format = 'yyyy"年"m"月"'
    book.save(tmp_path / "b.xlsx")
    assert load(county, tmp_path / "b.xlsx", "projects").new == 1
    found = [[str(when) for when in column(county, project.c[name])] for name in names]
    assert list(zip(*found, strict=True)) == [
        ("2024-02-01", "2024-02-29", "2024-02-15", "2024-02-15"),
        ("2024-03-01", "2024-12-31", "None", "None"),
        ("2024-03-01", "2024-12-31", "None", "None"),
    ]


def test_units_of_headers_count(tmp_path: Path, county: Engine) -> None:
    header = "活动编号,镇街,队伍名称,活动日期,参与人数（人次）,服务时长（分钟）"
    rows = ("A1,甲山街道,甲队,2025-03-01,5,90", "A2,甲山街道,甲队,2025-03-01,5,2小时")
    activities = text_file(tmp_path / "a.csv", "\n".join((header, *rows)))
    assert load(county, activities, "volunteer_activities").new == 2
    assert column(county, volunteer_activity.c.hours) == [1.5, 2]
    assert column(county, volunteer_activity.c.participants) == [5, 5]
    townships = text_file(tmp_path / "t.csv", "镇街代码,街道（乡镇）,常住人口（万人）\n991100001,甲山街道,5.23\n")
    load(county, townships, "townships")
    assert column(county, township.c.residents)[0] == 52300


def test_durations_of_a_workbook_are_hours(tmp_path: Path, county: Engine) -> None:
    book = openpyxl.Workbook()
    book.active.append(("活动编号", "镇街", "队伍编号", "活动日期", "服务时长"))
    for number, (hours, code) in enumerate(((26.5, "[h]:mm"), (2.5, "h:mm"), (0.75, '0.00"小时"'), (3, "General"))):
        stored = hours / 24 if "m" in code else hours
        book.active.append((f"A{number}", "甲山街道", "T1", "2025-03-01", stored))
        book.active.cell(number + 2, 5).number_format = code
    book.save(tmp_path / "activities.xlsx")
    assert load(county, tmp_path / "activities.xlsx", "volunteer_activities").new == 4
    assert column(county, volunteer_activity.c.hours) == [26.5, 2.5, 0.75, 3]


# --- Times ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("2025/3/1 上午 8:05:00", "08:05:00"),
        ("2025/3/1 下午3:05", "15:05:00"),
        ("2025年3月1日下午12时30分", "12:30:00"),
        ("2025/3/1 上午12:30:00", "00:30:00"),
        ("2025/3/1 上午 00:30", "00:30:00"),
        ("2025/3/1 下午 15:05", "15:05:00"),
        ("2025/3/1 星期六 下午 3:05", "15:05:00"),
        ("2025/3/1 晚上8点", "20:00:00"),
        ("2025年3月1日 凌晨2时5分6秒", "02:05:06"),
        ("2025/3/1 中午12:10", "12:10:00"),
        ("2025/3/1 中午1点", "13:00:00"),
        ("2025-03-01 03:05 PM", "15:05:00"),
        ("2025-03-01 03:05:00 下午", "15:05:00"),
        ("2025年3月1号 15:05", "15:05:00"),
        ("2025 年 3 月 1 日（周六） 午后3点半", "15:30:00"),
        ("202503011505", "15:05:00"),
        ("2025/03/01 15:05:00.123", "15:05:00"),
        ("2025-03-01 12:05:01am", "00:05:01"),
        ("2025年3月1日15时", "15:00:00"),
    ],
)
def test_halves_of_the_day(cell: str, time: str) -> None:
    assert moment(cell) == datetime.fromisoformat(f"2025-03-01 {time}")


@pytest.mark.parametrize(
    "cell", ["上午13:00", "下午13:00 PM", "晚上12:00", "中午 5:00", "下午 25:00", "13:05 PM", "下午", "8"]
)
def test_times_that_are_not_clear(cell: str) -> None:
    with pytest.raises(ValueProblem):
        moment(f"2025-03-01 {cell}")


TOLD = (
    ("2025-03-01 08:00:45", "2025-03-01 08:00", True),
    ("2025-03-01 08:00:45", "2025/3/1 上午8:00", True),
    ("2025-03-01 08:20:45", "2025年3月1日8时", True),
    ("2025-03-01 08:00:45", "2025-03-01", True),
    ("2025-03-01 08:00:45", "2025-03-01 08:00:44", False),
    ("2025-03-01 08:00:45", "2025-03-01 08:00:00", False),
    ("2025-03-01 08:01", "2025-03-01 08:00:59", False),
    ("2025-03-01 08:00:45", "2025-03-01 07:59", False),
)


def test_times_are_compared_as_exactly_as_both_are_told(tmp_path: Path, county: Engine) -> None:
    lines = [f"X{number},甲山街道,{received},{signed}" for number, (received, signed, _) in enumerate(TOLD)]
    load(county, text_file(tmp_path / "cases.csv", "\n".join(("工单编号,镇街,受理时间,签收时间", *lines))))
    loaded = [f"X{number}" for number, (_, _, is_loaded) in enumerate(TOLD) if is_loaded]
    assert sorted(column(county, petition.c.case_no)) == loaded
    # Nothing takes less than no time.
    assert column(county, petition.c.signed_at) == column(county, petition.c.received_at)


@pytest.mark.parametrize(("code", "is_loaded"), [("yyyy/m/d h:mm", True), ("yyyy/m/d h:mm:ss", False)])
def test_a_workbook_tells_whether_seconds_are_shown(tmp_path: Path, county: Engine, code: str, is_loaded: bool) -> None:
    header = ("工单编号", "镇街", "受理时间", "签收时间")
    path = workbook(tmp_path / "cases.xlsx", header, ("X1", "甲山街道", "2025-03-01 08:00:45", datetime(2025, 3, 1, 8)))
    book = openpyxl.load_workbook(path)
    book.active["D2"].number_format = code
    book.save(path)
    assert load(county, path).new == is_loaded


@pytest.mark.parametrize(
    ("cell", "form", "value"),
    [
        ("03/30/2018 08:30:00 AM +0000", "%m/%d/%Y %I:%M:%S %p %z", datetime(2018, 3, 30, 16, 30)),
        ("03/31/2018 11:00:00 PM +0000", "%m/%d/%Y %I:%M:%S %p %z", datetime(2018, 4, 1, 7)),
        ("2018-03-30 16:30 +08:00", "%Y-%m-%d %H:%M %z", datetime(2018, 3, 30, 16, 30)),
        ("2018-03-30 08:30 UTC", "%Y-%m-%d %H:%M %Z", datetime(2018, 3, 30, 16, 30)),
    ],
)
def test_times_of_another_zone_become_those_of_china(cell: str, form: str, value: datetime) -> None:
    assert moment(cell, form) == value


@pytest.mark.parametrize("form", ["%Y-%m-%d %Q", "%Y-%m-%d %d", "%Y-%m-%d %", "%Y-%m", "%V %Y-%m-%d"])
def test_a_form_that_means_nothing_is_refused(tmp_path: Path, form: str) -> None:
    path = text_file(tmp_path / "mapping.toml", f"[formats]\nreceived_at = '{form}'\n")
    with pytest.raises(FileProblem, match="received_at 应形如"):
        read_mapping(path, PETITIONS)


def test_a_zone_at_the_edge_of_all_years_is_no_moment() -> None:
    for cell in ("0001-01-01 00:00 +1400", "9999-12-31 23:59 -1200"):
        with pytest.raises(ValueProblem):
            moment(cell, "%Y-%m-%d %H:%M %z")


# --- What nobody foresaw --------------------------------------------------------------------------


@pytest.fixture
def unforeseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checker that fails over A2."""
    real = Checker.check

    def check(self: Checker, rows: Sequence[tuple[int, Sequence[Any]]]) -> Any:
        if any("A2" in cells for _, cells in rows):
            raise RuntimeError("13800000001")
        return real(self, list(rows))

    monkeypatch.setattr(Checker, "check", check)


def test_what_nobody_foresaw_is_a_sentence_with_the_row(
    tmp_path: Path,
    county: Engine,
    unforeseen: None,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = workbook(tmp_path / "cases.xlsx", HEADER, CASE, ("A2", *CASE[1:]))
    caplog.set_level(logging.ERROR)
    assert main(["petitions", str(path), "--url", str(county.url)]) == 1
    told = capsys.readouterr()
    assert "在第 3 行，什么都没有写入" in told.err and "in row 3; nothing was written" in told.err
    assert "Traceback" not in told.err and not column(county, petition.c.case_no)
    assert "Unforeseen RuntimeError at tests/test_reading.py:" in caplog.text
    assert "13800000001" not in caplog.text + told.out + told.err


def test_a_command_never_ends_in_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("13800000001")

    monkeypatch.setattr("data_access.importing.__main__.read_mapping", fail)
    empty_file(tmp_path / "county.sqlite").dispose()
    url = f"sqlite:///{tmp_path / 'county.sqlite'}"
    assert main(["petitions", "cases.csv", "--mapping", "mapping.toml", "--url", url]) == 1
    assert capsys.readouterr().err.startswith("读这个文件时遇到了程序没有料到的内容，什么都没有写入")


def test_the_page_never_shows_a_traceback(
    county: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("13800000001")

    monkeypatch.setattr("ui.importing.file.upload_area", fail)
    (error,) = page("data_import", str(county.url), monkeypatch).error
    assert error.value.startswith("读这个文件时遇到了程序没有料到的内容")
    assert "Unforeseen RuntimeError" in caplog.text and "13800000001" not in error.value + caplog.text


# --- Exports --------------------------------------------------------------------------------------

WORDS = ("@某区", "-乙局", "+1-2", "=1+1", "'@x", "-", "路灯", "a_x0041_b", " \u200b=1", "''=1")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "csv saved as xlsx"])
def test_an_export_loads_back_unchanged(tmp_path: Path, county: Engine, kind: str) -> None:
    rows = [(f"R{number}", "甲山街道", "2025-03-01 08:00:00", word, word) for number, word in enumerate(WORDS)]
    header = ("工单编号", "镇街", "受理时间", "诉求标题", "承办单位")
    first = workbook(tmp_path / "first.xlsx", header, *((*row[:3], None, None) for row in rows))
    assert load(county, first).new == len(WORDS)
    path = tmp_path / ("export.csv" if kind == "csv" else "export.xlsx")
    table = pd.DataFrame(rows, columns=list(header))
    if kind == "xlsx":
        write_workbook(path, [Sheet("明细", table)])
    else:
        write_csv(tmp_path / "export.csv", [table])
    if kind == "csv saved as xlsx":
        lines = pd.read_csv(tmp_path / "export.csv", dtype=str, keep_default_na=False)
        # As Excel writes it
        lines = lines.replace("_x0041_", "_x005F_x0041_", regex=True)
        workbook(path, tuple(lines.columns), *lines.itertuples(index=False, name=None))
        assert openpyxl.load_workbook(path).active["D2"].value == "'@某区"
    assert load(county, path).rejected == 0
    assert column(county, petition.c.title) == [READ["free_text"](word) for word in WORDS]
    again = load(county, path)
    assert (again.new, again.changed, again.unchanged) == (0, 0, len(WORDS))


@pytest.mark.parametrize("is_long", [False, True])
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_list_of_cases_loads_back_unchanged(
    tmp_path: Path, county: Engine, monkeypatch: pytest.MonkeyPatch, kind: str, is_long: bool
) -> None:
    header = "工单编号,镇街,受理时间,办结时限,办结时间,诉求标题,诉求来源,承办单位,诉求人,是否满意"
    lines = (
        "R1,甲山街道,2025-03-01 08:00:10,2025-03-05 17:00,2025-03-02 09:00,路灯,@某区,甲局,赵钱孙,满意",
        "R2,乙河镇,2025-03-01 08:00,2025-03-06,,井盖,热线,-乙局,李四,",
    )
    assert load(county, text_file(tmp_path / "cases.csv", "\n".join((header, *lines)))).new == 2
    if is_long:
        monkeypatch.setattr(listing, "ONE_CLICK_ROWS", 0)
    taken: dict[str, Callable[[], bytes]] = {}
    monkeypatch.setattr(downloads, "recorded", lambda content, format, *_: taken.setdefault(format, content))
    shown = page("petitions", str(county.url), monkeypatch, tab=["rows"], **{"from": ["2025-03"], "to": ["2025-03"]})
    path = tmp_path / f"cases again.{kind}"
    if is_long:
        shown.button(key=f"export cases {kind}").click().run()
        export = shown.session_state["export"]
        export.task.wait()
        export.task.outcome()
        path.write_bytes(export.path.read_bytes())
    else:
        path.write_bytes(taken[kind]())
    result = load(county, path)
    assert (result.changed, result.unchanged, result.problems) == (0, 2, ())
    # The list hides who they are.
    assert sorted(column(county, petition.c.petitioner)) == ["李四", "赵钱孙"]


@pytest.mark.parametrize(
    ("given", "known", "is_one"),
    [
        ("王**", "王小明", True),
        ("138****0001", "13800000001", True),
        ("李**", "王小明", False),
        ("王**", None, False),
        ("王**", "王*", False),
        ("王小明", "王小明", False),
    ],
)
def test_what_is_hidden_is_told_from_what_is_new(given: str, known: str | None, is_one: bool) -> None:
    assert is_masked(given, known) == is_one


# --- Registers that are loaded alone ----------------------------------------------------------------


def with_cameras(engine: Engine, folder: Path) -> None:
    lines = ("S1,甲山街道,2024-05-01", "S2,甲山街道,2024-06-01", "S3,乙河镇,2024-07-01")
    path = text_file(folder / "cameras.csv", "\n".join(("设备编号,镇街,安装日期", *lines)))
    assert load(engine, path, "cameras").new == 3


def test_an_inventory_of_cameras_is_shown_at_once(
    tmp_path: Path, county: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_cameras(county, tmp_path)
    shown = page("cameras", str(county.url), monkeypatch)
    assert cards(shown)["在网数"]["value"] == "3" and not shown.info
    with county.connect() as connection:
        counted = connection.execute(select(camera_month.c.township_code, camera_month.c.cameras)).all()
    assert [*map(tuple, counted)] == [("991100001", 2), ("991100002", 1)]


def test_where_other_data_go_on_a_page_says_until_when_there_are_cameras(
    tmp_path: Path, county: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_cameras(county, tmp_path)
    assert load(county, workbook(tmp_path / "cases.xlsx", HEADER, CASE)).new == 1
    (cameras,) = page("cameras", str(county.url), monkeypatch).info
    assert cameras.value == "摄像机数据截至 2024-07-01，早于所选时段。请在左侧把时段改到 2024-07。"
    (grids,) = page("grid", str(county.url), monkeypatch).info
    assert grids.value == "还没有装入网格数据。"
