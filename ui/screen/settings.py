"""What the address of the meeting-room screen asks for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from starlette.datastructures import QueryParams

from data_access.areas import AREAS, OVERVIEW
from data_access.model.area import ScreenView
from data_access.problems import Problem
from data_access.settings.kept import Rotation
from ui.asking.address import SHARED, excerpt, read

# What the screen shows, by the page that it belongs to; the evaluation and the decisions are drawn in their own ways.
SUBJECTS: dict[str, ScreenView] = {
    "overview": OVERVIEW,
    **{area.page: area.screen for area in AREAS.values() if area.screen},
    "evaluation": ScreenView((), "", ()),
    "decisions": ScreenView((), "", ()),
}
_ROTATIONS = ("page", "street")
_WHOLE = ("evaluation", "decisions")


class ScreenProblem(Problem):
    """A parameter in the address that says nothing."""


@dataclass(frozen=True)
class Settings:
    """What the address asks for. ``every`` and ``refresh`` are seconds; ``filters`` are named as on every page.

    ``has_views``: views that somebody put on the screen are shown, too.
    """

    show: tuple[str, ...]
    by: str
    every: float
    refresh: float
    language: str
    filters: tuple[tuple[str, Any], ...]
    has_views: bool = False


def settings(given: QueryParams, own: Rotation | None = None) -> Settings:
    """Read the address; what it does not say is as the county has set it (``own``).

    Raises ScreenProblem for what is not a view, a number or a choice.
    """
    own = own or Rotation()
    # The evaluation compares all townships, and few have decisions: these do not rotate by them.
    unfit = _WHOLE if given.get("by") == "street" else ()
    of_county = tuple(name for name in own.show if name in SUBJECTS and name not in unfit) or tuple(SUBJECTS)

    def refuse(name: str, options: Sequence[str]) -> NoReturn:
        raise ScreenProblem(
            f"地址里的 {name}={excerpt(given[name])} 不对" + (f"，可用：{'、'.join(options)}。" if options else "。"),
            f"{name}={excerpt(given[name])} in the address is unknown"
            + (f"; use one of {', '.join(options)}." if options else "."),
        )

    def seconds(name: str, default: float, least: float) -> float:
        value = given.get(name, str(default))
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not least <= number <= 86_400:
            raise ScreenProblem(
                f"地址里的 {name}={excerpt(value)} 不对，应为 {least:g} 到 86400 的秒数。",
                f"{name}={excerpt(value)} in the address is wrong; it takes {least:g} to 86400 seconds.",
            )
        return number

    show = tuple(name for name in given.get("show", ",".join(of_county)).split(",") if name)
    if unknown := [name for name in show if name not in SUBJECTS]:
        raise ScreenProblem(
            f"地址里的 show 含有不认识的画面 {excerpt(unknown[0])}，可用：{'、'.join(SUBJECTS)}。",
            f"show in the address names an unknown view, {excerpt(unknown[0])}; use any of {', '.join(SUBJECTS)}.",
        )
    by = given.get("by", _ROTATIONS[0])
    if by not in _ROTATIONS:
        refuse("by", _ROTATIONS)
    if by == "street" and show[:1] and show[0] in _WHOLE:
        raise ScreenProblem(
            "月度评比和督办不能按镇街轮播，请把 show 换成别的画面。",
            "The evaluation and the decisions cannot rotate by township; let show begin with another view.",
        )
    filters, unknown = read(SHARED, {name: given.getlist(name) for name in given})
    if unknown:
        refuse(unknown[0], next(one.options for one in SHARED if one.name == unknown[0]))
    return Settings(
        show or tuple(SUBJECTS),
        by,
        seconds("every", own.every, 0.1),
        seconds("refresh", 60, 1),
        filters["lang"],
        tuple(filters.items()),
        has_views="show" not in given or show in ((), tuple(SUBJECTS)),
    )
