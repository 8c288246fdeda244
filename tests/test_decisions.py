"""What was decided gets a verdict that computes itself, counted here by hand; nothing of it is lost, deleted or written over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, StaticPool, create_engine, delete, insert, select, update

from data_access.access import RIGHTS, UNRESTRICTED, NotAllowed, Viewer
from data_access.areas.petitions.tables import petition
from data_access.audit.deeds import FIELDS
from data_access.audit.tables import deed
from data_access.decisions.items import Item, items, meeting_day
from data_access.decisions.records import Owner
from data_access.decisions.verdicts import (
    Counted,
    counted_months,
    months_before,
    poisson_interval,
    verdict_of_cases,
    verdict_of_indicator,
)
from data_access.decisions.writing import (
    MOST_CASES,
    DecisionProblem,
    Draft,
    add_progress,
    decide,
    extend,
    judge,
    withdraw,
)
from data_access.evaluation.monthly import evaluate
from data_access.evaluation.records import freeze
from data_access.indicators import INDICATORS
from data_access.queries import data_version
from data_access.rollups import refresh
from tests.counties import on_both
from tests.finished_months import AUGUST, CODES, EARLY, JULY, SCHEME, four_townships, load, reach

WANG, LI = (Viewer(name, "10.1.2.3") for name in ("王某", "李某"))
ON_TIME = INDICATORS["on_time_rate"]
MET, DUE = date(2024, 8, 2), date(2024, 8, 31)

# --- Verdicts by hand -------------------------------------------------------------------------------


def share(n: float, d: float) -> Counted:
    return Counted(100 * n / d, n, d)


def count(n: float) -> Counted:
    return Counted(n, n, None)


@pytest.mark.parametrize(
    ("code", "promised", "start", "now", "outcome", "is_chance", "interval"),
    [
        # Rates that shall rise: reached exactly, partly, partly within chance, missed
        ("on_time_rate", 95, share(80, 100), share(95, 100), "kept", False, (88.825, 97.846)),
        ("on_time_rate", 95, share(80, 100), share(94, 100), "partly", False, (87.523, 97.221)),
        ("on_time_rate", 95, share(90, 100), share(92, 100), "partly", True, (85.002, 95.891)),
        ("on_time_rate", 95, share(92, 100), share(90, 100), "missed", True, (82.563, 94.477)),
        # Rates that shall fall
        ("repeat_rate", 8, share(15, 100), share(8, 100), "kept", True, (4.109, 14.998)),
        ("repeat_rate", 8, share(20, 100), share(9, 100), "partly", False, (4.807, 16.226)),
        ("repeat_rate", 8, share(8, 100), share(12, 100), "missed", True, (6.999, 19.812)),
        # Counts, in both directions; Poisson intervals
        ("outages", 10, count(40), count(10), "kept", False, (4.787, 18.391)),
        ("outages", 10, count(40), count(20), "partly", False, (12.211, 30.890)),
        ("outages", 10, count(22), count(18), "partly", True, (10.662, 28.449)),
        ("activities", 20, count(10), count(20), "kept", True, (12.211, 30.890)),
        ("activities", 20, count(10), count(0), "missed", False, (0.0, 3.668)),
        # Means of what has no chance of its own, and no start to compare with
        ("handling_days", 7, Counted(10.0, 2400, 10), Counted(8.0, 1920, 10), "partly", None, (None, None)),
        ("on_time_rate", 95, Counted(), share(90, 100), "missed", None, (82.563, 94.477)),
    ],
)
def test_verdicts_are_those_counted_by_hand(
    code: str, promised: float, start: Counted, now: Counted, outcome: str, is_chance: bool | None, interval: Any
) -> None:
    found = verdict_of_indicator(INDICATORS[code], promised, start, now, (AUGUST, AUGUST), is_final=True)
    assert (found.outcome, found.is_chance) == (outcome, is_chance)
    assert (found.low, found.high) == pytest.approx(interval, abs=1e-3)


def test_what_is_nearly_reached_is_not_reached() -> None:
    almost = Counted(94.96, 9496, 10000)
    found = verdict_of_indicator(ON_TIME, 95, share(80, 100), almost, (AUGUST, AUGUST), is_final=True)
    assert found.outcome == "partly"


def test_a_sum_that_goes_on_is_compared_by_the_day() -> None:
    outages = INDICATORS["outages"]
    # 40 in 31 days, and 12 in ten: fewer in all, more a day.
    running = {"is_final": False, "exposures": (31.0, 10.0)}
    assert verdict_of_indicator(outages, 5, count(31), count(12), (AUGUST, AUGUST), **running).outcome == "missed"
    assert verdict_of_indicator(outages, 5, count(31), count(9), (AUGUST, AUGUST), **running).outcome == "partly"
    assert poisson_interval(0) == pytest.approx((0, 3.668), abs=1e-3)


@pytest.mark.parametrize(
    ("closed", "outcome"),
    [
        ([True, True], "kept"),
        ([True, False], "partly"),
        ([False, False], "missed"),
        ([True, None], "insufficient"),
        # One that is known to be open is enough for not all.
        ([True, False, None], "partly"),
        ([None, None], "insufficient"),
        ([], "insufficient"),
    ],
)
def test_cases_are_kept_when_all_are_closed(closed: list[bool | None], outcome: str) -> None:
    assert verdict_of_cases(closed, is_final=True).outcome == outcome


@pytest.mark.parametrize(
    ("decided_on", "due_on", "months"),
    [
        ("2024-08-02", "2024-08-31", ("2024-08", "2024-08")),
        ("2024-08-15", "2024-09-30", ("2024-08", "2024-09")),
        ("2024-08-16", "2024-09-30", ("2024-09", "2024-09")),
        ("2024-08-02", "2024-10-15", ("2024-08", "2024-09")),
        # No whole month is left
        ("2024-08-20", "2024-08-31", ("2024-08", "2024-08")),
        ("2024-08-20", "2024-09-10", ("2024-09", "2024-09")),
        ("2024-02-01", "2024-02-29", ("2024-02", "2024-02")),
    ],
)
def test_the_months_that_count_lie_between_decision_and_due_date(
    decided_on: str, due_on: str, months: tuple[str, str]
) -> None:
    assert counted_months(date.fromisoformat(decided_on), date.fromisoformat(due_on)) == months


def test_the_start_is_as_many_months_that_were_over() -> None:
    assert months_before("2024-08", "2024-09", "2024-07") == ("2024-06", "2024-07")
    assert months_before("2024-10", "2024-10", "2024-08") == ("2024-08", "2024-08")


def test_a_meeting_is_today_unless_the_data_ended_long_ago() -> None:
    assert meeting_day(datetime(2024, 8, 31), date(2024, 9, 2)) == date(2024, 9, 2)
    assert meeting_day(datetime(2023, 8, 31), date(2026, 11, 26)) == date(2023, 8, 31)
    assert meeting_day(None, date(2026, 11, 26)) == date(2026, 11, 26)


# --- From the data ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made_once() -> Iterator[Engine]:
    engine = four_townships()
    yield engine
    engine.dispose()


@pytest.fixture
def four(made_once: Engine) -> Iterator[Engine]:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    with made_once.connect() as source, engine.connect() as target:
        source.connection.driver_connection.backup(target.connection.driver_connection)  # type: ignore[union-attr]
    yield engine
    with engine.connect() as connection:
        told = connection.execute(select(deed.c.before, deed.c.after)).all()
    # What deeds say is named on the page of the record.
    assert {field for row in told for text in row if text for field in json.loads(text)} <= set(FIELDS)
    engine.dispose()


def promise(engine: Engine, code: str, promised: float, due_on: date = DUE, by: Viewer = WANG) -> str:
    (made,) = decide(
        engine,
        Draft("提高按期办结率", (Owner(code),), MET, due_on, indicator=ON_TIME, promised=promised),
        by=by,
    )
    return made


def item_of(engine: Engine, decision_id: str, viewer: Viewer = UNRESTRICTED) -> Item:
    return next(one for one in items(engine, viewer) if one.decision.id == decision_id)


def test_a_promise_is_measured_from_the_month_before_to_the_due_date(four: Engine) -> None:
    # July 7 of 10, August 9 of 10
    found = item_of(four, promise(four, CODES[3], 90))
    assert (found.decision.start_first, found.decision.start) == (JULY, share(7, 10))
    assert (found.verdict.outcome, found.verdict.now, found.verdict.is_final) == ("kept", share(9, 10), True)
    assert (found.state, found.verdict.first, found.verdict.last) == ("kept", AUGUST, AUGUST)
    # 10 of 10, then 6 of 10
    found = item_of(four, promise(four, CODES[0], 90))
    assert (found.verdict.outcome, found.verdict.now, found.verdict.is_chance) == ("missed", share(6, 10), False)


def test_a_departments_promise_counts_the_county_unless_it_handles_cases(four: Engine) -> None:
    (of_county,) = decide(
        four, Draft("提高", (Owner("", "县大数据局"),), MET, DUE, indicator=ON_TIME, promised=70), by=WANG
    )
    assert item_of(four, of_county).verdict.now == share(30, 40)
    with four.begin() as connection:
        connection.execute(update(petition).where(petition.c.township_code == CODES[3]).values(department="水务局"))
        refresh(connection, "petitions")
    (own,) = decide(four, Draft("提高", (Owner("", "水务局"),), MET, DUE, indicator=ON_TIME, promised=95), by=WANG)
    found = item_of(four, own)
    assert (found.verdict.now, found.decision.start) == (share(9, 10), share(7, 10))
    # It tells of single cases: who may not see these learns what came of it and no figure.
    hidden = item_of(four, own, Viewer(rights=frozenset()))
    assert (hidden.verdict.outcome, hidden.verdict.now, hidden.is_withheld) == ("partly", Counted(), True)
    assert not item_of(four, of_county, Viewer(rights=frozenset())).is_withheld


def test_the_running_month_is_preliminary(four: Engine) -> None:
    made = promise(four, CODES[3], 95, date(2024, 9, 30))
    load(four, CODES[3], "2024-09", on_time=10, satisfied=9)
    reach(four, datetime(2024, 9, 20, 12))
    found = item_of(four, made)
    assert (found.state, found.verdict.is_final, found.days_left) == ("running", False, 10)
    # 9 and 10 of 10 each: reached, but it is not over.
    assert (found.verdict.outcome, found.verdict.now, found.warning) == ("kept", share(19, 20), None)
    load(four, CODES[3], "2024-09", on_time=9, satisfied=9)
    assert (item_of(four, made).verdict.outcome, item_of(four, made).warning) == ("partly", "blue")
    reach(four, datetime(2024, 9, 30, 12))
    assert (item_of(four, made).state, item_of(four, made).verdict.is_final) == ("partly", True)


def test_warnings_go_by_the_days_left(four: Engine) -> None:
    (made,) = decide(four, Draft("修路灯", (Owner(CODES[0]),), MET, DUE), by=WANG)
    found = item_of(four, made)
    expected = {16: None, 15: "blue", 8: "blue", 7: "yellow", 4: "yellow", 3: "red", 1: "red", 0: None}
    for days, warning in expected.items():
        item = replace(found, days_left=days)
        assert (item.warning, item.state) == (warning, "running" if days else "pending")


def test_without_data_nothing_is_judged(four: Engine) -> None:
    silent, late = promise(four, CODES[1], 90), promise(four, CODES[2], 90, date(2024, 9, 30))
    (cameras,) = decide(
        four, Draft("在线率", (Owner(CODES[0]),), MET, DUE, indicator=INDICATORS["online_rate"], promised=98), by=WANG
    )
    with four.begin() as connection:
        connection.execute(
            delete(petition).where(petition.c.township_code == CODES[1], petition.c.case_no.like(f"%{AUGUST}%"))
        )
        refresh(connection, "petitions")
    assert (item_of(four, silent).state, item_of(four, silent).verdict.reason) == ("insufficient", "unreported")
    assert (item_of(four, cameras).state, item_of(four, cameras).verdict.reason) == ("insufficient", "not_begun")
    # Of two months the first one stands for now; once the second is over without it, the township left it out.
    assert item_of(four, late).state == "running"
    load(four, CODES[0], "2024-09", on_time=9, satisfied=9)
    reach(four, datetime(2024, 9, 30))
    found = item_of(four, late).verdict
    assert (found.outcome, found.reason, found.left_out) == ("insufficient", "left_out", ("2024-09",))


def test_cases_are_judged_by_when_they_were_closed(four: Engine) -> None:
    # Of these ten of August six were closed on the 8th and four on the 10th.
    cases = tuple((CODES[0], f"{CODES[0]}-{AUGUST}-{number}") for number in range(10))
    draft = Draft("办结", (Owner(CODES[0]),), MET, date(2024, 8, 9), cases=cases)
    (made,) = decide(four, draft, by=WANG)
    found = item_of(four, made)
    assert (found.state, found.verdict.now) == ("partly", Counted(None, 6, 10))
    extend(four, made, date(2024, 8, 10), "等材料", by=WANG, seen=1)
    assert item_of(four, made).state == "kept"
    with four.begin() as connection:
        connection.execute(delete(petition).where(petition.c.case_no == cases[0][1]))
    assert (item_of(four, made).state, item_of(four, made).verdict.reason) == ("insufficient", "unknown_cases")
    with pytest.raises(DecisionProblem, match="没有编号"):
        decide(four, draft, by=WANG)
    with pytest.raises(DecisionProblem, match=f"最多督办 {MOST_CASES} 件"):
        decide(four, replace(draft, cases=tuple((CODES[0], str(number)) for number in range(301))), by=WANG)
    with pytest.raises(DecisionProblem, match="选上它们的镇街"):
        decide(four, replace(draft, cases=(cases[1], (CODES[1], f"{CODES[1]}-{AUGUST}-1"))), by=WANG)


def test_a_later_import_changes_a_live_verdict_and_never_a_frozen_one(four: Engine) -> None:
    frozen, text = promise(four, CODES[3], 95), decide(four, Draft("开会", (Owner(CODES[0]),), MET, DUE), by=WANG)[0]
    (month,) = evaluate(four, UNRESTRICTED, SCHEME, [AUGUST])
    freeze(four, month.evaluation, month.items, month.exclusions, by=WANG, now=EARLY)
    live = promise(four, CODES[3], 95)
    assert [item_of(four, one).kept_month for one in (frozen, text, live)] == [AUGUST, "", ""]
    before = data_version(four)
    load(four, CODES[3], AUGUST, on_time=10, satisfied=9)
    assert data_version(four) != before
    assert (item_of(four, live).state, item_of(four, live).verdict.now) == ("kept", share(10, 10))
    assert (item_of(four, frozen).state, item_of(four, frozen).verdict.now) == ("partly", share(9, 10))
    # Nor does another version of the month; it keeps what was open then.
    judge(four, text, "kept", "已开", by=LI, seen=1)
    (month,) = evaluate(four, UNRESTRICTED, SCHEME, [AUGUST])
    freeze(four, month.evaluation, month.items, month.exclusions, by=WANG, reason="更正", now=EARLY)
    assert item_of(four, frozen).state == "partly"
    assert [item_of(four, one).kept_month for one in (text, live)] == [AUGUST, AUGUST]
    with pytest.raises(DecisionProblem, match="已随 2024-08 定版"):
        extend(four, frozen, date(2024, 9, 30), "再看", by=WANG, seen=1)


# --- Changes ----------------------------------------------------------------------------------------


def insert_case(engine: Engine) -> None:
    with engine.begin() as connection:
        row = {"township_code": "100000001", "case_no": "甲1", "received_at": datetime(2024, 8, 1)}
        connection.execute(
            insert(petition).values(**row, due_at=datetime(2024, 8, 25), closed_at=datetime(2024, 8, 20))
        )
        refresh(connection, "petitions", as_of=datetime(2024, 8, 31, 20))


@on_both
def test_a_decision_is_extended_judged_and_withdrawn_and_all_of_it_stays(engine: Engine) -> None:
    insert_case(engine)
    owners = (Owner("100000001"), Owner("100000002"))
    text, other = decide(engine, Draft(" 修路灯 ", owners, MET, DUE, note="会上定"), by=WANG)
    (closing,) = decide(engine, Draft("办结", owners[:1], MET, DUE, cases=(("100000001", "甲1"),)), by=WANG)
    assert item_of(engine, closing).state == "kept"
    (rate,) = decide(engine, Draft("按期", owners[:1], MET, DUE, indicator=ON_TIME, promised=95), by=WANG)
    assert (item_of(engine, rate).state, item_of(engine, rate).verdict.now) == ("kept", share(1, 1))
    assert item_of(engine, text).state == "pending"
    extend(engine, text, date(2024, 9, 30), "等路灯到货", by=LI, seen=1)
    add_progress(engine, text, "路灯已订", by=WANG)
    found = item_of(engine, text)
    assert (found.state, found.decision.due_on, found.decision.first_due_on) == ("running", date(2024, 9, 30), DUE)
    judge(engine, text, "partly", "修了一半", by=WANG, seen=2)
    assert item_of(engine, text).state == "partly"
    judge(engine, text, "kept", "修完了", by=WANG, seen=3)
    events = item_of(engine, text).decision.events
    assert [(one.kind, one.told, one.done_by) for one in events] == [
        ("extended", "等路灯到货", "李某"),
        ("progress", "路灯已订", "王某"),
        ("judged", "修了一半", "王某"),
        ("judged", "修完了", "王某"),
    ]
    assert (events[0].due_before, events[0].due_after) == (DUE, date(2024, 9, 30))
    withdraw(engine, other, "与前一件重复", by=WANG, seen=1)
    assert item_of(engine, other).state == "withdrawn"
    with pytest.raises(DecisionProblem, match="王某 已于"):
        add_progress(engine, other, "还在办", by=LI)
    with engine.connect() as connection:
        kinds = connection.scalars(select(deed.c.kind).order_by(deed.c.number)).all()
    assert kinds == [
        *["decided"] * 4,
        *("decision-extended", "decision-progress", "decision-judged", "decision-judged", "decision-withdrawn"),
    ]


@on_both
def test_of_two_editors_at_once_the_second_is_told(engine: Engine) -> None:
    (made,) = decide(engine, Draft("修路灯", (Owner("100000001"),), MET, DUE), by=WANG)
    start = Barrier(2)

    def extends(who: Viewer) -> DecisionProblem | None:
        start.wait()
        try:
            extend(engine, made, date(2024, 9, 30), f"{who.name}说的", by=who, seen=1)
        except DecisionProblem as problem:
            return problem
        return None

    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip((WANG.name, LI.name), pool.map(extends, (WANG, LI)), strict=True))
    (done,) = (name for name, problem in answers.items() if problem is None)
    (told,) = (problem for problem in answers.values() if problem)
    assert f"没有保存：{done} 已于" in told.zh
    (event,) = item_of(engine, made).decision.events
    assert event.told == f"{done}说的"


def test_what_cannot_be_kept_is_told_in_a_sentence(four: Engine) -> None:
    whole = Draft("修路灯", (Owner(CODES[0]),), MET, DUE)
    for draft, words in (
        (replace(whole, what=" "), "要办什么"),
        (replace(whole, owners=()), "请选承办"),
        (replace(whole, owners=(Owner(CODES[0]),) * 2), "请选承办"),
        (replace(whole, owners=(Owner("999999999"),)), "没有镇街"),
        (replace(whole, due_on=date(2024, 8, 1)), "不能早于"),
        (replace(whole, indicator=ON_TIME), "承诺值"),
        (replace(whole, indicator=ON_TIME, promised=101.0), "0 到 100"),
        (replace(whole, indicator=INDICATORS["received"], promised=1.0), "没有好坏方向"),
    ):
        with pytest.raises(DecisionProblem, match=words):
            decide(four, draft, by=WANG)
    (made,) = decide(four, whole, by=WANG)
    with pytest.raises(DecisionProblem, match="以后"):
        extend(four, made, DUE, "再看", by=WANG, seen=1)
    with pytest.raises(DecisionProblem, match="写明"):
        withdraw(four, made, " ", by=WANG, seen=1)
    with pytest.raises(DecisionProblem, match="按数字判定"):
        judge(four, promise(four, CODES[0], 90), "kept", "看着行", by=WANG, seen=1)
    assert not item_of(four, made).decision.events


# --- Rights -----------------------------------------------------------------------------------------

OFFICIAL = Viewer("镇里人", rights=frozenset({"cases"}), case_townships=frozenset({CODES[0]}))
DEPARTMENT = Viewer("局里人", rights=frozenset({"cases"}), case_departments=frozenset({"水务局"}))


def test_who_may_not_decide_changes_nothing_and_a_township_sees_its_own(four: Engine) -> None:
    own, other = promise(four, CODES[0], 90), promise(four, CODES[1], 90)
    (of_department,) = decide(four, Draft("查漏", (Owner("", "水务局"),), MET, DUE), by=WANG)
    everybody = Viewer("看的人", rights=frozenset())
    for viewer, seen in (
        (UNRESTRICTED, {own, other, of_department}),
        (everybody, {own, other, of_department}),
        (OFFICIAL, {own}),
        (DEPARTMENT, {of_department}),
        (replace(OFFICIAL, rights=frozenset({"decide"})), {own, other, of_department}),
        (Viewer(townships=frozenset({CODES[1]})), {other}),
        (Viewer(townships=frozenset()), set()),
    ):
        assert {one.decision.id for one in items(four, viewer)} == seen
    for viewer in (everybody, OFFICIAL, Viewer("x", rights=frozenset(RIGHTS) - {"decide"})):
        acts = (
            lambda by: promise(four, CODES[0], 90, by=by),
            lambda by: extend(four, own, date(2024, 9, 30), "x", by=by, seen=1),
            lambda by: judge(four, own, "kept", "x", by=by, seen=1),
            lambda by: withdraw(four, own, "x", by=by, seen=1),
        )
        for act in acts:
            with pytest.raises(NotAllowed, match="立督办"):
                act(viewer)
    add_progress(four, own, "已派单", by=OFFICIAL)
    add_progress(four, of_department, "已派单", by=DEPARTMENT)
    with pytest.raises(DecisionProblem, match="没有这件督办"):
        add_progress(four, other, "已派单", by=OFFICIAL)
    with pytest.raises(NotAllowed, match="不是您承办"):
        add_progress(four, own, "已派单", by=everybody)
    with pytest.raises(NotAllowed, match="自己的镇街"):
        promise(four, CODES[0], 90, by=Viewer(townships=frozenset({CODES[1]})))
    assert item_of(four, own).decision.version == 1
