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
    _PRINT.show(as_content(title=title, told=told, label=say("打印", "Print")), "print")
