"""Every way a database can fail to be usable is a message that says what to mend, without user or password."""

from __future__ import annotations

import importlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, NullPool, create_engine, make_url, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from data_access import database
from data_access.areas.grid.tables import grid_kind_month
from data_access.areas.petitions.tables import petition_department_month
from data_access.database import (
    EMBEDDED,
    DatabaseProblem,
    begin_writing,
    configured_url,
    database_url,
    engine_for,
    main,
    new_engine,
    place,
    provide_schema,
    reading_url,
    require_schema,
    unreachable,
    upgrade,
)
from data_access.integrity import Integrity
from tests.counties import copied

SETTINGS = "DATABASE_URL"
PATIENCE = 60.0
COMMAND = "python -m data_access.database upgrade"


@pytest.fixture(autouse=True)
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No settings of the machine's own; the place of secrets.toml (not written yet)."""
    path = tmp_path / "secrets.toml"
    for setting in ("DATABASE_URL", "DATABASE_READ_URL"):
        monkeypatch.delenv(setting, raising=False)
    monkeypatch.setattr(database, "SECRETS", path)
    return path


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{(tmp_path / 'county.sqlite').as_posix()}"


def problem_of(call: Any, *arguments: Any) -> DatabaseProblem:
    with pytest.raises(DatabaseProblem) as raised:
        call(*arguments)
    problem = raised.value
    assert str(problem) == f"{problem.zh}\n{problem.en}"
    for secret in ("geheim", "alice"):
        assert secret not in str(problem)
    return problem


def statement(url: str, sql: str) -> Any:
    with engine_for(url).begin() as connection:
        result = connection.execute(text(sql))
        return result.scalar() if result.returns_rows else None


# --- Where it is ------------------------------------------------------------------------------------


