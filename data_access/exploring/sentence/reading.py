"""What a sentence asks: the cheapest way to cut it into words of the vocabulary, and what these can mean together."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations, islice, product

from data_access.areas import AREAS
from data_access.exploring.sentence.making import reading_of
from data_access.exploring.sentence.meaning import PART, SHORT, Left, Meaning, Reading, Term, Understood
from data_access.exploring.sentence.pieces import Piece, cheapest, pieces_of
from data_access.exploring.sentence.said import NOT_WITH, OF_ALL, USUAL_AREA, Said
from data_access.exploring.sentence.tokens import Tokens, key_of, tokens_of
from data_access.exploring.sentence.unknown import is_cut_out, parted, pieces_of_unknown
from data_access.exploring.sentence.untold import NO_AMOUNT, NO_SCORE
from data_access.exploring.sentence.vocabulary import Vocabulary, words_of

# How much farther from what was said another reading may be to be offered, too
_OFFERED = 0.95
_MOST_READINGS, _MOST_COMBINATIONS = 6, 3000
LONGEST_SENTENCE = 120


def understood(sentence: str, words: Vocabulary, is_case: Callable[[str], bool] = lambda _number: False) -> Understood:
    """What a sentence asks; ``is_case``: whether there is a case of that number that the viewer may see."""
    tokens = tokens_of(sentence[:LONGEST_SENTENCE])
    pieces = list(pieces_of(tokens, words, is_case))
    path = cheapest(tokens.tokens, pieces)
    if further := list(pieces_of_unknown(tokens, path, words)):
        path = cheapest(tokens.tokens, [*pieces, *further])
    if any(is_cut_out(tokens, piece, path) for piece in path):
        return Understood(())
    known, unknown = parted(tokens, path, words)
    left = tuple(Left(tokens.typed(first, after), *tokens.span(first, after), why) for first, after, why in unknown)
    read = [one for one in _readings(tokens, known, left, words) if _is_clear(one[1], sentence, words)]
    if not any(_takes_names(one, words) for _, one in read):
        return Understood(())
    best = read[0][0]
    sure = [reading for score, reading in read if score <= best + 1e-9]
    if not any(_is_usual(one, words) for one in sure):
        # A word of another area may begin a name of the usual one, too: 安全隐患.
        sure += [one for score, one in read if best + 1e-9 < score <= best + 1.2 and _is_usual(one, words)]
    others = [reading for score, reading in read if reading not in sure and score <= best + _OFFERED]
    return Understood(tuple(sure[:_MOST_READINGS]), tuple(others[:_MOST_READINGS]))


@lru_cache(maxsize=1)
def _nouns_of_other_areas() -> tuple[tuple[str, str], ...]:
    """Nouns of all areas but the usual one, with the area."""
    return tuple(
        (noun, area.code)
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
    area = words.indicators[reading.count[0]].area
    if not kinds & {"count", "about", "case", "look"} and any(
        noun in one.words.lower() and of != area for one in reading.left for noun, of in _nouns_of_other_areas()
    ):
        # 没有志愿队的村: of what is not understood, not of cases
        return False
    own = [one for one in reading.terms if one.meaning.kind == "is" and one.meaning.value not in OF_ALL]
    if own and area != USUAL_AREA and not kinds & {"count", "about"} and all(_is_end(one) for one in own):
        # 大束镇人口: no events of the kind 流动人口
        return False
    parts = [term for term in reading.terms if term.meaning.kind == "is" and term.meaning.distance >= PART]
    if parts and not kinds & {"count", "about"} and any(_OF_INDICATORS.search(one.words) for one in unknown):
        # 隐患咕噜率
        return False
    others = [meaning for one in reading.left if one.why for meaning in words.words.get(key_of(one.words), ())]
    if "count" in kinds and any(one.kind == "about" and words.indicators[one.value].area != area for one in others):
        # 摄像头的满意率: there is none
        return False
    if "count" not in kinds and any(one.why in (NO_AMOUNT, NO_SCORE) for one in reading.left):
        # 总投资, 得分最高的镇: no number of projects or cases
        return False
    if not kinds & {"count", "about"} and any(one.kind == "unit" for one in others):
        # 多久签收: no number of those that wait for it
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


def _is_end(term: Term) -> bool:
    """Whether the words are but what a name ends with, or stands in its middle."""
    return term.meaning.distance >= PART and not term.meaning.name.startswith(term.words)


def _is_usual(reading: Reading, words: Vocabulary) -> bool:
    """Whether it is of the usual area, or said to be of another one."""
    is_told = any(term.meaning.kind in ("count", "about") for term in reading.terms)
    return is_told or words.indicators[reading.count[0]].area == USUAL_AREA


def _readings(
    tokens: Tokens, known: Sequence[Piece], left: tuple[Left, ...], words: Vocabulary
) -> list[tuple[float, Reading]]:
    """What the pieces can mean together, the most likely first; some are left out where they do not go together.

    Also where all that go together take a name for a part of another one: 安全隐患 for 企业安全隐患.
    """
    pieces = [replace(piece, meanings=_likely(piece.meanings)) for piece in known]
    found: dict[tuple[object, ...], tuple[float, Reading]] = {}
    for count in range(len(pieces) + 1):
        for out in combinations(range(len(pieces)), count):
            kept = [piece for place, piece in enumerate(pieces) if place not in out]
            without = [
                Left(tokens.typed(one.first, one.after), *tokens.span(one.first, one.after), NOT_WITH)
                for place, one in enumerate(pieces)
                if place in out
            ]
            for chosen in islice(product(*(piece.meanings for piece in kept)), _MOST_COMBINATIONS):
                terms = [
                    Term(tokens.typed(piece.first, piece.after), *tokens.span(piece.first, piece.after), meaning)
                    for piece, meaning in zip(kept, chosen, strict=True)
                ]
                said = Said(words, tokens.sentence, terms, [*left, *without])
                if (reading := reading_of(said)) is None:
                    continue
                score = said.score + 0.01 * len(reading.left)
                if reading.says not in found or found[reading.says][0] > score:
                    found[reading.says] = (score, reading)
        if count == 2 or any(_takes_names(reading, words) for _, reading in found.values()):
            break
    return sorted(found.values(), key=lambda one: one[0])


def _takes_names(reading: Reading, words: Vocabulary) -> bool:
    """Whether no words that are a name in full are taken for a part of another one."""
    return not any(
        term.meaning.kind == "is"
        and term.meaning.distance >= PART
        and any(one.kind == "is" and one.distance < SHORT for one in words.words.get(key_of(term.words), ()))
        for term in reading.terms
    )


def _likely(meanings: Sequence[Meaning]) -> tuple[Meaning, ...]:
    """The meanings of words that are worth trying: those that say something, before those that do not."""
    telling = [one for one in meanings if one.kind != "rest"]
    return tuple(sorted(telling, key=lambda one: one.distance)[:12])
