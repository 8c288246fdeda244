"""The cards of the overview: the schematic map, the league table."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd

from data_access.kept_results import kept
from data_access.model.indicator import Indicator
from data_access.model.measured import UNREPORTED, measured
from ui import charts, text
from ui.asking.sentences import unfinished_words
from ui.asking.view import View
from ui.cards.indicators import absences, ranked
from ui.decisions.ways import way_to_decide
from ui.elements.chart import chart, show_chart
from ui.elements.element import LEAGUE_TABLE, as_content
from ui.explore.choice import opening
from ui.text import say, titles

# --- The schematic map ----------------------------------------------------------------------------


def show_map(view: View, code: str) -> None:
    """The townships as tiles, coloured by an indicator against the county; a click shows that township."""
    show_chart(_map(view, code), "tile map")


@kept(1000)
def _map(view: View, code: str) -> bytes:
    indicator = view.among_all.indicator(code)
    table = view.by_township([code])
    total = view.measured([code]).iloc[0]
    everyone = view.measured([code], (), replace(view.scope, townships=None)).iloc[0]
    places = view.county.townships.merge(
        table.drop(columns=["name", "kind"]), left_on="code", right_on="township_code"
    ).rename(columns={code: "value"})
    if places[["tile_row", "tile_column"]].isna().any().any():
        across = math.ceil(math.sqrt(len(places)))
        if places["name"].str.len().max() > 6:
            # Few enough to a row that the names can be read
            across = min(across, 5)
        places["tile_row"], places["tile_column"] = places.index // across, places.index % across
    figure = charts.tiles(
        places,
        indicator,
        county_value=float(everyone[code]),
        texts=[
            absent if math.isnan(value) else text.value(indicator, value, with_unit=indicator.is_percentage)
            for value, absent in zip(places["value"], absences(indicator, table), strict=True)
        ],
        hovers=[
            f"<b>{name}</b><br>{text.name(indicator)} {text.value(indicator, value)}"
            + (f"<br>{text.counts(indicator, n, d)}" if indicator.is_ratio and not math.isnan(value) else "")
            for name, value, n, d in zip(
                places["name"], places["value"], places[f"{code}:n"], places[f"{code}:d"], strict=True
            )
        ],
        unreported=text.absence(UNREPORTED),
        highlight=view.chosen,
    )
    note = (
        say(
            "示意图，不代表实际边界。蓝色好于、橙色差于全县水平；点击镇街即可筛选。",
            "Schematic, not to scale. Blue is better and orange worse than the county; click to filter.",
        )
        if indicator.direction != "neither"
        else say(
            "示意图，不代表实际边界。颜色越深数值越大；点击镇街即可筛选。",
            "Schematic, not to scale. Darker is more; click to filter.",
        )
    )
    return chart(
        titles.ranking(view, indicator, ranked(table, indicator))
        + unfinished_words(view.county, view.scope.end, [indicator.data_area]),
        figure,
        help=text.definition(indicator, measured(indicator, total)),
        note=note,
        explore=opening(view, [code], ["township_code"]),
        ways=view.ways_to_townships,
    )


# --- The league table -----------------------------------------------------------------------------


def show_league(view: View, code: str) -> None:
    """The townships by place with value, change and counts; a click on a row shows that township."""
    LEAGUE_TABLE.show(_league(view, code), "league")


@kept(1000)
def _league(view: View, code: str) -> bytes:
    indicator = view.among_all.indicator(code)
    ranks = ranked(view.by_township([code]), indicator)
    columns: list[dict[str, Any]] = [
        {"title": say("名次", "Place"), "number": True},
        {"title": say("镇街", "Township")},
        {"title": text.unit(indicator) if indicator.is_percentage else text.name(indicator), "number": True},
    ]
    compared = view.compared if indicator.comparable else None
    if compared:
        columns.append({"title": say("变化", "Change"), "number": True, "help": view.compared_label})
        before = view.by_township([code], compared).set_index("township_code")
        # Eight months are not compared with seven.
        then = before[code].where(~before[f"{code}:missing"].map(bool)).reindex(ranks["township_code"]).to_numpy()
        now = ranks[code].where(ranks["place"].notna())
        changes = (now.to_numpy() - then).tolist()
    else:
        changes = [math.nan] * len(ranks)
    if indicator.is_percentage:
        columns.append({"title": say("分子 ÷ 分母", "Counts"), "number": True})
    ways = view.ways_to_townships
    rows = []
    for row, change, absent in zip(ranks.to_dict("records"), changes, absences(indicator, ranks), strict=True):
        figure = measured(indicator, row)
        value, is_known = figure.value, figure.absent is None
        place = None if pd.isna(row["place"]) else int(row["place"])
        told = text.number(value, indicator.decimals) if is_known else absent
        if is_known and (months := row[f"{code}:missing"]):
            told += say(f"（{text.months_left_out(months)}）", f" ({text.months_left_out(months)})")
        cells = [str(place or text.NO_DATA), row["name"], told]
        sort = [place, row["name"], value if is_known else None]
        if compared:
            cells.append(_signed(indicator, change))
            sort.append(None if math.isnan(change) else change)
        if indicator.is_percentage:
            cells.append(text.formula(indicator, figure.numerator, figure.denominator) if is_known else "")
            sort.append(figure.denominator if is_known else None)
        rows.append(
            {
                "key": row["name"],
                "hatched": not is_known,
                "cells": cells,
                "sort": sort,
                "asks": ways[row["name"]],
                "decide": way_to_decide(view, code, row["name"]),
            }
        )
    heading = text.axis_title(indicator)
    return as_content(
        title=say(f"排名：{heading}", f"League table: {heading}"),
        columns=columns,
        rows=rows,
        chosen=view.chosen,
        explore=opening(view, [code], ["township_code"]),
        note=say(
            "并列同名次；没有数据或缺月份的不排名。点表头排序，点一行即可筛选该镇街。",
            "Ties share a place; those without data or with months missing are unranked. Click a heading to sort, a row "
            "to filter.",
        ),
    )


def _signed(indicator: Indicator, change: float) -> str:
    if math.isnan(change):
        return text.NO_DATA
    decimals = max(indicator.decimals, 1) if indicator.is_percentage else indicator.decimals
    return text.signed(change, decimals)
