"""A county's own data: a running month, columns that a source lacks, townships that leave months out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, insert, select

from data_access.access import UNRESTRICTED
from data_access.areas.petitions.lists import CaseFilter, open_case_ages, overdue_by_township, petition_case_count
from data_access.areas.petitions.tables import petition
from data_access.exploring.questions import Question, plan, put_together, sums
from data_access.importing import import_file
from data_access.importing.tables import TABLES
from data_access.importing.undo import undo
from data_access.indicators import INDICATORS
from data_access.model.batches import import_batch
from data_access.model.measured import UNRECORDED, measured
from data_access.places.tables import township
from data_access.queries import County, county, measure, missing_months
from data_access.rollups import refresh
from data_access.scope import Scope
from tests.counties import empty_file
from ui.asking.address import default_period
from ui.asking.sentences import as_of_sentence, filter_sentence, unfinished_words
from ui.asking.view import View
from ui.cards.indicators import kpi_card, ranked
from ui.text import written_in

STREET, TOWN = "990000001", "990000002"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = empty_file(tmp_path / "county.sqlite")
    with engine.begin() as connection:
        names = ((STREET, "东山街道", "街道"), (TOWN, "西河镇", "镇"))
        connection.execute(
            insert(township),
            [{"code": code, "name": name, "kind": kind, "residents": 5000} for code, name, kind in names],
        )
    yield engine
    engine.dispose()


def load(engine: Engine, path: Path, table: str, *lines: str) -> str:
    """Import a CSV of these lines; the batch."""
    file = path / "rows.csv"
    file.write_text("\n".join(lines), "utf-8")
    result = import_file(engine, TABLES[table], file, by=UNRESTRICTED)
    assert result.rejected == 0, result.problems
    assert result.batch
    return result.batch


def row(engine: Engine, codes: tuple[str, ...], scope: Scope) -> Any:
    return measure(engine, [INDICATORS[code] for code in codes], scope).iloc[0]


def view(engine: Engine, start: str, end: str, compare: str = "year", townships: tuple[str, ...] = ()) -> View:
    scope = Scope(UNRESTRICTED, townships or None, start, end)
    return View(county(engine, UNRESTRICTED), 0, "zh", scope, compare)


# --- Unfinished months ------------------------------------------------------------------------------


def running(engine: Engine, path: Path) -> County:
    """40 cases in all of March of the year before, eleven of them by the 8th; 15 by the 8th of this year's; a full February."""
    days = [f"2023-03-{1 + number * 30 // 40:02d}" for number in range(40)]
    days += [f"2024-02-{1 + number:02d}" for number in range(29)]
    days += [f"2024-03-{1 + number % 8:02d}" for number in range(15)]
    lines = [f"R{number},{'东山街道' if number % 2 else '西河镇'},{day} 09:00" for number, day in enumerate(days)]
    load(engine, path, "petitions", "工单编号,镇街,受理时间", *lines)
    return county(engine, UNRESTRICTED)


def test_a_running_month_is_compared_to_the_same_moment(engine: Engine, tmp_path: Path) -> None:
    found = running(engine, tmp_path)
    march = Scope(UNRESTRICTED, None, "2024-03", "2024-03")
    by_the_8th = 11
    assert row(engine, ("received",), march)["received"] == 15
    assert row(engine, ("received",), march.year_before())["received"] == by_the_8th
    assert row(engine, ("received",), march.previous())["received"] == 8
    assert (found.unfinished("petitions", "2024-03"), found.unfinished("petitions", "2024-02")) == (8, None)
    # From March to March: the earlier March whole, the running one to date; the months of another length not at all
    assert pd.isna(row(engine, ("received",), Scope(UNRESTRICTED, None, "2024-02", "2024-03").previous())["received"])


