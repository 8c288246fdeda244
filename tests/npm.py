"""Programs of npm that only tests use: installed once, outside of the repository, in the versions that a lock file names."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path


class NotInstalledError(Exception):
    """There is no npm, or it could not install what is needed; says so."""


def installed(source: Path) -> Path:
    """A folder with what ``source`` has and what its lock file names. Raises NotInstalledError."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise NotInstalledError("NO NPM: apt install npm")
    content = b"".join(path.read_bytes() for path in sorted(source.iterdir()) if path.is_file())
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "township-dashboard-tests"
    program = kept / f"{source.name}-{hashlib.sha256(content).hexdigest()[:12]}"
    if not program.exists():
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept) as folder:
            making = shutil.copytree(source, Path(folder) / "made")
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=making, check=False, capture_output=True, text=True)
            if done.returncode:
                raise NotInstalledError(f"npm could not install {source.name}\n{done.stderr}")
            # Under its name it is whole; somebody else may have been quicker.
            with suppress(OSError):
                making.rename(program)
    return program
