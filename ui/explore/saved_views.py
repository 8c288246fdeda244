"""Saved views of 自由筛选: kept, listed with a preview, opened, put on the overview and the meeting-room screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import streamlit as st

from data_access import cache
from data_access.access import NotAllowed, Viewer
from data_access.cache import answers, fresh_part
from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.finding import findable_values
from data_access.exploring.saved_views import (
    PLACES,
    Gone,
    SavedPlace,
    SavedView,
    ViewProblem,
    gone_values,
    may_change,
    place_view,
    remove_view,
    save_view,
    saved_view_of,
    saved_views,
)
from data_access.problems import Problem, QuestionProblem
from data_access.queries import County
from data_access.scope import Scope, month_offset
from ui import text
from ui.asking.address import default_period, given, is_news
from ui.asking.view import View
from ui.asking.viewer import viewer
from ui.elements.element import show_way
from ui.explore.answer import Answer, answered, question_sentence
from ui.explore.choice import Choice, choice_from, choose, follow_question, parameters
from ui.explore.figures import shapes, show_figures
from ui.frame.told import show_told, tell
from ui.text import Markdown, plain, problem_sentence, say


def kept_question(answer: Answer) -> dict[str, Any]:
    """The question of an answer as a view keeps it: places by code and name, the latest months as such."""
    view, choice = answer.view, answer.choice.asking()
    scope, last = view.scope, view.county.months[-1]
    if (scope.start, scope.end) == default_period(view.county):
        period: list[Any] = ["default"]
    elif scope.end == last:
        period = ["latest", len(scope.months)]
    else:
        period = ["months", scope.start, scope.end]
    return {
        "parameters": asked_parameters(choice),
        "townships": {code: view.county.names[code] for code in scope.townships or ()},
        "period": period,
        "compare": view.compare,
        "names": {
            name: {value: answer.names.get(name, {}).get(value, value) for value in values}
            for name, values in choice.where
        },
    }


def asked_parameters(choice: Choice) -> dict[str, list[str]]:
    """The question as a view keeps it, to tell whether it is still the one that was opened."""
    return parameters(choice.asking())


def missing_values(choice: Choice, opened: SavedView | None) -> list[Gone]:
    """The filters of a question that the data have nothing of; ``opened``: the view that knows what they were called."""
    if not choice.where:
        return []
    (known,) = answers(findable_values, [viewer()], lambda _done: None)
    names = opened.question["names"] if opened else {}
    return gone_values(choice.where, names, known)


def restored(saved: SavedView, county: County, viewer: Viewer) -> tuple[Choice, tuple[str, ...], Scope, str]:
    """A view's choice, what of it is not there any more, its scope today, and what it compares with."""
    question = saved.question
    choice, lost = choice_from(question["parameters"], county)
    by_name = {name: code for code, name in county.names.items()}
    codes = []
    for code, name in question["townships"].items():
        # A township keeps its place under another name, or its name under another code.
        if code in county.names:
            codes.append(code)
        elif name in by_name:
            codes.append(by_name[name])
        else:
            lost = (*lost, name)
    kind, *values = question["period"]
    last = county.months[-1]
    if kind == "latest":
        start, end = max(month_offset(last, 1 - int(values[0])), county.months[0]), last
    elif kind == "months" and values[0] in county.months and values[1] in county.months:
        start, end = values
    else:
        start, end = default_period(county)
    scope = Scope(viewer, tuple(code for code in county.names if code in codes) or None, start, end)
    return choice, lost, scope, question["compare"]


def follow_saved_view(county: County) -> None:
    """Where the address is news, let it say the question, or the saved view that sets it and the filters."""
    if not is_news():
        return
    follow_question(county)
    if view_id := given().get("view"):
        saved = fresh_part(saved_view_of, view_id[-1])
        if saved is None:
            tell(
                "view",
                say("这个链接的视图已被删除，或从未有过。", "The view of this link was removed, or never was."),
                is_problem=True,
            )
        else:
            _open(saved, county)


