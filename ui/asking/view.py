"""The filters every page shares, what the URL says of them, and the view that comes of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st
from sqlalchemy import Engine
from streamlit.delta_generator import DeltaGenerator

from data_access import queries
from data_access.cache import answer, data_key
from data_access.indicators import AREAS
from data_access.queries import County
from data_access.rollups import COMPARED_MONTHS
from data_access.scope import Scope, is_finished
from ui.text import listed, month_name, period, period_to, say

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

        ``code:missing`` are the months that a township left out of a sum over several (queries.missing_months). A
        township chosen alone is shown among all: its place means nothing without the others.
        """
        scope = scope or self.scope
        places = self.county.townships[["code", "name", "kind"]].rename(columns={"code": "township_code"})
        if self.chosen is None and scope.townships:
            places = places[places["township_code"].isin(scope.townships)]
        else:
            scope = replace(scope, townships=())
        table = places.merge(self.measured(codes, ("township_code",), scope), how="left", on="township_code")
        left_out = self._missing_months(scope)
        for code in codes:
            indicator = self.county.indicator(code)
            missing = left_out.get(indicator.data_area, {}) if indicator.over_months == "sum" else {}
            table[f"{code}:missing"] = [missing.get(township, ()) for township in table["township_code"]]
        return table

    def _missing_months(self, scope: Scope) -> dict[str, dict[str, tuple[str, ...]]]:
        """By area and township code; none where one month stands alone."""
        if len(scope.months) == 1:
            return {}
        found = answer(queries.missing_months, Scope((), scope.start, scope.end))
        return {
            str(area): {str(code): tuple(months) for code, months in rows.groupby("township_code")["month"]}
            for area, rows in found.groupby("area")
        }

    @property
    def chosen(self) -> str | None:
        """The name of the township that is chosen alone."""
        return self.county.names[self.scope.townships[0]] if len(self.scope.townships) == 1 else None

    def by_month(self, codes: Sequence[str], scope: Scope | None = None) -> pd.DataFrame:
        """One row for every month in scope, indexed by month, also for those without data."""
        scope = scope or self.scope
        return self.measured(codes, ("month",), scope).set_index("month").reindex(scope.months)

    def all_months(self, scope: Scope) -> Scope:
        """The same question of all months that there are."""
        return replace(scope, start=self.county.months[0], end=self.county.months[-1])

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
    """The months, and the filters that differ from their defaults, as query parameters."""
    defaults = {"street": [], "compare": COMPARISONS[0], "lang": "zh", "latest": False}
    chosen = {name: st.session_state[name] for name in defaults if name in st.session_state}
    told = {name: value for name, value in chosen.items() if value != defaults[name]}
    if "latest" in told:
        return told | {"latest": "true"}
    # Whoever follows a link sees the months that were meant, whatever data have come since.
    return told | {name: st.session_state[name] for name in ("from", "to") if st.session_state.get(name)}


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
    st.session_state["latest"] = False
    st.session_state["compare"] = COMPARISONS[0]
    forget_narrowings()


# --- The filters ----------------------------------------------------------------------------------


def _month_box(
    place: DeltaGenerator, label: str, months: list[str], key: str, default: str, why_off: str | None = None
) -> str:
    """A select box of months, which the address always names unless the viewer wants the latest ones."""
    if st.session_state.get("latest"):
        place.markdown(f":small[{label}]")
        place.selectbox(label, [default], key=f"latest {key}", disabled=True, label_visibility="collapsed")
        return default
    if key not in st.session_state and st.query_params.get(key) not in months:
        # Once it is drawn, Streamlit keeps the address; without a default of its own, whichever month is chosen.
        st.query_params[key] = default
    if st.session_state.get(key) not in months:
        st.session_state[key] = default
    # A month cannot be taken away; that it is required, Streamlit would say in English beside the label.
    place.markdown(f":small[{label}]", help=why_off)
    chosen = place.selectbox(
        label,
        months,
        index=None,
        key=key,
        bind="query-params",
        required=True,
        disabled=bool(why_off),
        label_visibility="collapsed",
    )
    return chosen or default


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
    first, last = st.session_state["default period"] = default_period(county)
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
        months_place = st.container()
        # Before the months, which it rules
        st.toggle(
            say("始终到最新完整月", "Always to the latest finished month"),
            key="latest",
            bind="query-params",
            help=say(
                "打开后随数据更新，地址里不写月份；关闭时地址里写明起止月份，发给别人看到的是同一时段。",
                "On: follows the data, and the address names no months. Off: the address names both months, so that "
                "whoever gets it sees the same period.",
            ),
        )
        left, right = months_place.columns(2, gap="small")
        start = _month_box(left, say("从", "From"), months, "from", first, why_off.get("from"))
        end = _month_box(right, say("至", "To"), months, "to", last)
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


