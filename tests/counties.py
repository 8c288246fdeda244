"""Counties in databases: empty ones, random ones, small and difficult ones, and the sample."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, create_engine, delete, insert, select, text
from sqlalchemy.pool import StaticPool

from data_access.access import UNRESTRICTED
from data_access.areas.cameras.tables import camera
from data_access.areas.petitions.tables import petition
from data_access.areas.projects.tables import project
from data_access.areas.volunteers.tables import volunteer_month
from data_access.audit.tables import deed
from data_access.database import engine_for, upgrade
from data_access.model.batches import import_batch
from data_access.model.data_state import as_of_dates, data_state
from data_access.places.tables import grid, township, township_alias, village
from data_access.rollups import refresh
from data_access.schema import ROLLUPS, metadata
from data_access.scope import Scope, month_offset
from sample_data import build
from sample_data.county import Township, townships
from tests.raw_indicators import AREAS, FIRST, Row, World

EVERYTHING = Scope(UNRESTRICTED, None, "2023-11", "2024-04")


def memory_engine() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    metadata.create_all(engine)
    return engine


def sqlite_url(path: Path) -> str:
    """The address of that file."""
    return f"sqlite:///{path.as_posix()}"


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "county.sqlite"
        engine = engine_for(sqlite_url(path))
        upgrade(engine)
        engine.dispose()
        return path.read_bytes()


def empty_file(path: Path) -> Engine:
    """An engine on a new file with this version's tables."""
    path.write_bytes(_migrated())
    return engine_for(sqlite_url(path))


def dump(engine: Engine, tables: Sequence[Any] = metadata.sorted_tables) -> dict[str, list[str]]:
    """Every row of the tables, in an order that is the same for equal contents."""
    with engine.connect() as connection:
        return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in tables}


def all_but_batches(engine: Engine) -> dict[str, list[str]]:
    """All that stands in the database but what only grows: the list of batches, the audit log and numbers."""
    growing = (import_batch, data_state, deed)
    found = dump(engine, [table for table in metadata.sorted_tables if table not in growing])
    state = select(data_state.c.area, data_state.c.as_of, data_state.c.registers_since)
    with engine.connect() as connection:
        found["data_state"] = sorted(map(repr, connection.execute(state)))
    return found


def rebuilt(engine: Engine) -> dict[str, list[str]]:
    """The rollups as a full rebuild makes them; the database stays as it is."""
    with engine.connect() as connection:
        for area in connection.scalars(select(data_state.c.area)).all():
            refresh(connection, area)
        tables = {table.name: sorted(map(repr, connection.execute(select(table)))) for table in ROLLUPS}
        connection.rollback()
    return tables


def add_three_townships(engine: Engine) -> None:
    """The small county of the importer's tests; 东村 is a village of two townships."""
    with engine.begin() as connection:
        connection.execute(
            insert(township),
            [
                {"code": "100000001", "name": "钢山街道", "kind": "街道", "residents": 1000},
                {"code": "100000002", "name": "香城镇", "kind": "镇", "residents": 2000},
                {"code": "100000003", "name": "峄山镇", "kind": "镇", "residents": 3000},
            ],
        )
        connection.execute(insert(township_alias).values(alias="峰山镇", township_code="100000003"))
        connection.execute(
            insert(village),
            [
                {"code": "100000001001", "township_code": "100000001", "name": "东村"},
                {"code": "100000002001", "township_code": "100000002", "name": "东村"},
                {"code": "100000002002", "township_code": "100000002", "name": "西村"},
                {"code": "100000003001", "township_code": "100000003", "name": "南村"},
                {"code": "100000003002", "township_code": "100000003", "name": "南村"},
            ],
        )


