"""Of which township and month figures are reported, and what is still owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
import streamlit as st

from data_access.access import Viewer
from data_access.areas.reports.reporting import last_asked, may_return, owed_figures, reporting_townships
from data_access.cache import answer
from data_access.queries import County
from data_access.scope import Scope, month_offset, month_range
from ui.text import month_name, plain, say, spelled

# How many months back the form offers
_MONTHS = 24


@dataclass(frozen=True)
class Choice:
    """A township (code) and a month, and whether the viewer may report its figures, else only look at them."""

    township_code: str
    month: str
    may_report: bool


def choose(county: County, by: Viewer) -> Choice | None:
    """The township and the month, chosen where there are several; None, and why is said, where nothing can be reported."""
    own = reporting_townships(by, county.names)
    townships = own or (tuple(county.names) if may_return(by) else ())
    if not townships:
        st.info(
            plain(
                say(
                    "您的账号还没有可以填报的镇街，请联系管理员在“账号”页里写明。",
                    "Your account has no township to report for; ask your administrator to name it under Accounts.",
                )
            )
        )
        return None
    if not county.definitions:
        st.info(
            plain(
                say(
                    "还没有填报指标。管理员在“设置”页的“填报指标”里添加。",
                    "No figures are defined yet; an administrator adds them under Settings.",
                )
            )
        )
        return None
    today = date.today()
    last = last_asked(tuple(county.as_of.values()), today)
    months = month_range(month_offset(last, 1 - _MONTHS), min(month_offset(last, 1), f"{today:%Y-%m}"))[::-1]
    owed = answer(owed_figures, Scope(by, townships, months[-1], months[0]), today)
    columns = st.columns([1, 1.3, 2.2], vertical_alignment="bottom")
    with columns[0]:
        township_code = _township(county, townships, owed)
    with columns[1]:
        month = _month(months, last, owed[owed["township_code"] == township_code])
    return Choice(township_code, month, bool(own))


def _township(county: County, townships: tuple[str, ...], owed: pd.DataFrame) -> str:
    if len(townships) == 1:
        st.header(plain(county.names[townships[0]]), anchor=False)
        return townships[0]
    filtered = [code for code in townships if county.names[code] in st.session_state.get("street", ())]
    counts = owed["township_code"].value_counts()
    return str(
        st.selectbox(
            say("镇街", "Township"),
            townships,
            townships.index(filtered[0]) if filtered else 0,
            format_func=lambda code: plain(spelled(county.names[code]) + _owes(int(counts.get(code, 0)))),
            # Another choice of the filters begins anew.
            key=f"reporting township {' '.join(filtered)}",
        )
    )


def _month(months: tuple[str, ...], last: str, owed: pd.DataFrame) -> str:
    counts = owed["month"].value_counts()
    filtered = st.session_state.get("to")
    first = filtered if filtered in months else last
    return str(
        st.selectbox(
            say("月份", "Month"),
            months,
            months.index(first),
            format_func=lambda month: plain(month_name(month) + _owes(int(counts.get(month, 0)))),
            key=f"reporting month {first}",
        )
    )


def _owes(count: int) -> str:
    return say(f"（欠 {count} 项）", f" ({count} owed)") if count else ""
