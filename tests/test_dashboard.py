"""The launcher: what it says and builds before the server starts."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from data_access import database

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def unconfigured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No database configured and none there: the embedded file would be in a new folder."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(database, "SECRETS", tmp_path / "secrets.toml")
    monkeypatch.setattr(database, "EMBEDDED", tmp_path / "data" / "county.sqlite")
    return tmp_path


def test_the_first_start_builds_the_sample_county(unconfigured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sample_data import build as sample

    built: list[str] = []

    def small(url: str, **_options: object) -> None:
        built.append(url)
        Path(url.removeprefix("sqlite:///")).parent.mkdir()
        database.upgrade(database.engine_for(url))

    monkeypatch.setattr(sample, "build", small)
    runpy.run_path(str(ROOT / "dashboard.py"))
    runpy.run_path(str(ROOT / "dashboard.py"))
    assert built == [f"sqlite:///{(unconfigured / 'data' / 'county.sqlite').as_posix()}"]


def test_a_configured_database_that_is_wrong_is_one_sentence_in_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/county.sqlite")
    runpy.run_path(str(ROOT / "dashboard.py"))
    zh, en = capsys.readouterr().err.strip().splitlines()
    assert "找不到数据库文件" in zh
    assert "DATABASE_URL" in zh
    assert "There is no database file" in en


def test_the_server_asks_nothing_sends_nothing_and_listens_here_only() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "streamlit", "config", "show"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    set_lines = {line.strip() for line in shown.splitlines() if line and not line.startswith("#")}
    assert 'address = "127.0.0.1"' in set_lines
    assert "gatherUsageStats = false" in set_lines
    assert "showEmailPrompt = false" in set_lines
    assert 'showErrorDetails = "none"' in set_lines
