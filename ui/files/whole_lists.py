"""All rows of the lists of which a page shows the first, for the button that prints: got as a file is, and recorded as one."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from secrets import token_bytes
from threading import Lock

import pandas as pd
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from data_access.access import Viewer
from ui.asking.viewer import viewer, viewer_of
from ui.files.downloads import NotGiven, recorded
from ui.files.exports import is_theirs
from ui.files.row_exports import ONE_CLICK_ROWS
from ui.server.rules import SIGNED_IN, RuledRoute

# So many lists are remembered, those that were shown last; the page of an older one is asked to be opened again.
_MOST_KEPT = 2_000
_SECRET = token_bytes(32)


@dataclass(frozen=True)
class WholeList:
    """A list of which a page shows the first rows.

    ``asked``: what tells it from all others of the viewer's. ``count``: of all rows (None: not counted, more than a file has
    at one click); ``rows`` gives them, outside the page's script; ``question`` and ``right`` as of ``downloads.recorded``.
    """

    asked: Hashable
    count: int | None
    rows: Callable[[], pd.DataFrame]
    question: str
    right: str = "export"

    @property
    def may_be_had(self) -> bool:
        """Whether the viewer may take it away at all."""
        return viewer().may(self.right)

    @property
    def is_short(self) -> bool:
        """Whether all of it is printed, as it is a file at one click."""
        return self.count is not None and self.count <= ONE_CLICK_ROWS

    def way(self, content: Callable[[pd.DataFrame], bytes]) -> str:
        """Where the browser gets the ``content`` of all rows, each time recorded; the same for the same list."""
        by = viewer()
        token = hmac.new(_SECRET, repr((by, self.asked, self.count)).encode(), "sha256").hexdigest()
        taken = recorded(lambda: content(self.rows()), "print", self.question, self.count or 0, self.right)
        with _lock:
            _lists[token] = (by, taken)
            _lists.move_to_end(token)
            if len(_lists) > _MOST_KEPT:
                _lists.popitem(last=False)
        return f"print/{token}"


# Whose it is, and what makes it
_lists: OrderedDict[str, tuple[Viewer, Callable[[], bytes]]] = OrderedDict()
_lock = Lock()


async def _send(request: Request) -> Response:
    with _lock:
        found = _lists.get(request.path_params["token"])
    headers = {"Cache-Control": "no-store"}
    if found is None or not is_theirs(found[0], viewer_of(request)):
        told = "这张清单要重新打开：请刷新页面后再打印。 Reload the page, then print."
        return PlainTextResponse(told, status_code=404, headers=headers)
    try:
        content = await to_thread.run_sync(found[1])
    except NotGiven as problem:
        return PlainTextResponse(str(problem), status_code=503, headers=headers)
    return Response(content, media_type="application/json", headers=headers)


print_route = RuledRoute("/print/{token}", _send, SIGNED_IN, methods=["POST"])
