"""Dated notes: who may write them, who sees which, what files of them come to, and that nothing is lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from data_access.access import UNRESTRICTED, NotAllowed, Viewer
from data_access.database import engine_for
from data_access.importing import import_file
from data_access.importing.mapping import ColumnMapping
from data_access.importing.tables import TABLES
from data_access.importing.undo import UndoProblem, undo
from data_access.notes.kept import Note, notes
from data_access.notes.tables import dated_note
from data_access.notes.writing import (
    NoteOvertaken,
    NoteProblem,
    change_note,
    drafted,
    may_write,
    note_changes,
    remove_note,
    take_back,
    write_note,
)
from data_access.places.tables import township
from data_access.queries import county, data_version
from data_access.scope import Scope
from tests.counties import copied, on_both
from tests.page_contents import page
from ui.asking.view import View
from ui.notes.words import note_lines, told
from ui.text import written_in

WANG, LI = Viewer("王某", "10.1.2.3"), Viewer("李某", "10.1.2.4")
A, B, C = "100000001", "100000002", "100000003"
STORM = drafted("2023-06-12", "", "", "暴雨", "天气")
CONTRACTOR = drafted("2023年5月起", "", A, "换承办公司", "")


def held(engine: Engine, viewer: Viewer = UNRESTRICTED) -> list[Note]:
    with engine.connect() as connection:
        return list(notes(connection, viewer))


def view_of(engine: Engine, scope: Scope) -> View:
    return View(county(engine, scope.viewer), 1, "zh", scope, "none")


# --- Writing --------------------------------------------------------------------------------------


@on_both
def test_a_note_is_written_changed_removed_and_each_is_taken_back(engine: Engine) -> None:
    versions = [data_version(engine)]

    def done() -> list[Note]:
        versions.append(data_version(engine))
        return held(engine)

    write_note(engine, WANG, STORM)
    (first,) = done()
    assert first == STORM
    assert first.written_by == "王某"
    changed = drafted("2023-06-12", "2023-06-14", B, "暴雨，道路中断", "天气")
    change_note(engine, LI, first, changed)
    (second,) = done()
    assert (second.note_no, second.township_code, second.ends, second.written_by) == (
        STORM.note_no,
        B,
        "2023-06-14",
        "李某",
    )
    remove_note(engine, WANG, second)
    assert not done()
    with engine.connect() as connection:
        removed, edited, written = note_changes(connection, WANG)
    assert [(one.before, one.after) for one in (written, edited, removed)] == [
        (None, first),
        (first, second),
        (second, None),
    ]
    for change, expected in ((removed, [second]), (edited, [first]), (written, [])):
        take_back(engine, LI, change.number)
        assert done() == expected
    # Pages see every one of these.
    assert len(set(versions)) == len(versions)
    with pytest.raises(NoteOvertaken, match="李某 已于"):
        take_back(engine, LI, written.number)
    with pytest.raises(NoteProblem, match="不在"):
        take_back(engine, LI, 10**6)


@on_both
def test_two_editors_lose_nothing(engine: Engine) -> None:
    write_note(engine, WANG, STORM)
    (seen,) = held(engine)
    change_note(engine, LI, seen, drafted("2023-06-13", "", "", "大暴雨", ""))
    (now,) = held(engine)
    for overtaken in (
        lambda: change_note(engine, WANG, seen, drafted("2023-06-12", "", "", "小雨", "")),
        lambda: remove_note(engine, WANG, seen),
    ):
        with pytest.raises(NoteOvertaken, match="李某 已于"):
            overtaken()
        assert held(engine) == [now]
    # What is there a second time would be the same note twice.
    with engine.connect() as connection:
        _, written = note_changes(connection, WANG)
    with pytest.raises(NoteOvertaken):
        take_back(engine, WANG, written.number)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        (("", "", "", "暴雨", ""), "开始日期"),
        (("6月12日", "", "", "暴雨", ""), "开始日期没有看懂"),
        (("2023-06-12", "下周", "", "暴雨", ""), "结束日期没有看懂"),
        (("2023-06-12", "2023-06-11", "", "暴雨", ""), "早于"),
        (("2023-06", "2023-05", "", "暴雨", ""), "早于"),
        (("2023-06-12", "", "", "  ", ""), "发生了什么"),
        (("2023-06-12", "", "", "雨" * 201, ""), "最多 200"),
        (("2023-06-12", "", "", "暴雨", "类" * 65), "最多 64"),
    ],
)
def test_what_cannot_be_kept_is_said(typed: tuple[str, str, str, str, str], problem: str) -> None:
    with pytest.raises(NoteProblem, match=problem):
        drafted(*typed)


def test_a_township_that_is_not_there_has_no_notes(engine: Engine) -> None:
    with pytest.raises(NoteProblem, match="没有镇街"):
        write_note(engine, WANG, drafted("2023-06", "", "999999999", "暴雨", ""))
    assert not held(engine)


def test_who_loads_or_evaluates_writes_of_what_they_see(engine: Engine) -> None:
    loads, evaluates = Viewer("甲", rights=frozenset({"import"})), Viewer("乙", rights=frozenset({"evaluate"}))
    looks = Viewer("丙", rights=frozenset({"cases", "export"}))
    of_one = Viewer("丁", townships=frozenset({A}), rights=frozenset({"import"}))
    cases_of_one = Viewer("戊", case_townships=frozenset({A}), rights=frozenset({"import"}))
    assert [may_write(by, "") for by in (loads, evaluates, looks, of_one, cases_of_one)] == [True, True, *[False] * 3]
    assert [may_write(by, A) for by in (loads, looks, of_one, cases_of_one)] == [True, False, True, True]
    assert not may_write(of_one, B)
    write_note(engine, of_one, CONTRACTOR)
    with pytest.raises(NotAllowed, match="本镇街"):
        write_note(engine, of_one, STORM)
    with pytest.raises(NotAllowed, match="本镇街"):
        change_note(engine, of_one, CONTRACTOR, drafted("2023-05", "", B, "换承办公司", ""))
    with pytest.raises(NotAllowed, match="导入数据或评比"):
        remove_note(engine, looks, CONTRACTOR)
    write_note(engine, loads, STORM)
    with engine.connect() as connection:
        assert len(note_changes(connection, loads)) == 2
        (own,) = note_changes(connection, of_one)
        of_county, _ = note_changes(connection, loads)
        with pytest.raises(NotAllowed):
            note_changes(connection, looks)
    assert own.after == CONTRACTOR
    with pytest.raises(NotAllowed, match="本镇街"):
        take_back(engine, of_one, of_county.number)
    assert held(engine) == [CONTRACTOR, STORM]


# --- Who sees which -------------------------------------------------------------------------------


@on_both
def test_notes_follow_the_filters_and_the_viewer(engine: Engine) -> None:
    elsewhere = drafted("2023-06-20", "", B, "断电", "")
    for note in (STORM, CONTRACTOR, elsewhere):
        write_note(engine, WANG, note)
    of_one = Viewer(townships=frozenset({A}))
    assert held(engine, of_one) == [CONTRACTOR, STORM]
    assert held(engine, Viewer(townships=frozenset())) == [STORM]
    assert county(engine, of_one).notes == (CONTRACTOR, STORM)
    period = ("2023-01", "2023-08")
    everything = view_of(engine, Scope(UNRESTRICTED, None, *period))
    assert everything.notes() == (CONTRACTOR, STORM, elsewhere)
    assert view_of(engine, Scope(UNRESTRICTED, (B,), *period)).notes() == (STORM, elsewhere)
    assert view_of(engine, Scope(UNRESTRICTED, (C,), *period)).notes() == (STORM,)
    assert view_of(engine, Scope(of_one, None, *period)).notes() == (CONTRACTOR, STORM)
    assert everything.narrowed(("township_code", (A,))).notes() == (CONTRACTOR, STORM)
    assert everything.notes(("2023-06",)) == (STORM, elsewhere)
    assert everything.notes(("2022-06", "2022-07")) == ()
    with written_in("zh"):
        assert note_lines(everything)[1:] == [
            "2023年5月起，钢山街道：换承办公司",
            "2023年6月12日：暴雨",
            "2023年6月20日，香城镇：断电",
        ]
        assert note_lines(view_of(engine, Scope(UNRESTRICTED, None, "2022-01", "2022-02"))) == []


@pytest.mark.parametrize(
    ("begins", "ends", "words", "within"),
    [
        ("2023-06-30", "", "2023年6月30日", {"2023-06"}),
        ("2023-06-30", "2023-06-30", "2023年6月30日", {"2023-06"}),
        # From a month on: the mark is where it begins.
        ("2023-06", "", "2023年6月起", {"2023-06"}),
        ("2023-06", "2023-06", "2023年6月", {"2023-06"}),
        ("2023-05-31", "2023-07-01", "2023年5月31日至7月1日", {"2023-05", "2023-06", "2023-07"}),
        ("2023-05", "2023-06", "2023年5月至6月", {"2023-05", "2023-06"}),
        ("2022-12-31", "2023-05", "2022年12月31日至2023年5月", {"2023-05"}),
    ],
)
def test_days_months_and_spans(begins: str, ends: str, words: str, within: set[str]) -> None:
    note = drafted(begins, ends, "", "修路", "")
    with written_in("zh"):
        assert told(note, {}) == f"{words}：修路"
    shown = {
        f"2023-{month:02}"
        for month in (5, 6, 7)
        if note.is_within(date(2023, month, 1), date(2023, month, 30 + month % 2))
    }
    assert shown == within


# --- Files ----------------------------------------------------------------------------------------

FILE = """日期,结束日期,镇街,内容,类别
2023-06-12,,,暴雨,天气
2023年5月起,,钢山街道,换承办公司,承办单位
2023/7/1,2023/7/3,全县,系统停机,
"""


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


@on_both
def test_a_file_is_loaded_once_and_undone(engine: Engine, tmp_path: Path) -> None:
    before = data_version(engine)
    path = written(tmp_path / "notes.csv", FILE)
    result = import_file(engine, TABLES["notes"], path, by=WANG)
    assert (result.new, result.rejected, result.ignored) == (3, 0, ())
    assert [(one.begins, one.ends, one.township_code, one.words, one.kind) for one in held(engine)] == [
        ("2023-05", None, A, "换承办公司", "承办单位"),
        ("2023-06-12", None, "", "暴雨", "天气"),
        ("2023-07-01", "2023-07-03", "", "系统停机", None),
    ]
    loaded = data_version(engine)
    again = import_file(engine, TABLES["notes"], path, by=WANG)
    assert (again.unchanged, again.batch) == (3, None)
    assert result.batch
    undo(engine, result.batch, by=WANG)
    assert not held(engine)
    assert len({before, loaded, data_version(engine)}) == 3


def test_what_the_page_changed_stays_when_a_file_is_undone(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "notes.csv", FILE)
    first = import_file(engine, TABLES["notes"], path, by=WANG)
    storm = next(one for one in held(engine) if one.words == "暴雨")
    change_note(engine, LI, storm, drafted("2023-06-12", "", "", "特大暴雨", ""))
    assert first.batch
    undo(engine, first.batch, by=WANG)
    assert [one.words for one in held(engine)] == ["特大暴雨"]
    # A file that writes over what the page wrote, and the page over that
    text = f"注记编号,日期,内容\n{storm.note_no},2023-06-12,特大暴雨。\n"
    second = import_file(engine, TABLES["notes"], written(tmp_path / "more.csv", text), by=WANG)
    (now,) = held(engine)
    assert (second.changed, now.words) == (1, "特大暴雨。")
    change_note(engine, LI, now, drafted("2023-06-12", "", "", "暴雨", ""))
    assert second.batch
    with pytest.raises(UndoProblem):
        undo(engine, second.batch, by=WANG)
    assert [one.words for one in held(engine)] == ["暴雨"]


@pytest.mark.parametrize(
    ("line", "field", "problem"),
    [
        (",,,暴雨,", "begins", "必填"),
        ("2023-06-12,,某某镇,暴雨,", "township", "不是数据库里的镇街"),
        ("2023-06-12,,,,", "words", "必填"),
        (f"2023-06-12,,,{'雨' * 201},", "words", "200"),
    ],
)
def test_bad_rows_are_told(engine: Engine, tmp_path: Path, line: str, field: str, problem: str) -> None:
    path = written(tmp_path / "bad.csv", f"{FILE.splitlines()[0]}\n{line}\n")
    (found,) = import_file(engine, TABLES["notes"], path, by=WANG).problems
    assert (found.row, found.field) == (2, field)
    assert problem in found.zh
    assert not held(engine)


def test_dates_without_a_year_take_the_one_that_is_told(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "notes.csv", "日期,内容\n6月12日,暴雨\n")
    assert import_file(engine, TABLES["notes"], path, by=WANG).undated == 1
    result = import_file(engine, TABLES["notes"], path, ColumnMapping(formats={"year": "2023"}), by=WANG)
    assert result.new == 1
    assert [one.begins for one in held(engine)] == ["2023-06-12"]


# --- The page -------------------------------------------------------------------------------------


@pytest.fixture
def url(sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: WANG)
    return copied(sample_engine, tmp_path / "county.sqlite")


def test_a_note_is_written_and_changed_on_the_page(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("notes", url, monkeypatch)
    assert "还没有事件注记" in app.info[0].value

    def typed(key: str, **values: str) -> None:
        for field, value in values.items():
            app.text_input(key=f"{key} {field}").set_value(value)
        app.button(key=f"save {key}").click().run()
        assert not app.exception

    typed("note new 0", begins="六月", words="暴雨 *大*")
    assert "开始日期没有看懂" in app.error[0].value
    # What was typed is still there.
    assert app.text_input(key="note new 0 words").value == "暴雨 *大*"
    typed("note new 0", begins="2023-06-12")
    assert "已记下" in app.success[0].value
    assert app.dataframe[0].value["内容"].tolist() == ["暴雨 *大*"]
    assert app.text_input(key="note new 1 words").value == ""

    def choose() -> Note:
        turn = app.session_state["notes closed"] if "notes closed" in app.session_state else 0  # noqa: SIM401  # has no get
        (note,) = held(engine)
        app.session_state[f"notes {turn}"] = {"selection": {"rows": [0], "columns": []}}
        app.session_state["note opened"] = app.session_state["note seen"] = note
        app.run()
        return note

    engine = engine_for(url)
    note = choose()
    key = f"note {note.township_code} {note.note_no}"
    # Somebody else changes it while this form is open.
    change_note(engine, LI, note, drafted("2023-06-13", "", "", "大雨", ""))
    typed(key, words="暴雨，内涝")
    assert "李某 已于" in app.error[0].value
    assert app.text_input(key=f"{key} words").value == "暴雨，内涝"
    assert any("大雨" in one.value for one in app.markdown)
    typed(key)
    assert "已保存" in app.success[0].value
    assert [one.words for one in held(engine)] == ["暴雨，内涝"]
    choose()
    app.button(key="remove note").click().run()
    assert not held(engine)
    changes = app.dataframe[-1].value
    assert changes["做了什么"].tolist() == ["删去", "改动", "改动", "写下"]
    last = next(iter(note_changes(engine.connect(), WANG))).number
    app.session_state[f"note changes {last}"] = {"selection": {"rows": [0], "columns": []}}
    app.run()
    app.button(key="take note back").click().run()
    assert not app.exception
    assert [one.words for one in held(engine)] == ["暴雨，内涝"]
    engine.dispose()


def test_who_may_not_write_reads(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_for(url)
    write_note(engine, WANG, STORM)
    engine.dispose()
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: Viewer("丙", rights=frozenset({"cases"})))
    app = page("notes", url, monkeypatch, lang=["en"])
    assert app.dataframe[0].value["Words"].tolist() == ["暴雨"]
    assert not app.text_input
    assert len(app.dataframe) == 1


def test_forty_townships_with_a_note_each_are_listed(engine: Engine) -> None:
    codes = [f"2000000{number:02}" for number in range(40)]
    with engine.begin() as connection:
        connection.execute(
            insert(township), [{"code": code, "name": f"高新技术产业{code}镇", "kind": "镇"} for code in codes]
        )
        told_of = {"begins": "2023-06-12", "words": "暴雨"}
        connection.execute(insert(dated_note), [{"township_code": code, "note_no": code, **told_of} for code in codes])
    whole = view_of(engine, Scope(UNRESTRICTED, None, "2023-06", "2023-06"))
    assert len(whole.notes()) == 40
    with written_in("zh"):
        assert len(note_lines(whole)) == 41
