"""What the boxes in which one asks offer for what is typed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from data_access import cache
from data_access.access import NotAllowed, Viewer
from data_access.cache import answers
from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.finding import Findable, cases_numbered, findable_values, found
from data_access.exploring.questions import (
    Question,
    dimensions_for,
    dimensions_open,
    plan,
    put_together,
    search_is_open,
    sums,
)
from data_access.exploring.sentence.meaning import Reading
from data_access.indicators import INDICATORS, QUESTION_INDICATORS
from data_access.problems import QuestionProblem
from data_access.queries import County
from ui import text
from ui.asking.address import FILTERS, in_county, read, scope_of
from ui.asking.view import View
from ui.cases.card import way_to_case
from ui.explore.answer import dimension_name, told_indicators
from ui.explore.asked import case_asked, is_open, question_row, sentence_read, words_of_county
from ui.explore.choice import LONGEST_TEXT, Choice, choice_from, indicators_of, parameters
from ui.frame.pages import page_name, pages_named
from ui.text import say, written_in

_SECONDS_TO_COUNT = 1.0


def matches(given: QueryParams, viewer: Viewer) -> dict[str, Any]:
    """What answers ``q``: questions that it may ask, with chips and the way to each; cases of that number; pages; and, unless
    ``box=everywhere``, what can be added to the question of 自由筛选, with its cases under the current filter.

    The other parameters are those of the page. ``choose``: several questions are as likely, so that none is taken for
    granted. Nothing typed: what it takes to answer is made ready. Raises DatabaseProblem.
    """
    county = cache.county(viewer)
    whole = "".join(sign if sign.isprintable() else " " for sign in given.get("q", "")).strip()
    with written_in("en" if given.get("lang") == "en" else "zh"):
        if not county.months:
            return {"rows": _cases(whole, county, viewer)}
        if not whole:
            words_of_county(county, viewer)
            return {"rows": []}
        read = sentence_read(whole, county, viewer)
        number = next(filter(None, map(case_asked, read.readings)), whole)
        questions = [one for one in read.readings if is_open(one, county, viewer) and not case_asked(one)]
        others = [one for one in read.others if is_open(one, county, viewer)]
        kind = say("提问", "ask") if len(questions) == 1 else say("可能是", "may be")
        asked = [question_row(one, county, kind) for one in questions]
        asked += [question_row(one, county, say("也可能是", "or")) for one in others]
        cases = _cases(number, county, viewer)
        named = pages_named(whole, viewer)
        pages = [_page_row(page, read.readings, county) for page in named]
        is_named = any(whole.lower() in words for words in named.values())
        # Where no question is understood whole, what is left of it may be what a page tells.
        before, after = (pages, []) if is_named or all(one.left for one in questions) else ([], pages)
        # Nothing is taken for granted of several.
        is_several = len(before) + len(questions) > 1 and not (is_named and len(before) == 1)
        is_chosen = is_several and not cases
        if given.get("box") == "everywhere":
            text_rows = [] if cases or asked else _way_to_text(whole, county, viewer)
            return {"rows": [*cases, *before, *asked, *after, *text_rows], "choose": is_chosen}
        added = _added(given, whole, county, viewer)
        # One word is added to the question that is there; a sentence is one of its own.
        is_word = not read.readings or (len(read.readings[0].terms) == 1 and not read.readings[0].left)
        if not is_word:
            # No title has a whole sentence.
            added = [row for row in added if json.loads(row["key"])[0] != "text"]
        if is_word and added:
            return {"rows": [*cases, *added, *asked, *pages], "choose": len(questions) > 1 and not cases}
        return {"rows": [*cases, *before, *asked, *added, *after], "choose": is_chosen}


def _cases(number: str, county: County, viewer: Viewer) -> list[dict[str, Any]]:
    """The cases of just this number."""
    if not number:
        return []
    return [
        {
            "name": case_no,
            "kind": say("诉求编号", "case number"),
            "within": " · ".join(filter(None, (county.names.get(township_code), title))),
            "count": "",
            "way": way_to_case(township_code, case_no),
        }
        for township_code, case_no, title in cache.fresh_part(cases_numbered, (viewer, number))
    ]


def _page_row(page: str, readings: Sequence[Reading], county: County) -> dict[str, Any]:
    """The way to a page, of the townships that are named."""
    names = [county.names[code] for code in (readings[0].townships if readings else ())]
    return {
        "name": page_name(page),
        "kind": say("页面", "page"),
        "within": text.listed(names),
        "count": "",
        "way": {"path": page, "query": urlencode({"street": names}, doseq=True)},
    }


def _way_to_text(typed: str, county: County, viewer: Viewer) -> list[dict[str, Any]]:
    """The way to all titles with these words, for who may look for words."""
    choice = Choice(text=typed[:LONGEST_TEXT].strip())
    scope = scope_of(in_county(read(FILTERS, {})[0], county)[0], county, viewer)
    if not search_is_open(indicators_of(choice, county), scope):
        return []
    query = urlencode(parameters(choice), doseq=True)
    return [
        {
            "name": _text_words(choice.text),
            "kind": say("文字", "text"),
            # What stands here is no answer to a sentence.
            "within": say("没看懂，只能照原字找", "not understood: only these very words are looked for"),
            "way": {"path": "explore", "query": query, "whole": True},
        }
    ]


def _text_words(typed: str) -> str:
    return say(f"标题或名称含“{typed}”", f"Title or name has “{typed}”")


def _added(given: QueryParams, whole: str, county: County, viewer: Viewer) -> list[dict[str, Any]]:
    """What can be added to the question that the parameters ask."""
    typed = whole[:LONGEST_TEXT].strip()
    choice, _ = choice_from({name: given.getlist(name) for name in given}, county)
    indicators = indicators_of(choice, county)
    filters, _ = read(FILTERS, {name: given.getlist(name) for name in given})
    view = View(county, 0, "", scope_of(in_county(filters, county)[0], county, viewer), "")
    known = dimensions_open(indicators, view.scope)
    every = {**INDICATORS, **QUESTION_INDICATORS, **county.reported}
    (values,) = answers(findable_values, [viewer], lambda _done: None)
    among = [
        *(one for one in values if one.kind in known),
        *(Findable("count", code, text.name(indicator)) for code, indicator in every.items()),
        *(Findable("by", code, dimension_name(code)) for code in known),
        *(
            Findable(code, answer, f"{dimension_name(code)}{say('：', ': ')}{say(zh, en)}")
            for code in known
            for answer, zh, en in DIMENSIONS[code].answers
        ),
        *(
            Findable("last", str(count), say(f"最近{count}个月", f"last {count} months"))
            for count in (1, 3, 6, 12)
            if count <= len(county.months)
        ),
        *(Findable("only", month, text.month_name(month)) for month in reversed(county.months)),
        *(
            Findable("from", month, say(f"{text.month_name(month)}起", f"since {text.month_name(month)}"))
            for month in reversed(county.months)
        ),
    ]
    best = found(typed, among)
    counts = _counts(view, choice, best)
    kinds = {
        "count": say("数这个指标", "count this"),
        "by": say("按它分", "by this"),
        "only": say("只看这个月", "this month only"),
        "from": say("从这个月起", "from this month on"),
        "last": say("时段", "period"),
    }
    rows: list[dict[str, Any]] = [
        {
            "name": one.name,
            "kind": kinds.get(one.kind) or dimension_name(one.kind),
            "within": one.within,
            "count": counts.get((one.kind, one.value), ""),
            "key": json.dumps([one.kind, one.value], ensure_ascii=False),
        }
        for one in best
    ]
    if typed and search_is_open(indicators, view.scope):
        key = json.dumps(["text", typed], ensure_ascii=False)
        rows.append({"name": _text_words(typed), "kind": say("文字", "text"), "within": "", "count": "", "key": key})
    return rows


def _counts(view: View, choice: Choice, best: list[Findable]) -> dict[tuple[str, str], str]:
    """How much each has under the current filter, in words; nothing where counting takes long, or may not be seen."""
    county, scope = view.county, view.scope
    indicator = county.indicator(choice.count[0])
    begun = monotonic()

    counts: dict[tuple[str, str], str] = {}
    dimensions = dict.fromkeys(one.kind for one in best if one.kind in dimensions_for([indicator]))
    for dimension in dimensions:
        wanted = tuple(one.value for one in best if one.kind == dimension)
        where = (*((name, values) for name, values in choice.where if name != dimension), (dimension, wanted))
        within = scope if dimension != "township_code" else replace(scope, townships=None)
        question = Question((indicator.code,), (dimension,), where, choice.text)
        try:
            parts = plan(question, [indicator], within, county.kinds)
            left = _SECONDS_TO_COUNT - (monotonic() - begun)
            sums_found = answers(sums, parts, lambda _done: None, left)
            counted = put_together(question, [indicator], parts, sums_found, county.kind_of)
        except QuestionProblem:
            break
        except NotAllowed:
            continue
        told = told_indicators(view, replace(choice, count=choice.count[:1], where=where))[0]
        numbers = counted[(dimension,)][f"{indicator.code}:{'d' if indicator.is_ratio else 'n'}"]
        for value in wanted:
            amount = float(numbers.get(value, 0) or 0)
            counts[dimension, value] = text.number(amount) if indicator.is_ratio else text.value(told, amount)
    return counts
