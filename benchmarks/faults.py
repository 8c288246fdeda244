"""What goes wrong, again and again, on real files, processes and servers: ``python -m benchmarks.faults [--times N]``.

Prints for each fault how often it was done, how many rows were lost or wrong, how many crashes there were (an error that
nobody words, or a process that ends by itself), and what was said.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
from sqlalchemy import create_engine, event, func, insert, select, text
from sqlalchemy.pool import NullPool

from benchmarks.sessions import opened_sessions
from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.tables import petition
from data_access.database import engine_for, new_engine
from data_access.evaluation.monthly import evaluate
from data_access.evaluation.records import freeze
from data_access.evaluation.schemes import load_schemes
from data_access.importing import import_file
from data_access.importing.interrupted import interrupted_loads
from data_access.importing.undo import batches
from data_access.model.data_state import as_of_dates
from data_access.places.tables import township
from data_access.problems import Problem
from data_access.spreadsheets import Sheet, write_csv, write_workbook
from sample_data.build import build
from tests.browser import Server
from tests.counties import copied, empty_file, sqlite_url
from tests.test_import_kill import cases_file, driver, run, state
from tests.test_import_mutants import checked

ROOT = Path(__file__).resolve().parent.parent
# A descriptor or two come and go by themselves.
_SPARE = 8
FREEZE = """
import sys
from datetime import datetime
from benchmarks.faults import frozen
print("begun", flush=True)
frozen(sys.argv[1], "乙")
"""
CLOCK = """
import datetime, sys
behind = 0
class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None): return super().now(tz) - datetime.timedelta(hours=behind)
from pathlib import Path
import data_access.importing as importing, data_access.importing.loading as loading, data_access.rollups as rollups
importing.datetime = loading.datetime = rollups.datetime = Clock
from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS
from data_access.database import engine_for
def back(progress):
    global behind
    behind = 1
for number, path in enumerate(sys.argv[2:]):
    if number == 2: behind = 2
    importing.import_file(engine_for(sys.argv[1]), PETITIONS, Path(path), by=UNRESTRICTED, progress=back if number == 1 else lambda _: None)
"""
NOTED = """
import sys, time
from data_access.access import UNRESTRICTED
from pathlib import Path
from data_access.areas.petitions.imports import PETITIONS
from data_access.database import engine_for
from data_access.importing import import_file
from data_access.importing.interrupted import noted
engine = engine_for(sys.argv[1])
print("begun", flush=True)
with noted(engine, PETITIONS.name, Path(sys.argv[2]).name):
    import_file(engine, PETITIONS, Path(sys.argv[2]), by=UNRESTRICTED)
    print("done", flush=True)
    time.sleep(60)
