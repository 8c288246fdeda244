"""Files as a county's programs export them, for the tests that import."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
from sqlalchemy import Engine

from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS
from data_access.importing import ImportResult, import_file
from data_access.model.import_table import ImportTable
from tests.raw_indicators import Row


def case(number: int, **values: Any) -> Row:
    return {"case_no": f"A{number}", "township": "钢山街道", "received_at": f"2023-05-{number:02d} 08:00:00"} | values


def csv_file(path: Path, rows: Sequence[Row], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    header = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, header, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def xlsx_file(path: Path, *sheets: Sequence[Sequence[Any]]) -> Path:
    workbook = openpyxl.Workbook(write_only=True)
    for rows in sheets:
        sheet = workbook.create_sheet()
        for row in rows:
            sheet.append(list(row))
    workbook.save(path)
    return path


def load(engine: Engine, rows: Sequence[Row], table: ImportTable = PETITIONS) -> ImportResult:
    """Import a file of these rows, none of which is rejected."""
    with TemporaryDirectory() as folder:
        result = import_file(engine, table, csv_file(Path(folder) / "rows.csv", rows), by=UNRESTRICTED)
    assert not result.rejected, result.problems
    return result


def loaded(engine: Engine, rows: Sequence[Row], table: ImportTable = PETITIONS) -> str:
    """Import a file of these rows, which change something; the batch."""
    batch = load(engine, rows, table).batch
    assert batch is not None
    return batch


def text_file(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


HEADER = ["流水", "所属镇街", "来电时间", "诉求人", "联系电话", "工单内容", "办结时间"]


def september_cases(path: Path, count: int, *, township_name: str = "钢山街道") -> Path:
    """A CSV of September cases under headers of which one is unknown; the last row has no time."""
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(count):
            day = 1 + number % 28
            received = f"2023/9/{day} 8:{number % 60:02d}" if number < count - 1 else "不详"
            writer.writerow(
                [f"S{number:05d}", township_name, received, "赵钱孙", "13812345678", "邻居漏水", f"2023/9/{day} 20:00"]
            )
    return path
