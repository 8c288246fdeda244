"""What an address says is what is shown: read again it gives the same, and what it cannot mean is left out with a word."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from data_access import queries
from data_access.access import UNRESTRICTED
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.lists import CaseFilter
from data_access.indicators import INDICATORS
from data_access.places import lists as place_lists
from data_access.scope import Scope
from tests.page_contents import cards, page
from ui.asking.address import OWN, SHARED, in_county, read, scope_of, written
from ui.text import number

EVERY = {f"{place} {one.name}": one for place, group in {"": SHARED, **OWN}.items() for one in group}
PERIOD = {"from": ["2023-01"], "to": ["2023-08"]}


@pytest.mark.parametrize("name", EVERY)
@given(told=st.lists(st.sampled_from(["true", "false", "2023-01"]) | st.text(max_size=8), max_size=3), data=st.data())
def test_what_was_read_is_written_and_read_again_the_same(name: str, told: list[str], data: st.DataObject) -> None:
    parameter = EVERY[name]
    if parameter.options and data.draw(st.booleans()):
        told = [data.draw(st.sampled_from(parameter.options))]
    asked, _ = read([parameter], {parameter.name: told})
    again, unknown = read([parameter], written([parameter], asked))
    assert again == asked
    assert not unknown


def test_a_scope_is_of_the_townships_and_months_that_there_are(sample_engine: Engine) -> None:
    county = queries.county(sample_engine, UNRESTRICTED)
    asked, unknown = read(SHARED, {"street": ["太平镇", "无此镇"], "from": ["2023-05"], "to": ["1999-01"]})
    assert not unknown
    known, unknown = in_county(asked, county)
    assert unknown == ["street", "to"]
    (code,) = (code for code, name in county.names.items() if name == "太平镇")
    assert scope_of(known, county, UNRESTRICTED) == Scope(UNRESTRICTED, (code,), "2023-05", "2023-08")


def test_hundreds_of_values_are_no_more_than_there_can_be(sample_engine: Engine) -> None:
    county = queries.county(sample_engine, UNRESTRICTED)
    asked, _ = read((*SHARED, *OWN["petitions"]), {"street": ["太平镇"] * 300, "category": ["城乡建设"] * 300})
    assert asked["category"] == ()
    known, unknown = in_county(asked, county)
    assert known["street"] == ["太平镇"]
    assert unknown == []


def received(engine: Engine, *where: tuple[str, str]) -> str:
    counted = queries.measure(engine, [INDICATORS["received"]], Scope(UNRESTRICTED, None, "2023-01", "2023-08", where))
    return number(counted["received"].iloc[0])


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({"channel": ["网格上报"]}, [("channel", "网格上报")]),
        ({"category": ["城乡建设"]}, [("category_1", "城乡建设")]),
        ({"category": ["城乡建设"], "channel": ["网格上报"]}, [("category_1", "城乡建设"), ("channel", "网格上报")]),
    ],
)
def test_a_link_shows_what_was_clicked(
    asked: dict[str, list[str]],
    where: list[tuple[str, str]],
    sample_url: str,
    sample_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = page("petitions", sample_url, monkeypatch, **asked, **PERIOD)
    assert cards(app)["受理量"]["value"].startswith(received(sample_engine, *where))
    assert received(sample_engine, *where) != received(sample_engine)
    assert parse_qs(urlencode(dict(app.query_params), doseq=True)) == {**PERIOD, **asked}


def listed(app: AppTest) -> int:
    (told,) = (one.value for one in app.markdown if one.value.startswith("**共 "))
    return int(told.split()[1].replace(",", ""))


def test_a_link_lists_what_was_listed(sample_url: str, sample_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = Scope(UNRESTRICTED, None, "2023-01", "2023-08")
    village = str(place_lists.villages(sample_engine, scope)["code"].iloc[0])
    filters: dict[str, tuple[dict[str, list[str]], CaseFilter]] = {
        "village": ({"village": [village]}, CaseFilter("all", village, None, None, "")),
        "hour": ({"hour": ["1-9"]}, CaseFilter("all", None, 1, 9, "")),
        "state": ({"state": ["late"]}, CaseFilter("late", None, None, None, "")),
    }
    for asked, wanted in filters.values():
        app = page("petitions", sample_url, monkeypatch, tab=["rows"], **asked, **PERIOD)
        assert listed(app) == petition_lists.petition_case_count(sample_engine, scope, wanted) > 0


def test_a_link_shows_the_kind_of_project(
    sample_url: str, sample_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_kind = queries.measure(
        sample_engine, [INDICATORS["projects"]], Scope(UNRESTRICTED, None, "2023-08", "2023-08"), ("kind",)
    )
    kind, amount = by_kind.dropna(subset=["projects"]).iloc[0][["kind", "projects"]]
    app = page("rural_projects", sample_url, monkeypatch, project_kind=[kind], **PERIOD)
    assert cards(app)["项目数"]["value"].startswith(number(amount))


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("petitions", {"channel": ["没有这个渠道"]}),
        ("petitions", {"category": ["没有这一类"]}),
        ("petitions", {"hour": ["9-99"]}),
        ("petitions", {"tab": ["rows"], "village": ["370000000000"]}),
        ("rural_projects", {"project_stage": ["没有这个阶段"]}),
        ("rural_projects", {"late": ["perhaps"]}),
        ("evaluation", {"scheme": ["none"]}),
        ("overview", {"indicator": ["nothing"]}),
        ("cameras", {"tab": ["nothing"], "street": ["无此镇"]}),
    ],
)
def test_what_is_unknown_is_left_out_with_a_word(
    name: str, asked: dict[str, list[str]], sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page(name, sample_url, monkeypatch, **asked, **PERIOD)
    told = "".join(warning.value for warning in app.warning)
    assert all(one in told for one in asked if one != "tab" or name == "cameras")
    # It is of the link alone: what the viewer goes on to ask has no such word.
    app.run()
    assert not app.warning
    assert not set(app.query_params) & {one for one in asked if one != "tab" or name == "cameras"}
