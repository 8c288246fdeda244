"""The way of a county from nothing to all its pages: which table comes next, and what each brings."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from data_access.areas import AREAS, REPORTS
from data_access.cache import Unanswered, reachable_engine
from data_access.importing.order import Stock, next_table, stocks
from data_access.model.import_table import ImportTable
from ui import text
from ui.asking.viewer import viewer
from ui.elements.row_table import show_rows
from ui.importing.file import table_name
from ui.text import plain, say


def order_of_tables() -> None:
    """What the county has of each table, and the next one to load; open as long as it has no townships or no figures."""
    try:
        found = stocks(reachable_engine(), viewer())
    except (Unanswered, SQLAlchemyError):
        # What has to wait for the database the frame says; the rest of the page needs none.
        return
    has_begun = any(one.has_rows and one.table.area for one in found)
    following = next_table(found)
    with st.expander(say("各表的次序和现状", "The tables, in their order"), expanded=not has_begun):
        if following is not None:
            name = plain(table_name(following.name))
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    say(
                        f"前面的表先装，后面的表要用到它们。还没有装的第一张：**{name}**。",
                        f"Tables come after those they refer to. The first that is not loaded yet: **{name}**.",
                    )
                )
                if st.session_state.get("import table") != following.name:
                    st.button(say(f"选{name}", f"Choose {name}"), key="next table", on_click=_choose, args=(following,))
        titles = (
            say("表", "Table"),
            say("现状", "Rows"),
            say("最近装入", "Last loaded"),
            say("装入后看到", "What it brings"),
        )
        rows = [
            (
                table_name(one.table.name),
                say("有", "yes") if one.has_rows else say("还没有", "none yet"),
                f"{one.loaded_at:%Y-%m-%d}" if one.loaded_at else None,
                _what_it_brings(one),
            )
            for one in found
        ]
        show_rows(
            pd.DataFrame(rows, columns=titles),
            "import order",
            height=37 + 29 * len(rows),
            row_height=29,
            placeholder="—",
            column_config={
                title: st.column_config.Column(width=width)
                for title, width in zip(titles, (120, 80, 100, 680), strict=True)
            },
        )


def _choose(table: ImportTable) -> None:
    st.session_state["import table"] = table.name


def _what_it_brings(stock: Stock) -> str:
    if stock.table.name == "townships":
        return say(
            "镇街筛选、地图、分组排名，和其余各表的归属",
            "Townships to filter by, the map, leagues, and where all else belongs",
        )
    if stock.table.name == "villages":
        return say("各镇街下按村居看诉求、设备、队伍", "Petitions, cameras and teams by village")
    if stock.table.area == "":
        return say("各图时间轴上的注记", "Notes on the charts' time axes")
    area = REPORTS if stock.table.area == REPORTS.code else AREAS.get(stock.table.area or "", AREAS["grid"])
    page = say(area.zh, area.en)
    names = say("、", ", ").join(map(text.name, stock.brings))
    return say(f"“{page}”页：{names}", f"{page}: {names}") if names else say(f"“{page}”页", page)
