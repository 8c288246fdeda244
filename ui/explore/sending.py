"""What can be sent on from 自由筛选: the link, the answer and its rows as files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st
from sqlalchemy import Engine

from data_access.exploring.listing import Listing, row_batches, row_count
from data_access.spreadsheets import Sheet
from ui import text
from ui.asking.address import filters
from ui.asking.sentences import as_of_sentence, filter_sentence
from ui.cards.rows import readable
from ui.explore.answer import Answer, head_of, question_sentence, recorded_question
from ui.explore.choice import explore_address
from ui.explore.rows import listing
from ui.explore.table import sheet_table, table_of
from ui.files.downloads import csv_bytes, recorded
from ui.files.row_exports import BATCH_ROWS, MOST_ROWS, begin_export
from ui.text import plain, say, written_in


def notes(answer: Answer) -> list[str]:
    """The lines that go along with a file: question, filters, as-of, definitions."""
    area = answer.indicators[0].area
    return [
        say("问题：", "Question: ") + question_sentence(answer),
        say("范围：", "Scope: ") + filter_sentence(answer.view),
        as_of_sentence(answer.view.county, area),
        *(
            [say("示例数据，非真实业务数据", "Sample data, not the county's own")]
            if answer.view.county.is_sample
            else []
        ),
        *([text.fives_note()] if any(indicator.in_fives for indicator in answer.indicators) else []),
        *(
            text.definition(indicator).replace("**", "").replace("  \n", say("；", "; "))
            for indicator in answer.indicators
        ),
    ]


def show_sending(answer: Answer) -> None:
    """A button that opens what can be sent on."""
    with st.popover(say("发送", "Send on"), icon=":material/share:"):
        address = explore_address(answer.choice, filters())
        origin = (st.context.url or "").rpartition("/")[0]
        st.caption(say("链接：打开就是这个问题", "The link opens this very question"))
        st.code(f"{origin}/{address}", language=None, wrap_lines=True)
        name = say("自由筛选", "answer")
        st.download_button(
            say("答案（CSV）", "Answer (CSV)"),
            recorded(
                partial(_answer_csv, answer),
                "csv",
                recorded_question(answer),
                len(answer.now[answer.choice.by]),
                right=None,
            ),
            f"{name}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="answer csv",
            width="stretch",
        )
        if not answer.view.scope.viewer.may("export"):
            return
        rows = _rows(answer)
        if rows is None:
            st.caption(
                say(
                    "这个指标只有汇总，没有逐条明细可导出。",
                    "This indicator is known as totals only; there are no rows to export.",
                )
            )
            return
        for kind, words in (
            ("xlsx", say("答案、明细和说明（Excel）", "Answer, rows and notes (Excel)")),
            ("csv", say("明细（CSV）", "Rows (CSV)")),
        ):
            st.button(
                plain(words),
                icon=":material/table_view:" if kind == "xlsx" else ":material/csv:",
                key=f"export {kind}",
                on_click=_begin,
                args=(answer, rows, kind),
                width="stretch",
            )


def _answer_csv(answer: Answer) -> bytes:
    with written_in(answer.view.language):
        return csv_bytes(table_of(answer))


def _rows(answer: Answer) -> Listing | None:
    """The rows of the figure that is open, else of the first indicator that has rows."""
    if answer.choice.cell is not None:
        found = listing(answer.view, answer.choice)
        return found if found.rows else None
    for indicator in answer.indicators:
        choice = replace(answer.choice, cell=(), of=indicator.code)
        found = listing(answer.view, choice)
        if found.rows:
            return found
    return None


def _begin(answer: Answer, rows: Listing, kind: str) -> None:
    figures: list[Sheet] = []
    if kind == "xlsx":
        crossed = len(answer.choice.by) == 2
        for indicator in answer.indicators if crossed else answer.indicators[:1]:
            table, told = sheet_table(answer, indicator)
            name = text.name(indicator) if crossed else say("答案", "Answer")
            figures.append(Sheet(name, table, [*head_of(answer), *told], has_title=True))

    def count(engine: Engine) -> int:
        with engine.connect() as connection:
            return row_count(connection, rows)

    def batches(engine: Engine) -> Iterator[pd.DataFrame]:
        with engine.connect() as connection:
            for batch in row_batches(connection, rows, BATCH_ROWS, MOST_ROWS):
                yield readable(answer.view, batch)

    question = question_sentence(answer, with_text=False)
    name = say("自由筛选", "answer")
    begin_export(
        answer.view, name, kind, question, count, batches, head=head_of(answer), notes=notes(answer), figures=figures
    )
