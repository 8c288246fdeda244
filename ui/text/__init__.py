"""Words and numbers in Chinese and English. Both texts stand where they are used: ``say("受理量", "Cases")``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import NewType

import streamlit as st

from data_access.evaluation.schemes import Scheme
from data_access.exploring.finding import sounds
from data_access.model.change import Change
from data_access.model.indicator import Indicator
from data_access.model.measured import NO_BUSINESS, UNRECORDED, UNREPORTED, WITHHELD, Absence, Measured
from data_access.problems import Problem
from data_access.small_counts import STEP

NO_DATA = "—"

# Words that Streamlit may render: whatever of them is data went through :func:`plain`.
Markdown = NewType("Markdown", str)

# Line breaks and control characters, and those that turn the direction of what follows
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# What is found in text even where its marks are escaped: addresses, which become links, icons and emoji
_FOUND = re.compile(r"https?(?=:)|www(?=\.)|@(?=\w)|:(?=[\w+-]+[:/])", re.IGNORECASE)
_WORD_JOINER = "\u2060"
# Within a word _ is only itself. A colon begins a directive before a letter; # > + = - begin a heading, a quotation or a list.
_MARKS = re.compile(r"[\\`*\[\]$<~&]|(?<![^\W_])_|_(?![^\W_])|:(?=[^\W\d_])|^[#>+=-]")
_ITEM = re.compile(r"^(\d{1,9})(?=[.)])")


def plain(words: object) -> Markdown:
    """Words as they stand, on one line, in Markdown: nothing of them is a link, a picture, a formula or an icon."""
    line = _TURNS.sub("", _BREAKS.sub(" ", str(words))).strip()
    return Markdown(_ITEM.sub(r"\1\\", _MARKS.sub(r"\\\g<0>", _FOUND.sub(rf"\g<0>{_WORD_JOINER}", line))))


def named(name: object, told: object) -> str:
    """What is told under a name."""
    return say(f"{name}：{told}", f"{name}: {told}")


def problem_sentence(problem: Problem) -> Markdown:
    """What is wrong and what to do, in the viewer's language."""
    return plain(say(problem.zh, problem.en))


# What is written in, by this thread; where nothing says it, the session does
_language: ContextVar[str | None] = ContextVar("language", default=None)


@contextmanager
def written_in(language: str) -> Iterator[None]:
    """Within, every text is in that language (zh or en), whatever a session says."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def write_in_chosen_language() -> None:
    """From here on this thread writes in the language of its session, without asking it for every word."""
    _language.set(st.session_state["lang"])


def is_english() -> bool:
    """Whether the viewer chose English."""
    return (_language.get() or st.session_state.get("lang")) == "en"


def say(zh: str, en: str) -> str:
    """The text in the viewer's language."""
    return en if is_english() else zh


def name(indicator: Indicator) -> str:
    """The indicator's name."""
    return say(indicator.zh, indicator.en)


def spelled(place: str) -> str:
    """A place's name as boxes to choose from list it, 大束镇 dashuzhen: pinyin finds it in them, and so do its initials."""
    sound = next(iter(sounds(place)), "")
    return f"{place} {sound}" if sound and sound != place.lower() else place


def scheme_names(schemes: Sequence[Scheme]) -> dict[str, str]:
    """What schemes are called, by their ids: those of one name by their months, too, and then by their ids.

    A box that offers the same words twice chooses only one of them.
    """
    found = {scheme.id: say(scheme.zh, scheme.en) for scheme in schemes}
    months = {scheme.id: say(f"{scheme.first} 起", f"from {scheme.first}") for scheme in schemes}
    for more in (months, {code: code for code in found}):
        told = list(found.values())
        found = {code: f"{name} · {more[code]}" if told.count(name) > 1 else name for code, name in found.items()}
    return found


def unit(indicator: Indicator) -> str:
    """The indicator's unit."""
    return say(indicator.unit_zh, indicator.unit_en)


