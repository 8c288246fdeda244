"""乡村项目: where the projects stand against plan and budget, which are late and why."""

from datetime import timedelta
from functools import partial

import pandas as pd
import streamlit as st

from data_access.areas import AREAS
from data_access.areas.projects import lists as project_lists
from data_access.cache import answer
from data_access.scope import month_end
from ui import charts, text
from ui.asking.address import keep_known, toggle, ways_to
from ui.asking.sentences import unfinished_words
from ui.asking.view import current_view
from ui.cards.indicators import (
    analysis_or_rows,
    chart_card,
    kpi_cards,
    ranking_card,
    short_months,
    unfinished_months,
)
from ui.cards.rows import rows_card
from ui.explore.choice import opening
from ui.frame.notices import nothing_here
from ui.notes.marks import day_marks, month_marks
from ui.text import plain, say, titles

SHOWN = 16
LISTED = (
    "project_name",
    "township_code",
    "project_kind",
    "stage",
    "progress",
    "planned",
    "gap",
    "delay_reason",
    "budget_yuan",
    "invested_yuan",
    "planned_end",
    "responsible",
)

whole = current_view()
narrowing = []
for dimension in ("kind", "stage"):
    value = st.session_state[f"project_{dimension}"]
    if value is not None and keep_known(f"project_{dimension}", whole.values("projects", dimension)) is not None:
        narrowing.append((dimension, value))
view = whole.narrowed(*narrowing)
unnamed = say("未报", "not reported")


kpi_cards(view, AREAS["projects"].headlines)
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    rows_wanted = analysis_or_rows()
    for dimension, value in narrowing:
        st.button(
            plain(value or unnamed),
            icon=":material/close:",
            icon_position="right",
            key=f"clear {dimension}",
            on_click=toggle,
            args=(f"project_{dimension}", value),
            help=say("取消这一筛选", "Take this filter back"),
        )

projects = answer(project_lists.projects, view.scope)
names = whole.county.names
today = min(month_end(view.scope.end), whole.county.as_of.get("projects", month_end(view.scope.end)))

if projects.empty:
    nothing_here(view, "projects", say("项目", "projects"))
elif rows_wanted:
    # --- The projects, the furthest behind first ---
    late_only = st.toggle(
        say("只看滞后项目", "Only projects behind"),
        key="late",
        help=text.definition_markdown(whole.indicator("behind")),
    )
    listed = projects.sort_values("is_behind", ascending=False, kind="stable")
    listed = listed[listed["is_behind"]] if late_only else listed
    late = int(projects["is_behind"].sum())
    missing = int(projects["progress"].isna().sum())
    st.markdown(
        say(
            f"**{text.month_name(view.scope.end)}：{late} 个项目滞后，{missing} 个未报进度，共 {len(projects)} 个**",
            f"**{text.month_name(view.scope.end)}: {late} projects behind, {missing} without a report, {len(projects)} in all**",
        )
    )
    if len(listed):
        rows_card(view, listed, say("项目清单", "List of projects"), "projects", LISTED)
    else:
        behind = say("已上报的项目没有滞后的。", "No project that reported is behind.")
        unknown = say(f"{missing} 个项目当月未报，是否滞后无法判断。", f"{missing} did not report: unknown.")
        if missing:
            st.warning(plain(unknown if missing == len(projects) else behind + unknown))
        else:
            st.success(behind)
