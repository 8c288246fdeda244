"""Words of time: which months they mean, counted from the last month in the data; and what months cannot say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from re import Match
from typing import Literal

from data_access.scope import month_offset

# Why words of time are not understood (zh, en)
Reason = tuple[str, str]
_DAYS: Reason = (
    "按月统计，不能按天问；可以问某个月、最近几个月",
    "figures are by month, not by day: ask of a month, or of the last months",
)
_NO_DATA: Reason = ("这段时间没有数据", "there are no data of that time")
_VAGUE_MONTH: Reason = ("说月份：3月、去年3月", "name the month: March, March 2022")
_SPAN: Reason = ("说从几月到几月：1月到4月", "say from which month to which: January to April")
ONE_PERIOD: Reason = ("一次只能问一段连着的时间", "a question is of one period")
_VAGUE: Reason = ("不知道是几个月", "how many months is not said")


@dataclass(frozen=True)
class Months:
    """From the first to the last month (``YYYY-MM``)."""

    start: str
    end: str


@dataclass(frozen=True)
class Against:
    """What a period shall be compared with: the year before, or the ``length`` months before it (0: as long as it is)."""

    kind: Literal["year", "previous", "none"]
    length: int = 0


@dataclass(frozen=True)
class Untold:
    """Words of time that cannot be answered, and why."""

    why: Reason


@dataclass(frozen=True)
class YearBefore:
    """The same months of the year before."""


@dataclass(frozen=True)
class Either:
    """Words of time that mean one of these."""

    times: tuple[Months | Untold, ...]


Time = Months | Against | YearBefore | Untold | Either

_DIGITS = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "俩": 2}
_ENGLISH_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ENGLISH_NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}


def number(word: str) -> int:
    """A number in digits, Chinese or English words, up to 99. Raises ValueError."""
    if word.isascii() and word.isdigit():
        return int(word)
    if word in _ENGLISH_NUMBERS:
        return _ENGLISH_NUMBERS.index(word)
    if word == "半":
        raise ValueError(word)
    tens, ten, units = word.partition("十")
    if not ten:
        if len(word) == 1 and word in _DIGITS:
            return _DIGITS[word]
        raise ValueError(word)
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[units] if units else 0)


_N = r"(?:\d{1,2}|十[一二三四五六七八九]?|[一二两三四五六七八九]十?[一二三四五六七八九]?)"
_NE = rf"(?:\d{{1,2}}|{'|'.join(_ENGLISH_NUMBERS[1:])})"
_YEAR = r"(?:(?:20)?\d\d年度?|今年|本年度?|当年|去年|上年|上一年|前年)"
_MONTH = rf"(?:{_YEAR}(?:的|\s)*)?{_N}月(?:份)?"
_ISO = r"20\d\d\s*[-/.年]\s*(?:1[0-2]|0?[1-9])(?!\d)月?|20\d\d(?:1[0-2]|0[1-9])(?!\d)"
_TO = r"\s*(?:到|至|-|~|—|–|－|一直到)\s*"
_ENGLISH_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|"
    r"aug|sept|sep|oct|nov|dec)\b\.?(?:\s*(?:of\s+)?(?:20\d\d|last year|this year))?"
)
_ONE = rf"(?:{_ISO}|{_MONTH}|{_ENGLISH_MONTH})"
_SINCE = r"(?:(?:份)?(?:以来|起|开始|以后|之后|往后|至今|到现在|到目前|到今天|到本月|到这个月|迄今))"


@dataclass(frozen=True)
class Calendar:
    """The months with data, in order; what is said of time is counted from the last of them.

    ``usual``: the first and last month of questions that say nothing of time.
    """

    months: Sequence[str]
    usual: tuple[str, str]

    @property
    def last(self) -> str:
        """The last month with data."""
        return self.months[-1]

    def within(self, start: str, end: str) -> Time:
        """As much of these months as the data reach."""
        kept = Months(max(start, self.months[0]), min(end, self.last))
        return kept if kept.start <= kept.end else Untold(_NO_DATA)

    def year(self, words: str) -> int:
        """The year that words name: 2023年, 23年, 今年, 去年, last year."""
        now = int(self.last[:4])
        words = words.strip()
        if words in ("去年", "上年", "上一年", "last year", "previous year"):
            return now - 1
        if words == "前年":
            return now - 2
        digits = re.sub(r"\D", "", words)
        if not digits:
            return now
        return int(digits) if len(digits) == 4 else 2000 + int(digits)

    def month(self, words: str, *, before: str | None = None) -> str:
        """The month that words name; without a year the latest one (not after ``before``). Raises ValueError."""
        words = words.strip()
        if found := re.fullmatch(r"(20\d\d)\s*[-/.年]?\s*(\d{1,2})月?(?:份)?", words):
            return self._made(int(found[1]), int(found[2]))
        if english := re.match(r"[a-z]+", words):
            index = _ENGLISH_MONTHS.index(english.group()[:3]) + 1
            year = re.search(r"20\d\d|last year|this year", words)
            if year:
                return self._made(self.year(year.group()), index)
        else:
            named = re.fullmatch(rf"(?P<year>{_YEAR})?(?:的|\s)*(?P<month>{_N})月(?:份)?", words)
            if named is None:
                raise ValueError(words)
            index = number(named["month"])
            if named["year"]:
                return self._made(self.year(named["year"]), index)
        latest = before or self.last
        made = self._made(int(latest[:4]), index)
        return made if made <= latest else month_offset(made, -12)

    def _made(self, year: int, index: int) -> str:
        if not 1 <= index <= 12:
            raise ValueError(index)
        return f"{year:04d}-{index:02d}"

    def back(self, count: int) -> Time:
        """So many months up to the last."""
        return self.within(month_offset(self.last, 1 - count), self.last)

    def quarter(self, year: int, index: int) -> Time:
        """A quarter of a year."""
        return self.within(f"{year}-{3 * index - 2:02d}", f"{year}-{3 * index:02d}")

    def latest_quarter(self, index: int) -> Time:
        """The latest quarter of that number that has begun in the data."""
        year = int(self.last[:4])
        return self.quarter(year if f"{year}-{3 * index - 2:02d}" <= self.last else year - 1, index)

    def half(self, year: int, index: int) -> Time:
        """The first or second half of a year."""
        return self.within(f"{year}-{6 * index - 5:02d}", f"{year}-{6 * index:02d}")


Say = Callable[[Match[str], Calendar], Time]


def _range(found: Match[str], calendar: Calendar) -> Time:
    end_words = found["end"]
    start_words = found["start"]
    # 3-5月: the month's sign stands once; 2023年3月到5月: so does the year.
    if not re.search(r"月|[a-z]|20\d\d", start_words):
        start_words += "月"
    year = re.match(rf"{_YEAR}|20\d\d", start_words)
    if year and not re.match(rf"{_YEAR}|20\d\d", end_words) and not re.search(r"[a-z]", end_words):
        end_words = f"{re.sub(r'[^0-9]', '', year.group()) or year.group()}年{end_words}".replace("年年", "年")
        end_words = end_words if re.match(r"\d", end_words) else year.group() + found["end"]
    end = calendar.month(end_words)
    start = calendar.month(start_words, before=end)
    if re.search(r"[a-z]", start_words) and re.search(r"20\d\d", end_words) and not re.search(r"20\d\d", start_words):
        start = calendar.month(f"{start_words} {end[:4]}")
    return calendar.within(start, end) if start <= end else Untold(_NO_DATA)


def _year_of(found: Match[str], calendar: Calendar) -> int | None:
    return calendar.year(found["year"]) if found["year"] else None


def _quarter(found: Match[str], calendar: Calendar) -> Time:
    words = found["index"]
    index = _ORDINALS.get(words) or number(words)
    if not 1 <= index <= 4:
        return Untold(_NO_DATA)
    year = _year_of(found, calendar)
    return calendar.latest_quarter(index) if year is None else calendar.quarter(year, index)


def _half(found: Match[str], calendar: Calendar) -> Time:
    year = _year_of(found, calendar) or int(calendar.last[:4])
    return calendar.half(year, 1 if found["index"] in ("上", "前", "first", "h1") else 2)


def _whole_year(found: Match[str], calendar: Calendar) -> Time:
    year = calendar.year(found["year"])
    return calendar.within(f"{year}-01", f"{year}-12")


def _present_quarter(found: Match[str], calendar: Calendar) -> Time:
    year, index = int(calendar.last[:4]), (int(calendar.last[5:]) + 2) // 3
    if re.match(r"上|前|last|previous", found.group()):
        year, index = (year, index - 1) if index > 1 else (year - 1, 4)
    return calendar.quarter(year, index)


def _last_months(found: Match[str], calendar: Calendar) -> Time:
    return calendar.back(number(found["count"]))


def _first_months(found: Match[str], calendar: Calendar) -> Time:
    year = calendar.year(found["year"] or "")
    count = number(found["count"])
    if not 1 <= count <= 12:
        return Untold(_NO_DATA)
    return calendar.within(f"{year}-01", f"{year}-{count:02d}")


def _first_or_last_months(found: Match[str], calendar: Calendar) -> Time:
    """前三个月: the year's first, or those up to now."""
    times = (_first_months(found, calendar), _last_months(found, calendar))
    return Either(tuple(one for one in times if isinstance(one, Months | Untold)))


