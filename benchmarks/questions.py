"""How long any question takes: ``python -m benchmarks.questions [--petitions N] [--folder FOLDER] [--only WORDS]``.

Thirty-two questions on a county with so many petitions, each asked for the first time on a connection of its own, read-only
as the page's. Beside each: a bare count of the cases of the same months, by the driver alone.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scale import county as built
from data_access import queries
from data_access.access import UNRESTRICTED
from data_access.database import reading_engine_for
from data_access.exploring.listing import Listing, listed_rows
from data_access.exploring.questions import Question, plan, put_together, sums
from data_access.scope import Scope, month_end, month_start

ROLLUP_MS, FACTS_MS = 300, 2000


@dataclass(frozen=True)
class Asked:
    """A question, over so many months up to the last, and whether its rows are listed rather than counted."""

    question: Question
    months: int
    rows: bool = False


def _asked(codes: str, by: str = "", months: int = 8, text: str = "", rows: bool = False, **where: str) -> Asked:
    narrowed = tuple((name, tuple(value.split("|"))) for name, value in where.items())
    return Asked(Question(tuple(codes.split()), tuple(by.split()), narrowed, text), months, rows)


LAMPS = "路灯不亮"
QUESTIONS = (
    # What rollups answer
    _asked("received"),
    _asked("received on_time_rate satisfaction_rate", "township_code"),
    _asked("received", "month", 20),
    _asked("received", "category_1 month", 20),
    _asked("on_time_rate", "category_3"),
    _asked("received", "channel month", 20),
    _asked("handling_days", "township_code", category_2="供水供热"),
    _asked("received satisfaction_rate", "category_2", 20, category_1="城乡建设"),
    _asked("received", "league month", 20),
    _asked("received", "village_code"),
    _asked("on_time_rate", "village_code month"),
    _asked("received", "weekday hour"),
    _asked("online_rate cameras", "township_code month", 20),
    _asked("active_team_rate", "township_code"),
    _asked("projects schedule_gap", "stage"),
    _asked("grid_events grid_on_time_rate", "event_kind month"),
    # What the facts answer, a month
    _asked("received", "village_code", 1, category_3=LAMPS),
    _asked("handling_days", "department", 1),
    _asked("handling_days", "department", 1, category_2="供水供热"),
    _asked("received", "week", 1),
    _asked("received", "timeliness", 1),
    _asked("satisfaction_rate", "department", 1),
    _asked("received", "grid_code", 1, category_1="城乡建设"),
    _asked("received", "status category_1", 1),
    _asked("false_closure_rate", "department", 1),
    _asked("received", "village_code", 1, "路灯"),
    _asked("on_time_rate", "weekday", 1),
    # Longer, with progress and a way to stop
    _asked("handling_days", "department", 8, category_2="供水供热"),
    # Rows
    _asked("received", "", 8, rows=True, category_3=LAMPS),
    _asked("on_time_rate", "", 1, rows=True),
    _asked("closed", "", 8, rows=True),
    _asked("false_closure_rate", "", 8, rows=True),
)


def main() -> None:
    """Command line: ``[--petitions N] [--folder FOLDER] [--only WORDS]``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--petitions", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, default=Path("data/scale"))
    parser.add_argument("--only", default="", help="questions whose description has these words")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    url = built(chosen.folder, chosen.petitions)
    engine = reading_engine_for(url)
    county = queries.county(engine, UNRESTRICTED)
    kinds = dict(zip(county.townships["code"], county.townships["kind"], strict=True))
    print(f"{chosen.petitions:,} petitions, load average {os.getloadavg()[0]:.1f}")
    print(f"{'ms':>8} {'goal':>6} {'bare':>7} {'ratio':>6}  question")
    missed = 0
    for asked in QUESTIONS:
        indicators = [county.indicator(code) for code in asked.question.indicators]
        last = county.months[-1]
        scope = Scope(UNRESTRICTED, None, last, last).last_months(asked.months)
        words = " ".join(
            (
                "rows of" if asked.rows else "",
                "+".join(asked.question.indicators),
                *(f"by {name}" for name in asked.question.by),
                *(f"{name}={'|'.join(values)}" for name, values in asked.question.where),
                f"text={asked.question.text}" if asked.question.text else "",
                f"{asked.months} months",
            )
        )
        words = " ".join(words.split())
        if chosen.only not in words:
            continue
        parts = plan(asked.question, indicators, scope, county.kinds)
        began = time.perf_counter()
        with engine.connect() as connection:
            if asked.rows:
                narrowed = scope.narrowed(*asked.question.where)
                listed_rows(connection, Listing(indicators[0], narrowed, asked.question.text), limit=200)
            else:
                found = [sums(connection, part) for part in parts]
                put_together(asked.question, indicators, parts, found, kinds)
        took = 1000 * (time.perf_counter() - began)
        is_ready = all(part.rows is None for part in parts) and not asked.rows
        goal = ROLLUP_MS if is_ready else FACTS_MS
        bare = _bare(chosen.folder / f"petitions-{chosen.petitions}.sqlite", scope)
        missed += took > goal
        print(f"{took:>8,.0f} {goal:>6,} {bare:>7,.0f} {took / bare:>5.2f}x  {words}", flush=True)
    print(f"{missed} above their goal")


def _bare(file: Path, scope: Scope) -> float:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    began = time.perf_counter()
    connection.execute(
        "SELECT count(*) FROM petition WHERE received_at >= ? AND received_at < ?",
        (f"{month_start(scope.start)}", f"{month_end(scope.end)}"),
    ).fetchone()
    took = 1000 * (time.perf_counter() - began)
    connection.close()
    return took


if __name__ == "__main__":
    main()
