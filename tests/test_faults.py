"""Databases that go away and come back under the pages, and disks that fill up under an import."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from playwright.sync_api import expect
from psycopg import sql
from sqlalchemy import Engine, event, insert, text, update
from sqlalchemy.exc import DBAPIError
from streamlit.testing.v1 import AppTest

from data_access import cache, queries
from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS as PETITION_TABLE
from data_access.database import DatabaseProblem, engine_for, reading_url, upgrade
from data_access.importing import import_file
from data_access.model.data_state import data_state
from data_access.places import lists as place_lists
from data_access.places.tables import county_setting, township
from data_access.scope import Scope
from sample_data.build import build
from tests.browser import Opener, Server, settle, until, value_of
from tests.counties import copied, dump
from tests.files import case, csv_file
from tests.page_contents import cards, page
from tests.postgresql_server import PostgreSQL, server

AWAY = "连不上数据库"
NOT_READ = "此前没有读过"


# --- Pages ------------------------------------------------------------------------------------------


@contextmanager
def killed(postgresql: PostgreSQL) -> Iterator[None]:
    postgresql.kill()
    try:
        yield
    finally:
        postgresql.start()


@contextmanager
def stopped(postgresql: PostgreSQL) -> Iterator[None]:
    postgresql.stop()
    try:
        yield
    finally:
        postgresql.start()


def frozen(postgresql: PostgreSQL) -> AbstractContextManager[None]:
    return postgresql.frozen()


@contextmanager
def without_free_connections(postgresql: PostgreSQL) -> Iterator[None]:
    """Restarted, so that the pages have no connections either, and all of them are taken at once."""
    postgresql.stop()
    postgresql.start()
    taken: list[psycopg.Connection[Any]] = []
    try:
        with pytest.raises(psycopg.OperationalError, match="too many clients"):
            while True:
                taken.append(psycopg.connect(postgresql.address("postgres")))
        yield
    finally:
        for connection in taken:
            connection.close()


FAULTS = {
    "killed": killed,
    "stopped": stopped,
    "frozen": frozen,
    "without free connections": without_free_connections,
}


@pytest.fixture(autouse=True)
def _told_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are told of an outage as soon as people are."""
    monkeypatch.setattr(cache, "_PATIENCE_SECONDS", 2.0)


@pytest.fixture
def county(postgresql: PostgreSQL, sample_database: str) -> Iterator[Engine]:
    """A sample county of one's own."""
    with postgresql.copied(sample_database) as engine:
        yield engine


def address(engine: Engine) -> str:
    # The options are the engine's own.
    return engine.url.set(query={}).render_as_string(hide_password=False)


def figures(app: AppTest) -> list[tuple[str, str]]:
    return [(name, card["value"]) for name, card in cards(app).items()]


