"""诉求卡片: everything about one case in the order of time, with the one before and the one after it in the list."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from data_access import cache
from data_access.access import NotAllowed, Viewer
from data_access.areas import AREAS
from data_access.cache import fresh_part
from data_access.exploring.case_history import Case, CaseEvent, case_history
from data_access.persons import case_persons
from data_access.problems import Problem
from ui.asking.view import View
from ui.decisions.of_cases import show_way_of_case
from ui.frame.notices import not_allowed_notice
from ui.text import NO_DATA, named, plain, problem_sentence, say


def show_case(view: View, chosen: str, keys: Sequence[str], choose: Callable[[str], None], *, is_more: bool) -> None:
    """The chosen case, if any; ``keys`` are the cases of the list (township code/number) in its order.

    It need not be in the list, as one that was opened by its number.
    """
    if not chosen:
        return
    township_code, _, case_no = chosen.partition("/")
    case = fresh_part(case_history, (view.scope.viewer, township_code, case_no))
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{plain(case_no)}**", width="content")
            if chosen in keys:
                place = keys.index(chosen)
                of = f"{len(keys)}+" if is_more else str(len(keys))
                st.caption(plain(say(f"第 {place + 1} 件，共 {of} 件", f"{place + 1} of {of}")), width="content")
                for step, words, icon in (
                    (-1, say("上一件", "Previous"), ":material/arrow_back:"),
                    (1, say("下一件", "Next"), ":material/arrow_forward:"),
                ):
                    is_there = 0 <= place + step < len(keys)
                    target = keys[place + step] if is_there else ""
                    st.button(
                        plain(words),
                        icon=icon,
                        disabled=not is_there,
                        key=f"case {step}",
                        on_click=choose,
                        args=(target,),
                    )
            elif keys:
                st.caption(
                    say("不在下面的清单里（时段或筛选以外）", "Not in the list below (another period or filter)"),
                    width="content",
                )
            show_way_of_case(view, chosen)
            st.button(
                say("关闭", "Close"),
                icon=":material/close:",
                key="close case",
                on_click=choose,
                args=("",),
            )
        if case is None:
            try:
                view.scope.viewer.require_case(township_code, None)
            except NotAllowed as problem:
                not_allowed_notice(problem)
            else:
                st.info(say("这件诉求已不在数据里。", "This case is not in the data any more."))
            return
        _show(view, case)
        _show_related(township_code, case, choose)
        _show_persons(view.scope.viewer, township_code, case_no)


def way_to_case(township_code: str, case_no: str) -> dict[str, str]:
    """The page (``path``) and ``query`` that open the card of a case, from wherever."""
    query = urlencode({"tab": "rows", "case": f"{township_code}/{case_no}"})
    return {"path": AREAS["petitions"].page, "query": query}


def _show_related(township_code: str, case: Case, choose: Callable[[str], None]) -> None:
    """Ways to the cases that this one repeats, and that repeat it."""
    if not (related := [event for event in case.events if event.what in ("repeats", "repeated")]):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for event in related:
            st.button(
                plain(f"{_name(event)} {event.detail}"),
                icon=":material/link:",
                key=f"related {event.detail}",
                on_click=choose,
                args=(f"{township_code}/{event.detail}",),
            )


def _show_persons(viewer: Viewer, township_code: str, case_no: str) -> None:
    """Who raised the case, what was said and where, to who has the right, once they have said why."""
    if not viewer.may("persons"):
        return
    titles = {
        "petitioner": say("诉求人", "Petitioner"),
        "phone": say("电话", "Telephone"),
        "text": say("诉求内容", "What was said"),
    }
    shown_case, persons = st.session_state.get("persons", (None, {}))
    if shown_case == (township_code, case_no):
        for name, title in titles.items():
            st.markdown(plain(named(title, persons.get(name, NO_DATA))))
        if "longitude" in persons and "latitude" in persons:
            system = persons.get("coordinate_system", say("没有写明坐标系", "no coordinate system"))
            where = f"{persons['longitude']}, {persons['latitude']} ({system})"
            st.markdown(plain(say(f"经度、纬度：{where}", f"Longitude, latitude: {where}")))
        return
    with st.form("ask for persons", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        reason = st.text_input(
            say("查看诉求人、电话、内容和位置的原因", "Why you look at petitioner, telephone, text and place"),
            max_chars=200,
            placeholder=say("如：回访核实；原因记入操作记录", "e.g. calling back; it goes into the audit log"),
        )
        if st.form_submit_button(say("查看", "Show"), icon=":material/visibility:"):
            try:
                persons = case_persons(cache.reachable_engine(), viewer, township_code, case_no, reason)
            except Problem as problem:
                st.error(problem_sentence(problem))
            else:
                st.session_state["persons"] = ((township_code, case_no), persons)
                st.rerun()


def _show(view: View, case: Case) -> None:
    facts = case.facts
    st.header(plain(facts["title"] or say("（无标题）", "(no title)")), anchor=False)
    path = " › ".join(facts[f"category_{level}"] for level in (1, 2, 3) if facts[f"category_{level}"])
    where = " · ".join(filter(None, (view.county.names.get(facts["township_code"], ""), facts["village"])))
    about = {
        say("地点", "Place"): where,
        say("类别", "Category"): path,
        say("承办单位", "Department"): facts["department"],
        say("状态", "Status"): facts["status"],
        say("诉求人", "Petitioner"): facts["petitioner"],
    }
    st.caption(plain(" | ".join(named(name, value) for name, value in about.items() if value)))
    if facts["invalid_reason"]:
        st.warning(say("本件已作废，不计入任何指标。", "This case was deleted as invalid and counts nowhere."))
    st.table(
        {
            say("时间", "When"): [f"{event.at:%Y-%m-%d %H:%M}" if event.at else "—" for event in case.events],
            say("环节", "What"): [plain(_name(event)) for event in case.events],
            say("距受理", "After receipt"): [plain(_elapsed(event, facts)) for event in case.events],
            say("说明", "Detail"): [plain(_detail(event, facts)) for event in case.events],
        },
        border="horizontal",
    )


def _name(event: CaseEvent) -> str:
    return {
        "received": say("受理", "Received"),
        "signed": say("签收", "Signed for"),
        "due": say("办理期限", "Due"),
        "replied": say("答复", "Replied"),
        "closed": say("办结", "Closed"),
        "called_back": say("回访", "Called back"),
        "repeats": say("此前的诉求", "Earlier case"),
        "repeated": say("再次反映", "Raised again"),
        "imported": say("导入更新", "Changed by an import"),
        "as_of": say("数据截至", "Data as of"),
    }[event.what]


def _elapsed(event: CaseEvent, facts: dict[str, Any]) -> str:
    if event.at is None or event.what in ("received", "imported"):
        return ""
    days = (event.at - facts["received_at"]).total_seconds() / 86400
    if abs(days) < 1:
        return say(f"{24 * days:.1f} 小时", f"{24 * days:.1f} hours")
    return say(f"{days:.1f} 天", f"{days:.1f} days")


def _detail(event: CaseEvent, facts: dict[str, Any]) -> str:
    match event.what:
        case "closed" if facts["due_at"]:
            late = (event.at - facts["due_at"]).total_seconds() / 86400 if event.at else 0
            return say(f"逾期 {late:.1f} 天", f"{late:.1f} days late") if late > 0 else say("按期", "on time")
        case "as_of" if facts["due_at"] and event.at and event.at >= facts["due_at"]:
            late = (event.at - facts["due_at"]).total_seconds() / 86400
            return say(f"仍未办结，已超期 {late:.1f} 天", f"still open, {late:.1f} days overdue")
        case "as_of":
            return say("仍未办结", "still open")
        case "called_back":
            given = json.loads(event.detail)
            words = {
                "resolved": {True: say("已解决", "resolved"), False: say("未解决", "not resolved")},
                "satisfied": {True: say("满意", "satisfied"), False: say("不满意", "dissatisfied")},
            }
            told = [words[name][value] for name, value in given.items() if value is not None]
            return say("、", ", ").join(told) or say("未记录结果", "no answer recorded")
        case "imported":
            changed = [
                named(name, value or NO_DATA) for name, value in _changes(json.loads(event.detail), facts).items()
            ]
            return say("原为 ", "before: ") + say("，", ", ").join(changed) if changed else ""
        case _:
            return event.detail


def _changes(before: dict[str, Any], facts: dict[str, Any]) -> dict[str, str]:
    names = {
        "channel": say("渠道", "channel"),
        "category_1": say("一级类别", "category 1"),
        "category_2": say("二级类别", "category 2"),
        "category_3": say("三级类别", "category 3"),
        "department": say("承办单位", "department"),
        "status": say("状态", "status"),
        "due_at": say("办理期限", "due"),
        "closed_at": say("办结时间", "closed"),
    }
    return {
        names[name]: str(value or "")[:16]
        for name, value in before.items()
        if str(value or "")[:16] != str(facts[name] or "")[:16]
    }
