"""How long the county's map takes beside the tiles: ``python -m benchmarks.map [--villages 714] [--runs N]``.

Of a made-up county: laying its outlines flat (once a state of the data), making the figure and its JSON (each time the
filters change), its bytes, and drawing it in Chromium by the plotly bundle of the pages. Milliseconds, the median of the runs
and the least; the drawings take turns.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import pandas as pd

from benchmarks.browser import chromium
from data_access.indicators import INDICATORS
from data_access.places.boundaries import Outline
from tests.made_boundaries import made_outlines
from ui import charts
from ui.charts.outlines import laid_flat
from ui.elements.chart import ROOT
from ui.elements.element import as_content

T = TypeVar("T")
TOWNSHIPS = 16
# A drawing in a fresh place as wide as the one of the petitions' page, until the browser has painted it
DRAW = """async (content) => {
  const { figure } = JSON.parse(content), place = document.createElement("div");
  document.body.replaceChildren(place);
  const begun = performance.now();
  await Plotly.newPlot(place, figure.data, { ...figure.layout, width: 540 }, { displayModeBar: false });
  await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
  return performance.now() - begun;
}"""


def _timed(runs: int, make: Callable[[], T]) -> tuple[T, str]:
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        made = make()
        taken.append(1e3 * (time.perf_counter() - begun))
    return made, _told(taken)


def _content(draw: Callable[[], charts.Figure]) -> bytes:
    return as_content(figure=draw())


def _told(taken: list[float]) -> str:
    return f"{statistics.median(taken):6.0f} ms (least {min(taken):.0f})"


def _places(outlines: tuple[Outline, ...]) -> pd.DataFrame:
    across = 1 + int(len(outlines) ** 0.5)
    rows = [(one.code, one.name, at // across, at % across, 90 + at % 10) for at, one in enumerate(outlines)]
    return pd.DataFrame(rows, columns=["code", "name", "tile_row", "tile_column", "value"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--villages", type=int, default=714)
    parser.add_argument("--runs", type=int, default=9)
    given = parser.parse_args()
    names = [(f"9000000{number:02}", f"第{number}镇") for number in range(TOWNSHIPS)]
    shares = [given.villages // TOWNSHIPS + (at < given.villages % TOWNSHIPS) for at in range(TOWNSHIPS)]
    townships, villages = made_outlines(
        {
            (code, name): [(f"{code}{at:03}", f"{name}{at}村") for at in range(share)]
            for (code, name), share in zip(names, shares, strict=True)
        }
    )
    contents: dict[str, str] = {}
    for name, outlines, borders in (("townships", townships, ()), ("villages", villages, townships)):
        places = _places(outlines)
        words = [f"{value}%" for value in places["value"]]
        told: dict[str, Any] = {"county_value": 95.0, "texts": words, "hovers": places["name"].tolist()}
        sheet, flat = _timed(given.runs, partial(laid_flat, outlines, borders=borders))
        for kind, draw in (
            (f"{len(outlines)} {name}", partial(charts.outlines, places, sheet, without="", is_named=not borders)),
            (f"{len(outlines)} tiles", partial(charts.tiles, places, unreported="")),
        ):
            content, made = _timed(given.runs, partial(_content, partial(draw, INDICATORS["on_time_rate"], **told)))
            contents[kind] = content.decode()
            laid = f"; laid flat {flat}" if kind.endswith(name) else ""
            print(
                f"{kind:16} figure and JSON {made}; {len(content):,} bytes, gzip {len(gzip.compress(content)):,}{laid}"
            )
    library = next((ROOT / "assets").glob("plotly-cartesian-*.js")).read_text("utf-8")
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_content("<!doctype html>")
        page.add_script_tag(content=library)
        page.evaluate("Plotly.setPlotConfig({ logging: 0 })")
        # The first round warms up.
        rounds = [
            {kind: float(page.evaluate(DRAW, one)) for kind, one in contents.items()} for _ in range(given.runs + 1)
        ]
    for kind in contents:
        print(f"{kind:16} drawn {_told([one[kind] for one in rounds[1:]])}")


if __name__ == "__main__":
    main()
