"""填报: the figures that a township reports by hand, all of a month in one table."""

import streamlit as st

from data_access import cache
from ui.asking.viewer import viewer
from ui.reporting.choice import choose
from ui.reporting.form import show_form
from ui.reporting.steps import show_returning, show_steps

by = viewer()
county = cache.county(by)
choice = choose(county, by)
if choice is None:
    st.stop()
show_form(county, by, choice)
show_returning(county, by, choice)
show_steps(county, by, choice)
