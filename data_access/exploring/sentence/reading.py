"""What a sentence asks: the cheapest way to cut it into words of the vocabulary, and what these can mean together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, islice, product
from typing import Final

from data_access.areas import AREAS
from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.questions import can_be_searched, dimensions_for
from data_access.exploring.sentence.meaning import (
    FULL,
    PART,
    SHORT,
    Left,
    Meaning,
    Order,
    Reading,
    Term,
    Understood,
)
from data_access.exploring.sentence.periods import Against, Either, Months, Reason, Untold, YearBefore, number, times_at
from data_access.exploring.sentence.tokens import Token, Tokens, tokens_of
from data_access.exploring.sentence.vocabulary import BROKEN, Vocabulary, words_of
from data_access.model.indicator import Indicator
from data_access.scope import month_offset, month_range

# What it costs to take tokens for something. A word that is not known costs more than any that is.
_WORD, _REST, _TIME, _SOUND, _TITLE, _UNKNOWN = 1.0, 0.6, 0.9, 1.3, 0.5, 3.0
# How much farther from what was said another reading may be to be offered, too
_OFFERED = 0.95
_ELSEWHERE = 1.5
_MOST_READINGS, _MOST_COMBINATIONS, _MOST_SYLLABLES = 6, 3000, 6
# Units of what takes time; the area that is asked about where no word tells of another
_OF_TIME = ("天", "小时")
USUAL_AREA = "petitions"
# Dimensions that say nothing of the area that is asked about
_OF_ALL = frozenset({"township_code", "village_code", "league", "month", "week", "weekday", "hour"})
MOST_INDICATORS, MOST_DIMENSIONS = 4, 2
LONGEST_SENTENCE = 120

_ENGLISH: Final = "two|three|four|five|six|seven|eight|nine|ten"
_NUMBER: Final = rf"\d{{1,2}}|[一二两三四五六七八九十]{{1,3}}|one|{_ENGLISH}"
_TOPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"(?:排名|排)?(?:前|top|first|the top|the first)\s*({_NUMBER})\s*(?:个|名|位|大|强|条|的)?"), "first"),
    (
        re.compile(
            rf"(?:排名|排)?(?:倒数前?|最后|后|末尾?|bottom|the bottom|the last)\s*({_NUMBER})\s*(?:个|名|位|条)?"
        ),
        "last",
    ),
    (re.compile(r"(?:排名|排)?第(?:([一二三四五六七八九十]|\d{1,2})(?:名|位)|(一)(?!季|个|书|[\d月]))"), "first"),
    (re.compile(r"(?:排名|排)?倒数第([一二三四五六七八九十]|\d{1,2})(?:名|位|个)?"), "last"),
    (re.compile(rf"({_NUMBER})\s*(?:个|名|位)|(?:\d{{1,2}}|{_ENGLISH})\b"), "many"),
)
_CASE_NUMBER = re.compile(r"(?<![a-z0-9])(?=[a-z\-_/]*\d)[a-z0-9][a-z0-9\-_/]{5,}(?![a-z0-9])")

# Titles that hold what stands behind such words, or in quotation marks
_QUOTED = re.compile(r"[“”\"'「『‘]\s*([^“”\"'」』’]{1,40}?)\s*[“”\"'」』’]")
_OF_TITLES = re.compile(
    r"(?:标题|题目|名称)(?:里面?|中|上)?(?:含有?|包含|有|带有?|写着?|是|提到)*\s*[“\"「『]?([^\s的“”\"'「『”」』]{1,40})[”\"」』]?"
    r"|(?:titles?|titled|mentioning)\s+(?:with |has |have |containing |contains |that contain |including )?(\w{1,40})"
)
_HOURS = re.compile(
    r"(凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里)?(\d{1,2}|[一二两三四五六七八九十]{1,3})(?:点钟?|时)(?!\d)"
)
_AT_LEAST = re.compile(
    r"(?:(?:低于|高于|超过|超出|不到|不足|不低于|不高于|不超过|少于|多于|大于|小于|达到|没到|未到|>=?|<=?|≥|≤|"
    r"below|above|over|under|more than|less than|fewer than|at least|at most|greater than)\s*"
    r"[\d.]+\s*(?:%|件|天|小时|个百分点|分|个|per ?cent|days?|hours?|cases)?(?:以上|以下|以内)?"
    r"|[\d.]+\s*(?:%|件|天|小时|个百分点|分|个)?\s*(?:以上|以下|以内))"
)
_NOT_TOLD = (
    (
        re.compile(
            r"(?:前|后|倒数|top|bottom)\s*(?:\d+|[一二三四五六七八九十]+)\s*(?:%|成|个百分点)"
            r"|(?:每|各)个?(?:镇街|镇|街道|村|部门)(?:排名)?(?:前|倒数)\s*(?:\d+|[一二三四五六七八九十]+)(?:名|个)?"
            r"|(?:\d+|[一二三四五六七八九十]+)个月以上"
        ),
        ("前几只能是个数，全体一起排", "the first so many of all, no share and not of each"),
    ),
    (
        re.compile(r"(?:outside(?: of)?|before|after) (?:[a-z]+)"),
        ("不会排除，只会选取", "what is asked for can be chosen, not left out"),
    ),
    (
        re.compile(r"为什么|为何|怎么回事|什么原因|原因是什么|凭什么|why"),
        ("只答是多少，不答为什么", "how many is told, not why"),
    ),
    (
        re.compile(
            r"占比|占总数|占全县|占|比例|比重|百分比|百分之几|所占|share of|percentage of|proportion of|share|percentage|proportion"
        ),
        ("占比不能直接问；按它分，表里能看出来", "shares are not asked for: ask by it, and see the table"),
    ),
    (
        re.compile(
            r"(?:上升|下降|增加|增多|减少|增长|变好|变差|变多|变少|变快|变慢|好转|恶化|回升|回落|上涨|下滑|升高|降低|走高|走低|"
            r"多了|少了|高了|低了|涨了|降了|升了|涨|跌)(?!了?(?:多少|几|幅度|情况|百分))(?:得|了|的)?(?:最[快慢多少大小高低明显]+|较?[快慢多大])?"
            r"|(?:increas|decreas|improv|worsen|declin|ris|fall|drop|grow)(?:e|ed|es|ing|en|s|ped|ping)?\b|rose|fell|grew|grown|went (?:up|down)|got (?:better|worse)"
        ),
        ("不能按升降挑选；表里有和对比时段的差", "rises and falls are no filter: the table shows the difference"),
    ),
    (
        re.compile(
            r"人均|户均|村均|镇均|月均|均值|每(?:一|个|名|位|支|台|件|条)?(?:人|户|村民|居民|志愿者|网格员|队员|摄像头|探头|监控|项目)|per (?:person|head|capita|worker|volunteer|camera|project)"
        ),
        ("不按人、按户、按个求平均", "no averages per head or piece"),
    ),
    (
        re.compile(
            r"(?:近|最近|过去|前)?(?:一两|两三|三四|三五|四五|五六|六七|七八|八九|十几|几十|好几|若干)(?:个月|[个名位天年件]+)"
        ),
        ("不知道是几", "how many is not said"),
    ),
    (
        re.compile(
            r"(?:低于|高于|不及|落后于|超过|超出|好于|差于)(?:全县|全市|全区|县里|平均|计划|目标|均)[\u4e00-\u9fff]{0,3}?(?=的|$)"
        ),
        ("不能按数值筛选；可以问最高、最低、前几", "figures are no filter: ask for the highest or lowest"),
    ),
    (re.compile(r"中位数?|中位值|众数|典型|标准差|方差|median"), ("只有平均数", "there are means only")),
    (
        re.compile(r"平均每(?:个|支|名|台|位|家|条|件)?(?:队伍|志愿队|队)?(?![天日周月])"),
        ("只数总数，不求平均", "totals are told, no averages"),
    ),
    (
        re.compile(r"(?:按|每个?|各个?|逐|分)季度?|by quarter|quarterly|each quarter|per quarter"),
        ("不能按季度分；可以按月", "not told by quarter: ask by month"),
    ),
    (_AT_LEAST, ("不能按数值筛选；可以问最高、最低、前几", "figures are no filter: ask for the highest or lowest")),
)

_NOT_WITH: Reason = ("这个问题里用不上", "of no use in this question")
_ONE_PERIOD: Reason = ("一次只能问一段连着的时间", "a question is of one period")
_ONE_TEXT: Reason = ("标题只能找一处连着的字", "titles are searched for one run of words")
_TOO_MANY: Reason = ("一次问不了这么多", "too many for one question")
_TURNED: Reason = ("不会排除，只会选取", "what is asked for can be chosen, not left out")
_NO_MEAN: Reason = ("只数总数，不求平均", "totals are told, no averages")
_NO_RANK: Reason = ("只能给镇街、村、类别等排先后", "only townships, villages, kinds and the like are ranked")
_NO_CASE: Reason = ("您可查看的诉求里没有这个编号", "no case that you may see has this number")
_OTHER_PERIOD: Reason = ("只能和上年同期或上一时段比", "comparisons are with the year or the period before")


@dataclass(frozen=True)
class _Piece:
    """Tokens from ``first`` up to ``after``, and what they may mean (nothing: not known)."""

    first: int
    after: int
    cost: float
    meanings: tuple[Meaning, ...] = ()


def understood(sentence: str, words: Vocabulary, is_case: Callable[[str], bool] = lambda _number: False) -> Understood:
    """What a sentence asks; ``is_case``: whether there is a case of that number that the viewer may see."""
    tokens = tokens_of(sentence[:LONGEST_SENTENCE])
    pieces = list(_pieces(tokens, words, is_case))
    path = _cheapest(tokens.tokens, pieces)
    if further := list(_pieces_of_unknown(tokens, path, words)):
        path = _cheapest(tokens.tokens, [*pieces, *further])
    if any(_is_cut_out(tokens, piece, path) for piece in path):
        return Understood(())
    known, unknown = _parted(tokens, path, words)
    left = tuple(Left(tokens.typed(first, after), *tokens.span(first, after), why) for first, after, why in unknown)
    read = [one for one in _readings(tokens, known, left, words) if _is_clear(one[1], sentence, words)]
    if not read:
        return Understood(())
    best = read[0][0]
    sure = [reading for score, reading in read if score <= best + 1e-9]
    if not any(_is_usual(one, words) for one in sure):
        # A word of another area may begin a name of the usual one, too: 安全隐患.
        sure += [one for score, one in read if best + 1e-9 < score <= best + 1.2 and _is_usual(one, words)]
    others = [reading for score, reading in read if reading not in sure and score <= best + _OFFERED]
    return Understood(tuple(sure[:_MOST_READINGS]), tuple(others[:_MOST_READINGS]))


@lru_cache(maxsize=1)
def _nouns_of_other_areas() -> tuple[str, ...]:
    return tuple(
        noun
        for area in AREAS.values()
        if area.code != USUAL_AREA
        for nouns in area.nouns.values()
        for noun in words_of(nouns)
    )


# In what is not understood, the end of an indicator's name
_OF_INDICATORS = re.compile(r"[率数量额时度]|进度|比例|天$")


def _is_clear(reading: Reading, sentence: str, words: Vocabulary) -> bool:
    """Whether what is counted is said by the words that are known, not by those beside them that are not."""
    unknown = [one for one in reading.left if one.why is None]
    kinds = {term.meaning.kind for term in reading.terms if term.meaning.distance < PART}
    if not kinds & {"count", "about", "case", "look"} and any(
        noun in one.words.lower() for one in reading.left for noun in _nouns_of_other_areas()
    ):
        # 没有志愿队的村: of what is not understood, not of cases
        return False
    parts = [term for term in reading.terms if term.meaning.kind == "is" and term.meaning.distance >= PART]
    if parts and not kinds & {"count", "about"} and any(_OF_INDICATORS.search(one.words) for one in unknown):
        # 隐患咕噜率
        return False
    if not unknown or kinds & {"case", "look", "count"} or reading.count == ("received",):
        return True
    if "about" not in kinds or any(_OF_INDICATORS.search(one.words) for one in unknown):
        # 滞后的咕噜: of what, is not known. Of the usual area it is the number of cases.
        return False
    # 摄像头咕噜
    return not any(
        one.begin >= term.end and re.fullmatch(r"\s*的?", sentence[term.end : one.begin])
        for one in unknown
        for term in reading.terms
        if term.meaning.kind == "about"
    )


def _is_usual(reading: Reading, words: Vocabulary) -> bool:
    """Whether it is of the usual area, or said to be of another one."""
    is_told = any(term.meaning.kind in ("count", "about") for term in reading.terms)
    return is_told or words.indicators[reading.count[0]].area == USUAL_AREA


_MOST_OF = tuple(f"最{word}的" for word in "多少高低大小长短快慢好差")
# Behind a place's bare name: what is named after it
_PROPER_NOUN = re.compile(
    r"[\u4e00-\u9fff]{0,4}?(?:公司|集团|[厂路店牌桥矿酒]|大街|学校|小学|中学|医院|超市|商场|市场|倒|死|垮)"
)
# What stands before a dimension of one character
_BEFORE_ONE = frozenset("个名位的哪各每些按分和与或大")

# --- Cutting --------------------------------------------------------------------------------------


def _pieces(tokens: Tokens, words: Vocabulary, is_case: Callable[[str], bool]) -> Iterator[_Piece]:
    """Every run of tokens that means something."""
    ends = {token.end: place + 1 for place, token in enumerate(tokens.tokens)}
    for first, token in enumerate(tokens.tokens):
        yield from _named(tokens, first, words)
        for end, time in times_at(tokens.plain, token.begin, words.calendar):
            end = token.begin + len(tokens.plain[token.begin : end].rstrip())
            if end in ends and _ends_word(tokens, ends[end]):
                times = time.times if isinstance(time, Either) else (time,)
                yield _Piece(first, ends[end], _TIME, tuple(Meaning("time", time=one) for one in times))
        for pattern, which in _TOPS:
            found = pattern.match(tokens.plain, token.begin)
            if not found:
                continue
            end = found.start() + len(found.group().rstrip())
            if end not in ends:
                continue
            try:
                many = number(next(filter(None, found.groups()), found.group()))
            except (ValueError, KeyError):
                continue
            cost = _TIME if which != "many" else 1.4
            yield _Piece(first, ends[end], cost, (Meaning("top", which, number=many),))
        if (found := _CASE_NUMBER.match(tokens.plain, token.begin)) and found.end() in ends:
            typed = tokens.typed(first, ends[found.end()])
            meaning = Meaning("case", typed) if is_case(typed) else Meaning("untold", why=_NO_CASE)
            yield _Piece(first, ends[found.end()], _TIME, (meaning,))
        for pattern in (_QUOTED, _OF_TITLES):
            if (found := pattern.match(tokens.plain, token.begin)) and found.end() in ends:
                own = next(filter(None, found.groups()))
                is_there = own in words.titles
                meaning = Meaning("text", own, name=_as_typed(tokens, found)) if is_there else Meaning("untold")
                yield _Piece(first, ends[found.end()], _TIME, (meaning,))
        found = _HOURS.match(tokens.plain, token.begin)
        if found and found.end() in ends and (hour := _hour(found)) is not None:
            yield _Piece(first, ends[found.end()], _TIME, (Meaning("is", "hour", (str(hour),), found.group()),))
        for pattern, why in _NOT_TOLD:
            found = pattern.match(tokens.plain, token.begin)
            if found and found.end() in ends and _ends_word(tokens, ends[found.end()]):
                yield _Piece(first, ends[found.end()], _TIME, (Meaning("untold", why=why),))


def _as_typed(tokens: Tokens, found: re.Match[str]) -> str:
    """The words that a pattern has found for titles, as they were typed."""
    begin, end = next(found.span(place) for place in range(1, found.re.groups + 1) if found[place])
    return tokens.sentence[tokens.places[begin] : tokens.places[end - 1] + 1]


def _hour(found: re.Match[str]) -> int | None:
    """The hour of the day; None where there is no such one."""
    try:
        hour = number(found[2])
    except (ValueError, KeyError):
        return None
    if (found[1] in ("下午", "傍晚", "晚上", "夜里") and 1 <= hour < 12) or (found[1] == "中午" and hour < 3):
        hour += 12
    return hour if hour < 24 else None


def _ends_word(tokens: Tokens, after: int) -> bool:
    """Whether no word of letters goes on behind these tokens: 3 months, not 3 mo."""
    if after == len(tokens.tokens):
        return True
    before, behind = tokens.tokens[after - 1], tokens.tokens[after]
    return behind.is_apart or not (
        before.word.isascii() and before.word.isalnum() and behind.word.isascii() and behind.word.isalnum()
    )


def _named(tokens: Tokens, first: int, words: Vocabulary) -> Iterator[_Piece]:
    most = max(words.longest.get(tokens.tokens[first].stem, 0), words.longest.get(tokens.tokens[first].word, 0))
    for after in range(first + 1, min(first + most, len(tokens.tokens)) + 1):
        if tokens.crosses_space(first, after):
            break
        own = tokens.tokens[first:after]
        found = words.words.get(" ".join(token.stem for token in own), ())
        is_told = first > 0 and tokens.tokens[first - 1].word in _BEFORE_ONE
        is_told = is_told or (first == 0 and len(tokens.tokens) > 1 and tokens.tokens[1].word in _BEFORE_ONE)
        if first > 0 and (
            tokens.tokens[first - 1].word.isdigit() or (own[0].word == "月" and tokens.tokens[first - 1].word == "个")
        ):
            # 4小时, 第三个月
            found = tuple(one for one in found if one.kind != "by" or one.value not in ("hour", "month"))
        if len(own) == 1 and own[0].is_chinese and not is_told and not tokens.is_alone(first, after):
            # One character is a dimension only where it stands alone, or behind such a word: 前5个村, 最多的村.
            found = tuple(one for one in found if one.kind != "by")
            # 哪个村投诉多; not in the middle of a word
            if after < len(tokens.tokens) and not tokens.tokens[after].is_apart:
                ends = tokens.tokens[after].is_sign or tokens.tokens[after].word in "的吗呢啊"
                found = found if ends else tuple(one for one in found if one.kind != "order")
        if (
            first > 2
            and tokens.plain[tokens.tokens[first - 3].begin : tokens.tokens[first].begin] in _MOST_OF
            and any(one.kind == "by" for one in found)
        ):
            # 上报最多的网格: by grid, not how many grids
            found = tuple(one for one in found if one.kind == "by")
        if (
            any(one.kind == "about" for one in found)
            and tokens.plain[tokens.tokens[after - 1].end :].startswith("的")
            and not is_told
        ):
            # 网格的办结率: of grids, not by grid
            found = tuple(one for one in found if one.kind != "by")
        if tokens.plain[own[0].begin : own[-1].end] in BROKEN and not any(
            noun in tokens.plain for noun in words_of(AREAS["cameras"].nouns["cameras"])
        ):
            # 路灯坏了 is no outage of a camera.
            found = (Meaning("rest"),)
        if found:
            nearest = min(one.distance for one in found)
            is_rest = all(one.kind == "rest" for one in found)
            yield _Piece(first, after, _REST if is_rest else _WORD + 0.6 * nearest, found)
    heard = ""
    for after in range(first + 1, min(first + _MOST_SYLLABLES, len(tokens.tokens)) + 1):
        token = tokens.tokens[after - 1]
        sound = token.word.removesuffix("'s")
        if not (sound.isascii() and sound.isalpha()):
            break
        heard += sound
        if meant := words.sounds.get(heard, ()):
            yield _Piece(first, after, _SOUND + 0.6 * min(one.distance for one in meant), meant)


def _cheapest(tokens: Sequence[Token], pieces: Sequence[_Piece]) -> list[_Piece]:
    """The pieces that cover all tokens at the lowest cost; single tokens may be unknown, signs say nothing."""
    by_end: dict[int, list[_Piece]] = {}
    for piece in pieces:
        by_end.setdefault(piece.after, []).append(piece)
    for place, token in enumerate(tokens):
        cost = 0.0 if token.is_sign else _UNKNOWN
        by_end.setdefault(place + 1, []).append(_Piece(place, place + 1, cost))
    best: list[tuple[float, int, list[_Piece]]] = [(0.0, 0, [])]
    for after in range(1, len(tokens) + 1):
        ways = ((best[piece.first][0] + piece.cost, best[piece.first][1] + 1, piece) for piece in by_end[after])
        cost, count, last = min(ways, key=lambda way: (round(way[0], 6), way[1]))
        best.append((cost, count, [*best[last.first][2], last]))
    return best[-1][2]


def _is_unsure(tokens: Tokens, piece: _Piece) -> bool:
    """Whether it is not known, or only in part, or a single character that says nothing."""
    if not piece.meanings:
        return not tokens.tokens[piece.first].is_sign
    if all(one.kind in ("rest", "twist", "versus") for one in piece.meanings):
        return piece.after - piece.first == 1 and tokens.tokens[piece.first].is_chinese
    return min(one.distance for one in piece.meanings) >= PART


def _pieces_of_unknown(tokens: Tokens, path: Sequence[_Piece], words: Vocabulary) -> Iterator[_Piece]:
    """What is unknown may be the short name of a department, or words of titles."""
    run: list[_Piece] = []
    for piece in (*path, None):
        if piece is not None and _is_unsure(tokens, piece):
            run.append(piece)
            continue
        if any(not one.meanings for one in run):
            yield from _in_run(tokens, run[0].first, run[-1].after, words)
        run = []


def _in_run(tokens: Tokens, first: int, last: int, words: Vocabulary) -> Iterator[_Piece]:
    for begin in range(first, last - 1):
        is_title = True
        for after in range(begin + 2, last + 1):
            if tokens.crosses_space(begin, after):
                break
            own = "".join(token.word for token in tokens.tokens[begin:after])
            if own.isascii():
                continue
            if abbreviated := _abbreviated(own, words):
                yield _Piece(begin, after, _WORD + 0.6, abbreviated)
            is_title = is_title and own in words.titles and not any(own in name for name in words.names.values())
            if is_title:
                yield _Piece(begin, after, _WORD + _TITLE * (after - begin), (Meaning("text", own, distance=SHORT),))


def _abbreviated(short: str, words: Vocabulary) -> tuple[Meaning, ...]:
    """The departments whose names have the characters of a short one in their order, the first and the last among them."""
    if not 2 <= len(short) <= 8:
        return ()
    found = []
    for name, meaning in words.abbreviated:
        bare = name.removeprefix("市").removeprefix("县").removeprefix("区")
        own = short.removeprefix("市").removeprefix("县").removeprefix("区")
        ends = (bare[-1], "联") if "联合会" in bare else (bare[-1],)
        if len(own) < 2 or bare[0] != own[0] or (own[-1] not in ends and len(own) < 4):
            continue
        rest = iter(bare)
        if all(sign in rest for sign in own):
            found.append(replace(meaning, distance=0.6))
    return tuple(found) if len(found) <= 3 else ()


def _parted(
    tokens: Tokens, path: Sequence[_Piece], words: Vocabulary
) -> tuple[list[_Piece], list[tuple[int, int, Reason | None]]]:
    """The pieces that mean something, and the runs of tokens that do not, with the reason where there is one.

    A character that says nothing between two that are not known belongs to them. What turns words into something else is
    not known together with them.
    """
    unknown: list[tuple[int, int, Reason | None]] = []
    known: list[_Piece] = []

    def add(first: int, after: int, why: Reason | None = None) -> None:
        last = unknown[-1] if unknown else (0, -2, None)
        is_near = first <= last[1] or (first == last[1] + 1 and _says_nothing(by_place.get(last[1])))
        if is_near and not tokens.crosses_space(last[0], after):
            unknown[-1] = (last[0], after, last[2] or why)
        else:
            unknown.append((first, after, why))

    by_place = {piece.first: piece for piece in path}
    glued = [piece for piece in path if _is_glued(tokens, piece, path, words)]
    twist: _Piece | None = None
    turned: _Piece | None = None
    for piece in path:
        kinds = {one.kind for one in piece.meanings}
        if not kinds:
            if tokens.tokens[piece.first].is_sign:
                continue
            add(twist.first if twist else piece.first, piece.after, _TURNED if twist else None)
            twist = None
        elif kinds == {"rest"}:
            continue
        elif kinds == {"twist"}:
            twist = twist or piece
        elif kinds == {"twisted"}:
            first = known.pop().first if known and not (unknown and unknown[-1][1] >= piece.first - 1) else piece.first
            add(first, piece.after, _TURNED)
        elif twist:
            add(twist.first, piece.after, _TURNED)
            twist, turned = None, piece
        elif turned and piece.first == turned.after and _is_named_by(piece, turned):
            # 非12345渠道
            add(turned.first, piece.after, _TURNED)
        elif kinds == {"untold"}:
            add(piece.first, piece.after, piece.meanings[0].why)
        elif piece in glued:
            add(piece.first, piece.after)
        else:
            known.append(piece)
    if twist:
        add(twist.first, twist.after, _TURNED)
    return known, unknown


def _is_cut_out(tokens: Tokens, piece: _Piece, path: Sequence[_Piece]) -> bool:
    """Whether a place's bare name may be but the beginning of another name: what stands right behind it is not known."""
    nearest = min(piece.meanings, key=lambda one: one.distance, default=None)
    if nearest is None or nearest.value != "township_code" or nearest.distance == FULL:
        return False
    return any(
        not one.meanings
        and one.first == piece.after
        and tokens.tokens[one.first].is_chinese
        and not tokens.tokens[one.first].is_apart
        for one in path
    ) and not _PROPER_NOUN.match(tokens.plain, tokens.tokens[piece.after - 1].end)


