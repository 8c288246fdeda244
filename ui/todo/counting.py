"""What there is to do for the viewer, counted: by urgency, township and department."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from data_access.kept_results import kept
from data_access.model.measured import NO_BUSINESS, UNRECORDED, UNREPORTED, Absence, measured
from data_access.scope import Scope
from data_access.todo.registry import TO_DO, to_do_of
from data_access.todo.to_do import ToDo, Urgency, of_own
from ui.asking.view import View


@dataclass(frozen=True)
class Counted:
    """A thing to do with its counts (``to_do.COLUMNS``) in the townships asked about.

    ``asked``: all of these townships; ``known``: those of which the source tells it, and ``why`` not where it tells of none.
    """

    to_do: ToDo
    counts: pd.DataFrame
    known: frozenset[str]
    asked: tuple[str, ...]
    why: Absence
    as_of: datetime | None

    def of(self, urgency: Urgency) -> pd.DataFrame:
        """The counts of one urgency."""
        return self.counts[self.counts["urgency"] == urgency]

    def total(self, urgency: Urgency) -> int:
        """How many there are of one urgency."""
        return int(self.of(urgency)["count"].sum())


def own_view(view: View) -> View:
    """The same of what the viewer answers for, now: whatever months are asked about, and compared with nothing."""
    month = view.county.finished_month
    return replace(view, scope=of_own(replace(view.scope, start=month, end=month, where=())), compare="none")


def all_own(view: View) -> View:
    """The same of all townships that the viewer answers for, whichever are chosen."""
    return replace(view, scope=of_own(replace(view.scope, townships=None)))


def _absences(view: View, to_do: ToDo, as_of: datetime) -> dict[str, Absence | None]:
    """Why each township has never had the indicator by which it is known, up to the as-of month; None: it has had it."""
    if to_do.known_by is None:
        return dict.fromkeys(view.county.names)
    end = f"{as_of:%Y-%m}"
    scope = Scope(view.scope.viewer, None, min(view.county.months[0], end), end)
    # All that are known by the same months are asked at once.
    reach = {area: f"{moment:%Y-%m}" for area, moment in view.county.as_of.items()}
    alike = [one.known_by for one in to_do_of(view.scope.viewer) if one.known_by and reach.get(one.area or "") == end]
    found = view.measured(tuple(dict.fromkeys(alike)), ("township_code",), scope)
    indicator = view.county.indicator(to_do.known_by)
    return {row["township_code"]: measured(indicator, row).absent for row in found.to_dict("records")}


@kept(2000)
def counted(view: View, code: str, department: str | None = None) -> Counted:
    """What there is of a thing to do in a view that :func:`own_view` made; of one ``department``, where that is told."""
    to_do = TO_DO[code]
    counts = to_do.counted(view.listed(to_do.count))
    if department is not None:
        counts = counts[counts["department"] == department]
    asked = view.scope.within()
    as_of = view.county.as_of.get(to_do.area) if to_do.area else max(view.county.as_of.values(), default=None)
    codes = tuple(view.county.names) if asked is None else asked
    absences = _absences(view, to_do, as_of) if as_of else {}
    known = {code for code, why in absences.items() if why is None}.union(counts["township_code"]).intersection(codes)
    reasons = [why for why in (UNRECORDED, NO_BUSINESS) if why in (absences.get(one) for one in codes)]
    return Counted(to_do, counts, frozenset(known), codes, reasons[0] if reasons else UNREPORTED, as_of)


def is_told(view: View, to_do: ToDo, urgency: Urgency) -> bool:
    """Whether the viewer may be told how many there are of an urgency: some are so fine that they tell of single cases."""
    return urgency in to_do.told and (urgency not in to_do.needs_cases or view.scope.viewer.may("cases"))
