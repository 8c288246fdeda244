"""How fast 总览 and 群众诉求 are beside others that do the same: ``python -m benchmarks.pages [--runs N] [--slow] [--network]``.

They take turns in one run. The static page is the limit: the same figures with the same plotly, all states loaded
beforehand. Dash and NiceGUI (``benchmarks/peers``) answer from the same database with the same figures, cards and words.
What Streamlit needs at least is a page of it with nothing but two buttons and the figures of 总览
(``benchmarks/least_page.py``).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.browser import Tab, chromium
from sample_data.build import build
from tests.browser import ROOT, Server, free_port

TOWNSHIP = "钢山街道"
# On 总览 as it is opened
CHARTS = 2
SLOW = 4
Act = Callable[[Page], None]
# Charts and other parts that change
Change = tuple[int, int]


@dataclass(frozen=True)
class Action:
    """One timed click; ``prepare`` and ``back`` are not timed. ``change`` is what it changes."""

    name: str
    act: Act
    change: Change
    prepare: Act = lambda page: None
    back: Act | None = None


def button(name: str) -> Act:
    """What clicks a button."""
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def mark(chart: int, name: str = "") -> Act:
    """What clicks the first mark of a chart, or the first with a name."""

    def act(page: Page) -> None:
        marks = page.locator(".js-plotly-plot").nth(chart).locator(".bars .point", has_text=name)
        # plotly lays a sheet over its marks that takes the mouse.
        marks.first.locator("path").click(force=True)

    return act


def _back_to_all(page: Page) -> None:
    page.keyboard.press("Escape")
    ALL(page)


ALL = button("全部")
KIND = button("街道")


def actions(system: str, changes: dict[str, Change]) -> list[Action]:
    """What is clicked on 总览, then to get to 群众诉求, then on it."""
    open_box, option = {
        "static": (lambda page: None, button(TOWNSHIP)),
        "dash": (lambda page: page.locator("[id*=street]").first.click(), _option),
    }.get(system, (lambda page: page.get_by_role("combobox", name="镇街").first.click(), _option))
    row = f".league_table tr:has-text('{TOWNSHIP}')"
    return [
        Action("click 街道", KIND, changes["kind"], back=ALL),
        Action("click one township", option, changes["township"], prepare=open_box, back=_back_to_all),
        Action("click a tile", mark(0, TOWNSHIP), changes["township"], back=ALL),
        Action("click a league row", lambda page: page.locator(row).click(), changes["township"], back=ALL),
        Action("page change", change_page_act, changes["petitions"]),
        Action("click a channel", mark(2), changes["channel"], back=mark(2)),
        Action("click a category", mark(1), changes["category"]),
    ]


def _option(page: Page) -> None:
    page.get_by_role("option", name=TOWNSHIP).click()


def change_page_act(page: Page) -> None:
    """Click the link to 群众诉求 beside the page."""
    page.get_by_role("link", name="群众诉求").first.click()


def change_page(tab: Tab) -> dict[str, float]:
    """From 总览 to 群众诉求 by the link in the sidebar, until its charts have settled."""
    return tab.click(change_page_act, 7)


@dataclass
class System:
    """A page to measure, ``far`` behind a network, with what was measured: metric -> one value a run."""

    name: str
    url: str
    whole: Change
    actions: Sequence[Action]
    far: str = ""
    measured: dict[str, list[dict[str, float]]] = field(default_factory=lambda: defaultdict(list))

    def measure(self, browser: Browser, *, slow: int = 1) -> None:
        """Load cold, load warm, and do every action once, in a new tab."""
        suffix = f", slowed {slow}x" if slow > 1 else ""
        tab = Tab(browser, slow=slow)
        for name in ("cold", "warm"):
            self.measured[name + suffix].append(tab.load(self.url, *self.whole))
        tab.page.wait_for_timeout(500)
        for action in self.actions:
            action.prepare(tab.page)
            self.measured[action.name + suffix].append(tab.click(action.act, *action.change))
            if action.back:
                tab.click(action.back, *action.change)
        tab.close()

    def measure_far(self, browser: Browser) -> None:
        """Load it cold with a network between."""
        tab = Tab(browser)
        self.measured["cold, 30 ms and 10 Mbit"].append(tab.load(self.far, *self.whole))
        tab.close()

    def median(self, metric: str, part: str = "parts") -> float:
        """The median of one part of a metric; NaN where it was not measured."""
        values = [run[part] for run in self.measured.get(metric, [])]
        return median([value for value in values if not math.isnan(value)] or [math.nan])


def county_database(folder: Path) -> str:
    """The URL of the sample county, built in the folder."""
    url = f"sqlite:///{(folder / 'county.sqlite').as_posix()}"
    build(url)
    return url


def states(file: Path, database: str) -> dict[str, dict[str, Any]]:
    """What the pages show in the states that are measured, also in the file."""
    command = [sys.executable, "-m", "benchmarks.peers.contents", str(file)]
    environment = {**os.environ, "DATABASE_URL": database}
    done = subprocess.run(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return dict(json.loads(file.read_text("utf-8")))


def changes_between(states: dict[str, dict[str, Any]]) -> dict[str, Change]:
    """How many charts and other parts there are on each page, and differ after each click."""
    overview, kind, township = states["overview"].values()
    petitions, category, channel = states["petitions"].values()

    def change(before: dict[str, Any] | None, after: dict[str, Any]) -> Change:
        html = {} if before is None else before["html"]
        figures = [None] * len(after["figures"]) if before is None else before["figures"]
        differ = [one != other for one, other in zip(figures, after["figures"], strict=True)]
        return sum(differ), sum(html.get(name) != part for name, part in after["html"].items())

    return {
        "overview": change(None, overview),
        "petitions": change(None, petitions),
        "kind": change(overview, kind),
        "township": change(overview, township),
        "category": change(petitions, category),
        "channel": change(petitions, channel),
    }


@contextmanager
def serving(port: int, python: str, module: str, *arguments: str, database: str) -> Iterator[str]:
    """A module that serves at the port, in a process of its own; yields its URL."""
    command = [python, "-m", module, str(port), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": database})
    url = f"http://127.0.0.1:{port}/"
    try:
        while process.poll() is None:
            try:
                with urllib.request.urlopen(url, timeout=60):
                    break
            except urllib.error.HTTPError:
                raise
            except OSError:
                try:
                    process.wait(timeout=0.1)
                except subprocess.TimeoutExpired:
                    continue
        if process.poll() is not None:
            sys.exit(f"{module} did not start (--peers: an interpreter with benchmarks/peers/requirements.txt)")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


PEERS = {"static": "static_page", "dash": "dash_app", "nicegui": "nicegui_app"}
SYSTEMS = ("dashboard", *PEERS, "streamlit")


def show(systems: list[System]) -> None:
    """Print the medians and their ratios to the static page."""
    limit = next((system for system in systems if system.name == "static"), systems[0])
    print(f"{f'median ms (to {limit.name})':<38}" + "".join(f"{system.name:>18}" for system in systems))
    for metric in dict.fromkeys(metric for system in systems for metric in system.measured):
        for label, part in ((metric, "parts"), ("  in the window", "first")):
            base = limit.median(metric, part)
            times = [system.median(metric, part) for system in systems]
            print(f"{label:<38}" + "".join(f"{_number(ms, ',.0f'):>11}{_number(ms / base, '.2f'):>7}" for ms in times))
        if metric.startswith(("cold", "warm")):
            sizes = [system.median(metric, "bytes") / 1e6 for system in systems]
            print(f"{'  MB':<38}" + "".join(f"{_number(size, '.2f'):>11}{'':>7}" for size in sizes))
        if "Mbit" in metric:
            waits = [system.median(metric, "waits") for system in systems]
            print(f"{'  waits in a row':<38}" + "".join(f"{_number(count, '.0f'):>11}{'':>7}" for count in waits))


def _number(value: float, form: str) -> str:
    return "-" if math.isnan(value) else f"{value:{form}}"


def show_parts(dashboard: System) -> None:
    """Print what the time of the dashboard's clicks goes to."""
    parts = ("sent", "answered", "received", "parts", "page")
    print("\nof the dashboard's clicks, median ms after the click:")
    print(f"{'':<38}" + "".join(f"{part:>10}" for part in parts) + f"{'kB':>8}")
    for metric in (one for one in dashboard.measured if not one.startswith(("cold", "warm"))):
        times = "".join(f"{dashboard.median(metric, part):>10,.0f}" for part in parts)
        print(f"{metric:<38}{times}{dashboard.median(metric, 'bytes') / 1e3:>8,.0f}")
    print("sent: the websocket asks; answered, received: its first and last message; parts, page: last change")


