"""A coordinator and two workers: the same answers, work done where the rows are, and a worker that comes and goes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from psycopg import sql
from sqlalchemy import Engine, event, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from data_access import queries
from data_access.access import UNRESTRICTED
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.lists import CaseFilter
from data_access.areas.petitions.places import open_case_places
from data_access.areas.petitions.tables import petition
from data_access.cluster import DISTRIBUTED, distribute, main
from data_access.database import DatabaseProblem, engine_for, require_schema, unreachable, upgrade
from data_access.importing import ImportResult, import_file
from data_access.importing.undo import batches, undo
from data_access.indicators import INDICATORS
from data_access.queries import measure
from data_access.rollups import refresh
from data_access.schema import metadata
from data_access.scope import Scope
from tests.asked import ARGUMENTS, PLACE_AND_TIME, QUERIES, paged, rollup_rows, same
from tests.counties import EVERYTHING, memory_engine
from tests.files import csv_file
from tests.postgresql_server import PASSWORD, PostgreSQL, documented, server
from tests.raw_indicators import AREAS, World

# Townships of both workers report in this one.
SEED = 1320


@dataclass(frozen=True)
class Cluster:
    """Three servers with a county; ``writer`` is the dashboard's way in, and ``sqlite`` holds the same county."""

    coordinator: PostgreSQL
    workers: tuple[PostgreSQL, PostgreSQL]
    writer: Engine
    sqlite: Engine
    world: World

    def township_on(self, worker: int) -> str:
        """A township whose facts lie there."""
        with engine_for(self.workers[worker].url("county", "county_owner")).connect() as connection:
            return str(connection.scalar(select(func.min(petition.c.township_code))))


def with_accounts(server: PostgreSQL) -> str:
    """Makes the database and the accounts as documented; the address of the owner."""
    for block, database in ((0, "postgres"), (1, "county")):
        for statement in documented("postgresql.md", block):
            server.execute(statement, database)
    return server.url("county", "county_owner")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with ExitStack() as stack, ThreadPoolExecutor(3) as pool:
        servers = [stack.enter_context(one) for one in [server(), server(), server()]]
        coordinator, *workers = servers
        owner, *worker_urls = pool.map(with_accounts, servers)
        for statement in documented("cluster.md", 0):
            coordinator.execute(statement, "county")
        owners = [engine_for(url) for url in (owner, *worker_urls)]
        distribute(owners[0], worker_urls)
        world = World(Random(SEED), petitions=150, others=40)  # noqa: S311
        writer, sqlite = engine_for(coordinator.url("county", "county_writer")), memory_engine()
        for engine in (writer, sqlite):
            with engine.begin() as connection:
                world.write(connection)
                for area in AREAS:
                    refresh(connection, area, as_of=world.end)
        yield Cluster(coordinator, (workers[0], workers[1]), writer, sqlite, world)
        for engine in (writer, sqlite, *owners):
            engine.dispose()


def facts(engine: Engine) -> dict[str, list[Any]]:
    """The rows of each distributed table, but for the batches, which have names of their own in each database."""
    with engine.connect() as connection:
        return {
            table.name: connection.execute(
                select(*(column for column in table.c if column.name != "batch_id")).order_by(*table.primary_key)
            ).all()
            for table in DISTRIBUTED
        }


def rollups(engine: Engine) -> dict[str, Any]:
    with engine.connect() as connection:
        return rollup_rows(connection)


def assert_same_county(cluster: Cluster) -> None:
    assert facts(cluster.writer) == facts(cluster.sqlite)
    assert rollups(cluster.writer) == rollups(cluster.sqlite)


# --- Where the rows are -----------------------------------------------------------------------------


