"""How a page prints: the button that prints it, and what stands around its parts on each sheet."""

from __future__ import annotations

from ui.elements.element import Element, as_content
from ui.text import say

# Its style sheet is that of the whole page on paper, where Streamlit's parts stand outside of all elements.
_PRINT = Element("print", isolated=False)


def show_print(title: str, told: str) -> None:
    """A button that prints the page, as the browser's own way does; ``told``: which filters and data the page shows.

    Both stand at the head of every sheet but the first, which begins with them anyway.
    """
    getting = say("正在取清单的全部行", "Getting all rows of the list")
    away = say(
        "没有打印：取不到清单的全部行，请重试；只打印页面上的，用 Ctrl+P。",
        "Nothing was printed, as the list's rows cannot be got: try again, or print what the page shows with Ctrl+P.",
    )
    _PRINT.show(as_content(title=title, told=told, label=say("打印", "Print"), getting=getting, away=away), "print")
