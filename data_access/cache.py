"""Answers kept between reruns and sessions.

While the database cannot be reached, what was answered for the last version of its data goes on being the answer.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence, Sized
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from threading import Lock
from time import monotonic
from typing import Any, Concatenate, ParamSpec, TypeVar

import pandas as pd
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from data_access import queries
from data_access.access import Viewer
from data_access.background import beside
from data_access.database import (
    DatabaseDamaged,
    DatabaseProblem,
    DatabaseUnreachable,
    database_url,
    engine_for,
    new_engine,
    parsed_url,
    reading_engine_for,
    reading_url,
    require_schema,
    unreachable,
)
from data_access.integrity import Integrity
from data_access.kept_results import KeptResults
from data_access.problems import QuestionProblem

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T")
SizedR = TypeVar("SizedR", bound=Sized)
SizedS = TypeVar("SizedS", bound=Sized)

# How old what is known of a database may be, and how old while a question waits for its answer
_FRESH_SECONDS = 2.0
_WAITING_SECONDS = 0.5
# How long a page waits to hear that the database answers. With the time above it stays under three seconds.
_PATIENCE_SECONDS = 2.0
# The first look reads which schema there is as well, and nobody has figures yet to go on with. A connection that cannot be
# made is given up sooner by itself.
_FIRST_PATIENCE_SECONDS = 10.0
# How long a question in parts may take, and how often it can be stopped
MOST_SECONDS = 120.0
_SLICE_SECONDS = 0.2


@dataclass(frozen=True)
class Outage:
    """Since when (local time) the database cannot be used, and why."""

    since: datetime
    reason: Exception


class Unanswered(DatabaseUnreachable):
    """What cannot be said before the database is back."""


def _asked(question: Callable[[], R]) -> R:
    """The answer; what the database says is wrong is raised as such, not as pandas hides it in an error of its own."""
    try:
        return question()
    except pd.errors.DatabaseError as error:
        if isinstance(error.__cause__, SQLAlchemyError):
            raise error.__cause__ from error.__cause__.__cause__
        raise


class _Watch:
    """Knows whether a database answers and the version of its data, for all sessions.

    One thread at a time asks, on a connection of its own, so that it does not queue behind slow questions. Nobody
    waits for it while the database is known to be away.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine: Engine | None = None
        self._integrity: Integrity | None = None
        self._lock = Lock()
        self._asking: Future[None] | None = None
        self._known_at = float("-inf")
        self.version: str | None = None
        self.outage: Outage | None = None

    def look(self, seconds: float = _FRESH_SECONDS) -> None:
        """Bring what is known up to date, unless it is younger than ``seconds``."""
        with self._lock:
            if self._asking is None and monotonic() - self._known_at > seconds:
                self._asking = beside(self._ask)
            asking = self._asking
        if asking is None or self.outage:
            return
        patience = _FIRST_PATIENCE_SECONDS if self.version is None else _PATIENCE_SECONDS
        if wait([asking], patience).not_done:
            with self._lock:
                if self._asking is asking:
                    self._note(self._problem(TimeoutError()))

    def _ask(self) -> None:
        reason: Exception | None = None
        try:
            self._engine = self._engine or new_engine(self._url)
            self._integrity = self._integrity or Integrity(self._engine)
            require_schema(self._engine)
            self._integrity.require()
            # Another one each day, because who owes figures is late from a day on.
            version = f"{date.today()} {queries.data_version(self._engine)}"
        except SQLAlchemyError as error:
            reason = self._problem(error)
        except Exception as error:  # noqa: BLE001  # raised to whoever asks this database something
            reason = error
        with self._lock:
            if reason:
                self._note(reason)
            else:
                self.version, self.outage = version, None
            self._known_at = monotonic()
            self._asking = None

    def _problem(self, error: Exception) -> DatabaseProblem:
        return unreachable(error, parsed_url(self._url))

    def _note(self, reason: Exception) -> None:
        if self.outage is None:
            logging.getLogger(__name__).warning("%s", reason)
        self.outage = Outage(self.outage.since if self.outage else datetime.now(), reason)

    def examined(self) -> Exception | None:
        """What is wrong, asked now, once the file is looked through or that takes long; None: nothing."""
        self.look(0)
        if self.outage is None and self._integrity:
            try:
                self._integrity.require(_PATIENCE_SECONDS)
            except DatabaseDamaged as problem:
                with self._lock:
                    self._note(problem)
        return self.outage.reason if self.outage else None

    def require(self) -> str:
        """The version of the data, the last one known while the database is out of reach; raises if there is none."""
        self.look()
        outage = self.outage
        if outage and (self.version is None or not isinstance(outage.reason, DatabaseUnreachable)):
            raise outage.reason
        return str(self.version)

    def ask(self, question: Callable[[], R]) -> R:
        """The answer, however long it takes, as long as the database is there; Unanswered as soon as it is not."""
        if self.outage is None:
            asking = beside(lambda: _asked(question))
            while self.outage is None:
                if wait([asking], _WAITING_SECONDS).not_done:
                    self.look(_WAITING_SECONDS)
                    continue
                try:
                    return asking.result()
                except SQLAlchemyError as error:
                    self.look(0)
                    if self.outage is None:
                        raise self._problem(error) from error
        self.require()
        raise Unanswered(
            "这些数字此前没有读过，要等数据库恢复，届时本页自动继续；也可以先改回之前的筛选。",
            "These figures were not read before and have to wait for the database; the page then goes on by itself. "
            "Or go back to the filters from before.",
        )


