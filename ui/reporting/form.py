"""The table in which a township types or pastes its figures of a month, keeps them as drafts and submits them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from data_access import queries
from data_access.access import Viewer
from data_access.areas.reports.definition import Definition
from data_access.areas.reports.reporting import (
    Number,
    Overtaken,
    Reported,
    Standing,
    counted_numbers,
    due_date,
    report_figures,
    standings,
)
from data_access.cache import answer, engine, fresh_answer, look_again
from data_access.indicators import INDICATORS
from data_access.problems import Problem
from data_access.queries import County
from data_access.scope import Scope, month_offset
from data_access.small_counts import is_in_fives
from ui.elements.row_table import edit_rows, show_rows
from ui.frame.told import show_told, tell
from ui.importing.turns import write
from ui.reporting.cells import Line, cell_of, lines_of, numbers_in, pasted
from ui.reporting.choice import Choice
from ui.text import Markdown, is_english, month_name, plain, problem_sentence, say

TOLD = "reporting"
_STATES = {
    "open": ("未报", "not reported"),
    "draft": ("草稿", "draft"),
    "submitted": ("已提交", "submitted"),
    "imported": ("已导入", "imported"),
    "returned": ("退回", "returned"),
}
# A row of the table as the browser draws it
_ROW_HEIGHT = 33


@dataclass(frozen=True)
class Form:
    """A table as it was begun: ``number`` is a part of its widgets' keys, ``seen`` how its figures stood then.

    Others may report meanwhile: what somebody has typed stays where it is.
    """

    choice: Choice
    number: int
    lines: tuple[Line, ...]
    cells: tuple[str, ...]
    seen: Mapping[str, Standing]
    # As it is drawn: another one would be another table to the browser, and take away what is typed
    table: pd.DataFrame
    # What it is written in
    is_english: bool
    # It stands on the page, so that what was typed into it is known to the session
    is_drawn: bool = False

    @property
    def key(self) -> str:
        """The key of the table."""
        return f"reporting cells {self.number}"


def show_form(county: County, by: Viewer, choice: Choice) -> None:
    """The figures of a township and a month with last month's, the year before's and what facts suggest, to be filled in."""
    form, further = _form(county, by, choice)
    if not form.lines:
        st.info(plain(say("这个镇街这个月没有要报的指标。", "Nothing is asked of this township for this month.")))
        if further and choice.may_report:
            st.button(_further_words(further), key="reporting every", on_click=_list_every, args=(form,))
        return
    table, value = form.table, month_name(choice.month)
    if not choice.may_report:
        show_rows(table, "reporting figures", row_height=_ROW_HEIGHT, height=_height(table))
        return
    edit_rows(
        table,
        form.key,
        row_height=_ROW_HEIGHT,
        height=_height(table),
        disabled=[name for name in table.columns if name != value],
        placeholder="",
        column_config=_columns(value),
    )
    st.caption(
        plain(
            say(
                "点单元格直接填；从 Excel 复制一列数，选中第一个要填的格粘贴。“≥900”“900 余人”记作下限。空着的以后再报。",
                "Type into the cells, or copy a column in Excel and paste it at the first cell. ≥900 is kept as a lower "
                "bound. What is empty can be reported later.",
            )
        )
    )
    reason = f"reporting reason {form.number}"
    if any(one.counted for one in form.seen.values()):
        st.text_input(
            say("更正原因（改已提交的数时写）", "Why a submitted figure is corrected"), max_chars=200, key=reason
        )
    _buttons(form, by, reason, further, suggested=any(table[say("参考值", "Suggested")]))
    show_told(TOLD)
    block = f"reporting block {form.number}"
    with (
        st.expander(say("从 Excel 整块粘贴（指标名称和数）", "Paste a block out of Excel (names and numbers)")),
        st.form(block, border=False, enter_to_submit=False),
    ):
        st.text_area(
            say(
                "每行：指标名称、制表符、数；只有一列数时按表里的顺序",
                "Each row: name, tab, number; or numbers alone in order",
            ),
            height=140,
            key=f"{block} words",
        )
        st.form_submit_button(
            say("填入表中", "Fill in"), key="reporting paste", on_click=_paste, args=(form, f"{block} words")
        )


def definitions_of(county: County, choice: Choice, reported: set[str], *, every: bool) -> list[Definition]:
    """What the form lists: what is asked for, then what was ``reported`` (codes) within a year, then, if asked for, the others."""
    every_one = sorted(county.definitions.values(), key=lambda one: (one.area, one.code))
    asked = [one for one in every_one if one.asks(choice.township_code, choice.month)]
    others = [
        one
        for one in every_one
        if one not in asked
        and (one.last_month is None or choice.month <= one.last_month)
        and (one.townships is None or choice.township_code in one.townships)
    ]
    known = [one for one in others if one.code in reported]
    return [*asked, *known, *(one for one in others if every and one not in known)]


# --- The form that is on the page ------------------------------------------------------------------


def _form(county: County, by: Viewer, choice: Choice) -> tuple[Form, int]:
    """The form, and how many figures nobody asks for that it does not list."""
    kept: Form | None = st.session_state.get("reporting form")
    every = st.session_state.get("reporting every of") == choice
    year = [month_offset(choice.month, -back) for back in range(13)]
    reported = {code for code, _ in fresh_answer(counted_numbers, by, choice.township_code, year)}
    listed = definitions_of(county, choice, reported, every=every)
    further = len(definitions_of(county, choice, reported, every=True)) - len(listed)
    is_here = (
        kept is not None
        and (kept.choice, kept.is_english) == (choice, is_english())
        and (not kept.is_drawn or kept.key in st.session_state)
    )
    if kept is None or not is_here:
        if kept is not None:
            # Whoever looks at another month or township, or in the other language, finds here again what they typed.
            _carried()[kept.choice] = _changes(kept)
        seen = fresh_answer(standings, by, choice.township_code, choice.month)
        told = {code: one.told for code, one in seen.items()}
        carried = _carried().get(choice, {})
        lines = tuple(lines_of(listed))
        cells = tuple(carried.get(line, cell_of(line, told.get(line.definition.code))) for line in lines)
        kept = Form(choice, _next_number(), lines, cells, seen, _table(by, choice, lines, cells, seen), is_english())
    st.session_state["reporting form"] = replace(kept, is_drawn=True)
    return kept, further


def _next_number() -> int:
    number = int(st.session_state.get("reporting forms", 0)) + 1
    st.session_state["reporting forms"] = number
    return number


def _carried() -> dict[Choice, dict[Line, str]]:
    """What was typed and neither kept nor submitted, of the months and townships looked at."""
    carried: dict[Choice, dict[Line, str]] = st.session_state.setdefault("reporting carried", {})
    return carried


def _changes(form: Form) -> dict[Line, str]:
    """The cells that say something else than what has been reported."""
    told = {code: one.told for code, one in form.seen.items()}
    return {
        line: cell
        for line, cell in zip(form.lines, typed(form), strict=True)
        if cell.strip() != cell_of(line, told.get(line.definition.code))
    }


def _begin_again(form: Form, cells: Sequence[str]) -> None:
    """A new table with these cells."""
    table = form.table.assign(**{month_name(form.choice.month): cells})
    st.session_state["reporting form"] = replace(
        form, number=_next_number(), cells=tuple(cells), table=table, is_drawn=False
    )


def typed(form: Form) -> list[str]:
    """The cells as they stand in the browser."""
    cells = list(form.cells)
    state: Any = st.session_state.get(form.key, {})
    for place, edits in state.get("edited_rows", {}).items():
        for value in edits.values():
            cells[int(place)] = "" if value is None else str(value)
    return cells


# --- What it shows ---------------------------------------------------------------------------------


def _height(table: pd.DataFrame) -> int:
    return 38 + _ROW_HEIGHT * min(len(table), 16)


def _columns(value: str) -> dict[str, Any]:
    config = st.column_config
    return {
        say("指标", "Figure"): config.TextColumn(width=300),
        say("单位", "Unit"): config.TextColumn(width=60),
        value: config.TextColumn(width=110, help=say("在这里填", "Type here"), max_chars=40),
        say("状态", "State"): config.TextColumn(width=120),
        say("截止", "Due"): config.TextColumn(width=140),
    }


def _table(
    by: Viewer, choice: Choice, lines: Sequence[Line], cells: Sequence[str], seen: Mapping[str, Standing]
) -> pd.DataFrame:
    month = choice.month
    before, year_before = month_offset(month, -1), month_offset(month, -12)
    numbers = fresh_answer(counted_numbers, by, choice.township_code, (before, year_before))
    suggestions = _suggestions(by, choice, lines)
    rows = []
    for line, cell in zip(lines, cells, strict=True):
        one = line.definition
        stands = seen.get(one.code, Standing())
        rows.append(
            {
                say("指标", "Figure"): say(*line.names),
                say("单位", "Unit"): one.unit,
                month_name(month): cell,
                say("上月", "Month before"): cell_of(line, numbers.get((one.code, before))),
                say("上年同月", "Year before"): cell_of(line, numbers.get((one.code, year_before))),
                say("参考值", "Suggested"): cell_of(line, suggestions.get(one.code)),
                say("状态", "State"): _state_words(stands),
                say("截止", "Due"): _due_words(one, month, stands),
            }
        )
    return pd.DataFrame(rows)


def _state_words(one: Standing) -> str:
    words = say(*_STATES[one.state])
    if one.state == "returned":
        return say(f"{words}：{one.reason}", f"{words}: {one.reason}")
    if one.state == "draft" and one.counted:
        return say(f"更正草稿，现计 {one.counted}", f"draft of a correction; {one.counted} counts")
    return words


def _due_words(definition: Definition, month: str, one: Standing) -> str:
    due = due_date(definition, month)
    if due is None:
        return say("不催报", "not asked")
    late = (date.today() - due).days
    if one.counted is None and late > 0:
        return say(f"{due:%m-%d}，逾期 {late} 天", f"{due:%m-%d}, {late} days late")
    return f"{due:%m-%d}"


def _suggestions(by: Viewer, choice: Choice, lines: Sequence[Line]) -> dict[str, Number]:
    """What facts say of the figures that are counted from them, too, where the viewer is told exactly."""
    scope = Scope(by, (choice.township_code,), choice.month, choice.month)
    wanted = {
        line.definition.code: INDICATORS[line.definition.counted_as]
        for line in lines
        if line.definition.counted_as in INDICATORS
    }
    wanted = {code: one for code, one in wanted.items() if not is_in_fives(one, scope, ("township_code",))}
    if not wanted:
        return {}
    found = answer(queries.measure, tuple(dict.fromkeys(wanted.values())), scope, ("township_code",))
    ratios = {line.definition.code for line in lines if line.definition.is_ratio}
    numbers = {}
    for code, one in wanted.items():
        if not len(found) or pd.isna(found[one.code].iloc[0]):
            continue
        if code in ratios and one.is_ratio:
            numbers[code] = Number(float(found[f"{one.code}:n"].iloc[0]), float(found[f"{one.code}:d"].iloc[0]))
        elif code not in ratios:
            numbers[code] = Number(round(float(found[one.code].iloc[0]), one.decimals))
    return numbers


# --- What its buttons do ---------------------------------------------------------------------------


def _buttons(form: Form, by: Viewer, reason: str, further: int, *, suggested: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            say("提交", "Submit"),
            type="primary",
            key="reporting submit",
            on_click=_report,
            args=(form, by, reason, True),
        )
        st.button(
            say("保存草稿", "Keep as a draft"), key="reporting draft", on_click=_report, args=(form, by, reason, False)
        )
        if suggested:
            st.button(
                say("空格填参考值", "Fill empty cells with what is suggested"),
                key="reporting suggest",
                on_click=_fill,
                args=(form, by),
            )
        if further:
            st.button(_further_words(further), key="reporting every", on_click=_list_every, args=(form,))
        if changes := len(_changes(form)):
            st.caption(plain(say(f"{changes} 格还没有保存", f"cells not saved: {changes}")), width="content")


def _further_words(further: int) -> Markdown:
    return plain(say(f"另列不催报的 {further} 项", f"List {further} more that are not asked for"))


def _list_every(form: Form) -> None:
    """List all figures; what has been typed goes along."""
    st.session_state["reporting every of"] = form.choice
    _carried()[form.choice] = _changes(form)
    st.session_state.pop("reporting form", None)


def _report(form: Form, by: Viewer, reason: str, is_submitted: bool) -> None:  # what a button hands on
    numbers, problems = numbers_in(form.lines, typed(form))
    if problems:
        _tell_all(
            [say("没有保存，请改这几处，其余填的都还在：", "Nothing was saved; mend these, all else is still here:")],
            problems,
        )
        return
    done: list[Reported] = []

    def act() -> None:
        try:
            done.append(
                report_figures(
                    engine(),
                    by,
                    form.choice.township_code,
                    form.choice.month,
                    numbers,
                    form.seen,
                    is_submitted=is_submitted,
                    reason=str(st.session_state.get(reason, "")),
                )
            )
        except Overtaken:
            # They have been told; what they typed may be saved then.
            seen = fresh_answer(standings, by, form.choice.township_code, form.choice.month)
            st.session_state["reporting form"] = replace(form, seen=seen, is_drawn=True)
            raise

    if not write(TOLD, act):
        return
    look_again()
    st.session_state.pop("reporting form", None)
    _carried().pop(form.choice, None)
    tell(TOLD, plain(_done_words(done[0], is_submitted=is_submitted)))


def _done_words(done: Reported, *, is_submitted: bool) -> str:
    if not done.figures:
        return say("没有新填的数。", "Nothing new was typed.")
    if not is_submitted:
        return say(
            f"已存 {done.figures} 项草稿；提交以后才计入。",
            f"{done.figures} kept as drafts; they count once submitted.",
        )
    corrected = (
        say(f"，其中更正 {done.corrected} 项", f", {done.corrected} of them corrected") if done.corrected else ""
    )
    return say(f"已提交 {done.figures} 项{corrected}。", f"{done.figures} submitted{corrected}.")


def _fill(form: Form, by: Viewer) -> None:
    suggestions = _suggestions(by, form.choice, form.lines)
    cells = [
        cell or cell_of(line, suggestions.get(line.definition.code))
        for line, cell in zip(form.lines, typed(form), strict=True)
    ]
    _begin_again(form, cells)
    tell(TOLD, plain(say("空格已填参考值，核对后提交。", "Empty cells have what is suggested; check and submit.")))


def _paste(form: Form, block: str) -> None:
    found, problems = pasted(form.lines, str(st.session_state[block]))
    cells = typed(form)
    for place, cell in found.items():
        cells[place] = cell
    if found:
        _begin_again(form, cells)
    words = say(f"已填入 {len(found)} 格，核对后提交。", f"{len(found)} cells filled; check and submit.")
    if problems or not found:
        _tell_all([words] if found else [], problems or [Problem("没有可填的内容。", "There is nothing to fill in.")])
    else:
        tell(TOLD, plain(words))


def _tell_all(first: Sequence[str], problems: Sequence[Problem]) -> None:
    told = [*map(plain, first), *map(problem_sentence, problems)]
    tell(TOLD, "  \n".join(told), is_problem=True)
