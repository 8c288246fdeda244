"""How fast petitions load: ``python -m benchmarks.import [--rows N] [--folder FOLDER]``.

Beside the load the same rows, already parsed, go into a fresh file of the same schema with a bare ``executemany``.
"""

from __future__ import annotations

import argparse
import csv
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from operator import itemgetter
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, insert

from data_access import database
from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.tables import petition
from data_access.importing import import_file, loading
from data_access.places.tables import township, village
from data_access.rollups import refresh
from sample_data.county import printed_figures, townships
from sample_data.grids import grid_columns, with_printed_counts
from sample_data.petitions import cases

# Columns that the export has and the table has not
_MORE = {"是否督办": "否", "登记人": "热线一组", "备注": "", "紧急程度": "一般"}
_CHUNK = 5_000


def write_cases(path: Path, rows: int) -> None:
    """Write so many cases of the sample county, in the order of their receipt, as a source system exports them."""
    places = townships()
    headers = {field.key: field.headers[0] for field in PETITIONS.fields}
    names = {place.code: place.name for place in places}
    villages = {code: name for place in places for code, name in place.villages}
    answers = {True: "是", False: "否"}
    figures = printed_figures()
    counts = with_printed_counts(places, figures)
    grids = {place.code: grid_columns(place, counts[place.code]) for place in places}
    found: list[tuple[Any, ...]] = []
    for columns in cases(places, figures, grids, rows, 883):
        columns |= {
            "township_code": [names[code] for code in columns["township_code"]],
            "village_code": [villages.get(code) for code in columns["village_code"]],
        }
        columns |= {
            name: [answers.get(answer) for answer in columns[name]] for name in ("called_back", "resolved", "satisfied")
        }
        found += zip(*(columns[key] for key in headers), strict=True)
    found.sort(key=itemgetter(list(headers).index("received_at")))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*headers.values(), *_MORE))
        writer.writerows((*row, *_MORE.values()) for row in found)


def fresh(path: Path) -> Engine:
    """A new file with the sample county's townships and villages."""
    engine = database.engine_for(f"sqlite:///{path.as_posix()}")
    database.upgrade(engine)
    places = townships()
    with engine.begin() as connection:
        names = ("code", "name", "kind", "residents")
        connection.execute(insert(township), [{name: getattr(place, name) for name in names} for place in places])
        connection.execute(
            insert(village),
            [
                {"code": code, "township_code": place.code, "name": name}
                for place in places
                for code, name in place.villages
            ],
        )
    return engine


def bare_seconds(loaded: Path, other: Path) -> float:
    """How long the rows of one file take into a fresh one with ``executemany``, however they come out of the first."""
    fresh(other).dispose()
    marks = ", ".join("?" * len(petition.c))
    seconds = 0.0
    with closing(sqlite3.connect(loaded)) as source, closing(sqlite3.connect(other)) as target:
        for setting in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-65536"):
            target.execute(f"PRAGMA {setting}")
        rows = source.execute("SELECT * FROM petition ORDER BY rowid")
        while part := rows.fetchmany(_CHUNK):
            began = time.perf_counter()
            target.executemany(f"INSERT INTO petition VALUES ({marks})", part)  # noqa: S608
            seconds += time.perf_counter() - began
        began = time.perf_counter()
        target.commit()
        return seconds + time.perf_counter() - began


def measure(folder: Path, rows: int) -> None:
    """Write the file, load it, load its rows bare, and print the figures."""
    path = folder / f"cases-{rows}.csv"
    if not path.exists():
        # In a process of its own, whose memory does not count.
        subprocess.run(
            [sys.executable, "-m", "benchmarks.import", "--rows", str(rows), "--write", str(path)], check=True
        )
    for name in ("loaded.sqlite", "bare.sqlite"):
        for file in folder.glob(f"{name}*"):
            file.unlink()
    in_rollups = 0.0

    def refreshed(*arguments: Any, **options: Any) -> None:
        nonlocal in_rollups
        began = time.perf_counter()
        refresh(*arguments, **options)
        in_rollups += time.perf_counter() - began

    engine = fresh(folder / "loaded.sqlite")
    began = time.perf_counter()
    with patch.object(loading, "refresh", refreshed):
        result = import_file(engine, PETITIONS, path, by=UNRESTRICTED)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    engine.dispose()
    if result.new != result.read:
        sys.exit(f"{result.rejected} rows rejected: {result.problems[:3]}")
    bare = bare_seconds(folder / "loaded.sqlite", folder / "bare.sqlite")
    n, size = result.read, path.stat().st_size / 1e6
    print(f"rows           {n:,} in {size:,.0f} MB")
    print(f"import         {seconds:.1f} s, {n / seconds:,.0f} rows/s")
    print(f"  rollups      {in_rollups:.1f} s, {in_rollups / seconds:.0%} of the rows a second")
    print(f"executemany    {bare:.1f} s, {n / bare:,.0f} rows/s")
    print(f"ratio          {bare / seconds:.0%} ({bare / (seconds - in_rollups):.0%} without rollups)")
    print(f"peak memory    {peak:,.0f} MB")


def main() -> None:
    """Command line: ``[--rows N] [--folder FOLDER]``; a file in the folder is used again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="where the files are kept; default: a temporary folder")
    parser.add_argument("--write", type=Path, help="only write the CSV there")
    chosen = parser.parse_args()
    if chosen.write:
        write_cases(chosen.write, chosen.rows)
        return
    with tempfile.TemporaryDirectory() as temporary:
        measure(chosen.folder or Path(temporary), chosen.rows)


if __name__ == "__main__":
    main()
