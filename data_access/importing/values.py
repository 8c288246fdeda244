"""From a cell to a value: each function takes what a reader gave and returns our value or None (missing).

They raise a ValueProblem that states the rule.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import lru_cache

from data_access.importing.number_formats import ToTheMinute, ToTheMonth
from data_access.importing.problems import ValueProblem
from data_access.problems import Rule

Value = str | int | float | bool | datetime | date | None

_LONG_NUMBER = Rule(
    "long-number",
    "长编号被 Excel 存成了数字，末几位已丢失；请从原系统重新导出，并把该列设为文本",
    "Excel stored this long number as a quantity and lost its last digits; export it again as text",
)
_DATE_NOT_CODE = Rule(
    "date-not-code",
    "编号被 Excel 变成了日期或时间；请从原系统重新导出，并把该列设为文本",
    "Excel made a date or a time of this number; export it again as text",
)
_BROKEN_CHARACTER = Rule(
    "broken-character", "有损坏的字（�），请改正或重新导出", "has a broken character (�); correct it or export it again"
)
_HOURS_FORM = Rule(
    "hours",
    "应为不小于 0 的小时数，如 2.5、2:30 或 2小时30分",
    "must be hours, 0 or more, such as 2.5, 2:30 or 2小时30分",
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
_DAY_OR_MONTH_FORM = Rule(
    "day-or-month",
    "不是日期或月份，应形如 2023-06-12 或 2023-05（从那个月起）",
    "is no day or month; it should look like 2023-06-12, or 2023-05 for a month",
)
_MOMENT_FORM = Rule(
    "moment",
    "不是日期或时间，应形如 2023-08-22 或 2023/8/22 9:32:09",
    "is no date or time; it should look like 2023-08-22 or 2023/8/22 9:32:09",
)
_DATE_ORDER = Rule(
    "date-order",
    "年月日的先后不清楚，须先选定（如月在前）",
    "the order of day, month and year is not clear; choose it first (such as the month first)",
)

# Blanks that Excel, browsers and Windows leave around copied text; str.strip() knows only some of them.
_EDGES = " \t\r\n\v\f\x85\xa0\u2028\u2029\u3000\u200b\u200e\u200f\u202a\u202c\ufeff"
# XLSX spells a carriage return _x000D_, which a line feed follows; PostgreSQL stores no NUL.
_CONTROLS = re.compile("_x000D_|\r\n?|\0")
_MISSING = frozenset({"-", "--", "—", "——", "–", "－", "/", "／", "无", "暂无", "na", "n/a", "#n/a", "null"})
# Stands where a reader found bytes that are no character; no text has it.
BROKEN = "\ufffe"
# Full-width digits and letters, and in numbers and dates the marks among them.
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_WIDE_WORDS = {wide: narrow for wide, narrow in _WIDE.items() if chr(narrow).isalnum()}

_YES = frozenset(
    {"是", "true", "1", "yes", "y", "√", "✓", "✔", "满意", "非常满意", "基本满意", "已解决", "解决", "已回访"}
)
_NO = frozenset({"否", "false", "0", "no", "n", "×", "✗", "✘", "不满意", "非常不满意", "未解决", "未回访"})
_NOT_ASKED = frozenset({"未评价", "未询问", "未问", "未问及"})

# Year first, so that day and month cannot be confused; whatever separates them.
_DATE = (
    r"(?P<year>\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})"
    r"|\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]|(\d{2})(\d{2}))"
)
_MORNING = frozenset({"上午", "午前", "凌晨", "清晨", "早晨", "早上", "am"})
_AFTERNOON = frozenset({"下午", "午后", "傍晚", "晚上", "晚间", "pm"})
_HALF = "|".join([*sorted((_MORNING | _AFTERNOON) - {"am", "pm"}), "中午", "[AaPp][Mm]"])
_TIME = (
    rf"(?:[T\s]*\(?(?:(?:星期|周)[一二三四五六日天])?\)?[T\s]*(?P<half>{_HALF})?\s*(?P<hour>\d{{1,2}})"
    r"(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?P<part>\.\d+)?)?"
    rf"|[时点](?:(?P<fen>\d{{1,2}}|半)(?:分(?:(?P<miao>\d{{1,2}})秒?)?)?)?)\s*(?P<after>{_HALF})?)?"
)
# A month alone, where a date may be so
_MONTH_OF_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|\s*年\s*(\d{1,2})\s*月(?:份)?)")
_MOMENT = re.compile(_DATE + _TIME)
# Behind a day or a month from which on something holds
_FROM_ON = re.compile(r"(?<=[\d月日号])\s*(?:份?起|开始|以来|以后|之后)$")
# Digits behind the minutes
_TO_THE_SECOND = re.compile(r"\d[:：]\d{1,2}[:：]\d|分\s*\d|\d{14}|\d{5}\.\d")
_TO_THE_HOUR = re.compile(r"\d[时点]$")
_DAY_OR_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2}),?(?=$|\D)" + _TIME)
_MONTH = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|\s*年\s*(\d{1,2})\s*月(?:份)?|(\d{2}))")
_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{4})")
# Excel counts days from here; a serial has five digits in the years that we take.
_EXCEL_START = datetime(1899, 12, 30)
_EXCEL_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?")
# What the standard library takes for a fraction of an hour: 8.30
_DOTTED = re.compile(r"\d{4}\D\d{1,2}\D\d{1,2}\D+\d{1,2}\.\d+")
_UNIVERSAL = re.compile(r"\b(?:UTC|GMT)\b", re.IGNORECASE)
_CHINA = timezone(timedelta(hours=8))
_COMMON_LENGTH = len("2023-08-22 09:32:09")
# Of month, day and year, where it is open: 3/1/2025, 3/1/25
ORDERS = ("mdy", "dmy", "ymd")
# Outside these years a date is a slip of the pen.
_FIRST_YEAR, _LAST_YEAR = 1990, 2099

_DECIMAL = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?|\.\d+")
# What is counted, behind the number
_COUNTED = re.compile(r"(?<=[\d\s万])(?:人次|人|名|位|户|家|个|件|条|起|宗|项|次|场|支|台|处|路|份|篇)$")
_HOURS = re.compile(r"(\d+):([0-5]?\d)(?::([0-5]?\d))?")
_HOURS_IN_WORDS = re.compile(
    r"(?:([\d.]+)\s*(?:个小时|小时|时|h|hours?))?\s*(?:([\d.]+)\s*(?:分钟|分|min))?", re.IGNORECASE
)
_MONEY = re.compile(r"[¥￥]?\s*(.+?)\s*(元|千元|万元|万|百万元|亿元|亿)?")
# What an amount is counted in, in yuan.
UNITS = {"元": 1, "千元": 1_000, "万": 10_000, "万元": 10_000, "百万元": 1_000_000, "亿": 10**8, "亿元": 10**8}
_MOST_YUAN = 10**15
# As Excel writes a number that it has cut; 2E01 is a code.
_SCIENTIFIC = re.compile(r"\d(?:\.\d+[eE]\+?|[eE]\+)\d+")
# Excel keeps 15 digits of a number and turns the rest into zeros.
_EXCEL_DIGITS = 10**15


def cleaned(cell: object) -> str:
    """The cell as text without blanks at its ends; line ends are line feeds; a whole number has no ``.0``."""
    if not isinstance(cell, str):
        if cell is None:
            return ""
        if isinstance(cell, float):
            # Excel shows 15 digits: 0.1 + 0.2 is 0.3.
            cell = int(cell) if cell.is_integer() else float(f"{cell:.15g}")
        cell = str(cell)
    found = cell.strip(_EDGES)
    # The pattern alone would take most of the time that a long text takes.
    if "\r" in found or "\0" in found or "_x000D_" in found:
        found = _CONTROLS.sub(lambda match: "\n" if "\r" in match[0] else "", found).strip(_EDGES)
    return found


def free_text(cell: object) -> str | None:
    """Text in which only emptiness is missing."""
    found = cleaned(cell)
    if BROKEN in found:
        raise ValueProblem(_BROKEN_CHARACTER.broken())
    return found or None


def text(cell: object) -> str | None:
    """Text; ``-``, ``—``, ``无``, ``NA`` and the like are missing."""
    found = free_text(cell)
    return None if found is None or found.casefold() in _MISSING else found


def code(cell: object) -> str | None:
    """An identifier, always text. One that Excel cut to 15 digits or made a date of is a problem."""
    if isinstance(cell, (date, time, timedelta)):
        raise ValueProblem(_DATE_NOT_CODE.broken())
    found = text(cell)
    if found and not found.isascii():
        found = found.translate(_WIDE_WORDS)
    if found and (_SCIENTIFIC.fullmatch(found) or (isinstance(cell, float) and abs(cell) >= _EXCEL_DIGITS)):
        raise ValueProblem(_LONG_NUMBER.broken())
    return found


def answer(cell: object) -> bool | None:
    """True or false for 是/否, 满意/不满意, true/false, 1/0; None where nobody was asked."""
    found = text(cell)
    word = re.sub(r"\s", "", found).casefold() if found else ""
    if not word or word in _NOT_ASKED:
        return None
    if word in _YES or word in _NO:
        return word in _YES
    raise ValueProblem(_ANSWER.broken())


def whole_number(cell: object, unit: int = 1) -> int | None:
    """A whole number from 0; ``12,345`` may have separators, ``12人`` what is counted, ``5.2万人`` a unit of its own."""
    found = _figures(cell)
    if found is None:
        return None
    counted = _COUNTED.sub("", found).rstrip()
    if counted.endswith("万"):
        counted, unit = counted.removesuffix("万").rstrip(), UNITS["万"]
    if not (_DECIMAL.fullmatch(counted) and len(counted) <= 30):
        raise ValueProblem(_WHOLE_NUMBER.broken())
    number = Decimal(counted.replace(",", "")) * unit
    if number % 1:
        raise ValueProblem(_WHOLE_NUMBER.broken())
    return int(number)


def decimal_number(cell: object) -> float | None:
    """A number from 0 that may have decimals: ``1,234.5``."""
    found = _figures(cell)
    return None if found is None else float(_decimal(_COUNTED.sub("", found).rstrip()))


def hours(cell: object, *, in_minutes: bool = False) -> float | None:
    """Hours: ``2.5``, ``2:30``, ``2小时30分`` or a duration of Excel's. A plain number may be ``in_minutes``."""
    if isinstance(cell, time):
        cell = timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second)
    if isinstance(cell, timedelta) and cell >= timedelta(0):
        return cell / timedelta(hours=1)
    found = _figures(cell)
    if found is None:
        return None
    if match := _HOURS.fullmatch(found):
        counted, minutes, seconds = (int(part or 0) for part in match.groups())
        return counted + minutes / 60 + seconds / 3600
    try:
        if (match := _HOURS_IN_WORDS.fullmatch(found)) and (match[1] or match[2]):
            return float(_decimal(match[1] or "0") + _decimal(match[2] or "0") / 60)
        return float(_decimal(found) / (60 if in_minutes else 1))
    except ValueProblem:
        raise ValueProblem(_HOURS_FORM.broken()) from None


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
    if not match and words and form is None and (turned := _MONTH_FIRST.fullmatch(words.translate(_WIDE))):
        match = _MONTH.fullmatch(f"{turned[2]}-{turned[1]}")
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
    if isinstance(cell, ToTheMinute):
        # What follows and the database know nothing of these.
        cell = datetime(*cell.timetuple()[:6])
    if isinstance(cell, datetime):
        # Excel knows no dates without a time: one at midnight is meant as a date.
        found: datetime | date = cell if cell.time() != time.min else cell.date()
    elif isinstance(cell, ToTheMonth):
        found = date(cell.year, cell.month, cell.day)
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


