"""Lists of rows as files, however long: written beside the page, with progress and a stop, each recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st
from sqlalchemy import Engine

from data_access import cache
from data_access.database import DatabaseProblem, reading_engine_for, reading_url
from data_access.exploring.export_log import record_export
from data_access.spreadsheets import Sheet, write_csv, write_workbook
from ui.asking.sentences import filter_sentence
from ui.asking.view import View
from ui.asking.viewer import viewer
from ui.elements.progress import show_running
from ui.files.exports import Advance, Export, ExportStopped, start_export, stop_export
from ui.notes.words import note_lines
from ui.text import plain, problem_sentence, say, written_in

# So many rows a file has at most.
MOST_ROWS = 1_000_000
# and so many are read at a time
BATCH_ROWS = 5_000
# So many are a file at the first click, without progress.
ONE_CLICK_ROWS = 5_000


def begin_export(
    view: View,
    name: str,
    kind: str,
    question: str,
    count: Callable[[Engine], int],
    batches: Callable[[Engine], Iterator[pd.DataFrame]],
    *,
    head: Sequence[str],
    notes: Sequence[str] = (),
    figures: Sequence[Sheet] = (),
) -> None:
    """Begin to write the rows of all ``batches`` as a file of that ``kind`` (xlsx or csv).

    In a workbook ``head`` stands above the rows, its title first; it has more sheets for ``figures`` and ``notes``.

    Dated notes within the view stand below the ``notes``. ``question`` and the view's filters are recorded: it must not have the words that were looked for. ``batches`` runs
    outside the page's script.
    """
    viewer().require("export")
    by, scope = viewer(), filter_sentence(view)
    engine = reading_engine_for(reading_url())
    rows_name, told = say("明细", "Rows"), [*notes, *note_lines(view)]
    explained = [Sheet(say("说明", "Notes"), None, told)] if told else []

    def counted_batches(advance: Advance) -> Iterator[pd.DataFrame]:
        with written_in(view.language):
            total = min(count(engine), MOST_ROWS)
            for batch in batches(engine):
                yield batch
                advance(len(batch), total)

    def write(path: Path, advance: Advance) -> None:
        if kind == "csv":
            write_csv(path, counted_batches(advance))
        else:
            rows = Sheet(rows_name, counted_batches(advance), head, has_title=True)
            write_workbook(path, [*figures, rows, *explained])

    def record(rows: int) -> None:
        record_export(cache.reachable_engine(), by, format=kind, question=f"{question} · {scope}", rows=rows)

    if previous := st.session_state.get("export"):
        stop_export(previous)
    st.session_state["export"] = start_export(say("导出", "Exporting"), f"{name}.{kind}", by, write, record)


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
            st.warning(problem_sentence(problem))
        except OSError:
            st.warning(
                say(
                    "导出没有完成：服务器磁盘已满或不能写入，请联系管理员。",
                    "The export failed: the server's disk is full or cannot be written; ask your administrator.",
                )
            )
        except Exception:  # noqa: BLE001  # whatever it was, who waits is told
            st.warning(
                say(
                    "导出没有完成，请重试；若仍不行，请缩小时段。", "The export failed; try again, or a shorter period."
                )
            )
        else:
            size = export.path.stat().st_size if export.is_ready else 0
            large = f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB"
            st.link_button(
                plain(
                    say(
                        f"下载 {export.name}（{count:,} 条，{large}）",
                        f"Download {export.name} ({count:,} rows, {large})",
                    )
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
