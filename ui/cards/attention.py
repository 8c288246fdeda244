"""What needs a decision: overdue cases, dark cameras, late projects, missing reports; for overview, wall and bulletin."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from data_access import queries
from data_access.areas import AREAS, REPORTS, VOLUMES
from data_access.areas.cameras import lists as camera_lists
from data_access.areas.cameras.area import OFFLINE_HOURS
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.projects import lists as project_lists
from data_access.areas.reports.reporting import owed_figures
from data_access.kept_results import kept
from ui import text
from ui.asking.sentences import area_name
from ui.asking.view import View
from ui.decisions.ways import way_to_decide
from ui.elements.element import Element, as_content
from ui.explore.choice import opening
from ui.text import say, titles
from ui.todo.counting import counted, is_told, own_view

_ATTENTION = Element("attention")


def show_attention(view: View) -> None:
    """Overdue cases, dark cameras, late projects and missing reports, each with the way to its rows."""
    _ATTENTION.show(_attention(view), "attention")


def unreported_townships(view: View) -> dict[str, list[str]]:
    """The areas that each township (by code) has not reported for the last month in scope."""
    silent = view.listed(queries.unreported)
    return {str(code): list(areas) for code, areas in silent.groupby("township_code")["area"]}


def late_figures(view: View) -> dict[str, int]:
    """How many figures asked for in the months in scope each township (by code) has not reported by their due day."""
    owed = view.listed(owed_figures)
    late = owed[owed["days_late"] > 0]
    return {str(code): int(count) for code, count in late.groupby("township_code").size().items()}


@kept(1000)
def _attention(view: View) -> bytes:
    return as_content(
        title=say("需要关注", "Needs attention"),
        items=[
            item
            | {
                "explore": _question(view, item),
                "way": _way(view, item["name"]),
                "decide": _decision(view, item) if item["state"] == "act" else None,
            }
            for item in attention_items(view)
        ],
        more={"label": say("今日待办", "To do today"), "path": "today", "detail": _due_soon(view)},
    )


def _due_soon(view: View) -> str:
    """What 今日待办 has beside what is overdue: the cases due today and in the days after, as far as they are told."""
    own = own_view(view)
    found = counted(own, "cases_to_close")
    return say("，", ", ").join(
        f"{say(*words)} {found.total(urgency):,} {say(*found.to_do.unit)}"
        for urgency, words in found.to_do.told.items()
        if urgency != "late" and found.known and is_told(own, found.to_do, urgency)
    )


def _way(view: View, name: str) -> dict[str, str]:
    """The page and query behind an item: nothing is narrowed but the shared filters, which go along."""
    if name in AREAS:
        return {"path": AREAS[name].page, "query": urlencode(AREAS[name].attention_address)}
    # In no report there are rows: the townships themselves are shown, by the first area that lacks them.
    silent = unreported_townships(view)
    late = late_figures(view)
    page = next((AREAS[area].page for areas in silent.values() for area in areas), REPORTS.page if late else "overview")
    streets = [name for code, name in view.county.names.items() if code in silent or code in late]
    return {"path": page, "query": urlencode({"street": streets}, doseq=True)}


def _decision(view: View, item: dict[str, str]) -> dict[str, str] | None:
    area = AREAS.get(item["name"])
    if area is None or area.attention is None:
        return way_to_decide(view, about=item["name"])
    return way_to_decide(view, area.attention)


def _question(view: View, item: dict[str, str]) -> dict[str, str] | None:
    area = AREAS.get(item["name"])
    if area is None or area.attention is None or item["state"] != "act":
        return None
    return opening(view, [area.attention], ["township_code"])


def attention_items(view: View, *, fewest_cases: int = 1) -> list[dict[str, str]]:
    """What needs a decision: name, state (act, good, missing), found, and for ``act`` detail and label.

    Good is only what is known: where nothing tells, the state is missing. Of petitions no count under ``fewest_cases``
    is told.
    """
    found: dict[str, Callable[[View], dict[str, str]]] = {
        "petitions": partial(_overdue, fewest_cases),
        "cameras": _offline,
        "projects": _behind,
    }
    return [*(found[code](view) for code, area in AREAS.items() if area.attention), _silent(view)]


def _item(name: str, state: str, found: str, detail: str = "", label: str = "") -> dict[str, str]:
    item = {"name": name, "state": state, "found": found}
    return item | {"detail": detail, "label": label} if state == "act" else item


def _no_data(area: str) -> dict[str, str]:
    return _item(area, "missing", say(f"还没有{AREAS[area].zh}数据", f"No data yet: {AREAS[area].en}"))


def _counted(view: View, counts: Any) -> str:
    """The three townships with most, each with its count."""
    return say("、", ", ").join(f"{view.county.names[code]} {count}" for code, count in counts.head(3).items())


def _knowing(view: View, code: str, area: str) -> tuple[int, int]:
    """How many of the view's townships have an indicator at all up to the area's as-of month, and how many there are."""
    as_of = f"{view.county.as_of[area]:%Y-%m}"
    scope = replace(view.scope, start=min(view.county.months[0], as_of), end=as_of, townships=None)
    table = view.measured([code], ("township_code",), scope)
    known = set(table.loc[table[code].notna(), "township_code"])
    wanted = view.townships
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


def _overdue(fewest_cases: int, view: View) -> dict[str, str]:
    if "petitions" not in view.county.as_of:
        return _no_data("petitions")
    overdue = view.listed(petition_lists.overdue_by_township)
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
    offline = view.listed(camera_lists.cameras_offline)
    offline = offline[offline["hours_down"] > OFFLINE_HOURS]
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
        say(
            f"当前离线超 24 小时摄像机 {len(offline):,} 个",
            f"{len(offline):,} camera{'s' if len(offline) > 1 else ''} off for over 24 h now",
        ),
        say(f"{townships.nunique()} 个镇街；", f"townships: {townships.nunique()}; ")
        + _counted(view, townships.value_counts()),
        say("查看离线清单", "See the cameras"),
    )


def _behind(view: View) -> dict[str, str]:
    if "projects" not in view.county.as_of:
        return _no_data("projects")
    projects = view.listed(project_lists.projects)
    late = projects[projects["is_behind"]]
    month = text.month_name(view.scope.end)
    if late.empty and projects["progress"].notna().any():
        return _item("projects", "good", say("已上报的项目没有滞后的", "No project that reported is behind"))
    if late.empty:
        return _item("projects", "missing", say(f"{month}没有项目月报", f"No project reports for {month}"))
    return _item(
        "projects",
        "act",
        say(f"滞后项目 {len(late):,} 个", f"{len(late):,} project{'s' if len(late) > 1 else ''} behind"),
        say(f"{late['township_code'].nunique()} 个镇街；", f"townships: {late['township_code'].nunique()}; ")
        + _counted(view, late["township_code"].value_counts()),
        say("查看滞后项目", "See the projects"),
    )


def _silent(view: View) -> dict[str, str]:
    names = view.county.names
    silent, late = unreported_townships(view), late_figures(view)
    month = text.month_name(view.scope.end)
    if silent or late:
        told = [
            say(
                f"{names[township]}（{'、'.join(map(area_name, areas))}）",
                f"{names[township]} ({', '.join(map(area_name, areas))})",
            )
            for township, areas in silent.items()
        ]
        told = [text.listed(told)] if told else []
        if late:
            latest = [f"{names[code]} {count}" for code, count in sorted(late.items(), key=lambda one: -one[1])]
            count = sum(late.values())
            told.append(say(f"填报逾期 {count} 项：", f"{count} figures late: ") + text.listed(latest))
        who = len({*silent, *late})
        return _item(
            "unreported",
            "act",
            say(f"{who} 个镇街有未报数据", f"Not reported: {who} of the townships"),
            say("；", "; ").join(told),
            say("查看这些镇街", "See these townships"),
        )
    # An area that nobody reported says nothing about anybody.
    everyone = view.measured(list(VOLUMES.values()), (), replace(view.scope, start=view.scope.end, townships=None))
    told = [area for area, code in VOLUMES.items() if not math.isnan(everyone[code].iloc[0])]
    if not told:
        return _item("unreported", "missing", say(f"{month}没有任何数据", f"No data for {month}"))
    areas = [area_name(area) for area in told]
    of = "" if len(told) == len(VOLUMES) else say("、".join(areas), ", ".join(areas).lower())
    if alone := view.chosen or (next(iter(names.values())) if len(names) == 1 else None):
        return _item(
            "unreported",
            "good",
            say(f"{month}{alone}已上报{of}", f"{alone} reported {of or 'all'} for {month}"),
        )
    things = titles.townships_of(view)
    everybody = things.all_en[:1].upper() + things.all_en[1:]
    return _item(
        "unreported",
        "good",
        say(f"{month}{things.all_zh}均已上报{of}", f"{everybody} reported {of or 'all'} for {month}"),
    )
