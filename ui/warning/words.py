"""What is said of a township's month: where it stands against its target, in whole cases, and what it likely comes to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from data_access.warning.outlook import Outlook
from ui import text
from ui.text import say

Row = Mapping[Any, Any]

# What a case has to become
_DONE = {
    "on_time_rate": ("按期", "on time"),
    "signed_in_time_rate": ("及时签收", "signed in time"),
    "completion_rate": ("办结", "closed"),
    "grid_on_time_rate": ("按期", "on time"),
    "grid_completion_rate": ("办结", "closed"),
}


def reaching_sentence(code: str, row: Row) -> str:
    """再按期 7 件即达标，现有 12 件 9 日内到期: what the known cases have to do, of a row of an outlook's table."""
    lacking, opened, days, new = (int(row[name]) for name in ("lacking", "open", "within", "new"))
    done_zh, done_en = _DONE[code]
    by_deed = {
        "按期": (f"现有 {opened} 件 {days} 日内到期", f"{opened} fall due within {days} days"),
        "办结": (f"现有 {opened} 件未结，本月还有 {days} 日", f"{opened} are open, with {days} days left"),
        "及时签收": (f"现有 {opened} 件待签收", f"{opened} wait to be signed"),
    }
    open_zh, open_en = by_deed[done_zh]
    match row["state"]:
        case "reachable":
            return say(
                f"再{done_zh} {lacking} 件即达标，{open_zh}", f"{lacking} more {done_en} reach the target; {open_en}"
            )
        case "safe" if opened:
            return say(
                f"已受理的已够：其余 {opened} 件全部没有{done_zh}，也有 {_floored(row['least'])}",
                f"The cases received suffice: if none of the other {opened} is {done_en}, it is {_floored(row['least'])}",
            )
        case "safe":
            return say("已受理的都有了结果，达标", "All cases received are decided, and reach the target")
        case "with new ones":
            return say(
                f"已受理的不够（全部{done_zh}最高 {_floored(row['most'])}），还要再受理 {new} 件并都{done_zh}；{open_zh}",
                f"The cases received do not suffice (at most {_floored(row['most'])}): {new} new ones would have to be {done_en} "
                f"too; {open_en}",
            )
        case "out of reach":
            return say(
                f"本月已不可能达标：{open_zh}，全部{done_zh}最高 {_floored(row['most'])}",
                f"Out of reach this month: {open_en}; at most {_floored(row['most'])} if all are {done_en}",
            )
        case "no target":
            return say("没有目标", "no target")
        case _:
            return say("本月没有应计的件", "nothing due this month")


def reaching_words(code: str, row: Row) -> str:
    """The same as short as a cell: 不可能：最高 93.10%."""
    done_zh, done_en = _DONE[code]
    most, new = _floored(row["most"]), int(row["new"])
    match row["state"]:
        case "reachable":
            of_zh, of_en = f"再{done_zh} {row['lacking']} 件", f"{row['lacking']} of {row['open']} open to be {done_en}"
            return say(f"{of_zh}（现有 {row['open']} 件，{row['within']} 日内）", f"{of_en}, {row['within']} days")
        case "safe":
            return say("已受理的已够", "those received suffice")
        case "with new ones":
            return say(f"最高 {most}，另要新来 {new} 件", f"at most {most}, or {new} new ones {done_en}")
        case "out of reach":
            return say(f"已不可能，最高 {most}", f"out of reach, at most {most}")
        case _:
            return reaching_sentence(code, row)


def expected_sentence(outlook: Outlook, row: Row) -> str:
    """月末多半 93.9%（九成在 92.4%–95.5% 之间），达不到 95% 的可能 86%; or why nothing is expected."""
    if not math.isnan(row["late"]):
        return say(f"{late_words(row)}，不作预计", f"{late_words(row)}: nothing is expected")
    if row["unlike"]:
        return say(
            "明细和指标的数对不上（来源只有办理状态、没有时间的件），不作预计",
            "Cases and indicator differ (cases with a status and without a time): nothing is expected",
        )
    if math.isnan(row["likely"]):
        return say("不作预计", "nothing is expected")
    found = say(
        f"月末多半 {percent(row['likely'])}（九成在 {percent(row['low'])}–{percent(row['high'])} 之间）",
        f"likely {percent(row['likely'])} at the month's end (nine in ten: {percent(row['low'])}–{percent(row['high'])})",
    )
    if math.isnan(row["target"]):
        return found
    aim, chance = f"{row['target']:,.10g}%", text.share(row["chance"], 1)
    # 的可能 86%, but 的可能超过 99%
    gap = " " if chance[0].isdigit() else ""
    return found + say(f"，达不到 {aim} 的可能{gap}{chance}", f"; the chance to miss {aim} is {chance}")


def late_words(row: Row) -> str:
    """数据只到 12 日: of a township that has reported nothing since."""
    day = int(row["late"])
    if not day:
        return say("本月还没有数据", "no data this month")
    return say(f"数据只到 {day} 日", f"data to day {day} only")


def percent(value: float) -> str:
    """93.9%, or — without any."""
    return text.NO_DATA if math.isnan(value) else f"{text.number(value, 1)}%"


def _floored(value: float) -> str:
    """At most the value, to two decimals: what falls short of a target must not look as if it reached it."""
    return text.NO_DATA if math.isnan(value) else f"{math.floor(100 * value + 1e-6) / 100:.2f}%"
