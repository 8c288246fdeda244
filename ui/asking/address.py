"""The address: what it asks for, read where that is news and written at most once in a run.

One mechanism for filters, switches and clicks, and for whatever else answers an address (the wall, the search). Streamlit's
``bind="query-params"`` is not used: it sends one message, so one step of the history, for each widget that a click sets,
puts translated labels into the address, and lets nothing else write what it is bound to.

A parameter is kept in ``st.session_state`` under its name. What a viewer types freely (the search of a list of cases) is no
parameter: it may be somebody's name or number, and addresses are kept by browsers and proxies, and sent on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from data_access.access import Viewer
from data_access.decisions.items import STATES as DECISION_STATES
from data_access.queries import County
from data_access.scope import Scope
from data_access.todo.to_do import URGENCIES
from ui.text import listed, plain, say

Given = Mapping[str, Sequence[str]]
# What a click asks for: by what is clicked, parameters with other values (none: the default)
Ways = Mapping[str, Given]

LANGUAGES = ("zh", "en")
COMPARISONS = ("year", "previous", "none")
TABS = ("charts", "rows")
VILLAGES = ("ranking", "map")
STATES = ("all", "open", "pending", "overdue", "late", "closed", "dissatisfied")
SORTS = ("time", "urgency")
MODES = ("list", "meeting")
VERDICTS = ("all", *DECISION_STATES)
_LONGEST = 200
_LONGEST_TOLD = 40
HOURS = tuple(f"{weekday}-{hour}" for weekday in range(1, 8) for hour in range(24))


@dataclass(frozen=True)
class Parameter:
    """A name in the address. ``read`` makes a value of what it is given, never empty; ValueError: it says nothing.

    ``narrows``: it belongs to the filters, which are reset together.
    """

    name: str
    default: Any
    read: Callable[[Sequence[str]], Any]
    options: tuple[str, ...] = ()
    narrows: bool = False


def _printable(value: str) -> str:
    if not value.isprintable() or len(value) > _LONGEST:
        raise ValueError
    return value


def _choice(name: str, options: tuple[str, ...], *, default: str | None = "", narrows: bool = False) -> Parameter:
    """One of the options; the first of them unless there is another default."""
    return Parameter(
        name,
        options[0] if default == "" else default,
        lambda given: options[options.index(given[-1])],
        options,
        narrows,
    )


def _value(name: str, *, narrows: bool = False) -> Parameter:
    """A value of which only the data know whether there is such a one; None: any."""
    return Parameter(name, None, lambda given: _printable(given[-1]), narrows=narrows)


def _values(name: str, *, most: int | None = None, narrows: bool = False) -> Parameter:
    """Values of which only the data know whether there are such; more than ``most`` say nothing."""

    def read_all(given: Sequence[str]) -> tuple[str, ...]:
        if most is not None and len(given) > most:
            raise ValueError
        return tuple(map(_printable, given))

    return Parameter(name, (), read_all, narrows=narrows)


def _switch(name: str, *, default: bool = False) -> Parameter:
    return Parameter(name, default, lambda given: bool(("false", "true").index(given[-1])), narrows=True)


LANGUAGE = _choice("lang", LANGUAGES)
# What every page shares
FILTERS = (
    _values("street", narrows=True),
    _value("from", narrows=True),
    _value("to", narrows=True),
    _switch("latest"),
    _choice("compare", COMPARISONS, narrows=True),
)
SHARED = (*FILTERS, LANGUAGE)
_TAB = _choice("tab", TABS)
# What a page has of its own, by its path
OWN: dict[str, tuple[Parameter, ...]] = {
    "overview": (_value("indicator"),),
    "today": (
        # What is to be done, and how urgent, of which the rows are shown
        _value("todo"),
        _choice("when", URGENCIES, default=None),
        _value("department", narrows=True),
        _value("case", narrows=True),
    ),
    "petitions": (
        _TAB,
        _choice("state", STATES, narrows=True),
        # None: as the state is sorted
        _choice("sort", SORTS, default=None, narrows=True),
        # One for each level
        _values("category", most=3, narrows=True),
        _value("channel", narrows=True),
        _value("village", narrows=True),
        # How the villages are drawn
        _choice("villages", VILLAGES),
        _choice("hour", HOURS, default=None, narrows=True),
        # The case whose card is open: its township's code and its number
        _value("case", narrows=True),
    ),
    "rural_projects": (
        _TAB,
        _value("project_kind", narrows=True),
        _value("project_stage", narrows=True),
        _switch("late", default=True),
    ),
    "cameras": (_TAB,),
    "volunteers": (_TAB,),
    "grid": (_TAB,),
    "other_work": (_TAB,),
    "evaluation": (_value("scheme"),),
    "warning": (_value("indicator"), _value("case", narrows=True)),
    "decisions": (
        _choice("mode", MODES),
        _choice("verdict", VERDICTS, narrows=True),
        # The month of the meeting, and the department that owns the decision
        _value("met", narrows=True),
        _value("owner", narrows=True),
        _value("decision", narrows=True),
        # A new one is written down, about an indicator, a case or a matter that needs attention
        _choice("decide", ("no", "yes"), narrows=True),
        _value("promise", narrows=True),
        _value("case", narrows=True),
        _value("about", narrows=True),
    ),
}


def excerpt(given: str) -> str:
    """As much of what an address gives as is told back to whoever opened it."""
    return given if len(given) <= _LONGEST_TOLD else f"{given[:_LONGEST_TOLD]}…"


# --- Reading and writing --------------------------------------------------------------------------


def read(parameters: Iterable[Parameter], given: Given) -> tuple[dict[str, Any], list[str]]:
    """The values that an address gives, and the names of those parameters that say nothing and have their default."""
    values: dict[str, Any] = {}
    unknown = []
    for parameter in parameters:
        values[parameter.name] = parameter.default
        if told := given.get(parameter.name):
            try:
                values[parameter.name] = parameter.read(told)
            except ValueError:
                unknown.append(parameter.name)
    return values, unknown


def written(parameters: Iterable[Parameter], values: Mapping[str, Any]) -> dict[str, list[str]]:
    """The values as an address gives them; what is the default is left out."""
    told: dict[str, list[str]] = {}
    for parameter in parameters:
        value = values.get(parameter.name, parameter.default)
        if value == parameter.default:
            continue
        each = value if isinstance(value, (list, tuple)) else [str(value).lower() if isinstance(value, bool) else value]
        if each:
            told[parameter.name] = [str(one) for one in each]
    return told


def default_period(county: County) -> tuple[str, str]:
    """The first and last month where none is asked for."""
    return county.usual_months


def in_county(values: Mapping[str, Any], county: County) -> tuple[dict[str, Any], list[str]]:
    """The values of filters with months (the default ones where none are asked for), and the names of those unknown."""
    names, default = set(county.names.values()), default_period(county)
    streets = list(dict.fromkeys(values["street"]))
    known = {**values, "street": [name for name in streets if name in names]}
    unknown = ["street"] if len(known["street"]) < len(streets) else []
    for name, month in zip(("from", "to"), default, strict=True):
        if values["latest"] or values[name] is None:
            known[name] = month
        elif values[name] not in county.months:
            known[name] = month
            unknown.append(name)
    return known, unknown


def scope_of(values: Mapping[str, Any], county: County, viewer: Viewer) -> Scope:
    """The scope that filters as :func:`in_county` gives them ask for."""
    codes = tuple(code for code, name in county.names.items() if name in values["street"])
    return Scope(viewer, codes or None, min(values["from"], values["to"]), max(values["from"], values["to"]))


# --- In a session ---------------------------------------------------------------------------------


def is_news() -> bool:
    """Whether the address says what this run is asked, rather than the session: a link, a step back, another page."""
    return bool(st.session_state["address is news"])


def _is_arrival() -> bool:
    context = get_script_run_ctx()
    return "asked page" not in st.session_state or bool(context and context.is_history_navigation)


def given() -> dict[str, list[str]]:
    """What the address says now."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def follow_language() -> None:
    """Let the address choose the language; before anything is written in it."""
    _follow((LANGUAGE,), is_news=_is_arrival())


