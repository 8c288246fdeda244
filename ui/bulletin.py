"""月度通报: the evaluation of a month as an official document, a workbook and pictures for slides.

``python -m ui.bulletin [2023-08] --out DIR [--scheme ID] [--url URL] [--signer NAME]``. It is written in Chinese, for
whom it goes to. The pictures are 16:9 PNGs, drawn as on the page by the system's Chromium: a slide then shows what the
room has seen, which a chart redrawn by another program would not.
"""

from __future__ import annotations

import argparse
import io
import math
import sys
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from data_access import queries
from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.cameras.area import OFFLINE_HOURS
from data_access.database import DatabaseProblem, database_url, engine_for, require_schema
from data_access.evaluation.explanation import BY_HAND, gains, moves
from data_access.evaluation.finished import in_words, last_finished
from data_access.evaluation.finished import unfinished as unfinished_areas
from data_access.evaluation.monthly import Month, course, offered
from data_access.evaluation.records import Frozen
from data_access.evaluation.schemes import Criterion, Scheme, SchemeProblem, load_schemes
from data_access.evaluation.scoring import NO_BUSINESS, UNRECORDED, UNREPORTED, Evaluation, Floats
from data_access.evaluation.uncertainty import places_under_other_weights, plausible_places
from data_access.indicators import INDICATORS
from data_access.queries import County
from data_access.scope import Scope
from data_access.spreadsheets import Sheet
from ui import charts, text
from ui.files.downloads import workbook_bytes
from ui.files.official_document import OfficialDocument

_ABSENCES = {
    UNREPORTED: "未报",
    NO_BUSINESS: "无业务",
    UNRECORDED: "未记录",
    "small": "样本少",
    "unfinished": "未完",
    "outside": "—",
}
# The list to be handled names so many townships a matter
_LISTED = 8


@dataclass(frozen=True)
class Bulletin:
    """What a bulletin tells: the month's evaluation, the one before, and what is to be handled."""

    county: County
    scheme: Scheme
    shown: Evaluation
    before: Evaluation | None
    now: Month
    frozen: Frozen | None
    overdue: pd.DataFrame
    offline: pd.DataFrame
    late: pd.DataFrame

    @property
    def month(self) -> str:
        """The month as 2023年8月."""
        return f"{self.shown.month[:4]}年{int(self.shown.month[5:])}月"

    @property
    def unfinished(self) -> str:
        """（未完，群众诉求本月数据只到 6 日）; empty for a finished month."""
        if self.shown.unfinished is None:
            return ""
        words, _ = in_words(self.shown.month, unfinished_areas(self.scheme, self.shown.month, self.county.as_of))
        return f"（未完，{words}）"

    @property
    def state(self) -> str:
        """Whether it is final, a draft for objections, or follows the data."""
        if self.frozen is None:
            return "未定版，数字以定版为准"
        if self.frozen.stage == "draft":
            return f"第 {self.frozen.version} 版，公示稿，{self.frozen.objections_until:%Y-%m-%d} 前可提异议"
        return f"第 {self.frozen.version} 版，已定版"

    @property
    def items(self) -> pd.DataFrame:
        """The points by hand that the shown result counts."""
        return self.now.items if self.frozen is None else self.frozen.items

    @property
    def exclusions(self) -> pd.DataFrame:
        """The cases that the shown result leaves out."""
        return self.now.exclusions if self.frozen is None else self.frozen.exclusions

    @property
    def as_of(self) -> datetime:
        """Until when the data of all the scheme's areas reach, as they were when the result was kept."""
        reached = (self.frozen.as_of if self.frozen else {}) or {
            area: moment for area, moment in self.county.as_of.items() if area in self.scheme.areas
        }
        return min((reached or self.county.as_of).values())


