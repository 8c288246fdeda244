"""The filters every page shares, beside it."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data_access.cache import data_key
from data_access.queries import County
from ui.asking import address
from ui.asking.view import View
from ui.asking.viewer import viewer
from ui.text import plain, say

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


def show_language() -> None:
    """The switch of the language, which is the address's before anything is written in it."""
    address.follow_language()
    st.sidebar.segmented_control(
        "语言 Language", address.LANGUAGES, key="lang", required=True, label_visibility="collapsed"
    )


def _pick_kind(names: list[str]) -> None:
    st.session_state["street"] = names


def _month_box(place: DeltaGenerator, label: str, months: list[str], key: str, why_off: str | None) -> None:
    # A label of one's own, whose size and help a narrow column has room for
    place.markdown(f":small[{plain(label)}]", help=plain(why_off) if why_off else None)
    is_off = bool(why_off) or st.session_state["latest"]
    place.selectbox(plain(label), months, key=key, disabled=is_off, label_visibility="collapsed")


def show_filters(county: County, page: str, *, for_others: bool = False) -> View:
    """Draw the filters in the sidebar and return the view they give. The county must have months.

    Those without effect on the page are off. All are drawn, also on a page to which they say nothing (``for_others``).
    """
    without = WITHOUT_EFFECT.get(page, {})
    why_off = {name: say(*reason) for name, reason in without.items()}
    months = list(county.months)
    with st.sidebar:
        if for_others:
            st.caption(say("以下筛选用于其他页面", "These filters are for the other pages"))
        st.multiselect(
            say("镇街", "Townships"),
            list(county.names.values()),
            key="street",
            placeholder=say("全部镇街", "All townships"),
            select_all=False,
            wrap=True,
        )
        with st.container(horizontal=True, gap="xsmall"):
            st.button(say("全部", "All"), on_click=_pick_kind, args=([],), key="pick all")
            for kind, group in county.kinds.items():
                st.button(
                    plain(kind), on_click=_pick_kind, args=([county.names[code] for code in group],), key=f"pick {kind}"
                )
        left, right = st.columns(2, gap="small")
        _month_box(left, say("从", "From"), months, "from", why_off.get("from"))
        _month_box(right, say("至", "To"), months, "to", None)
        st.toggle(
            say("始终到最新完整月", "Always to the latest finished month"),
            key="latest",
            help=say(
                "打开后随数据更新，地址里不写月份；关闭时地址里写明起止月份，发给别人看到的是同一时段。",
                "On: follows the data, and the address names no months. Off: the address names both months, so that "
                "whoever gets it sees the same period.",
            ),
        )
        labels = {
            "year": say("上年同期", "Same months last year"),
            "previous": say("上一时段", "Previous period"),
            "none": say("不对比", "None"),
        }
        st.selectbox(
            say("对比", "Compared with"),
            address.COMPARISONS,
            format_func=labels.__getitem__,
            key="compare",
            disabled="compare" in why_off,
            help=plain(why_off["compare"]) if "compare" in why_off else None,
        )
        st.button(
            say("重置筛选", "Reset filters"),
            icon=":material/restart_alt:",
            on_click=address.reset,
            key="reset",
            width="stretch",
        )
    asked = {one.name: st.session_state[one.name] for one in address.FILTERS}
    if "from" in without:
        asked["from"] = asked["to"]
    compare = "none" if "compare" in without else asked["compare"]
    scope = address.scope_of(asked, county, viewer())
    view = View(county, data_key(), st.session_state["lang"], scope, compare)
    st.session_state["view"] = view
    return view
