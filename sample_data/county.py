"""What every part of the sample stands on: the period, the townships with their characters, the printed figures."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_access.scope import month_range

HERE = Path(__file__).parent
COUNTY_NAME = "邹城市"
AS_OF = datetime(2023, 8, 31, 23, 59, 59)
MONTHS = month_range("2022-01", "2023-08")
# The months the newspaper's figures are about
PRINTED_MONTHS = month_range("2023-01", "2023-08")
FIRST_PRINTED = MONTHS.index(PRINTED_MONTHS[0])

Array = NDArray[Any]
Columns = dict[str, Sequence[Any]]

# Times are whole seconds since 1970 until they are written; NEVER becomes NULL.
NEVER = np.iinfo(np.int64).min
HOUR, DAY = 3600, 86400
DAYS: Array = np.arange("2022-01-01", "2023-09-01", dtype="datetime64[D]")
DAY_STARTS: Array = DAYS.astype("datetime64[s]").astype(np.int64)
MONTH_STARTS: Array = np.array([*MONTHS, "2023-09"], dtype="datetime64[s]").astype(np.int64)
DAY_MONTHS: Array = np.searchsorted(MONTH_STARTS, DAY_STARTS, side="right") - 1
# Monday is 0; the first of January 1970 was a Thursday.
WEEKDAYS: Array = (DAYS.astype(np.int64) + 3) % 7
NOW = int(np.datetime64(AS_OF, "s").astype(np.int64))


@dataclass(frozen=True)
class Township:
    """A township, its villages (code, name) and its character: rates are shares from 0 to 1.

    ``character`` is empty, or what the pages should find: storm, slump, slipping, silent, improving.
    """

    code: str
    name: str
    kind: str
    alias: str
    villages: tuple[tuple[str, str], ...]
    character: str
    tile_row: int
    tile_column: int
    residents: int
    petition_weight: float
    on_time: float
    satisfied: float
    signed: float
    false_closed: float
    cameras: int
    outages_a_year: float
    repair_hours: float
    grids: int
    micro_grids: int
    extra_workers: float
    inactive: float
    events_a_grid: float
    grid_teams: int
    other_teams: int
    active_teams: float
    registered: float
    projects: int

    @property
    def is_urban(self) -> bool:
        """Whether it is a 街道."""
        return self.kind == "街道"

    @property
    def places(self) -> tuple[str, ...]:
        """Names of the villages as people say them (孟庄社区, 庄里村)."""
        return tuple(
            name.removesuffix("居民委员会").removesuffix("居委会").removesuffix("民委员会").replace("村村", "村")
            for _, name in self.villages
        )

    def month_shift(self, gap: float) -> Array:
        """What to add to a share in each month: an improving township starts ``gap`` below its present."""
        if self.character != "improving":
            return np.zeros(len(MONTHS))
        return -gap * np.linspace(1, 0, len(MONTHS))

    @property
    def silent(self) -> Array:
        """For each month, whether the township reported nothing."""
        months = np.zeros(len(MONTHS), dtype=bool)
        months[-1] = self.character == "silent"
        return months


@dataclass(frozen=True)
class PrintedFigure:
    """One line of newspaper_facts.csv. ``months`` are those it is about."""

    township_code: str
    indicator: str
    value: float
    decimals: int
    at_least: bool
    months: tuple[str, ...]


def csv_rows(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file beside this module."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def townships() -> list[Township]:
    """The townships in code order."""
    villages: dict[str, list[tuple[str, str]]] = {}
    for row in csv_rows("villages.csv"):
        villages.setdefault(row["township_code"], []).append((row["code"], row["name"]))
    profiles = {row["township_code"]: row for row in csv_rows("township_profiles.csv")}
    kinds = {name: {"int": int, "float": float}.get(str(kind)) for name, kind in Township.__annotations__.items()}
    found = []
    for row in csv_rows("townships.csv"):
        profile = profiles[row["code"]]
        figures: dict[str, Any] = {name: read(profile[name]) for name, read in kinds.items() if read}
        found.append(
            Township(
                code=row["code"],
                name=row["name"],
                kind=row["kind"],
                alias=row["printed_alias"],
                villages=tuple(villages[row["code"]]),
                character=profile["character"],
                **figures,
            )
        )
    return found


def printed_figures() -> list[PrintedFigure]:
    """What the newspaper printed, line by line."""
    figures = []
    for row in csv_rows("newspaper_facts.csv"):
        first, _, last = row["period"].partition("..")
        figures.append(
            PrintedFigure(
                row["township_code"],
                row["indicator"],
                float(row["value"]),
                len(row["value"].partition(".")[2]),
                row["qualifier"] == "at_least",
                month_range(first, last or first),
            )
        )
    return figures


def printed(figures: Sequence[PrintedFigure], indicator: str) -> dict[str, float]:
    """The printed values of an indicator by township code."""
    return {figure.township_code: figure.value for figure in figures if figure.indicator == indicator}


def times(seconds: Array) -> list[datetime | None]:
    """Seconds since 1970 as timestamps; NEVER as None."""
    values: list[datetime | None] = seconds.astype("datetime64[s]").tolist()
    return values


def dates(seconds: Array) -> list[Any]:
    """Seconds since 1970 as dates; NEVER as None."""
    values: list[Any] = seconds.astype("datetime64[s]").astype("datetime64[D]").tolist()
    return values


def draw(rng: np.random.Generator, weights: Array, count: int) -> Array:
    """Indices drawn in proportion to the weights."""
    reached = np.cumsum(weights)
    indices: Array = np.searchsorted(reached, rng.random(count) * reached[-1], side="right")
    return indices


def since(rng: np.random.Generator, count: int, before: float, first: str, last: str) -> Array:
    """Midnights on which things began, from the first day to the last: that share of them before the period."""
    begin, end = (int(np.datetime64(day, "D").astype(np.int64)) for day in (first, last))
    period = int(MONTH_STARTS[0]) // DAY
    earlier, later = rng.integers(begin, period, count), rng.integers(period, end, count)
    return np.where(rng.random(count) < before, earlier, later) * DAY


def month_index(seconds: Array) -> Array:
    """Which of MONTHS a time lies in."""
    return np.clip(np.searchsorted(MONTH_STARTS, seconds, side="right") - 1, 0, len(MONTHS) - 1)


def objects(values: Sequence[Any]) -> Array:
    """An array of Python objects, to be picked from by index."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
