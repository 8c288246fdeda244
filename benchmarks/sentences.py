"""How long the boxes in which one asks take to answer: ``python -m benchmarks.sentences [URL]``.

The sentences of ``tests/sentences.toml``, each once, as the route ``/find`` answers them beside a page (everywhere) and in
自由筛选 (where it also says what can be added to the question): median and 95th percentile in milliseconds, and how many times
as long as one word takes there. What the first question after a load of data waits for is told by itself.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

from starlette.datastructures import QueryParams

from data_access.access import UNRESTRICTED
from data_access.database import database_url
from tests.sentences import sentences

_WORD = "路灯"


def _taken(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return 1e3 * (time.perf_counter() - began)


def _told(name: str, taken: list[float]) -> float:
    median, late = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    print(f"{name:28} p50 {median:7.1f} ms   p95 {late:7.1f} ms   most {max(taken):7.1f} ms")
    return late


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", default=None)
    os.environ["DATABASE_URL"] = parser.parse_args().url or database_url()
    from ui.explore.matches import matches

    def find(typed: str, **given: str) -> Callable[[], object]:
        return lambda: matches(QueryParams({"q": typed, **given}), UNRESTRICTED)

    print(f"made ready{_taken(find('')):26.0f} ms")
    print(f"the first word of 自由筛选{_taken(find(_WORD)):14.0f} ms")
    typed = [one.typed for one in sentences()]
    everywhere = _told("sentences, everywhere", [_taken(find(one, box="everywhere")) for one in typed])
    explored = _told("sentences, in 自由筛选", [_taken(find(one)) for one in typed])
    word = _told("one word, in 自由筛选", [_taken(find(_WORD)) for _ in typed[:40]])
    print(f"p95 of sentences to one word's: {everywhere / word:.2f} everywhere, {explored / word:.2f} in 自由筛选")


if __name__ == "__main__":
    main()
