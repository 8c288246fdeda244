"""The bulletin's files: document, workbook and pictures."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd

from data_access.evaluation.explanation import BY_HAND, gains, moves
from data_access.evaluation.uncertainty import places_under_other_weights, plausible_places
from data_access.spreadsheets import Sheet
from ui import text
from ui.bulletin.pictures import figures, pictures
from ui.bulletin.sentences import (
    decided_rows,
    decided_sentence,
    indicator_sentences,
    overall,
    places_risen,
    problems,
    standing,
    to_handle,
)
from ui.bulletin.told import Bulletin
from ui.files.downloads import workbook_bytes
from ui.files.official_document import OfficialDocument
from ui.notes.words import place, when
from ui.notes.words import told as note_words
from ui.text import written_in


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
    if told.notes:
        document.heading("事件注记", 1)
        for note in told.notes:
            document.paragraph(f"{note_words(note, told.county.names)}。")
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
            rise = places_risen(told).get(row["code"])
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
    if decided := decided_rows(told):
        document.heading("上月议定事项", 1)
        document.paragraph(decided_sentence(told))
        document.table("议定事项和结果", ("事项", "承办", "限期", "结果"), decided, (2.6, 1.2, 1.2, 2.6))
    document.signature(signer or place, f"{on.year}年{on.month}月{on.day}日")
    return document.as_bytes()


def _place(row: Mapping[Any, Any]) -> int | str:
    """The place of a row of ``Evaluation.table``, else the word that says why there is none."""
    if row["standing"] == "ranked":
        return int(row["place"])
    word = text.without_place(row["standing"])
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
                text.without_place(row[f"{one.key}:absent"]) if row[f"{one.key}:absent"] else "",
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
    if told.decisions:
        decided = pd.DataFrame(decided_rows(told), columns=["事项", "承办", "限期", "结果"])
        add("议定事项", "议定的事办得怎样？", decided)
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
    noted = [(when(note), place(note, names) or "全县", note.words, note.kind or "") for note in told.notes]
    add("事件注记", "本月发生了什么？", pd.DataFrame(noted, columns=["时间", "镇街", "内容", "类别"]))
    return made


def files(told: Bulletin, signer: str = "", on: date | None = None) -> dict[str, bytes]:
    """The bulletin's files by name: .docx, .xlsx and a .png for each chart."""
    stem = f"{_in_file_name(told.county.name)}{told.month}评比通报"
    # Papers are Chinese, whatever the screen of who asks for them.
    with written_in("zh"):
        drawn = pictures(told)
        made = {
            f"{stem}.docx": document_bytes(told, drawn, signer, on or datetime.now().date()),
            f"{stem}.xlsx": workbook_bytes(sheets(told)),
        }
    for name, png in zip(figures(told), drawn.values(), strict=False):
        made[f"{stem}-{_in_file_name(name)}.png"] = png
    return made


def _in_file_name(words: str) -> str:
    """The words without what would lead out of a folder or is no part of a file's name somewhere."""
    return re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]', "", words).strip(". ")[:30]


def archive(told: Bulletin) -> bytes:
    """All files in one .zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, content in files(told).items():
            folder.writestr(name, content)
    return packed.getvalue()