def axis_title(indicator: Indicator) -> str:
    """Name and unit, for an axis or a table heading."""
    about_zh, about_en = ("，约数", ", about") if indicator.in_fives else ("", "")
    if is_english() and indicator.unit_en in indicator.en.lower():
        return indicator.en + about_en
    return say(f"{indicator.zh}（{indicator.unit_zh}{about_zh}）", f"{indicator.en} ({indicator.unit_en}{about_en})")


def number(value: float, decimals: int = 0) -> str:
    """A number with thousands separators; — when there is none. From 100,000 in 万 or 亿 (k, M in English)."""
    if value is None or math.isnan(value):
        return NO_DATA
    size = abs(value)
    if size >= 1e8:
        return say(f"{value / 1e8:,.2f} 亿", f"{value / 1e6:,.1f} M")
    if size >= 1e5:
        return say(f"{value / 1e4:,.1f} 万", f"{value / 1e3:,.1f} k")
    # Added, 0 makes 0 of -0
    return f"{round(value, decimals) + 0.0:,.{decimals}f}"


def signed(amount: float, decimals: int = 0) -> str:
    """A difference with its sign: +1,234.5, -0.3; without one where nothing of it is left: 0.0."""
    text = f"{amount:+,.{decimals}f}"
    return text if any(digit in "123456789" for digit in text) else text[1:]


def money(yuan: float) -> str:
    """Money in 万元 or 亿元 (English: M yuan)."""
    if yuan is None or math.isnan(yuan):
        return NO_DATA
    if is_english():
        return f"{yuan / 1e6:,.2f} M yuan"
    return f"{yuan / 1e8:,.2f} 亿元" if abs(yuan) >= 1e8 else f"{yuan / 1e4:,.2f} 万元"


def value(indicator: Indicator, amount: float, *, with_unit: bool = True) -> str:
    """The figure with its unit: 95.9%, 4,920 个, —; 约 45 件 and 很少 of what is told in fives."""
    text = number(amount, indicator.decimals_of(amount))
    if indicator.in_fives and text != NO_DATA:
        if not amount:
            # Of one township in one month under five, of several none of which has five it may be more.
            return say("很少", "few")
        text = say(f"约 {text}", f"about {text}")
    if text == NO_DATA or not with_unit:
        return text
    return f"{text}%" if indicator.is_percentage else f"{text} {unit(indicator)}"


def share(part: float, whole: float) -> str:
    """A part of a whole in whole per cent: 42%; what is more than none and less than all is not rounded to these."""
    percent = f"{100 * part / whole:.0f}"
    if percent == "0" and part > 0:
        return say("不到 1%", "under 1%")
    if percent == "100" and part < whole:
        return say("超过 99%", "over 99%")
    return f"{percent}%"


def change(indicator: Indicator, changed: Change) -> str:
    """A change with an arrow: ↓ 1.0 个百分点, ↑ 9.2%, → 持平."""
    if not changed.amount:
        return f"→ {say('持平', 'unchanged')}"
    after = {"points": f" {say('个百分点', 'pts')}", "own": f" {unit(indicator)}", "per cent": "%"}[changed.unit]
    return f"{'↑' if changed.amount > 0 else '↓'} {abs(changed.amount):,.{changed.decimals}f}{after}"


# Enough to tell any two doubles apart
_MOST_DECIMALS = 17


def counts(indicator: Indicator, numerator: float, denominator: float) -> str:
    """The formula with live counts, which computes: 911 ÷ 972 = 93.7%, 516,007 小时 ÷ 24 ÷ 3,923 件 = 5.5 天."""
    return f"{formula(indicator, numerator, denominator)} = {_quotient(indicator, numerator, denominator)}"


def _quotient(indicator: Indicator, numerator: float, denominator: float) -> str:
    return value(indicator, indicator.scale * numerator / denominator if denominator > 0 else math.nan)


