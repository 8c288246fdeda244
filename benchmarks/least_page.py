"""The least that Streamlit can do: two buttons and the two figures of 总览. Run by ``benchmarks/least_app.py``."""

import streamlit as st

from data_access import cache
from data_access.access import UNRESTRICTED
from data_access.scope import Scope
from ui.asking.address import default_period
from ui.asking.view import View
from ui.cards.county_map import show_map
from ui.cards.indicators import trend_card

st.session_state["lang"] = "zh"
county = cache.county(UNRESTRICTED)


def pick(codes: tuple[str, ...] | None) -> None:
    """Show these townships."""
    st.session_state["codes"] = codes


st.button("全部", on_click=pick, args=(None,), key="all")
st.button("街道", on_click=pick, args=(county.kinds["街道"],), key="kind")
scope = Scope(UNRESTRICTED, st.session_state.get("codes"), *default_period(county))
view = View(county, cache.data_key(), "zh", scope, "year")
show_map(view, "on_time_rate")
trend_card(view, "on_time_rate", "overview trend", height=240)
