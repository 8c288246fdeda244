"""One question made of what the words of a sentence mean."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from data_access.areas.petitions.area import LEVELS
from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.questions import can_be_searched
from data_access.exploring.sentence.counted import counted
from data_access.exploring.sentence.meaning import FULL, Left, Meaning, Reading, Term
from data_access.exploring.sentence.misread import is_misread
from data_access.exploring.sentence.months_asked import months_asked
from data_access.exploring.sentence.periods import Reason
from data_access.exploring.sentence.ranking import is_of_each, order_of_list, ranking
from data_access.exploring.sentence.said import (
    COMPARATIVES,
    NOT_WITH,
    OF_TIME,
    TOO_MANY,
    USUAL_AREA,
    Said,
    dimensions_of,
)
from data_access.exploring.sentence.untold import NO_AMOUNT, NOBODY
from data_access.model.indicator import Indicator

_MOST_DIMENSIONS = 2

_ONE_TEXT: Reason = ("标题只能找一处连着的字", "titles are searched for one run of words")
_NO_MEAN: Reason = ("只数总数，不求平均", "totals are told, no averages")
_ANY_OF: Reason = ("算的是其中任一个，不是同时是", "any of them is counted, not what is all of them")
_ONE_OF: Reason = ("只能在同一类里或者：两个镇、两个类别", "“or” is of two places, or of two kinds")
_ONE_PLACE: Reason = ("只有一个镇街，排不出先后", "one township alone has no rank")
_OF_EACH: Reason = ("不能每个里各取最多；看表里", "no highest of each: see the table")
_NO_MEASURE: Reason = ("不能和别的比大小来筛选", "what is more or less than another is no filter")
_NOT_APART: Reason = ("要说按什么分：按类别、按镇街", "say by what: by category, by township")
_WHOSE: Reason = ("不知道是哪个镇、哪个村，说名字", "name the township or the village")
_NO_TIME: Reason = ("这里数的不是时间", "no time is counted here")
_NO_PEOPLE: Reason = ("这里数的不是人，也不是户", "neither people nor households are counted here")
# What is asked by a measure word is in one of these units; else the reason
_MEASURES: dict[str, tuple[tuple[str, ...], Reason]] = {
    "time": (OF_TIME, _NO_TIME),
    "money": (("元",), NO_AMOUNT),
    "people": (("人", "名", "位"), _NO_PEOPLE),
    "households": (("家", "户"), _NO_PEOPLE),
}
_ADDED = re.compile(r"\s*[和与及跟、,，]\s*(?:各个?)?\s*|\s*以及\s*(?:各个?)?\s*")
_EACH = re.compile(r"[各每](?![天日周人户])|\b(?:each|every)\b", re.IGNORECASE)
# What makes a question; the rest only says more of one
_TELLING = frozenset({"count", "about", "by", "is", "list", "look", "text", "case", "time", "order"})

# Values by dimension, but for townships, which are codes
_Where = dict[str, tuple[str, ...]]


def reading_of(said: Said) -> Reading | None:
    """What these terms ask; None where they do not go together."""
    if not said.terms:
        return None
    _take_for_a_value(said)
    told_by = _told_by(said)
    if said.of("against"):
        _leave_measures(said)
    joined = _joined_by_or(said)
    if (values := _values(said, joined)) is None:
        return None
    where, townships = values
    _leave_league_beside_townships(said, told_by, where)
    several = _of_several(where, townships)
    by = _by(said, told_by, where, several)
    if by != several and any(name not in by for name in several):
        for term in said.of("both"):
            said.leave(term, _ANY_OF)
    text = _text(said)
    asked = {*by, *where, *(("township_code",) if townships else ())}
    count = counted(said, asked)
    if count is None:
        return None
    indicators = tuple(said.words.indicators[code] for code in count)
    is_list = bool(said.of("list"))
    sort = order_of_list(said, where, is_list=is_list)
    _leave_what_is_no_use(said, where, townships, is_apart=bool(by), are_several=bool(several), first=indicators[0])
    comparatives = [one for one in said.of("order") if one.meaning.value in COMPARATIVES]
    is_versus = bool(said.of("versus") or said.of("against") or (comparatives and not by))
    months, compare = months_asked(said, is_versus=is_versus)
    if compare and not by:
        # 6月和7月哪个高: the figures of both tell
        said.put_aside(comparatives)
    named = max(len(townships), *map(len, where.values()), 0)
    order, top = ranking(said, indicators, is_told=bool(by), named=named)
    why: Reason | None = None
    if (order or top) and ((not by and len(townships) == 1) or is_of_each(told_by)):
        why = _ONE_PLACE if len(by) < 2 else _OF_EACH
    elif order and not by and said.of("who"):
        why = NOBODY
    if why:
        for term in (*said.of("order"), *said.of("top")):
            said.leave(term, why)
        order, top = None, None
    if order and not by:
        by = ["township_code"]
    if said.of("mean") and not (indicators[0].is_ratio or indicators[0].unit_zh in OF_TIME):
        said.leave(said.of("mean")[0], _NO_MEAN)
    if not asked.union(by) <= dimensions_of(indicators) or (text and not can_be_searched(indicators)):
        return None
    if any(one.meaning.distance > FULL for one in said.of("text")) and indicators[0].area != USUAL_AREA:
        # Only the titles of cases are looked through for words.
        return None
    if is_misread(said, indicators):
        return None
    kept = tuple(
        replace(term, meaning=replace(term.meaning, time=said.earlier.get(term.begin, term.meaning.time)))
        for term in said.kept
    )
    if not any(term.meaning.kind in _TELLING for term in kept):
        return None
    left = tuple(sorted(said.left, key=lambda one: one.begin))
    if looks := said.of("look"):
        return Reading(
            kept, left, ("received",), townships=townships, months=months, compare=compare, look=looks[0].meaning.value
        )
    return Reading(
        kept, left, count, tuple(by), tuple(where.items()), townships, months, compare, order, top, is_list, text, sort
    )


def _take_for_a_value(said: Said) -> None:
    """Villages by repeat complaints: how many of these each has, not how many of them are repeated and how many not."""
    by = list(said.of("by"))
    for one, term in itertools.pairwise(by):
        dimension, before = DIMENSIONS[term.meaning.value], said.sentence[one.end : term.begin]
        has_yes = any(code == "yes" for code, _, _ in dimension.answers)
        if has_yes and not before.strip() and term.words.lower().startswith("by "):
            said.take_for(term, Meaning("is", dimension.code, ("yes",), term.words[3:]))


def _told_by(said: Said) -> list[Term]:
    """The dimensions that are named, not those whose value is: 12345渠道 is no question by channel."""
    ends = {(term.end, term.meaning.value) for term in said.of("is")}
    begins = {(term.begin, term.meaning.value) for term in said.of("is")}

    def is_named(term: Term) -> bool:
        # 三级类别：井盖破损
        behind = re.compile(r"\s*[:：=]\s*").match(said.sentence, term.end)
        return behind is not None and (behind.end(), term.meaning.value) in begins

    return [term for term in said.of("by") if (term.begin, term.meaning.value) not in ends and not is_named(term)]


def _leave_measures(said: Said) -> None:
    """Leave what something is more or less than, unless two things of a kind or of time are told apart."""
    named = Counter(term.meaning.value for term in said.of("is") if DIMENSIONS[term.meaning.value].kind == "name")
    if any(count > 1 for count in named.values()) or said.of("time"):
        return
    for term in said.of("against"):
        behind = min((one for one in said.terms if one.begin > term.begin), key=lambda one: one.begin, default=term)
        is_value = behind in said.of("is")
        end = behind.end if is_value else term.end
        said.left.append(Left(said.sentence[term.begin : end], term.begin, end, _NO_MEASURE))
        if is_value:
            said.put_aside([behind])
    comparatives = [term for term in said.of("order") if term.meaning.value in COMPARATIVES]
    for term in comparatives:
        said.leave(term, _NO_MEASURE)
    said.put_aside(comparatives)


def _joined_by_or(said: Said) -> frozenset[int]:
    """Where the values begin that stand behind an 或 whose other side is a value of the same dimension."""
    joined: set[int] = set()
    terms = sorted(said.terms, key=lambda one: one.begin)
    for term in said.of("or"):
        place = terms.index(term)
        beside = [one.meaning for one in (*terms[max(place - 1, 0) : place], *terms[place + 1 : place + 2])]
        if len(beside) == 2 and beside[0].kind == beside[1].kind == "count":
            continue
        if len(beside) == 2 and all(one.kind == "is" and one.value == beside[0].value for one in beside):
            joined.add(terms[place + 1].begin)
        else:
            said.leave(term, _ONE_OF)
    return frozenset(joined)


def _values(said: Said, joined: frozenset[int]) -> tuple[_Where, tuple[str, ...]] | None:
    """The values that are asked for, and the townships; None where no case has all of them."""
    where: _Where = {}
    townships: tuple[str, ...] = ()
    for term in said.of("is"):
        dimension, values = term.meaning.value, term.meaning.values
        if dimension == "township_code":
            townships = tuple(dict.fromkeys((*townships, *values)))
        elif dimension in where and DIMENSIONS[dimension].kind == "answer" and term.begin not in joined:
            # 超期的、没办完的: both hold.
            where[dimension] = tuple(one for one in where[dimension] if one in values)
            if not where[dimension]:
                return None
        else:
            where[dimension] = tuple(dict.fromkeys((*where.get(dimension, ()), *values)))
    if townships and any(term.meaning.within not in ("", *townships) for term in said.of("is")):
        return None
    return where, townships


def _leave_league_beside_townships(said: Said, told_by: Sequence[Term], where: _Where) -> None:
    """各镇和各街道: not 街道 alone."""
    for term in said.of("is"):
        if term.meaning.value == "league" and any(_are_added(said, one, term) for one in told_by):
            said.leave(term, NOT_WITH)
            where.pop("league", None)


def _are_added(said: Said, one: Term, other: Term) -> bool:
    """Whether nothing stands between two terms but what adds the one to the other."""
    first, second = sorted((one, other), key=lambda term: term.begin)
    return one.meaning.value == "township_code" and bool(_ADDED.fullmatch(said.sentence[first.end : second.begin]))


def _of_several(where: _Where, townships: Sequence[str]) -> list[str]:
    """The dimensions of which several values are named."""
    names = [name for name, values in where.items() if len(values) > 1 and DIMENSIONS[name].kind == "name"]
    return [*(["township_code"] if len(townships) > 1 else []), *names]


def _by(said: Said, told_by: Sequence[Term], where: _Where, several: list[str]) -> list[str]:
    """What is told apart: the dimensions that are named, or those of which values are compared."""
    by = list(dict.fromkeys(term.meaning.value for term in told_by))
    for term in said.of("by"):
        if term.meaning.value in by[_MOST_DIMENSIONS:]:
            said.leave(term, TOO_MANY)
    by = by[:_MOST_DIMENSIONS]
    if not by and (said.of("versus") or said.of("against")):
        by = several[:1]
    if not by and len(several) == 1 and said.of("order"):
        # 大束和唐村哪个满意率高
        by = several
    if told_by and {*by, *several} <= {*LEVELS} and len(several) == 1 and "哪" in told_by[0].words:
        # 路灯不亮和井盖破损哪种多
        by = several
    if not by and len(where.get("league", ())) == 1 and _EACH.search(said.sentence):
        # 各街道满意率, 街道各多少件
        by = ["township_code"]
    return by


def _text(said: Said) -> str:
    """What titles are looked through for."""
    longest = max(said.of("text"), key=lambda one: len(one.words), default=None)
    for term in said.of("text"):
        if term is not longest:
            said.leave(term, _ONE_TEXT)
    return (longest.meaning.name or longest.words) if longest else ""


def _leave_what_is_no_use(
    said: Said, where: _Where, townships: Sequence[str], *, is_apart: bool, are_several: bool, first: Indicator
) -> None:
    """Leave what says how figures are told apart, whose, which and in what unit they are, where none of them is.

    ``first``: the indicator that is asked for before others.
    """
    if not is_apart:
        for term in said.of("spread"):
            said.leave(term, _NOT_APART)
    for term in said.of("ours"):
        is_only = term.meaning.value == "township_code" and len(said.words.names) == 1
        if not is_only and not townships and "village_code" not in where:
            said.leave(term, _WHOSE)
    if not is_apart and not are_several:
        for term in said.of("who"):
            said.leave(term, NOBODY)
    for term in said.of("unit"):
        fits, why = _MEASURES[term.meaning.value]
        if not any(unit in first.unit_zh for unit in fits):
            said.leave(term, why)
