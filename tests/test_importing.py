"""Files that nobody made for this program: read, mapped, checked, and loaded whole or not at all."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Connection, Engine, func, insert, select
from sqlalchemy.exc import OperationalError

from data_access import importing, rollups
from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.tables import petition, petition_month
from data_access.areas.reports.tables import reported_indicator
from data_access.importing import ImportResult, import_file, loading
from data_access.importing.__main__ import main
from data_access.importing.left_out import LeftOut
from data_access.importing.mapping import ColumnMapping, read_mapping
from data_access.importing.problems import FileProblem, ValueProblem
from data_access.importing.tables import TABLES
from data_access.importing.values import READ, common_moments, moment, money
from data_access.model.batches import import_batch
from data_access.places.imports import TOWNSHIPS
from data_access.places.tables import county_setting, township, township_alias, village
from data_access.schema import ROLLUPS
from tests.counties import dump, empty_file, on_both, rebuilt
from tests.files import case, csv_file, xlsx_file
from tests.raw_indicators import Row

ROOT = Path(__file__).resolve().parent.parent
# A folder with real exports, which cannot be kept here; their tests run where it is named.
REAL = os.environ.get("REAL_EXPORTS")


# --- Databases and files --------------------------------------------------------------------------


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    engine = empty_file(tmp_path / "county.sqlite")
    yield engine
    engine.dispose()


def load(engine: Engine, path: Path, rows: Sequence[Row], **defaults: object) -> ImportResult:
    return import_file(
        engine, PETITIONS, csv_file(path / "cases.csv", rows), ColumnMapping(defaults=defaults), by=UNRESTRICTED
    )


def cases(engine: Engine) -> dict[str, Row]:
    """Petitions by case number; a number must stand once."""
    with engine.connect() as connection:
        rows = connection.execute(select(petition)).mappings().all()
    assert len({row["case_no"] for row in rows}) == len(rows)
    return {row["case_no"]: dict(row) for row in rows}


# --- The real messages, and a file made like them --------------------------------------------------

HEADER = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间")
MESSAGES = (
    (
        2549,
        "A00045581",
        "物业管理有问题",
        "2019/4/25 9:32:09",
        "\n\t\t\t\n\t\t\t广场\xa0_x000D_\n噪音",
        "您好",
        "2019/5/10 14:56:53",
    ),
    (
        3681,
        "UU00812",
        "反映\u3000违建\u200b",
        datetime(2019, 4, 8, 8, 37, 20),
        "\u3000\u3000内容_x000D_\n",
        "您好",
        "2019/5/9",
    ),
    ("00712", "A000100240", "路灯不亮", datetime(2019, 4, 9), "\t\xa0路灯", "您好", date(2019, 4, 9)),
)


@on_both
def test_messages_like_the_real_ones(engine: Engine, tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "messages.xlsx", (HEADER, *MESSAGES))
    result = import_file(engine, PETITIONS, path, ColumnMapping(defaults={"township": "钢山街道"}), by=UNRESTRICTED)
    assert (result.read, result.new, result.rejected, result.ignored) == (3, 3, 0, ("答复意见",))
    found = cases(engine)
    # Case numbers stay text, ends are stripped, what stands inside stays.
    assert set(found) == {"2549", "3681", "00712"}
    assert found["2549"]["text"] == "广场\xa0\n噪音"
    assert found["3681"]["title"] == "反映\u3000违建"
    assert found["3681"]["text"] == "内容"
    assert found["2549"]["received_at"] == datetime(2019, 4, 25, 9, 32, 9)
    assert found["3681"]["received_at"] == datetime(2019, 4, 8, 8, 37, 20)
    assert found["3681"]["replied_at"] == datetime(2019, 5, 9)
    # A reply is no closing.
    assert {row["closed_at"] for row in found.values()} == {None}
    assert {row["township_code"] for row in found.values()} == {"100000001"}
    assert {row["batch_id"] for row in found.values()} == {result.batch}
    first = xlsx_file(tmp_path / "first.xlsx", (HEADER, MESSAGES[0]))
    again = import_file(engine, PETITIONS, first, ColumnMapping(defaults={"township": "钢山街道"}), by=UNRESTRICTED)
    assert (again.new, again.changed, again.unchanged, again.batch) == (0, 0, 1, None)


def load_the_real_messages(engine: Engine) -> None:
    folder = Path(str(REAL))
    mapping = ColumnMapping(defaults={"township": "钢山街道"})
    result = import_file(engine, PETITIONS, folder / "messages_answered.xlsx", mapping, by=UNRESTRICTED)
    assert (result.read, result.new, result.rejected, result.ignored) == (2816, 2816, 0, ("答复意见",))
    before = dump(engine)
    again = import_file(engine, PETITIONS, folder / "messages_answered_first120.xlsx", mapping, by=UNRESTRICTED)
    assert (again.read, again.new, again.changed, again.unchanged, again.batch) == (120, 0, 0, 120, None)
    assert dump(engine) == before
    assert dump(engine, ROLLUPS) == rebuilt(engine)


if REAL:
    test_the_real_messages = load_the_real_messages


# --- Values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2019/4/25 9:32:09", datetime(2019, 4, 25, 9, 32, 9)),
        ("2019/4/25 9:32", datetime(2019, 4, 25, 9, 32)),
        ("\t2023-08-22 ", date(2023, 8, 22)),
        ("2023.8.22", date(2023, 8, 22)),
        ("2023年8月22日", date(2023, 8, 22)),
        ("2023年8月22日 9时5分", datetime(2023, 8, 22, 9, 5)),
        ("２０２３年８月２２日", date(2023, 8, 22)),
        ("20230822", date(2023, 8, 22)),
        (20230822, date(2023, 8, 22)),
        ("20230822093209", datetime(2023, 8, 22, 9, 32, 9)),
        ("2023-08-22T09:32:09", datetime(2023, 8, 22, 9, 32, 9)),
        ("2023-08-22 09:32:09.0", datetime(2023, 8, 22, 9, 32, 9)),
        ("2023-08-22T01:32:09Z", datetime(2023, 8, 22, 9, 32, 9)),
        ("2023-08-22T09:32:09+08:00", datetime(2023, 8, 22, 9, 32, 9)),
        ("2023-08-22 00:00:00", datetime(2023, 8, 22)),
        (datetime(2023, 8, 22, 9, 32, 8, 999_999), datetime(2023, 8, 22, 9, 32, 9)),
        (datetime(2023, 8, 22), date(2023, 8, 22)),
        (date(2023, 8, 22), date(2023, 8, 22)),
        (45160.0, date(2023, 8, 22)),
        (45160.397326388889, datetime(2023, 8, 22, 9, 32, 9)),
        ("45160.397326388889", datetime(2023, 8, 22, 9, 32, 9)),
        ("２０２３／８／２２　９：３２", datetime(2023, 8, 22, 9, 32)),
        *((missing, None) for missing in (None, "", " \t", "-", "—", "无", "NA", "\xa0")),
    ],
)
def test_moments(cell: object, value: date | None) -> None:
    found = moment(cell)
    assert (type(found), found) == (type(value), value)


COMMON = "2023-08-22 09:32:09"


@pytest.mark.parametrize("cell", ["", "2023-08-22T09:32:09", "2023-08-22 00:00:00", "2099-12-31 23:59:59"])
def test_a_column_of_common_moments_is_read_at_once(cell: str) -> None:
    assert common_moments([COMMON, cell]) == [moment(COMMON), moment(cell)]


@pytest.mark.parametrize(
    "cell",
    [
        *("2023-08-22", "-", " " * 19, "2023-13-22 09:32:09", "1023-08-22 09:32:09", "2100-01-01 00:00:00"),
        # As long as the common ones are: with a part of a second, and with a zone
        *("20230822T093209.123", "2023-08-22T09+08:00"),
        *(None, 20230822, datetime(2023, 8, 22)),
    ],
)
def test_any_other_cell_has_the_column_read_one_by_one(cell: object) -> None:
    assert common_moments([COMMON, cell]) is None


@pytest.mark.parametrize(
    "cell",
    ["昨天", "2023-02-30", "2023-13-01", "25:00", "22/8/2023", "2023", "1023-08-22", "2230-01-01", 99999.4, 4516, True],
)
def test_no_moments(cell: object) -> None:
    with pytest.raises(ValueProblem):
        moment(cell)


def test_moments_by_a_given_format() -> None:
    assert moment("22.08.2023", "%d.%m.%Y") == date(2023, 8, 22)
    assert moment("08/22/2023 09:32", "%m/%d/%Y %H:%M") == datetime(2023, 8, 22, 9, 32)
    assert moment("2023/8/22", "%d.%m.%Y") == date(2023, 8, 22)


@pytest.mark.parametrize(
    ("cell", "order", "value"),
    [
        ("6/28/2024", "mdy", date(2024, 6, 28)),
        ("6/7/2024", "mdy", date(2024, 6, 7)),
        ("6/7/2024", "dmy", date(2024, 7, 6)),
        ("06/07/2024 12:05:09 AM", "mdy", datetime(2024, 6, 7, 0, 5, 9)),
        ("06/07/2024 12:05 PM", "mdy", datetime(2024, 6, 7, 12, 5)),
        ("3/1/25", "mdy", date(2025, 3, 1)),
        ("3/1/25 8:05", "dmy", datetime(2025, 1, 3, 8, 5)),
        ("25-03-01", "ymd", date(2025, 3, 1)),
        ("6/7/2024 17:05", "mdy", datetime(2024, 6, 7, 17, 5)),
        ("6/7/2024 下午 5:05", "dmy", datetime(2024, 7, 6, 17, 5)),
        ("2024/6/7", "dmy", date(2024, 6, 7)),
    ],
)
def test_dates_with_the_year_last(cell: str, order: str, value: date) -> None:
    assert (type(moment(cell, order=order)), moment(cell, order=order)) == (type(value), value)


@pytest.mark.parametrize(
    ("cell", "order"),
    [("6/7/2024", None), ("28/6/2024", "mdy"), ("6/7/2024 13:05 PM", "mdy"), ("3/1/25", None), ("6/7/2024", "ymd")],
)
def test_the_order_is_never_guessed_from_one_value(cell: str, order: str | None) -> None:
    with pytest.raises(ValueProblem):
        moment(cell, order=order)


@pytest.mark.parametrize(
    ("cell", "unit", "value"),
    [
        ("257.92万元", 1, 2_579_200),
        ("257.92万元", 10_000, 2_579_200),
        ("1.2亿元", 1, 120_000_000),
        ("257.92", 10_000, 2_579_200),
        (257.92, 10_000, 2_579_200),
        ("２５７.９２　万元", 1, 2_579_200),
        ("¥1,234,567.50", 1, 1_234_568),
        ("206654.00", 1, 206_654),
        (0.0, 1, 0),
        ("—", 1, None),
    ],
)
def test_money(cell: object, unit: int, value: int | None) -> None:
    assert money(cell, unit) == value


@pytest.mark.parametrize(
    "cell", ["-5万元", "206654", "DOER", "约3万元", "12,34", "万元", 1e17, float("inf"), float("nan"), True]
)
def test_no_money(cell: object) -> None:
    with pytest.raises(ValueProblem):
        money(cell)


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        *(
            ("month", cell, "2023-08")
            for cell in ("2023-08", "2023年8月", "2023年08月份", "2023/8", "2023.8", "202308")
        ),
        *(
            ("month", cell, "2023-08")
            for cell in (202308.0, datetime(2023, 8, 1), "2023-08-31", 45160, "２０２３年８月")
        ),
        ("month", "/", None),
        *(("percent", cell, 95.9) for cell in ("95.9%", "95.9", 95.9, "９５.９％", "95.9 %")),
        ("percent", "无", None),
        ("decimal", "1,234.5", 1234.5),
        ("decimal", 3, 3.0),
        ("decimal", "NA", None),
        ("number", "１２，３４５", 12345),
        ("code", "ＡＢ００７", "AB007"),
        ("answer", "√", True),
        *(("answer", cell, True) for cell in ("是", "满意", "true", "TRUE", "1", 1, 1.0, True, " 是\t")),
        *(("answer", cell, False) for cell in ("否", "不满意", "false", "0", 0, 0.0, False)),
        *(("answer", cell, None) for cell in ("", None, "-", "—", "无", "NA", "未评价")),
        ("code", 2549, "2549"),
        ("code", 2549.0, "2549"),
        ("code", "007", "007"),
        ("code", "\t20230822000000000001\xa0", "20230822000000000001"),
        ("code", "无", None),
        ("text", "_x000D_\n城管局\r\n", "城管局"),
        ("text", "—", None),
        ("free_text", "—", "—"),
        ("free_text", "无", "无"),
        ("free_text", " \u3000\n", None),
        ("free_text", "a\r\nb\rc\0d", "a\nb\ncd"),
        ("number", "12,345", 12345),
        ("number", 12.0, 12),
        ("number", "-", None),
    ],
)
def test_values(kind: str, cell: object, value: object) -> None:
    found = READ[kind](cell)
    assert (type(found), found) == (type(value), value)


def test_values_that_equal_each_other_are_told_apart() -> None:
    assert [READ["text"](cell) for cell in (1, True, 1.0)] == ["1", "True", "1"]


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("month", "2023-13"),
        ("month", "9月"),
        ("month", 2023.1),
        ("month", "1823-08"),
        ("percent", "-1%"),
        ("decimal", "1e5"),
        ("decimal", "12,34"),
        ("decimal", True),
        ("decimal", "9" * 400),
        ("answer", "也许"),
        ("number", "-5"),
        ("number", "1.5"),
        ("number", "12,34"),
        ("code", "2.02308E+17"),
        ("code", 2.02308220000001e17),
    ],
)
def test_no_values(kind: str, cell: object) -> None:
    with pytest.raises(ValueProblem) as caught:
        READ[kind](cell)
    fault = caught.value.fault
    assert fault.zh and fault.en and str(cell) not in fault.zh


# --- Checks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "column", "shown", "rule"),
    [
        ({"case_no": "—"}, "case_no", "—", "必填"),
        ({"township": ""}, "township", "", "必填"),
        ({"received_at": ""}, "received_at", "", "必填"),
        ({"received_at": "2023-13-01"}, "received_at", "2023-13-01", "不是日期"),
        ({"received_at": "2999-01-01"}, "received_at", "2999-01-01", "年份"),
        ({"received_at": "2098-01-01"}, "received_at", "2098-01-01", "晚于导入时间"),
        ({"township": "钢三街道"}, "township", "钢三街道", "不是数据库里的镇街"),
        ({"village": "西村"}, "village", "西村", "没有这个村居"),
        ({"village": "100000002001"}, "village", "100000002001", "没有这个村居"),
        ({"township": "峄山镇", "village": "南村"}, "village", "南村", "同名"),
        ({"signed_at": "2023-05-02 07:59"}, "signed_at", "2023-05-02 07:59", "早于受理时间"),
        ({"due_at": "2023-05-01"}, "due_at", "2023-05-01", "早于受理时间"),
        ({"replied_at": "2023-05-01"}, "replied_at", "2023-05-01", "早于受理时间"),
        ({"closed_at": "2023-05-01"}, "closed_at", "2023-05-01", "早于受理时间"),
        ({"closed_at": "2098-01-01"}, "closed_at", "2098-01-01", "晚于导入时间"),
        ({"channel": "渠" * 121}, "channel", "渠" * 40 + "…", "最多 120 个字"),
        ({"title": "题" * 501}, "title", "题" * 40 + "…", "最多 500 个字"),
        ({"satisfied": "凑合"}, "satisfied", "凑合", "满意"),
        ({"case_no": "A1"}, "case_no", "A1", "与第 2 行重复"),
        ({"case_no": "2.02308E+17"}, "case_no", "2.02308E+17", "Excel"),
    ],
)
def test_a_bad_row_refuses_the_file(
    engine: Engine, tmp_path: Path, values: Row, column: str, shown: str, rule: str
) -> None:
    before = dump(engine)
    result = load(engine, tmp_path, [case(1), case(2, **values), case(3)])
    assert (result.read, result.new, result.changed, result.unchanged, result.rejected) == (3, 0, 0, 0, 1)
    assert result.batch is None
    assert [(found.row, found.field, found.value) for found in result.problems] == [(3, column, shown)]
    assert rule in result.problems[0].zh and result.problems[0].en
    assert dump(engine) == before


@on_both
def test_every_problem_of_a_row_is_named_under_both_headers(engine: Engine, tmp_path: Path) -> None:
    path = xlsx_file(
        tmp_path / "cases.xlsx",
        [
            ("工单编号", "镇街", "受理时间", "结案时间"),
            (1, "钢山街道", "早上", "2023-02-30"),
            (),
            (2, "某某镇", "2023-05-01", None),
        ],
    )
    result = import_file(engine, PETITIONS, path, by=UNRESTRICTED)
    assert (result.read, result.rejected) == (2, 2)
    # A blank row counts as a row of Excel, and as no row of the file.
    assert [(found.row, found.column) for found in result.problems] == [
        (2, "受理时间"),
        (2, "结案时间（办结时间）"),
        (4, "镇街"),
    ]


def test_private_values_are_never_repeated(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    private = {"petitioner": "欧阳" + "某" * 130, "phone": "13912345678" * 7}
    path = csv_file(tmp_path / "cases.csv", [case(1, **private, text="机密", closed_at="2020-01-01")])
    for form in ([], ["--json"]):
        assert main(["petitions", str(path), "--url", str(engine.url), *form]) == 1
        printed = "".join(capsys.readouterr())
        assert "诉求人" in printed and "联系电话" in printed and "办结时间" in printed
        assert "欧**" in printed and "1**" in printed
        for secret in ("欧阳", "139", "机密"):
            assert secret not in printed


def test_a_date_without_a_time_of_day(engine: Engine, tmp_path: Path) -> None:
    load(
        engine,
        tmp_path,
        [
            case(
                1, due_at="2023-05-01", closed_at="2023-05-01", signed_at="2023-05-01 00:00:00", replied_at="2023-05-02"
            )
        ],
    )
    row = cases(engine)["A1"]
    # Due lasts to the end of the day; what happened on the day of receipt happened after it.
    assert row["due_at"] == datetime(2023, 5, 1, 23, 59, 59)
    assert row["closed_at"] == row["signed_at"] == row["received_at"] == datetime(2023, 5, 1, 8)
    assert row["replied_at"] == datetime(2023, 5, 2)


def test_places_go_by_name_code_or_alias(engine: Engine, tmp_path: Path) -> None:
    result = load(
        engine,
        tmp_path,
        [
            case(1, township="峰山镇", village="100000003002"),
            case(2, township="100000002", village="西村"),
            case(3, township="香城镇", village="东村"),
            case(4, township="", village="东村"),
        ],
        township="钢山街道",
    )
    assert result.rejected == 0
    assert sorted((number, row["township_code"], row["village_code"]) for number, row in cases(engine).items()) == [
        ("A1", "100000003", "100000003002"),
        ("A2", "100000002", "100000002002"),
        ("A3", "100000002", "100000002001"),
        ("A4", "100000001", "100000001001"),
    ]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        *((word, "100000001") for word in ("钢山", "钢山街办", "钢山街道办事处", "邹城市钢山街道", "邹城市钢山街办")),
        *((word, "100000002") for word in ("香城", "香城镇人民政府", "邹城市香城")),
        # What has a name of its own means that: 峄山 the alias, not the short form.
        ("峄山", "100000001"),
        # Two places may be meant.
        *((word, None) for word in ("太平", "钢", "钢山镇", "钢山街", "济宁市钢山街道")),
    ],
)
def test_short_forms_of_townships(engine: Engine, tmp_path: Path, word: str, code: str | None) -> None:
    with engine.begin() as connection:
        connection.execute(insert(county_setting).values(name="county_name", value="邹城市"))
        connection.execute(insert(township_alias).values(alias="峄山", township_code="100000001"))
        connection.execute(
            insert(township),
            [
                {"code": "100000004", "name": "太平镇", "kind": "镇"},
                {"code": "100000005", "name": "太平街道", "kind": "街道"},
            ],
        )
    result = load(engine, tmp_path, [case(1, township=word)])
    assert result.rejected == (code is None)
    if code:
        assert cases(engine)["A1"]["township_code"] == code


@pytest.mark.parametrize(
    ("word", "code"),
    [
        *((word, "100000001001") for word in ("东村委会", "东村民委员会", "东村")),
        *((word, "100000001003") for word in ("孟庄", "孟庄社区", "孟庄社区居委会", "钢山街道孟庄社区")),
        # 孟庄 of 北孟庄村 is no form of it; 新华 is two villages.
        *((word, None) for word in ("新华", "孟", "庄社区")),
    ],
)
def test_short_forms_of_villages(engine: Engine, tmp_path: Path, word: str, code: str | None) -> None:
    with engine.begin() as connection:
        names = {"1003": "孟庄社区居民委员会", "1004": "北孟庄村", "1005": "新华村", "1006": "新华社区"}
        connection.execute(
            insert(village),
            [{"code": f"10000000{end}", "township_code": "100000001", "name": name} for end, name in names.items()],
        )
    result = load(engine, tmp_path, [case(1, village=word)])
    assert result.rejected == (code is None)
    if code:
        assert cases(engine)["A1"]["village_code"] == code


def test_a_name_that_is_like_another_is_asked_about(engine: Engine, tmp_path: Path) -> None:
    rows = [case(1, township="钢三街道"), case(2, township="完全不同"), case(3, township="香城镇", village="西邨")]
    found = load(engine, tmp_path, rows).problems
    assert found[0].zh == "不是数据库里的镇街，是否指“钢山街道”？" and "is “钢山街道” meant?" in found[0].en
    assert "请用镇街的名称" in found[1].zh
    assert "请用村居的全称" in found[2].zh or "是否指“西村”" in found[2].zh
    assert cases(engine) == {}


def test_who_answered_was_called_back(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, [case(1, satisfied="满意"), case(2, satisfied="不满意"), case(3, satisfied="")])
    found = cases(engine)
    assert [found[number]["called_back"] for number in ("A1", "A2", "A3")] == [True, True, None]
    assert [found[number]["satisfied"] for number in ("A1", "A2", "A3")] == [True, False, None]


# --- Files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_forms(engine: Engine, tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [case(1, text='他说：“好”, "行"; \t\n第二行', title="𠮷祥路"), case(2, text="")]
    path = csv_file(tmp_path / "cases.csv", rows, encoding, delimiter)
    assert import_file(engine, PETITIONS, path, by=UNRESTRICTED).new == 2
    assert cases(engine)["A1"]["text"] == '他说：“好”, "行"; \t\n第二行'
    assert cases(engine)["A1"]["title"] == "𠮷祥路"


def test_the_same_cases_as_csv_and_xlsx_are_the_same(engine: Engine, tmp_path: Path) -> None:
    rows = [("case_no", "township", "received_at", "satisfied", "text")]
    cells = [*rows, (7, "钢山街道", datetime(2023, 5, 1, 9, 30), True, "a_x000D_\nb")]
    words = [*rows, ("7", "钢山街道", "2023/5/1 9:30", "满意", "a\r\nb")]
    with (tmp_path / "cases.csv").open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(words)
    assert import_file(engine, PETITIONS, xlsx_file(tmp_path / "cases.xlsx", cells), by=UNRESTRICTED).new == 1
    assert import_file(engine, PETITIONS, tmp_path / "cases.csv", by=UNRESTRICTED).unchanged == 1


def test_the_first_visible_sheet_with_rows_is_read(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "cases.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.title = "隐藏"
    workbook.active.append(("x",))
    workbook.active.sheet_state = "hidden"
    workbook.create_sheet("空")
    sheet = workbook.create_sheet("案件")
    sheet.append(("case_no", "township", "received_at"))
    sheet.append(("A1", "钢山街道", "2023-05-01"))
    workbook.create_sheet("说明").append(("填表说明",))
    workbook.active = 2
    workbook.save(path)
    result = import_file(engine, PETITIONS, path, by=UNRESTRICTED)
    assert (result.new, result.unread) == (1, ("说明",))


def test_rows_beyond_a_wrong_extent_are_read(engine: Engine, tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "good.xlsx", [("case_no", "township", "received_at"), ("A1", "钢山街道", "2023-05-01")])
    wrong = tmp_path / "wrong.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(wrong, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"<sheetData>", b'<dimension ref="A1"/><sheetData>')
                assert b"dimension" in content
            target.writestr(name, content)
    assert import_file(engine, PETITIONS, wrong, by=UNRESTRICTED).new == 1


def broken_files() -> dict[str, tuple[str, bytes | None, str]]:
    """Name of the file, its content (None: there is no file), and words of the sentence that refuses it."""
    head = "case_no,township,received_at"
    good = f"{head}\nA1,钢山街道,2023-05-01\n"
    return {
        "missing": ("cases.csv", None, "无法打开"),
        "empty": ("cases.csv", b"", "空的"),
        "blank": ("cases.csv", b" \r\n\r\n", "空的"),
        "only commas": ("cases.csv", b",,,\n,,\n", "没有内容"),
        "no rows": ("cases.csv", head.encode(), "没有数据行"),
        "no header": ("cases.csv", "A1,钢山街道,2023-05-01,王五\n".encode(), "没有找到表头"),
        "no township": ("cases.csv", b"case_no,received_at\nA1,2023-05-01\n", "镇街"),
        "header twice": ("cases.csv", f"case_no,{good}".replace("\nA1", "\nA0,A1").encode(), "出现了 2 次"),
        "not a zip": ("cases.xlsx", "一份说明\n".encode(), "不是 Excel 工作簿"),
        "cut zip": ("cases.xlsx", b"PK\x03\x04" + b"\x07" * 400, "不是完整的"),
        "legacy xls": ("cases.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "不是完整的"),
        "binary": ("cases.csv", bytes(range(256)) * 4, "不是 UTF-8"),
        "UTF-16 unannounced": ("cases.csv", head.encode("utf-16-le"), "不是 UTF-8"),
        "damaged UTF-8": ("cases.csv", b"\xef\xbb\xbf" + good.encode() + b"\xe9\x92" * 9, "不是 UTF-8"),
        "XML of Excel": (
            "cases.xls",
            f"<?xml version='1.0'?><Workbook><Worksheet><Table><Row>{head}</Row></Table></Worksheet></Workbook>".encode(),
            "没有表格",
        ),
        "open quote": ("cases.csv", (good + 'A2,"钢山街道,2023-05-01\nA3,钢山街道,2023-05-01\n').encode(), "引号"),
        "a column more": ("cases.csv", (good + "A2,钢山街道,2023-05-01,x\n").encode(), "第 3 行"),
    }


@pytest.mark.parametrize("kind", broken_files())
def test_a_broken_file_is_refused_in_one_sentence(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    name, content, words = broken_files()[kind]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    before = dump(engine)
    assert main(["petitions", str(tmp_path / name), "--url", str(engine.url)]) == 1
    out, err = capsys.readouterr()
    chinese, _english, *hint = err.splitlines()
    assert words in chinese and not out
    # What a mapping file would say
    assert not hint or hint[0].startswith("请在映射文件里写明")
    assert "王五" not in err
    assert dump(engine) == before


def test_a_workbook_without_rows_and_a_damaged_sheet(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="没有内容"):
        import_file(engine, PETITIONS, xlsx_file(tmp_path / "empty.xlsx", []), by=UNRESTRICTED)
    good = xlsx_file(tmp_path / "good.xlsx", [("case_no", "township", "received_at"), ("A1", "钢山街道", "2023-05-01")])
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[: len(content) - 40] if name.startswith("xl/worksheets") else content)
    with pytest.raises(FileProblem, match="不是完整的"):
        import_file(engine, PETITIONS, tmp_path / "bad.xlsx", by=UNRESTRICTED)
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as target:
        target.writestr("readme.txt", "no workbook")
    with pytest.raises(FileProblem, match="不是完整的"):
        import_file(engine, PETITIONS, tmp_path / "other.xlsx", by=UNRESTRICTED)


# --- Mappings -------------------------------------------------------------------------------------


def mapping_of(path: Path, text: str) -> ColumnMapping:
    (path / "mapping.toml").write_text(text, "utf-8")
    return read_mapping(path / "mapping.toml", PETITIONS)


def test_a_mapping_names_columns_defaults_and_formats(engine: Engine, tmp_path: Path) -> None:
    mapping = mapping_of(
        tmp_path,
        """
        [columns]
        case_no = "序号"
        closed_at = "答复时间"
        department = ""
        [defaults]
        township = "香城镇"
        channel = "领导信箱"
        called_back = true
        [formats]
        received_at = "%d.%m.%Y %H:%M"
        encoding = "utf-16"
        """,
    )
    rows = [
        {
            "序号": "1",
            "受理时间": "02.05.2023 09:30",
            "答复时间": "2023-05-03",
            "责任单位": "城管局",
            "渠道": "",
            "备注": "x",
        },
        {
            "序号": "2",
            "受理时间": "03.05.2023 09:30",
            "答复时间": "",
            "责任单位": "城管局",
            "渠道": "信访",
            "备注": "y",
        },
    ]
    result = import_file(engine, PETITIONS, csv_file(tmp_path / "cases.csv", rows, "utf-16"), mapping, by=UNRESTRICTED)
    assert (result.new, result.ignored) == (2, ("责任单位", "备注"))
    one, two = (cases(engine)[number] for number in "12")
    assert one["received_at"] == datetime(2023, 5, 2, 9, 30)
    # Two of our columns may take one header.
    assert one["closed_at"] == one["replied_at"] == datetime(2023, 5, 3)
    # A default fills a column that is not there and a cell that is empty.
    assert (one["channel"], two["channel"]) == ("领导信箱", "信访")
    assert (one["township_code"], one["called_back"], one["department"]) == ("100000002", True, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("columns = 1", "应为一节"),
        ("[column]\ncase_no = 'x'", "不认识 column"),
        ("[columns]\ncase_number = 'x'", "不认识 case_number"),
        ("[columns]\ncase_no = 1", "应为带引号的文字"),
        ("[defaults]\ntown = 'x'", "不认识 town"),
        ("[formats]\ntitle = '%Y-%m-%d'", "不认识 title"),
        ("[formats]\ndatetime = 'YYYY-MM-DD'", "应形如"),
        ("[formats]\nencoding = 'klingon'", "编码 klingon"),
        ("[formats]\nencoding = 'idna'", "编码 idna"),
        ("[formats]\nencoding = 'undefined'", "编码 undefined"),
        ("[defaults]\nchannel = ['信访']", "应为带引号的文字"),
        ("[formats]\nheader = '1'", "应为表头的行号"),
        ("[formats]\nheader = -1", "应为表头的行号"),
        ("[formats]\norder = 'ydm'", "应为 mdy、dmy、ymd 之一"),
        ("[formats]\nsheet = 2", "应为带引号的文字"),
        ("[formats]\nmissing = 'x'", "应为一组文字"),
        ("[formats]\ncut = ['case_no']", "应为一组文字列"),
        ("[formats]\nnumbered = 'yes'", "应为 ask、each、once 之一"),
        ("[values]\nsatisfied = '是'", "每行应为"),
        ("[values]\nsatisfaction = {}", "不认识 satisfaction"),
        ("[columns\n", "不是有效的 TOML"),
    ],
)
def test_a_mapping_that_means_nothing_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(FileProblem) as caught:
        mapping_of(tmp_path, text)
    assert words in caught.value.zh and caught.value.en


YEAR_LAST = [
    case(1, received_at="6/7/2023 9:30", closed_at="2023-08-01"),
    case(2, received_at="28/6/2023", closed_at=""),
    case(3, received_at="3/4/2023", closed_at="2023-08-01"),
]


def test_a_day_over_12_proves_the_order_for_its_column(engine: Engine, tmp_path: Path) -> None:
    assert load(engine, tmp_path, YEAR_LAST).rejected == 0
    found = cases(engine)
    assert [found[number]["received_at"] for number in ("A1", "A2", "A3")] == [
        datetime(2023, 7, 6, 9, 30),
        datetime(2023, 6, 28),
        datetime(2023, 4, 3),
    ]


def test_an_ambiguous_order_is_asked_about(engine: Engine, tmp_path: Path) -> None:
    unclear = [YEAR_LAST[0], YEAR_LAST[2]]
    with pytest.raises(FileProblem, match=r"“受理时间”.*都说得通") as caught:
        load(engine, tmp_path, unclear)
    assert 'order = "mdy"' in caught.value.hint
    with pytest.raises(FileProblem, match="两种都有"):
        load(engine, tmp_path, [*YEAR_LAST, case(4, received_at="6/28/2023")])
    mapping = mapping_of(tmp_path, '[formats]\norder = "mdy"')
    path = csv_file(tmp_path / "cases.csv", unclear)
    assert import_file(engine, PETITIONS, path, mapping, by=UNRESTRICTED).new == 2
    assert cases(engine)["A3"]["received_at"] == datetime(2023, 3, 4)
    # What the mapping says holds for every row.
    result = import_file(engine, PETITIONS, csv_file(path, YEAR_LAST), mapping, by=UNRESTRICTED)
    assert [problem.row for problem in result.problems] == [3]


def test_words_that_stand_where_there_is_no_value(engine: Engine, tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, '[formats]\nmissing = ["DOER", "待定"]')
    path = csv_file(tmp_path / "cases.csv", [case(1, closed_at="DOER", satisfied="待定")])
    assert import_file(engine, PETITIONS, path, mapping, by=UNRESTRICTED).new == 1
    assert cases(engine)["A1"]["closed_at"] is None
    assert import_file(engine, PETITIONS, path, by=UNRESTRICTED).rejected == 1


def test_a_moment_that_stands_for_nothing(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(f"工单编号,镇街,受理时间,办结时间\nA1,钢山街道,{COMMON},1990-01-01 00:00:00\n", encoding="utf-8")
    mapping = mapping_of(tmp_path, '[formats]\nmissing = ["1990-01-01 00:00:00"]')
    assert import_file(engine, PETITIONS, path, mapping, by=UNRESTRICTED).new == 1
    with engine.connect() as connection:
        assert connection.scalars(select(petition.c.closed_at)).all() == [None]


def test_units_of_money(engine: Engine, tmp_path: Path) -> None:
    path = text_file(tmp_path / "projects.csv", FILES["projects"][0].replace("（万元）", ""))
    table = TABLES["projects"]
    assert import_file(engine, table, path, ColumnMapping(formats={"budget_yuan": "亿元"}), by=UNRESTRICTED).new == 2
    with engine.connect() as connection:
        assert sorted(connection.scalars(select(table.table.c.budget_yuan))) == [120_000_000, 25_792_000_000]


def test_shares_that_excel_may_have_meant_otherwise_are_asked_about(engine: Engine, tmp_path: Path) -> None:
    load_first(engine, tmp_path, "projects")
    header = ("项目编号", "镇街", "月份", "形象进度")
    path = xlsx_file(tmp_path / "reports.xlsx", [header, ("P1", "钢山街道", "2023-03", 0.25)])
    with pytest.raises(FileProblem, match=r"0\.5 是 50% 还是 0\.5%"):
        import_file(engine, TABLES["project_reports"], path, by=UNRESTRICTED)
    more = [header, ("P1", "钢山街道", "2023-03", 0.25), ("P1", "钢山街道", "2023-04", 25)]
    assert import_file(engine, TABLES["project_reports"], xlsx_file(path, more), by=UNRESTRICTED).new == 2


def test_a_mapping_must_fit_the_file(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="“没有这一列”不在文件里"):
        import_file(
            engine,
            PETITIONS,
            csv_file(tmp_path / "cases.csv", [case(1)]),
            ColumnMapping({"title": "没有这一列"}),
            by=UNRESTRICTED,
        )
    with pytest.raises(FileProblem, match="默认值“钢三街道”不能用"):
        load(engine, tmp_path, [case(1)], township="钢三街道")
    with pytest.raises(FileProblem, match="无法打开映射文件"):
        read_mapping(tmp_path / "nothing.toml", PETITIONS)


# --- Loading --------------------------------------------------------------------------------------


@on_both
def test_a_dry_run_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, [case(1), case(2)])
    before = dump(engine)
    path = csv_file(tmp_path / "cases.csv", [case(1, township="香城镇"), case(2, title="新"), case(3)])
    result = import_file(engine, PETITIONS, path, dry_run=True, by=UNRESTRICTED)
    assert (result.new, result.changed, result.unchanged, result.batch) == (1, 2, 0, None)
    assert dump(engine) == before


@on_both
def test_loading_twice_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    rows = [case(n, channel="信访", due_at="2023-06-10", satisfied="是", village="东村") for n in range(1, 29)]
    result = load(engine, tmp_path, rows)
    before = dump(engine)
    again = load(engine, tmp_path, rows)
    assert (result.new, again.new, again.changed, again.unchanged, again.batch) == (28, 0, 0, 28, None)
    assert dump(engine) == before


@on_both
def test_changed_cases_keep_what_the_file_does_not_say(engine: Engine, tmp_path: Path) -> None:
    first = load(engine, tmp_path, [case(1, title="旧", channel="信访"), case(2, title="二"), case(3, title="三")])
    second = load(engine, tmp_path, [case(1, title="新"), case(2, title="二"), case(4, title="四")])
    assert (second.new, second.changed, second.unchanged, second.rejected) == (1, 1, 1, 0)
    found = cases(engine)
    assert (found["A1"]["title"], found["A1"]["channel"]) == ("新", "信访")
    assert {number: row["batch_id"] for number, row in found.items()} == {
        "A1": second.batch,
        "A2": first.batch,
        "A3": first.batch,
        "A4": second.batch,
    }
    with engine.connect() as connection:
        batches = connection.execute(select(import_batch).order_by(import_batch.c.new.desc())).mappings().all()
    assert [(b["id"], b["read"], b["new"], b["changed"], b["unchanged"], b["rejected"]) for b in batches] == [
        (first.batch, 3, 3, 0, 0, 0),
        (second.batch, 3, 1, 1, 1, 0),
    ]
    assert {(b["table_name"], b["file_name"], len(b["file_sha256"])) for b in batches} == {
        ("petitions", "cases.csv", 64)
    }


@on_both
def test_an_emptied_cell_empties_the_value(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, [case(1, closed_at="2023-05-09")])
    result = load(engine, tmp_path, [case(1, closed_at="")])
    assert result.changed == 1
    assert cases(engine)["A1"]["closed_at"] is None


@on_both
def test_a_case_moves_to_another_township(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, [case(1, title="题", village="东村", grid="G1", closed_at="2023-06-02"), case(2)])
    result = load(engine, tmp_path, [case(1, township="香城镇")])
    assert (result.new, result.changed, result.unchanged) == (0, 1, 0)
    moved = cases(engine)["A1"]
    assert (moved["township_code"], moved["title"], moved["batch_id"]) == ("100000002", "题", result.batch)
    # Village and grid were the old township's.
    assert (moved["village_code"], moved["grid_code"]) == (None, None)
    with engine.connect() as connection:
        counts = connection.execute(
            select(petition_month.c.township_code, petition_month.c.month, petition_month.c.received)
        ).all()
    assert sorted(map(tuple, counts), key=str) == [
        ("100000001", "2023-05", 1),
        # Without a case, for its people
        ("100000001", "2023-06", None),
        ("100000002", "2023-05", 1),
        ("100000002", "2023-06", None),
    ]
    assert dump(engine, ROLLUPS) == rebuilt(engine)


@on_both
def test_townships_may_number_their_own_cases(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, [case(1), case(2)])
    other = [case(n, township="香城镇", received_at=f"2023-05-{n:02d} 09:30") for n in (1, 2)]
    result = load(engine, tmp_path, other)
    assert (result.new, result.changed) == (2, 0)
    assert load(engine, tmp_path, other).unchanged == 2
    with engine.connect() as connection:
        assert len(connection.execute(select(petition)).all()) == 4


@on_both
def test_what_stays_in_the_database_must_not_contradict_the_file(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, [case(1, closed_at="2023-05-02")])
    before = dump(engine)
    with pytest.raises(FileProblem, match="A1 在数据库里已有的办结时间"):
        load(engine, tmp_path, [case(2), case(1, received_at="2023-05-03")])
    assert dump(engine) == before
    assert load(engine, tmp_path, [case(1, received_at="2023-05-03", closed_at="2023-05-04")]).changed == 1


@on_both
def test_rollups_are_as_a_full_rebuild_makes_them(engine: Engine, tmp_path: Path) -> None:
    """Each load changes what other months and townships count."""
    loads = (
        [
            case(1, received_at="2023-01-28 10:00", due_at="2023-02-10", closed_at="2023-01-30 10:00", channel="信访"),
            case(2, received_at="2023-07-31 10:00", due_at="2023-08-01 12:00"),
            case(3, township="香城镇", received_at="2023-08-01 05:00", satisfied="是", closed_at="2023-08-01 06:00"),
        ],
        # The data now reach further: case 2 is overdue, and its signing has been due since July.
        [case(4, township="峄山镇", received_at="2023-08-20 10:00")],
        # Raised again within a week, in another month: the closing of January was false.
        [case(5, received_at="2023-02-01 09:00", repeat_of="A1", channel="信访", village="东村")],
        [case(5, received_at="2023-02-01 09:00", repeat_of="A1", invalid_reason="重复登记")],
        [case(5, received_at="2023-02-01 09:00", repeat_of="", invalid_reason="")],
        # Moved, received earlier, closed in another month.
        [case(1, township="香城镇", received_at="2023-01-28 10:00", closed_at="2023-03-05")],
        [case(2, received_at="2022-12-31 10:00", due_at="2023-04-01", closed_at="2023-04-01")],
    )
    for rows in loads:
        result = load(engine, tmp_path, rows)
        assert result.rejected == 0 and result.batch is not None
        assert dump(engine, ROLLUPS) == rebuilt(engine)


@on_both
def test_more_rows_than_an_in_list_holds(engine: Engine, tmp_path: Path) -> None:
    rows = [case(1, case_no=f"B{n}", title=f"第 {n} 件") for n in range(1203)]
    assert load(engine, tmp_path, rows).new == 1203
    for n in (0, 499, 500, 1202):
        rows[n]["title"] = "变了"
    result = load(engine, tmp_path, rows)
    assert (result.new, result.changed, result.unchanged) == (0, 4, 1199)


def test_a_failure_midway_leaves_nothing(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load(engine, tmp_path, [case(1)])
    before = dump(engine)

    def failing(*_: object, **__: object) -> None:
        raise OperationalError("UPDATE …", {"petitioner": "欧阳"}, RuntimeError("disk full"))

    monkeypatch.setattr(loading, "refresh", failing)
    path = csv_file(tmp_path / "cases.csv", [case(1, title="新"), case(2)])
    assert main(["petitions", str(path), "--url", str(engine.url)]) == 1
    err = capsys.readouterr().err
    assert "什么都没有写入" in err and "欧阳" not in err
    assert dump(engine) == before


def schema(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return sorted(map(repr, connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master")))


def test_the_first_load_leaves_the_schema_as_it_was(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = schema(engine)
    indexes: list[int] = []

    def counted(function: Any) -> Any:
        def call(connection: Connection, *given: Any, **more: Any) -> Any:
            found = "SELECT count(*) FROM sqlite_master WHERE tbl_name = 'petition' AND type = 'index'"
            indexes.append(connection.exec_driver_sql(found).scalar_one())
            return function(connection, *given, **more)

        return call

    monkeypatch.setattr(loading, "insert_columns", counted(loading.insert_columns))
    monkeypatch.setattr(loading, "refresh", counted(rollups.refresh))
    path = csv_file(tmp_path / "cases.csv", [case(1)])
    assert import_file(engine, PETITIONS, path, dry_run=True, by=UNRESTRICTED).new == 1
    assert schema(engine) == before
    assert load(engine, tmp_path, [case(1, received_at="")]).rejected == 1
    assert schema(engine) == before
    assert load(engine, tmp_path, [case(1)]).new == 1
    assert schema(engine) == before
    assert load(engine, tmp_path, [case(1), case(2)]).new == 1
    assert schema(engine) == before
    # Only the key's own is there while rows go into the empty table, and all are when the rollups are made.
    every = 1 + len(petition.indexes)
    assert indexes == [1, every, 1, every, every, every]


# --- A chunk at a time ----------------------------------------------------------------------------


@pytest.fixture
def chunks_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_CHUNK", 2)


@on_both
@pytest.mark.usefixtures("chunks_of_two")
def test_a_bad_row_at_the_end_takes_the_chunks_before_it_back(engine: Engine, tmp_path: Path) -> None:
    before = dump(engine)
    rows = [case(1), case(2), case(3), case(4), case(5, township="某某镇"), case(6), case(7, received_at="")]
    result = load(engine, tmp_path, rows)
    # What comes after it is checked too.
    assert [problem.row for problem in result.problems] == [6, 8]
    assert (result.read, result.new, result.rejected, result.batch) == (7, 0, 2, None)
    assert dump(engine) == before


@on_both
@pytest.mark.usefixtures("chunks_of_two")
def test_duplicates_are_found_in_other_chunks(engine: Engine, tmp_path: Path) -> None:
    rows = [case(1), case(2), case(3), case(1, township="香城镇"), case(4), case(2)]
    path = csv_file(tmp_path / "cases.csv", rows)
    result = import_file(engine, PETITIONS, path, good_only=True, by=UNRESTRICTED)
    assert [(problem.row, problem.zh) for problem in result.problems] == [(5, "与第 2 行重复"), (7, "与第 3 行重复")]
    assert (result.new, set(cases(engine))) == (4, {"A1", "A2", "A3", "A4"})
    # The number alone does not tell cameras apart: townships number their own.
    cameras = (
        "设备编号,镇街,安装日期\n1,钢山街道,2023-01-01\n2,香城镇,2023-01-01\n1,香城镇,2023-01-01\n1,钢山街道,2023-01-02"
    )
    result = import_file(
        engine, TABLES["cameras"], text_file(tmp_path / "cameras.csv", cameras), good_only=True, by=UNRESTRICTED
    )
    assert [(problem.row, problem.zh) for problem in result.problems] == [(5, "与第 2 行重复")]


@on_both
@pytest.mark.usefixtures("chunks_of_two")
def test_chunks_come_to_what_a_whole_file_does(engine: Engine, tmp_path: Path) -> None:
    first = [case(n, title=f"第 {n} 件", channel="信访") for n in range(1, 10)]
    second = [case(n, title=f"第 {n} 件") for n in range(1, 14)]
    second[4] |= {"title": "变了"}
    second[7] |= {"township": "香城镇"}
    assert load(engine, tmp_path, first).new == 9
    result = load(engine, tmp_path, second)
    assert (result.read, result.new, result.changed, result.unchanged) == (13, 4, 2, 7)
    found = cases(engine)
    assert {row["batch_id"] for number, row in found.items() if number in ("A5", "A8", "A13")} == {result.batch}
    assert found["A8"]["township_code"] == "100000002" and found["A5"]["channel"] == "信访"
    assert dump(engine, ROLLUPS) == rebuilt(engine)


@pytest.mark.usefixtures("chunks_of_two")
def test_rows_are_compared_with_each_other_across_chunks(engine: Engine, tmp_path: Path) -> None:
    load_first(engine, tmp_path, "cameras")
    spans = [("01", "02"), ("03", "04"), ("05", "06"), ("07", "08"), ("02", "04")]
    lines = "".join(f"\nC1,钢山街道,2023-03-{start} 08:00,2023-03-{end} 07:00" for start, end in spans)
    path = text_file(tmp_path / "outages.csv", f"设备编号,镇街,离线时间,恢复时间{lines}\nC1,钢山街道,昨天,")
    out = tmp_path / "rejects.xlsx"
    result = import_file(engine, TABLES["outages"], path, good_only=True, rejects=out, by=UNRESTRICTED)
    assert [(problem.row, problem.column) for problem in result.problems] == [
        (3, "离线时间"),
        (7, "离线时间"),
    ]
    assert (result.read, result.new, result.rejected) == (6, 4, 2)
    written = list(openpyxl.load_workbook(out).active.iter_rows(min_row=2, values_only=True))
    assert [row[2] for row in written] == ["2023-03-03 08:00", "昨天"]


def test_what_a_file_does_not_say_stays_where_another_row_says_it(engine: Engine, tmp_path: Path) -> None:
    """An answer implies a call; where a row of the same chunk has no answer, the call known before stays."""
    load(engine, tmp_path, [case(1, called_back="是"), case(2, called_back="否")])
    result = load(engine, tmp_path, [case(1, satisfied=""), case(2, satisfied="满意")])
    assert (result.changed, result.unchanged) == (1, 1)
    assert [cases(engine)[number]["called_back"] for number in ("A1", "A2")] == [True, True]


@on_both
def test_times_are_stored_as_the_database_layer_stores_them(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, [case(1, due_at="2023-06-01")])
    query = "SELECT received_at, due_at, signed_at FROM petition"
    with engine.begin() as connection:
        ours = connection.exec_driver_sql(query).one()
        found = dict(connection.execute(select(petition)).mappings().one())
        connection.execute(petition.delete())
        connection.execute(insert(petition), [found])
        assert connection.exec_driver_sql(query).one() == ours


def test_more_problems_than_are_told(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_MOST_PROBLEMS", 3)
    path = csv_file(tmp_path / "cases.csv", [case(n, township="", received_at="昨天") for n in range(1, 6)])
    result = import_file(engine, PETITIONS, path, rejects=tmp_path / "rejects.xlsx", by=UNRESTRICTED)
    assert (result.rejected, len(result.problems)) == (5, 3)
    assert len(list(openpyxl.load_workbook(tmp_path / "rejects.xlsx").active.iter_rows(min_row=2))) == 5


@on_both
def test_a_dry_run_counts_the_good_rows(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, [case(1)])
    before = dump(engine)
    path = csv_file(tmp_path / "cases.csv", [case(1, title="新"), case(2, township="某某镇"), case(3)])
    result = import_file(engine, PETITIONS, path, dry_run=True, by=UNRESTRICTED)
    assert (result.new, result.changed, result.rejected, result.batch) == (1, 1, 1, None)
    assert dump(engine) == before


def received(connection: Connection) -> int | None:
    return connection.scalar(select(func.sum(petition_month.c.received)))


@on_both
def test_indicators_are_observed_before_and_after(engine: Engine, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "cases.csv", [case(1), case(2)])
    dry = import_file(engine, PETITIONS, path, dry_run=True, observe=received, by=UNRESTRICTED)
    assert (dry.before, dry.after) == (None, 2)
    import_file(engine, PETITIONS, path, by=UNRESTRICTED)
    more = csv_file(tmp_path / "cases.csv", [case(2), case(3)])
    result = import_file(engine, PETITIONS, more, observe=received, by=UNRESTRICTED)
    assert (result.before, result.after) == (2, 3)
    bad = csv_file(tmp_path / "cases.csv", [case(4, township="某某镇")])
    refused = import_file(engine, PETITIONS, bad, observe=received, by=UNRESTRICTED)
    assert (refused.before, refused.after) == (3, None)
    assert load(engine, tmp_path, [case(3)]).before is None


def test_unknown_places_are_collected(engine: Engine, tmp_path: Path) -> None:
    rows = [
        case(1, township="钢三街道"),
        case(2, village="东邨"),
        case(3, township="钢三街道", village="东邨"),
        case(4, township="完全不同"),
        case(5, township="长" * 65),
        case(6, village="东村"),
        case(7, village="东邨", township="香城镇"),
    ]
    result = load(engine, tmp_path, rows)
    assert {(place.kind, place.township_code, place.word, place.rows) for place in result.unknown_places} == {
        ("township", None, "钢三街道", 2),
        ("township", None, "完全不同", 1),
        ("village", "100000001", "东邨", 1),
        ("village", "100000002", "东邨", 1),
    }
    suggestions = {place.word: place.suggestion for place in result.unknown_places}
    assert (suggestions["钢三街道"], suggestions["完全不同"]) == ("钢山街道", None)


def test_where_the_table_was_found(engine: Engine, tmp_path: Path) -> None:
    header = ("case_no", "township", "received_at")
    cells = [
        ("诉求台账",),
        header,
        ("A1", "钢山街道", "2023-05-01"),
        ("合计", "", ""),
        ("A2", "钢山街道", "2023-05-01"),
    ]
    result = import_file(engine, PETITIONS, xlsx_file(tmp_path / "cases.xlsx", cells), by=UNRESTRICTED)
    left_out = (LeftOut(4, "total"),)
    assert (result.sheet, result.header_row, result.left_out, result.read) == ("Sheet", 2, left_out, 2)


@on_both
def test_two_loads_at_once(engine: Engine, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "cases.csv", [case(1, case_no=f"B{n}") for n in range(600)])
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: import_file(engine, PETITIONS, path, by=UNRESTRICTED), range(2)))
    assert sorted((result.new, result.unchanged) for result in results) == [(0, 600), (600, 0)]
    assert dump(engine, ROLLUPS) == rebuilt(engine)


# --- Another county -------------------------------------------------------------------------------


def test_another_county(empty: Engine, tmp_path: Path) -> None:
    cases_file = csv_file(tmp_path / "cases.csv", [case(1, township="大柳乡"), case(2, township="柳镇（旧）")])
    with pytest.raises(FileProblem, match="先装入镇街名录"):
        import_file(empty, PETITIONS, cases_file, by=UNRESTRICTED)
    towns = xlsx_file(
        tmp_path / "towns.xlsx",
        [
            ("代码", "名称", "类别", "常住人口", "别名"),
            (220000001, "城关街道办事处", None, "12,000", None),
            (220000002.0, "柳镇", None, None, "柳镇（旧）"),
            ("220000003", "大柳乡", None, 300, None),
            ("220000004", "高新区管委会", "街道", None, None),
        ],
    )
    result = import_file(empty, TOWNSHIPS, towns, by=UNRESTRICTED)
    assert (result.new, result.rejected) == (4, 0)
    with empty.connect() as connection:
        kinds = connection.execute(select(township.c.code, township.c.kind, township.c.residents)).all()
    assert sorted(map(tuple, kinds)) == [
        ("220000001", "街道", 12000),
        ("220000002", "镇", None),
        ("220000003", "乡", 300),
        ("220000004", "街道", None),
    ]
    assert import_file(empty, TOWNSHIPS, towns, by=UNRESTRICTED).unchanged == 4
    assert import_file(empty, PETITIONS, cases_file, by=UNRESTRICTED).new == 2
    assert cases(empty)["A2"]["township_code"] == "220000002"
    # Residents are in the rollups of every area.
    more = csv_file(tmp_path / "more.csv", [{"code": "220000003", "name": "大柳乡", "residents": "450"}])
    assert import_file(empty, TOWNSHIPS, more, by=UNRESTRICTED).changed == 1
    with empty.connect() as connection:
        residents = connection.scalars(
            select(petition_month.c.residents).where(petition_month.c.township_code == "220000003")
        ).all()
    assert residents == [450]
    # A new alias alone is a change; none is taken away.
    alias = csv_file(tmp_path / "alias.csv", [{"code": "220000002", "name": "柳镇", "printed_alias": "柳城镇"}])
    assert import_file(empty, TOWNSHIPS, alias, by=UNRESTRICTED).changed == 1
    with empty.connect() as connection:
        assert set(connection.scalars(select(township_alias.c.alias))) == {"柳镇（旧）", "柳城镇"}


@pytest.mark.parametrize(
    ("values", "column", "rule"),
    [
        ({"name": ""}, "name", "必填"),
        ({"name": "香城镇"}, "name", "已属于香城镇"),
        ({"printed_alias": "峰山镇"}, "printed_alias", "已属于峄山镇"),
        ({"name": "第一镇"}, "name", "与第 2 行重复"),
        ({"code": "200000001"}, "code", "与第 2 行重复"),
        ({"code": "1" * 13}, "code", "最多 12 个字"),
        ({"residents": "很多"}, "residents", "整数"),
        ({"tile_row": "40000"}, "tile_row", "不能大于 32767"),
    ],
)
def test_bad_townships(engine: Engine, tmp_path: Path, values: Row, column: str, rule: str) -> None:
    rows = [{"code": "200000001", "name": "第一镇"}, {"code": "200000002", "name": "第二镇"} | values]
    before = dump(engine)
    result = import_file(engine, TOWNSHIPS, csv_file(tmp_path / "towns.csv", rows), by=UNRESTRICTED)
    assert [(found.row, found.field) for found in result.problems] == [(3, column)]
    assert rule in result.problems[0].zh
    assert dump(engine) == before


# --- The other tables ------------------------------------------------------------------------------

# Each table's first file, its file a month later, and what the second one comes to: new, changed, unchanged.
FILES: dict[str, tuple[str, str, tuple[int, int, int]]] = {
    "villages": (
        "村居代码,镇街,村居名称\n100000001009,钢山街道,北村",
        "村居代码,镇街,村居名称\n100000001009,钢山街道,北关村\n100000001010,钢山街道,新村",
        (1, 1, 0),
    ),
    "grids": (
        "网格编号,镇街,网格名称,网格类型,上级网格编号,村居,网格员人数,启用日期\n"
        "G1,钢山街道,东一,网格,,东村,2,2021-07-01\nG101,钢山街道,东一甲,微网格,G1,东村,,2021年7月1日",
        "网格编号,镇街,网格名称,网格类型,上级网格编号,网格员人数\nG1,钢山街道,东一,网格,,3\nG101,钢山街道,东一甲,微网格,G1,",
        (0, 1, 1),
    ),
    "cameras": (
        "设备编号,所属镇街,所属村居,安装位置,安装日期\nC1,钢山街道,东村,路口,2022/1/5\nC2,香城镇,西村,村口,44600\n"
        "C1,香城镇,西村,镇口,2022-02-01",
        "设备编号,所属镇街,安装日期,拆除日期\nC2,香城镇,2022-02-08,2023-07-01\nC1,钢山街道,2022-01-05,",
        (0, 1, 1),
    ),
    "outages": (
        "设备编号,镇街,离线时间,恢复时间,离线原因\nC1,钢山街道,2023-03-01 08:00,2023-03-02 09:00,停电\n"
        "C1,钢山街道,2023-04-30 08:00,,网络故障",
        "设备编号,镇街,离线时间,恢复时间,离线原因\nC1,钢山街道,2023-04-30 08:00,2023-06-02 09:00,网络故障\n"
        "C1,钢山街道,2023-06-02 09:00,2023-06-03 09:00,停电",
        (1, 1, 0),
    ),
    "volunteer_teams": (
        "队伍编号,镇街,队伍名称,队伍类型,网格编号,队员人数,实名注册人数,成立日期\nT1,钢山街道,东一队,网格志愿队,G1,30,20,2021.8.1\n"
        "T2,香城镇,银龄队,银龄志愿队,,—,,2022-01-01",
        "队伍编号,镇街,队伍名称,队员人数,实名注册人数,成立日期\nT1,钢山街道,东一队,35,30,2021-08-01",
        (0, 1, 0),
    ),
    "volunteer_activities": (
        "活动编号,镇街,队伍编号,活动日期,活动类型,参与人数,服务时长(小时)\nH1,钢山街道,T1,2023-05-04,清洁,12,30.5",
        "活动编号,镇街,队伍编号,活动日期,活动类型,参与人数,服务时长（小时）\nH1,钢山街道,T1,2023-06-01,清洁,12,30.5\n"
        "H2,香城镇,T2,2023-07-04,义诊,,",
        (1, 1, 0),
    ),
    "projects": (
        "项目编号,镇街,项目名称,总投资（万元）,计划开工日期,计划竣工日期\nP1,钢山街道,水厂,257.92,2023-01-01,2023-12-31\n"
        "P2,香城镇,道路,1.2亿元,2023年2月1日,2024年1月31日",
        "项目编号,镇街,项目名称,总投资（万元）,计划开工日期,计划竣工日期,实际开工日期\n"
        "P1,钢山街道,水厂,260,2023-01-01,2023-12-31,2023-02-03",
        (0, 1, 0),
    ),
    "project_reports": (
        "项目编号,镇街,月份,项目阶段,形象进度(%),累计完成投资(万元)\nP1,钢山街道,2023年3月,在建,25,60.5\n"
        "P1,钢山街道,2023-04,在建,31.5%,70",
        "项目编号,镇街,月份,项目阶段,形象进度(%),累计完成投资(万元)\nP1,钢山街道,202304,在建,32,80\nP1,钢山街道,202306,完工,100,257",
        (1, 1, 0),
    ),
    "grid_events": (
        "事件编号,镇街,网格编号,事件类型,上报时间,办结期限,办结时间\nE1,钢山街道,G1,矛盾纠纷,2023-05-04 10:00,2023-05-10,2023-05-04",
        "事件编号,镇街,网格编号,事件类型,上报时间\nE1,钢山街道,G1,安全隐患,2023-05-04 10:00\nE2,钢山街道,G101,矛盾纠纷,2023-07-01 9:00",
        (1, 1, 0),
    ),
    "indicator_reports": (
        "指标代码,镇街,月份,数值,分母\nhelped,钢山街道,2023-05,12.5,40\nhelped,香城镇,2023-05,0,",
        "指标代码,镇街,月份,数值\nhelped,钢山街道,2023-05,12.5\nhelped,香城镇,2023-05,3",
        (0, 1, 1),
    ),
    "notes": (
        "日期,结束日期,镇街,内容\n2023-06-12,,,暴雨\n2023年5月起,2023-07,钢山街道,换承办公司",
        "日期,结束日期,镇街,内容\n2023-06-12,,,暴雨\n2023-06,,全县,口径调整",
        (1, 0, 1),
    ),
}


def text_file(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def load_first(engine: Engine, path: Path, *names: str) -> None:
    """The first files of these tables (default: all), each after those that it refers to."""
    with engine.begin() as connection:
        connection.execute(
            insert(reported_indicator).values(
                code="helped", area="grid", name_zh="帮办", name_en="Helped", unit="件", over_months="sum"
            )
        )
    for name in names or FILES:
        result = import_file(engine, TABLES[name], text_file(path / "first.csv", FILES[name][0]), by=UNRESTRICTED)
        assert not result.problems, (name, result.problems)
        assert (result.new, result.changed, result.unchanged, result.ignored) == (result.read, 0, 0, ())


def test_every_table_of_the_issue_can_be_loaded() -> None:
    assert set(TABLES) == {"townships", "petitions", *FILES}


@on_both
def test_every_table_loads_changes_and_keeps_its_rollups(engine: Engine, tmp_path: Path) -> None:
    load_first(engine, tmp_path)
    assert dump(engine, ROLLUPS) == rebuilt(engine)
    assert {name for name, rows in dump(engine, ROLLUPS).items() if rows} >= {
        "camera_month",
        "camera_outage_month",
        "volunteer_month",
        "project_month",
        "grid_month",
    }
    for name, (first, second, (new, changed, unchanged)) in FILES.items():
        before = dump(engine)
        again = import_file(engine, TABLES[name], text_file(tmp_path / "again.csv", first), by=UNRESTRICTED)
        assert (again.unchanged, again.batch) == (again.read, None), name
        assert dump(engine) == before
        later = import_file(engine, TABLES[name], text_file(tmp_path / "later.csv", second), by=UNRESTRICTED)
        assert not later.problems, (name, later.problems)
        assert (later.new, later.changed, later.unchanged) == (new, changed, unchanged), name
        assert dump(engine, ROLLUPS) == rebuilt(engine), name


def test_what_the_cells_came_to(engine: Engine, tmp_path: Path) -> None:
    load_first(engine, tmp_path)

    def rows(name: str) -> list[Row]:
        table = TABLES[name].table
        with engine.connect() as connection:
            found = connection.execute(select(table).order_by(*table.primary_key)).mappings().all()
        return [dict(row) for row in found]

    assert [row["budget_yuan"] for row in rows("projects")] == [2_579_200, 120_000_000]
    assert [(row["month"], row["progress"], row["invested_yuan"]) for row in rows("project_reports")] == [
        ("2023-03", 25.0, 605_000),
        ("2023-04", 31.5, 700_000),
    ]
    assert [row["workers"] for row in rows("grids")] == [2, None]
    assert [(row["members"], row["registered"]) for row in rows("volunteer_teams")] == [(30, 20), (None, None)]
    assert [(row["camera_id"], row["township_code"]) for row in rows("cameras")] == [
        ("C1", "100000001"),
        ("C1", "100000002"),
        ("C2", "100000002"),
    ]
    assert [row["hours"] for row in rows("volunteer_activities")] == [30.5]
    # A date alone on the day of the report is after the report.
    assert rows("grid_events")[0]["closed_at"] == datetime(2023, 5, 4, 10)
    assert [(row["numerator"], row["denominator"], row["at_least"]) for row in rows("indicator_reports")] == [
        (12.5, 40.0, False),
        (0.0, None, False),
    ]


@pytest.mark.parametrize(
    ("name", "line", "column", "rule"),
    [
        ("villages", "100000002001,钢山街道,东村", "code", "属于香城镇"),
        ("villages", "100000001011,钢山街道,", "name", "必填"),
        ("grids", "G9,钢山街道,东,大网格,,东村,1,2021-07-01", "kind", "网格、微网格"),
        ("grids", "G9,钢山街道,东,微网格,G8,东村,1,2021-07-01", "parent_code", "没有这个网格"),
        ("grids", "G9,香城镇,东,微网格,G1,西村,1,2021-07-01", "parent_code", "没有这个网格"),
        ("grids", "G9,钢山街道,东,微网格,G9,东村,1,2021-07-01", "parent_code", "自己"),
        ("cameras", "C9,钢山街道,西村,路口,2022-01-05", "village", "没有这个村居"),
        ("cameras", "C9,钢山街道,东村,路口,", "installed_on", "必填"),
        ("outages", "C9,钢山街道,2023-03-01 08:00,,", "camera_id", "先导入"),
        ("outages", "C2,钢山街道,2023-03-01 08:00,,", "camera_id", "先导入"),
        ("outages", "C1,钢山街道,2023-03-01 08:30,2023-03-01 09:30,", "started_at", "重叠"),
        ("outages", "C1,钢山街道,2023-02-01 08:30,2023-03-01 08:01,", "started_at", "重叠"),
        ("outages", "C1,钢山街道,2023-05-30 08:30,2023-06-01 08:01,", "started_at", "重叠"),
        ("outages", "C1,钢山街道,2023-02-01 08:00,2023-01-01 08:00,", "ended_at", "早于离线时间"),
        ("outages", "C1,钢山街道,2098-02-01 08:00,,", "started_at", "晚于导入时间"),
        ("volunteer_teams", "T9,钢山街道,队,x,G1,30,31,2021-08-01", "registered", "多于队员人数"),
        ("volunteer_teams", "T9,钢山街道,队,x,G9,30,30,2021-08-01", "grid_code", "先导入"),
        ("volunteer_activities", "H9,香城镇,T1,2023-05-04,清洁,12,30", "team_id", "先导入"),
        ("volunteer_activities", "H9,钢山街道,T1,2098-05-04,清洁,12,30", "held_on", "晚于导入时间"),
        ("volunteer_activities", "H9,钢山街道,T1,2023-05-04,清洁,12,-3", "hours", "不小于 0"),
        ("projects", "P9,钢山街道,水厂,-5,2023-01-01,2023-12-31", "budget_yuan", "不小于 0"),
        ("projects", "P9,钢山街道,水厂,5,2023-01-01,2022-12-31", "planned_end", "早于计划开工日期"),
        ("project_reports", "P9,钢山街道,2023-03,在建,25,60", "project_id", "先导入"),
        ("project_reports", "P1,钢山街道,2023-05,在建,100.5%,60", "progress", "不能大于 100"),
        ("project_reports", "P1,钢山街道,2098-05,在建,10,60", "month", "晚于导入时间"),
        ("project_reports", "P1,钢山街道,5月,在建,10,60", "month", "不是月份"),
        ("grid_events", "E9,钢山街道,G9,矛盾纠纷,2023-05-04 10:00,,", "grid_code", "先导入"),
        ("grid_events", "E9,钢山街道,G1,矛盾纠纷,2023-05-04 10:00,,2023-05-04 9:00", "closed_at", "早于上报时间"),
        ("indicator_reports", "unknown,钢山街道,2023-05,1,2", "code", "先导入"),
        ("indicator_reports", "helped,某某镇,2023-06,1,2", "township", "不是数据库里的镇街"),
        ("notes", "六月,,,暴雨", "begins", "不是日期或月份"),
        ("notes", "2023-06-12,2023-05,,暴雨", "ends", "早于开始日期"),
    ],
)
def test_bad_rows_of_the_other_tables(
    engine: Engine, tmp_path: Path, name: str, line: str, column: str, rule: str
) -> None:
    load_first(engine, tmp_path)
    before = dump(engine)
    header = FILES[name][0].partition("\n")[0]
    result = import_file(engine, TABLES[name], text_file(tmp_path / "bad.csv", f"{header}\n{line}"), by=UNRESTRICTED)
    assert len(result.problems) == 1 and result.rejected == 1
    assert result.problems[0].row == 2 and column == result.problems[0].field and rule in result.problems[0].zh
    assert result.problems[0].en
    assert dump(engine) == before


@on_both
def test_outages_are_compared_with_what_the_file_leaves_of_them(engine: Engine, tmp_path: Path) -> None:
    """The open outage ends in a row after the one that begins next; a file that overlaps itself is refused."""
    load_first(engine, tmp_path)
    header = "设备编号,镇街,离线时间,恢复时间"
    good = f"{header}\nC1,钢山街道,2023-06-02 09:00,\nC1,钢山街道,2023-04-30 08:00,2023-06-02 09:00"
    assert import_file(engine, TABLES["outages"], text_file(tmp_path / "good.csv", good), by=UNRESTRICTED).rejected == 0
    bad = f"{header}\nC1,香城镇,2023-06-04 09:00,\nC1,香城镇,2023-06-05 08:00,2023-06-06 09:00\nC2,香城镇,2023-06-05,"
    result = import_file(engine, TABLES["outages"], text_file(tmp_path / "bad.csv", bad), by=UNRESTRICTED)
    assert [problem.row for problem in result.problems] == [3]


# --- The command line -----------------------------------------------------------------------------


def test_the_command_prints_one_json_object(engine: Engine, tmp_path: Path) -> None:
    csv_file(tmp_path / "cases.csv", [case(1, note="x"), case(2)])
    (tmp_path / "mapping.toml").write_text("[defaults]\nchannel = '信访'\ntownship = '香城镇'\n", "utf-8")
    command = [sys.executable, "-m", "data_access.importing", "petitions", str(tmp_path / "cases.csv"), "--json"]
    options = ["--mapping", str(tmp_path / "mapping.toml"), "--default", "channel=12345热线", "--url", str(engine.url)]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    result = json.loads(done.stdout)
    assert list(result) == ["read", "new", "changed", "unchanged", "rejected", "batch", "ignored"]
    assert result | {"batch": ""} == {
        "read": 2,
        "new": 2,
        "changed": 0,
        "unchanged": 0,
        "rejected": 0,
        "batch": "",
        "ignored": ["note"],
    }
    # What the command line says goes before the mapping.
    assert {row["channel"] for row in cases(engine).values()} == {"12345热线"}
    assert {row["batch_id"] for row in cases(engine).values()} == {result["batch"]}


def test_rejected_rows_as_json(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv_file(tmp_path / "cases.csv", [case(1, case_no=f"B{n}", township="某某镇") for n in range(120)])
    assert main(["petitions", str(path), "--url", str(engine.url), "--json"]) == 1
    result = json.loads(capsys.readouterr().out)
    assert (result["read"], result["new"], result["rejected"], result["batch"]) == (120, 0, 120, None)
    assert len(result["problems"]) == 100
    assert result["problems"][0].keys() == {"row", "column", "value", "rule"}
    assert (result["problems"][0]["row"], result["problems"][0]["value"]) == (2, "某某镇")


def test_plain_lines(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv_file(tmp_path / "cases.csv", [case(1, 备注="x"), case(2)])
    url = ["--url", str(engine.url)]
    assert main(["petitions", str(path), "--dry-run", *url]) == 0
    assert "没有写入" in capsys.readouterr().out
    assert main(["petitions", str(path), *url]) == 0
    out = capsys.readouterr().out
    assert "读取 2 行：新增 2，变更 0，未变 0" in out and "备注" in out and "批次" in out
    assert main(["petitions", str(path), *url]) == 0
    assert "没有需要写入" in capsys.readouterr().out
    csv_file(path, [case(1, township="某某镇")])
    assert main(["petitions", str(path), *url]) == 1
    out, err = capsys.readouterr()
    assert "备注" not in out and "第 2 行 镇街“某某镇”：不是数据库里的镇街" in err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["petitions"],
        ["planets", "cases.csv"],
        ["petitions", "cases.csv", "--default", "township"],
        ["petitions", "cases.csv", "--default", "town=x"],
        ["petitions", "cases.csv", "--colour"],
    ],
)
def test_wrong_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert capsys.readouterr().err


def test_a_database_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv_file(tmp_path / "cases.csv", [case(1)])
    for url in (f"sqlite:///{tmp_path / 'nowhere' / 'county.sqlite'}", "no url"):
        assert main(["petitions", str(path), "--url", url, "--json"]) == 1
        out, err = capsys.readouterr()
        assert "DATABASE_URL" in err
        assert json.loads(out)["error"] in err
    assert not (tmp_path / "nowhere").exists()


# --- The documentation ----------------------------------------------------------------------------


def test_the_documentation_names_every_column() -> None:
    sections = (ROOT / "docs/import.md").read_text("utf-8").split("\n### ")
    documented = {section.partition("（")[0]: section for section in sections[1:]}
    assert set(documented) == set(TABLES)
    for name, table in TABLES.items():
        for ours in table.fields:
            line = next(line for line in documented[name].splitlines() if line.startswith(f"| `{ours.name}` |"))
            assert ("必填" in line) == ours.required, (name, ours.name)
            assert f"| {ours.label} |" in line, (name, ours.name)
