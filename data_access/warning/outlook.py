"""The running month of an indicator: where each township stands, what it will likely come to, what it takes to get there."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import Engine, func, select

from data_access.access import UNRESTRICTED
from data_access.cache import answer, made_of_answers
from data_access.indicators import INDICATORS
from data_access.model.target import Targets
from data_access.places.tables import township
from data_access.queries import County, measure
from data_access.scope import Scope, days_in, is_finished, month_offset, month_range, month_start
from data_access.warning.back_test import DAYS, LEAST_MONTHS, BackTest, back_test, chance_of_miss, expect
from data_access.warning.counting import PROCESSES, MonthCounts, Part, month_counts
from data_access.warning.reaching import reaching
from data_access.warning.survival import Floats, to_come

# Those with a month's end that can be told before it comes
CODES = tuple(PROCESSES)
# What a month that is over is looked at as if it were the end of
SHOWN_DAY = 20
# What is expected of a township
_EXPECTED = ("likely", "low", "high", "chance")
# So many months before it are read: those that are tried, and those that the first of these stands on
READ_MONTHS = 18
# Where chance would leave a township without a case for as long as this in one of a hundred months, its data are late.
_CHANCE_OF_NONE = 0.01
_LOOKED_BACK, _DAYS_OFF = timedelta(days=90), timedelta(days=3)


@dataclass(frozen=True)
class Outlook:
    """A month of an indicator at the end of a day of it.

    ``is_running``: the data end there; else the month is over, and this is what would have been told. ``history``: the months
    before it. ``back_test``: None where these are too few, or nothing of them can be tried; nothing is expected then.

    ``table`` has a row for each township: township_code; n, d (the rate so far); target (percent; NaN: none); state, lacking,
    open, spare, new, least, most (:class:`~data_access.warning.reaching.Reaching`); within (days to when the last open case is
    decided); likely, low, high (percent) and chance (of a miss, 0 to 1), NaN where nothing is expected; final (percent, of a
    month that is over); late (the day of the month to which the township's data reach, if it has reported nothing
    since; NaN: none such) and unlike (the cases tell another rate than the indicator has): then nothing is expected.
    """

    code: str
    month: str
    day: int
    is_running: bool
    history: int
    back_test: BackTest | None
    table: pd.DataFrame

    def __len__(self) -> int:
        """The rows of its table."""
        return len(self.table)

    @property
    def days_left(self) -> int:
        """The days of the month that are to come."""
        return days_in(self.month) - self.day


def outlook(code: str, county: County, scope: Scope, waiting: Callable[[int], None]) -> Outlook | None:
    """That of an indicator (of CODES) for the scope's townships; None without data. Raises what ``cache.answers`` raises.

    The townships that a viewer may not see count in what is learned from the past, so that one township has one outlook
    whoever looks; their rows are not told.
    """
    area = INDICATORS[code].data_area
    as_of = county.as_of.get(area)
    if as_of is None:
        return None
    month = f"{as_of:%Y-%m}"
    is_running = not is_finished(month, as_of)
    townships = answer(_townships)
    parts = parts_of(code, townships, max(county.months[0], month_offset(month, -READ_MONTHS)), as_of)

    def made(counts: Sequence[MonthCounts]) -> Outlook:
        day = as_of.day if is_running else SHOWN_DAY
        found = expected(code, townships, counts, county.targets, day, is_running=is_running)
        told = answer(measure, (INDICATORS[code],), Scope(UNRESTRICTED, None, month, month), ("township_code",))
        told = told.set_index("township_code").reindex(townships).fillna(0)
        reached = day if is_running else days_in(month)
        is_unlike = (told[f"{code}:n"] != counts[-1].known_n[reached]) | (
            told[f"{code}:d"] != counts[-1].known_d[reached]
        )
        silent = answer(_silent, code, as_of) if is_running else {}
        late = np.array([silent.get(one, math.nan) for one in townships])
        table = found.table.assign(late=late, unlike=is_unlike.to_numpy())
        table.loc[table["late"].notna() | table["unlike"], list(_EXPECTED)] = math.nan
        return replace(found, table=table)

    found = made_of_answers(month_counts, parts, waiting, made, kept_as=("warning", code))
    codes = scope.within(area)
    return found if codes is None else replace(found, table=found.table[found.table["township_code"].isin(codes)])


def parts_of(code: str, townships: tuple[str, ...], first: str, as_of: datetime) -> list[Part]:
    """The months of an indicator from the first to that of the data, each to be counted at the days that are needed of it."""
    last = f"{as_of:%Y-%m}"
    return [
        Part(
            code,
            Scope(UNRESTRICTED, townships, month, month),
            (*DAYS, days_in(month)) if is_finished(month, as_of) else (as_of.day,),
            as_of,
        )
        for month in month_range(first, last)
    ]


def expected(
    code: str, townships: Sequence[str], counts: Sequence[MonthCounts], targets: Targets, day: int, *, is_running: bool
) -> Outlook:
    """The outlook of the last of these months at the end of a day, for all townships that they were counted for."""
    now = counts[-1]
    # What lies before a month without any case is no history.
    empty = [at for at, month in enumerate(counts[:-1]) if not month.known_d[-1].any()]
    past = counts[empty[-1] + 1 if empty else 0 : -1]
    wanted = {month.month: _targets(targets, code, month.month, townships) for month in (*past, now)}
    process, target = PROCESSES[code], wanted[now.month]
    tried = back_test(process, past, wanted) if len(past) >= LEAST_MONTHS else None
    opened = now.open[day].sum(axis=1)
    left = min(now.days - day, process.longest)
    within = np.where(opened > 0, np.arange(opened.shape[-1]), 0).max(axis=-1) if process.counts_down else left
    # More than this come in one of a thousand months, if they come by chance.
    most_new = [math.ceil(one + 3 * math.sqrt(one)) for one in to_come([*past, now], day)[0]] if past else None
    how_far = [
        reaching(None if math.isnan(aim) else float(aim), int(won), int(failed), int(still), most)
        for aim, won, failed, still, most in zip(
            target,
            now.known_n[day] + now.won[day],
            now.failed[day],
            opened.sum(axis=-1),
            most_new or [None] * len(townships),
            strict=True,
        )
    ]
    table = pd.DataFrame(map(vars, how_far)).assign(
        township_code=list(townships), n=now.known_n[day], d=now.known_d[day], target=target, within=within
    )
    table = table.assign(**dict.fromkeys(_EXPECTED, math.nan), final=math.nan, late=math.nan, unlike=False)
    if tried is not None:
        end = expect(tried.method, process, [*past, now], day)
        low, high = tried.interval(tried.method, end)
        chance = chance_of_miss(end, target, tried.reach[tried.method])
        found = pd.DataFrame(dict(zip(_EXPECTED, (100 * end.rate, 100 * low, 100 * high, chance), strict=True)))
        table[list(_EXPECTED)] = found.where(table["state"] != "nothing due")
    if not is_running:
        with np.errstate(invalid="ignore", divide="ignore"):
            table["final"] = 100 * now.known_n[-1] / now.known_d[-1]
    return Outlook(code, now.month, day, is_running, len(past), tried, table)


def _targets(targets: Targets, code: str, month: str, townships: Sequence[str]) -> Floats:
    """What each township is held to in a month (percent; NaN: nothing)."""
    found = (targets.target(INDICATORS[code], (month,), (one,)) for one in townships)
    return np.array([math.nan if target is None else target for target in found], dtype=float)


def _townships(engine: Engine) -> tuple[str, ...]:
    with engine.connect() as connection:
        return tuple(connection.scalars(select(township.c.code).order_by(township.c.code)))


def _silent(engine: Engine, code: str, as_of: datetime) -> dict[str, int]:
    """The day of the month to which the data of townships reach that have fallen silent (0: a month before), by code."""
    cases = PROCESSES[code].cases
    township_code, received_at = cases.table.c.township_code, cases.received_at
    query = (
        select(township_code, func.count(), func.max(received_at))
        .where(township_code.in_(_townships(engine)), received_at.between(as_of - _LOOKED_BACK, as_of))
        .group_by(township_code)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    silent = {}
    for place, count, last in rows:
        silence = as_of - last
        usual = count / max((_LOOKED_BACK - silence) / timedelta(days=1), 1)
        # Days off are no sign.
        if math.exp(-usual * max((silence - _DAYS_OFF) / timedelta(days=1), 0)) < _CHANCE_OF_NONE:
            silent[place] = last.day if last >= month_start(f"{as_of:%Y-%m}") else 0
    return silent
