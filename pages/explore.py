"""自由筛选: any question about the facts: what to count, by what, of which; the answer, its table, its rows."""

from dataclasses import replace

import streamlit as st

from data_access.areas import AREAS
from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.questions import dimensions_open
from data_access.indicators import INDICATORS, QUESTION_INDICATORS
from ui import text
from ui.asking.sentences import area_name
from ui.asking.view import current_view
from ui.explore.answer import ask, dimension_name, label, names_for
from ui.explore.causes import show_common_causes, show_forecast, show_raised_again
from ui.explore.choice import (
    LOOKS,
    MOST_INDICATORS,
    TOPS,
    Choice,
    choose,
    counting,
    current_choice,
    indicators_of,
)
from ui.explore.figures import shapes, show_figures
from ui.explore.rows import has_few_rows, show_rows_behind, with_few_rows
from ui.explore.saved_views import asked_parameters, missing_values, show_saved_views, show_saving
from ui.explore.search import search_box
from ui.explore.sending import show_sending
from ui.explore.table import show_table
from ui.files.row_exports import show_export
from ui.frame.told import show_told
from ui.text import plain, say

view = current_view()
choice, lost = current_choice(view.county)
every = {**INDICATORS, **QUESTION_INDICATORS, **view.county.reported}
indicators = indicators_of(choice, view.county)
# What the address asks for stays asked, and is told why it is not answered.
known = tuple(dict.fromkeys((*dimensions_open(indicators, view.scope), *choice.by)))


def take_count() -> None:
    """Count other indicators; what they are not known by is asked no more."""
    count = tuple(st.session_state["explore count"]) or choice.count
    choose(counting(choice, [every[code] for code in count]))


def take_by() -> None:
    """Tell apart by other dimensions."""
    choose(choice.asking(by=tuple(st.session_state["explore by"]), show="auto"))


# --- What to look at ---
looks = {
    "ask": (":material/search_insights:", say("自由提问", "Ask")),
    "causes": (":material/bubble_chart:", say("共性诉求", "Common causes")),
    "again": (":material/replay:", say("假闭环", "Raised again")),
    "forecast": (":material/trending_up:", say("下月预计", "Next month")),
}
st.session_state["explore look"] = choice.look
st.segmented_control(
    say("看什么", "Look at"),
    LOOKS,
    format_func=lambda name: " ".join(looks[name]),
    key="explore look",
    required=True,
    label_visibility="collapsed",
    on_change=lambda: choose(replace(choice, look=st.session_state["explore look"])),
)
if choice.look != "ask":
    {"causes": show_common_causes, "again": show_raised_again, "forecast": show_forecast}[choice.look](view)
    st.stop()

# --- The question ---
search_box(view, choice)
count_column, by_column, top_column = st.columns([2, 2, 1], vertical_alignment="bottom")
st.session_state["explore count"] = list(choice.count)
st.session_state["explore by"] = list(choice.by)
st.session_state["explore top"] = choice.top
with count_column:
    st.multiselect(
        say("数什么", "Count"),
        list(every),
        format_func=lambda code: (
            f"{text.name(every[code])} · {area_name(every[code].area) if every[code].area in AREAS else say('填报', 'reported')}"
        ),
        key="explore count",
        max_selections=MOST_INDICATORS,
        placeholder=say("选指标", "Choose indicators"),
        on_change=take_count,
        select_all=False,
    )
with by_column:
    st.multiselect(
        say("按什么分（最多两个）", "By (two at most)"),
        list(known),
        format_func=dimension_name,
        key="explore by",
        max_selections=2,
        placeholder=say("不分，只要总数", "Nothing: the total"),
        on_change=take_by,
        select_all=False,
    )
with top_column:
    st.selectbox(
        say("显示前几个", "Show the first"),
        sorted({*TOPS, choice.top}),
        key="explore top",
        on_change=lambda: choose(replace(choice, top=st.session_state["explore top"])),
    )

chosen = [(name, value) for name, values in choice.where for value in values]
show_told("view")
opened = st.session_state.get("explore opened")
if opened is not None and opened.question["parameters"] == asked_parameters(choice):
    st.caption(
        f":material/bookmark: {plain(opened.name)}" + (f" · {plain(opened.description)}" if opened.description else "")
    )
gone = missing_values(choice, opened)
for one in gone:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            plain(
                say(
                    f"条件“{dimension_name(one.dimension)}：{one.name}”在数据里已没有了，可能改了名。",
                    f"The data no longer have “{dimension_name(one.dimension)}: {one.name}”; it may have been renamed.",
                )
            ),
            width="stretch",
        )
        if one.now is not None:
            st.button(
                plain(say(f"改用“{one.now.name}”", f"Use “{one.now.name}”")),
                key=f"rename {one.dimension} {one.value}",
                on_click=choose,
                args=(choice.without_value(one.dimension, one.value).with_value(one.dimension, one.now.value),),
            )
if chosen or choice.text or choice.order or lost:
    names = names_for({name: {value for one, value in chosen if one == name} for name, _ in chosen}, view.scope.viewer)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for name, value in chosen:
            st.button(
                plain(text.named(dimension_name(name), label(view, name, value, names.get(name, {})))),
                icon=":material/close:",
                icon_position="right",
                key=f"drop {name} {value}",
                on_click=choose,
                args=(choice.without_value(name, value),),
                help=say("取消这一条件", "Take this filter back"),
            )
        if choice.text:
            st.button(
                plain(say(f"标题含“{choice.text}”", f"Title has “{choice.text}”")),
                icon=":material/close:",
                icon_position="right",
                key="drop text",
                on_click=choose,
                args=(choice.asking(text=""),),
            )
        if choice.order:
            st.button(
                say("从低到高排", "Lowest first") if choice.order == "low" else say("从高到低排", "Highest first"),
                icon=":material/close:",
                icon_position="right",
                key="drop order",
                on_click=choose,
                args=(replace(choice, order=""),),
            )
    if lost:
        left_out = text.listed([DIMENSIONS[one].zh if one in DIMENSIONS else one for one in lost])
        st.warning(
            plain(
                say(
                    f"略去了这个问题里用不上的：{left_out}。",
                    f"Left out of this question, as it cannot be used: {left_out}.",
                )
            )
        )

# --- The answer ---
possible = shapes(choice)
shape = choice.show if choice.show in possible else possible[0]
above = st.container(
    horizontal=True,
    vertical_alignment="center",
    horizontal_alignment="distribute" if len(possible) > 1 else "right",
)
if len(possible) > 1:
    words = {
        "line": (":material/show_chart:", say("曲线", "Line")),
        "bars": (":material/bar_chart:", say("柱形", "Bars")),
        "heatmap": (":material/grid_on:", say("热力", "Heat map")),
        "table": (":material/table:", say("只看表", "Table only")),
    }
    st.session_state["explore show"] = shape
    above.segmented_control(
        say("图形", "Chart"),
        possible,
        format_func=lambda name: " ".join(words[name]),
        key="explore show",
        required=True,
        label_visibility="collapsed",
        on_change=lambda: choose(replace(choice, show=st.session_state["explore show"])),
    )
answer = ask(view, choice)
if answer is None:
    st.stop()
with above, st.container(horizontal=True, width="content"):
    show_saving(answer)
    show_sending(answer)
show_export()
if choice.by and choice.cell is not None:
    show_rows_behind(answer)
show_figures(answer, shape)
if choice.by:
    show_table(answer)
elif choice.cell is not None or has_few_rows(answer):
    show_rows_behind(with_few_rows(answer))
elif choice == Choice():
    show_saved_views(view)
