"""Which figures reported by hand are told as a least."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import (
    Engine,
    select,
    true,
)

from data_access.areas.reports.tables import indicator_report
from data_access.model.narrowing import in_scope
from data_access.scope import Scope


def at_least_reports(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Where a figure reported by hand is only a lower bound (“多个”, “余人”): code, township_code."""
    t = indicator_report.c
    with engine.connect() as connection:
        query = (
            select(t.code, t.township_code)
            .where(
                in_scope(indicator_report, scope), t.month >= scope.start, t.month <= scope.end, t.at_least == true()
            )
            .distinct()
            .order_by(t.code, t.township_code)
        )
        return pd.read_sql_query(query, connection)