def follow(page: str) -> list[str]:
    """Let the address say what is asked where it is news; a page's own parameters begin anew on each page.

    Returns the names of those that say nothing.
    """
    is_arrival = _is_arrival()
    st.session_state["address is news"] = is_arrival or st.session_state["asked page"] != page
    st.session_state["asked page"] = page
    st.session_state["brought"] = set()
    return _follow(FILTERS, is_news=is_arrival) + _follow(OWN.get(page, ()), is_news=is_news())


def _follow(parameters: Sequence[Parameter], *, is_news: bool) -> list[str]:
    # A copy, because Streamlit forgets what belongs to a widget that is not drawn.
    kept = st.session_state.setdefault("asked values", {})
    if is_news:
        values, unknown = read(parameters, given())
        # A click on the page keeps what the address said before.
        brought = {name for name, value in values.items() if name not in kept or kept[name] != value}
        st.session_state["brought"] = st.session_state.get("brought", set()) | brought | set(unknown)
    else:
        names = {one.name: one.default for one in parameters}
        values = {name: st.session_state.get(name, kept.get(name, default)) for name, default in names.items()}
        unknown = []
    kept.update(values)
    st.session_state.update(values)
    return unknown


def keep_to_county(county: County, unknown: Sequence[str]) -> None:
    """Let the filters keep to the townships and months that there are, and say what else was ``unknown``."""
    values, not_there = in_county({one.name: st.session_state[one.name] for one in FILTERS}, county)
    st.session_state.update(values)
    leave_out([*unknown, *not_there])


