"""What Excel shows of a stored number: the number format is a part of the value.

0.35 in ``0%`` is 35 %, 7 in ``000000`` is the number 000007, 257.92 in ``0.00"万元"`` is an amount with its unit, and
1.5 in ``[h]:mm`` are 36 hours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache, partial
from itertools import takewhile
from typing import Any

# Makes of a stored number or text what is shown.
Shown = Callable[[float | str], Any]

# What the numbers of formats that a workbook need not spell out stand for in China, where ours come from.
_YEAR_MONTH, _MONTH_DAY, _HOUR_MINUTE = 'yyyy"年"m"月"', 'm"月"d"日"', 'h"时"mm"分"'
BUILT_IN = {
    **dict(enumerate(("General", "0", "0.00", "#,##0", "#,##0.00"))),
    **dict(enumerate(("¥#,##0", "¥#,##0", "¥#,##0.00", "¥#,##0.00", "0%", "0.00%", "0.00E+00", "# ?/?", "# ??/??"), 5)),
    **dict(
        enumerate(("yyyy/m/d", "d-mmm-yy", "d-mmm", "mmm-yy", "h:mm AM/PM", "h:mm:ss AM/PM", "h:mm", "h:mm:ss"), 14)
    ),
    22: "yyyy/m/d h:mm",
    **dict.fromkeys((27, 36, 50, 52, 57), _YEAR_MONTH),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), _MONTH_DAY),
    **{30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 32: _HOUR_MINUTE, 33: 'h"时"mm"分"ss"秒"'},
    **dict.fromkeys((34, 55), f"上午/下午{_HOUR_MINUTE}"),
    **dict.fromkeys((35, 56), '上午/下午h"时"mm"分"ss"秒"'),
    **dict.fromkeys((37, 38), "#,##0;-#,##0"),
    **dict.fromkeys((39, 40), "#,##0.00;-#,##0.00"),
    **{41: '#,##0;-#,##0;"-"', 42: '¥#,##0;-¥#,##0;"-"', 43: '#,##0.00;-#,##0.00;"-"', 44: '¥#,##0.00;-¥#,##0.00;"-"'},
    **{45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0", 48: "##0.0E+0", 49: "@"},
}

_TOKEN = re.compile(
    r"""(?P<words>"[^"]*"?|[\\!].)"""
    r"|(?P<blank>[_*].)"
    r"|\[(?:(?P<elapsed>h+|m+|s+)|(?P<condition>[<>=]+)(?P<limit>-?[\d.]+)|\$(?P<sign>[^\]-]*)[^\]]*|[^\]]*)\]"
    r"|(?P<general>General|G/通用格式)"
    r"|(?P<half>AM/PM|A/P|上午/下午)"
    r"|(?P<power>E[+-])"
    r"|(?P<moment>y+|m+|d+|h+|s+(?:\.0+)?|a{3,}|e+|g+|b+)"
    r"|(?P<digit>[0#?])"
    r"|(?P<mark>[.,%/@])"
    r"|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_HOLDS = {
    "<": lambda number, limit: number < limit,
    "<=": lambda number, limit: number <= limit,
    ">": lambda number, limit: number > limit,
    ">=": lambda number, limit: number >= limit,
    "=": lambda number, limit: number == limit,
    "<>": lambda number, limit: number != limit,
}
# Excel keeps 15 digits of a number; the last of a longer one are lost, whatever is shown of them.
_DIGITS = 10**15
_LONGEST_FORMAT = 1_000
# Right from March 1900 on: Excel has a 29 February that was none.
_DATES_FROM, _MAC_DATES_FROM = datetime(1899, 12, 30), datetime(1904, 1, 1)
# A format may ask for hundreds of decimals.
_EXACT = Context(prec=2_000)


class ToTheMinute(datetime):
    """A moment that is shown without seconds."""


class ToTheMonth(date):
    """A date that is shown as a month."""


@dataclass(frozen=True)
class _Part:
    """A part of a format: ``kind`` is the name of a group of the pattern."""

    kind: str
    words: str


@dataclass(frozen=True)
class _Section:
    """What one of the formats between semicolons says, and of which numbers if it says so itself."""

    parts: tuple[_Part, ...]
    condition: Callable[[float], bool] | None

    def has(self, *kinds: str) -> bool:
        """Whether there is a part of one of these kinds."""
        return any(part.kind in kinds for part in self.parts)


@lru_cache(maxsize=1024)
def shown_by(code: str, *, is_mac: bool = False) -> Shown | None:
    """What shows a cell by this format; None where it shows the value as it is stored.

    Numbers become the text that is shown, dates and times values, ``is_mac`` from 1904 on.
    """
    sections = _sections(code[:_LONGEST_FORMAT])
    first = sections[0]
    if len(sections) == 1 and all(part.kind == "general" or part.words == "@" for part in first.parts):
        return None
    # The same numbers come again and again.
    return lru_cache(maxsize=256, typed=True)(partial(_shown, sections, is_mac))


def _shown(sections: Sequence[_Section], is_mac: bool, value: float | str) -> object:
    if isinstance(value, str):
        return _text(sections, value)
    # Text would hide that digits are lost.
    if not abs(value) < _DIGITS:
        return value
    section, has_sign = _chosen(sections, value)
    if section is None or [part.kind for part in section.parts] == ["general"]:
        return value
    if section.has("elapsed", "half", "moment"):
        return _moment(section, value, is_mac)
    words = _number(section, abs(value))
    if words is None:
        return value
    # Accountants write "-" for nothing, which is a number.
    if not value and words.strip("-—－– ") == "" and words:
        return value
    return f"-{words}" if value < 0 and not has_sign and re.search("[1-9]", words) else words


