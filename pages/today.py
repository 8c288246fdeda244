"""今日待办: what must be done now, by whom, and which cases exactly."""

import streamlit as st

from ui.asking.view import current_view
from ui.text import plain, say
from ui.todo.counting import own_view
from ui.todo.matrix import chosen_to_do, show_matrix, today_words
from ui.todo.places import has_places, keep_department, show_departments, show_townships
from ui.todo.rows import show_rows

view = own_view(current_view())
if view.scope.within() == ():
    st.info(
        say(
            "所选镇街不在您负责的范围内。请在左侧改选，或“重置筛选”。",
            "These townships are not among yours. Choose others on the left, or reset the filters.",
        )
    )
    st.stop()
st.caption(plain(today_words(view)))

department = keep_department(view)
code, urgency = chosen = chosen_to_do(view, department)
show_matrix(view, chosen, department)

if not has_places(view, code):
    show_rows(view, code, urgency, department)
    st.stop()
place_column, row_column = st.columns([1.35, 2.2], gap="medium")
with place_column:
    show_townships(view, code, department)
    show_departments(view, code, department)
with row_column:
    show_rows(view, code, urgency, department)
