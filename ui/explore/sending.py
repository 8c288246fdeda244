"""What can be sent on from 自由筛选: the link, the answer and its rows as files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from data_access import cache
from data_access.database import DatabaseProblem, reading_engine_for, reading_url
from data_access.exploring.export_log import record_export
from data_access.exploring.listing import Listing, row_batches, row_count
from data_access.spreadsheets import Sheet, write_csv, write_workbook
from ui import text
from ui.asking.address import filters
from ui.asking.sentences import as_of_sentence, filter_sentence
from ui.asking.viewer import viewer
from ui.elements.progress import show_running
from ui.explore.answer import Answer, question_sentence
from ui.explore.choice import explore_address
from ui.explore.rows import listing, readable
from ui.explore.table import table_of
from ui.files.downloads import csv_bytes
from ui.files.exports import Advance, Export, ExportStopped, start_export, stop_export
from ui.text import say, written_in

MOST_ROWS = 1_000_000
_BATCH_ROWS = 5_000


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
            partial(_answer_csv, answer),
            f"{name}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="answer csv",
            width="stretch",
        )
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
                words,
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
    by, question, view = viewer().name, question_sentence(answer, with_text=False), answer.view
    scope = filter_sentence(view)
    engine = reading_engine_for(reading_url())
    figures: list[Sheet] = []
    if kind == "xlsx":
        crossed = len(answer.choice.by) == 2
        figures = [
            Sheet(text.name(indicator) if crossed else say("答案", "Answer"), table_of(answer, indicator))
            for indicator in (answer.indicators if crossed else answer.indicators[:1])
        ]
    rows_name, explained = say("明细", "Rows"), Sheet(say("说明", "Notes"), None, notes(answer))

    def batches(advance: Advance) -> Iterator[pd.DataFrame]:
        with written_in(view.language), engine.connect() as connection:
            total = min(row_count(connection, rows), MOST_ROWS)
            for batch in row_batches(connection, rows, _BATCH_ROWS, MOST_ROWS):
                yield readable(view, batch)
                advance(len(batch), total)

    def write(path: Path, advance: Advance) -> None:
        if kind == "csv":
            write_csv(path, batches(advance))
        else:
            write_workbook(path, [*figures, Sheet(rows_name, batches(advance)), explained])

    name = say("自由筛选", "answer") + f".{kind}"

    def record(count: int) -> None:
        record_export(cache.reachable_engine(), by=by, format=kind, question=f"{question} · {scope}", rows=count)

    if previous := st.session_state.get("export"):
        stop_export(previous)
    st.session_state["export"] = start_export(say("导出", "Exporting"), name, view.scope.viewer, write, record)


def show_export() -> None:
    """How far the file is, and the file when it is there."""
    if "export" in st.session_state:
        _watch_export()


@st.fragment(run_every=0.6)
def _watch_export() -> None:
    export: Export | None = st.session_state.get("export")
    if export is None:
        return
    if export.task.is_running:
        show_running(export.task)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        try:
            count = export.task.outcome()
        except ExportStopped:
            st.warning(say("已停止导出。", "The export was stopped."))
        except DatabaseProblem as problem:
            st.warning(say(problem.zh, problem.en))
        except Exception:  # noqa: BLE001  # whatever it was, who waits is told
            st.warning(
                say(
                    "导出没有完成，请重试；若仍不行，请缩小时段。", "The export failed; try again, or a shorter period."
                )
            )
        else:
            size = export.path.stat().st_size / 1e6 if export.is_ready else 0
            st.link_button(
                say(
                    f"下载 {export.name}（{count:,} 条，{size:.1f} MB）",
                    f"Download {export.name} ({count:,} rows, {size:.1f} MB)",
                ),
                f"export/{export.token}",
                icon=":material/download:",
                type="primary",
            )
        st.button(
            say("关闭", "Close"),
            icon=":material/close:",
            key="close export",
            on_click=partial(st.session_state.pop, "export", None),
        )
