"""The words that a sentence may be cut into, and the cheapest way to cut it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from data_access.areas.petitions.area import LEVELS
from data_access.exploring.sentence.meaning import Meaning
from data_access.exploring.sentence.periods import Either, Reason, number, times_at
from data_access.exploring.sentence.tokens import Token, Tokens
from data_access.exploring.sentence.untold import NOT_TOLD
from data_access.exploring.sentence.vocabulary import Vocabulary

# What it costs to take tokens for something. A word that is not known costs more than any that is.
WORD, _REST, _TIME, _UNTOLD, _SOUND, _UNKNOWN = 1.0, 0.6, 0.9, 1.1, 1.3, 3.0
_MOST_SYLLABLES = 6

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
    (
        re.compile(r"(?:排名|排)?第(?:([一二三四五六七八九十]|\d{1,2})(?:名|位)|(一)(?!季|个|书|件|条|次|批|[\d月]))"),
        "first",
    ),
    (re.compile(r"(?:排名|排)?倒数第([一二三四五六七八九十]|\d{1,2})(?:名|位|个)?"), "last"),
    (re.compile(rf"({_NUMBER})\s*(?:个|名|位)|(?:the )?(?:\d{{1,2}}|{_ENGLISH})\b"), "many"),
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
_NO_CASE: Reason = ("您可查看的诉求里没有这个编号", "no case that you may see has this number")
_MOST_OF_PROBLEMS = re.compile(r"最(?:[多少]|集中|突出|严重|厉害)的问题$")
_MOST_OF = tuple(f"最{word}的" for word in "多少高低大小长短快慢好差")
# In front of a word: so many characters tell of a number
_LONGEST_NUMBER = 12
_FIRST_SO_MANY = re.compile(r"(?:前|后|倒数|最后|末)(?:\d+|[一二两三四五六七八九十]+)\s*$")
_HOW_MANY = re.compile(r"(?:(?<![哪前后第])几个?|多少个?|how many\s|number of\s)$")
_SO_MANY = re.compile(r"(?:\d|几个?|多少个?|[一二两三四五六七八九十半]个)\s*$")
# A question at the end of a sentence
_ASKS_WHETHER = re.compile(r"[^有].*没有?")
_PLURALS = ("hours", "months", "weeks")
_MEASURED_BY = frozenset("比和与跟")
# What stands before a dimension of one character
_BEFORE_ONE = frozenset("个名位的哪各每些按分和与或大")


@dataclass(frozen=True)
class Piece:
    """Tokens from ``first`` up to ``after``, and what they may mean (nothing: not known)."""

    first: int
    after: int
    cost: float
    meanings: tuple[Meaning, ...] = ()


def pieces_of(tokens: Tokens, words: Vocabulary, is_case: Callable[[str], bool]) -> Iterator[Piece]:
    """Every run of tokens that means something."""
    ends = {token.end: place + 1 for place, token in enumerate(tokens.tokens)}
    for first, token in enumerate(tokens.tokens):
        yield from _named(tokens, first, words)
        for end, time in times_at(tokens.plain, token.begin, words.calendar):
            end = token.begin + len(tokens.plain[token.begin : end].rstrip())
            if end in ends and _ends_word(tokens, ends[end]):
                times = time.times if isinstance(time, Either) else (time,)
                yield Piece(first, ends[end], _TIME, tuple(Meaning("time", time=one) for one in times))
        for pattern, which in _TOPS:
            found = pattern.match(tokens.plain, token.begin)
            if not found:
                continue
            end = found.start() + len(found.group().rstrip())
            if end not in ends or tokens.plain[end : end + 1] in ("%", "成"):
                continue
            try:
                many = number(next(filter(None, found.groups()), found.group()))
            except (ValueError, KeyError):
                continue
            cost = _TIME if which != "many" else 1.4
            yield Piece(first, ends[end], cost, (Meaning("top", which, number=many),))
        if (found := _CASE_NUMBER.match(tokens.plain, token.begin)) and found.end() in ends:
            typed = tokens.typed(first, ends[found.end()])
            meaning = Meaning("case", typed) if is_case(typed) else Meaning("untold", why=_NO_CASE)
            yield Piece(first, ends[found.end()], _TIME, (meaning,))
        for pattern in (_QUOTED, _OF_TITLES):
            if (found := pattern.match(tokens.plain, token.begin)) and found.end() in ends:
                own = next(filter(None, found.groups()))
                is_there = own in words.titles
                meaning = Meaning("text", own, name=_as_typed(tokens, found)) if is_there else Meaning("untold")
                yield Piece(first, ends[found.end()], _TIME, (meaning,))
        found = _HOURS.match(tokens.plain, token.begin)
        if found and found.end() in ends and (hour := _hour(found)) is not None:
            yield Piece(first, ends[found.end()], _TIME, (Meaning("is", "hour", (str(hour),), found.group()),))
        for pattern, why in NOT_TOLD:
            found = pattern.match(tokens.plain, token.begin)
            if found and found.end() in ends and _ends_word(tokens, ends[found.end()]):
                yield Piece(first, ends[found.end()], _UNTOLD, (Meaning("untold", why=why),))


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


def _named(tokens: Tokens, first: int, words: Vocabulary) -> Iterator[Piece]:
    begin = tokens.tokens[first].begin
    before = tokens.plain[max(begin - _LONGEST_NUMBER, 0) : begin]
    is_unit = bool(_SO_MANY.search(before))
    is_first = bool(_FIRST_SO_MANY.search(before))
    is_how_many = bool(_HOW_MANY.search(before))
    most = max(words.longest.get(tokens.tokens[first].stem, 0), words.longest.get(tokens.tokens[first].word, 0))
    for after in range(first + 1, min(first + most, len(tokens.tokens)) + 1):
        if tokens.crosses_space(first, after):
            break
        own = tokens.tokens[first:after]
        found = words.words.get(" ".join(token.stem for token in own), ())
        if not found:
            continue
        if own[0].word == "问" and _MOST_OF_PROBLEMS.search(tokens.plain[: own[-1].end]):
            # 最多的问题: by category; else it says nothing
            found = (Meaning("by", LEVELS[0]),)
        is_told = first > 0 and tokens.tokens[first - 1].word in _BEFORE_ONE
        is_told = is_told or is_first
        is_told = is_told or (first == 0 and len(tokens.tokens) > 1 and tokens.tokens[1].word in _BEFORE_ONE)
        if own[0].word == "没" and tokens.plain[: own[0].begin].endswith("有"):
            # 有没有超期的
            continue
        if (
            after < len(tokens.tokens)
            and not (tokens.tokens[after].is_apart or tokens.tokens[after].is_sign)
            and _ASKS_WHETHER.fullmatch(tokens.plain[own[0].begin : own[-1].end])
        ):
            # 超期了没有; not 办结了没有回访的
            continue
        if own[0].word in _PLURALS and first + 1 == after:
            # average hours
            found = tuple(one for one in found if one.kind != "by")
        if is_how_many:
            # 有几个镇: how many there are
            found = tuple(one for one in found if one.kind != "by")
        if is_unit or (own[0].word == "月" and tokens.plain[: own[0].begin].endswith("个")):
            # 4小时, 几个小时, 第三个月
            found = tuple(one for one in found if one.kind != "by" or one.value not in ("hour", "month", "week"))
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
        if len(own) == 1 and not {tokens.word_at(first - 1), tokens.word_at(after)} & _MEASURED_BY:
            # 镇 is a kind of township only beside another one: 街道投诉比镇多吗
            found = tuple(one for one in found if (one.kind, one.value) != ("is", "league"))
        # 路灯坏了 is no outage of a camera.
        if any(one.beside for one in found):
            met = [not one.beside or any(word in tokens.plain for word in one.beside) for one in found]
            found = tuple(
                one if is_met else Meaning("rest")
                for one, is_met in zip(found, met, strict=True)
                if is_met or one.kind != "is"
            )
        if found:
            nearest = min(one.distance for one in found)
            is_rest = all(one.kind == "rest" for one in found)
            yield Piece(first, after, _REST if is_rest else WORD + 0.6 * nearest, found)
    heard = ""
    for after in range(first + 1, min(first + _MOST_SYLLABLES, len(tokens.tokens)) + 1):
        token = tokens.tokens[after - 1]
        sound = token.word.removesuffix("'s")
        if not (sound.isascii() and sound.isalpha()):
            break
        heard += sound
        if meant := words.sounds.get(heard, ()):
            yield Piece(first, after, _SOUND + 0.6 * min(one.distance for one in meant), meant)


def cheapest(tokens: Sequence[Token], pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces that cover all tokens at the lowest cost; single tokens may be unknown, signs say nothing."""
    by_end: dict[int, list[Piece]] = {}
    for piece in pieces:
        by_end.setdefault(piece.after, []).append(piece)
    for place, token in enumerate(tokens):
        cost = 0.0 if token.is_sign else _UNKNOWN
        by_end.setdefault(place + 1, []).append(Piece(place, place + 1, cost))
    best: list[tuple[float, int, list[Piece]]] = [(0.0, 0, [])]
    for after in range(1, len(tokens) + 1):
        ways = ((best[piece.first][0] + piece.cost, best[piece.first][1] + 1, piece) for piece in by_end[after])
        cost, count, last = min(ways, key=lambda way: (round(way[0], 6), way[1]))
        best.append((cost, count, [*best[last.first][2], last]))
    return best[-1][2]
