"""The question that a viewer of 自由筛选 has put together, and how a web address says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from data_access.exploring.dimensions import DIMENSIONS, ROLLUP_NAMES
from data_access.exploring.questions import Question, Where, can_be_searched, dimensions_for
from data_access.indicators import INDICATORS, QUESTION_INDICATORS
from data_access.model.indicator import Indicator
from data_access.queries import County
from ui.asking import address
from ui.asking.view import View
from ui.text import say

MOST_INDICATORS = 4
LONGEST_TEXT = 60
MOST_VALUES = 100
TOPS = (10, 20, 50)
MOST_SHOWN = 100
# Groups stand by how much is behind them; asked for, by the figure: the lowest first, the highest first
ORDERS = ("", "low", "high")
# To ask a question, or to be shown what stands out, what was raised again, what is to be expected
LOOKS = ("ask", "causes", "again", "forecast")
SHOWN = ("auto", "line", "bars", "heatmap", "number", "table")
DEFAULT = ("received",)
_LONGEST_VALUE = 200
_STATE = "explore choice"


@dataclass(frozen=True)
class Choice:
    """What is asked and how the answer is shown.

    ``cell``: the dimensions' values of the figure whose rows are shown, None without; ``of``: that figure's indicator;
    ``which``: all of these rows, the counted ones or the rest; ``sort``: how they are sorted (empty: as they usually are);
    ``case``: township code and number of the case shown; ``order``: by the figure, the lowest or highest first.
    """

    count: tuple[str, ...] = DEFAULT
    by: tuple[str, ...] = ()
    where: Where = ()
    text: str = ""
    show: str = "auto"
    top: int = TOPS[0]
    cell: tuple[tuple[str, str], ...] | None = None
    of: str = ""
    which: str = "all"
    sort: str = ""
    case: str = ""
    look: str = "ask"
    order: str = ""

    @property
    def question(self) -> Question:
        """What is asked."""
        return Question(self.count, self.by, self.where, self.text)

    def with_value(self, dimension: str, value: str) -> Choice:
        """The same with one more value of a dimension that will do."""
        values = dict(self.where)
        values[dimension] = tuple(dict.fromkeys((*values.get(dimension, ()), value)))
        return self.asking(where=tuple(values.items()))

    def without_value(self, dimension: str, value: str) -> Choice:
        """The same without a value of a dimension."""
        values = {
            name: tuple(one for one in chosen if (name, one) != (dimension, value)) for name, chosen in self.where
        }
        return self.asking(where=tuple((name, chosen) for name, chosen in values.items() if chosen))

    def asking(self, **changes: Any) -> Choice:
        """Another question: the rows of the one before are not shown any more."""
        return replace(self, **{"cell": None, "of": "", "which": "all", "sort": "", "case": "", **changes})


def parameters(choice: Choice) -> dict[str, list[str]]:
    """The choice as query parameters; what is the default is left out."""
    found: dict[str, list[str]] = {}
    if choice.count != DEFAULT:
        found["count"] = list(choice.count)
    if choice.by:
        found["by"] = list(choice.by)
    if choice.where:
        found["is"] = [f"{name}:{value}" for name, values in choice.where for value in values]
    if choice.cell is not None:
        found["rows"] = [choice.of]
        if choice.cell:
            found["cell"] = [f"{name}:{value}" for name, value in choice.cell]
    plain = {
        "text": choice.text,
        "show": choice.show,
        "top": choice.top,
        "which": choice.which,
        "sort": choice.sort,
        "case": choice.case,
        "look": choice.look,
        "order": choice.order,
    }
    usual = Choice()
    return found | {name: [str(value)] for name, value in plain.items() if value != getattr(usual, name)}


def choice_from(given: Mapping[str, Sequence[str]], county: County) -> tuple[Choice, tuple[str, ...]]:
    """The choice that query parameters say, and what of them is not there (any more)."""
    lost: list[str] = []
    every = {**INDICATORS, **QUESTION_INDICATORS, **county.reported}
    count: list[str] = []
    for code in given.get("count", ()):
        (count if code in every else lost).append(code)
    indicators = [every[code] for code in dict.fromkeys(count)][:MOST_INDICATORS] or [every[code] for code in DEFAULT]
    known = dimensions_for(indicators)
    by: list[str] = []
    for name in dict.fromkeys(given.get("by", ())):
        (by if name in known else lost).append(name)
    values: dict[str, tuple[str, ...]] = {}
    for pair in given.get("is", ()):
        name, _, value = pair.partition(":")
        if name not in known or ":" not in pair or not _is_value(name, value):
            lost.append(pair)
        elif sum(map(len, values.values())) == MOST_VALUES and value not in values.get(name, ()):
            lost.append(say(f"第 {MOST_VALUES} 个以后的条件（太多）", f"values after the {MOST_VALUES}th (too many)"))
            break
        else:
            values[name] = tuple(dict.fromkeys((*values.get(name, ()), value)))
    # No title has control characters, and some servers take none.
    text = "".join(sign for sign in "".join(given.get("text", ())[:1]) if sign.isprintable()).strip()[:LONGEST_TEXT]
    if text and not can_be_searched(indicators):
        lost.append(text)
        text = ""

    def one_of(name: str, options: Sequence[str]) -> str:
        value = next(iter(given.get(name, ())), options[0])
        return value if value in options else options[0]

    cell: tuple[tuple[str, str], ...] | None = None
    of = next(iter(given.get("rows", ())), "")
    if of in [indicator.code for indicator in indicators]:
        pairs = [pair.partition(":") for pair in given.get("cell", ())]
        cell = tuple((name, value) for name, _, value in pairs if name in by[:2] and _is_value(name, value))
    choice = Choice(
        tuple(indicator.code for indicator in indicators),
        tuple(by[:2]),
        tuple(values.items()),
        text,
        one_of("show", SHOWN),
        int(one_of("top", [str(TOPS[0]), *map(str, range(1, MOST_SHOWN + 1))])),
        cell,
        of if cell is not None else "",
        one_of("which", ("all", "counted", "rest")) if cell is not None else "all",
        one_of("sort", ("", *address.SORTS)) if cell is not None else "",
        next((key for key in given.get("case", ()) if key.isprintable() and len(key) <= _LONGEST_VALUE), ""),
        one_of("look", LOOKS),
        one_of("order", ORDERS),
    )
    return choice, tuple(map(address.excerpt, lost))


def _is_value(dimension: str, value: str) -> bool:
    if not (value.isprintable() and len(value) <= _LONGEST_VALUE):
        return False
    if dimension in ("weekday", "hour"):
        return value.isascii() and value.isdigit() and int(value) < 24
    answers = DIMENSIONS[dimension].answers
    return not answers or value in {code for code, *_ in answers}


def counting(choice: Choice, indicators: Sequence[Indicator]) -> Choice:
    """The choice with other indicators; what they are not known by is asked no more."""
    known = dimensions_for(indicators)
    return choice.asking(
        count=tuple(indicator.code for indicator in indicators),
        by=tuple(name for name in choice.by if name in known),
        where=tuple((name, values) for name, values in choice.where if name in known),
        text=choice.text if can_be_searched(indicators) else "",
        show="auto",
    )


# --- In a session ---------------------------------------------------------------------------------


def current_choice(county: County) -> tuple[Choice, tuple[str, ...]]:
    """The choice of this session, and what of its address is not there any more."""
    if _STATE not in st.session_state:
        follow_question(county)
    return st.session_state[_STATE], st.session_state["explore lost"]


def follow_question(county: County) -> None:
    """Let the address say the question."""
    st.session_state[_STATE], st.session_state["explore lost"] = choice_from(address.given(), county)


def kept_question() -> dict[str, list[str]]:
    """The question of this session as query parameters, to come back to; without rows and case."""
    choice: Choice | None = st.session_state.get(_STATE)
    return parameters(choice.asking()) if choice else {}


def choose(choice: Choice) -> None:
    """Make it the choice from the next run on."""
    st.session_state[_STATE], st.session_state["explore lost"] = choice, ()


def explore_address(choice: Choice, filters: Mapping[str, list[str]]) -> str:
    """The link that opens a choice with the filters every page shares."""
    query = urlencode({**filters, **parameters(choice)}, doseq=True)
    return f"explore?{query}" if query else "explore"


def opening(
    view: View, count: Sequence[str], by: Sequence[str] = (), where: Sequence[tuple[str, str]] = ()
) -> dict[str, str] | None:
    """What opens a figure's question from another page: the query and what the mark says; None for no such question."""
    indicators = [view.county.indicator(code) for code in count]
    renamed = ROLLUP_NAMES.get(indicators[0].source, {})
    own = {name: question for question, name in renamed.items()}
    wanted: dict[str, tuple[str, ...]] = {}
    for name, value in (*view.scope.where, *where):
        values = value if isinstance(value, tuple) else (value,)
        wanted[own.get(name, name)] = tuple(map(str, values))
    known = dimensions_for(indicators)
    told_apart = tuple(own.get(name, name) for name in by)
    if not {*told_apart, *wanted} <= set(known):
        return None
    query = urlencode(parameters(Choice(tuple(count), told_apart, tuple(wanted.items()))), doseq=True)
    # Never empty: an empty one would not be news to the page.
    return {"query": query or f"count={count[0]}", "label": say("在自由筛选中打开", "Open in Explore")}


def indicators_of(choice: Choice, county: County) -> list[Indicator]:
    """The indicators that are counted."""
    return [county.indicator(code) for code in choice.count]
