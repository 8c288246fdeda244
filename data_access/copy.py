"""Copies a county from one database to another: ``python -m data_access.copy --from URL --to URL``.

Exit code 0 copied, 1 refused or cancelled, 2 usage.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import Connection, Engine, Float, Table, delete, func, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from data_access.bulk_insert import Columns, insert_columns
from data_access.database import (
    DatabaseProblem,
    begin_writing,
    engine_for,
    file_of,
    place,
    refusal,
    require_schema,
    take_time,
    unreachable,
    upgrade,
)
from data_access.schema import metadata

# Rows in memory at a time
_CHUNK = 5_000
# Seconds between two lines of progress
_REDRAWN = 0.2

Progress = Callable[[str, int, int], None]


@dataclass
class _Checksum:
    """The number of a table's rows and the sum of their digests, whatever their order.

    It covers every value of every row, floats to the last bit; only -0.0 is the same as 0.0.
    """

    table: Table
    rows: int = 0
    digests: int = 0

    def add(self, columns: Columns) -> None:
        """Add rows as columns, in the order of the table's."""
        # SQLite keeps no -0.0.
        same = (
            [0.0 if value == 0 else value for value in values] if isinstance(self.table.c[name].type, Float) else values
            for name, values in columns.items()
        )
        for row in zip(*same, strict=True):
            self.rows += 1
            self.digests += int.from_bytes(blake2b(repr(row).encode(), digest_size=16).digest(), "big")


def copy_county(source: Engine, target: Engine, progress: Progress = lambda table, done, total: None) -> int:
    """Copy all tables of the source as they are at one moment into the empty target; returns the number of rows.

    The target is written in one transaction, in which each table is read back and compared with what was read.
    ``progress`` is told the table and how many rows are done of how many; a row counts when it is written and again
    when it is compared. Raises DatabaseProblem when a database cannot be used, the target holds rows, or a table
    does not come out the same; nothing is written then, but the tables of a target without any are created.
    """
    require_schema(source)
    file = file_of(target.url)
    try:
        is_blank = file is not None and not file.exists()
        if not is_blank:
            with target.connect() as connection:
                is_blank = not inspect(connection).get_table_names()
    except SQLAlchemyError as error:
        raise unreachable(error, target.url) from error
    if is_blank:
        upgrade(target)
    require_schema(target)
    rows: int | None = None
    try:
        with source.connect() as reader, target.begin() as writer:
            _take_snapshot(reader)
            begin_writing(writer)
            _require_no_rows(writer)
            rows = _copy(reader, writer, progress)
    except SQLAlchemyError as error:
        # That of the driver may repeat rows.
        zh, en = refusal(error)
        if rows is not None:
            raise DatabaseProblem(
                f"提交这次复制时数据库出错（{zh}），可能已全部写入。请再运行一次：目标仍是空的就会复制，否则会被拒绝。",
                f"The database failed while this copy was committed ({en}); all of it may be written. Run it again: "
                "it copies if the target is still empty, and is refused otherwise.",
            ) from None
        raise DatabaseProblem(
            f"没有复制成（{zh}），{place(target.url)} 里什么都没有写入。",
            f"The copy did not come about ({en}); nothing was written to {place(target.url)}.",
        ) from None
    return rows


def _take_snapshot(connection: Connection) -> None:
    """Begin a transaction that reads, for as long as it takes, what was there when it began."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
    elif connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        take_time(connection)


def _require_no_rows(connection: Connection) -> None:
    for table in metadata.sorted_tables:
        if not table.info.get("is_seeded") and connection.execute(select(table).limit(1)).first() is not None:
            address = place(connection.engine.url)
            raise DatabaseProblem(
                f"目标数据库 {address} 不是空的（表 {table.name} 里已有数据），什么都没有改动。请另给一个空库。",
                f"The target {address} is not empty (its table {table.name} holds rows); nothing was changed. "
                "Name an empty database.",
            )


def _copy(reader: Connection, writer: Connection, progress: Progress) -> int:
    tables = metadata.sorted_tables
    counts = [reader.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]
    done, total = 0, 2 * sum(counts)
    for table in reversed(tables):
        if table.info.get("is_seeded"):
            writer.execute(delete(table))
    for table in tables:
        read, written = _Checksum(table), _Checksum(table)
        for columns in _chunks(reader, table):
            insert_columns(writer, table, columns)
            read.add(columns)
            progress(table.name, done + read.rows, total)
        for columns in _chunks(writer, table):
            written.add(columns)
            progress(table.name, done + read.rows + written.rows, total)
        if read != written:
            raise DatabaseProblem(
                f"表 {table.name} 复制后与原来不同（原 {read.rows} 行，现 {written.rows} 行），什么都没有写入。",
                f"The table {table.name} did not come out the same ({read.rows} rows read, {written.rows} written); "
                "nothing was written.",
            )
        done += read.rows + written.rows
    return done // 2


def _chunks(connection: Connection, table: Table) -> Iterator[Columns]:
    """The table's rows as columns, streamed."""
    names = table.c.keys()
    with connection.execute(select(table), execution_options={"yield_per": _CHUNK}) as result:
        for rows in result.partitions():
            yield dict(zip(names, zip(*rows, strict=True), strict=True))


def _terminal_progress() -> Progress:
    """Redraws one line: the table, the share done, rows per second and the time left."""
    began = drawn = time.monotonic()

    def draw(table: str, done: int, total: int) -> None:
        nonlocal drawn
        now = time.monotonic()
        if now - drawn < _REDRAWN:
            return
        drawn = now
        spent = max(now - began, 0.001)
        words = (
            f"复制并核对 {table}：共 {total // 2:,} 行，完成 {done / total:.0%}，每秒 {done / 2 / spent:,.0f} 行，"
            f"还需约 {spent * (total - done) / done:,.0f} 秒"
        )
        print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)

    return draw


def _watched_copy(source: Engine, target: Engine) -> int:
    if not sys.stderr.isatty():
        return copy_county(source, target)
    try:
        return copy_county(source, target, _terminal_progress())
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def main(words: Sequence[str]) -> int:
    """Do as the words of the command line say; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m data_access.copy",
        description="把一个县的全部数据复制到另一个空数据库。 Copy all data of a county into another, empty database.",
        allow_abbrev=False,
    )
    parser.add_argument("--from", dest="source", metavar="URL", required=True, help="来源数据库 source")
    parser.add_argument("--to", dest="target", metavar="URL", required=True, help="空的目标数据库 empty target")
    arguments, more = parser.parse_known_args(words)
    if more:
        # Not repeated: it may be an address with a password.
        parser.error("只要 --from URL --to URL (nothing else)")
    try:
        source, target = engine_for(arguments.source), engine_for(arguments.target)
        rows = _watched_copy(source, target)
    except DatabaseProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        # The transaction was rolled back on the way here.
        print("已取消，什么都没有写入。", "Cancelled; nothing was written.", sep="\n", file=sys.stderr)
        return 1
    tables = len(metadata.sorted_tables)
    print(f"已复制 {tables} 张表 {rows:,} 行到 {place(target.url)}，行数和校验和一致。")
    print(f"Copied {tables} tables, {rows:,} rows to {place(target.url)}; counts and checksums agree.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
