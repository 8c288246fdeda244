"""Figures show what the data say: order, targets, hatching, no false zero; plotly takes every part of them."""

from __future__ import annotations

import ast
import inspect
import json
from datetime import datetime
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest

from data_access.indicators import INDICATORS
from ui import charts

NAN = float("nan")


def ranking(
    code: str, values: list[float], target_label: str | None = None, highlight: str | None = None
) -> charts.Figure:
    names = [f"镇{i}" for i in range(len(values))]
    return charts.ranking(
        names,
        values,
        INDICATORS[code],
        texts=[f"{value:.1f}" for value in values],
        hovers=names,
        keys=names,
        axis="轴",
        target_label=target_label,
        unreported="未报",
        highlight=highlight,
    )


def trend(code: str, now: list[float], then: list[float] | None = None) -> charts.Figure:
    return charts.trend(
        pd.Series(now, index=[f"2023-{i + 1:02}" for i in range(len(now))]),
        None if then is None else pd.Series(then),
        INDICATORS[code],
        labels=[f"{i + 1}月" for i in range(len(now))],
        axis="轴",
        now_label="本期",
        then_label="上年",
        target_label="目标",
        unreported="未报",
    )


def tiles(code: str, values: list[float], highlight: str | None = None) -> charts.Figure:
    names = ["甲", "乙", "丙"]
    places = pd.DataFrame(
        {"code": ["1", "2", "3"], "name": names, "tile_row": [0, 0, 1], "tile_column": [0, 1, 0], "value": values}
    )
    return charts.tiles(
        places,
        INDICATORS[code],
        county_value=95.0,
        texts=names,
        hovers=names,
        unreported="未报",
        highlight=highlight,
    )


