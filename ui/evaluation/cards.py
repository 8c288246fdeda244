"""The cards of the monthly evaluation: scores and places, why they changed, what would gain one, how sure they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from data_access import cache
from data_access.access import Viewer
from data_access.areas import AREAS
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.lists import CaseFilter
from data_access.evaluation.explanation import BY_HAND, Gain, gains, moves, overtaken
from data_access.evaluation.finished import last_finished
from data_access.evaluation.monthly import Course, Month, course, offered
from data_access.evaluation.records import Frozen, differences
from data_access.evaluation.schemes import Criterion, Scheme, load_schemes, own_folder
from data_access.evaluation.scoring import Evaluation
from data_access.evaluation.uncertainty import (
    TAIL_95,
    TAIL_998,
    PlaceRange,
    funnel,
    places_under_other_weights,
    plausible_places,
    streaks,
    wilson,
)
from data_access.indicators import INDICATORS
from data_access.kept_results import kept
from data_access.model.measured import NO_BUSINESS, UNRECORDED, UNREPORTED
from data_access.settings.kept import kept_schemes
from ui import charts, text
from ui.asking.address import default_period
from ui.asking.sentences import unfinished_words
from ui.asking.view import View
from ui.decisions.ways import way_to_decide
from ui.elements.chart import chart, show_chart
from ui.elements.element import LEAGUE_TABLE, as_content, show_way
from ui.text import Markdown, plain, say


@dataclass(frozen=True)
class Result:
    """A month's evaluation as the page shows it."""

    view: View
    scheme: Scheme
    month: str
    course: Course
    # Places that chance, and that other weights could give
    ranges: tuple[PlaceRange, PlaceRange]

    @property
    def now(self) -> Month:
        """Today's evaluation of the month."""
        return self.course.now

    @property
    def frozen(self) -> Frozen | None:
        """The newest kept version, draft or final."""
        return self.course.kept

    @property
    def shown(self) -> Evaluation:
        """The kept one where there is one, else today's."""
        return self.course.shown

    @property
    def previous(self) -> Evaluation | None:
        """The month before, if it can be compared."""
        return self.course.previous


def schemes(view: View) -> tuple[Scheme, ...]:
    """The schemes there are. Raises SchemeProblem."""
    # Read anew only when a file changes: each run of the page begins with it.
    stamps = tuple((path.name, path.stat().st_mtime_ns) for path in sorted(own_folder().glob("*.toml")))
    return _schemes(view, stamps)


@kept(8)
def _schemes(view: View, _stamps: tuple[tuple[str, int], ...]) -> tuple[Scheme, ...]:
    return load_schemes({**INDICATORS, **view.county.reported}, cache.answer(kept_schemes))


def schemes_of_month(view: View, month: str) -> tuple[Scheme, ...]:
    """The schemes to look at a month under, as they were when its results were kept; those first whose areas have data.

    Raises SchemeProblem, NotAllowed.
    """
    found = _offered(view.data, view.scope.viewer, schemes(view), month)
    return tuple(sorted(found, key=lambda scheme: len(set(scheme.areas) - view.county.as_of.keys())))


@kept(32)
def _offered(_data: int, viewer: Viewer, known: tuple[Scheme, ...], month: str) -> tuple[Scheme, ...]:
    return cache.fresh_answer(offered, viewer, known, month, {**INDICATORS, **cache.county(viewer).reported})


def month_shown(view: View, scheme: Scheme) -> str:
    """The filters' last month; where nobody has chosen it, the last one that is finished in the scheme's areas."""
    county, month = view.county, view.scope.end
    if month != default_period(county)[1]:
        return month
    last = last_finished(scheme, county.months, county.as_of)
    return last if last is not None and scheme.is_valid_in(last) else month


def result(view: View, scheme: Scheme, month: str) -> Result:
    """The month under the scheme, with the two before it."""
    return Result(view, scheme, month, *_evaluated(view.data, view.scope.viewer, schemes(view), scheme, month))


@kept(64)
def _evaluated(
    _data: int, viewer: Viewer, known: tuple[Scheme, ...], scheme: Scheme, month: str
) -> tuple[Course, tuple[PlaceRange, PlaceRange]]:
    found = cache.fresh_answer(course, viewer, known, scheme, month, {**INDICATORS, **cache.county(viewer).reported})
    return found, (plausible_places(found.shown), places_under_other_weights(found.shown))


