"""The audit log: each entry is chained to the one before, and what was done is in it with who did it."""

from __future__ import annotations

import hashlib
import itertools
import json
import threading
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.pool import NullPool

from data_access import database
from data_access.access import NotAllowed, Viewer
from data_access.audit.chain import verify
from data_access.audit.deeds import KINDS, digest_of, record
from data_access.audit.tables import deed
from data_access.database import begin_writing
from data_access.evaluation import records
from data_access.exploring.export_log import record_export
from data_access.importing import import_file
from data_access.importing.places import keep_township_alias
from data_access.importing.undo import batches, undo
from data_access.places.imports import TOWNSHIPS
from tests.counties import empty_file
from tests.files import text_file
from ui.files.exports import Advance, start_export

WANG = Viewer("王某", "10.1.2.3")


def rows(engine: Engine) -> list[dict[str, object]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(deed).order_by(deed.c.number)).mappings()]


def test_a_deed_says_who_did_what_to_what_from_where(empty_engine: Engine) -> None:
    with empty_engine.begin() as connection:
        begin_writing(connection)
        record(connection, WANG, "imported", "批次", None, {"新增": 3})
        record(connection, Viewer(), "undone", "批次", {"新增": 3})
    first, second = rows(empty_engine)
    assert (first["done_by"], first["done_from"], first["kind"], first["subject"]) == (
        "王某",
        "10.1.2.3",
        "imported",
        "批次",
    )
    assert (first["before"], first["after"], second["before"]) == (None, '{"新增":3}', '{"新增":3}')
    assert (first["number"], first["previous_digest"], first["digest"]) == (1, "", digest_of(first))
    assert (second["number"], second["previous_digest"], second["done_by"]) == (2, first["digest"], "")


def test_a_deed_stands_only_where_what_was_done_stands(empty_engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), empty_engine.begin() as connection:
        begin_writing(connection)
        record(connection, WANG, "imported", "批次")
        raise ZeroDivisionError
    assert rows(empty_engine) == []


def test_a_kind_that_nobody_knows_is_refused(empty_engine: Engine) -> None:
    with empty_engine.begin() as connection:
        begin_writing(connection)
        with pytest.raises(ValueError, match="nothing"):
            record(connection, WANG, "nothing", "")
    assert all(zh and en and len(kind) <= deed.c.kind.type.length for kind, (zh, en) in KINDS.items())


