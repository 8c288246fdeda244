"""From a cell to a value: each function takes what a reader gave and returns our value or None (missing).

They raise a ValueProblem that states the rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

from data_access.importing.problems import ValueProblem

Value = str | int | bool | datetime | date | None

# Blanks that Excel, browsers and Windows leave around copied text; str.strip() knows only some of them.
_EDGES = " \t\r\n\v\f\x85\xa0\u2028\u2029\u3000\u200b\u200e\u200f\u202a\u202c\ufeff"
# XLSX spells a carriage return _x000D_, which a line feed follows; PostgreSQL stores no NUL.
_CONTROLS = re.compile("_x000D_|\r\n?|\0")
_MISSING = frozenset({"-", "--", "—", "——", "–", "/", "无", "na", "n/a", "#n/a", "null"})

_YES = frozenset({"是", "true", "1", "yes", "y", "√", "满意", "非常满意", "基本满意", "已解决", "解决", "已回访"})
_NO = frozenset({"否", "false", "0", "no", "n", "×", "不满意", "非常不满意", "未解决", "未回访"})
_NOT_ASKED = frozenset({"未评价", "未询问"})

# Year first, so that day and month cannot be confused; whatever separates them.
_DATE = r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))"
_TIME = r"(?:[T\s]*(\d{1,2})[:：时](\d{1,2})(?:[:：分](?:(\d{1,2})(?:\.0+)?秒?)?)?)?"
_MOMENT = re.compile(_DATE + _TIME)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})")
_CHINA = timezone(timedelta(hours=8))
# Outside these years a date is a slip of the pen.
_FIRST_YEAR, _LAST_YEAR = 1990, 2099

_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
# Excel keeps 15 digits of a number and turns the rest into zeros.
_EXCEL_DIGITS = 10**15


def cleaned(cell: object) -> str:
    """The cell as text without blanks at its ends; line ends are line feeds; a whole number has no ``.0``."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    found = str(cell).strip(_EDGES)
    if _CONTROLS.search(found):
        found = _CONTROLS.sub(lambda match: "\n" if "\r" in match[0] else "", found).strip(_EDGES)
    return found


def free_text(cell: object) -> str | None:
    """Text in which only emptiness is missing."""
    return cleaned(cell) or None


def text(cell: object) -> str | None:
    """Text; ``-``, ``—``, ``无``, ``NA`` and the like are missing."""
    found = cleaned(cell)
    return None if not found or found.casefold() in _MISSING else found


def code(cell: object) -> str | None:
    """An identifier, always text. A long one that Excel cut to 15 digits is a problem."""
    found = text(cell)
    if found and (_SCIENTIFIC.fullmatch(found) or (isinstance(cell, float) and abs(cell) >= _EXCEL_DIGITS)):
        raise ValueProblem(
            "长编号被 Excel 存成了数字，末几位已丢失；请从原系统重新导出，并把该列设为文本",
            "Excel stored this long number as a quantity and lost its last digits; export it again as text",
        )
    return found


def answer(cell: object) -> bool | None:
    """True or false for 是/否, 满意/不满意, true/false, 1/0; None where nobody was asked."""
    found = text(cell)
    word = found.casefold() if found else ""
    if not word or word in _NOT_ASKED:
        return None
    if word in _YES or word in _NO:
        return word in _YES
    raise ValueProblem(
        "应为 是/否、满意/不满意、true/false 或 1/0",
        "must be 是/否, 满意/不满意, true/false or 1/0",
    )


def whole_number(cell: object) -> int | None:
    """A whole number from 0; ``12,345`` may have separators."""
    found = text(cell)
    if found is None:
        return None
    digits = found.replace(",", "")
    if not (digits.isdecimal() and len(digits) <= 18):
        raise ValueProblem("应为不小于 0 的整数", "must be a whole number, 0 or more")
    return int(digits)


def moment(cell: object, form: str | None = None) -> datetime | date | None:
    """A timestamp, or a date where no time of day is given.

    Text is read year first (``2019/4/25 9:32:09``, ``2023年8月22日``, ``20230822``, ISO), or by ``form``, a
    ``strptime`` format, before that. A time with a zone becomes China's; parts of a second are rounded.
    """
    if isinstance(cell, datetime):
        # Excel knows no dates without a time: one at midnight is meant as a date.
        found: datetime | date = cell if cell.time() != time.min else cell.date()
    elif isinstance(cell, date):
        found = cell
    else:
        words = text(cell)
        if words is None:
            return None
        found = _written(words, form)
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueProblem(
            f"年份应在 {_FIRST_YEAR} 至 {_LAST_YEAR} 之间",
            f"the year must be from {_FIRST_YEAR} to {_LAST_YEAR}",
        )
    if isinstance(found, datetime) and found.microsecond:
        return (found + timedelta(microseconds=500_000)).replace(microsecond=0)
    return found


def _written(words: str, form: str | None) -> datetime | date:
    if form is not None:
        try:
            by_form = datetime.strptime(words, form)
        except ValueError:
            pass
        else:
            return by_form if "%H" in form or "%I" in form else by_form.date()
    match = _MOMENT.fullmatch(words) or _COMPACT.fullmatch(words)
    try:
        if match:
            numbers = [int(part) for part in match.groups() if part]
            return datetime(*numbers) if len(numbers) > 3 else date(*numbers)  # type: ignore[arg-type]
        iso = datetime.fromisoformat(words)
        return iso.astimezone(_CHINA).replace(tzinfo=None) if iso.tzinfo else iso
    except (ValueError, OverflowError):
        raise ValueProblem(
            "不是日期或时间，应形如 2023-08-22 或 2023/8/22 9:32:09",
            "is no date or time; it should look like 2023-08-22 or 2023/8/22 9:32:09",
        ) from None


# Words that come again and again are read once; 1, 1.0 and True are told apart.
_remembered = lru_cache(maxsize=4096, typed=True)

# How a field's cells are read, by the field's kind. Townships and villages are looked up afterwards.
READ: Mapping[str, Callable[[object], Value]] = {
    "free_text": free_text,
    "text": _remembered(text),
    "code": code,
    "answer": _remembered(answer),
    "number": whole_number,
    "township": _remembered(code),
    "village": _remembered(code),
}
