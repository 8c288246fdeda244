"""The filters every page shares, what the URL says of them, and the view that comes of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st
from sqlalchemy import Engine

from data_access import queries
from data_access.cache import answer, data_key
from data_access.queries import County
from data_access.scope import Scope
from ui.text import listed, period, say

COMPARISONS = ("year", "previous", "none")
# What a click or a list narrows further; reset with the filters.
NARROWINGS = (
    "category",
    "channel",
    "village",
    "hour",
    "state",
    "case search",
    "project_kind",
    "project_stage",
    "late only",
)


# The filters that have no effect on a page, with the reason: there they are off, and nothing names them.
WITHOUT_EFFECT: dict[str, dict[str, tuple[str, str]]] = {
    "rural_projects": {
        "from": ("项目按“至”所选月份月末计", "Projects are counted at the end of the month chosen at the right"),
    },
    "evaluation": {
        "from": ("月度评比只评“至”所选月份", "The evaluation is of the month chosen at the right"),
        "compare": ("月度评比与上月相比", "The evaluation is compared with the month before"),
    },
    "other_work": {"compare": ("填报指标不作对比", "Figures reported by hand are not compared")},
}


@dataclass(frozen=True)
class View:
    """What this viewer looks at: the county, the scope, and the scope it is compared with.

    What one township shows is asked of the database for all at once: each is there when it is chosen, one after the
    other. Equal views show the same words and figures: which data these are and the language are part of it.
    """

    county: County = field(compare=False)
    data: int
    language: str
    scope: Scope
    compare: str
    compared: Scope | None

    def measured(self, codes: Sequence[str], by: tuple[str, ...] = (), scope: Scope | None = None) -> pd.DataFrame:
        """The indicators of these codes over the view's scope (or another), as ``queries.measure`` gives them."""
        scope = scope or self.scope
        indicators = tuple(self.county.indicator(code) for code in codes)
        if len(scope.townships) == 1 and by in ((), ("month",)):
            of_all = answer(queries.measure, indicators, replace(scope, townships=()), ("township_code", *by))
            own = of_all[of_all["township_code"] == scope.townships[0]]
            if len(own):
                return own.drop(columns="township_code").reset_index(drop=True)
        return answer(queries.measure, indicators, scope, by)

    def listed(self, question: Callable[[Engine, Scope], pd.DataFrame]) -> pd.DataFrame:
        """The rows of the view's townships, each with its ``township_code``, that the question gives for a scope."""
        of_all = answer(question, replace(self.scope, townships=()))
        return of_all[of_all["township_code"].isin(self.scope.townships)] if self.scope.townships else of_all

    def by_township(self, codes: Sequence[str], scope: Scope | None = None) -> pd.DataFrame:
        """One row for every township compared, in code order, also for those without data: plus name, kind.

        A township chosen alone is shown among all: its place means nothing without the others.
        """
        scope = scope or self.scope
        places = self.county.townships[["code", "name", "kind"]].rename(columns={"code": "township_code"})
        if self.chosen is None and scope.townships:
            places = places[places["township_code"].isin(scope.townships)]
        else:
            scope = replace(scope, townships=())
        table = self.measured(codes, ("township_code",), scope)
        return places.merge(table, how="left", on="township_code")

    @property
    def chosen(self) -> str | None:
        """The name of the township that is chosen alone."""
        return self.county.names[self.scope.townships[0]] if len(self.scope.townships) == 1 else None

    def by_month(self, codes: Sequence[str], scope: Scope | None = None) -> pd.DataFrame:
        """One row for every month in scope, indexed by month, also for those without data."""
        scope = scope or self.scope
        return self.measured(codes, ("month",), scope).set_index("month").reindex(scope.months)

    def narrowed(self, *where: tuple[str, str | tuple[str, ...]]) -> View:
        """The same view of fewer rows, in both periods."""
        return replace(
            self,
            scope=self.scope.narrowed(*where),
            compared=self.compared.narrowed(*where) if self.compared else None,
        )

    @property
    def compared_label(self) -> str:
        """较上年同期, 较上一时段."""
        return (
            say("较上年同期", "vs year before") if self.compare == "year" else say("较上一时段", "vs previous period")
        )


