"""Registers that are loaded again leave past months as they were, and say nothing of months before they were known."""

from __future__ import annotations

import math
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data_access.access import UNRESTRICTED
from data_access.importing.tables import TABLES
from data_access.importing.undo import undo
from data_access.indicators import INDICATORS
from data_access.model.data_state import data_state
from data_access.places.tables import county_setting
from data_access.queries import measure
from data_access.registers import register_value
from data_access.scope import Scope
from sample_data.county import MONTHS
from tests.counties import all_but_batches
from tests.files import loaded


def value(engine: Engine, code: str, month: str, *townships: str) -> float:
    return float(
        measure(engine, [INDICATORS[code]], Scope(UNRESTRICTED, townships or None, month, month))[code].iloc[0]
    )


def teams(engine: Engine, members: int, registered: int | str, team: str = "T1", township: str = "钢山街道") -> str:
    row = {"team_id": team, "township": township, "name": "队", "founded_on": "2022-01-01"}
    return loaded(engine, [row | {"members": members, "registered": registered}], TABLES["volunteer_teams"])


def activity(engine: Engine, number: int, day: str, **values: Any) -> str:
    row = {"activity_id": f"V{number}", "team_id": "T1", "township": "钢山街道", "held_on": day, "hours": "4"}
    return loaded(engine, [row | values], TABLES["volunteer_activities"])


def grids(engine: Engine, workers: int) -> str:
    row = {"grid_code": "G1", "township": "钢山街道", "kind": "网格", "workers": workers}
    return loaded(engine, [row], TABLES["grids"])


def event(engine: Engine, number: int, day: str) -> str:
    row = {"event_id": f"E{number}", "grid_code": "G1", "township": "钢山街道", "kind": "民生", "reported_at": day}
    return loaded(engine, [row], TABLES["grid_events"])


def case(engine: Engine, number: int, day: str, township: str = "钢山街道") -> str:
    return loaded(engine, [{"case_no": f"A{number}", "township": township, "received_at": day}], TABLES["petitions"])


def residents(engine: Engine, people: int | str, code: str = "100000001", name: str = "钢山街道") -> str:
    return loaded(engine, [{"code": code, "name": name, "residents": people}], TABLES["townships"])


def test_a_register_loaded_again_leaves_past_months(engine: Engine) -> None:
    teams(engine, 100, 80)
    activity(engine, 1, "2023-08-31")
    activity(engine, 2, "2022-08-31")
    # Nobody knows how many there were before the register came.
    assert math.isnan(value(engine, "volunteers", "2022-08"))
    assert math.isnan(value(engine, "registered_rate", "2022-08"))
    assert [value(engine, "teams", month) for month in ("2022-08", "2023-08")] == [1, 1]
    assert value(engine, "volunteers", "2023-08") == 100
    activity(engine, 3, "2024-08-31")
    before = all_but_batches(engine)
    doubled = teams(engine, 200, 160)
    assert [value(engine, "volunteers", month) for month in ("2023-08", "2024-07", "2024-08")] == [100, 100, 200]
    assert [value(engine, "registered_rate", month) for month in ("2023-08", "2024-08")] == [8, 16]
    # Corrected within the month: what stood for a few days held at no month's end.
    again = teams(engine, 210, 160)
    assert [value(engine, "volunteers", month) for month in ("2024-07", "2024-08")] == [100, 210]
    undo(engine, again, by=UNRESTRICTED)
    undo(engine, doubled, by=UNRESTRICTED)
    assert all_but_batches(engine) == before


def test_grid_workers_of_past_months_stay(engine: Engine) -> None:
    grids(engine, 2)
    event(engine, 1, "2023-06-30 23:59:59")
    event(engine, 2, "2023-08-15 10:00:00")
    before = all_but_batches(engine)
    batch = grids(engine, 4)
    figures = [value(engine, "grid_workers", month) for month in ("2023-05", "2023-06", "2023-07", "2023-08")]
    assert str(figures) == "[nan, 2.0, 2.0, 4.0]"
    undo(engine, batch, by=UNRESTRICTED)
    assert all_but_batches(engine) == before


def test_residents_of_past_months_stay(engine: Engine) -> None:
    case(engine, 1, "2022-08-05")
    case(engine, 2, "2023-08-05")
    before = all_but_batches(engine)
    batch = residents(engine, 2000)
    assert [value(engine, "cases_per_10k", month) for month in ("2022-08", "2023-08")] == [10, 5]
    undo(engine, batch, by=UNRESTRICTED)
    assert all_but_batches(engine) == before


def test_a_population_told_for_the_first_time_holds_for_every_month(engine: Engine) -> None:
    loaded(engine, [{"code": "100000009", "name": "大柳镇"}], TABLES["townships"])
    case(engine, 1, "2022-08-05", "大柳镇")
    case(engine, 2, "2023-08-05", "大柳镇")
    assert math.isnan(value(engine, "cases_per_10k", "2023-08"))
    residents(engine, 500, "100000009", "大柳镇")
    assert [value(engine, "cases_per_10k", month) for month in ("2022-08", "2023-08")] == [20, 20]
    with engine.connect() as connection:
        assert connection.execute(select(register_value)).all() == []


def test_the_samples_registers_are_known_from_its_first_month(sample_engine: Engine) -> None:
    with sample_engine.connect() as connection:
        assert connection.scalar(select(county_setting.c.value).where(county_setting.c.name == "sample")) == "1"
        known = dict(connection.execute(select(data_state.c.area, data_state.c.registers_since)).all())
    assert (known["volunteers"], known["grid"], known["petitions"]) == (MONTHS[0], MONTHS[0], None)


