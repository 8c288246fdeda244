"""A KPI card says whether the target is met and whether the change is for the better: two things."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from data_access.indicators import INDICATORS
from ui.cards.indicators import kpi_card
from ui.text import written_in

NAN = float("nan")


@pytest.fixture(autouse=True)
def zh() -> Iterator[None]:
    with written_in("zh"):
        yield


def card(
    code: str, value: float, before: float | None = None, line: dict[str, float] | None = None, **more: Any
) -> dict[str, Any]:
    now = pd.Series({code: value, f"{code}:n": value, f"{code}:d": 100.0})
    then = None if before is None else pd.Series({code: before})
    return kpi_card(INDICATORS[code], now, then, pd.Series(line or {}, dtype=float), **more)


@pytest.mark.parametrize(
    ("code", "value", "before", "met", "tone"),
    [
        ("schedule_gap", -1.7, -1.8, False, "good"),
        ("registered_rate", 12.8, 12.1, False, "good"),
        ("on_time_rate", 97.0, 98.0, True, "bad"),
        ("on_time_rate", 95.0, 95.0, True, "plain"),
        ("repeat_rate", 9.0, 10.0, False, "good"),
        ("repeat_rate", 7.0, 6.0, True, "bad"),
        ("overdue_open", 3, None, False, "plain"),
    ],
)
def test_target_and_change_are_told_apart(code: str, value: float, before: float | None, met: bool, tone: str) -> None:
    shown = card(code, value, before)
    assert (shown["met"], shown["verdict"], shown["tone"]) == (met, "达标" if met else "未达标", tone)
    assert shown["target"].startswith("目标")


@pytest.mark.parametrize(("code", "value"), [("on_time_rate", NAN), ("received", 10), ("grid_coverage", 50.0)])
def test_no_verdict_without_a_value_or_a_target(code: str, value: float) -> None:
    shown = card(code, value)
    assert "met" not in shown
    assert "verdict" not in shown


def test_every_figure_has_its_unit_and_the_arrow_is_the_sign() -> None:
    shown = card("schedule_gap", -1.7, -1.6)
    assert (shown["value"], shown["unit"], shown["change"]) == ("-1.7", "个百分点", "↓ 0.1 个百分点")
    assert "unit" not in card("schedule_gap", NAN)
    assert card("on_time_rate", 95.52)["value"] == "95.5%"
    assert card("received", 110, 100)["change"] == "↑ 10.0%"


def test_a_sparkline_tells_its_range() -> None:
    line = {"2023-06": 95.0, "2023-07": 94.2, "2023-08": 96.1, "2023-09": 40.0}
    shown = card("on_time_rate", 95.0, line=line, unfinished={3: "未完（至 6 日）"})["line"]
    assert shown["range"] == "最低 94.2%（2023年7月），最高 96.1%（2023年8月）"
    assert shown["alt"] == f"按期办结率近 4 个月：{shown['range']}"
    assert shown["labels"][3] == "2023年9月 40.0% 未完（至 6 日）"
    assert shown["unfinished"] == [3]
    assert card("received", 5, line={"2023-07": 5, "2023-08": 5})["line"]["range"] == "各月均为 5 件"
