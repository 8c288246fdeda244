"""Numbers, changes, months and names in words."""

from __future__ import annotations

import math

import pytest
import streamlit as st

from data_access.indicators import INDICATORS, markdown_table
from ui import text


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
        ("on_time_rate", 96.02, 95.71, "+0.3 个百分点"),
        ("received", 110, 100, "+10.0%"),
        ("received", 12, 10, "+2 件"),
        ("handling_days", 5.5, 5.6, "-0.1 天"),
        ("schedule_gap", -2.0, 1.5, "-3.5 个百分点"),
        ("received", math.nan, 10, None),
        ("received", 10, math.nan, None),
        ("received", 50, 0, "+50 件"),
    ],
)
def test_changes_are_points_for_shares_and_per_cent_for_counts(
    code: str, now: float, then: float, shown: str | None
) -> None:
    assert text.change(INDICATORS[code], now, then) == shown


@pytest.mark.usefixtures("zh")
def test_counts_show_the_division() -> None:
    assert text.counts(INDICATORS["on_time_rate"], 911, 972) == "911 ÷ 972 = 93.7%"
    assert text.counts(INDICATORS["on_time_rate"], 0, 0) == "0 ÷ 0 = —"


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
        words = text.definition(indicator, 1, 2)
        assert text.name(indicator) in words
        if lang == "en":
            assert not any("\u4e00" <= character <= "\u9fff" for character in words.replace("网格志愿队", "")), words
        assert (text.target_label(indicator) is None) == (indicator.target is None or indicator.direction == "neither")


def test_the_readme_table_is_the_registry() -> None:
    from pathlib import Path

    readme = (Path(__file__).resolve().parent.parent / "README.md").read_text("utf-8")
    assert markdown_table() in readme, "run python -m data_access.indicators and put its table into README.md"