def named_month(found: Result) -> str:
    """2023年8月评比；9月未完，至 6 日 where the scheme's data do not reach the end of the month."""
    month = text.month_name(found.month)
    name = say(f"{month}评比", f"Evaluation of {month}")
    if found.shown.unfinished is None:
        return name
    return name + unfinished_words(found.view.county, found.month, found.scheme.areas)


def ranks_nobody(found: Result) -> bool:
    """Whether a finished month is one in which the scheme's data are there for no township."""
    standings = set(found.shown.standing)
    return found.shown.unfinished is None and bool(standings) and standings <= {UNREPORTED, UNRECORDED, NO_BUSINESS}


def state_of(found: Result) -> str:
    """Whether what is shown is final, a draft for objections, or follows the data."""
    version = found.frozen
    if version is None or not version.is_intact:
        return say("未定版，数字随数据更新", "Not final; figures follow the data")
    if version.stage == "draft":
        return say(
            f"公示稿，{version.objections_until:%Y-%m-%d} 前可提异议",
            f"Draft; objections until {version.objections_until:%Y-%m-%d}",
        )
    return say("已定版", "Final")


def criterion_name(criterion: Criterion) -> str:
    """The criterion's name in the viewer's language."""
    return say(criterion.zh, criterion.en)


def _score(value: float) -> str:
    return text.NO_DATA if math.isnan(value) else f"{value:.2f}"


def _place(value: float) -> str:
    return text.NO_DATA if math.isnan(value) else f"{value:.0f}"


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _span(best: float, worst: float) -> str:
    if math.isnan(best):
        return text.NO_DATA
    return f"{best:.0f}" if best == worst else f"{best:.0f}–{worst:.0f}"


# --- Scores and places ----------------------------------------------------------------------------


def ranked_of(found: Result, league: str) -> list[int]:
    """The positions of a league's townships that have a place, the first first."""
    shown = found.shown
    own = [int(one) for one in shown.field.members[league] if not math.isnan(shown.place[one])]
    return sorted(own, key=lambda one: (shown.place[one], shown.field.codes[one]))


def is_ranked_alone(found: Result, code: str) -> bool:
    """Whether nobody else in a township's league has a place."""
    own = found.shown.position(code)
    return any(ranked_of(found, league) == [own] for league in found.shown.field.members)


def headline(found: Result) -> str:
    """Who leads each league, and who moved most since the month before."""
    shown, previous = found.shown, found.previous
    leaders = []
    for league in shown.field.members:
        own = ranked_of(found, league)
        first = text.listed([shown.field.names[one] for one in own if shown.place[one] == 1])
        if len(own) == 1:
            leaders.append(say(f"{league}：只有{first}有名次", f"{league}: {first} alone has a place"))
        elif own:
            leaders.append(say(f"{league}：{first}第一", f"{league}: {first} first"))
    if shown.unfinished is not None:
        return say("月份未完，不排名", "the month is unfinished: no places")
    parts = [say("；", "; ").join(leaders) or say("没有可排名的镇街", "No township can be ranked")]
    if previous is not None:
        rises = {
            code: previous.place[previous.position(code)] - shown.place[own]
            for own, code in enumerate(shown.field.codes)
            if code in previous.field.codes
        }
        rises = {code: rise for code, rise in rises.items() if not math.isnan(rise) and rise}
        if rises:
            best = max(rises, key=lambda code: rises[code])
            worst = min(rises, key=lambda code: rises[code])
            names = found.view.county.names
            if rises[best] > 0:
                parts.append(say(f"{names[best]}升 {rises[best]:.0f} 位", f"{names[best]} up {rises[best]:.0f}"))
            if rises[worst] < 0:
                parts.append(
                    say(f"{names[worst]}降 {-rises[worst]:.0f} 位", f"{names[worst]} down {-rises[worst]:.0f}")
                )
    return say("；", "; ").join(parts)


def show_leagues(found: Result) -> None:
    """A table for each league; a click on a row shows that township."""
    for league in found.shown.field.members:
        LEAGUE_TABLE.show(_league(found, league), f"evaluation {league}")


