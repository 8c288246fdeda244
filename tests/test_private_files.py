"""What holds names and telephone numbers is its owner's alone, and what a server keeps for a while goes with it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine, text

from data_access.database import engine_for, new_engine, upgrade
from data_access.private_files import keep_private
from tests.browser import ROOT, Server, choose, settle, upload
from tests.counties import copied
from tests.files import september_cases


def modes(*paths: Path) -> dict[str, str]:
    """What others than the owner may do with which of the files and folders."""
    found = {path.name: path.stat().st_mode & 0o077 for path in paths}
    return {name: oct(mode) for name, mode in found.items() if mode}


def kept_by(server: Server) -> list[Path]:
    """What the server keeps in the folder for temporary files, and all that is in it."""
    folders = list(server.log.parent.glob("township-*"))
    return [*folders, *(path for folder in folders for path in folder.rglob("*"))]


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_database_is_made_for_its_owner_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        engine = new_engine(f"sqlite:///{tmp_path / 'county.sqlite'}")
        upgrade(engine)
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            files = list(tmp_path.iterdir())
            assert len(files) == 3
            assert modes(*files) == {}
    finally:
        os.umask(before)


def test_a_database_that_everybody_has_is_taken_from_them(tmp_path: Path) -> None:
    file = tmp_path / "county.sqlite"
    engine = new_engine(f"sqlite:///{file}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        files = list(tmp_path.iterdir())
        for path in files:
            path.chmod(0o644)
        with engine.connect() as another:
            another.execute(text("SELECT 1"))
        assert len(files) == 3
        assert modes(*files) == {}


def test_what_is_left_to_a_group_stays_so(tmp_path: Path) -> None:
    file = tmp_path / "county.sqlite"
    file.touch()
    file.chmod(0o640)
    keep_private(file)
    keep_private(tmp_path / "none")
    assert modes(file) == {"county.sqlite": "0o40"}


STOPPED_WHILE_IT_WROTE = """
import asyncio
import os
from contextlib import suppress
from io import BytesIO
from pathlib import Path
import pandas as pd
from data_access.spreadsheets import Sheet, write_workbook
from ui.server.lifespan import lifespan

def batches():
    yield pd.DataFrame({"诉求人": ["王五"] * 1000})
    print(*Path(os.environ["TMPDIR"]).rglob("openpyxl*"))
    raise InterruptedError

async def main():
    async with lifespan(None):
        with suppress(InterruptedError):
            write_workbook(BytesIO(), [Sheet("案件", batches())])

asyncio.run(main())
# As a signal ends it
os._exit(0)
"""


def test_what_a_library_wrote_goes_as_well(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_WHILE_IT_WROTE],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        text=True,
    )
    (left,) = map(Path, done.stdout.split())
    assert left.parent.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_a_server_keeps_files_to_itself_and_leaves_none(
    serve: Callable[[str], Server], sample_engine: Engine, browser: Browser, tmp_path: Path
) -> None:
    """Stopped by SIGTERM, as services are, it removes them; when it was killed, the next one does."""
    url = copied(sample_engine, tmp_path / "county.sqlite")
    engine_for(url).dispose()
    mappings = tmp_path / "mappings"
    mappings.mkdir()
    (mappings / "petitions-earlier.toml").touch(0o644)
    (tmp_path / "county.sqlite").chmod(0o644)
    server = serve(url)
    page = browser.new_page()
    page.goto(f"{server.url}/data_import")
    settle(page)
    upload(page, september_cases(tmp_path / "九月.csv", 20))
    choose(page, "哪一列是工单编号", "流水")
    expect(page.get_by_text("1 行不合格")).to_be_visible()
    kept = kept_by(server)
    assert {"九月.csv", "九月-不合格.xlsx"} <= {path.name for path in kept}
    page.get_by_role("button", name="只装入合格的 19 行").click()
    expect(page.get_by_text("新增 19 行")).to_be_visible()
    assert len(list(mappings.glob("*.toml"))) == 2
    assert modes(*kept_by(server), *tmp_path.glob("county.sqlite*"), *mappings.iterdir()) == {}
    page.get_by_role("button", name="再装一个文件").click()
    settle(page)
    upload(page, september_cases(tmp_path / "十月.csv", 20))
    assert modes(*kept_by(server)) == {}
    page.close()
    killed = kept_by(server)
    server.process.kill()
    server.process.wait(timeout=30)
    assert all(path.exists() for path in killed)
    server.start_again()
    assert not any(path.exists() for path in killed)
    assert kept_by(server)
    server.stop()
    assert kept_by(server) == []