def filter_sentence(view: View, area: str | None = None) -> str:
    """The filters in words: 全部 16 个镇街 · 2023年1月至8月 · 与上年同期（2022年1月至8月）相比.

    What an area's data (None: those of any area) leave unfinished of the months is said, too.
    """
    county, scope = view.county, view.scope
    whole = [kind for kind, codes in county.kinds.items() if codes == scope.townships]
    if not scope.townships or len(scope.townships) == len(county.townships):
        where = say(f"全部 {len(county.townships)} 个镇街", f"All {len(county.townships)} townships")
    elif whole:
        where = say(f"全部 {len(scope.townships)} 个{whole[0]}", f"All {len(scope.townships)} {whole[0]}")
    else:
        where = listed([county.names[code] for code in scope.townships])
    areas = [area] if area in county.as_of else list(county.as_of)
    parts = [where, period(scope.start, scope.end) + unfinished_words(county, scope.end, areas)]
    if view.compared is not None:
        parts.append(_comparison_sentence(view, view.compared, areas))
    return " · ".join(parts)


def _comparison_sentence(view: View, compared: Scope, areas: Sequence[str]) -> str:
    what = say("上年同期", "the year before") if view.compare == "year" else say("上一时段", "the previous period")
    county = view.county
    reaches = {compared.comparable(county.as_of[area]) for area in areas}
    if len(reaches) > 1:
        then = period(compared.start, compared.end) + say("，各领域截至同日", ", each area to the same day")
        return say(f"与{what}（{then}）相比", f"compared with {what} ({then})")
    last, cut = next(iter(reaches), (compared.end, None))
    if last < compared.start:
        return say(f"没有{what}可比", f"nothing of {what} to compare")
    then = period(compared.start, last) if cut is None else period_to(compared.start, cut)
    if compared.start < county.months[0]:
        return say(f"{what}（{then}）没有完整数据可比", f"no complete data for {what} ({then})")
    if cut is not None and compared.behind not in COMPARED_MONTHS:
        return say(f"{what}不能截到同一天，不作对比", f"{what} cannot be cut at the same day: no comparison")
    return say(f"与{what}（{then}）相比", f"compared with {what} ({then})")


def unfinished_words(county: County, month: str, areas: Sequence[str]) -> str:
    """（9月未完，至 10 日）: what the data of these areas leave open of a month; empty where they hold it whole."""
    told = {area: _reached_words(county.as_of[area], month) for area in areas if area in county.as_of}
    if not any(told.values()):
        return ""
    name = say(f"{int(month[5:])}月", month_name(month)[:3])
    if len(set(told.values())) == 1:
        return say(f"（{name}未完，{next(iter(told.values()))}）", f" ({name} unfinished, {next(iter(told.values()))})")
    by_area = _by_area({area: words or say("已完整", "whole") for area, words in told.items()})
    return say(f"（{name}未完：{by_area}）", f" ({name} unfinished: {by_area})")


def _reached_words(as_of: datetime, month: str) -> str:
    if is_finished(month, as_of):
        return ""
    if f"{as_of:%Y-%m}" < month:
        return say("还没有数据", "no data yet")
    return say(f"至 {as_of.day} 日", f"to day {as_of.day}")


def _by_area(told: Mapping[str, str]) -> str:
    """群众诉求至 10 日，其余还没有数据: what is told of each area, the words of most areas last."""
    groups: dict[str, list[str]] = {}
    for area, words in told.items():
        groups.setdefault(words, []).append(area_name(area))
    most = max(groups, key=lambda words: len(groups[words]))
    if len(groups[most]) == 1:
        most = ""
    parts = [f"{listed(names, limit=6)}{say('', ' ')}{words}" for words, names in groups.items() if words != most]
    rest = [f"{say('其余', 'the rest ')}{most}"] if most else []
    return say("，", ", ").join([*parts, *rest])


def area_name(area: str) -> str:
    """群众诉求, …; what is reported by hand is 其他工作."""
    return say(*AREAS.get(area, ("其他工作", "Other work")))


def as_of_sentence(county: County, area: str | None = None) -> str:
    """Until when an area's data reach (default: every area's)."""
    reached = {
        one: f"{moment:%Y-%m-%d}" for one, moment in county.as_of.items() if area not in county.as_of or one == area
    }
    days = set(reached.values())
    if len(days) > 1:
        by_area = _by_area({one: f" {day}" for one, day in reached.items()})
        return say(f"数据截至：{by_area}", f"Data as of: {by_area}")
    day = next(iter(days), "—")
    return say(f"数据截至 {day}", f"Data as of {day}")