def bulletin(engine: Engine, viewer: Viewer, month: str | None = None, scheme_id: str | None = None) -> Bulletin:
    """Read what a month's bulletin tells (default: of the last month that is finished in the scheme's areas).

    Raises ValueError in words when there is nothing to tell, NotAllowed where the viewer may not see it all.
    """
    county = queries.county(engine, viewer)
    if month is None:
        month = _default_month(county, scheme_id)
    if month not in county.months:
        first, last = (county.months[0], county.months[-1]) if county.months else ("—", "—")
        raise ValueError(f"没有 {month} 的数据，可选 {first} 至 {last}。No data for {month}.")
    indicators = {**INDICATORS, **county.reported}
    schemes = load_schemes(indicators)
    valid = {scheme.id: scheme for scheme in offered(engine, viewer, schemes, month, indicators)}
    if not valid or scheme_id not in (None, *valid):
        raise ValueError(f"{month} 没有方案 {scheme_id or ''}，可选：{'、'.join(valid)}。Schemes: {', '.join(valid)}.")
    scheme = valid[scheme_id or next(iter(valid))]
    found = course(engine, viewer, schemes, scheme, month, indicators)
    if found.kept is not None and not found.kept.is_intact:
        raise ValueError(f"{month} 的定版内容已被改动，不能作为依据。The frozen result was tampered with.")
    scope = Scope(viewer, None, month, month)
    projects = queries.projects(engine, scope)
    offline = queries.cameras_offline(engine, scope)
    return Bulletin(
        county,
        scheme,
        found.shown,
        found.previous,
        found.now,
        found.kept,
        queries.overdue_by_township(engine, scope),
        offline[offline["hours"] > OFFLINE_HOURS],
        projects[projects["is_behind"]],
    )


def _default_month(county: County, scheme_id: str | None) -> str:
    schemes = load_schemes({**INDICATORS, **county.reported})
    chosen = next((one for one in schemes if scheme_id in (None, one.id)), None)
    month = None if chosen is None else last_finished(chosen, county.months, county.as_of)
    if month is None:
        raise ValueError("还没有完整的月份，请写明月份。No month is finished yet; give one.")
    return month


# --- Words ----------------------------------------------------------------------------------------


def _listed(names: Sequence[str], most: int = 99) -> str:
    return "、".join(names[:most]) + (f"等 {len(names)} 个" if len(names) > most else "")


def _value(criterion: Criterion, value: float) -> str:
    if math.isnan(value):
        return "—"
    figure = f"{value:,.{criterion.indicator.decimals}f}"
    return f"{figure}%" if criterion.indicator.is_percentage else f"{figure}{criterion.indicator.unit_zh}"


def _rises(told: Bulletin) -> dict[str, int]:
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
    rises = {code: rise for code, rise in _rises(told).items() if code in codes}
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
        sentence = f"{one.zh}{_value(one, value)}"
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
    values: Floats = evaluation.values[:, position]  # noqa: PD011  # an array, no frame
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
            f"{shown.field.names[known[place]]}（{_value(one, of_each[known[place]])}，失 {lost[place]:.2f} 分）"
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


# --- Figures --------------------------------------------------------------------------------------


def figures(told: Bulletin) -> dict[str, tuple[str, charts.Figure]]:
    """The charts of the document and of slides: file name, then the sentence that says what each shows."""
    shown, before = told.shown, told.before
    drawn: dict[str, tuple[str, charts.Figure]] = {}
    table = shown.table().dropna(subset=["score"]).sort_values(["score", "code"], ascending=[False, True])
    if len(table):
        best = f"：{table['name'].iloc[0]}最高（{table['score'].iloc[0]:.2f} 分）"
        title = f"{told.month}{told.unfinished}得分{'，不排名' if told.unfinished else best}"
        drawn["得分"] = (
            title,
            charts.shares(
                table["name"].tolist(),
                table["score"].tolist(),
                axis="得分（分）",
                texts=[f"{score:.2f}" for score in table["score"]],
                keys=table["code"].tolist(),
                height=540,
            ),
        )
    if before is not None:
        split = moves(before, shown).drop(columns="change").dropna()
        if len(split):
            names = {one.key: one.zh for one in (*before.criteria, *shown.criteria)} | {BY_HAND: "加减分"}
            mean = (
                split.mean()
                .loc[lambda means: (means != 0) | (means.index != BY_HAND)]
                .sort_values(key=lambda amounts: amounts.abs(), ascending=False)
            )
            total = float(mean.sum())
            drawn["变化"] = (
                f"平均得分较上月{'上升' if total >= 0 else '下降'} {abs(total):.2f} 分，"
                f"影响最大的是{names[str(mean.index[0])]}（{text.signed(mean.iloc[0], 2)}）",
                charts.split(
                    [names[str(key)] for key in mean.index],
                    mean.tolist(),
                    axis="平均得分较上月的变化（分）",
                    texts=[text.signed(amount, 2) for amount in mean],
                    height=540,
                ),
            )
    return drawn


