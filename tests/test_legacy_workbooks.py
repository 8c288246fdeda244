"""Legacy workbooks that are damaged: how much memory reading them takes, and how many are read at once."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

import pytest
import xlwt

from data_access.areas.petitions.imports import PETITIONS
from data_access.importing import xls
from data_access.importing.mapping import ColumnMapping
from data_access.importing.problems import FileProblem
from data_access.importing.readers import open_sheet

MOST_MEMORY = 600_000
# Words of the sentences that say what is wrong with a legacy workbook
ANSWERS = (
    "不是完整的",
    "要占太多内存",
    "有密码",
    "里没有内容",
    "列数超过",
    "有一格超过",
    "不是 UTF-8",
    "内容与扩展名不符",
)
# Records that say how many rows and columns, texts and bytes there are: SST, DIMENSIONS, LABELSST, NUMBER, ROW, BOUNDSHEET
RECORDS = (b"\xfc\x00", b"\x00\x02", b"\xfd\x00", b"\x03\x02", b"\x08\x02", b"\x85\x00", b"\x7e\x02")


def legacy(path: Path) -> bytes:
    book = xlwt.Workbook()
    for name in ("案件", "更多"):
        sheet = book.add_sheet(name)
        for column, cell in enumerate(("编号", "镇街", "受理时间", "诉求内容")):
            sheet.write(0, column, cell)
        for row in range(1, 200):
            for column, value in enumerate((f"A{row}", "钢山街道", 45_000 + row / 7, f"路灯不亮 {row}")):
                sheet.write(row, column, value)
    book.save(str(path))
    return path.read_bytes()


def flipped(good: bytes, chance: random.Random) -> bytes:
    """The workbook with bytes changed, mostly in what records say of themselves."""
    content = bytearray(good)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(512, len(content))
        if chance.random() < 0.7:
            found = good.find(chance.choice(RECORDS), at)
            at = min(max(found, 0) + chance.randrange(2, 16), len(content) - 1)
        content[at] ^= chance.choice((0xFF, 0x80, 1 << chance.randrange(8)))
    return bytes(content)


def far_apart(path: Path, rows: int) -> None:
    """A workbook of a few kilobytes whose last cell is ``rows`` rows down and 255 columns to the right."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("案件")
    sheet.write(0, 0, 1.5)
    sheet.write(rows - 1, 255, 1.5)
    book.save(str(path))


def most_memory_of_helpers() -> int:
    """What the largest process took that this one started and that has ended, in kilobytes; 0 where the system does not say."""
    if sys.platform != "linux":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def refused(path: Path) -> str:
    """What is said of the file; empty where it is read."""
    try:
        with open_sheet(path, PETITIONS, ColumnMapping()) as sheet:
            for _ in sheet.rows:
                pass
    except FileProblem as problem:
        return problem.zh
    return ""


def all_refused(paths: list[Path]) -> tuple[list[str], int]:
    """What is said of the files, and what the helpers took, in a process that has no other children."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_all_refused, paths).result()


def _all_refused(paths: list[Path]) -> tuple[list[str], int]:
    return [refused(path) for path in paths], most_memory_of_helpers()


def test_a_small_file_that_asks_for_much_is_refused(tmp_path: Path) -> None:
    """Its 16 million cells would take over 600 MB."""
    far_apart(tmp_path / "cases.xls", 65_536)
    assert (tmp_path / "cases.xls").stat().st_size < 100_000
    (answer,), memory = all_refused([tmp_path / "cases.xls"])
    assert "要占太多内存" in answer
    assert memory < MOST_MEMORY


def test_damaged_files_take_little_memory_and_are_answered_in_words(tmp_path: Path) -> None:
    good = legacy(tmp_path / "good.xls")
    chance = random.Random(20260102)  # noqa: S311 not a secret
    paths = [tmp_path / f"cases {number}.xls" for number in range(100)]
    for path in paths:
        path.write_bytes(flipped(good, chance))
    answers, memory = all_refused(paths)
    for number, answer in enumerate(answers):
        assert not answer or any(words in answer for words in ANSWERS), (number, answer)
    assert 10 < sum(map(bool, answers)) < 90
    assert memory < MOST_MEMORY


def test_two_are_read_at_once_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cases.xls"
    legacy(path)
    running = most = 0
    lock, together = threading.Lock(), threading.Barrier(2)
    real = subprocess.run

    def counted(*given: object, **named: object) -> object:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(timeout=60)
        result = real(*given, **named)  # type: ignore[call-overload]
        with lock:
            running -= 1
        return result

    def read() -> None:
        with ExitStack() as stack:
            xls.visible_sheets(path, stack)

    monkeypatch.setattr(subprocess, "run", counted)
    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (most, running) == (2, 0)
