"""What a township has to do of figures reported by hand: those that it owes."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from sqlalchemy import Engine

from data_access.areas.reports.reporting import owed_figures
from data_access.scope import Scope, month_offset
from data_access.todo.to_do import ToDo, Urgency, by_urgency, none

# How many months back what is owed is asked for
_MONTHS = 24


def figures_owed(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Figures that townships owe, late or not yet due, with the days of the one that is latest: COLUMNS."""
    owed = _owed(engine, scope)
    if owed.empty:
        return none()
    grouped = owed.groupby("township_code")
    counts = owed.pivot_table(index="township_code", columns="urgency", values="code", aggfunc="count")
    return by_urgency(counts.assign(longest=grouped["days_late"].max()).reset_index())


def list_figures_owed(engine: Engine, scope: Scope, urgency: Urgency, limit: int) -> pd.DataFrame:
    """Such figures, the latest first: township_code, reported_code, owed_month, owed_until, owed_days."""
    owed = _owed(engine, scope)
    owed = owed[owed["urgency"] == urgency].head(limit)
    return pd.DataFrame(
        {
            "township_code": owed["township_code"],
            "reported_code": owed["code"],
            "owed_month": owed["month"],
            "owed_until": owed["due"],
            "owed_days": owed["days_late"],
        }
    )


def _owed(engine: Engine, scope: Scope) -> pd.DataFrame:
    """What is owed in the two years up to now, with its urgency."""
    months = replace(scope, start=month_offset(scope.end, 1 - _MONTHS), end=month_offset(scope.end, 1))
    owed = owed_figures(engine, months)
    return owed.assign(urgency=["late" if days else "soon" for days in owed["days_late"]])


TO_DO = (
    ToDo(
        "figures_owed", None, "填报指标", "Figures to report", ("项", "figures"),
        "要求填报、还没有提交的指标；过了次月截止日算逾期",
        "Figures that are asked for and not submitted; late after their due day of the following month",
        {"late": ("逾期", "late"), "soon": ("待填报", "to be reported")},
        figures_owed, list_figures_owed, way=lambda _urgency, _as_of: ("reporting", {}),
        longest=("最长 {:.0f} 天", "the longest {:.0f} days"),
    ),
)  # fmt: skip