# --- Amounts that a source lacks ------------------------------------------------------------------


def test_what_no_source_told_is_missing(engine: Engine) -> None:
    row = {"team_id": "T1", "township": "钢山街道", "name": "队", "founded_on": "2022-01-01"}
    loaded(engine, [row], TABLES["volunteer_teams"])
    loaded(
        engine,
        [{"activity_id": "V1", "team_id": "T1", "township": "钢山街道", "held_on": "2023-08-31"}],
        TABLES["volunteer_activities"],
    )
    loaded(engine, [{"grid_code": "G1", "township": "钢山街道", "kind": "网格"}], TABLES["grids"])
    event(engine, 1, "2023-08-31 23:59:59")
    assert [value(engine, code, "2023-08") for code in ("teams", "activities", "grids", "active_team_rate")] == [
        *(1, 1, 1, 100)
    ]
    for code in ("volunteers", "registered_rate", "service_hours", "hours_per_team", "grid_workers"):
        assert math.isnan(value(engine, code, "2023-08")), code


# --- Both sides of a ratio are of the same rows -----------------------------------------------------


def test_cases_per_head_of_those_whose_people_are_known(engine: Engine) -> None:
    loaded(engine, [{"code": "100000009", "name": "大柳镇"}], TABLES["townships"])
    for number, township in enumerate(("钢山街道", "香城镇", "香城镇", "大柳镇", "大柳镇"), 1):
        case(engine, number, f"2023-08-{number:02d}", township)
    # 3 cases of 1000 + 2000 people: those of 大柳镇, whose people nobody told, are left out.
    assert value(engine, "cases_per_10k", "2023-08") == 10
    assert math.isnan(value(engine, "cases_per_10k", "2023-08", "100000009"))
    # A township without a case in the month keeps its people; 峄山镇, which has never had one, takes no part.
    case(engine, 6, "2023-09-01")
    assert value(engine, "cases_per_10k", "2023-09") == pytest.approx(1e4 / 3000)
    assert math.isnan(value(engine, "cases_per_10k", "2023-09", "100000002"))
    # An earlier first case brings the people of the months since.
    case(engine, 7, "2023-05-01", "峄山镇")
    assert value(engine, "cases_per_10k", "2023-09") == pytest.approx(1e4 / 6000)


def test_registered_share_of_those_who_tell_both(engine: Engine) -> None:
    loaded(engine, [{"code": "100000009", "name": "大柳镇"}], TABLES["townships"])
    teams(engine, 100, 80)
    teams(engine, 300, 200, "T2", "大柳镇")
    teams(engine, 500, "", "T3", "峄山镇")
    activity(engine, 1, "2023-08-31")
    assert value(engine, "registered_rate", "2023-08") == 8
    assert value(engine, "volunteers", "2023-08") == 900


def test_hours_of_teams_whose_activities_tell_them(engine: Engine) -> None:
    teams(engine, 100, 80)
    teams(engine, 100, 80, "T2")
    teams(engine, 100, 80, "T3")
    activity(engine, 1, "2023-08-01", hours="6")
    activity(engine, 2, "2023-08-31", team_id="T2", hours="")
    # T1 with six hours and the idle T3; of T2 they are not known.
    assert value(engine, "hours_per_team", "2023-08") == 3
    assert value(engine, "service_hours", "2023-08") == 6


def test_investment_of_projects_that_tell_both(engine: Engine) -> None:
    budgets = {"P1": "100", "P2": "", "P3": "300", "P4": "200"}
    invested = {"P1": "50", "P2": "700", "P3": "", "P4": "100"}
    about = {"township": "钢山街道", "name": "路", "planned_start": "2023-01-01", "planned_end": "2023-12-31"}
    rows = [{"project_id": key, "budget_yuan": f"{yuan}元" if yuan else ""} | about for key, yuan in budgets.items()]
    loaded(engine, rows, TABLES["projects"])
    reports = [
        {"project_id": key, "township": "钢山街道", "month": "2023-08", "progress": "50%"}
        | {"invested_yuan": f"{yuan}元" if yuan else ""}
        for key, yuan in invested.items()
    ]
    loaded(engine, reports, TABLES["project_reports"])
    assert value(engine, "investment_rate", "2023-08") == 50


def test_grids_of_townships_that_ever_had_a_team(engine: Engine) -> None:
    places = ("钢山街道", "香城镇", "峄山镇")
    loaded(engine, [{"grid_code": "G1", "township": place, "kind": "网格"} for place in places], TABLES["grids"])
    row = {"name": "队", "founded_on": "2022-01-01"}
    rows = [
        row | {"team_id": "T1", "township": "钢山街道", "grid_code": "G1", "dissolved_on": ""},
        # Gone: its grid is covered no more.
        row | {"team_id": "T2", "township": "香城镇", "grid_code": "G1", "dissolved_on": "2023-06-30"},
    ]
    loaded(engine, rows, TABLES["volunteer_teams"])
    activity(engine, 1, "2023-05-01")
    activity(engine, 2, "2023-08-31")
    assert [value(engine, "grid_coverage", month) for month in ("2023-05", "2023-08")] == [100, 50]
    assert value(engine, "grid_coverage", "2023-08", "100000002") == 0
    assert math.isnan(value(engine, "grid_coverage", "2023-08", "100000003"))