@contextmanager
def three_townships(folder: Path) -> Iterator[Engine]:
    """A file with them."""
    engine = empty_file(folder / "county.sqlite")
    add_three_townships(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Three townships without cases, in a file, or on the server that an indirect parameter names."""
    if getattr(request, "param", "sqlite") == "postgresql":
        server = request.getfixturevalue("postgresql")
        with server.copied(request.getfixturevalue("migrated_database")) as engine:
            add_three_townships(engine)
            yield engine
    else:
        with three_townships(tmp_path) as engine:
            yield engine


on_both = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


class Loaded:
    """A random county in a database, and beside it the rows it was made of."""

    def __init__(self, seed: int, engine: Engine) -> None:
        self.world = World(Random(seed), petitions=150, others=40)  # noqa: S311
        self.facts = self.world.facts
        self.engine = engine
        with self.engine.begin() as connection:
            self.world.write(connection)
            for area in AREAS:
                refresh(connection, area, as_of=self.world.end)
            self.as_of = as_of_dates(connection)
        self.villages = {row["code"]: row["name"] for row in self.facts["village"]}
        first, *_, last = self.world.townships
        self.scopes = (
            EVERYTHING,
            Scope(UNRESTRICTED, (last,), "2023-11", "2024-04"),
            Scope(UNRESTRICTED, (), "2023-11", "2024-04"),
            Scope(UNRESTRICTED, (first, last), "2024-01", "2024-01"),
            Scope(UNRESTRICTED, None, "2019-01", "2019-03"),
        )

    def of(self, name: str, scope: Scope) -> list[Row]:
        return [
            row
            for row in self.facts[name]
            if row["township_code"] in (self.world.townships if scope.townships is None else scope.townships)
        ]


# --- Random counties --------------------------------------------------------------------------------

MONTHS = [month_offset(FIRST, number) for number in range(-2, 10)]


def load(
    connection: Connection, world: World, loader_as_of: datetime | None = None, registers_since: str | None = None
) -> dict[str, datetime]:
    """The world into the emptied database, with all rollups; the as-of moment of each area."""
    for table in reversed(metadata.sorted_tables):
        connection.execute(delete(table))
    world.write(connection)
    for area in AREAS:
        refresh(connection, area, as_of=loader_as_of, registers_since=registers_since)
    return as_of_dates(connection)


# Without shrinking, which would take minutes: a failing example names its seed, and is tried first the next time.
quick = settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)


worlds = st.builds(
    World,
    st.randoms(use_true_random=True),
    petitions=st.integers(0, 80),
    others=st.integers(0, 15),
)


# --- Every kind of value ----------------------------------------------------------------------------

TEXTS = [
    "",
    " ",
    "\t",
    "a\nb\r\nc",
    "\\",
    "\\N",
    "\\.",
    "'",
    '"',
    '","',
    "{}",
    "%s",
    "null",
    "邹城市钢山街道",
    "𠮷",
    None,
]
TIMES = [datetime(2023, 8, 31), datetime(2023, 8, 31, 23, 59, 59, 999_999), datetime(1, 1, 1), None]
FLOATS = [0.1, 1 / 3, -1e-300, 1.7976931348623157e308, 5e-324, 7.0, 0.0, None]
WHOLE = [2**31 - 1, -(2**31), 0, None]


def columns_of(count: int, **columns: list[Any]) -> dict[str, list[Any]]:
    """The columns, each repeated from its start until it has as many rows."""
    return {name: [values[place % len(values)] for place in range(count)] for name, values in columns.items()}


def numbers(count: int) -> list[str]:
    return [str(number) for number in range(count)]


ROWS = len(TEXTS)
GIVEN = {
    township: columns_of(
        ROWS, code=numbers(ROWS), name=numbers(ROWS), kind=["镇"], residents=WHOLE, tile_row=[2**15 - 1, -(2**15), None]
    ),
    petition: columns_of(
        ROWS,
        township_code=["1"],
        case_no=numbers(ROWS),
        title=TEXTS,
        text=TEXTS[::-1],
        received_at=TIMES[:-1],
        closed_at=TIMES,
        resolved=[True, False, None],
    ),
    grid: columns_of(3, township_code=["1"], grid_code=numbers(3), kind=["网格"], workers=[1], opened_on=[date.max, None]),
    project: columns_of(
        4,
        township_code=["1"],
        project_id=numbers(4),
        name=["路"],
        budget_yuan=[2**63 - 1, -(2**63), None],
        planned_start=[date(1, 1, 1)],
        planned_end=[date.max],
    ),
    camera: columns_of(
        8, township_code=["1"], camera_id=numbers(8), installed_on=[date.min, date.max], longitude=FLOATS
    ),
    volunteer_month: columns_of(8, township_code=["1"], month=numbers(8), teams=[1], hours=FLOATS),
    # Columns whose names are words of SQL
    import_batch: columns_of(
        1, id=["x"], table_name=["y"], file_name=["z"], file_sha256=["0"], started_at=TIMES[:1], finished_at=TIMES[:1],
        read=[1], new=[1], changed=[0], unchanged=[0], rejected=[0], number=[1],
    ),
}  # fmt: skip


# --- A difficult county -----------------------------------------------------------------------------

_TAILS = ("高新技术产业街道", "经济开发示范区镇", "生态旅游度假区镇")


def difficult_townships() -> list[Township]:
    """Forty townships after the models of the sample's, whose codes the first sixteen keep."""
    models = townships()
    drawn = []
    for number in range(40):
        model = models[number % len(models)]
        code = model.code if number < len(models) else f"3708832{number:02}"
        villages = tuple((f"{code}{place:03}", name) for place, (_, name) in enumerate(model.villages, 1))
        head = model.name[: 10 - len(_TAILS[number // len(models)])]
        drawn.append(
            replace(
                model,
                code=code,
                name=head + _TAILS[number // len(models)],
                alias="",
                villages=villages,
                tile_row=number // 7,
                tile_column=number % 7,
            )
        )
    assert len({place.name for place in drawn}) == len(drawn)
    assert {len(place.name) for place in drawn} == {10}
    return drawn


def build_difficult(url: str) -> None:
    """Fill an empty database with a county that is hard to draw: forty townships of ten characters, not on the map."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "townships", difficult_townships)
        build.build(url, petitions=30_000)


def build_single(url: str) -> None:
    """Fill an empty database with a county of one township, with few cases."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "townships", lambda: townships()[:1])
        build.build(url, petitions=500)


@contextmanager
def empty_county(request: pytest.FixtureRequest, kind: str) -> Iterator[Engine]:
    """A county's tables on an engine of that kind: sqlite (in memory) or postgresql."""
    if kind == "postgresql":
        shared = request.getfixturevalue("postgresql")
        with shared.copied(request.getfixturevalue("migrated_database")) as engine:
            yield engine
    else:
        engine = memory_engine()
        yield engine
        engine.dispose()


def copied(engine: Engine, place: Path) -> str:
    """The URL of a copy of a county that nobody writes to, to write to."""
    if engine.url.database:
        # Whoever made the file has closed it: nothing of it is left in a log beside it.
        shutil.copyfile(engine.url.database, place)
    else:
        with engine.connect() as connection:
            connection.execute(text("VACUUM INTO :place"), {"place": str(place)})
    return sqlite_url(place)


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The file of that name, made by the first process of the run that wants it; the others wait for it."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    path = (factory.getbasetemp().parent if is_worker else factory.getbasetemp()) / name
    # A lock that every system has, and that a process that ends gives back.
    with closing(sqlite3.connect(path.with_suffix(".lock"), timeout=600, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        if not path.exists():
            unfinished = path.with_suffix(".unfinished")
            make(unfinished)
            unfinished.rename(path)
    return path


@pytest.fixture(scope="session")
def sample_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the default sample county; read it, do not write to it."""
    return sqlite_url(shared(tmp_path_factory, "sample.sqlite", lambda path: build.build(sqlite_url(path))))


@pytest.fixture(scope="session")
def sample_engine(sample_url: str) -> Engine:
    """An engine on the sample county."""
    return engine_for(sample_url)
