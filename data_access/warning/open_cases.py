"""The open cases by which a rate of the running month is still decided."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
from sqlalchemy import ColumnElement, Engine

from data_access.areas.grid.facts import FACTS as GRID_FACTS
from data_access.areas.petitions.area import SIGNING_HOURS
from data_access.areas.petitions.facts import FACTS as PETITION_FACTS
from data_access.indicators import INDICATORS
from data_access.model.data_state import as_of_dates
from data_access.model.facts import read_page, span_of_moment
from data_access.model.narrowing import in_scope
from data_access.scope import Scope, month_end, month_start
from data_access.warning.counting import PROCESSES

_ROWS = {"petitions": PETITION_FACTS["cases_received"], "grid": GRID_FACTS["events_reported"]}


def open_cases(engine: Engine, scope: Scope, code: str, limit: int = 200) -> pd.DataFrame:
    """Those that decide an indicator (of ``outlook.CODES``), in the month of the data, the first due or received first.

    Columns: as a page of these rows has them (:meth:`~data_access.model.facts.FactRows.page`). Of the scope count its townships;
    the cases are those that its viewer may see one by one.
    """
    process, area, scope = PROCESSES[code], INDICATORS[code].data_area, scope.of_cases()
    table, received_at = process.cases.table, process.cases.received_at
    c = table.c
    with engine.connect() as connection:
        as_of = as_of_dates(connection).get(area)
        if as_of is None:
            return pd.DataFrame()
        month = f"{as_of:%Y-%m}"
        order = c.due_at if process.counts_down else received_at
        conditions: list[ColumnElement[bool]] = [c.closed_at.is_(None)]
        if process.counts_down:
            conditions += [c.due_at > as_of, c.due_at < month_end(month)]
        else:
            conditions.append(received_at >= month_start(month))
        if code == "signed_in_time_rate":
            conditions += [
                c.signed_at.is_(None),
                c.replied_at.is_(None),
                received_at > as_of - timedelta(hours=SIGNING_HOURS),
            ]
        rows = _ROWS[area](span_of_moment(as_of))
        page = rows.page((order, rows.key[1]), None, limit, is_descending=False)
        return read_page(
            connection, page.where(in_scope(table, scope), *process.cases.counted, *conditions), scope.viewer
        )
