"""Files that leave the dashboard open in a spreadsheet and run nothing."""

from __future__ import annotations

import ast
import csv
import errno
import gc
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from lxml.etree import SerialisationError  # type: ignore[import-untyped]  # lxml has no types
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.pool import NullPool
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest, DeferredFileRequestPayload
from streamlit.runtime import app_session
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from data_access.audit.tables import deed
from data_access.database import begin_writing
from data_access.spreadsheets import Sheet, guarded, streamed_workbook, write_workbook
from tests.page_contents import in_a_loop
from ui.files import downloads
from ui.files.downloads import csv_bytes, workbook_bytes
from ui.server.told_downloads import TellingHandler, tell_why
from ui.text import written_in

ROOT = Path(__file__).resolve().parent.parent

TABLE = pd.DataFrame(
    {
        "编号": ["007", "=1+1"],
        "标题": ["路灯不亮", "@cmd"],
        "受理时间": pd.to_datetime(["2023-08-01 09:30", None]),
        "件": [3, 4],
    }
)
NOTES = ["全部 16 个镇街 · 2023年8月", "数据截至 2023-08-31"]


# Spaces and what cannot be seen, which a spreadsheet leaves out before it looks for a formula
BEFORE = (
    "",
    " ",
    "\t",
    "\r",
    "\n",
    "\xa0",
    "\u3000",
    "\u2003",
    "\u200b",
    "\u2060",
    "\ufeff",
    "\u200f",
    "\u202e",
    " \u200b ",
)


@pytest.mark.parametrize("mark", "=+-@＝＋－＠﹦")
@pytest.mark.parametrize("before", BEFORE)
def test_text_that_a_spreadsheet_would_run_is_guarded(before: str, mark: str) -> None:
    assert guarded(f"{before}{mark}1") == f"'{before}{mark}1"


@pytest.mark.parametrize("heading", [f'{before}=HYPERLINK("http://x")' for before in BEFORE])
def test_the_heading_of_a_csv_file_is_guarded_like_its_rows(heading: str) -> None:
    lines = list(csv.reader(io.StringIO(csv_bytes(pd.DataFrame({heading: [heading]})).decode("utf-8-sig"), newline="")))
    assert lines == [[f"'{heading}"], [f"'{heading}"]]


@pytest.mark.parametrize("cell", ["路灯", "007", " 路灯=亮", "2023-08-01", "", " ", 5, -3.2, None])
def test_everything_else_stays(cell: object) -> None:
    assert guarded(cell) == cell


def test_xlsx_holds_notes_header_and_typed_cells() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_bytes([Sheet("清单", TABLE, NOTES)]))).active
    assert sheet is not None
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert [row[0] for row in rows[:2]] == NOTES
    assert rows[2] == ["编号", "标题", "受理时间", "件"]
    assert rows[3] == ["007", "路灯不亮", pd.Timestamp("2023-08-01 09:30").to_pydatetime(), 3]
    # As it stands: a cell of text is never calculated, and the file loaded again changes nothing.
    assert rows[4] == ["=1+1", "@cmd", None, 4]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet.freeze_panes == "A4"


def test_csv_opens_in_excel_with_chinese_and_reads_back() -> None:
    content = csv_bytes(TABLE)
    assert content.startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(io.BytesIO(content), dtype=str)
    assert back["编号"].tolist() == ["007", "'=1+1"]
    assert back["件"].tolist() == ["3", "4"]


def test_every_file_is_recorded_before_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Any] = []
    monkeypatch.setattr(downloads, "record_export", lambda _engine, by, **entry: done.append({**entry, "by": by}))
    monkeypatch.setattr(downloads.cache, "reachable_engine", lambda: None)

    def content() -> bytes:
        done.append("made")
        return b"file"

    take = downloads.recorded(content, "csv", "离线摄像机", 7)
    assert not done
    assert take() == b"file"
    made, entry = done
    assert (made, entry["format"], entry["question"], entry["rows"]) == ("made", "csv", "离线摄像机", 7)
    assert entry["by"].name
    assert entry["right"] == "export"

    def refuse(_engine: object, _by: object, **_entry: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(downloads, "record_export", refuse)
    with pytest.raises(OSError, match="disk full"):
        take()


@pytest.mark.parametrize(("lang", "words"), [("zh", "没有导出"), ("en", "Nothing was exported")])
def test_a_download_during_a_load_says_so_in_the_pages_words(
    lang: str, words: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = create_engine(engine.url, connect_args={"timeout": 0}, poolclass=NullPool)
    monkeypatch.setattr(downloads.cache, "reachable_engine", lambda: impatient)
    with written_in(lang):
        take = downloads.recorded(lambda: b"file", "csv", "离线摄像机", 7)
    files = MediaFileManager(MemoryMediaFileStorage("/media"))
    monkeypatch.setattr("streamlit.runtime.app_session.DeferredFileHandler", DeferredFileHandler)
    tell_why()
    # As a session of Streamlit's makes it
    handler = app_session.DeferredFileHandler(lambda: files)
    assert isinstance(handler, TellingHandler)
    monkeypatch.setattr(
        files,
        "_deferred_callables",
        {
            "a": {"callable": take, "mimetype": "text/csv", "filename": "a.csv"},
            "b": {"callable": lambda: {}["王某"], "mimetype": "text/csv", "filename": "b.csv"},
        },
    )

    def asked(file: str) -> str:
        request = BackendOperationRequest(request_id="1", deferred_file=DeferredFileRequestPayload(file_id=file))
        return str(in_a_loop(handler.handle(request, "")).error_msg)

    with engine.connect() as connection:
        begin_writing(connection)
        told = asked("a")
        connection.rollback()
    assert told.startswith(words)
    assert "\n" not in told
    assert ("另一次写入" in told) == (lang == "zh")
    assert "王某" not in asked("b")
    assert asked("a") == ""
    with engine.connect() as connection:
        assert connection.scalars(select(deed.c.kind)).all() == ["exported"]


def test_no_button_gives_a_file_that_nobody_records() -> None:
    """Whoever adds a button with data of the county wraps what makes its file; an empty template is nobody's data."""
    empty = {"ui/importing/file.py"}
    found = 0
    for folder in ("ui", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                    continue
                if call.func.attr == "download_button" and str(path.relative_to(ROOT)) not in empty:
                    found += 1
                    content = call.args[1]
                    assert isinstance(content, ast.Call), (path, call.lineno)
                    assert ast.unparse(content.func) == "recorded", (path, call.lineno)
    assert found >= 5


def test_a_full_disk_is_one_error_whoever_writes() -> None:
    def batches() -> Iterator[pd.DataFrame]:
        yield TABLE
        raise SerialisationError("IO_ENOSPC")

    with pytest.raises(OSError, match="ENOSPC") as caught:
        write_workbook(io.BytesIO(), [Sheet("清单", batches())])
    assert caught.value.errno == errno.ENOSPC


def test_a_file_that_fails_leaves_no_rows_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def stopped() -> Iterator[pd.DataFrame]:
        yield TABLE
        raise InterruptedError

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for target in (io.BytesIO(), tmp_path / "absent" / "list.xlsx"):
        with pytest.raises(OSError):
            write_workbook(target, [Sheet("全", TABLE), Sheet("断", stopped())])
    # A row that openpyxl does not take stops within it.
    with pytest.raises(ValueError), streamed_workbook(io.BytesIO()) as book:
        book.create_sheet().append([{}])
    write_workbook(io.BytesIO(), [Sheet("全", TABLE)])
    assert list(tmp_path.iterdir()) == []
    # Nothing of it is told later, where nobody can do anything about it.
    gc.collect()