def _open(saved: SavedView, county: County) -> None:
    choice, lost, scope, compare = restored(saved, county, viewer())
    st.session_state["street"] = [county.names[code] for code in scope.townships or ()]
    st.session_state["from"], st.session_state["to"] = scope.start, scope.end
    st.session_state["compare"], st.session_state["latest"] = compare, False
    choose(choice)
    st.session_state["explore lost"] = lost
    st.session_state["explore opened"] = saved


def view_of(saved: SavedView, view: View) -> tuple[View, Choice]:
    """What a saved view looks at, for whoever looks at ``view``."""
    choice, _, scope, compare = restored(saved, view.county, view.scope.viewer)
    return replace(view, scope=scope, compare=compare), choice


def quick_answer(saved: SavedView, view: View, seconds: float = 2.0) -> Answer | None:
    """The answer of a saved view; None where it would keep waiting, or the viewer may not see it."""
    own, choice = view_of(saved, view)
    try:
        return answered(own, choice, lambda _done: None, seconds)
    except (QuestionProblem, NotAllowed):
        return None


# --- Saving and listing ---------------------------------------------------------------------------


def show_saving(answer: Answer) -> None:
    """A button that opens the form to keep the question."""
    with st.popover(say("存为视图", "Save"), icon=":material/bookmark_add:"), st.form("save view", border=False):
        name = st.text_input(say("名称", "Name"), max_chars=80, placeholder=question_sentence(answer)[:60])
        description = st.text_area(
            say("说明（可不填）", "Description (optional)"), max_chars=500, height=80, placeholder=""
        )
        shared = st.toggle(say("公开：所有人的列表里都有", "Shared: in everybody's list"), value=True)
        st.caption(
            say(
                "不公开的只列给您自己，知道链接的人仍能打开。",
                "If not shared, only you see it listed; whoever knows the link can open it.",
            )
        )
        if st.form_submit_button(say("保存", "Save"), type="primary"):
            try:
                view_id = save_view(
                    cache.reachable_engine(),
                    name=name or question_sentence(answer)[:80],
                    description=description,
                    question=kept_question(answer),
                    is_shared=shared,
                    by=viewer(),
                )
            except ViewProblem as problem:
                st.error(problem_sentence(problem))
            else:
                origin = (st.context.url or "").rpartition("/")[0]
                st.success(say("已保存，链接：", "Saved; the link:"))
                st.code(f"{origin}/explore?view={view_id}", language=None, wrap_lines=True)


def show_saved_views(view: View) -> None:
    """The views that this viewer may see, each with its first figures."""
    show_told("saved views")
    found = fresh_part(saved_views, viewer())
    if not found:
        st.caption(
            say(
                "还没有存下的视图。问好一个问题后，点“存为视图”，下次一点就开。",
                "No saved views yet. Ask a question and press Save: next time it is one press away.",
            )
        )
        return
    st.markdown(say(f"**已存视图（{len(found)}）**", f"**Saved views ({len(found)})**"))
    for first in range(0, min(len(found), 30), 3):
        for column, saved in zip(st.columns(3, gap="medium"), found[first : first + 3], strict=False):
            with column, st.container(border=True):
                _card(view, saved)


