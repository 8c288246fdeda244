"""Every page, tab and look while a handful of groups, of kept rows and no time are all that is granted."""

from __future__ import annotations

from collections import OrderedDict
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine
from starlette.datastructures import QueryParams
from streamlit.testing.v1 import AppTest

from data_access import cache
from data_access.access import UNRESTRICTED
from data_access.database import engine_for
from data_access.exploring import common_causes, questions, saved_views
from data_access.kept_results import KeptResults
from tests.addresses import ADDRESSES
from tests.counties import copied
from tests.page_contents import page
from ui.explore.matches import matches

TOO_FINE = "分得太细，超过 3 组"
TOO_SLOW = "没有算完，已停止"
# What has more groups than three in the sample county, and what no rollup answers
FINE = (
    "/explore?look=causes",
    "/explore?count=received&count=on_time_rate&by=village_code&by=category_3",
    "/explore?count=received&by=village_code&text=路灯",
    "/explore?count=projects&by=responsible",
)
READ_FROM_FACTS = (*FINE, "/explore?look=again", "/explore?count=received&rows=received")


@pytest.fixture(scope="module")
def large_url(sample_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample county with a view on the overview and one on the screen that both have too many groups."""
    url = copied(sample_engine, tmp_path_factory.mktemp("limits") / "county.sqlite")
    engine = engine_for(url)
    question = {
        "parameters": {"by": ["village_code", "week"]},
        "townships": {},
        "period": ["latest", 3],
        "compare": "none",
        "names": {},
    }
    for place in saved_views.PLACES[1:]:
        view_id = saved_views.save_view(
            engine, name="各村各周", description="", question=question, is_shared=True, by=UNRESTRICTED
        )
        saved_views.place_view(engine, view_id, place, by=UNRESTRICTED)
    return url


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_parts", OrderedDict())
    monkeypatch.setattr(cache, "_answers", KeptResults(2000))


@pytest.fixture
def few_groups(nothing_kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "GROUP_LIMIT", 3)
    monkeypatch.setattr(common_causes, "GROUP_LIMIT", 3)
    monkeypatch.setattr(cache, "_MOST_ROWS", 3)


@pytest.fixture
def no_time(nothing_kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_SECONDS", 0.0)
    monkeypatch.setattr(cache, "_SLICE_SECONDS", 0.0)


def opened(address: str, url: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    asked = urlsplit(address)
    app = page(asked.path.strip("/") or "overview", url, monkeypatch, **parse_qs(asked.query))
    assert not app.error
    return app


def warnings(app: AppTest) -> str:
    return "\n".join(one.value for one in app.warning)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.usefixtures("few_groups")
def test_every_page_opens_where_groups_are_too_many(
    address: str, large_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = warnings(opened(address, large_url, monkeypatch))
    if address in FINE:
        assert TOO_FINE in said


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.usefixtures("no_time")
def test_every_page_opens_where_questions_take_too_long(
    address: str, large_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = warnings(opened(address, large_url, monkeypatch))
    if address in READ_FROM_FACTS:
        assert TOO_SLOW in said


@pytest.mark.parametrize("limits", ["few_groups", "no_time"])
def test_the_screen_and_the_search_box_answer_too(
    limits: str, large_url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    from ui.screen.frames import content
    from ui.screen.settings import settings

    monkeypatch.setenv("DATABASE_URL", large_url)
    # What they choose from is read first, as it is before anybody types.
    assert matches(QueryParams({"q": "钢山"}), UNRESTRICTED)["rows"]
    request.getfixturevalue(limits)
    frames = content(settings(QueryParams("")), UNRESTRICTED)["frames"]
    assert frames
    assert "各村各周" not in [frame["title"] for frame in frames]
