"""How warnings did in the months that are over, beside the rate so far, and which of the two is used."""

from __future__ import annotations

import math

import streamlit as st

from data_access.warning.back_test import DAYS, Method, Score
from data_access.warning.outlook import Outlook
from ui import text
from ui.elements.element import Element, as_content
from ui.text import plain, say

_TABLE = Element("answer_table")
_METHODS: tuple[Method, ...] = ("survival", "so_far")


def show_tried(outlook: Outlook) -> None:
    """The back-test: recall, precision and errors of both methods by day; nothing where nothing was tried."""
    tried = outlook.back_test
    if tried is None:
        return
    survival, rate = (tried.scores[method, 0] for method in _METHODS)
    numbers = say(
        f"漏报少不少：查全率 {_share(survival.recall)} 对 {_share(rate.recall)}；误报少不少：查准率 {_share(survival.precision)} "
        f"对 {_share(rate.precision)}；平均误差 {survival.error:.2f} 对 {rate.error:.2f} 个百分点",
        f"recall {_share(survival.recall)} against {_share(rate.recall)}, precision {_share(survival.precision)} against "
        f"{_share(rate.precision)}, mean error {survival.error:.2f} against {rate.error:.2f} points",
    )
    if tried.method == "survival":
        title = say(
            "回测：按在办件的办理进度估，比“沿用目前比率”准，所以用它",
            "Tried: open cases' survival beats the rate so far",
        )
    else:
        title = say(
            "回测：按在办件的办理进度估，没有胜过“沿用目前比率”，所以月末就按目前比率说",
            "Tried: open cases' survival does not beat the rate so far, which is told instead",
        )
    columns = [say("到哪一天", "To the end of"), say("镇街·月", "Township-months"), say("其中没达标", "Missed")]
    for name, name_en in (
        ("查全率", "Recall"),
        ("查准率", "Precision"),
        ("误差（点）", "Error"),
        ("概率误差", "Brier"),
    ):
        columns += [say(f"{name} 进度", f"{name_en}"), say(f"{name} 目前", "… so far")]
    rows = []
    for day in (*DAYS, 0):
        both = [tried.scores[method, day] for method in _METHODS]
        cells: list[tuple[str, float]] = [
            (say(f"{day} 日", f"day {day}") if day else say("合计", "All"), day or 99),
            (f"{both[0].tried:,}", both[0].tried),
            (f"{both[0].misses:,}", both[0].misses),
        ]
        for told in (_recall, _precision, _error, _brier):
            cells += [told(one) for one in both]
        rows.append(
            [
                {"text": words, "sort": None if isinstance(sort, float) and math.isnan(sort) else sort}
                for words, sort in cells
            ]
        )
    _TABLE.show(
        as_content(
            title=title,
            help=say(
                "在以往每个月的 10、15、20、25 日，只用当时已知的数据各估一次月末，再和实际比。“查全率”：没达标的里面，事先说中"
                "的占几成；“查准率”：说会没达标的里面，真没达标的占几成；“概率误差”（Brier）：说的可能性与实际之差的平方，越小越好。",
                "On days 10, 15, 20 and 25 of each past month its end was told from what was known then, and held against what came. "
                "Recall: of the misses, the share that was warned of. Precision: of the warnings, the share that came true. Brier: "
                "the mean squared error of the chances told; less is better.",
            ),
            columns=columns,
            rows=rows,
            total=None,
            note=None,
        ),
        "warning tried",
    )
    inside = tried.scores[tried.method, 0].inside
    words = say(
        f"以往 {tried.months} 个月，合计 {survival.tried:,} 次：{numbers}。九成区间实际含 {100 * inside:.0f}%。",
        f"{tried.months} past months, {survival.tried:,} trials: {numbers}. The intervals of nine in ten held {100 * inside:.0f}%.",
    )
    if survival.misses in (0, survival.tried):
        words += say(
            "以往每个镇街每个月的结果都一样（都达标或都没达标），说“会不会”没有意义，看预计的数。",
            " All of them ended alike, met or missed: look at the values expected rather than at the chances.",
        )
    st.caption(plain(words))


def _share(value: float) -> str:
    return text.NO_DATA if math.isnan(value) else f"{100 * value:.0f}%"


def _recall(score: Score) -> tuple[str, float]:
    return _share(score.recall), score.recall


def _precision(score: Score) -> tuple[str, float]:
    return _share(score.precision), score.precision


def _error(score: Score) -> tuple[str, float]:
    return f"{score.error:.2f}", score.error


def _brier(score: Score) -> tuple[str, float]:
    return f"{score.brier:.3f}", score.brier
