"""The two sides of every ratio are counted over the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine

from data_access.access import UNRESTRICTED
from data_access.indicators import INDICATORS
from data_access.queries import measure
from data_access.scope import Scope
from tests.counties import MONTHS, load, memory_engine, quick, worlds
from tests.raw_indicators import FIRST, World

RATIOS = {code: indicator for code, indicator in INDICATORS.items() if indicator.is_ratio}
# Who takes part counts below even where nothing stands above: people without a case, villages whose cameras are gone.
TAKES_PART = {"cases_per_10k", "village_coverage"}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = memory_engine()
    yield engine
    engine.dispose()


@given(world=worlds, registers_since=st.sampled_from([None, FIRST]))
# How many people live in a township with a case is known at first, and then no more.
@example(world=World(Random(182), petitions=9, others=9), registers_since=None)  # noqa: S311  # the same world every time
@quick
def test_both_sides_of_every_ratio_are_of_the_same_rows(
    engine: Engine, world: World, registers_since: str | None
) -> None:
    with engine.begin() as connection:
        load(connection, world, registers_since=registers_since)
    scope = Scope(UNRESTRICTED, None, MONTHS[0], MONTHS[-1])
    for by in (("township_code", "month"), ("township_code",)):
        told = measure(engine, list(RATIOS.values()), scope, by)
        for code in RATIOS:
            above, below = told[f"{code}:n"].fillna(0), told[f"{code}:d"].fillna(0)
            assert not (above[below == 0] != 0).any(), f"{code} counts above what it does not count below"
            if code not in TAKES_PART:
                assert told[f"{code}:n"][below > 0].notna().all(), f"{code} counts below what it does not know above"


@given(world=worlds)
@quick
def test_a_county_is_no_further_than_its_townships(engine: Engine, world: World) -> None:
    """A ratio of the whole lies between those of the parts, each of which counts on both sides."""
    with engine.begin() as connection:
        load(connection, world, registers_since=FIRST)
    scope = Scope(UNRESTRICTED, None, MONTHS[0], MONTHS[-1])
    ratios = [RATIOS[code] for code in RATIOS if code not in TAKES_PART]
    parts = measure(engine, ratios, scope, ("township_code", "month")).groupby("month")
    whole = measure(engine, ratios, scope, ("month",)).set_index("month")
    for ratio in ratios:
        values = whole[ratio.code].dropna()
        least, most = parts[ratio.code].min().reindex(values.index), parts[ratio.code].max().reindex(values.index)
        assert values.between(least - 1e-9, most + 1e-9).all(), ratio.code
