"""Setting targets: from a month on, or a year's total that is cut into months as the year before went."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Engine, delete, insert, select

from data_access.access import Viewer
from data_access.model.data_state import as_of_dates
from data_access.model.indicator import Indicator
from data_access.model.target import Target
from data_access.places.tables import township
from data_access.queries import measure, missing_months
from data_access.scope import Scope, finished_month, is_month, month_range
from data_access.settings.changing import Changed, Changing, SettingProblem, changing
from data_access.settings.kept import kept_targets
from data_access.settings.tables import indicator_target

_LONGEST_DOCUMENT = 200


def can_be_cut(indicator: Indicator) -> bool:
    """Whether a year's total can be set: of what adds up over months and has a better direction."""
    return not indicator.is_ratio and indicator.over_months == "sum" and indicator.direction != "neither"


def set_target(
    engine: Engine, by: Viewer, indicator: Indicator, target: Target, seen: int | None = None
) -> Changed | None:
    """Hold an indicator to a target from a month on; one that begins in the same month is replaced. None: nothing is new.

    Months before keep what they had, and so does what is frozen. Raises SettingProblem, NotAllowed.
    """
    _require(indicator, target.first_month, target.document, target.value)
    with changing(engine, by, f"target {indicator.code}", seen) as change:
        _require_township(change.connection, target.township_code)
        before = _replace(change, target)
        return change.told(_told(before) if before else {}, _told(target))


def remove_target(engine: Engine, by: Viewer, target: Target) -> Changed | None:
    """Take a target back as if it had never been set; the one before it holds again. None: it is gone already."""
    with changing(engine, by, f"target {target.indicator}") as change:
        before = _replace(change, target, is_kept=False)
        return change.told(_told(before) if before else {}, {})


def set_yearly_total(
    engine: Engine,
    by: Viewer,
    indicator: Indicator,
    township_code: str,
    monthly: Mapping[str, float],
    document: str,
    seen: int | None = None,
) -> Changed | None:
    """Hold an indicator to a target in each month of a year (:func:`cut`), and to nothing after it unless more is set.

    Raises SettingProblem, NotAllowed.
    """
    last = max(monthly)
    after = f"{int(last[:4]) + 1}-01"
    for month, value in monthly.items():
        _require(indicator, month, document, value)
    with changing(engine, by, f"target {indicator.code}", seen) as change:
        _require_township(change.connection, township_code)
        known = kept_targets(change.connection).rows
        own = [row for row in known if (row.indicator, row.township_code) == (indicator.code, township_code)]
        before = {row.first_month: row.value for row in own if row.first_month in monthly}
        for month, value in monthly.items():
            _replace(change, Target(indicator.code, township_code, month, value, document.strip()))
        if not any(row.first_month == after for row in own):
            _replace(change, Target(indicator.code, township_code, after, None, document.strip()))
        place = {"indicator": indicator.code, "township_code": township_code}
        told = {**place, "monthly": dict(monthly), "document": document.strip()}
        return change.told({**place, "monthly": before} if before else {}, told)


def cut(indicator: Indicator, total: float, shares: Sequence[float]) -> list[float]:
    """A total in as many parts as there are shares, in their proportion; the parts add up to exactly the total."""
    whole = math.fsum(shares)
    if not math.isfinite(total) or total < 0 or whole <= 0 or min(shares) < 0:
        raise SettingProblem("全年总数要写成不小于 0 的数。", "A year's total is a number of at least 0.")
    reached = [
        round(total * math.fsum(shares[: place + 1]) / whole, indicator.decimals) for place in range(len(shares))
    ]
    reached[-1] = total
    return [round(now - before, 9) for before, now in zip([0.0, *reached], reached, strict=False)]