def test_each_fact_lies_on_one_worker(cluster: Cluster) -> None:
    for table in DISTRIBUTED:
        by_worker = []
        for worker in cluster.workers:
            with engine_for(worker.url("county", "county_owner")).connect() as connection:
                by_worker.append(set(connection.execute(select(*table.primary_key))))
        assert by_worker[0] and by_worker[1], table.name
        assert not {row.township_code for row in by_worker[0]} & {row.township_code for row in by_worker[1]}
        with cluster.sqlite.connect() as connection:
            assert by_worker[0] | by_worker[1] == set(connection.execute(select(*table.primary_key)))


def test_what_is_not_a_fact_stays_on_the_coordinator(cluster: Cluster) -> None:
    names = {table.name for table in DISTRIBUTED}
    for worker in cluster.workers:
        with engine_for(worker.url("county", "county_owner")).connect() as connection:
            for table in metadata.sorted_tables:
                # Every server's schema brings its own.
                if table.name not in names and not table.info.get("is_seeded"):
                    assert connection.scalar(select(func.count()).select_from(table)) == 0, table.name


def test_the_workers_keep_the_keys(cluster: Cluster) -> None:
    for name, doubled in (("petition", "duplicate key"), ("camera_outage", "foreign key")):
        row = dict(cluster.world.facts[name][0])
        if name == "camera_outage":
            row["camera_id"] = "nowhere"
        with pytest.raises(IntegrityError, match=doubled), cluster.writer.begin() as connection:
            connection.execute(insert(metadata.tables[name]).values(row))


