"""From a cell to a value: each function takes what a reader gave and returns our value or None (missing).

They raise a ValueProblem that states the rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import lru_cache

from data_access.importing.problems import ValueProblem
from data_access.problems import Rule

Value = str | int | float | bool | datetime | date | None

_LONG_NUMBER = Rule(
    "long-number",
    "长编号被 Excel 存成了数字，末几位已丢失；请从原系统重新导出，并把该列设为文本",
    "Excel stored this long number as a quantity and lost its last digits; export it again as text",
)
_ANSWER = Rule("answer", "应为 是/否、满意/不满意、true/false 或 1/0", "must be 是/否, 满意/不满意, true/false or 1/0")
_WHOLE_NUMBER = Rule("whole-number", "应为不小于 0 的整数", "must be a whole number, 0 or more")
_NUMBER = Rule("number", "应为不小于 0 的数字", "must be a number, 0 or more")
_NO_ANSWER = Rule("number-not-answer", "应为数字，不是 是/否", "must be a number, not true or false")
_MONEY_UNIT = Rule(
    "money-unit",
    "金额没有单位，请选定单位，或在表头写明（如 总投资（万元））",
    "the amount has no unit; choose it, or put it into the header (总投资（万元）)",
)
_MUCH_MONEY = Rule("much-money", "金额过大，请检查单位", "the amount is too large; check its unit")
_MONTH_FORM = Rule(
    "month", "不是月份，应形如 2023-08 或 2023年8月", "is no month; it should look like 2023-08 or 2023年8月"
)
_YEAR = Rule("year", "年份应在 {first} 至 {last} 之间", "the year must be from {first} to {last}")
_MOMENT_FORM = Rule(
    "moment",
    "不是日期或时间，应形如 2023-08-22 或 2023/8/22 9:32:09",
    "is no date or time; it should look like 2023-08-22 or 2023/8/22 9:32:09",
)
_DATE_ORDER = Rule(
    "date-order",
    "年份在后的日期，须先选定月在前还是日在前",
    "in dates with the year last, say first whether the month or the day comes first",
)

# Blanks that Excel, browsers and Windows leave around copied text; str.strip() knows only some of them.
_EDGES = " \t\r\n\v\f\x85\xa0\u2028\u2029\u3000\u200b\u200e\u200f\u202a\u202c\ufeff"
# XLSX spells a carriage return _x000D_, which a line feed follows; PostgreSQL stores no NUL.
_CONTROLS = re.compile("_x000D_|\r\n?|\0")
_MISSING = frozenset({"-", "--", "—", "——", "–", "－", "/", "／", "无", "暂无", "na", "n/a", "#n/a", "null"})
# Full-width digits and letters, and in numbers and dates the marks among them.
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_WIDE_WORDS = {wide: narrow for wide, narrow in _WIDE.items() if chr(narrow).isalnum()}

_YES = frozenset(
    {"是", "true", "1", "yes", "y", "√", "✓", "✔", "满意", "非常满意", "基本满意", "已解决", "解决", "已回访"}
)
_NO = frozenset({"否", "false", "0", "no", "n", "×", "✗", "✘", "不满意", "非常不满意", "未解决", "未回访"})
_NOT_ASKED = frozenset({"未评价", "未询问"})

# Year first, so that day and month cannot be confused; whatever separates them.
_DATE = r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))"
_TIME = r"(?:[T\s]*(\d{1,2})[:：时](\d{1,2})(?:[:：分](?:(\d{1,2})(?:\.0+)?秒?)?)?)?"
_MOMENT = re.compile(_DATE + _TIME)
_DAY_OR_MONTH_FIRST = re.compile(
    r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[,\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?)?"
)
_MONTH = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|年(\d{1,2})月(?:份)?|(\d{2}))")
# Excel counts days from here; a serial has five digits in the years that we take.
_EXCEL_START = datetime(1899, 12, 30)
_EXCEL_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})")
_CHINA = timezone(timedelta(hours=8))
_COMMON_LENGTH = len("2023-08-22 09:32:09")
# Outside these years a date is a slip of the pen.
_FIRST_YEAR, _LAST_YEAR = 1990, 2099

_DECIMAL = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?")
_MONEY = re.compile(r"[¥￥]?\s*(.+?)\s*(元|千元|万元|万|百万元|亿元|亿)?")
# What an amount is counted in, in yuan.
UNITS = {"元": 1, "千元": 1_000, "万": 10_000, "万元": 10_000, "百万元": 1_000_000, "亿": 10**8, "亿元": 10**8}
_MOST_YUAN = 10**15
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
# Excel keeps 15 digits of a number and turns the rest into zeros.
_EXCEL_DIGITS = 10**15


def cleaned(cell: object) -> str:
    """The cell as text without blanks at its ends; line ends are line feeds; a whole number has no ``.0``."""
    if not isinstance(cell, str):
        if cell is None:
            return ""
        cell = str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)
    found = cell.strip(_EDGES)
    # The pattern alone would take most of the time that a long text takes.
    if "\r" in found or "\0" in found or "_x000D_" in found:
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
    if found and not found.isascii():
        found = found.translate(_WIDE_WORDS)
    if found and (_SCIENTIFIC.fullmatch(found) or (isinstance(cell, float) and abs(cell) >= _EXCEL_DIGITS)):
        raise ValueProblem(_LONG_NUMBER.broken())
    return found


def answer(cell: object) -> bool | None:
    """True or false for 是/否, 满意/不满意, true/false, 1/0; None where nobody was asked."""
    found = text(cell)
    word = found.casefold() if found else ""
    if not word or word in _NOT_ASKED:
        return None
    if word in _YES or word in _NO:
        return word in _YES
    raise ValueProblem(_ANSWER.broken())


def whole_number(cell: object) -> int | None:
    """A whole number from 0; ``12,345`` may have separators."""
    found = _figures(cell)
    if found is None:
        return None
    if not (_DECIMAL.fullmatch(found) and "." not in found and len(found) <= 23):
        raise ValueProblem(_WHOLE_NUMBER.broken())
    return int(found.replace(",", ""))


def decimal_number(cell: object) -> float | None:
    """A number from 0 that may have decimals: ``1,234.5``."""
    found = _figures(cell)
    return None if found is None else float(_decimal(found))


def percent(cell: object) -> float | None:
    """A share in percent: ``95.9%`` and ``95.9`` are 95.9."""
    found = _figures(cell)
    return None if found is None else float(_decimal(found.removesuffix("%").rstrip()))


def money(cell: object, unit: int | None = None) -> int | None:
    """Whole yuan. An amount without a unit of its own, like ``257.92万元`` has one, is in the ``unit`` given.

    Without either it is refused: 元 and 万元 are ten thousand times apart. Nothing is nothing in both.
    """
    found = _figures(cell)
    if found is None:
        return None
    match = _MONEY.fullmatch(found)
    counted_in = UNITS[match[2]] if match and match[2] else unit
    amount = _decimal(match[1] if match else found)
    if counted_in is None and amount:
        raise ValueProblem(_MONEY_UNIT.broken())
    amount *= counted_in or 1
    if amount > _MOST_YUAN:
        raise ValueProblem(_MUCH_MONEY.broken())
    return round(amount)


def _figures(cell: object) -> str | None:
    """Text in which digits and marks are narrow."""
    if isinstance(cell, bool):
        raise ValueProblem(_NO_ANSWER.broken())
    found = text(cell)
    return found if found is None or found.isascii() else found.translate(_WIDE)


def _decimal(words: str) -> Decimal:
    if not (_DECIMAL.fullmatch(words) and len(words) <= 30):
        raise ValueProblem(_NUMBER.broken())
    return Decimal(words.replace(",", ""))


def month(cell: object, form: str | None = None, order: str | None = None) -> str | None:
    """A month as ``2023-08``, from ``2023年8月``, ``2023/8``, ``202308`` or a date in it, which :func:`moment` reads."""
    words = None if isinstance(cell, (datetime, date)) else text(cell)
    match = _MONTH.fullmatch(words.translate(_WIDE)) if words else None
    # Excel makes 2023.1 of 2023.10.
    if match and not (isinstance(cell, float) and not cell.is_integer()):
        year, number = (int(part) for part in match.groups() if part)
        if 1 <= number <= 12 and _FIRST_YEAR <= year <= _LAST_YEAR:
            return f"{year}-{number:02d}"
    try:
        found = moment(cell, form, order)
    except ValueProblem:
        raise ValueProblem(_MONTH_FORM.broken()) from None
    return None if found is None else f"{found:%Y-%m}"


def moment(cell: object, form: str | None = None, order: str | None = None) -> datetime | date | None:
    """A timestamp, or a date where no time of day is given.

    Text is read year first (``2019/4/25 9:32:09``, ``2023年8月22日``, ``20230822``, ISO), or by ``form``, a
    ``strptime`` format, before that; where the year is last, ``order`` says whether the month is first
    (``mdy``) or the day (``dmy``). A number may be Excel's count of days. A time with a zone becomes China's;
    parts of a second are rounded.
    """
    if form is None and isinstance(cell, str) and len(cell) == _COMMON_LENGTH:
        # Most are 2023-08-22 09:32:09, which the general way below would read alike in ten times the time.
        try:
            common = datetime.fromisoformat(cell)
        except ValueError:
            pass
        else:
            if _is_common(common):
                return common
    if isinstance(cell, datetime):
        # Excel knows no dates without a time: one at midnight is meant as a date.
        found: datetime | date = cell if cell.time() != time.min else cell.date()
    elif isinstance(cell, date):
        found = cell
    else:
        words = text(cell)
        if words is None:
            return None
        found = _written(words if words.isascii() else words.translate(_WIDE), form, order)
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueProblem(_YEAR.broken(first=_FIRST_YEAR, last=_LAST_YEAR))
    if isinstance(found, datetime) and found.microsecond:
        return (found + timedelta(microseconds=500_000)).replace(microsecond=0)
    return found


def common_moments(cells: Sequence[object]) -> list[datetime | None] | None:
    """A column's timestamps where all its cells are empty or like ``2023-08-22 09:32:09``, otherwise None.

    They are those of :func:`moment`, in a fifth of the time.
    """
    if not all(isinstance(cell, str) and len(cell) in (0, _COMMON_LENGTH) for cell in cells):
        return None
    try:
        found = [datetime.fromisoformat(cell) if cell else None for cell in cells]  # type: ignore[arg-type]  # three numbers or more  # texts
    except ValueError:
        return None
    return found if all(map(_is_common, filter(None, found))) else None


def _is_common(found: datetime) -> bool:
    return found.tzinfo is None and not found.microsecond and _FIRST_YEAR <= found.year <= _LAST_YEAR


def _written(words: str, form: str | None, order: str | None) -> datetime | date:
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
        if _EXCEL_SERIAL.fullmatch(words):
            counted = _EXCEL_START + timedelta(days=float(words))
            return counted if "." in words else counted.date()
        year_last = _DAY_OR_MONTH_FIRST.fullmatch(words)
        if year_last:
            return _year_last(year_last, order)
        iso = datetime.fromisoformat(words)
        return iso.astimezone(_CHINA).replace(tzinfo=None) if iso.tzinfo else iso
    except (ValueError, OverflowError):
        raise ValueProblem(_MOMENT_FORM.broken()) from None


def _year_last(match: re.Match[str], order: str | None) -> datetime | date:
    if order is None:
        raise ValueProblem(_DATE_ORDER.broken())
    first, second, year = (int(match[index]) for index in (1, 2, 3))
    day = date(year, first, second) if order == "mdy" else date(year, second, first)
    if match[4] is None:
        return day
    hour, half = int(match[4]), (match[7] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half == "pm" else 0)
    return datetime.combine(day, time(hour, int(match[5]), int(match[6] or 0)))


def day_and_month(cell: object) -> tuple[int, int] | None:
    """The first two numbers of a date whose year is last: what tells whether the month or the day is first."""
    match = _DAY_OR_MONTH_FIRST.fullmatch(cleaned(cell).translate(_WIDE)) if isinstance(cell, str) else None
    return (int(match[1]), int(match[2])) if match else None


# Words that come again and again are read once; 1, 1.0 and True are told apart.
_remembered = lru_cache(maxsize=4096, typed=True)

# How a field's cells are read, by the field's kind. Townships and villages are looked up afterwards.
READ: Mapping[str, Callable[[object], Value]] = {
    "free_text": free_text,
    "text": _remembered(text),
    "code": code,
    "answer": _remembered(answer),
    "number": whole_number,
    "decimal": decimal_number,
    "percent": percent,
    "month": _remembered(month),
    "township": _remembered(code),
    "village": _remembered(code),
}
