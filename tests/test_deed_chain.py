"""Whatever is changed, removed, inserted or put elsewhere in the audit log, a look through it finds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, insert, select, update

from data_access.access import UNRESTRICTED, NotAllowed, Viewer
from data_access.audit.__main__ import main
from data_access.audit.chain import months_ago, trim, verify
from data_access.audit.deeds import digest_of, record
from data_access.audit.search import Wanted, deed_count, deeds
from data_access.audit.tables import deed
from data_access.evaluation.tables import evaluation_freeze
from data_access.problems import Problem
from tests.counties import empty_file

COUNT = 6


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Some deeds, and a published month."""
    engine = empty_file(tmp_path_factory.mktemp("deeds") / "county.sqlite")
    with engine.begin() as connection:
        fill(connection)
    yield engine
    engine.dispose()


def fill(connection: Connection) -> None:
    sha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    published = {"scheme": "s", "month": "2023-08", "version": 1}
    when = datetime(2023, 9, 1)
    row = {**published, "frozen_at": when, "frozen_by": "王", "reason": "", "content": "", "sha256": sha}
    connection.execute(insert(evaluation_freeze).values(row))
    record(connection, Viewer("王", "10.0.0.1"), "frozen", "s 2023-08", after={**published, "sha256": sha})
    for turn in range(1, COUNT):
        record(connection, Viewer("李", "10.0.0.2"), "undone", f"{turn}", {"n": turn}, {"n": turn + 1})


def broken(engine: Engine, tamper: Any, kept: str = "") -> tuple[int | None, bool]:
    """Where the chain breaks once something was tampered with, and whether anything is wrong."""
    with engine.connect() as connection:
        tamper(connection)
        chain = verify(connection, UNRESTRICTED, kept)
        connection.rollback()
    return chain.broken_at, chain.problem is not None


def test_a_whole_record_is_whole(county: Engine) -> None:
    with county.connect() as connection:
        chain = verify(connection, UNRESTRICTED)
        assert verify(connection, UNRESTRICTED, chain.digest) == chain
    assert (chain.count, chain.number, chain.problem) == (COUNT, COUNT, None)


COLUMNS = [column.name for column in deed.c if column.name != "number"]


@given(number=st.integers(1, COUNT), name=st.sampled_from(COLUMNS), is_emptied=st.booleans())
def test_a_changed_column_is_found(county: Engine, number: int, name: str, is_emptied: bool) -> None:
    def tamper(connection: Connection) -> None:
        old = connection.scalar(select(deed.c[name]).where(deed.c.number == number))
        other = old + timedelta(seconds=1) if isinstance(old, datetime) else '{"n":99}'
        value = (None if old is not None else "") if is_emptied and deed.c[name].nullable else other
        connection.execute(update(deed).where(deed.c.number == number).values({name: value}))

    at, is_wrong = broken(county, tamper)
    assert is_wrong
    # The first one's predecessor is not there to compare with: its own digest is.
    assert at == number


@given(number=st.integers(1, COUNT - 1))
def test_a_deed_that_was_changed_and_digested_anew_is_found_by_the_next(county: Engine, number: int) -> None:
    def tamper(connection: Connection) -> None:
        row = dict(connection.execute(select(deed).where(deed.c.number == number)).mappings().one())
        row["done_by"] = "谁"
        is_it = deed.c.number == number
        connection.execute(update(deed).where(is_it).values(done_by="谁", digest=digest_of(row)))

    assert broken(county, tamper) == (number + 1, True)


@given(number=st.integers(1, COUNT - 1))
def test_a_removed_deed_is_missed(county: Engine, number: int) -> None:
    at, is_wrong = broken(county, lambda connection: connection.execute(delete(deed).where(deed.c.number == number)))
    assert is_wrong
    assert at == number


def test_what_is_cut_off_is_missed_by_who_kept_the_digest(county: Engine) -> None:
    with county.connect() as connection:
        kept = verify(connection, UNRESTRICTED).digest
    for first in range(1, COUNT + 1):
        cut = delete(deed).where(deed.c.number >= first)
        assert broken(county, lambda connection, cut=cut: connection.execute(cut), kept) == (first, True)


