"""The sentences of the bulletin."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from data_access.decisions.items import STATES
from data_access.evaluation.explanation import moves
from data_access.evaluation.schemes import Criterion
from data_access.evaluation.scoring import Evaluation, Floats
from data_access.model.measured import NO_BUSINESS, UNRECORDED, UNREPORTED
from ui.bulletin.told import Bulletin
from ui.decisions.words import owner_words, result_words, sentence, state_words

# The list to be handled names so many townships a matter
_LISTED = 8


def _listed(names: Sequence[str], most: int = 99) -> str:
    return "、".join(names[:most]) + (f"等 {len(names)} 个" if len(names) > most else "")


def value_in_words(criterion: Criterion, value: float) -> str:
    """A criterion's value with its unit; — without one."""
    if math.isnan(value):
        return "—"
    figure = f"{value:,.{criterion.indicator.decimals}f}"
    return f"{figure}%" if criterion.indicator.is_percentage else f"{figure}{criterion.indicator.unit_zh}"


def places_risen(told: Bulletin) -> dict[str, int]:
    """Places gained (lost: negative) since the month before, by township code; those that stayed are left out."""
    if told.before is None:
        return {}
    rises = {}
    for own, code in enumerate(told.shown.field.codes):
        if code in told.before.field.codes:
            rise = told.before.place[told.before.position(code)] - told.shown.place[own]
            if not math.isnan(rise) and rise:
                rises[code] = int(rise)
    return rises


def overall(told: Bulletin) -> list[str]:
    """Who was ranked, how scores moved, and who was not ranked and why."""
    shown = told.shown
    ranked = ~np.isnan(shown.place)
    if not ranked.any():
        if told.unfinished:
            return [f"本月未完{told.unfinished.replace('未完，', '')}，不排名。"]
        nothing = "本月没有可以排名的镇街。"
        return [nothing] if np.isnan(shown.counts.n).all() else [nothing, *_unranked(told)]
    scores = shown.score[ranked]
    top = [name for name, score in zip(shown.field.names, shown.score, strict=True) if score == scores.max()]
    end = [name for name, score in zip(shown.field.names, shown.score, strict=True) if score == scores.min()]
    sentence = f"本月参加排名的镇街 {ranked.sum()} 个，平均得分 {scores.mean():.2f} 分"
    if scores.max() > scores.min():
        sentence += f"，最高 {scores.max():.2f} 分（{_listed(top)}），最低 {scores.min():.2f} 分（{_listed(end)}）"
    if told.before is not None:
        change = moves(told.before, shown)["change"].dropna()
        up, down = int((change > 0.005).sum()), int((change < -0.005).sum())
        sentence += f"。与上月相比，{up} 个得分上升，{down} 个下降"
    return [f"{sentence}。", *_unranked(told)]


def _unranked(told: Bulletin) -> list[str]:
    """Who has no place by its score, and why."""
    shown = told.shown
    standing, names = shown.standing, shown.field.names
    sentences = []
    for reason, words in (
        (UNREPORTED, "因未报数据列在排名之后的"),
        (UNRECORDED, "因来源未记录不参加排名的"),
        (NO_BUSINESS, "因无业务不参加排名的"),
    ):
        lacking = {
            names[own]: "、".join(
                one.zh for one, why in zip(shown.criteria, shown.absent[own], strict=True) if why == reason
            )
            for own in np.flatnonzero(standing == reason)
            if shown.field.leagues[own] is not None
        }
        if len(lacking) == len(names) and len(set(lacking.values())) == 1:
            sentences.append(f"{words}是全部镇街（缺{next(iter(lacking.values()))}）。")
        elif lacking:
            each = "、".join(f"{name}（缺{what}）" for name, what in lacking.items())
            sentences.append(f"{words}有 {len(lacking)} 个：{each}。")
    small = [names[own] for own in np.flatnonzero(standing == "small")]
    if small:
        sentences.append(f"因样本不足 {told.scheme.min_cases} 件单列、不参加排名的有：{'、'.join(small)}。")
    return sentences