def season(engine: Engine, by: Viewer, indicator: Indicator, township_code: str, year: int) -> list[float]:
    """The indicator in each month of the year before, as :func:`cut` takes it.

    Raises SettingProblem where months lack it, are not finished, or townships have left them out.
    """
    months = month_range(f"{year - 1}-01", f"{year - 1}-12")
    scope = Scope(by, (township_code,) if township_code else None, months[0], months[-1])
    with engine.connect() as connection:
        as_of = as_of_dates(connection).get(indicator.data_area)
    found = measure(engine, [indicator], scope, ("month",)).set_index("month")[indicator.code].reindex(months)
    found[found.index > (finished_month(as_of) if as_of else "")] = math.nan
    if missing := [str(month) for month, value in found.items() if math.isnan(value)]:
        named, named_en = (mark.join(missing) if len(missing) < 12 else str(year - 1) for mark in ("、", ", "))
        raise SettingProblem(
            f"{named} 没有{indicator.zh}的数据，不能按上年的节奏分；可以改为平均分。",
            f"No data of {indicator.en} for {named_en}: the total cannot be cut by that year; cut it evenly instead.",
        )
    left_out = missing_months(engine, scope)
    left_out = left_out[left_out["area"] == indicator.data_area]
    if township_code:
        left_out = left_out[left_out["township_code"] == township_code]
    if len(left_out):
        some, some_en = (mark.join(sorted(set(left_out["month"]))) for mark in ("、", ", "))
        raise SettingProblem(
            f"{some} 有镇街没有报{indicator.zh}，按上年的节奏分会偏小；补报后再分，或改为平均分。",
            f"In {some_en} townships left out {indicator.en}, and the year before would count too little: load what is missing, "
            "or cut it evenly.",
        )
    if not found.sum() > 0:
        raise SettingProblem(
            f"{year - 1} 年{indicator.zh}全年为 0，不能按它的节奏分；可以改为平均分。",
            f"{indicator.en} was 0 all through {year - 1}: the total cannot be cut by it; cut it evenly instead.",
        )
    return [float(value) for value in found]


def _require(indicator: Indicator, month: str, document: str, value: float | None) -> None:
    if indicator.direction == "neither":
        raise SettingProblem(
            f"{indicator.zh}没有好坏方向，不能定目标。",
            f"{indicator.en} has no better direction and cannot have a target.",
        )
    if not is_month(month):
        raise SettingProblem("起始月份要写成 2026-01 这样。", "The first month is written as 2026-01.")
    if not 0 < len(document.strip()) <= _LONGEST_DOCUMENT:
        raise SettingProblem(
            f"请写明依据的文件（最多 {_LONGEST_DOCUMENT} 个字）。",
            f"Name the document that sets the target (up to {_LONGEST_DOCUMENT} characters).",
        )
    if value is None:
        return
    if not math.isfinite(value) or (indicator.is_percentage and not 0 <= value <= 100):
        raise SettingProblem(
            "目标要写成数，百分比在 0 到 100 之间。", "A target is a number, of a percentage between 0 and 100."
        )
    if value < 0 and not indicator.is_ratio:
        raise SettingProblem(f"{indicator.zh}的目标不能小于 0。", f"A target of {indicator.en} is at least 0.")


def _require_township(connection: Connection, code: str) -> None:
    if code and connection.scalar(select(township.c.code).where(township.c.code == code)) is None:
        raise SettingProblem(f"没有镇街 {code}。", f"There is no township {code}.")


def _replace(change: Changing, target: Target, *, is_kept: bool = True) -> Target | None:
    """Keep the target, or take it away; what was there."""
    t = indicator_target.c
    key = (
        t.indicator == target.indicator,
        t.township_code == target.township_code,
        t.first_month == target.first_month,
    )
    row = change.connection.execute(select(indicator_target).where(*key)).one_or_none()
    change.connection.execute(delete(indicator_target).where(*key))
    if is_kept:
        change.connection.execute(
            insert(indicator_target).values(
                indicator=target.indicator,
                township_code=target.township_code,
                first_month=target.first_month,
                value=target.value,
                document=target.document.strip(),
            )
        )
    return Target(*row) if row else None


def _told(target: Target) -> dict[str, object]:
    """What the audit log tells of it."""
    return {
        "indicator": target.indicator,
        "township_code": target.township_code,
        "first_month": target.first_month,
        # As words: a target of 0 is told like any other.
        "value": "—" if target.value is None else f"{target.value:,.10g}",
        "document": target.document.strip(),
    }