def formula(indicator: Indicator, numerator: float, denominator: float) -> str:
    """The formula with live counts and without its result: 911 ÷ 972.

    Counts are rounded as far as the result, as it is shown, stays the same.
    """
    units = [say(*words) for words in indicator.counted_in or (("", ""), ("", ""))]
    shown = _quotient(indicator, numerator, denominator)
    for decimals in (0, 2, *range(4, _MOST_DECIMALS)):
        texts = [_plain(amount, decimals) for amount in (numerator, denominator)]
        if NO_DATA in texts or _quotient(indicator, *(float(text.replace(",", "")) for text in texts)) == shown:
            break
    above, below = (
        text if not word or text == NO_DATA else f"{text}%" if word == "%" else f"{text} {word}"
        for text, word in zip(texts, units, strict=True)
    )
    if indicator.scale < 1:
        above = f"{above} ÷ {1 / indicator.scale:,.0f}"
    elif indicator.scale > 1 and not indicator.is_percentage:
        below = f"{below} × {indicator.scale:,.0f}"
    return f"{above} ÷ {below}"


def _plain(amount: float, decimals: int) -> str:
    if math.isnan(amount):
        return NO_DATA
    return f"{amount:,.{0 if amount == round(amount) else decimals}f}"


_ABSENCES: dict[str, tuple[str, str]] = {
    UNRECORDED: ("未记录", "not recorded"),
    NO_BUSINESS: ("无业务", "nothing due"),
    UNREPORTED: ("未报", "not reported"),
    WITHHELD: ("不显示", "not shown"),
}


def absence(why: str) -> str:
    """Why a figure is missing, in a word: 未记录, 无业务 or 未报."""
    return say(*_ABSENCES[why])


def absence_sentence(indicator: Indicator, why: Absence) -> str:
    """The same in words for a card: 来源没有办结时间."""
    if why == UNRECORDED and indicator.needs:
        return say(f"来源没有{indicator.needs[0]}", f"the source has no {indicator.needs[1]}")
    if why == WITHHELD:
        return say("只给可以查看诉求的人看", "for who may see cases")
    if why == NO_BUSINESS:
        return say("当期没有应计的业务", "nothing due in the period")
    return say("当期没有数据", "no data in the period")


def without_place(reason: str) -> str:
    """Why a township has no place in an evaluation, or no points for a criterion, in a word; — where it needs none."""
    words = {"small": ("样本少", "few"), "unfinished": ("未完", "unfinished")}
    if reason in words:
        return say(*words[reason])
    return absence(reason) if reason in _ABSENCES else NO_DATA


def months_left_out(months: Sequence[str]) -> str:
    """缺8月, 缺 3 个月: what a sum over several months lacks."""
    if len(months) > 1:
        return say(f"缺 {len(months)} 个月", f"{len(months)} months missing")
    return say(f"缺{int(months[0][5:])}月", f"{month_name(months[0])[:3]} missing")


def definition(indicator: Indicator, now: Measured | float | None = None) -> str:
    """What the figure means, how it is counted and from which counts, or the sum, it is ``now`` (an element's words)."""
    return _definition(indicator, now, str)


def definition_markdown(indicator: Indicator, now: Measured | float | None = None) -> Markdown:
    """The same where Streamlit renders it."""
    return Markdown(_definition(indicator, now, plain))


def _definition(indicator: Indicator, now: Measured | float | None, written: Callable[[str], str]) -> str:
    heading, rule = written(name(indicator)), written(say(indicator.rule_zh, indicator.rule_en))
    lines = [
        say(f"**{heading}**：{rule}", f"**{heading}**: {rule}"),
        written(say(f"按{indicator.counts_by_zh}归月", f"Counted by {indicator.counts_by_en}")),
    ]
    if indicator.target is not None and indicator.direction != "neither":
        sign = "≥" if indicator.direction == "higher" else "≤"
        goal = aim(indicator, indicator.target)
        lines.append(written(say(f"目标 {sign} {goal}", f"Target {sign} {goal}")))
    told = ""
    if isinstance(now, Measured) and indicator.is_ratio:
        told = counts(indicator, now.numerator, now.denominator)
    elif now is not None:
        total = now.numerator if isinstance(now, Measured) else now
        told = "" if math.isnan(total) else value(indicator, indicator.scale * total)
    if told:
        lines.append(written(say("本期：", "Now: ") + told))
    return "  \n".join(lines)


