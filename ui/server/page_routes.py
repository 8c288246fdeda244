"""Streamlit's page with what its browser side would else ask for, one question after the other, before it begins.

Without it, it asks below the page's own path first (``/petitions/_stcore/health``), which is not there, then below the
path above.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ui.frame.pages import PAGES
from ui.server.rules import SIGNED_IN, RuledRoute

_STATIC = Path(streamlit.__file__).parent / "static"
# What Streamlit answers under /_stcore/host-config, but for the pages that may send commands from a frame around this
# one: here it insists on one, and takes the page itself.
_HOST_CONFIG = {
    "useExternalAuthToken": False,
    "enableCustomParentMessages": False,
    "enforceDownloadInNewTab": False,
    "metricsUrl": "",
    "blockErrorDialogs": False,
}
_SCRIPT = (
    "window.__streamlit = { BACKEND_BASE_URL: new URL('.', location.href).href, "
    f"HOST_CONFIG: {{ ...{json.dumps(_HOST_CONFIG)}, allowedOrigins: [location.origin] }} }}"
)
# Parts of Streamlit's browser side that most pages need, and that it asks for when the first such element comes
_PARTS = ("BidiComponent", "ButtonGroup", "Selectbox")
_IMPORT = re.compile(r'"\./([\w.-]+\.js)"')


# Of what Streamlit itself draws: what its theme has no setting for
_STYLE = Path(__file__).resolve().parents[1] / "browser" / "frame.css"


@cache
def page_html(language: str = "zh-CN") -> str:
    """The page, whatever its address, in a language as HTML names it."""
    page = (_STATIC / "index.html").read_text("utf-8").replace('<html lang="en">', f'<html lang="{language}">')
    links = "".join(f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in _parts(page))
    style = f"<style>{_STYLE.read_text('utf-8')}</style>"
    return page.replace("<script", f"<script>{_SCRIPT}</script>{links}<script", 1).replace("</head>", f"{style}</head>")


def _parts(page: str) -> Iterator[str]:
    """The files of the parts and what they import, without those that the page names itself."""
    folder = _STATIC / "static" / "js"
    waiting, known = [found.name for part in _PARTS for found in folder.glob(f"{part}.*.js")], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in known and name not in page:
            known.add(name)
            waiting += _IMPORT.findall((folder / name).read_text("utf-8"))
            yield name


async def _send_page(request: Request) -> HTMLResponse:
    # What the address says until the page itself does
    language = "en" if request.query_params.get("lang") == "en" else "zh-CN"
    return HTMLResponse(page_html(language), headers={"Cache-Control": "no-cache"})


page_routes = [RuledRoute(path, _send_page, SIGNED_IN) for path in ("/", *(f"/{name}" for name in PAGES))]
