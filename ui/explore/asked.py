"""What a typed sentence asks, as an address of 自由筛选 and as the chips that show what was understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from data_access import cache
from data_access.access import NotAllowed, Viewer
from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.finding import cases_numbered, findable_values
from data_access.exploring.questions import dimensions_open, search_is_open
from data_access.exploring.sentence.meaning import Left, Meaning, Reading, Term, Understood
from data_access.exploring.sentence.periods import Against, Months, YearBefore
from data_access.exploring.sentence.reading import LONGEST_SENTENCE, understood
from data_access.exploring.sentence.vocabulary import Spoken, Vocabulary, spoken, vocabulary
from data_access.queries import County
from ui import text
from ui.asking.address import FILTERS, default_period, in_county, read, scope_of, written
from ui.explore.choice import MOST_SHOWN, Choice, indicators_of, parameters
from ui.text import say

# What was cut off is shown by its first signs.
_CUT_SHOWN = 12
_TOO_LONG = (
    f"一句话最多读 {LONGEST_SENTENCE} 个字，后面的没有读",
    f"a sentence is read up to {LONGEST_SENTENCE} characters; the rest was not",
)


def words_of_county(county: County, viewer: Viewer) -> Vocabulary:
    """The words that a viewer's sentences are made of, kept until the data change. The county must have months."""

    def make(found: list[Spoken]) -> Vocabulary:
        (values,) = cache.answers(findable_values, [viewer], lambda _done: None)
        return vocabulary(values, found[0], county)

    return cache.made_of_answers(spoken, [viewer], lambda _done: None, make, kept_as=(vocabulary.__qualname__, viewer))


def sentence_read(typed: str, county: County, viewer: Viewer) -> Understood:
    """What a viewer's sentence asks."""

    def is_case(number: str) -> bool:
        return bool(cache.fresh_part(cases_numbered, (viewer, number)))

    read = understood(typed, words_of_county(county, viewer), is_case)
    if len(typed) <= LONGEST_SENTENCE:
        return read
    cut = Left(f"{typed[LONGEST_SENTENCE : LONGEST_SENTENCE + _CUT_SHOWN]}…", LONGEST_SENTENCE, len(typed), _TOO_LONG)
    return Understood(
        *(tuple(replace(one, left=(*one.left, cut)) for one in some) for some in (read.readings, read.others))
    )


def case_asked(reading: Reading) -> str | None:
    """The number of the case that a reading is about; None for a question."""
    return next((term.meaning.value for term in reading.terms if term.meaning.kind == "case"), None)


def choice_asked(reading: Reading) -> Choice:
    """The question of a reading."""
    is_list = reading.is_list
    return Choice(
        reading.count,
        reading.by,
        reading.where,
        reading.text,
        top=min(reading.top or Choice.top, MOST_SHOWN),
        cell=() if is_list else None,
        of=reading.count[0] if is_list else "",
        sort=reading.sort if is_list else "",
        look=reading.look or Choice.look,
        order=reading.order or "",
    )


def parameters_asked(reading: Reading, county: County) -> dict[str, list[str]]:
    """The parameters of the address that asks a reading; townships and months that it does not tell are the usual ones."""
    first, last = reading.months or default_period(county)
    usual = default_period(county)
    filters = {
        "street": [county.names[code] for code in reading.townships],
        "from": None if (first, last) == usual else first,
        "to": None if (first, last) == usual else last,
        "compare": reading.compare or "year",
    }
    return {**written(FILTERS, filters), **parameters(choice_asked(reading))}


def is_open(reading: Reading, county: County, viewer: Viewer) -> bool:
    """Whether the viewer may ask it."""
    choice = choice_asked(reading)
    asked = parameters_asked(reading, county)
    filters, _ = read(FILTERS, asked)
    scope = scope_of(in_county(filters, county)[0], county, viewer)
    indicators = indicators_of(choice, county)
    try:
        known = dimensions_open(indicators, scope)
    except NotAllowed:
        return False
    return {*choice.by, *dict(choice.where)} <= set(known) and (not choice.text or search_is_open(indicators, scope))