def day(cell: object, form: str | None = None, order: str | None = None, *, to_the_end: bool = False) -> date | None:
    """A date as :func:`moment` reads it; of a month alone (``2025年3月``) its first day, or ``to_the_end`` its last."""
    if in_month := _month_alone(cell):
        return in_month.replace(day=monthrange(in_month.year, in_month.month)[1]) if to_the_end else in_month
    found = moment(cell, form, order)
    return found.date() if isinstance(found, datetime) else found


def day_or_month(cell: object, form: str | None = None, order: str | None = None) -> str | None:
    """A day, ``2023-06-12``, as :func:`moment` reads it, or a month alone, ``2023-05``; ``2023年5月起`` begins in it."""
    if isinstance(cell, str):
        cell = _FROM_ON.sub("", cleaned(cell))
    if in_month := _month_alone(cell):
        return f"{in_month:%Y-%m}"
    try:
        found = day(cell, form, order)
    except ValueProblem as problem:
        if problem.fault.rule is not _MOMENT_FORM:
            raise
        raise ValueProblem(_DAY_OR_MONTH_FORM.broken()) from None
    return None if found is None else found.isoformat()


def is_month_alone(cell: object) -> bool:
    """Whether a date is told as a month alone."""
    return _month_alone(cell) is not None


def is_in_month_of(cell: object, other: date) -> bool:
    """Whether a date is told as a month alone, and the other one is in it."""
    return _month_alone(cell) == other.replace(day=1)


