"""Where the case database is, how it is opened and which schema it must have.

``python -m data_access.database upgrade [URL]`` brings a database to this version's schema, of a SQLite file after a backup
beside it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import sys
import tomllib
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from data_access.model.data_state import as_of_dates
from data_access.private_files import OWNER_ALONE, keep_private
from data_access.problems import Problem
from data_access.rollups import refresh

ROOT = Path(__file__).resolve().parent.parent
SECRETS = ROOT / ".streamlit" / "secrets.toml"
EMBEDDED = ROOT / "data" / "county.sqlite"

_SETTING = "DATABASE_URL"
_READ_SETTING = "DATABASE_READ_URL"
# Any number: the lock that PostgreSQL's writers take
_WRITER = 883
# SQLite's own words
_NOT_OPENED = "unable to open database file"
_REASONS = {
    "QueryCanceled": ("查询超过时限，已中止。请稍后再试。", "The query took too long and was ended. Try again later."),
    "LockNotAvailable": (
        "另一次写入尚未结束。请稍后再试。",
        "Another write is still at work. Try again later.",
    ),
    "InsufficientPrivilege": (
        "这个数据库账号没有所需的权限，授权语句见 docs/postgresql.md。",
        "This database account lacks a privilege; docs/postgresql.md has the statements that grant it.",
    ),
}
# What postgres_fdw reports of a worker; a server that is itself out of reach reports nothing.
_WORKER_LOST = {"ConnectionFailure", "SqlclientUnableToEstablishSqlconnection"}


class DatabaseProblem(Problem):
    """The database cannot be used. ``zh`` and ``en`` say what is wrong and where to mend it, without credentials.

    ``kind`` says which kind of problem it is, in a word for programs.
    """

    kind = "unusable"


class DatabaseUnreachable(DatabaseProblem):
    """The database does not answer, or not in a way that one could tell what is the matter. It may come back."""

    kind = "unreachable"


class DatabaseBusy(DatabaseProblem):
    """Another write is at work, and took longer than one waits."""

    kind = "busy"


class DatabaseDamaged(DatabaseProblem):
    """The database's file is not whole."""

    kind = "damaged"


class SchemaProblem(DatabaseProblem):
    """The database has no tables, or those of another version."""

    kind = "schema"


class DatabaseEmpty(SchemaProblem):
    """The database has no tables at all."""


