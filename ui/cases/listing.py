"""The list of cases: filters of its own, more rows on demand, files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Engine

from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.lists import CaseFilter
from data_access.cache import answer, fresh_answer, fresh_part
from data_access.exploring.finding import cases_numbered
from data_access.exploring.listing import order_of
from data_access.model.facts import Order
from data_access.places import lists as place_lists
from ui.asking.address import STATES, keep_known, toggle
from ui.asking.sentences import sheet_head
from ui.asking.view import View
from ui.cards.rows import readable
from ui.cases.rights import may_see_cases
from ui.cases.table import show_cases, show_order
from ui.decisions.of_cases import show_deciding_of_list
from ui.explore.answer import label, names_for
from ui.files.downloads import download_buttons
from ui.files.row_exports import BATCH_ROWS, MOST_ROWS, ONE_CLICK_ROWS, begin_export, show_export
from ui.files.whole_lists import WholeList
from ui.notes.words import note_lines
from ui.text import plain, say, spelled, weekday_name, written_in

PAGE_ROWS = 200


def show_case_list(view: View) -> None:
    """The cases behind the view, as far as the viewer may see cases."""
    if not may_see_cases(view):
        return
    labels = {
        "all": say("全部", "All"),
        "open": say("全部未结", "All open"),
        "pending": say("未到期", "Not yet due"),
        "overdue": say("全部超期", "All overdue"),
        "late": say("未按期办结", "Not on time"),
        "closed": say("已办结", "Closed"),
        "dissatisfied": say("回访不满意", "Dissatisfied"),
    }
    # The month that a case belongs to is the one by which the indicator behind the state counts it.
    counted_by = {
        "open": say("至数据截至时，不限受理月份", "at the as-of date, whenever received"),
        "pending": say("至数据截至时，不限受理月份", "at the as-of date, whenever received"),
        "overdue": say("至数据截至时，不限受理月份", "at the as-of date, whenever received"),
        "late": say("按办理期限归月", "by due date"),
        "dissatisfied": say("按办结时间归月", "by date closed"),
    }
    state_column, village_column, search_column = st.columns([2.8, 1, 1], vertical_alignment="bottom")
    with state_column:
        st.segmented_control(
            say("办理状态", "State"),
            STATES,
            format_func=lambda code: plain(labels[code]),
            key="state",
            required=True,
            on_change=_change_state,
        )
    with village_column:
        villages = answer(place_lists.villages, view.scope)
        known = dict(zip(villages["code"], villages["village"], strict=True))
        keep_known("village", known)
        village = st.selectbox(
            say("村（社区）", "Village"),
            list(known),
            index=None,
            format_func=lambda code: spelled(str(known.get(code, code))),
            key="village",
            placeholder=say("全部村（社区）", "All villages"),
            on_change=_close_case,
        )
    with search_column:
        search = st.text_input(
            say("编号或标题", "Number or title"),
            # Not in the address: it may be somebody's name or number (see ui.asking.address).
            key="case search",
            placeholder=say("输入编号或标题关键字", "Number, or words of the title"),
            on_change=_search,
            args=(view,),
        )
    hour: tuple[int, int] | None = None
    if cell := st.session_state["hour"]:
        weekday, at = map(int, cell.split("-"))
        hour = weekday, at
        day = weekday_name(weekday)
        st.button(
            plain(say(f"{day} {at} 时受理", f"Received {day} {at}:00")),
            icon=":material/close:",
            icon_position="right",
            key="clear hour",
            on_click=toggle,
            args=("hour", cell),
        )
    state: str = st.session_state["state"]
    chosen = CaseFilter(state, village, hour[0] if hour else None, hour[1] if hour else None, (search or "").strip())
    several = cases_typed(view, chosen.text) if chosen.text else ()
    if len(several) > 1:
        _show_namesakes(view, several)
    count = answer(petition_lists.petition_case_count, view.scope, chosen)
    # More rows of this list; any other list begins with its first rows.
    asked, pages = st.session_state.get("case pages", (None, 1))
    pages = pages if asked == (view.scope, chosen) else 1
    order = order_asked(state)
    cases = answer(petition_lists.petition_cases, view.scope, chosen, order=order, limit=PAGE_ROWS * pages)
    whole: WholeList | None = None
    if count:
        when = counted_by.get(state, say("按受理时间归月", "by date received"))
        told = say(f"{labels[state]}（{when}）", f"{labels[state]} ({when})")
        whole = _show_heading(view, chosen, order, count, len(cases), told)
        show_export()
        show_deciding_of_list(view, chosen, count, labels[state])
    elif chosen.text and not several:
        st.info(
            plain(
                say(
                    f"您可查看的诉求里没有编号为“{chosen.text}”的，所选时段和筛选里也没有标题含这些字的。",
                    f"No case that you may see has the number “{chosen.text}”, and none of this period and filter has it in "
                    "its title.",
                )
            )
        )
    elif not chosen.text:
        st.info(say("没有符合这些条件的诉求。", "No case meets these conditions."))
    show_cases(
        view,
        cases,
        st.session_state["case"] or "",
        _open_case,
        is_more=len(cases) < count,
        name=say("诉求清单", "List of cases"),
        whole=whole,
    )
    if len(cases) < count:
        st.button(
            say("显示更多", "Show more"),
            on_click=lambda: st.session_state.update({"case pages": ((view.scope, chosen), pages + 1)}),
            key="more cases",
        )


def order_asked(state: str) -> Order:
    """How the list is sorted: as the address says, else those of which time passes by urgency."""
    usual: Order = "urgency" if state in ("overdue", "pending") else "time"
    order: Order = st.session_state["sort"] or usual
    return order


def cases_typed(view: View, typed: str) -> tuple[tuple[str, str, str], ...]:
    """The cases with this very number, of whatever period, that the viewer may see; as ``finding.cases_numbered``."""
    return fresh_part(cases_numbered, (view.scope.viewer, typed))


def _show_heading(view: View, chosen: CaseFilter, order: Order, count: int, shown: int, told: str) -> WholeList:
    """How many cases there are, how they are sorted, and the list as a file; ``told``: which cases these are.

    Returns all of the list, for paper.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        first = "" if shown == count else say(f"，显示前 {shown:,} 件", f", the first {shown:,} shown")
        st.markdown(
            say(f"**共 {count:,} 件**{first}", f"**{count:,} cases**{first}") + f" · {plain(told)}", width="content"
        )
        show_order(order, lambda sort: st.session_state.update(sort=sort), is_before_due=chosen.state == "pending")
        name = say("诉求清单", "List of cases")
        title = f"{name}{say('：', ': ')}{told}"
        if chosen.text:
            # In the title alone: what is recorded of a file has no words that were looked for.
            title += say(f"，编号或标题含“{chosen.text}”", f", number or title has “{chosen.text}”")
        head = sheet_head(view, title, "petitions", _narrowing(view, chosen))

        def every() -> pd.DataFrame:
            with written_in(view.language):
                rows = fresh_answer(petition_lists.petition_cases, view.scope, chosen, order=order, limit=count)
                return readable(view, rows)

        question = " · ".join((name, head[1]))
        whole = WholeList((view.scope, view.language, chosen, order), count, every, question)
        if count <= ONE_CLICK_ROWS:
            download_buttons(every, count, name, head, question=question, notes=note_lines(view))
            return whole
        with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
            kinds = (("xlsx", say("导出 Excel", "Excel")), ("csv", say("导出 CSV", "CSV")))
            for kind, action in kinds if view.scope.viewer.may("export") else ():
                st.button(
                    plain(action),
                    icon=":material/download:",
                    key=f"export cases {kind}",
                    on_click=_export,
                    args=(view, chosen, order, kind, told, head),
                )
    return whole


