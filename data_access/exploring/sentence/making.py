"""One question made of what the words of a sentence mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Literal

from data_access.areas import AREAS
from data_access.areas.petitions.area import LEVELS
from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.questions import can_be_searched, dimensions_for
from data_access.exploring.sentence.meaning import FULL, PART, Left, Order, Reading, Term
from data_access.exploring.sentence.periods import ONE_PERIOD, Against, Months, Reason, Untold, YearBefore
from data_access.exploring.sentence.untold import NO_AMOUNT, NOBODY
from data_access.exploring.sentence.vocabulary import Vocabulary
from data_access.model.indicator import Indicator
from data_access.scope import month_offset, month_range

_ELSEWHERE = 1.5
# Units of what takes time; the area that is asked about where no word tells of another
_OF_TIME = ("天", "小时")
USUAL_AREA = "petitions"
# Dimensions that say nothing of the area that is asked about
OF_ALL = frozenset({"township_code", "village_code", "league", "month", "week", "weekday", "hour"})
# Dimensions whose values are named by what cases are about
_MATTERS = frozenset({*LEVELS, "department", "responsible"})
# What is counted of an area where no more is said than what it is of
_GENERAL = frozenset(area.headlines[0] for area in AREAS.values() if area.headlines)
_MOST_INDICATORS, _MOST_DIMENSIONS = 4, 2

NOT_WITH: Reason = ("这个问题里用不上", "of no use in this question")
_ONE_TEXT: Reason = ("标题只能找一处连着的字", "titles are searched for one run of words")
_TOO_MANY: Reason = ("一次问不了这么多", "too many for one question")
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
_NO_RANK: Reason = ("只能给镇街、村、类别等排先后", "only townships, villages, kinds and the like are ranked")
_OTHER_PERIOD: Reason = ("只能和上年同期或上一时段比", "comparisons are with the year or the period before")
_WHICH_OF_THEM = re.compile(
    r"哪一?[个支台件条名位些]?(?:项目|工程|摄像头|摄像机|监控|探头|志愿者|网格员|工单|诉求)[^，,。]{0,4}$"
)
# Of two that are told apart; how fast something is
_COMPARATIVES = ("more", "less", "better", "worse", "faster", "slower")
_SPEEDS = ("slow", "fast", "slower", "faster")
# What is asked by a measure word is in one of these units; else the reason
_MEASURES: dict[str, tuple[tuple[str, ...], Reason]] = {
    "time": (_OF_TIME, _NO_TIME),
    "money": (("元",), NO_AMOUNT),
    "people": (("人", "名", "位"), _NO_PEOPLE),
    "households": (("家", "户"), _NO_PEOPLE),
}
_SO_MANY_OF = re.compile(
    r"了?(?:件数|数量|总数|人数|次数|[数量]|多少(?!个?小时|个?钟头|天|钱|万|亿|元)[件个次]?|几[件个次](?!小时))"
)
_ASKS_NUMBER = re.compile(r"(?:多少|几)[个台支条起场](?!小时|钟头|月|星期|季度)|how many|number of", re.IGNORECASE)
_HOW_MANY = re.compile(r"了?(?:多少|几)")
_JOINED = re.compile(r"^\s*[和与及、,，跟到至]?\s*$|^ and $")
_ADDED = re.compile(r"\s*[和与及跟、,，]\s*(?:各个?)?\s*|\s*以及\s*(?:各个?)?\s*")
_BOTH_OF = re.compile(r"\s*(?:和|与|跟|同|及|以及|and)?\s*")
_MOST_AND_LEAST = ("最多", "最少", "most", "least", "fewest")
_EACH = re.compile(r"[各每](?![天日周人户])|\b(?:each|every)\b", re.IGNORECASE)
_BEFORE_UNKNOWN = re.compile(r"(?:\b(?:by|per|which|each|every)(?: the)? |按照?|各个?|哪个|哪些)$")
# What makes a question; the rest only says more of one
_TELLING = frozenset({"count", "about", "by", "is", "list", "look", "text", "case", "time", "order"})


@lru_cache(maxsize=4096)
def _dimensions(indicators: tuple[Indicator, ...]) -> frozenset[str]:
    return frozenset(dimensions_for(indicators))


class Making:
    """One reading in the making, and how far it is from what was said."""

    def __init__(self, words: Vocabulary, left: Sequence[Left], sentence: str) -> None:
        self.words = words
        self.left = list(left)
        self.unknown = [one for one in left if one.why is None]
        self.sentence = sentence
        self.score = 0.0
        self.earlier: dict[int, Against] = {}
        self.terms: Sequence[Term] = ()

    def reading(self, terms: Sequence[Term]) -> Reading | None:
        """What these terms ask; None where they do not go together."""
        self.terms = terms
        of: dict[str, list[Term]] = {}
        for term in terms:
            of.setdefault(term.meaning.kind, []).append(term)
            self.score += term.meaning.distance + (0.1 if term.meaning.kind == "is" else 0)
        if not of:
            return None
        is_list = "list" in of
        ends = {(term.end, term.meaning.value) for term in of.get("is", ())}
        # 12345渠道 is no question by channel.
        begins = {(term.begin, term.meaning.value) for term in of.get("is", ())}
        told_by = [
            term
            for term in of.get("by", ())
            if (term.begin, term.meaning.value) not in ends and not self._is_named(term, begins)
        ]
        by = list(dict.fromkeys(term.meaning.value for term in told_by))
        for term in [one for one in of.get("by", ()) if one.meaning.value in by[_MOST_DIMENSIONS:]]:
            self._leave(term, _TOO_MANY)
        by = by[:_MOST_DIMENSIONS]
        if "against" in of:
            self._leave_measures(of)
        where, townships = self._where(of.get("is", ()), self._joined_by_or(of.get("or", ())))
        if where is None:
            return None
        for term in of.get("is", ()):
            if term.meaning.value == "league" and any(self._are_joined(one, term) for one in told_by):
                # 各镇和各街道: not 街道 alone
                self._leave(term, NOT_WITH)
                where.pop("league", None)
        several = ["township_code"] if len(townships) > 1 else []
        several += [name for name, values in where.items() if len(values) > 1 and DIMENSIONS[name].kind == "name"]
        if not by and ("versus" in of or "against" in of):
            by = several[:1]
        if not by and len(several) == 1 and "order" in of:
            # 大束和唐村哪个满意率高
            by = several
        if told_by and {*by, *several} <= {*LEVELS} and len(several) == 1 and "哪" in told_by[0].words:
            # 路灯不亮和井盖破损哪种多
            by = several
        if not by and len(where.get("league", ())) == 1 and _EACH.search(self.sentence):
            # 各街道满意率, 街道各多少件
            by = ["township_code"]
        if by != several and any(name not in by for name in several):
            for term in of.get("both", ()):
                self._leave(term, _ANY_OF)
        text = self._text(of.get("text", ()))
        asked = {*by, *where, *(("township_code",) if townships else ())}
        count = self._count(of, asked, bool(text), is_list)
        if count is None:
            return None
        indicators = tuple(self.words.indicators[code] for code in count)
        sort = self._sort(of, where, is_list=is_list)
        if not by:
            for term in of.get("spread", ()):
                self._leave(term, _NOT_APART)
        for term in of.get("ours", ()):
            is_only = term.meaning.value == "township_code" and len(self.words.names) == 1
            if not is_only and not townships and "village_code" not in where:
                self._leave(term, _WHOSE)
        if not by and not several:
            for term in of.get("who", ()):
                self._leave(term, NOBODY)
        for term in of.get("unit", ()):
            fits, why = _MEASURES[term.meaning.value]
            if not any(unit in indicators[0].unit_zh for unit in fits):
                self._leave(term, why)
        comparatives = [one for one in of.get("order", ()) if one.meaning.value in _COMPARATIVES]
        is_versus = "versus" in of or "against" in of or bool(comparatives and not by)
        months, compare = self._time(of.get("time", ()), is_versus=is_versus)
        if compare and not by:
            # 6月和7月哪个高: the figures of both tell
            of["order"] = [one for one in of.get("order", ()) if one not in comparatives]
            terms = [one for one in terms if one not in comparatives]
        order, top = self._order(
            of, indicators, is_told=bool(by), named=max(len(townships), *map(len, where.values()), 0)
        )
        if (order or top) and ((not by and len(townships) == 1) or _is_of_each(told_by)):
            for term in (*of.get("order", ()), *of.get("top", ())):
                self._leave(term, _ONE_PLACE if len(by) < 2 else _OF_EACH)
            order, top = None, None
        if order and not by and "who" in of:
            for term in of["order"]:
                self._leave(term, NOBODY)
            order, top = None, None
        if order and not by:
            by = ["township_code"]
        if "mean" in of and not (indicators[0].is_ratio or indicators[0].unit_zh in _OF_TIME):
            self._leave(of["mean"][0], _NO_MEAN)
        if not asked.union(by) <= _dimensions(indicators) or (text and not can_be_searched(indicators)):
            return None
        if any(one.meaning.distance > FULL for one in of.get("text", ())) and indicators[0].area != USUAL_AREA:
            # Only the titles of cases are looked through for words.
            return None
        if self._is_half(of, indicators):
            return None
        kept = tuple(
            # Of two periods the earlier one is what the other is compared with.
            replace(term, meaning=replace(term.meaning, time=self.earlier.get(term.begin, term.meaning.time)))
            for term in terms
            if not any(one.begin == term.begin for one in self.left)
        )
        if not any(term.meaning.kind in _TELLING for term in kept):
            return None
        look = of["look"][0].meaning.value if "look" in of else ""
        if look:
            count, by, where, order, top, is_list, text = ("received",), [], {}, None, None, False, ""
        return Reading(
            kept,
            tuple(sorted(self.left, key=lambda one: one.begin)),
            count,
            tuple(by),
            tuple(where.items()),
            townships,
            months,
            compare,
            order,
            top,
            is_list,
            text,
            sort,
            look,
        )

    def _leave(self, term: Term, why: Reason | None) -> None:
        self.left.append(Left(term.words, term.begin, term.end, why))

    def _are_joined(self, one: Term, other: Term) -> bool:
        """Whether nothing stands between two terms but what adds the one to the other."""
        first, second = sorted((one, other), key=lambda term: term.begin)
        return one.meaning.value == "township_code" and bool(_ADDED.fullmatch(self.sentence[first.end : second.begin]))

    def _is_half(self, of: dict[str, list[Term]], indicators: tuple[Indicator, ...]) -> bool:
        """Whether the words of what is counted are but a part of a name that means something else in this question."""
        speeds = [one for one in of.get("order", ()) if one.meaning.value in ("slow", "fast")]
        many = [one for one in of.get("order", ()) if one.words in _MOST_AND_LEAST]
        texts = [one for one in of.get("text", ()) if one.meaning.distance > FULL]
        if any(term.end == one.begin or term.begin == one.end for one in self.left for term in texts):
            # 楼顶漏水: not titles with 楼顶
            return True
        for term in self.terms:
            if term.meaning.kind == "about" and many and indicators[0].unit_zh in _OF_TIME:
                # 维修最多: not how long repairs take
                return True
            if (
                term.meaning.kind == "about"
                and self.words.indicators[term.meaning.value].unit_zh in _OF_TIME
                and (
                    _ASKS_NUMBER.search(self.sentence)
                    or any(self.sentence[term.end : one.begin] == "的" for one in of["about"])
                )
            ):
                # 修好的摄像头: not how long it took
                return True
            if term.meaning.distance < PART:
                continue
            if term.meaning.value in _MATTERS and any(
                one.end == term.begin
                and one.meaning.distance >= PART
                and one.meaning.value in _MATTERS
                and one.meaning.values != term.meaning.values
                for one in of["is"]
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
                term.begin == one.end or (term.end == one.begin and one.why == NOT_WITH) for one in self.left
            ):
                # 老旧小区改造: no 旱厕改造
                return True
            if term.meaning.kind == "is" and any(term.begin == one.end for one in of.get("top", ())):
                # 前十小区
                return True
            if term.meaning.kind in ("is", "count") and _SO_MANY_OF.match(self.sentence, term.end) and (
                term.meaning.kind == "is" or self.words.indicators[term.meaning.value].is_ratio
            ):  # fmt: skip
                # 回访件数: no rate
                return True
            if term.meaning.kind == "is" and any(term.begin == one.end for one in of.get("count", ())):
                # 在线率合格: no category with these words in it
                return True
            if term.meaning.kind != "count":
                continue
            indicator = self.words.indicators[term.meaning.value]
            if indicator.unit_zh == "%" and term.words[-1] not in "率度" and _ASKS_NUMBER.search(self.sentence):
                # 在线的摄像头有几个: no rate
                return True
            others = (one for one in (*of.get("about", ()), *of["count"]) if one is not term)
            if any(self.words.indicators[one.meaning.value].area != indicator.area for one in others):
                # 满意的项目: no satisfaction of projects
                return True
            if many and indicator.unit_zh == "%" and term.words[-1] not in "率度" and "rate" not in term.words:
                # 投资最多: no rate
                return True
            if any(
                one is not term and term.end == one.begin and one.meaning.value != term.meaning.value
                for one in of["count"]
            ):
                # 事件按期率: not two indicators
                return True
        return False

    def _is_unclear_end(self, term: Term) -> bool:
        """Whether a word that is not known tells of what the most or least is asked: 满意率最低的咕噜, lowest by blurg."""
        if any(one.meaning.kind == "time" and one.words.startswith("哪") for one in self.terms):
            # 哪天投诉最多
            return True
        for one in self.unknown:
            between = self.sentence[: one.begin]
            if (
                one.begin >= term.end
                and re.fullmatch(r"\s*[的是]*\s*", self.sentence[term.end : one.begin])
                and (not term.words.isascii())
            ):
                return True
            if _BEFORE_UNKNOWN.search(between.lower()):
                return True
        return False

    def _is_named(self, term: Term, begins: set[tuple[int, str]]) -> bool:
        """Whether a value of the dimension stands behind its name: 三级类别：井盖破损."""
        behind = re.compile(r"\s*[:：=]\s*").match(self.sentence, term.end)
        return behind is not None and (behind.end(), term.meaning.value) in begins

    def _leave_measures(self, of: dict[str, list[Term]]) -> None:
        """Leave what something is more or less than, unless two things of a kind or of time are told apart."""
        named = Counter(
            term.meaning.value for term in of.get("is", ()) if DIMENSIONS[term.meaning.value].kind == "name"
        )
        if any(count > 1 for count in named.values()) or "time" in of:
            return
        for term in of["against"]:
            behind = min((one for one in self.terms if one.begin > term.begin), key=lambda one: one.begin, default=term)
            end = (behind if behind.meaning.kind == "is" else term).end
            self.left.append(Left(self.sentence[term.begin : end], term.begin, end, _NO_MEASURE))
            of["is"] = [one for one in of.get("is", ()) if one is not behind]
        for term in of.get("order", ()):
            if term.meaning.value in _COMPARATIVES:
                self._leave(term, _NO_MEASURE)
        of["order"] = [one for one in of.get("order", ()) if one.meaning.value not in _COMPARATIVES]

    def _joined_by_or(self, ors: Sequence[Term]) -> frozenset[int]:
        """Where the values begin that stand behind an 或 whose other side is a value of the same dimension."""
        joined: set[int] = set()
        said = sorted(self.terms, key=lambda one: one.begin)
        for term in ors:
            place = said.index(term)
            beside = [one.meaning for one in (*said[max(place - 1, 0) : place], *said[place + 1 : place + 2])]
            if len(beside) == 2 and beside[0].kind == beside[1].kind == "count":
                continue
            if len(beside) == 2 and all(one.kind == "is" and one.value == beside[0].value for one in beside):
                joined.add(said[place + 1].begin)
            else:
                self._leave(term, _ONE_OF)
        return frozenset(joined)

    def _where(
        self, terms: Sequence[Term], joined: frozenset[int]
    ) -> tuple[dict[str, tuple[str, ...]] | None, tuple[str, ...]]:
        where: dict[str, tuple[str, ...]] = {}
        townships: tuple[str, ...] = ()
        for term in terms:
            dimension, values = term.meaning.value, term.meaning.values
            if dimension == "township_code":
                townships = tuple(dict.fromkeys((*townships, *values)))
            elif dimension in where and DIMENSIONS[dimension].kind == "answer" and term.begin not in joined:
                # 超期的、没办完的: both hold.
                where[dimension] = tuple(one for one in where[dimension] if one in values)
                if not where[dimension]:
                    return None, ()
            else:
                where[dimension] = tuple(dict.fromkeys((*where.get(dimension, ()), *values)))
        if townships:
            for term in terms:
                if term.meaning.within and term.meaning.within not in townships:
                    return None, ()
        return where, townships

    def _text(self, terms: Sequence[Term]) -> str:
        longest = max(terms, key=lambda one: len(one.words), default=None)
        for term in terms:
            if term is not longest:
                self._leave(term, _ONE_TEXT)
        return (longest.meaning.name or longest.words) if longest else ""

    def _count(
        self, of: dict[str, list[Term]], asked: set[str], has_text: bool, is_list: bool
    ) -> tuple[str, ...] | None:
        told = self._told(of)
        abouts = [term.meaning.value for term in of.get("about", ())]
        every = self.words.indicators
        if told:
            for term in of["count"]:
                if term.meaning.value in told[_MOST_INDICATORS:]:
                    self._leave(term, _TOO_MANY)
            told = told[:_MOST_INDICATORS]
        elif abouts:
            # In both languages the last noun is what the others tell more of, if it says more than what an area is.
            numbers = [one.meaning.value for one in of["about"] if _HOW_MANY.match(self.sentence, one.end)]
            told = list(dict.fromkeys(numbers)) if len(set(numbers)) > 1 else []
            told = told or [([code for code in abouts if code not in _GENERAL] or abouts)[-1]]
            is_timed = any(one.meaning.value in _SPEEDS for one in of.get("order", ())) or any(
                one.meaning.value == "time" for one in of.get("unit", ())
            )
            if is_timed and every[told[0]].area == USUAL_AREA:
                # 投诉办得最慢, 投诉多久办完
                told = [next(code for code, one in every.items() if one.area == USUAL_AREA and one.unit_zh in _OF_TIME)]
        else:
            speeds = [term for term in of.get("order", ()) if term.meaning.value in _SPEEDS]
            if any(one.end == speed.begin for one in self.left for speed in speeds):
                return None
            fits = (
                code
                for code, one in every.items()
                if asked <= _dimensions((one,)) and (not speeds or one.unit_zh in _OF_TIME)
            )
            first = next(fits, None)
            if first is None:
                return None
            told = [first]
        if every[told[0]].area != USUAL_AREA and not any(
            term.meaning.kind in ("count", "about", "is")
            and term.meaning.value not in OF_ALL
            and term.meaning.distance < PART
            for term in self.terms
        ):
            self.score += 0.5
        apart = {term.meaning.value for term in of.get("by", ())}
        if len(told) == 1 and told[0] in abouts and told[0] in _GENERAL and not apart <= _dimensions((every[told[0]],)):
            # 摄像头故障原因: of outages, not of cameras
            area = every[told[0]].area
            self.score += _ELSEWHERE
            told = [
                next(
                    (code for code, one in every.items() if one.area == area and asked <= _dimensions((one,))), told[0]
                )
            ]
        areas = {every[code].area for code in told}
        for term in of.get("about", ()):
            if every[term.meaning.value].area not in areas:
                self.score += _ELSEWHERE
                self._leave(term, NOT_WITH)
        return tuple(told)

    def _told(self, of: dict[str, list[Term]]) -> list[str]:
        """The indicators that are named, the first of them what is ranked by; nouns are of them where they must be."""
        if not of.get("count"):
            return []
        ends = {term.end for term in of.get("by", ())}
        heads = {term.end for term in of["count"]} | {
            term.end + 1 for term in of["count"] if self.sentence[term.end : term.end + 1] == "的"
        }
        nouns = [
            one
            for one in of.get("about", ())
            if one.begin not in heads
            and any(one.end == term.begin for term in of.get("order", ()))
            and any(term.meaning.distance < PART for term in of["count"])
        ]
        # 投诉最多的镇满意率是多少; 满意率最低的镇的投诉
        behind = [
            one
            for one in of.get("about", ())
            if of.get("order") and self.sentence[one.begin - 1 : one.begin] == "的" and one.begin - 1 in ends
        ]
        named = sorted(
            (*nouns, *of["count"]), key=lambda one: all(one.end != term.begin for term in of.get("order", ()))
        )
        return list(dict.fromkeys(term.meaning.value for term in (*named, *behind)))

    def _order(
        self, of: dict[str, list[Term]], indicators: tuple[Indicator, ...], *, is_told: bool, named: int
    ) -> tuple[Order | None, int | None]:
        """The order and the number of what is ranked. ``is_told``: it is told apart; ``named``: so many values are named."""
        order: Order | None = None
        for term in of.get("order", ()):
            if term.meaning.value == "old":
                continue
            if term.meaning.value in _COMPARATIVES and not is_told:
                self._leave(term, NOT_WITH)
                continue
            found = _direction(term.meaning.value, indicators[0])
            if found is None or (order and found != order):
                self._leave(term, NOT_WITH)
                continue
            if not is_told and self._is_unclear_end(term):
                self._leave(term, None)
                continue
            if not is_told and any(
                (not term.words.isascii() and self.sentence[term.end : one.begin] == "的")
                or _WHICH_OF_THEM.search(self.sentence[: one.end])
                for one in (*of.get("about", ()), *of.get("count", ()))
                if one.meaning.kind == "about" or _WHICH_OF_THEM.search(self.sentence[: one.end])
            ):
                # 投资最多的项目, 哪个项目进度最慢
                self._leave(term, _NO_RANK)
                continue
            order = found
        top: int | None = None
        for term in of.get("top", ()):
            if not is_told and any(one.begin == term.end for one in self.left):
                # 前十小区
                self._leave(term, None)
                continue
            match term.meaning.value:
                case _ if top is not None:
                    # 前三后三
                    self._leave(term, NOT_WITH)
                    continue
                case "first":
                    order = order or "high"
                case "last":
                    order = order or "low"
                case _ if order is None and term.meaning.number == named:
                    # 钢山、千泉、凫山三个街道
                    continue
                case _ if order is None:
                    self._leave(term, NOT_WITH)
                    continue
            top = term.meaning.number
        return order, top

    def _sort(self, of: dict[str, list[Term]], where: dict[str, tuple[str, ...]], *, is_list: bool) -> str:
        """The longest late first, where such a list is asked for."""
        longest = [term for term in of.get("order", ()) if term.meaning.value == "old"]
        are_late = bool(where.get("timeliness")) and {"late", "overdue"}.issuperset(where["timeliness"])
        if longest and is_list and are_late:
            return "urgency"
        for term in longest:
            self._leave(term, NOT_WITH)
        return ""

    def _are_two(self, one: Term, other: Term, *, are_long: bool) -> bool:
        """Whether two periods are told apart, not added up: 去年和今年, 一季度和二季度; 7月和8月 may be one."""
        return are_long and bool(_BOTH_OF.fullmatch(self.sentence[one.end : other.begin]))

    def _time(self, terms: Sequence[Term], *, is_versus: bool) -> tuple[tuple[str, str] | None, str | None]:
        months: tuple[str, str] | None = None
        against: Term | None = None
        compare: str | None = None
        earlier = False
        spans: list[Term] = []
        for term in terms:
            match term.meaning.time:
                case Untold(why):
                    self._leave(term, why)
                case Against():
                    against = term
                case YearBefore():
                    earlier = True
                case Months(start, end):
                    spans.append(term)
                    if months is None:
                        months = (start, end)
                        continue
                    both = max(start, months[0]), min(end, months[1])
                    if both[0] <= both[1]:
                        months = both
                        continue
                    found = _compared(months, (start, end))
                    are_long = months[0] != months[1] or start != end or (found is not None and found[1] == "year")
                    are_two = is_versus or self._are_two(spans[-2], term, are_long=are_long)
                    if are_two and found:
                        for one in [term] if found[0] == months else spans[:-1]:
                            self.earlier[one.begin] = Against(found[1])
                        months, compare = found
                    elif (
                        not are_two
                        and (month_offset(months[1], 1) == start or month_offset(end, 1) == months[0])
                        and _JOINED.search(self.sentence[spans[-2].end : term.begin])
                    ):
                        months = min(start, months[0]), max(end, months[1])
                    else:
                        self._leave(term, ONE_PERIOD)
        if against is not None and isinstance(against.meaning.time, Against):
            kind, length = against.meaning.time.kind, against.meaning.time.length
            if kind == "previous" and length:
                if months is None:
                    last = self.words.calendar.last
                    months = (max(month_offset(last, 1 - length), self.words.calendar.months[0]), last)
                if len(month_range(*months)) != length:
                    self._leave(against, _OTHER_PERIOD)
                    return months, compare
            compare = kind
        if earlier:
            start, end = months or self.words.calendar.usual
            months = month_offset(start, -12), month_offset(end, -12)
        return months, compare


def _is_of_each(told_by: Sequence[Term]) -> bool:
    """Whether the highest of each is asked: 每个部门最多的投诉类别."""
    return (
        len({term.meaning.value for term in told_by}) == 2
        and bool(re.match("[每各]|each |every ", told_by[0].words.lower()))
        and not any(DIMENSIONS[term.meaning.value].kind == "time" for term in told_by)
    )


def _compared(
    one: tuple[str, str], other: tuple[str, str]
) -> tuple[tuple[str, str], Literal["year", "previous"]] | None:
    """The later of two periods, and as what the earlier is compared with it."""
    earlier, later = sorted((one, other))
    length = len(month_range(*later))
    if tuple(month_offset(month, -12) for month in later) == earlier or (
        earlier[0][:4] != later[0][:4] and earlier[0] == month_offset(later[0], -12) and earlier[1][5:] == "12"
    ):
        return later, "year"
    if tuple(month_offset(month, -length) for month in later) == earlier:
        return later, "previous"
    return None


def _direction(word: str, indicator: Indicator) -> Order | None:
    """Which end of an indicator's figures a word means; None where it means none."""
    match word:
        case "high" | "low":
            return word
        case "more" | "less":
            return "high" if word == "more" else "low"
        case "slow" | "fast" | "slower" | "faster":
            is_slow = word.startswith("slow")
            if indicator.unit_zh not in _OF_TIME:
                return _direction("worst" if is_slow else "best", indicator)
            return "high" if is_slow else "low"
        case _:
            if indicator.direction == "neither":
                return None
            return "high" if (indicator.direction == "higher") == (word in ("best", "better")) else "low"
