"""The map of the county: its own where it has boundaries, tiles else; the villages of a township chosen alone."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Literal
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from data_access import queries
from data_access.access import Viewer
from data_access.cache import answer
from data_access.kept_results import kept
from data_access.model.indicator import Indicator
from data_access.model.measured import UNREPORTED, measured
from data_access.places import lists as place_lists
from data_access.places.lists import named_apart
from data_access.small_counts import hides_cases, tells_fives
from ui import charts, text
from ui.asking.address import VILLAGES
from ui.asking.sentences import unfinished_words
from ui.asking.view import View
from ui.cards.case_points import case_points, tells_places
from ui.cards.indicators import absences, ranked
from ui.charts.outlines import Sheet, laid_flat
from ui.elements.chart import chart, show_chart
from ui.explore.answer import told_apart
from ui.explore.choice import opening
from ui.text import plain, say, titles


def show_map(view: View, code: str) -> None:
    """The townships coloured by an indicator against the county, or the villages of the one that is chosen.

    A click shows that township, or the cases of that village.
    """
    show_chart(map_of(view, code), "tile map")


def map_of(view: View, code: str) -> bytes:
    """The chart's content; tiles where the county has no boundaries."""
    is_of_villages = queries.rollup_for(view.county.indicator(code), {"village_code"}) is not None
    if view.chosen and is_of_villages and has_case_map(view):
        return case_map(view, code, leads_away=True)
    return _townships(view, code)


@kept(1000)
def _townships(view: View, code: str) -> bytes:
    indicator = view.among_all.indicator(code)
    table = view.by_township([code])
    total = view.measured([code]).iloc[0]
    everyone = view.measured([code], (), replace(view.scope, townships=None)).iloc[0]
    places = view.county.townships.merge(
        table.drop(columns=["name", "kind"]), left_on="code", right_on="township_code"
    ).rename(columns={code: "value"})
    texts = [
        absent if math.isnan(value) else text.value(indicator, value, with_unit=indicator.is_percentage)
        for value, absent in zip(places["value"], absences(indicator, table), strict=True)
    ]
    hovers = [
        f"<b>{name}</b><br>{text.name(indicator)} {text.value(indicator, value)}"
        + (f"<br>{text.counts(indicator, n, d)}" if indicator.is_ratio and not math.isnan(value) else "")
        for name, value, n, d in zip(
            places["name"], places["value"], places[f"{code}:n"], places[f"{code}:d"], strict=True
        )
    ]
    sheet = sheet_of(view.data, view.scope.viewer, tuple(places["code"]))
    draw = partial(charts.tiles, _with_tiles(places), unreported=text.absence(UNREPORTED))
    if sheet:
        around = say("点击只看这个镇街", "Click for this township")
        draw = partial(
            charts.outlines, places, sheet, without=say("未有边界", "No boundary"), around=around, is_keyed=True
        )
    return chart(
        titles.ranking(view, indicator, ranked(table, indicator))
        + unfinished_words(view.county, view.scope.end, [indicator.data_area]),
        draw(indicator, county_value=float(everyone[code]), texts=texts, hovers=hovers, highlight=view.chosen),
        help=text.definition(indicator, measured(indicator, total)),
        note=_note(indicator, is_schematic=sheet is None),
        explore=opening(view, [code], ["township_code"]),
        ways=view.ways_to_townships,
    )


