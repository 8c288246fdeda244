"""数据导入: a file into a table: choose it, see its columns, check it, load it; and every load can be undone."""

import streamlit as st

from ui.importing.batches import batches_list
from ui.importing.check import check_step
from ui.importing.columns import columns_step
from ui.importing.file import file_step, what_a_table_needs
from ui.importing.load import interrupted_notices, load_step, loaded_step
from ui.importing.order import order_of_tables
from ui.importing.unforeseen import unforeseen_told
from ui.text import plain, say

tabs = {"load": say("装入文件", "Load a file"), "batches": say("历次导入", "Imports")}
tab = st.segmented_control(
    say("查看", "Show"),
    list(tabs),
    format_func=lambda code: plain(tabs[code]),
    default="load",
    required=True,
    label_visibility="collapsed",
    key="import tab",
)

if tab == "batches":
    batches_list()
else:
    interrupted_notices()
    with unforeseen_told():
        draft = file_step()
        if draft is None:
            order_of_tables()
            what_a_table_needs(st.session_state["import table"])
        elif draft.load is not None:
            loaded_step(draft, draft.load)
        elif columns_step(draft):
            result = check_step(draft)
            if result is not None:
                load_step(draft, result)