def test_two_who_write_at_once_follow_each_other(empty_engine: Engine) -> None:
    def write(name: str) -> None:
        for turn in range(20):
            with empty_engine.begin() as connection:
                begin_writing(connection)
                record(connection, Viewer(name), "signed-in", str(turn))

    writers = [threading.Thread(target=write, args=(name,)) for name in ("王某", "李某")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = rows(empty_engine)
    assert [row["number"] for row in found] == list(range(1, 41))
    assert all(later["previous_digest"] == earlier["digest"] for earlier, later in itertools.pairwise(found))


CLERK, OTHER = (Viewer(name, "10.1.2.4", rights=frozenset({"import"})) for name in ("赵某", "钱某"))
TOWNS = "名称,代码,类型\n平安镇,200000001,镇"


def test_a_load_says_whose_it_is_and_only_they_undo_it(empty_engine: Engine, tmp_path: Path) -> None:
    file = text_file(tmp_path / "towns.csv", TOWNS)
    assert import_file(empty_engine, TOWNSHIPS, file, by=CLERK, dry_run=True).new == 1
    assert rows(empty_engine) == []
    batch = str(import_file(empty_engine, TOWNSHIPS, file, by=CLERK).batch)
    with empty_engine.connect() as connection:
        assert [row["by"] for row in batches(connection)] == ["赵某"]
    for viewer in (OTHER, Viewer("赵某", rights=frozenset({"evaluate"}))):
        with pytest.raises(NotAllowed):
            undo(empty_engine, batch, by=viewer)
    assert undo(empty_engine, batch, by=CLERK).removed
    assert [(row["kind"], row["done_by"], row["subject"]) for row in rows(empty_engine)] == [
        ("imported", "赵某", batch),
        ("undone", "赵某", batch),
    ]


def test_a_load_that_the_record_does_not_name_is_for_who_may_undo_any(empty_engine: Engine, tmp_path: Path) -> None:
    file = text_file(tmp_path / "towns.csv", TOWNS)
    batch = str(import_file(empty_engine, TOWNSHIPS, file, by=Viewer()).batch)
    # Nobody's name is nobody's batch.
    for viewer in (CLERK, Viewer(rights=frozenset({"import"}))):
        with pytest.raises(NotAllowed):
            undo(empty_engine, batch, by=viewer)
    assert undo(empty_engine, batch, by=Viewer("孙某", rights=frozenset({"undo_any"}))).removed


def test_nothing_is_written_without_the_right(empty_engine: Engine, tmp_path: Path) -> None:
    viewer = Viewer("周某", rights=frozenset())
    file = text_file(tmp_path / "towns.csv", TOWNS)
    for write in (
        lambda: import_file(empty_engine, TOWNSHIPS, file, by=viewer),
        lambda: records.add_item(empty_engine, "s", "2023-08", "1", 1, reason="a", evidence="b", by=viewer),
        lambda: records.exclude_case(empty_engine, "2023-08", "1", reason="a", by=viewer),
        lambda: records.withdraw_item(empty_engine, "1", "1", by=viewer),
        lambda: records.include_case(empty_engine, "1", "1", by=viewer),
        lambda: keep_township_alias(empty_engine, "a", "1", by=viewer),
        lambda: record_export(empty_engine, viewer, format="csv", question="a", rows=1),
    ):
        with pytest.raises(NotAllowed):
            write()
    assert rows(empty_engine) == []


def test_whoever_signed_in_signs_with_no_other_name(engine: Engine) -> None:
    for viewer in (WANG, Viewer("10.1.2.3", "10.1.2.3")):
        records.add_item(engine, "s", "2023-08", "100000001", 1, reason="a", evidence="b", by=viewer, signed="县委书记")
    with engine.connect() as connection:
        found = records.items(connection, Viewer(), "s", ["2023-08"])
    assert sorted(found["entered_by"]) == ["县委书记", "王某"]
    assert [row["done_by"] for row in rows(engine)] == ["王某", "10.1.2.3"]


def test_a_second_who_withdraws_is_told(engine: Engine) -> None:
    item = records.add_item(engine, "s", "2023-08", "100000001", 1, reason="a", evidence="b", by=WANG)
    records.withdraw_item(engine, "100000001", item, by=WANG)
    with pytest.raises(records.RecordProblem, match="已经撤回"):
        records.withdraw_item(engine, "100000001", item, by=WANG)
    assert [row["kind"] for row in rows(engine)] == ["point-entered", "point-withdrawn"]


def test_an_export_waits_for_a_load_and_is_never_unrecorded(engine: Engine) -> None:
    impatient = create_engine(engine.url, connect_args={"timeout": 0}, poolclass=NullPool)
    tries = threading.Semaphore(0)

    def recorded(count: int) -> None:
        tries.release()
        record_export(impatient, WANG, format="csv", question="a", rows=count)

    def write(path: Path, advance: Advance) -> None:
        path.write_text("a")
        advance(1, 1)

    with engine.connect() as connection:
        begin_writing(connection)
        export = start_export("a", "a.csv", WANG, write, recorded)
        # It tries again as long as the load takes, and is not given meanwhile.
        for _ in range(3):
            assert tries.acquire(timeout=30)
        assert not export.is_ready
        connection.rollback()
    export.task.wait(30)
    assert export.is_ready
    assert [row["kind"] for row in rows(engine)] == ["exported"]


def test_exports_and_months_of_before_are_moved_into_the_record(tmp_path: Path) -> None:
    engine = empty_file(tmp_path / "county.sqlite")
    with engine.begin() as connection:
        command.downgrade(database._alembic(connection), "0010")
        connection.exec_driver_sql(
            "INSERT INTO export_log VALUES ('1', '2023-09-01 08:00:00', '王某', 'csv', '受理量', 12)"
        )
        sha = hashlib.sha256(b"{}").hexdigest()
        values = ("s", "2023-08", 1, "2023-09-02 08:00:00", "王某", "", "{}", sha)
        connection.exec_driver_sql("INSERT INTO evaluation_freeze VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    database.upgrade(engine)
    exported, frozen = rows(engine)
    assert (exported["kind"], exported["done_by"], frozen["kind"]) == ("exported", "王某", "frozen")
    assert json.loads(str(exported["after"])) == {"format": "csv", "question": "受理量", "rows": 12}
    with engine.connect() as connection:
        assert verify(connection, Viewer()).problem is None
