"""The audit log: searched, a page at a time, as a file, and whether it is whole."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from data_access.accounts.administering import roles
from data_access.audit.chain import verify
from data_access.audit.deeds import KINDS
from data_access.audit.search import Wanted, deed_count, deeds, people
from data_access.cache import county, reachable_engine
from data_access.evaluation.schemes import readable_schemes
from data_access.indicators import INDICATORS
from data_access.settings.kept import kept_schemes
from ui.asking.viewer import viewer
from ui.audit.words import change_words, names_of_codes, subject_words
from ui.elements.row_table import show_rows
from ui.files.downloads import download_buttons
from ui.files.whole_lists import WholeList
from ui.text import is_english, plain, problem_sentence, say, written_in

_PAGE = 100
# So many a file has at most.
_MOST = 100_000
# So many codes are looked for beside the words themselves.
_MOST_CODES = 50


def chain_state() -> None:
    """Whether the record is whole, in a sentence; looked through once a session, and when asked to."""
    with st.container(horizontal=True, vertical_alignment="center"):
        sentence = st.container(width="stretch")
        is_asked = st.button(say("重新核对", "Check again"), icon=":material/verified_user:", key="verify deeds")
    if is_asked or "deeds chain" not in st.session_state:
        with reachable_engine().connect() as connection:
            st.session_state["deeds chain"] = verify(connection, viewer())
    chain = st.session_state["deeds chain"]
    if chain.problem:
        sentence.error(problem_sentence(chain.problem), icon=":material/gpp_bad:")
        return
    sentence.success(
        plain(
            say(
                f"记录完整：{chain.count:,} 条首尾相接，没有改动。最后一条的摘要 {chain.digest[:16]}…",
                f"The record is whole: {chain.count:,} deeds follow each other unchanged. Last digest {chain.digest[:16]}…",
            )
        ),
        icon=":material/verified_user:",
    )


def deeds_wanted() -> Wanted:
    """The filters in a line: person, kind, days, words."""
    with reachable_engine().connect() as connection:
        names = people(connection, viewer())
    called = _names()
    who, what, when, words = st.columns([1, 1.6, 1.2, 1.4], vertical_alignment="bottom")
    person = who.selectbox(
        say("谁", "Who"),
        names,
        index=None,
        format_func=lambda name: plain(name or _command()),
        placeholder=say("所有人", "Everybody"),
        key="deeds by",
    )
    kinds = what.multiselect(
        say("做了什么", "What"),
        list(KINDS),
        format_func=lambda code: plain(say(*KINDS[code])),
        placeholder=say("全部", "Everything"),
        key="deeds kinds",
    )
    days = when.date_input(say("哪几天", "Days"), [], format="YYYY-MM-DD", key="deeds days")
    looked_for = words.text_input(
        say("对象和内容里有", "About"),
        max_chars=64,
        placeholder=say("批次、月份、账号", "batch, month, account"),
        key="deeds words",
    )
    chosen = tuple(days) if isinstance(days, tuple) else (days,)
    first, last = (chosen[0], chosen[-1]) if chosen else (None, None)
    # The record keeps codes where the page has names.
    wanted = looked_for.strip()
    codes = {code for of in called.values() for code, name in of.items() if wanted and wanted in name}
    return Wanted(person, tuple(kinds), first, last, looked_for, tuple(sorted(codes)[:_MOST_CODES]))


def deeds_table(wanted: Wanted) -> None:
    """The deeds, the latest first, a page at a time, and as files."""
    with reachable_engine().connect() as connection:
        count = deed_count(connection, viewer(), wanted)
        pages = max(-(-count // _PAGE), 1)
        if st.session_state.get("deeds page", 1) > pages:
            st.session_state["deeds page"] = 1
        page = int(st.session_state.get("deeds page", 1))
        found = deeds(connection, viewer(), wanted, limit=_PAGE, offset=(page - 1) * _PAGE)
    if not count:
        st.info(say("没有这样的记录。", "There is no such deed."))
        return
    names = _names()
    shown = _readable(found, names)
    by, name, language = viewer(), say("操作记录", "Audit log"), "en" if is_english() else "zh"

    def every(*, is_whole: bool) -> pd.DataFrame:
        with reachable_engine().connect() as connection, written_in(language):
            return _readable(deeds(connection, by, wanted, limit=_MOST), names, is_whole=is_whole)

    show_rows(
        shown,
        "deeds",
        whole=WholeList((language, wanted), count, partial(every, is_whole=False), name, "administer"),
        row_height=29,
        height=min(37 + 29 * len(shown), 620),
        placeholder="—",
        column_config={
            say("序号", "No."): st.column_config.NumberColumn(width=60),
            say("时间", "When"): st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss", width=150),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(say(f"共 {count:,} 条", f"{count:,} deeds"), width="stretch")
        if pages > 1:
            st.number_input(say("第几页", "Page"), 1, pages, key="deeds page", width=120, label_visibility="collapsed")
            st.caption(plain(say(f"/ {pages} 页", f"of {pages} pages")), width="content")
        download_buttons(partial(every, is_whole=True), min(count, _MOST), name, [name], "administer")


def _command() -> str:
    return say("命令行", "command line")


def _names() -> dict[str, Mapping[str, str]]:
    """What the codes in deeds are called, by field."""
    with reachable_engine().connect() as connection:
        named = {row["code"]: say(row["name_zh"], row["name_en"]) for row in roles(connection)}
    known = county(viewer())
    schemes = readable_schemes({**INDICATORS, **known.reported}, kept_schemes(reachable_engine()))
    called = {scheme.id: say(scheme.zh, scheme.en) for scheme in schemes}
    return {**names_of_codes(known), "role_code": named, "scheme": called}


def _readable(found: pd.DataFrame, names: Mapping[str, Mapping[str, str]], *, is_whole: bool = False) -> pd.DataFrame:
    """The deeds in words; a file of the whole record has what they say as it is kept, too."""
    pairs = [
        (before if isinstance(before, str) else None, after if isinstance(after, str) else None)
        for before, after in zip(found["before"], found["after"], strict=True)
    ]
    kept = {say("之前", "Before"): found["before"], say("之后", "After"): found["after"]} if is_whole else {}
    return pd.DataFrame(
        {
            say("序号", "No."): found["number"],
            say("时间", "When"): found["done_at"],
            say("谁", "Who"): [name or _command() for name in found["done_by"]],
            say("从哪里", "From"): found["done_from"],
            say("做了什么", "What"): [say(*KINDS[kind]) if kind in KINDS else kind for kind in found["kind"]],
            say("对象", "About"): [
                subject_words(kind, subject, names)
                for kind, subject in zip(found["kind"], found["subject"], strict=True)
            ],
            say("内容", "What it says"): [change_words(before, after, names) for before, after in pairs],
            **kept,
        }
    )
