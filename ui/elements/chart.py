"""Draws plotly figures: the ones of a page share one small plotly, served from here.

``st.plotly_chart`` would load a plotly three times as large, which takes longer to start and twice as long to redraw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse

from ui.asking.address import Ways
from ui.charts.figure import Figure, as_words, shortened
from ui.elements.element import Element, as_content
from ui.server.rules import SIGNED_IN, RuledRoute
from ui.text import plain, say

ROOT = Path(__file__).resolve().parents[1]
_LIBRARY = ROOT / "assets" / "plotly-cartesian-4.1.1.min.js"
# So many notes stand below a chart.
_BENEATH = 4
LIBRARY_NAME = _LIBRARY.name
# In a shadow tree plotly would miss its own style sheet, which it puts into the page's head.
_FIGURE = Element("figure", isolated=False)


async def _send_library(_request: Request) -> FileResponse:
    return FileResponse(_LIBRARY, headers={"Cache-Control": "public, immutable, max-age=31536000"})


library_route = RuledRoute(f"/{LIBRARY_NAME}", _send_library, SIGNED_IN)


def chart(
    title: str,
    figure: Figure,
    *,
    help: str | None = None,
    note: str | None = None,
    clickable: bool = True,
    explore: dict[str, str] | None = None,
    decide: dict[str, str] | None = None,
    picture: dict[str, str] | None = None,
    ways: Ways | None = None,
    leads: Mapping[str, Mapping[str, str]] | None = None,
) -> bytes:
    """A figure (``data`` and ``layout`` as plotly.js takes them) under a sentence that says what it shows.

    ``help`` defines it; ``note`` stands below; ``explore`` opens its question (``explore_choice.opening``), ``decide`` the
    form that decides something about it; ``picture`` (name, source, label) lets it be saved as one. ``ways``: what a click
    on a mark, by its custom data, asks of the address; ``leads``: to which page it leads (path, query). The layout says its height in pixels. Dated notes on the figure are
    a part of what it says to who cannot see it, and stand below as far as it does not show all their words; so does the
    ``numbered`` of a figure, what the numbers on it stand for.
    """
    height = figure["layout"]["height"]
    marked = figure.get("notes", {"told": [], "beneath": []})
    note = say("；", "; ").join(filter(None, (note, _notes_beneath(marked["beneath"]))))
    if picture:
        # Within the picture plotly draws these words, too.
        picture = {**picture, "title": as_words(title), "source": as_words(picture["source"])}
    alt = say("图中注记：", "Notes: ") + say("；", "; ").join(marked["told"]) if marked["told"] else None
    gone = {**(ways or {}), **(leads or {})}
    if gone:
        alt = say("。", ". ").join(filter(None, (alt, say("方向键逐个看，回车打开", "Arrow keys step, Enter opens"))))
    more = (
        ("numbered", figure.get("numbered")),
        ("explore", explore),
        ("decide", decide),
        ("picture", picture),
        ("ways", gone),
        ("alt", alt),
    )
    further = {name: part for name, part in more if part}
    figure = {"data": figure["data"], "layout": figure["layout"]}
    return as_content(
        title=title,
        help=help,
        figure=figure,
        height=height,
        note=note or None,
        clickable=clickable,
        # The browser makes it of the figure's own marks.
        table={
            "label": say("看数据表", "Show as a table"),
            "name": say("名称", "Name"),
            "value": say("数值", "Value"),
            "separator": say("；", "; "),
            "more": say("另有 {0} 行，可下载 Excel 看全部", "{0} more rows: the Excel file has all of them"),
        },
        **further,
    )


def _notes_beneath(told: list[str]) -> str:
    """What marks without all their words say, as much of it as is read."""
    if not told:
        return ""
    lines = [shortened(words, 40) for words in told[:_BENEATH]]
    if more := len(told) - len(lines):
        lines.append(say(f"另有 {more} 条", f"{more} more"))
    return say("注记：", "Notes: ") + say("；", "; ").join(lines)


def show_chart(
    chart: bytes,
    key: str,
    on_click: Callable[[str], None] | None = None,
    on_saved: Callable[[], None] = lambda: None,
) -> None:
    """Draw a chart; ``on_click`` gets the custom data of a clicked mark that has any, ``on_saved`` hears of a picture."""
    _FIGURE.show(chart, key, on_click, on_saved)


def show_card(card: bytes | str | None, key: str) -> None:
    """Draw a chart, or say the sentence that stands for it."""
    if isinstance(card, str):
        st.caption(plain(card))
    elif card is not None:
        show_chart(card, key)
