"""预警: what the rates of the running month will likely be at its end, what it takes to reach the targets, and how sure that is."""

import streamlit as st

from data_access.warning.outlook import CODES
from ui.asking.address import keep_known
from ui.asking.view import current_view
from ui.cards.indicators import indicator_choice
from ui.frame.notices import nothing_here
from ui.text import say
from ui.warning.cases import show_open_cases
from ui.warning.townships import read_outlook, show_absence, show_cautions, show_chosen, show_townships, show_when
from ui.warning.tried import show_tried

view = current_view()
keep_known("indicator", CODES, CODES[0])
choice_column, when_column = st.columns([1, 1.9], gap="medium", vertical_alignment="center")
with choice_column:
    code = indicator_choice(view, CODES, "indicator", label=say("指标", "Indicator"))
outlook = read_outlook(view, code)
if outlook is None:
    nothing_here(view, "petitions", say("诉求", "cases"))
    st.stop()

if show_absence(view, outlook):
    st.stop()
with when_column:
    show_when(outlook)
show_cautions(view, outlook)

# --- What is said of one township, and of all ---
show_chosen(view, outlook)
show_townships(view, outlook)

# --- The cases that decide it ---
show_open_cases(view, outlook)

# --- How such warnings did ---
show_tried(outlook)