def configured_url(setting: str = _SETTING) -> str | None:
    """The setting from the environment, else from ``.streamlit/secrets.toml``, else None."""
    if url := os.environ.get(setting, "").strip():
        return url
    if SECRETS.is_file():
        try:
            secrets: Mapping[str, Any] = tomllib.loads(SECRETS.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise DatabaseProblem(
                f".streamlit/secrets.toml 不是有效的 TOML 文件：{error}。",
                f".streamlit/secrets.toml is not valid TOML: {error}.",
            ) from None
        if address := secrets.get(setting):
            return str(address)
    return None


def database_url() -> str:
    """The database that is written to: the configured one, or the embedded SQLite file."""
    return configured_url() or f"sqlite:///{EMBEDDED.as_posix()}"


def reading_url() -> str:
    """The database that pages read: the one of ``DATABASE_READ_URL``, or the one that is written to."""
    return configured_url(_READ_SETTING) or database_url()


def _is_at(url: URL | str, address: str | None) -> bool:
    """Whether this is the address, whatever further parameters an engine has added."""
    if address is None or isinstance(url, str):
        return url == address
    with suppress(ArgumentError, ValueError):
        return make_url(address).set(query={}) == url.set(query={})
    return False


def _where_to_mend(url: URL | str) -> tuple[str, str]:
    """The sentence that names the setting an address comes from."""
    setting = _READ_SETTING if _is_at(url, configured_url(_READ_SETTING)) else _SETTING
    return (
        f"请检查环境变量 {setting} 或 .streamlit/secrets.toml 里的 {setting}。",
        f"Check the environment variable {setting}, or {setting} in .streamlit/secrets.toml.",
    )


def parsed_url(text: str) -> URL:
    """The URL, or a DatabaseProblem that does not repeat it."""
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        zh, en = _where_to_mend(text)
        raise DatabaseProblem(
            "数据库地址无法识别，应形如 sqlite:///文件路径 或 postgresql+psycopg://用户:口令@主机/库。" + zh,
            "The database address cannot be read; it should look like sqlite:///path or "
            "postgresql+psycopg://user:password@host/name. " + en,
        ) from None


def file_of(url: URL) -> Path | None:
    """The file of a SQLite database; None for any other database."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def _shown(url: URL) -> str:
    """The database, in what viewers may read: its address, or of a file the name, as its folder is not their business."""
    file = file_of(url)
    return file.name if file else place(url)


def place(url: URL) -> str:
    """The database's address without user and password."""
    # url.set(username=None) would keep the user.
    return URL.create(url.drivername, host=url.host, port=url.port, database=url.database).render_as_string()


def new_engine(url_text: str) -> Engine:
    """An engine for the URL, with connections of its own. SQLite opens in WAL mode with foreign keys on.

    Errors do not repeat the values of statements: these may be names and telephone numbers.
    """
    url = parsed_url(url_text)
    try:
        if url.get_backend_name() == "sqlite":
            # No pool: opening a file is cheap, and a file put in the old one's place is seen at once.
            engine = create_engine(url, connect_args={"timeout": 30}, poolclass=NullPool, hide_parameters=True)
            event.listen(engine, "do_connect", partial(_require_file, file_of(url)))
            event.listen(engine, "connect", partial(_keep_private, str(url.database)))
            event.listen(engine, "connect", _prepare_sqlite)
            return engine
        if url.get_backend_name() == "postgresql" and url.get_driver_name() == "psycopg":
            # Imported here: SQLite needs no driver.
            from data_access.postgresql import postgresql_engine

            return postgresql_engine(url)
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    except (NoSuchModuleError, ImportError, ArgumentError) as error:
        zh, en = _where_to_mend(url)
        raise DatabaseProblem(
            f"没有 {url.drivername} 的数据库驱动（{error}）。请安装驱动，或改用其他地址。" + zh,
            f"There is no driver for {url.drivername} ({error}). Install it or use another address. " + en,
        ) from None


@cache
def engine_for(url_text: str) -> Engine:
    """The engine for the URL, made once."""
    return new_engine(url_text)


@cache
def reading_engine_for(url_text: str) -> Engine:
    """An engine for the URL whose connections cannot write, made once."""
    engine = new_engine(url_text)
    if engine.url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _forbid_writing)
        return engine
    return engine.execution_options(postgresql_readonly=True)


def _forbid_writing(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA query_only=ON")
    # Questions about the facts read far more than a write does: from the file as it lies in memory.
    connection.execute("PRAGMA mmap_size=8589934592")


def _keep_private(file: str, _connection: Any, _record: ConnectionPoolEntry) -> None:
    # What SQLite makes beside a file has the file's mode; older ones may not.
    for suffix in ("", "-wal", "-shm", "-journal"):
        keep_private(Path(file + suffix))


def _require_file(file: Path | None, *_connecting: Any) -> None:
    # SQLite would silently make an empty file of a mistyped path, and of one that was taken away.
    if file and not file.exists():
        raise sqlite3.OperationalError(_NOT_OPENED)


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # 64 MB: an import looks rows up all over the file
    cursor.execute("PRAGMA cache_size=-65536")
    cursor.close()


def begin_writing(connection: Connection) -> None:
    """Begin a transaction that writes: wait until no other one does, and let statements take their time.

    Call it first, before reading what the writing depends on.
    """
    if connection.dialect.name == "sqlite":
        # Otherwise it would begin to write only after it has read, and fail where another has written meanwhile.
        sqlite: Any = connection.connection.driver_connection
        if not sqlite.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    if connection.dialect.name == "postgresql":
        take_time(connection)
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _WRITER})


