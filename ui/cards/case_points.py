"""The open cases of a township as points on its map, for who may see where they are."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.lists import CaseFilter
from data_access.areas.petitions.places import CasePlaces, open_case_places
from data_access.cache import answer
from data_access.small_counts import hides_cases
from ui.asking.view import View
from ui.cards.points import unknown_places, within
from ui.charts.outlines import Point, Sheet
from ui.text import say, titles

# So many are told apart on a map; they are read in the order of an index, so that it takes as long of ten million.
_MOST = 1000


@dataclass(frozen=True)
class CasePoints:
    """The points, and what the map says with them."""

    title: str
    note: str
    points: tuple[Point, ...]


def tells_places(view: View) -> bool:
    """Whether a source tells where open cases of the township chosen alone are, and the viewer may see it."""
    return _told_places(view) is not None


def _told_places(view: View) -> CasePlaces | None:
    """A place is as private as a name."""
    if view.chosen is None or not view.scope.viewer.may("persons") or hides_cases(view.scope, "petitions"):
        return None
    found = answer(open_case_places, view.scope, _MOST)
    return found if found.count and found.rows["longitude"].notna().any() else None


def case_points(view: View, sheet: Sheet) -> CasePoints | None:
    """The open cases of the township chosen alone within its outline, the longest overdue first; a point's key is its case's.

    None unless :func:`tells_places`.
    """
    if (found := _told_places(view)) is None:
        return None
    drawn, unknown, outside = within(view, sheet, found.rows, say("件", ""))
    open_count, overdue = (
        answer(petition_lists.petition_case_count, view.scope, CaseFilter(state)) for state in ("open", "overdue")
    )
    is_due_known = view.measured(["on_time_rate"], (), view.all_months(view.scope))["on_time_rate:k"].iloc[0] > 0
    notes = [say("点是未办结的诉求，点击看它的办理过程", "Points are open cases: click one to see how it went")]
    if is_due_known:
        notes[0] = say(
            "橙色的点已超期，蓝色的未到期；点击看办理过程",
            "Orange is overdue, blue is not; click a point to see how it went",
        )
    if found.count > len(found.rows):
        notes.append(
            say(
                f"有位置的 {found.count:,} 件里画出最急的 {len(found.rows):,} 件",
                f"of {found.count:,} whose place is known the most urgent {len(found.rows):,} are drawn",
            )
        )
    notes += [*unknown_places(open_count - found.count + unknown, say("件", "")), *outside]
    return CasePoints(
        titles.open_cases(open_count, overdue if is_due_known else None),
        say("；", "; ").join(notes),
        tuple(
            Point(row["x"], row["y"], _told(row), bool(row["is_overdue"]), f"{row['township_code']}/{row['case_no']}")
            for row in drawn.fillna({"title": "", "category_1": ""}).to_dict("records")
        ),
    )


def _told(row: dict[Hashable, Any]) -> str:
    """What pointing at a case says."""
    days = row["days_late"]
    when = say("没有办理期限", "no due date")
    if row["is_overdue"]:
        when = say(f"已超期 {days:.1f} 天", f"{days:.1f} days overdue")
    elif days < 0:
        when = say(f"{row['due_at']:%Y-%m-%d} 到期", f"due {row['due_at']:%Y-%m-%d}")
    said = (f"<b>{row['case_no']}</b>", row["title"], row["category_1"], when)
    return "<br>".join(filter(None, said))