def _with_tiles(places: pd.DataFrame) -> pd.DataFrame:
    """The places with where their tiles stand: side by side where the county does not say."""
    if not places[["tile_row", "tile_column"]].isna().any().any():
        return places
    across = math.ceil(math.sqrt(len(places)))
    if places["name"].str.len().max() > 6:
        # Few enough to a row that the names can be read
        across = min(across, 5)
    return places.assign(tile_row=places.index // across, tile_column=places.index % across)


def _note(indicator: Indicator, *, is_schematic: bool) -> str:
    schematic = say("示意图，不代表实际边界。", "Schematic, not to scale. ") if is_schematic else ""
    if indicator.direction == "neither":
        return schematic + say("颜色越蓝数值越大；点击镇街即可筛选。", "Bluer is more; click to filter.")
    return schematic + say(
        "蓝色好于、橙色差于全县水平；点击镇街即可筛选。",
        "Blue is better and orange worse than the county; click to filter.",
    )


@kept(40)
def sheet_of(_data: int, viewer: Viewer, townships: tuple[str, ...]) -> Sheet | None:
    """The outlines of these townships, and of what lies around them; None where none of them has one."""
    found = answer(place_lists.boundaries, viewer, "township")
    own = [outline for outline in found if outline.code in townships]
    return laid_flat(own, [outline for outline in found if outline.code not in townships]) if own else None


# --- Cases, by village -------------------------------------------------------------------------------------


def has_case_map(view: View, cases: View | None = None) -> bool:
    """Whether there are outlines of villages to count cases within, or one of a township for the places of its ``cases``.

    And the viewer is told of these.
    """
    viewer = view.scope.viewer
    if not viewer.sees("petitions"):
        return False
    by, sheet = finest_sheet_of(view)
    if by == "village_code":
        return tells_fives(viewer) or not hides_cases(view.scope, "petitions")
    return sheet is not None and tells_places(cases or view)


def finest_sheet_of(view: View) -> tuple[Literal["village_code", "township_code"], Sheet | None]:
    """The outlines of the villages looked at, or of their townships where none of them has one; and which of these."""
    asked = (view.data, view.scope.viewer, view.townships)
    if sheet := _village_sheet_of(*asked):
        return "village_code", sheet
    return "township_code", sheet_of(*asked)


def finest_places(view: View, by: Literal["village_code", "township_code"]) -> pd.DataFrame:
    """The villages or the townships looked at: code, name, township_code."""
    if by == "village_code":
        return answer(place_lists.villages, view.scope).rename(columns={"village": "name"})
    townships = view.county.townships[view.county.townships["code"].isin(view.townships)]
    return townships[["code", "name"]].assign(township_code=townships["code"])


@kept(40)
def _village_sheet_of(_data: int, viewer: Viewer, townships: tuple[str, ...]) -> Sheet | None:
    """The outlines of the townships' villages, and of what lies around them; None where no village has one."""
    own = [one for one in answer(place_lists.boundaries, viewer, "village") if one.township_code in townships]
    if not own:
        return None
    of_townships = answer(place_lists.boundaries, viewer, "township")
    around = [one for one in of_townships if one.code not in townships]
    return laid_flat(own, around, [one for one in of_townships if one.code in townships and len(townships) > 1])


def ranking_or_map() -> bool:
    """The switch between the villages with most cases and the map of all; True for the map."""
    labels = {"ranking": say("排名", "Ranking"), "map": say("地图", "Map")}
    st.segmented_control(
        say("村（社区）", "Villages"),
        VILLAGES,
        format_func=lambda code: plain(labels[code]),
        key="villages",
        required=True,
        label_visibility="collapsed",
    )
    return bool(st.session_state["villages"] == "map")


@kept(1000)
def case_map(view: View, code: str = "received", *, leads_away: bool = False, cases: View | None = None) -> bytes:
    """The villages of the townships looked at, darker for more cases; only where :func:`has_case_map`.

    They are coloured by counts: a rate of a few cases says little, and is told where its village is pointed at. A click
    lists the cases of a village, on the page of cases if it ``leads_away``. Over a township chosen alone, whose villages
    need no outlines then, the open ``cases`` (of another view: narrowed ones) are points where sources tell where these are
    and the viewer may see it.
    """
    by, sheet = finest_sheet_of(view)
    assert sheet is not None  # noqa: S101  # for the type checker
    received, indicator = view.indicator("received", [by]), view.county.indicator(code)
    codes = list(dict.fromkeys(("received", *view.told([code], [by]))))
    counted = view.measured(codes, (by,)).set_index(by)
    places = finest_places(view, by).join(counted, on="code").rename(columns={"received": "value"})
    of_townships = view.by_township(["received"]).set_index("township_code")["received"]
    is_silent = places["township_code"].map(of_townships).isna()
    if not received.in_fives:
        # Where a township's cases are told, a village without any has none.
        places["value"] = places["value"].mask(places["value"].isna() & ~is_silent, 0.0)
    unplaced = float(counted["received"][~counted.index.isin(places["code"])].sum())
    of = places["township_code"].map(view.county.names)
    labels = told_apart([*named_apart(zip(places["code"], places["name"], of, strict=True)).values()])
    few, silent = say("很少或没有", "few or none"), text.absence(UNREPORTED)
    told = [
        titles.count(value, in_fives=received.in_fives) if not math.isnan(value) else silent if hushed else few
        for value, hushed in zip(places["value"], is_silent, strict=True)
    ]
    around_name = "" if view.chosen else say("（{}）", " ({})")
    hovers = [
        # By their labels the rows of the figure's table are told apart.
        f"<b>{label}</b>{around_name.format(owner) if label == name else ''}<br>{text.name(received)} {amount}"
        for label, name, owner, amount in zip(labels, places["name"], of, told, strict=True)
    ]
    if code != "received" and code in codes:
        hovers = [
            f"{words}<br>{text.name(indicator)} {text.value(indicator, value)}"
            for words, value in zip(hovers, places[code], strict=True)
        ]
    note = say("颜色越蓝诉求越多；点击村（社区）看它的诉求", "Bluer is more cases; click a village for its cases")
    if sheet.around:
        note += say("，点击邻近镇街换一个", ", a township around to go there")
    if unplaced:
        amount = titles.count(unplaced, in_fives=received.in_fives)
        note += say(f"；另有 {amount} 件没有写明村（社区）", f"; {amount} more name no village")
    of_village = by == "village_code"
    rows = {one: {**({"village": [one]} if of_village else {}), "tab": ["rows"]} for one in places["code"]}
    title = titles.villages(places["value"].set_axis(labels).dropna(), text.unit(received), in_fives=received.in_fives)
    if drawn := case_points(cases or view, sheet):
        # Points are seen best on a plain ground.
        title, note, blank = drawn.title, drawn.note, places["code"].tolist()
        places["value"] = math.nan
        rows |= {point.key: {"case": [point.key], "tab": ["rows"]} for point in drawn.points}
    else:
        blank = places["code"][~is_silent].tolist()
    away = {one: {"path": "petitions", "query": urlencode(asked, doseq=True)} for one, asked in rows.items()}
    return chart(
        (say(f"{view.chosen}：", f"{view.chosen}: ") if view.chosen else "") + title,
        charts.outlines(
            places,
            sheet,
            received,
            county_value=math.nan,
            texts=["" if math.isnan(value) else words for words, value in zip(told, places["value"], strict=True)],
            hovers=hovers,
            without=say("未有边界", "No boundary"),
            around=say("点击看这个镇街", "Click for this township"),
            keys=places["code"].tolist(),
            is_named=drawn is not None,
            blank=blank,
            points=drawn.points if drawn else (),
        ),
        help=titles.open_cases_defined() if drawn else text.definition(received, float(counted["received"].sum())),
        note=text.noted(received, note),
        explore=opening(view, ["received"], [by]),
        ways={**view.ways_to_townships, **({} if leads_away else rows)},
        leads=away if leads_away else None,
    )
