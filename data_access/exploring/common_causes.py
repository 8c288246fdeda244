"""共性诉求: where a kind of case stands out, against that place's own past and against the other places.

It is people that are counted: a case that repeats an earlier one is none, and several of one petitioner about the same
in the same place and period are one. Whether a count stands out is told by :mod:`data_access.exploring.excess`: it
compares with the own past and with peers at once, and what rises everywhere, as heating does in winter, does not stand
out. Of the many places and kinds looked at, the share of wrong findings is kept under a level by the procedure of
Benjamini and Hochberg (1995).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from sys import intern
from typing import Literal

import pandas as pd
from sqlalchemy import Connection, RowMapping, and_, case, func, literal, select

from data_access.access import among
from data_access.areas.petitions.area import FALSE_CLOSURE_HOURS, LEVELS
from data_access.areas.petitions.tables import petition
from data_access.exploring.excess import chances, discoveries
from data_access.exploring.fact_rows import fact_rows
from data_access.exploring.questions import Part, conditions, read_groups, scope_of_counts, span_of
from data_access.places.tables import village
from data_access.scope import Scope, month_end, month_offset, month_start
from data_access.sql_functions import hours_between

Place = Literal["township_code", "village_code"]
Period = Literal["month", "week"]

# So many places and kinds are compared at most, of which only what stands out is shown.
GROUP_LIMIT = 200_000
# Of what is shown at most this share is expected to be chance.
FALSE_DISCOVERIES = 0.05
# The procedure is asked for half of it, because how much counts vary is itself estimated.
_LEVEL = FALSE_DISCOVERIES / 2
# The periods of the own past, and how many of them there must be
PAST = {"month": 12, "week": 26}
_LEAST_PAST = {"month": 6, "week": 13}
# Fewer people in all, now and before, could not stand out whatever their times were.
_LEAST_PEOPLE = 5
# Fewer digits are no telephone; names with one of these are shared by many (张先生, 张某, 张**, 匿名).
_LEAST_DIGITS = 7
_NO_NAMES = ("*", "某", "先生", "女士", "小姐", "同志", "匿名", "不详", "无名", "群众", "市民", "居民", "村民")


@dataclass(frozen=True)
class Looked:
    """What is looked for: in which places, by which level of category, over a month or a week."""

    place: Place
    category: str
    period: Period
    scope: Scope


def parts(looked: Looked, first_month: str) -> tuple[Part, ...]:
    """What to count (:func:`people`), a month at a time, in every township: the others are the peers."""
    back = PAST["month"] if looked.period == "month" else 7
    start = max(month_offset(looked.scope.end, -back), first_month)
    by = (looked.place, looked.category, *(("week",) if looked.period == "week" else ()))
    everywhere = Scope(looked.scope.viewer, None, start, looked.scope.end)
    return tuple(
        Part("cases_received", ("received",), (), replace(everywhere, start=month, end=month), by, by, "each")
        for month in everywhere.months
    )


def people(connection: Connection, part: Part) -> pd.DataFrame:
    """A part's counts by its dimensions: ``received`` (cases) and ``people`` (who raised something for the first time).

    One telephone, or without one the same full name, is one; a case that tells neither is one by itself. Raises
    TooManyGroups, and NotAllowed to who may not see all the cases.
    """
    span = span_of(connection, str(part.rows), scope_of_counts(part), part.periods)
    if span is None:
        return pd.DataFrame(columns=[*part.by, "received", "people"], dtype=float)
    rows = fact_rows(str(part.rows), span)
    c = petition.c
    phone, name = func.trim(func.coalesce(c.phone, "")), func.trim(func.coalesce(c.petitioner, ""))
    is_name = and_(func.length(name) > 1, *(~name.contains(word, autoescape=True) for word in _NO_NAMES))
    petitioner = case(
        (and_(func.length(phone) >= _LEAST_DIGITS, ~phone.endswith("****")), literal("t") + phone),
        (is_name, literal("n") + name),
        else_=literal("c") + c.township_code + "/" + c.case_no,
    )
    # Within, because a server does not see that an expression with parameters is the one that is grouped by.
    inner = (
        select(
            *(rows.dimensions[name].label(name) for name in part.by),
            case((c.repeat_of.is_(None), petitioner)).label("petitioner"),
        )
        .select_from(rows.joined)
        .where(*conditions(rows, span, part.scope, part.text))
        .subquery()
    )
    keys = [inner.c[name] for name in part.by]
    query = (
        select(*keys, func.count().label("received"), func.count(inner.c.petitioner.distinct()).label("people"))
        .select_from(inner)
        .group_by(*keys)
    )
    frame = read_groups(connection, query, GROUP_LIMIT)
    for dimension in part.by:
        # Every part has the same few thousand names.
        frame[dimension] = frame[dimension].map(intern)
    return frame


def clusters(
    looked: Looked,
    asked: Sequence[Part],
    counts: Sequence[pd.DataFrame],
    places: Collection[str] | None,
    last_day: date,
) -> pd.DataFrame:
    """What stands out in these places (None: in all), the most certain first; empty where the past is too short to say.

    Of ``counts`` the ``people`` are compared, and where they are not told, what was ``received``. Columns: the place,
    the category, now (people), received (their cases and repeats), expected, low and high (what nine of ten past
    periods had), p (of the test), start and end (days). ``attrs``: tested (how many were looked at) and past (periods).
    """
    frames = [
        frame.assign(period=part.scope.start if looked.period == "month" else frame["week"])
        for part, frame in zip(asked, counts, strict=True)
    ]
    table = pd.concat(frames, ignore_index=True)
    keys = [looked.place, looked.category]
    table = table[(table[keys[0]] != "") & (table[keys[1]] != "")]
    counted = "people" if "people" in table else "received"
    periods = _periods(looked, asked, last_day)
    nothing = pd.DataFrame(columns=[*keys, "now", "received", "expected", "low", "high", "p", "start", "end"])
    nothing.attrs.update(tested=0, past=max(len(periods) - 1, 0))
    wide = table.pivot_table(index=keys, columns="period", values=counted, aggfunc="sum")
    wide = wide.reindex(columns=periods).fillna(0).astype(float)
    if len(periods) - 1 < _LEAST_PAST[looked.period] or not wide.to_numpy().any():
        return nothing
    now, past = periods[-1], wide[periods[:-1]]
    expected, chance = chances(
        wide.to_numpy(), *(pd.factorize(wide.index.get_level_values(level))[0] for level in (0, 1))
    )
    received = table[table["period"] == now].groupby(keys)["received"].sum()
    found = pd.DataFrame(
        {
            "now": wide[now],
            "received": received.reindex(wide.index).fillna(0),
            "expected": expected,
            "low": past.quantile(0.05, axis=1, interpolation="lower"),
            "high": past.quantile(0.95, axis=1, interpolation="higher"),
            "p": chance,
            "total": wide.sum(axis=1),
        }
    ).reset_index()
    if places is not None:
        found = found[found[looked.place].isin(list(places))]
    found = found[found["total"] >= _LEAST_PEOPLE]
    tested = len(found)
    kept = found[discoveries(found["p"].to_numpy(), _LEVEL)].sort_values(["p", "now"], ascending=[True, False])
    start, end = _days(looked, now, last_day)
    kept = kept.assign(start=start, end=end).drop(columns="total").reset_index(drop=True)
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


# --- Raised again within a week of closing --------------------------------------------------------


def raised_again(connection: Connection, asked: tuple[Scope, int]) -> pd.DataFrame:
    """Cases closed in a scope and raised again within seven days (假闭环), the latest first; at most so many.

    Of single cases both are such that the viewer may see. Columns: township_code, case_no, village, category_1 to 3, title,
    days_late (超期天数 at closing), department, closed_at, again (the later case's number), again_at (its time),
    days_between (from closing to it).
    """
    scope, limit = asked[0].of_cases(), asked[1]
    closing, again = petition.alias("closing"), petition.alias("again")
    passed = hours_between(closing.c.closed_at, again.c.received_at)
    query = (
        select(
            closing.c.township_code,
            closing.c.case_no,
            village.c.name.label("village"),
            *(closing.c[level] for level in LEVELS),
            closing.c.title,
            case(
                (closing.c.closed_at > closing.c.due_at, hours_between(closing.c.due_at, closing.c.closed_at) / 24)
            ).label("days_late"),
            closing.c.department,
            closing.c.closed_at,
            again.c.case_no.label("again"),
            again.c.received_at.label("again_at"),
            (passed / 24).label("days_between"),
        )
        .join(again, and_(again.c.township_code == closing.c.township_code, again.c.repeat_of == closing.c.case_no))
        .outerjoin(village, village.c.code == closing.c.village_code)
        .where(
            closing.c.invalid_reason.is_(None),
            again.c.invalid_reason.is_(None),
            passed >= 0,
            passed <= FALSE_CLOSURE_HOURS,
            among(closing.c.township_code, scope.within("petitions")),
            *(among(one.c.department, scope.viewer.departments) for one in (closing, again)),
        )
        .order_by(closing.c.closed_at.desc(), closing.c.case_no.desc())
    )
    found: list[RowMapping] = []
    # Of many cases the last month has as many as are wanted: the months before it are not read then.
    for month in reversed(scope.months):
        first, after = month_start(month), month_end(month)
        of_month = query.where(
            closing.c.closed_at >= first,
            closing.c.closed_at < after,
            again.c.received_at >= first,
            # Follows from the above, and lets the index by time serve.
            again.c.received_at < after + timedelta(hours=FALSE_CLOSURE_HOURS),
        )
        found += connection.execute(of_month.limit(limit - len(found))).mappings().all()
        if len(found) == limit:
            break
    frame = pd.DataFrame(found)
    # Also where none was late
    return frame.astype({"days_late": float}) if found else frame