def _month_alone(cell: object) -> date | None:
    if isinstance(cell, ToTheMonth):
        return date(cell.year, cell.month, 1)
    # Of a number, Excel makes 2023.1 of 2023.10.
    match = _MONTH_OF_DATE.fullmatch(cleaned(cell).translate(_WIDE)) if isinstance(cell, str) else None
    if match is None:
        return None
    year, number = (int(part) for part in match.groups() if part)
    return date(year, number, 1) if 1 <= number <= 12 and _FIRST_YEAR <= year <= _LAST_YEAR else None


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
    try:
        by_form = None if form is None else _by_form(words, form)
        if by_form is not None:
            return by_form
        if match := _MOMENT.fullmatch(words):
            return _year_first(match)
        if match := _COMPACT.fullmatch(words):
            return datetime(*map(int, filter(None, match.groups())))  # type: ignore[arg-type]  # a second at most
        if _EXCEL_SERIAL.fullmatch(words):
            counted = _EXCEL_START + timedelta(days=float(words))
            return counted if "." in words else counted.date()
        year_last = _DAY_OR_MONTH_FIRST.fullmatch(words)
        if year_last:
            return _year_last(year_last, order)
        if _DOTTED.match(words):
            raise ValueError
        return _in_china(datetime.fromisoformat(words))
    except (ValueError, OverflowError):
        raise ValueProblem(_MOMENT_FORM.broken()) from None


