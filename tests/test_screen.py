"""The meeting-room screen: what it reads from its address, what it shows, and what it keeps to itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select
from starlette.datastructures import QueryParams

from data_access import rollups
from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.tables import petition
from data_access.database import engine_for
from data_access.importing import import_file
from data_access.places.tables import township
from tests.counties import copied
from ui.screen import frames, small_counts
from ui.screen.drawings import first_and_last
from ui.screen.frames import content
from ui.screen.settings import SUBJECTS, ScreenProblem, settings
from ui.text import is_english, written_in


def shown(query: str) -> dict[str, Any]:
    return content(settings(QueryParams(query)), UNRESTRICTED)


@pytest.fixture
def sample(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sample_url)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("show=overview,weather", "weather"),
        ("by=moon", "by=moon"),
        ("every=soon", "every=soon"),
        ("every=nan", "every=nan"),
        ("every=0", "every=0"),
        ("refresh=1e9", "refresh=1e9"),
        ("compare=never", "compare=never"),
        ("by=street&show=evaluation", "show"),
    ],
)
def test_an_address_that_says_nothing(query: str, problem: str) -> None:
    with pytest.raises(ScreenProblem) as raised:
        settings(QueryParams(query))
    assert problem in raised.value.zh
    assert problem in raised.value.en


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize("name", ["show", "by", "every", "compare", "lang", "street", "from"])
def test_a_problem_repeats_only_the_beginning_of_what_was_given(name: str) -> None:
    given = "长" * 200
    with pytest.raises(ScreenProblem) as raised:
        shown(f"{name}={given}")
    assert given[:20] in raised.value.zh
    assert given[:50] not in str(raised.value)


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize(("query", "problem"), [("street=亚特兰蒂斯", "亚特兰蒂斯"), ("from=1999-01", "1999-01")])
def test_filters_that_are_not_there(query: str, problem: str) -> None:
    with pytest.raises(ScreenProblem) as raised:
        shown(query)
    assert problem in raised.value.zh


@pytest.mark.usefixtures("sample")
def test_the_views_in_the_order_asked_for() -> None:
    assert [frame["key"] for frame in shown("show=cameras,overview")["frames"]] == ["cameras ", "overview "]
    everything = shown("")
    # Of decisions there is nothing to show before there are some.
    assert [frame["key"].strip() for frame in everything["frames"]] == [one for one in SUBJECTS if one != "decisions"]
    for frame in everything["frames"]:
        assert len(frame["cards"]) <= 6
        assert 1 <= len(frame["charts"]) <= 3
        # What needs a decision first
        states = [item["state"] == "act" for item in frame["decisions"]]
        assert states == sorted(states, reverse=True)


@pytest.mark.usefixtures("sample")
def test_a_view_for_every_township() -> None:
    frames = shown("by=street&show=cameras&street=太平镇&street=大束镇")["frames"]
    assert {frame["key"] for frame in frames} == {"cameras 大束镇", "cameras 太平镇"}
    for frame in frames:
        place = frame["key"].split()[1]
        assert [row["name"] for row in frame["charts"][0]["rows"] if row["chosen"]] == [place]
        assert "street=" in frame["leave"]
    assert len(shown("by=street&show=cameras")["frames"]) == 16


@pytest.mark.usefixtures("sample")
def test_views_agree() -> None:
    by_view = {frame["key"].strip(): frame for frame in shown("")["frames"]}

    def card(view: str, name: str) -> Any:
        return next(card["value"] for card in by_view[view]["cards"] if card["name"] == name)

    assert card("overview", "受理量") == card("petitions", "受理量")
    assert card("overview", "在线率") == card("cameras", "在线率")


@pytest.mark.usefixtures("sample")
def test_leaving_keeps_the_filters() -> None:
    frame = shown("show=petitions&street=太平镇&from=2023-03&to=2023-05&compare=none&lang=en")["frames"][0]
    assert dict(QueryParams(frame["leave"].removeprefix("petitions?"))) == {
        "street": "太平镇",
        "from": "2023-03",
        "to": "2023-05",
        "compare": "none",
        "lang": "en",
    }
    assert frame["title"].endswith("Petitions")
    assert shown("show=overview")["frames"][0]["leave"] == "./"


@pytest.mark.usefixtures("sample")
def test_nobody_stands_on_the_wall(sample_engine: Engine) -> None:
    columns = (petition.c.case_no, petition.c.petitioner, petition.c.phone, petition.c.title, petition.c.text)
    with sample_engine.connect() as connection:
        private = {
            value for row in connection.execute(select(*columns)) for value in row if value and len(str(value)) > 1
        }
    assert private
    told = json.dumps([shown(""), shown("by=street&show=petitions")], ensure_ascii=False)
    assert not [value for value in private if str(value) in told]


@pytest.fixture
def few_cases(sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A county of which one township has two cases in the last month and no others; returns its name."""
    url = copied(sample_engine, tmp_path / "few.sqlite")
    engine = engine_for(url)
    with engine.begin() as connection:
        code, name = connection.execute(
            select(township.c.code, township.c.name).order_by(township.c.code).limit(1)
        ).one()
        own = select(petition.c.case_no).where(petition.c.township_code == code)
        kept = connection.scalars(own.where(petition.c.received_at >= datetime(2023, 8, 1)).limit(2)).all()
        connection.execute(delete(petition).where(petition.c.township_code == code, petition.c.case_no.not_in(kept)))
        rollups.refresh(connection, "petitions")
    monkeypatch.setenv("DATABASE_URL", url)
    yield name
    engine.dispose()