def _league(found: Result, league: str) -> bytes:
    shown, previous = found.shown, found.previous
    chance, weights = found.ranges
    columns: list[dict[str, Any]] = [
        {"title": say("名次", "Place"), "number": True},
        {"title": say("镇街", "Township")},
        {"title": say("得分", "Score"), "number": True},
        {"title": say("较上月", "Move"), "number": True, "help": say("名次升降", "Places gained or lost")},
        *(
            {
                "title": f"{criterion_name(one)} {one.weight:g}",
                "number": True,
                "help": rule_in_words(one),
            }
            for one in shown.criteria
        ),
        {"title": say("加减分", "By hand"), "number": True},
        {
            "title": say("可能名次", "Plausible"),
            "number": True,
            "help": say("样本偶然性之下 95% 的名次范围", "Places within 95% of chance"),
        },
        {
            "title": say("换权重", "Weights"),
            "number": True,
            "help": say("各权重在 ±10% 内变动时的名次范围", "Places when every weight moves by up to 10%"),
        },
    ]
    table, ways = shown.table(), found.view.ways_to_townships
    rows = []
    for row in table[table["league"] == league].to_dict("records"):
        own = shown.position(row["code"])
        rise = math.nan
        if previous is not None and row["code"] in previous.field.codes:
            rise = previous.place[previous.position(row["code"])] - row["place"]
        place = _place(row["place"]) if row["standing"] == "ranked" else text.without_place(row["standing"])
        if row["standing"] == UNREPORTED and not math.isnan(row["place"]):
            place = f"{place} {_place(row['place'])}"
        moved = text.NO_DATA if math.isnan(rise) else ("↑" if rise > 0 else "↓") + f"{abs(rise):.0f}" if rise else "="
        points = [row[one.key] for one in shown.criteria]
        rows.append(
            {
                "key": row["name"],
                "asks": ways[row["name"]],
                "hatched": not row["is_reported"],
                "cells": [
                    place,
                    row["name"],
                    _score(row["score"]),
                    moved,
                    *(
                        _score(row[one.key])
                        if row[one.key] == row[one.key]
                        else text.without_place(row[f"{one.key}:absent"])
                        for one in shown.criteria
                    ),
                    f"{row['by_hand']:+.2f}" if row["by_hand"] else "",
                    _span(chance.best[own], chance.worst[own]),
                    _span(weights.best[own], weights.worst[own]),
                ],
                "sort": [
                    _known(row["place"]),
                    row["name"],
                    _known(row["score"]),
                    _known(rise),
                    *(_known(one) for one in points),
                    float(row["by_hand"]),
                    _known(chance.worst[own]),
                    _known(weights.worst[own]),
                ],
            }
        )
    return as_content(
        title=say(f"{league}（{len(rows)}）", f"{league} ({len(rows)})"),
        columns=columns,
        rows=rows,
        chosen=found.view.chosen,
        note=_notes(found, table[table["league"] == league]),
    )


def _notes(found: Result, table: Any) -> str:
    """How the table is read, and which townships have no place and why."""
    small, standings = found.scheme.min_cases, set(table["standing"])
    told = [say("并列同名次", "ties share a place")]
    if UNREPORTED in standings:
        told.append(say("未报的列在排名之后", "who did not report is listed below the ranked"))
    if UNRECORDED in standings:
        told.append(
            say("未记录：来源没有这项指标所需的内容，不排名", "not recorded: no source has what is needed; unranked")
        )
    if "small" in standings:
        told.append(say(f"分母不足 {small} 的不排名", f"a denominator under {small} is not ranked"))
    if (table[[f"{one.key}:absent" for one in found.shown.criteria]] == NO_BUSINESS).any(axis=None):
        told.append(_no_business_in_words(found.scheme))
    told.append(say("点一行看该镇街", "click a row for its township"))
    sentence = say("；", "; ").join(told)
    return sentence[0].upper() + sentence[1:] + say("。", ".")


def _no_business_in_words(scheme: Scheme) -> str:
    return {
        "share": say("无业务的项，权重分给其余各项", "where nothing was due, the weight is shared among the rest"),
        "mean": say("无业务的项，取本组平均分", "where nothing was due, the league's mean stands"),
        "unranked": say("有无业务项的不排名", "where nothing was due, there is no place"),
    }[scheme.no_business]