class NoBrowser(Exception):
    """There is no Chromium, Chrome or Edge to draw pictures with."""


def picture(title: str, figure: charts.Figure, *, scale: float = 2.0) -> bytes:
    """The figure as a 16:9 PNG, 960 x 540 points; taller where so many names need it. Raises NoBrowser."""
    # Takes a while to load, and only documents need it.
    import plotly.io

    font = {"family": "'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif", "size": 15, "color": "#17212B"}
    margin = {**figure["layout"]["margin"], "l": 30, "r": 40, "t": 84, "b": 24}
    axes = {name: {**figure["layout"][name], "tickfont": font, "gridcolor": "#D5DCE3"} for name in ("xaxis", "yaxis")}
    layout = {
        **figure["layout"],
        **axes,
        "title": {"text": title, "x": 0.03, "font": {**font, "size": 20}},
        "font": font,
        "margin": margin,
        "template": {},
        "paper_bgcolor": "#FFFFFF",
        "plot_bgcolor": "#FFFFFF",
    }
    height = max(540, 140 + 22 * len(figure["layout"]["yaxis"].get("tickvals", ())))
    drawn = {"data": figure["data"], "layout": {**layout, "height": height}}
    try:
        image = plotly.io.to_image(drawn, format="png", width=960, height=height, scale=scale, validate=False)
    except (RuntimeError, OSError) as error:
        raise NoBrowser(str(error)) from None
    return bytes(image)


def pictures(told: Bulletin) -> dict[str, bytes]:
    """The charts as PNGs by title; none without a browser to draw them."""
    try:
        return {title: picture(title, figure) for title, figure in figures(told).values()}
    except NoBrowser:
        return {}


# --- Documents ------------------------------------------------------------------------------------


