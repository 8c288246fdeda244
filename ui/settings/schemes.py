"""The schemes of the evaluation: edited and checked as a form, taken and given as TOML, proposed by what data there are."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
import tomli_w

from data_access.access import Viewer
from data_access.cache import engine, reachable_engine
from data_access.evaluation.schemes import (
    COUNTYS,
    LABELS,
    Scheme,
    SchemeProblem,
    load_schemes,
    own_folder,
    readable_schemes,
    scheme_in,
    written,
)
from data_access.indicators import INDICATORS
from data_access.model.indicator import Indicator
from data_access.queries import County
from data_access.settings.kept import kept_schemes
from data_access.settings.schemes import is_scheme_id, proposed_scheme, remove_scheme, save_scheme
from ui import text
from ui.elements.row_table import edit_rows
from ui.files.downloads import recorded
from ui.frame.told import show_told
from ui.settings.subject import Changes, Form, drafts, form, save, save_button, subject, where
from ui.text import plain, problem_sentence, say, scheme_names

_CODE = "schemes"
_RULES = {"deduct": ("差多少扣多少", "deduct"), "attain": ("按达成率", "attain"), "rank": ("按名次", "rank")}
_LEVELS = {
    "category_1": ("一级类别", "Category 1"),
    "category_2": ("二级类别", "Category 2"),
    "category_3": ("三级类别", "Category 3"),
}
_UNREPORTED = {
    "below": ("列在排名之后", "listed below"),
    "last": ("并列最后一名", "last"),
    "zero": ("该项 0 分", "0 points"),
    "unranked": ("只单列", "listed apart"),
}
_NO_BUSINESS = {
    "share": ("权重分给其余各项", "weight shared"),
    "mean": ("取本组平均分", "the league's mean"),
    "unranked": ("不排名", "not ranked"),
}
_UNRECORDED = {"unranked": ("不排名", "not ranked"), "rest": ("按其余各项排名", "ranked on the rest")}
_CHOICES = {"unreported": _UNREPORTED, "no_business": _NO_BUSINESS, "unrecorded": _UNRECORDED}


def show_schemes(county: County, changes: Changes, by: Viewer) -> None:
    """The schemes that there are, and the form of the one that is chosen."""
    of_schemes = [changes[name] for name in changes if name.startswith("scheme ")]
    last = max(of_schemes, key=lambda one: one.number, default=None)
    indicators = {**INDICATORS, **county.reported}
    own = kept_schemes(reachable_engine())
    known = {scheme.id: scheme for scheme in readable_schemes(indicators, own)}
    told = say("；", "; ").join(_told(scheme, own) for scheme in known.values())
    try:
        load_schemes(indicators, own)
    except SchemeProblem as problem:
        told = problem_sentence(problem)
    with subject(_CODE, say("评比方案", "Evaluation schemes"), told, last, is_long=True):
        for name in sorted(own.keys() - known.keys()):
            st.button(
                plain(say(f"删去不能用的方案 {name}", f"Remove the scheme {name}, which cannot be used")),
                icon=":material/delete:",
                key=f"remove scheme {name}",
                on_click=_remove,
                args=(name, by),
            )
        draft = _draft(county, known, indicators, by)
        if draft is not None:
            is_kept = draft is known.get(draft.id)
            _form(draft, indicators, own, changes, by, is_kept=is_kept)
        show_told(where(_CODE))


def _told(scheme: Scheme, own: Mapping[str, str]) -> str:
    until = say(f"至 {scheme.last}", f" to {scheme.last}") if scheme.last else say(" 起", " on")
    from_where = say("自带", "as it comes")
    if scheme.id in own:
        from_where = say("县里定的", "the county's")
    elif (own_folder() / f"{scheme.id}.toml").exists():
        from_where = say("县里的文件", "the county's file")
    return say(
        f"{scheme.zh}（{scheme.first}{until}，{len(scheme.criteria)} 项，{from_where}）",
        f"{scheme.en} ({scheme.first}{until}, {len(scheme.criteria)} criteria, {from_where})",
    )


# --- Which one -------------------------------------------------------------------------------------

_NEW, _PROPOSED, _FILE = "+new", "+proposed", "+file"


def _draft(
    county: County, known: Mapping[str, Scheme], indicators: Mapping[str, Indicator], by: Viewer
) -> Scheme | None:
    """The scheme that the form is filled in from: one there is, a new one, a proposed one or that of a file."""
    words = {
        # Under the name that its form began with, if somebody else has given it another one since
        **scheme_names([drafts().get(f"scheme {code}") or scheme for code, scheme in known.items()]),
        _PROPOSED: say("＋ 按现有数据拟一个", "+ Propose one by what data there are"),
        _NEW: say("＋ 空白的新方案", "+ A new one"),
        _FILE: say("＋ 从 TOML 文件", "+ From a TOML file"),
    }
    chosen = st.selectbox(
        say("看哪个方案", "Which scheme"),
        list(words),
        format_func=lambda code: plain(words[code]),
        key="scheme chosen",
    )
    if chosen in known:
        return known[chosen]
    if chosen == _PROPOSED:
        found = proposed_scheme(reachable_engine(), by, county)
        if found is None:
            st.info(
                plain(
                    say(
                        "还没有能计分的诉求数据：来源里要有签收、期限、办结或回访结果之一。",
                        "No data of petitions can be scored yet: a source has to tell of signing, due dates, closing or callbacks.",
                    )
                )
            )
        return found
    if chosen == _FILE:
        return _of_file(known, indicators)
    return Scheme(_free(known), "", "", _free(known), f"{date.today():%Y-%m}", None, 0, "", (), ())


def _free(known: Mapping[str, Scheme]) -> str:
    return next(name for name in (f"county_{place}" for place in range(1, 1000)) if name not in known)


def _of_file(known: Mapping[str, Scheme], indicators: Mapping[str, Indicator]) -> Scheme | None:
    file = st.file_uploader(say("评比方案（.toml）", "A scheme (.toml)"), type="toml", key="scheme file")
    if file is None:
        return None
    name = file.name.lower().removesuffix(".toml")
    name = name if is_scheme_id(name) else _free(known)
    try:
        return scheme_in(name, file.getvalue().decode("utf-8"), indicators)
    except UnicodeDecodeError:
        st.error(plain(say("文件不是 UTF-8 的文本。", "The file is no UTF-8 text.")))
    except SchemeProblem as problem:
        st.error(problem_sentence(problem))
    return None


# --- The form --------------------------------------------------------------------------------------


def _columns() -> dict[str, str]:
    """The headings of the criteria, by their keys in TOML."""
    return {
        "indicator": say("指标", "Indicator"),
        "name": say("名称（可不写）", "Name (optional)"),
        "weight": say(*LABELS["weight"]),
        "rule": say("计分", "Rule"),
        **{key: say(*LABELS[key]) for key in ("target", "per_point", "floor", "cap")},
        "where": say("只算渠道", "Channel"),
        "name_en": say("英文名", "In English"),
    }


def criteria_table(scheme: Scheme) -> pd.DataFrame:
    """The criteria as the form shows them, a row each."""
    headings = _columns()
    rows = [
        {
            "indicator": text.name(one.indicator),
            "name": "" if one.zh == one.indicator.zh else one.zh,
            "weight": one.weight,
            "rule": say(*_RULES[one.rule]),
            "target": None if one.is_countys or one.rule == "rank" or math.isnan(one.target) else one.target,
            "per_point": one.per_point if one.rule == "deduct" else None,
            "floor": one.floor if one.rule == "deduct" else None,
            "cap": one.cap if one.rule == "attain" else None,
            "name_en": "" if one.en == one.indicator.en else one.en,
            "where": "，".join(
                value if name == "channel" else f"{say(*_LEVELS[name])}={value}" for name, value in one.where
            ),
        }
        for one in scheme.criteria
    ]
    table = pd.DataFrame(rows, columns=list(headings))
    numbers = ["weight", "target", "per_point", "floor", "cap"]
    return table.astype(dict.fromkeys(numbers, float)).rename(columns=headings)


def toml_of(head: Mapping[str, Any], table: pd.DataFrame, indicators: Mapping[str, Indicator]) -> str:
    """What the form says as TOML: ``head`` the keys of a scheme, ``table`` as :func:`criteria_table` has it."""
    codes = {text.name(indicator): code for code, indicator in indicators.items()}
    rules = {say(*words): code for code, words in _RULES.items()}
    criteria = []
    for row in table.rename(columns={heading: key for key, heading in _columns().items()}).to_dict("records"):
        given = {key: value for key, value in row.items() if not (pd.isna(value) or value == "")}
        if not given:
            continue
        given["indicator"] = codes.get(str(given.get("indicator", "")), "")
        given["rule"] = rules.get(str(given.get("rule", "")), "")
        if given["rule"] != "rank":
            given.setdefault("target", COUNTYS)
        if "where" in given:
            pairs = [part.partition("=") for part in str(given["where"]).replace(",", "，").split("，")]
            levels = {say(*words): code for code, words in _LEVELS.items()}
            given["where"] = {
                levels.get(name.strip(), name.strip()) if sign else "channel": (value or name).strip()
                for name, sign, value in pairs
            }
        criteria.append(given)
    return tomli_w.dumps(
        {**{key: value for key, value in head.items() if value not in ("", None)}, "criteria": criteria}
    )


def edited(table: pd.DataFrame, edits: Mapping[str, Any]) -> pd.DataFrame:
    """The table with what somebody has changed, added and taken away in the editor."""
    found = table.astype(object)
    for place, cells in edits.get("edited_rows", {}).items():
        for heading, value in cells.items():
            found.loc[int(place), heading] = value
    found = found.drop(index=[int(place) for place in edits.get("deleted_rows", ())])
    return pd.concat([found, pd.DataFrame(edits.get("added_rows", ()), columns=table.columns, dtype=object)])


def _form(
    scheme: Scheme,
    indicators: Mapping[str, Indicator],
    own: Mapping[str, str],
    changes: Changes,
    by: Viewer,
    *,
    is_kept: bool,
) -> None:
    name = f"scheme {scheme.id}"
    now = form(name if is_kept else f"{name} draft", changes.get(name), scheme)
    if is_kept:
        scheme = now.draft
    # Another draft gives the form other keys: what stands in it is of one state.
    state = hashlib.sha256(written(scheme).encode()).hexdigest()[:8]
    keys = {name: f"scheme {name} {scheme.id} {state} {now.key}" for name in (*_HEAD, *_CHOICES, "leagues", "criteria")}
    scored = {code: one for code, one in indicators.items() if one.direction != "neither"}
    table = criteria_table(scheme)
    with st.form(f"scheme {scheme.id} {state} {now.key}", border=False, enter_to_submit=False):
        _head(scheme, keys)
        edit_rows(
            table,
            keys["criteria"],
            num_rows="dynamic",
            row_height=31,
            placeholder="",
            column_config=_config(scored),
        )
        st.caption(
            plain(
                say(
                    "权重合计要为 100。目标空着：用上面“目标”里那个月的。"
                    "“只算渠道”只对诉求指标；按类别写成“一级类别=城乡建设”。",
                    "Weights sum to 100. An empty target is that of the month, "
                    "above. A channel narrows petitions; a category is written Category 1=….",
                )
            )
        )
        _rest(scheme, keys)
        save_button(
            "scheme", _save, (scheme, keys, table, scored, indicators, now, by), say("检查并保存", "Check and save")
        )
    with st.container(horizontal=True):
        st.download_button(
            say("导出 TOML", "Export TOML"),
            recorded(
                lambda: written(scheme).encode(),
                "toml",
                say(f"评比方案：{scheme.zh}", f"Evaluation scheme: {scheme.en}"),
                len(scheme.criteria),
                None,
            ),
            f"{scheme.id}.toml",
            "application/toml",
            icon=":material/download:",
            key="export scheme",
            on_click="ignore",
        )
        if scheme.id in own:
            st.button(
                say("删去县里的这个方案", "Remove this scheme of the county"),
                icon=":material/delete:",
                key="remove scheme",
                on_click=_remove,
                args=(scheme.id, by),
            )


# The keys of a scheme that are written in fields
_HEAD = ("name", "from", "to", "series", "min_cases", "objection_days", "source", "name_en")


def _head(scheme: Scheme, keys: Mapping[str, str]) -> None:
    columns = st.columns([2, 1, 1, 1, 1])
    columns[0].text_input(say("名称", "Name"), scheme.zh, max_chars=40, key=keys["name"])
    columns[1].text_input(plain(say(*LABELS["from"])), scheme.first, max_chars=7, key=keys["from"])
    columns[2].text_input(
        plain(say(*LABELS["to"]) + say("（可不写）", " (optional)")), scheme.last or "", max_chars=7, key=keys["to"]
    )
    columns[3].number_input(plain(say(*LABELS["min_cases"])), 0, 10_000, scheme.min_cases, key=keys["min_cases"])
    columns[4].number_input(
        plain(say(*LABELS["objection_days"])), 0, 60, scheme.objection_days, key=keys["objection_days"]
    )


def _config(scored: Mapping[str, Indicator]) -> dict[str, Any]:
    headings, config = _columns(), st.column_config
    return {
        headings["indicator"]: config.SelectboxColumn(
            options=[text.name(one) for one in scored.values()], required=True, width=130
        ),
        headings["weight"]: config.NumberColumn(min_value=0, max_value=100, required=True, width="small"),
        headings["rule"]: config.SelectboxColumn(
            options=[say(*words) for words in _RULES.values()], required=True, width=110
        ),
        **{headings[key]: config.NumberColumn(width="small") for key in ("target", "per_point", "floor", "cap")},
    }


def _rest(scheme: Scheme, keys: Mapping[str, str]) -> None:
    columns = st.columns(3)
    labels = {
        "unreported": say("未报的镇街", "Who did not report"),
        "no_business": say("没有应计的件", "Where nothing was due"),
        "unrecorded": say("来源没有记录", "Where no source tells"),
    }
    for column, (key, words) in zip(columns, _CHOICES.items(), strict=True):
        options = {code: plain(say(*pair)) for code, pair in words.items()}
        column.selectbox(
            labels[key],
            tuple(options),
            tuple(options).index(getattr(scheme, key)),
            format_func=options.__getitem__,
            key=keys[key],
        )
    others = st.columns([1.4, 1, 1])
    others[0].text_input(say("出处", "Source"), scheme.source, max_chars=200, key=keys["source"])
    others[1].text_input(say("英文名称", "English name"), scheme.en, max_chars=60, key=keys["name_en"])
    others[2].text_input(
        say("系列（每月只有一个方案）", "Series (one scheme a month)"), scheme.series, max_chars=64, key=keys["series"]
    )
    st.text_area(
        say(
            "分组（可不写：按“镇街分组”）。一行一组：组名：类别、组或镇街代码",
            "Leagues (optional: those above). A line each: name: kinds, leagues or codes",
        ),
        "\n".join(f"{name}：{'、'.join(members)}" for name, members in scheme.leagues),
        height=68,
        key=keys["leagues"],
    )


def _given(keys: Mapping[str, str]) -> dict[str, Any]:
    """What the fields say, by the keys of a scheme."""
    found = {key: st.session_state[keys[key]] for key in (*_HEAD, *_CHOICES)}
    found = {key: value.strip() if isinstance(value, str) else value for key, value in found.items()}
    leagues = {}
    for line in st.session_state[keys["leagues"]].replace(":", "：").splitlines():
        name, _, members = line.partition("：")
        if line.strip():
            leagues[name.strip()] = [one.strip() for one in members.replace(",", "、").split("、") if one.strip()]
    return {**found, **({"leagues": leagues} if leagues else {})}


def _save(
    scheme: Scheme,
    keys: Mapping[str, str],
    table: pd.DataFrame,
    scored: Mapping[str, Indicator],
    indicators: Mapping[str, Indicator],
    now: Form,
    by: Viewer,
) -> None:
    head = _given(keys)
    content = toml_of(head, edited(table, st.session_state[keys["criteria"]]), scored)
    action = partial(save_scheme, engine(), by, scheme.id, content, indicators, now.seen, is_form=True)
    told = say(f"方案“{head['name']}”自 {head['from']} 起", f"the scheme “{head['name']}” from {head['from']}")
    if save(_CODE, action, f"scheme {scheme.id}", told=told):
        st.session_state["scheme chosen"] = scheme.id


def _remove(scheme_id: str, by: Viewer) -> None:
    told = say(f"方案 {scheme_id} 已删去", f"the scheme {scheme_id} is removed")
    if save(_CODE, partial(remove_scheme, engine(), by, scheme_id), f"scheme {scheme_id}", told=told):
        st.session_state.pop("scheme chosen", None)
