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
from data_access.private_files import private_folder, remove_private_folders
from ui.files.exports import start_export

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    remove_private_folders()
    yield tmp_path
    remove_private_folders()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


MAKES_ONE = (
    "from data_access.private_files import private_folder; print(private_folder('exports'), flush=True); input()"
)


def another_server(temporary: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process with a folder of its own, which has a file in it."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAKES_ONE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        text=True,
    )
    assert process.stdout
    folder = Path(process.stdout.readline().strip())
    (folder / "backup.zip").write_text("kept")
    return process, folder


def test_only_what_a_killed_server_of_this_account_left_goes(temporary: Path) -> None:
    killed, left = another_server(temporary)
    killed.kill()
    killed.communicate(timeout=30)
    running, used = another_server(temporary)
    assert not left.exists()
    somebodys, other = temporary / "backups", temporary / "township-exports"
    for folder in (somebodys, other):
        folder.mkdir()
        (folder / "backup.zip").write_text("kept")
        os.utime(folder / "backup.zip", (0, 0))
    (temporary / "township-exports-link").symlink_to(somebodys)
    own = private_folder("exports")
    assert all((folder / "backup.zip").exists() for folder in (used, somebodys, other))
    assert own.parent == temporary
    assert own not in {used, other}
    assert mode(own) == 0o700
    running.communicate("\n", timeout=30)
    assert not used.exists()


def test_at_the_stop_of_a_server_all_go(temporary: Path) -> None:
    folders = [private_folder("exports"), private_folder("uploads")]
    (folders[0] / "names.csv").write_text("x")
    remove_private_folders()
    assert list(temporary.iterdir()) == []
    assert private_folder("exports").exists()


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
        "from data_access.private_files import private_folder\n"
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
