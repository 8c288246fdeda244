"""The few date functions that SQL engines spell differently, compiled for each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class month_of(GenericFunction[str]):
    """``YYYY-MM`` of a timestamp or date."""

    type = String(7)
    inherit_cache = True


class week_of(GenericFunction[str]):
    """``YYYY-MM-DD`` of the Monday of the week."""

    type = String(10)
    inherit_cache = True


class day_of(GenericFunction[int]):
    """The day of a timestamp or date, as the number of days since 1970-01-01."""

    type = Integer()
    inherit_cache = True


class weekday_of(GenericFunction[int]):
    """1 (Monday) to 7 (Sunday)."""

    type = Integer()
    inherit_cache = True


class hour_of(GenericFunction[int]):
    """0 to 23."""

    type = Integer()
    inherit_cache = True


class hours_between(GenericFunction[float]):
    """Hours from the first timestamp to the second, to the second."""

    type = Float()
    inherit_cache = True


class seconds_between(GenericFunction[int]):
    """Whole seconds from the first timestamp to the second."""

    type = Integer()
    inherit_cache = True


class whole(GenericFunction[int]):
    """A number rounded down to an integer."""

    type = Integer()
    inherit_cache = True


def _sql(function: GenericFunction[Any], compiler: SQLCompiler, **kw: Any) -> list[str]:
    arguments: list[ColumnElement[Any]] = list(function.clauses)
    return [compiler.process(argument, **kw) for argument in arguments]


@compiles(month_of)
def _(function: month_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"to_char({_sql(function, compiler, **kw)[0]}, 'YYYY-MM')"


@compiles(month_of, "sqlite")
def _(function: month_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"substr({_sql(function, compiler, **kw)[0]}, 1, 7)"


@compiles(month_of, "mysql")
def _(function: month_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"date_format({_sql(function, compiler, **kw)[0]}, '%%Y-%%m')"


@compiles(week_of)
def _(function: week_of, compiler: SQLCompiler, **kw: Any) -> str:
    # Not date_trunc(), for the reason below; 0001-01-01 was a Monday.
    day = f"CAST({_sql(function, compiler, **kw)[0]} AS date)"
    return f"to_char({day} - ({day} - DATE '0001-01-01') %% 7, 'YYYY-MM-DD')"


@compiles(week_of, "sqlite")
def _(function: week_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"date({_sql(function, compiler, **kw)[0]}, 'weekday 0', '-6 days')"


@compiles(week_of, "mysql")
def _(function: week_of, compiler: SQLCompiler, **kw: Any) -> str:
    day = f"date({_sql(function, compiler, **kw)[0]})"
    return f"date_format({day} - INTERVAL weekday({day}) DAY, '%%Y-%%m-%%d')"


@compiles(day_of)
def _(function: day_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(CAST({_sql(function, compiler, **kw)[0]} AS date) - DATE '1970-01-01')"


@compiles(day_of, "sqlite")
def _(function: day_of, compiler: SQLCompiler, **kw: Any) -> str:
    # Of a whole day, so that what is before 1970 is not rounded up.
    return f"(strftime('%s', substr({_sql(function, compiler, **kw)[0]}, 1, 10)) / 86400)"


@compiles(day_of, "mysql")
def _(function: day_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"datediff({_sql(function, compiler, **kw)[0]}, '1970-01-01')"


@compiles(weekday_of)
def _(function: weekday_of, compiler: SQLCompiler, **kw: Any) -> str:
    # Not extract(): what takes the name of a field as text is not handed on to the workers of a cluster.
    return f"((CAST({_sql(function, compiler, **kw)[0]} AS date) - DATE '0001-01-01') %% 7 + 1)"


@compiles(weekday_of, "sqlite")
def _(function: weekday_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"((strftime('%w', {_sql(function, compiler, **kw)[0]}) + 6) % 7 + 1)"


@compiles(weekday_of, "mysql")
def _(function: weekday_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(weekday({_sql(function, compiler, **kw)[0]}) + 1)"


@compiles(hour_of)
def _(function: hour_of, compiler: SQLCompiler, **kw: Any) -> str:
    # Not extract(), as above
    hours = ",".join(f"{hour:02}:00" for hour in range(1, 24))
    return f"width_bucket(CAST({_sql(function, compiler, **kw)[0]} AS time), CAST('{{{hours}}}' AS time[]))"


@compiles(hour_of, "sqlite")
def _(function: hour_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(substr({_sql(function, compiler, **kw)[0]}, 12, 2) AS INTEGER)"


@compiles(hour_of, "mysql")
def _(function: hour_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"hour({_sql(function, compiler, **kw)[0]})"


@compiles(hours_between)
def _(function: hours_between, compiler: SQLCompiler, **kw: Any) -> str:
    start, end = _sql(function, compiler, **kw)
    return f"(extract(epoch FROM (CAST({end} AS timestamp) - CAST({start} AS timestamp))) / 3600.0)"


@compiles(hours_between, "sqlite")
def _(function: hours_between, compiler: SQLCompiler, **kw: Any) -> str:
    start, end = _sql(function, compiler, **kw)
    return f"((strftime('%s', {end}) - strftime('%s', {start})) / 3600.0)"


@compiles(hours_between, "mysql")
def _(function: hours_between, compiler: SQLCompiler, **kw: Any) -> str:
    start, end = _sql(function, compiler, **kw)
    return f"(timestampdiff(SECOND, {start}, {end}) / 3600.0)"


@compiles(seconds_between)
def _(function: seconds_between, compiler: SQLCompiler, **kw: Any) -> str:
    start, end = _sql(function, compiler, **kw)
    return f"CAST(extract(epoch FROM (CAST({end} AS timestamp) - CAST({start} AS timestamp))) AS BIGINT)"


@compiles(seconds_between, "sqlite")
def _(function: seconds_between, compiler: SQLCompiler, **kw: Any) -> str:
    start, end = _sql(function, compiler, **kw)
    return f"(strftime('%s', {end}) - strftime('%s', {start}))"


@compiles(seconds_between, "mysql")
def _(function: seconds_between, compiler: SQLCompiler, **kw: Any) -> str:
    start, end = _sql(function, compiler, **kw)
    return f"timestampdiff(SECOND, {start}, {end})"


@compiles(whole)
def _(function: whole, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(floor({_sql(function, compiler, **kw)[0]}) AS INTEGER)"


@compiles(whole, "sqlite")
def _(function: whole, compiler: SQLCompiler, **kw: Any) -> str:
    # CAST cuts towards zero; elapsed times are never negative (the importer refuses them).
    return f"CAST({_sql(function, compiler, **kw)[0]} AS INTEGER)"


@compiles(whole, "mysql")
def _(function: whole, compiler: SQLCompiler, **kw: Any) -> str:
    return f"floor({_sql(function, compiler, **kw)[0]})"
