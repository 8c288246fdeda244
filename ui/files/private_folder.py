"""Folders for files that this server keeps for a while: nobody else may read them, and they go when it stops."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from functools import cache
from pathlib import Path

from data_access.processes import runs


@cache
def private_folder(name: str) -> Path:
    """The folder of that name of this process: new, under a name that nobody can guess, 0700; removed when it ends.

    Those that killed servers of this account left behind go now.
    """
    for left in Path(tempfile.gettempdir()).glob(f"township-{name}-*"):
        if _is_left_behind(left):
            shutil.rmtree(left, ignore_errors=True)
    # With the process in its name, so that the next server sees whether it still runs
    holder = tempfile.TemporaryDirectory(prefix=f"township-{name}-{os.getpid()}-")
    _holders.append(holder)
    return Path(holder.name)


# What lives as long as the process: the folders are removed with these.
_holders: list[tempfile.TemporaryDirectory[str]] = []


def _is_left_behind(folder: Path) -> bool:
    """Whether it is a folder of this account, no link to somebody's, whose process has ended."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
        return False
    number = folder.name.split("-")[-2]
    return number.isdecimal() and not runs(int(number))