def take_time(connection: Connection) -> None:
    """Let the statements of a transaction on PostgreSQL take as long as they need."""
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    # Until the connection goes back to the pool; see PatientConnection.
    driver: Any = connection.connection.driver_connection
    driver.patience = None


def prepare_sorting(connection: Connection) -> None:
    """Let SQLite sort on two cores, in parts that fit the processor's cache: indexes and rollups take a quarter less.

    Call it once the rows are written; it holds until the connection is closed.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA threads=1")
        connection.exec_driver_sql("PRAGMA cache_size=-8192")


def _alembic(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> None:
    """Create the tables, and the file of an SQLite database, or bring an older schema to this version's."""
    try:
        if file := file_of(engine.url):
            file.touch(OWNER_ALONE)
        with engine.begin() as connection:
            begin_writing(connection)
            before = MigrationContext.configure(connection).get_current_revision()
            command.upgrade(_alembic(connection), "head")
            # A revision that counts what was not counted before names the areas whose months are counted anew.
            revisions = _revisions().walk_revisions(before, "head") if before else ()
            areas = {
                area for one in revisions if one.revision != before for area in getattr(one.module, "counted_anew", ())
            }
            # A worker of a cluster has facts, but no rollups.
            for area in sorted(areas.intersection(as_of_dates(connection))):
                refresh(connection, area)
    except (SQLAlchemyError, OSError) as error:
        raise unreachable(error, engine.url) from error


_REFUSALS = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL")
# Of SQLite's codes, and of psycopg's errors
_DAMAGES = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "DataCorrupted", "IndexCorrupted")


def _cause(error: Exception) -> tuple[str, str]:
    """What the driver calls an error, and SQLite's code for it."""
    cause = getattr(error, "orig", None) or error
    return type(cause).__name__, str(getattr(cause, "sqlite_errorname", ""))


def is_busy(error: Exception) -> bool:
    """Whether the database did not write because another write is at work."""
    kind, code = _cause(error)
    return kind in ("LockNotAvailable", "DeadlockDetected") or code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def lacks_privilege(error: Exception) -> bool:
    """Whether the account that a database is used by may not do it."""
    # As psycopg names it, and MySQL's number for a command denied
    return _cause(error)[0] == "InsufficientPrivilege" or 1142 in getattr(getattr(error, "orig", None), "args", ())


def refusal(error: Exception) -> tuple[str, str]:
    """Why the database did not write, and what to do, in Chinese and English.

    Of the driver's error only the kind is told: its message repeats rows with names and telephone numbers.
    """
    kind, code = _cause(error)
    if kind == "DiskFull" or code == "SQLITE_FULL":
        return "磁盘已满，请腾出空间后再试", "disk full: make room and try again"
    if is_busy(error):
        return "另一次写入（导入、检查或定版）还没有完成，请过一会儿再试", "another write is at work: try again later"
    if kind in _DAMAGES or code.startswith(_DAMAGES):
        return (
            "数据库已损坏，请用最近的备份恢复（见 docs/meeting-room.md）",
            "the database is damaged: restore the latest backup (docs/meeting-room.md)",
        )
    if str(getattr(error, "orig", None) or error) == _NOT_OPENED:
        return (
            "数据库文件不在或打不开，请管理员检查",
            "the database's file is not there or cannot be opened: ask your administrator",
        )
    return f"{kind}，请稍后再试", f"{kind}; try again later"


