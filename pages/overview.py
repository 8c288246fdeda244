"""总览: how the county stands, who is ahead and behind, and what needs a decision now."""

import math
from dataclasses import replace

import pandas as pd
import streamlit as st

from data_access import queries
from data_access.cache import answer
from data_access.indicators import AREAS
from ui import charts, text
from ui.components import (
    chart_card,
    indicator_choice,
    kpi_cards,
    ranked,
    ranking_title,
    trend_card,
    unreported_label,
)
from ui.filters import current_view, filter_parameters, follow_url, forget_narrowings, narrow_to_street, write_url
from ui.text import say

HEADLINES = ("received", "on_time_rate", "satisfaction_rate", "online_rate", "active_team_rate", "schedule_gap")
CHOICES = (
    "on_time_rate",
    "satisfaction_rate",
    "completion_rate",
    "resolved_rate",
    "signed_in_time_rate",
    "false_closure_rate",
    "cases_per_10k",
    "received",
    "online_rate",
    "working_rate",
    "village_coverage",
    "active_team_rate",
    "registered_rate",
    "hours_per_team",
    "schedule_gap",
    "investment_rate",
    "grid_completion_rate",
    "inactive_grid_rate",
)

AREA_PAGES = {
    "petitions": "petitions",
    "cameras": "cameras",
    "volunteers": "volunteers",
    "projects": "rural_projects",
}

# Where a button of the attention column leads; set by its callback, before the page is drawn again.
if destination := st.session_state.pop("destination", None):
    st.switch_page(st.session_state["pages"][destination[0]], query_params=destination[1])

view = current_view()
county, scope = view.county, view.scope

kpi_cards(view, HEADLINES)

map_column, table_column, attention_column = st.columns([1.05, 1.3, 0.9], gap="medium")

# --- The schematic map ---
with map_column:
    follow_url("indicator", CHOICES, CHOICES[0], sticky=False)
    code = indicator_choice(view, CHOICES, "indicator", label=say("指标", "Indicator"))
    write_url("indicator", CHOICES[0])
    indicator = county.indicator(code)
    table = view.by_township([code])
    ranks = ranked(table, indicator)
    total = view.measured([code]).iloc[0]
    everyone = view.measured([code], (), replace(scope, townships=())).iloc[0]
    places = county.townships.merge(
        table[["township_code", code, f"{code}:n", f"{code}:d"]], left_on="code", right_on="township_code"
    ).rename(columns={code: "value"})
    if places[["tile_row", "tile_column"]].isna().any().any():
        across = math.ceil(math.sqrt(len(places)))
        places["tile_row"], places["tile_column"] = places.index // across, places.index % across
    chart_card(
        ranking_title(view, indicator, ranks),
        charts.tiles(
            places,
            indicator,
            county_value=float(everyone[code]),
            texts=[
                unreported_label()
                if math.isnan(value)
                else text.value(indicator, value, with_unit=indicator.is_percentage)
                for value in places["value"]
            ],
            hovers=[
                f"<b>{row.name}</b><br>{text.name(indicator)} {text.value(indicator, row.value)}"
                + (f"<br>{text.counts(indicator, n, d)}" if indicator.is_ratio and not math.isnan(row.value) else "")
                for row, n, d in zip(
                    places[["name", "value"]].itertuples(index=False),
                    places[f"{code}:n"],
                    places[f"{code}:d"],
                    strict=True,
                )
            ],
            unreported=unreported_label(),
            highlight=view.chosen,
        ),
        "tile map",
        help=text.definition(indicator, float(total[f"{code}:n"]), float(total[f"{code}:d"])),
        note=say(
            "示意图，不代表实际边界。蓝色好于、橙色差于全县水平；点击镇街即可筛选。",
            "Schematic, not to scale. Blue is better and orange worse than the county; click to filter.",
        )
        if indicator.direction != "neither"
        else say(
            "示意图，不代表实际边界。颜色越深数值越大；点击镇街即可筛选。",
            "Schematic, not to scale. Darker is more; click to filter.",
        ),
        on_click=narrow_to_street,
    )

# --- The league table ---
with table_column:
    before = view.by_township([code], view.compared) if view.compared and indicator.comparable else None
    league = pd.DataFrame(
        {
            "place": ranks["place"],
            "name": [f"▶ {name}" if name == view.chosen else name for name in ranks["name"]],
            "value": ranks[code].astype(float),
            "counts": [
                text.counts(indicator, n, d).split(" = ")[0] if indicator.is_percentage and not math.isnan(v) else ""
                for n, d, v in zip(ranks[f"{code}:n"], ranks[f"{code}:d"], ranks[code], strict=True)
            ],
        }
    )
    if before is not None:
        then = before.set_index("township_code")[code].reindex(ranks["township_code"])
        league["change"] = (league["value"].to_numpy() - then.to_numpy()).round(max(indicator.decimals, 1))
    heading = text.axis_title(indicator)
    st.markdown(say(f"**排名：{heading}**", f"**League table: {heading}**"))

    def open_township() -> None:
        """Show the township of the chosen row."""
        cells = st.session_state["league"]["selection"]["cells"]
        if cells:
            narrow_to_street(str(ranks["name"].iloc[cells[0][0]]))

    st.dataframe(
        league,
        hide_index=True,
        height=min(38 + 27 * len(league), 476),
        row_height=27,
        key="league",
        on_select=open_township,
        selection_mode="single-cell",
        alt=say("镇街排名", "League table of townships"),
        placeholder="—",
        column_config={
            "place": st.column_config.NumberColumn(say("名次", "Place"), width=40),
            "name": st.column_config.TextColumn(say("镇街", "Township"), width=76),
            "value": st.column_config.NumberColumn(
                text.unit(indicator) if indicator.is_percentage else text.name(indicator),
                format=f"%.{indicator.decimals}f" if indicator.decimals else "localized",
                width=52 if indicator.is_percentage else 96,
            ),
            "change": st.column_config.NumberColumn(
                say("变化", "Change"),
                format=f"%+.{max(indicator.decimals, 1) if indicator.is_percentage else indicator.decimals}f",
                width=54,
                help=view.compared_label,
            ),
            "counts": st.column_config.TextColumn(say("分子 ÷ 分母", "Counts"), width=104)
            if indicator.is_percentage
            else None,
        },
    )
    st.caption(
        say("并列同名次；未报不排名。点选一行即可筛选该镇街。", "Ties share a place; those not reporting are unranked.")
    )

