"""Answers the boxes in which one asks while the viewer types."""

from __future__ import annotations

import json

from anyio import to_thread
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from data_access.database import DatabaseProblem
from ui.asking.viewer import viewer_of
from ui.server.rules import SIGNED_IN, RuledRoute

_LONGEST_BODY = 20_000


async def posted(request: Request) -> QueryParams | None:
    """The parameters in the body of a request; None where it is too long. Words are in no address, which logs keep."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_BODY:
            return None
    return QueryParams(body.decode("utf-8", "replace"))


async def _send_matches(request: Request) -> Response:
    # The launcher imports this module, and Streamlit warns of caches that are made before it runs.
    from ui.explore.matches import matches

    given = await posted(request)
    if given is None:
        return Response(status_code=413)

    def answer() -> Response:
        try:
            body = json.dumps(matches(given, viewer_of(request)), ensure_ascii=False)
        except DatabaseProblem:
            return Response(status_code=503)
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    return await to_thread.run_sync(answer)


find_route = RuledRoute("/find", _send_matches, SIGNED_IN, methods=["POST"])