@pytest.mark.parametrize("by", [(), ("department",), ("week",)])
def test_a_question_of_the_facts_ends_at_the_same_moment(engine: Engine, tmp_path: Path, by: tuple[str, ...]) -> None:
    running(engine, tmp_path)
    load(
        engine, tmp_path, "petitions", "工单编号,镇街,受理时间,办结时间", "R0,西河镇,2023-03-01 09:00,2023-03-20 09:00"
    )
    codes = ("received", "completion_rate", "closed")
    indicators = [INDICATORS[code] for code in codes]
    earlier = Scope(UNRESTRICTED, None, "2024-03", "2024-03").year_before()
    question = Question(codes, by)
    parts = plan(question, indicators, earlier, {})
    with engine.connect() as connection:
        found = put_together(question, indicators, parts, [sums(connection, part) for part in parts], {})
    told = found[()].iloc[0]
    whole = measure(engine, indicators, earlier).iloc[0]
    assert told["received"] == whole["received"] == 11
    # On the 8th nobody knew that the case would be closed on the 20th.
    assert told["completion_rate:n"] == whole["completion_rate:n"] == 0
    assert pd.isna(told["closed"])


def test_the_default_period_ends_with_the_last_finished_month(engine: Engine, tmp_path: Path) -> None:
    found = running(engine, tmp_path)
    assert default_period(found) == ("2024-01", "2024-02")
    assert found.months[-1] == "2024-03"


def test_an_area_that_was_given_up_holds_nobody_back(engine: Engine, tmp_path: Path) -> None:
    running(engine, tmp_path)
    load(engine, tmp_path, "cameras", "设备编号,镇街,安装日期", "C1,东山街道,2020-01-01")
    load(
        engine, tmp_path, "outages", "设备编号,镇街,离线时间,恢复时间", "C1,东山街道,2023-10-02 08:00,2023-10-30 09:00"
    )
    assert county(engine, UNRESTRICTED).finished_month == "2024-02"
    load(
        engine, tmp_path, "outages", "设备编号,镇街,离线时间,恢复时间", "C1,东山街道,2024-01-02 08:00,2024-01-31 09:00"
    )
    assert county(engine, UNRESTRICTED).finished_month == "2024-01"


def test_only_a_running_month_is_the_default(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, "petitions", "工单编号,镇街,受理时间", "1,东山街道,2024-03-02 08:00")
    assert default_period(county(engine, UNRESTRICTED)) == ("2024-03", "2024-03")
    # A finished month without any data says less than a running one with some.
    load(engine, tmp_path, "petitions", "工单编号,镇街,受理时间", "2,东山街道,2023-01-02 08:00")
    assert default_period(county(engine, UNRESTRICTED))[1] == "2024-03"


def test_the_sentence_under_the_title_says_how_far_the_data_reach(engine: Engine, tmp_path: Path) -> None:
    running(engine, tmp_path)
    load(engine, tmp_path, "cameras", "设备编号,镇街,安装日期", "C1,东山街道,2024-02-29")
    with written_in("zh"):
        march = view(engine, "2024-03", "2024-03")
        assert "2024年3月（3月未完，至 8 日）" in filter_sentence(march, "petitions")
        assert "与上年同期（2023年3月1日至8日）相比" in filter_sentence(march, "petitions")
        assert "3月未完：群众诉求至 8 日，雪亮监控还没有数据" in filter_sentence(march)
        assert unfinished_words(march.county, "2024-02", ["petitions"]) == ""
        assert as_of_sentence(march.county, "petitions") == "数据截至 2024-03-08"
        assert as_of_sentence(march.county) == "数据截至：群众诉求 2024-03-08，雪亮监控 2024-02-29"
        two = view(engine, "2024-02", "2024-03", "previous")
        assert "不作对比" in filter_sentence(two, "petitions") or "没有完整数据" in filter_sentence(two, "petitions")
    with written_in("en"):
        assert "to day 8" in filter_sentence(march, "petitions")


# --- Columns that a source lacks --------------------------------------------------------------------

SIGNS = ("signed_in_time_rate", "completion_rate", "on_time_rate", "repeat_rate", "false_closure_rate", "callback_rate")
MAY = Scope(UNRESTRICTED, None, "2024-05", "2024-05")


