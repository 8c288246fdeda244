"""Every figure the newspaper printed comes out of the dashboard's own indicators, and the sample is built whole or not at all."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine, Table, select

from data_access import queries
from data_access.access import UNRESTRICTED
from data_access.areas.cameras.tables import camera, camera_outage
from data_access.areas.petitions.tables import petition
from data_access.areas.projects import lists as project_lists
from data_access.areas.reports.tables import reported_indicator
from data_access.areas.volunteers.tables import volunteer_team
from data_access.database import engine_for
from data_access.model.data_state import data_state
from data_access.places.tables import county_setting, grid, township, township_alias, village
from data_access.queries import County
from data_access.schema import FACTS, ROLLUPS
from data_access.scope import Scope
from sample_data.build import build, main
from sample_data.county import AS_OF, Columns, PrintedFigure, printed_figures, townships
from sample_data.petitions import cases

# The newspaper's words for what the dashboard counts from facts; every other figure is reported by hand.
INDICATOR_CODES = {
    "villages_and_communities": "villages",
    "grids": "grids",
    "micro_grids": "micro_grids",
    "grid_workers": "grid_workers",
    "events_handled": "grid_events_closed",
    "disputes_resolved": "disputes_resolved",
    "hazards_found": "hazards",
    "grid_volunteer_teams": "grid_teams",
    "volunteers": "volunteers",
    "networked_cameras": "cameras",
    "assigned_cases": "received",
    "completion_rate": "completion_rate",
    "satisfaction_rate": "satisfaction_rate",
}
# Figures that count projects: the words in the project's name, and whether it must be completed
PROJECTS = {"mortgage_duck_projects": ("按揭肉鸭", True), "egg_farm_projects": ("蛋鸡", False)}
FIGURES = printed_figures()
SMALL = 1500
NO_GRIDS: dict[str, Columns] = defaultdict(lambda: {"grid_code": [], "village_code": [], "kind": []})


@pytest.fixture(scope="module")
def county(sample_engine: Engine) -> County:
    return queries.county(sample_engine, UNRESTRICTED)


def scope_of(figure: PrintedFigure) -> Scope:
    return Scope(UNRESTRICTED, (figure.township_code,), figure.months[0], figure.months[-1])


def shown(engine: Engine, county: County, figure: PrintedFigure) -> float:
    """What the dashboard says where the newspaper printed the figure."""
    if figure.indicator in PROJECTS:
        words, is_completed = PROJECTS[figure.indicator]
        listed = project_lists.projects(engine, scope_of(figure))
        named = listed[listed["project_name"].str.contains(words)]
        return float((named["actual_end"].notna() == is_completed).sum())
    indicator = county.indicator(INDICATOR_CODES.get(figure.indicator, figure.indicator))
    return float(queries.measure(engine, [indicator], scope_of(figure))[indicator.code].iloc[0])


@pytest.mark.parametrize("figure", FIGURES, ids=[f"{figure.township_code}-{figure.indicator}" for figure in FIGURES])
def test_printed_figure(sample_engine: Engine, county: County, figure: PrintedFigure) -> None:
    value = shown(sample_engine, county, figure)
    if figure.at_least:
        assert value >= figure.value
    else:
        assert round(value, figure.decimals) == figure.value


def test_every_assigned_case_is_closed(sample_engine: Engine, county: County) -> None:
    rate = county.indicator("completion_rate")
    counts = queries.measure(sample_engine, [rate], Scope(UNRESTRICTED, ("370883001",), "2023-01", "2023-08")).iloc[0]
    assert counts["completion_rate:n"] == counts["completion_rate:d"]


def test_projects_of_tianhuang(sample_engine: Engine) -> None:
    listed = project_lists.projects(sample_engine, Scope(UNRESTRICTED, ("370883113",), "2023-08", "2023-08"))
    stages = dict(zip(listed["project_name"], listed["stage"], strict=True))
    assert stages == {
        "圣地山年产20万吨饲料车间项目": "完工",
        "按揭畜牧园项目": "前期",
        "按揭肉鸭养殖项目（一期）": "完工",
        "按揭肉鸭养殖项目（二期）": "完工",
        "康益健蛋鸡养殖项目": "在建",
    }


def test_county(county: County) -> None:
    assert county.is_sample
    assert len(county.townships) == 16
    assert (county.months[0], county.months[-1]) == ("2022-01", "2023-08")
    assert set(county.as_of.values()) == {AS_OF}


@pytest.mark.parametrize(("alias", "name"), [("兖山街道", "凫山街道"), ("峰山镇", "峄山镇")])
def test_printed_alias_resolves(sample_engine: Engine, alias: str, name: str) -> None:
    query = (
        select(township.c.name)
        .join(township_alias, township_alias.c.township_code == township.c.code)
        .where(township_alias.c.alias == alias)
    )
    with sample_engine.connect() as connection:
        assert connection.scalars(query).all() == [name]


def test_a_silent_township(sample_engine: Engine, county: County) -> None:
    missing = queries.unreported(sample_engine, Scope(UNRESTRICTED, None, "2023-08", "2023-08"))
    assert {(county.names[row.township_code], row.area) for row in missing.itertuples()} == {
        ("郭里镇", "volunteers"),
        ("郭里镇", "projects"),
        ("郭里镇", "grid"),
    }


def test_petitions_are_consistent(sample_engine: Engine) -> None:
    c = petition.c
    wrong = {
        "signed before received": c.signed_at < c.received_at,
        "due before received": c.due_at < c.received_at,
        "replied before signed": c.replied_at < c.signed_at,
        "closed before replied": c.closed_at < c.replied_at,
        "after the as-of date": (c.received_at > AS_OF) | (c.signed_at > AS_OF) | (c.closed_at > AS_OF),
        "called back while open": c.called_back.is_not(None) & c.closed_at.is_(None),
        "answer without callback": c.satisfied.is_not(None) & c.called_back.is_not(True),
        "a telephone number that could exist": ~c.phone.startswith("000"),
    }
    with sample_engine.connect() as connection:
        found = {what: connection.scalar(select(c.case_no).where(rule).limit(1)) for what, rule in wrong.items()}
    assert found == dict.fromkeys(wrong)


def test_repeats_follow_a_closed_case_of_the_township(sample_engine: Engine) -> None:
    again, first = petition.alias("again"), petition.alias("first")
    query = (
        select(again.c.case_no)
        .outerjoin(first, (first.c.township_code == again.c.township_code) & (first.c.case_no == again.c.repeat_of))
        .where(again.c.repeat_of.is_not(None))
        .where(first.c.closed_at.is_(None) | (again.c.received_at <= first.c.closed_at))
    )
    with sample_engine.connect() as connection:
        assert connection.scalars(query).all() == []


def test_outages_of_a_camera_do_not_overlap(sample_engine: Engine) -> None:
    o, c = camera_outage.c, camera.c
    query = (
        select(o.township_code, o.camera_id, o.started_at, o.ended_at, c.installed_on, c.removed_on)
        .join(camera, (c.township_code == o.township_code) & (c.camera_id == o.camera_id))
        .order_by(o.township_code, o.camera_id, o.started_at)
    )
    with sample_engine.connect() as connection:
        rows = connection.execute(query).all()
    assert all(row.installed_on <= row.started_at.date() for row in rows)
    assert all(row.removed_on is None or row.ended_at.date() <= row.removed_on for row in rows)
    assert all(row.ended_at is None or row.started_at < row.ended_at <= AS_OF for row in rows)
    assert all(
        row.camera_id != following.camera_id or (row.ended_at is not None and row.ended_at <= following.started_at)
        for row, following in pairwise(rows)
    )


def rows_of(engine: Engine, table: Table) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]


def test_one_seed_gives_one_county(tmp_path: Path) -> None:
    files = [tmp_path / "existing_but_empty.sqlite", tmp_path / "new.sqlite"]
    files[0].touch()
    first, second = (engine_for(f"sqlite:///{file.as_posix()}") for file in files)
    for engine in (first, second):
        build(str(engine.url), petitions=SMALL, seed=7)
    places = (county_setting, township, township_alias, village, grid, reported_indicator, data_state)
    for table in (*places, *FACTS, *ROLLUPS):
        assert rows_of(first, table) == rows_of(second, table), table.name
    assert len(rows_of(first, petition)) == SMALL


def test_another_seed_gives_other_cases() -> None:
    first, second = (next(cases(townships(), FIGURES, NO_GRIDS, SMALL, seed)) for seed in (7, 8))
    assert first["received_at"] != second["received_at"]


def test_a_database_with_townships_is_refused(sample_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--url", sample_url]) == 1
    zh, en = capsys.readouterr().err.splitlines()[-2:]
    assert "已有 16 个镇街" in zh
    assert "already holds 16 townships" in en


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def stop(_share: float, step: str) -> None:
        if step == "网格治理":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(f"sqlite:///{(tmp_path / 'county.sqlite').as_posix()}", petitions=SMALL, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_the_volunteers_that_were_printed_are_a_team_of_their_own(sample_engine: Engine) -> None:
    of_town = select(volunteer_team.c.name, volunteer_team.c.members).where(
        volunteer_team.c.township_code == "370883105"
    )
    with sample_engine.connect() as connection:
        teams = {name: members for name, members in connection.execute(of_town) if members and "人居环境整治" in name}
    assert list(teams.values()) == [927]
