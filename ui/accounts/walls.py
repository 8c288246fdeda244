"""The keys of walls: made, listed, revoked."""

from __future__ import annotations

from functools import partial

import streamlit as st

from data_access.access import Viewer
from data_access.accounts.wall_keys import keys, make_key, revoke_key
from data_access.cache import engine, reachable_engine
from ui.accounts.people import WHERE, do
from ui.frame.told import tell
from ui.importing.turns import write
from ui.text import plain, say


def show_walls(by: Viewer) -> None:
    """The keys, and a form for another."""
    st.markdown(say("**墙屏密钥**", "**Keys of walls**"))
    with reachable_engine().connect() as connection:
        known = keys(connection, by)
    for key in known:
        row = st.columns([2, 2, 1], vertical_alignment="center")
        row[0].markdown(plain(key["name"]))
        row[1].caption(plain(f"{key['created_at']:%Y-%m-%d %H:%M}"))
        if key["revoked_at"]:
            row[2].caption(plain(say(f"{key['revoked_at']:%m-%d} 吊销", f"revoked {key['revoked_at']:%m-%d}")))
        else:
            row[2].button(
                say("吊销", "Revoke"),
                key=f"revoke {key['id']}",
                on_click=do,
                args=(
                    partial(revoke_key, engine(), by, key["id"]),
                    plain(say(f"“{key['name']}”的密钥已吊销。", f"The key of “{key['name']}” is revoked.")),
                ),
            )
    with st.form("wall key", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            say("给哪块屏", "For which wall"), max_chars=64, placeholder=say("如：指挥大厅", "e.g. hall")
        )
        if st.form_submit_button(say("发密钥", "Make a key"), icon=":material/key:"):
            made: list[str] = []
            if write(WHERE, lambda: made.append(make_key(engine(), by, name))):
                address = f"{(st.context.url or '').rpartition('/')[0]}/screen?key={made[0]}"
                told = say(
                    "在墙屏的浏览器里打开一次（只显示这一次）：", "Open once in the wall's browser (shown once): "
                )
                tell(WHERE, plain(told + address))
            st.rerun()