def current_view() -> View:
    """The view that the frame made of the filters in this run."""
    view: View = st.session_state["view"]
    return view


# --- The URL --------------------------------------------------------------------------------------


def follow_url(name: str, options: Sequence[str], default: str, *, sticky: bool = True) -> None:
    """Let ``?name=`` set ``st.session_state[name]``: at a cold link, and when the viewer goes back.

    For choices whose labels are translated: a bound widget would put the translated label into the URL.
    A sticky choice goes along to other pages; others begin anew on each.
    """
    given = st.query_params.get(name)
    seen = st.session_state.get(f"{name} in URL")
    page = urlsplit(st.context.url or "").path
    # Changing the page clears parameters that no widget is bound to; that is not a choice.
    same_page = st.session_state.get(f"{name} on page", page) == page
    if given in options and (given != seen or not same_page or name not in st.session_state):
        st.session_state[name] = given
    elif given is None and (seen is not None if same_page else not sticky):
        st.session_state[name] = default
    if st.session_state.get(name) not in options:
        st.session_state[name] = default
    st.session_state[f"{name} on page"] = page


def write_url(name: str, default: str) -> None:
    """Put ``st.session_state[name]`` into the URL, unless it is the default."""
    value = st.session_state[name]
    if value == default:
        if name in st.query_params:
            del st.query_params[name]
    elif st.query_params.get(name) != value:
        st.query_params[name] = value
    st.session_state[f"{name} in URL"] = None if value == default else value


def filter_parameters() -> dict[str, str | list[str]]:
    """The filters that differ from their defaults, as query parameters."""
    names = ("street", "from", "to", "compare", "lang")
    chosen = {name: st.session_state[name] for name in names if name in st.session_state}
    first, last = st.session_state.get("default period", ("", ""))
    defaults = {"street": [], "from": first, "to": last, "compare": COMPARISONS[0], "lang": "zh"}
    return {name: value for name, value in chosen.items() if value != defaults[name]}


def unbound_parameters() -> dict[str, str | list[str]]:
    """The part of :func:`filter_parameters` that no widget is bound to: Streamlit takes only the others along."""
    return {name: value for name, value in filter_parameters().items() if name == "compare"}


# --- What a click does ----------------------------------------------------------------------------


def narrow_to_street(name: str) -> None:
    """Show one township; the one already shown alone: all again."""
    st.session_state["street"] = [] if st.session_state.get("street") == [name] else [name]


def narrow_to_month(month: str) -> None:
    """Show one month; the one already shown alone: back to the default period."""
    if st.session_state.get("from") == st.session_state.get("to") == month:
        first, last = st.session_state["default period"]
        st.session_state["from"], st.session_state["to"] = first, last
    else:
        st.session_state["from"] = st.session_state["to"] = month


def forget_narrowings() -> None:
    """Take back what clicks and lists narrowed beyond the shared filters."""
    for narrowing in NARROWINGS:
        st.session_state.pop(narrowing, None)


def _pick_kind(names: list[str]) -> None:
    st.session_state["street"] = names


def _reset() -> None:
    st.session_state["street"] = []
    st.session_state["from"], st.session_state["to"] = st.session_state["default period"]
    st.session_state["compare"] = COMPARISONS[0]
    forget_narrowings()


# --- The filters ----------------------------------------------------------------------------------


def default_period(county: County) -> tuple[str, str]:
    """From January of the year (or the first month with data) to the last month that is finished."""
    last = county.finished_month
    return max(f"{last[:4]}-01", county.months[0]), last


