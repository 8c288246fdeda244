"""The file on its way into a table: choosing it, and what the table needs."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data_access.background import Task
from data_access.cache import county
from data_access.importing import ImportResult
from data_access.importing.headers import titles_of
from data_access.importing.mapping import ColumnMapping
from data_access.importing.problems import FileProblem
from data_access.importing.saved_mappings import SavedMapping, saved_mapping
from data_access.importing.tables import TABLES
from data_access.importing.workbooks import explained, header_of, write_template
from data_access.model.import_table import ImportTable
from ui import text
from ui.asking.viewer import viewer
from ui.elements.row_table import show_rows
from ui.files.upload import remove, upload_area, uploaded_path
from ui.text import plain, problem_sentence, say


@dataclass
class Draft:
    """A file on its way into a table. ``saved``: the mapping kept for files like it.

    ``meanings`` and ``formats`` were decided after a check, as a mapping has them: what words mean, which texts are cut,
    what equal rows are. ``asks_again``: the meanings that were kept do not hold.
    """

    token: str
    path: Path
    table: ImportTable
    saved: SavedMapping | None = None
    mapping: ColumnMapping = field(default_factory=ColumnMapping)
    meanings: dict[str, dict[str, str]] = field(default_factory=dict)
    formats: dict[str, Any] = field(default_factory=dict)
    asks_again: bool = False
    header: tuple[str, ...] = ()
    check: Task[ImportResult] | None = None
    checked_mapping: ColumnMapping | None = None
    rejects: Path | None = None
    load: Task[ImportResult] | None = None


def table_name(code: str) -> str:
    """What a table is called."""
    return say(TABLES[code].zh, TABLES[code].en)


def file_step() -> Draft | None:
    """Ask for the table and the file; None until there is one."""
    left, middle, right = st.columns([1, 2.4, 0.9], vertical_alignment="bottom", gap="small")
    # What comes every month before the registers of names
    names = {table.name: table_name(table.name) for table in sorted(TABLES.values(), key=lambda one: one.area is None)}
    if county(viewer()).townships.empty:
        st.session_state.setdefault("import table", "townships")
    chosen = left.selectbox(
        say("装入哪张表", "Into which table"), list(names), format_func=names.__getitem__, key="import table"
    )
    table = TABLES[chosen]
    with middle:
        token = upload_area()
    right.download_button(
        say("下载模板", "Template"),
        lambda: _template(table),
        say(f"{names[chosen]}模板.xlsx", f"{chosen}.xlsx"),
        icon=":material/description:",
        on_click="ignore",
        width="stretch",
    )
    draft: Draft | None = st.session_state.get("import draft")
    if token is not None and (path := uploaded_path(token)):
        forget_draft()
        draft = st.session_state["import draft"] = Draft(token, path, table)
        draft.saved = _saved_mapping(draft)
    elif draft is not None and draft.table is not table and draft.load is None:
        draft = st.session_state["import draft"] = Draft(draft.token, draft.path, table)
        draft.saved = _saved_mapping(draft)
    return draft


def forget_draft() -> None:
    """Give up the file: stop what is at work on it and delete it."""
    draft: Draft | None = st.session_state.pop("import draft", None)
    if draft is None:
        return
    if draft.check is not None:
        draft.check.cancel()
    remove(draft.token)


def _saved_mapping(draft: Draft) -> SavedMapping | None:
    try:
        return saved_mapping(draft.table, draft.path)
    except FileProblem:
        # The preview says what is wrong with the file.
        return None


def _template(table: ImportTable) -> bytes:
    file = io.BytesIO()
    write_template(table, file)
    return file.getvalue()


def what_a_table_needs(code: str) -> None:
    """Which columns a table has, what goes into them and which headers are known."""
    table = TABLES[code]
    st.markdown(
        say(
            f"**{plain(table_name(code))}要有这些列**，表头不同也能对上；* 为必填",
            f"**The columns of {plain(table_name(code))}**; other headers can be mapped; * is required",
        )
    )
    try:
        # Without our name, and without what it is called
        others = {ours.name: say("、", ", ").join(titles_of(ours, table)[2:]) for ours in table.fields}
    except FileProblem as problem:
        st.error(problem_sentence(problem))
        return
    rows = [
        (header_of(ours), explained(ours, table)[0 if not text.is_english() else 1], others[ours.name])
        for ours in table.fields
    ]
    titles = (say("列", "Column"), say("内容", "Content"), say("也认这些表头", "Other headers known"))
    show_rows(
        pd.DataFrame(rows, columns=titles),
        "known columns",
        height=min(37 + 29 * len(rows), 480),
        row_height=29,
        placeholder="—",
        column_config={
            title: st.column_config.Column(width=width) for title, width in zip(titles, (130, 440, 400), strict=True)
        },
    )


def masked(value: str) -> str:
    """A private value's first character."""
    return f"{value[0]}**" if value else ""
