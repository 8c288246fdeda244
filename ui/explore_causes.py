"""What 自由筛选 shows without being asked: what stands out, what was raised again, what next month may bring."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import streamlit as st

from data_access import queries
from data_access.cache import answer, answers, fresh_part
from data_access.exploring import common_causes
from data_access.exploring.common_causes import Looked
from data_access.exploring.questions import sums
from data_access.scope import Scope, month_end
from ui import text
from ui.components import rows_table
from ui.downloads import download_buttons
from ui.elements import Element, as_content
from ui.explore_answer import names_for
from ui.explore_choice import Choice, choose
from ui.filters import View, as_of_sentence, filter_sentence
from ui.text import say

_TABLE = Element("answer_table")
_MOST_SHOWN = 200


def _last_day(view: View) -> date:
    return min((month_end(view.scope.end) - timedelta(days=1)).date(), view.county.as_of["petitions"].date())


# --- Common causes --------------------------------------------------------------------------------


def show_common_causes(view: View) -> None:
    """Kinds of case that stand out in a place in the last month, or its last whole week."""
    if "petitions" not in view.county.as_of:
        st.info(say("还没有诉求数据。", "There are no petitions yet."))
        return
    place_column, kind_column, period_column = st.columns([1, 1, 1])
    places: dict[str, str] = {"village_code": say("村（社区）", "Villages"), "township_code": say("镇街", "Townships")}
    levels = {
        "category_3": say("三级类别", "Category, level 3"),
        "category_2": say("二级类别", "Category, level 2"),
        "category_1": say("一级类别", "Category, level 1"),
    }
    periods: dict[str, str] = {
        "month": say("最近一个月", "The last month"),
        "week": say("最近一整周", "The last whole week"),
    }
    place: Any = place_column.segmented_control(
        say("地点", "Places"),
        list(places),
        format_func=places.__getitem__,
        key="causes place",
        default="village_code",
        required=True,
    )
    level = kind_column.segmented_control(
        say("类别", "Kinds"),
        list(levels),
        format_func=levels.__getitem__,
        key="causes level",
        default="category_3",
        required=True,
    )
    period: Any = period_column.segmented_control(
        say("时间", "When"),
        list(periods),
        format_func=periods.__getitem__,
        key="causes period",
        default="month",
        required=True,
    )
    looked = Looked(place, str(level), period, view.scope)
    asked = common_causes.parts(looked, view.county.months[0])
    waiting = st.empty()

    def wait(done: int) -> None:
        waiting.progress(done / len(asked), say("正在逐月比对", "Comparing month by month"))

    counts = answers(sums, asked, wait)
    waiting.empty()
    within: set[str] | None = None
    if view.scope.townships:
        within = set(view.scope.townships)
        if place == "village_code":
            within = set(answer(queries.villages, view.scope)["code"])
    found = common_causes.clusters(looked, asked, counts, within, _last_day(view))
    tested, past = found.attrs["tested"], found.attrs["past"]
    share = f"{100 * common_causes.FALSE_DISCOVERIES:.0f}%"
    method = say(
        f"检验：条件二项检验（Przyborowski–Wilenski，1940），拿本地过去 {past} 期和全县其他地方的同类诉求一起比；"
        f"比了 {tested:,} 组，误报占比控制在 {share} 以内（Benjamini–Hochberg，1995）。“平常”是过去九成时期的范围。",
        f"Test: conditional binomial (Przyborowski and Wilenski, 1940), against the place's own last {past} periods and the "
        f"same kind elsewhere at once; {tested:,} groups compared, false discoveries kept under {share} (Benjamini and "
        "Hochberg, 1995). Usual: the range of nine in ten past periods.",
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
    if found.empty:
        st.success(
            say(
                f"{when}没有哪个地方的哪类诉求明显超出平常。",
                f"Nothing stands out for {when}: no kind of case in any place is clearly above what is usual.",
            )
        )
        st.caption(method)
        return
    names = names_for({place: set(map(str, found[place]))}).get(place, {})
    rows = []
    for row in found.head(_MOST_SHOWN).to_dict("records"):
        where = view.county.names.get(row[place]) or names.get(row[place], row[place])
        usual = f"{row['low']:.0f}–{row['high']:.0f}" if row["high"] > row["low"] else f"{row['high']:.0f}"
        key = json.dumps([row[place], row[level], f"{row['start']:%Y-%m-%d}"], ensure_ascii=False)
        rows.append(
            [
                {"text": f"{where} · {row[level]}", "sort": f"{where}{row[level]}", "key": key},
                {"text": f"{row['now']:.0f} {say('件', '')}", "sort": row["now"], "key": key},
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
                f"{where} {first[level]}：{when} {first['now']:.0f} 件，平常 {usual} 件；共 {len(found)} 处明显超出平常",
                f"{where}, {first[level]}: {first['now']:.0f} in {when}, usually {usual}; {len(found)} stand out",
            ),
            help=method,
            columns=[
                say("地点 · 类别", "Place · kind"),
                say("本期", "Now"),
                say("平常", "Usual"),
                say("按全县走势应有", "Expected"),
                say("偶然的可能", "By chance"),
            ],
            rows=rows,
            total=None,
            note=say("点击查看这些诉求", "Press to see the cases"),
        ),
        "common causes",
        lambda key: _open_cluster(view, looked, key),
    )
    st.caption(method)


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
    """Cases closed in the scope and raised again within seven days."""
    found = fresh_part(common_causes.raised_again, (view.scope, 2000))
    rate = view.measured(["false_closure_rate"]).iloc[0]
    indicator = view.county.indicator("false_closure_rate")
    if found.empty:
        st.success(
            say(
                "所选时段办结的诉求没有在 7 天内再次反映的。",
                "No case closed in this period was raised again within 7 days.",
            )
        )
        return
    counts = text.counts(indicator, float(rate["false_closure_rate:n"]), float(rate["false_closure_rate:d"]))
    st.markdown(
        say(f"**办结后 7 天内再次反映：{counts}**", f"**Raised again within 7 days of closing: {counts}**"),
        help=text.definition(indicator),
    )
    headings = {
        "township": say("镇街", "Township"),
        "village": say("村（社区）", "Village"),
        "case_no": say("编号", "Number"),
        "title": say("标题", "Title"),
        "category_3": say("类别", "Category"),
        "department": say("承办单位", "Department"),
        "closed_at": say("办结时间", "Closed"),
        "received_at": say("再次反映", "Raised again"),
        "days": say("相隔（天）", "Days between"),
        "again": say("再次的编号", "Later number"),
    }
    table = found.assign(township=found["township_code"].map(view.county.names), days=(found["hours"] / 24).round(1))
    table = table[list(headings)].rename(columns=headings)
    moments = st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")
    download_buttons(
        lambda: table,
        say("假闭环清单", "raised again"),
        [filter_sentence(view), as_of_sentence(view.county, "petitions")],
    )
    rows_table(
        table,
        say("假闭环清单", "Cases raised again"),
        **{headings["closed_at"]: moments, headings["received_at"]: moments},
    )
    if len(found) == 2000:
        st.caption(say("只列最近 2,000 件。", "The latest 2,000 only."))


# --- Next month -----------------------------------------------------------------------------------


def show_forecast(view: View) -> None:
    """What next month may bring, by category, and how well such forecasts did."""
    months = tuple(month for month in view.county.months if month <= view.scope.end)
    history = Scope(view.scope.townships, months[0], months[-1])
    counts = view.measured(["received"], ("month", "category_1"), history)
    counts = counts[counts["category_1"] != ""]
    wide = counts.pivot_table(index="month", columns="category_1", values="received", aggfunc="sum")
    found = common_causes.forecast(wide.reindex(months)) if not wide.empty else None
    if found is None:
        st.info(
            say(
                f"历史不足 {common_causes.LEAST_MONTHS} 个月或件数太少，不作预计。",
                f"Under {common_causes.LEAST_MONTHS} months of history, or too few cases: no forecast.",
            )
        )
        return
    total = found.table["expected"].sum()
    rows = [
        [
            {"text": row["category"], "sort": row["category"]},
            {"text": f"{row['expected']:,.0f}", "sort": row["expected"]},
            {"text": f"{row['low']:,.0f}–{row['high']:,.0f}", "sort": row["high"] - row["low"]},
            {"text": f"{row['last']:,.0f}", "sort": row["last"]},
            {"text": f"{row['year_before']:,.0f}", "sort": row["year_before"]},
        ]
        for row in found.table.to_dict("records")
    ]
    is_better = found.error < found.naive_error
    tried = say(
        f"回测：用同样办法预计已知月份，{found.tried} 个类别·月里实际落在区间内的占 {100 * found.inside:.0f}%（应约九成），"
        f"平均误差 {found.error:.0f}%；直接沿用上月的误差为 {found.naive_error:.0f}%。",
        f"Tried on known months: of {found.tried} category-months {100 * found.inside:.0f}% lay within the interval (nine in "
        f"ten should), mean error {found.error:.0f}%; repeating the month before errs by {found.naive_error:.0f}%.",
    )
    if not is_better:
        tried += say(
            " 本县数据上它不比沿用上月准，仅供参考。", " Here it is no better than repeating the month before."
        )
    month = text.month_name(found.month)
    _TABLE.show(
        as_content(
            title=say(
                f"{month}预计受理约 {total:,.0f} 件，{found.table['category'].iloc[0]}最多",
                f"{month}: about {total:,.0f} cases expected, most of them {found.table['category'].iloc[0]}",
            ),
            help=say(
                "上年同月件数 × 最近三个月比上年同期的增减；区间按回测误差，九成把握。",
                "The same month last year times the course of the last three months against the year before; "
                "the interval comes from the errors when tried.",
            ),
            columns=[
                say("类别", "Category"),
                say("预计（件）", "Expected"),
                say("九成区间", "90% interval"),
                say(f"{text.month_name(months[-1])}", text.month_name(months[-1])),
                say("上年同月", "Same month last year"),
            ],
            rows=rows,
            total=None,
            note=None,
        ),
        "forecast",
    )
    st.caption(tried)
