"""事件注记: what happened in the county and its townships that figures do not say, as charts mark it; who may, writes it."""

import streamlit as st

from ui.asking.view import current_view
from ui.asking.viewer import viewer
from ui.frame.told import show_told
from ui.notes.changes import show_changes
from ui.notes.form import WHERE, show_chosen, show_new
from ui.notes.table import notes_table
from ui.text import plain, say

view, by = current_view(), viewer()
st.caption(
    plain(
        say(
            "写在这里的事（暴雨、换承办公司、口径调整……）标在各图的时间轴上，也写进导出的文件和通报。不要写个人姓名和电话。",
            "What is written here (a storm, a new contractor, a change of definition) is marked on the time axes of charts, "
            "and goes into files and the bulletin. Write no names or telephones of persons.",
        )
    )
)
show_told(WHERE)
show_new(view, by)
notes_table(view)
show_chosen(view, by)
show_changes(view, by)
