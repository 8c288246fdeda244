"""Where open cases are, as far as their sources say it and the viewer may know."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Engine, func, select

from data_access.areas.petitions.closing import is_open
from data_access.areas.petitions.tables import IS_PLACED, petition
from data_access.model.data_state import as_of_dates
from data_access.model.narrowing import in_scope, is_named
from data_access.places.points import in_cgcs2000
from data_access.scope import Scope
from data_access.small_counts import require_cases


@dataclass(frozen=True, eq=False)
class CasePlaces:
    """Where open cases are, of ``count`` that tell it.

    ``rows``: the first due first, those never due last, the latest received of these first: township_code, case_no,
    title, category_1, due_at, is_overdue, days_late (negative: not yet due; missing: never), longitude, latitude (degrees of
    CGCS2000; missing where these or their coordinate system cannot be).
    """

    count: int
    rows: pd.DataFrame


def open_case_places(engine: Engine, scope: Scope, limit: int) -> CasePlaces:
    """The open cases of the scope, whenever received, whose sources say where they are; at most ``limit`` rows.

    A place is as private as a name. Raises NotAllowed to who may not see persons, or not all the cases.
    """
    scope.viewer.require("persons")
    require_cases(scope, "petitions")
    c = petition.c
    conditions = (
        in_scope(petition, scope),
        c.invalid_reason.is_(None),
        *(is_named(c[dimension], value) for dimension, value in scope.where),
        # What the index asks for stands by itself.
        c.closed_at.is_(None),
        IS_PLACED,
        is_open(c.closed_at),
    )
    columns = (c.township_code, c.case_no, c.title, c.category_1, c.due_at, c.longitude, c.latitude)
    query = select(*columns, c.coordinate_system).where(*conditions)
    # In the order of the index, so that no more of it is read than is shown.
    in_order = (
        query.where(c.due_at.is_not(None)).order_by(c.due_at, c.received_at, c.case_no),
        query.where(c.due_at.is_(None)).order_by(c.received_at.desc(), c.case_no.desc()),
    )
    with engine.connect() as connection:
        as_of = as_of_dates(connection).get("petitions")
        if as_of is None:
            return CasePlaces(0, pd.DataFrame())
        parts: list[pd.DataFrame] = []
        for part in in_order:
            room = limit - sum(map(len, parts))
            parts.append(pd.read_sql_query(part.limit(room), connection, parse_dates=["due_at"]))
        found = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
        count = len(found)
        if count == limit:
            count = int(connection.scalar(select(func.count()).select_from(petition).where(*conditions)) or 0)
    found["days_late"] = (as_of - found["due_at"]).dt.total_seconds() / 86400
    found["is_overdue"] = found["days_late"] >= 0
    return CasePlaces(count, in_cgcs2000(found))
