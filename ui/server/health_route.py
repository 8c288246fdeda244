"""Answers those who watch over the server."""

from __future__ import annotations

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse

from ui.server.rules import ANYBODY, RuledRoute


async def _tell_health(_request: Request) -> JSONResponse:
    """200 while the database can be read, 503 with the kind of problem otherwise; anybody may ask: no more is told."""
    # The launcher imports this module, and Streamlit warns of caches that are made before it runs.
    from data_access.cache import trouble

    problem = await to_thread.run_sync(trouble)
    if problem is None:
        return JSONResponse({"status": "ok"}, headers=_UNKEPT)
    return JSONResponse({"status": "unavailable", "kind": getattr(problem, "kind", "unusable")}, 503, _UNKEPT)


_UNKEPT = {"Cache-Control": "no-store"}
health_route = RuledRoute("/health", _tell_health, ANYBODY)
