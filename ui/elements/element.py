"""The elements that draw themselves in the browser: one message for each, however much it shows.

Each is a script and a style sheet in ``browser/``; the words and numbers come as ready JSON, so that what was made for
one viewer can be sent to the next.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).resolve().parents[1] / "browser"
# What is shown while somebody gathers it instead of drawing it
_contents: ContextVar[list[bytes] | None] = ContextVar("contents", default=None)


def _read(name: str, kind: str) -> str:
    return (_FOLDER / f"{name}.{kind}").read_text("utf-8")


class Element:
    """A kind of element, named as its files in ``browser/``.

    ``isolated``: in a shadow tree, out of reach of other style sheets.
    """

    def __init__(self, name: str, *, isolated: bool = True) -> None:
        self._mount = st.components.v2.component(
            name,
            html=f"<div class='{name}'></div>",
            css=_read("explanation", "css") + _read(name, "css") + _read("printed", "css"),
            js=_read("asking", "js") + _read("explanation", "js") + _read(name, "js"),
            isolate_styles=isolated,
        )

    def show(
        self,
        content: bytes,
        key: str,
        on_click: Callable[[str], None] | None = None,
        on_saved: Callable[[], None] = lambda: None,
    ) -> None:
        """Draw the content (JSON, see :func:`as_content`); ``on_click`` gets what was clicked, as the script names it.

        ``on_saved`` is called when the browser has made a file of it.
        """
        content = b'{"key":' + json.dumps(key).encode() + b"," + content[1:]
        if (contents := _contents.get()) is not None:
            contents.append(content)
            return

        mounted = _mountable(key)

        def clicked() -> None:
            if on_click and st.session_state[mounted].clicked is not None:
                on_click(st.session_state[mounted].clicked)

        self._mount(key=mounted, data=content, on_clicked_change=clicked, on_saved_change=on_saved)


def _mountable(key: str) -> str:
    """The key as Streamlit takes it of an element: it has two underlines for itself, and refuses a name that has them."""
    return re.sub("_(?=_)", "_ ", key)


@contextmanager
def gathered() -> Iterator[list[bytes]]:
    """Within, the contents of what is shown are gathered, each with its key, and nothing is drawn."""
    contents: list[bytes] = []
    token = _contents.set(contents)
    try:
        yield contents
    finally:
        _contents.reset(token)


def as_content(**parts: Any) -> bytes:
    """The JSON that an element draws."""
    # As bytes Streamlit hands it on; a text it would examine, and write as JSON once more.
    return json.dumps(parts, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


_WAY = Element("way")


def show_way(path: str, query: str, label: str, key: str) -> None:
    """A link to a page, with the filters every page shares; one step of the history, as no link of Streamlit's is."""
    _WAY.show(as_content(path=path, query=query, label=label), key)


# A box that asks the server what is meant by what is typed: content has query (what goes along to /find), label,
# placeholder, small (for beside the page), and what is said where nothing is understood (nothing), no answer comes (away),
# words are left over (lost), several questions are as likely (choose), and of a chip's mark (remove).
SEARCH_BOX = Element("search_box")

# Rows with places: content has title, note, chosen (a row's key), columns (title, number, help, wide: of more than a line)
# and rows (key, cells, hatched: not reported, sort: what each cell is sorted by, tones: what each is coloured by, if
# anything); a click leads the row's way (path, query) or asks for its parameters (asks).
LEAGUE_TABLE = Element("league_table")
