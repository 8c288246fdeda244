"""The documents made of a county of hostile texts hold them as text: no formulas, links, fields or foreign parts."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from docx import Document
from lxml import etree  # type: ignore[import-untyped]  # lxml has no types
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from sqlalchemy import Engine, select

from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.tables import petition
from data_access.database import engine_for
from data_access.importing import import_file
from data_access.places.tables import township
from data_access.spreadsheets import Sheet, write_csv, write_workbook
from tests.files import xlsx_file
from tests.hostile_county import build_hostile, hostile_texts
from ui.bulletin import files as bulletin_files
from ui.bulletin.files import archive
from ui.bulletin.told import bulletin

PORT = 9
# What Word and Excel would run, follow or fetch
LIVE = {"fldSimple", "instrText", "hyperlink", "oleObject", "object", "f", "externalReference", "altChunk", "control"}
# The number of the page is the one field that is ours.
OWN_FIELDS = {"PAGE", " PAGE ", "PAGE \\* MERGEFORMAT"}
OWN_FORMULA = re.compile(r"IF\(COUNT\(([A-Z]+\d+:[A-Z]+\d+)\)=\d+,SUM\(\1\),\"\"\)")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    url = f"sqlite:///{(tmp_path_factory.mktemp('hostile') / 'county.sqlite').as_posix()}"
    build_hostile(url, PORT)
    return engine_for(url)


def live_parts(content: bytes) -> list[str]:
    """What in a document is more than text; its parts are well-formed XML with names inside it."""
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as document:
        assert document.testzip() is None
        for name in document.namelist():
            if name.startswith("/") or ".." in name or "\\" in name:
                found.append(f"part {name}")
            if not name.endswith((".xml", ".rels")):
                continue
            for element in etree.fromstring(document.read(name)).iter(etree.Element):
                local = etree.QName(element).localname
                words = element.text or ""
                is_own = (local == "instrText" and words in OWN_FIELDS) or (
                    local == "f" and OWN_FORMULA.fullmatch(words)
                )
                if local in LIVE and not is_own:
                    found.append(f"{name}: {local} {words[:40]}")
                if element.get("TargetMode") == "External":
                    found.append(f"{name}: {element.get('Target')}")
    return found


def cells(content: bytes) -> set[str]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        str(cell.value)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def as_written(words: str) -> str:
    """A text as a document holds it: without the control characters that XML has no place for."""
    return ILLEGAL_CHARACTERS_RE.sub("", words)


def test_bulletin_and_its_archive(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulletin_files, "pictures", lambda _told: {})
    told = bulletin(engine, UNRESTRICTED, "2023-08", "all_areas")
    packed = archive(told)
    with zipfile.ZipFile(io.BytesIO(packed)) as folder:
        names = folder.namelist()
        made = {Path(name).suffix: folder.read(name) for name in names}
    assert {".docx", ".xlsx"} <= made.keys()
    for name in names:
        assert not re.search(r'[\x00-\x1f/\\:*?"<>|]', name), name
        assert not name.startswith("."), name
        assert len(name.encode()) < 250, name
    assert live_parts(made[".docx"]) == []
    assert live_parts(made[".xlsx"]) == []
    document = Document(io.BytesIO(made[".docx"]))
    words = "\n".join(
        [
            *(paragraph.text for paragraph in document.paragraphs),
            *(cell.text for table in document.tables for row in table.rows for cell in row.cells),
        ]
    )
    with engine.connect() as connection:
        towns = connection.scalars(select(township.c.name)).all()
    for town in towns:
        # A line's end in a name is one in the document.
        assert as_written(town) in words.replace("\x0b", "\n"), town[:20]
        assert as_written(town) in cells(made[".xlsx"])


def test_lists(engine: Engine, tmp_path: Path) -> None:
    with engine.connect() as connection:
        rows = pd.read_sql_query(
            select(petition.c.title, petition.c.text, petition.c.petitioner).limit(500), connection
        )
    rows.columns = [*hostile_texts(PORT)[:2], hostile_texts(PORT)[5]]
    for name in hostile_texts(PORT):
        write_workbook(tmp_path / "a.xlsx", [Sheet(name, rows, hostile_texts(PORT)), Sheet(name, rows)])
    content = (tmp_path / "a.xlsx").read_bytes()
    assert live_parts(content) == []
    held = cells(content)
    assert {as_written(words) for words in rows.melt()["value"].dropna() if words} <= held
    write_csv(tmp_path / "a.csv", [rows])
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        for line in csv.reader(file):
            for cell in line:
                first = re.sub(r"[\s\u200b\u202e\u2066\x00-\x1f]", "", cell)[:1]
                assert first not in {"=", "+", "-", "@", "＝"}, cell[:40]


def test_rejected_rows(engine: Engine, tmp_path: Path) -> None:
    header = ["编号", "镇街", "受理时间", "诉求内容"]
    texts = [as_written(words) for words in hostile_texts(PORT)]
    path = xlsx_file(tmp_path / "cases.xlsx", [header, *([words, words, "不详", "'" + words] for words in texts)])
    result = import_file(engine, PETITIONS, path, dry_run=True, by=UNRESTRICTED, rejects=tmp_path / "rejects.xlsx")
    assert result.rejected > 0
    content = (tmp_path / "rejects.xlsx").read_bytes()
    assert live_parts(content) == []
    assert {words for words in texts if not words.startswith("=")} <= cells(content)