def _is_misspelt(tokens: Tokens, piece: _Piece, words: Vocabulary) -> bool:
    """Whether with what stands before it, it is another indicator's name but for one character."""
    end = tokens.tokens[piece.after - 1].end
    own = tokens.plain[tokens.tokens[piece.first].begin : end]
    return any(
        len(own) < len(one.zh) <= end
        and one.zh.endswith(own)
        and sum(sign != meant for sign, meant in zip(tokens.plain[end - len(one.zh) : end], one.zh, strict=True)) == 1
        for one in words.indicators.values()
    )


def _is_glued(tokens: Tokens, piece: _Piece, path: Sequence[_Piece], words: Vocabulary) -> bool:
    """Whether it was found in part of a word only: the rest of which, beside it, is not known."""
    nearest = min(piece.meanings, key=lambda one: one.distance, default=None)
    if nearest is None:
        return False
    unknown = [one for one in path if not one.meanings and not tokens.tokens[one.first].is_sign]
    before = [one for one in unknown if one.after == piece.first and not tokens.tokens[piece.first].is_apart]
    behind = [one for one in unknown if one.first == piece.after and not tokens.tokens[one.first].is_apart]
    kinds = {one.kind for one in piece.meanings}
    if before and (
        any(one.value == "league" for one in piece.meanings)
        or any(one.kind == "by" and one.value in ("township_code", "village_code") for one in piece.meanings)
    ):
        # 大朿街道
        return True
    if before and kinds == {"order"} and {one.value for one in piece.meanings} & {"slow", "fast", "old"}:
        # 抢修最快: how fast is told by what is done.
        return True
    if before and "count" in kinds and _is_misspelt(tokens, piece, words):
        # 按其办结率
        return True
    if (before or behind) and kinds == {"top"} and all(one.value == "many" for one in piece.meanings):
        # 某三个月
        return True
    if behind and kinds & {"is", "count", "about"} and tokens.tokens[behind[0].first].word in "率度比":
        # 超期率
        return True
    if behind and any(one.kind == "is" and DIMENSIONS[one.value].kind == "answer" for one in piece.meanings):
        # 好评律
        return True
    if kinds <= {"is", "count", "about"} and any(
        one.first == piece.after and tokens.tokens[one.first].word in ("rate", "ratio", "percentage") for one in unknown
    ):
        # overdue rate
        return True
    if behind and nearest.value == "township_code" and nearest.distance > FULL:
        # 太平酒厂
        return bool(_PROPER_NOUN.match(tokens.plain, tokens.tokens[piece.after - 1].end))
    if nearest.value == "township_code" or nearest.distance < (SHORT if nearest.kind in ("text", "is") else PART):
        return False
    return bool(before or behind)


