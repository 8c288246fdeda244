"""What stands out, what was raised again, what next month may bring."""

from __future__ import annotations

from datetime import date, datetime
from math import comb
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, select

from data_access.exploring import common_causes
from data_access.exploring.common_causes import Looked, binomial_tail, clusters, discoveries, forecast, parts
from data_access.schema import petition
from data_access.scope import Scope, month_range

LAST_DAY = date(2024, 6, 30)


@pytest.mark.parametrize(("successes", "trials", "share"), [(0, 5, 0.3), (3, 10, 0.2), (31, 120, 0.08), (7, 7, 0.5)])
def test_the_chance_of_so_many_or_more(successes: int, trials: int, share: float) -> None:
    exact = sum(comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(successes, trials + 1))
    assert binomial_tail(successes, trials, share) == pytest.approx(exact)


def test_discoveries_are_those_of_benjamini_and_hochberg() -> None:
    # The example of the paper, at 5 %: of fifteen hypotheses the first four.
    chances = np.array(
        [
            0.0001,
            0.0004,
            0.0019,
            0.0095,
            0.0201,
            0.0278,
            0.0298,
            0.0344,
            0.0459,
            0.3240,
            0.4262,
            0.5719,
            0.6528,
            0.7590,
            1,
        ]
    )
    assert discoveries(chances, 0.05).tolist() == [True] * 4 + [False] * 11
    assert discoveries(np.array([]), 0.05).tolist() == []


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
    looked = Looked("village_code", "category_3", "month", Scope((), "2024-01", "2024-06"))
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
    looked = Looked("village_code", "category_3", "month", Scope((), "2024-06", "2024-06"))
    asked = parts(looked, "2024-03")
    frame = pd.DataFrame(cases, columns=["village_code", "category_3", "month"])
    counted = frame.groupby(["month", "village_code", "category_3"]).size().rename("received").reset_index()
    frames = [counted[counted["month"] == part.scope.start] for part in asked]
    found = clusters(looked, asked, frames, None, LAST_DAY)
    assert found.empty
    assert found.attrs["tested"] == 0


def test_weeks_end_with_the_last_whole_one() -> None:
    looked = Looked("village_code", "category_3", "week", Scope((), "2024-06", "2024-06"))
    asked = parts(looked, "2022-01")
    assert common_causes._periods(looked, asked, date(2024, 6, 30))[-1] == "2024-06-24"
    assert common_causes._periods(looked, asked, date(2024, 6, 29))[-1] == "2024-06-17"
    assert len(common_causes._periods(looked, asked, date(2024, 6, 29))) == 27


def test_cases_raised_again_are_those_that_the_indicator_counts(sample_engine: Engine) -> None:
    scope = Scope((), "2023-06", "2023-08")
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


def _history(months: int, rng: np.random.Generator) -> pd.DataFrame:
    season = 1 + 0.5 * np.sin(2 * np.pi * np.arange(months) / 12)
    return pd.DataFrame(
        {f"k{kind}": rng.poisson(level * season) for kind, level in enumerate((400, 150, 60))},
        index=month_range("2022-01", "2030-12")[:months],
    )


def test_a_season_is_carried_on_and_the_interval_holds_nine_of_ten() -> None:
    held, tried = 0, 0
    for seed in range(40):
        history = _history(31, np.random.default_rng(seed))
        told = forecast(history.iloc[:-1])
        assert told is not None
        assert told.month == history.index[-1]
        assert told.error < told.naive_error
        actual = history.iloc[-1]
        for row in told.table.to_dict("records"):
            tried += 1
            held += row["low"] <= actual[row["category"]] <= row["high"]
    assert 0.8 <= held / tried <= 0.99


def test_a_short_history_forecasts_nothing() -> None:
    history = _history(31, np.random.default_rng(1))
    assert forecast(history.iloc[: common_causes.LEAST_MONTHS - 1]) is None
    assert forecast(history.iloc[: common_causes.LEAST_MONTHS]) is not None
    assert forecast(history * 0) is None
