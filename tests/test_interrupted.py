"""What became of a load whose server was killed is said by the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS
from data_access.database import engine_for
from data_access.importing import import_file
from data_access.importing.interrupted import interrupted_loads, noted
from tests.counties import copied
from tests.files import case, csv_file
from tests.page_contents import page

ROOT = Path(__file__).resolve().parent.parent

# A server that is killed while it loads, before or after what it writes is there
SERVER = """
import os, signal, sys
from pathlib import Path
from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS
from data_access.database import engine_for
from data_access.importing import import_file
from data_access.importing.interrupted import noted

url, path, when = sys.argv[1:]
with noted(engine_for(url), PETITIONS.name, Path(path).name):
    if when == "after":
        assert import_file(engine_for(url), PETITIONS, Path(path), by=UNRESTRICTED).batch
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("when", "words"), [("before", "什么都没有写入"), ("after", "数据已全部写入")])
def test_the_next_server_says_what_became_of_it(
    when: str, words: str, sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMPORT_MAPPINGS", str(tmp_path / "mappings"))
    url = copied(sample_engine, tmp_path / "county.sqlite")
    path = csv_file(tmp_path / "五月_诉求.csv", [case(1)])
    killed = subprocess.run([sys.executable, "-c", SERVER, url, str(path), when], cwd=ROOT, env=os.environ, check=False)
    assert killed.returncode == -signal.SIGKILL
    # What runs still, has an end of its own to tell.
    with noted(sample_engine, PETITIONS.name, "running.csv"):
        app = page("data_import", url, monkeypatch)
    (told,) = [one.value for one in (*app.warning, *app.success) if "服务器停了" in one.value]
    assert words in told
    assert "诉求.csv" in told
    assert ("批次" in told) == (when == "after")
    app.button[next(at for at, one in enumerate(app.button) if one.label == "知道了")].click().run()
    assert not any("服务器停了" in one.value for one in (*app.warning, *app.success))
    assert not list((tmp_path / "mappings").glob("*.loading"))


def test_a_clock_that_goes_back_does_not_give_a_load_the_batch_of_another(
    sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMPORT_MAPPINGS", str(tmp_path / "mappings"))
    url = copied(sample_engine, tmp_path / "county.sqlite")
    path = csv_file(tmp_path / "cases.csv", [case(1)])
    assert import_file(engine_for(url), PETITIONS, path, by=UNRESTRICTED).batch
    # The same file again, at an hour before: the server is killed before it writes.
    hour_ago = SERVER.replace(
        "url, path",
        "import data_access.importing.interrupted as it\nfrom datetime import timedelta\nclass Clock(it.datetime):\n"
        "    @classmethod\n    def now(cls): return super().now() - timedelta(hours=1)\nit.datetime = Clock\nurl, path",
    )
    subprocess.run([sys.executable, "-c", hour_ago, url, str(path), "before"], cwd=ROOT, env=os.environ, check=False)
    (found,) = interrupted_loads(lambda: engine_for(url))
    assert found.batch is None


def test_a_load_that_ends_leaves_no_note(
    sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMPORT_MAPPINGS", str(tmp_path))
    with pytest.raises(ValueError, match="told"), noted(sample_engine, PETITIONS.name, "a.csv"):
        raise ValueError("told")
    assert not interrupted_loads(lambda: sample_engine)
    assert not list(tmp_path.iterdir())


def test_a_note_of_an_older_version_says_nothing_and_goes(
    sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMPORT_MAPPINGS", str(tmp_path))
    note = tmp_path / "old.loading"
    note.write_text(
        '{"table": "petitions", "file_name": "a.csv", "started": "2026-01-01T08:00:00", "host": "a"}', "utf-8"
    )
    assert interrupted_loads(lambda: sample_engine) == []
    assert not note.exists()