def _last_years(found: Match[str], calendar: Calendar) -> Time:
    return calendar.back(12 * number(found["count"]))


def _last_quarters(found: Match[str], calendar: Calendar) -> Time:
    return calendar.back(3 * number(found["count"]))


def _one(found: Match[str], calendar: Calendar) -> Time:
    month = calendar.month(found["one"])
    return calendar.within(month, month)


def _since(found: Match[str], calendar: Calendar) -> Time:
    return calendar.within(calendar.month(found["one"]), "9999-12")


def _since_last(found: Match[str], calendar: Calendar) -> Time:
    return calendar.within(calendar.month(f"{found['one']} last year"), "9999-12")


def _up_to(found: Match[str], calendar: Calendar) -> Time:
    """January of its year up to a month."""
    end = calendar.month(found["one"])
    return calendar.within(f"{end[:4]}-01", end)


def _two_months(found: Match[str], calendar: Calendar) -> Time:
    """Two months side by side: 六七月份, 3、4月. Raises ValueError."""
    first, second = number(found["first"]), number(found["second"])
    if second != first + 1:
        raise ValueError(found.group())
    end = calendar.month(f"{found['year'] or ''}{found['second']}月")
    return calendar.within(month_offset(end, -1), end)


def _several_months(found: Match[str], calendar: Calendar) -> Time:
    """Months one after another: 5、6、7三个月. Raises ValueError."""
    told = [number(one) for one in re.findall(_N, found["several"])]
    if told != [*range(told[0], told[0] + len(told))]:
        return Untold(ONE_PERIOD)
    end = calendar.month(f"{found['year'] or ''}{told[-1]}月")
    return calendar.within(month_offset(end, 1 - len(told)), end)


