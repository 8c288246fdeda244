"""The rows behind a figure: as many as it counts, each once, page by page, in their parts."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pytest
from sqlalchemy import Engine, func, insert, select

from data_access.access import UNRESTRICTED
from data_access.areas import COLUMNS
from data_access.areas.petitions.tables import petition
from data_access.exploring.case_history import case_history
from data_access.exploring.listing import Listing, Which, listed_rows, names_of, order_of, row_batches, row_count
from data_access.indicators import INDICATORS, QUESTION_INDICATORS
from data_access.places.tables import township, village
from data_access.queries import measure
from data_access.rollups import refresh
from data_access.schema import metadata
from data_access.scope import Scope
from tests.counties import memory_engine

SCOPE = Scope(UNRESTRICTED, ("370883103",), "2023-03", "2023-08")
# Known by township and month only
WITHOUT_ROWS = {
    "cases_per_10k": "cases_received",
    "village_coverage": None,
    "registered_rate": None,
    "grid_coverage": None,
    "villages": None,
    "inactive_grid_rate": None,
}


@pytest.mark.parametrize("code", [*INDICATORS, *QUESTION_INDICATORS])
def test_every_indicator_lists_what_it_looks_at(sample_engine: Engine, code: str) -> None:
    indicator = {**INDICATORS, **QUESTION_INDICATORS}[code]
    listing = Listing(indicator, SCOPE)
    with sample_engine.connect() as connection:
        if listing.rows is None:
            assert code in WITHOUT_ROWS
            return
        rows = listed_rows(connection, listing, limit=5000)
        count = row_count(connection, listing)
        assert min(count, 5000) == len(rows)
        assert not rows.filter(regex="order_").duplicated().any()
        assert not {"phone", "text"} & set(rows)
        if code not in INDICATORS:
            return
        figures = measure(connection, [indicator], SCOPE).iloc[0]
        looked_at = figures[f"{code}:d"] if indicator.is_ratio else figures[f"{code}:n"]
        if listing.can_be_parted:
            parts = {
                which: row_count(connection, Listing(indicator, SCOPE, which=which)) for which in ("counted", "rest")
            }
            assert parts["counted"] == figures[f"{code}:n"]
            assert parts["counted"] + parts["rest"] == count == looked_at
        elif (indicator.denominator or indicator.numerator) in {
            "received", "closed", "overdue_open", "cameras", "offline_24h", "outages", "repairs", "teams", "grid_teams",
            "activities", "projects", "reported", "completed", "behind", "events", "grids", "micro_grids", "hazards",
        }:  # fmt: skip
            assert count == looked_at


@pytest.mark.parametrize("code", [*INDICATORS, *QUESTION_INDICATORS])
def test_a_page_is_the_same_wherever_it_is_looked_for_first(
    sample_engine: Engine, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are looked for among the latest first: in pages that these fill, that they do not, and that go beyond them."""
    indicator = {**INDICATORS, **QUESTION_INDICATORS}[code]
    parts: tuple[Which, ...] = ("all", "counted", "rest")
    with sample_engine.connect() as connection:
        for which in parts if Listing(indicator, SCOPE).rows else ():
            asked = Listing(indicator, SCOPE, which=which)
            paged = [listed_rows(connection, asked, limit=200), *row_batches(connection, asked, 15, 90)]
            with monkeypatch.context() as patch:
                patch.setattr("data_access.exploring.listing._LATEST", ())
                whole = listed_rows(connection, asked, limit=200)
            pd.testing.assert_frame_equal(paged[0], whole)
            keys = [column for column in whole if str(column).startswith("order_")]
            again = pd.concat([whole[keys].head(0), *(page[keys] for page in paged[1:])], ignore_index=True)
            pd.testing.assert_frame_equal(again, whole[keys].head(90), check_dtype=False)


def test_cases_of_the_same_second_are_all_listed() -> None:
    """At the seam of two pages none is left out and none comes twice."""
    engine = memory_engine()
    metadata.create_all(engine)
    moment = datetime(2024, 1, 5, 8)
    with engine.begin() as connection:
        connection.execute(insert(township), [{"code": code, "name": code, "kind": "镇"} for code in ("1", "2")])
        connection.execute(
            insert(petition),
            [{"township_code": f"{n % 2 + 1}", "case_no": f"C{n}", "received_at": moment} for n in range(20)],
        )
        refresh(connection, "petitions")
        listing = Listing(INDICATORS["received"], Scope(UNRESTRICTED, None, "2024-01", "2024-01"))
        found = pd.concat(list(row_batches(connection, listing, 3, 100)))
    assert sorted(found["case_no"]) == sorted(f"C{n}" for n in range(20))
    engine.dispose()


