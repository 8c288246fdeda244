"""How PostgreSQL is connected to: nobody waits long for a server that does not answer."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, TypeVar

from psycopg import Connection, Cursor, DataError, Error, OperationalError, errors
from psycopg.abc import PQGen
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine.interfaces import ConnectArgsType, Dialect, ExecutionContext
from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")

_PING_SECONDS = 1
_STATEMENT_SECONDS = 30
# The server ends a statement itself; one that is late with that has stopped or is out of reach.
_ANSWER_SECONDS = _STATEMENT_SECONDS + 5
# What the address may say otherwise. Waiting for a lock takes at most as long as on SQLite.
_OPTIONS = {
    "connect_timeout": "3",
    "application_name": "township-dashboard",
    "options": f"-c statement_timeout={_STATEMENT_SECONDS}s -c lock_timeout=30s",
    # A host that is gone without a word is noticed during an import too.
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}


class PatientConnection(Connection[Any]):
    """Ends where the server leaves it without an answer.

    Neither statement_timeout nor TCP helps against a server that is frozen: its kernel goes on acknowledging.
    """

    patience: float | None = _ANSWER_SECONDS

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for an answer, for as long as it may take."""
        if timeout is None:
            # The pool pings outside of a transaction; all else happens in one.
            timeout = _PING_SECONDS if self.autocommit else self.patience
        try:
            return super().wait(gen, interval, timeout)
        except errors._WaitTimeout:
            self.pgconn.finish()
            raise OperationalError("the server does not answer") from None


def postgresql_engine(url: URL) -> Engine:
    """An engine with limits on waiting and a modest pool."""
    engine = create_engine(
        url.set(query={**_OPTIONS, **url.query}),
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=10,
        pool_timeout=5,
        hide_parameters=True,
    )
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "checkin", _be_patient)
    event.listen(engine, "do_execute", _copy)
    return engine


def _connect(
    _dialect: Dialect, _record: ConnectionPoolEntry, _positional: ConnectArgsType, named: dict[str, Any]
) -> PatientConnection:
    return PatientConnection.connect(**named)


def _be_patient(connection: PatientConnection | None, _record: ConnectionPoolEntry) -> None:
    if connection is not None:
        connection.patience = _ANSWER_SECONDS


# psycopg cuts off what these do not hold.
_C_INTEGERS = {"int2": "h", "int4": "i"}


def _copy(cursor: Cursor[Any], statement: str, _parameters: object, context: ExecutionContext) -> bool:
    """Execute a COPY with its option ``copied``: a type and the values of each column."""
    copied: Sequence[tuple[str, Sequence[Any]]] = context.execution_options.get("copied", ())
    if not copied:
        return False
    types, columns = zip(*copied, strict=True)
    try:
        for kind, values in copied:
            if kind in _C_INTEGERS:
                array(_C_INTEGERS[kind], [value or 0 for value in values])
        with cursor.copy(statement) as copy:
            copy.set_types(types)
            for row in zip(*columns, strict=True):
                copy.write_row(row)
    except Error as error:
        # What comes after the first line repeats the row.
        raise type(error)(error.diag.message_primary or str(error)) from None
    except (OverflowError, TypeError, ValueError) as error:
        raise DataError(f"a value is none of the column's type: {type(error).__name__}") from None
    return True
