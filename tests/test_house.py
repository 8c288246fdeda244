"""How the tests themselves are kept."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent


@pytest.mark.parametrize("path", sorted(TESTS.glob("*.py")), ids=lambda path: path.stem)
def test_nothing_is_taken_from_a_test_module(path: Path) -> None:
    """What several modules need stands in a room of its own."""
    taken: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                taken |= {part for name in names for part in name.name.split(".")}
            case ast.ImportFrom(module=module, names=names):
                taken |= {*(module or "").split("."), *(name.name for name in names)}
    assert not {name for name in taken if (TESTS / f"{name}.py").exists() and name.startswith("test_")}