def test_pages_are_the_whole_list(sample_engine: Engine) -> None:
    listing = Listing(INDICATORS["received"], SCOPE.narrowed(("category_1", ("城乡建设",))))
    with sample_engine.connect() as connection:
        whole = listed_rows(connection, listing, limit=10_000)
        batches = list(row_batches(connection, listing, 37, 10_000))
        assert len(batches) > 3
        pd.testing.assert_frame_equal(pd.concat(batches, ignore_index=True), whole)
        assert len(pd.concat(list(row_batches(connection, listing, 40, 100)))) == 100
        assert whole["received_at"].is_monotonic_decreasing
        after = order_of(whole.iloc[9])
        following = listed_rows(connection, listing, after, 5)
        assert following["case_no"].tolist() == whole["case_no"].iloc[10:15].tolist()
        stock = Listing(INDICATORS["cameras"], SCOPE)
        cameras = pd.concat(list(row_batches(connection, stock, 100, 10_000)))
        assert cameras["camera_id"].is_unique
        assert len(cameras) == row_count(connection, stock)


@pytest.mark.parametrize("text", ["路灯", "'; DROP TABLE petition; --", "%", "_", "\\", '"', "路灯%"])
def test_words_are_looked_for_as_they_are(sample_engine: Engine, text: str) -> None:
    listing = Listing(INDICATORS["received"], Scope(UNRESTRICTED, None, "2023-01", "2023-08"), text)
    with sample_engine.connect() as connection:
        titles = connection.scalars(
            select(petition.c.title).where(
                petition.c.received_at >= "2023-01-01",
                petition.c.invalid_reason.is_(None),
                petition.c.title.is_not(None),
            )
        )
        expected = sum(text in str(title) for title in titles)
        found = listed_rows(connection, listing, limit=100_000)
        assert len(found) == expected
    if text == "路灯":
        assert expected > 0


def test_petitioners_are_masked(sample_engine: Engine) -> None:
    with sample_engine.connect() as connection:
        rows = listed_rows(connection, Listing(INDICATORS["received"], SCOPE), limit=500)
    assert rows["petitioner"].dropna().str.fullmatch(r".\*+").all()


def test_the_names_behind_codes(sample_engine: Engine) -> None:
    with sample_engine.connect() as connection:
        assert names_of(connection, (UNRESTRICTED, "village_code", ("370883103201", "nowhere", ""))) == {
            "370883103201": "大束中村民委员会"
        }
        alike = select(village.c.name).group_by(village.c.name).having(func.count() > 1).limit(1)
        names = connection.execute(
            select(village.c.code, village.c.name, township.c.name)
            .join(township, township.c.code == village.c.township_code)
            .where(village.c.name.in_(alike))
        ).all()
        # Villages that are named alike are told apart by their townships.
        codes = tuple(code for code, _, _ in names)
        assert names_of(connection, (UNRESTRICTED, "village_code", codes)) == {
            code: f"{owner} {name}" for code, name, owner in names
        }
        assert names_of(connection, (UNRESTRICTED, "village_code", codes[:1])) == {names[0][0]: names[0][1]}
        assert names_of(connection, (UNRESTRICTED, "channel", ("12345",))) == {}


def test_a_case_is_told_in_the_order_of_time(sample_engine: Engine) -> None:
    c = petition.c
    with sample_engine.connect() as connection:
        repeated = connection.execute(
            select(c.township_code, c.repeat_of, c.case_no).where(c.repeat_of.is_not(None), c.closed_at.is_not(None))
        ).first()
        assert repeated is not None
        case = case_history(connection, (UNRESTRICTED, repeated.township_code, repeated.repeat_of))
        assert case is not None
        assert ("repeated", repeated.case_no) in [(event.what, event.detail) for event in case.events]
        later = case_history(connection, (UNRESTRICTED, repeated.township_code, repeated.case_no))
        assert later is not None
        assert ("repeats", repeated.repeat_of) in [(event.what, event.detail) for event in later.events]
        for told in (case, later):
            moments = [event.at for event in told.events if event.at]
            assert moments == sorted(moments)
            assert {"received", "closed"} <= {event.what for event in told.events}
            assert not {"phone", "text"} & set(told.facts)
        assert case_history(connection, (UNRESTRICTED, repeated.township_code, "no such case")) is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_stands_under_one_heading_is_shown_alike(lang: str) -> None:
    """A table knows its columns by their headings."""
    kinds: dict[str, set[str]] = {}
    for column in COLUMNS.values():
        kinds.setdefault(getattr(column, lang), set()).add(column.kind)
    assert not {heading: of for heading, of in kinds.items() if len(of) > 1}
