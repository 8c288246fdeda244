"""What somebody in the meeting room asks: the readings of a sentence, and the answer to one as a view of the screen."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import QueryParams

from data_access import cache
from data_access.access import NotAllowed, Viewer
from data_access.problems import QuestionProblem
from ui.asking.address import FILTERS, in_county, read, scope_of
from ui.asking.sentences import filter_sentence
from ui.asking.view import View
from ui.explore.answer import Answer, answered, question_sentence
from ui.explore.asked import case_asked, is_open, question_row, sentence_read
from ui.explore.choice import choice_from, explore_address
from ui.screen.drawings import answer_cards, group_drawing
from ui.text import say, written_in

# A room waits no longer.
_SECONDS = 10.0


def asked_on_screen(given: QueryParams, viewer: Viewer) -> dict[str, Any]:
    """The answer to ``asks`` (a query of 自由筛选), or to the sentence ``q`` where it has one reading; else its readings.

    A view of the screen (``frame``), ``readings`` to choose from (name, asks), or a ``problem`` in words; ``left``: what was
    not understood. Raises DatabaseProblem.
    """
    county = cache.county(viewer)
    language = "en" if given.get("lang") == "en" else "zh"
    with written_in(language):
        if not county.months:
            return {"problem": say("还没有数据", "No data yet")}
        if asks := given.get("asks"):
            return _answer(QueryParams(asks), language, viewer)
        typed = "".join(sign if sign.isprintable() else " " for sign in given.get("q", ""))
        found = sentence_read(typed, county, viewer).readings
        told = [one for one in found if not case_asked(one) and not one.look and is_open(one, county, viewer)]
        rows = [question_row(one, county, "") for one in told]
        if not rows and any(map(case_asked, found)):
            return {
                "problem": say("大屏不显示单件诉求，请在页面上查", "No single case stands here; look it up on a page")
            }
        if not rows:
            return {"problem": say("没有看懂，可换个说法", "Not understood; try other words")}
        if len(rows) == 1:
            answer = _answer(QueryParams(rows[0]["way"]["query"]), language, viewer)
            return {**answer, "left": rows[0]["left"]}
        readings = [{"name": row["name"], "asks": row["way"]["query"]} for row in rows]
        return {"readings": readings, "left": rows[0]["left"]}


def _answer(asks: QueryParams, language: str, viewer: Viewer) -> dict[str, Any]:
    county = cache.county(viewer)
    told = {name: asks.getlist(name) for name in asks}
    choice, _ = choice_from(told, county)
    # Rows are of single cases: a room is told how many.
    choice = choice.asking()
    filters, _ = read(FILTERS, told)
    known, _ = in_county(filters, county)
    view = View(county, cache.data_key(), language, scope_of(known, county, viewer), known["compare"])
    try:
        answer = answered(view, choice, lambda _done: None, _SECONDS)
    except (QuestionProblem, NotAllowed) as problem:
        return {"problem": say(problem.zh, problem.en)}
    if not len(answer.now[()]):
        return {"problem": say("没有数据", "No data")}
    shared = {one.name: told[one.name] for one in FILTERS if one.name in told}
    return {"frame": _frame(answer, {**shared, **({"lang": ["en"]} if language == "en" else {})})}


def _frame(answer: Answer, filters: dict[str, list[str]]) -> dict[str, Any]:
    charts = [chart for indicator in answer.indicators[:2] if (chart := group_drawing(answer, indicator))]
    return {
        "key": "asked",
        "title": question_sentence(answer),
        "filters": filter_sentence(answer.view),
        "leave": explore_address(answer.choice, filters),
        "decisions": [],
        "cards": answer_cards(answer),
        "charts": charts,
    }
