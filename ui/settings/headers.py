"""What the county's sources call columns, beside the headers that are known."""

from __future__ import annotations

from functools import partial

import streamlit as st

from data_access.access import Viewer
from data_access.cache import engine
from data_access.importing.headers import county_headers, keep_county_headers
from data_access.importing.problems import FileProblem
from data_access.importing.tables import TABLES
from data_access.model.headers import Headers
from data_access.settings.changing import Overtaken
from ui.settings.subject import Changes, changes, form, number, save_button, subject, where, write_form
from ui.text import listed, plain, problem_sentence, say

_CODE = "headers"


def show_headers(last_changes: Changes, by: Viewer) -> None:
    """The headers that the county added, and a form for those of a column."""
    last = last_changes.get(_CODE)
    try:
        own = county_headers()
        count = sum(len(titles) for fields in own.values() for titles in fields.values())
        told = say(
            f"除自带的以外，县里加了 {count} 个表头" if count else "认得自带的表头，县里没有另加",
            f"{count} added to those that are known" if count else "Those that come along are known; none added",
        )
    except FileProblem as problem:
        own, told = {}, problem_sentence(problem)
    with subject(_CODE, say("导入的表头", "Headers of imports"), told, last):
        columns = st.columns(2)
        table = TABLES[
            columns[0].selectbox(
                say("哪张表", "Which table"),
                list(TABLES),
                format_func=lambda name: plain(say(TABLES[name].zh, TABLES[name].en)),
                key="headers table",
            )
        ]
        fields = {ours.name: ours for ours in table.fields}
        field = fields[
            columns[1].selectbox(
                say("哪一列", "Which column"),
                list(fields),
                format_func=lambda name: plain(fields[name].label),
                key=f"headers column {table.name}",
            )
        ]
        known = listed(field.headers, 30) or say("没有", "none")
        st.caption(plain(say(f"自带认得：{known}", f"Known: {known}")))
        now = form(_CODE, last, own)
        key = f"headers {table.name} {field.name} {now.key}"
        with st.form(key, border=False, enter_to_submit=False):
            st.text_area(
                say("县里的文件还怎样称这一列（一行一个）", "What the county's files call it, too (a line each)"),
                "\n".join(now.draft.get(table.name, {}).get(field.name, ())),
                height=110,
                key=f"{key} lines",
            )
            save_button("headers", _save, (table.name, field.name, key, now.seen, by))


def with_titles(own: Headers, table: str, field: str, titles: tuple[str, ...]) -> Headers:
    """The county's headers with these for a field of a table; none: without the field."""
    found = {name: dict(fields) for name, fields in own.items()}
    found.setdefault(table, {})[field] = titles
    return {
        name: {ours: words for ours, words in fields.items() if words}
        for name, fields in found.items()
        if any(fields.values())
    }


def _save(table: str, field: str, key: str, seen: int, by: Viewer) -> None:
    titles = tuple(dict.fromkeys(filter(None, map(str.strip, st.session_state[f"{key} lines"].splitlines()))))
    told = say(
        f"已保存：这一列在县里的文件里另有 {len(titles)} 个叫法。",
        f"Saved: {len(titles)} words of the county for the column.",
    )
    write_form(where(_CODE), partial(_keep, table, field, titles, seen, by), _CODE, plain(told))


def _keep(table: str, field: str, titles: tuple[str, ...], seen: int, by: Viewer) -> None:
    last = changes().get(_CODE)
    if number(last) != seen:
        who = last.by if last else ""
        raise Overtaken(
            f"没有保存：{who} 已改动过。您填的还在，请看过现状再保存。",
            f"Nothing was saved: {who} has changed it. What you typed is still here; look at what holds now, then save again.",
        )
    keep_county_headers(engine(), with_titles(county_headers(), table, field, titles), by=by)
