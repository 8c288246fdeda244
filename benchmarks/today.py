"""How long 今日待办 takes to answer: ``python -m benchmarks.today [URL] [--runs N]``.

Each thing to do counted, and the first rows of its first urgency that has any, on a connection that cannot write, as the
page asks; then all that the page asks before it is drawn, without what it keeps. Milliseconds, the median of the runs.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from data_access import queries
from data_access.access import UNRESTRICTED
from data_access.database import database_url, reading_engine_for
from data_access.indicators import INDICATORS
from data_access.scope import Scope
from data_access.todo.registry import TO_DO

ROWS = 200


def _median(runs: int, ask: Callable[[], object]) -> float:
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        ask()
        taken.append(1e3 * (time.perf_counter() - began))
    return statistics.median(taken)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", default=None)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    engine = reading_engine_for(given.url or database_url())
    county = queries.county(engine, UNRESTRICTED)
    scope = Scope(UNRESTRICTED, None, county.finished_month, county.finished_month)
    whole = Scope(UNRESTRICTED, None, county.months[0], county.months[-1])
    known_by = [INDICATORS[code] for code in dict.fromkeys(one.known_by for one in TO_DO.values()) if code]
    for to_do in TO_DO.values():
        found = to_do.counted(to_do.count(engine, scope))
        counts = found.groupby("urgency")["count"].sum().to_dict()
        print(f"{to_do.code:24} {_median(given.runs, lambda one=to_do: one.count(engine, scope)):7.0f} ms  {counts}")  # type: ignore[misc]
        for urgency in [one for one in to_do.told if counts.get(one)][:1] if to_do.rows else []:
            taken = _median(given.runs, lambda one=to_do, of=urgency: one.rows(engine, scope, of, ROWS))  # type: ignore[misc]
            print(f"  its first {ROWS} rows      {taken:7.0f} ms")

    def page() -> None:
        # Some are counted at once.
        for count in dict.fromkeys(one.count for one in TO_DO.values()):
            count(engine, scope)
        queries.measure(engine, known_by, whole, ("township_code",))
        first = next(iter(TO_DO.values()))
        if first.rows:
            first.rows(engine, scope, next(iter(first.told)), ROWS)

    print(f"{'what the page asks':24} {_median(given.runs, page):7.0f} ms")


if __name__ == "__main__":
    main()