def document_bytes(told: Bulletin, drawn: dict[str, bytes], signer: str, on: date) -> bytes:
    """The bulletin as .docx."""
    place = told.county.name
    document = OfficialDocument(f"{place}{told.month}\n镇街工作评比通报")
    document.addressee("各镇街")
    as_of = told.as_of
    document.paragraph(
        f"现将{told.month}{told.unfinished}镇街工作评比情况通报如下。评比按“{told.scheme.zh}”方案，"
        f"共 {len(told.shown.criteria)} 项指标，满分 100 分；数据截至 {as_of.year} 年 {as_of.month} 月 {as_of.day} 日（{told.state}）。"
    )
    document.heading("总体情况", 1)
    for sentence in overall(told):
        document.paragraph(sentence)
    for title, png in drawn.items():
        document.picture(png, title)
    if not drawn:
        document.paragraph("（本机没有可以绘图的浏览器，图未附。）")
    document.heading("名次和变化", 1)
    table = told.shown.table()
    for league in told.shown.field.members:
        document.heading(league, 2)
        for sentence in standing(told, league):
            document.paragraph(sentence)
        rows = []
        for row in table[table["league"] == league].to_dict("records"):
            was = math.nan
            if told.before is not None and row["code"] in told.before.field.codes:
                was = float(told.before.score[told.before.position(row["code"])])
            rise = _rises(told).get(row["code"])
            moved = "—" if math.isnan(was) or row["standing"] != "ranked" else "持平"
            if rise:
                moved = f"{'升' if rise > 0 else '降'} {abs(rise)}"
            rows.append((str(_place(row)), row["name"], _score(row["score"]), _score(was), moved))
        document.table(
            f"{league}得分和名次", ("名次", "镇街", "得分", "上月得分", "名次变化"), rows, (1, 1.6, 1.2, 1.2, 1.2)
        )
    document.heading("主要指标", 1)
    for sentence in indicator_sentences(told):
        document.paragraph(sentence)
    document.heading("突出问题", 1)
    worst = problems(told)
    for heading, sentence in worst:
        document.heading(heading, 2)
        document.paragraph(sentence)
    if not worst:
        document.paragraph("各镇街各项均未失分，没有突出问题。")
    document.heading("需要办理的事项", 1)
    handled = to_handle(told)
    if handled:
        # Also in a bulletin of a frozen month this is what is open now.
        today = max(told.county.as_of.values())
        document.paragraph(f"截至 {today.year} 年 {today.month} 月 {today.day} 日的数据，请下列镇街逐件核实办理：")
        document.table("需要办理的事项", ("镇街", "事项", "数量"), handled, (1.2, 2.8, 2.4))
    else:
        document.paragraph("没有超期诉求、长时间离线的摄像机和滞后项目。")
    document.signature(signer or place, f"{on.year}年{on.month}月{on.day}日")
    return document.as_bytes()


def _place(row: Mapping[Any, Any]) -> int | str:
    """The place of a row of ``Evaluation.table``, else the word that says why there is none."""
    if row["standing"] == "ranked":
        return int(row["place"])
    word = _ABSENCES[row["standing"]]
    return word if math.isnan(row["place"]) else f"{word}（{row['place']:.0f}）"


def _score(value: float) -> str:
    return "—" if math.isnan(value) else f"{value:.2f}"


def sheets(told: Bulletin) -> list[Sheet]:
    """The workbook's sheets, one for each question."""
    shown, names = told.shown, told.county.names
    above = [
        f"{told.county.name}{told.month}{told.unfinished}镇街工作评比（{told.scheme.zh}）",
        f"全部 {len(told.county.townships)} 个镇街 · {told.month} · 数据截至 {told.as_of:%Y-%m-%d} · "
        + told.state
        + ("" if told.frozen is None else f"，SHA-256 {told.frozen.sha256}"),
    ]
    made: list[Sheet] = []

    def add(name: str, question: str, table: pd.DataFrame, total: tuple[str, int, int] | None = None) -> None:
        made.append(Sheet(name, table, [*above, question], total, has_title=True, empty="没有"))

    keys = {one.key: one.zh for one in shown.criteria}
    table = shown.table()
    places = [_place(row) for row in table.to_dict("records")]
    scores = pd.DataFrame({"组别": table["league"], "名次": places, "镇街": table["name"]})
    for one in shown.criteria:
        scores[f"{one.zh}（{one.weight:g}）"] = table[one.key].round(4)
    scores["加减分"] = table["by_hand"]
    first, last = 4, 4 + len(shown.criteria)
    add("得分", "各镇街得分和名次？", scores, ("得分", first, last))
    counts = []
    for row in table.to_dict("records"):
        counts += [
            (
                row["name"],
                one.zh,
                row[f"{one.key}:n"],
                row[f"{one.key}:d"],
                row[f"{one.key}:value"],
                row[one.key],
                one.weight,
                _ABSENCES.get(row[f"{one.key}:absent"], ""),
            )
            for one in shown.criteria
        ]
    headings = ["镇街", "指标", "分子", "分母", "数值", "得分", "满分", "状态"]
    add("分子分母", "每一项得分怎样算出？", pd.DataFrame(counts, columns=headings))
    if told.before is not None:
        split = moves(told.before, shown).rename(columns={**keys, BY_HAND: "加减分", "change": "得分变化"}).round(4)
        split.insert(0, "镇街", [names.get(str(code), str(code)) for code in split.index])
        add("变化原因", "得分为什么变了？各项之和等于得分变化。", split.reset_index(drop=True))
    steps = [
        (
            names[code],
            gain.criterion.zh,
            gain.cases,
            "、".join(f"{one.zh} {cases}" for one, cases in gain.of_which),
            gain.place,
            round(gain.score, 4),
        )
        for code in shown.field.codes
        for gain in gains(shown, code)
    ]
    headings = ["镇街", "指标", "改进件数", "其中同时计入", "升到名次", "届时得分"]
    add("前进一名", "其余不变，每一项改进多少件能前进一名？", pd.DataFrame(steps, columns=headings))
    chance, weights = plausible_places(shown), places_under_other_weights(shown)
    sure = pd.DataFrame(
        {
            "组别": shown.field.leagues,
            "镇街": shown.field.names,
            "名次": shown.place,
            "可能最好": chance.best,
            "可能最差": chance.worst,
            "换权重最好": weights.best,
            "换权重最差": weights.worst,
        }
    )
    add("可信程度", "名次有多可靠？（偶然性 95%；权重 ±10%）", sure.sort_values(["组别", "名次"]))
    add("需要办理", "有哪些事要办？", pd.DataFrame(to_handle(told), columns=["镇街", "事项", "数量"]))
    items, excluded = told.items, told.exclusions
    entered = [
        *(
            (names.get(str(row.township_code), ""), f"加减分 {row.points:+g}", row.reason, row.evidence, row.entered_by)
            for row in items.itertuples()
        ),
        *(
            (names.get(str(row.township_code), ""), f"剔除 {row.case_no}", row.reason, "", row.entered_by)
            for row in excluded.itertuples()
        ),
    ]
    headings = ["镇街", "事项", "原因", "依据", "填报人"]
    add("加减分和剔除", "人工记了什么？", pd.DataFrame(entered, columns=headings))
    return made


