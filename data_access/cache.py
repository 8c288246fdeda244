"""Answers kept between reruns and sessions. The only module here that knows Streamlit's cache."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine
from streamlit import cache_data

from data_access import queries
from data_access.database import database_url, engine_for, require_schema
from data_access.indicators import Indicator
from data_access.scope import Scope

P = ParamSpec("P")
R = TypeVar("R")


@cache_data(ttl=2, max_entries=8, show_spinner=False)
def _version(url: str) -> str:
    return queries.data_version(engine_for(url))


# Hashing all fields of these would take longer than finding the answer; what an indicator means is fixed by the
# program and the data's version.
@cache_data(max_entries=2000, show_spinner=False, hash_funcs={Indicator: attrgetter("code"), Scope: repr})
def _answer(
    name: str,
    _question: Callable[..., R],
    url: str,
    version: str,
    positional: tuple[object, ...],
    named: tuple[tuple[str, object], ...],
) -> R:
    return _question(engine_for(url), *positional, **dict(named))


def answer(question: Callable[Concatenate[Engine, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """``question(engine, …)`` on the database in use, kept until the data change.

    The arguments must be hashable by Streamlit (Scope, Indicator, tuples, strings, numbers). A write by
    another process is seen within two seconds.
    """
    url = database_url()
    return _answer(
        f"{question.__module__}.{question.__qualname__}",
        question,
        url,
        _version(url),
        args,
        tuple(sorted(kwargs.items())),
    )


@cache_data(ttl=10, max_entries=8, show_spinner=False)
def _ready(url: str) -> bool:
    require_schema(engine_for(url))
    return True


def engine() -> Engine:
    """The engine of the database in use."""
    return engine_for(database_url())


def version() -> str:
    """A text that changes within two seconds of any write."""
    return _version(database_url())


def ready() -> None:
    """Raise a DatabaseProblem unless the database in use can be read; a good answer stands for ten seconds."""
    _ready(database_url())


def fresh_answer(question: Callable[Concatenate[Engine, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """``question(engine, …)`` on the database in use, asked now and not kept."""
    return question(engine(), *args, **kwargs)
