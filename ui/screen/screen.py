"""会议大屏: what the meeting-room screen shows, for a browser that nobody touches.

A page of its own beside Streamlit's: it asks for everything it rotates through in one answer, so that its numbers come
from one read, and keeps no session that could be lost over night. ``/screen`` is the page, ``/screen/content`` what it
shows; both take the same parameters (see :func:`settings`). In a browser's address the filters are named as on every
page.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlencode

import numpy as np
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    import pandas as pd

    from data_access.indicators import Indicator
    from ui.asking.view import View
    from ui.explore.answer import Answer

_FOLDER = Path(__file__).resolve().parents[1] / "browser"

# What asks the database is imported where it is used: the launcher imports this module, and Streamlit warns of caches that
# are made before it runs.

# A number of cases under this could be somebody's.
FEWEST_CASES = 5
_AREAS_OF_CASES = ("petitions", "grid")
# The townships listed where there are more: the first and the last ones.
_LISTED = 16


@dataclass(frozen=True)
class _Subject:
    """A view that the screen can show: its numbers, the indicator that ranks, and a count to split if there is one."""

    zh: str
    en: str
    headlines: tuple[str, ...]
    ranked: str
    decisions: tuple[str, ...]
    split: tuple[str, str] | None = None
    split_zh: str = ""
    split_en: str = ""


SUBJECTS = {
    "overview": _Subject(
        "总览",
        "Overview",
        ("received", "on_time_rate", "satisfaction_rate", "online_rate", "active_team_rate", "schedule_gap"),
        "on_time_rate",
        ("petitions", "cameras", "projects", "unreported"),
    ),
    "petitions": _Subject(
        "群众诉求",
        "Petitions",
        ("received", "on_time_rate", "resolved_rate", "satisfaction_rate", "false_closure_rate", "cases_per_10k"),
        "satisfaction_rate",
        ("petitions",),
        ("received", "category_1"),
        "诉求最多的类别",
        "Most frequent categories",
    ),
    "cameras": _Subject(
        "雪亮监控",
        "Cameras",
        ("cameras", "online_rate", "working_rate", "offline_24h", "repair_hours", "village_coverage"),
        "online_rate",
        ("cameras",),
        ("outages", "cause"),
        "故障原因",
        "Causes of outages",
    ),
    "volunteers": _Subject(
        "志愿队伍",
        "Volunteer teams",
        ("teams", "volunteers", "registered_rate", "active_team_rate", "activities", "hours_per_team"),
        "active_team_rate",
        ("unreported",),
    ),
    "rural_projects": _Subject(
        "乡村项目",
        "Rural projects",
        ("projects", "started_rate", "completed_rate", "investment_rate", "schedule_gap", "behind"),
        "schedule_gap",
        ("projects",),
    ),
    "evaluation": _Subject("月度评比", "Monthly evaluation", (), "", ()),
}
_ROTATIONS = ("page", "street")


class ScreenProblem(Exception):
    """A parameter in the address that says nothing."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Settings:
    """What the address asks for. ``every`` and ``refresh`` are seconds; ``filters`` are named as on every page."""

    show: tuple[str, ...]
    by: str
    every: float
    refresh: float
    language: str
    filters: tuple[tuple[str, Any], ...]


def settings(given: QueryParams) -> Settings:
    """Read the address. Raises ScreenProblem for what is not a view, a number or a choice."""
    from ui.asking.address import SHARED, read

    def refuse(name: str, options: Sequence[str]) -> NoReturn:
        raise ScreenProblem(
            f"地址里的 {name}={given[name]} 不对" + (f"，可用：{'、'.join(options)}。" if options else "。"),
            f"{name}={given[name]} in the address is unknown"
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
                f"地址里的 {name}={value} 不对，应为 {least:g} 到 86400 的秒数。",
                f"{name}={value} in the address is wrong; it takes {least:g} to 86400 seconds.",
            )
        return number

    show = tuple(name for name in given.get("show", ",".join(SUBJECTS)).split(",") if name)
    if unknown := [name for name in show if name not in SUBJECTS]:
        raise ScreenProblem(
            f"地址里的 show 含有不认识的画面 {unknown[0]}，可用：{'、'.join(SUBJECTS)}。",
            f"show in the address names an unknown view, {unknown[0]}; use any of {', '.join(SUBJECTS)}.",
        )
    by = given.get("by", _ROTATIONS[0])
    if by not in _ROTATIONS:
        refuse("by", _ROTATIONS)
    if by == "street" and show[:1] == ("evaluation",):
        raise ScreenProblem(
            "月度评比不能按镇街轮播，请把 show 换成别的画面。",
            "The evaluation cannot rotate by township; let show begin with another view.",
        )
    filters, unknown = read(SHARED, {name: given.getlist(name) for name in given})
    if unknown:
        refuse(unknown[0], next(one.options for one in SHARED if one.name == unknown[0]))
    return Settings(
        show or tuple(SUBJECTS),
        by,
        seconds("every", 20, 0.1),
        seconds("refresh", 60, 1),
        filters["lang"],
        tuple(filters.items()),
    )


