"""账号: who may sign in, what each may see and do, and the keys of walls; for administrators."""

import streamlit as st

from data_access import cache
from ui.accounts.people import show_people
from ui.accounts.walls import show_walls
from ui.asking.viewer import viewer
from ui.server.identity_settings import NONE, identity
from ui.text import say

by = viewer()
if identity() == NONE:
    st.info(
        say(
            "现在不问是谁（IDENTITY=none），账号要等管理员设 IDENTITY=accounts、oidc 或 header 后才用得上，做法见 docs/security.md。",
            "Nobody is asked who they are (IDENTITY=none): accounts count once IDENTITY is accounts, oidc or header, see "
            "docs/security.md.",
        )
    )
show_people(cache.county(by), by)
show_walls(by)
