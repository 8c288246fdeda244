"""Any question: each indicator by each dimension against a recount, totals, filters, texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from data_access.access import UNRESTRICTED
from data_access.areas import AREAS
from data_access.exploring import questions
from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.fact_rows import fact_rows
from data_access.exploring.listing import Listing, row_batches, row_count
from data_access.exploring.questions import Question, can_be_searched, dimensions_for, plan, put_together, sums
from data_access.indicators import INDICATORS, QUESTION_INDICATORS
from data_access.model.indicator import Indicator
from data_access.queries import measure
from data_access.scope import Scope, month_end, month_start
from tests.asked import PETITION_CODES
from tests.counties import MONTHS, empty_county, load, memory_engine, quick, worlds
from tests.raw_indicators import DAY, FIRST, Recount, World


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = memory_engine()
    yield engine
    engine.dispose()


def ask(connection: Connection, world: World, question: Question, scope: Scope) -> dict[tuple[str, ...], pd.DataFrame]:
    every = INDICATORS | QUESTION_INDICATORS
    indicators = [every[code] for code in question.indicators]
    kinds = {row["code"]: row["kind"] for row in world.facts["township"]}
    leagues = {kind: [code for code in kinds if kinds[code] == kind] for kind in kinds.values()}
    parts = plan(question, indicators, scope, leagues)
    return put_together(question, indicators, parts, [sums(connection, part) for part in parts], kinds)


def counted(table: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """The counts and values of groups where anything was counted: an empty group may be 0 or missing."""
    numbers = table[[f"{code}:n" for code in codes]]
    others = [f"{code}:d" for code in codes if f"{code}:d" in table and (table[f"{code}:d"].fillna(0) != 0).any()]
    kept = (numbers.fillna(0) != 0).any(axis=1) | (table[others].fillna(0) != 0).any(axis=1)
    table = table[[*numbers, *others, *codes]][kept].sort_index()
    return table.where(table != 0)


@given(world=worlds, data=st.data())
@quick
def test_any_question_equals_its_recount(engine: Engine, world: World, data: st.DataObject) -> None:
    registers_since = data.draw(st.sampled_from([None, FIRST]), label="registers since")
    with engine.begin() as connection:
        as_of = load(connection, world, registers_since=registers_since)
    recount = Recount(world.facts, as_of, registers_since)
    start, end = sorted(data.draw(st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS)), label="months"))
    townships = data.draw(
        st.none() | st.sets(st.sampled_from(world.townships)).map(sorted).map(tuple), label="townships"
    )
    scope = Scope(UNRESTRICTED, townships, start, end)
    for _ in range(4):
        area = data.draw(st.sampled_from(list(AREAS)), label="area")
        own = [code for code, indicator in INDICATORS.items() if indicator.area == area]
        codes = tuple(data.draw(st.lists(st.sampled_from(own), min_size=1, max_size=3, unique=True), label="codes"))
        indicators = [INDICATORS[code] for code in codes]
        known = dimensions_for(indicators)
        by = tuple(data.draw(st.lists(st.sampled_from(known), max_size=2, unique=True), label="by"))
        narrowed_by = data.draw(st.lists(st.sampled_from(known), max_size=2, unique=True), label="narrowed by")
        where: list[tuple[str, tuple[Any, ...]]] = []
        for name in narrowed_by:
            groups = recount(indicators, scope, (name,)).index.tolist() or [
                0 if name in ("weekday", "hour") else "none"
            ]
            values = data.draw(st.lists(st.sampled_from(groups), min_size=1, max_size=2, unique=True), label=name)
            where.append((name, tuple(values)))
        question = Question(codes, by, tuple((name, tuple(map(str, values))) for name, values in where))
        with engine.connect() as connection:
            answer = ask(connection, world, question, scope)
        assert set(answer) == {by, (), *((name,) for name in by)}
        for margin, table in answer.items():
            expected = recount(indicators, scope.narrowed(*where), margin)
            pd.testing.assert_frame_equal(
                counted(table, codes),
                counted(expected, codes)[counted(table, codes).columns],
                check_dtype=False,
                check_index_type=False,
                check_column_type=False,
                check_names=False,
                rtol=1e-9,
                atol=1e-6,
            )


@pytest.mark.parametrize(
    ("by", "where"),
    [
        (("department",), ()),
        (("department", "category_2"), (("category_1", ("城乡建设",)),)),
        (("channel", "month"), ()),
        (("channel", "month"), (("department", ("水务局", "")),)),
        (("village_code",), ()),
    ],
)
def test_rollups_and_facts_answer_alike(
    engine: Engine, by: tuple[str, ...], where: questions.Where, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = Question(PETITION_CODES, by, where)
    scope = Scope(UNRESTRICTED, None, MONTHS[0], MONTHS[-1])
    world = World(Random(3))  # noqa: S311
    with engine.begin() as connection:
        load(connection, world)
        parts = plan(question, [INDICATORS[code] for code in PETITION_CODES], scope, {})
        assert {part.rows for part in parts} == {None}
        ready = ask(connection, world, question, scope)
        monkeypatch.setattr(questions, "_rollup_answers", lambda *_: False)
        read = ask(connection, world, question, scope)
    assert set(ready) == set(read)
    for margin, table in ready.items():
        pd.testing.assert_frame_equal(
            counted(table, PETITION_CODES), counted(read[margin], PETITION_CODES), check_dtype=False, rtol=1e-9
        )


@given(world=worlds, data=st.data())
@quick
def test_what_only_the_facts_can_tell(engine: Engine, world: World, data: st.DataObject) -> None:
    with engine.begin() as connection:
        as_of = load(connection, world)
    start, end = sorted(data.draw(st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS)), label="months"))
    scope = Scope(UNRESTRICTED, None, start, end)
    with engine.connect() as connection:
        teams = ask(connection, world, Question(("quiet_teams",), ("team_kind",)), scope)
        cameras = ask(connection, world, Question(("off_over_24h",), ("camera_kind",)), scope)
    months = Recount(world.facts, as_of)
    if frame := [month for month, *_ in months._calendar("volunteers", _months_of(world)) if start <= month <= end]:
        first, last = month_start(frame[0]).date(), min(month_end(frame[-1]) - DAY, as_of["volunteers"]).date()
        held = [row for row in world.facts["volunteer_activity"] if first <= row["held_on"] <= last]
        reporting = {row["township_code"] for row in held}
        active = {(row["township_code"], row["team_id"]) for row in held}
        quiet = [
            row
            for row in world.facts["volunteer_team"]
            if months._exists(
                row["founded_on"],
                row["dissolved_on"],
                month_start(frame[0]).replace(year=last.year, month=last.month, day=last.day),
            )
            and row["township_code"] in reporting
            and (row["township_code"], row["team_id"]) not in active
        ]
        expected = pd.Series([row["kind"] or "" for row in quiet], dtype=object).value_counts()
        assert teams[()]["quiet_teams"].fillna(0).sum() == len(quiet)
        by_kind = teams[("team_kind",)]["quiet_teams"]
        assert by_kind[by_kind > 0].to_dict() == expected.to_dict()
    off: set[tuple[str, str]] = set()
    watched = [month for month, *_ in months._calendar("cameras", _began(world)) if start <= month <= end]
    if watched:
        first_moment = month_start(watched[0])
        last_moment = min(month_end(watched[-1]), as_of["cameras"] + timedelta(seconds=1))
        for row in world.facts["camera"]:
            begins = max(first_moment, datetime.combine(row["installed_on"], time()))
            stops = min(last_moment, datetime.combine(row["removed_on"] or date.max, time()))
            for outage in world.facts["camera_outage"]:
                if (outage["township_code"], outage["camera_id"]) == (row["township_code"], row["camera_id"]):
                    down = min(outage["ended_at"] or datetime.max, stops) - max(outage["started_at"], begins)
                    if begins < stops and down > DAY:
                        off.add((row["township_code"], row["camera_id"]))
    assert cameras[()]["off_over_24h"].fillna(0).sum() == len(off)
    assert cameras[("camera_kind",)]["off_over_24h"].sum() == len(off)


def _began(world: World) -> list[str]:
    return [f"{row['started_at']:%Y-%m}" for row in world.facts["camera_outage"]]


def test_stocks_do_not_add_up_over_months(sample_engine: Engine) -> None:
    scope = Scope(UNRESTRICTED, None, "2023-01", "2023-08")
    for by in ((), ("month",), ("month", "camera_kind")):
        question = Question(("cameras", "online_rate"), by)
        indicators = [INDICATORS[code] for code in question.indicators]
        parts = plan(question, indicators, scope, {})
        with sample_engine.connect() as connection:
            answer = put_together(question, indicators, parts, [sums(connection, part) for part in parts], {})
        expected = measure(sample_engine, indicators, scope).iloc[0]
        assert answer[()].iloc[0]["cameras"] == expected["cameras"]
        assert answer[()].iloc[0]["online_rate"] == pytest.approx(expected["online_rate"])


def test_people_of_one_month_among_many_are_of_that_month(sample_engine: Engine) -> None:
    one = measure(sample_engine, [INDICATORS["cases_per_10k"]], Scope(UNRESTRICTED, None, "2023-03", "2023-03"))
    among = Scope(UNRESTRICTED, None, "2023-01", "2023-08").narrowed(("month", ("2023-03",)))
    pd.testing.assert_frame_equal(measure(sample_engine, [INDICATORS["cases_per_10k"]], among), one)


def _months_of(world: World) -> list[str]:
    return [f"{row['held_on']:%Y-%m}" for row in world.facts["volunteer_activity"]]


def test_every_indicator_can_be_asked_by_township_and_month() -> None:
    for indicator in (*INDICATORS.values(), *QUESTION_INDICATORS.values()):
        known = dimensions_for([indicator])
        assert {"month", "township_code", "league"} <= set(known), indicator.code
    received = set(dimensions_for([INDICATORS["received"]]))
    assert {"week", "weekday", "hour", "village_code", "grid_code", "department", "status"} <= received
    # What two areas have in common
    assert dimensions_for([INDICATORS["received"], INDICATORS["online_rate"]]) == (
        "month",
        "township_code",
        "league",
        "village_code",
    )
    asked = {name for indicator in INDICATORS.values() for name in dimensions_for([indicator])}
    assert asked == set(DIMENSIONS)


def test_too_many_groups_are_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(Random(1))  # noqa: S311
    with engine.begin() as connection:
        load(connection, world)
    monkeypatch.setattr(questions, "GROUP_LIMIT", 2)
    with engine.connect() as connection, pytest.raises(questions.TooManyGroups):
        ask(
            connection,
            world,
            Question(("received",), ("week", "hour")),
            Scope(UNRESTRICTED, None, MONTHS[0], MONTHS[-1]),
        )


def test_what_cannot_be_told_is_refused() -> None:
    scope = Scope(UNRESTRICTED, None, "2024-01", "2024-02")
    indicator: list[Indicator] = [INDICATORS["cases_per_10k"]]
    with pytest.raises(ValueError, match="village_code"):
        plan(Question(("cases_per_10k",), ("village_code",)), indicator, scope, {})
    with pytest.raises(ValueError, match="no texts"):
        plan(Question(("cases_per_10k",), text="x"), indicator, scope, {})


@pytest.fixture(scope="module", params=["postgresql"])
def postgresql_county(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with empty_county(request, request.param) as engine:
        yield engine


@pytest.mark.parametrize("area", list(AREAS))
def test_postgresql_answers_and_lists_as_sqlite(engine: Engine, postgresql_county: Engine, area: str) -> None:
    world = World(Random(11), petitions=80, others=20)  # noqa: S311
    for one in (engine, postgresql_county):
        with one.begin() as connection:
            load(connection, world)
    scope = Scope(UNRESTRICTED, None, "2023-11", "2024-04")
    every = INDICATORS | QUESTION_INDICATORS
    with engine.connect() as here, postgresql_county.connect() as there:
        for code, indicator in every.items():
            if indicator.area != area:
                continue
            known = dimensions_for([indicator])
            asked = [Question((code,), (name,)) for name in known]
            asked.append(Question((code,), known[:2]))
            if can_be_searched([indicator]):
                asked.append(Question((code,), ("township_code",), text="停水"))
            for question in asked:
                mine, theirs = (ask(connection, world, question, scope) for connection in (here, there))
                for margin, table in mine.items():
                    pd.testing.assert_frame_equal(
                        table, theirs[margin].reindex(table.index), check_dtype=False, check_index_type=False, rtol=1e-9
                    )
                    assert len(table) == len(theirs[margin])
            listing = Listing(indicator, scope)
            if listing.rows is None:
                continue
            mine_rows, their_rows = (
                pd.concat([pd.DataFrame(), *row_batches(connection, listing, 7, 1000)]) for connection in (here, there)
            )
            assert len(mine_rows) == len(their_rows) == row_count(there, listing)
            if len(mine_rows):
                keys = [name for name in mine_rows if str(name).startswith("order_")]
                assert [tuple(map(str, row)) for row in mine_rows[keys].to_numpy()] == [
                    tuple(map(str, row)) for row in their_rows[keys].to_numpy()
                ]


@pytest.mark.parametrize(("rows", "is_named"), [("cases_received", False), ("cases_due", True), ("cases_closed", True)])
def test_townships_are_named_unless_an_index_of_all_rows_begins_with_the_time(
    rows: str, is_named: bool, sample_engine: Engine
) -> None:
    # Without a township all of a long table would be read; an index of open cases alone begins with when they were closed.
    whole = Scope(UNRESTRICTED, None, "2023-07", "2023-08")
    with sample_engine.connect() as connection:
        span = questions.span_of(connection, rows, whole, "each")
        assert span is not None
        found = questions.conditions(fact_rows(rows, span), span, whole, "")
    assert any("township_code IN" in str(condition) for condition in found) == is_named