# --- What it shows --------------------------------------------------------------------------------


def content(wanted: Settings) -> dict[str, Any]:
    """Everything the screen rotates through, from one version of the data.

    Raises DatabaseProblem while there is nothing to show, ScreenProblem for townships or months that are not there.
    """
    from data_access import cache as answers

    while True:
        data = answers.data_key()
        found = _content(data, wanted)
        if answers.data_key() == data:
            break
    outage = answers.outage()
    return {**found, "build": build(), "outage": f"{outage.since:%H:%M}" if outage else None}


@lru_cache(maxsize=64)
def _content(data: int, wanted: Settings) -> dict[str, Any]:
    from ui.asking.sentences import as_of_sentence
    from ui.text import say, written_in

    with written_in(wanted.language):
        view = _view(data, wanted)
        if wanted.by == "street":
            codes = view.scope.townships or tuple(view.county.names)
            frames = [_frame(_at(view, code), wanted.show[0]) for code in codes]
        else:
            frames = [_frame(view, name) for name in wanted.show]
            if wanted.show == tuple(SUBJECTS):
                frames += _saved_frames(view)
        return {
            "frames": frames,
            "county": view.county.name,
            "asOf": as_of_sentence(view.county),
            "sample": say("示例数据", "Sample data") if view.county.is_sample else None,
            "every": wanted.every,
            "refresh": wanted.refresh,
            "words": {
                "next": say("下一屏", "Next"),
                "paused": say("已暂停，一分钟无操作后继续", "Paused; goes on after a minute"),
                "away": say("暂时连不上，显示最近一次的数字", "Out of reach; showing the last figures"),
                "database": say(
                    "数据库暂时连不上，显示最近一次的数字", "Database out of reach; showing the last figures"
                ),
                "since": say("自", "since"),
                "unit": say("单位：", "unit: "),
            },
        }


def _at(view: View, code: str) -> View:
    """The same view of one township."""
    return replace(view, scope=replace(view.scope, townships=(code,)))


def _view(data: int, wanted: Settings) -> View:
    from data_access import cache as answers
    from ui.asking.address import in_county, scope_of
    from ui.asking.view import View

    county = answers.county()
    if county.townships.empty or not county.months:
        raise ScreenProblem(
            "数据库里还没有数据，请先在“数据导入”页装入。", "No data yet: load some on the import page."
        )
    asked = dict(wanted.filters)
    filters, unknown = in_county(asked, county)
    if "street" in unknown:
        name = next(name for name in asked["street"] if name not in filters["street"])
        raise ScreenProblem(f"没有镇街“{name}”。", f"There is no township {name}.")
    if unknown:
        raise ScreenProblem(
            f"没有 {asked[unknown[0]]} 的数据，可选 {county.months[0]} 至 {county.months[-1]}。",
            f"No data for {asked[unknown[0]]}; there are {county.months[0]} to {county.months[-1]}.",
        )
    return View(county, data, wanted.language, scope_of(filters, county), filters["compare"])


def _frame(view: View, name: str) -> dict[str, Any]:
    from ui.asking.sentences import filter_sentence
    from ui.cards.overview import attention_items
    from ui.text import say

    subject = SUBJECTS[name]
    place = view.chosen or ""
    frame = {
        "key": f"{name} {place}",
        "title": " · ".join(part for part in (place, say(subject.zh, subject.en)) if part),
        "filters": filter_sentence(view),
        "leave": ("./" if name == "overview" else name) + _query(view),
    }
    if name == "evaluation":
        return frame | _evaluation(view)
    charts = [_ranking(view, subject.ranked), _trend(view, subject.ranked)]
    if subject.split and (split := _split(view, subject)):
        charts.append(split)
    decisions = [
        {"state": item["state"], "found": item["found"], "detail": item.get("detail", "")}
        for item in attention_items(view, fewest_cases=FEWEST_CASES)
        if item["name"] in subject.decisions
    ]
    # What needs a decision first; the screen has room for three.
    decisions.sort(key=lambda item: item["state"] != "act")
    return frame | {"decisions": decisions[:3], "cards": _cards(view, subject.headlines), "charts": charts}


