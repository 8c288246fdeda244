"""The boxes in which one asks: beside every page, and that of 自由筛选, which also adds to the question that is there."""

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
from ui.text import is_english, say


def _words() -> dict[str, str]:
    """What both boxes say."""
    return {
        "nothing": say("没有看懂，可换个说法", "Not understood; try other words"),
        "away": say("暂时查不到，请稍后再试", "Out of reach; try again later"),
        "wait": say("正在准备…", "Getting ready…"),
        "lost": say("没看懂：", "Not understood: "),
        "choose": say("这句话有几种意思，请选一种", "This can be meant in several ways: choose one"),
        "remove": say("去掉{0}", "Take {0} out"),
    }


def show_asking_box() -> None:
    """The box beside a page: a question leads to its answer in 自由筛选, a case's number to its card, of whatever period."""
    SEARCH_BOX.show(
        as_content(
            query="box=everywhere" + ("&lang=en" if is_english() else ""),
            small=True,
            label=say("问一句话，或按编号打开诉求", "Ask in a sentence, or open a case by its number"),
            placeholder=say("问一句，或诉求编号", "Ask, or a case number"),
            **_words(),
        ),
        "asking box",
    )


def search_box(view: View, choice: Choice) -> None:
    """A box that understands a question, and finds what to count, by what, and of which; a press adds it to the question."""
    query = urlencode({**filters(), **parameters(choice)}, doseq=True)
    SEARCH_BOX.show(
        as_content(
            query=query,
            label=say("问一句话，或加条件", "Ask in a sentence, or add to the question"),
            placeholder=say(
                "问一句话，如“大束镇3月以来路灯不亮有几件”“哪个镇满意率最低”；或输入要加的条件，拼音、首字母也行",
                "Ask in a sentence, such as “which township has the lowest satisfaction rate”; or type what to add, also in pinyin",
            ),
            **_words(),
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
