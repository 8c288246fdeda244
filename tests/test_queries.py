"""Lists against the raw facts, empty tables, keys that can be distributed, and other servers' SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, UniqueConstraint, event, insert
from sqlalchemy.dialects import mysql, postgresql, sqlite

from data_access import queries
from data_access.access import UNRESTRICTED, masked
from data_access.areas.cameras import lists as camera_lists
from data_access.areas.cameras.tables import camera
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.lists import CaseFilter
from data_access.areas.petitions.tables import petition
from data_access.areas.projects import lists as project_lists
from data_access.areas.projects.tables import project, project_report
from data_access.areas.reports.definition import Definition
from data_access.areas.reports.tables import indicator_report, reported_indicator
from data_access.areas.volunteers import lists as team_lists
from data_access.areas.volunteers.tables import volunteer_activity, volunteer_team
from data_access.indicators import INDICATORS
from data_access.model.recorded import recorded_bits
from data_access.places.tables import township, village
from data_access.queries import measure
from data_access.rollups import refresh
from data_access.schema import metadata
from data_access.scope import Scope, month_end, month_range, month_start
from data_access.sql_functions import hour_of, hours_between, month_of, weekday_of, whole
from tests.asked import ARGUMENTS, QUERIES, paged
from tests.counties import EVERYTHING, Loaded, empty_county, empty_file, memory_engine
from tests.raw_indicators import AREAS, DAY, HOUR, SECOND, Row, is_done, is_open, planned_share


@pytest.fixture(scope="module", params=[*product(["sqlite"], [1, 2, 3]), *product(["postgresql"], [1, 2])], ids=str)
def county(request: pytest.FixtureRequest) -> Iterator[Loaded]:
    kind, seed = request.param
    with empty_county(request, kind) as engine:
        yield Loaded(seed, engine)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with empty_county(request, request.param) as engine:
        yield engine


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if request.param == "postgresql":
        with empty_county(request, request.param) as engine:
            yield engine
    else:
        yield empty_file(tmp_path_factory.mktemp("queries") / "empty.sqlite")


# --- The case list ----------------------------------------------------------------------------------


def listed(
    county: Loaded, scope: Scope, fits: Callable[[Row], bool], *, counted_by: str | None = "received_at"
) -> list[str]:
    """Valid cases in order; ``counted_by`` is the time that must lie in the scope's months (None: any)."""
    rows = [
        row
        for row in county.of("petition", scope)
        if row["invalid_reason"] is None
        and (
            counted_by is None
            or (row[counted_by] is not None and month_start(scope.start) <= row[counted_by] < month_end(scope.end))
        )
        and fits(row)
    ]
    rows.sort(key=lambda row: (row["received_at"], row["case_no"]), reverse=True)
    return [row["case_no"] for row in rows]


def is_overdue(county: Loaded, row: Row) -> bool:
    return is_open(row) and row["due_at"] is not None and row["due_at"] <= county.as_of["petitions"]


def test_paging_visits_every_case_once_and_in_order(county: Loaded) -> None:
    states: dict[str, Callable[[Row], bool]] = {
        "all": lambda row: True,
        "open": is_open,
        "pending": lambda row: is_open(row) and row["due_at"] is not None and not is_overdue(county, row),
        "overdue": lambda row: is_overdue(county, row),
        "closed": is_done,
        "late": lambda row: (
            # A status says that a case is open or done, and not since when.
            (is_overdue(county, row) and bool(row["recorded"] & recorded_bits(petition, ["closed_at"])))
            or (row["closed_at"] is not None and row["due_at"] is not None and row["closed_at"] > row["due_at"])
        ),
        "dissatisfied": lambda row: row["called_back"] is True and row["satisfied"] is False,
    }
    counted_by = {"open": None, "pending": None, "overdue": None, "late": "due_at", "dissatisfied": "closed_at"}
    for scope in county.scopes:
        for state, fits in states.items():
            expected = listed(county, scope, fits, counted_by=counted_by.get(state, "received_at"))
            assert paged(county.engine, scope, CaseFilter(state))["case_no"].tolist() == expected, (scope, state)
            assert petition_lists.petition_case_count(county.engine, scope, CaseFilter(state)) == len(expected)
    assert listed(county, EVERYTHING, states["overdue"], counted_by=None)