def test_what_a_source_never_recorded_is_absent(engine: Engine, tmp_path: Path) -> None:
    lines = [f"{number},东山街道,2024-05-{number:02d} 08:00" for number in range(1, 32)]
    load(engine, tmp_path, "petitions", "工单编号,镇街,受理时间", *lines)
    found = row(engine, (*SIGNS, "overdue_open", "received"), MAY)
    assert found["received"] == 31
    assert found[list(SIGNS)].isna().all()
    assert pd.isna(found["overdue_open"])
    assert (found[[f"{code}:k" for code in SIGNS]] == 0).all()
    assert overdue_by_township(engine, MAY).empty
    assert open_case_ages(engine, MAY)["open"].sum() == 0
    with engine.connect() as connection:
        fields = connection.scalar(select(import_batch.c.fields))
    assert json.loads(fields) == {"case_no": "mapped", "township": "mapped", "received_at": "mapped"}
    with written_in("zh"):
        card = kpi_card(INDICATORS["completion_rate"], found, None, pd.Series(dtype=float))
        assert (card["value"], card["change"]) == ("—", "来源没有办结时间或办理状态")
        assert "met" not in card
        assert measured(INDICATORS["completion_rate"], found).absent == UNRECORDED


def test_a_status_alone_tells_how_many_are_done(engine: Engine, tmp_path: Path) -> None:
    states = ("已办结", "办结归档", "办理中", "未办结", "待签收", "甲")
    lines = [f"{number},东山街道,2024-05-0{number} 08:00,2024-05-20,{state}" for number, state in enumerate(states, 1)]
    load(engine, tmp_path, "petitions", "工单编号,镇街,受理时间,办理期限,状态", *lines)
    with engine.begin() as connection:
        refresh(connection, "petitions", as_of=datetime(2024, 5, 31))
    found = row(engine, ("completion_rate", "on_time_rate", "overdue_open"), MAY)
    assert (found["completion_rate:n"], found["completion_rate:d"]) == (2, 5)
    assert pd.isna(found["on_time_rate"])
    assert found["overdue_open"] == 3
    assert overdue_by_township(engine, MAY)["overdue"].sum() == 3
    assert open_case_ages(engine, MAY)["open"].sum() == 3
    assert petition_case_count(engine, MAY, CaseFilter("closed")) == 2
    assert petition_case_count(engine, MAY, CaseFilter("late")) == 0


def test_mixed_sources_add_up_over_the_rows_that_tell(engine: Engine, tmp_path: Path) -> None:
    load(
        engine,
        tmp_path,
        "petitions",
        "工单编号,镇街,受理时间,办结时间",
        "1,东山街道,2024-05-01 08:00,2024-05-02 08:00",
        "2,东山街道,2024-05-01 08:00,",
    )
    load(
        engine,
        tmp_path,
        "petitions",
        "工单编号,镇街,受理时间",
        "3,东山街道,2024-05-02 08:00",
        "4,西河镇,2024-05-02 08:00",
    )
    found = row(engine, ("completion_rate", "received"), MAY)
    assert (found["received"], found["completion_rate:n"], found["completion_rate:d"]) == (4, 1, 2)
    by = measure(engine, [INDICATORS["completion_rate"]], MAY, ("township_code",)).set_index("township_code")
    assert by.loc[STREET, "completion_rate"] == 50
    assert pd.isna(by.loc[TOWN, "completion_rate"])
    # Another source tells of the same cases: now they are known to be open.
    batch = load(engine, tmp_path, "petitions", "工单编号,镇街,受理时间,办结时间", "3,东山街道,2024-05-02 08:00,")
    assert row(engine, ("completion_rate",), MAY)["completion_rate:d"] == 3
    # A file that lacks the column takes nothing of that away, and undoing does.
    load(engine, tmp_path, "petitions", "工单编号,镇街,受理时间,标题", "2,东山街道,2024-05-01 08:00,路灯")
    assert row(engine, ("completion_rate",), MAY)["completion_rate:d"] == 3
    undo(engine, batch, by=UNRESTRICTED)
    assert row(engine, ("completion_rate",), MAY)["completion_rate:d"] == 2
    with engine.connect() as connection:
        assert set(connection.scalars(select(petition.c.recorded).where(petition.c.case_no == "2"))) == {4}