else:
    indicator = whole.indicator("projects")
    # --- Stage, kind and money ---
    stage_column, kind_column, money_column = st.columns([0.85, 1, 1.15], gap="medium")
    end = whole.scope.at_end()
    for column, dimension in ((stage_column, "stage"), (kind_column, "kind")):
        with column:
            counted = view.measured(["projects", "behind"], (dimension,), view.scope.at_end())
            counted = counted.dropna(subset=["projects"]).sort_values("projects", ascending=False)
            labels = [value or unnamed for value in counted[dimension]]
            total = float(counted["projects"].sum())
            title = titles.projects_by(counted.set_index(dimension)["projects"], dimension)
            if not title and dimension == "stage":
                st.caption(say("当月没有月报，阶段不详", "No report for the month: stages unknown"))
            elif not title:
                st.caption(say("来源没有项目类型", "The source gives no kind of project"))
            if title:
                chart_card(
                    title,
                    charts.shares(
                        labels,
                        counted["projects"].tolist(),
                        axis=text.axis_title(indicator),
                        texts=[
                            f"{count:.0f}" + (say(f"（滞后 {late:.0f}）", f" ({late:.0f} behind)") if late > 0 else "")
                            for count, late in zip(counted["projects"], counted["behind"], strict=True)
                        ],
                        keys=counted[dimension].tolist(),
                        height=250,
                    ),
                    f"projects by {dimension}",
                    explore=opening(view, ["projects", "behind"], [dimension]),
                    help=text.definition(indicator, total),
                    ways=ways_to(f"project_{dimension}", counted[dimension], dict(narrowing).get(dimension)),
                )
    with money_column:
        invested = whole.indicator("investment_rate")
        rate = partial(text.value, invested)
        by_kind = view.measured(["investment_rate"], ("kind",), view.scope.at_end())
        by_kind = by_kind.dropna(subset=["investment_rate"]).sort_values("investment_rate:d", ascending=False)
        if by_kind.empty:
            st.caption(say("投资完成：当月没有月报", "Investment: no report for the month"))
        else:
            county = view.measured(["investment_rate"]).iloc[0]
            chart_card(
                say(
                    f"已完成投资 {text.money(county['investment_rate:n'])}，占计划 {text.money(county['investment_rate:d'])} 的 {rate(county['investment_rate'])}",
                    f"{text.money(county['investment_rate:n'])} invested of {text.money(county['investment_rate:d'])} ({rate(county['investment_rate'])})",
                ),
                charts.bullet(
                    [value or unnamed for value in by_kind["kind"]],
                    (by_kind["investment_rate:n"] / 1e4).tolist(),
                    (by_kind["investment_rate:d"] / 1e4).tolist(),
                    done_label=say("已完成投资", "invested"),
                    whole_label=say("计划总投资", "budget"),
                    axis=say("万元", "10k yuan"),
                    texts=[rate(one) for one in by_kind["investment_rate"]],
                    keys=by_kind["kind"].tolist(),
                    height=250,
                ),
                "investment",
                explore=opening(view, ["investment_rate"], ["kind"]),
                help=text.definition(invested)
                + "  \n"
                + say("本期：", "Now: ")
                + f"{text.money(county['investment_rate:n'])} ÷ {text.money(county['investment_rate:d'])}",
                ways=ways_to("project_kind", by_kind["kind"], dict(narrowing).get("kind")),
            )
    # --- Progress against plan ---
    curve_column, gap_column = st.columns(2, gap="medium")
    with curve_column:
        months = view.scope.last_months(12) if len(view.scope.months) < 12 else view.scope
        course = view.by_month(["progress", "planned_progress", "schedule_gap"], months)
        known = course.dropna(subset=["progress"])
        if len(known):
            gap, latest = whole.indicator("schedule_gap"), str(known.index[-1])
            chart_card(
                titles.against_plan(gap, latest, float(known["schedule_gap"].iloc[-1]))
                + unfinished_words(view.county, latest, [gap.data_area]),
                charts.lines(
                    short_months(course.index),
                    [
                        (say("计划进度", "planned"), course["planned_progress"].tolist(), charts.GREY, "dot"),
                        (say("实际进度", "actual"), course["progress"].tolist(), charts.BLUE, "solid"),
                    ],
                    axis=say("平均进度（%）", "Mean progress (%)"),
                    unfinished=unfinished_months(view, gap, course.index),
                    notes=month_marks(view, course.index),
                    height=300,
                ),
                "progress curve",
                explore=opening(view, ["progress", "planned_progress"], ["month"]),
                help=text.definition(gap) + "  \n" + text.definition(whole.indicator("planned_progress")),
            )
    with gap_column:
        ranking_card(view, "schedule_gap", "schedule gap ranking")
    # --- Gantt ---
    active = projects[~projects["is_completed"]].sort_values("is_behind", ascending=False, kind="stable")
    shown = active.head(SHOWN)
    if len(shown):
        hovers = [
            f"<b>{row['project_name']}</b> · {names[row['township_code']]}<br>"
            + say("计划 ", "planned ")
            + f"{row['planned_start']:%Y-%m-%d} → {row['planned_end']:%Y-%m-%d}"
            + (
                say("<br>开工 ", "<br>started ") + f"{row['actual_start']:%Y-%m-%d}"
                if not pd.isna(row["actual_start"])
                else ""
            )
            + (
                say("<br>进度 ", "<br>done ")
                + text.value(whole.indicator("progress"), row["progress"])
                + say("，计划 ", ", planned ")
                + text.value(whole.indicator("planned_progress"), row["planned"])
                if not pd.isna(row["progress"])
                else f"<br>{unnamed}"
            )
            + (f"<br>{row['delay_reason']}" if isinstance(row["delay_reason"], str) else "")
            for row in shown.to_dict("records")
        ]
        chart_card(
            titles.unfinished(len(active), int(active["is_behind"].sum()), len(shown)),
            charts.gantt(
                shown,
                today=min(today, month_end(view.scope.end) - timedelta(seconds=1)),
                today_label=f"{today:%Y-%m-%d}",
                planned_label=say("计划工期", "planned"),
                actual_label=say("实际（正常）", "actual, on schedule"),
                behind_label=say("实际（滞后）", "actual, behind"),
                unreported_label=say("实际（当月未报进度）", "actual, progress not reported"),
                names=[
                    f"{name if len(name) <= 16 else name[:15] + '…'} · {names[code]}"
                    for name, code in zip(shown["project_name"], shown["township_code"], strict=True)
                ],
                hovers=hovers,
                is_behind=shown["is_behind"].tolist(),
                is_reported=shown["progress"].notna().tolist(),
                notes=day_marks(view, shown["planned_start"].min(), shown["planned_end"].max()),
            ),
            "gantt",
            help=text.definition_markdown(whole.indicator("behind")),
        )
