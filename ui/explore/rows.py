"""The rows behind a figure of 自由筛选: parts of them, more on demand, a case's card."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data_access.access import CASE_AREAS
from data_access.cache import answers, fresh_part
from data_access.decisions.writing import MOST_CASES
from data_access.exploring.fact_rows import AMOUNTS, rows_counted
from data_access.exploring.listing import Listing, Which, listed_rows, open_cases, order_of, row_count
from data_access.exploring.questions import narrowed_scope
from data_access.model.facts import Order
from ui import text
from ui.asking.view import View
from ui.cards.rows import readable, rows_table
from ui.cases.rights import may_see_cases
from ui.cases.table import show_cases, show_order
from ui.decisions.of_cases import show_deciding
from ui.elements.waiting import Waiting, reading_rows
from ui.explore.answer import Answer, head_of, label, names_for, recorded_question
from ui.explore.choice import Choice, choose
from ui.files.downloads import download_buttons
from ui.files.row_exports import ONE_CLICK_ROWS
from ui.files.whole_lists import WholeList
from ui.text import plain, say, written_in

PAGE_ROWS = 200
# So few stand below their number at once.
FEW_ROWS = 50


def listing(view: View, choice: Choice) -> Listing:
    """The rows of the figure that was pressed."""
    indicator = view.county.indicator(choice.of)
    scope, where = view.scope, dict(choice.where)
    for name, value in choice.cell or ():
        if name == "month":
            scope = replace(scope, start=value, end=value)
        elif name == "township_code":
            scope = replace(scope, townships=(value,))
        else:
            where[name] = (value,)
    which: Which = choice.which  # type: ignore[assignment]  # the address was read so
    narrowed = narrowed_scope(scope, tuple(where.items()), view.county.kinds)
    return Listing(indicator, narrowed, choice.text, which, _order(choice, dict(where).get("timeliness", ())))


def _order(choice: Choice, timeliness: tuple[str, ...]) -> Order:
    """As the address says; else those that are late by urgency."""
    are_late = choice.of == "overdue_open" or (choice.of, choice.which) == ("on_time_rate", "rest")
    are_late = are_late or (bool(timeliness) and {"overdue", "late"}.issuperset(timeliness))
    usual: Order = "urgency" if are_late else "time"
    return choice.sort or usual  # type: ignore[return-value]  # the address was read so


def _page(connection: Any, asked: tuple[Listing, tuple[Any, ...] | None, int]) -> pd.DataFrame:
    return listed_rows(connection, asked[0], asked[1], asked[2])


def _count(connection: Any, asked: Listing) -> tuple[int]:
    return (row_count(connection, asked, ONE_CLICK_ROWS + 1),)


def has_few_rows(answer: Answer) -> bool:
    """Whether the rows of the total stand below it unasked: it counts few, and the viewer may see them."""
    if answer.choice.by or len(answer.indicators) != 1 or not len(answer.now[()]):
        return False
    (indicator,) = answer.indicators
    counted = answer.now[()].iloc[0][indicator.code]
    is_number = not (indicator.is_ratio or indicator.in_fives or indicator.numerator in AMOUNTS)
    has_rows = is_number and rows_counted(indicator.source, indicator.numerator) is not None
    may = indicator.area not in CASE_AREAS or answer.view.scope.viewer.may("cases")
    return has_rows and may and 0 < counted <= FEW_ROWS


def with_few_rows(answer: Answer) -> Answer:
    """The answer as if its total had been pressed, of which there are few."""
    if answer.choice.cell is not None:
        return answer
    return replace(answer, choice=answer.choice.asking(cell=(), of=answer.indicators[0].code))


def rows_heading(answer: Answer) -> str:
    """Whose rows these are: 大束镇 · 路灯不亮."""
    cell = answer.choice.cell or ()
    values = {name: {value} for name, value in cell}
    names = {**names_for(values, answer.view.scope.viewer), **answer.names}
    return " · ".join(label(answer.view, name, value, names.get(name, {})) for name, value in cell) or say(
        "全部", "All"
    )


def _which_cases(answer: Answer) -> str:
    """Which cases the rows are, in a few words: the filters of the question and the figure that was pressed."""
    asked = [answer.label(name, value) for name, values in answer.choice.where for value in values]
    cell = [rows_heading(answer)] if answer.choice.cell else []
    return " · ".join([*asked, *cell]) or text.name(answer.view.county.indicator(answer.choice.of))


def show_rows_behind(answer: Answer) -> None:
    """The rows of the figure that was pressed, with a way back."""
    choice, view = answer.choice, answer.view
    found = listing(view, choice)
    indicator = found.indicator
    if found.rows is None:
        st.info(
            plain(
                say(
                    f"“{indicator.zh}”只按镇街和月份汇总，没有逐条明细。",
                    f"{indicator.en} is known by township and month only; it has no rows.",
                )
            )
        )
        return
    is_of_cases = found.indicator.area in CASE_AREAS
    if is_of_cases and not may_see_cases(view):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(f'{rows_heading(answer)} · {text.name(indicator)}')}**", width="content")
        if found.can_be_parted:
            labels = {
                "all": say("全部", "All"),
                "counted": say("计入的", "Counted"),
                "rest": say("未计入的", "Not counted"),
            }
            st.session_state["explore which"] = choice.which
            st.segmented_control(
                say("哪些", "Which"),
                list(labels),
                format_func=lambda code: plain(labels[code]),
                key="explore which",
                required=True,
                label_visibility="collapsed",
                help=text.definition_markdown(answer.view.indicator(indicator.code)),
                on_change=lambda: choose(replace(choice, which=st.session_state["explore which"], case="")),
            )
        if not has_few_rows(answer):
            st.button(
                say("收起明细", "Close the rows"),
                icon=":material/close:",
                key="close rows",
                on_click=choose,
                args=(choice.asking(),),
            )
    asked, count = st.session_state.get("explore pages", (None, 1))
    count = count if asked == found else 1
    frames: list[pd.DataFrame] = []
    after: tuple[Any, ...] | None = None
    with Waiting(reading_rows) as waiting:
        for _ in range(count):
            (frame,) = answers(_page, [(found, after, PAGE_ROWS)], waiting)
            frames.append(frame)
            if len(frame) < PAGE_ROWS:
                break
            after = order_of(frame.iloc[-1])
    rows = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    if rows.empty:
        st.info(say("没有这样的明细。", "There are no such rows."))
        return
    is_more = len(frames[-1]) == PAGE_ROWS
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            say(f"显示前 {len(rows):,} 条", f"The first {len(rows):,} rows")
            if is_more
            else say(f"共 {len(rows):,} 条", f"{len(rows):,} rows"),
            width="content",
        )
        if "case_no" in rows:
            show_order(found.order, lambda order: choose(replace(choice, sort=order)))
        whole = _show_files(answer, found, len(rows), is_more=is_more)
    if "case_no" in rows:
        if view.scope.viewer.may("decide"):
            with Waiting(reading_rows) as waiting:
                still_open = answers(open_cases, [(found, MOST_CASES + 1)], waiting)[0]
            show_deciding(view, len(still_open), lambda: list(still_open), _which_cases(answer))
        show_cases(
            view,
            rows,
            choice.case,
            lambda case: choose(replace(choice, case=case)),
            is_more=is_more,
            name=say("明细", "Rows"),
            whole=whole,
        )
    else:
        rows_table(readable(view, rows), say("明细", "Rows"), "rows", whole=whole)
    if is_more:
        st.button(
            say("显示更多", "Show more"),
            key="more rows",
            on_click=partial(st.session_state.__setitem__, "explore pages", (found, count + 1)),
        )


def _show_files(answer: Answer, found: Listing, shown: int, *, is_more: bool) -> WholeList:
    """The whole list as a file at one click; where it is long, the way to the file that is written with progress.

    Returns all of the list, for paper.
    """
    view = answer.view

    def every() -> pd.DataFrame:
        with written_in(view.language):
            return readable(
                view, fresh_part(lambda connection, one: listed_rows(connection, one, limit=ONE_CLICK_ROWS), found)
            )

    whole = WholeList((found, view.language), None if is_more else shown, every, recorded_question(answer))
    if not view.scope.viewer.may("export"):
        return whole
    if is_more:
        with Waiting(reading_rows) as waiting:
            count = answers(_count, [found], waiting)[0][0]
        whole = replace(whole, count=count if count <= ONE_CLICK_ROWS else None)
    if whole.count is None:
        st.caption(
            say(
                f"超过 {ONE_CLICK_ROWS:,} 条，在上面的“发送”里导出",
                f"Over {ONE_CLICK_ROWS:,} rows: export them under “Send on” above",
            ),
            width="content",
        )
        return whole
    title = f"{rows_heading(answer)} · {text.name(found.indicator)}"
    above = head_of(answer)
    head = [f"{above[0]}{say('：', ': ')}{title}", *above[1:]]
    download_buttons(every, whole.count, say("明细", "Rows"), head, question=whole.question)
    return whole
