"""Spreads the facts of an empty county over PostgreSQL servers, by township.

``python -m data_access.cluster WORKER_URL …`` after docs/cluster.md: the database of ``DATABASE_URL`` becomes the
coordinator. It keeps the dimensions, the rollups and the history of imports; of a fact it holds foreign partitions.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from psycopg import sql
from sqlalchemy import URL, Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from data_access.areas.reports.tables import indicator_report
from data_access.database import DatabaseProblem, database_url, engine_for, parsed_url, place, unreachable, upgrade
from data_access.schema import FACTS

# Figures reported by hand are monthly already: they stay where the rollups are.
DISTRIBUTED = tuple(table for table in FACTS if table is not indicator_report)
_SERVER_OPTIONS = {
    "async_capable": "true",
    "batch_size": "1000",
    "fetch_size": "1000",
    # A dead worker is noticed as soon as a dead server is.
    "connect_timeout": "3",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}


def distribute(coordinator: Engine, workers: Sequence[str]) -> None:
    """Create the tables on the coordinator and the workers (URLs), and the coordinator's foreign partitions.

    A township's facts go to the worker that its code hashes to. Raises DatabaseProblem when a server cannot be
    used or holds facts; the coordinator is as it was then.
    """
    urls = [parsed_url(worker) for worker in workers]
    for worker in workers:
        _prepare(engine_for(worker))
    upgrade(coordinator)
    try:
        with coordinator.begin() as connection:
            _require_no_facts(connection)
            for number, url in enumerate(urls, 1):
                _name_worker(connection, f"worker_{number}", url)
            for table in DISTRIBUTED:
                _partition(connection, table.name, len(urls))
                # They hold no rows here; later migrations expect them.
                for index in table.indexes:
                    index.create(connection)
            _require_no_facts(connection)
    except SQLAlchemyError as error:
        # The error repeats statements, and with these the workers' passwords.
        raise unreachable(error, coordinator.url) from None


def _prepare(worker: Engine) -> None:
    """Create a worker's tables. Its dimensions stay empty, so that its facts cannot refer to them."""
    upgrade(worker)
    with worker.begin() as connection:
        for table in DISTRIBUTED:
            for key in table.foreign_key_constraints:
                if key.referred_table not in DISTRIBUTED:
                    drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}")
                    _execute(connection, drop.format(sql.Identifier(table.name), sql.Identifier(str(key.name))))


def _name_worker(connection: Connection, name: str, url: URL) -> None:
    options = {"host": url.host, "port": url.port or 5432, "dbname": url.database} | _SERVER_OPTIONS
    server = sql.SQL("CREATE SERVER {} FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({})")
    _execute(connection, server.format(sql.Identifier(name), _options(options)))
    # For every account: what each may do is granted on the coordinator's tables.
    mapping = sql.SQL("CREATE USER MAPPING FOR PUBLIC SERVER {} OPTIONS ({})")
    account = {"user": url.username, "password": url.password}
    _execute(connection, mapping.format(sql.Identifier(name), _options(account)))


def _partition(connection: Connection, name: str, workers: int) -> None:
    """Put an empty table's place to a partitioned one, with a partition on each worker."""
    table, plain = sql.Identifier(name), sql.Identifier(f"{name}_plain")
    _execute(connection, sql.SQL("ALTER TABLE {} RENAME TO {}").format(table, plain))
    partitioned = sql.SQL("CREATE TABLE {} (LIKE {}) PARTITION BY HASH (township_code)")
    _execute(connection, partitioned.format(table, plain))
    _execute(connection, sql.SQL("DROP TABLE {} CASCADE").format(plain))
    for number in range(workers):
        foreign = sql.SQL(
            "CREATE FOREIGN TABLE {} PARTITION OF {} FOR VALUES WITH (MODULUS {}, REMAINDER {})"
            " SERVER {} OPTIONS (table_name {})"
        )
        server = f"worker_{number + 1}"
        part, server_name = sql.Identifier(f"{name}_{server}"), sql.Identifier(server)
        _execute(connection, foreign.format(part, table, workers, number, server_name, sql.Literal(name)))


def _options(options: Mapping[str, object]) -> sql.Composed:
    pairs = (sql.SQL("{} {}").format(sql.Identifier(name), sql.Literal(str(value))) for name, value in options.items())
    return sql.SQL(", ").join(pairs)


def _execute(connection: Connection, statement: sql.Composed) -> None:
    # Names, addresses and passwords cannot be parameters of such statements.
    connection.exec_driver_sql(statement.as_string())


def _require_no_facts(connection: Connection) -> None:
    for table in DISTRIBUTED:
        if connection.execute(select(table.c.township_code).limit(1)).first() is not None:
            where = place(connection.engine.url)
            raise DatabaseProblem(
                f"表 {table.name} 里已有数据，只有空库才能分到各节点（协调节点 {where}）。",
                f"The table {table.name} holds rows; only an empty county can be spread (coordinator {where}).",
            )


def main(arguments: list[str]) -> int:
    """Command line: ``WORKER_URL …``."""
    if not arguments:
        print("DATABASE_URL=… python -m data_access.cluster WORKER_URL …", file=sys.stderr)
        return 2
    try:
        coordinator = engine_for(database_url())
        distribute(coordinator, arguments)
    except DatabaseProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"事实表已分到 {len(arguments)} 个节点：{place(coordinator.url)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
