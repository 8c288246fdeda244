"""What townships have not reported of the last finished month."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Engine

from data_access.queries import unreported
from data_access.scope import Scope
from data_access.todo.to_do import ToDo, Urgency, by_urgency, none


def areas_to_report(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Areas that a township did not report for the scope's last month while others did: COLUMNS."""
    found = unreported(engine, scope)
    if found.empty:
        return none()
    return by_urgency(found.groupby("township_code").size().rename("late").reset_index())


def list_areas_to_report(engine: Engine, scope: Scope, _urgency: Urgency, limit: int) -> pd.DataFrame:
    """Such townships and areas: township_code, area."""
    return unreported(engine, scope).head(limit)


TO_DO = (
    ToDo(
        "areas_to_report", None, "数据上报", "Data to report", ("项", "areas"),
        "最近一个完整月里，别的镇街报了、这个镇街没有报的领域，每个镇街每个领域算一项",
        "Areas that a township left out of the last finished month while others reported it, each counted once",
        {"late": ("未报", "not reported")},
        areas_to_report, list_areas_to_report,
    ),
)  # fmt: skip
