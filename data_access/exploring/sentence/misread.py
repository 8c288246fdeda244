"""Readings that take a part of a name for something else than the sentence says."""

from __future__ import annotations

import re

from data_access.areas.petitions.area import LEVELS
from data_access.exploring.sentence.meaning import FULL, PART
from data_access.exploring.sentence.said import GENERAL, NOT_WITH, OF_TIME, Said
from data_access.model.indicator import Indicator

# Dimensions whose values are named by what cases are about
_MATTERS = frozenset({*LEVELS, "department", "responsible"})
_SO_MANY_OF = re.compile(
    r"了?(?:件数|数量|总数|人数|次数|[数量]|多少(?!个?小时|个?钟头|天|钱|万|亿|元)[件个次]?|几[件个次](?!小时))"
)
_ASKS_NUMBER = re.compile(r"(?:多少|几)[个台支条起场](?!小时|钟头|月|星期|季度)|how many|number of", re.IGNORECASE)
_MOST_AND_LEAST = ("最多", "最少", "most", "least", "fewest")


def is_misread(said: Said, indicators: tuple[Indicator, ...]) -> bool:
    """Whether the words of what is counted are but a part of a name that means something else in this question."""
    speeds = [one for one in said.of("order") if one.meaning.value in ("slow", "fast")]
    many = [one for one in said.of("order") if one.words in _MOST_AND_LEAST]
    texts = [one for one in said.of("text") if one.meaning.distance > FULL]
    if any(term.end == one.begin or term.begin == one.end for one in said.left for term in texts):
        # 楼顶漏水: not titles with 楼顶
        return True
    for term in said.terms:
        if term.meaning.kind == "about" and many and indicators[0].unit_zh in OF_TIME:
            # 维修最多: not how long repairs take
            return True
        if (
            term.meaning.kind == "about"
            and said.words.indicators[term.meaning.value].unit_zh in OF_TIME
            and (
                _ASKS_NUMBER.search(said.sentence)
                or any(said.sentence[term.end : one.begin] == "的" for one in said.of("about"))
            )
        ):
            # 修好的摄像头: not how long it took
            return True
        if (
            term.meaning.kind == "count"
            and term.meaning.value in GENERAL
            and any(said.sentence[one.end : term.begin] == " of " for one in said.of("count"))
        ):
            # progress of projects: not how many there are
            return True
        if term.meaning.distance < PART:
            continue
        if term.meaning.value in _MATTERS and any(
            one.end == term.begin
            and one.meaning.distance >= PART
            and one.meaning.value in _MATTERS
            and one.meaning.values != term.meaning.values
            for one in said.of("is")
        ):
            # 农民工工资拖欠: of one value; 施工扬尘, 教育收费: of two, and neither is meant
            return True
        if any(term.end == one.begin or term.begin == one.end for one in texts):
            # 签收及时: not titles with 及时 among the cases of 待签收
            return True
        if term.meaning.kind == "is" and any(term.end == one.begin for one in speeds):
            # 施工最慢: not how fast cases of 施工噪声 are handled
            return True
        if term.meaning.kind == "is" and any(
            term.begin == one.end or (term.end == one.begin and one.why == NOT_WITH) for one in said.left
        ):
            # 老旧小区改造: no 旱厕改造
            return True
        if term.meaning.kind == "is" and any(term.begin == one.end for one in said.of("top")):
            # 前十小区
            return True
        if term.meaning.kind in ("is", "count") and _SO_MANY_OF.match(said.sentence, term.end) and (
            term.meaning.kind == "is" or said.words.indicators[term.meaning.value].is_ratio
        ):  # fmt: skip
            # 回访件数: no rate
            return True
        if term.meaning.kind == "is" and any(term.begin == one.end for one in said.of("count")):
            # 在线率合格: no category with these words in it
            return True
        if term.meaning.kind != "count":
            continue
        indicator = said.words.indicators[term.meaning.value]
        if indicator.unit_zh == "%" and term.words[-1] not in "率度" and _ASKS_NUMBER.search(said.sentence):
            # 在线的摄像头有几个: no rate
            return True
        others = (one for one in (*said.of("about"), *said.of("count")) if one is not term)
        if any(said.words.indicators[one.meaning.value].area != indicator.area for one in others):
            # 满意的项目: no satisfaction of projects
            return True
        if many and indicator.unit_zh == "%" and term.words[-1] not in "率度" and "rate" not in term.words:
            # 投资最多: no rate
            return True
        if any(
            one is not term and term.end == one.begin and one.meaning.value != term.meaning.value
            for one in said.of("count")
        ):
            # 事件按期率: not two indicators
            return True
    return False
