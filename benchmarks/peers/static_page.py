"""The same pages without a server's answers: ``python -m benchmarks.peers.static_page PORT STATES``.

STATES is the file that ``benchmarks.peers.contents`` writes. Everything is compressed beforehand.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any
from zlib import crc32

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.peers.contents import CONFIG, CSS, KIND, NARROWING, TITLES, TOWNSHIP, kinds
from ui.elements.chart import LIBRARY_NAME, ROOT

_FOLDER = Path(__file__).parent


def _figures(heights: list[int]) -> list[str]:
    return [
        f"<div class='figure'><p class='figure-title'></p><div style='height: {height}px'></div></div>"
        for height in heights
    ]


def _places(states: dict[str, Any]) -> dict[str, str]:
    """The empty main part of each page."""
    heights = {name: [one["height"] for one in next(iter(of.values()))["figures"]] for name, of in states.items()}
    tiles, trend = _figures(heights["overview"])
    charts = _figures(heights["petitions"])
    heads = {name: f"<h1>{TITLES[name]}</h1><div class='kpi_cards'></div>" for name in states}
    return {
        "overview": f"{heads['overview']}<div class='across'>{tiles}<div class='league_table'></div>"
        f"<div class='attention'></div></div>{trend}",
        "petitions": f"{heads['petitions']}<div class='across three'>{''.join(charts[:3])}</div>"
        f"<div class='across three'>{''.join(charts[3:6])}</div><div class='across two'>{''.join(charts[6:])}</div>",
    }


def _page(name: str, states: dict[str, Any]) -> str:
    """The HTML of a page, with its states; the other's are fetched when it is drawn."""
    filters = "".join(f"<a href='{path}'>{title}</a>" for path, title in TITLES.items())
    values = {"全部": "", KIND: ",".join(kinds()[KIND]), TOWNSHIP: TOWNSHIP}
    filters += "".join(f"<button value='{value}'>{label}</button>" for label, value in values.items())
    constants = {
        "PLACES": _places(states),
        "NARROWING": NARROWING,
        "CONFIG": CONFIG,
        "STATES": {name: states[name]},
    }
    script = "".join(f"const {one} = {json.dumps(value, ensure_ascii=False)};\n" for one, value in constants.items())
    script += (_FOLDER / "static.js").read_text("utf-8")
    return (
        f"<!doctype html><html lang='zh'><meta charset='utf-8'><title>static</title><link rel='icon' href='data:,'><style>{CSS}</style>"
        f"<div class='page'><nav class='filters'>{filters}</nav><main></main></div>"
        f"<script src='{LIBRARY_NAME}'></script><script>{script}</script></html>"
    )


def main(port: int, file: Path) -> None:
    """Serve it."""
    states = json.loads(file.read_text("utf-8"))
    for content in (one for of in states.values() for one in of.values()):
        del content["parts"]
        for one in content["figures"]:
            # What is drawn already is not drawn again, as ours does.
            one["id"] = crc32(json.dumps(one["figure"]).encode())
    files = {f"/{LIBRARY_NAME}": ("text/javascript", (ROOT / "assets" / LIBRARY_NAME).read_bytes())}
    for name in states:
        files[f"/{name}"] = ("text/html", _page(name, states).encode())
        files[f"/{name}.json"] = ("application/json", json.dumps(states[name], ensure_ascii=False).encode())
    files["/"] = files["/overview"]
    compressed = {path: (kind, gzip.compress(body)) for path, (kind, body) in files.items()}

    async def answer(request: Request) -> Response:
        kind, body = compressed[request.url.path]
        headers = {
            "Content-Encoding": "gzip",
            "Cache-Control": "max-age=86400" if kind == "text/javascript" else "no-cache",
        }
        return Response(body, media_type=kind, headers=headers)

    uvicorn.run(Starlette(routes=[Route(path, answer) for path in compressed]), port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
