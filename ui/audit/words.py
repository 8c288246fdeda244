"""What a deed says of before and after, in words that an administrator reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from data_access.audit.deeds import FIELDS, VALUES
from ui.text import say

# By field and code, what a code is called
Names = Mapping[str, Mapping[str, str]]
_ORDER = {field: place for place, field in enumerate(FIELDS)}


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
            return f"{value:,}"
        case list():
            return say("、", ", ").join(_worded(field, one, names) for one in value)
        case dict():
            called = names.get(field, {})
            return say("、", ", ").join(
                f"{called.get(name, name)}={_worded(name, one, names)}" for name, one in value.items()
            )
    if value in VALUES.get(field, {}):
        return say(*VALUES[field][value])
    return names.get(field, {}).get(value) or str(value) or say("无", "none")
