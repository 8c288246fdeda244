"""Rules that let one code base run on a cluster, checked on the statements that are really sent."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Delete, Engine, Insert, Select, Update, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql import functions, operators, visitors
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.selectable import Exists, ScalarSelect

from data_access import queries
from data_access.access import UNRESTRICTED
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.lists import CaseFilter
from data_access.areas.petitions.tables import petition
from data_access.areas.reports.tables import reported_indicator
from data_access.importing import import_file
from data_access.importing.undo import undo
from data_access.indicators import INDICATORS
from data_access.places.tables import grid, township, township_alias, village, village_alias
from data_access.queries import measure
from data_access.rollups import refresh
from data_access.schema import FACTS, ROLLUPS, metadata
from data_access.scope import Scope
from tests.asked import ARGUMENTS, FURTHER, QUERIES
from tests.counties import EVERYTHING, memory_engine
from tests.files import csv_file
from tests.raw_indicators import AREAS, World

DATA_ACCESS = Path(queries.__file__).parent
DIMENSIONS = {table.name for table in (township, township_alias, village, village_alias, grid, reported_indicator)}


@dataclass(frozen=True)
class Sent:
    """Statements as they were built (None: by hand) and as the driver got them; BEGIN and SAVEPOINT in their places."""

    built: Any
    sql: str


def work(engine: Engine, folder: Path) -> list[Sent]:
    """All that a county's day sends: rollups of all areas, an import, its undoing, and every question of a page."""
    world = World(Random(3), petitions=60, others=20)  # noqa: S311
    with engine.begin() as connection:
        world.write(connection)
    sent: list[Sent] = []

    def note(_connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: Any) -> None:
        sent.append(Sent(context.invoked_statement, statement))

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "begin", lambda _connection: sent.append(Sent(None, "BEGIN")))
    event.listen(engine, "savepoint", lambda _connection, _name: sent.append(Sent(None, "SAVEPOINT")))
    with engine.begin() as connection:
        for area in AREAS:
            refresh(connection, area, as_of=world.end)
    first, second = [row for row in world.facts["petition"] if row["title"]][:2]
    elsewhere = next(code for code in world.townships if code != second["township_code"])
    rows = [
        {"case_no": row["case_no"], "township": row["township_code"], "received_at": row["received_at"]} | changed
        for row, changed in ((first, {"title": "改"}), (second, {"township": elsewhere}), (first, {"case_no": "A1"}))
    ]
    rows[1]["title"] = second["title"]
    result = import_file(engine, PETITIONS, csv_file(folder / "cases.csv", rows), by=UNRESTRICTED)
    assert (result.new, result.changed) == (1, 2)
    undo(engine, str(result.batch), by=UNRESTRICTED)
    for scope in (EVERYTHING, Scope(UNRESTRICTED, (world.townships[0],), "2024-01", "2024-01")):
        for name, query in QUERIES.items():
            arguments = ARGUMENTS.get(name, (EVERYTHING,))
            query(engine, *(scope if part is EVERYTHING else part for part in arguments))
        for state in ("open", "pending", "overdue", "late", "closed", "dissatisfied"):
            chosen = CaseFilter(state, "370883001001", 1, 9, "停水")
            petition_lists.petition_cases(engine, scope, chosen, after=(datetime(2024, 3, 1), "N1", "370883001"))
            petition_lists.petition_case_count(engine, scope.narrowed(("category_1", "")), chosen)
        for by, codes in FURTHER.items():
            measure(engine, [INDICATORS[code] for code in codes], scope, by)
    return sent


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def sent(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Sent]]:
    folder = tmp_path_factory.mktemp("statements")
    if request.param == "sqlite":
        engine = memory_engine()
        yield work(engine, folder)
        engine.dispose()
    else:
        server = request.getfixturevalue("postgresql")
        with server.copied(request.getfixturevalue("migrated_database")) as engine:
            yield work(engine, folder)


def test_the_statements_are_those_of_a_days_work(sent: list[Sent]) -> None:
    assert len(sent) > 150
    for table in (*FACTS, *ROLLUPS):
        assert any(re.search(rf"\b{table.name}\b", statement.sql) for statement in sent), table.name
    for kind in (Select, Insert, Update, Delete):
        assert any(isinstance(statement.built, kind) for statement in sent), kind