def _saved_frames(view: View) -> list[dict[str, Any]]:
    """The views that somebody put on the screen: their totals, and the largest groups of each indicator."""
    from ui.asking.sentences import filter_sentence
    from ui.explore.saved_views import placed, quick_answer

    frames = []
    for saved in placed(view, "screen"):
        answer = quick_answer(saved, view)
        if answer is None or not len(answer.now[()]):
            continue
        charts = [chart for indicator in answer.indicators[:2] if (chart := _groups(answer, indicator))]
        frames.append(
            {
                "key": f"view {saved.id}",
                "title": saved.name,
                "filters": filter_sentence(answer.view),
                "leave": f"explore?view={saved.id}",
                "decisions": [],
                "cards": _answer_cards(answer),
                "charts": charts,
            }
        )
    return frames


def _answer_cards(answer: Answer) -> list[dict[str, Any]]:
    import pandas as pd

    from ui.cards.indicators import kpi_card

    cards: list[dict[str, Any]] = []
    for indicator in answer.indicators:
        names = [indicator.code, f"{indicator.code}:n", f"{indicator.code}:d"]
        now = answer.now[()].iloc[0].reindex(names)
        then = answer.then[()].iloc[0].reindex(names) if answer.then and len(answer.then[()]) else None
        was_small = then is not None and _is_small(indicator, then)
        if _is_small(indicator, now):
            cards.append(_small_card(indicator))
            continue
        card = kpi_card(indicator, now, None if was_small else then, pd.Series(dtype=float))
        cards.append({part: card[part] for part in card if part not in ("help", "line")})
    return cards


def _small_card(indicator: Indicator) -> dict[str, Any]:
    from ui import text
    from ui.text import say

    value = say(f"{text.under(FEWEST_CASES)} 件", text.under(FEWEST_CASES))
    return {"name": text.name(indicator), "value": value, "tone": "plain"}


def _groups(answer: Answer, indicator: Indicator) -> dict[str, Any] | None:
    """The largest groups of an answer by its first dimension, or its course over months."""
    from data_access.exploring.dimensions import DIMENSIONS
    from ui import text

    if not answer.choice.by:
        return None
    dimension = answer.choice.by[0]
    table = _without_small(answer.now[(dimension,)].reset_index(), indicator)
    name = text.name(indicator)
    if dimension == "month":
        course = table.set_index("month").reindex(answer.view.scope.months)[indicator.code]
        return _course(answer.view, indicator, course, name)
    if DIMENSIONS[dimension].kind == "name":
        table = table.sort_values("whole", ascending=False).head(8)
    largest = float(table[indicator.code].max())
    rows = [
        {
            "name": answer.label(dimension, row[dimension]),
            "text": _told(indicator, row),
            "share": None
            if row["small"] or math.isnan(row[indicator.code]) or not largest > 0
            else round(max(0.0, row[indicator.code]) / largest, 4),
        }
        for row in table.to_dict("records")
    ]
    return {"kind": "bars", "title": text.axis_title(indicator), "rows": rows} if rows else None


def _query(view: View) -> str:
    from ui.asking.address import SHARED, default_period, written

    scope, (first, last) = view.scope, default_period(view.county)
    filters = {
        "street": [view.county.names[code] for code in scope.townships],
        "from": scope.start if scope.start != first else None,
        "to": scope.end if scope.end != last else None,
        "compare": view.compare,
        "lang": view.language,
    }
    query = urlencode(written(SHARED, filters), doseq=True)
    return f"?{query}" if query else ""


def _is_small(indicator: Indicator, row: Any) -> bool:
    """Whether a figure tells of fewer cases than may be told of."""
    if indicator.area not in _AREAS_OF_CASES:
        return False
    numerator, denominator = float(row[f"{indicator.code}:n"]), float(row[f"{indicator.code}:d"])
    if indicator.is_percentage:
        return 0 < denominator < FEWEST_CASES
    return 0 < numerator < FEWEST_CASES or (indicator.is_ratio and 0 < denominator < FEWEST_CASES)


