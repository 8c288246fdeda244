"""Rows of a sheet that are no cases: totals, the header once more, and what stands below the table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal

from data_access.importing.values import cleaned

Kind = Literal["total", "header", "footer"]

_WHOSE = "本页|本月|本季|本季度|本年|本年度|全县|全市|全区|全镇|累计"
_TOTAL = re.compile(
    rf"(?:{_WHOSE}|.{{1,8}}(?:街道|办事处|镇|乡|村|社区|区|县|市|月|季度|页))?(?:合计|总计|小计|共计):?|(?:本月|本年|全县|全市)?(?:累计|平均|平均值):?"
)
_COUNTED = re.compile(
    r"(?:合计|总计|小计|共计|共|本页共|总数):?\d+(?:条|件|行|页|人|户|个|项|笔|起|宗)?(?:记录|数据)?[。.]?"
)
_WHO = "填表|填报|制表|制单|报送|上报|审核|审批|审签|复核|校对|核对|经办|统计|录入|打印|导出|签发"
_LABEL = re.compile(
    rf"(?:(?:{_WHO})(?:人|人员|员|者|单位|部门|日期|时间)?|(?:单位|部门|分管|主管|主要)?(?:负责人|领导|负责同志)"
    r"|联系人|联系电话|电话|日期|备注|附?注\d*|(?:填表|填报)?说明|(?:数据|资料)来源|签字|盖章|签章|公章)"
    r"(?:签字|签名|签章|盖章|\((?:签字|签名|签章|盖章|公章)\))?(?P<colon>:.*)?",
    re.DOTALL,
)
_NO_CASE = re.compile(r"第\d+页.*|[-—=*_]*以下(?:为空|空白|无数据|无正文)[-—=*_]*|[-—=*_·.]{3,}")
# Who signs at the right below a table, and when
_SIGNED = re.compile(r".{2,20}(?:办公室|中心|局|委员会|政府|大队|支队|公司|办)|\d{4}年\d{1,2}月\d{1,2}日")
_TOTALS = frozenset({"合计", "总计", "小计", "共计"})
_NUMBERED_BESIDE = frozenset("甲乙丙丁") | {"栏次", "序号", "列次"}


@dataclass(frozen=True)
class LeftOut:
    """A row that is passed over, and what it was taken for."""

    row: int
    kind: Kind


_WORDS: Mapping[Kind, tuple[str, str]] = {
    "total": ("合计", "totals"),
    "header": ("重复的表头", "the header again"),
    "footer": ("表尾（填表人、备注等）", "notes below the table"),
}
_MOST_SHOWN = 20


def left_out_sentence(rows: Sequence[LeftOut]) -> tuple[str, str]:
    """Which rows were left out as what, in Chinese and in English."""
    zh, en = [], []
    for kind, (words_zh, words_en) in _WORDS.items():
        numbers = [row.row for row in rows if row.kind == kind]
        if numbers:
            shown = [str(number) for number in numbers[:_MOST_SHOWN]]
            more_zh, more_en = (
                (f"等 {len(numbers):,} 行", f" and more, {len(numbers):,} rows")
                if len(numbers) > _MOST_SHOWN
                else (" 行", "")
            )
            zh.append(f"{words_zh}第 {'、'.join(shown)}{more_zh}")
            en.append(f"{words_en} (row {', '.join(shown)}{more_en})")
    return "；".join(zh), "; ".join(en)


class Cases:
    """Tells the rows after a header that are cases from others, which are noted in ``left_out``.

    ``header_rows``: the cells of the header's rows and of the titles above. ``is_known``: whether a header may be called so.
    """

    def __init__(self, header_rows: Sequence[Sequence[Any]], is_known: Callable[[str], bool]) -> None:
        self.left_out: list[LeftOut] = []
        titles = ([cleaned(cell) for cell in cells] for cells in header_rows)
        # What the header says over each column
        self._titles = [frozenset(words) for words in zip_longest(*titles)]
        self._is_known = is_known

    def among(self, rows: Iterable[tuple[int, Sequence[Any]]]) -> Iterator[tuple[int, Sequence[Any]]]:
        """The rows that are cases."""
        is_first, was = True, None
        for number, cells in rows:
            was = self._kind(cells, is_first=is_first, was_footer=was == "footer")
            if was is None:
                is_first = False
                yield number, cells
            else:
                self.left_out.append(LeftOut(number, was))

    def _kind(self, cells: Sequence[Any], *, is_first: bool, was_footer: bool) -> Kind | None:
        if not is_first and not was_footer:
            # Nearly all rows are cases, which their first cell tells.
            place, first = next((place, word) for place, cell in enumerate(cells) if (word := cleaned(cell)))
            if not self._is_title(place, first) and not _MAY_BE_NONE.match(first):
                return None
        words = [(place, word) for place, cell in enumerate(cells) if (word := cleaned(cell))]
        if all(self._is_title(*one) for one in words):
            return "header"
        if is_first and self._goes_on_with_header([word for _, word in words]):
            return "header"
        plain = [re.sub(r"\s", "", unicodedata.normalize("NFKC", word)) for _, word in words[:_MOST_FOOTER_CELLS]]
        if _is_total(plain):
            return "total"
        if not is_first and len(words) == 1 < len(self._titles) - 1 and words[0][0] and _SIGNED.fullmatch(plain[0]):
            return "footer"
        # Notes go on below the first.
        return "footer" if _is_footer(plain) or (was_footer and len(plain) == 1) else None

    def _is_title(self, place: int, word: str) -> bool:
        return place < len(self._titles) and word in self._titles[place]

    def _goes_on_with_header(self, words: Sequence[str]) -> bool:
        """Whether the row tells the columns' other names or their numbers."""
        if not self._titles or len(words) < _FEW:
            return False
        numbers = [word for word in words if word not in _NUMBERED_BESIDE]
        are_numbered = len(numbers) > _FEW and numbers == [str(number) for number in range(1, len(numbers) + 1)]
        return are_numbered or 2 * sum(map(self._is_known, words)) > len(words)


# A note has so few cells; whoever signs below a table leaves more.
_FEW, _MOST_FOOTER_CELLS = 2, 40
# What the first cell of a total, a footer or a row with a running number begins with
_MAY_BE_NONE = re.compile(r"[^\x00-\x7f]|[-=*_]|\d{1,6}$|\d{4}年")


def _is_total(words: Sequence[str]) -> bool:
    # A running number, or the township whose total it is, may stand first.
    if _TOTAL.fullmatch(words[0]) or any(word.rstrip(":") in _TOTALS for word in words[1:3]):
        return True
    return len(words) <= _FEW and bool(_COUNTED.fullmatch(words[0]))


def _is_footer(words: Sequence[str]) -> bool:
    if _NO_CASE.fullmatch(words[0]):
        return len(words) <= _FEW
    if not _LABEL.fullmatch(words[0]):
        return False
    labels = [match for word in words if (match := _LABEL.fullmatch(word))]
    # 填表人 | 张三 | 审核 | 李四: every other cell at least
    return len(words) <= _FEW or (len(labels) > 1 and 2 * len(labels) >= len(words))