def _since_year(found: Match[str], calendar: Calendar) -> Time:
    return calendar.within(f"{calendar.year(found['year'])}-01", "9999-12")


def _always(value: Time) -> Say:
    return lambda _found, _calendar: value


def _ago(months: int) -> Say:
    def told(_found: Match[str], calendar: Calendar) -> Time:
        month = month_offset(calendar.last, -months)
        return calendar.within(month, month)

    return told


def _everything(_found: Match[str], calendar: Calendar) -> Time:
    return Months(calendar.months[0], calendar.last)


_WITH = r"(?:比起?|较|与|和|跟|同|对比|相比|相较于?|vs\.?|versus|against|than|compared (?:with|to)|over|on)\s*"
_THAN = rf"(?:{_WITH})"
_AFTER = r"(?:\s*(?:相比较?|比较|对比|相较|比))?"
_SAME = r"(?:同期|同月|同时期|同一时期|这个时候)"
_YEARS = r"(?P<year>20\d\d年?度?|\d\d年度?|今年|本年度?|当年|去年|上年|上一年|前年)"

_PATTERNS: tuple[tuple[re.Pattern[str], Say], ...] = tuple(
    (re.compile(pattern), say)
    for pattern, say in (
        # --- Comparisons ---
        (rf"{_THAN}(?:去年|上年|上一年)(?:的)?{_SAME}{_AFTER}", _always(Against("year"))),
        (rf"(?:去年|上年|上一年)(?:的)?{_SAME}(?:\s*(?:相比较?|比较|对比|相较|比))", _always(Against("year"))),
        (rf"(?:去年|上年|上一年)(?:的)?{_SAME}", _always(YearBefore())),
        (rf"{_THAN}(?:去年|上年|上一年|一年前){_AFTER}", _always(Against("year"))),
        (rf"(?:去年|上年){'(?:相比较?|对比)'}", _always(Against("year"))),
        (rf"{_THAN}(?:上年|前一年)?同期{_AFTER}", _always(Against("year"))),
        (r"同比(?:增减|变化|变动|情况)?", _always(Against("year"))),
        (rf"{_THAN}(?:上个?月|上一个月|前一个?月|前个?月){_AFTER}", _always(Against("previous", 1))),
        (rf"{_THAN}(?:上个?季度|上一个?季度){_AFTER}", _always(Against("previous", 3))),
        (rf"{_THAN}(?:上期|上一期|上一?个?时段|前期|前一个?时段|之前){_AFTER}", _always(Against("previous"))),
        (r"环比(?:增减|变化|变动|情况)?", _always(Against("previous"))),
        (r"(?:不|不要|不用|无需)(?:对比|比较)|no comparison", _always(Against("none"))),
        (
            rf"{_THAN}(?:the )?(?:same (?:period|months?|time)(?: of)?(?: the)? )?(?:last|previous|prior) year",
            _always(Against("year")),
        ),
        (
            r"(?:in |during )?(?:the )?same (?:period|months?|time)(?: of)?(?: the)? (?:last|previous) year",
            _always(YearBefore()),
        ),
        (
            rf"(?:{_WITH})?(?:a|the|one) year (?:ago|before|earlier)|year[- ](?:on|over)[- ]year|\byoy\b|\by/y\b",
            _always(Against("year")),
        ),
        (
            rf"{_THAN}(?:the )?(?:last|previous|prior) month|(?:{_WITH})?the month before|month[- ](?:on|over)[- ]month|\bmom\b",
            _always(Against("previous", 1)),
        ),
        (rf"{_THAN}(?:the )?(?:last|previous|prior) quarter", _always(Against("previous", 3))),
        (rf"{_THAN}(?:the )?(?:last|previous|prior) period", _always(Against("previous"))),
        # --- What months cannot say ---
        (
            r"(?:近|最近|过去|前|这)?\s*(?:\d+|[一二两三四五六七八九十几]+)\s*(?:天|日|周|个?星期)(?:以来|内|之内|里)?",
            _always(Untold(_DAYS)),
        ),
        (
            r"今天|今日|昨天|昨日|前天|明天|[本这上下]个?(?:周|星期|礼拜)[一二三四五六日天]|本周|这周|上周|上一周|下周|这个?星期|上个?星期|最近一周|这几天|近几天|最近几天|近日|当天|当日|今晚|今早",
            _always(Untold(_DAYS)),
        ),
        (
            rf"(?:{_YEAR}\s*)?{_N}月(?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}})[日号](?:{_TO}(?:{_N}月)?(?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}})[日号])?",
            _always(Untold(_DAYS)),
        ),
        (r"20\d\d[-/.]\d{1,2}[-/.]\d{1,2}", _always(Untold(_DAYS))),
        (r"[去今本上前明]?年[底末中](?:之?前|以前|前后)?", _always(Untold(_VAGUE_MONTH))),
        (r"哪(?:一|几)?(?:天|周|个?星期)(?!几)", _always(Untold(_DAYS))),
        (rf"(?:{_MONTH}|本月|上月|这个月|上个月)?的?[上中下]旬|月[初中底末]", _always(Untold(_DAYS))),
        (
            rf"(?:last|past|previous|these|next)\s+(?:{_NE}\s+)?(?:days?|weeks?|weekend)|today|yesterday|tomorrow|this week",
            _always(Untold(_DAYS)),
        ),
        (
            r"(?:平均)?每[天日]|平均每周|日均|周均|按[天日]|逐[天日]|\bdaily\b|(?:per|by|each|every) (?:day|date)|day by day",
            _always(Untold(_DAYS)),
        ),
        (
            r"下个?月|下一个月|下季度|下个季度|明年|后年|未来(?:\S{0,3}月)?|next (?:month|quarter|year)",
            _always(Untold(_NO_DATA)),
        ),
        (
            r"(?:近|最近|这|过去|前)几(?:个月|年)|近期|前段时间|前一段时间|这段时间|recently|the last few months|lately",
            _always(Untold(_VAGUE)),
        ),
        (
            rf"{_ONE}(?:之前|以前|前(?!\s*(?:[\d一二两三四五六七八九十]|几个)))",
            _always(Untold(_SPAN)),
        ),
        # --- Spans ---
        (
            rf"(?:从|自|between\s+|from\s+)?(?P<start>{_ISO}|{_MONTH}|{_ENGLISH_MONTH}|(?:{_YEAR}\s*)?{_N})(?:{_TO}|\s+(?:to|through|till|until|and)\s+)(?P<end>{_ONE})(?:之间|期间)?",
            _range,
        ),
        (rf"(?:从|自|打)\s*(?P<one>{_ONE})\s*{_SINCE}?", _since),
        (rf"(?P<one>{_ONE})\s*{_SINCE}", _since),
        (
            rf"(?:since|from|starting (?:in|from))\s+(?P<one>{_ONE})(?:\s+(?:on|onwards?|till now|until now|to date))?",
            _since,
        ),
        (rf"since\s+last\s+(?P<one>{_ENGLISH_MONTH})", _since_last),
        (rf"(?:until|till|through|up to|by the end of)\s+(?:the end of\s+)?(?P<one>{_ENGLISH_MONTH})", _up_to),
        (rf"(?:截至|截止到?|截止至|到)\s*(?P<one>{_ONE})[底末]", _up_to),
        (rf"(?:截至|截止到?|截止至)\s*(?P<one>{_ONE})", _up_to),
        (
            rf"(?P<year>{_YEAR})?(?:的|\s)*(?P<first>[一二三四五六七八九])(?P<second>[二三四五六七八九])月(?:份)?",
            _two_months,
        ),
        (rf"(?P<year>{_YEAR})?(?:的|\s)*(?P<first>{_N})[、,和](?P<second>{_N})月(?:份)?", _two_months),
        (
            rf"(?P<year>{_YEAR})?(?:的|\s)*(?P<several>{_N}月?(?:[、,]{_N}月?)+(?:和{_N})?)(?:月(?:份)?)?(?:这)?(?:{_N}|几)个月",
            _several_months,
        ),
        (
            rf"(?P<year>{_YEAR})?(?:的|\s)*(?P<several>{_N}月?[、,]{_N}月?(?:[、,和]{_N}月?)+)(?<=月)(?:份)?",
            _several_months,
        ),
        (rf"第\s*{_N}\s*个?[周旬]", _always(Untold(_DAYS))),
        (rf"(?P<year>{_YEAR})(?:的|\s)*(?:第)?(?P<index>[一二三四1-4])(?:个)?季度?", _quarter),
        (r"(?P<year>)(?:第)?(?P<index>[一二三四1-4])个?季度", _quarter),
        (rf"(?P<year>{_YEAR})?\s*q(?P<index>[1-4])\b", _quarter),
        (r"q(?P<index>[1-4])\s*(?:of\s+)?(?P<year>20\d\d|last year|this year)?", _quarter),
        (
            r"(?:the )?(?P<index>first|second|third|fourth|1st|2nd|3rd|4th) quarter(?:\s+(?:of\s+)?(?P<year>20\d\d|last year|this year))?",
            _quarter,
        ),
        (
            r"本季度?|这个季度|这一季度|当季|上个?季度|上一个?季度|this quarter|last quarter|previous quarter",
            _present_quarter,
        ),
        (rf"(?P<year>{_YEAR})?(?:的|\s)*(?P<index>上|下|前|后)半年", _half),
        (
            r"(?:the )?(?P<index>first|second) half(?:\s+(?:of\s+)?(?:the year)?(?P<year>20\d\d|last year|this year)?)?",
            _half,
        ),
        (rf"(?P<year>{_YEAR})(?:的|\s)*(?:前|头|开头)\s*(?P<count>{_N})\s*个月", _first_months),
        (rf"(?P<year>)(?:年初|头)\s*(?P<count>{_N})\s*个月", _first_months),
        (rf"(?P<year>)前\s*(?P<count>{_N})\s*个月", _first_or_last_months),
        (rf"(?P<count>{_N})\s*个月(?:以来|以内|之内|来|内|里)", _last_months),
        (rf"第\s*{_N}\s*个月", _always(Untold(_VAGUE_MONTH))),
        (rf"(?:近|最近|过去|前)\s*(?P<count>{_N})\s*个?月(?:以来|来|内|里)?", _last_months),
        (rf"(?:近|最近|过去|前)\s*(?P<count>{_N})\s*个?季度", _last_quarters),
        (r"(?:近|最近|过去|前)半年", lambda _found, calendar: calendar.back(6)),
        (rf"(?:近|最近|过去|前)\s*(?P<count>{_N})\s*年(?:来|内)?", _last_years),
        (rf"(?:the )?(?:last|past|recent)\s+(?P<count>{_NE})\s+months?", _last_months),
        (rf"(?:the )?(?:last|past)\s+(?P<count>{_NE})\s+quarters?", _last_quarters),
        (rf"(?:the )?(?:last|past)\s+(?P<count>{_NE})\s+years?", _last_years),
        (r"(?:the )?past year", lambda _found, calendar: calendar.back(12)),
        (r"(?:the )?(?:last|past) half year", lambda _found, calendar: calendar.back(6)),
        (
            r"(?:year to date|so far this year|ytd)\b|(?:自|从)?年初(?:以来|至今|到现在|起)?|今年以来|今年至今|开年以来",
            lambda _found, calendar: calendar.within(f"{calendar.last[:4]}-01", "9999-12"),
        ),
        (rf"(?:自|从)?{_YEARS}(?:以来|起|开始|至今|到现在)", _since_year),
        (r"since (?P<year>20\d\d|last year|this year)(?!\d)", _since_year),
        (rf"{_YEARS}(?:全年|一年|整年|度|里)?", _whole_year),
        (r"(?:in |during |for )?(?:the )?(?P<year>(?:this|last|previous) year|20\d\d)(?![\d-])", _whole_year),
        (r"全年", lambda _found, calendar: calendar.within(f"{calendar.last[:4]}-01", f"{calendar.last[:4]}-12")),
        (r"上上个?月|前个?月|the month before last", _ago(2)),
        (r"上个?月|上一个月|last month|the previous month|previous month", _ago(1)),
        (
            r"本月|这个?月|当月|最近一个?月|最新一个?月|最后一个?月|this month|the latest month|the current month",
            _ago(0),
        ),
        (
            r"(?:所有|全部|各个?)(?:月份|时段|时间)|有数据以来|历年|一直以来|all months|all time|since the beginning|ever",
            _everything,
        ),
        (rf"(?:in |during |for )?(?P<one>{_ONE})", _one),
    )
)


def times_at(text: str, place: int, calendar: Calendar) -> Iterator[tuple[int, Time]]:
    """What words of time stand at a place of a text (half-width, in lower case): where each ends, and what it means."""
    for pattern, say in _PATTERNS:
        found = pattern.match(text, place)
        if found is None or found.end() == place:
            continue
        try:
            told = say(found, calendar)
        except (ValueError, KeyError):
            continue
        yield found.end(), told
