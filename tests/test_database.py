"""Finding, opening and judging the database: one clear sentence for everything that can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from data_access import database
from data_access.database import DatabaseProblem
from data_access.schema import FACTS, ROLLUPS, metadata


def file_url(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"


def problem_with(url: str) -> DatabaseProblem:
    with pytest.raises(DatabaseProblem) as caught:
        database.require_schema(database.engine_for(url))
    return caught.value


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("not a url", "无法识别"),
        ("postgresql+nodriver://clerk:hunter2@127.0.0.1/county", "没有 postgresql+nodriver 的数据库驱动"),
        ("sqlite:////nowhere/at/all.sqlite", "找不到数据库文件"),
    ],
)
def test_an_address_that_cannot_work_says_what_and_where(url: str, words: str) -> None:
    problem = problem_with(url)
    assert words in problem.zh
    assert "DATABASE_URL" in problem.zh
    assert "DATABASE_URL" in problem.en
    assert "hunter2" not in str(problem)


def test_the_place_shows_no_credentials() -> None:
    url = database.parsed_url("postgresql+psycopg://clerk:hunter2@db.county/cases?password=hunter2")
    assert database.place(url) == "postgresql+psycopg://db.county/cases"


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "county.sqlite"
    path.write_bytes(b"hello, this is not a database" * 100)
    assert "无法读取数据库" in problem_with(file_url(path)).zh


def test_an_empty_an_older_and_a_newer_schema_are_told_apart(tmp_path: Path) -> None:
    url = file_url(tmp_path / "county.sqlite")
    with create_engine(url).connect() as connection:
        connection.exec_driver_sql("PRAGMA user_version=1")
    assert "是空的" in problem_with(url).zh
    engine = database.engine_for(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE township (code TEXT)"))
    assert "较旧" in problem_with(url).zh
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE township"))
    database.upgrade(engine)
    database.require_schema(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "比本程序新" in problem_with(url).zh


def test_sqlite_opens_in_wal_mode_with_foreign_keys(tmp_path: Path) -> None:
    with database.engine_for(file_url(tmp_path / "county.sqlite")).connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_errors_do_not_repeat_values(tmp_path: Path) -> None:
    engine = database.engine_for(file_url(tmp_path / "county.sqlite"))
    database.upgrade(engine)
    with pytest.raises(Exception, match="FOREIGN KEY") as caught, engine.begin() as connection:
        connection.execute(
            text("INSERT INTO petition (township_code, case_no, received_at, petitioner) VALUES ('9','1',:at,:who)"),
            {"at": "2023-01-01 00:00:00", "who": "王小明"},
        )
    assert "王小明" not in str(caught.value)


def test_the_environment_comes_before_the_secrets_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = tmp_path / "secrets.toml"
    monkeypatch.setattr(database, "SECRETS", secrets)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert database.configured_url() is None
    assert database.database_url().endswith("data/county.sqlite")
    secrets.write_text('DATABASE_URL = "sqlite:///a.sqlite"\n', "utf-8")
    assert database.configured_url() == "sqlite:///a.sqlite"
    monkeypatch.setenv("DATABASE_URL", "sqlite:///b.sqlite")
    assert database.configured_url() == "sqlite:///b.sqlite"
    monkeypatch.delenv("DATABASE_URL")
    secrets.write_text("DATABASE_URL = \n", "utf-8")
    with pytest.raises(DatabaseProblem, match=r"secrets\.toml"):
        database.configured_url()


def test_migrations_make_exactly_the_schema(tmp_path: Path) -> None:
    engine = database.engine_for(file_url(tmp_path / "county.sqlite"))
    database.upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_every_fact_and_rollup_is_keyed_by_township() -> None:
    for table in (*FACTS, *ROLLUPS):
        assert "township_code" in table.primary_key.columns, table.name


def test_upgrade_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = file_url(tmp_path / "new" / "county.sqlite")
    assert database.main(["upgrade", url]) == 0
    database.require_schema(database.engine_for(url))
    assert database.main(["upgrade", "not a url"]) == 1
    assert database.main([]) == 2
    assert "无法识别" in capsys.readouterr().err
