"""Figures show what the data say: order, targets, hatching, no false zero."""

from __future__ import annotations

import ast
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_access.indicators import INDICATORS
from ui import charts

NAN = float("nan")


def ranked(code: str, values: list[float], target_label: str | None = None) -> list[object]:
    names = [f"镇{i}" for i in range(len(values))]
    figure = charts.ranking(
        names,
        values,
        INDICATORS[code],
        texts=[f"{value:.1f}" for value in values],
        hovers=names,
        keys=names,
        axis="轴",
        target_label=target_label,
        unreported="未报",
    )
    return [*figure.data, figure]


def test_a_township_that_did_not_report_is_hatched_and_not_a_bar_of_zero() -> None:
    known, hatched, _ = ranked("received", [5, 3, NAN])
    assert list(known.y) == ["镇0", "镇1"]
    assert list(hatched.y) == ["镇2"]
    assert hatched.marker.pattern.shape == "/"
    assert list(hatched.text) == ["未报"]


def test_bars_start_at_zero_and_close_shares_are_dots() -> None:
    *_, figure = ranked("received", [5000, 4990])
    assert figure.layout.xaxis.range[0] == 0
    stems, dots, _ = ranked("on_time_rate", [97.0, 94.0], "目标")
    assert dots.mode == "markers+text"
    assert stems.base == 95


def test_orange_is_what_misses_the_target() -> None:
    _, dots, _ = ranked("on_time_rate", [97.0, 94.0], "目标")
    assert list(dots.marker.color) == [charts.BLUE, charts.ORANGE]
    bars, _ = ranked("repeat_rate", [5.0, 9.0], "目标")
    assert list(bars.marker.color) == [charts.BLUE, charts.ORANGE]


def test_all_missing_is_still_a_figure() -> None:
    hatched, _ = ranked("on_time_rate", [NAN, NAN], "目标")[-2:]
    assert list(hatched.y) == ["镇0", "镇1"]


def test_the_trend_leaves_a_month_without_data_empty() -> None:
    figure = charts.trend(
        pd.Series([90.0, NAN, 95.0], index=["2023-01", "2023-02", "2023-03"]),
        None,
        INDICATORS["on_time_rate"],
        labels=["1月", "2月", "3月"],
        axis="轴",
        now_label="本期",
        then_label="上年",
        target_label="目标",
        unreported="未报",
    )
    assert np.isnan(figure.data[0].y[1])
    assert list(figure.data[0].customdata) == ["2023-01", "2023-02", "2023-03"]
    assert figure.layout.shapes[0].y0 == INDICATORS["on_time_rate"].target


@pytest.mark.parametrize("direction", ["on_time_rate", "repeat_rate", "received"])
def test_tiles_colour_against_the_county(direction: str) -> None:
    places = pd.DataFrame(
        {
            "code": ["1", "2", "3"],
            "name": ["甲", "乙", "丙"],
            "tile_row": [0, 0, 1],
            "tile_column": [0, 1, 0],
            "value": [90.0, 98.0, NAN],
        }
    )
    figure = charts.tiles(
        places,
        INDICATORS[direction],
        county_value=95.0,
        texts=["a", "b", "c"],
        hovers=["a", "b", "c"],
        unreported="未报",
    )
    shown, hatched = figure.data
    assert list(shown.customdata) == ["甲", "乙"]
    assert list(hatched.customdata) == ["丙"]
    if direction != "received":
        assert (shown.marker.cmin + shown.marker.cmax) / 2 == pytest.approx(95.0)
    better = shown.marker.colorscale[-1][1]
    assert better == {"on_time_rate": "#1764A5", "repeat_rate": "#C96A00", "received": "rgba(47,128,194,1)"}[direction]


def test_pareto_reaches_one_hundred_per_cent() -> None:
    figure = charts.pareto(
        ["a", "b"], [30, 10], axis="件", cumulative_label="累计", texts=["30", "10"], keys=["a", "b"]
    )
    assert list(figure.data[1].x) == [75, 100]


def test_the_week_has_every_cell() -> None:
    figure = charts.week(
        pd.DataFrame({"weekday": [1], "hour": [9], "amount": [5.0]}),
        weekdays=list("一二三四五六日"),
        hour_axis="时",
        unit="件",
    )
    assert len(figure.data[0].x) == 7 * 24
    assert figure.data[0].customdata[9] == "1-9"
    assert sum(figure.data[0].marker.color) == 5


def test_gantt_marks_today_and_the_late() -> None:
    plan = pd.DataFrame(
        {
            "planned_start": pd.to_datetime(["2023-01-01", "2023-03-01"]),
            "planned_end": pd.to_datetime(["2023-06-30", "2023-12-31"]),
            "actual_start": pd.to_datetime(["2023-02-01", None]),
            "actual_end": pd.to_datetime([None, None]),
        }
    )
    figure = charts.gantt(
        plan,
        today=datetime(2023, 8, 31),
        today_label="今天",
        planned_label="计划",
        actual_label="正常",
        behind_label="滞后",
        unreported_label="未报",
        names=["甲", "乙"],
        hovers=["甲", "乙"],
        is_behind=[True, False],
        is_reported=[True, True],
    )
    assert [trace.name for trace in figure.data] == ["计划", "滞后"]
    assert list(figure.data[1].y) == ["甲"]
    assert figure.layout.shapes[0].line.dash == "dot"


def test_charts_know_nothing_of_streamlit_and_data_access_nothing_of_ui() -> None:
    root = Path(__file__).resolve().parent.parent
    streamlit_allowed = {root / "data_access" / "cache.py"}
    for path in [root / "ui" / "charts.py", *(root / "data_access").rglob("*.py")]:
        imported = {
            name
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
        }
        tops = {name.split(".")[0] for name in imported}
        assert path in streamlit_allowed or "streamlit" not in tops, path
        if path.parts[-2] != "ui":
            assert not tops & {"ui", "pages"}, path
