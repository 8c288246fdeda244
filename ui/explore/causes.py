"""What 自由筛选 shows without being asked: what stands out, what was raised again, what next month may bring."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import streamlit as st

from data_access.access import NotAllowed
from data_access.cache import answer, answers, made_of_answers
from data_access.exploring import common_causes, forecasting
from data_access.exploring.common_causes import Looked
from data_access.model.measured import measured
from data_access.places import lists as place_lists
from data_access.scope import month_end, month_offset
from data_access.small_counts import require_cases
from ui import text
from ui.asking.sentences import sheet_head
from ui.asking.view import View
from ui.cards.rows import readable
from ui.cases.rights import may_see_cases
from ui.cases.table import show_cases
from ui.elements.element import Element, as_content
from ui.elements.waiting import Waiting, reading_rows
from ui.explore.answer import names_for
from ui.explore.choice import Choice, choose, current_choice
from ui.files.downloads import download_buttons
from ui.frame.notices import not_allowed_notice
from ui.notes.words import note_lines
from ui.text import plain, say

_TABLE = Element("answer_table")
_MOST_SHOWN, _MOST_LISTED = 200, 2_000


def _month_last_day(month: str) -> date:
    return (month_end(month) - timedelta(days=1)).date()


def _last_day(view: View) -> date:
    return min(_month_last_day(view.scope.end), view.county.as_of["petitions"].date())


# --- Common causes --------------------------------------------------------------------------------


def show_common_causes(view: View) -> None:
    """Kinds of case that stand out in a place in the last month, or its last whole week."""
    if "petitions" not in view.county.as_of:
        st.info(say("还没有诉求数据。", "There are no petitions yet."))
        return
    try:
        # The others are whom a place is compared with.
        require_cases(replace(view.scope, townships=None), "petitions")
    except NotAllowed as problem:
        not_allowed_notice(problem)
        return
    place_column, kind_column, period_column = st.columns([1, 1, 1])
    places: dict[str, str] = {"village_code": say("村（社区）", "Villages"), "township_code": say("镇街", "Townships")}
    levels = {
        "category_3": say("三级类别", "Level 3"),
        "category_2": say("二级类别", "Level 2"),
        "category_1": say("一级类别", "Level 1"),
    }
    periods: dict[str, str] = {
        "month": say("最近一个月", "The last month"),
        "week": say("最近一整周", "The last whole week"),
    }
    place: Any = place_column.segmented_control(
        say("地点", "Places"),
        list(places),
        format_func=lambda code: plain(places[code]),
        key="causes place",
        default="village_code",
        required=True,
    )
    level = kind_column.segmented_control(
        say("类别", "Kinds"),
        list(levels),
        format_func=lambda code: plain(levels[code]),
        key="causes level",
        default="category_3",
        required=True,
    )
    period: Any = period_column.segmented_control(
        say("时间", "When"),
        list(periods),
        format_func=lambda code: plain(periods[code]),
        key="causes period",
        default="month",
        required=True,
    )
    looked = Looked(place, str(level), period, view.scope)
    found = _clusters(view, looked)
    tested, past = found.attrs["tested"], found.attrs["past"]
    share = f"{100 * common_causes.FALSE_DISCOVERIES:.0f}%"
    promise = say(
        f"比了 {tested:,} 组，列出来的平均最多 {share} 是偶然：村与村不同、忽多忽少、本地自己的季节都算作平常。"
        "数的是人：标了重复的不计，同一人在同一地方就同一类反映几次算一个。没列出的不等于没有，小的增加分不清。",
        f"Of {tested:,} groups compared, at most {share} of what is listed is chance on average: that places differ, that "
        "counts vary and seasons of a place's own are taken as usual. People are counted: marked repeats are not, and one "
        "who raises the same kind several times in a place is one. What is not listed may exist: small rises cannot be "
        "told.",
    )
    if past < common_causes.PAST[period]:
        promise += say(
            f" 历史只有 {past} 期，没见过的季节还不算作平常。",
            f" With only {past} past periods, seasons not yet seen are not taken as usual.",
        )
    method = say(
        f"和本地过去 {past} 期、全县其他地方的同类诉求一起比：贝塔－二项检验，离散程度由过去各期按类别和地点估计"
        "（负二项，向全县收缩），多重比较用 Benjamini–Hochberg（1995）。电话相同，或没有电话而全名相同，是同一人；"
        "都没有的一件算一人。“平常”是过去九成时期的人数范围。",
        f"Against the place's own last {past} periods and the same kind elsewhere at once: a beta-binomial test, its "
        "variation estimated from the past by kind and by place (negative binomial, shrunk to the county), many "
        "comparisons by Benjamini and Hochberg (1995). The same telephone, or without one the same full name, is one "
        "person; a case with neither is one by itself. Usual: the range of people in nine of ten past periods.",
    )
    if not tested:
        st.info(
            say(
                "历史数据太短，还不能判断什么异常：按月要有 6 个月以上，按周要有 13 周以上。",
                "The past is too short to tell: six months are needed, or thirteen weeks.",
            )
        )
        return
    when = text.month_name(view.scope.end) if period == "month" else say("最近一整周", "the last whole week")
    if period == "month" and _last_day(view) < _month_last_day(view.scope.end):
        day = _last_day(view).day
        when += say(f"（本月未完，至 {day} 日）", f" (unfinished, to day {day})")
    if found.empty:
        st.success(
            plain(
                say(
                    f"{when}没有哪个地方的哪类诉求明显超出平常。",
                    f"Nothing stands out for {when}: no kind of case in any place is clearly above what is usual.",
                )
            )
        )
        st.caption(plain(promise), help=plain(method))
        return
    names = names_for({place: set(map(str, found[place]))}, view.scope.viewer).get(place, {})
    rows = []
    for row in found.head(_MOST_SHOWN).to_dict("records"):
        where = view.county.names.get(row[place]) or names.get(row[place], row[place])
        usual = f"{row['low']:.0f}–{row['high']:.0f}" if row["high"] > row["low"] else f"{row['high']:.0f}"
        key = json.dumps([row[place], row[level], f"{row['start']:%Y-%m-%d}"], ensure_ascii=False)
        rows.append(
            [
                {"text": f"{where} · {row[level]}", "sort": f"{where}{row[level]}", "key": key},
                {"text": _people_and_cases(row["now"], row["received"]), "sort": row["now"], "key": key},
                {"text": usual, "sort": row["high"]},
                {"text": f"{row['expected']:.1f}", "sort": row["expected"]},
                {"text": f"{100 * row['p']:.2g}%", "sort": row["p"]},
            ]
        )
    first = found.iloc[0]
    where = view.county.names.get(first[place]) or names.get(first[place], first[place])
    usual = f"{first['low']:.0f}–{first['high']:.0f}"
    _TABLE.show(
        as_content(
            title=say(
                f"{where} {first[level]}：{when} {first['now']:.0f} 人反映，平常 {usual} 人；共 {len(found)} 处明显超出平常",
                f"{where}, {first[level]}: {first['now']:.0f} people in {when}, usually {usual}; {len(found)} stand out",
            ),
            help=method,
            columns=[
                say("地点 · 类别", "Place · kind"),
                say("本期", "People now"),
                say("平常（人）", "Usual"),
                say("按全县走势应有（人）", "Expected"),
                say("偶然的可能", "By chance"),
            ],
            rows=rows,
            total=None,
            note=say("点击查看这些诉求", "Press to see the cases"),
        ),
        "common causes",
        lambda key: _open_cluster(view, looked, key),
    )
    st.caption(plain(promise))


def _clusters(view: View, looked: Looked) -> Any:
    """What stands out, asked with progress."""
    asked = common_causes.parts(looked, view.county.months[0])
    within: set[str] | None = None
    if view.scope.townships is not None:
        within = set(view.scope.townships)
        if looked.place == "village_code":
            within = set(answer(place_lists.villages, view.scope)["code"])

    def compared(counts: list[Any]) -> Any:
        return common_causes.clusters(looked, asked, counts, within, _last_day(view))

    with Waiting(lambda _done: say("正在逐月比对", "Comparing month by month"), len(asked)) as waiting:
        return made_of_answers(common_causes.people, asked, waiting, compared, kept_as=("clusters", looked))


def _people_and_cases(people: float, cases: float) -> str:
    """8 人（9 件）, 8 (9 cases); only the people where each has one case."""
    if people == cases:
        return say(f"{people:.0f} 人", f"{people:.0f}")
    return say(f"{people:.0f} 人（{cases:.0f} 件）", f"{people:.0f} ({cases:.0f} cases)")


def _open_cluster(view: View, looked: Looked, key: str) -> None:
    """Show the cases of a cluster."""
    place, kind, start = json.loads(key)
    where: list[tuple[str, tuple[str, ...]]] = [(looked.category, (kind,))]
    if looked.place == "township_code":
        st.session_state["street"] = [view.county.names[place]]
    else:
        where.append((looked.place, (place,)))
    if looked.period == "week":
        where.append(("week", (start,)))
        end = f"{date.fromisoformat(start) + timedelta(days=6):%Y-%m}"
        st.session_state["from"], st.session_state["to"] = start[:7], end
    else:
        st.session_state["from"] = st.session_state["to"] = start[:7]
    choose(Choice(where=tuple(where), cell=(), of="received"))


# --- Raised again ---------------------------------------------------------------------------------


def show_raised_again(view: View) -> None:
    """Cases closed in the scope and raised again within seven days, as far as the viewer may see cases."""
    if not may_see_cases(view):
        return
    with Waiting(reading_rows) as waiting:
        (found,) = answers(common_causes.raised_again, [(view.scope, _MOST_LISTED)], waiting)
    rate = view.measured(["false_closure_rate"]).iloc[0]
    indicator = view.indicator("false_closure_rate")
    if found.empty:
        st.success(
            say(
                "所选时段办结的诉求没有在 7 天内再次反映的。",
                "No case closed in this period was raised again within 7 days.",
            )
        )
        return
    figure = measured(indicator, rate)
    counts = text.counts(indicator, figure.numerator, figure.denominator)
    st.markdown(
        say(
            f"**办结后 7 天内再次反映：{plain(counts)}**", f"**Raised again within 7 days of closing: {plain(counts)}**"
        ),
        help=text.definition_markdown(indicator),
    )
    choice, name = current_choice(view.county)[0], say("假闭环清单", "Cases raised again")
    show_cases(
        view,
        found,
        choice.case,
        lambda case: choose(replace(choice, case=case)),
        is_more=len(found) == _MOST_LISTED,
        name=name,
    )
    table = readable(view, found)
    download_buttons(lambda: table, len(table), name, sheet_head(view, name, "petitions"), notes=note_lines(view))
    if len(found) == _MOST_LISTED:
        st.caption(say(f"只列最近 {_MOST_LISTED:,} 件。", f"The latest {_MOST_LISTED:,} only."))


# --- Next month -----------------------------------------------------------------------------------


def show_forecast(view: View) -> None:
    """What next month may bring, by category, and how well such forecasts did."""
    if "petitions" not in view.county.as_of:
        st.info(say("还没有诉求数据。", "There are no petitions yet."))
        return
    as_of = view.county.as_of["petitions"].date()
    months = [month for month in view.county.months if month <= view.scope.end]
    counts = view.measured(["received"], ("month", "category_1"), replace(view.scope, start=months[0], end=months[-1]))
    wide = counts[counts["category_1"] != ""].pivot(index="month", columns="category_1", values="received")
    if view.indicator("received", ["category_1"]).in_fives:
        st.caption(plain(text.fives_note()))
    found = forecasting.forecast(wide.reindex(months), as_of)
    if found is None:
        st.info(
            plain(
                say(
                    f"不作预计：完整的月份不足 {forecasting.LEAST_MONTHS} 个，件数太少，或者没有哪种办法在回测里比沿用上月、"
                    "沿用上年同月可靠。",
                    f"No forecast: under {forecasting.LEAST_MONTHS} finished months, too few cases, or no model that did as "
                    "well as repeating last month or the year before when tried.",
                )
            )
        )
        return
    models = {
        "last": say("上月", "Last month"),
        "year_before": say("上年同月", "Same month last year"),
        "mean": say("近12个月平均", "Mean of 12 months"),
        "middle": say("上年前后三个月的中位数", "Median of 3 months last year"),
        "half_course": say("上年同期×近三月走势（减半）", "Last year × damped course"),
        "course": say("上年同期×近三月走势", "Last year × course"),
    }
    rows = [
        [
            {"text": row["category"], "sort": row["category"]},
            {"text": f"{row['expected']:,.0f}", "sort": row["expected"]},
            {"text": f"{row['low']:,.0f}–{row['high']:,.0f}", "sort": row["high"] - row["low"]},
            {"text": f"{row['last']:,.0f}", "sort": row["last"]},
            {"text": f"{row['year_before']:,.0f}", "sort": row["year_before"]},
            {"text": models[row["model"]], "sort": row["model"]},
        ]
        for row in found.table.to_dict("records")
    ]
    excess = 3 if found.history >= forecasting.TELLING_MONTHS else 8
    promise = say(
        f"实际件数十次约有九次落在区间内；误差平均不比沿用上月、沿用上年同月里较好的大出 {excess}%，达不到的类别不列。"
        f"在已知月份里试过 {found.tried} 个类别·月：落在区间内 {100 * found.inside:.0f}%，平均误差 {found.error:.0f}%"
        f"（沿用上月 {found.last_error:.0f}%，沿用上年同月 {found.year_before_error:.0f}%）。全县突发的事预计不到。",
        f"About nine times in ten the cases lie within the interval; the error is on average at most {excess}% above that "
        "of the better of repeating last month and the same month last year; kinds where this fails are not listed. Tried "
        f"on {found.tried} known category-months: {100 * found.inside:.0f}% within, mean error {found.error:.0f}% "
        f"(repeating last month {found.last_error:.0f}%, last year {found.year_before_error:.0f}%). Nobody foresees an "
        "emergency.",
    )
    if found.history < forecasting.TELLING_MONTHS:
        promise += say(
            f" 历史只有 {found.history} 个月，满 {forecasting.TELLING_MONTHS} 个月后更准。",
            f" With only {found.history} months of history; better from {forecasting.TELLING_MONTHS} on.",
        )
    if found.left_out:
        promise += say(f" 未列：{'、'.join(found.left_out)}。", f" Not listed: {', '.join(found.left_out)}.")
    if _month_last_day(months[-1]) > as_of:
        promise += say(
            f" {text.month_name(months[-1])}未完（数据至 {as_of.month} 月 {as_of.day} 日），不作依据。",
            f" {text.month_name(months[-1])} is unfinished (data to {as_of:%Y-%m-%d}) and not built on.",
        )
    month = text.month_name(found.month)
    total = found.table["expected"].sum()
    of_listed = say("所列各类", " in the listed kinds") if found.left_out else ""
    title = say(
        f"{month}{of_listed}预计受理约 {total:,.0f} 件", f"{month}: about {total:,.0f} cases expected{of_listed}"
    )
    most = found.table["expected"].round()
    if len(most) > 1 and most[0] > most[1]:
        title += say(f"，{found.table['category'][0]}最多", f", most of them {found.table['category'][0]}")
    _TABLE.show(
        as_content(
            title=title,
            help=say(
                "六种简单办法在每个已知月份上滚动试一遍，每个类别按各自的误差加权（误差向全部类别收缩）；"
                "区间取自件数相近时的误差。“主要依据”是权重最大的办法。",
                "Six simple models are tried on every known month; each category weighs them by their errors (drawn to "
                "those of all categories); the interval comes from the errors at like size. Mainly by: the model of most "
                "weight.",
            ),
            columns=[
                say("类别", "Category"),
                say("预计（件）", "Expected"),
                say("九成区间", "90% interval"),
                text.month_name(month_offset(found.month, -1)),
                say("上年同月", "Same month last year"),
                say("主要依据", "Mainly by"),
            ],
            rows=rows,
            total=None,
            note=None,
        ),
        "forecast",
    )
    st.caption(plain(promise))
