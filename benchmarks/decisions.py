"""A year of decisions in the sample county: ``python -m benchmarks.decisions [--decisions N]``.

Their verdicts read from the database (nothing kept), and the whole list as the browser gets it; the median of several.
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import select

from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.petitions.tables import petition
from data_access.cache import data_key
from data_access.database import engine_for
from data_access.decisions.items import items
from data_access.decisions.records import Owner
from data_access.decisions.writing import Draft, add_progress, decide
from data_access.indicators import INDICATORS
from data_access.queries import county
from data_access.scope import Scope
from sample_data.build import build
from ui.asking.view import View
from ui.decisions.listing import decisions_table, known_items
from ui.text import written_in

_TIMES = 7
_PROMISED = {"on_time_rate": 95.0, "satisfaction_rate": 92.0, "working_rate": 98.0, "outages": 5.0, "behind": 0.0}


def _milliseconds(act: Callable[[], object]) -> str:
    took, worked = [], []
    for _ in range(_TIMES):
        began, work_began = time.perf_counter(), time.process_time()
        act()
        took.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - work_began))
    return f"{median(took):.0f} ms ({median(worked):.0f} of processor)"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=600)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{(Path(folder) / 'county.sqlite').as_posix()}"
        build(url)
        engine = engine_for(url)
        codes = list(county(engine, UNRESTRICTED).names)
        with engine.connect() as connection:
            p = petition.c
            cases = connection.execute(
                select(p.township_code, p.case_no).where(p.invalid_reason.is_(None)).limit(2_000)
            ).all()
        by = Viewer("benchmark", "127.0.0.1")
        for number in range(given.decisions):
            met = date(2022, 9, 1) + timedelta(days=number * 360 // given.decisions)
            due, code = met + timedelta(days=45), codes[number % len(codes)]
            # Of ten: seven by an indicator, two about a dozen cases, one that a person judges
            if number % 10 < 7:
                indicator = INDICATORS[list(_PROMISED)[number % len(_PROMISED)]]
                draft = Draft(
                    f"事项 {number}", (Owner(code),), met, due, indicator=indicator, promised=_PROMISED[indicator.code]
                )
            elif number % 10 < 9:
                own = tuple((row.township_code, row.case_no) for row in cases if row.township_code == code)[:12]
                draft = Draft(f"事项 {number}", (Owner(code),), met, due, cases=own)
            else:
                draft = Draft(f"事项 {number}", (Owner(code),), met, due)
            (made,) = decide(engine, draft, by=by)
            add_progress(engine, made, "已派单", by=by)
        os.environ["DATABASE_URL"] = url
        whole = county(engine, UNRESTRICTED)
        view = View(whole, data_key(), "zh", Scope(UNRESTRICTED, None, whole.months[0], whole.months[-1]), "none")
        ids = tuple(one.decision.id for one in known_items(view))
        # Another one is chosen each time, so that nothing kept is given.
        chosen = itertools.cycle(ids)
        with written_in("zh"):
            drawing = _milliseconds(lambda: decisions_table(view, ids, next(chosen)))
        reading = _milliseconds(lambda: items(engine, UNRESTRICTED))
        print(f"{given.decisions} decisions: verdicts read {reading}, list written {drawing}")
        engine.dispose()


if __name__ == "__main__":
    main()