def _narrowing(view: View, chosen: CaseFilter) -> str:
    """What the list is narrowed to besides the filters that every page shares, as its file says it."""
    values = [(name, value) for name, value in view.scope.where if isinstance(value, str)]
    if chosen.village_code:
        values.append(("village_code", chosen.village_code))
    for name, value in (("weekday", chosen.weekday), ("hour", chosen.hour)):
        if value is not None:
            values.append((name, str(value)))
    names = names_for({name: {value} for name, value in values}, view.scope.viewer)
    return " · ".join(label(view, name, value, names.get(name, {})) for name, value in values)


def _show_namesakes(view: View, several: tuple[tuple[str, str, str], ...]) -> None:
    """Let the viewer say which of several townships' cases with the number is meant."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            say(f"{len(several)} 个镇街有这个编号：", f"{len(several)} townships have this number:"), width="content"
        )
        for township_code, case_no, _ in several:
            st.button(
                plain(view.county.names.get(township_code, township_code)),
                icon=":material/open_in_new:",
                key=f"namesake {township_code}/{case_no}",
                on_click=_open_case,
                args=(f"{township_code}/{case_no}",),
            )


def _open_case(case: str) -> None:
    st.session_state["case"] = case or None


def _search(view: View) -> None:
    """A full number opens its card, also of a case that the filters leave out; words open none."""
    found = cases_typed(view, st.session_state["case search"] or "")
    _open_case("/".join(found[0][:2]) if len(found) == 1 else "")


def _change_state() -> None:
    # Another state has an order of its own.
    st.session_state["sort"] = None
    _close_case()


def _close_case() -> None:
    # Another list is asked for: the case may not be in it.
    st.session_state["case"] = None


def _export(view: View, chosen: CaseFilter, order: Order, kind: str, told: str, head: list[str]) -> None:
    def batches(engine: Engine) -> Iterator[pd.DataFrame]:
        after: tuple[Any, ...] | None = None
        for _ in range(MOST_ROWS // BATCH_ROWS):
            rows = petition_lists.petition_cases(engine, view.scope, chosen, order=order, after=after, limit=BATCH_ROWS)
            yield readable(view, rows)
            if len(rows) < BATCH_ROWS:
                return
            after = order_of(rows.iloc[-1])

    begin_export(
        view,
        say("诉求清单", "cases"),
        kind,
        say("诉求清单：", "List of cases: ") + told,
        lambda engine: petition_lists.petition_case_count(engine, view.scope, chosen),
        batches,
        head=head,
    )
