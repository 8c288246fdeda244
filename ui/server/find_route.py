"""Answers the search box of 自由筛选 while the viewer types."""

from __future__ import annotations

import json

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from data_access.database import DatabaseProblem
from ui.asking.viewer import viewer_of
from ui.server.rules import SIGNED_IN, RuledRoute


async def _send_matches(request: Request) -> Response:
    # The launcher imports this module, and Streamlit warns of caches that are made before it runs.
    from ui.explore.matches import matches

    def answer() -> Response:
        try:
            body = json.dumps(matches(request.query_params, viewer_of(request)), ensure_ascii=False)
        except DatabaseProblem:
            return Response(status_code=503)
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    return await to_thread.run_sync(answer)


find_route = RuledRoute("/find", _send_matches, SIGNED_IN)
