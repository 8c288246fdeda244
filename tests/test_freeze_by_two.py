"""A month that two persons freeze: one proposes, another confirms what is still the same, and both are on record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, select

from data_access.access import UNRESTRICTED, NotAllowed, Viewer
from data_access.audit.chain import verify
from data_access.audit.tables import deed
from data_access.evaluation.confirming import is_same_person, takes_two
from data_access.evaluation.monthly import Month, evaluate
from data_access.evaluation.proposals import Proposal, confirm, proposal, propose, take_back
from data_access.evaluation.records import Frozen, RecordProblem, add_item, freeze, frozen
from data_access.problems import Problem
from tests.counties import copied
from tests.finished_months import AUGUST, CODES, EARLY, SCHEME, four_townships, load
from tests.page_contents import page
from tests.schemes import shipped

EVALUATOR = frozenset({"evaluate", "cases"})
WANG, LI = (Viewer(name, "10.1.2.3", rights=EVALUATOR) for name in ("wang", "li"))


@pytest.fixture(autouse=True)
def _by_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREEZE_BY_TWO", "1")


@pytest.fixture
def county() -> Iterator[Engine]:
    """Four townships with a finished month."""
    engine = four_townships()
    yield engine
    engine.dispose()


def now(engine: Engine) -> Month:
    (month,) = evaluate(engine, UNRESTRICTED, SCHEME, [AUGUST])
    return month


def proposed(engine: Engine, by: Viewer = WANG, **more: Any) -> Proposal:
    month = now(engine)
    return propose(engine, month.evaluation, month.items, month.exclusions, by=by, now=EARLY, **more)


def confirmed(engine: Engine, by: Viewer = LI) -> Frozen:
    month = now(engine)
    return confirm(engine, month.evaluation, month.items, month.exclusions, by=by, now=EARLY)


def told(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(deed.c.kind, deed.c.done_by).order_by(deed.c.number))]


def waiting(engine: Engine) -> Proposal | None:
    return proposal(engine, UNRESTRICTED, SCHEME.id, AUGUST)


def test_one_proposes_and_another_freezes(county: Engine) -> None:
    made = proposed(county)
    assert waiting(county) == made
    kept = confirmed(county)
    assert (kept.frozen_by, kept.proposed_by, kept.version, kept.is_intact) == ("li", "wang", 1, True)
    assert waiting(county) is None
    assert told(county) == [("freeze-proposed", "wang"), ("frozen", "li")]
    with county.connect() as connection:
        first = json.loads(connection.scalar(select(deed.c.after).where(deed.c.kind == "freeze-proposed")) or "")
        assert (first["version"], first["sha256"]) == (1, made.sha256)
        assert verify(connection, UNRESTRICTED).problem is None


def test_nobody_freezes_alone(county: Engine) -> None:
    month = now(county)
    with pytest.raises(RecordProblem, match="两个人"):
        freeze(county, month.evaluation, month.items, month.exclusions, by=WANG, now=EARLY)
    with pytest.raises(RecordProblem, match="没有等人确认"):
        confirmed(county)
    proposed(county)
    for name in ("wang", "WANG", "ｗａｎｇ", " Wang ", "ＷＡＮＧ"):
        with pytest.raises(RecordProblem, match="另一个人"):
            confirmed(county, Viewer(name, rights=EVALUATOR))
    with pytest.raises(NotAllowed):
        confirmed(county, Viewer("li", rights=frozenset({"cases"})))
    for stranger in (Viewer("10.1.2.9", "10.1.2.9"), UNRESTRICTED):
        with pytest.raises(RecordProblem, match="登录"):
            confirmed(county, stranger)
    assert frozen(county, UNRESTRICTED, SCHEME.id, AUGUST) is None


def test_what_has_changed_since_is_not_frozen(county: Engine) -> None:
    proposed(county)
    load(county, CODES[0], AUGUST, on_time=1, satisfied=1)
    with pytest.raises(RecordProblem, match="与提出的不同"):
        confirmed(county)
    assert frozen(county, UNRESTRICTED, SCHEME.id, AUGUST) is None
    take_back(county, SCHEME.id, AUGUST, by=LI)
    proposed(county, LI)
    add_item(county, SCHEME.id, AUGUST, CODES[1], 1, reason="表扬", evidence="文", by=LI)
    with pytest.raises(RecordProblem, match="与提出的不同"):
        confirmed(county, WANG)
    take_back(county, SCHEME.id, AUGUST, by=LI)
    assert [kind for kind, _ in told(county)] == [
        "freeze-proposed",
        "freeze-rejected",
        "freeze-proposed",
        "point-entered",
        "freeze-withdrawn",
    ]


def test_the_second_is_told_what_the_first_did(county: Engine) -> None:
    proposed(county)
    with pytest.raises(RecordProblem, match="wang 已于"):
        proposed(county, LI)
    take_back(county, SCHEME.id, AUGUST, by=WANG)
    for late in (confirmed, lambda engine: take_back(engine, SCHEME.id, AUGUST, by=LI)):
        with pytest.raises(RecordProblem, match=r"wang 已于 .* 撤回"):
            late(county)
    proposed(county)
    confirmed(county)
    with pytest.raises(RecordProblem, match=r"li 已于 .* 确认"):
        confirmed(county, Viewer("zhao", rights=EVALUATOR))
    with pytest.raises(RecordProblem, match="li 已于"):
        proposed(county)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("wang", "ＷＡＮＧ ", True), ("ß", "SS", True), ("wang", "wang2", False), ("王", "汪", False)],
)
def test_names_of_one_person(one: str, other: str, same: bool) -> None:
    assert is_same_person(one, other) == same


@pytest.mark.parametrize(("given", "two"), [("1", True), ("0", False), ("", False)])
def test_the_setting(given: str, two: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREEZE_BY_TWO", given)
    assert takes_two() is two
    monkeypatch.setenv("FREEZE_BY_TWO", "yes")
    with pytest.raises(Problem, match="FREEZE_BY_TWO"):
        takes_two()


def test_of_two_who_confirm_at_once_one_freezes(sample_engine: Engine, tmp_path: Path) -> None:
    engine = create_engine(copied(sample_engine, tmp_path / "county.sqlite"))
    (month,) = evaluate(engine, UNRESTRICTED, shipped("three_rates"), ["2023-07"])
    content = (month.evaluation, month.items, month.exclusions)
    propose(engine, *content, by=WANG)
    start = Barrier(2)

    def confirms(name: str) -> str:
        start.wait()
        try:
            confirm(engine, *content, by=Viewer(name, rights=EVALUATOR))
        except RecordProblem as problem:
            return problem.zh
        return ""

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(confirms, ("li", "zhao")))
    assert answers[0] == ""
    assert "已于" in answers[1]
    assert "确认" in answers[1]
    assert [kind for kind, _ in told(engine)].count("frozen") == 1
    engine.dispose()


def test_the_page_offers_each_what_they_may(
    sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = copied(sample_engine, tmp_path / "county.sqlite")

    def opened(who: Viewer) -> Any:
        monkeypatch.setattr("ui.asking.viewer._named", lambda *_: who)
        app = page("evaluation", url, monkeypatch, scheme=["three_rates"], to=["2023-07"])
        app.session_state["evaluation records"] = "freeze"
        app.run()
        assert not app.exception
        return app

    def labels(app: Any) -> set[str]:
        return {one.label for one in app.button} & {"确认定版", "确认", "确认撤回", "确认退回"}

    app = opened(WANG)
    assert labels(app) == {"确认定版"}
    next(one for one in app.button if one.label == "确认定版").click().run()
    assert "另一个人确认" in app.success[0].value
    assert any("wang 于" in one.value for one in app.info)
    assert labels(opened(WANG)) == {"确认撤回"}
    assert labels(opened(Viewer("zhao", rights=frozenset({"cases"})))) == set()
    app = opened(LI)
    assert labels(app) == {"确认", "确认退回"}
    next(one for one in app.button if one.label == "确认").click().run()
    assert "已定版" in app.success[0].value
    assert any("wang提出、li定版" in one.value for one in app.caption)
    assert labels(app) == {"确认定版"}
