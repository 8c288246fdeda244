"""月度评比: scores and places of a month, why they changed, what would gain one, and how far to trust them."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NoReturn
from urllib.parse import urlencode

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data_access import cache
from data_access.access import NotAllowed
from data_access.areas import AREAS
from data_access.evaluation.confirming import is_same_person, takes_two
from data_access.evaluation.proposals import confirm, proposal, propose, take_back
from data_access.evaluation.records import (
    add_item,
    exclude_case,
    freeze,
    include_case,
    withdraw_item,
)
from data_access.evaluation.schemes import SchemeProblem
from data_access.small_counts import open_townships
from ui import text
from ui.asking.address import keep_known
from ui.asking.view import current_view
from ui.asking.viewer import viewer
from ui.bulletin.files import archive
from ui.bulletin.told import bulletin
from ui.cards.rows import rows_table
from ui.cases.card import way_to_case
from ui.elements.asked_once import asked_once
from ui.elements.element import show_way
from ui.evaluation.cards import (
    corrections,
    criterion_name,
    focus,
    funnel_criteria,
    gain_sentences,
    gains_of,
    headline,
    is_ranked_alone,
    month_shown,
    named_month,
    ranks_nobody,
    result,
    schemes_of_month,
    show_change,
    show_formula,
    show_funnel,
    show_leagues,
    show_open_cases,
    show_place_ranges,
    state_of,
    streak_sentence,
)
from ui.files.downloads import recorded
from ui.frame.told import show_told
from ui.importing.turns import write
from ui.text import plain, problem_sentence, say

RECORDS = ("items", "exclusions", "freeze")
# Where the cases behind an indicator are listed, and of which state
BEHIND = {
    "on_time_rate": ("petitions", {"tab": "rows", "state": "late"}),
    "satisfaction_rate": ("petitions", {"tab": "rows", "state": "dissatisfied"}),
    "resolved_rate": ("petitions", {"tab": "rows", "state": "closed"}),
}

view = current_view()
month = view.scope.end

try:
    known = schemes_of_month(view, month)
except NotAllowed as problem:
    st.info(problem_sentence(problem))
    st.stop()
except SchemeProblem as problem:
    st.error(problem_sentence(problem), title=say("评比方案不能用", "A scheme cannot be used"))
    st.stop()
if not known:
    st.info(say(f"{text.month_name(month)}没有有效的评比方案。", f"No scheme is valid in {text.month_name(month)}."))
    st.stop()

# --- The scheme, and whether the month is final ---
by_id = {scheme.id: scheme for scheme in known}
scheme_names = text.scheme_names(known)
scheme = by_id[keep_known("scheme", by_id, next(iter(by_id)))]
left, right = st.columns([1, 2.6], gap="medium", vertical_alignment="bottom")
with left:
    st.selectbox(
        say("评比方案", "Scheme"),
        tuple(by_id),
        format_func=lambda code: plain(scheme_names[code]),
        key="scheme",
        help=plain(scheme.source) if scheme.source else None,
    )
month = month_shown(view, scheme)
# Of another month it may be another version of the same scheme.
scheme = next((one for one in schemes_of_month(view, month) if one.id == scheme.id), scheme)
found = result(view, scheme, month)
with right:
    st.markdown(f"**{plain(named_month(found) + say('：', ': ') + headline(found))}**")
    version = found.frozen
    if version is None:
        st.caption(
            say(
                "未定版：数字随数据更新。月份取左侧筛选的“至”。",
                "Not final: figures follow the data. The month is the filters' “To”.",
            )
        )
    else:
        st.caption(
            plain(
                say(
                    f"{state_of(found)}：第 {version.version} 版，{version.frozen_at:%Y-%m-%d %H:%M} 由{version.proposed_by + '提出、' if version.proposed_by else ''}{version.frozen_by}{'发布' if version.stage == 'draft' else '定版'}，SHA-256 {version.sha256[:16]}…",
                    f"{state_of(found)}: version {version.version}, {version.frozen_at:%Y-%m-%d %H:%M} by {version.frozen_by}{', proposed by ' + version.proposed_by if version.proposed_by else ''}, SHA-256 {version.sha256[:16]}…",
                )
            )
        )
if found.frozen is not None and not found.frozen.is_intact:
    st.error(
        say(
            "这一版的内容与定版时的 SHA-256 不符，已被改动，不能作为依据。请从备份恢复。",
            "This version no longer has the SHA-256 it was frozen with: it was changed and proves nothing. Restore a backup.",
        )
    )
    st.stop()

changed = corrections(found)
if ranks_nobody(found):
    st.info(
        say(
            "现有数据不够这个方案用，没有镇街能排名。管理员可以在“设置”里按现有数据拟一个方案。",
            "There are not the data that this scheme needs, and no township is ranked. Administrators can have one proposed "
            "in the settings.",
        )
    )

# --- Scores and places ---
show_leagues(found)
st.download_button(
    say("下载月度通报（Word、Excel、图）", "Bulletin (Word, Excel, charts; in Chinese)"),
    recorded(
        lambda: archive(bulletin(cache.reachable_engine(), view.scope.viewer, month, scheme.id)),
        "zip",
        f"{say('月度通报', 'Bulletin')} · {month} · {say(scheme.zh, scheme.en)}",
        len(found.shown.field.codes),
        right=None,
    ),
    f"{view.county.name}{month}评比通报.zip",
    "application/zip",
    icon=":material/description:",
    on_click="ignore",
)


def way(code: str) -> dict[str, str]:
    """The page and query of the rows behind an indicator, of this township and month."""
    area = view.county.indicator(code).area
    page, query = BEHIND.get(code, (AREAS[area].page if area in AREAS else "petitions", {"tab": "rows"}))
    return {"path": page, "query": urlencode({"street": view.county.names[str(focused)], "from": month, **query})}


# --- One township: why, and what to do ---
focused = focus(found)
if focused is not None:
    change_column, gain_column = st.columns([1.5, 1], gap="medium")
    with change_column:
        show_change(found, focused)
    with gain_column:
        name = view.county.names[focused]
        st.markdown(f"**{plain(say(f'{name}：前进一名，任做一件即可', f'{name}: any one of these gains a place'))}**")
        gained = gains_of(found, focused)
        if gained:
            st.markdown(gain_sentences(gained))
            show_open_cases(found, focused, gained)
        else:
            place = found.shown.place[found.shown.position(focused)]
            st.caption(
                say("同组没有别的镇街有名次。", "No other township of its league has a place.")
                if is_ranked_alone(found, focused)
                else say("已是第一名。", "It is first.")
                if place == 1
                else say(
                    f"未排名：{text.without_place(str(found.shown.standing[found.shown.position(focused)]))}。",
                    f"It is not ranked: {text.without_place(str(found.shown.standing[found.shown.position(focused)]))}.",
                )
                if math.isnan(place)
                else say("没有哪一项单独做到头就能前进一名。", "No criterion alone can gain a place.")
            )
        if streak := streak_sentence(found, focused):
            st.caption(plain(streak))
        if view.chosen is None:
            st.caption(
                say(
                    "默认看下降最多的镇街；点上表一行换一个。",
                    "Shown: who fell furthest. Click a row above for another.",
                )
            )
    show_formula(found, focused, way)

# --- How far to trust the places ---
shares = funnel_criteria(found)
range_column, funnel_column = st.columns(2, gap="medium")
with range_column:
    for league in found.shown.field.members:
        show_place_ranges(found, league)
with funnel_column:
    if shares:
        keys = {one.key: one for one in shares}
        if st.session_state.get("funnel criterion") not in keys:
            st.session_state["funnel criterion"] = next(iter(keys))
        st.selectbox(
            say("指标", "Indicator"),
            tuple(keys),
            format_func=lambda key: criterion_name(keys[key]),
            key="funnel criterion",
            label_visibility="collapsed",
        )
        for league in found.shown.field.members:
            show_funnel(found, keys[st.session_state["funnel criterion"]], league)

# --- What people enter ---
st.divider()


def write_here(action: Callable[[], object], told: str = "") -> NoReturn:
    """Do it, and run the page again with what was written, or with what was in the way."""
    if write("records", action, told):
        cache.look_again()
    st.rerun()


def typed_name(place: DeltaGenerator, label: str) -> str:
    """The name that somebody signs with who has not signed in; who has, signs with that."""
    return "" if by.is_signed_in else place.text_input(plain(label), max_chars=64)


by = viewer()
may_enter = by.may("evaluate")
labels = {
    "items": say("加减分", "Points by hand"),
    "exclusions": say("剔除", "Cases taken out"),
    "freeze": say("定版", "Freeze"),
}
st.segmented_control(
    say("记录", "Records"),
    RECORDS,
    format_func=lambda code: plain(labels[code]),
    key="evaluation records",
    default=RECORDS[0],
    required=True,
    label_visibility="collapsed",
)
which = st.session_state["evaluation records"]
show_told("records")

if which == "items":
    if may_enter:
        with st.form("evaluation item", border=True):
            columns = st.columns([1, 0.7, 1.6, 1.6, 0.9], vertical_alignment="bottom")
            names = view.county.names
            township = columns[0].selectbox(
                say("镇街", "Township"), tuple(names), format_func=lambda code: text.spelled(names[code])
            )
            points = columns[1].number_input(
                say("分数（负为扣分）", "Points (below 0: taken)"), -100.0, 100.0, 0.0, 0.5
            )
            reason = columns[2].text_input(say("原因", "Reason"), max_chars=200)
            evidence = columns[3].text_input(say("依据（文号、链接）", "Evidence (document, link)"), max_chars=500)
            signed = typed_name(columns[4], say("填报人", "Entered by"))
            if st.form_submit_button(say("记入", "Enter")):
                entry = partial(
                    add_item,
                    cache.reachable_engine(),
                    scheme.id,
                    month,
                    township,
                    points,
                    reason=reason,
                    evidence=evidence,
                    by=by,
                    signed=signed,
                )
                write_here(entry, say("已记入。", "Entered."))
    entered = found.now.items
    if entered.empty:
        st.caption(say("本月没有加减分。", "No points by hand this month."))
    for item in entered.itertuples():
        row = st.columns([1, 0.6, 2, 2, 1, 0.6], vertical_alignment="center")
        row[0].markdown(plain(view.county.names.get(str(item.township_code), str(item.township_code))))
        row[1].markdown(f"{item.points:+.2f}")
        row[2].markdown(plain(str(item.reason)))
        row[3].markdown(plain(str(item.evidence)))
        row[4].markdown(plain(f"{item.entered_by} {item.entered_at:%m-%d}"))
        whose_points = f"{view.county.names.get(str(item.township_code), '')} {item.points:+.2f}"
        if not may_enter:
            continue
        with row[5]:
            withdrawn = asked_once(
                say("撤回", "Withdraw"),
                say(
                    f"撤回{whose_points} 分（{item.reason}）？得分随之重算，记录留着。",
                    f"Withdraw {whose_points} points ({item.reason})? Scores follow; the entry is kept.",
                ),
                say("确认撤回", "Withdraw"),
                key=f"withdraw {item.id}",
            )
        if withdrawn:
            write_here(partial(withdraw_item, cache.reachable_engine(), str(item.township_code), str(item.id), by=by))
elif which == "exclusions":
    st.caption(
        say(
            "剔除只影响本月评比，各页数字不变；原始数据不删除，随时可恢复。",
            "Taking a case out affects this month's evaluation only; nothing is deleted, and it can be taken back.",
        )
    )
    if may_enter:
        with st.form("evaluation exclusion", border=True):
            columns = st.columns([1.2, 1.1, 2.2, 0.9], vertical_alignment="bottom")
            case_no = columns[0].text_input(say("诉求编号", "Case number"), max_chars=64)
            whose = columns[1].selectbox(
                say("镇街", "Township"),
                list(view.county.names),
                index=None,
                format_func=lambda code: text.spelled(view.county.names[code]),
                placeholder=say("同号时选", "If several have it"),
            )
            reason = columns[2].text_input(say("原因", "Reason"), max_chars=200)
            signed = typed_name(columns[3], say("填报人", "Entered by"))
            if st.form_submit_button(say("剔除", "Take out")):
                exclusion = partial(
                    exclude_case,
                    cache.reachable_engine(),
                    month,
                    case_no,
                    reason=reason,
                    by=by,
                    signed=signed,
                    township_code=whose,
                )
                write_here(exclusion, say("已剔除，得分已重算。", "Taken out; scores are computed anew."))
    taken_out = found.now.exclusions
    if taken_out.empty:
        st.caption(say("本月没有剔除的诉求。", "No case is taken out this month."))
    complete, fewer = found.now.complete, found.now.evaluation
    seen = open_townships(replace(view.scope, townships=None), "petitions")
    for out in taken_out.itertuples():
        row = st.columns([1.4, 1, 1.6, 2, 1, 0.6], vertical_alignment="center")
        own = fewer.position(str(out.township_code))
        # Of a single case only who may see it, or take it back, is told more than that it was taken out.
        is_told = may_enter or seen is None or out.township_code in seen
        if is_told:
            with row[0]:
                show_way(
                    **way_to_case(str(out.township_code), str(out.case_no)),
                    label=str(out.case_no),
                    key=f"taken out {out.id}",
                )
        else:
            row[0].markdown(say("一件诉求", "one case"))
        row[1].markdown(plain(view.county.names.get(str(out.township_code), "")))
        row[2].markdown(
            say(
                f"该镇街 {complete.score[own]:.2f} → {fewer.score[own]:.2f} 分",
                f"its township {complete.score[own]:.2f} → {fewer.score[own]:.2f}",
            )
        )
        row[3].markdown(plain(str(out.reason) if is_told else ""))
        row[4].markdown(plain(f"{out.entered_by} {out.entered_at:%m-%d}"))
        if not may_enter:
            continue
        with row[5]:
            included = asked_once(
                say("恢复", "Take back"),
                say(
                    f"让诉求 {out.case_no} 重新计入 {month}？得分随之重算。",
                    f"Let the case {out.case_no} count in {month} again? Scores follow.",
                ),
                say("确认恢复", "Take back"),
                key=f"include {out.id}",
            )
        if included:
            write_here(partial(include_case, cache.reachable_engine(), str(out.township_code), str(out.id), by=by))
else:
    if changed is not None and not changed.empty:
        labels_of = {
            "score": say("得分", "Score"),
            "place": say("名次", "Place"),
            "by_hand": say("加减分", "By hand"),
        }
        for one in (*found.shown.criteria, *found.now.evaluation.criteria):
            name = criterion_name(one)
            labels_of |= {
                one.key: say(f"{name}得分", f"{name}, points"),
                f"{one.key}:n": say(f"{name}分子", f"{name}, numerator"),
                f"{one.key}:d": say(f"{name}分母", f"{name}, denominator"),
            }
        st.markdown(f"**{say('此后数据有变化', 'The data have changed since')}**")
        rows_table(
            pd.DataFrame(
                {
                    say("镇街", "Township"): changed["township"],
                    say("项目", "What"): changed["what"].map(labels_of),
                    say("定版", "Published"): changed["published"].round(2),
                    say("现在", "Now"): changed["now"].round(2),
                }
            ),
            say("定版之后的变化", "Changes since the freeze"),
        )
    elif version is not None:
        st.caption(say("此后数据没有变化。", "Nothing has changed since."))
    is_by_two = takes_two()
    if waiting := cache.fresh_answer(proposal, by, scheme.id, month) if is_by_two else None:
        what = say(
            f"{month} {scheme.zh} 第 {waiting.version} 版（{'公示稿' if waiting.stage == 'draft' else '定版'}）",
            f"{month}, {scheme.en}, version {waiting.version} ({waiting.stage})",
        )
        st.info(
            plain(
                say(
                    f"{waiting.proposed_by} 于 {waiting.proposed_at:%Y-%m-%d %H:%M} 提出{what}，要由另一个人确认。"
                    f"{waiting.reason and '更正原因：' + waiting.reason + '。'}SHA-256 {waiting.sha256[:16]}…",
                    f"{waiting.proposed_by} proposed {what} at {waiting.proposed_at:%Y-%m-%d %H:%M}; another person has to "
                    f"confirm it. {waiting.reason and 'Reason: ' + waiting.reason + '. '}SHA-256 {waiting.sha256[:16]}…",
                )
            ),
            icon=":material/how_to_reg:",
        )
        if may_enter:
            is_own = is_same_person(waiting.proposed_by, by.name)
            now = found.now
            with st.container(horizontal=True):
                if not is_own and asked_once(
                    say("确认定版", "Confirm"),
                    say(
                        f"{what}：现在的得分和名次由您确认，以后不能删改，只能再出一版更正。",
                        f"{what}: you confirm the scores and places of now. They cannot be changed or deleted, only superseded.",
                    ),
                    say("确认", "Confirm it"),
                    key="confirm freeze",
                ):
                    confirmed = partial(
                        confirm, cache.reachable_engine(), now.evaluation, now.items, now.exclusions, by=by
                    )
                    write_here(confirmed, say("已定版。", "Frozen."))
                if asked_once(
                    say("撤回", "Withdraw") if is_own else say("退回", "Reject"),
                    say(f"不再等人确认{what}？", f"No longer wait for {what} to be confirmed?"),
                    say("确认撤回", "Withdraw it") if is_own else say("确认退回", "Reject it"),
                    key="take back freeze",
                ):
                    write_here(
                        partial(take_back, cache.reachable_engine(), scheme.id, month, by=by),
                        say("已撤回。", "Withdrawn.") if is_own else say("已退回。", "Rejected."),
                    )
    elif may_enter:
        with st.form("evaluation freeze", border=True):
            columns = st.columns([2.4, 0.9], vertical_alignment="bottom")
            reason = columns[0].text_input(
                say("更正原因（首次不填）", "Reason for superseding (not for the first version)"), max_chars=200
            )
            signed = typed_name(columns[1], say("定版人", "Frozen by")) if not is_by_two else ""
            # Without days for objections a result is final at once.
            is_final = version is not None and version.stage == "final"
            what = say(
                f"{month} {scheme.zh}：现在的得分和名次保存为第 {version.version + 1 if version else 1} 版，以后不能删改，只能再出一版更正。",
                f"{month}, {scheme.en}: the scores and places of now are kept as version {version.version + 1 if version else 1}. "
                "It cannot be changed or deleted, only superseded.",
            )

            draft = (
                asked_once(
                    say("发布公示稿", "Publish a draft"),
                    what,
                    say("确认发布", "Publish it"),
                    key="publish",
                    in_form=True,
                )
                if (scheme.objection_days and not is_final)
                else False
            )
            final = asked_once(
                say("提出定版", "Propose to freeze")
                if is_by_two
                else say("定版", "Freeze")
                if version is None or not is_final
                else say(f"以第 {version.version + 1} 版更正", f"Supersede by version {version.version + 1}"),
                what,
                say("确认定版", "Freeze it"),
                key="freeze",
                in_form=True,
            )
            if draft or final:
                now = found.now
                version_made = partial(
                    propose if is_by_two else partial(freeze, signed=signed),
                    cache.reachable_engine(),
                    now.evaluation,
                    now.items,
                    now.exclusions,
                    by=by,
                    reason=reason,
                    stage="draft" if draft else "final",
                )
                done = say("已发布公示稿。", "The draft is published.") if draft else say("已定版。", "Frozen.")
                proposed = say("已提出，要由另一个人确认。", "Proposed; another person has to confirm it.")
                write_here(version_made, proposed if is_by_two else done)