def rule_in_words(criterion: Criterion) -> str:
    """How the criterion gives points."""
    indicator = criterion.indicator
    goal = f"{criterion.target:,.10g}%" if indicator.is_percentage else f"{criterion.target:,.10g}"
    if math.isnan(criterion.target):
        goal = say("目标", "the target")
    if own := len(criterion.own_targets):
        goal += say(f"（{own} 个镇街另有目标）", f" ({own} townships have their own)")
    weight, is_lower = f"{criterion.weight:g}", indicator.direction == "lower"
    if criterion.rule == "deduct":
        step = say("个百分点", "point") if indicator.is_percentage else text.unit(indicator)
        end = say(f"，最低 {criterion.floor:g} 分", f", at least {criterion.floor:g}") if criterion.floor else ""
        return say(
            f"满分 {weight}；比 {goal} 每{'高' if is_lower else '低'} 1 {step}扣 {criterion.per_point:g} 分{end}",
            f"{weight} points; {criterion.per_point:g} less for each {step} {'over' if is_lower else 'under'} {goal}{end}",
        )
    if criterion.rule == "attain":
        ratio = say(f"{goal} ÷ 数值", f"{goal} / value") if is_lower else say(f"数值 ÷ {goal}", f"value / {goal}")
        most = say(f"，至多 {criterion.cap:g} 倍", f", at most {criterion.cap:g} times") if criterion.cap != 1 else ""
        return say(f"{weight} × {ratio}，达标即满分{most}", f"{weight} × {ratio}, all of it on target{most}")
    return say(f"{weight} ×（组内家数 − 名次 + 1）÷ 家数", f"{weight} × (size - place + 1) / size in the league")


def _counts_cases(criterion: Criterion) -> bool:
    """Whether it is a share of things that happen one by one; hours of the same camera do not."""
    return criterion.indicator.is_percentage and not (criterion.indicator.denominator or "").startswith("hours")


# --- Why, for one township ------------------------------------------------------------------------


def focus(found: Result) -> str | None:
    """The code of the township looked at: the chosen one, else who fell furthest, else the last of the ranked."""
    shown, previous = found.shown, found.previous
    if found.view.chosen is not None:
        code = found.view.townships[0]
        return code if code in shown.field.codes else None
    known = [own for own in range(len(shown.field.codes)) if not math.isnan(shown.place[own])]
    if not known:
        return None

    def fall(own: int) -> float:
        code = shown.field.codes[own]
        if previous is None or code not in previous.field.codes:
            return 0.0
        return float(np.nan_to_num(shown.place[own] - previous.place[previous.position(code)]))

    return shown.field.codes[max(known, key=lambda own: (fall(own), shown.place[own]))]


def show_change(found: Result, code: str) -> None:
    """The change of the score since the month before, split into points per criterion."""
    content = _change(found, code)
    if content is None:
        st.caption(
            say("上月没有可比的得分。", "There is no score for the month before to compare with.")
            if found.shown.unfinished is None
            else say("月份未完，不与上月比。", "The month is unfinished and not compared.")
        )
    else:
        show_chart(content, "evaluation change")


def _change(found: Result, code: str) -> bytes | None:
    previous, shown = found.previous, found.shown
    if previous is None or code not in previous.field.codes:
        return None
    split = moves(previous, shown)
    row = split.astype(float).T[code]
    if math.isnan(row["change"]):
        return None
    names = {one.key: criterion_name(one) for one in (*previous.criteria, *shown.criteria)}
    names[BY_HAND] = say("加减分", "By hand")
    parts = row.drop("change").sort_values(key=lambda amounts: amounts.abs(), ascending=False)
    parts = parts[(parts != 0) | (parts.index != BY_HAND)]
    own, was = shown.position(code), previous.position(code)
    county = found.view.county.names
    name = county[code]
    passed, passed_by = overtaken(previous, shown, code)
    notes = []
    for others, words in ((passed, say("超过：", "Passed: ")), (passed_by, say("被超过：", "Passed by: "))):
        told = []
        for other in others[:4]:
            theirs = split.T[other]
            most = str(theirs.drop("change").abs().idxmax())
            told.append(
                f"{county[other]} {text.signed(theirs['change'], 2)} ({names[most]} {text.signed(theirs[most], 2)})"
            )
        if told:
            notes.append(words + say("、", ", ").join(told))
    steps = f"{_place(previous.place[was])} → {_place(shown.place[own])}"
    scores = f"{previous.score[was]:.2f} → {shown.score[own]:.2f}"
    change = text.signed(row["change"], 2)
    title = say(f"{name}：得分 {scores}（{change}）", f"{name}: score {scores} ({change})")
    if not is_ranked_alone(found, code):
        title += say(f"，名次 {steps}", f", place {steps}")
    return chart(
        title,
        charts.split(
            [names[str(key)] for key in parts.index],
            parts.tolist(),
            axis=say("较上月的得分变化（分）", "Change since the month before (points)"),
            texts=[text.signed(amount, 2) for amount in parts],
            height=90 + 26 * len(parts),
        ),
        help=say(
            "各项变化之和等于得分的变化；括号内是对方变化最大的一项。",
            "The parts sum to the change of the score; in brackets, what changed most for the other.",
        ),
        note=say("；", "; ").join(notes) or None,
        clickable=False,
    )