def standing(told: Bulletin, league: str) -> list[str]:
    """A league's first and last, and who moved."""
    shown = told.shown
    order = sorted(
        (own for own in shown.field.members[league] if not math.isnan(shown.place[own])),
        key=lambda own: (shown.place[own], shown.field.codes[own]),
    )
    if not order:
        return [f"{league}本月没有参加排名的。"]

    def told_of(own: int) -> str:
        return f"{shown.field.names[own]}（{shown.score[own]:.2f} 分）"

    if len(order) < 6:
        sentences = [f"{league}名次依次为：{'、'.join(told_of(own) for own in order)}。"]
    else:
        first = [own for own in order if shown.place[own] <= 3]
        worst = len(order) - 3
        last = [own for own in order if shown.place[own] > worst]
        sentences = [
            f"{league}前三名：{'、'.join(told_of(own) for own in first)}；"
            f"后三名：{'、'.join(told_of(own) for own in last)}。"
        ]
    codes = {shown.field.codes[own] for own in order}
    rises = {code: rise for code, rise in places_risen(told).items() if code in codes}
    up = sorted((code for code in rises if rises[code] > 0), key=lambda code: -rises[code])
    down = sorted((code for code in rises if rises[code] < 0), key=lambda code: rises[code])
    names = told.county.names
    parts = []
    if up:
        parts.append("上升的有" + "、".join(f"{names[code]}（{rises[code]} 位）" for code in up[:5]))
    if down:
        parts.append("下降的有" + "、".join(f"{names[code]}（{-rises[code]} 位）" for code in down[:5]))
    if parts:
        sentences.append(f"与上月相比，名次{'；'.join(parts)}。")
    elif told.before is not None:
        sentences.append("与上月相比，名次没有变化。")
    return sentences


def _counted(evaluation: Evaluation, position: int) -> dict[str, tuple[float, float]]:
    """Numerator and denominator of a criterion for the townships that have one, by township code."""
    n, d = evaluation.counts.n[:, position], evaluation.counts.d[:, position]
    if not evaluation.criteria[position].indicator.is_ratio:
        d = np.ones(len(n))
    known = ~np.isnan(n) & ~np.isnan(d)
    return {evaluation.field.codes[own]: (float(n[own]), float(d[own])) for own in np.flatnonzero(known)}


def _whole(criterion: Criterion, counted: Mapping[str, tuple[float, float]], codes: Collection[str]) -> float:
    """What these townships have together: sum over sum, NaN where nothing was counted."""
    n, d = (sum(counted[code][part] for code in codes) for part in (0, 1))
    if not codes or not d:
        return math.nan
    return criterion.indicator.scale * n / (d if criterion.indicator.is_ratio else 1.0)


def indicator_sentences(told: Bulletin) -> list[str]:
    """Each criterion for the county with its counts and its change; then what improved and what fell."""
    better: list[str] = []
    worse: list[str] = []
    sentences: list[str] = []
    shown, before = told.shown, told.before
    earlier = {} if before is None else {one.key: place for place, one in enumerate(before.criteria)}
    for position, one in enumerate(shown.criteria):
        now = _counted(shown, position)
        value = _whole(one, now, now)
        if math.isnan(value):
            sentences.append(f"{one.zh}：本月没有数据。")
            continue
        sentence = f"{one.zh}{value_in_words(one, value)}"
        late = [
            name for name, why in zip(shown.field.names, shown.absent[:, position], strict=True) if why == UNREPORTED
        ]
        if late:
            sentence += f"（不含未报的{_listed(late, 3)}）"
        if before is not None and one.key in earlier:
            # Of the townships that both months know: who reports late does not make the county better or worse.
            was = _counted(before, earlier[one.key])
            both = now.keys() & was.keys()
            change = _whole(one, now, both) - _whole(one, was, both)
            decimals = max(one.indicator.decimals, 1)
            unit = "个百分点" if one.indicator.is_percentage else one.indicator.unit_zh
            if abs(change) < 0.5 * 10**-decimals:
                sentence += "，与上月持平"
            elif not math.isnan(change):
                sentence += f"，较上月{'上升' if change > 0 else '下降'} {abs(change):.{decimals}f} {unit}"
                is_better = (change > 0) == (one.indicator.direction == "higher")
                (better if is_better else worse).append(one.zh)
        sentences.append(f"{sentence}。")
    summary = []
    if better:
        summary.append(f"好转的有{_listed(better)}")
    if worse:
        summary.append(f"变差的有{_listed(worse)}")
    if summary:
        sentences.append(f"总的看，{'；'.join(summary)}。")
    return sentences


