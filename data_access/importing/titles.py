"""What the titles over a table say of its rows: the year, where dates are written without one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_MONTH = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:\s*年(?:度)?(?:\s*(\d{1,2})\s*月)?|[-./](\d{1,2})(?!\d)|(0[1-9]|1[0-2])(?!\d))"
)
# 9月3日, 9.3, 9/3, with what follows; and of months 9月, 9月份
_WITHOUT_YEAR = re.compile(
    r"(1[0-2]|0?[1-9])\s*(?:月\s*|[./-])(3[01]|[12]\d|0?[1-9])(?:日|号)?(?![\d./年月-])(.*)", re.DOTALL
)
_NUMERALS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_IN_NUMERALS = re.compile("([一二][〇○零一二三四五六七八九]{3})年(?:度)?(?:(十[一二]?|[一二三四五六七八九])月)?")
_MONTH_ALONE = re.compile(r"(1[0-2]|0?[1-9])\s*月(?:份)?")
# A month so far from that of the title is of the year before it or after it.
_FAR = 6


def titled_month(texts: Iterable[str]) -> str:
    """The month (``2023-09``) or the year (``2023``) that the first of these texts names that names one; else empty.

    A text that names several years says nothing.
    """
    for text in texts:
        found = _MONTH.findall(_IN_NUMERALS.sub(_in_figures, unicodedata.normalize("NFKC", text)))
        if not found:
            continue
        year, *months = found[0]
        if len({one[0] for one in found}) > 1:
            return ""
        month = int(next(filter(None, months), "0"))
        return f"{year}-{month:02d}" if 1 <= month <= 12 else year
    return ""


def _in_figures(match: re.Match[str]) -> str:
    """二〇二四年十二月 as 2024年12月."""
    month = re.sub("^十", "1" if match[2] != "十" else "10", match[2] or "").translate(_NUMERALS)
    return f"{match[1].translate(_NUMERALS)}年" + (f"{month}月" if month else "")


def has_no_year(cell: object, *, is_month: bool = False) -> bool:
    """Whether a cell is a date, or a month, without a year."""
    return isinstance(cell, str) and _without_year(cell, is_month=is_month) is not None


def with_year(cell: object, titled: str, *, is_month: bool = False) -> object:
    """The cell with the year of the month that a title names, or the one nearest to that month; others as they are."""
    match = _without_year(cell, is_month=is_month) if isinstance(cell, str) else None
    if match is None:
        return cell
    year, month = int(titled[:4]), int(match[1])
    if titled[5:]:
        away = month - int(titled[5:])
        year += -1 if away > _FAR else 1 if away < -_FAR else 0
    return f"{year}-{month:02d}" if is_month else f"{year}-{month:02d}-{int(match[2]):02d} {match[3].strip()}".rstrip()


def _without_year(cell: str, *, is_month: bool) -> re.Match[str] | None:
    words = unicodedata.normalize("NFKC", cell).strip()
    return (_MONTH_ALONE if is_month else _WITHOUT_YEAR).fullmatch(words)
