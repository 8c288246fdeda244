"""The sentences of ``sentences.toml``: what each means, and how far an answer to it is right."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs

from sample_data.county import townships

FILE = Path(__file__).with_suffix(".toml")
# What an address means where it does not say it. A question compares with the year before, unless told otherwise.
DEFAULTS = {
    "count": "received",
    "from": "2023-01",
    "to": "2023-08",
    "compare": "year",
    "top": "10",
    "look": "ask",
    "latest": "true",
}
_TOWNSHIPS = {one.code: one.name for one in townships()}

# An address of /explore: values by the names of its parameters
Address = Mapping[str, Sequence[str]]
# refused: no answer, or one that lacks only what it says that it did not understand, or the right one is among those
# offered; wrong: a figure that was not asked for, and nothing says so
Verdict = Literal["right", "refused", "wrong"]
Meaning = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Sentence:
    """A record of the file, which says what its fields are; addresses are query strings."""

    typed: str
    asks: tuple[str, ...] = ()
    also: str = ""
    readings: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()
    understood: tuple[str, ...] = ()
    case: str = ""


@dataclass(frozen=True)
class Reading:
    """What was made of a sentence: the address it asks for, or several that are offered, or a case, and words left over.

    ``address`` is None where no question is asked.
    """

    address: Address | None = None
    readings: tuple[Address, ...] = ()
    not_understood: tuple[str, ...] = ()
    case: str = ""


def sentences(file: Path = FILE) -> list[Sentence]:
    """The records of a file in its order."""
    records = tomllib.loads(file.read_text("utf-8"))["sentence"]
    return [
        Sentence(**{name: tuple(value) if isinstance(value, list) else value for name, value in record.items()})
        for record in records
    ]


def address_of(query: str) -> dict[str, list[str]]:
    """The parameters of a query string."""
    return parse_qs(query, strict_parsing=bool(query))


def meaning(address: Address) -> Meaning:
    """Name and value of what an address asks for; those that mean the same have the same."""
    pairs = {(name, value) for name, values in address.items() for value in values if name not in ("show", "lang")}
    given = dict(pairs)
    if "rows" in given and "cell" not in given and given.get("which", "all") == "all":
        pairs = {pair for pair in pairs if pair[0] not in ("rows", "which")} | {("list", "yes")}
    for code, name in _TOWNSHIPS.items():
        if ("is", f"township_code:{code}") in pairs:
            pairs = pairs - {("is", f"township_code:{code}")} | {("street", name)}
    streets = {value for name, value in pairs if name == "street"}
    villages = {value.removeprefix("village_code:") for name, value in pairs if value.startswith("village_code:")}
    if villages and {_TOWNSHIPS.get(code[:9]) for code in villages} <= streets:
        pairs = {pair for pair in pairs if pair[0] != "street"}
    if len([name for name, _ in pairs if name == "count"]) > 1:
        return frozenset(pair for pair in pairs if pair[0] == "count" or pair not in DEFAULTS.items())
    return frozenset(pairs - DEFAULTS.items())


def judged(sentence: Sentence, reading: Reading) -> Verdict:
    """Whether a reading is right, or at least honest."""
    if sentence.case and reading.case == sentence.case:
        return "right"
    if reading.case:
        return "wrong"
    asks, readings, understood = (
        [meaning(address_of(query)) for query in queries]
        for queries in (sentence.asks, sentence.readings, sentence.understood)
    )
    also = meaning(address_of(sentence.also))
    asked = None if reading.address is None else meaning(reading.address)
    offered = [meaning(address) for address in reading.readings]
    is_right = asked is not None and any(want <= asked <= want | also for want in asks)
    shown = set("".join(reading.not_understood).casefold())
    if sentence.not_understood:
        if shown and set("".join(sentence.not_understood).replace(" ", "").casefold()) <= shown:
            return "right" if is_right or asked is None or not asks else "wrong"
        if not shown and asked is not None and any(want <= asked <= want | also for want in understood):
            return "right"
    elif not shown and (is_right or (readings and set(readings) <= set(offered))):
        return "right"
    wanted = [want | also for want in [*asks, *readings]] or [frozenset()]
    if (
        asked is None
        or (shown and any(asked <= want for want in wanted))
        or {*asks, *readings, *understood} & {*offered}
    ):
        return "refused"
    return "wrong"