@pytest.mark.parametrize(
    "words",
    [
        r"ON\s+CONFLICT",
        r"ON\s+DUPLICATE",
        r"\bREPLACE\s+INTO|\bOR\s+REPLACE",
        r"\bMERGE\s+INTO",
        r"\bGROUPING\s+SETS",
        r"\b(ROLLUP|CUBE)\s*\(",
        r"\bSAVEPOINT",
        r"\bAVG\s*\(",
        r"sqlite_master|pg_catalog|information_schema|table_x?info",
    ],
)
def test_words_that_no_statement_has(words: str, sent: list[Sent]) -> None:
    assert not [statement.sql for statement in sent if re.search(words, statement.sql, re.IGNORECASE)]


def test_the_township_of_a_fact_is_never_updated(sent: list[Sent]) -> None:
    updates = [statement for statement in sent if statement.sql.lstrip().upper().startswith("UPDATE")]
    assert any(statement.built.table is petition for statement in updates)
    for statement in updates:
        changed, _, _ = statement.sql.partition("WHERE")
        assert "township_code=" not in changed.replace(" ", "")


def test_what_is_counted_once_is_counted_by_township(sent: list[Sent]) -> None:
    counted = 0
    for statement in sent:
        for query in _parts(statement.built, Select):
            for count in (part for column in query.selected_columns for part in _own_parts(column)):
                if isinstance(count, functions.count) and any(
                    isinstance(part, UnaryExpression) and part.operator is operators.distinct_op
                    for part in visitors.iterate(count)
                ):
                    counted += 1
                    assert "township_code" in {column.name for column in _group_by(query)}, statement.sql
    assert counted


def test_no_subquery_is_correlated_with_a_dimension(sent: list[Sent]) -> None:
    for statement in sent:
        for kind in (Exists, ScalarSelect):
            for subquery in _parts(statement.built, kind):
                # Tables of the query around it are named too.
                read = {table.name for table in visitors.iterate(subquery) if table.__visit_name__ == "table"}
                assert not read & DIMENSIONS, statement.sql


def test_rollups_are_deleted_and_inserted_from_a_select(sent: list[Sent]) -> None:
    cleared: set[str] = set()
    inserted: set[str] = set()
    for statement in sent:
        if statement.sql == "BEGIN":
            cleared = set()
        table = getattr(statement.built, "table", None)
        if table not in ROLLUPS:
            continue
        if isinstance(statement.built, Delete):
            cleared.add(table.name)
        else:
            assert isinstance(statement.built, Insert), statement.sql
            assert statement.built.select is not None, statement.sql
            assert table.name in cleared, statement.sql
            inserted.add(table.name)
    assert inserted == {table.name for table in ROLLUPS}


def _parts(built: Any, kind: type) -> list[Any]:
    return [] if built is None else [part for part in visitors.iterate(built) if isinstance(part, kind)]


def _own_parts(column: Any) -> list[Any]:
    """The parts of an expression without those of subqueries in it."""
    if isinstance(column, Select | ScalarSelect | Exists):
        return []
    return [column, *(part for child in column.get_children() for part in _own_parts(child))]


def _group_by(query: Any) -> list[Any]:
    return list(query._group_by_clauses)


# --- Schema -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_no_server_makes_a_key(table: Any) -> None:
    made = str(CreateTable(table).compile(dialect=postgresql.dialect()))
    assert not re.search(r"SERIAL|IDENTITY|nextval|DEFAULT", made)


@pytest.mark.parametrize("table", (*FACTS, *ROLLUPS), ids=lambda table: table.name)
def test_every_key_has_the_township(table: Any) -> None:
    assert "township_code" in table.primary_key.columns
    for index in table.indexes:
        assert not index.unique or "township_code" in index.columns
    for constraint in table.constraints:
        if constraint.__visit_name__ == "unique_constraint":
            assert "township_code" in constraint.columns


# --- Code -------------------------------------------------------------------------------------------

# An undo claims its batch, which is the coordinator's own, and tells how many rows it deleted.
TRUSTED = {"importing/undo.py": 2}


def test_nobody_trusts_a_count_of_rows() -> None:
    found: dict[str, int] = {}
    for path in DATA_ACCESS.rglob("*.py"):
        used = [
            node
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Attribute) and node.attr in ("rowcount", "supports_sane_rowcount")
        ]
        if used:
            found[path.relative_to(DATA_ACCESS).as_posix()] = len(used)
    assert found == TRUSTED