def aim(indicator: Indicator, target: float) -> str:
    """What somebody has set, with its unit and as exactly as they have: 97.25%, 1,234,567 小时."""
    return f"{target:,.10g}%" if indicator.is_percentage else f"{target:,.10g} {unit(indicator)}"


def target_label(indicator: Indicator) -> str | None:
    """目标 ≥95%, or None for an indicator without a target."""
    return _target_label(indicator, indicator.target)


def target_label_of_each(indicator: Indicator) -> str | None:
    """The same of what each of several is held to."""
    return _target_label(indicator, indicator.target_of_each)


def target_label_of(indicator: Indicator, name: str) -> str | None:
    """The same of what a township is held to that has a target of its own, else None."""
    return _target_label(indicator, dict(indicator.own_targets).get(name))


def _target_label(indicator: Indicator, target: float | None) -> str | None:
    if target is None or indicator.direction == "neither":
        return None
    sign = "≥" if indicator.direction == "higher" else "≤"
    at_the_end = 0 if indicator.direction == "lower" else 100
    if target == at_the_end and (indicator.is_percentage or at_the_end == 0):
        sign = ""
    goal = aim(indicator, target) if abs(target) < 1e5 else value(indicator, target)
    return say(f"目标 {sign}{goal}", f"Target {sign}{goal}")


def month_name(month: str) -> str:
    """2023年8月, Aug 2023."""
    if is_english():
        return f"{('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')[int(month[5:]) - 1]} {month[:4]}"
    return f"{month[:4]}年{int(month[5:])}月"


def weekday_name(weekday: int) -> str:
    """周一, Mon for 1 to 周日, Sun for 7."""
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return say(f"周{'一二三四五六日'[weekday - 1]}", names[weekday - 1])


def period(start: str, end: str) -> str:
    """2023年1月至8月, Jan to Aug 2023."""
    if start == end:
        return month_name(start)
    if start[:4] == end[:4]:
        if is_english():
            return f"{month_name(start)[:3]}–{month_name(end)}"
        return f"{start[:4]}年{int(start[5:])}月至{int(end[5:])}月"
    return say(f"{month_name(start)}至{month_name(end)}", f"{month_name(start)} – {month_name(end)}")


def period_to(start: str, moment: datetime) -> str:
    """From the first day of a month to a day: 2024年1月1日至2月6日, 1 Jan – 6 Feb 2024."""
    if is_english():
        first = f"1 {month_name(start)}"
        if start[:4] == f"{moment:%Y}":
            first = first[: -len(" 2024")] if start != f"{moment:%Y-%m}" else "1"
        return f"{first} – {moment.day} {month_name(f'{moment:%Y-%m}')}"
    last = f"{moment.day}日"
    if start != f"{moment:%Y-%m}":
        last = f"{moment.month}月{last}"
    if start[:4] != f"{moment:%Y}":
        last = f"{moment.year}年{last}"
    return f"{month_name(start)}1日至{last}"


def listed(names: Sequence[str], limit: int = 3) -> str:
    """Names joined; beyond the limit, how many there are."""
    if len(names) <= limit:
        return say("、", ", ").join(names)
    head = say("、", ", ").join(names[:limit])
    return say(f"{head}等 {len(names)} 个", f"{head} and {len(names) - limit} more")


def under(count: int) -> str:
    """少于 5: what stands for a number that is not told because it is small."""
    return say(f"少于 {count}", f"under {count}")


def fives_note() -> str:
    """What is said once near counts in fives."""
    return say(f"约数，取整到 {STEP}，很少的不列出", f"About, in steps of {STEP}; few are not listed")


def noted(indicator: Indicator, note: str) -> str:
    """The note of a chart, with that of counts in fives where the indicator is told so."""
    return note + say("；", "; ") + fives_note() if indicator.in_fives else note
