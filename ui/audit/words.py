"""What a deed says of before and after, in words that an administrator reads."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from data_access.areas import AREAS
from data_access.audit.deeds import FIELDS, VALUES
from data_access.importing.tables import TABLES
from data_access.indicators import INDICATORS
from data_access.notes.writing import KINDS as NOTE_DEEDS
from data_access.queries import County
from ui import text
from ui.asking.sentences import area_name
from ui.frame.pages import PAGES, page_name
from ui.text import say

# By field and code, what a code is called
Names = Mapping[str, Mapping[str, str]]
_ORDER = {field: place for place, field in enumerate(FIELDS)}
# What is set, by the first word of a deed's subject: its name, and that of one with what follows in it
_SETTINGS: Mapping[str, tuple[str, str]] = {
    "county": ("县名", "county"),
    "leagues": ("镇街分组", "leagues"),
    "alias": ("别名“{}”", "alias “{}”"),
    "target": ("目标：{}", "target: {}"),
    "scheme": ("评比方案：{}", "scheme: {}"),
    "event_kinds": ("网格事项清单", "kinds of events"),
    "headers": ("导入的表头", "headers of imports"),
    "persons_months": ("诉求人信息的保存期限", "how long petitioners are kept"),
    "rotation": ("大屏轮播", "the wall's rotation"),
    "mapping": ("列对应 {}", "column mapping {}"),
    "grid_bands": ("网格考评等次", "bands of grids"),
    "report": ("填报指标：{}", "figure reported: {}"),
}
# Which field's codes follow it
_CODES = {"target": "indicator", "scheme": "scheme", "report": "indicator"}


# Deeds whose subjects hold codes of townships and schemes
_OF_PLACES = frozenset(
    {
        *("point-entered", "point-withdrawn", "case-excluded", "case-included", "persons-shown"),
        *("freeze-proposed", "freeze-withdrawn", "freeze-rejected", "frozen"),
        *("figures-drafted", "figures-submitted", "figures-returned"),
    }
)


def names_of_codes(county: County) -> dict[str, Mapping[str, str]]:
    """What the codes in deeds are called, by field: places, indicators, frames, tables and their columns."""
    columns = {ours.name: ours.label for table in TABLES.values() for ours in table.fields}
    tables = {code: say(table.zh, table.en) for code, table in TABLES.items()}
    indicators = {code: text.name(one) for code, one in {**INDICATORS, **county.reported}.items()}
    return {
        **dict.fromkeys(("townships", "township_code", "leagues", "owner"), county.names),
        **dict.fromkeys(("indicator", "counted_as", "figures"), indicators),
        "area": {code: area_name(code) for code in AREAS},
        "show": {name: page_name(name) for name in PAGES},
        **dict.fromkeys(("table", "headers"), tables),
        **dict.fromkeys(("columns", "defaults", "formats", "meanings"), columns),
        **{code: {ours.name: ours.label for ours in table.fields} for code, table in TABLES.items()},
    }


def subject_words(kind: str, subject: str, names: Names) -> str:
    """What a deed is about: 目标：按期办结率 for target on_time_rate, places and schemes by their names."""
    if kind == "setting-changed":
        what, _, which = subject.partition(" ")
        called = names.get(_CODES.get(what, ""), {}).get(which, which)
        return say(*_SETTINGS[what]).format(called) if what in _SETTINGS else subject
    if kind in NOTE_DEEDS:
        # What it says tells which it is.
        return say("注记", "note")
    codes = {**names.get("township_code", {}), **names.get("scheme", {})}
    return re.sub(r"[^ /]+", lambda found: codes.get(found[0], found[0]), subject) if kind in _OF_PLACES else subject


def change_words(before: str | None, after: str | None, names: Names) -> str | None:
    """角色：值班人员 → 考评人员 for what changed, 新增 120 行 for a count; None where a deed says nothing.

    ``before`` and ``after``: as the record keeps them. What stayed the same is left out, and what is nothing or none, too.
    A field that nobody has named stands under its own name.
    """
    was, now = _said(before), _said(after)
    told = []
    # The record keeps them by the alphabet.
    for field in sorted({**was, **now}, key=lambda one: _ORDER.get(one, len(_ORDER))):
        old, new = was.get(field), now.get(field)
        if field in was and field in now:
            if old != new:
                told.append(_named(field, f"{_worded(field, old, names)} → {_worded(field, new, names)}"))
        elif value := old if field in was else new:
            told.append(_named(field, _worded(field, value, names)))
    return say("，", ", ").join(told) or None


def _said(kept: str | None) -> dict[str, Any]:
    """A deed that is no JSON object was tampered with: it is shown as it is."""
    if kept is None:
        return {}
    try:
        said = json.loads(kept)
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {"": kept}


def _named(field: str, value: str) -> str:
    called = say(*FIELDS.get(field, (field, field)))
    if "{}" in called:
        return called.format(value)
    return f"{called}{say('：', ': ')}{value}" if called else value


def _worded(field: str, value: Any, names: Names) -> str:
    if value is None or value in ([], {}):
        return say("无", "none")
    match value:
        case bool():
            return say("是", "yes") if value else say("否", "no")
        case int() | float():
            return f"{value:,.10g}" if isinstance(value, float) else f"{value:,}"
        case list():
            return say("、", ", ").join(_worded(field, one, names) for one in value)
        case dict():
            called = names.get(field, {})
            return say("、", ", ").join(
                f"{called.get(name, name)}={_worded(name, one, names)}" for name, one in value.items()
            )
    if field == "content":
        return _scheme_words(str(value), names)
    if value in VALUES.get(field, {}):
        return say(*VALUES[field][value])
    return names.get(field, {}).get(value) or str(value) or say("无", "none")


def _scheme_words(content: str, names: Names) -> str:
    """三率考评，自 2022-01：响应率 30、解决率 35 of a scheme in TOML; the text itself where it is none."""
    try:
        scheme = tomllib.loads(content)
        indicators = names.get("indicator", {})
        criteria = say("、", ", ").join(
            f"{one.get('name') or indicators.get(one['indicator'], one['indicator'])} {one['weight']:g}"
            for one in scheme["criteria"]
        )
        return say(f"{scheme['name']}，自 {scheme['from']}：", f"{scheme['name']} from {scheme['from']}: ") + criteria
    except (ValueError, LookupError, TypeError, AttributeError):
        return content