def run_until(app: AppTest, condition: Callable[[], bool], each: Callable[[], None] = lambda: None) -> None:
    """Run the page again until the condition holds; after every run ``each`` checks it."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        app.run()
        each()


def asked(app: AppTest, townships: list[str], timeout: float | None = None) -> None:
    """Run the page for these townships, as when somebody has chosen them."""
    app.session_state["street"] = townships
    app.run(timeout=timeout)


def notices(app: AppTest) -> list[str]:
    return [shown.value for shown in (*app.warning, *app.info, *app.error)]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_page_goes_on_with_what_it_read(
    fault: str, postgresql: PostgreSQL, county: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page("petitions", address(county), monkeypatch, street=["钢山街道"])
    # The server may still be at work on the copy.
    run_until(app, lambda: bool(figures(app)))
    read, caption = figures(app), app.caption[0].value
    assert len(read) == 6
    assert not notices(app)

    def same() -> None:
        assert figures(app) == read
        assert app.caption[0].value == caption
        assert "数据截至 2023-08-31" in caption

    with FAULTS[fault](postgresql):
        run_until(app, lambda: bool(notices(app)), same)
        assert [AWAY in notice for notice in notices(app)] == [True]
        assert re.search(r"\d\d:\d\d 起.*数据截至 2023-08-31.*自动", notices(app)[0])
        # What nobody asked before has to wait, in one sentence; what was read is a click away.
        asked(app, ["太平镇", "唐村镇"])
        assert not app.exception
        assert not figures(app)
        assert [NOT_READ in notice for notice in notices(app)] == [False, True]
        asked(app, ["钢山街道"])
        same()
        asked(app, ["太平镇", "唐村镇"])
    run_until(app, lambda: not notices(app))
    assert len(figures(app)) == 6
    assert figures(app) != read
    asked(app, ["钢山街道"])
    same()


def test_a_page_that_waits_for_an_answer_hears_that_the_server_froze(
    postgresql: PostgreSQL, county: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page("petitions", address(county), monkeypatch, street=["钢山街道"])
    with postgresql.frozen():
        # Known to be well a moment ago: the question goes out, and half a minute is what it may take.
        asked(app, ["太平镇"], timeout=20)
        assert any(NOT_READ in notice for notice in notices(app))
    run_until(app, lambda: not notices(app))


def test_the_import_page_says_what_has_to_wait(
    postgresql: PostgreSQL, county: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page("data_import", address(county), monkeypatch)
    assert not notices(app)
    with killed(postgresql):
        run_until(app, lambda: bool(notices(app)))
        assert [AWAY in notice and "不能检查、装入和撤销" in notice for notice in notices(app)] == [True]
        app.session_state["import tab"] = "batches"
        app.run()
        assert not app.exception
        assert ["要等数据库恢复" in notice for notice in notices(app)] == [False, True]
    run_until(app, lambda: not any(AWAY in notice for notice in notices(app)))


def test_a_backend_killed_is_not_an_outage(
    postgresql: PostgreSQL, county: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server then ends all connections and recovers by itself, as a page does."""
    app = page("petitions", address(county), monkeypatch, street=["钢山街道"])
    read = figures(app)
    with psycopg.connect(postgresql.address("postgres")) as connection:
        backend = connection.info.backend_pid
        psutil.Process(backend).kill()
    asked(app, ["太平镇"])
    run_until(app, lambda: bool(figures(app)) and not notices(app))
    assert figures(app) != read


def test_an_open_page_hears_of_it_by_itself(
    postgresql: PostgreSQL, county: Engine, serve: Callable[[str], Server], open_page: Opener
) -> None:
    host = serve(address(county)).url
    shown = open_page("/petitions", host=host)
    received = value_of(shown, "受理量")
    notice = shown.get_by_role("alert").filter(has_text=AWAY)
    for fault in (frozen, killed):
        with fault(postgresql):
            expect(notice).to_be_visible()
            settle(shown)
            assert value_of(shown, "受理量") == received
            assert "数据截至 2023-08-31" in notice.inner_text()
        expect(notice).to_have_count(0)
        settle(shown)
        assert value_of(shown, "受理量") == received


# --- Answers ----------------------------------------------------------------------------------------


