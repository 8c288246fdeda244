"""The command line beside plain imports: undo, lists, templates, rejected rows, progress and cancelling."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine, func, insert, select

from data_access import database, importing
from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.tables import petition
from data_access.background import Progress
from data_access.importing import Cancelled, __main__, import_file
from data_access.importing.__main__ import main
from data_access.importing.mapping import ColumnMapping, plan_columns
from data_access.importing.problems import FileProblem
from data_access.importing.saved_mappings import save_mapping
from data_access.importing.tables import TABLES
from data_access.importing.workbooks import REASON, header_of, write_template
from data_access.model.batches import import_batch
from data_access.model.import_table import ImportTable
from data_access.places.tables import township
from tests.counties import empty_file, sqlite_url


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("county") / "county.sqlite"
    engine = empty_file(path)
    with engine.begin() as connection:
        connection.execute(insert(township).values(code="100000001", name="钢山街道", kind="街道"))
    return sqlite_url(path)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """The county without cases."""
    engine = database.engine_for(url)
    yield engine
    with engine.begin() as connection:
        for table in (petition, import_batch):
            connection.execute(table.delete())


def cases_file(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("工单编号", "镇街", "受理时间", "诉求标题", "备注"), *rows])
    return path


def good(number: int) -> tuple[str, ...]:
    return (f"A{number}", "钢山街道", "2023-05-01", f"第 {number} 件", "")


def cells(path: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))


def count(engine: Engine) -> int | None:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(petition))


def test_undo_and_batches(engine: Engine, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batches", "--url", url]) == 0
    assert "还没有导入过" in capsys.readouterr().out
    done = []
    for numbers in ((1, 2), (2, 3)):
        path = cases_file(tmp_path / f"cases{numbers[0]}.csv", [good(n) for n in numbers])
        assert main(["petitions", str(path), "--url", url, "--json"]) == 0
        done.append(json.loads(capsys.readouterr().out)["batch"])
    assert main(["undo", done[1], "--url", url]) == 0
    assert f"已撤销批次 {done[1]}：删去 1 行，恢复 0 行" in capsys.readouterr().out
    assert count(engine) == 2
    assert main(["undo", done[1], "--url", url]) == 1
    zh, en = capsys.readouterr().err.splitlines()
    assert "撤销" in zh and "undone" in en
    assert main(["batches", "--url", url, "--json"]) == 0
    second, first = json.loads(capsys.readouterr().out)
    assert (first["id"], first["table_name"], first["file_name"], first["undone_at"]) == (
        done[0],
        "petitions",
        "cases1.csv",
        None,
    )
    assert (second["id"], second["read"], second["new"], second["unchanged"]) == (done[1], 2, 1, 1)
    assert second["undone_at"]
    assert main(["batches", "--url", url]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [done[1] in lines[0], "撤销" in lines[0], done[0] in lines[1], "撤销" in lines[1]] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("words", [["undo"], ["undo", "a", "b"], ["batches", "x"], ["template", "planets", "x.xlsx"]])
def test_wrong_usage(words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_template_fits_its_table(table: ImportTable, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    assert main(["template", table.name, str(path)]) == 0
    header, *rows = cells(path)
    assert rows == []
    assert list(header) == [header_of(field) for field in table.fields]
    plan = plan_columns([str(title) for title in header], table, ColumnMapping())
    # Each header fills its own column, and none another's.
    assert [(source.field.name, source.index) for source in plan.sources] == [
        (field.name, index) for index, field in enumerate(table.fields)
    ]
    notes = list(openpyxl.load_workbook(path).worksheets[1].iter_rows(values_only=True))
    assert [row[1] for row in notes[1:]] == [field.name for field in table.fields]
    assert all(
        row[3] and row[4] and bool(row[2]) == field.required for row, field in zip(notes[1:], table.fields, strict=True)
    )


def test_a_template_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", "petitions", str(tmp_path / "no" / "x.xlsx")]) == 1
    assert "无法写入" in capsys.readouterr().err


def test_a_filled_template_is_loaded(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_template(PETITIONS, path)
    workbook = openpyxl.load_workbook(path)
    values = {"case_no": "007", "township": "钢山街道", "received_at": "2023-05-01"}
    workbook.worksheets[0].append([values.get(field.name) for field in PETITIONS.fields])
    workbook.save(path)
    assert import_file(engine, PETITIONS, path, by=UNRESTRICTED).new == 1


def test_good_rows_load_while_the_others_come_back(
    engine: Engine, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [("A2", "某某镇", "2023-05-01", "=1+1", "\x0b备注"), ("", "钢山街道", "昨天", "@x", "")]
    path = cases_file(tmp_path / "cases.csv", [good(1), bad[0], good(3), bad[1]])
    out = tmp_path / "rejects.xlsx"
    options = ["--rejects", str(out), "--url", url]
    # All or nothing, unless it is asked for.
    assert main(["petitions", str(path), *options]) == 1
    assert "什么都没有装入" in capsys.readouterr().err
    assert count(engine) == 0
    first = cells(out)
    out.unlink()
    assert main(["petitions", str(path), "--good-only", *options]) == 1
    printed = capsys.readouterr()
    assert "新增 2" in printed.out and "其余已装入" in printed.err
    assert count(engine) == 2
    assert cells(out) == first
    header, one, two = first
    assert header == ("工单编号", "镇街", "受理时间", "诉求标题", "备注", REASON)
    assert one[:5] == ("A2", "某某镇", "2023-05-01", "=1+1", "备注")
    assert "镇街：不是数据库里的镇街" in str(one[5])
    assert two[:4] == (None, "钢山街道", "昨天", "@x")
    assert "必填" in str(two[5]) and "不是日期" in str(two[5])
    with engine.connect() as connection:
        batch = connection.execute(select(import_batch)).mappings().one()
    assert (batch["read"], batch["new"], batch["rejected"]) == (4, 2, 2)
    # Corrected in place, they load as they are, reasons and all.
    workbook = openpyxl.load_workbook(out)
    sheet = workbook.worksheets[0]
    sheet["B2"], sheet["A3"], sheet["C3"] = "钢山街道", "A4", "2023-05-02"
    assert sheet["D2"].data_type == "s"
    workbook.save(out)
    assert main(["petitions", str(out), "--url", url]) == 0
    assert count(engine) == 4
    with engine.connect() as connection:
        assert set(connection.scalars(select(petition.c.title))) >= {"=1+1", "@x"}


def test_only_bad_rows_load_nothing(engine: Engine, tmp_path: Path) -> None:
    path = cases_file(tmp_path / "cases.csv", [("A2", "某某镇", "2023-05-01", "", "")])
    result = import_file(engine, PETITIONS, path, good_only=True, by=UNRESTRICTED)
    assert (result.new, result.rejected, result.batch) == (0, 1, None)


def test_the_file_itself_is_never_overwritten(engine: Engine, tmp_path: Path) -> None:
    path = cases_file(tmp_path / "cases.csv", [("A2", "某某镇", "2023-05-01", "", "")])
    before = path.read_bytes()
    with pytest.raises(FileProblem, match="另给一个文件名"):
        import_file(engine, PETITIONS, path, rejects=tmp_path / "x" / ".." / "cases.csv", by=UNRESTRICTED)
    assert path.read_bytes() == before


# --- Progress and cancelling ----------------------------------------------------------------------


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_CHUNK", 500)


@pytest.mark.usefixtures("small_chunks")
def test_progress_is_told(engine: Engine, tmp_path: Path) -> None:
    # Every other row takes two lines: lines alone are no rows.
    rows = [(*good(n)[:4], "一\n二" if n % 2 else "") for n in range(1200)]
    told: list[Progress] = []
    import_file(engine, PETITIONS, cases_file(tmp_path / "cases.csv", rows), progress=told.append, by=UNRESTRICTED)
    assert [(progress.rows, progress.phase) for progress in told] == [
        (500, "rows"),
        (1000, "rows"),
        (1200, "rows"),
        (1200, "rollups"),
        (1200, "rollups"),
    ]
    assert [progress.share for progress in told] == pytest.approx([500 / 1200, 1000 / 1200, 1, 1, 1], abs=0.01)


def test_a_workbook_does_not_say_how_many_rows_it_has(engine: Engine, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for row in (("工单编号", "镇街", "受理时间"), ("A1", "钢山街道", "2023-05-01")):
        workbook.active.append(row)
    workbook.save(tmp_path / "cases.xlsx")
    told: list[Progress] = []
    import_file(engine, PETITIONS, tmp_path / "cases.xlsx", progress=told.append, by=UNRESTRICTED)
    assert [progress.share for progress in told] == [None, 1, 1]


@pytest.mark.parametrize("asked", range(1, 6))
@pytest.mark.usefixtures("small_chunks")
def test_cancelling_takes_everything_back(engine: Engine, tmp_path: Path, asked: int) -> None:
    path = cases_file(tmp_path / "cases.csv", [good(n) for n in range(1199)] + [("A2", "某某镇", "2023-05-01", "", "")])
    out = tmp_path / "rejects.xlsx"
    questions = iter(range(1, 100))
    with pytest.raises(Cancelled) as caught:
        import_file(
            engine,
            PETITIONS,
            path,
            good_only=True,
            rejects=out,
            should_stop=lambda: next(questions) >= asked,
            by=UNRESTRICTED,
        )
    assert next(questions) == asked + 1
    assert "已取消" in caught.value.zh and caught.value.en
    assert not out.exists()
    with engine.connect() as connection:
        assert count(engine) == 0 and not connection.execute(select(import_batch)).all()


def test_the_last_question_comes_before_the_commit(engine: Engine, tmp_path: Path) -> None:
    path = cases_file(tmp_path / "cases.csv", [good(1)])
    asked: list[int | None] = []
    import_file(engine, PETITIONS, path, progress=lambda progress: asked.append(count(engine)), by=UNRESTRICTED)
    assert set(asked) == {0} and count(engine) == 1


@pytest.mark.usefixtures("small_chunks")
def test_the_terminal_shows_speed_and_time_left(
    engine: Engine, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(cases_file(tmp_path / "cases.csv", [good(n) for n in range(1200)]))
    assert main(["petitions", path, "--url", url, "--dry-run"]) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr(__main__, "_REDRAWN", 0)
    assert main(["petitions", path, "--url", url]) == 0
    lines = capsys.readouterr().err.split("\r\x1b[K")
    assert any(re.fullmatch(r"读取 500 行，每秒 [\d,]+ 行，还需约 [\d,]+ 秒", line) for line in lines)
    assert any(line.startswith("读完 1,200 行") for line in lines)
    assert lines[-1] == ""


def test_control_c_takes_everything_back(
    engine: Engine, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = cases_file(tmp_path / "cases.csv", [good(n) for n in range(1200)])

    def interrupted(_: Progress) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr(__main__, "_terminal_progress", lambda: interrupted)
    assert main(["petitions", str(path), "--url", url]) == 1
    assert "已取消" in capsys.readouterr().err
    assert count(engine) == 0


def test_a_mapping_kept_by_the_page_serves_the_command_too(
    engine: Engine, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IMPORT_MAPPINGS", str(tmp_path / "mappings"))
    path = tmp_path / "九月.csv"
    path.write_text("流水,何处,何时\nB1,钢山街道,2023-05-01\n", "utf-8")
    assert main(["petitions", str(path), "--url", url]) == 1
    save_mapping(
        PETITIONS,
        ["流水", "何处", "何时"],
        ColumnMapping({"case_no": "流水", "township": "何处", "received_at": "何时"}),
    )
    capsys.readouterr()
    assert main(["petitions", str(path), "--url", url]) == 0
    assert "沿用" in capsys.readouterr().err
    with engine.connect() as connection:
        assert connection.scalars(select(petition.c.case_no)).all() == ["B1"]
