"""What a column costs that a file lacks or that is not used: the indicators for which its rows say nothing."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from data_access.indicators import INDICATORS
from data_access.model.import_table import ImportTable
from data_access.model.indicator import Indicator

# Table -> measure -> the fields without which it is not told; of several in one place, any will do
_TOLD_BY: dict[str, dict[str, tuple[tuple[str, ...], ...]]] = {
    "townships": {"residents": (("residents",),)},
    "grids": {"workers": (("workers",),)},
    "petitions": {
        "signing_recorded": (("signed_at",),),
        "closing_known": (("closed_at", "status"),),
        "closing_recorded": (("closed_at",),),
        "deadlines_recorded": (("due_at",), ("closed_at",)),
        "resolved_answers": (("resolved",),),
        "satisfied_answers": (("satisfied",),),
        "callbacks_due": (("called_back", "resolved", "satisfied"),),
        "repeats_recorded": (("repeat_of",),),
    },
    "cameras": {"villages_covered": (("village",),)},
    "outages": {"repairs": (("ended_at",),)},
    "volunteer_teams": {
        "grid_teams": (("kind",),),
        "members": (("members",),),
        "registered": (("registered",),),
        "grids_covered": (("grid_code",),),
    },
    "volunteer_activities": {"hours": (("hours",),), "timed_hours": (("hours",),)},
    "projects": {
        "starts_recorded": (("actual_start",),),
        "ends_recorded": (("actual_end",),),
        "budget_yuan": (("budget_yuan",),),
    },
    "project_reports": {"invested_yuan": (("invested_yuan",),)},
    "grid_events": {"closing_recorded": (("closed_at",),), "deadlines_recorded": (("due_at",), ("closed_at",))},
}


@dataclass(frozen=True)
class Cost:
    """A missing field, or several of which any would do, and the indicators that the rows do not count for."""

    fields: tuple[str, ...]
    indicators: tuple[Indicator, ...]


def costs(table: ImportTable, filled: Container[str]) -> list[Cost]:
    """What the fields cost that no column of a file fills, each indicator once, under the first that it needs."""
    told = _TOLD_BY.get(table.name, {})
    found: dict[tuple[str, ...], list[Indicator]] = {}
    for indicator in INDICATORS.values():
        if table.area is not None and indicator.area != table.area:
            continue
        for measure in (indicator.known_by, indicator.numerator, indicator.denominator):
            lacking = [any_of for any_of in told.get(measure or "", ()) if not any(name in filled for name in any_of)]
            if lacking:
                found.setdefault(lacking[0], []).append(indicator)
                break
    return [Cost(fields, tuple(indicators)) for fields, indicators in found.items()]
