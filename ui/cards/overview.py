"""The league table of the overview."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from data_access.kept_results import kept
from data_access.model.indicator import Indicator
from data_access.model.measured import measured
from ui import text
from ui.asking.view import View
from ui.cards.indicators import absences, ranked
from ui.decisions.ways import way_to_decide
from ui.elements.element import LEAGUE_TABLE, as_content
from ui.explore.choice import opening
from ui.text import say


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
    is_ranked = ranks["place"].notna().sum() > 1
    rows = []
    for row, change, absent in zip(ranks.to_dict("records"), changes, absences(indicator, ranks), strict=True):
        figure = measured(indicator, row)
        value, is_known = figure.value, figure.absent is None
        place = None if pd.isna(row["place"]) or not is_ranked else int(row["place"])
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
        )
        if is_ranked
        else say(
            "有数据的镇街不到两个，不排名。点一行即可筛选该镇街。",
            "Fewer than two townships have data: no places. Click a row to filter.",
        ),
    )


def _signed(indicator: Indicator, change: float) -> str:
    if math.isnan(change):
        return text.NO_DATA
    decimals = max(indicator.decimals, 1) if indicator.is_percentage else indicator.decimals
    return text.signed(change, decimals)