def unreachable(error: Exception, url: URL) -> DatabaseProblem:
    """The problem behind an error of the driver, whose own message may repeat user and password."""
    where = _shown(url)
    reason = type(error.__cause__ or error).__name__
    code = str(getattr(error.__cause__, "sqlite_errorname", ""))
    if reason in _DAMAGES or code.startswith(_DAMAGES):
        return damage(url)
    if reason in _REASONS:
        zh, en = _REASONS[reason]
        return DatabaseProblem(f"无法使用数据库 {where}：{zh}", f"Cannot use the database {where}: {en}")
    if code.startswith(_REFUSALS):
        # Nothing is wrong with address and password where the file answers.
        zh, en = refusal(error)
        return DatabaseProblem(f"没有写入：{zh}。", f"Nothing was written: {en}.")
    if reason in _WORKER_LOST:
        return DatabaseUnreachable(
            f"集群 {where} 的一个工作节点没有应答，它上面各镇街的清单暂时读不到；汇总数字不受影响。请启动该节点。",
            f"A worker of the cluster {where} does not answer: lists of its townships cannot be read for now; figures "
            "from rollups are not affected. Start that worker.",
        )
    zh, en = _where_to_mend(url)
    return DatabaseUnreachable(
        f"无法读取数据库 {where}（{reason}）。请确认数据库已启动、地址和口令正确。" + zh,
        f"Cannot read the database {where} ({reason}). See that it runs and that address and password are right. " + en,
    )


def damage(url: URL) -> DatabaseDamaged:
    """The problem of a database that is not whole, with the command that brings a backup back."""
    where = _shown(url)
    if file_of(url):
        restore = f"cp backup.sqlite {where} && rm -f {where}-wal {where}-shm"
        zh, en = (
            f"停下看板，在数据库所在的文件夹运行 {restore}，再启动看板（见 docs/meeting-room.md“备份与恢复”）",
            f"stop the dashboard, run {restore} in the database's folder, and start it again (docs/meeting-room.md)",
        )
    else:
        zh, en = "按 docs/postgresql.md 用 pg_restore 恢复", "restore it with pg_restore as docs/postgresql.md says"
    return DatabaseDamaged(
        f"数据库 {where} 已损坏，或不是数据库文件：数字不可信，所以不再显示。请用最近的备份恢复：{zh}。",
        f"The database {where} is damaged, or no database: its figures cannot be trusted and are not shown. Restore "
        f"the latest backup: {en}.",
    )


@lru_cache(maxsize=1)
def _revisions() -> ScriptDirectory:
    return ScriptDirectory.from_config(_alembic())


def require_schema(engine: Engine) -> None:
    """Raise a DatabaseProblem unless the database answers and has this version's schema."""
    url = engine.url
    where_zh, where_en = _where_to_mend(url)
    file = file_of(url)
    if file and not file.exists():
        raise DatabaseUnreachable(
            f"找不到数据库文件 {file.name}。" + where_zh, f"There is no database file {file.name}. " + where_en
        )
    script = _revisions()
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            is_empty = current is None and not inspect(connection).get_table_names()
    except SQLAlchemyError as error:
        raise unreachable(error, url) from error
    head = script.get_current_head()
    if current == head:
        return
    command_line = "python -m data_access.database upgrade"
    if not any(_is_at(url, address) for address in (database_url(), reading_url())):
        # Only who runs a command has given another address.
        command_line += f" {place(url)}" if file else " URL"
    if is_empty:
        raise DatabaseEmpty(
            f"数据库 {_shown(url)} 是空的。请重新启动看板，或运行 {command_line} 建表；"
            "要示例数据，运行 python -m sample_data.build。",
            f"The database {_shown(url)} is empty. Start the dashboard again, or run {command_line}, which makes its "
            "tables; python -m sample_data.build fills it with sample data.",
        )
    if current is None or current in {revision.revision for revision in script.walk_revisions()}:
        backup_zh, backup_en = (
            ("它先在旁边存一份备份", "it first makes a backup beside it")
            if file
            else ("请先备份，见 docs/postgresql.md", "make a backup first, see docs/postgresql.md")
        )
        raise SchemaProblem(
            f"数据库 {_shown(url)} 的表结构较旧（{current or '无版本'}，需要 {head}）。请停下看板，运行 {command_line}（{backup_zh}）。",
            f"The database {_shown(url)} has an older schema ({current or 'no version'}; {head} is needed). "
            f"Stop the dashboard and run {command_line} ({backup_en}).",
        )
    raise SchemaProblem(
        f"数据库 {_shown(url)} 的表结构（{current}）比本程序新。请升级本程序，或改用其他数据库。" + where_zh,
        f"The database {_shown(url)} has a newer schema ({current}) than this program. Upgrade the program, or "
        "use another database. " + where_en,
    )


