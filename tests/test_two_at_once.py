"""Two persons act on the same thing at once: the second is told what the first did and when; nothing is lost or done twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from data_access.access import UNRESTRICTED, Viewer
from data_access.accounts import administering, wall_keys
from data_access.accounts.signing_in import viewer_named
from data_access.accounts.tables import account
from data_access.areas.petitions.tables import petition
from data_access.audit.chain import verify
from data_access.audit.tables import deed
from data_access.evaluation import records
from data_access.evaluation.monthly import evaluate
from data_access.exploring import saved_views
from data_access.importing import import_file
from data_access.importing.undo import undo
from data_access.places.imports import TOWNSHIPS
from data_access.problems import Problem
from tests.counties import copied, on_both
from tests.files import text_file
from tests.finished_months import AUGUST, CODES, EARLY, SCHEME, four_townships
from tests.page_contents import page

WANG, LI = (Viewer(name, "10.1.2.3") for name in ("王某", "李某"))
Act = Callable[[Viewer], object]
PASSWORD = "correct horse 7"  # noqa: S105


def at_once(act: Act) -> tuple[str, Problem]:
    """Both do it at the same moment; who did, and what the other was told."""
    start = Barrier(2)

    def acts(who: Viewer) -> Problem | None:
        start.wait()
        try:
            act(who)
        except Problem as problem:
            return problem
        return None

    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip((WANG.name, LI.name), pool.map(acts, (WANG, LI)), strict=True))
    (done,) = (name for name, problem in answers.items() if problem is None)
    (told,) = (problem for problem in answers.values() if problem)
    return done, told


def assert_told(engine: Engine, act: Act, kind: str) -> None:
    """Of two at once one does it, the other is told by whom and when, and one deed is recorded."""
    before = kinds(engine)
    done, told = at_once(act)
    assert done in told.zh
    assert done in told.en
    with engine.connect() as connection:
        when = connection.scalar(select(deed.c.done_at).where(deed.c.kind == kind, deed.c.done_by == done))
        assert f"{when:%Y-%m-%d %H:%M}" in told.zh
        assert verify(connection, UNRESTRICTED).problem is None
    assert kinds(engine) - before == Counter({kind: 1})


def kinds(engine: Engine) -> Counter[str]:
    with engine.connect() as connection:
        return Counter(connection.scalars(select(deed.c.kind)))


@on_both
def test_points_and_cases_are_withdrawn_once_and_none_is_lost(engine: Engine) -> None:
    add = {"reason": "表扬", "evidence": "文"}
    first, second = (
        records.add_item(engine, "s", AUGUST, "100000001", points, **add, by=WANG) for points in (1.0, 2.0)
    )
    assert_told(engine, lambda by: records.withdraw_item(engine, "100000001", first, by=by), "point-withdrawn")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda by: records.add_item(engine, "s", AUGUST, "100000001", 3.0, **add, by=by), (WANG, LI)))
    with engine.begin() as connection:
        left = records.items(connection, UNRESTRICTED, "s", [AUGUST])
        assert sorted(left["points"]) == [2.0, 3.0, 3.0]
        assert second in set(left["id"])
        case = {"township_code": "100000001", "case_no": "甲1", "received_at": EARLY.replace(month=8)}
        connection.execute(insert(petition).values(**case))
    assert_told(engine, lambda by: records.exclude_case(engine, AUGUST, "甲1", reason="重复", by=by), "case-excluded")
    with engine.connect() as connection:
        (row,) = records.exclusions(connection, UNRESTRICTED, [AUGUST])["id"]
    assert_told(engine, lambda by: records.include_case(engine, "100000001", row, by=by), "case-included")


def test_what_was_entered_meanwhile_is_not_frozen_over() -> None:
    engine = four_townships()
    (month,) = evaluate(engine, UNRESTRICTED, SCHEME, [AUGUST])
    item = records.add_item(engine, SCHEME.id, AUGUST, CODES[0], 1, reason="表扬", evidence="文", by=LI)
    for _ in range(2):
        with pytest.raises(records.RecordProblem, match="李某 20") as caught:
            records.freeze(engine, month.evaluation, month.items, month.exclusions, by=WANG, now=EARLY)
        assert "没有定版" in caught.value.zh
        (month,) = evaluate(engine, UNRESTRICTED, SCHEME, [AUGUST])
        if item:
            # And the other way round: what has been withdrawn meanwhile is not in it.
            records.withdraw_item(engine, CODES[0], item, by=LI)
            item = ""
    (month,) = evaluate(engine, UNRESTRICTED, SCHEME, [AUGUST])
    assert records.freeze(engine, month.evaluation, month.items, month.exclusions, by=WANG, now=EARLY).items.empty
    engine.dispose()


@on_both
def test_a_batch_is_undone_once(engine: Engine, tmp_path: Path) -> None:
    file = text_file(tmp_path / "towns.csv", "名称,代码,类型\n平安镇,200000001,镇")
    batch = str(import_file(engine, TOWNSHIPS, file, by=WANG).batch)
    assert_told(engine, lambda by: undo(engine, batch, by=by), "undone")


@on_both
def test_a_view_is_placed_and_removed_once(engine: Engine) -> None:
    question: dict[str, Any] = {"count": ["received"]}
    view = saved_views.save_view(engine, name="路灯", description="", question=question, is_shared=True, by=WANG)
    assert_told(engine, lambda by: saved_views.place_view(engine, view, "screen", by=by, was=""), "setting-changed")
    assert_told(engine, lambda by: saved_views.remove_view(engine, view, by=by), "view-removed")


@on_both
def test_an_account_is_changed_once_from_what_both_saw(engine: Engine) -> None:
    assert_told(
        engine,
        lambda by: administering.add(engine, by, "zhao", f"赵{by.name[0]}", "viewer", PASSWORD),
        "account-added",
    )
    acts: list[Callable[[Viewer, int], object]] = [
        lambda by, seen: administering.change_role(engine, by, "zhao", "clerk", epoch=seen),
        lambda by, seen: administering.reset(engine, by, "zhao", f"{PASSWORD}{by.name}", seen),
        lambda by, seen: administering.lock(engine, by, "zhao", seen),
        lambda by, seen: administering.unlock(engine, by, "zhao", seen),
    ]
    for act in acts:
        with engine.connect() as connection:
            seen = connection.scalar(select(account.c.epoch).where(account.c.name == "zhao")) or 0
        before = kinds(engine)
        done, told = at_once(lambda by, act=act, seen=seen: act(by, seen))  # type: ignore[misc]  # a default fixes it
        assert done in told.zh
        assert kinds(engine) - before == Counter({"account-changed": 1})


@on_both
def test_a_key_of_a_wall_is_revoked_once(engine: Engine) -> None:
    wall_keys.make_key(engine, WANG, "大厅")
    with engine.connect() as connection:
        (key,) = wall_keys.keys(connection, UNRESTRICTED)
    assert_told(engine, lambda by: wall_keys.revoke_key(engine, by, key["id"]), "wall-key-revoked")


def test_two_administrators_with_the_page_open(
    sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = copied(sample_engine, tmp_path / "county.sqlite")
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: WANG)
    apps = []
    for _ in range(2):
        app = page("accounts", url, monkeypatch)
        if not apps:
            from data_access.cache import engine

            administering.add(engine(), UNRESTRICTED, "zhao", "赵三", "viewer", PASSWORD)
        app.session_state["accounts"] = {"selection": {"rows": [0], "columns": []}}
        apps.append(app.run())
    for app, role in zip(apps, ("clerk", "evaluator"), strict=True):
        next(one for one in app.selectbox if one.label == "角色").select(role)
        next(one for one in app.button if one.label == "更改").click()
        app.session_state["accounts"] = {"selection": {"rows": [0], "columns": []}}
        app.run()
        assert not app.exception
    assert "已更改" in apps[0].success[0].value
    assert "王某 已于" in apps[1].error[0].value
    with engine().connect() as connection:
        known = viewer_named(connection, "zhao")
    assert known is not None
    assert known.may("import")
    assert not known.may("evaluate")
