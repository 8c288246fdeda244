"""A check of a large file keeps nobody from writing, tells what a load would do, and leaves nothing behind."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, create_engine, func, insert, select

from data_access import importing
from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.tables import petition
from data_access.background import Progress
from data_access.database import begin_writing, new_engine
from data_access.importing import Cancelled, import_file
from data_access.importing.own_copy import own_copy
from data_access.places.tables import county_setting
from data_access.private_files import private_folder, remove_private_folders
from tests.counties import copied
from tests.files import case, csv_file


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(importing, "_QUICK", 1_000)
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    remove_private_folders()
    return csv_file(tmp_path / "cases.csv", [case(number % 28 + 1, case_no=f"大{number}") for number in range(3_000)])


def cases(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(petition)) or 0


def test_others_write_while_a_large_file_is_checked(sample_engine: Engine, tmp_path: Path, large: Path) -> None:
    url = copied(sample_engine, tmp_path / "county.sqlite")
    # Who would have to wait fails at once.
    impatient = create_engine(url, connect_args={"timeout": 0}, poolclass=NullPool)
    wrote: list[Progress] = []

    def write(progress: Progress) -> None:
        with impatient.begin() as connection:
            begin_writing(connection)
            connection.execute(insert(county_setting).values(name=f"during {len(wrote)}", value="x"))
        wrote.append(progress)

    before = cases(impatient)
    engine = new_engine(url)
    checked = import_file(engine, PETITIONS, large, dry_run=True, observe=_received, progress=write, by=UNRESTRICTED)
    # During the copying, the rows and the rollups
    assert {one.phase for one in wrote} >= {"rows", "rollups"}
    assert cases(impatient) == before
    assert not list(private_folder("checks").iterdir())
    loaded = import_file(engine, PETITIONS, large, observe=_received, by=UNRESTRICTED)
    assert (checked.read, checked.new, checked.before, checked.after) == (
        loaded.read,
        loaded.new,
        loaded.before,
        loaded.after,
    )
    assert checked.after == checked.before + 3_000
    assert checked.batch is None


def _received(connection: object) -> int:
    return connection.scalar(select(func.count()).select_from(petition))  # type: ignore[attr-defined,no-any-return]


def test_a_check_that_is_stopped_leaves_no_copy(sample_engine: Engine, tmp_path: Path, large: Path) -> None:
    engine = new_engine(copied(sample_engine, tmp_path / "county.sqlite"))
    with pytest.raises(Cancelled):
        import_file(engine, PETITIONS, large, dry_run=True, should_stop=lambda: True, by=UNRESTRICTED)
    assert not list(private_folder("checks").iterdir())


def test_a_copy_lies_where_nobody_else_reads_and_a_killed_server_leaves_none(
    sample_engine: Engine, tmp_path: Path, large: Path
) -> None:
    engine = new_engine(copied(sample_engine, tmp_path / "county.sqlite"))
    with own_copy(engine, lambda: None) as used:
        copy = Path(str(used.url.database))
        assert copy.is_relative_to(private_folder("checks"))
        assert copy.is_relative_to(large.parent / "temporary")
        remove_private_folders()
        assert not copy.exists()


def test_without_room_the_database_itself_is_used(
    sample_engine: Engine, tmp_path: Path, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine(copied(sample_engine, tmp_path / "county.sqlite"))
    monkeypatch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": 1})())
    with own_copy(engine, lambda: None) as used:
        assert used is engine
    before = cases(engine)
    assert import_file(engine, PETITIONS, large, dry_run=True, by=UNRESTRICTED).new == 3_000
    assert cases(engine) == before
