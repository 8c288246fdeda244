"""The box beside every page in which a case's number is typed: it opens the card of the case, of whatever period."""

from __future__ import annotations

from data_access.access import Viewer
from ui.elements.element import SEARCH_BOX, as_content
from ui.text import is_english, say


def show_number_box(viewer: Viewer) -> None:
    """The box, for who may see cases. What is typed is answered by the route ``/find``, each answer with its way."""
    if not viewer.may("cases") or not viewer.sees("petitions"):
        return
    SEARCH_BOX.show(
        as_content(
            query="among=cases" + ("&lang=en" if is_english() else ""),
            small=True,
            label=say("按编号打开诉求", "Open a case by its number"),
            placeholder=say("诉求编号，回车打开", "Case number, then Enter"),
            nothing=say(
                "您可查看的诉求里没有这个编号，请输入完整编号",
                "No case that you may see has this number; type all of it",
            ),
            away=say("暂时查不到，请稍后再试", "Out of reach; try again later"),
        ),
        "number box",
    )
