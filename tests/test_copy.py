"""A county goes from one engine to another whole and the same, or not at all."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, event, func, insert, select
from sqlalchemy.exc import OperationalError

from data_access import database
from data_access.areas.petitions.tables import petition
from data_access.areas.volunteers.tables import volunteer_month
from data_access.bulk_insert import insert_columns
from data_access.copy import copy_county, main
from data_access.database import DatabaseProblem, engine_for, require_schema, upgrade
from data_access.places.tables import county_setting, township
from data_access.schema import metadata
from tests.counties import GIVEN, dump, empty_file, sqlite_url
from tests.postgresql_server import PASSWORD, PostgreSQL

TABLES = metadata.sorted_tables


@pytest.fixture
def source(tmp_path: Path) -> Engine:
    """A county of a few rows."""
    engine = empty_file(tmp_path / "county.sqlite")
    with engine.begin() as connection:
        for table, columns in GIVEN.items():
            insert_columns(connection, table, columns)
        insert_columns(connection, county_setting, {"name": ["county_name", "sample"], "value": ["邹城市", "1"]})
    return engine


@pytest.fixture
def blank(tmp_path: Path) -> Engine:
    """A database without tables."""
    return engine_for(sqlite_url(tmp_path / "copy.sqlite"))


def count(engine: Engine) -> int:
    with engine.connect() as connection:
        return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES)


def entered(engine: Engine) -> int:
    """The rows that the schema does not bring along."""
    with engine.connect() as connection:
        tables = [table for table in TABLES if not table.info.get("is_seeded")]
        return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)


def refused(source: Engine, target: Engine) -> DatabaseProblem:
    with pytest.raises(DatabaseProblem) as raised:
        copy_county(source, target)
    return raised.value


# --- All of it --------------------------------------------------------------------------------------


def test_from_postgresql_to_sqlite_and_back(sample_on_postgresql: Engine, empty_engine: Engine, blank: Engine) -> None:
    told: list[tuple[str, int, int]] = []
    rows = copy_county(sample_on_postgresql, blank, lambda *progress: told.append(progress))
    # More than one chunk of the cases' outages
    assert rows == count(blank) > 20_000
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert {total for _, _, total in told} == {told[-1][1]} == {2 * rows}
    require_schema(blank)
    assert copy_county(blank, empty_engine) == rows
    assert dump(sample_on_postgresql) == dump(blank) == dump(empty_engine)


def test_from_sqlite_to_sqlite(source: Engine, blank: Engine) -> None:
    assert copy_county(source, blank) == count(source)
    assert dump(blank) == dump(source)


def test_into_a_database_without_tables(source: Engine, postgresql: PostgreSQL) -> None:
    with postgresql.copied("template1") as target:
        copy_county(source, target)
        assert dump(target) == dump(source)


def test_zeros_of_both_signs(blank: Engine, empty_engine: Engine) -> None:
    with empty_engine.begin() as connection:
        connection.execute(insert(township).values(code="1", name="钢山街道", kind="街道"))
        connection.execute(insert(volunteer_month).values(township_code="1", month="2023-08", hours=-0.0))
    assert copy_county(empty_engine, blank) == count(blank)
    assert entered(blank) == 2


@pytest.mark.parametrize("engine", ["sqlite", "empty_engine"])
def test_what_is_written_meanwhile_stays_out(
    engine: str, source: Engine, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    first = engine_for(sqlite_url(tmp_path / "first.sqlite")) if engine == "sqlite" else request.getfixturevalue(engine)
    rows = copy_county(source, first)
    second = engine_for(sqlite_url(tmp_path / "second.sqlite"))
    added = []

    def add_case(*_: object) -> None:
        if not added:
            with first.begin() as connection:
                code = connection.scalar(select(township.c.code).limit(1))
                case = {"township_code": code, "case_no": "new", "received_at": datetime(2023, 8, 1)}
                connection.execute(insert(petition).values(case))
            added.append(case)

    assert copy_county(first, second, add_case) == rows
    assert (count(first), count(second)) == (rows + 1, rows)


# --- Nothing of it ----------------------------------------------------------------------------------


def test_a_target_with_rows(source: Engine, blank: Engine, empty_engine: Engine) -> None:
    upgrade(blank)
    for target in (blank, empty_engine):
        with target.begin() as connection:
            connection.execute(insert(county_setting).values(name="county_name", value="邹城市"))
        before = dump(target)
        problem = refused(source, target)
        assert "county_setting" in problem.zh and "is not empty" in problem.en
        assert dump(target) == before


def test_a_source_of_another_version(source: Engine, blank: Engine, tmp_path: Path) -> None:
    older = engine_for(sqlite_url(tmp_path / "older.sqlite"))
    upgrade(older)
    with older.begin() as connection:
        command.downgrade(database._alembic(connection), "0002")
    assert "older schema" in refused(older, blank).en
    assert not Path(str(blank.url.database)).exists()
    assert "older schema" in refused(source, older).en


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("petition", "title", ("'钢山'", "'钢山 '")),
        ("petition", "closed_at", ("NULL", "received_at")),
        # One bit of a float, and two numbers that have the same hash in Python
        ("volunteer_month", "hours", ("0.1", "0.10000000000000002")),
        ("volunteer_month", "teams", ("-1", "-2")),
    ],
)
def test_a_row_that_comes_out_otherwise(
    table: str, column: str, values: tuple[str, str], source: Engine, empty_engine: Engine, blank: Engine
) -> None:
    upgrade(blank)
    one, other = values
    changed = f"UPDATE {table} SET {column} = "
    key = ", ".join(metadata.tables[table].primary_key.columns.keys())
    picked = f" WHERE ({key}) = (SELECT {key} FROM {table} ORDER BY {key} LIMIT 1)"
    with source.begin() as connection:
        connection.exec_driver_sql(changed + one + picked)
    first_key = " AND ".join(f"{name} = NEW.{name}" for name in key.split(", "))
    with blank.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TRIGGER tamper AFTER INSERT ON {table} WHEN NEW.{column} IS {one} "
            f"BEGIN {changed}{other} WHERE {first_key}; END"
        )
    with empty_engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION tamper() RETURNS trigger LANGUAGE plpgsql AS "
            f"'BEGIN NEW.{column} = {other.replace(chr(39), chr(39) * 2).replace('received_at', 'NEW.received_at')}; "
            "RETURN NEW; END'"
        )
        connection.exec_driver_sql(
            f"CREATE TRIGGER tamper BEFORE INSERT ON {table} FOR EACH ROW "
            f"WHEN (NEW.{column} IS NOT DISTINCT FROM {one}) EXECUTE FUNCTION tamper()"
        )
    for target in (blank, empty_engine):
        problem = refused(source, target)
        assert f"表 {table} 复制后与原来不同" in problem.zh
        assert f"The table {table} did not come out the same" in problem.en
        assert entered(target) == 0


def test_a_row_too_many(source: Engine, blank: Engine) -> None:
    upgrade(blank)
    with blank.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER more AFTER INSERT ON county_setting WHEN NEW.name = 'sample' "
            "BEGIN INSERT INTO county_setting VALUES ('more', 'x'); END"
        )
    assert "(2 rows read, 3 written)" in refused(source, blank).en
    assert entered(blank) == 0


def test_what_the_target_does_not_take(blank: Engine, empty_engine: Engine) -> None:
    upgrade(blank)
    with blank.begin() as connection:
        connection.execute(insert(township).values(code="1", name="张\0三", kind="街道"))
    problem = refused(blank, empty_engine)
    assert "nothing was written" in problem.en and "三" not in str(problem)
    assert entered(empty_engine) == 0


def test_a_commit_that_fails(source: Engine, blank: Engine) -> None:
    upgrade(blank)

    def fail(_: Connection) -> None:
        raise OperationalError("COMMIT", {}, RuntimeError("disk full"))

    event.listen(blank, "commit", fail)
    assert "may be written" in refused(source, blank).en
    event.remove(blank, "commit", fail)
    assert copy_county(source, blank) == count(blank)


def test_an_interrupted_copy(source: Engine, blank: Engine, empty_engine: Engine) -> None:
    for target in (blank, empty_engine):
        written = []

        def interrupt(table: str, _done: int, _total: int, written: list[str] = written) -> None:
            written.append(table)
            if table == "petition":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            copy_county(source, target, interrupt)
        assert "township" in written
        assert entered(target) == 0
        copy_county(source, target)


# --- The command ------------------------------------------------------------------------------------


def test_the_command(
    source: Engine, empty_engine: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--from", str(source.url), "--to", empty_engine.url.render_as_string(hide_password=False)]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("data_access.copy._REDRAWN", 0)
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert f"{count(source):,} rows" in out
    assert "复制并核对 petition：共" in err and "还需约 0 秒" in err
    assert main(words) == 1
    assert "不是空的" in capsys.readouterr().err
    assert PASSWORD not in out + err


@pytest.mark.parametrize("given", [[], ["--from", "URL"], ["--from", "URL", "--to", "URL", "URL"], ["--all"]])
def test_usage(given: list[str], postgresql: PostgreSQL, capsys: pytest.CaptureFixture[str]) -> None:
    url = postgresql.url("postgres")
    with pytest.raises(SystemExit) as raised:
        main([url if word == "URL" else word for word in given])
    assert raised.value.code == 2
    assert PASSWORD not in capsys.readouterr().err


def test_no_credentials_in_what_goes_wrong(
    source: Engine, postgresql: PostgreSQL, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere, here = postgresql.url("nowhere"), str(source.url)
    for words in (
        ["--from", nowhere, "--to", here],
        ["--from", here, "--to", nowhere],
        ["--from", "x", "--to", nowhere],
    ):
        assert main(words) == 1
        err = capsys.readouterr().err
        assert err and PASSWORD not in err and "county:" not in err


def test_the_command_is_cancelled(
    source: Engine, blank: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("data_access.copy.insert_columns", interrupted)
    assert main(["--from", str(source.url), "--to", str(blank.url)]) == 1
    assert "已取消" in capsys.readouterr().err
    assert entered(blank) == 0
