"""Folders for files that this server keeps for a while: nobody else may read them, and they go when it stops."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path


@cache
def private_folder(name: str) -> Path:
    """The folder of that name of this process: new, under a name that nobody can guess, 0700; removed when it ends.

    Those that killed servers of this account left behind go now.
    """
    for left in Path(tempfile.gettempdir()).glob(f"township-{name}-*"):
        if (lock := _locked(left)) is not None:
            shutil.rmtree(left, ignore_errors=True)
            os.close(lock)
    while True:
        holder = tempfile.TemporaryDirectory(prefix=f"township-{name}-")
        folder = Path(holder.name)
        lock = _locked(folder)
        # Another server that starts may have taken it for left behind before it was locked.
        if folder.exists():
            _kept.append((holder, lock))
            return folder


# What lives as long as the process: the folders and the locks that say that they are in use.
_kept: list[tuple[tempfile.TemporaryDirectory[str], int | None]] = []


def remove_private_folders() -> None:
    """Remove all of them: what ends a process by a signal leaves them otherwise."""
    private_folder.cache_clear()
    while _kept:
        holder, lock = _kept.pop()
        holder.cleanup()
        if lock is not None:
            os.close(lock)


def _locked(folder: Path) -> int | None:
    """A lock on a folder of this account; None where a process that runs has it, or it is a link or somebody else's.

    A lock ends with its process, however that ends. A number of a process may be another's by then.
    """
    try:
        import fcntl
    except ImportError:
        # Windows: there what a killed server left stays.
        return None
    with suppress(OSError):
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if os.fstat(lock).st_uid == os.getuid():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
        except BlockingIOError:
            pass
        os.close(lock)
    return None