# --- What needs attention ---
with attention_column:
    st.markdown(f"**{say('需要关注', 'Needs attention')}**")
    overdue = answer(queries.overdue_by_township, scope)
    offline = answer(queries.cameras_offline, scope)
    offline = offline[offline["hours"] > 24]
    projects = answer(queries.projects, scope)
    late = projects[projects["gap"] < -10]
    silent = answer(queries.unreported, scope)

    def go(area: str, parameters: dict[str, str | list[str]], streets: list[str] | None) -> None:
        """Turn to the rows behind an item, with nothing narrowed but the shared filters."""
        forget_narrowings()
        if streets is not None:
            st.session_state["street"] = streets
        st.session_state["destination"] = (AREA_PAGES[area], {**filter_parameters(), **parameters})

    def item(
        area: str,
        count: int,
        found: str,
        none: str,
        detail: str,
        label: str,
        parameters: dict[str, str | list[str]],
        streets: list[str] | None = None,
    ) -> None:
        """One thing to look at, with the way to the rows behind it."""
        with st.container(border=True, gap="xsmall"):
            if area not in county.as_of:
                missing = say(f"还没有{AREAS[area][0]}数据", f"No data yet: {AREAS[area][1]}")
                st.markdown(f":gray[:material/remove: {missing}]")
            elif not count:
                st.markdown(f":green[:material/check_circle:] {none}")
            else:
                st.markdown(f":red[:material/error:] **{found}**")
                st.caption(detail)
                st.button(
                    label,
                    icon=":material/arrow_forward:",
                    type="tertiary",
                    key=f"go {label}",
                    on_click=go,
                    args=(area, parameters, streets),
                )

    names = county.names
    item(
        "petitions",
        len(overdue),
        say(f"超期未结 {overdue['overdue'].sum():,} 件", f"{overdue['overdue'].sum():,} cases overdue"),
        say("没有超期未结诉求", "No overdue cases"),
        say(
            f"{len(overdue)} 个镇街，最长已超 {overdue['longest_days'].max():.0f} 天；"
            + "、".join(f"{names[row.township_code]} {row.overdue}" for row in overdue.head(3).itertuples()),
            f"{len(overdue)} townships, the longest {overdue['longest_days'].max():.0f} days; "
            + ", ".join(f"{names[row.township_code]} {row.overdue}" for row in overdue.head(3).itertuples()),
        )
        if len(overdue)
        else "",
        say("查看超期清单", "See the cases"),
        {"tab": "rows", "state": "overdue"},
    )
    most_offline = offline["township_code"].value_counts().head(3)
    item(
        "cameras",
        len(offline),
        say(f"离线超 24 小时摄像机 {len(offline):,} 个", f"{len(offline):,} cameras off for over 24 h"),
        say("没有离线超 24 小时的摄像机", "No camera off for over 24 h"),
        say(
            f"{offline['township_code'].nunique()} 个镇街；"
            + "、".join(f"{names[c]} {n}" for c, n in most_offline.items()),
            f"{offline['township_code'].nunique()} townships; "
            + ", ".join(f"{names[c]} {n}" for c, n in most_offline.items()),
        ),
        say("查看离线清单", "See the cameras"),
        {"tab": "rows"},
    )
    most_late = late["township_code"].value_counts().head(3)
    item(
        "projects",
        len(late),
        say(f"滞后项目 {len(late):,} 个", f"{len(late):,} projects behind"),
        say("已上报的项目没有滞后超 10 个百分点的", "No reported project is over 10 points behind"),
        say(
            "滞后超 10 个百分点；" + "、".join(f"{names[c]} {n}" for c, n in most_late.items()),
            "over 10 points behind; " + ", ".join(f"{names[c]} {n}" for c, n in most_late.items()),
        ),
        say("查看滞后项目", "See the projects"),
        {"tab": "rows"},
    )
    quiet = silent.groupby("township_code")["area"].agg(list)
    item(
        next((area for areas in quiet for area in areas if area in AREA_PAGES), "petitions"),
        len(quiet),
        say(f"{len(quiet)} 个镇街有未报数据", f"Not reported: {len(quiet)} of the townships"),
        say(f"{text.month_name(scope.end)}各镇街均已上报", f"All reported for {text.month_name(scope.end)}"),
        say("；", "; ").join(
            say(
                f"{names[str(township)]}（{'、'.join(AREAS[area][0] for area in areas)}）",
                f"{names[str(township)]} ({', '.join(AREAS[area][1] for area in areas)})",
            )
            for township, areas in quiet.items()
        ),
        say("查看这些镇街", "See these townships"),
        {},
        [names[str(township)] for township in quiet.index],
    )

# --- The course of the chosen indicator ---
trend_card(view, code, "overview trend", height=240)
