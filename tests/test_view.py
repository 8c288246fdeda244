"""What a view shows of one township, taken from what was asked for all, is what the database says of it alone."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access import queries
from data_access.access import UNRESTRICTED
from data_access.areas.cameras import lists as camera_lists
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.projects import lists as project_lists
from data_access.indicators import INDICATORS
from data_access.scope import Scope
from ui.asking.view import View

PERIODS = (("2023-01", "2023-08"), ("2023-08", "2023-08"))


@pytest.fixture(params=PERIODS)
def views(
    request: pytest.FixtureRequest, sample_url: str, sample_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> list[View]:
    """A view of each township chosen alone."""
    monkeypatch.setenv("DATABASE_URL", sample_url)
    county = queries.county(sample_engine, UNRESTRICTED)
    return [View(county, 0, "zh", Scope(UNRESTRICTED, (code,), *request.param), "none") for code in county.names]


@pytest.mark.parametrize("by", [(), ("month",)])
def test_measures(views: list[View], sample_engine: Engine, by: tuple[str, ...]) -> None:
    for view in views:
        alone = queries.measure(sample_engine, tuple(INDICATORS.values()), view.scope, by)
        assert len(alone)
        pd.testing.assert_frame_equal(view.measured(list(INDICATORS), by), alone, check_dtype=False)


def bare(table: pd.DataFrame) -> pd.DataFrame:
    """Its values alone: a column where all are missing has another type than one with texts."""
    return table.astype(object).where(table.notna(), None)


@pytest.mark.parametrize(
    "question",
    [petition_lists.overdue_by_township, camera_lists.cameras_offline, project_lists.projects, queries.unreported],
)
def test_lists(views: list[View], sample_engine: Engine, question: Callable[[Engine, Scope], pd.DataFrame]) -> None:
    found = 0
    for view in views:
        alone = question(sample_engine, view.scope)
        pd.testing.assert_frame_equal(bare(view.listed(question).reset_index(drop=True)), bare(alone))
        found += len(alone)
    assert found


def test_a_township_without_rows_is_asked_for_alone(views: list[View]) -> None:
    view = views[0].narrowed(("category_1", "没有这一类"))
    assert view.measured(["received"])["received"].isna().tolist() == [True]
