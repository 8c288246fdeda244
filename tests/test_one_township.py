"""A county of one township: nothing on its pages speaks of places, of others, or of what there is none of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from starlette.datastructures import QueryParams

from data_access.access import UNRESTRICTED
from data_access.areas.petitions.tables import petition
from data_access.database import engine_for
from data_access.rollups import refresh
from tests.counties import build_single, sqlite_url
from tests.page_contents import contents, page
from ui.screen.frames import content
from ui.screen.settings import settings

# What can only be said of several
OF_SEVERAL = re.compile(
    r"第一(?!渠道|书记)|末位|最后一名|各镇街|名次 ?\d|可能相差|全部 1 个|average of the townships|\bplace \d|\bfirst\b"
    r"|\b[Aa]ll 1 |\b1 (cameras|projects) "
)
ELEMENTS = ("figure", "attention", "league_table", "kpi_cards", "to_do")


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of its database; none of its cases is open."""
    url = sqlite_url(Path(tmp_path_factory.mktemp("single")) / "county.sqlite")
    build_single(url)
    engine = engine_for(url)
    with engine.begin() as connection:
        connection.execute(
            update(petition).where(petition.c.closed_at.is_(None)).values(closed_at=petition.c.received_at)
        )
        refresh(connection, "petitions")
    engine.dispose()
    return url


def sentences(app: Any) -> list[str]:
    """The titles and words of a page, without its explanations."""
    shown = [one for name in ELEMENTS for one in contents(app, name)]
    titles = [str(one.get("title", "")) for one in shown] + [
        item["found"] for one in shown for item in one.get("items", ())
    ]
    return [*titles, *(one.value for one in (*app.markdown, *app.caption, *app.info))]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "name", ["overview", "petitions", "cameras", "volunteers", "rural_projects", "grid", "evaluation"]
)
def test_nothing_is_said_of_several(name: str, lang: str, single: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = sentences(page(name, single, monkeypatch, lang=[lang]))
    assert told
    assert [one for one in told if OF_SEVERAL.search(one)] == []


def test_one_alone_has_no_place(single: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (league,) = contents(page("overview", single, monkeypatch), "league_table")
    assert [row["cells"][0] for row in league["rows"]] == ["—"]
    assert "不排名" in league["note"]
    frames = content(settings(QueryParams("show=overview,evaluation")), UNRESTRICTED)["frames"]
    rankings = [chart for frame in frames for chart in frame["charts"] if chart["kind"] == "ranking"]
    assert [row["place"] for chart in rankings for row in chart["rows"]] == [None, None]


def test_of_no_open_cases_there_is_a_sentence_and_no_empty_chart(single: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("petitions", single, monkeypatch)
    assert "截至数据日没有未结的诉求。" in [one.value for one in app.caption]
    assert not any("未结" in one["title"] for one in contents(app, "figure"))


def test_the_list_of_what_is_to_do_has_the_page(single: str, monkeypatch: pytest.MonkeyPatch) -> None:
    beside_places = 2.2 / (1.35 + 2.2)
    for to_do, is_beside in (("cameras_to_mend", False), ("not_called_back", True)):
        weights = [column.weight for column in page("today", single, monkeypatch, todo=[to_do]).columns]
        assert any(abs(weight - beside_places) < 0.01 for weight in weights) == is_beside
