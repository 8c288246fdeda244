"""What of a sentence is not known: short names and words of titles in it, and what it makes unknown beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.sentence.meaning import FULL, PART, SHORT, Meaning
from data_access.exploring.sentence.periods import Reason
from data_access.exploring.sentence.pieces import WORD, Piece
from data_access.exploring.sentence.said import USUAL_AREA
from data_access.exploring.sentence.tokens import Tokens
from data_access.exploring.sentence.vocabulary import Vocabulary, bare_names

_OF_PLACES = ("村", "社区", "镇", "街道", "乡")
_OF_NAMES = ("率", "量", "度", "市", "县", "区", *_OF_PLACES)
# Signs that say nothing alone and may yet begin a name
_IN_NAMES = frozenset("办回接中上下内里间位名家支场起条个次台宗共总")
# Offices by the first sign of their last word
_ENDS = {"办公室": "办", "联合会": "联", "委员会": "委", "中心": "中"}
# What each character costs that is looked for in titles
_TITLE = 0.5
_TURNED: Reason = ("不会排除，只会选取", "what is asked for can be chosen, not left out")
# Behind a place's bare name: what is named after it
_PROPER_NOUN = re.compile(
    r"[\u4e00-\u9fff]{0,4}?(?:公司|集团|[厂路店牌桥矿酒]|大街|学校|小学|中学|医院|超市|商场|市场|倒|死|垮)"
)


def _is_unsure(tokens: Tokens, piece: Piece) -> bool:
    """Whether it is not known, or only in part, or a single character that says nothing."""
    if not piece.meanings:
        return not tokens.tokens[piece.first].is_sign
    if all(one.kind in ("rest", "twist", "versus") for one in piece.meanings):
        return piece.after - piece.first == 1 and tokens.tokens[piece.first].is_chinese
    return min(one.distance for one in piece.meanings) >= PART


def pieces_of_unknown(tokens: Tokens, path: Sequence[Piece], words: Vocabulary) -> Iterator[Piece]:
    """What is unknown may be the short name of a department, or words of titles."""
    run: list[Piece] = []
    for piece in (*path, None):
        if piece is not None and _is_unsure(tokens, piece):
            run.append(piece)
            continue
        if len(run) > 1 or any(not one.meanings for one in run):
            is_known = all(one.meanings for one in run)
            yield from _in_run(tokens, run[0].first, run[-1].after, words, is_known=is_known)
        run = []


def _in_run(tokens: Tokens, first: int, last: int, words: Vocabulary, *, is_known: bool) -> Iterator[Piece]:
    for begin in range(first, last - 1):
        is_title = not is_known
        for after in range(begin + 2, last + 1):
            if tokens.crosses_space(begin, after):
                break
            own = "".join(token.word for token in tokens.tokens[begin:after])
            if own.isascii():
                continue
            if abbreviated := _abbreviated(own, words):
                yield Piece(begin, after, WORD + 0.6, abbreviated)
            is_title = is_title and not any(own in name for name in words.names.values())
            # 达标 is not in 不达标.
            is_title = is_title and own in words.matters
            is_title = is_title and bool(re.search(f"(?<![不未没无非待]){re.escape(own)}", words.matters))
            # A village that is not known is none of those that titles name.
            if is_title and not own.endswith(_OF_PLACES):
                yield Piece(begin, after, WORD + _TITLE * (after - begin), (Meaning("text", own, distance=SHORT),))


def _abbreviated(short: str, words: Vocabulary) -> tuple[Meaning, ...]:
    """The departments whose names have the characters of a short one in their order, the first and the last among them."""
    if not 2 <= len(short) <= 8:
        return ()
    found = []
    owns = bare_names(short, words.county)
    for bare, meaning in words.abbreviated:
        ends = {bare[-1], *(sign for end, sign in _ENDS.items() if bare.endswith(end))}
        for own in owns:
            if bare[0] != own[0] or (own[-1] not in ends and len(own) < 4):
                continue
            rest = iter(bare)
            if all(sign in rest for sign in own):
                found.append(replace(meaning, distance=0.6))
    found = list(dict.fromkeys(found))
    return tuple(found) if len(found) <= 3 else ()


def parted(
    tokens: Tokens, path: Sequence[Piece], words: Vocabulary
) -> tuple[list[Piece], list[tuple[int, int, Reason | None]]]:
    """The pieces that mean something, and the runs of tokens that do not, with the reason where there is one.

    A character that says nothing between two that are not known belongs to them. What turns words into something else is
    not known together with them.
    """
    unknown: list[tuple[int, int, Reason | None]] = []
    known: list[Piece] = []

    def add(first: int, after: int, why: Reason | None = None) -> None:
        last = unknown[-1] if unknown else (0, -2, None)
        is_near = first <= last[1] or (first == last[1] + 1 and _says_nothing(by_place.get(last[1])))
        if is_near and not tokens.crosses_space(last[0], after):
            unknown[-1] = (last[0], after, last[2] or why)
        else:
            unknown.append((first, after, why))

    by_place = {piece.first: piece for piece in path}
    glued = [piece for piece in path if _is_glued(tokens, piece, path, words)]
    twist: Piece | None = None
    turned: Piece | None = None
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
    return known, [(_begin(tokens, first, after, by_place), after, why) for first, after, why in unknown]


def _begin(tokens: Tokens, first: int, after: int, by_place: Mapping[int, Piece]) -> int:
    """Where a name that is not known begins: 办劫率, 中店镇, though 办 and 中 alone say nothing."""
    before = by_place.get(first - 1)
    is_name = tokens.plain[tokens.tokens[first].begin : tokens.tokens[after - 1].end].endswith(_OF_NAMES)
    is_part = before is not None and _says_nothing(before) and tokens.tokens[before.first].word in _IN_NAMES
    return first - 1 if is_name and is_part and not tokens.tokens[first].is_apart else first


def is_cut_out(tokens: Tokens, piece: Piece, path: Sequence[Piece]) -> bool:
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


def _is_misspelt(tokens: Tokens, piece: Piece, words: Vocabulary) -> bool:
    """Whether with what stands before it, it is another indicator's name but for one character."""
    end = tokens.tokens[piece.after - 1].end
    own = tokens.plain[tokens.tokens[piece.first].begin : end]
    return any(
        len(own) < len(one.zh) <= end
        and one.zh.endswith(own)
        and sum(sign != meant for sign, meant in zip(tokens.plain[end - len(one.zh) : end], one.zh, strict=True)) == 1
        for one in words.indicators.values()
    )