def _column(evaluation: Evaluation, position: int) -> Floats:
    values: Floats = evaluation.values[:, position]  # an array, no frame
    return values


def problems(told: Bulletin) -> list[tuple[str, str]]:
    """The three criteria on which most points were lost, each as a heading and a sentence with its numbers."""
    shown = told.shown
    found = []
    for position, one in enumerate(shown.criteria):
        points = shown.points[:, position]
        known = np.flatnonzero(~np.isnan(points))
        if one.rule == "rank" or not len(known):
            continue
        lost = one.weight - points[known]
        if lost.mean() >= 0.005:
            found.append((float(lost.mean() / one.weight), position, known, lost))
    found.sort(key=lambda each: (-each[0], each[1]))
    told_of = []
    for share, position, known, lost in found[:3]:
        one = shown.criteria[position]
        of_each = _column(shown, position)
        order = sorted(range(len(known)), key=lambda place: (-lost[place], shown.field.codes[known[place]]))
        worst = [
            f"{shown.field.names[known[place]]}（{value_in_words(one, of_each[known[place]])}，失 {lost[place]:.2f} 分）"
            for place in order[:3]
            if lost[place] > 0
        ]
        told_of.append(
            (
                f"{one.zh}失分较多",
                f"平均失 {lost.mean():.2f} 分，占该项 {one.weight:g} 分的 {100 * share:.0f}%，"
                f"{int((lost > 0.005).sum())} 个镇街失分，失分最多的是{'、'.join(worst)}。",
            )
        )
    return told_of


def to_handle(told: Bulletin) -> list[tuple[str, str, str]]:
    """What is to be handled, as of the data's date: township, matter, number."""
    names = told.county.names
    rows = [
        (names[str(row.township_code)], "全部超期诉求", f"{row.overdue} 件，最长超期 {row.longest_days:.0f} 天")
        for row in told.overdue.head(_LISTED).itertuples()
    ]
    for table, matter, unit in (
        (told.offline, "离线超 24 小时的摄像机", "个"),
        (told.late, "滞后项目", "个"),
    ):
        rows += [
            (names[str(code)], matter, f"{n} {unit}")
            for code, n in table["township_code"].value_counts().head(_LISTED).items()
        ]
    return rows


def decided_sentence(told: Bulletin) -> str:
    """How many of the month's decisions came to what."""
    counts = Counter(one.state for one in told.decisions)
    each = "，".join(f"{state_words(state)} {counts[state]} 件" for state in STATES if counts[state])
    return f"{told.month}议定和到期的督办事项共 {len(told.decisions)} 件：{each}。"


def decided_rows(told: Bulletin) -> list[tuple[str, str, str, str]]:
    """What was decided in the month or due in it: what, owner, due date, what came of it with its numbers."""
    return [
        (
            one.decision.what,
            owner_words(told.county, one.decision.owner),
            f"{one.decision.due_on}",
            sentence(told.county, one) or result_words(one),
        )
        for one in told.decisions
    ]
