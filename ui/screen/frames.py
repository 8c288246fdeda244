"""Everything that the screen rotates through, from one version of the data."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from data_access import cache
from data_access.access import NotAllowed, Viewer
from data_access.evaluation.schemes import SchemeProblem
from ui import text
from ui.asking.address import SHARED, default_period, excerpt, in_county, scope_of, written
from ui.asking.sentences import as_of_sentence, filter_sentence, townships_words
from ui.asking.view import View
from ui.cards.attention import attention_items
from ui.evaluation.cards import headline, month_shown, named_month, result, schemes_of_month, state_of
from ui.explore.saved_views import placed, quick_answer
from ui.frame.pages import page_name
from ui.screen.decisions import decisions_parts, has_decisions
from ui.screen.drawings import (
    Scale,
    answer_cards,
    first_and_last,
    group_drawing,
    headline_cards,
    map_drawing,
    ranking_drawing,
    ranking_row,
    split_drawing,
    trend_drawing,
)
from ui.screen.settings import SUBJECTS, ScreenProblem, Settings
from ui.screen.small_counts import FEWEST_CASES
from ui.text import say, written_in

# So many leagues stand beside each other.
_LEAGUES = 3


def content(wanted: Settings, viewer: Viewer) -> dict[str, Any]:
    """Everything the screen rotates through, from one version of the data.

    Raises DatabaseProblem while there is nothing to show, ScreenProblem for townships or months that are not there.
    """
    while True:
        data = cache.data_key()
        found = _content(data, wanted, viewer)
        if cache.data_key() == data:
            break
    outage = cache.outage()
    return {**found, "outage": f"{outage.since:%H:%M}" if outage else None}


@lru_cache(maxsize=64)
def _content(data: int, wanted: Settings, viewer: Viewer) -> dict[str, Any]:
    with written_in(wanted.language):
        view = _view(data, wanted, viewer)
        if wanted.by == "street":
            frames = [_frame(_at(view, code), wanted.show[0]) for code in view.townships]
        else:
            # Where nothing was decided, there is nothing to show of it between other frames.
            shown = [name for name in wanted.show if name != "decisions" or has_decisions(view)]
            frames = [_frame(view, name) for name in shown or wanted.show]
            if wanted.has_views:
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
                "ask": say("问一句话，回车看答案，Esc 返回", "Ask in a sentence, then Enter; Esc goes back"),
                "choose": say("有几种意思，上下键选，回车看答案", "Several are meant: arrows choose, Enter answers"),
                "wait": say("正在准备…", "Getting ready…"),
                "lost": say("没看懂：", "Not understood: "),
                "back": say("Esc 返回轮播", "Esc goes back to the views"),
            },
        }


def _at(view: View, code: str) -> View:
    """The same view of one township."""
    return replace(view, scope=replace(view.scope, townships=(code,)))


def _view(data: int, wanted: Settings, viewer: Viewer) -> View:
    county = cache.county(viewer)
    if county.townships.empty or not county.months:
        raise ScreenProblem(
            "数据库里还没有数据，请先在“数据导入”页装入。", "No data yet: load some on the import page."
        )
    asked = dict(wanted.filters)
    filters, unknown = in_county(asked, county)
    if "street" in unknown:
        name = excerpt(next(name for name in asked["street"] if name not in filters["street"]))
        raise ScreenProblem(f"没有镇街“{name}”。", f"There is no township {name}.")
    if unknown:
        month = excerpt(asked[unknown[0]])
        raise ScreenProblem(
            f"没有 {month} 的数据，可选 {county.months[0]} 至 {county.months[-1]}。",
            f"No data for {month}; there are {county.months[0]} to {county.months[-1]}.",
        )
    return View(county, data, wanted.language, scope_of(filters, county, viewer), filters["compare"])


def _frame(view: View, name: str) -> dict[str, Any]:
    subject = SUBJECTS[name]
    place = view.chosen or ""
    frame = {
        "key": f"{name} {place}",
        "title": " · ".join(part for part in (place, page_name(name)) if part),
        "filters": filter_sentence(view),
        "leave": ("./" if name == "overview" else name) + _query(view),
    }
    if name == "evaluation":
        return frame | _evaluation_frame(view)
    if name == "decisions":
        return frame | {"filters": townships_words(view)} | decisions_parts(view)
    charts = [ranking_drawing(view, subject.ranked), trend_drawing(view, subject.ranked)]
    if name == "overview" and (drawn := map_drawing(view, subject.ranked)):
        charts.insert(1, drawn)
    if subject.split and (split := split_drawing(view, subject)):
        charts.append(split)
    decisions = [
        {"state": item["state"], "found": item["found"], "detail": item.get("detail", "")}
        for item in attention_items(view, fewest_cases=FEWEST_CASES)
        if item["name"] in subject.decisions
    ]
    # What needs a decision first; the screen has room for three.
    decisions.sort(key=lambda item: item["state"] != "act")
    return frame | {"decisions": decisions[:3], "cards": headline_cards(view, subject.headlines), "charts": charts}


def _saved_frames(view: View) -> list[dict[str, Any]]:
    """The views that somebody put on the screen: their totals, and the largest groups of each indicator."""
    frames = []
    for saved in placed(view, "screen"):
        answer = quick_answer(saved, view)
        if answer is None or not len(answer.now[()]):
            continue
        charts = [chart for indicator in answer.indicators[:2] if (chart := group_drawing(answer, indicator))]
        frames.append(
            {
                "key": f"view {saved.id}",
                "title": saved.name,
                "filters": filter_sentence(answer.view),
                "leave": f"explore?view={saved.id}",
                "decisions": [],
                "cards": answer_cards(answer),
                "charts": charts,
            }
        )
    return frames


def _query(view: View) -> str:
    scope, (first, last) = view.scope, default_period(view.county)
    filters = {
        "street": [view.county.names[code] for code in scope.townships or ()],
        "from": scope.start if scope.start != first else None,
        "to": scope.end if scope.end != last else None,
        "compare": view.compare,
        "lang": view.language,
    }
    query = urlencode(written(SHARED, filters), doseq=True)
    return f"?{query}" if query else ""


def _evaluation_frame(view: View) -> dict[str, Any]:
    month = view.scope.end
    found = say(f"{text.month_name(month)}没有有效的评比方案", f"No scheme is valid in {text.month_name(month)}")
    try:
        known = schemes_of_month(view, month)
    except SchemeProblem:
        known = ()
    except NotAllowed as problem:
        known, found = (), say(problem.zh, problem.en)
    if not known:
        return {"decisions": [{"state": "missing", "found": found, "detail": ""}], "cards": [], "charts": []}
    month = month_shown(view, known[0])
    scheme = next((one for one in schemes_of_month(view, month) if one.id == known[0].id), known[0])
    told = result(view, scheme, month)
    charts = []
    leagues = list(told.shown.table().groupby("league", sort=False))
    for league, rows in leagues[:_LEAGUES]:
        is_ranked = rows["place"].notna().sum() > 1
        # Points out of a hundred are as alike as shares.
        scale = Scale(None, rows["score"], is_share=True)
        charts.append(
            {
                "kind": "ranking",
                "title": league,
                "unit": say("分", "points"),
                "rows": first_and_last(
                    [
                        ranking_row(
                            view,
                            name,
                            place if is_ranked else None,
                            scale.marks(score),
                            # The room is for one: who has no place is told why.
                            text.number(score, 1)
                            if standing in ("ranked", "unfinished")
                            else text.without_place(standing),
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
    detail = f"{say(scheme.zh, scheme.en)} · {state_of(told)}"
    if (count := len(leagues)) > _LEAGUES:
        detail += say(f" · {count} 组中列出前 {_LEAGUES} 组", f" · {_LEAGUES} of {count} leagues are shown")
    decisions = [{"state": "plain", "found": lead + headline(told), "detail": detail}]
    return {"decisions": decisions, "cards": [], "charts": charts}
