"""The search box of 自由筛选: whatever is typed there becomes a part of the question."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import streamlit as st

from data_access import cache
from ui.asking.address import filters
from ui.asking.view import View
from ui.asking.viewer import viewer
from ui.elements.element import SEARCH_BOX, as_content
from ui.explore.choice import DEFAULT, MOST_INDICATORS, Choice, choose, counting, parameters
from ui.text import say


def search_box(view: View, choice: Choice) -> None:
    """A box that finds what to count, by what, and of which; a press adds it to the question."""
    query = urlencode({**filters(), **parameters(choice)}, doseq=True)
    SEARCH_BOX.show(
        as_content(
            query=query,
            label=say("加条件", "Add to the question"),
            placeholder=say(
                "输入镇街、村（社区）、类别、单位、指标……支持拼音和首字母，如 dsz",
                "Type a township, village, category, department, indicator … also in pinyin",
            ),
            nothing=say("没有找到，可换个说法", "Nothing found; try other words"),
            away=say("暂时查不到，请稍后再试", "Out of reach; try again later"),
        ),
        "search box",
        lambda key: _take(choice, key),
    )


def _take(choice: Choice, key: str) -> None:

    kind, value = json.loads(key)
    county = cache.county(viewer())
    match kind:
        case "count":
            # What is asked stays what it is, as far as the new indicator is known by it.
            count = (value,) if choice.count == DEFAULT else (*choice.count, value)
            count = tuple(dict.fromkeys(count))[-MOST_INDICATORS:]
            choose(counting(choice, [county.indicator(code) for code in count]))
        case "from":
            st.session_state["from"], st.session_state["to"] = value, county.months[-1]
            choose(choice.asking())
        case "only":
            st.session_state["from"] = st.session_state["to"] = value
            choose(choice.asking())
        case "last":
            months = county.months[-int(value) :]
            st.session_state["from"], st.session_state["to"] = months[0], months[-1]
            choose(choice.asking())
        case "by":
            choose(choice.asking(by=(*(name for name in choice.by if name != value), value)[-2:], show="auto"))
        case "text":
            choose(choice.asking(text=value))
        case "township_code":
            name = county.names[value]
            st.session_state["street"] = list(dict.fromkeys([*st.session_state.get("street", []), name]))
            choose(choice.asking())
        case _:
            choose(choice.with_value(kind, value))