"""


@dataclass
class Found:
    """What came of a fault that was done so many times."""

    times: int = 0
    lost: int = 0
    wrong: int = 0
    crashes: int = 0
    said: Counter[str] = field(default_factory=Counter)

    def compare(self, rows: int | None, *wanted: int) -> None:
        """The rows that are there, which must be as many as before or after."""
        if rows not in wanted:
            self.lost += max(min(wanted) - (rows or 0), 0)
            self.wrong += max((rows or 0) - max(wanted), 0) or 1

    def attempt(self, work: Callable[[], object]) -> None:
        """Do something that may be refused in words."""
        try:
            work()
            self.said["done"] += 1
        except Problem as problem:
            self.said[problem.zh[:40]] += 1
        except Exception as error:  # noqa: BLE001 counted
            self.crashes += 1
            self.said[type(error).__name__] += 1


@dataclass(frozen=True)
class County:
    """A small county with 3,000 cases, and a file that changes it; and the sample county."""

    folder: Path
    empty: Path
    first: Path
    loaded: Path
    second: Path
    both: Path
    sample: Path


def rows(path: Path) -> int | None:
    """The cases in the file, if it is whole."""
    engine = new_engine(sqlite_url(path))
    with engine.connect() as connection:
        if connection.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
            return None
        return connection.scalar(select(func.count()).select_from(petition))


def frozen(url: str, by: str) -> None:
    """Freeze a month of the sample county."""
    engine = engine_for(url)
    scheme = next(one for one in load_schemes() if not one.objection_days)
    (found,) = evaluate(engine, UNRESTRICTED, scheme, ["2023-07"])
    freeze(engine, found.evaluation, found.items, found.exclusions, by=Viewer(by))


def made(folder: Path) -> County:
    """The files."""
    names = ("empty.sqlite", "first.csv", "loaded.sqlite", "second.csv", "both.sqlite", "sample.sqlite")
    county = County(folder, *(folder / name for name in names))
    engine = empty_file(county.empty)
    with engine.begin() as connection:
        towns = (("100000001", "钢山街道", "街道"), ("100000002", "香城镇", "镇"))
        connection.execute(insert(township), [dict(zip(("code", "name", "kind"), town, strict=True)) for town in towns])
    cases_file(county.first, changed=False)
    cases_file(county.second, changed=True)
    for start, file, end in ((county.empty, county.first, county.loaded), (county.loaded, county.second, county.both)):
        shutil.copy(start, end)
        import_file(new_engine(sqlite_url(end)), PETITIONS, file, by=UNRESTRICTED)
    sample = folder / "built.sqlite"
    build(sqlite_url(sample), petitions=2_000)
    copied(engine_for(sqlite_url(sample)), county.sample)
    return county


# --- Killed -------------------------------------------------------------------------------------------


def killed(county: County, times: int, chance: random.Random, *, action: str) -> Found:
    """``kill -9`` of an import or an undo at random statements."""
    found = Found()
    start, end = (county.loaded, county.both) if action == "load" else (county.both, county.loaded)
    batch = ""
    with engine_for(sqlite_url(county.both)).connect() as connection:
        batch = batches(connection)[0]["id"]
    target = str(county.second) if action == "load" else batch
    path = county.folder / "killed.sqlite"
    with driver() as process:
        shutil.copy(start, path)
        _, lines = run(process, path, action, target)
        before, after = state(start), state(path)
        for _ in range(times):
            for suffix in ("", "-wal", "-shm"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
            shutil.copy(start, path)
            code, _ = run(process, path, action, target, chance.randint(1, lines))
            found.times += 1
            found.compare(rows(path), rows(start) or 0, rows(end) or 0)
            now = state(path)
            found.wrong += now not in (before, after)
            found.said["as before" if now == before else "as after"] += 1
            found.crashes += code not in (0, -signal.SIGKILL)
    return found


def killed_process(county: County, times: int, chance: random.Random, *, program: str) -> Found:
    """``kill -9`` of a load by the command, of a server's load, or of a freeze, at random moments."""
    found, path = Found(), county.folder / "process.sqlite"
    is_freeze = program == FREEZE
    start = county.sample if is_freeze else county.loaded
    environment = os.environ | {"IMPORT_MAPPINGS": str(county.folder / "mappings")}
    command = [sys.executable, "-c", program, sqlite_url(path), str(county.second)]
    if not program:
        command = [
            sys.executable,
            "-m",
            "data_access.importing",
            "petitions",
            str(county.second),
            "--url",
            sqlite_url(path),
        ]
    for _ in range(times):
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        shutil.copy(start, path)
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as one:
            if program and one.stdout:
                one.stdout.readline()
            time.sleep(chance.uniform(0, 1.5 if program else 3))
            one.kill()
        found.times += 1
        now = rows(path)
        found.compare(now, *((rows(start) or 0,) if is_freeze else (3_000, 4_000)))
        if program == NOTED:
            os.environ["IMPORT_MAPPINGS"] = environment["IMPORT_MAPPINGS"]
            told = interrupted_loads(lambda: new_engine(sqlite_url(path)))
            found.wrong += any((one.batch is not None) != (now == 4_000) for one in told)
            found.said.update("written" if one.batch else "nothing written" for one in told)
            for one in told:
                one.note.unlink()
        else:
            found.said["as before" if now == 3_000 else "whole"] += 1
    return found


# --- At once ------------------------------------------------------------------------------------------


def two_freezes(county: County, times: int, _chance: random.Random) -> Found:
    """Two people freeze a month at the same moment."""
    found = Found()
    for number in range(times):
        path = county.folder / f"freezes{number}.sqlite"
        shutil.copy(county.sample, path)
        with ThreadPoolExecutor(2) as pool:
            for by in ("甲", "乙"):
                pool.submit(found.attempt, partial(frozen, sqlite_url(path), by))
        found.times += 1
        with engine_for(sqlite_url(path)).connect() as connection:
            found.wrong += connection.execute(text("SELECT count(*) FROM evaluation_freeze")).scalar() != 1
    return found