def _by_form(words: str, form: str) -> datetime | date | None:
    try:
        found = datetime.strptime(words, form)
    except ValueError:
        return None
    # strptime knows these names and gives no zone.
    if "%Z" in form and found.tzinfo is None and _UNIVERSAL.search(words):
        found = found.replace(tzinfo=UTC)
    return _in_china(found) if re.search("%[HIcX]", form) else found.date()


def _in_china(found: datetime) -> datetime:
    """The moment as clocks in China show it; one without a zone is theirs. Raises OverflowError."""
    return found.astimezone(_CHINA).replace(tzinfo=None) if found.tzinfo else found


def _year_first(match: re.Match[str]) -> datetime | date:
    year, month, day = (int(part) for part in match.groups()[:7] if part)
    return _with_time(date(year, month, day), match)


def _with_time(day: date, match: re.Match[str]) -> datetime | date:
    if match["hour"] is None:
        return day
    half, after, hour = match["half"], match["after"], int(match["hour"])
    if half and after:
        raise ValueError
    if match["fen"] == "半":
        minute, second = 30, 0
    else:
        minute, second = (
            int(match[name] or match[also] or 0) for name, also in (("minute", "fen"), ("second", "miao"))
        )
    if (hour, minute, second) == (24, 0, 0):
        return datetime.combine(day, time.min) + timedelta(days=1)
    parts = timedelta(seconds=float(match["part"] or 0))
    return parts + datetime.combine(day, time(_of_the_day(hour, (half or after or "").lower()), minute, second))


def _of_the_day(hour: int, half: str) -> int:
    """The hour of a half of the day. Raises ValueError: at 12 in the night, the day is not clear."""
    # Some programs write 下午 15:05 and 上午 00:05.
    if not half or (hour > 12 and half in _AFTERNOON - {"pm"}) or (not hour and half in _MORNING - {"am"}):
        return hour
    if not 1 <= hour <= 12 or (hour == 12 and half in ("傍晚", "晚上")) or (half == "中午" and 2 < hour < 11):
        raise ValueError
    if half == "中午":
        return hour if hour >= 11 else hour + 12
    return hour % 12 + (12 if half in _AFTERNOON else 0)


def precision(cell: object) -> timedelta:
    """How exactly a cell with a moment tells it: to the hour, to the minute, or (nothing) to the second."""
    if isinstance(cell, ToTheMinute):
        return timedelta(minutes=1)
    words = cleaned(cell) if isinstance(cell, str) else ""
    if not words or _TO_THE_SECOND.search(words):
        return timedelta(0)
    return timedelta(hours=1) if _TO_THE_HOUR.search(words) else timedelta(minutes=1)


def _year_last(match: re.Match[str], order: str | None) -> datetime | date:
    if order is None:
        raise ValueProblem(_DATE_ORDER.broken())
    first, second, last = (int(match[index]) for index in (1, 2, 3))
    if len(match[3]) == 4:
        if order == "ymd":
            raise ValueProblem(_DATE_ORDER.broken())
        year = last
    else:
        year = 2000 + (first if order == "ymd" else last)
    month, day = {"mdy": (first, second), "dmy": (second, first), "ymd": (second, last)}[order]
    return _with_time(date(year, month, day), match)


def orders(cell: object) -> frozenset[str]:
    """In which orders of month (m), day (d) and year a date can be read whose order is open; none of other cells."""
    match = _DAY_OR_MONTH_FIRST.fullmatch(cleaned(cell).translate(_WIDE)) if isinstance(cell, str) else None
    return frozenset(order for order in ORDERS if match and _is_date(match, order))


def _is_date(match: re.Match[str], order: str) -> bool:
    try:
        _year_last(match, order)
    except (ValueError, ValueProblem):
        return False
    return True


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
    "hours": hours,
    "percent": percent,
    "month": _remembered(month),
    "day_or_month": _remembered(day_or_month),
    "township": _remembered(code),
    "village": _remembered(code),
}
