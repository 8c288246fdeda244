"""Files that hold names and telephone numbers are their owner's alone."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_EVERYBODY, _OWNER = 0o007, 0o600


def keep_private(path: Path) -> None:
    """Take the file from everybody but its owner, if everybody has it; what was left to a group is meant so and stays."""
    # Not there, or somebody else's
    with suppress(OSError):
        if path.stat().st_mode & _EVERYBODY:
            path.chmod(_OWNER)
