"""其他工作: whatever townships report by hand; a line of work appears with its row in the registry."""

import math

import pandas as pd
import streamlit as st

from data_access.areas import AREAS
from data_access.areas.reports import lists as report_lists
from data_access.cache import answer
from data_access.model.measured import measured
from ui import charts, text
from ui.asking.sentences import area_name
from ui.asking.view import current_view
from ui.cards.indicators import analysis_or_rows, chart_card
from ui.cards.rows import rows_card
from ui.explore.choice import opening
from ui.frame.notices import nothing_here
from ui.reporting.lists import reported_note, show_of_one, show_unreported
from ui.text import say, titles

view = current_view()
county = view.county
rows_wanted = analysis_or_rows()
if not county.reported:
    nothing_here(view, "reports", say("填报指标", "figures reported by hand"))
    st.stop()

codes = list(county.reported)
definitions = county.definitions
table = view.by_township(codes)
whole = view.measured(codes).iloc[0]
at_least = set(answer(report_lists.at_least_reports, view.scope).itertuples(index=False, name=None))
reporting = {code: int(table[code].count()) for code in codes}
compared = sorted((code for code in codes if reporting[code] > 1), key=lambda code: county.reported[code].area)


def shown(code: str, township_code: str, amount: float) -> str:
    """The figure; one that the source gives as a lower bound with ≥."""
    mark = "≥ " if (code, township_code) in at_least else ""
    indicator = county.reported[code]
    return mark + text.value(indicator, amount, with_unit=indicator.is_percentage)


if rows_wanted:
    rows = [
        {
            "township_code": row["township_code"],
            "reported_code": code,
            "reported_value": shown(code, row["township_code"], row[code]),
            "unit": text.unit(county.reported[code]),
        }
        for row in table.to_dict("records")
        for code in codes
        if not math.isnan(row[code])
    ]
    st.markdown(say(f"**填报数据 {len(rows):,} 条**", f"**{len(rows):,} figures reported**"))
    if rows:
        rows_card(view, pd.DataFrame(rows), say("填报数据", "Figures reported"), "reports")
    st.stop()

with st.grid(3, min_column_width=300, gap="medium"):
    for code in compared:
        indicator = view.indicator(code)
        known = table.dropna(subset=[code]).sort_values([code, "township_code"], ascending=[False, True])
        missing = len(table) - len(known)
        with st.container(border=True, height="stretch"):
            bounds = {row["name"] for row in known.to_dict("records") if (code, row["township_code"]) in at_least}
            title = titles.reported(view, indicator, known.set_index("name")[code], bounds)
            now = measured(indicator, whole)
            area = area_name(indicator.area) if indicator.area in AREAS else indicator.area
            note = f"{area} · {reported_note(definitions[code], indicator, now, missing)}"
            top = known.head(8)
            chart_card(
                title,
                charts.shares(
                    top["name"].tolist(),
                    top[code].tolist(),
                    axis="",
                    texts=[shown(code, *row) for row in top[["township_code", code]].itertuples(index=False)],
                    keys=top["name"].tolist(),
                    height=60 + 22 * len(top),
                ),
                f"reported {code}",
                explore=opening(view, [code], ["township_code"]),
                help=text.definition(indicator, now),
                note=note
                + (say(f"；显示前 {len(top)} 个", f"; the first {len(top)}") if len(known) > len(top) else ""),
                ways=view.ways_to_townships,
            )

show_of_one(view, [code for code in codes if reporting[code] == 1], table, shown)

# --- What is asked for and missing, and what nobody has reported ---
show_unreported(view, {code for code in codes if reporting[code]})
