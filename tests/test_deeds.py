"""The record of deeds: each entry is chained to the one before, and what was done is in it with who did it."""

from __future__ import annotations

import itertools
import threading

import pytest
from sqlalchemy import Engine, select

from data_access.access import Viewer
from data_access.audit.deeds import KINDS, digest_of, record
from data_access.audit.tables import deed
from data_access.database import begin_writing

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
