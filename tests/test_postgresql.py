"""The same code on a real PostgreSQL server: the same answers, imports, undo, and a server that comes and goes."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from data_access import importing, queries
from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.imports import PETITIONS as PETITION_TABLE
from data_access.areas.petitions.lists import CaseFilter
from data_access.areas.petitions.tables import petition, petition_month
from data_access.audit.__main__ import main as audit
from data_access.audit.deeds import digest_of
from data_access.audit.tables import deed
from data_access.background import Progress
from data_access.database import (
    DatabaseProblem,
    begin_writing,
    engine_for,
    require_schema,
    unreachable,
    upgrade,
)
from data_access.importing import import_file
from data_access.importing.undo import batches, undo
from data_access.indicators import INDICATORS
from data_access.places.tables import township, village
from data_access.queries import measure
from data_access.schema import metadata
from data_access.scope import Scope
from sample_data.build import build
from tests.asked import ARGUMENTS, BY_KIND, FILTERS, FURTHER, PLACE_AND_TIME, QUERIES, paged, same
from tests.counties import EVERYTHING, add_three_townships
from tests.files import case, csv_file
from tests.postgresql_server import PASSWORD, PETITIONS, PostgreSQL, documented


@pytest.fixture
def engine(empty_engine: Engine) -> Engine:
    add_three_townships(empty_engine)
    return empty_engine


# --- The same sample, the same answers --------------------------------------------------------------


@pytest.fixture(scope="module")
def sample_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    url = f"sqlite:///{(tmp_path_factory.mktemp('small') / 'county.sqlite').as_posix()}"
    build(url, PETITIONS)
    return engine_for(url)


SCOPES = (
    Scope(UNRESTRICTED, None, "2022-01", "2023-08"),
    Scope(UNRESTRICTED, ("370883001",), "2023-01", "2023-08"),
    Scope(UNRESTRICTED, ("370883002", "370883114"), "2023-07", "2023-07"),
)


def test_the_sample_has_the_same_rows(sample_on_sqlite: Engine, sample_on_postgresql: Engine) -> None:
    for table in metadata.sorted_tables:
        count = select(func.count()).select_from(table)
        with sample_on_sqlite.connect() as one, sample_on_postgresql.connect() as other:
            assert one.scalar(count) == other.scalar(count), table.name


def test_measures_are_the_same(sample_on_sqlite: Engine, sample_on_postgresql: Engine) -> None:
    every = tuple(INDICATORS)
    asked = [(scope, by, every) for scope in SCOPES for by in PLACE_AND_TIME]
    asked += [(scope, by, codes) for scope in SCOPES[:2] for by, codes in FURTHER.items()]
    asked += [(SCOPES[0], ("kind",), codes) for codes in BY_KIND]
    asked += [(SCOPES[0].narrowed(*where), ("month",), codes) for where, codes in FILTERS]
    for scope, by, codes in asked:
        indicators = [INDICATORS[code] for code in codes]
        answers = [measure(engine, indicators, scope, by) for engine in (sample_on_sqlite, sample_on_postgresql)]
        same(*answers)
        assert scope.where or answers[0].notna().any(axis=None)


def test_fives_are_the_same(sample_on_sqlite: Engine, sample_on_postgresql: Engine) -> None:
    scope = Scope(Viewer("figures", rights=frozenset()), None, "2022-01", "2023-08")
    for by in (("village_code",), ("township_code", "month", "village_code")):
        answers = [
            measure(engine, [INDICATORS["received"]], scope, by) for engine in (sample_on_sqlite, sample_on_postgresql)
        ]
        same(*answers)
        assert (answers[0]["received"] % 5 == 0).all()
        assert len(answers[0])


@pytest.mark.parametrize("name", QUERIES)
def test_queries_answer_the_same(name: str, sample_on_sqlite: Engine, sample_on_postgresql: Engine) -> None:
    query, given = QUERIES[name], ARGUMENTS.get(name, (EVERYTHING,))
    for scope in SCOPES:
        arguments = [scope if part is EVERYTHING else part for part in given]
        same(query(sample_on_sqlite, *arguments), query(sample_on_postgresql, *arguments))


@pytest.mark.parametrize("state", ["all", "open", "pending", "overdue", "late", "closed", "dissatisfied"])
def test_case_lists_are_the_same_page_by_page(
    state: str, sample_on_sqlite: Engine, sample_on_postgresql: Engine
) -> None:
    for chosen in (CaseFilter(state), CaseFilter(state, weekday=1), CaseFilter(state, hour=9, text="路")):
        pages = [paged(engine, SCOPES[0], chosen, limit=50) for engine in (sample_on_sqlite, sample_on_postgresql)]
        same(*pages)


# --- Schema and command -----------------------------------------------------------------------------


def test_the_schema_goes_up_again_from_an_older_one(empty_engine: Engine) -> None:
    require_schema(empty_engine)
    upgrade(empty_engine)
    require_schema(empty_engine)


def test_an_error_does_not_repeat_values(engine: Engine) -> None:
    row = {"code": "1", "township_code": "nowhere", "name": "张三"}
    with pytest.raises(DBAPIError) as raised, engine.begin() as connection:
        connection.execute(insert(village).values(row))
    assert "张三" not in str(raised.value)


# --- Imports ----------------------------------------------------------------------------------------


def test_a_file_with_a_bad_row(engine: Engine, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "cases.csv", [case(1), case(2, received_at="昨天"), case(3)])
    whole = import_file(engine, PETITION_TABLE, path, by=UNRESTRICTED)
    assert (whole.new, whole.rejected, whole.batch) == (0, 1, None)
    good = import_file(engine, PETITION_TABLE, path, good_only=True, by=UNRESTRICTED)
    assert (good.new, good.rejected) == (2, 1)


def test_a_load_waits_for_another(engine: Engine, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "cases.csv", [case(1), case(2)])
    results = []
    loader = threading.Thread(target=lambda: results.append(import_file(engine, PETITION_TABLE, path, by=UNRESTRICTED)))
    with engine.begin() as connection:
        begin_writing(connection)
        loader.start()
        loader.join(1)
        assert loader.is_alive()
        # Reading goes on meanwhile.
        with engine.connect() as reader:
            assert not batches(reader)
    loader.join(20)
    assert [result.new for result in results] == [2]


def test_a_load_that_waits_too_long_says_so(engine: Engine, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "cases.csv", [case(1)])
    impatient = engine_for(
        engine.url.update_query_dict({"options": "-c lock_timeout=300ms"}).render_as_string(hide_password=False)
    )
    with engine.begin() as connection:
        begin_writing(connection)
        with pytest.raises(DatabaseProblem, match="另一次写入"):
            import_file(impatient, PETITION_TABLE, path, by=UNRESTRICTED)
    assert import_file(impatient, PETITION_TABLE, path, by=UNRESTRICTED).new == 1
    impatient.dispose()


def test_a_check_and_loads_do_not_wait_for_each_other(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_QUICK", 1_000)
    impatient = engine_for(
        engine.url.update_query_dict({"options": "-c lock_timeout=300ms"}).render_as_string(hide_password=False)
    )
    import_file(engine, PETITION_TABLE, csv_file(tmp_path / "there.csv", [case(1), case(2)]), by=UNRESTRICTED)
    large = csv_file(tmp_path / "large.csv", [case(number % 28 + 1, case_no=f"大{number}") for number in range(2_500)])
    phases: list[str] = []

    def load(progress: Progress) -> None:
        # Of the same month, so that it counts the same rows of the rollups anew.
        path = csv_file(tmp_path / "meanwhile.csv", [case(3, case_no=f"其间{len(phases)}")])
        assert import_file(impatient, PETITION_TABLE, path, by=UNRESTRICTED).new == 1
        phases.append(progress.phase)

    def received(connection: Connection) -> int:
        return int(connection.scalar(select(func.sum(petition_month.c.received))) or 0)

    checked = import_file(engine, PETITION_TABLE, large, dry_run=True, observe=received, progress=load, by=UNRESTRICTED)
    assert set(phases) == {"rows", "rollups"}
    # Other loads are seen as they are committed.
    assert (checked.new, checked.before, checked.batch) == (2_500, 2, None)
    assert checked.after == checked.before + 2_500 + phases.index("rollups") + 1
    with engine.connect() as connection:
        assert received(connection) == 2 + len(phases)
        assert len(batches(connection)) == 1 + len(phases)
    # Nor does a check wait for a load.
    with engine.begin() as connection:
        begin_writing(connection)
        assert import_file(impatient, PETITION_TABLE, large, dry_run=True, by=UNRESTRICTED).new == 2_500
        import_rows = insert(petition).values(
            {**dict(connection.execute(select(petition)).mappings().first() or {}), "case_no": "大7"}
        )
        connection.execute(import_rows)
        with pytest.raises(DatabaseProblem, match="另一次写入"):
            import_file(engine, PETITION_TABLE, large, dry_run=True, by=UNRESTRICTED)
    impatient.dispose()


def test_a_writer_takes_its_time_and_a_reader_does_not(engine: Engine) -> None:
    def limits() -> tuple[str | None, float | None]:
        driver: Any = connection.connection.driver_connection
        return connection.scalar(text("SHOW statement_timeout")), driver.patience

    with engine.begin() as connection:
        assert limits() == ("30s", 35)
        begin_writing(connection)
        assert limits() == ("0", None)
    with engine.connect() as connection:
        assert limits() == ("30s", 35)
        assert connection.scalar(text("SHOW lock_timeout")) == "30s"
        assert connection.scalar(text("SHOW application_name")) == "township-dashboard"


# --- Accounts ---------------------------------------------------------------------------------------


def test_the_documented_accounts(postgresql: PostgreSQL, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for block, database in ((0, "postgres"), (1, "county")):
        for statement in documented("postgresql.md", block):
            postgresql.execute(statement, database)
    owner, writer, reader = (
        engine_for(postgresql.url("county", f"county_{name}")) for name in ("owner", "writer", "reader")
    )
    with pytest.raises(DatabaseProblem, match="lacks a privilege"):
        upgrade(writer)
    upgrade(owner)
    with writer.begin() as connection:
        connection.execute(insert(township).values(code="1", name="钢山街道", kind="街道"))
    path = csv_file(tmp_path / "cases.csv", [case(1), case(2)])
    batch = import_file(writer, PETITION_TABLE, path, by=UNRESTRICTED).batch
    require_schema(reader)
    assert petition_lists.petition_case_count(reader, Scope(UNRESTRICTED, None, "2023-01", "2023-12")) == 2
    with pytest.raises(DatabaseProblem, match="InsufficientPrivilege"):
        import_file(reader, PETITION_TABLE, csv_file(tmp_path / "more.csv", [case(3)]), by=UNRESTRICTED)
    for engine, statement in (
        (reader, "DELETE FROM petition"),
        (writer, "DROP TABLE petition"),
        (reader, "CREATE TABLE x (y int)"),
    ):
        with pytest.raises(ProgrammingError, match=r"must be owner|permission denied"), engine.begin() as connection:
            connection.execute(text(statement))
    assert undo(writer, str(batch), by=UNRESTRICTED).removed == 2
    # The audit log: what the dashboard's account may no longer change it goes on writing.
    old = datetime(2020, 1, 1)
    with owner.begin() as connection:
        first = connection.execute(select(deed).order_by(deed.c.number).limit(1)).mappings().one()
        row = {**first, "done_at": old}
        connection.execute(update(deed).where(deed.c.number == first["number"]).values(done_at=old))
        row["digest"] = digest_of(row)
        connection.execute(update(deed).where(deed.c.number == first["number"]).values(digest=row["digest"]))
        connection.execute(delete(deed).where(deed.c.number > first["number"]))
    for statement in documented("postgresql.md", 2):
        postgresql.execute(statement, "county")
    for words in ("UPDATE deed SET done_by = 'a'", "DELETE FROM deed", "TRUNCATE deed"):
        with pytest.raises(ProgrammingError, match="permission denied"), writer.begin() as connection:
            connection.execute(text(words))
    again = import_file(writer, PETITION_TABLE, path, by=UNRESTRICTED).batch
    assert undo(writer, str(again), by=UNRESTRICTED).removed == 2
    addresses = {name: postgresql.url("county", f"county_{name}") for name in ("writer", "owner")}
    trim = ["trim", "--before", "2021-01-01"]
    assert audit(["--url", addresses["writer"], *trim]) == 1
    told = capsys.readouterr().err
    assert "deed 的 DELETE" in told
    assert len(told.splitlines()) == 2
    assert audit(["--url", addresses["owner"], *trim]) == 0
    assert audit(["--url", addresses["writer"], "verify"]) == 0
    for engine in (owner, writer, reader):
        engine.dispose()


# --- A server that cannot be used -------------------------------------------------------------------


def problem_of(url: str) -> DatabaseProblem:
    with pytest.raises(DatabaseProblem) as raised:
        require_schema(engine_for(url))
    assert PASSWORD not in str(raised.value)
    assert "alice" not in str(raised.value)
    assert "DATABASE_URL" in raised.value.zh
    return raised.value


def test_addresses_that_lead_nowhere(postgresql: PostgreSQL) -> None:
    right = postgresql.url("postgres")
    for url in (
        right.replace(f":{postgresql.port}/", ":1/"),
        right.replace(f"{PASSWORD}@", "falsch@"),
        right.replace("county:", "alice:"),
        right.replace("/postgres", "/nowhere"),
        right.replace("127.0.0.1", "no-such-host.invalid"),
    ):
        assert "Cannot read the database postgresql+psycopg://" in problem_of(url).en


def test_a_database_without_tables(postgresql: PostgreSQL) -> None:
    name = postgresql.create()
    with pytest.raises(DatabaseProblem, match="is empty"):
        require_schema(engine_for(postgresql.url(name)))
    engine_for(postgresql.url(name)).dispose()
    postgresql.drop(name)


def test_a_statement_that_takes_too_long(engine: Engine) -> None:
    with pytest.raises(OperationalError) as raised, engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 100"))
        connection.execute(text("SELECT pg_sleep(5)"))
    problem = unreachable(raised.value, engine.url)
    assert "took too long" in problem.en
    require_schema(engine)


def test_a_server_that_stops_and_comes_back(postgresql: PostgreSQL, engine: Engine) -> None:
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            assert connection.scalar(select(func.count()).select_from(township)) == 3
    postgresql.stop()
    try:
        with pytest.raises(DatabaseProblem, match="无法读取数据库"):
            require_schema(engine)
        with pytest.raises(DBAPIError):
            queries.county(engine, UNRESTRICTED)
    finally:
        postgresql.start()
    require_schema(engine)
    assert len(queries.county(engine, UNRESTRICTED).townships) == 3


def test_a_server_that_freezes(postgresql: PostgreSQL, engine: Engine) -> None:
    require_schema(engine)
    with postgresql.frozen():
        # Once over the pool's connection, once over a new one; waiting for ever would be ended by pytest-timeout.
        for _ in range(2):
            with pytest.raises(DatabaseProblem, match="无法读取数据库"):
                require_schema(engine)
    require_schema(engine)


def test_a_server_that_freezes_during_a_statement(postgresql: PostgreSQL, engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(select(petition).limit(1))
        driver: Any = connection.connection.driver_connection
        driver.patience = 1
        with postgresql.frozen(), pytest.raises(OperationalError, match="does not answer"):
            connection.execute(select(petition).limit(1))
        assert connection.invalidated
    require_schema(engine)
