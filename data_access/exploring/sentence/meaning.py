"""What words may mean, and what a sentence was understood as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from data_access.exploring.questions import Where
from data_access.exploring.sentence.periods import Reason, Time

# count: an indicator; about: a noun of an area, with the indicator that counts it; by: a dimension; is: a value of one;
# time: months, or what they are compared with; order: highest or lowest first, or best and worst; top: so many of them;
# list: the rows rather than how many; look: something else than an answer; text: words of titles; case: a case's number;
# versus: told apart by what is named; against: one is measured by another; or, both: one of what stands beside it, or all of
# it; spread: how what is told apart is
# spread; ours: the place of whoever asks; who: which of what is told apart; unit: how long, or how much money; twist, twisted: words that turn what stands behind or before them into something
# else; untold: what cannot be asked (why says the reason); mean: on the average; rest: words that say nothing
Kind = Literal[
    "count", "about", "by", "is", "time", "order", "top", "list", "look", "text", "case", "versus", "twist", "twisted",
    "against", "or", "both", "spread", "ours", "who", "unit", "untold", "mean", "rest",
]  # fmt: skip
Order = Literal["high", "low"]

# How far words are from a name: said in full (or by a declared word), shortened, said in part
FULL, SHORT, PART = 0.0, 0.4, 1.0


@dataclass(frozen=True)
class Meaning:
    """One thing that words may mean. ``value``: a code, or for ``is`` values of the dimension (any will do).

    ``name``: what is said in full, as the data have it; ``within``: the township that a village lies in (code);
    ``distance``: how far the words are from the name. ``beside``: it means this only where one of these words stands in
    the sentence, too, else nothing.
    """

    kind: Kind
    value: str = ""
    values: tuple[str, ...] = ()
    name: str = ""
    within: str = ""
    distance: float = FULL
    time: Time | None = None
    number: int = 0
    why: Reason | None = None
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Term:
    """Words of a sentence (from ``begin`` up to ``end``) with what they were taken for."""

    words: str
    begin: int
    end: int
    meaning: Meaning


@dataclass(frozen=True)
class Left:
    """Words that were not understood, or are of no use in this question, with the reason where there is one (zh, en)."""

    words: str
    begin: int
    end: int
    why: Reason | None = None


@dataclass(frozen=True)
class Reading:
    """A question that a sentence may ask; what it does not say is None or empty.

    ``townships``: codes. ``months``: first and last. ``terms`` say which words were taken for what, ``left`` which were not.
    """

    terms: tuple[Term, ...]
    left: tuple[Left, ...] = ()
    count: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    where: Where = ()
    townships: tuple[str, ...] = ()
    months: tuple[str, str] | None = None
    compare: str | None = None
    order: Order | None = None
    top: int | None = None
    is_list: bool = False
    text: str = ""
    sort: str = ""
    look: str = ""

    @property
    def says(self) -> tuple[object, ...]:
        """What is asked, however it was said."""
        where = tuple(sorted((name, tuple(sorted(values))) for name, values in self.where))
        asked = (self.count, self.by, where, tuple(sorted(self.townships)), self.months, self.compare)
        return (*asked, self.order, self.top, self.is_list, self.text, self.sort, self.look)


@dataclass(frozen=True)
class Understood:
    """The readings of a sentence: one where it is clear, several where words have several senses, none for no words of ours.

    ``others`` are less likely readings, which are offered besides.
    """

    readings: tuple[Reading, ...]
    others: tuple[Reading, ...] = ()
