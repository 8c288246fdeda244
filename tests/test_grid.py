"""Idle grids against a count by hand, the month's bands, figures reported by hand, and the list of kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, insert
from streamlit.testing.v1 import AppTest

from data_access import queries
from data_access.access import UNRESTRICTED
from data_access.areas.grid import lists as grid_lists
from data_access.areas.grid.bands import Band, band_of
from data_access.areas.grid.register import GRID
from data_access.areas.reports.tables import indicator_report, reported_indicator
from data_access.database import engine_for
from data_access.event_kinds import KindsProblem, event_kinds
from data_access.indicators import INDICATORS
from data_access.rollups import refresh
from data_access.scope import Scope, month_end, month_start
from data_access.settings.changing import SettingProblem
from data_access.settings.kept import grid_bands
from data_access.settings.lists import set_grid_bands
from tests.counties import empty_county, memory_engine
from tests.page_contents import contents, page
from tests.raw_indicators import AREAS, World
from ui.settings.grid_bands import bands_in


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def county(request: pytest.FixtureRequest) -> Iterator[tuple[Engine, World]]:
    world = World(Random(9), petitions=20, others=120)  # noqa: S311
    # Few enough that some grids are idle
    world.facts["grid_event"] = world.facts["grid_event"][::25]
    with empty_county(request, request.param) as engine:
        with engine.begin() as connection:
            world.write(connection)
            for area in AREAS:
                refresh(connection, area, as_of=world.end)
        yield engine, world


def month_number(moment: date | datetime) -> int:
    return moment.year * 12 + moment.month


@pytest.mark.parametrize(("start", "end"), [("2024-01", "2024-03"), ("2023-11", "2024-04"), ("2024-02", "2024-02")])
def test_idle_grids_are_as_counted_by_hand(start: str, end: str, county: tuple[Engine, World]) -> None:
    engine, world = county
    found = grid_lists.grid_activity(engine, Scope(UNRESTRICTED, None, start, end)).set_index(
        ["township_code", "grid_code"]
    )
    grids = {(row["township_code"], row["grid_code"]): row for row in world.facts["grid"]}
    until = month_end(end)
    in_use = {
        key
        for key, row in grids.items()
        if row["kind"] == GRID
        and (row["opened_on"] is None or row["opened_on"] < until.date())
        and (row["closed_on"] is None or row["closed_on"] >= until.date())
    }
    assert set(found.index) == in_use
    events: Counter[Any] = Counter()
    latest: dict[Any, datetime] = {}
    for event in world.facts["grid_event"]:
        own = grids.get((event["township_code"], event["grid_code"]))
        code = (own and own["parent_code"]) or event["grid_code"]
        key = (event["township_code"], code)
        if event["reported_at"] < until:
            latest[key] = max(latest.get(key, event["reported_at"]), event["reported_at"])
            events[key] += event["reported_at"] >= month_start(start)
    last = month_number(month_start(end))
    for key in in_use:
        opened = grids[key]["opened_on"]
        if key in latest:
            idle = last - month_number(latest[key])
        else:
            idle = 12 if opened is None else last - month_number(opened) + 1
        assert found.loc[key, "events"] == events[key], key
        assert found.loc[key, "idle_months"] == min(max(idle, 0), 12), key
    assert found["idle_months"].nunique() > 1
    assert any(key in latest for key in in_use)


def test_the_shipped_list_has_sixteen_kinds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("EVENT_KINDS", raising=False)
    assert len(event_kinds()) == 16
    own = tmp_path / "own.toml"
    own.write_text('kinds = ["甲", "乙", "甲"]', "utf-8")
    monkeypatch.setenv("EVENT_KINDS", str(own))
    assert event_kinds() == ("甲", "乙")
    for wrong in ("kinds = []", "kinds = 3", "kinds = [1]", "kind = [", ""):
        own.write_text(wrong, "utf-8")
        with pytest.raises(KindsProblem, match=r"own\.toml"):
            event_kinds()


def test_a_new_line_of_work_needs_rows_only(tmp_path: Path, sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "county.sqlite"
    path.write_bytes(Path(sample_url.removeprefix("sqlite:///")).read_bytes())
    url = f"sqlite:///{path.as_posix()}"
    with engine_for(url).begin() as connection:
        connection.execute(
            insert(reported_indicator).values(
                code="bridges", area="路桥", name_zh="危桥改造", name_en="Bridges mended", unit="座", over_months="sum"
            )
        )
        for code, amount, at_least in (("370883001", 3, False), ("370883002", 7, True)):
            connection.execute(
                insert(indicator_report).values(
                    township_code=code, month="2023-08", code="bridges", numerator=amount, at_least=at_least
                )
            )
        refresh(connection, "reports")

    def titles(app: AppTest) -> list[str]:
        return [figure["title"] for figure in contents(app, "figure")]

    app = page("other_work", url, monkeypatch)
    (title,) = [title for title in titles(app) if "危桥改造" in title]
    assert "≥ 7 座" in title
    (drawn,) = [figure for figure in contents(app, "figure") if "危桥改造" in figure["title"]]
    assert "路桥 · 镇街填报；未报 14 个" in drawn["note"]
    rows = page("other_work", url, monkeypatch, tab=["rows"]).dataframe[0].value
    assert set(rows[rows["指标"] == "危桥改造"]["数值"]) == {"3", "≥ 7"}
    app = page("other_work", url, monkeypatch, **{"from": ["2023-07"], "to": ["2023-07"]})
    assert not [title for title in titles(app) if "危桥改造" in title]
    assert "危桥改造" in set(app.dataframe[-1].value["指标"])


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("tab", ["charts", "rows"])
def test_other_work_in_both_languages(tab: str, lang: str, sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("other_work", sample_url, monkeypatch, tab=[tab], lang=[lang], street=["太平镇"])
    assert not app.error
    assert app.title[0].value.endswith({"zh": "其他工作", "en": "Other work"}[lang])


def test_grids_of_a_township_that_did_not_report_are_not_idle(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("grid", sample_url, monkeypatch, tab=["rows"], street=["郭里镇"])
    assert "郭里镇当月未报" in app.warning[0].value
    assert not app.dataframe


# --- The month's bands ------------------------------------------------------------------------------

BANDS = (Band("优秀", 95, 300), Band("良好", 80, 200), Band("待改进", 0, 0))


@pytest.mark.parametrize(
    ("due", "closed", "expected"), [(20, 19, "优秀"), (20, 18, "良好"), (5, 4, "良好"), (5, 0, "待改进"), (0, 0, None)]
)
def test_a_grid_is_in_the_band_of_its_share_on_time(due: int, closed: int, expected: str | None) -> None:
    found = band_of(BANDS, due, closed)
    assert (found.name if found else None) == expected


def test_the_grids_of_a_township_add_up_to_its_share_on_time(sample_engine: Engine) -> None:
    scope = Scope(UNRESTRICTED, None, "2023-08", "2023-08")
    marks = grid_lists.grid_marks(sample_engine, scope).groupby("township_code")[["due", "closed_on_time"]].sum()
    whole = queries.measure(sample_engine, [INDICATORS["grid_on_time_rate"]], scope, ("township_code",))
    whole = whole.set_index("township_code").dropna(subset=["grid_on_time_rate"])
    assert (marks.loc[whole.index, "due"] == whole["grid_on_time_rate:d"]).all()
    assert (marks.loc[whole.index, "closed_on_time"] == whole["grid_on_time_rate:n"]).all()


def test_the_months_sheet_counts_grids_and_lists_no_person(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("grid", sample_url, monkeypatch, tab=["rows"], street=["太平镇", "北宿镇"])
    sheet = next(
        one.value
        for one in app.dataframe
        if "奖补（元）" in one.value and "镇街" in one.value and "合计" in set(one.value["镇街"])
    )
    names = ["优秀", "良好", "合格", "待改进", "没有到期事件"]
    assert (sheet[names].sum(axis=1) == sheet["网格（个）"]).all()
    total = sheet.set_index("镇街").loc["合计"]
    assert total["奖补（元）"] == 300 * total["优秀"] + 200 * total["良好"] + 100 * total["合格"]
    # Where one works in a grid, it is in no list with a band.
    for one in app.dataframe:
        if "等次" in one.value:
            assert (one.value["现有网格员（名）"] > 1).all()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("优秀 95", "要写成"),
        ("甲 50 1\n乙 60 1\n丙 0 0", "从高到低"),
        ("甲 50 1", "最后一个是 0"),
        ("甲 5 -1\n乙 0 0", "奖补"),
    ],
)
def test_bands_that_cannot_be_are_refused(lines: str, words: str) -> None:
    engine = memory_engine()
    with pytest.raises(SettingProblem, match=words):
        set_grid_bands(engine, UNRESTRICTED, bands_in(lines))
    set_grid_bands(engine, UNRESTRICTED, bands_in("优秀 95% 300元\n待改进 0 0"))
    assert grid_bands(queries.county(engine, UNRESTRICTED).settings) == (Band("优秀", 95, 300), Band("待改进", 0, 0))