def show_formula(found: Result, code: str, way: Callable[[str], dict[str, str]]) -> None:
    """Each criterion's points with value, counts, interval and rule; a click opens the cases behind it.

    ``way`` gives their page (``path``) and ``query`` for an indicator's code.
    """
    LEAGUE_TABLE.show(_formula(found, code, way), "evaluation formula")


def _formula(found: Result, code: str, way: Callable[[str], dict[str, str]]) -> bytes:
    shown = found.shown
    own = shown.position(code)
    rows = []
    for position, one in enumerate(shown.criteria):
        n, d = shown.counts.n[own, position], shown.counts.d[own, position]
        value, points = shown.values[own, position], shown.points[own, position]
        low, high = wilson(np.array([n]), np.array([d]))
        is_share = _counts_cases(one) and 0 <= n <= d
        interval = f"{100 * low[0]:.1f}–{100 * high[0]:.1f}%" if is_share and not math.isnan(low[0]) else ""
        counted = text.formula(one.indicator, n, d) if one.indicator.is_ratio and d > 0 else ""
        rows.append(
            {
                "key": one.indicator.code,
                "way": way(one.indicator.code),
                "decide": way_to_decide(found.view, one.indicator.code, found.view.county.names[code]),
                "cells": [
                    criterion_name(one),
                    f"{_score(points)} / {one.weight:g}",
                    text.value(one.indicator, value)
                    if not math.isnan(value)
                    else text.without_place(shown.absent[own, position]),
                    counted,
                    interval,
                    rule_in_words(one.of_township(code)),
                ],
                "sort": [criterion_name(one), _known(points), _known(value), _known(d), None, None],
            }
        )
    name = found.view.county.names[code]
    by_hand = shown.field.by_hand[own]
    added = say(f"，加减分 {by_hand:+.2f}", f", by hand {by_hand:+.2f}") if by_hand else ""
    return as_content(
        title=say(
            f"{name}：{_score(shown.score[own])} 分怎样算出{added}",
            f"{name}: how its {_score(shown.score[own])} points come about{added}",
        ),
        columns=[
            {"title": say("指标", "Criterion")},
            {"title": say("得分 / 满分", "Points"), "number": True},
            {"title": say("数值", "Value"), "number": True},
            {"title": say("分子 ÷ 分母", "Counts"), "number": True},
            {"title": say("95% 区间", "95% interval"), "number": True, "help": "Wilson"},
            {"title": say("规则", "Rule")},
        ],
        rows=rows,
        chosen=None,
        note=say("点一行看这一项背后的清单。", "Click a row for the cases behind it."),
    )


def gains_of(found: Result, code: str) -> list[Gain]:
    """How many cases of each criterion would gain the township a place, the rest unchanged; empty: none can."""
    return gains(found.shown, code)


def gain_sentences(gained: Sequence[Gain]) -> Markdown:
    """A list of them."""
    return Markdown("\n".join(f"- {_gain(one)}" for one in gained))


# The open cases by which an indicator can still gain, by their state in the list of cases
_OPEN_BEHIND = {"on_time_rate": "pending", "completion_rate": "open", "overdue_open": "overdue"}


