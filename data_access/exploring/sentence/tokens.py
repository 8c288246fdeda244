"""A sentence cut into tokens: Chinese characters one by one, words and numbers of ASCII whole."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# A hyphen between letters is a space: on-time.
_TOKEN = re.compile(r"[a-z]+(?:'s)?|\d{1,3}(?:,\d{3})+(?!\d)|\d+|(?!(?<=[a-z])-(?=[a-z]))\S")
_CHINESE = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True)
class Token:
    """``word``: lower case, half-width; ``stem``: the same without an English plural.

    ``begin`` and ``end``: where it stands in :attr:`Tokens.plain`. ``is_apart``: a space stands before it.
    """

    word: str
    stem: str
    begin: int
    end: int
    is_apart: bool

    @property
    def is_chinese(self) -> bool:
        """Whether it is a Chinese character."""
        return bool(_CHINESE.match(self.word))

    @property
    def is_sign(self) -> bool:
        """Whether it is neither word nor number nor character."""
        return not self.word[0].isalnum()


@dataclass(frozen=True)
class Tokens:
    """A sentence with its tokens. ``plain`` is it half-width, in lower case; ``places``: its characters' in the sentence."""

    sentence: str
    plain: str
    places: tuple[int, ...]
    tokens: tuple[Token, ...]

    def typed(self, first: int, after: int) -> str:
        """The words of the tokens from the first up to the one after the last, as they were typed."""
        begin, end = self.span(first, after)
        return self.sentence[begin:end]

    def span(self, first: int, after: int) -> tuple[int, int]:
        """Where these tokens begin and end in the sentence."""
        return self.places[self.tokens[first].begin], self.places[self.tokens[after - 1].end - 1] + 1

    def crosses_space(self, first: int, after: int) -> bool:
        """Whether a space parts two of these tokens of which one is a Chinese character."""
        return any(
            self.tokens[place].is_apart and (self.tokens[place].is_chinese or self.tokens[place - 1].is_chinese)
            for place in range(first + 1, after)
        )

    def word_at(self, place: int) -> str:
        """The word of the token at a place; none where there is no such token."""
        return self.tokens[place].word if 0 <= place < len(self.tokens) else ""

    def is_alone(self, first: int, after: int) -> bool:
        """Whether nothing but spaces and signs stands beside these tokens."""
        before = first == 0 or self.tokens[first].is_apart or self.tokens[first - 1].is_sign
        behind = after == len(self.tokens) or self.tokens[after].is_apart or self.tokens[after].is_sign
        return before and behind


def stem(word: str) -> str:
    """An English word without its plural's ending."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def tokens_of(sentence: str) -> Tokens:
    """The tokens of a sentence; signs that cannot be printed are left out."""
    plain: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(sentence):
        for usual in unicodedata.normalize("NFKC", sign).lower().replace("’", "'") if sign.isprintable() else " ":
            plain.append(usual)
            places.append(place)
    text = "".join(plain)
    found = [
        Token(
            match.group(),
            stem(match.group().removesuffix("'s")),
            match.start(),
            match.end(),
            match.start() > 0
            and (text[match.start() - 1].isspace() or (text[match.start() - 1] == "-" and match.group().isalpha())),
        )
        for match in _TOKEN.finditer(text)
    ]
    return Tokens(sentence, text, tuple(places), tuple(found))


def key_of(name: str) -> str:
    """A name as it is looked up: its tokens' stems."""
    usual = unicodedata.normalize("NFKC", name).lower()
    return " ".join(stem(word.removesuffix("'s")) for word in _TOKEN.findall(usual))
