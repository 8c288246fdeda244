"""Folders of this server: private, its own, and gone with it; nobody else's file is touched."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_access.access import UNRESTRICTED
from ui.files.exports import start_export
from ui.files.private_folder import private_folder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    private_folder.cache_clear()
    yield tmp_path
    private_folder.cache_clear()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_only_what_a_killed_server_of_this_account_left_goes(temporary: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    left = temporary / f"township-exports-{int(ended.stdout)}-abc"
    running = temporary / f"township-exports-{os.getpid()}-abc"
    somebodys = temporary / "backups"
    linked = temporary / f"township-exports-{int(ended.stdout)}-link"
    other = temporary / "township-exports"
    for folder in (left, running, somebodys, other):
        folder.mkdir()
        (folder / "backup.zip").write_text("kept")
        os.utime(folder / "backup.zip", (0, 0))
    linked.symlink_to(somebodys)
    own = private_folder("exports")
    assert not left.exists()
    assert all((folder / "backup.zip").exists() for folder in (running, somebodys, other))
    assert own.parent == temporary
    assert own not in {left, running, other}
    assert mode(own) == 0o700


def test_exports_lie_there(temporary: Path) -> None:
    # Where an earlier version put them; somebody might have put a link there
    somebodys = temporary / "somebodys"
    somebodys.mkdir()
    (somebodys / "old.csv").write_text("kept")
    os.utime(somebodys / "old.csv", (0, 0))
    (temporary / "township-exports").symlink_to(somebodys)
    export = start_export("导出", "x.csv", UNRESTRICTED, lambda path, _: path.write_text("rows"), lambda _rows: None)
    export.task.wait(30)
    assert export.is_ready
    assert export.path.parent == private_folder("exports")
    assert mode(export.path) == 0o600
    assert [path.name for path in somebodys.iterdir()] == ["old.csv"]


def test_it_goes_when_the_process_ends(tmp_path: Path) -> None:
    code = (
        "from ui.files.private_folder import private_folder\n"
        "folder = private_folder('exports')\n"
        "(folder / 'names.csv').write_text('x')\n"
        "print(folder)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        text=True,
    )
    assert Path(done.stdout.strip()).parent == tmp_path
    assert not list(tmp_path.iterdir())
