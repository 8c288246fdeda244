"""The same figures without the dashboard: ``python -m benchmarks.figure_pages static|dash FIGURES PORT [PLOTLY.JS]``.

FIGURES is a JSON file: state -> list of figures, each with data, layout, config, width and height in pixels.
A button for each state shows its figures.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

Figures = dict[str, list[dict[str, Any]]]

_PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>figures</title>
{buttons}{places}<script src="plotly.js"></script><script>
const states = {states};
const show = (name) => states[name].forEach(({{ data, layout, config }}, index) =>
  Plotly.react(`figure-${{index}}`, data, layout, config));
document.querySelectorAll("button").forEach((button) => button.onclick = () => show(button.id));
show(Object.keys(states)[0]);
</script></html>"""


def _size(figure: dict[str, Any]) -> dict[str, str]:
    return {"width": f"{figure['width']}px", "height": f"{figure['height']}px"}


def serve_static(figures: Figures, port: int, bundle: Path) -> None:
    """A page that draws the figures with this plotly bundle; everything compressed beforehand."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    buttons = "".join(f'<button id="{name}">{name}</button>' for name in figures)
    first = next(iter(figures.values()))
    places = "".join(
        f'<div id="figure-{index}" style="{"; ".join(map(": ".join, _size(figure).items()))}"></div>'
        for index, figure in enumerate(first)
    )
    page = _PAGE.format(buttons=buttons, places=places, states=json.dumps(figures, ensure_ascii=False))
    files = {
        "/": ("text/html", gzip.compress(page.encode())),
        "/plotly.js": ("text/javascript", gzip.compress(bundle.read_bytes())),
    }

    async def answer(request: Request) -> Response:
        kind, body = files[request.url.path]
        headers = {"Content-Encoding": "gzip", "Cache-Control": "no-cache" if kind == "text/html" else "max-age=86400"}
        return Response(body, media_type=kind, headers=headers)

    uvicorn.run(Starlette(routes=[Route(path, answer) for path in files]), port=port, log_level="warning")


def serve_dash(figures: Figures, port: int) -> None:
    """A Dash app whose server sends the figures of the state that is clicked."""
    from dash import Dash, Input, Output, ctx, dcc, html
    from waitress import serve

    app = Dash(__name__, compress=True)
    first = next(iter(figures.values()))

    def shown(figure: dict[str, Any]) -> dict[str, Any]:
        return {"data": figure["data"], "layout": figure["layout"]}

    app.layout = html.Div(
        [
            *(html.Button(name, id=name) for name in figures),
            *(
                dcc.Graph(f"figure-{index}", figure=shown(figure), config=figure["config"], style=_size(figure))
                for index, figure in enumerate(first)
            ),
        ]
    )

    @app.callback(
        [Output(f"figure-{index}", "figure") for index in range(len(first))],
        [Input(name, "n_clicks") for name in figures],
        prevent_initial_call=True,
    )
    def show(*_clicks: int) -> list[dict[str, Any]]:
        return [shown(figure) for figure in figures[ctx.triggered_id]]

    serve(app.server, host="127.0.0.1", port=port, threads=4)


def main(arguments: list[str]) -> None:
    """Command line: ``static|dash FIGURES PORT [PLOTLY.JS]``."""
    kind, file, port, *bundle = arguments
    figures = json.loads(Path(file).read_text("utf-8"))
    if kind == "static":
        serve_static(figures, int(port), Path(bundle[0]))
    else:
        serve_dash(figures, int(port))


if __name__ == "__main__":
    main(sys.argv[1:])