def test_filters_of_the_case_list(county: Loaded) -> None:
    code = next(iter(county.villages))
    filters: list[tuple[CaseFilter, Callable[[Row], bool]]] = [
        (CaseFilter(village_code=code), lambda row: row["village_code"] == code),
        (CaseFilter(weekday=7), lambda row: row["received_at"].isoweekday() == 7),
        (CaseFilter(hour=0), lambda row: row["received_at"].hour == 0),
        (CaseFilter(hour=23), lambda row: row["received_at"].hour == 23),
        # % and _ are text here, no wildcards.
        (CaseFilter(text="%_"), lambda row: "%_" in (row["title"] or "")),
        (CaseFilter(text="停水"), lambda row: "停水" in (row["title"] or "")),
        (CaseFilter(text="N00012"), lambda row: row["case_no"] == "N00012"),
    ]
    for chosen, fits in filters:
        assert paged(county.engine, EVERYTHING, chosen)["case_no"].tolist() == listed(county, EVERYTHING, fits)
    for dimension, value in (("category_1", "劳动"), ("channel", "")):
        found = paged(county.engine, EVERYTHING.narrowed((dimension, value)), CaseFilter())
        expected = listed(county, EVERYTHING, lambda row, d=dimension, v=value: (row[d] or "") == v)
        assert found["case_no"].tolist() == expected


def test_a_listed_case_has_its_village_a_masked_name_and_a_clear_overdue_mark(county: Loaded) -> None:
    rows = {row["case_no"]: row for row in county.facts["petition"]}
    frame = petition_lists.petition_cases(county.engine, EVERYTHING, limit=1000)
    masks = {None: None, "": "", "王": "王*", "李小明": "李**"}
    for case in frame.itertuples():
        row = rows[case.case_no]
        assert (case.petitioner if pd.notna(case.petitioner) else None) == masks[row["petitioner"]]
        assert (case.village_code if pd.notna(case.village_code) else None) == row["village_code"]
        assert (case.timeliness == "overdue") == is_overdue(county, row)
    assert len(frame) > 100


@pytest.mark.parametrize(("name", "hidden"), [("欧阳小明", "欧***"), ("王", "王*"), ("", "")])
def test_a_masked_name_keeps_its_first_character(name: str, hidden: str) -> None:
    assert masked(name) == hidden


def test_overdue_in_lists_is_what_the_indicator_counts(county: Loaded) -> None:
    code = INDICATORS["overdue_open"]
    whenever = Scope(UNRESTRICTED, None, "2000-01", "2100-12")
    counted = measure(county.engine, [code], whenever, ("township_code",))
    counted = counted[counted["overdue_open"] > 0].set_index("township_code")["overdue_open"].astype(int).to_dict()
    by_township = petition_lists.overdue_by_township(county.engine, whenever).set_index("township_code")
    assert by_township["overdue"].to_dict() == counted
    assert petition_lists.open_case_ages(county.engine, whenever)["overdue"].sum() == sum(counted.values())
    assert petition_lists.petition_case_count(county.engine, whenever, CaseFilter("overdue")) == sum(counted.values())


def test_listed_states_count_like_their_indicators(county: Loaded) -> None:
    for scope in county.scopes:
        table = measure(county.engine, [INDICATORS["on_time_rate"], INDICATORS["satisfaction_rate"]], scope).fillna(0)
        for state, code in (("late", "on_time_rate"), ("dissatisfied", "satisfaction_rate")):
            missed = table[f"{code}:d"].item() - table[f"{code}:n"].item()
            assert petition_lists.petition_case_count(county.engine, scope, CaseFilter(state)) == missed


# --- Open and overdue -------------------------------------------------------------------------------


def test_open_cases_by_age(county: Loaded) -> None:
    as_of = county.as_of["petitions"]
    for scope in (*county.scopes, EVERYTHING.narrowed(("category_1", ""))):
        wanted = dict(scope.where).get("category_1")
        rows = [
            row
            for row in county.of("petition", scope)
            if is_open(row)
            and row["invalid_reason"] is None
            and (wanted is None or (row["category_1"] or "") == wanted)
        ]
        ages = petition_lists.open_case_ages(county.engine, scope)
        assert ages["age"].tolist() == [3, 7, 15, 30, 60, float("inf")]
        days = np.array([(as_of - row["received_at"]) / DAY for row in rows])
        overdue = np.array([is_overdue(county, row) for row in rows], dtype=bool)
        lower = -1.0
        for age in ages.itertuples():
            inside = (days > lower) & (days <= age.age)
            assert (age.open, age.overdue) == (inside.sum(), (inside & overdue).sum())
            lower = age.age


