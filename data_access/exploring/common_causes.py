"""共性诉求: where a kind of case stands out, against that place's own past and against the other places.

The statistic is the conditional test of two Poisson rates (Przyborowski and Wilenski, 1940): of all the cases of a kind
in a place, now and before, a share falls on now by chance, and this share is the one that the kind has in the other
places. That compares with the own past and with peers at once, and what rises everywhere, as heating does in winter,
does not stand out. Of the many places and kinds looked at, the share of wrong findings is kept under a level by the
procedure of Benjamini and Hochberg (1995).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import exp, lgamma, log
from typing import Literal

import numpy as np
import pandas as pd
from sqlalchemy import Connection, and_, select

from data_access.exploring.questions import Part
from data_access.rollups import FALSE_CLOSURE_HOURS
from data_access.schema import petition, village
from data_access.scope import Scope, month_end, month_offset, month_start
from data_access.sql_functions import hours_between

Place = Literal["township_code", "village_code"]
Period = Literal["month", "week"]

# Of what is shown at most this share is expected to be chance.
FALSE_DISCOVERIES = 0.05
# The periods of the own past, and how many of them there must be
PAST = {"month": 12, "week": 26}
_LEAST_PAST = {"month": 6, "week": 13}
# Fewer cases in all, now and before, could not stand out whatever their times were.
_LEAST_CASES = 5


@dataclass(frozen=True)
class Looked:
    """What is looked for: in which places, by which level of category, over a month or a week."""

    place: Place
    category: str
    period: Period
    scope: Scope


def parts(looked: Looked, first_month: str) -> tuple[Part, ...]:
    """The counts that are needed, a month at a time, from every township: the others are the peers."""
    back = PAST["month"] if looked.period == "month" else 7
    start = max(month_offset(looked.scope.end, -back), first_month)
    by = (looked.place, looked.category, *(("week",) if looked.period == "week" else ()))
    everywhere = Scope((), start, looked.scope.end)
    return tuple(
        Part("cases_received", ("received",), (), replace(everywhere, start=month, end=month), by, by, "each")
        for month in everywhere.months
    )


def clusters(
    looked: Looked,
    asked: Sequence[Part],
    counts: Sequence[pd.DataFrame],
    places: Collection[str] | None,
    last_day: date,
) -> pd.DataFrame:
    """What stands out in these places (None: in all), the most certain first; empty where the past is too short to say.

    Columns: the place, the category, now (cases), expected, low and high (what nine of ten past periods had), p (of the
    test), start and end (days). ``attrs``: tested (how many were looked at) and past (periods).
    """
    frames = [
        frame.assign(period=part.scope.start if looked.period == "month" else frame["week"])
        for part, frame in zip(asked, counts, strict=True)
    ]
    table = pd.concat(frames, ignore_index=True)
    keys = [looked.place, looked.category]
    table = table[(table[keys[0]] != "") & (table[keys[1]] != "")]
    periods = _periods(looked, asked, last_day)
    nothing = pd.DataFrame(columns=[*keys, "now", "expected", "low", "high", "p", "start", "end"])
    nothing.attrs.update(tested=0, past=max(len(periods) - 1, 0))
    if len(periods) - 1 < _LEAST_PAST[looked.period] or table.empty:
        return nothing
    wide = table.pivot_table(index=keys, columns="period", values="received", aggfunc="sum").fillna(0)
    wide = wide.reindex(columns=periods, fill_value=0.0)
    kinds = wide.groupby(level=1).sum()
    now, past = wide[periods[-1]], wide[periods[:-1]].sum(axis=1)
    kind_now = kinds[periods[-1]].reindex(wide.index.get_level_values(1)).to_numpy() - now.to_numpy()
    kind_past = kinds[periods[:-1]].sum(axis=1).reindex(wide.index.get_level_values(1)).to_numpy() - past.to_numpy()
    # The share of the others, by one case on each side away from what no data could bear: 0 and 1.
    share = (kind_now + 1) / (kind_now + kind_past + len(periods))
    found = pd.DataFrame(
        {
            "now": now,
            "expected": past.to_numpy() * share / (1 - share),
            "low": wide[periods[:-1]].quantile(0.05, axis=1, interpolation="lower"),
            "high": wide[periods[:-1]].quantile(0.95, axis=1, interpolation="higher"),
            "total": now + past,
            "share": share,
        }
    ).reset_index()
    if places is not None:
        found = found[found[looked.place].isin(list(places))]
    found = found[found["total"] >= _LEAST_CASES].copy()
    found["p"] = [
        binomial_tail(int(n), int(total), float(p))
        for n, total, p in zip(found["now"], found["total"], found["share"], strict=True)
    ]
    tested = len(found)
    kept = found[discoveries(found["p"].to_numpy(), FALSE_DISCOVERIES)].sort_values(
        ["p", "now"], ascending=[True, False]
    )
    start, end = _days(looked, periods[-1], last_day)
    kept = kept.assign(start=start, end=end).drop(columns=["total", "share"]).reset_index(drop=True)
    kept.attrs.update(tested=tested, past=len(periods) - 1)
    return kept


def _periods(looked: Looked, asked: Sequence[Part], last_day: date) -> list[str]:
    if looked.period == "month":
        return [part.scope.start for part in asked]
    end = min(last_day, (month_end(looked.scope.end) - timedelta(days=1)).date())
    # The last week that is over
    monday = end + timedelta(days=1) - timedelta(days=(end + timedelta(days=1)).weekday()) - timedelta(days=7)
    first = month_start(asked[0].scope.start).date()
    weeks = [monday - timedelta(weeks=back) for back in range(PAST["week"], -1, -1)]
    return [f"{week:%Y-%m-%d}" for week in weeks if week >= first]


def _days(looked: Looked, period: str, last_day: date) -> tuple[date, date]:
    if looked.period == "month":
        return month_start(period).date(), min((month_end(period) - timedelta(days=1)).date(), last_day)
    monday = date.fromisoformat(period)
    return monday, monday + timedelta(days=6)


def binomial_tail(successes: int, trials: int, share: float) -> float:
    """The chance of so many successes or more."""
    if successes <= 0:
        return 1.0
    if not 0 < share < 1:
        return 1.0 if share >= 1 else 0.0
    logs = [
        lgamma(trials + 1) - lgamma(k + 1) - lgamma(trials - k + 1) + k * log(share) + (trials - k) * log(1 - share)
        for k in range(successes, trials + 1)
    ]
    return min(1.0, sum(map(exp, logs)))


def discoveries(chances: np.ndarray, level: float) -> np.ndarray:
    """Which of these chances are findings, at most the level of them wrong on average (Benjamini and Hochberg, 1995)."""
    if not len(chances):
        return np.zeros(0, dtype=bool)
    order = np.sort(chances)
    fits = order <= level * np.arange(1, len(order) + 1) / len(order)
    return np.asarray(chances <= (order[fits].max() if fits.any() else -1.0))


# --- Raised again within a week of closing --------------------------------------------------------


def raised_again(connection: Connection, asked: tuple[Scope, int]) -> pd.DataFrame:
    """Cases closed in a scope and raised again within seven days (假闭环), the latest first; at most so many.

    Columns: township_code, case_no, village, category_3, title, department, closed_at, again (the later case's number),
    received_at (its time), hours (from closing to it).
    """
    scope, limit = asked
    closing, again = petition.alias("closing"), petition.alias("again")
    passed = hours_between(closing.c.closed_at, again.c.received_at)
    query = (
        select(
            closing.c.township_code,
            closing.c.case_no,
            village.c.name.label("village"),
            closing.c.category_3,
            closing.c.title,
            closing.c.department,
            closing.c.closed_at,
            again.c.case_no.label("again"),
            again.c.received_at,
            passed.label("hours"),
        )
        .join(again, and_(again.c.township_code == closing.c.township_code, again.c.repeat_of == closing.c.case_no))
        .outerjoin(village, village.c.code == closing.c.village_code)
        .where(
            closing.c.closed_at >= month_start(scope.start),
            closing.c.closed_at < month_end(scope.end),
            closing.c.invalid_reason.is_(None),
            again.c.invalid_reason.is_(None),
            passed >= 0,
            passed <= FALSE_CLOSURE_HOURS,
            *([closing.c.township_code.in_(scope.townships)] if scope.townships else []),
        )
        .order_by(closing.c.closed_at.desc(), closing.c.case_no.desc())
        .limit(limit)
    )
    return pd.DataFrame(connection.execute(query).mappings().all())


# --- Next month -----------------------------------------------------------------------------------

# The months whose course since the year before is carried on
_COURSE = 3
# A forecast needs the same month and the course a year before it; trying it needs as much before what is tried.
LEAST_MONTHS = 12 + _COURSE + 3
# Nine of ten
_SPREAD = 1.645


@dataclass(frozen=True)
class Forecast:
    """Next month's cases by category, and how such forecasts did in the months that are known.

    ``table`` has a row for each category: category, last (month), year_before (the same month), expected, low, high.
    ``tried``: how many category-months; ``inside``: the share of them within their interval; ``error``: the mean
    absolute error in percent of the cases, ``naive_error``: that of repeating the month before.
    """

    month: str
    table: pd.DataFrame
    tried: int
    inside: float
    error: float
    naive_error: float


def forecast(counts: pd.DataFrame) -> Forecast | None:
    """From cases by month (index, without gaps) and category (columns); None where the history is too short.

    Expected is the same month of the year before times how the last months went against the year before. The interval
    holds nine of ten: its width is that of the errors that such forecasts made, which grow with the square root of what
    was expected.
    """
    months = list(counts.index)
    if len(months) < LEAST_MONTHS:
        return None
    numbers = counts.fillna(0).to_numpy(dtype=float)
    first = 12 + _COURSE
    tried = [(_expected(numbers[:row]), numbers[row], numbers[row - 1]) for row in range(first, len(numbers))]
    expected = np.concatenate([one for one, _, _ in tried])
    actual = np.concatenate([one for _, one, _ in tried])
    before = np.concatenate([one for _, _, one in tried])
    known = expected > 0
    if known.sum() < 8 or actual[known].sum() == 0:
        return None
    dispersion = max(1.0, float((((actual - expected) ** 2)[known] / expected[known]).mean()))
    reach = _SPREAD * np.sqrt(dispersion * expected)
    inside = np.abs(actual - expected) <= reach
    following = _expected(numbers)
    width = _SPREAD * np.sqrt(dispersion * following)
    table = pd.DataFrame(
        {
            "category": list(counts.columns),
            "last": numbers[-1],
            "year_before": numbers[-12],
            "expected": following,
            "low": np.maximum(0, following - width),
            "high": following + width,
        }
    ).sort_values("expected", ascending=False, ignore_index=True)
    return Forecast(
        month_offset(str(months[-1]), 1),
        table,
        int(known.sum()),
        float(inside[known].mean()),
        float(100 * np.abs(actual - expected)[known].sum() / actual[known].sum()),
        float(100 * np.abs(actual - before)[known].sum() / actual[known].sum()),
    )


def _expected(numbers: np.ndarray) -> np.ndarray:
    """What the month after these rows would have: no more than three times, no less than a third of the year before."""
    now, then = numbers[-_COURSE:].sum(axis=0), numbers[-12 - _COURSE : -12].sum(axis=0)
    course = np.clip((now + 1) / (then + 1), 1 / 3, 3)
    return np.asarray(numbers[-12] * course)