def show_open_cases(found: Result, code: str, gained: Sequence[Gain]) -> None:
    """Ways to the township's open cases by which it can still gain, as far as the viewer may see cases."""
    scope = replace(found.view.scope, townships=(code,))
    if not scope.of_cases().within("petitions"):
        return
    states = (_OPEN_BEHIND.get(one.criterion.indicator.code) for one in gained)
    for state in dict.fromkeys(filter(None, states)):
        count = cache.answer(petition_lists.petition_case_count, scope, CaseFilter(state))
        if not count and state == "pending":
            st.caption(
                say(
                    "现在没有未结、未到期的诉求：已过期限的不能再按期，只能从新的诉求办起。",
                    "No open case is still to come due: what is past its due date cannot be on time any more.",
                )
            )
        if not count:
            continue
        words = {
            "pending": say(
                f"还来得及按期办结的 {count:,} 件（未结、未到期，期限近的在前）",
                f"{count:,} that can still be closed on time (open, not yet due; next due first)",
            ),
            "open": say(f"全部未结的 {count:,} 件", f"{count:,} open cases"),
            "overdue": say(f"全部超期未结的 {count:,} 件", f"{count:,} overdue cases"),
        }
        query = urlencode({"street": found.view.county.names[code], "tab": "rows", "state": state})
        show_way(AREAS["petitions"].page, query, f"{words[state]} →", f"open cases {state}")


def _gain(gain: Gain) -> Markdown:
    indicator = gain.criterion.indicator
    what = say(indicator.rule_zh, indicator.rule_en)
    what = what.split(" ÷ ")[0] if not text.is_english() else what.split(" / ")[0]
    sign = say("减少", "fewer") if indicator.direction == "lower" else say("再增加", "more")
    # The fewest are only so few if these of them count under a narrower criterion as well.
    within = say("、", ", ").join(
        say(f"{cases:,} 件同时计入{one.zh}", f"{cases:,} of them under {one.en} too") for one, cases in gain.of_which
    )
    which = say(f"（其中 {within}）", f" ({within})") if within else ""
    name = plain(say(gain.criterion.zh, gain.criterion.en))
    told = say(
        f"“{what}”{sign} {gain.cases:,}{which}，升到第 {gain.place} 名（{gain.score:.2f} 分）",
        f"{gain.cases:,} {sign} “{what}”{which}, to place {gain.place} ({gain.score:.2f})",
    )
    # A space after the bold: Markdown does not end it between a closing bracket and a letter or ideograph.
    return Markdown(f"**{name}** {plain(told)}")


def streak_sentence(found: Result, code: str) -> str:
    """How often in the last three months the township was among the first or the last three, and whether it improves."""
    if found.shown.unfinished is not None:
        return ""
    evaluations = [*found.course.before, found.shown]
    streak = streaks(evaluations, code)
    parts = []
    if streak.first_three:
        parts.append(
            say(f"近三月 {streak.first_three} 次进前三", f"in the first three {streak.first_three} of 3 months")
        )
    if streak.last_three:
        parts.append(say(f"近三月 {streak.last_three} 次居后三", f"in the last three {streak.last_three} of 3 months"))
    if streak.is_improving:
        parts.append(say("得分连续上升", "the score keeps rising"))
    return say("；", "; ").join(parts)


# --- How sure -------------------------------------------------------------------------------------


def show_place_ranges(found: Result, league: str) -> None:
    """How far chance and other weights could move the places of a league; a click shows that township."""
    shown = found.shown
    chance, weights = found.ranges
    own = ranked_of(found, league)
    if len(own) < 2:
        # Who is alone has no other place to come to.
        return
    wide = sum(chance.worst[one] - chance.best[one] >= 3 for one in own)
    moved = sum(weights.worst[one] != weights.best[one] for one in own)
    names = [shown.field.names[one] for one in own]
    content = chart(
        say(
            f"{league}：{wide} 个的名次可能相差 3 位以上；换权重会变的有 {moved} 个",
            f"{league}: {wide} places could differ by 3 or more; other weights move {moved}",
        ),
        charts.place_ranges(
            names,
            [shown.place[one] for one in own],
            ([chance.best[one] for one in own], [chance.worst[one] for one in own]),
            ([weights.best[one] for one in own], [weights.worst[one] for one in own]),
            axis=say("名次", "Place"),
            labels=(
                say("名次", "place"),
                say("偶然性（95%）", "chance (95%)"),
                say("权重 ±10%", "weights ±10%"),
            ),
            hovers=[
                say(
                    f"<b>{shown.field.names[one]}</b> 第 {shown.place[one]:.0f} 名<br>偶然性 {_span(chance.best[one], chance.worst[one])}"
                    f"<br>权重 ±10% {_span(weights.best[one], weights.worst[one])}",
                    f"<b>{shown.field.names[one]}</b> place {shown.place[one]:.0f}<br>chance {_span(chance.best[one], chance.worst[one])}"
                    f"<br>weights ±10% {_span(weights.best[one], weights.worst[one])}",
                )
                for one in own
            ],
            highlight=found.view.chosen,
        ),
        help=say(
            "灰：按各项分子分母重抽 1000 次（固定种子），95% 的名次落在其中。蓝：每个权重各自变动不超过 10% 时的名次。",
            "Grey: 95 of 100 places when the counts are drawn again 1,000 times (fixed seed). Blue: places when every weight moves by up to 10%.",
        ),
        ways=found.view.ways_to_townships,
    )
    show_chart(content, f"place ranges {league}")