def _is_named_by(piece: _Piece, before: _Piece) -> bool:
    """Whether it names the dimension that the piece before it has a value of: 12345渠道."""
    names = {one.value for one in before.meanings if one.kind == "is"}
    return any(one.kind == "by" and one.value in names for one in piece.meanings)


def _says_nothing(piece: _Piece | None) -> bool:
    return piece is not None and piece.after - piece.first == 1 and all(one.kind == "rest" for one in piece.meanings)


# --- Putting together -----------------------------------------------------------------------------


def _readings(
    tokens: Tokens, known: Sequence[_Piece], left: tuple[Left, ...], words: Vocabulary
) -> list[tuple[float, Reading]]:
    """What the pieces can mean together, the most likely first; some are left out where they do not go together."""
    pieces = [replace(piece, meanings=_likely(piece.meanings)) for piece in known]
    for count in range(len(pieces) + 1):
        found: dict[tuple[object, ...], tuple[float, Reading]] = {}
        for out in combinations(range(len(pieces)), count):
            kept = [piece for place, piece in enumerate(pieces) if place not in out]
            without = [
                Left(tokens.typed(one.first, one.after), *tokens.span(one.first, one.after), _NOT_WITH)
                for place, one in enumerate(pieces)
                if place in out
            ]
            for chosen in islice(product(*(piece.meanings for piece in kept)), _MOST_COMBINATIONS):
                terms = [
                    Term(tokens.typed(piece.first, piece.after), *tokens.span(piece.first, piece.after), meaning)
                    for piece, meaning in zip(kept, chosen, strict=True)
                ]
                made = _Making(words, [*left, *without], tokens.sentence)
                if (reading := made.reading(terms)) is None:
                    continue
                score = made.score + 0.01 * len(reading.left)
                if reading.says not in found or found[reading.says][0] > score:
                    found[reading.says] = (score, reading)
        if found:
            return sorted(found.values(), key=lambda one: one[0])
        if count == 2:
            break
    return []