def test_an_age_reaches_up_to_its_bound(empty: Engine) -> None:
    as_of = datetime(2024, 3, 31, 12)
    ages = (0 * DAY, 3 * DAY, 3 * DAY + SECOND, 60 * DAY, 60 * DAY + SECOND)
    with empty.begin() as connection:
        connection.execute(insert(township).values(code="1", name="甲", kind="镇"))
        connection.execute(
            insert(petition),
            [
                {"township_code": "1", "case_no": str(number), "received_at": as_of - age, "due_at": as_of}
                for number, age in enumerate(ages)
            ],
        )
        refresh(connection, "petitions", as_of=as_of)
    table = petition_lists.open_case_ages(empty, EVERYTHING)
    assert table["open"].tolist() == [2, 1, 0, 0, 1, 1]
    # Not closed in the last second it had: overdue.
    assert table["overdue"].tolist() == [2, 1, 0, 0, 1, 1]


def test_overdue_cases_by_township(county: Loaded) -> None:
    as_of = county.as_of["petitions"]
    for scope in (*county.scopes, EVERYTHING.narrowed(("channel", "来访"))):
        channel = dict(scope.where).get("channel")
        late: dict[str, list[timedelta]] = {}
        for row in county.of("petition", scope):
            if row["invalid_reason"] is None and is_overdue(county, row) and channel in (None, row["channel"]):
                late.setdefault(row["township_code"], []).append(as_of - row["due_at"])
        expected = sorted(late.items(), key=lambda item: (-len(item[1]), item[0]))
        found = petition_lists.overdue_by_township(county.engine, scope)
        assert found["township_code"].tolist() == [code for code, _ in expected]
        assert found["overdue"].tolist() == [len(waits) for _, waits in expected]
        np.testing.assert_allclose(found["longest_days"].astype(float), [max(waits) / DAY for _, waits in expected])


