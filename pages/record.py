"""操作记录: who did what, when, from where, what was before and after; for administrators."""

import streamlit as st

from data_access.access import NotAllowed
from ui.asking.viewer import viewer
from ui.audit.deeds import chain_state, deeds_table, deeds_wanted
from ui.text import problem_sentence

try:
    viewer().require("administer")
    viewer().require_all()
except NotAllowed as problem:
    st.info(problem_sentence(problem), icon=":material/lock:")
    st.stop()

chain_state()
deeds_table(deeds_wanted())
