"""What stands out, what was raised again, what next month may bring."""

from __future__ import annotations

from datetime import date, datetime
from random import Random
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, insert, select

from data_access.access import UNRESTRICTED
from data_access.areas.petitions.tables import petition
from data_access.exploring import common_causes
from data_access.exploring.common_causes import Looked, clusters, parts, people
from data_access.places.tables import village as villages
from data_access.scope import Scope, month_range

LAST_DAY = date(2024, 6, 30)


def _world(rng: Random, extra: dict[tuple[str, str, str], int], rise: float = 1.0) -> list[tuple[str, str, str]]:
    """Cases as (village, kind, month): 40 villages, 6 kinds, a steady rate; ``rise`` for one kind in the last month."""
    cases = []
    months = month_range("2023-06", "2024-06")
    for village, kind, month in ((f"v{v}", f"k{k}", month) for v in range(40) for k in range(6) for month in months):
        rate = 2.0 * (rise if kind == "k0" and month == months[-1] else 1.0)
        # Binomial of many trials: as good as Poisson
        count = sum(rng.random() < rate / 40 for _ in range(40)) + extra.get((village, kind, month), 0)
        cases += [(village, kind, month)] * count
    return cases


def _found(cases: list[tuple[str, str, str]], places: set[str] | None = None) -> pd.DataFrame:
    looked = Looked("village_code", "category_3", "month", Scope(UNRESTRICTED, None, "2024-01", "2024-06"))
    asked = parts(looked, "2022-01")
    frame = pd.DataFrame(cases, columns=["village_code", "category_3", "month"])
    counted = frame.groupby(["month", "village_code", "category_3"]).size().rename("received").reset_index()
    frames = [counted[counted["month"] == part.scope.start].drop(columns="month") for part in asked]
    return clusters(looked, asked, frames, places, LAST_DAY)


def test_what_was_planted_is_found_and_chance_is_not() -> None:
    planted = {("v7", "k3", "2024-06"): 14, ("v21", "k5", "2024-06"): 11}
    found = _found(_world(Random(5), planted))  # noqa: S311
    assert {("v7", "k3"), ("v21", "k5")} <= set(zip(found["village_code"], found["category_3"], strict=True))
    assert len(found) <= 3
    top = found.set_index(["village_code", "category_3"]).loc[("v7", "k3")]
    assert top["low"] <= 2 <= top["high"] < top["now"]
    assert top["expected"] == pytest.approx(2, abs=1.5)
    assert found.attrs == {"tested": 240, "past": 12}
    assert set(_found(_world(Random(5), planted), {"v21"})["village_code"]) == {"v21"}  # noqa: S311


@pytest.mark.parametrize("seed", range(8))
def test_nothing_stands_out_of_noise_or_of_a_rise_everywhere(seed: int) -> None:
    """Of 16 worlds without a cluster few have a finding: that is what the level means."""
    false = [len(_found(_world(Random(seed), {}, rise))) for rise in (1.0, 3.0)]  # noqa: S311
    assert max(false) <= 1


def test_a_short_past_says_nothing() -> None:
    cases = [case for case in _world(Random(1), {("v7", "k3", "2024-06"): 30}) if case[2] >= "2024-03"]  # noqa: S311
    looked = Looked("village_code", "category_3", "month", Scope(UNRESTRICTED, None, "2024-06", "2024-06"))
    asked = parts(looked, "2024-03")
    frame = pd.DataFrame(cases, columns=["village_code", "category_3", "month"])
    counted = frame.groupby(["month", "village_code", "category_3"]).size().rename("received").reset_index()
    frames = [counted[counted["month"] == part.scope.start] for part in asked]
    found = clusters(looked, asked, frames, None, LAST_DAY)
    assert found.empty
    assert found.attrs["tested"] == 0


def test_weeks_end_with_the_last_whole_one() -> None:
    looked = Looked("village_code", "category_3", "week", Scope(UNRESTRICTED, None, "2024-06", "2024-06"))
    asked = parts(looked, "2022-01")
    assert common_causes._periods(looked, asked, date(2024, 6, 30))[-1] == "2024-06-24"
    assert common_causes._periods(looked, asked, date(2024, 6, 29))[-1] == "2024-06-17"
    assert len(common_causes._periods(looked, asked, date(2024, 6, 29))) == 27


