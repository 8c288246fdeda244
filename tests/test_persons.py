"""Who raised a case: shown to who has the right and says why, recorded, and forgotten when the time is over."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from data_access.access import UNRESTRICTED, NotAllowed, Viewer
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.tables import petition
from data_access.audit.tables import deed
from data_access.database import new_engine
from data_access.importing import import_file
from data_access.importing.undo import undo
from data_access.persons import PERSONAL, case_persons, forget_persons
from data_access.persons.__main__ import main
from data_access.problems import Problem
from tests.counties import copied
from tests.files import case, csv_file
from tests.page_contents import page

PETITIONER, PHONE, SAID = "赵钱孙", "13812345678", "楼上漏水，请来看看"
TOLD = {"text": SAID, "petitioner": PETITIONER, "phone": PHONE, "longitude": "117.25", "latitude": "35.5"}


@pytest.fixture
def county(sample_engine: Engine, tmp_path: Path) -> Engine:
    """A county with a case that tells who raised it, closed in May."""
    engine = new_engine(copied(sample_engine, tmp_path / "county.sqlite"))
    import_file(
        engine, PETITIONS, csv_file(tmp_path / "cases.csv", [_case("甲1"), _case("甲2", closed_at="")]), by=UNRESTRICTED
    )
    return engine


def _case(number: str, **values: str) -> dict[str, str]:
    told = TOLD | {"coordinate_system": "WGS84", "closed_at": "2023-05-20 10:00"}
    return case(3, case_no=number, **{**told, **values})


def township_of(engine: Engine, number: str) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(select(petition.c.township_code).where(petition.c.case_no == number)))


def deeds(engine: Engine, kind: str) -> list[tuple[str, str, str | None]]:
    with engine.connect() as connection:
        found = connection.execute(select(deed.c.done_by, deed.c.subject, deed.c.after).where(deed.c.kind == kind))
        return [(by, subject, after) for by, subject, after in found]


def test_it_is_shown_and_recorded_without_what_was_shown(county: Engine) -> None:
    who, code = Viewer("王主任"), township_of(county, "甲1")
    shown = case_persons(county, who, code, "甲1", "  回访核实 ")
    assert shown == TOLD | {"coordinate_system": "WGS84"}
    ((by, subject, after),) = deeds(county, "persons-shown")
    assert (by, subject, json.loads(after or "")) == ("王主任", f"{code}/甲1", {"reason": "回访核实"})


@pytest.mark.parametrize(
    ("viewer", "reason", "problem"),
    [
        (Viewer("a", rights=frozenset({"cases"})), "回访核实", NotAllowed),
        (Viewer("a", case_townships=frozenset({"370883000"})), "回访核实", NotAllowed),
        (Viewer("a"), " 看 ", Problem),
    ],
)
def test_it_is_not_shown_without_right_or_reason(
    viewer: Viewer, reason: str, problem: type[Problem], county: Engine
) -> None:
    with pytest.raises(problem):
        case_persons(county, viewer, township_of(county, "甲1"), "甲1", reason)
    assert not deeds(county, "persons-shown")


def test_the_card_asks_why_first(county: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: Viewer("王主任"))
    url = county.url.render_as_string(hide_password=False)
    key = f"{township_of(county, '甲1')}/甲1"
    app = page("petitions", url, monkeypatch, tab=["rows"], state=["all"], case=[key])

    def told() -> str:
        return "\n".join(one.value for one in app.markdown)

    assert PHONE not in told()
    show = next(one for one in app.button if one.label == "查看")
    show.click().run()
    assert "原因" in app.error[0].value
    next(one for one in app.text_input if "原因" in one.label).set_value("回访核实")
    next(one for one in app.button if one.label == "查看").click().run()
    assert not app.exception
    assert PHONE in told()
    assert PETITIONER in told()
    assert len(deeds(county, "persons-shown")) == 1


def test_what_is_over_is_forgotten_also_in_what_imports_replaced(county: Engine, tmp_path: Path) -> None:
    # Another number, and then closed: what was there before is kept for an undo.
    later = csv_file(
        tmp_path / "later.csv", [_case("甲1", phone="13900000000"), _case("甲2", closed_at="2023-06-20 10:00")]
    )
    batch = import_file(county, PETITIONS, later, by=UNRESTRICTED).batch
    assert forget_persons(county, Viewer("管理员"), date(2023, 6, 1)) >= 1
    assert contents(county, "甲1") == {}
    assert contents(county, "甲2") == TOLD
    assert forget_persons(county, Viewer("管理员"), date(2023, 7, 1)) >= 1
    assert contents(county, "甲2") == {}
    undo(county, str(batch), by=UNRESTRICTED)
    # What is gone does not come back; the rest of the row does.
    assert contents(county, "甲1") == contents(county, "甲2") == {}
    with county.connect() as connection:
        assert connection.scalar(select(petition.c.closed_at).where(petition.c.case_no == "甲2")) is None
    (_, last) = deeds(county, "persons-forgotten")
    assert last[0] == "管理员"
    county.dispose()
    file = Path(str(county.url.database))
    kept = b"".join(one.read_bytes() for one in (file, file.with_name(file.name + "-wal")) if one.exists())
    assert PHONE.encode() not in kept.replace(b"13800000000", b"")


def contents(engine: Engine, number: str) -> dict[str, str]:
    with engine.connect() as connection:
        row = connection.execute(select(*PERSONAL).where(petition.c.case_no == number)).mappings().one()
    return {name: str(value) for name, value in row.items() if value}


def test_only_who_administers_makes_it_forget(county: Engine) -> None:
    with pytest.raises(NotAllowed):
        forget_persons(county, Viewer("a", rights=frozenset({"persons"})), date(2023, 6, 1))


def test_the_command(county: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    url = county.url.render_as_string(hide_password=False)
    assert main(["forget", "--closed-before", "2999-01-01", "--url", url]) == 0
    assert "已删除" in capsys.readouterr().out
    with county.connect() as connection:
        closed = select(func.count(petition.c.petitioner)).where(petition.c.closed_at.is_not(None))
        assert connection.scalar(closed) == 0
    assert main(["forget", "--closed-before", "2999-01-01", "--url", "sqlite:////nowhere/none.sqlite"]) == 1
