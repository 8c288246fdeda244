"""Every indicator, from rollups and from raw facts; rollups kept up and rebuilt."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, Table, delete, event, func, insert, select, update
from sqlalchemy.engine.interfaces import CacheStats

from data_access.access import UNRESTRICTED
from data_access.indicators import INDICATORS
from data_access.model.data_state import data_state
from data_access.model.indicator import Indicator
from data_access.queries import measure
from data_access.rollups import refresh
from data_access.schema import ROLLUPS, metadata
from data_access.scope import Scope, is_finished, same_moment
from tests.asked import BY_KIND, FILTERS, FURTHER, PETITION_CODES, PLACE_AND_TIME, rollup_rows
from tests.counties import MONTHS, empty_county, load, memory_engine, quick, worlds
from tests.raw_indicators import AREAS, FIRST, Recount, Row, World, as_of_from


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = memory_engine()
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def postgresql_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with empty_county(request, "postgresql") as engine:
        yield engine


# A world takes longer there.
few = settings(quick, max_examples=12)


def chosen(codes: tuple[str, ...]) -> list[Indicator]:
    return [INDICATORS[code] for code in codes]


def assert_same(measured: pd.DataFrame, recounted: pd.DataFrame, by: tuple[str, ...]) -> None:
    """Equal, but for rows without any data, which either may leave out."""
    if by:
        measured = measured.set_index(list(by))
    # A rollup by kinds or causes may not have how many rows tell what is needed.
    measured = measured.drop(columns=[name for name in measured if name.endswith(":k") and measured[name].isna().all()])
    rows = measured.index.union(recounted.index)
    assert measured.index.is_unique
    pd.testing.assert_frame_equal(
        measured.reindex(rows),
        recounted.reindex(rows)[measured.columns],
        check_dtype=False,
        check_index_type=False,
        check_column_type=False,
        rtol=1e-9,
        atol=1e-6,
    )


@given(world=worlds, data=st.data())
@quick
def test_every_indicator_equals_its_recount(engine: Engine, world: World, data: st.DataObject) -> None:
    # The loader may know that the data reach further than their last event.
    later = data.draw(st.sampled_from([None, world.end, world.end + timedelta(days=20)]), label="as of")
    registers_since = data.draw(st.sampled_from([None, FIRST, "2024-02"]), label="registers since")
    with engine.begin() as connection:
        as_of = load(connection, world, later, registers_since)
    for area in AREAS:
        assert as_of.get(area) == max(
            (m for m in (later, as_of_from(world.facts, area, by_register=later is None)) if m), default=None
        )
    recount = Recount(world.facts, as_of, registers_since)
    townships = data.draw(
        st.none() | st.sets(st.sampled_from(world.townships)).map(sorted).map(tuple), label="townships"
    )
    start, end = sorted(data.draw(st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS)), label="months"))
    scope = Scope(UNRESTRICTED, townships, start, end)
    questions = [(scope, by, codes) for by, codes in FURTHER.items()]
    questions += [(scope, by, codes) for by in (("kind",), ("township_code", "kind")) for codes in BY_KIND]
    villages = [row["code"] for row in world.facts["village"]]
    filters = [*FILTERS, *(((("village_code", code),), PETITION_CODES) for code in villages[:1])]
    questions += [(scope.narrowed(*where), by, codes) for where, codes in filters for by in ((), ("month",))]
    every = (scope, data.draw(st.sampled_from(PLACE_AND_TIME), label="by"), tuple(INDICATORS))
    asked = data.draw(st.lists(st.sampled_from(questions), min_size=3, max_size=3), label="asked")
    for scope, by, codes in (every, *asked):
        assert_same(measure(engine, chosen(codes), scope, by), recount(chosen(codes), scope, by), by)


@given(world=worlds, data=st.data())
@few
def test_every_indicator_equals_its_recount_on_postgresql(
    postgresql_engine: Engine, world: World, data: st.DataObject
) -> None:
    test_every_indicator_equals_its_recount.hypothesis.inner_test(postgresql_engine, world, data)


def test_every_supported_question_is_asked() -> None:
    by_source: dict[str, set[str]] = {}
    for by, codes in (*FURTHER.items(), *((("kind",), codes) for codes in BY_KIND)):
        for code in codes:
            by_source.setdefault(INDICATORS[code].source, set()).update(by)
    for table in ROLLUPS:
        source = f"{table.name.partition('_')[0]}_month"
        assert set(table.info["dimensions"]) <= {"township_code", "month", *by_source[source]}, table.name


def test_what_is_counted_again_is_not_compiled_again(sample_engine: Engine) -> None:
    """A statement that SQLAlchemy cannot keep costs more than SQLite takes for it."""
    anew: list[str] = []

    def note(_connection: Connection, _cursor: Any, statement: str, _parameters: Any, context: Any, *_: Any) -> None:
        if context.compiled is not None and context.cache_hit is not CacheStats.CACHE_HIT:
            anew.append(statement)

    with sample_engine.connect() as connection:
        for area in AREAS:
            refresh(connection, area, start="2023-05", end="2023-06")
        event.listen(connection, "before_cursor_execute", note)
        for area in AREAS:
            refresh(connection, area, start="2023-05", end="2023-06")
        connection.rollback()
    # A table that is there for a while is another one each time.
    assert {" ".join(statement.split()[:2]) for statement in anew} == {"CREATE TEMPORARY", "DROP TABLE"}


# --- Earlier periods to the same moment -------------------------------------------------------------


def as_it_stood(facts: dict[str, list[Row]], moment: datetime) -> dict[str, list[Row]]:
    """The facts without what had not happened at the moment; registers and plans are as they are."""
    happens = {"petition": "received_at", "camera_outage": "started_at", "volunteer_activity": "held_on"}
    happens |= {"grid_event": "reported_at"}
    known = ("signed_at", "replied_at", "closed_at", "ended_at")

    def is_later(value: Any) -> bool:
        return isinstance(value, date) and (value > moment if isinstance(value, datetime) else value > moment.date())

    return {
        name: [
            row | {column: None for column in known if is_later(row.get(column))}
            for row in rows
            if not is_later(row.get(happens.get(name, "")))
        ]
        for name, rows in facts.items()
    }


@given(world=worlds, area=st.sampled_from(["petitions", "cameras", "volunteers", "grid"]), data=st.data())
@quick
def test_an_earlier_period_is_counted_to_the_same_moment(
    engine: Engine, world: World, area: str, data: st.DataObject
) -> None:
    with engine.begin() as connection:
        as_of = load(connection, world).get(area)
        rollup = metadata.tables[next(one.source for one in INDICATORS.values() if one.area == area)]
        first = connection.scalar(select(func.min(rollup.c.month)))
    if as_of is None or first is None or is_finished(f"{as_of:%Y-%m}", as_of):
        return
    start, end = sorted(data.draw(st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS)), label="months"))
    by = data.draw(st.sampled_from(PLACE_AND_TIME), label="by")
    earlier = Scope(UNRESTRICTED, None, start, end).shifted(-1)
    # Who closed a case of late has not been called back yet: that is not compared.
    codes = tuple(code for code, one in INDICATORS.items() if one.area == area and code != "callback_rate")
    measured = measure(engine, chosen(codes), earlier, by)
    if "month" not in by and earlier.start < first:
        adds_up = [code for code in codes if INDICATORS[code].over_months == "sum"]
        assert measured.reindex(columns=adds_up).isna().all(axis=None)
    elif end < f"{as_of:%Y-%m}":
        whole = measure(engine, chosen(codes), Scope(UNRESTRICTED, None, earlier.start, earlier.end), by)
        pd.testing.assert_frame_equal(measured, whole)
    else:
        moment = same_moment(as_of, 1)
        stood = as_it_stood(world.facts, moment)
        if area == "cameras" and not stood["camera_outage"]:
            # That the cameras are watched is known today.
            return
        recount = Recount(stood, dict.fromkeys(AREAS, moment))
        expected = recount(chosen(codes), Scope(UNRESTRICTED, None, earlier.start, earlier.end), by)
        # What came after changed what is counted of the whole months before: these stay as they are known today.
        last = f"{moment:%Y-%m}"
        if last < first:
            assert measured.reindex(columns=list(codes)).isna().all(axis=None)
        elif earlier.start == last:
            assert_same(measured, expected, by)
        elif "month" in by:
            only = expected[expected.index.get_level_values("month") == last]
            assert_same(measured[measured["month"] == last], only, by)


# --- Incremental refresh ----------------------------------------------------------------------------

FACTS_OF = {
    "petitions": ("petition",),
    "cameras": ("camera", "camera_outage"),
    "volunteers": ("volunteer_team", "volunteer_activity"),
    "projects": ("project", "project_report"),
    "grid": ("grid_event",),
}
CHILDREN = {
    "camera": ("camera_outage", "camera_id"),
    "volunteer_team": ("volunteer_activity", "team_id"),
    "project": ("project_report", "project_id"),
}


def months_of(row: Row) -> set[str]:
    """The months of every date in a row: what a loader knows of the span it touched."""
    months = {f"{value:%Y-%m}" for value in row.values() if isinstance(value, date)}
    return months | {row["month"]} if "month" in row else months


def key_of(table: Table, row: Row) -> Any:
    return [column == row[column.name] for column in table.primary_key]


def change(connection: Connection, world: World, name: str, township_code: str) -> set[str]:
    """Insert, update or delete one row (with its children); the months of its old and new dates."""
    rng, table = world.rng, metadata.tables[name]
    rows = world.of(name, township_code)
    what = rng.choice(("insert", "update", "delete")) if rows else "insert"
    if what == "insert":
        new = world.add(name, township_code)
        if new is None:
            return set()
        connection.execute(insert(table).values(new))
        return months_of(new)
    old = rng.choice(rows)
    if what == "update":
        new = world.add(name, township_code, old)
        if new is None:
            return set()
        connection.execute(update(table).where(*key_of(table, old)).values(new))
        return months_of(old) | months_of(new)
    months = months_of(old)
    if name in CHILDREN:
        child, key = CHILDREN[name]
        for row in [row for row in world.of(child, township_code) if row[key] == old[key]]:
            months |= months_of(row)
            world.facts[child].remove(row)
            connection.execute(delete(metadata.tables[child]).where(*key_of(metadata.tables[child], row)))
    world.facts[name].remove(old)
    connection.execute(delete(table).where(*key_of(table, old)))
    return months


@given(
    world=worlds,
    area=st.sampled_from(AREAS),
    township=st.integers(0, 2),
    changes=st.integers(1, 6),
    days_later=st.sampled_from([0, 0, 1, 40]),
)
@quick
def test_a_refresh_of_what_changed_equals_a_rebuild(
    engine: Engine, world: World, area: str, township: int, changes: int, days_later: int
) -> None:
    township_code = world.townships[township]
    with engine.begin() as connection:
        before = load(connection, world)
        # Later events move the as-of date; so may the loader.
        world.end += timedelta(days=days_later)
        months = set(
            itertools.chain.from_iterable(
                change(connection, world, world.rng.choice(FACTS_OF[area]), township_code) for _ in range(changes)
            )
        )
        if not months:
            return
        as_of = world.rng.choice((None, world.end)) if area in before else None
        refresh(connection, area, townships=[township_code], start=min(months), end=max(months), as_of=as_of)
        kept_up = rollup_rows(connection)
        # Told the same: a register alone reaches as far as its loader says, else to its latest date.
        refresh(connection, area, as_of=as_of)
        assert kept_up == rollup_rows(connection)
        versions = dict(connection.execute(select(data_state.c.area, data_state.c.version)).all())
        assert versions.get(area, 0) == (3 if area in before else 2 if area in versions else 0)


@given(
    world=worlds,
    area=st.sampled_from(AREAS),
    township=st.integers(0, 2),
    changes=st.integers(1, 6),
    days_later=st.sampled_from([0, 1, 40]),
)
@few
def test_a_refresh_of_what_changed_equals_a_rebuild_on_postgresql(postgresql_engine: Engine, **drawn: Any) -> None:
    test_a_refresh_of_what_changed_equals_a_rebuild.hypothesis.inner_test(postgresql_engine, **drawn)