def test_cases_raised_again_are_those_that_the_indicator_counts(sample_engine: Engine) -> None:
    scope = Scope(UNRESTRICTED, None, "2023-06", "2023-08")
    c = petition.c
    with sample_engine.connect() as connection:
        found = common_causes.raised_again(connection, (scope, 100_000))
        rows: list[Any] = connection.execute(
            select(c.township_code, c.case_no, c.closed_at, c.received_at, c.repeat_of).where(
                c.invalid_reason.is_(None)
            )
        ).all()
    closed = {(row.township_code, row.case_no): row.closed_at for row in rows}
    expected = set()
    for row in rows:
        before = closed.get((row.township_code, row.repeat_of))
        if before and datetime(2023, 6, 1) <= before < datetime(2023, 9, 1):
            passed = (row.received_at - before).total_seconds()
            if 0 <= passed <= 7 * 86400:
                expected.add((row.repeat_of, row.case_no))
    assert expected
    assert set(zip(found["case_no"], found["again"], strict=True)) == expected
    assert found["closed_at"].is_monotonic_decreasing
    # Of the latest, however many months they are in
    latest = (found["closed_at"] >= datetime(2023, 8, 1)).sum()
    with sample_engine.connect() as connection:
        for most in (1, latest, latest + 1):
            some = common_causes.raised_again(connection, (scope, int(most)))
            pd.testing.assert_frame_equal(some, found.head(most))


LOOKED = Looked("village_code", "category_3", "month", Scope(UNRESTRICTED, None, "2024-06", "2024-06"))


def _people(engine: Engine, cases: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Cases and people of each village in June 2024, in the order of the villages."""
    with engine.begin() as connection:
        codes = connection.execute(select(villages.c.township_code, villages.c.code).order_by(villages.c.code)).all()
        own = dict(enumerate(codes))
        rows = [
            {
                "township_code": own[one["village"]][0],
                "village_code": own[one["village"]][1],
                "case_no": f"P{number}",
                "category_3": "噪声",
                "received_at": one.get("at", datetime(2024, 6, 10, 9)),
                **{name: one.get(name) for name in ("petitioner", "phone", "repeat_of", "invalid_reason")},
            }
            for number, one in enumerate(cases)
        ]
        connection.execute(insert(petition), rows)
        (part,) = parts(LOOKED, "2024-06")[-1:]
        found = people(connection, part)
        connection.rollback()
    assert list(found) == ["village_code", "category_3", "received", "people"]
    found = found.sort_values("village_code")
    return list(zip(found["received"], found["people"], strict=True))


def test_one_person_who_files_nine_times_is_one(sample_engine: Engine) -> None:
    told = [
        {"village": 0, "phone": f"1390000000{one}", "repeat_of": f"P{one - 1}" if one else None} for one in range(9)
    ]
    untold = [{"village": 1, "phone": "13900000001", "petitioner": f"王{one}"} for one in range(9)]
    by_name = [{"village": 2, "petitioner": "张三丰"} for _ in range(9)]
    assert _people(sample_engine, told + untold + by_name) == [(9, 1)] * 3


def test_who_is_not_named_is_not_taken_for_another(sample_engine: Engine) -> None:
    """A surname with a title, a mask or too few digits are shared by many."""
    shared = ["张先生", "李女士", "王某某", "陈**", "匿名", "赵", "", None]
    cases = [{"village": 0, "petitioner": name, "phone": "12345"} for name in shared for _ in range(2)]
    masked = [{"village": 1, "phone": "1390000****"} for _ in range(2)]
    two_people = [{"village": 2, "petitioner": "张三丰", "phone": f"1390000000{one}"} for one in range(2)]
    deleted = [{"village": 2, "phone": "13900000005", "invalid_reason": "误录"}]
    assert _people(sample_engine, cases + masked + two_people + deleted) == [(16, 16), (2, 2), (2, 2)]


def test_one_person_is_no_common_cause_and_many_are() -> None:
    """Nine cases stand out when nine people file them, not when one does, in otherwise equal counties."""
    asked = parts(LOOKED, "2022-01")
    world = pd.DataFrame(_world(Random(3), {}), columns=["village_code", "category_3", "month"])  # noqa: S311
    counted = world.groupby(["month", "village_code", "category_3"]).size().rename("received").reset_index()
    for who, stands_out in ((1, False), (12, True)):
        frames = []
        for part in asked:
            frame = (
                counted[counted["month"] == part.scope.start].drop(columns="month").assign(people=counted["received"])
            )
            if part == asked[-1]:
                own = (frame["village_code"] == "v7") & (frame["category_3"] == "k3")
                frame = pd.concat(
                    [
                        frame[~own],
                        pd.DataFrame(
                            [("v7", "k3", 12, who)], columns=["village_code", "category_3", "received", "people"]
                        ),
                    ]
                )
            frames.append(frame)
        found = clusters(LOOKED, asked, frames, None, LAST_DAY)
        assert (("v7", "k3") in set(zip(found["village_code"], found["category_3"], strict=True))) is stands_out
        if stands_out:
            assert found.iloc[0][["now", "received"]].tolist() == [12, 12]
