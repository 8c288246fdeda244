"""Whether the meeting-room screen lasts: memory of server and browser over many rotations.

``python -m benchmarks.screen [--rotations 2000]`` rotates a real screen ten times a second, refreshing every second, on
the sample county, and prints the server's resident memory and the browser's JavaScript heap (after a collection) at the
200th and at the last view, and errors on the console.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import psutil

from benchmarks.browser import chromium
from sample_data.build import build
from tests.browser import Server

FIRST = 200


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rotations", type=int, default=2000)
    rotations = parser.parse_args().rotations
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        url = f"sqlite:///{folder}/county.sqlite"
        build(url)
        server = Server(url, Path(folder) / "server.log")
        process = psutil.Process(server.process.pid)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server.url}/screen?every=0.1&refresh=1")
        session = page.context.new_cdp_session(page)
        figures = []
        for turn in (FIRST, rotations):
            page.wait_for_function(
                "turn => Number(document.querySelector('main').dataset.turn) >= turn", arg=turn, timeout=0
            )
            session.send("HeapProfiler.collectGarbage")
            heap = session.send("Runtime.getHeapUsage")["usedSize"]
            figures.append((process.memory_info().rss, heap))
            print(f"view {turn}: server {figures[-1][0] / 1e6:.1f} MB, browser heap {heap / 1e6:.2f} MB")
        for name, before, after in zip(("server", "browser heap"), *figures, strict=True):
            print(f"{name}: {100 * (after / before - 1):+.1f} %")
        print(f"errors on the console: {len(errors)}")
        server.stop()


if __name__ == "__main__":
    main()
