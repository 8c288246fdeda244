"""The cards of the overview: the schematic map, the league table, and what needs attention."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from data_access import queries
from data_access.indicators import AREAS, Indicator
from data_access.kept_results import kept
from ui import charts, text
from ui.components import ranked, ranking_title, unreported_label
from ui.elements import LEAGUE_TABLE, Element, as_content
from ui.explore_choice import opening
from ui.figures import chart, show_chart
from ui.filters import View, narrow_to_street
from ui.text import say

_ATTENTION = Element("attention")


# --- The schematic map ----------------------------------------------------------------------------


def show_map(view: View, code: str) -> None:
    """The townships as tiles, coloured by an indicator against the county; a click shows that township."""
    show_chart(_map(view, code), "tile map", narrow_to_street)


@kept(1000)
def _map(view: View, code: str) -> bytes:
    indicator = view.county.indicator(code)
    table = view.by_township([code])
    total = view.measured([code]).iloc[0]
    everyone = view.measured([code], (), replace(view.scope, townships=())).iloc[0]
    places = view.county.townships.merge(
        table[["township_code", code, f"{code}:n", f"{code}:d"]], left_on="code", right_on="township_code"
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
            unreported_label() if math.isnan(value) else text.value(indicator, value, with_unit=indicator.is_percentage)
            for value in places["value"]
        ],
        hovers=[
            f"<b>{name}</b><br>{text.name(indicator)} {text.value(indicator, value)}"
            + (f"<br>{text.counts(indicator, n, d)}" if indicator.is_ratio and not math.isnan(value) else "")
            for name, value, n, d in zip(
                places["name"], places["value"], places[f"{code}:n"], places[f"{code}:d"], strict=True
            )
        ],
        unreported=unreported_label(),
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
        ranking_title(view, indicator, ranked(table, indicator)),
        figure,
        help=text.definition(indicator, float(total[f"{code}:n"]), float(total[f"{code}:d"])),
        note=note,
        explore=opening(view, [code], ["township_code"]),
    )


# --- The league table -----------------------------------------------------------------------------


def show_league(view: View, code: str) -> None:
    """The townships by place with value, change and counts; a click on a row shows that township."""
    LEAGUE_TABLE.show(_league(view, code), "league", narrow_to_street)


@kept(1000)
def _league(view: View, code: str) -> bytes:
    indicator = view.county.indicator(code)
    ranks = ranked(view.by_township([code]), indicator)
    columns: list[dict[str, Any]] = [
        {"title": say("名次", "Place"), "number": True},
        {"title": say("镇街", "Township")},
        {"title": text.unit(indicator) if indicator.is_percentage else text.name(indicator), "number": True},
    ]
    compared = view.compared if indicator.comparable else None
    if compared:
        columns.append({"title": say("变化", "Change"), "number": True, "help": view.compared_label})
        before = view.by_township([code], compared).set_index("township_code")[code]
        changes = (ranks[code].to_numpy() - before.reindex(ranks["township_code"]).to_numpy()).tolist()
    else:
        changes = [math.nan] * len(ranks)
    if indicator.is_percentage:
        columns.append({"title": say("分子 ÷ 分母", "Counts"), "number": True})
    rows = []
    for row, change in zip(ranks.to_dict("records"), changes, strict=True):
        value, numerator, denominator = row[code], row[f"{code}:n"], row[f"{code}:d"]
        is_known = not math.isnan(value)
        place = int(row["place"]) if is_known else None
        cells = [
            str(place or text.NO_DATA),
            row["name"],
            text.number(value, indicator.decimals) if is_known else unreported_label(),
        ]
        sort = [place, row["name"], value if is_known else None]
        if compared:
            cells.append(_signed(indicator, change))
            sort.append(None if math.isnan(change) else change)
        if indicator.is_percentage:
            cells.append(text.counts(indicator, numerator, denominator).split(" = ")[0] if is_known else "")
            sort.append(denominator if is_known else None)
        rows.append({"key": row["name"], "hatched": not is_known, "cells": cells, "sort": sort})
    heading = text.axis_title(indicator)
    return as_content(
        title=say(f"排名：{heading}", f"League table: {heading}"),
        columns=columns,
        rows=rows,
        chosen=view.chosen,
        explore=opening(view, [code], ["township_code"]),
        note=say(
            "并列同名次；未报不排名。点表头排序，点一行即可筛选该镇街。",
            "Ties share a place; those not reporting are unranked. Click a heading to sort, a row to filter.",
        ),
    )


def _signed(indicator: Indicator, change: float) -> str:
    if math.isnan(change):
        return text.NO_DATA
    decimals = max(indicator.decimals, 1) if indicator.is_percentage else indicator.decimals
    return text.signed(change, decimals)


# --- What needs attention -------------------------------------------------------------------------


def show_attention(view: View, go: Callable[[str], None]) -> None:
    """Overdue cases, dark cameras, late projects and missing reports; ``go`` gets the name of the one clicked."""
    _ATTENTION.show(_attention(view), "attention", go)


def unreported_townships(view: View) -> dict[str, list[str]]:
    """The areas that each township (by code) has not reported for the last month in scope."""
    silent = view.listed(queries.unreported)
    return {str(code): list(areas) for code, areas in silent.groupby("township_code")["area"]}


@kept(1000)
def _attention(view: View) -> bytes:
    return as_content(
        title=say("需要关注", "Needs attention"),
        items=[item | {"explore": _question(view, item)} for item in attention_items(view)],
    )


# The question behind each thing that needs attention
_QUESTIONS = {"petitions": "overdue_open", "cameras": "offline_24h", "projects": "behind"}


def _question(view: View, item: dict[str, str]) -> dict[str, str] | None:
    name = item["name"]
    return (
        opening(view, [_QUESTIONS[name]], ["township_code"]) if name in _QUESTIONS and item["state"] == "act" else None
    )


def attention_items(view: View, *, fewest_cases: int = 1) -> list[dict[str, str]]:
    """What needs a decision: name, state (act, good, missing), found, and for ``act`` detail and label.

    Of petitions no count under ``fewest_cases`` is told.
    """
    names = view.county.names
    overdue = view.listed(queries.overdue_by_township)
    offline = view.listed(queries.cameras_offline)
    offline = offline[offline["hours"] > 24]
    projects = view.listed(queries.projects)
    late = projects[projects["gap"] < -10]
    silent = unreported_townships(view)

    def listed(counts: Any) -> str:
        return say("、", ", ").join(f"{names[code]} {count}" for code, count in counts.head(3).items())

    def told(count: int) -> str:
        return f"{count:,}" if count >= fewest_cases else text.under(fewest_cases)

    def item(name: str, count: int, found: str, none: str, detail: str, label: str) -> dict[str, str]:
        if name in AREAS and name not in view.county.as_of:
            missing = say(f"还没有{AREAS[name][0]}数据", f"No data yet: {AREAS[name][1]}")
            return {"name": name, "state": "missing", "found": missing}
        if not count:
            return {"name": name, "state": "good", "found": none}
        return {"name": name, "state": "act", "found": found, "detail": detail, "label": label}

    cases = int(overdue["overdue"].sum())
    # What is not told is how many: the total and the longest are those of all.
    shown = overdue[overdue["overdue"] >= fewest_cases]
    longest = overdue["longest_days"].max()
    return [
        item(
            "petitions",
            len(overdue),
            say(f"截至数据日超期未结 {told(cases)} 件", f"{told(cases)} cases overdue at the as-of date"),
            say("截至数据日没有超期未结诉求", "No overdue cases at the as-of date"),
            say("；", "; ").join(
                filter(
                    None,
                    (
                        say(
                            f"{len(overdue)} 个镇街，最长已超 {longest:.0f} 天",
                            f"townships: {len(overdue)}, the longest {longest:.0f} days",
                        ),
                        listed(shown.set_index("township_code")["overdue"]),
                    ),
                )
            ),
            say("查看超期清单", "See the cases"),
        ),
        item(
            "cameras",
            len(offline),
            say(
                f"截至数据日离线超 24 小时摄像机 {len(offline):,} 个",
                f"{len(offline):,} cameras off for over 24 h at the as-of date",
            ),
            say("截至数据日没有离线超 24 小时的摄像机", "No camera off for over 24 h at the as-of date"),
            say(
                f"{offline['township_code'].nunique()} 个镇街；",
                f"townships: {offline['township_code'].nunique()}; ",
            )
            + listed(offline["township_code"].value_counts()),
            say("查看离线清单", "See the cameras"),
        ),
        item(
            "projects",
            len(late),
            say(f"滞后项目 {len(late):,} 个", f"{len(late):,} projects behind"),
            say("已上报的项目没有滞后超 10 个百分点的", "No reported project is over 10 points behind"),
            say("滞后超 10 个百分点；", "over 10 points behind; ") + listed(late["township_code"].value_counts()),
            say("查看滞后项目", "See the projects"),
        ),
        item(
            "unreported",
            len(silent),
            say(f"{len(silent)} 个镇街有未报数据", f"Not reported: {len(silent)} of the townships"),
            say(
                f"{text.month_name(view.scope.end)}各镇街均已上报",
                f"All reported for {text.month_name(view.scope.end)}",
            ),
            say("；", "; ").join(
                say(
                    f"{names[township]}（{'、'.join(AREAS[area][0] for area in areas)}）",
                    f"{names[township]} ({', '.join(AREAS[area][1] for area in areas)})",
                )
                for township, areas in silent.items()
            ),
            say("查看这些镇街", "See these townships"),
        ),
    ]
