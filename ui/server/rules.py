"""Who may ask what of the server: each route is declared with its rule; those that Streamlit brings along have theirs here.

A rule is one of those below, or a right (``data_access.access.RIGHTS``), which only who is signed in can have. What pages
take is in ``ui.frame.pages``. They are enforced in front of everything: ``ui.server.identity``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from re import Pattern

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, compile_path

# Whoever asks; whoever is signed in, or has a wall's key; whoever is signed in; no one
ANYBODY, WALLS, SIGNED_IN, NOBODY = "anybody", "walls", "signed_in", "nobody"

# By path
OF_STREAMLIT: Mapping[str, str] = {
    "/_stcore/health": ANYBODY,
    "/_stcore/stream": SIGNED_IN,
    "/_stcore/host-config": SIGNED_IN,
    "/_stcore/metrics": "administer",
    "/_stcore/bidi-components/{path:path}": SIGNED_IN,
    "/component/{path:path}": SIGNED_IN,
    # Files that a page has made; each is named by a digest of what is in it.
    "/media/{file_id:path}": SIGNED_IN,
    # It keeps in memory whatever it is sent; files to import take a route of ours.
    "/_stcore/upload_file/{session_id}/{file_id}": NOBODY,
    "/_stcore/agent/interact": NOBODY,
    "/_stcore/agent/openapi.json": NOBODY,
    "/_stcore/agent/mcp": NOBODY,
    # Streamlit's own signing in
    "/auth/login": NOBODY,
    "/auth/logout": NOBODY,
    "/oauth2callback": NOBODY,
    # Its page, which is the same for all of ours, and what that loads
    "/{path:path}": SIGNED_IN,
}


class RuledRoute(Route):
    """A route with the rule that says who may ask it."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[[Request], Awaitable[Response]],
        rule: str,
        methods: list[str] | None = None,
    ) -> None:
        super().__init__(path, endpoint, methods=methods)
        self.rule = rule


def rules_by_path(routes: Iterable[RuledRoute]) -> list[tuple[Pattern[str], str]]:
    """The rules of our routes and of Streamlit's, by the expressions that the server itself finds a route with, in its order."""
    streamlit = ((compile_path(path)[0], rule) for path, rule in OF_STREAMLIT.items())
    return [*((route.path_regex, route.rule) for route in routes), *streamlit]
