"""督办: what was decided and what came of it; in the meeting one at a time, and a new one in a line."""

import streamlit as st

from ui.asking.view import current_view
from ui.decisions.card import show_actions, show_decision, show_history
from ui.decisions.form import WHERE, is_open, show_form
from ui.decisions.listing import known_items, narrowed, show_filters, show_list
from ui.decisions.meeting import show_meeting
from ui.frame.told import show_told
from ui.text import say

view = current_view()
found = known_items(view)

if st.session_state["mode"] == "meeting":
    show_told(WHERE)
    show_meeting(view, narrowed(found))
    st.stop()

show_filters(view, found)
show_told(WHERE)

# --- A new one ---
if is_open():
    if view.scope.viewer.may("decide"):
        show_form(view)
    else:
        st.info(
            say("您的账号不能立督办，请联系管理员。", "Your account may not take decisions; ask your administrator.")
        )

# --- One of them ---
chosen = next((one for one in found if one.decision.id == st.session_state["decision"]), None)
if chosen is not None:
    with st.container(border=True):
        show_decision(view, chosen)
        show_history(chosen)
        show_actions(chosen, view.scope.viewer)

# --- All of them ---
show_list(view, narrowed(found))
