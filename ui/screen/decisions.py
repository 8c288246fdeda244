"""督办 on the screen: how many came to what, what is due next, and what came of last month's decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from data_access.decisions.items import Item, State
from data_access.decisions.verdicts import Counted, reaches
from data_access.model.indicator import Indicator
from ui import text
from ui.asking.view import View
from ui.decisions.listing import known_items, month_before, of_meeting
from ui.decisions.words import (
    days_words,
    figure_words,
    indicator_of,
    owner_words,
    promise_words,
    result_words,
    state_words,
)
from ui.screen.small_counts import FEWEST_CASES, is_small
from ui.text import say

# What the wall has room for
_LISTED, _URGENT, _LONGEST = 12, 3, 22


def has_decisions(view: View) -> bool:
    """Whether there is anything to show: decisions that stand."""
    return any(one.state != "withdrawn" for one in known_items(view))


def decisions_parts(view: View) -> dict[str, Any]:
    """What the frame shows: the most urgent ones above, how many came to what, and two lists."""
    found = [one for one in known_items(view) if one.state != "withdrawn"]
    running = [one for one in found if one.state in ("running", "pending")]
    last = of_meeting(found, month_before(view))
    lists = (
        (say("限期最近的", "Due next"), running),
        (
            say(f"{text.month_name(month_before(view))}议定的", f"Decided in {text.month_name(month_before(view))}"),
            last,
        ),
    )
    counts = Counter(one.state for one in found)
    states: tuple[State, ...] = ("running", "kept", "partly", "missed", "insufficient")
    return {
        "decisions": [_urgent(view, one) for one in running if one.warning or one.state == "pending"][:_URGENT],
        "cards": [
            {"name": state_words(state), "value": str(counts[state]), "unit": say("件", ""), "tone": "plain"}
            for state in states
            if counts[state] or state in ("running", "kept", "missed")
        ],
        "charts": [_list(view, title, of) for title, of in lists if of],
    }


def _urgent(view: View, item: Item) -> dict[str, str]:
    one = item.decision
    found = say("：", ": ").join((owner_words(view.county, one.owner), _cut(one.what)))
    detail = say("，", ", ").join(filter(None, (days_words(item) or result_words(item), _figures(view, item))))
    state = "act" if item.warning == "red" or item.state == "pending" else "plain"
    return {"state": state, "found": found, "detail": detail}


def _list(view: View, title: str, found: Sequence[Item]) -> dict[str, Any]:
    rest = say(f"（共 {len(found)} 件）", f" ({len(found)} in all)") if len(found) > _LISTED else ""
    return {
        "kind": "bars",
        "title": title + rest,
        "unit": None,
        "rows": [
            {
                "name": f"{owner_words(view.county, one.decision.owner)} {_cut(one.decision.what)}",
                "text": say(" ", " ").join(filter(None, (_figures(view, one), days_words(one) or result_words(one)))),
                "start": 0.0,
                "share": _way_made(one),
                "missed": one.verdict.outcome == "missed",
                "chosen": False,
            }
            for one in found[:_LISTED]
        ],
    }


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


def _way_made(item: Item) -> float:
    """How much of the way from the start to the promise is made: 0 to 1."""
    one, now = item.decision, item.verdict.now
    if item.verdict.outcome == "kept":
        return 1.0
    if one.kind == "cases" and now.denominator:
        return round((now.numerator or 0) / now.denominator, 4)
    if one.start.value is None or now.value is None or one.promised is None:
        return 0.0
    if reaches(one.start.value, one.promised, one.direction):
        # It was as promised when it was promised, and is no more.
        return 0.0
    return round(min(max((now.value - one.start.value) / (one.promised - one.start.value), 0.0), 1.0), 4)


def _figures(view: View, item: Item) -> str:
    """88.2% → 92.0% (≥ 95%); nothing of so few cases that they could be somebody's."""
    one = item.decision
    indicator = indicator_of(view.county, one)
    if one.kind == "cases":
        is_told = (item.verdict.now.denominator or 0) >= FEWEST_CASES
        return figure_words(one, None, item.verdict.now, is_now=True) if is_told else ""
    if indicator is None or item.is_withheld or any(_is_few(indicator, one) for one in (one.start, item.verdict.now)):
        return ""
    start, now = (
        figure_words(one, indicator, figure, is_now=is_now)
        for figure, is_now in ((one.start, False), (item.verdict.now, True))
    )
    promise = promise_words(one, indicator)
    return text.say(f"{start} → {now}（{promise}）", f"{start} → {now} ({promise})")


def _is_few(indicator: Indicator, figure: Counted) -> bool:
    nothing = float("nan")
    counts = (figure.value, figure.numerator, figure.denominator)
    row = {
        f"{indicator.code}{part}": nothing if count is None else count
        for part, count in zip(("", ":n", ":d"), counts, strict=True)
    }
    return is_small(indicator, row)
