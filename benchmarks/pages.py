"""How fast 总览 is beside a static page and a Dash app of the same figures: ``python -m benchmarks.pages [--runs N]``.

They take turns in one run. The static page is the limit: the same figures with the same plotly, no server. What
Streamlit needs at least is a page of it with nothing but two buttons and these figures (``benchmarks/least_page.py``).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page

from benchmarks.browser import Tab, chromium
from benchmarks.figure_pages import Figures
from sample_data.build import build
from tests.browser import ROOT, Server, free_port

TOWNSHIP = "钢山街道"
# On 总览 and on 群众诉求
CHARTS, PETITION_CHARTS = 2, 7
PLOTLY = "plotly.js-cartesian-dist-min"
Act = Callable[[Page], None]
# The figures as plotly got them; what it adds to a layout, it can be given back.
_FIGURES = """() => benchmark.charts().map((chart) => ({
  data: chart.data, layout: { ...chart.layout, width: undefined, height: undefined, autosize: true },
  config: { displayModeBar: false, doubleClick: false, responsive: true },
  width: chart.clientWidth, height: chart.clientHeight }))"""


@dataclass(frozen=True)
class Action:
    """One timed click; ``prepare`` and ``back`` are not timed. ``state`` names the figures it leads to."""

    name: str
    state: str
    act: Act
    prepare: Act = lambda page: None
    back: Act = lambda page: None


def clicker(selector: str, *, force: bool = False) -> Act:
    """What clicks the first such element."""
    return lambda page: page.locator(selector).first.click(force=force)


def _press_escape(page: Page) -> None:
    page.keyboard.press("Escape")


ALL = clicker(".st-key-pick-all button")
APP_ACTIONS = (
    Action(
        "filter: all 街道",
        "kind",
        lambda page: page.get_by_role("button", name="街道", exact=True).click(),
        back=ALL,
    ),
    Action(
        f"filter: {TOWNSHIP} chosen",
        "township",
        lambda page: page.get_by_role("option", name=TOWNSHIP).click(),
        prepare=lambda page: page.get_by_role("combobox", name="镇街").click(),
        back=lambda page: (_press_escape(page), ALL(page))[-1],
    ),
    # plotly lays a sheet over its marks that takes the mouse.
    Action("tile on the map", "township", clicker(".st-key-tile-map .bars .point path", force=True), back=ALL),
)

LEAST_ACTIONS = (Action(APP_ACTIONS[0].name, "kind", APP_ACTIONS[0].act, back=clicker(".st-key-all button")),)


@dataclass
class System:
    """A page to measure, with what was measured: metric -> one value a run."""

    name: str
    url: str
    charts: int
    actions: Sequence[Action]
    measured: dict[str, list[dict[str, float]]] = field(default_factory=lambda: defaultdict(list))

    def measure(self, browser: Browser) -> None:
        """Load cold, load warm, and do every action once, in a new tab."""
        tab = Tab(browser)
        self.measured["cold load"].append(tab.load(self.url, self.charts))
        self.measured["warm reload"].append(tab.load(self.url, self.charts))
        tab.page.wait_for_timeout(500)
        for action in self.actions:
            action.prepare(tab.page)
            self.measured[action.name].append(tab.click(action.act, self.charts))
            tab.page.evaluate("benchmark.arm()")
            action.back(tab.page)
            tab.settled(self.charts)
        if self.name == "dashboard":
            self.measured["page change"].append(change_page(tab))
        tab.close()

    def median(self, metric: str, part: str = "charts") -> float:
        """The median of one part of a metric."""
        return median(run[part] for run in self.measured[metric])


def change_page(tab: Tab) -> dict[str, float]:
    """From 总览 to 群众诉求 by the link in the sidebar, until its charts have settled."""
    return tab.click(lambda page: page.get_by_role("link", name="群众诉求").click(), PETITION_CHARTS)


def captured(browser: Browser, url: str) -> Figures:
    """The figures the dashboard draws in the three states: all, kind (all 街道) and township."""
    tab = Tab(browser)
    tab.page.goto(url)
    tab.settled(CHARTS)
    figures: Figures = {"all": tab.page.evaluate(_FIGURES)}
    for action in APP_ACTIONS[:2]:
        action.prepare(tab.page)
        tab.click(action.act, CHARTS)
        figures[action.state] = tab.page.evaluate(_FIGURES)
        tab.page.evaluate("benchmark.arm()")
        action.back(tab.page)
        tab.settled(CHARTS)
    tab.close()
    return figures


def county_database(folder: Path) -> str:
    """The URL of the sample county, built in the folder."""
    url = f"sqlite:///{(folder / 'county.sqlite').as_posix()}"
    build(url)
    return url


def plotly_bundle(folder: Path) -> Path:
    """Plotly's bundle of cartesian charts from npm, of the version that the plotly package carries; else its own."""
    import plotly

    own = Path(plotly.__file__).with_name("package_data") / "plotly.min.js"
    version = own.read_text("utf-8")[:200].split("plotly.js v")[1].split("\n")[0]
    npm = shutil.which("npm")
    if npm is None:
        print("no npm: the static page uses plotly's full bundle instead of the cartesian one")
        return own
    subprocess.run([npm, "pack", "--silent", f"{PLOTLY}@{version}"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    shutil.unpack_archive(folder / f"{PLOTLY}-{version}.tgz", folder, filter="data")
    return folder / "package" / "plotly-cartesian.min.js"


@contextmanager
def serving(kind: str, figures: Path, *more: str) -> Iterator[str]:
    """``benchmarks.figure_pages`` in a process of its own; yields its URL."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.figure_pages", kind, str(figures), str(port), *more]
    process = subprocess.Popen(command, cwd=ROOT)
    url = f"http://127.0.0.1:{port}/"
    try:
        while process.poll() is None:
            try:
                with urllib.request.urlopen(url, timeout=5):
                    break
            except OSError:
                try:
                    process.wait(timeout=0.1)
                except subprocess.TimeoutExpired:
                    continue
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def _figure_actions() -> list[Action]:
    back = clicker("#all")
    return [Action(action.name, action.state, clicker(f"#{action.state}"), back=back) for action in APP_ACTIONS]


def show(dashboard: System, static: System, dash: System, least: System) -> None:
    """Print the medians and their ratios to the static page."""
    print(
        f"{'median ms':<26}{'dashboard':>10}{'static':>9}{'dash':>9}{'streamlit':>11}"
        f"{'dashboard/static':>18}{'streamlit/static':>18}{'dashboard/dash':>16}"
    )
    for metric in static.measured:
        ours, limit, theirs = (system.median(metric) for system in (dashboard, static, dash))
        floor = f"{least.median(metric):,.0f}" if metric in least.measured else ""
        floor_ratio = f"{least.median(metric) / limit:.2f}" if floor else ""
        print(
            f"{metric:<26}{ours:>10,.0f}{limit:>9,.0f}{theirs:>9,.0f}{floor:>11}"
            f"{ours / limit:>18.2f}{floor_ratio:>18}{ours / theirs:>16.2f}"
        )
    print(f"{'page change':<26}{dashboard.median('page change'):>10,.0f}")
    for metric in ("cold load", "warm reload"):
        sizes = [system.median(metric, "bytes") / 1e6 for system in (dashboard, static, dash)]
        print(f"{f'MB of a {metric}':<26}{sizes[0]:>10.2f}{sizes[1]:>9.2f}{sizes[2]:>9.2f}")
    print("\nof the dashboard's clicks, median ms after the click:")
    parts = ("sent", "answered", "received", "charts", "page")
    print(f"{'':<26}" + "".join(f"{part:>10}" for part in parts) + f"{'kB':>8}")
    for metric in [action.name for action in dashboard.actions] + ["page change"]:
        times = "".join(f"{dashboard.median(metric, part):>10,.0f}" for part in parts)
        print(f"{metric:<26}{times}{dashboard.median(metric, 'bytes') / 1e3:>8,.0f}")
    print("sent: the browser asks; answered, received: first and last message; charts, page: last change")


def main() -> None:
    """Command line: ``[--runs N] [--database URL] [--json FILE]``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", type=Path, help="also write every value there")
    parser.add_argument("--database", help="its URL; default: the sample county, built anew")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = Path(temporary)
        app = Server(chosen.database or county_database(folder), folder / "server.log")
        stack.callback(app.stop)
        least = Server(app.database_url, folder / "least.log", "benchmarks/least_app.py")
        stack.callback(least.stop)
        browser = stack.enter_context(chromium())
        figures = captured(browser, app.url)
        file = folder / "figures.json"
        file.write_text(json.dumps(figures), "utf-8")
        static = stack.enter_context(serving("static", file, str(plotly_bundle(folder))))
        dash = stack.enter_context(serving("dash", file))
        print(f"{chosen.runs} runs, {CHARTS} charts, load average {os.getloadavg()[0]:.1f}", flush=True)
        systems = [
            System("dashboard", f"{app.url}/", CHARTS, APP_ACTIONS),
            System("static", static, CHARTS, _figure_actions()),
            System("dash", dash, CHARTS, _figure_actions()),
            System("streamlit", f"{least.url}/", CHARTS, LEAST_ACTIONS),
        ]
        for run in range(chosen.runs):
            for system in systems if run % 2 == 0 else systems[::-1]:
                system.measure(browser)
        if chosen.json:
            chosen.json.write_text(json.dumps({system.name: system.measured for system in systems}), "utf-8")
        show(*systems)


if __name__ == "__main__":
    main()
