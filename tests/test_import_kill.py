"""A process killed at any instant of a load or an undo leaves the state before or after, and nothing between."""

from __future__ import annotations

import csv
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from data_access import database
from data_access.audit.tables import deed
from data_access.model.batches import import_batch
from data_access.places.tables import township
from data_access.schema import metadata
from tests.counties import empty_file

ROOT = Path(__file__).resolve().parent.parent
KILLS = 60 if os.environ.get("CI") == "true" else 12

# Does each job that it reads in a process of its own, forked so that the imports are paid for once. That process
# prints a line whenever SQLite has gone some steps further, in statements long and short alike.
DRIVER = """
import os, sys
from pathlib import Path
from sqlalchemy import event
from data_access.access import UNRESTRICTED
from data_access.database import engine_for
from data_access.importing import import_file
from data_access.areas.petitions.imports import PETITIONS
from data_access.importing.undo import undo

def say(words="on"):
    sys.stdout.write(words + "\\n")
    sys.stdout.flush()

def work(url, action, target):
    engine = engine_for(url)
    event.listen(engine, "connect", lambda connection, _: connection.set_progress_handler(say, 1000))
    event.listen(engine, "commit", lambda _: say())
    if action == "load":
        import_file(engine, PETITIONS, Path(target), by=UNRESTRICTED, progress=lambda _: say())
    else:
        undo(engine, target, by=UNRESTRICTED)
    say()

for job in sys.stdin:
    child = os.fork()
    if not child:
        work(*job.rstrip().split("\\t"))
        os._exit(0)
    say(f"pid {child}")
    say(f"ended {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}")
"""


@dataclass(frozen=True)
class Action:
    """Something to be killed in: the database before it, what it works on, and the states around it."""

    name: str
    database: Path
    target: str
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    lines: int


def state(path: Path) -> dict[str, list[str]]:
    """All that stands in the database; batches go by their numbers, and times of the clock are left out."""
    engine = database.engine_for(f"sqlite:///{path.as_posix()}")
    clock = {
        import_batch: {"id", "started_at", "finished_at", "undone_at"},
        deed: {"done_at", "previous_digest", "digest"},
    }
    with engine.connect() as connection:
        numbers = dict(connection.execute(select(import_batch.c.id, import_batch.c.number)).all())
        found = {
            table.name: sorted(
                str({name: value for name, value in row.items() if name not in clock.get(table, ())})
                for row in connection.execute(select(table)).mappings()
            )
            for table in metadata.sorted_tables
        }
        found["schema"] = sorted(map(str, connection.exec_driver_sql("SELECT name, sql FROM sqlite_master")))
        undone = select(import_batch.c.number).where(import_batch.c.undone_at.is_not(None))
        found["undone"] = sorted(map(str, connection.scalars(undone)))
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    for batch_id, number in numbers.items():
        found = {name: [row.replace(batch_id, f"batch {number}") for row in rows] for name, rows in found.items()}
    return found


@contextmanager
def driver() -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-c", DRIVER]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


def run(
    process: subprocess.Popen[str], path: Path, action: str, target: str, stop_after: int | None = None
) -> tuple[int, int]:
    """Let the driver do something and kill it after so many lines; returns its exit code and how many lines it wrote."""
    assert process.stdin and process.stdout
    process.stdin.write(f"sqlite:///{path.as_posix()}\t{action}\t{target}\n")
    process.stdin.flush()
    lines, child, is_sent = 0, None, False
    for line in process.stdout:
        if line.startswith("ended "):
            return int(line.split()[1]), lines
        if line.startswith("pid "):
            child = int(line.split()[1])
        else:
            lines += 1
        if child and stop_after and lines >= stop_after and not is_sent:
            is_sent = True
            # It may just have ended by itself.
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    raise AssertionError("the driver ended")


def cases_file(path: Path, *, changed: bool) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("case_no", "township", "received_at", "closed_at", "title"))
        for n in range(1000 if changed else 0, 4000 if changed else 3000):
            # A third changes, some move to another township, and a thousand are new.
            town = "香城镇" if changed and n % 20 == 0 else "钢山街道"
            title = "变了" if changed and n % 3 == 0 else f"第 {n} 件"
            day = f"2023-0{1 + n % 7}-{1 + n % 28:02d}"
            writer.writerow((f"A{n}", town, f"{day} 08:00:{n % 60:02d}", f"{day} 17:31:07", title))
    return path


@pytest.fixture(scope="module")
def actions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Action, ...]:
    folder = tmp_path_factory.mktemp("kill")
    empty, first, second = folder / "empty.sqlite", folder / "first.sqlite", folder / "second.sqlite"
    engine = empty_file(empty)
    with engine.begin() as connection:
        towns = [("100000001", "钢山街道", "街道"), ("100000002", "香城镇", "镇")]
        connection.execute(insert(township), [dict(zip(("code", "name", "kind"), town, strict=True)) for town in towns])
    old_file = str(cases_file(folder / "first.csv", changed=False))
    file = str(cases_file(folder / "second.csv", changed=True))

    def action(name: str, start: Path, end: Path, target: str) -> Action:
        shutil.copy(start, end)
        with driver() as process:
            code, lines = run(process, end, name, target)
        assert code == 0
        return Action(name, start, target, state(start), state(end), lines)

    # Into an empty table, whose indexes are away meanwhile
    first_load = action("load", empty, first, old_file)
    assert len(first_load.after["petition"]) == 3000
    assert first_load.before["schema"] == first_load.after["schema"]
    load = action("load", first, second, file)
    with database.engine_for(f"sqlite:///{second.as_posix()}").connect() as connection:
        batch = connection.scalars(select(import_batch.c.id).where(import_batch.c.number == 2)).one()
    undo = action("undo", second, folder / "third.sqlite", batch)
    # What is compared tells the states apart, and undo brings the facts and rollups back.
    assert load.before != load.after != undo.after
    assert [undo.after[name] for name in ("petition", "petition_month")] == [
        load.before[name] for name in ("petition", "petition_month")
    ]
    return first_load, load, undo


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_killed_process_leaves_the_state_before_or_after(actions: tuple[Action, ...], tmp_path: Path) -> None:
    rng = random.Random(20230822)  # noqa: S311
    # Half of the kills are near the end, where the transaction is committed.
    moments = [
        (action := actions[n // 4 % 3], rng.randint(1 if n // 2 % 2 else action.lines - 5, action.lines))
        for n in range(KILLS)
    ]

    def killed(process: subprocess.Popen[str], number: int) -> tuple[int, bool]:
        action, moment = moments[number]
        path = tmp_path / f"{number}.sqlite"
        shutil.copy(action.database, path)
        code, _ = run(process, path, action.name, action.target, moment)
        found = state(path)
        assert found in (action.before, action.after), (action.name, moment)
        # A process that ended by itself did all of it.
        assert code == -signal.SIGKILL or (code == 0 and found == action.after)
        return code, found == action.before

    def every_other(first: int) -> list[tuple[int, bool]]:
        with driver() as process:
            return [killed(process, number) for number in range(first, KILLS, 2)]

    with ThreadPoolExecutor(2) as pool:
        outcomes = [outcome for part in pool.map(every_other, (0, 1)) for outcome in part]
    were_killed = [is_before for code, is_before in outcomes if code == -signal.SIGKILL]
    assert len(were_killed) >= KILLS // 2
    assert any(were_killed)
