"""How warnings do on the sample county: ``python -m benchmarks.warning [--url URL]``.

The back-test of each indicator, day by day, of both methods, and how long counting and trying take.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, select

from data_access.access import UNRESTRICTED
from data_access.database import reading_engine_for
from data_access.places.tables import township
from data_access.queries import county
from data_access.scope import month_offset
from data_access.warning.back_test import DAYS, Method
from data_access.warning.counting import month_counts
from data_access.warning.outlook import CODES, READ_MONTHS, SHOWN_DAY, expected, parts_of
from sample_data.build import build

_METHODS: tuple[Method, ...] = ("survival", "so_far")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a county's database instead of the sample county, which is built")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{(Path(folder) / 'county.sqlite').as_posix()}"
        if not given.url:
            build(url)
        _measure(reading_engine_for(url))


def _measure(engine: Engine) -> None:
    known = county(engine, UNRESTRICTED)
    as_of = known.as_of["petitions"]
    first = max(known.months[0], month_offset(f"{as_of:%Y-%m}", -READ_MONTHS))
    for code in CODES:
        began, processor = time.perf_counter(), time.process_time()
        with engine.connect() as connection:
            townships = tuple(connection.scalars(select(township.c.code).order_by(township.c.code)))
            counts = [month_counts(connection, part) for part in parts_of(code, townships, first, as_of)]
        counted = time.perf_counter()
        found = expected(code, townships, counts, known.targets, SHOWN_DAY, is_running=False)
        tried = time.perf_counter()
        print(
            f"\n{code}: {len(counts)} months counted in {counted - began:.2f} s, tried in {tried - counted:.2f} s "
            f"({time.process_time() - processor:.2f} s of processor)"
        )
        if found.back_test is None:
            print("nothing to try")
            continue
        print(f"used: {found.back_test.method}, {found.back_test.months} months")
        print(
            f"{'day':>4} {'method':>9} {'tried':>6} {'misses':>6} {'recall':>6} {'prec.':>6} {'points':>6} {'Brier':>6} {'inside':>6}"
        )
        for day in (*DAYS, 0):
            for method in _METHODS:
                one = found.back_test.scores[method, day]
                print(
                    f"{day or 'all':>4} {method:>9} {one.tried:>6,} {one.misses:>6,} {one.recall:>6.2f} {one.precision:>6.2f} "
                    f"{one.error:>6.2f} {one.brier:>6.3f} {one.inside:>6.2f}"
                )


if __name__ == "__main__":
    main()