def test_the_environment_comes_before_secrets_and_those_before_the_embedded_file(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert configured_url() is None
    assert database_url() == f"sqlite:///{EMBEDDED.as_posix()}"
    secrets.write_text('DATABASE_URL = "sqlite:///from-secrets"', "utf-8")
    assert configured_url() == database_url() == "sqlite:///from-secrets"
    monkeypatch.setenv("DATABASE_URL", " sqlite:///from-environment ")
    assert configured_url() == database_url() == "sqlite:///from-environment"
    monkeypatch.setenv("DATABASE_URL", " ")
    assert configured_url() == "sqlite:///from-secrets"


def test_secrets_without_an_address(secrets: Path) -> None:
    secrets.write_text('[auth]\nclient_id = "x"', "utf-8")
    assert configured_url() is None


@pytest.mark.parametrize(
    "content",
    [
        b'DATABASE_URL = "postgresql://alice:geheim@db/county',
        b"DATABASE_URL = postgresql://alice:geheim@db/county",
        # Saved by an editor that writes GBK.
        '# 口令\nDATABASE_URL = "postgresql://alice:geheim@db/county"'.encode("gbk"),
    ],
)
def test_broken_secrets(secrets: Path, content: bytes) -> None:
    secrets.write_bytes(content)
    assert "secrets.toml" in problem_of(configured_url).en


def test_pages_read_the_database_of_their_own_setting(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///main")
    assert reading_url() == database_url() == "sqlite:///main"
    secrets.write_text('DATABASE_READ_URL = "sqlite:///replica"', "utf-8")
    assert (reading_url(), database_url()) == ("sqlite:///replica", "sqlite:///main")
    monkeypatch.setenv("DATABASE_READ_URL", "sqlite:///other")
    assert (reading_url(), database_url()) == ("sqlite:///other", "sqlite:///main")


@pytest.mark.parametrize(
    ("main", "replica"),
    [
        ("sqlite:////nowhere/main", "sqlite:////nowhere/replica"),
        ("main:geheim", "replica:geheim"),
        ("sqlite:////nowhere/main", "replica:geheim"),
        ("nosuch://alice:geheim@main/county", "nosuch://alice:geheim@replica/county"),
        # The same database by two accounts, and with a parameter
        ("postgresql+psycopg://w:geheim@127.0.0.1:1/c", "postgresql+psycopg://r:geheim@127.0.0.1:1/c?sslmode=disable"),
    ],
)
def test_an_error_names_the_setting_behind_it(main: str, replica: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", main)
    monkeypatch.setenv("DATABASE_READ_URL", replica)
    for url, named, other in ((main, "DATABASE_URL", "READ"), (replica, "DATABASE_READ_URL", " DATABASE_URL")):
        problem = problem_of(lambda url=url: require_schema(engine_for(url)))
        assert named in problem.zh
        assert named in problem.en
        assert other not in problem.en


# --- Opening it -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "alice:geheim@db/county",
        "/var/lib/geheim.sqlite",
        "postgresql://alice:geheim@db:port/county",
        "postgresql://alice:geheim@db:99:99/county",
    ],
)
def test_an_address_that_cannot_be_read(address: str) -> None:
    assert SETTINGS in problem_of(engine_for, address).zh


@pytest.mark.parametrize(
    ("address", "driver"),
    [
        ("nosuch://alice:geheim@db/county", "nosuch"),
        ("postgresql+nosuch://alice:geheim@db/county", "postgresql+nosuch"),
        # Known to SQLAlchemy, not installed here.
        ("firebird+fdb://alice:geheim@db/county", "firebird+fdb"),
        ("mysql+cymysql://alice:geheim@db/county", "mysql+cymysql"),
    ],
)
def test_an_unknown_driver(address: str, driver: str) -> None:
    assert f"no driver for {driver} " in problem_of(engine_for, address).en


def test_a_place_has_no_user_no_password_and_no_options() -> None:
    url = make_url("postgresql+psycopg://alice:geheim@db.county:5432/county?password=geheim&user=alice")
    assert place(url) == "postgresql+psycopg://db.county:5432/county"
    assert place(make_url("sqlite:///data/county.sqlite")) == "sqlite:///data/county.sqlite"


def test_sqlite_waits_keeps_a_log_and_checks_keys(url: str) -> None:
    upgrade(engine_for(url))
    assert statement(url, "PRAGMA journal_mode") == "wal"
    assert statement(url, "PRAGMA foreign_keys") == 1
    assert statement(url, "PRAGMA busy_timeout") == 30_000
    with pytest.raises(IntegrityError):
        statement(url, "INSERT INTO village (code, township_code, name) VALUES ('1', 'nowhere', 'x')")


def test_an_error_does_not_repeat_values(url: str) -> None:
    upgrade(engine_for(url))
    with pytest.raises(IntegrityError) as raised, engine_for(url).begin() as connection:
        connection.execute(
            text("INSERT INTO village (code, township_code, name) VALUES (:code, :code, :name)"),
            {"code": "1", "name": "张三"},
        )
    assert "张三" not in str(raised.value)


# --- Its schema -------------------------------------------------------------------------------------


def test_a_database_of_this_version_is_usable(url: str) -> None:
    engine = engine_for(url)
    upgrade(engine)
    require_schema(engine)
    # Again changes nothing.
    upgrade(engine)
    require_schema(engine)


def test_a_missing_file_is_not_made(url: str, tmp_path: Path) -> None:
    problem = problem_of(require_schema, engine_for(url))
    assert "no database file" in problem.en
    assert str(tmp_path) not in str(problem)
    assert SETTINGS in problem.en
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_taken_away_is_not_made_anew(url: str, tmp_path: Path) -> None:
    engine = new_engine(url)
    upgrade(engine)
    assert [one.name for one in tmp_path.iterdir()] == ["county.sqlite"]
    (tmp_path / "county.sqlite").unlink()
    with pytest.raises(OperationalError, match="unable to open"), engine.begin() as connection:
        begin_writing(connection)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database(url: str, tmp_path: Path) -> None:
    (tmp_path / "county.sqlite").write_text("受理编号,受理时间\n" * 100, "utf-8")
    problem = problem_of(require_schema, engine_for(url))
    assert problem.kind == "damaged"
    assert "cp backup.sqlite county.sqlite" in problem.zh
    assert str(tmp_path) not in str(problem)


@pytest.mark.parametrize("where", [0.0, 0.5])
def test_a_file_with_garbage_in_it_is_damaged_until_a_backup_is_in_its_place(
    where: float, sample_engine: Engine, tmp_path: Path
) -> None:
    url, file, backup = copied(sample_engine, tmp_path / "county.sqlite"), tmp_path / "county.sqlite", tmp_path / "kept"
    shutil.copy(file, backup)
    with file.open("r+b") as written:
        written.seek(int(where * file.stat().st_size))
        written.write(bytes(range(256)) * 256)
    integrity = Integrity(engine_for(url))
    problem = problem_of(integrity.require, PATIENCE)
    assert problem.kind == "damaged"
    assert "cp backup.sqlite county.sqlite" in problem.zh
    shutil.copy(backup, file)
    integrity.require(PATIENCE)


def test_a_folder_is_no_database(url: str, tmp_path: Path) -> None:
    (tmp_path / "county.sqlite").mkdir()
    assert "OperationalError" in problem_of(require_schema, engine_for(url)).en


def test_an_empty_database(url: str, tmp_path: Path) -> None:
    (tmp_path / "county.sqlite").touch()
    problem = problem_of(require_schema, engine_for(url))
    assert "is empty" in problem.en
    assert COMMAND in problem.zh
    assert "sample_data.build" in problem.zh


def test_tables_without_a_version_are_older(url: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "county.sqlite") as connection:
        connection.execute("CREATE TABLE petition (id INTEGER)")
    connection.close()
    problem = problem_of(require_schema, engine_for(url))
    assert "older schema (no version" in problem.en
    assert COMMAND in problem.zh


def test_an_earlier_revision_is_older(url: str) -> None:
    upgrade(engine_for(url))
    statement(url, "UPDATE alembic_version SET version_num = '0001'")
    problem = problem_of(require_schema, engine_for(url))
    assert "older schema (0001; " in problem.en
    assert COMMAND in problem.zh


def older(url: str) -> Engine:
    """A database of the second version, with a township."""
    engine = engine_for(url)
    upgrade(engine)
    with engine.begin() as connection:
        command.downgrade(database._alembic(connection), "0002")
    statement(url, "INSERT INTO township (code, name, kind) VALUES ('1', '钢山街道', '街道')")
    return engine


def test_an_older_schema_is_upgraded_with_its_rows(url: str) -> None:
    engine = older(url)
    assert "older schema (0002; " in problem_of(require_schema, engine).en
    upgrade(engine)
    require_schema(engine)
    assert statement(url, "SELECT name FROM township") == "钢山街道"
    with pytest.raises(IntegrityError):
        statement(url, "INSERT INTO village_alias (township_code, alias, village_code) VALUES ('1', 'x', 'nowhere')")


def test_an_unknown_revision_is_newer(url: str) -> None:
    upgrade(engine_for(url))
    statement(url, "UPDATE alembic_version SET version_num = '9999'")
    problem = problem_of(require_schema, engine_for(url))
    assert "newer schema (9999)" in problem.en
    assert SETTINGS in problem.zh


def test_a_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """No server's driver is needed: the engine is SQLite's, its address and its error are a server's."""
    engine = engine_for(url)
    monkeypatch.setattr(engine, "url", make_url("postgresql+psycopg://alice:geheim@127.0.0.1:1/county"))

    def refuse() -> None:
        raise OperationalError("", {}, Exception("alice:geheim refused"))

    monkeypatch.setattr(engine, "connect", refuse)
    problem = problem_of(require_schema, engine)
    assert "postgresql+psycopg://127.0.0.1:1/county" in problem.en
    assert SETTINGS in problem.zh


# --- The command ------------------------------------------------------------------------------------


def test_upgrade_makes_folder_and_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{(tmp_path / 'new' / 'county.sqlite').as_posix()}"
    assert main(["upgrade", url]) == 0
    require_schema(engine_for(url))
    assert url in capsys.readouterr().out
    monkeypatch.setenv("DATABASE_URL", url)
    assert main(["upgrade"]) == 0


@pytest.mark.parametrize("arguments", [[], ["downgrade"], ["upgrade", "a", "b"]])
def test_the_command_says_how_it_is_called(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "upgrade" in capsys.readouterr().err


def test_an_older_file_is_kept_before_it_is_upgraded(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = older(url)
    problem = problem_of(require_schema, engine)
    assert f"{COMMAND} {url}（它先在旁边存一份备份）" in problem.zh
    assert main(["upgrade", url]) == 0
    require_schema(engine)
    (backup,) = tmp_path.glob("*.backup")
    assert str(backup) in capsys.readouterr().out
    assert backup.stat().st_mode & 0o777 == 0o600
    assert statement(f"sqlite:///{backup}", "SELECT version_num FROM alembic_version") == "0002"
    assert statement(f"sqlite:///{backup}", "SELECT name FROM township") == "钢山街道"
    # Of a file that is as it shall be there is nothing to keep.
    assert main(["upgrade", url]) == 0
    assert list(tmp_path.glob("*.backup")) == [backup]


def test_without_room_for_a_backup_nothing_is_upgraded(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = older(url)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    assert main(["upgrade", url]) == 1
    assert "--no-backup" in capsys.readouterr().err
    assert "older" in problem_of(require_schema, engine).en
    assert main(["upgrade", url, "--no-backup"]) == 0
    require_schema(engine)
    assert not list(tmp_path.glob("*.backup"))


# --- A county from nothing ------------------------------------------------------------------------------

COMMANDS = {
    "data_access.importing": ["batches"],
    "data_access.accounts": ["list"],
    "data_access.audit": ["list"],
    "data_access.persons": ["forget", "--closed-before", "2020-01-01"],
    "ui.bulletin": ["2025-01"],
}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("is_there", [False, True], ids=["missing", "empty"])
def test_every_command_makes_the_database_that_it_needs(
    name: str,
    is_there: bool,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    if is_there:
        (tmp_path / "county.sqlite").touch()
    run = importlib.import_module(f"{name}.__main__").main
    run(COMMANDS[name])
    require_schema(engine_for(url))
    assert ("是空的，已建表" if is_there else "不存在，已新建") in capsys.readouterr().err
    run(COMMANDS[name])
    assert "还没有数据。" not in capsys.readouterr().err


def test_in_a_folder_that_is_not_there_nothing_is_made(tmp_path: Path) -> None:
    """It may be on a disk that is not mounted."""
    engine = engine_for(f"sqlite:///{(tmp_path / 'disk' / 'county.sqlite').as_posix()}")
    assert problem_of(provide_schema, engine).kind == "unreachable"
    assert not (tmp_path / "disk").exists()


def test_an_older_database_is_not_upgraded_by_the_way(url: str) -> None:
    engine = older(url)
    assert COMMAND in problem_of(provide_schema, engine).zh
    assert "older schema (0002; " in problem_of(require_schema, engine).en


def test_the_command_reports_a_problem(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upgrade", "alice:geheim@db"]) == 1
    message = capsys.readouterr().err
    assert SETTINGS in message
    assert "geheim" not in message


def test_the_command_reports_a_file_that_is_no_database(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "county.sqlite").write_text("no database\n" * 100, "utf-8")
    assert main(["upgrade", url]) == 1
    assert "is damaged" in capsys.readouterr().err


def test_an_upgrade_counts_what_a_new_version_counts(sample_engine: Engine, tmp_path: Path) -> None:
    older = engine_for(copied(sample_engine, tmp_path / "older.sqlite"))
    counts = [select(table).order_by(*table.primary_key) for table in (grid_kind_month, petition_department_month)]
    with older.begin() as connection:
        now = [connection.execute(one).all() for one in counts]
        command.downgrade(database._alembic(connection), "0005")
    upgrade(older)
    with older.connect() as connection:
        assert [connection.execute(one).all() for one in counts] == now
    assert all(any(row.due for row in rows) for rows in now)


def test_a_busy_database_says_so_and_nothing_of_passwords(tmp_path: Path) -> None:
    """Who writes while another does, waits; after that the wait is told, not an address or password."""
    url = f"sqlite:///{tmp_path / 'county.sqlite'}"
    upgrade(engine_for(url))
    impatient = create_engine(url, connect_args={"timeout": 0}, poolclass=NullPool)
    with engine_for(url).begin() as connection:
        begin_writing(connection)
        with pytest.raises(OperationalError) as caught, impatient.begin() as other:
            begin_writing(other)
    problem = unreachable(caught.value, impatient.url)
    assert "另一次写入" in problem.zh
    assert "another write" in problem.en
    assert "口令" not in problem.zh
    # Who only reads is not held up by who is about to write, and what both write is there in the end.
    with impatient.begin() as connection:
        begin_writing(connection)
