"""What has to be done as a table: a line for each kind, a column for each urgency; a count shows its rows."""

from __future__ import annotations

from typing import Any

from data_access.access import CASE_AREAS
from data_access.kept_results import kept
from data_access.scope import is_finished
from data_access.todo.registry import to_do_of
from data_access.todo.to_do import URGENCIES, ToDo, Urgency
from ui.asking.address import keep_known
from ui.asking.view import View
from ui.elements.element import Element, as_content
from ui.text import absence_sentence, listed, number, say
from ui.todo.counting import Counted, counted, is_told

_MATRIX = Element("to_do")
Chosen = tuple[str, Urgency]


def columns() -> dict[Urgency, str]:
    """The headings of the urgencies."""
    return {
        "late": say("已超期、超限", "Past the limit"),
        "now": say("今天要办", "Now"),
        "soon": say("临近", "Near"),
    }


def today_words(view: View) -> str:
    """Which day is today, and whose matters are told where these are not all."""
    viewer = view.scope.viewer
    told = [say("“今天”是各领域数据截至的那一天", "Today is the day that the data of each area reach")]
    as_of = view.county.as_of.get("petitions")
    if as_of is not None and is_finished(f"{as_of:%Y-%m}", as_of):
        told.append(
            say(
                f"群众诉求的数据截至月末（{as_of:%Y-%m-%d}），以那一天为准",
                f"those of petitions end with a month, on {as_of:%Y-%m-%d}",
            )
        )
    if viewer.case_townships is not None:
        told.append(say("只列您负责的镇街", "of your own townships alone"))
    if viewer.case_departments is not None:
        names = listed(sorted(viewer.case_departments))
        told.append(say(f"只列承办单位为{names}的", f"of these departments alone: {names}"))
    return say("；", "; ").join(told)


def _may_list(view: View, to_do: ToDo) -> bool:
    return to_do.rows is not None and (to_do.area not in CASE_AREAS or view.scope.viewer.may("cases"))


def chosen_to_do(view: View, department: str | None) -> Chosen:
    """What the address asks for; without that the first and most urgent of which there are rows to see, else the first."""
    to_do = {one.code: one for one in to_do_of(view.scope.viewer)}
    present = [
        (one.code, urgency)
        for urgency in URGENCIES
        for one in to_do.values()
        if is_told(view, one, urgency) and counted(view, one.code, department).total(urgency)
    ]
    every = [(one.code, urgency) for one in to_do.values() for urgency in one.told]
    first = next(one for one in (*present, *every) if _may_list(view, to_do[one[0]]))
    # What is not asked for is not written into the address: the first may be another tomorrow.
    code: str = keep_known("todo", to_do) or first[0]
    own = [urgency for chosen, urgency in present if chosen == code] or list(to_do[code].told)
    return code, keep_known("when", to_do[code].told) or own[0]


def show_matrix(view: View, chosen: Chosen, department: str | None) -> None:
    """All that there is to do in a view of what the viewer answers for (``counting.own_view``)."""
    _MATRIX.show(_matrix(view, chosen, department), "to do")


@kept(1000)
def _matrix(view: View, chosen: Chosen, department: str | None) -> bytes:
    found = [counted(view, one.code, department) for one in to_do_of(view.scope.viewer)]
    return as_content(
        title=say("要办的事", "What has to be done"),
        heading=say("事项", "Matter"),
        columns=list(columns().values()),
        rows=[
            {
                "name": say(one.to_do.zh, one.to_do.en),
                "help": explained(one),
                "note": unknown_words(view, one),
                "cells": [_cell(view, one, urgency, chosen, department) for urgency in URGENCIES],
            }
            for one in found
        ],
    )


def explained(found: Counted) -> str:
    """What is counted, and as of when."""
    told = say(found.to_do.definition_zh, found.to_do.definition_en)
    if found.as_of is None:
        return told
    return told + "\n" + say(f"数据截至 {found.as_of:%Y-%m-%d %H:%M}", f"Data as of {found.as_of:%Y-%m-%d %H:%M}")


def unknown_words(view: View, found: Counted) -> str:
    """Of how many of the townships it is not known; empty where of all, or of none of them."""
    if not found.known or len(found.known) == len(found.asked):
        return ""
    unknown = len(found.asked) - len(found.known)
    return say(f"{unknown} 个镇街不详", f"{unknown} unknown")


def why_unknown(view: View, found: Counted) -> str:
    """Why nothing is known of a thing to do in any of the townships."""
    if found.as_of is None or found.to_do.known_by is None:
        return say("还没有数据", "no data yet")
    why = absence_sentence(view.county.indicator(found.to_do.known_by), found.why)
    return say(f"不详：{why}", f"unknown: {why}")


def _cell(
    view: View, found: Counted, urgency: Urgency, chosen: Chosen, department: str | None
) -> dict[str, Any] | None:
    to_do: ToDo = found.to_do
    if urgency not in to_do.told:
        return None
    label = say(*to_do.told[urgency])
    if not is_told(view, to_do, urgency):
        return {"state": "unknown", "words": say("只给可以查看诉求的人看", "for who may see cases")}
    if department is not None and not to_do.has_departments:
        return {"state": "unknown", "words": say("不分承办单位", "not told by department")}
    if not found.known:
        return {"state": "unknown", "words": why_unknown(view, found)}
    total = found.total(urgency)
    longest = found.of(urgency)["longest"].max()
    if to_do.longest and longest > 0:
        label += say("，", ", ") + say(*to_do.longest).format(longest)
    cell: dict[str, Any] = {
        "state": urgency if total else "none",
        "count": number(total),
        "unit": say(*to_do.unit),
        "label": label,
        "chosen": chosen == (to_do.code, urgency),
    }
    way = to_do.way(urgency, found.as_of) if found.as_of else None
    if to_do.rows is None and way:
        return cell | {"way": {"path": way[0], "asks": way[1]}}
    return cell | {"asks": {"todo": [to_do.code], "when": [urgency], "case": []}}
