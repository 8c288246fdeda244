"""The ways from a figure, a township, a finding or a case to the form that decides something about it."""

from __future__ import annotations

from urllib.parse import urlencode

from ui.asking.view import View
from ui.text import say


def way_to_decide(
    view: View, promise: str = "", township: str = "", *, about: str = "", case: str = ""
) -> dict[str, str] | None:
    """The page, the query and what the mark says; None for who may not decide.

    ``promise``: the code of an indicator; ``township``: the name of who shall do it, if not the ones looked at; ``about``: a
    matter that needs attention; ``case``: township code and number.
    """
    if not view.scope.viewer.may("decide"):
        return None
    asked = {"promise": promise, "street": township, "about": about, "case": case}
    query = urlencode({name: value for name, value in asked.items() if value})
    return {"path": "decisions", "query": query, "label": say("立为督办", "Decide something about it")}