def question_row(reading: Reading, county: County, kind: str) -> dict[str, Any]:
    """A reading as the search box shows it: chips, words that were not understood, and the way to its answer."""
    asked = parameters_asked(reading, county)
    # Never empty: an empty one would not be news to the page.
    query = urlencode(asked or {"count": list(reading.count)}, doseq=True)
    told = [chip for term in reading.terms if (chip := _chip(term, reading, county))]
    if not reading.look and not any(term.meaning.kind in ("count", "about") for term in reading.terms):
        told.insert(0, {"words": text.name(county.indicator(reading.count[0]))})
    if reading.by and not any(term.meaning.kind == "by" for term in reading.terms):
        told.append({"words": _by_words(reading.by[0])})
    return {
        "name": " · ".join(chip["words"] for chip in told),
        "kind": kind,
        "within": "",
        "count": "",
        "chips": told,
        "left": left_over(reading.left),
        "asks": urlencode(asked, doseq=True),
        "way": {"path": "explore", "query": query, "whole": True},
    }


def left_over(left: Sequence[Left]) -> list[dict[str, str]]:
    """The words that were not understood, each with why, where that is known."""
    return [{"words": one.words, "why": say(*one.why) if one.why else ""} for one in left]


def _chip(term: Term, reading: Reading, county: County) -> dict[str, Any] | None:
    words = _words(term.meaning, reading, county)
    return {"words": words, "begin": term.begin, "end": term.end} if words else None


def _words(meaning: Meaning, reading: Reading, county: County) -> str:
    """What words were taken for; empty where they only go with others."""
    match meaning.kind:
        case "count" | "about":
            return text.name(county.indicator(meaning.value)) if meaning.value in reading.count else ""
        case "by":
            return _by_words(meaning.value)
        case "is":
            return _value_words(meaning, county)
        case "time":
            match meaning.time:
                case Months(start, end):
                    return text.period(start, end)
                case YearBefore():
                    return text.period(*(reading.months or default_period(county)))
                case Against("year"):
                    return say("与上年同期比", "against the year before")
                case Against("previous"):
                    return say("与上一时段比", "against the period before")
                case _:
                    return say("不对比", "no comparison")
        case "order":
            if reading.sort:
                return say("超期久的在前", "longest late first")
            return say("从低到高排", "lowest first") if reading.order == "low" else say("从高到低排", "highest first")
        case "top":
            return say(f"前 {meaning.number} 个", f"first {meaning.number}")
        case "list":
            return say("列出明细", "list the rows")
        case "look":
            return say("共性诉求", "common causes") if meaning.value == "causes" else say("下月预计", "next month")
        case "text":
            return say(f"标题含“{reading.text}”", f"title has “{reading.text}”")
        case _:
            return ""


def _by_words(dimension: str) -> str:
    name = say(DIMENSIONS[dimension].zh, DIMENSIONS[dimension].en.lower())
    return say(f"按{name}", f"by {name}")


def _value_words(meaning: Meaning, county: County) -> str:
    dimension = DIMENSIONS[meaning.value]
    answers: Mapping[str, str] = {code: say(zh, en) for code, zh, en in dimension.answers}
    match meaning.value:
        case "township_code":
            return meaning.name
        case "weekday":
            return say("、", ", ").join(text.weekday_name(int(day)) for day in meaning.values)
        case "hour":
            return say(f"{int(meaning.values[0])} 时", f"{int(meaning.values[0])}:00")
        case "village_code" if meaning.within in county.names:
            return say(
                f"{meaning.name}（{county.names[meaning.within]}）", f"{meaning.name} ({county.names[meaning.within]})"
            )
        case "village_code" | "grid_code" | "team":
            return " ".join(filter(None, (county.names.get(meaning.within), meaning.name)))
        case _:
            name = say(dimension.zh, dimension.en)
            told = [answers.get(value, meaning.name) for value in meaning.values]
            return f"{name}{say('：', ': ')}{say('或', ' or ').join(told)}"