def _likely(meanings: Sequence[Meaning]) -> tuple[Meaning, ...]:
    """The meanings of words that are worth trying: those that say something, before those that do not."""
    telling = [one for one in meanings if one.kind != "rest"]
    return tuple(sorted(telling, key=lambda one: one.distance)[:12])


@lru_cache(maxsize=4096)
def _dimensions(indicators: tuple[Indicator, ...]) -> frozenset[str]:
    return frozenset(dimensions_for(indicators))


_WHICH_OF_THEM = re.compile(
    r"哪一?[个支台件条名位些]?(?:项目|工程|摄像头|摄像机|监控|探头|志愿者|网格员|工单|诉求)[^，,。]{0,4}$"
)
_MOST_AND_LEAST = ("最多", "最少", "most", "least", "fewest")
_BEFORE_UNKNOWN = re.compile(r"(?:\b(?:by|per|which|each|every)(?: the)? |按照?|各个?|哪个|哪些)$")
# What makes a question; the rest only says more of one
_TELLING = frozenset({"count", "about", "by", "is", "list", "look", "text", "case", "time", "order"})


class _Making:
    """One reading in the making, and how far it is from what was said."""

    def __init__(self, words: Vocabulary, left: Sequence[Left], sentence: str) -> None:
        self.words = words
        self.left = list(left)
        self.unknown = [one for one in left if one.why is None]
        self.sentence = sentence
        self.score = 0.0
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
        told_by = [term for term in of.get("by", ()) if (term.begin, term.meaning.value) not in ends]
        by = list(dict.fromkeys(term.meaning.value for term in told_by))
        for term in [one for one in of.get("by", ()) if one.meaning.value in by[MOST_DIMENSIONS:]]:
            self._leave(term, _TOO_MANY)
        by = by[:MOST_DIMENSIONS]
        where, townships = self._where(of.get("is", ()))
        if where is None:
            return None
        if "versus" in of and not by:
            several = [name for name, values in where.items() if len(values) > 1 and DIMENSIONS[name].kind == "name"]
            by = ["township_code"] if len(townships) > 1 else several[:1]
        text = self._text(of.get("text", ()))
        asked = {*by, *where, *(("township_code",) if townships else ())}
        count = self._count(of, asked, bool(text), is_list)
        if count is None:
            return None
        indicators = tuple(self.words.indicators[code] for code in count)
        sort = self._sort(of, where, is_list=is_list)
        order, top = self._order(of, indicators)
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
        months, compare = self._time(of.get("time", ()), is_versus="versus" in of)
        kept = tuple(term for term in terms if not any(one.begin == term.begin for one in self.left))
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

    def _is_half(self, of: dict[str, list[Term]], indicators: tuple[Indicator, ...]) -> bool:
        """Whether the words of what is counted are but a part of a name that means something else in this question."""
        speeds = [one for one in of.get("order", ()) if one.meaning.value in ("slow", "fast")]
        many = [one for one in of.get("order", ()) if one.words in _MOST_AND_LEAST]
        texts = [one for one in of.get("text", ()) if one.meaning.distance > FULL]
        for term in self.terms:
            if term.meaning.kind == "about" and many and indicators[0].unit_zh in _OF_TIME:
                # 维修最多: not how long repairs take
                return True
            if term.meaning.distance < PART:
                continue
            if any(term.end == one.begin or term.begin == one.end for one in texts):
                # 签收及时: not titles with 及时 among the cases of 待签收
                return True
            if term.meaning.kind == "is" and any(term.end == one.begin for one in speeds):
                # 施工最慢: not how fast cases of 施工噪声 are handled
                return True
            if term.meaning.kind == "is" and any(term.begin == one.end for one in of.get("count", ())):
                # 在线率合格: no category with these words in it
                return True
            if term.meaning.kind != "count":
                continue
            indicator = self.words.indicators[term.meaning.value]
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

    def _where(self, terms: Sequence[Term]) -> tuple[dict[str, tuple[str, ...]] | None, tuple[str, ...]]:
        where: dict[str, tuple[str, ...]] = {}
        townships: tuple[str, ...] = ()
        for term in terms:
            dimension, values = term.meaning.value, term.meaning.values
            if dimension == "township_code":
                townships = tuple(dict.fromkeys((*townships, *values)))
            elif dimension in where and DIMENSIONS[dimension].kind == "answer":
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
        told = list(dict.fromkeys(term.meaning.value for term in of.get("count", ())))
        abouts = [term.meaning.value for term in of.get("about", ())]
        every = self.words.indicators
        if told:
            for term in of["count"]:
                if term.meaning.value in told[MOST_INDICATORS:]:
                    self._leave(term, _TOO_MANY)
            told = told[:MOST_INDICATORS]
        elif abouts:
            # In both languages the last noun is what the others tell more of, if it says more than what an area is.
            usual = {area.headlines[0] for area in AREAS.values() if area.headlines}
            told = [([code for code in abouts if code not in usual] or abouts)[-1]]
        else:
            speeds = [term for term in of.get("order", ()) if term.meaning.value in ("slow", "fast")]
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
            and term.meaning.value not in _OF_ALL
            and term.meaning.distance < PART
            for term in self.terms
        ):
            self.score += 0.5
        areas = {every[code].area for code in told}
        for term in of.get("about", ()):
            if every[term.meaning.value].area not in areas:
                self.score += _ELSEWHERE
                self._leave(term, _NOT_WITH)
        return tuple(told)

    def _order(self, of: dict[str, list[Term]], indicators: tuple[Indicator, ...]) -> tuple[Order | None, int | None]:
        order: Order | None = None
        for term in of.get("order", ()):
            if term.meaning.value == "old":
                continue
            if term.meaning.value in ("more", "less") and not of.get("by"):
                self._leave(term, _NOT_WITH)
                continue
            found = _direction(term.meaning.value, indicators[0])
            if found is None or (order and found != order):
                self._leave(term, _NOT_WITH)
                continue
            if not of.get("by") and self._is_unclear_end(term):
                self._leave(term, None)
                continue
            if not of.get("by") and any(
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
            match term.meaning.value:
                case "first":
                    order = order or "high"
                case "last":
                    order = order or "low"
                case _ if order is None or top is not None:
                    self._leave(term, _NOT_WITH)
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
            self._leave(term, _NOT_WITH)
        return ""

    def _time(self, terms: Sequence[Term], *, is_versus: bool) -> tuple[tuple[str, str] | None, str | None]:
        months: tuple[str, str] | None = None
        against: Term | None = None
        compare: str | None = None
        earlier = False
        for term in terms:
            match term.meaning.time:
                case Untold(why):
                    self._leave(term, why)
                case Against():
                    against = term
                case YearBefore():
                    earlier = True
                case Months(start, end):
                    if months is None:
                        months = (start, end)
                        continue
                    both = max(start, months[0]), min(end, months[1])
                    if both[0] <= both[1]:
                        months = both
                    elif is_versus and (found := _compared(months, (start, end))):
                        months, compare = found
                    elif month_offset(months[1], 1) == start or month_offset(end, 1) == months[0]:
                        months = min(start, months[0]), max(end, months[1])
                    else:
                        self._leave(term, _ONE_PERIOD)
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


def _compared(one: tuple[str, str], other: tuple[str, str]) -> tuple[tuple[str, str], str] | None:
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
        case "slow" | "fast":
            if indicator.unit_zh not in _OF_TIME:
                return _direction("worst" if word == "slow" else "best", indicator)
            return "high" if word == "slow" else "low"
        case _:
            if indicator.direction == "neither":
                return None
            return "high" if (indicator.direction == "higher") == (word == "best") else "low"
