"""The accounts: who has one, what each may see and do, and the forms that change it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data_access.access import RIGHTS, Viewer
from data_access.accounts import administering
from data_access.accounts.passwords import made_password
from data_access.accounts.tables import role_right
from data_access.areas.petitions.lists import departments
from data_access.cache import answer, engine, reachable_engine
from data_access.queries import County
from ui import text
from ui.elements.row_table import show_rows
from ui.frame.told import show_told
from ui.importing.turns import write
from ui.server.identity_settings import WITHOUT_PASSWORDS, identity
from ui.text import plain, say, spelled

# Where the page says what was done
WHERE = "accounts"


def do(action: Callable[[], object], told: str) -> None:
    """Do what a button says, and tell it on the page; ``told`` is plain already."""
    write(WHERE, action, told)


def show_people(county: County, by: Viewer) -> None:
    """The accounts; one that is chosen can be changed."""
    show_told(WHERE)
    with reachable_engine().connect() as connection:
        accounts = administering.listed(connection, by)
        roles = {row["code"]: say(row["name_zh"], row["name_en"]) for row in administering.roles(connection)}
        rights: dict[str, list[str]] = {code: [] for code in roles}
        for row in connection.execute(role_right.select()):
            rights[row.role_code].append(row.right_code)
    if not accounts:
        st.info(say("还没有账号。", "There are no accounts yet."))
    else:
        chosen = show_rows(
            _table(accounts, roles),
            "accounts",
            row_height=29,
            height=min(40 + 29 * len(accounts), 420),
            placeholder="—",
            on_select="rerun",
            selection_mode="single-row",
        )["selection"]["rows"]
        if chosen:
            _change(accounts[chosen[0]], roles, county, by)
        else:
            st.caption(say("点一行，可以重设口令、锁定、换角色", "Choose a row to reset, lock or change an account"))
    with st.popover(say("新建账号", "New account"), icon=":material/person_add:"):
        _add(roles, county, by)
    with st.expander(say("各角色能做什么", "What each role may do")):
        for code, name in roles.items():
            may = [say(*RIGHTS[right]) for right in RIGHTS if right in rights[code]]
            see = say("查看全部数字", "see all figures")
            st.markdown(plain(text.named(name, text.listed([see, *may], 10))))


def _table(accounts: list[dict[str, Any]], roles: dict[str, str]) -> pd.DataFrame:
    def state(row: dict[str, Any]) -> str:
        if row["is_locked"]:
            return say("已锁定", "locked")
        if row["locked_until"] is not None and row["locked_until"] > pd.Timestamp.now():
            return say("连错，暂不能登录", "too many failures")
        if row["must_change"] and identity() not in WITHOUT_PASSWORDS:
            return say("首次登录要改口令", "has to change the password")
        return say("在用", "in use")

    return pd.DataFrame(
        {
            say("账号", "Account"): [row["name"] for row in accounts],
            say("姓名", "Full name"): [row["full_name"] for row in accounts],
            say("角色", "Role"): [roles[row["role_code"]] for row in accounts],
            say("诉求明细的镇街", "Cases of"): [
                say("、", ", ").join(row["townships"]) or say("全部", "all") for row in accounts
            ],
            say("诉求明细的承办单位", "Cases of departments"): [
                say("、", ", ").join(row["departments"]) or say("全部", "all") for row in accounts
            ],
            say("上次登录", "Last sign-in"): [
                f"{row['signed_in_at']:%Y-%m-%d %H:%M}" if row["signed_in_at"] else None for row in accounts
            ],
            say("状态", "State"): [state(row) for row in accounts],
        }
    )


def _change(row: dict[str, Any], roles: dict[str, str], county: County, by: Viewer) -> None:
    name = row["name"]
    with st.container(border=True):
        st.markdown(f"**{plain(row['full_name'])}** · {plain(name)}")
        with st.container(horizontal=True):
            password = made_password()
            if row["has_password"] and identity() not in WITHOUT_PASSWORDS:
                _button(
                    say("重设口令", "Reset the password"),
                    ":material/key:",
                    partial(administering.reset, engine(), by, name, password, row["epoch"]),
                    say(
                        f"{name} 的新口令（只显示这一次，本人下次登录要改）：{password}",
                        f"The new password of {name} (shown once; to be changed at the next sign-in): {password}",
                    ),
                )
            if row["is_locked"] or row["locked_until"]:
                _button(
                    say("解锁", "Unlock"),
                    ":material/lock_open:",
                    partial(administering.unlock, engine(), by, name, row["epoch"]),
                    say(f"{name} 已解锁。", f"{name} is unlocked."),
                )
            if not row["is_locked"] and name != by.name:
                _button(
                    say("锁定，并在各处退出", "Lock, and sign out everywhere"),
                    ":material/lock:",
                    partial(administering.lock, engine(), by, name, row["epoch"]),
                    say(f"{name} 已锁定，各处已退出。", f"{name} is locked and signed out everywhere."),
                )
        if name == by.name:
            st.caption(say("自己的角色请别的管理员改。", "Let another administrator change your own role."))
            return
        with st.form("account role", border=False):
            columns = st.columns([1, 1.5, 1.5, 0.6], vertical_alignment="bottom")
            codes = list(roles)
            # Whoever else changes the account meanwhile gives the form another key: what stands in it is of one state.
            keys = [f"account {what} {name} {row['epoch']}" for what in ("role", "townships", "departments")]
            columns[0].selectbox(
                say("角色", "Role"), codes, codes.index(row["role_code"]), format_func=roles.__getitem__, key=keys[0]
            )
            own = [code for code, township in county.names.items() if township in row["townships"]]
            _townships(columns[1], county, own, keys[1])
            _departments(columns[2], by, row["departments"], keys[2])
            columns[3].form_submit_button(
                say("更改", "Change"), on_click=_change_role, args=(by, name, keys, row["epoch"])
            )


def _change_role(by: Viewer, name: str, keys: list[str], epoch: int) -> None:
    role, townships, own_departments = (st.session_state[key] for key in keys)
    do(
        lambda: administering.change_role(engine(), by, name, role, townships, own_departments, epoch),
        plain(say(f"{name} 已更改，要重新登录。", f"{name} is changed and has to sign in again.")),
    )


def _townships(place: Any, county: County, own: list[str], key: str | None = None) -> list[str]:
    chosen: list[str] = place.multiselect(
        say("只看这些镇街的诉求明细（不选为全部）", "Cases of these townships only (none: of all)"),
        list(county.names),
        own,
        format_func=lambda code: spelled(county.names[code]),
        placeholder=say("全部镇街", "All townships"),
        key=key,
    )
    return chosen


def _departments(place: Any, by: Viewer, own: list[str], key: str | None = None) -> list[str]:
    chosen: list[str] = place.multiselect(
        say("只看这些承办单位的诉求明细（不选为全部）", "Cases of these departments only (none: of all)"),
        # Those that no case has any longer stay until somebody takes them away.
        sorted({*answer(departments, by), *own}),
        own,
        format_func=plain,
        placeholder=say("全部承办单位", "All departments"),
        key=key,
    )
    return chosen


def _button(label: str, icon: str, action: Callable[[], object], told: str) -> None:
    st.button(plain(label), icon=icon, key=f"{icon} account", on_click=do, args=(action, plain(told)))


def _add(roles: dict[str, str], county: County, by: Viewer) -> None:
    with st.form("new account", border=False):
        signs_in_elsewhere = identity() in WITHOUT_PASSWORDS
        name = st.text_input(
            say(
                "账号（与统一身份认证或代理报出的名字相同）",
                "Account (as the identity service or the proxy names them)",
            )
            if signs_in_elsewhere
            else say("账号（登录时输入）", "Account (typed to sign in)"),
            max_chars=120,
        )
        full_name = st.text_input(say("姓名", "Full name"), max_chars=64)
        role = st.selectbox(say("角色", "Role"), list(roles), format_func=roles.__getitem__)
        townships, own_departments = _townships(st, county, []), _departments(st, by, [])
        if st.form_submit_button(say("建账号", "Make the account"), type="primary"):
            password = None if signs_in_elsewhere else made_password()
            told = (
                say(
                    f"已建账号 {name}，口令（只显示这一次，本人第一次登录要改）：{password}",
                    f"The account {name} is made; its password (shown once; changed at the first sign-in): {password}",
                )
                if password
                else say(f"已建账号 {name}。", f"The account {name} is made.")
            )
            do(
                partial(administering.add, engine(), by, name, full_name, role, password, townships, own_departments),
                plain(told),
            )
            st.rerun()
