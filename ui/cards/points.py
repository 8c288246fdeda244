"""Points on a map: of the things that stand in the township chosen alone, those that lie within it."""

from __future__ import annotations

import pandas as pd

from ui.asking.view import View
from ui.charts.outlines import Sheet
from ui.text import say


def within(view: View, sheet: Sheet, found: pd.DataFrame, counter: str) -> tuple[pd.DataFrame, int, list[str]]:
    """The rows whose places (longitude, latitude; missing where unknown) lie within the sheet, with x and y in its steps.

    With them how many places are unknown, and what is said of those outside; ``counter``: the measure word (个, 件).
    """
    placed = found.dropna(subset=["longitude", "latitude"])
    at = sheet.at(placed[["longitude", "latitude"]].to_numpy(dtype=float))
    placed = placed.assign(x=at[:, 0], y=at[:, 1])
    is_within = sheet.holds(at)
    notes = []
    if outside := int((~is_within).sum()):
        # Far away they would not be seen.
        notes.append(
            say(
                f"{outside:,} {counter}的经纬度在{view.chosen}的边界之外，没有画，请核对坐标系和镇街",
                f"{outside:,} lie outside of {view.chosen} and are not drawn: check their coordinate system and township",
            )
        )
    return placed[is_within], len(found) - len(placed), notes


def unknown_places(unknown: int, counter: str) -> list[str]:
    """What is said of so many things of which nothing tells where they stand."""
    if not unknown:
        return []
    return [
        say(
            f"{unknown:,} {counter}没有经纬度，或没有写明坐标系，没有画",
            f"{unknown:,} without a place or its coordinate system are not drawn",
        )
    ]