def _text(sections: Sequence[_Section], value: str) -> str:
    section = sections[3] if len(sections) > 3 else sections[-1]
    if not any(part.kind == "mark" and part.words == "@" for part in section.parts):
        return "" if len(sections) > 3 and value else value
    return "".join(value if part.words == "@" else part.words for part in section.parts if part.kind != "blank")


def _chosen(sections: Sequence[_Section], value: float) -> tuple[_Section | None, bool]:
    """The section for the number, and whether it says itself that this is negative."""
    numeric = sections[:3]
    if any(section.condition for section in numeric):
        for section in numeric:
            if section.condition is None or section.condition(value):
                return section, False
        return None, False
    if value < 0 and len(numeric) > 1:
        return numeric[1], True
    if value == 0 and len(numeric) > 2:
        return numeric[2], False
    return numeric[0], False


def _sections(code: str) -> list[_Section]:
    sections: list[_Section] = []
    parts: list[_Part] = []
    condition = None
    for match in _TOKEN.finditer(code):
        kind, words = match.lastgroup or "", match[0]
        if words == ";":
            sections.append(_Section(tuple(parts), condition))
            parts, condition = [], None
        elif kind == "limit":
            condition = _condition(match["condition"], match["limit"])
        elif kind == "words":
            parts.append(_Part("literal", words.strip('"') if words.startswith('"') else words[1:]))
        elif kind in ("sign", "other"):
            parts.append(_Part("literal", match[kind]))
        elif kind:
            parts.append(_Part(kind, match[kind]))
    return [*sections, _Section(tuple(parts), condition)]


def _condition(sign: str, limit: str) -> Callable[[float], bool] | None:
    try:
        bound = float(limit)
    except ValueError:
        return None
    holds = _HOLDS.get(sign)
    return None if holds is None else lambda number: holds(number, bound)


def _number(section: _Section, value: float) -> str | None:
    """The number in the section's digits; None where it is shown otherwise, as a fraction."""
    parts = [part for part in section.parts if part.kind != "blank"]
    places = [index for index, part in enumerate(parts) if part.kind == "digit"]
    if not places:
        # Words alone: [=1]"是";[=0]"否"
        return "".join(
            _exact(value) if part.kind == "general" else part.words for part in parts if part.words != "@"
        ).strip()
    marks = [part.words if part.kind == "mark" else "" for part in parts]
    if "/" in marks:
        return None
    point = marks.index(".") if "." in marks else len(parts)
    power = next((index for index, part in enumerate(parts) if part.kind == "power"), None)
    if power is not None:
        decimals = sum(point < index < power for index in places)
        return f"{value:.{decimals}E}"
    whole = [index for index in places if index < point]
    last = whole[-1] if whole else -1
    # Commas behind the last digits leave thousands out.
    thousands = sum(len(list(takewhile(",".__eq__, marks[end + 1 :]))) for end in {last, places[-1]})
    decimals = len(places) - len(whole)
    shift = 2 * marks.count("%") - 3 * thousands
    exact = Decimal(f"{value:.15g}").scaleb(shift).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _EXACT)
    digits, _, rest = f"{exact:f}".partition(".")
    needed = sum(parts[index].words == "0" for index in whole)
    digits = digits.lstrip("0").rjust(needed, "0")
    if any(mark == "," for index, mark in enumerate(marks) if index < last):
        digits = _in_thousands(digits)
    # What the format has no places for stands before its first.
    spread = {} if whole else {point: digits + "."}
    for index in reversed(whole):
        spread[index] = digits[-1:] if index != whole[0] else digits
        digits = digits[:-1]
        while digits.endswith(","):
            digits, spread[index] = digits[:-1], "," + spread[index]
    behind = [index for index in places if index > point]
    spread |= dict(zip(behind, rest, strict=True))
    for index in reversed(behind):
        if parts[index].words == "0" or spread[index] != "0":
            break
        spread[index] = ""
    else:
        # Excel shows "12." for 12 in 0.##
        spread[point] = spread.get(point, ".").removesuffix(".")
    written = []
    for index, part in enumerate(parts):
        if marks[index] not in (",", "@"):
            written.append(spread.get(index, part.words))
    return "".join(written).strip()


def _in_thousands(digits: str) -> str:
    return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", digits)


def _exact(value: float) -> str:
    return f"{Decimal(f'{value:.15g}'):f}"


def _moment(section: _Section, value: float, is_mac: bool) -> object:
    """The date, the moment, the time of day or the duration that is shown; the number where it is none."""
    letters = {part.words[0].lower() for part in section.parts if part.kind == "moment"}
    start = _MAC_DATES_FROM if is_mac else _DATES_FROM
    try:
        lasted = timedelta(milliseconds=round(value * 86_400_000))
        found = start + lasted
    except OverflowError:
        return value
    if section.has("elapsed"):
        return lasted
    # An m alone is a month, with hours or seconds minutes.
    if (section.has("half") or letters & set("hs")) and not letters & set("ydae"):
        return found.time() if found.date() == start.date() else found
    if found.time() == time.min:
        is_month = "m" in letters and not letters & set("dahs")
        return ToTheMonth(*found.timetuple()[:3]) if is_month else found.date()
    if "h" in letters and "s" not in letters and not found.second and not found.microsecond:
        return ToTheMinute(*found.timetuple()[:6])
    return found
