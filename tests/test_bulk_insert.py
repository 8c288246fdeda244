"""Bulk loads on both engines: every value comes back as it was, and what goes wrong does not repeat it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError

from data_access.areas.cameras.tables import camera
from data_access.areas.petitions.tables import petition
from data_access.bulk_insert import insert_columns
from data_access.places.tables import township
from data_access.schema import metadata
from tests.counties import GIVEN, ROWS, TEXTS, TIMES, columns_of, empty_file, numbers
from tests.postgresql_server import PostgreSQL


@pytest.fixture
def sqlite(tmp_path: Path) -> Engine:
    return empty_file(tmp_path / "county.sqlite")


@pytest.fixture(params=["sqlite", "empty_engine"])
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.getfixturevalue(request.param)
    return found


def test_every_type_is_among_the_values() -> None:
    kinds = {type(column.type) for table in metadata.sorted_tables for column in table.c}
    assert kinds == {type(table.c[name].type) for table, columns in GIVEN.items() for name in columns}


def test_rows_come_back_as_they_were(engine: Engine) -> None:
    with engine.begin() as connection:
        for table, columns in GIVEN.items():
            insert_columns(connection, table, columns)
    with engine.connect() as connection:
        for table, columns in GIVEN.items():
            rows = connection.execute(select(*(table.c[name] for name in columns))).all()
            assert sorted(map(repr, rows)) == sorted(map(repr, zip(*columns.values(), strict=True))), table.name


def test_sqlite_holds_what_its_own_converters_make(sqlite: Engine) -> None:
    query = f"SELECT {', '.join(GIVEN[petition])} FROM petition ORDER BY rowid"
    found = []
    for insert_them in (
        lambda: insert_columns(connection, petition, GIVEN[petition]),
        lambda: connection.execute(
            insert(petition),
            [dict(zip(GIVEN[petition], row, strict=True)) for row in zip(*GIVEN[petition].values(), strict=True)],
        ),
    ):
        with sqlite.connect() as connection, connection.begin() as transaction:
            insert_columns(connection, township, GIVEN[township])
            insert_them()
            found.append(connection.exec_driver_sql(query).all())
            transaction.rollback()
    assert found[0] == found[1]


def test_it_is_part_of_the_transaction(engine: Engine) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        insert_columns(connection, township, GIVEN[township])
        assert connection.scalar(select(func.count()).select_from(township)) == ROWS
        transaction.rollback()
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(township)) == 0


CASE = {"township_code": ["1"] * 2, "case_no": ["1", "2"], "petitioner": ["张三"] * 2, "received_at": TIMES[:1] * 2}


@pytest.mark.parametrize(
    ("table", "columns", "kind"),
    [
        (petition, CASE | {"township_code": ["1", "李四镇"]}, IntegrityError),
        (petition, CASE | {"received_at": [TIMES[0], None]}, IntegrityError),
        (petition, CASE | {"case_no": ["王五"] * 2}, IntegrityError),
    ],
)
def test_a_row_that_is_refused(engine: Engine, table: Any, columns: Any, kind: type[SQLAlchemyError]) -> None:
    with engine.begin() as connection:
        insert_columns(connection, township, GIVEN[township])
    with pytest.raises(kind) as raised, engine.begin() as connection:
        insert_columns(connection, table, columns)
    assert not any(name in str(raised.value) for name in ("张三", "李四", "王五"))
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.parametrize(
    "columns",
    [
        {"code": ["1" * 13], "name": ["张三"], "kind": ["镇"]},
        {"code": ["1"], "name": ["张\0三"], "kind": ["镇"]},
        {"code": ["1"], "name": ["张\ud800三"], "kind": ["镇"]},
        {"code": ["1"], "name": ["张三"], "kind": ["镇"], "residents": [2**31]},
        {"code": ["1"], "name": ["张三"], "kind": ["镇"], "tile_row": [-(2**15) - 1]},
        {"code": ["1"], "name": ["张三"], "kind": ["镇"], "residents": ["张三"]},
        {"code": ["1"], "name": [3], "kind": ["镇"]},
    ],
)
def test_a_value_that_postgresql_cannot_hold(empty_engine: Engine, columns: Any) -> None:
    with pytest.raises(DataError) as raised, empty_engine.begin() as connection:
        insert_columns(connection, township, columns)
    assert "张" not in str(raised.value)
    with empty_engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(township)) == 0


def test_a_server_that_freezes_during_a_load(postgresql: PostgreSQL, empty_engine: Engine) -> None:
    with empty_engine.connect() as connection:
        insert_columns(connection, township, GIVEN[township])
        driver: Any = connection.connection.driver_connection
        driver.patience = 1
        with postgresql.frozen(), pytest.raises(OperationalError, match="does not answer"):
            insert_columns(connection, petition, GIVEN[petition])
        assert connection.invalidated
    with empty_engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(township)) == 0


@pytest.fixture
def spread(postgresql: PostgreSQL, migrated_database: str) -> Iterator[Engine]:
    """A database whose cameras are partitioned: those of township 1 in another database."""
    with postgresql.copied(migrated_database) as worker, postgresql.copied(migrated_database) as coordinator:
        with worker.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE camera DROP CONSTRAINT fk_camera_township_code")
        for statement in (
            "CREATE EXTENSION postgres_fdw",
            "CREATE SERVER worker FOREIGN DATA WRAPPER postgres_fdw OPTIONS "
            "(host '127.0.0.1', port {port}, dbname {database}, batch_size '100')",
            "CREATE USER MAPPING FOR PUBLIC SERVER worker OPTIONS (user {user}, password {password})",
            "ALTER TABLE camera RENAME TO old",
            "CREATE TABLE camera (LIKE old) PARTITION BY LIST (township_code)",
            "CREATE FOREIGN TABLE camera_1 PARTITION OF camera FOR VALUES IN ('1') SERVER worker "
            "OPTIONS (table_name 'camera')",
            "CREATE TABLE camera_rest PARTITION OF camera DEFAULT",
        ):
            url = worker.url
            given = {"port": str(url.port), "database": url.database, "user": url.username, "password": url.password}
            postgresql.execute(sql.SQL(statement).format(**given), str(coordinator.url.database))
        yield coordinator


def test_partitions_on_another_server(spread: Engine) -> None:
    columns = columns_of(
        500, township_code=["1", "2", "3"], camera_id=numbers(500), place=TEXTS, installed_on=[date(2020, 1, 1)]
    )
    with spread.begin() as connection:
        insert_columns(connection, camera, columns)
    with spread.connect() as connection:
        rows = connection.execute(select(*(camera.c[name] for name in columns))).all()
        assert connection.exec_driver_sql("SELECT count(*) FROM camera_1").scalar_one() == 167
    assert sorted(map(repr, rows)) == sorted(map(repr, zip(*columns.values(), strict=True)))
    with pytest.raises(IntegrityError) as raised, spread.begin() as connection:
        insert_columns(connection, camera, {name: values[:2] for name, values in columns.items()})
    assert "camera_id" not in str(raised.value).partition("[SQL")[0]