def files(told: Bulletin, signer: str = "", on: date | None = None) -> dict[str, bytes]:
    """The bulletin's files by name: .docx, .xlsx and a .png for each chart."""
    stem = f"{told.county.name}{told.month}评比通报"
    drawn = pictures(told)
    made = {
        f"{stem}.docx": document_bytes(told, drawn, signer, on or datetime.now().date()),
        f"{stem}.xlsx": workbook_bytes(sheets(told)),
    }
    for name, png in zip(figures(told), drawn.values(), strict=False):
        made[f"{stem}-{name}.png"] = png
    return made


def archive(told: Bulletin) -> bytes:
    """All files in one .zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, content in files(told).items():
            folder.writestr(name, content)
    return packed.getvalue()


def main(arguments: Sequence[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m ui.bulletin", description="月度通报 Monthly bulletin")
    parser.add_argument("month", nargs="?", help="YYYY-MM; default: the last month that is finished")
    parser.add_argument("--out", type=Path, default=Path(), help="folder for the files")
    parser.add_argument("--scheme", help="the scheme's file name without .toml")
    parser.add_argument("--url", help="default: DATABASE_URL")
    parser.add_argument("--signer", default="", help="署名 default: the county's name")
    given: Any = parser.parse_args(arguments)
    try:
        engine = engine_for(given.url or database_url())
        require_schema(engine)
        made = files(bulletin(engine, UNRESTRICTED, given.month, given.scheme), given.signer)
        given.out.mkdir(parents=True, exist_ok=True)
        for name, content in made.items():
            (given.out / name).write_bytes(content)
            print(given.out / name)  # noqa: T201
    except (DatabaseProblem, SchemeProblem, ValueError) as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 1
    except OSError as error:
        print(f"写不了 {given.out}：{error.strerror}", file=sys.stderr)  # noqa: T201
        return 1
    if not any(name.endswith(".png") for name in made):
        print("没有找到浏览器（Chromium、Chrome 或 Edge），未画图。No browser to draw charts.", file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
