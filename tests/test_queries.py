"""Lists and questions, against the sample county read with pandas, and against empty tables."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access import database, queries
from data_access.indicators import INDICATORS
from data_access.queries import CaseFilter
from data_access.scope import Scope

YEAR = Scope((), "2023-01", "2023-08")
TAIPING = Scope(("370883107",), "2023-05", "2023-06")
AS_OF = datetime(2023, 8, 31, 23, 59, 59)


@pytest.fixture(scope="module")
def petitions(sample_engine: Engine) -> pd.DataFrame:
    times = ["received_at", "signed_at", "due_at", "replied_at", "closed_at"]
    with sample_engine.connect() as connection:
        frame = pd.read_sql_query("SELECT * FROM petition", connection.connection.dbapi_connection, parse_dates=times)
    return frame[frame["invalid_reason"].isna()]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = database.engine_for(f"sqlite:///{(tmp_path_factory.mktemp('empty') / 'county.sqlite').as_posix()}")
    database.upgrade(engine)
    return engine


def received(petitions: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    month = petitions["received_at"].dt.strftime("%Y-%m")
    rows = petitions[(month >= scope.start) & (month <= scope.end)]
    return rows[rows["township_code"].isin(scope.townships)] if scope.townships else rows


def test_pages_of_cases_visit_each_case_once_the_latest_first(sample_engine: Engine, petitions: pd.DataFrame) -> None:
    seen: list[str] = []
    after = None
    while len(page := queries.petition_cases(sample_engine, TAIPING, after=after, limit=37)):
        seen += page["case_no"].tolist()
        last = page.iloc[-1]
        after = (last["received_at"].to_pydatetime(), last["case_no"])
    expected = received(petitions, TAIPING).sort_values(["received_at", "case_no"], ascending=False)
    assert seen == expected["case_no"].tolist()
    assert queries.petition_case_count(sample_engine, TAIPING) == len(seen)


@pytest.mark.parametrize("state", ["open", "overdue", "closed", "dissatisfied"])
def test_states_of_cases(state: str, sample_engine: Engine, petitions: pd.DataFrame) -> None:
    is_open = petitions["closed_at"].isna()
    expected = {
        "open": petitions[is_open],
        "overdue": petitions[is_open & (petitions["due_at"] < AS_OF)],
        "closed": received(petitions, YEAR)[lambda rows: rows["closed_at"].notna()],
        "dissatisfied": received(petitions, YEAR)[lambda rows: rows["satisfied"] == 0],
    }[state]
    listed = queries.petition_cases(sample_engine, YEAR, CaseFilter(state), limit=10**6)
    assert set(listed["case_no"]) == set(expected["case_no"])
    assert queries.petition_case_count(sample_engine, YEAR, CaseFilter(state)) == len(expected) > 0


def test_cases_by_hour_village_category_and_words(sample_engine: Engine, petitions: pd.DataFrame) -> None:
    rows = received(petitions, TAIPING)
    monday_nine = rows[(rows["received_at"].dt.day_of_week == 0) & (rows["received_at"].dt.hour == 9)]
    chosen = CaseFilter(weekday=1, hour=9)
    assert queries.petition_case_count(sample_engine, TAIPING, chosen) == len(monday_nine)
    code = rows["village_code"].dropna().iloc[0]
    chosen = CaseFilter(village_code=code)
    assert queries.petition_case_count(sample_engine, TAIPING, chosen) == (rows["village_code"] == code).sum()
    narrowed = TAIPING.narrowed(("category_1", "农业农村"), ("channel", "信访"))
    expected = rows[(rows["category_1"] == "农业农村") & (rows["channel"] == "信访")]
    assert queries.petition_case_count(sample_engine, narrowed) == len(expected)
    word = str(rows["title"].iloc[0])[-4:]
    assert queries.petition_case_count(sample_engine, TAIPING, CaseFilter(text=word)) == (
        rows["title"].str.contains(word, regex=False).sum()
    )
    assert queries.petition_case_count(sample_engine, TAIPING, CaseFilter(text="100%_")) == 0


@pytest.mark.parametrize(("name", "shown"), [("王小明", "王**"), ("李四", "李*"), ("张", "张*"), ("", "")])
def test_names_are_masked(name: str, shown: str) -> None:
    assert queries.masked(name) == shown


def test_open_cases_by_age(sample_engine: Engine, petitions: pd.DataFrame) -> None:
    is_open = petitions[petitions["closed_at"].isna()]
    days = (AS_OF - is_open["received_at"]).dt.total_seconds() / 86400
    ages = queries.open_case_ages(sample_engine, YEAR)
    assert ages["open"].sum() == len(is_open)
    assert ages.loc[ages["age"] == 7, "open"].item() == ((days >= 3) & (days < 7)).sum()
    assert ages["overdue"].sum() == (is_open["due_at"] < AS_OF).sum()
    overdue = queries.overdue_by_township(sample_engine, YEAR)
    assert overdue["overdue"].sum() == ages["overdue"].sum()
    late = is_open[is_open["due_at"] < AS_OF]
    longest = (AS_OF - late["due_at"]).dt.total_seconds().max() / 86400
    assert overdue["longest_days"].max() == pytest.approx(longest)


def test_quantiles_are_right_to_two_hours(sample_engine: Engine, petitions: pd.DataFrame) -> None:
    month = petitions["closed_at"].dt.strftime("%Y-%m")
    closed = petitions[(month >= YEAR.start) & (month <= YEAR.end)]
    days = (closed["closed_at"] - closed["received_at"]).dt.total_seconds() / 86400
    counts, quantiles = queries.duration_quantiles(sample_engine, YEAR, (0.5, 0.9))
    assert counts.sum() == len(days)
    for share, quantile in zip((0.5, 0.9), quantiles, strict=True):
        exact = float(np.quantile(days, share, method="inverted_cdf"))
        assert exact < quantile <= exact + 1 / 12 + 1e-9


def test_cameras_down_and_villages_without_one(sample_engine: Engine) -> None:
    offline = queries.cameras_offline(sample_engine, YEAR)
    measured = queries.measure(sample_engine, [INDICATORS["offline_24h"], INDICATORS["village_coverage"]], YEAR)
    assert (offline["hours"] > 24).sum() == measured["offline_24h"].item()
    assert offline["hours"].is_monotonic_decreasing
    uncovered = queries.villages_without_camera(sample_engine, YEAR)
    missing = measured["village_coverage:d"].item() - measured["village_coverage:n"].item()
    assert len(uncovered) == missing > 0


def test_quiet_teams_are_those_not_active(sample_engine: Engine) -> None:
    reported = Scope(("370883107",), "2023-08", "2023-08")
    quiet = queries.quiet_teams(sample_engine, reported)
    active = queries.measure(sample_engine, [INDICATORS["active_team_rate"]], reported)
    assert len(quiet) == active["active_team_rate:d"].item() - active["active_team_rate:n"].item()
    assert quiet["last_held_on"].dropna().is_monotonic_increasing
    assert (quiet["last_held_on"].dropna() < datetime(2023, 8, 1)).all()


def test_projects_behind_agree_with_the_indicator(sample_engine: Engine) -> None:
    listed = queries.projects(sample_engine, YEAR)
    measured = queries.measure(sample_engine, [INDICATORS[c] for c in ("projects", "behind", "schedule_gap")], YEAR)
    assert len(listed) == measured["projects"].item()
    assert (listed["gap"] < -10).sum() == measured["behind"].item()
    assert listed["gap"].mean() == pytest.approx(measured["schedule_gap"].item(), abs=0.2)
    assert listed["gap"].dropna().is_monotonic_increasing


def test_the_township_that_reported_nothing_is_named(sample_engine: Engine) -> None:
    missing = queries.unreported(sample_engine, YEAR)
    assert set(missing["township_code"]) == {"370883114"}
    assert set(missing["area"]) == {"volunteers", "projects", "grid"}
    assert queries.unreported(sample_engine, Scope((), "2023-07", "2023-07")).empty


def test_a_dimension_without_a_rollup_is_refused(sample_engine: Engine) -> None:
    with pytest.raises(ValueError, match="no rollup by"):
        queries.measure(sample_engine, [INDICATORS["cases_per_10k"]], YEAR, ("channel",))


def test_indicators_of_several_sources_come_in_one_frame(sample_engine: Engine) -> None:
    frame = queries.measure(
        sample_engine, [INDICATORS[c] for c in ("received", "online_rate", "teams")], YEAR, ("township_code", "month")
    )
    assert len(frame) == 16 * 8
    assert list(frame.columns[:2]) == ["township_code", "month"]


def test_empty_tables_answer_with_nothing(empty: Engine) -> None:
    county = queries.county(empty)
    assert county.townships.empty
    assert county.months == ()
    for indicator in INDICATORS.values():
        assert queries.measure(empty, [indicator], YEAR)[indicator.code].isna().all()
        assert queries.measure(empty, [indicator], YEAR, ("township_code", "month")).empty
    for listed in (
        queries.petition_cases(empty, YEAR),
        queries.overdue_by_township(empty, YEAR),
        queries.cameras_offline(empty, YEAR),
        queries.villages_without_camera(empty, YEAR),
        queries.quiet_teams(empty, YEAR),
        queries.projects(empty, YEAR),
        queries.unreported(empty, YEAR),
    ):
        assert len(listed) == 0
    assert np.isnan(queries.duration_quantiles(empty, YEAR, (0.5,))[1][0])
    assert queries.data_version(empty) == "batches:0"


def test_the_version_changes_with_every_refresh(tmp_path: Path) -> None:
    from data_access.rollups import refresh

    engine = database.engine_for(f"sqlite:///{(tmp_path / 'county.sqlite').as_posix()}")
    database.upgrade(engine)
    versions = {queries.data_version(engine)}
    for _ in range(2):
        with engine.begin() as connection:
            refresh(connection, "petitions", as_of=AS_OF)
        versions.add(queries.data_version(engine))
    assert len(versions) == 3
