"""Lists of cases: how many days each is late, in which order, and which case a number that is typed means."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import pandas as pd
import pytest
from sqlalchemy import Engine, insert, select, text
from starlette.datastructures import QueryParams

from data_access.access import RIGHTS, UNRESTRICTED, Viewer
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.lists import CaseFilter
from data_access.areas.petitions.tables import petition
from data_access.exploring.finding import cases_numbered
from data_access.exploring.listing import Listing, listed_rows, order_of, row_batches, row_count
from data_access.indicators import INDICATORS
from data_access.model.facts import Order
from data_access.places.tables import township
from data_access.rollups import refresh
from data_access.scope import Scope
from tests.counties import on_both
from tests.page_contents import contents, page
from ui.explore.matches import matches

GANGSHAN, XIANGCHENG = "100000001", "100000002"
AS_OF = datetime(2024, 3, 10, 12)
MARCH = Scope(UNRESTRICTED, None, "2024-03", "2024-03")
DAY = timedelta(days=1)
# By number: township, received, due, closed, what else, and the days that it is late
CASES: dict[str, tuple[str, datetime, datetime | None, datetime | None, dict[str, Any], float | None]] = {
    "SQ1": (GANGSHAN, AS_OF - 9 * DAY, AS_OF - 5 * DAY, None, {"department": "市水务局"}, 5.0),
    # Closed a day and six hours late
    "SQ2": (GANGSHAN, AS_OF - 9 * DAY, AS_OF - 8 * DAY, AS_OF - 6.75 * DAY, {}, 1.25),
    "SQ3": (GANGSHAN, AS_OF - 9 * DAY, AS_OF - 2 * DAY, AS_OF - 3 * DAY, {}, None),
    "SQ4": (GANGSHAN, AS_OF - 8 * DAY, AS_OF + 3 * DAY, None, {}, None),
    "SQ5": (XIANGCHENG, AS_OF - 7 * DAY, AS_OF + 1 * DAY, None, {"title": "路灯不亮"}, None),
    # Due at the very second at which the data end
    "SQ6": (XIANGCHENG, AS_OF - 7 * DAY, AS_OF, None, {}, 0.0),
    "SQ7 without a due date": (XIANGCHENG, AS_OF - 7 * DAY, None, None, {}, None),
    "SQ8 closed, nobody knows when": (XIANGCHENG, AS_OF - 7 * DAY, AS_OF - 4 * DAY, None, {"status": "已办结"}, None),
    # Its source has no closing times: whether it is open is unknown.
    "SQ9": (XIANGCHENG, AS_OF - 7 * DAY, AS_OF - 4 * DAY, None, {"recorded": 0}, None),
    # Long before the months that are looked at
    "SQ10": (GANGSHAN, AS_OF - 400 * DAY, AS_OF - 390 * DAY, None, {}, 390.0),
    "SQ11": (GANGSHAN, AS_OF - 400 * DAY, AS_OF - 390 * DAY, AS_OF - 391 * DAY, {}, None),
}
BY_URGENCY = ["SQ10", "SQ1", "SQ2", "SQ6", "SQ5", "SQ4"]


@pytest.fixture
def county(engine: Engine) -> Engine:
    """Three townships, two of them with a case of the same number and second."""
    rows = [
        {
            "township_code": code,
            "case_no": number,
            "title": "水管漏水",
            "received_at": received,
            "due_at": due,
            "closed_at": closed,
            "department": None,
            "status": None,
            "recorded": None,
            **more,
        }
        for number, (code, received, due, closed, more, _) in CASES.items()
    ]
    (first,) = [row for row in rows if row["case_no"] == "SQ1"]
    rows.append({**first, "township_code": XIANGCHENG, "department": "市住建局"})
    with engine.begin() as connection:
        connection.execute(insert(petition), rows)
        refresh(connection, "petitions", as_of=AS_OF)
    return engine


def listed(engine: Engine, chosen: CaseFilter, order: Order, limit: int = 3, scope: Scope = MARCH) -> pd.DataFrame:
    """All of the list, page by page."""
    pages = [petition_lists.petition_cases(engine, scope, chosen, order=order, limit=limit)]
    while len(pages[-1]) == limit:
        after = order_of(pages[-1].iloc[-1])
        pages.append(petition_lists.petition_cases(engine, scope, chosen, order=order, after=after, limit=limit))
    return pd.concat([one for one in pages if len(one)], ignore_index=True)


@on_both
def test_each_case_says_how_many_days_it_is_late(county: Engine) -> None:
    """Open cases at the as-of moment, closed ones at closing; nothing where no due date is, or nobody knows."""
    year = Scope(UNRESTRICTED, None, "2023-01", "2024-03")
    for order in ("time", "urgency"):
        found = listed(county, CaseFilter(), order, scope=year)
        # Also at the seam of pages, of two of the same number and second each comes once.
        assert len(found) == len(CASES) + 1
        assert not found.duplicated(["township_code", "case_no"]).any()
        late = dict(zip(found["case_no"], found["days_late"], strict=True))
        for number, (*_, days) in CASES.items():
            assert late[number] == days if days is not None else pd.isna(late[number]), number
        if order == "urgency":
            assert list(dict.fromkeys(found["case_no"]))[: len(BY_URGENCY)] == BY_URGENCY
        else:
            assert found["received_at"].is_monotonic_decreasing
    # The rows behind a figure are the same, in the same order.
    rows = Listing(INDICATORS["received"], year, order="urgency")
    with county.connect() as connection:
        again = pd.concat(list(row_batches(connection, rows, 3, 100)))
        assert row_count(connection, rows) == len(again)
        assert row_count(connection, rows, most=4) == 4
        assert listed_rows(connection, rows, limit=1)["case_no"].tolist() == BY_URGENCY[:1]
    assert list(dict.fromkeys(again["case_no"]))[: len(BY_URGENCY)] == BY_URGENCY


@pytest.mark.parametrize(
    ("state", "numbers"),
    [
        ("pending", ["SQ5", "SQ4"]),
        ("overdue", ["SQ10", "SQ1", "SQ1", "SQ6"]),
        ("open", ["SQ10", "SQ1", "SQ1", "SQ6", "SQ5", "SQ4", "SQ7 without a due date"]),
        ("late", ["SQ1", "SQ1", "SQ2", "SQ6"]),
    ],
)
def test_what_is_most_urgent_comes_first(county: Engine, state: str, numbers: list[str]) -> None:
    found = listed(county, CaseFilter(state), "urgency")
    assert found["case_no"].tolist() == numbers
    assert petition_lists.petition_case_count(county, MARCH, CaseFilter(state)) == len(numbers)


def of(**narrower: Any) -> Viewer:
    return Viewer("somebody", rights=frozenset(RIGHTS), **narrower)


@pytest.mark.parametrize(
    ("viewer", "typed", "townships"),
    [
        (UNRESTRICTED, "SQ1", [GANGSHAN, XIANGCHENG]),
        (UNRESTRICTED, " sq1 ", [GANGSHAN, XIANGCHENG]),
        (UNRESTRICTED, "ＳＱ１", [GANGSHAN, XIANGCHENG]),
        (UNRESTRICTED, "SQ10", [GANGSHAN]),
        (UNRESTRICTED, "SQ", []),
        (UNRESTRICTED, "%", []),
        (UNRESTRICTED, "9" * 100, []),
        (of(townships=frozenset({XIANGCHENG})), "SQ1", [XIANGCHENG]),
        (of(case_townships=frozenset({XIANGCHENG})), "SQ1", [XIANGCHENG]),
        (of(case_departments=frozenset({"市水务局"})), "SQ1", [GANGSHAN]),
        (of(case_departments=frozenset({"市水务局"})), "SQ10", []),
        (of(areas=frozenset({"cameras"})), "SQ1", []),
        (Viewer("nobody", rights=frozenset()), "SQ1", []),
    ],
)
def test_a_number_finds_the_cases_that_have_it_as_far_as_they_may_be_seen(
    county: Engine, viewer: Viewer, typed: str, townships: list[str]
) -> None:
    with county.connect() as connection:
        found = cases_numbered(connection, (viewer, typed))
    assert [code for code, _, _ in found] == townships


def test_a_number_is_looked_up_by_its_index(county: Engine) -> None:
    asked = select(petition.c.township_code).where(petition.c.case_no.in_(["a", "b"]))
    compiled = asked.compile(county, compile_kwargs={"literal_binds": True})
    with county.connect() as connection:
        plan = " ".join(str(row) for row in connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}")))
    assert "ix_petition_case_no" in plan
    assert "SCAN" not in plan


def test_the_box_beside_every_page_leads_to_cards(county: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", county.url.render_as_string())
    rows = matches(QueryParams({"q": "SQ1", "box": "everywhere"}), UNRESTRICTED)["rows"][:2]
    assert [(row["name"], row["within"]) for row in rows] == [
        ("SQ1", "钢山街道 · 水管漏水"),
        ("SQ1", "香城镇 · 水管漏水"),
    ]
    assert rows[0]["way"] == {"path": "petitions", "query": "tab=rows&case=100000001%2FSQ1"}
    # Of the search box of 自由筛选 they are the first answers.
    assert matches(QueryParams({"q": "SQ10"}), UNRESTRICTED)["rows"][0]["name"] == "SQ10"
    own = of(townships=frozenset({XIANGCHENG}))
    of_cases = [
        row
        for row in matches(QueryParams({"q": "SQ1", "box": "everywhere"}), own)["rows"]
        if "case=" in row["way"]["query"]
    ]
    assert len(of_cases) == 1
    assert matches(QueryParams({"q": "", "box": "everywhere"}), UNRESTRICTED)["rows"] == []


def test_who_may_see_no_cases_finds_none_by_its_number(county: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", county.url.render_as_string())
    nobody = Viewer("nobody", rights=frozenset())
    assert matches(QueryParams({"q": "SQ1", "box": "everywhere"}), nobody)["rows"] == []


def test_a_box_stands_beside_every_page_but_that_which_has_one(
    sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, query in (("cameras", "box=everywhere"), ("explore", "")):
        boxes = contents(page(name, sample_url, monkeypatch), "search_box")
        assert [box["query"].partition("&")[0] for box in boxes] == [query or boxes[0]["query"].partition("&")[0]]


# --- On the page ----------------------------------------------------------------------------------


def asked_of(app: Any) -> dict[str, list[str]]:
    """What its address says."""
    return parse_qs(urlencode(dict(app.query_params), doseq=True))


def card(app: Any) -> bool:
    """Whether a card is open."""
    return bool(app.header)


def test_a_number_typed_into_the_list_opens_its_card(county: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of a case that was received long before the period; of several townships each is offered."""
    url = county.url.render_as_string()
    app = page("petitions", url, monkeypatch, tab=["rows"], **{"from": ["2024-03"], "to": ["2024-03"]})
    assert not card(app)
    app.text_input(key="case search").set_value("SQ10").run()
    assert card(app)
    assert asked_of(app)["case"] == [f"{GANGSHAN}/SQ10"]
    assert not app.info
    app.button(key="close case").click().run()
    assert not card(app)
    app.text_input(key="case search").set_value("SQ1").run()
    assert not card(app)
    app.button(key=f"namesake {XIANGCHENG}/SQ1").click().run()
    assert card(app)
    assert asked_of(app)["case"] == [f"{XIANGCHENG}/SQ1"]
    app.text_input(key="case search").set_value("SQ404").run()
    assert not card(app)
    (said,) = [one.value for one in app.info]
    assert "没有编号为“SQ404”的" in said


