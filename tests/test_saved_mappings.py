"""A mapping is kept for the next file with the same header, as TOML that the command line reads too."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.projects.imports import PROJECTS
from data_access.importing.mapping import ColumnMapping, read_mapping
from data_access.importing.readers import open_sheet
from data_access.importing.saved_mappings import fingerprint, save_mapping, saved_mapping

HEADER = ["流水", "何时来", "哪个镇", "说了什么"]
MAPPING = ColumnMapping(
    {"case_no": "流水", "received_at": "何时来", "township": "哪个镇", "text": "说了什么", "title": ""},
    {"channel": '"热线"\\'},
    {"order": "mdy", "missing": ["待定", "见附件"]},
)


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMPORT_MAPPINGS", str(tmp_path / "mappings"))
    return tmp_path / "mappings"


def csv_file(path: Path, *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_the_next_file_with_that_header_gets_the_mapping(tmp_path: Path) -> None:
    first = csv_file(tmp_path / "july.csv", HEADER, ["1", "7/1/2023", "甲镇", "x"])
    assert saved_mapping(PETITIONS, first) is None
    path = save_mapping(PETITIONS, HEADER, MAPPING)
    assert read_mapping(path, PETITIONS) == MAPPING
    later = csv_file(tmp_path / "august.csv", HEADER, ["2", "8/1/2023", "乙镇", "y"])
    found = saved_mapping(PETITIONS, later)
    assert found is not None
    assert found.mapping == MAPPING
    assert found.path == path


def test_another_header_or_table_does_not_get_it(tmp_path: Path) -> None:
    save_mapping(PETITIONS, HEADER, MAPPING)
    other = csv_file(tmp_path / "other.csv", [*HEADER, "备注"], ["1", "7/1/2023", "甲镇", "x", ""])
    assert saved_mapping(PETITIONS, other) is None
    assert saved_mapping(PROJECTS, csv_file(tmp_path / "same.csv", HEADER, ["1", "7/1/2023", "甲镇", "x"])) is None
    assert fingerprint(HEADER) != fingerprint(HEADER[::-1])


def test_the_header_is_found_under_titles_and_on_another_sheet(tmp_path: Path) -> None:
    save_mapping(PETITIONS, HEADER, MAPPING)
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    sheet = book.create_sheet("明细")
    for row in (["2023年8月情况"], HEADER, ["1", "8/1/2023", "甲镇", "x"]):
        sheet.append(row)
    book.save(tmp_path / "titled.xlsx")
    found = saved_mapping(PETITIONS, tmp_path / "titled.xlsx")
    assert found is not None
    assert found.mapping.columns == MAPPING.columns


def read_with_kept(file: Path) -> tuple[dict[str, object], Sequence[str], list[object]]:
    """The formats of the mapping kept for the file, and the header and the first row read with it."""
    found = saved_mapping(PETITIONS, file)
    assert found is not None
    with open_sheet(file, PETITIONS, found.mapping) as sheet:
        return dict(found.mapping.formats), sheet.header, list(next(sheet.rows)[1])


def workbook(path: Path, **sheets: list[list[str | None]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


CASE = ["1", "7/1/2023", "甲镇", "x"]


def test_unknown_words_under_two_titles(tmp_path: Path) -> None:
    """The sheet and the row of the file that the mapping was made for do not count."""
    formats = MAPPING.formats | {"sheet": "七月", "header": 9}
    save_mapping(PETITIONS, HEADER, ColumnMapping(MAPPING.columns, MAPPING.defaults, formats))
    rows = [["情况表"], ["单位：办公室", None, None, "8月"], HEADER, CASE]
    one = workbook(tmp_path / "one.xlsx", 八月=rows)
    assert read_with_kept(one) == (dict(MAPPING.formats), tuple(HEADER), CASE)
    several = workbook(tmp_path / "several.xlsx", 说明=[["怎样填"]], 八月=rows)
    assert read_with_kept(several) == ({**MAPPING.formats, "sheet": "八月"}, tuple(HEADER), CASE)


def test_a_header_that_the_guess_would_miss(tmp_path: Path) -> None:
    save_mapping(PETITIONS, HEADER, MAPPING)
    file = csv_file(tmp_path / "a.csv", ["甲", "乙", "丙", "丁"], HEADER, CASE)
    assert read_with_kept(file) == ({**MAPPING.formats, "header": 2}, tuple(HEADER), CASE)


def test_two_rows_of_headers(tmp_path: Path) -> None:
    header = ("流水", "何时 / 来", "何时 / 完", "哪个镇")
    columns = {"case_no": "流水", "received_at": "何时 / 来", "closed_at": "何时 / 完", "township": "哪个镇"}
    save_mapping(PETITIONS, header, ColumnMapping(columns))
    rows: list[list[str | None]] = [["情况"], ["流水", "何时", None, "哪个镇"], [None, "来", "完"]]
    file = workbook(tmp_path / "a.xlsx", 表=[*rows, ["1", "7/1/2023", "7/2/2023", "甲镇"]])
    assert read_with_kept(file) == ({}, header, ["1", "7/1/2023", "7/2/2023", "甲镇"])


def test_no_header(tmp_path: Path) -> None:
    """The mapping without one is for files of that width, but for none whose header is known."""
    mapping = ColumnMapping({"case_no": "A", "received_at": "B", "township": "C"}, {}, {"header": 0})
    save_mapping(PETITIONS, "ABCD", mapping)
    assert read_with_kept(csv_file(tmp_path / "a.csv", CASE, CASE)) == ({"header": 0}, tuple("ABCD"), CASE)
    known = csv_file(tmp_path / "b.csv", ["编号", "受理时间", "镇街", "内容"], CASE)
    assert saved_mapping(PETITIONS, known) is None


def test_other_separators_and_pages(tmp_path: Path) -> None:
    save_mapping(PETITIONS, HEADER, MAPPING)
    for name, text in (
        ("a.txt", f"情况\n{';'.join(HEADER)}\n{';'.join(CASE)}\n"),
        ("a.xls", "<table>" + "".join(f"<tr><td>{'<td>'.join(row)}</tr>" for row in (HEADER, CASE)) + "</table>"),
    ):
        (tmp_path / name).write_text(text, "utf-8")
        assert read_with_kept(tmp_path / name) == (dict(MAPPING.formats), tuple(HEADER), CASE)


def test_a_kept_file_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    path = save_mapping(PETITIONS, HEADER, MAPPING)
    path.write_text("columns = 3", "utf-8")
    assert saved_mapping(PETITIONS, csv_file(tmp_path / "a.csv", HEADER, ["1", "7/1/2023", "甲镇", "x"])) is None
