"""Who has to do it: the chosen thing to do by township, and by the department that answers for it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from data_access.kept_results import kept
from data_access.todo.registry import to_do_of
from data_access.todo.to_do import URGENCIES
from ui.asking.address import keep_known, ways_to
from ui.asking.view import View
from ui.elements.element import LEAGUE_TABLE, as_content
from ui.text import NO_DATA, is_english, number, say
from ui.todo.counting import Counted, all_own, counted, is_told


def has_places(view: View, code: str) -> bool:
    """Whether a thing to do is told by more than one township, or by department."""
    return len(all_own(view).townships) > 1 or bool(departments(view, code))


def show_townships(view: View, code: str, department: str | None) -> None:
    """A thing to do by township, the most urgent first; a click shows that township. Nothing where there is one alone."""
    if len(all_own(view).townships) > 1:
        LEAGUE_TABLE.show(_townships(view, code, department), "to do by township")


def show_departments(view: View, code: str, department: str | None) -> None:
    """The same by department; a click shows that department. Nothing where it is not told by department."""
    if departments(view, code):
        LEAGUE_TABLE.show(_departments(view, code, department), "to do by department")


def keep_department(view: View) -> str | None:
    """The department that the address asks for, if it answers for anything in the view; None: all."""
    known = {name for one in to_do_of(view.scope.viewer) for name in departments(view, one.code)}
    chosen: str | None = keep_known("department", known)
    return chosen


def departments(view: View, code: str) -> tuple[str, ...]:
    """Those who answer for any of a thing to do (empty: not recorded), where that is told."""
    found = counted(view, code)
    return tuple(sorted(found.counts["department"].dropna().unique())) if found.to_do.has_departments else ()


def _cells(view: View, found: Counted, counts: pd.DataFrame, *, is_known: bool) -> tuple[list[str], list[float | None]]:
    """How many there are of each urgency, and how far the furthest is: in words, and as they are sorted."""
    told = [urgency for urgency in URGENCIES if is_told(view, found.to_do, urgency)]
    amounts = [float(counts.loc[counts["urgency"] == urgency, "count"].sum()) for urgency in told]
    cells = [number(amount) if is_known else NO_DATA for amount in amounts]
    sort: list[float | None] = [amount if is_known else None for amount in amounts]
    if found.to_do.longest:
        longest = counts["longest"].max()
        # Of none there is no longest; what is not known is said to be so.
        cells.append(number(longest, 1 if longest < 10 else 0) if longest > 0 or not is_known else "")
        sort.append(None if pd.isna(longest) else float(longest))
    return cells, sort


def _content(
    view: View,
    found: Counted,
    heading: str,
    rows: list[dict[str, Any]],
    *,
    chosen: str | None,
    note: str,
) -> bytes:
    to_do = found.to_do
    short = {"late": say("已过", "Past"), "now": say("今天", "Now"), "soon": say("临近", "Near")}
    titles = []
    for urgency in (one for one in URGENCIES if is_told(view, to_do, one)):
        words = say(*to_do.told[urgency])
        title = words.capitalize() if len(words) <= (8 if is_english() else 3) else short[urgency]
        titles.append({"title": title, "help": words, "number": True})
    if to_do.longest:
        # 最长 {} 天: what stands around the number names the column.
        before, _, unit = say(*to_do.longest).partition("{:")
        unit = unit.partition("}")[2].strip()
        titles.append(
            {"title": say(f"{before.strip()}（{unit}）", f"{before.strip()} ({unit})".capitalize()), "number": True}
        )
    rows.sort(key=lambda row: [-(amount or 0) for amount in row["sort"][1:]])
    return as_content(
        title=say(f"{to_do.zh}：按{heading}", f"{to_do.en} by {heading}"),
        columns=[{"title": heading.capitalize()}, *titles],
        rows=rows,
        chosen=chosen,
        note=note,
    )


@kept(1000)
def _townships(view: View, code: str, department: str | None) -> bytes:
    found = counted(all_own(view) if view.chosen else view, code, department)
    ways = view.ways_to_townships
    rows = []
    for township in found.asked:
        name = view.county.names[township]
        is_known = township in found.known
        own = found.counts[found.counts["township_code"] == township]
        cells, sort = _cells(view, found, own, is_known=is_known)
        rows.append(
            {
                "key": name,
                "cells": [name, *cells],
                "sort": [name, *sort],
                "hatched": not is_known,
                "asks": {**ways[name], "case": []},
            }
        )
    return _content(
        view,
        found,
        say("镇街", "township"),
        rows,
        chosen=view.chosen,
        note=say("点一行只看该镇街；— 为不详。", "Click a row for that township alone; — is unknown."),
    )


@kept(1000)
def _departments(view: View, code: str, department: str | None) -> bytes:
    found = counted(view, code)
    names = departments(view, code)
    ways = ways_to("department", names, department)
    rows = []
    for name in names:
        cells, sort = _cells(view, found, found.counts[found.counts["department"] == name], is_known=True)
        called = name or say("未记录", "not recorded")
        rows.append(
            {
                "key": name,
                "cells": [called, *cells],
                "sort": [called, *sort],
                "hatched": False,
                "asks": {**ways[name], "case": []},
            }
        )
    return _content(
        view,
        found,
        say("承办单位", "department"),
        rows,
        chosen=department,
        note=say("点一行只看该单位。", "Click a row for that department alone."),
    )