def main() -> None:
    """Command line: ``[--runs N] [--only SYSTEM ...] [--slow] [--network] [--database URL] [--peers PYTHON] [--json FILE]``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument(
        "--only", nargs="+", choices=SYSTEMS, default=SYSTEMS, metavar="SYSTEM", help=", ".join(SYSTEMS)
    )
    parser.add_argument("--slow", action="store_true", help=f"also with the processor slowed {SLOW} times")
    parser.add_argument("--network", action="store_true", help="also cold with 30 ms and 10 Mbit between")
    parser.add_argument("--database", help="its URL; default: the sample county, built anew")
    parser.add_argument("--peers", default=sys.executable, metavar="PYTHON", help="which has Dash and NiceGUI")
    parser.add_argument("--json", type=Path, help="also write every value there")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = Path(temporary)
        database = chosen.database or county_database(folder)
        file = folder / "states.json"
        changes = changes_between(states(file, database))
        systems = []
        for name in chosen.only:
            script = {"dashboard": "dashboard.py", "streamlit": "benchmarks/least_app.py"}.get(name)
            if script:
                server = Server(database, folder / f"{name}.log", script)
                stack.callback(server.stop)
                url = f"{server.url}/"
            else:
                module = f"benchmarks.peers.{PEERS[name]}"
                url = stack.enter_context(serving(free_port(), chosen.peers, module, str(file), database=database))
            far = ""
            if chosen.network:
                port = url.rsplit(":", 1)[1].strip("/")
                relay = serving(free_port(), sys.executable, "benchmarks.network", port, database=database)
                far = stack.enter_context(relay)
            clicks = actions(name, changes)
            if name == "streamlit":
                click = Action(clicks[0].name, KIND, (CHARTS, 0), back=ALL)
                systems.append(System(name, url, (CHARTS, 0), [click], far))
            else:
                systems.append(System(name, url, changes["overview"], clicks, far))
        browser = stack.enter_context(chromium())
        # What nobody has asked yet is not measured.
        for system in systems:
            system.measure(browser)
            system.measured.clear()
        print(f"{chosen.runs} runs, load average {os.getloadavg()[0]:.1f}", flush=True)
        for run in range(chosen.runs):
            for system in systems if run % 2 == 0 else systems[::-1]:
                system.measure(browser)
                if chosen.slow:
                    system.measure(browser, slow=SLOW)
                if chosen.network:
                    system.measure_far(browser)
        print(f"load average at the end {os.getloadavg()[0]:.1f}")
        if chosen.json:
            chosen.json.write_text(json.dumps({system.name: system.measured for system in systems}), "utf-8")
        show(systems)
        for system in systems:
            if system.name == "dashboard":
                show_parts(system)


if __name__ == "__main__":
    main()