def test_quantiles_of_handling_time(county: Loaded) -> None:
    shares = (0.0, 0.1, 0.5, 0.9, 1.0)
    for scope in county.scopes:
        hours = np.array(
            [
                (row["closed_at"] - row["received_at"]) / HOUR
                for row in county.of("petition", scope)
                if row["invalid_reason"] is None
                and row["closed_at"] is not None
                and month_start(scope.start) <= row["closed_at"] < month_end(scope.end)
            ]
        )
        counts, quantiles = petition_lists.duration_quantiles(county.engine, scope, shares)
        assert counts.to_dict() == pd.Series(hours // 2).astype(int).value_counts().to_dict()
        if not len(hours):
            assert np.isnan(quantiles).all()
            continue
        exact = np.quantile(hours, shares, method="inverted_cdf")
        np.testing.assert_allclose(quantiles, (exact // 2 + 1) / 12)
        assert (np.array(quantiles) * 24 >= exact).all()
        assert (np.array(quantiles) * 24 <= exact + 2).all()


# --- Cameras, teams, projects -----------------------------------------------------------------------


def stands(row: Row, begins: str, ends: str, day: date) -> bool:
    return row[begins] <= day and (row[ends] is None or row[ends] > day)


def failing(county: Loaded, row: Row) -> Row | None:
    return next(
        (
            outage
            for outage in county.facts["camera_outage"]
            if (outage["township_code"], outage["camera_id"]) == (row["township_code"], row["camera_id"])
            and outage["ended_at"] is None
        ),
        None,
    )


def test_cameras_that_are_down(county: Loaded) -> None:
    as_of = county.as_of["cameras"]
    for scope in county.scopes:
        expected = [
            (outage["started_at"], row["camera_id"], outage["cause"], county.villages.get(row["village_code"]))
            for row in county.of("camera", scope)
            if stands(row, "installed_on", "removed_on", as_of.date()) and (outage := failing(county, row))
        ]
        found = camera_lists.cameras_offline(county.engine, scope)
        assert [
            (row.started_at, row.camera_id, *(None if pd.isna(v) else v for v in (row.cause, row.village)))
            for row in found.itertuples()
        ] == sorted(expected, key=lambda row: row[:2])
        np.testing.assert_allclose(
            found["hours_down"].astype(float), [(as_of - row[0]) / HOUR for row in sorted(expected)]
        )


def test_villages_without_a_working_camera(county: Loaded) -> None:
    as_of = county.as_of["cameras"]
    for scope in county.scopes:
        watched = {row["township_code"] for row in county.of("camera", scope) if row["installed_on"] <= as_of.date()}
        expected = []
        for place in county.of("village", scope):
            there = [
                row
                for row in county.facts["camera"]
                if row["village_code"] == place["code"] and stands(row, "installed_on", "removed_on", as_of.date())
            ]
            if place["township_code"] in watched and all(failing(county, row) for row in there):
                expected.append((place["township_code"], place["name"], len(there)))
        found = camera_lists.villages_without_camera(county.engine, scope)
        assert [tuple(row) for row in found.itertuples(index=False)] == expected


def test_lists_of_cameras_agree_with_the_indicators_at_the_end(county: Loaded) -> None:
    month = f"{county.as_of['cameras']:%Y-%m}"
    scope = Scope(UNRESTRICTED, None, month, month)
    codes = [INDICATORS[code] for code in ("working_rate", "village_coverage")]
    table = measure(county.engine, codes, scope).iloc[0]
    assert len(camera_lists.cameras_offline(county.engine, scope)) == table["working_rate:d"] - table["working_rate:n"]
    uncovered = table["village_coverage:d"] - np.nan_to_num(table["village_coverage:n"])
    assert len(camera_lists.villages_without_camera(county.engine, scope)) == uncovered


def test_a_camera_to_be_removed_later_still_covers_its_village(empty: Engine) -> None:
    as_of = datetime(2024, 3, 15)
    common: Row = {"township_code": "1", "kind": None, "place": None}
    with empty.begin() as connection:
        connection.execute(insert(township).values(code="1", name="甲", kind="镇"))
        connection.execute(
            insert(village), [{"code": code, "township_code": "1", "name": code} for code in ("V1", "V2", "V3")]
        )
        day = as_of.date()
        cameras = [
            ("V1", day - DAY, day + DAY),
            ("V2", day + DAY, None),
            ("V3", day - DAY, day),
        ]
        connection.execute(
            insert(camera),
            [
                common | {"camera_id": code, "village_code": code, "installed_on": begins, "removed_on": ends}
                for code, begins, ends in cameras
            ],
        )
        refresh(connection, "cameras", as_of=as_of)
    found = camera_lists.villages_without_camera(empty, EVERYTHING)
    assert found["village"].tolist() == ["V2", "V3"]


def test_quiet_teams(county: Loaded) -> None:
    for scope in county.scopes:
        last_day = (month_end(scope.end) - DAY).date()
        expected = []
        for team in county.of("volunteer_team", scope):
            held = [
                row["held_on"]
                for row in county.of("volunteer_activity", scope)
                if row["team_id"] == team["team_id"] and row["held_on"] <= last_day
            ]
            last_held = max(held, default=date.min)
            if stands(team, "founded_on", "dissolved_on", last_day) and last_held < month_start(scope.end).date():
                expected.append((last_held, team["team_id"]))
        found = team_lists.quiet_teams(county.engine, scope)
        assert [
            (date.min if pd.isna(row.last_held_on) else row.last_held_on.date(), row.team_id)
            for row in found.itertuples()
        ] == sorted(expected)


def test_a_team_is_quiet_until_the_first_day_it_meets(empty: Engine) -> None:
    held = {"met": date(2024, 3, 1), "quiet": date(2024, 2, 29), "later": date(2024, 4, 1)}
    common: Row = {"township_code": "1", "name": "队", "founded_on": date(2024, 1, 1)}
    with empty.begin() as connection:
        connection.execute(insert(township).values(code="1", name="甲", kind="镇"))
        connection.execute(insert(volunteer_team), [common | {"team_id": name} for name in held])
        connection.execute(
            insert(volunteer_activity),
            [
                {"township_code": "1", "activity_id": name, "team_id": name, "held_on": day}
                for name, day in held.items()
            ],
        )
    found = team_lists.quiet_teams(empty, Scope(UNRESTRICTED, None, "2024-01", "2024-03"))
    assert found["team_id"].tolist() == ["later", "quiet"]
    assert found["last_held_on"].isna().tolist() == [True, False]


def test_projects_with_their_gap(county: Loaded) -> None:
    for scope in (*county.scopes, EVERYTHING.narrowed(("kind", "道路")), EVERYTHING.narrowed(("stage", ""))):
        last_day = (month_end(scope.end) - DAY).date()
        where = dict(scope.where)
        expected = {}
        for row in county.of("project", scope):
            mine = [
                report
                for report in county.of("project_report", scope)
                if report["project_id"] == row["project_id"] and report["month"] <= scope.end
            ]
            report: Row = next((r for r in mine if r["month"] == scope.end), {})
            if not mine and row["planned_start"] > last_day:
                continue
            if where.get("kind", row["kind"] or "") != (row["kind"] or ""):
                continue
            if where.get("stage", report.get("stage") or "") != (report.get("stage") or ""):
                continue
            planned = planned_share(row, last_day)
            gap = report["progress"] - planned if report else float("nan")
            expected[row["project_id"]] = (planned, gap, report.get("stage"))
        found = project_lists.projects(county.engine, scope)
        assert set(found["project_id"]) == set(expected)
        assert len(found) == len(expected)
        for row in found.itertuples():
            planned, gap, stage = expected[row.project_id]
            np.testing.assert_allclose([row.planned, row.gap], [planned, gap])
            assert (None if pd.isna(row.stage) else row.stage) == stage
        gaps = found["gap"].dropna()
        assert gaps.is_monotonic_increasing
        # Projects without a report stand last.
        assert found["gap"].isna().tolist() == sorted(found["gap"].isna())
        if not scope.where and scope.end <= f"{county.world.end:%Y-%m}":
            table = measure(county.engine, [INDICATORS["projects"], INDICATORS["schedule_gap"]], scope).iloc[0]
            np.testing.assert_allclose(table["schedule_gap"], gaps.mean() if len(gaps) else np.nan)


def test_a_project_planned_for_one_day_is_not_behind_on_that_day(empty: Engine) -> None:
    day = date(2024, 3, 31)
    key: Row = {"township_code": "1", "project_id": "P"}
    with empty.begin() as connection:
        connection.execute(insert(township).values(code="1", name="甲", kind="镇"))
        connection.execute(insert(project).values(key | {"name": "路", "planned_start": day, "planned_end": day}))
        connection.execute(insert(project_report).values(key | {"month": "2024-03", "progress": 5.0}))
        refresh(connection, "projects")
    scope = Scope(UNRESTRICTED, None, "2024-03", "2024-03")
    assert project_lists.projects(empty, scope)["gap"].tolist() == [5.0]
    assert measure(empty, [INDICATORS["schedule_gap"]], scope)["schedule_gap"].tolist() == [5.0]


def test_townships_that_did_not_report(county: Loaded) -> None:
    for scope in county.scopes:
        reports = {
            "petitions": {
                row["township_code"]
                for row in county.facts["petition"]
                if row["invalid_reason"] is None and f"{row['received_at']:%Y-%m}" == scope.end
            },
            "volunteers": {
                row["township_code"]
                for row in county.facts["volunteer_activity"]
                if f"{row['held_on']:%Y-%m}" == scope.end
            },
            "projects": {row["township_code"] for row in county.facts["project_report"] if row["month"] == scope.end},
            "grid": {
                row["township_code"] for row in county.facts["grid_event"] if f"{row['reported_at']:%Y-%m}" == scope.end
            },
        }
        expected = {
            (code, area)
            for area, codes in reports.items()
            for code in (county.world.townships if scope.townships is None else scope.townships)
            if codes and code not in codes
        }
        found = queries.unreported(county.engine, scope)
        assert set(found.itertuples(index=False, name=None)) == expected
        assert len(found) == len(expected)


def test_the_county_knows_its_townships_months_and_dates(county: Loaded) -> None:
    known = queries.county(county.engine, UNRESTRICTED)
    assert known.townships["code"].tolist() == sorted(county.world.townships)
    assert known.as_of == county.as_of
    assert known.months == month_range(min(known.months), max(known.months))
    dates = [row["received_at"] for row in county.facts["petition"] if row["invalid_reason"] is None]
    assert known.months[0] <= f"{min(dates):%Y-%m}"


def test_the_version_changes_with_every_refresh(empty: Engine) -> None:
    versions = {queries.data_version(empty)}
    for _ in range(2):
        with empty.begin() as connection:
            refresh(connection, "petitions", as_of=datetime(2024, 3, 31))
        versions.add(queries.data_version(empty))
    assert len(versions) == 3


def test_the_sample_township_that_reported_nothing_is_named(sample_engine: Engine) -> None:
    missing = queries.unreported(sample_engine, Scope(UNRESTRICTED, None, "2023-01", "2023-08"))
    assert set(missing["township_code"]) == {"370883114"}
    assert set(missing["area"]) == {"volunteers", "projects", "grid"}
    assert queries.unreported(sample_engine, Scope(UNRESTRICTED, None, "2023-07", "2023-07")).empty


# --- Measures ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "by", "where"),
    [
        ("received", ("cause",), ()),
        ("closed", ("weekday",), ()),
        ("cases_per_10k", ("village_code",), ()),
        ("cases_per_10k", (), (("category_1", "劳动"),)),
        ("on_time_rate", ("weekday", "category_1"), ()),
        ("cameras", ("cause",), ()),
        ("grid_completion_rate", ("kind",), ()),
        ("projects", (), (("village_code", "1"),)),
    ],
)
def test_no_rollup_no_answer(empty: Engine, code: str, by: tuple[str, ...], where: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(ValueError, match=f"{code} has no rollup by .*{(by or where[0])[0]}"):
        measure(empty, [INDICATORS[code]], EVERYTHING.narrowed(*where), by)


def test_figures_reported_by_hand(empty: Engine) -> None:
    figures = [
        ("1", "2024-01", "walks", 5.0),
        ("1", "2024-02", "walks", 7.0),
        ("1", "2024-02", "stations", 3.0),
        ("2", "2024-01", "stations", 9.0),
    ]
    with empty.begin() as connection:
        for code in ("1", "2"):
            connection.execute(insert(township).values(code=code, name=code, kind="镇"))
        for code, over_months in (("walks", "sum"), ("stations", "last")):
            connection.execute(
                insert(reported_indicator).values(
                    code=code, area="grid", name_zh="巡", name_en="x", unit="次", over_months=over_months
                )
            )
        for township_code, month, code, numerator in figures:
            connection.execute(
                insert(indicator_report).values(
                    township_code=township_code, month=month, code=code, numerator=numerator, at_least=False
                )
            )
    county = queries.county(empty, UNRESTRICTED)
    chosen = [county.indicator("walks"), county.indicator("stations")]
    assert chosen[0] == Definition("walks", "grid", "巡", "x", "次", "sum").indicator
    scope = Scope(UNRESTRICTED, None, "2024-01", "2024-02")
    assert county.months == scope.months
    whole = measure(empty, chosen, scope).iloc[0]
    assert (whole["walks"], whole["stations"]) == (12, 3)
    # Beside an indicator of another source.
    table = measure(empty, [*chosen, INDICATORS["received"]], scope, ("township_code",)).set_index("township_code")
    expected = pd.DataFrame({"walks": [12, np.nan], "stations": [3, np.nan], "received": np.nan}, index=["1", "2"])
    pd.testing.assert_frame_equal(
        table[["walks", "stations", "received"]], expected, check_names=False, check_index_type=False
    )
    with pytest.raises(ValueError, match="walks has no rollup by kind"):
        measure(empty, chosen, scope, ("kind",))
    with pytest.raises(ValueError, match="walks has no rollup by category_1"):
        measure(empty, chosen, scope.narrowed(("category_1", "x")))
    with pytest.raises(KeyError):
        county.indicator("unknown")


# --- Every query, on no data and in other servers' SQL -----------------------------------------------


@pytest.mark.parametrize("name", QUERIES)
def test_empty_tables_give_empty_answers(migrated: Engine, name: str) -> None:
    answer = QUERIES[name](migrated, *ARGUMENTS.get(name, (EVERYTHING,)))
    match answer:
        case pd.DataFrame():
            assert answer.empty
        case queries.County():
            assert answer.townships.empty
            assert (answer.months, answer.as_of, answer.names) == ((), {}, {})
        case (counts, quantiles):
            assert counts.empty
            assert np.isnan(quantiles).all()
        case _:
            assert answer in ({}, (), 0, "decisions:0-0-0-0,batches:0-0,settings:0,evaluation:0-0-0-0-0-0-0-0")


@pytest.mark.parametrize("by", [(), ("month",), ("township_code",), ("township_code", "month")])
def test_a_measure_of_nothing_is_no_data(migrated: Engine, county: Loaded, by: tuple[str, ...]) -> None:
    nothing = Scope(UNRESTRICTED, None, "2019-01", "2019-03")
    for engine, scope in ((migrated, EVERYTHING), (county.engine, nothing)):
        table = measure(engine, list(INDICATORS.values()), scope, by)
        assert len(table) == (0 if by else 1)
        assert table.drop(columns=list(by)).isna().all(axis=None)
        assert set(by) | set(INDICATORS) <= set(table)


@pytest.fixture(scope="module")
def statements() -> list[Any]:
    """Every statement that queries and refreshes send."""
    sent: list[Any] = []
    loaded = Loaded(4, memory_engine())
    event.listen(loaded.engine, "before_execute", lambda _connection, statement, *_: sent.append(statement))
    code, *_ = loaded.world.townships
    with loaded.engine.begin() as connection:
        for area in AREAS:
            refresh(connection, area)
            refresh(connection, area, townships=[code], start="2024-01", end="2024-02")
    for scope in (EVERYTHING, Scope(UNRESTRICTED, (code,), "2024-01", "2024-02")):
        for name, function in QUERIES.items():
            function(loaded.engine, *(scope if part is EVERYTHING else part for part in ARGUMENTS.get(name, (scope,))))
        for by in ((), ("two_hours",), ("weekday", "hour")):
            measure(loaded.engine, [INDICATORS["closed" if by == ("two_hours",) else "received"]], scope, by)
        measure(loaded.engine, [INDICATORS["cases_per_10k"]], scope)
        chosen = CaseFilter("overdue", next(iter(loaded.villages)), 1, 9, "停水")
        after = (datetime(2024, 3, 1), "N1", code)
        petition_lists.petition_cases(loaded.engine, scope.narrowed(("category_1", "劳动")), chosen, after=after)
    loaded.engine.dispose()
    return sent


def test_every_statement_compiles_for_postgresql(statements: list[Any]) -> None:
    assert len(statements) > 100
    for statement in statements:
        sql = str(statement.compile(dialect=postgresql.psycopg.dialect()))
        assert not [name for name in ("strftime", "substr(") if name in sql]


@pytest.mark.parametrize("function", [month_of, weekday_of, hour_of, whole, hours_between])
def test_date_functions_are_spelled_for_every_server(function: Any) -> None:
    column = petition.c.received_at
    call = function(column, column) if function is hours_between else function(column)
    sqlite_sql, postgresql_sql, mysql_sql = (
        str(call.compile(dialect=module.dialect())) for module in (sqlite, postgresql, mysql)
    )
    assert not [name for name in ("to_char", "extract", "floor", "date_format") if name in sqlite_sql]
    assert not [name for name in ("strftime", "substr", "date_format") if name in postgresql_sql]
    # MySQL has no CAST to INTEGER.
    assert not [name for name in ("to_char", "epoch", "isodow", "AS INTEGER", "strftime") if name in mysql_sql]


# --- Schema -----------------------------------------------------------------------------------------


# Copied to every server, or kept on the one that is asked.
SMALL = {
    "account",
    "account_department",
    "account_township",
    "boundary_file",
    "county_setting",
    "data_state",
    "decision",
    "decision_case",
    "decision_event",
    "decision_verdict",
    "deed",
    "evaluation_freeze",
    "evaluation_proposal",
    "evaluation_scheme",
    "import_batch",
    "import_change",
    "reported_indicator",
    "role",
    "role_right",
    "saved_view",
    "township",
    "township_alias",
    "village",
    "wall_key",
}
DISTRIBUTED = [table for table in metadata.sorted_tables if table.name not in SMALL]


@pytest.mark.parametrize("table", DISTRIBUTED, ids=lambda table: table.name)
def test_keys_can_be_distributed_by_township(table: Any) -> None:
    assert "township_code" in table.primary_key.columns
    unique = [part.columns for part in table.constraints if isinstance(part, UniqueConstraint)]
    unique += [index.columns for index in table.indexes if index.unique]
    for columns in unique:
        assert "township_code" in columns
    # A key to another distributed table stays within the township.
    for constraint in table.foreign_key_constraints:
        if constraint.referred_table in DISTRIBUTED:
            assert "township_code" in constraint.columns


def test_migrations_make_exactly_the_schema(migrated: Engine) -> None:
    with migrated.connect() as connection:
        # SQLite holds nobody to the length of a text, and migrations leave it as it was.
        is_held = migrated.dialect.name != "sqlite"
        context = MigrationContext.configure(connection, opts={"compare_type": is_held})
        assert compare_metadata(context, metadata) == []
