"""What a county holds its townships to: from a month on, everywhere it is judged, and never in what is frozen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, update

from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.volunteers.tables import volunteer_month
from data_access.database import engine_for
from data_access.evaluation.monthly import evaluate
from data_access.evaluation.records import freeze, frozen, scheme_of
from data_access.evaluation.schemes import SchemeProblem, read_scheme
from data_access.indicators import INDICATORS
from data_access.model.data_state import data_state
from data_access.model.target import NO_TARGETS, Target, Targets
from data_access.queries import county
from data_access.scope import Scope, month_range
from data_access.settings.changing import SettingProblem
from data_access.settings.kept import kept_targets
from data_access.settings.targets import cut, remove_target, season, set_target, set_yearly_total
from tests.counties import copied, on_both
from tests.finished_months import AUGUST, CODES, EARLY, JULY, SCHEME, four_townships
from ui.asking.view import View
from ui.evaluation.cards import rule_in_words
from ui.text import aim, target_label, written_in

WANG = Viewer("王某", "10.1.2.3")
ON_TIME, HOURS, OVERDUE = (INDICATORS[code] for code in ("on_time_rate", "service_hours", "overdue_open"))
FILE = "县办发〔2024〕3号"


def target(code: str, month: str, value: float | None, place: str = "") -> Target:
    return Target(code, place, month, value, FILE)


SET = Targets(
    (
        target("on_time_rate", "2024-03", 97),
        target("on_time_rate", "2024-06", None),
        target("on_time_rate", "2024-03", 90, "A"),
        target("service_hours", "2024-01", 100),
        target("service_hours", "2024-03", 300),
        target("service_hours", "2024-01", 10, "A"),
        target("service_hours", "2024-01", 20, "B"),
    )
)


@pytest.mark.parametrize(
    ("code", "months", "places", "expected"),
    [
        ("on_time_rate", ["2024-02"], None, 95),
        ("on_time_rate", ["2024-03"], None, 97),
        ("on_time_rate", ["2024-01", "2024-02", "2024-03"], None, 97),
        ("on_time_rate", ["2024-06"], None, None),
        # A township's own, which goes on where the county has none any longer
        ("on_time_rate", ["2024-03"], ["A"], 90),
        ("on_time_rate", ["2024-06"], ["A"], 90),
        ("on_time_rate", ["2024-02"], ["A"], 95),
        ("on_time_rate", ["2024-03"], ["B"], 97),
        ("on_time_rate", ["2024-03"], ["A", "B"], 97),
        # What adds up over months and townships
        ("service_hours", ["2024-02", "2024-03"], None, 400),
        ("service_hours", ["2023-12", "2024-01"], None, None),
        ("service_hours", ["2024-02", "2024-03"], ["A"], 20),
        ("service_hours", ["2024-02"], ["A", "B"], 30),
        ("service_hours", ["2024-02"], ["A", "C"], None),
        ("service_hours", ["2024-02"], ["C"], None),
        # There shall be none in the county, and so in no township.
        ("overdue_open", ["2024-01", "2024-02"], None, 0),
        ("overdue_open", ["2024-01"], ["C"], 0),
        ("received", ["2024-01"], None, None),
    ],
)
def test_the_target_of_months_and_townships(
    code: str, months: list[str], places: list[str] | None, expected: float | None
) -> None:
    assert SET.target(INDICATORS[code], months, places) == expected
    if places is None:
        assert NO_TARGETS.target(INDICATORS[code], months) == INDICATORS[code].target


@on_both
def test_a_target_is_set_replaced_and_taken_back(engine: Engine) -> None:
    assert set_target(engine, WANG, ON_TIME, target("on_time_rate", "2024-03", 97), seen=0)
    assert set_target(engine, WANG, ON_TIME, target("on_time_rate", "2024-03", 97)) is None
    assert set_target(engine, WANG, ON_TIME, target("on_time_rate", "2024-03", 0, "100000001"))
    with pytest.raises(SettingProblem, match="王某 已于"):
        set_target(engine, Viewer("李某"), ON_TIME, target("on_time_rate", "2024-03", 98), seen=0)
    targets = county(engine, UNRESTRICTED).targets
    assert targets.target(ON_TIME, ["2024-04"]) == 97
    assert targets.target(ON_TIME, ["2024-04"], ["100000001"]) == 0
    assert remove_target(engine, WANG, target("on_time_rate", "2024-03", 97))
    assert remove_target(engine, WANG, target("on_time_rate", "2024-03", 97)) is None
    assert county(engine, UNRESTRICTED).targets.target(ON_TIME, ["2024-04"]) == 95


@pytest.mark.parametrize(
    ("code", "wrong", "words"),
    [
        ("on_time_rate", {"first_month": "2024-13"}, "月份"),
        ("on_time_rate", {"first_month": "２０２４-03"}, "月份"),
        ("on_time_rate", {"value": 101.0}, "0 到 100"),
        ("service_hours", {"value": -5.0}, "不能小于 0"),
        ("on_time_rate", {"value": float("nan")}, "写成数"),
        ("on_time_rate", {"document": " "}, "依据"),
        ("on_time_rate", {"township_code": "999"}, "没有镇街"),
        ("received", {}, "好坏方向"),
    ],
)
def test_what_is_no_target_is_refused(code: str, wrong: dict[str, object], words: str, empty_engine: Engine) -> None:
    with pytest.raises(SettingProblem, match=words):
        set_target(empty_engine, WANG, INDICATORS[code], replace(target(code, "2024-03", 50), **wrong))  # type: ignore[arg-type]  # wrong as it is


@pytest.mark.parametrize("total", [0.0, 1.0, 7.0, 100.0, 99_999.0])
def test_a_total_is_cut_as_the_year_before_went(total: float) -> None:
    shares = [3.0, 0.0, 1.0, 7.0, 7.0, 7.0, 9.0, 0.5, 0.5, 11.0, 2.0, 0.0]
    parts = cut(HOURS, total, shares)
    assert sum(parts) == total
    assert all(part == round(part) >= 0 for part in parts)
    assert all(abs(part - total * share / sum(shares)) <= 1 for part, share in zip(parts, shares, strict=True))


def test_a_years_total_holds_for_that_year(sample_engine: Engine, tmp_path: Path) -> None:
    measured = season(sample_engine, WANG, HOURS, "", 2023)
    assert len(measured) == 12
    assert min(measured) > 0
    with pytest.raises(SettingProblem, match="没有服务时长的数据"):
        season(sample_engine, WANG, HOURS, "", 2024)


def test_a_year_with_gaps_is_no_measure(sample_engine: Engine, tmp_path: Path) -> None:
    engine = engine_for(copied(sample_engine, tmp_path / "county.sqlite"))
    t = volunteer_month.c
    with engine.begin() as connection:
        is_it = (t.township_code == "370883001") & (t.month == "2022-05")
        connection.execute(delete(volunteer_month).where(is_it))
    for place in ("", "370883001"):
        with pytest.raises(SettingProblem, match="2022-05 "):
            season(engine, WANG, HOURS, place, 2023)
    assert len(season(engine, WANG, HOURS, "370883103", 2023)) == 12
    # Half a month is none.
    with engine.begin() as connection:
        of_volunteers = data_state.c.area == "volunteers"
        connection.execute(update(data_state).where(of_volunteers).values(as_of=datetime(2022, 12, 15)))
    with pytest.raises(SettingProblem, match="2022-12 没有服务时长的数据"):
        season(engine, WANG, HOURS, "370883103", 2023)
    engine.dispose()


def test_a_target_is_told_as_it_was_set() -> None:
    with written_in("zh"):
        assert target_label(replace(ON_TIME, target=97.25)) == "目标 ≥97.25%"
        assert aim(HOURS, 1_234_567) == "1,234,567 小时"


@on_both
def test_after_its_year_a_total_holds_no_longer(engine: Engine) -> None:
    monthly = dict(zip(month_range("2024-01", "2024-12"), cut(HOURS, 1200, [1.0] * 12), strict=True))
    set_yearly_total(engine, WANG, HOURS, "", monthly, FILE)
    with engine.connect() as connection:
        targets = kept_targets(connection)
    assert targets.target(HOURS, month_range("2024-01", "2024-12")) == 1200
    assert targets.target(HOURS, ["2025-01"]) is None
    assert targets.target(HOURS, ["2023-12"]) is None


# --- Evaluation -----------------------------------------------------------------------------------

COUNTYS = """\
name = "两项"
from = "2000-01"
[[criteria]]
indicator = "on_time_rate"
weight = 50
rule = "deduct"
[[criteria]]
indicator = "satisfaction_rate"
weight = 50
rule = "deduct"
target = 90
"""


@pytest.fixture(scope="module")
def made_once() -> Iterator[Engine]:
    engine = four_townships()
    yield engine
    engine.dispose()


@pytest.fixture
def four(made_once: Engine, tmp_path: Path) -> Iterator[Engine]:
    engine = engine_for(copied(made_once, tmp_path / "four.sqlite"))
    yield engine
    engine.dispose()


def test_an_evaluation_is_held_to_the_targets_of_its_month(four: Engine, tmp_path: Path) -> None:
    path = tmp_path / "two.toml"
    path.write_text(COUNTYS, "utf-8")
    scheme = read_scheme(path)
    before = evaluate(four, UNRESTRICTED, scheme, [JULY, AUGUST])
    set_target(four, WANG, ON_TIME, target("on_time_rate", AUGUST, 80))
    set_target(four, WANG, ON_TIME, target("on_time_rate", AUGUST, 60, CODES[0]))
    # What the scheme says itself is not the county's.
    set_target(four, WANG, INDICATORS["satisfaction_rate"], target("satisfaction_rate", JULY, 50))
    july, august = evaluate(four, UNRESTRICTED, scheme, [JULY, AUGUST])
    assert july.evaluation.points.tolist() == before[0].evaluation.points.tolist()
    # 60, 70, 80 and 90 % on time: the first is held to 60, the others to 80.
    assert august.evaluation.points[:, 0].tolist() == [50, 40, 50, 50]
    assert before[1].evaluation.points[:, 0].tolist() == [15, 25, 35, 45]
    assert [one.target for one in august.evaluation.criteria] == [80, 90]


def test_a_frozen_month_stays_whatever_is_set(four: Engine, tmp_path: Path) -> None:
    path = tmp_path / "two.toml"
    path.write_text(COUNTYS, "utf-8")
    scheme = read_scheme(path)
    set_target(four, WANG, ON_TIME, target("on_time_rate", AUGUST, 60, CODES[0]))
    (month,) = evaluate(four, UNRESTRICTED, scheme, [AUGUST])
    kept = freeze(four, month.evaluation, month.items, month.exclusions, by=WANG, now=EARLY)
    set_target(four, WANG, ON_TIME, target("on_time_rate", JULY, 70))
    again = frozen(four, UNRESTRICTED, scheme.id, AUGUST)
    assert again is not None
    assert (again.sha256, again.is_intact) == (kept.sha256, True)
    (criterion, _) = scheme_of(again).criteria
    assert criterion.goals(CODES).tolist() == [60, 95, 95, 95]
    # Of a scheme with targets of its own the same is frozen as ever.
    (plain,) = evaluate(four, UNRESTRICTED, SCHEME, [AUGUST])
    written = freeze(four, plain.evaluation, plain.items, plain.exclusions, by=WANG, now=EARLY).content
    assert set(written["scheme"]["criteria"][0]) == {
        *("key", "indicator", "zh", "en", "weight", "rule", "target", "per_point", "floor", "cap", "where")
    }


def test_the_formula_of_a_township_names_its_own_target(four: Engine, tmp_path: Path) -> None:
    set_target(four, WANG, ON_TIME, target("on_time_rate", AUGUST, 60, CODES[0]))
    path = tmp_path / "two.toml"
    path.write_text(COUNTYS, "utf-8")
    (month,) = evaluate(four, UNRESTRICTED, read_scheme(path), [AUGUST])
    criterion = month.evaluation.criteria[0]
    with written_in("zh"):
        assert "比 95%（1 个镇街另有目标） 每低" in rule_in_words(criterion)
        assert "比 60% 每低" in rule_in_words(criterion.of_township(CODES[0]))
        assert "比 95% 每低" in rule_in_words(criterion.of_township(CODES[1]))


def test_a_count_of_all_together_is_nobodys_goal(four: Engine, tmp_path: Path) -> None:
    path = tmp_path / "two.toml"
    path.write_text(COUNTYS.replace('"on_time_rate"', '"overdue_open"'), "utf-8")
    (before,) = evaluate(four, UNRESTRICTED, read_scheme(path), [AUGUST])
    assert set(before.evaluation.standing) == {"ranked"}
    set_target(four, WANG, OVERDUE, target("overdue_open", AUGUST, 10))
    (month,) = evaluate(four, UNRESTRICTED, read_scheme(path), [AUGUST])
    assert set(month.evaluation.standing) == {"unrecorded"}
    set_target(four, WANG, OVERDUE, target("overdue_open", AUGUST, 2, CODES[0]))
    (own,) = evaluate(four, UNRESTRICTED, read_scheme(path), [AUGUST])
    assert own.evaluation.standing.tolist() == ["ranked", *["unrecorded"] * 3]


def test_what_has_no_target_is_not_scored(four: Engine, tmp_path: Path) -> None:
    path = tmp_path / "two.toml"
    asked = COUNTYS.replace('"on_time_rate"', '"received"')
    path.write_text(asked, "utf-8")
    with pytest.raises(SchemeProblem, match="方向"):
        read_scheme(path)
    path.write_text(COUNTYS.replace('"on_time_rate"', '"service_hours"'), "utf-8")
    with pytest.raises(SchemeProblem, match='target = "county"'):
        read_scheme(path)
    path.write_text(COUNTYS.replace('"on_time_rate"', '"service_hours"\ntarget = "county"'), "utf-8")
    (month,) = evaluate(four, UNRESTRICTED, read_scheme(path), [AUGUST])
    assert set(month.evaluation.standing) == {"unreported"}


# --- What is shown --------------------------------------------------------------------------------


@pytest.fixture
def shown(sample_engine: Engine) -> View:
    known = county(sample_engine, UNRESTRICTED)
    own = Targets(
        (
            target("on_time_rate", "2023-05", 99),
            target("on_time_rate", "2023-05", 10, "370883001"),
            target("service_hours", "2023-01", 10),
        )
    )
    return View(replace(known, targets=own), 0, "zh", Scope(UNRESTRICTED, None, "2023-01", "2023-08"), "none")


def test_a_view_holds_indicators_to_the_targets_of_its_months(shown: View) -> None:
    assert shown.indicator("on_time_rate").target == 99
    assert shown.monthly_targets(ON_TIME, ["2023-04", "2023-05"]) == [95, 99]
    early = replace(shown, scope=replace(shown.scope, end="2023-04"))
    assert early.indicator("on_time_rate").target == 95
    one = replace(shown, scope=replace(shown.scope, townships=("370883001",)))
    assert (one.indicator("on_time_rate").target, one.indicator("service_hours").target) == (10, None)
    held = shown.indicator("on_time_rate")
    assert held.misses_target(50)
    assert held.misses_target(50, "香城镇")
    assert not held.misses_target(50, "钢山街道")
    # A count of the whole county: 10 in each of eight months, and of one township nothing is known.
    hours = shown.indicator("service_hours")
    assert hours.target == 80
    assert not hours.misses_target(1, "香城镇")
