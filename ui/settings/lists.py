"""The kinds of events, how long who raised a case is kept, and what the wall rotates."""

from __future__ import annotations

from datetime import date
from functools import partial

import streamlit as st

from data_access.access import Viewer
from data_access.cache import engine, reachable_engine
from data_access.event_kinds import KindsProblem, event_kinds
from data_access.persons import forget_persons, last_kept, persons_due
from data_access.queries import County
from data_access.settings.kept import Rotation, own_event_kinds, persons_months, rotation
from data_access.settings.lists import set_event_kinds, set_persons_months, set_rotation
from ui.elements.asked_once import asked_once
from ui.frame.pages import page_name
from ui.importing.turns import write
from ui.screen.settings import SUBJECTS
from ui.settings.subject import Changes, form, save, save_button, subject, where
from ui.text import listed, plain, problem_sentence, say


def show_event_kinds(county: County, changes: Changes, by: Viewer) -> None:
    """The kinds of events that grids report."""
    last = changes.get("event_kinds")
    try:
        kinds = event_kinds(own_event_kinds(county.settings))
        told = say(f"{len(kinds)} 类：", f"{len(kinds)} kinds: ") + listed(kinds, 30)
    except KindsProblem as problem:
        kinds, told = (), problem_sentence(problem)
    now = form("event_kinds", last, kinds)
    key = f"event kinds {now.key}"
    with (
        subject("event_kinds", say("网格事项清单", "Kinds of events"), told, last),
        st.form(key, border=False, enter_to_submit=False),
    ):
        st.text_area(
            say("一行一类；全部删去则恢复自带的清单", "A kind in a line; none: the list that comes along"),
            "\n".join(now.draft),
            height=220,
            key=f"{key} lines",
        )
        save_button("event kinds", _save_kinds, (key, now.seen, by))


def _save_kinds(key: str, seen: int, by: Viewer) -> None:
    kinds = st.session_state[f"{key} lines"].splitlines()
    save("event_kinds", partial(set_event_kinds, engine(), by, kinds, seen))


def show_retention(county: County, changes: Changes, by: Viewer) -> None:
    """For how long who raised a case is kept, and what is over."""
    last, months = changes.get("persons_months"), persons_months(county.settings)
    told = say("没有设期限：一直保存", "not set: kept for ever")
    due, over = 0, None
    if months is not None:
        over = last_kept(months)
        with reachable_engine().connect() as connection:
            due = persons_due(connection, by, over)
        told = say(
            f"办结后保存 {months} 个月，即 {over} 以前办结的到期；现有 {due:,} 件到期未删",
            f"{months} months after closing: cases closed before {over} are over, of which {due:,} are still kept",
        )
    now = form("persons_months", last, months)
    key = f"retention {now.key}"
    with subject("retention", say("诉求人信息的保存期限", "How long petitioners are kept"), told, last):
        st.caption(
            plain(
                say(
                    "到期的姓名、电话、诉求内容和位置由管理员在这里删除，或定时运行 python -m data_access.persons forget；数字不变。"
                    "操作记录至少保存六个月，账号只锁定、不删除。",
                    "Names, telephones, what was said and where, once over, are deleted here, or by "
                    "python -m data_access.persons forget at set times; figures stay. The audit log is kept for six "
                    "months at least; accounts are locked, never deleted.",
                )
            )
        )
        with st.form(key, border=False, enter_to_submit=False):
            st.number_input(
                say("办结后保存几个月（不填：一直保存）", "Months after closing (empty: for ever)"),
                min_value=1,
                max_value=1200,
                value=now.draft,
                step=1,
                key=f"{key} months",
            )
            save_button("retention", _save_months, (key, now.seen, by))
        if due and over is not None:
            asked_once(
                say("删除到期的", "Delete what is over"),
                say(
                    f"删去 {over} 以前办结的 {due:,} 件诉求的姓名、电话、内容和位置？删了不能恢复，数字不变。",
                    f"Delete names, telephones, what was said and where of the {due:,} cases closed before {over}? This cannot be "
                    "undone; figures stay.",
                ),
                say("确认删除", "Delete"),
                icon=":material/delete:",
                key="forget persons",
                on_click=_forget,
                args=(over, by),
            )


def _save_months(key: str, seen: int, by: Viewer) -> None:
    months = st.session_state[f"{key} months"]
    save(
        "retention",
        partial(set_persons_months, engine(), by, None if months is None else int(months), seen),
        "persons_months",
    )


def _forget(over: date, by: Viewer) -> None:
    told = say(f"{over} 以前办结的已删去。", f"Those closed before {over} are deleted.")
    write(where("retention"), partial(forget_persons, engine(), by, over), plain(told))


def show_rotation(county: County, changes: Changes, by: Viewer) -> None:
    """What the wall rotates where its address does not say."""
    last, held = changes.get("rotation"), rotation(county.settings)
    shown = [name for name in held.show if name in SUBJECTS] or list(SUBJECTS)
    told = say(f"每 {held.every:g} 秒换一屏：", f"Every {held.every:g} seconds: ") + listed(
        [page_name(name) for name in shown], 20
    )
    now = form("rotation", last, (shown, int(held.every)))
    key = f"rotation {now.key}"
    with subject("rotation", say("大屏轮播", "The wall's rotation"), told, last):
        st.caption(
            plain(
                say(
                    "地址里另写了画面或秒数的大屏按地址；放到大屏的视图也轮播。",
                    "A wall whose address names frames or seconds goes by these; views put on the screen rotate, too.",
                )
            )
        )
        with st.form(key, border=False, enter_to_submit=False):
            columns = st.columns([3, 1])
            columns[0].multiselect(
                say("画面，按轮播的顺序", "Frames, in their order"),
                list(SUBJECTS),
                now.draft[0],
                format_func=lambda name: plain(page_name(name)),
                placeholder=say("不选：全部", "None: all"),
                key=f"{key} show",
            )
            columns[1].number_input(say("每屏几秒", "Seconds each"), 5, 3600, now.draft[1], key=f"{key} every")
            save_button("rotation", _save_rotation, (key, now.seen, by))


def _save_rotation(key: str, seen: int, by: Viewer) -> None:
    show, every = tuple(st.session_state[f"{key} show"]), float(st.session_state[f"{key} every"])
    wanted = Rotation(() if show == tuple(SUBJECTS) else show, every)
    save("rotation", partial(set_rotation, engine(), by, wanted, SUBJECTS, seen))
