"""Which figures townships report by hand: added, changed, and no longer asked for; never deleted."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from data_access.access import Viewer
from data_access.areas.reports.definition import COLUMNS, Definition, definitions_in
from data_access.areas.reports.tables import indicator_report, reported_indicator, reporting_township
from data_access.indicators import INDICATORS, QUESTION_INDICATORS
from data_access.places.tables import township
from data_access.scope import is_month
from data_access.settings.changing import Changed, SettingProblem, changing

# As wide as the columns
_LONGEST = {column.name: column.type.length for column in reported_indicator.c if hasattr(column.type, "length")}
_LONGEST_CODE = 48
LAST_DUE_DAY = 28


def free_code(name_en: str, taken: Collection[str]) -> str:
    """A code, as files and addresses name the figure, of its English name; with a number where that one is taken."""
    words = re.sub(r"[^a-z0-9]+", "_", name_en.lower()).strip("_")[:_LONGEST_CODE].strip("_")
    code = words if words and not words[0].isdigit() else f"figure_{words}".rstrip("_")
    return next(one for one in (code, *(f"{code}_{place}" for place in range(2, 10_000))) if one not in taken)


def save_reported_figure(engine: Engine, by: Viewer, given: Definition, seen: int | None = None) -> Changed | None:
    """Add a figure (with an empty code: one is made), or change the one of the code. None: nothing is new.

    What was reported stays. Raises SettingProblem, NotAllowed.
    """
    by.require("administer")
    given = _tidied(given)
    if not given.code:
        with engine.connect() as connection:
            given = replace(given, code=free_code(given.name_en, _taken(connection)))
        seen = 0
    with changing(engine, by, f"report {given.code}", seen) as change:
        known = definitions_in(change.connection)
        before = known.get(given.code)
        _require(change.connection, given, [one for code, one in known.items() if code != given.code])
        if before and before.is_ratio != given.is_ratio and _is_reported(change.connection, given.code):
            raise SettingProblem(
                f"{given.name_zh}已有填报的数，不能在一个数和两个数之间改；请停用它，另建一个。",
                f"{given.name_en} has been reported already and cannot change between one number and two: end it and add "
                "another.",
            )
        _write(change.connection, given, is_new=before is None)
        return change.told(_told(before) if before else {}, _told(given))


def _taken(connection: Connection) -> set[str]:
    return {*INDICATORS, *QUESTION_INDICATORS, *connection.scalars(select(reported_indicator.c.code))}


def _tidied(given: Definition) -> Definition:
    """Without blanks around words; a name in one language stands for the other."""
    words = {name: (getattr(given, name) or "").strip() for name in _LONGEST}
    for name in ("name", "numerator", "denominator"):
        words[f"{name}_en"] = words[f"{name}_en"] or words[f"{name}_zh"]
    required = ("code", "area", "name_zh", "name_en", "unit")
    tidied: dict[str, Any] = {name: word or ("" if name in required else None) for name, word in words.items()}
    return replace(given, **tidied)


def _require(connection: Connection, given: Definition, others: Collection[Definition]) -> None:
    named: Mapping[str, tuple[str, str]] = {
        "name_zh": ("名称", "The name"),
        "area": ("领域", "The area"),
        "unit": ("单位", "The unit"),
    }
    for name, (zh, en) in named.items():
        if not getattr(given, name):
            raise SettingProblem(f"请写明{zh}。", f"{en} is missing.")
    for name, longest in _LONGEST.items():
        word = getattr(given, name) or ""
        if len(word) > longest or not word.isprintable():
            raise SettingProblem(
                f"“{word[:12]}…”太长或有换行，最多 {longest} 个字。",
                f"“{word[:12]}…” is too long or in several lines: at most {longest} characters.",
            )
    if any(given.name_zh == one.name_zh for one in others):
        raise SettingProblem(
            f"已有叫“{given.name_zh}”的填报指标，请换一个名称。", f"There is a figure named {given.name_zh} already."
        )
    if (given.numerator_zh is None) != (given.denominator_zh is None):
        raise SettingProblem(
            "报两个数的，分子和分母的名称都要写；只报一个数的都不写。",
            "Name both the part and the whole, or neither where one number is reported.",
        )
    if given.is_ratio and given.numerator_zh == given.denominator_zh:
        raise SettingProblem("分子和分母的名称不能一样。", "The part and the whole need different names.")
    if given.due_day is not None and not 1 <= given.due_day <= LAST_DUE_DAY:
        raise SettingProblem(
            f"截止日写次月 1 至 {LAST_DUE_DAY} 日。",
            f"The due day is the 1st to the {LAST_DUE_DAY}th of the next month.",
        )
    for month in (given.first_month, given.last_month):
        if month is not None and not is_month(month):
            raise SettingProblem("月份要写成 2026-01 这样。", "Months are written as 2026-01.")
    if given.due_day is not None and given.first_month is None:
        raise SettingProblem("请写明从哪个月起报。", "Say from which month on it is reported.")
    if given.first_month and given.last_month and given.last_month < given.first_month and given.frequency == "once":
        raise SettingProblem("止月早于起月。", "The last month is before the first.")
    if given.counted_as is not None and given.counted_as not in INDICATORS:
        raise SettingProblem("参考值要取自已有的指标。", "What suggests a value is an indicator that there is.")
    if given.townships is not None:
        if not given.townships:
            raise SettingProblem("请选由哪些镇街填报。", "Choose the townships that report it.")
        known = set(connection.scalars(select(township.c.code)))
        if unknown := given.townships - known:
            codes = "、".join(sorted(unknown))
            raise SettingProblem(f"没有镇街 {codes}。", f"There is no township {codes}.")


def _is_reported(connection: Connection, code: str) -> bool:
    return (
        connection.scalar(select(indicator_report.c.code).where(indicator_report.c.code == code).limit(1)) is not None
    )


def _write(connection: Connection, given: Definition, *, is_new: bool) -> None:
    row = {name: getattr(given, name) for name in COLUMNS}
    if is_new:
        connection.execute(insert(reported_indicator).values(row))
    else:
        connection.execute(update(reported_indicator).where(reported_indicator.c.code == given.code).values(row))
    connection.execute(delete(reporting_township).where(reporting_township.c.code == given.code))
    if given.townships is not None:
        asked = [{"code": given.code, "township_code": code} for code in sorted(given.townships)]
        connection.execute(insert(reporting_township), asked)


def _told(given: Definition) -> dict[str, Any]:
    """What the audit log tells of it: what is said of it at all."""
    told = {field.name: getattr(given, field.name) for field in fields(Definition)}
    told["townships"] = None if given.townships is None else sorted(given.townships)
    told["name"] = told.pop("name_zh")
    return {name: value for name, value in told.items() if value is not None and name != "code"}
