"""The plotly that draws the figures is the one that the installed package checks them against."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from ui.elements.chart import LIBRARY_NAME, ROOT


def test_the_library_is_the_packages_plotly() -> None:
    found = importlib.util.find_spec("plotly")
    assert found is not None
    assert found.origin is not None
    with (Path(found.origin).parent / "package_data" / "plotly.min.js").open(encoding="utf-8") as file:
        version = file.read(100).split("plotly.js v")[1].split()[0]
    assert f"plotly-cartesian-{version}.min.js" == LIBRARY_NAME
    with (ROOT / "assets" / LIBRARY_NAME).open(encoding="utf-8") as file:
        head = file.read(200)
    assert f"plotly.js (cartesian - minified) v{version}" in head
    assert "MIT license" in head