def _without_small(table: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """The table with ``small`` for figures of too few cases, which are then not in the indicator's column.

    ``whole`` keeps them: who is first, how many miss the target and what is ordered by it do not depend on it.
    """
    small = np.array([_is_small(indicator, row) for row in table.to_dict("records")], dtype=bool)
    shown = table.assign(small=small, whole=table[indicator.code])
    shown[indicator.code] = shown[indicator.code].mask(shown["small"])
    return shown


def _cards(view: View, codes: Sequence[str]) -> list[dict[str, Any]]:
    import pandas as pd

    from ui.cards.indicators import kpi_card

    now = view.measured(codes).iloc[0]
    then = view.measured(codes, (), view.compared).iloc[0] if view.compared else None
    cards: list[dict[str, Any]] = []
    for code in codes:
        indicator = view.county.indicator(code)
        was_small = then is not None and _is_small(indicator, then)
        card = kpi_card(indicator, now, None if was_small else then, pd.Series(dtype=float))
        if _is_small(indicator, now):
            card = _small_card(indicator)
        cards.append({part: card[part] for part in card if part not in ("help", "line")})
    return cards


def _told(indicator: Indicator, row: Any) -> str:
    from ui import text

    if row["small"]:
        return text.under(FEWEST_CASES)
    if math.isnan(row[indicator.code]):
        return text.absence(indicator, row)
    return text.value(indicator, row[indicator.code], with_unit=indicator.is_percentage)


def _ranking(view: View, code: str) -> dict[str, Any]:
    from ui import text
    from ui.asking.sentences import unfinished_words
    from ui.cards.indicators import ranked
    from ui.text import titles

    indicator = view.county.indicator(code)
    # Places are those of all: what is hidden of the small ones is their figures.
    whole = ranked(view.by_township([code]), indicator)
    table = _without_small(whole, indicator)
    known = table.dropna(subset=["place"])
    named = [*known["small"].iloc[[0, -1]], *table.loc[table["name"] == view.chosen, "small"]] if len(known) else []
    # A sentence would give away the figure of whom it names.
    title = text.axis_title(indicator) if any(named) else titles.ranking(view, indicator, whole)
    title += unfinished_words(view.county, view.scope.end, [indicator.data_area])
    scale = _Scale(indicator.target if text.target_label(indicator) else None, table[code], indicator.is_percentage)
    rows = [
        _row(
            view,
            row["name"],
            None if row["small"] else row["place"],
            scale.marks(row[code]),
            _told_of_period(indicator, row),
            missed=indicator.misses_target(row[code]),
        )
        for row in table.to_dict("records")
    ]
    return {
        "kind": "ranking",
        "title": title,
        "unit": None if indicator.is_percentage else text.unit(indicator),
        "rows": _first_and_last(rows),
        **scale.anchor_mark(text.target_label(indicator), lambda value: text.value(indicator, value)),
    }


def _row(
    view: View, name: str, place: Any, marks: dict[str, float], told: str, *, missed: bool = False
) -> dict[str, Any]:
    """A township in a ranking; ``place`` may be missing."""
    import pandas as pd

    return {
        "name": name,
        "place": None if pd.isna(place) else int(place),
        "text": told,
        **marks,
        "missed": missed,
        "chosen": name == view.chosen,
    }


def _told_of_period(indicator: Indicator, row: Any) -> str:
    """The figure and, where it lacks months of the period, which; such a township has no place."""
    from ui import text
    from ui.text import say

    told, months = _told(indicator, row), row[f"{indicator.code}:missing"]
    if not months or math.isnan(row["whole"]):
        return told
    return say(f"{told}（{text.months_left_out(months)}）", f"{told} ({text.months_left_out(months)})")


class _Scale:
    """Where the marks of a ranking stand, as shares of the room: bars from zero, or dots tied to what they are held to.

    The pages' rankings decide alike (:func:`ui.scales.anchor`).
    """

    def __init__(self, target: float | None, values: pd.Series[float], is_share: bool) -> None:
        from ui.charts.scales import anchor

        self._target = target
        self._anchor = anchor(values, target, is_share=is_share)
        known = [*values.dropna(), *([0.0] if self._anchor is None else [self._anchor])]
        self._low, self._high = min(known), max(known)

    def _at(self, value: float) -> float:
        return round(float(value - self._low) / float(self._high - self._low or 1), 4)

    def marks(self, value: float) -> dict[str, float]:
        """Where a bar, or the line that ties a dot, begins and how long it is; ``dot``: at which end of it one stands."""
        if math.isnan(value) or not self._high > self._low:
            return {} if math.isnan(value) or self._anchor is None else {"start": 0.0, "share": 0.0, "dot": 0.0}
        at, foot = self._at(value), self._at(0.0 if self._anchor is None else self._anchor)
        marks = {"start": min(at, foot), "share": round(abs(at - foot), 4)}
        return marks if self._anchor is None else marks | {"dot": at}

    def anchor_mark(self, target: str | None, told: Callable[[float], str]) -> dict[str, Any]:
        """Where the line stands that the dots are tied to, and its words; nothing for bars."""
        from ui.text import say

        if self._anchor is None:
            return {}
        middle = say(f"中位数 {told(self._anchor)}", f"median {told(self._anchor)}")
        words = middle if self._target is None else target
        return {"anchor": {"at": self._at(self._anchor), "text": words, "target": self._target is not None}}


def _first_and_last(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(rows) <= _LISTED:
        return rows
    half = _LISTED // 2
    middle = [row for row in rows[half:-half] if row["chosen"]]
    return [*rows[:half], *(middle or [{"gap": True}]), *rows[-half:]]


def _trend(view: View, code: str) -> dict[str, Any]:
    from ui import text
    from ui.cards.indicators import unfinished_months
    from ui.text import titles

    indicator = view.county.indicator(code)
    # One month has no course: it is shown as the last of twelve, and said.
    is_one = len(view.scope.months) == 1
    scope = view.scope.last_months(12) if is_one else view.scope
    table = _without_small(view.measured([code], ("month",), scope), indicator).set_index("month").reindex(scope.months)
    whole = table["whole"]
    known = whole.dropna()
    named = [known.idxmin(), known.idxmax(), known.index[-1]] if len(known) else []
    is_told = not table.loc[named, "small"].any()
    # What an unfinished month is so far, is neither the latest nor the lowest; that it is unfinished is said beside.
    unfinished = unfinished_months(view, indicator, scope.months)
    finished = whole[[at not in unfinished for at in range(len(whole))]]
    title = text.axis_title(indicator)
    if is_told:
        title = titles.course(indicator, finished if finished.notna().any() else whole)
    return _course(view, indicator, table[code], title, are_last_twelve=is_one)


def _course(
    view: View, indicator: Indicator, course: pd.Series[float], title: str, *, are_last_twelve: bool = False
) -> dict[str, Any]:
    """A line over months with its axis."""
    from ui import text
    from ui.cards.indicators import short_months, unfinished_months
    from ui.charts.scales import line_scale, ticks
    from ui.text import say

    target = indicator.target if text.target_label(indicator) else None
    unfinished = unfinished_months(view, indicator, course.index)
    labels = short_months(course.index)
    low, high = line_scale(course, indicator)
    if target is not None:
        low, high = min(low, target), max(high, target)
    return {
        "kind": "trend",
        "title": title,
        "period": say("近 12 个月", "last 12 months") if are_last_twelve else None,
        "labels": labels,
        "unfinished": list(unfinished),
        "unfinishedText": say("、", ", ").join(
            f"{labels[at]}{say('', ' ')}{words}" for at, words in unfinished.items()
        ),
        "values": [None if math.isnan(value) else value for value in course],
        "texts": [text.value(indicator, value, with_unit=indicator.is_percentage) for value in course],
        "scale": [low, high],
        "axis": [[at, _on_axis(indicator, at)] for at in ticks(low, high)],
        "unit": None if indicator.is_percentage else text.unit(indicator),
        "target": target,
        "targetText": text.target_label(indicator),
    }


def _on_axis(indicator: Indicator, value: float) -> str:
    from ui import text

    return f"{value:g}%" if indicator.is_percentage else text.number(value, 0 if float(value).is_integer() else 1)


def _split(view: View, subject: _Subject) -> dict[str, Any] | None:
    from ui import text
    from ui.text import say

    assert subject.split is not None  # noqa: S101  # for the type checker
    code, dimension = subject.split
    indicator = view.county.indicator(code)
    table = view.measured([code], (dimension,)).dropna(subset=[code]).sort_values(code, ascending=False).head(5)
    if table.empty:
        return None
    table = _without_small(table, indicator)
    first = table[table["whole"] == table["whole"].max()][dimension].tolist()
    largest = float(table[code].max())
    rows = [
        {
            "name": row[dimension] or say("不详", "unknown"),
            "text": _told(indicator, row),
            "share": None if row["small"] else round(row[code] / largest, 4),
        }
        for row in table.to_dict("records")
    ]
    title = say(subject.split_zh, subject.split_en)
    # What has no name leads nothing, nor do several.
    leader = first[0] if len(first) == 1 else ""
    return {
        "kind": "bars",
        "title": f"{title}{say('：', ': ')}{leader}" if leader else title,
        "unit": text.unit(indicator),
        "rows": rows,
    }


def _evaluation(view: View) -> dict[str, Any]:
    from data_access.evaluation.schemes import SchemeProblem
    from ui import text
    from ui.evaluation.cards import absence, headline, month_shown, named_month, result, schemes_of_month, state_of
    from ui.text import say

    month = view.scope.end
    try:
        known = schemes_of_month(view, month)
    except SchemeProblem:
        known = ()
    if not known:
        found = say(f"{text.month_name(month)}没有有效的评比方案", f"No scheme is valid in {text.month_name(month)}")
        return {"decisions": [{"state": "missing", "found": found, "detail": ""}], "cards": [], "charts": []}
    month = month_shown(view, known[0])
    scheme = next((one for one in schemes_of_month(view, month) if one.id == known[0].id), known[0])
    told = result(view, scheme, month)
    charts = []
    for league, rows in list(told.shown.table().groupby("league", sort=False))[:3]:
        # Points out of a hundred are as alike as shares.
        scale = _Scale(None, rows["score"], is_share=True)
        charts.append(
            {
                "kind": "ranking",
                "title": league,
                "unit": say("分", "points"),
                "rows": _first_and_last(
                    [
                        _row(
                            view,
                            name,
                            place,
                            scale.marks(score),
                            # The room is for one: who has no place is told why.
                            text.number(score, 1) if standing in ("ranked", "unfinished") else absence(standing),
                        )
                        for name, place, score, standing in zip(
                            rows["name"], rows["place"], rows["score"], rows["standing"], strict=True
                        )
                    ]
                ),
                **scale.anchor_mark(None, lambda score: say(f"{score:.1f} 分", f"{score:.1f}")),
            }
        )
    lead = named_month(told) + say("：", ": ")
    decisions = [
        {"state": "plain", "found": lead + headline(told), "detail": f"{say(scheme.zh, scheme.en)} · {state_of(told)}"}
    ]
    return {"decisions": decisions, "cards": [], "charts": charts}


# --- The page -------------------------------------------------------------------------------------


@cache
def _file(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


@cache
def build() -> str:
    """Changes with the page's own files: an open screen loads itself anew after an update."""
    return hashlib.sha256((_file("screen.js") + _file("screen.css")).encode()).hexdigest()[:16]


async def _send_page(_request: Request) -> HTMLResponse:
    # One answer holds all of it: once it is there, nothing but the figures has to come over the network.
    return HTMLResponse(
        "<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'><meta name='robots' content='noindex'>"
        f"<title>会议大屏</title><link rel='icon' href='data:,'><style>{_file('screen.css')}</style></head>"
        f"<body><main></main><script type='module'>{_file('screen.js')}</script></body></html>",
        headers={"Cache-Control": "no-store"},
    )


async def _send_content(request: Request) -> Response:
    from anyio import to_thread

    from data_access.database import DatabaseProblem

    def answer() -> tuple[int, dict[str, Any]]:
        try:
            return 200, content(settings(request.query_params))
        except ScreenProblem as problem:
            return 400, {"problem": problem.en if request.query_params.get("lang") == "en" else problem.zh}
        except DatabaseProblem as problem:
            return 503, {"problem": problem.en if request.query_params.get("lang") == "en" else problem.zh}

    status, told = await to_thread.run_sync(answer)
    return Response(
        json.dumps(told, ensure_ascii=False, allow_nan=False),
        status,
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )


screen_routes = [Route("/screen", _send_page), Route("/screen/content", _send_content)]
