"""The filters every page shares, beside it."""

from __future__ import annotations

import streamlit as st

from data_access.access import Viewer
from data_access.cache import data_key
from data_access.exploring.finding import sounds
from data_access.queries import County
from data_access.todo.to_do import of_own
from ui.asking import address
from ui.asking.view import View
from ui.elements.element import Element, as_content
from ui.text import say, write_in_chosen_language

_OF_DECISIONS = ("督办按会议月份选", "Decisions are chosen by the month of the meeting")
_NOW = ("今日待办只看现在", "What has to be done is told as of now")
# The filters that have no effect on a page, with the reason: there they are off, and nothing names them.
WITHOUT_EFFECT: dict[str, dict[str, tuple[str, str]]] = {
    "today": {"from": _NOW, "to": _NOW, "compare": _NOW},
    "rural_projects": {
        "from": ("项目按“至”所选月份月末计", "Projects are counted at the end of the month chosen at the right"),
    },
    "evaluation": {
        "from": ("月度评比只评“至”所选月份", "The evaluation is of the month chosen at the right"),
        "compare": ("月度评比与上月相比", "The evaluation is compared with the month before"),
    },
    "warning": {
        "from": ("预警看数据截至的那个月", "Warnings are of the month that the data reach"),
        "to": ("预警看数据截至的那个月", "Warnings are of the month that the data reach"),
        "compare": ("预警不作对比", "Warnings are not compared"),
    },
    "decisions": {
        "from": _OF_DECISIONS,
        "to": _OF_DECISIONS,
        "compare": ("督办与立项时相比", "Decisions are compared with when they were taken"),
    },
    "reporting": {
        "from": ("填报的是“至”所选月份", "Figures are reported for the month chosen at the right"),
        "compare": ("填报旁边列着上月和上年同月", "The month and the year before stand beside the figures"),
    },
    "other_work": {"compare": ("填报指标不作对比", "Figures reported by hand are not compared")},
}
# Each choice asks the address for it, as a click on a figure does.
_FILTERS = Element("filters")


def choose_language() -> None:
    """From here on the run is in the language chosen, which is the address's before anything is written in it."""
    address.follow_language()
    write_in_chosen_language()


def show_language() -> None:
    """The switch of the language."""
    st.segmented_control("语言 Language", address.LANGUAGES, key="lang", required=True, label_visibility="collapsed")


def view_asked(county: County, page: str, viewer: Viewer) -> View:
    """The view that the filters of this run give, and those that are without effect on the page do not."""
    without = WITHOUT_EFFECT.get(page, {})
    asked = {one.name: st.session_state[one.name] for one in address.FILTERS}
    if "from" in without:
        asked["from"] = asked["to"]
    if "to" in without and "petitions" in county.as_of:
        asked["from"] = asked["to"] = f"{county.as_of['petitions']:%Y-%m}"
    compare = "none" if "compare" in without else asked["compare"]
    scope = address.scope_of(asked, county, viewer)
    if page == "today":
        # Those that the viewer answers for; where none of these is asked for, the page says so.
        scope = of_own(scope) if of_own(scope).townships else scope
    return View(county, data_key(), st.session_state["lang"], scope, compare)


def show_filters(county: County, page: str, *, for_others: bool = False, has_route: bool = True) -> None:
    """Draw the filters as they are asked for. The county must have months.

    Those without effect on the page are off. All are drawn, also on a page to which they say nothing (``for_others``).
    ``has_route``: the page's contents are had by a route of their own (:mod:`ui.frame.contents_route`).
    """
    why_off = {name: say(*reason) for name, reason in WITHOUT_EFFECT.get(page, {}).items()}
    asked = {one.name: st.session_state[one.name] for one in address.FILTERS}
    labels = {
        "year": say("上年同期", "Same months last year"),
        "previous": say("上一时段", "Previous period"),
        "none": say("不对比", "None"),
    }
    _FILTERS.show(
        as_content(
            route=page if has_route else None,
            note=say("以下筛选用于其他页面", "These filters are for the other pages") if for_others else None,
            townships={
                "label": say("镇街", "Townships"),
                "placeholder": say("全部镇街", "All townships"),
                "nothing": say("没有这样的镇街", "No such township"),
                "remove": say("去掉{0}", "Take {0} out"),
                "chosen": asked["street"],
                "names": list(county.names.values()),
                "sounds": {name: sounds(name) for name in county.names.values()},
            },
            kinds=[
                {"words": say("全部", "All"), "names": []},
                *({"words": kind, "names": [county.names[code] for code in of]} for kind, of in county.kinds.items()),
            ],
            months={
                name: {"label": label, "options": county.months, "chosen": asked[name], "off": why_off.get(name)}
                for name, label in (("from", say("从", "From")), ("to", say("至", "To")))
            },
            latest={
                "label": say("始终到最新完整月", "Always to the latest finished month"),
                "help": say(
                    "打开后随数据更新，地址里不写月份；关闭时地址里写明起止月份，发给别人看到的是同一时段。",
                    "On: follows the data, and the address names no months. Off: the address names both months, so that "
                    "whoever gets it sees the same period.",
                ),
                "chosen": asked["latest"],
            },
            compare={
                "label": say("对比", "Compared with"),
                "options": [{"code": code, "words": labels[code]} for code in address.COMPARISONS],
                "chosen": asked["compare"],
                "off": why_off.get("compare"),
            },
            reset={"words": say("重置筛选", "Reset filters"), "asks": address.without_narrowing(page)},
        ),
        "filters",
    )