def test_a_county_with_facts_is_not_spread(cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    owner = cluster.coordinator.url("county", "county_owner")
    monkeypatch.setenv("DATABASE_URL", owner)
    assert main([cluster.workers[0].url("county", "county_owner")]) == 1
    told = capsys.readouterr().err
    assert "The table petition holds rows" in told
    assert PASSWORD not in told
    assert_same_county(cluster)


def test_the_schema_goes_up_again(cluster: Cluster) -> None:
    for one in (*cluster.workers, cluster.coordinator):
        engine = engine_for(one.url("county", "county_owner"))
        upgrade(engine)
        require_schema(engine)
    assert_same_county(cluster)


# --- The same answers -------------------------------------------------------------------------------


def test_rollups_equal_those_of_sqlite(cluster: Cluster) -> None:
    assert_same_county(cluster)
    assert all(rollups(cluster.writer).values())


def scopes(cluster: Cluster) -> tuple[Scope, ...]:
    return (
        EVERYTHING,
        Scope(UNRESTRICTED, (cluster.township_on(0),), "2023-11", "2024-04"),
        Scope(UNRESTRICTED, (cluster.township_on(0), cluster.township_on(1)), "2024-01", "2024-01"),
    )


def answers(engine: Engine, name: str, scope: Scope) -> Any:
    arguments = ARGUMENTS.get(name, (EVERYTHING,))
    return QUERIES[name](engine, *(scope if part is EVERYTHING else part for part in arguments))


@pytest.mark.parametrize("name", QUERIES)
def test_queries_answer_the_same(name: str, cluster: Cluster) -> None:
    for scope in scopes(cluster):
        same(answers(cluster.sqlite, name, scope), answers(cluster.writer, name, scope))


STATES = ("all", "open", "pending", "overdue", "late", "closed", "dissatisfied")


@pytest.mark.parametrize("state", STATES)
def test_case_lists_are_the_same(state: str, cluster: Cluster) -> None:
    village_code = cluster.world.facts["village"][0]["code"]
    for chosen in (CaseFilter(state), CaseFilter(state, weekday=1), CaseFilter(state, village_code, text="停")):
        for scope in (EVERYTHING, EVERYTHING.narrowed(("category_1", "劳动"), ("channel", ""))):
            same(*(paged(engine, scope, chosen) for engine in (cluster.sqlite, cluster.writer)))
            same(
                *(
                    petition_lists.petition_case_count(engine, scope, chosen)
                    for engine in (cluster.sqlite, cluster.writer)
                )
            )


def test_measures_are_the_same(cluster: Cluster) -> None:
    for scope in scopes(cluster):
        for by in PLACE_AND_TIME:
            every = list(INDICATORS.values())
            same(*(measure(engine, every, scope, by) for engine in (cluster.sqlite, cluster.writer)))


# --- Work done where the rows are -------------------------------------------------------------------


def plans(engine: Engine, ask: Callable[[], Any]) -> list[Any]:
    """How each statement that the question sends is carried out."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        explained = [
            connection.exec_driver_sql(f"EXPLAIN (VERBOSE, FORMAT JSON) {statement}", parameters).scalar_one()
            for statement, parameters in sent
        ]
    return [plan[0]["Plan"] for plan in (json.loads(one) if isinstance(one, str) else one for one in explained)]


def foreign_scans(plan: Any) -> list[Any]:
    """What the plan asks of workers."""
    own = [plan] if plan["Node Type"] == "Foreign Scan" else []
    return own + [scan for part in plan.get("Plans", ()) for scan in foreign_scans(part)]


def assert_sums_are_of_sums(plan: Any) -> None:
    """Whatever the coordinator adds up of the workers' rows, they have added up before."""
    for part in plan.get("Plans", ()):
        if plan["Node Type"] == "Aggregate":
            assert all("GROUP BY" in scan["Remote SQL"] for scan in foreign_scans(part))
        assert_sums_are_of_sums(part)


# What groups, and what lists rows; all other questions are answered from the coordinator alone.
GROUPING = {
    "open_case_ages",
    "overdue_by_township",
    "villages_without_camera",
    "quiet_teams",
    "projects",
    "grid_activity",
    "grid_marks",
}
LISTING = {"petition_cases", "cameras_offline", "camera_places"}


@pytest.mark.parametrize("name", QUERIES)
def test_only_lists_ask_the_workers(name: str, cluster: Cluster) -> None:
    asked = plans(cluster.writer, lambda: answers(cluster.writer, name, EVERYTHING))
    scans = [scan for plan in asked for scan in foreign_scans(plan)]
    assert bool(scans) == (name in GROUPING | LISTING)
    assert not [scan for scan in scans if "Filter" in scan]
    assert any("GROUP BY" in scan["Remote SQL"] for scan in scans) == (name in GROUPING)
    for plan in asked:
        assert_sums_are_of_sums(plan)


@pytest.mark.parametrize("state", STATES)
def test_filters_and_counts_go_to_the_workers(state: str, cluster: Cluster) -> None:
    chosen = CaseFilter(state, cluster.world.facts["village"][0]["code"], 1, 9, "停水")
    scope = EVERYTHING.narrowed(("category_1", "劳动"), ("channel", ""))
    after = (datetime(2024, 3, 1), "N1", "370883001")
    (counted,) = [
        scans
        for plan in plans(cluster.writer, lambda: petition_lists.petition_case_count(cluster.writer, scope, chosen))
        if (scans := foreign_scans(plan))
    ]
    assert len(counted) == 2
    assert all("count(*)" in scan["Remote SQL"] and "GROUP BY" in scan["Remote SQL"] for scan in counted)
    (listed,) = [
        scans
        for plan in plans(
            cluster.writer, lambda: petition_lists.petition_cases(cluster.writer, scope, chosen, after=after)
        )
        if (scans := foreign_scans(plan))
    ]
    for scan in (*counted, *listed):
        assert "Filter" not in scan
        for word in ("width_bucket", "% 7", "~~", "category_1", "channel", "village_code"):
            assert word in scan["Remote SQL"]


def test_a_township_is_asked_of_its_worker_alone(cluster: Cluster) -> None:
    scope = Scope(UNRESTRICTED, (cluster.township_on(1),), "2023-11", "2024-04")
    for name in sorted(GROUPING | LISTING):
        asked = plans(cluster.writer, lambda name=name: answers(cluster.writer, name, scope))
        scans = [scan for plan in asked for scan in foreign_scans(plan)]
        assert scans
        for scan in scans:
            assert "worker_1" not in scan.get("Relations", "") + scan.get("Relation Name", ""), name


def test_where_the_cases_of_a_township_are_is_asked_of_its_worker_alone(cluster: Cluster) -> None:
    scope = Scope(UNRESTRICTED, (cluster.township_on(1),), "2023-11", "2024-04")
    asked = plans(cluster.writer, lambda: open_case_places(cluster.writer, scope, 5))
    scans = [scan for plan in asked for scan in foreign_scans(plan)]
    assert len(scans) == 2
    for scan in scans:
        assert "worker_2" in scan.get("Relations", "") + scan.get("Relation Name", "")
        assert "longitude > " in scan["Remote SQL"]
        assert "Filter" not in scan


# --- Imports ----------------------------------------------------------------------------------------


def import_into_both(cluster: Cluster, path: Path) -> list[ImportResult]:
    return [import_file(engine, PETITIONS, path, by=UNRESTRICTED) for engine in (cluster.sqlite, cluster.writer)]


def case(row: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A row of a file of cases."""
    return {
        "case_no": row["case_no"],
        "township": row["township_code"],
        "received_at": row["received_at"],
        "title": row["title"],
    } | changed


def file_of_every_kind(cluster: Cluster, path: Path) -> Path:
    """Two new cases, one on each worker, one that is changed, one that moves to the other worker, one that is not new."""
    far, near = cluster.township_on(0), cluster.township_on(1)
    here = [row for row in cluster.world.of("petition", near) if row["title"]]
    there = [row for row in cluster.world.of("petition", far) if row["title"]]
    rows = [
        case(here[0], case_no="A1"),
        case(there[0], case_no="A2"),
        case(here[1], title="改"),
        case(there[1], township=case(here[0])["township"]),
        case(here[2]),
    ]
    return csv_file(path, rows)


def test_an_import_and_its_undoing(cluster: Cluster, tmp_path: Path) -> None:
    before = facts(cluster.writer), rollups(cluster.writer)
    path = file_of_every_kind(cluster, tmp_path / "cases.csv")
    results = import_into_both(cluster, path)
    for result in results:
        assert (result.new, result.changed, result.unchanged, result.rejected) == (2, 2, 1, 0)
    assert_same_county(cluster)
    assert rollups(cluster.writer) != before[1]
    for result in import_into_both(cluster, path):
        assert (result.unchanged, result.batch) == (5, None)
    for engine, result in zip((cluster.sqlite, cluster.writer), results, strict=True):
        undone = undo(engine, str(result.batch), by=UNRESTRICTED)
        assert (undone.removed, undone.restored) == (2, 2)
    assert_same_county(cluster)
    assert (facts(cluster.writer), rollups(cluster.writer)) == before


def test_a_commit_that_one_worker_refuses(cluster: Cluster, tmp_path: Path) -> None:
    """There is no commit in two phases: the other worker may have its part by then. Loading again completes it."""
    paths = []
    for refusal in ("A", "B"):
        rows = [
            case(cluster.world.of("petition", cluster.township_on(worker))[number], **changed)
            for worker in (0, 1)
            for number, changed in enumerate(({"case_no": f"{refusal}{worker}"}, {"title": f"改{refusal}"}))
        ]
        paths.append(csv_file(tmp_path / f"{refusal}.csv", rows))
    before = rollups(cluster.writer)
    was_partly_written = False
    for refusing, path in zip(cluster.workers, paths, strict=True):
        for statement in (
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$",
            "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON petition DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION refuse()",
        ):
            refusing.execute(sql.SQL(statement), "county")
        try:
            with pytest.raises(DatabaseProblem, match=r"重新装入[\s\S]*Load the same file again"):
                import_file(cluster.writer, PETITIONS, path, by=UNRESTRICTED)
        finally:
            refusing.execute(sql.SQL("DROP FUNCTION refuse CASCADE"), "county")
        with cluster.writer.connect() as connection:
            assert all(batch["undone_at"] for batch in batches(connection))
        assert rollups(cluster.writer) == before
        was_partly_written |= facts(cluster.writer) != facts(cluster.sqlite)
    # One of the two was committed to first.
    assert was_partly_written
    for path in paths:
        import_into_both(cluster, path)
    assert_same_county(cluster)
    assert rollups(cluster.writer) != before


# --- A worker that comes and goes -------------------------------------------------------------------

# What the rollups cannot count
BY_CASE = CaseFilter(hour=9)


def test_a_worker_that_is_killed(cluster: Cluster, tmp_path: Path) -> None:
    dead, alive = cluster.township_on(1), cluster.township_on(0)
    county = queries.county(cluster.writer, UNRESTRICTED)
    before = facts(cluster.writer), rollups(cluster.writer)
    cases = petition_lists.petition_case_count(cluster.writer, EVERYTHING, BY_CASE)
    here = Scope(UNRESTRICTED, (alive,), EVERYTHING.start, EVERYTHING.end)
    cases_here = petition_lists.petition_case_count(cluster.writer, here, BY_CASE)
    rows = [case(row, case_no=f"B{row['case_no']}") for row in cluster.world.of("petition", dead)[:3]]
    path = csv_file(tmp_path / "cases.csv", rows)
    has_counted, errors = threading.Event(), list[DBAPIError]()

    def watch() -> None:
        while not errors:
            try:
                assert petition_lists.petition_case_count(cluster.writer, EVERYTHING, BY_CASE) == cases
                has_counted.set()
            except DBAPIError as error:
                errors.append(error)

    dashboard = threading.Thread(target=watch)
    dashboard.start()
    assert has_counted.wait(20)
    cluster.workers[1].kill()
    try:
        dashboard.join(20)
        assert not dashboard.is_alive()
        # A connection that was there breaks; further ones cannot be made.
        for _ in range(2):
            with pytest.raises(DBAPIError) as raised:
                petition_lists.petition_case_count(cluster.writer, EVERYTHING, BY_CASE)
            errors.append(raised.value)
        for error in errors:
            problem = unreachable(error, cluster.writer.url)
            assert "集群" in problem.zh
            assert "worker" in problem.en
            assert PASSWORD not in str(problem)
        # What is answered from rollups, or by the other worker, goes on.
        same(queries.county(cluster.writer, UNRESTRICTED), county)
        assert rollups(cluster.writer) == before[1]
        same(*(measure(engine, [INDICATORS["received"]], EVERYTHING) for engine in (cluster.sqlite, cluster.writer)))
        assert petition_lists.petition_case_count(cluster.writer, here, BY_CASE) == cases_here
        with pytest.raises(DatabaseProblem, match="nothing was written"):
            import_file(cluster.writer, PETITIONS, path, by=UNRESTRICTED)
    finally:
        cluster.workers[1].start()
    assert petition_lists.petition_case_count(cluster.writer, EVERYTHING, BY_CASE) == cases
    assert (facts(cluster.writer), rollups(cluster.writer)) == before
    for result in import_into_both(cluster, path):
        assert result.new == 3
    assert_same_county(cluster)


def test_a_worker_that_freezes(cluster: Cluster) -> None:
    with cluster.writer.connect() as connection:
        count = select(func.count()).select_from(petition)
        cases = connection.scalar(count)
        driver: Any = connection.connection.driver_connection
        driver.patience = 1
        with cluster.workers[0].frozen():
            with pytest.raises(DBAPIError) as raised:
                connection.execute(count)
            assert "无法读取数据库" in unreachable(raised.value, cluster.writer.url).zh
            assert queries.county(cluster.writer, UNRESTRICTED).months
    with cluster.writer.connect() as connection:
        assert connection.scalar(count) == cases