def keep_known(name: str, options: Iterable[Any], default: Any = None) -> Any:
    """The value of a parameter if it is among the options, else the default, which is then chosen."""
    value = st.session_state[name]
    if value is not None and value not in options:
        leave_out([name])
        value = None
    st.session_state[name] = default if value is None else value
    st.session_state.setdefault("page defaults", {})[name] = default
    return st.session_state[name]


def leave_out(names: Sequence[str]) -> None:
    """Say which parameters of the address were not understood; nothing where the viewer did not bring one."""
    brought = st.session_state.get("brought", set())
    if told := listed([name for name in names if name in brought]):
        st.warning(
            plain(
                say(
                    f"地址里的 {told} 有不认识的内容，已略去。",
                    f"What the address says of {told} is unknown: left out.",
                )
            ),
            icon=":material/link_off:",
        )


def filters() -> dict[str, list[str]]:
    """The filters of this session as query parameters.

    They name the months: whoever follows a link sees those that were meant, whatever data have come since.
    """
    values = {one.name: st.session_state[one.name] for one in SHARED}
    if values["latest"]:
        values |= {"from": None, "to": None}
    return written(SHARED, values)


def write(page: str, further: Given) -> None:
    """Put what is asked into the address, with ``further`` parameters: the one place that does, as one step back."""
    defaults = st.session_state.get("page defaults", {})
    own = {one.name: st.session_state[one.name] for one in OWN.get(page, ())}
    own = {name: value for name, value in own.items() if value is None or value != defaults.get(name)}
    wanted = {**filters(), **written(OWN.get(page, ()), own), **{name: list(told) for name, told in further.items()}}
    if wanted != given():
        st.query_params.from_dict(wanted)


# --- What a click does ----------------------------------------------------------------------------


def toggle(name: str, value: str) -> None:
    """Show only this value; the one shown already: all again."""
    st.session_state[name] = None if st.session_state[name] == value else value


def ways_to(name: str, values: Iterable[str], now: str | None) -> Ways:
    """Only the value that is clicked; the one that is asked for ``now``: all again."""
    return {value: {name: [] if value == now else [value]} for value in values}


def without_narrowing(page: str) -> Given:
    """All filters at their defaults, also what clicks and lists narrowed on the page."""
    return {one.name: [] for one in (*FILTERS, *OWN.get(page, ())) if one.narrows}
