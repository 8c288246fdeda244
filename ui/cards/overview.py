"""The cards of the overview: the schematic map, the league table, and what needs attention."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from data_access import queries
from data_access.indicators import AREAS, Indicator
from data_access.kept_results import kept
from ui import charts, text
from ui.asking.address import narrow_to_street
from ui.asking.sentences import unfinished_words
from ui.asking.view import View
from ui.cards.indicators import absences, ranked, unreported_label
from ui.elements.chart import chart, show_chart
from ui.elements.element import LEAGUE_TABLE, Element, as_content
from ui.explore.choice import opening
from ui.text import say, titles

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
        titles.ranking(view, indicator, ranked(table, indicator))
        + unfinished_words(view.county, view.scope.end, [indicator.data_area]),
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
        before = view.by_township([code], compared).set_index("township_code")
        # Eight months are not compared with seven.
        then = before[code].where(~before[f"{code}:missing"].map(bool)).reindex(ranks["township_code"]).to_numpy()
        now = ranks[code].where(ranks["place"].notna())
        changes = (now.to_numpy() - then).tolist()
    else:
        changes = [math.nan] * len(ranks)
    if indicator.is_percentage:
        columns.append({"title": say("分子 ÷ 分母", "Counts"), "number": True})
    rows = []
    for row, change, absent in zip(ranks.to_dict("records"), changes, absences(indicator, ranks), strict=True):
        value, numerator, denominator = row[code], row[f"{code}:n"], row[f"{code}:d"]
        is_known = not math.isnan(value)
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


# --- What needs attention -------------------------------------------------------------------------


def show_attention(view: View) -> None:
    """Overdue cases, dark cameras, late projects and missing reports, each with the way to its rows."""
    _ATTENTION.show(_attention(view), "attention")


def unreported_townships(view: View) -> dict[str, list[str]]:
    """The areas that each township (by code) has not reported for the last month in scope."""
    silent = view.listed(queries.unreported)
    return {str(code): list(areas) for code, areas in silent.groupby("township_code")["area"]}


@kept(1000)
def _attention(view: View) -> bytes:
    return as_content(
        title=say("需要关注", "Needs attention"),
        items=[
            item | {"explore": _question(view, item), "way": _way(view, item["name"])} for item in attention_items(view)
        ],
    )


# Where the rows behind each thing that needs attention are; in no report there are none.
_BEHIND = {
    "petitions": ("petitions", {"tab": "rows", "state": "overdue"}),
    "cameras": ("cameras", {"tab": "rows"}),
    "projects": ("rural_projects", {"tab": "rows"}),
}
_PAGES = {area: page for area, (page, _) in _BEHIND.items()} | {"volunteers": "volunteers", "grid": "grid"}


def _way(view: View, name: str) -> dict[str, str]:
    """The page and query behind an item: nothing is narrowed but the shared filters, which go along."""
    if name in _BEHIND:
        page, query = _BEHIND[name]
        return {"path": page, "query": urlencode(query)}
    silent = unreported_townships(view)
    areas = [area for areas in silent.values() for area in areas]
    page = _PAGES[next((area for area in areas if area in _PAGES), "petitions")]
    return {"path": page, "query": urlencode({"street": [view.county.names[code] for code in silent]}, doseq=True)}


# The question behind each thing that needs attention
_QUESTIONS = {"petitions": "overdue_open", "cameras": "offline_24h", "projects": "behind"}


def _question(view: View, item: dict[str, str]) -> dict[str, str] | None:
    name = item["name"]
    return (
        opening(view, [_QUESTIONS[name]], ["township_code"]) if name in _QUESTIONS and item["state"] == "act" else None
    )


def attention_items(view: View, *, fewest_cases: int = 1) -> list[dict[str, str]]:
    """What needs a decision: name, state (act, good, missing), found, and for ``act`` detail and label.

    Good is only what is known: where nothing tells, the state is missing. Of petitions no count under ``fewest_cases``
    is told.
    """
    return [_overdue(view, fewest_cases), _offline(view), _behind(view), _silent(view)]


def _item(name: str, state: str, found: str, detail: str = "", label: str = "") -> dict[str, str]:
    item = {"name": name, "state": state, "found": found}
    return item | {"detail": detail, "label": label} if state == "act" else item


def _no_data(area: str) -> dict[str, str]:
    return _item(area, "missing", say(f"还没有{AREAS[area][0]}数据", f"No data yet: {AREAS[area][1]}"))


def _counted(view: View, counts: Any) -> str:
    """The three townships with most, each with its count."""
    return say("、", ", ").join(f"{view.county.names[code]} {count}" for code, count in counts.head(3).items())


def _knowing(view: View, code: str, area: str) -> tuple[int, int]:
    """How many of the view's townships have an indicator at all up to the area's as-of month, and how many there are."""
    as_of = f"{view.county.as_of[area]:%Y-%m}"
    scope = replace(view.scope, start=min(view.county.months[0], as_of), end=as_of, townships=())
    table = view.measured([code], ("township_code",), scope)
    known = set(table.loc[table[code].notna(), "township_code"])
    wanted = view.scope.townships or tuple(view.county.names)
    return len(known.intersection(wanted)), len(wanted)


def _none(view: View, name: str, code: str, none: tuple[str, str], unknown: tuple[str, str]) -> dict[str, str]:
    """That there is nothing to act on, of the townships for which this is known."""
    known, wanted = _knowing(view, code, name)
    if not known:
        return _item(name, "missing", say(*unknown))
    if known == wanted:
        return _item(name, "good", say(*none))
    zh, en = none
    return _item(name, "good", say(f"有记录的 {known} 个镇街{zh}", f"{en} in the {known} townships with records"))


def _overdue(view: View, fewest_cases: int) -> dict[str, str]:
    if "petitions" not in view.county.as_of:
        return _no_data("petitions")
    overdue = view.listed(queries.overdue_by_township)
    if overdue.empty:
        return _none(
            view,
            "petitions",
            "overdue_open",
            ("没有超期的诉求", "No case overdue"),
            ("来源没有记录办理期限，是否超期不详", "No due dates recorded: overdue or not is unknown"),
        )
    cases = int(overdue["overdue"].sum())
    told = f"{cases:,}" if cases >= fewest_cases else text.under(fewest_cases)
    shown = overdue[overdue["overdue"] >= fewest_cases]
    # What is not told is how many: the longest is that of all.
    longest = overdue["longest_days"].max()
    named = _counted(view, shown.set_index("township_code")["overdue"])
    return _item(
        "petitions",
        "act",
        say(f"截至数据日全部超期 {told} 件", f"All overdue at the as-of date: {told}"),
        say(
            f"{len(overdue)} 个镇街，最长已超 {longest:.0f} 天",
            f"townships: {len(overdue)}, the longest {longest:.0f} days",
        )
        + (say("；", "; ") + named if named else ""),
        say("查看超期清单", "See the cases"),
    )


def _offline(view: View) -> dict[str, str]:
    if "cameras" not in view.county.as_of:
        return _no_data("cameras")
    offline = view.listed(queries.cameras_offline)
    offline = offline[offline["hours"] > 24]
    if offline.empty:
        return _none(
            view,
            "cameras",
            "offline_24h",
            ("当前没有离线超 24 小时的摄像机", "No camera off for over 24 h now"),
            ("没有离线记录，是否离线不详", "No outages recorded: off or not is unknown"),
        )
    townships = offline["township_code"]
    return _item(
        "cameras",
        "act",
        say(f"当前离线超 24 小时摄像机 {len(offline):,} 个", f"{len(offline):,} cameras off for over 24 h now"),
        say(f"{townships.nunique()} 个镇街；", f"townships: {townships.nunique()}; ")
        + _counted(view, townships.value_counts()),
        say("查看离线清单", "See the cameras"),
    )


def _behind(view: View) -> dict[str, str]:
    if "projects" not in view.county.as_of:
        return _no_data("projects")
    projects = view.listed(queries.projects)
    late = projects[projects["is_behind"]]
    month = text.month_name(view.scope.end)
    if late.empty and projects["progress"].notna().any():
        return _item("projects", "good", say("已上报的项目没有滞后的", "No project that reported is behind"))
    if late.empty:
        return _item("projects", "missing", say(f"{month}没有项目月报", f"No project reports for {month}"))
    return _item(
        "projects",
        "act",
        say(f"滞后项目 {len(late):,} 个", f"{len(late):,} projects behind"),
        say(f"{late['township_code'].nunique()} 个镇街；", f"townships: {late['township_code'].nunique()}; ")
        + _counted(view, late["township_code"].value_counts()),
        say("查看滞后项目", "See the projects"),
    )


def _silent(view: View) -> dict[str, str]:
    names = view.county.names
    silent = unreported_townships(view)
    month = text.month_name(view.scope.end)
    if silent:
        return _item(
            "unreported",
            "act",
            say(f"{len(silent)} 个镇街有未报数据", f"Not reported: {len(silent)} of the townships"),
            say("；", "; ").join(
                say(
                    f"{names[township]}（{'、'.join(AREAS[area][0] for area in areas)}）",
                    f"{names[township]} ({', '.join(AREAS[area][1] for area in areas)})",
                )
                for township, areas in silent.items()
            ),
            say("查看这些镇街", "See these townships"),
        )
    # An area that nobody reported says nothing about anybody.
    everyone = view.measured(
        list(queries.VOLUMES.values()), (), replace(view.scope, start=view.scope.end, townships=())
    )
    told = [area for area, code in queries.VOLUMES.items() if not math.isnan(everyone[code].iloc[0])]
    if not told:
        return _item("unreported", "missing", say(f"{month}没有任何数据", f"No data for {month}"))
    of = "" if len(told) == len(queries.VOLUMES) else say("、", ", ").join(say(*AREAS[area]) for area in told)
    if view.chosen is not None:
        return _item(
            "unreported",
            "good",
            say(f"{month}{view.chosen}已上报{of}", f"{view.chosen} reported {of or 'all'} for {month}"),
        )
    things = titles.townships_of(view)
    return _item(
        "unreported",
        "good",
        say(f"{month}{things.all_zh}均已上报{of}", f"{things.all_en} reported {of or 'all'} for {month}".capitalize()),
    )
