"""Every question that is asked of a county, for the tests that ask it of several databases."""

from __future__ import annotations

import inspect
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, select

from data_access import queries
from data_access.access import UNRESTRICTED
from data_access.areas.cameras import lists as camera_lists
from data_access.areas.grid import lists as grid_lists
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.lists import CaseFilter
from data_access.areas.projects import lists as project_lists
from data_access.areas.reports import lists as report_lists
from data_access.areas.volunteers import lists as team_lists
from data_access.exploring.listing import order_of
from data_access.indicators import INDICATORS
from data_access.model.tables import to_date
from data_access.places import lists as place_lists
from data_access.schema import ROLLUPS
from data_access.scope import Scope
from tests.counties import EVERYTHING


def paged(engine: Engine, scope: Scope, chosen: CaseFilter, limit: int = 7) -> pd.DataFrame:
    pages = [petition_lists.petition_cases(engine, scope, chosen, limit=limit)]
    while len(pages[-1]) == limit:
        after = order_of(pages[-1].iloc[-1])
        pages.append(petition_lists.petition_cases(engine, scope, chosen, after=after, limit=limit))
    return pd.concat([page for page in pages if len(page)] or pages[:1], ignore_index=True)


ASKING = (queries, petition_lists, camera_lists, team_lists, project_lists, grid_lists, report_lists, place_lists)


QUERIES = {
    name: function
    for module in ASKING
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and next(iter(inspect.signature(function).parameters), "") == "engine"
}


ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "boundaries": (UNRESTRICTED, "township"),
    "county": (UNRESTRICTED,),
    "data_version": (),
    "departments": (UNRESTRICTED,),
    "duration_quantiles": (EVERYTHING, (0.5, 0.9)),
    "measure": (list(INDICATORS.values()), EVERYTHING, ("township_code", "month")),
    "village_names": (UNRESTRICTED, ("370883001001",)),
}


PLACE_AND_TIME = ((), ("township_code",), ("month",), ("township_code", "month"))


# What each rollup with further dimensions answers.
PETITION_CODES = tuple(
    code for code, indicator in INDICATORS.items() if indicator.area == "petitions" and code != "cases_per_10k"
)


FURTHER: dict[tuple[str, ...], tuple[str, ...]] = {
    ("category_1",): PETITION_CODES,
    ("channel", "category_1", "category_2", "category_3", "month"): PETITION_CODES,
    ("department",): PETITION_CODES,
    ("category_2", "department", "month"): PETITION_CODES,
    ("village_code",): PETITION_CODES,
    ("village_code", "month"): PETITION_CODES,
    ("weekday", "hour"): ("received",),
    ("township_code", "weekday"): ("received",),
    ("two_hours",): ("closed",),
    ("cause",): ("outages",),
    ("cause", "month"): ("outages",),
    ("kind", "stage"): tuple(code for code, indicator in INDICATORS.items() if indicator.area == "projects"),
}


# ``kind`` is one of activities, of projects or of events, so each source is asked on its own.
BY_KIND = (
    tuple(code for code, indicator in INDICATORS.items() if indicator.area == "projects"),
    ("activities", "service_hours"),
    ("grid_events", "grid_events_closed", "grid_on_time_rate"),
)


FILTERS: tuple[tuple[tuple[tuple[str, str], ...], tuple[str, ...]], ...] = (
    ((("category_1", "城乡建设"),), PETITION_CODES),
    ((("channel", ""), ("category_2", "供水")), PETITION_CODES),
    ((("category_1", "城乡建设"), ("department", "水务局")), PETITION_CODES),
    ((("kind", "道路"),), BY_KIND[0]),
    ((("kind", ""), ("stage", "在建")), BY_KIND[0]),
    ((("kind", "巡河"),), BY_KIND[1]),
    ((("kind", "安全隐患"),), BY_KIND[2]),
    ((("cause", "断电"),), ("outages",)),
)


def rollup_rows(connection: Connection) -> dict[str, dict[tuple[Any, ...], Any]]:
    """Every rollup, and what is kept of earlier months to date: its measures by key, hours to a millionth."""
    tables = {}
    for table in (*ROLLUPS, *to_date(ROLLUPS)):
        width = len(table.info["dimensions"])
        keys = [table.c[name] for name in table.info["dimensions"]]
        measures = [column for column in table.c if not column.primary_key]
        tables[table.name] = {
            tuple(row[:width]): [round(v, 6) + 0.0 if isinstance(v, float) else v for v in row[width:]]
            for row in connection.execute(select(*keys, *measures))
        }
    return tables


def same(one: Any, other: Any) -> None:
    match one:
        case pd.DataFrame():
            pd.testing.assert_frame_equal(one, other, check_dtype=False, rtol=1e-9, atol=1e-6)
        case pd.Series():
            pd.testing.assert_series_equal(one, other, check_dtype=False)
        case tuple():
            for part, its_other in zip(one, other, strict=True):
                same(part, its_other)
        case queries.County():
            same(one.townships, other.townships)
            assert (one.name, one.months, one.as_of, one.reported) == (
                other.name,
                other.months,
                other.as_of,
                other.reported,
            )
        case _:
            assert one == other
