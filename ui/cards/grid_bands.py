"""The grids' month: how many of each township are in which band, and what that is worth; no person stands in a list."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import streamlit as st

from data_access.areas.grid import lists as grid_lists
from data_access.areas.grid.bands import Band, band_of
from data_access.cache import answer
from data_access.settings.kept import grid_bands
from ui import text
from ui.asking.sentences import sheet_head
from ui.asking.view import View
from ui.cards.rows import rows_card
from ui.elements.row_table import show_rows
from ui.files.downloads import download_buttons
from ui.text import plain, say

_LISTED = ("township_code", "grid_name", "village", "workers_now", "month_events", "due_on_time", "band", "band_yuan")


def show_grid_bands(view: View, silent: Collection[str]) -> None:
    """The sheet of the scope's last month, for townships that reported it (not ``silent``, codes); nothing without bands.

    Counts by township and band. Grids stand one by one only where several work in them: a grid of one is a person.
    """
    bands = grid_bands(view.county.settings)
    if not bands:
        return
    if view.county.unfinished("grid", view.scope.end) is not None:
        words = say(
            "这个月还没有完，数据到月末以后出网格考评表。",
            "The month goes on: its sheet of grids comes once data reach its end.",
        )
        st.caption(plain(words))
        return
    marks = answer(grid_lists.grid_marks, view.scope)
    marks = marks[~marks["township_code"].isin(silent)]
    if marks.empty:
        return
    banded = with_bands(marks, bands)
    month = text.month_name(view.scope.end)
    title = say(f"{month}网格考评等次和奖补", f"Bands and bonuses of grids, {month}")
    st.markdown(f"**{plain(title)}**")
    st.caption(
        plain(
            say(
                "等次按当月事件按期办结率，起点和奖补在“设置”里定；当月没有到期事件的不定等次。",
                "Bands go by the month's share of events closed on time, as set under Settings; grids without an event due are in none.",
            )
        )
    )
    counts = by_township(view, banded, bands)
    show_rows(
        counts,
        "grid bands",
        row_height=29,
        height=min(40 + 29 * len(counts), 560),
        column_config={name: st.column_config.NumberColumn(format="localized") for name in counts.columns[1:]},
    )
    download_buttons(lambda: counts, len(counts), "grid-bands", sheet_head(view, title, "grid"))
    of_several = banded[banded["workers_now"] > 1]
    if len(of_several):
        rows_card(view, of_several, say("多名网格员的网格", "Grids of several workers"), "grid", _LISTED)
    else:
        st.caption(
            plain(
                say(
                    "这里一个网格就是一名网格员，只列各镇街的数目，不列网格。",
                    "A grid here is one worker: only counts by township are told, no grids.",
                )
            )
        )


def with_bands(marks: pd.DataFrame, bands: Collection[Band]) -> pd.DataFrame:
    """The grids with their ``band`` (empty: nothing fell due), what it is worth, and the counts it goes by."""
    found = [
        band_of(tuple(bands), due, closed)
        for due, closed in marks[["due", "closed_on_time"]].itertuples(index=False, name=None)
    ]
    return marks.assign(
        band=[one.name if one else "" for one in found],
        band_yuan=[one.yuan if one else 0.0 for one in found],
        due_on_time=[
            f"{closed} ÷ {due}" if due else ""
            for due, closed in marks[["due", "closed_on_time"]].itertuples(index=False, name=None)
        ],
    )


def by_township(view: View, banded: pd.DataFrame, bands: Collection[Band]) -> pd.DataFrame:
    """Of each township the number of grids by band, of those without one, and the bonuses together; then of all."""
    nothing = say("没有到期事件", "nothing due")
    rows = []
    for code, own in [*banded.groupby("township_code"), ("", banded)]:
        counts = own["band"].value_counts()
        rows.append(
            {
                say("镇街", "Township"): view.county.names.get(str(code), say("合计", "All")),
                say("网格（个）", "Grids"): len(own),
                **{band.name: int(counts.get(band.name, 0)) for band in bands},
                nothing: int(counts.get("", 0)),
                say("奖补（元）", "Bonuses (yuan)"): float(own["band_yuan"].sum()),
            }
        )
    return pd.DataFrame(rows if len(rows) > 2 else rows[:1])