def funnel_criteria(found: Result) -> Sequence[Criterion]:
    """The criteria that a funnel can show: shares of cases."""
    return [one for one in found.shown.criteria if _counts_cases(one)]


def show_funnel(found: Result, criterion: Criterion, league: str) -> None:
    """A league's shares over their numbers of cases, with the limits of chance around the league's share."""
    shown = found.shown
    position, members = shown.criteria.index(criterion), shown.field.members[league]
    n, d = shown.counts.n[members, position], shown.counts.d[members, position]
    known = ~np.isnan(n) & (d > 0)
    if not known.any():
        st.caption(plain(say(f"{league}没有数据。", f"{league}: no data.")))
        return
    if known.sum() == 1:
        name = shown.field.names[members[np.flatnonzero(known)[0]]]
        st.caption(
            plain(
                say(f"{league}只有{name}有数据，没有可比的。", f"{league}: {name} alone has data; nothing to compare.")
            )
        )
        return
    of_league = funnel(n, d)
    grid = np.unique(np.linspace(max(1.0, float(d[known].min()) * 0.7), float(d[known].max()) * 1.08, 60).round())
    limits = []
    for words, tail in ((say("95% 界限", "95% limits"), TAIL_95), (say("99.8% 界限", "99.8% limits"), TAIL_998)):
        low, high = of_league.limits(grid, tail)
        limits.append((words, grid.tolist(), (100 * low).tolist(), (100 * high).tolist()))
    low, high = of_league.limits(d, TAIL_998)
    with np.errstate(invalid="ignore", divide="ignore"):
        outside = known & ((n / d < low) | (n / d > high))
    at = np.flatnonzero(known)
    names = [shown.field.names[members[one]] for one in at]
    which = text.listed([name for name, is_outside in zip(names, outside[at], strict=True) if is_outside])
    name = say(f"{criterion.zh}（{league}）", f"{criterion.en} ({league})")
    content = chart(
        say(
            f"{name}：{which}超出偶然范围" if outside.any() else f"{name}：各镇街的差别都在偶然范围之内",
            f"{name}: beyond chance: {which}" if outside.any() else f"{name}: all differences are within chance",
        ),
        charts.funnel(
            names,
            d[at].tolist(),
            shown.values[members[at], position].tolist(),
            limits,
            county=100 * of_league.share,
            axis=say("分母", "Denominator"),
            amount_axis=say(f"{criterion.zh}（%）", f"{criterion.en} (%)"),
            hovers=[
                f"<b>{name_of}</b><br>{text.counts(criterion.indicator, n[one], d[one])}"
                for name_of, one in zip(names, at, strict=True)
            ],
            outside=outside[at].tolist(),
            highlight=found.view.chosen,
            height=300,
        ),
        help=say(
            "漏斗图：横线是本组水平，界限是二项分布的精确分位数，并计入本组各镇街之间本来的差异；落在 99.8% 界限之外，才不像是偶然。",
            "Funnel plot: the line is the league's share, limits are exact binomial quantiles, widened by how much its townships differ anyway; beyond 99.8% it is hardly chance.",
        ),
        ways=found.view.ways_to_townships,
    )
    show_chart(content, f"funnel {league}")


# --- What was published ---------------------------------------------------------------------------


def corrections(found: Result) -> Any:
    """What has changed since the result was published, as ``differences`` gives it; None when nothing is published."""
    return None if found.frozen is None else differences(found.frozen, found.now.evaluation)
