"""A database that is missing or damaged: what the server's routes and every page say of it, to anybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine

from data_access import cache
from data_access.database import DatabaseProblem
from tests.browser import PATIENCE, ROOT, Server, until
from tests.counties import copied, empty_file
from tests.page_contents import page

GARBAGE = bytes(range(256)) * 256
# What is posted to each; None: nothing is
ROUTES = (("/health", None), ("/find", b"q=tp"), ("/find", b"q=tp&lang=en"), ("/screen/content", None))


def answer(url: str, posted: bytes | None = None) -> tuple[int, str]:
    try:
        with urlopen(url, posted, timeout=60) as told:
            return told.status, told.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()


def spoil(file: Path, where: float) -> None:
    with file.open("r+b") as written:
        written.seek(int(where * file.stat().st_size))
        written.write(GARBAGE)


@pytest.fixture
def county(sample_engine: Engine, tmp_path: Path) -> Path:
    """A file of one's own, in a folder whose name nobody is told."""
    (tmp_path / "hidden-folder").mkdir()
    file = tmp_path / "hidden-folder" / "county.sqlite"
    copied(sample_engine, file)
    return file


@pytest.mark.parametrize(
    ("state", "kind"), [("whole", ""), ("missing", "unreachable"), ("head", "damaged"), ("middle", "damaged")]
)
def test_the_routes_tell_the_kind_of_problem_and_no_path(
    state: str, kind: str, county: Path, serve: Callable[[str], Server]
) -> None:
    match state:
        case "missing":
            # Not the file alone, which the server would make
            county.parent.rename(county.parent.with_name("elsewhere"))
        case "head" | "middle":
            spoil(county, 0.0 if state == "head" else 0.5)
    server = serve(f"sqlite:///{county.as_posix()}")
    for route, posted in ROUTES:
        status, told = answer(server.url + route, posted)
        assert status == (503 if kind else 200), route
        assert "hidden-folder" not in told
    told = json.loads(answer(f"{server.url}/health")[1])
    assert told == ({"status": "unavailable", "kind": kind} if kind else {"status": "ok"})
    assert "Traceback" not in server.log.read_text("utf-8")


def test_a_file_that_is_damaged_under_a_running_server_is_seen(county: Path, serve: Callable[[str], Server]) -> None:
    server = serve(f"sqlite:///{county.as_posix()}")
    assert answer(f"{server.url}/health")[0] == 200
    whole = county.read_bytes()
    spoil(county, 0.5)
    # The server looks again after fifty times what the last look took.
    until(lambda: answer(f"{server.url}/health")[0] == 503, patience=4 * PATIENCE)
    # What open pages ask for changes, so that they say it.
    assert answer(f"{server.url}/version") == (200, "damaged")
    county.write_bytes(whole)
    until(lambda: answer(f"{server.url}/health")[0] == 200)


def test_the_search_says_that_the_database_went_away(county: Path, serve: Callable[[str], Server]) -> None:
    server = serve(f"sqlite:///{county.as_posix()}")
    assert answer(f"{server.url}/find", b"q=cxjs")[0] == 200
    for file in county.parent.iterdir():
        file.unlink()
    # What was not asked before, at once: nobody has noticed yet
    status, told = answer(f"{server.url}/find", b"q=cxjs&from=2023-03&to=2023-03")
    assert (status, told) == (503, "")
    assert "Traceback" not in server.log.read_text("utf-8")


def test_what_pandas_hides_is_the_databases_problem(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sample_url)

    def asked(bind: Connection | Engine, *_: object) -> pd.DataFrame:
        return pd.read_sql_query("SELECT * FROM nowhere", bind)

    with pytest.raises(DatabaseProblem):
        cache.answers(asked, ["a part"], lambda _done: None)
    with pytest.raises(DatabaseProblem):
        cache.fresh_answer(asked)


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "pages").glob("*.py")))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_says_that_the_file_is_damaged_and_how_a_backup_is_restored(
    name: str, lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of a file whose head is spoilt nothing is read, whatever was in it.
    county = tmp_path / "hidden-folder" / "county.sqlite"
    county.parent.mkdir()
    empty_file(county).dispose()
    spoil(county, 0.0)
    app = page(name, f"sqlite:///{county.as_posix()}", monkeypatch, lang=[lang])
    (said,) = app.error
    assert {"zh": "已损坏", "en": "is damaged"}[lang] in said.value
    assert "cp backup.sqlite county.sqlite" in said.value
    assert "hidden-folder" not in said.value
    assert not app.exception
