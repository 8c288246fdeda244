"""Files as a county's programs export them, for the tests that import."""

from __future__ import annotations

import csv
import re
import zipfile
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


_SEPTEMBER = ["流水", "所属镇街", "来电时间", "诉求人", "联系电话", "工单内容", "办结时间"]


def september_cases(path: Path, count: int, *, township_name: str = "钢山街道") -> Path:
    """A CSV of September cases under headers of which one is unknown; the last row has no time."""
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_SEPTEMBER)
        for number in range(count):
            day = 1 + number % 28
            received = f"2023/9/{day} 8:{number % 60:02d}" if number < count - 1 else "不详"
            writer.writerow(
                [f"S{number:05d}", township_name, received, "赵钱孙", "13812345678", "邻居漏水", f"2023/9/{day} 20:00"]
            )
    return path


HEADER = ("编号", "镇街", "受理时间")


def workbook(path: Path, *rows: tuple[Any, ...], merged: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(path)
    return path


def share_strings(path: Path) -> None:
    """Move the inline texts of a workbook to where Excel keeps them, among runs and readings."""
    parts = {name: zipfile.ZipFile(path).read(name) for name in zipfile.ZipFile(path).namelist()}
    texts: list[bytes] = []

    def shared(match: re.Match[bytes]) -> bytes:
        texts.append(match[1])
        return b't="s"><v>%d</v></c>' % (len(texts) - 1)

    name = "xl/worksheets/sheet1.xml"
    parts[name] = re.sub(rb't="inlineStr"><is>(.*?)</is></c>', shared, parts[name], flags=re.DOTALL)
    reading = b'<rPh sb="0" eb="1"><t>du</t></rPh>'
    strings = b"".join(
        b"<x:si>" + text.replace(b"<t", b"<x:t").replace(b"</t", b"</x:t") + b"</x:si>" for text in texts
    )
    space = b'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    runs = b"<x:si><x:r><x:t>a</x:t></x:r><x:r><x:t>b</x:t></x:r>" + reading.replace(b"<", b"<x:").replace(
        b"<x:/", b"</x:"
    )
    parts["xl/sharedStrings.xml"] = b"<x:sst " + space + b">" + strings + runs + b"</x:si></x:sst>"
    last = b'<row r="99"><c r="B99" t="s"><v>%d</v></c></row></sheetData>' % len(texts)
    parts[name] = parts[name].replace(b"</sheetData>", last)
    link = b'<Relationship Id="rIdS" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>'
    links = "xl/_rels/workbook.xml.rels"
    if b"sharedStrings" not in parts[links]:
        parts[links] = parts[links].replace(b"</Relationships>", link)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", override)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
