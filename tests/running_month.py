"""A made county in the middle of a month, whose cases are closed by a known process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, insert

from data_access.areas.petitions.tables import petition
from data_access.model.recorded import recorded_bits
from data_access.places.tables import township
from data_access.rollups import refresh
from data_access.scope import month_end, month_range, month_start
from tests.counties import empty_file, sqlite_url

NAMES = ("唐村镇", "太平镇", "钢山街道", "香城镇", "峄山镇", "大束镇")
CODES = tuple(f"10000000{number}" for number in range(len(NAMES)))
AS_OF = datetime(2024, 4, 20, 12, 0)
FIRST = "2023-06"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# What the source has of its cases
TELLING = ("signed_at", "due_at", "closed_at")
Row = dict[str, Any]


def cases(first: str = FIRST, *, a_day: float = 3.0, seed: int = 5) -> list[Row]:
    """Cases of every month up to that of AS_OF, as they will once be: signed, due after 5 to 15 days, and closed.

    Of a township and month each open case is as likely to be closed on one day as on another; how likely, differs.
    """
    rng = np.random.default_rng(seed)
    made = []
    for place, code in enumerate(CODES):
        for month in month_range(first, f"{AS_OF:%Y-%m}"):
            # How much of the time allowed a case takes; 唐村镇 is slow.
            pace = (0.5 if place == 0 else 0.3) * np.exp(rng.normal(0, 0.25))
            days = (month_end(month) - month_start(month)).days
            for number in range(rng.poisson(a_day * days)):
                received = month_start(month) + int(rng.integers(days)) * DAY + 9 * HOUR
                allowed = int(rng.choice((5, 10, 15)))
                signed = received + float(rng.choice((3, 20, 30), p=(0.8, 0.15, 0.05))) * HOUR
                closed = signed + (0.5 + rng.exponential(allowed * pace)) * DAY
                made.append(
                    {
                        "township_code": code,
                        "case_no": f"{code}{month}{number:04d}",
                        "title": "路灯不亮",
                        "received_at": received,
                        "signed_at": signed,
                        "due_at": received + allowed * DAY + 9 * HOUR,
                        "closed_at": closed.replace(microsecond=0),
                    }
                )
    return made


def as_it_stood(rows: list[Row], moment: datetime) -> list[Row]:
    """The cases that were there at that moment, as far as they had got."""
    return [
        {
            **row,
            **{name: row[name] if row[name] and row[name] <= moment else None for name in ("signed_at", "closed_at")},
        }
        for row in rows
        if row["received_at"] <= moment
    ]


def put(engine: Engine, rows: list[Row], telling: tuple[str, ...] = TELLING) -> None:
    """The townships and these cases into an empty database, of which no months are counted."""
    with engine.begin() as connection:
        connection.execute(
            insert(township),
            [
                {"code": code, "name": name, "kind": name[-1:].replace("道", "街道")}
                for code, name in zip(CODES, NAMES, strict=True)
            ],
        )
        lacking = dict.fromkeys(set(TELLING) - set(telling))
        bits = recorded_bits(petition, telling)
        connection.execute(insert(petition), [{**row, **lacking, "recorded": bits} for row in rows])


def load(engine: Engine, rows: list[Row], telling: tuple[str, ...] = TELLING) -> None:
    """The same, and the months as of AS_OF."""
    put(engine, rows, telling)
    with engine.begin() as connection:
        refresh(connection, "petitions", as_of=AS_OF)


@contextmanager
def in_a_file(place: Path, rows: list[Row], **given: Any) -> Iterator[str]:
    """The URL of a file with them."""
    engine = empty_file(place)
    load(engine, rows, **given)
    engine.dispose()
    yield sqlite_url(place)


@pytest.fixture(scope="session")
def running_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The county at AS_OF; read it, do not write to it."""
    with in_a_file(tmp_path_factory.mktemp("running") / "county.sqlite", as_it_stood(cases(), AS_OF)) as url:
        yield url