def gantt() -> charts.Figure:
    plan = pd.DataFrame(
        {
            "planned_start": pd.to_datetime(["2023-01-01", "2023-03-01"]),
            "planned_end": pd.to_datetime(["2023-06-30", "2023-12-31"]),
            "actual_start": pd.to_datetime(["2023-02-01", None]),
            "actual_end": pd.to_datetime([None, None]),
        }
    )
    return charts.gantt(
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


def week(amount: float) -> charts.Figure:
    counts = pd.DataFrame({"weekday": [1, 2], "hour": [9, 9], "amount": [5.0, amount]})
    return charts.week(counts, weekdays=list("一二三四五六日"), hour_axis="时", unit="件")


def every_figure(value: float) -> dict[str, list[charts.Figure]]:
    """Figures of each function of the module, with this value among what they show."""
    ab = ["a", "b"]
    values = [30.0, value]
    shown = {"axis": "件", "texts": ab, "keys": ab}
    return {
        "trend": [
            trend(code, [now, 90.0], then)
            for code in ("on_time_rate", "received")
            for now in (value, 92.0)
            for then in (None, values)
        ],
        "ranking": [
            ranking(code, amounts, target, highlight)
            for code in ("on_time_rate", "repeat_rate", "received")
            for amounts in ([value, value], [value, 96.0], [30.0, 96.0])
            for target in (None, "目标")
            for highlight in (None, "镇1")
        ],
        "pareto": [charts.pareto(ab, values, cumulative_label="累计", highlight=key, **shown) for key in (None, "b")],
        "shares": [charts.shares(ab, values, **shown)],
        "distribution": [
            charts.distribution(
                [0, 1], values, axis="天", amount_axis="件", marks=[(1.2, "中位"), (1.8, "九成")], last_label="以上"
            )
        ],
        "week": [week(value)],
        "stacked": [charts.stacked(ab, [("甲", values, charts.BLUE)] * 2, axis="", amount_axis="件")],
        "tiles": [
            tiles(code, amounts, "乙")
            for code in ("on_time_rate", "repeat_rate", "received")
            for amounts in ([value] * 3, [95.0, value, 97.0], [95.0, 96.0, 97.0])
        ],
        "gantt": [gantt()],
        "lines": [
            charts.lines(ab, [("甲", values, charts.GREY, "dot"), ("乙", values, charts.BLUE, "solid")], axis="%")
        ],
        "heatmap": [
            charts.heatmap(
                ab,
                ab,
                [(0, 0, value, "a", "k"), (1, 1, 3.0, "b", "")],
                INDICATORS[code],
                total=value,
                unit="件",
                height=200,
            )
            for code in ("received", "on_time_rate")
        ],
        "split": [charts.split(ab, [-1.5, 2.0], axis="分", texts=ab, height=200)],
        "place_ranges": [
            charts.place_ranges(
                ab,
                [1.0, value],
                ([1.0, value], [2.0, value]),
                ([1.0, value], [1.0, value]),
                axis="名次",
                labels=("名次", "偶然", "权重"),
                hovers=ab,
                highlight=highlight,
            )
            for highlight in (None, "a")
        ],
        "funnel": [
            charts.funnel(
                ab,
                [20.0, 40.0],
                values,
                [("95%", [10.0, 50.0], [20.0, 25.0], [40.0, 35.0])],
                county=30.0,
                axis="分母",
                amount_axis="%",
                hovers=ab,
                outside=[True, False],
                highlight="b",
                height=300,
            )
        ],
        "bullet": [charts.bullet(ab, values, values, done_label="完成", whole_label="计划", **shown)],
    }


@pytest.mark.parametrize("value", [20.0, NAN])
def test_every_figure_is_json_that_plotly_takes_as_it_is(value: float) -> None:
    figures = every_figure(value)
    assert set(figures) == {
        name
        for name, function in inspect.getmembers(charts, inspect.isfunction)
        if function.__module__ == charts.__name__ and not name.startswith("_")
    }
    for figure in [figure for of_one in figures.values() for figure in of_one]:
        written = json.loads(json.dumps(figure, ensure_ascii=False, allow_nan=False))
        assert set(written) == {"data", "layout"}
        assert "template" not in written["layout"]
        # It refuses keys and values that it does not know, and spells out those it takes in short.
        taken = json.loads(go.Figure(figure).to_json())
        del taken["layout"]["template"]
        assert taken == written


def test_a_township_that_did_not_report_is_hatched_and_not_a_bar_of_zero() -> None:
    known, hatched = ranking("received", [5, 3, NAN])["data"]
    assert known["y"] == ["镇0", "镇1"]
    assert hatched["y"] == ["镇2"]
    assert hatched["marker"]["pattern"]["shape"] == "/"
    assert hatched["text"] == ["未报"]


def test_bars_start_at_zero_and_close_shares_are_dots() -> None:
    assert ranking("received", [5000, 4990])["layout"]["xaxis"]["range"][0] == 0
    stems, dots = ranking("on_time_rate", [97.0, 94.0], "目标")["data"]
    assert dots["mode"] == "markers+text"
    assert stems["base"] == 95


def test_orange_is_what_misses_the_target() -> None:
    _, dots = ranking("on_time_rate", [97.0, 94.0], "目标")["data"]
    assert dots["marker"]["color"] == [charts.BLUE, charts.ORANGE]
    (bars,) = ranking("repeat_rate", [5.0, 9.0], "目标")["data"]
    assert bars["marker"]["color"] == [charts.BLUE, charts.ORANGE]


def test_all_but_the_one_to_highlight_fade() -> None:
    _, dots = ranking("on_time_rate", [97.0, 94.0, 93.0], "目标", "镇1")["data"]
    assert dots["marker"]["color"] == [charts.FADED_BLUE, charts.ORANGE, charts.FADED_ORANGE]


def test_all_missing_is_still_a_figure() -> None:
    hatched = ranking("on_time_rate", [NAN, NAN], "目标")["data"][-1]
    assert hatched["y"] == ["镇0", "镇1"]


def test_the_trend_leaves_a_month_without_data_empty() -> None:
    figure = trend("on_time_rate", [90.0, NAN, 95.0])
    (line,) = figure["data"]
    assert line["y"] == [90.0, None, 95.0]
    assert line["customdata"] == ["2023-01", "2023-02", "2023-03"]
    assert figure["layout"]["shapes"][0]["y0"] == INDICATORS["on_time_rate"].target


@pytest.mark.parametrize("code", ["on_time_rate", "repeat_rate", "received"])
def test_tiles_colour_against_the_county(code: str) -> None:
    shown, hatched = tiles(code, [90.0, 98.0, NAN])["data"]
    assert shown["customdata"] == ["甲", "乙"]
    assert hatched["customdata"] == ["丙"]
    marker = shown["marker"]
    if code != "received":
        assert (marker["cmin"] + marker["cmax"]) / 2 == pytest.approx(95.0)
    better = marker["colorscale"][-1][1]
    assert better == {"on_time_rate": "#1764A5", "repeat_rate": "#C96A00", "received": "rgba(47,128,194,1)"}[code]


def test_pareto_reaches_one_hundred_per_cent() -> None:
    figure = charts.pareto(
        ["a", "b"], [30, 10], axis="件", cumulative_label="累计", texts=["30", "10"], keys=["a", "b"]
    )
    assert figure["data"][1]["x"] == [75, 100]
    assert (figure["data"][1]["xaxis"], figure["layout"]["xaxis2"]["side"]) == ("x2", "top")


def test_the_week_has_every_cell() -> None:
    (cells,) = week(3.0)["data"]
    assert len(cells["x"]) == 7 * 24
    assert cells["customdata"][9] == "1-9"
    assert cells["marker"]["color"][9] == 5
    assert sum(cells["marker"]["color"]) == 8


def test_gantt_marks_today_and_the_late() -> None:
    figure = gantt()
    planned, late = figure["data"]
    assert (planned["name"], late["name"]) == ("计划", "滞后")
    assert late["y"] == ["甲"]
    assert late["base"] == ["2023-02-01T00:00:00"]
    assert figure["layout"]["shapes"][0]["x0"] == "2023-08-31T00:00:00"


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
