"""What more cases cost: ``python -m benchmarks.scale [--petitions N ...] [--folder FOLDER] [--runs N] [--walk]``.

The same clicks on databases of different sizes, in turn. A database in the folder is used again. ``--walk`` opens every
page, tab and look of each instead, and says how long each took, the first time and again, and whether it answered.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, TimeoutError

from benchmarks.browser import Tab, chromium
from benchmarks.pages import ALL, CHARTS, change_page
from data_access import database
from sample_data.build import build
from sample_data.county import townships
from tests.addresses import ADDRESSES
from tests.browser import Server

SIZES = (100_000, 1_000_000, 10_000_000)
NAMES = [place.name for place in townships()]
MEASURES = ("cold start", "first page", "filter change", "page change", "list of cases", "next page of cases")
# Milliseconds that the list of cases is waited for
_PATIENCE = 60_000
_MAIN = "[data-testid=stMainBlockContainer]"
# Milliseconds that a page is waited for
_LONGEST = 240_000
_DONE = "[data-testid=stApp][data-test-script-state=notRunning]"
_WARNINGS = "[data-testid=stAlertContentWarning]"
_FAILURES = "[data-testid=stAlertContentError], [data-testid=stException]"
Times = dict[str, list[float]]


def county(folder: Path, petitions: int) -> str:
    """The URL of the sample county with so many petitions, built unless it is there."""
    file = folder / f"petitions-{petitions}.sqlite"
    url = f"sqlite:///{file.as_posix()}"
    if not file.exists():
        began = time.perf_counter()
        build(url, petitions)
        print(f"built {petitions:,} petitions in {time.perf_counter() - began:,.0f} s", flush=True)
    database.upgrade(database.engine_for(url))
    return url


def _filter_changes(tab: Tab, run: int, times: Times) -> None:
    # Another township every time: the first viewer to look at it waits for the database.
    for name in NAMES[3 * run % len(NAMES) :][:3]:
        tab.page.get_by_role("combobox", name="镇街").click()
        option = tab.page.get_by_role("option", name=name)
        times["filter change"].append(tab.click(lambda page, option=option: option.click(), CHARTS)["parts"])
        tab.page.keyboard.press("Escape")
        tab.page.evaluate("benchmark.arm()")
        ALL(tab.page)
        tab.settled(CHARTS)


def _case_list(tab: Tab, times: Times) -> None:
    """Open the list of cases and page down: until its button is there, and from a click until the list is drawn."""
    page = tab.page
    more = page.locator(".st-key-more-cases button, .st-key-next-cases button").first
    began = time.perf_counter()
    page.goto(page.url.split("/petitions")[0] + "/petitions?tab=rows", wait_until="commit")
    try:
        more.wait_for(timeout=_PATIENCE)
        times["list of cases"].append(1000 * (time.perf_counter() - began))
        for _ in range(3):
            tab.settled(0)
            shown = page.locator(_MAIN).inner_text()
            page.evaluate("benchmark.arm()")
            more.click()
            page.wait_for_function(
                "([place, shown]) => document.querySelector(place).innerText !== shown",
                arg=[_MAIN, shown],
                timeout=_PATIENCE,
            )
            times["next page of cases"].append(tab.settled(0)["page"])
    except TimeoutError:
        # Shown as inf: not within the patience.
        for name in ("list of cases", "next page of cases"):
            times[name].append(math.inf)


def measure(browser: Browser, url: str, log: Path, run: int, times: Times) -> None:
    """Start a server, open it, click through it, and stop it."""
    began = time.perf_counter()
    server = Server(url, log)
    try:
        tab = Tab(browser)
        times["first page"].append(tab.load(f"{server.url}/", CHARTS)["parts"])
        times["cold start"].append(1000 * (time.perf_counter() - began))
        _filter_changes(tab, run, times)
        times["page change"].append(change_page(tab)["parts"])
        _case_list(tab, times)
        tab.close()
    finally:
        server.stop()


def walk(browser: Browser, url: str, log: Path) -> int:
    """Open every page, tab and look, print how long each took and what it warns of; how many did not answer."""
    server = Server(url, log)
    silent = 0
    try:
        print(f"{'ms':>8} {'again':>8}  page")
        for address in ADDRESSES:
            tab = Tab(browser)
            times, told = [], ""
            try:
                for _ in range(2):
                    began = time.perf_counter()
                    tab.page.goto(server.url + address, wait_until="commit")
                    tab.page.locator("h1").first.wait_for(timeout=_LONGEST)
                    tab.page.locator(_DONE).wait_for(timeout=_LONGEST)
                    tab.settled(0)
                    times.append(1000 * (time.perf_counter() - began))
                told = " ".join(tab.page.locator(_WARNINGS).all_inner_texts())
                failed = tab.page.locator(_FAILURES).count()
            except TimeoutError:
                failed, times = 1, [*times, math.inf, math.inf][:2]
            silent += bool(failed)
            print(
                f"{times[0]:>8,.0f} {times[1]:>8,.0f}  {address}{'  NO ANSWER' if failed else ''}  {told}".rstrip(),
                flush=True,
            )
            tab.close()
    finally:
        server.stop()
    return silent


def main() -> None:
    """Command line: ``[--petitions N ...] [--folder FOLDER] [--runs N] [--walk]``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--petitions", type=int, nargs="+", default=SIZES)
    parser.add_argument("--folder", type=Path, default=Path("data/scale"), help="where the databases are kept")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--walk", action="store_true", help="open every page, tab and look instead")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    urls = {petitions: county(chosen.folder, petitions) for petitions in chosen.petitions}
    found: dict[int, Times] = {petitions: defaultdict(list) for petitions in urls}
    with ExitStack() as stack:
        browser = stack.enter_context(chromium())
        if chosen.walk:
            for petitions, url in urls.items():
                print(f"{petitions:,} petitions, load average {os.getloadavg()[0]:.1f}")
                silent = walk(browser, url, chosen.folder / f"server-{petitions}.log")
                print(f"{len(ADDRESSES)} opened, {silent} without an answer")
            return
        print(f"{chosen.runs} runs, load average {os.getloadavg()[0]:.1f}", flush=True)
        for run in range(chosen.runs):
            for petitions in sorted(urls, reverse=run % 2 == 1):
                log = chosen.folder / f"server-{petitions}.log"
                measure(browser, urls[petitions], log, run, found[petitions])
    least = min(urls)
    print(f"{'median ms':<20}" + "".join(f"{petitions:>20,}" for petitions in sorted(urls)))
    for name in MEASURES:
        base = median(found[least][name])
        cells = (median(found[petitions][name]) for petitions in sorted(urls))
        print(f"{name:<20}" + "".join(f"{cell:>12,.0f} {cell / base - 1:>+6.0%} " for cell in cells))


if __name__ == "__main__":
    main()
