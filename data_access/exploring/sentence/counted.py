"""Which indicators are asked for."""

from __future__ import annotations

import re

from data_access.exploring.sentence.meaning import PART
from data_access.exploring.sentence.said import (
    GENERAL,
    NOT_WITH,
    OF_ALL,
    OF_TIME,
    SPEEDS,
    TOO_MANY,
    USUAL_AREA,
    Said,
    dimensions_of,
)

_ELSEWHERE = 1.5
_MOST_INDICATORS = 4
_HOW_MANY = re.compile(r"了?(?:多少|几)")


def counted(said: Said, asked: set[str]) -> tuple[str, ...] | None:
    """The codes of the indicators; None where none can be told by what is ``asked``: dimensions."""
    told = _told(said)
    abouts = [term.meaning.value for term in said.of("about")]
    every = said.words.indicators
    if told:
        for term in said.of("count"):
            if term.meaning.value in told[_MOST_INDICATORS:]:
                said.leave(term, TOO_MANY)
        told = told[:_MOST_INDICATORS]
    elif abouts:
        # In both languages the last noun is what the others tell more of, if it says more than what an area is.
        numbers = [one.meaning.value for one in said.of("about") if _HOW_MANY.match(said.sentence, one.end)]
        told = list(dict.fromkeys(numbers)) if len(set(numbers)) > 1 else []
        told = told or [([code for code in abouts if code not in GENERAL] or abouts)[-1]]
        is_timed = any(one.meaning.value in SPEEDS for one in said.of("order")) or any(
            one.meaning.value == "time" for one in said.of("unit")
        )
        if is_timed and every[told[0]].area == USUAL_AREA:
            # 投诉办得最慢, 投诉多久办完
            told = [next(code for code, one in every.items() if one.area == USUAL_AREA and one.unit_zh in OF_TIME)]
    else:
        speeds = [term for term in said.of("order") if term.meaning.value in SPEEDS]
        if any(one.end == speed.begin for one in said.left for speed in speeds):
            return None
        fits = (
            code
            for code, one in every.items()
            if asked <= dimensions_of((one,)) and (not speeds or one.unit_zh in OF_TIME)
        )
        first = next(fits, None)
        if first is None:
            return None
        told = [first]
    if every[told[0]].area != USUAL_AREA and not any(
        term.meaning.kind in ("count", "about", "is")
        and term.meaning.value not in OF_ALL
        and term.meaning.distance < PART
        for term in said.terms
    ):
        said.score += 0.5
    apart = {term.meaning.value for term in said.of("by")}
    if len(told) == 1 and told[0] in abouts and told[0] in GENERAL and not apart <= dimensions_of((every[told[0]],)):
        # 摄像头故障原因: of outages, not of cameras
        area = every[told[0]].area
        said.score += _ELSEWHERE
        told = [
            next((code for code, one in every.items() if one.area == area and asked <= dimensions_of((one,))), told[0])
        ]
    areas = {every[code].area for code in told}
    for term in said.of("about"):
        if every[term.meaning.value].area not in areas:
            said.score += _ELSEWHERE
            said.leave(term, NOT_WITH)
    return tuple(told)


def _told(said: Said) -> list[str]:
    """The indicators that are named, the first of them what is ranked by; nouns are of them where they must be."""
    if not said.of("count"):
        return []
    ends = {term.end for term in said.of("by")}
    heads = {term.end for term in said.of("count")} | {
        term.end + 1 for term in said.of("count") if said.sentence[term.end : term.end + 1] == "的"
    }
    nouns = [
        one
        for one in said.of("about")
        if one.begin not in heads
        and any(one.end == term.begin for term in said.of("order"))
        and any(term.meaning.distance < PART for term in said.of("count"))
    ]
    # 投诉最多的镇满意率是多少; 满意率最低的镇的投诉
    behind = [
        one
        for one in said.of("about")
        if said.of("order") and said.sentence[one.begin - 1 : one.begin] == "的" and one.begin - 1 in ends
    ]
    named = sorted((*nouns, *said.of("count")), key=lambda one: all(one.end != term.begin for term in said.of("order")))
    return list(dict.fromkeys(term.meaning.value for term in (*named, *behind)))