def two_imports(county: County, times: int, _chance: random.Random, *, servers: bool = False) -> Found:
    """Two processes load at the same moment; or one does while two servers show the file."""
    found, path = Found(), county.folder / "two.sqlite"
    shown = []
    if servers:
        shutil.copy(county.empty, path)
        shown = [Server(sqlite_url(path), county.folder / f"server{number}.log") for number in (1, 2)]
    for _ in range(times):
        if not servers:
            shutil.copy(county.empty, path)
        words = [sys.executable, "-m", "data_access.importing", "petitions"]
        files = (county.first, county.second)
        at_work = [
            subprocess.Popen(
                [*words, str(file), "--url", sqlite_url(path)],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            for file in files
        ]
        for one in shown:
            found.attempt(lambda url=one.url: urllib.request.urlopen(f"{url}/health", timeout=60).close())  # noqa: S310
        for one in at_work:
            _, told = one.communicate()
            if one.returncode:
                found.crashes += 1
                found.said[told.decode()[-80:]] += 1
        found.crashes += sum(one.process.poll() is not None for one in shown)
        found.times += 1
        found.compare(rows(path), 4_000)
        found.said["both loaded"] += 1
    for one in shown:
        one.stop()
    return found


def held_lock(county: County, times: int, _chance: random.Random) -> Found:
    """Another program holds the lock of the file for longer than anybody waits."""
    found, path = Found(), county.folder / "held.sqlite"
    shutil.copy(county.loaded, path)
    impatient = create_engine(sqlite_url(path), connect_args={"timeout": 0.05}, poolclass=NullPool)
    with engine_for(sqlite_url(path)).connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        for _ in range(times):
            found.attempt(lambda: import_file(impatient, PETITIONS, county.second, by=UNRESTRICTED))
            found.times += 1
        connection.rollback()
    found.compare(rows(path), 3_000)
    return found


# --- Full, cut off, gone ------------------------------------------------------------------------------


def full_disk(county: County, times: int, chance: random.Random, *, dry_run: bool) -> Found:
    """The database may not grow further, at a random moment of a check or a load."""
    found, path = Found(), county.folder / "full.sqlite"
    for _ in range(times):
        shutil.copy(county.loaded, path)
        engine = new_engine(sqlite_url(path))
        with engine.connect() as connection:
            most = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + chance.randint(1, 20)
        event.listen(engine, "connect", lambda one, _, most=most: one.execute(f"PRAGMA max_page_count={most}"))
        found.attempt(
            lambda engine=engine: import_file(engine, PETITIONS, county.second, dry_run=dry_run, by=UNRESTRICTED)
        )
        found.times += 1
        found.compare(rows(path), 3_000)
    return found


def full_export(county: County, times: int, chance: random.Random) -> Found:
    """No file may grow beyond a random size while a list is written."""
    table = pd.DataFrame({"编号": [chance.random().hex() for _ in range(20_000)]})
    found, before = Found(), resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for number in range(times):
        target = county.folder / "export"
        write = (
            partial(write_csv, target, [table]) if number % 2 else partial(write_workbook, target, [Sheet("a", table)])
        )
        resource.setrlimit(resource.RLIMIT_FSIZE, (chance.randint(100, 200_000), before[1]))
        try:
            write()
            found.wrong += 1
        except OSError:
            # What writes it in a page throws the file away and says so.
            found.said["OSError, told and thrown away"] += 1
        except Exception as error:  # noqa: BLE001 counted
            found.crashes += 1
            found.said[type(error).__name__] += 1
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        found.times += 1
    return found


def damaged(county: County, times: int, chance: random.Random) -> Found:
    """The database's file is cut off at a random place, or deleted, and then somebody loads."""
    found, path = Found(), county.folder / "damaged.sqlite"
    for number in range(times):
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        if number % 4:
            shutil.copy(county.loaded, path)
            os.truncate(path, chance.randrange(100, path.stat().st_size // 2))
        found.attempt(lambda: import_file(new_engine(sqlite_url(path)), PETITIONS, county.second, by=UNRESTRICTED))
        found.wrong += number % 4 == 0 and path.exists()
        found.times += 1
    return found


def clock_back(county: County, times: int, _chance: random.Random) -> Found:
    """The clock goes back by an hour during a load, and by another between two."""
    found, path = Found(), county.folder / "clock.sqlite"
    for _ in range(times):
        shutil.copy(county.empty, path)
        third = county.folder / "third.csv"
        third.write_text("case_no,township,received_at,title\nB1,香城镇,2023-05-01 08:00:00,再来\n", "utf-8")
        files = [str(one) for one in (county.first, county.second, third)]
        done = subprocess.run([sys.executable, "-c", CLOCK, sqlite_url(path), *files], cwd=ROOT, check=False)
        found.crashes += done.returncode != 0
        found.compare(rows(path), 4_001)
        engine = new_engine(sqlite_url(path))
        with engine.connect() as connection:
            order = [Path(one["file_name"]).name for one in batches(connection)]
            reached = as_of_dates(connection)
        found.wrong += list(reached.values()) != [datetime(2023, 7, 28, 23, 59, 59)]
        found.wrong += order != ["third.csv", "second.csv", "first.csv"]
        found.said["order and as-of kept"] += 1
        found.times += 1
    return found


def cut_sockets(county: County, times: int, _chance: random.Random) -> Found:
    """500 websockets are cut; the server's descriptors must come back."""
    found = Found(times=500 if times > 1 else 50)
    os.environ["MOST_SESSIONS_PER_ADDRESS"] = "1000"
    server = Server(sqlite_url(county.sample), county.folder / "sockets.log")
    process = psutil.Process(server.process.pid)

    async def cut() -> int:
        sessions = await opened_sessions(server.url, found.times)
        most = process.num_fds()
        for one in sessions:
            one.connection.transport.abort()
        await asyncio.sleep(0)
        return most

    before = process.num_fds()
    most = asyncio.run(cut())
    time.sleep(3)
    left, end = process.num_fds(), time.monotonic() + 200
    while process.num_fds() > before + _SPARE and time.monotonic() < end:
        time.sleep(1)
    found.wrong += process.num_fds() > before + _SPARE
    found.crashes += server.process.poll() is not None
    seconds = 200 - (end - time.monotonic())
    found.said[f"descriptors {before}, {most} open, {left} cut, {process.num_fds()} after {seconds:.0f} s"] += 1
    server.stop()
    return found


def bombs(_county: County, _times: int, _chance: random.Random) -> Found:
    """Small workbooks that unpack into gigabytes or millions of elements."""
    told: dict[str, Any] = checked("bombs")
    found = Found(times=sum(told["counts"].values()), wrong=int(told["written"]), crashes=len(told["wrong"]))
    found.said[f"at most {told['memory'] >> 20} MB"] += 1
    return found


FAULTS: dict[str, Callable[[County, int, random.Random], Found]] = {
    "kill -9 of an import": partial(killed, action="load"),
    "kill -9 of an undo": partial(killed, action="undo"),
    "kill -9 of a load by the command": partial(killed_process, program=""),
    "kill -9 of a server's load, told by the next": partial(killed_process, program=NOTED),
    "kill -9 of a freeze": partial(killed_process, program=FREEZE),
    "two freezes at once": two_freezes,
    "two imports at once": two_imports,
    "two servers on one file": partial(two_imports, servers=True),
    "a held lock": held_lock,
    "disk full during a check": partial(full_disk, dry_run=True),
    "disk full during a load": partial(full_disk, dry_run=False),
    "disk full during an export": full_export,
    "database cut off or deleted": damaged,
    "clock back by an hour": clock_back,
    "websockets cut": cut_sockets,
    "bombs": bombs,
}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--only", default="", help="the faults whose names have this")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        county = made(Path(place))
        print("| Fault | Times | Rows lost | Rows wrong | Crashes | Said |\n|---|---|---|---|---|---|")
        for name, fault in FAULTS.items():
            if chosen.only in name:
                found = fault(county, chosen.times, random.Random(17))  # noqa: S311
                said = "; ".join(f"{words} ({count})" for words, count in found.said.most_common(3))
                print(
                    f"| {name} | {found.times} | {found.lost} | {found.wrong} | {found.crashes} | {said} |", flush=True
                )


if __name__ == "__main__":
    main()