@given(pair=st.lists(st.integers(1, COUNT), min_size=2, max_size=2, unique=True))
def test_swapped_deeds_are_found(county: Engine, pair: list[int]) -> None:
    def tamper(connection: Connection) -> None:
        for old, new in ((pair[0], 100), (pair[1], pair[0]), (100, pair[1])):
            connection.execute(update(deed).where(deed.c.number == old).values(number=new))

    assert broken(county, tamper) == (min(pair), True)


@given(place=st.integers(2, COUNT))
def test_an_inserted_deed_is_found(county: Engine, place: int) -> None:
    def tamper(connection: Connection) -> None:
        for number in range(COUNT, place - 1, -1):
            connection.execute(update(deed).where(deed.c.number == number).values(number=number + 1))
        before = connection.scalar(select(deed.c.digest).where(deed.c.number == place - 1))
        row = dict(connection.execute(select(deed).where(deed.c.number == place - 1)).mappings().one())
        row |= {"number": place, "previous_digest": before}
        connection.execute(insert(deed).values(row | {"digest": digest_of(row)}))

    assert broken(county, tamper) == (place + 1, True)


@pytest.mark.parametrize("is_signed_anew", [True, False])
def test_a_published_month_cannot_be_rewritten_unseen(county: Engine, is_signed_anew: bool) -> None:
    values = {"content": "x"}
    if is_signed_anew:
        values["sha256"] = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    assert broken(county, lambda connection: connection.execute(update(evaluation_freeze).values(values))) == (
        None,
        True,
    )
    assert broken(county, lambda connection: connection.execute(delete(evaluation_freeze))) == (None, True)


def test_what_is_trimmed_is_old_and_the_rest_proves_itself(county: Engine) -> None:
    today = date.today()
    with county.connect() as connection:
        for day in (today, months_ago(today, 6) + timedelta(days=1)):
            with pytest.raises(Problem, match="6"):
                trim(connection, UNRESTRICTED, day)
        later = months_ago(today, -7)
        assert trim(connection, UNRESTRICTED, today + timedelta(days=1), later) == COUNT
        chain = verify(connection, UNRESTRICTED)
        assert (chain.count, chain.number, chain.problem) == (1, COUNT + 1, None)
        record(connection, UNRESTRICTED, "signed-out", "a")
        # Twice: what was said of the published month is handed on.
        assert trim(connection, UNRESTRICTED, today + timedelta(days=1), later) == 2
        assert verify(connection, UNRESTRICTED).problem is None
        connection.execute(update(evaluation_freeze).values(content="x"))
        assert verify(connection, UNRESTRICTED).problem
        connection.execute(delete(deed).where(deed.c.kind == "record-trimmed"))
        record(connection, UNRESTRICTED, "signed-out", "a")
        connection.rollback()


def test_the_record_is_searched_by_who_administers(county: Engine) -> None:
    with county.connect() as connection:
        assert deed_count(connection, UNRESTRICTED) == COUNT
        found = deeds(connection, UNRESTRICTED, Wanted(by="李"), limit=2, offset=1)
        assert found["number"].tolist() == [COUNT - 1, COUNT - 2]
        assert deeds(connection, UNRESTRICTED, Wanted(kinds=("frozen",), words="2023-08"))["done_by"].tolist() == ["王"]
        assert deed_count(connection, UNRESTRICTED, Wanted(words="%")) == 0
        assert deed_count(connection, UNRESTRICTED, Wanted(since=date.today() + timedelta(days=1))) == 0
        for ask in (deeds, deed_count, verify):
            with pytest.raises(NotAllowed):
                ask(connection, Viewer(rights=frozenset({"evaluate"})))


def test_the_command_tells_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine = empty_file(tmp_path / "county.sqlite")
    with engine.begin() as connection:
        fill(connection)
    url = str(engine.url)
    assert main(["--url", url, "verify"]) == 0
    digest = capsys.readouterr().out.split()[-1]
    assert main(["--url", url, "verify", "--kept", digest]) == 0
    assert main(["--url", url, "list"]) == 0
    assert "nan" not in capsys.readouterr().out
    assert main(["--url", url, "list", "--by", "王", "--kind", "frozen"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1].split("\t")[-1])["month"] == "2023-08"
    with engine.begin() as connection:
        connection.execute(update(deed).where(deed.c.number == 3).values(done_by="谁"))
    assert main(["--url", url, "verify"]) == 1
    assert "第 3 条" in capsys.readouterr().err
    assert main(["--url", url, "trim", "--before", "2000-01-01"]) == 1
