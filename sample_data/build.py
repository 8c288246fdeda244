"""Fills an empty database with the sample county: ``python -m sample_data.build [--url URL]``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, event, func, inspect, select
from sqlalchemy.pool import ConnectionPoolEntry

from data_access.areas.cameras.tables import camera, camera_outage
from data_access.areas.grid.tables import grid_event
from data_access.areas.petitions.tables import petition
from data_access.areas.projects.tables import project, project_report
from data_access.areas.reports.tables import indicator_report, reported_indicator
from data_access.areas.volunteers.tables import volunteer_activity, volunteer_team
from data_access.bulk_insert import insert_columns
from data_access.database import DatabaseProblem, begin_writing, database_url, engine_for, parsed_url, place, upgrade
from data_access.places.tables import county_setting, grid, township, township_alias, village
from data_access.private_files import OWNER_ALONE
from data_access.rollups import refresh
from sample_data.cameras import cameras
from sample_data.county import AS_OF, COUNTY_NAME, MONTHS, Columns, Township, printed_figures, townships
from sample_data.grids import grid_columns, grid_events, with_printed_counts
from sample_data.petitions import cases
from sample_data.projects import projects
from sample_data.reports import definitions, reports
from sample_data.volunteers import volunteers

PETITIONS = 60_000
SEED = 883
# Rows handed to the database at a time, so that a million cases need no more memory than the largest township
_ROWS = 20_000
# The bands of grids: name, lowest share on time, bonus in yuan
_BANDS = '[["优秀", 98, 300], ["良好", 90, 200], ["合格", 75, 100], ["待改进", 0, 0]]'

Progress = Callable[[float, str], None]


def build(url: str, petitions: int = PETITIONS, seed: int = SEED, progress: Progress | None = None) -> None:
    """Fill the database with the sample county, as of 31 August 2023; the same seed gives the same rows.

    A SQLite file that does not exist yet appears complete or not at all. ``progress`` is told the share
    done (0 to 1) and the name of the step. Raises DatabaseProblem when the database holds townships.
    The printed figures come out from about 57,000 petitions up.
    """
    told = progress or (lambda _share, _step: None)
    address = parsed_url(url)
    file = Path(address.database or "")
    if address.get_backend_name() != "sqlite" or address.database in (None, "", ":memory:") or file.exists():
        _fill(engine_for(url), petitions, seed, told)
        return
    file.parent.mkdir(0o700, parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.unfinished")
    engine = engine_for(address.set(database=str(unfinished)).render_as_string(hide_password=False))
    event.listen(engine, "connect", _write_straight)
    try:
        unfinished.touch(OWNER_ALONE)
        _fill(engine, petitions, seed, told)
        engine.dispose()
        unfinished.replace(file)
    finally:
        engine.dispose()
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{unfinished}{suffix}").unlink(missing_ok=True)


def _write_straight(connection: Any, _record: ConnectionPoolEntry) -> None:
    # The unfinished file goes when anything fails, so it needs no journal; every byte is written once.
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA cache_size=-100000")


def _fill(engine: Engine, count: int, seed: int, told: Progress) -> None:
    _require_empty(engine)
    told(0, "建表")
    upgrade(engine)
    places, figures = townships(), printed_figures()
    grid_counts = with_printed_counts(places, figures)
    grids = {place.code: grid_columns(place, grid_counts[place.code]) for place in places}
    # Seconds that each step takes, more or less
    steps = {"群众诉求": count / 9_000, "雪亮监控": 2.0, "志愿队伍": 0.6, "乡村项目": 0.2, "网格治理": 2.4}
    totals = {
        "petitions": count / 20_000,
        "cameras": 1.0,
        "volunteers": 0.2,
        "projects": 0.1,
        "grid": 0.6,
        "reports": 0.1,
    }
    everything = sum(steps.values()) + sum(totals.values())
    done = 0.0

    def step(name: str, parts: float) -> None:
        nonlocal done
        done += steps[name] / parts
        told(done / everything, name)

    with engine.begin() as connection:
        begin_writing(connection)
        _write(
            connection,
            county_setting,
            {"name": ["county_name", "sample", "grid_bands"], "value": [COUNTY_NAME, "1", _BANDS]},
        )
        _write_places(connection, places)
        for columns in grids.values():
            _write(connection, grid, columns)
        for columns in cases(places, figures, grids, count, seed):
            _write(connection, petition, columns)
            step("群众诉求", len(places))
        for rows, outages in cameras(places, figures, seed):
            _write(connection, camera, rows)
            _write(connection, camera_outage, outages)
            step("雪亮监控", len(places))
        for rows, activities in volunteers(places, figures, grids, seed):
            _write(connection, volunteer_team, rows)
            _write(connection, volunteer_activity, activities)
            step("志愿队伍", len(places))
        for rows, monthly in projects(places, seed):
            _write(connection, project, rows)
            _write(connection, project_report, monthly)
            step("乡村项目", len(places))
        for columns in grid_events(places, figures, grids, seed):
            _write(connection, grid_event, columns)
            step("网格治理", len(places))
        _write(connection, reported_indicator, definitions())
        _write(connection, indicator_report, reports(places, figures, seed))
        for area, seconds in totals.items():
            told(done / everything, "汇总")
            refresh(connection, area, as_of=AS_OF, registers_since=MONTHS[0])
            done += seconds
    told(1, "完成")


def _require_empty(engine: Engine) -> None:
    with engine.connect() as connection:
        if not inspect(connection).has_table(township.name):
            return
        count = connection.scalar(select(func.count()).select_from(township))
    if count:
        address = place(engine.url)
        raise DatabaseProblem(
            f"数据库 {address} 里已有 {count} 个镇街，示例数据只能装入空数据库。",
            f"The database {address} already holds {count} townships; sample data go into an empty database only.",
        )


def _write_places(connection: Connection, places: list[Township]) -> None:
    names = ("code", "name", "kind", "residents", "tile_row", "tile_column")
    _write(connection, township, {name: [getattr(place, name) for place in places] for name in names})
    printed = [place for place in places if place.alias]
    _write(
        connection,
        township_alias,
        {"alias": [place.alias for place in printed], "township_code": [place.code for place in printed]},
    )
    _write(
        connection,
        village,
        {
            "code": [code for place in places for code, _ in place.villages],
            "name": [name for place in places for _, name in place.villages],
            "township_code": [place.code for place in places for _ in place.villages],
        },
    )


def _write(connection: Connection, table: Table, columns: Columns) -> None:
    for start in range(0, len(next(iter(columns.values()))), _ROWS):
        part = slice(start, start + _ROWS)
        insert_columns(connection, table, {name: values[part] for name, values in columns.items()})


class ProgressBar:
    """Shows how far the build is: one line that grows on a terminal, elsewhere a plain line a step."""

    def __init__(self) -> None:
        self.step = ""

    def __call__(self, share: float, step: str) -> None:
        """Show that this share (0 to 1) is done and which step has begun."""
        if sys.stderr.isatty():
            full = round(share * 30)
            bar = f"\r示例数据 [{'█' * full}{'·' * (30 - full)}] {share:4.0%} {step}\x1b[K"
            print(bar, end="\n" if share == 1 else "", file=sys.stderr, flush=True)
        elif step != self.step:
            print(f"示例数据 {share:4.0%} {step}", file=sys.stderr, flush=True)
        self.step = step


def main(arguments: list[str]) -> int:
    """Command line: ``[--url URL] [--petitions N] [--seed S]``."""
    parser = argparse.ArgumentParser(prog="python -m sample_data.build", description="把示例数据装入空数据库")
    parser.add_argument("--url", help="数据库地址；默认用 DATABASE_URL，再默认 data/county.sqlite")
    parser.add_argument("--petitions", type=int, default=PETITIONS, help="诉求件数（默认 %(default)s）")
    parser.add_argument("--seed", type=int, default=SEED, help="随机种子（默认 %(default)s）")
    chosen = parser.parse_args(arguments)
    if chosen.petitions < 0 or chosen.seed < 0:
        parser.error("--petitions 和 --seed 不能为负数 (must not be negative)")
    try:
        build(chosen.url or database_url(), chosen.petitions, chosen.seed, ProgressBar())
    except DatabaseProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