def test_a_list_is_sorted_as_its_address_says(county: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    url = county.url.render_as_string()
    app = page("petitions", url, monkeypatch, tab=["rows"], state=["overdue"])
    assert app.dataframe[0].value["超期（天）"].tolist() == [390.0, 5.0, 5.0, 0.0]
    assert "sort" not in app.query_params
    app.segmented_control(key="case order").set_value("time").run()
    assert asked_of(app)["sort"] == ["time"]
    assert app.dataframe[0].value["编号"].iloc[-1] == "SQ10"
    app = page("petitions", url, monkeypatch, tab=["rows"], state=["overdue"], sort=["time"])
    assert app.dataframe[0].value["编号"].iloc[-1] == "SQ10"
    # Another state has an order of its own.
    app.segmented_control(key="state").set_value("pending").run()
    assert "sort" not in app.query_params
    assert app.dataframe[0].value["编号"].tolist() == ["SQ5", "SQ4"]
    app = page("explore", url, monkeypatch, count=["overdue_open"], rows=["overdue_open"])
    assert app.dataframe[0].value["超期（天）"].is_monotonic_decreasing
    app = page("explore", url, monkeypatch, count=["received"], rows=["received"], sort=["urgency"])
    assert app.dataframe[0].value["编号"].iloc[0] == "SQ1"


def test_the_card_of_a_case_is_there_where_the_list_is_empty(county: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"tab": ["rows"], "street": ["峄山镇"], "case": [f"{GANGSHAN}/SQ1"]}
    app = page("petitions", county.url.render_as_string(), monkeypatch, **asked)
    assert card(app)
    assert "已超期 5.0 天" in str(app.table[0].value)


def test_cases_raised_again_open_their_cards(
    sample_url: str, sample_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = page("explore", sample_url, monkeypatch, look=["again"]).dataframe[0].value.iloc[0]
    with sample_engine.connect() as connection:
        code = connection.scalar(select(township.c.code).where(township.c.name == first["镇街"]))
    app = page("explore", sample_url, monkeypatch, look=["again"], case=[f"{code}/{first['编号']}"])
    assert card(app)
    # The case that it was raised again by is one press further.
    app.button(key=f"related {first['再次的编号']}").click().run()
    assert asked_of(app)["case"] == [f"{code}/{first['再次的编号']}"]
    assert card(app)


def test_what_gains_a_place_leads_to_the_cases_that_can_still_make_it(
    sample_url: str, sample_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page("evaluation", sample_url, monkeypatch, scheme=["all_areas"], street=["太平镇"])
    (way,) = [one for one in contents(app, "way") if one["key"] == "open cases pending"]
    asked = parse_qs(way["query"])
    assert asked == {"street": ["太平镇"], "tab": ["rows"], "state": ["pending"]}
    app = page("petitions", sample_url, monkeypatch, **asked)
    found = app.dataframe[0].value
    assert f"{len(found):,} 件" in way["label"]
    assert set(found["镇街"]) == {"太平镇"}
    assert set(found["是否按期"]) == {"未到期"}
    assert found["办理期限"].is_monotonic_increasing
    # Who may see no cases is not told how many there are.
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: Viewer("nobody", rights=frozenset()))
    app = page("evaluation", sample_url, monkeypatch, scheme=["all_areas"], street=["太平镇"])
    assert not contents(app, "way")
