"""Files with names and telephone numbers are their owner's alone; what is kept for a while goes with the process."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

OWNER_ALONE = 0o600
_EVERYBODY = 0o007


def keep_private(path: Path) -> None:
    """Take the file from everybody but its owner, if everybody has it; what was left to a group is meant so and stays."""
    # Not there, or somebody else's
    with suppress(OSError):
        if path.stat().st_mode & _EVERYBODY:
            path.chmod(OWNER_ALONE)


# What lives as long as the process: its folders by name, and the locks that say that they are in use
_kept: dict[str, tuple[tempfile.TemporaryDirectory[str], int | None]] = {}


def private_folder(name: str) -> Path:
    """The folder of that name of this process: new, under a name that nobody can guess, 0700; removed when it ends.

    Those that killed servers of this account left behind go now.
    """
    # Some systems clear old files away themselves.
    if name in _kept and Path(_kept[name][0].name).exists():
        return Path(_kept[name][0].name)
    for left in Path(tempfile.gettempdir()).glob(f"township-{name}-*"):
        if (lock := lock_of(left)) is not None:
            shutil.rmtree(left, ignore_errors=True)
            os.close(lock)
    while True:
        holder = tempfile.TemporaryDirectory(prefix=f"township-{name}-")
        folder = Path(holder.name)
        lock = lock_of(folder)
        # Another server that starts may have taken it for left behind before it was locked.
        if folder.exists():
            _kept[name] = holder, lock
            return folder


def remove_private_folders() -> None:
    """Remove all of them: what ends a process by a signal leaves them otherwise."""
    while _kept:
        _, (holder, lock) = _kept.popitem()
        holder.cleanup()
        if lock is not None:
            os.close(lock)


def lock_of(path: Path) -> int | None:
    """A lock on a file or folder of this account; None where a process that runs has it, or it is a link or somebody else's.

    A lock ends with its process, however that ends. A number of a process may be another's by then.
    """
    try:
        import fcntl
    except ImportError:
        # Windows: there what a killed server left stays.
        return None
    with suppress(OSError):
        lock = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            if os.fstat(lock).st_uid == os.getuid():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
        except BlockingIOError:
            pass
        os.close(lock)
    return None
