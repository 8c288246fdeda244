"""What is ranked: by which end, and how many of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.sentence.meaning import Order, Term
from data_access.exploring.sentence.periods import Reason
from data_access.exploring.sentence.said import COMPARATIVES, NOT_WITH, OF_TIME, Said
from data_access.model.indicator import Indicator

_NO_RANK: Reason = ("只能给镇街、村、类别等排先后", "only townships, villages, kinds and the like are ranked")
_WHICH_OF_THEM = re.compile(
    r"哪一?[个支台件条名位些]?(?:项目|工程|摄像头|摄像机|监控|探头|志愿者|网格员|工单|诉求)[^，,。]{0,4}$"
)
_BEFORE_UNKNOWN = re.compile(r"(?:\b(?:by|per|which|each|every)(?: the)? |按照?|各个?|哪个|哪些)$")


def ranking(
    said: Said, indicators: tuple[Indicator, ...], *, is_told: bool, named: int
) -> tuple[Order | None, int | None]:
    """The order and the number of what is ranked. ``is_told``: it is told apart; ``named``: so many values are named."""
    order: Order | None = None
    for term in said.of("order"):
        if term.meaning.value == "old":
            continue
        if term.meaning.value in COMPARATIVES and not is_told:
            said.leave(term, NOT_WITH)
            continue
        found = _direction(term.meaning.value, indicators[0])
        if found is None or (order and found != order):
            said.leave(term, NOT_WITH)
            continue
        if not is_told and _is_unclear_end(said, term):
            said.leave(term, None)
            continue
        if not is_told and any(
            (not term.words.isascii() and said.sentence[term.end : one.begin] == "的")
            or _WHICH_OF_THEM.search(said.sentence[: one.end])
            for one in (*said.of("about"), *said.of("count"))
            if one.meaning.kind == "about" or _WHICH_OF_THEM.search(said.sentence[: one.end])
        ):
            # 投资最多的项目, 哪个项目进度最慢
            said.leave(term, _NO_RANK)
            continue
        order = found
    top: int | None = None
    for term in said.of("top"):
        if not is_told and any(one.begin == term.end for one in said.left):
            # 前十小区
            said.leave(term, None)
            continue
        match term.meaning.value:
            case _ if top is not None:
                # 前三后三
                said.leave(term, NOT_WITH)
                continue
            case "first":
                order = order or "high"
            case "last":
                order = order or "low"
            case _ if order is None and term.meaning.number == named:
                # 钢山、千泉、凫山三个街道
                continue
            case _ if order is None:
                said.leave(term, NOT_WITH)
                continue
        top = term.meaning.number
    return order, top


def order_of_list(said: Said, where: dict[str, tuple[str, ...]], *, is_list: bool) -> str:
    """The longest late first, where such a list is asked for."""
    longest = [term for term in said.of("order") if term.meaning.value == "old"]
    are_late = bool(where.get("timeliness")) and {"late", "overdue"}.issuperset(where["timeliness"])
    if longest and is_list and are_late:
        return "urgency"
    for term in longest:
        said.leave(term, NOT_WITH)
    return ""


def is_of_each(told_by: Sequence[Term]) -> bool:
    """Whether the highest of each is asked: 每个部门最多的投诉类别."""
    return (
        len({term.meaning.value for term in told_by}) == 2
        and bool(re.match("[每各]|each |every ", told_by[0].words.lower()))
        and not any(DIMENSIONS[term.meaning.value].kind == "time" for term in told_by)
    )


def _is_unclear_end(said: Said, term: Term) -> bool:
    """Whether a word that is not known tells of what the most or least is asked: 满意率最低的咕噜, lowest by blurg."""
    if any(one.meaning.kind == "time" and one.words.startswith("哪") for one in said.terms):
        # 哪天投诉最多
        return True
    for one in said.unknown:
        between = said.sentence[: one.begin]
        if (
            one.begin >= term.end
            and re.fullmatch(r"\s*[的是]*\s*", said.sentence[term.end : one.begin])
            and (not term.words.isascii())
        ):
            return True
        if _BEFORE_UNKNOWN.search(between.lower()):
            return True
    return False


def _direction(word: str, indicator: Indicator) -> Order | None:
    """Which end of an indicator's figures a word means; None where it means none."""
    match word:
        case "high" | "low":
            return word
        case "more" | "less":
            return "high" if word == "more" else "low"
        case "slow" | "fast" | "slower" | "faster":
            is_slow = word.startswith("slow")
            if indicator.unit_zh not in OF_TIME:
                return _direction("worst" if is_slow else "best", indicator)
            return "high" if is_slow else "low"
        case _:
            if indicator.direction == "neither":
                return None
            return "high" if (indicator.direction == "higher") == (word in ("best", "better")) else "low"
