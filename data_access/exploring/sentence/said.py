"""What the words of one reading are taken for, and what is left of the sentence while a question is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from data_access.areas import AREAS
from data_access.exploring.questions import dimensions_for
from data_access.exploring.sentence.meaning import Kind, Left, Meaning, Term
from data_access.exploring.sentence.periods import Against, Reason
from data_access.exploring.sentence.vocabulary import Vocabulary
from data_access.model.indicator import Indicator

# The area that is asked about where no word tells of another
USUAL_AREA = "petitions"
# Dimensions that say nothing of the area that is asked about
OF_ALL = frozenset({"township_code", "village_code", "league", "month", "week", "weekday", "hour"})
# What is counted of an area where no more is said than what it is of
GENERAL = frozenset(area.headlines[0] for area in AREAS.values() if area.headlines)
# Units of what takes time
OF_TIME = ("天", "小时")
# Of two that are told apart; how fast something is
COMPARATIVES = ("more", "less", "better", "worse", "faster", "slower")
SPEEDS = ("slow", "fast", "slower", "faster")

NOT_WITH: Reason = ("这个问题里用不上", "of no use in this question")
TOO_MANY: Reason = ("一次问不了这么多", "too many for one question")


@lru_cache(maxsize=4096)
def dimensions_of(indicators: tuple[Indicator, ...]) -> frozenset[str]:
    """What all of these can be told apart by."""
    return frozenset(dimensions_for(indicators))


class Said:
    """The terms of a reading, what was and is left out of it, and how far it is from what was said."""

    def __init__(self, words: Vocabulary, sentence: str, terms: Sequence[Term], left: Sequence[Left]) -> None:
        self.words = words
        self.sentence = sentence
        self.terms = terms
        self.left = list(left)
        self.unknown = [one for one in left if one.why is None]
        self.score = sum(term.meaning.distance + (0.1 if term.meaning.kind == "is" else 0) for term in terms)
        # Of two periods the earlier one, by where it begins, is what the other is compared with.
        self.earlier: dict[int, Against] = {}
        self._of: dict[Kind, list[Term]] = {}
        for term in terms:
            self._of.setdefault(term.meaning.kind, []).append(term)

    def of(self, kind: Kind) -> Sequence[Term]:
        """The terms of a kind that have not been put aside, in the order of the sentence."""
        return self._of.get(kind, ())

    def leave(self, term: Term, why: Reason | None) -> None:
        """Tell that a term is of no use; without a reason, that it is not understood."""
        self.left.append(Left(term.words, term.begin, term.end, why))

    def put_aside(self, terms: Sequence[Term]) -> None:
        """See to these no more, since others say what they do or they have been left."""
        for term in terms:
            self._of[term.meaning.kind].remove(term)

    def take_for(self, term: Term, meaning: Meaning) -> None:
        """Take a term for something else than it was."""
        taken = replace(term, meaning=meaning)
        self.put_aside([term])
        self.terms = [taken if one is term else one for one in self.terms]
        self._of[meaning.kind] = [one for one in self.terms if one is taken or one in self.of(meaning.kind)]

    @property
    def kept(self) -> tuple[Term, ...]:
        """The terms that are of use."""
        left = {one.begin for one in self.left}
        return tuple(term for term in self.terms if term in self.of(term.meaning.kind) and term.begin not in left)
