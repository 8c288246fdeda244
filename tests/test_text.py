"""Numbers, changes, months and names in words."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as st_

from data_access.evaluation.schemes import Scheme
from data_access.indicators import INDICATORS, markdown_table
from data_access.model.change import change_of
from data_access.model.measured import Measured
from ui import text
from ui.text import scheme_names, written_in

_NUMBER = re.compile(r"-?[\d,]+(\.\d+)?")


@pytest.fixture(params=["zh", "en"])
def lang(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(st, "session_state", {"lang": request.param})
    return str(request.param)


@pytest.fixture
def zh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {"lang": "zh"})


@pytest.mark.usefixtures("zh")
@pytest.mark.parametrize(
    ("code", "amount", "shown"),
    [
        ("cameras", 4920, "4,920 个"),
        ("satisfaction_rate", 95.94, "95.9%"),
        ("online_rate", 99.345, "99.34%"),
        ("received", 1234567, "123.5 万 件"),
        ("received", 3.2e8, "3.20 亿 件"),
        ("schedule_gap", -2.62, "-2.6 个百分点"),
        ("received", math.nan, "—"),
    ],
)
def test_values_carry_their_units(code: str, amount: float, shown: str) -> None:
    assert text.value(INDICATORS[code], amount) == shown


@pytest.mark.usefixtures("zh")
@pytest.mark.parametrize(
    ("code", "now", "then", "shown"),
    [
        ("on_time_rate", 96.02, 95.71, "↑ 0.3 个百分点"),
        ("received", 110, 100, "↑ 10.0%"),
        ("received", 12, 10, "↑ 2 件"),
        ("handling_days", 5.5, 5.6, "↓ 0.1 天"),
        ("schedule_gap", -2.0, 1.5, "↓ 3.5 个百分点"),
        ("received", math.nan, 10, None),
        ("received", 10, math.nan, None),
        ("received", 50, 0, "↑ 50 件"),
        ("on_time_rate", 96.02, 96.03, "→ 持平"),
        ("handling_days", 5.52, 5.51, "→ 持平"),
        ("received", 100_001, 100_000, "→ 持平"),
    ],
)
def test_changes_are_points_for_shares_and_per_cent_for_counts(
    code: str, now: float, then: float, shown: str | None
) -> None:
    change = change_of(INDICATORS[code], now, then)
    assert (None if change is None else text.change(INDICATORS[code], change)) == shown


@pytest.mark.usefixtures("zh")
def test_counts_show_the_division() -> None:
    assert text.counts(INDICATORS["on_time_rate"], 911, 972) == "911 ÷ 972 = 93.7%"
    assert text.counts(INDICATORS["on_time_rate"], 0, 0) == "0 ÷ 0 = —"
    assert text.counts(INDICATORS["handling_days"], 516_007, 3_923) == "516,007 小时 ÷ 24 ÷ 3,923 件 = 5.5 天"
    assert text.counts(INDICATORS["cases_per_10k"], 381, 117_400) == "381 件 ÷ 117,400 人 × 10,000 = 32.5 件/万人"
    assert text.counts(INDICATORS["progress"], 1_234.5, 20) == "1,234% ÷ 20 个 = 61.7%"


def evaluated(formula: str) -> float:
    """What the left side of a formula comes to, its units left out."""
    steps = re.split(r"([÷×])", formula)
    amounts = [float(found.group().replace(",", "")) for found in map(_NUMBER.search, steps[::2]) if found]
    for sign, amount in zip(steps[1::2], amounts[1:], strict=True):
        amounts[0] = amounts[0] / amount if sign == "÷" else amounts[0] * amount
    return amounts[0]


@given(
    code=st_.sampled_from([code for code, indicator in INDICATORS.items() if indicator.is_ratio]),
    numerator=st_.one_of(st_.integers(-(10**6), 10**9), st_.floats(-1e7, 1e9)),
    denominator=st_.one_of(st_.integers(1, 10**9), st_.floats(0.01, 1e9)),
    language=st_.sampled_from(("zh", "en")),
)
def test_every_formula_shown_computes(code: str, numerator: float, denominator: float, language: str) -> None:
    indicator = INDICATORS[code]
    with text.written_in(language):
        left, _, right = text.counts(indicator, numerator, denominator).partition(" = ")
        # The percentage of counts stands for a hundred times what the division gives.
        shares = 100 if indicator.is_percentage and indicator.scale == 100 else 1
        assert text.value(indicator, shares * evaluated(left)) == right


@given(
    code=st_.sampled_from(list(INDICATORS)),
    now=st_.floats(-1e6, 1e6).map(lambda amount: round(amount, 3)),
    then=st_.floats(-1e6, 1e6).map(lambda amount: round(amount, 3)),
    near=st_.booleans(),
)
def test_no_change_has_two_signs_or_a_signed_nothing(code: str, now: float, then: float, near: bool) -> None:
    indicator = INDICATORS[code]
    with text.written_in("zh"):
        change = change_of(indicator, now, now + then / 1e7 if near else then)
        assert change is not None
        shown = text.change(indicator, change)
        assert shown == "→ 持平" or re.fullmatch(r"[↑↓] [\d,.]*[1-9][\d,.]*(%| .+)", shown), shown
        assert not text.value(indicator, -abs(then) / 1e9).startswith("-")


@pytest.mark.usefixtures("zh")
def test_periods_and_lists_in_chinese() -> None:
    assert text.period("2023-01", "2023-08") == "2023年1月至8月"
    assert text.period("2022-11", "2023-02") == "2022年11月至2023年2月"
    assert text.period("2023-05", "2023-05") == "2023年5月"
    assert text.listed(["甲", "乙"]) == "甲、乙"
    assert text.listed(["甲", "乙", "丙", "丁"]) == "甲、乙、丙等 4 个"
    assert text.money(2_579_200) == "257.92 万元"
    assert text.money(1.5e9) == "15.00 亿元"


def test_every_definition_is_complete_in_both_languages(lang: str) -> None:
    for indicator in INDICATORS.values():
        words = text.definition(indicator, Measured(50.0, 1.0, 2.0, None))
        assert text.name(indicator) in words
        if lang == "en":
            assert not any("\u4e00" <= character <= "\u9fff" for character in words.replace("网格志愿队", "")), words
        assert (text.target_label(indicator) is None) == (indicator.target is None or indicator.direction == "neither")


def test_the_documented_table_is_the_registry() -> None:
    page = Path(__file__).resolve().parent.parent / "docs" / "indicators.md"
    told = "run python -m data_access.indicators and put its table into docs/indicators.md"
    assert markdown_table() in page.read_text("utf-8"), told


def test_no_two_schemes_are_called_the_same() -> None:
    one = Scheme("a", "三率考评", "Three rates", "a", "2022-01", None, 0, "", (), ())
    others = [
        replace(one, id="b", first="2000-01"),
        replace(one, id="c", first="2000-01"),
        replace(one, id="d", zh="四率"),
    ]
    with written_in("zh"):
        assert list(scheme_names([one, *others]).values()) == [
            *("三率考评 · 2022-01 起", "三率考评 · 2000-01 起 · b", "三率考评 · 2000-01 起 · c", "四率")
        ]