@pytest.fixture
def file(sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sample county of one's own in a file, which is the one in use."""
    place = tmp_path / "county.sqlite"
    monkeypatch.setenv("DATABASE_URL", copied(sample_engine, place))
    return place


def test_nobody_waits_for_a_database_known_to_be_away(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version, county_read = cache.state(), cache.answer(queries.county, UNRESTRICTED)
    is_back = threading.Event()
    asked = []

    def hang(_engine: Engine) -> None:
        asked.append(1)
        assert is_back.wait(30)

    with monkeypatch.context() as patch:
        patch.setattr(cache, "require_schema", hang)
        until(lambda: cache.state() != version)
        for _ in range(200):
            assert cache.state().startswith(f"{version} ")
            assert cache.answer(queries.county, UNRESTRICTED).townships.equals(county_read.townships)
            with pytest.raises(cache.Unanswered):
                cache.answer(place_lists.villages, Scope(UNRESTRICTED, None, "2023-01", "2023-01"))
            with pytest.raises(cache.Unanswered):
                cache.fresh_answer(queries.data_version)
        # One question is on its way, for all of them.
        assert len(asked) == 1
    is_back.set()
    until(lambda: cache.state() == version)
    assert len(cache.answer(place_lists.villages, Scope(UNRESTRICTED, None, "2023-01", "2023-01")))


def test_a_first_look_may_take_its_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_PATIENCE_SECONDS", 0.0)
    cache.ready()
    assert cache.outage() is None


def test_a_question_without_answer_is_given_up_with_the_database(file: Path) -> None:
    is_over = threading.Event()

    def question(_engine: Engine) -> bool:
        file.rename(file.with_suffix(".away"))
        return is_over.wait(30)

    cache.ready()
    with pytest.raises(cache.Unanswered):
        cache.fresh_answer(question)
    is_over.set()


def test_a_slow_answer_is_waited_for(file: Path) -> None:
    watch = cache._watch(reading_url())

    def question(_engine: Engine) -> str:
        before = watch._known_at
        until(lambda: watch._known_at > before)
        return "at last"

    assert cache.answer(question) == "at last"


def test_an_error_of_one_question_is_no_outage(file: Path) -> None:
    def question(engine: Engine) -> None:
        with engine.connect() as connection:
            connection.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(DatabaseProblem, match="OperationalError") as raised:
        cache.answer(question)
    assert not isinstance(raised.value, cache.Unanswered)
    assert cache.outage() is None


def test_another_schema_is_not_passed_over_in_silence(file: Path) -> None:
    """It answers, so what was read last is not what it says now."""
    cache.ready()
    with engine_for(reading_url()).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    def is_noticed() -> bool:
        cache.writing_outage()
        return cache.outage() is not None

    until(is_noticed)
    with pytest.raises(DatabaseProblem, match="newer schema"):
        cache.answer(queries.county, UNRESTRICTED)


# --- A replica --------------------------------------------------------------------------------------


def test_pages_read_the_replica_and_imports_write_the_other(
    sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main, replica = (copied(sample_engine, tmp_path / f"{name}.sqlite") for name in ("main", "replica"))
    monkeypatch.setenv("DATABASE_READ_URL", replica)

    def rename(url: str, name: str) -> None:
        with engine_for(url).begin() as connection:
            named = update(county_setting).where(county_setting.c.name == "county_name")
            connection.execute(named.values(value=name))
            connection.execute(update(data_state).values(version=data_state.c.version + 1))

    app = page("overview", main, monkeypatch)
    rename(main, "主库县")
    for _ in range(3):
        app.run()
        assert app.title[0].value == "邹城市 · 总览"
    # The replica has it now.
    rename(replica, "主库县")
    run_until(app, lambda: app.title[0].value == "主库县 · 总览")

    assert cache.engine().url.database == str(tmp_path / "main.sqlite")
    # The replica's loss is told of; the import page needs the other database only.
    (tmp_path / "replica.sqlite").rename(tmp_path / "elsewhere.sqlite")
    run_until(app, lambda: bool(notices(app)))
    assert app.title[0].value == "主库县 · 总览"
    imports = page("data_import", main, monkeypatch)
    assert not notices(imports)


def test_pages_read_a_streaming_standby(monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as primary, server(primary) as standby:
        primary.execute(sql.SQL("CREATE DATABASE county"))
        main, replica = primary.url("county"), standby.url("county")
        build(main, petitions=200)
        monkeypatch.setenv("DATABASE_READ_URL", replica)

        def is_level() -> bool:
            with psycopg.connect(primary.address("county")) as connection:
                written = connection.execute("SELECT pg_current_wal_lsn()").fetchone()
            with psycopg.connect(standby.address("postgres"), autocommit=True) as connection:
                return bool(
                    connection.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written).fetchone() == (True,)
                )

        until(is_level)
        app = page("petitions", main, monkeypatch)
        read = figures(app)
        assert len(read) == 6
        with pytest.raises(DBAPIError, match="read-only"), engine_for(replica).begin() as connection:
            connection.execute(update(county_setting).values(value="x"))
        # What is written to the primary comes to the pages by way of the standby.
        with engine_for(main).begin() as connection:
            named = update(county_setting).where(county_setting.c.name == "county_name")
            connection.execute(named.values(value="主库县"))
            connection.execute(update(data_state).values(version=data_state.c.version + 1))
        run_until(app, lambda: app.title[0].value == "主库县 · 群众诉求")
        # Pages do not need the primary.
        primary.kill()
        asked(app, ["太平镇"])
        assert not app.exception
        assert not notices(app)
        assert figures(app) != read
        for url in (main, replica):
            engine_for(url).dispose()


# --- Imports ----------------------------------------------------------------------------------------


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    rows = [case(number, received_at="2023-05-09", text="路灯不亮" * 100) for number in range(8_000)]
    return csv_file(tmp_path / "cases.csv", rows)


def townships(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(township).values(code="1", name="钢山街道", kind="街道"))


def ends_with_nothing(engine: Engine, file: Path, before: dict[str, list[str]]) -> None:
    with pytest.raises(DatabaseProblem, match="disk full") as raised:
        import_file(engine, PETITION_TABLE, file, by=UNRESTRICTED)
    assert "磁盘已满" in raised.value.zh
    assert "什么都没有写入" in raised.value.zh
    assert len(raised.value.zh) < 100
    assert dump(engine) == before


def test_a_full_disk_under_sqlite(tmp_path: Path, large_file: Path) -> None:
    engine = engine_for(f"sqlite:///{(tmp_path / 'county.sqlite').as_posix()}")
    upgrade(engine)
    townships(engine)
    before = dump(engine)
    with engine.connect() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))

    def bound(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + 100}")

    event.listen(engine, "connect", bound)
    ends_with_nothing(engine, large_file, before)
    event.remove(engine, "connect", bound)
    assert import_file(engine, PETITION_TABLE, large_file, by=UNRESTRICTED).new == 8_000


@pytest.mark.parametrize(
    ("is_there", "words"), [(True, "数据库已损坏，请用最近的备份恢复"), (False, "文件不在或打不开")]
)
def test_a_load_into_a_damaged_or_lost_file_says_so(tmp_path: Path, is_there: bool, words: str) -> None:
    place = tmp_path / "county.sqlite"
    if is_there:
        place.write_bytes(b"x" * 9_000)
    path = csv_file(tmp_path / "cases.csv", [case(1)])
    with pytest.raises(DatabaseProblem, match=words):
        import_file(engine_for(f"sqlite:///{place.as_posix()}"), PETITION_TABLE, path, by=UNRESTRICTED)


@pytest.fixture
def small_disk(postgresql: PostgreSQL) -> Iterator[Path]:
    """A disk of 256 MB in memory that belongs to the server's account; needs the right to mount."""
    place = postgresql.data.parent / "small disk"
    place.mkdir(exist_ok=True)
    owner = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
    options = f"size=256m,mode=700,uid={owner}"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"this account may not mount a small disk: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.may_skip
def test_a_full_disk_under_postgresql(postgresql: PostgreSQL, small_disk: Path, large_file: Path) -> None:
    postgresql.execute(sql.SQL("CREATE TABLESPACE small LOCATION {}").format(sql.Literal(str(small_disk))))
    postgresql.execute(sql.SQL("CREATE DATABASE small TABLESPACE small"))
    engine = engine_for(postgresql.url("small"))
    try:
        upgrade(engine)
        townships(engine)
        before = dump(engine)
        space = shutil.disk_usage(small_disk).used + 2_000_000
        subprocess.run(["mount", "-o", f"remount,size={space}", small_disk], check=True)
        ends_with_nothing(engine, large_file, before)
        subprocess.run(["mount", "-o", "remount,size=256m", small_disk], check=True)
        assert import_file(engine, PETITION_TABLE, large_file, by=UNRESTRICTED).new == 8_000
    finally:
        engine.dispose()
        postgresql.drop("small")
        postgresql.execute(sql.SQL("DROP TABLESPACE small"))


def test_a_server_killed_under_an_import(postgresql: PostgreSQL, empty_engine: Engine, large_file: Path) -> None:
    townships(empty_engine)
    before = dump(empty_engine)
    kills = iter([postgresql.kill])
    try:
        with pytest.raises(DatabaseProblem, match="什么都没有写入"):
            import_file(
                empty_engine,
                PETITION_TABLE,
                large_file,
                progress=lambda state: state.rows and next(kills, lambda: None)(),
                by=UNRESTRICTED,
            )
    finally:
        postgresql.start()
    assert dump(empty_engine) == before
    assert import_file(empty_engine, PETITION_TABLE, large_file, by=UNRESTRICTED).new == 8_000
