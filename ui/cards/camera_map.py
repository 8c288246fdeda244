"""Where cameras stand: those of a township within its boundaries, those of the county counted by village."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import pandas as pd

from data_access.areas.cameras import lists as camera_lists
from data_access.cache import answer
from data_access.kept_results import kept
from ui import charts, text
from ui.asking.view import View
from ui.cards.county_map import finest_places, finest_sheet_of
from ui.cards.points import unknown_places, within
from ui.charts.outlines import Point, Sheet
from ui.elements.chart import chart
from ui.explore.choice import opening
from ui.text import say, titles

# So many points are drawn at once; of more, those that are down.
_MOST = 2000


@kept(200)
def camera_map(view: View, *, is_watched: bool) -> bytes | None:
    """The villages, or the townships, by their cameras; None without boundaries.

    Of a township chosen alone each camera whose place is known is a point. ``is_watched``: whether a source tells which
    are down.
    """
    by, sheet = finest_sheet_of(view)
    if sheet is None:
        return None
    found = answer(camera_lists.camera_places, view.scope)
    if found.empty:
        return None
    counts = found.groupby(by)["camera_id"].size()
    places = finest_places(view, by)
    leads = {
        str(code): {"street": [view.county.names[str(township)]]}
        for code, township in zip(places["code"], places["township_code"], strict=True)
    }
    places = places.assign(value=places["code"].map(counts).fillna(0.0))
    cameras = view.county.indicator("cameras")
    told = [text.value(cameras, value) for value in places["value"]]
    points, notes = _points(view, sheet, found, is_watched=is_watched) if view.chosen else ([], [])
    if not view.chosen:
        notes = [say("颜色越蓝摄像机越多；点击看那个镇街的每一个", "Bluer is more cameras; click to see a township's")]
    # Points show by themselves where there are many, and are seen best on a plain ground.
    is_plain = bool(points) and len(found) <= _MOST
    figure = charts.outlines(
        places.assign(value=math.nan) if is_plain else places,
        sheet,
        # No amount of cameras is good or bad.
        replace(cameras, direction="neither"),
        county_value=math.nan,
        texts=["" if view.chosen else words for words in told],
        hovers=[f"<b>{name}</b><br>{words}" for name, words in zip(places["name"], told, strict=True)],
        without=say("未有边界", "No boundary"),
        around=say("点击看这个镇街", "Click for this township"),
        keys=places["code"].tolist(),
        points=points,
        blank=places["code"].tolist() if is_plain else (),
        is_named=view.chosen is not None or by == "township_code",
    )
    return chart(
        titles.cameras(len(found), int(found["is_down"].sum()) if is_watched else None),
        figure,
        help=text.definition(cameras, float(len(found))),
        note=say("；", "; ").join(notes),
        explore=opening(view, ["cameras"], [by]),
        ways={**view.ways_to_townships, **({} if view.chosen else leads)},
    )


def _points(view: View, sheet: Sheet, found: pd.DataFrame, *, is_watched: bool) -> tuple[list[Point], list[str]]:
    """The cameras whose places are known, and what is said of them and of the others."""
    if found["longitude"].isna().all():
        return [], [
            say("来源没有写明摄像机的经纬度和坐标系，没有画点", "No source says where cameras stand: no points")
        ]
    drawn, unknown, outside = within(view, sheet, found, "个")
    notes = [say("橙色为离线", "Orange is down")] if is_watched else []
    if len(drawn) > _MOST:
        drawn = drawn[drawn["is_down"]]
        notes.append(say(f"多于 {_MOST:,} 个，只画离线的", f"Over {_MOST:,}: only those down are drawn"))
    notes += [*unknown_places(unknown, "个"), *outside]
    points = [
        Point(row["x"], row["y"], _told(row, is_watched=is_watched), bool(row["is_down"]))
        for row in drawn.to_dict("records")
    ]
    return points, notes


def _told(row: dict[Hashable, Any], *, is_watched: bool) -> str:
    """What pointing at a camera says."""
    name = row["place"] or row["camera_id"]
    return f"<b>{name}</b><br>{row['camera_id']} {say('离线', 'down')}" if row["is_down"] and is_watched else f"{name}"
