"""Figures show what the data say: order, targets, hatching, no false zero; plotly takes every part of them."""

from __future__ import annotations

import ast
import inspect
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest

from data_access.indicators import INDICATORS
from tests.made_boundaries import made_outlines
from ui import charts
from ui.charts.figure import in_lines
from ui.charts.marks import HALF, THIRD
from ui.charts.outlines import laid_flat
from ui.charts.tiles import wrapped

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


def trend(
    code: str, now: list[float], then: list[float] | None = None, unfinished: charts.Unfinished = charts.FINISHED
) -> charts.Figure:
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
        unfinished=unfinished,
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


def county_map(code: str, values: list[float]) -> charts.Figure:
    outlines, _ = made_outlines({(name, name): [] for name in "甲乙丁"})
    names = ["甲", "乙", "丙"]
    return charts.outlines(
        pd.DataFrame({"code": names, "name": names, "value": values}),
        laid_flat(outlines[:2], outlines[2:]),
        INDICATORS[code],
        county_value=95.0,
        texts=names,
        hovers=names,
        without="未有边界",
        highlight="乙",
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
            trend(code, [now, 90.0], then, unfinished)
            for code in ("on_time_rate", "received")
            for now in (value, 92.0)
            for then in (None, values)
            for unfinished in ({}, {1: "未完"})
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
        "stacked": [
            charts.stacked(ab, [("甲", values, charts.BLUE)] * 2, axis="", amount_axis="件", unfinished=unfinished)
            for unfinished in ({}, {1: "未完"})
        ],
        "tiles": [
            tiles(code, amounts, "乙")
            for code in ("on_time_rate", "repeat_rate", "received")
            for amounts in ([value] * 3, [95.0, value, 97.0], [95.0, 96.0, 97.0])
        ],
        "outlines": [
            county_map(code, amounts)
            for code in ("on_time_rate", "repeat_rate", "received")
            for amounts in ([value] * 3, [95.0, value, 97.0], [95.0, 96.0, 97.0])
        ],
        "gantt": [gantt()],
        "lines": [
            charts.lines(
                ab,
                [("甲", values, charts.GREY, "dot"), ("乙", values, charts.BLUE, "solid")],
                axis="%",
                unfinished=unfinished,
            )
            for unfinished in ({}, {1: "未完"})
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
        "expected_ranges": [
            charts.expected_ranges(
                ab,
                values,
                ([20.0, value], [40.0, value]),
                [("目前", "circle-open", values)],
                targets=[95.0, value],
                misses=[True, False],
                axis="%",
                labels=("月末", "区间", "目标"),
                hovers=ab,
            )
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
    assert set(figures) == {name for name, function in inspect.getmembers(charts, inspect.isfunction)}
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


def test_a_target_that_changes_is_a_line_over_each_month() -> None:
    figure = charts.trend(
        pd.Series([90.0, 80.0, 95.0], index=["2023-01", "2023-02", "2023-03"]),
        None,
        INDICATORS["on_time_rate"],
        labels=["1月", "2月", "3月"],
        axis="轴",
        now_label="本期",
        then_label="上年",
        target_label="目标",
        targets=[None, 95, 99],
        unreported="未报",
    )
    lines = [(shape["x0"], shape["x1"], shape["y0"]) for shape in figure["layout"]["shapes"]]
    assert lines == [(0.5, 1.5, 95), (1.5, 2.5, 99)]
    assert figure["layout"]["yaxis"]["range"][1] > 99


def test_bars_have_room_for_the_target_of_a_count() -> None:
    figure = charts.trend(
        pd.Series([9.0, 8.0], index=["2023-01", "2023-02"]),
        None,
        INDICATORS["service_hours"],
        labels=["1月", "2月"],
        axis="轴",
        now_label="本期",
        then_label="上年",
        target_label="目标",
        targets=[20, 20],
        unreported="未报",
    )
    assert figure["layout"]["yaxis"]["range"][1] > 20
    assert figure["layout"]["shapes"][0]["y0"] == 20


def test_a_figure_never_stands_on_the_mark_of_the_compared_period() -> None:
    names = ["甲", "乙", "丙", "丁"]
    told = {"texts": names, "hovers": names, "keys": names, "axis": "轴", "target_label": "目标", "then_label": "上年"}
    values, then = [97.0, 97.0, 93.0, 93.0], [97.2, 96.0, 92.8, 94.0]
    figure = charts.ranking(names, values, INDICATORS["on_time_rate"], then=then, **told)  # type: ignore[arg-type]
    words = next(trace for trace in figure["data"] if trace.get("mode") == "text")
    assert all(x >= max(*values, *then) for x in words["x"])
    assert words["textposition"] == "middle right"
    assert [one.strip() for one in words["text"]] == names
    assert not any("text" in trace.get("mode", "") and "markers" in trace["mode"] for trace in figure["data"])


def test_a_township_is_orange_by_its_own_target() -> None:
    held = replace(INDICATORS["on_time_rate"], own_targets=(("镇1", 60.0),))
    names = ["镇0", "镇1"]
    told = {"texts": names, "hovers": names, "keys": names, "axis": "轴", "target_label": "目标"}
    dots = charts.ranking(names, [94.0, 94.0], held, **told)["data"][-1]  # type: ignore[arg-type]  # lists and texts
    assert dots["marker"]["color"] == [charts.ORANGE, charts.BLUE]


def test_an_unfinished_month_is_a_hatched_bar() -> None:
    (bars,) = trend("received", [90, 80, 12], unfinished={2: "未完（至 6 日）"})["data"]
    assert bars["y"] == [90, 80, 12]
    assert bars["marker"]["pattern"]["shape"] == ["", "", "/"]
    assert bars["marker"]["color"] == [charts.BLUE, charts.BLUE, charts.NOTHING]
    assert bars["hovertext"] == ["1月", "2月", "3月 未完（至 6 日）"]
    stack = charts.stacked(
        ["1月", "2月"], [("甲", [5, 1], charts.BLUE)], axis="", amount_axis="件", unfinished={1: "未完"}
    )
    assert stack["data"][0]["marker"]["pattern"]["shape"] == ["", "/"]


@pytest.mark.parametrize("values", [[95.0, 96.0, 80.0], [95.0, NAN, 80.0]])
def test_a_line_is_dashed_to_an_unfinished_month(values: list[float]) -> None:
    done, dashed, mark = trend("on_time_rate", values, unfinished={2: "未完"})["data"]
    assert done["y"] == [values[0], None if values[1] != values[1] else values[1], None]
    assert (dashed["line"]["dash"], dashed["x"], dashed["y"][1]) == ("dot", [1, 2, 2], 80)
    assert (mark["marker"]["symbol"], mark["y"]) == ("circle-open", [None, None, 80])
    assert mark["hovertext"][2].endswith("未完")
    # A finished month is drawn as ever.
    assert len(trend("on_time_rate", values)["data"]) == 1


def test_months_of_two_years_are_not_laid_over_each_other() -> None:
    labels = ["22-01", "2月", "23-01", "2月"]
    for figure in (
        charts.lines(labels, [("甲", [1, 2, 3, 4], charts.BLUE, "solid")], axis="%"),
        charts.stacked(labels, [("甲", [1, 2, 3, 4], charts.BLUE)], axis="", amount_axis="件"),
    ):
        assert figure["data"][0]["x"] == [0, 1, 2, 3]
        assert figure["layout"]["xaxis"]["ticktext"] == labels


def test_two_villages_of_one_name_are_two_bars() -> None:
    shown = {"axis": "件", "texts": ["1", "2"], "keys": ["x", "y"]}
    for figure in (charts.shares(["李村", "李村"], [1, 2], **shown), ranking("received", [1, 2])):
        assert len(set(figure["data"][0]["y"])) == 2
        assert len(figure["layout"]["yaxis"]["categoryarray"]) == 2
    figure = charts.shares(["李村", "李村"], [1, 2], **shown)
    assert figure["layout"]["yaxis"]["ticktext"][0] == figure["data"][0]["hovertext"][1] == "李村"


def test_long_names_end_in_dots_and_are_told_whole() -> None:
    name = "某某国家级高新技术产业开发区管理委员会驻地"
    figure = charts.shares([name], [1], axis="件", texts=["1"], keys=["x"])
    (shown,) = figure["layout"]["yaxis"]["ticktext"]
    assert shown == name[:15] + "…"
    assert figure["data"][0]["hovertext"] == [name]


@pytest.mark.parametrize("count", [16, 40, 90])
def test_many_names_make_a_chart_taller(count: int) -> None:
    names = [f"镇{number}" for number in range(count)]
    shown = {"texts": names, "keys": names, "height": 250}
    values = [96.0] * count
    for figure in (
        charts.shares(names, values, axis="件", **shown),
        charts.pareto(names, values, axis="件", cumulative_label="累计", **shown),
        charts.bullet(names, values, values, done_label="完成", whole_label="计划", axis="万元", **shown),
        charts.split(names, values, axis="分", texts=names, height=250),
        charts.heatmap(names, ["a"], [], INDICATORS["received"], total=1, unit="件", height=250),
        ranking("received", values),
    ):
        assert figure["layout"]["height"] >= 15 * count


def test_tiles_break_long_names() -> None:
    assert wrapped("中心店镇", 5) == "中心店镇"
    assert wrapped("钢山高新技术产业街道", 5) == "钢山高新技<br>术产业街道"
    assert wrapped("钢山高新技术产业街道", 3) == "钢山高<br>新技…"
    assert in_lines("钢山高新技术产业街道", 3) == "钢山高<br>新技术<br>产业街<br>道"
    assert in_lines("Jan 2023", 3) == "Jan <br>2023"
    assert in_lines("一二三四五六七八九十甲乙", 2) == "一二<br>三四<br>五六<br>七八<br>九…"


def test_a_heat_map_is_scaled_by_names() -> None:
    cells = [(0, 0, 10.0, "", "k"), (0, 1, 20.0, "", "k"), (1, 0, 900.0, "", ""), (0, 2, 800.0, "", "k")]
    shown = {"total": NAN, "unit": "件", "height": 200}
    (bars,) = charts.heatmap(
        ["甲", "其他"], ["a", "b", "不详"], cells, INDICATORS["received"], rest_rows=[1], rest_columns=[2], **shown
    )["data"]
    assert (bars["marker"]["cmin"], bars["marker"]["cmax"]) == (10, 20)
    assert bars["marker"]["color"] == [10, 20, 900, 800]
    (bars,) = charts.heatmap(["其他"], ["a"], [(0, 0, 7.0, "", "")], INDICATORS["received"], rest_rows=[0], **shown)[
        "data"
    ]
    assert bars["marker"]["color"] == [7]


def test_names_in_a_funnel_do_not_cover_each_other() -> None:
    names = [f"镇{number}" for number in range(8)]
    figure = charts.funnel(
        names,
        [20.0] * 7 + [90.0],
        [60.0 + number / 10 for number in range(8)],
        [("95%", [10.0, 100.0], [85.0, 92.0], [99.0, 97.0])],
        county=95.0,
        axis="分母",
        amount_axis="%",
        hovers=names,
        outside=[True] * 8,
        highlight="镇6",
        height=300,
    )
    labels = figure["data"][-1]["text"]
    assert labels[6] == "镇6"
    assert labels[7] == "镇7"
    assert figure["data"][-1]["textposition"][7] == "middle left"
    assert labels[:6].count("") >= 3


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
    for path in [*(root / "ui" / "charts").rglob("*.py"), *(root / "data_access").rglob("*.py")]:
        imported = {
            name
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
        }
        tops = {name.split(".")[0] for name in imported}
        assert path in streamlit_allowed or "streamlit" not in tops, path
        if "ui" not in path.relative_to(root).parts:
            assert not tops & {"ui", "pages"}, path


@pytest.mark.parametrize(("plot", "is_apart"), [(THIRD, True), (HALF, False)])
def test_a_legend_and_the_unit_stand_beside_each_other_where_there_is_room(plot: float, *, is_apart: bool) -> None:
    series = [("not yet due", [1.0, 2.0], charts.BLUE), ("overdue", [1.0, 1.0], charts.ORANGE)]
    layout = charts.stacked(["1", "2"], series, axis="", amount_axis="Cases received", height=235, plot=plot)["layout"]
    # The unit stands at the plot's upper edge, two lines of 12 pixels high at most.
    above = (layout["legend"]["y"] - 1) * (layout["height"] - layout["margin"]["t"] - layout["margin"]["b"])
    assert (above >= 18) == is_apart
    assert (layout["height"] > 235) == is_apart