def test_an_inventory_of_cameras_shows_how_many_there_are(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, "cameras", "设备编号,镇街,安装日期", "1,东山街道,2024-05-01", "2,西河镇,2024-05-31")
    codes = ("cameras", "online_rate", "working_rate", "offline_24h", "village_coverage", "outages")
    found = row(engine, codes, MAY)
    assert found["cameras"] == 2
    assert found[list(codes[1:])].isna().all()
    # The first outage says of all cameras that they are watched, also in the other township.
    load(engine, tmp_path, "outages", "设备编号,镇街,离线时间", "1,东山街道,2024-05-31 08:00")
    by = measure(engine, [INDICATORS["working_rate"]], MAY, ("township_code",)).set_index("township_code")
    assert by["working_rate"].to_dict() == {STREET: 0, TOWN: 100}


def test_registers_alone_are_shown(engine: Engine, tmp_path: Path) -> None:
    load(engine, tmp_path, "volunteer_teams", "队伍编号,镇街,队伍名称,成立日期", "1,东山街道,一队,2024-05-31")
    load(
        engine,
        tmp_path,
        "projects",
        "项目编号,镇街,项目名称,计划开工日期,计划完工日期,实际开工日期",
        "1,东山街道,桥,2024-01-01,2024-12-31,2024-05-31",
    )
    load(engine, tmp_path, "grids", "网格编号,镇街,网格类型,启用日期", "1,东山街道,网格,2024-05-31")
    found = row(engine, ("teams", "volunteers", "projects", "started_rate", "completed_rate", "grids"), MAY)
    assert (found["teams"], found["projects"], found["grids"]) == (1, 1, 1)
    assert found["started_rate"] == 100
    assert pd.isna(found["volunteers"])
    assert pd.isna(found["completed_rate"])


# --- Months left out --------------------------------------------------------------------------------


def test_a_township_with_months_missing_is_not_ranked_over_the_period(engine: Engine, tmp_path: Path) -> None:
    lines = [
        f"{code}{month}{number},{name},2024-{month:02d}-{1 + number:02d} 08:00"
        for code, name, months in (("A", "东山街道", (1, 2, 3)), ("B", "西河镇", (1, 3)))
        for month in months
        for number in range(28 if month == 2 else 31)
    ]
    load(engine, tmp_path, "petitions", "工单编号,镇街,受理时间", *lines)
    scope = Scope(UNRESTRICTED, None, "2024-01", "2024-03")
    left_out = missing_months(engine, scope)
    assert left_out.to_dict("records") == [{"township_code": TOWN, "area": "petitions", "month": "2024-02"}]
    table = measure(engine, [INDICATORS["received"]], scope, ("township_code",))
    table["name"] = table["township_code"]
    table["received:missing"] = [("2024-02",) if code == TOWN else () for code in table["township_code"]]
    places = ranked(table, INDICATORS["received"])
    assert places["township_code"].tolist() == [STREET, TOWN]
    assert places["place"].isna().tolist() == [False, True]


def test_few_cases_may_be_none_by_chance(engine: Engine, tmp_path: Path) -> None:
    lines = [
        f"{month}{name},{name},2024-{month:02d}-28 08:00" for month in (1, 2, 3) for name in ("东山街道", "西河镇")
    ]
    kept = [line for line in lines if not line.startswith("2西河镇")]
    load(engine, tmp_path, "petitions", "工单编号,镇街,受理时间", *kept)
    assert missing_months(engine, Scope(UNRESTRICTED, None, "2024-01", "2024-03")).empty