def provide_schema(engine: Engine) -> None:
    """Make the tables of a database that has none, and of SQLite the file, and say so on the terminal.

    Raises a DatabaseProblem where it does not answer, has another version's schema, or the file's folder is not there: a
    disk that is not mounted is no empty county.
    """
    file = file_of(engine.url)
    is_there = file is None or file.exists()
    if file == EMBEDDED:
        EMBEDDED.parent.mkdir(0o700, parents=True, exist_ok=True)
    if is_there or (file and not file.parent.is_dir()):
        with suppress(DatabaseEmpty):
            require_schema(engine)
            return
    try:
        upgrade(engine)
    except DatabaseProblem as problem:
        if isinstance(problem.__cause__, SQLAlchemyError) and lacks_privilege(problem.__cause__):
            # It is for another account to make them: says how.
            require_schema(engine)
        raise
    zh, en = (
        ("是空的，已建表", "was empty: its tables were made")
        if is_there
        else ("不存在，已新建", "was not there: it was made")
    )
    where = place(engine.url)
    print(f"数据库 {where} {zh}，还没有数据。\nThe database {where} {en}, without data.", file=sys.stderr, flush=True)


def _backup(engine: Engine) -> Path | None:
    """A copy of the SQLite file beside it, where its schema is older and it holds anything. Raises DatabaseProblem, OSError."""
    file = file_of(engine.url)
    if file is None or not file.exists():
        return None
    try:
        require_schema(engine)
        return None
    except DatabaseEmpty:
        return None
    except SchemaProblem:
        pass
    made = file.with_name(f"{file.name}.{datetime.now():%Y%m%d-%H%M%S}.backup")
    size = sum(part.stat().st_size for part in (file, Path(f"{file}-wal")) if part.exists())
    # The upgrade itself writes as much again in the worst case.
    if shutil.disk_usage(file.parent).free < 2 * size:
        raise DatabaseProblem(
            f"没有升级：磁盘放不下备份和升级所需的约 {2 * size / 1e9:.1f} GB。请腾出空间，或自行备份后加上 --no-backup。",
            f"Not upgraded: the disk has no room for a backup and the upgrade, about {2 * size / 1e9:.1f} GB. Make room, or "
            "make a backup elsewhere and add --no-backup.",
        )
    made.touch(OWNER_ALONE, exist_ok=False)
    try:
        with engine.connect() as connection, closing(sqlite3.connect(made)) as copy:
            source: Any = connection.connection.driver_connection
            source.backup(copy)
    except (SQLAlchemyError, sqlite3.Error) as error:
        made.unlink()
        raise unreachable(error, engine.url) from error
    return made


def main(arguments: list[str]) -> int:
    """Command line: ``upgrade [URL] [--no-backup]``."""
    parser = argparse.ArgumentParser(prog="python -m data_access.database")
    upgrading = parser.add_subparsers(required=True).add_parser(
        "upgrade", help="建表或升级表结构 make or upgrade the schema"
    )
    upgrading.add_argument("url", nargs="?", metavar="URL", help="数据库地址 database address")
    upgrading.add_argument(
        "--no-backup", action="store_true", help="不先备份 SQLite 文件 without a backup of the file first"
    )
    given = parser.parse_args(arguments)
    try:
        engine = engine_for(given.url or database_url())
        if file := file_of(engine.url):
            file.parent.mkdir(0o700, parents=True, exist_ok=True)
        if not given.no_backup and (made := _backup(engine)):
            print(f"已备份 Backup: {made}")
        upgrade(engine)
    except DatabaseProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"数据库已是最新表结构 The schema is this version's: {place(engine.url)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
