"""What came of decisions, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_access.audit.deeds import VALUES
from data_access.decisions.items import WARNINGS, Item, State
from data_access.decisions.records import Decision, Owner
from data_access.decisions.verdicts import Counted, Outcome, Reason, counted_months, reaches
from data_access.model.indicator import Indicator
from data_access.queries import County
from ui import text
from ui.text import say

_OUTCOMES: Mapping[Any, tuple[str, str]] = {
    **VALUES["outcome"],
    "insufficient": ("数据不足", "too few data"),
    "pending": ("待判定", "to be judged"),
}
_REASONS: dict[Reason, tuple[str, str]] = {
    "unreported": ("没有数据", "no data"),
    "unrecorded": ("来源没有记录", "no source records it"),
    "no_business": ("期内没有应计的业务", "nothing was due in the period"),
    "left_out": ("有月份未报", "months were not reported"),
    "not_begun": ("数据还没到", "the data do not reach it yet"),
    "no_indicator": ("指标已不在", "the indicator is no more"),
    "unknown_cases": (
        "有的诉求不在数据里，或来源没有记录办结时间",
        "some cases are gone, or no source tells when they were closed",
    ),
}
TONES: dict[State, str] = {
    "running": "",
    "kept": "good",
    "partly": "yellow",
    "missed": "bad",
    "insufficient": "grey",
    "pending": "grey",
    "withdrawn": "grey",
}


def outcome_words(outcome: Outcome) -> str:
    """兑现, 部分兑现, 未兑现, 数据不足, 待判定."""
    return say(*_OUTCOMES[outcome])


def state_words(state: State) -> str:
    """进行中, 已撤销, or what came of it."""
    if state == "running":
        return say("进行中", "running")
    return say("已撤销", "withdrawn") if state == "withdrawn" else outcome_words(state)


def result_words(item: Item) -> str:
    """兑现; of what is running what it would be today: 进行中，现为部分兑现."""
    outcome = item.verdict.outcome
    if item.state != "running" or outcome in ("pending", "insufficient"):
        return state_words(item.state)
    return say(f"进行中，现为{outcome_words(outcome)}", f"running, so far {outcome_words(outcome)}")


def short_result(item: Item) -> str:
    """The same in a column: 暂为部分兑现 of what is running."""
    outcome = item.verdict.outcome
    if item.state != "running" or outcome in ("pending", "insufficient"):
        return state_words(item.state)
    return say(f"暂为{outcome_words(outcome)}", f"so far {outcome_words(outcome)}")


def owner_words(county: County, owner: Owner) -> str:
    """The township's or the department's name."""
    gone = say(f"已不在名录的镇街（{owner.township_code}）", f"a township no longer listed ({owner.township_code})")
    return county.names.get(owner.township_code, gone) if owner.township_code else owner.department


def indicator_of(county: County, decision: Decision) -> Indicator | None:
    """The indicator that a decision goes by; None: it goes by none, or by one that is no more."""
    try:
        return county.indicator(decision.indicator)
    except KeyError:
        return None


def days_words(item: Item) -> str:
    """剩 5 天, 今天到期, 超期 3 天; empty of what is no longer running."""
    days = item.days_left
    if days is None or item.state not in ("running", "pending"):
        return ""
    if days < 0:
        return say(f"超期 {-days} 天", f"{-days} days over")
    return say(f"剩 {days} 天", f"{days} days left") if days else say("今天到期", "due today")


def warning_rule() -> str:
    """When a due date is red, yellow or blue."""
    names = {"red": ("红", "red"), "yellow": ("黄", "yellow"), "blue": ("蓝", "blue")}
    return say("、", ", ").join(
        say(f"{names[warning][0]} {days} 天内", f"{names[warning][1]} within {days} days") for warning, days in WARNINGS
    )


def told_value(indicator: Indicator, value: float | None, promised: float | None = None) -> str:
    """A value with its unit; with more decimals where it would else seem to be the promised one without reaching it."""
    if value is None:
        return text.NO_DATA
    told = text.value(indicator, value)
    if promised is None or told != text.value(indicator, promised) or reaches(value, promised, indicator.direction):
        return told
    unit = "%" if indicator.is_percentage else f" {text.unit(indicator)}"
    return next(
        exact + unit
        for decimals in range(indicator.decimals + 1, 18)
        if float(exact := f"{value:.{decimals}f}") != promised
    )


def promise_words(decision: Decision, indicator: Indicator | None) -> str:
    """≥ 95%; of cases 办结 12 件; empty of a text."""
    if decision.kind == "cases":
        return say(f"办结 {len(decision.cases)} 件", f"{len(decision.cases)} cases closed") if decision.cases else ""
    if indicator is None or decision.promised is None:
        return ""
    return ("≥ " if decision.direction == "higher" else "≤ ") + text.value(indicator, decision.promised)


def figure_words(decision: Decision, indicator: Indicator | None, figure: Counted, *, is_now: bool) -> str:
    """A figure: 92.0%, 3/12 件, —."""
    if decision.kind == "cases":
        if figure.denominator is None or figure.numerator is None:
            return text.NO_DATA
        return say(
            f"{figure.numerator:.0f}/{figure.denominator:.0f} 件",
            f"{figure.numerator:.0f}/{figure.denominator:.0f} cases",
        )
    if indicator is None:
        return text.NO_DATA if decision.kind == "indicator" else ""
    return told_value(indicator, figure.value, decision.promised if is_now else None)


def counts_words(indicator: Indicator, figure: Counted) -> str:
    """46 ÷ 50; empty of what has no denominator."""
    if figure.numerator is None or not figure.denominator:
        return ""
    return text.formula(indicator, figure.numerator, figure.denominator)


def interval_words(item: Item, indicator: Indicator | None) -> str:
    """95% 区间 81.2%–96.8%; empty where there is none."""
    low, high = item.verdict.low, item.verdict.high
    if indicator is None or low is None or high is None:
        return ""
    decimals = max(indicator.decimals, 1)
    told = f"{low:,.{decimals}f}–{high:,.{decimals}f}" + ("%" if indicator.is_percentage else "")
    return say(f"95% 区间 {told}", f"95% interval {told}")


def period_words(item: Item) -> str:
    """The months that count, so far: 2023年9月（共至10月）."""
    one, verdict = item.decision, item.verdict
    first, last = counted_months(one.decided_on, one.due_on)
    if not verdict.last:
        return text.period(first, last)
    told = text.period(verdict.first, verdict.last)
    if verdict.last == last:
        return told
    return told + say(f"（共至{text.month_name(last)}）", f" (of those until {text.month_name(last)})")


def explanation(item: Item, indicator: Indicator | None) -> str:
    """Why it is so: its interval, that chance explains it, why too little is known; that it is not final, or was frozen."""
    verdict, told = item.verdict, list[str]()
    if item.is_withheld:
        told.append(say("数字只给可以查看这些诉求的人看", "figures are for who may see these cases"))
    if verdict.reason:
        told.append(_reason_words(item))
    if interval := interval_words(item, indicator):
        told.append(interval)
    if verdict.is_chance:
        told.append(say("变化小于偶然波动", "changed less than chance would"))
    if item.kept_month:
        told.append(
            say(f"已随{text.month_name(item.kept_month)}定版", f"frozen with {text.month_name(item.kept_month)}")
        )
    return say("；", "; ").join(told)


def _reason_words(item: Item) -> str:
    verdict = item.verdict
    if verdict.left_out:
        months = text.months_left_out(verdict.left_out)
        return months if item.decision.owner.township_code else say(f"有镇街{months}", f"some townships: {months}")
    return say(*_REASONS[verdict.reason])


def sentence(county: County, item: Item) -> str:
    """Everything about what came of it, in one sentence; empty where there is nothing but the result."""
    one, verdict = item.decision, item.verdict
    indicator = indicator_of(county, one)
    parts = [result_words(item)]
    if indicator is not None and not item.is_withheld:
        start = _figure_of_period(
            indicator,
            told_value(indicator, one.start.value),
            text.period(one.start_first, one.start_last) if one.start_first else "",
            one.start,
        )
        now = _figure_of_period(
            indicator, told_value(indicator, verdict.now.value, one.promised), period_words(item), verdict.now
        )
        parts.append(say(f"{indicator.zh}立项时 {start}", f"{indicator.en} at the start {start}"))
        parts.append(say(f"现在 {now}", f"now {now}"))
        parts.append(say(f"承诺 {promise_words(one, indicator)}", f"promised {promise_words(one, indicator)}"))
    elif one.kind == "cases" and not item.is_withheld:
        closed = figure_words(one, None, verdict.now, is_now=True)
        parts.append(say(f"限期前已办结 {closed}", f"closed by the due date: {closed}"))
    elif one.judgement is not None:
        who = one.judgement
        parts.append(say(f"{who.done_by} 判定：{who.told}", f"judged by {who.done_by}: {who.told}"))
    if why := explanation(item, indicator):
        parts.append(why)
    if len(parts) == 1:
        return ""
    return say("；", "; ").join(parts)


def _figure_of_period(indicator: Indicator, value: str, months: str, figure: Counted) -> str:
    told = [part for part in (months, counts_words(indicator, figure)) if part]
    return value + (say(f"（{'，'.join(told)}）", f" ({', '.join(told)})") if told else "")