def test_few_cases_are_not_told(few_cases: str) -> None:
    frame = shown(f"by=street&show=petitions&street={few_cases}")["frames"][0]
    values = {card["name"]: card["value"] for card in frame["cards"]}
    assert values["受理量"] == values["万人诉求量"] == "少于 5 件"
    ranking, trend = frame["charts"][:2]
    own = next(row for row in ranking["rows"] if row.get("chosen"))
    assert own["place"] is None
    assert own["text"] in ("少于 5", "未报")
    assert trend["values"] == [None] * 8
    split = frame["charts"][2]
    assert {row["text"] for row in split["rows"]} == {"少于 5"}


def test_hiding_few_cases_changes_no_place_maximum_or_total(few_cases: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> tuple[dict[str, Any], dict[str, Any]]:
        # What the data say is kept for as long as they do not change.
        frames._content.cache_clear()
        frame = shown("show=petitions")["frames"][0]
        return frame["charts"][0], frame["decisions"][0]

    hidden, attention = told()
    for module in (frames, small_counts):
        monkeypatch.setattr(module, "FEWEST_CASES", 1)
    whole, attention_to_all = told()
    assert attention["found"] == attention_to_all["found"]
    assert attention["detail"].split("；")[0] == attention_to_all["detail"].split("；")[0]
    places = {row["name"]: (row["place"], row["text"]) for row in whole["rows"]}
    small = [row["name"] for row in hidden["rows"] if row["text"] == "少于 5"]
    assert small == [few_cases]
    for row in hidden["rows"]:
        if row["name"] not in small:
            assert (row["place"], row["text"]) == places[row["name"]]
    # Who is last and how many miss the target is told of all, or not at all.
    assert hidden["title"] in (whole["title"], "满意率（%）")


@pytest.mark.usefixtures("sample")
def test_the_longest_is_the_overviews(monkeypatch: pytest.MonkeyPatch) -> None:
    details = []
    for fewest in (5, 1):
        for module in (frames, small_counts):
            monkeypatch.setattr(module, "FEWEST_CASES", fewest)
        frames._content.cache_clear()
        details.append(shown("show=overview")["frames"][0]["decisions"][0]["detail"])
    assert details[0].split("；")[0] == details[1].split("；")[0] == "10 个镇街，最长已超 107 天"


@pytest.mark.usefixtures("sample")
def test_the_trend_is_of_the_footers_months_and_has_an_axis() -> None:
    for query, months, period in (
        ("", 8, None),
        ("&from=2023-03&to=2023-05", 3, None),
        ("&from=2023-05&to=2023-05", 12, "近 12 个月"),
    ):
        trend = shown(f"show=petitions{query}")["frames"][0]["charts"][1]
        assert (len(trend["values"]), trend["period"]) == (months, period)
        low, high = trend["scale"]
        assert low <= min(trend["values"]) <= max(trend["values"]) <= high
        assert all(low <= target <= high for target in trend["targets"])
        assert len(trend["axis"]) >= 3
        assert all(words.endswith("%") for _, words in trend["axis"])
    assert shown("show=rural_projects")["frames"][0]["charts"][1]["unit"] == "个百分点"


@pytest.mark.usefixtures("sample")
def test_close_shares_are_dots_tied_to_the_target() -> None:
    ranking = shown("show=petitions")["frames"][0]["charts"][0]
    assert ranking["anchor"]["text"] == "目标 ≥92%"
    ends = {row["text"]: row["dot"] for row in ranking["rows"]}
    dots = [dot for _, dot in sorted(ends.items(), key=lambda one: float(one[0].rstrip("%")))]
    assert dots == sorted(dots)
    assert dots[-1] - dots[0] > 0.8
    for row in ranking["rows"]:
        assert row["missed"] == (row["dot"] < ranking["anchor"]["at"])
    # Points around zero are bars from it.
    bars = shown("show=rural_projects")["frames"][0]["charts"][0]
    assert "anchor" not in bars
    assert all("dot" not in row for row in bars["rows"])
    leagues = shown("show=evaluation")["frames"][0]["charts"]
    assert all(league["anchor"]["text"].startswith("中位数") for league in leagues)


@pytest.mark.usefixtures("sample")
def test_leagues_that_there_is_no_room_for_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "_LEAGUES", 1)
    frame = shown("show=evaluation&every=61")["frames"][0]
    assert [league["title"] for league in frame["charts"]] == ["街道"]
    assert frame["decisions"][0]["detail"].endswith("2 组中列出前 1 组")