_watch = cache(_Watch)


# By question, database, version of the data and arguments
_answers = KeptResults(2000)


def answer(question: Callable[Concatenate[Engine, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """``question(engine, …)`` on the database that pages read, kept until the data change.

    The arguments must be hashable. Who asks what is being asked already waits for that answer. A write by another
    process is seen within two seconds. While the database is out of reach, the answer is that for the last version of
    the data; raises Unanswered when there is none.
    """
    url = reading_url()
    watch = _watch(url)
    key = (question, url, watch.require(), args, *sorted(kwargs.items()))
    found = _answers.get(key, lambda: watch.ask(lambda: question(engine_for(url), *args, **kwargs)))
    # pandas copies what is written to and nothing else, so that nobody changes what others get.
    return found.copy(deep=False) if isinstance(found, pd.DataFrame) else found


def fresh_answer(question: Callable[Concatenate[Engine, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """``question(engine, …)`` on the database that pages read, asked now and not kept."""
    url = reading_url()
    _watch(url).require()
    return _watch(url).ask(lambda: question(engine_for(url), *args, **kwargs))


class QuestionTooSlow(QuestionProblem):
    """A question took longer than it may; it was stopped. What was read of it is kept."""

    def __init__(self) -> None:
        super().__init__(
            "这么长时间没有算完，已停止。请缩小时段、镇街，或减少条件；再问一次，会从算到的地方接着算。",
            "Not done in this time and stopped. Choose a shorter period or fewer townships; asked again, it goes on from "
            "where it was.",
        )


class _Asking:
    """One question to the database, on a connection that cannot write, in a thread of its own; it can be stopped."""

    def __init__(self, url: str, question: Callable[[Connection, R], S], part: R) -> None:
        self._driver: Any = None
        self._is_stopped = False
        self._lock = Lock()

        def ask() -> S:
            with reading_engine_for(url).connect() as connection:
                with self._lock:
                    if self._is_stopped:
                        raise QuestionTooSlow
                    self._driver = connection.connection.driver_connection
                try:
                    return _asked(lambda: question(connection, part))
                finally:
                    with self._lock:
                        self._driver = None

        self.answer: Future[Any] = beside(ask)

    def stop(self) -> None:
        """Stop it, in the database too; its connection is free at once."""
        with self._lock:
            self._is_stopped = True
            if self._driver is not None:
                # How sqlite3 and how psycopg are told from another thread
                stop = getattr(self._driver, "interrupt", None) or self._driver.cancel
                stop()


# Answers in parts, the last used last
_parts: OrderedDict[tuple[object, ...], Any] = OrderedDict()
_parts_lock = Lock()
_MOST_ROWS = 1_000_000


def answers(
    question: Callable[[Connection, T], SizedR],
    parts: Sequence[T],
    waiting: Callable[[int], None],
    seconds: float | None = None,
) -> list[SizedR]:
    """``question(connection, part)`` for each part, on connections that cannot write, kept until the data change.

    ``waiting(done)`` is called five times a second with the number of parts that are done; what it raises stops the
    question, in the database too. Raises QuestionTooSlow after ``seconds`` (MOST_SECONDS), Unanswered while the database
    is away.
    """
    url = reading_url()
    watch = _watch(url)
    version = watch.require()
    found: list[SizedR] = []
    begun = monotonic()
    most = MOST_SECONDS if seconds is None else seconds
    for part in parts:
        key = (question.__module__, question.__qualname__, url, version, part)
        if (kept := _kept(key)) is not None:
            found.append(kept)
            continue
        asking = _Asking(url, question, part)
        try:
            while wait([asking.answer], _SLICE_SECONDS).not_done:
                waiting(len(found))
                watch.look(_WAITING_SECONDS)
                if watch.outage:
                    raise Unanswered("这个问题要等数据库恢复。", "This question has to wait for the database.")
                if monotonic() - begun > most:
                    raise QuestionTooSlow
            found.append(asking.answer.result())
        except SQLAlchemyError as error:
            raise unreachable(error, parsed_url(url)) from error
        finally:
            asking.stop()
        _keep(key, found[-1])
    return found


def made_of_answers(
    question: Callable[[Connection, T], SizedR],
    parts: Sequence[T],
    waiting: Callable[[int], None],
    make: Callable[[list[SizedR]], SizedS],
    *,
    kept_as: tuple[object, ...],
) -> SizedS:
    """What ``make`` makes of the :func:`answers`, kept like one of them, so that these are needed no more.

    ``kept_as`` holds all that it depends on but the data.
    """
    key = (*kept_as, data_key())
    made: SizedS | None = _kept(key)
    if made is None:
        made = make(answers(question, parts, waiting))
        _keep(key, made)
    return made


def fresh_part(question: Callable[[Connection, T], R], part: T) -> R:
    """``question(connection, part)`` on a connection that cannot write, asked now and not kept."""
    url = reading_url()
    _watch(url).require()

    def ask() -> R:
        with reading_engine_for(url).connect() as connection:
            return question(connection, part)

    return _watch(url).ask(ask)


def _kept(key: tuple[object, ...]) -> Any:
    """What was kept under the key; None without."""
    with _parts_lock:
        if key in _parts:
            _parts.move_to_end(key)
        return _parts.get(key)


def _keep(key: tuple[object, ...], found: Any) -> None:
    with _parts_lock:
        _parts[key] = found
        rows = sum(len(one) + 1 for one in _parts.values())
        while rows > _MOST_ROWS and _parts:
            rows -= len(_parts.popitem(last=False)[1]) + 1


def data_key() -> int:
    """Another number for other data: what is made of answers may be kept under it."""
    url = reading_url()
    return hash((url, _watch(url).require()))


def county(viewer: Viewer) -> queries.County:
    """The viewer's county, the same object until the data change: every run of a page begins with it."""
    return _county(data_key(), viewer)


@lru_cache(maxsize=64)
def _county(_data: int, viewer: Viewer) -> queries.County:
    return answer(queries.county, viewer)


def state() -> str:
    """A text that changes within seconds of any write, and when the database goes out of reach and comes back."""
    watch = _watch(reading_url())
    version, outage = watch.require(), watch.outage
    return f"{version} {outage.since}" if outage else version


def look_again() -> None:
    """See at once what this program has just written."""
    _watch(reading_url()).look(0)


def ready() -> None:
    """Raise what is wrong unless pages have something to read: the database, or what was read last."""
    _watch(reading_url()).require()


def outage() -> Outage | None:
    """What is wrong while pages show what was read last."""
    return _watch(reading_url()).outage


def engine() -> Engine:
    """The engine of the database that is written to."""
    return engine_for(database_url())


def trouble() -> Exception | None:
    """What is wrong with the database that pages read, asked now; None while it can be read."""
    try:
        return _watch(reading_url()).examined()
    except DatabaseProblem as problem:
        return problem


def writing_outage() -> Outage | None:
    """What is wrong with the database that is written to, while it does not answer."""
    watch = _watch(database_url())
    watch.look()
    return watch.outage


def reachable_engine() -> Engine:
    """The engine of the database that is written to; raises Unanswered while that is out of reach."""
    if writing_outage():
        raise Unanswered("这一步要等数据库恢复。", "This has to wait until the database is back.")
    return engine()
