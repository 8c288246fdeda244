"""The folder of what people decided about files, which the command line and the pages share."""

from __future__ import annotations

import os
from pathlib import Path

from data_access.importing.problems import FileProblem

_ROOT = Path(__file__).resolve().parents[2]


def folder() -> Path:
    """Where mappings and the county's headers are kept: ``IMPORT_MAPPINGS``, else ``data/mappings``."""
    return Path(os.environ.get("IMPORT_MAPPINGS") or _ROOT / "data" / "mappings")


def replace_file(path: Path, words: str) -> None:
    """Write a file of the folder, whole or not at all. Raises FileProblem."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".tmp")
        draft.write_text(words, "utf-8")
        draft.replace(path)
    except OSError as error:
        raise FileProblem(
            f"无法写入 {path.parent}（{error.strerror}）。", f"Cannot write into {path.parent} ({error.strerror})."
        ) from None
