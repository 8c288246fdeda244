"""What a viewer looks at, and its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pandas as pd
import streamlit as st
from sqlalchemy import Engine

from data_access import queries
from data_access.cache import answer
from data_access.kept_results import kept
from data_access.model.indicator import Indicator
from data_access.notes.kept import Note
from data_access.queries import County
from data_access.scope import Scope, month_end, month_start
from data_access.small_counts import is_in_fives, is_withheld
from ui.asking.address import Ways, default_period, ways_to
from ui.text import say


@dataclass(frozen=True)
class View:
    """What this viewer looks at: the county, the scope, and the scope it is compared with.

    What one township shows is asked of the database for all at once: each is there when it is chosen, one after the
    other. Equal views show the same words and figures: which data these are and the language are part of it.
    """

    county: County = field(compare=False)
    data: int
    language: str
    scope: Scope
    compare: str

    @property
    def compared(self) -> Scope | None:
        """What the scope is compared with; None: nothing."""
        return {"year": self.scope.year_before, "previous": self.scope.previous}.get(self.compare, lambda: None)()

    def indicator(self, code: str, by: Sequence[str] = ()) -> Indicator:
        """The indicator as this view tells it by some dimensions: with the targets of its months and townships.

        In fives where it is fine and its cases are hidden.
        """
        return _told(self, code, tuple(by))

    def held_to(self, indicator: Indicator) -> Indicator:
        """The indicator with the targets of the months and townships looked at."""
        targets, months = self.county.targets, self.scope.months
        target = targets.target(indicator, months, self.scope.within())
        if target is None and indicator.target is None and not targets.rows:
            return indicator
        # Of some of the rows, and of a month that goes on, nobody can say whether they are as many as all should be.
        adds_up = not indicator.is_ratio and bool(target)
        if adds_up and (self.scope.where or self.county.unfinished(indicator.data_area, self.scope.end)):
            target = None
        held = replace(indicator, target=target)
        own = sorted(targets.townships_with(indicator.code).intersection(self.townships))
        if len(self.townships) < 2 or not own or self.scope.where:
            return held
        told = ((self.county.names[code], targets.target(indicator, months, (code,))) for code in own)
        return replace(held, own_targets=tuple(told))

    def monthly_targets(self, indicator: Indicator, months: Iterable[str]) -> list[float | None]:
        """What the indicator, as this view tells it, is held to in each of some months."""
        declared, within = self.county.indicator(indicator.code), self.scope.within()
        found = [self.county.targets.target(declared, (month,), within) for month in months]
        if indicator.in_fives or (self.scope.where and not indicator.is_ratio and any(found)):
            return [None for _ in found]
        return found

    def told(self, codes: Sequence[str], by: Sequence[str] = ()) -> tuple[str, ...]:
        """Those of the indicators that this view may tell by some dimensions."""
        return tuple(code for code in codes if not is_withheld(self.county.indicator(code), self.scope, by))

    def measured(self, codes: Sequence[str], by: tuple[str, ...] = (), scope: Scope | None = None) -> pd.DataFrame:
        """The indicators of these codes over the view's scope (or another), as ``queries.measure`` gives them."""
        scope = scope or self.scope
        indicators = tuple(self.county.indicator(code) for code in codes)
        if scope.townships is not None and len(scope.townships) == 1 and by in ((), ("month",)):
            of_all = answer(queries.measure, indicators, replace(scope, townships=None), ("township_code", *by))
            own = of_all[of_all["township_code"] == scope.townships[0]]
            if len(own):
                return own.drop(columns="township_code").reset_index(drop=True)
        return answer(queries.measure, indicators, scope, by)

    def listed(self, question: Callable[[Engine, Scope], pd.DataFrame]) -> pd.DataFrame:
        """The rows of the view's townships, each with its ``township_code``, that the question gives for a scope."""
        of_all = answer(question, replace(self.scope, townships=None))
        return of_all if self.scope.townships is None else of_all[of_all["township_code"].isin(self.scope.townships)]

    def by_township(self, codes: Sequence[str], scope: Scope | None = None) -> pd.DataFrame:
        """One row for every township compared, in code order, also for those without data: plus name, kind.

        ``code:missing`` are the months that a township left out of a sum over several (queries.missing_months). A
        township chosen alone is shown among all: its place means nothing without the others.
        """
        scope = scope or self.scope
        places = self.county.townships[["code", "name", "kind"]].rename(columns={"code": "township_code"})
        if self.chosen is None and scope.townships is not None:
            places = places[places["township_code"].isin(scope.townships)]
        else:
            scope = replace(scope, townships=None)
        table = places.merge(self.measured(codes, ("township_code",), scope), how="left", on="township_code")
        left_out = self.missing_months(scope)
        for code in codes:
            indicator = self.county.indicator(code)
            missing = left_out.get(indicator.data_area, {}) if indicator.over_months == "sum" else {}
            table[f"{code}:missing"] = [missing.get(township, ()) for township in table["township_code"]]
        return table

    def missing_months(self, scope: Scope) -> dict[str, dict[str, tuple[str, ...]]]:
        """The months that townships left out, by area and township code; none where one month stands alone."""
        if len(scope.months) == 1:
            return {}
        found = answer(queries.missing_months, Scope(scope.viewer, None, scope.start, scope.end))
        return {
            str(area): {str(code): tuple(months) for code, months in rows.groupby("township_code")["month"]}
            for area, rows in found.groupby("area")
        }

    @property
    def chosen(self) -> str | None:
        """The name of the township that is chosen alone."""
        return self.county.names[self.townships[0]] if len(self.scope.townships or ()) == 1 else None

    @property
    def ways_to_townships(self) -> Ways:
        """What a click on a township's name asks for: that one; where it is chosen alone, all."""
        return ways_to("street", self.county.names.values(), self.chosen)

    def ways_to_months(self, months: Iterable[str]) -> Ways:
        """What a click on a month asks for: that one; where it is looked at alone, the default period."""
        first, last = default_period(self.county)
        alone = self.scope.start if self.scope.start == self.scope.end else None
        spans = {month: (first, last) if month == alone else (month, month) for month in months}
        return {month: {"from": [start], "to": [end], "latest": []} for month, (start, end) in spans.items()}

    @property
    def townships(self) -> tuple[str, ...]:
        """The codes of the townships looked at, each one where none is chosen."""
        return tuple(self.county.names) if self.scope.townships is None else self.scope.townships

    def by_month(self, codes: Sequence[str], scope: Scope | None = None) -> pd.DataFrame:
        """One row for every month in scope, indexed by month, also for those without data."""
        scope = scope or self.scope
        return self.measured(codes, ("month",), scope).set_index("month").reindex(scope.months)

    def all_months(self, scope: Scope) -> Scope:
        """The same question of all months that there are."""
        return replace(scope, start=self.county.months[0], end=self.county.months[-1])

    def notes(self, months: Sequence[str] = ()) -> tuple[Note, ...]:
        """The notes within these months (none: the view's), on the county and on the townships looked at."""
        months = months or self.scope.months
        if not months:
            return ()
        start, end = month_start(months[0]).date(), month_end(months[-1]).date() - timedelta(days=1)
        within = self.scope.within()
        if asked := dict(self.scope.where).get("township_code"):
            codes = (asked,) if isinstance(asked, str) else asked
            within = tuple(code for code in codes if within is None or code in within)
        return tuple(note for note in self.county.notes if note.is_of(within) and note.is_within(start, end))

    @property
    def among_all(self) -> View:
        """What :meth:`by_township` looks at: of all townships where one is chosen alone."""
        return self if self.chosen is None else replace(self, scope=replace(self.scope, townships=None))

    def narrowed(self, *where: tuple[str, str | tuple[str, ...]]) -> View:
        """The same view of fewer rows, in both periods."""
        return replace(self, scope=self.scope.narrowed(*where))

    def values(self, code: str, dimension: str) -> list[str]:
        """What the rows of an indicator have of a dimension, in any month and township."""
        anywhere = replace(self.all_months(self.scope), townships=None)
        return list(self.measured([code], (dimension,), anywhere)[dimension])

    @property
    def compared_label(self) -> str:
        """较上年同期, 较上一时段."""
        return (
            say("较上年同期", "vs year before") if self.compare == "year" else say("较上一时段", "vs previous period")
        )


def current_view() -> View:
    """The view that the frame made of the filters in this run."""
    view: View = st.session_state["view"]
    return view


@kept(5000)
def _told(view: View, code: str, by: tuple[str, ...]) -> Indicator:
    indicator = view.county.indicator(code)
    if not indicator.is_ratio and is_in_fives(indicator, view.scope, by):
        # Of under five nobody can say whether they are as few as they should be.
        return replace(indicator, in_fives=True, target=None)
    return view.held_to(indicator)