@pytest.mark.usefixtures("sample")
def test_a_card_tells_target_unit_and_change() -> None:
    cards = {card["name"]: card for card in shown("show=overview")["frames"][0]["cards"]}
    gap = cards["序时进度差"]
    assert (gap["value"], gap["unit"], gap["met"], gap["verdict"], gap["tone"]) == (
        "-1.7",
        "个百分点",
        False,
        "未达标",
        "good",
    )


@pytest.mark.usefixtures("sample")
def test_who_left_out_a_month_is_listed_apart() -> None:
    ranking = shown("show=volunteers")["frames"][0]["charts"][0]
    *ranked, last = ranking["rows"]
    assert (last["name"], last["place"], last["text"]) == ("郭里镇", None, "61.8%（缺8月）")
    assert [ranked[0]["place"], ranked[-1]["place"]] == [1, 15]
    assert "郭里镇" not in ranking["title"]


def test_an_unfinished_month_is_drawn_apart(
    sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = copied(sample_engine, tmp_path / "open.sqlite")
    engine = engine_for(url)
    file = tmp_path / "september.csv"
    file.write_text(
        "工单编号,镇街,受理时间,办理期限\n"
        + "".join(f"S{n},太平镇,2023-09-06 08:00,2023-09-06 12:00\n" for n in range(9)),
        "utf-8",
    )
    import_file(engine, PETITIONS, file, by=UNRESTRICTED)
    engine.dispose()
    monkeypatch.setenv("DATABASE_URL", url)
    trend = shown("show=overview&to=2023-09")["frames"][0]["charts"][1]
    assert trend["unfinished"] == [8]
    assert trend["unfinishedText"] == "9月未完（至 6 日）"
    assert "9月" not in trend["title"]
    assert shown("show=overview&to=2023-08")["frames"][0]["charts"][1]["unfinished"] == []


def test_many_townships_leave_out_the_middle() -> None:
    rows = [{"name": str(number), "chosen": number == 20} for number in range(40)]
    listed = first_and_last(rows)
    assert [row["name"] for row in listed] == [str(number) for number in [*range(8), 20, *range(32, 40)]]
    assert first_and_last([{**row, "chosen": False} for row in rows])[8] == {"gap": True}
    assert first_and_last(rows[:16]) == rows[:16]


def test_words_outside_of_a_session() -> None:
    with written_in("en"):
        assert is_english()
        with written_in("zh"):
            assert not is_english()
    assert not is_english()