def _is_glued(tokens: Tokens, piece: Piece, path: Sequence[Piece], words: Vocabulary) -> bool:
    """Whether it was found in part of a word only: the rest of which, beside it, is not known."""
    nearest = min(piece.meanings, key=lambda one: one.distance, default=None)
    if nearest is None:
        return False
    unknown = [one for one in path if not one.meanings and not tokens.tokens[one.first].is_sign]
    if nearest.kind == "text" and nearest.distance > FULL:
        # Beside other words of titles it is but a part of something: 李家 of 李家铺村.
        unknown += [one for one in path if one is not piece and {meaning.kind for meaning in one.meanings} == {"text"}]
    before = [one for one in unknown if one.after == piece.first and not tokens.tokens[piece.first].is_apart]
    behind = [one for one in unknown if one.first == piece.after and not tokens.tokens[one.first].is_apart]
    kinds = {one.kind for one in piece.meanings}
    if not before and not tokens.tokens[piece.first].is_apart:
        # 赵家社区: 家 says nothing of its own.
        between = [one for one in path if one.after == piece.first and _says_nothing(one)]
        before = [
            one
            for one in unknown
            if between and one.after == between[0].first and not tokens.tokens[between[0].first].is_apart
        ]
        before = (
            before
            if any(one.kind == "by" and one.value in ("township_code", "village_code") for one in piece.meanings)
            else []
        )
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
    if before and nearest.kind == "about" and words.indicators[nearest.value].area != USUAL_AREA:
        # 路登故障: of what is not known, nothing of another area
        first = before[0].first
        is_name = any(one.after == first for one in unknown) and not tokens.tokens[first].is_apart
        if is_name and tokens.tokens[first].is_chinese:
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


def _is_named_by(piece: Piece, before: Piece) -> bool:
    """Whether it names the dimension that the piece before it has a value of: 12345渠道."""
    names = {one.value for one in before.meanings if one.kind == "is"}
    return any(one.kind == "by" and one.value in names for one in piece.meanings)


def _says_nothing(piece: Piece | None) -> bool:
    return piece is not None and piece.after - piece.first == 1 and all(one.kind == "rest" for one in piece.meanings)
