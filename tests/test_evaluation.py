"""Scores against hand-made tables, what explains them, how far they can be trusted, and what is published."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from itertools import product
from pathlib import Path
from random import Random
from threading import Barrier
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select, update

from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.petitions.tables import petition
from data_access.database import engine_for, upgrade
from data_access.evaluation.explanation import gains, moves, overtaken
from data_access.evaluation.monthly import evaluate
from data_access.evaluation.records import (
    RecordProblem,
    add_item,
    differences,
    exclude_case,
    exclusions,
    freeze,
    frozen,
    include_case,
    items,
    published,
    withdraw_item,
)
from data_access.evaluation.schemes import Rule, load_schemes, read_scheme
from data_access.evaluation.scoring import Counts, Evaluation, Field, scored
from data_access.evaluation.tables import evaluation_freeze
from data_access.evaluation.uncertainty import (
    TAIL_95,
    Funnel,
    places_under_other_weights,
    plausible_places,
    streaks,
    wilson,
)
from data_access.queries import data_version
from data_access.rollups import refresh
from tests.counties import empty_county, load
from tests.raw_indicators import AREAS, World
from tests.schemes import criterion, evaluation, scheme_of, shipped

# --- Rules ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "target", "rest", "percent", "points"),
    [
        # As 连云港 prints them
        ("on_time_rate", 100, {}, 89.82, 14.82),
        ("on_time_rate", 100, {}, 66.67, 0),
        ("satisfaction_rate", 98, {"per_point": 0.5, "floor": 12.5}, 87.5, 19.75),
        ("satisfaction_rate", 98, {"per_point": 0.5, "floor": 12.5}, 75, 13.5),
        ("satisfaction_rate", 98, {"per_point": 0.5, "floor": 12.5}, 40, 12.5),
        ("satisfaction_rate", 98, {"per_point": 0.5, "floor": 12.5}, 100, 25),
        # Lower is better
        ("false_closure_rate", 3, {}, 5, 23),
        ("false_closure_rate", 3, {}, 2, 25),
    ],
)
def test_deducting(code: str, target: float, rest: dict[str, float], percent: float, points: float) -> None:
    scored_once = evaluation(scheme_of(criterion(code, 25, "deduct", target, **rest)), [[(percent * 100, 10_000)]])
    assert scored_once.points[0, 0] == pytest.approx(points)


@pytest.mark.parametrize(
    ("code", "target", "cap", "percent", "points"),
    [
        ("satisfaction_rate", 90, 1.0, 81, 36),
        ("satisfaction_rate", 90, 1.0, 95, 40),
        ("satisfaction_rate", 90, 1.05, 95, 42),
        ("satisfaction_rate", 90, 1.0, 0, 0),
        ("repeat_rate", 8, 1.0, 16, 20),
        ("repeat_rate", 8, 1.0, 4, 40),
        ("repeat_rate", 0, 1.0, 0, 40),
        ("repeat_rate", 0, 1.0, 4, 0),
    ],
)
def test_attaining(code: str, target: float, cap: float, percent: float, points: float) -> None:
    rule = criterion(code, 40, "attain", target, cap=cap)
    assert evaluation(scheme_of(rule), [[(percent, 100)]]).points[0, 0] == pytest.approx(points)


def test_ranking_within_the_league() -> None:
    rule = criterion("satisfaction_rate", 100, "rank")
    counts = [[(90, 100)], [(80, 100)], [(90, 100)], [(70, 100)], [(1, 100)], [(math.nan, math.nan)]]
    result = evaluation(scheme_of(rule), counts, ["镇", "镇", "镇", "镇", "街道", "街道"])
    assert result.points[:, 0].tolist()[:5] == [100, 50, 100, 25, 100]
    assert math.isnan(result.points[5, 0])
    lower = evaluation(scheme_of(criterion("repeat_rate", 100, "rank")), [[(9, 100)], [(1, 100)], [(5, 100)]])
    assert lower.points[:, 0] == pytest.approx([100 / 3, 100, 200 / 3])


def test_what_is_missing_is_not_zero_and_a_small_one_stands_apart() -> None:
    scheme = scheme_of(
        criterion("on_time_rate", 50, "deduct"), criterion("satisfaction_rate", 50, "attain"), min_cases=30
    )
    result = evaluation(
        scheme,
        [
            [(95, 100), (90, 100)],
            [(95, 100), (math.nan, math.nan)],
            [(95, 100), (0, 0)],
            [(20, 20), (20, 20)],
            [(94, 100), (90, 100)],
        ],
    )
    # Who had nothing due is measured by the rest.
    assert np.isnan(result.score).tolist() == [False, True, False, False, False]
    assert result.standing.tolist() == ["ranked", "unreported", "ranked", "small", "ranked"]
    assert [None if math.isnan(place) else place for place in result.place] == [1, None, 1, None, 3]
    assert result.points[2].tolist() == pytest.approx([45, 45])
    assert result.score[3] == 100
    assert result.table()["code"].tolist() == ["A", "C", "E", "D", "B"]


# --- Properties -------------------------------------------------------------------------------------

SCHEME = scheme_of(
    criterion("on_time_rate", 30, "deduct"),
    criterion("satisfaction_rate", 30, "attain", 90),
    criterion("repeat_rate", 20, "deduct", 5),
    criterion("resolved_rate", 20, "rank"),
)
shares = st.integers(1, 60).flatmap(lambda d: st.tuples(st.integers(0, d), st.just(d)))
months = st.lists(st.tuples(*[shares] * 4).map(list), min_size=2, max_size=9)


@settings(deadline=None)
@given(months, st.randoms())
def test_the_order_of_townships_never_matters(counts: list[list[tuple[int, int]]], random: Random) -> None:
    names = [str(number) for number in range(len(counts))]
    order = list(range(len(counts)))
    random.shuffle(order)
    array = np.array(counts, dtype=float)

    def result(positions: list[int]) -> dict[str, tuple[float, float]]:
        field = Field(tuple(names[i] for i in positions), (), ("镇",) * len(order), np.zeros(len(order)))
        chosen = scored(SCHEME, "2023-08", field, Counts(array[positions, :, 0], array[positions, :, 1]))
        return {code: (chosen.score[i], chosen.place[i]) for i, code in enumerate(field.codes)}

    assert result(order) == result(sorted(order))


@settings(deadline=None)
@given(months)
def test_ties_share_a_place(counts: list[list[tuple[int, int]]]) -> None:
    result = evaluation(SCHEME, [*counts, counts[0]])
    assert result.place[0] == result.place[-1]
    for place in result.place:
        assert place == 1 + sum(score > result.score[list(result.place).index(place)] + 1e-9 for score in result.score)


@settings(deadline=None)
@given(months, st.data())
def test_the_split_sums_to_the_change(counts: list[list[tuple[int, int]]], data: st.DataObject) -> None:
    later = data.draw(st.lists(st.tuples(*[shares] * 4).map(list), min_size=len(counts), max_size=len(counts)))
    before, after = evaluation(SCHEME, counts), evaluation(SCHEME, later)
    after = scored(SCHEME, "2023-09", replace(after.field, by_hand=np.arange(len(counts)) / 4), after.counts)
    split = moves(before, after)
    assert split["change"].to_numpy() == pytest.approx(after.score - before.score)
    assert split.drop(columns="change").sum(axis=1).to_numpy() == pytest.approx(split["change"].to_numpy())
    for code in after.field.codes:
        passed, passed_by = overtaken(before, after, code)
        assert all(code in overtaken(before, after, other)[1] for other in passed)
        assert all(code in overtaken(before, after, other)[0] for other in passed_by)


@settings(deadline=None)
@given(months)
def test_what_gains_a_place_gains_it(counts: list[list[tuple[int, int]]]) -> None:
    result = evaluation(SCHEME, counts)
    for own, code in enumerate(result.field.codes):
        for gain in gains(result, code):
            position = result.criteria.index(gain.criterion)
            for cases, is_enough in ((gain.cases, True), (gain.cases - 1, False)):
                n = result.counts.n.copy()
                n[own, position] += cases * (-1 if gain.criterion.indicator.direction == "lower" else 1)
                assert 0 <= n[own, position] <= result.counts.d[own, position]
                applied = result.recounted(Counts(n, result.counts.d))
                assert (applied.place[own] < result.place[own]) == is_enough
                if is_enough:
                    assert (applied.place[own], applied.score[own]) == (gain.place, gain.score)


cells = st.integers(1, 5).flatmap(lambda d: st.tuples(st.integers(0, d), st.just(d)))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(cells, cells, cells), min_size=2, max_size=4), st.sampled_from(["deduct", "attain"]))
def test_cases_that_count_under_several_criteria_are_counted_once(counts: list[Any], rule: Rule) -> None:
    """Against every way to improve the cases of neither channel, of one and of the other."""
    parts = [("channel", "信箱"), ("channel", "上级交办")]
    whole = criterion("satisfaction_rate", 40, rule, 98)
    narrow = [replace(whole, key=value, weight=30.0, where=((name, value),)) for name, value in parts]
    rows = [[tuple(np.sum(each, axis=0)), *each[1:]] for each in counts]
    result = evaluation(scheme_of(whole, *narrow), rows)
    for own, code in enumerate(result.field.codes):
        least: dict[str, int] = {}
        rooms = [range(d - n + 1) for n, d in counts[own]]
        for rest, first, second in product(*rooms):
            n = result.counts.n.copy()
            n[own] += [rest + first + second, first, second]
            if result.recounted(Counts(n, result.counts.d)).place[own] < result.place[own]:
                total = rest + first + second
                for key, cases in ((whole.key, total), (narrow[0].key, first), (narrow[1].key, second)):
                    if cases == total:
                        least[key] = min(least.get(key, total), total)
        found = {gain.criterion.key: gain for gain in gains(result, code)}
        assert {key: gain.cases for key, gain in found.items()} == least
        if whole.key in found:
            within = {one.key: cases for one, cases in found[whole.key].of_which}
            n = result.counts.n.copy()
            n[own] += [found[whole.key].cases, *(within.get(one.key, 0) for one in narrow)]
            assert result.recounted(Counts(n, result.counts.d)).place[own] == found[whole.key].place


def test_the_first_has_nothing_to_gain() -> None:
    result = evaluation(SCHEME, [[(60, 60)] * 2 + [(0, 60), (60, 60)], [(30, 60)] * 4])
    assert gains(result, "A") == []
    assert {gain.criterion.key for gain in gains(result, "B")} <= {one.key for one in SCHEME.criteria}


# --- Trust ------------------------------------------------------------------------------------------


def test_wilson_and_funnel() -> None:
    low, high = wilson(np.array([9.0, 0.0, 5.0, 1.0]), np.array([10.0, 10.0, 5.0, 0.0]))
    # Wilson's interval of 9 in 10 and of 0 in 10, as tables give it
    assert low[:2] == pytest.approx([0.5958, 0.0], abs=1e-4)
    assert high[:2] == pytest.approx([0.9821, 0.2775], abs=1e-4)
    assert high[2] == 1
    assert low[2] == pytest.approx(0.5655, abs=1e-4)
    assert np.isnan([low[3], high[3]]).all()
    # The binomial's: 84 and 95 of 100 are just inside, P(X <= 83) = 0.0206 and P(X <= 84) = 0.0399
    low, high = Funnel(0.9, 0.0).limits(np.array([100.0, 1.0, 0.0]), TAIL_95)
    assert (low[0], high[0]) == pytest.approx((0.8323, 0.9596), abs=1e-4)
    assert high[1] == 1
    assert np.isnan([low[2], high[2]]).all()


def test_plausible_places_are_wider_for_few_cases() -> None:
    scheme = scheme_of(criterion("satisfaction_rate", 100, "attain"))
    large = evaluation(scheme, [[(9000, 10_000)], [(8000, 10_000)], [(7000, 10_000)]])
    small = evaluation(scheme, [[(9, 10)], [(8, 10)], [(7, 10)]])
    certain, doubtful = plausible_places(large), plausible_places(small)
    assert certain.best.tolist() == certain.worst.tolist() == [1, 2, 3]
    assert doubtful.best.tolist() == [1, 1, 1]
    assert doubtful.worst.tolist() == [3, 3, 3]
    again = plausible_places(small)
    assert (again.best.tolist(), again.worst.tolist()) == (doubtful.best.tolist(), doubtful.worst.tolist())


def test_all_of_a_few_is_not_certain() -> None:
    scheme = scheme_of(criterion("satisfaction_rate", 100, "attain"))
    result = evaluation(scheme, [[(5, 5)], [(970, 1000)], [(math.nan, math.nan)]])
    chance = plausible_places(result)
    assert (chance.best[0], chance.worst[0]) == (1, 2)
    assert math.isnan(chance.best[2])


def test_places_under_other_weights() -> None:
    scheme = scheme_of(criterion("on_time_rate", 50, "attain"), criterion("satisfaction_rate", 50, "attain"))
    # A and B trade; C is behind in both whatever the weights.
    result = evaluation(scheme, [[(90, 100), (80, 100)], [(80, 100), (90, 100)], [(70, 100), (70, 100)]])
    moved = places_under_other_weights(result)
    assert moved.best.tolist() == [1, 1, 3]
    assert moved.worst.tolist() == [2, 2, 3]
    assert places_under_other_weights(result, share=0).worst.tolist() == [1, 1, 3]


def test_streaks() -> None:
    scheme = scheme_of(criterion("on_time_rate", 100, "attain"))

    def month(first: int) -> Evaluation:
        return evaluation(scheme, [[(first, 100)], *([[(60 + 2 * other, 100)] for other in range(6)])])

    rising = [month(50), month(61), month(75)]
    assert streaks(rising, "A").is_improving
    assert (streaks(rising, "A").first_three, streaks(rising, "A").last_three) == (1, 2)
    assert not streaks([month(75), month(61), month(62)], "A").is_improving
    assert not streaks(rising[:2], "A").is_improving


# --- The database -----------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def county(request: pytest.FixtureRequest) -> Iterator[tuple[Engine, World]]:
    world = World(Random(5), petitions=300, others=60)  # noqa: S311
    with empty_county(request, request.param) as engine:
        with engine.begin() as connection:
            world.write(connection)
            for area in AREAS:
                refresh(connection, area, as_of=world.end)
        yield engine, world


MONTHS = ("2024-01", "2024-02", "2024-03")


@pytest.mark.parametrize("name", ["three_rates", "four_parts", "all_areas"])
def test_several_months_at_once_are_as_one_by_one(name: str, county: tuple[Engine, World]) -> None:
    engine, _ = county
    together = evaluate(engine, UNRESTRICTED, shipped(name), MONTHS)
    for month, one in zip(MONTHS, together, strict=True):
        alone = evaluate(engine, UNRESTRICTED, shipped(name), [month])[0]
        np.testing.assert_array_equal(one.evaluation.score, alone.evaluation.score)
        np.testing.assert_array_equal(one.evaluation.counts.n, alone.evaluation.counts.n)
    assert any(not np.isnan(one.evaluation.counts.n).all() for one in together)


def test_the_sample_county_is_evaluated(sample_engine: Engine) -> None:
    for scheme in load_schemes():
        (month,) = evaluate(sample_engine, UNRESTRICTED, shipped(scheme.id), ["2023-07"])
        ranked = ~np.isnan(month.evaluation.place)
        assert ranked.sum() >= 3, scheme.id
        for members in month.evaluation.field.members.values():
            assert np.nanmin(month.evaluation.place[members]) == 1


@pytest.mark.parametrize("name", ["three_rates", "four_parts", "all_areas"])
def test_a_case_taken_out_counts_as_if_it_were_not_there(name: str, county: tuple[Engine, World]) -> None:
    engine, world = county
    scheme = shipped(name)
    with engine.connect() as connection:
        # Neither repeats another nor is repeated: its going changes nothing of other cases.
        chosen = connection.execute(
            select(petition).where(
                petition.c.invalid_reason.is_(None),
                petition.c.repeat_of.is_(None),
                petition.c.case_no.not_in(select(petition.c.repeat_of).where(petition.c.repeat_of.is_not(None))),
            )
        ).all()[:40]
    taken_out: Counter[str] = Counter()
    for case in chosen:
        counted_in = {f"{time:%Y-%m}" for time in (case.received_at, case.due_at, case.closed_at) if time}
        for month in MONTHS:
            if month in counted_in:
                exclude_case(engine, month, case.case_no, reason="非本县事项", by=Viewer("甲"))
                taken_out[month] += 1
            else:
                with pytest.raises(RecordProblem, match="不计入"):
                    exclude_case(engine, month, case.case_no, reason="非本县事项", by=Viewer("甲"))
    assert all(taken_out[month] for month in MONTHS)
    fewer = evaluate(engine, UNRESTRICTED, scheme, MONTHS)
    with engine.begin() as connection:
        connection.execute(delete(petition).where(petition.c.case_no.in_([case.case_no for case in chosen])))
        refresh(connection, "petitions", as_of=world.end)
    never = evaluate(engine, UNRESTRICTED, scheme, MONTHS)
    for one, other in zip(fewer, never, strict=True):
        assert len(one.exclusions) == taken_out[one.evaluation.month]
        # A share of nothing is no share, whether its counts are 0 or missing.
        np.testing.assert_allclose(np.nan_to_num(one.evaluation.counts.n), np.nan_to_num(other.complete.counts.n))
        np.testing.assert_allclose(np.nan_to_num(one.evaluation.counts.d), np.nan_to_num(other.complete.counts.d))
    assert any((one.evaluation.counts.n != one.complete.counts.n).any() for one in fewer)


def test_of_two_cases_with_one_number_the_right_one_is_taken_out(county: tuple[Engine, World]) -> None:
    engine, world = county
    here, there = world.townships[:2]
    moment = datetime.fromisoformat(f"{MONTHS[1]}-05")
    with engine.begin() as connection:
        connection.execute(
            insert(petition),
            [{"township_code": code, "case_no": "两个镇", "received_at": moment} for code in (here, there)],
        )
    with pytest.raises(RecordProblem, match="请选镇街"):
        exclude_case(engine, MONTHS[1], "两个镇", reason="a", by=Viewer("b"))
    exclude_case(engine, MONTHS[1], "两个镇", reason="a", by=Viewer("b"), township_code=there)
    with engine.connect() as connection:
        (row,) = exclusions(connection, UNRESTRICTED, MONTHS).to_dict("records")
    assert row["township_code"] == there
    # That one is out, the other is another case.
    with pytest.raises(RecordProblem, match="已经剔除"):
        exclude_case(engine, MONTHS[1], "两个镇", reason="a", by=Viewer("b"), township_code=there)
    exclude_case(engine, MONTHS[1], "两个镇", reason="a", by=Viewer("b"), township_code=here)


def test_exclusions_and_points_by_hand_are_taken_back(county: tuple[Engine, World]) -> None:
    engine, world = county
    scheme = shipped("three_rates")
    township = world.townships[0]
    case = next(
        row["case_no"]
        for row in world.facts["petition"]
        if row["invalid_reason"] is None and f"{row['received_at']:%Y-%m}" == MONTHS[1]
    )
    before = evaluate(engine, UNRESTRICTED, scheme, MONTHS)
    version = data_version(engine)
    item = add_item(
        engine, scheme.id, MONTHS[1], township, -1.5, reason="通报批评", evidence="县办〔2024〕3号", by=Viewer("甲")
    )
    assert data_version(engine) != version
    excluded = exclude_case(engine, MONTHS[1], case, reason="重复派单", by=Viewer("乙"))
    with pytest.raises(RecordProblem, match="已经剔除"):
        exclude_case(engine, MONTHS[1], case, reason="再来", by=Viewer("乙"))
    with engine.connect() as connection:
        assert items(connection, UNRESTRICTED, scheme.id, MONTHS)["points"].tolist() == [-1.5]
        (row,) = exclusions(connection, UNRESTRICTED, MONTHS).to_dict("records")
        assert (row["case_no"], row["reason"], row["entered_by"]) == (case, "重复派单", "乙")
    now = evaluate(engine, UNRESTRICTED, scheme, MONTHS)[1].evaluation
    assert now.field.by_hand[now.position(township)] == -1.5
    withdraw_item(engine, township, item, by=UNRESTRICTED)
    include_case(engine, row["township_code"], excluded, by=UNRESTRICTED)
    after = evaluate(engine, UNRESTRICTED, scheme, MONTHS)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.evaluation.score, other.evaluation.score)


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"points": 0.0}, "加减分"),
        ({"points": math.nan}, "加减分"),
        ({"reason": " "}, "原因"),
        ({"evidence": ""}, "依据"),
        ({"by": UNRESTRICTED}, "填报人"),
    ],
)
def test_points_by_hand_need_a_reason(wrong: dict[str, Any], word: str, county: tuple[Engine, World]) -> None:
    engine, world = county
    good: dict[str, Any] = {"points": 1.0, "reason": "a", "evidence": "b", "by": Viewer("c")}
    arguments = good | wrong
    with pytest.raises(RecordProblem, match=word):
        add_item(engine, "test", "2024-01", world.townships[0], arguments.pop("points"), **arguments)
    with pytest.raises(RecordProblem, match="编号"):
        exclude_case(engine, "2024-01", "没有", reason="a", by=Viewer("b"))


def test_of_two_who_freeze_at_once_the_second_is_told(tmp_path: Path) -> None:
    """One version, and words for the other, not a failure of the database."""
    engine = engine_for(f"sqlite:///{tmp_path / 'county.sqlite'}")
    upgrade(engine)
    with engine.begin() as connection:
        load(connection, World(Random(5), petitions=60, others=20))  # noqa: S311  # the same world each time
    (month,) = evaluate(engine, UNRESTRICTED, shipped("three_rates"), [MONTHS[0]])
    start = Barrier(2)

    def publish(by: str) -> str:
        start.wait()
        try:
            freeze(engine, month.evaluation, month.items, month.exclusions, by=Viewer(by))
        except RecordProblem as problem:
            return problem.zh
        return ""

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(publish, ("甲", "乙")))
    assert told[0] == ""
    assert "已于" in told[1]


def test_a_frozen_month_is_only_superseded(county: tuple[Engine, World]) -> None:
    engine, world = county
    scheme = shipped("three_rates")
    township = world.townships[0]

    def publish(reason: str = "") -> Any:
        (month,) = evaluate(engine, UNRESTRICTED, scheme, [MONTHS[0]])
        return freeze(engine, month.evaluation, month.items, month.exclusions, by=Viewer("县办"), reason=reason)

    assert frozen(engine, UNRESTRICTED, scheme.id, MONTHS[0]) is None
    first = publish()
    assert (first.version, first.is_intact, first.content["month"]) == (1, True, MONTHS[0])
    (month,) = evaluate(engine, UNRESTRICTED, scheme, [MONTHS[0]])
    assert differences(first, month.evaluation).empty
    for reason in ("", "再发一次"):
        with pytest.raises(RecordProblem, match="县办 已于"):
            publish(reason)
    known = next(
        code for code in world.townships if not math.isnan(month.evaluation.score[month.evaluation.position(code)])
    )
    add_item(engine, scheme.id, MONTHS[0], known, 2, reason="表扬", evidence="文", by=Viewer("甲"))
    add_item(engine, scheme.id, MONTHS[1], township, 2, reason="表扬", evidence="文", by=Viewer("甲"))
    (month,) = evaluate(engine, UNRESTRICTED, scheme, [MONTHS[0]])
    with pytest.raises(RecordProblem, match="原因"):
        publish()
    found = differences(first, month.evaluation)
    score = found[(found["township_code"] == known) & (found["what"] == "score")].iloc[0]
    assert score["now"] - score["published"] == pytest.approx(2)
    assert frozen(engine, UNRESTRICTED, scheme.id, MONTHS[0]) == first
    second = publish("补录加分")
    assert (second.version, second.reason) == (2, "补录加分")
    assert differences(second, month.evaluation).empty
    pd.testing.assert_frame_equal(published(second).table(), month.evaluation.table())
    assert published(second).scheme == scheme
    with engine.begin() as connection:
        connection.execute(
            update(evaluation_freeze)
            .where(evaluation_freeze.c.version == 2)
            .values(content=evaluation_freeze.c.content + " ")
        )
    tampered = frozen(engine, UNRESTRICTED, scheme.id, MONTHS[0])
    assert tampered is not None
    assert not tampered.is_intact


def test_read_scheme_is_what_evaluates(tmp_path: Path, county: tuple[Engine, World]) -> None:
    """A scheme of a month by another grouping: one league for all, whatever their kinds."""
    engine, _ = county
    path = tmp_path / "one.toml"
    path.write_text(
        'name = "一组"\nfrom = "2024-01"\n[leagues]\n"全县" = ["街道", "镇", "乡"]\n[[criteria]]\n'
        'indicator = "on_time_rate"\nweight = 100\nrule = "deduct"\ntarget = 100\n',
        "utf-8",
    )
    (month,) = evaluate(engine, UNRESTRICTED, read_scheme(path), ["2024-02"])
    assert set(month.evaluation.field.leagues) <= {"全县", None}
