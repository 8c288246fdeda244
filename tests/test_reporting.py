"""Figures reported by hand: defined by an administrator, asked for once, drafted, submitted, returned, corrected and never lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select

from data_access.access import RIGHTS, UNRESTRICTED, NotAllowed, Viewer
from data_access.areas.reports.definition import Definition
from data_access.areas.reports.reporting import (
    Number,
    Overtaken,
    ReportingProblem,
    counted_numbers,
    due_date,
    last_asked,
    owed_figures,
    report_figures,
    reporting_townships,
    return_figures,
    standings,
    steps,
)
from data_access.areas.reports.tables import indicator_report, report_step
from data_access.audit.deeds import FIELDS, VALUES
from data_access.audit.tables import deed
from data_access.importing.__main__ import main
from data_access.model.target import Target
from data_access.places.tables import township
from data_access.queries import county, data_version, measure
from data_access.scope import Scope
from data_access.settings.changing import Overtaken as SettingOvertaken
from data_access.settings.changing import SettingProblem
from data_access.settings.reported_figures import free_code, save_reported_figure
from data_access.settings.targets import set_target
from data_access.todo.registry import TO_DO
from tests.counties import memory_engine, on_both
from ui.asking.view import View
from ui.reporting.cells import amount_in, cell_of, lines_of, numbers_in, pasted

WANG = Viewer("王某", "10.1.2.3")
ONE, TWO, THREE = "100000001", "100000002", "100000003"
# Officials of one township, and who evaluates
LI = Viewer("李某", rights=frozenset({"report"}), case_townships=frozenset({ONE}))
ZHAO = Viewer("赵某", rights=frozenset({"report"}), case_townships=frozenset({ONE}))
SUN = Viewer("孙某", rights=frozenset({"evaluate"}))
MONTH = "2023-08"
TODAY = date(2023, 9, 10)
VISITS = Definition(
    "visits", "农业农村", "走访农户", "Households visited", "户", due_day=5, first_month="2023-06", direction="higher"
)
ARREARS = Definition(
    "arrears",
    "三资监管",
    "承包款清收率",
    "Arrears collected",
    "万元",
    "last",
    numerator_zh="已收",
    numerator_en="Collected",
    denominator_zh="应收",
    denominator_en="Owed",
    due_day=8,
    first_month="2023-08",
    direction="higher",
)


def define(engine: Engine, *definitions: Definition) -> None:
    for one in definitions:
        save_reported_figure(engine, WANG, one)


def submit(
    engine: Engine, by: Viewer, place: str = ONE, month: str = MONTH, reason: str = "", **numbers: Number | None
) -> int:
    seen = standings(engine, by, place, month)
    return report_figures(engine, by, place, month, numbers, seen, is_submitted=True, reason=reason).figures


def value(engine: Engine, code: str, month: str = MONTH, places: tuple[str, ...] | None = None) -> float:
    indicator = county(engine, UNRESTRICTED).reported[code]
    return float(measure(engine, [indicator], Scope(UNRESTRICTED, places, month, month))[code].iloc[0])


# --- What an administrator defines -----------------------------------------------------------------


@on_both
def test_an_administrator_defines_changes_and_ends_a_figure(engine: Engine) -> None:
    before = data_version(engine)
    given = Definition("", "农业农村", " 走访农户 ", "Households visited", "户", due_day=5, first_month="2023-06")
    assert save_reported_figure(engine, WANG, given)
    assert data_version(engine) != before
    found = county(engine, UNRESTRICTED)
    kept = found.definitions["households_visited"]
    assert (kept.name_zh, kept.townships, found.reported[kept.code].zh) == ("走访农户", None, "走访农户")
    # What is the same is no change, what differs is one, by whoever has seen the last.
    assert save_reported_figure(engine, WANG, kept) is None
    changed = replace(kept, townships=frozenset({TWO, ONE}), last_month="2023-12", counted_as="volunteers")
    assert save_reported_figure(engine, WANG, changed)
    assert county(engine, UNRESTRICTED).definitions[kept.code] == changed
    with pytest.raises(SettingOvertaken, match="王某"):
        save_reported_figure(engine, WANG, kept, 1)
    assert save_reported_figure(engine, WANG, replace(changed, townships=None))
    assert county(engine, UNRESTRICTED).definitions[kept.code].townships is None
    with engine.connect() as connection:
        told = connection.scalars(select(deed.c.after).where(deed.c.kind == "setting-changed")).all()
    assert {name for one in told if one for name in json.loads(one)} <= set(FIELDS)
    assert set(VALUES["over_months"]) == {"sum", "last"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name_zh": " "}, "名称"),
        ({"unit": ""}, "单位"),
        ({"area": ""}, "领域"),
        ({"name_zh": "清收"}, "已有叫"),
        ({"name_zh": "长" * 65}, "最多 64"),
        ({"numerator_zh": "已收"}, "都要写"),
        ({"numerator_zh": "已收", "denominator_zh": "已收"}, "不能一样"),
        ({"due_day": 31}, "1 至 28"),
        ({"first_month": "2023-13"}, "2026-01"),
        ({"first_month": None}, "哪个月起"),
        ({"counted_as": "nothing"}, "已有的指标"),
        ({"townships": frozenset[str]()}, "哪些镇街"),
        ({"townships": frozenset({"999"})}, "没有镇街 999"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_in_a_sentence(given: dict[str, object], words: str) -> None:
    engine = memory_engine()
    define(engine, replace(VISITS, code="", name_zh="清收"))
    with pytest.raises(SettingProblem, match=words):
        save_reported_figure(engine, WANG, replace(VISITS, code="", **given))  # type: ignore[arg-type]  # fields of it
    with pytest.raises(NotAllowed):
        save_reported_figure(engine, SUN, VISITS)
    assert len(county(engine, UNRESTRICTED).definitions) == 1


def test_codes_are_made_of_english_names_and_meet_nobody() -> None:
    assert free_code("Arrears collected (万元)", ()) == "arrears_collected"
    assert free_code("Teams", {"teams", "teams_2"}) == "teams_3"
    assert free_code("走访", ()) == "figure"
    assert free_code("900 people", ()) == "figure_900_people"


def test_what_was_reported_keeps_its_kind(engine: Engine) -> None:
    define(engine, VISITS)
    submit(engine, LI, visits=Number(12))
    with pytest.raises(SettingProblem, match="另建一个"):
        save_reported_figure(engine, WANG, replace(VISITS, numerator_zh="已访", denominator_zh="应访"))


# --- Reporting -------------------------------------------------------------------------------------


@on_both
def test_only_what_is_submitted_counts_and_every_step_is_kept(engine: Engine) -> None:
    define(engine, VISITS, ARREARS)
    assert (
        report_figures(engine, LI, ONE, MONTH, {"visits": Number(12), "arrears": None}, {}, is_submitted=False).figures
        == 1
    )
    assert standings(engine, LI, ONE, MONTH)["visits"].state == "draft"
    assert not counted_numbers(engine, LI, ONE, [MONTH])
    before = data_version(engine)
    assert submit(engine, LI, visits=Number(12), arrears=Number(257.92, 300.0)) == 2
    assert data_version(engine) != before
    assert value(engine, "visits") == 12
    assert value(engine, "arrears") == pytest.approx(100 * 257.92 / 300)
    assert submit(engine, LI, visits=Number(12)) == 0
    # A correction says why; a draft of one does not count yet.
    with pytest.raises(ReportingProblem, match="走访农户已经提交过"):
        submit(engine, LI, visits=Number(15))
    report_figures(
        engine, LI, ONE, MONTH, {"visits": Number(15)}, standings(engine, LI, ONE, MONTH), is_submitted=False
    )
    assert value(engine, "visits") == 12
    submit(engine, LI, visits=Number(15, at_least=True), reason="漏了两个村")
    assert value(engine, "visits") == 15
    # Returned, it counts no more until it is reported again.
    with pytest.raises(ReportingProblem, match="原因"):
        return_figures(engine, SUN, ONE, MONTH, ["visits"], " ")
    assert return_figures(engine, SUN, ONE, MONTH, ["visits"], "与台账不符") == 1
    stands = standings(engine, LI, ONE, MONTH)["visits"]
    assert (stands.state, stands.counted, stands.told, stands.reason) == (
        "returned",
        None,
        Number(15, at_least=True),
        "与台账不符",
    )
    assert submit(engine, LI, visits=Number(14)) == 1
    told = steps(engine, LI, ONE, MONTH)
    of_visits = told[told["code"] == "visits"].iloc[::-1]
    assert list(of_visits["state"]) == ["draft", "submitted", "draft", "submitted", "returned", "submitted"]
    assert list(of_visits["before"].fillna("—")) == ["—", "—", "12", "12", "15", "—"]
    assert list(of_visits["after"]) == ["12", "12", "15", "≥ 15", "≥ 15", "14"]
    assert set(of_visits["done_by"]) == {"李某", "孙某"}
    with engine.connect() as connection:
        kinds = connection.scalars(
            select(deed.c.kind).where(deed.c.kind.startswith("figure")).order_by(deed.c.number)
        ).all()
    assert kinds == [
        *("figures-drafted", "figures-submitted", "figures-drafted"),
        *("figures-submitted", "figures-returned", "figures-submitted"),
    ]


@on_both
def test_of_two_who_report_at_once_none_loses_what_was_typed(engine: Engine) -> None:
    define(engine, VISITS, ARREARS)
    seen = standings(engine, LI, ONE, MONTH)
    report_figures(engine, ZHAO, ONE, MONTH, {"visits": Number(3)}, seen, is_submitted=True)
    typed = {"visits": Number(4), "arrears": Number(1, 2)}
    with pytest.raises(Overtaken, match=r"赵某.*填的是 3"):
        report_figures(engine, LI, ONE, MONTH, typed, seen, is_submitted=True)
    assert counted_numbers(engine, LI, ONE, [MONTH]) == {("visits", MONTH): Number(3)}
    # What nobody else has touched is saved by who began before.
    assert report_figures(engine, LI, ONE, MONTH, {"arrears": Number(1, 2)}, seen, is_submitted=True).figures == 1
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(report_step)) == 2


def test_a_township_reports_its_own_figures_alone(engine: Engine) -> None:
    define(engine, VISITS)
    for place, by in (
        (TWO, LI),
        (ONE, SUN),
        (ONE, Viewer("钱某", rights=frozenset())),
        (ONE, replace(LI, townships=frozenset({TWO}))),
    ):
        with pytest.raises(NotAllowed):
            submit(engine, by, place, visits=Number(1))
    for by in (LI, Viewer("钱某", rights=frozenset(set(RIGHTS) - {"evaluate", "administer"}))):
        with pytest.raises(NotAllowed):
            return_figures(engine, by, ONE, MONTH, ["visits"], "错")
    with pytest.raises(NotAllowed):
        return_figures(engine, replace(SUN, townships=frozenset({TWO})), ONE, MONTH, ["visits"], "错")
    assert reporting_townships(LI, [ONE, TWO]) == (ONE,)
    assert reporting_townships(WANG, [ONE, TWO]) == (ONE, TWO)
    assert reporting_townships(SUN, [ONE, TWO]) == ()
    submit(engine, WANG, TWO, visits=Number(1))
    elsewhere = replace(LI, townships=frozenset({ONE}))
    assert not standings(engine, elsewhere, TWO, MONTH)
    assert not counted_numbers(engine, elsewhere, TWO, [MONTH])
    assert steps(engine, elsewhere, TWO, MONTH).empty


@pytest.mark.parametrize(
    ("number", "month", "words"),
    [
        ({"visits": Number(-1)}, MONTH, "不小于 0"),
        ({"visits": Number(float("nan"))}, MONTH, "不小于 0"),
        ({"visits": Number(1, 2)}, MONTH, "只报一个数"),
        ({"arrears": Number(1)}, MONTH, "已收和应收两个数"),
        ({"nothing": Number(1)}, MONTH, "没有填报指标"),
        ({"visits": Number(1)}, "2999-01", "还没有到"),
        ({"ended": Number(1)}, MONTH, "只报到 2023-07"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_with_all_of_the_form(
    number: dict[str, Number], month: str, words: str
) -> None:
    engine = memory_engine()
    with engine.begin() as connection:
        connection.execute(insert(township).values(code=ONE, name="钢山街道", kind="街道"))
    define(engine, VISITS, ARREARS, replace(VISITS, code="ended", name_zh="停报的", last_month="2023-07"))
    with pytest.raises(ReportingProblem, match=words):
        submit(engine, LI, month=month, **{"visits": Number(2)} | number)
    assert not counted_numbers(engine, LI, ONE, [MONTH])


def test_what_counts_is_not_emptied_and_a_draft_is(engine: Engine) -> None:
    define(engine, VISITS, ARREARS)
    submit(engine, LI, visits=Number(2))
    with pytest.raises(ReportingProblem, match="不能清空"):
        submit(engine, LI, visits=None)
    report_figures(engine, LI, ONE, MONTH, {"arrears": Number(1, 2)}, {}, is_submitted=False)
    report_figures(engine, LI, ONE, MONTH, {"arrears": None}, standings(engine, LI, ONE, MONTH), is_submitted=False)
    assert standings(engine, LI, ONE, MONTH)["arrears"].state == "open"


def test_figures_of_files_count_and_are_undone_as_before(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False))
    define(engine, VISITS)
    submit(engine, LI, visits=Number(2))
    file = tmp_path / "figures.csv"
    file.write_text("指标代码,镇街,月份,分子\nvisits,钢山街道,2023-08,7\nvisits,香城镇,2023-08,5\n", encoding="utf-8")
    assert main(["indicator_reports", str(file)]) == 0
    stands = standings(engine, LI, ONE, MONTH)["visits"]
    assert (stands.state, stands.counted) == ("imported", Number(7))
    assert value(engine, "visits") == 12
    # Who had opened the form before the load is told so.
    with pytest.raises(Overtaken, match=r"导入|李某"):
        report_figures(engine, LI, ONE, MONTH, {"visits": Number(3)}, {}, is_submitted=True, reason="更正")
    with engine.connect() as connection:
        batch = connection.scalar(select(indicator_report.c.batch_id).where(indicator_report.c.township_code == ONE))
    assert main(["undo", str(batch)]) == 0
    assert standings(engine, LI, ONE, MONTH)["visits"].state == "submitted"
    assert value(engine, "visits") == 2


# --- What is owed, and who is late -----------------------------------------------------------------


def test_months_are_owed_once_they_are_over_and_late_after_their_day() -> None:
    reached = [datetime(2023, 7, 20), datetime(2023, 8, 31, 23, 59)]
    assert last_asked(reached, TODAY) == "2023-08"
    # A month that goes on, by the data or by the calendar
    assert last_asked([datetime(2023, 8, 30)], TODAY) == "2023-07"
    assert last_asked([datetime(2023, 9, 9)], TODAY) == "2023-08"
    assert last_asked([], TODAY) == "2023-08"
    assert due_date(VISITS, "2023-08") == date(2023, 9, 5)
    assert due_date(VISITS, "2023-12") == date(2024, 1, 5)
    assert due_date(replace(VISITS, due_day=None), "2023-08") is None


@on_both
def test_who_owes_what_and_since_when(engine: Engine) -> None:
    once = replace(
        VISITS, code="once", name_zh="一次", frequency="once", first_month="2023-07", townships=frozenset({TWO})
    )
    define(
        engine,
        VISITS,
        ARREARS,
        once,
        replace(VISITS, code="free", name_zh="不催", due_day=None),
        replace(VISITS, code="ended", name_zh="停", last_month="2023-05"),
    )
    submit(engine, LI, visits=Number(2))
    submit(engine, LI, month="2023-06", visits=Number(2))
    scope = Scope(UNRESTRICTED, None, "2023-01", "2023-09")
    owed = owed_figures(engine, scope, TODAY)
    # 2023-06 to 2023-08 of three townships without those two, one of all for the last, and the one that is asked once
    assert len(owed) == 9 - 2 + 3 + 1
    assert owed["due"].is_monotonic_increasing
    visits = owed[(owed["code"] == "visits") & (owed["township_code"] == ONE)]
    assert list(visits[["month", "days_late"]].itertuples(index=False, name=None)) == [("2023-07", 36)]
    assert set(owed.loc[owed["code"] == "arrears", "days_late"]) == {2}
    # Reported in any month, what is asked for once is owed no more.
    submit(engine, WANG, TWO, "2023-08", once=Number(1))
    assert "once" not in set(owed_figures(engine, scope, TODAY)["code"])
    of_one = owed_figures(engine, Scope(replace(LI, townships=frozenset({ONE})), None, "2023-01", "2023-09"), TODAY)
    assert set(of_one["township_code"]) == {ONE}
    # Of months that the county's data have not reached nobody is late.
    assert owed_figures(engine, scope, date(2024, 3, 1))["month"].max() == "2023-08"


def test_what_is_owed_is_to_be_done(engine: Engine) -> None:
    define(engine, VISITS, ARREARS)
    submit(engine, LI, visits=Number(2))
    to_do = TO_DO["figures_owed"]
    scope = Scope(UNRESTRICTED, None, "2023-08", "2023-08")
    counts = to_do.count(engine, scope)
    # Three months of three townships without the one, and the share of each; all due years ago
    assert dict(counts.groupby("urgency")["count"].sum()) == {"late": 9 - 1 + 3}
    assert counts["longest"].max() == (date.today() - date(2023, 7, 5)).days
    assert to_do.rows is not None
    rows = to_do.rows(engine, scope, "late", 100)
    assert len(rows) == 11
    assert set(rows["reported_code"]) == {VISITS.code, ARREARS.code}
    assert to_do.count(engine, Scope(replace(LI, townships=frozenset()), None, "2023-08", "2023-08")).empty


def test_forty_townships_owe_sixty_figures_and_one_owes_one() -> None:
    engine = memory_engine()
    places = [{"code": f"37088{place:04d}", "name": f"很长名字的第{place}镇街", "kind": "镇"} for place in range(40)]
    with engine.begin() as connection:
        connection.execute(insert(township), places)
    define(engine, *(replace(VISITS, code=f"figure_{place:02d}", name_zh=f"指标{place}") for place in range(60)))
    owed = owed_figures(engine, Scope(UNRESTRICTED, None, "2023-08", "2023-08"), TODAY)
    assert len(owed) == 40 * 60
    place = places[7]["code"]
    report_figures(
        engine, WANG, place, MONTH, {f"figure_{one:02d}": Number(one) for one in range(60)}, {}, is_submitted=True
    )
    left = owed_figures(engine, Scope(UNRESTRICTED, None, "2023-08", "2023-08"), TODAY)
    assert len(left) == 39 * 60
    assert place not in set(left["township_code"])


# --- Targets ---------------------------------------------------------------------------------------


def test_what_is_reported_by_hand_is_held_to_targets(engine: Engine) -> None:
    define(engine, VISITS, ARREARS)
    submit(engine, LI, visits=Number(12), arrears=Number(200, 300))
    known = county(engine, UNRESTRICTED).reported
    set_target(engine, WANG, known["visits"], Target("visits", "", "2023-01", 20, "某办〔2023〕1号"))
    set_target(engine, WANG, known["arrears"], Target("arrears", "", "2023-01", 60, "某办〔2023〕1号"))
    found = county(engine, UNRESTRICTED)
    view = View(found, 0, "zh", Scope(UNRESTRICTED, None, MONTH, MONTH), "none")
    assert view.indicator("visits").misses_target(12)
    assert not view.indicator("arrears").misses_target(value(engine, "arrears"))
    # Of a share, a row that lacks one of its numbers says nothing.
    with engine.begin() as connection:
        connection.execute(
            insert(indicator_report).values(township_code=TWO, month=MONTH, code="arrears", numerator=900.0)
        )
    assert value(engine, "arrears") == pytest.approx(100 * 200 / 300)


# --- Typed and pasted ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", None),
        ("—", None),
        ("0", (0, False)),
        ("1,234.5", (1234.5, False)),
        ("２５７．９２万元", (257.92, False)),
        ("≥900", (900, True)),
        ("900余名", (900, True)),
        ("30 多", (30, True)),
        ("5000以上", (5000, True)),
        ("649件", (649, False)),
    ],
)
def test_a_cell_is_read_as_it_is_written(cell: str, expected: tuple[float, bool] | None) -> None:
    assert amount_in(cell, "万元") == expected


@pytest.mark.parametrize("amount", [0.0, 12.0, 257.92, 0.00001, 123456789012345.0, 1 / 3])
def test_what_counts_is_typed_back_as_it_is(amount: float) -> None:
    (line,) = lines_of([VISITS])
    number = Number(amount, at_least=amount == 12)
    assert numbers_in([line], [cell_of(line, number)]) == ({"visits": number}, [])


def test_each_bad_cell_has_a_sentence_and_the_others_their_numbers() -> None:
    lines = lines_of([VISITS, ARREARS, replace(VISITS, code="other", name_zh="别的")])
    assert [line.names[0] for line in lines] == ["走访农户", "承包款清收率：应收", "承包款清收率：已收", "别的"]
    numbers, problems = numbers_in(lines, ["十二", "300", "", "8"])
    assert numbers == {"other": Number(8)}
    assert [one.zh.split("“")[0] for one in problems] == ["走访农户", "承包款清收率：已收还没有填。"]
    numbers, problems = numbers_in(lines, ["", "300", "≥257.92", ""])
    assert not problems
    assert numbers == {"visits": None, "arrears": Number(257.92, 300, at_least=True), "other": None}


def test_a_block_of_a_spreadsheet_finds_its_lines() -> None:
    lines = lines_of([VISITS, ARREARS])
    found, problems = pasted(lines, "承包款清收率：已收\t万元\t257.92\n 走访农户 \t12\r\n没有的\t3\n\n")
    assert found == {2: "257.92", 0: "12"}
    assert [one.zh for one in problems] == ["表里没有“没有的”，这一行没有填入。"]
    assert pasted(lines, "1\n2\n3\n") == ({0: "1", 1: "2", 2: "3"}, [])
    found, problems = pasted(lines, "1\n2\n")
    assert not found
    assert "3 行" in problems[0].zh