def show_filters(county: County, *, without: Mapping[str, tuple[str, str]] = {}, for_others: bool = False) -> View:
    """Draw the filters in the sidebar and return the view they give. The county must have months.

    Those ``without`` effect on the page are off, with the reason (zh, en). All are drawn, also on a page to which they
    say nothing (``for_others``): what is not drawn, Streamlit forgets.
    """
    why_off = {name: say(*reason) for name, reason in without.items()}
    first, last = default_period(county)
    was_default = st.session_state.get("default period")
    if was_default and (st.session_state.get("from"), st.session_state.get("to")) == was_default != (first, last):
        # New data: whoever looks at the latest months goes on doing so.
        st.session_state["from"], st.session_state["to"] = first, last
    st.session_state["default period"] = (first, last)
    names = list(county.names.values())
    months = list(county.months)
    with st.sidebar:
        if for_others:
            st.caption(say("以下筛选用于其他页面", "These filters are for the other pages"))
        chosen = st.multiselect(
            say("镇街", "Townships"),
            names,
            key="street",
            bind="query-params",
            placeholder=say("全部镇街", "All townships"),
            select_all=False,
            wrap=True,
        )
        with st.container(horizontal=True, gap="xsmall"):
            st.button(say("全部", "All"), on_click=_pick_kind, args=([],), key="pick all")
            for kind, group in county.kinds.items():
                st.button(kind, on_click=_pick_kind, args=([county.names[code] for code in group],), key=f"pick {kind}")
        left, right = st.columns(2, gap="small")
        start = left.selectbox(
            say("从", "From"),
            months,
            index=months.index(first),
            key="from",
            bind="query-params",
            disabled="from" in why_off,
            help=why_off.get("from"),
        )
        end = right.selectbox(say("至", "To"), months, index=months.index(last), key="to", bind="query-params")
        labels = {
            "year": say("上年同期", "Same months last year"),
            "previous": say("上一时段", "Previous period"),
            "none": say("不对比", "None"),
        }
        st.selectbox(
            say("对比", "Compared with"),
            COMPARISONS,
            format_func=labels.__getitem__,
            key="compare",
            disabled="compare" in why_off,
            help=why_off.get("compare"),
        )
        st.button(
            say("重置筛选", "Reset filters"),
            icon=":material/restart_alt:",
            on_click=_reset,
            key="reset",
            width="stretch",
        )
    write_url("compare", COMPARISONS[0])
    start, end = (end, end) if "from" in without else (min(start, end), max(start, end))
    scope = Scope(tuple(code for code, name in county.names.items() if name in chosen), start, end)
    compare = "none" if "compare" in without else st.session_state["compare"]
    compared = scope.year_before() if compare == "year" else scope.previous() if compare == "previous" else None
    view = View(county, data_key(), st.session_state["lang"], scope, compare, compared)
    st.session_state["view"] = view
    return view


def filter_sentence(view: View) -> str:
    """The filters in words: 全部 16 个镇街 · 2023年1月至8月 · 与上年同期（2022年1月至8月）相比."""
    county, scope = view.county, view.scope
    whole = [kind for kind, codes in county.kinds.items() if codes == scope.townships]
    if not scope.townships or len(scope.townships) == len(county.townships):
        where = say(f"全部 {len(county.townships)} 个镇街", f"All {len(county.townships)} townships")
    elif whole:
        where = say(f"全部 {len(scope.townships)} 个{whole[0]}", f"All {len(scope.townships)} {whole[0]}")
    else:
        where = listed([county.names[code] for code in scope.townships])
    parts = [where, period(scope.start, scope.end)]
    if view.compared is not None:
        then = period(view.compared.start, view.compared.end)
        what = say("上年同期", "the year before") if view.compare == "year" else say("上一时段", "the previous period")
        if view.compared.end < county.months[0]:
            parts.append(say(f"{what}（{then}）没有数据可比", f"no data for {what} ({then})"))
        else:
            parts.append(say(f"与{what}（{then}）相比", f"compared with {what} ({then})"))
    return " · ".join(parts)


def as_of_sentence(county: County, area: str | None = None) -> str:
    """Until when an area's data reach (default: the area whose data reach furthest)."""
    moment = county.as_of.get(area or "", max(county.as_of.values()))
    return say(f"数据截至 {moment:%Y-%m-%d}", f"Data as of {moment:%Y-%m-%d}")