def _card(view: View, saved: SavedView) -> None:
    st.button(
        plain(saved.name),
        icon=":material/bookmark:",
        type="tertiary",
        key=f"open {saved.id}",
        on_click=_open,
        args=(saved, view.county),
    )
    if saved.description:
        st.caption(plain(saved.description))
    st.markdown(preview(saved, view))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        mine = "" if saved.is_shared else say("（不公开）", " (not shared)")
        st.caption(plain(f"{saved.saved_at:%Y-%m-%d}{mine} · explore?view={saved.id}"), width="content")
        with st.popover("", icon=":material/more_horiz:", help=say("放到总览或大屏、删除", "Show elsewhere, remove")):
            places = {
                "": say("只在这里", "Here only"),
                "overview": say("也在总览", "On the overview too"),
                "screen": say("也在会议大屏", "On the meeting-room screen too"),
            }
            key = f"place {saved.id}"
            st.session_state[key] = saved.place

            def place() -> SavedPlace:
                return cast(SavedPlace, st.session_state[key])

            st.radio(
                say("显示在", "Shown"),
                PLACES,
                format_func=lambda code: plain(places[code]),
                key=key,
                disabled=not (saved.is_shared and may_change(viewer(), saved)),
                on_change=lambda: _change(
                    lambda by: place_view(cache.reachable_engine(), saved.id, place(), by=by, was=saved.place)
                ),
            )
            # A popover has none of its own: the second button comes below.
            if st.toggle(
                say("删除这个视图", "Remove this view"),
                key=f"removing {saved.id}",
                disabled=not may_change(viewer(), saved),
            ):
                st.markdown(
                    plain(
                        say(
                            f"“{saved.name}”会从{'所有人' if saved.is_shared else '您'}的列表里删去，它的链接不再能打开。",
                            f"“{saved.name}” goes from {'everybody’s' if saved.is_shared else 'your'} list, and its link "
                            "opens no more.",
                        )
                    )
                )
                st.button(
                    say("确认删除", "Remove it"),
                    icon=":material/delete:",
                    type="primary",
                    key=f"remove {saved.id}",
                    on_click=lambda: _change(lambda by: remove_view(cache.reachable_engine(), saved.id, by=by)),
                )


def _change(change: Callable[[Viewer], None]) -> None:
    """Change a view as the viewer; what was in the way is told."""
    try:
        change(viewer())
    except Problem as problem:
        tell("saved views", problem_sentence(problem), is_problem=True)


def preview(saved: SavedView, view: View) -> Markdown:
    """A view's first figures in a line or two (Markdown)."""
    answer = quick_answer(saved, view)
    if answer is None or not len(answer.now[()]):
        return plain(say("（没有可预览的数字）", "(no figures to preview)"))
    indicator = answer.indicators[0]
    total = text.value(indicator, float(answer.now[()].iloc[0][indicator.code]))
    lines = [f"{plain(text.name(indicator))} **{plain(total)}**"]
    if answer.choice.by:
        dimension = answer.choice.by[0]
        table = answer.now[(dimension,)][indicator.code].dropna()
        table = table[table.index != ""]
        is_time = DIMENSIONS[dimension].kind == "time"
        table = table.tail(3) if is_time else table.sort_values(ascending=False).head(3)
        lines.append(
            plain(
                say("、", ", ").join(
                    f"{answer.label(dimension, value)} {text.value(indicator, float(amount))}"
                    for value, amount in table.items()
                )
            )
        )
    return Markdown("  \n".join(lines))


def placed(view: View, place: SavedPlace) -> list[SavedView]:
    """The shared views that are shown at a place."""
    (found,) = answers(_all, [view.data], lambda _done: None)
    return [saved for saved in found if saved.place == place and saved.is_shared]


def _all(connection: Any, _data: int) -> list[SavedView]:
    return saved_views(connection, Viewer())


def show_placed_views(view: View) -> None:
    """The views that somebody put on this page, drawn as on 自由筛选."""
    for saved in placed(view, "overview"):
        answer = quick_answer(saved, view)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(saved.name)}**", width="content")
            show_way("explore", f"view={saved.id}", say("在自由筛选中打开", "Open in Explore"), f"placed {saved.id}")
        if answer is None:
            st.caption(
                say("这个视图在这里显示不了，请打开查看。", "This view cannot be shown here; open it to see it.")
            )
            continue
        possible = shapes(answer.choice)
        show_figures(answer, answer.choice.show if answer.choice.show in possible else possible[0], key=saved.id)
