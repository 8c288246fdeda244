"""The map of the county: its own where it has boundaries, tiles else; the villages of a township chosen alone."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from urllib.parse import urlencode

import pandas as pd

from data_access import queries
from data_access.access import Viewer
from data_access.cache import answer
from data_access.kept_results import kept
from data_access.model.indicator import Indicator
from data_access.model.measured import UNREPORTED, measured
from data_access.places import lists as place_lists
from data_access.small_counts import hides_cases, tells_fives
from ui import charts, text
from ui.asking.sentences import unfinished_words
from ui.asking.view import View
from ui.cards.indicators import absences, ranked
from ui.charts.outlines import Sheet, laid_flat
from ui.elements.chart import chart, show_chart
from ui.explore.answer import told_apart
from ui.explore.choice import opening
from ui.text import say, titles


def show_map(view: View, code: str) -> None:
    """The townships coloured by an indicator against the county, or the villages of the one that is chosen.

    A click shows that township, or the cases of that village.
    """
    show_chart(map_of(view, code), "tile map")


def map_of(view: View, code: str) -> bytes:
    """The chart's content; tiles where the county has no boundaries."""
    return _villages(view, code) or _townships(view, code)


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
        draw = partial(charts.outlines, places, sheet, without=say("未有边界", "No boundary"), around=around)
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
        return schematic + say("颜色越深数值越大；点击镇街即可筛选。", "Darker is more; click to filter.")
    return schematic + say(
        "蓝色好于、橙色差于全县水平；点击镇街即可筛选。",
        "Blue is better and orange worse than the county; click to filter.",
    )


@kept(100)
def sheet_of(_data: int, viewer: Viewer, townships: tuple[str, ...]) -> Sheet | None:
    """The outlines of these townships, and of what lies around them; None where none of them has one."""
    found = answer(place_lists.boundaries, viewer, "township")
    own = [outline for outline in found if outline.code in townships]
    return laid_flat(own, [outline for outline in found if outline.code not in townships]) if own else None


# --- The villages of a township -------------------------------------------------------------------


@kept(100)
def _village_sheet(_data: int, viewer: Viewer, township: str) -> Sheet | None:
    """The outlines of a township's villages, and of the townships around; None where no village has one."""
    own = [one for one in answer(place_lists.boundaries, viewer, "village") if one.township_code == township]
    townships = answer(place_lists.boundaries, viewer, "township")
    return laid_flat(own, [one for one in townships if one.code != township]) if own else None


@kept(1000)
def _villages(view: View, code: str) -> bytes | None:
    """The villages of the township chosen alone, darker for more cases; None where they are not known or not told.

    They are coloured by counts: a rate of a few cases says little, and is told where its village is pointed at.
    """
    chosen, viewer, indicator = view.chosen, view.scope.viewer, view.county.indicator(code)
    is_told = viewer.sees("petitions") and (tells_fives(viewer) or not hides_cases(view.scope, "petitions"))
    if chosen is None or not is_told or queries.rollup_for(indicator, {"village_code"}) is None:
        return None
    sheet = _village_sheet(view.data, viewer, view.townships[0])
    if sheet is None:
        return None
    received = view.indicator("received", ["village_code"])
    codes = list(dict.fromkeys(("received", *view.told([code], ["village_code"]))))
    counted = view.measured(codes, ("village_code",)).set_index("village_code")
    villages = answer(place_lists.villages, view.scope)
    places = villages.join(counted, on="code").rename(columns={"village": "name", "received": "value"})
    is_silent = counted["received"].isna().all()
    if not received.in_fives and not is_silent:
        # A township's cases are told: a village without any has none.
        places["value"] = places["value"].fillna(0.0)
    unplaced = float(counted["received"][~counted.index.isin(places["code"])].sum())
    labels = told_apart(places["name"].tolist())
    few = say("很少或没有", "few or none") if received.in_fives else text.absence(UNREPORTED)
    told = [few if math.isnan(value) else titles.count(value, in_fives=received.in_fives) for value in places["value"]]
    hovers = [f"<b>{name}</b><br>{text.name(received)} {amount}" for name, amount in zip(labels, told, strict=True)]
    if code != "received" and code in codes:
        hovers = [
            f"{words}<br>{text.name(indicator)} {text.value(indicator, value)}"
            for words, value in zip(hovers, places[code], strict=True)
        ]
    note = say(
        "颜色越深诉求越多；点击村（社区）看它的诉求，点击邻近镇街换一个。",
        "Darker is more cases; click a village for its cases, a township around to go there.",
    )
    if unplaced:
        amount = titles.count(unplaced, in_fives=received.in_fives)
        note += say(f"另有 {amount} 件没有写明村（社区）。", f" {amount} more name no village.")
    return chart(
        say(f"{chosen}：", f"{chosen}: ")
        + titles.villages(places["value"].set_axis(labels).dropna(), text.unit(received), in_fives=received.in_fives),
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
            is_named=False,
            blank=() if is_silent else tuple(places["code"]),
        ),
        help=text.definition(received, float(counted["received"].sum())),
        note=text.noted(received, note),
        explore=opening(view, ["received"], ["village_code"]),
        ways=view.ways_to_townships,
        leads={
            one: {"path": "petitions", "query": urlencode({"village": one, "tab": "rows"})} for one in places["code"]
        },
    )
